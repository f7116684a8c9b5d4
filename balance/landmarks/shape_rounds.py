"""One component of the lateral shape prior, conditioned: the rounds of the closed form.

The chain bends, so the closed form of the Gaussian is repeated from where it came to stand, and a
step that overshoots is halved. Body wedges, slips and outlying observations have Student's tails:
their variances are opened where the evidence asks for it, and the rounds begin again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from balance.landmarks.shape_chain import Chain, chain_slopes, place_chain
from balance.landmarks.shape_components import Component
from balance.landmarks.shape_tables import WEDGE_FREEDOM
from balance.radiograph import FloatArray

MOST_ROUNDS = 8
STANDS_STILL_MM = 0.05
SHARES_OF_A_STEP = (1.0, 0.5, 0.25, 0.1)
SMALLEST_GAIN = 1e-3
TAIL_ROUNDS = 5
OBSERVATION_FREEDOM = 4.0
"""Degrees of freedom of Student's t for observations that may be outliers."""


@dataclass(frozen=True, slots=True)
class Observations:
    """Values that are linear in the chain's points: ``values = weights @ points + noise``.

    ``weights`` is (m, 2n), ``covariance`` (m, m). ``groups`` numbers observations that are outliers
    together, -1 for those that are trusted.
    """

    values: FloatArray
    weights: FloatArray
    covariance: FloatArray
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.groups:
            object.__setattr__(self, "groups", (-1,) * len(self.values))


@dataclass(frozen=True, slots=True)
class Fit:
    """One component after conditioning.

    ``before_mean`` (2n,) and ``before_covariance`` (2n, 2n) are the component's points before
    anything was seen, in the linear view from where it came to stand; in that view every further
    question has a closed answer.
    """

    component: Component
    log_evidence: float
    misfit: float
    points: FloatArray
    covariance: FloatArray
    trust: FloatArray
    before_mean: FloatArray
    before_covariance: FloatArray


@dataclass(frozen=True, slots=True)
class Prepared:
    """Observations as the rounds need them: thin weights, and the groups that may be outliers.

    ``groups`` holds, for each number of members, their places (g, k) and the inverses (g, k, k) of
    their covariances.
    """

    chain: Chain
    seen: Observations
    weights: csr_array
    tailed: NDArray[np.int_]
    groups: tuple[tuple[NDArray[np.int_], FloatArray], ...]

    @classmethod
    def of(cls, chain: Chain, seen: Observations) -> Prepared:
        """Sort the observations of a chain."""
        numbers = np.array(seen.groups, int)
        members: dict[int, list[NDArray[np.int_]]] = {}
        for group in np.unique(numbers[numbers >= 0]):
            places = np.flatnonzero(numbers == group)
            members.setdefault(len(places), []).append(places)
        groups: list[tuple[NDArray[np.int_], FloatArray]] = []
        for lists in members.values():
            places = np.array(lists)
            blocks = seen.covariance[places[:, :, None], places[:, None, :]]
            groups.append((places, np.asarray(np.linalg.inv(blocks), float)))
        return cls(chain, seen, csr_array(seen.weights), _tailed(chain), tuple(groups))


@dataclass(frozen=True, slots=True)
class Standing:
    """One component in the middle of its rounds, and the last equations that were solved."""

    component: Component
    spread: FloatArray
    noise: FloatArray
    trust: FloatArray
    state: FloatArray
    pull: FloatArray
    points: FloatArray
    known: FloatArray
    factor: tuple[FloatArray, bool]
    solved: FloatArray
    misfit: float

    @property
    def log_evidence(self) -> float:
        """Log density of the observations under the component, in its linear view."""
        half = float(np.log(np.diag(self.factor[0])).sum())
        return -0.5 * self.misfit - half - 0.5 * len(self.solved) * float(np.log(2.0 * np.pi))

    @property
    def log_posterior(self) -> float:
        """Up to a constant, how probable the component is."""
        return float(np.log(self.component.weight)) + self.log_evidence


def settle_gaussian(prepared: Prepared, row: Component) -> Standing:
    """The closed form, repeated where the chain bends, without any tails."""
    state = _set_down(prepared.chain, prepared.seen, row)
    trust = np.ones(len(prepared.seen.values))
    nothing = np.zeros(prepared.chain.length)
    return _settled(prepared, row, row.covariance, trust, state, nothing)


