"""Laying out a column of text and buttons from the top down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from balance.landmarks.editor.events import Event
from balance.landmarks.editor.plan_events import PlanEvent
from balance.landmarks.editor.window.marks import Align, Area, Fill, Mark, Shape, Text, rectangle
from balance.landmarks.editor.window.theme import (
    ASKED,
    INK,
    ON_ASKED,
    QUIET,
    RAISED,
    RULE,
    SMALL,
    USUAL,
)
from balance.report.lettering import broken, printable, text_width

LEADING = 1.4
CHIP_HEIGHT, CHIP_PAD, CHIP_GAP = 17.0, 7.0, 5.0


@dataclass(frozen=True, slots=True)
class Command:
    """Something the window does itself, by the name that the key catalogue uses."""

    name: str
    value: object = None


Action = Event | PlanEvent | Command


@dataclass(frozen=True, slots=True)
class Zone:
    """A place of the window that can be clicked."""

    area: Area
    action: Action


@dataclass(frozen=True, slots=True)
class Chip:
    """A small button; ``chosen`` is filled, ``leads`` stands out as what Enter does."""

    words: str
    action: Action
    chosen: bool = False
    leads: bool = False


@dataclass(slots=True)
class Flow:
    """A column that fills from the top: marks, what can be clicked, and the next free y.

    All sizes are points; ``unit`` is the number of device pixels in a point. ``pointer`` is where
    the mouse is, so that what can be clicked lights up under it.
    """

    area: Area
    unit: float
    pointer: tuple[float, float] | None = None
    marks: list[Mark] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    y: float = 0.0

    def __post_init__(self) -> None:
        self.y = self.area.top

    @property
    def room(self) -> float:
        """Points that are left below."""
        return (self.area.bottom - self.y) / self.unit

    @property
    def width(self) -> float:
        """Points from left to right."""
        return self.area.width / self.unit

    def skip(self, points: float) -> None:
        """Leave room."""
        self.y += points * self.unit

    def write(
        self,
        words: str,
        size: float = USUAL,
        colour: str = INK,
        weight: str = "normal",
        *,
        indent: float = 0.0,
        align: Align = "left",
        at: float | None = None,
        gid: str = "",
    ) -> None:
        """Text whose baseline is the flow's y; ``at`` is a distance from the left in points."""
        x = self.area.left + (indent if at is None else at) * self.unit
        if at is None and align == "right":
            x = self.area.right
        self.marks.append(Text(x, self.y, printable(words), size, colour, weight, align, gid=gid))

    def line(self, words: str, size: float = USUAL, colour: str = INK, weight: str = "normal",
             **where: object) -> None:  # fmt: skip
        """One line of text, the flow then going on below it."""
        self.skip(size * LEADING)
        self.write(words, size, colour, weight, **where)  # type: ignore[arg-type]

    def paragraph(
        self,
        words: str,
        size: float = USUAL,
        colour: str = INK,
        weight: str = "normal",
        *,
        indent: float = 0.0,
        most: int | None = None,
        gid: str = "",
    ) -> None:
        """Text broken into lines; with ``most``, the last of them ends with an ellipsis."""
        for text in fitted_lines(words, self.width - indent, size, weight, most):
            self.line(text, size, colour, weight, indent=indent, gid=gid)

    def rule(self, above: float = 5.0, below: float = 3.0) -> None:
        """A thin line across."""
        self.skip(above)
        y = round(self.y)
        self.marks.append(Fill(Area(self.area.left, y, self.area.right, y + 1), RULE))
        self.skip(below)

    def chips(self, chips: Iterable[Chip], *, indent: float = 0.0, size: float = SMALL) -> None:
        """Buttons in a row, and in more rows where they need them."""
        left = self.area.left + indent * self.unit
        x, height, gap = left, CHIP_HEIGHT * self.unit, CHIP_GAP * self.unit
        self.skip(CHIP_GAP)
        for chip in chips:
            width = (text_width(chip.words, size) + 2 * CHIP_PAD) * self.unit
            if x + width > self.area.right and x > left:
                x = left
                self.y += height + gap
            self._chip(chip, Area(round(x), round(self.y), round(x + width),
                                  round(self.y + height)), size)  # fmt: skip
            x += width + gap
        self.y += height

    def button(self, area: Area, action: Action) -> bool:
        """Make an area clickable; whether the pointer is on it."""
        self.zones.append(Zone(area, action))
        return self.pointer is not None and area.holds(self.pointer)

    def _chip(self, chip: Chip, area: Area, size: float) -> None:
        lit = self.button(area, chip.action)
        ground = ASKED if chip.chosen else RAISED
        ink = ON_ASKED if chip.chosen else INK if lit or chip.leads else QUIET
        self.marks.append(Fill(area, ground))
        if (lit or chip.leads) and not chip.chosen:
            edge = ASKED if chip.leads else QUIET
            self.marks.append(rectangle(area.grown(-0.5), edge=edge, width=1.0))
        x, y = area.centre
        self.marks.append(
            Text(x, y + 0.36 * size * self.unit, chip.words, size, ink,
                 "bold" if chip.chosen else "normal", "center")
        )  # fmt: skip

    def tick(self, ticked: bool, centre: tuple[float, float], colour: str) -> None:
        """A tick-box."""
        x, y = centre
        half = 4.0 * self.unit
        box = Area(x - half, y - half, x + half, y + half)
        self.marks.append(rectangle(box, edge=colour, width=1.0))
        if ticked:
            hook = ((x - 0.55 * half, y), (x - 0.1 * half, y + 0.5 * half), (x + 0.6 * half,
                    y - 0.5 * half))  # fmt: skip
            self.marks.append(Shape((hook,), edge=colour, width=1.6))


def fitted_lines(
    words: str, width: float, size: float, weight: str = "normal", most: int | None = None
) -> Sequence[str]:
    """Words in lines of a width in points; too many lines end with an ellipsis."""
    lines = broken(printable(words), width, size, weight)
    if most is None or len(lines) <= most:
        return lines
    last = " ".join(lines[most - 1 :])
    return (*lines[: most - 1], shortened(last, width, size, weight))


def shortened(words: str, width: float, size: float, weight: str = "normal") -> str:
    """Words cut with an ellipsis so that they fit a width in points."""
    if text_width(words, size, weight) <= width:
        return words
    while words and text_width(words + "…", size, weight) > width:
        words = words[:-1]
    return words.rstrip() + "…"
