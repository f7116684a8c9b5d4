"""One plan on one film, measured in every scenario and held against its targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import measure_film
from balance.metrics.model import Measurement
from balance.planning.columns import ColumnChange, column_changes
from balance.planning.doubts import plan_doubts
from balance.planning.outcome import (
    ScenarioValues,
    TargetShare,
    geometry_fraction,
    measure_scenarios,
)
from balance.planning.plan import Plan
from balance.planning.rod import Rod, rod_line
from balance.planning.search import Search
from balance.planning.targets import Target, violations
from balance.planning.turning import apply_plan


@dataclass(frozen=True, slots=True)
class PlanAnalysis:
    """Everything that a page or a record says of one plan."""

    landmarks: Landmarks
    planned: Landmarks
    plan: Plan
    before: Mapping[str, Measurement]
    scenarios: tuple[ScenarioValues, ...]
    targets: tuple[Target, ...]
    shares: tuple[TargetShare, ...]
    columns: tuple[ColumnChange, ...]
    rod: Rod | str
    doubts: tuple[str, ...]
    search: Search | None = None

    @property
    def after(self) -> Mapping[str, Measurement]:
        """The planned values with the pelvis unchanged."""
        film = self.scenarios[0].film
        assert film is not None
        return film.measurements


def analyse_plan(
    landmarks: Landmarks,
    plan: Plan,
    targets: Sequence[Target],
    *,
    kyphosis_gain: float | None = None,
    search: Search | None = None,
) -> PlanAnalysis:
    """Measure a plan in every scenario.

    Raises
    ------
    BadPlan
        One sentence: which correction, and what to do.
    """
    scenarios = measure_scenarios(landmarks, plan, kyphosis_gain=kyphosis_gain)
    film = scenarios[0].film
    assert film is not None
    lateral = landmarks.view == "lateral"
    planned = apply_plan(landmarks, plan)
    return PlanAnalysis(
        landmarks=landmarks,
        planned=planned,
        plan=plan,
        before=measure_film(landmarks).measurements,
        scenarios=scenarios,
        targets=tuple(targets),
        shares=geometry_fraction(landmarks, plan, targets, kyphosis_gain=kyphosis_gain),
        columns=column_changes(landmarks, plan) if lateral else (),
        rod=rod_line(planned, plan.uiv, plan.liv),
        doubts=plan_doubts(landmarks, plan, film.measurements),
        search=search,
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
