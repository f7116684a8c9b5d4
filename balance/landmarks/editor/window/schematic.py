"""The spine as a drawing: where each level and each point lies on it, in units of its height.

Lateral: the front is on the right. Frontal: the patient's right is on the right. The drawing is
turned over where the film shows it otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from balance.anatomy import (
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    VERTEBRAE,
    body_names,
    parse_corner,
    plate_names,
)
from balance.landmarks.editor.window.marks import Place
from balance.radiograph import FloatArray, View

HEIGHT = 1.0
WIDTH: dict[View, float] = {"lateral": 0.36, "frontal": 0.4}

_SHOWN = tuple(level for level in VERTEBRAE if level not in ("T13", "L6"))
_TOP, _SACRUM = 0.055, 0.80
_DISC = 0.2
"""Share of a level's height that is disc."""
_MIDDLE = {"lateral": 0.15, "frontal": 0.2}
# Sideways place of the bodies' centres, from C2 to the sacrum: lordosis, kyphosis, lordosis.
_BENDS = np.array(
    [[0.0, 0.040], [0.12, 0.052], [0.22, 0.020], [0.36, -0.030], [0.52, -0.052], [0.68, -0.020],
     [0.84, 0.040], [0.93, 0.046], [1.0, 0.020]]
)  # fmt: skip
_SACRAL_SLOPE = 40.0
_HIPS: dict[View, tuple[Place, Place]] = {
    "lateral": ((0.232, 0.902), (0.214, 0.914)),
    "frontal": ((0.095, 0.925), (0.305, 0.925)),
}
HEAD_RADIUS = 0.031

_FRONTAL_PAIRS: dict[str, tuple[float, float]] = {
    # half the distance between the two sides, and the height
    "iliac_crest": (0.165, 0.745),
    "clavicle": (0.175, 0.19),
    "rib": (0.175, 0.46),
    "femoral_head": (0.105, 0.925),
}


class Body(NamedTuple):
    """A vertebral body: its four corners in the order of `balance.anatomy.body_names`."""

    level: str
    corners: tuple[Place, Place, Place, Place]


@cache
def bodies(view: View) -> tuple[Body, ...]:
    """Every vertebra that is drawn, from the head down."""
    edges = _edges()
    drawn = []
    for level, top, bottom in zip(_SHOWN, edges, edges[1:], strict=False):
        gap = _DISC * (bottom - top) / 2.0
        upper, lower = _station(top + gap, view), _station(bottom - gap, view)
        half = _half_width(level, view)
        drawn.append(Body(level, _corners(upper, lower, half)))
    return tuple(drawn)


@cache
def sacrum(view: View) -> tuple[Place, ...]:
    """The outline of the sacrum; its first two corners are the endplate."""
    if view == "frontal":
        x, y = _MIDDLE[view], _SACRUM
        return ((x - 0.05, y), (x + 0.05, y), (x + 0.032, y + 0.07), (x, y + 0.115),
                (x - 0.032, y + 0.07))  # fmt: skip
    middle, _ = _station(_SACRUM, view)
    centre = np.array(middle) + np.array([0.008, 0.012])
    turn = np.radians(_SACRAL_SLOPE)
    along, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    half = 0.047
    outline = (
        centre - half * along,
        centre + half * along,
        centre + 0.5 * half * along + 0.055 * down,
        centre - 0.4 * half * along + 0.105 * down,
        centre - 1.5 * half * along + 0.125 * down,
        centre - 1.5 * half * along + 0.07 * down,
    )
    return tuple((float(x), float(y)) for x, y in outline)


@cache
def heads(view: View) -> tuple[Place, Place]:
    """The centres of the two femoral heads: left and right on the frontal drawing."""
    return _HIPS[view]


@cache
def place_of(name: str, view: View) -> Place | None:
    """Where a point of a landmark document lies on the drawing; None for one that is not drawn."""
    corner = parse_corner(name)
    if corner is not None and corner.level in (SACRUM, OTHER_SACRUM):
        first, second = sacrum(view)[:2]
        ends = plate_names(corner.level, "superior", view)
        return dict(zip(ends, (first, second), strict=True)).get(name)
    level = _drawn_level(corner.level if corner else name.removesuffix("_centroid"))
    found = {body.level: body for body in bodies(view)}.get(level or "")
    if found is not None:
        if corner is None:
            return _mean(found.corners)
        names = body_names(corner.level, view)
        return found.corners[names.index(name)] if name in names else None
    return _other_place(name, view)


def _other_place(name: str, view: View) -> Place | None:
    middle = _MIDDLE[view]
    if name in ("femoral_head_1", "femoral_head_2"):
        return heads(view)[int(name[-1]) - 1]
    if name == "C2_dens":
        top = bodies(view)[0].corners
        return ((top[0][0] + top[1][0]) / 2.0, top[0][1] - 0.022)
    if name == "sacrum_centre":
        return (middle, _SACRUM + 0.05)
    part, _, side = name.rpartition("_")
    if part in _FRONTAL_PAIRS and view == "frontal":
        half, height = _FRONTAL_PAIRS[part]
        return (middle + (half if side == "right" else -half), height)
    return None


def _drawn_level(level: str) -> str | None:
    """A thirteenth thoracic or sixth lumbar vertebra is shown on the last one that is drawn."""
    return {"T13": "T12", LUMBAR[-1]: LUMBAR[-2]}.get(level, level)


@cache
def _edges() -> tuple[float, ...]:
    """The heights at which the levels meet: small in the neck, large in the loin."""
    sizes = [_relative_height(level) for level in _SHOWN]
    ends = np.concatenate([[0.0], np.cumsum(sizes)]) / sum(sizes)
    return tuple(float(end) for end in _TOP + (_SACRUM - 0.012 - _TOP) * ends)


def _relative_height(level: str) -> float:
    number = int(level[1:])
    return {"C": 0.62, "T": 0.72 + 0.025 * number, "L": 1.12 + 0.03 * number}[level[0]]


def _half_width(level: str, view: View) -> float:
    number = int(level[1:])
    half = {
        "C": 0.019,
        "T": 0.020 + 0.0011 * number,
        "L": 0.0345 + 0.0012 * number,
    }[level[0]]
    return half * (1.15 if view == "frontal" else 1.0)


def _station(y: float, view: View) -> tuple[Place, FloatArray]:
    """The centre of the spine at a height, and the direction across it there."""
    if view == "frontal":
        return (_MIDDLE[view], y), np.array([1.0, 0.0])
    step = 0.004
    x = _bend(y)
    along = np.array([_bend(y + step) - _bend(y - step), 2 * step])
    along /= np.hypot(*along)
    return (x, y), np.array([along[1], -along[0]])


def _bend(y: float) -> float:
    share = (y - _TOP) / (_SACRUM - _TOP)
    return _MIDDLE["lateral"] + float(np.polyval(_curve(), share))


@cache
def _curve() -> FloatArray:
    return np.asarray(np.polyfit(_BENDS[:, 0], _BENDS[:, 1], 6))


def _corners(
    upper: tuple[Place, FloatArray], lower: tuple[Place, FloatArray], half: float
) -> tuple[Place, Place, Place, Place]:
    ends = []
    for centre, across in (upper, lower):
        for sign in (-1.0, 1.0):
            x, y = np.asarray(centre) + sign * half * across
            ends.append((float(x), float(y)))
    return ends[0], ends[1], ends[2], ends[3]


def _mean(corners: tuple[Place, ...]) -> Place:
    x, y = np.mean(corners, axis=0)
    return float(x), float(y)
