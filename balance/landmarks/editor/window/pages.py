"""Pages over the film: the keys, and the list of films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from balance.landmarks.editor.window.flow import Command, Flow, Zone, shortened
from balance.landmarks.editor.window.keys import (
    CATALOGUE,
    FILM,
    LIST,
    LOOK,
    MARK,
    Binding,
    rows_of,
)
from balance.landmarks.editor.window.marks import Area, Dots, Fill, Mark, Shape, Text, rectangle
from balance.landmarks.editor.window.theme import (
    ASKED,
    DONE,
    INK,
    LARGE,
    PANEL,
    PROMPT,
    QUIET,
    RAISED,
    RULE,
    SMALL,
    USUAL,
)

_SHADE = 0.72
_PAD, _GUTTER, _KEY_WIDTH = 26.0, 30.0, 118.0
_COLUMNS = ((MARK,), (LOOK,), (FILM, LIST))
_ROW = 16.5
_LEGEND = (
    ("filled", "a point that is confirmed"),
    ("hollow", "a point that nobody has confirmed: no grade rests on it"),
    ("dashed", "an endplate with an unconfirmed corner; a vertical, a perpendicular"),
)


def help_page(
    area: Area, unit: float, catalogue: Sequence[Binding] = CATALOGUE
) -> tuple[Mark, ...]:
    """The keys in columns, and what filled, hollow and dashed mean."""
    marks, inner = _sheet_of_paper(area, unit)
    flow = Flow(inner, unit)
    flow.line("Keys and mouse", PROMPT, INK, "bold")
    flow.write("? or Esc closes this page", SMALL, QUIET, align="right")
    flow.rule(8.0, 4.0)
    top, most = flow.y, flow.y
    columns = _columns(inner.width / unit, catalogue)
    width = (inner.width / unit - _GUTTER * (len(columns) - 1)) / len(columns)
    step = _row_height(columns, catalogue, (inner.bottom - top) / unit - 70.0)
    for place, groups in enumerate(columns):
        left = inner.left + place * (width + _GUTTER) * unit
        column = Flow(Area(left, top, left + width * unit, inner.bottom), unit)
        for group in groups:
            _group(column, group, catalogue, step)
        flow.marks += column.marks
        most = max(most, column.y)
    flow.y = most
    flow.rule(8.0, 0.0)
    for sign, words in _LEGEND:
        flow.line(words, SMALL, QUIET, indent=22.0)
        _legend_sign(flow, sign)
    flow.line(
        "Research software. Not a medical device. Every action is kept in a journal beside the "
        "document until it is saved.",
        SMALL,
        QUIET,
    )
    return (*marks, *flow.marks)


def worklist_page(
    entries: Sequence[Listed],
    current: int,
    area: Area,
    unit: float,
    pointer: tuple[float, float] | None,
) -> tuple[tuple[Mark, ...], tuple[Zone, ...]]:
    """The films with their state; a click opens one."""
    marks, inner = _sheet_of_paper(area, unit)
    flow = Flow(inner, unit, pointer)
    done = sum(entry.done for entry in entries)
    flow.line("Films", PROMPT, INK, "bold")
    flow.write(f"{done} of {len(entries)} done", USUAL, QUIET, align="right")
    flow.rule(8.0, 4.0)
    rows = max(int(flow.room / _ROW_HEIGHT), 1)
    first = max(min(current - rows // 2, len(entries) - rows), 0)
    for number in range(first, min(first + rows, len(entries))):
        _entry(flow, entries[number], number, number == current)
    return (*marks, *flow.marks), tuple(flow.zones)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says of one film: its name, where the work on it stands, a note."""

    name: str
    done: bool
    words: str
    note: str = ""


_ROW_HEIGHT = 30.0


