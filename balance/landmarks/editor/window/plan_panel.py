"""The panel while a plan is made: what the wheel turns, the corrections, the values, the doubts."""

from __future__ import annotations

from collections.abc import Sequence

import balance.landmarks.editor.plan_events as ev
from balance.landmarks.editor.plan_outcome import (
    LEADING,
    NOT_GIVEN,
    PlannedValue,
    beyond_usual,
)
from balance.landmarks.editor.plan_state import PlanState
from balance.landmarks.editor.window.ask import Ask
from balance.landmarks.editor.window.flow import Flow, shortened
from balance.landmarks.editor.window.marks import Area, Fill
from balance.landmarks.editor.window.plan_desk import PlanDesk
from balance.landmarks.editor.window.plan_overlay import planned_range
from balance.landmarks.editor.window.theme import (
    ASKED,
    CAUTION,
    DONE,
    INK,
    LARGE,
    PROMPT,
    QUIET,
    RAISED,
    RULE,
    SMALL,
    TINY,
    USUAL,
)
from balance.landmarks.editor.window.values_panel import notices_block, notices_height
from balance.planning.plan import Correction
from balance.report.lettering import typeset
from balance.report.plan_overlay import CUT
from balance.report.rounding import signed_mm

GEOMETRY = "Geometry, not a prediction: nobody knows from it how the patient will stand."
_COLUMNS = (0.44, 0.72, 1.0)
"""Where before, planned and change end, in shares of the width."""
_HEAD, _LEAD_STEP, _OTHER_STEP, _ROW = 18.0, 19.0, 13.5, 16.0
_LOW = 560.0
"""Points: in a lower panel the notes on a procedure make room for the values."""
_MOST_ROWS = 7


def plan_panel(flow: Flow, plan: PlanDesk, ask: Ask | None) -> None:
    """Fill the panel down to its foot."""
    state = plan.state
    flow.line("Plan on this film · the landmarks stay as they are", TINY, QUIET)
    flow.skip(6.0)
    _chosen(flow, plan)
    if state.message:
        sign = "\N{WARNING SIGN} " if state.refused else ""
        colour = CAUTION if state.refused else DONE
        flow.paragraph(
            sign + _plain(state.message, state), SMALL + 0.5, colour, most=3, gid="message"
        )
    flow.rule(6.0, 0.0)
    _corrections(flow, plan)
    flow.rule(6.0, 2.0)
    if ask is not None:
        flow.line(ask.title, USUAL, CAUTION, "bold")
        flow.paragraph(ask.words, SMALL, INK)
        flow.skip(4.0)
        flow.chips(ask.chips, size=USUAL)
        return
    _scenario(flow, plan)
    whole, bottom = flow.area, flow.area.bottom
    doubts = [_plain(line, state) for line in plan.outcome.doubts]
    doubts = _fitting(flow, doubts, flow.room - _HEAD - len(LEADING) * _LEAD_STEP)
    below = notices_height(flow, doubts) + (10.0 if doubts else 0.0)
    flow.area = Area(whole.left, whole.top, whole.right, bottom - below * flow.unit)
    _values(flow, plan.outcome.values)
    flow.area = whole
    if doubts:
        flow.y = max(flow.y, bottom - below * flow.unit)
        flow.rule(4.0, 0.0)
        notices_block(flow, doubts)


def _fitting(flow: Flow, doubts: Sequence[str], room: float) -> list[str]:
    """As many doubts as there is room for, but always one line, and how many more there are."""
    for shown in range(len(doubts), 0, -1):
        more = len(doubts) - shown + 1
        lines = [*doubts[: shown - 1], doubts[-1] if more == 1 else f"and {more} more warnings"]
        if shown == 1 or notices_height(flow, lines) + 10.0 <= room:
            return lines
    return []


def _plain(words: str, state: PlanState) -> str:
    """A sentence of the planner with the signs of print and the names of discs as usual."""
    for site in state.sites:
        if "_" in site:
            words = words.replace(site, site.replace("_", "-"))
    return typeset(words)


def _chosen(flow: Flow, plan: PlanDesk) -> None:
    """What the wheel turns, in large letters, and what is usual for it."""
    state = plan.state
    if state.site is None:
        flow.paragraph("Choose a body or a disc", PROMPT, INK, "bold", gid="prompt")
        flow.paragraph("Click it, or the arrow keys up and down", SMALL, QUIET)
        return
    one = state.correction or Correction(state.site, state.procedure, 0.0)
    site = state.site.replace("_", "-")
    flow.skip(PROMPT * 1.4)
    flow.write(f"{site}  {_short(one)}", PROMPT, INK, "bold", gid="prompt")
    flow.write(_degrees(one), PROMPT + 2.0, CUT, "bold", align="right", gid="degrees")
    flow.skip(2.0)
    flow.paragraph(one.row.name[:1].upper() + one.row.name[1:], SMALL, INK, most=2)
    past = beyond_usual(one)
    usual = "published at one level: " + one.row.usual_words
    words = typeset(usual) + (": more than that" if past else "")
    colour = CAUTION if past else QUIET
    flow.paragraph(f"\N{BLACK UP-POINTING TRIANGLE} {words}" if past else words, SMALL, colour,
                   gid="usual")  # fmt: skip
    if flow.area.height < _LOW * flow.unit:
        return
    if one.row.note:
        flow.paragraph(one.row.note, SMALL, QUIET, most=2)
    flow.paragraph("wheel  1° · Shift+wheel  5° · arrows  site and procedure", SMALL, QUIET)


