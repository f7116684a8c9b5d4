"""Examinations of one patient in time: what changed by more than reading and standing explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from balance.analysis import Analysis
from balance.assessment.model import Grade
from balance.assessment.thresholds import THRESHOLD
from balance.examination import is_plan
from balance.metrics.curves import AVT_ROWS, Curve
from balance.metrics.model import Measurement
from balance.study.change import Change, change_of, not_recorded, why_lengths_differ
from balance.study.curve_change import CurveChange, curve_changes
from balance.study.junction import Junction, find_junction
from balance.study.timepoints import TimePoint

PI_CONTROL_DEG = 8.0
"""An adult's PI does not change: a larger difference means two readings of different levels."""
ADULT_YEARS = 18.0

_AT_THE_FREE_APEX = {metric.key for metric, _, _ in AVT_ROWS}


@dataclass(frozen=True, slots=True)
class Control:
    """Pelvic incidence as the control of both readings; ``passed`` is None where it says nothing.

    ``sentence`` is what comes first when it fails, and why there is no control otherwise.
    """

    change: float | None
    passed: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class GradeChange:
    """A grade on two films; ``value_verdict`` is about the value that is graded, if it is one.

    ``not_compared`` says why that value is given on both films and still not compared.
    """

    key: str
    before: Grade
    after: Grade
    value_verdict: str | None
    not_compared: str | None = None

    @property
    def changed(self) -> bool | None:
        """Whether the word is another; None where there is a reason."""
        if self.reason is not None or self.before.grade is None or self.after.grade is None:
            return None
        return self.before.grade != self.after.grade

    @property
    def reason(self) -> str | None:
        """Why a film has no grade, or why the two are not compared."""
        for one in (self.before, self.after):
            if one.grade is None:
                return one.reason
        return self.not_compared


