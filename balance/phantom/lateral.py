"""The lateral phantom: chosen angles in, a stack of vertebrae that holds them exactly out.

The hip axis is the origin; x anterior, y up, millimetres. Angles are degrees with the signs of the
landmark contract: lordosis + in ``LL`` and ``CL``, kyphosis + in ``TK``, an anterior tilt +.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scipy.optimize import brentq

from balance.phantom.lateral_truth import lateral_truth
from balance.phantom.sheet import Phantom, freeze, read_only
from balance.phantom.sizes import BODY_SIZE, DENS_ABOVE_C2, S1_DEPTH, levels_between
from balance.phantom.tilts import (
    Plate,
    cranial,
    direction,
    disc_weight,
    plates_upwards,
    positions,
    profile,
)

SMALLEST_DISC_MM = 2.0
LARGEST_BEND = 80.0
LOWER_THORACIC_BOW = -0.16
"""Share of TK taken off at mid-thorax: kyphosis lies above T9, the spine below still leans back."""

DISC_BELOW_C7 = 0.2
"""Lordosis of the disc between C7 and T1, as a share of the cervical lordosis above it."""

BEND_SHARES = {"lumbar": 0.4, "junction": 0.25, "thoracic": 0.6}
"""How one degree of bend is spent when a chosen SVA has to be met: where the trunk leans."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A vertebra that stands ``mm`` anterior (+) of the one below it."""

    level: str
    mm: float


@dataclass(frozen=True, slots=True)
class Wedge:
    """A body that has lost anterior height: ``degrees`` of kyphosis more than it would have.

    The neighbours of the same region give way, so the regional angles stay as chosen.
    """

    level: str
    degrees: float


@dataclass(frozen=True, slots=True)
class LateralChoices:
    """What a lateral phantom shall measure. Degrees and millimetres.

    ``T1S`` None lets T1 follow T4; ``SVA`` None leaves it to the angles. ``T12_L1`` is the kyphosis
    of the disc between the last thoracic vertebra and L1. ``L4_S1_share`` is what the two segments
    above the sacrum hold of LL. ``size`` scales vertebrae and discs.
    ``head_apart`` is the offset of femoral head 2 from head 1 (anterior, up).
    """

    PI: float = 52.0
    PT: float = 13.0
    LL: float = 59.0
    L4_S1_share: float = 0.62
    T12_L1: float = 1.0
    TK: float = 38.0
    T1S: float | None = None
    CL: float = 10.0
    SVA: float | None = None
    size: float = 1.0
    hip_axis_mm: float = 112.0
    head_radius: float = 24.0
    head_apart: tuple[float, float] = (7.0, 3.0)
    thoracic: int = 12
    lumbar: int = 5
    slips: tuple[Slip, ...] = ()
    wedges: tuple[Wedge, ...] = ()


def lateral_phantom(choices: LateralChoices) -> Phantom:
    """Build the spine of these choices.

    Parameters
    ----------
    choices
        The angles, lengths and counts that shall hold.

    Returns
    -------
    Phantom
        Points in millimetres and every lateral value.

    Raises
    ------
    ValueError
        For a count of vertebrae, a level or an SVA that cannot be built.

    Examples
    --------
    >>> phantom = lateral_phantom(LateralChoices(PI=60.0, PT=20.0, SVA=25.0))
    >>> round(phantom.truth["SS"], 9), round(phantom.truth["SVA"], 6)
    (40.0, 25.0)
    """
    _check(choices)
    bend = 0.0 if choices.SVA is None else _bend_for(choices, choices.SVA)
    return _build(choices, bend)


def _check(choices: LateralChoices) -> None:
    levels = levels_between(choices.thoracic, choices.lumbar)
    named = [slip.level for slip in choices.slips] + [wedge.level for wedge in choices.wedges]
    for level in named:
        if level not in levels:
            raise ValueError(
                f"{level} is not a vertebra of this spine ({levels[0]} to {levels[-1]})"
            )
    if choices.size <= 0 or choices.hip_axis_mm <= 0 or choices.head_radius <= 0:
        raise ValueError("size, hip_axis_mm and head_radius must be positive")


