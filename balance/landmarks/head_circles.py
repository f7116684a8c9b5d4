"""Circles on a film: where bright bone inside gives way to something darker all around.

The edge must be bright on the inside. That tells a femoral head from its acetabulum, whose edge
runs parallel to it a few millimetres farther out and is bright on the outside.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from balance.landmarks.film_evidence import CanonicalImage, Image
from balance.radiograph import FloatArray

CANDIDATES = 8
STEP_MM = 1.0
DIRECTIONS = 72
SMOOTHED_MM = 0.8
_SATURATION = 3.0
_STRONG_QUANTILE = 0.9
_WINDOW_MM, _WINDOW_STEP_MM = 2.0, 0.25
_CORRELATED = 3.0
_ROUNDS, _REWEIGHTINGS = 3, 5
EDGE_SD_MM, RADIUS_SD_MM = 0.3, 0.4
"""Of what the edge means: the outer border of a bright line or its middle; shift and size."""

_TURN: FloatArray = np.arange(DIRECTIONS, dtype=np.float64) * (2 * np.pi / DIRECTIONS)
_OUT: FloatArray = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=-1)


@dataclass(frozen=True, slots=True)
class Circles:
    """Candidates: ``places`` are x, y and radius (k, 3) in mm on the image's axes.

    ``weight`` is the log of how much likelier a head than chance makes such a circle.
    """

    places: FloatArray
    covariance: FloatArray
    weight: FloatArray


def find_circles(
    image: CanonicalImage, centre: FloatArray, radii: FloatArray, reach_mm: float
) -> Circles:
    """The most circle-like edges about a place.

    Parameters
    ----------
    centre
        Where to look, mm on the image's own axes (x to the right, y down, 0 at its first pixel).
    radii
        Radii to try, mm, evenly spaced.
    reach_mm
        How far from the place a centre may lie.
    """
    slopes = _gradients(image)
    shifts = np.arange(-reach_mm, reach_mm + 1e-9, STEP_MM)
    y, x = np.meshgrid(shifts + centre[1], shifts + centre[0], indexing="ij")
    score = np.stack(
        [
            _mean_edge(slopes, np.stack([x, y], axis=-1)[..., None, :] + radius * _OUT, image)
            for radius in radii
        ]
    )
    around = np.stack([cv2.dilate(one, np.ones((5, 5), np.uint8)) for one in score])
    near = np.pad(around, ((2, 2), (0, 0), (0, 0)), constant_values=-np.inf)
    highest = np.max([near[n : n + len(score)] for n in range(5)], axis=0)
    peaks = np.where(score >= highest, score, -np.inf)
    top = np.argsort(-peaks.ravel())[:CANDIDATES]
    radius_at, row, column = np.unravel_index(top, score.shape)
    start = np.stack([x[row, column], y[row, column], radii[radius_at]], axis=-1)
    places, covariance = _placed(slopes, image, start)
    return Circles(places, covariance, _weights(slopes, image, places))


def _gradients(image: CanonicalImage) -> tuple[Image, Image]:
    """Slope along x and along y against the strong slopes of the neighbourhood, saturating."""
    smooth = cv2.GaussianBlur(image.pixels, (0, 0), SMOOTHED_MM / image.pixel_mm)
    x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    size = np.hypot(x, y)
    strong = max(float(np.quantile(size, _STRONG_QUANTILE)), 0.01 * float(size.max()), 1e-12)
    share = 1.0 / (strong * (1.0 + size / (strong * _SATURATION)))
    return np.asarray(x * share, np.float32), np.asarray(y * share, np.float32)


def _edge(slopes: tuple[Image, Image], rim: FloatArray, image: CanonicalImage) -> FloatArray:
    """How fast brightness falls outwards at points (..., directions, 2) of circles."""
    at = (rim / image.pixel_mm).astype(np.float32).reshape(-1, DIRECTIONS, 2)
    along = [
        cv2.remap(slope, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        for slope in slopes
    ]
    falling = -(along[0] * _OUT[:, 0] + along[1] * _OUT[:, 1])
    return np.asarray(falling.reshape(rim.shape[:-1]), float)


def _mean_edge(slopes: tuple[Image, Image], rim: FloatArray, image: CanonicalImage) -> FloatArray:
    return np.asarray(_edge(slopes, rim, image).mean(axis=-1))


def _placed(
    slopes: tuple[Image, Image], image: CanonicalImage, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Circles (k, 3) through the steepest place of each direction, and their covariance."""
    window = np.arange(-_WINDOW_MM, _WINDOW_MM + 1e-9, _WINDOW_STEP_MM)
    circles = start
    design = np.concatenate([_OUT, np.ones((DIRECTIONS, 1))], axis=1)
    for _ in range(_ROUNDS):
        radius = circles[:, 2, None, None] + window[:, None]
        rim = circles[:, None, None, :2] + radius[..., None] * _OUT
        values = _edge(slopes, rim, image)
        offset, strength = _steepest(values, window)
        change, information = _fitted(design, offset, strength)
        circles = circles + change
    covariance = np.asarray(np.linalg.inv(information), float)
    meaning = np.diag([EDGE_SD_MM**2, EDGE_SD_MM**2, RADIUS_SD_MM**2])
    return circles, covariance + meaning


