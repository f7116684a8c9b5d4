"""Femoral heads on discs drawn here, through rim points, and what is odd about two of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from balance.errors import BadLandmarks
from balance.landmarks.heads import (
    FittedHead,
    circle_through_rim,
    doubt_of_sizes,
    fit_both_heads,
    fit_head,
)
from balance.radiograph import Radiograph, Scale

SIZE_MM = (140.0, 130.0)


def scale_of(spacing: tuple[float, float]) -> Scale:
    return Scale(*spacing, "user_fiducial", "patient", 1.0)


def drawn(
    heads: list[tuple[float, float, float]],
    spacing: tuple[float, float] = (0.3, 0.3),
    *,
    sockets: float = 0.0,
    noise: float = 0.0,
    step: float = 800.0,
) -> Radiograph:
    """Discs (x, y, radius in mm, y down) with soft edges, and a socket's rim about each."""
    row, column = spacing
    y, x = np.mgrid[0 : round(SIZE_MM[1] / row), 0 : round(SIZE_MM[0] / column)]
    grey = 1500.0 + 2.0 * (x * column)
    for cx, cy, radius in heads:
        away = np.hypot(x * column - cx, y * row - cy)
        grey += step * ndtr((radius - away) / 0.3)
        rim = ndtr((away - radius - 4.0) / 0.4) * ndtr((radius + 9.0 - away) / 2.0)
        grey += sockets * step * rim * (y * row < cy)
    if noise:
        grey += np.random.default_rng(4).normal(0, noise, grey.shape)
    return Radiograph(np.rint(np.clip(grey, 0, 65535)).astype(np.uint16), scale=scale_of(spacing))


def px(x: float, y: float, spacing: tuple[float, float] = (0.3, 0.3)) -> tuple[float, float]:
    return x / spacing[1], y / spacing[0]


def off(head: FittedHead, x: float, y: float, spacing: tuple[float, float] = (0.3, 0.3)) -> float:
    return float(np.hypot(head.centre_px[0] * spacing[1] - x, head.centre_px[1] * spacing[0] - y))


@pytest.mark.parametrize("spacing", [(0.3, 0.3), (0.2, 0.35), (0.35, 0.2), (0.143, 0.143)])
@pytest.mark.parametrize("away", [(0.0, 0.0), (4.0, 3.0), (-3.5, 3.5), (0.0, -5.0)])
def test_a_disc_is_found_from_a_click_five_millimetres_off(spacing, away):
    film = drawn([(70.3, 61.7, 23.4)], spacing)
    rough = px(70.3 + away[0], 61.7 + away[1], spacing)
    head = fit_head(film, rough, scale=scale_of(spacing))
    assert off(head, 70.3, 61.7, spacing) < 0.15
    assert head.radius_mm == pytest.approx(23.4, abs=0.3)
    assert head.radius_px * spacing[1] == pytest.approx(head.radius_mm)
    assert head.quality > 0.95
    assert np.linalg.eigvalsh(head.covariance_mm).min() > 0


def test_the_socket_around_the_head_is_not_taken_for_it():
    film = drawn([(70.0, 65.0, 23.0)], sockets=1.2, noise=60.0)
    head = fit_head(film, px(73.0, 61.0), scale=scale_of((0.3, 0.3)))
    assert off(head, 70.0, 65.0) < 0.6
    assert head.radius_mm == pytest.approx(23.0, abs=0.7)


@pytest.mark.parametrize("apart", [(3.0, 1.0), (6.0, -2.0), (12.0, 5.0)])
def test_two_heads_that_overlie_each_other_are_told_apart(apart):
    one, other = (66.0, 62.0, 23.0), (66.0 + apart[0], 62.0 + apart[1], 23.6)
    film = drawn([one, other], sockets=0.6, noise=60.0)
    rng = np.random.default_rng(1)
    clicks = [px(x + dx, y + dy) for (x, y, _), (dx, dy) in
              zip((one, other), rng.normal(0, 1.5, (2, 2)), strict=True)]  # fmt: skip
    first, second = fit_both_heads(film, *clicks, scale=scale_of((0.3, 0.3)), rough_sd_mm=1.5)
    axis = np.add(first.centre_px, second.centre_px) / 2 * 0.3
    assert np.hypot(*(axis - [66.0 + apart[0] / 2, 62.0 + apart[1] / 2])) < 0.8
    for head, (x, y, _) in zip((first, second), (one, other), strict=True):
        assert off(head, x, y) < 2.5 * np.sqrt(np.trace(np.array(head.covariance_mm)[:2, :2]))


@pytest.mark.parametrize("kind", ["constant", "noise", "slope"])
def test_a_film_without_a_head_leaves_the_click_as_it_was(kind):
    shape = (430, 460)
    pixels = {
        "constant": np.full(shape, 800),
        "noise": np.random.default_rng(1).normal(2000, 100, shape),
        "slope": np.add.outer(np.arange(shape[0]), np.zeros(shape[1])),
    }[kind].astype(np.uint16)
    head = fit_head(Radiograph(pixels), px(70.0, 60.0), scale=scale_of((0.3, 0.3)))
    assert head.evidence < 0
    assert head.quality < 0.5
    assert off(head, 70.0, 60.0) < 1.5
    assert head.covariance_mm[0][0] > 4.0