def _bend_for(choices: LateralChoices, wanted: float) -> float:
    def miss(bend: float) -> float:
        points = _place(choices, _tilts(choices, bend))
        return _sva(points) - wanted

    if miss(-LARGEST_BEND) * miss(LARGEST_BEND) > 0:
        raise ValueError(f"an SVA of {wanted:g} mm cannot be met with these angles")
    return float(brentq(miss, -LARGEST_BEND, LARGEST_BEND, xtol=1e-13, rtol=1e-14))


def _sva(points: Mapping[str, complex]) -> float:
    corners = [
        points[f"C7_{plate}_{end}"]
        for plate in ("superior", "inferior")
        for end in ("anterior", "posterior")
    ]
    return sum(corner.real for corner in corners) / 4.0 - points["S1_superior_posterior"].real


def _build(choices: LateralChoices, bend: float) -> Phantom:
    levels = levels_between(choices.thoracic, choices.lumbar)
    tilts = _tilts(choices, bend)
    points = _place(choices, tilts)
    slips = {slip.level: slip.mm for slip in choices.slips}
    radius = choices.head_radius
    return Phantom(
        view="lateral",
        points=freeze(points),
        radii=read_only({"femoral_head_1": radius, "femoral_head_2": radius}),
        truth=read_only(lateral_truth(points, tilts, levels, slips=slips)),
        levels=levels,
    )


def _nodes(choices: LateralChoices, bend: float) -> dict[Plate, float]:
    last, low = f"T{choices.thoracic}", f"L{choices.lumbar - 1}"
    sacral_slope = choices.PI - choices.PT
    lumbar_top = sacral_slope - choices.LL
    thoracic_foot = lumbar_top + choices.T12_L1 + BEND_SHARES["junction"] * bend
    thoracic_top = thoracic_foot + choices.TK
    first = thoracic_top + 2.0 if choices.T1S is None else choices.T1S
    neck_foot = first - DISC_BELOW_C7 * choices.CL
    neck_top = neck_foot - choices.CL
    return {
        ("S1", "superior"): sacral_slope,
        (low, "superior"): sacral_slope - choices.L4_S1_share * choices.LL,
        ("L1", "superior"): lumbar_top,
        (last, "inferior"): thoracic_foot,
        ("T4", "superior"): thoracic_top,
        ("T1", "superior"): first,
        ("C7", "inferior"): neck_foot,
        ("C2", "inferior"): neck_top,
        ("C2", "superior"): neck_top,
    }


def _tilts(choices: LateralChoices, bend: float) -> dict[Plate, float]:
    levels = levels_between(choices.thoracic, choices.lumbar)
    nodes = _nodes(choices, bend)
    tilts = profile(nodes, levels)
    place = positions(levels)
    last = (f"T{choices.thoracic}", "inferior")
    thoracic = LOWER_THORACIC_BOW * choices.TK + BEND_SHARES["thoracic"] * bend
    _bow(tilts, place, ((levels[-2], "superior"), ("L1", "superior")), BEND_SHARES["lumbar"] * bend)
    _bow(
        tilts,
        place,
        (last, ("T4", "superior")),
        thoracic,
    )
    for wedge in choices.wedges:
        _collapse(tilts, wedge, list(nodes), plates_upwards(levels))
    return tilts


def _bow(
    tilts: dict[Plate, float],
    place: Mapping[Plate, float],
    ends: tuple[Plate, Plate],
    degrees: float,
) -> None:
    """Add a hump of tilt between two endplates that keep theirs."""
    foot, top = place[ends[0]], place[ends[1]]
    for plate, at in place.items():
        if foot < at < top:
            tilts[plate] += degrees * math.sin(math.pi * (at - foot) / (top - foot)) ** 2


