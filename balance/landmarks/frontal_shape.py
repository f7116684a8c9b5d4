"""A Gaussian shape prior of the frontal spine, conditioned on clicks and endplates.

What varies is Gaussian and lives in the state vector of a `Chain`: place, size, the direction at
every endplate (a smooth Gaussian process along the spine), lengths, widths, sideways steps, and
the tilt of each endplate against the spine (its wedge). Points are a smooth function of the state,
so conditioning is linear algebra in closed form, repeated at the new estimate until it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balance.landmarks.frontal_chain import (
    ORIGIN_X,
    ORIGIN_Y,
    SHARE,
    SIZE,
    Chain,
    corners,
    corners_of,
)
from balance.landmarks.frontal_tables import FRONTAL_SPREAD, FrontalSpread
from balance.radiograph import FloatArray

FREE = 1e3
"""Millimetres: a standard deviation that says nothing about where on the film the spine lies."""
ROUNDS = 12
STANDS_MM = 1e-2
SMALLEST_STEP = 0.05


@dataclass(frozen=True)
class State:
    """A Gaussian over the state vector of a chain."""

    chain: Chain
    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class Evidence:
    """Linear functions of the corners that were seen: ``weights @ corners = values + noise``.

    ``weights`` is (n, 2 x corners), x and y of each corner in turn.
    """

    weights: FloatArray
    values: FloatArray
    covariance: FloatArray

    def with_(self, other: Evidence) -> Evidence:
        """Both together, independent of each other."""
        n, m = len(self.values), len(other.values)
        covariance = np.zeros((n + m, n + m))
        covariance[:n, :n], covariance[n:, n:] = self.covariance, other.covariance
        return Evidence(
            np.vstack((self.weights, other.weights)),
            np.concatenate((self.values, other.values)),
            covariance,
        )


def prior(
    chain: Chain,
    amplitude_deg: float,
    size: tuple[float, float],
    spread: FrontalSpread = FRONTAL_SPREAD,
) -> State:
    """The spine before anything is seen.

    Parameters
    ----------
    chain
        The levels.
    amplitude_deg
        Standard deviation of the tilt along the spine.
    size
        Plane units per nominal millimetre, and the standard deviation of its logarithm.
    """
    apart = np.subtract.outer(chain.along, chain.along) / spread.curve_length_mm
    mean, covariance = np.zeros(chain.size), np.zeros((chain.size, chain.size))
    mean[SIZE] = np.log(size[0])
    covariance[ORIGIN_X, ORIGIN_X] = covariance[ORIGIN_Y, ORIGIN_Y] = (FREE * size[0]) ** 2
    covariance[SIZE, SIZE] = size[1] ** 2
    lean = np.radians(spread.lean) ** 2
    covariance[chain.tilts, chain.tilts] = (
        lean + np.radians(amplitude_deg) ** 2 * _matern(apart) + 1e-10 * np.eye(chain.plates)
    )
    near = np.subtract.outer(chain.along, chain.along) / spread.body_length_mm
    covariance[chain.wedges, chain.wedges] = (
        np.radians(spread.body) ** 2 * _matern(near)
        + np.eye(chain.plates) * np.radians(spread.wedge) ** 2
    )
    mean[SHARE], covariance[SHARE, SHARE] = spread.share, spread.share_sd**2
    covariance[chain.girths, chain.girths] = (
        spread.girth**2
        + spread.taper**2 * np.exp(-0.5 * (apart / 2) ** 2)
        + np.eye(chain.plates) * spread.width**2
    )
    middle = (chain.along[:-1] + chain.along[1:]) / 2
    apart = np.subtract.outer(middle, middle) / (2 * spread.curve_length_mm)
    own = np.where(chain.is_disc, spread.disc, spread.height)
    covariance[chain.lengths, chain.lengths] = (
        spread.proportion**2 * np.exp(-0.5 * apart**2)
        + spread.discs**2 * np.outer(chain.is_disc, chain.is_disc)
        + np.diag(own**2)
    )
    covariance[chain.steps, chain.steps] = np.eye(chain.plates - 1) * spread.shift_mm**2
    return State(chain, mean, covariance)


def _matern(apart: FloatArray) -> FloatArray:
    """Matern 5/2: smooth as a spine is, without the ringing of a squared exponential."""
    far = np.sqrt(5.0) * np.abs(apart)
    result: FloatArray = (1.0 + far + far**2 / 3.0) * np.exp(-far)
    return result


def condition(
    before: State, seen: Evidence, start: FloatArray | None = None
) -> tuple[State, float]:
    """The state after the evidence, and the logarithm of how well the prior foresaw it.

    Gauss-Newton: the corners are linearised at the estimate, the Gaussian is conditioned in closed
    form, and again, until the corners stand; a step that fits worse is halved. The covariance is
    that of the last linearisation, the logarithm Laplace's approximation.
    """
    chain, mean, spread = before.chain, before.mean, before.covariance
    precision = np.linalg.inv(seen.covariance)

    def misfit(dual: FloatArray, at: FloatArray) -> float:
        """Twice the negative logarithm of prior times likelihood; ``at`` is mean + C dual."""
        miss = seen.values - seen.weights @ corners_of(chain, at).ravel()
        return float(dual @ spread @ dual + miss @ precision @ miss)

    at, dual, best = (mean if start is None else start), np.zeros(chain.size), np.inf
    for _ in range(ROUNDS):
        found, jacobian = corners(chain, at)
        slope = seen.weights @ jacobian
        foreseen = seen.weights @ found.ravel() + slope @ (mean - at)
        total = slope @ spread @ slope.T + seen.covariance
        wanted = slope.T @ np.linalg.solve(total, seen.values - foreseen)
        part = 1.0
        while True:
            towards = dual + part * (wanted - dual)
            moved = mean + spread @ towards
            cost = misfit(towards, moved)
            if cost <= best or part < SMALLEST_STEP:
                break
            part /= 2.0
        change = np.abs(corners_of(chain, moved) - found).max()
        at, dual, best = moved, towards, cost
        if change < STANDS_MM * np.exp(at[SIZE]):
            break
    miss = seen.values - foreseen
    covariance = spread - spread @ slope.T @ np.linalg.solve(total, slope @ spread)
    likely = -0.5 * (
        miss @ np.linalg.solve(total, miss)
        + np.linalg.slogdet(total)[1]
        + len(miss) * np.log(2 * np.pi)
    )
    return State(chain, at, (covariance + covariance.T) / 2), float(likely)
