"""A real editor window in a process of its own, driven by its toolkit's own mouse and keys.

``python editor_child.py tk|qt FILM TRUTH.json full|part|help|plan`` places the protocol, and prints
what it clicked as JSON. ``part`` stops in the middle and waits to be killed; ``help`` lets the
program propose, and confirms region by region; ``plan`` plans a correction on a marked film.
"""

import json
import shutil
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
from editor_driver import with_centroids

from balance.landmarks.editor.proposals import region_to_confirm
from balance.landmarks.editor.protocols import PROTOCOL
from balance.landmarks.editor.window.backends import open_shell
from balance.landmarks.editor.window.films import Films, Manner
from balance.landmarks.editor.window.window import Window, make_figure
from balance.landmarks.editor.worklist import find_entries

CLICKED = {}


class TkHands:
    """Mouse and keys through the X server where xdotool is there, else through Tk's own events."""

    KEYS = {
        "enter": "Return", "ctrl+s": "ctrl+s", "question": "question", "right": "Right",
        "escape": "Escape",
    }  # fmt: skip

    def __init__(self, shell):
        self.root, self.widget = shell._root, shell.canvas.get_tk_widget()
        self.real = shutil.which("xdotool") is not None
        self.pump(0.3)
        self.widget.focus_force()
        self.pump(0.1)

    def pump(self, seconds=0.03):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.root.update()
            time.sleep(0.002)

    def click(self, x, y):
        x, y = int(x), int(y)
        if self.real:
            at = (str(self.widget.winfo_rootx() + x), str(self.widget.winfo_rooty() + y))
            subprocess.run(["xdotool", "mousemove", "--sync", *at], check=True)
            self.pump()
            subprocess.run(["xdotool", "click", "1"], check=True)
        else:
            for event in ("<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
                self.widget.event_generate(event, x=x, y=y)
        self.pump(0.06)

    def wheel(self, x, y, steps, *, shift=False):
        """Turn the wheel, as an X server tells it: buttons 4 and 5."""
        number = "4" if steps > 0 else "5"
        x, y = int(x), int(y)
        if self.real:
            # Without --sync, which waits for ever where the pointer is there already.
            at = (str(self.widget.winfo_rootx() + x), str(self.widget.winfo_rooty() + y))
            subprocess.run(["xdotool", "mousemove", *at], check=True)
        for _ in range(abs(steps)):
            if self.real:
                held = ["keydown", "shift", "click", number, "keyup", "shift"]
                turn = held if shift else ["click", number]
                subprocess.run(["xdotool", *turn], check=True)
            else:
                state = 1 if shift else 0
                self.widget.event_generate(f"<ButtonPress-{number}>", x=x, y=y, state=state)
            self.pump()

    def key(self, name):
        if self.real:
            subprocess.run(["xdotool", "key", self.KEYS.get(name, name)], check=True)
        else:
            letter = name.removeprefix("ctrl+")
            keysym = self.KEYS.get(letter, letter)
            state = 4 if name.startswith("ctrl+") else 0
            self.widget.event_generate("<KeyPress>", keysym=keysym, state=state)
            self.widget.event_generate("<KeyRelease>", keysym=keysym, state=state)
        self.pump(0.06)

    def close(self):
        """What the window manager's button does."""
        self.root.after(50, self._ask_to_close)

    def later(self, milliseconds, call):
        self.root.after(milliseconds, call)

    def _ask_to_close(self):
        self.root.tk.eval(self.root.protocol("WM_DELETE_WINDOW"))


class QtHands:
    """Mouse and keys through QTest."""

    def __init__(self, shell):
        self.app, self.canvas, self.main = shell._app, shell.canvas, shell._main
        self.test = import_module("PySide6.QtTest").QTest
        self.qt = import_module("PySide6.QtCore").Qt
        self.point = import_module("PySide6.QtCore").QPoint
        # The screen that is not there is small.
        self.main.resize(1400, 900)
        self.pump(0.2)

    def pump(self, seconds=0.02):
        self.test.qWait(int(seconds * 1000))

    def click(self, x, y):
        place = self.point(int(x), int(y))
        self.test.mouseMove(self.canvas, place)
        buttons, modifiers = self.qt.MouseButton.LeftButton, self.qt.KeyboardModifier.NoModifier
        self.test.mouseClick(self.canvas, buttons, modifiers, place)
        self.pump()

    def key(self, name):
        control = self.qt.KeyboardModifier.ControlModifier
        modifiers = control if name.startswith("ctrl+") else self.qt.KeyboardModifier.NoModifier
        letter = name.removeprefix("ctrl+")
        keys = {"enter": self.qt.Key.Key_Return, "question": self.qt.Key.Key_Question}
        self.test.keyClick(self.canvas, keys.get(letter, letter), modifiers)
        self.pump()

    def close(self):
        self.later(50, self.main.close)

    def later(self, milliseconds, call):
        import_module("PySide6.QtCore").QTimer.singleShot(milliseconds, call)


def place(window, hands, truth, most):
    for _ in range(most):
        end = time.monotonic() + 30.0
        while window.desk.searching:
            assert time.monotonic() < end, "the toolkit's timer hands nothing over"
            hands.pump(0.05)
        step = window.desk.session.state.step
        if step is None:
            return
        if region_to_confirm(window.desk.session.state.content) is not None:
            hands.key("enter")
        elif step.name == "candidate":
            hands.key("x")
        elif step.kind == "ask":
            hands.key("enter")
        elif step.kind == "rim":
            head = truth[step.name]
            for turn in np.radians((20.0, 140.0, 260.0)):
                at = (head["x"] + head["radius"] * np.cos(turn),
                      head["y"] + head["radius"] * np.sin(turn))  # fmt: skip
                click(window, hands, at)
            CLICKED[step.name] = [head["x"], head["y"]]
        else:
            at = (truth[step.name]["x"], truth[step.name]["y"])
            click(window, hands, at)
            CLICKED[step.name] = at


def click(window, hands, pixel):
    """Click a film pixel where the window shows it now."""
    at = window.desk.look.view.to_screen([pixel])[0]
    assert window.desk.look.view.area.grown(-2).holds(tuple(at)), "the film is elsewhere"
    hands.click(*at)


def plan(window, hands):
    """Choose L3, its osteotomy, and turn the wheel to 17 degrees; wait until that is measured."""
    hands.key("s")
    points = window.desk.session.state.landmarks.points
    corners = [p for n, p in points.items() if n.startswith("L3_") and "centroid" not in n]
    middle = (np.mean([p.x for p in corners]), np.mean([p.y for p in corners]))
    click(window, hands, middle)
    hands.key("right")
    at = window.desk.look.view.to_screen([middle])[0]
    hands.wheel(*at, 4, shift=True)
    hands.wheel(*at, -3)
    end = time.monotonic() + 30.0
    planning = window.desk.planning
    while planning.outcome.state is not planning.state:
        assert time.monotonic() < end, "the toolkit's timer measures nothing"
        hands.pump(0.05)
    hands.key("ctrl+s")
    told = {one.key: one.change for one in planning.outcome.values}
    hands.key("escape")
    return told


def main(toolkit, film, truth, how):
    shell = open_shell(make_figure, toolkit)
    helped = how == "help"
    manner = Manner(PROTOCOL["full sagittal" if helped else "balance"], proposals=helped)
    window = Window(shell.canvas, Films(find_entries([Path(film)]).entries, manner))
    window.work.on_left = shell.leave
    hands = TkHands(shell) if toolkit == "tk" else QtHands(shell)
    if how == "plan":
        print(json.dumps(plan(window, hands)), flush=True)
        hands.close()
        shell.run(window.close)
        return
    points = with_centroids(json.loads(Path(truth).read_text())["points"])
    place(window, hands, points, 6 if how == "part" else 60)
    told = {"clicked": CLICKED, "step": getattr(window.desk.session.state.step, "name", None)}
    told["points"] = {n: [p.x, p.y] for n, p in window.desk.session.state.landmarks.points.items()}
    told["hollow"] = len(window.desk.session.state.hollow)
    told["canvas"] = [kind.__name__ for kind in type(shell.canvas).__mro__]
    told["manager"] = shell.canvas.manager is not None
    if how == "part":
        print(json.dumps(told), flush=True)
        hands.pump(60.0)
    hands.key("question")
    told["page"] = window.desk.look.page
    hands.key("question")
    hands.close()
    # The window asks what becomes of the work: Enter saves it.
    hands.later(1000, lambda: hands.key("enter"))
    shell.run(window.close)
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
