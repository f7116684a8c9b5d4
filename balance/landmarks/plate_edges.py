"""Edges in straightened endplates: candidates, their exact place, and what speaks for each.

An endplate is hollow between its corners by up to two millimetres, while the landmarks are the
corners. Each candidate is therefore a line with a bow: offset at both ends and depth of the
hollow, which has its own prior, so that the line through the corners is not dragged into the
hollow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.landmarks.film_evidence import Image
from balance.landmarks.plate_profiles import (
    ALONG,
    BEYOND_SHARE,
    BIN_SHARE,
    INNER,
    STEP_MM,
    Profiles,
)
from balance.radiograph import FloatArray, View

CANDIDATES = 6
BOW_POWER = 3.0
"""Between a parabola and the flatter hollow with a steep rim; which one is unknown."""
BOW_MM, BOW_SD_MM = 0.9, 0.8
"""Prior of the depth of the hollow; negative is a dome."""
BOWS_TRIED = (0.0, 1.0, 2.0, 3.0)
TILTS_TRIED: FloatArray = np.arange(-6.0, 6.01, 0.4)
"""Offsets in mm of one end against the middle."""

OUTER_EDGE_MM = 0.25
"""How far outside the landmark the edge is taken to lie: halfway between two conventions, the outer
edge of the bright line and its centre."""
EDGE_DEFINITION_SD_MM: dict[View, float] = {"lateral": 0.45, "frontal": 0.8}
"""Of that convention, of blur and of the hollow's shape, shared by both ends of a plate. A frontal
film shows most plates from above or below, their front rim apart from their back one."""
TILT_SD_MM, TILT_SD_PER_BOW = 0.1, 0.2
"""Deviation of one end against the middle, of a flat plate and more for each mm of its hollow: a
hollow that is deepest off the middle, or seen off its middle, looks like a tilt."""

_WINDOW_MM = 1.25
_CORRELATED_COLUMNS = 2.5
"""So many neighbouring columns are one observation: what crosses an edge is wider than a column."""
_ROUNDS, _REWEIGHTINGS = 2, 5

_ACROSS: FloatArray = 2.0 * ALONG - 1.0
_INSIDE: FloatArray = _ACROSS[INNER]


@dataclass(frozen=True, slots=True)
class Edges:
    """Candidate edges of n plates, k each; ``ends`` and ``covariance`` are in mm along the normal.

    ``weight`` is the log of how much likelier a true endplate than chance makes such an edge.
    ``bow`` is the depth of the hollow.
    """

    ends: FloatArray
    covariance: FloatArray
    bow: FloatArray
    weight: FloatArray


def find_edges(profiles: Profiles, reach_mm: float, view: View) -> Edges:
    """The most edge-like lines of every plate within a distance of its prior place."""
    score, bow = _scores(profiles, reach_mm)
    offsets = profiles.distances[np.abs(profiles.distances) <= reach_mm + 1e-9]
    tilt_at, offset_at = _peaks(score)
    plates = np.arange(len(score))[:, None]
    tilt, offset = TILTS_TRIED[tilt_at], offsets[offset_at]
    start = np.stack([offset - tilt, offset + tilt, bow[plates, tilt_at, offset_at]], axis=-1)
    lines, spread = _placed(profiles, start)
    covariance = spread + EDGE_DEFINITION_SD_MM[view] ** 2 * np.ones((2, 2))
    ends = lines[..., :2] - OUTER_EDGE_MM
    return _with_rims(Edges(ends, covariance, lines[..., 2], _weights(profiles, lines)))


def _hollow(across: FloatArray) -> FloatArray:
    """Shape of the hollow, 1 in the middle of the plate and 0 at and beyond its corners."""
    shape: FloatArray = 1.0 - np.minimum(np.abs(across), 1.0) ** BOW_POWER
    return shape


def _scores(profiles: Profiles, reach_mm: float) -> tuple[Image, FloatArray]:
    """Mean edge along every line tried (n, tilts, offsets), and the best hollow of each."""
    both = profiles.fine + np.float32(0.5) * profiles.coarse
    columns = np.ascontiguousarray(both[:, INNER].transpose(1, 0, 2))
    keep = np.flatnonzero(np.abs(profiles.distances) <= reach_mm + 1e-9)
    width, last = len(keep), both.shape[2]
    best = np.full((len(both), len(TILTS_TRIED), width), -np.inf, np.float32)
    bow = np.zeros(best.shape)
    for place, tilt in enumerate(TILTS_TRIED):
        for depth in BOWS_TRIED:
            shifts = np.rint((tilt * _INSIDE - depth * _hollow(_INSIDE)) / STEP_MM).astype(int)
            total = np.zeros((len(both), width), np.float32)
            for column, shift in zip(columns, shifts, strict=True):
                start = keep[0] + int(shift)
                low, high = max(start, 0), min(start + width, last)
                if high > low:
                    total[:, low - start : high - start] += column[:, low:high]
            better = total > best[:, place]
            best[:, place][better] = total[better]
            bow[:, place][better] = depth
    return best / np.float32(len(columns)), bow


def _peaks(score: Image) -> tuple[NDArray[Any], NDArray[Any]]:
    """Tilt and offset indices of the highest local maxima (n, k)."""
    around = np.ones((5, 9), np.uint8)
    highest = np.stack([cv2.dilate(plate, around) for plate in score])
    peaks = np.where(score >= highest, score, -np.inf)
    flat = peaks.reshape(len(score), -1)
    top = np.argpartition(-flat, CANDIDATES, axis=1)[:, :CANDIDATES]
    return top // score.shape[2], top % score.shape[2]


def _at(gradient: Image, positions: FloatArray, distances: FloatArray) -> FloatArray:
    """Gradients of columns at positions (n, k, columns, m) in mm, between samples linearly."""
    place = (positions - distances[0]) / STEP_MM
    low = np.clip(np.floor(place).astype(int), 0, len(distances) - 2)
    share = np.clip(place - low, 0.0, 1.0)
    plate = np.arange(gradient.shape[0])[:, None, None, None]
    column = np.arange(gradient.shape[1])[:, None]
    below, above = gradient[plate, column, low], gradient[plate, column, low + 1]
    values: FloatArray = below * (1.0 - share) + above * share
    return values


def _design(across: FloatArray) -> FloatArray:
    """What the two ends and the hollow do to each column (columns, 3)."""
    return np.stack([(1 - across) / 2, (1 + across) / 2, -_hollow(across)], axis=-1)


def _placed(profiles: Profiles, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lines (n, k, 3) through each column's own edge near a start, and the ends' covariance."""
    design = _design(_INSIDE)
    gradient = profiles.fine[:, INNER]
    lines = start
    for _ in range(_ROUNDS):
        found, strength = _own_edges(gradient, lines @ design.T, profiles.distances)
        lines, information = _fitted(design, found, strength, lines)
    covariance = np.linalg.inv(information)[..., :2, :2]
    lean = TILT_SD_MM**2 + (TILT_SD_PER_BOW * lines[..., 2, None, None]) ** 2
    return lines, covariance + lean * np.array([[1.0, -1.0], [-1.0, 1.0]])


