"""The editor's window on a 3000 x 9000 16-bit film: first picture, dragging, greys, memory.

``python -m benchmarks.editing FILM BACKEND`` measures one canvas and prints JSON; each runs in a
process of its own, so that no toolkit disturbs another and the memory is that of one editor.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from matplotlib.backend_bases import MouseButton, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg

from balance.landmarks.editor.window.backends import open_shell
from balance.landmarks.editor.window.films import Films, Manner
from balance.landmarks.editor.window.window import Window, make_figure
from balance.landmarks.editor.worklist import find_entries
from benchmarks.films import write_film
from benchmarks.measuring import documents_of_both_views
from benchmarks.opening import COLUMNS, FLOORS, ROWS, film_pixels
from benchmarks.timing import Row, peak_memory, timed_pair

MOVES = 60
CANVASES = {"agg": "no screen", "qt": "Qt offscreen", "tk": "Tk on Xvfb"}
_EMPTY = "blit of an empty frame"


@dataclass(frozen=True, slots=True)
class Memory(Row):
    """A row whose figure is bytes."""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        return self.work, f"{self.seconds / 2**20:.0f} MB", "-", "-", self.goal


def rows() -> Iterator[Row]:
    """The benchmark rows of editing."""
    with tempfile.TemporaryDirectory() as folder:
        for encoding, goal in (("native", "<= 1.5 s"), ("JPEG 2000", "decode + 0.5 s")):
            path = Path(folder) / f"{encoding.replace(' ', '')}.dcm"
            write_film(path, film_pixels(), encoding)
            floor = FLOORS[encoding]
            seconds, least = timed_pair(
                lambda path=path: _opened(path), lambda path=path, f=floor: f.decode(path), rounds=3
            )
            name = f"editor: first picture of a {COLUMNS} x {ROWS} 16-bit film, {encoding}"
            yield Row(name, seconds, goal, floor.name, least)
        path = Path(folder) / "native.dcm"
        document = {**documents_of_both_views()[0], "image": {"rows": ROWS, "columns": COLUMNS}}
        path.with_name("native.landmarks.json").write_text(json.dumps(document))
        for canvas, words in CANVASES.items():
            measured = _in_a_process(path, canvas)
            if measured is None:
                continue
            empty = measured["empty"] if canvas != "agg" else None
            floor = _EMPTY if empty else "-"
            for work, goal in (("drag", "<= 8 ms"), ("window", "<= 50 ms"), ("pan", "-"),
                               ("measure", "30 ms timer")):  # fmt: skip
                yield Row(f"editor: {_WORK[work]} ({words})", measured[work], goal, floor, empty)
            yield Memory(f"editor: peak memory ({words})", measured["bytes"], "<= 600 MB")


_WORK = {
    "drag": "drag a point, one frame",
    "window": "window/level, one frame",
    "pan": "pan, one frame",
    "measure": "values after a move",
}


def _opened(path: Path) -> Window:
    canvas = FigureCanvasAgg(make_figure())
    window = Window(canvas, Films(find_entries([path]).entries, Manner()))
    canvas.draw()
    window.close()
    return window


def _in_a_process(path: Path, canvas: str) -> dict[str, float] | None:
    """What a canvas measures of itself; None where it is not there."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.editing", str(path), canvas]
    if canvas == "qt":
        environment["QT_QPA_PLATFORM"] = "offscreen"
    if canvas == "tk":
        xvfb = shutil.which("xvfb-run")
        if xvfb is None and "DISPLAY" not in environment:
            return None
        if xvfb is not None:
            command = [xvfb, "-a", "-s", "-screen 0 1920x1200x24", *command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def measure_canvas(path: Path, canvas: str) -> dict[str, float]:
    """Median seconds of a frame for each kind of work, and the process's peak memory in bytes."""
    listed = Films(find_entries([path]).entries, Manner())
    if canvas == "agg":
        drawn: Any = FigureCanvasAgg(make_figure())
        pump: Callable[[], object] = lambda: None  # noqa: E731
    else:
        shell: Any = open_shell(make_figure, canvas)  # type: ignore[arg-type]
        drawn = shell.canvas
        pump = shell._root.update if canvas == "tk" else shell._app.processEvents
    for _ in range(5):
        pump()
    window = Window(drawn, listed)
    drawn.draw()
    pump()
    desk = window.desk
    name = "L3_superior_anterior"
    point = desk.shown.landmarks.points[name]
    window.desk.change(view=desk.look.view.moved_to((point.x, point.y), 0.4))
    window.refresh(panel=True)
    found = {"empty": _median(lambda _: drawn.blit(), pump)}
    start = desk.look.view.to_screen([(point.x, point.y)])[0]
    for work, button, at in (
        ("drag", MouseButton.LEFT, start),
        ("window", MouseButton.RIGHT, start + 90),
        ("pan", MouseButton.MIDDLE, start + 90),
    ):
        send = _mouse(drawn, button)
        send("motion_notify_event", at)
        send("button_press_event", at)
        found[work] = _median(lambda n, s=send, a=at: s("motion_notify_event", a + _round(n)), pump)
        if work == "drag":
            found["measure"] = _measured(window, send, at, pump)
        send("button_release_event", at)
    window.close()
    found["bytes"] = peak_memory()
    return found


def _round(number: int) -> np.ndarray:
    turn = 2 * np.pi * number / MOVES
    return np.round(18 * np.array([np.cos(turn), np.sin(turn)]))


def _mouse(canvas: Any, button: MouseButton) -> Callable[[str, np.ndarray], None]:
    height = canvas.get_width_height(physical=True)[1]

    def send(name: str, at: np.ndarray) -> None:
        event = MouseEvent(name, canvas, float(at[0]), height - float(at[1]), button)
        canvas.callbacks.process(name, event)

    return send


def _measured(window: Window, send: Any, at: np.ndarray, pump: Callable[[], object]) -> float:
    """Seconds of what the timer does after a move: measure, and show table, lines and labels."""
    spent = []
    for number in range(MOVES // 3):
        send("motion_notify_event", at + _round(number))
        start = time.perf_counter()
        window.tick()
        pump()
        spent.append(time.perf_counter() - start)
    return median(spent)


def _median(work: Callable[[int], object], pump: Callable[[], object]) -> float:
    spent = []
    for number in range(MOVES):
        start = time.perf_counter()
        work(number)
        pump()
        spent.append(time.perf_counter() - start)
    return median(spent)


if __name__ == "__main__":
    print(json.dumps(measure_canvas(Path(sys.argv[1]), sys.argv[2])))
