"""Which pixels of a DICOM film are image: neither padding nor behind a shutter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from balance.attributes import integer, numbers
from balance.greylevels import Pixels

Mask = NDArray[np.bool_]

_EDGES = (
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
)


def valid_mask(dataset: Dataset, stored: Pixels) -> tuple[Mask | None, tuple[str, ...]]:
    """The image area of stored pixel values.

    Returns
    -------
    mask
        True inside the image; None where nothing is masked out.
    warnings
        Says so where the header masks everything, which is then ignored.
    """
    parts = (_unpadded(dataset, stored), *_shutters(dataset, stored.shape))
    masks = [part for part in parts if part is not None]
    if not masks:
        return None, ()
    mask = masks[0]
    for other in masks[1:]:
        mask &= other
    if mask.all():
        return None, ()
    if not mask.any():
        return None, ("padding value or shutter covers the whole film: ignored",)
    return mask, ()


def _unpadded(dataset: Dataset, stored: Pixels) -> Mask | None:
    first = integer(dataset, "PixelPaddingValue")
    if first is None:
        return None
    last = integer(dataset, "PixelPaddingRangeLimit")
    last = first if last is None else last
    if stored.dtype.kind == "i" and max(first, last) > np.iinfo(stored.dtype).max:
        # written as unsigned beside signed pixels
        first, last = (value - (1 << 16) if value >= 1 << 15 else value for value in (first, last))
    low, high = sorted((first, last))
    unpadded: Mask = (stored < low) | (stored > high)
    return unpadded


def _shutters(dataset: Dataset, shape: tuple[int, ...]) -> tuple[Mask, ...]:
    """Rectangle, circle and polygon as present; their coordinates count from 1, row first."""
    drawn = (
        _rectangle(dataset, shape),
        _circle(dataset, shape),
        _polygon(dataset, shape),
    )
    return tuple(mask for mask in drawn if mask is not None)


def _rectangle(dataset: Dataset, shape: tuple[int, ...]) -> Mask | None:
    edges = [integer(dataset, keyword) for keyword in _EDGES]
    if not _has_shape(dataset, "RECTANGULAR") or any(edge is None for edge in edges):
        return None
    upper, lower, left, right = (max(int(edge or 0), 0) for edge in edges)
    mask = np.zeros(shape, bool)
    mask[max(upper - 1, 0) : lower, max(left - 1, 0) : right] = True
    return mask


def _circle(dataset: Dataset, shape: tuple[int, ...]) -> Mask | None:
    centre = numbers(dataset, "CenterOfCircularShutter")
    radius = integer(dataset, "RadiusOfCircularShutter")
    if centre is None or len(centre) != 2 or not np.isfinite(centre).all():
        return None
    if not _has_shape(dataset, "CIRCULAR") or radius is None or radius <= 0:
        return None
    rows, columns = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2
    return np.asarray(inside, bool)


def _polygon(dataset: Dataset, shape: tuple[int, ...]) -> Mask | None:
    flat = numbers(dataset, "VerticesOfThePolygonalShutter")
    if flat is None or len(flat) < 6 or len(flat) % 2 or not np.isfinite(flat).all():
        return None
    if not _has_shape(dataset, "POLYGONAL"):
        return None
    limit = 4 * max(shape)
    vertices = np.clip(np.reshape(flat, (-1, 2))[:, ::-1] - 1, -limit, limit).astype(np.int32)
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [vertices], 1)
    return canvas.astype(bool)


def _has_shape(dataset: Dataset, shape: str) -> bool:
    value = dataset.get("ShutterShape")
    return shape in ([value] if isinstance(value, str) else list(value or ()))
