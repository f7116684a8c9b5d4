"""The second sacral reading: the same landmarks with another endplate taken as S1.

Which endplate of a transitional segment is the sacral one is disputed, and PI moves by 20 degrees
between them. So both are measured, by the same code: here the labels change, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from balance.anatomy import (
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    body_names,
    level_of,
    plate_names,
)
from balance.landmarks.model import JointCovariance, Landmarks


@dataclass(frozen=True, slots=True)
class OtherReading:
    """The endplate that is taken as S1 in the second reading, and the relabelled landmarks."""

    endplate: str
    landmarks: Landmarks


def other_sacral_reading(landmarks: Landmarks) -> OtherReading | None:
    """The second reading, or None where the anatomy is not transitional.

    A reader's own candidate (``S1_alternative``) comes before a sixth lumbar vertebra.
    """
    if _plate_is_there(landmarks, OTHER_SACRUM):
        renamed = _from_candidate(landmarks)
        return OtherReading(f"{OTHER_SACRUM}_superior", renamed)
    if landmarks.last_lumbar == "L6" and _plate_is_there(landmarks, "L6"):
        return OtherReading("L6_superior", _absorb(landmarks, "L6"))
    return None


def _plate_is_there(landmarks: Landmarks, level: str) -> bool:
    return all(name in landmarks.points for name in plate_names(level, "superior", landmarks.view))


def _absorb(landmarks: Landmarks, level: str) -> Landmarks:
    """The lowest lumbar vertebra becomes part of the sacrum: its superior endplate is S1's."""
    renames = dict(_pairs(landmarks, level, SACRUM))
    kept = {
        name: renames.get(name, name)
        for name in landmarks.points
        if name in renames or (level_of(name) not in (level, SACRUM))
    }
    return _relabel(landmarks, kept, LUMBAR.index(level))


def _from_candidate(landmarks: Landmarks) -> Landmarks:
    renames = dict(_pairs(landmarks, OTHER_SACRUM, SACRUM))
    own = plate_names(SACRUM, "superior", landmarks.view)
    count = LUMBAR.index(landmarks.last_lumbar) + 1
    dropped: set[str] = set(own)
    if all(name in landmarks.points for name in own):
        if _height(landmarks, OTHER_SACRUM) < _height(landmarks, SACRUM):
            # The candidate lies below: what was S1 is one more lumbar vertebra.
            if count < len(LUMBAR):
                renames |= dict(_pairs(landmarks, SACRUM, LUMBAR[count]))
                dropped, count = set(), count + 1
        else:
            lowest = landmarks.last_lumbar
            reaches = _reaches_into(landmarks, lowest)
            if reaches:
                dropped |= {*body_names(lowest, landmarks.view), f"{lowest}_centroid"}
                count -= 1
            elif reaches is None:
                # Nobody can tell which segments lie above the candidate: none is measured.
                dropped |= {*plate_names(LUMBAR[count - 2], "superior", landmarks.view)}
    kept = {name: renames.get(name, name) for name in landmarks.points if name not in dropped}
    return _relabel(landmarks, kept, count)


def _pairs(landmarks: Landmarks, old: str, new: str) -> list[tuple[str, str]]:
    view = landmarks.view
    return list(
        zip(plate_names(old, "superior", view), plate_names(new, "superior", view), strict=True)
    )


def _height(landmarks: Landmarks, level: str) -> float:
    ends = [landmarks.points[name] for name in plate_names(level, "superior", landmarks.view)]
    return float(landmarks.frame.to_plane(np.array([(end.x, end.y) for end in ends]))[:, 1].mean())


def _reaches_into(landmarks: Landmarks, level: str) -> bool | None:
    """Whether the candidate is that vertebra's own superior endplate: it lies above its middle.

    None where the vertebra is not marked.
    """
    body = [name for name in body_names(level, landmarks.view) if name in landmarks.points]
    names = body if len(body) == 4 else [f"{level}_centroid"]
    if not all(name in landmarks.points for name in names):
        return None
    points = [landmarks.points[name] for name in names]
    middle = landmarks.frame.to_plane(np.array([(p.x, p.y) for p in points]))[:, 1].mean()
    return _height(landmarks, OTHER_SACRUM) > float(middle)


def _relabel(landmarks: Landmarks, kept: dict[str, str], lumbar: int) -> Landmarks:
    joint = landmarks.covariance
    if joint is not None:
        places = [n for n, name in enumerate(joint.points) if name in kept]
        columns = [column for n in places for column in (2 * n, 2 * n + 1)]
        joint = JointCovariance(
            tuple(kept[joint.points[n]] for n in places),
            tuple(tuple(row[column] for column in columns) for row in joint.factors),
        )
    return replace(
        landmarks,
        points={new: landmarks.points[old] for old, new in kept.items()},
        vertebrae=replace(landmarks.vertebrae, lumbar=lumbar),
        covariance=joint,
    )
