"""What the editor shows beside the points: values, warnings, lines, and where to look next."""

from dataclasses import replace

import numpy as np
import pytest
from editor_actions import begin, film_of, follow, known_landmarks, next_action
from strategies import known_case

import balance.landmarks.editor.answers as answers
import balance.landmarks.editor.events as ev
from balance.landmarks.editor.constructions import constructions
from balance.landmarks.editor.expected import expected_position, lies_outside
from balance.landmarks.editor.live import look
from balance.landmarks.editor.notices import notices
from balance.landmarks.editor.prior import Prior, find_prior, prior_of
from balance.landmarks.editor.protocols import PROTOCOL
from balance.landmarks.editor.state import start
from balance.landmarks.editor.transitions import update
from balance.landmarks.files import write_landmarks
from balance.landmarks.model import Landmark, VertebraCount
from balance.metrics.catalogue import measure_film
from balance.radiograph import Subject

S1 = ("S1_superior_posterior", "S1_superior_anterior")


def shown(state, prior=None):
    return notices(state, look(state.landmarks), prior)


def said(lines, *words):
    return [line for line in lines if all(word in line for word in words)]


def run(state, events):
    for event in events:
        state = update(state, event)
    return state


# --- values -----------------------------------------------------------------------------------


def test_the_six_values_have_a_row_from_the_first_moment():
    state, marks = begin("lat05", "balance")
    labels = [row.label for row in look(state.landmarks).lead]
    assert labels == ["SVA", "LL", "PI", "PT", "PI-LL"]
    end = look(follow(state, marks).landmarks)
    expected = known_case("lat05")["expected"]
    for row in end.lead:
        assert float(row.value) == pytest.approx(expected[row.key], abs=0.051)
        assert row.interval
    assert any(row.grades for row in end.lead)


def test_values_appear_once_the_heads_are_there():
    state, marks = begin("lat05", "balance")
    while state.step.name != "C7_centroid":
        state = update(state, next_action(state, marks))
    given = {row.key for row in look(state.landmarks).rows if row.value}
    assert {"PI", "PT", "SS"} <= given


def test_an_unconfirmed_proposal_gives_a_marked_value_and_no_grade():
    state, marks = begin("lat05", "balance")
    state = follow(state, marks)
    hollow = {
        n: replace(p, source="predicted", confirmed=False) if n in S1 else p
        for n, p in state.landmarks.points.items()
    }
    live = look(replace(state.landmarks, points=hollow))
    tilt = next(row for row in live.lead if row.key == "PT")
    assert not tilt.confirmed
    assert all(line.reason for line in tilt.grades)


# --- warnings ---------------------------------------------------------------------------------


def test_the_vertical_is_asked_for_until_it_is_drawn_or_ticked():
    state, _ = begin("lat05", "balance")
    assert said(shown(state), "vertical", "not verified")
    assert not said(shown(update(state, ev.Tick("vertical_checked"))), "not verified")
    drawn = update(state, ev.SetVertical(((10.0, 0.0), (10.0, 900.0))))
    assert not said(shown(drawn), "not verified")


def test_one_head_is_no_warning_before_the_other_was_asked():
    state, marks = begin("lat05", "balance")
    while "femoral_head_1" not in state.landmarks.points:
        state = update(state, next_action(state, marks))
    assert not said(shown(state), "only femoral_head_1")
    assert said(shown(update(state, ev.Skip())), "only femoral_head_1")


def test_heads_far_apart_and_an_implausible_sacrum_are_said_once():
    state, marks = begin("lat05", "balance")
    state = follow(state, marks)
    mm = 1.0 / state.landmarks.scale.column_mm
    head = state.landmarks.points["femoral_head_1"]
    state = run(state, [
        ev.Place("femoral_head_1", head.x + 40 * mm, head.y, 60 * mm),
        ev.Nudge(S1[1], 60 * mm if marks.side == "right" else -60 * mm, 0.0),
    ])  # fmt: skip
    lines = shown(state)
    assert len(said(lines, "femoral heads lie", "apart")) == 1
    assert len(said(lines, "radius of 60 mm")) == 1
    assert len(said(lines, "S1 endplate measures")) == 1
    assert len(lines) == len(set(lines))
    assert all("\n" not in line and len(line) < 200 for line in lines)


