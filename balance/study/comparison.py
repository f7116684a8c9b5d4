"""One film's proposal against its truth: how far off each point and each value is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from balance.anatomy import level_of, parse_corner, plate_names
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues
from balance.metrics.curves import Curve
from balance.metrics.model import NORMAL_95, Unit, spread
from balance.metrics.segmental import coronal_angle
from balance.radiograph import FloatArray, View
from balance.study.mid_bodies import KEY, largest_mid_body_angle

Status = Literal["ok", "review", "unable", "failed"]


@dataclass(frozen=True, slots=True)
class PointError:
    """How far a proposed point lies from the truth.

    ``mm`` is None where the point was not placed or the film has no scale. ``normal`` and
    ``tangential`` are signed, across and along the true endplate; None for what is no corner.
    """

    site: str
    group: str
    mm: float | None
    normal: float | None = None
    tangential: float | None = None


@dataclass(frozen=True, slots=True)
class ValueComparison:
    """A value measured on the proposal beside the one measured on the truth."""

    key: str
    unit: Unit
    truth: float
    value: float | None = None
    sd: float | None = None
    ci95: tuple[float, float] | None = None

    @property
    def error(self) -> float | None:
        """Value less truth; of angles the short way round."""
        if self.value is None:
            return None
        difference = self.value - self.truth
        if self.unit == "deg":
            difference = (difference + 180.0) % 360.0 - 180.0
        return difference

    @property
    def covered(self) -> bool | None:
        """Whether the 95 % interval holds the truth."""
        if self.ci95 is None:
            return None
        return self.ci95[0] <= self.truth <= self.ci95[1]


@dataclass(frozen=True, slots=True)
class FilmResult:
    """What a proposal made of one film."""

    name: str
    view: View
    status: Status
    seconds: float | None
    has_millimetres: bool
    points: tuple[PointError, ...]
    values: Mapping[str, ValueComparison]
    reason: str | None = None


def point_errors(truth: Landmarks, found: Landmarks | None) -> tuple[PointError, ...]:
    """Errors at every point of the truth, clicked ones included; None proposes nothing."""
    return tuple(_point_error(truth, found, name) for name in truth.points)


def value_errors(truth: FilmValues, found: FilmValues | None) -> dict[str, ValueComparison]:
    """Every value that the truth has; those of the curves beside them."""
    errors = {}
    for key, true in truth.measurements.items():
        if true.value is not None:
            one = found.measurements.get(key) if found else None
            if one is None or one.value is None:
                errors[key] = ValueComparison(key, true.unit, true.value)
            else:
                errors[key] = ValueComparison(
                    key, true.unit, true.value, one.value, one.sd, one.ci95
                )
    others = (*_curve_errors(truth, found), *_mid_body_errors(truth, found))
    return errors | {error.key: error for error in others}


def _mid_body_errors(truth: FilmValues, found: FilmValues | None) -> Iterator[ValueComparison]:
    if truth.landmarks.view != "frontal":
        return
    true = largest_mid_body_angle(truth.sites)
    mine = largest_mid_body_angle(found.sites) if found else None
    if true is not None:
        yield ValueComparison(KEY, "deg", true[0], *(mine or ()))


def _point_error(truth: Landmarks, found: Landmarks | None, name: str) -> PointError:
    group = level_of(name) or ("femoral heads" if name.startswith("femoral_head") else name)
    if found is None or name not in found.points or not truth.scale.has_millimetres:
        return PointError(name, group, None)
    away = _plane(truth, found, name) - _plane(truth, truth, name)
    mm = float(np.hypot(*away))
    corner = parse_corner(name)
    if corner is None:
        return PointError(name, group, mm)
    ends = plate_names(corner.level, corner.endplate, truth.view)
    if not all(end in truth.points for end in ends):
        return PointError(name, group, mm)
    along = _plane(truth, truth, ends[1]) - _plane(truth, truth, ends[0])
    along /= np.hypot(*along)
    normal = float(along[0] * away[1] - along[1] * away[0])
    return PointError(name, group, mm, normal, float(along @ away))


def _plane(truth: Landmarks, of: Landmarks, name: str) -> FloatArray:
    """A point in the truth's plane, whatever scale the proposal claims."""
    point = of.points[name]
    return truth.frame.to_plane(np.array([point.x, point.y]))


def _curve_errors(truth: FilmValues, found: FilmValues | None) -> Iterator[ValueComparison]:
    """The largest true curve of each region against the curve found, and at the same ends.

    ``Cobb.REGION`` compares what would be printed, end vertebrae chosen anew on the proposal:
    no value where it lists no curve to that side over those levels. ``Cobb_same_ends.REGION``
    measures the proposal between the true end vertebrae.
    """
    largest: dict[str, Curve] = {}
    for curve in truth.curves:
        if curve.region != "fractional" and curve.cobb > _cobb(largest.get(curve.region)):
            largest[curve.region] = curve
    for region, curve in largest.items():
        yield _printed(f"Cobb.{region}", curve, truth, found)
        yield _between_same_ends(f"Cobb_same_ends.{region}", curve, found)


def _cobb(curve: Curve | None) -> float:
    return curve.cobb if curve else 0.0


def _printed(key: str, true: Curve, truth: FilmValues, found: FilmValues | None) -> ValueComparison:
    levels = truth.landmarks.existing_levels
    others = [
        (shared, curve)
        for curve in (found.curves if found else ())
        if curve.region != "fractional" and curve.convex == true.convex
        if (shared := _shared_levels(levels, true, curve)) > 1
    ]
    if not others:
        return ValueComparison(key, "deg", true.cobb)
    _, curve = max(others, key=lambda other: other[0])
    return ValueComparison(key, "deg", true.cobb, curve.cobb, curve.sd, curve.ci95)


def _shared_levels(levels: tuple[str, ...], first: Curve, second: Curve) -> int:
    if second.upper not in levels or second.lower not in levels:
        return 0
    upper = max(levels.index(first.upper), levels.index(second.upper))
    lower = min(levels.index(first.lower), levels.index(second.lower))
    return lower - upper + 1


def _between_same_ends(key: str, true: Curve, found: FilmValues | None) -> ValueComparison:
    plates = (
        *plate_names(true.upper, "superior", "frontal"),
        *plate_names(true.lower, "inferior", "frontal"),
    )
    if found is None or not found.sites.has(plates):
        return ValueComparison(key, "deg", true.cobb)
    xy = found.sites.at(plates)
    side = 1.0 if true.convex == "right" else -1.0
    value = side * float(coronal_angle(*xy))
    sd = spread(coronal_angle, xy, found.sites.covariance(plates))
    ends = (value - NORMAL_95 * sd, value + NORMAL_95 * sd)
    return ValueComparison(key, "deg", true.cobb, value, sd, ends)
