"""A comparison in time as a document (JSON) and as rows for a spreadsheet (CSV)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, TextIO

from balance.analysis import Failure
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.references import citation
from balance.report.record import NOTICE, SOFTWARE, curve_record
from balance.report.table import safe_text
from balance.study.change import ESTIMATE, Change, posture_spread
from balance.study.compare import Comparison, GradeChange, SeriesChange
from balance.study.curve_change import CurveChange
from balance.study.junction import Junction, JunctionFilm
from balance.study.motion import (
    ABOUT_LIMITS,
    LEAST_TOTAL_DEG,
    MOVES_WITHOUT_SYMPTOMS,
    Motion,
    Quantity,
    SegmentMotion,
)
from balance.study.timepoints import TimePoint

FORMAT = "spinal-balance-comparison"
VERSION = 1
CHANGE_LIMIT = "1.96 sqrt(s1^2 + s2^2 + 2 s_posture^2)"
COLUMNS = (
    "block",
    "before",
    "after",
    "key",
    "unit",
    "value_before",
    "sd_before",
    "value_after",
    "sd_after",
    "change",
    "change_limit",
    "verdict",
    "reason",
)


def comparison_document(
    points: Sequence[TimePoint],
    series: SeriesChange | None,
    motions: Sequence[tuple[str, Motion]],
    failures: Sequence[Failure],
) -> dict[str, Any]:
    """The whole answer of ``compare --format json``."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "notice": NOTICE,
        "change_limit": CHANGE_LIMIT,
        "films": [_film(point) for point in points],
        "comparisons": [_comparison(one) for one in series.comparisons] if series else [],
        "trends": [
            {
                "key": trend.key,
                "unit": trend.change.unit,
                "values": [one.value for one in trend.values],
                **_outcome(trend.change),
            }
            for trend in (series.trends if series else ())
        ],
        "junction": _junction(series.junction) if series and series.junction else None,
        "motion": [{"source": name, **_motion(motion)} for name, motion in motions],
        "failures": [{"source": one.source, "error": one.error} for one in failures],
    }


def write_comparison_csv(
    points: Sequence[TimePoint],
    series: SeriesChange | None,
    motions: Sequence[tuple[str, Motion]],
    file: TextIO,
) -> None:
    """One row for each value of each pair of films; nine significant digits."""
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    names = [safe_text(point.label) for point in points]
    for comparison in series.comparisons if series else ():
        pair = {"before": names[comparison.before], "after": names[comparison.after]}
        blocks = (("value", comparison.rows), ("segment", comparison.segments))
        for block, changes in blocks:
            for change in changes:
                writer.writerow({"block": block, **pair, **_cells(change)})
        for curve in comparison.curves:
            label = f"{curve.curve.region} {curve.curve.upper}-{curve.curve.lower}"
            for change in (curve.cobb, *curve.translations):
                cells = _cells(change)
                cells["key"] = f"{label} {change.key}"
                writer.writerow({"block": "curve", **pair, **cells})
        for grade in comparison.grades:
            writer.writerow({"block": "grade", **pair, **_grade_cells(grade)})
    for place, film in _junction_films(series):
        if film.change is not None and series and series.junction:
            pair = {"before": names[series.junction.baseline or 0], "after": names[place]}
            writer.writerow({"block": "junction", **pair, **_cells(film.change)})
    for name, motion in motions:
        for segment in motion.segments:
            for key, unit, quantity in _quantities(segment):
                writer.writerow(
                    {
                        "block": "motion",
                        "before": safe_text(name),
                        "after": safe_text(name),
                        "key": f"{segment.cranial}_{segment.caudal} {key}",
                        "unit": unit,
                        "change": _number(quantity.value if quantity else None),
                        "sd_after": _number(quantity.sd if quantity else None),
                        "verdict": "; ".join(one.words for one in segment.verdicts),
                        "reason": motion.reason or "",
                    }
                )


