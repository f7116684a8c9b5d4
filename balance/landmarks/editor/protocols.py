"""What the reader is asked for, in which order: questions first, then points.

A protocol names its steps; which of them exist on this film follows from the vertebrae that the
patient has and from what was skipped (a centroid is asked only where a corner cannot be seen).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from balance.anatomy import (
    CERVICAL,
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    THORACIC,
    VERTEBRAE,
    belongs_to_view,
    body_names,
    is_point_name,
    level_of,
    plate_names,
)
from balance.landmarks.editor.regions import plain_name, region_of
from balance.radiograph import View

StepKind = Literal["ask", "point", "rim"]

FILM, LEVELS_STEP, CANDIDATE = "film", "levels", "candidate"
"""The questions: how the film was taken, how many vertebrae, another sacral endplate?"""

HEADS = {
    "lateral": ("femoral_head_1", "femoral_head_2"),
    "frontal": ("femoral_head_left", "femoral_head_right"),
}
_PROMPTS = {
    FILM: "Check the side, the position, the arms and the scale, then accept",
    LEVELS_STEP: "Count the vertebrae: C2, the last rib, L5; are there 4, 5 or 6 lumbar ones?",
    CANDIDATE: "Another candidate for the sacral endplate? Accept means yes, skip means no",
    "C7_centroid": "Click the centre of C7, or skip it where it is hidden: then there is no SVA",
    "sacrum_centre": "S1 is hidden: click the middle of the sacrum",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: answer a question, click a point, or click three points on a rim.

    ``instead_of`` names points: the step is there only where one of them was skipped.
    """

    name: str
    kind: StepKind
    prompt: str
    region: str
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protocol:
    """A list of steps for each view that it has; an empty one where a view has none."""

    name: str
    title: str
    lateral: tuple[str, ...] = ()
    frontal: tuple[str, ...] = ()

    def names(self, view: View) -> tuple[str, ...]:
        """The steps of a view, levels that the patient may not have among them."""
        return self.lateral if view == "lateral" else self.frontal


def _plate(level: str, endplate: Literal["superior", "inferior"], view: View) -> tuple[str, ...]:
    return plate_names(level, endplate, view)


def _upwards(levels: Iterable[str], view: View) -> Iterator[str]:
    """Every corner from the lowest level up: one sweep of the eye over the film."""
    for level in sorted(levels, key=VERTEBRAE.index, reverse=True):
        yield from _plate(level, "inferior", view)
        yield from _plate(level, "superior", view)


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


_S1_SIDE = (*_plate(SACRUM, "superior", "lateral"), CANDIDATE)
_S1_FRONT = (*_plate(SACRUM, "superior", "frontal"), "sacrum_centre")
_L1 = _plate("L1", "superior", "lateral")

_TRUNK = (*THORACIC, *LUMBAR)

BALANCE = Protocol(
    "balance",
    "the six values: SVA, LL, PI, PT, PI-LL; C7-CSVL",
    lateral=(FILM, LEVELS_STEP, *_S1_SIDE, *HEADS["lateral"], "C7_centroid", *_L1),
    frontal=(FILM, *_S1_FRONT, "C7_centroid"),
)
FULL_SAGITTAL = Protocol(
    "full sagittal",
    "every corner from C2 to S1, the dens and the femoral heads",
    lateral=_once(
        FILM,
        LEVELS_STEP,
        *_S1_SIDE,
        *HEADS["lateral"],
        *body_names("C7", "lateral"),
        *_L1,
        *_plate("T12", "inferior", "lateral"),
        *_plate("T4", "superior", "lateral"),
        *body_names("T8", "lateral"),
        *_upwards(VERTEBRAE, "lateral"),
        "C2_dens",
    ),
)
CORONAL = Protocol(
    "coronal",
    "CSVL, C7, every corner, clavicles, iliac crests and femoral heads",
    frontal=_once(
        FILM,
        LEVELS_STEP,
        *_S1_FRONT,
        "C7_centroid",
        *_upwards(_TRUNK, "frontal"),
        "clavicle_left",
        "clavicle_right",
        "iliac_crest_left",
        "iliac_crest_right",
        *HEADS["frontal"],
    ),
)
_MOST_TELLING = ("T1", "L5", "T8", "T12", "T4", "L2", "T10", "T6")
"""The clicks from which a program tells most of a spine; the rest may then be proposed."""
CORONAL_CENTRES = Protocol(
    "coronal centres",
    "CSVL, C7 and the centre of every vertebra from L5 to T1",
    frontal=(
        FILM,
        LEVELS_STEP,
        *_S1_FRONT,
        "C7_centroid",
        *(f"{level}_centroid" for level in _once(*_MOST_TELLING, *reversed(_TRUNK))),
    ),
)
CERVICAL_SPINE = Protocol(
    "cervical",
    "C2 slope, cervical lordosis, cSVA, T1 slope",
    lateral=_once(
        FILM,
        *body_names("C7", "lateral"),
        *_plate("T1", "superior", "lateral"),
        *body_names("C2", "lateral"),
        "C2_dens",
        *_upwards(CERVICAL, "lateral"),
    ),
)
PROTOCOLS: tuple[Protocol, ...] = (
    BALANCE,
    FULL_SAGITTAL,
    CORONAL,
    CORONAL_CENTRES,
    CERVICAL_SPINE,
)
PROTOCOL = {one.name: one for one in PROTOCOLS}


