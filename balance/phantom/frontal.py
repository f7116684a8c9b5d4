"""The frontal phantom: chosen curves in, vertebrae whose end vertebrae and Cobb hold exactly out.

The middle of the S1 endplate is the origin; x to the patient's right, y up, millimetres. Angles
are + when the patient's right side is lower, lengths + to the patient's right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from scipy.optimize import brentq

from balance.phantom.frontal_truth import ChainLink, centre_of, curve_truths, frontal_truth
from balance.phantom.sheet import CurveTruth, Phantom, freeze, read_only
from balance.phantom.sizes import BODY_SIZE, CHEST_HALF_WIDTHS, S1_WIDTH, levels_between
from balance.phantom.tilts import Plate, cranial, direction, profile

LARGEST_COBB = 90.0
LARGEST_LEAN = 60.0
SMALLEST_DISC_MM = 1.5
GIVING_BACK_ABOVE, GIVING_BACK_BELOW = 0.18, 0.2
"""Share of the outermost curve that the spine gives back beyond it, towards head and sacrum."""

CREST_HALF_WIDTH, CREST_HEIGHT = 104.0, 44.0
CLAVICLE_HALF_WIDTH = 118.0
HEAD_HALF_WIDTH, HEAD_DEPTH = 88.0, 98.0
"""Where the phantom's iliac crests, clavicles and femoral heads stand around the sacrum."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A coronal curve: end vertebrae, Cobb angle in degrees, side of the convexity."""

    upper: str
    lower: str
    cobb: float
    convex: Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class LateralSlip:
    """A vertebra that stands ``mm`` to the right (+) of the one below it."""

    level: str
    mm: float


@dataclass(frozen=True, slots=True)
class FrontalChoices:
    """What a frontal phantom shall measure. Degrees and millimetres.

    ``curves`` run from the head down and share their end vertebrae; no curve is a straight spine.
    ``T1_tilt`` None lets T1 give back part of the uppermost curve. ``sacral_tilt`` None follows the
    pelvis. ``trunk_shift`` None lets the chest follow the apex. With ``sacrum_centre`` the sacral
    endplate is hidden and one point stands for its middle.
    """

    curves: tuple[Curve, ...] = ()
    C7_CSVL: float = 0.0
    T1_tilt: float | None = None
    pelvic_obliquity: float = 0.0
    sacral_tilt: float | None = None
    clavicle_angle: float = 0.0
    head_height_difference: float = 0.0
    head_radius: float = 24.0
    trunk_shift: float | None = None
    size: float = 1.0
    thoracic: int = 12
    lumbar: int = 5
    slips: tuple[LateralSlip, ...] = ()
    sacrum_centre: bool = False


def frontal_phantom(choices: FrontalChoices) -> Phantom:
    """Build the spine of these choices.

    Parameters
    ----------
    choices
        The curves and offsets that shall hold.

    Returns
    -------
    Phantom
        Points in millimetres, every frontal value and the curves.

    Raises
    ------
    ValueError
        For curves that cannot follow one another, or an offset that cannot be met.

    Examples
    --------
    >>> phantom = frontal_phantom(FrontalChoices(curves=(Curve("T5", "T11", 48.0, "right"),)))
    >>> phantom.curves[0].apex, round(phantom.curves[0].cobb, 9)
    ('T8', 48.0)
    """
    levels = levels_between(choices.thoracic, choices.lumbar)[5:]
    _check(choices, levels)
    lean = _lean_for(choices, levels)
    tilts = _tilts(choices, levels, lean)
    points = _place(choices, levels, tilts)
    curves = curve_truths(points, _chain(choices, levels, tilts))
    points |= _girdles(choices, points, curves)
    truth = frontal_truth(points, tilts, levels, curves)
    truth |= {f"lateral_listhesis.{upper}_{lower}": value
              for upper, lower, value in _slips(choices, levels)}  # fmt: skip
    if choices.sacrum_centre:
        points = {name: at for name, at in points.items() if not name.startswith("S1_")}
        points["sacrum_centre"] = 0j
    radii = {f"femoral_head_{side}": choices.head_radius for side in ("left", "right")}
    return Phantom("frontal", freeze(points), read_only(radii), read_only(truth), levels, curves)


