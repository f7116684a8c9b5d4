"""How a vertebral body looks on a film: concave edges through its exact corners, bright rims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balance.phantom.canvas import Canvas, fill

Corners = tuple[complex, complex, complex, complex]
"""Superior minus-x, superior plus-x, inferior minus-x, inferior plus-x."""


@dataclass(frozen=True, slots=True)
class BodyLook:
    """Attenuation of the parts of a body and how far its edges curve in, millimetres."""

    interior: float = 0.42
    plate: float = 0.42
    wall: float = 0.24
    plate_mm: float = 1.5
    wall_mm: float = 1.1
    plate_hollow: float = 0.9
    waist: float = 1.6


def edge(start: complex, end: complex, hollow: float, inward: complex) -> list[complex]:
    """A line from corner to corner that curves inwards by ``hollow`` mm in its middle."""
    along = np.linspace(0.0, 1.0, 25)
    dip = hollow * (1.0 - (2.0 * along - 1.0) ** 4)
    line = start + along * (end - start) + dip * inward
    return [complex(value) for value in line]


def draw_body(canvas: Canvas, corners: Corners, look: BodyLook, *, scale: float = 1.0) -> None:
    """Draw a body whose outline passes exactly through its four corners."""
    sides = _sides(corners, look, scale)
    outline = [point for side in sides for point, _ in (side[:-1])]
    fill(canvas, outline, look.interior, soften_mm=0.25)
    middle = sum(corners) / 4.0
    core = [middle + 0.72 * (point - middle) for point in outline]
    fill(canvas, core, -0.16 * look.interior, soften_mm=2.0)
    for index, side in enumerate(sides):
        plate = index in (0, 2)
        _rim(canvas, side, (look.plate_mm if plate else look.wall_mm) * scale,
             look.plate if plate else look.wall)  # fmt: skip


Side = list[tuple[complex, complex]]
"""Points of an edge, each with the unit vector into the body."""


def _sides(corners: Corners, look: BodyLook, scale: float) -> tuple[Side, Side, Side, Side]:
    top_low, top_high, foot_low, foot_high = corners
    middle = sum(corners) / 4.0

    def side(start: complex, end: complex, hollow: float) -> Side:
        inward = 1j * (end - start) / abs(end - start)
        if ((middle - start) * inward.conjugate()).real < 0:
            inward = -inward
        return [(point, inward) for point in edge(start, end, hollow * scale, inward)]

    return (
        side(top_low, top_high, look.plate_hollow),
        side(top_high, foot_high, look.waist),
        side(foot_high, foot_low, look.plate_hollow),
        side(foot_low, top_low, look.waist),
    )


def _rim(canvas: Canvas, side: Side, width: float, amount: float) -> None:
    """A bright band just inside an edge."""
    outer = [point for point, _ in side]
    inner = [point + width * inward for point, inward in side]
    fill(canvas, [*outer, *reversed(inner)], amount, soften_mm=0.25)


def draw_plate(canvas: Canvas, start: complex, end: complex, look: BodyLook) -> None:
    """A single bright endplate with its body on the caudal side."""
    inward = -1j * (end - start) / abs(end - start)
    _rim(canvas, [(point, inward) for point in edge(start, end, look.plate_hollow, inward)],
         look.plate_mm, look.plate)  # fmt: skip
