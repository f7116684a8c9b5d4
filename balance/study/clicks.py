"""What a reader would have given: some clicks on a film, drawn around the truth from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from balance.anatomy import (
    LUMBAR,
    SACRUM,
    THORACIC,
    belongs_to_view,
    body_names,
    is_point_name,
    plate_names,
)
from balance.errors import BalanceError
from balance.geometry import distance
from balance.landmarks.model import Landmark, Landmarks
from balance.landmarks.noise import ASSUMED_BODY_PLATE_MM, ASSUMED_SACRAL_PLATE_MM
from balance.radiograph import FloatArray, View

USUAL_CLICKS: Mapping[View, tuple[str, ...]] = {
    "lateral": (
        *plate_names(SACRUM, "superior", "lateral"),
        "femoral_head_1",
        "femoral_head_2",
        "C7_centroid",
        "T8_centroid",
    ),
    "frontal": tuple(
        f"{level}_centroid" for level in ("T1", "T4", "T6", "T9", "T11", "L1", "L3", "L5")
    ),
}
"""The protocol that is evaluated where nobody names another."""


@dataclass(frozen=True, slots=True)
class ClickPlan:
    """Which truth points serve as clicks, and how far from the truth they are set.

    ``names`` empty means `USUAL_CLICKS`. ``noise_mm`` is the standard deviation of each axis.
    """

    names: tuple[str, ...] = ()
    noise_mm: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in self.names:
            if not is_point_name(name):
                raise BalanceError(f"{name!a} is no landmark; name points as the documents do")
        if not (np.isfinite(self.noise_mm) and self.noise_mm >= 0.0):
            raise BalanceError("the noise of a click is 0 mm or more; give another number")

    def names_for(self, view: View) -> tuple[str, ...]:
        """The points clicked on a film of this view; the usual ones where none is named."""
        named = tuple(name for name in self.names if belongs_to_view(name, view))
        return named or USUAL_CLICKS[view]


def clicked(truth: Landmarks, film: str, plan: ClickPlan) -> Landmarks:
    """The document that a reader would hand over: clicks and what the film tells, no truth.

    Every click carries the noise that it was drawn with. A point that the film does not show
    (the truth lacks it) cannot be clicked and is left out. The noise of a click depends on the
    seed, the film's name and the point's only, so that protocols can be compared click by click.

    Raises
    ------
    BalanceError
        The truth holds none of the points.
    """
    per_pixel = _mm_per_pixel(truth)
    deviations = plan.noise_mm / per_pixel
    variance = (float(deviations[0] ** 2), 0.0, float(deviations[1] ** 2))
    points = {}
    names = plan.names_for(truth.view)
    for name in names:
        place = true_place(truth, name)
        if place is not None:
            x, y = place + deviations * _noise(plan.seed, film, name)
            points[name] = Landmark(float(x), float(y), cov_px=variance)
    if not points:
        raise BalanceError(f"the truth holds none of the points to click ({', '.join(names)})")
    return Landmarks(
        view=truth.view,
        points=points,
        side=truth.side,
        scale=truth.scale,
        acquisition=truth.acquisition,
        vertebrae=truth.vertebrae,
        vertical=truth.vertical,
        image=truth.image,
    )


def true_place(truth: Landmarks, name: str) -> FloatArray | None:
    """Where a point is, in pixels; a centroid that is not marked is the mean of its corners."""
    if name in truth.points:
        point = truth.points[name]
        return np.array([point.x, point.y])
    level = name.removesuffix("_centroid")
    corners = body_names(level, truth.view) if level != name else ()
    if not corners or not all(corner in truth.points for corner in corners):
        return None
    places = [(truth.points[corner].x, truth.points[corner].y) for corner in corners]
    mean: FloatArray = np.mean(places, axis=0)
    return mean


def _noise(seed: int, film: str, name: str) -> FloatArray:
    digest = hashlib.sha256("|".join((str(seed), film, name)).encode("utf-8", "replace")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big")).standard_normal(2)


def _mm_per_pixel(truth: Landmarks) -> FloatArray:
    """Millimetres along x and y of a pixel; judged by the endplates where there is no scale."""
    scale = truth.scale
    return np.array([scale.column_mm, scale.row_mm]) * _mm_per_unit(truth)


def _mm_per_unit(truth: Landmarks) -> float:
    if truth.scale.has_millimetres:
        return 1.0
    sacral = _plate_length(truth, SACRUM)
    if sacral is not None:
        return ASSUMED_SACRAL_PLATE_MM / sacral
    lengths = [
        length
        for level in (*THORACIC[9:], *LUMBAR)
        if (length := _plate_length(truth, level)) is not None
    ]
    if not lengths:
        raise BalanceError("the truth has neither a scale nor an endplate to judge size by")
    return ASSUMED_BODY_PLATE_MM[truth.view] / float(np.mean(lengths))


def _plate_length(truth: Landmarks, level: str) -> float | None:
    names = plate_names(level, "superior", truth.view)
    if not all(name in truth.points for name in names):
        return None
    pixels = np.array([(truth.points[name].x, truth.points[name].y) for name in names])
    first, second = truth.frame.to_plane(pixels)
    length = float(distance(first, second))
    return length if length > 0.0 else None
