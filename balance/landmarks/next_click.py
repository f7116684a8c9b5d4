"""The next best click: which unmarked point would narrow the values that matter most.

A click's worth is how much weighted variance of the chosen parameters it takes away, by their own
formulas' slopes and the joint covariance of all points: one small matrix for each candidate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from balance.anatomy import VERTEBRAE, level_of, plate_names
from balance.landmarks.conditioning import weights_of
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import CLICK, LATERAL_CORNERS
from balance.landmarks.shape import Posterior
from balance.landmarks.shape_chain import HEADS
from balance.metrics.catalogue import METRIC
from balance.metrics.model import STEP
from balance.metrics.sites import resolve
from balance.radiograph import FloatArray

TOLERANCE: Mapping[str, float] = {
    "PI": 4.0,
    "PT": 2.0,
    "LL": 4.0,
    "TK": 4.0,
    "SVA": 3.0,
    "TPA": 2.0,
}
"""What a second reader would differ by, deg and mm: a parameter counts by its variance over this
squared."""
BEFORE_ANYTHING = (
    *plate_names("S1", "superior", "lateral"),
    *HEADS,
    "C7_centroid",
    "T8_centroid",
)
"""The order of the first clicks, before which nothing can be compared."""


def first_missing(landmarks: Landmarks) -> str | None:
    """The first of the opening clicks that is not there, by a centroid or by its corners."""
    marked = {name for name, point in landmarks.points.items() if point.is_marked}
    bodies = {level_of(name) for name in marked}
    for name in BEFORE_ANYTHING:
        level = level_of(name) if name.endswith("_centroid") else None
        if name not in marked and (level is None or level not in bodies):
            return name
    return None


def next_best_click(
    landmarks: Landmarks,
    posterior: Posterior,
    *,
    tolerance: Mapping[str, float] = TOLERANCE,
    unit: float = 1.0,
) -> str | None:
    """Name of the point to click next; for an endplate, its posterior corner stands for both.

    Parameters
    ----------
    landmarks
        The document with its proposed points.
    posterior
        The prior conditioned on what is marked and what the film shows.
    tolerance
        The parameters that matter, and how well each should be known.
    unit
        Plane units per millimetre.
    """
    slopes = weighted_slopes(landmarks, posterior, tolerance)
    if not len(slopes):
        return None
    carried = slopes @ posterior.covariance
    best, most = None, 0.0
    for names, deviation in _candidates(landmarks):
        rows = weights_of(posterior.chain, names)
        own = np.eye(len(rows)) * (deviation * unit) ** 2
        total = rows @ posterior.covariance @ rows.T + own
        shared = carried @ rows.T
        gain = float(np.sum(shared * np.linalg.solve(total, shared.T).T)) / len(names) ** 0.5
        if gain > most:
            best, most = names[0], gain
    return best


def weighted_slopes(
    landmarks: Landmarks, posterior: Posterior, tolerance: Mapping[str, float]
) -> FloatArray:
    """Derivatives of the parameters over their tolerance by the chain's points, (k, 2n)."""
    sites = resolve(landmarks)
    chain = posterior.chain
    known = set(chain.index) | {f"{level}_centroid" for level in chain.levels}
    rows = []
    for key, allowed in tolerance.items():
        metric = METRIC[key]
        points = sites.points_behind(metric.needs) if sites.has(metric.needs) else ()
        if not points or not known.issuperset(points):
            continue
        xy = sites.at(metric.needs)
        count = len(xy)
        nudged = np.repeat(xy[None], 4 * count, axis=0).reshape(2, 2 * count, 2 * count)
        nudged[0] += STEP * np.eye(2 * count)
        nudged[1] -= STEP * np.eye(2 * count)
        ahead, behind = metric.compute(*np.moveaxis(nudged.reshape(2, 2 * count, count, 2), 2, 0))
        by_site = ((ahead - behind) / (2.0 * STEP)).reshape(count, 2)
        row = np.zeros(2 * len(chain.points))
        for site, slope in zip(metric.needs, by_site, strict=True):
            for point, weight in sites.parts[site]:
                row += weight * (slope @ weights_of(chain, (point,)))
        rows.append(row / allowed)
    return np.array(rows).reshape(-1, 2 * len(chain.points))


def _candidates(landmarks: Landmarks) -> list[tuple[tuple[str, ...], float]]:
    """Clicks that a reader could make on this film, with the noise of each, mm."""
    points = landmarks.points
    marked = {name for name, point in points.items() if point.is_marked}
    bodies = {level_of(name) for name in marked}
    found: list[tuple[tuple[str, ...], float]] = []
    for level in landmarks.existing_levels:
        if level in VERTEBRAE and level not in bodies and f"{level}_superior_posterior" in points:
            found.append(((f"{level}_centroid",), CLICK.within[0]))
        noise = next(row for row in LATERAL_CORNERS if level in row.levels).within[0]
        for endplate in ("superior", "inferior"):
            names = plate_names(level, endplate, "lateral")
            if all(name in points for name in names) and not marked & set(names):
                found.append((names, noise))
    found += [((name,), CLICK.within[0]) for name in HEADS if name not in marked]
    return found


def names_of(click: str) -> Sequence[str]:
    """The points that a proposed click asks for: a centroid alone, an endplate's two corners."""
    if click.endswith(("_superior_posterior", "_inferior_posterior")):
        return (click, click.removesuffix("posterior") + "anterior")
    return (click,)
