"""What both views show of the spine: vertebrae, femoral heads, points, levels."""

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
from balance.metrics.catalogue import FilmValues
from balance.radiograph import FloatArray
from balance.report.palette import BONE, FILM_SMALL, LEVEL, POINT
from balance.report.placement import bounding_box
from balance.report.plate import Plate, cased, draw_label

LEVEL_REACH = 9.0
NAMED_FIRST = ("C2", "C7", "T1", "T4", "T12", "L1", "L5", "S1")
BACK = np.array([-1.0, 0.0])


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
