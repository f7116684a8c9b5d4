"""Curves of two frontal films: the earlier film's end vertebrae first, the free choice beside it.

Choosing the end vertebrae anew on each film changes them in two of five patients, and with them
what is compared. So the later film is measured between the earlier film's end vertebrae and at its
apex; the curves that the later film shows by itself stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from balance.anatomy import Endplate, plate_names
from balance.metrics.catalogue import FilmValues
from balance.metrics.curves import AVT_ROWS, Curve
from balance.metrics.model import NORMAL_95, Measurement, Metric, spread, with_interval
from balance.metrics.segmental import coronal_angle
from balance.metrics.sites import Sites
from balance.study.change import Change, change_of


@dataclass(frozen=True, slots=True)
class CurveChange:
    """One curve of the earlier film, and what became of it.

    ``cobb`` is between the earlier film's end vertebrae on both films, + to the side to which the
    curve was convex at first: below 0 it has turned over. ``translations`` are at the earlier
    film's apex. ``free`` is the later film's own curve of the region and side, None without one.
    """

    curve: Curve
    cobb: Change
    translations: tuple[Change, ...]
    free: Curve | None


def curve_changes(
    before: FilmValues, after: FilmValues, not_compared: str | None
) -> tuple[tuple[CurveChange, ...], tuple[Curve, ...]]:
    """Every curve of the earlier film on the later one, and the later film's further curves."""
    found: list[CurveChange] = []
    left = list(after.curves)
    for curve in before.curves:
        free = _same(curve, left)
        if free is not None:
            left.remove(free)
        translations = [
            change_of(
                _translation(before.sites, curve, metric, reference),
                _translation(after.sites, curve, metric, reference),
                not_compared,
            )
            for metric, region, reference in AVT_ROWS
            if region == curve.region
        ]
        cobb = change_of(_cobb(before.sites, curve), _cobb(after.sites, curve))
        found.append(CurveChange(curve, cobb, tuple(translations), free))
    return tuple(found), tuple(left)


def _same(curve: Curve, later: Sequence[Curve]) -> Curve | None:
    """The largest later curve of the region that bends to the same side."""
    same = [one for one in later if (one.region, one.convex) == (curve.region, curve.convex)]
    return max(same, key=lambda one: one.cobb, default=None)


def _cobb(sites: Sites, curve: Curve) -> Measurement:
    lower: Endplate = "superior" if curve.region == "fractional" else "inferior"
    plates = (
        *plate_names(curve.upper, "superior", "frontal"),
        *plate_names(curve.lower, lower, "frontal"),
    )
    missing = sites.missing(plates)
    if missing:
        return Measurement("cobb", "deg", None, reason=f"not marked: {', '.join(missing)}")
    xy, points = sites.at(plates), sites.points_behind(plates)
    side = 1.0 if curve.convex == "right" else -1.0
    value = side * float(coronal_angle(*xy))
    sd = spread(coronal_angle, xy, sites.covariance(plates))
    ci95 = (value - NORMAL_95 * sd, value + NORMAL_95 * sd)
    confirmed = all(sites.points[name].confirmed for name in points)
    return Measurement("cobb", "deg", value, sd, ci95, None, points, confirmed)


def _translation(sites: Sites, curve: Curve, metric: Metric, reference: str) -> Measurement:
    """The apex of the earlier film's curve to a reference, on any film."""
    names = (*curve.apex_parts, reference)
    missing = sites.missing(names)
    reason = None
    if not curve.apex_parts:
        reason = f"no apex is marked between {curve.upper} and {curve.lower}"
    elif missing:
        reason = f"not marked: {', '.join(missing)}"
    elif not sites.has_millimetres:
        reason = "no scale: the film has no usable millimetres; calibrate it or add spacing_mm"
    if reason is not None:
        return Measurement(metric.key, "mm", None, reason=reason)
    return with_interval(
        metric, sites.at(names), sites.covariance(names), sites, sites.points_behind(names)
    )
