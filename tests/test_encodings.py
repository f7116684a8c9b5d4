"""Every encoding of grey films: exactly what other encoders were given, whatever the depth."""

from __future__ import annotations

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from film_writer import (
    BIG,
    DEFLATED,
    EXPLICIT,
    HTJ2K_LOSSY,
    IMPLICIT,
    J2K,
    J2K_LOSSY,
    JLS,
    JLS_NEAR,
    JPEG_8,
    JPEG_12,
    JPEG_LL,
    JPEG_SV1,
    LOSSLESS,
    RLE,
    by_dcmtk,
    dataset_of,
    film_bytes,
    lossless_film,
    native,
    ramp,
    smooth,
    write,
)

from balance.decoding import DECODERS, NATIVE_SYNTAXES
from balance.film import open_film

PLUGINS = {
    "implicit": "pydicom native",
    "rle": "imagecodecs (",
    "jpeg lossless": "imagecodecs (",
    "jpeg lossless sv1": "imagecodecs (",
    "jpeg-ls by pyjpegls": "pyjpegls (",
    "jpeg 2000": "pylibjpeg (pylibjpeg-openjpeg ",
    "htj2k": "pylibjpeg (pylibjpeg-openjpeg ",
}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_encodings_are_exact(
    name: str, bits: int, photometric: str, tmp_path: Path
) -> None:
    syntax, encode = LOSSLESS[name]
    pixels = ramp(bits)
    dataset = dataset_of(pixels, bits=bits, PhotometricInterpretation=photometric)
    path = write(tmp_path, film_bytes(dataset, encode(pixels, bits), syntax))
    film = open_film(path)
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.pixels.dtype == pixels.dtype
    assert film.inverted == (photometric == "MONOCHROME1")
    assert (film.transfer_syntax, film.photometric) == (syntax, photometric)
    assert film.decoder is not None
    assert film.decoder.startswith(PLUGINS.get(name, ""))
    assert not film.pixels.flags.writeable
    assert film.warnings == ()


def test_big_endian_bytes_stored_as_words(tmp_path: Path) -> None:
    pixels = ramp(8)
    swapped = np.frombuffer(pixels.tobytes(), np.uint16).byteswap().tobytes()
    content = film_bytes(dataset_of(pixels), swapped, BIG)
    tag = struct.pack(">HH", 0x7FE0, 0x0010)
    assert tag + b"OB" in content
    path = write(tmp_path, content.replace(tag + b"OB", tag + b"OW"))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_predictor_of_jpeg_lossless(predictor: int, tmp_path: Path) -> None:
    pixels = ramp(12)
    data = imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=12, predictor=predictor)
    path = write(tmp_path, film_bytes(dataset_of(pixels, bits=12), data, JPEG_LL))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG, JLS, J2K, JPEG_LL])
def test_signed_pixels(syntax: str, tmp_path: Path) -> None:
    pixels = (ramp(12).astype(np.int16) - 2048).astype(np.int16)
    bare = (pixels & 0x0FFF).astype(np.uint16)
    data = {
        IMPLICIT: lambda: pixels.tobytes(),
        BIG: lambda: pixels.astype(">i2").tobytes(),
        JLS: lambda: imagecodecs.jpegls_encode(bare),
        JPEG_LL: lambda: imagecodecs.jpeg8_encode(bare, lossless=True, bitspersample=12),
        J2K: lambda: imagecodecs.jpeg2k_encode(
            pixels, codecformat="j2k", reversible=True, bitspersample=12
        ),
    }[syntax]()
    film = open_film(write(tmp_path, film_bytes(dataset_of(pixels, bits=12), data, syntax)))
    np.testing.assert_array_equal(film.pixels, pixels)


def test_overlay_bits_above_the_stored_ones_are_dropped(tmp_path: Path) -> None:
    pixels = ramp(12)
    marked = pixels | np.uint16(0x1000)
    assert np.array_equal(open_film(native(tmp_path, marked, bits=12)).pixels, pixels)


def test_pixels_stored_in_the_upper_bits(tmp_path: Path) -> None:
    pixels = ramp(12)
    path = native(tmp_path, (pixels << 4).astype(np.uint16), bits=12, HighBit=15)
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


def test_a_codestream_deeper_than_its_header_keeps_its_values(tmp_path: Path) -> None:
    pixels = ramp(12)
    data = imagecodecs.jpegls_encode(pixels)
    path = write(tmp_path, film_bytes(dataset_of(pixels, bits=10), data, JLS))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("cut", [128 + 4, 0], ids=["meta kept", "as written"])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_a_file_without_preamble_and_name(syntax: str, cut: int, tmp_path: Path) -> None:
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), pixels.tobytes(), syntax)
    path = tmp_path / "IM000001"
    path.write_bytes(content[cut:])
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_a_bare_dataset(syntax: str, tmp_path: Path) -> None:
    pixels = ramp(10)
    content = film_bytes(dataset_of(pixels, bits=10), pixels.tobytes(), syntax)
    start = content.index(struct.pack("<HH", 0x0008, 0x0016))
    film = open_film(write(tmp_path, content[start:]))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.transfer_syntax == syntax


