"""The covariance that points share, when some of them are moved, taken away or joined."""

from __future__ import annotations

from collections.abc import Collection

from balance.landmarks.model import JointCovariance


def keep_columns(
    covariance: JointCovariance | None, names: Collection[str]
) -> JointCovariance | None:
    """The shared covariance of some of its points; None when none of them is left."""
    if covariance is None:
        return None
    places = [n for n, name in enumerate(covariance.points) if name in names]
    if len(places) == len(covariance.points):
        return covariance
    kept = tuple(covariance.points[n] for n in places)
    if not kept:
        return None
    columns = [column for n in places for column in (2 * n, 2 * n + 1)]
    return JointCovariance(
        kept, tuple(tuple(row[column] for column in columns) for row in covariance.factors)
    )


def join(one: JointCovariance | None, other: JointCovariance | None) -> JointCovariance | None:
    """Two independent shared covariances as one."""
    if one is None or other is None:
        return one or other
    ahead, behind = (0.0,) * (2 * len(one.points)), (0.0,) * (2 * len(other.points))
    rows = (*(row + behind for row in one.factors), *(ahead + row for row in other.factors))
    return JointCovariance((*one.points, *other.points), rows)
