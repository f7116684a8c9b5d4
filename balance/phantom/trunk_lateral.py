"""Flesh and air of a lifelike lateral film: trunk, arms, lungs, heart, windpipe."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import Image, ellipse, fill, flesh, ribbon, smooth, stroke
from balance.phantom.look import Physique
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets, centre, coarse_plane, noise_field, rounded
from balance.phantom.vessels import lung_markings

SKIN: tuple[tuple[str, float, float], ...] = (
    ("C4", 48.0, 60.0), ("C6", 50.0, 66.0), ("T1", 60.0, 76.0), ("T3", 92.0, 78.0),
    ("T5", 124.0, 72.0), ("T7", 144.0, 66.0), ("T9", 150.0, 62.0), ("T12", 138.0, 66.0),
    ("L2", 124.0, 74.0), ("L4", 114.0, 88.0),
)  # fmt: skip
"""Skin in front of and behind the centre of a vertebra of a lean person, millimetres."""

FAT: dict[str, tuple[float, float]] = {
    "T1": (6, 10), "T3": (12, 14), "T5": (18, 14), "T7": (26, 14), "T9": (40, 16), "T12": (60, 20),
    "L2": (78, 24), "L4": (84, 28),
}  # fmt: skip
"""What the heaviest person carries more."""

BOSOM: dict[str, float] = {"T5": 6.0, "T7": 26.0, "T9": 18.0}

THICKNESS: tuple[tuple[str, float], ...] = (
    ("L4", 1.75), ("L2", 1.62), ("T11", 1.55), ("T8", 1.50), ("T5", 1.62), ("T3", 2.0),
    ("T1", 1.75), ("C6", 0.95), ("C4", 0.75),
)  # fmt: skip
"""Attenuation across the trunk at a level: shoulders and hips are the widest parts."""


def skin(phantom: Phantom, scale: float, physique: Physique) -> tuple[list[complex], list[complex]]:
    """The skin in front and behind, from the head down to the thighs."""
    hip = (phantom.at("femoral_head_1") + phantom.at("femoral_head_2")) / 2.0
    fat = physique.obesity
    chin = phantom.at("C2_centroid")
    front = [chin + (58 + 120j) * scale, chin + 52 * scale]
    back = [chin - (70 - 120j) * scale, chin - 58 * scale]
    for level, before, behind in SKIN:
        ahead, rear = FAT.get(level, (0.0, 0.0))
        before += fat * ahead + physique.bosom * BOSOM.get(level, 0.0)
        middle = centre(phantom, level)
        front.append(middle + before * scale)
        back.append(middle - (behind + fat * rear) * scale)
    front += [hip + complex(104 + 58 * fat, 62) * scale, hip + complex(88 + 20 * fat, 2) * scale,
              hip + complex(80 + 8 * fat, -60) * scale, hip + (76 - 170j) * scale]  # fmt: skip
    back += [hip - complex(118 + 26 * fat, -60) * scale, hip - complex(134 + 28 * fat, 0) * scale,
             hip - complex(122 + 22 * fat, 44) * scale, hip - (94 + 72j) * scale,
             hip - (90 + 170j) * scale]  # fmt: skip
    return smooth(front, count=200), smooth(back, count=200)


def draw_trunk(
    sheets: Sheets, phantom: Phantom, scale: float, physique: Physique, rng: np.random.Generator
) -> None:
    """Draw everything that is neither bone nor bowel."""
    front, back = skin(phantom, scale, physique)
    soft = sheets.soft
    hip = phantom.at("femoral_head_1")
    more = 1.0 + 0.55 * physique.obesity
    profile = [(hip.imag - 170 * scale, 1.5 * more), (hip.imag - 60 * scale, 1.9 * more),
               (hip.imag + 10 * scale, 2.25 * more), (hip.imag + 90 * scale,
               2.0 * more)]  # fmt: skip
    profile += [(centre(phantom, level).imag, value * more) for level, value in THICKNESS]
    profile = sorted(profile)
    body = [*front, *reversed(back)]
    trunk = rounded(soft, body, profile, edge_mm=85.0 * scale)
    grain = 0.022 * noise_field(rng, soft, 28.0) + 0.010 * noise_field(rng, soft, 9.0)
    soft.flesh[...] += trunk * (1.0 + grain)
    _lungs(sheets, phantom, scale, (front, rng))
    _windpipe(sheets, phantom, scale)
    _great_vessels(sheets, phantom, scale, physique.calcified_aorta, rng)


def _lungs(
    sheets: Sheets, phantom: Phantom, scale: float,
    about: tuple[list[complex], np.random.Generator],
) -> None:  # fmt: skip
    front, rng = about
    soft = sheets.soft
    both = np.zeros_like(soft.flesh)
    for drop, wide, amount in ((0.0, 0.0, 0.50), (-9.0, 8.0, 0.46)):
        line = _lung(phantom, scale, front, (drop, wide))
        low = min(point.imag for point in line)
        high = max(point.imag for point in line)
        profile = [(low, amount), (high - 70 * scale, amount), (high, 0.5 * amount)]
        part = rounded(soft, line, profile, edge_mm=26.0 * scale)
        # The dome meets the beam edge on: its border is crisp, the lung above it full.
        both += np.maximum(part, _full(sheets, line, phantom, scale, amount))
    heart = phantom.at("T8_centroid") + (92 - 16j) * scale
    shape = smooth([heart + at * scale for at in (-42 + 8j, -30 + 34j, 0 + 46j, 30 + 30j, 42 - 6j,
                    34 - 40j, 0 - 50j, -34 - 34j)], closed=True)  # fmt: skip
    # The heart displaces lung; below the dome there is none to displace.
    both *= 1.0 - rounded(soft, shape, [(-1e4, 0.5), (1e4, 0.5)], edge_mm=30.0 * scale)
    soft.flesh[...] -= both
    hilum = phantom.at("T6_centroid") + (34 - 4j) * scale
    lung_markings(soft, rng, (hilum,), (both, 120.0 * scale))


def _full(
    sheets: Sheets, line: list[complex], phantom: Phantom, scale: float, amount: float
) -> Image:
    """The part of a lung next to its dome, without the thin rim that its chest wall has."""
    low = centre(phantom, "T12").imag - 70 * scale
    high = phantom.at("T8_centroid").imag
    dome = phantom.at("T10_centroid")
    window = [(low, 0.0), (low + 1, amount), (high, 0.72 * amount), (high + 30 * scale, 0.0)]
    part = rounded(sheets.soft, line, window, edge_mm=3.0)
    x, _ = coarse_plane(sheets.soft)
    near = np.exp(-(((x - dome.real - 45 * scale) / (85 * scale)) ** 4)).astype(np.float32)
    return np.asarray(part * near, np.float32)


def _lung(
    phantom: Phantom, scale: float, front: list[complex], about: tuple[float, float]
) -> list[complex]:
    """One lung's outline: apex, back, sulcus, dome, breastbone."""
    drop, wide = about

    def off(level: str, away: complex) -> complex:
        return centre(phantom, level) + away * scale

    heights = np.array([point.imag for point in front])
    depths = np.array([point.real for point in front])

    def wall(level: str, inset: float, rise: float = 0.0) -> complex:
        height = centre(phantom, level).imag + rise * scale
        return complex(np.interp(-height, -heights, depths) - inset * scale, height)

    rear = [off("T1", 14 + 6j), off("T2", complex(-8 - wide, -2)), off("T4", complex(-26 - wide)),
            off("T7", complex(-36 - wide)), off("T10", complex(-38 - wide)),
            off("T12", complex(-34 - wide, 2 + drop))]  # fmt: skip
    tip = off("T12", complex(-24 - wide, -14 + drop))
    dome = [tip, off("T12", complex(2, 8 + drop)), off("T11", complex(24, 10 + drop)),
            off("T10", complex(54, 8 + drop)), off("T9", complex(86, -12 + drop)),
            wall("T10", 52, 16 + drop), wall("T11", 31, 24 + drop)]  # fmt: skip
    fore = [wall("T10", 27, 10), wall("T8", 26), wall("T6", 26), wall("T4", 30, 6),
            off("T3", 52 + 12j), off("T2", 36 + 8j)]  # fmt: skip
    return [
        *smooth([*rear, tip], count=60)[:-1],
        *smooth(dome, count=60)[:-1],
        *smooth([dome[-1], *fore, rear[0]], count=70)[:-1],
    ]


