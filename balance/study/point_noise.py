"""How far readers place the same point apart: per site, across and along the endplate, with bias.

The rows are those of the program's own noise table (:mod:`balance.landmarks.noise`), so that what a
reader study finds can take their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from balance.anatomy import SACRUM, Endplate, body_names, parse_corner, plate_names
from balance.landmarks.noise import (
    CLICK,
    CSVL,
    ELSEWHERE,
    FRONTAL_CORNERS,
    HIP_AXIS,
    LATERAL_CORNERS,
    LATERAL_HEAD,
    SiteNoise,
)
from balance.radiograph import FloatArray, View
from balance.study.readings import FilmReadings
from balance.study.reliability import TAIL, Interval

HEADS = ("femoral_head_1", "femoral_head_2")


@dataclass(frozen=True, slots=True)
class Bias:
    """Where one reader places a site on average, against the mean of all readers, in mm.

    ``normal`` is + towards the head, ``tangential`` + forwards (lateral) or to the patient's right.
    The intervals take each film as one observation.
    """

    reader: str
    normal: float
    normal_ci95: Interval | None
    tangential: float
    tangential_ci95: Interval | None


@dataclass(frozen=True, slots=True)
class SiteSpread:
    """Standard deviations of one row of sites, mm.

    ``normal`` and ``tangential`` hold the readers' biases: how far another reading of this kind
    lies. ``*_without_bias`` is what is left when each reader's own offset is taken out. For points
    that belong to no endplate normal is vertical and tangential horizontal.
    """

    view: View
    row: SiteNoise
    points: int
    films: int
    normal: float
    tangential: float
    normal_without_bias: float
    tangential_without_bias: float
    biases: tuple[Bias, ...]


@dataclass(frozen=True, slots=True)
class _Residuals:
    """One point of one film: every reader's offset from their mean, (readers, 2), mm."""

    view: View
    row: SiteNoise
    film: str
    offsets: FloatArray


def point_spread(
    films: Iterable[FilmReadings], readers: Sequence[str]
) -> tuple[tuple[SiteSpread, ...], tuple[str, ...]]:
    """The spread of every site that all readers placed, and the films without millimetres."""
    found: list[_Residuals] = []
    without: list[str] = []
    for film in films:
        if film.landmarks[0].scale.has_millimetres:
            found.extend(_residuals(film))
        else:
            without.append(film.name)
    order = {row.site: n for n, row in enumerate(_ROWS)}
    groups: dict[tuple[str, int], list[_Residuals]] = {}
    for one in found:
        groups.setdefault((one.view, order[one.row.site]), []).append(one)
    keys = sorted(groups, key=lambda key: (key[0] != "lateral", key[1]))
    spreads = [_spread(groups[key], readers) for key in keys]
    return tuple(_heads_apart(spreads)), tuple(without)


_ROWS: tuple[SiteNoise, ...] = (
    *LATERAL_CORNERS,
    CLICK,
    LATERAL_HEAD,
    HIP_AXIS,
    FRONTAL_CORNERS,
    CSVL,
    ELSEWHERE,
)
_CORNER_ROWS = {level: row for row in LATERAL_CORNERS for level in row.levels}


def _residuals(film: FilmReadings) -> Iterator[_Residuals]:
    view = film.landmarks[0].view
    places = _places(film)
    heads = [name for name in HEADS if name in places] if view == "lateral" else []
    for name, xy in places.items():
        corner = parse_corner(name)
        along = _direction(places, corner.level, corner.endplate, view) if corner else None
        if name in heads or (corner is not None and along is None):
            continue
        yield _Residuals(view, _row(name, view), film.name, _offsets(xy, along))
    if len(heads) == 2:
        one, two = (_offsets(places[name]) for name in heads)
        yield _Residuals(view, HIP_AXIS, film.name, (one + two) / 2)
        yield _Residuals(view, LATERAL_HEAD, film.name, (one - two) / 2)
    sacral = plate_names(SACRUM, "superior", view)
    if view == "frontal" and all(name in places for name in sacral):
        middle: FloatArray = (places[sacral[0]] + places[sacral[1]]) / 2
        yield _Residuals(view, CSVL, film.name, _offsets(middle)[:, [1, 1]])


def _places(film: FilmReadings) -> dict[str, FloatArray]:
    """Every point that all readers placed, (readers, 2), in the first reader's millimetres."""
    frame = film.landmarks[0].frame
    common = [n for n in film.landmarks[0].points if all(n in one.points for one in film.landmarks)]
    places = {
        name: frame.to_plane(
            np.array([(one.points[name].x, one.points[name].y) for one in film.landmarks])
        )
        for name in common
    }
    if all(name in places for name in HEADS):
        places |= dict(zip(HEADS, _same_heads(*(places[name] for name in HEADS)), strict=True))
    return places


