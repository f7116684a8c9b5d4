"""What both views show: vertebrae, points, levels, side, scale, plumb line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Ellipse

from balance.anatomy import (
    ENDPLATES,
    LEVELS,
    OTHER_SACRUM,
    body_names,
    plate_names,
)
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues
from balance.radiograph import FloatArray
from balance.report.lettering import font, text_size
from balance.report.palette import (
    BONE,
    FILM_MARK,
    FILM_SMALL,
    FILM_TEXT,
    LEVEL,
    MARK,
    POINT,
)
from balance.report.placement import Box, bounding_box
from balance.report.plate import Plate, cased, draw_label, draw_line
from balance.report.wording import scale_words

SCALE_BAR_MM = 50.0
EDGE = 9.0
"""Distance of marks from the edge of the film, in points."""
LEVEL_REACH = 9.0
NAMED_FIRST = ("C2", "C7", "T1", "T4", "T12", "L1", "L5", "S1")
BACK = np.array([-1.0, 0.0])
LEGEND = "● point confirmed   ○ not confirmed"
STAR_LEGEND = "   * rests on unconfirmed points"


def draw_vertebrae(plate: Plate, film: FilmValues) -> None:
    """Draw body outlines thinly and endplates as lines, dashed where a corner is unconfirmed."""
    points, view = film.landmarks.points, film.landmarks.view
    levels = (*LEVELS, OTHER_SACRUM)
    outlines = []
    for level in levels:
        names = body_names(level, view)
        if all(name in points for name in names):
            first, second, third, fourth = (_pixel(film, name) for name in names)
            outlines.append([first, second, fourth, third, first])
    plates = [names for level in levels for names in _plates(film, level)]
    sure = [names for names in plates if all(points[name].confirmed for name in names)]
    unsure = [names for names in plates if names not in sure]
    for segments, width, style, gid in (
        (outlines, 0.6, "solid", "outlines"),
        (_segments(film, sure), 1.3, "solid", "endplates.confirmed"),
        (_segments(film, unsure), 1.3, (0, (2.5, 1.5)), "endplates.unconfirmed"),
    ):
        width *= plate.share
        artist = LineCollection(segments, colors=BONE, linewidths=width, linestyles=style, zorder=3)
        artist.set_gid(gid)
        artist.set_path_effects(cased(width, 0.6))
        plate.ax.add_collection(artist, autolim=False)
    for line in (*outlines, *_segments(film, plates)):
        plate.bones.append(bounding_box(plate.pixels_to_points(np.array(line))))


def draw_heads(plate: Plate, film: FilmValues) -> None:
    """Draw femoral heads as circles of their radius, where it is known."""
    scale = film.landmarks.scale
    for name, point in film.landmarks.points.items():
        if not name.startswith("femoral_head") or point.radius is None:
            continue
        height = 2 * point.radius * scale.column_mm / scale.row_mm
        style = "-" if point.confirmed else "--"
        circle = Ellipse(
            (point.x, point.y),
            2 * point.radius,
            height,
            fill=False,
            edgecolor=BONE,
            linewidth=1.2 * plate.share,
            linestyle=style,
            zorder=3,
        )
        circle.set_gid(f"head.{name}")
        circle.set_path_effects(cased(1.2, 0.6))
        plate.ax.add_patch(circle)
        reach = np.array([[-1.0, -1.0], [1.0, 1.0]]) * (point.radius, height / 2.0)
        corners = np.array([point.x, point.y]) + reach
        plate.bones.append(bounding_box(plate.pixels_to_points(corners)))


def draw_points(plate: Plate, film: FilmValues) -> None:
    """Draw every point: filled when confirmed, hollow when not, larger where it stands alone."""
    corners = {name for level in LEVELS for name in body_names(level, film.landmarks.view)}
    for confirmed in (True, False):
        for size, alone in ((2.6, False), (4.6, True)):
            names = [
                name
                for name, point in film.landmarks.points.items()
                if point.confirmed is confirmed and (name not in corners) is alone
            ]
            if not names:
                continue
            x, y = np.array([_pixel(film, name) for name in names]).T
            (artist,) = plate.ax.plot(
                x,
                y,
                linestyle="none",
                marker="o",
                markersize=plate.share * (size if confirmed else size + 1.2),
                markerfacecolor=POINT if confirmed else "none",
                markeredgecolor=POINT,
                markeredgewidth=0.0 if confirmed else 0.9,
                zorder=5,
            )
            artist.set_gid("points.confirmed" if confirmed else "points.unconfirmed")
            artist.set_path_effects(cased(0.4, 0.6))


def draw_levels(plate: Plate, film: FilmValues) -> None:
    """Name the levels beside them: behind the spine, on a frontal film on the patient's left."""
    # Where room is short the levels that values rest on keep their names.
    for level in sorted(LEVELS, key=lambda level: level not in NAMED_FIRST):
        wall = _wall(film, level)
        if wall is not None:
            draw_label(
                plate,
                level,
                *wall,
                LEVEL,
                size=FILM_SMALL,
                weight="normal",
                gid=f"level.{level}",
                furthest=LEVEL_REACH,
            )


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
        _put(plate, text, (left, bottom), FILM_SMALL, "normal", "scale.words")
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
        _put(plate, text, (right + 5.0, bar - 0.6 * size), FILM_TEXT, "bold", "scale.length")
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


