"""A plan while it is made: (state, event) -> state, as for the landmarks, which stay as they are.

It is pure and total: what cannot be done leaves the plan as it is and says so in one line. Whether
a correction is possible is asked of `balance.planning`; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import balance.landmarks.editor.plan_events as ev
from balance.anatomy import SACRUM, plate_names
from balance.errors import BadPlan, BalanceError
from balance.landmarks.editor.events import Redo, Undo
from balance.landmarks.model import Landmarks
from balance.planning.plan import Correction, Plan, refuse_impossible
from balance.planning.procedures import PROCEDURES
from balance.planning.scenarios import SCENARIOS
from balance.planning.turning import turns_of

OPENING_PROCEDURE = "angle"
"""What a site is turned by until the reader says otherwise: no operation is put forward."""


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan at one moment.

    ``sites`` are the bodies and discs that can be corrected, from the sacrum up, each with the
    procedures that its marked endplates allow. ``site`` and ``procedure`` are what the wheel turns
    and ``scenario`` what is looked at: no part of the plan. ``joined`` is the change that an equal
    one after it is undone with.
    """

    landmarks: Landmarks
    sites: Mapping[str, tuple[str, ...]]
    plan: Plan
    past: tuple[Plan, ...] = ()
    future: tuple[Plan, ...] = ()
    site: str | None = None
    procedure: str = OPENING_PROCEDURE
    scenario: str = SCENARIOS[0].key
    joined: tuple[str, ...] = ()
    message: str = ""
    refused: bool = False

    @property
    def correction(self) -> Correction | None:
        """The correction that the wheel turns; None while it has no degrees."""
        return next((one for one in self.plan.corrections if self._is_chosen(one)), None)

    def _is_chosen(self, one: Correction) -> bool:
        return (one.site, one.procedure) == (self.site, self.procedure)


def start_plan(landmarks: Landmarks, plan: Plan) -> PlanState:
    """A plan on a film.

    Raises
    ------
    BadPlan
        One sentence: what the film lacks, or which correction does not fit it.
    """
    _require_points(landmarks)
    _check(landmarks, plan)
    return PlanState(landmarks, dict(_possible(landmarks)), plan)


def update_plan(state: PlanState, event: ev.PlanEvent) -> PlanState:
    """The plan after an event."""
    try:
        return _HANDLERS[type(event)](state, event)
    except BalanceError as error:
        line = str(error)
        return replace(state, message=line[:1].upper() + line[1:], refused=True)


def _require_points(landmarks: Landmarks) -> None:
    if landmarks.view != "lateral":
        raise BadPlan("a plan is drawn here on a lateral film")
    needed = {
        "S1": plate_names(SACRUM, "superior", "lateral"),
        "L1 upper endplate": plate_names("L1", "superior", "lateral"),
    }
    points = landmarks.points
    missing = [words for words, names in needed.items() if any(n not in points for n in names)]
    if not any(name.startswith("femoral_head") for name in points):
        missing.append("a femoral head")
    if missing:
        raise BadPlan(f"a plan needs more points: mark {', '.join(missing)}")


def _check(landmarks: Landmarks, plan: Plan) -> None:
    refuse_impossible(plan, landmarks)
    turns_of(plan, tuple(landmarks.points), landmarks.existing_levels, landmarks.view)


