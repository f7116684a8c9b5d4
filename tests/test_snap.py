"""Endplate snapping on films drawn here from error functions, and on phantoms.

The drawn bodies have nothing of the phantom's: a body is a product of smooth steps, so that its
edges lie where the formula says to any fraction of a pixel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import ndtr

from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import JointCovariance, Landmark, Landmarks
from balance.landmarks.noise import plane_units_per_mm
from balance.landmarks.plate_edges import OUTER_EDGE_MM
from balance.landmarks.snap import (
    SnappedPlate,
    film_evidence,
    snap_endplates,
)
from balance.phantom.series import build, landmarks_of, pixels_of
from balance.phantom.specs import draw_specs
from balance.radiograph import Radiograph, Scale

LEVELS = ("T12", "L1", "L2", "L3")
DEPTH, HEIGHT, DISC = 32.0, 25.0, 8.0


@dataclass(frozen=True)
class Drawing:
    """A stack of bodies, one above the other and turned by an angle, millimetres."""

    tilt: float = 0.0
    shift: float = 0.0
    spacing: tuple[float, float] = (0.25, 0.25)
    depth: float = DEPTH
    blur: float = 0.25
    hollow: float = 0.0
    line: float = 0.0
    rims: float = 0.0
    step: float = 1000.0
    noise: float = 0.0
    screws: bool = False
    size: tuple[float, float] = (100.0, 160.0)

    @property
    def scale(self) -> Scale:
        return Scale(*self.spacing, "user_fiducial", "patient", 1.0)

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        turn = np.radians(self.tilt)
        return np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])

    @property
    def middle(self) -> np.ndarray:
        return np.array([self.size[0] / 2, -self.size[1] / 2 + self.shift])

    def heights(self) -> dict[str, tuple[float, float]]:
        """Upper and lower edge of every body along the stack's axis, from its middle."""
        period = HEIGHT + DISC
        top = len(LEVELS) / 2 * period - DISC / 2
        return {
            level: (top - n * period, top - n * period - HEIGHT) for n, level in enumerate(LEVELS)
        }

    def corners(self) -> dict[str, np.ndarray]:
        """Corners in mm, x to the right and y up, by point name."""
        forward, up = self.axes
        found = {}
        for level, edges in self.heights().items():
            for plate, edge in zip(("superior", "inferior"), edges, strict=True):
                for end, along in (("posterior", -DEPTH / 2), ("anterior", DEPTH / 2)):
                    place = self.middle + along * forward + edge * up
                    found[f"{level}_{plate}_{end}"] = place
        return found

    def film(self) -> Radiograph:
        row, column = self.spacing
        y, x = np.mgrid[0 : round(self.size[1] / row), 0 : round(self.size[0] / column)]
        forward, up = self.axes
        dx, dy = x * column - self.middle[0], -y * row - self.middle[1]
        along, high = dx * forward[0] + dy * forward[1], dx * up[0] + dy * up[1]
        wall = ndtr((self.depth / 2 - np.abs(along)) / self.blur)
        dip = self.hollow * np.maximum(1 - (2 * along / DEPTH) ** 2, 0)
        grey = np.full(x.shape, 1000.0)
        for top, foot in self.heights().values():
            over, under = top - dip - high, high - foot - dip
            if self.rims:
                for away in (-self.rims / 2, self.rims / 2):
                    for edge in (over + away, under + away):
                        band = ndtr(edge / self.blur) * ndtr((1.0 - edge) / self.blur)
                        grey += self.step * wall * band
                continue
            inside = wall * ndtr(over / self.blur) * ndtr(under / self.blur)
            grey += self.step * inside
            for edge in (over, under):
                band = ndtr(edge / self.blur) * ndtr((self.line - edge) / self.blur)
                grey += 1.5 * self.step * inside * band if self.line else 0.0
            if self.screws:
                bar = ndtr((high - (foot + 14)) / 0.3) * ndtr(((foot + 20) - high) / 0.3)
                grey += 20000 * bar * ndtr((6 - along) / 0.3)
        if self.noise:
            grey += np.random.default_rng(1).normal(0, self.noise, grey.shape)
        return Radiograph(np.clip(np.rint(grey), 0, 65535).astype(np.uint16), scale=self.scale)


