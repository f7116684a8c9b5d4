"""What every film says of itself: its sides, its scale, its legend, plumb line and seams."""

from __future__ import annotations

import numpy as np

from balance.landmarks.model import Landmarks
from balance.report.lettering import text_size
from balance.report.palette import FILM_MARK, FILM_SMALL, FILM_TEXT, MARK
from balance.report.placement import Box
from balance.report.plate import Plate, cased, draw_label, draw_line, write
from balance.report.wording import scale_words

SCALE_BAR_MM = 50.0
EDGE = 9.0
"""Distance of marks from the edge of the film, in points."""
LEGEND = "● point confirmed   ○ not confirmed"
STAR_LEGEND = "   * rests on unconfirmed points"


def draw_side(plate: Plate, landmarks: Landmarks) -> None:
    """Mark the sides: a large R and L, or where the front of the patient is."""
    if landmarks.view == "frontal":
        other = "left" if landmarks.side == "right" else "right"
        _mark(plate, "R", landmarks.side, FILM_MARK, "side.R")
        _mark(plate, "L", other, FILM_MARK, "side.L")
    else:
        text = "anterior ▶" if landmarks.side == "right" else "◀ anterior"
        _mark(plate, text, landmarks.side, 0.5 * FILM_MARK, "side.anterior")


def draw_scale(plate: Plate, landmarks: Landmarks, *, words: bool = True) -> None:
    """Draw the scale bar, and in words where the scale comes from, the vertical and the points.

    Without ``words``, as for a picture whose caption says it, only a missing scale is told.
    """
    film, scale = plate.film, landmarks.scale
    left, bottom = film.left + EDGE, film.bottom + EDGE
    text = "\n".join(film_legend(landmarks)) if words else ""
    if not words and not scale.has_millimetres:
        text = scale_words(scale)
    width, height = text_size(text, plate.letters(FILM_SMALL)) if text else (0.0, 0.0)
    block = Box(left, bottom, left + width, bottom + height)
    if text:
        _put(plate, text, (left, bottom), FILM_SMALL, "scale.words", weight="normal")
    if scale.has_millimetres:
        bar = bottom + height + 7.0
        start = plate.from_points((left, bar))
        end = (start[0] + SCALE_BAR_MM / scale.column_mm, start[1])
        (artist,) = plate.ax.plot(
            [start[0], end[0]],
            [start[1], end[1]],
            "|-",
            color=MARK,
            linewidth=2.0 * plate.share,
            zorder=6,
        )
        artist.set_gid("scale.bar")
        artist.set_path_effects(cased(2.0))
        right = float(plate.pixels_to_points(np.array([end]))[0, 0])
        text, size = f"{SCALE_BAR_MM:g} mm", plate.letters(FILM_TEXT)
        _put(plate, text, (right + 5.0, bar - 0.6 * size), FILM_TEXT, "scale.length")
        text_right = right + 8.0 + text_size(text, size, "bold")[0]
        plate.labels.append(Box(left, bar - 6.0, text_right, bar + 6.0).grown(2.0))
    plate.labels.append(block.grown(2.0))


def film_legend(landmarks: Landmarks) -> tuple[str, str]:
    """Where the scale comes from and what is vertical; what the points' signs say."""
    vertical = "image columns" if landmarks.vertical is None else "plumb line on the film"
    sure = all(point.confirmed for point in landmarks.points.values())
    words = f"{scale_words(landmarks.scale)}; vertical: {vertical}"
    return words, LEGEND if sure else LEGEND + STAR_LEGEND


def draw_plumb_line(plate: Plate, landmarks: Landmarks) -> None:
    """Draw the plumb line of the film, where one was marked."""
    if landmarks.vertical is None:
        return
    ends = landmarks.frame.to_plane(np.array(landmarks.vertical))
    ends = ends[np.argsort(-ends[:, 1])]
    draw_line(plate, ends, MARK, width=1.0, style=":", gid="vertical")
    draw_label(
        plate,
        "plumb line",
        ends[0],
        np.array([1.0, 0.0]),
        MARK,
        size=FILM_SMALL,
        weight="normal",
        gid="label.vertical",
    )


def draw_seams(plate: Plate, landmarks: Landmarks) -> None:
    """Draw where the parts of a stitched film meet."""
    columns = [point.x for point in landmarks.points.values()]
    for number, row in enumerate(landmarks.image.seam_rows):
        ends = np.array([(min(columns), row), (max(columns), row)])
        draw_line(
            plate, landmarks.frame.to_plane(ends), MARK, width=1.0, style="-.", gid=f"seam.{number}"
        )
        draw_label(
            plate,
            "stitching seam",
            landmarks.frame.to_plane(ends[1]),
            np.array([1.0, 0.0]),
            MARK,
            size=FILM_SMALL,
            weight="normal",
            gid=f"label.seam.{number}",
        )


def _mark(plate: Plate, text: str, side: str, size: float, gid: str) -> None:
    width, height = text_size(text, plate.letters(size), "bold")
    film = plate.film
    left = film.left + EDGE if side == "left" else film.right - EDGE - width
    bottom = film.top - EDGE - height
    _put(plate, text, (left, bottom), size, gid)
    plate.labels.append(Box(left, bottom, left + width, bottom + height).grown(4.0))


def _put(
    plate: Plate,
    text: str,
    corner: tuple[float, float],
    size: float,
    gid: str,
    *,
    weight: str = "bold",
) -> None:
    """Write text with its lower left corner at a place of the figure."""
    letters = plate.letters(size)
    write(plate, text, corner, MARK, size=letters, weight=weight, align=("left", "bottom"), gid=gid)
