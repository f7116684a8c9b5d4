"""A plan turns what lies above a hinge, and nothing else; the rest follows from plane geometry."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from balance.errors import BadPlan
from balance.landmarks.files import parse_landmarks, read_landmarks
from balance.landmarks.model import Landmark, Landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.columns import column_changes, column_warnings
from balance.planning.outcome import geometry_fraction, measure_scenarios
from balance.planning.plan import (
    Correction,
    Plan,
    cut_of,
    exclude_each_other,
    hinge_of,
    parse_correction,
)
from balance.planning.planned import analyse_plan
from balance.planning.procedures import PROCEDURES, Hinge
from balance.planning.rod import BEHIND_MM, rod_line
from balance.planning.scenarios import SCENARIOS
from balance.planning.targets import parse_target
from balance.planning.turning import apply_plan, swing_landmarks
from balance.radiograph import Subject

SAMPLES = Path(__file__).parents[1] / "sample_images"
LATERAL = read_landmarks(SAMPLES / "lateral_03.landmarks.json")
FRONTAL = read_landmarks(SAMPLES / "frontal_01.landmarks.json")
DISCS = ("T10_T11", "T12_L1", "L1_L2", "L2_L3", "L3_L4", "L4_L5", "L5_S1")
BODIES = ("T10", "T12", "L1", "L2", "L3", "L4", "L5")
SITES = {"disc": DISCS, "body": BODIES, "either": DISCS + BODIES}
LUMBAR_ONLY = ("alif", "llif", "tlif", "acr")

corrections = st.sampled_from(PROCEDURES).flatmap(
    lambda row: st.builds(
        Correction,
        st.sampled_from(
            [
                site
                for site in SITES[row.site]
                if row.key not in LUMBAR_ONLY or site[0] == "L" or site == "T12_L1"
            ]
        ),
        st.just(row.key),
        st.floats(-60.0, 60.0).map(lambda degrees: round(degrees, 3)),
    )
)


def value(landmarks, key):
    return measure_film(landmarks).measurements[key].value


def plane(landmarks):
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()])
    return dict(zip(landmarks.points, landmarks.frame.to_plane(pixels), strict=True))


def biggest_move(one, other):
    before, after = plane(one), plane(other)
    return max(float(np.hypot(*(before[name] - after[name]))) for name in before)


@given(corrections)
def test_a_wedge_changes_the_angles_that_span_it_by_exactly_its_degrees(correction):
    planned = apply_plan(LATERAL, Plan((correction,)))
    first = correction.site.split("_")[0]
    # An extended PSO closes through the disc above its body.
    in_disc_above = correction.procedure == "epso"
    lumbar = first.startswith("L") and not (in_disc_above and first == "L1")
    thoracic = first in ("T10", "T12") and correction.site != "T12_L1"
    lordosis = value(planned, "LL") - value(LATERAL, "LL")
    kyphosis = value(planned, "TK") - value(LATERAL, "TK")
    assert lordosis == pytest.approx(correction.degrees if lumbar else 0.0, abs=1e-6)
    assert kyphosis == pytest.approx(-correction.degrees if thoracic else 0.0, abs=1e-6)


@given(corrections)
def test_nothing_below_the_hinge_moves_and_what_moves_stays_rigid(correction):
    planned = apply_plan(LATERAL, Plan((correction,)))
    before, after = plane(LATERAL), plane(planned)
    lowest = correction.site.split("_")[-1]
    levels = LATERAL.existing_levels
    below = levels[levels.index(lowest) + 1 :]
    for name in before:
        if name.split("_")[0] in (*below, "femoral"):
            assert np.array_equal(before[name], after[name])
    above = [n for n in before if n.split("_")[0] in levels[: levels.index("T10")]]
    spans = [np.hypot(*(x[above[0]] - x[n])) for x in (before, after) for n in above]
    assert spans[: len(above)] == pytest.approx(spans[len(above) :], abs=1e-6)


@given(st.lists(corrections, max_size=5, unique_by=lambda one: cut_of(one).caudal))
def test_a_plan_is_undone_by_its_negative(several):
    levels = LATERAL.existing_levels
    assume(not any(exclude_each_other(*pair, levels) for pair in permutations(several, 2)))
    plan = Plan(tuple(several))
    back = Plan(tuple(replace(one, degrees=-one.degrees) for one in several))
    assert biggest_move(apply_plan(apply_plan(LATERAL, plan), back), LATERAL) < 1e-6


@given(corrections, st.floats(-20, 20), st.floats(-20, 20))
def test_two_turns_at_one_hinge_add_up(correction, first, second):
    parts = [Plan((replace(correction, degrees=d),)) for d in (first, second)]
    once = apply_plan(LATERAL, Plan((replace(correction, degrees=first + second),)))
    twice = apply_plan(apply_plan(LATERAL, parts[0]), parts[1])
    assert biggest_move(once, twice) < 1e-6


def test_plans_at_several_sites_do_not_depend_on_the_order_in_which_they_are_written():
    texts = ["L3:pso:25", "L2_L3:pco:8", "L5_S1:alif:12", "L5_S1:pco:5", "L1:epso:10"]
    there = apply_plan(LATERAL, Plan(tuple(map(parse_correction, texts))))
    back = apply_plan(LATERAL, Plan(tuple(map(parse_correction, reversed(texts)))))
    assert biggest_move(there, back) == 0.0


def test_no_correction_and_no_degrees_are_the_film_itself():
    assert apply_plan(LATERAL, Plan()) == LATERAL
    assert apply_plan(LATERAL, Plan((Correction("L3", "pso", 0.0),))).points == LATERAL.points


@settings(max_examples=15)
@given(st.floats(-40, 40))
def test_turning_spine_and_pelvis_about_the_hips_keeps_what_is_fixed_to_the_body(degrees):
    hip = np.mean([plane(LATERAL)[f"femoral_head_{n}"] for n in (1, 2)], axis=0)
    swung = swing_landmarks(LATERAL, hip, degrees)
    for key in ("TPA", "PI", "LL", "TK", "L1PA", "T4_L1PA"):
        assert value(swung, key) == pytest.approx(value(LATERAL, key), abs=1e-6)
    assert value(swung, "PT") == pytest.approx(value(LATERAL, "PT") + degrees, abs=1e-6)


@given(st.floats(0.0, 1.0), st.floats(-30.0, 30.0))
def test_lengths_follow_the_hinge_as_on_paper(fraction, degrees):
    # A gap of height g above a plate of width w, opened by t about a point at f of the plate:
    # a point of the upper plate at u along and g above the plate moves to u sin t + g cos t.
    wanted = Hinge("L5", "superior", fraction)
    (change,) = column_changes(LATERAL, Plan((Correction("L4_L5", "angle", degrees, wanted),)))
    where = plane(LATERAL)
    back, front = where["L5_superior_posterior"], where["L5_superior_anterior"]
    width = np.hypot(*(front - back))
    along = (front - back) / width
    normal = np.array([-along[1], along[0]])
    t = np.radians(degrees)
    for end, grown in (("posterior", change.posterior_mm), ("anterior", change.anterior_mm)):
        arm = where[f"L4_inferior_{end}"] - (back + fraction * (front - back))
        u, g = arm @ along, arm @ normal
        assert grown == pytest.approx(u * np.sin(t) + g * np.cos(t) - g, abs=1e-6)


def test_a_long_shortening_is_warned_of():
    changes = column_changes(LATERAL, Plan((Correction("L3", "pso", 60.0),)))
    assert changes[0].posterior_mm < -25
    assert changes[0].anterior_mm == pytest.approx(0.0, abs=8.0)
    (line,) = column_warnings(changes)
    assert line.startswith("L3: the back of the spine is shortened by")
    assert column_warnings(column_changes(LATERAL, Plan((Correction("L3", "pso", 10.0),)))) == ()


def test_planned_points_say_so_and_the_document_can_be_read_back():
    import json

    from balance.landmarks.files import encode_landmarks

    planned = apply_plan(LATERAL, Plan((Correction("L5_S1", "alif", 10.0),)))
    assert planned.points["L5_superior_anterior"].source == "planned"
    assert planned.points["S1_superior_anterior"].source == "manual"
    again = parse_landmarks(json.dumps(encode_landmarks(planned)).encode())
    assert again.points == planned.points


def test_a_proposal_that_nobody_confirmed_stays_one():
    points = dict(LATERAL.points)
    name = "T4_superior_anterior"
    points[name] = replace(points[name], source="predicted", confirmed=False)
    planned = apply_plan(replace(LATERAL, points=points), Plan((Correction("L3", "pso", 9.0),)))
    assert planned.points[name].is_proposal


def test_the_uncertainty_of_a_point_turns_with_it():
    points = dict(LATERAL.points)
    points["T1_superior_anterior"] = replace(points["T1_superior_anterior"], cov_px=(9.0, 0.0, 1.0))
    film = replace(LATERAL, points=points)
    planned = apply_plan(film, Plan((Correction("L3", "pso", 90.0),)))
    xx, xy, yy = planned.points["T1_superior_anterior"].cov_px
    ratio = (film.scale.column_mm / film.scale.row_mm) ** 2
    assert (xx, yy) == pytest.approx((1.0 / ratio, 9.0 * ratio))
    assert xy == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("L3-pso-25", "write SITE:PROCEDURE:DEGREES"),
        ("L3:pso:many", "no number"),
        ("L3:saw:25", "is not known"),
        ("L9:pso:25", "is not a level"),
        ("L3_L5:pco:5", "does not lie next above"),
        ("L3:pco:5", "is done at a disc"),
        ("L3_L4:pso:25", "is done at a body"),
        ("S1:pso:25", "no body and no disc"),
        ("S1:epso:25", "no body and no disc"),
        ("L3:pso:nan", "'nan' is no number of degrees"),
        ("L3:pso:95", "no correction of a spine"),
        *(
            (f"{site}:{key}:8", "is done at a lumbar disc")
            for site in ("C5_C6", "T10_T11")
            for key in LUMBAR_ONLY
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(text, reason):
    with pytest.raises(BadPlan, match=reason):
        apply_plan(LATERAL, Plan((parse_correction(text),)))


@pytest.mark.parametrize(
    ("first", "second", "possible"),
    [
        ("L3:epso:20", "L2_L3:pco:5", False),
        ("L3:epso:20", "L3_L4:pco:5", True),
        ("L3:epso:20", "L3:pso:20", False),
        ("L3:vcr:20", "L2_L3:pco:5", False),
        ("L3:vcr:20", "L3_L4:alif:5", False),
        ("L5:vcr:20", "L5_S1:alif:5", False),
        ("L3:vcr:20", "L2:vcr:20", True),
        ("L3:pso:20", "L2_L3:pco:5", True),
    ],
)
def test_what_an_osteotomy_takes_cannot_be_corrected_again(first, second, possible):
    for pair in ((first, second), (second, first)):
        plan = Plan(tuple(map(parse_correction, pair)))
        if possible:
            apply_plan(LATERAL, plan)
            continue
        with pytest.raises(BadPlan, match="leaves nothing for"):
            apply_plan(LATERAL, plan)


def test_the_hinge_of_a_pso_lies_at_the_front_of_its_body():
    (change,) = column_changes(LATERAL, Plan((Correction("L3", "pso", 20.0),)))
    where = plane(LATERAL)
    top, bottom = where["L3_superior_anterior"], where["L3_inferior_anterior"]
    wall = top - bottom
    along = (np.array(change.hinge) - bottom) @ wall / (wall @ wall)
    beside = np.hypot(*(np.array(change.hinge) - bottom - along * wall))
    assert 0.2 < along < 0.8
    assert beside < 0.25 * np.hypot(*wall)


@pytest.mark.parametrize(
    ("text", "level", "endplate", "fraction"),
    [
        ("L3:epso:20", "L3", "superior", 1.0),
        ("L3:vcr:20", "L3", "inferior", 0.5),
        ("L4_L5:pco:5", "L5", "superior", 0.2),
        ("L5_S1:alif:5", "S1", "superior", 0.0),
        ("L5_S1:acr:5", "S1", "superior", 0.0),
        ("L5_S1:llif:5", "S1", "superior", 0.5),
        ("L5_S1:tlif:5", "S1", "superior", 0.4),
        ("L3:pso:25@0.9", "L3", "inferior", 0.9),
    ],
)
def test_hinges_are_where_the_decisions_put_them(text, level, endplate, fraction):
    hinge = hinge_of(parse_correction(text))
    assert (hinge.level, hinge.endplate, hinge.fraction) == (level, endplate, fraction)


def test_the_disc_above_takes_an_extended_osteotomy_and_the_body_a_plain_one():
    def segment(landmarks, key):
        return measure_film(landmarks, segmental=True).measurements[key].value

    for key, disc, body in (("pso", 0.0, 20.0), ("epso", 20.0, 0.0)):
        planned = apply_plan(LATERAL, Plan((Correction("L3", key, 20.0),)))
        for name, added in (("segmental.L2_L3", disc), ("segmental.L3", body)):
            change = segment(planned, name) - segment(LATERAL, name)
            assert change == pytest.approx(added, abs=1e-6), (key, name)


def test_the_rod_of_a_straight_row_of_boxes_is_as_long_as_the_row():
    def box(level, y):
        for end, x in (("posterior", 100.0), ("anterior", 70.0)):
            for plate, row in (("superior", y), ("inferior", y + 25.0)):
                yield f"{level}_{plate}_{end}", Landmark(x, row)

    levels = ("L1", "L2", "L3", "L4", "L5")
    points = dict(pair for n, level in enumerate(levels) for pair in box(level, 30.0 * n))
    scale = replace(LATERAL.scale, row_mm=1.0, column_mm=1.0)
    film = Landmarks("lateral", points, "left", scale)
    rod = rod_line(film, "L1", "L5")
    assert rod.length_mm == pytest.approx(120.0)
    assert rod.bends_deg == pytest.approx((0.0, 0.0, 0.0))
    back = film.frame.to_plane(np.array([[100.0, 12.5]]))[0]
    assert rod.places[0] == pytest.approx((back[0] - BEHIND_MM, back[1]))
    # The row bent back by 20 degrees at the front of the disc L3/L4: the rod's part above it
    # turns about the hinge, and its bends add up to lordosis.
    bent = apply_plan(
        film, Plan((Correction("L3_L4", "angle", 20.0, Hinge("L4", "superior", 1.0)),))
    )
    rod = rod_line(bent, "L1", "L5")
    assert sum(rod.bends_deg) == pytest.approx(20.0)
    assert rod.length_mm < 120.0


def test_a_correction_outside_the_fused_range_is_warned_of():
    plan = Plan((Correction("L5_S1", "alif", 10.0),), "T10", "L5")
    lines = analyse_plan(LATERAL, plan, ()).doubts
    assert "L5_S1 lies outside the fused range T10 to L5" in lines


def test_several_parts_of_one_procedure_are_warned_of_together():
    plan = Plan((Correction("L4_L5", "pco", 6.0), Correction("L4_L5", "pco", 6.0)))
    assert any("L4_L5: 12 deg" in line for line in analyse_plan(LATERAL, plan, ()).doubts)


def test_a_hinge_that_is_not_marked_or_lies_above_is_refused():
    points = {n: p for n, p in LATERAL.points.items() if n != "L3_inferior_anterior"}
    with pytest.raises(BadPlan, match="L3 inferior, which is not marked"):
        apply_plan(replace(LATERAL, points=points), Plan((Correction("L3", "pso", 9.0),)))
    above = Hinge("L2", "inferior", 0.5)
    with pytest.raises(BadPlan, match="lies above the cut"):
        apply_plan(LATERAL, Plan((Correction("L3", "pso", 9.0, above),)))


def test_a_segment_of_a_frontal_film_is_tilted_by_its_degrees():
    planned = apply_plan(FRONTAL, Plan((Correction("L3_L4", "angle", 7.0),)))
    assert value(planned, "T1_tilt") - value(FRONTAL, "T1_tilt") == pytest.approx(7.0)
    assert value(planned, "L4_tilt") == pytest.approx(value(FRONTAL, "L4_tilt"))


def test_a_longer_leg_lifts_its_side_of_the_pelvis():
    lifted = apply_plan(FRONTAL, Plan(leg_lift_right_mm=12.0))
    change = value(FRONTAL, "femoral_head_height_difference") - value(
        lifted, "femoral_head_height_difference"
    )
    heads = plane(FRONTAL)
    level = abs(value(FRONTAL, "femoral_head_height_difference")) < 3
    apart = np.hypot(*(heads["femoral_head_left"] - heads["femoral_head_right"]))
    assert level
    assert change == pytest.approx(12.0, abs=12.0**2 / apart)
    tilt = value(lifted, "pelvic_obliquity") - value(FRONTAL, "pelvic_obliquity")
    assert tilt == pytest.approx(-np.degrees(np.arctan(12.0 / apart)), abs=0.2)


@given(st.floats(-40.0, 40.0), st.floats(-15.0, 15.0))
def test_a_leg_and_a_segment_add_up_and_the_knees_stay(lift, degrees):
    points = dict(FRONTAL.points)
    points["knee_1"] = Landmark(points["femoral_head_left"].x, points["femoral_head_left"].y + 900)
    film = replace(FRONTAL, points=points)
    plan = Plan((Correction("L3_L4", "angle", degrees),), leg_lift_right_mm=lift)
    planned, legs = apply_plan(film, plan), apply_plan(film, Plan(leg_lift_right_mm=lift))
    assert value(planned, "T1_tilt") - value(legs, "T1_tilt") == pytest.approx(degrees, abs=1e-6)
    assert value(planned, "L4_tilt") == pytest.approx(value(legs, "L4_tilt"), abs=1e-6)
    assert planned.points["knee_1"] == film.points["knee_1"]


def test_the_redraws_of_a_frontal_plan_hold_the_longer_leg():
    plan = Plan(leg_lift_right_mm=25.0)
    planned = value(apply_plan(FRONTAL, plan), "pelvic_obliquity")
    assert planned < -4.0
    target = parse_target(f"pelvic_obliquity={planned - 3}:{planned + 3}")
    (share,) = geometry_fraction(FRONTAL, plan, [target])
    assert share.share > 0.9


def test_scenarios_do_what_their_names_say():
    film = replace(LATERAL, subject=Subject(64.0, "F"))
    plan = Plan((Correction("L3", "pso", 30.0),), uiv="T10", liv="S1")
    found = {one.scenario.key: one.film.measurements for one in measure_scenarios(film, plan)}
    assert list(found) == [one.key for one in SCENARIOS]
    plain = found["unchanged"]
    assert plain["PT"].value == pytest.approx(value(film, "PT"))
    assert found["age_tilt"]["PT"].value == pytest.approx(20 + (64 - 55) / 3)
    assert found["t1_inclination"]["T1SPi"].value == pytest.approx(-1.35)
    for key, values in found.items():
        grown = 6.0 if key.endswith(".kyphosis") else 0.0
        assert values["TK"].value == pytest.approx(plain["TK"].value + grown)
        assert values["LL"].value == pytest.approx(plain["LL"].value)
    short = measure_scenarios(film, replace(plan, uiv="L1"))
    assert short[3].film.measurements["TK"].value == pytest.approx(plain["TK"].value + 13.0)


def test_a_scenario_that_cannot_be_drawn_says_why():
    film = replace(LATERAL, subject=Subject())
    reasons = {one.scenario.key: one.reason for one in measure_scenarios(film, Plan())}
    assert reasons["unchanged"] is None
    assert "age" in reasons["age_tilt"]
    assert "UIV" in reasons["unchanged.kyphosis"]


def test_the_share_of_redraws_is_the_normal_probability_of_a_single_value():
    from scipy.stats import norm

    plan = Plan((Correction("L3", "pso", 20.0, execution_sd=5.0),))
    planned = measure_film(apply_plan(LATERAL, plan)).measurements["LL"]
    middle, sd = planned.value, np.hypot(planned.sd, 5.0)
    target = parse_target(f"LL={middle - 4.0}:{middle + 9.0}")
    (share, *_) = geometry_fraction(LATERAL, plan, [target])
    expected = norm.cdf(9.0 / sd) - norm.cdf(-4.0 / sd)
    assert share.share == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 2000))


def test_a_point_alone_needs_no_scale():
    film = replace(LATERAL, scale=replace(LATERAL.scale, state="none"))
    changes = column_changes(film, Plan((Correction("L3", "pso", 30.0),)))
    assert changes[0].posterior_mm is None
    assert isinstance(film.points["L3_superior_anterior"], Landmark)
