"""Values beside their lines on the film, where they cover neither a point nor each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from balance.landmarks.editor.constructions import Line
from balance.landmarks.editor.live import Live
from balance.landmarks.editor.window.look import Look
from balance.landmarks.editor.window.marks import Area, Dots, Mark, Place, Text
from balance.landmarks.editor.window.overlay import area_of, colour_of
from balance.landmarks.editor.window.theme import FILM_VALUE
from balance.radiograph import FloatArray
from balance.report.lettering import text_width, typeset
from balance.report.rows import UNCONFIRMED, Row

_AT: dict[str, float] = {"offset": 0.5, "pelvis": 0.62, "cobb": 1.0}
"""Where along its line the value of each kind stands."""
_TRIED = (6.0, 16.0, 30.0, 48.0, 70.0)
"""Distances from the line in points."""
_STEP, _MOST_BOXES = 7.0, 200
_WAYS = ((0.0, -1.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (0.8, -0.8), (-0.8, -0.8), (0.8, 0.8),
         (-0.8, 0.8))  # fmt: skip


def value_labels(
    live: Live, lines: Sequence[Line], drawn: Sequence[Mark], look: Look, unit: float
) -> Iterator[Text]:
    """The values of the lines that are in view, each once.

    Parameters
    ----------
    drawn
        What lies on the film already: points and names are kept clear.
    """
    rows = {row.key: row for row in live.rows}
    taken = list(_taken(drawn, unit))
    covered = np.array([*_along(lines, look, unit), *((0.0,) * 4,)]).reshape(-1, 4)
    named: set[str] = set()
    for line in lines:
        row = rows.get(line.key)
        if row is None or not row.value or line.key in named or line.kind not in _AT:
            continue
        place = _anchor(line, look)
        if not look.view.area.grown(-4.0 * unit).holds(place):
            continue
        words = _words(row)
        found = _free(words, place, look.view.area, taken, covered, unit)
        if found is not None:
            named.add(line.key)
            taken.append(found)
            x, _ = found.centre
            y = found.bottom - 0.28 * FILM_VALUE * unit
            yield Text(x, y, words, FILM_VALUE, colour_of(line), "bold", "center", halo=True,
                       gid=f"value.{line.key}")  # fmt: skip


def _words(row: Row) -> str:
    name, value = row.label.split()[0], f"{row.film} {row.unit}"
    if row.key == "C7_CSVL":
        side = "" if row.film == "0" else " left" if row.film.startswith("-") else " right"
        value = value.removeprefix("-") + side
    star = "" if row.confirmed else f" {UNCONFIRMED}"
    return typeset(f"{name} {value}") + star


def _anchor(line: Line, look: Look) -> Place:
    ends = look.view.to_screen(line.pixels)
    x, y = ends[0] + (ends[-1] - ends[0]) * _AT[line.kind]
    return float(x), float(y)


def _taken(drawn: Iterable[Mark], unit: float) -> Iterator[Area]:
    for mark in drawn:
        if isinstance(mark, Text):
            yield area_of(mark, unit)
        elif isinstance(mark, Dots):
            reach = (mark.radius + 1.0) * unit
            for x, y in mark.places:
                yield Area(x, y, x, y).grown(reach)


def _along(lines: Iterable[Line], look: Look, unit: float) -> Iterator[tuple[float, ...]]:
    """Small boxes along the lines, which labels should not cover."""
    step, half = _STEP * unit, 2.0 * unit
    for line in lines:
        if line.kind in _AT:
            first, last = look.view.to_screen(line.pixels[[0, -1]])
            count = min(int(np.hypot(*(last - first)) / step) + 2, _MOST_BOXES)
            for x, y in first + np.linspace(0.0, 1.0, count)[:, None] * (last - first):
                yield x - half, y - half, x + half, y + half


def _free(
    words: str,
    place: Place,
    within: Area,
    taken: Sequence[Area],
    covered: FloatArray,
    unit: float,
) -> Area | None:
    """The nearest room for a label around a place, off the lines where there is any."""
    width = (1.06 * text_width(words, FILM_VALUE, "bold") + 4.0) * unit
    height = 1.25 * FILM_VALUE * unit
    inside = within.grown(-3.0 * unit)
    second: Area | None = None
    for away in _TRIED:
        for way in _WAYS:
            reach = np.array([width / 2 if way[0] else 0.0, height / 2 if way[1] else 0.0])
            x, y = np.asarray(place) + np.sign(way) * reach + np.asarray(way) * away * unit
            area = Area(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            if area.shared(inside) != area or any(area.meets(other) for other in taken):
                continue
            second = second or area
            left, top, right, bottom = covered.T
            across = (left < area.right) & (right > area.left)
            if not (across & (top < area.bottom) & (bottom > area.top)).any():
                return area
    return second
