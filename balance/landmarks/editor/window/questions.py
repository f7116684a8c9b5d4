"""The questions of the protocol as cards of buttons: how the film was taken, levels, candidate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from balance.anatomy import VERTEBRAE, level_of
from balance.landmarks.editor.answers import ACQUISITION_WORDS, COUNT_WORDS
from balance.landmarks.editor.events import (
    Accept,
    Event,
    SetAcquisition,
    SetCount,
    SetScalePlane,
    SetSide,
    SetView,
    ShiftLevels,
    Skip,
)
from balance.landmarks.editor.protocols import CANDIDATE, FILM, LEVELS_STEP
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.flow import Chip, Command, Flow
from balance.landmarks.editor.window.theme import CAUTION, INK, QUIET, SMALL, TINY, USUAL
from balance.radiograph import Scale, Subject
from balance.report.wording import STATE_WORDS

_PLANES = ("patient", "detector", "skin", "unknown")
_SCALE_STATES = {**STATE_WORDS, "user_fiducial": "calibrated by hand"}
_ACQUIRED = (("position", "Position"), ("arms", "Arms"))


def question_card(flow: Flow, state: State) -> None:
    """The card of the question that is asked now."""
    asked = state.step.name if state.step else ""
    if asked == FILM:
        _film(flow, state)
    elif asked == LEVELS_STEP:
        _levels(flow, state)
    elif asked == CANDIDATE:
        flow.skip(4.0)
        flow.paragraph(
            "A transitional segment may offer two endplates. Mark the other one too, and every "
            "value is given for both.",
            SMALL,
            QUIET,
        )
        flow.skip(4.0)
        flow.chips(
            [
                Chip("Yes, mark it   \N{RETURN SYMBOL}", Accept(), leads=True),
                Chip("No   X", Skip()),
            ],
            size=USUAL,
        )


def _film(flow: Flow, state: State) -> None:
    marks, content = state.landmarks, state.content
    lateral = marks.view == "lateral"
    _row(flow, "View", [("lateral", SetView("lateral")), ("frontal", SetView("frontal"))],
         marks.view if content.view_known else None)  # fmt: skip
    _row(
        flow,
        "Patient faces" if lateral else "Patient's right is on the image's",
        [("left", SetSide("left")), ("right", SetSide("right"))],
        marks.side if content.side_known else None,
    )
    for field, label in _ACQUIRED:
        words = ACQUISITION_WORDS[field]
        options = [(word, SetAcquisition(**{field: word})) for word in words]
        _row(flow, label, options, getattr(marks.acquisition, field))
    _scale(flow, marks.scale)
    flow.skip(2.0)
    patient, known = _patient(marks.subject)
    flow.line(patient, SMALL, QUIET if known else CAUTION)
    flow.skip(4.0)
    flow.chips([Chip("As shown: go on   \N{RETURN SYMBOL}", Accept(), leads=True)], size=USUAL)


def _patient(subject: Subject) -> tuple[str, bool]:
    """Age and sex as far as they are known, and whether the age is."""
    sex = {"F": "female", "M": "male", "O": "other sex"}.get(subject.sex or "", "")
    if subject.age_years is None:
        return f"Age not recorded{', ' + sex if sex else ''}: no age bands", False
    return f"Patient: {subject.age_years:g} years{', ' + sex if sex else ''}", True


def _scale(flow: Flow, scale: Scale) -> None:
    flow.skip(3.0)
    if not scale.has_millimetres:
        words = (
            "No scale: angles only" if scale.state == "none" else "The header contradicts itself"
        )
        flow.line(words, SMALL, CAUTION)
    else:
        origin = _SCALE_STATES.get(scale.state, scale.state)
        flow.line(f"Scale: {origin}, {scale.row_mm:.3f} mm per pixel, in the plane of", SMALL)
        options = [(plane, SetScalePlane(plane)) for plane in _PLANES]  # type: ignore[arg-type]
        flow.chips(Chip(words, event, words == scale.plane) for words, event in options)
    flow.chips(
        [
            Chip("Calibrate by a length  K", Command("tool", "length")),
            Chip("by a circle  C", Command("tool", "circle")),
            Chip("Plumb line  P", Command("tool", "plumb")),
        ],
        size=TINY,
    )


def _levels(flow: Flow, state: State) -> None:
    count = state.landmarks.vertebrae
    flow.skip(2.0)
    flow.paragraph(
        "Points are named after this count. With four or six lumbar vertebrae say so here.",
        SMALL,
        QUIET,
    )
    for field, label, usual in (
        ("lumbar", "Lumbar vertebrae", 5),
        ("thoracic", "Thoracic vertebrae", 12),
        ("counted_from", "Counted from", None),
    ):
        words = COUNT_WORDS[field]
        options = [(str(word), SetCount(**{field: word})) for word in words]
        chosen = getattr(count, field)
        _row(flow, label, options, str(chosen if chosen is not None else usual))
    if any(level_of(name) in VERTEBRAE for name in state.landmarks.points):
        flow.skip(3.0)
        flow.line("Every vertebra was named", SMALL)
        flow.chips([Chip("one too high", ShiftLevels(1)), Chip("one too low", ShiftLevels(-1))])
    flow.skip(6.0)
    flow.chips([Chip("As shown: go on   \N{RETURN SYMBOL}", Accept(), leads=True)], size=USUAL)


def _row(flow: Flow, label: str, options: Sequence[tuple[str, Event]], chosen: str | None) -> None:
    """A label, and a button for each answer; without an answer the label asks."""
    flow.skip(3.0)
    unknown = chosen is None
    flow.line(f"{label}?" if unknown else label, SMALL, CAUTION if unknown else INK)
    flow.chips(_chips(options, chosen))


def _chips(options: Iterable[tuple[str, Event]], chosen: str | None) -> Iterable[Chip]:
    for words, event in options:
        yield Chip(words.replace("_", " "), event, words == chosen)
