"""Documents, pictures and DICOM films of the phantom, read back by other means."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import imagecodecs
import jsonschema
import numpy as np
import pydicom
import pytest
from pydicom.encaps import get_frame

from balance.phantom.canvas import blank, ellipse, fill
from balance.phantom.document import Clicks, Details, landmark_document
from balance.phantom.exposure import Exposure, calibration, expose
from balance.phantom.film import ENCODINGS, Header, film_dataset, write_film
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.phantom.lateral import LateralChoices, lateral_phantom
from balance.phantom.lifelike import render_lifelike
from balance.phantom.look import Look, Marks
from balance.phantom.samples import SAMPLES, main, write_samples
from balance.phantom.sheet import Phantom
from balance.radiograph import Frame, Scale

HERE = Path(__file__).resolve().parent.parent
SCHEMA = HERE / "balance" / "landmarks" / "landmarks.schema.json"
SAMPLE_FOLDER = HERE / "sample_images"

LATERAL = lateral_phantom(LateralChoices(SVA=10.0))
FRONTAL = frontal_phantom(FrontalChoices(curves=(Curve("T5", "T11", 40.0, "right"),)))
FILMS = ((LATERAL, "left"), (LATERAL, "right"), (FRONTAL, "left"), (FRONTAL, "right"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA.name} is not here")
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def points_of(document: dict[str, Any]) -> dict[str, np.ndarray]:
    """Points in the plane by a reader's own arithmetic."""
    scale = document["spacing_mm"] or {"row": 1.0, "column": 1.0}
    side = document.get("facing") or document.get("patient_right")
    mirror = 1.0 if side == "right" else -1.0
    return {
        name: np.array([mirror * point["x"] * scale["column"], -point["y"] * scale["row"]])
        for name, point in document["points"].items()
    }


@pytest.mark.parametrize(("phantom", "side"), FILMS)
def test_exact_documents_give_the_plane_back(phantom: Phantom, side: Any) -> None:
    exposure = expose(phantom, (0.4, 0.25), side)
    document = landmark_document(phantom, exposure, scale=calibration("dicom_fiducial"))
    assert json.loads(json.dumps(document)) == document
    found = points_of(document)
    anchor = next(iter(phantom.points))
    for name, xy in phantom.points.items():
        away = found[name] - found[anchor]
        assert away == pytest.approx(np.subtract(xy, phantom.points[anchor]), abs=1e-9)
        x, y = document["points"][name]["x"], document["points"][name]["y"]
        assert 0 < x < exposure.columns - 1
        assert 0 < y < exposure.rows - 1
    head = "femoral_head_1" if phantom.view == "lateral" else "femoral_head_left"
    assert document["points"][head]["radius"] * 0.25 == pytest.approx(24.0)


@pytest.mark.parametrize(("phantom", "side"), FILMS)
def test_documents_obey_the_schema(phantom: Phantom, side: Any, schema: dict[str, Any]) -> None:
    exposure = expose(phantom, (0.5, 0.5), side)
    details = Details(
        age_years=63, sex="F", pseudonym="P1", case="one", acquired="2001-01-01",
        surgery="postoperative", fusion=("T10", "S1"), image={"file": "x.dcm"},
    )  # fmt: skip
    for scale in (calibration("none"), calibration("detector"), None):
        document = landmark_document(phantom, exposure, scale=scale, details=details)
        jsonschema.Draft202012Validator(schema).validate(document)
        assert (document["spacing_mm"] is None) == (scale is None or scale.state == "none")


def test_a_detector_scale_is_told_magnified() -> None:
    exposure = expose(LATERAL, (0.5, 0.4), "left")
    told = landmark_document(LATERAL, exposure, scale=calibration("detector"))["spacing_mm"]
    assert (told["row"], told["column"]) == pytest.approx((0.575, 0.46))
    assert (told["source"], told["plane"]) == ("detector", "detector")


