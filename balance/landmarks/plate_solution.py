"""Which edge is which endplate: all plates of a film solved together.

A film offers each plate several edges, of which one or none is its own. With a joint Gaussian
prior of all plates this is a mixture that nobody can write out (six edges, forty plates). It is
solved by expectation propagation: each plate in turn sees the prior narrowed by what all others
found, weighs its own edges by that, and passes on one Gaussian. A plate that cannot decide passes
on nothing, and its own result stays as wide as its edges lie apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balance.landmarks.plate_edges import Edges
from balance.radiograph import FloatArray

SEEN_SHARE = 0.9
"""How often the endplate is among the edges at all."""
_SWEEPS, _DAMPING = 10, 0.6
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Solution:
    """Result for n plates, mm along their normals.

    ``ends`` (n, 2) and ``covariance`` (n, 2, 2) hold all that is known; ``precision`` and
    ``information`` (precision times place) are the film's own part of it. ``shares`` (n, k + 1)
    are the probabilities of the edges and, last, of none of them. ``evidence`` (n,) is the log of
    how much likelier the edges are with the plate than by chance.
    """

    ends: FloatArray
    covariance: FloatArray
    precision: FloatArray
    information: FloatArray
    shares: FloatArray
    evidence: FloatArray


def solve(prior: FloatArray, covariance: FloatArray, edges: Edges, density: float) -> Solution:
    """Weigh the edges of all plates under a joint prior.

    Parameters
    ----------
    prior, covariance
        Joint Gaussian of both ends of every plate in turn (2n,), (2n, 2n), mm.
    edges
        Candidates of every plate.
    density
        How many chance edges there are per square millimetre of (first end, second end).
    """
    n = len(edges.ends)
    precision, information = np.zeros((n, 2, 2)), np.zeros((n, 2))
    for _ in range(_SWEEPS):
        means, blocks = _marginals(prior, covariance, precision, information)
        outside_mean, outside = _without(means, blocks, precision, information)
        ends, spread, shares, evidence = _weighed(outside_mean, outside, edges, density)
        target, pull = _ratio(ends, spread, outside_mean, outside)
        precision += _DAMPING * (target - precision)
        information += _DAMPING * (pull - information)
    return Solution(ends, spread, precision, information, shares, evidence)


def _marginals(
    prior: FloatArray, covariance: FloatArray, precision: FloatArray, information: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Each plate's Gaussian after all plates have spoken."""
    n = len(precision)
    gain = np.eye(2 * n) + np.einsum(
        "ipjc,jcd->ipjd", covariance.reshape(n, 2, n, 2), precision
    ).reshape(2 * n, 2 * n)
    joint = np.linalg.solve(gain, covariance)
    means = np.linalg.solve(gain, prior + covariance @ information.ravel())
    blocks = joint.reshape(n, 2, n, 2)[np.arange(n), :, np.arange(n)]
    return means.reshape(n, 2), (blocks + blocks.transpose(0, 2, 1)) / 2


def _without(
    means: FloatArray, blocks: FloatArray, precision: FloatArray, information: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Each plate's Gaussian by all plates but itself."""
    inverse = np.linalg.inv(blocks)
    outside = np.asarray(np.linalg.inv(inverse - precision), float)
    pull = np.einsum("nij,nj->ni", inverse, means) - information
    return np.einsum("nij,nj->ni", outside, pull), outside


def _weighed(
    mean: FloatArray, covariance: FloatArray, edges: Edges, density: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Mean, covariance, shares and evidence of the mixture of a plate's edges and of none."""
    total = covariance[:, None] + edges.covariance
    away = edges.ends - mean[:, None]
    solved = np.linalg.solve(total, away[..., None])[..., 0]
    quadratic = (away * solved).sum(axis=-1)
    volume = np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(total)[1]
    scores = edges.weight - 0.5 * quadratic - volume + np.log(SEEN_SHARE / density)
    none = np.full((len(mean), 1), np.log(1.0 - SEEN_SHARE))
    scores = np.concatenate([scores, none], axis=1)
    top = scores.max(axis=1, keepdims=True)
    shares = np.exp(scores - top)
    evidence = top[:, 0] + np.log(shares.sum(axis=1))
    shares /= shares.sum(axis=1, keepdims=True)
    gain = covariance[:, None] @ np.linalg.inv(total)
    places = mean[:, None] + np.einsum("nkij,nkj->nki", gain, away)
    places = np.concatenate([places, mean[:, None]], axis=1)
    spreads = np.concatenate([covariance[:, None] - gain @ covariance[:, None],
                              covariance[:, None]], axis=1)  # fmt: skip
    ends = np.einsum("nk,nki->ni", shares, places)
    apart = places - ends[:, None]
    spread = np.einsum("nk,nkij->nij", shares, spreads + apart[..., :, None] * apart[..., None, :])
    return ends, spread, shares, evidence


def _ratio(
    ends: FloatArray, spread: FloatArray, mean: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What the plate itself added: its Gaussian over the one without it, nothing where it is wider.

    In directions in which the mixture is wider than what the others say, the plate has not decided
    and passes on nothing.
    """
    inverse, before = np.linalg.inv(spread), np.linalg.inv(covariance)
    values, vectors = np.linalg.eigh(inverse - before)
    values = np.where(values > _NOTHING, values, 0.0)
    precision = (vectors * values[:, None]) @ vectors.transpose(0, 2, 1)
    # where the added precision is P, the observation that moves mean to ends lies at
    # ends + P^-1 before (ends - mean); written without inverting P
    pull = np.einsum("nij,nj->ni", inverse, ends) - np.einsum("nij,nj->ni", before, mean)
    seen = (vectors * (values > 0)[:, None]) @ vectors.transpose(0, 2, 1)
    return precision, np.einsum("nij,nj->ni", seen, pull)
