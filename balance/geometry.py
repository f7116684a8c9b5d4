"""Plane geometry over arrays of points (..., 2), y up; no anatomy, no units but degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def wrap_degrees(angle: FloatArray) -> FloatArray:
    """Bring angles in degrees to (-180, 180].

    Examples
    --------
    >>> wrap_degrees(np.array([190.0, -180.0, 540.0])).tolist()
    [-170.0, 180.0, 180.0]
    """
    return 180.0 - np.mod(180.0 - angle, 360.0)


def slope(start: FloatArray, end: FloatArray) -> FloatArray:
    """Angle of the line start to end below the horizontal, degrees; + when the end is lower.

    Examples
    --------
    >>> float(slope(np.array([0.0, 0.0]), np.array([1.0, -1.0])))
    45.0
    """
    return np.degrees(np.arctan2(start[..., 1] - end[..., 1], end[..., 0] - start[..., 0]))


def lean(foot: FloatArray, top: FloatArray) -> FloatArray:
    """Angle of the line foot to top against the upward vertical, degrees; + towards plane +x.

    Examples
    --------
    >>> float(lean(np.array([0.0, 0.0]), np.array([-1.0, 1.0])))
    -45.0
    """
    return np.degrees(np.arctan2(top[..., 0] - foot[..., 0], top[..., 1] - foot[..., 1]))


def turn(first: FloatArray, second: FloatArray) -> FloatArray:
    """Signed angle from the first direction to the second, degrees, + anticlockwise."""
    dot = first[..., 0] * second[..., 0] + first[..., 1] * second[..., 1]
    return np.degrees(np.arctan2(cross(first, second), dot))


def cross(first: FloatArray, second: FloatArray) -> FloatArray:
    """The z component of the cross product of directions (..., 2)."""
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]


def midpoint(first: FloatArray, second: FloatArray) -> FloatArray:
    """The point halfway between two points."""
    return (first + second) / 2.0


def distance(first: FloatArray, second: FloatArray) -> FloatArray:
    """Length of the line between two points."""
    return np.hypot(second[..., 0] - first[..., 0], second[..., 1] - first[..., 1])