def _windpipe(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    path = (("C3", 24.0), ("C5", 24.0), ("C7", 26.0), ("T2", 32.0), ("T4", 38.0), ("T5", 38.0))
    line = smooth([centre(phantom, level) + away * scale for level, away in path])
    flesh(sheets.soft, ribbon(line, 14.0 * scale), -0.16, soften_mm=2.5)


def _great_vessels(
    sheets: Sheets, phantom: Phantom, scale: float, chalk: float, rng: np.random.Generator
) -> None:
    rise = phantom.at("T7_centroid") + (62 + 10j) * scale
    path = [rise, phantom.at("T5_centroid") + (56 + 6j) * scale,
            phantom.at("T4_centroid") + (34 + 4j) * scale]  # fmt: skip
    path += [centre(phantom, level) + away * scale for level, away in
             (("T5", 6.0), ("T7", 3.0), ("T9", 10.0), ("T11", 22.0), ("L1", 30.0), ("L4",
             32.0))]  # fmt: skip
    line = smooth(path, count=160)
    flesh(sheets.soft, ribbon(line, 25.0 * scale), 0.16, soften_mm=3.5)
    if chalk <= 0:
        return
    for side in (-11.5, 11.5):
        wall = np.asarray(ribbon(line, 23.0 * scale))
        wall = wall[: len(line)] if side < 0 else wall[len(line) :][::-1]
        for start in range(60, 156, 4):
            if rng.random() < 0.7 * chalk:
                stroke(sheets.soft, list(wall[start : start + int(rng.integers(3, 6))]),
                       float(rng.uniform(0.9, 1.8)), float(rng.uniform(0.1, 0.28)),
                       soften_mm=0.4)  # fmt: skip


def draw_arms(sheets: Sheets, phantom: Phantom, scale: float, physique: Physique) -> None:
    """Shoulders, upper arms and forearms in front of the chest, one a little off the other."""
    soft = sheets.soft
    girth = 1.0 + 0.35 * physique.obesity
    for apart in (-1.0, 1.0):
        joint = phantom.at("T2_centroid") + complex(20 + 5 * apart, -2 + 5 * apart) * scale
        elbow, wrist = {
            "fists_on_clavicles": (146 - 172j + apart * (16 - 9j), 62 + 4j + apart * (10 + 4j)),
            "forward": (205 - 120j + apart * (10 - 12j), 330 + 10j + apart * 12j),
            "relaxed": (28 - 270j + apart * (16 + 4j), 70 - 480j + apart * 14),
        }[physique.arms]
        elbow, wrist = joint + elbow * scale, joint + wrist * scale
        upper = smooth([joint + 10j * scale, joint * 0.45 + elbow * 0.55 - 4 * scale, elbow])
        for line, width in ((upper, 78.0 * girth), ([elbow, wrist], 62.0 * girth)):
            _limb(sheets, line, width * scale)
        fill(soft, ellipse(joint, 23.0 * scale, 1.0), 0.16, soften_mm=1.0)
        ring = ellipse(joint, 22.3 * scale, 1.0)
        stroke(soft, [*ring, ring[0]], 1.4, 0.12, soften_mm=0.5)
        _shaft(sheets, [joint - 8j * scale, *upper[24:]], 21.0 * scale)
        _shaft(sheets, [elbow, wrist + 4 * scale], 13.0 * scale)
        _shaft(sheets, [elbow + 9j * scale, wrist + 14 * scale], 12.0 * scale)
        socket = ellipse(joint - (21 + 2j) * scale, 13 * scale * 1j, 0.35)
        stroke(soft, [*socket, socket[0]], 1.6, 0.12, soften_mm=0.5)
    _shoulder_blades(sheets, phantom, scale)


def _limb(sheets: Sheets, line: list[complex], width: float) -> None:
    heights = [point.imag for point in line]
    profile = [(min(heights) - 60, 0.20), (max(heights) + 60, 0.20)]
    outline = ribbon(smooth(line, count=50), width)
    tips = [ellipse(end, complex(width / 2.0), 1.0) for end in (line[0], line[-1])]
    limb = rounded(sheets.soft, outline, profile, edge_mm=width / 2.0)
    for tip in tips:
        limb = np.maximum(limb, rounded(sheets.soft, tip, profile, edge_mm=width / 2.0))
    sheets.soft.flesh[...] += limb


def _shaft(sheets: Sheets, line: list[complex], width: float) -> None:
    path = smooth(line, count=60)
    stroke(sheets.soft, path, width, 0.05, soften_mm=0.8)
    for edge in (ribbon(path, width * 0.84)[:60], ribbon(path, width * 0.84)[60:]):
        stroke(sheets.soft, edge, 0.17 * width, 0.07, soften_mm=0.9)


def _shoulder_blades(sheets: Sheets, phantom: Phantom, scale: float) -> None:
    """Seen edge on behind and across the upper thoracic bodies."""
    for apart in (0.0, 1.0):
        top = phantom.at("T2_centroid") + complex(2 + 7 * apart, 2 - 4 * apart) * scale
        tip = phantom.at("T7_centroid") + complex(-22 - 12 * apart, -6 + 8 * apart) * scale
        side = smooth([top, 0.6 * top + 0.4 * tip - (9 - 0j) * scale, tip], count=50)
        stroke(sheets.soft, side, 7.0 * scale, 0.05, soften_mm=1.2)
        stroke(sheets.soft, side, 2.0 * scale, 0.10, soften_mm=0.7)
        rim = smooth(
            [tip, tip + (10 + 26j) * scale, 0.35 * tip + 0.65 * top + 16 * scale], count=40
        )
        stroke(sheets.soft, rim, 1.6 * scale, 0.08, soften_mm=0.6)
