"""Colour films: their luminance, exactly or as near as the encoding allows, and a warning."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from film_writer import (
    BIG,
    CAPTURE,
    EXPLICIT,
    IMPLICIT,
    J2K,
    JLS,
    JPEG_8,
    JPEG_SV1,
    RLE,
    by_dcmtk,
    dataset_of,
    film_bytes,
    native,
    ramp,
    rle,
    sentence,
    write,
)
from pydicom.dataset import Dataset

from balance.film import open_film


def test_colour_becomes_luminance_with_a_warning(tmp_path: Path) -> None:
    grey = ramp(8)
    film = open_film(native(tmp_path, np.dstack([grey] * 3), SOPClassUID=CAPTURE, Modality="OT"))
    np.testing.assert_array_equal(film.pixels, grey)
    assert any("luminance" in warning for warning in film.warnings)
    assert any("burned" in warning for warning in film.warnings)
    green = np.zeros((4, 4, 3), np.uint8)
    green[..., 1] = 200
    film = open_film(native(tmp_path, green, SOPClassUID=CAPTURE, BurnedInAnnotation="NO"))
    assert set(np.unique(film.pixels)) == {round(0.587 * 200)}
    assert not any("burned" in warning for warning in film.warnings)


@pytest.mark.parametrize("planar", [0, 1])
def test_ybr_gives_its_first_component(planar: int, tmp_path: Path) -> None:
    luma = ramp(8)
    ybr = np.dstack([luma, np.full_like(luma, 90), np.full_like(luma, 200)])
    dataset = dataset_of(ybr, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=planar)
    stored = np.moveaxis(ybr, -1, 0) if planar else ybr
    data = np.ascontiguousarray(stored).tobytes()
    np.testing.assert_array_equal(
        open_film(write(tmp_path, film_bytes(dataset, data))).pixels, luma
    )


def test_colour_jpeg_gives_its_luminance(tmp_path: Path) -> None:
    y, x = np.mgrid[0:48, 0:64]
    smooth = ((np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * 255).astype(np.uint8)
    data = imagecodecs.jpeg8_encode(np.dstack([smooth] * 3), level=98, subsampling="422")
    dataset = dataset_of(np.dstack([smooth] * 3), PhotometricInterpretation="YBR_FULL_422")
    film = open_film(write(tmp_path, film_bytes(dataset, data, JPEG_8)))
    assert np.abs(film.pixels.astype(int) - smooth).max() <= 8


@pytest.mark.parametrize("name", ["jpeg 2000", "jpeg-ls", "jpeg lossless", "jpeg", "jpeg rgb"])
def test_colour_in_every_codec(name: str, tmp_path: Path) -> None:
    base = np.add.outer(np.arange(40), np.arange(56)).astype(np.uint8)
    colour = np.dstack([base, 200 - base, base // 2])
    plain = {"colorspace": "RGB", "outcolorspace": "RGB"}
    syntax, photometric, data = {
        "jpeg 2000": lambda: (
            J2K,
            "YBR_RCT",
            imagecodecs.jpeg2k_encode(colour, codecformat="j2k", reversible=True),
        ),
        "jpeg-ls": lambda: (JLS, "RGB", imagecodecs.jpegls_encode(colour)),
        "jpeg lossless": lambda: (JPEG_SV1, "RGB", imagecodecs.jpeg8_encode(colour, lossless=True)),
        "jpeg": lambda: (JPEG_8, "YBR_FULL_422", imagecodecs.jpeg8_encode(colour, level=100)),
        "jpeg rgb": lambda: (JPEG_8, "RGB", imagecodecs.jpeg8_encode(colour, level=100, **plain)),
    }[name]()
    dataset = dataset_of(colour, PhotometricInterpretation=photometric)
    film = open_film(write(tmp_path, film_bytes(dataset, data, syntax)))
    expected = colour @ np.array([0.299, 0.587, 0.114])
    assert np.abs(film.pixels - expected).max() <= (3 if name.startswith("jpeg") else 1)


def test_colour_in_rle(tmp_path: Path) -> None:
    grey = ramp(8, 5, 7)
    dataset = dataset_of(np.dstack([grey] * 3), PlanarConfiguration=1)
    content = film_bytes(dataset, rle(np.dstack([grey] * 3), 8), RLE)
    np.testing.assert_array_equal(open_film(write(tmp_path, content)).pixels, grey)


@pytest.mark.parametrize(
    ("command", "tolerance"),
    [
        (["dcmcrle"], 1),
        (["dcmcjpls", "+el"], 1),
        (["dcmcjpeg", "+e1"], 1),
        (["dcmcjpeg", "+eb", "+q", "100"], 3),
        (["dcmconv", "+tb"], 1),
    ],
    ids=["rle", "jpeg-ls", "jpeg lossless", "jpeg", "big endian"],
)
def test_colour_by_dcmtk(command: list[str], tolerance: int, tmp_path: Path) -> None:
    base = np.add.outer(np.arange(40), np.arange(56)).astype(np.uint8)
    colour = np.dstack([base, 200 - base, base // 2])
    film = open_film(by_dcmtk(tmp_path, command, native(tmp_path, colour)))
    expected = colour @ np.array([0.299, 0.587, 0.114])
    assert np.abs(film.pixels - expected).max() <= tolerance


def test_subsampled_ybr_without_compression(tmp_path: Path) -> None:
    luma = ramp(8, 6, 8)
    pairs = luma.reshape(6, 4, 2)
    chroma = np.full((6, 4, 1), 99, np.uint8)
    data = np.concatenate([pairs, chroma, chroma], axis=2).tobytes()
    dataset = dataset_of(np.dstack([luma] * 3), PhotometricInterpretation="YBR_FULL_422")
    np.testing.assert_array_equal(
        open_film(write(tmp_path, film_bytes(dataset, data))).pixels, luma
    )


# palettes

RED, GREEN, BLUE = [0, 200, 0, 90], [0, 0, 200, 90], [50, 0, 0, 90]
LUMA = [6, 60, 117, 90]  # 0.299 red + 0.587 green + 0.114 blue, rounded
INDEX = np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.uint8)


def palette_film(syntax: str, *, bits: int = 8, first: int = 0, words: bool = False) -> bytes:
    """`INDEX` through a palette whose entries begin at ``first``."""
    pixels = (INDEX + first).astype(np.uint8)
    dataset: Dataset = dataset_of(pixels, PhotometricInterpretation="PALETTE COLOR")
    order = ">" if syntax == BIG else "<"
    kind = np.dtype(np.uint8) if bits == 8 and not words else np.dtype(f"{order}u2")
    for at, entries in enumerate((RED, GREEN, BLUE)):
        factor = 257 if bits == 16 else 1
        dataset.add_new(0x00281101 + at, "US", [len(entries), first, bits])
        data = (np.array(entries) * factor).astype(kind).tobytes()
        dataset.add_new(0x00281201 + at, "OW", data)
    return film_bytes(dataset, pixels.tobytes(), syntax)


@pytest.mark.parametrize("words", [False, True], ids=["packed", "in words"])
@pytest.mark.parametrize("first", [0, 40])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_palette_of_eight_bits(syntax: str, first: int, words: bool, tmp_path: Path) -> None:
    film = open_film(write(tmp_path, palette_film(syntax, first=first, words=words)))
    assert film.pixels.tolist() == [LUMA, LUMA[::-1]]
    assert film.pixels.dtype == np.uint8
    assert film.photometric == "PALETTE COLOR"
    assert any("luminance" in warning for warning in film.warnings)


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG])
def test_palette_of_sixteen_bits(syntax: str, tmp_path: Path) -> None:
    film = open_film(write(tmp_path, palette_film(syntax, bits=16)))
    exact = 257 * np.array([RED, GREEN, BLUE]).T @ np.array([0.299, 0.587, 0.114])
    assert film.pixels.dtype == np.uint16
    assert np.abs(film.pixels[0] - exact).max() <= 0.5


def test_entries_in_the_upper_half_of_a_word(tmp_path: Path) -> None:
    content = palette_film(EXPLICIT, words=True)
    for entries in (RED, GREEN, BLUE):
        low = np.array(entries, "<u2")
        content = content.replace(low.tobytes(), (low << 8).tobytes())
    assert open_film(write(tmp_path, content)).pixels.tolist() == [LUMA, LUMA[::-1]]


def test_a_palette_in_pieces_is_refused(tmp_path: Path) -> None:
    whole = palette_film(EXPLICIT)
    tag = b"\x28\x00\x03\x12"  # blue data
    assert tag in whole
    broken = whole.replace(tag, b"\x28\x00\x23\x12")  # segmented blue data
    assert "palette" in sentence(write(tmp_path, broken))


def test_a_palette_is_not_rescaled(tmp_path: Path) -> None:
    path = native(tmp_path, INDEX, PhotometricInterpretation="PALETTE COLOR")
    assert "palette" in sentence(path)
