"""Which part of a film is seen, and where: film pixels to the screen and back.

The screen counts device pixels from the upper left corner of the window, x to the right, y down;
the middle of its first pixel is (0.5, 0.5). Mirroring changes what is seen, never a coordinate of
the stored image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from balance.landmarks.editor.window.marks import Area
from balance.radiograph import FloatArray

MOST_ZOOM = 40.0
"""Screen pixels per film pixel; more shows nothing."""
LEAST_SHARE = 0.5
"""Of the zoom that fits the film."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """The view of a film on a part of the window.

    Parameters
    ----------
    size
        Rows and columns of the film.
    aspect
        Height over width of a film pixel in the patient.
    area
        Where the film is shown, in screen pixels.
    centre
        The film pixel (x, y) in the middle of the area.
    zoom
        Screen pixels per film column.
    mirrored
        Left and right exchanged, for viewing only.

    Examples
    --------
    >>> view = fitted((100, 50), 1.0, Area(0.0, 0.0, 50.0, 100.0))
    >>> view.to_screen([(0.0, 0.0)]).tolist()
    [[0.5, 0.5]]
    """

    size: tuple[int, int]
    aspect: float
    area: Area
    centre: tuple[float, float]
    zoom: float
    mirrored: bool = False

    @property
    def steps(self) -> FloatArray:
        """Screen pixels along x and y for one film pixel; negative where mirrored."""
        return np.array([-self.zoom if self.mirrored else self.zoom, self.zoom * self.aspect])

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole film is seen."""
        rows, columns = self.size
        return min(self.area.width / columns, self.area.height / (rows * self.aspect))

    def to_screen(self, pixels: ArrayLike) -> FloatArray:
        """Film pixels (n, 2) on the screen."""
        middle = np.array(self.area.centre)
        shown: FloatArray = middle + (np.asarray(pixels, float) - self.centre) * self.steps
        return shown

    def to_film(self, screen: ArrayLike) -> FloatArray:
        """Places on the screen (n, 2) as film pixels."""
        offset = np.asarray(screen, float) - np.array(self.area.centre)
        pixels: FloatArray = np.asarray(self.centre) + offset / self.steps
        return pixels

    def sampling(self) -> FloatArray:
        """2 x 3: the film pixel of each pixel of the area, column and row counted from zero."""
        first = self.to_film([(self.area.left + 0.5, self.area.top + 0.5)])[0]
        per_x, per_y = 1.0 / self.steps
        return np.array([[per_x, 0.0, first[0]], [0.0, per_y, first[1]]])

    def zoomed(self, factor: float, at: tuple[float, float]) -> Viewport:
        """The view magnified by a factor; under a place of the screen the film stays."""
        least = LEAST_SHARE * self.fit_zoom
        zoom = float(np.clip(self.zoom * factor, least, max(MOST_ZOOM, least)))
        held = self.to_film([at])[0]
        closer = replace(self, zoom=zoom)
        moved = np.asarray(self.centre) + held - closer.to_film([at])[0]
        return replace(closer, centre=_point(moved)).kept_in_sight()

    def panned(self, dx: float, dy: float) -> Viewport:
        """The view after the film was pushed by screen pixels."""
        moved = np.asarray(self.centre) - np.array([dx, dy]) / self.steps
        return replace(self, centre=_point(moved)).kept_in_sight()

    def moved_to(self, point: tuple[float, float], zoom: float) -> Viewport:
        """The view with a film pixel in its middle."""
        return replace(self, centre=point, zoom=min(zoom, MOST_ZOOM)).kept_in_sight()

    def whole(self) -> Viewport:
        """The whole film."""
        rows, columns = self.size
        middle = ((columns - 1) / 2.0, (rows - 1) / 2.0)
        return replace(self, centre=middle, zoom=self.fit_zoom)

    def on(self, area: Area) -> Viewport:
        """The same view on another area, as after a change of the window's size."""
        resized = replace(self, area=area)
        if np.isclose(self.zoom, self.fit_zoom):
            return resized.whole()
        return resized.kept_in_sight()

    def kept_in_sight(self) -> Viewport:
        """The view moved so far that its middle lies on the film."""
        rows, columns = self.size
        limits = (columns - 0.5, rows - 0.5)
        x, y = np.clip(self.centre, -0.5, limits)
        return replace(self, centre=(float(x), float(y)))


def fitted(size: tuple[int, int], aspect: float, area: Area) -> Viewport:
    """The view that shows a whole film on an area."""
    return Viewport(size, aspect, area, (0.0, 0.0), 1.0).whole()


def _point(xy: FloatArray) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])
