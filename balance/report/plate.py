"""A film on axes: drawing in the patient's plane, labels that keep clear of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import AbstractPathEffect, withStroke

from balance.radiograph import FloatArray, Frame
from balance.report.lettering import font, printable, text_size
from balance.report.palette import CASING, FILM_TEXT
from balance.report.placement import Box, box_around, place_label

POINTS_PER_INCH = 72.0
SMALLEST = 7.0
"""Letters in points, however small the film."""
FULL_SIZE = (8.5, 10.0)
"""Inches of a film that letters and lines have their full size on."""
LABEL_MARGIN, TIGHT_MARGIN = 2.0, 0.3
"""Points around a label; the tight one around labels that keep close to their anchor."""
LEADER_FROM = 12.0
"""Distance in points from which a label is tied to its place by a line."""
WIDEST_EDGE = 2.6
"""Points of the dark edge of letters, however large these are."""
ARC_STEPS = 40
CLEAR_STEP = 6.0
"""Points; lines count as a chain of boxes of this size when labels look for room."""


@dataclass(frozen=True, slots=True)
class Plate:
    """Axes in the pixels of a film, whose plane coordinates are drawn on.

    ``labels`` and ``bones`` fill up while the film is drawn: boxes, in points of the figure, that
    later labels must and should keep clear of. ``share`` is the size of letters and lines, 1 on a
    film of full size.
    """

    ax: Axes
    frame: Frame
    film: Box
    share: float = 1.0
    labels: list[Box] = field(default_factory=list)
    bones: list[Box] = field(default_factory=list)

    @property
    def per_unit(self) -> float:
        """Points of the figure for one plane unit."""
        ends = self.to_points(np.array([[0.0, 0.0], [0.0, 1.0]]))
        return float(np.hypot(*(ends[1] - ends[0])))

    def letters(self, size: float) -> float:
        """The size of letters that have this size on a film of full size."""
        return max(size * self.share, min(size, SMALLEST))

    def reach(self, points: float) -> float:
        """A length in the plane, from points on a film of full size."""
        return points * self.share / self.per_unit

    def to_points(self, plane: FloatArray) -> FloatArray:
        """Plane points (n, 2) in points of the figure, y up."""
        return self.pixels_to_points(self.frame.to_pixels(plane))

    def pixels_to_points(self, pixels: FloatArray) -> FloatArray:
        """Pixels (n, 2) in points of the figure, y up."""
        shown = self.ax.transData.transform(pixels)
        return np.asarray(shown, float) * POINTS_PER_INCH / self._dpi

    def from_points(self, points: Sequence[float] | FloatArray) -> tuple[float, float]:
        """A place on the figure as a pixel of the film."""
        display = np.asarray(points, float) * self._dpi / POINTS_PER_INCH
        x, y = self.ax.transData.inverted().transform(display)
        return float(x), float(y)

    @property
    def _dpi(self) -> float:
        figure = self.ax.get_figure(root=True)
        assert figure is not None
        return float(figure.dpi)


def plate_on(ax: Axes, frame: Frame) -> Plate:
    """The plate of axes whose limits and aspect are set."""
    ax.apply_aspect()
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.bbox.frozen()
    inch = POINTS_PER_INCH / float(figure.dpi)
    film = Box(box.x0 * inch, box.y0 * inch, box.x1 * inch, box.y1 * inch)
    sides = (film.right - film.left, film.top - film.bottom)
    fills = (side / POINTS_PER_INCH / full for side, full in zip(sides, FULL_SIZE, strict=True))
    # Less than in proportion: a small film is looked at from nearer.
    return Plate(ax, frame, film, min(max(fills), 1.0) ** 0.5)


def cased(width: float, by: float = 0.6) -> list[AbstractPathEffect]:
    """A dark edge, so that a line reads on bright bone too."""
    return [withStroke(linewidth=width + 2 * by, foreground=CASING, alpha=0.5)]


def draw_line(
    plate: Plate,
    plane: FloatArray,
    colour: str,
    *,
    width: float = 1.2,
    style: str = "-",
    gid: str = "",
) -> None:
    """Draw a line through plane points (n, 2)."""
    width *= plate.share
    x, y = plate.frame.to_pixels(np.asarray(plane, float)).T
    (artist,) = plate.ax.plot(
        x, y, style, color=colour, linewidth=width, solid_capstyle="butt", zorder=4
    )
    artist.set_gid(gid or None)
    artist.set_path_effects(cased(width))
    keep_clear(plate, plane)


def keep_clear(plate: Plate, plane: FloatArray) -> None:
    """Let later labels keep off a line through plane points."""
    shown = plate.to_points(np.asarray(plane, float))
    for first, second in pairwise(shown):
        steps = max(int(np.hypot(*(second - first)) / CLEAR_STEP), 1)
        for share in (np.arange(steps) + 0.5) / steps:
            centre = first + share * (second - first)
            plate.bones.append(box_around(centre, CLEAR_STEP, CLEAR_STEP))


def draw_arc(
    plate: Plate,
    centre: FloatArray,
    start: FloatArray,
    end: FloatArray,
    *,
    radius: float,
    colour: str,
) -> FloatArray:
    """Draw the arc from one plane direction to another; returns its middle in the plane."""
    first, last = np.arctan2(start[1], start[0]), np.arctan2(end[1], end[0])
    sweep = (last - first + np.pi) % (2 * np.pi) - np.pi
    angles = first + np.linspace(0.0, sweep, ARC_STEPS)
    arc = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    draw_line(plate, arc, colour, width=1.6)
    middle: FloatArray = arc[ARC_STEPS // 2]
    return middle


def draw_label(
    plate: Plate,
    text: str,
    anchor: FloatArray,
    outward: FloatArray,
    colour: str,
    *,
    size: float = FILM_TEXT,
    weight: str = "bold",
    gid: str = "",
    furthest: float | None = None,
) -> bool:
    """Write a label beside a plane point, where there is room; False where there is none.

    Parameters
    ----------
    anchor
        What the label names, in the plane.
    outward
        Direction in the plane in which room is sought first.
    furthest
        Greatest distance from the anchor in points, whatever it covers there but other labels;
        without it the label may lie anywhere and is tied to its anchor by a line.
    """
    text, size = printable(text), plate.letters(size)
    here, there = plate.to_points(np.stack([anchor, anchor + outward]))
    towards = (there - here) / max(float(np.hypot(*(there - here))), 1e-9)
    width, height = text_size(text, size, weight)
    margin = LABEL_MARGIN if furthest is None else TIGHT_MARGIN
    box = place_label(
        (width + 2 * margin, height + 2 * margin),
        here,
        towards,
        within=plate.film.grown(-3.0),
        labels=plate.labels,
        bones=plate.bones if furthest is None else (),
        furthest=furthest,
    )
    if box is None:
        return False
    plate.labels.append(box)
    write(plate, text, box.centre, colour, size=size, weight=weight, gid=gid)
    if furthest is None:
        draw_leader(plate, here, box, colour)
    return True


def draw_leader(plate: Plate, anchor: FloatArray, box: Box, colour: str) -> None:
    """Tie a label to its anchor, in points of the figure, where it lies away from it."""
    nearest = np.clip(anchor, (box.left, box.bottom), (box.right, box.top))
    if np.hypot(*(nearest - anchor)) > LEADER_FROM:
        (x1, y1), (x2, y2) = plate.from_points(anchor), plate.from_points(nearest)
        plate.ax.plot([x1, x2], [y1, y2], color=colour, linewidth=0.7, alpha=0.9, zorder=3)


def write(
    plate: Plate,
    text: str,
    place: Sequence[float],
    colour: str,
    *,
    size: float,
    weight: str = "bold",
    align: tuple[str, str] = ("center", "center"),
    gid: str = "",
) -> None:
    """Write text at a place of the figure in points, in letters of this size, with a dark edge."""
    x, y = plate.from_points(place)
    artist = plate.ax.text(
        x,
        y,
        text,
        color=colour,
        ha=align[0],
        va=align[1],
        fontproperties=font(weight),
        fontsize=size,
        linespacing=1.15,
        parse_math=False,
        clip_on=True,
        zorder=6,
    )
    artist.set_gid(gid or None)
    edge = min(0.22 * size, WIDEST_EDGE)
    artist.set_path_effects([withStroke(linewidth=edge, foreground=CASING, alpha=0.7)])
