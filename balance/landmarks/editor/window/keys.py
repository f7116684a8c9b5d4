"""The key catalogue: every key of the editor, what it does, and the pages made from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def bound(
    group: str, keys: str, shown: str, words: str, command: str, value: object = None
) -> Binding:
    """Keys, one space between each two, that tell the window something."""
    return Binding(group, shown, words, tuple(keys.split(" ")) if keys else (), command, value)


MARK, LOOK, FILM, LIST = "Mark", "Look", "The film", "Files"

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
    bound(MARK, "enter", "Enter", "accept what is asked or proposed", "accept"),
    bound(MARK, "x", "X", "not visible, or no: go on without it", "skip"),
    bound(MARK, "b backspace", "B, Backspace", "back to the step before", "back"),
    Binding(MARK, "click a name", "jump to that step"),
    bound(MARK, "left right up down", "arrows", "move the point by 1 pixel", "nudge", 1.0),
    bound(
        MARK,
        "shift+left shift+right shift+up shift+down",
        "Shift+arrows",
        "move it by 0.1 pixel",
        "nudge",
        0.1,
    ),
    bound(MARK, "delete", "Delete", "take the selected point away", "delete"),
    *_CONFIRM,
    bound(MARK, "r", "R", "refuse the proposed region", "refuse"),
    bound(MARK, "a", "A", "propose points, or no longer", "proposals"),
    bound(MARK, "j", "J", "fit a femoral head where you point", "fit_head"),
    bound(MARK, "e", "E", "exchange its name with another point's", "tool", "exchange"),
    bound(MARK, "ctrl+z cmd+z", "Ctrl+Z", "undo", "undo"),
    bound(MARK, "ctrl+y ctrl+Z ctrl+shift+z cmd+Z", "Ctrl+Y", "redo (Ctrl+Shift+Z too)", "redo"),
    Binding(LOOK, "wheel", "zoom at the cursor"),
    bound(LOOK, "+ =", "+", "zoom in", "zoom", 1.25),
    bound(LOOK, "-", "\N{MINUS SIGN}", "zoom out", "zoom", 0.8),
    Binding(LOOK, "middle-drag, Space", "move the film"),
    Binding(LOOK, "right-drag", "brightness, contrast"),
    bound(LOOK, "f", "F", "fit the film", "fit"),
    bound(LOOK, "g", "G", "go to the point that is asked", "goto_asked"),
    bound(LOOK, "w", "W", "the film's own brightness", "window"),
    bound(LOOK, "i", "I", "invert", "invert"),
    bound(LOOK, "l", "L", "local contrast", "contrast"),
    bound(LOOK, "m", "M", "mirror, for viewing only", "mirror"),
    bound(LOOK, "o", "O", "loupe on or off", "loupe"),
    bound(LOOK, "h", "H", "hide lines and names, or show them", "lines"),
    bound(FILM, "q", "Q", "side, position, arms, scale", "film"),
    bound(FILM, "v", "V", "count of the vertebrae", "levels"),
    bound(FILM, "k", "K", "calibrate by a length", "tool", "length"),
    bound(FILM, "c", "C", "calibrate by a circle", "tool", "circle"),
    bound(FILM, "p", "P", "plumb line, or take it away", "tool", "plumb"),
    bound(FILM, "u", "U", "fused vertebrae, UIV and LIV", "fusion"),
    bound(FILM, "t", "T", "another protocol", "protocol"),
    bound(FILM, "s", "S", "plan corrections on this film", "plan"),
    bound(FILM, "n", "N", "note, ticks", "note"),
    bound(LIST, "ctrl+s cmd+s", "Ctrl+S", "save", "save"),
    bound(LIST, "d", "D", "this film is done: save it", "done"),
    bound(LIST, "pagedown", "PageDown", "next film", "film_step", 1),
    bound(LIST, "pageup", "PageUp", "film before", "film_step", -1),
    bound(LIST, "tab", "Tab", "list of the films", "worklist"),
    bound(LIST, "? f1", "?", "this page", "help"),
    bound(LIST, "escape", "Esc", "leave a tool, a page, a selection", "leave"),
)  # fmt: skip

BY_KEY: dict[str, Binding] = {key: row for row in CATALOGUE for key in row.keys}


def rows_of(group: str, catalogue: Iterable[Binding] = CATALOGUE) -> Iterator[tuple[str, str]]:
    """Keys and words of a group, the keys that confirm in one row each."""
    for row in catalogue:
        if row.group == group:
            yield row.shown, row.words


def keys_table(catalogue: Sequence[Binding] = CATALOGUE) -> str:
    """A catalogue as a table of docs/editor.md."""
    lines = ["| | key | does |", "|---|---|---|"]
    for group in dict.fromkeys(row.group for row in catalogue):
        for place, (shown, words) in enumerate(rows_of(group, catalogue)):
            lines.append(f"| {'' if place else group} | {shown} | {words} |")
    return "\n".join(lines) + "\n"
