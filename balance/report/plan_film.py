"""The film cut along a plan: every segment turned as its points are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.anatomy import plate_names
from balance.landmarks.model import Landmarks
from balance.planning.plan import Plan, cut_of
from balance.planning.turning import apply_plan, turns_of
from balance.radiograph import FloatArray

Picture = NDArray[np.uint8]
MARGIN = 0.06
"""Of the film's longer side, around planned points that leave the film."""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """A picture of the planned spine and the planned landmarks in its pixels."""

    picture: Picture
    landmarks: Landmarks


def planned_film(picture: Picture, landmarks: Landmarks, plan: Plan) -> PlannedFilm:
    """The film after the plan, the pelvis unchanged.

    Along each cut the film is divided by the line of the lower endplate through the hinge; what
    lies above is turned. Where parts overlap (a wedge that closes) the lower one is shown, where
    they gape (a disc that opens) nothing is.

    Parameters
    ----------
    picture
        The film as it is to be seen, perhaps made smaller.
    """
    planned = apply_plan(landmarks, plan)
    rows, columns = landmarks.image.rows, landmarks.image.columns
    fy = picture.shape[0] / (rows or picture.shape[0])
    fx = picture.shape[1] / (columns or picture.shape[1])
    size = (round(picture.shape[0] / fy), round(picture.shape[1] / fx))
    left, top, right, bottom = _room(planned, size)
    y, x = np.mgrid[0 : round((bottom - top) * fy), 0 : round((right - left) * fx)]
    pixels = np.stack([(x + 0.5) / fx - 0.5 + left, (y + 0.5) / fy - 0.5 + top], axis=-1)
    target = landmarks.frame.to_plane(pixels)
    source = _sources(target, landmarks, plan)
    back = landmarks.frame.to_pixels(source)
    map_x = ((back[..., 0] + 0.5) * fx - 0.5).astype(np.float32)
    map_y = ((back[..., 1] + 0.5) * fy - 0.5).astype(np.float32)
    drawn = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderValue=0.0)
    shifted = {
        name: replace(point, x=point.x - left, y=point.y - top)
        for name, point in planned.points.items()
    }
    vertical = None
    if planned.vertical is not None:
        (x1, y1), (x2, y2) = planned.vertical
        vertical = (x1 - left, y1 - top), (x2 - left, y2 - top)
    image = replace(
        planned.image,
        rows=round(bottom - top),
        columns=round(right - left),
        seam_rows=tuple(row - top for row in planned.image.seam_rows),
    )
    moved = replace(planned, points=shifted, image=image, vertical=vertical)
    return PlannedFilm(np.asarray(drawn, np.uint8), moved)


def _room(planned: Landmarks, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels: the film, and planned points that leave it."""
    margin = MARGIN * max(size)
    xs = [point.x for point in planned.points.values()]
    ys = [point.y for point in planned.points.values()]
    return (
        int(min(0.0, min(xs) - margin)),
        int(min(0.0, min(ys) - margin)),
        int(max(float(size[1]), max(xs) + margin)),
        int(max(float(size[0]), max(ys) + margin)),
    )


def _sources(target: FloatArray, landmarks: Landmarks, plan: Plan) -> FloatArray:
    """Where in the unplanned plane each place (..., 2) of the planned one comes from.

    NaN where nothing lies. Places are complex numbers here, turns are rotations about hinges.
    """
    names = tuple(landmarks.points)
    turns = turns_of(plan, names, landmarks.existing_levels, landmarks.view)
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float)
    plane = landmarks.frame.to_plane(pixels)
    where = dict(zip(names, plane[:, 0] + 1j * plane[:, 1], strict=True))
    sign = 1.0 if landmarks.view == "lateral" else -1.0
    z = target[..., 0] + 1j * target[..., 1]
    found = np.full(z.shape, complex(np.nan, np.nan))
    hinges = [complex(*turn.hinge(plane)) for turn in turns]
    angles = [np.exp(1j * np.radians(sign * turn.correction.degrees)) for turn in turns]
    ups = []
    for turn in turns:
        cut = cut_of(turn.correction)
        first, second = (where[n] for n in plate_names(cut.caudal, cut.endplate, landmarks.view))
        ups.append(1j * (second - first) / abs(second - first))
    back = z
    # From the sacrum up: segment k lies above the cuts from k on and below the one before.
    for k in range(len(turns), -1, -1):
        if k < len(turns):
            back = hinges[k] + (back - hinges[k]) / angles[k]
        here = np.isnan(found)
        for j in range(len(turns)):
            above = ((back - hinges[j]) * np.conj(ups[j])).real > 0
            here &= above if j >= k else ~above
        found[here] = back[here]
    return np.stack([found.real, found.imag], axis=-1)
