"""The lateral shape prior: a Gaussian mixture over spines, conditioned on what has been marked.

Each component is a Gaussian over the state of a chain of vertebrae (:mod:`shape_chain`) with heavy
tails where vertebrae break and slip; marked points are linear in its corners. Everything happens in
millimetres of the film's own plane; without a scale the size is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from balance.landmarks.shape_chain import Chain
from balance.landmarks.shape_components import Component, Size, prior
from balance.landmarks.shape_rounds import (
    Fit,
    Observations,
    Prepared,
    finish,
    open_tails,
    settle_gaussian,
)
from balance.radiograph import FloatArray

HOPELESS = 12.0
"""Log odds below which a component is not taken any further."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """The points of a chain given what was marked: mean (n, 2) and joint covariance (2n, 2n).

    ``shares`` are the probabilities of the components; ``trust`` the weight (0 to 1) that each
    group of observations kept; ``misfit`` is the squared Mahalanobis distance of the observations
    under the best component.
    """

    chain: Chain
    points: FloatArray
    covariance: FloatArray
    log_evidence: float
    misfit: float
    shares: tuple[float, ...] = ()
    trust: dict[int, float] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()


def condition(
    chain: Chain,
    seen: Observations,
    size: Size,
    components: Sequence[Component] | None = None,
    *,
    tails: bool = True,
) -> Posterior:
    """The posterior of all points of a chain.

    Parameters
    ----------
    seen
        The marked points and measured plates.
    size
        What the film's scale says of a person's size.
    components
        Instead of the shipped ones.
    tails
        False leaves out the Student tails: a plain Gaussian mixture.
    """
    prepared = Prepared.of(chain, seen)
    starts = [settle_gaussian(prepared, row) for row in components or prior(chain.levels, size)]
    if tails:
        best_start = max(start.log_posterior for start in starts)
        starts = [
            open_tails(prepared, start)
            for start in starts
            if start.log_posterior > best_start - HOPELESS
        ]
    fits = [finish(prepared, start) for start in starts]
    logs = np.array([np.log(fit.component.weight) + fit.log_evidence for fit in fits])
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    points = sum(
        (share * fit.points for share, fit in zip(shares, fits, strict=True)),
        np.zeros_like(fits[0].points),
    )
    covariance = np.zeros_like(fits[0].covariance)
    trust = np.zeros(len(seen.values))
    for share, fit in zip(shares, fits, strict=True):
        away = (fit.points - points).ravel()
        covariance += share * (fit.covariance + np.outer(away, away))
        trust += share * fit.trust
    best = fits[int(np.argmax(logs))]
    return Posterior(
        chain=chain,
        points=points,
        covariance=covariance,
        log_evidence=float(logs.max() + np.log(np.exp(logs - logs.max()).sum())),
        misfit=best.misfit,
        shares=tuple(float(share) for share in shares),
        trust={group: float(trust[n]) for n, group in enumerate(seen.groups) if group >= 0},
        fits=tuple(fits),
    )