def _film(point: TimePoint) -> dict[str, Any]:
    analysis = point.analysis
    subject = analysis.examination.subject
    return {
        "name": point.name,
        "date": point.date,
        "sources": [document.source for document in analysis.examination.documents],
        "subject": {"age_years": subject.age_years, "sex": subject.sex},
        "surgery": analysis.examination.surgery,
        "uncertainty": analysis.uncertainty,
        "acquisition": {
            view: asdict(film.landmarks.acquisition) for view, film in analysis.films.items()
        },
        "warnings": list(analysis.warnings),
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    control = one.control
    return {
        "before": one.before,
        "after": one.after,
        "control": control
        and {
            "parameter": "PI",
            "change": control.change,
            "passed": control.passed,
            "sentence": control.sentence,
        },
        "remarks": list(one.remarks),
        "values": {change.key: _change(change) for change in one.rows},
        "segments": {change.key: _change(change) for change in one.segments},
        "curves": [_curve(curve) for curve in one.curves],
        "further_curves": [curve_record(curve) for curve in one.further_curves],
        "grades": {grade.key: _grade(grade) for grade in one.grades},
    }


def _change(change: Change) -> dict[str, Any]:
    posture = posture_spread(change.key, change.unit)
    source = posture.source if posture.source == ESTIMATE else citation(posture.source)
    return {
        "unit": change.unit,
        "before": _value(change.before),
        "after": _value(change.after),
        **_outcome(change),
        "posture_sd": posture.sd,
        "posture_source": source,
    }


def _outcome(change: Change) -> dict[str, Any]:
    if change.change is None:
        return {"change": None, "reason": change.reason}
    told: dict[str, Any] = {
        "change": change.change,
        "change_limit": change.limit,
        "verdict": change.verdict,
    }
    return told if change.confirmed else told | {"confirmed": False}


def _value(one: Measurement) -> dict[str, Any]:
    if one.value is None:
        return {"value": None, "reason": one.reason}
    return {"value": one.value, "sd": one.sd, "ci95": list(one.ci95) if one.ci95 else None}


def _curve(one: CurveChange) -> dict[str, Any]:
    return {
        "earlier": curve_record(one.curve),
        "same_end_vertebrae": _change(one.cobb),
        "same_apex": {change.key: _change(change) for change in one.translations},
        "free_choice": _free(one.free),
    }


def _free(curve: Curve | None) -> dict[str, Any] | None:
    return None if curve is None else curve_record(curve)


def _grade(one: GradeChange) -> dict[str, Any]:
    return {
        "before": one.before.grade,
        "after": one.after.grade,
        "changed": one.changed,
        "borderline_before": one.before.borderline,
        "borderline_after": one.after.borderline,
        "value_verdict": one.value_verdict,
        "reason": one.reason,
    }


def _junction(one: Junction) -> dict[str, Any]:
    return {
        "uiv": one.uiv,
        "angle": f"{one.second_above} superior to {one.uiv} inferior endplate, + kyphosis",
        "baseline": one.baseline,
        "how": one.how,
        "films": [
            {
                "film": film.place,
                "PJA": _value(film.angle),
                "change": _change(film.change) if film.change else None,
                "criteria": {
                    met.criterion.name: {
                        "met": met.met,
                        "probability": met.probability,
                        "borderline": met.borderline,
                        "limits": f"angle >= {met.criterion.angle:g} and increase >= "
                        f"{met.criterion.increase:g} deg",
                        "sources": [citation(key) for key in met.criterion.sources],
                        "conflict": met.criterion.conflict,
                    }
                    for met in film.met
                },
                "reader": dict(film.ticks),
            }
            for film in one.films
        ],
    }


def _motion(motion: Motion) -> dict[str, Any]:
    return {
        "method": "rigid transfer of each vertebra between the films",
        "uncertainty": motion.reading,
        "total": motion.span
        and motion.total
        and {"upper": motion.span[0], "lower": motion.span[1], **asdict(motion.total)},
        "least_total_deg": LEAST_TOTAL_DEG,
        "not_judged": motion.reason,
        "remark": MOVES_WITHOUT_SYMPTOMS,
        "remark_sources": [citation(key) for key in ABOUT_LIMITS],
        "segments": [
            {
                "cranial": one.cranial,
                "caudal": one.caudal,
                **{
                    key: quantity and {"unit": unit, **asdict(quantity)}
                    for key, unit, quantity in _quantities(one)
                },
                "clicked_sd_percent": one.clicked_sd,
                "confirmed": one.confirmed,
                "verdicts": [
                    {
                        "quantity": verdict.limit.quantity,
                        "words": verdict.words,
                        "probability": verdict.probability,
                        "source": citation(verdict.limit.source),
                    }
                    for verdict in one.verdicts
                ],
                "doubt": one.doubt,
            }
            for one in motion.segments
        ],
    }


def _quantities(one: SegmentMotion) -> Iterator[tuple[str, str, Quantity | None]]:
    yield "percent", "%", one.percent
    yield "millimetres", "mm", one.millimetres
    yield "rotation", "deg", one.rotation


def _junction_films(series: SeriesChange | None) -> Iterator[tuple[int, JunctionFilm]]:
    if series and series.junction:
        for film in series.junction.films:
            yield film.place, film


def _cells(change: Change) -> dict[str, str]:
    return {
        "key": change.key,
        "unit": change.unit,
        "value_before": _number(change.before.value),
        "sd_before": _number(change.before.sd),
        "value_after": _number(change.after.value),
        "sd_after": _number(change.after.sd),
        "change": _number(change.change),
        "change_limit": _number(change.limit),
        "verdict": change.verdict or "",
        "reason": safe_text(change.reason or ""),
    }


def _grade_cells(one: GradeChange) -> dict[str, str]:
    return {
        "key": one.key,
        "value_before": one.before.grade or "",
        "value_after": one.after.grade or "",
        "verdict": "" if one.changed is None else ("changed" if one.changed else "same"),
        "reason": safe_text(one.reason or ""),
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"
