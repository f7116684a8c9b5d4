"""The frontal spine that fits given points: evidence, a start, and a mixture of curve sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from balance.anatomy import LUMBAR, THORACIC, body_names, parse_corner, plate_names
from balance.landmarks.frontal_chain import (
    FIRST_TILT,
    ORIGIN_X,
    ORIGIN_Y,
    SHARE,
    SIZE,
    Chain,
    corners,
    corners_of,
)
from balance.landmarks.frontal_shape import Evidence, State, condition, prior
from balance.landmarks.frontal_tables import CURVE_AMPLITUDES, FRONTAL_SPREAD
from balance.landmarks.model import Landmark, Landmarks
from balance.landmarks.noise import CLICK, FRONTAL_CORNERS
from balance.radiograph import FloatArray

PROGRAM_SOURCES = ("predicted", "detected", "snapped")
RULED_OUT = 1e-3
"""Probability below which a size of curve is left out of a fit of nearly the same points."""
BEYOND = 2
"""Levels beyond the marked ones that may be proposed."""
UNKNOWN_SIZE_SD = 0.1
"""Of the logarithm of the size about the one that makes the spine as long as the clicks say."""


@dataclass(frozen=True)
class Fit:
    """The spine of one film in its plane: a Gaussian over the corners of a chain.

    ``state`` is the mixture over curve sizes as one Gaussian, ``shares`` the probabilities of
    :data:`CURVE_AMPLITUDES`, ``jacobian`` takes state to corners.
    """

    state: State
    shares: tuple[float, ...]
    corners: FloatArray
    jacobian: FloatArray

    @property
    def chain(self) -> Chain:
        """The levels and their order."""
        return self.state.chain

    @property
    def covariance(self) -> FloatArray:
        """Joint covariance of the corners, x and y of each in turn."""
        result: FloatArray = self.jacobian @ self.state.covariance @ self.jacobian.T
        return result

    @property
    def unit(self) -> float:
        """Plane units per nominal millimetre: the size of this patient on this film."""
        return float(np.exp(self.state.mean[SIZE]))


def given_points(landmarks: Landmarks) -> dict[str, Landmark]:
    """The points of the spine that a reader placed or confirmed; proposals are left out."""
    return {
        name: point
        for name, point in landmarks.points.items()
        if (name.endswith("_centroid") or parse_corner(name) is not None)
        and not name.startswith("S1_alternative")
        and (point.confirmed or point.source not in PROGRAM_SOURCES)
    }


def chain_of(landmarks: Landmarks, given: Mapping[str, Landmark]) -> Chain:
    """The levels from a little above the highest marked one to a little below the lowest.

    C7 and S1 belong to it only where a reader marked them.
    """
    marked = {name.split("_")[0] for name in given}
    levels = [
        level
        for level in landmarks.existing_levels
        if level in THORACIC or level in LUMBAR or (level in ("C7", "S1") and level in marked)
    ]
    places = [place for place, level in enumerate(levels) if level in marked]
    if not places:
        return Chain.of(levels)
    return Chain.of(levels[max(places[0] - BEYOND, 0) : places[-1] + BEYOND + 1])


def fit_points(
    landmarks: Landmarks, chain: Chain, seen: Evidence | None = None, like: Fit | None = None
) -> Fit:
    """Fit the chain to the points that a reader gave, and to further evidence.

    Parameters
    ----------
    landmarks
        The film's document; proposals in it take no part.
    chain
        The levels to place.
    seen
        What else was seen, such as endplates on the film.
    like
        A fit of nearly the same, to begin at; curve sizes that it rules out are not tried again.
    """
    given = {name: p for name, p in given_points(landmarks).items() if _belongs(name, chain)}
    start, size = _start(landmarks, chain, given)
    evidence = point_evidence(landmarks, chain, given, start)
    if seen is not None:
        evidence = evidence.with_(seen)
    known = (1.0, FRONTAL_SPREAD.size) if landmarks.scale.has_millimetres else None
    if like is not None:
        start = like.state.mean
    logs = np.full(len(CURVE_AMPLITUDES), -np.inf)
    states: list[State] = []
    for place, (amplitude, share) in enumerate(CURVE_AMPLITUDES):
        if like is not None and like.shares[place] < RULED_OUT:
            continue
        before = prior(chain, amplitude, known or (size, UNKNOWN_SIZE_SD))
        after, likely = condition(before, evidence, start)
        logs[place] = likely + np.log(share)
        states.append(after)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    merged = _merged(states, weights[np.isfinite(logs)])
    places, jacobian = corners(chain, merged.mean)
    return Fit(merged, tuple(float(weight) for weight in weights), places, jacobian)


def _merged(states: Sequence[State], weights: FloatArray) -> State:
    """The Gaussian with the mean and the covariance of a mixture."""
    means = np.array([state.mean for state in states])
    mean = weights @ means
    covariance = sum(
        weight * (state.covariance + np.outer(own - mean, own - mean))
        for weight, state, own in zip(weights, states, means, strict=True)
    )
    return State(states[0].chain, mean, np.asarray(covariance))


def point_evidence(
    landmarks: Landmarks, chain: Chain, given: Mapping[str, Landmark], at: FloatArray
) -> Evidence:
    """Clicked centroids and corners as linear functions of the chain's corners.

    A centroid is the mean of its corners. The noise is the point's own, else the default of its
    site, a corner's along and across the spine as it runs in the state ``at``.
    """
    matrix = landmarks.frame.matrix
    unit = 1.0 if landmarks.scale.has_millimetres else float(np.exp(at[SIZE]))
    index = {name: place for place, name in enumerate(chain.names)}
    weights = np.zeros((2 * len(given), 2 * len(index)))
    values, covariance = np.zeros(2 * len(given)), np.zeros((2 * len(given), 2 * len(given)))
    for row, (name, point) in enumerate(given.items()):
        parts = _parts(name)
        for part in parts:
            weights[2 * row, 2 * index[part]] = 1.0 / len(parts)
            weights[2 * row + 1, 2 * index[part] + 1] = 1.0 / len(parts)
        values[2 * row : 2 * row + 2] = matrix @ (point.x, point.y)
        own = point.own_covariance
        block = (
            matrix @ own @ matrix.T
            if own is not None
            else _default_noise(len(parts), at[FIRST_TILT + index[parts[0]] // 2]) * unit**2
        )
        covariance[2 * row : 2 * row + 2, 2 * row : 2 * row + 2] = block
    return Evidence(weights, values, covariance)


def _default_noise(parts: int, tilt: float) -> FloatArray:
    if parts > 1:
        return np.eye(2) * CLICK.total[0] ** 2
    across, along = FRONTAL_CORNERS.total
    plate = np.array([np.cos(tilt), -np.sin(tilt)])
    result: FloatArray = across**2 * np.eye(2) + (along**2 - across**2) * np.outer(plate, plate)
    return result


def _parts(name: str) -> tuple[str, ...]:
    if name.endswith("_centroid"):
        return body_names(name.removesuffix("_centroid"), "frontal")
    return (name,)


def _belongs(name: str, chain: Chain) -> bool:
    return name.split("_")[0] in chain.levels


def marked_levels(given: Mapping[str, Landmark], chain: Chain) -> tuple[str, ...]:
    """The levels whose middle the given points tell, from the head down."""
    return tuple(level for level in chain.levels if _middle_points(level, given))


def _middle_points(level: str, given: Mapping[str, Landmark]) -> tuple[str, ...]:
    """The points whose mean is the middle of a level (of S1: of its endplate), or none."""
    if f"{level}_centroid" in given:
        return (f"{level}_centroid",)
    body = (
        plate_names(level, "superior", "frontal") if level == "S1" else body_names(level, "frontal")
    )
    return body if all(name in given for name in body) else ()


def _marked_places(landmarks: Landmarks, chain: Chain, given: Mapping[str, Landmark]) -> FloatArray:
    """The middles of the marked levels in the plane, from the head down."""
    middles = [
        np.mean([(given[n].x, given[n].y) for n in _middle_points(level, given)], axis=0)
        for level in marked_levels(given, chain)
    ]
    return landmarks.frame.to_plane(np.array(middles))


def marked_length(landmarks: Landmarks, chain: Chain, given: Mapping[str, Landmark]) -> float:
    """Length of the line through the marked levels, plane units."""
    way = np.diff(_marked_places(landmarks, chain, given), axis=0)
    return float(np.hypot(*way.T).sum())


def _start(
    landmarks: Landmarks, chain: Chain, given: Mapping[str, Landmark]
) -> tuple[FloatArray, float]:
    """A state whose spine follows the line through the marked levels, and its size."""
    levels = marked_levels(given, chain)
    places = _marked_places(landmarks, chain, given)
    rows = np.array([chain.levels.index(level) for level in levels])
    last = chain.plates - 1
    along = (chain.along[2 * rows] + chain.along[np.minimum(2 * rows + 1, last)]) / 2
    way = np.diff(places, axis=0)
    size = float(np.hypot(*way.T).sum() / (along[-1] - along[0]))
    state = np.zeros(chain.size)
    state[SIZE], state[SHARE] = np.log(size), FRONTAL_SPREAD.share
    state[chain.tilts] = np.interp(
        chain.along, (along[:-1] + along[1:]) / 2, np.arctan2(-way[:, 0], -way[:, 1])
    )
    middles = corners_of(chain, state).reshape(-1, 2, 2).mean(axis=1)
    there = np.stack([np.interp(along, chain.along, middles[:, k]) for k in (0, 1)], axis=-1)
    state[[ORIGIN_X, ORIGIN_Y]] = (places - there).mean(axis=0)
    return state, size
