"""The rod of a plan: a line behind the planned vertebrae, its length and its bends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from balance.anatomy import LEVELS, SACRUM, body_names, plate_names
from balance.geometry import turn
from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray

BEHIND_MM = 25.0
"""Distance of the rod behind the posterior walls; an estimate, it changes the length a little."""


SACRAL_DEPTH_MM = 12.0
"""Distance of the rod's end below the sacral endplate, where its screws enter; an estimate."""


@dataclass(frozen=True, slots=True)
class Rod:
    """Levels from the UIV down, the rod's places beside them in the plane, and its bends.

    ``bends_deg`` are the changes of direction at every level but the first and the last,
    + lordosis.
    """

    levels: tuple[str, ...]
    places: tuple[tuple[float, float], ...]
    length_mm: float
    bends_deg: tuple[float, ...]


def rod_line(planned: Landmarks, uiv: str | None, liv: str | None) -> Rod | str:
    """The rod from UIV to LIV of a planned lateral film, or why it cannot be drawn."""
    if uiv is None or liv is None:
        return "the fused range is not stated (UIV and LIV)"
    if planned.view != "lateral":
        return "a rod is drawn on the lateral film"
    if not planned.scale.has_millimetres:
        return "the film has no scale"
    span = LEVELS[LEVELS.index(uiv) : LEVELS.index(liv) + 1]
    levels = [level for level in planned.existing_levels if level in span]
    walls = {level: wall for level in levels if (wall := _wall(planned, level)) is not None}
    missing = [level for level in levels if level not in walls]
    if missing:
        return f"not marked: {', '.join(missing)}"
    if len(levels) < 2:
        return "the fused range is one level"
    places = np.array([walls[level][0] + BEHIND_MM * walls[level][1] for level in levels])
    chords = np.diff(places, axis=0)
    bends = [float(turn(below, above)) for above, below in pairwise(-chords)]
    return Rod(
        tuple(levels),
        tuple((float(x), float(y)) for x, y in places),
        float(np.hypot(*chords.T).sum()),
        tuple(bends),
    )


def _wall(landmarks: Landmarks, level: str) -> tuple[FloatArray, FloatArray] | None:
    """The middle of the posterior wall and the direction backwards from it."""
    names: tuple[str, ...] = body_names(level, "lateral")
    if level == SACRUM:
        names = plate_names(level, "superior", "lateral")
    if not all(name in landmarks.points for name in names):
        return None
    pixels = np.array([(landmarks.points[name].x, landmarks.points[name].y) for name in names])
    corners = landmarks.frame.to_plane(pixels).reshape(-1, 2, 2)
    back, front = corners.mean(axis=0)
    backwards = (back - front) / np.hypot(*(back - front))
    if level == SACRUM:
        back = back + SACRAL_DEPTH_MM * np.array([-backwards[1], backwards[0]])
    return back, backwards
