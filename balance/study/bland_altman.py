"""Differences between two series of readings: bias, limits of agreement, proportional bias.

After Bland and Altman (references ``bland1986``, ``bland1999``). The limits take 1.96 standard
deviations; their intervals are the exact ones of a normal percentile, by the noncentral t
distribution, each limit for itself (``carkeet2015``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import nct, t

from balance.radiograph import FloatArray
from balance.study.reliability import NORMAL_95, TAIL, Interval


@dataclass(frozen=True, slots=True)
class Slope:
    """Slope of the difference on the mean, with its 95 % interval.

    An interval without 0 says that the difference grows with the value, or that one series spreads
    more than the other; the limits of agreement then hold for no value in particular.
    """

    value: float
    ci95: Interval

    @property
    def is_proportional(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.ci95[0] > 0 or self.ci95[1] < 0


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Differences first minus second over n films; ``slope`` is None where it has no meaning."""

    n: int
    bias: float
    sd: float
    bias_ci95: Interval
    limits: Interval
    lower_ci95: Interval
    upper_ci95: Interval
    slope: Slope | None


def bland_altman(first: FloatArray, second: FloatArray) -> BlandAltman:
    """Bias and limits of agreement of two series of the same films, three films or more.

    Examples
    --------
    >>> import numpy as np
    >>> found = bland_altman(np.array([1.0, 2.0, 4.0]), np.array([0.0, 2.0, 2.0]))
    >>> found.bias, round(found.limits[0], 2), round(found.limits[1], 2)
    (1.0, -0.96, 2.96)
    """
    difference = first - second
    n = len(difference)
    if n < 3:
        raise ValueError(f"{n} films: three or more are needed for limits of agreement")
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    half = float(t.isf(TAIL, n - 1)) * sd / math.sqrt(n)
    # The limit bias + 1.96 sd is an estimated percentile; its exact bounds are multiples of sd.
    inner, outer = (_percentile_factor(n, p) * sd for p in (TAIL, 1 - TAIL))
    return BlandAltman(
        n=n,
        bias=bias,
        sd=sd,
        bias_ci95=(bias - half, bias + half),
        limits=(bias - NORMAL_95 * sd, bias + NORMAL_95 * sd),
        lower_ci95=(bias - outer, bias - inner),
        upper_ci95=(bias + inner, bias + outer),
        slope=_slope((first + second) / 2, difference),
    )


def _percentile_factor(n: int, p: float) -> float:
    return float(nct.ppf(p, n - 1, NORMAL_95 * math.sqrt(n))) / math.sqrt(n)


def _slope(mean: FloatArray, difference: FloatArray) -> Slope | None:
    n = len(mean)
    x, y = mean - mean.mean(), difference - difference.mean()
    across = float(x @ x)
    if across <= 1e-24 * (1.0 + float(mean @ mean)):
        return None
    value = float(x @ y) / across
    left = y - value * x
    half = float(t.isf(TAIL, n - 2)) * math.sqrt(float(left @ left) / (n - 2) / across)
    return Slope(value, (value - half, value + half))
