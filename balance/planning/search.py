"""Every plan that the surgeon allows, and the least invasive of those that meet the targets.

The search is exhaustive: all combinations of the allowed procedures are drawn, so that "none
exists" is a statement about them. It stays quick because a chain of turns is one map of the plane:
the maps of the upper and of the lower half of the sites are made once and multiplied. Places are
complex numbers (x + iy), a turn about h is ``z -> u z + h (1 - u)`` with ``|u| = 1``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import plate_names
from balance.errors import BadPlan
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import METRIC, measure_film
from balance.metrics.sites import HIP_AXIS, Sites, resolve
from balance.planning.outcome import redraw, share_met
from balance.planning.plan import Correction, Plan, hinge_of
from balance.planning.procedures import PROCEDURE
from balance.planning.scenarios import SCENARIOS, Scenario, pelvic_turn
from balance.planning.targets import EDGE, Target, refuse_without, violations
from balance.planning.turning import Turn, turns_of
from balance.radiograph import FloatArray

ComplexArray = NDArray[np.complex128]

STEP_DEG = 5.0
"""Between the angles of a procedure that are tried, where the surgeon names no others."""
MOST_PLANS = 20_000_000
BLOCK = 1_000_000
"""Plans that are evaluated at once: bounds the memory."""
DRAWS = 1000
REDRAWN = 20
"""Plans of each class (grade and number of sites) whose share of redraws is computed."""
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be done at one site: one of these procedures by one of these degrees, or nothing."""

    site: str
    options: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """One plan of the table.

    ``residual`` is the largest distance of a value from its range in reading standard deviations,
    0 where every target is met; ``share`` the redraws in which all targets are met together.
    """

    plan: Plan
    grade: int
    sites: int
    degrees: float
    residual: float
    share: float


@dataclass(frozen=True, slots=True)
class Search:
    """What the search says: the table, least invasive first, and how many plans stand behind it.

    ``examined`` counts all plans drawn, ``within`` those whose drawn geometry meets every target,
    ``redrawn`` those of them whose share was computed: the best of each class. ``found`` holds the
    plans that reach the share and that no other plan beats in grade, sites and share at once;
    where there are none, ``nearest`` holds the closest of each class.
    """

    examined: int
    within: int
    redrawn: int
    found: tuple[FoundPlan, ...]
    nearest: tuple[FoundPlan, ...]


def choices(allowed: Sequence[str], forbidden: Sequence[str] = ()) -> tuple[Choice, ...]:
    """Read what is allowed: ``SITE:PROCEDURE``, ``SITE:PROCEDURE:15,20`` or ``…:10..30``.

    A site or a procedure that is forbidden is left out.

    Raises
    ------
    BadPlan
        One sentence: which part cannot be read.

    Examples
    --------
    >>> choices(["L5_S1:alif:5..15", "L4:pso"], forbidden=["L4"])
    (Choice(site='L5_S1', options=(('alif', 5.0), ('alif', 10.0), ('alif', 15.0))),)
    """
    by_site: dict[str, list[tuple[str, float]]] = {}
    for text in allowed:
        site, _, rest = text.partition(":")
        key, _, degrees = rest.partition(":")
        if key not in PROCEDURE:
            known = ", ".join(PROCEDURE)
            raise BadPlan(f"{text!r}: write SITE:PROCEDURE with one of {known}")
        if not {site, key} & set(forbidden):
            by_site.setdefault(site, []).extend((key, one) for one in _degrees(text, key, degrees))
    return tuple(Choice(site, tuple(dict.fromkeys(pairs))) for site, pairs in by_site.items())


