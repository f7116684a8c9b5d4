"""Where a lifelike film's borders lie: tilted against the plumb line, or cut short, or neither."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from balance.phantom.exposure import (
    ABOVE_MM,
    BELOW_MM,
    LEAST_WIDTH_MM,
    SIDE_MARGIN_MM,
    Exposure,
)
from balance.phantom.look import Marks
from balance.phantom.sheet import Phantom
from balance.phantom.stamps import open_field, plumb_line
from balance.radiograph import Frame, ImageSide, Scale

Cut = Literal["neck", "hip"]
"""What a short film leaves out: everything above C7, or the lower one of two femoral heads."""

CLEAR_OF_C7_MM = 7.0


def frame_film(
    phantom: Phantom,
    spacing: tuple[float, float],
    positive_side: ImageSide,
    *,
    marks: Marks,
    tilt_deg: float = 0.0,
    cut: Cut | None = None,
) -> Exposure:
    """Frame a phantom.

    Parameters
    ----------
    phantom
        What lies on the film.
    spacing
        True millimetres per pixel (row, column).
    positive_side
        The image side towards which plane x grows.
    marks
        Collimation, and whether a plumb line lies on the film; then the frame carries it.
    tilt_deg
        How far the plumb line's top leans to the right of the image columns. Not 0 needs the line.
    cut
        What the film leaves out.

    Returns
    -------
    Exposure
        Exact also where the film is tilted: its frame turns plane points by the tilt.

    Raises
    ------
    ValueError
        For a tilt that no plumb line would show.
    """
    if tilt_deg and not marks.plumb_line:
        raise ValueError("a tilted film needs its plumb line, else its truth could not be read")
    scale = Scale(spacing[0], spacing[1], "user_fiducial", "patient", 1.0)
    lean = math.radians(tilt_deg)
    up = (math.sin(lean) / spacing[1], -math.cos(lean) / spacing[0])
    frame = Frame(scale, positive_side, (up, (0.0, 0.0)) if marks.plumb_line else None)
    left, right, top, bottom = _borders(phantom, frame, marks, cut)
    first = np.array([left / spacing[1] + 0.5, top / spacing[0] + 0.5])
    offset = frame.to_plane(-first)
    exposure = Exposure(
        frame,
        rows=math.ceil((bottom - top) / spacing[0]),
        columns=math.ceil((right - left) / spacing[1]),
        offset=(float(offset[0]), float(offset[1])),
    )
    if not marks.plumb_line:
        return exposure
    line = plumb_line(exposure, marks, phantom.view)
    return replace(exposure, frame=replace(frame, vertical=line))


def _borders(
    phantom: Phantom, frame: Frame, marks: Marks, cut: Cut | None
) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of the film, in millimetres along the image's axes."""
    at = dict(zip(phantom.points, _on_image(phantom, frame), strict=True))
    xs, ys = (np.array([point[axis] for point in at.values()]) for axis in (0, 1))
    before, after = SIDE_MARGIN_MM[phantom.view]
    if frame.positive_side == "left":
        before, after = after, before
    left, right = xs.min() - before, xs.max() + after
    spare = max(0.0, LEAST_WIDTH_MM[phantom.view] - (right - left)) / 2.0
    top, bottom = ys.min() - ABOVE_MM[phantom.view], ys.max() + BELOW_MM
    if cut == "neck":
        c7 = min(point[1] for name, point in at.items() if name.startswith("C7_"))
        top = c7 - CLEAR_OF_C7_MM - marks.margins_mm[0]
    elif cut == "hip":
        heads = [point[1] for name, point in at.items() if name.startswith("femoral_head")]
        bottom = sum(heads) / len(heads) + marks.margins_mm[2]
    return float(left - spare), float(right + spare), float(top), float(bottom)


def _on_image(phantom: Phantom, frame: Frame) -> NDArray[np.float64]:
    pixels = frame.to_pixels(np.array(list(phantom.points.values())))
    return np.asarray(pixels * [frame.scale.column_mm, frame.scale.row_mm], np.float64)


def points_off_film(phantom: Phantom, exposure: Exposure, marks: Marks) -> tuple[str, ...]:
    """The points that a reader cannot place: a vertebra goes whole where one corner is cut off."""
    left, right, top, bottom = open_field(exposure, marks)
    names = list(phantom.points)
    pixels = exposure.pixels(np.array(list(phantom.points.values())))
    out = {
        name
        for name, (x, y) in zip(names, pixels.tolist(), strict=True)
        if not (left <= x <= right and top <= y <= bottom)
    }
    gone = {name.split("_")[0] for name in out if name[0] in "CTLS" and name[1].isdigit()}
    return tuple(name for name in names if name in out or name.split("_")[0] in gone)
