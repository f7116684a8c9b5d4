"""Pelvis, sacrum and thighs of a lifelike lateral film."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from balance.phantom.canvas import ellipse, fill, ribbon, smooth, stroke
from balance.phantom.look import Physique
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets
from balance.phantom.skeleton_lateral import LOOKS, body_look
from balance.phantom.tilts import rotated
from balance.phantom.vertebra_shape import BodyLook, draw_plate

DRAWN_AT_TILT = 13.0
"""Pelvic tilt at which the outlines below are given, around the hip axis, millimetres."""

WING: tuple[complex, ...] = (
    34 + 34j, 44 + 52j, 54 + 76j, 60 + 94j, 52 + 112j, 34 + 132j, 8 + 146j, -22 + 149j, -52 + 138j,
    -76 + 116j, -90 + 92j, -84 + 78j, -72 + 68j, -54 + 62j, -44 + 50j, -42 + 32j, -30 + 22j,
)  # fmt: skip
"""Ilium: front spine, crest from front to back, rear spines, greater sciatic notch."""

ISCHIUM: tuple[complex, ...] = (
    -36 + 26j, -42 + 6j, -50 - 2j, -40 - 10j, -46 - 34j, -50 - 58j, -40 - 76j, -22 - 76j, -10 - 60j,
    14 - 52j, 40 - 56j, 58 - 58j, 66 - 44j, 62 - 30j, 46 - 20j, 28 - 12j, 22 + 6j,
)  # fmt: skip
HOLE: tuple[complex, ...] = (-18 - 30j, -24 - 52j, -4 - 46j, 22 - 44j, 40 - 44j, 38 - 34j, 8 - 24j)
BRIM: tuple[complex, ...] = (-64 + 96j, -44 + 82j, -22 + 62j, -2 + 44j, 20 + 26j, 44 - 2j, 60 - 30j)
"""The arcuate line from the sacrum to the pubis."""

SEGMENTS: tuple[tuple[float, float, float], ...] = (
    (29.0, 9.0, 0.76), (24.0, 12.0, 0.74), (20.0, 15.0, 0.74), (17.0, 15.0, 0.72),
    (15.0, 14.0, 0.70),
)  # fmt: skip
"""Length of each sacral body, its bend forwards in degrees, its lower over its upper depth."""


def draw_pelvis(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Both halves, each around its own hip, turned by the pelvic tilt; brim and thighs."""
    middle = (phantom.at("S1_superior_anterior") + phantom.at("S1_superior_posterior")) / 2.0
    hips = [phantom.at(f"femoral_head_{number}") for number in (1, 2)]
    axis = sum(hips) / 2.0
    turn, size = phantom.truth["PT"] - DRAWN_AT_TILT, abs(middle - axis) / 112.0
    soft = sheets.soft
    for number, hip in enumerate(hips):
        grown = size * (1.0 if number == 0 else 1.035)

        def put(
            points: tuple[complex, ...], hip: complex = hip, grown: float = grown
        ) -> list[complex]:
            return [rotated(hip + point * grown, turn, hip) for point in points]

        wing, low = smooth(put(WING), closed=True, count=160), smooth(put(ISCHIUM), closed=True)
        fill(soft, wing, 0.075, soften_mm=1.6)
        stroke(soft, [*wing, wing[0]], 1.7, 0.085, soften_mm=0.6)
        crest = smooth(put(WING[4:10]), count=60)
        stroke(soft, crest, 5.0, 0.07, soften_mm=1.5)
        fill(soft, low, 0.10, soften_mm=1.2)
        stroke(soft, [*low, low[0]], 1.6, 0.09, soften_mm=0.6)
        hole = smooth(put(HOLE), closed=True)
        fill(soft, hole, -0.09, soften_mm=1.2)
        stroke(soft, smooth(put(BRIM)), 2.2, 0.11, soften_mm=0.7)
        _thigh(sheets, hip, phantom.radii[f"femoral_head_{number + 1}"], scale)


def _thigh(sheets: Sheets, hip: complex, radius: float, scale: float) -> None:
    soft = sheets.soft
    line = smooth([hip - (6 + 22j) * scale, hip - (10 + 50j) * scale, hip - (4 + 95j) * scale,
                   hip + (6 - 190j) * scale], count=60)  # fmt: skip
    neck = smooth([hip + complex(0.85 * radius, -0.5 * radius), hip + (16 - 34j) * scale,
                   hip + (9 - 60j) * scale, hip - (26 + 62j) * scale, hip - (34 + 34j) * scale,
                   hip - complex(0.95 * radius, 0.2 * radius)])  # fmt: skip
    fill(soft, neck, 0.09, soften_mm=1.2)
    stroke(soft, line, 29.0 * scale, 0.07, soften_mm=1.0)
    for edge in (ribbon(line[18:], 25.0 * scale)[:42], ribbon(line[18:], 25.0 * scale)[42:]):
        stroke(soft, edge, 4.5 * scale, 0.10, soften_mm=0.8)
    knob = ellipse(hip - (24 + 28j) * scale, 16 * scale, 1.35)
    fill(soft, knob, 0.06, soften_mm=1.5)
    stroke(soft, knob[18:50], 1.4, 0.07, soften_mm=0.6)


