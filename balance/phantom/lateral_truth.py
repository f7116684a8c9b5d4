"""Lateral values of a built phantom, by its own trigonometry with complex numbers.

Angles between endplates are differences of the tilts that were chosen; the rest is the phase of a
quotient of two directions. Nothing here shares a line with the program's metrics.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence

from balance.phantom.tilts import Plate

SMALLEST_BARREY_MM = 10.0


def angle(first: complex, second: complex) -> float:
    """Degrees from the first direction to the second, anticlockwise.

    Examples
    --------
    >>> round(angle(1 + 0j, 1j), 9)
    90.0
    """
    return math.degrees(cmath.phase(second / first))


def lean(foot: complex, top: complex) -> float:
    """Degrees by which the line foot to top leans towards plane +x."""
    return angle(top - foot, 1j)


def lateral_truth(
    points: Mapping[str, complex],
    tilts: Mapping[Plate, float],
    levels: Sequence[str],
    *,
    slips: Mapping[str, float],
) -> dict[str, float]:
    """Every lateral value of the contract that is defined; degrees, mm, ratio, percent."""
    centre = {level: _centre(points, level) for level in levels}
    hip = (points["femoral_head_1"] + points["femoral_head_2"]) / 2.0
    corner = points["S1_superior_posterior"]
    middle = (corner + points["S1_superior_anterior"]) / 2.0
    truth = _regional(tilts, levels) | _pelvic(tilts, hip, middle)
    truth |= _global(centre, hip, corner, middle)
    truth["PI_LL"] = truth["PI"] - truth["LL"]
    truth["GT"] = truth["PT"] + lean(middle, centre["C7"])
    truth["SSA"] = angle(points["S1_superior_anterior"] - middle, centre["C7"] - middle)
    truth["T4_L1PA"] = truth["T4PA"] - truth["L1PA"]
    truth["cSVA"] = centre["C2"].real - points["C7_superior_posterior"].real
    truth["OD_HA"] = lean(hip, points["C2_dens"])
    if truth["LL"] > 0:
        truth["LDI"] = 100.0 * truth["L4_S1"] / truth["LL"]
    if abs(hip.real - corner.real) >= SMALLEST_BARREY_MM:
        truth["barrey_ratio"] = truth["SVA"] / (hip.real - corner.real)
    return truth | _segmental(tilts, levels) | _listhesis(levels, slips)


def _centre(points: Mapping[str, complex], level: str) -> complex:
    corners = [
        points[f"{level}_{plate}_{end}"]
        for plate in ("superior", "inferior")
        for end in ("anterior", "posterior")
    ]
    return sum(corners, 0j) / 4.0


def _pelvic(tilts: Mapping[Plate, float], hip: complex, middle: complex) -> dict[str, float]:
    slope, tilt = tilts["S1", "superior"], -lean(hip, middle)
    return {"PI": slope + tilt, "PT": tilt, "SS": slope}


def _regional(tilts: Mapping[Plate, float], levels: Sequence[str]) -> dict[str, float]:
    def between(upper: Plate, lower: Plate) -> float:
        """Kyphosis from the upper to the lower endplate."""
        return tilts[upper] - tilts[lower]

    sacrum: Plate = ("S1", "superior")
    last: Plate = (next(level for level in reversed(levels) if level[0] == "T"), "inferior")
    first, neck = tilts["T1", "superior"], between(("C7", "inferior"), ("C2", "inferior"))
    return {
        "LL": -between(("L1", "superior"), sacrum),
        "L4_S1": -between((levels[-2], "superior"), sacrum),
        "TK": between(("T4", "superior"), last),
        "TK_T5_T12": between(("T5", "superior"), last),
        "TK_T2_T12": between(("T2", "superior"), last),
        "TLK": between(("T10", "superior"), ("L2", "inferior")),
        "T1S": first,
        "CL": neck,
        "TS_CL": first - neck,
        "C2S": tilts["C2", "inferior"],
    }


def _global(
    centre: Mapping[str, complex], hip: complex, corner: complex, middle: complex
) -> dict[str, float]:
    def pelvic_angle(level: str) -> float:
        return angle(centre[level] - hip, middle - hip)

    return {
        "SVA": centre["C7"].real - corner.real,
        "TPA": pelvic_angle("T1"),
        "T4PA": pelvic_angle("T4"),
        "L1PA": pelvic_angle("L1"),
        "T9SPi": lean(hip, centre["T9"]),
        "T1SPi": lean(hip, centre["T1"]),
    }


def _segmental(tilts: Mapping[Plate, float], levels: Sequence[str]) -> dict[str, float]:
    """Lordosis of every body and disc; the disc is named by its two vertebrae."""
    values = {}
    for level, below in zip(levels, (*levels[1:], "S1"), strict=True):
        low = tilts[level, "inferior"]
        values[f"segmental.{level}"] = low - tilts[level, "superior"]
        values[f"segmental.{level}_{below}"] = tilts[below, "superior"] - low
    return values


def _listhesis(levels: Sequence[str], slips: Mapping[str, float]) -> dict[str, float]:
    """Millimetres by which each vertebra was placed anterior to the one below."""
    pairs = zip(levels, (*levels[1:], "S1"), strict=True)
    return {f"listhesis.{level}_{below}": slips.get(level, 0.0) for level, below in pairs}
