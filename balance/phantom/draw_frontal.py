"""The frontal film's anatomy around the landmarks: plain shapes in the right places."""

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
from balance.phantom.draw_pelvis import draw_pelvis
from balance.phantom.sheet import Phantom
from balance.phantom.sizes import CHEST_HALF_WIDTHS, DENS_ABOVE_C2
from balance.phantom.vertebra_shape import BodyLook, draw_body

BODY_LOOK = BodyLook(interior=0.30, plate=0.40, wall=0.26, waist=2.2)

SIDES: tuple[tuple[str, float], ...] = (("left", -1.0), ("right", 1.0))

NECK_MM = 105.0
"""From the upper endplate of C7 to the skull base; drawn, not measured."""

TRUNK: tuple[tuple[str, float], ...] = (
    ("T4", 172.0), ("T7", 164.0), ("T10", 154.0), ("L1", 142.0), ("L3", 140.0), ("L5", 158.0),
)  # fmt: skip
"""Half width of the trunk at a level, millimetres."""


def draw_frontal(canvas: Canvas, phantom: Phantom) -> None:
    """Draw flesh, pelvis, ribs, shoulders and spine of a frontal phantom."""
    scale = abs(phantom.at("L1_superior_right") - phantom.at("L1_superior_left")) / 41.0
    _flesh(canvas, phantom, scale)
    _neck(canvas, phantom, scale)
    draw_pelvis(canvas, phantom, scale)
    count = sum(level[0] == "T" for level in phantom.levels)
    for number in range(1, min(12, count) + 1):
        _rib_pair(canvas, phantom, number, scale)
    _shoulders(canvas, phantom, scale)
    for level in phantom.levels:
        draw_body(canvas, phantom.corners(level), BODY_LOOK, scale=0.8)
        _arch(canvas, phantom, level, scale)


def chest_middle(phantom: Phantom, height: float) -> float:
    """Plane x of the middle of the chest at a height: it follows the spine part of the way."""
    thoracic = [level for level in phantom.levels if level[0] == "T"]
    centres = [phantom.at(f"{level}_centroid") for level in reversed(thoracic)]
    spine = float(np.interp(height, [at.imag for at in centres], [at.real for at in centres]))
    ribs = (phantom.at("rib_left") + phantom.at("rib_right")) / 2.0
    at_ribs = float(np.interp(ribs.imag, [at.imag for at in centres], [at.real for at in centres]))
    return 0.6 * (spine - at_ribs) + ribs.real


def chest_half_width(phantom: Phantom, height: float, scale: float) -> float:
    """Half width of the chest at a height, millimetres."""
    rows = [(phantom.at(f"{level}_centroid").imag, width * scale)
            for level, width in reversed(CHEST_HALF_WIDTHS)
            if f"{level}_superior_left" in phantom.points]  # fmt: skip
    return float(np.interp(height, [row[0] for row in rows], [row[1] for row in rows]))


