"""Sites: the places that formulas are about, resolved once from the points of a film.

A site is a point of the document, or is derived from points as a weighted mean: a centroid, the
hip axis, the S1 midpoint, the last thoracic vertebra's endplate. Because every site is a weighted
mean, the covariance of the points carries over exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

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

MOST_PARTS = 4
"""The four corners of a body."""

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


@dataclass(frozen=True, slots=True)
class Mix:
    """How some sites come from points.

    Parameters
    ----------
    behind
        The points that they rest on, each once.
    rows
        Rows of those points in a covariance of all points, x and y of each in turn.
    weights
        Share of each of these rows in the x and y of each site, (2k, 2m); None where every site is
        a point of its own.
    """

    behind: tuple[str, ...]
    rows: NDArray[np.intp]
    weights: FloatArray | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Which sites the points of these names make up: the same for every film that has them.

    Parameters
    ----------
    names
        The points, in the order of the film.
    parts
        The points behind each site.
    columns, places, shares
        The same as arrays: the site's place in its view, its points (sites, 4) and their weights;
        where a site has fewer points the rest weighs nothing.
    to_mark
        The points that derived sites come from, as a reader would mark them on this film.
    """

    view: View
    names: tuple[str, ...]
    parts: Mapping[str, Parts]
    columns: NDArray[np.intp]
    places: NDArray[np.intp]
    shares: FloatArray
    to_mark: Mapping[str, str]
    _mixes: dict[tuple[str, ...], Mix] = field(default_factory=dict, repr=False, compare=False)

    def mix(self, names: tuple[str, ...]) -> Mix:
        """How these sites come from points; looked up from the second time on."""
        known = self._mixes.get(names)
        if known is None:
            known = self._mixes[names] = self._mixed(names)
        return known

    def _mixed(self, names: tuple[str, ...]) -> Mix:
        behind = tuple(dict.fromkeys(point for name in names for point, _ in self.parts[name]))
        column = {point: n for n, point in enumerate(behind)}
        both_axes = np.zeros((len(names), 2, len(behind), 2))
        for row, name in enumerate(names):
            for point, weight in self.parts[name]:
                both_axes[row, 0, column[point], 0] += weight
                both_axes[row, 1, column[point], 1] += weight
        weights = both_axes.reshape(2 * len(names), 2 * len(behind))
        index = {point: n for n, point in enumerate(self.names)}
        rows = np.array([index[point] for point in behind], np.intp)
        own = len(behind) == len(names) and bool(np.array_equal(weights, np.eye(len(weights))))
        return Mix(
            behind=behind,
            rows=(2 * rows[:, None] + np.arange(2)).ravel(),
            weights=None if own else weights,
        )


@dataclass(frozen=True)
class Sites:
    """The sites of one film in the patient's plane, with the points and noise behind them.

    ``xy`` is (sites, 2) in the order of :data:`SITE_NAMES`, zero where ``present`` is False.
    """

    layout: Layout
    has_millimetres: bool
    scale_sd: float
    xy: FloatArray
    present: NDArray[np.bool_]
    points: Mapping[str, Landmark]
    point_covariance: FloatArray
    uncertainty: Uncertainty
    warnings: tuple[str, ...]
    existing_levels: tuple[str, ...]

    @property
    def view(self) -> View:
        """The view of the film."""
        return self.layout.view

    @property
    def parts(self) -> Mapping[str, Parts]:
        """The points behind each site that is there."""
        return self.layout.parts

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """What would have to be marked for these sites, in the names of points."""
        absent = (name for name in names if name not in self.parts)
        return tuple(dict.fromkeys(self.layout.to_mark.get(name, name) for name in absent))

    def has(self, names: Sequence[str]) -> bool:
        """Whether every one of these sites is there."""
        return all(name in self.parts for name in names)

    def at(self, names: Sequence[str]) -> FloatArray:
        """The places of these sites, (sites, 2)."""
        index = _SITE_INDEX[self.view]
        return self.xy[[index[name] for name in names]]

    def points_behind(self, names: Sequence[str]) -> tuple[str, ...]:
        """The points of the document that these sites rest on, each once."""
        return self.layout.mix(tuple(names)).behind

    def covariance(self, names: Sequence[str]) -> FloatArray:
        """Joint covariance of these sites, (2k, 2k), x and y of each in turn."""
        mix = self.layout.mix(tuple(names))
        behind = self.point_covariance[mix.rows[:, None], mix.rows]
        return behind if mix.weights is None else mix.weights @ behind @ mix.weights.T

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
    levels = landmarks.existing_levels
    layout = _layout(landmarks.view, placed.names, *_two_levels(levels))
    xy = np.zeros((len(SITE_NAMES[landmarks.view]), 2))
    present = np.zeros(len(xy), bool)
    present[layout.columns] = True
    for places, shares in zip(layout.places.T, layout.shares.T, strict=True):
        xy[layout.columns] += shares[:, None] * placed.plane[places]
    return Sites(
        layout=layout,
        has_millimetres=landmarks.scale.has_millimetres,
        scale_sd=landmarks.scale.sd_percent / 100.0,
        xy=xy,
        present=present,
        points=landmarks.points,
        point_covariance=placed.covariance,
        uncertainty=placed.kind,
        warnings=placed.warnings,
        existing_levels=levels,
    )


