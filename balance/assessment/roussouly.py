"""Roussouly's types of the sagittal profile, as the current shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from balance.assessment.cuts import place_among
from balance.assessment.model import EDGE_TOLERANCE, Cut

SLOPE_CUTS = (Cut(35.0, "upper"), Cut(45.0, "lower"))
RETROVERTED_PT = 25.0
MOST_LORDOTIC_OF_TYPE_1 = 3
SHORTEST_PROFILE = ("T10", "L5")
"""Levels between which every superior endplate is needed to count lordotic vertebrae."""

TYPES = ("1", "2", "3", "3AP", "4")


def lordotic_vertebrae(slopes: NDArray[np.float64]) -> NDArray[np.intp]:
    """How many vertebrae lie in the lordosis, from the inflection down to the sacrum.

    Parameters
    ----------
    slopes
        Slopes of the superior endplates, degrees, + when the anterior end is lower, (..., levels)
        from the head down to the lowest lumbar vertebra. The lordosis begins at the vertebra that
        leans back most.

    Examples
    --------
    >>> int(lordotic_vertebrae(np.array([4.0, -5.0, -12.0, -8.0, 0.0, 10.0, 25.0])))
    5
    """
    count: NDArray[np.intp] = slopes.shape[-1] - np.argmin(slopes, axis=-1)
    return count


def roussouly_type(pi: Any, pt: Any, ss: Any, ll: Any, lordotic: Any) -> NDArray[np.intp]:
    """Place in :data:`TYPES`, vectorised; -1 where the pelvis is retroverted or LL is not above 0.

    Parameters
    ----------
    lordotic
        Number of lordotic vertebrae; 0 where it cannot be counted, then types 1 and 2 read -2.
    """
    pi, pt, ss, ll = (np.asarray(value, float) for value in (pi, pt, ss, ll))
    low = np.where(np.asarray(lordotic) <= MOST_LORDOTIC_OF_TYPE_1, 0, 1)
    low = np.where(np.asarray(lordotic) == 0, -2, low)
    anteverted = (pi < 50.0 - EDGE_TOLERANCE) & (pt < 5.0 - EDGE_TOLERANCE)
    middle = np.where(anteverted, 3, 2)
    band = place_among(ss, SLOPE_CUTS)
    kind = np.choose(band, [low, middle, np.full_like(low, 4)])
    shapeless = (pt >= RETROVERTED_PT - EDGE_TOLERANCE) | (ll <= 0)
    return np.where(shapeless, -1, kind)
