"""Calibration by the user: known answers, honest uncertainty, a question to be answered."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.fiducial import (
    BadCalibration,
    KnownObject,
    scale_from_length,
    scale_from_radius,
    scale_from_rim,
)
from balance.radiograph import Scale

SQUARE = Scale()
BALL = KnownObject(25.0, "patient")


def rim(
    centre: tuple[float, float],
    radius_mm: float,
    row_mm: float,
    column_mm: float,
    angles: np.ndarray,
) -> list[tuple[float, float]]:
    """Pixels on the rim of a ball, in pixels of that size."""
    return [
        (centre[0] + radius_mm * cos(a) / column_mm, centre[1] + radius_mm * sin(a) / row_mm)
        for a in angles
    ]


AROUND = np.arange(8) * pi / 4 + 0.2


def test_a_length_along_the_columns_and_rows() -> None:
    scale = scale_from_length((10, 20), (510, 20), KnownObject(100.0, "patient"), header=SQUARE)
    assert (scale.row_mm, scale.column_mm) == pytest.approx((0.2, 0.2))
    assert (scale.state, scale.plane) == ("user_fiducial", "patient")


def test_the_aspect_of_the_header_is_kept() -> None:
    # 300 columns of 0.1 mm and 200 rows of 0.2 mm: legs of 30 and 40 mm
    scale = scale_from_length(
        (0, 0), (300, 200), KnownObject(50.0, "patient"), header=Scale(4.0, 2.0)
    )
    assert (scale.row_mm, scale.column_mm) == pytest.approx((0.2, 0.1))


@pytest.mark.parametrize("count", [3, 4, 9])
def test_a_circle_on_unequal_pixels(count: int) -> None:
    angles = np.arange(count) * 2 * pi / count + 0.3
    points = rim((700.0, 900.0), 12.5, 0.2, 0.1, angles)
    scale = scale_from_rim(points, BALL, header=Scale(2.0, 1.0))
    assert (scale.row_mm, scale.column_mm) == pytest.approx((0.2, 0.1))


def test_a_circle_from_part_of_its_rim() -> None:
    points = rim((700.0, 900.0), 12.5, 0.14, 0.14, np.linspace(0, 2, 5))
    scale = scale_from_rim(points, BALL, header=SQUARE)
    assert scale.column_mm == pytest.approx(0.14)
    whole = scale_from_rim(rim((0, 0), 12.5, 0.14, 0.14, AROUND), BALL, header=SQUARE)
    assert scale.sd_percent > whole.sd_percent


def test_a_radius_along_a_row() -> None:
    scale = scale_from_radius(125.0, BALL, header=Scale(0.3, 0.15))
    assert (scale.row_mm, scale.column_mm) == pytest.approx((0.2, 0.1))
    # clicks sqrt(2) / 125, depth 1 %
    assert scale.sd_percent == pytest.approx(np.hypot(100 * 2**0.5 / 125, 1.0))


def noisy_sd(measure, points: np.ndarray, sd: float) -> float:
    """Percent by which a scale scatters when its points do."""
    random = np.random.default_rng(4)
    scales = [measure(points + random.normal(0, sd, points.shape)) for _ in range(4000)]
    return float(100 * np.std(scales) / np.mean(scales))


@pytest.mark.parametrize("header", [SQUARE, Scale(2.5, 1.0)], ids=["square", "unequal"])
def test_the_sd_of_a_length_is_that_of_its_clicks(header: Scale) -> None:
    thing = KnownObject(50.0, "patient")
    ends = np.array([[10.0, 20.0], [130.0, 90.0]])

    def measure(points: np.ndarray) -> float:
        return scale_from_length(*points, thing, header=header).column_mm

    said = scale_from_length(*ends, thing, header=header, click_sd_px=1.5).sd_percent
    clicks = (said**2 - 1.0**2) ** 0.5
    assert clicks == pytest.approx(noisy_sd(measure, ends, 1.5), rel=0.04)


@pytest.mark.parametrize("angles", [AROUND[:3], np.array([0.0, 1.2, 2.4])])
@pytest.mark.parametrize("header", [SQUARE, Scale(2.5, 1.0)], ids=["square", "unequal"])
def test_the_sd_of_a_circle_is_that_of_its_clicks(header: Scale, angles: np.ndarray) -> None:
    column_mm = 0.1
    points = np.array(rim((0, 0), 12.5, column_mm * header.row_mm, column_mm, angles))

    def measure(some: np.ndarray) -> float:
        return scale_from_rim(list(map(tuple, some)), BALL, header=header).column_mm

    said = scale_from_rim(list(map(tuple, points)), BALL, header=header).sd_percent
    clicks = (said**2 - 1.0**2) ** 0.5
    assert clicks == pytest.approx(noisy_sd(measure, points, 1.0), rel=0.06)


def test_scatter_about_the_circle_counts_where_it_exceeds_the_clicks() -> None:
    points = np.array(rim((0, 0), 12.5, 0.1, 0.1, AROUND))
    bent = points * np.where(np.arange(8) % 2, 1.06, 1.0)[:, None]
    plain = scale_from_rim(list(map(tuple, points)), BALL, header=SQUARE)
    rough = scale_from_rim(list(map(tuple, bent)), BALL, header=SQUARE)
    assert rough.sd_percent > plain.sd_percent + 0.3


def test_the_parts_add_in_squares() -> None:
    ends = ((0, 0), (1000, 0))
    exact = KnownObject(100.0, "patient")
    vague = KnownObject(100.0, "patient", sd_mm=3.0)
    clicks = 100 * 2**0.5 / 1000
    sd = scale_from_length(*ends, exact, header=SQUARE).sd_percent
    assert sd == pytest.approx((clicks**2 + 1) ** 0.5)
    sd = scale_from_length(*ends, vague, header=SQUARE).sd_percent
    assert sd == pytest.approx((clicks**2 + 1 + 9) ** 0.5)


@pytest.mark.parametrize("plane", ["detector", "skin", "unknown"])
def test_elsewhere_than_in_the_spine_ten_percent(plane) -> None:
    scale = scale_from_length((0, 0), (1000, 0), KnownObject(100.0, plane), header=SQUARE)
    assert scale.plane == plane
    assert 10 < scale.sd_percent < 10.01
    assert scale.grades_lengths is (plane != "detector")


def test_where_it_lay_must_be_said() -> None:
    with pytest.raises(TypeError):
        KnownObject(25.0)  # type: ignore[call-arg]
    for answer in ("", None, "spine"):
        with pytest.raises(BadCalibration, match="say where the object lay"):
            KnownObject(25.0, answer)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_sizes(size: float) -> None:
    with pytest.raises(BadCalibration, match="size of the object"):
        KnownObject(size, "patient")
    if size != 0:
        with pytest.raises(BadCalibration, match="uncertainty"):
            KnownObject(25.0, "patient", size)


def test_what_no_scale_can_be_taken_from() -> None:
    with pytest.raises(BadCalibration, match="coincide"):
        scale_from_length((5, 5), (5, 5), BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="too small"):
        scale_from_length((5, 5), (15, 5), BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="implausible"):
        scale_from_length((0, 0), (100, 0), KnownObject(1e6, "patient"), header=SQUARE)
    with pytest.raises(BadCalibration, match="no radius"):
        scale_from_radius(0.0, BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="three points"):
        scale_from_rim([(0, 0), (9, 9)], BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="on a line"):
        scale_from_rim([(0, 0), (50, 50), (99, 99)], BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="on a line"):
        scale_from_rim([(7, 7)] * 4, BALL, header=SQUARE)
    with pytest.raises(BadCalibration, match="one side"):
        scale_from_rim(rim((0, 0), 12.5, 0.1, 0.1, np.array([0, 0.1, 0.2])), BALL, header=SQUARE)


points = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))


@given(st.lists(points, max_size=6))
def test_any_points_give_a_scale_or_a_sentence(some: list[tuple[float, float]]) -> None:
    try:
        scale = scale_from_rim(some, BALL, header=Scale(1.5, 1.0))
    except BadCalibration:
        return
    assert scale.column_mm > 0
    assert 1 <= scale.sd_percent < 15
