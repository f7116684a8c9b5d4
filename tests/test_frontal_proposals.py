"""Frontal proposals on rendered films: what is moved, what is claimed, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from balance.anatomy import body_names
from balance.landmarks.files import encode_landmarks, parse_landmarks
from balance.landmarks.frontal_proposals import propose_frontal, recondition_frontal
from balance.landmarks.model import Landmark, Landmarks
from balance.metrics.catalogue import measure_film
from balance.metrics.segmental import coronal_angle
from balance.metrics.sites import resolve
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.phantom.lateral import LateralChoices, lateral_phantom
from balance.phantom.lifelike import render_lifelike
from balance.phantom.look import Look
from balance.radiograph import Radiograph, Scale

EIGHT = ("T1", "T4", "T6", "T8", "T10", "T12", "L2", "L5")
SPINES: dict[str, FrontalChoices] = {
    "straight": FrontalChoices(),
    "single": FrontalChoices(curves=(Curve("T5", "T11", 34.0, "right"),)),
    "double": FrontalChoices(
        curves=(Curve("T5", "T11", 55.0, "right"), Curve("T11", "L4", 44.0, "left"))
    ),
    "low": FrontalChoices(curves=(Curve("T10", "L3", 22.0, "left"),)),
}


@cache
def case(name: str) -> tuple[Radiograph, Landmarks]:
    """A film of 0.4 mm pixels with its exact corners."""
    phantom = frontal_phantom(SPINES[name])
    exposure = expose(phantom, (0.4, 0.4), "left")
    pixels = render_lifelike(phantom, exposure, Look(), seed=7)
    document = landmark_document(phantom, exposure, scale=calibration("user_fiducial"))
    truth = parse_landmarks(json.dumps(document).encode())
    return Radiograph(pixels, scale=truth.scale), truth


def clicked(truth: Landmarks, seed: int | None = 0, levels: tuple[str, ...] = EIGHT) -> Landmarks:
    """Centroids clicked with 1 mm of noise per axis."""
    rng = np.random.default_rng(seed)
    sd = 1.0 / truth.scale.row_mm
    points = {}
    for level in levels:
        body = [truth.points[name] for name in body_names(level, "frontal")]
        x, y = np.mean([(p.x, p.y) for p in body], axis=0)
        dx, dy = rng.normal(0.0, sd, 2) if seed is not None else (0.0, 0.0)
        points[f"{level}_centroid"] = Landmark(x + dx, y + dy, sd_px=sd)
    return replace(truth, points=points)


@cache
def proposed(name: str) -> Landmarks:
    film, truth = case(name)
    return propose_frontal(film, clicked(truth))


def cobb(landmarks: Landmarks, upper: str, lower: str) -> tuple[float, float]:
    """Angle between two levels and its standard deviation, by the measurement code's own sites."""
    sites = resolve(landmarks)
    names = (*body_names(upper, "frontal")[:2], *body_names(lower, "frontal")[2:])
    at, covariance = sites.at(names), sites.covariance(names)
    slopes = []
    for place in range(8):
        moved = at.ravel().copy()
        moved[place] += 1e-4
        slopes.append((coronal_angle(*moved.reshape(4, 2)) - coronal_angle(*at)) / 1e-4)
    slope = np.array(slopes)
    return abs(float(coronal_angle(*at))), float(np.sqrt(slope @ covariance @ slope))


@pytest.mark.parametrize("name", SPINES)
def test_clicks_stay_and_every_corner_between_them_is_proposed(name: str):
    film, truth = case(name)
    clicks = clicked(truth)
    found = proposed(name)
    assert found.proposal is not None
    assert found.proposal.status in ("ok", "review")
    for click, point in clicks.points.items():
        assert found.points[click] == point
    corners = found.points.keys() - clicks.points.keys()
    wanted = {
        corner
        for level in truth.existing_levels
        if level[0] in "TL"
        for corner in body_names(level, "frontal")
    }
    assert corners == wanted
    for corner in corners:
        assert found.points[corner].source in ("predicted", "snapped")
        assert not found.points[corner].confirmed
    assert set(found.covariance.points) == corners
    assert film.pixels.shape == case(name)[0].pixels.shape


