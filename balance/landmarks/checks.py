"""Doubts about a landmark document: swapped labels refuse it, implausible geometry warns.

Side and labels are checked by handedness, never by image x alone: an endplate of a badly deformed
spine may stand vertically and its anterior corner may lie behind its posterior one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from balance.anatomy import (
    ENDPLATES,
    ENDS,
    LEVELS,
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    THORACIC,
    VERTEBRAE,
    Endplate,
    body_names,
    level_of,
    plate_names,
)
from balance.errors import BadLandmarks
from balance.geometry import cross, distance
from balance.landmarks.model import Landmark, Landmarks
from balance.radiograph import FloatArray, ImageSide, Scale, View

Points = Mapping[str, Landmark]

FACING_ERROR_SHARE = 0.75
HEADS_APART_MM = 10.0
HEAD_RADIUS_MM = (19.0, 29.0)
SACRAL_PLATE_MM = (25.0, 42.0)
MOST_TILTED_FILM_DEG = 10.0
SHORTEST_PLUMB_LINE_PX = 200.0
OBLONG = 1.5
"""Pixels of real detectors are nearer to squares than this."""
ADULT_YEARS = 18.0
MOST_NAMES = 6
NOT_IN_EVERYBODY = ("T12", "T13", "L5", "L6")


@dataclass(frozen=True, slots=True)
class Handedness:
    """One check: which points took part and whether they say that plane x grows to the right."""

    names: tuple[str, ...]
    to_the_right: bool
    of_a_body: bool = False


def check_labels(
    view: View,
    points: Points,
    given: ImageSide | None,
    scale: Scale,
    vertical: tuple[tuple[float, float], tuple[float, float]] | None,
) -> tuple[ImageSide, tuple[str, ...]]:
    """The image side towards which plane x grows, and doubts about it.

    Parameters
    ----------
    given
        ``facing`` or ``patient_right`` as the document says, or None.

    Raises
    ------
    BadLandmarks
        A zero-length endplate, a swapped label, a wrong side, or a side that nothing decides.
    """
    _refuse_empty_plates(view, points)
    _refuse_crossed_bodies(view, points, scale)
    _refuse_half_turns(view, points, scale)
    checks = tuple(_handedness(view, points, vertical))
    field = "facing" if view == "lateral" else "patient_right"
    if not checks:
        if given is None:
            raise BadLandmarks(
                f"field {field} is missing and the points cannot decide it; "
                f'say "{field}": "left" or "right"'
            )
        return given, (f"{field} {given} is taken as given: no point can check it",)
    rightward = sum(check.to_the_right for check in checks)
    side: ImageSide = given or ("right" if 2 * rightward > len(checks) else "left")
    wrong = [check for check in checks if check.to_the_right != (side == "right")]
    names = _name_some(wrong)
    first, second = ENDS[view]
    if given is not None and len(wrong) > FACING_ERROR_SHARE * len(checks):
        other = "left" if side == "right" else "right"
        raise BadLandmarks(
            f"{field} says {side}, but the points say {other} ({names}); correct {field}, or "
            f"exchange {first} and {second} in the labels"
        )
    if given is None and len(wrong) >= (1 - FACING_ERROR_SHARE) * len(checks):
        raise BadLandmarks(
            f"field {field} is missing and the labels contradict each other ({names}); "
            f'correct them and say "{field}": "left" or "right"'
        )
    if wrong:
        raise BadLandmarks(
            f"swapped labels: {names} lie on the wrong side; exchange {first} and {second}, or "
            "superior and inferior"
        )
    checked = {name for check in checks for name in check.names}
    lone = [name for _, _, plate in _plates(view, points) for name in plate if name not in checked]
    if lone:
        return side, (f"not checked for exchanged labels, no neighbour: {_list_some(lone)}",)
    return side, ()


def find_doubts(landmarks: Landmarks) -> tuple[str, ...]:
    """What a careful reader would ask about these points, one line each."""
    return (
        *_count_doubts(landmarks),
        *_aspect_doubts(landmarks.scale),
        *_vertical_doubts(landmarks),
        *_outside_image(landmarks),
        *_odd_order(landmarks),
        *(_hip_and_sacrum_doubts(landmarks) if landmarks.view == "lateral" else ()),
    )


def _xy(points: Points, name: str) -> FloatArray:
    return np.array([points[name].x, points[name].y])


def _mean(points: Points, names: tuple[str, ...]) -> FloatArray:
    x = sum(points[name].x for name in names)
    return np.array([x, sum(points[name].y for name in names)]) / len(names)


def _has(points: Points, names: tuple[str, ...]) -> bool:
    return all(name in points for name in names)


def _plates(view: View, points: Points) -> Iterator[tuple[str, Endplate, tuple[str, str]]]:
    for level in (*VERTEBRAE, SACRUM, OTHER_SACRUM):
        for endplate in ENDPLATES:
            names = plate_names(level, endplate, view)
            if _has(points, names):
                yield level, endplate, names


def _refuse_empty_plates(view: View, points: Points) -> None:
    for _, _, (first, second) in _plates(view, points):
        if distance(_xy(points, first), _xy(points, second)) == 0:
            raise BadLandmarks(
                f"{first} and {second} are the same point: an endplate of zero length; "
                "place them again"
            )


def _refuse_crossed_bodies(view: View, points: Points, scale: Scale) -> None:
    """A body whose endplates cross each other has a superior and an inferior corner exchanged."""
    to_mm = np.array([scale.column_mm, scale.row_mm])
    for level in VERTEBRAE:
        names = body_names(level, view)
        if not _has(points, names):
            continue
        a, b, c, d = (_xy(points, name) * to_mm for name in names)
        crossed = cross(b - a, c - a) * cross(b - a, d - a) < 0
        if crossed and cross(d - c, a - c) * cross(d - c, b - c) < 0:
            raise BadLandmarks(
                f"swapped labels: the endplates {names[0]} to {names[1]} and {names[2]} to "
                f"{names[3]} cross each other; exchange superior and inferior on one side"
            )


def _refuse_half_turns(view: View, points: Points, scale: Scale) -> None:
    """A body whose corners are all exchanged crosswise keeps its handedness and stands on its head.

    Its own way up is then against the way up of the levels right beside it.
    """
    to_mm = np.array([scale.column_mm, scale.row_mm])
    anchors = {level: place * to_mm for level, place in _anchors(view, points).items()}
    for level in VERTEBRAE:
        body = body_names(level, view)
        if not _has(points, body):
            continue
        upwards = list(_upwards_beside(level, anchors))
        up = (_mean(points, body[:2]) - _mean(points, body[2:])) * to_mm
        if upwards and all(float(up @ direction) < 0 for direction in upwards):
            raise BadLandmarks(
                f"swapped labels: {level} stands on its head ({', '.join(body)}); exchange its "
                "corners crosswise, or correct the order of the levels"
            )


def _handedness(
    view: View,
    points: Points,
    vertical: tuple[tuple[float, float], tuple[float, float]] | None,
) -> Iterator[Handedness]:
    anchors = _anchors(view, points)
    for level, endplate, names in _plates(view, points):
        along = _xy(points, names[1]) - _xy(points, names[0])
        body = body_names(level, view)
        if level in VERTEBRAE and _has(points, body):
            up = _mean(points, body[:2]) - _mean(points, body[2:])
            if endplate == "superior":
                across = _xy(points, body[1]) + _xy(points, body[3])
                across -= _xy(points, body[0]) + _xy(points, body[2])
                yield from _judge(body, across, up, of_a_body=True)
        else:
            neighbours = _line_of_neighbours(level, anchors, _mean(points, names))
            if neighbours is None:
                continue
            up = neighbours
        yield from _judge(names, along, up)
    if view == "frontal":
        yield from _pairs(points, vertical)


def _judge(
    names: tuple[str, ...], along: FloatArray, up: FloatArray, of_a_body: bool = False
) -> Iterator[Handedness]:
    # Image y grows downwards: with plane x to the right and up upwards the product is negative.
    product = float(cross(along, up))
    if product != 0:
        yield Handedness(names, product < 0, of_a_body)


def _pairs(
    points: Points, vertical: tuple[tuple[float, float], tuple[float, float]] | None
) -> Iterator[Handedness]:
    up = np.array([0.0, -1.0])
    if vertical is not None:
        upper, lower = sorted(vertical, key=lambda point: point[1])
        up = np.subtract(upper, lower)
    for part in ("femoral_head", "iliac_crest", "clavicle", "rib"):
        names = (f"{part}_left", f"{part}_right")
        if _has(points, names):
            yield from _judge(names, _xy(points, names[1]) - _xy(points, names[0]), up)


def _anchors(view: View, points: Points) -> dict[str, FloatArray]:
    """Where each level lies: its centroid, else the middle of an endplate."""
    anchors = {}
    for level in LEVELS:
        body, click = body_names(level, view), f"{level}_centroid"
        if _has(points, body):
            anchors[level] = _mean(points, body)
        elif click in points:
            anchors[level] = _xy(points, click)
        else:
            for plate in (body[:2], body[2:]):
                if _has(points, plate):
                    anchors[level] = _mean(points, plate)
                    break
    return anchors


def _line_of_neighbours(
    level: str, anchors: Mapping[str, FloatArray], own: FloatArray
) -> FloatArray | None:
    """Direction from the neighbour below to the neighbour above; the plate stands in for one."""
    place = LEVELS.index(SACRUM if level == OTHER_SACRUM else level)
    above_it = [anchors[name] for name in reversed(LEVELS[:place]) if name in anchors]
    if level == OTHER_SACRUM:
        # The candidate may be the endplate of the lowest lumbar vertebra itself.
        above_it = above_it[1:] or above_it
    above = above_it[0] if above_it else None
    below = next((anchors[name] for name in LEVELS[place + 1 :] if name in anchors), None)
    if above is None and below is None:
        return None
    return (own if above is None else above) - (own if below is None else below)


def _upwards_beside(level: str, anchors: Mapping[str, FloatArray]) -> Iterator[FloatArray]:
    """Directions towards the head by the levels next to this one, where they are marked."""
    # Levels that not everybody has are no gap where they are not marked.
    order = [name for name in LEVELS if name in anchors or name not in NOT_IN_EVERYBODY]
    place = order.index(level)
    for low, high in ((place + 1, place - 1), (place + 2, place + 1), (place - 1, place - 2)):
        if high >= 0 and low < len(order) and {order[low], order[high]} <= anchors.keys():
            yield anchors[order[high]] - anchors[order[low]]


def _name_some(wrong: list[Handedness]) -> str:
    plates = [name for check in wrong if not check.of_a_body for name in check.names]
    bodies = [name for check in wrong if check.of_a_body for name in check.names]
    return _list_some(list(dict.fromkeys(plates or bodies)))


def _list_some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _count_doubts(landmarks: Landmarks) -> Iterator[str]:
    levels = {level_of(name) for name in landmarks.points}
    for region, declared, usual, word in (
        (THORACIC, landmarks.vertebrae.thoracic, 12, "thoracic"),
        (LUMBAR, landmarks.vertebrae.lumbar, 5, "lumbar"),
    ):
        if declared is not None and declared > usual and region[declared - 1] not in levels:
            yield (
                f"{declared} {word} vertebrae are declared and {region[declared - 1]} is not "
                "marked: mark it, or count again"
            )
        extra = [level for level in region[declared or len(region) :] if level in levels]
        if extra:
            yield (
                f"{extra[-1]} has points although {declared} {word} vertebrae are declared: "
                "count the levels again"
            )


def _aspect_doubts(scale: Scale) -> Iterator[str]:
    aspect = scale.row_mm / scale.column_mm
    if not 1 / OBLONG <= aspect <= OBLONG:
        yield f"the pixels are {aspect:.2f} times as high as wide: check the spacing's order"


def _vertical_doubts(landmarks: Landmarks) -> Iterator[str]:
    if landmarks.vertical is None:
        return
    scale = landmarks.scale
    first, second = (np.array(point) for point in landmarks.vertical)
    across, along = np.abs(second - first) * (scale.column_mm, scale.row_mm)
    tilt = np.degrees(np.arctan2(across, along))
    if tilt > MOST_TILTED_FILM_DEG:
        yield f"the plumb line is tilted by {tilt:.0f} deg against the image columns: check it"
    if np.hypot(*(second - first)) < SHORTEST_PLUMB_LINE_PX:
        yield "the plumb line is short, so its clicks tilt every angle to it: mark a longer one"


def _outside_image(landmarks: Landmarks) -> Iterator[str]:
    last_row = (landmarks.image.rows or np.inf) - 0.5
    last_column = (landmarks.image.columns or np.inf) - 0.5
    outside = [
        name
        for name, point in landmarks.points.items()
        if not (-0.5 <= point.x <= last_column and -0.5 <= point.y <= last_row)
    ]
    if outside:
        yield f"outside the image: {_list_some(outside)}"


def _odd_order(landmarks: Landmarks) -> Iterator[str]:
    anchors = _anchors(landmarks.view, landmarks.points)
    to_mm = np.array([landmarks.scale.column_mm, landmarks.scale.row_mm])
    path = [(level, anchors[level] * to_mm) for level in LEVELS if level in anchors]
    for (_, before), (level, here), (_, after) in zip(path, path[1:], path[2:], strict=False):
        if np.dot(here - before, after - here) < 0:
            yield f"{level} does not lie between its neighbours: check the order of the levels"


def _hip_and_sacrum_doubts(landmarks: Landmarks) -> Iterator[str]:
    points, scale = landmarks.points, landmarks.scale
    heads = [name for name in ("femoral_head_1", "femoral_head_2") if name in points]
    sacral = plate_names(SACRUM, "superior", "lateral")
    matrix = landmarks.frame.matrix
    plane = {name: matrix @ _xy(points, name) for name in (*heads, *sacral) if name in points}
    if len(heads) == 1:
        yield f"only {heads[0]} is marked: it stands for both hips, with 5 mm more noise"
    if heads and _has(points, sacral):
        hip_x = np.mean([plane[name][0] for name in heads])
        if hip_x < np.mean([plane[name][0] for name in sacral]):
            yield "the hips lie behind the sacrum: is the facing right?"
    age = landmarks.subject.age_years
    if not scale.has_millimetres or (age is not None and age < ADULT_YEARS):
        return  # the sizes below are those of adults
    if len(heads) == 2:
        apart = np.abs(plane[heads[0]] - plane[heads[1]])
        if apart.max() > HEADS_APART_MM:
            yield (
                f"the femoral heads lie {apart.max():.0f} mm apart: the pelvis is rotated or "
                "tilted, and PI is less certain than its interval says"
            )
    for name in heads:
        radius = points[name].radius
        if radius is not None and not (
            HEAD_RADIUS_MM[0] <= radius * scale.column_mm <= HEAD_RADIUS_MM[1]
        ):
            yield (
                f"{name} has a radius of {radius * scale.column_mm:.0f} mm, outside 19 to 29 mm: "
                "check the scale"
            )
    if _has(points, sacral):
        length = float(distance(plane[sacral[0]], plane[sacral[1]]))
        if not SACRAL_PLATE_MM[0] <= length <= SACRAL_PLATE_MM[1]:
            yield (
                f"the S1 endplate measures {length:.0f} mm, outside 25 to 42 mm: check its "
                "corners and the scale"
            )
