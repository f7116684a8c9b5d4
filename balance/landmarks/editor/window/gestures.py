"""What hands do with a film whatever they work on: move it, zoom it, change its greys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from balance.landmarks.editor.events import Pixel
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Action, Command
from balance.landmarks.editor.window.marks import Place
from balance.landmarks.editor.window.picture import Greys

STILL = 2.5
"""Points that a click may wander."""
WHEEL = 1.2
"""Magnification of one step of the wheel."""
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


class Gestures(ABC):
    """Hands on a film. ``unit`` is the number of device pixels in a point.

    What the left button and the keys do is for those who work on the film to say.
    """

    def __init__(self, desk: Desk, unit: float) -> None:
        self.desk, self.unit = desk, unit
        self.grip: Grip | None = None
        self._space = False
        self._commands: dict[str, Callable[[object], object]] = {
            "zoom": lambda factor: self._zoom(float(str(factor)), self._eye()),
            "fit": lambda _: desk.change(view=desk.look.view.whole()),
            "window": lambda _: self._greys(Greys()),
            "invert": lambda _: self._toggle_grey("inverted"),
            "contrast": lambda _: self._toggle_grey("local_contrast"),
            "mirror": lambda _: self._mirror(),
            "lines": lambda _: desk.change(lines=not desk.look.lines),
            "help": lambda _: desk.change(page="" if desk.look.page == "help" else "help"),
        }

    def act(self, action: Action) -> bool:
        """Carry out what a button or a key stands for; False for what only the window can do."""
        if not isinstance(action, Command) or action.name not in self._commands:
            return False
        self._commands[action.name](action.value)
        return True

    @abstractmethod
    def key(self, key: str) -> Action | None:
        """A key goes down; returns what only the window can do."""

    def key_up(self, key: str) -> None:
        """A key goes up."""
        if key == " ":
            self._space = False

    def press(self, button: Button, at: Place, held: Collection[str]) -> None:
        """A button goes down on the film."""
        desk = self.desk
        base = desk.session.state
        if desk.look.page:
            desk.change(page="")
        elif button == "right":
            self.grip = Grip("grey", at, at, base)
        elif button == "middle" or self._space:
            self.grip = Grip("pan", at, at, base)
        else:
            self._press_left(at, held)

    def move(self, at: Place | None) -> None:
        """The pointer moves; None where it leaves the window."""
        desk, grip = self.desk, self.grip
        desk.change(pointer=at, aimed=None)
        if at is None:
            desk.change(hovered=None)
            return
        if grip is None:
            self._hover(at)
            return
        far = np.hypot(at[0] - grip.start[0], at[1] - grip.start[1]) > STILL * self.unit
        moved = grip.moved or bool(far)
        if grip.kind == "pan":
            dx, dy = at[0] - grip.last[0], at[1] - grip.last[1]
            desk.change(view=desk.look.view.panned(dx, dy))
        elif grip.kind == "grey":
            self._window_level(at[0] - grip.last[0], at[1] - grip.last[1])
        else:
            self._drag(grip, at, moved=moved)
        self.grip = replace(grip, last=at, moved=moved)

    def release(self, at: Place) -> None:
        """The button goes up."""
        grip, self.grip = self.grip, None
        if grip is None:
            return
        if grip.kind in ("pan", "grey"):
            self.desk.session.note_view("window" if grip.kind == "grey" else "pan")
        else:
            self._let_go(grip, at)

    def wheel(self, steps: float, at: Place, held: Collection[str]) -> None:
        """The wheel turns over the film."""
        del held
        self._zoom(WHEEL**steps, at)
        self.desk.session.note_view("zoom")

    @abstractmethod
    def _press_left(self, at: Place, held: Collection[str]) -> None:
        """The left button goes down on the film."""

    @abstractmethod
    def _hover(self, at: Place) -> None:
        """The pointer moves with no button down."""

    @abstractmethod
    def _drag(self, grip: Grip, at: Place, *, moved: bool) -> None:
        """What the left button took hold of is drawn to a place."""

    @abstractmethod
    def _let_go(self, grip: Grip, at: Place) -> None:
        """What the left button took hold of is left at a place."""

    def _film(self, at: Place) -> Pixel:
        x, y = self.desk.look.view.to_film([at])[0]
        return float(x), float(y)

    def _eye(self) -> Place:
        look = self.desk.look
        pointer = look.pointer
        return pointer if pointer and look.view.area.holds(pointer) else look.view.area.centre

    def _zoom(self, factor: float, at: Place) -> None:
        self.desk.change(view=self.desk.look.view.zoomed(factor, at))

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
