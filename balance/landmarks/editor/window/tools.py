"""Tools in the hand and forms that are typed into: calibration, plumb line, note."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.events import Event, Pixel
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.forms import Form
from balance.landmarks.editor.window.look import Tool, ToolKind
from balance.radiograph import Plane

NOTE = "note"
"""The heading of the reader's own words."""


def take_tool(desk: Desk, kind: str) -> None:
    """Take a tool; a plumb line that is there is taken away instead."""
    if kind == "plumb" and desk.session.state.landmarks.vertical is not None:
        desk.do(ev.SetVertical(None))
        return
    chosen: ToolKind = kind  # type: ignore[assignment]
    desk.change(tool=Tool(chosen), form=None, page="", selected=None)


def click_with_tool(desk: Desk, pixel: Pixel) -> None:
    """A click of the tool in the hand; the last one asks what the thing is, or draws the line."""
    held = desk.look.tool
    assert held is not None
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
    event = ev.SetNote(NOTE, form.text) if form.kind == "note" else _calibration(desk, form)
    if isinstance(event, str):
        desk.change(form=replace(form, complaint=event))
        return
    state = desk.do(event)
    if state.refused:
        desk.change(form=replace(form, complaint=state.message))
    else:
        desk.change(form=None, tool=None)


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
