"""Bones of a lifelike frontal film; bodies pass exactly through their corners."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import arc, ellipse, fill, ribbon, smooth, stroke
from balance.phantom.chest_frontal import SIDES, chest_half_width, chest_middle
from balance.phantom.look import Physique
from balance.phantom.pelvis_frontal import draw_pelvis
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets, rounded
from balance.phantom.skeleton_lateral import body_look, double_rims
from balance.phantom.trunk_frontal import arm_line
from balance.phantom.vertebra_shape import BodyLook, draw_body

LOOKS: dict[str, BodyLook] = {
    "C": BodyLook(interior=0.17, plate=0.18, wall=0.14, plate_mm=1.2, waist=1.2),
    "T": BodyLook(interior=0.19, plate=0.20, wall=0.12, plate_mm=1.4, waist=1.8),
    "L": BodyLook(interior=0.20, plate=0.21, wall=0.12, plate_mm=1.6, waist=2.8),
}


def draw_skeleton(sheets: Sheets, phantom: Phantom, scale: float, physique: Physique) -> None:
    """Draw skull, shoulders, ribs, spine and pelvis."""
    _skull(sheets, phantom, scale)
    draw_pelvis(sheets, phantom, scale)
    count = min(12, sum(level[0] == "T" for level in phantom.levels))
    for number in range(1, count + 1):
        _rib_pair(sheets, phantom, number, scale)
    _shoulders(sheets, phantom, scale)
    for level in phantom.levels:
        look = body_look(LOOKS[level[0]], physique)
        draw_body(sheets.sharp, phantom.corners(level), look, scale=0.8)
        if physique.rim_double_mm > 0.3:
            double_rims(sheets, phantom, level, (physique.rim_double_mm, look))
        _arch(sheets, phantom, level, scale)
    for level, end, length in physique.osteophytes:
        _spur(sheets, phantom, (level, end), length)


def _spur(sheets: Sheets, phantom: Phantom, place: tuple[str, str], length: float) -> None:
    level, end = place
    other = "inferior" if end == "superior" else "superior"
    side = "left" if round(10 * length) % 2 else "right"
    corner, across = phantom.at(f"{level}_{end}_{side}"), phantom.at(f"{level}_{other}_{side}")
    low, high = phantom.at(f"{level}_{end}_left"), phantom.at(f"{level}_{end}_right")
    out = (high - low) / abs(high - low) * (-1.0 if side == "left" else 1.0)
    up = (corner - across) / abs(corner - across)
    beak = [corner - 2.5 * out, corner + length * (out + 0.4 * up), corner + 0.5 * length * out
            - 0.4 * length * up, corner - 4.5 * up]  # fmt: skip
    fill(sheets.sharp, beak, 0.2, soften_mm=0.5)


def _arch(sheets: Sheets, phantom: Phantom, level: str, scale: float) -> None:
    """Pedicles, transverse, articular and spinous processes projected on and beside a body."""
    soft = sheets.soft
    top_low, top_high, foot_low, foot_high = phantom.corners(level)
    up = (top_low + top_high - foot_low - foot_high) / 2.0
    along, middle = (top_high - top_low), phantom.at(f"{level}_centroid")
    lumbar = level[0] == "L"
    turned = -_rotation(phantom, middle) * along
    for sign in (-1.0, 1.0):
        pedicle = middle + sign * 0.33 * along + 0.16 * up + 0.5 * turned
        ring = ellipse(pedicle, 0.095 * along, 1.5 if lumbar else 1.7, count=40)
        stroke(sheets.sharp, [*ring, ring[0]], 1.1 * scale, 0.13, soften_mm=0.35)
        fill(sheets.sharp, ring, 0.05, soften_mm=0.5)
        reach = 0.98 if lumbar else 0.95
        if level in ("T12", "T11", "C7"):
            reach = 0.75
        tip = middle + sign * reach * along + (0.16 if lumbar else 0.34) * up
        root = middle + sign * 0.44 * along + 0.14 * up
        bone = ribbon([root, (root + tip) / 2.0 - 0.03 * up, tip], (7.0 if lumbar else 8.0) * scale)
        fill(soft, bone, 0.06, soften_mm=1.0)
        stroke(soft, [*bone, bone[0]], 0.9, 0.04, soften_mm=0.5)
        _facet(sheets, middle + sign * 0.36 * along, along, up, firm=1.0 if lumbar else 0.4)
    tail = 0.55 if lumbar else 0.85
    process = ellipse(middle - tail * up + turned, 0.45 * up, 0.24 if lumbar else 0.17, count=40)
    fill(soft, process, 0.08, soften_mm=0.6)
    stroke(soft, [*process, process[0]], 1.1 * scale, 0.11, soften_mm=0.4)
    lamina = smooth([middle - 0.30 * along - 0.3 * up, middle - 0.12 * up,
                     middle + 0.30 * along - 0.3 * up])  # fmt: skip
    stroke(soft, lamina, 6.0 * scale, 0.06, soften_mm=1.2)


def _rotation(phantom: Phantom, at: complex) -> float:
    """How far a body has turned into a curve: its arch moves to the hollow side."""
    top = phantom.at(f"{phantom.levels[0]}_centroid")
    away = at.real - top.real * at.imag / top.imag
    return 0.24 * float(np.clip(away / 45.0, -1.0, 1.0))


def _facet(sheets: Sheets, at: complex, along: complex, up: complex, *, firm: float) -> None:
    pillar = ellipse(at - 0.52 * up, 0.34 * up, 0.42, count=40)
    fill(sheets.soft, pillar, 0.06 * firm, soften_mm=0.9)
    joint = [at - 0.78 * up - 0.02 * along, at - 0.40 * up + 0.02 * along]
    stroke(sheets.soft, joint, 1.0, -0.06 * firm, soften_mm=0.5)


def _rib_pair(sheets: Sheets, phantom: Phantom, number: int, scale: float) -> None:
    """The back of a rib slopes gently outwards, its front runs down and inwards, fainter."""
    head = phantom.at(f"T{number}_superior_left"), phantom.at(f"T{number}_superior_right")
    drop = (4, 10, 18, 26, 32, 38, 44, 48, 52, 56, 50, 34)[number - 1] * scale
    share = (0.86, 0.95, 1, 1, 1, 1, 1, 1, 1, 0.96, 0.80, 0.48)[number - 1]
    for start, (_, sign) in zip(head, SIDES, strict=True):
        height = start.imag - drop
        half = chest_half_width(phantom, height, scale)
        wall = complex(chest_middle(phantom, height) + sign * half * share, height)
        out = (wall.real - start.real) * sign
        if out < 15 * scale:
            continue
        back = smooth([start - 1j * scale, start + complex(sign * 0.22 * out, 2 * scale),
                       start + complex(sign * 0.62 * out, -0.26 * drop),
                       start + complex(sign * 0.90 * out, -0.66 * drop), wall])  # fmt: skip
        _rib(sheets, back, 1.0, (6.5 + 0.15 * number) * scale)
        if number <= 10:
            # What reaches further is cartilage, and not seen.
            run = (0.36 + 0.03 * number if number < 8 else 0.34) * out
            fall = (16 + 5.5 * number) * scale
            front = smooth([wall, wall - complex(sign * 0.05 * run, 0.35 * fall),
                            wall - complex(sign * 0.42 * run, 0.86 * fall),
                            wall - complex(sign * run, fall)])  # fmt: skip
            _rib(sheets, front, 0.5, 8.5 * scale)


def _rib(sheets: Sheets, line: list[complex], firm: float, wide: float) -> None:
    band = ribbon(line, wide)
    fill(sheets.soft, band, 0.11 * firm, soften_mm=0.9)
    half = len(line)
    stroke(sheets.soft, band[:half], 1.1, 0.09 * firm, soften_mm=0.45)
    stroke(sheets.soft, band[half:], 1.4, 0.13 * firm, soften_mm=0.45)


def _shoulders(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Clavicles through their landmarks, humeral heads and the edges of the shoulder blades."""
    soft = sheets.soft
    notch = complex(chest_middle(phantom, phantom.at("T3_centroid").imag),
                    phantom.at("T4_superior_left").imag)  # fmt: skip
    for side, sign in SIDES:
        tip = phantom.at(f"clavicle_{side}")
        start = notch + complex(sign * 14, 0) * scale
        line = smooth([start, start + 0.3 * (tip - start) + 1j * scale,
                       start + 0.62 * (tip - start) + 9j * scale, tip])  # fmt: skip
        band = ribbon(line, 10.0 * scale)
        fill(soft, band, 0.10, soften_mm=0.8)
        for edge in (band[: len(line)], band[len(line) :]):
            stroke(soft, edge, 1.5, 0.13, soften_mm=0.45)
        joint = tip + complex(sign * 22, -26) * scale
        fill(soft, ellipse(joint, 22 * scale, 1.0), 0.14, soften_mm=1.0)
        stroke(soft, arc(joint, 21.5 * scale, *((-40, 130) if sign > 0 else (50, 220))), 1.4, 0.13,
               soften_mm=0.5)  # fmt: skip
        arm = arm_line(phantom, scale, side, sign)
        bone = ribbon(arm, 21 * scale)
        fill(soft, bone, 0.08, soften_mm=1.0)
        for edge in (bone[:50], bone[50:]):
            stroke(soft, edge, 3.6 * scale, 0.13, soften_mm=0.8)
        roof = smooth([tip + complex(sign * 14, 2) * scale, tip + complex(sign * 2, -6) * scale,
                       tip + complex(sign * -34, -22) * scale])  # fmt: skip
        stroke(soft, roof, 6.0 * scale, 0.09, soften_mm=0.8)
        blade = smooth([tip + complex(sign * x, y) * scale for x, y in
                        ((2, -20), (-50, -14), (-46, -60), (-16, -132), (6, -84), (8, -44))],
                       closed=True)  # fmt: skip
        fill(soft, blade, 0.035, soften_mm=1.5)
        stroke(soft, [*blade, blade[0]], 1.5, 0.06, soften_mm=0.6)
        rim = smooth([tip + complex(sign * x, y) * scale for x, y in
                      ((8, -44), (6, -84), (-16, -132))])  # fmt: skip
        stroke(soft, rim, 3.0, 0.08, soften_mm=0.7)


