"""Curves of a frontal film: end vertebrae, apex, Cobb angle and how sure each of them is.

Choosing the most tilted vertebrae and then measuring between them reads too much: clicks on a
straight spine alone give 7 degrees on average. The angle is therefore printed raw, with the
interval for the end vertebrae found, and the excess that the choice adds stands beside it; a curve
is listed when it is likely to reach 10 degrees without that excess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from balance.anatomy import LUMBAR, THORACIC, Endplate, plate_names
from balance.geometry import cross, slope
from balance.metrics.coronal import offset_to_vertical
from balance.metrics.model import (
    NORMAL_95,
    Measurement,
    Metric,
    draw,
    spread,
    with_interval,
)
from balance.metrics.segmental import coronal_angle
from balance.metrics.sites import CSVL, FIRST_OF_LAST_TWO, Sites
from balance.radiograph import FloatArray

Region = Literal["PT", "MT", "TL", "fractional"]

SMALLEST_COBB_DEG = 10.0
TIE_DEG = 1e-6
Side = Literal[-1, 0, 1]
"""To which side a curve is convex: the patient's left, either, right."""

SHORTEST: dict[Side, int] = {-1: 2, 0: 1, 1: 2}
"""Levels from end to end. Beside the largest curve two neighbours that differ are no curve."""

SEARCHED = ("C7", *THORACIC, *LUMBAR)
REGION_BELOW: tuple[tuple[Region, str], ...] = (("PT", "T6"), ("MT", "T12"))
"""A curve belongs to the region when its apex lies above this level; below both it is TL."""

LENGTH_SCALE_LEVELS = 3.0
"""Over how many levels the tilt of a real spine changes; for the estimate of the bias only."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One coronal curve.

    ``cobb``, ``sd`` and ``ci95`` are of the angle between the end vertebrae found, in degrees;
    ``selection_bias`` (deg) is what choosing them adds on average, ``end_vertebra_probability``
    how often new clicks would choose the same ones. ``apex`` is a level or a disc ("T8/T9"), None
    where nothing between the end vertebrae is marked; ``unmarked`` are the levels of the curve
    without four corners, which may hold the true apex or end.
    """

    region: Region
    upper: str
    lower: str
    apex: str | None
    cobb: float
    sd: float
    ci95: tuple[float, float]
    convex: Literal["left", "right"]
    selection_bias: float
    end_vertebra_probability: tuple[float, float]
    probability_of_10_deg: float
    apex_parts: tuple[str, ...]
    points: tuple[str, ...]
    confirmed: bool
    unmarked: tuple[str, ...] = ()


def find_curves(sites: Sites) -> tuple[Curve, ...]:
    """The curves of a frontal film that are likely to reach 10 degrees, from the head down.

    Levels without four corners take no part. Ties go to the more distant vertebra.
    """
    levels = tuple(level for level in SEARCHED if level in sites.levels)
    if len(levels) < 2:
        return ()
    grid = _TiltGrid.of(sites, levels)
    curves = [curve for curve in _search(grid, 0, len(levels) - 1) if _is_listed(curve, sites)]
    fractional = _fractional_curve(sites)
    if fractional is not None and _is_listed(fractional, sites):
        curves.append(fractional)
    return tuple(curves)


def apical_translations(sites: Sites, curves: tuple[Curve, ...]) -> dict[str, Measurement]:
    """Apex of the largest curve of each region to the C7 plumb line and to the CSVL, mm.

    ``AVT_PT`` and ``AVT_MT`` are to the C7 plumb line, ``AVT_TL`` to the CSVL; the other reference
    stands beside each.
    """
    results: dict[str, Measurement] = {}
    for metric, region, reference in AVT_ROWS:
        in_region = [curve for curve in curves if curve.region == region]
        if not in_region:
            results[metric.key] = Measurement(
                metric.key, "mm", None, reason=f"no {region} curve of 10 degrees or more is found"
            )
            continue
        curve = max(in_region, key=lambda curve: curve.cobb)
        names = (*curve.apex_parts, reference)
        if not curve.apex_parts:
            reason = f"no apex is marked between {curve.upper} and {curve.lower}"
        elif not sites.has([reference]):
            reason = f"not marked: {', '.join(sites.missing([reference]))}"
        elif not sites.has_millimetres:
            reason = "no scale: the film has no usable millimetres; calibrate it or add spacing_mm"
        else:
            results[metric.key] = with_interval(
                metric, sites.at(names), sites.covariance(names), sites, sites.points_behind(names)
            )
            continue
        results[metric.key] = Measurement(metric.key, "mm", None, reason=reason)
    return results


