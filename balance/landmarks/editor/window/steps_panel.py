"""The prompt of the step that is asked, the drawing beside it, and the list of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from balance.landmarks.editor.edits import is_fitted
from balance.landmarks.editor.events import GoTo
from balance.landmarks.editor.proposals import reasons_of, region_to_confirm
from balance.landmarks.editor.protocols import CANDIDATE, FILM, LEVELS_STEP, Step
from balance.landmarks.editor.regions import plain_name, region_of, region_words
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.diagram import Anatomy, detail, whole_spine
from balance.landmarks.editor.window.flow import Flow, shortened
from balance.landmarks.editor.window.marks import Area, Clipped, Dots, Fill, Mark, Shape, Text
from balance.landmarks.editor.window.theme import (
    ASKED,
    CAUTION,
    DONE,
    INK,
    PROMPT,
    QUIET,
    RAISED,
    SMALL,
    TINY,
    USUAL,
)

TITLES = {FILM: "The film", LEVELS_STEP: "Count of vertebrae", CANDIDATE: "Another endplate?"}
_ROW = 14.0
_DRAWING_SHARE = 0.36


class Tooling(NamedTuple):
    """A prompt that goes before that of the steps: a tool that is in the hand."""

    prompt: str
    hint: str


def prompt_block(flow: Flow, state: State, tooling: Tooling | None) -> None:
    """What is asked now, in large letters, the keys that answer it, and what just happened."""
    done, of = state.progress
    step = state.step
    flow.line(f"{state.protocol.name} · {done} of {of}", TINY, QUIET)
    _progress_bar(flow, done / of if of else 1.0)
    if tooling is not None:
        prompt, hint = tooling
    elif step is None:
        prompt = "Everything is placed" if of else "Nothing is asked"
        hint = "D  this film is done · drag a point to correct it · ?  keys"
        note = state.landmarks.proposal
        if note is not None and note.next_click is not None:
            hint += f". One more click would tell most at the {plain_name(note.next_click)}"
    elif region_to_confirm(state.content) is not None:
        prompt, hint = _to_confirm(step, state)
    else:
        prompt, hint = step.prompt, hint_of(step, state)
    flow.skip(2.0)
    flow.paragraph(prompt, PROMPT, INK, "bold", most=3, gid="prompt")
    flow.skip(1.0)
    flow.paragraph(hint, SMALL, QUIET, most=2)
    if state.message:
        flow.skip(2.0)
        sign = "\N{WARNING SIGN} " if state.refused else ""
        colour = CAUTION if state.refused else DONE
        flow.paragraph(sign + state.message, SMALL + 0.5, colour, most=3, gid="message")


def hint_of(step: Step, state: State) -> str:
    """The keys that answer a step."""
    if step.kind == "ask":
        if step.name == CANDIDATE:
            return "Enter  yes · X  no · B  back"
        return "Enter  as shown · B  back"
    if state.status(step) == "proposed":
        return "Proposed, but not sure: click it yourself · X  not visible · B  back"
    if step.kind == "rim":
        number = len(state.content.rim(step.name))
        return f"{number} of 3 clicked · J  find it where you point · X  not visible"
    return "X  not visible · B  back · right-drag  brightness"


def _to_confirm(step: Step, state: State) -> tuple[str, str]:
    """The question about a region that a program proposed, and the keys that answer it."""
    if is_fitted(state.content, step.name):
        hint = "Enter  yes · drag it · J  once more where you point · Delete  take it away"
        return f"Is this circle the {plain_name(step.name)}?", hint
    count = sum(region_of(name) == step.region for name in state.hollow)
    points = f"{count} hollow points" if count > 1 else "1 hollow point"
    closely = "Look closely, see below · " if reasons_of(state.content) else ""
    hint = f"{closely}Enter  yes · drag what is not right · R  no, take them away"
    return f"Is {region_words(step.region)} right? {points}", hint


def drawing_block(flow: Flow, state: State, *, mirrored: bool, height: float, scroll: int) -> None:
    """The drawings on the left, the list of steps on the right; ``height`` in points."""
    unit, area = flow.unit, flow.area
    top, bottom = flow.y, flow.y + height * unit
    middle = area.left + _DRAWING_SHARE * area.width
    anatomy = anatomy_of(state, mirrored=mirrored)
    left = Area(area.left, top, middle, bottom)
    flow.marks += whole_spine(anatomy, left, unit)
    enlarged = Area(round(middle + 8 * unit), round(top), round(area.right), round(top + 92 * unit))
    cut = detail(anatomy, enlarged, unit)
    if cut and height > 150.0:
        flow.marks.append(Clipped(enlarged, cut))
        top = enlarged.bottom + 5 * unit
    _list(flow, state, Area(enlarged.left, top, area.right, bottom), scroll)
    flow.y = bottom


def anatomy_of(state: State, *, mirrored: bool) -> Anatomy:
    """What the drawings show of a state."""
    marks = state.landmarks
    states = {
        name: "done" if point.confirmed else "proposed" for name, point in marks.points.items()
    }
    asked = state.step.name if state.step and state.step.kind != "ask" else None
    return Anatomy(marks.view, (marks.side == "right") != mirrored, asked, states)


def _progress_bar(flow: Flow, share: float) -> None:
    flow.skip(4.0)
    area, y = flow.area, round(flow.y)
    thick = max(round(2.0 * flow.unit), 1)
    flow.marks.append(Fill(Area(area.left, y, area.right, y + thick), RAISED))
    if share > 0:
        end = round(area.left + share * area.width)
        flow.marks.append(Fill(Area(area.left, y, end, y + thick), DONE))
    flow.skip(3.0)


def _list(flow: Flow, state: State, area: Area, scroll: int) -> None:
    rows = max(int(area.height / (_ROW * flow.unit)), 1)
    steps = state.steps
    first = first_row(steps, state.content.step, rows, scroll)
    shown = steps[first : first + rows]
    for place, step in enumerate(shown):
        top = area.top + place * _ROW * flow.unit
        row = Area(area.left, round(top), area.right, round(top + _ROW * flow.unit))
        lit = flow.button(row, GoTo(step.name))
        current = step.name == state.content.step
        if current or lit:
            flow.marks.append(Fill(row, RAISED))
        status = state.status(step)
        x, y = row.left + 8 * flow.unit, row.top + 0.5 * _ROW * flow.unit
        flow.marks += _sign(status, (x, y), current, flow.unit)
        ink = ASKED if current else INK if status != "open" or lit else QUIET
        words = TITLES.get(step.name) or plain_name(step.name)
        after = len(steps) - first - rows
        if place == rows - 1 and after > 0:
            words = f"… {after + 1} more"
        elif place == 0 and first > 0:
            words = f"… {first + 1} before"
        room = area.width / flow.unit - 20.0
        words = shortened(words[:1].upper() + words[1:], room, USUAL - 1.0)
        flow.marks.append(
            Text(row.left + 17 * flow.unit, row.top + 0.72 * _ROW * flow.unit, words, USUAL - 1.0,
                 ink, "bold" if current else "normal")
        )  # fmt: skip


def first_row(steps: Sequence[Step], current: str | None, rows: int, scroll: int) -> int:
    """The first step that is shown: the current one a third down, moved by the wheel."""
    names = [step.name for step in steps]
    at = names.index(current) if current in names else 0
    first = at - rows // 3 + scroll
    return max(min(first, len(names) - rows), 0)


def _sign(status: str, at: tuple[float, float], current: bool, unit: float) -> list[Mark]:
    """A hook, a ring, a dash or an empty place: the state of a step without its colour."""
    x, y = at
    u = unit
    if status == "done":
        hook = ((x - 3.2 * u, y), (x - 1.0 * u, y + 2.6 * u), (x + 3.4 * u, y - 3.0 * u))
        return [Shape((hook,), edge=DONE, width=1.5)]
    if status == "proposed":
        return [Dots((at,), 3.0, edge=CAUTION, width=1.2)]
    if status == "skipped":
        return [Shape((((x - 3 * u, y), (x + 3 * u, y)),), edge=QUIET, width=1.5)]
    if current:
        arrow = ((x - 2.2 * u, y - 3.2 * u), (x + 3 * u, y), (x - 2.2 * u, y + 3.2 * u))
        return [Shape((arrow,), face=ASKED, edge=ASKED, width=0.5, closed=True)]
    return [Dots((at,), 1.0, face=QUIET, width=0.0)]