def document(
    drawing: Drawing, moved: dict[str, np.ndarray] | float = 1.5, *, sd: float = 2.0, seed: int = 0
) -> Landmarks:
    """The corners as a program predicted them: displaced, with their own covariance."""
    rng = np.random.default_rng(seed)
    row, column = drawing.spacing
    points = {}
    for name, place in drawing.corners().items():
        away = rng.normal(0, moved, 2) if isinstance(moved, float) else moved.get(name, np.zeros(2))
        at = place + away
        points[name] = Landmark(
            at[0] / column, -at[1] / row, cov_px=((sd / column) ** 2, 0.0, (sd / row) ** 2),
            source="predicted", confirmed=False,
        )  # fmt: skip
    return Landmarks("lateral", points, "right", drawing.scale)


def off_the_line(plate: SnappedPlate, landmarks: Landmarks, drawing: Drawing) -> np.ndarray:
    """Distances of the measured corners from the drawn edge, mm, + out of the body."""
    start = [(landmarks.points[name].x, landmarks.points[name].y) for name in plate.names]
    row, column = drawing.spacing
    corners = np.array(start) * (column, -row)
    measured = corners + np.outer(plate.measured_mm, plate.normal)
    _, up = drawing.axes
    outward = up if plate.endplate == "superior" else -up
    edge = drawing.corners()[plate.names[0]]
    return (measured - edge) @ outward + OUTER_EDGE_MM


HALF_PLANES = Drawing(depth=400.0)


@pytest.mark.parametrize(
    "drawing",
    [
        HALF_PLANES,
        replace(HALF_PLANES, tilt=7.0, shift=0.113),
        replace(HALF_PLANES, tilt=-11.0, shift=0.07),
        replace(HALF_PLANES, tilt=4.0, spacing=(0.2, 0.3)),
        replace(HALF_PLANES, tilt=3.0, spacing=(0.3, 0.2), blur=0.6),
        replace(HALF_PLANES, tilt=3.0, spacing=(0.143, 0.143)),
    ],
)
def test_a_straight_edge_without_noise_is_found_to_a_fiftieth_of_a_pixel(drawing):
    predicted = document(drawing)
    plates = snap_endplates(drawing.film(), predicted)
    assert len(plates) == 2 * len(LEVELS)
    for plate in plates:
        error = off_the_line(plate, predicted, drawing)
        assert np.abs(error).max() < 0.02 * min(drawing.spacing), (plate.level, plate.endplate)
        assert plate.quality > 0.99


def test_the_corners_are_moved_along_the_normal_by_what_is_told():
    drawing = Drawing(tilt=5.0, noise=30.0)
    predicted = document(drawing)
    inverse = np.linalg.inv(predicted.frame.matrix)
    for plate in snap_endplates(drawing.film(), predicted):
        assert np.hypot(*plate.normal) == pytest.approx(1.0)
        for name, at, shift in zip(plate.names, plate.points_px, plate.shift_mm, strict=True):
            point = predicted.points[name]
            step = inverse @ (shift * np.array(plate.normal))
            assert at == pytest.approx((point.x + step[0], point.y + step[1]), abs=1e-6)


def test_the_result_lies_between_prior_and_film_and_is_surer_than_either():
    drawing = Drawing(noise=50.0)
    predicted = document(drawing, sd=1.0)
    for plate in snap_endplates(drawing.film(), predicted):
        film = np.sqrt(np.diag(plate.measured_covariance_mm))
        joint = np.sqrt(np.diag(plate.covariance_mm))
        assert (joint < np.minimum(film, 1.01)).all()
        moved, seen = np.mean(plate.shift_mm), np.mean(plate.measured_mm)
        assert min(0.0, seen) - 0.05 <= moved <= max(0.0, seen) + 0.05


