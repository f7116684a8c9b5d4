"""The one function of the editor: (state, event) -> state.

It is pure and total: it reads no file and no clock, knows no window, and never raises. What cannot
be done leaves the content as it is and says so in one line. Every state's landmarks make a valid
document: an event whose outcome the document's own checks would refuse is refused here, in words
about the click.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import balance.landmarks.editor.answers as answers
import balance.landmarks.editor.edits as edits
import balance.landmarks.editor.events as ev
import balance.landmarks.editor.proposals as proposals
from balance.errors import BalanceError
from balance.landmarks.editor.content import (
    OPEN,
    Content,
    next_open,
    next_step,
    step_status,
    steps_for,
)
from balance.landmarks.editor.edits import Refused
from balance.landmarks.editor.fitted_heads import enter_heads
from balance.landmarks.editor.fitting import fitting
from balance.landmarks.editor.protocols import CANDIDATE, FILM, Protocol, is_step_name
from balance.landmarks.editor.regions import plain_name
from balance.landmarks.editor.state import State

Handler = Callable[[State, Any], Content]


def update(state: State, event: ev.Event) -> State:
    """The state after an event.

    A drag is shown by calling this again and again on the state at the press, with the place
    under the pointer; only the last event is then kept. Several nudges of one point in a row are
    undone together, and what a program proposes after an action belongs to that action.
    """
    if isinstance(event, ev.Undo):
        return _undo(state)
    if isinstance(event, ev.Redo):
        return _redo(state)
    try:
        event = aim(state, event)
        content = _HANDLERS[type(event)](state, event)
        content, note = fitting(state, content, event)
    except BalanceError as error:
        return replace(state, message=_as_line(str(error)), refused=True)
    if isinstance(event, ev.GoTo | ev.Back):
        return replace(state, content=content, message=note, refused=False, nudged=None, left=None)
    return _keep(state, content, event, note)


def _keep(state: State, content: Content, event: ev.Event, note: str) -> State:
    """The new content, with the old one to go back to where anything but the step changed."""
    changed = replace(content, step=state.content.step) != state.content
    nudged = event.name if isinstance(event, ev.Nudge) else None
    left = state.content.step if content.step != state.content.step else None
    follows = isinstance(event, ev.Proposed) and not event.searched
    joins = follows or (nudged is not None and nudged == state.nudged)
    past = state.past
    if changed and not (joins and past):
        past = (*past, state.content)
    if isinstance(event, ev.Proposed):
        # The message of the action before it still stands.
        note = note or state.message
    return replace(
        state,
        content=content,
        past=past,
        future=() if changed else state.future,
        message=note,
        refused=False,
        nudged=nudged,
        left=left,
    )


def _undo(state: State) -> State:
    if not state.past:
        content = replace(state.content, step=state.start.step)
        return replace(
            state, content=content, message="Nothing to undo", refused=True, nudged=None, left=None
        )
    return replace(
        state,
        content=state.past[-1],
        past=state.past[:-1],
        future=(*state.future, state.content),
        message="Undone",
        refused=False,
        nudged=None,
        left=None,
    )


def _redo(state: State) -> State:
    if not state.future:
        return replace(state, message="Nothing to redo", refused=True, nudged=None, left=None)
    return replace(
        state,
        content=state.future[-1],
        past=(*state.past, state.content),
        future=state.future[:-1],
        message="Redone",
        refused=False,
        nudged=None,
        left=None,
    )


def _as_line(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line[:1].upper() + line[1:]


def _forward(content: Content, name: str) -> Content:
    """The content with the next step asked, where the step that was asked is done now."""
    if name != content.step:
        return content
    step = next((one for one in steps_for(content) if one.name == name), None)
    if step is not None and step_status(step, content) in OPEN:
        return content
    return replace(content, step=next_step(content, name))


def _propose(state: State, event: ev.Proposed) -> Content:
    content = proposals.propose(state.content, event)
    if state.left is not None and not event.searched:
        # The program may know a better next click now that the last one is in.
        return replace(content, step=next_step(content, state.left))
    if content.step in {step.name for step in steps_for(content)}:
        return content
    return replace(content, step=next_open(content, None))


def aim(state: State, event: ev.Event) -> ev.Event:
    """A click as the point that it is meant for; any other event as it is.

    Raises
    ------
    Refused
        No point is asked for.
    """
    if not isinstance(event, ev.Click):
        return event
    step = state.step
    if step is None:
        raise Refused("Nothing is asked: jump to a point by its name, or drag one")
    if step.kind == "ask":
        raise Refused(f"Answer first: {step.prompt}")
    if step.kind == "rim":
        return ev.RimPoint(step.name, event.x, event.y)
    return ev.Place(step.name, event.x, event.y)


def _place(state: State, event: ev.Place) -> Content:
    _require_side(state)
    content = edits.place(state.content, event.name, event.x, event.y, event.radius)
    return _forward(content, event.name)


def _rim(state: State, event: ev.RimPoint) -> Content:
    _require_side(state)
    content = edits.add_rim_point(state.content, event.name, event.x, event.y)
    return _forward(content, event.name)


def _fit_heads(state: State, event: ev.FitHeads) -> Content:
    _require_side(state)
    return enter_heads(state.content, event)


def _require_side(state: State) -> None:
    if not state.content.view_known:
        raise Refused("Say first whether the film is lateral or frontal")
    if not state.content.side_known:
        lateral = state.landmarks.view == "lateral"
        what = "which way the patient faces" if lateral else "where the patient's right is"
        raise Refused(f"Say first {what}: left or right")


def _nudge(state: State, event: ev.Nudge) -> Content:
    old = state.landmarks.points.get(event.name)
    if old is None:
        raise Refused(f"There is no {plain_name(event.name)} yet")
    return edits.move(state.content, event.name, old.x + event.dx, old.y + event.dy)


def _delete(state: State, event: ev.Delete) -> Content:
    content = edits.delete(state.content, event.name)
    asked = any(step.name == event.name for step in steps_for(content))
    return replace(content, step=event.name) if asked else content


def _accept(state: State) -> Content:
    step = state.step
    if step is None:
        raise Refused("Nothing is asked")
    if step.kind != "ask":
        if edits.is_fitted(state.content, step.name):
            return _forward(edits.confirm_point(state.content, step.name), step.name)
        region = proposals.region_to_confirm(state.content)
        if region is None:
            raise Refused(step.prompt)
        return _forward(edits.confirm_region(state.content, region), step.name)
    if step.name == FILM:
        _require_side(state)
    content = replace(state.content, answered=state.content.answered | {step.name})
    if step.name == CANDIDATE:
        content = replace(content, candidate=True)
    return _forward(content, step.name)


def _skip(state: State) -> Content:
    step = state.step
    if step is None:
        raise Refused("Nothing is asked")
    if step.kind == "ask":
        if step.name == FILM:
            _require_side(state)
        content = replace(state.content, answered=state.content.answered | {step.name})
        if step.name == CANDIDATE:
            content = replace(content, candidate=False)
        return _forward(content, step.name)
    content = edits.hide(state.content, step.name)
    return replace(content, step=next_open(content, step.name))


def _back(state: State) -> Content:
    names = [step.name for step in state.steps]
    if state.content.step not in names:
        return replace(state.content, step=names[-1] if names else None)
    place = names.index(state.content.step)
    if place == 0:
        raise Refused("This is the first step")
    return replace(state.content, step=names[place - 1])


def _go_to(state: State, event: ev.GoTo) -> Content:
    if event.name not in {step.name for step in state.steps}:
        raise Refused(f"The {state.protocol.name} protocol does not ask for {event.name}")
    return replace(state.content, step=event.name)


def _confirm(state: State, event: ev.Confirm) -> Content:
    content = edits.confirm_region(state.content, event.region)
    return _forward(content, content.step or "")


def _confirm_point(state: State, event: ev.ConfirmPoint) -> Content:
    content = edits.confirm_point(state.content, event.name)
    return _forward(content, event.name)


def _use_protocol(state: State, event: ev.UseProtocol) -> Content:
    protocol = Protocol(event.name, event.title, event.lateral, event.frontal)
    wrong = [name for name in protocol.lateral if not is_step_name(name, "lateral")]
    wrong += [name for name in protocol.frontal if not is_step_name(name, "frontal")]
    if wrong:
        raise Refused(f"{wrong[0]!a} is no point that can be asked for")
    content = replace(state.content, protocol=protocol)
    return replace(content, step=next_open(content, None))


def _set_view(state: State, event: ev.SetView) -> Content:
    content = answers.set_view(state.content, state.film, event.view)
    if content.step is None:
        return replace(content, step=next_open(content, None))
    return content


_HANDLERS: dict[type[ev.Event], Handler] = {
    ev.Place: _place,
    ev.RimPoint: _rim,
    ev.Move: lambda s, e: edits.move(s.content, e.name, e.x, e.y),
    ev.Nudge: _nudge,
    ev.MoveRegion: lambda s, e: edits.move_region(s.content, e.region, e.dx, e.dy),
    ev.Delete: _delete,
    ev.Accept: lambda s, _: _accept(s),
    ev.Skip: lambda s, _: _skip(s),
    ev.Back: lambda s, _: _back(s),
    ev.GoTo: _go_to,
    ev.Confirm: _confirm,
    ev.ConfirmPoint: _confirm_point,
    ev.RefuseProposals: lambda s, e: proposals.decline(s.content, e.region),
    ev.Proposed: _propose,
    ev.FitHeads: _fit_heads,
    ev.UseProtocol: _use_protocol,
    ev.SetView: _set_view,
    ev.SetSide: lambda s, e: answers.set_side(s.content, e.side),
    ev.SwapLabels: lambda s, e: edits.swap(s.content, e.first, e.second),
    ev.ShiftLevels: lambda s, e: edits.shift_levels(s.content, e.by),
    ev.SetAcquisition: lambda s, e: answers.set_acquisition(s.content, e),
    ev.CalibrateLength: lambda s, e: answers.calibrate_length(s.content, e),
    ev.CalibrateCircle: lambda s, e: answers.calibrate_circle(s.content, e),
    ev.SetScalePlane: lambda s, e: answers.set_scale_plane(s.content, e.plane),
    ev.SetVertical: lambda s, e: answers.set_vertical(s.content, e.line),
    ev.SetCount: lambda s, e: answers.set_count(s.content, e),
    ev.SetFusion: lambda s, e: answers.set_fusion(s.content, e),
    ev.SetSurgery: lambda s, e: answers.set_surgery(s.content, e.surgery),
    ev.SetNote: lambda s, e: answers.set_note(s.content, e.heading, e.text),
    ev.Tick: lambda s, e: answers.tick(s.content, e.name),
    ev.MarkDone: lambda s, e: replace(s.content, done=e.done),
}
