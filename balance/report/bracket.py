"""An angle between two endplates: both drawn outwards, a bracket beside the spine, the value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balance.radiograph import FloatArray
from balance.report.palette import FILM_VALUE
from balance.report.plate import Plate, draw_label, draw_line

REACH = 24.0
"""Points that the bracket keeps off the vertebrae; level names need the room."""
STEPS = 30


@dataclass(frozen=True, slots=True)
class Bracket:
    """Two endplates in the plane, each (2, 2) in the order in which plane x grows.

    ``between`` holds the corners (n, 2) that the bracket must clear; ``forward`` says that it lies
    on the side of growing x of an upright spine, and follows the spine where it leans.
    """

    upper: FloatArray
    lower: FloatArray
    between: FloatArray
    forward: bool


def draw_bracket(
    plate: Plate, bracket: Bracket, text: str, colour: str, *, gid: str, size: float = FILM_VALUE
) -> None:
    """Draw both endplates out to the bracket, and its value beside its middle."""
    ends, outward = _ends(bracket, plate.reach(REACH))
    for (first, second), end in zip((bracket.upper, bracket.lower), ends, strict=True):
        draw_line(plate, np.array([first, second]), colour, width=2.0, gid=f"{gid}.endplate")
        near = second if bracket.forward else first
        draw_line(plate, np.array([near, end]), colour, width=1.0)
    curve = _bow(ends, outward, bracket.between, plate.reach(REACH))
    draw_line(plate, curve, colour, width=1.4, gid=f"{gid}.bracket")
    draw_label(plate, text, curve[STEPS // 2], outward, colour, size=size, gid=gid)


def _ends(bracket: Bracket, reach: float) -> tuple[FloatArray, FloatArray]:
    """Where the drawn-out endplates end, and the direction away from the spine."""
    chord = bracket.lower.mean(axis=0) - bracket.upper.mean(axis=0)
    chord = chord / max(float(np.hypot(*chord)), 1e-9)
    # A quarter turn from "towards the feet" is the front (frontal: the patient's right).
    outward = np.array([-chord[1], chord[0]]) * (1.0 if bracket.forward else -1.0)
    ends = []
    for first, second in (bracket.upper, bracket.lower):
        near, far = (second, first) if bracket.forward else (first, second)
        way = (near - far) / max(float(np.hypot(*(near - far))), 1e-9)
        ends.append(near + way * reach)
    return np.array(ends), outward


def _bow(ends: FloatArray, outward: FloatArray, between: FloatArray, reach: float) -> FloatArray:
    """A parabola from end to end that keeps its distance to the corners between them."""
    across = (between - ends[0]) @ outward
    chord = (ends[1] - ends[0]) @ outward
    height = max(float(across.max(initial=0.0)) - chord / 2.0 + reach, 0.4 * reach)
    t = np.linspace(0.0, 1.0, STEPS + 1)[:, None]
    line = ends[0] + t * (ends[1] - ends[0])
    curve: FloatArray = line + 4.0 * t * (1.0 - t) * height * outward
    return curve
