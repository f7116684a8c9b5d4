"""Lines of the constructions in pixels, from the sites that are there; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from balance.anatomy import LEVELS, OTHER_SACRUM, SACRUM, VERTEBRAE, Endplate, plate_names
from balance.metrics.catalogue import FilmValues
from balance.metrics.sites import CSVL, HIP_AXIS, LAST_THORACIC, S1_MIDPOINT
from balance.radiograph import FloatArray

LineKind = Literal["plumb", "csvl", "offset", "endplate", "pelvis", "cobb", "head", "pair"]

S1_PLATE = plate_names(SACRUM, "superior", "lateral")
SHORT_MM, LONG_MM = 25.0, 60.0
ROUND = 48
DOWN = np.array([0.0, -1.0])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a construction.

    ``key`` names the value that it belongs to, where it belongs to one. ``pixels`` is (n, 2).
    ``dashed`` for directions that no bone has: verticals, perpendiculars, continuations.
    ``confirmed`` is False where a point behind it is.
    """

    kind: LineKind
    key: str
    pixels: FloatArray
    dashed: bool = False
    confirmed: bool = True


def constructions(film: FilmValues) -> tuple[Line, ...]:
    """The lines and angles that can be drawn of a film."""
    draw = _Draw(film)
    specific = _lateral(draw) if film.landmarks.view == "lateral" else _frontal(draw)
    return (*_endplates(draw), *_heads(draw), *specific)


class _Draw:
    """Sites of a film, and lines between places in the plane."""

    def __init__(self, film: FilmValues) -> None:
        self.film, self.sites = film, film.sites
        self.frame = film.landmarks.frame
        self.unit = _units_per_mm(film)

    def has(self, *names: str) -> bool:
        return self.sites.has(names)

    def at(self, name: str) -> FloatArray:
        place: FloatArray = self.sites.at([name])[0]
        return place

    def line(
        self,
        kind: LineKind,
        key: str,
        places: Sequence[FloatArray],
        names: Sequence[str],
        *,
        dashed: bool = False,
    ) -> Line:
        points = self.film.landmarks.points
        sure = all(points[name].confirmed for name in self.sites.points_behind(names))
        return Line(kind, key, self.frame.to_pixels(np.array(places)), dashed, sure)


def _units_per_mm(film: FilmValues) -> float:
    """Plane units per mm; without a scale an S1 endplate is taken as 34 mm, for drawing only."""
    if film.landmarks.scale.has_millimetres:
        return 1.0
    plate = plate_names(SACRUM, "superior", film.landmarks.view)
    if not film.sites.has(plate):
        return 5.0
    first, second = film.sites.at(plate)
    return max(float(np.hypot(*(second - first))) / 34.0, 1e-6)


def _endplates(draw: _Draw) -> Iterator[Line]:
    plates: tuple[Endplate, ...] = ("superior", "inferior")
    for level in (*LEVELS, OTHER_SACRUM):
        for plate in plates if level in VERTEBRAE else plates[:1]:
            names = plate_names(level, plate, draw.film.landmarks.view)
            if draw.has(*names):
                ends = [draw.at(name) for name in names]
                yield draw.line("endplate", f"{level}_{plate}", ends, names)


def _heads(draw: _Draw) -> Iterator[Line]:
    for name, point in draw.film.landmarks.points.items():
        if name.startswith("femoral_head") and point.radius is not None:
            radius = point.radius * draw.film.landmarks.scale.column_mm
            turn = np.linspace(0.0, 2.0 * np.pi, ROUND + 1)
            rim = draw.at(name) + radius * np.column_stack([np.cos(turn), np.sin(turn)])
            yield draw.line("head", name, list(rim), [name])


def _lateral(draw: _Draw) -> Iterator[Line]:
    corner = S1_PLATE[0]
    if draw.has("C7_centroid"):
        c7 = draw.at("C7_centroid")
        low = draw.at(corner)[1] if draw.has(corner) else c7[1] - 400.0 * draw.unit
        foot = np.array([c7[0], min(low, c7[1]) - SHORT_MM * draw.unit])
        yield draw.line("plumb", "C7", [c7, foot], ["C7_centroid"])
        if draw.has(corner):
            s1 = draw.at(corner)
            across = [s1, np.array([c7[0], s1[1]])]
            yield draw.line("offset", "SVA", across, ["C7_centroid", corner])
    if draw.has(*S1_PLATE):
        yield from _sacral_slope(draw)
    if draw.has(*S1_PLATE, HIP_AXIS):
        yield from _pelvis(draw)
    last = plate_names(LAST_THORACIC, "inferior", "lateral")
    l1, t4 = (plate_names(level, "superior", "lateral") for level in ("L1", "T4"))
    for key, plates in (("LL", (l1, S1_PLATE)), ("TK", (t4, last))):
        for plate in plates if draw.has(*plates[0], *plates[1]) else ():
            back, front = (draw.at(name) for name in plate)
            yield _continued(draw, key, back, back - front, plate)