def test_a_transfer_syntax_that_lies_about_its_representation(tmp_path: Path) -> None:
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), pixels.tobytes(), EXPLICIT)
    # same length: the shorter UID is padded
    content = content.replace(EXPLICIT.encode() + b"\0", IMPLICIT.encode() + b"\0\0\0")
    np.testing.assert_array_equal(open_film(write(tmp_path, content)).pixels, pixels)


LOSSY = {
    "jpeg": (JPEG_8, 8, 6, lambda a: imagecodecs.jpeg8_encode(a, level=98)),
    "jpeg 12 bit": (JPEG_12, 12, 60, lambda a: imagecodecs.jpeg8_encode(a, 98, bitspersample=12)),
    "jpeg-ls": (JLS_NEAR, 12, 3, lambda a: imagecodecs.jpegls_encode(a, level=3)),
    "jpeg 2000": (
        J2K_LOSSY,
        12,
        40,
        lambda a: imagecodecs.jpeg2k_encode(a, level=60, codecformat="j2k", bitspersample=12),
    ),
    "htj2k": (HTJ2K_LOSSY, 16, 70, lambda a: imagecodecs.htj2k_encode(a, 0.001, reversible=False)),
}


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_encodings_are_near(name: str, tmp_path: Path) -> None:
    syntax, bits, tolerance, encode = LOSSY[name]
    pixels = smooth(bits)
    content = film_bytes(dataset_of(pixels, bits=bits), encode(pixels), syntax)
    film = open_film(write(tmp_path, content))
    assert film.transfer_syntax == syntax
    assert 0 < np.abs(film.pixels.astype(int) - pixels).max() <= tolerance


def test_every_transfer_syntax_has_one_decoder_by_name_and_never_gdcm() -> None:
    assert {plugin for plugin, _ in DECODERS.values()} == {"imagecodecs", "pyjpegls", "pylibjpeg"}
    tested = {syntax for syntax, _ in LOSSLESS.values()} | {row[0] for row in LOSSY.values()}
    assert tested == {*DECODERS, *NATIVE_SYNTAXES}


# dcmtk, an encoder that shares no code with the decoders here (except CharLS in dcmcjpls)

DCMTK = {
    "implicit": (["dcmconv", "+ti"], IMPLICIT),
    "explicit": (["dcmconv", "+te"], EXPLICIT),
    "big endian": (["dcmconv", "+tb"], BIG),
    "deflated": (["dcmconv", "+td"], DEFLATED),
    "rle": (["dcmcrle"], RLE),
    "jpeg lossless": (["dcmcjpeg", "+el", "+sv", "6"], JPEG_LL),
    "jpeg lossless sv1": (["dcmcjpeg", "+e1"], JPEG_SV1),
    "jpeg-ls": (["dcmcjpls", "+el"], JLS),
}


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("name", DCMTK)
def test_lossless_encodings_of_dcmtk_are_exact(name: str, bits: int, tmp_path: Path) -> None:
    command, syntax = DCMTK[name]
    pixels = ramp(bits)
    source = native(tmp_path, pixels, bits=bits, PhotometricInterpretation="MONOCHROME1")
    film = open_film(by_dcmtk(tmp_path, command, source))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.transfer_syntax == syntax
    assert film.inverted


@pytest.mark.parametrize("name", ["rle", "jpeg lossless sv1", "jpeg-ls"])
def test_signed_films_of_dcmtk(name: str, tmp_path: Path) -> None:
    pixels = (ramp(12).astype(np.int32) - 2048).astype(np.int16)
    source = native(tmp_path, pixels, bits=12)
    film = open_film(by_dcmtk(tmp_path, DCMTK[name][0], source))
    np.testing.assert_array_equal(film.pixels, pixels)


@pytest.mark.parametrize(
    ("command", "bits", "syntax", "tolerance"),
    [
        (["dcmcjpeg", "+eb", "+q", "98"], 8, JPEG_8, 6),
        (["dcmcjpeg", "+ee", "+q", "98"], 12, JPEG_12, 60),
        (["dcmcjpls", "+en", "+md", "3"], 12, JLS_NEAR, 3),
    ],
)
def test_lossy_encodings_of_dcmtk_are_near(
    command: list[str], bits: int, syntax: str, tolerance: int, tmp_path: Path
) -> None:
    pixels = smooth(bits)
    film = open_film(by_dcmtk(tmp_path, command, native(tmp_path, pixels, bits=bits)))
    assert film.transfer_syntax == syntax
    assert np.abs(film.pixels.astype(int) - pixels).max() <= tolerance


# odd sizes, where rows and segments are padded


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (3, 5), (2, 300)])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", ["explicit", "rle", "jpeg-ls by imagecodecs", "jpeg 2000"])
def test_odd_sizes(name: str, bits: int, size: tuple[int, int], tmp_path: Path) -> None:
    values = np.random.default_rng(5).integers(0, 1 << bits, size)
    pixels = values.astype(np.uint8 if bits == 8 else np.uint16)
    path = write(tmp_path, lossless_film(name, pixels, bits=bits))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


def test_rle_of_runs_and_of_one_value(tmp_path: Path) -> None:
    for pixels in (np.zeros((40, 61), np.uint16), np.repeat(ramp(12), 9, axis=1)):
        path = write(tmp_path, lossless_film("rle", pixels, bits=12))
        np.testing.assert_array_equal(open_film(path).pixels, pixels)
