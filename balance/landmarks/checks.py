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
from balance.geometry import distance
from balance.landmarks.model import Landmark, Landmarks
from balance.radiograph import ImageSide, Scale, View

Points = Mapping[str, Landmark]
Places = Mapping[str, complex]
"""Points of the image as x + iy, y downwards: for a hundred of them quicker than small arrays."""

_Plate = tuple[str, Endplate, tuple[str, str]]
_Body = tuple[str, tuple[str, str, str, str]]
_PLATES: Mapping[View, tuple[_Plate, ...]] = {
    view: tuple(
        (level, endplate, plate_names(level, endplate, view))
        for level in (*VERTEBRAE, SACRUM, OTHER_SACRUM)
        for endplate in ENDPLATES
    )
    for view in ENDS
}
_BODIES: Mapping[View, tuple[_Body, ...]] = {
    view: tuple((level, body_names(level, view)) for level in VERTEBRAE) for view in ENDS
}

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
    film = _Film.of(view, points)
    _refuse_empty_plates(film)
    _refuse_crossed_bodies(film, scale)
    _refuse_half_turns(film, scale)
    checks = tuple(_handedness(film, vertical))
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
    lone = [name for _, _, plate in film.plates for name in plate if name not in checked]
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


@dataclass(frozen=True, slots=True)
class _Film:
    """The points of a film, the endplates and bodies that they make up, and where levels lie.

    ``upwards`` goes from the middle of a body's inferior endplate to that of its superior one.
    """

    view: View
    places: Places
    plates: tuple[_Plate, ...]
    bodies: Mapping[str, tuple[str, str, str, str]]
    upwards: Places
    anchors: Places

    @staticmethod
    def of(view: View, points: Points) -> _Film:
        places = _places(points)
        plates = tuple(one for one in _PLATES[view] if _has(places, one[2]))
        bodies = {level: names for level, names in _BODIES[view] if _has(places, names)}
        upwards = {
            level: _mean(places, names[:2]) - _mean(places, names[2:])
            for level, names in bodies.items()
        }
        return _Film(view, places, plates, bodies, upwards, _anchors(view, places))


def _places(points: Points) -> Places:
    return {name: complex(point.x, point.y) for name, point in points.items()}


def _has(points: Mapping[str, object], names: tuple[str, ...]) -> bool:
    for name in names:  # noqa: SIM110  a generator would take three times as long
        if name not in points:
            return False
    return True


def _mean(places: Places, names: tuple[str, ...]) -> complex:
    total = 0j
    for name in names:
        total += places[name]
    return total / len(names)


def _cross(first: complex, second: complex) -> float:
    return first.real * second.imag - first.imag * second.real


def _dot(first: complex, second: complex) -> float:
    return first.real * second.real + first.imag * second.imag


def _in_mm(place: complex, scale: Scale) -> complex:
    return complex(place.real * scale.column_mm, place.imag * scale.row_mm)


def _refuse_empty_plates(film: _Film) -> None:
    for _, _, (first, second) in film.plates:
        if film.places[first] == film.places[second]:
            raise BadLandmarks(
                f"{first} and {second} are the same point: an endplate of zero length; "
                "place them again"
            )


def _refuse_crossed_bodies(film: _Film, scale: Scale) -> None:
    """A body whose endplates cross each other has a superior and an inferior corner exchanged."""
    for names in film.bodies.values():
        a, b, c, d = (_in_mm(film.places[name], scale) for name in names)
        crossed = _cross(b - a, c - a) * _cross(b - a, d - a) < 0
        if crossed and _cross(d - c, a - c) * _cross(d - c, b - c) < 0:
            raise BadLandmarks(
                f"swapped labels: the endplates {names[0]} to {names[1]} and {names[2]} to "
                f"{names[3]} cross each other; exchange superior and inferior on one side"
            )


