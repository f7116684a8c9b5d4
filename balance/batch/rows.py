"""One measured case as the tables need it, small enough to keep millions of."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from balance.analysis import Analysis
from balance.batch.model import CaseRow, CaseStatus
from balance.batch.posture import posture
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.report.table import CURVE_FIELDS, SUFFIXES, case_status, largest_curves

Cell = float | str | None
CONFIRMED, UNCONFIRMED = "confirmed", "unconfirmed"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the patient is, as far as the user asked to be told."""

    pseudonym: str | None = None
    facts: Mapping[str, str] | None = None


def case_row(
    analysis: Analysis, *, name: str, incomplete: bool, film: str | None, identity: Identity
) -> CaseRow:
    """The row of one examination; ``incomplete`` where a document of the case was refused."""
    examination = analysis.examination
    status: CaseStatus = "partial" if incomplete else case_status(analysis.measurements)
    content = case_content(analysis, identity)
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 1)
    sources = tuple(one.source for one in examination.documents)
    return CaseRow(examination.id, sources, name, status, len(analysis.flags), packed, film)


def case_content(analysis: Analysis, identity: Identity) -> dict[str, Any]:
    """What the tables show of a case, as plain values."""
    subject = analysis.examination.subject
    measured = analysis.measurements
    return {
        "views": {
            view: [film.landmarks.scale.state, film.landmarks.acquisition.position]
            for view, film in analysis.films.items()
        },
        "age_years": subject.age_years,
        "sex": subject.sex,
        "patient": identity.pseudonym,
        "facts": dict(identity.facts or {}),
        "uncertainty": analysis.uncertainty,
        "confirmation": _confirmation(analysis),
        "flags": list(analysis.flags),
        "warnings": list(analysis.warnings),
        "values": {key: _value(one) for key, one in measured.items()},
        "curves": [_curve(curve) for curve in largest_curves(analysis.curves)],
        "grades": {
            key: [
                one.grade, one.value, one.past, one.borderline, one.flag, one.reason, one.direction
            ]
            for key, one in analysis.grades.items()
        },
        "posture": posture(analysis),
    }  # fmt: skip


def unpacked(content: bytes) -> dict[str, Any]:
    """The content of a row."""
    unpacked: dict[str, Any] = json.loads(zlib.decompress(content))
    return unpacked


def cells(content: Mapping[str, Any]) -> dict[str, Cell]:
    """Columns and their values: numbers unrounded, words as they are."""
    found: dict[str, Cell] = {}
    for key, (value, sd, low, high, *_) in content["values"].items():
        if value is not None:
            found.update(zip(_value_columns(key), (value, sd, low, high), strict=True))
    for place, curve in enumerate(content["curves"], 1):
        for field, cell in zip(CURVE_FIELDS, curve, strict=True):
            found[f"curve_{place}_{field}"] = cell
    for key, (word, *_) in content["grades"].items():
        found[f"grade.{key}"] = word
    return found


@cache
def _value_columns(key: str) -> tuple[str, ...]:
    return tuple(key + suffix for suffix in SUFFIXES)


def _value(one: Measurement) -> list[Any]:
    low, high = one.ci95 or (None, None)
    return [one.value, one.sd, low, high, one.unit, one.confirmed, one.reason]


def _curve(curve: Curve) -> list[Cell]:
    words = [curve.region, curve.upper, curve.lower, curve.apex]
    return [*words, curve.cobb, curve.sd, *curve.ci95, curve.convex]


def _confirmation(analysis: Analysis) -> str:
    """Whether every point of the films was placed or confirmed by somebody."""
    points = (p for film in analysis.films.values() for p in film.landmarks.points.values())
    return CONFIRMED if all(point.confirmed for point in points) else UNCONFIRMED