def test_a_wrong_side_shows_as_a_negative_tilt():
    state, marks = begin("lat05", "balance")
    state = run(state, [ev.SetSide("left" if marks.side == "right" else "right")])
    for name in (*S1, "femoral_head_1", "femoral_head_2"):
        point = marks.points[name]
        state = update(state, ev.Place(name, point.x, point.y))
    tilt = known_case("lat05")["expected"]["PT"]
    assert tilt > 5.0
    assert said(shown(state), "PT", "facing")


def test_another_pi_than_on_the_earlier_film_is_said():
    state, marks = begin("lat05", "balance")
    state = follow(state, marks)
    incidence = known_case("lat05")["expected"]["PI"]
    count = VertebraCount(12, 5)
    assert not said(shown(state, Prior(None, incidence + 7.5, count)), "PI differs")
    (line,) = said(shown(state, Prior("2020-01-02", incidence + 8.5, count)), "PI differs")
    assert "2020-01-02" in line
    assert "S1" in line
    child = replace(state, content=replace(state.content, landmarks=replace(
        state.landmarks, subject=Subject(12.0))))  # fmt: skip
    assert not said(shown(child, Prior(None, incidence + 20, count)), "PI differs")
    six = update(state, ev.SetCount(lumbar=6))
    assert said(shown(six, Prior(None, None, count)), "6 lumbar", "5 on the film")


def test_ticks_are_said():
    state, _ = begin("lat05", "balance")
    for name in ("S1_double_contour", "C7_under_shoulder", "film_cut"):
        before = len(shown(state))
        state = update(state, ev.Tick(name))
        assert answers.is_ticked(state.landmarks, name)
        assert len(shown(state)) == before + 1


def test_a_film_that_ends_below_c7_is_said_to_be_cut():
    state, marks = begin("lat05", "balance")
    top = marks.points["T8_superior_anterior"].y
    names = [n for n in marks.points if n.startswith(("S1", "L", "femoral"))]
    state = run(state, [ev.Accept(), ev.Accept()])
    state = run(state, [
        ev.Place(n, marks.points[n].x, marks.points[n].y - top) for n in names
    ])  # fmt: skip
    assert said(shown(state), "cut", "C7")
    whole = run(begin("lat05", "balance")[0], [
        ev.Place(n, marks.points[n].x, marks.points[n].y) for n in names
    ])  # fmt: skip
    assert not said(shown(whole), "cut")


def test_unconfirmed_points_are_counted():
    state, marks = begin("lat05", "balance")
    points = tuple(ev.ProposedPoint(n, marks.points[n].x, marks.points[n].y) for n in S1)
    assert said(shown(update(state, ev.Proposed(points))), "2 points are not confirmed")


# --- an earlier film --------------------------------------------------------------------------


def test_the_earlier_film_is_the_same_patients_by_name_and_never_by_guess(tmp_path):
    now = replace(known_landmarks("lat05"), acquired="2024-05-01", subject=Subject(50.0, "F", "P7"))
    for name, told in {
        "old": {"acquired": "2020-01-01"},
        "older": {"acquired": "2015-01-01"},
        "later": {"acquired": "2025-01-01"},
        "other": {"acquired": "2023-01-01", "subject": Subject(50.0, "F", "P8")},
    }.items():
        write_landmarks(replace(now, **told), tmp_path / f"{name}.landmarks.json")
    (tmp_path / "broken.landmarks.json").write_text("{")
    found = find_prior(tmp_path / "now.landmarks.json", now)
    assert found.acquired == "2020-01-01"
    assert found.incidence == pytest.approx(known_case("lat05")["expected"]["PI"], abs=0.01)
    nobody = replace(now, subject=Subject(50.0, "F"))
    assert find_prior(tmp_path / "now.landmarks.json", nobody) is None