def points_to_mark(landmarks: Landmarks) -> dict[str, str]:
    """The points that derived sites come from, as a reader would mark them on this film."""
    return _points_to_mark(landmarks.view, *_two_levels(landmarks.existing_levels))


def _two_levels(levels: tuple[str, ...]) -> tuple[str, str]:
    """The last thoracic vertebra, and the first of the last two lumbar ones."""
    return levels[levels.index(LUMBAR[0]) - 1], levels[levels.index(SACRUM) - 2]


@lru_cache(maxsize=64)
def _layout(
    view: View, names: tuple[str, ...], last_thoracic: str, first_of_last_two: str
) -> Layout:
    """The films of a folder have much the same points: a few layouts serve them all."""
    parts: dict[str, Parts] = {name: ((name, 1.0),) for name in names}
    parts.update(_derived(frozenset(names), view, last_thoracic, first_of_last_two))
    index = {name: n for n, name in enumerate(names)}
    places, shares = np.zeros((len(parts), MOST_PARTS), np.intp), np.zeros((len(parts), MOST_PARTS))
    for row, behind in enumerate(parts.values()):
        for n, (point, weight) in enumerate(behind):
            places[row, n], shares[row, n] = index[point], weight
    return Layout(
        view=view,
        names=names,
        parts=parts,
        columns=np.array([site_index(view, name) for name in parts], np.intp),
        places=places,
        shares=shares,
        to_mark=_points_to_mark(view, last_thoracic, first_of_last_two),
    )


def _points_to_mark(view: View, last_thoracic: str, first_of_last_two: str) -> dict[str, str]:
    plates: tuple[tuple[str, str, Endplate], ...] = (
        (LAST_THORACIC, last_thoracic, "inferior"),
        (FIRST_OF_LAST_TWO, first_of_last_two, "superior"),
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


def _derived(
    points: frozenset[str], view: View, last_thoracic: str, first_of_last_two: str
) -> Iterator[tuple[str, Parts]]:
    for level in VERTEBRAE:
        body = body_names(level, view)
        if points.issuperset(body):
            yield f"{level}_centroid", _mean(body)
    sacral = plate_names(SACRUM, "superior", view)
    if points.issuperset(sacral):
        yield S1_MIDPOINT, _mean(sacral)
    yield from _alias(points, view, FIRST_OF_LAST_TWO, first_of_last_two, "superior")
    if view == "lateral":
        yield from _alias(points, view, LAST_THORACIC, last_thoracic, "inferior")
        heads = [name for name in ("femoral_head_1", "femoral_head_2") if name in points]
        if heads:
            yield HIP_AXIS, _mean(heads)
    elif points.issuperset(sacral):
        yield CSVL, _mean(sacral)
    elif "sacrum_centre" in points:
        yield CSVL, _mean(["sacrum_centre"])


def _alias(
    points: frozenset[str], view: View, alias: str, level: str, endplate: Endplate
) -> Iterator[tuple[str, Parts]]:
    for end in ENDS[view]:
        name = corner_name(level, endplate, end)
        if name in points:
            yield corner_name(alias, endplate, end), _mean([name])