def _steepest(values: FloatArray, window: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Offset of the steepest place of each direction (k, directions), and its strength."""
    best = values.argmax(axis=1)
    inner = np.clip(best, 1, len(window) - 2)[:, None]
    below, peak, above = (
        np.take_along_axis(values, inner + side, axis=1)[:, 0] for side in (-1, 0, 1)
    )
    bend = 2 * peak - below - above
    shift = np.where(bend > 1e-9, (above - below) / (2 * np.maximum(bend, 1e-9)), 0.0)
    offset = window[inner[:, 0]] + np.clip(shift, -1, 1) * _WINDOW_STEP_MM
    within = np.where(inner[:, 0] == best, 1.0, 0.02)
    strength = within * np.maximum(peak, 0.0) ** 2 + 1e-6
    return offset, strength / strength.max(axis=1, keepdims=True)


def _fitted(
    design: FloatArray, offset: FloatArray, strength: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Robust change of centre and radius that fits the offsets, and its information."""
    prior = np.eye(3) / (2 * _WINDOW_MM) ** 2
    weights, variance = strength, np.full(len(offset), 0.5**2)
    for _ in range(_REWEIGHTINGS):
        scaled = weights / (variance[:, None] * _CORRELATED)
        information = np.einsum("ks,si,sj->kij", scaled, design, design) + prior
        pull = np.einsum("ks,si,ks->ki", scaled, design, offset)
        change = np.linalg.solve(information, pull[..., None])[..., 0]
        rest = offset - change @ design.T
        spread = 1.48 * np.median(np.abs(rest), axis=1) + 0.05
        weights = strength / (1.0 + (rest / (2.0 * spread[:, None])) ** 2)
        spare = np.maximum(weights.sum(axis=1) - 3.0, 1.0)
        variance = np.maximum((weights * rest**2).sum(axis=1) / spare, 0.01**2)
    return change, information


MEAN_WEIGHT, WEAK_QUARTER_WEIGHT, AROUND_WEIGHT, THRESHOLD = 4.0, 4.5, -2.0, -3.0
"""Logistic weights, fitted on films of two renderers and then rounded: an edge all around, also
where it is weakest, and none of the same kind outside it."""
_AROUND_MM = 3.0


def _weights(slopes: tuple[Image, Image], image: CanonicalImage, places: FloatArray) -> FloatArray:
    """Log likelihood ratio of circles (k, 3), head against chance."""

    def along(wider: float) -> FloatArray:
        rim = places[:, None, :2] + (places[:, 2, None, None] + wider) * _OUT
        return _edge(slopes, rim, image)

    edge, around = along(0.0), along(_AROUND_MM).mean(axis=1)
    weak = np.quantile(edge, 0.25, axis=1)
    weight: FloatArray = (
        MEAN_WEIGHT * edge.mean(axis=1)
        + WEAK_QUARTER_WEIGHT * weak
        + AROUND_WEIGHT * around
        + THRESHOLD
    )
    return weight
