"""The six sign and facing cases on which most published formulas failed, built by hand."""

import math

import pytest
from strategies import values_of

PIXEL = 0.2


def place(x_anterior, y_up, side):
    """Plane millimetres to a pixel of the film."""
    sign = 1 if side == "right" else -1
    return {"x": 1500 + sign * x_anterior / PIXEL, "y": 4500 - y_up / PIXEL}


def endplate(cx, cy, slope, length, side, name):
    dx = length / 2 * math.cos(math.radians(slope))
    dy = length / 2 * math.sin(math.radians(slope))
    return {
        f"{name}_posterior": place(cx - dx, cy + dy, side),
        f"{name}_anterior": place(cx + dx, cy - dy, side),
    }


def film(side, pi, pt, ll, c7_offset):
    """Hip circles round the origin, S1 100 mm away, L1 and C7 above it."""
    ss = pi - pt
    sx, sy = -100 * math.sin(math.radians(pt)), 100 * math.cos(math.radians(pt))
    points = {
        "femoral_head_1": place(4, 1, side),
        "femoral_head_2": place(-4, -1, side),
        **endplate(sx, sy, ss, 34, side, "S1_superior"),
    }
    l1_slope = ss - ll
    l1x, l1y = sx - 5, sy + 170
    points |= endplate(l1x, l1y, l1_slope, 32, side, "L1_superior")
    # The body hangs below its superior endplate.
    down = math.radians(l1_slope)
    points |= endplate(
        l1x - 25 * math.sin(down), l1y - 25 * math.cos(down), l1_slope, 32, side, "L1_inferior"
    )
    corner_x = sx - 17 * math.cos(math.radians(ss))
    points["C7_centroid"] = place(corner_x + c7_offset, sy + 450, side)
    return {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": "lateral",
        "facing": side,
        "spacing_mm": {"row": PIXEL, "column": PIXEL, "source": "user_fiducial"},
        "points": points,
    }


CASES = {
    "A": ("left", 60, 20, 55, 35.0),
    "B": ("right", 60, 20, 55, 35.0),
    "C": ("left", 35, -5, 55, -28.0),
    "D": ("right", 35, -5, 55, -28.0),
    "E": ("left", 100, 20, 100, 10.0),
    "F": ("left", 60, 20, -50, 90.0),
}


@pytest.mark.parametrize("case", CASES)
def test_signs_and_facing(case):
    side, pi, pt, ll, offset = CASES[case]
    values = values_of(film(side, pi, pt, ll, offset))
    assert values["PI"] == pytest.approx(pi, abs=1e-6)
    assert values["PT"] == pytest.approx(pt, abs=1e-6)
    assert values["SS"] == pytest.approx(pi - pt, abs=1e-6)
    assert values["LL"] == pytest.approx(ll, abs=1e-6)
    assert values["PI_LL"] == pytest.approx(pi - ll, abs=1e-6)
    assert values["SVA"] == pytest.approx(offset, abs=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_the_facing_follows_from_the_corners(case):
    side, *rest = CASES[case]
    told = film(side, *rest)
    untold = {key: value for key, value in told.items() if key != "facing"}
    assert values_of(untold) == values_of(told)
