"""Sacrum, pelvis and hips of a lifelike frontal film."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import Canvas, arc, blurred, ellipse, fill, smooth, stroke
from balance.phantom.chest_frontal import SIDES
from balance.phantom.frontal import CREST_HEIGHT
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets
from balance.phantom.tilts import direction
from balance.phantom.vertebra_shape import BodyLook, draw_plate

WING: tuple[complex, ...] = (
    34 + 6j, 48 + 28j, 76 + 40j, 104 + 44j, 128 + 36j, 138 + 14j, 128 - 22j, 118 - 58j, 116 - 80j,
    92 - 74j, 72 - 66j, 54 - 34j, 40 - 18j,
)  # fmt: skip
"""Right iliac wing around the middle of S1; its top (104, 44) is the crest landmark."""

LOWER: tuple[complex, ...] = (
    72 - 68j, 60 - 92j, 42 - 112j, 10 - 126j, 8 - 152j, 22 - 152j, 50 - 186j, 76 - 176j, 84 - 140j,
    70 - 116j,
)  # fmt: skip
FORAMEN: tuple[complex, ...] = (56 - 122j, 34 - 130j, 28 - 146j, 46 - 168j, 62 - 162j, 68 - 138j)
BRIM: tuple[complex, ...] = (44 - 22j, 60 - 46j, 64 - 78j, 46 - 108j, 12 - 126j)
"""Ischium with pubis, the hole between them, the pelvic inlet; right side, millimetres."""

BLUNT_MM, FAINT = 0.7, 0.54
"""How far the pelvis is blurred, and its share of what the same bone would absorb in air."""


def draw_pelvis(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Draw the bony pelvis so that crests and femoral heads lie on their landmarks.

    It is blunter and fainter than the spine; its heads keep their edge.
    """
    apart = Canvas(sheets.soft.exposure, np.zeros_like(sheets.soft.bone), sheets.soft.flesh)
    _bones(apart, phantom, scale)
    blunt = blurred(apart.bone, BLUNT_MM / sheets.soft.exposure.column_mm)
    sheets.soft.bone[...] += np.float32(FAINT) * blunt
    for side, _ in SIDES:
        name = f"femoral_head_{side}"
        ring = arc(phantom.at(name), phantom.radii[name] - 0.6, 0, 360)
        stroke(sheets.sharp, ring, 1.2, 0.06, soften_mm=0.3)


def _bones(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    _sacrum(canvas, phantom, scale)
    tilt = direction(phantom.truth["pelvic_obliquity"])
    middle = (phantom.at("iliac_crest_left") + phantom.at("iliac_crest_right")) / 2.0
    middle -= 1j * CREST_HEIGHT * scale * tilt
    for side, sign in SIDES:
        _half(canvas, sign, tilt, (middle, scale))
        _hip(canvas, phantom, side, (sign, scale))


def _half(canvas: Canvas, sign: float, tilt: complex, place: tuple[complex, float]) -> None:
    middle, scale = place

    def put(points: tuple[complex, ...]) -> list[complex]:
        return [middle + complex(sign * at.real, at.imag) * tilt * scale for at in points]

    wing, lower = smooth(put(WING), closed=True, count=140), smooth(put(LOWER), closed=True)
    fill(canvas, wing, 0.14, soften_mm=1.2)
    stroke(canvas, [*wing, wing[0]], 2.2, 0.15, soften_mm=0.6)
    crest = smooth(put(WING[1:6]), count=50)
    stroke(canvas, crest, 4.0, 0.16, soften_mm=0.8)
    fill(canvas, lower, 0.20, soften_mm=1.0)
    stroke(canvas, [*lower, lower[0]], 1.8, 0.15, soften_mm=0.5)
    hole = smooth(put(FORAMEN), closed=True)
    fill(canvas, hole, -0.20, soften_mm=0.8)
    stroke(canvas, [*hole, hole[0]], 1.6, 0.15, soften_mm=0.5)
    stroke(canvas, smooth(put(BRIM)), 2.4, 0.20, soften_mm=0.6)


def _hip(canvas: Canvas, phantom: Phantom, side: str, about: tuple[float, float]) -> None:
    sign, scale = about
    hip = phantom.at(f"femoral_head_{side}")
    radius = phantom.radii[f"femoral_head_{side}"]

    def put(*points: complex) -> list[complex]:
        return [hip + complex(sign * at.real, at.imag) * scale for at in points]

    fill(canvas, ellipse(hip, complex(radius), 1.0, count=120), 0.24, soften_mm=0.3)
    stroke(canvas, arc(hip, radius - 0.7, 0, 360), 1.4, 0.22, soften_mm=0.3)
    roof = (18, 150) if sign > 0 else (30, 162)
    stroke(canvas, arc(hip, radius + 3.5, *roof), 3.2, 0.28, soften_mm=0.5)
    femur = smooth(put(19 + 13j, 30 + 9j, 46 + 14j, 58 + 6j, 62 - 22j, 56 - 60j, 52 - 160j,
                       24 - 160j, 27 - 70j, 22 - 46j, 14 - 24j), count=140)  # fmt: skip
    fill(canvas, femur, 0.22, soften_mm=0.8)
    stroke(canvas, femur, 2.2, 0.14, soften_mm=0.5)
    for outer in ((57 - 56j, 52 - 160j), (28 - 66j, 25 - 160j)):
        stroke(canvas, smooth(put(*outer)), 5.0, 0.16, soften_mm=0.8)


def _sacrum(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    """A trapezium below the endplate, with two rows of foramina; it hangs from S1's own tilt."""
    if "S1_superior_left" in phantom.points:
        low, high = phantom.at("S1_superior_left"), phantom.at("S1_superior_right")
    else:
        middle, half = phantom.at("sacrum_centre"), 25.0 * scale
        low, high = middle - half, middle + half
    along = (high - low) / abs(high - low)
    middle = (low + high) / 2.0

    def put(*points: complex) -> list[complex]:
        return [middle + at * along * scale for at in points]

    outline = smooth(put(-26 + 0j, -50 + 4j, -56 - 16j, -44 - 48j, -26 - 80j, -12 - 98j, 12 - 98j,
                         26 - 80j, 44 - 48j, 56 - 16j, 50 + 4j, 26 + 0j), count=140)  # fmt: skip
    fill(canvas, outline, 0.20, soften_mm=1.0)
    stroke(canvas, outline, 1.6, 0.14, soften_mm=0.5)
    for row, depth in enumerate((22.0, 42.0, 60.0, 76.0)):
        for sign in (-1.0, 1.0):
            hole = ellipse(put(complex(sign * (21 - 3 * row), -depth))[0], 5.0 * scale * along, 0.8)
            fill(canvas, hole, -0.12, soften_mm=1.0)
            stroke(canvas, hole[5:28], 1.2, 0.16, soften_mm=0.4)
        crest = ellipse(put(complex(0, -depth + 6))[0], 4.0 * scale * along, 1.8)
        fill(canvas, crest, 0.12, soften_mm=0.8)
    if "S1_superior_left" in phantom.points:
        draw_plate(canvas, low, high, BodyLook(plate=0.36))
    for sign in (-1.0, 1.0):
        joint = smooth(
            put(complex(sign * 50, -2), complex(sign * 46, -26), complex(sign * 38, -52))
        )
        stroke(canvas, joint, 1.6, -0.14, soften_mm=0.5)
