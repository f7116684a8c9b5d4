"""Grades in words: what a rule says of a value, past which limit, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from balance.assessment.model import Grade, Threshold
from balance.assessment.thresholds import THRESHOLD
from balance.report.rounding import number
from balance.report.wording import SCHEME_NAMES, short_reason

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

    ``words`` ends with what the grade cannot be separated from, where it is borderline.
    """

    key: str
    scheme: str
    words: str
    symbol: str
    reason: str = ""

    @property
    def leads(self) -> bool:
        """Whether the grade belongs to the schemes that lead a row."""
        return self.key.split(".")[0] in VERDICT_SCHEMES


def grade_line(grade: Grade, unit: str) -> GradeLine:
    """A grade in words; ``unit`` is that of its value."""
    row = THRESHOLD[grade.key]
    scheme = scheme_of(grade.key)
    if grade.grade is None:
        reason = short_reason(grade.reason or "").split(":")[0]
        return GradeLine(grade.key, scheme, f"not graded: {reason}", WITHHELD, reason)
    words = _phrase(grade, row, unit)
    if grade.borderline:
        words += f", {_doubt(grade, row)}"
    return GradeLine(grade.key, scheme, words, _symbol(grade, row))


def scheme_of(key: str) -> str:
    """The name of the scheme that a grade belongs to."""
    return SCHEME_NAMES[key.split(".")[0]]


def _phrase(grade: Grade, row: Threshold, unit: str) -> str:
    word, scheme = str(grade.grade), row.key.split(".")[0]
    if grade.target is not None:
        low, high = (number(end, 0) for end in grade.target)
        return f"{grade.direction} ({low} to {high} {unit})"
    if row.key == "srs_schwab.curve":
        return f"curve type {word}"
    if row.key == "roussouly":
        return f"type {word} (current shape)"
    if row.key == "gap":
        points = "1 point" if grade.points == 1 else f"{grade.points} points"
        return f"{points}, {word}"
    if scheme == "srs_schwab":
        return f"SRS-Schwab {word}"
    limits = f"{word} {_limit(row, unit)}"
    if grade.direction and word in row.past:
        limits += f" by {grade.direction}"
    return limits if scheme in VERDICT_SCHEMES else f"{scheme_of(row.key)}: {limits}"


def _limit(row: Threshold, unit: str) -> str:
    """The limit of a rule with one cut, or with two that lie alike on both sides."""
    size = f"{abs(row.cuts[-1].at):g}"
    if row.key == "review.PI_LL":
        return f"PI +- {size} {unit}"
    return f"{size} {unit}"


def _doubt(grade: Grade, row: Threshold) -> str:
    """Why a grade is borderline, without its probabilities."""
    doubts = []
    rival = grade.rival and f"cannot be separated from {_meaning(grade.rival, row)}"
    if grade.other_reading is not None:
        plate = grade.other_reading.endplate.replace("_superior", "").replace("_", " ")
        by = f" by {grade.other_reading.direction}" if grade.other_reading.direction else ""
        if rival and not by and grade.other_reading.word == grade.rival:
            return f"{rival}, which it is with {plate} as the sacral endplate"
        said = _meaning(grade.other_reading.word, row)
        doubts.append(f"with {plate} as the sacral endplate: {said}{by}")
    return ", ".join((*doubts, rival) if rival else doubts)


def _meaning(word: str, row: Threshold) -> str:
    """A word of a rule, or what it says of the age band."""
    if row.age_line is None or word not in row.words:
        return word
    direction = str(row.directions[row.words.index(word)])
    return direction.removesuffix(" the age band").removesuffix(" than")


def _symbol(grade: Grade, row: Threshold) -> str:
    if not row.past:
        return DESCRIBES
    if grade.flag:
        return PAST
    return PAST_UNFLAGGED if grade.past else WITHIN


def joint_symbol(grades: Sequence[GradeLine]) -> str:
    """One symbol for several grades; withheld ones count only where there are no others."""
    given = dict.fromkeys(line.symbol for line in grades if line.symbol != WITHHELD)
    if not given:
        return WITHHELD
    return next(iter(given)) if len(given) == 1 else MIXED


def joint_words(grades: Sequence[GradeLine]) -> str:
    """Several grades in one line."""
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
