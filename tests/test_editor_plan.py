"""A plan made in the editor: its state machine, its values against the command, its picture."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import spinal_balance
from editor_driver import Driver
from hypothesis import given, settings
from hypothesis import strategies as st
from test_editor_window import overlaps

import balance.landmarks.editor.plan_events as ev
from balance.errors import BadPlan
from balance.landmarks.editor.events import Redo, Undo
from balance.landmarks.editor.plan_outcome import LEADING, measure_plan
from balance.landmarks.editor.plan_sitting import PlanChanged, plan_path, sit_down
from balance.landmarks.editor.plan_state import start_plan, update_plan
from balance.landmarks.editor.window.ask import about_changed
from balance.landmarks.editor.window.flow import Command
from balance.landmarks.editor.window.keys import keys_table
from balance.landmarks.editor.window.marks import Area, Text
from balance.landmarks.editor.window.overlay import area_of
from balance.landmarks.editor.window.pages import help_page
from balance.landmarks.editor.window.plan_hands import PlanHands
from balance.landmarks.editor.window.plan_keys import BY_PLAN_KEY, PLAN_CATALOGUE
from balance.landmarks.files import read_landmarks, write_landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.plan import Correction, Plan, check_plan, refuse_impossible
from balance.planning.procedures import PROCEDURES
from balance.planning.request import PlanRequest, carry_out
from balance.planning.scenarios import SCENARIOS

SAMPLES = Path(__file__).parents[1] / "sample_images"
DOCS = Path(__file__).parents[1] / "docs"
FILM = read_landmarks(SAMPLES / "lateral_03.landmarks.json")
FORBIDDEN = ("imbalance", "unstable", "normal", "recommend", "risk")


@pytest.fixture(autouse=True)
def _leave():
    yield
    Driver.leave_all()


def copied(folder, name="lateral_03"):
    """A film with its landmarks in a folder of its own."""
    for suffix in (".dcm", ".landmarks.json"):
        shutil.copy(SAMPLES / f"{name}{suffix}", folder)
    return folder / f"{name}.dcm"


def done(state, *events):
    for event in events:
        state = update_plan(state, event)
    return state


def planned(*corrections):
    """Events that make these corrections."""
    for site, procedure, degrees in corrections:
        yield ev.ChooseSite(site, procedure)
        yield ev.Turn(degrees)


# --- the state machine ----------------------------------------------------------------------------


EVENTS = st.one_of(
    st.builds(ev.ChooseSite, st.sampled_from(["L5_S1", "L4", "L3", "L2_L3", "T12", "T8", "C9"])),
    st.builds(ev.StepSite, st.sampled_from([1, -1])),
    st.builds(ev.StepProcedure, st.sampled_from([1, -1])),
    st.builds(ev.Another),
    st.builds(ev.Turn, st.sampled_from([1.0, -1.0, 5.0, -5.0, 60.0])),
    st.builds(ev.Remove),
    st.builds(ev.Fuse, st.sampled_from(["uiv", "liv"])),
    st.builds(ev.StepScenario, st.sampled_from([1, -1])),
    st.builds(Undo),
    st.builds(Redo),
)
OPENING = Plan((Correction("L4_L5", "cage", 6.0),), "T10", "S1")


@given(st.lists(EVENTS, max_size=25), st.sampled_from([Plan(), OPENING]))
def test_undoing_everything_gives_the_plan_of_the_beginning(events, plan):
    first = state = start_plan(FILM, plan)
    for event in events:
        before, state = state, update_plan(state, event)
        assert state.landmarks is FILM, "a plan changes no landmark"
        check_plan(state.plan, FILM.existing_levels, "lateral")
        refuse_impossible(state.plan, FILM)
        if state.refused:
            assert state.message
            assert state.plan == before.plan
        if state.site is not None:
            assert state.procedure in state.sites[state.site]
    last = state
    while state.past:
        state = update_plan(state, Undo())
        assert not state.refused
    assert state.plan == first.plan
    assert update_plan(state, Undo()).refused
    while state.future:
        state = update_plan(state, Redo())
    undone = len(last.future)
    for _ in range(undone):
        state = update_plan(state, Undo())
    assert state.plan == last.plan


def test_steps_of_the_wheel_are_undone_together_and_corrections_apart():
    state = done(start_plan(FILM, Plan()), ev.ChooseSite("L3"), *[ev.Turn(1.0)] * 7)
    state = done(state, ev.ChooseSite("L5_S1"), *[ev.Turn(1.0)] * 4)
    assert [one.degrees for one in state.plan.corrections] == [7.0, 4.0]
    state = update_plan(state, Undo())
    assert [(one.site, one.degrees) for one in state.plan.corrections] == [("L3", 7.0)]
    assert state.site == "L5_S1", "what was undone is pointed at"
    state = update_plan(state, Undo())
    assert state.plan == Plan()
    assert done(state, Redo(), Redo()).plan.corrections[1].degrees == 4.0


def test_a_correction_turned_back_to_nothing_is_none():
    state = done(start_plan(FILM, Plan()), *planned(("L3", "angle", 3.0)), *[ev.Turn(-1.0)] * 3)
    assert state.plan == Plan()
    assert update_plan(state, ev.Turn(-1.0)).plan.corrections[0].degrees == -1.0


def test_an_osteotomy_does_not_open():
    """What the command refuses is refused while the wheel turns."""
    state = done(start_plan(FILM, Plan()), *planned(("L3", "pso", -1.0)))
    assert state.refused
    assert "closes behind" in state.message
    assert state.plan == Plan()


def test_a_site_offers_only_what_can_be_done_there():
    sites = start_plan(FILM, Plan()).sites
    for row in PROCEDURES:
        assert (row.key in sites["L3"]) == (row.site in ("body", "either"))
        assert (row.key in sites["L3_L4"]) == (row.site in ("disc", "either"))
    assert "S1" not in sites
    order = [site for site in sites if "_" not in site]
    assert order[:3] == ["L5", "L4", "L3"], "up goes towards the head"


def test_procedures_are_exchanged_by_the_same_degrees_and_can_be_combined():
    state = done(start_plan(FILM, Plan()), *planned(("L4_L5", "pco", 8.0)), ev.StepProcedure(1))
    (one,) = state.plan.corrections
    assert (one.procedure, one.degrees) == ("alif", 8.0)
    state = done(state, ev.Another(), ev.StepProcedure(1), ev.Turn(5.0))
    assert len(state.plan.corrections) == 2
    assert state.plan.corrections[0] == one
    refused = done(start_plan(FILM, Plan()), *planned(("L3", "vcr", 20.0), ("L3_L4", "alif", 5.0)))
    assert refused.refused
    assert "leaves nothing" in refused.message


def test_no_site_no_turn():
    state = update_plan(start_plan(FILM, Plan()), ev.Turn(1.0))
    assert state.refused
    assert "body or a disc" in state.message


@pytest.mark.parametrize(
    ("gone", "said"),
    [("S1_superior", "S1"), ("femoral_head", "a femoral head"), ("L1_superior", "L1 upper")],
)
def test_what_is_missing_for_a_plan_is_named(gone, said):
    points = {n: p for n, p in FILM.points.items() if not n.startswith(gone)}
    with pytest.raises(BadPlan, match=said):
        start_plan(replace(FILM, points=points), Plan())


def test_a_frontal_film_has_no_plan_here():
    with pytest.raises(BadPlan, match="lateral film"):
        start_plan(read_landmarks(SAMPLES / "frontal_01.landmarks.json"), Plan())


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("procedure", "degrees"), [("angle", -12.0), ("pso", 1.0), ("pso", 27.0)])
def test_a_wedge_changes_lordosis_by_itself_and_nothing_below(procedure, degrees):
    state = done(start_plan(FILM, Plan()), *planned(("L3", procedure, degrees)))
    values = {one.key: one for one in measure_plan(state, measure_film(FILM)).values}
    assert float(values["LL"].change) == degrees
    assert float(values["PI_LL"].change) == -degrees
    assert values["PT"].change == values["SS"].change == values["TK"].change == "0"
    assert values["PT"].before == values["PT"].planned


SOME = st.lists(
    st.tuples(
        st.sampled_from([("L3", "pso"), ("L5_S1", "alif"), ("T11_T12", "pco"), ("L2", "angle")]),
        st.floats(0.5, 30).map(lambda degrees: round(degrees, 1)),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[0],
)


@settings(max_examples=8)
@given(SOME, st.booleans())
def test_planned_values_are_those_of_the_command(tmp_path_factory, corrections, fused):
    """In every scenario, to the last digit, from the plan file that was saved."""
    folder = tmp_path_factory.mktemp("plan")
    document = copied(folder).with_name("lateral_03.landmarks.json")
    bytes_before = document.read_bytes()
    sitting = sit_down(document, read_landmarks(document))
    for (site, procedure), degrees in corrections:
        sitting.do(ev.ChooseSite(site, procedure))
        sitting.do(ev.Turn(degrees))
    if fused:
        for site, end in (("T10", "uiv"), ("L5_S1", "liv")):
            sitting.do(ev.ChooseSite(site))
            sitting.do(ev.Fuse(end))
    assert not sitting.state.refused
    sitting.save()
    analysis, _ = carry_out(PlanRequest(document, plan_path(document)))
    for theirs in analysis.scenarios:
        outcome = sitting.measure()
        sitting.do(ev.StepScenario())
        if theirs.film is None:
            assert outcome.reason == theirs.reason
            continue
        assert outcome.reason is None
        assert outcome.scenario == theirs.scenario
        ours = outcome.live.film.measurements
        for key, one in theirs.film.measurements.items():
            assert ours[key].value == one.value, (theirs.scenario.key, key)
        assert outcome.doubts == analysis.doubts
    assert document.read_bytes() == bytes_before


def test_the_command_takes_the_plan_that_was_saved(tmp_path):
    document = copied(tmp_path).with_name("lateral_03.landmarks.json")
    sitting = sit_down(document, read_landmarks(document))
    for event in planned(("L3", "pso", 25.0), ("L5_S1", "alif", 9.0)):
        sitting.do(event)
    sitting.save()
    out = tmp_path / "out"
    result = spinal_balance(
        "plan", document, "--plan", tmp_path / "lateral_03.plan.json", "-o", out
    )
    assert result.exit_code == 0, result.output
    values = json.loads((out / "values.json").read_text())
    shown = {one.key: one for one in sitting.measure().values}
    for key in ("SVA", "LL", "PI_LL", "PT", "TK", "TPA"):
        assert float(shown[key].before) == pytest.approx(values["before"][key]["value"], abs=0.051)
        assert float(shown[key].planned) == pytest.approx(
            values["planned"][key]["value"], abs=0.051
        )
        assert float(shown[key].change) == pytest.approx(values["change"][key]["value"], abs=0.051)


def test_a_scenario_that_cannot_be_drawn_says_why():
    state = done(start_plan(FILM, Plan()), *planned(("L3", "pso", 20.0)))
    growing = next(one.key for one in SCENARIOS if one.kyphosis_grows)
    outcome = measure_plan(replace(state, scenario=growing), measure_film(FILM))
    assert "UIV" in outcome.reason
    assert outcome.scenario is SCENARIOS[0], "what is shown instead is named"


# --- the file -------------------------------------------------------------------------------------


def test_a_plan_goes_on_from_its_file_and_keeps_what_it_does_not_know(tmp_path):
    document = copied(tmp_path).with_name("lateral_03.landmarks.json")
    path = tmp_path / "lateral_03.plan.json"
    before = {
        "format": "spinal-balance-plan",
        "version": 1,
        "corrections": [
            {"site": "L5_S1", "procedure": "alif", "degrees": 8.0, "cage": "blue"},
            {
                "site": "L3", "procedure": "pso", "degrees": 20.0, "surgeon": "me",
                "hinge": {"level": "L3", "endplate": "inferior", "fraction": 0.9, "rise": 0.3},
            },
        ],
        "targets": ["schwab"],
        "notes": {"indication": "pain"},
        "theatre": 4,
    }  # fmt: skip
    path.write_text(json.dumps(before))
    sitting = sit_down(document, read_landmarks(document))
    assert not sitting.dirty
    sitting.do(ev.ChooseSite("L5_S1", "alif"))
    sitting.do(ev.Remove())
    sitting.do(ev.ChooseSite("L3"))
    sitting.do(ev.Turn(5.0))
    assert sitting.dirty
    sitting.save()
    after = json.loads(path.read_text())
    assert after["corrections"] == [{**before["corrections"][1], "degrees": 25.0}]
    assert (after["targets"], after["notes"], after["theatre"]) == (
        ["schwab"], {"indication": "pain"}, 4,
    )  # fmt: skip
    assert not sitting.dirty


def test_a_plan_of_somebody_else_is_not_written_over(tmp_path):
    document = copied(tmp_path).with_name("lateral_03.landmarks.json")
    path = tmp_path / "lateral_03.plan.json"
    sitting = sit_down(document, read_landmarks(document))
    for event in planned(("L3", "pso", 25.0)):
        sitting.do(event)
    path.write_text("{}")
    with pytest.raises(PlanChanged, match=r"lateral_03\.plan\.json"):
        sitting.save()
    assert path.read_text() == "{}"
    sitting.save(overwrite=True)
    assert json.loads(path.read_text())["corrections"][0]["degrees"] == 25.0


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '{"format": "spinal-balance-plan", "version": 1, "corrections": '
        '[{"site": "L9", "procedure": "pso", "degrees": 20}]}',
    ],
)
def test_a_plan_file_that_is_wrong_is_named_and_left(tmp_path, content):
    film = copied(tmp_path)
    path = tmp_path / "lateral_03.plan.json"
    path.write_text(content)
    driver = Driver(film, protocol=None)
    driver.keys("s")
    assert driver.desk.planning is None
    assert "lateral_03.plan.json" in driver.desk.said
    assert path.read_text() == content


# --- the window -----------------------------------------------------------------------------------


@pytest.fixture
def planning(tmp_path):
    driver = Driver(copied(tmp_path), protocol=None)
    driver.keys("s")
    driver.window.tick()
    return driver


def turn(driver, steps, *held):
    """Turn the wheel over the film."""
    for _ in range(abs(steps)):
        driver._event("scroll_event", (300.0, 300.0), step=np.sign(steps), modifiers=held)


def middle(driver, level):
    points = driver.desk.shown.landmarks.points
    corners = [p for n, p in points.items() if n.startswith(f"{level}_") and "erior_" in n]
    return np.mean([(p.x, p.y) for p in corners], axis=0)


def shown(driver, gid):
    return next(text.text for text in driver.texts() if text.gid == gid)


def test_a_level_is_clicked_and_the_wheel_turned(planning, tmp_path):
    before = planning.state
    picture = planning.picture()
    planning.click(*middle(planning, "L3"))
    assert planning.desk.planning.state.site == "L3"
    planning.keys("right")
    turn(planning, 3)
    turn(planning, 5, "shift")
    turn(planning, -1)
    assert shown(planning, "degrees") == "+27°"
    planning.window.tick()
    values = {one.key: one for one in planning.desk.planning.outcome.values}
    assert values["LL"].change == "+27.0"
    assert shown(planning, "change.LL") == "+27.0°"
    assert shown(planning, "correction.L3.pso") == "L3 PSO +27°"
    assert (planning.picture() != picture).any()
    planning.keys("ctrl+z")
    planning.window.tick()
    assert planning.desk.planning.state.plan == Plan()
    assert shown(planning, "change.LL") == "0°"
    planning.keys("ctrl+y", "ctrl+s")
    assert "lateral_03.plan.json" in planning.desk.said
    saved = json.loads((tmp_path / "lateral_03.plan.json").read_text())
    assert saved["corrections"] == [{"site": "L3", "procedure": "pso", "degrees": 27.0}]
    planning.keys("escape")
    assert planning.desk.planning is None
    assert planning.state is before
    assert not planning.desk.session.dirty
    assert planning.desk.shown is before
    assert shown(planning, "prompt") != "Choose a body or a disc"


def test_planning_touches_no_landmark_whatever_is_pressed(planning):
    before = planning.state.landmarks
    for key in [*BY_PLAN_KEY, "x", "1", "r", "a", "k"]:
        if key not in ("s", "escape"):
            planning.keys(key)
            planning.window.tick()
    planning.drag((400.0, 300.0), (430.0, 330.0))
    assert planning.desk.planning is not None
    assert planning.state.landmarks is before
    assert not planning.state.past


def test_the_wheel_zooms_with_ctrl_and_small_steps_add_up(planning):
    planning.keys("up")
    zoom = planning.view.zoom
    turn(planning, 1, "ctrl")
    assert planning.view.zoom > zoom
    for _ in range(10):
        planning._event("scroll_event", (300.0, 300.0), step=0.25)
    (one,) = planning.desk.planning.state.plan.corrections
    assert one.degrees == 2.0


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_film_is_turned_with_its_points(planning, steps, mirrored):
    """Around every vertebra the planned film shows what the film showed around it before."""
    plan = planning.desk.planning
    view, greys = planning.view, planning.desk.look.greys
    view = replace(view, mirrored=mirrored)
    seen = planning.desk.picture.seen(view, greys).astype(float)
    for event in planned(("L3", "pso", 25.0), ("T11_T12", "angle", -12.0)):
        plan.do(event)
    plan.do(ev.StepScenario(steps))
    plan.measure()
    assert (plan.outcome.turn_deg != 0.0) == (steps == 2)
    cut = planning.window.frames._planned.seen(plan.outcome, view, greys).astype(float)

    def around(picture, landmarks, level):
        points = landmarks.points
        names = [n for n in points if n.startswith(f"{level}_") and "erior_" in n]
        corners = view.to_screen([(points[n].x, points[n].y) for n in sorted(names)])
        weights = np.random.default_rng(0).dirichlet(np.ones(4), 60)
        x, y = (weights @ corners - (view.area.left, view.area.top)).T.astype(int)
        return picture[y, x]

    apart = {}
    for level in ("L5", "L4", "L2", "L1", "T10", "T8", "T6"):
        before = around(seen, FILM, level)
        apart[level] = np.abs(before - around(cut, plan.outcome.planned, level)).mean()
        assert apart[level] < 8.0, level
    moved = np.abs(around(seen, FILM, "L2") - around(cut, FILM, "L2")).mean()
    assert moved > 2.0 * apart["L2"], "the film itself has moved"


def test_the_usual_range_is_named_where_it_is_exceeded(planning):
    for event in planned(("L3", "pso", 45.0)):
        planning.window.do(event)
    planning.window.tick()
    assert "25 to 40°: more than that" in shown(planning, "usual")
    notices = " ".join(text.text for text in planning.texts() if text.gid == "notice")
    assert "more than 40°" in notices
    planning.keys("ctrl+z")
    for event in planned(("L3", "pso", 39.0)):
        planning.window.do(event)
    assert "more than" not in shown(planning, "usual")


def test_the_page_says_that_it_is_no_prediction_and_none_of_the_forbidden_words(planning):
    for event in planned(("L3", "pso", 45.0), ("L5_S1", "alif", 8.0)):
        planning.window.do(event)
    for _ in SCENARIOS:
        planning.window.do(ev.StepScenario())
        planning.window.tick()
        words = " ".join(text.text for text in planning.texts()).lower()
        assert "geometry, not a prediction" in words
        assert not [one for one in FORBIDDEN if one in words]


def test_the_film_as_it_is_is_one_key_away(planning):
    film = planning.picture()
    for event in planned(("L3", "pso", 30.0)):
        planning.window.do(event)
    planning.window.tick()
    planning.keys("o")
    planning.window.tick()
    assert planning.desk.shown is planning.state
    width = int(planning.view.area.width)
    same = planning.picture()[:, :width] == film[:, :width]
    assert same.mean() > 0.98, "but for the hinge and its words"
    planning.keys("o")
    planning.window.tick()
    assert planning.desk.shown.landmarks is planning.desk.planning.outcome.planned


@pytest.mark.parametrize("choice", ["save", "drop", "stay"])
def test_an_unsaved_plan_is_asked_about_before_the_film_is_left(planning, tmp_path, choice):
    left = []
    planning.window.work.on_left = lambda: left.append(1)
    for event in planned(("L3", "pso", 20.0)):
        planning.window.do(event)
    assert not planning.window.close()
    assert planning.desk.ask.title == "The plan is not saved"
    if choice == "stay":
        planning.keys("escape")
        assert not left
        planning.keys("s")
        assert planning.desk.planning.state.plan.corrections, "it is still there"
        return
    planning.window.do(Command("depart_plan", (choice, None)))
    assert left == [1]
    assert (tmp_path / "lateral_03.plan.json").exists() == (choice == "save")


def test_leaving_never_writes_the_landmarks_in_place_of_a_plan(planning, tmp_path):
    document, plan = tmp_path / "lateral_03.landmarks.json", tmp_path / "lateral_03.plan.json"
    for event in planned(("L3", "pso", 20.0)):
        planning.window.do(event)
    plan.write_text("{}")
    document.write_bytes(document.read_bytes() + b" ")
    theirs = document.read_bytes()
    assert not planning.window.close()
    planning.window.do(Command("depart_plan", ("save", None)))
    assert planning.desk.ask.title == "The plan was changed by someone else"
    planning.window.do(planning.desk.ask.chips[0].action)
    assert planning.desk.ask is None
    assert document.read_bytes() == theirs, "somebody else changed it"
    assert "pso" in plan.read_text()


def test_a_question_about_the_landmarks_is_not_answered_by_the_plan(tmp_path):
    driver = Driver(copied(tmp_path), protocol=None)
    driver.desk.ask = about_changed("somebody else wrote it")
    driver.keys("s")
    assert driver.desk.planning is not None
    assert driver.desk.ask is None


def test_landmarks_changed_meanwhile_are_planned_on_anew(planning):
    for event in planned(("L3", "pso", 20.0)):
        planning.window.do(event)
    planning.keys("escape")
    points = planning.state.landmarks.points
    at = planning.screen(points["C7_superior_anterior"].x, points["C7_superior_anterior"].y)
    planning.drag(at, (at[0] + 12, at[1]))
    moved = planning.state.landmarks
    assert moved is not planning.desk.plan.state.landmarks
    planning.keys("s")
    assert planning.desk.planning.state.landmarks is moved
    assert planning.desk.planning.state.plan.corrections[0].degrees == 20.0


def test_a_film_without_its_points_says_what_is_missing(tmp_path):
    shutil.copy(SAMPLES / "lateral_01.dcm", tmp_path)
    driver = Driver(tmp_path / "lateral_01.dcm")
    driver.keys("s")
    assert driver.desk.planning is None
    assert driver.desk.said.startswith("A plan needs more points: mark S1")


def test_a_plan_on_the_clicks_of_the_shortest_protocol(tmp_path):
    """S1, the heads, C7 and L1 are enough wherever a hinge lies on one of their endplates."""
    film = copied(tmp_path)
    path = tmp_path / "lateral_03.landmarks.json"
    marks = read_landmarks(path)
    kept = ("S1_superior", "femoral_head", "C7_", "L1_superior")
    points = {name: point for name, point in marks.points.items() if name.startswith(kept)}
    write_landmarks(replace(marks, points=points), path)
    driver = Driver(film, protocol=None)
    driver.keys("s", "up", "+", "+")
    driver.window.tick()
    assert list(driver.desk.planning.state.sites) == ["L5_S1", "L1", "T12_L1", "C7"]
    assert shown(driver, "change.LL") == "+2.0°"


def test_every_key_of_the_plan_does_one_thing(planning):
    keys = [key for row in PLAN_CATALOGUE for key in row.keys]
    assert len(keys) == len(set(keys))
    hands = planning.window.hands
    assert isinstance(hands, PlanHands)
    for row in PLAN_CATALOGUE:
        assert not row.command or row.command in {*hands._commands, "leave"}, row
    marks = help_page(Area(0, 0, 1100, 900), 4 / 3, PLAN_CATALOGUE)
    words = {mark.text for mark in marks if isinstance(mark, Text)}
    assert all(row.words in words for row in PLAN_CATALOGUE)
    assert keys_table(PLAN_CATALOGUE) in (DOCS / "editor.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("inches", [(15.0, 9.5), (13.3, 7.2), (20.0, 11.0)])
def test_nothing_in_the_panel_of_a_plan_overlaps(tmp_path, inches):
    driver = Driver(copied(tmp_path), protocol=None, inches=inches)

    def check(what):
        driver.window.tick()
        driver.window.refresh(panel=True)
        texts = [m for m in driver.window._panel.marks if isinstance(m, Text)]
        assert not overlaps(texts), what
        panel = driver.window._layout.panel
        told = {text.gid for text in texts}
        assert all(f"planned.{key}" in told for key in LEADING), (what, "a value has no room")
        for text in texts:
            area = area_of(replace(text, size=0.92 * text.size), 96 / 72)
            assert panel.left <= area.left, (what, text)
            assert area.right <= panel.right + 1, (what, text)
            assert area.bottom <= panel.bottom + 1, (what, text)

    driver.keys("s")
    check("empty")
    many = [("L3", "pso", 45.0), ("L5_S1", "alif", 18.0), ("T11_T12", "pco", 14.0),
            ("L1", "epso", 9.5), ("T8", "vcr", 12.0)]  # fmt: skip
    for number, correction in enumerate(many):
        for event in planned(correction):
            driver.window.do(event)
        check(number)
    driver.keys("t", "c")
    check("scenario")
    driver.keys("c", "c")
    check("no scenario")
