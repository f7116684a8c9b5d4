"""What a DICOM header says of a film: sides, posture, subject, kind; never who it is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from film_writer import (
    DX_RAW,
    dataset_of,
    film_bytes,
    native,
    ramp,
    sentence,
    write,
)
from pydicom.dataset import Dataset, FileMetaDataset

from balance.errors import UnreadableFilm
from balance.film import open_film, read_header


def test_header_and_film_agree(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(12),
        bits=12,
        PixelSpacing=[0.14, 0.15],
        PatientOrientation=["P", "F"],
        PatientAge="063Y",
        PatientSex="F",
        WindowCenter=[2000, 100],
        WindowWidth=[3000, 50],
    )
    film, header = open_film(path), read_header(path)
    for name in ("scale", "spacing_tags", "facing", "patient_right", "subject", "windows"):
        assert getattr(film, name) == getattr(header, name)
    assert (header.rows, header.columns) == (film.rows, film.columns) == (37, 52)
    assert (film.subject.age_years, film.subject.sex) == (63.0, "F")
    assert [(w.centre, w.width, w.function) for w in film.windows] == [
        (2000, 3000, "LINEAR"),
        (100, 50, "LINEAR"),
    ]
    assert (film.sop_instance_uid, film.study_instance_uid) == ("1.2.3.4", "1.2.3")


def test_a_header_is_enough_for_the_header(tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PixelSpacing=[0.2, 0.2]), ramp(8).tobytes())
    path = write(tmp_path, content[: content.index(struct.pack("<HH", 0x7FE0, 0x0010))])
    assert read_header(path).scale.row_mm == 0.2
    with pytest.raises(UnreadableFilm, match="no pixel data"):
        open_film(path)


@pytest.mark.parametrize(
    ("orientation", "facing", "right", "warned"),
    [
        (["A", "F"], "right", None, False),
        (["P", "F"], "left", None, False),
        (["L", "F"], None, "left", False),
        (["R", "F"], None, "right", False),
        (["P", "FA"], "left", None, False),
        (["A", "H"], None, None, True),
        (["F", "A"], None, None, True),
        (["LA", "F"], None, None, True),
        (["A"], None, None, True),
        (["A", "F", "L"], None, None, True),
        (["", ""], None, None, False),
        ("", None, None, False),
    ],
)
def test_sides(
    orientation: object, facing: str | None, right: str | None, warned: bool, tmp_path: Path
) -> None:
    film = open_film(native(tmp_path, ramp(8), PatientOrientation=orientation))
    assert (film.facing, film.patient_right) == (facing, right)
    assert bool(film.warnings) is warned


def test_sides_never_come_from_the_view_position(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(8), ViewPosition="LL", Laterality="L"))
    assert (film.facing, film.patient_right) == (None, None)
    film = open_film(native(tmp_path, ramp(8), ViewPosition="LL", PatientOrientation=["L", "F"]))
    assert film.patient_right == "left"
    assert any("ViewPosition" in warning for warning in film.warnings)


@pytest.mark.parametrize(
    ("attributes", "position", "warned"),
    [
        ({}, "unknown", False),
        ({"SeriesDescription": "Whole spine lat standing"}, "standing", False),
        ({"ProtocolName": "WS PA SUPINE"}, "supine", False),
        ({"SeriesDescription": "spine non-standing"}, "unknown", False),
        ({"SeriesDescription": "outstanding film"}, "unknown", False),
        ({"SeriesDescription": "standing flexion"}, "unknown", True),
        ({"SeriesDescription": "bending left"}, "bending_left", False),
        ({"PositionerType": "NONE", "ViewPosition": "PA"}, "unknown", False),
    ],
)
def test_position_only_where_the_header_says_so(
    attributes: dict[str, str], position: str, warned: bool, tmp_path: Path
) -> None:
    film = open_film(native(tmp_path, ramp(8), **attributes))
    assert film.acquisition.position == position
    assert bool(film.warnings) is warned


def code_item(value: str, scheme: str = "SCT") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "x"
    return item


@pytest.mark.parametrize(
    ("value", "scheme", "position"),
    [
        ("10904000", "SCT", "standing"),
        ("F-103A0", "SRT", "sitting"),
        ("40199007", "SCT", "supine"),
        ("C86043", "NCIt", "unknown"),
    ],
)
def test_position_from_codes(value: str, scheme: str, position: str, tmp_path: Path) -> None:
    erect = code_item("C86043", "NCIt")
    erect.PatientOrientationModifierCodeSequence = [code_item(value, scheme)]
    film = open_film(native(tmp_path, ramp(8), PatientOrientationCodeSequence=[erect]))
    assert film.acquisition.position == position


@pytest.mark.parametrize(
    ("age", "years"),
    [("063Y", 63.0), ("018M", 1.5), ("52Y", None), ("", None), ("old", None)],
)
def test_age(age: str, years: float | None, tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PatientAge="099Y"), ramp(8).tobytes())
    film = open_film(write(tmp_path, content.replace(b"099Y", f"{age:<4}".encode())))
    assert film.subject.age_years == years


def test_the_birth_date_is_not_used(tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8), PatientBirthDate="19530917", StudyDate="20240101")
    assert open_film(path).subject.age_years is None


def test_raw_data_are_said(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(12), bits=12, SOPClassUID=DX_RAW, Modality="DX"))
    assert any("for processing" in warning for warning in film.warnings)


REFUSED = {
    "1.2.840.10008.5.1.4.1.1.4": "MR Image Storage",
    "1.2.840.10008.5.1.4.1.1.2": "CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.12.1": "X-Ray Angiographic",
    "1.2.840.10008.5.1.4.1.1.1.2": "Mammography",
    "1.2.3.4.5.6": "unknown kind of object",
}


@pytest.mark.parametrize(("kind", "words"), REFUSED.items())
def test_other_kinds_are_refused_by_class(kind: str, words: str, tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8), SOPClassUID=kind)
    for read in (open_film, read_header):
        with pytest.raises(UnreadableFilm, match=words) as caught:
            read(path)
        assert "1.2.3.4.5.6" not in str(caught.value)


def test_without_a_class_the_modality_decides(tmp_path: Path) -> None:
    assert open_film(native(tmp_path, ramp(8), SOPClassUID="", Modality="DX")).modality == "DX"
    with pytest.raises(UnreadableFilm, match="what kind of image"):
        open_film(native(tmp_path, ramp(8), SOPClassUID="", Modality="MR"))


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"NumberOfFrames": 3}, "3 frames"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette"),
        ({"PhotometricInterpretation": "HSV"}, "PhotometricInterpretation"),
        ({"BitsAllocated": 1}, "pixel depth"),
        ({"PhotometricInterpretation": "RGB"}, "contradicts itself on its colours"),
        ({"BitsAllocated": 32}, "pixel depth"),
        ({"BitsStored": 12}, "pixel depth"),
        ({"BitsAllocated": None}, "pixel depth"),
        ({"Rows": None}, "Rows and Columns"),
        ({"Columns": 0}, "Rows and Columns"),
        ({"Rows": 65535, "Columns": 65535}, "200 million pixels"),
        ({"Rows": 40}, "truncated or header wrong"),
    ],
)
def test_headers_that_make_no_sense(
    attributes: dict[str, object], words: str, tmp_path: Path
) -> None:
    assert words in sentence(native(tmp_path, ramp(8), **attributes))


def test_a_broken_spacing_text_is_a_conflict(tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PixelSpacing=[0.15, 0.25]), ramp(8).tobytes())
    path = write(tmp_path, content.replace(b"0.15\\0.25 ", b"0,15\\0,25 "))
    assert open_film(path).scale.state == "conflict"


SECRETS = ("Zzyzx", "Quimby", "HOSP-778812", "19530917", "Saint Nowhere", "ACC9911")


def identified(**attributes: object) -> Dataset:
    dataset = dataset_of(
        ramp(8),
        PatientName="Zzyzx^Quimby",
        PatientID="HOSP-778812",
        PatientBirthDate="19530917",
        InstitutionName="Saint Nowhere",
        AccessionNumber="ACC9911",
        SeriesDescription="Zzyzx standing",
        **attributes,
    )
    dataset.file_meta = FileMetaDataset()
    return dataset


def test_an_open_film_knows_no_name(tmp_path: Path) -> None:
    path = write(tmp_path, film_bytes(identified(), ramp(8).tobytes()))
    shown = repr(open_film(path)) + repr(read_header(path))
    assert not [secret for secret in SECRETS if secret in shown]


def test_names_in_the_wrong_fields_go_nowhere(tmp_path: Path, caplog, capfd) -> None:
    content = film_bytes(
        identified(
            StudyDate="20200101",
            PatientAge="047Y",
            PixelSpacing=[0.15, 0.25],
            ViewPosition="PA",
            PhotometricInterpretation="MONOCHROME2",
            RescaleSlope=1,
            RescaleIntercept=0,
        ),
        ramp(8).tobytes(),
    )
    swaps = (
        (b"20200101", b"Zzyzx Qu"),  # not a date
        (b"047Y", b"Zzyz"),
        (b"0.15\\0.25 ", b"Quimby\\0.2"),  # not a number
        (b"MONOCHROME2 ", b"ZzyzxQuimby "),
        (b"CR", b"Zz"),
    )
    for old, new in swaps:
        assert old in content
        path = write(tmp_path, content.replace(old, new))
        try:
            shown = repr(open_film(path))
        except UnreadableFilm as error:
            shown = str(error) + repr(error.__context__)
        out, err = capfd.readouterr()
        shown += caplog.text + out + err
        assert not [secret for secret in (*SECRETS, "Zzyz") if secret in shown]


# stitched films


@pytest.mark.parametrize(
    ("attributes", "system"),
    [
        ({}, "unknown"),
        ({"ImageType": ["DERIVED", "PRIMARY"]}, "unknown"),
        ({"ImageType": ["DERIVED", "PRIMARY", "STITCHED"]}, "stitched"),
        ({"ImageType": "STITCHING"}, "stitched"),
        ({"DerivationDescription": "Full spine stitched from 3 images"}, "stitched"),
        ({"DerivationDescription": "not stitched"}, "unknown"),
        ({"DerivationDescription": "edge enhancement"}, "unknown"),
        ({"SeriesDescription": "stitched"}, "unknown"),
    ],
)
def test_stitched_where_the_header_says_so(
    attributes: dict[str, object], system: str, tmp_path: Path
) -> None:
    assert open_film(native(tmp_path, ramp(8), **attributes)).acquisition.system == system


def test_stitched_by_code(tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8), DerivationCodeSequence=[code_item("113090", "DCM")])
    assert open_film(path).acquisition.system == "stitched"
