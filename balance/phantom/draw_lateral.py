"""The lateral film's anatomy around the landmarks: plain shapes in the right places."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import (
    Canvas,
    arc,
    ellipse,
    fill,
    flesh,
    ribbon,
    smooth,
    stroke,
    thick,
)
from balance.phantom.sheet import Phantom
from balance.phantom.tilts import rotated
from balance.phantom.vertebra_shape import BodyLook, draw_body, draw_plate

BODY_LOOK = BodyLook()

TRUNK: tuple[tuple[str, float, float], ...] = (
    ("C4", 50.0, 64.0), ("C6", 53.0, 70.0), ("T1", 66.0, 80.0), ("T3", 100.0, 80.0),
    ("T6", 136.0, 76.0), ("T9", 152.0, 74.0), ("T12", 144.0, 78.0), ("L2", 130.0, 86.0),
    ("L4", 122.0, 94.0),
)  # fmt: skip
"""Skin in front of and behind the centre of a vertebra, millimetres."""

PELVIS: tuple[complex, ...] = (
    58 + 66j, 62 + 92j, 34 + 138j, -8 + 158j, -52 + 146j, -76 + 112j, -66 + 92j, -40 + 78j,
    -30 + 56j, -38 + 30j, -26 + 8j, -14 + 22j, 10 + 30j, 30 + 24j, 40 + 40j,
)  # fmt: skip
ISCHIUM: tuple[complex, ...] = (
    -26 + 10j, -36 - 10j, -46 - 44j, -38 - 62j, -16 - 58j, -8 - 34j, 26 - 34j, 58 - 52j, 66 - 38j,
    52 - 20j, 30 - 8j, 26 + 6j, 0 + 8j,
)  # fmt: skip
"""Ilium and ischium with pubis around the hip axis, for a pelvic tilt of 13 degrees."""
PELVIS_DRAWN_AT_TILT = 13.0

SACRAL_SEGMENTS: tuple[tuple[float, float, float], ...] = (
    (29.0, 10.0, 0.78), (25.0, 13.0, 0.74), (21.0, 15.0, 0.74), (18.0, 14.0, 0.72),
    (15.0, 14.0, 0.70),
)  # fmt: skip
"""Length of each sacral body, its bend forwards in degrees, its lower over its upper depth."""


def draw_lateral(canvas: Canvas, phantom: Phantom) -> None:
    """Draw flesh, pelvis, sacrum, ribs and spine of a lateral phantom."""
    scale = abs(phantom.at("S1_superior_anterior") - phantom.at("S1_superior_posterior")) / 34.0
    _flesh(canvas, phantom, scale)
    _head(canvas, phantom, scale)
    for away in (0j, complex(3.0, -5.0)):
        _ribs(canvas, phantom, scale, away)
    _pelvis(canvas, phantom, scale)
    _sacrum(canvas, phantom, scale)
    for level in phantom.levels:
        _arch(canvas, phantom, level, scale)
        draw_body(canvas, phantom.corners(level), BODY_LOOK, scale=0.6 if level[0] == "C" else 1.0)
    _dens(canvas, phantom, scale)


def _outline(phantom: Phantom, scale: float) -> tuple[list[complex], list[complex]]:
    """The skin in front and behind, from the neck down to the thighs."""
    hip = (phantom.at("femoral_head_1") + phantom.at("femoral_head_2")) / 2.0
    front, back = [], []
    for level, before, behind in TRUNK:
        centre = phantom.at(f"{level}_centroid")
        front.append(centre + before * scale)
        back.append(centre - behind * scale)
    chin = phantom.at("C2_centroid")
    front = [chin + (58 + 120j) * scale, chin + 56 * scale, *front]
    back = [chin - (70 - 120j) * scale, chin - 62 * scale, *back]
    front += [hip + (104 + 75j) * scale, hip + (96 + 5j) * scale, hip + (82 - 160j) * scale]
    back += [hip - (135 - 45j) * scale, hip - (128 + 30j) * scale, hip - (84 + 160j) * scale]
    return smooth(front, count=160), smooth(back, count=160)


def _flesh(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    front, back = _outline(phantom, scale)
    thick(canvas, [*front, *reversed(back)], 1.9, edge_mm=26.0)
    shoulder = phantom.at("T2_centroid")
    flesh(canvas, ellipse(shoulder + 8 * scale, 62 * scale, 0.8), 0.55, soften_mm=14.0)
    hip = phantom.at("femoral_head_1")
    flesh(canvas, ellipse(hip - (20 - 10j) * scale, 120 * scale, 0.9), 0.7, soften_mm=30.0)
    _lungs(canvas, phantom, scale, front)
    path = (("C3", 21.0), ("C6", 22.0), ("T2", 26.0), ("T5", 36.0))
    windpipe = smooth([phantom.at(f"{level}_centroid") + away * scale for level, away in path])
    flesh(canvas, ribbon(windpipe, 13.0 * scale), -0.35, soften_mm=2.0)


def _lungs(canvas: Canvas, phantom: Phantom, scale: float, skin: list[complex]) -> None:
    """Two overlapping lungs in front of and around the spine, down to the diaphragm."""
    low, high = phantom.at("T9_centroid").imag, phantom.at("T3_centroid").imag
    chest = [point for point in skin if low < point.imag < high]
    dome = phantom.at("T10_centroid")
    for shift in (0.0, 9.0):
        rear = [phantom.at(f"{level}_centroid") - (20 + 12j * shift / 9.0) * scale
                for level in ("T2", "T5", "T8", "T11")]  # fmt: skip
        floor = [
            rear[-1] - (4 + 10j) * scale,
            dome + (30 - 6j + 1j * shift) * scale,
            dome + (85 + 12j + 1j * shift) * scale,
            chest[-1] - (26 + 8j - 1j * shift) * scale,
        ]
        wall = [point - 24 * scale for point in chest[::-4]]
        apex = phantom.at("T1_centroid") + 14 * scale
        line = [*smooth([apex, *rear], count=40), *smooth(floor, count=40), *wall]
        flesh(canvas, line, -0.55, soften_mm=2.5)
    heart = phantom.at("T8_centroid") + (88 - 20j) * scale
    flesh(canvas, ellipse(heart, (44 + 22j) * scale, 0.72), 0.42, soften_mm=7.0)


def _head(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    """Skull base, face and jaw as far as the film shows them, and the atlas around the dens."""
    dens = phantom.at("C2_dens")

    def around(*points: complex) -> list[complex]:
        return [dens + point * scale for point in points]

    skull = smooth(around(-92 + 70j, -78 + 30j, -46 + 8j, -18 + 8j, 14 + 14j, 40 + 26j, 66 + 46j,
                          104 + 60j, 100 + 130j, 0 + 160j, -80 + 130j), closed=True)  # fmt: skip
    face = smooth(around(14 + 16j, 26 - 6j, 44 - 26j, 78 - 38j, 98 - 34j, 102 - 6j, 112 + 22j,
                         108 + 60j, 60 + 60j), closed=True)  # fmt: skip
    flesh(canvas, skull, 0.55, soften_mm=5.0)
    flesh(canvas, face, 0.75, soften_mm=7.0)
    fill(canvas, skull, 0.16, soften_mm=1.5)
    stroke(canvas, [*skull, skull[0]], 5.0 * scale, 0.38, soften_mm=0.9)
    jaw = smooth(around(22 + 22j, 27 + 2j, 38 - 15j, 62 - 25j, 92 - 30j))
    stroke(canvas, jaw, 13.0 * scale, 0.22, soften_mm=1.0)
    teeth = smooth(around(52 - 4j, 74 - 10j, 94 - 12j))
    stroke(canvas, teeth, 15.0 * scale, 0.22, soften_mm=2.0)
    for ring in around(8.5 - 6j, -34 - 6j):
        fill(canvas, ellipse(ring, 4.0 * scale, 1.4), 0.30, soften_mm=0.5)
    fill(canvas, ellipse(dens - (14 + 7j) * scale, 15 * scale, 0.40), 0.16, soften_mm=1.0)


def _dens(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    tip, low, high = (phantom.at(name) for name in
                      ("C2_dens", "C2_superior_posterior", "C2_superior_anterior"))  # fmt: skip
    base = (low + high) / 2.0
    up, half = (tip - base) / abs(tip - base), (high - low) * 0.42
    sides = [base - half, base - half * 0.85 + 13 * scale * up]
    peak = [*sides, tip, base + half * 0.85 + 13 * scale * up, base + half]
    outline = smooth(peak, count=40)
    fill(canvas, outline, 0.45, soften_mm=0.3)
    stroke(canvas, outline, 0.9, 0.25, soften_mm=0.3)


def _axes(phantom: Phantom, level: str) -> tuple[complex, complex, complex, float, float]:
    """Forward and upward unit vectors, middle of the posterior wall, height and depth."""
    top_back, top_front, foot_back, foot_front = phantom.corners(level)
    forward = (top_front - top_back) + (foot_front - foot_back)
    forward /= abs(forward)
    depth = abs(top_front - top_back)
    return forward, 1j * forward, (top_back + foot_back) / 2.0, abs(top_back - foot_back), depth


ARCH: dict[str, tuple[float, float, float, float]] = {
    "C": (12.0, 30.0, 0.35, 0.42),
    "T": (16.0, 40.0, 1.25, 0.34),
    "L": (23.0, 48.0, 0.35, 0.70),
}
"""Reach of pillar and spinous process behind the body, its drop and its height over the body's."""