def cobb_draws(sites: Sites, curves: tuple[Curve, ...]) -> FloatArray:
    """Joint draws of the Cobb angles of these curves, (draws, curves), end vertebrae kept."""
    names = [name for curve in curves for name in _cobb_plates(curve)]
    drawn = draw(sites.at(names), sites.covariance(names))
    angles = [
        np.abs(coronal_angle(*np.moveaxis(drawn[:, 4 * n : 4 * n + 4], 1, 0)))
        for n in range(len(curves))
    ]
    return np.stack(angles, axis=-1)


def apical_translation(*points: FloatArray) -> FloatArray:
    """Mean of the apex's points to the vertical through the last point, mm; + to the right."""
    *apex, reference = points
    return offset_to_vertical(sum(apex[1:], apex[0]) / len(apex), reference)


@dataclass(frozen=True, slots=True)
class _TiltGrid:
    """Tilts of the levels (superior, inferior), in degrees, + when the right side is lower."""

    sites: Sites
    levels: tuple[str, ...]
    tilt: FloatArray
    smooth: FloatArray
    noise: FloatArray

    @staticmethod
    def of(sites: Sites, levels: tuple[str, ...]) -> _TiltGrid:
        names = [name for level in levels for name in _plates_of(level)]
        xy, covariance = sites.at(names), sites.covariance(names)
        tilt, drawn = _tilts(xy), _tilts(draw(xy, covariance))
        noise = drawn - tilt
        return _TiltGrid(sites, levels, tilt, _smooth(tilt, noise), noise)


def _plates_of(level: str) -> tuple[str, ...]:
    return (
        *plate_names(level, "superior", "frontal"),
        *plate_names(level, "inferior", "frontal"),
    )


def _tilts(xy: FloatArray) -> FloatArray:
    plates = xy.reshape(*xy.shape[:-2], -1, 2, 2, 2)
    return slope(plates[..., 0, :], plates[..., 1, :])


def _smooth(tilt: FloatArray, noise: FloatArray) -> FloatArray:
    """The likely true tilts: what is common to neighbours, without the noise of the clicks.

    A Gaussian process whose amplitude is what the tilts vary more than the noise explains; with
    nothing to explain it is the mean, so a straight spine stays straight.
    """
    flat = tilt.ravel()
    error = np.cov(noise.reshape(len(noise), -1), rowvar=False)
    excess = float(np.var(flat, ddof=1) - np.mean(np.diag(error)))
    if excess <= 0:
        return np.full_like(tilt, flat.mean())
    position = np.repeat(np.arange(len(tilt)), 2) + np.tile([0.0, 0.7], len(tilt))
    apart = (position[:, None] - position[None, :]) / LENGTH_SCALE_LEVELS
    prior = excess * np.exp(-0.5 * apart**2)
    centred = np.linalg.solve(prior + error, flat - flat.mean())
    result: FloatArray = (flat.mean() + prior @ centred).reshape(tilt.shape)
    return result


def _most_tilted(tilt: FloatArray, side: Side) -> tuple[int, int]:
    """Upper and lower end vertebra; ties go to the more distant one, the longest among equals."""
    angles = tilt[None, :, 1] - tilt[:, None, 0]
    size = np.abs(angles) if side == 0 else side * angles
    size[np.tri(len(tilt), k=SHORTEST[side] - 1, dtype=bool)] = -np.inf
    upper, lower = np.nonzero(size >= size.max() - TIE_DEG)
    best = int(np.argmax(lower - upper))
    return int(upper[best]), int(lower[best])


