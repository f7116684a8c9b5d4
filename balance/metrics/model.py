"""What a metric is, what a measurement is, and the one runner that turns films into values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from balance.metrics.sites import Sites, site_index
from balance.radiograph import FloatArray, View

Unit = Literal["deg", "mm", "%", "1"]
Formula = Callable[..., FloatArray]

NORMAL_95 = 1.959963984540054
STEP = 1e-4
"""Half-width of the central difference, in plane units (mm)."""
DRAWS = 2000
BLOCK_PRODUCTS = 2**18
"""Products of draws that are made at once: they stay in the cache, and start no threads."""
SMALLEST_BLOCK = 100
WIDEST_SD_DEG = 90.0
"""An angle known no better than this says nothing."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One parameter: what it is, which sites it needs, and the formula.

    Parameters
    ----------
    needs
        Sites in the order of the formula's arguments, each (..., 2) in the plane.
    compute
        A plain function of points; the same call serves one film, its draws and many films.
    sign
        When the value is positive.
    undefined
        Optional: where the formula has no meaning, a mask over the same points, called with the
        ``aids`` and ``has_millimetres`` as well, and the reason to print.
    aids
        Sites that ``undefined`` looks at and the formula does not; NaN where they are absent.
    divides_by
        Optional: key of a value whose interval must lie above zero.
    plates
        Optional: the endplates (pairs of sites) of a regional angle, of which at least one must
        have been placed by a reader or snapped.
    smooth
        False for ratios, whose intervals come from draws.
    """

    key: str
    name: str
    unit: Unit
    view: View
    needs: tuple[str, ...]
    compute: Formula
    definition: str
    sign: str
    sources: tuple[str, ...]
    undefined: tuple[Callable[..., NDArray[np.bool_]], str] | None = None
    aids: tuple[str, ...] = ()
    divides_by: str | None = None
    plates: tuple[tuple[str, str], ...] = ()
    smooth: bool = True


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value with its standard deviation and 95 % interval, or the reason why there is none."""

    key: str
    unit: Unit
    value: float | None
    sd: float | None = None
    ci95: tuple[float, float] | None = None
    reason: str | None = None
    points: tuple[str, ...] = ()
    confirmed: bool = True


Measurements = Mapping[str, Measurement]


def evaluate(
    metrics: Sequence[Metric],
    xy: FloatArray,
    present: NDArray[np.bool_],
    has_millimetres: NDArray[np.bool_],
) -> dict[str, tuple[FloatArray, NDArray[np.bool_]]]:
    """Values of many films of one view at once, without intervals.

    Parameters
    ----------
    xy
        Sites in the plane, (..., sites, 2) in the order of ``SITE_NAMES`` of the metrics' view.
    present
        Which sites are there, (..., sites).
    has_millimetres
        Whether the film has a scale, (...,).

    Returns
    -------
    dict
        Key to values (...,) and to the mask of those that have a meaning.
    """
    results: dict[str, tuple[FloatArray, NDArray[np.bool_]]] = {}
    for metric in metrics:
        columns = [site_index(metric.view, name) for name in metric.needs]
        points = [xy[..., n, :] for n in columns]
        value = metric.compute(*points)
        given = np.all(present[..., columns], axis=-1)
        if metric.unit == "mm":
            given = given & has_millimetres
        if metric.undefined is not None:
            aids = [site_index(metric.view, name) for name in metric.aids]
            seen = [np.where(present[..., n, None], xy[..., n, :], np.nan) for n in aids]
            given = given & ~metric.undefined[0](*points, *seen, has_millimetres=has_millimetres)
        if metric.divides_by is not None:
            divisor, divisor_given = results[metric.divides_by]
            given = given & divisor_given & (divisor > 0)
        results[metric.key] = value, given
    return results


def measure(metrics: Sequence[Metric], sites: Sites) -> dict[str, Measurement]:
    """Every metric of one film's view, with intervals; none is left out."""
    results: dict[str, Measurement] = {}
    for metric in metrics:
        if metric.view == sites.view:
            results[metric.key] = _measure_one(metric, sites, results)
    return results


def spread(compute: Formula, xy: FloatArray, covariance: FloatArray) -> float:
    """Standard deviation of a smooth value by its Jacobian (central differences).

    Parameters
    ----------
    xy
        The points that the formula takes, (k, 2).
    covariance
        Their joint covariance, (2k, 2k).
    """
    return _value_and_sd(compute, xy, covariance)[1]


def _value_and_sd(compute: Formula, xy: FloatArray, covariance: FloatArray) -> tuple[float, float]:
    values = compute(*(xy[:, None] + _nudges(len(xy))))
    behind = xy.size + 1
    slopes = (values[1:behind] - values[behind:]) / (2 * STEP)
    return float(values[0]), sqrt(max(float(slopes @ covariance @ slopes), 0.0))


