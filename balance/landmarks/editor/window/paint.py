"""Marks onto the pixels of a matplotlib canvas, by its own Agg renderer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray

from balance.landmarks.editor.window.marks import (
    Area,
    Clipped,
    Dots,
    Fill,
    Mark,
    Pixels,
    Place,
    Shape,
    Text,
)
from balance.report.lettering import font, printable, text_width
from balance.report.palette import CASING

_POINTS = 72.0
_CASED_BY = 1.0
"""Points by which the dark edge is wider than its line, on each side."""
_EDGE_SHARE = 0.75
_SPRITES = 2048
_FULL = 128
ROOMY = 1.15
"""Times its width in points that a line of text may take on the pixel grid."""
_CIRCLE = Path.unit_circle()

Cover = NDArray[np.int16]


class Painter:
    """Paints marks on an Agg renderer; ``unit`` is the number of device pixels in a point."""

    def __init__(self, renderer: Any) -> None:
        self._renderer = renderer
        self._pixels = np.asarray(renderer.buffer_rgba())
        self._flip = Affine2D().scale(1.0, -1.0).translate(0.0, renderer.height)
        self.unit = renderer.dpi / _POINTS

    def paint(self, marks: Iterable[Mark], within: Area) -> None:
        """Paint marks in their order, cut at the edge of an area."""
        for mark in marks:
            if isinstance(mark, Fill):
                self._fill(mark, within)
            elif isinstance(mark, Text):
                self._text(mark, within)
            elif isinstance(mark, Shape):
                self._shape(mark, within)
            elif isinstance(mark, Dots):
                self._dots(mark, within)
            elif isinstance(mark, Clipped):
                inside = mark.area.shared(within)
                if inside is not None:
                    self.paint(mark.marks, inside)
            else:
                self._picture(mark, within)

    def _fill(self, mark: Fill, within: Area) -> None:
        part = self._part(mark.area, within)
        if part is None:
            return
        colour = np.append(_rgb(mark.colour), 255).astype(np.uint8)
        if mark.opacity >= 1.0:
            part.view(np.uint32)[...] = colour.view(np.uint32)
        else:
            over = np.empty(part.shape, np.uint8)
            over.view(np.uint32)[...] = colour.view(np.uint32)
            part[...] = cv2.addWeighted(part, 1.0 - mark.opacity, over, mark.opacity, 0.0)

    def _picture(self, mark: Pixels, within: Area) -> None:
        rows, columns = mark.grey.shape
        area = Area(mark.left, mark.top, mark.left + columns, mark.top + rows)
        part = self._part(area, within)
        if part is None:
            return
        y, x = max(int(within.top) - mark.top, 0), max(int(within.left) - mark.left, 0)
        cut = np.ascontiguousarray(mark.grey[y : y + part.shape[0], x : x + part.shape[1]])
        if part.shape[:2] == cut.shape:
            part[...] = cv2.cvtColor(cut, cv2.COLOR_GRAY2RGBA)

    def _text(self, mark: Text, within: Area) -> None:
        if not mark.text:
            return
        sprite, edge, (ox, oy) = _sprite(
            mark.text, mark.size, mark.weight, self._renderer.dpi, mark.halo
        )
        width = sprite.shape[1] - 2 * ox
        shift = {"left": 0.0, "center": width / 2.0, "right": width}[mark.align]
        left, top = round(mark.x - shift - ox), round(mark.y - oy)
        area = Area(left, top, left + sprite.shape[1], top + sprite.shape[0])
        part = self._part(area, within)
        if part is None:
            return
        y, x = max(int(within.top) - top, 0), max(int(within.left) - left, 0)
        cut = (slice(y, y + part.shape[0]), slice(x, x + part.shape[1]))
        if edge is not None:
            _blend(part, edge[cut], _rgb(CASING))
        _blend(part, sprite[cut], _rgb(mark.colour))

    def _shape(self, mark: Shape, within: Area) -> None:
        if not any(mark.lines):
            return
        path = _path(mark.lines, mark.closed)
        face = (*to_rgb(mark.face), 1.0) if mark.face else None
        if mark.cased and mark.edge:
            wide = mark.width + 2 * _CASED_BY
            self._draw(path, within, CASING, wide, alpha=0.55)
        self._draw(path, within, mark.edge, mark.width, mark.dash, face=face)

    def _dots(self, mark: Dots, within: Area) -> None:
        if not mark.places:
            return
        at = Path(np.asarray(mark.places, float))
        face = (*to_rgb(mark.face), 1.0) if mark.face else None
        size = Affine2D().scale(mark.radius * self.unit)
        rounds = [(mark.edge, mark.width, face, 1.0)]
        if mark.cased:
            rounds.insert(0, (CASING, mark.width + 2 * _CASED_BY, None, 0.55))
        # Markers, unlike paths, are cut one pixel too far to the right and below.
        inside = Area(within.left, within.top, within.right - 1, within.bottom - 1)
        for edge, width, filling, alpha in rounds:
            gc = self._gc(edge, width, inside, alpha)
            self._renderer.draw_markers(gc, _CIRCLE, size, at, self._flip, filling)
            gc.restore()

    def _draw(
        self,
        path: Path,
        within: Area,
        colour: str,
        width: float,
        dash: tuple[float, ...] = (),
        *,
        face: tuple[float, ...] | None = None,
        alpha: float = 1.0,
    ) -> None:
        gc = self._gc(colour, width, within, alpha)
        if dash:
            gc.set_dashes(0.0, [length * self.unit for length in dash])
        self._renderer.draw_path(gc, path, self._flip, face)
        gc.restore()

    def _gc(self, colour: str, width: float, within: Area, alpha: float) -> Any:
        gc = self._renderer.new_gc()
        gc.set_linewidth(width * self.unit if colour else 0.0)
        gc.set_foreground((*to_rgb(colour or CASING), alpha), isRGBA=True)
        gc.set_alpha(alpha)
        gc.set_joinstyle("round")
        gc.set_capstyle("butt")
        height = self._renderer.height
        low, high = height - within.bottom, height - within.top
        gc.set_clip_rectangle(Bbox.from_extents(within.left, low, within.right, high))
        return gc

    def _part(self, area: Area, within: Area) -> NDArray[np.uint8] | None:
        """The pixels of an area, as far as it lies in another; None where there are none."""
        rows, columns = self._pixels.shape[:2]
        seen = within.shared(Area(0, 0, columns, rows))
        found = None if seen is None else area.shared(seen)
        if found is None:
            return None
        rows_shown = slice(round(found.top), round(found.bottom))
        return self._pixels[rows_shown, round(found.left) : round(found.right)]


def _path(lines: tuple[tuple[Place, ...], ...], closed: bool) -> Path:
    vertices: list[Place] = []
    codes: list[np.uint8] = []
    for line in lines:
        vertices += line
        codes += [Path.MOVETO, *[Path.LINETO] * (len(line) - 1)]
        if closed:
            vertices.append(line[0])
            codes.append(Path.CLOSEPOLY)
    return Path(np.asarray(vertices, float), codes)


def _blend(part: NDArray[np.uint8], cover: Cover, colour: Cover) -> None:
    """Lay a colour over pixels, as far as it covers them (0 to 128: products fit 16 bits)."""
    under = part[..., :3].astype(np.int16)
    part[..., :3] = under + ((colour - under) * cover[..., None] >> 7)


@lru_cache(maxsize=64)
def _rgb(colour: str) -> Cover:
    return np.round(np.array(to_rgb(colour)) * 255.0).astype(np.int16)


@lru_cache(maxsize=_SPRITES)
def _sprite(
    text: str, size: float, weight: str, dpi: float, halo: bool
) -> tuple[Cover, Cover | None, tuple[int, int]]:
    """How far a line of text covers its pixels, a wider edge of it, and where its baseline starts.

    Text is the slow part of a frame, and most of it stays the same from frame to frame.
    """
    text = printable(text)
    unit = dpi / _POINTS
    margin = int(np.ceil(0.35 * size * unit)) + 2
    width = int(np.ceil(text_width(text, size, weight) * unit * ROOMY)) + 2 * margin
    height = int(np.ceil(1.5 * size * unit)) + 2 * margin
    below = int(np.ceil(0.4 * size * unit)) + margin
    renderer: Any = RendererAgg(width, height, dpi)  # type: ignore[no-untyped-call]
    gc = renderer.new_gc()
    gc.set_foreground("white")
    prop = font(weight).copy()
    prop.set_size(size)
    renderer.draw_text(gc, margin, height - below, text, prop, 0.0)
    cover = np.asarray(renderer.buffer_rgba())[..., 3]
    inked = np.flatnonzero(cover.any(axis=0))
    cover = cover[:, : (int(inked[-1]) + 1 if inked.size else margin) + margin]
    edge = None
    if halo:
        reach = max(round(1.1 * unit), 1)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        wide = cv2.GaussianBlur(cv2.dilate(cover, kernel), (3, 3), 0)
        edge = (wide * (_EDGE_SHARE * _FULL / 255.0)).astype(np.int16)
    return np.round(cover * (_FULL / 255.0)).astype(np.int16), edge, (margin, height - below)