def _largest(tilt: FloatArray, side: Side) -> tuple[FloatArray, NDArray[np.intp], NDArray[np.intp]]:
    """Largest angle of each draw (..., levels, 2) and its end vertebrae, in one pass down."""
    span = SHORTEST[side]
    superior, inferior = tilt[..., :-span, 0], tilt[..., span:, 1]
    to_right = inferior - np.minimum.accumulate(superior, axis=-1)
    to_left = np.maximum.accumulate(superior, axis=-1) - inferior
    size = {0: np.maximum(to_right, to_left), 1: to_right, -1: to_left}[side]
    lower = np.argmax(size, axis=-1)
    picked = lower[..., None]
    rightward = np.take_along_axis(to_right, picked, -1) == np.take_along_axis(size, picked, -1)
    allowed = np.arange(superior.shape[-1]) <= picked
    sought = np.where(allowed, np.where(rightward, superior, -superior), np.inf)
    return np.take_along_axis(size, picked, -1)[..., 0], np.argmin(sought, axis=-1), lower + span


def _search(grid: _TiltGrid, first: int, last: int, side: Side = 0) -> Iterator[Curve]:
    """The largest curve between two levels, then those above and below it, to the other side."""
    if last - first < SHORTEST[side]:
        return
    part = slice(first, last + 1)
    tilt, noise = grid.tilt[part], grid.noise[:, part]
    upper, lower = _most_tilted(tilt, side)
    signed = float(tilt[lower, 1] - tilt[upper, 0])
    if max(abs(signed) if side == 0 else side * signed, 0.0) < SMALLEST_COBB_DEG:
        return
    _, uppers, lowers = _largest(tilt + noise, side)
    same = (float(np.mean(uppers == upper)), float(np.mean(lowers == lower)))
    # What noise adds on average to the largest angle of the likely true tilts.
    smooth = grid.smooth[part]
    bias = float(np.mean(_largest(smooth + noise, side)[0]) - _largest(smooth, side)[0])
    other: Side = -1 if signed > 0 else 1
    curve = _describe(grid, first + upper, first + lower, signed, bias, same)
    yield from _search(grid, first, first + upper, other)
    yield curve
    yield from _search(grid, first + lower, last, other)


