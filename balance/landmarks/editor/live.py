"""What the film says now: values, grades and doubts of the landmarks as they stand.

Nothing is computed here: it is the same call as in every other command, on the same landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from balance.analysis import Analysis, analyse
from balance.errors import BadLandmarks
from balance.examination import Document, Examination
from balance.landmarks.checks import check_labels, find_doubts
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues
from balance.report.rows import Row, curve_rows, lead_rows, other_rows, scheme_rows, second_reading


@dataclass(frozen=True)
class Live:
    """The rows of the table beside the film.

    ``lead`` are the values that always have a row, ``others`` those that are given, ``schemes``
    the classifications; ``second`` is one sentence on the other sacral endplate, or empty.
    """

    film: FilmValues
    lead: tuple[Row, ...]
    others: tuple[Row, ...]
    curves: tuple[Row, ...]
    schemes: tuple[Row, ...]
    second: str
    warnings: tuple[str, ...]

    @cached_property
    def unchecked(self) -> tuple[str, ...]:
        """The doubts that the labels' check leaves while neighbours are missing."""
        marks = self.film.landmarks
        try:
            side = check_labels(marks.view, marks.points, marks.side, marks.scale, marks.vertical)
        except BadLandmarks as error:
            return (str(error),)
        return side[1]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All of them, in the order of the table."""
        return (*self.lead, *self.curves, *self.others, *self.schemes)


def look(landmarks: Landmarks) -> Live:
    """Measure and grade a film as it stands."""
    doubted = replace(landmarks, warnings=find_doubts(landmarks))
    analysis = _analysis(doubted)
    return Live(
        film=analysis.films[landmarks.view],
        lead=lead_rows(analysis),
        others=other_rows(analysis),
        curves=curve_rows(analysis),
        schemes=scheme_rows(analysis),
        second=second_reading(analysis),
        warnings=analysis.warnings,
    )


def _analysis(landmarks: Landmarks) -> Analysis:
    document = Document("film", landmarks)
    if landmarks.view == "lateral":
        return analyse(Examination(lateral=document))
    return analyse(Examination(frontal=document))
