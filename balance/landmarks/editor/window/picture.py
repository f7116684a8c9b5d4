"""The film as the reader sees it at this moment: the part in view, in the greys chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from balance.display import Picture, default_window, display_image
from balance.greylevels import through_table
from balance.landmarks.editor.window.pyramid import Pyramid
from balance.landmarks.editor.window.theme import GROUND
from balance.landmarks.editor.window.viewport import Viewport
from balance.radiograph import FloatArray, GreyWindow, Radiograph

LOCAL_CONTRAST = 2.5
"""Clip limit of the adaptive equalisation."""
NARROWEST = 1e-3
"""Of the film's own window: the narrowest that can be chosen."""
_TABLED = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.int16))
GROUND_GREY = round(255 * sum(to_rgb(GROUND)) / 3)


@dataclass(frozen=True, slots=True)
class Greys:
    """How grey values are shown; ``window`` None as the film's header asks."""

    window: GreyWindow | None = None
    inverted: bool = False
    local_contrast: bool = False


class FilmPicture:
    """Pictures of a film for any view and greys."""

    def __init__(self, film: Radiograph) -> None:
        self.film = film
        self._pyramid = Pyramid(film.pixels)
        self._opening = default_window(film)
        self._table_of: tuple[object, Picture] | None = None

    def seen(self, view: Viewport, greys: Greys) -> Picture:
        """The film on the area of a view, dense bone bright unless inverted."""
        size = round(view.area.height), round(view.area.width)
        picture = self.sampled(view.sampling(), size, greys)
        first, last = view.to_screen([(-0.5, -0.5), (view.size[1] - 0.5, view.size[0] - 0.5)])
        (left, right), (top, bottom) = sorted((first[0], last[0])), (first[1], last[1])
        _clear_outside(
            picture,
            (left - view.area.left, right - view.area.left),
            (top - view.area.top, bottom - view.area.top),
        )
        return picture

    def sampled(self, to_film: FloatArray, size: tuple[int, int], greys: Greys) -> Picture:
        """The film at given places, as :meth:`Pyramid.sample` takes them."""
        pixels = self._pyramid.sample(to_film, size)
        valid = self._valid(to_film, size)
        table = None if greys.local_contrast else self._table(pixels.dtype, greys)
        if table is None:
            return self._displayed(pixels, valid, greys)
        # A signed pixel's bit pattern counts from 0, and so does the table.
        picture = through_table(pixels.view(f"u{pixels.dtype.itemsize}"), table)
        if valid is not None:
            picture[~valid] = 0
        return np.asarray(picture, np.uint8)

    def _displayed(
        self, pixels: NDArray[Any], valid: NDArray[np.bool_] | None, greys: Greys
    ) -> Picture:
        inverted = self.film.inverted != greys.inverted
        part = replace(self.film, pixels=pixels, valid=valid, inverted=inverted)
        contrast = LOCAL_CONTRAST if greys.local_contrast else 0.0
        return display_image(part, window=self._window(greys), local_contrast=contrast)

    def _table(self, kind: np.dtype[Any], greys: Greys) -> Picture | None:
        """The grey of every value that a pixel can have, kept while the greys stay the same."""
        if kind not in _TABLED:
            return None
        if self._table_of is None or self._table_of[0] != (kind, greys):
            bits = np.arange(1 << 8 * kind.itemsize, dtype=f"u{kind.itemsize}")
            values = bits.view(kind).reshape(1, -1)
            self._table_of = ((kind, greys), self._displayed(values, None, greys)[0])
        return self._table_of[1]

    def changed(self, greys: Greys, brighter: float, wider: float) -> Greys:
        """The greys with the window moved by shares of its width, and widened by a factor."""
        window = greys.window or self._opening
        width = max(window.width * wider, NARROWEST * self._opening.width)
        # Bone is bright whichever way the values run, so brighter always means brighter.
        sign = 1.0 if self.film.inverted != greys.inverted else -1.0
        centre = window.centre + sign * brighter * window.width
        return replace(greys, window=replace(window, centre=centre, width=width))

    def _window(self, greys: Greys) -> GreyWindow | None:
        """The window for a part of the film: never one that the part alone would suggest."""
        if greys.window is not None or self.film.voi_table is not None:
            return greys.window
        return self._opening

    def _valid(self, to_film: FloatArray, size: tuple[int, int]) -> NDArray[np.bool_] | None:
        mask = self.film.valid
        if mask is None:
            return None
        rows, columns = size
        x = np.rint(to_film[0, 0] * np.arange(columns) + to_film[0, 2])
        y = np.rint(to_film[1, 1] * np.arange(rows) + to_film[1, 2])
        inside_x = np.clip(x, 0, mask.shape[1] - 1).astype(np.intp)
        inside_y = np.clip(y, 0, mask.shape[0] - 1).astype(np.intp)
        return np.asarray(mask[np.ix_(inside_y, inside_x)])


def _clear_outside(
    picture: Picture, columns: tuple[float, float], rows: tuple[float, float]
) -> None:
    """Blank what lies beside the film."""
    left, right = (int(np.clip(round(edge), 0, picture.shape[1])) for edge in columns)
    top, bottom = (int(np.clip(round(edge), 0, picture.shape[0])) for edge in rows)
    for beside in (picture[:, :left], picture[:, right:], picture[:top], picture[bottom:]):
        beside[...] = GROUND_GREY
