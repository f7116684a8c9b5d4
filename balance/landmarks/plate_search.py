"""The search for all endplates of a film: along their prior places, then along what was found.

The first pass finds the edges and where they begin and stop; the second goes along the plates as
they then lie, so that the hollow is looked for over the right part of the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from balance.anatomy import Endplate, plate_names
from balance.landmarks.film_evidence import Polarity
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import place_points
from balance.landmarks.plate_edges import (
    CANDIDATES,
    TILTS_TRIED,
    Edges,
    ends_along,
    find_edges,
)
from balance.landmarks.plate_profiles import Plates, plates_between, read_profiles
from balance.landmarks.plate_solution import Solution, solve
from balance.radiograph import FloatArray, Radiograph, View

Plate = tuple[str, Endplate]

LEAST_REACH_MM, MOST_REACH_MM = 4.0, 12.0
_REACH_SD = 3.0
CHANCE: dict[View, float] = {"lateral": 2.0, "frontal": 4.0}
"""How many times denser chance edges lie on films unlike those that the weights were fitted on:
calibrated on a second renderer; on a frontal film pedicles, spinous processes and the far rims of
tilted plates overlie the near ones."""
_BEYOND_REACH_MM = 9.0
"""The ends of a tilted line and its hollow lie farther out than its middle."""
_LEAST_ALONG_SHARE = 0.03
_SURE = 0.5
_LEAST_PRIOR_SD_MM = 0.05


@dataclass(frozen=True, slots=True)
class Prior:
    """Corners (n, 2, 2) in mm, their joint covariance (4n, 4n) and what leads to them."""

    plates: tuple[Plate, ...]
    names: tuple[tuple[str, str], ...]
    corners: FloatArray
    covariance: FloatArray
    matrix: FloatArray
    start: FloatArray

    @classmethod
    def of(cls, landmarks: Landmarks, plates: tuple[Plate, ...], unit: float) -> Prior:
        """What a document says of some plates; ``unit`` is a millimetre in the plane's units."""
        placed = place_points(landmarks)
        names = tuple(plate_names(*plate, landmarks.view) for plate in plates)
        where = [placed.names.index(name) for pair in names for name in pair]
        rows = np.ravel([(2 * place, 2 * place + 1) for place in where]).astype(int)
        covariance = placed.covariance[np.ix_(rows, rows)] / unit**2
        covariance = covariance + _LEAST_PRIOR_SD_MM**2 * np.eye(len(rows))
        corners = placed.plane[where].reshape(-1, 2, 2) / unit
        return cls(plates, names, corners, covariance, landmarks.frame.matrix / unit, corners)


@dataclass(frozen=True, slots=True)
class Look:
    """One search: the plates it went along, what it found and how all of it fits together."""

    plates: Plates
    rows: FloatArray
    edges: Edges
    solution: Solution
    ends: FloatArray


def _searched(
    film: Radiograph, polarity: Polarity, prior: Prior, corners: FloatArray, view: View
) -> Look:
    """Search along the plates through ``corners``, with the prior where it is."""
    superior = np.array([endplate == "superior" for _, endplate in prior.plates])
    plates = plates_between(corners[:, 0], corners[:, 1], superior)
    rows = _normal_rows(plates.normals)
    mean = rows @ (prior.corners - corners).ravel()
    covariance = rows @ prior.covariance @ rows.T
    deviation = np.sqrt(np.diag(covariance)).max() + np.abs(mean).max() / _REACH_SD
    reach = float(np.clip(_REACH_SD * deviation, LEAST_REACH_MM, MOST_REACH_MM))
    profiles = read_profiles(
        film, polarity, prior.matrix, plates, reach_mm=reach + _BEYOND_REACH_MM
    )
    edges = find_edges(profiles, reach, view)
    area = 2 * reach * float(np.ptp(TILTS_TRIED)) * 2
    solution = solve(mean, covariance, edges, CHANCE[view] * (CANDIDATES - 1) / area)
    chosen = solution.shares[:, :-1].argmax(axis=1)
    return Look(plates, rows, edges, solution, ends_along(profiles, edges, chosen))


def _normal_rows(normals: FloatArray) -> FloatArray:
    """Rows (2n, 4n) that take the corners' coordinates to their places along the normals."""
    n = len(normals)
    rows = np.zeros((n, 2, n, 2, 2))
    for end in (0, 1):
        rows[np.arange(n), end, np.arange(n), end] = normals
    return rows.reshape(2 * n, 4 * n)


def _with_ends(prior: Prior, look: Look) -> Prior:
    """The prior narrowed by where the plates begin and stop, for plates that were surely found."""
    sure = np.repeat(1.0 - look.solution.shares[:, -1] > _SURE, 2)
    if not sure.any():
        return prior
    rows = _normal_rows(look.plates.directions)[sure]
    moved, variance = along(look)
    gain = prior.covariance @ rows.T
    total = rows @ gain + np.diag(variance.ravel()[sure])
    factor = np.linalg.solve(total, gain.T)
    change = factor.T @ moved.ravel()[sure]
    covariance = prior.covariance - gain @ factor
    corners = prior.corners + change.reshape(-1, 2, 2)
    return replace(prior, corners=corners, covariance=(covariance + covariance.T) / 2)


def along(look: Look) -> tuple[FloatArray, FloatArray]:
    """Displacements of the corners along the plates and their variance, mm (n, 2)."""
    lengths = look.plates.lengths[:, None]
    moved = look.ends[..., 0] * lengths
    variance = (look.ends[..., 1] + _LEAST_ALONG_SHARE**2) * lengths**2
    return moved, variance


def _moved(prior: Prior, look: Look) -> FloatArray:
    """Corners after prior and film."""
    n = len(prior.plates)
    rows, precision = look.rows, np.zeros((n, 2, n, 2))
    precision[np.arange(n), :, np.arange(n)] = look.solution.precision
    gain = prior.covariance @ rows.T
    inner = np.eye(2 * n) + precision.reshape(2 * n, 2 * n) @ rows @ gain
    mean = rows @ (prior.corners - _corners(look)).ravel()
    pull = look.solution.information.ravel() - precision.reshape(2 * n, 2 * n) @ mean
    change = gain @ np.linalg.solve(inner, pull)
    return prior.corners + change.reshape(-1, 2, 2)


def _corners(look: Look) -> FloatArray:
    """The corners that a search went through (n, 2, 2)."""
    return np.stack([look.plates.first, look.plates.second], axis=1)


def search(film: Radiograph, polarity: Polarity, prior: Prior, view: View) -> Look:
    """Both passes over a film; the result's plates are where the second one went along."""
    first = _searched(film, polarity, prior, prior.corners, view)
    narrowed = _with_ends(prior, first)
    return _searched(film, polarity, narrowed, _moved(narrowed, first), view)
