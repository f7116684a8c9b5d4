"""Many combinations at once: their values as drawn, and in every redraw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from balance.metrics.catalogue import METRIC
from balance.planning.outcome import Redraws, execution_errors
from balance.planning.search_space import ComplexArray, Maps, Movement, Space, as_complex
from balance.radiograph import FloatArray

Numbers = NDArray[np.int64]

BLOCK = 1_000_000
"""Plans that are evaluated at once: bounds the memory."""


def blocks(space: Space) -> Iterator[Block]:
    """All combinations, block by block."""
    uppers = prod(space.sizes[k] for k in space.upper)
    lowers = prod(space.sizes[k] for k in space.lower)
    step = max(1, BLOCK // lowers)
    for start in range(0, uppers, step):
        yield Block(space, np.arange(start, min(start + step, uppers)), np.arange(lowers))


@dataclass(frozen=True, slots=True)
class Block:
    """Some of the combinations: numbers of the upper half of the sites against the lower half.

    Arrays are (uppers, lowers) or broadcast against that.
    """

    space: Space
    uppers: Numbers
    lowers: Numbers

    @property
    def numbers(self) -> Numbers:
        """Numbers of the combinations."""
        lower_half = prod(self.space.sizes[k] for k in self.space.lower)
        return self.uppers[:, None] * lower_half + self.lowers

    @property
    def excluded(self) -> NDArray[np.bool_]:
        """Combinations of which one part leaves nothing for the other."""
        mask = np.zeros((len(self.uppers), len(self.lowers)), bool)
        for k, taking, j, anything in self.space.exclusions:
            mask |= taking[self.pick(k)] & anything[self.pick(j)]
        return mask

    @property
    def grade(self) -> Numbers:
        """The highest osteotomy grade of each."""
        grade = np.zeros((1, 1), np.int64)
        for k, choice in enumerate(self.space.choices):
            grades = np.array(choice.table(0, (one.row.grade for one in choice.corrections)))
            grade = np.maximum(grade, grades[self.pick(k)])
        return np.broadcast_to(grade, (len(self.uppers), len(self.lowers)))

    @property
    def sites(self) -> Numbers:
        """How many sites each of them changes."""
        sites = np.zeros((1, 1), np.int64)
        counted: set[str] = set()
        for k, choice in enumerate(self.space.choices):
            # Two given corrections may share a site.
            one = 0 if choice.site in counted else 1
            counted.add(choice.site)
            sites = sites + np.array(choice.table(0, [one] * len(choice.corrections)))[self.pick(k)]
        return np.broadcast_to(sites, (len(self.uppers), len(self.lowers)))

    def values(self, keys: Sequence[str]) -> dict[str, FloatArray]:
        """Values of these parameters as drawn."""
        chains: dict[tuple[Movement, bool], Maps] = {}

        def moved(movement: Movement, place: ComplexArray) -> ComplexArray:
            for upper in (True, False):
                if (movement, upper) not in chains:
                    chains[movement, upper] = self._chain(movement, upper=upper)
            above, below = chains[movement, True], chains[movement, False]
            first = above.turn * place + above.shift
            result: ComplexArray = below.turn[None, :] * first[:, None] + below.shift[None, :]
            return result

        return self.space.values(keys, self.space.located(self.space.places, moved))

    def pick(self, k: int) -> Numbers:
        """What the combinations do at a site, (uppers, 1) or (1, lowers)."""
        upper = k in self.space.upper
        places = self.space.upper if upper else self.space.lower
        picks = np.unravel_index(
            self.uppers if upper else self.lowers, [self.space.sizes[n] for n in places]
        )
        pick: Numbers = picks[k - places.start]
        return pick[:, None] if upper else pick[None, :]

    def _chain(self, movement: Movement, *, upper: bool) -> Maps:
        """The product of the maps that move such a point, from the head down."""
        turn, shift = np.ones(1, complex), np.zeros(1, complex)
        for k in self.space.upper if upper else self.space.lower:
            if any(movement[k]):
                one, pick = self.space.maps[k].on(movement[k]), self.pick(k).ravel()
                u, b = one.turn[pick], one.shift[pick]
                turn, shift = u * turn, u * shift + b
        return Maps(turn, shift)


class Redrawing:
    """The redraws of a film as maps, so that many combinations are redrawn at once."""

    def __init__(self, space: Space, drawn: Redraws) -> None:
        self.space, self.scale_factors = space, drawn.scale_factors
        self.count = len(drawn.points)
        self.places = dict(zip(drawn.names, as_complex(drawn.points).T, strict=True))
        self.maps = []
        given = [choice.given for choice in space.choices if choice.given is not None]
        of_given = iter(execution_errors(given, self.count))
        for choice, row in zip(space.choices, space.turns(drawn.names), strict=True):
            if choice.given is not None:
                errors = [next(of_given)]
            else:
                errors = [execution_errors([turn.correction], self.count)[0] for turn in row]
            self.maps.append(space.maps_of(choice, row, drawn.points, np.array(errors)))

    def values(
        self, keys: Sequence[str], numbers: Numbers, draws: slice = slice(None)
    ) -> dict[str, FloatArray]:
        """Values (plans, draws) of these combinations, execution errors added."""
        picks = np.unravel_index(numbers, self.space.sizes)
        chosen = [Maps(one.turn[:, draws], one.shift[:, draws]) for one in self.maps]
        places = {name: place[draws] for name, place in self.places.items()}

        def moved(movement: Movement, place: ComplexArray) -> ComplexArray:
            z = np.broadcast_to(place, (len(numbers), *place.shape))
            for one, flags, pick in zip(chosen, movement, picks, strict=True):
                if any(flags):
                    here = one.on(flags)
                    z = here.turn[pick] * z + here.shift[pick]
            return z

        values = self.space.values(keys, self.space.located(places, moved))
        factors = self.scale_factors[draws]
        return {
            key: value * factors if METRIC[key].unit == "mm" else value
            for key, value in values.items()
        }
