"""The mislabel alarm: whether the marked points fit better with a neighbour's name on a level.

Two readings are compared by how probable they make the same clicks: the labels as they stand, and
the labels with one level, or one level and all above it, moved by one. What is printed is a doubt,
never a correction: who counted the levels knows more than a prior of their sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, factorial

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from balance.anatomy import level_of
from balance.landmarks.conditioning import weights_of
from balance.landmarks.shape import Posterior
from balance.landmarks.shape_chain import Chain
from balance.landmarks.shape_rounds import Observations
from balance.radiograph import FloatArray

ALARM = 1.0
"""Log of how many times more probable another labelling must make the clicks."""
FEWEST_LEVELS = 2
"""Below two marked vertebrae above the sacrum there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A level whose label is doubted: what it may be, and by how much the clicks say so.

    ``and_above`` says that every marked level above it would move with it.
    """

    level: str
    may_be: str
    log_odds: float
    and_above: bool = False

    @property
    def sentence(self) -> str:
        """The doubt in words."""
        rest = " and the levels above it are" if self.and_above else " is"
        return (
            f"{self.level}{rest} perhaps marked one level off ({self.level} lies where "
            f"{self.may_be} is expected): count again"
        )


def doubt_labels(
    posterior: Posterior, names: Sequence[str], seen: Observations
) -> tuple[Doubt, ...]:
    """Other labellings that fit the marked points clearly better, the best first.

    Parameters
    ----------
    names
        What the first observations are of, two for each name.
    """
    chain = posterior.chain
    values = seen.values[: 2 * len(names)]
    noise = seen.covariance[: 2 * len(names), : 2 * len(names)]
    as_marked = _log_density(posterior, values, weights_of(chain, names), noise)
    found = []
    for level, other, and_above, renamed in _alternatives(chain, names):
        log = _log_density(posterior, values, weights_of(chain, renamed), noise)
        if log - as_marked > ALARM:
            found.append(Doubt(level, other, log - as_marked, and_above))
    return tuple(sorted(found, key=lambda doubt: -doubt.log_odds))


def strangeness(posterior: Posterior, seen: Observations) -> float:
    """Probability that people of the likeliest component differ more from its mean than this one.

    Where the spine lies on the film says nothing, so two degrees of freedom are taken off.
    """
    fit = posterior.fits[int(np.argmax(posterior.shares))]
    total = seen.weights @ fit.before_covariance @ seen.weights.T + seen.covariance
    away = seen.values - seen.weights @ fit.before_mean
    return _beyond(float(away @ np.linalg.solve(total, away)), max(len(away) - 2, 2))


def _beyond(square: float, freedom: int) -> float:
    """Probability that chi-square with an even number of degrees of freedom is larger."""
    half = square / 2.0
    try:
        return exp(-half) * sum(half**n / factorial(n) for n in range(freedom // 2))
    except OverflowError:
        # Points all over the film: so large a square leaves no probability that could be told.
        return 0.0


def _alternatives(
    chain: Chain, names: Sequence[str]
) -> Iterator[tuple[str, str, bool, tuple[str, ...]]]:
    levels = [level for level in chain.levels if any(level_of(name) == level for name in names)]
    if len(levels) < FEWEST_LEVELS:
        return
    for step in (-1, 1):
        for n, level in enumerate(levels):
            single = _moved(chain, (level,), step)
            if single is not None and single[level] not in levels:
                yield level, single[level], False, _renamed(names, single)
            above = _moved(chain, levels[: n + 1], step)
            if n > 0 and above is not None and above[level] not in levels[n + 1 :]:
                yield level, above[level], True, _renamed(names, above)


def _moved(chain: Chain, levels: Sequence[str], step: int) -> dict[str, str] | None:
    """Each level's neighbour towards the head (-1) or the feet (+1), None where one has none."""
    places = [chain.levels.index(level) + step for level in levels]
    if min(places) < 0 or max(places) >= len(chain.levels):
        return None
    return {level: chain.levels[place] for level, place in zip(levels, places, strict=True)}


def _renamed(names: Sequence[str], moved: Mapping[str, str]) -> tuple[str, ...]:
    renamed = []
    for name in names:
        level = level_of(name)
        if level is None or level not in moved:
            renamed.append(name)
        else:
            renamed.append(moved[level] + name[len(level) :])
    return tuple(renamed)


def _log_density(
    posterior: Posterior, values: FloatArray, weights: FloatArray, noise: FloatArray
) -> float:
    """Of the observations under the whole mixture, in the linear view of each component."""
    logs = []
    for fit in posterior.fits:
        factor = cho_factor(weights @ fit.before_covariance @ weights.T + noise, lower=True)
        away = values - weights @ fit.before_mean
        log = -0.5 * float(away @ cho_solve(factor, away))
        log -= float(np.log(np.diag(factor[0])).sum())
        logs.append(np.log(fit.component.weight) + log)
    return float(np.logaddexp.reduce(logs))