def _arch(canvas: Canvas, phantom: Phantom, level: str, scale: float) -> None:
    """Pedicle, articular pillar and spinous process behind a body."""
    forward, up, wall, height, _ = _axes(phantom, level)
    pillar, reach, drop, tall = ARCH[level[0]]
    if level in ("C7", "T11", "T12", "T13"):
        reach, drop, tall = (44.0, 0.5, 0.45) if level == "C7" else (42.0, 0.6, 0.6)

    def at(back: float, rise: float) -> complex:
        return wall - back * scale * forward + rise * height * up

    pedicle = [at(-1, 0.44), at(pillar - 4, 0.46), at(pillar - 4, 0.06), at(-1, 0.04)]
    fill(canvas, pedicle, 0.22, soften_mm=0.6)
    facets = smooth(
        [at(pillar - 7, 0.80), at(pillar - 1, 0.62), at(pillar + 2, -0.1), at(pillar + 1, -0.62),
         at(pillar - 4, -0.66), at(pillar - 7, 0.1)], closed=True, count=50)  # fmt: skip
    fill(canvas, facets, 0.26, soften_mm=0.7)
    stroke(canvas, [*facets, facets[0]], 1.1, 0.14, soften_mm=0.4)
    spine = smooth(
        [at(pillar - 1, 0.15), at((pillar + reach) / 2, 0.12 - drop * 0.45), at(reach, -drop + 0.1),
         at(reach, -drop - tall * 0.8), at((pillar + reach) / 2, -tall * 0.7 - drop * 0.5),
         at(pillar - 1, -0.3)], closed=True, count=60)  # fmt: skip
    fill(canvas, spine, 0.16 if level[0] == "T" else 0.22, soften_mm=0.8)
    stroke(canvas, [*spine, spine[0]], 1.0, 0.10, soften_mm=0.5)


