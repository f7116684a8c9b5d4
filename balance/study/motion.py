"""Flexion and extension films: how far each vertebra moves on the next one.

Subtracting the clicked corners of two films gives a translation with 2 to 3 mm of noise; vertebrae
are transferred between the films as rigid templates instead (:mod:`balance.study.rigid`). Percent
of the caudal endplate lead, since they need no scale. What a limit means for a patient is not said
here: a motion exceeds it, does not exceed it, or cannot be separated from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.special import ndtr

from balance.anatomy import LUMBAR, SACRUM, body_names, plate_names
from balance.geometry import slope, wrap_degrees
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading
from balance.metrics.segmental import posterior_slip_percent
from balance.metrics.sites import Sites, resolve
from balance.radiograph import FloatArray
from balance.study.rigid import RigidPair

STEP = 1e-4
"""Half-width of the central differences, in plane units."""
LEAST_TOTAL_DEG = 10.0
"""With less motion between the films than this, nothing is compared with a limit; an estimate."""
MISFIT = 0.01
"""Corners that noise would fit to one shape this rarely are remarked upon."""
SURE = 0.95

Word = Literal["exceeds", "does not exceed", "cannot be separated from"]


@dataclass(frozen=True, slots=True)
class MotionLimit:
    """A published limit of segmental motion; ``region`` is where the caudal vertebra lies."""

    quantity: Literal["percent", "millimetres", "rotation"]
    at: float
    unit: str
    source: str


LIMITS: tuple[MotionLimit, ...] = (
    MotionLimit("millimetres", 4.5, "mm", "white1990"),
    MotionLimit("rotation", 15.0, "deg", "white1990"),
)
"""Lumbar limits whose numbers were confirmed; no confirmed limit in percent was found."""

MOVES_WITHOUT_SYMPTOMS = (
    "20 % of people without symptoms move 4 mm or more at L4-L5; no limit of motion is a validated "
    "test"
)
ABOUT_LIMITS = ("hayes1989", "hipp2023")
"""Sources of that sentence, which stands beside every motion."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its standard deviation."""

    value: float
    sd: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A motion against a limit: the size counts, to either side."""

    limit: MotionLimit
    word: Word
    probability: float

    @property
    def words(self) -> str:
        """As it is printed."""
        return f"{self.word} {self.limit.at:g} {self.limit.unit}"


@dataclass(frozen=True, slots=True)
class SegmentMotion:
    """Movement of the cranial vertebra on the caudal one, from extension to flexion.

    ``percent`` is of the caudal superior endplate, + forwards; ``millimetres`` is None without a
    scale on both films. ``rotation`` is in degrees, + when the segment bends forwards.
    ``clicked_sd`` is the standard deviation, in percent, that subtracting clicked corners has.
    ``verdicts`` are empty where the whole motion is too small for any. ``doubt`` says where the
    corners do not fit one rigid shape.
    """

    cranial: str
    caudal: str
    percent: Quantity
    millimetres: Quantity | None
    rotation: Quantity
    clicked_sd: float
    confirmed: bool
    verdicts: tuple[Verdict, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Motion:
    """All segments of a pair of films; ``total`` runs between the levels ``span``."""

    segments: tuple[SegmentMotion, ...]
    span: tuple[str, str] | None
    total: Quantity | None
    reading: Reading
    reason: str | None = None
    """Why nothing is compared with a limit."""


def measure_motion(flexion: Sites, extension: Sites, reading: Reading) -> Motion:
    """The motion of every pair of lumbar neighbours marked on both films, from the head down.

    Parameters
    ----------
    reading
        Which placement noise the sites carry, to be printed.
    """
    levels = [level for level in extension.existing_levels if level in (*LUMBAR, SACRUM)]
    marked = [
        all(sites.has(corners_of(level)) for sites in (flexion, extension)) for level in levels
    ]
    pairs = [
        pairs for pairs, both in zip(pairwise(levels), pairwise(marked), strict=True) if all(both)
    ]
    found = _total(flexion, extension, levels)
    span, total = found if found else (None, None)
    reason = None
    if not pairs:
        reason = "no two neighbouring lumbar vertebrae have their corners on both films"
    elif total is None or abs(total.value) < LEAST_TOTAL_DEG:
        moved = "cannot be measured" if total is None else f"is {abs(total.value):.1f} deg"
        reason = (
            f"total motion {moved}: under {LEAST_TOTAL_DEG:g} deg the films are not compared with "
            "a limit"
        )
    segments = tuple(_segment(flexion, extension, *pair, judged=reason is None) for pair in pairs)
    return Motion(segments, span, total, reading, reason)


def motion_between(
    flexion: Landmarks, extension: Landmarks, reading: Reading = "between_readers"
) -> Motion:
    """The motion between two films by their landmarks.

    Where both documents name the same reader, that reader's own noise holds: what others would have
    clicked cancels in a difference. ``reading`` is for all other films.
    """
    one_reader = flexion.reader is not None and flexion.reader == extension.reader
    held: Reading = "within_reader" if one_reader else reading
    return measure_motion(resolve(flexion, held), resolve(extension, held), held)


def verdict(quantity: Quantity, limit: MotionLimit) -> Verdict:
    """Whether the size of a motion lies beyond a limit, for sure or not.

    Examples
    --------
    >>> limit = MotionLimit("millimetres", 4.5, "mm", "white1990")
    >>> [verdict(Quantity(value, 1.0), limit).word for value in (-7.0, 1.0, 5.0)]
    ['exceeds', 'does not exceed', 'cannot be separated from']
    """
    if quantity.sd == 0.0:
        probability = float(abs(quantity.value) > limit.at)
    else:
        beyond = (abs(quantity.value) - limit.at) / quantity.sd
        other_side = (-abs(quantity.value) - limit.at) / quantity.sd
        probability = float(ndtr(beyond) + ndtr(other_side))
    word: Word = "cannot be separated from"
    if probability >= SURE:
        word = "exceeds"
    elif probability <= 1.0 - SURE:
        word = "does not exceed"
    return Verdict(limit, word, probability)


def corners_of(level: str) -> tuple[str, ...]:
    """The points that a vertebra's template is made of."""
    if level == SACRUM:
        return plate_names(SACRUM, "superior", "lateral")
    return body_names(level, "lateral")


