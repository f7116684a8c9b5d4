"""One door for films: image files by content, and what is no film at all."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import film_writer
import imagecodecs
import numpy as np
import pytest
import tifffile
from film_writer import write

from balance import film as film_module
from balance.errors import UnreadableFilm
from balance.film import open_film, read_header
from balance.radiograph import Scale

GREY_8 = (np.arange(30 * 41).reshape(30, 41) % 251).astype(np.uint8)
GREY_16 = (np.arange(30 * 41).reshape(30, 41) * 53 % 65521).astype(np.uint16)


def sentence(path: Path | str) -> str:
    """The sentence of a file of which not even the header can be read."""
    text = film_writer.sentence(path)
    with pytest.raises(UnreadableFilm):
        read_header(path)
    return text


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


@pytest.mark.parametrize("pixels", [GREY_8, GREY_16], ids=["8 bit", "16 bit"])
@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_grey_images_are_exact(pixels: np.ndarray, ending: str, tmp_path: Path) -> None:
    encoded = cv2.imencode(ending, pixels)[1].tobytes()
    path = write(tmp_path, encoded, "film.dcm")  # a wrong name does not matter
    film, header = open_film(path), read_header(path)
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.pixels.dtype == pixels.dtype
    assert (header.rows, header.columns) == pixels.shape
    assert film.scale == header.scale == Scale()
    assert (film.facing, film.patient_right, film.warnings) == (None, None, ())
    assert not film.inverted


def test_grey_jpeg_as_another_decoder_sees_it(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(GREY_8, (0, 0), 4)
    encoded = cv2.imencode(".jpg", smooth)[1]
    film = open_film(write(tmp_path, encoded.tobytes()))
    reference = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    assert np.abs(film.pixels.astype(int) - reference).max() <= 1


@pytest.mark.parametrize("samples", [2, 3, 4], ids=["grey alpha", "RGB", "RGBA"])
@pytest.mark.parametrize("pixels", [GREY_8, GREY_16], ids=["8 bit", "16 bit"])
def test_colour_png_of_a_grey_film_is_exact(
    pixels: np.ndarray, samples: int, tmp_path: Path
) -> None:
    layers = [pixels] * (samples if samples == 3 else samples - 1)
    if samples != 3:
        layers.append(np.full_like(pixels, np.iinfo(pixels.dtype).max))
    film = open_film(write(tmp_path, imagecodecs.png_encode(np.dstack(layers))))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.valid is None
    assert any("luminance" in warning for warning in film.warnings) is (samples > 2)


def test_what_is_transparent_is_not_film(tmp_path: Path) -> None:
    alpha = np.where(GREY_8 > 100, 255, 0).astype(np.uint8)
    film = open_film(write(tmp_path, imagecodecs.png_encode(np.dstack([GREY_8] * 3 + [alpha]))))
    np.testing.assert_array_equal(film.valid, GREY_8 > 100)


def test_luminance_weighs_green_most(tmp_path: Path) -> None:
    colours = np.zeros((1, 3, 3), np.uint8)
    colours[0] = np.diag([200, 200, 200])
    film = open_film(write(tmp_path, imagecodecs.png_encode(colours)))
    assert film.pixels.tolist() == [[60, 117, 23]]  # 0.299, 0.587, 0.114 of 200


def test_palette_and_one_bit_png(tmp_path: Path) -> None:
    head = struct.pack(">LLBBBBB", 2, 2, 8, 3, 0, 0, 0)
    rows = zlib.compress(b"\0\0\1\0\1\0")
    content = (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", head)
        + png_chunk(b"PLTE", bytes([10, 10, 10, 250, 250, 250]))
        + png_chunk(b"IDAT", rows)
        + png_chunk(b"IEND", b"")
    )
    assert open_film(write(tmp_path, content)).pixels.tolist() == [[10, 250], [250, 10]]


def test_printed_resolution_is_no_scale(tmp_path: Path) -> None:
    encoded = cv2.imencode(".png", GREY_8)[1].tobytes()
    density = png_chunk(b"pHYs", struct.pack(">LLB", 5000, 5000, 1))
    film = open_film(write(tmp_path, encoded[:33] + density + encoded[33:]))
    assert film.scale == Scale()
    tifffile.imwrite(
        tmp_path / "film.tif", GREY_8, resolution=(50, 50), resolutionunit="CENTIMETER"
    )
    assert open_film(tmp_path / "film.tif").scale == Scale()


def exif(orientation: int, order: str) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHLHH", 0x0112, 3, 1, orientation, 0)
    block = b"Exif\0\0" + mark + struct.pack(f"{order}LH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_exif_never_turns_the_film(orientation: int, order: str, tmp_path: Path) -> None:
    encoded = cv2.imencode(".jpg", cv2.GaussianBlur(GREY_8, (0, 0), 4))[1].tobytes()
    plain = open_film(write(tmp_path, encoded))
    turned = open_film(write(tmp_path, encoded[:2] + exif(orientation, order) + encoded[2:]))
    np.testing.assert_array_equal(turned.pixels, plain.pixels)
    assert any("as stored" in warning for warning in turned.warnings) is (orientation != 1)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits"])
@pytest.mark.parametrize("pixels", [GREY_8, GREY_16], ids=["8 bit", "16 bit"])
def test_tiff_compressions(pixels: np.ndarray, compression: str | None, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "film", pixels, compression=compression, byteorder=">")
    np.testing.assert_array_equal(open_film(tmp_path / "film").pixels, pixels)


def test_tiff_pages_polarity_and_planes(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, np.stack([GREY_8, 255 - GREY_8]), photometric="minisblack")
    film = open_film(path)
    np.testing.assert_array_equal(film.pixels, GREY_8)
    assert any("several pages" in warning for warning in film.warnings)
    tifffile.imwrite(path, GREY_8, photometric="miniswhite")
    film = open_film(path)
    assert film.inverted
    assert film.warnings == ()
    np.testing.assert_array_equal(film.pixels, GREY_8)
    tifffile.imwrite(path, np.stack([GREY_8] * 3), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(open_film(path).pixels, GREY_8)


def test_floating_point_tiff_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "film.tif", GREY_8.astype(np.float32))
    with pytest.raises(UnreadableFilm, match="pixel depth"):
        open_film(tmp_path / "film.tif")


@pytest.mark.parametrize("ending", [".jpg", ".tif"])
@pytest.mark.parametrize("keep", [0.05, 0.5, 0.95])
def test_cut_off_images_have_one_sentence(ending: str, keep: float, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (60, 60), np.uint8)
    encoded = cv2.imencode(ending, noise)[1].tobytes()
    text = sentence(write(tmp_path, encoded[: int(len(encoded) * keep)]))
    assert "truncated" in text or "damaged" in text


def test_a_cut_off_png(tmp_path: Path) -> None:
    encoded = cv2.imencode(".png", GREY_16)[1].tobytes()
    assert "truncated" in sentence(write(tmp_path, encoded[:20]))
    with pytest.raises(UnreadableFilm, match=r"damaged|truncated"):
        open_film(write(tmp_path, encoded[: len(encoded) // 2]))


def test_an_exif_preview_does_not_hide_a_cut(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (60, 60), np.uint8)
    encoded = cv2.imencode(".jpg", noise)[1].tobytes()
    preview = b"\xff\xe1" + struct.pack(">H", 2 + 6 + 4) + b"Exif\0\0" + b"..\xff\xd9"
    whole = encoded[:2] + preview + encoded[2:]
    assert "truncated" in sentence(write(tmp_path, whole[:-50]))


def test_a_picture_that_claims_too_many_pixels(tmp_path: Path) -> None:
    encoded = bytearray(cv2.imencode(".png", GREY_8)[1].tobytes())
    encoded[12:33] = b"IHDR" + struct.pack(">LLBBBBB", 60000, 60000, 8, 0, 0, 0, 0) + bytes(4)
    assert "million pixels" in sentence(write(tmp_path, bytes(encoded)))
    jpeg = bytearray(cv2.imencode(".jpg", GREY_8)[1].tobytes())
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 60000, 60000)
    assert "million pixels" in sentence(write(tmp_path, bytes(jpeg)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"Dear colleague, enclosed please find the film of my patient.\n" * 9, "is no film"),
        (b"\0" * 500, "is no film"),
        (b"{}", "is no film"),
        (b"\x08\x00", "is no film"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (b"\xff\xd8\xff\xe0", "truncated"),
        (b"II*\0", "damaged"),
        (bytes(128) + b"DICM", "what kind of image"),
    ],
)
def test_what_is_no_film(content: bytes, words: str, tmp_path: Path) -> None:
    assert words in sentence(write(tmp_path, content))


def test_folders_missing_files_and_pipes(tmp_path: Path) -> None:
    assert "is a folder" in sentence(tmp_path)
    assert "no such file" in sentence(tmp_path / "gone.dcm")
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in sentence(tmp_path / "pipe")


def test_a_name_may_be_a_string(tmp_path: Path) -> None:
    path = write(tmp_path, cv2.imencode(".png", GREY_8)[1].tobytes())
    np.testing.assert_array_equal(open_film(str(path)).pixels, GREY_8)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_module, "FILE_LIMIT", 100)
    assert "larger than" in sentence(write(tmp_path, bytes(128) + b"DICM" + bytes(99)))
