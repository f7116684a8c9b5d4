"""What lies on the film: points, endplates, lines and angles, names, sides, the scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from balance.anatomy import body_names, level_of
from balance.landmarks.editor.constructions import Line
from balance.landmarks.editor.regions import plain_name
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.look import Look
from balance.landmarks.editor.window.marks import (
    Align,
    Area,
    Dash,
    Dots,
    Mark,
    Place,
    Shape,
    Text,
    places,
)
from balance.landmarks.editor.window.theme import ASKED, CAUTION, FILM_NAME, FILM_SIDE, SMALL
from balance.landmarks.model import Landmark, Landmarks
from balance.report.lettering import text_width
from balance.report.palette import BONE, CURVES, LEVEL, MARK, PELVIS, PLUMB, POINT, SAGITTAL_CURVE

POINT_RADIUS, SMALL_RADIUS, SELECTED_RADIUS = 2.6, 1.6, 6.5
"""Points are drawn smaller where the whole film is seen and they lie close together."""
_DASH: Dash = (4.0, 3.0)
_BAR_MM = 50.0
_CIRCLE = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)


Places = Mapping[str, Place]
"""Where each point is on the screen."""


def film_marks(
    state: State, look: Look, lines: Sequence[Mark], unit: float, *, points: bool = True
) -> Iterator[Mark]:
    """Everything on the film, from the back to the front; ``lines`` are `line_marks`.

    Without ``points``, as where none can be moved, there are bones and lines alone.
    """
    marks, at = state.landmarks, on_screen(state.landmarks, look)
    if look.lines:
        yield from _bones(marks, at)
        yield from lines
    yield from _heads(state, look)
    yield from _vertical(marks, look)
    if points:
        yield from _points(marks, look, at)
    yield from _selection(look, at)
    yield from _rim_clicks(state, look)
    yield from _tool(look)
    names = list(_point_name(marks, look, at, unit))
    if look.lines:
        yield from _level_names(marks, look, at, unit, names)
    yield from names
    yield from _side(state, look, unit)
    yield from _scale_bar(marks, look, unit)


def on_screen(marks: Landmarks, look: Look) -> dict[str, Place]:
    """Every point on the screen."""
    pixels = [(point.x, point.y) for point in marks.points.values()]
    shown = look.view.to_screen(np.array(pixels).reshape(-1, 2)).tolist()
    return {name: (x, y) for name, (x, y) in zip(marks.points, shown, strict=True)}


def _bones(marks: Landmarks, at: Places) -> Iterator[Mark]:
    """Outlines of whole bodies thinly, endplates as lines; dashed where a corner is unconfirmed."""
    points = marks.points
    for level in dict.fromkeys(filter(None, map(_level, points))):
        names = body_names(level, marks.view)
        if all(name in points for name in names):
            a, b, c, d = (at[name] for name in names)
            yield Shape(((a, c), (b, d)), edge=BONE, width=0.5)
        for ends in (names[:2], names[2:]):
            if all(name in points for name in ends):
                sure = all(points[name].confirmed for name in ends)
                line = tuple(at[name] for name in ends)
                yield Shape((line,), edge=BONE, width=1.1, dash=() if sure else _DASH, cased=True)


def line_marks(lines: Iterable[Line], look: Look) -> Iterator[Mark]:
    """The constructions in their colours."""
    for line in lines:
        # Endplates and heads follow the points at once; these lines follow the values.
        if line.kind in ("endplate", "head"):
            continue
        yield Shape(
            (places(look.view.to_screen(line.pixels)),),
            edge=colour_of(line),
            width=1.8 if line.kind == "offset" else 1.2,
            dash=_DASH if line.dashed else (),
            cased=True,
            gid=f"{line.kind}.{line.key}",
        )


def colour_of(line: Line) -> str:
    """The colour of a construction, as in the figures."""
    if line.kind in ("plumb", "csvl", "offset"):
        return PLUMB
    if line.kind == "pelvis":
        return PELVIS
    if line.kind == "pair":
        return BONE
    number = line.key.removeprefix("curve.")
    return CURVES[(int(number) - 1) % len(CURVES)] if number.isdigit() else SAGITTAL_CURVE


def _heads(state: State, look: Look) -> Iterator[Mark]:
    """Femoral heads as the circle on the film: round in the patient, not in oblong pixels."""
    for name, point in state.landmarks.points.items():
        if point.radius is not None:
            rim = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE) / look.view.aspect], axis=-1)
            circle = places(look.view.to_screen((point.x, point.y) + point.radius * rim))
            dash = () if point.confirmed else _DASH
            yield Shape((circle,), edge=BONE, width=1.1, dash=dash, closed=True, cased=True,
                        gid=f"head.{name}")  # fmt: skip


def _vertical(marks: Landmarks, look: Look) -> Iterator[Mark]:
    if marks.vertical is not None:
        line = places(look.view.to_screen(marks.vertical))
        yield Shape((line,), edge=MARK, width=1.0, dash=(1.5, 2.5), cased=True, gid="vertical")


def _points(marks: Landmarks, look: Look, at: Places) -> Iterator[Mark]:
    """Every point: filled when confirmed, hollow when not."""
    closer = look.view.zoom / look.view.fit_zoom
    radius = min(max(SMALL_RADIUS + 0.4 * (closer - 1.0), SMALL_RADIUS), POINT_RADIUS)
    for name, point in marks.points.items():
        here = (at[name],)
        if point.confirmed:
            yield Dots(here, radius, edge="", face=POINT, width=0.0, cased=True, gid=name)
        else:
            yield Dots(here, radius + 0.8, edge=POINT, width=1.0, cased=True, gid=name)


def _selection(look: Look, at: Places) -> Iterator[Mark]:
    for name, width in ((look.hovered, 0.9), (look.selected, 1.6)):
        if name is not None and name in at and not (width < 1.0 and name == look.selected):
            yield Dots((at[name],), SELECTED_RADIUS, edge=ASKED, width=width, cased=True)


def _rim_clicks(state: State, look: Look) -> Iterator[Mark]:
    """The clicks on a rim, until the circle stands and whenever it is looked at."""
    for name, clicks in state.content.rims:
        if name not in state.landmarks.points or name in (look.selected, look.hovered):
            for place in places(look.view.to_screen(clicks)):
                yield _cross(place, 3.5, ASKED)


def _tool(look: Look) -> Iterator[Mark]:
    tool = look.tool
    if tool is None or not tool.clicks:
        return
    ends = list(tool.clicks)
    if tool.kind != "circle" and len(ends) == 1 and look.pointer is not None:
        ends.append(tuple(look.view.to_film([look.pointer])[0]))
    shown = places(look.view.to_screen(ends))
    if tool.kind != "circle" and len(shown) == 2:
        yield Shape((shown,), edge=ASKED, width=1.2, cased=True)
    for place in shown[: len(tool.clicks)]:
        yield _cross(place, 4.0, ASKED)


def _level_names(
    marks: Landmarks, look: Look, at: Places, unit: float, names: Iterable[Text]
) -> Iterator[Mark]:
    """Names behind the spine (on a frontal film on the patient's left), where they have room."""
    taken = [area_of(name, unit) for name in names]
    behind = -1.0 if (marks.side == "right") != look.view.mirrored else 1.0
    for level, found in _by_level(at).items():
        across = [place[0] for place in found]
        x = min(across) if behind < 0 else max(across)
        y = sum(place[1] for place in found) / len(found)
        width = text_width(level, FILM_NAME) * unit
        left = x + behind * 9.0 * unit - (width if behind < 0 else 0.0)
        size = FILM_NAME * unit
        area = Area(left, y - 0.5 * size, left + width, y + 0.5 * size)
        if not any(area.meets(other) for other in taken):
            taken.append(area)
            yield Text(left, y + 0.36 * size, level, FILM_NAME, LEVEL, halo=True, gid="level")


def _by_level(at: Places) -> dict[str, list[Place]]:
    levels: dict[str, list[Place]] = {}
    for name, place in at.items():
        level = _level(name)
        if level is not None:
            levels.setdefault(level.replace("_alternative", "*"), []).append(place)
    return levels


@cache
def _level(name: str) -> str | None:
    return level_of(name)


def _point_name(marks: Landmarks, look: Look, at: Places, unit: float) -> Iterator[Text]:
    """The name of the point that is selected, and of the one under the pointer."""
    for name in dict.fromkeys((look.selected, look.hovered)):
        if name is None or name not in at:
            continue
        x, y = at[name]
        words = plain_name(name) + ("" if marks.points[name].confirmed else ", not confirmed")
        # Outwards from the body, so that the name does not lie on what is looked at.
        to_front = (marks.side == "right") != look.view.mirrored
        outwards = to_front != name.endswith(("_posterior", "_left"))
        reach = (SELECTED_RADIUS + 5.0) * unit
        end = x + reach if outwards else x - reach
        align: Align = "left" if outwards else "right"
        yield Text(end, y - 6.0 * unit, words, SMALL, ASKED, "bold", align, halo=True, gid="point")


def area_of(mark: Text, unit: float) -> Area:
    """The room that a text takes, a little generous."""
    width = 1.06 * text_width(mark.text, mark.size, mark.weight) * unit
    left = mark.x - {"left": 0.0, "center": width / 2.0, "right": width}[mark.align]
    size = mark.size * unit
    return Area(left, mark.y - size, left + width, mark.y + 0.3 * size)


def _side(state: State, look: Look, unit: float) -> Iterator[Mark]:
    """A large R and L, or where the patient's front is; a question mark where nobody said."""
    marks, area = state.landmarks, look.view.area
    known = state.content.side_known
    to_right = (marks.side == "right") != look.view.mirrored
    y = area.top + (FILM_SIDE + 8.0) * unit
    left, right = area.left + 16.0 * unit, area.right - 16.0 * unit
    if marks.view == "frontal":
        for letter, here in (("R", to_right), ("L", not to_right)):
            words = letter if known else f"{letter}?"
            colour = MARK if known else CAUTION
            yield Text(right if here else left, y, words, FILM_SIDE, colour, "bold",
                       "right" if here else "left", halo=True, gid=f"side.{letter}")  # fmt: skip
        return
    words = "anterior" if known else "anterior?"
    colour = MARK if known else CAUTION
    size = 0.55 * FILM_SIDE
    y = area.top + 30.0 * unit
    length, head = 26.0 * unit, 7.0 * unit
    tip, tail = (right, right - length) if to_right else (left, left + length)
    turn = 1.0 if to_right else -1.0
    middle = y - 0.36 * size * unit
    yield Shape(
        (((tail, middle), (tip - turn * head, middle)),), edge=colour, width=3.0, cased=True
    )
    arrow = ((tip, middle), (tip - turn * head * 1.4, middle - head), (tip - turn * head * 1.4,
             middle + head))  # fmt: skip
    yield Shape((arrow,), face=colour, edge=colour, width=0.5, closed=True)
    at = tail - turn * 8.0 * unit
    yield Text(at, y, words, size, colour, "bold", "right" if to_right else "left", halo=True,
               gid="side.anterior")  # fmt: skip


def _scale_bar(marks: Landmarks, look: Look, unit: float) -> Iterator[Mark]:
    area, scale = look.view.area, marks.scale
    x, y = area.left + 16.0 * unit, area.bottom - 16.0 * unit
    if not scale.has_millimetres:
        yield Text(x, y, "no scale: angles only", SMALL, CAUTION, halo=True, gid="scale")
        return
    millimetres = _BAR_MM
    while (length := millimetres / scale.column_mm * look.view.zoom) > 0.35 * area.width:
        millimetres /= 2.0 if millimetres in (50.0, 5.0, 0.5) else 2.5
    tick = 4.0 * unit
    bar = ((x, y - tick), (x, y), (x + length, y), (x + length, y - tick))
    yield Shape((bar,), edge=MARK, width=1.4, cased=True)
    yield Text(x + length + 6.0 * unit, y, f"{millimetres:g} mm", SMALL, MARK, halo=True,
               gid="scale")  # fmt: skip


def _cross(place: Place, half: float, colour: str) -> Shape:
    x, y = place
    lines = (((x - half, y), (x + half, y)), ((x, y - half), (x, y + half)))
    return Shape(lines, edge=colour, width=1.2, cased=True)


def nearest_point(
    points: Mapping[str, Landmark], look: Look, at: Place, reach: float
) -> str | None:
    """The point nearest to a place of the screen, within a reach in screen pixels."""
    if not points:
        return None
    shown = look.view.to_screen([(point.x, point.y) for point in points.values()])
    away = np.hypot(*(shown - np.asarray(at)).T)
    nearest = int(np.argmin(away))
    return list(points)[nearest] if away[nearest] <= reach else None
