"""All combinations of what a surgeon allows, numbered, and the values that each of them gives.

A chain of turns is one map of the plane: the maps of the upper and of the lower half of the sites
are made once and multiplied, so that millions of plans are drawn in a second. Places are complex
numbers (x + iy), a turn about h is ``z -> u z + h (1 - u)`` with ``|u| = 1``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import LEVELS, plate_names
from balance.errors import BadPlan
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import METRIC
from balance.metrics.sites import HIP_AXIS, Sites, resolve
from balance.planning.plan import Correction, Plan, exclude_each_other, hinge_of
from balance.planning.scenarios import Scenario, pelvic_turn
from balance.planning.turning import Turn, turns_of
from balance.radiograph import FloatArray

ComplexArray = NDArray[np.complex128]
_T = TypeVar("_T")
Places = Callable[[str], ComplexArray]
Movement = tuple[tuple[bool, ...], ...]
"""Of a point: which options of which site turn it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be done at one site: one of these procedures by one of these degrees, or nothing.

    A ``given`` correction has no options: it is done in every plan.
    """

    site: str
    options: tuple[tuple[str, float], ...]
    given: Correction | None = None

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The options as corrections."""
        if self.given is not None:
            return (self.given,)
        return tuple(Correction(self.site, key, degrees) for key, degrees in self.options)

    def table(self, nothing: _T, each: Iterable[_T]) -> list[_T]:
        """Something of every option, first of nothing where that may be chosen."""
        return [*each] if self.given is not None else [nothing, *each]


@dataclass(frozen=True, slots=True)
class Maps:
    """Turn and shift of every option at one site, first of nothing if it may be chosen."""

    turn: ComplexArray
    shift: ComplexArray

    def on(self, moved: Sequence[bool]) -> Maps:
        """The maps of a point that these options move; the others leave it."""
        nothing = [False] * (len(self.turn) - len(moved))
        flags = np.array([*nothing, *moved]).reshape(-1, *[1] * (self.turn.ndim - 1))
        return Maps(np.where(flags, self.turn, 1.0), np.where(flags, self.shift, 0.0))


