"""A plan: which procedure at which site by how many degrees, and what is fused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from balance.anatomy import LEVELS, LUMBAR, SACRUM, VERTEBRAE, Endplate
from balance.errors import BadPlan
from balance.landmarks.model import Landmarks
from balance.planning.procedures import PROCEDURE, Hinge, Procedure
from balance.radiograph import View

LARGEST_DEGREES = 90.0
LARGEST_LEG_MM = 100.0
FARTHEST = 2.0
"""Lengths of the endplate that a hinge may lie from its back and from the plate itself."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One procedure at one site.

    ``site`` is a body (``L3``) or a disc (``L5_S1``, cranial vertebra first). Positive degrees add
    lordosis; on a frontal film they lower the patient's right side of what lies above. ``hinge``
    and ``execution_sd`` are the procedure's unless they are given.
    """

    site: str
    procedure: str
    degrees: float
    hinge: Hinge | None = None
    execution_sd: float | None = None

    @property
    def row(self) -> Procedure:
        """The row of the catalogue."""
        return PROCEDURE[self.procedure]

    @property
    def sd(self) -> float:
        """Standard deviation of the degrees reached, in degrees."""
        return self.row.execution_sd if self.execution_sd is None else self.execution_sd


@dataclass(frozen=True, slots=True)
class Plan:
    """Corrections and the fused range; none of either is a plan too."""

    corrections: tuple[Correction, ...] = ()
    uiv: str | None = None
    liv: str | None = None
    leg_lift_right_mm: float = 0.0
    """How much the patient's right leg is lengthened; negative for the left one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a correction divides the spine: below ``caudal`` nothing moves.

    ``moves_plate_of`` names the body whose superior endplate turns with what lies above.
    """

    caudal: str
    endplate: Endplate
    moves_plate_of: str | None


def parse_correction(text: str) -> Correction:
    """Read ``SITE:PROCEDURE:DEGREES``, or ``…@FRACTION`` to move the hinge along its endplate.

    Raises
    ------
    BadPlan
        One sentence: which part is wrong.

    Examples
    --------
    >>> parse_correction("L3:pso:25")
    Correction(site='L3', procedure='pso', degrees=25.0, hinge=None, execution_sd=None)
    """
    parts = text.split(":")
    if len(parts) != 3:
        raise BadPlan(f"{text!r}: write SITE:PROCEDURE:DEGREES, such as L3:pso:25")
    angle, moved, fraction = parts[2].partition("@")
    try:
        degrees = float(angle)
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise BadPlan(f"{text!r}: {angle!r} is no number of degrees")
    one = Correction(parts[0].upper(), parts[1].lower(), degrees)
    if not moved:
        return one
    _refuse_unknown(one)
    try:
        return replace(one, hinge=replace(hinge_of(one), fraction=float(fraction)))
    except ValueError:
        raise BadPlan(f"{text!r}: {fraction!r} is no share of the endplate") from None


def parse_leg(text: str) -> float:
    """Read ``right:10``: by how many mm a leg is lengthened; the left one is negative.

    Raises
    ------
    BadPlan
        One sentence: what cannot be read.

    Examples
    --------
    >>> parse_leg("left:8")
    -8.0
    """
    side, _, millimetres = text.partition(":")
    try:
        lift = float(millimetres)
    except ValueError:
        lift = -1.0
    if side not in ("left", "right") or not lift >= 0.0:
        raise BadPlan(f"{text!r}: write the longer leg and how many mm, such as right:10")
    return lift if side == "right" else -lift


def check_plan(plan: Plan, levels: Sequence[str], view: View) -> None:
    """Refuse what cannot be done on a spine of these levels.

    Raises
    ------
    BadPlan
        One sentence: which correction or level, and what to do.
    """
    for one in plan.corrections:
        _check_correction(one, levels, view)
    for one in plan.corrections:
        for other in plan.corrections:
            if other is not one and exclude_each_other(one, other, levels):
                raise BadPlan(
                    f"{one.site}: the {one.row.name} leaves nothing for the {other.row.name} at "
                    f"{other.site}; drop one of them"
                )
    for name, level in (("UIV", plan.uiv), ("LIV", plan.liv)):
        if level is not None and level not in levels:
            raise BadPlan(f"{name} {level} is not a level of this spine; name one of it")
    if plan.uiv and plan.liv and LEVELS.index(plan.uiv) > LEVELS.index(plan.liv):
        raise BadPlan(f"UIV {plan.uiv} lies below LIV {plan.liv}; exchange them")
    if plan.leg_lift_right_mm and view == "lateral":
        raise BadPlan("the leg length belongs to a plan on the frontal film")
    if not abs(plan.leg_lift_right_mm) <= LARGEST_LEG_MM:
        raise BadPlan(f"a leg is not lengthened by {abs(plan.leg_lift_right_mm):g} mm; correct it")


def exclude_each_other(one: Correction, other: Correction, levels: Sequence[str]) -> bool:
    """Whether the first leaves nothing of what the second needs: bone or disc that it took."""
    if one.site == other.site and one.row.fills_disc and other.row.fills_disc:
        return True
    if not one.row.takes_discs:
        return False
    here = list(levels).index(one.site)
    discs = {
        "above": f"{levels[here - 1]}_{one.site}" if here else "",
        "below": f"{one.site}_{levels[here + 1]}",
    }
    return other.site in {one.site, *(discs[side] for side in one.row.takes_discs)}


def refuse_impossible(plan: Plan, landmarks: Landmarks) -> None:
    """Refuse what can be drawn and cannot be done; drawing alone also undoes plans.

    Raises
    ------
    BadPlan
        One sentence: which correction, and what to do.
    """
    for one in plan.corrections:
        if opens_osteotomy(one):
            raise BadPlan(
                f"{one.site}: a {one.row.name} closes behind and adds lordosis, {one.degrees:g} "
                "degrees would open it; use 'angle' for what takes lordosis away"
            )
        if one.row.needs_mobile_disc and in_recorded_fusion(one.site, landmarks):
            assert landmarks.fusion is not None
            raise BadPlan(
                f"{one.site}: {one.row.name} {one.row.note}, and the document records a fusion "
                f"from {landmarks.fusion.uiv} to {landmarks.fusion.liv}; choose another site or "
                "procedure, or correct the document"
            )


def opens_osteotomy(one: Correction) -> bool:
    """Whether an osteotomy of the back would open there."""
    return one.degrees < 0 and one.row.grade > 0


def in_recorded_fusion(site: str, landmarks: Landmarks) -> bool:
    """Whether a disc lies inside the fusion that the document of the film records."""
    fusion, vertebrae = landmarks.fusion, site.split("_")
    if fusion is None or landmarks.surgery == "none" or len(vertebrae) != 2:
        return False
    if fusion.uiv not in LEVELS or fusion.liv not in LEVELS:
        return False
    first, last = LEVELS.index(fusion.uiv), LEVELS.index(fusion.liv)
    return all(first <= LEVELS.index(level) <= last for level in vertebrae)


def _refuse_unknown(one: Correction) -> None:
    if one.procedure not in PROCEDURE:
        known = ", ".join(PROCEDURE)
        raise BadPlan(f"procedure {one.procedure!r} is not known; use one of {known}")


def _check_correction(one: Correction, levels: Sequence[str], view: View) -> None:
    _refuse_unknown(one)
    if not abs(one.degrees) <= LARGEST_DEGREES:
        raise BadPlan(f"{one.site}: {one.degrees:g} degrees are no correction of a spine")
    vertebrae = one.site.split("_")
    for level in vertebrae:
        if level not in levels:
            raise BadPlan(f"{one.site}: {level} is not a level of this spine; name one of it")
    is_disc = len(vertebrae) == 2
    if len(vertebrae) > 2 or (not is_disc and vertebrae[0] == SACRUM):
        raise BadPlan(f"{one.site} is no body and no disc; write L3 or L5_S1")
    if is_disc and list(levels).index(vertebrae[1]) != list(levels).index(vertebrae[0]) + 1:
        raise BadPlan(f"{one.site}: {vertebrae[0]} does not lie next above {vertebrae[1]}")
    if one.row.site != "either" and one.row.site != ("disc" if is_disc else "body"):
        example = "a disc such as L4_L5" if one.row.site == "disc" else "a body such as L3"
        raise BadPlan(f"{one.site}: {one.row.name} is done at {example}")
    if one.row.lumbar and vertebrae[1] not in (*LUMBAR, SACRUM):
        raise BadPlan(
            f"{one.site}: {one.row.name} is done at a lumbar disc, above L1 or lower; use 'cage' "
            "or 'angle' here"
        )
    if one.row.closes_through_disc_above and one.site == levels[0]:
        raise BadPlan(f"{one.site}: no disc lies above it; choose another procedure")
    hinge = one.hinge
    if hinge is not None and not max(abs(hinge.fraction), abs(hinge.rise)) <= FARTHEST:
        raise BadPlan(f"{one.site}: the hinge lies far from its endplate; write 0 to 1 along it")
    if view == "frontal" and one.procedure != "angle":
        raise BadPlan(f"{one.site}: on a frontal film only 'angle' changes the tilt of a segment")


def cut_of(correction: Correction) -> Cut:
    """Where a correction divides the spine."""
    vertebrae = correction.site.split("_")
    if len(vertebrae) == 2:
        return Cut(vertebrae[1], "superior", None)
    if correction.row.closes_through_disc_above:
        return Cut(vertebrae[0], "superior", None)
    return Cut(vertebrae[0], "inferior", vertebrae[0])


def hinge_of(correction: Correction) -> Hinge:
    """The point that what lies above turns about."""
    if correction.hinge is not None:
        return correction.hinge
    cut, row = cut_of(correction), correction.row
    return Hinge(cut.caudal, cut.endplate, row.fraction, row.rise)


def levels_above(level: str) -> tuple[str, ...]:
    """The vertebrae above a level, from the head down."""
    place = len(VERTEBRAE) if level == SACRUM else VERTEBRAE.index(level)
    return VERTEBRAE[:place]