def test_clicks_scatter_as_told_and_by_their_seed() -> None:
    exposure = expose(LATERAL, (0.5, 0.25), "right")
    exact, one, again, two = (
        landmark_document(LATERAL, exposure, scale=calibration("ermf"), clicks=clicks)
        for clicks in (None, Clicks(0.5, 1), Clicks(0.5, 1), Clicks(0.5, 2))
    )
    assert one == again != two
    away = np.array([
        points_of(one)[name] - points_of(exact)[name] for name in exact["points"]
    ])  # fmt: skip
    assert away.std(axis=0) == pytest.approx([0.5, 0.5], rel=0.25)


def test_unconfirmed_points_must_exist() -> None:
    exposure = expose(LATERAL, (0.5, 0.5), "left")
    details = Details(unconfirmed=("S1_superior_anterior",))
    document = landmark_document(LATERAL, exposure, scale=None, details=details)
    assert document["points"]["S1_superior_anterior"]["confirmed"] is False
    with pytest.raises(ValueError, match="no such point"):
        landmark_document(LATERAL, exposure, scale=None, details=Details(unconfirmed=("X",)))


def test_drawn_shapes_lie_where_they_should_to_a_fraction_of_a_pixel() -> None:
    exposure = Exposure(Frame(Scale(0.5, 0.25), "left"), 120, 200, (-50.0, 0.0))
    canvas = blank(exposure)
    middle, radius = 25.13 - 30.07j, 7.4
    fill(canvas, ellipse(middle, complex(radius), 1.0, count=400), 1.0)
    rows, columns = np.indices(canvas.bone.shape)
    weight = canvas.bone.sum()
    centre = np.array([(columns * canvas.bone).sum(), (rows * canvas.bone).sum()]) / weight
    assert centre == pytest.approx(exposure.pixels(np.array([25.13, -30.07])), abs=0.05)
    assert weight * 0.5 * 0.25 == pytest.approx(np.pi * radius**2, rel=0.02)


def test_endplates_are_brightest_at_their_landmarks() -> None:
    exposure = expose(LATERAL, (0.4, 0.4), "right")
    grey = render_lifelike(LATERAL, exposure, Look(), seed=5, noiseless=True).astype(float)
    for level in ("T9", "L1", "L3"):
        start, end, _, _ = LATERAL.corners(level)
        inward = -1j * (end - start) / abs(end - start)
        along = [start + share * (end - start) for share in np.linspace(0.1, 0.9, 60)]
        depths = np.arange(-4.0, 4.01, 0.2)
        profile = [
            np.mean([sample(grey, exposure, point + depth * inward) for point in along])
            for depth in depths
        ]
        # The edge curves in by at most 0.9 mm and the plate is 1.5 mm thick.
        assert 0.0 < depths[int(np.argmax(profile))] < 2.5


def sample(grey: np.ndarray, exposure: Exposure, at: complex) -> float:
    x, y = exposure.pixels(np.array([at.real, at.imag]))
    return float(grey[round(y), round(x)])


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_r_stands_on_the_patients_right(side: Any) -> None:
    exposure = expose(FRONTAL, (0.8, 0.8), side)
    grey = render_lifelike(FRONTAL, exposure, Look(marks=Marks(words=("R",))), seed=1, bits=12)
    assert grey.dtype == np.uint16
    strip = round(50 / 0.8)
    top = slice(0, round(160 / 0.8))
    left, right = grey[top, :strip].max() / 4095, grey[top, -strip:].max() / 4095
    assert (left > 0.9, right > 0.9) == (side == "left", side == "right")


