"""Whatever is asked of whatever document: a plan is carried out, or refused in one sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.anatomy import LEVELS, level_of
from balance.errors import BadPlan
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Landmark, Landmarks
from balance.planning.outcome import redraw
from balance.planning.plan import Correction, Plan, parse_correction, parse_leg
from balance.planning.planned import analyse_plan
from balance.planning.procedures import PROCEDURE, Hinge
from balance.planning.targets import TARGET, parse_target
from balance.planning.turning import apply_plan
from balance.report.document import all_texts
from balance.report.plan_page import plan_document_page
from balance.report.plan_record import values_document
from balance.writing import json_bytes

SAMPLES = Path(__file__).parents[1] / "sample_images"
WHOLE = {
    path.name.split(".")[0]: read_landmarks(path)
    for path in sorted(SAMPLES.glob("*.landmarks.json"))
}


def without(landmarks, *levels):
    """The film with these levels, or points whose names begin so, unmarked."""
    kept = {
        name: point
        for name, point in landmarks.points.items()
        if level_of(name) not in levels and not name.startswith(levels)
    }
    return replace(landmarks, points=kept)


def with_thoracic(landmarks, last):
    """The film with another number of thoracic vertebrae: T12 taken out, or a T13 put in."""
    count = replace(landmarks.vertebrae, thoracic=last)
    if last == 11:
        return replace(without(landmarks, "T12"), vertebrae=count)
    points = dict(landmarks.points)
    for name, point in landmarks.points.items():
        if level_of(name) == "T12":
            moved = name.replace("T12", "T13")
            points[moved] = replace(point, y=point.y + 0.45 * (landmarks.image.rows or 0) / 20)
    return replace(landmarks, points=points, vertebrae=count)


LATERAL = WHOLE["lateral_03"]
FILMS = WHOLE | {
    "no_hips": without(LATERAL, "femoral_head_1", "femoral_head_2"),
    "no_sacrum": without(LATERAL, "S1"),
    "no_l3": without(LATERAL, "L3"),
    "no_chest": without(LATERAL, *(f"T{n}" for n in range(1, 10)), "C7"),
    "few": replace(LATERAL, points=dict(list(LATERAL.points.items())[:3])),
    "none": replace(LATERAL, points={}),
    "eleven": with_thoracic(LATERAL, 11),
    "thirteen": with_thoracic(LATERAL, 13),
    "no_heads": without(WHOLE["frontal_01"], "femoral_head"),
}

levels = st.sampled_from((*LEVELS, "L7", "", "S1_alternative"))
sites = st.one_of(
    levels,
    st.tuples(levels, levels).map("_".join),
    st.integers(0, len(LEVELS) - 2).map(lambda n: f"{LEVELS[n]}_{LEVELS[n + 1]}"),
    st.sampled_from(("T11_L1", "L5_L6", "L6_S1", "T12_T13", "T13_L1", "L3_L4_L5", "_")),
)
hinges = st.one_of(
    st.none(),
    st.builds(
        Hinge,
        levels,
        st.sampled_from(("superior", "inferior")),
        st.floats(-3, 3),
        st.floats(-3, 3),
    ),
)
corrections = st.builds(
    Correction,
    sites,
    st.sampled_from((*PROCEDURE, "saw")),
    st.one_of(st.floats(-95, 95), st.sampled_from((float("nan"), float("inf"), 0.0))),
    hinges,
    st.one_of(st.none(), st.floats(0, 10)),
)
plans = st.builds(
    Plan,
    st.lists(corrections, max_size=3).map(tuple),
    st.one_of(st.none(), levels),
    st.one_of(st.none(), levels),
    st.one_of(st.just(0.0), st.floats(-200, 200), st.just(float("nan"))),
)


def one_sentence(error):
    text = str(error)
    assert text
    assert "\n" not in text
    assert len(text) < 400


@settings(max_examples=400)
@given(st.sampled_from(sorted(FILMS)), plans)
def test_a_plan_is_applied_or_refused_in_one_sentence(name, plan):
    try:
        planned = apply_plan(FILMS[name], plan)
    except BadPlan as error:
        one_sentence(error)
        return
    assert planned.points.keys() == FILMS[name].points.keys()
    places = np.array([(p.x, p.y) for p in planned.points.values()])
    assert np.isfinite(places).all()


possible = st.builds(
    Correction,
    st.sampled_from(("L5_S1", "L6_S1", "L4_L5", "L3_L4", "L3", "L1", "T12_L1", "T11_L1", "T13_L1")),
    st.sampled_from(("pco", "pso", "epso", "vcr", "cage", "angle")),
    st.floats(-40, 40),
)


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(FILMS)),
    st.lists(possible, max_size=2).map(tuple),
    st.sampled_from((None, "T4", "T10", "L2")),
    st.sampled_from((None, "L5", "S1")),
    st.sampled_from((("gap",), ("age_adjusted", "LL=40:60"), ("csvl_20",), ("pi_class",), ())),
)
def test_everything_that_is_drawn_can_be_measured_and_printed(name, some, uiv, liv, targets):
    film = FILMS[name]
    try:
        analysis = analyse_plan(film, Plan(some, uiv, liv), list(map(parse_target, targets)))
    except BadPlan as error:
        one_sentence(error)
        return
    json_bytes(values_document(analysis))
    page = plan_document_page(analysis, "case", {"indication": "pain"}, ())
    assert all("nan" not in text.lower().split() for text in all_texts(page))


@pytest.mark.parametrize(
    ("film", "text", "reason"),
    [
        ("lateral_05", "L5_S1:pco:5", "L5 does not lie next above S1"),
        ("lateral_03", "L6_S1:pco:5", "L6 is not a level"),
        ("eleven", "T12_L1:pco:5", "T12 is not a level"),
        ("thirteen", "T12_L1:pco:5", "T12 does not lie next above L1"),
        ("no_l3", "L2_L3:pco:5", "L3 superior, which is not marked"),
        ("no_sacrum", "L5_S1:pco:5", "S1 superior, which is not marked"),
        ("none", "L3:pso:20", "L3 inferior, which is not marked"),
        ("lateral_03", "C2:epso:20", "no disc lies above it"),
        ("lateral_03", "L3:pso:20@9", "lies far from its endplate"),
        ("frontal_01", "L3:pso:20", "only 'angle'"),
    ],
)
def test_refusals_of_transitional_and_incomplete_films(film, text, reason):
    with pytest.raises(BadPlan, match=reason):
        apply_plan(FILMS[film], Plan((parse_correction(text),)))


@pytest.mark.parametrize(
    ("film", "text"),
    [("lateral_05", "L6_S1:pco:5"), ("eleven", "T11_L1:pco:5"), ("thirteen", "T13_L1:pco:5")],
)
def test_transitional_films_are_planned_at_their_own_levels(film, text):
    from balance.metrics.catalogue import measure_film

    film = FILMS[film]
    planned = apply_plan(film, Plan((parse_correction(text),)))
    before, after = (measure_film(one).measurements for one in (film, planned))
    lumbar = text.startswith("L6")
    assert after["LL"].value - before["LL"].value == pytest.approx(5.0 if lumbar else 0.0, abs=1e-6)
    assert after["TK"].value == pytest.approx(before["TK"].value, abs=1e-6)


def test_a_leg_length_is_refused_where_it_cannot_be_drawn():
    cases = (
        (LATERAL, "belongs to a plan on the frontal film"),
        (FILMS["no_heads"], "needs both heads"),
        (
            replace(WHOLE["frontal_01"], scale=replace(WHOLE["frontal_01"].scale, state="none")),
            "needs a scale",
        ),
    )
    for film, reason in cases:
        with pytest.raises(BadPlan, match=reason):
            apply_plan(film, Plan(leg_lift_right_mm=10.0))
    with pytest.raises(BadPlan, match="not lengthened by 500"):
        apply_plan(WHOLE["frontal_01"], Plan(leg_lift_right_mm=500.0))


@pytest.mark.parametrize("text", ["right", "up:5", "right:-5", "right:x", "right:nan", ""])
def test_a_leg_that_cannot_be_read_is_refused(text):
    with pytest.raises(BadPlan, match="right:10"):
        parse_leg(text)


def test_a_film_without_any_point_can_be_redrawn_and_says_what_is_missing():
    empty = Landmarks("lateral", {}, "right", LATERAL.scale)
    assert redraw(empty, 10).points.shape == (10, 0, 2)
    analysis = analyse_plan(empty, Plan(), [TARGET["gap"]])
    assert all(one.share is None for one in analysis.shares)


def test_one_marked_point_is_enough_to_say_nothing_about_targets():
    film = Landmarks("lateral", {"C7_centroid": Landmark(5.0, 5.0)}, "right", LATERAL.scale)
    analysis = analyse_plan(film, Plan(), [TARGET["t4_l1pa"]])
    assert "T4_L1PA" in analysis.shares[0].reason
