"""Bones of a lifelike lateral film, skull to thighs; bodies pass exactly through their corners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from balance.phantom.canvas import arc, ellipse, fill, flesh, smooth, stroke
from balance.phantom.look import Physique
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets, rounded
from balance.phantom.vertebra_shape import BodyLook, draw_body, draw_plate

LOOKS: dict[str, BodyLook] = {
    "C": BodyLook(interior=0.20, plate=0.22, wall=0.16, plate_mm=1.2, waist=1.2),
    "T": BodyLook(interior=0.17, plate=0.21, wall=0.08, plate_mm=1.4, waist=1.5),
    "L": BodyLook(interior=0.24, plate=0.26, wall=0.08, plate_mm=1.6, waist=1.4),
}
"""Bodies are mostly spongy: the plates show, the walls hardly, and the chest's least of all."""

ARCH: dict[str, tuple[float, float, float, float]] = {
    "C": (12.0, 27.0, 0.30, 0.42),
    "T": (15.0, 34.0, 1.45, 0.34),
    "L": (23.0, 47.0, 0.40, 0.78),
}
"""Reach of pillar and spinous process behind the body, its drop and its height over the body's."""


def draw_spine(sheets: Sheets, phantom: Phantom, scale: float, physique: Physique) -> None:
    """Bodies and arches, thinned by osteopenia, with double rims and spurs where told."""
    for level in phantom.levels:
        _arch(sheets, phantom, level, scale)
        look = body_look(LOOKS[level[0]], physique)
        corners = phantom.corners(level)
        draw_body(sheets.sharp, corners, look, scale=0.7 if level[0] == "C" else 1.0)
        if physique.rim_double_mm > 0.3 and level[0] != "C":
            double_rims(sheets, phantom, level, (physique.rim_double_mm, look))
    for level, end, length in physique.osteophytes:
        _spur(sheets, phantom, (level, end), length)
    _dens(sheets, phantom, scale)


def body_look(look: BodyLook, physique: Physique) -> BodyLook:
    """A body with less bone in it: the inside fades first, the plates stay thin and sharp."""
    loss = min(physique.osteopenia, 0.9)
    return replace(
        look,
        interior=look.interior * (1.0 - 0.65 * loss),
        plate=look.plate * (1.0 - 0.35 * loss),
        wall=look.wall * (1.0 - 0.30 * loss),
        plate_mm=look.plate_mm * (1.0 - 0.3 * loss),
    )


def double_rims(
    sheets: Sheets, phantom: Phantom, level: str, about: tuple[float, BodyLook]
) -> None:
    """The near and the far rim of each endplate, as far above the landmarks as below them."""
    apart, look = about
    faint = replace(look, plate=0.55 * look.plate, plate_mm=0.8 * look.plate_mm)
    top_low, top_high, foot_low, foot_high = phantom.corners(level)
    for low, high in ((top_low, top_high), (foot_high, foot_low)):
        up = 1j * (high - low) / abs(high - low) * apart / 2.0
        draw_plate(sheets.sharp, low + up, high + up, faint)
        draw_plate(sheets.sharp, low - up, high - up, faint)


def _spur(sheets: Sheets, phantom: Phantom, place: tuple[str, str], length: float) -> None:
    """A beak at an anterior corner; the corner itself stays."""
    level, end = place
    corner = phantom.at(f"{level}_{end}_anterior")
    other = phantom.at(f"{level}_{'inferior' if end == 'superior' else 'superior'}_anterior")
    along = corner - phantom.at(f"{level}_{end}_posterior")
    along /= abs(along)
    up = (corner - other) / abs(corner - other)
    beak = [corner - 2.5 * along, corner + 0.35 * length * along + 0.1 * length * up,
            corner + length * along + 0.45 * length * up,
            corner + 0.5 * length * along - 0.35 * length * up, corner - 4.5 * up]  # fmt: skip
    fill(sheets.sharp, beak, 0.22, soften_mm=0.5)