def test_a_click_beside_the_film_is_given_back():
    head = fit_head(drawn([(70.0, 60.0, 24.0)]), (-900.0, 50.0), scale=scale_of((0.3, 0.3)))
    assert head.centre_px == pytest.approx((-900.0, 50.0))
    assert head.quality == 0.0


def test_intervals_hold_the_truth_in_noise():
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(40):
        x, y, radius = rng.uniform(62, 78), rng.uniform(56, 74), rng.uniform(21, 27)
        film = drawn([(x, y, radius)], sockets=0.8, noise=250.0)
        clicked = px(x + rng.normal(0, 2.5), y + rng.normal(0, 2.5))
        head = fit_head(film, clicked, scale=scale_of((0.3, 0.3)), rough_sd_mm=2.5)
        found = np.array([head.centre_px[0] * 0.3, head.centre_px[1] * 0.3, head.radius_mm])
        inside.append(np.abs(found - [x, y, radius]) < 1.96 * np.sqrt(np.diag(head.covariance_mm)))
    assert np.mean(inside) > 0.92


@given(
    st.floats(15, 35), st.floats(100, 900), st.floats(100, 900), st.floats(0.15, 0.6),
    st.floats(0.15, 0.6), st.integers(3, 9), st.floats(0, 6.28),
)  # fmt: skip
@settings(max_examples=50)
def test_exact_rim_points_give_the_circle_back(radius, x, y, row, column, count, turn):
    angles = turn + np.linspace(0, 2 * np.pi, count, endpoint=False)
    points = [(x + radius * np.cos(a) / column, y + radius * np.sin(a) / row) for a in angles]
    head = circle_through_rim(points, scale=scale_of((row, column)))
    assert head.centre_px == pytest.approx((x, y), abs=1e-6)
    assert head.radius_mm == pytest.approx(radius, abs=1e-6)
    assert head.radius_px * column == pytest.approx(radius, abs=1e-6)


@pytest.mark.parametrize("arc", [120.0, 240.0, 360.0])
def test_the_covariance_of_rim_points_is_that_of_repeated_clicks(arc):
    spacing = (0.3, 0.2)
    rng = np.random.default_rng(6)
    angles = np.radians(np.linspace(0, arc, 4, endpoint=arc < 360))
    found = []
    for _ in range(1500):
        noise = rng.normal(0, 0.5, (4, 2))
        rim = np.stack([24 * np.cos(angles), 24 * np.sin(angles)], -1) + 100 + noise
        head = circle_through_rim(
            [px(a, b, spacing) for a, b in rim], scale=scale_of(spacing), click_sd_mm=0.5
        )
        found.append((*np.multiply(head.centre_px, (0.2, 0.3)), head.radius_mm))
    exact = np.stack([24 * np.cos(angles), 24 * np.sin(angles)], -1) + 100
    told = circle_through_rim(
        [px(a, b, spacing) for a, b in exact], scale=scale_of(spacing), click_sd_mm=0.5
    )
    seen = np.std(found, axis=0)
    assert np.sqrt(np.diag(told.covariance_mm)) == pytest.approx(seen, rel=0.12)


@pytest.mark.parametrize("points", [[(1, 1), (5, 9)], [(0, 0), (1, 1), (2, 2)], []])
def test_too_few_points_or_a_line_are_refused_in_one_sentence(points):
    with pytest.raises(BadLandmarks, match="femoral head: ") as caught:
        circle_through_rim(points, scale=scale_of((0.3, 0.3)))
    assert "\n" not in str(caught.value)


def head_at(x: float, y: float, radius: float) -> FittedHead:
    rows = ((0.25, 0.05, 0.0), (0.05, 0.36, 0.0), (0.0, 0.0, 0.1))
    return FittedHead((x / 0.2, y / 0.4), radius / 0.2, radius, rows, 3.0, 1.0)


def test_heads_of_two_sizes_are_doubted():
    fine = head_at(100, 100, 24)
    assert doubt_of_sizes(fine, head_at(104, 97, 25)) is None
    assert "24.0 and 27.0 mm" in doubt_of_sizes(head_at(104, 97, 27), fine)


def test_a_head_becomes_an_unconfirmed_point_in_pixels():
    scale = Scale(0.4, 0.2, "user_fiducial", "patient", 1.0)
    point = head_at(100, 100, 24).as_landmark(scale, source="detected")
    assert (point.x, point.y, point.radius) == pytest.approx((500.0, 250.0, 120.0))
    assert point.cov_px == pytest.approx((0.25 / 0.04, 0.05 / 0.08, 0.36 / 0.16))
    assert point.is_proposal
