"""The shape of a spine as a few whole numbers: enough for a small drawing in a table."""

from __future__ import annotations

import numpy as np

from balance.analysis import Analysis
from balance.metrics.catalogue import FilmValues
from balance.metrics.sites import HIP_AXIS, S1_MIDPOINT

HEIGHT = 100
WIDEST = 100


def posture(analysis: Analysis) -> dict[str, list[list[int]]]:
    """For each view the line from head to sacrum (to the hip axis), in hundredths of its height.

    x grows to the right of a drawing in which a lateral patient faces right and a frontal one is
    seen as on the film of a radiologist, the patient's right on the left; y grows downwards.
    """
    return {
        view: line for view, film in analysis.films.items() if len(line := _line(film)) > 1
    }  # fmt: skip


def _line(film: FilmValues) -> list[list[int]]:
    sites = film.sites
    names = [f"{level}_centroid" for level in sites.existing_levels[:-1]]
    names += [S1_MIDPOINT] + ([HIP_AXIS] if sites.view == "lateral" else [])
    there = [name for name in names if sites.has([name])]
    if len(there) < 2:
        return []
    xy = sites.at(there) * np.array([1.0 if sites.view == "lateral" else -1.0, -1.0])
    xy -= [xy[-1, 0], xy[:, 1].min()]
    height = float(np.ptp(xy[:, 1]))
    if not height > 0:
        return []
    drawn = np.clip(np.rint(xy * (HEIGHT / height)), -WIDEST, WIDEST).astype(int)
    return [[int(x), int(y)] for x, y in drawn]