def _check(choices: FrontalChoices, levels: tuple[str, ...]) -> None:
    for slip in choices.slips:
        if slip.level not in levels:
            raise ValueError(f"{slip.level} is not a vertebra of this spine")
    for curve in choices.curves:
        if curve.upper not in levels or curve.lower not in levels:
            raise ValueError(f"{curve.upper}-{curve.lower}: C7 to {levels[-1]} can end a curve")
        if levels.index(curve.lower) - levels.index(curve.upper) < 2:
            raise ValueError(f"{curve.upper}-{curve.lower}: a curve needs three vertebrae or more")
        if not 0 < curve.cobb <= LARGEST_COBB:
            raise ValueError(f"a Cobb angle of {curve.cobb:g} degrees cannot be built (0 to 90)")
    for upper, lower in pairwise(choices.curves):
        if upper.lower != lower.upper or upper.convex == lower.convex:
            raise ValueError(
                f"{upper.upper}-{upper.lower} and {lower.upper}-{lower.lower} must share an end "
                "vertebra and be convex to opposite sides: else a third curve lies between them"
            )


def _bend(curve: Curve) -> float:
    """Lower minus upper end tilt: + for a curve that is convex to the right."""
    return curve.cobb if curve.convex == "right" else -curve.cobb


def _nodes(choices: FrontalChoices, levels: tuple[str, ...], lean: float) -> dict[str, float]:
    """Tilts of the end vertebrae and of the two ends of the spine, the mean of the ends at lean."""
    if not choices.curves:
        return dict.fromkeys((levels[-1], levels[0]), lean)
    ends, tilt = {choices.curves[0].upper: 0.0}, 0.0
    for curve in choices.curves:
        tilt += _bend(curve)
        ends[curve.lower] = tilt
    middle = sum(ends.values()) / len(ends)
    ends = {level: value - middle + lean for level, value in ends.items()}
    first, last = choices.curves[0], choices.curves[-1]
    if levels[0] not in ends:
        ends[levels[0]] = ends[first.upper] + GIVING_BACK_ABOVE * _bend(first)
    if levels[-1] not in ends:
        ends[levels[-1]] = ends[last.lower] - GIVING_BACK_BELOW * _bend(last)
    return ends


def _tilts(choices: FrontalChoices, levels: tuple[str, ...], lean: float) -> dict[Plate, float]:
    ends = _nodes(choices, levels, lean)
    if choices.T1_tilt is not None:
        ends |= _upper_end(choices, ends, levels)
    sacrum = choices.pelvic_obliquity if choices.sacral_tilt is None else choices.sacral_tilt
    nodes: dict[Plate, float] = {("S1", "superior"): sacrum}
    for level, tilt in ends.items():
        # Both endplates of an end vertebra share its tilt, so it ends the curves on either side.
        nodes[level, "inferior"] = nodes[level, "superior"] = tilt
    return profile(nodes, levels)


def _upper_end(
    choices: FrontalChoices, ends: Mapping[str, float], levels: tuple[str, ...]
) -> dict[str, float]:
    wanted = float(choices.T1_tilt or 0.0)
    if not choices.curves or levels.index(choices.curves[0].upper) < 2:
        raise ValueError("T1_tilt can be chosen only below a curve that starts at T2 or lower")
    first = choices.curves[0]
    if (wanted - ends[first.upper]) * _bend(first) <= 0:
        raise ValueError(
            f"with a T1 tilt of {wanted:g} degrees {first.upper} would not end its curve"
        )
    return {"T1": wanted, "C7": wanted + 0.05 * (wanted - ends[first.upper])}


def _lean_for(choices: FrontalChoices, levels: tuple[str, ...]) -> float:
    """The tilt of the whole spine that brings C7 to the chosen distance from the CSVL."""

    def miss(lean: float) -> float:
        tilts = _tilts(choices, levels, lean)
        centre = centre_of(_place(choices, levels, tilts), "C7")
        return centre.real - choices.C7_CSVL

    if choices.T1_tilt is None:
        lowest, highest = -LARGEST_LEAN, LARGEST_LEAN
    else:
        lowest, highest = _leans_that_keep_the_curve(choices, levels)
    if miss(lowest) * miss(highest) > 0:
        raise ValueError(f"a C7 offset of {choices.C7_CSVL:g} mm cannot be met with these curves")
    return float(brentq(miss, lowest, highest, xtol=1e-13, rtol=1e-14))


def _leans_that_keep_the_curve(
    choices: FrontalChoices, levels: tuple[str, ...]
) -> tuple[float, float]:
    first = choices.curves[0]
    limit = float(choices.T1_tilt or 0.0) - _nodes(choices, levels, 0.0)[first.upper]
    if _bend(first) > 0:
        return -LARGEST_LEAN, min(LARGEST_LEAN, limit - 1e-6)
    return max(-LARGEST_LEAN, limit + 1e-6), LARGEST_LEAN


