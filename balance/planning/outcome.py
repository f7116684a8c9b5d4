"""Values of a plan in every scenario, and in how many redraws its geometry meets a target.

The share says how sure the drawing is, given that points are placed and angles reached with some
error. It is not a chance of success: nothing here knows how a patient will stand.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading
from balance.metrics.catalogue import METRIC, POINT_METRICS, FilmValues, measure_film
from balance.metrics.model import draw, evaluate
from balance.metrics.sites import HIP_AXIS, SITE_NAMES, Sites, resolve, site_index
from balance.planning.bounds import Target, all_met, refusal
from balance.planning.plan import Correction, Plan
from balance.planning.scenarios import (
    SCENARIOS,
    Scenario,
    pelvic_turn,
    scenarios_of,
    with_kyphosis,
)
from balance.planning.turning import (
    apply_plan,
    lifted,
    swing_landmarks,
    swung,
    turned,
    turns_of,
)
from balance.radiograph import FloatArray

DRAWS = 2000
EXECUTION_SEED = 1
"""A procedure at a site meets the same luck in every plan, so that plans are compared and not
their draws."""
EXCLUDED = (
    "how the patient will stand",
    "whether the correction holds",
    "lower limbs, unless their points are marked",
    "the levels being counted otherwise",
)
"""What the share of redraws does not contain; printed beside it."""


@dataclass(frozen=True, slots=True)
class ScenarioValues:
    """What one scenario measures, or the reason why it cannot be drawn."""

    scenario: Scenario
    film: FilmValues | None
    pelvic_turn_deg: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TargetShare:
    """Share of redraws in which a target is met in one scenario, or why there is none."""

    target: str
    scenario: str
    share: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Redraws:
    """Redrawn points of a film (draws, names, 2) in the plane, and factors for its lengths."""

    sites: Sites
    names: tuple[str, ...]
    points: FloatArray
    scale_factors: FloatArray

    def only(self, wanted: Collection[str]) -> Redraws:
        """The same draws of some of the points."""
        places = [place for place, name in enumerate(self.names) if name in wanted]
        names = tuple(self.names[place] for place in places)
        return replace(self, names=names, points=self.points[:, places])


def measure_scenarios(
    landmarks: Landmarks,
    plan: Plan,
    *,
    reading: Reading = "between_readers",
    kyphosis_gain: float | None = None,
) -> tuple[ScenarioValues, ...]:
    """The planned film measured in every scenario, the unchanged pelvis first.

    Parameters
    ----------
    kyphosis_gain
        Degrees by which the unfused kyphosis grows; by default the published ones.
    """
    return tuple(
        _measure(landmarks, plan, scenario, reading, kyphosis_gain)
        for scenario in scenarios_of(landmarks.view)
    )


def planned_in(
    landmarks: Landmarks,
    plan: Plan,
    scenario: Scenario,
    *,
    kyphosis_gain: float | None = None,
) -> tuple[Landmarks, float] | str:
    """The landmarks of a scenario and the pelvic turn in it, or why it cannot be drawn."""
    grown = with_kyphosis(plan, landmarks, kyphosis_gain) if scenario.kyphosis_grows else plan
    if isinstance(grown, str):
        return grown
    planned = apply_plan(landmarks, grown)
    if scenario.pelvis == "unchanged":
        return planned, 0.0
    sites = resolve(planned)
    if not sites.has([HIP_AXIS]):
        return "the hip axis is not marked"
    values = _points_of(planned, sites)
    degrees = pelvic_turn(scenario, values, landmarks.subject)
    if isinstance(degrees, str):
        return degrees
    turn = float(degrees)
    return swing_landmarks(planned, sites.at([HIP_AXIS])[0], turn), turn


def redraw(landmarks: Landmarks, count: int = DRAWS) -> Redraws:
    """Seeded joint draws of a film's points, with the error of its scale."""
    sites = resolve(landmarks)
    names = tuple(landmarks.points)
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    plane = landmarks.frame.to_plane(pixels)
    drawn = draw(plane, sites.point_covariance, count)
    seed = int(np.abs(plane).sum() * 1e3) % 2**32
    factors = 1.0 + sites.scale_sd * np.random.default_rng(seed).standard_normal(count)
    return Redraws(sites, names, drawn, factors)


def geometry_fraction(
    landmarks: Landmarks,
    plan: Plan,
    targets: Sequence[Target],
    *,
    redraws: Redraws | None = None,
    kyphosis_gain: float | None = None,
) -> tuple[TargetShare, ...]:
    """In how many redraws of points and execution the geometry meets each target, by scenario."""
    drawn = redraw(landmarks) if redraws is None else redraws
    age = landmarks.subject.age_years
    measured = measure_film(landmarks).measurements
    refused = {target.key: refusal(target, landmarks, measured) for target in targets}
    shares = []
    for scenario in scenarios_of(landmarks.view):
        grown = with_kyphosis(plan, landmarks, kyphosis_gain) if scenario.kyphosis_grows else plan
        values = (
            grown
            if isinstance(grown, str)
            else _values(landmarks, grown, scenario, drawn, _looked_at(targets))
        )
        for target in targets:
            if isinstance(values, str):
                shares.append(TargetShare(target.key, scenario.key, None, values))
                continue
            missing = [key for key in target.metrics if key not in values]
            absent = f"not given: {', '.join(missing)}" if missing else None
            reason = refused[target.key] or absent
            share = None if reason else float(np.mean(all_met((target,), values, age)))
            shares.append(TargetShare(target.key, scenario.key, share, reason))
    return tuple(shares)


