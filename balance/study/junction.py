"""The proximal junctional angle above a fusion, against a baseline that is named.

Kyphosis between the uppermost instrumented vertebra and the second above it, from the inferior
endplate of the one to the superior endplate of the other. Without a preoperative film it is an
angle and nothing more. Fracture, slip and pull-out are the reader's words, never computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from balance.analysis import Analysis
from balance.anatomy import VERTEBRAE, plate_names
from balance.assessment.model import BORDERLINE_BELOW, EDGE_TOLERANCE
from balance.errors import BalanceError
from balance.landmarks.model import Landmarks
from balance.metrics.model import Measurement, Metric, measure
from balance.metrics.regional import kyphosis
from balance.study.change import Change, change_of


class BadSeries(BalanceError):
    """Films that cannot be put side by side as they were named."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A published rule: the angle and its increase over the preoperative film, degrees."""

    name: str
    angle: float
    increase: float
    sources: tuple[str, ...]
    conflict: str


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "PJK",
        10.0,
        10.0,
        ("clohisy2023", "kim2021pjk"),
        "others say more than 10 deg, UIV+1, 15, 20 or 30 deg",
    ),
    Criterion("PJF", 28.0, 22.0, ("park2024",), "others say more than 28 and more than 22 deg"),
)

TICKS: Mapping[str, tuple[str, ...]] = {
    "fracture": ("fracture", "vertebral_fracture", "junctional_fracture"),
    "slip": ("slip", "junctional_slip"),
    "pull-out": ("pull_out", "pullout", "screw_pull_out", "junctional_pull_out"),
}
"""The reader's fields, and the headings of notes under which they are looked for."""


@dataclass(frozen=True, slots=True)
class Met:
    """Whether a film meets a criterion; ``probability`` is about reading the films again."""

    criterion: Criterion
    met: bool
    probability: float

    @property
    def borderline(self) -> bool:
        """Whether the answer has less than 95 %."""
        return max(self.probability, 1.0 - self.probability) < BORDERLINE_BELOW


@dataclass(frozen=True, slots=True)
class JunctionFilm:
    """One film of the series; ``change`` and ``met`` where a baseline stands before it."""

    place: int
    angle: Measurement
    change: Change | None
    met: tuple[Met, ...]
    ticks: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Junction:
    """The junction over a series. ``baseline`` is the place of the preoperative film."""

    uiv: str
    second_above: str
    baseline: int | None
    how: str
    films: tuple[JunctionFilm, ...]


def find_junction(
    analyses: Sequence[Analysis], *, uiv: str | None = None, baseline: int | None = None
) -> Junction | None:
    """The junctional angle of each film, or None where nothing says which vertebra is the UIV.

    Parameters
    ----------
    uiv
        Uppermost instrumented vertebra; None takes it from the films' ``fusion``, the latest first.
    baseline
        Place of the preoperative film; None looks for it by the films' ``surgery``.

    Raises
    ------
    BadSeries
        A level that is no vertebra, or has no two above it.
    """
    films = [one.films.get("lateral") for one in analyses]
    told = [f.landmarks.fusion.uiv for f in films if f and f.landmarks.fusion]
    level = uiv or next((one for one in reversed(told) if one), None)
    if level is None or not any(films):
        return None
    metric = junction_metric(level, next(f.landmarks for f in reversed(films) if f))
    angles = [
        measure([metric], film.sites)[metric.key]
        if film
        else Measurement(metric.key, "deg", None, reason="no lateral film")
        for film in films
    ]
    if baseline is None:
        baseline, how = _baseline(analyses)
    else:
        how = "named by the user"
    ticks = [_ticks(one) for one in analyses]
    return Junction(
        level,
        metric.needs[0].split("_")[0],
        baseline,
        how,
        tuple(
            _film(place, angle, angles[baseline], ticks[place])
            if baseline is not None and place > baseline
            else JunctionFilm(place, angle, None, (), ticks[place])
            for place, angle in enumerate(angles)
        ),
    )


def junction_metric(uiv: str, landmarks: Landmarks) -> Metric:
    """The angle above a vertebra of this patient.

    Examples
    --------
    >>> junction_metric("T10", Landmarks("lateral", {}, "right")).definition
    'T8 superior to T10 inferior endplate.'
    """
    levels = [level for level in landmarks.existing_levels if level in VERTEBRAE]
    if uiv not in levels:
        raise BadSeries(f"{uiv!r} is not a vertebra of this patient; name the UIV as T10 or L2")
    place = levels.index(uiv)
    if place < 2:
        raise BadSeries(f"{uiv} has no two vertebrae above it; no junctional angle can be taken")
    upper = plate_names(levels[place - 2], "superior", "lateral")
    lower = plate_names(uiv, "inferior", "lateral")
    return Metric(
        key="PJA",
        name="Proximal junctional angle",
        unit="deg",
        view="lateral",
        needs=(*upper, *lower),
        compute=kyphosis,
        definition=f"{levels[place - 2]} superior to {uiv} inferior endplate.",
        sign="+ kyphosis",
        sources=("clohisy2023",),
        plates=(upper, lower),
    )


def _film(
    place: int, angle: Measurement, before: Measurement, ticks: Mapping[str, str | None]
) -> JunctionFilm:
    change = change_of(before, angle)
    met = tuple(_met(criterion, before, angle) for criterion in CRITERIA)
    return JunctionFilm(place, angle, change, tuple(one for one in met if one), ticks)


def _met(criterion: Criterion, before: Measurement, after: Measurement) -> Met | None:
    a, b, sa, sb = before.value, after.value, before.sd, after.sd
    if a is None or b is None or sa is None or sb is None:
        return None
    met = b >= criterion.angle - EDGE_TOLERANCE and b - a >= criterion.increase - EDGE_TOLERANCE
    return Met(criterion, met, _probability(criterion, (a, sa), (b, sb)))


def _probability(
    criterion: Criterion, before: tuple[float, float], after: tuple[float, float]
) -> float:
    """Of the true angles of these films, read with these errors, meeting both parts."""
    (a, sa), (b, sb) = before, after
    sa, sb = max(sa, 1e-9), max(sb, 1e-9)
    # Over the later film's angle: its density times the chance that the earlier one is low enough.
    steps = (np.arange(4000) + 0.5) / 4000 * 16.0 - 8.0
    angle = b + sb * steps
    density = np.exp(-(steps**2) / 2)
    low_enough = ndtr((angle - criterion.increase - a) / sa) * (angle >= criterion.angle)
    return float((density * low_enough).sum() / density.sum())


def _baseline(analyses: Sequence[Analysis]) -> tuple[int | None, str]:
    surgery = [one.examination.surgery for one in analyses]
    if "postoperative" not in surgery:
        return None, "no film is recorded as postoperative: angle only"
    operated = surgery.index("postoperative")
    before = [n for n, word in enumerate(surgery[:operated]) if word in ("none", "prior")]
    if not before:
        return None, "no preoperative film is among these: angle only"
    return before[-1], f"recorded as surgery {surgery[before[-1]]}, before the postoperative film"


def _ticks(analysis: Analysis) -> dict[str, str | None]:
    said = {
        heading.lower().strip().replace(" ", "_").replace("-", "_"): text
        for document in analysis.examination.documents
        for heading, text in document.landmarks.notes.items()
    }
    return {
        tick: next((said[name] for name in headings if name in said), None)
        for tick, headings in TICKS.items()
    }
