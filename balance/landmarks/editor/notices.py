"""One-line warnings while a film is read: what a careful colleague would say over the shoulder.

What the checks of the document and the analysis say already is taken from them; here stands only
what depends on the reading itself, on an earlier film or on what the reader ticked.
"""

from __future__ import annotations

from collections.abc import Iterator

from balance.assessment.assess import POSITION_NOT_RECORDED
from balance.landmarks.editor.answers import is_ticked
from balance.landmarks.editor.expected import expected_position, lies_outside
from balance.landmarks.editor.head_search import as_fitted
from balance.landmarks.editor.live import Live
from balance.landmarks.editor.prior import Prior
from balance.landmarks.editor.proposals import reasons_of
from balance.landmarks.editor.protocols import FILM
from balance.landmarks.editor.regions import plain_name
from balance.landmarks.editor.state import State
from balance.landmarks.heads import doubt_of_sizes

PI_CHANGE_DEG = 8.0
ADULT_YEARS = 18.0
_LEADING = ("S1", "hips", "C7", "L1")


def notices(state: State, live: Live, prior: Prior | None = None) -> tuple[str, ...]:
    """The warnings of a film as it stands, the most telling first, each once."""
    lines = (
        *_of_reading(state),
        *reasons_of(state.content),
        *_of_prior(state, live, prior),
        *_of_heads(state),
        *(line for line in live.warnings if not _is_early(state, line)),
        *(live.unchecked if _is_complete(state) else ()),
        *_of_ticks(state),
        *_unconfirmed(state),
    )
    return tuple(dict.fromkeys(lines))


def _of_reading(state: State) -> Iterator[str]:
    marks, content = state.landmarks, state.content
    if not content.view_known:
        yield "lateral or frontal is not known: say it before the first point"
    elif not content.side_known:
        lateral = marks.view == "lateral"
        side = "the side that the patient faces" if lateral else "the patient's right"
        yield f"{side} is not known: say it before the first point"
    if marks.vertical is None and not is_ticked(marks, "vertical_checked"):
        yield (
            "the vertical is not verified: the image columns are taken; draw the plumb line, or "
            "tick that it was checked"
        )
    if marks.points:
        yield from _cut(state)


def _of_heads(state: State) -> Iterator[str]:
    """What two circles tell beyond the checks of the document, which know the patient's age."""
    heads = as_fitted(state.landmarks)
    if heads is not None and (doubt := doubt_of_sizes(*heads)):
        yield doubt


def _cut(state: State) -> Iterator[str]:
    """Points of the protocol that would lie beyond the edge of the film."""
    beyond = [
        step.name
        for step in state.steps
        if step.kind != "ask"
        and step.region in _LEADING
        and state.status(step) in ("open", "skipped")
        and lies_outside(state.film, expected_position(state.landmarks, state.film, step.name))
    ]
    if beyond and not is_ticked(state.landmarks, "film_cut"):
        yield (
            f"the film may be cut: {plain_name(beyond[0])} is expected beyond its edge; skip it "
            "where it is not seen"
        )


def _of_prior(state: State, live: Live, prior: Prior | None) -> Iterator[str]:
    if prior is None:
        return
    when = f"of {prior.acquired}" if prior.acquired else "before"
    age = state.landmarks.subject.age_years
    now = live.film.measurements.get("PI")
    adult = age is None or age >= ADULT_YEARS
    if adult and prior.incidence is not None and now is not None and now.value is not None:
        change = now.value - prior.incidence
        if abs(change) > PI_CHANGE_DEG:
            yield (
                f"PI differs by {change:+.0f} deg from the film {when}: read S1 and the levels "
                "again"
            )
    count = state.landmarks.vertebrae
    for word in ("thoracic", "lumbar"):
        then, here = getattr(prior.count, word), getattr(count, word)
        if then is not None and here is not None and then != here:
            yield f"{here} {word} vertebrae here, {then} on the film {when}: count again"


def _of_ticks(state: State) -> Iterator[str]:
    marks = state.landmarks
    if is_ticked(marks, "S1_double_contour"):
        yield "S1 is domed or has a double contour: PI and SS are less certain than they say"
    if is_ticked(marks, "C7_under_shoulder"):
        yield "C7 lies under the shoulder: SVA is less certain than it says"
    if is_ticked(marks, "film_cut"):
        yield "the film is cut: what lies beyond its edge is not assessed"


def _unconfirmed(state: State) -> Iterator[str]:
    count = len(state.hollow)
    if count:
        yield f"{count} point{'s are' if count > 1 else ' is'} not confirmed"


def _is_complete(state: State) -> bool:
    return all(state.status(step) in ("done", "skipped") for step in state.steps)


def _is_early(state: State, line: str) -> bool:
    """Whether a warning is about what is still going to be asked."""
    if line.startswith("only femoral_head") and "is marked" in line:
        heads = [step for step in state.steps if step.region == "hips"]
        return any(state.status(step) == "open" for step in heads)
    asked = state.step is not None and state.step.name == FILM
    return asked and line == POSITION_NOT_RECORDED
