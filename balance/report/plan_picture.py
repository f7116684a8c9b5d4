"""The pictures of a plan: the film before and after, at one scale and side by side."""

from __future__ import annotations

import io
from dataclasses import dataclass

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film
from balance.planning.plan import Plan
from balance.planning.planned import PlanAnalysis
from balance.planning.rod import Rod
from balance.report.document import Picture
from balance.report.film_marks import draw_plumb_line, draw_scale, draw_side
from balance.report.overlay import draw_heads, draw_levels, draw_points, draw_vertebrae
from balance.report.overlay_frontal import draw_coronal
from balance.report.overlay_lateral import draw_sagittal
from balance.report.palette import FILM_BACKGROUND, PAPER
from balance.report.placement import Box
from balance.report.plan_film import Picture as Pixels
from balance.report.plan_film import planned_film
from balance.report.plan_overlay import draw_hinges, draw_rod, draw_wedges
from balance.report.plate import Plate, plate_on
from balance.report.view import visible_part

WIDEST_MM, HIGHEST_MM = 88.0, 132.0
"""Of one of two pictures side by side on a page."""
MM_PER_INCH = 25.4
DPI = 220
BRIGHTEST = 290


@dataclass(frozen=True, slots=True)
class _Shown:
    """Pixels and the part of the film's pixel plane that they fill."""

    pixels: Pixels | None
    part: Box


def plan_pictures(
    analysis: PlanAnalysis, seen: Pixels | None, highest_mm: float = HIGHEST_MM
) -> tuple[Picture, ...]:
    """The film before and after a plan; before alone where nothing is planned.

    Parameters
    ----------
    seen
        The film as it is to be seen; None for the points alone.
    highest_mm
        What the page has room for.
    """
    marks, plan = analysis.landmarks, analysis.plan
    part = _around(visible_part(marks, None), visible_part(analysis.planned, None))
    whole = None if seen is None else _whole(marks, seen)
    before = _picture(measure_film(marks), _Shown(seen, whole or part), part, plan, highest_mm)
    if not plan.corrections and not plan.leg_lift_right_mm:
        return (Picture("before", before[0], "png", "the film", before[1]),)
    cut = None if seen is None else planned_film(seen, marks, plan, part).picture
    rod = analysis.rod if isinstance(analysis.rod, Rod) else None
    film = measure_film(analysis.planned)
    after = _picture(film, _Shown(cut, part), part, plan, highest_mm, planned=True, rod=rod)
    words = "before: hinges as rings; what closes in unbroken lines, what opens in broken ones"
    return (
        Picture("before", before[0], "png", words, before[1]),
        Picture("after", after[0], "png", _words_after(marks, rod), after[1]),
    )


def _words_after(landmarks: Landmarks, rod: Rod | None) -> str:
    words = "planned, the pelvis unchanged" if landmarks.view == "lateral" else "planned"
    return f"{words}; the rod behind the vertebrae" if rod is not None else words


def _picture(
    film: FilmValues,
    shown: _Shown,
    part: Box,
    plan: Plan,
    highest_mm: float,
    *,
    planned: bool = False,
    rod: Rod | None = None,
) -> tuple[bytes, tuple[float, float]]:
    """PNG, and its width and height in print, mm."""
    aspect = film.landmarks.scale.row_mm / film.landmarks.scale.column_mm
    wide, high = part.right - part.left, (part.top - part.bottom) * aspect
    unit = min(WIDEST_MM / wide, highest_mm / high)
    size = (round(wide * unit, 2), round(high * unit, 2))
    with matplotlib.style.context("default"):
        inches = size[0] / MM_PER_INCH, size[1] / MM_PER_INCH
        figure = Figure(figsize=inches, dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        ax.set_facecolor(FILM_BACKGROUND)
        if shown.pixels is not None:
            box = shown.part
            ax.imshow(
                shown.pixels,
                cmap="gray",
                vmin=0,
                vmax=BRIGHTEST,
                extent=(box.left, box.right, box.top, box.bottom),
                zorder=0,
            )
        ax.set_xlim(part.left, part.right)
        ax.set_ylim(part.top, part.bottom)
        ax.set_aspect(aspect, adjustable="box")
        ax.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        plate = plate_on(ax, film.landmarks.frame)
        _draw(plate, film, plan, planned=planned, rod=rod)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue(), size


def _draw(plate: Plate, film: FilmValues, plan: Plan, *, planned: bool, rod: Rod | None) -> None:
    marks = film.landmarks
    draw_side(plate, marks)
    draw_scale(plate, marks, words=False)
    draw_vertebrae(plate, film)
    draw_heads(plate, film)
    draw_points(plate, film)
    if planned:
        draw_hinges(plate, marks, plan)
        if rod is not None:
            draw_rod(plate, rod)
    else:
        draw_wedges(plate, marks, plan)
    (draw_sagittal if marks.view == "lateral" else draw_coronal)(plate, film)
    draw_levels(plate, film)
    draw_plumb_line(plate, marks)


def _whole(landmarks: Landmarks, seen: Pixels) -> Box:
    """The film's own place in its pixel plane, where points are at the centres of pixels."""
    rows = landmarks.image.rows or seen.shape[0]
    columns = landmarks.image.columns or seen.shape[1]
    return Box(-0.5, -0.5, columns - 0.5, rows - 0.5)


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.bottom, other.bottom),
        max(one.right, other.right),
        max(one.top, other.top),
    )
