"""Where labels go: boxes that do not overlap. Pure arithmetic in points, y up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from balance.radiograph import FloatArray

ON_BONE = 60.0
"""Cost of covering bone with the whole label, against half a point for each point of distance."""
SIDEWAYS = (0.0, 13.0, -13.0, 26.0, -26.0, 42.0, -42.0, 60.0, -60.0)
OUTWARDS = (0.0, 8.0, 18.0, 30.0, 44.0, 62.0, 84.0, 110.0, 140.0)
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

    def overlap(self, other: Box) -> float:
        """Area that both boxes cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)

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
    """
    towards = np.asarray(outward, float)
    across = np.array([-towards[1], towards[0]])
    # The near edge of the label, not its middle, keeps the distance to the anchor.
    reach = 0.5 * (abs(towards[0]) * size[0] + abs(towards[1]) * size[1])
    near = [
        np.asarray(anchor, float) + towards * (reach + out) + across * side
        for out, side in product(OUTWARDS, SIDEWAYS)
    ]
    boxes = [box_around(centre, *size) for centre in near]
    best = _cheapest(boxes, anchor, within, tuple(labels), tuple(bones))
    if best is None:
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
    labels: tuple[Box, ...],
    bones: tuple[Box, ...],
) -> Box | None:
    best, least = None, np.inf
    for box in boxes:
        if not within.contains(box) or any(box.overlap(label) > 0.0 for label in labels):
            continue
        area = (box.right - box.left) * (box.top - box.bottom)
        covered = sum(box.overlap(bone) for bone in bones) / area
        x, y = box.centre
        cost = ON_BONE * covered + 0.5 * float(np.hypot(x - anchor[0], y - anchor[1]))
        if cost < least:
            best, least = box, cost
    return best
