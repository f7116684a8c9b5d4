"""What a frontal proposal gives reason to ask: odd clicks, the end vertebrae, the next click."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from balance.landmarks.frontal_fit import Fit, given_points, marked_levels, point_evidence
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import CLICK, FRONTAL_CORNERS
from balance.radiograph import FloatArray

STRANGE_DISTANCE = 30.0
"""Squared distance of a click in standard deviations; on rendered films clicked with 1 mm of noise
2 to 8 percent lay beyond it with all levels right, and all with one level clicked as the next."""
WORTH_A_CLICK = 0.1
"""Share of the variance of the largest angle that another click must take away."""
SMALLEST_COBB_DEG = 10.0
LEAST_APART = 2


@dataclass(frozen=True)
class Ends:
    """The two most tilted endplates, superior of the upper and inferior of the lower level.

    ``slope`` takes the corners (plane units) to the angle between them in degrees.
    """

    upper: tuple[str, str]
    lower: tuple[str, str]
    angle_deg: float
    sd_deg: float
    slope: FloatArray
    smallest: float = SMALLEST_COBB_DEG


def strange_clicks(marked: Landmarks, fit: Fit) -> list[str]:
    """One sentence for a click that the others do not expect where it is.

    ``fit`` is by the clicks alone: on the film a neighbour's endplates would seem to confirm it.
    """
    given = {
        name: point
        for name, point in given_points(marked).items()
        if name.endswith("_centroid") and name.split("_")[0] in fit.chain.levels
    }
    if len(given) < 3:
        return []
    evidence = point_evidence(marked, fit.chain, given, fit.state.mean)
    miss = evidence.values - evidence.weights @ fit.corners.ravel()
    covariance = fit.covariance
    far: dict[str, float] = {}
    for place, name in enumerate(given):
        axes = slice(2 * place, 2 * place + 2)
        rows, noise = evidence.weights[axes], evidence.covariance[axes, axes]
        # misfit and its variance of a click that took part in the fit
        expected = noise - rows @ covariance @ rows.T
        values, vectors = np.linalg.eigh((expected + expected.T) / 2)
        least = 1e-3 * np.trace(noise)
        size = vectors.T @ miss[axes] / np.sqrt(np.maximum(values, least))
        far[name] = float(size @ size)
    name = max(far, key=far.__getitem__)
    if far[name] < STRANGE_DISTANCE:
        return []
    level = name.removesuffix("_centroid")
    return [f"{level} does not lie where its neighbours expect it: check its level and its place"]


def end_plates(fit: Fit, names: Sequence[str]) -> Ends | None:
    """The pair of endplates with the largest angle between them, at least two levels apart."""
    pairs = list(zip(fit.chain.names[::2], fit.chain.names[1::2], strict=True))
    corners = fit.corners.reshape(-1, 2, 2)
    across = corners[:, 1] - corners[:, 0]
    tilt = np.degrees(np.arctan2(-across[:, 1], across[:, 0]))
    upper = [n for n, p in enumerate(pairs) if "_superior_" in p[0] and p[0] in names]
    lower = [n for n, p in enumerate(pairs) if "_inferior_" in p[0] and p[0] in names]
    best = max(
        ((abs(tilt[b] - tilt[a]), a, b) for a in upper for b in lower if b - a > 2 * LEAST_APART),
        default=None,
    )
    if best is None:
        return None
    angle, a, b = best
    slope = np.zeros((len(corners), 2, 2))
    for plate, sign in ((a, -1.0), (b, 1.0)):
        x, y = across[plate]
        gradient = np.degrees(np.array([y, -x]) / (x * x + y * y))
        slope[plate, 1], slope[plate, 0] = sign * gradient, -sign * gradient
    flat = slope.ravel()
    sd = float(np.sqrt(flat @ fit.covariance @ flat))
    return Ends(pairs[a], pairs[b], float(angle), sd, flat)


def next_click(marked: Landmarks, fit: Fit, ends: Ends | None) -> str | None:
    """The centroid or corner whose click would narrow the largest angle most, or None."""
    if ends is None:
        return None
    covariance = fit.covariance
    before = float(ends.slope @ covariance @ ends.slope)
    gains: dict[str, float] = {}
    for name, rows, noise_mm in _candidates(marked, fit):
        pull = rows @ covariance @ ends.slope
        total = rows @ covariance @ rows.T + (noise_mm * fit.unit) ** 2 * np.eye(2)
        gains[name] = float(pull @ np.linalg.solve(total, pull))
    best = max(gains, key=gains.__getitem__, default=None)
    return best if best is not None and gains[best] >= WORTH_A_CLICK * before else None


def _candidates(marked: Landmarks, fit: Fit) -> Iterator[tuple[str, FloatArray, float]]:
    """Names that nobody has clicked, what each would measure, and its noise in mm."""
    done = marked_levels(given_points(marked), fit.chain)
    names = fit.chain.names
    for level in fit.chain.levels:
        if level in ("C7", "S1"):
            continue
        corners = [place for place, name in enumerate(names) if name.split("_")[0] == level]
        for corner in corners:
            if names[corner] not in marked.points:
                yield names[corner], _mean_of([corner], len(names)), FRONTAL_CORNERS.within[0]
        if level not in done:
            yield f"{level}_centroid", _mean_of(corners, len(names)), CLICK.within[0]


def _mean_of(corners: Sequence[int], count: int) -> FloatArray:
    rows = np.zeros((2, count, 2))
    for corner in corners:
        rows[0, corner, 0] = rows[1, corner, 1] = 1.0 / len(corners)
    return rows.reshape(2, -1)
