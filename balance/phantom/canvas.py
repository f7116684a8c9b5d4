"""A sheet of attenuation to draw bones and flesh on.

Bones are drawn on the film's own pixels with four sub-pixels per side, so that an edge lies where
the geometry says. Flesh and air have no sharp edges and live on a coarse grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from balance.phantom.exposure import Exposure

Image = NDArray[np.float32]
Path = Sequence[complex]

SUBPIXELS = 4
SHIFT = 6
"""Sub-pixel corners are handed to OpenCV as fixed point with this many binary digits."""
COARSE_MM = 1.5


@dataclass(frozen=True, slots=True)
class Canvas:
    """Attenuation of bone (film pixels) and of flesh (coarse grid), both to be drawn on."""

    exposure: Exposure
    bone: Image
    flesh: Image


def blank(exposure: Exposure) -> Canvas:
    """An empty sheet for a film."""
    height = math.ceil(exposure.rows * exposure.row_mm / COARSE_MM)
    width = math.ceil(exposure.columns * exposure.column_mm / COARSE_MM)
    return Canvas(
        exposure,
        np.zeros((exposure.rows, exposure.columns), np.float32),
        np.zeros((height, width), np.float32),
    )


def fill(canvas: Canvas, outline: Path, amount: float, *, soften_mm: float = 0.0) -> None:
    """Add bone inside an outline (plane points, millimetres)."""
    pixels = canvas.exposure.pixels(_pairs(outline))
    _add(canvas.bone, pixels, amount, soften_mm / canvas.exposure.column_mm)


def stroke(
    canvas: Canvas, path: Path, width_mm: float, amount: float, *, soften_mm: float = 0.0
) -> None:
    """Add bone along a line of some width (plane points, millimetres)."""
    fill(canvas, ribbon(path, width_mm), amount, soften_mm=soften_mm)


def flesh(canvas: Canvas, outline: Path, amount: float, *, soften_mm: float = 4.0) -> None:
    """Add (or with a negative amount take away) soft tissue inside an outline."""
    exposure = canvas.exposure
    fine = exposure.pixels(_pairs(outline))
    size = np.array([exposure.columns, exposure.rows])
    coarse = (fine + 0.5) * (np.array(canvas.flesh.shape[::-1]) / size) - 0.5
    _add(canvas.flesh, coarse, amount, soften_mm / COARSE_MM)


def _pairs(path: Path) -> NDArray[np.float64]:
    line = np.asarray(path, complex)
    return np.stack([line.real, line.imag], axis=-1)


def _add(sheet: Image, corners: NDArray[np.float64], amount: float, soften: float) -> None:
    pad = 2 + math.ceil(3.0 * soften)
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - pad, 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + pad + 1, sheet.shape[::-1])
    if np.any(high <= low):
        return
    width, height = (high - low).tolist()
    mask = np.zeros((height * SUBPIXELS, width * SUBPIXELS), np.uint8)
    inner = ((corners - low + 0.5) * SUBPIXELS - 0.5) * 2**SHIFT
    cv2.fillPoly(mask, [np.round(inner).astype(np.int32)], 255, cv2.LINE_8, SHIFT)
    cover = resized(mask.astype(np.float32), (width, height), cv2.INTER_AREA)
    if soften > 0.05:
        cover = blurred(cover, soften)
    sheet[low[1] : high[1], low[0] : high[0]] += cover * np.float32(amount / 255.0)


def smooth(points: Path, *, closed: bool = False, count: int = 80) -> list[complex]:
    """A smooth line through some points, spaced by their distances."""
    line = np.asarray([*points, points[0]] if closed else points, complex)
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(line)))])
    curve = CubicSpline(along, line, bc_type="periodic" if closed else "natural")
    return [complex(value) for value in curve(np.linspace(0.0, along[-1], count))]


def ribbon(path: Path, width_mm: float) -> list[complex]:
    """The outline of a line with a width."""
    line = np.asarray(path, complex)
    along = np.gradient(line)
    across = 1j * along / np.maximum(np.abs(along), 1e-9) * width_mm / 2.0
    return [complex(value) for value in (*(line + across), *(line - across)[::-1])]


def ellipse(centre: complex, across: complex, ratio: float, *, count: int = 60) -> list[complex]:
    """An ellipse with half axis ``across`` and the other half axis ``ratio`` times as long."""
    turn = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    points = centre + across * (np.cos(turn) + 1j * ratio * np.sin(turn))
    return [complex(value) for value in points]


def arc(centre: complex, radius: float, start: float, end: float) -> list[complex]:
    """Part of a circle between two angles in degrees, anticlockwise from plane +x."""
    turn = np.radians(np.linspace(start, end, 60))
    return [complex(value) for value in centre + radius * np.exp(1j * turn)]


def resized(image: Image, size: tuple[int, int], how: int) -> Image:
    """An image at another (columns, rows), by one of OpenCV's interpolations."""
    return np.asarray(cv2.resize(image, size, interpolation=how), np.float32)


def blurred(image: Image, sigma: float) -> Image:
    """An image blurred by a Gaussian; ``sigma`` in its own pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
