"""A plan with its values as JSON: before, planned, change, every scenario, every target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from balance.metrics.catalogue import FilmValues
from balance.metrics.model import Measurement
from balance.planning.bounds import USER, Line, Target, refusal
from balance.planning.columns import ColumnChange, l4_s1_share
from balance.planning.conflicts import Conflict
from balance.planning.outcome import EXCLUDED, ScenarioValues
from balance.planning.plan import Correction, hinge_of
from balance.planning.planned import PlanAnalysis, outside
from balance.planning.rod import BEHIND_MM, Rod
from balance.planning.search import FoundPlan, Search
from balance.planning.segments import SegmentChange
from balance.references import citation
from balance.report.plan_found import drawn_words
from balance.report.record import NOTICE, SOFTWARE, curve_record, measurement_record
from balance.study.curve_change import CurveChange, curve_changes

FORMAT = "spinal-balance-planned-values"
VERSION = 1


def values_document(analysis: PlanAnalysis) -> dict[str, Any]:
    """The whole of ``values.json``."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "notice": f"{NOTICE} Geometry, not prediction.",
        "ci95_holds": (
            "placing of the points (between readers) and scale, for planned values too; how far a "
            "procedure misses its degrees (execution_sd_deg) is in geometry_fraction alone"
        ),
        "before": _records(analysis.before),
        "planned": _records(analysis.after),
        "change": _changes(analysis.before, analysis.after),
        "curves": [_curve(one) for one in planned_curves(analysis)],
        "scenarios": [_scenario(one, analysis) for one in analysis.scenarios],
        "targets": [_target(one, analysis) for one in analysis.targets],
        "conflicts": [_conflict(one) for one in analysis.conflicts],
        "leg_lift_right_mm": analysis.plan.leg_lift_right_mm,
        "corrections": [
            _column(*both) for both in zip(analysis.columns, analysis.segments, strict=True)
        ],
        "coronal": _coronal(analysis.coronal),
        "rod": _rod(analysis.rod),
        "l4_s1_share_of_correction": l4_s1_share(analysis.landmarks, analysis.plan),
        "geometry_fraction_excludes": list(EXCLUDED),
        "search": None if analysis.search is None else _search(analysis.search, analysis),
        "warnings": list(analysis.doubts),
    }


def _records(measurements: Mapping[str, Measurement]) -> dict[str, Any]:
    return {key: measurement_record(one) for key, one in measurements.items()}


def _changes(
    before: Mapping[str, Measurement], after: Mapping[str, Measurement]
) -> dict[str, dict[str, Any]]:
    changes = {}
    for key, one in after.items():
        first = before[key].value
        difference = None if one.value is None or first is None else one.value - first
        changes[key] = {"value": difference, "unit": one.unit}
    return changes


def _scenario(one: ScenarioValues, analysis: PlanAnalysis) -> dict[str, Any]:
    record: dict[str, Any] = {
        "key": one.scenario.key,
        "name": one.scenario.name,
        "sources": [citation(key) for key in one.scenario.sources],
    }
    if one.film is None:
        return record | {"reason": one.reason, "measurements": None, "change": None}
    return record | {
        "pelvic_turn_deg": one.pelvic_turn_deg,
        "measurements": _records(one.film.measurements),
        "change": _changes(analysis.before, one.film.measurements),
    }


def _target(target: Target, analysis: PlanAnalysis) -> dict[str, Any]:
    age = analysis.landmarks.subject.age_years
    pi = analysis.before["PI"].value if "PI" in analysis.before else None
    reason = refusal(target, analysis.landmarks, analysis.before)
    shares = {
        one.scenario: one.share if one.reason is None else None
        for one in analysis.shares
        if one.target == target.key
    }
    record: dict[str, Any] = {
        "key": target.key,
        "name": target.name,
        "note": target.note,
        "sources": [citation(key) for key in target.sources if key != USER],
        "geometry_fraction": shares,
    }
    if reason is not None:
        return record | {"reason": reason}
    record["ranges"] = {
        bound.metric: [_end(bound.low, pi, age), _end(bound.high, pi, age)]
        for bound in target.bounds
    }
    for name, values in (("before", analysis.before), ("planned", analysis.after)):
        record[f"outside_{name}"] = outside(target, values, age)
    return record