def _ribs(canvas: Canvas, phantom: Phantom, scale: float, away: complex) -> None:
    skin, _ = _outline(phantom, scale)
    heights = np.array([point.imag for point in skin])
    for number in range(1, min(12, sum(level[0] == "T" for level in phantom.levels)) + 1):
        forward, up, wall, height, _ = _axes(phantom, f"T{number}")
        start = wall + away - 6 * scale * forward + 0.4 * height * up
        rear = start - (20 + min(number, 8)) * scale * forward - 14 * scale * up
        run = (14.0, 34.0, 60.0, 80.0, 95.0, 105.0, 112.0, 112.0, 105.0, 95.0, 55.0, 30.0)[
            number - 1
        ]
        side = rear + (24 + 0.45 * run) * scale - (18 + 0.40 * run) * 1j * scale
        end_y = side.imag - (6 + 0.28 * run) * scale
        front = float(np.interp(-end_y, -heights, [point.real for point in skin])) - 24 * scale
        end = complex(min(side.real + 0.8 * run * scale, front), end_y)
        turn = rear + (10 - 20j) * scale
        line = smooth([start, rear - 4j, turn, (turn + side) / 2.0 - 6j, side - 9j, end], count=70)
        stroke(canvas, line, 7.5 * scale, 0.07, soften_mm=0.6)
        for half in (-3.6, 3.6):
            edge = [point + half * scale * 1j for point in line]
            stroke(canvas, edge, 1.1, 0.07, soften_mm=0.4)


