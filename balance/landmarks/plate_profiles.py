"""Endplates laid straight: grey values along normals, all plates of a film at once.

Each plate becomes a small picture, one column per place along the plate and one row per distance
from it, positive outwards (from the body into the disc). Its gradient is positive where bone ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.landmarks.film_evidence import Image, Polarity, bone_bright
from balance.radiograph import FloatArray, Radiograph

BIN_SHARE = 0.05
"""Width of one column as a share of the plate's length."""
BEYOND_SHARE = 0.4
"""How far the picture reaches beyond the two corners."""
RIM_SHARE = 0.1
"""Next to a corner the edge bends and spurs begin: left out of the search for the line."""
STEP_MM = 0.25
_PER_BIN = 4
_COUNT = round((1 + 2 * BEYOND_SHARE) / BIN_SHARE)

ALONG: FloatArray = (np.arange(_COUNT, dtype=np.float64) + 0.5) * BIN_SHARE - BEYOND_SHARE
"""Places of the columns: 0 at the first corner, 1 at the second."""
INNER: NDArray[np.bool_] = (ALONG > RIM_SHARE) & (ALONG < 1 - RIM_SHARE)
"""The columns that show the plate's own edge and nothing of its rims."""

FINE_MM, COARSE_MM = 0.5, 1.5
"""Scales of the gradient: a thin cortical line, and bone against disc."""
_SOFTENED_MM = 0.3


@dataclass(frozen=True, slots=True)
class Plates:
    """Endplates in the plane: corners (n, 2) in the order in which plane x grows, mm, y up.

    ``normals`` are unit vectors out of the bodies.
    """

    first: FloatArray
    second: FloatArray
    normals: FloatArray

    @property
    def lengths(self) -> FloatArray:
        """Distances of the two corners."""
        lengths: FloatArray = np.hypot(*(self.second - self.first).T)
        return lengths

    @property
    def directions(self) -> FloatArray:
        """Unit vectors from the first corner to the second."""
        directions: FloatArray = (self.second - self.first) / self.lengths[:, None]
        return directions


