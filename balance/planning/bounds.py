"""What a target is: ranges for values, and how far values lie outside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from balance.assessment.thresholds import ADULT_YEARS, AGE_LINE_YEARS
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import METRIC
from balance.metrics.model import Measurement
from balance.radiograph import FloatArray

EDGE = 1e-9
"""Values this close to an end count as on it."""
STANDING = ("standing", "unknown")
USER = "user"
"""The source of a target that the user wrote."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number that depends on PI and age: ``at + per_pi * PI + per_year * age``.

    ``steps`` are added by classes of PI: from each first number on, the second.
    """

    at: float
    per_pi: float = 0.0
    per_year: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()

    def value(self, pi: FloatArray | float, age_years: float | None) -> FloatArray:
        """The number for a pelvic incidence and an age."""
        number = np.asarray(self.at, float)
        if self.per_pi:
            number = number + self.per_pi * np.asarray(pi, float)
        if self.per_year:
            number = number + self.per_year * (np.nan if age_years is None else age_years)
        if self.steps:
            starts, added = np.array(self.steps).T
            # A value on the edge of two classes belongs to the upper one, rounding errors aside.
            places = np.searchsorted(starts - EDGE, np.asarray(pi, float), side="right") - 1
            number = number + added[np.clip(places, 0, None)]
        return number


@dataclass(frozen=True, slots=True)
class Bound:
    """The range of one value; an end that is None is open.

    ``excluded`` ends belong to the values outside, as where a paper says "less than".
    """

    metric: str
    low: Line | None = None
    high: Line | None = None
    excluded: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """The ends that are not open."""
        return tuple(line for line in (self.low, self.high) if line is not None)


@dataclass(frozen=True, slots=True)
class Target:
    """A set of bounds that a plan may be asked to meet together."""

    key: str
    name: str
    bounds: tuple[Bound, ...]
    sources: tuple[str, ...]
    note: str = ""
    tolerance: float | None = None
    """Degrees either side of a formula that count as met, where the source states none."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Keys of the values that are bounded, each once."""
        return tuple(dict.fromkeys(bound.metric for bound in self.bounds))

    @property
    def needs_age(self) -> bool:
        """Whether the bounds depend on the age."""
        return any(line.per_year for bound in self.bounds for line in bound.lines)

    @property
    def needs_pi(self) -> bool:
        """Whether the bounds depend on the pelvic incidence."""
        lines = (line for bound in self.bounds for line in bound.lines)
        return any(line.per_pi or line.steps for line in lines)

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Keys of every value that the bounds look at."""
        return tuple(dict.fromkeys((*self.metrics, *(("PI",) if self.needs_pi else ()))))


def refusal(
    target: Target, landmarks: Landmarks, measured: Mapping[str, Measurement]
) -> str | None:
    """Why a target says nothing of this film, or None.

    Parameters
    ----------
    measured
        The film as it is. A published target is for adults who stand; the user's own is taken as
        it was written.
    """
    age, position = landmarks.subject.age_years, landmarks.acquisition.position
    if USER not in target.sources:
        if age is not None and age < ADULT_YEARS:
            return f"adult rule: the patient is {age:g} years old"
        if position not in STANDING:
            return f"the film was not taken standing but in position {position}"
    if target.needs_age and age is None:
        return "the age is not known"
    youngest, oldest = AGE_LINE_YEARS
    if target.needs_age and age is not None and not youngest <= age <= oldest:
        return f"the age lies outside {youngest:g} to {oldest:g} years"
    lengths = any(METRIC[key].unit == "mm" for key in target.metrics)
    if lengths and not landmarks.scale.grades_lengths:
        return "lengths are not calibrated in the patient's plane"
    if target.needs_pi and (measured.get("PI") is None or measured["PI"].value is None):
        return "PI is not given"
    unsure = [key for key in target.rests_on if key in measured and not measured[key].confirmed]
    if unsure:
        return f"{', '.join(unsure)} rests on unconfirmed points"
    return None


def violations(
    target: Target, values: Mapping[str, FloatArray], age_years: float | None
) -> dict[str, FloatArray]:
    """How far each bounded value lies outside its range, in its own unit; 0 inside.

    Positive is above the range, negative below; on an excluded end it is just past it. ``values``
    hold PI where the target needs it.
    """
    found: dict[str, FloatArray] = {}
    pi = values.get("PI", np.array(np.nan))
    for bound in target.bounds:
        value = values[bound.metric]
        past = np.zeros(np.shape(value))
        if bound.high is not None:
            past = past + _above(value - bound.high.value(pi, age_years), bound.excluded)
        if bound.low is not None:
            past = past - _above(bound.low.value(pi, age_years) - value, bound.excluded)
        found[bound.metric] = past
    return found


def all_met(
    targets: Sequence[Target], values: Mapping[str, FloatArray], age_years: float | None
) -> NDArray[np.bool_]:
    """Whether every bounded value of every target lies in its range."""
    masks = [
        np.abs(past) <= EDGE
        for target in targets
        for past in violations(target, values, age_years).values()
    ]
    result: NDArray[np.bool_] = np.logical_and.reduce(np.broadcast_arrays(*masks))
    return result


def _above(distance: FloatArray, excluded: bool) -> FloatArray:
    """The part of a distance that is above 0; just above where it is 0 and that is excluded."""
    if excluded:
        return np.where(distance >= -EDGE, np.maximum(distance, 2 * EDGE), 0.0)
    return np.maximum(distance, 0.0)