def test_an_unconfirmed_earlier_film_has_no_pi():
    marks = known_landmarks("lat05")
    points = {n: replace(p, confirmed=False, source="predicted") for n, p in marks.points.items()}
    assert prior_of(replace(marks, points=points)).incidence is None


# --- lines ------------------------------------------------------------------------------------


def lines_of(marks):
    return constructions(measure_film(marks))


def one(lines, kind, key, dashed=None):
    found = [
        line
        for line in lines
        if (line.kind, line.key) == (kind, key) and dashed in (None, line.dashed)
    ]
    assert len(found) == 1
    return found[0]


def direction(line, marks):
    ends = (line.pixels[-1] - line.pixels[0]) * (marks.scale.column_mm, marks.scale.row_mm)
    return ends / np.hypot(*ends)


def angle_between(first, second):
    return np.degrees(np.arccos(np.clip(first @ second, -1, 1)))


@pytest.mark.parametrize("name", ["lat00", "lat03", "lat05", "lat08"])
def test_the_lines_of_a_lateral_film_enclose_the_angles_that_are_measured(name):
    marks, expected = known_landmarks(name), known_case(name)["expected"]
    lines = lines_of(marks)
    hips = direction(one(lines, "pelvis", "PI", dashed=False), marks)
    normal = direction(one(lines, "pelvis", "PI", dashed=True), marks)
    vertical = direction(one(lines, "pelvis", "PT"), marks)
    assert angle_between(hips, normal) == pytest.approx(abs(expected["PI"]), abs=0.01)
    assert angle_between(-hips, vertical) == pytest.approx(abs(expected["PT"]), abs=0.01)
    slope = direction(one(lines, "pelvis", "SS"), marks)
    plate = direction(one(lines, "endplate", "S1_superior"), marks)
    found = angle_between(-slope, plate)
    assert min(found, 180 - found) == pytest.approx(abs(expected["SS"]), abs=0.01)
    upper, lower = (line for line in lines if (line.kind, line.key) == ("cobb", "LL"))
    lordosis = angle_between(direction(upper, marks), direction(lower, marks))
    assert lordosis == pytest.approx(abs(expected["LL"]), abs=0.01)


def test_the_offset_line_is_as_long_as_the_sva():
    marks, expected = known_landmarks("lat05"), known_case("lat05")["expected"]
    line = one(lines_of(marks), "offset", "SVA")
    length = np.hypot(
        *((line.pixels[1] - line.pixels[0]) * (marks.scale.column_mm, marks.scale.row_mm))
    )
    assert length == pytest.approx(abs(expected["SVA"]), abs=0.01)
    assert line.pixels[0] == pytest.approx([marks.points[S1[0]].x, marks.points[S1[0]].y])


def test_the_csvl_and_the_cobb_lines_of_a_frontal_film():
    name = "frontal02"
    marks, case = known_landmarks(name), known_case(name)
    lines = lines_of(marks)
    offset = one(lines, "offset", "C7_CSVL").pixels
    length = abs(offset[1, 0] - offset[0, 0]) * marks.scale.column_mm
    assert length == pytest.approx(abs(case["expected"]["C7_CSVL"]), abs=0.01)
    film = measure_film(marks)
    assert film.curves
    for place, curve in enumerate(film.curves, 1):
        upper, lower = (one for one in lines if one.key == f"curve.{place}")
        found = angle_between(direction(upper, marks), direction(lower, marks))
        assert found == pytest.approx(abs(curve.cobb), abs=0.01)
        # Drawn on the side to which the curve opens: away from its convexity.
        towards_right = (upper.pixels[1, 0] > upper.pixels[0, 0]) == (marks.side == "right")
        assert towards_right == (curve.convex == "left")


