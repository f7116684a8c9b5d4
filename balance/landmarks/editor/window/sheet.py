"""A part of the window that knows what it shows: only what changed is painted and sent again.

Sending pixels to the screen is the dearest part of a frame, more so with Tk than with Qt, so a
frame is compared with the last one mark by mark, and areas without a change are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor

from balance.landmarks.editor.window.marks import (
    Area,
    Clipped,
    Dots,
    Fill,
    Mark,
    Pixels,
    Shape,
    Text,
)
from balance.landmarks.editor.window.paint import ROOMY, Painter
from balance.report.lettering import text_width

_MOST_AREAS = 12
_EDGE = 3.0
"""Points around a line or letter for its dark edge and for smoothing."""


class Sheet:
    """The marks of one area of the window; the first of them covers it all."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self._marks: tuple[Mark, ...] = ()
        self._bounds: dict[Mark, Area] = {}

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is shown, in the order of painting."""
        return self._marks

    def show(self, marks: Sequence[Mark], painter: Painter) -> list[Area]:
        """Show other marks; returns the areas whose pixels may have changed."""
        before, unit = self._bounds, painter.unit
        now = {mark: before.get(mark) or _bounds(mark, unit) for mark in marks}
        changed = [area for mark, area in before.items() if mark not in now]
        changed += [area for mark, area in now.items() if mark not in before]
        self._marks, self._bounds = tuple(marks), now
        dirty = [found for area in _merged(changed) if (found := area.shared(self.area))]
        for area in dirty:
            painter.paint((mark for mark in marks if now[mark].meets(area)), area)
        return dirty

    def paint(self, painter: Painter) -> None:
        """Paint everything, as after a change of the window's size."""
        painter.paint(self._marks, self.area)


def _bounds(mark: Mark, unit: float) -> Area:
    """A whole-pixel area that holds a mark."""
    if isinstance(mark, Fill | Clipped):
        return mark.area
    if isinstance(mark, Pixels):
        rows, columns = mark.grey.shape
        return Area(mark.left, mark.top, mark.left + columns, mark.top + rows)
    if isinstance(mark, Text):
        # Letters on the pixel grid are wider than their outlines.
        width = ROOMY * text_width(mark.text, mark.size, mark.weight) * unit
        left = mark.x - {"left": 0.0, "center": width / 2.0, "right": width}[mark.align]
        size = mark.size * unit
        area = Area(left, mark.y - 1.1 * size, left + width, mark.y + 0.35 * size)
        return _whole(area.grown(_EDGE * unit))
    lines = (mark.places,) if isinstance(mark, Dots) else mark.lines
    x = [place[0] for line in lines for place in line]
    y = [place[1] for line in lines for place in line]
    if not x:
        return Area(0.0, 0.0, 0.0, 0.0)
    reach = mark.width + _EDGE + (mark.radius if isinstance(mark, Dots) else 0.0)
    if isinstance(mark, Shape) and mark.closed:
        reach += mark.width
    return _whole(Area(min(x), min(y), max(x), max(y)).grown(reach * unit))


def _whole(area: Area) -> Area:
    return Area(floor(area.left), floor(area.top), ceil(area.right), ceil(area.bottom))


def _merged(areas: Iterable[Area]) -> list[Area]:
    """Areas that do not meet, and not many: those that do are joined."""
    apart: list[Area] = []
    for area in areas:
        joined = area
        while meeting := [other for other in apart if other.meets(joined)]:
            apart = [other for other in apart if other not in meeting]
            joined = _around([joined, *meeting])
        apart.append(joined)
    return apart if len(apart) <= _MOST_AREAS else [_around(apart)]


def _around(areas: Sequence[Area]) -> Area:
    return Area(
        min(area.left for area in areas),
        min(area.top for area in areas),
        max(area.right for area in areas),
        max(area.bottom for area in areas),
    )
