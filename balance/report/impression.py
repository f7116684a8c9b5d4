"""The impression: at most four lines, every number in them a value of the examination.

A line rests on confirmed points only. No word says more than the values: what is past which limit,
in which direction, how surely, what was not assessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from balance.analysis import Analysis
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.report.rounding import number
from balance.report.segments import height_losses, slips
from balance.report.verdicts import grade_line
from balance.report.wording import film_title, short_reason

RETROVERTED = 25.0
"""Pelvic tilt, degrees, from which the pelvis is called retroverted, as in the Roussouly rule."""
TILT_GRADES = ("age_adjusted.PT", "srs_schwab.PT", "schwab2013.PT")
"""Rules for adults who stand: where none of them is given, no word is said of the tilt."""
NUMBERS = {4: "Four", 6: "Six", 11: "Eleven", 13: "Thirteen"}
LEGS = ("femur_shaft", "knee", "ankle")
BOTH_HEADS = "femoral head 1, femoral head 2"
SIDES = {"lateral": ("anterior", "posterior"), "frontal": ("right", "left")}


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, and the keys of the values and grades that its numbers come from."""

    text: str
    keys: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()


Line = tuple[Statement, ...]


def impression(analysis: Analysis) -> tuple[Line, ...]:
    """The impression of an examination, at most four lines of sentences."""
    lines = (
        tuple(_sagittal(analysis)),
        tuple(_pelvis(analysis)),
        tuple(_coronal(analysis)),
        tuple(_levels(analysis)),
    )
    return tuple(line for line in lines if line)


def _sagittal(analysis: Analysis) -> Iterator[Statement]:
    film = analysis.films.get("lateral")
    if film is None:
        return
    yield Statement(f"{film_title(film.landmarks).replace(' film', '')}.")
    sva = film.measurements["SVA"]
    if _stands(sva):
        where = _side(sva, "lateral")
        text = (
            f"C7 plumb line {_size(sva)} mm {where} to S1 "
            f"(95 % reading interval {_interval(sva, size=True)})"
        )
        rules = ("age_adjusted.SVA", "review.SVA")
        yield Statement(_with_grades(analysis, text, rules), ("SVA",), rules)
    else:
        yield Statement(f"SVA not stated: {_absence(sva)}.", ("SVA",))


def _pelvis(analysis: Analysis) -> Iterator[Statement]:
    film = analysis.films.get("lateral")
    if film is None:
        return
    measured, given = film.measurements, analysis.grades
    stated = [key for key in ("PI", "LL", "PI_LL") if _stands(measured[key])]
    if stated:
        parts = [f"{_label(key)} {_value(measured[key])}" for key in stated]
        text = ", ".join(parts)
        rules: tuple[str, ...] = ()
        if "PI_LL" in stated:
            text += f" ({_interval(measured['PI_LL'])})"
            rules = ("age_adjusted.PI_LL", "review.PI_LL", "srs_schwab.PI_LL")
        yield Statement(_with_grades(analysis, text, rules), tuple(stated), rules)
    for key in ("PI", "LL"):
        if key not in stated:
            yield Statement(f"{key} not stated: {_absence(measured[key])}.", (key,))
    tilt = measured["PT"]
    if _stands(tilt):
        assert tilt.value is not None
        text = f"PT {_value(tilt)} ({_interval(tilt)})"
        graded = any(key in given and given[key].grade is not None for key in TILT_GRADES)
        retroverted = graded and tilt.value >= RETROVERTED
        rules = ("age_adjusted.PT",)
        words = _grade_words(analysis, rules)
        words = ["pelvic retroversion", *words] if retroverted else words
        yield Statement(_joined(text, words), ("PT",), rules)


def _coronal(analysis: Analysis) -> Iterator[Statement]:
    film = analysis.films.get("frontal")
    if film is None:
        return
    offset = film.measurements["C7_CSVL"]
    if _stands(offset):
        where = _side(offset, "frontal")
        text = (
            f"Coronal: C7 {_size(offset)} mm {where} of the CSVL ({_interval(offset, size=True)})"
        )
        rules = ("glassman.C7_CSVL",)
        yield Statement(_with_grades(analysis, text, rules), ("C7_CSVL",), rules)
    else:
        yield Statement(f"C7-CSVL not stated: {_absence(offset)}.", ("C7_CSVL",))
    curves = [curve for curve in film.curves if curve.confirmed and curve.region != "fractional"]
    if curves:
        largest = max(curves, key=lambda curve: curve.cobb)
        yield Statement(_curve_words(largest), ("curves",))


