"""An earlier film of the same patient, for the two things that do not change: PI and the levels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from balance.errors import BalanceError
from balance.landmarks.files import SUFFIX, read_landmarks
from balance.landmarks.model import Landmarks, VertebraCount
from balance.metrics.catalogue import measure_film

MOST_READ = 500
"""Documents of a folder that are looked at for an earlier film."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What an earlier film said."""

    acquired: str | None
    incidence: float | None
    count: VertebraCount


def prior_of(landmarks: Landmarks) -> Prior:
    """What these landmarks say that another film of the patient must agree with."""
    value = None
    if landmarks.view == "lateral":
        measured = measure_film(landmarks).measurements["PI"]
        value = measured.value if measured.confirmed else None
    return Prior(landmarks.acquired, value, landmarks.vertebrae)


def find_prior(document: Path, landmarks: Landmarks) -> Prior | None:
    """The latest other film of the same patient and view in the document's folder, or None.

    The same patient is who has the same ``patient.id`` or the same ``case``; nobody is matched by
    guess.
    """
    found = []
    for path in sorted(document.parent.glob(f"*{SUFFIX}"))[:MOST_READ]:
        if path.name == document.name or ".truth." in path.name or ".clicks." in path.name:
            continue
        try:
            other = read_landmarks(path)
        except BalanceError:
            continue
        if other.view == landmarks.view and _same_patient(other, landmarks):
            found.append(other)
    earlier = [one for one in found if _is_earlier(one, landmarks)]
    chosen = max(earlier, key=lambda one: one.acquired or "", default=None)
    return prior_of(chosen) if chosen is not None else None


def _same_patient(one: Landmarks, other: Landmarks) -> bool:
    pairs = ((one.subject.pseudonym, other.subject.pseudonym), (one.case, other.case))
    return any(first is not None and first == second for first, second in pairs)


def _is_earlier(one: Landmarks, than: Landmarks) -> bool:
    if one.acquired is None or than.acquired is None:
        return True
    return one.acquired < than.acquired
