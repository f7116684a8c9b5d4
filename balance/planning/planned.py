"""One plan on one film, measured in every scenario and held against its targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film
from balance.metrics.model import Measurement
from balance.planning.bounds import Target, refusal, violations
from balance.planning.columns import ColumnChange, column_changes
from balance.planning.conflicts import Conflict, conflicts
from balance.planning.doubts import plan_doubts
from balance.planning.outcome import (
    ScenarioValues,
    TargetShare,
    geometry_fraction,
    measure_scenarios,
)
from balance.planning.plan import Plan, check_plan, refuse_impossible
from balance.planning.rod import Rod, rod_line
from balance.planning.scenarios import kyphosis_growth
from balance.planning.search import Search
from balance.planning.segments import SegmentChange, segment_changes
from balance.planning.turning import apply_plan


@dataclass(frozen=True, slots=True)
class PlanAnalysis:
    """Everything that a page or a record says of one plan."""

    landmarks: Landmarks
    planned: Landmarks
    plan: Plan
    before_film: FilmValues
    scenarios: tuple[ScenarioValues, ...]
    targets: tuple[Target, ...]
    shares: tuple[TargetShare, ...]
    columns: tuple[ColumnChange, ...]
    rod: Rod | str
    doubts: tuple[str, ...]
    segments: tuple[SegmentChange, ...] = ()
    search: Search | None = None
    drawn: int | None = None
    """Which of the plans found is drawn, from 1."""
    kyphosis_growth_deg: float | None = None
    coronal: FilmValues | None = None
    """The frontal film of the case, which a plan on the lateral one leaves as it is."""

    @property
    def before(self) -> Mapping[str, Measurement]:
        """The values of the film as it is."""
        return self.before_film.measurements

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Contradictions among the targets that can be used on this patient."""
        used = [one for one in self.targets if not refusal(one, self.landmarks, self.before)]
        pi = self.before["PI"].value if "PI" in self.before else None
        return conflicts(used, pi, self.landmarks.subject.age_years)

    @property
    def after_film(self) -> FilmValues:
        """The planned film with the pelvis unchanged."""
        film = self.scenarios[0].film
        assert film is not None
        return film

    @property
    def after(self) -> Mapping[str, Measurement]:
        """The planned values with the pelvis unchanged."""
        return self.after_film.measurements


def analyse_plan(
    landmarks: Landmarks,
    plan: Plan,
    targets: Sequence[Target],
    *,
    kyphosis_gain: float | None = None,
    search: Search | None = None,
    drawn: int | None = None,
    coronal: FilmValues | None = None,
) -> PlanAnalysis:
    """Measure a plan in every scenario.

    Raises
    ------
    BadPlan
        One sentence: which correction, and what to do.
    """
    check_plan(plan, landmarks.existing_levels, landmarks.view)
    refuse_impossible(plan, landmarks)
    scenarios = measure_scenarios(landmarks, plan, kyphosis_gain=kyphosis_gain)
    film = scenarios[0].film
    assert film is not None
    columns = column_changes(landmarks, plan) if landmarks.view == "lateral" else ()
    planned = apply_plan(landmarks, plan)
    return PlanAnalysis(
        landmarks=landmarks,
        planned=planned,
        plan=plan,
        before_film=measure_film(landmarks),
        scenarios=scenarios,
        targets=tuple(targets),
        shares=geometry_fraction(landmarks, plan, targets, kyphosis_gain=kyphosis_gain),
        columns=columns,
        rod=rod_line(planned, plan.uiv, plan.liv),
        doubts=plan_doubts(landmarks, plan, film.measurements, columns),
        segments=segment_changes(landmarks, planned, plan),
        search=search,
        drawn=drawn,
        coronal=coronal,
        kyphosis_growth_deg=kyphosis_growth(plan, kyphosis_gain),
    )


def outside(
    target: Target, measurements: Mapping[str, Measurement], age_years: float | None
) -> dict[str, float | None]:
    """How far each bounded value lies outside its range; None where the value is not given."""
    known = {key: np.array(one.value) for key, one in measurements.items() if one.value is not None}
    given = [bound for bound in target.bounds if bound.metric in known]
    partial = Target(target.key, target.name, tuple(given), target.sources)
    past = violations(partial, known, age_years)
    return {key: float(past[key]) if key in past else None for key in target.metrics}