def _collapse(
    tilts: dict[Plate, float], wedge: Wedge, nodes: list[Plate], plates: tuple[Plate, ...]
) -> None:
    """Give one body more kyphosis and take it from the rest of its region, in equal shares."""
    body = plates.index((wedge.level, "superior"))
    fixed = [plates.index(node) for node in nodes]
    foot = max(index for index in fixed if index < body)
    top = min(index for index in fixed if index >= body)
    shares = {
        index: 1.0 if plates[index][1] == "superior" else disc_weight(plates[index][0])
        for index in range(foot + 1, top + 1)
        if index != body
    }
    if not shares:
        raise ValueError(f"{wedge.level} has no neighbour in its region that could give way")
    total, added = sum(shares.values()), 0.0
    for index in range(foot + 1, top):
        added += wedge.degrees if index == body else -wedge.degrees * shares[index] / total
        tilts[plates[index]] += added


def _place(choices: LateralChoices, tilts: Mapping[Plate, float]) -> dict[str, complex]:
    points = _pelvis(choices, tilts["S1", "superior"])
    slips = {slip.level: slip.mm for slip in choices.slips}
    below, below_tilt = points["S1_superior_posterior"], tilts["S1", "superior"]
    for level in reversed(levels_between(choices.thoracic, choices.lumbar)):
        size, scale = BODY_SIZE[level], choices.size
        low, high = tilts[level, "inferior"], tilts[level, "superior"]
        gap = _posterior_disc(size.disc * scale, size.depth_inferior * scale, below_tilt - low)
        foot = below + slips.get(level, 0.0) * direction(below_tilt) + gap * cranial(below_tilt)
        top = foot + size.height * scale * cranial((low + high) / 2.0)
        points[f"{level}_inferior_posterior"] = foot
        points[f"{level}_inferior_anterior"] = foot + size.depth_inferior * scale * direction(low)
        points[f"{level}_superior_posterior"] = top
        points[f"{level}_superior_anterior"] = top + size.depth_superior * scale * direction(high)
        below, below_tilt = top, high
    middle = (points["C2_superior_posterior"] + points["C2_superior_anterior"]) / 2.0
    points["C2_dens"] = middle + DENS_ABOVE_C2 * choices.size * cranial(below_tilt - 6.0)
    return points


def _pelvis(choices: LateralChoices, sacral_slope: float) -> dict[str, complex]:
    # The line from the hip axis to the sacrum leans backwards by PT: the angle of a cranial normal.
    middle = choices.hip_axis_mm * cranial(-choices.PT)
    half = S1_DEPTH * choices.size / 2.0 * direction(sacral_slope)
    apart = complex(*choices.head_apart) / 2.0
    return {
        "femoral_head_1": -apart,
        "femoral_head_2": apart,
        "S1_superior_posterior": middle - half,
        "S1_superior_anterior": middle + half,
    }


def _posterior_disc(middle: float, depth: float, lordosis: float) -> float:
    """Posterior disc height; neither end may close below a gap that a film still shows."""
    opening = depth * math.sin(math.radians(lordosis))
    return max(middle - opening / 2.0, SMALLEST_DISC_MM, SMALLEST_DISC_MM - opening)


def thoracic_kyphosis_for(choices: LateralChoices, sva: float) -> float:
    """Degrees of kyphosis, from 8 to 75, that bring the C7 plumb line nearest to ``sva`` mm."""

    def miss(kyphosis: float) -> float:
        trial = replace(choices, TK=kyphosis)
        return _sva(_place(trial, _tilts(trial, 0.0))) - sva

    lowest, highest = 8.0, 75.0
    if miss(lowest) >= 0:
        return lowest
    if miss(highest) <= 0:
        return highest
    return float(brentq(miss, lowest, highest, xtol=0.01))
