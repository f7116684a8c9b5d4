"""AASCE 2019 / BoostNet: corner files of frontal films, read only.

``landmarks.csv`` holds one row of 136 numbers for each film: 68 x, each divided by the width of
the film, then 68 y, each divided by its height. Four corners follow each other for each of 17
vertebrae, T1 to L5: upper left, upper right, lower left, lower right, as the film is seen.
``filenames.csv`` names the film of each row. Multiplied out the numbers are whole pixels, so they
are taken for 0-indexed pixel centres; whether the data set counts from 0 or 1 is not published.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any

from balance.anatomy import LUMBAR, THORACIC, Endplate, corner_name
from balance.errors import BadLandmarks
from balance.exchange.content import load_text
from balance.exchange.draft import Draft, Given, assemble
from balance.film import read_header
from balance.radiograph import ImageSide

LANDMARKS, FILENAMES = "landmarks.csv", "filenames.csv"
LEVELS = (*THORACIC[:12], *LUMBAR[:5])
CORNERS: tuple[tuple[Endplate, ImageSide], ...] = (
    ("superior", "left"),
    ("superior", "right"),
    ("inferior", "left"),
    ("inferior", "right"),
)
"""The order of a vertebra's corners; left and right are those of the image."""

STANDARD_DISPLAY: ImageSide = "left"
"""The films show the patient as if facing the reader: the patient's right on the image's left."""

_COUNT = len(LEVELS) * len(CORNERS)
_FRACTION = (-0.5, 1.5)
_DECIMALS = 3


def read_aasce(source: Path, given: Given) -> Iterator[Draft]:
    """The frontal documents of a folder with both files, one for each film.

    Parameters
    ----------
    source
        The folder, or the ``landmarks.csv`` in it.
    given
        ``images``: where the films lie, by default the same folder. ``side``: the image side of
        the patient's right, by default ``left``.

    Raises
    ------
    BadLandmarks
        A file is missing, or the two do not belong together.
    """
    table = source / LANDMARKS if source.is_dir() else source
    names = [row[0].strip() for row in _table(table.with_name(FILENAMES)) if row and row[0].strip()]
    rows = [row for row in _table(table) if row]
    if len(names) != len(rows):
        raise BadLandmarks(
            f"{LANDMARKS} has {len(rows)} rows, {FILENAMES} names {len(names)} films; "
            "take both files from one folder of the data set"
        )
    images = given.images or table.parent
    for name, row in zip(names, rows, strict=True):
        # only the last part: a table must not reach into other folders
        film = images / PureWindowsPath(name).name
        yield Draft(film.stem, str(film), partial(_document, film, row, given))


def aasce_points(
    fractions: Sequence[float], *, rows: int, columns: int, patient_right: ImageSide
) -> dict[str, dict[str, Any]]:
    """The corners of one film as points of a frontal document.

    Parameters
    ----------
    fractions
        68 x, then 68 y, in parts of the film's width and height.
    rows, columns
        Size of the film.
    patient_right
        The image side of the patient's right.

    Returns
    -------
    dict
        Name to point, in pixels.

    Examples
    --------
    >>> fractions = [0.25] * 68 + [0.5] * 68
    >>> points = aasce_points(fractions, rows=2000, columns=800, patient_right="left")
    >>> next(iter(points.items()))
    ('T1_superior_right', {'x': 200.0, 'y': 1000.0})
    """
    xs = [round(value * columns, _DECIMALS) for value in fractions[:_COUNT]]
    ys = [round(value * rows, _DECIMALS) for value in fractions[_COUNT:]]
    names = [
        corner_name(level, endplate, "right" if side == patient_right else "left")
        for level in LEVELS
        for endplate, side in CORNERS
    ]
    return {name: {"x": x, "y": y} for name, x, y in zip(names, xs, ys, strict=True)}


def _table(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(load_text(path).splitlines(), strict=True))
    except BadLandmarks as error:
        raise BadLandmarks(f"{path.name}: {error}") from None
    except csv.Error as error:
        raise BadLandmarks(f"{path.name}: {error}; fetch it again") from None


def _document(film: Path, row: Sequence[str], given: Given) -> dict[str, Any]:
    fractions = _fractions(row)
    header = read_header(film)
    side = given.side or STANDARD_DISPLAY
    said = {
        "view": "frontal",
        "patient_right": side,
        "image": {"file": film.name, "rows": header.rows, "columns": header.columns},
    }
    _refuse_odd_order(fractions[_COUNT:])
    points = aasce_points(fractions, rows=header.rows, columns=header.columns, patient_right=side)
    return assemble(said, points, given=given)


def _fractions(row: Sequence[str]) -> list[float]:
    if len(row) != 2 * _COUNT:
        raise BadLandmarks(
            f"its row has {len(row)} numbers instead of {2 * _COUNT}; fetch {LANDMARKS} again"
        )
    try:
        fractions = [float(cell) for cell in row]
    except ValueError:
        fractions = [math.nan]
    if not all(_FRACTION[0] <= value <= _FRACTION[1] for value in fractions):
        raise BadLandmarks(
            "its row holds something else than parts of the film's width and height; fetch "
            f"{LANDMARKS} again"
        )
    return fractions


def _refuse_odd_order(ys: Sequence[float]) -> None:
    """The rows give no levels, only an order: on a frontal film each next vertebra lies lower."""
    size = len(CORNERS)
    heights = [sum(ys[start : start + size]) for start in range(0, _COUNT, size)]
    for place in range(1, len(LEVELS)):
        if heights[place] <= heights[place - 1]:
            raise BadLandmarks(
                f"wrong label order: vertebra {place + 1} of {len(LEVELS)}, {LEVELS[place]}, does "
                f"not lie below {LEVELS[place - 1]}; correct the row or leave the film out"
            )
