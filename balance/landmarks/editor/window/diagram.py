"""The small drawing of the spine: what is asked, what is done, what is still open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from balance.anatomy import LEVELS, OTHER_SACRUM, SACRUM, level_of, parse_corner
from balance.landmarks.editor.window.marks import Area, Dots, Fill, Mark, Place, Shape, Text
from balance.landmarks.editor.window.schematic import (
    HEAD_RADIUS,
    HEIGHT,
    WIDTH,
    bodies,
    heads,
    place_of,
    sacrum,
)
from balance.landmarks.editor.window.theme import (
    ASKED,
    DONE,
    OPEN_SHAPE,
    PANEL,
    QUIET,
    RAISED,
    SMALL,
    TINY,
)
from balance.radiograph import View

NAMED = ("C2", "C7", "T4", "T8", "L1", "L5")
_DETAIL_SHARE = 0.2
"""Of the drawing's height: what the enlarged part shows around the asked point."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What the drawing shows: the view, how it is turned, the point asked, the state of others.

    ``positive_right`` says that the plane's x grows to the right of the screen. ``states`` holds
    ``done``, ``proposed`` or ``skipped`` by point name.
    """

    view: View
    positive_right: bool
    asked: str | None
    states: Mapping[str, str]


def whole_spine(anatomy: Anatomy, area: Area, unit: float) -> tuple[Mark, ...]:
    """The spine from C2 to the hips, with every point that is there."""
    at = _fitting(anatomy, area)
    marks = [*_bones(anatomy, at, width=0.9), *_points(anatomy, at, 1.5)]
    named = [body.level for body in bodies(anatomy.view) if body.level in NAMED]
    asked = _asked_level(anatomy)
    if asked in {body.level for body in bodies(anatomy.view)}:
        named = [str(asked), *(level for level in named if level != asked)]
    shown: list[Text] = []
    for name in (_level_name(anatomy, level, at, unit) for level in named):
        # A low drawing has room for some of the names only.
        if all(abs(name.y - other.y) > 1.4 * TINY * unit for other in shown):
            shown.append(name)
    marks += shown
    return (*marks, *_asked(anatomy, at, 3.6))


def detail(anatomy: Anatomy, area: Area, unit: float) -> tuple[Mark, ...]:
    """The neighbourhood of the asked point, enlarged; nothing where it is not on the drawing."""
    centre = None if anatomy.asked is None else place_of(anatomy.asked, anatomy.view)
    if centre is None:
        return ()
    level = level_of(anatomy.asked or "")
    if level is not None:
        centre = _middle(level, anatomy.view) or centre
    scale = area.height / (_DETAIL_SHARE * HEIGHT)
    at = _placing(anatomy, area.centre, centre, scale)
    marks: list[Mark] = [Fill(area, RAISED), *_bones(anatomy, at, width=1.4)]
    marks += _points(anatomy, at, 2.6)
    marks += _asked(anatomy, at, 5.5)
    if level is not None:
        name = "S1" if level == OTHER_SACRUM else level
        x, y = area.left + 6 * unit, area.top + 13 * unit
        marks.append(Text(x, y, name, SMALL + 1.0, ASKED, "bold"))
    return tuple(marks)


_Placing = Callable[[Place], Place]


def _fitting(anatomy: Anatomy, area: Area) -> _Placing:
    scale = min(area.height / HEIGHT, area.width / WIDTH[anatomy.view])
    middle = (WIDTH[anatomy.view] / 2.0, HEIGHT / 2.0)
    return _placing(anatomy, area.centre, middle, scale)


def _placing(anatomy: Anatomy, screen: Place, middle: Place, scale: float) -> _Placing:
    turn = 1.0 if anatomy.positive_right else -1.0

    def at(place: Place) -> Place:
        x = screen[0] + turn * (place[0] - middle[0]) * scale
        return x, screen[1] + (place[1] - middle[1]) * scale

    return at


def _bones(anatomy: Anatomy, at: _Placing, *, width: float) -> list[Mark]:
    view = anatomy.view
    asked = _asked_level(anatomy)
    marks: list[Mark] = []
    for highlighted in (False, True):
        outlines: list[tuple[Place, ...]] = []
        for body in bodies(view):
            if (body.level == asked) is highlighted:
                a, b, c, d = (at(corner) for corner in body.corners)
                outlines.append((a, b, d, c))
        if (asked == SACRUM) is highlighted:
            outlines.append(tuple(at(place) for place in sacrum(view)))
        edge = ASKED if highlighted else OPEN_SHAPE
        face = RAISED if highlighted else PANEL
        thick = width * (1.3 if highlighted else 1.0)
        marks.append(Shape(tuple(outlines), edge=edge, face=face, width=thick, closed=True))
    for number, head in enumerate(heads(view)):
        names = _head_names(view)
        edge = ASKED if anatomy.asked == names[number] else OPEN_SHAPE
        marks.append(Shape((_circle(head, at),), edge=edge, width=width, closed=True))
    return marks


def _points(anatomy: Anatomy, at: _Placing, radius: float) -> list[Mark]:
    drawn: dict[str, list[Place]] = {"done": [], "proposed": []}
    for name, state in anatomy.states.items():
        place = place_of(name, anatomy.view)
        if place is not None and state in drawn:
            drawn[state].append(at(place))
    return [
        Dots(tuple(drawn["done"]), radius, face=DONE, width=0.0),
        Dots(tuple(drawn["proposed"]), radius, edge=DONE, width=0.8),
    ]


def _asked(anatomy: Anatomy, at: _Placing, radius: float) -> list[Mark]:
    place = None if anatomy.asked is None else place_of(anatomy.asked, anatomy.view)
    if place is None:
        return []
    return [
        Dots((at(place),), radius, edge=ASKED, width=1.4, gid="asked"),
        Dots((at(place),), 0.38 * radius, face=ASKED, width=0.0),
    ]


def _asked_level(anatomy: Anatomy) -> str | None:
    level = level_of(anatomy.asked or "")
    corner = parse_corner(anatomy.asked or "")
    if level is None and corner is not None:
        level = corner.level
    shown = {OTHER_SACRUM: SACRUM, "T13": "T12", "L6": "L5"}.get(level or "", level)
    return shown if shown in LEVELS else None


def _level_name(anatomy: Anatomy, level: str, at: _Placing, unit: float) -> Text:
    """Behind the spine; on a frontal film on the patient's left."""
    corners = next(body.corners for body in bodies(anatomy.view) if body.level == level)
    x, y = at(((corners[0][0] + corners[2][0]) / 2.0, (corners[0][1] + corners[2][1]) / 2.0))
    away = -1.0 if anatomy.positive_right else 1.0
    asked = level == _asked_level(anatomy)
    return Text(
        x + away * 7.0 * unit,
        y + 0.36 * TINY * unit,
        level,
        TINY,
        ASKED if asked else QUIET,
        "bold" if asked else "normal",
        "right" if away < 0 else "left",
    )


def _middle(level: str, view: View) -> Place | None:
    shown = {OTHER_SACRUM: SACRUM, "T13": "T12", "L6": "L5"}.get(level, level)
    if shown == SACRUM:
        (ax, ay), (bx, by) = sacrum(view)[:2]
        return (ax + bx) / 2.0, (ay + by) / 2.0
    for body in bodies(view):
        if body.level == shown:
            x, y = np.mean(body.corners, axis=0)
            return float(x), float(y)
    return None


def _head_names(view: View) -> tuple[str, str]:
    if view == "lateral":
        return "femoral_head_1", "femoral_head_2"
    return "femoral_head_left", "femoral_head_right"


def _circle(centre: Place, at: _Placing) -> tuple[Place, ...]:
    turns = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    x, y = centre
    return tuple(
        at((x + HEAD_RADIUS * float(np.cos(turn)), y + HEAD_RADIUS * float(np.sin(turn))))
        for turn in turns
    )
