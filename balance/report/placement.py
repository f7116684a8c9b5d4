"""Where labels go: boxes that do not overlap. Pure arithmetic in points, y up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from balance.radiograph import FloatArray

ON_BONE = 150.0
"""Cost of covering bone with the whole label, against half a point for each point of distance."""
SIDEWAYS = (0.0, 13.0, -13.0, 26.0, -26.0, 42.0, -42.0, 60.0, -60.0)
OUTWARDS = (3.0, 8.0, 18.0, 30.0, 44.0, 62.0, 84.0, 110.0, 140.0)
GRID_STEP = 9.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2.0, (self.bottom + self.top) / 2.0

    def grown(self, by: float) -> Box:
        """The same box with a margin."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def contains(self, other: Box) -> bool:
        """Whether the other box lies within this one."""
        return (
            self.left <= other.left
            and self.bottom <= other.bottom
            and self.right >= other.right
            and self.top >= other.top
        )


def box_around(centre: Sequence[float], width: float, height: float) -> Box:
    """The box of this size about a point."""
    x, y = centre
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def bounding_box(points: FloatArray) -> Box:
    """The box around points (n, 2)."""
    left, bottom = points.min(axis=0)
    right, top = points.max(axis=0)
    return Box(float(left), float(bottom), float(right), float(top))


def place_label(
    size: tuple[float, float],
    anchor: Sequence[float],
    outward: Sequence[float],
    *,
    within: Box,
    labels: Iterable[Box],
    bones: Iterable[Box],
    furthest: float | None = None,
) -> Box | None:
    """The best place for a label beside its anchor, or None where all room is taken.

    Parameters
    ----------
    size
        Width and height of the label.
    anchor
        What the label names.
    outward
        Unit vector from the anchor towards free room.
    within
        The film.
    labels, bones
        Boxes that must not and should not be covered.
    furthest
        Greatest distance of the label's near edge from the anchor, in either direction; without it
        the whole film is searched in the end.
    """
    towards = np.asarray(outward, float)
    across = np.array([-towards[1], towards[0]])
    # The near edge of the label, not its middle, keeps the distance to the anchor.
    reach = 0.5 * (abs(towards[0]) * size[0] + abs(towards[1]) * size[1])
    near = [
        np.asarray(anchor, float) + towards * (reach + out) + across * side
        for out, side in product(OUTWARDS, SIDEWAYS)
        if furthest is None or max(out, abs(side)) <= furthest
    ]
    boxes = [box_around(centre, *size) for centre in near]
    best = _cheapest(boxes, anchor, within, tuple(labels), tuple(bones))
    if best is None and furthest is None:
        everywhere = product(
            np.arange(within.left + size[0] / 2, within.right - size[0] / 2, GRID_STEP),
            np.arange(within.bottom + size[1] / 2, within.top - size[1] / 2, GRID_STEP),
        )
        boxes = [box_around(centre, *size) for centre in everywhere]
        best = _cheapest(boxes, anchor, within, tuple(labels), tuple(bones))
    return best


def _cheapest(
    boxes: Sequence[Box],
    anchor: Sequence[float],
    within: Box,
    labels: Sequence[Box],
    bones: Sequence[Box],
) -> Box | None:
    inside = [box for box in boxes if within.contains(box)]
    if not inside:
        return None
    candidates = _as_array(inside)
    free = _overlaps(candidates, _as_array(labels)).sum(axis=1) <= 0.0
    if not free.any():
        return None
    area = np.prod(candidates[0, 2:] - candidates[0, :2])
    covered = _overlaps(candidates, _as_array(bones)).sum(axis=1) / area
    away = np.hypot(*((candidates[:, :2] + candidates[:, 2:]) / 2.0 - np.asarray(anchor)).T)
    cost = np.where(free, ON_BONE * covered + 0.5 * away, np.inf)
    return inside[int(np.argmin(cost))]


def _as_array(boxes: Sequence[Box]) -> FloatArray:
    return np.array([(b.left, b.bottom, b.right, b.top) for b in boxes]).reshape(-1, 4)


def _overlaps(one: FloatArray, other: FloatArray) -> FloatArray:
    """Areas (n, m) that each of n boxes shares with each of m."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared: FloatArray = np.prod(np.clip(high - low, 0.0, None), axis=-1)
    return shared