def _entry(flow: Flow, entry: Listed, number: int, current: bool) -> None:
    unit = flow.unit
    area = Area(flow.area.left, round(flow.y), flow.area.right, round(flow.y + _ROW_HEIGHT * unit))
    lit = flow.button(area, Command("open", number))
    if current or lit:
        flow.marks.append(Fill(area, RAISED))
    middle = area.centre[1]
    x = area.left + 12 * unit
    if entry.done:
        hook = ((x - 4 * unit, middle), (x - 1 * unit, middle + 3.5 * unit),
                (x + 5 * unit, middle - 4 * unit))  # fmt: skip
        flow.marks.append(Shape((hook,), edge=DONE, width=1.8))
    else:
        flow.marks.append(Dots(((x, middle),), 3.5, edge=QUIET, width=1.0))
    ink = ASKED if current else INK
    left, room = area.left + 26 * unit, flow.width - 130.0
    lower = entry.note != ""
    y = middle + (0.36 * LARGE - (4.0 if lower else 0.0)) * unit
    flow.marks.append(Text(left, y, shortened(entry.name, room, USUAL + 1.0), USUAL + 1.0, ink,
                           "bold" if current else "normal"))  # fmt: skip
    if lower:
        note = shortened(entry.note, room, SMALL)
        flow.marks.append(Text(left, y + 11.5 * unit, note, SMALL, QUIET))
    x, y = area.right - 8 * unit, middle + 0.36 * SMALL * unit
    flow.marks.append(Text(x, y, entry.words, SMALL, QUIET, align="right"))
    flow.y = area.bottom + 2.0 * unit


def _round(area: Area) -> Area:
    return Area(round(area.left), round(area.top), round(area.right), round(area.bottom))


def _sheet_of_paper(area: Area, unit: float) -> tuple[tuple[Mark, ...], Area]:
    """A shade over the film and a card on it, and the room inside the card."""
    margin = min(34.0 * unit, 0.04 * area.width)
    card = _round(area.grown(-margin))
    marks = (
        Fill(area, "#000000", _SHADE),
        Fill(card, PANEL),
        rectangle(card.grown(-0.5), edge=RULE, width=1.0),
    )
    pad = min(_PAD * unit, 0.05 * area.width)
    return marks, card.grown(-pad)


def _columns(width: float, catalogue: Sequence[Binding]) -> tuple[tuple[str, ...], ...]:
    """As many columns as keep the words readable."""
    groups = tuple(dict.fromkeys(row.group for row in catalogue))
    if len(groups) == 2 and width >= 2 * 230.0:
        return tuple((group,) for group in groups)
    if width >= 3 * 260.0:
        return _COLUMNS
    if width >= 2 * 230.0:
        return ((MARK,), (LOOK, FILM, LIST))
    return (groups,)


def _row_height(
    columns: tuple[tuple[str, ...], ...], catalogue: Sequence[Binding], room: float
) -> float:
    longest = max(
        sum(len(list(rows_of(group, catalogue))) + 2 for group in groups) for groups in columns
    )
    return min(_ROW, room / longest)


def _group(flow: Flow, group: str, catalogue: Sequence[Binding], step: float) -> None:
    size = min(USUAL, 0.66 * step)
    flow.skip(step * 1.1)
    flow.write(group, size + 1.0, ASKED, "bold")
    flow.skip(step * 0.15)
    keys = min(_KEY_WIDTH, 0.42 * flow.width)
    for shown, words in rows_of(group, catalogue):
        flow.skip(step)
        flow.write(shortened(shown, keys - 8.0, size, "bold"), size, INK, "bold")
        flow.write(shortened(words, flow.width - keys, size), size, QUIET, at=keys)
    flow.skip(step * 0.6)


def _legend_sign(flow: Flow, sign: str) -> None:
    x, y = flow.area.left + 8.0 * flow.unit, flow.y - 3.2 * flow.unit
    if sign == "filled":
        flow.marks.append(Dots(((x, y),), 2.6, face=INK, width=0.0))
    elif sign == "hollow":
        flow.marks.append(Dots(((x, y),), 3.2, edge=INK, width=1.0))
    else:
        reach = 8.0 * flow.unit
        flow.marks.append(Shape((((x - reach, y), (x + reach, y)),), edge=INK, dash=(4.0, 3.0)))
