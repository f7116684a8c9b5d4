"""What a film says against a proposal: endplates not seen, femoral heads that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from balance.anatomy import Endplate
from balance.landmarks.conditioning import PlateReading
from balance.landmarks.film_evidence import Polarity
from balance.landmarks.heads import FittedHead, fit_both_heads, fit_head
from balance.landmarks.model import Landmarks
from balance.landmarks.plate_readings import wrong_edges
from balance.landmarks.shape_chain import HEADS, Chain
from balance.landmarks.snap import SnappedPlate, film_evidence
from balance.radiograph import Radiograph

Plate = tuple[str, Endplate]

LEAST_FOUND = 0.75
"""Share of the endplates on the film that must be found for a proposal without review."""
NOTHING_FOUND = 0.2
"""Below this share the film does not show the spine that was marked."""
MOST_DOUBT = 0.2
"""Probability of a wrong edge up to which an endplate that a value rests on is seen clearly."""
NO_HEAD = 0.35
"""Mean quality of the circles below which no femoral head lies there: of drawn films of two
renderers with clicks 25 mm beside the heads nearly all stay below it, 15 mm beside them three
quarters. It errs towards silence: films differ in how plain their heads are."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a search of a film came to.

    ``searched`` are the endplates looked for, ``found`` those that the film shows where the spine
    as a whole agrees, ``doubted`` those of them that may be another edge. ``headless`` tells that
    femoral heads are marked and the film shows none there.
    """

    searched: tuple[Plate, ...]
    found: tuple[Plate, ...]
    doubted: frozenset[Plate]
    evidence: float
    headless: bool

    @classmethod
    def of(
        cls,
        chain: Chain,
        plates: Sequence[SnappedPlate],
        readings: Sequence[PlateReading],
        agreed: Sequence[bool],
        *,
        headless: bool,
    ) -> Sighting:
        """What the last round of a search came to; ``agreed`` tells which readings were kept."""
        read = [(one.level, one.endplate) for one in readings]
        wrong = wrong_edges(chain, plates, readings)
        return cls(
            searched=tuple((plate.level, plate.endplate) for plate in plates),
            found=tuple(plate for plate, yes in zip(read, agreed, strict=True) if yes),
            doubted=frozenset(
                plate for plate, share in zip(read, wrong, strict=True) if share > MOST_DOUBT
            ),
            evidence=film_evidence(plates),
            headless=headless,
        )

    @property
    def of_something_else(self) -> bool:
        """Whether the film does not show the spine that was marked."""
        share = len(self.found) / max(len(self.searched), 1)
        least = LEAST_FOUND if self.headless else NOTHING_FOUND
        return not self.searched or share < least or self.evidence <= 0.0

    def doubts(self, chain: Chain) -> Iterator[str]:
        """What must be looked at before the proposal is believed."""
        if self.headless:
            yield (
                "no femoral head is seen where one is marked: check that the points belong to "
                "this film"
            )
        if len(self.found) < LEAST_FOUND * len(self.searched):
            yield f"only {len(self.found)} of {len(self.searched)} endplates were found on it"
        wanted: tuple[Plate, ...] = (
            ("L1", "superior"),
            ("T4", "superior"),
            (chain.last_thoracic, "inferior"),
        )
        unclear = {*self.searched} - ({*self.found} - self.doubted)
        hidden = [f"{level} {end}" for level, end in wanted if (level, end) in unclear]
        if hidden:
            yield f"not seen clearly: {', '.join(hidden)}; mark it"


def heads_are_missing(film: Radiograph, marked: Landmarks, polarity: Polarity) -> bool:
    """Whether femoral heads are marked and the film shows none there.

    A head's rim is a faint edge among others: it tells neither a click that is a few millimetres
    off nor where a head lies that nobody marked. But on a film of something else, or under points
    that belong to another film, hardly a circle is found.

    Parameters
    ----------
    marked
        The marked points, in millimetres; without a scale in assumed ones.
    """
    heads = _heads(film, marked, polarity)
    return bool(heads) and sum(head.quality for head in heads) < NO_HEAD * len(heads)


def _heads(film: Radiograph, marked: Landmarks, polarity: Polarity) -> tuple[FittedHead, ...]:
    clicks = [
        (point.x, point.y) for name in HEADS if (point := marked.points.get(name)) is not None
    ]
    if not clicks:
        return ()
    if len(clicks) == 1:
        return (fit_head(film, clicks[0], scale=marked.scale, polarity=polarity),)
    return fit_both_heads(film, clicks[0], clicks[1], scale=marked.scale, polarity=polarity)
