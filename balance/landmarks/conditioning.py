"""From what stands in a document to the shape prior's observations, and back to a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cholesky, eigh, solve_triangular

from balance.anatomy import Endplate, body_names, level_of, plate_names
from balance.landmarks.model import JointCovariance, Landmark, Landmarks
from balance.landmarks.noise import ASSUMED_SACRAL_PLATE_MM, place_points
from balance.landmarks.shape import Posterior
from balance.landmarks.shape_chain import Chain, chain_of
from balance.landmarks.shape_components import Size
from balance.landmarks.shape_rounds import Observations
from balance.landmarks.shape_tables import LOG_SIZE_SD
from balance.radiograph import FloatArray, Scale

MAGNIFIED_PLANES = ("detector", "scanned_film", "unknown")
USUAL_MAGNIFICATION = 1.12
"""Of a film whose scale holds at the detector, or is not told."""
FREE_LOG_SIZE_SD = 0.5
"""Without a scale nothing but the points tells the size."""
DROPPED_SD_MM = 0.1
"""What the joint covariance may leave to each point's own deviation."""
MOST_FACTORS = 60
DECIMALS = 3
"""Of factors, variances and places, all in pixels."""
ROUNDING = 1e-3
"""Variance added so that rounding leaves a covariance."""


@dataclass(frozen=True, slots=True)
class PlateReading:
    """Where a film shows an endplate: its two ends along some directions, in plane units.

    ``directions`` (m, 2) are unit vectors, ``ends`` (m,) say which corner each is about (0 the
    posterior one), ``values`` (m,) where it lies, with their covariance (m, m).
    """

    level: str
    endplate: Endplate
    directions: FloatArray
    ends: tuple[int, ...]
    values: FloatArray
    covariance: FloatArray


def marked_only(landmarks: Landmarks) -> Landmarks:
    """The document without what programs proposed and nobody confirmed."""
    points = {name: point for name, point in landmarks.points.items() if point.is_marked}
    return replace(
        landmarks,
        points=points,
        covariance=_of_marks(landmarks.covariance, points),
        proposal=None,
    )


def chain_of_film(landmarks: Landmarks) -> Chain:
    """The chain with the vertebrae that this patient has."""
    return chain_of(int(landmarks.last_thoracic[1:]), int(landmarks.last_lumbar[1:]))


def in_millimetres(marked: Landmarks) -> tuple[Landmarks, Size]:
    """The document in millimetres, and what its scale says of a person's size.

    Without a scale the S1 endplate is taken for as long as usual; the size is then free.
    """
    scale = marked.scale
    if scale.has_millimetres:
        return marked, _size_by_scale(scale)
    plate = [
        (marked.points[name].x, marked.points[name].y)
        for name in plate_names("S1", "superior", "lateral")
        if name in marked.points
    ]
    factor = 1.0
    if len(plate) == 2:
        ends = marked.frame.to_plane(np.array(plate))
        factor = ASSUMED_SACRAL_PLATE_MM / max(float(np.hypot(*(ends[1] - ends[0]))), 1e-9)
    assumed = Scale(scale.row_mm * factor, scale.column_mm * factor, "unknown")
    return replace(marked, scale=assumed), Size(0.0, FREE_LOG_SIZE_SD)


def _size_by_scale(scale: Scale) -> Size:
    sd = float(np.hypot(LOG_SIZE_SD, scale.sd_percent / 100.0))
    magnified = scale.state in MAGNIFIED_PLANES or scale.plane == "detector"
    return Size(float(np.log(USUAL_MAGNIFICATION)) if magnified else 0.0, sd)


def weights_of(chain: Chain, names: Iterable[str]) -> FloatArray:
    """Rows that take a chain's points to x and y of each name: a point, or a centroid."""
    rows = []
    for name in names:
        parts = (name,) if name in chain.index else body_names(name[:-9], "lateral")
        for axis in (0, 1):
            row = np.zeros(2 * len(chain.points))
            for part in parts:
                row[2 * chain.index[part] + axis] = 1.0 / len(parts)
            rows.append(row)
    return np.array(rows).reshape(-1, 2 * len(chain.points))


def names_seen(chain: Chain, names: Iterable[str]) -> tuple[str, ...]:
    """The names that are linear in the chain's points."""
    return tuple(
        name
        for name in names
        if name in chain.index or (name.endswith("_centroid") and level_of(name) in chain.levels)
    )


