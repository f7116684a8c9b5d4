"""Mouse and keys, as they come from a canvas, turned into events for the session or the look."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.events import Event, Pixel
from balance.landmarks.editor.proposals import region_to_confirm
from balance.landmarks.editor.protocols import FILM, LEVELS_STEP
from balance.landmarks.editor.regions import region_of
from balance.landmarks.editor.session import Choice
from balance.landmarks.editor.state import State
from balance.landmarks.editor.transitions import update
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Command
from balance.landmarks.editor.window.keys import BY_KEY
from balance.landmarks.editor.window.marks import Place
from balance.landmarks.editor.window.overlay import nearest_point
from balance.landmarks.editor.window.picture import Greys
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

REACH, HIT, STILL = 7.0, 3.0, 2.5
"""Points: how near a point is taken hold of, how near a click means the point itself although
another one is asked for, and how far a click may wander."""
WHEEL = 1.2
"""Magnification of one step of the wheel."""
_ARROWS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
Button = Literal["left", "middle", "right"]


@dataclass(frozen=True, slots=True)
class Grip:
    """What the pressed button does: ``point``, ``region``, ``place``, ``pan`` or ``grey``.

    ``base`` is the state at the press, ``off`` the film pixels from the pointer to the point.
    ``places`` says that a press without a drag is meant for the point that is asked: corners of
    neighbours lie close to each other.
    """

    kind: Literal["point", "region", "place", "pan", "grey"]
    start: Place
    last: Place
    base: State
    name: str = ""
    off: Pixel = (0.0, 0.0)
    moved: bool = False
    places: bool = False


class Hands:
    """What a reader's hands do on a desk. ``unit`` is the number of device pixels in a point."""

    def __init__(self, desk: Desk, unit: float) -> None:
        self.desk, self.unit = desk, unit
        self.grip: Grip | None = None
        self._space = False
        self._commands: dict[str, Callable[[object], object]] = {
            "accept": lambda _: self._accept(),
            "skip": lambda _: self._do(ev.Skip()),
            "back": lambda _: self._do(ev.Back()),
            "delete": lambda _: self._with_selected(ev.Delete),
            "confirm": lambda region: self._confirm(ev.Confirm(str(region))),
            "refuse": lambda _: self._refuse(),
            "undo": lambda _: self._do(ev.Undo()),
            "redo": lambda _: self._do(ev.Redo()),
            "zoom": lambda factor: self._zoom(float(str(factor)), self._eye()),
            "fit": lambda _: desk.change(view=desk.look.view.whole()),
            "goto_asked": lambda _: desk.go_to_asked(),
            "window": lambda _: self._greys(Greys()),
            "invert": lambda _: self._toggle_grey("inverted"),
            "contrast": lambda _: self._toggle_grey("local_contrast"),
            "mirror": lambda _: self._mirror(),
            "loupe": lambda _: desk.change(loupe=not desk.look.loupe),
            "lines": lambda _: desk.change(lines=not desk.look.lines),
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
            "help": lambda _: desk.change(page="" if desk.look.page == "help" else "help"),
            "leave": lambda _: self._leave(),
        }

    def act(self, action: Event | Command) -> bool:
        """Carry out what a button or a key stands for; False for what only the window can do."""
        if not isinstance(action, Command):
            self._do(action)
            return True
        command = self._commands.get(action.name)
        if command is None:
            return False
        command(action.value)
        return True

    def press(self, button: Button, at: Place, held: Collection[str]) -> None:
        """A button goes down on the film."""
        desk = self.desk
        if desk.look.page:
            desk.change(page="")
            return
        base = desk.session.state
        if button == "right":
            self.grip = Grip("grey", at, at, base)
        elif button == "middle" or self._space:
            self.grip = Grip("pan", at, at, base)
        elif desk.look.tool is not None:
            click_with_tool(desk, self._film(at))
        else:
            self._press_left(at, base, held)

    def move(self, at: Place | None) -> None:
        """The pointer moves; None where it leaves the window."""
        desk, grip = self.desk, self.grip
        desk.change(pointer=at, aimed=None)
        if at is None:
            desk.change(hovered=None)
            return
        if grip is None:
            over = desk.look.view.area.holds(at)
            found = self._near(at) if over and desk.look.tool is None else None
            if found != desk.look.hovered:
                desk.change(hovered=found)
            return
        far = np.hypot(at[0] - grip.start[0], at[1] - grip.start[1]) > STILL * self.unit
        moved = grip.moved or bool(far)
        if grip.kind == "pan":
            dx, dy = at[0] - grip.last[0], at[1] - grip.last[1]
            desk.change(view=desk.look.view.panned(dx, dy))
        elif grip.kind == "grey":
            self._window_level(at[0] - grip.last[0], at[1] - grip.last[1])
        elif moved or grip.kind == "place":
            event = self._event(grip, at)
            desk.show(update(grip.base, event))
            if not isinstance(event, ev.MoveRegion):
                desk.change(aimed=(event.x, event.y))
        self.grip = replace(grip, last=at, moved=moved)

    def release(self, at: Place) -> None:
        """The button goes up."""
        grip, self.grip = self.grip, None
        if grip is None:
            return
        if grip.kind in ("pan", "grey"):
            self.desk.session.note_view("window" if grip.kind == "grey" else "pan")
        elif grip.kind == "place" or grip.moved or grip.places:
            if grip.places and not grip.moved:
                grip = replace(grip, kind="place", name="")
            step = grip.base.step
            self._do(self._event(grip, at))
            name = grip.name or (step.name if step else "")
            if name in self.desk.session.state.landmarks.points:
                self.desk.change(selected=name)
        else:
            self.desk.show(self.desk.session.state)

    def wheel(self, steps: float, at: Place) -> None:
        """The wheel turns over the film."""
        self._zoom(WHEEL**steps, at)
        self.desk.session.note_view("zoom")

    def key(self, key: str) -> Event | Command | None:
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
        action: Event | Command = Command(binding.command, binding.value)
        if binding.command == "accept" and self.desk.ask is not None:
            action = next((c.action for c in self.desk.ask.chips if c.leads), action)
        return None if self.act(action) else action

    def key_up(self, key: str) -> None:
        """A key goes up."""
        if key == " ":
            self._space = False

    def _press_left(self, at: Place, base: State, held: Collection[str]) -> None:
        desk = self.desk
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

    def _film(self, at: Place) -> Pixel:
        x, y = self.desk.look.view.to_film([at])[0]
        return float(x), float(y)

    def _near(self, at: Place, reach: float = REACH) -> str | None:
        points = self.desk.shown.landmarks.points
        return nearest_point(points, self.desk.look, at, reach * self.unit)

    def _eye(self) -> Place:
        look = self.desk.look
        pointer = look.pointer
        return pointer if pointer and look.view.area.holds(pointer) else look.view.area.centre

    def _zoom(self, factor: float, at: Place) -> None:
        self.desk.change(view=self.desk.look.view.zoomed(factor, at))

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

    def _greys(self, greys: Greys) -> None:
        self.desk.change(greys=greys)
        self.desk.session.note_view("window")

    def _toggle_grey(self, field: str) -> None:
        greys = self.desk.look.greys
        self._greys(replace(greys, **{field: not getattr(greys, field)}))  # type: ignore[arg-type]

    def _window_level(self, dx: float, dy: float) -> None:
        """To the right more contrast, upwards brighter, by a share of the film's height."""
        desk, side = self.desk, 0.6 * self.desk.look.view.area.height
        greys = desk.picture.changed(desk.look.greys, -dy / side, float(np.exp(-1.5 * dx / side)))
        desk.change(greys=greys)

    def _mirror(self) -> None:
        view = self.desk.look.view
        self.desk.change(view=replace(view, mirrored=not view.mirrored))
