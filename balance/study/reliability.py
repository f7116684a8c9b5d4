"""Reliability of repeated readings: intraclass correlations, error of measurement, change.

Readings are a table of n films by k readers without gaps. Nothing here knows what was read.
Definitions after Shrout and Fleiss (reference ``shrout1979``), intervals after McGraw and Wong
(``mcgraw1996``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import chi2, f

from balance.radiograph import FloatArray

NORMAL_95 = 1.959963984540054
TAIL = 0.025
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """The analysis of variance of a table of n films by k readers.

    ``between`` films, ``within`` films, and ``within`` taken apart: ``readers`` and ``error``.
    """

    n: int
    k: int
    between: float
    within: float
    readers: float
    error: float


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An intraclass correlation with its 95 % interval, or the reason why there is none."""

    value: float | None
    ci95: Interval | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a table of readings says of one value.

    ``sem`` is the standard error of measurement, the root of the mean square within films, so that
    readers' biases are in it; ``mdc95`` is the smallest change that two readings by readers like
    these would not show by themselves in 95 %.
    """

    n: int
    k: int
    icc_1_1: Coefficient
    icc_2_1: Coefficient
    icc_3_1: Coefficient
    sem: float
    sem_ci95: Interval
    mdc95: float


def reliability(readings: FloatArray) -> Reliability:
    """Intraclass correlations, SEM and MDC95 of a table of readings.

    Parameters
    ----------
    readings
        (films, readers), two or more of each, no gaps.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...                   [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
    >>> found = reliability(table)
    >>> [round(one.value, 2) for one in (found.icc_1_1, found.icc_2_1, found.icc_3_1)]
    [0.17, 0.29, 0.71]
    """
    squares = mean_squares(readings)
    sem = math.sqrt(squares.within)
    freedom = squares.n * (squares.k - 1)
    low, high = (sem * math.sqrt(freedom / chi2.ppf(p, freedom)) for p in (1 - TAIL, TAIL))
    return Reliability(
        squares.n,
        squares.k,
        icc_one_way(squares),
        icc_agreement(squares),
        icc_consistency(squares),
        sem,
        (low, high),
        NORMAL_95 * math.sqrt(2.0) * sem,
    )


def mean_squares(readings: FloatArray) -> MeanSquares:
    """The two-way analysis of variance without repetition."""
    n, k = readings.shape
    if n < 2 or k < 2:
        raise ValueError(f"{n} films by {k} readers: two or more of each are needed")
    # A common origin changes nothing and keeps digits where values lie far from zero.
    centred = readings - readings.mean()
    films, readers = centred.mean(axis=1), centred.mean(axis=0)
    between = k * float(films @ films) / (n - 1)
    in_readers = n * float(readers @ readers)
    left = centred - films[:, None] - readers[None, :]
    in_error = float((left * left).sum())
    freedom = (n - 1) * (k - 1)
    return MeanSquares(
        n,
        k,
        between,
        (in_readers + in_error) / (n * (k - 1)),
        in_readers / (k - 1),
        in_error / freedom,
    )


def icc_one_way(squares: MeanSquares) -> Coefficient:
    """ICC(1,1): each film read by other readers; exact F interval."""
    freedom = squares.n - 1, squares.n * (squares.k - 1)
    return _exact(squares.between, squares.within, squares.k, freedom)


def icc_consistency(squares: MeanSquares) -> Coefficient:
    """ICC(3,1): these readers, their biases left out; exact F interval."""
    freedom = squares.n - 1, (squares.n - 1) * (squares.k - 1)
    return _exact(squares.between, squares.error, squares.k, freedom)


def icc_agreement(squares: MeanSquares) -> Coefficient:
    """ICC(2,1): absolute agreement of any readers like these; Satterthwaite interval."""
    n, k = squares.n, squares.k
    between, readers, error = squares.between, squares.readers, squares.error
    whole = between + (k - 1) * error + k * (readers - error) / n
    if _nothing_varies(between, readers + error):
        return Coefficient(None, reason=NO_VARIANCE)
    value = (between - error) / whole
    if readers + error <= _ROUNDING * between:
        return Coefficient(1.0, (1.0, 1.0))
    # McGraw and Wong: the readers' and the error's mean squares as one with fewer freedoms. At
    # value 1 the weights have a pole that cancels: they are multiplied by n (1 - value) here.
    # Below 0 they would take the squares apart instead of together; a true value is not below 0.
    likely = max(value, 0.0)
    a, b = k * likely, n * (1 - likely) + k * likely * (n - 1)
    spread = (a * readers) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    freedom = (a * readers + b * error) ** 2 / spread
    upper = f.isf(TAIL, n - 1, freedom)
    lower = f.isf(TAIL, freedom, n - 1)
    rest = k * readers + (k * n - k - n) * error
    low = n * (between - upper * error) / (upper * rest + n * between)
    high = n * (lower * between - error) / (rest + n * lower * between)
    return Coefficient(value, (float(low), float(high)))


NO_VARIANCE = "all readings are the same: there is nothing to tell apart"
_ROUNDING = 1e-24


def _nothing_varies(between: float, within: float) -> bool:
    return between == 0.0 and within == 0.0


def _exact(between: float, within: float, k: int, freedom: tuple[int, int]) -> Coefficient:
    if _nothing_varies(between, within):
        return Coefficient(None, reason=NO_VARIANCE)
    value = (between - within) / (between + (k - 1) * within)
    if within <= _ROUNDING * between:
        return Coefficient(1.0, (1.0, 1.0))
    ratio = between / within
    lowest = ratio / f.isf(TAIL, *freedom)
    highest = ratio * f.isf(TAIL, *freedom[::-1])
    low, high = ((one - 1) / (one + k - 1) for one in (lowest, highest))
    return Coefficient(value, (float(low), float(high)))