def _pixel(film: FilmValues, name: str) -> tuple[float, float]:
    point = film.landmarks.points[name]
    return point.x, point.y


def _segments(
    film: FilmValues, plates: Sequence[tuple[str, str]]
) -> list[list[tuple[float, float]]]:
    return [[_pixel(film, first), _pixel(film, second)] for first, second in plates]


def _wall(film: FilmValues, level: str) -> tuple[FloatArray, FloatArray] | None:
    """The middle of the wall beside which a level is named, and the direction away from it."""
    view, sites = film.landmarks.view, film.sites
    there = list(_plates(film, level))
    if there:
        ends = sites.at([name for names in there for name in names]).reshape(-1, 2, 2).mean(axis=0)
        outward = (ends[0] - ends[1]) / np.hypot(*(ends[0] - ends[1]))
        if len(there) == 1:
            # The name of a lone endplate goes to the side of its body.
            into_body = np.array([-outward[1], outward[0]])
            if "inferior" in there[0][0]:
                into_body = -into_body
            outward = (outward + into_body) / np.sqrt(2.0)
        return ends[0], outward
    centroid = f"{level}_centroid"
    if sites.has([centroid]):
        return sites.at([centroid])[0], BACK
    lone = [
        name
        for endplate in ENDPLATES
        for name in plate_names(level, endplate, view)
        if name in film.landmarks.points
    ]
    return (sites.at(lone)[0], BACK) if lone else None


def _plates(film: FilmValues, level: str) -> Iterator[tuple[str, str]]:
    for endplate in ENDPLATES:
        names = plate_names(level, endplate, film.landmarks.view)
        if all(name in film.landmarks.points for name in names):
            yield names


def _mark(plate: Plate, text: str, side: str, size: float, gid: str) -> None:
    width, height = text_size(text, plate.letters(size), "bold")
    film = plate.film
    left = film.left + EDGE if side == "left" else film.right - EDGE - width
    bottom = film.top - EDGE - height
    _put(plate, text, (left, bottom), size, "bold", gid)
    plate.labels.append(Box(left, bottom, left + width, bottom + height).grown(4.0))


def _put(
    plate: Plate, text: str, corner: tuple[float, float], size: float, weight: str, gid: str
) -> None:
    """Write text with its lower left corner at a place of the figure."""
    x, y = plate.from_points(corner)
    artist = plate.ax.text(
        x,
        y,
        text,
        color=MARK,
        ha="left",
        va="bottom",
        fontproperties=font(weight),
        fontsize=plate.letters(size),
        linespacing=1.15,
        parse_math=False,
        clip_on=True,
        zorder=6,
    )
    artist.set_gid(gid)
    artist.set_path_effects(cased(0.4, 1.1))
