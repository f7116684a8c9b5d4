"""The segment that each correction acts on: its angle before and after the whole plan."""

from __future__ import annotations

from dataclasses import dataclass

from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import measure_film
from balance.metrics.model import Measurement
from balance.planning.plan import Plan, cut_of


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """The angle of a body (``L3``) or a disc (``L4_L5``) of a lateral film, + lordosis."""

    site: str
    before: Measurement
    planned: Measurement


def segment_changes(
    landmarks: Landmarks, planned: Landmarks, plan: Plan
) -> tuple[SegmentChange, ...]:
    """The segment of every correction of a lateral plan, in the order of the plan.

    An osteotomy that closes through the disc above acts, as it is drawn, on that disc.
    """
    if landmarks.view != "lateral" or not plan.corrections:
        return ()
    before, after = (measure_film(one, segmental=True).measurements for one in (landmarks, planned))
    levels = landmarks.existing_levels
    changes = []
    for one in plan.corrections:
        cut = cut_of(one)
        above = levels[levels.index(cut.caudal) - 1]
        site = cut.moves_plate_of or f"{above}_{cut.caudal}"
        key = f"segmental.{site}"
        changes.append(SegmentChange(site, before[key], after[key]))
    return tuple(changes)