class Space:
    """All combinations, numbered; a number is what each site does, from the head down."""

    def __init__(self, landmarks: Landmarks, allowed: Sequence[Choice], scenario: Scenario) -> None:
        self.choices = sorted(allowed, key=_height)
        self.scenario, self.subject = scenario, landmarks.subject
        self.levels, self.view = landmarks.existing_levels, landmarks.view
        self.names = tuple(landmarks.points)
        turns = self.turns(self.names)
        self.movements: dict[str, Movement] = {
            name: tuple(tuple(bool(turn.moving[n]) for turn in row) for row in turns)
            for n, name in enumerate(self.names)
        }
        self.sites: Sites = resolve(landmarks)
        pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float)
        plane = landmarks.frame.to_plane(pixels)
        self.places = dict(zip(self.names, as_complex(plane), strict=True))
        self.maps = [
            self.maps_of(choice, row, plane)
            for choice, row in zip(self.choices, turns, strict=True)
        ]
        self.sizes = [len(choice.table(None, choice.corrections)) for choice in self.choices]
        half = len(self.sizes) // 2
        self.upper, self.lower = range(half), range(half, len(self.sizes))
        self.exclusions = list(self._exclusions())

    @property
    def count(self) -> int:
        """How many combinations there are, those that exclude each other among them."""
        return prod(self.sizes)

    def corrections(self, number: int) -> tuple[Correction, ...]:
        """The corrections of a combination by its number, but those that are given."""
        picks = np.unravel_index(number, self.sizes)
        return tuple(
            choice.corrections[int(pick) - 1]
            for choice, pick in zip(self.choices, picks, strict=True)
            if choice.given is None and pick
        )

    def points_behind(self, keys: Sequence[str]) -> set[str]:
        """The points that these values, the pelvis and the hinges rest on."""
        needs = [site for key in (*keys, "PT", "T1SPi") for site in METRIC[key].needs]
        hinges = [hinge_of(one) for choice in self.choices for one in choice.corrections]
        return {
            *self.sites.points_behind([site for site in needs if site in self.sites.parts]),
            *(
                name
                for hinge in hinges
                for name in plate_names(hinge.level, hinge.endplate, self.view)
            ),
        }

    def values(self, keys: Sequence[str], site: Places) -> dict[str, FloatArray]:
        """Values of places after the pelvis has turned as the scenario says."""
        if self.scenario.pelvis != "unchanged":
            if not self.sites.has([HIP_AXIS]):
                raise BadPlan(f"{self.scenario.name} cannot be drawn: the hip axis is not marked")
            told = [key for key in ("PT", "T1SPi") if self.sites.has(METRIC[key].needs)]
            before = {key: _measure(key, site) for key in told}
            degrees = pelvic_turn(self.scenario, before, self.subject)
            if isinstance(degrees, str):
                raise BadPlan(f"{self.scenario.name} cannot be drawn: {degrees}")
            site = _swung(site, np.exp(1j * np.radians(degrees)))
        return {key: _measure(key, site) for key in keys}

    def located(
        self,
        points: Mapping[str, ComplexArray],
        moved: Callable[[Movement, ComplexArray], ComplexArray],
    ) -> Places:
        """Places of sites after the turns; what moves alike is moved once, as its mean."""
        known: dict[str, ComplexArray] = {}

        def site(name: str) -> ComplexArray:
            if name not in known:
                alike: dict[Movement, list[tuple[str, float]]] = {}
                for point, weight in self.sites.parts[name]:
                    alike.setdefault(self.movements[point], []).append((point, weight))
                place = np.zeros((1, 1), complex)
                for movement, parts in alike.items():
                    whole = sum(weight for _, weight in parts)
                    mean = sum(weight * points[point] for point, weight in parts) / whole
                    place = place + whole * moved(movement, np.asarray(mean))
                known[name] = place
            return known[name]

        return site

    def options_moving(self, site: str, k: int) -> NDArray[np.bool_]:
        """Which of nothing and the options of a choice move a site, told by its first point."""
        point = self.sites.parts[site][0][0]
        return np.array(self.choices[k].table(False, self.movements[point][k]))

    def turns(self, names: Sequence[str]) -> list[list[Turn]]:
        """Every option of every site as a turn of these points."""
        return [
            [turns_of(Plan((one,)), names, self.levels, self.view)[0] for one in choice.corrections]
            for choice in self.choices
        ]

    def maps_of(
        self,
        choice: Choice,
        turns: Sequence[Turn],
        plane: FloatArray,
        errors: FloatArray | float = 0.0,
    ) -> Maps:
        """Maps of a choice, its options as turns of points (..., names, 2), degrees with errors."""
        hinges = np.stack([as_complex(turn.hinge(plane)) for turn in turns])
        degrees = np.array([turn.correction.degrees for turn in turns])
        degrees = degrees.reshape(-1, *[1] * (hinges.ndim - 1)) + errors
        sign = 1.0 if self.view == "lateral" else -1.0
        u = np.exp(1j * sign * np.radians(degrees)) * np.ones_like(hinges)
        still = np.ones_like(u[: 1 if choice.given is None else 0])
        return Maps(np.concatenate([still, u]), np.concatenate([0 * still, hinges * (1.0 - u)]))

    def _exclusions(self) -> Iterator[tuple[int, NDArray[np.bool_], int, NDArray[np.bool_]]]:
        """Pairs of sites and which of their options cannot stand together."""
        for k, one in enumerate(self.choices):
            for j, other in enumerate(self.choices):
                if j == k:
                    continue
                taking = [
                    exclude_each_other(first, other.corrections[0], self.levels)
                    for first in one.corrections
                ]
                if any(taking):
                    anything = np.array(other.table(False, [True] * len(other.corrections)))
                    yield k, np.array(one.table(False, taking)), j, anything


def _measure(key: str, site: Places) -> FloatArray:
    """A value from the places of its sites; NaN where what it is divided by is not positive."""
    metric = METRIC[key]
    places = [site(name) for name in metric.needs]
    flat = [np.stack([place.real, place.imag], axis=-1) for place in places]
    value = np.asarray(metric.compute(*flat))
    if metric.divides_by is None:
        return value
    return np.where(_measure(metric.divides_by, site) > 0, value, np.nan)


def _swung(site: Places, turn: ComplexArray) -> Places:
    """Places after spine and pelvis turn as one body about the hips."""
    hip = site(HIP_AXIS)

    def after(name: str) -> ComplexArray:
        return hip if name == HIP_AXIS else hip + turn * (site(name) - hip)

    return after


def as_complex(plane: FloatArray) -> ComplexArray:
    """Points of the plane (..., 2) as complex numbers."""
    return plane[..., 0] + 1j * plane[..., 1]


def _height(choice: Choice) -> tuple[int, bool, str]:
    """Order from the head down, as plans are drawn: the disc above a body comes before the body."""
    lowest = choice.site.split("_")[-1]
    given = "" if choice.given is None else choice.given.procedure
    return (LEVELS.index(lowest) if lowest in LEVELS else 0), "_" not in choice.site, given