@pytest.mark.parametrize(
    ("name", "upper", "lower"),
    [("single", "T5", "T11"), ("double", "T5", "T11"), ("double", "T11", "L4"),
     ("low", "T10", "L3")],
)  # fmt: skip
def test_the_cobb_angle_is_found_with_an_honest_interval(name: str, upper: str, lower: str):
    _, truth = case(name)
    true, _ = cobb(truth, upper, lower)
    angle, sd = cobb(proposed(name), upper, lower)
    assert abs(angle - true) < 2.0
    assert 0.3 < sd < 4.0
    assert abs(angle - true) < 2.5 * sd


def test_a_straight_spine_has_no_curve():
    film, truth = case("straight")
    for seed in range(4):
        assert measure_film(propose_frontal(film, clicked(truth, seed))).curves == ()


def test_the_program_lists_the_curves_that_were_drawn():
    curves = measure_film(proposed("double")).curves
    main = [curve for curve in curves if curve.cobb > 25.0]
    assert [(curve.convex, curve.region) for curve in main] == [("right", "MT"), ("left", "TL")]


def test_points_lie_in_their_intervals():
    inside = []
    for name in SPINES:
        _, truth = case(name)
        sites, found = resolve(proposed(name)), proposed(name)
        names = list(found.covariance.points)
        sd = np.sqrt(np.diag(sites.covariance(names))).reshape(-1, 2)
        true = truth.frame.to_plane(
            np.array([(truth.points[n].x, truth.points[n].y) for n in names])
        )
        inside.append(np.abs(sites.at(names) - true) < 1.96 * sd)
    # The phantom's bodies have just the proportions of the table: its intervals are wide for them.
    assert np.concatenate(inside).mean() > 0.93


def test_a_mirrored_film_gives_mirrored_points():
    film, truth = case("single")
    clicks = clicked(truth)
    last = film.columns - 1
    turned = replace(film, pixels=np.ascontiguousarray(film.pixels[:, ::-1]))
    mirrored = replace(
        clicks,
        side="right",
        points={name: replace(p, x=last - p.x) for name, p in clicks.points.items()},
    )
    found = propose_frontal(turned, mirrored)
    for name, point in proposed("single").points.items():
        assert found.points[name].x == pytest.approx(last - point.x, abs=0.5)
        assert found.points[name].y == pytest.approx(point.y, abs=0.5)


def test_without_a_scale_the_angles_are_the_same():
    film, truth = case("single")
    bare = replace(clicked(truth), scale=Scale())
    found = propose_frontal(replace(film, scale=Scale()), bare)
    assert found.scale == Scale()
    assert cobb(found, "T5", "T11")[0] == pytest.approx(
        cobb(proposed("single"), "T5", "T11")[0], abs=1.5
    )


def lateral_picture(shape: tuple[int, ...]) -> np.ndarray:
    """A lateral film of the same pixels, its spine where the frontal clicks lie."""
    _, truth = case("single")
    lateral = lateral_phantom(LateralChoices())
    exposure = expose(lateral, (0.4, 0.4), "left")
    side = render_lifelike(lateral, exposure, Look(), seed=1)
    drawn = landmark_document(lateral, exposure, scale=calibration("user_fiducial"))["points"]
    bodies = [(p["x"], p["y"]) for name, p in drawn.items() if name[0] in "TL" and "rior" in name]
    clicks = [(p.x, p.y) for p in clicked(truth, None).points.values()]
    right, down = np.rint(np.mean(clicks, axis=0) - np.mean(bodies, axis=0)).astype(int)
    wide = np.pad(side, [(n, n) for n in shape], mode="edge")
    rows, columns = shape[0] - down, shape[1] - right
    return np.ascontiguousarray(wide[rows : rows + shape[0], columns : columns + shape[1]])


