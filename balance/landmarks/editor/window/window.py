"""The window: a matplotlib canvas that shows a desk and hands on what the reader does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import (
    KeyEvent,
    LocationEvent,
    MouseButton,
    MouseEvent,
)
from matplotlib.backend_tools import Cursors
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.films import Films
from balance.landmarks.editor.window.flow import Action, Zone
from balance.landmarks.editor.window.frames import Frames
from balance.landmarks.editor.window.gestures import Button, Gestures
from balance.landmarks.editor.window.layout import Layout, layout_of
from balance.landmarks.editor.window.marks import Area, Place
from balance.landmarks.editor.window.paint import Painter
from balance.landmarks.editor.window.sheet import Sheet
from balance.landmarks.editor.window.theme import GROUND
from balance.landmarks.editor.window.workplace import Workplace

MEASURED_EVERY, IDLE = 30, 2000
"""Milliseconds until values are measured again, and until the journal is forced onto the disk."""
STILL, LATEST = 0.02, 0.12
"""Seconds without a move after which a drag pauses; how old its values become while it does not."""
_WHOLE = 0.35
"""Share of the window from which on all of it is sent: one call is then quicker than many."""
_LIST_STEP = 3
_BUTTONS: dict[MouseButton, Button] = {
    MouseButton.LEFT: "left",
    MouseButton.MIDDLE: "middle",
    MouseButton.RIGHT: "right",
}


def make_figure(width: float = 15.0, height: float = 9.5, dpi: float = 96.0) -> Figure:
    """The empty figure of the window, in inches; it has no axes and no toolbar."""
    return Figure(figsize=(width, height), dpi=dpi, facecolor=GROUND)


class _Scene(Artist):
    """The one artist of the figure: repaints everything when a canvas asks for it."""

    def __init__(self, paint: Callable[[Any], None]) -> None:
        super().__init__()
        self._paint = paint

    def draw(self, renderer: Any) -> None:
        """Paint the window."""
        self._paint(renderer)


class Window:
    """Shows the films of a worklist on a canvas.

    No figure manager is made, so none of matplotlib's own keys is bound, here or elsewhere.

    Parameters
    ----------
    canvas
        Any canvas that draws with Agg; without a screen, for tests, the plain one.
    """

    def __init__(self, canvas: Any, films: Films) -> None:
        self.canvas, self.films = canvas, films
        self.on_title: Callable[[str], None] = lambda _: None
        self._layout = self._current_layout()
        self._zones: tuple[Zone, ...] = ()
        self._pages: tuple[Zone, ...] = ()
        self._panel_of: tuple[object, ...] = ()
        self._cursor: Cursors | None = None
        self._started = False
        self._sheets()
        self.work = Workplace(films, self._layout.film, self._layout.unit)
        self.work.on_opened = self._opened
        self._opened()
        canvas.figure.add_artist(_Scene(self._paint_all))
        for name, handler in (
            ("button_press_event", self._press),
            ("button_release_event", self._release),
            ("motion_notify_event", self._motion),
            ("figure_leave_event", self._left),
            ("scroll_event", self._wheel),
            ("key_press_event", self._key),
            ("key_release_event", self._key_up),
        ):
            canvas.mpl_connect(name, handler)
        self._moved = self._ticked = time.monotonic()
        self._measuring = _single(canvas, MEASURED_EVERY, self._turn)
        self._resting = _single(canvas, IDLE, lambda: self.desk.session.sync())

    def tick(self) -> None:
        """Take over what was found on the film, measure what changed, and show it."""
        # What a reader holds must not move away under the pointer.
        found = self.hands.grip is None and self.desk.search()
        if self.desk.measure() or found:
            self.refresh(panel=True)
        self._ticked = time.monotonic()
        if self.desk.searching:
            self._measuring()

    def _turn(self) -> None:
        """The timer's turn: while the pointer drags something, values wait, but not for long."""
        now = time.monotonic()
        dragging = self.hands.grip is not None and now - self._moved < STILL
        if dragging and now - self._ticked < LATEST:
            self._measuring()
        else:
            self.tick()

    def refresh(self, *, panel: bool = False) -> None:
        """Show what changed since the last frame."""
        if not self._started:
            return
        renderer = self.canvas.get_renderer()
        if (renderer.width, renderer.height) != self._size:
            self.canvas.draw_idle()
            return
        painter = Painter(renderer)
        film, self._pages = self.frames.film(
            self._layout, self.films.listed() if self._listing else (), self.films.number
        )
        dirty = self._film.show(film, painter)
        if panel or self._panel_changed():
            marks, self._zones = self.frames.panel(self._layout)
            dirty += self._panel.show(marks, painter)
        dirty += self._status.show(self.frames.status(self._layout, self.films.place), painter)
        self._send(dirty)

    def close(self) -> bool:
        """Give the document free; False where the reader must first say what becomes of it."""
        left = self.work.may_leave(None)
        if not left:
            self.refresh(panel=True)
        return left

    def do(self, action: Action) -> None:
        """Carry out what a button stands for."""
        self.work.do(action)
        self._after()

    @property
    def desk(self) -> Desk:
        """The film that is open."""
        return self.work.desk

    @property
    def hands(self) -> Gestures:
        """The hands that work on it."""
        return self.work.hands

    def _opened(self) -> None:
        """Another film lies on the desk."""
        self.frames = Frames(self.desk)
        self._panel_of = ()
        self.on_title(self.films.title)
        if self._started:
            self.canvas.draw_idle()

    @property
    def _listing(self) -> bool:
        return self.desk.look.page == "worklist"

    def _sheets(self) -> None:
        self._film, self._panel, self._status = (
            Sheet(area) for area in (self._layout.film, self._layout.panel, self._layout.status)
        )

    def _current_layout(self) -> Layout:
        figure = self.canvas.figure
        width, height = self.canvas.get_width_height(physical=True)
        self._size = (float(width), float(height))
        return layout_of(width, height, figure.dpi / 72.0)

    def _paint_all(self, renderer: Any) -> None:
        """Paint everything on a renderer, laid out for its size."""
        self._size = (renderer.width, renderer.height)
        unit = renderer.dpi / 72.0
        self._layout = layout_of(int(renderer.width), int(renderer.height), unit)
        self.work.resized(self._layout.film, unit)
        self._sheets()
        painter = Painter(renderer)
        listed = self.films.listed() if self._listing else ()
        film, self._pages = self.frames.film(self._layout, listed, self.films.number)
        panel, self._zones = self.frames.panel(self._layout)
        self._panel_changed()
        status = self.frames.status(self._layout, self.films.place)
        for sheet, marks in ((self._film, film), (self._panel, panel), (self._status, status)):
            sheet.show(marks, painter)
        self._started = True

    def _panel_changed(self) -> bool:
        """Whether the panel would look different; not while a button is held, for speed."""
        desk, look = self.desk, self.desk.look
        pointer = look.pointer
        on_panel = pointer if pointer and self._layout.panel.holds(pointer) else None
        if self.hands.grip is not None and self._panel_of:
            return False
        plan = desk.planning and desk.planning.seen
        seen = (desk.shown, id(desk.live), look.form, look.tool, desk.ask, look.scroll, on_panel,
                look.view.mirrored, desk.warnings, plan)  # fmt: skip
        changed = (
            len(seen) != len(self._panel_of)
            or any(
                one is not other and one != other
                for one, other in zip(seen[1:], self._panel_of[1:], strict=True)
            )
            or seen[0] is not self._panel_of[0]
        )
        self._panel_of = seen
        return changed

    def _send(self, dirty: Sequence[Area]) -> None:
        """Bring painted areas to the screen."""
        width, height = self._size
        window = Area(0, 0, width, height)
        dirty = [seen for area in dirty if (seen := area.shared(window))]
        if not dirty:
            return
        if sum(area.width * area.height for area in dirty) > _WHOLE * width * height:
            self.canvas.blit()
            return
        for area in dirty:
            box = Bbox.from_extents(area.left, height - area.bottom, area.right, height - area.top)
            self.canvas.blit(box)

    def _after(self) -> None:
        self.refresh()
        self._measuring()
        self._resting()

    def _press(self, event: MouseEvent) -> None:
        at = self._place(event)
        zone = self._zone(at)
        button = _BUTTONS.get(MouseButton(event.button)) if event.button in _BUTTONS else None
        if zone is not None and button == "left":
            self.do(zone.action)
            return
        if button is not None and self._layout.film.holds(at):
            self.hands.press(button, at, event.modifiers)
            self._after()

    def _release(self, event: MouseEvent) -> None:
        if self.hands.grip is not None:
            self.hands.release(self._place(event))
            self._after()

    def _motion(self, event: MouseEvent) -> None:
        self._moved = time.monotonic()
        at = self._place(event)
        self.hands.move(at)
        self._point(at)
        if self.hands.grip is None:
            self.refresh()
        else:
            self._after()

    def _left(self, _: LocationEvent) -> None:
        if self.hands.grip is None:
            self.hands.move(None)
            self.refresh()

    def _wheel(self, event: MouseEvent) -> None:
        at = self._place(event)
        if self._layout.panel.holds(at) and self.desk.planning is None:
            scroll = self.desk.look.scroll - _LIST_STEP * int(np.sign(event.step))
            self.desk.change(scroll=scroll)
        elif not self.desk.look.page:
            self.hands.wheel(event.step, at, event.modifiers)
        self._after()

    def _key(self, event: KeyEvent) -> None:
        if event.key is not None:
            self.work.key(event.key)
            self._after()

    def _key_up(self, event: KeyEvent) -> None:
        if event.key is not None:
            self.hands.key_up(event.key)

    def _place(self, event: LocationEvent) -> Place:
        """The middle of the pixel under the pointer, from the upper left corner."""
        return event.x + 0.5, self._size[1] - event.y + 0.5

    def _zone(self, at: Place) -> Zone | None:
        for zone in (*self._pages, *self._zones):
            if zone.area.holds(at):
                return zone
        return None

    def _point(self, at: Place) -> None:
        """The pointer's shape: a cross on the film, a hand on a button."""
        shape = Cursors.POINTER
        if self._zone(at) is not None:
            shape = Cursors.HAND
        elif self._layout.film.holds(at) and not self.desk.look.page:
            shape = Cursors.SELECT_REGION
        if shape is not self._cursor:
            self._cursor = shape
            self.canvas.set_cursor(shape)


def _single(canvas: Any, milliseconds: int, call: Callable[[], None]) -> Callable[[], None]:
    """Starts a timer that calls once; while it runs, starting it again changes nothing."""
    timer = canvas.new_timer(interval=milliseconds)
    timer.single_shot = True
    running = [False]

    def fire() -> None:
        running[0] = False
        call()

    def begin() -> None:
        if not running[0]:
            running[0] = True
            timer.start()

    timer.add_callback(fire)
    return begin
