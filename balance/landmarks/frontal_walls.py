"""The side walls of the vertebral bodies on a film as evidence for the frontal shape.

Where shoulders and ribs hide the endplates, the walls of the bodies still stand out. They say where
the spine runs between the clicks, and by that how far the endplates between them are tilted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from balance.anatomy import plate_names
from balance.landmarks.film_evidence import Polarity
from balance.landmarks.frontal_fit import Fit
from balance.landmarks.frontal_plates import Sighting
from balance.landmarks.plate_edges import (
    CANDIDATES,
    EDGE_DEFINITION_SD_MM,
    TILTS_TRIED,
    Edges,
    find_edges,
)
from balance.landmarks.plate_profiles import Plates, plates_between, read_profiles
from balance.landmarks.plate_solution import Solution, solve
from balance.radiograph import FloatArray, Radiograph

CHANCE = 4.0
"""How many times denser chance edges lie than on the films that the edges' weights were fitted on:
taken over from the endplates of frontal films."""
WALL_SD_MM = 0.4
"""How far a wall that was seen clearly lies off the line between its corners, mm; measured on
rendered films with bodies in three dimensions. What both walls of a body share, such as a reader
who marks inside the edge, is left to the widths of the prior."""
FAINT_SD_MM, FAINT_EVIDENCE = 3.0, 2.5
"""What is added to that where next to nothing was seen, mm, and over how much log evidence it
fades: measured likewise."""
SAYS_NOTHING_MM = 6.0
"""A deviation from which on a wall is taken as not seen."""

_LEAST_REACH_MM, _MOST_REACH_MM, _REACH_SD = 4.0, 9.0, 3.0
_BEYOND_REACH_MM = 9.0
"""The ends of a leaning wall and its waist lie farther out than its middle."""
_LEAST_PRIOR_SD_MM = 0.05
_LEAST_PRECISION = 1e-6

Pair = tuple[str, str]


def wall_sightings(
    film: Radiograph, polarity: Polarity, matrix: FloatArray, fit: Fit, unit: float
) -> tuple[Sighting, ...]:
    """Look for both side walls of every body on the film.

    Parameters
    ----------
    film, polarity
        The film and which way round its grey values are.
    matrix
        Takes pixels to the plane.
    fit
        The spine by the clicks, whose walls are looked for.
    unit
        Plane units per millimetre of the search.

    Returns
    -------
    tuple of Sighting
        The walls that were seen, each named by its lower and its upper corner.
    """
    names = _walls_of(fit.chain.levels)
    index = {name: place for place, name in enumerate(fit.chain.names)}
    lower, upper = np.array([[index[name] for name in pair] for pair in names]).T
    places = fit.corners / unit
    leftward = np.array(["_left" in pair[0] for pair in names])
    # Going up a wall, left is to its left side as up is to the left side of going right.
    walls = plates_between(places[lower], places[upper], leftward)
    n = len(names)
    of_ends = np.zeros((n, 2, len(index), 2))
    of_ends[np.arange(n), 0, lower] = of_ends[np.arange(n), 1, upper] = walls.normals
    rows = of_ends.reshape(2 * n, -1)
    covariance = rows @ fit.covariance @ rows.T / unit**2 + _LEAST_PRIOR_SD_MM**2 * np.eye(2 * n)
    found = _solved(film, polarity, matrix / unit, walls, covariance)
    return tuple(
        one
        for place, pair in enumerate(names)
        if (one := _sighting(pair, rows[2 * place : 2 * place + 2], found, place, fit, unit))
    )


def _walls_of(levels: Sequence[str]) -> list[Pair]:
    """The lower and the upper corner of the left and the right wall of every body."""
    return [
        (below, above)
        for level in levels
        if level != "S1"
        for below, above in zip(
            plate_names(level, "inferior", "frontal"),
            plate_names(level, "superior", "frontal"),
            strict=True,
        )
    ]


def _solved(
    film: Radiograph, polarity: Polarity, matrix: FloatArray, walls: Plates, covariance: FloatArray
) -> Solution:
    """The walls' edges on the film, weighed under what the clicks say of all of them."""
    widest = _REACH_SD * float(np.sqrt(np.diag(covariance).max()))
    reach = float(np.clip(widest, _LEAST_REACH_MM, _MOST_REACH_MM))
    profiles = read_profiles(film, polarity, matrix, walls, reach_mm=reach + _BEYOND_REACH_MM)
    edges = _as_walls(find_edges(profiles, reach, "frontal"))
    area = 4.0 * reach * float(np.ptp(TILTS_TRIED))
    density = CHANCE * (CANDIDATES - 1) / area
    return solve(np.zeros(len(covariance)), covariance, edges, density)


def _as_walls(edges: Edges) -> Edges:
    """Edges with the deviation of a wall in place of that of an endplate seen askew."""
    change = WALL_SD_MM**2 - EDGE_DEFINITION_SD_MM["frontal"] ** 2
    return replace(edges, covariance=edges.covariance + change)


def _sighting(
    names: Pair, rows: FloatArray, found: Solution, place: int, fit: Fit, unit: float
) -> Sighting | None:
    """The film's own word on one wall, or None where it says nothing."""
    spread = np.linalg.inv(found.precision[place] + _LEAST_PRECISION * np.eye(2))
    moved = spread @ found.information[place]
    faint = FAINT_SD_MM * np.exp(-max(float(found.evidence[place]), 0.0) / FAINT_EVIDENCE)
    covariance = spread + faint**2 * np.eye(2)
    if np.linalg.eigvalsh(covariance)[0] > SAYS_NOTHING_MM**2:
        return None
    values = moved * unit + rows @ fit.corners.ravel()
    quality = float(1.0 - found.shares[place, -1])
    return Sighting(names, rows, values, covariance * unit**2, quality)