def share_met(
    landmarks: Landmarks,
    plan: Plan,
    targets: Sequence[Target],
    drawn: Redraws,
    scenario: Scenario = SCENARIOS[0],
) -> float:
    """Share of redraws in which all targets are met together; 0 where that cannot be told."""
    values = _values(landmarks, plan, scenario, drawn, _looked_at(targets))
    if isinstance(values, str) or not {*(k for t in targets for k in t.metrics)} <= values.keys():
        return 0.0
    return float(np.mean(all_met(targets, values, landmarks.subject.age_years)))


def execution_errors(corrections: Sequence[Correction], count: int) -> list[FloatArray]:
    """Degrees by which every correction misses what was drawn, in every redraw."""
    seen: Counter[str] = Counter()
    errors = []
    for one in corrections:
        name = f"{one.site}:{one.procedure}"
        seed = EXECUTION_SEED, zlib.crc32(name.encode()), seen[name]
        errors.append(one.sd * np.random.default_rng(seed).standard_normal(count))
        seen[name] += 1
    return errors


def values_of(
    names: Sequence[str],
    points: FloatArray,
    sites: Sites,
    scale_factors: FloatArray | float = 1.0,
    keys: Collection[str] | None = None,
) -> dict[str, FloatArray]:
    """Values (all, or these) that points (..., names, 2) of a film give, without intervals."""
    view = sites.view
    wanted = None if keys is None else {*keys, *_divisors(keys)}
    metrics = [
        metric
        for metric in POINT_METRICS
        if metric.view == view and (wanted is None or metric.key in wanted)
    ]
    column = {name: n for n, name in enumerate(names)}
    xy = np.zeros((*points.shape[:-2], len(SITE_NAMES[view]), 2))
    for site in {site for metric in metrics for site in (*metric.needs, *metric.aids)}:
        for point, weight in sites.parts.get(site, ()):
            xy[..., site_index(view, site), :] += weight * points[..., column[point], :]
    present = np.broadcast_to(sites.present, xy.shape[:-1])
    scaled = np.broadcast_to(np.array(sites.has_millimetres), xy.shape[:-2])
    found = evaluate(metrics, xy, present, scaled)
    return {
        key: np.where(given, value * scale_factors if METRIC[key].unit == "mm" else value, np.nan)
        for key, (value, given) in found.items()
        if np.any(given)
    }


def _measure(
    landmarks: Landmarks,
    plan: Plan,
    scenario: Scenario,
    reading: Reading,
    kyphosis_gain: float | None,
) -> ScenarioValues:
    planned = planned_in(landmarks, plan, scenario, kyphosis_gain=kyphosis_gain)
    if isinstance(planned, str):
        return ScenarioValues(scenario, None, reason=planned)
    changed, degrees = planned
    return ScenarioValues(scenario, measure_film(changed, reading=reading), degrees)


def _values(
    landmarks: Landmarks,
    plan: Plan,
    scenario: Scenario,
    drawn: Redraws,
    keys: Collection[str],
) -> dict[str, FloatArray] | str:
    """Values of every redraw in a scenario, execution errors added."""
    turns = turns_of(plan, drawn.names, landmarks.existing_levels, landmarks.view)
    errors = execution_errors([turn.correction for turn in turns], len(drawn.points))
    reached = [turn.correction.degrees + error for turn, error in zip(turns, errors, strict=True)]
    points = turned(drawn.points, turns, reached, landmarks.view)
    if plan.leg_lift_right_mm:
        points = lifted(points, drawn.names, plan.leg_lift_right_mm)
    values = values_of(drawn.names, points, drawn.sites, drawn.scale_factors, keys)
    if scenario.pelvis == "unchanged":
        return values
    if HIP_AXIS not in drawn.sites.parts:
        return "the hip axis is not marked"
    degrees = pelvic_turn(scenario, values, landmarks.subject)
    if isinstance(degrees, str):
        return degrees
    column = {name: n for n, name in enumerate(drawn.names)}
    hip = np.zeros((len(points), 2))
    for name, weight in drawn.sites.parts[HIP_AXIS]:
        hip += weight * points[:, column[name]]
    swayed = swung(points, drawn.names, hip, degrees)
    return values_of(drawn.names, swayed, drawn.sites, drawn.scale_factors, keys)


def _looked_at(targets: Sequence[Target]) -> set[str]:
    """The values that the targets and the turn of the pelvis rest on."""
    return {"PI", "PT", "T1SPi", *(key for target in targets for key in target.metrics)}


def _divisors(keys: Collection[str]) -> set[str]:
    return {divisor for key in keys if (divisor := METRIC[key].divides_by) is not None}


def _points_of(landmarks: Landmarks, sites: Sites) -> dict[str, FloatArray]:
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    return values_of(tuple(landmarks.points), landmarks.frame.to_plane(pixels), sites)