def plates_between(first: FloatArray, second: FloatArray, superior: NDArray[np.bool_]) -> Plates:
    """Plates with the normals that belong to superior and inferior endplates."""
    along = second - first
    along = along / np.hypot(*along.T)[:, None]
    up = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    return Plates(first, second, np.where(superior, 1.0, -1.0)[:, None] * up)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Gradients (n, columns, distances) outwards, positive where bright bone gives way to disc.

    ``fine`` and ``coarse`` are in units of each plate's own strong gradients, and 0 where the film
    ends or metal hides the bone, which is not ``shown``. ``distances`` are in mm.
    """

    fine: Image
    coarse: Image
    shown: NDArray[np.bool_]
    distances: FloatArray


def read_profiles(
    film: Radiograph, polarity: Polarity, matrix: FloatArray, plates: Plates, *, reach_mm: float
) -> Profiles:
    """Gradients along the normals of plates.

    Parameters
    ----------
    matrix
        Takes pixels to the plane in millimetres.
    reach_mm
        How far from the plate to look, either way.
    """
    half = int(np.ceil(reach_mm / STEP_MM))
    distances: FloatArray = np.arange(-half, half + 1, dtype=np.float64) * STEP_MM
    values, inside = _sampled(film, polarity, matrix, plates, distances)
    metal = _metal(values)
    if metal.any():
        values = _bridged(values, metal)
    shown = inside & ~metal
    return Profiles(
        _signed(values, shown, FINE_MM), _signed(values, shown, COARSE_MM), shown, distances
    )


def _sampled(
    film: Radiograph, polarity: Polarity, matrix: FloatArray, plates: Plates, offsets: FloatArray
) -> tuple[Image, NDArray[np.bool_]]:
    """Grey values (n, columns, distances), and where they come from the film."""
    places = (np.arange(_COUNT * _PER_BIN) + 0.5) * (BIN_SHARE / _PER_BIN) - BEYOND_SHARE
    span = plates.second - plates.first
    inverse = np.linalg.inv(matrix).T
    feet = (plates.first[:, None] + places[:, None] * span[:, None]) @ inverse
    out = (plates.normals @ inverse)[:, None]
    limits = np.array([film.columns, film.rows])
    reached = np.concatenate([feet + offsets[0] * out, feet + offsets[-1] * out])
    least, most = reached.min(axis=(0, 1)), reached.max(axis=(0, 1))
    low = np.clip(np.floor(least).astype(int) - 2, 0, limits - 1)
    high = np.clip(np.ceil(most).astype(int) + 3, low + 1, limits)
    corner, size = (int(low[0]), int(low[1])), (int(high[0] - low[0]), int(high[1] - low[1]))
    crop = bone_bright(film, polarity, corner, size)
    # Between the profiles of a fine film lie pixels that nobody would read: average them in.
    widths = [2 * round(_SOFTENED_MM / (2 * side)) + 1 for side in np.hypot(*matrix)]
    if max(widths) > 1:
        crop = np.asarray(cv2.blur(crop, (widths[0], widths[1])), np.float32)
    x, y = (
        ((feet[..., axis] - low[axis])[..., None] + out[..., axis, None] * offsets)
        .astype(np.float32).reshape(-1, len(offsets))
        for axis in (0, 1)
    )  # fmt: skip
    grey = np.empty(x.shape, np.float32)
    for start in range(0, len(grey), _REMAP_ROWS):
        rows = slice(start, start + _REMAP_ROWS)
        grey[rows] = cv2.remap(
            crop, x[rows], y[rows], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    shape = (len(span), _COUNT, _PER_BIN, len(offsets))
    values = grey.reshape(shape).transpose(2, 0, 1, 3).sum(axis=0) / np.float32(_PER_BIN)
    if (least > -0.5).all() and (most < limits - 0.5).all():
        return values, np.ones(values.shape, bool)
    edge = np.float32(-0.5) - low
    far = (limits - 0.5 - low).astype(np.float32)
    seen = (x >= edge[0]) & (x <= far[0]) & (y >= edge[1]) & (y <= far[1])
    return values, seen.reshape(shape).all(axis=2)


METAL_CONTRAST = 4.0
"""Times the usual contrast of bone and disc; bone of any drawn film stays below, but for a few
spots where shoulders overlie it."""
_WHITEST, _MOST_METAL = 0.04, 0.2
"""Where more than this share of all profiles is white, it is bone that is white."""
_METAL_MM, _METAL_HALO_MM = 2.5, 2.0


def _metal(values: Image) -> NDArray[np.bool_]:
    """Screws and cages: thicker than a cortical line and far brighter than bone, with a margin."""
    thickness = 2 * round(_METAL_MM / (2 * STEP_MM)) + 1
    lying = np.ones((3, thickness), np.uint8)
    solid = np.stack([cv2.morphologyEx(plate, cv2.MORPH_OPEN, lying) for plate in values])
    flat = values[:, INNER].reshape(len(values), -1)
    dark, middle = np.quantile(flat[:, ::3], (0.1, 0.5), axis=1)
    # Metal lies on the bright side, so the dark side tells what contrast this film gives to bone.
    usual = float(np.median(middle - dark))
    if usual <= 0:
        return np.zeros(values.shape, bool)
    metal = solid > (middle + METAL_CONTRAST * usual)[:, None, None]
    # Where the film is as white as it gets over more than a line's width, nothing can be read.
    top = float(solid.max())
    whitest = solid >= top - _WHITEST * (top - float(np.median(middle)))
    if whitest.mean() < _MOST_METAL:
        metal |= whitest
    if not metal.any():
        return np.asarray(metal, bool)
    halo = 2 * round(_METAL_HALO_MM / STEP_MM) + 1
    margin = np.ones((3, halo), np.uint8)
    return np.stack([cv2.dilate(plate, margin) for plate in metal.view(np.uint8)]).astype(bool)


def _bridged(values: Image, metal: NDArray[np.bool_]) -> Image:
    """Grey values with straight lines along the normals where metal hides them.

    Cutting metal out of the gradient alone would leave the flanks that blur has spread around it.
    """
    place = np.arange(values.shape[2])
    below = np.maximum.accumulate(np.where(metal, -1, place), axis=2)
    above = np.minimum.accumulate(np.where(metal, len(place), place)[..., ::-1], axis=2)[..., ::-1]
    below, above = (
        np.where(below >= 0, below, np.minimum(above, len(place) - 1)),
        np.where(above < len(place), above, np.maximum(below, 0)),
    )
    low, high = (np.take_along_axis(values, end, axis=2) for end in (below, above))
    share = (place - below) / np.maximum(above - below, 1)
    return np.asarray(np.where(metal, low + share * (high - low), values), np.float32)


_REMAP_ROWS = 16384
"""OpenCV takes maps of fewer than 32767 rows."""
STRONG_QUANTILE, LEAST_OF_STRONGEST = 0.9, 0.2
SATURATION = 3.0


def _slope_kernel(sigma: float) -> Image:
    """A row that gives the fall of a Gaussian-smoothed profile from one sample to the next."""
    places = np.arange(-round(4.0 * sigma), round(4.0 * sigma) + 1)
    bell = np.exp(-0.5 * (places / sigma) ** 2)
    return np.asarray(-places * bell / (sigma**2 * bell.sum()), np.float32)[None]


def _signed(values: Image, inside: NDArray[np.bool_], sigma_mm: float) -> Image:
    """Gradient against the plate's own strong gradients, saturating: metal must not rule."""
    kernel = _slope_kernel(sigma_mm / STEP_MM)
    # Without its mean a row keeps its digits for the differences.
    rows = (values - values.mean(axis=2, keepdims=True)).reshape(-1, values.shape[2])
    slope = np.empty_like(values)
    cv2.filter2D(rows, -1, kernel, dst=slope.reshape(rows.shape), borderType=cv2.BORDER_REPLICATE)
    slope *= inside
    size = np.abs(slope).reshape(len(slope), -1)
    strong = np.quantile(size[:, ::2], STRONG_QUANTILE, axis=1)
    # A film without noise has no gradient almost everywhere.
    strong = np.maximum(strong, LEAST_OF_STRONGEST * size.max(axis=1))
    ratio = slope / np.maximum(strong, np.finfo(np.float32).tiny)[:, None, None]
    return np.asarray(ratio / (1 + np.abs(ratio) / SATURATION), np.float32)
