"""A plan with its values as JSON: before, planned, change, every scenario, every target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from balance.metrics.model import Measurement
from balance.planning.columns import ColumnChange, l4_s1_share
from balance.planning.outcome import EXCLUDED, ScenarioValues
from balance.planning.plan import hinge_of
from balance.planning.planned import PlanAnalysis, outside
from balance.planning.rod import BEHIND_MM, Rod
from balance.planning.search import FoundPlan, Search
from balance.planning.targets import Line, Target, refuse_without
from balance.references import citation
from balance.report.record import NOTICE, SOFTWARE, measurement_record

FORMAT = "spinal-balance-planned-values"
VERSION = 1


def values_document(analysis: PlanAnalysis) -> dict[str, Any]:
    """The whole of ``values.json``."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "notice": f"{NOTICE} Geometry, not prediction.",
        "before": _records(analysis.before),
        "planned": _records(analysis.after),
        "change": _changes(analysis.before, analysis.after),
        "scenarios": [_scenario(one, analysis) for one in analysis.scenarios],
        "targets": [_target(one, analysis) for one in analysis.targets],
        "corrections": [_column(one) for one in analysis.columns],
        "rod": _rod(analysis.rod),
        "l4_s1_share_of_correction": l4_s1_share(analysis.landmarks, analysis.plan),
        "geometry_fraction_excludes": list(EXCLUDED),
        "search": None if analysis.search is None else _search(analysis.search),
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
    reason = refuse_without(target, pi, age)
    shares = {
        one.scenario: one.share if one.reason is None else None
        for one in analysis.shares
        if one.target == target.key
    }
    record: dict[str, Any] = {
        "key": target.key,
        "name": target.name,
        "note": target.note,
        "sources": [citation(key) for key in target.sources if key != "user"],
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


def _column(one: ColumnChange) -> dict[str, Any]:
    correction, hinge = one.correction, hinge_of(one.correction)
    return {
        "site": correction.site,
        "procedure": correction.procedure,
        "name": correction.row.name,
        "degrees": correction.degrees,
        "execution_sd_deg": correction.sd,
        "usual_range_deg": correction.row.usual and list(correction.row.usual),
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


def _search(search: Search) -> dict[str, Any]:
    return {
        "plans_examined": search.examined,
        "plans_within_all_targets": search.within,
        "plans_redrawn": search.redrawn,
        "found": [_found(one) for one in search.found],
        "nearest": [_found(one) for one in search.nearest],
        "note": "listed, not recommended",
    }


def _found(one: FoundPlan) -> dict[str, Any]:
    return {
        "corrections": [
            {"site": c.site, "procedure": c.procedure, "degrees": c.degrees}
            for c in one.plan.corrections
        ],
        "osteotomy_grade": one.grade,
        "sites": one.sites,
        "total_degrees": one.degrees,
        "residual_in_reading_sd": one.residual if np.isfinite(one.residual) else None,
        "geometry_fraction": one.share,
    }
