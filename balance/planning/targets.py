"""What a plan may aim at: published ranges for values, each with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from balance.assessment.gap import (
    LORDOSIS_DISTRIBUTION,
    RELATIVE_LUMBAR_LORDOSIS,
    RELATIVE_PELVIC_VERSION,
    RELATIVE_SPINOPELVIC_ALIGNMENT,
    GapPart,
)
from balance.assessment.thresholds import THRESHOLD
from balance.errors import BadPlan
from balance.radiograph import FloatArray

EDGE = 1e-9
"""Values this close to an end count as inside."""
AGES = (18.0, 85.0)
"""The years that the age-adjusted lines were made for."""
LORDOSIS_TOLERANCE = 5.0
"""Degrees either side of a lordosis formula that count as met; ours, the papers state none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number that depends on PI and age: ``at + per_pi * PI + per_year * age``."""

    at: float
    per_pi: float = 0.0
    per_year: float = 0.0

    def value(self, pi: FloatArray | float, age_years: float | None) -> FloatArray:
        """The number for a pelvic incidence and an age."""
        number = np.asarray(self.at, float)
        if self.per_pi:
            number = number + self.per_pi * np.asarray(pi, float)
        if self.per_year:
            number = number + self.per_year * (np.nan if age_years is None else age_years)
        return number


@dataclass(frozen=True, slots=True)
class Bound:
    """The range of one value; an end that is None is open."""

    metric: str
    low: Line | None = None
    high: Line | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A set of bounds that a plan may be asked to meet together."""

    key: str
    name: str
    bounds: tuple[Bound, ...]
    sources: tuple[str, ...]
    note: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Keys of the values that are bounded, each once."""
        return tuple(dict.fromkeys(bound.metric for bound in self.bounds))

    @property
    def needs_age(self) -> bool:
        """Whether the bounds depend on the age."""
        lines = [line for bound in self.bounds for line in (bound.low, bound.high) if line]
        return any(line.per_year for line in lines)

    @property
    def needs_pi(self) -> bool:
        """Whether the bounds depend on the pelvic incidence."""
        lines = [line for bound in self.bounds for line in (bound.low, bound.high) if line]
        return any(line.per_pi for line in lines)


def _around(metric: str, middle: Line, tolerance: float) -> Bound:
    return Bound(
        metric,
        Line(middle.at - tolerance, middle.per_pi, middle.per_year),
        Line(middle.at + tolerance, middle.per_pi, middle.per_year),
    )


def _age_line(metric: str) -> Line:
    line = THRESHOLD[f"age_adjusted.{metric}"].age_line
    assert line is not None
    return Line(line.at_55 - 55.0 * line.per_year, 0.0, line.per_year)


def _age_band(metric: str) -> Bound:
    """From the target of ten years younger to that of ten years older."""
    line = _age_line(metric)
    return _around(metric, line, 10.0 * line.per_year)


def _without_points(metric: str, part: GapPart, ideal: Line) -> Bound:
    """The range of a value in which a part of the GAP score gives no points."""
    place = part.points.index(0)
    low, high = (ideal.at + part.cuts[n].at for n in (place - 1, place))
    return Bound(metric, Line(low, ideal.per_pi), Line(high, ideal.per_pi))


def _lordosis(key: str, name: str, line: Line, source: str, note: str = "") -> Target:
    return Target(
        f"lordosis.{key}",
        f"LL = {name}",
        (_around("LL", line, LORDOSIS_TOLERANCE),),
        (source,),
        f"met within {LORDOSIS_TOLERANCE:g} deg, a tolerance of this program. {note}".strip(),
    )


AGE_TILT = _age_line("PT")
"""The target of PT by age."""

TARGETS: tuple[Target, ...] = (
    Target(
        "schwab2010",
        "Schwab realignment objectives",
        (
            Bound("SVA", None, Line(50.0)),
            Bound("PT", None, Line(20.0)),
            Bound("PI_LL", Line(-9.0), Line(9.0)),
        ),
        ("schwab2010",),
        "goals of surgery for adult deformity",
    ),
    Target(
        "srs_schwab",
        "all sagittal modifiers of SRS-Schwab at 0",
        (
            Bound("SVA", None, Line(40.0)),
            Bound("PT", None, Line(20.0)),
            Bound("PI_LL", None, Line(10.0)),
        ),
        ("schwab2012",),
    ),
    Target(
        "age_adjusted",
        "within the age band",
        (
            _age_band("PT"),
            _age_band("PI_LL"),
            _age_band("SVA"),
        ),
        ("lafage2016",),
        "a US deformity cohort mapped to population norms; valid from 18 to 85 years",
    ),
    Target(
        "gap",
        "every part of the GAP score at no points",
        (
            _without_points("SS", RELATIVE_PELVIC_VERSION, Line(9.0, 0.59)),
            _without_points("LL", RELATIVE_LUMBAR_LORDOSIS, Line(29.0, 0.62)),
            _without_points("LDI", LORDOSIS_DISTRIBUTION, Line(0.0)),
            _without_points("GT", RELATIVE_SPINOPELVIC_ALIGNMENT, Line(-15.0, 0.48)),
        ),
        ("yilgor2017",),
        "derived after long fusion; later cohorts find it little related to complications",
    ),
    Target(
        "t4_l1pa",
        "T4PA and L1PA agree within 4 deg",
        (_around("T4_L1PA", Line(0.0), 4.0),),
        ("joseph2026",),
    ),
    Target(
        "l1pa",
        "L1PA = 0.5 PI - 21",
        (_around("L1PA", Line(-21.0, 0.5), LORDOSIS_TOLERANCE),),
        ("hills2022",),
        f"met within {LORDOSIS_TOLERANCE:g} deg, a tolerance of this program",
    ),
    _lordosis("gap", "0.62 PI + 29", Line(29.0, 0.62), "yilgor2017"),
    _lordosis("hyun", "0.62 PI + 27.61", Line(27.61, 0.62), "hyun2019", "Korean men of about 64."),
    _lordosis("hasegawa", "32.9 + 0.60 PI - 0.23 age", Line(32.9, 0.60, -0.23), "hasegawa2016"),
)
"""In the order in which they are shown."""

TARGET: Mapping[str, Target] = {row.key: row for row in TARGETS}


def parse_target(text: str) -> Target:
    """A target of the catalogue, or the user's own ``METRIC=LOW:HIGH`` (an end may be empty).

    Raises
    ------
    BadPlan
        One sentence: what cannot be read.

    Examples
    --------
    >>> parse_target("LL=55:65").bounds[0].high
    Line(at=65.0, per_pi=0.0, per_year=0.0)
    """
    if text in TARGET:
        return TARGET[text]
    metric, equals, span = text.partition("=")
    low, colon, high = span.partition(":")
    if not (metric and equals and colon and (low or high)):
        known = ", ".join(TARGET)
        raise BadPlan(f"target {text!r} is not known; use one of {known}, or LL=55:65")
    try:
        ends = tuple(Line(float(end)) if end else None for end in (low, high))
    except ValueError:
        raise BadPlan(f"target {text!r}: write numbers, such as {metric}=55:65") from None
    return Target(text, text, (Bound(metric, *ends),), ("user",), "the user's own")


def refuse_without(target: Target, pi: float | None, age_years: float | None) -> str | None:
    """Why a target cannot be used on this patient, or None."""
    if target.needs_pi and pi is None:
        return "PI is not given"
    if target.needs_age and age_years is None:
        return "the age is not known"
    if target.needs_age and age_years is not None and not AGES[0] <= age_years <= AGES[1]:
        return f"the age lies outside {AGES[0]:g} to {AGES[1]:g} years"
    return None


def violations(
    target: Target, values: Mapping[str, FloatArray], age_years: float | None
) -> dict[str, FloatArray]:
    """How far each bounded value lies outside its range, in its own unit; 0 inside.

    Positive is above the range, negative below. ``values`` hold PI where the target needs it.
    """
    found: dict[str, FloatArray] = {}
    pi = values.get("PI", np.array(np.nan))
    for bound in target.bounds:
        value = values[bound.metric]
        past = np.zeros(np.shape(value))
        if bound.high is not None:
            past = past + np.maximum(value - bound.high.value(pi, age_years), 0.0)
        if bound.low is not None:
            past = past - np.maximum(bound.low.value(pi, age_years) - value, 0.0)
        found[bound.metric] = past
    return found


def met(
    target: Target, values: Mapping[str, FloatArray], age_years: float | None
) -> NDArray[np.bool_]:
    """Whether every bounded value lies in its range."""
    return all_met((target,), values, age_years)


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
