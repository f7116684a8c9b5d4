"""What every phantom is: named points in the patient's plane and the values they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from balance.radiograph import View

Plane = complex
"""A plane point x + iy in millimetres: x anterior or to the patient's right, y up."""


@dataclass(frozen=True, slots=True)
class CurveTruth:
    """One coronal curve as it was built; ``declared`` is False for a curve that only balances."""

    region: str
    upper: str
    lower: str
    apex: str
    cobb: float
    convex: str
    declared: bool = True


@dataclass(frozen=True, slots=True)
class Phantom:
    """A constructed spine seen from one side.

    Attributes
    ----------
    points
        Contract point name to plane point, millimetres.
    radii
        Point name to radius in millimetres (femoral heads).
    truth
        Contract key to value, degrees or millimetres; every defined key of the view.
    levels
        The vertebrae from the head down, the sacrum excluded.
    """

    view: View
    points: Mapping[str, tuple[float, float]]
    radii: Mapping[str, float]
    truth: Mapping[str, float]
    levels: tuple[str, ...]
    curves: tuple[CurveTruth, ...] = ()

    def at(self, name: str) -> complex:
        """A point as x + iy, millimetres; for ``LEVEL_centroid`` the mean of the four corners."""
        if name in self.points or not name.endswith("_centroid"):
            return complex(*self.points[name])
        level = name.removesuffix("_centroid")
        return sum(self.corners(level), 0j) / 4.0

    def corners(self, level: str) -> tuple[complex, complex, complex, complex]:
        """The four corners of a body: superior then inferior, each in the order of growing x."""
        low, high = ends_of(self.view)
        names = (f"{level}_{plate}_{end}" for plate in ("superior", "inferior")
                 for end in (low, high))  # fmt: skip
        first, second, third, fourth = (complex(*self.points[name]) for name in names)
        return first, second, third, fourth


def ends_of(view: View) -> tuple[str, str]:
    """The two ends of an endplate in the order in which plane x grows."""
    return ("posterior", "anterior") if view == "lateral" else ("left", "right")


def freeze(points: Mapping[str, complex]) -> Mapping[str, tuple[float, float]]:
    """Named complex points as a read-only mapping of (x, y)."""
    return MappingProxyType({name: (value.real, value.imag) for name, value in points.items()})


def read_only(values: Mapping[str, float]) -> Mapping[str, float]:
    """A read-only copy with plain floats."""
    return MappingProxyType({name: float(value) for name, value in values.items()})