def _refuse_half_turns(film: _Film, scale: Scale) -> None:
    """A body whose corners are all exchanged crosswise keeps its handedness and stands on its head.

    Its own way up is then against the way up of the levels right beside it.
    """
    anchors = {level: _in_mm(place, scale) for level, place in film.anchors.items()}
    # Levels that not everybody has are no gap where they are not marked.
    order = [level for level in LEVELS if level in anchors or level not in NOT_IN_EVERYBODY]
    for level, body in film.bodies.items():
        beside = list(_upwards_beside(order.index(level), order, anchors))
        up = _in_mm(film.upwards[level], scale)
        if beside and all(_dot(up, direction) < 0 for direction in beside):
            raise BadLandmarks(
                f"swapped labels: {level} stands on its head ({', '.join(body)}); exchange its "
                "corners crosswise, or correct the order of the levels"
            )


def _handedness(
    film: _Film, vertical: tuple[tuple[float, float], tuple[float, float]] | None
) -> Iterator[Handedness]:
    places = film.places
    for level, endplate, names in film.plates:
        along = places[names[1]] - places[names[0]]
        body = film.bodies.get(level)
        if body is not None:
            up = film.upwards[level]
            if endplate == "superior":
                across = places[body[1]] + places[body[3]] - (places[body[0]] + places[body[2]])
                yield from _judge(body, across, up, of_a_body=True)
        else:
            neighbours = _line_of_neighbours(level, film.anchors, _mean(places, names))
            if neighbours is None:
                continue
            up = neighbours
        yield from _judge(names, along, up)
    if film.view == "frontal":
        yield from _pairs(places, vertical)


def _judge(
    names: tuple[str, ...], along: complex, up: complex, of_a_body: bool = False
) -> Iterator[Handedness]:
    # Image y grows downwards: with plane x to the right and up upwards the product is negative.
    product = _cross(along, up)
    if product != 0:
        yield Handedness(names, product < 0, of_a_body)


def _pairs(
    places: Places, vertical: tuple[tuple[float, float], tuple[float, float]] | None
) -> Iterator[Handedness]:
    up = complex(0.0, -1.0)
    if vertical is not None:
        upper, lower = sorted(vertical, key=lambda point: point[1])
        up = complex(*upper) - complex(*lower)
    for part in ("femoral_head", "iliac_crest", "clavicle", "rib"):
        names = (f"{part}_left", f"{part}_right")
        if _has(places, names):
            yield from _judge(names, places[names[1]] - places[names[0]], up)


def _anchors(view: View, places: Places) -> dict[str, complex]:
    """Where each level lies: its centroid, else the middle of an endplate."""
    anchors = {}
    for level in LEVELS:
        body, click = body_names(level, view), f"{level}_centroid"
        if _has(places, body):
            anchors[level] = _mean(places, body)
        elif click in places:
            anchors[level] = places[click]
        else:
            for plate in (body[:2], body[2:]):
                if _has(places, plate):
                    anchors[level] = _mean(places, plate)
                    break
    return anchors


def _line_of_neighbours(level: str, anchors: Places, own: complex) -> complex | None:
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


def _upwards_beside(place: int, order: list[str], anchors: Places) -> Iterator[complex]:
    """Directions towards the head by the levels next to one, where they are marked."""
    for low, high in ((place + 1, place - 1), (place + 2, place + 1), (place - 1, place - 2)):
        if high >= 0 and low < len(order) and order[low] in anchors and order[high] in anchors:
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
    anchors = _anchors(landmarks.view, _places(landmarks.points))
    path = [(level, _in_mm(place, landmarks.scale)) for level, place in anchors.items()]
    for (_, before), (level, here), (_, after) in zip(path, path[1:], path[2:], strict=False):
        if _dot(here - before, after - here) < 0:
            yield f"{level} does not lie between its neighbours: check the order of the levels"


def _hip_and_sacrum_doubts(landmarks: Landmarks) -> Iterator[str]:
    points, scale = landmarks.points, landmarks.scale
    heads = [name for name in ("femoral_head_1", "femoral_head_2") if name in points]
    sacral = plate_names(SACRUM, "superior", "lateral")
    matrix = landmarks.frame.matrix
    plane = {
        name: matrix @ (points[name].x, points[name].y)
        for name in (*heads, *sacral)
        if name in points
    }
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