def _arch(sheets: Sheets, phantom: Phantom, level: str, scale: float) -> None:
    """Pedicle, articular pillar and spinous process; between two of them opens the foramen."""
    top_back, top_front, foot_back, foot_front = phantom.corners(level)
    forward = (top_front - top_back) + (foot_front - foot_back)
    forward /= abs(forward)
    up, wall, height = 1j * forward, (top_back + foot_back) / 2.0, abs(top_back - foot_back)
    pillar, reach, drop, tall = ARCH[level[0]]
    if level in ("C2", "C7", "T11", "T12", "T13"):
        reach, drop, tall = {"C2": (31.0, 0.3, 0.7), "C7": (42.0, 0.6, 0.45)}.get(
            level, (40.0, 0.6, 0.6)
        )
    firm = {"C": 0.9, "T": 0.7, "L": 1.35}[level[0]]

    def at(back: float, rise: float) -> complex:
        return wall - back * scale * forward + rise * height * up

    soft = sheets.soft
    pedicle = smooth([at(-1, 0.42), at(pillar * 0.5, 0.36), at(pillar - 2, 0.46),
                      at(pillar - 2, 0.04), at(pillar * 0.5, 0.12), at(-1, 0.02)],
                      closed=True)  # fmt: skip
    fill(soft, pedicle, 0.17 * firm, soften_mm=0.6)
    stroke(soft, pedicle, 0.9, 0.08 * firm, soften_mm=0.35)
    upper = smooth([at(pillar - 6, 0.78), at(pillar - 1, 0.86), at(pillar + 3, 0.45),
                    at(pillar, 0.1), at(pillar - 4, 0.2)], closed=True, count=40)  # fmt: skip
    lower = smooth([at(pillar - 1, 0.25), at(pillar + 5, 0.0), at(pillar + 6, -0.45),
                    at(pillar + 2, -0.72), at(pillar - 2, -0.6), at(pillar - 1, -0.1)],
                   closed=True, count=40)  # fmt: skip
    column = smooth([at(pillar - 3, 0.62), at(pillar + 5, 0.5), at(pillar + 8, -0.2),
                     at(pillar + 4, -0.62), at(pillar - 2, -0.5), at(pillar - 2, 0.1)],
                    closed=True, count=40)  # fmt: skip
    fill(soft, column, 0.09 * firm, soften_mm=2.2)
    for facet in (upper, lower):
        fill(soft, facet, 0.09 * firm, soften_mm=1.0)
        stroke(soft, [*facet, facet[0]], 1.1, 0.05 * firm, soften_mm=0.5)
    spine = smooth(
        [at(pillar + 2, 0.20), at((pillar + reach) / 2, 0.10 - drop * 0.45),
         at(reach - 3, -drop + 0.16), at(reach, -drop - 0.1), at(reach - 1, -drop - tall * 0.85),
         at(reach - 6, -drop - tall * 0.9), at((pillar + reach) / 2, -tall * 0.7 - drop * 0.5),
         at(pillar + 3, -0.35)], closed=True, count=60)  # fmt: skip
    fill(soft, spine, 0.09 * firm, soften_mm=1.0)
    stroke(soft, [*spine, spine[0]], 1.1, 0.08 * firm, soften_mm=0.5)


