"""An analysis as rows of words: what every table and figure shows, worded and rounded once.

Nothing here measures or grades. The text is ASCII, so that a plain terminal can print it; a figure
may set it with finer signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from balance.analysis import Analysis
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.catalogue import METRIC
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.radiograph import View
from balance.report.rounding import interval_text, number, value_text
from balance.report.verdicts import (
    WITHHELD,
    GradeLine,
    grade_line,
    joint_symbol,
    joint_words,
    scheme_of,
)
from balance.report.wording import SCHEME_NAMES, label_of, short_reason

LEAD: Mapping[str, View] = {
    "SVA": "lateral",
    "LL": "lateral",
    "PI": "lateral",
    "PT": "lateral",
    "PI_LL": "lateral",
    "C7_CSVL": "frontal",
}
"""The six values that come first, and the film that each needs."""

UNCONFIRMED = "*"
"""Stands beside a value that rests on unconfirmed points."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value as it is shown, with its grades.

    ``value`` and ``interval`` are empty where there is no value, and ``reason`` says why. ``film``
    is the value without decimals, for a label on a film.
    """

    key: str
    label: str
    name: str
    unit: str
    value: str = ""
    interval: str = ""
    film: str = ""
    reason: str = ""
    confirmed: bool = True
    grades: tuple[GradeLine, ...] = ()

    @property
    def absence(self) -> str:
        """Why there is no value, as a phrase that stands alone; empty where there is one."""
        alone = not self.reason or self.reason.startswith(("not ", "no "))
        return self.reason if alone else f"not given: {self.reason}"

    @property
    def verdicts(self) -> tuple[tuple[str, str], ...]:
        """Symbol and words: first age band and fixed limit in one line, then the other schemes."""
        if len({(line.symbol, line.reason) for line in self.grades}) == 1 and self.grades[0].reason:
            return ((WITHHELD, self.grades[0].words),)
        groups = ([g for g in self.grades if g.leads], [g for g in self.grades if not g.leads])
        return tuple((joint_symbol(group), joint_words(group)) for group in groups if group)

    @property
    def symbol(self) -> str:
        """One symbol for the row, over all its grades; empty without any."""
        return joint_symbol(self.grades) if self.grades else ""


def lead_rows(analysis: Analysis) -> tuple[Row, ...]:
    """The lead values of the films that are there, also those that could not be given."""
    keys = [key for key, view in LEAD.items() if view in analysis.films]
    return tuple(_row(analysis, key) for key in keys)


def other_rows(analysis: Analysis) -> tuple[Row, ...]:
    """The other values that are given, in the order of the catalogue."""
    measured = analysis.measurements
    keys = [key for key, one in measured.items() if key not in LEAD and one.value is not None]
    return tuple(_row(analysis, key) for key in keys)


def curve_rows(analysis: Analysis) -> tuple[Row, ...]:
    """The curves of the frontal film, from the head down."""
    return tuple(curve_row(n, curve) for n, curve in enumerate(analysis.curves, 1))


def scheme_rows(analysis: Analysis) -> tuple[Row, ...]:
    """The classifications that take several values."""
    grades = analysis.grades.values()
    return tuple(
        Row(grade.key, scheme_of(grade.key), "", "", grades=(grade_line(grade, ""),))
        for grade in grades
        if not THRESHOLD[grade.key].metric
    )


def all_rows(analysis: Analysis) -> tuple[Row, ...]:
    """Every row that has a value or a grade: lead values, curves, others, classifications."""
    return (
        *lead_rows(analysis),
        *curve_rows(analysis),
        *other_rows(analysis),
        *scheme_rows(analysis),
    )


def _kind_of_reason(reason: str) -> str:
    if reason.startswith("no ") and " curve of " in reason:
        return "no such curve"
    return {"not marked": "points not marked"}.get(kind := short_reason(reason).split(":")[0], kind)


def plain_row(one: Measurement) -> Row:
    """The row of one value without its grades."""
    name = METRIC[one.key].name if one.key in METRIC else label_of(one.key)
    unit = "" if one.unit == "1" else one.unit
    if one.value is None:
        return Row(one.key, label_of(one.key), name, unit, reason=short_reason(one.reason or ""))
    return Row(
        one.key,
        label_of(one.key),
        name,
        unit,
        value=value_text(one.value, one.unit),
        interval=interval_text(*one.ci95, one.unit) if one.ci95 else "",
        film=number(one.value, 2 if one.unit == "1" else 0),
        confirmed=one.confirmed,
    )


def not_measured(analysis: Analysis) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Reasons and the labels of the values that could not be given for them, shortly.

    Points that are not marked make one group, whichever they are, and so do curves that are not
    there. Lead values, which have a row of their own, and segmental values stay out.
    """
    missing = [
        (_kind_of_reason(one.reason or ""), label_of(key))
        for key, one in analysis.measurements.items()
        if one.value is None and key in METRIC and key not in LEAD
    ]
    reasons = dict.fromkeys(reason for reason, _ in missing)
    return tuple((why, tuple(label for r, label in missing if r == why)) for why in reasons)


def second_reading(analysis: Analysis) -> str:
    """The lead values with the other sacral endplate, in one sentence; empty without one."""
    other = analysis.alternative
    if other is None:
        return ""
    rows = [plain_row(other.measurements[key]) for key in LEAD if key in other.measurements]
    values = ", ".join(f"{row.label} {row.value} {row.unit}" for row in rows if row.value)
    plate = other.endplate.replace("_superior", "").replace("_alternative", " alternative")
    return f"With the {plate} superior endplate taken as sacral: {values or 'no lead value'}"


def _row(analysis: Analysis, key: str) -> Row:
    row = plain_row(analysis.measurements[key])
    if not row.value:
        return row
    graded = [g for g in analysis.grades.values() if THRESHOLD[g.key].metric == key]
    graded.sort(key=lambda grade: list(SCHEME_NAMES).index(grade.key.split(".")[0]))
    lines = tuple(grade_line(grade, row.unit) for grade in graded)
    return replace(row, grades=lines)


def curve_row(place: int, curve: Curve) -> Row:
    """The row of one curve; ``place`` counts from the head down, from 1."""
    apex = f", apex {curve.apex}" if curve.apex else ""
    return Row(
        f"curve.{place}",
        "fractional" if curve.region == "fractional" else f"{curve.region} curve",
        f"{curve.upper} to {curve.lower}{apex}, convex {curve.convex}",
        "deg",
        value=value_text(curve.cobb, "deg"),
        interval=interval_text(*curve.ci95, "deg"),
        film=number(curve.cobb, 0),
        confirmed=curve.confirmed,
    )
