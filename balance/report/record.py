"""Analyses as the contract's measurement document (JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from balance import __version__
from balance.analysis import Analysis, Failure
from balance.assessment.model import Grade
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.references import citation

FORMAT = "spinal-balance-measurements"
VERSION = 1
SOFTWARE = f"spinal-balance {__version__}"
NOTICE = "Research software. Not a medical device."


def measurement_document(
    analyses: Iterable[Analysis], failures: Iterable[Failure]
) -> dict[str, Any]:
    """The whole answer of ``measure --format json``."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "notice": NOTICE,
        "cases": [case_record(analysis) for analysis in analyses],
        "failures": [{"source": one.source, "error": one.error} for one in failures],
    }


def case_record(analysis: Analysis) -> dict[str, Any]:
    """One case."""
    examination = analysis.examination
    subject = examination.subject
    sources = {
        "lateral": examination.lateral and examination.lateral.source,
        "frontal": examination.frontal and examination.frontal.source,
    }
    return {
        "id": examination.id,
        "sources": sources,
        "subject": {"age_years": subject.age_years, "sex": subject.sex},
        "scale": {
            view: {
                "state": film.landmarks.scale.state,
                "plane": film.landmarks.scale.plane,
                "sd_percent": film.landmarks.scale.sd_percent,
            }
            for view, film in analysis.films.items()
        },
        "vertical": vertical_words(analysis),
        "acquisition": {
            view: asdict(film.landmarks.acquisition) for view, film in analysis.films.items()
        },
        "vertebrae": {
            view: asdict(film.landmarks.vertebrae) for view, film in analysis.films.items()
        },
        "uncertainty": analysis.uncertainty,
        "measurements": _measurements(analysis.measurements),
        "curves": [curve_record(curve) for curve in analysis.curves],
        "alternatives": _alternatives(analysis),
        "grades": _grades(analysis.grades),
        "flags": list(analysis.flags),
        "warnings": list(analysis.warnings),
    }


def vertical_words(analysis: Analysis) -> str:
    """What was taken as vertical: the image columns or a plumb line on the film."""
    words = {
        view: "image columns" if film.landmarks.vertical is None else "plumb line on the film"
        for view, film in analysis.films.items()
    }
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{view}: {word}" for view, word in words.items())


def curve_record(curve: Curve) -> dict[str, Any]:
    """One curve."""
    upper, lower = curve.end_vertebra_probability
    return {
        "region": curve.region,
        "upper": curve.upper,
        "lower": curve.lower,
        "apex": curve.apex,
        "cobb": curve.cobb,
        "sd": curve.sd,
        "ci95": list(curve.ci95),
        "convex": curve.convex,
        "selection_bias": curve.selection_bias,
        "end_vertebra_probability": {"upper": upper, "lower": lower},
        "probability_of_10_deg": curve.probability_of_10_deg,
        "confirmed": curve.confirmed,
    }


def _alternatives(analysis: Analysis) -> dict[str, Any]:
    other = analysis.alternative
    if other is None:
        return {}
    return {
        "sacral_endplate": {
            "endplate": other.endplate,
            "measurements": _measurements(other.measurements),
            "curves": [curve_record(curve) for curve in other.curves],
            "grades": _grades(other.grades),
        }
    }


def _measurements(measurements: Mapping[str, Measurement]) -> dict[str, Any]:
    return {key: measurement_record(one) for key, one in measurements.items()}


def measurement_record(one: Measurement) -> dict[str, Any]:
    """One value with its interval, or the reason why there is none."""
    if one.value is None:
        return {"value": None, "unit": one.unit, "reason": one.reason}
    record: dict[str, Any] = {"value": one.value, "unit": one.unit, "sd": one.sd}
    record["ci95"] = list(one.ci95) if one.ci95 else None
    if not one.confirmed:
        record["confirmed"] = False
    return record


def _grades(grades: Mapping[str, Grade]) -> dict[str, Any]:
    return {key: _grade(grade) for key, grade in grades.items()}


def _grade(grade: Grade) -> dict[str, Any]:
    row = THRESHOLD[grade.key]
    record: dict[str, Any] = {
        "grade": grade.grade,
        "value": grade.value,
        "past": grade.past,
        "borderline": grade.borderline,
        "probability": grade.probability and dict(grade.probability),
        "limits": row.limits,
        "source": row.source,
        "citation": citation(row.source),
        "population": row.population,
    }
    optional = {
        "reason": grade.reason,
        "direction": grade.direction,
        "target": grade.target and list(grade.target),
        "points": grade.points,
        "parts": grade.parts and dict(grade.parts),
        "scope_warning": grade.scope_warning,
        "borderline_reason": grade.borderline_reason,
    }
    return record | {key: value for key, value in optional.items() if value is not None}
