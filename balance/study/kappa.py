"""Chance-corrected agreement of two readers on words: Cohen's kappa, plain and weighted.

Weighted kappa is Cohen's (reference ``cohen1968``).

The weights are named wherever a kappa is printed: linear (Cicchetti and Allison) and quadratic
(Fleiss and Cohen) weights give different numbers for the same table. Large-sample standard error
after Fleiss, Cohen and Everitt (reference ``fleiss1969``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from balance.radiograph import FloatArray
from balance.study.reliability import NORMAL_95, Interval

Weights = Literal["unweighted", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Kappa:
    """One kappa with its weights' name, or the reason why there is none.

    A perfect agreement has no interval: the large-sample one would have no width.
    """

    weights: str
    value: float | None
    ci95: Interval | None = None
    reason: str | None = None


def cross_table(first: Sequence[str], second: Sequence[str], words: Sequence[str]) -> FloatArray:
    """How often the readers said each pair of words; the first reader's words are the rows."""
    place = {word: n for n, word in enumerate(words)}
    table = np.zeros((len(words), len(words)))
    for one, two in zip(first, second, strict=True):
        table[place[one], place[two]] += 1
    return table


def agreement_weights(count: int, weights: Weights) -> FloatArray:
    """1 on the diagonal, falling to 0 (or at once, unweighted) with the distance from it."""
    steps = np.abs(np.subtract.outer(np.arange(count), np.arange(count))) / max(count - 1, 1)
    if weights == "unweighted":
        return np.eye(count)
    result: FloatArray = 1.0 - (steps if weights == "linear" else steps**2)
    return result


def kappa(table: FloatArray, weights: Weights | FloatArray) -> Kappa:
    """Kappa of a square table of counts with its large-sample 95 % interval.

    Parameters
    ----------
    weights
        A name, or agreement weights of one's own, 1 on the diagonal.

    Examples
    --------
    >>> table = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5.0]])
    >>> round(kappa(table, "unweighted").value, 4), round(kappa(table, "linear").value, 4)
    (0.4842, 0.4701)
    """
    name = weights if isinstance(weights, str) else "own"
    w = agreement_weights(len(table), weights) if isinstance(weights, str) else weights
    n = float(table.sum())
    if n < 2:
        return Kappa(name, None, reason="fewer than two films have a grade from both readers")
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    expected = float(rows @ w @ columns)
    if 1.0 - expected < 1e-12:
        return Kappa(name, None, reason="both readers used one word only: chance explains it all")
    value = (float((w * p).sum()) - expected) / (1.0 - expected)
    mean_weight = (w @ columns)[:, None] + (rows @ w)[None, :]
    inside = float((p * (w - mean_weight * (1.0 - value)) ** 2).sum())
    variance = (inside - (value - expected * (1.0 - value)) ** 2) / (n * (1.0 - expected) ** 2)
    if variance < 1e-12:
        # At perfect agreement the large-sample interval closes up, which nobody should believe.
        return Kappa(name, value)
    half = NORMAL_95 * math.sqrt(variance)
    return Kappa(name, value, (max(value - half, -1.0), min(value + half, 1.0)))
