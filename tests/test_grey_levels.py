"""Stored values to modality values: rescaling, tables, polarity, padding, shutters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from film_writer import EXPLICIT, IMPLICIT, dataset_of, film_bytes, lut, native, ramp, write

from balance.display import display_image
from balance.film import open_film
from balance.radiograph import GreyWindow


@pytest.mark.parametrize(
    ("slope", "intercept", "kind"),
    [
        (1, 0, np.uint16),
        (1, 100, np.uint16),
        (1, -1024, np.int16),
        (-1, 4095, np.uint16),
        (40, 0, np.int32),
        (0.684, 200, np.float32),
    ],
)
def test_rescale(slope: float, intercept: float, kind: type, tmp_path: Path) -> None:
    pixels = ramp(12)
    path = native(tmp_path, pixels, bits=12, RescaleSlope=slope, RescaleIntercept=intercept)
    film = open_film(path)
    np.testing.assert_allclose(film.pixels, pixels.astype(float) * slope + intercept, rtol=1e-6)
    expected = np.int16 if (slope, intercept) in ((1, 100), (-1, 4095)) else kind
    assert film.pixels.dtype in (kind, expected)


@pytest.mark.parametrize(("slope", "intercept"), [(0, 5), ([1, 2], 0)])
def test_a_broken_rescale_is_said(slope: object, intercept: object, tmp_path: Path) -> None:
    pixels = ramp(8)
    film = open_film(native(tmp_path, pixels, RescaleSlope=slope, RescaleIntercept=intercept))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert any("Rescale" in warning for warning in film.warnings)


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_modality_table(syntax: str, as_bytes: bool, tmp_path: Path) -> None:
    pixels = np.array([[0, 9, 10, 11], [12, 13, 14, 4000]], np.uint16)
    table = lut([500, 400, 300, 200], 10, 16, as_bytes=as_bytes)
    dataset = dataset_of(pixels, ModalityLUTSequence=[table])
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes(), syntax)))
    assert film.pixels.tolist() == [[500, 500, 500, 400], [300, 200, 200, 200]]


def test_a_broken_modality_table_is_said(tmp_path: Path) -> None:
    table = lut([1, 2, 3], 0, 16)
    table[0x00283002].value = [9, 0, 16]
    film = open_film(native(tmp_path, ramp(8), ModalityLUTSequence=[table]))
    assert any("Modality LUT" in warning for warning in film.warnings)


def test_voi_table_is_kept_in_16_bits(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(8), VOILUTSequence=[lut([0, 100, 1023], 5, 10)]))
    assert film.voi_table is not None
    assert film.voi_table.tolist() == [0, 100 * 65535 // 1023, 65535]
    assert film.voi_table_first == 5


def test_windows_without_width_are_ignored(tmp_path: Path) -> None:
    path = native(
        tmp_path, ramp(8), WindowCenter=[10, 20], WindowWidth=[0, 30], VOILUTFunction="SIGMOID"
    )
    film = open_film(path)
    assert [(w.centre, w.width, w.function) for w in film.windows] == [(20, 30, "SIGMOID")]
    assert any("width" in warning for warning in film.warnings)


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "warned"),
    [
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME1", None, True, False),
        ("MONOCHROME1", "IDENTITY", True, True),
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME2", "INVERSE", False, True),
    ],
)
def test_polarity_is_taken_once(
    photometric: str, shape: str | None, inverted: bool, warned: bool, tmp_path: Path
) -> None:
    more = {} if shape is None else {"PresentationLUTShape": shape}
    path = native(tmp_path, ramp(8), PhotometricInterpretation=photometric, **more)
    film = open_film(path)
    assert film.inverted is inverted
    assert any("PresentationLUTShape" in warning for warning in film.warnings) is warned
    np.testing.assert_array_equal(film.pixels, ramp(8))


def test_padding_is_masked_before_rescaling(tmp_path: Path) -> None:
    pixels = ramp(12)
    pixels[5:9] = 3000
    dataset = dataset_of(pixels, bits=12, RescaleSlope=2, RescaleIntercept=1)
    dataset.add_new(0x00280120, "US", 3000)
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes())))
    assert film.valid is not None
    np.testing.assert_array_equal(film.valid, pixels != 3000)


def test_padding_range_and_unsigned_value_beside_signed_pixels(tmp_path: Path) -> None:
    pixels = np.array([[-2000, -1999, 5, 7]], np.int16)
    dataset = dataset_of(pixels)
    dataset.add_new(0x00280120, "US", 65536 - 2000)
    dataset.add_new(0x00280121, "US", 65536 - 1999)
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes())))
    assert film.valid is not None
    assert film.valid.tolist() == [[False, False, True, True]]


def test_shutters_count_from_one(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8, 6, 8),
        ShutterShape="RECTANGULAR",
        ShutterUpperHorizontalEdge=2,
        ShutterLowerHorizontalEdge=5,
        ShutterLeftVerticalEdge=3,
        ShutterRightVerticalEdge=8,
    )
    expected = np.zeros((6, 8), bool)
    expected[1:5, 2:8] = True
    np.testing.assert_array_equal(open_film(path).valid, expected)


def test_round_and_polygonal_shutters_meet(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8, 41, 41),
        ShutterShape=["CIRCULAR", "POLYGONAL"],
        CenterOfCircularShutter=[21, 21],
        RadiusOfCircularShutter=10,
        VerticesOfThePolygonalShutter=[1, 1, 1, 21, 41, 21, 41, 1],
    )
    valid = open_film(path).valid
    assert valid is not None
    rows, columns = np.nonzero(valid)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (10, 30, 10, 20)


def test_a_shutter_over_everything_is_ignored_and_said(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8),
        ShutterShape="CIRCULAR",
        CenterOfCircularShutter=[9000, 9000],
        RadiusOfCircularShutter=3,
    )
    film = open_film(path)
    assert film.valid is None
    assert any("whole film" in warning for warning in film.warnings)


# presentation


def presented(folder: Path, photometric: str, values: list[int]) -> tuple[list[int], bool]:
    """The picture of five grey steps through a Presentation LUT, and whether it was doubted."""
    steps = np.array([[0, 64, 128, 192, 255]], np.uint8)
    table = lut(values, 0, 8)
    path = native(
        folder, steps, PhotometricInterpretation=photometric, PresentationLUTSequence=[table]
    )
    film = open_film(path)
    picture = display_image(film, window=GreyWindow(127.5, 255, "LINEAR_EXACT"))
    return picture[0].tolist(), any("Presentation LUT" in text for text in film.warnings)


SQUARED = [round((step / 255) ** 2 * 255) for step in range(256)]


def test_a_presentation_lut_follows_the_window(tmp_path: Path) -> None:
    picture, doubted = presented(tmp_path, "MONOCHROME2", SQUARED)
    assert picture == [0, 16, 64, 145, 255]
    assert not doubted


def test_a_falling_presentation_lut_is_the_inversion_of_monochrome1(tmp_path: Path) -> None:
    picture, doubted = presented(tmp_path, "MONOCHROME1", [255 - one for one in SQUARED])
    assert picture == [255, 239, 191, 110, 0]
    assert not doubted


@pytest.mark.parametrize(
    ("photometric", "values", "picture"),
    [
        ("MONOCHROME1", [0, 255], [255, 255, 0, 0, 0]),
        ("MONOCHROME2", [255, 0], [0, 0, 255, 255, 255]),
    ],
)
def test_a_presentation_lut_against_the_polarity_is_said(
    photometric: str, values: list[int], picture: list[int], tmp_path: Path
) -> None:
    assert presented(tmp_path, photometric, values) == (picture, True)


def test_a_broken_presentation_lut_is_said(tmp_path: Path) -> None:
    table = lut([1, 2, 3], 0, 16)
    table[0x00283002].value = [9, 0, 16]
    film = open_film(native(tmp_path, ramp(8), PresentationLUTSequence=[table]))
    assert film.presentation_table is None
    assert any("Presentation LUT" in text for text in film.warnings)
