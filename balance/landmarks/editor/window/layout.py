"""Where the parts of the window lie."""

from __future__ import annotations

from dataclasses import dataclass

from balance.landmarks.editor.window.marks import Area
from balance.landmarks.editor.window.theme import PANEL_WIDTH, STATUS_HEIGHT

_LEAST = (480.0, 300.0)
"""Points: the smallest window that is laid out."""
_MOST_OF_WIDTH = 0.42
"""Of the window: what the panel takes at most."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The film, the panel on its right, the status line below; ``unit`` is pixels in a point."""

    film: Area
    panel: Area
    status: Area
    unit: float


def layout_of(width: int, height: int, unit: float) -> Layout:
    """The layout of a window of this size in device pixels."""
    # A smaller window shows a part of this one.
    width, height = max(width, round(_LEAST[0] * unit)), max(height, round(_LEAST[1] * unit))
    panel = round(min(PANEL_WIDTH * unit, _MOST_OF_WIDTH * width))
    status = round(min(STATUS_HEIGHT * unit, height / 4))
    right, bottom = max(width - panel, 1), max(height - status, 1)
    return Layout(
        Area(0, 0, right, bottom),
        Area(right, 0, width, bottom),
        Area(0, bottom, width, height),
        unit,
    )
