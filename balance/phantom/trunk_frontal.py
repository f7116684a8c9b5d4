"""Flesh and air of a lifelike frontal film: trunk, arms, lungs, heart, great vessels, psoas."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import Image, ellipse, flesh, ribbon, smooth
from balance.phantom.chest_frontal import SIDES, chest_half_width, chest_middle, spine_at
from balance.phantom.look import Physique
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets, coarse_plane, inside, noise_field, rounded
from balance.phantom.vessels import lung_markings

WAIST: tuple[tuple[str, float, float, float], ...] = (
    ("T4", 150.0, 18.0, 1.0), ("T7", 150.0, 24.0, 1.0), ("T10", 148.0, 32.0, 1.0),
    ("L1", 136.0, 50.0, 0.7), ("L3", 132.0, 62.0, 0.35), ("L4", 140.0, 62.0, 0.15),
)  # fmt: skip
"""Half width of a lean trunk, what the heaviest has more, how far the skin follows the chest."""

THICKNESS: tuple[tuple[str, float], ...] = (
    ("L4", 1.45), ("L2", 1.35), ("T11", 1.35), ("T7", 1.40), ("T4", 1.40), ("T1", 1.15),
    ("C7", 0.85),
)  # fmt: skip


def draw_frontal_trunk(
    sheets: Sheets, phantom: Phantom, scale: float, physique: Physique, rng: np.random.Generator
) -> None:
    """Draw everything that is neither bone nor bowel."""
    soft, more = sheets.soft, 1.0 + 0.5 * physique.obesity
    sides = [_skin(phantom, scale, physique, side, sign) for side, sign in SIDES]
    hips = (phantom.at("femoral_head_left") + phantom.at("femoral_head_right")) / 2.0
    profile = [(hips.imag - 150 * scale, 1.15 * more), (hips.imag, 1.65 * more),
               (hips.imag + 80 * scale, 1.6 * more)]  # fmt: skip
    profile += [(phantom.at(f"{level}_centroid").imag, value * more) for level, value in THICKNESS]
    trunk = rounded(soft, [*sides[0], *reversed(sides[1])], sorted(profile), edge_mm=75.0 * scale)
    grain = 0.022 * noise_field(rng, soft, 28.0) + 0.010 * noise_field(rng, soft, 9.0)
    soft.flesh[...] += trunk * (1.0 + grain)
    _arms(sheets, phantom, scale, physique)
    _thighs_apart(sheets, phantom, scale)
    _mediastinum(sheets, phantom, scale)
    _lungs(sheets, phantom, scale, rng)
    _psoas(sheets, phantom, scale)
    if physique.bosom > 0:
        _bosom(sheets, phantom, scale, physique.bosom)


def _skin(
    phantom: Phantom, scale: float, physique: Physique, side: str, sign: float
) -> list[complex]:
    neck, fat = phantom.at("C7_centroid"), physique.obesity
    line = [neck + complex(sign * (58 + 14 * fat), 190) * scale,
            neck + complex(sign * (54 + 18 * fat), 60) * scale,
            neck + complex(sign * (70 + 18 * fat), 26) * scale,
            phantom.at(f"clavicle_{side}") + complex(sign * (56 + 16 * fat),
            -6) * scale]  # fmt: skip
    for level, lean, heavy, follows in WAIST:
        height = phantom.at(f"{level}_centroid").imag
        half = (lean + fat * heavy) * scale
        line.append(complex(chest_middle(phantom, height) * follows + sign * half, height))
    hip = phantom.at(f"femoral_head_{side}")
    line += [hip + complex(sign * (78 + 40 * fat), 70) * scale,
             hip + complex(sign * (92 + 34 * fat), -6) * scale,
             hip + complex(sign * (88 + 24 * fat), -160) * scale]  # fmt: skip
    return smooth(line, count=180)


def _arms(sheets: Sheets, phantom: Phantom, scale: float, physique: Physique) -> None:
    wide = (78.0 + 26.0 * physique.obesity) * scale
    for side, sign in SIDES:
        line = arm_line(phantom, scale, side, sign)
        heights = [point.imag for point in line]
        profile = [(min(heights) - 50, 0.6), (max(heights) + 50, 0.3)]
        limb = rounded(sheets.soft, ribbon(line, wide), profile, edge_mm=wide / 2.0)
        sheets.soft.flesh[...] += limb


def arm_line(phantom: Phantom, scale: float, side: str, sign: float) -> list[complex]:
    """The upper arm from the shoulder joint outwards and down."""
    joint = phantom.at(f"clavicle_{side}") + complex(sign * 22, -26) * scale
    return smooth([joint - 2j * scale, joint + complex(sign * 34, -58) * scale,
                   joint + complex(sign * 118, -180) * scale], count=50)  # fmt: skip


def _thighs_apart(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    left, right = phantom.at("femoral_head_left"), phantom.at("femoral_head_right")
    crotch = (left + right) / 2.0 - 74j * scale
    gap = smooth([crotch, crotch + (9 - 40j) * scale, crotch + (14 - 130j) * scale], count=20)
    other = [complex(2 * crotch.real - point.real, point.imag) for point in reversed(gap)]
    flesh(sheets.soft, [*gap, *other], -0.5, soften_mm=3.0)


def _mediastinum(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Aortic arch and descending aorta, and the windpipe with its fork."""
    soft = sheets.soft
    foot = phantom.at("T12_centroid" if "T12" in phantom.levels else "T11_centroid").imag
    knob = phantom.at("T4_centroid") - (26 + 8j) * scale
    aorta = [complex(spine_at(phantom, h) - 22 * scale, h) for h in np.linspace(knob.imag, foot, 9)]
    flesh(soft, ribbon(smooth(aorta), 24 * scale), 0.10, soften_mm=2.5)
    fork = phantom.at("T5_centroid").imag
    tube = smooth([phantom.at("C7_centroid") + 66j * scale, phantom.at("T1_centroid"),
                   complex(spine_at(phantom, fork) + 2 * scale, fork)])  # fmt: skip
    flesh(soft, ribbon(tube, 15 * scale), -0.17, soften_mm=2.2)
    for sign, steep in ((1.0, 30.0), (-1.0, 22.0)):
        end = tube[-1] + complex(sign * 34, -steep) * scale
        flesh(soft, ribbon(smooth([tube[-1], end]), 10 * scale), -0.13, soften_mm=2.0)


