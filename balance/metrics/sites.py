"""Sites: the places that formulas are about, resolved once from the points of a film.

A site is a point of the document, or is derived from points as a weighted mean: a centroid, the
hip axis, the S1 midpoint, the last thoracic vertebra's endplate. Because every site is a weighted
mean, the covariance of the points carries over exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import (
    ENDS,
    LUMBAR,
    POINT_NAMES,
    SACRUM,
    VERTEBRAE,
    Endplate,
    body_names,
    corner_name,
    plate_names,
)
from balance.landmarks.model import Landmark, Landmarks
from balance.landmarks.noise import Reading, Uncertainty, place_points
from balance.radiograph import FloatArray, View

HIP_AXIS = "hip_axis"
S1_MIDPOINT = "S1_midpoint"
CSVL = "csvl"
LAST_THORACIC = "last_thoracic"
FIRST_OF_LAST_TWO = "first_of_last_two_lumbar"
"""The cranial one of the two lumbar vertebrae above the sacrum: L4 in most people."""

Parts = tuple[tuple[str, float], ...]
"""The points that a site is the weighted mean of."""

SITE_NAMES: dict[View, tuple[str, ...]] = {
    view: (
        *POINT_NAMES[view],
        S1_MIDPOINT,
        *plate_names(FIRST_OF_LAST_TWO, "superior", view),
        *(
            (HIP_AXIS, *plate_names(LAST_THORACIC, "inferior", view))
            if view == "lateral"
            else (CSVL,)
        ),
    )
    for view in ("lateral", "frontal")
}
"""Every site that a formula may need, in one fixed order for each view."""

_SITE_INDEX = {
    view: {name: n for n, name in enumerate(names)} for view, names in SITE_NAMES.items()
}


def site_index(view: View, name: str) -> int:
    """Place of a site in the arrays of its view.

    Raises
    ------
    KeyError
        The view has no such site.
    """
    return _SITE_INDEX[view][name]


@dataclass(frozen=True)
class Sites:
    """The sites of one film in the patient's plane, with the points and noise behind them.

    ``xy`` is (sites, 2) in the order of :data:`SITE_NAMES`, zero where ``present`` is False.
    """

    view: View
    has_millimetres: bool
    scale_sd: float
    xy: FloatArray
    present: NDArray[np.bool_]
    parts: dict[str, Parts]
    points: dict[str, Landmark]
    point_index: dict[str, int]
    point_covariance: FloatArray
    uncertainty: Uncertainty
    warnings: tuple[str, ...]
    to_mark: dict[str, str]
    existing_levels: tuple[str, ...]

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """What would have to be marked for these sites, in the names of points."""
        absent = (name for name in names if name not in self.parts)
        return tuple(dict.fromkeys(self.to_mark.get(name, name) for name in absent))

    def has(self, names: Sequence[str]) -> bool:
        """Whether every one of these sites is there."""
        return all(name in self.parts for name in names)

    def at(self, names: Sequence[str]) -> FloatArray:
        """The places of these sites, (sites, 2)."""
        return self.xy[[site_index(self.view, name) for name in names]]

    def points_behind(self, names: Sequence[str]) -> tuple[str, ...]:
        """The points of the document that these sites rest on, each once."""
        behind = (point for name in names for point, _ in self.parts[name])
        return tuple(dict.fromkeys(behind))

    def covariance(self, names: Sequence[str]) -> FloatArray:
        """Joint covariance of these sites, (2k, 2k), x and y of each in turn."""
        behind = self.points_behind(names)
        column = {point: n for n, point in enumerate(behind)}
        weights = np.zeros((len(names), len(behind)))
        for row, name in enumerate(names):
            for point, weight in self.parts[name]:
                weights[row, column[point]] += weight
        rows = np.array([self.point_index[point] for point in behind])
        rows = (2 * rows[:, None] + np.arange(2)).ravel()
        both_axes = np.zeros((len(names), 2, len(behind), 2))
        both_axes[:, 0, :, 0] = both_axes[:, 1, :, 1] = weights
        spread = both_axes.reshape(2 * len(names), 2 * len(behind))
        result: FloatArray = spread @ self.point_covariance[np.ix_(rows, rows)] @ spread.T
        return result

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The vertebrae with both endplates, from the head down."""
        return tuple(level for level in VERTEBRAE if self.has(body_names(level, self.view)))


