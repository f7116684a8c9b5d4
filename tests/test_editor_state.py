"""The editor's state machine: any actions, and the actions of a reader who sees everything."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from editor_actions import any_events, begin, film_of, follow, known_landmarks, next_action, use
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import known_case

import balance.landmarks.editor.answers as answers
import balance.landmarks.editor.events as ev
import balance.landmarks.editor.proposals as proposals
from balance.landmarks.editor.content import step_status
from balance.landmarks.editor.lines import NoEvent, decode_event, encode_event, settle
from balance.landmarks.editor.protocols import PROTOCOL, PROTOCOLS
from balance.landmarks.editor.saving import document_bytes
from balance.landmarks.editor.state import FilmFacts, start
from balance.landmarks.editor.transitions import update
from balance.landmarks.files import encode_landmarks, parse_landmarks
from balance.landmarks.model import Landmark
from balance.metrics.catalogue import measure_film
from balance.radiograph import Scale

LATERAL, FRONTAL = known_landmarks("lat00"), known_landmarks("frontal00")
MANY = settings(max_examples=150)


def run(state, events):
    for event in events:
        state = update(state, event)
    return state


def point_of(marks, name):
    return marks.points[name].x, marks.points[name].y


# --- any actions ------------------------------------------------------------------------------


@pytest.mark.parametrize("marks", [LATERAL, FRONTAL], ids=["lateral", "frontal"])
@pytest.mark.parametrize("opened", [False, True], ids=["new", "existing"])
def test_any_actions_leave_a_document_that_can_be_read(marks, opened):
    film = film_of(marks)
    first = start(film, PROTOCOL["balance"], marks if opened else None, view=marks.view)

    @MANY
    @given(events=any_events(marks))
    def every_state(events):
        state = first
        for event in events:
            before = state
            state = update(state, event)
            assert "\n" not in state.message
            if state.landmarks is not before.landmarks:
                content = json.dumps(encode_landmarks(state.landmarks)).encode()
                read = parse_landmarks(content)
                assert dict(read.points) == dict(state.landmarks.points)
            if state.refused and not isinstance(event, ev.Undo):
                assert state.content == before.content
                assert state.message
            assert state.step is None or state.step in state.steps

    every_state()


@MANY
@given(events=any_events(LATERAL), opened=st.booleans())
def test_undoing_everything_returns_the_start_and_redoing_it_the_end(events, opened):
    film = film_of(LATERAL)
    first = start(film, PROTOCOL["balance"], LATERAL if opened else None, view="lateral")
    end = run(first, events)
    state, seen = end, [end.content]
    while state.past:
        state = update(state, ev.Undo())
        seen.append(state.content)
    state = update(state, ev.Undo())
    assert state.content == first.content
    undone = state
    for content in reversed(seen[:-1]):
        undone = update(undone, ev.Redo())
        assert undone.content == content
    assert bool(undone.future) == bool(end.future)


@MANY
@given(events=any_events(LATERAL))
def test_a_saved_document_opens_with_the_same_content(events):
    film = film_of(LATERAL)
    state = run(start(film, PROTOCOL["full sagittal"], view="lateral"), events)
    content = state.content
    if not content.view_known or content.landmarks.view != "lateral":
        return
    again = start(film, content.protocol, parse_landmarks(document_bytes(content, {})))
    assert replace(again.content, step=content.step) == content


def test_what_was_skipped_refused_and_answered_is_still_so_in_the_saved_document():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.Accept(), ev.Accept(), ev.Skip(), proposed(marks, L1)])
    state = run(state, [ev.RefuseProposals("L1"), ev.GoTo("candidate"), ev.Accept()])
    state = run(state, [ev.RimPoint("femoral_head_1", 5.0, 6.0), ev.MarkDone()])
    content = state.content
    again = start(state.film, content.protocol, parse_landmarks(document_bytes(content, {})))
    assert again.content.skipped == {S1[0]}
    assert again.content.declined == set(L1)
    assert again.content.answered == {"film", "levels", "candidate"}
    assert again.content.candidate
    assert again.content.done
    assert again.content.rim("femoral_head_1") == ((5.0, 6.0),)


@given(events=any_events(FRONTAL))
def test_every_action_survives_being_written_as_a_line(events):
    for event in events:
        record = json.loads(json.dumps(encode_event(event)))
        assert repr(decode_event(record)) == repr(settle(event))


@given(
    record=st.dictionaries(
        st.sampled_from(("event", "name", "x", "y", "points", "factors", "factor_points", "rim")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
            | st.sampled_from(("Place", "Proposed", "Move", "CalibrateCircle", "SetVertical")),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=6,
        ),
    )
)  # fmt: skip
def test_a_line_that_is_no_action_is_refused_as_such(record):
    try:
        event = decode_event(record)
    except NoEvent:
        return
    assert type(event).__name__ == record["event"]


# --- a reader who sees everything -------------------------------------------------------------


@pytest.mark.parametrize("name", ["lat00", "lat03", "lat05", "lat07"])
@pytest.mark.parametrize("protocol", ["balance", "full sagittal"])
def test_following_a_protocol_gives_the_values_of_the_known_case(name, protocol):
    state, marks = begin(name, protocol)
    state = follow(state, marks)
    expected = known_case(name)["expected"]
    found = measure_film(state.landmarks).measurements
    keys = ("PI", "PT", "SS", "LL", "PI_LL", "SVA")
    if protocol == "full sagittal":
        keys += ("TK", "CL", "T1S", "L4_S1")
    for key in keys:
        if key in expected:
            assert found[key].value == pytest.approx(expected[key], abs=0.011), key


@pytest.mark.parametrize("name", ["frontal00", "frontal02"])
def test_following_the_coronal_protocol_gives_the_values_of_the_known_case(name):
    state, marks = begin(name, "coronal")
    state = follow(state, marks)
    found = measure_film(state.landmarks).measurements
    for key, value in known_case(name)["expected"].items():
        if key in found:
            assert found[key].value == pytest.approx(value, abs=0.011), key


def test_the_order_of_questions_is_that_of_the_click_workflow():
    state, _ = begin("lat00", "full sagittal")
    names = [step.name for step in state.steps]
    order = [
        "film", "levels", "S1_superior_posterior", "S1_superior_anterior", "candidate",
        "femoral_head_1", "femoral_head_2", "C7_superior_posterior", "L1_superior_posterior",
        "T12_inferior_posterior", "T4_superior_posterior", "T8_superior_posterior",
        "L5_inferior_posterior", "C2_dens",
    ]  # fmt: skip
    places = [names.index(name) for name in order]
    assert places == sorted(places)
    assert len(names) == len(set(names))


def test_the_balance_protocol_asks_for_no_more_than_its_six_values_need():
    points = {
        "lateral": 2 + 2 + 1 + 2,  # S1, heads, C7, L1
        "frontal": 2 + 1,
    }
    for view, name in (("lateral", "lat00"), ("frontal", "frontal00")):
        state, _ = begin(name, "balance")
        assert sum(step.kind != "ask" for step in state.steps) == points[view]


def test_every_step_says_what_to_do_in_one_line():
    for protocol in PROTOCOLS:
        for view, name in (("lateral", "lat00"), ("frontal", "frontal00")):
            state = start(film_of(known_landmarks(name)), protocol, view=view)
            for step in state.steps:
                assert 10 < len(step.prompt) < 100
                assert "\n" not in step.prompt
                assert step.kind == "ask" or step.region


# --- steps ------------------------------------------------------------------------------------


def test_skipping_goes_on_and_going_back_comes_back():
    state, _ = begin("lat00", "balance")
    state = run(state, [ev.Accept(), ev.Accept(), ev.Skip()])
    assert state.step.name == "S1_superior_anterior"
    assert "S1_superior_posterior" in state.content.skipped
    state = update(state, ev.Back())
    assert state.step.name == "S1_superior_posterior"
    state = update(state, ev.Click(100.0, 100.0))
    assert "S1_superior_posterior" not in state.content.skipped


def test_a_click_goes_to_the_named_step_after_a_jump():
    state, _ = begin("lat00", "balance")
    state = run(state, [ev.GoTo("C7_centroid"), ev.Click(300.0, 40.0)])
    assert point_of(state.landmarks, "C7_centroid") == (300.0, 40.0)
    assert state.step.name == "L1_superior_posterior"


def test_nothing_is_lost_of_the_steps_that_were_jumped_over():
    state, marks = begin("lat00", "balance")
    end = follow(run(state, [ev.GoTo("L1_superior_anterior")]), marks)
    assert end.progress == (len(end.steps), len(end.steps))


def test_a_skipped_corner_asks_for_the_centre_instead():
    state, _ = begin("lat00", "full sagittal")
    state = run(state, [ev.GoTo("C7_superior_posterior"), ev.Skip()])
    assert "C7_centroid" in [step.name for step in state.steps]


def test_a_hidden_sacrum_asks_for_its_middle():
    state, _ = begin("frontal00", "balance")
    assert "sacrum_centre" not in [step.name for step in state.steps]
    state = run(state, [ev.GoTo("S1_superior_left"), ev.Skip(), ev.Skip()])
    assert state.step.name == "sacrum_centre"


def test_another_candidate_for_the_sacral_endplate_is_asked_for_and_measured():
    state, _ = begin("lat00", "balance")
    state = run(state, [ev.GoTo("candidate"), ev.Accept()])
    assert state.step.name == "S1_alternative_superior_posterior"


@pytest.mark.parametrize(("lumbar", "there", "absent"), [(4, "L4", "L5"), (6, "L6", "L7")])
def test_the_count_decides_which_levels_are_asked(lumbar, there, absent):
    state, _ = begin("lat00", "full sagittal")
    state = update(state, ev.SetCount(lumbar=lumbar))
    levels = {step.name.split("_")[0] for step in state.steps}
    assert there in levels
    assert absent not in levels


def test_points_wait_until_the_side_is_known():
    state, marks = begin("lat00", "balance", side=False)
    place = ev.Place("C7_centroid", 10.0, 10.0)
    refused = run(state, [place])
    assert refused.refused
    assert "faces" in refused.message
    assert run(state, [ev.Accept()]).step.name == "film"
    allowed = run(state, [ev.SetSide(marks.side), place])
    assert "C7_centroid" in allowed.landmarks.points


def test_the_header_gives_age_and_sex_and_never_a_number():
    state, marks = begin("frontal00", "balance")
    assert marks.subject.pseudonym
    assert state.landmarks.subject == replace(marks.subject, pseudonym=None)


# --- labels -----------------------------------------------------------------------------------


def test_front_and_back_exchanged_are_refused_in_words_about_the_click():
    state, marks = begin("lat00", "balance")
    while state.step.name != "L1_superior_posterior":
        state = update(state, next_action(state, marks))
    back, front = (point_of(marks, f"L1_superior_{end}") for end in ("posterior", "anterior"))
    state = run(state, [ev.Click(*front), ev.Click(*back)])
    assert state.refused
    assert "L1" in state.message
    assert "front" in state.message
    assert "L1_superior_anterior" not in state.landmarks.points


def test_an_exchanged_sacrum_is_named_when_its_neighbour_shows_it():
    state, marks = begin("lat00", "full sagittal")
    names = ("S1_superior_posterior", "S1_superior_anterior")
    state = run(state, [
        ev.Place(names[0], *point_of(marks, names[1])),
        ev.Place(names[1], *point_of(marks, names[0])),
        *(ev.Place(n, *point_of(marks, n)) for n in marks.points if n.startswith(("L1_", "L2_"))),
    ])  # fmt: skip
    assert state.refused
    assert "S1" in state.message
    mended = run(state, [ev.SwapLabels(*names)])
    assert not mended.refused
    assert point_of(mended.landmarks, names[0]) == point_of(marks, names[0])


def test_two_corners_on_one_spot_are_refused():
    state, _ = begin("lat00", "balance")
    state = run(
        state, [ev.GoTo("S1_superior_posterior"), ev.Click(50.0, 60.0), ev.Click(50.0, 60.0)]
    )
    assert "one spot" in state.message


def test_turning_the_side_exchanges_the_ends_and_keeps_the_film_valid():
    state, marks = begin("lat00", "full sagittal")
    state = follow(state, marks)
    other = "left" if marks.side == "right" else "right"
    turned = update(state, ev.SetSide(other))
    assert not turned.refused
    assert turned.landmarks.side == other
    for name in ("L3_superior_anterior", "S1_superior_anterior"):
        opposite = name.replace("anterior", "posterior")
        assert point_of(turned.landmarks, name) == point_of(marks, opposite)
    # The patient seen from the other side: every angle keeps its size and changes its sign.
    before, after = (measure_film(s.landmarks).measurements["LL"].value for s in (state, turned))
    assert after == pytest.approx(-before, abs=1e-9)
    assert update(turned, ev.Undo()).content == state.content


def test_shifting_the_levels_renames_every_vertebra_and_back():
    state, marks = begin("lat00", "balance")
    names = [n for n in marks.points if n.split("_")[0] in ("T11", "T12", "L1", "L2")]
    state = run(state, [ev.Place(n, *point_of(marks, n)) for n in names])
    down = update(state, ev.ShiftLevels(1))
    assert point_of(down.landmarks, "L1_superior_anterior") == point_of(
        marks, "T12_superior_anterior"
    )
    assert point_of(down.landmarks, "L3_superior_anterior") == point_of(
        marks, "L2_superior_anterior"
    )
    back = update(down, ev.ShiftLevels(-1))
    assert dict(back.landmarks.points) == dict(state.landmarks.points)


# --- heads ------------------------------------------------------------------------------------


@given(
    centre=st.tuples(st.floats(-500, 4000), st.floats(-500, 9000)),
    radius=st.floats(20, 400),
    turns=st.lists(st.floats(0, 0.9), min_size=3, max_size=5),
    aspect=st.floats(0.5, 2.0),
)
def test_a_circle_goes_through_the_clicks_on_its_rim(centre, radius, turns, aspect):
    angles = [2 * np.pi * (n + turn) / len(turns) for n, turn in enumerate(turns)]
    rim = [
        (centre[0] + radius * np.cos(a), centre[1] + radius * np.sin(a) / aspect) for a in angles
    ]
    gaps = [after - before for before, after in pairwise(sorted(angles))]
    scale = Scale(0.2 * aspect, 0.2, "dicom_fiducial", "patient")
    film = FilmFacts("a.dcm", 9000, 4000, scale, facing="right")
    state = start(film, PROTOCOL["balance"], view="lateral")
    state = run(state, [ev.RimPoint("femoral_head_1", x, y) for x, y in rim])
    if min(gaps) < 0.3:
        return
    head = state.landmarks.points["femoral_head_1"]
    assert (head.x, head.y, head.radius) == pytest.approx((*centre, radius), abs=1e-4)


def test_three_clicks_on_the_rim_place_a_head_and_a_fourth_refines_it():
    state, _ = begin("lat00", "balance")
    state = run(state, [ev.GoTo("femoral_head_1"), ev.Click(0.0, 500.0), ev.Click(100.0, 500.0)])
    assert state.content.rim("femoral_head_1") == ((0.0, 500.0), (100.0, 500.0))
    assert "femoral_head_1" not in state.landmarks.points
    aspect = state.landmarks.scale.row_mm / state.landmarks.scale.column_mm
    state = update(state, ev.Click(50.0, 500.0 + 50.0 / aspect))
    head = state.landmarks.points["femoral_head_1"]
    assert (head.x, head.y, head.radius) == pytest.approx((50.0, 500.0, 50.0), abs=1e-6)
    assert state.step.name == "femoral_head_2"
    more = update(state, ev.RimPoint("femoral_head_1", 50.0, 500.0 - 54.0 / aspect))
    assert 50.0 < more.landmarks.points["femoral_head_1"].radius < 54.0


def test_a_rim_on_a_line_is_refused():
    state, _ = begin("lat00", "balance")
    clicks = [ev.Click(float(x), 10.0) for x in (0, 50, 100)]
    state = run(state, [ev.GoTo("femoral_head_1"), *clicks])
    assert state.refused
    assert "line" in state.message
    assert len(state.content.rim("femoral_head_1")) == 2


# --- undo -------------------------------------------------------------------------------------


def test_nudges_of_one_point_are_undone_together():
    state, _ = begin("lat00", "balance")
    placed = run(state, [ev.Place("C7_centroid", 300.0, 40.0)])
    nudged = run(placed, [ev.Nudge("C7_centroid", 0.1, 0.0)] * 12)
    assert point_of(nudged.landmarks, "C7_centroid")[0] == pytest.approx(301.2)
    assert update(nudged, ev.Undo()).content == placed.content


def test_a_new_change_ends_what_could_be_made_again_and_redo_can_be_undone():
    state, _ = begin("lat00", "balance")
    one = update(state, ev.Place("C7_centroid", 300.0, 40.0))
    again = run(one, [ev.Undo(), ev.Redo()])
    assert (again.content, again.past) == (one.content, one.past)
    assert update(again, ev.Undo()).content == state.content
    other = run(one, [ev.Undo(), ev.Place("C7_centroid", 1.0, 1.0)])
    assert not other.future
    jumped = run(one, [ev.Undo(), ev.GoTo("C7_centroid")])
    assert jumped.future


def test_undo_has_no_limit():
    state, _ = begin("lat00", "balance")
    moved = run(state, [ev.Place("C7_centroid", float(x), 40.0) for x in range(3000)])
    back = run(moved, [ev.Undo()] * 3001)
    assert back.content == state.content


# --- proposals --------------------------------------------------------------------------------


def proposed(marks, names, source="predicted", **extra):
    points = tuple(
        ev.ProposedPoint(n, marks.points[n].x + 1.0, marks.points[n].y, source=source)
        for n in names
    )
    return ev.Proposed(points, **extra)


S1 = ("S1_superior_posterior", "S1_superior_anterior")
L1 = ("L1_superior_posterior", "L1_superior_anterior")
L2 = ("L2_superior_posterior", "L2_superior_anterior")


def test_a_proposal_is_hollow_never_moves_a_click_and_is_undone_with_it():
    state, marks = begin("lat00", "balance")
    clicked = run(state, [ev.Place(S1[0], *point_of(marks, S1[0]))])
    shown = update(clicked, proposed(marks, (*S1, *L1)))
    assert point_of(shown.landmarks, S1[0]) == point_of(marks, S1[0])
    assert shown.hollow == {S1[1], *L1}
    assert all(shown.landmarks.points[n].source == "predicted" for n in shown.hollow)
    assert update(shown, ev.Undo()).content == state.content
    turned = run(clicked, [ev.SetSide("left"), proposed(marks, L1)])
    assert turned.message == run(clicked, [ev.SetSide("left")]).message


def test_new_proposals_take_the_place_of_old_ones():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.SetSurgery("none"), proposed(marks, (*S1, *L1)), proposed(marks, L1)])
    assert set(state.landmarks.points) == set(L1)


def test_a_hidden_point_is_not_proposed_again():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.GoTo(S1[0]), ev.Skip(), proposed(marks, S1)])
    assert set(state.landmarks.points) == {S1[1]}
    state = run(state, [ev.RefuseProposals("S1"), proposed(marks, (*S1, *L1))])
    assert set(state.landmarks.points) == set(L1)


def test_one_key_confirms_a_region_but_never_l1_with_the_lumbar_spine():
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, (*S1, *L1, *L2)), ev.Confirm("lumbar")])
    assert state.hollow == {*S1, *L1}
    state = run(state, [ev.Confirm("L1"), ev.Confirm("S1")])
    assert not state.hollow
    assert state.landmarks.points[L1[0]].source == "predicted"


def test_a_dragged_proposal_is_the_readers_own():
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, (*S1, *L1)), ev.Move(S1[0], *point_of(marks, S1[0]))])
    point = state.landmarks.points[S1[0]]
    assert (point.source, point.confirmed) == ("manual", True)
    state = run(state, [ev.MoveRegion("L1", 2.0, 0.0)])
    point = state.landmarks.points[L1[0]]
    assert (point.source, point.confirmed) == ("manual", False)


def test_the_shared_covariance_loses_a_point_that_was_clicked():
    state, marks = begin("lat00", "balance")
    names = (*S1, *L1)
    factors = tuple(tuple(float(k * 8 + c) for c in range(8)) for k in range(2))
    event = proposed(marks, names, factor_points=names, factors=factors)
    state = run(state, [event, ev.Place(S1[1], *point_of(marks, S1[1]))])
    shared = state.landmarks.covariance
    assert shared.points == (S1[0], *L1)
    assert shared.factors[1] == (8.0, 9.0, 12.0, 13.0, 14.0, 15.0)


def test_proposals_give_way_to_a_click_that_contradicts_them():
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, (*S1, *L1))])
    hollow = state.landmarks.points[L1[1]]
    far = 2 * marks.points[L1[1]].x - marks.points[L1[0]].x
    behind = 2 * hollow.x - far
    state = run(state, [ev.Place(L1[0], far + (hollow.x - behind) * 3, hollow.y)])
    assert not state.refused
    assert set(state.landmarks.points) == {L1[0]}
    assert "proposals" in state.message


def test_the_next_best_click_of_a_program_is_asked_once_the_endplate_is_whole():
    state, marks = begin("lat00", "full sagittal")
    state = run(state, [ev.Accept(), ev.Accept(), ev.GoTo("candidate"), ev.Skip(), ev.GoTo(S1[0])])
    state = run(state, [proposed(marks, S1), ev.Click(*point_of(marks, S1[0]))])
    assert state.step.name == S1[1]
    state = update(state, ev.Click(*point_of(marks, S1[1])))
    asked = update(state, proposed(marks, L1, next_click="T8_superior_anterior"))
    assert asked.step.name == "T8_superior_anterior"
    centre = update(state, proposed(marks, L1, next_click="T5_centroid"))
    assert centre.step.name.startswith("T5_")
    # What the reader jumped to stays asked, whatever a program would click.
    jumped = run(state, [ev.GoTo("C2_dens"), proposed(marks, L1, next_click="T8_centroid")])
    assert jumped.step.name == "C2_dens"


def test_the_question_after_the_sacrum_comes_before_a_programs_click():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.Accept(), ev.Accept()])
    state = run(state, [ev.Click(*point_of(marks, name)) for name in S1])
    state = update(state, proposed(marks, L1, next_click="C7_centroid"))
    assert state.step.name == "candidate"


def test_accepting_a_proposed_step_confirms_its_region():
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, (*S1, *L1)), ev.GoTo(S1[0]), ev.Accept()])
    assert state.hollow == set(L1)
    assert state.step.name == "candidate"


def middle_of(marks, level):
    corners = [point_of(marks, name) for name in marks.points if name.startswith(f"{level}_")]
    return tuple(map(float, np.mean(corners, axis=0)))


def test_nothing_is_confirmed_in_passing_before_the_program_had_its_first_clicks():
    """What rests on the sacrum alone is a guess: Enter asks for the click instead."""
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, L1, next_click="T8_centroid"), ev.GoTo(L1[0])])
    refused = update(state, ev.Accept())
    assert refused.refused
    assert refused.hollow == set(L1)
    clicks = [ev.Place(n, *point_of(marks, n)) for n in (*S1, "C7_superior_posterior")]
    clicks += [ev.Place(f"femoral_head_{n}", *point_of(marks, f"femoral_head_{n}")) for n in (1, 2)]
    state = run(state, [*clicks, ev.Place("T8_centroid", *middle_of(marks, "T8"))])
    state = run(state, [proposed(marks, L1, next_click=L2[0]), ev.GoTo(L1[0]), ev.Accept()])
    assert not state.refused
    assert not state.hollow


def test_where_a_program_has_doubts_it_is_clicked_and_not_confirmed():
    state, marks = begin("lat00", "balance")
    doubts = {"status": "review", "reasons": ("film: not seen",), "searched": True}
    state = update(state, proposed(marks, (*L1, *L2), next_click=L1[0], **doubts))
    assert update(update(state, ev.GoTo(L1[1])), ev.Accept()).refused
    sure = update(state, proposed(marks, (*L1, *L2), next_click=L2[0], **doubts))
    assert update(update(sure, ev.GoTo(L1[1])), ev.Accept()).hollow == {*L2}
    # The key of the region says it in so many words.
    assert update(state, ev.Confirm("L1")).hollow == {*L2}


def test_a_curve_is_not_confirmed_from_fewer_than_six_vertebrae():
    marks = known_landmarks("frontal00")
    state = begin("frontal00", "coronal centres")[0]
    levels = ("T1", "L5", "T8", "T12", "T4", "L2")
    corners = tuple(n for n in marks.points if n.startswith("T10_") and "centroid" not in n)
    for number, level in enumerate(levels, 1):
        event = ev.Place(f"{level}_centroid", *middle_of(marks, level))
        shown = proposed(marks, corners, status="ok", searched=True)
        state = run(state, [event, shown, ev.GoTo("T10_centroid")])
        assert state.status(state.step) == "proposed", "four corners are a centre"
        assert update(state, ev.Accept()).refused is (number < 6)


def test_the_balance_protocol_asks_for_what_a_program_cannot_do_without():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.GoTo("C7_centroid"), ev.Click(*middle_of(marks, "C7"))])
    asked = update(state, proposed(marks, L1, next_click="T8_centroid"))
    assert asked.step.name == "T8_centroid"
    hidden = run(asked, [ev.Skip(), proposed(marks, L1, next_click="T8_centroid")])
    assert hidden.landmarks.proposal.next_click != "T8_centroid"
    full = run(begin("lat00", "full sagittal")[0], [proposed(marks, L1, next_click="T8_centroid")])
    assert "T8_centroid" not in {step.name for step in full.steps}


def test_after_a_look_at_the_film_more_is_asked_only_where_there_are_doubts():
    state, marks = begin("lat00", "balance")
    state = update(state, ev.SetSurgery("none"))
    base = {step.name for step in state.steps}
    sure = update(state, proposed(marks, L1, next_click=L2[0], status="ok", searched=True))
    assert {step.name for step in sure.steps} == base
    doubts = {"status": "review", "reasons": ("film: hidden",), "searched": True}
    asked = update(state, proposed(marks, L1, next_click=L2[0], **doubts))
    assert {step.name for step in asked.steps} == base | {*L2}, "an endplate has two corners"
    half = run(asked, [ev.GoTo(L2[0]), ev.Click(*point_of(marks, L2[0])), proposed(marks, L1)])
    assert half.step.name == L2[1], "an endplate that was begun is finished"
    again = parse_landmarks(document_bytes(half.content, {}))
    film = state.film
    assert start(film, PROTOCOL["balance"], again).content.guided == half.content.guided


def test_a_look_at_the_film_is_undone_alone_and_changes_nothing_under_the_hand():
    state, marks = begin("lat00", "balance")
    state = run(state, [ev.Accept(), ev.Accept(), ev.Click(*point_of(marks, S1[0]))])
    state = update(state, proposed(marks, L1))
    found = update(state, proposed(marks, L1, "snapped", next_click="C7_centroid", searched=True))
    assert found.step == state.step
    assert found.landmarks.points[L1[0]].source == "snapped"
    back = update(found, ev.Undo())
    assert back.content == state.content, "one key takes the snap back, and no click"


def test_what_was_confirmed_tells_a_program_nothing_that_it_did_not_know():
    state, marks = begin("lat00", "balance")
    state = run(state, [proposed(marks, L1), proposed(marks, L1), ev.Confirm("L1")])
    seen = proposals.evidence_of(state.landmarks)
    assert not any(seen.points[name].confirmed for name in L1)
    state = run(state, [ev.Place(S1[0], *point_of(marks, S1[0])), ev.Move(L1[0], 900.0, 900.0)])
    seen = proposals.evidence_of(state.landmarks)
    assert seen.points[S1[0]].confirmed
    if not state.refused:
        assert seen.points[L1[0]].confirmed, "a point moved by hand is the reader's"


# --- what is said of the film -----------------------------------------------------------------


def test_a_length_calibrates_the_film():
    state, _ = begin("lat00", "balance")
    state = update(state, ev.CalibrateLength(0.0, 0.0, 400.0, 0.0, 100.0, "patient"))
    assert state.landmarks.scale.column_mm == pytest.approx(0.25)
    assert state.landmarks.scale.state == "user_fiducial"
    ball = update(state, ev.CalibrateCircle(((100.0, 50.0),), 50.0, "skin", (0.0, 50.0)))
    assert ball.landmarks.scale.column_mm == pytest.approx(0.25)
    assert ball.landmarks.scale.plane == "skin"
    refused = update(state, ev.CalibrateLength(0.0, 0.0, 0.0, 0.0, 100.0, "patient"))
    assert refused.refused
    assert refused.content == state.content


def test_a_plumb_line_must_run_down_the_film():
    state, _ = begin("lat00", "balance")
    assert update(state, ev.SetVertical(((0.0, 0.0), (500.0, 30.0)))).refused
    plumb = update(state, ev.SetVertical(((10.0, 0.0), (12.0, 900.0))))
    assert plumb.landmarks.vertical == ((10.0, 0.0), (12.0, 900.0))
    assert update(plumb, ev.SetVertical(None)).landmarks.vertical is None


def test_every_word_that_the_document_allows_can_be_said_and_no_other():
    state, _ = begin("lat00", "balance")
    assert "standing" in answers.ACQUISITION_WORDS["position"]
    assert answers.COUNT_WORDS["lumbar"] == (4, 5, 6)
    assert "prior" in answers.SURGERY_WORDS
    for field, words in answers.ACQUISITION_WORDS.items():
        for word in words:
            said = update(state, ev.SetAcquisition(**{field: word}))
            parse_landmarks(json.dumps(encode_landmarks(said.landmarks)).encode())
            assert getattr(said.landmarks.acquisition, field) == word
        assert update(state, ev.SetAcquisition(**{field: "elsewhere"})).refused


def test_a_tick_leaves_a_note_and_takes_it_away():
    state, _ = begin("lat00", "balance")
    ticked = update(state, ev.Tick("C7_under_shoulder"))
    assert answers.is_ticked(ticked.landmarks, "C7_under_shoulder")
    assert update(ticked, ev.Tick("C7_under_shoulder")).landmarks.notes == {}
    own = update(state, ev.SetNote("C7", "my own words"))
    assert update(own, ev.Tick("C7_under_shoulder")).refused


@pytest.mark.parametrize(("heading", "text"), [("\ud800", "x"), ("x", "\udfff"), ("", "x")])
def test_a_note_that_no_file_can_hold_is_refused(heading, text):
    state, _ = begin("lat00", "balance")
    refused = update(state, ev.SetNote(heading, text))
    assert refused.refused
    assert refused.content == state.content
    assert update(state, ev.SetNote("x", "y" * 30_000)).refused


def test_the_view_cannot_change_under_placed_points():
    marks = known_landmarks("lat00")
    film = replace(film_of(marks), facing=None)
    state = start(film, PROTOCOL["balance"])
    assert not state.content.view_known
    assert update(state, ev.Place("C7_centroid", 1.0, 1.0)).refused
    frontal = run(state, [ev.SetView("frontal"), ev.SetSide("left"), ev.Place("C7_centroid", 1, 1)])
    assert frontal.landmarks.view == "frontal"
    assert update(frontal, ev.SetView("lateral")).refused


def test_another_protocol_asks_for_its_own_points_and_keeps_those_placed():
    state, marks = begin("lat00", "balance")
    state = run(follow(state, marks), [use(PROTOCOL["cervical"])])
    assert state.step.name == "film" or state.step.name.startswith("C7")
    assert "L1_superior_anterior" in state.landmarks.points
    unknown = ev.UseProtocol("x", "", ("no_point",), ())
    assert update(state, unknown).refused


def test_an_existing_document_is_opened_as_it_stands():
    marks = known_landmarks("frontal00")
    state = start(film_of(marks), PROTOCOL["coronal"], marks)
    assert state.landmarks == replace(marks, warnings=(), software=None)
    asked = [step for step in state.steps if step.name in marks.points]
    assert all(step_status(step, state.content) == "done" for step in asked)


def test_a_moved_point_loses_the_noise_that_was_told_of_its_old_place():
    marks = known_landmarks("lat00")
    own = replace(marks.points[S1[0]], sd_px=3.0, source="imported")
    marks = replace(marks, points={**marks.points, S1[0]: own})
    state = start(film_of(marks), PROTOCOL["balance"], marks)
    moved = update(state, ev.Move(S1[0], own.x + 1.0, own.y))
    assert moved.landmarks.points[S1[0]] == Landmark(own.x + 1.0, own.y)
