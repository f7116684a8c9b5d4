"""Endplates moved onto the edges that the film shows, with their own covariance.

The prior is the document's joint covariance; the film adds what it shows of every plate, and all
plates are solved together. Clicked points are never moved, and S1 is looked at only where it is
asked for by name, because the ala of the sacrum overlies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from balance.anatomy import ENDPLATES, VERTEBRAE, Endplate, plate_names
from balance.landmarks.film_evidence import Polarity, read_polarity
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import plane_units_per_mm
from balance.landmarks.plate_search import Look, Plate, Prior, along, search
from balance.radiograph import FloatArray, Radiograph

Pair = tuple[float, float]

NO_INFORMATION_MM2 = 1e6
"""Variance of what the film says where it says nothing."""

_RIMS_APART_MM = (1.0, 6.0)
_RIMS_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class SnappedPlate:
    """What the film says of one endplate.

    Lengths are millimetres along ``normal``, a unit vector of the plane that points out of the
    body, one value for each of the corners ``names``, measured from where the document has them.
    ``shift_mm`` and ``covariance_mm`` join prior and film. ``measured_mm`` and
    ``measured_covariance_mm`` are the film's part alone, for those who have a prior of their own.
    ``along_mm`` and ``along_sd_mm`` are the film's word on where the corners lie along the plate,
    towards the second one. ``points_px`` are the corners moved by ``shift_mm``. ``evidence`` is
    the log of how much likelier the picture is with this endplate in it; ``quality`` the
    probability that an edge was found and is the right one. ``rims`` tells that two edges remain,
    the two rims of a plate seen askew or two structures: the result lies between them.
    """

    level: str
    endplate: Endplate
    names: tuple[str, str]
    points_px: tuple[Pair, Pair]
    normal: Pair
    shift_mm: Pair
    covariance_mm: tuple[Pair, Pair]
    measured_mm: Pair
    measured_covariance_mm: tuple[Pair, Pair]
    along_mm: Pair
    along_sd_mm: Pair
    evidence: float
    quality: float
    rims: bool


def snap_endplates(
    film: Radiograph,
    landmarks: Landmarks,
    plates: Sequence[Plate] | None = None,
    *,
    polarity: Polarity | None = None,
) -> tuple[SnappedPlate, ...]:
    """Look for the endplates of a document on its film.

    Parameters
    ----------
    film
        The film that the document's points were placed on.
    landmarks
        Points with their joint covariance, which is the prior.
    plates
        Which endplates; without it all that have two corners, none of them clicked, and not S1.
        An endplate that is named here is looked at even where it was clicked, as a suggestion.
    polarity
        As `read_polarity` found it, where that is known already.

    Returns
    -------
    tuple of SnappedPlate
        In the order of ``plates``, or from the head down. Nothing is moved in the document.
    """
    wanted = _present(landmarks, _free(landmarks) if plates is None else plates)
    if not wanted:
        return ()
    prior = Prior.of(landmarks, wanted, plane_units_per_mm(landmarks)[0])
    look = search(film, polarity or read_polarity(film), prior, landmarks.view)
    return tuple(_reported(prior, look, number) for number in range(len(wanted)))


def _free(landmarks: Landmarks) -> tuple[Plate, ...]:
    found: list[Plate] = []
    for level in VERTEBRAE:
        for endplate in ENDPLATES:
            corners = [
                landmarks.points.get(n) for n in plate_names(level, endplate, landmarks.view)
            ]
            if all(corner is not None and not corner.is_marked for corner in corners):
                found.append((level, endplate))
    return tuple(found)


def _present(landmarks: Landmarks, plates: Sequence[Plate]) -> tuple[Plate, ...]:
    return tuple(
        plate
        for plate in plates
        if all(name in landmarks.points for name in plate_names(*plate, landmarks.view))
    )


def _reported(prior: Prior, look: Look, number: int) -> SnappedPlate:
    solution, plates = look.solution, look.plates
    normal = plates.normals[number]
    base = np.array([plates.first[number], plates.second[number]])
    start = prior.start[number]
    origin = (start - base) @ normal
    shift = solution.ends[number] - origin
    measured, spread = _measured(solution.precision[number], solution.information[number])
    inverse = np.linalg.inv(prior.matrix)
    corners = (start + shift[:, None] * normal) @ inverse.T
    moved, variance = along(look)
    lengthwise = moved[number] + (base - start) @ plates.directions[number]
    level, endplate = prior.plates[number]
    shares = solution.shares[number]
    return SnappedPlate(
        level=level, endplate=endplate, names=prior.names[number],
        points_px=(_pair(corners[0]), _pair(corners[1])),
        normal=_pair(normal),
        shift_mm=_pair(shift),
        covariance_mm=_rows(solution.covariance[number]),
        measured_mm=_pair(measured - origin),
        measured_covariance_mm=_rows(spread),
        along_mm=_pair(lengthwise),
        along_sd_mm=_pair(np.sqrt(variance[number])),
        evidence=float(solution.evidence[number]),
        quality=float(1.0 - shares[-1]),
        rims=_two_edges(look.edges.ends[number], shares),
    )  # fmt: skip


def _measured(precision: FloatArray, information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place and covariance of what the film adds, with a wide bound where it adds nothing."""
    bounded = precision + np.eye(2) / NO_INFORMATION_MM2
    covariance = np.asarray(np.linalg.inv(bounded), float)
    return covariance @ information, covariance


def _two_edges(ends: FloatArray, shares: FloatArray) -> bool:
    order = np.argsort(-shares[:-1])
    if shares[order[1]] < _RIMS_SHARE:
        return False
    apart = abs(float(ends[order[0]].mean() - ends[order[1]].mean()))
    return _RIMS_APART_MM[0] <= apart <= _RIMS_APART_MM[1]


def _rows(matrix: FloatArray) -> tuple[Pair, Pair]:
    return _pair(matrix[0]), _pair(matrix[1])


def _pair(values: FloatArray) -> Pair:
    return float(values[0]), float(values[1])


def film_evidence(plates: Iterable[SnappedPlate]) -> float:
    """Log evidence of all plates; not above 0 where the film is empty or shows something else."""
    return float(sum(plate.evidence for plate in plates))
