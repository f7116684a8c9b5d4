"""Heights of bodies and discs against closed forms; an untouched wall has lost nothing."""

import numpy as np
import pytest
from hypothesis import given
from strategies import AVERAGE, analysed, document, floats, values_of

from balance.metrics.segmental import disc_height, wall_loss, wedge_loss
from balance.study.change import posture_spread

FAMILIES = ("height_loss", "height_loss_anterior", "height_loss_posterior", "disc_height")


def block(angle, shift, height, front, length=30.0):
    """Corners of a body whose walls stand upright on its lower plate, then turned and shifted."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[0.0, height], [length, front], [0.0, 0.0], [length, 0.0]])
    return corners @ turn.T + np.array(shift)


@given(floats(-1.5, 1.5), floats(-200, 200), floats(5, 30), floats(5, 30))
def test_wedge_loss_is_the_share_that_the_front_lacks(angle, x, height, front):
    loss = float(wedge_loss(*block(angle, (x, -x), height, front)))
    assert loss == pytest.approx(100 * (1 - front / height), abs=1e-9)


@given(floats(10, 30), floats(10, 30), floats(10, 30))
def test_wall_loss_is_against_the_mean_of_both_neighbours(own, above, below):
    walls = [(np.array([3.0, h]), np.array([3.0, 0.0])) for h in (own, above, below)]
    loss = float(wall_loss(*(point for wall in walls for point in wall)))
    assert loss == pytest.approx(100 * (1 - own / ((above + below) / 2)), abs=1e-9)


@given(floats(-1.5, 1.5), floats(1, 15), floats(-20, 20), floats(-0.3, 0.3))
def test_a_slip_leaves_the_height_of_a_disc(angle, gap, slip, opens):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = np.array([15.0 * np.cos(opens), 15.0 * np.sin(opens)])
    centre = np.array([slip, gap])
    upper = np.array([centre - half, centre + half])
    mirrored = half * (1, -1)
    lower = np.array([-mirrored, mirrored])
    # symmetric about the middle line: its direction is level before the turn
    found = float(disc_height(*(upper @ turn.T), *(lower @ turn.T)))
    assert found == pytest.approx(gap, abs=1e-9)


def test_a_collapsed_wall_divides_by_nothing():
    point = np.zeros(2)
    assert np.isfinite(wedge_loss(point, point, point, point))
    assert np.isfinite(wall_loss(*[point] * 6))


def squashed(plane, level, front, back):
    """The superior endplate brought down so that each wall keeps a share of its height."""
    moved = dict(plane)
    for end, share in (("anterior", front), ("posterior", back)):
        foot = plane[f"{level}_inferior_{end}"]
        moved[f"{level}_superior_{end}"] = foot + share * (plane[f"{level}_superior_{end}"] - foot)
    return moved


def test_a_wedge_and_a_crush_are_told_apart():
    plane = AVERAGE.plane()
    before = values_of(document(plane), segmental=True)
    wedge = values_of(document(squashed(plane, "L2", 0.7, 1.0)), segmental=True)
    crush = values_of(document(squashed(plane, "L2", 0.7, 0.7)), segmental=True)
    keys = ("height_loss.L2", "height_loss_anterior.L2", "height_loss_posterior.L2")
    for after, kept in ((wedge, (0.7, 0.7, 1.0)), (crush, (1.0, 0.7, 0.7))):
        for key, share in zip(keys, kept, strict=True):
            expected = 100 - share * (100 - before[key])
            assert after[key] == pytest.approx(expected, abs=1e-6), key
    # its neighbours gain by comparison, and a body two levels away does not change
    assert wedge["height_loss_anterior.L1"] < before["height_loss_anterior.L1"]
    assert wedge["height_loss_anterior.L4"] == pytest.approx(before["height_loss_anterior.L4"])


def test_which_levels_have_heights():
    values = values_of(document(AVERAGE.plane()), segmental=True)
    levels = {key.split(".")[1] for key in values if key.startswith("height_loss.")}
    assert {"C3", "T1", "L5"} <= levels
    assert not {"C2", "S1"} & levels
    compared = {key.split(".")[1] for key in values if key.startswith("height_loss_anterior.")}
    assert levels - compared == {"C3", "C4", "C5", "C6", "C7", "T1", "L5"}
    assert {"disc_height.L5_S1", "disc_height.C2_C3"} <= values.keys()
    frontal = values_of(document(AVERAGE.plane()), segmental=False)
    assert not any(key.startswith(FAMILIES) for key in frontal)


def test_heights_in_percent_need_no_scale_and_millimetres_do():
    plane = AVERAGE.plane()
    scaled = values_of(document(plane), segmental=True)
    bare = values_of(document(plane, spacing_mm=None), segmental=True)
    assert bare["height_loss.T12"] == pytest.approx(scaled["height_loss.T12"], abs=1e-6)
    assert bare["disc_height.L4_L5"] is None
    assert scaled["disc_height.L4_L5"] == pytest.approx(9.0, abs=0.2)


def test_the_interval_of_a_height_follows_the_noise_of_its_corners():
    # A wall of height h with independent ends of s mm across it: sd of the loss is 100 s sqrt(2)/h
    # for each wall, both together 100 (s / h) sqrt(2) sqrt(1 + r^2), r the ratio of the walls.
    plane = AVERAGE.plane()
    points = document(plane)["points"]
    for name in points:
        points[name] |= {"sd_px": 1.0}
    doc = document(plane) | {"points": points}
    measured = analysed(doc, segmental=True).measurements["height_loss.L2"]
    scale = doc["spacing_mm"]["row"]
    front = abs(plane["L2_superior_anterior"] - plane["L2_inferior_anterior"])
    back = abs(plane["L2_superior_posterior"] - plane["L2_inferior_posterior"])
    expected = 100 * scale * np.sqrt(2) / back * np.sqrt(1 + (front / back) ** 2)
    assert measured.sd == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_change_of_height_has_a_posture_spread(family):
    unit = "mm" if family == "disc_height" else "%"
    assert posture_spread(f"{family}.L2_L3", unit).sd > 0
