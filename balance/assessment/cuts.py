"""Classes by boundaries on one value, and how likely each of them is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from balance.assessment.model import EDGE_TOLERANCE, Cut


def place_among(values: NDArray[np.float64], cuts: Sequence[Cut]) -> NDArray[np.intp]:
    """Which class each value falls into, counted from the lowest.

    Examples
    --------
    >>> limits = Cut(10.0, "upper"), Cut(20.0, "lower")
    >>> place_among(np.array([9.9, 10.0, 20.0, 20.1]), limits).tolist()
    [0, 1, 1, 2]
    """
    values = np.asarray(values, float)
    places = np.zeros(values.shape, np.intp)
    for cut in cuts:
        if cut.owner == "upper":
            places += values >= cut.at - EDGE_TOLERANCE
        else:
            places += values > cut.at + EDGE_TOLERANCE
    return places


def normal_probabilities(
    value: float, sd: float, cuts: Sequence[Cut], words: Sequence[str]
) -> dict[str, float]:
    """Probability of each word for a normal value; a word that stands twice is added up.

    Examples
    --------
    >>> normal_probabilities(0.0, 1.0, [Cut(0.0, "upper")], ["below", "above"])
    {'below': 0.5, 'above': 0.5}
    """
    probability = dict.fromkeys(words, 0.0)
    if sd == 0:
        probability[words[int(place_among(np.array(value), cuts))]] = 1.0
        return probability
    below = [0.0, *(float(ndtr((cut.at - value) / sd)) for cut in cuts), 1.0]
    for word, low, high in zip(words, below, below[1:], strict=False):
        probability[word] += high - low
    return probability


def shares(drawn: NDArray[np.intp], words: Sequence[str]) -> dict[str, float]:
    """Share of each class among draws; draws of -1 have no class and do not count."""
    classed = drawn[drawn >= 0]
    counts = np.bincount(classed, minlength=len(words))
    return {
        word: float(count / max(len(classed), 1)) for word, count in zip(words, counts, strict=True)
    }