@cache
def steps_of(protocol: Protocol, view: View, levels: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps of a film, those that wait for a skipped point among them.

    Parameters
    ----------
    levels
        The levels that this patient has (``Landmarks.existing_levels``).

    Examples
    --------
    >>> [step.name for step in steps_of(BALANCE, "frontal", ("L5", "S1"))][:3]
    ['film', 'S1_superior_left', 'S1_superior_right']
    """
    return tuple(_steps(protocol, view, levels))


def find_steps(
    protocol: Protocol,
    view: View,
    levels: tuple[str, ...],
    skipped: frozenset[str],
    candidate: bool,
) -> tuple[Step, ...]:
    """The steps to be shown now.

    Parameters
    ----------
    skipped
        Points that were said to be hidden.
    candidate
        Whether there is another candidate for the sacral endplate.
    """
    return tuple(
        step
        for step in steps_of(protocol, view, levels)
        if (not step.instead_of or not skipped.isdisjoint(step.instead_of))
        and (candidate or not step.name.startswith(OTHER_SACRUM))
    )


def _steps(protocol: Protocol, view: View, levels: tuple[str, ...]) -> Iterator[Step]:
    named = protocol.names(view)
    cornered: dict[str, set[str]] = {}
    for name in named:
        level = level_of(name)
        if level in VERTEBRAE:
            cornered.setdefault(level, set()).add(name)
    last = {
        next(name for name in reversed(named) if level_of(name) == level): level
        for level in cornered
    }
    for name in named:
        level = level_of(name)
        if level is not None and level not in (*levels, OTHER_SACRUM):
            continue
        yield make_step(name, view)
        if name == CANDIDATE:
            for other in plate_names(OTHER_SACRUM, "superior", view):
                yield make_step(other, view)
        body = set(body_names(last[name], view)) if name in last else set()
        if body and body <= cornered[last[name]]:
            yield make_step(f"{last[name]}_centroid", view, instead_of=tuple(sorted(body)))


def make_step(name: str, view: View, instead_of: tuple[str, ...] = ()) -> Step:
    """The step of a point or a question, in plain words."""
    if name in (FILM, LEVELS_STEP, CANDIDATE):
        return Step(name, "ask", _PROMPTS[name], "S1" if name == CANDIDATE else "")
    if name in HEADS[view]:
        words = f"Click three points on the rim of the {plain_name(name)}"
        return Step(name, "rim", words, "hips")
    if name == "sacrum_centre":
        instead_of = plate_names(SACRUM, "superior", "frontal")
    words = _PROMPTS.get(name) or f"Click the {plain_name(name)}"
    return Step(name, "point", words, region_of(name), instead_of)


def is_step_name(name: str, view: View) -> bool:
    """Whether a step of this name could stand in a protocol of the view."""
    return name in (FILM, LEVELS_STEP, CANDIDATE) or (
        is_point_name(name) and belongs_to_view(name, view)
    )


def protocol_of(told: Mapping[str, Any]) -> Protocol:
    """The protocol that a journal names; what it cannot ask for is left out."""

    def names(view: View) -> tuple[str, ...]:
        listed = told.get(view)
        strings = [name for name in listed if isinstance(name, str)] if listed else []
        return tuple(name for name in strings if is_step_name(name, view))

    name, title = (str(told.get(key) or "") for key in ("name", "title"))
    return Protocol(name, title, names("lateral"), names("frontal"))
