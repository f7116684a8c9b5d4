"""What undo and redo move between, and which step is asked next of it."""

from __future__ import annotations

from dataclasses import dataclass

from balance.anatomy import body_names, level_of, parse_corner, plate_names
from balance.landmarks.editor.events import Pixel
from balance.landmarks.editor.protocols import Protocol, Step, find_steps, make_step
from balance.landmarks.model import Landmarks

OPEN = ("open", "proposed")
"""Statuses of steps that still want the reader."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that undo and redo move between.

    ``skipped`` are points that are not visible, ``declined`` points that no program may propose,
    ``answered`` the questions that were answered, ``rims`` the clicks of fitted heads by name.
    ``guided`` are points that are asked beyond the protocol because a program could use them;
    ``searched`` says that it has looked at the film since it began to propose.
    """

    landmarks: Landmarks
    protocol: Protocol
    step: str | None
    side_known: bool
    view_known: bool = True
    skipped: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    candidate: bool = False
    rims: tuple[tuple[str, tuple[Pixel, ...]], ...] = ()
    guided: tuple[str, ...] = ()
    searched: bool = False
    done: bool = False

    def rim(self, name: str) -> tuple[Pixel, ...]:
        """The clicks on the rim of a head so far."""
        return dict(self.rims).get(name, ())


def steps_for(content: Content) -> tuple[Step, ...]:
    """The steps of the protocol for what is known of the film, then those that a program asks."""
    protocol, marks = content.protocol, content.landmarks
    candidate = content.candidate or any(n.startswith("S1_alternative") for n in marks.points)
    steps = find_steps(protocol, marks.view, marks.existing_levels, content.skipped, candidate)
    named = {step.name for step in steps}
    asked = (name for name in content.guided if name not in named)
    return (*steps, *(make_step(name, marks.view) for name in asked))


def step_status(step: Step, content: Content) -> str:
    """``done``, ``proposed``, ``skipped`` or ``open``."""
    if step.kind == "ask":
        return "done" if step.name in content.answered else "open"
    points = content.landmarks.points
    names: tuple[str, ...] = (step.name,)
    if step.name.endswith("_centroid") and step.name not in points:
        # The mean of four corners is the centroid.
        names = body_names(step.name.removesuffix("_centroid"), content.landmarks.view)
    if all(name in points for name in names):
        return "done" if all(points[name].confirmed for name in names) else "proposed"
    return "skipped" if step.name in content.skipped else "open"


def next_step(content: Content, after: str) -> str | None:
    """What to ask after a step, or None when nothing is left.

    The same endplate's other corner, a question whose turn it is, what a program would have
    clicked, else the next step that is open.
    """
    steps = {one.name: one for one in steps_for(content) if step_status(one, content) in OPEN}
    following = next_open(content, after)
    if following is None or steps[following].kind == "ask":
        return following
    corner = parse_corner(after)
    if corner is not None:
        plate = plate_names(corner.level, corner.endplate, content.landmarks.view)
        other = next((name for name in plate if name in steps and name != after), None)
        if other is not None:
            return other
    proposal = content.landmarks.proposal
    clicked = proposal.next_click if proposal else None
    if clicked is None or clicked in steps:
        return clicked or following
    # A centroid stands for the corners of its level.
    level = level_of(clicked)
    return next((name for name in steps if level and level_of(name) == level), following)


def next_open(content: Content, after: str | None) -> str | None:
    """The next step that is open or proposed, forward from one, then from the top."""
    steps = steps_for(content)
    names = [step.name for step in steps]
    place = names.index(after) + 1 if after in names else 0
    for step in (*steps[place:], *steps[:place]):
        if step_status(step, content) in OPEN and step.name != after:
            return step.name
    return None
