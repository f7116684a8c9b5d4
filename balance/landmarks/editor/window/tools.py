"""Tools in the hand and forms that are typed into: calibration, plumb line, note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import get_args

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.events import Event, Pixel
from balance.landmarks.editor.protocols import PROTOCOL, PROTOCOLS
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.forms import Form
from balance.landmarks.editor.window.look import Tool, ToolKind
from balance.landmarks.editor.window.overlay import nearest_point
from balance.radiograph import Plane

NOTE = "note"
"""The heading of the reader's own words."""
EXCHANGE_REACH = 20.0
"""Pixels of the screen within which a click means a point whose name is exchanged."""


def take_tool(desk: Desk, kind: str) -> None:
    """Take a tool; a plumb line that is there is taken away instead."""
    if kind == "plumb" and desk.session.state.landmarks.vertical is not None:
        desk.do(ev.SetVertical(None))
        return
    if kind == "exchange" and desk.look.selected is None:
        desk.said = "Select a point first: click on it"
        return
    chosen: ToolKind = kind  # type: ignore[assignment]
    selected = desk.look.selected if kind == "exchange" else None
    desk.change(tool=Tool(chosen), form=None, page="", selected=selected)


def click_with_tool(desk: Desk, pixel: Pixel) -> None:
    """A click of the tool in the hand; the last one asks what the thing is, or draws the line."""
    held = desk.look.tool
    assert held is not None
    if held.kind == "exchange":
        _exchange(desk, pixel)
        return
    tool = (Tool(held.kind) if held.complete else held).with_click(pixel)
    desk.change(tool=tool, form=None)
    if not tool.complete:
        return
    if tool.kind == "plumb":
        first, second = tool.clicks
        state = desk.do(ev.SetVertical((first, second)))
        desk.change(tool=Tool("plumb") if state.refused else None)
        return
    thing = "length" if tool.kind == "length" else "diameter"
    desk.change(
        form=Form(
            tool.kind,
            "Calibrate",
            f"Its true {thing} in millimetres",
            choice_label="Where it lay (this decides where millimetres are true)",
            choices=get_args(Plane),
        )
    )


def _exchange(desk: Desk, pixel: Pixel) -> None:
    """Exchange the names of the selected point and of the one that was clicked."""
    first, look = desk.look.selected, desk.look
    others = {n: p for n, p in desk.session.state.landmarks.points.items() if n != first}
    at = look.view.to_screen([pixel])[0]
    second = nearest_point(others, look, (float(at[0]), float(at[1])), EXCHANGE_REACH)
    if first is None or second is None:
        desk.said = "There is no other point: click closer to one"
        return
    desk.do(ev.SwapLabels(first, second))
    desk.change(tool=None)


def open_protocols(desk: Desk) -> None:
    """Open the list of the protocols that ask for something on this view."""
    state = desk.session.state
    names = tuple(one.name for one in PROTOCOLS if one.names(state.landmarks.view))
    form = Form("protocol", "Protocol", choice_label="What is asked for: arrow keys choose",
                choices=names, chosen=state.protocol.name)  # fmt: skip
    desk.change(form=form, tool=None, page="")


def open_fusion(desk: Desk) -> None:
    """Open the field of the fused vertebrae."""
    fusion = desk.session.state.landmarks.fusion
    levels = (fusion.uiv, fusion.liv) if fusion is not None else ()
    text = " ".join(level for level in levels if level)
    label = "UIV and LIV, such as T10 L5; empty for none"
    desk.change(form=Form("fusion", "Fused vertebrae", label, text), tool=None, page="")


def open_note(desk: Desk) -> None:
    """Open the reader's own note and the ticks."""
    text = desk.session.state.landmarks.notes.get(NOTE, "")
    desk.change(form=Form("note", "Note and ticks", "Your own words", text, lines=4), page="")


def choose(desk: Desk, words: str) -> None:
    """Choose one of a form's words."""
    if desk.look.form is not None:
        desk.change(form=desk.look.form.choose(words))


def type_key(desk: Desk, key: str) -> bool:
    """A key for the form that is open; False where there is none, or it is none of its keys."""
    form = desk.look.form
    if form is None:
        return False
    if key == "enter":
        take_form(desk, form)
    elif not form.label and (len(key) == 1 or key == "backspace"):
        pass
    elif key == "backspace":
        desk.change(form=form.erased())
    elif key in ("up", "left", "down", "right", "tab"):
        desk.change(form=form.next_choice(-1 if key in ("up", "left") else 1))
    elif len(key) == 1:
        desk.change(form=form.typed(key))
    else:
        return False
    return True


def take_form(desk: Desk, form: Form) -> None:
    """Carry out what a form says, or say in it what is wrong."""
    event = _EVENT_OF[form.kind](desk, form)
    if isinstance(event, str):
        desk.change(form=replace(form, complaint=event))
        return
    state = desk.do(event)
    if state.refused:
        desk.change(form=replace(form, complaint=state.message))
    else:
        desk.change(form=None, tool=None)


def _note(_: Desk, form: Form) -> Event:
    return ev.SetNote(NOTE, form.text)


def _protocol(_: Desk, form: Form) -> Event | str:
    chosen = PROTOCOL.get(form.chosen)
    if chosen is None:
        return "Choose one: arrow keys, then Enter"
    return ev.UseProtocol(chosen.name, chosen.title, chosen.lateral, chosen.frontal)


def _fusion(_: Desk, form: Form) -> Event | str:
    levels = form.text.upper().replace("-", " ").replace(",", " ").split()
    if not levels:
        return ev.SetFusion(None, None)
    if len(levels) != 2:
        return "Type two vertebrae, the upper one first, such as T10 L5"
    return ev.SetFusion(levels[0], levels[1])


def _calibration(desk: Desk, form: Form) -> Event | str:
    """The event of a calibration, or what is still missing."""
    try:
        size = float(form.text.replace(",", "."))
    except ValueError:
        return "Type its size in millimetres, such as 100"
    if not form.chosen:
        return "Say where the object lay: arrow keys choose"
    lies: Plane = form.chosen  # type: ignore[assignment]
    clicks = desk.look.tool.clicks if desk.look.tool else ()
    if form.kind == "length":
        (x1, y1), (x2, y2) = clicks
        return ev.CalibrateLength(x1, y1, x2, y2, size, lies)
    return ev.CalibrateCircle(clicks, size, lies)


_EVENT_OF: Mapping[str, Callable[[Desk, Form], Event | str]] = {
    "note": _note,
    "protocol": _protocol,
    "fusion": _fusion,
    "length": _calibration,
    "circle": _calibration,
}
"""What a form asks for, or a sentence on what is still missing."""
