"""Frontal values of a built phantom, by its own trigonometry with complex numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from balance.phantom.lateral_truth import angle
from balance.phantom.sheet import CurveTruth
from balance.phantom.tilts import Plate

LISTED_FROM_DEG = 10.0
"""Curves that the spine only gives back are listed from this Cobb angle on."""

SPINE = ("C7", *(f"T{number}" for number in range(1, 14)), *(f"L{n}" for n in range(1, 7)))
UPPER_BOUNDS: tuple[tuple[str, str], ...] = (("PT", "T6"), ("MT", "T12"))
"""A region ends just above the body named here: PT above T6, MT above T12, then TL."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One curve of the chain: lower minus upper end tilt in degrees, + convex to the right."""

    upper: str
    lower: str
    bend: float
    declared: bool = True


def curve_truths(
    points: Mapping[str, complex], chain: Sequence[ChainLink]
) -> tuple[CurveTruth, ...]:
    """The curves of the chain with apex and region; small balancing curves are left out."""
    return tuple(
        CurveTruth(
            region=region_of(apex),
            upper=link.upper,
            lower=link.lower,
            apex=apex,
            cobb=abs(link.bend),
            convex="right" if link.bend > 0 else "left",
            declared=link.declared,
        )
        for link in chain
        if link.declared or abs(link.bend) >= LISTED_FROM_DEG
        for apex in (_apex(points, link.upper, link.lower),)
    )


def region_of(apex: str) -> str:
    """The region of a curve by its apex, ``T8`` or ``T8/T9``.

    Examples
    --------
    >>> [region_of(apex) for apex in ("T5/T6", "T6", "T11/T12", "T12", "L2/L3")]
    ['PT', 'MT', 'MT', 'TL', 'TL']
    """
    upper = SPINE.index(apex.split("/")[0])
    for region, bound in UPPER_BOUNDS:
        if upper < SPINE.index(bound):
            return region
    return "TL"


def _apex(points: Mapping[str, complex], upper: str, lower: str) -> str:
    """Body or disc farthest from the line through the centres of the end vertebrae."""
    start, end = centre_of(points, upper), centre_of(points, lower)
    axis = (end - start) / abs(end - start)
    inside = _present(points)
    inside = inside[inside.index(upper) : inside.index(lower) + 1]
    discs = [f"{first}/{second}" for first, second in pairwise(inside)]
    # Turning the end-to-end line onto the real axis leaves the distance as the imaginary part.
    away = {name: abs(((centre_of(points, name) - start) / axis).imag)
            for name in (*inside[1:-1], *discs)}  # fmt: skip
    return max(away, key=away.__getitem__)


def _present(points: Mapping[str, complex]) -> list[str]:
    return [level for level in SPINE if f"{level}_superior_left" in points]


def centre_of(points: Mapping[str, complex], name: str) -> complex:
    """Centre of a body (``T8``) or a disc (``T8/T9``)."""
    upper, _, lower = name.partition("/")
    plates = [f"{upper}_inferior", f"{lower}_superior" if lower else f"{upper}_superior"]
    return (
        sum((points[f"{plate}_{side}"] for plate in plates for side in ("left", "right")), 0j) / 4
    )


def frontal_truth(
    points: Mapping[str, complex],
    tilts: Mapping[Plate, float],
    levels: Sequence[str],
    curves: Sequence[CurveTruth],
) -> dict[str, float]:
    """Every frontal value of the contract that is defined; degrees and millimetres."""
    plumb = centre_of(points, levels[0]).real
    sacral = (points["S1_superior_left"] + points["S1_superior_right"]).real / 2.0
    truth = {
        "C7_CSVL": plumb - sacral,
        "trunk_shift": (points["rib_left"] + points["rib_right"]).real / 2.0 - sacral,
        "T1_tilt": tilts["T1", "superior"],
        "L4_tilt": tilts["L4", "superior"],
        "pelvic_obliquity": _drop(points, "iliac_crest"),
        "clavicle_angle": _drop(points, "clavicle"),
        "femoral_head_height_difference": (
            points["femoral_head_left"] - points["femoral_head_right"]
        ).imag,
    }
    for curve in sorted(curves, key=lambda curve: curve.cobb):
        apex = centre_of(points, curve.apex).real
        to_csvl, to_c7 = apex - sacral, apex - plumb
        name = f"AVT_{curve.region}"
        truth[name] = to_csvl if curve.region == "TL" else to_c7
        other = "to_c7" if curve.region == "TL" else "to_csvl"
        truth[f"{name}_{other}"] = to_c7 if curve.region == "TL" else to_csvl
    return truth


def _drop(points: Mapping[str, complex], name: str) -> float:
    """Angle of the line from the left to the right point; + when the right one is lower."""
    return angle(points[f"{name}_right"] - points[f"{name}_left"], 1 + 0j)