def _end(line: Line | None, pi: float | None, age_years: float | None) -> float | None:
    return None if line is None else float(line.value(np.array(pi or np.nan), age_years))


def planned_curves(analysis: PlanAnalysis) -> tuple[CurveChange, ...]:
    """The curves of a frontal film and what the plan makes of them, end vertebrae kept."""
    return curve_changes(analysis.before_film, analysis.after_film, None)[0]


def _curve(one: CurveChange) -> dict[str, Any]:
    after = one.cobb.after.value
    change = None if after is None else after - one.curve.cobb
    return curve_record(one.curve) | {"planned_cobb": after, "change": change}


def _conflict(one: Conflict) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "at_least": one.at_least,
        "asked_by": one.asked_by,
        "at_most": one.at_most,
        "against": one.against,
        "told_of": list(one.told_of),
    }


def _coronal(film: FilmValues | None) -> dict[str, Any] | None:
    if film is None:
        return None
    return {
        "note": "frontal film of the case, not changed by this plan",
        "measurements": _records(film.measurements),
        "curves": [curve_record(one) for one in film.curves],
    }


def _column(one: ColumnChange, segment: SegmentChange) -> dict[str, Any]:
    correction, hinge = one.correction, hinge_of(one.correction)
    return {
        "site": correction.site,
        "procedure": correction.procedure,
        "name": correction.row.name,
        "degrees": correction.degrees,
        "execution_sd_deg": correction.sd,
        "usual_range_deg": correction.row.usual and list(correction.row.usual),
        "usual_mean_deg": correction.row.typical,
        "segment": {
            "site": segment.site,
            "before": measurement_record(segment.before),
            "planned": measurement_record(segment.planned),
        },
        "hinge": {
            "level": hinge.level,
            "endplate": hinge.endplate,
            "fraction": hinge.fraction,
            "rise": hinge.rise,
        },
        "posterior_change_mm": one.posterior_mm,
        "anterior_change_mm": one.anterior_mm,
        "sources": [citation(key) for key in correction.row.sources],
        "note": correction.row.note,
    }


def _rod(rod: Rod | str) -> dict[str, Any]:
    if isinstance(rod, str):
        return {"length_mm": None, "reason": rod}
    return {
        "levels": list(rod.levels),
        "length_mm": rod.length_mm,
        "bends_deg": list(rod.bends_deg),
        "behind_the_posterior_wall_mm": BEHIND_MM,
    }


def _search(search: Search, analysis: PlanAnalysis) -> dict[str, Any]:
    return {
        "share_asked_for": search.share,
        "scenario": search.scenario.key,
        "targets": [target.key for target in analysis.targets],
        "given": [_correction(one) for one in search.given],
        "drawn": {"number": analysis.drawn, "of": len(search.found), "note": drawn_words(analysis)},
        "plans_examined": search.examined,
        "plans_within_all_targets": search.within,
        "plans_that_one_angle_rules_out": search.passed_over,
        "plans_redrawn": search.redrawn,
        "complete": search.complete,
        "found": [_found(one) for one in search.found],
        "nearest": [_found(one) for one in search.nearest],
        "note": "listed, the choice is the surgeon's",
    }


def _found(one: FoundPlan) -> dict[str, Any]:
    return {
        "corrections": [_correction(correction) for correction in one.plan.corrections],
        "osteotomy_grade": one.grade,
        "sites": one.sites,
        "total_degrees": one.degrees,
        "room_in_reading_sd": one.room if np.isfinite(one.room) else None,
        "geometry_fraction": one.share,
    }


def _correction(one: Correction) -> dict[str, Any]:
    return {"site": one.site, "procedure": one.procedure, "degrees": one.degrees}
