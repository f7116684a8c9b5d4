"""The key catalogue: every key of the editor, what it does, and the pages made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from balance.landmarks.editor.regions import REGIONS, region_words


@dataclass(frozen=True, slots=True)
class Binding:
    """Keys (or mouse gestures) and what they do.

    ``keys`` are matplotlib's names, empty for a gesture of the mouse. ``command`` and ``value``
    say what the window is told. ``shown`` is how the key is written for a reader.
    """

    group: str
    shown: str
    words: str
    keys: tuple[str, ...] = ()
    command: str = ""
    value: object = None


def _binding(
    group: str, keys: str, shown: str, words: str, command: str, value: object = None
) -> Binding:
    return Binding(group, shown, words, tuple(keys.split(" ")) if keys else (), command, value)


MARK, LOOK, FILM, LIST = "Mark", "Look", "The film", "Files"
GROUPS = (MARK, LOOK, FILM, LIST)

_CONFIRM = tuple(
    Binding(
        MARK,
        str(number),
        f"confirm {region_words(region)}",
        (str(number),),
        "confirm",
        region,
    )
    for number, region in enumerate(REGIONS, 1)
)

CATALOGUE: tuple[Binding, ...] = (
    Binding(MARK, "click", "place the point that is asked"),
    Binding(MARK, "Ctrl+click", "place it beside another point"),
    Binding(MARK, "drag", "move a point"),
    Binding(MARK, "Shift+drag", "move its whole region"),
    _binding(MARK, "enter", "Enter", "accept what is asked or proposed", "accept"),
    _binding(MARK, "x", "X", "not visible, or no: go on without it", "skip"),
    _binding(MARK, "b backspace", "B, Backspace", "back to the step before", "back"),
    Binding(MARK, "click a name", "jump to that step"),
    _binding(MARK, "left right up down", "arrows", "move the point by 1 pixel", "nudge", 1.0),
    _binding(
        MARK,
        "shift+left shift+right shift+up shift+down",
        "Shift+arrows",
        "move it by 0.1 pixel",
        "nudge",
        0.1,
    ),
    _binding(MARK, "delete", "Delete", "take the selected point away", "delete"),
    *_CONFIRM,
    _binding(MARK, "r", "R", "refuse the proposed region", "refuse"),
    _binding(MARK, "a", "A", "propose points, or no longer", "proposals"),
    _binding(MARK, "e", "E", "exchange its name with another point's", "tool", "exchange"),
    _binding(MARK, "ctrl+z cmd+z", "Ctrl+Z", "undo", "undo"),
    _binding(MARK, "ctrl+y ctrl+Z ctrl+shift+z cmd+Z", "Ctrl+Y", "redo (Ctrl+Shift+Z too)", "redo"),
    Binding(LOOK, "wheel", "zoom at the cursor"),
    _binding(LOOK, "+ =", "+", "zoom in", "zoom", 1.25),
    _binding(LOOK, "-", "\N{MINUS SIGN}", "zoom out", "zoom", 0.8),
    Binding(LOOK, "middle-drag, Space", "move the film"),
    Binding(LOOK, "right-drag", "brightness, contrast"),
    _binding(LOOK, "f", "F", "fit the film", "fit"),
    _binding(LOOK, "g", "G", "go to the point that is asked", "goto_asked"),
    _binding(LOOK, "w", "W", "the film's own brightness", "window"),
    _binding(LOOK, "i", "I", "invert", "invert"),
    _binding(LOOK, "l", "L", "local contrast", "contrast"),
    _binding(LOOK, "m", "M", "mirror, for viewing only", "mirror"),
    _binding(LOOK, "o", "O", "loupe on or off", "loupe"),
    _binding(LOOK, "h", "H", "hide lines and names, or show them", "lines"),
    _binding(FILM, "q", "Q", "side, position, arms, scale", "film"),
    _binding(FILM, "v", "V", "count of the vertebrae", "levels"),
    _binding(FILM, "k", "K", "calibrate by a length", "tool", "length"),
    _binding(FILM, "c", "C", "calibrate by a circle", "tool", "circle"),
    _binding(FILM, "p", "P", "plumb line, or take it away", "tool", "plumb"),
    _binding(FILM, "u", "U", "fused vertebrae, UIV and LIV", "fusion"),
    _binding(FILM, "t", "T", "another protocol", "protocol"),
    _binding(FILM, "n", "N", "note, ticks", "note"),
    _binding(LIST, "ctrl+s cmd+s", "Ctrl+S", "save", "save"),
    _binding(LIST, "d", "D", "this film is done: save it", "done"),
    _binding(LIST, "pagedown", "PageDown", "next film", "film_step", 1),
    _binding(LIST, "pageup", "PageUp", "film before", "film_step", -1),
    _binding(LIST, "tab", "Tab", "list of the films", "worklist"),
    _binding(LIST, "? f1", "?", "this page", "help"),
    _binding(LIST, "escape", "Esc", "leave a tool, a page, a selection", "leave"),
)  # fmt: skip

BY_KEY: dict[str, Binding] = {key: row for row in CATALOGUE for key in row.keys}


def rows_of(group: str) -> Iterator[tuple[str, str]]:
    """Keys and words of a group, the keys that confirm in one row each."""
    for row in CATALOGUE:
        if row.group == group:
            yield row.shown, row.words


def keys_table() -> str:
    """The catalogue as a table of docs/editor.md."""
    lines = ["| | key | does |", "|---|---|---|"]
    for group in GROUPS:
        for place, (shown, words) in enumerate(rows_of(group)):
            lines.append(f"| {'' if place else group} | {shown} | {words} |")
    return "\n".join(lines) + "\n"
