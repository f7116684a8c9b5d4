"""The endplates that a film shows as evidence for the frontal shape, and how far each is believed.

A search may lock onto a rib, a bowel loop or the neighbouring endplate. What it found is therefore
compared with what the clicks and all other endplates foresee, and a plate that is far off counts
less: the weights are those of Student's t distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.landmarks.frontal_chain import Chain
from balance.landmarks.frontal_fit import Fit, fit_points
from balance.landmarks.frontal_shape import Evidence
from balance.landmarks.model import Landmarks
from balance.landmarks.snap import SnappedPlate
from balance.radiograph import FloatArray

FREEDOM = 4.0
"""Degrees of freedom of the misfit of an endplate: one in twenty is far off."""
REWEIGHINGS = 2
OWN_SD_MM = 0.3
"""How far the ends of a bowed endplate with two rims lie off any straight line, mm; an estimate."""
FAINT_SD_MM, FAINT_EVIDENCE = 2.4, 4.0
"""What is added to the search's own deviation where it saw next to nothing, mm, and over how much
log evidence that fades: measured on rendered films with bodies in three dimensions, where faint
lines were often another structure's."""
SAYS_NOTHING_MM = 12.0
"""A deviation from which on an endplate is taken as not seen."""


@dataclass(frozen=True)
class Sighting:
    """One endplate on the film: ``rows @ corners = values`` up to ``covariance``, plane units."""

    names: tuple[str, str]
    rows: FloatArray
    values: FloatArray
    covariance: FloatArray
    quality: float


def sightings(
    plates: Sequence[SnappedPlate], chain: Chain, corners: FloatArray, unit: float
) -> tuple[Sighting, ...]:
    """What a search along the endplates through ``corners`` saw.

    Parameters
    ----------
    plates
        As the search found them.
    chain, corners
        The corners that the search started from, in plane units.
    unit
        Plane units per millimetre of the search.
    """
    index = {name: place for place, name in enumerate(chain.names)}
    found = []
    for plate in plates:
        faint = FAINT_SD_MM * np.exp(-max(plate.evidence, 0.0) / FAINT_EVIDENCE)
        own = (OWN_SD_MM**2 + faint**2) * np.eye(2)
        covariance = (np.array(plate.measured_covariance_mm) + own) * unit**2
        if np.linalg.eigvalsh(covariance)[0] > (SAYS_NOTHING_MM * unit) ** 2:
            continue
        rows = np.zeros((2, corners.size))
        for end, name in enumerate(plate.names):
            rows[end, 2 * index[name] : 2 * index[name] + 2] = plate.normal
        values = np.array(plate.measured_mm) * unit + rows @ corners.ravel()
        found.append(Sighting(plate.names, rows, values, covariance, plate.quality))
    return tuple(found)


def fit_sightings(
    landmarks: Landmarks, expected: Fit, seen: Sequence[Sighting]
) -> tuple[Fit, dict[tuple[str, str], float]]:
    """The spine by clicks and endplates, and how far each endplate was believed (about 1: fully).

    ``expected`` is the spine by the clicks alone, which it stays without any endplate.
    """
    if not seen:
        return expected, {}
    weights, chain = np.ones(len(seen)), expected.chain
    fit = fit_points(landmarks, chain, _evidence(seen, weights), like=expected)
    for _ in range(REWEIGHINGS):
        covariance = fit.covariance
        weights = np.array(
            [
                _weight(fit, covariance, sighting, weight)
                for sighting, weight in zip(seen, weights, strict=True)
            ]
        )
        fit = fit_points(landmarks, chain, _evidence(seen, weights), like=fit)
    return fit, {one.names: float(w) for one, w in zip(seen, weights, strict=True)}


def _evidence(seen: Sequence[Sighting], weights: FloatArray) -> Evidence:
    n = len(seen)
    covariance = np.zeros((n, 2, n, 2))
    for place, (sighting, weight) in enumerate(zip(seen, weights, strict=True)):
        covariance[place, :, place] = sighting.covariance / weight
    return Evidence(
        np.vstack([one.rows for one in seen]),
        np.concatenate([one.values for one in seen]),
        covariance.reshape(2 * n, 2 * n),
    )


def _weight(fit: Fit, covariance: FloatArray, seen: Sighting, weight: float) -> float:
    """Student's weight of an endplate by its distance from what all else foresees."""
    after = seen.rows @ covariance @ seen.rows.T
    own = np.linalg.inv(seen.covariance / weight)
    miss = seen.values - seen.rows @ fit.corners.ravel()
    # Taking the plate out of the fit again: precision and misfit without its own pull.
    without = np.linalg.inv(after) - own
    values, vectors = np.linalg.eigh((without + without.T) / 2)
    spread = vectors @ np.diag(1.0 / np.maximum(values, 1e-9)) @ vectors.T
    foreseen = spread @ own @ -miss
    apart = miss - foreseen
    far = float(apart @ np.linalg.solve(spread + seen.covariance, apart))
    return (FREEDOM + 2.0) / (FREEDOM + far)
