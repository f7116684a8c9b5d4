"""The line below the film: scale and its plane, vertical, zoom, whether the work is saved."""

from __future__ import annotations

from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.marks import Area, Fill, Mark, Shape, Text
from balance.landmarks.editor.window.theme import CAUTION, INK, PANEL, QUIET, RULE, SMALL
from balance.landmarks.editor.window.viewport import Viewport
from balance.report.lettering import text_width
from balance.report.wording import scale_words

_GAP = 22.0


def status_line(
    state: State,
    view: Viewport,
    area: Area,
    unit: float,
    *,
    saved: str,
    unsaved: bool,
    place: str = "",
) -> tuple[Mark, ...]:
    """The marks of the line; ``saved`` says where the work is, ``place`` which film of how many."""
    scale = state.landmarks.scale
    vertical = "image columns" if state.landmarks.vertical is None else "plumb line"
    parts = [
        (place, INK),
        (_scale(state), INK if scale.grades_lengths else CAUTION),
        (f"vertical: {vertical}", QUIET),
        (f"zoom {100.0 * view.zoom:.0f} %", QUIET),
    ]
    if view.mirrored:
        parts.append(("mirrored view", CAUTION))
    baseline = area.top + 0.66 * area.height
    marks: list[Mark] = [
        Fill(area, PANEL),
        Fill(Area(area.left, area.top, area.right, area.top + 1), RULE),
    ]
    right = area.right - 12.0 * unit
    width = text_width(saved, SMALL) * unit
    x = area.left + 12.0 * unit
    for words, colour in parts:
        needed = text_width(words, SMALL) * unit
        if words and x + needed < right - width - _GAP * unit:
            marks.append(Text(x, baseline, words, SMALL, colour, gid="status"))
            x += needed + _GAP * unit
    marks.append(Text(right, baseline, saved, SMALL, CAUTION if unsaved else QUIET, align="right"))
    if unsaved:
        y, left = area.centre[1], right - width - 9.0 * unit
        half = 3.0 * unit
        dot = ((left - half, y), (left, y - half), (left + half, y), (left, y + half))
        marks.append(Shape((dot,), face=CAUTION, edge=CAUTION, width=0.5, closed=True))
    return tuple(marks)


def _scale(state: State) -> str:
    scale = state.landmarks.scale
    return scale_words(scale).replace("user fiducial", "calibrated by hand")