@dataclass(frozen=True, slots=True)
class Comparison:
    """A later examination against an earlier one; ``before`` and ``after`` are their places."""

    before: int
    after: int
    control: Control | None
    remarks: tuple[str, ...]
    rows: tuple[Change, ...]
    segments: tuple[Change, ...]
    curves: tuple[CurveChange, ...]
    further_curves: tuple[Curve, ...]
    grades: tuple[GradeChange, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """One value over the whole series; ``change`` is from the first film to the last."""

    key: str
    values: tuple[Measurement, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """All comparisons of a series: each film with the first one, and with the one before it."""

    comparisons: tuple[Comparison, ...]
    trends: tuple[Trend, ...]
    junction: Junction | None

    @property
    def compares_anything(self) -> bool:
        """Whether two of the films are of one view."""
        return any(one.rows or one.curves for one in self.comparisons)


def compare_series(
    points: Sequence[TimePoint], *, uiv: str | None = None, baseline: int | None = None
) -> SeriesChange:
    """Compare two time points or more.

    Parameters
    ----------
    uiv
        Uppermost instrumented vertebra, where the documents do not tell it.
    baseline
        Place of the preoperative film for the junction, where ``surgery`` does not tell it.
    """
    pairs = [(0, later) for later in range(1, len(points))]
    pairs += [(later - 1, later) for later in range(2, len(points))]
    pairs.sort(key=lambda pair: (pair[1], pair[0]))
    comparisons = tuple(compare_two(points[one], points[two]) for one, two in pairs)
    whole = next(one for one in comparisons if (one.before, one.after) == (0, len(points) - 1))
    return SeriesChange(
        comparisons,
        tuple(_trends(points, whole)) if len(points) > 2 else (),
        find_junction([one.analysis for one in points], uiv=uiv, baseline=baseline),
    )


def compare_two(before: TimePoint, after: TimePoint) -> Comparison:
    """One later examination against an earlier one."""
    earlier, later = before.analysis, after.analysis
    rows: list[Change] = []
    segments: list[Change] = []
    curves: tuple[CurveChange, ...] = ()
    further: tuple[Curve, ...] = ()
    for view in earlier.films:
        if view not in later.films:
            continue
        one, two = earlier.films[view], later.films[view]
        why = why_lengths_differ(one.landmarks, two.landmarks)
        for key, value in one.measurements.items():
            if key in _AT_THE_FREE_APEX:
                continue
            other = two.measurements.get(key)
            if other is None:
                other = Measurement(key, value.unit, None, reason="this level does not exist")
            if "." in key:
                if value.value is not None or other.value is not None:
                    segments.append(change_of(value, other, why))
            else:
                rows.append(change_of(value, other, why))
        if view == "frontal":
            curves, further = curve_changes(one, two, why)
    control = _control(earlier, later)
    return Comparison(
        before.place,
        after.place,
        control,
        tuple(_remarks(before, after)),
        tuple(rows),
        tuple(segments),
        curves,
        further,
        tuple(_grade_changes(earlier, later, rows)),
    )


def _control(earlier: Analysis, later: Analysis) -> Control | None:
    """None without a lateral film on both sides."""
    if not ("lateral" in earlier.films and "lateral" in later.films):
        return None
    one, two = (analysis.measurements["PI"].value for analysis in (earlier, later))
    if one is None or two is None:
        which = "earlier" if one is None else "later"
        return Control(None, None, f"PI is not given on the {which} film: no control of S1")
    change = two - one
    if is_growing(earlier) or is_growing(later):
        return Control(change, None, "PI grows until the skeleton is mature: no control under 18")
    if abs(change) <= PI_CONTROL_DEG:
        return Control(
            change, True, f"PI differs by {abs(change):.1f} deg (8 or less): control passed"
        )
    first = (
        f"re-read S1 and the levels: PI differs by {abs(change):.1f} deg, and an adult's PI does "
        "not change"
    )
    return Control(change, False, first + _other_endplate(earlier, later))


def _other_endplate(earlier: Analysis, later: Analysis) -> str:
    """Whether the second sacral reading of one film would explain the difference."""
    for analysis, other, which in ((earlier, later, "earlier"), (later, earlier, "later")):
        reading = analysis.alternative
        second = reading.measurements.get("PI") if reading else None
        fixed = other.measurements["PI"].value
        if second is None or second.value is None or fixed is None:
            continue
        if abs(second.value - fixed) <= PI_CONTROL_DEG:
            return (
                f"; with the other sacral endplate of the {which} film "
                f"(PI {second.value:.0f} deg) the difference goes"
            )
    return ""


def is_growing(analysis: Analysis) -> bool:
    """Whether the patient is known to be under 18."""
    age = analysis.examination.subject.age_years
    return age is not None and age < ADULT_YEARS


def _remarks(before: TimePoint, after: TimePoint) -> Iterator[str]:
    earlier, later = before.analysis, after.analysis
    for which, analysis in (("earlier", earlier), ("later", later)):
        if any(is_plan(document.landmarks) for document in analysis.examination.documents):
            yield f"the {which} one is a plan and no examination: what it shows was drawn"
    yield from _about_the_patient(before, after)
    for view in dict.fromkeys((*earlier.films, *later.films)):
        if view not in earlier.films or view not in later.films:
            which = "earlier" if view not in earlier.films else "later"
            yield f"the {which} examination has no {view} film: its values are not compared"
            continue
        one, two = earlier.films[view].landmarks, later.films[view].landmarks
        why = why_lengths_differ(one, two)
        if why is not None:
            yield f"{view}: {why}"
            if one.acquisition.position != two.acquisition.position:
                yield f"{view}: angles change with the position too"
        missing = not_recorded(one, two)
        if missing:
            words = ", ".join(missing)
            yield f"{view}: {words} not recorded on both films, taken to be alike"
        if (one.scale.state, one.scale.plane) != (two.scale.state, two.scale.plane):
            yield (
                f"{view}: the scales have different origins ({one.scale.state}, "
                f"{two.scale.state}): lengths may differ by the magnification alone"
            )
        for what, first, second in (
            ("last thoracic vertebra", one.last_thoracic, two.last_thoracic),
            ("last lumbar vertebra", one.last_lumbar, two.last_lumbar),
        ):
            if first != second:
                yield (
                    f"{view}: the level counts differ ({what} {first}, then {second}): the same "
                    "name may stand for two vertebrae"
                )
        if one.vertebrae.counted_from != two.vertebrae.counted_from:
            told = ", ".join(f.vertebrae.counted_from.replace("_", " ") for f in (one, two))
            yield f"{view}: the levels were counted from different ends ({told})"


def _about_the_patient(before: TimePoint, after: TimePoint) -> Iterator[str]:
    one, two = before.analysis.examination.subject, after.analysis.examination.subject
    if None not in (one.pseudonym, two.pseudonym) and one.pseudonym != two.pseudonym:
        yield "the patient ids differ: are the films of one person?"
    if None not in (one.sex, two.sex) and one.sex != two.sex:
        yield "the patient's sex differs: are the films of one person?"
    younger = (
        one.age_years is not None
        and two.age_years is not None
        and two.age_years < one.age_years - 1e-9
    )
    if younger or (before.date and after.date and after.date < before.date):
        yield "the film named first was taken later: before and after may be exchanged"
    if is_growing(before.analysis) or is_growing(after.analysis):
        yield (
            "under 18 years: lengths grow, and angles may change with growth; a change beyond the "
            "limit need not be a change of posture or disease"
        )


def _grade_changes(
    earlier: Analysis, later: Analysis, rows: Sequence[Change]
) -> Iterator[GradeChange]:
    changes = {row.key: row for row in rows}
    for key, grade in earlier.grades.items():
        if key in later.grades:
            graded = changes.get(THRESHOLD[key].metric)
            verdict, reason = (graded.verdict, graded.reason) if graded else (None, None)
            yield GradeChange(key, grade, later.grades[key], verdict, reason)


def _trends(points: Sequence[TimePoint], whole: Comparison) -> Iterator[Trend]:
    """Values that at least two films of the series have."""
    for row in whole.rows:
        values = tuple(
            one.analysis.measurements.get(
                row.key, Measurement(row.key, row.unit, None, reason="no film of this view")
            )
            for one in points
        )
        if sum(one.value is not None for one in values) > 1:
            yield Trend(row.key, values, row)
