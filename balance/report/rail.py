"""Labels in a column at one edge of a film, in the order of what they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.radiograph import FloatArray
from balance.report.lettering import printable, text_size
from balance.report.palette import FILM_TEXT
from balance.report.placement import Box
from balance.report.plate import LABEL_MARGIN, Plate, draw_leader, write

EDGE = 6.0
"""Points that the labels keep off the edge of the film."""
ENDS = 44.0
"""Points at its upper and lower end that hold the side mark and the scale bar."""


@dataclass(frozen=True, slots=True)
class RailLabel:
    """A text and the place in the plane that it names."""

    text: str
    anchor: FloatArray
    colour: str
    gid: str


def draw_rail(plate: Plate, labels: Sequence[RailLabel], outward: FloatArray) -> None:
    """Write labels at the edge that a plane direction leads to, each tied to its place by a line.

    Labels that are drawn later keep clear of them.
    """
    if not labels:
        return
    size = plate.letters(FILM_TEXT)
    anchors = plate.to_points(np.array([one.anchor for one in labels]))
    sizes = [text_size(one.text, size, "bold") for one in labels]
    step = max(height for _, height in sizes) + 2.0 * LABEL_MARGIN
    film = plate.film
    middles = spread(anchors[:, 1], step, (film.bottom + ENDS, film.top - ENDS))
    start, end = plate.to_points(np.stack([labels[0].anchor, labels[0].anchor + outward]))
    to_the_right = end[0] > start[0]
    for one, anchor, (width, height), y in zip(labels, anchors, sizes, middles, strict=True):
        left = film.right - EDGE - width if to_the_right else film.left + EDGE
        box = Box(left, y - height / 2.0, left + width, y + height / 2.0)
        plate.labels.append(box.grown(LABEL_MARGIN))
        draw_leader(plate, anchor, box.grown(LABEL_MARGIN), one.colour)
        write(plate, printable(one.text), box.centre, one.colour, size=size, gid=one.gid)


def spread(wanted: FloatArray, step: float, within: tuple[float, float]) -> FloatArray:
    """Places as near to those wanted as a step between neighbours allows, in their order.

    Places beyond the ends are moved inside together, as far as all have room.

    Examples
    --------
    >>> spread(np.array([10.0, 12.0, 50.0]), 6.0, (0.0, 100.0)).tolist()
    [8.0, 14.0, 50.0]
    """
    order = np.argsort(wanted, kind="stable")
    steps = step * np.arange(len(wanted))
    low, high = within
    # Less the steps the places need only not fall: neighbours that would share their mean.
    groups: list[list[float]] = []
    for place in wanted[order] - steps:
        groups.append([float(place)])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    shared = np.concatenate([np.full(len(group), np.mean(group)) for group in groups])
    places = np.empty(len(wanted))
    places[order] = np.clip(shared, low, max(high - steps[-1], low)) + steps
    return places
