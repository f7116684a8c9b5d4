"""Figures over many films: how far off, how often, and how honest the intervals are.

Nothing is dropped: a point or value that a proposal does not give counts against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from balance.study.comparison import FilmResult, PointError, ValueComparison

WITHIN_MM = (2.0, 4.0, 10.0)
HEADLINES = ("PI", "PT", "SS", "LL", "TK", "SVA", "TPA")
"""The values for which a proposal is asked first; with the Cobb angles of a frontal film."""
WRONG_DEG, WRONG_SD = 10.0, 3.5
"""From here on a value is wrong whatever its interval says, or against what it says."""


def summarise(films: Sequence[FilmResult]) -> dict[str, Any]:
    """The figures of a set of films as the evaluation document holds them."""
    count = len(films)
    statuses = {
        status: sum(film.status == status for film in films)
        for status in ("ok", "review", "unable", "failed")
    }
    wrong = [film.name for film in films if film.status == "ok" and wrong_values(film)]
    timed = [film.seconds for film in films if film.seconds is not None]
    return {
        "films": count,
        **statuses,
        "success_rate": _share(statuses["ok"] + statuses["review"], count),
        "ok_but_wrong": {
            "films": wrong,
            "share_of_films": _share(len(wrong), count),
            "over_deg": WRONG_DEG,
            "over_sd": WRONG_SD,
        },
        "seconds": {"median": _quantile(timed, 50.0), "p95": _quantile(timed, 95.0)},
        "points": _points(films),
        "parameters": _parameters(films),
    }


def is_headline(key: str) -> bool:
    """Whether a value is one of those that a proposal must not get wrong silently."""
    return key in HEADLINES or key.startswith("Cobb.")


def wrong_values(film: FilmResult) -> tuple[str, ...]:
    """Headline values over 10 degrees or 3.5 of their own standard deviations off."""
    return tuple(key for key, value in film.values.items() if is_headline(key) and _is_wrong(value))


def _is_wrong(value: ValueComparison) -> bool:
    if value.error is None:
        return False
    if value.unit == "deg" and abs(value.error) > WRONG_DEG:
        return True
    return value.sd is not None and abs(value.error) > WRONG_SD * value.sd


def _points(films: Sequence[FilmResult]) -> dict[str, dict[str, Any]]:
    """By level; films without a scale have no millimetres and take no part."""
    groups: defaultdict[str, list[PointError]] = defaultdict(list)
    for film in films:
        if film.has_millimetres:
            for point in film.points:
                groups[point.group].append(point)
    return {group: _group(points) for group, points in groups.items()}


def _group(points: Sequence[PointError]) -> dict[str, Any]:
    placed = [point.mm for point in points if point.mm is not None]
    normal = [abs(point.normal) for point in points if point.normal is not None]
    along = [abs(point.tangential) for point in points if point.tangential is not None]
    return {
        "points": len(points),
        "placed": len(placed),
        "median_mm": _quantile(placed, 50.0),
        "p95_mm": _quantile(placed, 95.0),
        **{
            f"within_{limit:.0f}_mm": _share(sum(mm <= limit for mm in placed), len(points))
            for limit in WITHIN_MM
        },
        "normal_median_mm": _quantile(normal, 50.0),
        "normal_p95_mm": _quantile(normal, 95.0),
        "tangential_median_mm": _quantile(along, 50.0),
        "tangential_p95_mm": _quantile(along, 95.0),
    }


def _parameters(films: Sequence[FilmResult]) -> dict[str, dict[str, Any]]:
    values: defaultdict[str, list[ValueComparison]] = defaultdict(list)
    for film in films:
        for key, value in film.values.items():
            values[key].append(value)
    return {key: parameter_figures(found) for key, found in values.items()}


def parameter_figures(values: Sequence[ValueComparison]) -> dict[str, Any]:
    """Figures of one value over the films whose truth has it.

    Examples
    --------
    >>> figures = parameter_figures([
    ...     ValueComparison("PI", "deg", 50.0, 53.0, 2.0, (49.1, 56.9)),
    ...     ValueComparison("PI", "deg", 60.0, 59.0, 2.0, (55.1, 62.9)),
    ...     ValueComparison("PI", "deg", 40.0),
    ... ])
    >>> figures["films"], figures["given"], figures["mae"], figures["bias"], figures["coverage"]
    (3, 2, 2.0, 1.0, 1.0)
    """
    errors = [value.error for value in values if value.error is not None]
    covered = [value.covered for value in values if value.covered is not None]
    return {
        "unit": values[0].unit,
        "films": len(values),
        "given": len(errors),
        "mae": float(np.mean(np.abs(errors))) if errors else None,
        "bias": float(np.mean(errors)) if errors else None,
        "p95": _quantile([abs(error) for error in errors], 95.0),
        "coverage": _share(sum(covered), len(covered)),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _quantile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None
