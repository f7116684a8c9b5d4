"""How far a point may lie from where another reading would put it: default noise and covariance.

One millimetre everywhere would claim far too much. The rows were fitted to published differences
between readers (:data:`balance.references` keys ``agreement2019``, ``kyrola2018`` and
``csvl_noise2012``): placing
an endplate corner is uncertain along the plate and better across it, hip axis and CSVL carry a term
that their points share.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from balance.anatomy import (
    CERVICAL,
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    THORACIC,
    body_names,
    parse_corner,
    plate_names,
)
from balance.geometry import distance
from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray, View

Reading = Literal["between_readers", "within_reader"]
Uncertainty = Literal["between_readers", "within_reader", "given"]

ASSUMED_SACRAL_PLATE_MM = 34.0
"""Length taken for the S1 endplate where a film has no scale, for the noise only."""
ASSUMED_BODY_PLATE_MM: dict[str, float] = {"lateral": 32.0, "frontal": 38.0}
"""Mean superior endplate of T10 to L5, where there is no S1 either; an estimate."""
SINGLE_HEAD_MM = 5.0
"""Added noise of a hip axis for which one head alone stands."""


@dataclass(frozen=True, slots=True)
class SiteNoise:
    """Standard deviations of one group of sites, in mm, across and along the endplate.

    ``site`` is also the group's key in a document's ``reader_noise`` and in files of noise.
    """

    site: str
    levels: tuple[str, ...]
    within: tuple[float, float]
    total: tuple[float, float]


LATERAL_CORNERS: tuple[SiteNoise, ...] = (
    SiteNoise("S1", (SACRUM, OTHER_SACRUM), (1.1, 2.0), (1.6, 3.0)),
    SiteNoise("L1-L6, T9-T13", (*LUMBAR, *THORACIC[8:]), (0.8, 1.5), (1.1, 2.0)),
    SiteNoise("T5-T8", THORACIC[4:8], (0.9, 1.5), (1.2, 2.0)),
    SiteNoise("T1-T4", THORACIC[:4], (1.0, 1.5), (1.5, 2.0)),
    SiteNoise("C2-C7", CERVICAL, (0.6, 1.2), (0.8, 1.5)),
)
FRONTAL_CORNERS = SiteNoise("all levels", (), (0.6, 1.5), (0.8, 2.0))

CLICK = SiteNoise("a centroid by one click, the dens", (), (1.5, 1.5), (2.0, 2.0))
LATERAL_HEAD = SiteNoise("each femoral head, lateral film", (), (1.0, 1.0), (1.5, 1.5))
HIP_AXIS = SiteNoise("shared by both heads of a lateral film", (), (1.0, 1.0), (2.0, 2.0))
CSVL = SiteNoise("CSVL, horizontally", (), (1.5, 1.5), (2.8, 2.8))
ELSEWHERE = SiteNoise("crests, clavicles, ribs, frontal heads, sacrum", (), (2.0, 2.0), (2.0, 2.0))

_UNIT = np.eye(2)
_CORNER_ROWS = {level: row for row in LATERAL_CORNERS for level in row.levels}
_CLICKED = ("_centroid", "C2_dens", "cranial_centre", "chin", "brow")


@dataclass(frozen=True, slots=True)
class PointNoise:
    """Names of the points of a film, their places in the plane and their joint covariance.

    ``covariance`` is (2n, 2n) in plane units (mm, or aspect-corrected pixels without a scale), x
    and y of each point in turn. ``kind`` says which uncertainty it holds.
    """

    names: tuple[str, ...]
    plane: FloatArray
    covariance: FloatArray
    kind: Uncertainty
    warnings: tuple[str, ...] = ()


def place_points(landmarks: Landmarks, reading: Reading = "between_readers") -> PointNoise:
    """The points of a film in the patient's plane with the covariance of their placement.

    Parameters
    ----------
    reading
        Which noise to use where a point does not carry its own: another reader's
        (``between_readers``) or the same reader's (``within_reader``): what the reader measured
        on repeated readings (``Landmarks.reader_noise``), else the default.
    """
    pick = _table(landmarks, reading)
    names = tuple(landmarks.points)
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    matrix = landmarks.frame.matrix
    plane = pixels @ matrix.T
    own = {
        name: matrix @ covariance @ matrix.T
        for name, point in landmarks.points.items()
        if (covariance := point.own_covariance) is not None
    }
    joint = landmarks.covariance
    shared_elsewhere = frozenset(joint.points if joint else ())
    given = shared_elsewhere | own.keys()
    unit, warnings = plane_units_per_mm(landmarks)
    index = {name: place for place, name in enumerate(names)}
    blocks = _default_blocks(landmarks.view, index, plane, pick, given) * unit**2
    for name, block in own.items():
        blocks[index[name]] = block
    covariance = _block_diagonal(blocks)
    for group, term in _shared_terms(landmarks, pick, given, blocks, index, unit):
        for first in group:
            for second in group:
                covariance[2 * first : 2 * first + 2, 2 * second : 2 * second + 2] += term
    if joint is not None and joint.points and joint.factors:
        places = [index[name] for name in joint.points]
        factors = np.array(joint.factors).reshape(-1, len(places), 2) @ matrix.T
        factors = factors.reshape(-1, 2 * len(places))
        rows = np.ravel([(2 * place, 2 * place + 1) for place in places]).astype(int)
        covariance[np.ix_(rows, rows)] += factors.T @ factors
    one_head = landmarks.view == "lateral" and len(_heads(index)) == 1
    own_only = bool(names) and given >= set(names) and not one_head
    kind: Uncertainty = "given" if own_only else reading
    return PointNoise(names, plane, covariance, kind, warnings)


_Pick = Callable[[SiteNoise], tuple[float, float]]


def _table(landmarks: Landmarks, reading: Reading) -> _Pick:
    """The standard deviations of a group of sites, across and along the endplate."""
    if reading == "between_readers":
        return lambda row: row.total
    own = {one.site: (one.normal_mm, one.tangential_mm) for one in landmarks.reader_noise}
    return lambda row: own.get(row.site, row.within)


def _upright_block(deviations: tuple[float, float]) -> FloatArray:
    """Where there is no endplate, across is upwards and along is sideways."""
    across, along = deviations
    return np.diag([along**2, across**2])


def _default_blocks(
    view: View, index: dict[str, int], plane: FloatArray, pick: _Pick, given: Container[str]
) -> FloatArray:
    """The default covariance of each point by itself, (n, 2, 2); zero for those that are given."""
    blocks = np.zeros((len(index), 2, 2))
    placed: list[tuple[int, int, int]] = []
    deviations: list[tuple[float, float]] = []
    for name, place in index.items():
        if name in given:
            continue
        row, plates = _group(view, name)
        across, along = pick(row)
        ends = next((pair for pair in plates if pair[0] in index and pair[1] in index), None)
        if ends is not None:
            placed.append((place, index[ends[0]], index[ends[1]]))
            deviations.append((across, along))
        elif plates:
            # Nothing tells which way the plate runs: the larger noise holds in every direction.
            blocks[place] = _UNIT * max(across, along) ** 2
        else:
            blocks[place] = _upright_block((across, along))
    if placed:
        places, first, second = np.array(placed).T
        direction = plane[second] - plane[first]
        squared = np.vecdot(direction, direction)[:, None, None]
        tangential = direction[:, :, None] * direction[:, None, :] / squared
        across_2, along_2 = (np.array(deviations) ** 2).T[:, :, None, None]
        blocks[places] = across_2 * _UNIT + (along_2 - across_2) * tangential
    return blocks


@cache
def _group(view: View, name: str) -> tuple[SiteNoise, tuple[tuple[str, str], ...]]:
    """The group of a point and, for a corner, the plates that tell which way its own runs.

    These are its own plate, then the body's other one.
    """
    corner = parse_corner(name)
    if corner is None:
        if name.endswith(_CLICKED):
            return CLICK, ()
        head = view == "lateral" and name.startswith("femoral_head")
        return (LATERAL_HEAD if head else ELSEWHERE), ()
    row = _CORNER_ROWS[corner.level] if view == "lateral" else FRONTAL_CORNERS
    own = plate_names(corner.level, corner.endplate, view)
    if corner.level in (SACRUM, OTHER_SACRUM):
        return row, (own,)
    body = body_names(corner.level, view)
    return row, (own, body[:2], body[2:])


def _shared_terms(
    landmarks: Landmarks,
    pick: _Pick,
    given: frozenset[str],
    blocks: FloatArray,
    index: dict[str, int],
    unit: float,
) -> list[tuple[list[int], FloatArray]]:
    """Groups of points that move together, and the 2 x 2 covariance of that movement."""
    if landmarks.view == "lateral":
        marked = _heads(index)
        default = [index[name] for name in marked if name not in given]
        terms = [(default, _upright_block(pick(HIP_AXIS)) * unit**2)]
        if len(marked) == 1:
            terms.append(([index[marked[0]]], _UNIT * (SINGLE_HEAD_MM * unit) ** 2))
        return terms
    terms = []
    for level in (SACRUM, OTHER_SACRUM):
        plate = plate_names(level, "superior", "frontal")
        if not all(name in index for name in plate):
            continue
        default = [index[name] for name in plate if name not in given]
        of_midpoint = sum(blocks[index[name]][0, 0] for name in plate) / 4
        missing = max((pick(CSVL)[1] * unit) ** 2 - of_midpoint, 0.0)
        terms.append((default, np.diag([missing, 0.0])))
    return terms


def _heads(index: dict[str, int]) -> list[str]:
    return [name for name in ("femoral_head_1", "femoral_head_2") if name in index]


def plane_units_per_mm(landmarks: Landmarks) -> tuple[float, tuple[str, ...]]:
    """1 where the film has a scale, else judged by the lengths of endplates; and what was taken."""
    if landmarks.scale.has_millimetres:
        return 1.0, ()
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    plane = dict(zip(landmarks.points, landmarks.frame.to_plane(pixels), strict=True))
    sacral = plate_names(SACRUM, "superior", landmarks.view)
    if all(name in plane for name in sacral):
        length = float(distance(plane[sacral[0]], plane[sacral[1]]))
        return length / ASSUMED_SACRAL_PLATE_MM, (
            "no scale: the S1 endplate is taken as 34 mm, for the noise of the points only",
        )
    lengths = [
        float(distance(plane[first], plane[second]))
        for level in (*THORACIC[9:], *LUMBAR)
        for first, second in [plate_names(level, "superior", landmarks.view)]
        if first in plane and second in plane
    ]
    if lengths:
        assumed = ASSUMED_BODY_PLATE_MM[landmarks.view]
        return float(np.mean(lengths)) / assumed, (
            "no scale and no S1 endplate: the endplates of T10 to L5 are taken as "
            f"{assumed:.0f} mm on average, for the noise of the points only",
        )
    return 1.0, (
        "no scale and no endplate to judge size by: a pixel is taken as 1 mm, for the noise only",
    )


def _block_diagonal(blocks: FloatArray) -> FloatArray:
    n = len(blocks)
    full = np.zeros((n, 2, n, 2))
    full[np.arange(n), :, np.arange(n), :] = blocks
    return full.reshape(2 * n, 2 * n)
