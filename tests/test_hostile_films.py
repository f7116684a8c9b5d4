"""Hostile and damaged films: budgets before decoding, one sentence, no death, no surprise."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections import Counter
from contextlib import suppress
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from film_writer import (
    DEFLATED,
    HTJ2K,
    J2K,
    JLS,
    JPEG_8,
    JPEG_SV1,
    LOSSLESS,
    RLE,
    dataset_of,
    film_bytes,
    ramp,
    sentence,
    write,
)

from balance import dicom_file
from balance.errors import UnreadableFilm
from balance.film import open_film, read_header
from fuzz.films import fuzz, open_one
from fuzz.seeds import seeds


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_cut_off_file_is_called_truncated(name: str, tmp_path: Path) -> None:
    syntax, encode = LOSSLESS[name]
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), encode(pixels, 12), syntax)
    for keep in (0.97, 0.7):
        assert "truncated" in sentence(write(tmp_path, content[: int(len(content) * keep)]))


def test_a_codestream_cut_inside_an_intact_file(tmp_path: Path) -> None:
    pixels = ramp(12)
    for name in ("jpeg lossless", "jpeg-ls by imagecodecs", "jpeg 2000"):
        syntax, encode = LOSSLESS[name]
        data = encode(pixels, 12)
        content = film_bytes(dataset_of(pixels, bits=12), data[: len(data) // 2], syntax)
        text = sentence(write(tmp_path, content))
        assert "truncated" in text or "damaged" in text


def test_every_cut_of_a_small_film_gives_one_sentence(tmp_path: Path) -> None:
    pixels = ramp(8, 5, 4)
    content = film_bytes(dataset_of(pixels, PatientName="Zzyzx"), pixels.tobytes())
    for keep in range(133, len(content) - 1, 3):
        text = sentence(write(tmp_path, content[:keep]))
        assert "Zzyzx" not in text


@pytest.mark.parametrize(
    "name", ["jpeg lossless", "jpeg lossless sv1", "jpeg-ls by imagecodecs", "jpeg 2000", "htj2k"]
)
def test_swapped_rows_and_columns_are_not_decoded(name: str, tmp_path: Path) -> None:
    syntax, encode = LOSSLESS[name]
    pixels = ramp(12)
    dataset = dataset_of(pixels, bits=12, Rows=52, Columns=37)
    text = sentence(write(tmp_path, film_bytes(dataset, encode(pixels, 12), syntax)))
    assert "52 x 37" in text
    assert "37 x 52" in text


def test_a_codestream_too_deep_for_its_header(tmp_path: Path) -> None:
    data = imagecodecs.jpegls_encode(ramp(12))
    dataset = dataset_of(ramp(8))
    assert "bits" in sentence(write(tmp_path, film_bytes(dataset, data, JLS)))


def test_garbage_in_place_of_a_codestream(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 400, np.uint8).tobytes()
    for syntax in (JPEG_8, JPEG_SV1, JLS, J2K, HTJ2K, RLE):
        dataset = dataset_of(ramp(12), bits=12)
        assert "damaged" in sentence(write(tmp_path, film_bytes(dataset, noise, syntax)))


def test_a_deflate_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_file, "INFLATE_LIMIT", 1 << 20)
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels), pixels.tobytes(), DEFLATED)
    head = content.index(DEFLATED.encode()) + len(DEFLATED)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(bytes(64 << 20)) + squeeze.flush()
    path = write(tmp_path, content[: head + head % 2] + bomb)
    for read in (open_film, read_header):
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableFilm, match="inflated"):
                read(path)
            assert tracemalloc.get_traced_memory()[1] < 16 << 20
        finally:
            tracemalloc.stop()


def test_an_unknown_transfer_syntax_is_not_repeated(tmp_path: Path) -> None:
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels), pixels.tobytes())
    text = sentence(
        write(tmp_path, content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.7\0"))
    )
    assert "encoding" in text
    assert "10008" not in text


def test_bit_flips_never_escape(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    for name in (
        "implicit",
        "explicit",
        "rle",
        "jpeg lossless",
        "jpeg-ls by imagecodecs",
        "jpeg 2000",
    ):
        syntax, encode = LOSSLESS[name]
        pixels = ramp(12, 16, 20)
        content = film_bytes(dataset_of(pixels, bits=12), encode(pixels, 12), syntax)
        for _ in range(40):
            hurt = bytearray(content)
            for at in rng.integers(132, len(hurt), 4):
                hurt[at] = rng.integers(0, 256)
            with suppress(UnreadableFilm):
                open_film(write(tmp_path, bytes(hurt)))


def test_a_length_that_claims_gigabytes_sets_no_memory_aside(tmp_path: Path) -> None:
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels, PatientComments="x" * 20), pixels.tobytes())
    tag = struct.pack("<HH", 0x0010, 0x4000)
    at, size = content.index(tag), b"OB\0\0" + struct.pack("<L", 37 * 52)
    for name, lie in (
        ("text", content[:at] + tag + b"UT\0\0\xfe\xff\xff\xff" + content[at + 12 :]),
        ("pixels", content.replace(size, b"OB\0\0\xfe\xff\xff\xff")),
    ):
        assert lie != content, name
        path = write(tmp_path, lie)
        tracemalloc.start()
        try:
            assert "truncated" in sentence(path)
            assert tracemalloc.get_traced_memory()[1] < 16 << 20
        finally:
            tracemalloc.stop()


def test_an_rle_bomb_stops_at_the_size_of_the_film(tmp_path: Path) -> None:
    segment = b"\x81\x00" * (4 << 20)  # 128 bytes for each two: half a gigabyte
    data = struct.pack("<16L", 1, 64, *[0] * 14) + segment
    path = write(tmp_path, film_bytes(dataset_of(ramp(8)), data, RLE))
    tracemalloc.start()
    try:
        assert "damaged" in sentence(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "header",
    [
        (2, 64),  # one segment too many
        (1, 9999),  # behind the end
        (1, 3),  # inside the header
        (0, 64),
        (99, 64),
    ],
)
def test_rle_headers_that_lie(header: tuple[int, int], tmp_path: Path) -> None:
    pixels = ramp(8)
    whole = LOSSLESS["rle"][1](pixels, 8)
    data = struct.pack("<16L", *header, *[0] * 14) + whole[64:]
    assert "damaged" in sentence(write(tmp_path, film_bytes(dataset_of(pixels), data, RLE)))


def test_a_codestream_hidden_in_another_box_is_not_believed(tmp_path: Path) -> None:
    pixels, other = ramp(8), ramp(8, 300, 200)
    true = LOSSLESS["jpeg 2000 in jp2"][1](other, 8)
    false = LOSSLESS["jpeg 2000"][1](pixels, 8)
    decoy = struct.pack(">L4s", len(false) + 8, b"xml ") + false
    signature = int.from_bytes(true[:4], "big")
    data = true[:signature] + decoy + true[signature:]
    text = sentence(write(tmp_path, film_bytes(dataset_of(pixels), data, J2K)))
    assert "300 x 200" in text


def test_a_tiff_that_claims_too_much_of_a_pixel(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, ramp(8), photometric="minisblack", byteorder="<")
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<HHL", 277, 3, 1)) + 8  # samples per pixel
    content[at : at + 2] = struct.pack("<H", 60000)
    path.write_bytes(bytes(content))
    assert "pixel depth" in sentence(path)


def test_sequences_nested_beyond_reason(tmp_path: Path) -> None:
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels), pixels.tobytes())
    at = content.index(struct.pack("<HH", 0x0028, 0x0010))
    head = b"\x28\x00\x00\x30SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    for depth in (5000, 50000):
        sentence(write(tmp_path, content[:at] + head * depth + content[at:]))


def test_mutants_of_every_encoding_end_well() -> None:
    names = tuple(seeds())
    each = -(-2000 // len(names))
    results = list(fuzz(names, count=each, seed=1))
    bad = {found.name: found.bad for found in results if found.bad}
    assert not bad
    counts = sum((found.counts for found in results), Counter())
    assert counts.total() >= 2000
    assert set(counts) == {"decoded", "refused"}
    # neither all harmless nor all refused at the first byte
    assert 0.15 < counts["decoded"] / counts.total() < 0.85


def test_the_sound_films_of_the_fuzz_decode(tmp_path: Path) -> None:
    for name, film in seeds().items():
        content = film.content if film.wrap is None else film.wrap(film.content)
        assert open_one(write(tmp_path, content), film.frame) == "decoded", name


def test_a_png_that_claims_more_than_it_can_hold_is_refused_before_decoding(tmp_path):
    header = b"IHDR" + struct.pack(">LLBBBBB", 14000, 14000, 16, 6, 0, 0, 0)
    chunk = struct.pack(">L", 13) + header + struct.pack(">L", zlib.crc32(header))
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0" * 5000)
    with pytest.raises(UnreadableFilm, match="truncated"):
        open_film(path)