def _same_heads(one: FloatArray, two: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The heads have no names in anatomy: each reader's are put in the first reader's order."""
    straight = np.hypot(*(one - one[0]).T) + np.hypot(*(two - two[0]).T)
    crossed = np.hypot(*(one - two[0]).T) + np.hypot(*(two - one[0]).T)
    swap = (crossed < straight)[:, None]
    return np.where(swap, two, one), np.where(swap, one, two)


def _direction(
    places: dict[str, FloatArray], level: str, endplate: Endplate, view: View
) -> FloatArray | None:
    """Unit vector along the plate (else along the body's other one), by the readers' mean."""
    plates = [plate_names(level, endplate, view)]
    if not level.startswith(SACRUM):
        body = body_names(level, view)
        plates += [body[:2], body[2:]]
    for first, second in plates:
        if first in places and second in places:
            along: FloatArray = (places[second] - places[first]).mean(axis=0)
            return along / float(np.hypot(*along))
    return None


def _offsets(xy: FloatArray, along: FloatArray | None = None) -> FloatArray:
    """Each reader's offset from the mean: across (towards the head) and along the plate."""
    x, y = along if along is not None else (1.0, 0.0)
    turned: FloatArray = (xy - xy.mean(axis=0)) @ np.array([[-y, x], [x, y]])
    return turned


def _row(name: str, view: View) -> SiteNoise:
    corner = parse_corner(name)
    if corner is not None:
        return _CORNER_ROWS[corner.level] if view == "lateral" else FRONTAL_CORNERS
    if name.endswith(("_centroid", "C2_dens", "cranial_centre", "chin", "brow")):
        return CLICK
    return ELSEWHERE


def _spread(group: Sequence[_Residuals], readers: Sequence[str]) -> SiteSpread:
    offsets = np.array([one.offsets for one in group])
    points, k, _ = offsets.shape
    with_bias = (offsets**2).sum(axis=(0, 1)) / (points * (k - 1))
    centred = offsets - offsets.mean(axis=0)
    without = (centred**2).sum(axis=(0, 1)) / (max(points - 1, 1) * (k - 1))
    films = np.array([one.film for one in group])
    whole, left = np.sqrt(with_bias), np.sqrt(without)
    return SiteSpread(
        group[0].view,
        group[0].row,
        points,
        len(set(films.tolist())),
        float(whole[0]),
        float(whole[1]),
        float(left[0]),
        float(left[1]),
        tuple(_bias(reader, offsets[:, n], films) for n, reader in enumerate(readers)),
    )


def _bias(reader: str, offsets: FloatArray, films: NDArray[np.str_]) -> Bias:
    """Mean offset; the points of one film are no independent observations."""
    names = sorted(set(films.tolist()))
    means = np.array([offsets[films == name].mean(axis=0) for name in names])
    middle = means.mean(axis=0)
    intervals: list[Interval | None] = [None, None]
    if len(names) > 1:
        half = t.isf(TAIL, len(names) - 1) * means.std(axis=0, ddof=1) / math.sqrt(len(names))
        intervals = [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]
    return Bias(reader, float(middle[0]), intervals[0], float(middle[1]), intervals[1])


def _heads_apart(spreads: Sequence[SiteSpread]) -> Iterator[SiteSpread]:
    """Turn the heads' mean and half difference into each head's own and the shared spread.

    With own spread i and shared spread s the half difference has variance i^2 / 2 and the mean
    s^2 + i^2 / 2.
    """
    own = next((one for one in spreads if one.row is LATERAL_HEAD), None)
    for one in spreads:
        if own is not None and one.row is LATERAL_HEAD:
            yield _with_spreads(one, lambda value, _: math.sqrt(2.0) * value, own, biases=())
        elif own is not None and one.row is HIP_AXIS:
            yield _with_spreads(
                one, lambda value, half: math.sqrt(max(value**2 - half**2, 0.0)), own, one.biases
            )
        else:
            yield one


def _with_spreads(
    one: SiteSpread,
    combine: Callable[[float, float], float],
    own: SiteSpread,
    biases: tuple[Bias, ...],
) -> SiteSpread:
    return replace(
        one,
        normal=combine(one.normal, own.normal),
        tangential=combine(one.tangential, own.tangential),
        normal_without_bias=combine(one.normal_without_bias, own.normal_without_bias),
        tangential_without_bias=combine(one.tangential_without_bias, own.tangential_without_bias),
        biases=biases,
    )
