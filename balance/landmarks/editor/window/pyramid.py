"""A film at halved sizes, each made when it is first looked at, so that any view is quick."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]

_HALVED_AS_THEY_ARE = (np.uint8, np.uint16, np.int16, np.float32)
"""Pixel types that OpenCV averages; others are shown as 32-bit floating point."""
_SMALLEST = 64
_CLEARANCE = 2
"""Pixels that are cut out around a view, for the interpolation at its edge."""


class Pyramid:
    """Halved copies of a film and pictures of any part of it.

    Parameters
    ----------
    pixels
        Rows x columns.

    Examples
    --------
    >>> flat = Pyramid(np.full((300, 200), 7, np.uint16))
    >>> flat.sample(np.array([[2.0, 0.0, 10.0], [0.0, 2.0, 10.0]]), (40, 50)).max()
    np.uint16(7)
    """

    def __init__(self, pixels: Pixels) -> None:
        kept = pixels.dtype in _HALVED_AS_THEY_ARE
        self._levels: list[Pixels] = [pixels if kept else pixels.astype(np.float32)]

    def sample(self, to_film: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
        """What a screen of ``size`` (rows, columns) shows; outside the film the nearest edge.

        Parameters
        ----------
        to_film
            2 x 3: film pixel (x, y) of screen pixel (column, row), both counted at their centres.
        size
            Rows and columns of the screen.
        """
        number = self._number(float(np.sqrt(abs(np.linalg.det(to_film[:, :2])))))
        level = self._level(number)
        share = 0.5**number
        # The centre of film pixel 0 lies half a film pixel, not half a halved one, from the edge.
        to_level = to_film * share
        to_level[:, 2] += 0.5 * share - 0.5
        part, (left, top) = _part(level, to_level, size)
        to_level[:, 2] -= (left, top)
        return np.asarray(
            cv2.warpAffine(
                part,
                to_level,
                (size[1], size[0]),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )

    def _number(self, film_pixels: float) -> int:
        """The level whose pixels come nearest to the screen's."""
        most = int(np.log2(max(min(self._levels[0].shape) / _SMALLEST, 1.0)))
        return int(np.clip(round(np.log2(film_pixels)), 0, most))

    def _level(self, number: int) -> Pixels:
        while len(self._levels) <= number:
            last = self._levels[-1]
            # An odd last row or column is left out: the halves then lie exactly on the film.
            even = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]
            size = (even.shape[1] // 2, even.shape[0] // 2)
            self._levels.append(np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA)))
        return self._levels[number]


def _part(
    level: Pixels, to_level: NDArray[np.float64], size: tuple[int, int]
) -> tuple[Pixels, tuple[int, int]]:
    """The part of a level that a screen shows, and where it begins: OpenCV limits whole films."""
    rows, columns = size
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]]).T
    xy = to_level @ corners
    last = np.array([level.shape[1], level.shape[0]]) - 1
    low = np.clip(np.floor(xy.min(axis=1)) - _CLEARANCE, 0, last).astype(int)
    high = np.clip(np.ceil(xy.max(axis=1)) + _CLEARANCE, 0, last).astype(int)
    return level[low[1] : high[1] + 1, low[0] : high[0] + 1], (int(low[0]), int(low[1]))
