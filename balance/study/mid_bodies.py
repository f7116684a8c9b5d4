"""The largest angle between two mid-body lines, as public frontal data sets define their Cobb.

A mid-body line joins the left and right mid-heights of a vertebra. It is steadier than an endplate
and is no Cobb angle by endplates: the two stand side by side and are never mixed.
"""

from __future__ import annotations

from itertools import combinations

from balance.anatomy import plate_names
from balance.geometry import slope
from balance.metrics.model import NORMAL_95, spread
from balance.metrics.sites import Sites
from balance.radiograph import FloatArray

KEY = "mid_body_angle"


def mid_body_tilt(*corners: FloatArray) -> FloatArray:
    """Tilt of a body from its corners: superior left, right, inferior left, right; degrees.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([[0.0, 20.0], [40.0, 22.0], [0.0, 0.0], [40.0, -2.0]])
    >>> float(mid_body_tilt(*corners))
    0.0
    """
    superior_left, superior_right, inferior_left, inferior_right = corners
    return slope(superior_left + inferior_left, superior_right + inferior_right)


def mid_body_angle(*corners: FloatArray) -> FloatArray:
    """Angle between the mid-body lines of two bodies, degrees, + when the second tilts more."""
    return mid_body_tilt(*corners[4:]) - mid_body_tilt(*corners[:4])


def largest_mid_body_angle(
    sites: Sites,
) -> tuple[float, float, tuple[float, float]] | None:
    """The angle, its standard deviation and 95 % interval for the two bodies found."""
    pairs = list(combinations(sites.levels, 2))
    if not pairs:
        return None
    bodies = {level: _corners(level) for level in sites.levels}
    tilts = {level: float(mid_body_tilt(*sites.at(names))) for level, names in bodies.items()}
    upper, lower = max(pairs, key=lambda pair: abs(tilts[pair[1]] - tilts[pair[0]]))
    angle = abs(tilts[lower] - tilts[upper])
    names = (*bodies[upper], *bodies[lower])
    sd = spread(mid_body_angle, sites.at(names), sites.covariance(names))
    return angle, sd, (angle - NORMAL_95 * sd, angle + NORMAL_95 * sd)


def _corners(level: str) -> tuple[str, ...]:
    return (
        *plate_names(level, "superior", "frontal"),
        *plate_names(level, "inferior", "frontal"),
    )