def draw_sacrum(sheets: Sheets, phantom: Phantom, scale: float, physique: Physique) -> None:
    """S1 to S5 below the exact endplate, the ala across it, the canal and crest behind, coccyx."""
    back, front = phantom.at("S1_superior_posterior"), phantom.at("S1_superior_anterior")
    look = body_look(LOOKS["L"], physique)
    along, depth = (front - back) / abs(front - back), abs(front - back)
    rear, fore = [back], [front]
    middle = (back + front) / 2.0
    for number, (length, bend, share) in enumerate(SEGMENTS):
        middle += length * scale * -1j * along
        # Below the promontory the sacrum hollows forwards: the endplates turn anterior side up.
        along = rotated(along, bend)
        depth *= share
        rear.append(middle - depth / 2.0 * along)
        fore.append(middle + depth / 2.0 * along)
        faint = BodyLook(0.0, (0.16, 0.11, 0.08, 0.06, 0.05)[number], plate_mm=1.2)
        draw_plate(sheets.sharp, rear[-1], fore[-1], faint)
        if number == 0:
            shift = 1.5 * 1j * along
            draw_plate(sheets.sharp, rear[-1] - 2 * shift, fore[-1] - 2 * shift, faint)
    body = [*smooth(rear, count=50), *reversed(smooth(fore, count=50))]
    fill(sheets.sharp, body, 0.75 * look.interior + 0.03, soften_mm=0.5)
    draw_plate(sheets.sharp, back, front, look)
    for line, bright in ((rear, 0.11), (fore, 0.15)):
        stroke(sheets.sharp, smooth(line, count=60), 1.2, bright, soften_mm=0.4)
    _wings(sheets, (back, front), (rear, fore), scale)
    _crest(sheets, rear, scale)
    heading = along
    tail = [middle]
    for _ in range(3):
        heading = rotated(heading, 16.0)
        tail.append(tail[-1] - 11 * scale * 1j * heading)
    for start, end in pairwise(tail):
        bone = ribbon(smooth([start + 0.1 * (end - start), end], count=12), 7.0 * scale)
        fill(sheets.soft, bone, 0.10, soften_mm=0.8)
        stroke(sheets.soft, [*bone, bone[0]], 0.9, 0.06, soften_mm=0.4)


def _wings(
    sheets: Sheets, plate: tuple[complex, complex], sides: tuple[list[complex], list[complex]],
    scale: float,
) -> None:  # fmt: skip
    """The ala of both sides: a veil over S1 and S2 that reaches a little past the promontory."""
    back, front = plate
    _, fore = sides
    along = (front - back) / abs(front - back)
    up = 1j * along
    for apart in (0.0, 1.0):
        lift = (2.0 + 3.0 * apart) * scale
        veil = smooth(
            [back + 0.35 * (front - back) + (1.0 + lift) * up * 0.4,
             back + 0.8 * (front - back) + lift * up * 0.2,
             front + (6 + 4 * apart) * scale * along - (9 + lift) * up,
             0.5 * (front + fore[1]) + (5 + 3 * apart) * scale * along,
             fore[1] + (2 + 2 * apart) * scale * along, fore[2],
             0.5 * (fore[2] + sides[0][2]), 0.4 * fore[1] + 0.6 * sides[0][1]],
            closed=True)  # fmt: skip
        fill(sheets.soft, veil, 0.075, soften_mm=2.2)
        stroke(sheets.soft, veil[8:48], 1.3, 0.08, soften_mm=0.7)


def _crest(sheets: Sheets, rear: list[complex], scale: float) -> None:
    """Sacral canal, and the knobbed crest behind it."""
    path = np.asarray(smooth(rear, count=60))
    across = 1j * np.gradient(path)
    across /= np.abs(across)
    if (across[0].conjugate() * (rear[0] - rear[1])).imag > 0:
        across = -across
    behind = across if across[0].real < 0 else -across
    canal = np.linspace(13.0, 4.0, 60) * scale
    knobs = (6.0 + 4.0 * np.sin(np.linspace(0.0, 8.0 * np.pi, 60)) ** 2) * np.linspace(1.2, 0.5, 60)
    inner, outer = path + behind * canal, path + behind * (canal + knobs * scale)
    bone = [complex(v) for v in (*inner, *outer[::-1])]
    fill(sheets.soft, bone, 0.12, soften_mm=0.8)
    stroke(sheets.soft, [complex(v) for v in inner], 1.1, 0.09, soften_mm=0.4)
    stroke(sheets.soft, [complex(v) for v in outer], 1.1, 0.09, soften_mm=0.4)