def _skull(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """The neck above C7, which this view does not measure, and the head over it."""
    low, high = phantom.at("C7_superior_left"), phantom.at("C7_superior_right")
    foot, along = (low + high) / 2.0, (high - low) / abs(high - low)
    soft = sheets.soft
    for step in range(1, 5):
        # The neck comes back to the vertical: the head is held level.
        along = (along + 1.0) / abs(along + 1.0)
        foot += 4.5 * scale * 1j * along
        top = foot + 13.0 * scale * 1j * along
        half = (9.5 - 0.4 * step) * scale * along
        draw_body(sheets.sharp, (top - half, top + half, foot - half, foot + half), LOOKS["C"],
                  scale=0.6)  # fmt: skip
        middle = (foot + top) / 2.0
        for sign in (-1.0, 1.0):
            hook = [top + sign * half, top + sign * 1.12 * half + 3.5j * scale * along]
            stroke(sheets.sharp, hook, 1.8, 0.14, soften_mm=0.4)
            pillar = ellipse(middle + sign * 16 * scale * along, 9.5 * scale * 1j * along, 0.62)
            fill(soft, pillar, 0.12, soften_mm=1.0)
            stroke(soft, [*pillar, pillar[0]], 1.1, 0.07, soften_mm=0.5)
        process = ellipse(middle - 5j * scale * along, 4.5 * scale * 1j * along, 0.5)
        stroke(soft, [*process, process[0]], 1.1, 0.10, soften_mm=0.4)
        foot = top
    _head(sheets, foot + 14j * scale, scale)


def _head(sheets: Sheets, jaw: complex, scale: float) -> None:
    soft = sheets.soft

    def around(*points: complex) -> list[complex]:
        return [jaw + point * scale for point in points]

    vault = smooth(around(0 + 2j, 44 + 12j, 68 + 50j, 72 + 100j, 40 + 170j, -40 + 170j, -72 + 100j,
                          -68 + 50j, -44 + 12j), closed=True)  # fmt: skip
    heights = [(jaw.imag - 50, 0.85), (jaw.imag + 400, 0.85)]
    soft.flesh[...] += rounded(soft, vault, heights, edge_mm=45.0 * scale)
    stroke(soft, [*vault, vault[0]], 5.0 * scale, 0.20, soften_mm=1.2)
    chin = smooth(around(-56 + 52j, -54 + 16j, -40 - 12j, -16 - 28j, 16 - 28j, 40 - 12j, 54 + 16j,
                         56 + 52j))  # fmt: skip
    face = [*chin, *around(60 + 60j, -60 + 60j)]
    soft.flesh[...] += rounded(soft, face, [(jaw.imag - 60, 0.5), (jaw.imag + 99, 0.5)],
                               edge_mm=22.0 * scale)  # fmt: skip
    stroke(soft, chin, 14.0 * scale, 0.14, soften_mm=1.2)
    for edge in (ribbon(chin, 13.0 * scale)[:80], ribbon(chin, 13.0 * scale)[80:]):
        stroke(soft, edge, 2.0, 0.13, soften_mm=0.6)
    for x in np.arange(-28.0, 29.0, 7.0):
        for rise in (-4.0, 14.0):
            tooth = ellipse(around(complex(x, rise + 0.006 * x * x))[0], 8.0 * scale * 1j, 0.38)
            fill(soft, tooth, 0.16, soften_mm=0.7)
    for sign in (-1.0, 1.0):
        sinus = smooth(around(complex(sign * 14, 36), complex(sign * 38, 34),
                              complex(sign * 42, 56),
                              complex(sign * 18, 62)), closed=True)  # fmt: skip
        fill(soft, sinus, -0.22, soften_mm=2.0)
        mastoid = ellipse(around(complex(sign * 58, 34))[0], 17 * scale * 1j, 0.6)
        fill(soft, mastoid, 0.12, soften_mm=3.0)
        cheek = smooth(
            around(complex(sign * 66, 60), complex(sign * 50, 44), complex(sign * 36, 30))
        )
        stroke(soft, cheek, 3.0, 0.14, soften_mm=0.8)
        eye = ellipse(around(complex(sign * 32, 88))[0], 20 * scale, 0.85)
        fill(soft, eye, -0.12, soften_mm=2.0)
        stroke(soft, [*eye, eye[0]], 2.2, 0.14, soften_mm=0.7)
    nose = ellipse(around(52j)[0], 24 * scale * 1j, 0.42)
    fill(soft, nose, -0.16, soften_mm=2.5)