def resolve(landmarks: Landmarks, reading: Reading = "between_readers") -> Sites:
    """Resolve the sites of one film.

    Examples
    --------
    >>> film = Landmarks("lateral", {"femoral_head_1": Landmark(10.0, 20.0)}, "right")
    >>> sites = resolve(film)
    >>> sites.at(["hip_axis"]).tolist()
    [[10.0, -20.0]]
    >>> sites.has(["S1_midpoint"])
    False
    """
    placed = place_points(landmarks, reading)
    plane = dict(zip(placed.names, placed.plane, strict=True))
    names = SITE_NAMES[landmarks.view]
    parts = {**{name: ((name, 1.0),) for name in placed.names}, **dict(_derived(landmarks))}
    xy = np.zeros((len(names), 2))
    present = np.zeros(len(names), bool)
    for name, behind in parts.items():
        place = site_index(landmarks.view, name)
        present[place] = True
        for point, weight in behind:
            xy[place] += weight * plane[point]
    return Sites(
        view=landmarks.view,
        has_millimetres=landmarks.scale.has_millimetres,
        scale_sd=landmarks.scale.sd_percent / 100.0,
        xy=xy,
        present=present,
        parts=parts,
        points=dict(landmarks.points),
        point_index={name: n for n, name in enumerate(placed.names)},
        point_covariance=placed.covariance,
        uncertainty=placed.kind,
        warnings=placed.warnings,
        to_mark=points_to_mark(landmarks),
        existing_levels=landmarks.existing_levels,
    )


def points_to_mark(landmarks: Landmarks) -> dict[str, str]:
    """The points that derived sites come from, as a reader would mark them on this film."""
    view = landmarks.view
    plates: tuple[tuple[str, str, Endplate], ...] = (
        (LAST_THORACIC, landmarks.last_thoracic, "inferior"),
        (FIRST_OF_LAST_TWO, _first_of_last_two(landmarks), "superior"),
    )
    marked = {
        corner_name(alias, endplate, end): corner_name(level, endplate, end)
        for alias, level, endplate in plates
        for end in ENDS[view]
    }
    marked[HIP_AXIS] = "femoral_head_1, femoral_head_2"
    marked[S1_MIDPOINT] = ", ".join(plate_names(SACRUM, "superior", view))
    marked[CSVL] = f"{marked[S1_MIDPOINT]}, or sacrum_centre"
    return marked


def _mean(points: Sequence[str]) -> Parts:
    return tuple((point, 1.0 / len(points)) for point in points)


def _derived(landmarks: Landmarks) -> Iterator[tuple[str, Parts]]:
    points, view = landmarks.points, landmarks.view

    def has(names: Sequence[str]) -> bool:
        return all(name in points for name in names)

    for level in VERTEBRAE:
        body = body_names(level, view)
        if has(body):
            yield f"{level}_centroid", _mean(body)
    sacral = plate_names(SACRUM, "superior", view)
    if has(sacral):
        yield S1_MIDPOINT, _mean(sacral)
    yield from _alias(landmarks, FIRST_OF_LAST_TWO, _first_of_last_two(landmarks), "superior")
    if view == "lateral":
        yield from _alias(landmarks, LAST_THORACIC, landmarks.last_thoracic, "inferior")
        heads = [name for name in ("femoral_head_1", "femoral_head_2") if name in points]
        if heads:
            yield HIP_AXIS, _mean(heads)
    elif has(sacral):
        yield CSVL, _mean(sacral)
    elif "sacrum_centre" in points:
        yield CSVL, _mean(["sacrum_centre"])


def _first_of_last_two(landmarks: Landmarks) -> str:
    return LUMBAR[LUMBAR.index(landmarks.last_lumbar) - 1]


def _alias(
    landmarks: Landmarks, alias: str, level: str, endplate: Endplate
) -> Iterator[tuple[str, Parts]]:
    for end in ENDS[landmarks.view]:
        name = corner_name(level, endplate, end)
        if name in landmarks.points:
            yield corner_name(alias, endplate, end), _mean([name])
