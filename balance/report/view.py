"""Which part of a film is shown: all where the points fill it, else the spine with a margin."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray
from balance.report.placement import Box

NARROWEST, WIDEST = 0.5, 1.35
"""Width over height of what is shown, in true proportions; labels need the width."""
MARGIN_SIDE, MARGIN_TOP, MARGIN_BOTTOM = 0.115, 0.07, 0.17
"""Shares of the points' height; below them lie the dimension line and the scale."""
FILLED = 0.55
"""A film is shown whole when the points with their margin cover this share of it."""
LOWEST_MM = 260.0
"""Height that is shown at least, where there is a scale."""


def visible_part(landmarks: Landmarks, size: tuple[int, int] | None) -> Box:
    """The part of the film to show, in pixels: x to the right, y down (``bottom`` < ``top``).

    Parameters
    ----------
    size
        Rows and columns of the film, None where there is no picture of it.
    """
    aspect = landmarks.scale.row_mm / landmarks.scale.column_mm
    whole = None if size is None else Box(-0.5, -0.5, size[1] - 0.5, size[0] - 0.5)
    extremes = np.array(list(_extremes(landmarks, aspect)))
    if not len(extremes):
        return _widened(whole or Box(-50.0, -100.0, 50.0, 100.0), aspect)
    part = _with_margins(extremes, landmarks, aspect)
    if whole is not None and _area(part) >= FILLED * _area(whole):
        part = Box(
            min(part.left, whole.left),
            min(part.bottom, whole.bottom),
            max(part.right, whole.right),
            max(part.top, whole.top),
        )
    return _widened(part, aspect)


def _extremes(landmarks: Landmarks, aspect: float) -> Iterator[tuple[float, float]]:
    for point in landmarks.points.values():
        radius = point.radius or 0.0
        yield point.x - radius, point.y - radius / aspect
        yield point.x + radius, point.y + radius / aspect


def _with_margins(extremes: FloatArray, landmarks: Landmarks, aspect: float) -> Box:
    (left, top), (right, bottom) = extremes.min(axis=0), extremes.max(axis=0)
    # A unit is the longer side in pixel rows, so that a lying spine gets the same room.
    unit = max(bottom - top, (right - left) / aspect)
    scale = landmarks.scale
    least = LOWEST_MM / scale.row_mm if scale.has_millimetres else unit
    unit = max(unit, least / 1.6, 1.0)
    missing = max(least - unit * (1.0 + MARGIN_TOP + MARGIN_BOTTOM), 0.0) / 2.0
    return Box(
        float(left - unit * MARGIN_SIDE * aspect),
        float(top - unit * MARGIN_TOP - missing),
        float(right + unit * MARGIN_SIDE * aspect),
        float(bottom + unit * MARGIN_BOTTOM + missing),
    )


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.top - box.bottom)


def _widened(box: Box, aspect: float) -> Box:
    """The box brought to a width over height between the two limits, about its middle."""
    width, height = box.right - box.left, (box.top - box.bottom) * aspect
    wider = max(NARROWEST * height - width, 0.0) / 2.0
    higher = max(width / WIDEST - height, 0.0) / 2.0 / aspect
    return Box(box.left - wider, box.bottom - higher, box.right + wider, box.top + higher)
