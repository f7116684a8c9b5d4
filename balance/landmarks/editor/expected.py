"""Where the next point probably lies: for moving the film there, never for measuring.

Levels follow each other along the line of what is placed, at spacings of an adult spine (round
numbers, estimates). A statistical model that proposes points makes this unnecessary; it serves
where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balance.anatomy import (
    CERVICAL,
    LEVELS,
    LUMBAR,
    OTHER_SACRUM,
    SACRUM,
    THORACIC,
    VERTEBRAE,
    body_names,
    level_of,
    parse_corner,
    plate_names,
)
from balance.geometry import distance
from balance.landmarks.editor.state import FilmFacts
from balance.landmarks.model import Landmarks
from balance.radiograph import FloatArray, View


@dataclass(frozen=True, slots=True)
class Size:
    """A vertebra of an adult in mm: body height, disc below, depth and width of its endplates."""

    height: float
    disc: float
    depth: float
    width: float


def _between(low: float, high: float, place: int, count: int) -> float:
    return low + (high - low) * place / max(count - 1, 1)


SIZES: dict[str, Size] = {
    **{level: Size(13.0, 5.5, 16.0, 22.0) for level in CERVICAL},
    **{
        level: Size(
            _between(16, 25, n, 13),
            _between(4, 7, n, 13),
            _between(18, 32, n, 13),
            _between(27, 42, n, 13),
        )
        for n, level in enumerate(THORACIC)
    },
    **{
        level: Size(28.0, disc, 34.0, 46.0)
        for level, disc in zip(LUMBAR, (8.0, 10.0, 11.0, 12.0, 11.0, 10.0), strict=True)
    },
    SACRUM: Size(0.0, 0.0, 34.0, 50.0),
}
HIPS_FROM_S1 = {
    "femoral_head_1": (28.0, -100.0),
    "femoral_head_2": (28.0, -100.0),
    "femoral_head_left": (-88.0, -95.0),
    "femoral_head_right": (88.0, -95.0),
}
FROM_LEVEL: dict[str, tuple[str, float, float]] = {
    "clavicle_left": ("T2", -75.0, 10.0),
    "clavicle_right": ("T2", 75.0, 10.0),
    "iliac_crest_left": ("L4", -85.0, -15.0),
    "iliac_crest_right": ("L4", 85.0, -15.0),
    "rib_left": ("T9", -120.0, 0.0),
    "rib_right": ("T9", 120.0, 0.0),
    "sacrum_centre": (SACRUM, 0.0, -30.0),
    "C2_dens": ("C2", 0.0, 22.0),
    "cranial_centre": ("C2", 10.0, 80.0),
    "chin": ("C3", 70.0, 0.0),
    "brow": ("C2", 90.0, 75.0),
}
"""Places of other points: from which level, to the front (the patient's right), upwards, mm."""
SACRAL_SLOPE = np.radians(40.0)
S1_PLACE = {"lateral": (0.5, 0.74), "frontal": (0.5, 0.78)}
"""Where S1 lies on a whole-spine film, as shares of its width and height."""
FILM_HEIGHT_MM = 850.0
STRAIGHT_MM = 300.0
"""Beyond this distance the way is taken as vertical, whatever the nearest points say."""

UP = np.array([0.0, 1.0])


def expected_position(landmarks: Landmarks, film: FilmFacts, name: str) -> tuple[float, float]:
    """Pixel (x, y) at which a point is to be looked for; it may lie outside the film."""
    point = landmarks.points.get(name)
    if point is not None:
        return point.x, point.y
    frame = landmarks.frame
    spine = _Spine(landmarks, film)
    x, y = frame.to_pixels(spine.place(name)[None])[0]
    return float(x), float(y)


def lies_outside(film: FilmFacts, place: tuple[float, float]) -> bool:
    """Whether a place is not on the film."""
    return not (0 <= place[0] <= film.columns - 1 and 0 <= place[1] <= film.rows - 1)


class _Spine:
    """The line of the levels in the plane, through what is placed."""

    def __init__(self, landmarks: Landmarks, film: FilmFacts) -> None:
        self.view: View = landmarks.view
        points = landmarks.points
        pixels = np.array([(p.x, p.y) for p in points.values()], float).reshape(-1, 2)
        plane = landmarks.frame.to_plane(pixels)
        self.at: dict[str, FloatArray] = dict(zip(points, plane, strict=True))
        self.levels = landmarks.existing_levels
        anchors = {level: place for level in LEVELS if (place := self._anchor(level)) is not None}
        self.heights = _heights(self.levels)
        self.unit = self._units_per_mm(landmarks, film, anchors)
        if not anchors:
            share = S1_PLACE[self.view]
            guess = np.array([[share[0] * film.columns, share[1] * film.rows]])
            anchors = {SACRUM: landmarks.frame.to_plane(guess)[0]}
        placed = sorted((self.heights[v], v) for v in anchors if v in self.heights)
        self.known = np.array([height for height, _ in placed])
        self.line = np.array([anchors[level] for _, level in placed])

    def place(self, name: str) -> FloatArray:
        """Where a point of this name lies, in the plane."""
        corner = parse_corner(name)
        if corner is not None:
            level = SACRUM if corner.level == OTHER_SACRUM else corner.level
            names = plate_names(corner.level, corner.endplate, self.view)
            along = self._along(level)
            other = next(one for one in names if one != name)
            if other in self.at:
                ahead: FloatArray = self.at[other] + (along if name == names[1] else -along)
                return ahead
            centre, tangent = self._spot(level)
            half = SIZES[level].height / 2 * self.unit
            centre = centre + tangent * (half if corner.endplate == "superior" else -half)
            end: FloatArray = centre + along * (0.5 if name == names[1] else -0.5)
            return end
        if name in HIPS_FROM_S1:
            heads = [one for one in ("femoral_head_1", "femoral_head_2") if one in self.at]
            if self.view == "lateral" and heads:
                return self.at[heads[0]]
            hip: FloatArray = self._spot(SACRUM)[0] + np.array(HIPS_FROM_S1[name]) * self.unit
            return hip
        level, forwards, upwards = FROM_LEVEL.get(name, (level_of(name) or SACRUM, 0.0, 0.0))
        shift: FloatArray = self._spot(level)[0] + np.array([forwards, upwards]) * self.unit
        return shift

    def _anchor(self, level: str) -> FloatArray | None:
        names = body_names(level, self.view) if level in VERTEBRAE else ()
        click = f"{level}_centroid"
        if names and all(name in self.at for name in names):
            centre: FloatArray = np.mean([self.at[name] for name in names], axis=0)
            return centre
        if click in self.at:
            return self.at[click]
        for plate in ("superior", "inferior"):
            ends = plate_names(level, "superior" if plate == "superior" else "inferior", self.view)
            if all(name in self.at for name in ends):
                middle: FloatArray = (self.at[ends[0]] + self.at[ends[1]]) / 2
                return middle
        return None

    def _units_per_mm(
        self, landmarks: Landmarks, film: FilmFacts, anchors: dict[str, FloatArray]
    ) -> float:
        """Plane units per mm: by the scale, else by what is placed, else by the film's height."""
        if landmarks.scale.has_millimetres:
            return 1.0
        placed = [v for v in anchors if v in self.heights]
        if len(placed) >= 2:
            first, last = placed[0], placed[-1]
            apart = self.heights[first] - self.heights[last]
            if apart > 0:
                return float(distance(anchors[first], anchors[last])) / apart
        sacral = [self.at.get(name) for name in plate_names(SACRUM, "superior", self.view)]
        if sacral[0] is not None and sacral[1] is not None:
            usual = SIZES[SACRUM].depth if self.view == "lateral" else SIZES[SACRUM].width
            return float(distance(sacral[0], sacral[1])) / usual
        return film.rows * landmarks.scale.row_mm / FILM_HEIGHT_MM

    def _spot(self, level: str) -> tuple[FloatArray, FloatArray]:
        """Centre of a level and the direction of the spine there."""
        height = self.heights.get(level, 0.0)
        above = int(np.searchsorted(self.known, height))
        if above < len(self.known) and self.known[above] == height:
            return self.line[above], self._direction(above)
        if 0 < above < len(self.known):
            low, high = self.known[above - 1], self.known[above]
            share = (height - low) / (high - low)
            between = self.line[above - 1] * (1 - share) + self.line[above] * share
            return between, self._direction(above)
        end = 0 if above == 0 else len(self.known) - 1
        gap = height - self.known[end]
        way = self._direction(max(end, 1)) if len(self.known) > 1 else UP
        trust = max(0.0, 1.0 - abs(gap) / STRAIGHT_MM)
        way = trust * way + (1 - trust) * UP
        way = way / max(float(np.hypot(*way)), 1e-9)
        return self.line[end] + way * gap * self.unit, way

    def _direction(self, place: int) -> FloatArray:
        """Upwards along the spine between an anchor and the one below it."""
        if len(self.known) < 2:
            return UP
        place = max(place, 1)
        way = self.line[place] - self.line[place - 1]
        length = float(np.hypot(*way))
        return way / length if length > 0 else UP

    def _along(self, level: str) -> FloatArray:
        """From the back to the front of an endplate (from the patient's left to the right)."""
        size = SIZES[level]
        if self.view == "frontal":
            return np.array([size.width, 0.0]) * self.unit
        if level == SACRUM:
            slope = np.array([np.cos(SACRAL_SLOPE), -np.sin(SACRAL_SLOPE)])
            forwards: FloatArray = slope * size.depth * self.unit
            return forwards
        _, tangent = self._spot(level)
        return np.array([tangent[1], -tangent[0]]) * size.depth * self.unit


def _heights(levels: tuple[str, ...]) -> dict[str, float]:
    """Height of each level's centre above the S1 endplate along the spine, mm."""
    heights = {SACRUM: 0.0}
    top = 0.0
    for level in reversed([one for one in levels if one in VERTEBRAE]):
        size = SIZES[level]
        heights[level] = top + size.disc + size.height / 2
        top += size.disc + size.height
    return heights
