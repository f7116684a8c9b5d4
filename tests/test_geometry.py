"""Plane geometry against right triangles and complex numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from strategies import floats

from balance.geometry import cross, distance, lean, midpoint, slope, turn, wrap_degrees

ANGLES = floats(-179.9, 179.9)


def at(angle, length=1.0):
    return np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))]) * length


@given(angle=floats(-5000, 5000))
def test_wrapping_keeps_the_direction(angle):
    wrapped = float(wrap_degrees(np.array(angle)))
    assert -180 < wrapped <= 180
    assert math.cos(math.radians(wrapped)) == pytest.approx(math.cos(math.radians(angle)), abs=1e-9)
    assert math.sin(math.radians(wrapped)) == pytest.approx(math.sin(math.radians(angle)), abs=1e-9)


@pytest.mark.parametrize(("given_", "wanted"), [(180, 180), (-180, 180), (540, 180), (0, 0)])
def test_wrapping_at_its_ends(given_, wanted):
    assert float(wrap_degrees(np.array(float(given_)))) == wanted


@given(angle=ANGLES, length=floats(1e-3, 1e4), x=floats(-1e3, 1e3), y=floats(-1e3, 1e3))
def test_slope_is_the_fall_of_the_line(angle, length, x, y):
    start = np.array([x, y])
    fall = float(slope(start, start + at(-angle, length)))
    assert fall == pytest.approx(angle, abs=1e-5)


@given(angle=ANGLES, length=floats(1e-2, 1e4))
def test_lean_is_counted_from_the_vertical(angle, length):
    foot = np.array([3.0, -4.0])
    assert float(lean(foot, foot + at(90 - angle, length))) == pytest.approx(angle, abs=1e-5)


@given(first=ANGLES, by=ANGLES, length=floats(1e-2, 1e3))
def test_turn_runs_anticlockwise(first, by, length):
    assert float(turn(at(first), at(first + by, length))) == pytest.approx(by, abs=1e-6)


def test_three_four_five():
    a, b = np.array([1.0, 1.0]), np.array([4.0, 5.0])
    assert float(distance(a, b)) == 5.0
    assert midpoint(a, b).tolist() == [2.5, 3.0]
    assert float(cross(a, b)) == 1.0
    assert float(slope(np.array([0.0, 4.0]), np.array([3.0, 0.0]))) == pytest.approx(
        math.degrees(math.atan(4 / 3))
    )


def test_many_points_at_once():
    starts = np.zeros((5, 2))
    ends = np.stack([at(-a) for a in (-90, -30, 0, 30, 97)])
    assert slope(starts, ends) == pytest.approx([-90, -30, 0, 30, 97])