@cache
def _nudges(count: int) -> FloatArray:
    """Offsets of points, (count, 4 count + 1, 2): none, each coordinate ahead, each behind."""
    ahead = STEP * np.eye(2 * count).reshape(2 * count, count, 2)
    nudges = np.concatenate([np.zeros((1, count, 2)), ahead, -ahead])
    return np.ascontiguousarray(nudges.swapaxes(0, 1))


def draw(xy: FloatArray, covariance: FloatArray, count: int = DRAWS) -> FloatArray:
    """Seeded joint draws of points, (count, k, 2).

    The seed is made from the points and their covariance, so that the same evidence gives the
    same draws whatever else the document or the batch holds.
    """
    digest = hashlib.sha256(np.ascontiguousarray(xy).tobytes())
    digest.update(np.ascontiguousarray(covariance).tobytes())
    generator = np.random.Generator(np.random.SFC64(int.from_bytes(digest.digest()[:16], "big")))
    values, vectors = np.linalg.eigh(covariance)
    factor = vectors * np.sqrt(np.clip(values, 0.0, None))
    drawn = np.empty((count, xy.size))
    at_once = max(BLOCK_PRODUCTS // max(xy.size, 1) ** 2, SMALLEST_BLOCK)
    noise = np.empty((min(count, at_once), xy.size))
    for first in range(0, count, at_once):
        block = drawn[first : first + at_once]
        np.matmul(generator.standard_normal(out=noise[: len(block)]), factor.T, out=block)
    drawn += xy.ravel()
    return drawn.reshape(count, *xy.shape)


def _measure_one(metric: Metric, sites: Sites, before: Measurements) -> Measurement:
    reason = _why_not(metric, sites, before)
    if reason is not None:
        return Measurement(metric.key, metric.unit, None, reason=reason)
    xy, covariance = sites.at(metric.needs), sites.covariance(metric.needs)
    points = sites.points_behind(metric.needs)
    return with_interval(metric, xy, covariance, sites, points)


def with_interval(
    metric: Metric, xy: FloatArray, covariance: FloatArray, sites: Sites, points: tuple[str, ...]
) -> Measurement:
    """The value of a metric at given points, with placement and scale in its interval."""
    if metric.smooth:
        value, sd = _value_and_sd(metric.compute, xy, covariance)
        if metric.unit == "deg" and sd > WIDEST_SD_DEG:
            reason = "its points lie too close together to have a direction"
            return Measurement(metric.key, metric.unit, None, reason=reason)
        if metric.unit == "mm":
            sd = float(np.hypot(sd, value * sites.scale_sd))
        ci95 = (value - NORMAL_95 * sd, value + NORMAL_95 * sd)
    else:
        value = float(metric.compute(*xy))
        drawn = metric.compute(*np.moveaxis(draw(xy, covariance), 1, 0))
        low, minus, plus, high = np.percentile(drawn, [2.5, 15.866, 84.134, 97.5]).tolist()
        # Half the central 68 % instead of the moment: a ratio's tails have no useful moments.
        sd = (plus - minus) / 2
        ci95 = (low, high)
    confirmed = all(sites.points[point].confirmed for point in points)
    return Measurement(metric.key, metric.unit, value, sd, ci95, None, points, confirmed)


def _why_not(metric: Metric, sites: Sites, before: Measurements) -> str | None:
    missing = sites.missing(metric.needs)
    if missing:
        return f"not marked: {', '.join(missing)}"
    if metric.unit == "mm" and not sites.has_millimetres:
        return "no scale: the film has no usable millimetres; calibrate it or add spacing_mm"
    if metric.plates and all(_is_proposed(plate, sites) for plate in metric.plates):
        return "neither endplate was clicked or snapped: confirm one of them"
    if metric.undefined is not None:
        test, reason = metric.undefined
        aids = [sites.at([name])[0] if sites.has([name]) else _ABSENT for name in metric.aids]
        scaled = np.array(sites.has_millimetres)
        if bool(test(*sites.at(metric.needs), *aids, has_millimetres=scaled)):
            return reason
    if metric.divides_by is not None:
        divisor = before[metric.divides_by]
        if divisor.value is None or divisor.ci95 is None:
            return f"{divisor.key} is not given: {divisor.reason}"
        if divisor.value <= 0:
            return f"{divisor.key} is not above 0"
        if divisor.ci95[0] <= 0:
            return f"the interval of {divisor.key} contains 0"
    return None


_ABSENT = np.full(2, np.nan)


def _is_proposed(plate: tuple[str, str], sites: Sites) -> bool:
    return any(sites.points[point].is_proposal for point in sites.points_behind(plate))
