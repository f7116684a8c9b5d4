"""Where a phantom lies on its film: pixel size, side, margins; and how that scale is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from balance.phantom.sheet import Phantom
from balance.radiograph import (
    CALIBRATION_STATE,
    FloatArray,
    Frame,
    ImageSide,
    Plane,
    Scale,
    View,
)

LEAST_WIDTH_MM: Mapping[View, float] = {"lateral": 360.0, "frontal": 400.0}
SIDE_MARGIN_MM: Mapping[View, tuple[float, float]] = {
    "lateral": (125.0, 135.0),
    "frontal": (62.0, 62.0),
}
"""Film beyond the outermost points towards minus and plus x: flesh of the back and of the belly."""

ABOVE_MM: Mapping[View, float] = {"lateral": 75.0, "frontal": 130.0}
BELOW_MM = 95.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a film says about its own scale; ``magnification`` is detector over patient plane."""

    state: str = "user_fiducial"
    plane: Plane = "patient"
    magnification: float = 1.15

    @property
    def shown(self) -> float:
        """Factor from true to told pixel size: only a detector-plane scale is magnified."""
        return self.magnification if self.plane == "detector" else 1.0


def calibration(state: str) -> Calibration:
    """The calibration of a state of the landmark document, in the plane that belongs to it."""
    if state not in CALIBRATION_STATE:
        raise ValueError(f"{state!r} is not a calibration state")
    return Calibration(state, CALIBRATION_STATE[state].plane)


@dataclass(frozen=True, slots=True)
class Exposure:
    """A phantom's film: true millimetres per pixel in the patient, side, size and position.

    ``offset`` is added to plane points before the frame turns them into pixels.
    """

    frame: Frame
    rows: int
    columns: int
    offset: tuple[float, float]

    def pixels(self, points: FloatArray) -> FloatArray:
        """Plane points (..., 2) in millimetres as pixels (x, y)."""
        return self.frame.to_pixels(np.asarray(points, float) + np.asarray(self.offset))

    def plane(self, pixels: FloatArray) -> FloatArray:
        """Pixels (..., 2) back as plane points in millimetres."""
        plane: FloatArray = self.frame.to_plane(np.asarray(pixels, float))
        return plane - np.asarray(self.offset, np.float64)

    @property
    def row_mm(self) -> float:
        """True millimetres per pixel down a column."""
        return self.frame.scale.row_mm

    @property
    def column_mm(self) -> float:
        """True millimetres per pixel along a row."""
        return self.frame.scale.column_mm


def expose(phantom: Phantom, spacing: tuple[float, float], positive_side: ImageSide) -> Exposure:
    """Frame a phantom with margins for skull, hips and flesh.

    Parameters
    ----------
    phantom
        What lies on the film.
    spacing
        True millimetres per pixel (row, column).
    positive_side
        The image side towards which plane x grows: the side the patient faces, or of the
        patient's right.

    Returns
    -------
    Exposure
        Film of whole pixels with the phantom inside.

    Raises
    ------
    ValueError
        For a pixel size that is not positive.
    """
    if min(spacing) <= 0:
        raise ValueError(f"a pixel of {spacing[0]:g} x {spacing[1]:g} mm is not possible")
    points = np.array(list(phantom.points.values()))
    before, after = SIDE_MARGIN_MM[phantom.view]
    left, right = points[:, 0].min() - before, points[:, 0].max() + after
    spare = max(0.0, LEAST_WIDTH_MM[phantom.view] - (right - left)) / 2.0
    left, right = left - spare, right + spare
    top, bottom = points[:, 1].max() + ABOVE_MM[phantom.view], points[:, 1].min() - BELOW_MM
    scale = Scale(spacing[0], spacing[1], "user_fiducial", "patient", 1.0)
    columns = math.ceil((right - left) / spacing[1])
    # The first pixel's centre lies half a pixel inside the film's edge.
    near = left if positive_side == "right" else right
    inward = spacing[1] / 2.0 if positive_side == "right" else -spacing[1] / 2.0
    return Exposure(
        frame=Frame(scale, positive_side),
        rows=math.ceil((top - bottom) / spacing[0]),
        columns=columns,
        offset=(inward - near, -spacing[0] / 2.0 - top),
    )
