"""Calibration by the user on an object of known size: a length, a circle, and where it lay.

Where the object lay must be answered, because it decides where the millimetres are true: a ball
beside the spine, a ruler on the skin and a scale on the cassette are magnified by unlike factors.

The standard deviation of the scale, in percent, is the root of three squares:

* clicks: the noise of one click (per axis, in pixels) carried to the length or the radius, over
  that length or radius. Two ends of a length: sqrt(2) sd / length. A radius drawn from the centre:
  sqrt(2) sd / radius. Points of a rim: the last diagonal element of the covariance of a circle
  fit, which grows steeply as the points crowd on one side;
* object: how well its size is known, over its size;
* depth: 1 % where it lay in the plane of the spine, 10 % elsewhere, where the factor between the
  two planes is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite, sqrt
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from balance.calibration import PLAUSIBLE_MM
from balance.errors import BalanceError
from balance.radiograph import CALIBRATION_STATE, Plane, Scale

CLICK_SD_PX = 1.0
"""Pixels per axis: a careful click on a sharp edge at full size; an estimate."""

LARGEST_CLICK_PERCENT = 10.0
"""A scale whose clicks alone are less certain than this is refused."""

_STATE = CALIBRATION_STATE["user_fiducial"]
_OTHER_PLANES_PERCENT = 10.0
_STEPS = 50
_Point = tuple[float, float]
_Array = NDArray[np.float64]


class BadCalibration(BalanceError):
    """An object that no scale can be taken from."""


@dataclass(frozen=True, slots=True)
class KnownObject:
    """The object on the film.

    Parameters
    ----------
    size_mm
        Its true length, or diameter.
    lies
        Where it lay: ``patient`` (in the plane of the spine), ``detector``, ``skin`` or, if
        nobody knows, ``unknown``. There is no default.
    sd_mm
        How well its size is known.
    """

    size_mm: float
    lies: Plane
    sd_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.lies not in get_args(Plane):
            raise BadCalibration(f"say where the object lay: {', '.join(get_args(Plane))}")
        if not (isfinite(self.size_mm) and self.size_mm > 0):
            raise BadCalibration("the size of the object must be a positive number of millimetres")
        if not (isfinite(self.sd_mm) and self.sd_mm >= 0):
            raise BadCalibration("the uncertainty of the object's size must not be negative")


def scale_from_length(
    first: _Point,
    second: _Point,
    thing: KnownObject,
    *,
    header: Scale,
    click_sd_px: float = CLICK_SD_PX,
) -> Scale:
    """Scale from the two ends of an object of known length.

    Parameters
    ----------
    first, second
        Its ends, pixels (x, y).
    thing
        Its length and where it lay.
    header
        The film's scale so far; only its pixel aspect is used, and kept.
    click_sd_px
        Noise of one click per axis.

    Returns
    -------
    Scale
        State ``user_fiducial``, the plane that the object lay in.

    Raises
    ------
    BadCalibration
        Ends that coincide, an object too small on the film, a scale that makes no sense.

    Examples
    --------
    >>> ball = KnownObject(100.0, "patient")
    >>> scale = scale_from_length((0, 0), (300, 200), ball, header=Scale(2.0, 1.0))
    >>> round(scale.column_mm, 3), round(scale.row_mm, 3), scale.state
    (0.2, 0.4, 'user_fiducial')
    """
    aspect = header.row_mm / header.column_mm
    across, down = second[0] - first[0], (second[1] - first[1]) * aspect
    length = hypot(across, down)
    if not (isfinite(length) and length > 0):
        raise BadCalibration("the two ends of the object coincide: click on both")
    noise = sqrt(2) * click_sd_px * hypot(across, down * aspect) / length
    return _scale(thing, pixels=length, sd_pixels=noise, aspect=aspect)


def scale_from_radius(
    radius_px: float, thing: KnownObject, *, header: Scale, click_sd_px: float = CLICK_SD_PX
) -> Scale:
    """Scale from a circle drawn over an object of known diameter.

    Parameters
    ----------
    radius_px
        Its radius in pixels along a row.
    thing
        Its diameter and where it lay.
    header, click_sd_px
        As in `scale_from_length`.

    Returns
    -------
    Scale
        As `scale_from_length`.

    Raises
    ------
    BadCalibration
        As `scale_from_length`.
    """
    if not (isfinite(radius_px) and radius_px > 0):
        raise BadCalibration("the circle has no radius: draw it from its centre to its rim")
    aspect = header.row_mm / header.column_mm
    noise = 2 * sqrt(2) * click_sd_px
    return _scale(thing, pixels=2 * radius_px, sd_pixels=noise, aspect=aspect)


def scale_from_rim(
    points: Sequence[_Point],
    thing: KnownObject,
    *,
    header: Scale,
    click_sd_px: float = CLICK_SD_PX,
) -> Scale:
    """Scale from three or more points on the rim of an object of known diameter.

    Parameters
    ----------
    points
        Pixels (x, y), best spread over the whole rim.
    thing
        Its diameter and where it lay.
    header, click_sd_px
        As in `scale_from_length`; with more than three points, a scatter about the circle that
        exceeds ``click_sd_px`` takes its place.

    Returns
    -------
    Scale
        As `scale_from_length`.

    Raises
    ------
    BadCalibration
        Fewer than three points, points on a line or on one side, an object too small on the film.
    """
    aspect = header.row_mm / header.column_mm
    circle = circle_through(points, aspect=aspect, click_sd_px=click_sd_px)
    sd_radius = sqrt(float(circle.covariance[2, 2]))
    return _scale(thing, pixels=2 * circle.radius, sd_pixels=2 * sd_radius, aspect=aspect)


@dataclass(frozen=True, slots=True)
class RimCircle:
    """Centre (x, y) in pixels, radius in pixels along a row, and the covariance of the three.

    The covariance counts y in columns too (its pixels times their aspect).
    """

    centre: _Point
    radius: float
    covariance: _Array


def circle_through(
    points: Sequence[_Point], *, aspect: float, click_sd_px: float = CLICK_SD_PX
) -> RimCircle:
    """The circle, round in millimetres, with the least distances to three or more points.

    Parameters
    ----------
    points
        Pixels (x, y) on the rim.
    aspect
        Height of a pixel over its width.
    click_sd_px
        As in `scale_from_rim`.

    Raises
    ------
    BadCalibration
        Fewer than three points, or points on a line.
    """
    rim = np.asarray(points, float).reshape(-1, 2) * (1.0, aspect)
    if len(rim) < 3 or not np.isfinite(rim).all():
        raise BadCalibration("a circle needs three points on its rim")
    # the linear fit (Kasa) as a start
    origin = rim.mean(axis=0)
    local = rim - origin
    spread = float(np.hypot(*local.T).max()) or 1.0
    local = local / spread
    design = np.column_stack([2 * local, np.ones(len(local))])
    if np.linalg.matrix_rank(design, tol=1e-6) < 3:
        raise BadCalibration("the points of the rim lie on a line: spread them over the circle")
    x, y, rest = np.linalg.lstsq(design, (local**2).sum(axis=1), rcond=None)[0]
    circle = np.array([x, y, sqrt(rest + x * x + y * y)])
    for _ in range(_STEPS):
        outward, distance = _directions(local, circle)
        jacobian = np.column_stack([outward, np.ones(len(local))])
        step = np.linalg.lstsq(jacobian, distance - circle[2], rcond=None)[0]
        circle = circle + step
        if np.abs(step).max() < 1e-12:
            break
    outward, distance = _directions(local, circle)
    jacobian = np.column_stack([outward, np.ones(len(local))])
    variance = (click_sd_px / spread) ** 2 * (outward**2 @ np.array([1.0, aspect**2]))
    spare = len(local) - 3
    if spare > 0:
        scatter = float(((distance - circle[2]) ** 2).sum()) / spare
        variance = np.maximum(variance, scatter)
    back = np.linalg.pinv(jacobian) * spread
    x, y = (float(value) for value in circle[:2] * spread + origin)
    covariance = (back * variance) @ back.T
    return RimCircle((x, y / aspect), float(circle[2]) * spread, covariance)


def _directions(points: _Array, circle: _Array) -> tuple[_Array, _Array]:
    """Unit vectors from the centre to the points, and their distances from it."""
    offsets = points - circle[:2]
    distance = np.hypot(*offsets.T)
    return offsets / np.maximum(distance, 1e-12)[:, None], distance


def _scale(thing: KnownObject, *, pixels: float, sd_pixels: float, aspect: float) -> Scale:
    """Scale of an object that is ``pixels`` columns long."""
    clicks = 100 * sd_pixels / pixels
    if not clicks <= LARGEST_CLICK_PERCENT:
        raise BadCalibration(
            "the object is too small on the film, or clicked too much on one side, to calibrate by"
        )
    column_mm = thing.size_mm / pixels
    low, high = PLAUSIBLE_MM
    if not all(low <= side <= high for side in (column_mm, aspect * column_mm)):
        raise BadCalibration("the scale would be implausible: check the size, in millimetres")
    depth = _STATE.sd_percent if thing.lies == _STATE.plane else _OTHER_PLANES_PERCENT
    size = 100 * thing.sd_mm / thing.size_mm
    sd_percent = sqrt(clicks**2 + size**2 + depth**2)
    return Scale(aspect * column_mm, column_mm, _STATE.name, thing.lies, sd_percent)