def test_the_same_seed_gives_the_same_picture() -> None:
    exposure = expose(LATERAL, (1.0, 1.0), "left")
    first, again, other = (
        render_lifelike(LATERAL, exposure, Look(), seed=seed, bits=10) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.max() <= 1023
    with pytest.raises(ValueError, match="8 to 16"):
        render_lifelike(LATERAL, exposure, Look(), seed=1, bits=7)


def decoded(film: pydicom.Dataset) -> np.ndarray:
    """Pixels by decoders that did not encode them."""
    syntax = film.file_meta.TransferSyntaxUID
    if not syntax.is_compressed:
        return np.frombuffer(film.PixelData, "<u2").reshape(film.Rows, film.Columns)
    stream = get_frame(film.PixelData, 0, number_of_frames=1)
    if syntax.endswith(".5"):
        flat = imagecodecs.dicomrle_decode(stream, "<u2")
        return np.frombuffer(flat, "<u2").reshape(film.Rows, film.Columns)
    decode = {
        ".70": imagecodecs.ljpeg_decode,
        ".80": imagecodecs.jpegls_decode,
        ".90": imagecodecs.jpeg2k_decode,
    }[syntax[-3:]]
    return decode(stream)


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("encoding", [row.name for row in ENCODINGS])
def test_films_decode_to_the_same_pixels(encoding: str, bits: int) -> None:
    exposure = expose(LATERAL, (2.0, 2.0), "left")
    pixels = render_lifelike(LATERAL, exposure, Look(), seed=3, bits=bits)
    for inverted in (False, True):
        header = Header("lateral", "A", "a", "f", encoding=encoding, bits=bits, inverted=inverted)
        film = reread(film_dataset(pixels, exposure, header, scale=calibration("ermf")))
        stored = decoded(film)
        expected = 2**bits - 1 - pixels if inverted else pixels
        assert np.array_equal(stored, expected)
        assert film.PhotometricInterpretation == ("MONOCHROME1" if inverted else "MONOCHROME2")
        assert (film.BitsAllocated, film.BitsStored, film.HighBit) == (16, bits, bits - 1)
        if encoding == "jpeg_lossless":
            stream = get_frame(film.PixelData, 0, number_of_frames=1)
            scan = stream.index(b"\xff\xda")
            assert stream[scan + 7] == 1, "selection value 1 is promised by the transfer syntax"


def reread(film: pydicom.FileDataset) -> pydicom.FileDataset:
    buffer = io.BytesIO()
    film.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer)


@pytest.mark.parametrize(
    ("phantom", "side", "words"),
    [
        (LATERAL, "right", ["A", "F"]),
        (LATERAL, "left", ["P", "F"]),
        (FRONTAL, "right", ["R", "F"]),
        (FRONTAL, "left", ["L", "F"]),
    ],
)
def test_headers_tell_the_side(phantom: Phantom, side: Any, words: list[str]) -> None:
    exposure = expose(phantom, (4.0, 4.0), side)
    pixels = np.zeros((exposure.rows, exposure.columns), np.uint16)
    for modality in ("DX", "CR"):
        header = Header(phantom.view, "A", "a", "f", modality=modality, age_years=7, sex="M")
        film = reread(film_dataset(pixels, exposure, header, scale=calibration("none")))
        assert list(film.PatientOrientation) == words
        assert (film.Modality, film.PatientAge, film.PatientSex) == (modality, "007Y", "M")
        assert "PHANTOM" in str(film.PatientName)
        assert film.SOPInstanceUID == film.file_meta.MediaStorageSOPInstanceUID


@pytest.mark.parametrize(
    ("state", "pixel", "imager", "kind"),
    [
        ("dicom_fiducial", True, True, "FIDUCIAL"),
        ("dicom_geometry", True, True, "GEOMETRY"),
        ("dicom_corrected_unknown", True, True, None),
        ("ermf", False, True, None),
        ("detector", False, True, None),
        ("unknown", True, False, None),
        ("none", False, False, None),
    ],
)
def test_headers_tell_the_scale(state: str, pixel: bool, imager: bool, kind: str | None) -> None:
    exposure = expose(LATERAL, (4.0, 3.0), "left")
    pixels = np.zeros((exposure.rows, exposure.columns), np.uint16)
    scale = calibration(state)
    film = reread(film_dataset(pixels, exposure, Header("lateral", "A", "a", "f"), scale=scale))
    assert ("PixelSpacing" in film) == pixel
    assert ("ImagerPixelSpacing" in film) == imager
    assert film.get("PixelSpacingCalibrationType") == kind
    if pixel:
        assert [float(value) for value in film.PixelSpacing] == pytest.approx([4.0, 3.0])
    if imager:
        assert [float(value) for value in film.ImagerPixelSpacing] == pytest.approx([4.6, 3.45])
    factor = film.get("EstimatedRadiographicMagnificationFactor")
    assert (factor is not None) == (state == "ermf")


