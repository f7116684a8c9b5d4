"""How well drawn plans meet their targets: room inside the ranges, and the most they can reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from balance.errors import BadPlan
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import METRIC, measure_film
from balance.planning.bounds import EDGE, Bound, Target, all_met, refusal, violations
from balance.planning.search_block import Block, Redrawing
from balance.planning.search_space import Space
from balance.radiograph import FloatArray

SAMPLING_ERRORS = 3.0
"""A plan is passed over where even this many sampling errors do not bring it to the share."""


def needed(targets: Sequence[Target]) -> list[str]:
    """Keys of the values that the targets look at."""
    return list(dict.fromkeys(key for target in targets for key in target.rests_on))


def deviations(landmarks: Landmarks, targets: Sequence[Target]) -> dict[str, float]:
    """Reading SD of every bounded value on the film as it is.

    Raises
    ------
    BadPlan
        A target that this film cannot tell.
    """
    measured = measure_film(landmarks).measurements
    for target in targets:
        reason = refusal(target, landmarks, measured)
        if reason is not None:
            raise BadPlan(f"target {target.key} cannot be used: {reason}")
    found = {}
    for key in needed(targets):
        one = measured.get(key)
        # The LDI of a spine without lordosis may be given once it has one.
        if one is None or (one.value is None and METRIC[key].divides_by is None):
            reason = one.reason if one else "this film does not tell it"
            raise BadPlan(f"target needs {key}, which is not given: {reason}")
        found[key] = one.sd or 1.0
    return found


def room_of(
    targets: Sequence[Target],
    values: Mapping[str, FloatArray],
    spread: Mapping[str, float],
    age_years: float | None,
    shape: tuple[int, ...],
) -> FloatArray:
    """Of every plan the smallest distance from the ends of the ranges, in SDs; below 0 outside.

    What has no value, as the LDI of a spine without lordosis, lies outside by any distance.
    """
    worst, slack = np.zeros((1, 1)), np.full((1, 1), np.inf)
    pi = values.get("PI", np.array(np.nan))
    for target in targets:
        past = violations(target, values, age_years)
        for bound in target.bounds:
            deviation = spread[bound.metric]
            worst = np.maximum(worst, np.abs(past[bound.metric]) / deviation)
            for end in bound.lines:
                inside = np.abs(values[bound.metric] - end.value(pi, age_years))
                slack = np.minimum(slack, inside / deviation)
    outside = -np.maximum(np.nan_to_num(worst, nan=np.inf), EDGE)
    met = all_met(targets, values, age_years)
    return np.broadcast_to(np.where(met, slack, outside), shape)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """An upper limit of the share in which plans keep one angle between endplates in its range.

    Such an angle is normal in the redraws: its reading SD is that of the film, and every
    correction between the endplates adds its execution SD.
    """

    bound: Bound
    reading_variance: float
    added: tuple[FloatArray, ...]

    def shares(
        self, block: Block, values: Mapping[str, FloatArray], age: float | None
    ) -> FloatArray:
        """The limit for every plan of a block."""
        variance = np.full((1, 1), self.reading_variance)
        for k, added in enumerate(self.added):
            variance = variance + added[block.pick(k)]
        sd, pi = np.sqrt(variance), values.get("PI", np.array(np.nan))
        value, share = values[self.bound.metric], np.ones((1, 1))
        if self.bound.high is not None:
            share = share - ndtr((value - self.bound.high.value(pi, age)) / sd)
        if self.bound.low is not None:
            share = share - ndtr((self.bound.low.value(pi, age) - value) / sd)
        limit: FloatArray = share
        return limit


def ceilings(
    space: Space, targets: Sequence[Target], redrawing: Redrawing, age_years: float | None
) -> Iterator[Ceiling]:
    """The limits that the bounds of these targets set."""
    values = redrawing.values(needed(targets), np.zeros(1, np.int64))
    pi = values.get("PI", np.array(np.nan))
    for target in targets:
        for bound in target.bounds:
            metric = METRIC[bound.metric]
            if len(metric.plates) != 2 or not metric.smooth:
                continue
            residual = values[bound.metric] - bound.lines[0].value(pi, age_years)
            added = []
            for k, choice in enumerate(space.choices):
                ends = [space.options_moving(plate[0], k) for plate in metric.plates]
                # What is given is in the redraws of the first combination already.
                errors = [0.0 if choice.given else one.sd**2 for one in choice.corrections]
                variance = np.array(choice.table(0.0, errors))
                added.append(np.where(ends[0] != ends[1], variance, 0.0))
            yield Ceiling(bound, float(np.var(residual)), tuple(added))


def hopeless_below(share: float, draws: int) -> float:
    """The limit under which a plan cannot be expected to reach a share of so many redraws."""
    return share - SAMPLING_ERRORS * float(np.sqrt(share * (1.0 - share) / draws))
