"""What must be decided before the work goes on, with the buttons that decide it."""

from __future__ import annotations

from dataclasses import dataclass

from balance.landmarks.editor.window.flow import Chip, Command

ENTER = "\N{RETURN SYMBOL}"


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that must be decided before the work goes on."""

    title: str
    words: str
    chips: tuple[Chip, ...]


def about_offered(actions: int) -> Ask:
    """Whether actions on another version of the document are taken over."""
    return Ask(
        f"{actions} unsaved actions of an earlier session",
        "They were made on another version of this document, which has changed since. They can be "
        "carried out again on the document as it is now, as far as they fit.",
        (
            Chip("Take them over", Command("offered", True)),
            Chip("Throw them away", Command("offered", False)),
        ),
    )


def about_changed(reason: str) -> Ask:
    """Where to save a document that somebody else wrote meanwhile."""
    return Ask(
        "The document was changed by someone else",
        reason,
        (
            Chip("Save beside it", Command("save", "beside"), leads=True),
            Chip("Write over it", Command("save", "overwrite")),
            Chip("Not now   Esc", Command("leave")),
        ),
    )


def about_unsaved(then: int | None) -> Ask:
    """What becomes of unsaved work before another film, None for no film, is opened."""
    return Ask(
        "This film is not saved",
        "Unsaved, the work stays in the journal: it is here again at the next opening, and "
        "no other command sees it.",
        (
            Chip(f"Save   {ENTER}", Command("depart", ("save", then)), leads=True),
            Chip("Keep unsaved", Command("depart", ("keep", then))),
            Chip("Stay   Esc", Command("leave")),
        ),
    )


def about_in_use(reason: str) -> Ask:
    """What to do with a document that another editor has open."""
    return Ask(
        "Another editor has this document open",
        reason,
        (Chip("Work on a copy", Command("reopen", "copy")), Chip("Look only", Command("leave"))),
    )


def about_changed_plan(reason: str) -> Ask:
    """Whether a plan that somebody else wrote meanwhile is written over."""
    return Ask(
        "The plan was changed by someone else",
        reason,
        (
            Chip("Write over it", Command("overwrite_plan")),
            Chip("Not now   Esc", Command("leave"), leads=True),
        ),
    )


def about_unsaved_plan(name: str, then: int | None) -> Ask:
    """What becomes of a plan that is not saved before another film is opened."""
    return Ask(
        "The plan is not saved",
        f"It can be kept in {name} beside the landmarks. No journal holds it.",
        (
            Chip(f"Save the plan   {ENTER}", Command("depart_plan", ("save", then)), leads=True),
            Chip("Throw it away", Command("depart_plan", ("drop", then))),
            Chip("Stay   Esc", Command("leave")),
        ),
    )