def _levels(analysis: Analysis) -> Iterator[Statement]:
    slipped, lost = slips(analysis), height_losses(analysis)
    if slipped:
        yield Statement(f"Largest slip: {slipped[0].words}.", slipped[0].keys)
    if lost:
        words = f"Largest height loss: {lost[0].words}, cause not stated."
        yield Statement(words, lost[0].keys)
    films = analysis.films
    counts = [film.landmarks.vertebrae for film in films.values()]
    for name, word in (("thoracic", "thoracic"), ("lumbar", "lumbar-type")):
        known = {getattr(count, name) for count in counts} & NUMBERS.keys()
        for count in known:
            yield Statement(f"{NUMBERS[count]} {word} vertebrae.")
    other = analysis.alternative
    if other is not None and (pi := other.measurements.get("PI")) is not None and _stands(pi):
        plate = other.endplate.replace("_superior", "").replace("_", " ")
        yield Statement(
            f"With the {plate} superior endplate as the sacral one PI is {_value(pi)}.",
            ("alternative.PI",),
        )
    missing = list(_not_assessed(analysis))
    if missing:
        yield Statement(f"Not assessed: {', '.join(missing)}.")


def _not_assessed(analysis: Analysis) -> Iterator[str]:
    for view in ("lateral", "frontal"):
        if view not in analysis.films:
            plane = "coronal" if view == "frontal" else "sagittal"
            yield f"{plane} alignment ({_why_no_film(analysis, view)})"
    lateral = analysis.films.get("lateral")
    if lateral is not None:
        if not any(name.startswith(LEGS) for name in lateral.landmarks.points):
            yield "knees"
        if lateral.measurements["CL"].value is None:
            yield "cervical lordosis"


def _why_no_film(analysis: Analysis, view: str) -> str:
    refused = [one.view for one in analysis.examination.refused]
    if view in refused:
        return f"the {view} film was refused, see Warnings"
    if None in refused:
        return f"no {view} film among those read, and a film was refused, see Warnings"
    return f"no {view} film"


def _with_grades(analysis: Analysis, text: str, keys: Sequence[str]) -> str:
    return _joined(text, _grade_words(analysis, keys))


def _joined(text: str, words: Sequence[str]) -> str:
    return f"{text}: {'; '.join(words)}." if words else f"{text}."


def _grade_words(analysis: Analysis, keys: Sequence[str]) -> list[str]:
    """Words of the grades that were given, the age band first; the reason where none was."""
    lines = []
    for key in keys:
        grade = analysis.grades.get(key)
        if grade is not None:
            unit = "mm" if THRESHOLD[key].in_millimetres else "deg"
            lines.append(grade_line(grade, unit))
    given = [line.words for line in lines if not line.reason]
    if given or not lines:
        return given
    return [f"not graded: {lines[0].reason}"]


def _stands(one: Measurement) -> bool:
    return one.value is not None and one.confirmed


def _absence(one: Measurement) -> str:
    if one.value is not None:
        return "its points are not confirmed"
    return short_reason(one.reason or "").split(";")[0].replace(BOTH_HEADS, "hips")


def _label(key: str) -> str:
    return key.replace("_", "-")


def _value(one: Measurement) -> str:
    assert one.value is not None
    return number(one.value, 0)


def _size(one: Measurement) -> str:
    assert one.value is not None
    return number(abs(one.value), 0)


def _side(one: Measurement, view: str) -> str:
    assert one.value is not None
    return SIDES[view][0 if one.value >= 0 else 1]


def _interval(one: Measurement, *, size: bool = False) -> str:
    if one.ci95 is None:
        return "no interval"
    low, high = one.ci95
    if size and one.value is not None and one.value < 0:
        # The words beside it name the side.
        low, high = -high, -low
    return f"{number(low, 0)} to {number(high, 0)}"


def _curve_words(curve: Curve) -> str:
    low, high = curve.ci95
    return (
        f"{curve.region} curve {curve.upper} to {curve.lower} {number(curve.cobb, 0)} deg "
        f"({number(low, 0)} to {number(high, 0)}), convex {curve.convex}."
    )