def _dens(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    tip, low, high = (phantom.at(name) for name in
                      ("C2_dens", "C2_superior_posterior", "C2_superior_anterior"))  # fmt: skip
    base = (low + high) / 2.0
    up, half = (tip - base) / abs(tip - base), (high - low) * 0.42
    outline = smooth([base - half, base - half * 0.85 + 13 * scale * up, tip,
                      base + half * 0.85 + 13 * scale * up, base + half], count=40)  # fmt: skip
    fill(sheets.sharp, outline, 0.26, soften_mm=0.3)
    stroke(sheets.sharp, outline, 0.9, 0.18, soften_mm=0.3)
    for ring in (tip + (8.5 - 6j) * scale, tip - (34 + 6j) * scale):
        fill(sheets.soft, ellipse(ring, 4.0 * scale, 1.4), 0.22, soften_mm=0.5)
    fill(sheets.soft, ellipse(tip - (14 + 7j) * scale, 15 * scale, 0.40), 0.12, soften_mm=1.0)


def draw_ribs(sheets: Sheets, phantom: Phantom, scale: float, front: list[complex]) -> None:
    """Both sides of every rib: back round the lung, then forwards and down; breastbone."""
    heights = np.array([point.imag for point in front])
    depths = np.array([point.real for point in front])
    count = min(12, sum(level[0] == "T" for level in phantom.levels))
    for apart in (0.0, 1.0):
        for number in range(1, count + 1):
            top_back, top_front, foot_back, _ = phantom.corners(f"T{number}")
            forward = (top_front - top_back) / abs(top_front - top_back)
            start = top_back + 0.25 * (foot_back - top_back) - (2 + 2 * apart) * scale * forward
            reach = (12, 18, 23, 26, 28, 30, 31, 31, 30, 27, 22, 15)[number - 1] + 4 * apart
            drop = (4, 8, 12, 15, 18, 20, 22, 24, 25, 25, 20, 14)[number - 1]
            bend = start - complex(reach, drop + 4 * apart) * scale
            fall = (30, 48, 66, 80, 92, 100, 104, 104, 96, 84, 52, 24)[number - 1]
            end_y = bend.imag - fall * scale
            wall = float(np.interp(-end_y, -heights, depths)) - 25 * scale
            share = (1.0, 1.0, 1.0, 1.0, 0.97, 0.93, 0.87, 0.78, 0.68, 0.55, 0.30, 0.12)[number - 1]
            end = complex(bend.real + share * (wall - bend.real), end_y)
            turn = bend + complex(2, -0.16 * fall) * scale
            middle = 0.55 * bend + 0.45 * end - 5j * scale
            line = smooth([start, 0.5 * (start + bend) + 3j * scale, bend, turn, middle, end],
                          count=70)  # fmt: skip
            _rib(sheets, line, scale * (0.55 if number > 10 else 1.0))
    _breastbone(sheets, phantom, scale, front)


def _rib(sheets: Sheets, line: list[complex], scale: float) -> None:
    path = np.asarray(line)
    along = np.gradient(path)
    across = 1j * along / np.abs(along)
    wide = np.linspace(3.0, 5.6, len(line)) * scale
    edges = [[complex(v) for v in path + half * wide * across] for half in (-1.0, 1.0)]
    fill(sheets.soft, [*edges[0], *edges[1][::-1]], 0.028, soften_mm=0.7)
    for edge in edges:
        stroke(sheets.soft, edge[:36], 1.0, 0.040, soften_mm=0.5)
        stroke(sheets.soft, edge, 1.0, 0.024, soften_mm=0.5)


def _breastbone(sheets: Sheets, phantom: Phantom, scale: float, front: list[complex]) -> None:
    high, low = phantom.at("T2_centroid").imag - 16 * scale, phantom.at("T9_centroid").imag
    line = [point - 13 * scale for point in front if low < point.imag < high]
    if len(line) < 6:
        return
    fill(sheets.soft, [*line, *(point - 9 * scale for point in reversed(line))], 0.08,
         soften_mm=1.0)  # fmt: skip
    for inset in (0.0, 9.0):
        stroke(sheets.soft, [point - inset * scale for point in line], 1.3, 0.09, soften_mm=0.5)


def draw_skull(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Skull base, mastoid, face, jaws and teeth as far as the film shows them."""
    dens = phantom.at("C2_dens")
    soft = sheets.soft

    def around(*points: complex) -> list[complex]:
        return [dens + point * scale for point in points]

    vault = smooth(around(-92 + 74j, -84 + 36j, -58 + 10j, -26 + 6j, 2 + 8j, 20 + 20j, 40 + 36j,
                          64 + 50j, 84 + 74j, 88 + 140j, 0 + 175j, -84 + 140j),
                          closed=True)  # fmt: skip
    soft.flesh[...] += rounded(soft, vault, [(dens.imag - 9, 0.7), (dens.imag + 300, 0.7)],
                               edge_mm=45.0 * scale)  # fmt: skip
    stroke(soft, [*vault, vault[0]], 6.0 * scale, 0.22, soften_mm=1.0)
    base = smooth(around(-40 + 12j, -16 + 16j, 6 + 18j, 22 + 34j, 30 + 46j, 52 + 50j))
    stroke(soft, base, 9.0 * scale, 0.20, soften_mm=2.0)
    petrous = ellipse(around(-8 + 22j)[0], 20 * scale, 0.75)
    fill(soft, petrous, 0.40, soften_mm=3.5)
    for cell in around(-20 + 10j, -14 + 4j, -24 + 18j, -12 + 14j, -28 + 10j, -18 + 22j):
        fill(soft, ellipse(cell, 3.2 * scale, 1.2), -0.10, soften_mm=0.8)
    face = smooth(around(14 + 22j, 30 - 4j, 40 - 27j, 70 - 43j, 98 - 46j, 108 - 36j, 106 - 12j,
                         116 + 20j, 108 + 60j, 60 + 60j), closed=True)  # fmt: skip
    flesh(soft, face, 0.42, soften_mm=7.0)
    for sinus in around(80 + 26j, 62 + 34j):
        fill(soft, ellipse(sinus, 15 * scale, 0.8), -0.16, soften_mm=2.0)
    for away in (0j, 3 - 3j):
        jaw = smooth([at + away * scale for at in
                      around(20 + 26j, 24 + 4j, 33 - 16j, 60 - 30j, 88 - 40j,
                      100 - 38j)])  # fmt: skip
        stroke(soft, jaw, 12.0 * scale, 0.10, soften_mm=1.0)
        for half in (-5.0, 5.0):
            stroke(soft, [at + half * scale * (0.6 + 0.8j) for at in jaw], 1.8, 0.12, soften_mm=0.5)
    for place in np.linspace(0.0, 1.0, 8):
        foot = around(complex(46 + 50 * place, -12 - 8 * place * place))[0]
        for up in (6.0, -6.0):
            tooth = ellipse(foot + up * 1j * scale, 7.0 * scale * 1j, 0.40)
            fill(soft, tooth, 0.12, soften_mm=1.2)
    hyoid = phantom.at("C4_superior_anterior") + 24 * scale
    stroke(soft, [hyoid, hyoid + (12 + 4j) * scale], 3.0, 0.10, soften_mm=0.7)


def draw_heads(sheets: Sheets, phantom: Phantom) -> None:
    """The femoral heads, exact circles, and the roofs of their sockets."""
    turn = phantom.truth["PT"] - 13.0
    for number in (1, 2):
        hip, radius = phantom.at(f"femoral_head_{number}"), phantom.radii[f"femoral_head_{number}"]
        fill(sheets.sharp, ellipse(hip, complex(radius), 1.0, count=120), 0.09, soften_mm=0.3)
        stroke(sheets.sharp, arc(hip, radius - 0.6, 0, 360), 1.2, 0.10, soften_mm=0.3)
        stroke(sheets.soft, arc(hip, radius + 3.6, 15 + turn, 190 + turn), 1.8, 0.14, soften_mm=0.5)
        stroke(sheets.soft, arc(hip, radius + 5.0, 55 + turn, 130 + turn), 3.0, 0.12, soften_mm=0.9)
