"""What the window keeps beside the editor's state: the view, the greys, what is pointed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from balance.landmarks.editor.events import Pixel
from balance.landmarks.editor.window.forms import Form
from balance.landmarks.editor.window.marks import Place
from balance.landmarks.editor.window.picture import Greys
from balance.landmarks.editor.window.viewport import Viewport

Page = Literal["", "help", "worklist"]
ToolKind = Literal["length", "circle", "plumb", "exchange"]

ENOUGH: Mapping[str, int] = {"length": 2, "circle": 3, "plumb": 2, "exchange": 1}
"""Clicks that a tool takes."""
PROMPTS: Mapping[str, str] = {
    "length": "Click the two ends of an object of known length",
    "circle": "Click three points on the rim of a ball of known size",
    "plumb": "Click the upper and the lower end of the plumb line on the film",
    "exchange": "Click the point that has the name of the selected one",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool in the hand and its clicks so far, film pixels."""

    kind: ToolKind
    clicks: tuple[Pixel, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it has all the clicks that it takes."""
        return len(self.clicks) >= ENOUGH[self.kind]

    def with_click(self, pixel: Pixel) -> Tool:
        """With one more click."""
        return replace(self, clicks=(*self.clicks, pixel))


@dataclass(frozen=True, slots=True)
class Look:
    """How the film is looked at. Nothing of this is saved.

    ``pointer`` is where the mouse is on the screen, None outside the window. ``aimed`` is the
    film pixel that the loupe shows, where it is not the one under the pointer.
    """

    view: Viewport
    greys: Greys = field(default_factory=Greys)
    pointer: Place | None = None
    selected: str | None = None
    hovered: str | None = None
    aimed: Pixel | None = None
    loupe: bool = True
    lines: bool = True
    tool: Tool | None = None
    form: Form | None = None
    page: Page = ""
    scroll: int = 0
