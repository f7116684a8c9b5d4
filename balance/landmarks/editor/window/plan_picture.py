"""The film cut and turned along a plan, for the part of it that is in view."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.display import Picture
from balance.landmarks.editor.plan_outcome import Outcome, before_the_turn
from balance.landmarks.editor.window.picture import GROUND_GREY, FilmPicture, Greys
from balance.landmarks.editor.window.viewport import Viewport
from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray
from balance.report.placement import Box
from balance.report.plan_film import planned_film

MOST_PIXELS = 260_000
"""Of a picture that is cut anew for every step of the wheel; it is enlarged for the screen."""
_COARSE = 96.0
"""Longest side, in pixels, of the trial that tells where anything of the film lies."""
_MARGIN = 2.0


class PlanPicture:
    """Pictures of a planned film for any view and greys."""

    def __init__(self, film: FilmPicture) -> None:
        self._film = film
        self._base_of: tuple[object, ...] = ()
        self._base: Picture | None = None

    def seen(self, outcome: Outcome, view: Viewport, greys: Greys) -> Picture:
        """The planned film on the area of a view; nothing where no part of it lies."""
        if not outcome.cuts.corrections and not outcome.turn_deg:
            return self._film.seen(view, greys)
        size = round(view.area.height), round(view.area.width)
        marks = self._sized(outcome.state.landmarks)
        part = _filled(_in_view(outcome, view), marks, outcome)
        if part is None:
            return np.full(size, GROUND_GREY, np.uint8)
        pixels = (part.right - part.left) * (part.top - part.bottom) * view.zoom**2 * view.aspect
        # Halves of an octave, so that the base is kept while the view is moved.
        share = 2.0 ** (np.floor(2.0 * np.log2(min(1.0, (MOST_PIXELS / pixels) ** 0.5))) / 2.0)
        base = self._based(view.zoom * share, view.zoom * share * view.aspect, greys)
        cut = planned_film(base, marks, outcome.cuts, part).picture
        # The film itself is never quite black in the base, so this is what no part of it covers.
        cut[cut == 0] = GROUND_GREY
        film = self._film.film
        per_pixel = np.array([base.shape[1] / film.columns, base.shape[0] / film.rows])
        to_cut = _to_part(outcome, view, part, per_pixel)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(
            cut, to_cut, (size[1], size[0]), flags=flags, borderValue=float(GROUND_GREY)
        )
        return np.asarray(seen, np.uint8)

    def _sized(self, marks: Landmarks) -> Landmarks:
        """The landmarks with the size of the film, which their document need not tell."""
        film = self._film.film
        return replace(marks, image=replace(marks.image, rows=film.rows, columns=film.columns))

    def _based(self, across: float, down: float, greys: Greys) -> Picture:
        """The whole film in these screen pixels per column and row."""
        wanted = (across, down, greys)
        if self._base is None or wanted != self._base_of:
            film = self._film.film
            rows, columns = max(round(film.rows * down), 1), max(round(film.columns * across), 1)
            x, y = film.columns / columns, film.rows / rows
            # The middle of pixel 0 lies half a pixel from the edge, however large the pixels are.
            to_film = np.array([[x, 0.0, 0.5 * x - 0.5], [0.0, y, 0.5 * y - 0.5]])
            self._base = np.maximum(self._film.sampled(to_film, (rows, columns), greys), 1)
            self._base_of = wanted
        return self._base


def _in_view(outcome: Outcome, view: Viewport) -> Box:
    """What the view shows, in pixels of the planned film before pelvis and spine turned."""
    area = view.area
    corners = [(x, y) for x in (area.left, area.right) for y in (area.top, area.bottom)]
    return _around(before_the_turn(outcome, view.to_film(corners)))


def _filled(seen: Box, marks: Landmarks, outcome: Outcome) -> Box | None:
    """The smaller part of it in which anything of the film lies; None where nothing does."""
    rows, columns = marks.image.rows or 1, marks.image.columns or 1
    longest = max(seen.right - seen.left, seen.top - seen.bottom)
    share = _COARSE / longest
    sheet = np.full((max(round(rows * share), 2), max(round(columns * share), 2)), 255, np.uint8)
    there: NDArray[np.uint8] = planned_film(sheet, marks, outcome.cuts, seen).picture
    if not there.any():
        return None
    y, x = np.nonzero(there)
    step = longest / _COARSE
    found = Box(
        seen.left + (x.min() - _MARGIN) * step,
        seen.bottom + (y.min() - _MARGIN) * step,
        seen.left + (x.max() + 1 + _MARGIN) * step,
        seen.bottom + (y.max() + 1 + _MARGIN) * step,
    )
    return Box(
        max(found.left, seen.left),
        max(found.bottom, seen.bottom),
        min(found.right, seen.right),
        min(found.top, seen.top),
    )


def _to_part(outcome: Outcome, view: Viewport, part: Box, per_pixel: FloatArray) -> FloatArray:
    """2 x 3: the pixel of the cut picture for each pixel of the area."""
    area = view.area
    screen = [(area.left + x + 0.5, area.top + y + 0.5) for x, y in ((0, 0), (1, 0), (0, 1))]
    film = before_the_turn(outcome, view.to_film(screen))
    origin, right, below = (film - (part.left, part.bottom)) * per_pixel - 0.5
    return np.column_stack([right - origin, below - origin, origin])


def _around(pixels: FloatArray) -> Box:
    (left, top), (right, bottom) = pixels.min(axis=0), pixels.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