def _sacral_slope(draw: _Draw) -> Iterator[Line]:
    back, front = (draw.at(name) for name in S1_PLATE)
    forwards = np.array([np.copysign(1.0, (front - back)[0]), 0.0])
    level = [back, back - forwards * LONG_MM * draw.unit]
    yield draw.line("pelvis", "SS", level, S1_PLATE, dashed=True)


def _pelvis(draw: _Draw) -> Iterator[Line]:
    names = (*S1_PLATE, HIP_AXIS)
    middle, hips = draw.at(S1_MIDPOINT), draw.at(HIP_AXIS)
    along = draw.at(S1_PLATE[1]) - draw.at(S1_PLATE[0])
    length = max(float(np.hypot(*(hips - middle))), SHORT_MM * draw.unit)
    size = float(np.hypot(*along))
    if size == 0.0:
        return
    caudal = np.array([along[1], -along[0]]) / size
    yield draw.line("pelvis", "PI", [middle, hips], names)
    yield draw.line("pelvis", "PI", [middle, middle + caudal * length], names, dashed=True)
    upright = [hips, hips - DOWN * (length + SHORT_MM * draw.unit)]
    yield draw.line("pelvis", "PT", upright, [HIP_AXIS], dashed=True)


def _continued(
    draw: _Draw, key: str, start: FloatArray, way: FloatArray, names: Sequence[str]
) -> Line:
    """An endplate carried on beyond one of its ends, for the angle with another one."""
    length = max(float(np.hypot(*way)), 1e-9)
    far = start + way / length * LONG_MM * draw.unit
    return draw.line("cobb", key, [start, far], names, dashed=True)


def _frontal(draw: _Draw) -> Iterator[Line]:
    if draw.has(CSVL):
        base = draw.at(CSVL)
        top = _top(draw)
        foot = base + DOWN * LONG_MM * draw.unit
        above = np.array([base[0], max(top, base[1]) + SHORT_MM * draw.unit])
        yield draw.line("csvl", "CSVL", [foot, above], [CSVL], dashed=True)
    if draw.has("C7_centroid"):
        c7 = draw.at("C7_centroid")
        low = draw.at(CSVL)[1] if draw.has(CSVL) else c7[1] - 400.0 * draw.unit
        yield draw.line("plumb", "C7", [c7, np.array([c7[0], low])], ["C7_centroid"])
        if draw.has(CSVL):
            across = [c7, np.array([draw.at(CSVL)[0], c7[1]])]
            yield draw.line("offset", "C7_CSVL", across, ["C7_centroid", CSVL])
    for part, key in (
        ("clavicle", "clavicle_angle"),
        ("iliac_crest", "pelvic_obliquity"),
        ("femoral_head", "femoral_head_height_difference"),
    ):
        names = (f"{part}_left", f"{part}_right")
        if draw.has(*names):
            yield draw.line("pair", key, [draw.at(name) for name in names], names)
    for place, curve in enumerate(draw.film.curves, 1):
        # The side to which the curve is open is the one away from its convexity.
        towards = 1 if curve.convex == "left" else 0
        lower: tuple[str, Endplate] = (curve.lower, "inferior")
        if curve.region == "fractional":
            lower = (curve.lower, "superior")
        upper: tuple[str, Endplate] = (curve.upper, "superior")
        for plate in (upper, lower):
            corners = plate_names(*plate, "frontal")
            if draw.has(*corners):
                ends = [draw.at(name) for name in corners]
                way = ends[towards] - ends[1 - towards]
                yield _continued(draw, f"curve.{place}", ends[towards], way, corners)


def _top(draw: _Draw) -> float:
    return max((float(draw.at(name)[1]) for name in draw.sites.points), default=0.0)