@pytest.mark.parametrize("kind", ["told", "untold"])
def test_a_negative_gives_the_same_plates(kind):
    drawing = Drawing(tilt=4.0, noise=40.0, size=(70.0, 160.0))
    film = drawing.film()
    negative = Radiograph(
        (np.uint16(4095) - film.pixels).astype(np.uint16), inverted=kind == "told"
    )
    predicted = document(drawing)
    straight = snap_endplates(film, predicted)
    for here, there in zip(straight, snap_endplates(negative, predicted), strict=True):
        assert here.shift_mm == pytest.approx(there.shift_mm, abs=1e-4)
        assert here.quality == pytest.approx(there.quality, abs=1e-4)


def test_a_mirrored_film_gives_mirrored_plates():
    drawing = Drawing(tilt=6.0, noise=40.0)
    film, predicted = drawing.film(), document(drawing)
    other = Radiograph(np.ascontiguousarray(film.pixels[:, ::-1]), scale=film.scale)
    last = film.columns - 1
    points = {name: replace(p, x=last - p.x) for name, p in predicted.points.items()}
    turned = replace(predicted, points=points, side="left")
    for here, there in zip(
        snap_endplates(film, predicted), snap_endplates(other, turned), strict=True
    ):
        assert here.shift_mm == pytest.approx(there.shift_mm, abs=1e-3)
        assert [last - x for x, _ in here.points_px] == pytest.approx(
            [x for x, _ in there.points_px], abs=1e-2
        )


def test_a_hollow_endplate_does_not_drag_the_line_of_its_corners_along():
    drawing = Drawing(hollow=1.5, line=1.2, noise=30.0)
    predicted = document(drawing, sd=2.0)
    errors = [
        off_the_line(plate, predicted, drawing).mean()
        for plate in snap_endplates(drawing.film(), predicted)
    ]
    # a line through the visible edge would lie 1 mm inside the corners
    assert abs(np.mean(errors) - OUTER_EDGE_MM) < 0.45


def test_the_neighbour_across_the_disc_is_not_taken():
    """Both edges of a disc lie within reach; only one of them has bone on the right side."""
    drawing = Drawing(line=1.2, noise=60.0)
    _, up = drawing.axes
    moved = {name: (-5.0 if "superior" in name else 5.0) * -up for name in drawing.corners()}
    predicted = document(drawing, moved, sd=3.0)
    for plate in snap_endplates(drawing.film(), predicted):
        assert np.abs(off_the_line(plate, predicted, drawing)).max() < 0.8


def test_two_rims_leave_the_plate_between_them_and_say_so():
    drawing = Drawing(rims=3.0, noise=40.0)
    predicted = document(drawing)
    _, up = drawing.axes
    plates = snap_endplates(drawing.film(), predicted)
    assert sum(plate.rims for plate in plates) >= len(plates) // 2
    for plate in plates:
        start = drawing.corners()[plate.names[0]]
        point = predicted.points[plate.names[0]]
        row, column = drawing.spacing
        here = np.array([point.x * column, -point.y * row]) + plate.shift_mm[0] * np.array(
            plate.normal
        )
        off = (here - start) @ up
        assert abs(off) < 2.5 * np.sqrt(plate.covariance_mm[0][0])


def test_screws_parallel_to_the_endplates_are_not_taken_for_them():
    drawing = Drawing(line=1.2, noise=60.0, screws=True)
    predicted = document(drawing)
    for plate in snap_endplates(drawing.film(), predicted):
        error = off_the_line(plate, predicted, drawing)
        sd = np.sqrt(np.diag(plate.measured_covariance_mm))
        assert (np.abs(error) < np.maximum(0.8, 2.5 * sd)).all(), (plate.level, plate.endplate)


