"""Whether the labels of a content fit each other, and what to say where they do not."""

from __future__ import annotations

import balance.landmarks.editor.events as ev
from balance.anatomy import ENDS, level_of
from balance.errors import BadLandmarks
from balance.landmarks.checks import check_labels
from balance.landmarks.editor.answers import exchange_ends
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.edits import Refused
from balance.landmarks.editor.proposals import drop_proposals
from balance.landmarks.editor.regions import plain_name
from balance.landmarks.editor.state import State
from balance.landmarks.model import Landmarks


def fitting(state: State, content: Content, event: ev.Event) -> tuple[Content, str]:
    """The content, changed so that its labels fit where a change of it can do so, and a note.

    Raises
    ------
    BalanceError
        The document would be refused.
    """
    before, after = state.content.landmarks, content.landmarks
    if _same_places(before, after):
        return content, ""
    error = _complaint(after)
    if error is None:
        return content, ""
    if isinstance(event, ev.SetSide):
        exchanged = exchange_ends(content)
        if _complaint(exchanged.landmarks) is None:
            first, second = ENDS[after.view]
            return exchanged, f"Side changed: {first} and {second} are exchanged in every label"
    # A click is evidence and a proposal is not: where they contradict, the proposals go.
    dropped = drop_proposals(content)
    if _complaint(dropped.landmarks) is None:
        return dropped, "The proposals contradicted the points and were taken away"
    raise Refused(explain(error, event, before))


def _same_places(before: Landmarks, after: Landmarks) -> bool:
    """Whether nothing changed that the labels are checked by."""
    return before.points == after.points and (
        (before.view, before.side, before.scale, before.vertical)
        == (after.view, after.side, after.scale, after.vertical)
    )


def _complaint(marks: Landmarks) -> str | None:
    try:
        check_labels(marks.view, marks.points, marks.side, marks.scale, marks.vertical)
    except BadLandmarks as error:
        return str(error)
    return None


def explain(error: str, event: ev.Event, before: Landmarks) -> str:
    """Why a document would be refused, in words about what the reader did.

    Parameters
    ----------
    error
        The sentence of `balance.landmarks.checks.check_labels`.
    before
        The landmarks before the event.
    """
    name = getattr(event, "name", None) or ""
    level = level_of(name) if name else None
    front, back = ("front", "back") if before.view == "lateral" else ("right end", "left end")
    if "are the same point" in error:
        return "Both corners of an endplate would lie on one spot: click the other corner"
    if " says " in error and "but the points say" in error:
        what = "the patient faces" if before.view == "lateral" else "the patient's right is"
        other = "left" if before.side == "right" else "right"
        return (
            f"The endplates say that {what} {other}: change the side, or exchange {front} and "
            f"{back}"
        )
    if level is not None and "lie on the wrong side" in error:
        if f"{level}_" in error:
            corner = plain_name(name)
            return (
                f"That would put the {front} of {level} on the side of its {back}: "
                f"click the {corner}, or change the side of the film"
            )
        return f"Not placed, because other labels do not fit: {error}"
    return error
