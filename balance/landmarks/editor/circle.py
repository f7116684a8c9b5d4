"""The circle through clicks on the rim of a femoral head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STEPS = 30
FLATTEST = 1e-3
"""Smallest over largest spread of the clicks below which they lie on a line."""


def fit_circle(
    rim: Sequence[tuple[float, float]], *, aspect: float = 1.0
) -> tuple[float, float, float] | None:
    """Centre (x, y) and radius along a row, pixels, of the circle nearest to three or more clicks.

    Parameters
    ----------
    aspect
        Height of a pixel over its width: the circle is one in millimetres.

    Returns
    -------
    tuple or None
        None where the clicks lie on a line.

    Examples
    --------
    >>> x, y, radius = fit_circle([(0.0, 5.0), (5.0, 0.0), (10.0, 5.0)])
    >>> round(x, 6), round(y, 6), round(radius, 6)
    (5.0, 5.0, 5.0)
    """
    points = np.asarray(rim, float) * (1.0, aspect)
    origin = points.mean(axis=0)
    local = points - origin
    size = float(np.hypot(*local.T).max())
    if size == 0.0:
        return None
    local = local / size
    spread = np.linalg.svd(local, compute_uv=False)
    if spread[-1] < FLATTEST * spread[0]:
        return None
    # The linear fit (Kasa) starts the one that counts distances from the rim.
    design = np.column_stack([2 * local, np.ones(len(local))])
    x, y, rest = np.linalg.lstsq(design, (local**2).sum(axis=1), rcond=None)[0]
    circle = np.array([x, y, np.sqrt(max(rest + x * x + y * y, 1e-12))])
    for _ in range(STEPS):
        offsets = local - circle[:2]
        distance = np.maximum(np.hypot(*offsets.T), 1e-12)
        jacobian = np.column_stack([offsets / distance[:, None], np.ones(len(local))])
        step = np.linalg.lstsq(jacobian, distance - circle[2], rcond=None)[0]
        circle = circle + step
        if np.abs(step).max() < 1e-12:
            break
    x, y, radius = (float(value) for value in circle * size)
    if not np.isfinite((x, y, radius)).all() or radius <= 0:
        return None
    return x + float(origin[0]), (y + float(origin[1])) / aspect, radius
