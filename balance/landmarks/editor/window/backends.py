"""A real window around the canvas: Tk where it works, else Qt, else a sentence on what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, Protocol

from matplotlib.figure import Figure

from balance.errors import BalanceError
from balance.landmarks.editor.window.theme import GROUND

Backend = Literal["tk", "qt"]

INSTALL = (
    "install a window toolkit: pip install 'spinal-balance[gui]', or your system's python3-tk; "
    "everything but the editor works without one"
)
NO_DISPLAY = (
    "there is no display to open a window on: run the editor at a screen (or with ssh -X); "
    "everything but the editor works without one"
)
_SHARE, _WIDEST, _HIGHEST = 0.92, 2200, 1500
"""Of the screen that the window takes, and pixels that it opens with at most."""
_SMALLEST = (720, 480)
_WINDOWLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


class NoWindow(BalanceError):
    """No window can be opened here."""


class Shell(Protocol):
    """A window of a toolkit with the canvas in it."""

    canvas: Any

    def title(self, words: str) -> None:
        """Write the window's title."""

    def run(self, may_close: Callable[[], bool]) -> None:
        """Show the window until it is closed; ``may_close`` is asked first."""

    def leave(self) -> None:
        """Close the window without asking."""


def open_shell(make: Callable[[], Figure], wanted: Backend | None = None) -> Shell:
    """A window with the canvas of a figure.

    Parameters
    ----------
    make
        Makes the figure; called once for each toolkit that is tried.
    wanted
        The toolkit, None for the first that works.

    Raises
    ------
    NoWindow
        One sentence: what is missing and what to do.
    """
    told: list[str] = []
    missing = 0
    for name in (wanted,) if wanted else ("tk", "qt"):
        try:
            return _TkShell(make()) if name == "tk" else _QtShell(make())
        except ImportError:
            missing += 1
            told.append(f"{_NAMES[name]} is not installed")
        except _NoDisplay:
            told.append(f"{_NAMES[name]} finds no display")
    if missing == 0:
        raise NoWindow(f"the editor cannot open: {NO_DISPLAY}")
    what = " and ".join(told)
    todo = INSTALL if missing == len(told) else NO_DISPLAY
    raise NoWindow(f"the editor cannot open: {what}; {todo}")


_NAMES = {"tk": "Tk", "qt": "Qt (PySide6)"}


class _NoDisplay(Exception):
    """The toolkit is there, and nothing to show a window on."""


class _TkShell:
    """A Tk window; no dialog, menu or toolbar, so that it works as the other one does."""

    def __init__(self, figure: Figure) -> None:
        import tkinter

        try:
            canvas: Any = import_module("matplotlib.backends.backend_tkagg").FigureCanvasTkAgg

            self._root = tkinter.Tk(className="spinal-balance")
        except tkinter.TclError:
            raise _NoDisplay from None
        self._root.configure(background=GROUND)
        width, height = _size(self._root.winfo_screenwidth(), self._root.winfo_screenheight())
        self._root.geometry(f"{width}x{height}")
        self._root.minsize(*_SMALLEST)
        self.canvas = canvas(figure, master=self._root)
        widget = self.canvas.get_tk_widget()
        widget.pack(fill="both", expand=True)
        widget.configure(highlightthickness=0, borderwidth=0)
        widget.focus_set()

    def title(self, words: str) -> None:
        """Write the window's title."""
        self._root.title(words)

    def run(self, may_close: Callable[[], bool]) -> None:
        """Show the window until it is closed."""

        def close() -> None:
            if may_close():
                self._root.quit()

        self._root.protocol("WM_DELETE_WINDOW", close)
        self._root.mainloop()
        self._root.destroy()

    def leave(self) -> None:
        """Close the window without asking."""
        self._root.quit()


class _QtShell:
    """A Qt window, of the same kind."""

    def __init__(self, figure: Figure) -> None:
        # Named first, so that matplotlib takes this binding and no other that happens to be there.
        widgets: Any = import_module("PySide6.QtWidgets")
        focus: Any = import_module("PySide6.QtCore").Qt.FocusPolicy

        _require_qt_display(widgets)
        drawn: Any = import_module("matplotlib.backends.backend_qtagg").FigureCanvasQTAgg

        class Canvas(drawn):  # type: ignore[misc]
            """A canvas that gets the Tab key too."""

            def focusNextPrevChild(self, _: bool) -> bool:  # noqa: N802
                return False

        class Main(widgets.QMainWindow):  # type: ignore[misc]
            """A window that asks before it closes."""

            def __init__(self) -> None:
                super().__init__()
                self.may_close: Callable[[], bool] = lambda: True

            def closeEvent(self, event: Any) -> None:  # noqa: N802
                event.setAccepted(self.may_close())

        self._app = widgets.QApplication.instance() or widgets.QApplication(["spinal-balance"])
        self._main = Main()
        self.canvas = Canvas(figure)
        self._main.setCentralWidget(self.canvas)
        self.canvas.setFocusPolicy(focus.StrongFocus)
        screen = self._app.primaryScreen().availableGeometry()
        self._main.resize(*_size(screen.width(), screen.height()))
        self._main.setMinimumSize(*_SMALLEST)
        self._main.show()
        self.canvas.setFocus()

    def title(self, words: str) -> None:
        """Write the window's title."""
        self._main.setWindowTitle(words)

    def run(self, may_close: Callable[[], bool]) -> None:
        """Show the window until it is closed."""
        self._main.may_close = may_close
        self._app.exec()

    def leave(self) -> None:
        """Close the window without asking."""
        self._main.may_close = lambda: True
        self._main.close()


def _size(screen_width: int, screen_height: int) -> tuple[int, int]:
    """Width and height of the window on a screen."""
    width, height = int(_SHARE * screen_width), int(_SHARE * screen_height)
    return min(width, _WIDEST), min(height, _HIGHEST)


def _require_qt_display(widgets: Any) -> None:
    """Make sure that Qt can open a window: where it cannot, it ends the process.

    Raises
    ------
    _NoDisplay
        A process of its own could not open one.
    """
    if widgets.QApplication.instance() is not None:
        return
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _WINDOWLESS:
        return
    unix = sys.platform.startswith("linux")
    if unix and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise _NoDisplay
    trial = "from PySide6.QtWidgets import QApplication; QApplication([])"
    tried = subprocess.run(  # noqa: S603
        [sys.executable, "-c", trial], capture_output=True, timeout=60, check=False
    )
    if tried.returncode != 0:
        raise _NoDisplay
