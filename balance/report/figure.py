"""The figure of one examination: its films with what was measured, and the values beside them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import cv2
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from balance.analysis import Analysis
from balance.metrics.catalogue import FilmValues
from balance.radiograph import View
from balance.report.film_marks import draw_plumb_line, draw_scale, draw_seams, draw_side
from balance.report.lettering import font
from balance.report.overlay import draw_heads, draw_levels, draw_points, draw_vertebrae
from balance.report.overlay_frontal import draw_coronal
from balance.report.overlay_lateral import draw_sagittal
from balance.report.palette import FILM_BACKGROUND, INK, PAPER
from balance.report.panel import PANEL_WIDTH, draw_panel, panel_height
from balance.report.placement import Box
from balance.report.plate import plate_on
from balance.report.view import visible_part
from balance.report.wording import film_title
from balance.writing import write_atomically

Picture = NDArray[np.uint8]

FILM_HEIGHT, FILM_WIDTH, TITLE, MARGIN, GAP = 10.0, 8.5, 0.32, 0.3, 0.25
"""Inches; a film is as high or as wide as these allow."""
DPI = 150
MOST_ROWS = 1600
BRIGHTEST = 290
SAME_SHAPE = 0.01
"""Relative difference up to which a picture counts as the whole film, made smaller."""


def draw_film(
    ax: Axes, film: FilmValues, image: Picture | None = None, *, words: bool = True
) -> Axes:
    """Draw one measured film on axes: picture, points and constructions, side and scale.

    The axes are in pixels of the stored film, x to the right and y down, in true proportions.

    Parameters
    ----------
    ax
        Axes of a figure whose size is settled: labels are placed for it.
    film
        The measured film.
    image
        Rows x columns, uint8, as it is to be seen; None for the points alone. A picture that was
        made smaller is stretched over the film that ``landmarks.image`` describes.
    words
        Whether the film says where its scale comes from; without, a caption must.

    Returns
    -------
    Axes
        The same axes.
    """
    landmarks = film.landmarks
    part = visible_part(landmarks, None if image is None else _film_size(film, image))
    ax.set_facecolor(FILM_BACKGROUND)
    if image is not None:
        _show(ax, image, _film_size(film, image), part)
    ax.set_xlim(part.left, part.right)
    ax.set_ylim(part.top, part.bottom)
    ax.set_aspect(landmarks.scale.row_mm / landmarks.scale.column_mm, adjustable="box", anchor="N")
    ax.set_axis_on()
    ax.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    plate = plate_on(ax, landmarks.frame)
    # What has a fixed place comes first; labels that may move look for room afterwards.
    draw_side(plate, landmarks)
    draw_scale(plate, landmarks, words=words)
    draw_vertebrae(plate, film)
    draw_heads(plate, film)
    draw_points(plate, film)
    draw_levels(plate, film)
    (draw_sagittal if landmarks.view == "lateral" else draw_coronal)(plate, film)
    draw_plumb_line(plate, landmarks)
    draw_seams(plate, landmarks)
    return ax


def draw_analysis(analysis: Analysis, images: Mapping[View, Picture | None]) -> Figure:
    """Draw an examination: each film that is there, and the values in words beside them.

    Parameters
    ----------
    analysis
        What is shown. The figure holds no name, no number and no file name.
    images
        The pictures by view, as in :func:`draw_film`; a view may be missing.

    Returns
    -------
    Figure
        With an Agg canvas, independent of pyplot and of the user's settings.
    """
    with matplotlib.style.context("default"):
        widths = [_width(film, images.get(view)) for view, film in analysis.films.items()]
        width = 2 * MARGIN + sum(widths) + GAP * len(widths) + PANEL_WIDTH
        shapes = [film_shape(film, images.get(view)) for view, film in analysis.films.items()]
        tall = max(w / shape for w, shape in zip(widths, shapes, strict=True))
        # Lying spines make low films: the page is then only as high as the values need.
        tall = min(max(tall, panel_height(analysis) - TITLE), FILM_HEIGHT)
        height = 2 * MARGIN + TITLE + tall
        figure = Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        left = MARGIN
        for (view, film), film_width in zip(analysis.films.items(), widths, strict=True):
            box = (left / width, MARGIN / height, film_width / width, tall / height)
            draw_film(figure.add_axes(box, label=view), film, images.get(view))
            figure.text(
                left / width,
                (MARGIN + tall + 0.1) / height,
                film_title(film.landmarks),
                fontproperties=font("bold"),
                fontsize=10.5,
                color=INK,
                parse_math=False,
            )
            left += film_width + GAP
        full = (height - 2 * MARGIN) / height
        box = (left / width, MARGIN / height, PANEL_WIDTH / width, full)
        draw_panel(figure.add_axes(box, label="values"), analysis)
    return figure


def film_picture(
    film: FilmValues,
    image: Picture | None = None,
    *,
    inches: tuple[float, float] | None = None,
    dpi: int = DPI,
) -> bytes:
    """One measured film alone as PNG; the same input gives the same bytes.

    Parameters
    ----------
    inches
        Width and height in print: its letters are readable there, its caption says where the
        scale comes from.
    """
    words = inches is None
    with matplotlib.style.context("default"):
        if inches is None:
            width = _width(film, image)
            inches = width, min(FILM_HEIGHT, width / film_shape(film, image))
        figure = Figure(figsize=inches, dpi=dpi, facecolor=PAPER)
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0), label=film.landmarks.view)
        draw_film(ax, film, image, words=words)
        return _png(figure)


def save_figure(
    analysis: Analysis, images: Mapping[View, Picture | None], path: str | Path
) -> None:
    """Write the figure of an examination as PNG, whole or not at all.

    The file carries no text chunks, and the same input gives the same bytes.

    Raises
    ------
    OSError
        The folder is missing or not writable.
    """
    with matplotlib.style.context("default"):
        content = _png(draw_analysis(analysis, images))
    write_atomically(Path(path), content)


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=figure.dpi, metadata={"Software": None})
    return content.getvalue()


def _width(film: FilmValues, image: Picture | None) -> float:
    return min(FILM_HEIGHT * film_shape(film, image), FILM_WIDTH)


def film_shape(film: FilmValues, image: Picture | None) -> float:
    """Width over height of the part that is shown, in true proportions."""
    landmarks = film.landmarks
    part = visible_part(landmarks, None if image is None else _film_size(film, image))
    aspect = landmarks.scale.row_mm / landmarks.scale.column_mm
    return (part.right - part.left) / ((part.top - part.bottom) * aspect)


def _film_size(film: FilmValues, image: Picture) -> tuple[int, int]:
    """Rows and columns of the stored film: the document's where the picture has its proportions."""
    rows, columns = film.landmarks.image.rows, film.landmarks.image.columns
    shown = image.shape[0] / image.shape[1]
    if rows and columns and abs(rows / columns / shown - 1.0) <= SAME_SHAPE:
        return rows, columns
    return int(image.shape[0]), int(image.shape[1])


