"""What a plan is warned of, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from balance.landmarks.model import Landmarks
from balance.metrics.model import Measurement
from balance.planning.columns import column_changes, column_warnings
from balance.planning.plan import Plan

LL_ABOVE_PI = 10.0
AXIS_MISMATCH = 4.0
LEGS = ("femur_shaft", "knee", "ankle")


def plan_doubts(
    landmarks: Landmarks, plan: Plan, planned: Mapping[str, Measurement]
) -> tuple[str, ...]:
    """The warnings of a plan; ``planned`` are the values with the pelvis unchanged."""
    lines = [*_large_corrections(plan)]
    if landmarks.view == "lateral":
        lines += column_warnings(column_changes(landmarks, plan))
        lines += _planned_values(planned)
        if not any(name.startswith(LEGS) for name in landmarks.points):
            lines.append("lower-limb compensation not assessed: the legs are not marked")
    if not landmarks.scale.grades_lengths:
        lines.append(
            f"the scale is {landmarks.scale.state} (plane {landmarks.scale.plane}): lengths of the "
            "plan are not those of the patient, and no rod may be bent over a 1:1 print"
        )
    unsure = [name for name, point in landmarks.points.items() if not point.confirmed]
    if unsure:
        lines.append(f"{len(unsure)} points of the film are not confirmed")
    return tuple(lines)


def _large_corrections(plan: Plan) -> Iterator[str]:
    for one in plan.corrections:
        if one.row.most is not None and abs(one.degrees) > one.row.most:
            yield (
                f"{one.site}: {one.degrees:g} deg by {one.row.name} is more than "
                f"{one.row.most:g} deg"
            )


def _planned_values(planned: Mapping[str, Measurement]) -> Iterator[str]:
    mismatch, axis = planned["PI_LL"].value, planned["T4_L1PA"].value
    if mismatch is not None and -mismatch > LL_ABOVE_PI:
        yield f"planned LL is {-mismatch:.0f} deg above PI (more than {LL_ABOVE_PI:g})"
    if axis is not None and abs(axis) > AXIS_MISMATCH:
        yield f"planned T4PA and L1PA differ by {abs(axis):.1f} deg (more than {AXIS_MISMATCH:g})"
