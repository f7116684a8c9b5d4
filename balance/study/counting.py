"""Films on which the readers do not speak of the same thing: never averaged in, always listed.

A reader who calls L4 what another calls L5 has no error of 30 mm: they disagree on the count. The
same holds for the side that the patient faces, and for documents of two different films.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from balance.anatomy import VERTEBRAE, body_names, plate_names
from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray
from balance.study.readings import FilmReadings

Kind = Literal["different films", "side", "level count", "level names"]

ENOUGH_LEVELS = 2
"""Levels that must lie on another reader's neighbour before the names count as shifted."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Why a film is left out of every figure."""

    film: str
    kind: Kind
    sentence: str


def disagreement(film: FilmReadings, readers: tuple[str, ...]) -> Disagreement | None:
    """The first thing on which the readers of a film do not agree, besides where points lie."""
    first = film.landmarks[0]
    for letter, other in zip(readers[1:], film.landmarks[1:], strict=True):
        pair = f"readers {readers[0]} and {letter}"
        for kind, sentence in _differences(first, other):
            return Disagreement(film.name, kind, f"{pair}: {sentence}")
    return None


def _differences(one: Landmarks, two: Landmarks) -> Iterator[tuple[Kind, str]]:
    for what in ("pixel_sha256", "sop_instance_uid", "rows", "columns"):
        said = getattr(one.image, what), getattr(two.image, what)
        if None not in said and said[0] != said[1]:
            yield "different films", "the documents are of two different images"
    if one.view != two.view:
        yield "different films", f"one document is {one.view}, the other {two.view}"
        return
    if one.side != two.side:
        word = "facing" if one.view == "lateral" else "patient_right"
        yield "side", f"{word} is {one.side} for one and {two.side} for the other"
    for region in ("last_thoracic", "last_lumbar"):
        counts = getattr(one, region), getattr(two, region)
        if counts[0] != counts[1]:
            word = region.replace("_", " ")
            yield (
                "level count",
                f"the {word} vertebra is {counts[0]} for one, {counts[1]} for the other",
            )
    shifted = shifted_levels(one, two)
    if len(shifted) >= ENOUGH_LEVELS:
        told = ", ".join(f"{a} is {b}" for a, b in shifted[:3])
        yield "level names", f"the names are shifted: what the first calls {told} for the second"


def shifted_levels(one: Landmarks, two: Landmarks) -> list[tuple[str, str]]:
    """Levels of the first reading that lie on another level of the second one.

    Empty where only single levels differ: a slip of one label is a reading error, a shift of most
    is another count.
    """
    first, second = _places(one), _places(two)
    common = [level for level in first if level in second]
    if len(common) < ENOUGH_LEVELS or len(second) < 2:
        return []
    names = list(second)
    there = np.array([second[name] for name in names])
    nearest = {
        level: names[int(np.argmin(np.hypot(*(there - first[level]).T)))] for level in common
    }
    shifted = [(level, name) for level, name in nearest.items() if name != level]
    steps = Counter(_order(name) - _order(level) for level, name in shifted)
    whole = steps.most_common(1)[0][1] if steps else 0
    return shifted if whole > len(common) / 2 else []


def _order(level: str) -> int:
    return (*VERTEBRAE, "S1").index(level)


def _places(landmarks: Landmarks) -> dict[str, FloatArray]:
    """Where each level lies, in the patient's plane; S1 by its endplate."""
    points = landmarks.points
    places: dict[str, FloatArray] = {}
    for level in landmarks.existing_levels:
        names = (
            plate_names("S1", "superior", landmarks.view)
            if level == "S1"
            else body_names(level, landmarks.view)
        )
        if all(name in points for name in names):
            pixels = np.array([(points[name].x, points[name].y) for name in names])
        elif f"{level}_centroid" in points:
            click = points[f"{level}_centroid"]
            pixels = np.array([(click.x, click.y)])
        else:
            continue
        places[level] = landmarks.frame.to_plane(pixels).mean(axis=0)
    return places