@pytest.mark.parametrize("kind", ["constant", "noise", "slope", "upright bars"])
def test_a_film_without_endplates_gives_no_evidence_and_moves_nothing(kind):
    drawing = Drawing()
    shape = drawing.film().pixels.shape
    pixels = {
        "constant": np.full(shape, 900),
        "noise": np.random.default_rng(2).normal(2000, 200, shape),
        "slope": np.add.outer(np.arange(shape[0]), np.arange(shape[1])),
        "upright bars": np.add.outer(np.zeros(shape[0]), 500 * (np.arange(shape[1]) // 30 % 2)),
    }[kind].astype(np.uint16)
    predicted = document(drawing)
    plates = snap_endplates(Radiograph(pixels, scale=drawing.scale), predicted)
    assert film_evidence(plates) < -0.5 * len(plates)
    unsure = [plate for plate in plates if plate.quality < 0.5]
    assert len(unsure) > len(plates) / 2
    for plate in unsure:
        assert np.sqrt(plate.covariance_mm[0][0]) > 1.0
        assert max(map(abs, plate.shift_mm)) < 2.0


def test_evidence_of_a_film_that_shows_the_plates_is_plain():
    drawing = Drawing(noise=100.0)
    plates = snap_endplates(drawing.film(), document(drawing))
    assert film_evidence(plates) > 3.0 * len(plates)


def test_a_plate_beyond_the_film_stays_where_it_was():
    drawing = Drawing()
    film = drawing.film()
    cut = Radiograph(film.pixels[: film.rows // 2].copy(), scale=film.scale)
    predicted = document(drawing)
    by_name = {(p.level, p.endplate): p for p in snap_endplates(cut, predicted)}
    lowest = by_name["L3", "inferior"]
    assert lowest.quality < 0.2
    assert max(map(abs, lowest.shift_mm)) < 0.5
    assert np.sqrt(lowest.measured_covariance_mm[0][0]) > 10.0


def test_clicked_plates_are_left_alone_unless_asked_for():
    drawing = Drawing()
    predicted = document(drawing)
    points = dict(predicted.points)
    for name in ("L1_superior_anterior", "L2_inferior_posterior"):
        points[name] = replace(points[name], source="manual", confirmed=True)
    mixed = replace(predicted, points=points)
    found = {(p.level, p.endplate) for p in snap_endplates(drawing.film(), mixed)}
    assert ("L1", "superior") not in found
    assert ("L2", "inferior") not in found
    assert len(found) == 2 * len(LEVELS) - 2
    (asked,) = snap_endplates(drawing.film(), mixed, plates=[("L1", "superior")])
    assert asked.level == "L1"


def test_the_sacrum_is_never_searched_unasked():
    drawing = Drawing()
    predicted = document(drawing)
    points = dict(predicted.points)
    for end in ("posterior", "anterior"):
        points[f"S1_superior_{end}"] = points.pop(f"L3_inferior_{end}")
    with_sacrum = replace(predicted, points=points)
    found = {p.level for p in snap_endplates(drawing.film(), with_sacrum)}
    assert "S1" not in found
    asked = snap_endplates(drawing.film(), with_sacrum, plates=[("S1", "superior")])
    assert [plate.level for plate in asked] == ["S1"]


def test_nothing_to_snap_gives_nothing():
    drawing = Drawing()
    clicked = {
        name: replace(p, source="manual", confirmed=True)
        for name, p in document(drawing).points.items()
    }
    landmarks = Landmarks("lateral", clicked, "right", drawing.scale)
    assert snap_endplates(drawing.film(), landmarks) == ()
    assert all(point.is_marked for point in clicked.values())


def test_without_a_scale_the_plates_give_the_unit():
    drawing = Drawing(noise=30.0)
    film, known = drawing.film(), document(drawing)
    unknown = replace(known, scale=Scale(1.0, 1.0))
    assert plane_units_per_mm(known)[0] == 1.0
    assert plane_units_per_mm(unknown)[0] == pytest.approx(4.0, rel=0.15)
    for here, there in zip(snap_endplates(film, known), snap_endplates(film, unknown), strict=True):
        assert np.subtract(here.points_px, there.points_px).ravel() == pytest.approx(
            np.zeros(4), abs=0.8
        )


def test_plates_that_move_together_help_each_other():
    """A prior in which a whole body moves at once carries its clear plate over to its dim one."""
    drawing = Drawing(noise=20.0)
    film = drawing.film()
    dim = film.pixels.copy()
    top, _ = drawing.heights()["L1"]
    rows = round((-(drawing.middle[1] + top)) / drawing.spacing[0])
    dim[rows - 24 : rows + 24] = 1500
    _, up = drawing.axes
    moved = {name: 3.0 * up for name in drawing.corners() if name.startswith("L1")}
    predicted = document(drawing, moved, sd=0.3)
    names = tuple(predicted.points)
    shared = np.zeros((len(names), 2))
    shared[[name.startswith("L1") for name in names]] = (0.0, 3.0 / drawing.spacing[0])
    joint = replace(predicted, covariance=JointCovariance(names, (tuple(shared.ravel()),)))
    blank = Radiograph(dim, scale=film.scale)
    plates = {(p.level, p.endplate): p for p in snap_endplates(blank, joint)}
    hidden = plates["L1", "superior"]
    assert hidden.quality < 0.5
    assert np.mean(hidden.shift_mm) == pytest.approx(-3.0, abs=0.8)
    assert plates["L1", "inferior"].quality > 0.9


def coverage(count: int, style: str, seed: int) -> tuple[float, float, float]:
    """Share of true ends and tilts inside 95 % on phantoms, and the median error of the angle."""
    rng = np.random.default_rng(seed)
    ends, tilts, angles = [], [], []
    for spec in draw_specs(count, seed=seed, style=style, view="lateral"):
        phantom, exposure = build(spec)
        truth = parse_landmarks(json.dumps(landmarks_of(spec, phantom, exposure)).encode())
        row, column = spec.spacing
        truth = replace(truth, scale=Scale(row, column, "user_fiducial", "patient", 1.0))
        film = Radiograph(pixels_of(spec, phantom, exposure), inverted=False)
        away = rng.normal(0, 2.0, (len(truth.points), 2)) / (column, row)
        points = {
            name: replace(
                p, x=p.x + dx, y=p.y + dy, source="predicted", confirmed=False,
                cov_px=((2.0 / column) ** 2, 0.0, (2.0 / row) ** 2),
            )
            for (name, p), (dx, dy) in zip(truth.points.items(), away, strict=True)
        }  # fmt: skip
        matrix = truth.frame.matrix
        for plate in snap_endplates(film, replace(truth, points=points)):
            start, end = (
                matrix @ np.array([[q[name].x, q[name].y] for name in plate.names]).T
                for q in (points, truth.points)
            )
            error = (start - end).T @ plate.normal + plate.shift_mm
            spread = np.array(plate.covariance_mm)
            ends += list(np.abs(error) < 1.96 * np.sqrt(np.diag(spread)))
            lean = np.array([-1.0, 1.0])
            tilts.append(abs(lean @ error) < 1.96 * np.sqrt(lean @ spread @ lean))
            length = np.hypot(*(end[:, 1] - end[:, 0]))
            angles.append(np.degrees(abs(lean @ error) / length))
    return float(np.mean(ends)), float(np.mean(tilts)), float(np.median(angles))


def test_intervals_hold_the_truth_on_phantoms_that_are_hard_to_read():
    ends, tilts, angle = coverage(3, "hard", seed=11)
    assert ends > 0.9
    assert tilts > 0.9
    assert angle < 0.8


@pytest.mark.slow
def test_intervals_hold_the_truth_on_many_phantoms():
    for style, worst in (("plain", 0.5), ("hard", 0.8)):
        ends, tilts, angle = coverage(12, style, seed=23)
        assert ends > 0.92
        assert tilts > 0.92
        assert angle < worst
