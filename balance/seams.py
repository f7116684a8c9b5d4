"""Where a film was stitched: rows at which the grey level steps across most of the width.

Nothing here knows a manufacturer. A seam is a step that one row boundary shows in nearly every
column band at once and its neighbours do not; anatomy and collimators do not run so level and so
wide over tissue on both sides. A seam whose parts were blended or matched in brightness is not
found: silence does not say that a film was taken at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from balance.radiograph import Radiograph

BANDS = 48
"""Columns are averaged in so many bands."""

WIDTH = 0.7
"""Share of the bands that must step, and that must do so in the same direction."""

OUTLIER = 4.5
"""Robust standard deviations of a band's row differences that make a step."""

MARGIN = 0.04
"""Share of the rows at top and bottom where frames and collimators end; not searched."""

_REACH = 20
"""Rows above and below that a step is compared with."""

_CLEAR = 3
"""Rows beside a step that are left out of that comparison."""

_SMALLEST = 0.002
"""Of the film's grey range: noise is never taken to be less."""

_FLAT = 0.01
"""Of the film's grey range: bands that differ less than this hold no tissue."""

_LAGS = (1, 2, 3)
"""Rows over which a step may have been smeared by resampling."""

_NORMAL = 1.4826
_Array = NDArray[np.float32]


def find_seams(film: Radiograph) -> tuple[float, ...]:
    """Rows at which the parts of a stitched film seem to meet.

    Parameters
    ----------
    film
        The film, stored as it came.

    Returns
    -------
    tuple of float
        Between two rows, hence halves: 99.5 lies between the rows 99 and 100. Ascending.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(0, 20, (400, 300))
    >>> tissue = 1000 + np.arange(300) + noise
    >>> tissue[200:] += 300
    >>> find_seams(Radiograph(tissue.astype(np.uint16)))
    (199.5,)
    """
    bands = _bands(film)
    rows = len(bands)
    low, high = np.nanpercentile(bands[:: max(1, rows // 500)], (1, 99))
    span = float(high - low)
    margin = max(round(MARGIN * rows), _REACH + max(_LAGS) + 1)
    if rows <= 2 * margin or not span > 0:
        return ()
    found: list[tuple[float, float]] = []
    for lag in _LAGS:
        steps = bands[lag:] - bands[:-lag]
        for at in _candidates(steps, margin, span):
            strength = _strength(bands, steps, at, lag, span)
            if strength > 0:
                found.append((float(at + lag / 2), strength))
    return _apart(found)


def crossed_seams(
    seams: Sequence[float], points: Sequence[tuple[float, float]]
) -> tuple[float, ...]:
    """The seams that lie between the highest and the lowest of some points, pixels (x, y).

    Examples
    --------
    >>> crossed_seams((99.5, 250.5), [(10, 40), (12, 130)])
    (99.5,)
    """
    heights = [y for _, y in points]
    if not heights:
        return ()
    return tuple(seam for seam in seams if min(heights) < seam < max(heights))


def _bands(film: Radiograph) -> _Array:
    """Means of the bands, (rows, bands); NaN where a band is mostly masked out."""
    columns = film.columns
    count = max(1, min(BANDS, columns // 4))
    starts = np.arange(count) * columns // count
    widths = np.diff(np.append(starts, columns))
    if film.valid is None:
        sums = np.add.reduceat(film.pixels, starts, axis=1, dtype=np.float64)
        return np.asarray(sums / widths, np.float32)
    pixels = np.where(film.valid, film.pixels, 0)
    sums = np.add.reduceat(pixels, starts, axis=1, dtype=np.float64)
    counts = np.add.reduceat(film.valid, starts, axis=1, dtype=np.int64)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0.9 * widths)
    return np.asarray(means, np.float32)


def _candidates(steps: _Array, margin: int, span: float) -> NDArray[Any]:
    """Row boundaries whose typical step stands out from those around it."""
    typical = np.nan_to_num(np.median(np.abs(np.nan_to_num(steps)), axis=1))
    around = np.median(sliding_window_view(typical, 2 * _REACH + 1), axis=1)
    centre = typical[_REACH:-_REACH]
    stands_out = centre > 2.5 * np.maximum(around, _SMALLEST * span / 2)
    at = np.nonzero(stands_out)[0] + _REACH
    return at[(at >= margin) & (at < len(steps) - margin)]


def _strength(bands: _Array, steps: _Array, at: int, lag: int, span: float) -> float:
    """Median step in robust standard deviations, 0 where it is no seam."""
    before = steps[at - _REACH : at - _CLEAR - lag]
    after = steps[at + _CLEAR + lag : at + _REACH]
    around = np.concatenate([before, after])
    usable = np.isfinite(around).all(axis=0) & np.isfinite(steps[at])
    sides = (bands[at - _REACH : at - 1], bands[at + lag + 1 : at + _REACH])
    if usable.mean() < WIDTH or any(_is_flat(side[:, usable], span) for side in sides):
        return 0.0
    around, here = around[:, usable], steps[at, usable]
    middle = np.median(around, axis=0)
    noise = _NORMAL * np.median(np.abs(around - middle), axis=0)
    size = (here - middle) / np.maximum(noise, _SMALLEST * span)
    share = max((size > OUTLIER).mean(), (size < -OUTLIER).mean())
    return float(np.median(np.abs(size))) if share >= WIDTH else 0.0


def _is_flat(side: _Array, span: float) -> bool:
    """Whether there is no tissue: beyond the film, behind a collimator."""
    level = np.median(side, axis=0)
    return bool(np.subtract(*np.percentile(level, (90, 10))) < _FLAT * span)


def _apart(found: list[tuple[float, float]]) -> tuple[float, ...]:
    """The strongest of seams that lie closer together than a seam is wide."""
    kept: list[float] = []
    for row, _ in sorted(found, key=lambda one: -one[1]):
        if all(abs(row - other) > 2 * max(_LAGS) for other in kept):
            kept.append(row)
    return tuple(sorted(kept))
