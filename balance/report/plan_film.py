"""The film cut along a plan: every segment turned as its points are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.anatomy import plate_names
from balance.landmarks.model import Landmarks
from balance.planning.plan import Plan, cut_of
from balance.planning.turning import HEADS, Turn, lift_angle, turned, turns_of
from balance.radiograph import FloatArray
from balance.report.placement import Box

Picture = NDArray[np.uint8]
ComplexArray = NDArray[np.complex128]
NOWHERE = 1e7
"""A place that no film reaches."""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """A picture of the planned spine, and the part of the film's pixel plane that it fills."""

    picture: Picture
    part: Box


def planned_film(picture: Picture, landmarks: Landmarks, plan: Plan, part: Box) -> PlannedFilm:
    """The film after the plan, the pelvis unchanged.

    Along each cut the film is divided by the line of the lower endplate through the hinge; what
    lies above is turned. Where parts overlap (a wedge that closes) the lower one is shown, where
    they gape (a disc that opens) nothing is.

    Parameters
    ----------
    picture
        The film as it is to be seen, perhaps made smaller.
    part
        What is to be shown, in pixels of the film; it may reach beyond it.
    """
    rows, columns = landmarks.image.rows, landmarks.image.columns
    fy = picture.shape[0] / (rows or picture.shape[0])
    fx = picture.shape[1] / (columns or picture.shape[1])
    wide, high = round((part.right - part.left) * fx), round((part.top - part.bottom) * fy)
    y, x = np.mgrid[0:high, 0:wide]
    pixels = np.stack([(x + 0.5) / fx + part.left, (y + 0.5) / fy + part.bottom], axis=-1)
    source = _sources(landmarks.frame.to_plane(pixels), landmarks, plan)
    back = landmarks.frame.to_pixels(np.nan_to_num(source, nan=NOWHERE))
    map_x = ((back[..., 0] + 0.5) * fx - 0.5).astype(np.float32)
    map_y = ((back[..., 1] + 0.5) * fy - 0.5).astype(np.float32)
    drawn = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderValue=0.0)
    return PlannedFilm(np.asarray(drawn, np.uint8), part)


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
    z = _lowered(target[..., 0] + 1j * target[..., 1], names, plane, turns, landmarks, plan)
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


def _lowered(
    z: ComplexArray,
    names: Sequence[str],
    plane: FloatArray,
    turns: Sequence[Turn],
    landmarks: Landmarks,
    plan: Plan,
) -> ComplexArray:
    """Places before a leg was lengthened."""
    if not plan.leg_lift_right_mm:
        return z
    degrees = [turn.correction.degrees for turn in turns]
    corrected = turned(plane, turns, degrees, landmarks.view)
    middle = complex(*np.mean([corrected[names.index(name)] for name in HEADS], axis=0))
    tilt = np.exp(1j * lift_angle(corrected, names, plan.leg_lift_right_mm))
    raised: ComplexArray = z - 0.5j * abs(plan.leg_lift_right_mm) - middle
    lowered: ComplexArray = middle + raised / tilt
    return lowered