def _show(ax: Axes, image: Picture, size: tuple[int, int], part: Box) -> None:
    """Show the visible part of a picture, averaged down to what a figure can hold."""
    rows, columns = size
    fy, fx = image.shape[0] / rows, image.shape[1] / columns
    first = max(int((part.bottom + 0.5) * fy), 0), max(int((part.left + 0.5) * fx), 0)
    last = (
        min(int(np.ceil((part.top + 0.5) * fy)), image.shape[0]),
        min(int(np.ceil((part.right + 0.5) * fx)), image.shape[1]),
    )
    if last[0] <= first[0] or last[1] <= first[1]:
        return
    cut = np.ascontiguousarray(image[first[0] : last[0], first[1] : last[1]])
    if cut.shape[0] > MOST_ROWS:
        reduced = (max(round(cut.shape[1] * MOST_ROWS / cut.shape[0]), 1), MOST_ROWS)
        cut = np.asarray(cv2.resize(cut, reduced, interpolation=cv2.INTER_AREA), np.uint8)
    extent = (
        first[1] / fx - 0.5,
        last[1] / fx - 0.5,
        last[0] / fy - 0.5,
        first[0] / fy - 0.5,
    )
    # A little darker than full range, so that lines and letters read on bright bone.
    artist = ax.imshow(cut, cmap="gray", vmin=0, vmax=BRIGHTEST, extent=extent, zorder=0)
    artist.set_gid("film")
