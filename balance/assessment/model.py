"""What a grade is and what a threshold row is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EDGE_TOLERANCE = 1e-9
"""Values this close to a boundary count as on it."""

BORDERLINE_BELOW = 0.95


@dataclass(frozen=True, slots=True)
class Cut:
    """A boundary between two classes and the one that owns it."""

    at: float
    owner: Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class AgeLine:
    """A target that grows linearly with age: ``at_55 + per_year * (age - 55)``."""

    at_55: float
    per_year: float

    def target(self, age_years: float) -> float:
        """The target at an age."""
        return self.at_55 + self.per_year * (age_years - 55.0)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One published rule: its limits and for whom they were found.

    Parameters
    ----------
    key
        Name of the grade.
    metric
        Key of the value that is graded; empty where a scheme takes several.
    words
        The classes, from the lowest values to the highest; a word may stand twice.
    cuts
        The boundaries between them.
    past
        Words that count as past the limit.
    flagged
        Places in ``words`` that raise a flag; None means every word in ``past``.
    directions
        Optional: what each class means.
    age_line
        Optional: the boundaries are the targets of the age 10 years younger and older.
    outside_surgery, outside
        States of ``surgery`` that lie outside the population, and what to say then.
    conflict
        What other sources say, and which reading is used here.
    further_sources
        Keys of the sources that bear on the conflict.
    """

    key: str
    metric: str
    words: tuple[str, ...]
    limits: str
    source: str
    population: str
    timing: str
    past: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    flagged: tuple[int, ...] | None = None
    directions: tuple[str | None, ...] = ()
    age_line: AgeLine | None = None
    view: Literal["lateral", "frontal"] = "lateral"
    in_millimetres: bool = False
    outside_surgery: tuple[str | None, ...] = ()
    outside: str = ""
    conflict: str = ""
    further_sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherReading:
    """What the same rule says with another sacral endplate, where it says something else."""

    endplate: str
    word: str
    direction: str | None = None
    """Told only where the word itself is the same."""

    @property
    def sentence(self) -> str:
        """The reason why the grade is borderline."""
        by = f" by {self.direction}" if self.direction else ""
        return f"with {self.endplate} taken as the sacral endplate it is {self.word}{by}"


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade, or the reason why none is given.

    ``probability`` says how far this film's true value may lie in each class; ``borderline`` that
    the printed word has less than 95 % of it, or that the two sacral readings differ; ``rival`` is
    the word that it cannot be separated from.
    """

    key: str
    grade: str | None
    value: float | None
    past: bool = False
    flag: bool = False
    probability: Mapping[str, float] | None = None
    borderline: bool | None = None
    reason: str | None = None
    direction: str | None = None
    target: tuple[float, float] | None = None
    points: int | None = None
    parts: Mapping[str, int] | None = None
    scope_warning: str | None = None
    rival: str | None = None
    other_reading: OtherReading | None = None

    @property
    def borderline_reason(self) -> str | None:
        """Why the grade is borderline, in one sentence; None where it is not."""
        said = [self.other_reading.sentence] if self.other_reading else []
        if self.rival is not None and self.probability is not None:
            surely, instead = (self.probability[str(w)] for w in (self.grade, self.rival))
            said.append(
                f"cannot be separated from {self.rival} "
                f"(probability {surely:.2f} against {instead:.2f})"
            )
        return "; ".join(said) or None