def _describe(
    grid: _TiltGrid,
    upper: int,
    lower: int,
    signed: float,
    bias: float,
    same: tuple[float, float],
) -> Curve:
    convex: Literal["left", "right"] = "right" if signed > 0 else "left"
    levels = grid.sites.existing_levels
    inside = levels[levels.index(grid.levels[upper]) : levels.index(grid.levels[lower]) + 1]
    apex, parts = _apex(grid, upper, lower, 1.0 if signed > 0 else -1.0)
    plates = (
        *plate_names(grid.levels[upper], "superior", "frontal"),
        *plate_names(grid.levels[lower], "inferior", "frontal"),
    )
    return _curve(
        grid.sites,
        plates,
        region=_region(apex or inside[len(inside) // 2]),
        unmarked=tuple(level for level in inside if level not in grid.levels),
        ends=(grid.levels[upper], grid.levels[lower]),
        apex=(apex, parts),
        signed=signed,
        convex=convex,
        bias=bias,
        same=same,
    )


def _curve(
    sites: Sites,
    plates: tuple[str, ...],
    *,
    region: Region,
    ends: tuple[str, str],
    apex: tuple[str | None, tuple[str, ...]],
    signed: float,
    convex: Literal["left", "right"],
    bias: float,
    same: tuple[float, float],
    unmarked: tuple[str, ...] = (),
) -> Curve:
    cobb = abs(signed)
    sd = spread(coronal_angle, sites.at(plates), sites.covariance(plates))
    points = sites.points_behind(plates)
    return Curve(
        region=region,
        upper=ends[0],
        lower=ends[1],
        apex=apex[0],
        cobb=cobb,
        sd=sd,
        ci95=(cobb - NORMAL_95 * sd, cobb + NORMAL_95 * sd),
        convex=convex,
        selection_bias=bias,
        end_vertebra_probability=same,
        probability_of_10_deg=_probability(cobb - bias, sd),
        apex_parts=apex[1],
        points=points,
        confirmed=all(sites.points[point].confirmed for point in points),
        unmarked=unmarked,
    )


def _probability(unbiased: float, sd: float) -> float:
    if sd == 0:
        return float(unbiased >= SMALLEST_COBB_DEG)
    return float(ndtr((unbiased - SMALLEST_COBB_DEG) / sd))


def _is_listed(curve: Curve, sites: Sites) -> bool:
    """Likely to reach 10 degrees, and not resting on two endplates that nobody placed."""
    plates = curve.points[:2], curve.points[2:]
    proposed = [any(sites.points[name].is_proposal for name in plate) for plate in plates]
    return curve.probability_of_10_deg >= 0.5 and not all(proposed)


def _apex(
    grid: _TiltGrid, upper: int, lower: int, side: float
) -> tuple[str | None, tuple[str, ...]]:
    """The vertebra or disc farthest to the convex side of the line between the end vertebrae."""
    candidates: list[tuple[str, tuple[str, ...]]] = []
    for place in range(upper, lower + 1):
        level = grid.levels[place]
        candidates.append((level, (f"{level}_centroid",)))
        below = grid.levels[min(place + 1, lower)]
        if below in _next_below(level, grid.sites.existing_levels):
            disc = (
                *plate_names(level, "inferior", "frontal"),
                *plate_names(below, "superior", "frontal"),
            )
            candidates.append((f"{level}/{below}", disc))
    places = np.array([grid.sites.at(parts).mean(axis=0) for _, parts in candidates])
    axis = places[-1] - places[0]
    distance: NDArray[np.float64] = side * cross(axis, places - places[0])
    farthest = int(np.argmax(distance))
    if farthest in (0, len(candidates) - 1):
        return None, ()
    return candidates[farthest]


def _next_below(level: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The level right below this one, if there is one."""
    place = levels.index(level)
    return levels[place + 1 : place + 2]


def _region(apex: str) -> Region:
    highest = SEARCHED.index(apex.split("/")[0])
    for region, below in REGION_BELOW:
        if highest < SEARCHED.index(below):
            return region
    return "TL"


def _cobb_plates(curve: Curve) -> tuple[str, ...]:
    lower: Endplate = "superior" if curve.region == "fractional" else "inferior"
    return (
        *plate_names(curve.upper, "superior", "frontal"),
        *plate_names(curve.lower, lower, "frontal"),
    )


def _fractional_curve(sites: Sites) -> Curve | None:
    plates = (
        *plate_names(FIRST_OF_LAST_TWO, "superior", "frontal"),
        *plate_names("S1", "superior", "frontal"),
    )
    if not sites.has(plates):
        return None
    upper = sites.parts[plates[0]][0][0].split("_")[0]
    signed = float(coronal_angle(*sites.at(plates)))
    return _curve(
        sites,
        plates,
        region="fractional",
        ends=(upper, "S1"),
        apex=(None, ()),
        signed=signed,
        convex="right" if signed > 0 else "left",
        bias=0.0,
        same=(1.0, 1.0),
    )


def _avt(key: str, region: str, to: str) -> Metric:
    words = {"PT": "proximal thoracic", "MT": "main thoracic", "TL": "thoracolumbar or lumbar"}
    return Metric(
        key=key,
        name=f"Apical translation, {words[region]}",
        unit="mm",
        view="frontal",
        needs=(),
        compute=apical_translation,
        definition=f"Apex of the largest {words[region]} curve to the {to}, horizontally.",
        sign="+ to the patient's right",
        sources=("ono2012", "obrien2004sdsg"),
    )


AVT_ROWS: tuple[tuple[Metric, Region, str], ...] = (
    (_avt("AVT_PT", "PT", "C7 plumb line"), "PT", "C7_centroid"),
    (_avt("AVT_PT_to_csvl", "PT", "CSVL"), "PT", CSVL),
    (_avt("AVT_MT", "MT", "C7 plumb line"), "MT", "C7_centroid"),
    (_avt("AVT_MT_to_csvl", "MT", "CSVL"), "MT", CSVL),
    (_avt("AVT_TL", "TL", "CSVL"), "TL", CSVL),
    (_avt("AVT_TL_to_c7", "TL", "C7 plumb line"), "TL", "C7_centroid"),
)
