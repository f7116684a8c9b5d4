"""What is drawn: plain values in screen pixels (x to the right, y down), painted elsewhere.

A panel is a function from what is known to marks; it is painted again only where they changed,
and a test reads them without a picture. Sizes of letters and widths of lines are in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from balance.radiograph import FloatArray

Place = tuple[float, float]
Align = Literal["left", "center", "right"]
Dash = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the window in device pixels, y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> Place:
        """Its middle."""
        return (self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0

    def holds(self, place: Place) -> bool:
        """Whether a place lies in it."""
        return self.left <= place[0] < self.right and self.top <= place[1] < self.bottom

    def meets(self, other: Area) -> bool:
        """Whether it shares room with another."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def shared(self, other: Area) -> Area | None:
        """The room it shares with another; None where there is none."""
        if not self.meets(other):
            return None
        return Area(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def grown(self, by: float) -> Area:
        """The same with a margin."""
        return Area(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle; ``opacity`` below 1 lets through what lies behind."""

    area: Area
    colour: str
    opacity: float = 1.0
    gid: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``y`` is the baseline. ``halo`` edges it for reading on a film."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    weight: str = "normal"
    align: Align = "left"
    halo: bool = False
    gid: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Polygons or open lines of one style; ``cased`` gives the lines a dark edge."""

    lines: tuple[tuple[Place, ...], ...]
    edge: str = ""
    face: str = ""
    width: float = 1.0
    dash: Dash = ()
    closed: bool = False
    cased: bool = False
    gid: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Circles of one style, radius in points; hollow without a ``face``."""

    places: tuple[Place, ...]
    radius: float
    edge: str = ""
    face: str = ""
    width: float = 1.0
    cased: bool = False
    gid: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """A grey picture (rows, columns; uint8) with its upper left corner at a whole screen pixel."""

    left: int
    top: int
    grey: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Clipped:
    """Marks that are cut at the edge of an area."""

    area: Area
    marks: tuple[Mark, ...]


Mark = Fill | Text | Shape | Dots | Pixels | Clipped


def places(screen: FloatArray | Sequence[Any]) -> tuple[Place, ...]:
    """An array (n, 2) as plain places."""
    return tuple((float(x), float(y)) for x, y in screen)


def rectangle(area: Area, **style: Any) -> Shape:
    """The outline of an area."""
    corners = (
        (area.left, area.top),
        (area.right, area.top),
        (area.right, area.bottom),
        (area.left, area.bottom),
    )
    return Shape((corners,), closed=True, **style)
