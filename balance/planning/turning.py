"""The geometry of a plan: what lies above a hinge turns about it as one rigid body.

Arrays of points (..., names, 2) in the plane, so that one film, its draws and many plans are the
same call. Corrections act from the head down: a hinge belongs to the vertebra below the cut, which
no correction above it moves, so every hinge is the one that the film shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import (
    LEVELS,
    OTHER_SACRUM,
    SACRUM,
    level_of,
    plate_names,
)
from balance.errors import BadPlan
from balance.landmarks.model import JointCovariance, Landmark, Landmarks
from balance.planning.plan import (
    Correction,
    Plan,
    check_plan,
    cut_of,
    hinge_of,
    levels_above,
)
from balance.radiograph import FloatArray, View

ABOVE_THE_SPINE = ("C2_dens", "cranial_centre", "chin", "brow")
SHOULDERS = ("clavicle_left", "clavicle_right")
"""They follow the first thoracic vertebra."""
HEADS = ("femoral_head_left", "femoral_head_right")
"""On a frontal film, in the order in which plane x grows."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One correction on the points of one film: which move, and about which weighted mean.

    ``weights`` (names,) gives the foot of the hinge on the endplate, ``rise`` (names,) the
    endplate as a vector times the rise: turned a quarter towards the head it is added to the foot.
    """

    correction: Correction
    moving: NDArray[np.bool_]
    weights: FloatArray
    rise: FloatArray

    def hinge(self, points: FloatArray) -> FloatArray:
        """The hinge (..., 2) among points (..., names, 2)."""
        foot = np.einsum("n,...nk->...k", self.weights, points)
        along = np.einsum("n,...nk->...k", self.rise, points)
        hinge: FloatArray = foot + np.stack([-along[..., 1], along[..., 0]], axis=-1)
        return hinge


def turns_of(
    plan: Plan, names: Sequence[str], levels: Sequence[str], view: View
) -> tuple[Turn, ...]:
    """The corrections of a plan as turns of these points, from the head down.

    Raises
    ------
    BadPlan
        A correction that cannot be done here, or whose hinge lies on an unmarked endplate.
    """
    check_plan(plan, levels, view)
    return tuple(_turn(one, names, view) for one in sorted(plan.corrections, key=_height))


def turned(
    points: FloatArray, turns: Sequence[Turn], degrees: Sequence[FloatArray | float], view: View
) -> FloatArray:
    """Points (..., names, 2) after these turns; degrees broadcast over the leading axes.

    On a lateral film positive degrees turn what lies above backwards (anticlockwise in a plane
    whose x grows to the front); on a frontal one they lower the patient's right side.
    """
    result = np.array(points, float)
    for turn, angle in zip(turns, degrees, strict=True):
        signed = np.radians(angle) * (1.0 if view == "lateral" else -1.0)
        result = _about(result, turn.hinge(result), signed, turn.moving)
    return result


def apply_plan(landmarks: Landmarks, plan: Plan) -> Landmarks:
    """The landmarks after the corrections, the pelvis and everything below a hinge unchanged.

    Points that move keep their uncertainty, turned with them; their source is ``planned`` unless
    they are proposals that nobody confirmed.

    Raises
    ------
    BadPlan
        One sentence: which correction, and what to do.

    Examples
    --------
    >>> film = Landmarks("lateral", {"L1_centroid": Landmark(5.0, 0.0),
    ...     "S1_superior_posterior": Landmark(0.0, 9.0),
    ...     "S1_superior_anterior": Landmark(10.0, 9.0)}, "right")
    >>> planned = apply_plan(film, Plan((Correction("L5_S1", "angle", 90.0),)))
    >>> round(planned.points["L1_centroid"].x, 9), round(planned.points["L1_centroid"].y, 9)
    (-4.0, 9.0)
    """
    names = tuple(landmarks.points)
    turns = turns_of(plan, names, landmarks.existing_levels, landmarks.view)
    before = landmarks.frame.to_plane(_pixels(landmarks))
    after = turned(before, turns, [turn.correction.degrees for turn in turns], landmarks.view)
    angles = np.zeros(len(names))
    sign = 1.0 if landmarks.view == "lateral" else -1.0
    for turn in turns:
        angles[turn.moving] += sign * np.radians(turn.correction.degrees)
    if plan.leg_lift_right_mm:
        refuse_lift_without(landmarks)
        angles += lift_angle(after, names, plan.leg_lift_right_mm) * _not_the_legs(names)
        after = lifted(after, names, plan.leg_lift_right_mm)
    return _moved(landmarks, names, after, angles)


def swung(
    points: FloatArray, names: Sequence[str], about: FloatArray, degrees: FloatArray | float
) -> FloatArray:
    """Points (..., names, 2) after spine and pelvis turn as one body; + is backwards.

    Femoral heads, femurs, knees and ankles stay.
    """
    moving = np.array([not is_leg(name) for name in names])
    return _about(points, about, np.radians(degrees), moving)


def swing_landmarks(landmarks: Landmarks, about: FloatArray, degrees: float) -> Landmarks:
    """The landmarks after spine and pelvis turn as one body about a point of the plane."""
    names = tuple(landmarks.points)
    before = landmarks.frame.to_plane(_pixels(landmarks))
    angles = [0.0 if is_leg(name) else np.radians(degrees) for name in names]
    return _moved(landmarks, names, swung(before, names, about, degrees), np.array(angles))


def lifted(points: FloatArray, names: Sequence[str], right_mm: float) -> FloatArray:
    """Points (..., names, 2) of a frontal film after a leg is lengthened.

    The line of the heads tilts, and pelvis and spine follow it as one body.
    """
    left, right = (names.index(name) for name in HEADS)
    middle = (points[..., left, :] + points[..., right, :]) / 2.0
    moving = _not_the_legs(names)
    turned_by = lift_angle(points, names, right_mm)
    moved = _about(points, middle, turned_by, moving)
    return np.where(moving[:, None], moved + np.array([0.0, abs(right_mm) / 2.0]), points)


def lift_angle(points: FloatArray, names: Sequence[str], right_mm: float) -> FloatArray:
    """Radians, anticlockwise, by which the line of the heads tilts."""
    left, right = (points[..., names.index(name), :] for name in HEADS)
    before = right - left
    angle: FloatArray = np.arctan2(before[..., 1] + right_mm, before[..., 0]) - np.arctan2(
        before[..., 1], before[..., 0]
    )
    return angle


def refuse_lift_without(landmarks: Landmarks) -> None:
    """Refuse a change of leg length on a film that cannot show it.

    Raises
    ------
    BadPlan
        A femoral head or the scale is missing.
    """
    if not all(name in landmarks.points for name in HEADS):
        raise BadPlan(f"a change of leg length needs both heads ({', '.join(HEADS)}); mark them")
    if not landmarks.scale.has_millimetres:
        raise BadPlan("a change of leg length needs a scale; calibrate the film")


def is_leg(name: str) -> bool:
    """Whether a point belongs to the legs, which a turn about the hip axis leaves where it is."""
    return name.startswith(("femoral_head", "femur_shaft", "knee", "ankle"))


def _pixels(landmarks: Landmarks) -> FloatArray:
    return np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)


def _height(correction: Correction) -> tuple[int, bool, str]:
    """Order from the head down, whatever the order in which a plan is written.

    The disc above a body comes before the body; procedures at one disc follow their names.
    """
    cut = cut_of(correction)
    return LEVELS.index(cut.caudal), cut.endplate == "inferior", correction.procedure


def _turn(correction: Correction, names: Sequence[str], view: View) -> Turn:
    cut, hinge = cut_of(correction), hinge_of(correction)
    above = set(levels_above(cut.caudal))
    moving = np.array([_moves(name, above, cut.moves_plate_of, view) for name in names])
    first, second = plate_names(hinge.level, hinge.endplate, view)
    if first not in names or second not in names:
        raise BadPlan(
            f"{correction.site}: its hinge lies on {hinge.level} {hinge.endplate}, which is not "
            f"marked ({first}, {second}); mark it or name another hinge"
        )
    if moving[names.index(first)] or moving[names.index(second)]:
        raise BadPlan(
            f"{correction.site}: the hinge on {hinge.level} {hinge.endplate} lies above the cut; "
            "name an endplate below it"
        )
    weights, rise = np.zeros(len(names)), np.zeros(len(names))
    weights[names.index(first)], weights[names.index(second)] = 1 - hinge.fraction, hinge.fraction
    rise[names.index(first)], rise[names.index(second)] = -hinge.rise, hinge.rise
    return Turn(correction, moving, weights, rise)


def _moves(name: str, above: set[str], opened: str | None, view: View) -> bool:
    if name in ABOVE_THE_SPINE:
        return True
    if name in SHOULDERS:
        return "T1" in above
    level = level_of(name)
    if level is None or level in (SACRUM, OTHER_SACRUM):
        return False
    return level in above or (opened is not None and name in plate_names(opened, "superior", view))


def _about(
    points: FloatArray, centre: FloatArray, angle: FloatArray | float, moving: NDArray[np.bool_]
) -> FloatArray:
    """Points turned anticlockwise about a centre where ``moving`` says so."""
    c, s = (np.asarray(part)[..., None] for part in (np.cos(angle), np.sin(angle)))
    hinge = np.asarray(centre)[..., None, :]
    arms = points[..., moving, :] - hinge
    x, y = arms[..., 0], arms[..., 1]
    around = hinge + np.stack([c * x - s * y, s * x + c * y], axis=-1)
    # Draws of the angle or of the hinge may have more axes than the points.
    after = np.broadcast_to(points, (*around.shape[:-2], *points.shape[-2:])).copy()
    after[..., moving, :] = around
    return after


def _not_the_legs(names: Sequence[str]) -> NDArray[np.bool_]:
    """Which points follow the line of the femoral heads: all but what lies below them."""
    return np.array([name.startswith("femoral_head") or not is_leg(name) for name in names])


def _moved(
    landmarks: Landmarks, names: Sequence[str], plane: FloatArray, angles: FloatArray
) -> Landmarks:
    """The landmarks at new places of the plane, their own uncertainty turned by these angles."""
    frame = landmarks.frame
    pixels = frame.to_pixels(plane)
    into, out = frame.matrix, np.linalg.inv(frame.matrix)
    rotations = {
        name: out @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ into
        for name, a in zip(names, angles, strict=True)
    }
    points: dict[str, Landmark] = {}
    for name, (x, y) in zip(names, pixels, strict=True):
        point = landmarks.points[name]
        if np.allclose((x, y), (point.x, point.y), rtol=0.0, atol=1e-9):
            points[name] = point
            continue
        own = point.own_covariance
        if own is not None and angles[names.index(name)]:
            own = rotations[name] @ own @ rotations[name].T
            point = replace(point, sd_px=None, cov_px=(own[0, 0], own[0, 1], own[1, 1]))
        source = point.source if point.is_proposal else "planned"
        points[name] = replace(point, x=float(x), y=float(y), source=source)
    joint = landmarks.covariance
    if joint is not None and joint.points:
        factors = np.array(joint.factors).reshape(-1, len(joint.points), 2)
        stack = np.stack([rotations[name] for name in joint.points])
        factors = np.einsum("nij,knj->kni", stack, factors).reshape(len(factors), -1)
        joint = JointCovariance(joint.points, tuple(map(tuple, factors.tolist())))
    return replace(landmarks, points=points, covariance=joint)