def test_what_no_film_can_be_is_refused() -> None:
    exposure = expose(LATERAL, (4.0, 4.0), "left")
    pixels = np.zeros((exposure.rows, exposure.columns), np.uint16)
    for header, state, words in (
        (Header("lateral", "A", "a", "f", encoding="gif"), "ermf", "choose one of"),
        (Header("lateral", "A", "a", "f", modality="CT"), "ermf", "DX or CR"),
        (Header("lateral", "A", "a", "f"), "scanned_film", "no header can tell"),
    ):
        with pytest.raises(ValueError, match=words):
            film_dataset(pixels, exposure, header, scale=calibration(state))
    with pytest.raises(ValueError, match="not possible"):
        expose(LATERAL, (0.0, 1.0), "left")
    with pytest.raises(ValueError, match="not a calibration state"):
        calibration("guess")


def test_the_same_film_twice_is_the_same_file(tmp_path: Path) -> None:
    first = write_samples(tmp_path / "one", SAMPLES[:1])
    again = write_samples(tmp_path / "two", SAMPLES[:1])
    for one, two in zip(first, again, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    film = film_dataset(
        np.zeros((8, 8), np.uint16),
        expose(LATERAL, (4.0, 4.0), "left"),
        Header("lateral", "A", "a", "f"),
        scale=calibration("none"),
    )
    write_film(tmp_path / "x.dcm", film)
    assert (tmp_path / "x.dcm").read_bytes()[128:132] == b"DICM"


def test_the_sample_command_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_samples_cover_what_they_promise() -> None:
    views = [sample.name.split("_")[0] for sample in SAMPLES]
    assert (views.count("lateral"), views.count("frontal")) == (6, 4)
    assert {sample.encoding for sample in SAMPLES} == {row.name for row in ENCODINGS}
    assert {sample.state for sample in SAMPLES} == {
        "dicom_fiducial", "dicom_geometry", "dicom_corrected_unknown", "ermf", "detector", "none",
    }  # fmt: skip
    for view in ("lateral", "frontal"):
        assert {row.side for row in SAMPLES if row.name.startswith(view)} == {"left", "right"}
    assert sorted(row.name for row in SAMPLES if row.case == "case_a") == [
        "frontal_01",
        "lateral_01",
    ]


@pytest.mark.skipif(not (SAMPLE_FOLDER / "README.md").exists(), reason="no sample_images here")
def test_the_sample_folder_is_what_the_command_writes(
    tmp_path: Path, schema: dict[str, Any]
) -> None:
    fresh = write_samples(tmp_path)
    # The plan of the demo is written by hand.
    kept = (path.name for path in SAMPLE_FOLDER.iterdir())
    stored = sorted(name for name in kept if not name.endswith(".plan.json"))
    assert stored == sorted(path.name for path in fresh)
    assert sum(path.stat().st_size for path in SAMPLE_FOLDER.iterdir()) < 12e6
    for path in fresh:
        kept = SAMPLE_FOLDER / path.name
        if path.suffix == ".dcm":
            new, old = pydicom.dcmread(path), pydicom.dcmread(kept)
            # Another processor may round the last grey level otherwise; nothing more may differ.
            grey = decoded(new).astype(int) - decoded(old).astype(int)
            assert abs(grey).max() <= 1, path.name
            del new.PixelData, old.PixelData
            assert new == old, path.name
        elif path.suffix == ".md":
            assert path.read_text() == kept.read_text()
        else:
            same_numbers(json.loads(path.read_text()), json.loads(kept.read_text()))
        if path.name.endswith(".landmarks.json"):
            jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text()))


def same_numbers(one: Any, two: Any) -> None:
    """Equal but for rounding in the last digits."""
    if isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            same_numbers(one[key], two[key])
    elif isinstance(one, list):
        assert len(one) == len(two)
        for first, second in zip(one, two, strict=True):
            same_numbers(first, second)
    elif isinstance(one, float):
        assert one == pytest.approx(two, abs=2e-3)
    else:
        assert one == two
