"""Targets that contradict each other: no plan can meet both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from balance.planning.bounds import EDGE, Line, Target

COUNTED_AS = {"PI_LL": "LL", "SS": "PT"}
"""What is left of PI when the one is taken away."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value that one target wants at least so high and another at most so low.

    ``told_of`` names the values that the targets themselves bound: PI-LL counts as LL, SS as PT,
    where PI is known.
    """

    metric: str
    at_least: float
    asked_by: str
    at_most: float
    against: str
    told_of: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range; an excluded end belongs to the values outside."""

    at: float
    target: str
    excluded: bool
    told_of: str


def conflicts(
    targets: Sequence[Target], pi: float | None, age_years: float | None
) -> tuple[Conflict, ...]:
    """Every contradiction between two ranges of targets that can be used on this patient."""
    lows: dict[str, list[_End]] = {}
    highs: dict[str, list[_End]] = {}
    for target in targets:
        for metric, low, high in _ranges(target, pi, age_years):
            if low is not None:
                lows.setdefault(metric, []).append(low)
            if high is not None:
                highs.setdefault(metric, []).append(high)
    return tuple(
        Conflict(metric, low.at, low.target, high.at, high.target, (low.told_of, high.told_of))
        for metric in sorted(lows.keys() & highs.keys())
        for low in sorted(lows[metric], key=lambda end: (-end.at, end.target))
        for high in sorted(highs[metric], key=lambda end: (end.at, end.target))
        if _apart(low, high)
    )


def _apart(low: _End, high: _End) -> bool:
    if low.excluded or high.excluded:
        return low.at >= high.at - EDGE
    return low.at > high.at + EDGE


def _ranges(
    target: Target, pi: float | None, age_years: float | None
) -> Iterator[tuple[str, _End | None, _End | None]]:
    """Ranges of a target; LL = PI - (PI-LL) and PT = PI - SS hold exactly."""
    for bound in target.bounds:
        low, high = (_end(line, pi, age_years) for line in (bound.low, bound.high))
        metric = bound.metric
        if pi is not None and metric in COUNTED_AS:
            metric = COUNTED_AS[metric]
            low, high = (None if end is None else pi - end for end in (high, low))
        lowest, highest = (
            None if end is None else _End(end, target.name, bound.excluded, bound.metric)
            for end in (low, high)
        )
        yield metric, lowest, highest


def _end(line: Line | None, pi: float | None, age_years: float | None) -> float | None:
    return None if line is None else float(line.value(np.nan if pi is None else pi, age_years))