def _segment(
    flexion: Sites, extension: Sites, cranial: str, caudal: str, *, judged: bool
) -> SegmentMotion:
    upper = corners_of(cranial)
    names = (*upper, *corners_of(caudal))
    points, covariance = _both(flexion, extension, names)
    scaled = flexion.has_millimetres and extension.has_millimetres
    pair = RigidPair(points, len(upper), covariance, free_scale=not scaled)
    percent, length, rotation = _propagated(
        lambda one: _movement(pair, one, len(upper)), points, covariance
    )
    (clicked,) = _propagated(lambda one: _slip_change(one, len(upper)), points, covariance)
    # A wrong scale stretches both films alike: the error of a length is a share of it.
    length = Quantity(length.value, math.hypot(length.sd, length.value * extension.scale_sd))
    found = {"percent": percent, "millimetres": length if scaled else None, "rotation": rotation}
    verdicts = [verdict(q, limit) for limit in LIMITS if (q := found[limit.quantity]) is not None]
    behind = [(sites, sites.points_behind(names)) for sites in (flexion, extension)]
    return SegmentMotion(
        cranial,
        caudal,
        percent,
        length if scaled else None,
        rotation,
        clicked.sd,
        all(sites.points[name].confirmed for sites, points_of in behind for name in points_of),
        tuple(verdicts) if judged else (),
        _doubt(cranial, caudal) if pair.improbability(points) < MISFIT else None,
    )


def _doubt(cranial: str, caudal: str) -> str:
    return (
        f"the corners of {cranial} and {caudal} do not have one shape on the two films: check "
        "their labels, the scales and the rotation of the patient"
    )


def _movement(pair: RigidPair, points: FloatArray, cranial: int) -> tuple[float, float, float]:
    """Percent of the caudal endplate, plane units and degrees of one set of points."""
    parameters, template = pair.fit(points)
    (turn, place), (turn_below, place_below) = pair.poses(parameters)
    corner, plate = template[2], template[cranial : cranial + 2]
    # Seen from the caudal vertebra: moved with the cranial one, then back with the caudal one.
    moved = np.linalg.solve(turn_below, turn @ corner + place - place_below)
    along = plate[1] - plate[0]
    length = float(np.hypot(*along))
    units = float((moved - corner) @ along) / length
    return 100.0 * units / length, units, math.degrees(parameters[3] - parameters[0])


def _slip_change(points: FloatArray, cranial: int) -> tuple[float]:
    """Change of the clicked listhesis, percent."""
    flexed, extended = (
        posterior_slip_percent(film[2], film[cranial], film[cranial + 1])
        for film in np.split(points, 2)
    )
    return (float(flexed - extended),)


def _total(
    flexion: Sites, extension: Sites, levels: Sequence[str]
) -> tuple[tuple[str, str], Quantity] | None:
    """Change of the angle between the outermost superior endplates marked on both films."""
    plates = {level: plate_names(level, "superior", "lateral") for level in levels}
    marked = [
        level for level in levels if flexion.has(plates[level]) and extension.has(plates[level])
    ]
    if len(marked) < 2:
        return None
    span = marked[0], marked[-1]
    points, covariance = _both(flexion, extension, (*plates[span[0]], *plates[span[1]]))

    def bending(one: FloatArray) -> tuple[float]:
        flexed, extended = (slope(b[2], b[3]) - slope(b[0], b[1]) for b in np.split(one, 2))
        return (float(wrap_degrees(extended - flexed)),)

    (total,) = _propagated(bending, points, covariance)
    return span, total


def _both(flexion: Sites, extension: Sites, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Points of the flexion film, then of the extension film, and their joint covariance."""
    size = 2 * len(names)
    covariance = np.zeros((2 * size, 2 * size))
    covariance[:size, :size] = flexion.covariance(names)
    covariance[size:, size:] = extension.covariance(names)
    return np.concatenate([flexion.at(names), extension.at(names)]), covariance


def _propagated(
    compute: Callable[[FloatArray], Sequence[float]], points: FloatArray, covariance: FloatArray
) -> list[Quantity]:
    """Values of a smooth function of points with their standard deviations, by its Jacobian."""
    slopes = []
    for coordinate in range(points.size):
        nudge = np.zeros(points.size)
        nudge[coordinate] = STEP
        ahead, behind = (compute(points + way * nudge.reshape(-1, 2)) for way in (1, -1))
        slopes.append(np.subtract(ahead, behind) / (2 * STEP))
    jacobian = np.array(slopes).T
    variances = np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian)
    pairs = zip(compute(points), np.sqrt(np.maximum(variances, 0.0)), strict=True)
    return [Quantity(float(value), float(sd)) for value, sd in pairs]
