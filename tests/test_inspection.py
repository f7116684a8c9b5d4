"""The inspection document: exactly the fields of the contract, nothing of the patient."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from film_writer import IMPLICIT, dataset_of, film_bytes, write

from balance.inspection import inspect_films, inspection_lines

PIXELS = np.arange(6, dtype=np.uint16).reshape(2, 3)
SECRETS = ("Zzyzx", "Quimby", "HOSP-778812", "19530917", "Saint Nowhere", "1.2.3.4")
FIELDS = [
    "file",
    "rows",
    "columns",
    "modality",
    "transfer_syntax",
    "decoder",
    "photometric",
    "spacing_mm",
    "facing",
    "patient_right",
    "acquisition",
    "seam_rows",
    "warnings",
]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    dataset = dataset_of(
        PIXELS,
        bits=12,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1",
        Modality="DX",
        PhotometricInterpretation="MONOCHROME1",
        PatientName="Zzyzx^Quimby",
        PatientID="HOSP-778812",
        PatientBirthDate="19530917",
        InstitutionName="Saint Nowhere",
        SeriesDescription="Zzyzx whole spine standing",
        PixelSpacing=[0.2, 0.25],
        PixelSpacingCalibrationType="FIDUCIAL",
        PatientOrientation=["A", "F"],
    )
    return write(tmp_path, film_bytes(dataset, PIXELS.tobytes(), IMPLICIT), "lateral.dcm")


def test_a_record_has_the_fields_of_the_contract(film: Path) -> None:
    document = inspect_films([film])
    assert document["format"] == "spinal-balance-inspection"
    assert document["version"] == 1
    assert document["failures"] == []
    (record,) = document["films"]
    assert list(record) == FIELDS
    assert record["file"] == str(film)
    assert (record["rows"], record["columns"]) == (2, 3)
    assert (record["modality"], record["photometric"]) == ("DX", "MONOCHROME1")
    assert record["transfer_syntax"] == "1.2.840.10008.1.2"
    assert record["decoder"].startswith("pydicom native (pydicom ")
    assert record["spacing_mm"] == {
        "row": 0.2,
        "column": 0.25,
        "state": "dicom_fiducial",
        "plane": "patient",
        "tags": ["PixelSpacing", "PixelSpacingCalibrationType"],
    }
    assert (record["facing"], record["patient_right"]) == ("right", None)
    assert record["acquisition"] == {
        "position": "standing",
        "arms": "unknown",
        "knees": "not_seen",
        "system": "unknown",
    }
    assert record["warnings"] == []


def test_without_a_scale_the_spacing_is_null(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes())
    (record,) = inspect_films([path])["films"]
    assert record["spacing_mm"] == {
        "row": None,
        "column": None,
        "state": "none",
        "plane": "unknown",
        "tags": [],
    }
    assert (record["modality"], record["transfer_syntax"], record["facing"]) == (None, None, None)


def test_failures_stand_beside_the_films_in_order(film: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no film")
    document = inspect_films([tmp_path / "gone", film, note])
    assert [record["file"] for record in document["films"]] == [str(film)]
    assert [failure["source"] for failure in document["failures"]] == [
        str(tmp_path / "gone"),
        str(note),
    ]
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_nothing_of_the_patient_comes_out(film: Path) -> None:
    document = inspect_films([film])
    shown = json.dumps(document) + "\n".join(inspection_lines(document))
    shown = shown.replace(str(film), "")
    assert not [secret for secret in SECRETS if secret in shown]


def test_lines_for_people(film: Path, tmp_path: Path) -> None:
    text = "\n".join(inspection_lines(inspect_films([film, tmp_path])))
    for words in (
        "2 rows x 3 columns",
        "0.2000 mm per row, 0.2500 per column: dicom_fiducial, plane patient",
        "faces the image's right",
        "standing",
        "not read: ",
        "is a folder",
    ):
        assert words in text
