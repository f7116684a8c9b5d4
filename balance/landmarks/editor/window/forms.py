"""What is typed inside the window: the size of an object, a note. No dialog of any toolkit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from balance.landmarks.editor.answers import SURGERY_WORDS, TICKS, is_ticked
from balance.landmarks.editor.events import SetSurgery, Tick
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.flow import Chip, Command, Flow, fitted_lines
from balance.landmarks.editor.window.marks import Area, Fill, Text, rectangle
from balance.landmarks.editor.window.theme import (
    ASKED,
    CAUTION,
    GROUND,
    INK,
    QUIET,
    SMALL,
    USUAL,
)

_LONGEST = 2000
_CURSOR = "\N{LEFT ONE EIGHTH BLOCK}"


@dataclass(frozen=True, slots=True)
class Form:
    """A field that is typed in and, with it, a choice.

    Parameters
    ----------
    kind
        What is done with it: ``length``, ``circle``, ``note``, ``fusion`` or ``protocol``.
    label
        What to type; empty where there is only a choice.
    choices
        Words to choose from, of which one must be chosen; empty for none.
    complaint
        Why it could not be taken.
    """

    kind: str
    title: str
    label: str = ""
    text: str = ""
    choice_label: str = ""
    choices: tuple[str, ...] = ()
    chosen: str = ""
    lines: int = 1
    complaint: str = ""

    def typed(self, letter: str) -> Form:
        """With one more letter."""
        if len(letter) != 1 or not letter.isprintable() or len(self.text) >= _LONGEST:
            return self
        return replace(self, text=self.text + letter, complaint="")

    def erased(self) -> Form:
        """Without the last letter."""
        return replace(self, text=self.text[:-1], complaint="")

    def choose(self, words: str) -> Form:
        """With another choice."""
        return replace(self, chosen=words, complaint="")

    def next_choice(self, by: int) -> Form:
        """With the next choice, round and round."""
        if not self.choices:
            return self
        at = self.choices.index(self.chosen) if self.chosen in self.choices else -min(by, 0) - 1
        return self.choose(self.choices[(at + by) % len(self.choices)])


def form_card(flow: Flow, form: Form, state: State) -> None:
    """The card of a form."""
    flow.skip(2.0)
    flow.line(form.title, USUAL, INK, "bold")
    flow.skip(2.0)
    if form.label:
        flow.line(form.label, SMALL, QUIET)
        _text_field(flow, form)
    if form.choices:
        flow.skip(4.0)
        flow.line(form.choice_label, SMALL, QUIET if form.chosen else CAUTION)
        flow.chips(
            Chip(words, Command("choose", words), words == form.chosen) for words in form.choices
        )
    if form.kind == "note":
        _ticks(flow, state)
        flow.line("Spine surgery", SMALL, QUIET)
        given = state.landmarks.surgery
        flow.chips(Chip(word, SetSurgery(word), word == given) for word in SURGERY_WORDS)
    if form.complaint:
        flow.skip(3.0)
        flow.paragraph(f"\N{WARNING SIGN} {form.complaint}", SMALL, CAUTION)
    flow.skip(5.0)
    flow.chips(
        [
            Chip("Take it   \N{RETURN SYMBOL}", Command("accept"), leads=True),
            Chip("Leave   Esc", Command("leave")),
        ],
        size=USUAL,
    )


def _text_field(flow: Flow, form: Form) -> None:
    unit = flow.unit
    lines = fitted_lines(form.text + _CURSOR, flow.width - 14.0, USUAL)[-form.lines :]
    flow.skip(5.0)
    height = (1.4 * form.lines + 0.6) * USUAL * unit
    box = Area(round(flow.area.left), round(flow.y), round(flow.area.right), round(flow.y + height))
    flow.marks += [Fill(box, GROUND), rectangle(box.grown(-0.5), edge=ASKED, width=1.0)]
    for place, line in enumerate(lines):
        y = box.top + (1.3 + 1.4 * place) * USUAL * unit
        flow.marks.append(Text(box.left + 7.0 * unit, y, line, USUAL, INK))
    flow.y = box.bottom


def _ticks(flow: Flow, state: State) -> None:
    flow.skip(5.0)
    for name, (heading, words) in TICKS.items():
        flow.skip(16.0)
        top = flow.y - 12.0 * flow.unit
        area = Area(flow.area.left, top, flow.area.right, flow.y + 4.0 * flow.unit)
        lit = flow.button(area, Tick(name))
        colour = INK if lit else QUIET
        flow.tick(
            is_ticked(state.landmarks, name),
            (flow.area.left + 6.0 * flow.unit, flow.y - 3.5 * flow.unit),
            colour,
        )
        flow.write(f"{heading}: {words}", SMALL, colour, indent=16.0)
    flow.skip(4.0)