def _settled(
    prepared: Prepared,
    row: Component,
    spread: FloatArray,
    trust: FloatArray,
    state: FloatArray,
    pull: FloatArray,
) -> Standing:
    """Repeat the closed form until the points stand still; a step that overshoots is halved.

    ``pull`` holds ``inverse(spread) @ (state - mean)``, by which the prior's part of the misfit is
    known without an inverse.
    """
    chain, seen = prepared.chain, prepared.seen
    noise = seen.covariance / np.sqrt(np.outer(trust, trust))
    certain = cho_factor(noise, lower=True, check_finite=False)

    def misfit_of(state: FloatArray, pull: FloatArray, points: FloatArray) -> float:
        away = seen.values - prepared.weights @ points
        prior_part = float((state - row.mean) @ pull)
        return prior_part + float(away @ cho_solve(certain, away, check_finite=False))

    points = place_chain(chain, state).ravel()
    misfit = misfit_of(state, pull, points)
    for _ in range(MOST_ROUNDS):
        slopes = prepared.weights @ chain_slopes(chain, state)
        known = _times(chain, slopes, spread)
        factor = cho_factor(known @ slopes.T + noise, lower=True, check_finite=False)
        residual = seen.values - prepared.weights @ points + slopes @ (state - row.mean)
        solved = cho_solve(factor, residual, check_finite=False)
        whole = row.mean + known.T @ solved, slopes.T @ solved
        before = points
        for share in SHARES_OF_A_STEP:
            trial = state + share * (whole[0] - state)
            trial_pull = pull + share * (whole[1] - pull)
            points = place_chain(chain, trial).ravel()
            trial_misfit = misfit_of(trial, trial_pull, points)
            if trial_misfit <= misfit + SMALLEST_GAIN:
                break
        state, pull, misfit = trial, trial_pull, trial_misfit
        if np.abs(points - before).max() < STANDS_STILL_MM:
            break
    return Standing(
        row,
        spread,
        noise,
        trust,
        state,
        pull,
        points,
        known,
        factor,
        solved,
        float(residual @ solved),
    )


def open_tails(prepared: Prepared, at: Standing) -> Standing:
    """Open the tails where the evidence asks for it, and settle again."""
    tailed = prepared.tailed
    for _ in range(TAIL_ROUNDS):
        spread = _opened(prepared, at)
        pull = at.pull.copy()
        pull[tailed] = (at.state - at.component.mean)[tailed] / spread[tailed, tailed]
        trust = _trust(prepared, at)
        at = _settled(prepared, at.component, spread, trust, at.state, pull)
    return at


def finish(prepared: Prepared, at: Standing) -> Fit:
    """The posterior of the points in the linear view from where the component stands."""
    chain = prepared.chain
    slopes = chain_slopes(chain, at.state)
    before = _times(chain, slopes, at.spread) @ slopes.T
    cross = prepared.weights @ before
    factor = cho_factor(cross @ prepared.seen.weights.T + at.noise, lower=True, check_finite=False)
    covariance = before - cross.T @ cho_solve(factor, cross, check_finite=False)
    return Fit(
        component=at.component,
        log_evidence=at.log_evidence,
        misfit=at.misfit,
        points=at.points.reshape(-1, 2),
        covariance=(covariance + covariance.T) / 2.0,
        trust=at.trust,
        before_mean=at.points + slopes @ (at.component.mean - at.state),
        before_covariance=before,
    )


def _times(chain: Chain, slopes: FloatArray, spread: FloatArray) -> FloatArray:
    """``slopes @ spread`` where only tilts, depths and heights have covariances."""
    product = slopes * np.diag(spread)
    for part in (chain.posture, chain.depths, chain.heights):
        product[:, part] = slopes[:, part] @ spread[part, part]
    return product


def _set_down(chain: Chain, seen: Observations, row: Component) -> FloatArray:
    """The mean spine, moved as a whole to where the observations are."""
    state = row.mean.copy()
    points = place_chain(chain, state).ravel()
    across = np.zeros((points.size, 2))
    across[0::2, 0] = across[1::2, 1] = 1.0
    moved = seen.weights @ across
    if len(seen.values):
        shift, *_ = np.linalg.lstsq(moved, seen.values - seen.weights @ points, rcond=None)
        state[chain.place] += shift
    return state


def _tailed(chain: Chain) -> NDArray[np.int_]:
    """Places in the state of what has Student's tails: body wedges and shifts of discs."""
    bodies = np.arange(1, chain.plates - 1, 2)
    discs = np.arange(0, chain.plates - 1, 2)
    return np.concatenate([chain.wedges.start + bodies, chain.shifts.start + discs])


def _opened(prepared: Prepared, at: Standing) -> FloatArray:
    """Variances of the heavy-tailed parts after one step of the usual reweighting."""
    tailed, row = prepared.tailed, at.component
    known = at.known[:, tailed]
    posterior = np.diag(at.spread)[tailed] - np.einsum(
        "mk,mk->k", known, cho_solve(at.factor, known, check_finite=False)
    )
    expected = (at.state - row.mean)[tailed] ** 2 + np.maximum(posterior, 0.0)
    scale = np.diag(row.covariance)[tailed]
    opened = (WEDGE_FREEDOM * scale + expected) / (WEDGE_FREEDOM + 1.0)
    widened = at.spread.copy()
    widened[tailed, tailed] = np.maximum(opened, scale)
    return widened


def _trust(prepared: Prepared, at: Standing) -> FloatArray:
    """Weight of each observation: below 1 where its own residual is larger than its noise."""
    trust = np.ones(len(at.solved))
    own = at.noise @ at.solved  # what remains between the observation and the fitted spine
    for places, inverses in prepared.groups:
        away = own[places]
        square = np.einsum("gi,gij,gj->g", away, inverses, away)
        weight = (OBSERVATION_FREEDOM + places.shape[1]) / (OBSERVATION_FREEDOM + square)
        trust[places] = np.minimum(weight, 1.0)[:, None]
    return trust