def _corrections(flow: Flow, plan: PlanDesk) -> None:
    """The corrections of the plan; a click chooses one."""
    state, unit = plan.state, flow.unit
    columns = {one.correction: one for one in plan.outcome.columns}
    corrections = state.plan.corrections
    flow.skip(TINY * 1.5)
    flow.write("Corrections" if corrections else "No correction yet", TINY, QUIET)
    if corrections:
        flow.write("back of the spine", TINY, QUIET, align="right")
    flow.skip(3.0)
    for place, one in enumerate(corrections[:_MOST_ROWS]):
        if place == _MOST_ROWS - 1 and len(corrections) > _MOST_ROWS:
            flow.line(f"… {len(corrections) - place} more", SMALL, QUIET)
            break
        area = Area(flow.area.left, round(flow.y), flow.area.right, round(flow.y + _ROW * unit))
        lit = flow.button(area, ev.ChooseSite(one.site, one.procedure))
        chosen = one is state.correction
        if chosen or lit:
            flow.marks.append(Fill(area, RAISED))
        y = flow.y
        flow.skip(0.5 * _ROW + 0.36 * USUAL)
        ink = ASKED if chosen else INK
        sign = " \N{BLACK UP-POINTING TRIANGLE}" if beyond_usual(one) else ""
        flow.write(f"{one.site.replace('_', '-')}  {_short(one)}", USUAL, ink, "bold", indent=4.0)
        flow.write(_degrees(one) + sign, USUAL, ink, "bold", at=0.58 * flow.width, align="right")
        change = columns.get(one)
        if change is not None and change.posterior_mm is not None:
            words = typeset(signed_mm(change.posterior_mm))
            flow.write(words, SMALL, QUIET, at=flow.width - 4.0, align="right")
        flow.y = y + _ROW * unit
    fused = planned_range(state.plan)
    if fused:
        flow.line(f"Fused {fused}", SMALL, QUIET)


def _scenario(flow: Flow, plan: PlanDesk) -> None:
    """The scenario whose values follow, or why another one is shown in its place."""
    outcome = plan.outcome
    name = outcome.scenario.name
    flow.skip(TINY * 1.4)
    flow.write("Scenario", TINY, QUIET)
    flow.write("C  another one", TINY, QUIET, align="right")
    flow.paragraph(name[:1].upper() + name[1:], USUAL, INK, "bold", gid="scenario")
    if outcome.reason is not None:
        wanted = "The scenario asked for is not drawn: "
        flow.paragraph(wanted + outcome.reason, SMALL, CAUTION, most=2, gid="reason")
    if plan.trouble:
        flow.paragraph(f"Not measured: {plan.trouble}", SMALL, CAUTION, most=2, gid="reason")
    elif outcome.turn_deg:
        way = "backwards" if outcome.turn_deg > 0 else "forwards"
        words = f"spine and pelvis turned {way} by {abs(outcome.turn_deg):.1f} deg"
        flow.paragraph(typeset(words), SMALL, QUIET)
    flow.paragraph(GEOMETRY, SMALL, CAUTION, gid="geometry")


def _values(flow: Flow, values: Sequence[PlannedValue]) -> None:
    flow.skip(TINY * 1.6)
    for words, end in zip(("before", "planned", "change"), _COLUMNS, strict=True):
        flow.write(words, TINY, QUIET, at=end * flow.width, align="right")
    flow.skip(3.0)
    for value in values:
        leads = value.key in LEADING
        step = _LEAD_STEP if leads else _OTHER_STEP
        if flow.room < step:
            break
        if leads:
            y = round(flow.y)
            flow.marks.append(Fill(Area(flow.area.left, y, flow.area.right, y + 1), RULE))
        elif value is next(one for one in values if one.key not in LEADING):
            y = round(flow.y)
            flow.marks.append(Fill(Area(flow.area.left, y, flow.area.right, y + 1), RULE))
            flow.skip(2.0)
        _value(flow, value, step, leads=leads)


def _value(flow: Flow, value: PlannedValue, step: float, *, leads: bool) -> None:
    size = USUAL + 1.0 if leads else SMALL
    y = flow.y
    flow.skip(0.5 * step + 0.36 * size)
    label = shortened(f"{value.label} ({value.unit})", _COLUMNS[0] * flow.width - 46.0, size)
    if leads:
        flow.write(value.label, LARGE - 1.0, INK, "bold", gid=f"label.{value.key}")
    else:
        flow.write(label, SMALL, QUIET)
    cells = (value.before, value.planned, value.change)
    inks = (QUIET, INK, CUT if value.change not in ("0", NOT_GIVEN) else QUIET)
    for cell, end, ink, part in zip(cells, _COLUMNS, inks, ("before", "planned", "change"),
                                    strict=True):  # fmt: skip
        words = "\N{EN DASH}" if cell == NOT_GIVEN else typeset(f"{cell} {value.unit}")
        weight = "bold" if part == "planned" and leads else "normal"
        flow.write(words, size, ink, weight, at=end * flow.width, align="right",
                   gid=f"{part}.{value.key}")  # fmt: skip
    flow.y = y + step * flow.unit


def _short(one: Correction) -> str:
    return one.procedure if one.procedure == "angle" else one.procedure.upper()


def _degrees(one: Correction) -> str:
    return typeset(f"{one.degrees:+g} deg") if one.degrees else "0°"