def find_plans(
    landmarks: Landmarks,
    allowed: Sequence[Choice],
    targets: Sequence[Target],
    *,
    share: float = 0.8,
    scenario: Scenario = SCENARIOS[0],
    uiv: str | None = None,
    liv: str | None = None,
) -> Search:
    """Draw every allowed combination and list the least invasive that meet the targets.

    Parameters
    ----------
    share
        In how many redraws all targets must be met together.
    scenario
        What the pelvis does; the unfused kyphosis stays. A tilt or a PT that is past its target
        can only be met where the pelvis turns.

    Raises
    ------
    BadPlan
        Nothing to choose from, too many combinations, or a target that this film cannot tell.
    """
    if not allowed or not targets:
        raise BadPlan("a search needs at least one allowed procedure and one target")
    if not LEAST_SHARE <= share < 1.0:
        raise BadPlan(f"the share is {share:g}; give one from {LEAST_SHARE:g} up to below 1")
    count = prod(len(choice.options) + 1 for choice in allowed)
    if count > MOST_PLANS:
        raise BadPlan(
            f"{count} combinations are more than {MOST_PLANS}: allow fewer sites or angles"
        )
    space = _Space(landmarks, allowed, scenario)
    deviations = _deviations(landmarks, targets)
    age = landmarks.subject.age_years
    best: dict[tuple[int, int], list[tuple[float, int]]] = {}
    within = 0
    for indices, values in space.blocks(_needed(targets)):
        worst, slack = _distances(targets, values, deviations, age, indices.shape)
        within += int(np.count_nonzero(worst <= EDGE))
        score = np.where(worst <= EDGE, -slack, worst)
        _keep_best(best, indices.ravel(), score.ravel(), space)
    drawn = redraw(landmarks, DRAWS).only(space.points_behind((*_needed(targets), "PT", "T1SPi")))
    rows, redrawn = [], 0
    for (grade, sites), kept in best.items():
        for distance, index in kept:
            plan = Plan(space.corrections(index), uiv, liv)
            met = 0.0
            if distance <= EDGE:
                met = share_met(landmarks, plan, targets, drawn, scenario)
                redrawn += 1
            degrees = sum(abs(one.degrees) for one in plan.corrections)
            rows.append(FoundPlan(plan, grade, sites, degrees, max(distance, 0.0), met))
    reached = [row for row in rows if row.share >= share]
    return Search(
        examined=count,
        within=within,
        redrawn=redrawn,
        found=_unbeaten(reached),
        nearest=() if reached else _nearest(rows),
    )


