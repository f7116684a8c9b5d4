"""The distance between two vertical lines, as a dimension below the points."""

from __future__ import annotations

import numpy as np

from balance.metrics.catalogue import FilmValues
from balance.report.palette import FILM_VALUE, PLUMB
from balance.report.plate import Plate, draw_label, draw_line

BELOW = 20.0
"""Points by which the dimension line lies below the lowest point."""
TICK = 5.0


def floor_of(plate: Plate, film: FilmValues) -> float:
    """Plane y of the dimension line: below the hips and the sacrum."""
    sites = film.sites
    down = [
        xy[1] - (point.radius or 0.0) * film.landmarks.scale.column_mm
        for name, point in sites.points.items()
        if not name.startswith(("knee", "ankle", "femur"))
        for xy in sites.at([name])
    ]
    return float(min(down, default=0.0) - plate.reach(BELOW))


def draw_dimension(
    plate: Plate, ends: tuple[float, float], floor: float, text: str, *, gid: str
) -> None:
    """Draw a horizontal dimension line with ticks, and its value below it; nothing without one."""
    if not text:
        return
    first, second = ends
    draw_line(
        plate, np.array([[first, floor], [second, floor]]), PLUMB, width=2.2, gid=f"{gid}.line"
    )
    tick = plate.reach(TICK)
    for x in ends:
        draw_line(plate, np.array([[x, floor - tick], [x, floor + tick]]), PLUMB, width=2.2)
    middle = np.array([(first + second) / 2.0, floor - tick])
    draw_label(plate, text, middle, np.array([0.0, -1.0]), PLUMB, size=FILM_VALUE, gid=gid)