def test_a_head_is_a_circle_in_millimetres():
    marks = known_landmarks("lat00")
    point = marks.points["femoral_head_1"]
    heads = {"femoral_head_1": Landmark(point.x, point.y, radius=100.0)}
    (line,) = lines_of(replace(marks, points=heads))[:1]
    away = (line.pixels - [point.x, point.y]) * (marks.scale.column_mm, marks.scale.row_mm)
    assert np.hypot(*away.T) == pytest.approx(np.full(len(away), 100.0 * marks.scale.column_mm))


def test_lines_of_unconfirmed_points_say_so():
    marks = known_landmarks("lat05")
    points = {
        n: replace(p, confirmed=False, source="predicted") if n == S1[0] else p
        for n, p in marks.points.items()
    }
    lines = lines_of(replace(marks, points=points))
    assert not one(lines, "endplate", "S1_superior").confirmed
    assert one(lines, "endplate", "L1_superior").confirmed
    assert not one(lines, "offset", "SVA").confirmed


@pytest.mark.parametrize("name", ["lat00", "frontal00", "edge0"])
def test_any_part_of_the_points_can_be_drawn(name):
    marks = known_landmarks(name)
    names = list(marks.points)
    for size in range(0, len(names), 7):
        chosen = names[size : size + 9]
        lines = lines_of(replace(marks, points={n: marks.points[n] for n in chosen}))
        assert all(np.isfinite(line.pixels).all() for line in lines)


# --- where to look ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lat00", "lat05", "frontal00", "frontal03"])
def test_the_film_moves_near_the_next_point(name):
    state, marks = begin(name, "full sagittal" if name.startswith("lat") else "coronal")
    away = []
    for _ in range(200):
        if state.step is None:
            break
        if state.step.kind != "ask" and state.step.name in marks.points:
            x, y = expected_position(state.landmarks, state.film, state.step.name)
            point = marks.points[state.step.name]
            scale = marks.scale
            apart = np.hypot((x - point.x) * scale.column_mm, (y - point.y) * scale.row_mm)
            away.append((apart, state.step.name))
        state = update(state, next_action(state, marks))
    later = [apart for apart, name in away if not name.startswith(("S1", "C7"))]
    assert np.median(later) < 15.0
    assert max(later) < 70.0


@pytest.mark.parametrize("name", ["lat05", "frontal00"])
def test_without_a_scale_the_film_still_moves_there(name):
    marks = known_landmarks(name)
    bare = replace(marks.scale, state="none", row_mm=marks.scale.row_mm / marks.scale.column_mm,
                   column_mm=1.0)  # fmt: skip
    film = film_of(marks)
    asked = "T8_superior_anterior" if name == "lat05" else "T8_superior_left"
    kept = {n: p for n, p in marks.points.items() if n.startswith(("S1", "L", "T1_"))}
    with_scale = expected_position(replace(marks, points=kept), film, asked)
    without = expected_position(replace(marks, points=kept, scale=bare), film, asked)
    apart = np.subtract(with_scale, without) * marks.scale.column_mm
    assert np.hypot(*apart) < 25.0


def test_a_placed_point_is_looked_for_where_it_is():
    marks = known_landmarks("lat05")
    point = marks.points[S1[0]]
    assert expected_position(marks, film_of(marks), S1[0]) == (point.x, point.y)


def test_the_first_place_is_on_the_film():
    for name in ("lat05", "frontal00"):
        marks = known_landmarks(name)
        film = film_of(marks)
        for protocol in PROTOCOL.values():
            state = start(film, protocol, view=marks.view)
            for step in [one for one in state.steps if one.kind != "ask"][:1]:
                assert not lies_outside(film, expected_position(state.landmarks, film, step.name))
