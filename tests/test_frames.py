"""Files of several frames: refused with the way out, read by choice, exactly."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from film_writer import BIG, EXPLICIT, LOSSLESS, NATIVE, dataset_of, film_bytes, native, ramp, write

from balance.errors import UnreadableFilm
from balance.film import open_film, read_header
from balance.inspection import inspect_films, inspection_lines

FRAMES = np.stack([ramp(12), 4095 - ramp(12), ramp(12) // 2])


def several(name: str, frames: np.ndarray = FRAMES, bits: int = 12) -> bytes:
    syntax, encode = LOSSLESS[name]
    dataset = dataset_of(frames[0], bits=bits, NumberOfFrames=len(frames))
    if syntax in NATIVE:
        return film_bytes(dataset, encode(frames, bits), syntax)
    return film_bytes(dataset, [encode(frame, bits) for frame in frames], syntax)


@pytest.mark.parametrize("name", LOSSLESS)
def test_each_frame_in_every_encoding(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, several(name))
    for number, pixels in enumerate(FRAMES, start=1):
        film = open_film(path, frame=number)
        np.testing.assert_array_equal(film.pixels, pixels)
        assert film.frame == read_header(path, frame=number).frame == number


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG])
def test_frames_of_an_odd_number_of_bytes(syntax: str, tmp_path: Path) -> None:
    frames = np.stack([ramp(8, 3, 5), 255 - ramp(8, 3, 5)])
    path = write(tmp_path, several("explicit" if syntax == EXPLICIT else "big endian", frames, 8))
    np.testing.assert_array_equal(open_film(path, frame=2).pixels, frames[1])


@pytest.mark.parametrize("read", [open_film, read_header])
def test_without_a_choice_the_sentence_says_how_to_choose(read, tmp_path: Path) -> None:
    path = write(tmp_path, several("explicit"))
    with pytest.raises(UnreadableFilm, match=re.escape("holds 3 frames; choose one of them")):
        read(path)
    for wrong in (0, -1, 4):
        with pytest.raises(UnreadableFilm, match=f"frames 1 to 3; there is no frame {wrong}"):
            read(path, frame=wrong)


@pytest.mark.parametrize("frames", [None, 0, 1])
def test_a_file_of_one_frame(frames: int | None, tmp_path: Path) -> None:
    more = {} if frames is None else {"NumberOfFrames": frames}
    path = native(tmp_path, ramp(8), **more)
    assert open_film(path).frame is None
    assert open_film(path, frame=1).frame is None
    with pytest.raises(UnreadableFilm, match="only one frame; there is no frame 2"):
        open_film(path, frame=2)


def test_fewer_frames_than_the_header_counts(tmp_path: Path) -> None:
    path = native(tmp_path, FRAMES[0], bits=12, NumberOfFrames=2)
    with pytest.raises(UnreadableFilm, match="fewer pixels"):
        open_film(path, frame=1)
    syntax, encode = LOSSLESS["jpeg-ls by imagecodecs"]
    dataset = dataset_of(FRAMES[0], bits=12, NumberOfFrames=3)
    path = write(tmp_path, film_bytes(dataset, [encode(FRAMES[0], 12)] * 2, syntax))
    with pytest.raises(UnreadableFilm):
        open_film(path, frame=3)


def test_pages_of_a_tiff(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    tifffile.imwrite(path, FRAMES, photometric="minisblack")
    np.testing.assert_array_equal(open_film(path, frame=2).pixels, FRAMES[1])
    assert open_film(path, frame=2).warnings == ()
    assert read_header(path, frame=3).rows == 37
    with pytest.raises(UnreadableFilm, match="frames 1 to 3"):
        open_film(path, frame=4)


def test_inspection_names_the_frame(tmp_path: Path) -> None:
    path = write(tmp_path, several("explicit"))
    document = inspect_films([path], frame=2)
    assert document["films"][0]["frame"] == 2
    assert inspection_lines(document)[0] == f"{path}, frame 2"
    assert "3 frames" in inspect_films([path])["failures"][0]["error"]
