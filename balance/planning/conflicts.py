"""Targets that contradict each other: no plan can meet both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from balance.planning.bounds import EDGE, Line, Target


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value that one target wants at least so high and another at most so low."""

    metric: str
    at_least: float
    asked_by: str
    at_most: float
    against: str


def conflicts(
    targets: Sequence[Target], pi: float | None, age_years: float | None
) -> tuple[Conflict, ...]:
    """For every value the widest contradiction among targets that can be used on this patient.

    PI-LL counts as LL where PI is known.
    """
    lows: dict[str, list[tuple[float, str]]] = {}
    highs: dict[str, list[tuple[float, str]]] = {}
    for target in targets:
        for metric, low, high in _ranges(target, pi, age_years):
            if low is not None:
                lows.setdefault(metric, []).append((low, target.name))
            if high is not None:
                highs.setdefault(metric, []).append((high, target.name))
    found = []
    for metric in lows.keys() & highs.keys():
        low, asked_by = max(lows[metric])
        high, against = min(highs[metric])
        if low > high + EDGE:
            found.append(Conflict(metric, low, asked_by, high, against))
    return tuple(sorted(found, key=lambda one: one.metric))


def _ranges(
    target: Target, pi: float | None, age_years: float | None
) -> Iterator[tuple[str, float | None, float | None]]:
    for bound in target.bounds:
        low, high = (_end(line, pi, age_years) for line in (bound.low, bound.high))
        if bound.metric == "PI_LL" and pi is not None:
            yield "LL", None if high is None else pi - high, None if low is None else pi - low
        else:
            yield bound.metric, low, high


def _end(line: Line | None, pi: float | None, age_years: float | None) -> float | None:
    return None if line is None else float(line.value(np.nan if pi is None else pi, age_years))
