"""What a plan is warned of, one line each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from balance.anatomy import CERVICAL, LEVELS, SACRUM
from balance.examination import is_plan
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import measure_film
from balance.metrics.model import Measurement
from balance.metrics.transitional import other_sacral_reading
from balance.planning.bounds import STANDING
from balance.planning.columns import ColumnChange, column_warnings
from balance.planning.plan import Plan, in_recorded_fusion
from balance.planning.procedures import PROCEDURE
from balance.planning.scenarios import is_child

LL_ABOVE_PI = 10.0
AXIS_MISMATCH = 4.0
BESIDE_THE_VERTEBRAL_ARTERY = CERVICAL[:-1]
LEGS = ("femur_shaft", "knee", "ankle")


def plan_doubts(
    landmarks: Landmarks,
    plan: Plan,
    planned: Mapping[str, Measurement],
    columns: Sequence[ColumnChange],
) -> tuple[str, ...]:
    """The warnings of a plan; ``planned`` are the values with the pelvis unchanged."""
    lines = [*_unusual_degrees(plan), *_unusual_sites(plan, landmarks), *_outside_the_fusion(plan)]
    if is_plan(landmarks):
        lines.append("the film's points are planned already: this plan is drawn on a drawing")
    if landmarks.view == "lateral":
        lines += column_warnings(columns)
        if plan.corrections and not is_child(landmarks.subject):
            # Both rules come from adults.
            lines += _planned_values(planned)
        if not any(name.startswith(LEGS) for name in landmarks.points):
            lines.append("lower-limb compensation not assessed: the legs are not marked")
    lines += _film(landmarks)
    return tuple(lines)


def _unusual_degrees(plan: Plan) -> Iterator[str]:
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    for one in plan.corrections:
        total[one.site, one.procedure] += one.degrees
    for (site, key), degrees in total.items():
        row = PROCEDURE[key]
        if row.grade and degrees < 0:
            yield f"{site}: {row.name} closes behind, {degrees:g} deg would open it"
        elif row.most is not None and abs(degrees) > row.most:
            yield f"{site}: {degrees:g} deg by {row.name} is more than {row.most:g} deg"
        elif row.usual is not None and 0.0 < abs(degrees) < row.usual[0]:
            low, high = row.usual
            yield (
                f"{site}: {degrees:g} deg by {row.name} is less than the usual {low:g} to "
                f"{high:g} deg"
            )
        elif row.fills_disc and degrees < 0:
            yield f"{site}: {row.name} usually adds lordosis; {degrees:g} deg takes it away"


def _unusual_sites(plan: Plan, landmarks: Landmarks) -> Iterator[str]:
    """What can be done and seldom is, by plain anatomy."""
    lowest_disc = f"{landmarks.last_lumbar}_{SACRUM}"
    for one in dict.fromkeys((one.site, one.procedure) for one in plan.corrections):
        site, row = one[0], PROCEDURE[one[1]]
        if row.key == "llif" and site == lowest_disc:
            yield f"{site}: the iliac crests lie beside this disc, {row.name} is unusual there"
        if row.site == "body" and site in BESIDE_THE_VERTEBRAL_ARTERY:
            yield f"{site}: the vertebral arteries run beside it, {row.name} is unusual there"
        if (row.fills_disc or row.needs_mobile_disc) and in_recorded_fusion(site, landmarks):
            yield f"{site} lies inside the fusion that the document records: does its disc move?"


def _outside_the_fusion(plan: Plan) -> Iterator[str]:
    if plan.uiv is None or plan.liv is None:
        return
    first, last = LEVELS.index(plan.uiv), LEVELS.index(plan.liv)
    for site in dict.fromkeys(one.site for one in plan.corrections):
        if not all(first <= LEVELS.index(level) <= last for level in site.split("_")):
            yield f"{site} lies outside the fused range {plan.uiv} to {plan.liv}"


def _planned_values(planned: Mapping[str, Measurement]) -> Iterator[str]:
    mismatch, axis = planned["PI_LL"].value, planned["T4_L1PA"].value
    if mismatch is not None and -mismatch > LL_ABOVE_PI:
        yield f"planned LL is {-mismatch:.0f} deg above PI (more than {LL_ABOVE_PI:g})"
    if axis is not None and abs(axis) > AXIS_MISMATCH:
        yield f"planned T4PA and L1PA differ by {abs(axis):.1f} deg (more than {AXIS_MISMATCH:g})"


def _film(landmarks: Landmarks) -> Iterator[str]:
    position, scale = landmarks.acquisition.position, landmarks.scale
    if position == "unknown":
        yield "position not recorded: scenarios and targets are those of a standing film"
    elif position not in STANDING:
        yield f"the film shows the patient {position}: how the spine stands is not known from it"
    if landmarks.subject.age_years is None:
        yield "age not recorded: targets are those of adults"
    other = other_sacral_reading(landmarks)
    if other is not None:
        pi = measure_film(other.landmarks).measurements["PI"].value
        told = "" if pi is None else f" (PI {pi:.0f} deg there)"
        yield (
            f"{other.endplate} may be the sacral endplate too{told}: the plan and its targets rest "
            "on the one labelled S1"
        )
    if not scale.has_millimetres:
        yield "the film has no scale: lengths of the plan are not given"
    elif not scale.grades_lengths:
        yield (
            f"the scale is {scale.state} (plane {scale.plane}): lengths of the plan are not those "
            "of the patient, and no rod may be bent over a 1:1 print"
        )
    unsure = [name for name, point in landmarks.points.items() if not point.confirmed]
    if unsure:
        yield f"{len(unsure)} points of the film are not confirmed"
