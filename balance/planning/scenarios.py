"""What the body may do after the correction: stated cases side by side, never a prediction.

The pelvis may stay, tilt to the target of the age, or carry the trunk to the usual inclination of
T1; the kyphosis above the fusion may stay or grow as it did in a published series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from balance.anatomy import LEVELS, THORACIC, body_names, plate_names
from balance.assessment.thresholds import ADULT_YEARS, AGE_LINE_YEARS
from balance.landmarks.model import Landmarks
from balance.planning.plan import Correction, Plan, exclude_each_other
from balance.planning.targets import AGE_TILT
from balance.radiograph import FloatArray, Subject, View

PelvisRule = Literal["unchanged", "age_tilt", "t1_inclination"]

USUAL_T1_INCLINATION = -1.35
"""T1SPi of asymptomatic adults, degrees."""
SHORT_FUSION_BELOW = "T10"
TOP_OF_KYPHOSIS = "T4"
KYPHOSIS_GAIN = {"long": 6.0, "short": 13.0}
"""Degrees by which the unfused kyphosis grew after lumbar osteotomies, by the fusion."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case: what the pelvis does, and whether the unfused kyphosis grows."""

    key: str
    name: str
    pelvis: PelvisRule
    kyphosis_grows: bool
    sources: tuple[str, ...]


_PELVIS: tuple[tuple[PelvisRule, str, tuple[str, ...]], ...] = (
    ("unchanged", "pelvis unchanged", ()),
    ("age_tilt", "tilt at the age target", ("lafage2016",)),
    ("t1_inclination", "T1 inclination at its usual value", ("pmc9827318",)),
)

SCENARIOS: tuple[Scenario, ...] = tuple(
    Scenario(
        f"{pelvis}{'.kyphosis' if grows else ''}",
        f"{name}, {'unfused kyphosis increased' if grows else 'kyphosis unchanged'}",
        pelvis,
        grows,
        (*sources, *(("aorth2011", "lafage_kyphosis_after_pso") if grows else ())),
    )
    for grows in (False, True)
    for pelvis, name, sources in _PELVIS
)

SCENARIO: Mapping[str, Scenario] = {row.key: row for row in SCENARIOS}


def scenarios_of(view: View) -> tuple[Scenario, ...]:
    """The cases that a film of this view can show: a frontal one none but its own pelvis."""
    return SCENARIOS if view == "lateral" else SCENARIOS[:1]


def with_kyphosis(plan: Plan, landmarks: Landmarks, gain: float | None = None) -> Plan | str:
    """The plan with the unfused kyphosis grown, spread evenly over its discs.

    Returns the reason where that cannot be drawn.

    Parameters
    ----------
    gain
        Degrees; by default the published ones of a short (UIV below T10) or long fusion.
    """
    if plan.uiv is None:
        return "the fused range is not stated (UIV)"
    if gain is None and is_child(landmarks.subject):
        return "the published growth was seen in adults; state one (kyphosis_gain)"
    levels = landmarks.existing_levels
    discs = [
        f"{above}_{below}"
        for above, below in pairwise(levels)
        if LEVELS.index(TOP_OF_KYPHOSIS) <= LEVELS.index(above) < LEVELS.index(plan.uiv)
        and below in THORACIC
        and all(name in landmarks.points for name in plate_names(below, "superior", "lateral"))
        and _is_marked(landmarks, above)
        and not any(
            exclude_each_other(one, Correction(f"{above}_{below}", "angle", 0.0), levels)
            for one in plan.corrections
        )
    ]
    if not discs:
        return f"no disc between {TOP_OF_KYPHOSIS} and {plan.uiv} is marked"
    total = kyphosis_growth(plan, gain) or 0.0
    grown = tuple(
        Correction(disc, "angle", -total / len(discs), execution_sd=0.0) for disc in discs
    )
    return Plan((*plan.corrections, *grown), plan.uiv, plan.liv, plan.leg_lift_right_mm)


def kyphosis_growth(plan: Plan, gain: float | None = None) -> float | None:
    """Degrees by which the unfused kyphosis grows: those stated, else by the length of fusion."""
    if gain is not None:
        return gain
    if plan.uiv is None:
        return None
    short = LEVELS.index(plan.uiv) > LEVELS.index(SHORT_FUSION_BELOW)
    return KYPHOSIS_GAIN["short" if short else "long"]


def pelvic_turn(
    scenario: Scenario, values: Mapping[str, FloatArray], subject: Subject
) -> FloatArray | str:
    """Degrees that spine and pelvis turn backwards about the hip axis, or why that is not known.

    Parameters
    ----------
    values
        ``PT`` and ``T1SPi`` of the planned film, or of many redraws of it.

    Examples
    --------
    >>> float(pelvic_turn(SCENARIOS[1], {"PT": np.array(26.0)}, Subject(70.0)))
    -1.0
    """
    if scenario.pelvis == "unchanged":
        return np.zeros(())
    if is_child(subject):
        return f"adult rule: the patient is {subject.age_years:g} years old"
    key = "T1SPi" if scenario.pelvis == "t1_inclination" else "PT"
    if key not in values:
        return f"{key} is not given"
    if scenario.pelvis == "t1_inclination":
        return values[key] - USUAL_T1_INCLINATION
    age, (youngest, oldest) = subject.age_years, AGE_LINE_YEARS
    if age is None:
        return "the age is not known"
    if not youngest <= age <= oldest:
        return f"the age lies outside {youngest:g} to {oldest:g} years"
    return AGE_TILT.value(0.0, age) - values[key]


def is_child(subject: Subject) -> bool:
    """Whether the patient is known to be under 18, of whom rules for adults say nothing."""
    return subject.age_years is not None and subject.age_years < ADULT_YEARS


def _is_marked(landmarks: Landmarks, level: str) -> bool:
    return f"{level}_centroid" in landmarks.points or any(
        name in landmarks.points for name in body_names(level, "lateral")
    )