@cache
def other_pictures() -> dict[str, np.ndarray]:
    film, _ = case("single")
    rng = np.random.default_rng(0)
    shape = film.pixels.shape
    clouds = gaussian_filter(rng.standard_normal(shape), 20.0)
    return {
        "empty": np.zeros(shape, np.uint16),
        "evenly grey": np.full(shape, 2000, np.uint16),
        "noise": rng.integers(0, 4096, shape).astype(np.uint16),
        "clouds": (4000.0 * (clouds - clouds.min()) / np.ptp(clouds)).astype(np.uint16),
        "a lateral film": lateral_picture(shape),
        "upside down": np.ascontiguousarray(film.pixels[::-1]),
    }


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "what", ["empty", "evenly grey", "noise", "clouds", "a lateral film", "upside down"]
)
def test_a_film_of_something_else_gives_no_numbers(what: str, seed: int):
    _, truth = case("single")
    clicks = clicked(truth, seed)
    found = propose_frontal(Radiograph(other_pictures()[what]), clicks)
    assert found.proposal is not None
    assert found.proposal.status == "unable"
    assert found.points == clicks.points
    assert found.covariance is None
    assert measure_film(found).curves == ()


def test_too_few_clicks_and_clicks_outside_the_film_are_told():
    film, truth = case("single")
    few = propose_frontal(film, clicked(truth, levels=("T4", "T12", "L3")))
    assert few.proposal.status == "unable"
    assert few.proposal.reasons[0].startswith("3 vertebrae are marked")
    assert few.proposal.next_click == "T1_centroid"
    clicks = clicked(truth)
    outside = {**clicks.points, "L5_centroid": Landmark(50.0, film.rows + 10.0)}
    told = propose_frontal(film, replace(clicks, points=outside))
    assert told.proposal.status == "unable"
    assert "outside the film: L5_centroid" in told.proposal.reasons[0]
    same = {f"{level}_centroid": Landmark(100.0, 100.0) for level in EIGHT}
    assert propose_frontal(film, replace(clicks, points=same)).proposal.status == "unable"


def test_levels_in_the_wrong_order_are_no_proposal_without_review():
    film, truth = case("single")
    clicks = clicked(truth)
    points = dict(clicks.points)
    points["T6_centroid"], points["T10_centroid"] = points["T10_centroid"], points["T6_centroid"]
    note = propose_frontal(film, replace(clicks, points=points)).proposal
    assert note.status in ("review", "unable")


def test_a_picture_turned_over_against_its_tag_is_for_review():
    film, truth = case("single")
    negative = replace(film, pixels=film.pixels.max() - film.pixels)
    note = propose_frontal(negative, clicked(truth)).proposal
    assert note.status == "review"
    assert "negative" in note.reasons[0]


def test_corners_that_a_reader_set_stay():
    film, truth = case("single")
    clicks = clicked(truth)
    own = {name: truth.points[name] for name in body_names("T5", "frontal")[:2]}
    found = propose_frontal(film, replace(clicks, points={**clicks.points, **own}))
    for name, point in own.items():
        assert found.points[name] == point
        assert name not in found.covariance.points


def test_a_drag_moves_the_neighbours_and_nothing_that_was_clicked():
    before = proposed("single")
    dragged = replace(before.points["T8_centroid"], x=before.points["T8_centroid"].x + 10.0)
    after = recondition_frontal(replace(before, points={**before.points, "T8_centroid": dragged}))
    assert after.points["T8_centroid"] == dragged
    for level in EIGHT:
        if level != "T8":
            name = f"{level}_centroid"
            assert after.points[name] == before.points[name]

    def middle(landmarks: Landmarks, level: str) -> float:
        return float(np.mean([landmarks.points[n].x for n in body_names(level, "frontal")]))

    moved = {level: middle(after, level) - middle(before, level) for level in ("T2", "T7", "T8")}
    assert moved["T8"] > moved["T7"] > 1.0
    assert abs(moved["T2"]) < 1.0


def test_without_a_change_a_second_look_at_the_points_changes_little():
    before = proposed("single")
    after = recondition_frontal(before)
    apart = [
        np.hypot(after.points[n].x - p.x, after.points[n].y - p.y) for n, p in before.points.items()
    ]
    assert np.median(apart) < 2.0
    assert max(apart) < 10.0


def test_points_alone_ask_for_the_film():
    _, truth = case("single")
    note = recondition_frontal(clicked(truth)).proposal
    assert note.status == "review"
    assert any("not searched" in reason for reason in note.reasons)


def test_a_proposal_can_be_written_and_read():
    document = json.dumps(encode_landmarks(proposed("single"))).encode()
    again = parse_landmarks(document)
    assert again.proposal == proposed("single").proposal
    assert cobb(again, "T5", "T11") == pytest.approx(cobb(proposed("single"), "T5", "T11"))
