"""How much a plan shortens or lengthens the back of the spine at each site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.anatomy import LEVELS, LUMBAR, plate_names
from balance.geometry import distance
from balance.landmarks.model import Landmarks
from balance.planning.plan import Correction, Cut, Plan, cut_of
from balance.planning.turning import apply_plan, turns_of
from balance.radiograph import FloatArray

WARNED_MM = 25.0
"""Shortening or lengthening beyond which a plan is warned of; an estimate."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """What one correction does to the gap it acts on, measured along the lower endplate's normal.

    ``posterior_mm`` and ``anterior_mm`` are + where the gap grows longer and None without a scale
    or without the corners. ``hinge`` is the place in the plane of the unplanned film.
    """

    correction: Correction
    hinge: tuple[float, float]
    posterior_mm: float | None
    anterior_mm: float | None


def column_changes(landmarks: Landmarks, plan: Plan) -> tuple[ColumnChange, ...]:
    """The change at each site of a lateral plan, each correction taken alone.

    Raises
    ------
    BadPlan
        As `balance.planning.turning.apply_plan`.
    """
    return tuple(_change(landmarks, one) for one in plan.corrections)


def column_warnings(changes: Sequence[ColumnChange]) -> tuple[str, ...]:
    """One line for every site whose back changes by more than is usual."""
    lines = []
    for one in changes:
        if one.posterior_mm is not None and abs(one.posterior_mm) > WARNED_MM:
            word = "shortened" if one.posterior_mm < 0 else "lengthened"
            lines.append(
                f"{one.correction.site}: the back of the spine is {word} by "
                f"{abs(one.posterior_mm):.0f} mm (more than {WARNED_MM:g})"
            )
    return tuple(lines)


def l4_s1_share(landmarks: Landmarks, plan: Plan) -> float | None:
    """Share of the added lordosis that lies in the two segments above the sacrum.

    None without any, or where something is taken away elsewhere.
    """
    if any(one.degrees < 0 for one in plan.corrections):
        return None
    first = upper_of_last_two(landmarks)
    low = total = 0.0
    for one in plan.corrections:
        cut = cut_of(one)
        total += one.degrees
        if LEVELS.index(cut.caudal) >= LEVELS.index(first) and cut != Cut(first, "superior", None):
            low += one.degrees
    return low / total if total else None


def upper_of_last_two(landmarks: Landmarks) -> str:
    """The upper end of the two segments above the sacrum: L4, or L5 of six lumbar vertebrae."""
    return LUMBAR[LUMBAR.index(landmarks.last_lumbar) - 1]


def _change(landmarks: Landmarks, correction: Correction) -> ColumnChange:
    alone = Plan((correction,))
    names = tuple(landmarks.points)
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    plane = landmarks.frame.to_plane(pixels)
    (turn,) = turns_of(alone, names, landmarks.existing_levels, landmarks.view)
    hinge = turn.hinge(plane)
    planned = apply_plan(landmarks, alone)
    posterior, anterior = (_difference(landmarks, planned, correction, end) for end in (0, 1))
    return ColumnChange(correction, (float(hinge[0]), float(hinge[1])), posterior, anterior)


def _difference(
    before: Landmarks, after: Landmarks, correction: Correction, end: int
) -> float | None:
    """Growth of the gap at one end (0 posterior, 1 anterior) of the endplates beside it."""
    cut = cut_of(correction)
    lower = plate_names(cut.caudal, cut.endplate, before.view)
    if cut.moves_plate_of is not None:
        upper = plate_names(cut.moves_plate_of, "superior", before.view)[end]
    else:
        levels = before.existing_levels
        above = levels[levels.index(cut.caudal) - 1]
        upper = plate_names(above, "inferior", before.view)[end]
    if not before.scale.has_millimetres or not {*lower, upper} <= before.points.keys():
        return None
    gaps = []
    for film in (before, after):
        posterior, anterior, point = (_plane(film, name) for name in (*lower, upper))
        along = (anterior - posterior) / distance(posterior, anterior)
        foot = (posterior, anterior)[end]
        gaps.append(float((point - foot) @ np.array([-along[1], along[0]])))
    return gaps[1] - gaps[0]


def _plane(film: Landmarks, name: str) -> FloatArray:
    point = film.points[name]
    return film.frame.to_plane(np.array([point.x, point.y]))