def _place(
    choices: FrontalChoices, levels: tuple[str, ...], tilts: Mapping[Plate, float]
) -> dict[str, complex]:
    slips = {slip.level: slip.mm for slip in choices.slips}
    middle, below = 0j, tilts["S1", "superior"]
    points = _plate("S1", "superior", middle, S1_WIDTH * choices.size * direction(below))
    for level in reversed(levels):
        size, scale = BODY_SIZE[level], choices.size
        low, high = tilts[level, "inferior"], tilts[level, "superior"]
        width = size.width * scale
        closing = (width + 1.0) / 2.0 * abs(math.sin(math.radians(below - low)))
        gap = max(size.disc * scale, closing + SMALLEST_DISC_MM)
        foot = middle + slips.get(level, 0.0) * direction(below) + gap * cranial(below)
        middle = foot + size.height * scale * cranial((low + high) / 2.0)
        below = high
        points |= _plate(level, "inferior", foot, (width + 1.0) * direction(low))
        points |= _plate(level, "superior", middle, width * direction(high))
    return points


def _plate(level: str, endplate: str, middle: complex, across: complex) -> dict[str, complex]:
    name = f"{level}_{endplate}"
    return {f"{name}_left": middle - across / 2.0, f"{name}_right": middle + across / 2.0}


def _chain(
    choices: FrontalChoices, levels: tuple[str, ...], tilts: Mapping[Plate, float]
) -> tuple[ChainLink, ...]:
    """The declared curves and what the spine gives back above and below them."""
    if not choices.curves:
        return ()
    links = [ChainLink(curve.upper, curve.lower, _bend(curve)) for curve in choices.curves]
    first, last = choices.curves[0].upper, choices.curves[-1].lower
    if first != levels[0]:
        given = tilts[first, "inferior"] - tilts[levels[0], "superior"]
        links.insert(0, ChainLink(levels[0], first, given, False))
    if last != levels[-1]:
        given = tilts[levels[-1], "inferior"] - tilts[last, "superior"]
        links.append(ChainLink(last, levels[-1], given, False))
    return tuple(links)


def _slips(choices: FrontalChoices, levels: tuple[str, ...]) -> tuple[tuple[str, str, float], ...]:
    slips = {slip.level: slip.mm for slip in choices.slips}
    pairs = zip(levels, (*levels[1:], "S1"), strict=True)
    return tuple((upper, lower, slips.get(upper, 0.0)) for upper, lower in pairs)


def _girdles(
    choices: FrontalChoices, points: Mapping[str, complex], curves: tuple[CurveTruth, ...]
) -> dict[str, complex]:
    """Iliac crests, clavicles, femoral heads and the chest wall at the apical level."""
    scale = choices.size
    crest = CREST_HALF_WIDTH * scale * direction(choices.pelvic_obliquity)
    clavicle = CLAVICLE_HALF_WIDTH * scale * direction(choices.clavicle_angle)
    shoulder = centre_of(points, "T2") + 8j * scale
    level, centre = _chest(choices, points, curves)
    wall = dict(CHEST_HALF_WIDTHS)[level] * scale
    head = complex(HEAD_HALF_WIDTH * scale, -choices.head_height_difference / 2.0)
    hips = -1j * HEAD_DEPTH * scale
    return {
        "iliac_crest_left": 1j * CREST_HEIGHT * scale - crest,
        "iliac_crest_right": 1j * CREST_HEIGHT * scale + crest,
        "clavicle_left": shoulder - clavicle,
        "clavicle_right": shoulder + clavicle,
        "rib_left": centre - wall,
        "rib_right": centre + wall,
        "femoral_head_left": hips - head,
        "femoral_head_right": hips + head,
    }


def _chest(
    choices: FrontalChoices, points: Mapping[str, complex], curves: tuple[CurveTruth, ...]
) -> tuple[str, complex]:
    """The apical level of the largest thoracic curve (else T8) and the chest's middle there."""
    walls = dict(CHEST_HALF_WIDTHS)
    apices = [(curve.cobb, curve.apex.split("/")[0]) for curve in curves if curve.declared]
    thoracic = [pair for pair in apices if pair[1] in walls and pair[1].startswith("T")]
    level = max(thoracic)[1] if thoracic else "T8"
    apex = centre_of(points, level)
    shift = 0.6 * apex.real if choices.trunk_shift is None else choices.trunk_shift
    return level, complex(shift, apex.imag)
