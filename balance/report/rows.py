"""An analysis as rows of words: what every table and figure shows, worded and rounded once.

Nothing here measures or grades. The text is ASCII, so that a plain terminal can print it; a figure
may set it with finer signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from balance.analysis import Analysis
from balance.assessment.model import Grade, Threshold
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.catalogue import METRIC
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.radiograph import View
from balance.report.wording import label_of, short_reason

LEAD: Mapping[str, View] = {
    "SVA": "lateral",
    "LL": "lateral",
    "PI": "lateral",
    "PT": "lateral",
    "PI_LL": "lateral",
    "C7_CSVL": "frontal",
}
"""The six values that come first, and the film that each needs."""

SCHEME_NAMES: Mapping[str, str] = {
    "age_adjusted": "age band",
    "review": "fixed limit",
    "glassman": "fixed limit",
    "srs_schwab": "SRS-Schwab",
    "schwab2013": "Schwab 2013",
    "obeid": "Obeid 2019",
    "gap": "GAP",
    "roussouly": "Roussouly",
}
"""How a scheme is called beside its word, in the order in which schemes are read out."""

VERDICT_SCHEMES = ("age_adjusted", "review", "glassman")
"""Schemes that lead a row; where they disagree both stand in it, the age band first."""

PAST, PAST_UNFLAGGED, WITHIN, MIXED, DESCRIBES, WITHHELD = "▲", "△", "●", "◐", "■", "–"
SYMBOLS: Mapping[str, str] = {
    PAST: "past a limit",
    PAST_UNFLAGGED: "past, not flagged",
    WITHIN: "not past",
    MIXED: "rules differ",
    DESCRIBES: "describes",
    WITHHELD: "not graded",
}
"""What each symbol says; the words stand beside it wherever it is used."""


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One grade in words, or why there is none.

    ``words`` ends with what the grade cannot be separated from, where it is borderline. ``scope``
    says what the rule was not made for.
    """

    key: str
    scheme: str
    words: str
    symbol: str
    reason: str = ""
    scope: str = ""

    @property
    def leads(self) -> bool:
        """Whether the grade belongs to the schemes that lead a row."""
        return self.key.split(".")[0] in VERDICT_SCHEMES


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
    def verdicts(self) -> tuple[tuple[str, str], ...]:
        """Symbol and words: first age band and fixed limit in one line, then the other schemes."""
        groups = ([g for g in self.grades if g.leads], [g for g in self.grades if not g.leads])
        return tuple((_joint_symbol(group), _joint_words(group)) for group in groups if group)

    @property
    def symbol(self) -> str:
        """One symbol for the row, over all its grades; empty without any."""
        return _joint_symbol(self.grades) if self.grades else ""


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
        Row(grade.key, _scheme_of(grade.key), "", "", grades=(_grade_line(grade, ""),))
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
    return {"not marked": "points not marked"}.get(
        kind := short_reason(reason).split(":")[0], kind
    )


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
    there; segmental values stay out.
    """
    missing = [
        (_kind_of_reason(one.reason or ""), label_of(key))
        for key, one in analysis.measurements.items()
        if one.value is None and key in METRIC
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


def number(value: float, decimals: int) -> str:
    """A rounded number that never reads -0.

    Examples
    --------
    >>> number(-0.04, 1), number(59.99999, 0)
    ('0.0', '60')
    """
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def value_text(value: float, unit: str) -> str:
    """One decimal for degrees, millimetres and percent, two for a ratio."""
    return number(value, 2 if unit == "1" else 1)


def interval_text(low: float, high: float, unit: str) -> str:
    """An interval in whole units, with a decimal more where it is narrow.

    Examples
    --------
    >>> interval_text(51.2, 68.8, "deg"), interval_text(-0.2, 1.3, "deg")
    ('51 to 69', '-0.2 to 1.3')
    """
    decimals = 2 if unit == "1" else 0 if high - low >= 4.0 else 1
    return f"{number(low, decimals)} to {number(high, decimals)}"


def _row(analysis: Analysis, key: str) -> Row:
    row = plain_row(analysis.measurements[key])
    if not row.value:
        return row
    graded = [g for g in analysis.grades.values() if THRESHOLD[g.key].metric == key]
    graded.sort(key=lambda grade: list(SCHEME_NAMES).index(grade.key.split(".")[0]))
    lines = tuple(_grade_line(grade, row.unit) for grade in graded)
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


def _grade_line(grade: Grade, unit: str) -> GradeLine:
    row = THRESHOLD[grade.key]
    scheme = _scheme_of(grade.key)
    if grade.grade is None:
        reason = short_reason(grade.reason or "").split(":")[0]
        return GradeLine(grade.key, scheme, f"not graded: {reason}", WITHHELD, reason)
    words = _phrase(grade, row, unit)
    if grade.borderline:
        words += f", {_doubt(grade, row)}"
    return GradeLine(grade.key, scheme, words, _symbol(grade, row), scope=grade.scope_warning or "")


def _scheme_of(key: str) -> str:
    return SCHEME_NAMES[key.split(".")[0]]


def _phrase(grade: Grade, row: Threshold, unit: str) -> str:
    word, scheme = str(grade.grade), row.key.split(".")[0]
    if grade.target is not None:
        low, high = (number(end, 0) for end in grade.target)
        return f"{grade.direction} ({low} to {high} {unit})"
    if row.key == "srs_schwab.curve":
        return f"SRS-Schwab curve type {word}"
    if row.key == "roussouly":
        return f"Roussouly type {word} (current shape)"
    if row.key == "gap":
        points = "1 point" if grade.points == 1 else f"{grade.points} points"
        return f"GAP {points}, {word}"
    if scheme == "srs_schwab":
        return f"SRS-Schwab {word}"
    limits = f"{word} {_limit(row, unit)}"
    if grade.direction and word in row.past:
        limits += f" by {grade.direction}"
    return limits if scheme in VERDICT_SCHEMES else f"{_scheme_of(row.key)}: {limits}"


def _limit(row: Threshold, unit: str) -> str:
    """The limit of a rule with one cut, or with two that lie alike on both sides."""
    size = f"{abs(row.cuts[-1].at):g}"
    if row.key == "review.PI_LL":
        return f"PI +- {size} {unit}"
    return f"{size} {unit}"


def _doubt(grade: Grade, row: Threshold) -> str:
    """Why a grade is borderline, without its probabilities."""
    said = grade.borderline_reason or ""
    if not said.startswith("cannot be separated") or grade.probability is None:
        return said.replace("_superior", " superior endplate").replace("_", " ")
    rivals = {word: p for word, p in grade.probability.items() if word != grade.grade}
    rival = max(rivals, key=lambda word: rivals[word])
    if grade.target is not None:
        named = dict(zip(row.words, row.directions, strict=True))
        rival = str(named[rival]).removesuffix(" the age band")
    return f"cannot be separated from {rival}"


def _symbol(grade: Grade, row: Threshold) -> str:
    if not row.past:
        return DESCRIBES
    if grade.flag:
        return PAST
    return PAST_UNFLAGGED if grade.past else WITHIN


def _joint_symbol(grades: Sequence[GradeLine]) -> str:
    given = dict.fromkeys(line.symbol for line in grades if line.symbol != WITHHELD)
    if not given:
        return WITHHELD
    return next(iter(given)) if len(given) == 1 else MIXED


def _joint_words(grades: Sequence[GradeLine]) -> str:
    return "; ".join(_merged(grades))


def _merged(grades: Sequence[GradeLine]) -> Iterator[str]:
    """The words in their order; withheld grades with one reason are told once."""
    if all(line.reason for line in grades) and len({line.reason for line in grades}) == 1:
        yield grades[0].words
        return
    for reason, lines in groupby(grades, key=lambda line: line.reason):
        if not reason:
            yield from (line.words for line in lines)
        else:
            schemes = ", ".join(dict.fromkeys(line.scheme for line in lines))
            yield f"{schemes} not graded: {reason}"
