"""Between a frontal document and a fitted spine: what a reader marked, and what is written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from balance.landmarks.frontal_fit import Fit, given_points
from balance.landmarks.model import JointCovariance, Landmark, Landmarks
from balance.radiograph import FloatArray, Frame, Scale

NEGLIGIBLE = 1e-9
"""Directions with less than this share of the largest variance are left out of the factors."""


def marked_only(landmarks: Landmarks) -> Landmarks:
    """The document without what programs proposed for the spine."""
    given = given_points(landmarks)
    points = {
        name: point
        for name, point in landmarks.points.items()
        if name in given or (not point.is_proposal and point.source != "snapped")
    }
    joint = landmarks.covariance
    if joint is not None and not set(joint.points) <= points.keys():
        joint = _kept_rows(joint, points)
    return replace(landmarks, points=points, covariance=joint, proposal=None)


def drafted(marked: Landmarks, fit: Fit, unit: float) -> Landmarks:
    """Every corner of the chain as a predicted point with the joint covariance of all.

    The scale is the one that the search shall take for millimetres: a film without any is searched
    with the patient taken for one of average size.
    """
    names = [name for name in fit.chain.names if name not in marked.points]
    scale = marked.scale
    if not scale.has_millimetres:
        scale = Scale(scale.row_mm / unit, scale.column_mm / unit, "unknown")
    return replace(with_corners(marked, fit, names, frozenset()), scale=scale)


def with_corners(
    marked: Landmarks, fit: Fit, names: Sequence[str], snapped: frozenset[str]
) -> Landmarks:
    """The document with these corners of the fit; other joint covariance in it is kept."""
    if not names:
        return marked
    index = {name: place for place, name in enumerate(fit.chain.names)}
    rows = np.array([index[name] for name in names], int)
    pixels = marked.frame.to_pixels(fit.corners[rows])
    points = {
        name: Landmark(
            float(x), float(y), source="snapped" if name in snapped else "predicted",
            confirmed=False,
        )
        for name, (x, y) in zip(names, pixels, strict=True)
    }  # fmt: skip
    axes = (2 * rows[:, None] + np.arange(2)).ravel()
    covariance = fit.covariance[np.ix_(axes, axes)]
    joint = _joint(tuple(names), covariance, marked.frame)
    if marked.covariance is not None:
        joint = _side_by_side(marked.covariance, joint)
    return replace(marked, points={**marked.points, **points}, covariance=joint)


def _kept_rows(joint: JointCovariance, points: Mapping[str, Landmark]) -> JointCovariance | None:
    kept = [place for place, name in enumerate(joint.points) if name in points]
    if not kept:
        return None
    columns = [column for place in kept for column in (2 * place, 2 * place + 1)]
    factors = tuple(tuple(row[column] for column in columns) for row in joint.factors)
    return JointCovariance(tuple(joint.points[place] for place in kept), factors)


def _joint(names: tuple[str, ...], covariance: FloatArray, frame: Frame) -> JointCovariance:
    """The factors of a covariance in plane units, in pixels."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > NEGLIGIBLE * values.max()
    factors = (vectors[:, kept] * np.sqrt(values[kept])).T.reshape(-1, len(names), 2)
    in_pixels = frame.to_pixels(factors).reshape(len(factors), -1)
    return JointCovariance(names, tuple(tuple(float(v) for v in row) for row in in_pixels))


def _side_by_side(first: JointCovariance, second: JointCovariance) -> JointCovariance:
    before, after = (0.0,) * 2 * len(first.points), (0.0,) * 2 * len(second.points)
    return JointCovariance(
        (*first.points, *second.points),
        (*(row + after for row in first.factors), *(before + row for row in second.factors)),
    )
