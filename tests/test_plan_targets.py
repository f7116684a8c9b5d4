"""Targets say what their sources say, at every edge, and to whom they do not apply."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.assessment.gap import gap_points
from balance.errors import BadPlan
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Landmark, Landmarks
from balance.metrics.catalogue import METRIC, measure_film
from balance.planning.bounds import Bound, Line, Target, all_met, refusal, violations
from balance.planning.conflicts import conflicts
from balance.planning.targets import TARGET, TARGETS, parse_target, targets_of
from balance.radiograph import Acquisition, Scale, Subject
from balance.references import REFERENCE

SAMPLES = Path(__file__).parents[1] / "sample_images"
FILM = read_landmarks(SAMPLES / "lateral_03.landmarks.json")


def met(key, age=None, **values):
    target = TARGET[key] if key in TARGET else parse_target(key)
    return bool(all_met([target], {k: np.array(v) for k, v in values.items()}, age))


@pytest.mark.parametrize(
    ("years", "pt", "pi_ll", "sva"),
    [
        (30, 11.67, -9.5, -25),
        (40, 15.0, -4.5, -5),
        (50, 18.33, 0.5, 15),
        (55, 20.0, 3.0, 25),
        (60, 21.67, 5.5, 35),
        (70, 25.0, 10.5, 55),
        (80, 28.33, 15.5, 75),
    ],
)
def test_the_age_band_is_the_published_line_ten_years_to_either_side(years, pt, pi_ll, sva):
    middle = {"PT": pt, "PI_LL": pi_ll, "SVA": sva}
    band = {"PT": 10 / 3, "PI_LL": 5.0, "SVA": 20.0}
    assert met("age_adjusted", years, **middle)
    for key, half in band.items():
        for step, inside in ((half - 0.02, True), (half + 0.02, False)):
            assert met("age_adjusted", years, **middle | {key: middle[key] + step}) is inside
            assert met("age_adjusted", years, **middle | {key: middle[key] - step}) is inside


@pytest.mark.parametrize(
    ("pi", "pt", "ll"), [(40.0, 8.0, 53.0), (52.0, 12.0, 61.0), (64.0, 16.0, 70.0)]
)
def test_worked_examples_of_the_table_by_classes_of_pi(pi, pt, ll):
    lordosis, tilt = TARGET["pi_class"].bounds
    for bound, expected in ((lordosis, ll), (tilt, pt)):
        ends = [float(line.value(pi, None)) for line in bound.lines]
        assert sum(ends) / 2 == pytest.approx(expected)


def test_classes_of_pi_begin_where_the_table_says():
    lordosis, tilt = TARGET["pi_class"].bounds
    classes = {37.9: (4, 18), 38: (8, 13), 47.9: (8, 13), 48: (12, 9), 57.9: (12, 9), 58: (16, 6),
               67.9: (16, 6), 68: (20, 2), 77.9: (20, 2), 78.1: (24, -5)}  # fmt: skip
    for pi, (pt, added) in classes.items():
        assert float(tilt.low.value(pi, None)) + 5 == pytest.approx(pt)
        assert float(lordosis.low.value(pi, None)) + 5 == pytest.approx(pi + added)


@pytest.mark.parametrize(
    ("key", "pi", "age", "expected"),
    [
        ("lordosis.gap", 50.0, None, 60.0),
        ("lordosis.gap", 50.4, None, 60.248),
        ("lordosis.lehuec", 50.0, None, 54.6),
        ("lordosis.hyun", 48.6, None, 57.742),
        ("lordosis.hasegawa", 50.0, 40.0, 53.7),
        ("l1pa", 50.4, None, 4.2),
    ],
)
def test_formulas_give_what_was_published_or_computed_from_them(key, pi, age, expected):
    (bound,) = TARGET[key].bounds
    ends = [float(line.value(pi, age)) for line in bound.lines]
    assert sum(ends) / 2 == pytest.approx(expected, abs=1e-3)


def test_the_constructed_coordinates_miss_their_ideal_as_published():
    # PI 50.4, L1PA 9.4, T4PA 14: 5.2 from the ideal L1PA, 4.6 between the two.
    past = violations(TARGET["l1pa"], {"L1PA": np.array(9.4), "PI": np.array(50.4)}, None)
    assert float(past["L1PA"]) == pytest.approx(5.2 - 5.0)
    assert not met("t4_l1pa", T4_L1PA=4.6)


@pytest.mark.parametrize(
    ("key", "values", "inside"),
    [
        ("schwab2010", {"SVA": 49.9, "PT": 19.9, "PI_LL": 9.0}, True),
        ("schwab2010", {"SVA": 50.0, "PT": 19.9, "PI_LL": 9.0}, False),
        ("schwab2010", {"SVA": 49.9, "PT": 20.0, "PI_LL": 9.0}, False),
        ("schwab2010", {"SVA": 49.9, "PT": 19.9, "PI_LL": 9.1}, False),
        ("schwab2010", {"SVA": -80.0, "PT": -5.0, "PI_LL": -9.0}, True),
        ("schwab2010", {"SVA": 0.0, "PT": 0.0, "PI_LL": -9.1}, False),
        ("srs_schwab", {"SVA": 39.9, "PT": 19.9, "PI_LL": 9.9}, True),
        ("srs_schwab", {"SVA": 40.0, "PT": 19.9, "PI_LL": 9.9}, False),
        ("srs_schwab", {"SVA": 39.9, "PT": 19.9, "PI_LL": 10.0}, False),
        ("srs_schwab", {"SVA": 39.9, "PT": 19.9, "PI_LL": -30.0}, True),
        ("t4_l1pa", {"T4_L1PA": 4.0}, True),
        ("t4_l1pa", {"T4_L1PA": -4.01}, False),
        ("csvl_20", {"C7_CSVL": -20.0}, True),
        ("csvl_20", {"C7_CSVL": 20.1}, False),
        ("csvl_40", {"C7_CSVL": 40.0}, False),
        ("csvl_40", {"C7_CSVL": -39.9}, True),
        ("LL=50:60", {"LL": 60.0}, True),
        ("LL=50:60", {"LL": 49.999}, False),
        ("SVA=:50", {"SVA": -300.0}, True),
    ],
)
def test_edges(key, values, inside):
    assert met(key, **values) is inside


@pytest.mark.parametrize(
    ("part", "offset", "free"),
    [
        *(("SS", x, 0 if -7 <= x <= 5 else 1) for x in (-15.1, -15, -7.1, -7, 5, 5.1)),
        *(("LL", x, 0 if -14 <= x <= 11 else 1) for x in (-25.1, -25, -14.1, -14, 11, 11.1)),
        *(("LDI", x, 0 if 50 <= x <= 80 else 1) for x in (39.9, 40, 49.9, 50, 80, 80.1)),
        *(("GT", x, 0 if -7 <= x <= 10 else 1) for x in (18.1, 18, 10.1, 10, -7, -7.1)),
    ],
)
def test_gap_at_every_published_edge(part, offset, free):
    pi = 50.0
    ideal = {"SS": 38.5, "LL": 60.0, "LDI": 0.0, "GT": 9.0}
    values = {"PI": pi, "SS": 38.5, "LL": 60.0, "LDI": 65.0, "GT": 9.0}
    assert met("gap", **values)
    assert met("gap", **values | {part: ideal[part] + offset}) is (free == 0)


@given(
    st.floats(35, 80), st.floats(-5, 70), st.floats(5, 90), st.floats(0.1, 1.2), st.floats(-10, 50)
)
def test_the_gap_target_is_met_exactly_where_no_part_gives_points(pi, ss, ll, share, gt):
    points = gap_points(pi, ss, ll, 100 * share, gt, 40.0)
    assert met("gap", PI=pi, SS=ss, LL=ll, LDI=100 * share, GT=gt) == (sum(points.values()) == 0)


def test_every_target_has_a_source_and_parameters_of_one_view():
    assert len(TARGET) == len(TARGETS)
    for target in TARGETS:
        assert all(key in REFERENCE for key in target.sources)
        assert target.note
        assert len({METRIC[key].view for key in target.metrics}) == 1
    shown = {one.key for view in ("lateral", "frontal") for one in targets_of(view)}
    assert shown == TARGET.keys()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject": Subject(12.0, "F")}, "adult rule: the patient is 12 years old"),
        ({"acquisition": Acquisition(position="supine")}, "not taken standing"),
        ({"scale": Scale(0.2, 0.2, "detector", plane="detector")}, "not calibrated"),
        ({"subject": Subject(None, "F")}, "age is not known"),
        ({"subject": Subject(90.0, "F")}, "outside 18 to 85"),
    ],
)
def test_a_target_that_is_not_made_for_this_film_says_so(change, reason):
    film = replace(FILM, **change)
    measured = measure_film(film).measurements
    assert reason in refusal(TARGET["age_adjusted"], film, measured)


def test_the_surgeons_own_target_is_taken_for_a_child_too():
    film = replace(FILM, subject=Subject(12.0, "F"))
    measured = measure_film(film).measurements
    assert refusal(parse_target("LL=50:60"), film, measured) is None
    for target in targets_of("lateral"):
        assert "adult rule" in refusal(target, film, measured)


def test_no_target_rests_on_an_unconfirmed_point():
    points = dict(FILM.points)
    name = "L1_superior_anterior"
    points[name] = replace(points[name], confirmed=False)
    film = replace(FILM, points=points)
    measured = measure_film(film).measurements
    assert "LL rests on unconfirmed" in refusal(parse_target("LL=50:60"), film, measured)
    assert refusal(TARGET["t4_l1pa"], film, measured)


def test_a_film_without_hips_gives_no_target_of_pi():
    film = Landmarks("lateral", {"L1_centroid": Landmark(1.0, 2.0)}, "right", FILM.scale)
    assert refusal(TARGET["lordosis.gap"], film, measure_film(film).measurements)


def test_contradictions_are_found_by_hand():
    def aim(name, low, high, metric="LL"):
        ends = (None if end is None else Line(end) for end in (low, high))
        return Target(name, name, (Bound(metric, *ends),), ("user",))

    (one,) = conflicts([aim("a", 50, 60), aim("b", 61, None), aim("c", 40, 70)], None, None)
    assert (one.metric, one.at_least, one.asked_by) == ("LL", 61, "b")
    assert (one.at_most, one.against) == (60, "a")
    assert conflicts([aim("a", 50, 60), aim("b", 60, 70)], None, None) == ()
    # PI 55 and PI - LL of 5 to 10 ask for LL of 45 to 50.
    (one,) = conflicts([aim("a", 50.5, 60), aim("b", 5, 10, "PI_LL")], 55.0, None)
    assert (one.at_least, one.at_most) == (50.5, 50.0)


@pytest.mark.parametrize(
    "text",
    ["taller", "LL", "LL=", "LL=:", "LL=a:b", "LL=60:50", "LL=nan:60", "LL=10:inf", "XY=1:2",
     "barrey_ratio=0:1", "=1:2"],
)  # fmt: skip
def test_a_target_that_cannot_be_read_is_refused(text):
    with pytest.raises(BadPlan):
        parse_target(text)
