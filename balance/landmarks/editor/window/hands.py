"""Mouse and keys that mark a film, turned into events for the session or the look."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal, cast

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.events import Event
from balance.landmarks.editor.proposals import region_to_confirm
from balance.landmarks.editor.protocols import FILM, LEVELS_STEP
from balance.landmarks.editor.regions import region_of
from balance.landmarks.editor.session import Choice
from balance.landmarks.editor.transitions import update
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Action, Command
from balance.landmarks.editor.window.gestures import Gestures, Grip
from balance.landmarks.editor.window.keys import BY_KEY
from balance.landmarks.editor.window.marks import Place
from balance.landmarks.editor.window.overlay import nearest_point
from balance.landmarks.editor.window.tools import (
    choose,
    click_with_tool,
    open_fusion,
    open_note,
    open_protocols,
    take_form,
    take_tool,
    type_key,
)

REACH, HIT = 7.0, 3.0
"""Points: how near a point is taken hold of, and how near a click means the point itself although
another one is asked for."""
_ARROWS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}


class Hands(Gestures):
    """What a reader's hands do to mark a film."""

    def __init__(self, desk: Desk, unit: float) -> None:
        super().__init__(desk, unit)
        self._commands |= {
            "accept": lambda _: self._accept(),
            "skip": lambda _: self._do(ev.Skip()),
            "back": lambda _: self._do(ev.Back()),
            "delete": lambda _: self._with_selected(ev.Delete),
            "confirm": lambda region: self._confirm(ev.Confirm(str(region))),
            "refuse": lambda _: self._refuse(),
            "undo": lambda _: self._do(ev.Undo()),
            "redo": lambda _: self._do(ev.Redo()),
            "fit_head": lambda _: self._fit_head(),
            "goto_asked": lambda _: desk.go_to_asked(),
            "loupe": lambda _: desk.change(loupe=not desk.look.loupe),
            "film": lambda _: self._do(ev.GoTo(FILM)),
            "levels": lambda _: self._do(ev.GoTo(LEVELS_STEP)),
            "tool": lambda kind: take_tool(desk, str(kind)),
            "note": lambda _: open_note(desk),
            "choose": lambda words: choose(desk, str(words)),
            "save": lambda choice: desk.save(cast("Choice", choice or "ask")),
            "offered": lambda take: desk.offer(bool(take)),
            "done": lambda _: desk.mark_done(),
            "proposals": lambda _: desk.toggle_proposals(),
            "protocol": lambda _: open_protocols(desk),
            "fusion": lambda _: open_fusion(desk),
            "leave": lambda _: self._leave(),
        }

    def act(self, action: Action) -> bool:
        """Carry out what a button or a key stands for; False for what only the window can do."""
        if isinstance(action, Event):
            self._do(action)
            return True
        return super().act(action)

    def key(self, key: str) -> Action | None:
        """A key goes down; returns what only the window can do."""
        if type_key(self.desk, key):
            return None
        if key == " ":
            self._space = True
            return None
        binding = BY_KEY.get(key) or BY_KEY.get(key.lower() if len(key) == 1 else key)
        if binding is None:
            return None
        if binding.command == "nudge":
            self._nudge(key.removeprefix("shift+"), float(str(binding.value)))
            return None
        action: Action = Command(binding.command, binding.value)
        if binding.command == "accept" and self.desk.ask is not None:
            action = next((c.action for c in self.desk.ask.chips if c.leads), action)
        return None if self.act(action) else action

    def _press_left(self, at: Place, held: Collection[str]) -> None:
        desk, base = self.desk, self.desk.session.state
        if desk.look.tool is not None:
            click_with_tool(desk, self._film(at))
            return
        found = None if "ctrl" in held else self._near(at)
        if found is not None:
            point = base.landmarks.points[found]
            x, y = self._film(at)
            step = base.step
            asked = step is not None and step.kind != "ask"
            whole = "shift" in held
            # Where a region is asked about, a press near a point corrects that very point.
            confirming = region_to_confirm(base.content) is not None
            # A hollow point may lie exactly where the one that is asked for belongs.
            other = step is not None and step.name != found
            misses = not point.confirmed or (other and self._near(at, HIT) is None)
            places = asked and misses and not (whole or confirming)
            desk.change(selected=None if places else found, hovered=found)
            off = (point.x - x, point.y - y)
            kind: Literal["point", "region"] = "region" if whole else "point"
            self.grip = Grip(kind, at, at, base, found, off, places=places)
            return
        step = base.step
        region = region_to_confirm(base.content)
        if region is not None and "ctrl" not in held and step and step.name != desk.look.selected:
            # A stray click must not take a point away from where it was proposed.
            desk.change(selected=None)
            desk.said = "Drag the point that is not right, or click its name first"
            return
        desk.change(selected=None)
        if step is not None:
            self.grip = Grip("place", at, at, base)
            if step.kind != "ask":
                desk.show(update(base, self._event(self.grip, at)))

    def _hover(self, at: Place) -> None:
        look = self.desk.look
        over = look.view.area.holds(at)
        found = self._near(at) if over and look.tool is None else None
        if found != look.hovered:
            self.desk.change(hovered=found)

    def _drag(self, grip: Grip, at: Place, *, moved: bool) -> None:
        if moved or grip.kind == "place":
            event = self._event(grip, at)
            self.desk.show(update(grip.base, event))
            if not isinstance(event, ev.MoveRegion):
                self.desk.change(aimed=(event.x, event.y))

    def _let_go(self, grip: Grip, at: Place) -> None:
        if not (grip.kind == "place" or grip.moved or grip.places):
            self.desk.show(self.desk.session.state)
            return
        if grip.places and not grip.moved:
            grip = replace(grip, kind="place", name="")
        step = grip.base.step
        self._do(self._event(grip, at))
        name = grip.name or (step.name if step else "")
        if name in self.desk.session.state.landmarks.points:
            self.desk.change(selected=name)

    def _event(self, grip: Grip, at: Place) -> ev.Click | ev.Move | ev.MoveRegion:
        x, y = self._film(at)
        if grip.kind == "place":
            return ev.Click(x, y)
        if grip.kind == "region":
            from_x, from_y = self._film(grip.start)
            return ev.MoveRegion(region_of(grip.name), x - from_x, y - from_y)
        return ev.Move(grip.name, x + grip.off[0], y + grip.off[1])

    def _do(self, event: Event) -> None:
        self.desk.do(event)

    def _near(self, at: Place, reach: float = REACH) -> str | None:
        points = self.desk.shown.landmarks.points
        return nearest_point(points, self.desk.look, at, reach * self.unit)

    def _nudge(self, way: str, pixels: float) -> None:
        name = self.desk.look.selected
        if name is None:
            return
        dx, dy = (pixels * part for part in _ARROWS[way])
        dx = -dx if self.desk.look.view.mirrored else dx
        self._do(ev.Nudge(name, dx, dy))
        point = self.desk.session.state.landmarks.points[name]
        self.desk.change(aimed=(point.x, point.y))

    def _with_selected(self, kind: Callable[[str], Event]) -> None:
        if self.desk.look.selected is not None:
            self._do(kind(self.desk.look.selected))

    def _fit_head(self) -> None:
        """Have the head that is asked fitted about the click just made, else about the pointer."""
        desk, step = self.desk, self.desk.session.state.step
        if step is None or step.kind != "rim":
            desk.said = "J fits the femoral head that is asked: click its name first"
            return
        if desk.blind:
            desk.said = "This film is read again by your own hand: click three points on the rim"
            return
        content = desk.session.state.content
        clicks = content.rim(step.name) if step.name not in content.landmarks.points else ()
        pointer = desk.look.pointer
        if len(clicks) == 1:
            desk.fit_head(step.name, clicks[0])
        elif pointer is not None and desk.look.view.area.holds(pointer):
            desk.fit_head(step.name, self._film(pointer))
        else:
            desk.said = "Point at the middle of the femoral head first"

    def _refuse(self) -> None:
        """Refuse the region that is pointed out by a selection, else the one that is asked."""
        state, selected = self.desk.session.state, self.desk.look.selected
        step = state.step
        region = None
        if selected is not None:
            region = region_of(selected)
        elif step is not None and state.status(step) == "proposed":
            region = step.region
        self._do(ev.RefuseProposals(region))

    def _accept(self) -> None:
        look, state = self.desk.look, self.desk.session.state
        point = state.landmarks.points.get(look.selected or "")
        if look.form is not None:
            take_form(self.desk, look.form)
        elif look.selected and point is not None and not point.confirmed:
            self._confirm(ev.ConfirmPoint(look.selected))
        elif region_to_confirm(state.content) is not None:
            self._confirm(ev.Accept())
        else:
            self._do(ev.Accept())

    def _confirm(self, event: Event) -> None:
        """Confirm what is shown, but not points that are about to move."""
        if self.desk.searching:
            self.desk.said = "Still looking at the film: a moment"
        else:
            self._do(event)

    def _leave(self) -> None:
        """Out of the innermost thing: a page, a question, a form, a tool, a selection."""
        desk, look = self.desk, self.desk.look
        if look.page:
            desk.change(page="")
        elif desk.ask is not None:
            desk.ask = None
        elif look.form is not None:
            desk.change(form=None, tool=None)
        elif look.tool is not None:
            desk.change(tool=None)
        else:
            desk.change(selected=None)
