"""Hands for the editor's window: mouse and keys as a backend would send them."""

import time
from pathlib import Path
from typing import ClassVar

import numpy as np
from matplotlib.backend_bases import KeyEvent, MouseButton, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imsave

from balance.landmarks.editor.protocols import PROTOCOL
from balance.landmarks.editor.window.films import Films, Manner
from balance.landmarks.editor.window.window import Window, make_figure
from balance.landmarks.editor.worklist import find_entries


def with_centroids(points):
    """The points of a document, and the mean of the four corners of each body."""
    found = dict(points)
    for level in {name.split("_")[0] for name in points}:
        corners = [
            p
            for name, p in points.items()
            if name.startswith(f"{level}_")
            and "x" in p
            and ("superior" in name or "inferior" in name)
        ]
        if len(corners) == 4:
            found[f"{level}_centroid"] = {k: sum(p[k] for p in corners) / 4 for k in "xy"}
    return found


class Driver:
    """A window on a plain Agg canvas, and what a reader does to it."""

    opened: ClassVar[list["Driver"]] = []

    def __init__(
        self,
        *paths: Path,
        protocol: str | None = "balance",
        inches=(15.0, 9.5),
        proposals: bool = False,
    ):
        listed = find_entries([Path(path) for path in paths])
        assert not listed.failures, listed.failures
        chosen = None if protocol is None else PROTOCOL[protocol]
        canvas = FigureCanvasAgg(make_figure(*inches))
        self.window = Window(canvas, Films(listed.entries, Manner(chosen, proposals=proposals)))
        canvas.draw()
        Driver.opened.append(self)

    @classmethod
    def leave_all(cls):
        """Give every document free, as it is."""
        while cls.opened:
            cls.opened.pop().desk.close()

    @property
    def canvas(self):
        return self.window.canvas

    @property
    def desk(self):
        return self.window.desk

    @property
    def state(self):
        return self.desk.session.state

    @property
    def view(self):
        return self.desk.look.view

    def screen(self, x, y):
        """Where a film pixel is on the screen, brought into view first."""
        at = self.view.to_screen([(x, y)])[0]
        if not self.view.area.grown(-20).holds(tuple(at)):
            self.desk.change(view=self.view.moved_to((x, y), self.view.zoom))
            self.window.refresh()
            at = self.view.to_screen([(x, y)])[0]
        return float(at[0]), float(at[1])

    def _event(self, name, at, button=None, step=0, modifiers=()):
        # A backend tells whole pixels, counted from the lower left corner.
        height = self.canvas.get_width_height(physical=True)[1]
        x, y = int(np.floor(at[0])), height - int(np.floor(at[1]))
        event = MouseEvent(name, self.canvas, x, y, button, step=step, modifiers=modifiers)
        self.canvas.callbacks.process(name, event)

    def move(self, at):
        self._event("motion_notify_event", at)

    def press(self, at, button=MouseButton.LEFT, modifiers=()):
        self._event("button_press_event", at, button, modifiers=modifiers)

    def release(self, at, button=MouseButton.LEFT):
        self._event("button_release_event", at, button)

    def click(self, x, y, modifiers=()):
        """Click a film pixel."""
        at = self.screen(x, y)
        self.move(at)
        self.press(at, modifiers=modifiers)
        self.release(at)

    def drag(self, first, second, button=MouseButton.LEFT, steps=4):
        """Drag from a place of the screen to another."""
        self.press(first, button)
        for share in np.linspace(0, 1, steps + 1)[1:]:
            self.move(tuple(np.asarray(first) + share * (np.asarray(second) - first)))
        self.release(second, button)

    def wheel(self, at, step):
        self._event("scroll_event", at, step=step)

    def keys(self, *keys):
        for key in keys:
            self.canvas.callbacks.process(
                "key_press_event", KeyEvent("key_press_event", self.canvas, key)
            )
            self.canvas.callbacks.process(
                "key_release_event", KeyEvent("key_release_event", self.canvas, key)
            )

    def settle(self, seconds=20.0):
        """Turn the timer until no program looks at the film any more."""
        end = time.monotonic() + seconds
        self.window.tick()
        while self.desk.searching:
            assert time.monotonic() < end, "the search does not end"
            time.sleep(0.01)
            self.window.tick()

    def type(self, text):
        self.keys(*text)

    def place_all(self, truth):
        """Answer every question as shown and click every point where the truth has it."""
        for _ in range(400):
            step = self.state.step
            if step is None:
                return
            if step.name == "candidate":
                self.keys("x")
            elif step.kind == "ask":
                self.keys("enter")
            elif step.name not in truth:
                self.keys("x")
            elif step.kind == "rim":
                self._rim(truth[step.name])
            else:
                point = truth[step.name]
                self.click(point["x"], point["y"])
            assert not self.state.refused, (step, self.state.message)
            self.window.tick()
        raise AssertionError("the protocol does not end")

    def _rim(self, head):
        aspect = self.view.aspect
        for turn in np.radians((20.0, 140.0, 260.0)):
            x = head["x"] + head["radius"] * np.cos(turn)
            y = head["y"] + head["radius"] * np.sin(turn) / aspect
            # The second head lies almost on the first one, whose centre is in the way.
            self.click(x, y, modifiers=("ctrl",))

    def picture(self, path=None):
        """What is on the screen now, without asking the canvas to draw again."""
        shown = np.asarray(self.canvas.buffer_rgba()).copy()
        if path is not None:
            imsave(path, shown)
        return shown

    def texts(self):
        """Every text that the window shows."""
        from balance.landmarks.editor.window.marks import Clipped, Text

        def found(marks):
            for mark in marks:
                if isinstance(mark, Clipped):
                    yield from found(mark.marks)
                elif isinstance(mark, Text):
                    yield mark

        window = self.window
        sheets = (window._film, window._panel, window._status)
        return [mark for sheet in sheets for mark in found(sheet.marks)]