class _Space:
    """All combinations, numbered; the values of a block of them at once."""

    def __init__(self, landmarks: Landmarks, allowed: Sequence[Choice], scenario: Scenario) -> None:
        self.sites: Sites = resolve(landmarks)
        self.scenario, self.age_years = scenario, landmarks.subject.age_years
        names = tuple(landmarks.points)
        one_each = [Correction(choice.site, *choice.options[0]) for choice in allowed]
        turns = turns_of(Plan(tuple(one_each)), names, landmarks.existing_levels, landmarks.view)
        by_site = {choice.site: choice for choice in allowed}
        self.choices = [by_site[turn.correction.site] for turn in turns]
        pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float)
        plane = landmarks.frame.to_plane(pixels)
        self.places = dict(zip(names, plane[:, 0] + 1j * plane[:, 1], strict=True))
        self.moving = [dict(zip(names, turn.moving.tolist(), strict=True)) for turn in turns]
        hinges = (hinge_of(turn.correction) for turn in turns)
        self.hinges = {
            name
            for hinge in hinges
            for name in plate_names(hinge.level, hinge.endplate, landmarks.view)
        }
        self.maps = [_maps(choice, names, plane, landmarks) for choice in self.choices]
        self.sizes = [len(choice.options) + 1 for choice in self.choices]
        half = len(self.sizes) // 2
        self.upper, self.lower = range(half), range(half, len(self.sizes))

    def corrections(self, index: int) -> tuple[Correction, ...]:
        """The corrections of a combination by its number."""
        picks = np.unravel_index(index, self.sizes)
        return tuple(
            Correction(choice.site, *choice.options[int(pick) - 1])
            for choice, pick in zip(self.choices, picks, strict=True)
            if pick
        )

    def classes(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The highest osteotomy grade and the number of sites of combinations."""
        grade = np.zeros(len(indices), np.int64)
        sites = np.zeros(len(indices), np.int64)
        for choice, pick in zip(self.choices, np.unravel_index(indices, self.sizes), strict=True):
            grades = np.array([0, *(PROCEDURE[key].grade for key, _ in choice.options)])
            np.maximum(grade, grades[pick], out=grade)
            sites += pick > 0
        return grade, sites

    def blocks(
        self, metrics: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], dict[str, FloatArray]]]:
        """Numbers of combinations and the values of these metrics for them, block by block.

        Numbers are (uppers, lowers); values broadcast against them.
        """
        uppers = prod(self.sizes[k] for k in self.upper)
        lowers = prod(self.sizes[k] for k in self.lower)
        step = max(1, BLOCK // lowers)
        for start in range(0, uppers, step):
            picked = np.arange(start, min(start + step, uppers))
            yield picked[:, None] * lowers + np.arange(lowers), self._values(metrics, picked)

    def _values(self, metrics: Sequence[str], picked: NDArray[np.int64]) -> dict[str, FloatArray]:
        moved: dict[str, ComplexArray] = {}

        def site(name: str) -> ComplexArray:
            if name not in moved:
                place = np.zeros((1, 1), complex)
                for point, weight in self.sites.parts[name]:
                    place = place + weight * self._moved(point, picked)
                moved[name] = place
            return moved[name]

        def measure(key: str) -> FloatArray:
            places = [site(name) for name in METRIC[key].needs]
            flat = [np.stack([place.real, place.imag], axis=-1) for place in places]
            return np.asarray(METRIC[key].compute(*flat))

        if self.scenario.pelvis != "unchanged":
            before = {key: measure(key) for key in ("PT", "T1SPi") if self._has(key)}
            degrees = pelvic_turn(self.scenario, before, self.age_years)
            if isinstance(degrees, str):
                raise BadPlan(f"{self.scenario.name} cannot be drawn: {degrees}")
            hip, turn = site(HIP_AXIS), np.exp(1j * np.radians(degrees))
            for name in {name for key in metrics for name in METRIC[key].needs} - {HIP_AXIS}:
                moved[name] = hip + turn * (site(name) - hip)
        return {key: measure(key) for key in metrics}

    def points_behind(self, keys: Sequence[str]) -> set[str]:
        """The points that these values and the hinges rest on."""
        needs = [site for key in keys for site in METRIC[key].needs if site in self.sites.parts]
        return {*self.sites.points_behind(needs), *self.hinges}

    def _has(self, key: str) -> bool:
        return self.sites.has(METRIC[key].needs)

    def _moved(self, point: str, picked: NDArray[np.int64]) -> ComplexArray:
        """A point in every combination of the block, (uppers, lowers) or 1 where it is the same."""
        above = self._chain(point, self.upper, picked)
        below = self._chain(point, self.lower, None)
        first = above[0] * self.places[point] + above[1]
        moved: ComplexArray = below[0][None, :] * first[:, None] + below[1][None, :]
        return moved

    def _chain(
        self, point: str, places: range, picked: NDArray[np.int64] | None
    ) -> tuple[ComplexArray, ComplexArray]:
        """The product of the maps that move a point, from the head down: turn and shift."""
        concerned = [k for k in places if self.moving[k][point]]
        turn, shift = np.ones(1, complex), np.zeros(1, complex)
        if not concerned:
            return turn, shift
        sizes = [self.sizes[k] for k in places]
        numbers = np.arange(prod(sizes)) if picked is None else picked
        picks = np.unravel_index(numbers, sizes)
        for k in concerned:
            u, b = (row[picks[k - places.start]] for row in self.maps[k])
            turn, shift = u * turn, u * shift + b
        return turn, shift


def _maps(
    choice: Choice, names: Sequence[str], plane: FloatArray, landmarks: Landmarks
) -> tuple[ComplexArray, ComplexArray]:
    """Turn and shift of nothing and of every option at one site."""
    turns, shifts = [1.0 + 0.0j], [0.0j]
    for key, degrees in choice.options:
        plan = Plan((Correction(choice.site, key, degrees),))
        turn: Turn
        (turn,) = turns_of(plan, names, landmarks.existing_levels, landmarks.view)
        x, y = turn.hinge(plane)
        u = np.exp(1j * np.radians(degrees))
        turns.append(u)
        shifts.append((x + 1j * y) * (1.0 - u))
    return np.array(turns), np.array(shifts)


def _degrees(text: str, key: str, degrees: str) -> list[float]:
    low, dots, high = degrees.partition("..")
    try:
        if dots:
            return _ladder(float(low), float(high))
        if degrees:
            return [float(one) for one in degrees.split(",")]
    except ValueError:
        raise BadPlan(f"{text!r}: write degrees as 15,20 or 10..30") from None
    usual = PROCEDURE[key].usual
    if usual is None:
        raise BadPlan(f"{text!r}: no usual range of {key} was confirmed; write degrees, 10..20")
    return _ladder(*usual)


def _ladder(low: float, high: float) -> list[float]:
    count = int((high - low) / STEP_DEG + 1e-9) + 1
    return [low + STEP_DEG * step for step in range(max(count, 1))]


def _needed(targets: Sequence[Target]) -> list[str]:
    keys = [key for target in targets for key in target.metrics]
    return list(dict.fromkeys((*keys, *(["PI"] if any(t.needs_pi for t in targets) else []))))


def _deviations(landmarks: Landmarks, targets: Sequence[Target]) -> dict[str, float]:
    """Reading SD of every bounded value on the film as it is."""
    measured = measure_film(landmarks).measurements
    pi = measured["PI"].value if "PI" in measured else None
    for target in targets:
        reason = refuse_without(target, pi, landmarks.subject.age_years)
        if reason is not None:
            raise BadPlan(f"target {target.key} cannot be used: {reason}")
    found = {}
    for key in _needed(targets):
        one = measured.get(key)
        if one is None or (one.value is None and key not in ("LDI",)):
            reason = one.reason if one else "this film does not tell it"
            raise BadPlan(f"target needs {key}, which is not given: {reason}")
        found[key] = one.sd or 1.0
    return found


def _distances(
    targets: Sequence[Target],
    values: Mapping[str, FloatArray],
    deviations: Mapping[str, float],
    age_years: float | None,
    shape: tuple[int, ...],
) -> tuple[FloatArray, FloatArray]:
    """Of every plan: the largest distance outside a range, and the smallest inside, in SDs."""
    worst, slack = np.zeros((1, 1)), np.full((1, 1), np.inf)
    pi = values.get("PI", np.array(np.nan))
    for target in targets:
        for key, past in violations(target, values, age_years).items():
            worst = np.maximum(worst, np.abs(past) / deviations[key])
        for bound in target.bounds:
            for end in (bound.low, bound.high):
                if end is not None:
                    inside = np.abs(values[bound.metric] - end.value(pi, age_years))
                    slack = np.minimum(slack, inside / deviations[bound.metric])
    # What has no value (LDI of a spine without lordosis) meets nothing.
    worst = np.nan_to_num(worst, nan=np.inf)
    return np.broadcast_to(worst, shape), np.broadcast_to(slack, shape)


def _keep_best(
    best: dict[tuple[int, int], list[tuple[float, int]]],
    indices: NDArray[np.int64],
    score: FloatArray,
    space: _Space,
) -> None:
    grade, sites = space.classes(indices)
    for high, many in {*zip(grade.tolist(), sites.tolist(), strict=True)}:
        members = np.flatnonzero((grade == high) & (sites == many))
        if len(members) > REDRAWN:
            members = members[np.argpartition(score[members], REDRAWN)[:REDRAWN]]
        kept = best.setdefault((high, many), [])
        kept.extend(zip(score[members].tolist(), indices[members].tolist(), strict=True))
        kept.sort()
        del kept[REDRAWN:]


def _unbeaten(rows: Sequence[FoundPlan]) -> tuple[FoundPlan, ...]:
    """Rows that no other row equals or beats in grade, sites and share at once."""
    ordered = sorted(rows, key=lambda row: (row.grade, row.sites, -row.share, row.degrees))
    kept: list[FoundPlan] = []
    for row in ordered:
        beaten = any(
            one.grade <= row.grade and one.sites <= row.sites and one.share >= row.share
            for one in kept
        )
        if not beaten:
            kept.append(row)
    return tuple(kept)


def _nearest(rows: Sequence[FoundPlan]) -> tuple[FoundPlan, ...]:
    """Of the rows, those that none equals or beats in grade, sites and residual at once."""
    ordered = sorted(rows, key=lambda row: (row.grade, row.sites, row.residual, -row.share))
    kept: list[FoundPlan] = []
    for row in ordered:
        if not any(one.residual <= row.residual and one.share >= row.share for one in kept):
            kept.append(row)
    return tuple(kept)
