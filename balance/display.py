"""A film as an 8-bit picture, dense bone bright. Nothing that is measured depends on this.

Order of DICOM: modality values (already in the film), then VOI table or window, then the
Presentation LUT, then polarity.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.greylevels import through_table
from balance.radiograph import GreyWindow, Radiograph

Picture = NDArray[np.uint8]
_Curve = Callable[[NDArray[Any]], NDArray[np.float32]]

PERCENTILES = (0.5, 99.5)
"""Of the valid area: black and white of a film without a usable window."""

_SAMPLE = 1_000_000
_BAND = 64
_TILE = 256
_TABLE_KINDS = (np.uint8, np.uint16, np.int16)


def display_image(
    film: Radiograph,
    *,
    window: GreyWindow | None = None,
    longest_side: int | None = None,
    local_contrast: float = 0.0,
) -> Picture:
    """Picture of a film as a radiologist sees it.

    Parameters
    ----------
    film
        The film.
    window
        Centre and width in modality units; without it the VOI table of the header, else its first
        window, else the 0.5 to 99.5 percentiles of the valid area.
    longest_side
        Upper limit of rows and columns in pixels; a larger film is averaged down.
    local_contrast
        Clip limit of an adaptive histogram equalisation (2 is mild), 0 for none.

    Returns
    -------
    ndarray
        uint8; what is masked out is black.

    Examples
    --------
    >>> film = Radiograph(np.array([[0, 50, 100]], np.uint8), inverted=True)
    >>> display_image(film, window=GreyWindow(50, 100, "LINEAR_EXACT")).tolist()
    [[255, 128, 0]]
    """
    pixels, valid = film.pixels, film.valid
    if longest_side is not None and max(pixels.shape) > longest_side:
        pixels, valid = _shrunk(pixels, longest_side), _shrunk_mask(film, longest_side)
    picture = _through(pixels, _curve(film, window), inverted=film.inverted)
    if local_contrast > 0:
        picture = _equalised(picture, local_contrast)
    if valid is not None:
        picture[~valid] = 0
    return picture


def default_window(film: Radiograph) -> GreyWindow:
    """The window that a film opens with: the header's first that meets its values, or percentiles.

    Returns
    -------
    GreyWindow
        Centre and width in modality units.
    """
    sample = _sample(film)
    for window in film.windows:
        half = max(window.width, 1.0) / 2
        if window.centre - half < sample.max() and window.centre + half > sample.min():
            return window
    low, high = (float(one) for one in np.percentile(sample, PERCENTILES))
    return GreyWindow((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT")


def _curve(film: Radiograph, window: GreyWindow | None) -> _Curve:
    """Modality values to brightness from 0 to 1."""
    by_window = _voi_curve(film, window)
    if film.presentation_table is None:
        return by_window
    presented = film.presentation_table.astype(np.float32) / np.float32(65535)
    last = np.float32(presented.size - 1)
    return lambda values: presented[np.rint(by_window(values) * last).astype(np.intp)]


def _voi_curve(film: Radiograph, window: GreyWindow | None) -> _Curve:
    table = film.voi_table
    if window is None and table is not None:
        brightness = table.astype(np.float32) / np.float32(65535)
        first = int(film.voi_table_first)
        return lambda values: through_table(np.rint(values).astype(np.int32), brightness, first)
    chosen = default_window(film) if window is None else window
    return lambda values: windowed(values, chosen)


def windowed(values: NDArray[Any], window: GreyWindow) -> NDArray[np.float32]:
    """Brightness from 0 to 1 of modality values (PS3.3 C.11.2.1.2 and C.11.2.1.3)."""
    x = np.asarray(values, np.float32) - np.float32(window.centre)
    width = np.float32(window.width)
    if window.function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * x / width, -80, 80))), np.float32)
    if window.function == "LINEAR":
        x, width = x + np.float32(0.5), width - 1
    if width <= 0:
        return (x > 0).astype(np.float32)
    return np.asarray(np.clip(x / width + np.float32(0.5), 0, 1), np.float32)


def _through(pixels: NDArray[Any], curve: _Curve, *, inverted: bool) -> Picture:
    """Pixels through a curve, by a table where their type allows one."""
    if pixels.dtype in _TABLE_KINDS:
        limits = np.iinfo(pixels.dtype)
        inputs = np.arange(limits.min, limits.max + 1).reshape(1, -1)
        table = _grey(curve(inputs), inverted=inverted)[0]
        # the table starts at 0 for the unsigned bit pattern of a signed pixel
        unsigned = pixels.view(f"u{pixels.dtype.itemsize}")
        return through_table(unsigned, np.roll(table, limits.min))
    picture = np.empty(pixels.shape, np.uint8)
    for start in range(0, pixels.shape[0], _BAND):
        band = slice(start, start + _BAND)
        picture[band] = _grey(curve(pixels[band]), inverted=inverted)
    return picture


def _grey(brightness: NDArray[np.float32], *, inverted: bool) -> Picture:
    shown = 1 - brightness if inverted else brightness
    return np.asarray(np.rint(shown * 255), np.uint8)


def _sample(film: Radiograph) -> NDArray[Any]:
    """About a million valid values, enough for percentiles of any film."""
    step = max(1, ceil(sqrt(film.pixels.size / _SAMPLE)))
    some = film.pixels[::step, ::step]
    if film.valid is None:
        return some
    kept = some[film.valid[::step, ::step]]
    return kept if kept.size else film.pixels[film.valid]


def _size(shape: tuple[int, ...], longest_side: int) -> tuple[int, int]:
    """Columns and rows of the reduced picture, at least one each."""
    factor = longest_side / max(shape)
    return max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor))


def _shrunk(pixels: NDArray[Any], longest_side: int) -> NDArray[Any]:
    # averaging, because taking every n-th pixel aliases grid lines and drops wires
    source = pixels if pixels.dtype in _TABLE_KINDS else pixels.astype(np.float32, copy=False)
    size = _size(pixels.shape, longest_side)
    return cv2.resize(source, size, interpolation=cv2.INTER_AREA)


def _shrunk_mask(film: Radiograph, longest_side: int) -> NDArray[np.bool_] | None:
    if film.valid is None:
        return None
    size = _size(film.pixels.shape, longest_side)
    return cv2.resize(film.valid.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)


def _equalised(picture: Picture, clip_limit: float) -> Picture:
    rows, columns = picture.shape
    tiles = (max(1, round(columns / _TILE)), max(1, round(rows / _TILE)))
    return np.asarray(cv2.createCLAHE(clip_limit, tiles).apply(picture), np.uint8)