def _pelvis(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    middle = (phantom.at("S1_superior_anterior") + phantom.at("S1_superior_posterior")) / 2.0
    turn = phantom.truth["PT"] - PELVIS_DRAWN_AT_TILT
    hips = [phantom.at(f"femoral_head_{number}") for number in (1, 2)]
    size = abs(middle - sum(hips) / 2.0) / 112.0
    for number, hip in enumerate(hips, start=1):
        radius = phantom.radii[f"femoral_head_{number}"]
        for shape, amount in ((PELVIS, 0.09), (ISCHIUM, 0.13)):
            line = smooth([rotated(hip + point * size, turn, hip) for point in shape],
                          closed=True, count=120)  # fmt: skip
            fill(canvas, line, amount, soften_mm=1.2)
            stroke(canvas, [*line, line[0]], 1.8, 0.13, soften_mm=0.6)
        _femur(canvas, hip, radius, scale)
        roof = arc(hip, radius + 3.5, 20 + turn, 165 + turn)
        stroke(canvas, roof, 3.0, 0.30, soften_mm=0.5)


def _femur(canvas: Canvas, hip: complex, radius: float, scale: float) -> None:
    head = ellipse(hip, complex(radius), 1.0, count=120)
    fill(canvas, head, 0.20, soften_mm=0.3)
    stroke(canvas, arc(hip, radius - 0.7, 0, 360), 1.4, 0.26, soften_mm=0.3)
    neck = smooth([hip - (2 + 8j) * scale, hip - (8 + 38j) * scale, hip - (2 + 80j) * scale,
                   hip + (8 - 170j) * scale])  # fmt: skip
    stroke(canvas, neck, 32.0 * scale, 0.13, soften_mm=1.0)
    for half in (-15.0, 15.0):
        stroke(canvas, [point + half * scale for point in neck[20:]], 4.0, 0.15, soften_mm=0.8)
    knob = ellipse(hip - (20 + 30j) * scale, 17 * scale, 1.3)
    fill(canvas, knob, 0.09, soften_mm=1.5)


def _sacrum(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    back, front = phantom.at("S1_superior_posterior"), phantom.at("S1_superior_anterior")
    along, depth = (front - back) / abs(front - back), abs(front - back)
    rear, fore = [back], [front]
    middle, first = (back + front) / 2.0, True
    for length, bend, share in SACRAL_SEGMENTS:
        middle += length * scale * -1j * along
        # Below the promontory the sacrum hollows forwards: the endplates turn anterior side up.
        along = rotated(along, bend)
        depth *= share
        rear.append(middle - depth / 2.0 * along)
        fore.append(middle + depth / 2.0 * along)
        look = BodyLook(0.0, 0.30 if first else 0.2, plate_mm=1.3)
        draw_plate(canvas, rear[-1], fore[-1], look)
        first = False
    outline = [*rear, *reversed(fore)]
    fill(canvas, outline, 0.38, soften_mm=0.5)
    draw_plate(canvas, back, front, BODY_LOOK)
    for line in (rear, fore):
        stroke(canvas, line, 1.3, 0.24, soften_mm=0.4)
    crest = [point - (14 - 2 * index) * scale * along for index, point in enumerate(rear)]
    fill(canvas, [*rear, *reversed(crest)], 0.16, soften_mm=1.5)
    tail = smooth([middle, middle + (4 - 14j) * scale, middle + (14 - 26j) * scale])
    stroke(canvas, tail, 7.0 * scale, 0.2, soften_mm=0.8)
