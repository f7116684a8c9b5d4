"""Global Alignment and Proportion score: points for how far a spine lies from its ideal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balance.assessment.cuts import place_among
from balance.assessment.model import Cut

Array = NDArray[np.float64]

OLD_YEARS = 60.0


@dataclass(frozen=True, slots=True)
class GapPart:
    """One component: what it compares, the boundaries on that and the points of each class."""

    key: str
    name: str
    value: str
    cuts: tuple[Cut, ...]
    points: tuple[int, ...]


RELATIVE_PELVIC_VERSION = GapPart(
    "RPV",
    "relative pelvic version",
    "SS - (0.59 PI + 9)",
    (Cut(-15.0, "upper"), Cut(-7.0, "upper"), Cut(5.0, "lower")),
    (3, 2, 0, 1),
)
RELATIVE_LUMBAR_LORDOSIS = GapPart(
    "RLL",
    "relative lumbar lordosis",
    "LL - (0.62 PI + 29)",
    (Cut(-25.0, "upper"), Cut(-14.0, "upper"), Cut(11.0, "lower")),
    (3, 2, 0, 3),
)
LORDOSIS_DISTRIBUTION = GapPart(
    "LDI",
    "lordosis distribution index",
    "LDI",
    (Cut(40.0, "upper"), Cut(50.0, "upper"), Cut(80.0, "lower")),
    (2, 1, 0, 3),
)
RELATIVE_SPINOPELVIC_ALIGNMENT = GapPart(
    "RSA",
    "relative spinopelvic alignment",
    "GT - (0.48 PI - 15)",
    (Cut(-7.0, "upper"), Cut(10.0, "lower"), Cut(18.0, "lower")),
    (1, 0, 1, 3),
)
GAP_PARTS = (
    RELATIVE_PELVIC_VERSION,
    RELATIVE_LUMBAR_LORDOSIS,
    LORDOSIS_DISTRIBUTION,
    RELATIVE_SPINOPELVIC_ALIGNMENT,
)
"""Between two printed ranges (-7.1 and -7, 10 and 10.1, 49 and 50) the worse class holds."""

CLASS_CUTS = (Cut(3.0, "upper"), Cut(7.0, "upper"))


def gap_values(pi: Any, ss: Any, ll: Any, ldi: Any, gt: Any) -> dict[str, Array]:
    """What each component measures: the distance from the ideal for this pelvic incidence."""
    pi, ss, ll, ldi, gt = (np.asarray(value, float) for value in (pi, ss, ll, ldi, gt))
    return {
        "RPV": ss - (0.59 * pi + 9.0),
        "RLL": ll - (0.62 * pi + 29.0),
        "LDI": ldi,
        "RSA": gt - (0.48 * pi - 15.0),
    }


def gap_points(pi: Any, ss: Any, ll: Any, ldi: Any, gt: Any, age_years: float) -> dict[str, Any]:
    """Points of each component, vectorised; ``age`` gives one from 60 years on.

    Examples
    --------
    >>> parts = gap_points(60, 22, 35, 12 / 35 * 100, 25, 70)
    >>> {key: int(points) for key, points in parts.items()}
    {'RPV': 3, 'RLL': 3, 'LDI': 2, 'RSA': 1, 'age': 1}
    """
    values = gap_values(pi, ss, ll, ldi, gt)
    parts: dict[str, Any] = {
        part.key: np.array(part.points)[place_among(values[part.key], part.cuts)]
        for part in GAP_PARTS
    }
    parts["age"] = np.full_like(parts["RPV"], int(age_years >= OLD_YEARS))
    return parts


def gap_class(points: Any) -> NDArray[np.intp]:
    """Class by total points: 0 proportioned, 1 moderately, 2 severely disproportioned."""
    return place_among(np.asarray(points, float), CLASS_CUTS)
