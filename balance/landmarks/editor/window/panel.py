"""The panel beside the film: what is asked, the drawing, the steps, the values, the warnings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.ask import Ask
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Flow, Zone
from balance.landmarks.editor.window.forms import Form, form_card
from balance.landmarks.editor.window.look import PROMPTS, Tool
from balance.landmarks.editor.window.marks import Area, Fill, Mark
from balance.landmarks.editor.window.plan_panel import plan_panel
from balance.landmarks.editor.window.questions import question_card
from balance.landmarks.editor.window.steps_panel import Tooling, drawing_block, prompt_block
from balance.landmarks.editor.window.theme import (
    CAUTION,
    INK,
    MARGIN,
    PANEL,
    QUIET,
    RULE,
    SMALL,
    TINY,
    USUAL,
)
from balance.landmarks.editor.window.values_panel import (
    notices_block,
    notices_height,
    values_table,
)

_TALL, _LEAST_DRAWING = 250.0, 90.0
"""Heights of the drawing in points; where a card leaves less than the least there is none."""
_VALUES, _ALL_VALUES = 250.0, 350.0
"""Points that the values should have before the drawing becomes lower; when all is placed."""
_FOOT = 20.0
_KEYS = "? keys    N note    Ctrl+S save    D done"
_PLAN_KEYS = "? keys    O as it is    Ctrl+S save    Esc leave"
_BLIND = (
    "You are reading this film again. No values are shown, so that this reading knows nothing of "
    "the first one. Together they tell how far your own readings lie apart."
)


def panel_marks(desk: Desk, area: Area, unit: float) -> tuple[tuple[Mark, ...], tuple[Zone, ...]]:
    """What the panel shows, and what of it can be clicked."""
    state, look = desk.shown, desk.look
    inner = Area(area.left + MARGIN * unit, area.top + 8 * unit, area.right - MARGIN * unit,
                 area.bottom - _FOOT * unit)  # fmt: skip
    pointer = look.pointer if look.pointer and area.holds(look.pointer) else None
    flow = Flow(inner, unit, pointer)
    flow.marks += [
        Fill(area, PANEL),
        Fill(replace(area, right=area.left + 1), RULE),
    ]
    if desk.planning is not None:
        plan_panel(flow, desk.planning, desk.ask)
        _foot(flow, area, _PLAN_KEYS)
        return tuple(flow.marks), tuple(flow.zones)
    prompt_block(flow, state, _tooling(look.tool))
    flow.skip(6.0)
    notices = () if desk.blind else desk.warnings
    below = notices_height(flow, notices) + (8.0 if notices else 0.0)
    wanted = _card_height(desk, flow) or (_VALUES if state.step is not None else _ALL_VALUES)
    height = min(_TALL, flow.room - below - wanted)
    if height < _LEAST_DRAWING and not _card(desk):
        height = _LEAST_DRAWING
    if height >= _LEAST_DRAWING:
        drawing_block(flow, state, mirrored=look.view.mirrored, height=height, scroll=look.scroll)
        flow.rule(6.0, 2.0)
    top = flow.y
    flow.area = replace(inner, bottom=inner.bottom - below * unit)
    card = _card(desk)
    if card is not None:
        card(flow)
    elif desk.blind:
        flow.paragraph(_BLIND, SMALL, QUIET)
    else:
        values_table(flow, desk.live, finished=state.step is None)
    flow.area = inner
    flow.y = max(flow.y, inner.bottom - below * unit, top)
    if notices:
        flow.rule(4.0, 0.0)
        notices_block(flow, notices)
    _foot(flow, area, _KEYS)
    return tuple(flow.marks), tuple(flow.zones)


def _card(desk: Desk) -> Callable[[Flow], None] | None:
    """What lays out the card that stands in place of the values, if there is one."""
    state, form = desk.shown, desk.look.form
    if desk.ask is not None:
        return partial(_ask_card, desk.ask)
    if form is not None:
        return partial(_form_card, form, state)
    if state.step is not None and state.step.kind == "ask":
        return partial(_question_card, state)
    return None


def _card_height(desk: Desk, flow: Flow) -> float:
    """Points that the card takes, 0 without one: it is laid out on a trial sheet."""
    card = _card(desk)
    if card is None:
        return 0.0
    trial = Flow(flow.area, flow.unit)
    card(trial)
    return (trial.y - trial.area.top) / flow.unit + 12.0


def _ask_card(ask: Ask, flow: Flow) -> None:
    flow.line(ask.title, USUAL, CAUTION, "bold")
    flow.paragraph(ask.words, SMALL, INK)
    flow.skip(4.0)
    flow.chips(ask.chips, size=USUAL)


def _form_card(form: Form, state: State, flow: Flow) -> None:
    form_card(flow, form, state)


def _question_card(state: State, flow: Flow) -> None:
    question_card(flow, state)


def _tooling(tool: Tool | None) -> Tooling | None:
    if tool is None:
        return None
    if tool.complete:
        return Tooling("Say what it is", "Enter  take it · Esc  leave")
    return Tooling(PROMPTS[tool.kind], f"{len(tool.clicks)} clicked · Esc  leave")


def _foot(flow: Flow, area: Area, words: str) -> None:
    flow.y = area.bottom - 8.0 * flow.unit
    flow.write(words, TINY, QUIET)