def _heart_shadow(sheets: Sheets, phantom: Phantom, scale: float) -> Image:
    """Where heart and arch stand in for lung, 0 to 1; the heart lies to the patient's left."""
    height = phantom.at("T8_centroid").imag - 6 * scale
    middle = complex(0.5 * chest_middle(phantom, height) + 0.5 * spine_at(phantom, height), height)
    heart = smooth([middle + at * scale for at in
                    (40 - 34j, 42 - 6j, 30 + 30j, 8 + 52j, -26 + 46j, -52 + 14j, -78 - 24j,
                     -80 - 42j, -54 - 52j, 10 - 50j)], closed=True)  # fmt: skip
    even = [(-1e4, 1.0), (1e4, 1.0)]
    shadow = 0.82 * rounded(sheets.soft, heart, even, edge_mm=26.0 * scale)
    knob = phantom.at("T4_centroid") - (26 + 8j) * scale
    arch = inside(sheets.soft, ellipse(knob, 15 * scale, 1.15), soften_mm=2.0)
    return np.asarray(np.maximum(shadow, 0.55 * arch), np.float32)


def lung_outline(phantom: Phantom, scale: float, side: str, sign: float) -> list[complex]:
    """Apex, chest wall, sulcus and dome of one lung; it runs behind the heart to the spine."""
    dome = phantom.at("T10_centroid").imag + (8.0 if side == "right" else -6.0) * scale
    apex, foot = phantom.at("T1_centroid").imag + 2 * scale, phantom.at("T11_centroid").imag
    outer = []
    for height in np.linspace(apex - 16 * scale, foot - 20 * scale, 14):
        wall = chest_half_width(phantom, height, scale) - 5 * scale
        outer.append(complex(chest_middle(phantom, height) + sign * wall, height))
    inner = [complex(spine_at(phantom, height) + sign * 25 * scale, height)
             for height in np.linspace(dome - 2 * scale, apex - 8 * scale, 10)]  # fmt: skip
    tip = complex(0.5 * (outer[0].real + inner[-1].real), apex + 8 * scale)
    out, near = outer[-1].real, inner[0].real
    arch = [outer[-1], complex(out + 0.14 * (near - out), dome - 16 * scale),
            complex(out + 0.34 * (near - out), dome + 6 * scale),
            complex(out + 0.62 * (near - out), dome + 14 * scale), inner[0]]  # fmt: skip
    return [*smooth([inner[-1], tip, *outer], count=80)[:-1], *smooth(arch, count=50)[:-1], *inner]


def _lungs(sheets: Sheets, phantom: Phantom, scale: float, rng: np.random.Generator) -> None:
    soft = sheets.soft
    shadow = _heart_shadow(sheets, phantom, scale)
    for side, sign in SIDES:
        line = lung_outline(phantom, scale, side, sign)
        lung = 0.80 * _soft_edged(sheets, phantom, line, scale) * (1.0 - shadow)
        soft.flesh[...] -= lung
        height = phantom.at("T6_centroid").imag
        root = complex(spine_at(phantom, height) + sign * 38 * scale, height - 4 * scale)
        lung_markings(soft, rng, (root,), (lung, 120.0 * scale))


def _soft_edged(sheets: Sheets, phantom: Phantom, line: list[complex], scale: float) -> Image:
    """Thin at the wall, full above the dome, whose border is crisp."""
    cover = inside(sheets.soft, line, soften_mm=0.8)
    flat = [(-1e4, 1.0), (1e4, 1.0)]
    thin = rounded(sheets.soft, line, flat, edge_mm=24.0 * scale)
    _, y = coarse_plane(sheets.soft)
    low = phantom.at("T9_centroid").imag
    near_dome = 1.0 / (1.0 + np.exp((y - low) / (8.0 * scale)))
    return np.asarray(cover * np.maximum(0.35 + 0.65 * thin, 0.8 * near_dome), np.float32)


def _psoas(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    top, foot = phantom.at("L1_centroid"), phantom.at("L4_centroid")
    for _, sign in SIDES:
        outline = smooth([top + sign * 14 * scale, foot + complex(sign * 62, 20) * scale,
                          foot + complex(sign * 84, -70) * scale,
                          foot + complex(sign * 52, -84) * scale,
                          foot + complex(sign * 10, 0) * scale], closed=True)  # fmt: skip
        flesh(sheets.soft, outline, 0.07, soften_mm=2.5)


def _bosom(sheets: Sheets, phantom: Phantom, scale: float, bosom: float) -> None:
    height = phantom.at("T8_centroid").imag - 4 * scale
    for _, sign in SIDES:
        middle = complex(chest_middle(phantom, height) + sign * 78 * scale, height)
        shape = ellipse(middle, (48 + 14 * bosom) * scale, 0.85)
        span = [(height - 200, 0.34 * bosom), (height + 200, 0.10 * bosom)]
        sheets.soft.flesh[...] += rounded(sheets.soft, shape, span, edge_mm=40.0 * scale)
