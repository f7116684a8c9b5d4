"""Opening a 3000 x 9000 16-bit film of each encoding, against the bare decode by its codec."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import jpeg_ls
import numpy as np
import openjpeg
from pydicom import dcmread
from pydicom.encaps import generate_frames

from balance.film import open_film
from benchmarks.films import ENCODINGS, write_film
from benchmarks.timing import Row, timed_pair

ROWS, COLUMNS = 9000, 3000
GOAL = "<= 1.25 x"


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that opening a film of an encoding takes."""

    name: str
    decode: Callable[[Path], Any]


def rows() -> Iterator[Row]:
    """The benchmark rows of opening films."""
    with tempfile.TemporaryDirectory() as folder:
        for encoding in ENCODINGS:
            path = Path(folder) / f"{encoding}.dcm"
            write_film(path, film_pixels(), encoding)
            floor = FLOORS[encoding]
            rounds = 3 if encoding.startswith("JPEG") else 5
            seconds, least = timed_pair(
                lambda path=path: open_film(path),
                lambda path=path, floor=floor: floor.decode(path),
                rounds=rounds,
            )
            yield Row(
                f"open a {COLUMNS} x {ROWS} 16-bit film, {encoding}",
                seconds,
                GOAL,
                floor.name,
                least,
            )
            path.unlink()


def film_pixels() -> np.ndarray:
    """Smooth ramps of 12 bits with a little noise, so that they compress as a film does."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    shape = 1800 + 900 * np.sin(y / 700) + 700 * np.cos(x / 400)
    noise = np.random.default_rng(0).normal(0, 12, (ROWS, COLUMNS)).astype(np.float32)
    return np.clip(shape + noise, 0, 4095).astype(np.uint16)


def _native(path: Path) -> np.ndarray:
    content = path.read_bytes()
    size = ROWS * COLUMNS * 2
    return np.frombuffer(content[-size:], np.uint16).reshape(ROWS, COLUMNS).copy()


def _frame(path: Path) -> bytes:
    return next(generate_frames(dcmread(path).PixelData, number_of_frames=1))


def _rle(path: Path) -> np.ndarray:
    frame = _frame(path)
    first, second = struct.unpack("<2L", frame[4:12])
    high = imagecodecs.packbits_decode(frame[first:second])
    low = imagecodecs.packbits_decode(frame[second:])
    planes = [np.frombuffer(plane, np.uint8, ROWS * COLUMNS) for plane in (low, high)]
    return np.stack(planes, axis=-1).view(np.uint16).reshape(ROWS, COLUMNS)


FLOORS: dict[str, Floor] = {
    "native": Floor("read and one copy", _native),
    "RLE": Floor("imagecodecs", _rle),
    "JPEG lossless": Floor("imagecodecs", lambda path: imagecodecs.ljpeg_decode(_frame(path))),
    "JPEG-LS": Floor("pyjpegls", lambda path: jpeg_ls.decode_buffer(_frame(path))),
    "JPEG 2000": Floor("openjpeg", lambda path: openjpeg.decode(_frame(path))),
}