def _possible(landmarks: Landmarks) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Sites from the sacrum up, with what can be done there."""
    levels = landmarks.existing_levels[::-1]
    for below, above in pairwise(levels):
        for site in (f"{above}_{below}", above):
            keys = tuple(row.key for row in PROCEDURES if _fits(landmarks, site, row.key))
            if keys:
                yield site, keys


def _fits(landmarks: Landmarks, site: str, procedure: str) -> bool:
    """Whether a procedure has its hinge marked at a site, and something above that it moves."""
    names, levels = tuple(landmarks.points), landmarks.existing_levels
    alone = Plan((Correction(site, procedure, 0.0),))
    try:
        refuse_impossible(alone, landmarks)
        (turn,) = turns_of(alone, names, levels, "lateral")
    except BadPlan:
        return False
    return bool(turn.moving.any())


def _choose(state: PlanState, event: ev.ChooseSite) -> PlanState:
    if event.site not in state.sites:
        raise BadPlan(f"{event.site.replace('_', '-')} has no marked endplate to turn about")
    possible = state.sites[event.site]
    there = [one.procedure for one in state.plan.corrections if one.site == event.site]
    wished = (event.procedure, *there, state.procedure, OPENING_PROCEDURE)
    procedure = next((key for key in wished if key in possible or key in there), possible[0])
    return _quiet(replace(state, site=event.site, procedure=procedure))


def _step_site(state: PlanState, event: ev.StepSite) -> PlanState:
    order = list(state.sites)
    if not order:
        raise BadPlan("no endplate is marked that a correction could turn about")
    if state.site is None:
        place = 0
    else:
        place = min(max(order.index(state.site) + event.by, 0), len(order) - 1)
    return _choose(state, ev.ChooseSite(order[place]))


def _step_procedure(state: PlanState, event: ev.StepProcedure) -> PlanState:
    """Another procedure by the same degrees, past those that the rest of the plan excludes."""
    site, one = _site(state), state.correction
    taken = {c.procedure for c in state.plan.corrections if c.site == site and c is not one}
    order = [key for key in state.sites[site] if key not in taken or key == state.procedure]
    place = order.index(state.procedure) if state.procedure in order else 0
    for step in range(1, len(order)):
        key = order[(place + event.by * step) % len(order)]
        if one is None:
            return _quiet(replace(state, procedure=key))
        plan = _with(state.plan, one, Correction(site, key, one.degrees))
        try:
            _check(state.landmarks, plan)
        except BadPlan:
            continue
        return replace(_keep(state, plan, ("procedure", site)), procedure=key)
    raise BadPlan(f"{site.replace('_', '-')}: nothing else can be done there with this plan")


def _another(state: PlanState, _: ev.Another) -> PlanState:
    site = _site(state)
    there = {one.procedure for one in state.plan.corrections if one.site == site}
    free = [key for key in state.sites[site] if key not in there]
    if not there or not free:
        raise BadPlan("turn this correction first; then one more can be added at its site")
    chosen = OPENING_PROCEDURE if OPENING_PROCEDURE in free else free[0]
    return _quiet(replace(state, procedure=chosen))


def _turn(state: PlanState, event: ev.Turn) -> PlanState:
    site, one = _site(state), state.correction
    degrees = event.degrees + (one.degrees if one else 0.0)
    if one is None:
        plan = _with(state.plan, None, Correction(site, state.procedure, degrees))
    elif degrees or one.hinge is not None or one.execution_sd is not None:
        plan = _with(state.plan, one, replace(one, degrees=degrees))
    else:
        plan = _with(state.plan, one, None)
    return _keep(state, plan, ("turn", site, state.procedure))


def _remove(state: PlanState, _: ev.Remove) -> PlanState:
    one = state.correction
    if one is None:
        raise BadPlan("there is no correction to take away: choose its site")
    return _keep(state, _with(state.plan, one, None))


def _fuse(state: PlanState, event: ev.Fuse) -> PlanState:
    vertebrae = _site(state).split("_")
    level = vertebrae[0 if event.end == "uiv" else -1]
    before = state.plan.uiv if event.end == "uiv" else state.plan.liv
    chosen = None if before == level else level
    if event.end == "uiv":
        plan = replace(state.plan, uiv=chosen)
    else:
        plan = replace(state.plan, liv=chosen)
    return _keep(state, plan)


def _step_scenario(state: PlanState, event: ev.StepScenario) -> PlanState:
    keys = [one.key for one in SCENARIOS]
    key = keys[(keys.index(state.scenario) + event.by) % len(keys)]
    return _quiet(replace(state, scenario=key))


def _undo(state: PlanState, _: Undo) -> PlanState:
    if not state.past:
        raise BadPlan("nothing to undo")
    undone = replace(
        state, plan=state.past[-1], past=state.past[:-1], future=(*state.future, state.plan)
    )
    return replace(_pointing(undone, state.plan), message="Undone")


def _redo(state: PlanState, _: Redo) -> PlanState:
    if not state.future:
        raise BadPlan("nothing to redo")
    redone = replace(
        state, plan=state.future[-1], future=state.future[:-1], past=(*state.past, state.plan)
    )
    return replace(_pointing(redone, state.plan), message="Redone")


def _pointing(state: PlanState, before: Plan) -> PlanState:
    """The state with the site chosen at which its plan differs from another one."""
    changed = [one for one in state.plan.corrections if one not in before.corrections]
    changed += [one for one in before.corrections if one not in state.plan.corrections]
    if changed:
        state = replace(state, site=changed[0].site, procedure=changed[0].procedure)
    return _quiet(state)


def _site(state: PlanState) -> str:
    if state.site is None:
        raise BadPlan("choose a body or a disc first: click it, or the arrow keys up and down")
    return state.site


def _with(plan: Plan, before: Correction | None, after: Correction | None) -> Plan:
    """The plan with one correction in the place of another; None for none."""
    kept = [after if one is before else one for one in plan.corrections]
    if before is None:
        kept.append(after)
    return replace(plan, corrections=tuple(one for one in kept if one is not None))


def _keep(state: PlanState, plan: Plan, joined: tuple[str, ...] = ()) -> PlanState:
    """The state with another plan, which is checked, and the one before to go back to."""
    if plan == state.plan:
        return _quiet(state)
    _check(state.landmarks, plan)
    joins = bool(joined) and joined == state.joined
    past = state.past if joins else (*state.past, state.plan)
    return replace(_quiet(state), plan=plan, past=past, future=(), joined=joined)


def _quiet(state: PlanState) -> PlanState:
    return replace(state, joined=(), message="", refused=False)


_HANDLERS: dict[type[ev.PlanEvent], Callable[[PlanState, Any], PlanState]] = {
    ev.ChooseSite: _choose,
    ev.StepSite: _step_site,
    ev.StepProcedure: _step_procedure,
    ev.Another: _another,
    ev.Turn: _turn,
    ev.Remove: _remove,
    ev.Fuse: _fuse,
    ev.StepScenario: _step_scenario,
    Undo: _undo,
    Redo: _redo,
}
