"""Grades of one examination: each threshold applied, or withheld with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from balance.anatomy import SACRUM
from balance.assessment.cuts import normal_probabilities, place_among
from balance.assessment.model import BORDERLINE_BELOW, Cut, Grade, OtherReading, Threshold
from balance.assessment.schemes import SCHEMES, Outcome
from balance.assessment.thresholds import (
    ADULT_YEARS,
    AGE_BAND_YEARS,
    AGE_LINE_YEARS,
    THRESHOLDS,
)
from balance.examination import PLANNED, is_plan
from balance.metrics.catalogue import FilmValues
from balance.radiograph import View

_SCHEME = {row.key: scheme for row, scheme in SCHEMES}

POSITION_NOT_RECORDED = "position not recorded"
AGE_NOT_RECORDED = "age not recorded: adult rule"
SURE_AGE_LINE_YEARS = 35.0
BELOW_THE_AGE_GROUPS = (
    "below 35 years the line is extrapolated, and what is quoted of its source does not fit it"
)


def assess(
    films: Mapping[View, FilmValues], *, age_years: float | None, surgery: str | None
) -> dict[str, Grade]:
    """Grade an examination by every threshold of the views that it holds.

    Parameters
    ----------
    films
        The measured films by view.
    age_years
        The patient's age, or None.
    surgery
        ``none``, ``prior``, ``postoperative`` or None, for the scope of a rule.
    """
    return {
        row.key: _grade(row, films[row.view], age_years, surgery)
        for row in THRESHOLDS
        if row.view in films
    }


def mark_disagreement(
    grades: Mapping[str, Grade], others: Mapping[str, Grade], endplate: str
) -> tuple[dict[str, Grade], dict[str, Grade]]:
    """Both readings' grades, made borderline where the two sacral endplates say different things.

    Parameters
    ----------
    endplate
        What the second reading takes as the sacral endplate.
    """
    first, second = dict(grades), dict(others)
    for key in grades.keys() & others.keys():
        one, other = grades[key], others[key]
        if None in (one.grade, other.grade) or _said(one) == _said(other):
            continue
        first[key] = _borderline(one, endplate, other)
        second[key] = _borderline(other, SACRUM, one)
    return first, second


def _said(grade: Grade) -> tuple[str | None, str | None]:
    return grade.grade, grade.direction


def _borderline(grade: Grade, endplate: str, other: Grade) -> Grade:
    direction = other.direction if other.grade == grade.grade else None
    reading = OtherReading(endplate, str(other.grade), direction)
    return replace(grade, borderline=True, other_reading=reading)


def _grade(row: Threshold, film: FilmValues, age: float | None, surgery: str | None) -> Grade:
    outcome = _SCHEME[row.key](film, age) if row.key in _SCHEME else _by_cuts(row, film, age)
    reason = _withheld(row, film, age) or outcome.reason or _unconfirmed(film, outcome.evidence)
    if reason is not None:
        value = outcome.value
        if value is None and row.metric:
            value = film.measurements[row.metric].value
        return Grade(row.key, None, value, reason=reason)
    assert outcome.word is not None
    assert outcome.probability is not None
    place = row.words.index(outcome.word)
    direction = None
    if row.metric and outcome.value is not None:
        place = int(place_among(np.array(outcome.value), _cuts(row, age)))
        direction = row.directions[place] if row.directions else None
    past = outcome.word in row.past
    surely = outcome.probability[outcome.word]
    return Grade(
        key=row.key,
        grade=outcome.word,
        value=outcome.value,
        past=past,
        flag=past and (row.flagged is None or place in row.flagged),
        probability=outcome.probability,
        borderline=surely < BORDERLINE_BELOW,
        rival=_rival(outcome) if surely < BORDERLINE_BELOW else None,
        direction=direction,
        target=_target(row, age),
        points=outcome.points,
        parts=outcome.parts,
        scope_warning=_scope(row, film, age, surgery),
    )


def _rival(outcome: Outcome) -> str:
    """The likeliest of the other words."""
    assert outcome.probability is not None
    others = {word: p for word, p in outcome.probability.items() if word != outcome.word}
    return max(others, key=lambda word: others[word])


def _cuts(row: Threshold, age: float | None) -> tuple[Cut, ...]:
    band = _target(row, age)
    if band is None:
        return row.cuts
    return Cut(band[0], "upper"), Cut(band[1], "lower")


def _target(row: Threshold, age: float | None) -> tuple[float, float] | None:
    """The age band: the targets of 10 years younger and of 10 years older."""
    if row.age_line is None or age is None:
        return None
    return (
        row.age_line.target(age - AGE_BAND_YEARS),
        row.age_line.target(age + AGE_BAND_YEARS),
    )


def _by_cuts(row: Threshold, film: FilmValues, age: float | None) -> Outcome:
    measured = film.measurements[row.metric]
    if measured.value is None or measured.sd is None:
        return Outcome(reason=f"{row.metric} is not given: {measured.reason}")
    if row.age_line is not None:
        youngest, oldest = AGE_LINE_YEARS
        if age is None:
            return Outcome(value=measured.value, reason="no age: the target depends on it")
        if not youngest <= age <= oldest:
            return Outcome(
                value=measured.value,
                reason=f"the age lies outside {youngest:g} to {oldest:g} years",
            )
    elif not row.cuts:
        return Outcome(value=measured.value, reason=row.limits)
    cuts = _cuts(row, age)
    place = int(place_among(np.array(measured.value), cuts))
    return Outcome(
        word=row.words[place],
        value=measured.value,
        probability=normal_probabilities(measured.value, measured.sd, cuts, row.words),
        evidence=measured.points,
    )


def _withheld(row: Threshold, film: FilmValues, age: float | None) -> str | None:
    """Why this film must not be graded by this rule, whatever the value."""
    position = film.landmarks.acquisition.position
    scale = film.landmarks.scale
    if is_plan(film.landmarks):
        return PLANNED
    if age is not None and age < ADULT_YEARS:
        return f"adult rule: the patient is {age:g} years old"
    if position not in ("standing", "unknown"):
        return f"the film was not taken standing but in position {position}"
    if row.in_millimetres and not scale.grades_lengths:
        where = ", true at the detector" if scale.plane == "detector" else ""
        return (
            f"not calibrated in the patient's plane: the scale is in state {scale.state}{where}, "
            "so a limit in millimetres cannot be applied"
        )
    return None


def _unconfirmed(film: FilmValues, evidence: tuple[str, ...]) -> str | None:
    names = [name for name in evidence if not film.landmarks.points[name].confirmed]
    if not names:
        return None
    some = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"unconfirmed: {some}; confirm before grading"


def _scope(row: Threshold, film: FilmValues, age: float | None, surgery: str | None) -> str | None:
    said = []
    if film.landmarks.acquisition.position == "unknown":
        said.append(POSITION_NOT_RECORDED)
    if age is None:
        said.append(AGE_NOT_RECORDED)
    if surgery in row.outside_surgery:
        said.append(row.outside)
    if row.age_line is not None and age is not None and age < SURE_AGE_LINE_YEARS:
        said.append(BELOW_THE_AGE_GROUPS)
    return "; ".join(said) or None
