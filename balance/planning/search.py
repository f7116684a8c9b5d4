"""Every plan that the surgeon allows, and the least invasive of those that meet the targets.

The search is exhaustive: all combinations of the allowed procedures are drawn, and of those that
meet every target as drawn so many are redrawn that "none exists" is a statement about all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from balance.errors import BadPlan
from balance.landmarks.model import Landmarks
from balance.planning.bounds import Target, all_met
from balance.planning.outcome import redraw
from balance.planning.plan import Correction, Plan, check_plan, refuse_impossible
from balance.planning.scenarios import SCENARIOS, Scenario
from balance.planning.search_block import Numbers, Redrawing, blocks
from balance.planning.search_room import ceilings, deviations, hopeless_below, needed, room_of
from balance.planning.search_space import Choice, Space
from balance.radiograph import FloatArray

MOST_PLANS = 20_000_000
SHARE = 0.8
"""Of the redraws in which a found plan meets its targets, where no other share is asked for."""
DRAWS = 1000
FIRST_DRAWS = 250
"""After these a plan is dropped that cannot reach the share in the others."""
BATCH = 40
"""Plans of a class that are redrawn at once, those with the most room first."""
MOST_REDRAWN = 10_000
"""Plans that are redrawn before the search gives up; it then says so."""


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """One plan of the table.

    ``room`` is the smallest distance of a value from the ends of its range in reading standard
    deviations, below 0 where a value lies outside; ``share`` the redraws in which all targets are
    met together, None where that was not computed.
    """

    plan: Plan
    grade: int
    sites: int
    degrees: float
    room: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Search:
    """What the search says: the table, least invasive first, and how many plans stand behind it.

    ``share`` is what was asked for, ``scenario`` what the pelvis does in every plan, ``given`` the
    corrections that all of them hold.
    ``examined`` counts all plans drawn, ``within`` those whose drawn geometry meets every target.
    Of these, ``passed_over`` cannot reach the share because one angle alone is known too poorly
    for its range, and ``redrawn`` were redrawn. Plans are classed by osteotomy grade and number of
    sites. ``found`` holds, of every class in which a plan reaches the share, the best that was
    redrawn, where no less invasive one has its share; where there are none, ``nearest`` holds the
    closest. ``complete`` says that no class less invasive than all of ``found`` holds a plan of
    which nothing is known: what is not listed there does not exist.
    """

    share: float
    scenario: Scenario
    given: tuple[Correction, ...]
    examined: int
    within: int
    passed_over: int
    redrawn: int
    complete: bool
    found: tuple[FoundPlan, ...]
    nearest: tuple[FoundPlan, ...]


@dataclass(slots=True)
class _Class:
    """The plans of one grade and number of sites; ``numbers`` are those worth redrawing."""

    grade: int
    sites: int
    within: int = 0
    hopeful: int = 0
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    room: FloatArray = field(default_factory=lambda: np.zeros(0))
    nearest: tuple[float, int] = (-np.inf, 0)

    def add(self, numbers: Numbers, room: FloatArray, hopeful: NDArray[np.bool_]) -> None:
        """Count plans of this class, and keep the hopeful ones that have the most room."""
        first = int(np.argmax(room))
        if room[first] > self.nearest[0]:
            self.nearest = float(room[first]), int(numbers[first])
        self.within += int(np.count_nonzero(room >= 0.0))
        worth = (room >= 0.0) & hopeful
        self.hopeful += int(np.count_nonzero(worth))
        self.numbers = np.concatenate([self.numbers, numbers[worth]])
        self.room = np.concatenate([self.room, room[worth]])
        order = np.lexsort((self.numbers, -self.room))[:MOST_REDRAWN]
        self.numbers, self.room = self.numbers[order], self.room[order]


def find_plans(
    landmarks: Landmarks,
    allowed: Sequence[Choice],
    targets: Sequence[Target],
    *,
    share: float = SHARE,
    scenario: Scenario = SCENARIOS[0],
    start: Plan | None = None,
) -> Search:
    """Draw every allowed combination and list the least invasive that meet the targets.

    Parameters
    ----------
    share
        In how many redraws all targets must be met together, by a plan that meets them as drawn.
    scenario
        What the pelvis does; the unfused kyphosis stays. A tilt or a PT that is past its target
        can only be met where the pelvis turns.
    start
        Corrections that are part of every plan, and the fused range; nothing else is offered at
        their sites.

    Raises
    ------
    BadPlan
        Nothing to choose from, too many combinations, or a target that this film cannot tell.
    """
    start = start or Plan()
    taken = {one.site for one in start.corrections}
    allowed = [choice for choice in allowed if choice.site not in taken]
    if not allowed or not targets:
        raise BadPlan("a search needs at least one allowed procedure and one target")
    if not 0.0 < share < 1.0:
        raise BadPlan(f"the share is {share:g}; give one between 0 and 1")
    check_plan(start, landmarks.existing_levels, landmarks.view)
    refuse_impossible(start, landmarks)
    for choice in allowed:
        refuse_impossible(Plan(choice.corrections), landmarks)
    given = [Choice(one.site, (), one) for one in start.corrections]
    space = Space(landmarks, [*given, *allowed], scenario)
    if space.count > MOST_PLANS:
        raise BadPlan(
            f"{space.count} combinations are more than {MOST_PLANS}: allow fewer sites or angles"
        )
    spread, keys = deviations(landmarks, targets), needed(targets)
    age = landmarks.subject.age_years
    redrawing = Redrawing(space, redraw(landmarks, DRAWS).only(space.points_behind(keys)))
    limits = list(ceilings(space, targets, redrawing, age))
    hopeless = hopeless_below(share, DRAWS)
    classes: dict[int, _Class] = {}
    examined = 0
    for block in blocks(space):
        possible = ~block.excluded
        examined += int(np.count_nonzero(possible))
        values = block.values(keys)
        room = room_of(targets, values, spread, age, possible.shape)
        hopeful = np.ones(possible.shape, bool)
        for limit in limits:
            hopeful &= limit.shares(block, values, age) >= hopeless
        code = np.where(possible, block.grade * (len(space.sizes) + 1) + block.sites, -1)
        for one in np.flatnonzero(np.bincount(code.ravel() + 1)[1:]):
            mask = code == one
            kept = classes.setdefault(int(one), _Class(*divmod(int(one), len(space.sizes) + 1)))
            kept.add(block.numbers[mask], room[mask], hopeful[mask])

    def shares(numbers: Numbers, draws: slice) -> FloatArray:
        values = redrawing.values(keys, numbers, draws)
        met = all_met(targets, values, age)
        every = len(redrawing.scale_factors[draws])
        part: FloatArray = np.broadcast_to(met, (len(numbers), every)).sum(axis=1) / DRAWS
        return part

    ordered = sorted(classes.values(), key=lambda one: (one.grade, one.sites))
    rows, redrawn, complete = _redrawn(ordered, shares, share)
    plans = [replace(row, plan=_with(start, space.corrections(index))) for row, index in rows]
    plans = [replace(row, degrees=_total(row.plan)) for row in plans]
    reached = [row for row in plans if row.share is not None and row.share >= share]
    return Search(
        share=share,
        scenario=scenario,
        given=start.corrections,
        examined=examined,
        within=sum(one.within for one in ordered),
        passed_over=sum(one.within - one.hopeful for one in ordered),
        redrawn=redrawn,
        complete=complete,
        found=_unbeaten(reached),
        nearest=() if reached else _unbeaten(plans),
    )


def _redrawn(
    classes: Sequence[_Class], shares: Callable[[Numbers, slice], FloatArray], share: float
) -> tuple[list[tuple[FoundPlan, int]], int, bool]:
    """The best plan of every class with its number, how many were redrawn, whether all needed were.

    A class without a less invasive find is redrawn until a plan reaches the share or none is
    left; where there is such a find, only the plans with the most room are.
    """
    rows: list[tuple[FoundPlan, int]] = []
    redrawn, complete = 0, True
    for one in classes:
        best, count = None, 0
        beaten = any(
            row.share is not None and row.share >= share and row.sites <= one.sites
            for row, _ in rows
        )
        while best is None or best[0] < share:
            batch = one.numbers[count : count + BATCH]
            if not len(batch) or (count and (beaten or redrawn >= MOST_REDRAWN)):
                break
            found = _best(batch, shares, share)
            if best is None or found[0] > best[0]:
                best = found[0], count + found[1]
            count += len(batch)
            redrawn += len(batch)
        if best is None:
            room, number = one.nearest
            met = float(shares(np.array([number]), slice(None))[0]) if one.within else None
            rows.append((FoundPlan(Plan(), one.grade, one.sites, 0.0, room, met), number))
            continue
        room, number = float(one.room[best[1]]), int(one.numbers[best[1]])
        rows.append((FoundPlan(Plan(), one.grade, one.sites, 0.0, room, best[0]), number))
        complete &= best[0] >= share or beaten or count == one.hopeful
    return rows, redrawn, complete


def _best(
    batch: Numbers, shares: Callable[[Numbers, slice], FloatArray], share: float
) -> tuple[float, int]:
    """The greatest share of a batch and where it stands in it."""
    first = shares(batch, slice(FIRST_DRAWS))
    left = (DRAWS - FIRST_DRAWS) / DRAWS
    hopeful = np.flatnonzero(first + left >= share)
    if not len(hopeful):
        hopeful = np.array([int(np.argmax(first))])
    whole = first[hopeful] + shares(batch[hopeful], slice(FIRST_DRAWS, None))
    place = int(np.argmax(whole))
    return float(whole[place]), int(hopeful[place])


def _with(start: Plan, added: tuple[Correction, ...]) -> Plan:
    return replace(start, corrections=(*start.corrections, *added))


def _total(plan: Plan) -> float:
    return sum(abs(one.degrees) for one in plan.corrections)


def _unbeaten(rows: Sequence[FoundPlan]) -> tuple[FoundPlan, ...]:
    """Rows, least invasive first, that no less invasive row equals or beats."""
    ordered = sorted(rows, key=lambda row: (row.grade, row.sites))
    kept: list[FoundPlan] = []
    for row in ordered:
        if not any(one.sites <= row.sites and _merit(one) >= _merit(row) for one in kept):
            kept.append(row)
    return tuple(kept)


def _merit(row: FoundPlan) -> tuple[float, float]:
    """How well a plan meets its targets: by share, and where there is none by distance."""
    return (-1.0, row.room) if row.share is None else (row.share, 0.0)