def _own_edges(
    gradient: Image, expected: FloatArray, distances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Where each column has its steepest edge about an expected place, and how steep it is."""
    # Between samples only the peak itself is interpolated: that keeps it where it is.
    middle = np.rint((expected - distances[0]) / STEP_MM).astype(int)
    reach = round(_WINDOW_MM / STEP_MM)
    place = np.clip(middle[..., None] + np.arange(-reach, reach + 1), 0, len(distances) - 1)
    plate = np.arange(len(gradient))[:, None, None, None]
    values = gradient[plate, np.arange(gradient.shape[1])[:, None], place]
    best = values.argmax(axis=-1)
    inner = np.clip(best, 1, 2 * reach - 1)[..., None]
    below, peak, above = (
        np.take_along_axis(values, inner + side, axis=-1)[..., 0] for side in (-1, 0, 1)
    )
    bend = 2 * peak - below - above
    shift = np.where(bend > 1e-9, (above - below) / (2 * np.maximum(bend, 1e-9)), 0.0)
    found = distances[np.take_along_axis(place, inner, axis=-1)[..., 0]]
    found = found + np.clip(shift, -1, 1) * STEP_MM
    # At the border of the window there is no peak, only the flank of another edge.
    within = np.where(inner[..., 0] == best, 1.0, 0.02)
    strength = within * np.maximum(peak, 0.0) ** 2 + 1e-6
    return found, strength / strength.max(axis=-1, keepdims=True)


def _fitted(
    design: FloatArray, found: FloatArray, strength: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Robust weighted lines with the prior of the hollow, and their information (n, k, 3, 3)."""
    loose = 1.0 / (1.2 * _WINDOW_MM) ** 2
    prior = np.diag([loose, loose, 1.0 / BOW_SD_MM**2])
    towards = start * np.diag(prior)
    towards[..., 2] = BOW_MM / BOW_SD_MM**2
    weights, variance = strength, np.full(strength.shape[:-1], 0.3**2)
    for _ in range(_REWEIGHTINGS):
        scaled = weights / (variance[..., None] * _CORRELATED_COLUMNS)
        information = np.einsum("pks,si,sj->pkij", scaled, design, design) + prior
        pull = np.einsum("pks,si,pks->pki", scaled, design, found) + towards
        lines = np.linalg.solve(information, pull[..., None])[..., 0]
        rest = found - lines @ design.T
        spread = 1.48 * np.median(np.abs(rest), axis=-1) + 0.02
        weights = strength / (1.0 + (rest / (2.0 * spread[..., None])) ** 2)
        count = weights.sum(axis=-1)
        spare = np.maximum(count - 3.0, 1.0)
        variance = np.maximum((weights * rest**2).sum(axis=-1) / spare, 0.003**2)
    return lines, information


RIMS_APART_MM = (1.2, 5.0)
_RIMS_LEAN_MM = 1.5
_IMPOSSIBLE = -1e3


def _with_rims(edges: Edges) -> Edges:
    """The candidates, and between every two of them that may be two rims of one plate a third.

    A body that stands askew to the beam shows the near and the far rim of its endplate; the plate
    that is measured lies between them, as likely as it is one of the two.
    """
    one, other = np.triu_indices(edges.ends.shape[1], 1)
    apart = edges.ends[:, one] - edges.ends[:, other]
    middle, lean = np.abs(apart.mean(axis=-1)), np.abs(apart[..., 1] - apart[..., 0]) / 2
    rims = (middle >= RIMS_APART_MM[0]) & (middle <= RIMS_APART_MM[1]) & (lean <= _RIMS_LEAN_MM)
    rims &= np.minimum(edges.weight[:, one], edges.weight[:, other]) > 0
    weight = (edges.weight[:, one] + edges.weight[:, other]) / 2
    spread = (edges.covariance[:, one] + edges.covariance[:, other]) / 2
    spread = spread + (middle / 6)[..., None, None] ** 2
    return Edges(
        np.concatenate([edges.ends, (edges.ends[:, one] + edges.ends[:, other]) / 2], axis=1),
        np.concatenate([edges.covariance, spread], axis=1),
        np.concatenate([edges.bow, (edges.bow[:, one] + edges.bow[:, other]) / 2], axis=1),
        np.concatenate([edges.weight, np.where(rims, weight, _IMPOSSIBLE)], axis=1),
    )


_LOOK_AROUND: FloatArray = np.arange(0.75, 3.01, 0.25)
FINE_WEIGHT, COARSE_WEIGHT, OUTSIDE_WEIGHT, THRESHOLD = 5.5, 6.0, -2.8, -5.2
"""Logistic weights, fitted on drawn films of nine unlike kinds and then rounded."""


def _weights(profiles: Profiles, lines: FloatArray) -> FloatArray:
    """Log likelihood ratio of each candidate, edge against chance."""
    expected = (lines @ _design(_INSIDE).T)[..., None]

    def mean(gradient: Image, shifts: FloatArray) -> FloatArray:
        seen = _at(gradient[:, INNER], expected + shifts, profiles.distances)
        return np.asarray(seen.mean(axis=2))

    here = np.zeros(1)
    fine, coarse = (mean(part, here)[..., 0] for part in (profiles.fine, profiles.coarse))
    # The inner border of the neighbour's bright line has that line just outside.
    outside = mean(profiles.fine, _LOOK_AROUND).min(axis=-1)
    weight: FloatArray = (
        FINE_WEIGHT * fine + COARSE_WEIGHT * coarse + OUTSIDE_WEIGHT * outside + THRESHOLD
    )
    return weight


def ends_along(profiles: Profiles, edges: Edges, chosen: NDArray[Any]) -> FloatArray:
    """How far along the plate its edge begins and stops, as shares of its length (n, 2, 2).

    Parameters
    ----------
    chosen
        Which candidate of each plate to follow.

    Returns
    -------
    ndarray
        Mean and variance of the first corner's and of the second corner's displacement towards
        the second; the variance is that of a blind guess where the edge does not stop.
    """
    plates = np.arange(len(chosen))
    ends, bow = edges.ends[plates, chosen] + OUTER_EDGE_MM, edges.bow[plates, chosen]
    lines = np.concatenate([ends, bow[:, None]], axis=1)[:, None]
    expected = lines @ _design(_ACROSS).T
    about = np.arange(-0.75, 0.76, 0.25)
    around = expected[..., None] + about
    seen = _at(profiles.fine, around, profiles.distances)[:, 0].max(axis=-1)
    level = np.maximum(np.median(seen[:, INNER], axis=1), 1e-3)
    speaks = _PER_COLUMN * np.clip(seen / level[:, None] - 0.5, -0.5, 0.5)
    # Under metal and beyond the film nothing speaks for or against an edge.
    shown = _at(profiles.shown.astype(np.float32), around, profiles.distances)[:, 0]
    speaks[shown.max(axis=-1) == 0] = 0.0
    shifts = np.arange(-_SHIFTS, _SHIFTS + 1)
    result = np.empty((len(chosen), 2, 2))
    first, last = np.searchsorted(ALONG, (0.0, 1.0))
    sums = np.concatenate([np.zeros((len(chosen), 1)), np.cumsum(speaks, axis=1)], axis=1)
    for end, (border, towards) in enumerate(((first, -1.0), (last, 1.0))):
        score = towards * sums[:, border + shifts]
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        moved = shifts * (ALONG[1] - ALONG[0])
        mean = share @ moved
        result[:, end, 0] = mean
        # An edge that reaches the end of the search may end anywhere.
        endless = share[:, 0] + share[:, -1]
        result[:, end, 1] = share @ moved**2 - mean**2 + (endless * BEYOND_SHARE) ** 2
        result[:, end, 0] *= 1.0 - endless
    return result


_SHIFTS = round(BEYOND_SHARE / BIN_SHARE)
_PER_COLUMN = 2.0
"""Log odds that one column with and one without an edge lend to a corner between them."""
