"""The loupe: film pixels around the pointer, enlarged, in a corner where it covers nothing near."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from balance.landmarks.editor.events import Pixel
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.look import Look
from balance.landmarks.editor.window.marks import (
    Area,
    Clipped,
    Dots,
    Mark,
    Pixels,
    Place,
    Shape,
    rectangle,
)
from balance.landmarks.editor.window.picture import FilmPicture
from balance.landmarks.editor.window.theme import ASKED, LOUPE, QUIET
from balance.landmarks.editor.window.viewport import Viewport
from balance.report.palette import BONE, POINT

LEAST_ZOOM, CLOSER = 3.0, 2.0
"""Screen pixels per film pixel at least, and how much closer than the film beside it."""
_MARGIN, _CLEAR = 14.0, 30.0
_GAP = 5.0
"""Points of the cross-hair that are left out around the place itself."""


def loupe_area(area: Area, at: Place, unit: float) -> Area | None:
    """The lower corner of the film that is away from a place; None where there is no room."""
    side = round(min(LOUPE * unit, 0.4 * area.width, 0.4 * area.height))
    if side < 40.0 * unit:
        return None
    margin = round(_MARGIN * unit)
    bottom = round(area.bottom - margin)
    right = Area(area.right - margin - side, bottom - side, area.right - margin, bottom)
    if not right.grown(_CLEAR * unit).holds(at):
        return right
    # Above the scale bar, which lies in the corner on the left.
    left, lift = area.left + margin, round(22.0 * unit)
    return Area(left, bottom - side - lift, left + side, bottom - lift)


def loupe_marks(picture: FilmPicture, state: State, look: Look, unit: float) -> Iterator[Mark]:
    """The loupe with its cross-hair, endplates as thin lines and points as small rings."""
    aimed = look.aimed or _under_pointer(look)
    if not look.loupe or aimed is None:
        return
    at = places_of(look.view, [aimed])[0]
    area = loupe_area(look.view.area, at, unit)
    if area is None:
        return
    close = enlarged(look.view, area, aimed)
    grey = picture.sampled(close.sampling(), (round(area.height), round(area.width)), look.greys)
    inside: list[Mark] = [Pixels(round(area.left), round(area.top), grey)]
    inside += _around(state, close, look.selected)
    inside.append(_cross_hair(area, unit))
    yield Clipped(area, tuple(inside))
    yield rectangle(area.grown(-0.5), edge=QUIET, width=1.0)


def enlarged(view: Viewport, area: Area, centre: Pixel) -> Viewport:
    """The view inside the loupe."""
    zoom = max(LEAST_ZOOM, CLOSER * view.zoom)
    return Viewport(view.size, view.aspect, area, centre, zoom, view.mirrored)


def places_of(view: Viewport, pixels: list[Pixel]) -> list[Place]:
    """Film pixels on the screen."""
    return [(float(x), float(y)) for x, y in view.to_screen(pixels)]


def _under_pointer(look: Look) -> Pixel | None:
    if look.pointer is None or not look.view.area.holds(look.pointer):
        return None
    x, y = look.view.to_film([look.pointer])[0]
    rows, columns = look.view.size
    on_film = -0.5 <= x < columns - 0.5 and -0.5 <= y < rows - 0.5
    return (float(x), float(y)) if on_film else None


def _around(state: State, close: Viewport, selected: str | None) -> Iterator[Mark]:
    """Points near the middle of the loupe as rings that leave the bone visible."""
    points = state.landmarks.points
    if not points:
        return
    shown = close.to_screen([(point.x, point.y) for point in points.values()])
    area = close.area
    near: list[bool] = [bool(one.all()) for one in np.abs(shown - area.centre) < 0.6 * area.width]
    for name, place, inside in zip(points, shown, near, strict=True):
        if inside:
            colour = ASKED if name == selected else POINT if points[name].confirmed else BONE
            yield Dots(((float(place[0]), float(place[1])),), 3.2, edge=colour, width=1.0,
                       cased=True)  # fmt: skip


def _cross_hair(area: Area, unit: float) -> Shape:
    x, y = area.centre
    gap = _GAP * unit
    lines = (
        ((area.left, y), (x - gap, y)),
        ((x + gap, y), (area.right, y)),
        ((x, area.top), (x, y - gap)),
        ((x, y + gap), (x, area.bottom)),
    )
    return Shape(lines, edge=ASKED, width=0.7, cased=False)