def observe(chain: Chain, marked: Landmarks) -> tuple[tuple[str, ...], Observations]:
    """The marked points as observations with the noise of their placement, and their names."""
    placed = place_points(marked)
    names = names_seen(chain, placed.names)
    where = [placed.names.index(name) for name in names]
    rows = np.ravel([(2 * n, 2 * n + 1) for n in where]).astype(int)
    covariance = placed.covariance[np.ix_(rows, rows)]
    # A point that claims to be exact would make the equations singular.
    floor = 1e-6 * max(float(np.trace(covariance)) / max(len(rows), 1), 1e-6)
    return names, Observations(
        values=placed.plane[where].ravel(),
        weights=weights_of(chain, names),
        covariance=covariance + floor * np.eye(len(rows)),
    )


def with_plates(chain: Chain, seen: Observations, plates: Iterable[PlateReading]) -> Observations:
    """Marked points and plates that a film shows; each plate may prove an outlier."""
    values, weights = [seen.values], [seen.weights]
    blocks, groups = [seen.covariance], list(seen.groups)
    for number, plate in enumerate(plates):
        names = plate_names(plate.level, plate.endplate, "lateral")
        rows = np.zeros((len(plate.values), 2 * len(chain.points)))
        for row, end, direction in zip(rows, plate.ends, plate.directions, strict=True):
            at = 2 * chain.index[names[end]]
            row[at : at + 2] = direction
        values.append(plate.values)
        weights.append(rows)
        blocks.append(plate.covariance)
        groups += [number] * len(plate.values)
    total = sum(len(block) for block in blocks)
    covariance = np.zeros((total, total))
    at = 0
    for block in blocks:
        covariance[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return Observations(np.concatenate(values), np.concatenate(weights), covariance, tuple(groups))


@dataclass(frozen=True, slots=True)
class Held:
    """Points that a search of the film found earlier: they stay where they are.

    ``values`` (2n,) lie in the plane, ``covariance`` (2n, 2n) joins them; ``plates`` names the
    endplate of each pair of points.
    """

    names: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    plates: tuple[tuple[str, Endplate], ...]


def with_held(chain: Chain, seen: Observations, held: Held) -> Observations:
    """Marked points and plates found earlier; each plate may prove an outlier."""
    first, more = len(seen.values), len(held.values)
    covariance = np.zeros((first + more, first + more))
    covariance[:first, :first], covariance[first:, first:] = seen.covariance, held.covariance
    return Observations(
        np.concatenate([seen.values, held.values]),
        np.concatenate([seen.weights, weights_of(chain, held.names)]),
        covariance,
        (*seen.groups, *np.repeat(np.arange(len(held.plates)), 4).tolist()),
    )


def held_part(held: Held, keep: Sequence[bool]) -> Held:
    """Some of the plates."""
    plates = np.flatnonzero(keep)
    rows = (4 * plates[:, None] + np.arange(4)).ravel()
    return Held(
        tuple(held.names[2 * n + end] for n in plates for end in (0, 1)),
        held.values[rows],
        held.covariance[np.ix_(rows, rows)],
        tuple(held.plates[n] for n in plates),
    )


def write_points(
    marked: Landmarks,
    posterior: Posterior,
    seen: tuple[str, ...],
    noise: FloatArray,
    sources: Mapping[str, str],
    held: Held | None = None,
) -> Landmarks:
    """The marked points as they stand, the proposed ones beside them, and what joins their errors.

    Parameters
    ----------
    seen, noise
        The marked points of the chain and the covariance of their placement in the plane.
    sources
        Names of the points to write with their source.
    held
        Points among them that keep their place and their covariance.

    Notes
    -----
    A marked point keeps its own noise, its reading is not moved; its error and that of a point
    predicted from it are correlated by the gain of the prediction. A marked point that carries its
    own deviation cannot stand among the factors as well, so that correlation is left out there.
    """
    own_kept = set(marked.covariance.points if marked.covariance else ())
    own_kept |= {name for name in seen if marked.points[name].own_covariance is not None}
    shared = tuple(name for name in seen if name not in own_kept)
    still = held.names if held else ()
    proposed = (*still, *(name for name in sources if name not in still))
    rows = weights_of(posterior.chain, (*shared, *proposed))
    joint = rows @ posterior.covariance @ rows.T
    plane = rows @ posterior.points.ravel()
    first, fixed = 2 * len(shared), 2 * (len(shared) + len(still))
    places = np.ravel([(2 * seen.index(n), 2 * seen.index(n) + 1) for n in shared]).astype(int)
    joint[:fixed, :fixed] = 0.0
    joint[:first, :first] = noise[np.ix_(places, places)]
    if held is not None:
        joint[first:fixed, first:fixed] = held.covariance
        plane[first:fixed] = held.values
    factors, own = _factors(joint, first)
    inverse = np.linalg.inv(marked.frame.matrix)
    pixels = plane[first:].reshape(-1, 2) @ inverse.T
    blocks = inverse @ own @ inverse.T
    points = dict(marked.points)
    for name, (x, y), block in zip(proposed, pixels.tolist(), blocks.tolist(), strict=True):
        points[name] = Landmark(
            x=round(x, DECIMALS),
            y=round(y, DECIMALS),
            cov_px=(
                round(block[0][0] + ROUNDING, DECIMALS),
                round(block[0][1], DECIMALS),
                round(block[1][1] + ROUNDING, DECIMALS),
            ),
            source=sources[name],
            confirmed=False,
        )
    flat = (factors.reshape(len(factors), -1, 2) @ inverse.T).reshape(len(factors), -1)
    covariance = JointCovariance(
        (*shared, *proposed), tuple(map(tuple, flat.round(DECIMALS).tolist()))
    )
    return replace(marked, points=points, covariance=_joined(marked.covariance, covariance))


def _factors(joint: FloatArray, first: int) -> tuple[FloatArray, FloatArray]:
    """Factors of a joint covariance, exact for the first rows, and what is left to each point.

    Later points keep as their own (n, 2, 2) what the factors miss, so that every point's
    covariance is whole and only what it shares with others is shortened.
    """
    low = cholesky(joint[:first, :first], lower=True) if first else np.zeros((0, 0))
    cross = np.zeros((0, len(joint)))
    if first:
        cross = solve_triangular(low, joint[:first, first:], lower=True)
    rest = joint[first:, first:] - cross.T @ cross
    values, vectors = eigh((rest + rest.T) / 2.0)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    whole = (vectors**2) @ values
    kept = np.cumsum(values * vectors**2, axis=1)
    enough = ((whole[:, None] - kept).max(axis=0, initial=0.0) < DROPPED_SD_MM**2).sum()
    count = min(len(values) - int(enough) + 1, MOST_FACTORS, len(values))
    modes = vectors[:, :count] * np.sqrt(values[:count])
    missed = (vectors[:, count:] * values[count:]) @ vectors[:, count:].T
    number = np.arange(len(rest) // 2)
    left = missed.reshape(len(number), 2, len(number), 2)[number, :, number]
    top = np.concatenate([low.T, cross], axis=1)
    bottom = np.concatenate([np.zeros((count, first)), modes.T], axis=1)
    return np.concatenate([top, bottom]), left


def _of_marks(
    joint: JointCovariance | None, points: Mapping[str, Landmark]
) -> JointCovariance | None:
    """What a joint covariance says of marked points alone.

    A factor that a proposed point shares came with the proposals and goes with them.
    """
    if joint is None or not joint.factors:
        return None
    rows = np.array(joint.factors).reshape(-1, len(joint.points), 2)
    marked = np.array([name in points for name in joint.points])
    own = rows[~rows[:, ~marked].any(axis=(1, 2))][:, marked]
    kept = own.any(axis=(0, 2))
    if not kept.any():
        return None
    names = np.array(joint.points)[marked][kept]
    factors = own[:, kept].reshape(len(own), -1)
    return JointCovariance(tuple(names.tolist()), tuple(map(tuple, factors.tolist())))


def _joined(before: JointCovariance | None, new: JointCovariance) -> JointCovariance:
    """Two joint covariances of different points as one."""
    if before is None:
        return new
    left, right = 2 * len(before.points), 2 * len(new.points)
    rows = [(*row, *([0.0] * right)) for row in before.factors]
    rows += [(*([0.0] * left), *row) for row in new.factors]
    return JointCovariance((*before.points, *new.points), tuple(rows))