def _flesh(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    neck = phantom.at("C7_centroid")
    sides: list[list[complex]] = []
    for side, sign in SIDES:
        line = [neck + complex(sign * 66, 190) * scale, neck + complex(sign * 58, 40) * scale,
                neck + complex(sign * 78, 14) * scale,
                phantom.at(f"clavicle_{side}") + complex(sign * 36, 14) * scale]  # fmt: skip
        for level, half in TRUNK:
            height = phantom.at(f"{level}_centroid").imag
            line.append(
                complex(
                    chest_middle(phantom, height) * _fading(level) + sign * half * scale, height
                )
            )
        hip = phantom.at(f"femoral_head_{side}")
        line += [hip + complex(sign * 86, 12) * scale, hip + complex(sign * 88, -160) * scale]
        sides.append(smooth(line, count=160))
    thick(canvas, [*sides[0], *reversed(sides[1])], 1.6, edge_mm=30.0)
    middle = (phantom.at("L3_centroid").real * 0.3) + 1j * phantom.at("L3_centroid").imag
    flesh(canvas, ellipse(middle, 120 * scale, 1.4), 0.25, soften_mm=30.0)
    _lungs(canvas, phantom, scale)
    _heart(canvas, phantom, scale)


def _fading(level: str) -> float:
    """How far the skin follows the chest: less and less towards the pelvis."""
    return {"L1": 0.7, "L3": 0.35, "L5": 0.0}.get(level, 1.0)


def _lungs(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    for side, sign in SIDES:
        # The right dome stands higher, over the liver.
        dome = phantom.at("T10_centroid").imag + (10 if side == "right" else -2) * scale
        apex, foot = phantom.at("T1_centroid").imag - 4 * scale, phantom.at("T11_centroid").imag
        outer, inner = [], []
        for height in np.linspace(apex, foot - 14 * scale, 14):
            wall = chest_half_width(phantom, height, scale) - 7 * scale
            outer.append(complex(chest_middle(phantom, height) + sign * wall, height))
        for height in np.linspace(dome - 12 * scale, apex - 6 * scale, 8):
            edge = (20 if height > phantom.at("T3_centroid").imag else 24) * scale
            inner.append(complex(_spine_at(phantom, height) + sign * edge, height))
        half = (outer[-1] + inner[0]).real / 2.0
        top = (outer[0] + inner[-1]) / 2.0 + 10j * scale
        line = smooth([top, *outer], count=60)
        line += smooth([outer[-1], complex(half, dome + 12 * scale), inner[0]], count=30)
        flesh(canvas, [*line, *inner], -0.62, soften_mm=3.0)


def _spine_at(phantom: Phantom, height: float) -> float:
    centres = [phantom.at(f"{level}_centroid") for level in reversed(phantom.levels)]
    return float(np.interp(height, [at.imag for at in centres], [at.real for at in centres]))


def _heart(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    """The heart lies to the patient's left, which is minus x."""
    height = phantom.at("T8_centroid").imag - 8 * scale
    middle = complex(chest_middle(phantom, height) - 26 * scale, height)
    outline = ellipse(middle, (40 - 48j) * scale * -1j, 0.78)
    flesh(canvas, outline, 0.55, soften_mm=4.0)
    arch = phantom.at("T4_centroid") - (24 + 6j) * scale
    flesh(canvas, ellipse(arch, 15 * scale, 1.1), 0.3, soften_mm=3.0)
    bubble = complex(middle.real - 40 * scale, phantom.at("T12_centroid").imag + 6 * scale)
    flesh(canvas, ellipse(bubble, 30 * scale, 0.6), -0.28, soften_mm=3.0)
    windpipe = smooth([phantom.at("C7_centroid") + 70j * scale, phantom.at("T1_centroid"),
                       complex(chest_middle(phantom, phantom.at("T4_centroid").imag),
                               phantom.at("T4_centroid").imag)])  # fmt: skip
    flesh(canvas, ribbon(windpipe, 15 * scale), -0.3, soften_mm=2.0)


def _neck(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    """Cervical bodies above C7, jaw and skull base: seen, but not landmarks of this view."""
    low, high = phantom.at("C7_superior_left"), phantom.at("C7_superior_right")
    foot, along = (low + high) / 2.0, (high - low) / abs(high - low)
    for step in range(1, 5):
        # The neck comes back to the vertical: the head is held level.
        along = along * abs(1 + along) / (1 + along) if abs(along - 1) > 1e-12 else along
        foot += 5 * scale * 1j * along
        top = foot + 12.5 * scale * 1j * along
        half = (9.5 - 0.4 * step) * scale * along
        draw_body(canvas, (top - half, top + half, foot - half, foot + half), BODY_LOOK, scale=0.6)
        for sign in (-1.0, 1.0):
            pillar = ellipse(
                (foot + top) / 2.0 + sign * 15 * scale * along, 6.5 * scale * along, 1.4
            )
            fill(canvas, pillar, 0.16, soften_mm=1.0)
        foot = top
    jaw = foot + 1j * (16 + DENS_ABOVE_C2) * scale
    outline = smooth([jaw + point * scale for point in
                      (-62 + 40j, -56 - 2j, -30 - 26j, 30 - 26j, 56 - 2j, 62 + 40j)])  # fmt: skip
    flesh(canvas, [*outline, jaw + (75 + 120j) * scale, jaw + (-75 + 120j) * scale], 0.9)
    stroke(canvas, outline, 9.0 * scale, 0.30, soften_mm=1.0)
    skull = ellipse(jaw + 62j * scale, 72 * scale, 1.05)
    fill(canvas, skull, 0.25, soften_mm=1.5)
    teeth = [jaw + complex(x, -2 + 0.004 * x * x) * scale for x in range(-26, 27, 2)]
    stroke(canvas, teeth, 18 * scale, 0.25, soften_mm=1.5)


def _arch(canvas: Canvas, phantom: Phantom, level: str, scale: float) -> None:
    """Pedicles, spinous and transverse processes projected on a body."""
    top_low, top_high, foot_low, foot_high = phantom.corners(level)
    up = (top_low + top_high - foot_low - foot_high) / 2.0
    along, middle = (top_high - top_low), phantom.at(f"{level}_centroid")
    lumbar = level[0] == "L"
    for sign in (-1.0, 1.0):
        pedicle = middle + sign * 0.31 * along + 0.16 * up
        ring = ellipse(pedicle, 0.10 * along, 1.5 if lumbar else 1.7, count=40)
        stroke(canvas, [*ring, ring[0]], 1.2 * scale, 0.26, soften_mm=0.35)
        fill(canvas, ring, 0.07, soften_mm=0.5)
        reach = (0.98 if lumbar else 1.02) if level != "T12" else 0.72
        tip = middle + sign * reach * along + (0.12 if lumbar else 0.30) * up
        root = middle + sign * 0.46 * along + 0.14 * up
        stroke(
            canvas,
            [root, (root + tip) / 2.0, tip],
            (8.0 if lumbar else 7.0) * scale,
            0.12,
            soften_mm=1.2,
        )
    tail = 0.55 if lumbar else 0.85
    process = ellipse(middle - tail * up, 0.55 * up, 0.24 if lumbar else 0.18, count=40)
    fill(canvas, process, 0.12, soften_mm=0.6)
    stroke(canvas, [*process, process[0]], 1.1 * scale, 0.18, soften_mm=0.35)


def _rib_pair(canvas: Canvas, phantom: Phantom, number: int, scale: float) -> None:
    """The back of a rib slopes gently outwards, its front runs down and inwards, fainter."""
    head = phantom.at(f"T{number}_superior_left"), phantom.at(f"T{number}_superior_right")
    drop = (2, 8, 16, 24, 30, 36, 42, 46, 50, 54, 46, 30)[number - 1] * scale
    share = (0.86, 0.95, 1, 1, 1, 1, 1, 1, 1, 0.96, 0.78, 0.45)[number - 1]
    for start, (_, sign) in zip(head, SIDES, strict=True):
        height = start.imag - drop
        half = chest_half_width(phantom, height, scale)
        wall = complex(chest_middle(phantom, height) + sign * half * share, height)
        out = (wall.real - start.real) * sign
        if out < 15 * scale:
            continue
        back = smooth([start - 2j * scale, start + complex(sign * 0.32 * out, -0.06 * drop),
                       start + complex(sign * 0.68 * out, -0.38 * drop), wall])  # fmt: skip
        _rib(canvas, back, 0.12, scale)
        if number <= 9:
            run = (0.35 + 0.03 * number) * out
            front = smooth([wall, wall - complex(sign * 0.12 * run, (18 + 2 * number) * scale),
                            wall - complex(sign * run, (26 + 5 * number) * scale)])  # fmt: skip
            _rib(canvas, front, 0.06, scale)


def _rib(canvas: Canvas, line: list[complex], amount: float, scale: float) -> None:
    stroke(canvas, line, 8.0 * scale, amount * 0.7, soften_mm=0.8)
    for half in (-3.6, 3.6):
        stroke(canvas, [point + half * 1j * scale for point in line], 1.2, amount, soften_mm=0.4)


def _shoulders(canvas: Canvas, phantom: Phantom, scale: float) -> None:
    """Clavicles through their landmarks, humeral heads and the edge of the shoulder blades."""
    notch = complex(
        chest_middle(phantom, phantom.at("T3_centroid").imag), phantom.at("T4_superior_left").imag
    )
    for side, sign in SIDES:
        tip = phantom.at(f"clavicle_{side}")
        start = notch + complex(sign * 16, -2) * scale
        line = smooth([start, start + 0.35 * (tip - start) + 4j * scale,
                       start + 0.72 * (tip - start) + 7j * scale, tip])  # fmt: skip
        stroke(canvas, line, 10.0 * scale, 0.15, soften_mm=0.8)
        for half in (-4.6, 4.6):
            stroke(canvas, [at + half * 1j * scale for at in line], 1.4, 0.16, soften_mm=0.4)
        joint = tip + complex(sign * 22, -26) * scale
        fill(canvas, ellipse(joint, 22 * scale, 1.0), 0.16, soften_mm=1.0)
        stroke(canvas, arc(joint, 21.5 * scale, 0, 360), 1.4, 0.14, soften_mm=0.5)
        arm = smooth([joint - 6j * scale, joint + complex(sign * 34, -58) * scale,
                      joint + complex(sign * 110, -170) * scale])  # fmt: skip
        flesh(canvas, ribbon(arm, 84 * scale), 0.5, soften_mm=9.0)
        stroke(canvas, arm, 22 * scale, 0.14, soften_mm=1.5)
        blade = [tip + complex(sign * x, y) * scale for x, y in
                 ((2, -14), (-44, -26), (-40, -70), (-12, -128), (4, -84), (8, -44))]  # fmt: skip
        blade = smooth(blade, closed=True)
        fill(canvas, blade, 0.05, soften_mm=1.5)
        stroke(canvas, [*blade, blade[0]], 1.6, 0.09, soften_mm=0.6)
