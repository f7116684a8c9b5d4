"""The sheets a lifelike film is drawn on: sharp bone, soft bone, metal, and flesh that is coarse.

Endplates, rims and femoral heads need the film's own pixels. Ribs, processes and pelvic wings are
blunt by a millimetre and live on half-millimetre pixels, which keeps a large film quick to draw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.phantom.canvas import COARSE_MM, Canvas, Image, blank, blurred, flesh, resized
from balance.phantom.exposure import Exposure
from balance.phantom.sheet import Phantom
from balance.radiograph import Frame

SOFT_MM = 0.5

Profile = Sequence[tuple[float, float]]
"""Plane heights and the amount at each, from the feet up."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Where bones and flesh of one film are drawn; ``soft.flesh`` is its only flesh."""

    exposure: Exposure
    sharp: Canvas
    soft: Canvas
    metal: Canvas


def sheets_for(exposure: Exposure) -> Sheets:
    """Empty sheets for a film."""
    soft = blank(coarser(exposure, SOFT_MM))
    return Sheets(exposure, blank(exposure), soft, blank(soft.exposure))


def coarser(exposure: Exposure, pixel_mm: float) -> Exposure:
    """The same field on pixels of about ``pixel_mm``; a film that is coarser already stays."""
    row_mm, column_mm = max(pixel_mm, exposure.row_mm), max(pixel_mm, exposure.column_mm)
    rows = math.ceil(exposure.rows * exposure.row_mm / row_mm)
    columns = math.ceil(exposure.columns * exposure.column_mm / column_mm)
    share = np.array([columns / exposure.columns, rows / exposure.rows])
    old = exposure.frame
    scale = replace(
        old.scale, row_mm=exposure.row_mm / share[1], column_mm=exposure.column_mm / share[0]
    )
    vertical = None
    if old.vertical is not None:
        (ax, ay), (bx, by) = (np.asarray(end, float) * share for end in old.vertical)
        vertical = ((float(ax), float(ay)), (float(bx), float(by)))
    frame = Frame(scale, old.positive_side, vertical)
    # Both grids begin at the film's corner, half a pixel before their first centre.
    shift = frame.to_plane(0.5 * share - 0.5)
    offset = (exposure.offset[0] + float(shift[0]), exposure.offset[1] + float(shift[1]))
    return Exposure(frame, rows, columns, offset)


def centre(phantom: Phantom, level: str) -> complex:
    """A vertebra's centre; the last thoracic one stands in for one that this spine lacks."""
    if level in phantom.levels:
        return phantom.at(f"{level}_centroid")
    last = [name for name in phantom.levels if name[0] == level[0]][-1]
    return phantom.at(f"{last}_centroid")


def coarse_plane(canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Plane x and y of every pixel of a sheet's flesh, millimetres."""
    height, width = canvas.flesh.shape
    step = np.array([canvas.exposure.columns / width, canvas.exposure.rows / height])
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    plane = canvas.exposure.plane((grid + 0.5) * step - 0.5).astype(np.float32)
    return plane[..., 0], plane[..., 1]


def inside(canvas: Canvas, outline: Sequence[complex], *, soften_mm: float = 1.0) -> Image:
    """How much of each flesh pixel lies inside an outline, 0 to 1."""
    sheet = Canvas(canvas.exposure, canvas.bone, np.zeros_like(canvas.flesh))
    flesh(sheet, outline, 1.0, soften_mm=soften_mm)
    return sheet.flesh


def rounded(
    canvas: Canvas, outline: Sequence[complex], profile: Profile, *, edge_mm: float
) -> Image:
    """The thickness of a rounded body: elliptic from its edge inwards, by height as told.

    ``edge_mm`` is how far from its outline the body reaches its full thickness.
    """
    cover = inside(canvas, outline)
    solid = cv2.copyMakeBorder((cover > 0.5).astype(np.uint8), 90, 90, 0, 0, cv2.BORDER_REPLICATE)
    away = blurred(
        cv2.distanceTransform(solid, cv2.DIST_L2, 5)[90:-90].astype(np.float32) * COARSE_MM, 1.5
    )
    depth = np.minimum(away / np.float32(edge_mm), 1.0)
    thickness = blurred(np.sqrt(depth * (2.0 - depth)).astype(np.float32), 1.2)
    _, y = coarse_plane(canvas)
    amount = np.interp(y, [row[0] for row in profile], [row[1] for row in profile])
    return np.asarray(thickness * cover * amount, np.float32)


def noise_field(rng: np.random.Generator, canvas: Canvas, grain_mm: float) -> Image:
    """Smooth random numbers of about unit spread on the flesh grid, with grains of one size."""
    step = max(1.0, grain_mm / COARSE_MM)
    height, width = canvas.flesh.shape
    seeds = rng.standard_normal(
        (math.ceil(height / step) + 3, math.ceil(width / step) + 3), np.float32
    )
    return resized(seeds, (width, height), cv2.INTER_CUBIC)
