"""A key that fits the femoral head where the reader points, on films whose heads are known."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from editor_driver import Driver
from hypothesis import given
from hypothesis import strategies as st

import balance.landmarks.editor.events as ev
from balance.film import open_film
from balance.landmarks.editor.head_search import NO_SCALE, NOT_FOUND, find_heads
from balance.landmarks.editor.lines import decode_event, encode_event
from balance.landmarks.editor.live import look
from balance.landmarks.editor.notices import notices
from balance.landmarks.editor.protocols import PROTOCOL
from balance.landmarks.editor.state import FilmFacts, start
from balance.landmarks.editor.transitions import update
from balance.landmarks.files import read_landmarks
from balance.radiograph import Scale

SAMPLES = Path(__file__).parents[1] / "sample_images"
FIRST, SECOND = "femoral_head_1", "femoral_head_2"
DIRECTIONS = np.radians((0.0, 90.0, 200.0, 315.0))


@pytest.fixture(autouse=True)
def _leave():
    yield
    Driver.leave_all()


def truth(name):
    return json.loads((SAMPLES / f"{name}.landmarks.json").read_text())["points"]


def beside(head, scale, away_mm, direction):
    """A place so many millimetres off the middle of a head, pixels."""
    return (
        head["x"] + away_mm * np.cos(direction) / scale.column_mm,
        head["y"] + away_mm * np.sin(direction) / scale.row_mm,
    )


def off_mm(point, head, scale):
    return float(
        np.hypot((point.x - head["x"]) * scale.column_mm, (point.y - head["y"]) * scale.row_mm)
    )


def empty(film, name="lateral_01.dcm"):
    return start(FilmFacts.of(name, film), PROTOCOL["balance"], view="lateral")


# --- on the film ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lateral_01", "lateral_03", "lateral_04"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_two_places_three_millimetres_off_give_both_heads(name, direction):
    """Found one after the other, and the first one anew with the second."""
    film, heads = open_film(SAMPLES / f"{name}.dcm"), truth(name)
    state = empty(film)
    state = update(state, ev.SetSide("right" if name != "lateral_03" else "left"))
    for head, turned in ((FIRST, direction), (SECOND, direction + 2.0)):
        rough = beside(heads[head], film.scale, 3.0, turned)
        found = find_heads(film, state.content, head, rough)
        assert isinstance(found, ev.FitHeads), found
        state = update(state, found)
        assert not state.refused, state.message
    for head in (FIRST, SECOND):
        point = state.landmarks.points[head]
        assert off_mm(point, heads[head], film.scale) <= 1.2
        assert point.radius == pytest.approx(heads[head]["radius"], abs=0.5 / film.scale.column_mm)


def test_one_place_three_millimetres_off_gives_the_head():
    film, heads = open_film(SAMPLES / "lateral_01.dcm"), truth("lateral_01")
    rough = beside(heads[FIRST], film.scale, 3.0, 0.0)
    found = find_heads(film, empty(film).content, FIRST, rough)
    (circle,) = found.circles
    assert off_mm(circle, heads[FIRST], film.scale) < 1.0
    assert circle.confidence > 0.9
    assert circle.cov_px is not None


@pytest.mark.parametrize("away", [(-40.0, -60.0), (60.0, -130.0), (0.0, -250.0)])
def test_a_place_far_from_a_head_says_so(away):
    film, heads = open_film(SAMPLES / "lateral_01.dcm"), truth("lateral_01")
    far = (
        heads[SECOND]["x"] + away[0] / film.scale.column_mm,
        heads[SECOND]["y"] + away[1] / film.scale.row_mm,
    )
    assert find_heads(film, empty(film).content, FIRST, far) == NOT_FOUND


def test_without_a_scale_nothing_is_looked_for():
    film = open_film(SAMPLES / "lateral_01.dcm")
    content = empty(film).content
    content = replace(content, landmarks=replace(content.landmarks, scale=Scale()))
    assert find_heads(film, content, FIRST, (300.0, 300.0)) == NO_SCALE


# --- the state machine ----------------------------------------------------------------------------


def circle(name, x, y, radius=50.0):
    return ev.FitHeads((ev.ProposedPoint(name, x, y, radius, "detected", 0.95),), ((x + 5, y),))


@pytest.fixture
def asked():
    """The step of the first head, with one click on its way to a rim."""
    film = open_film(SAMPLES / "lateral_01.dcm")
    state = update(empty(film), ev.SetSide("right"))
    state = update(state, ev.GoTo(FIRST))
    return update(state, ev.Click(300.0, 900.0))


def test_a_fitted_head_is_hollow_until_enter_and_undone_in_one_step(asked):
    fitted = update(asked, circle(FIRST, 310.0, 905.0))
    point = fitted.landmarks.points[FIRST]
    assert (point.x, point.y, point.radius, point.source) == (310.0, 905.0, 50.0, "detected")
    assert FIRST in fitted.hollow
    assert fitted.step.name == FIRST, "it waits for its confirmation"
    assert update(fitted, ev.Undo()).content == asked.content
    accepted = update(fitted, ev.Accept())
    assert accepted.landmarks.points[FIRST] == replace(point, confirmed=True)
    assert accepted.step.name != FIRST


def test_enter_confirms_no_other_head(asked):
    """The other one may be a guess of the prior that nobody looked at."""
    guess = ev.Proposed((ev.ProposedPoint(SECOND, 330.0, 905.0, 50.0),), next_click=FIRST)
    state = update(update(asked, guess), circle(FIRST, 310.0, 905.0))
    state = update(state, ev.Accept())
    assert state.landmarks.points[FIRST].confirmed
    assert not state.landmarks.points[SECOND].confirmed


def test_a_later_round_of_proposals_leaves_it(asked):
    fitted = update(asked, circle(FIRST, 310.0, 905.0))
    round_ = ev.Proposed(
        (ev.ProposedPoint(FIRST, 1.0, 2.0, 3.0), ev.ProposedPoint(SECOND, 9.0, 9.0, 9.0))
    )
    after = update(fitted, round_)
    assert after.landmarks.points[FIRST] == fitted.landmarks.points[FIRST]
    assert SECOND in after.landmarks.points
    gone = update(after, ev.Proposed(()))
    assert FIRST in gone.landmarks.points
    assert SECOND not in gone.landmarks.points


def test_a_head_that_the_reader_placed_is_not_moved(asked):
    placed = update(asked, ev.Place(FIRST, 300.0, 900.0, 45.0))
    refused = update(placed, circle(FIRST, 310.0, 905.0))
    assert refused.refused
    assert refused.content == placed.content


def test_rim_clicks_after_a_fit_begin_anew(asked):
    """The place that was pointed at lies on no rim."""
    state = update(asked, circle(FIRST, 310.0, 905.0))
    rim = [(310.0 + 40.0 * np.cos(a), 905.0 + 40.0 * np.sin(a)) for a in (0.0, 2.0, 4.0)]
    for x, y in rim:
        state = update(state, ev.RimPoint(FIRST, x, y))
        assert not state.refused, state.message
    point = state.landmarks.points[FIRST]
    assert (point.x, point.y, point.radius) == pytest.approx((310.0, 905.0, 40.0))
    assert point.confirmed


@given(
    st.lists(
        st.builds(circle, st.sampled_from([FIRST, SECOND, "L3_centroid"]),
                  st.floats(-1e7, 1e7), st.floats(-1e7, 1e7), st.sampled_from([50.0, None, -3.0])),
        max_size=4,
    )
)  # fmt: skip
def test_whatever_is_fitted_the_journal_holds_it_and_undo_takes_it_back(events):
    film = open_film(SAMPLES / "lateral_01.dcm")
    first = state = update(empty(film), ev.SetSide("right"))
    for event in events:
        assert decode_event(json.loads(json.dumps(encode_event(event)))) == event
        state = update(state, event)
    while len(state.past) > len(first.past):
        state = update(state, ev.Undo())
    assert state.content == first.content


def test_two_circles_of_different_size_are_warned_of(asked):
    scale = asked.landmarks.scale.column_mm
    for size, said in ((20.0, False), (26.0, True)):
        state = update(asked, ev.Place(FIRST, 300.0, 900.0, 20.0 / scale))
        state = update(state, ev.Place(SECOND, 302.0, 903.0, size / scale))
        lines = [line for line in notices(state, look(state.landmarks)) if "differ in size" in line]
        assert bool(lines) == said
        assert len(lines) <= 1


# --- in the window --------------------------------------------------------------------------------


@pytest.fixture
def window(tmp_path):
    shutil.copy(SAMPLES / "lateral_01.dcm", tmp_path)
    driver = Driver(tmp_path / "lateral_01.dcm")
    driver.window.do(ev.GoTo(FIRST))
    return driver


def test_a_key_fits_the_head_under_the_pointer(window, tmp_path):
    heads, scale = truth("lateral_01"), window.state.landmarks.scale
    for number, name in enumerate((FIRST, SECOND)):
        window.move(window.screen(*beside(heads[name], scale, 3.0, 0.5)))
        window.keys("j")
        assert window.desk.searching
        window.settle()
        assert name in window.state.hollow
        prompt = next(text.text for text in window.texts() if text.gid == "prompt")
        assert prompt.startswith("Is this circle the")
        window.keys("ctrl+z")
        assert name not in window.state.landmarks.points, "one step"
        window.keys("ctrl+y", "enter")
        assert name not in window.state.hollow
        assert off_mm(window.state.landmarks.points[name], heads[name], scale) < 1.2
        assert window.state.progress[0] >= number + 1
    window.keys("ctrl+s")
    saved = read_landmarks(tmp_path / "lateral_01.landmarks.json").points[FIRST]
    assert saved.confirmed
    assert saved.source == "detected"


def test_the_click_just_made_is_the_place(window):
    heads, scale = truth("lateral_01"), window.state.landmarks.scale
    window.click(*beside(heads[FIRST], scale, 3.0, 0.5))
    assert len(window.state.content.rim(FIRST)) == 1
    window.move((500.0, 60.0))
    window.keys("j")
    window.settle()
    assert off_mm(window.state.landmarks.points[FIRST], heads[FIRST], scale) < 1.2


def test_where_no_head_is_it_is_said_and_the_click_stays(window):
    window.click(60.0, 200.0)
    content = window.state.content
    window.keys("j")
    window.settle()
    assert window.state.message == NOT_FOUND
    assert window.state.refused
    assert window.state.content == content
    assert any("No circle found here" in text.text for text in window.texts())


def test_a_film_that_is_read_again_is_read_by_hand(window, monkeypatch):
    """What a program found would tell nothing of the reader's own noise."""
    monkeypatch.setattr(type(window.desk), "blind", True)
    window.move((300.0, 300.0))
    window.keys("j")
    assert not window.desk.searching
    assert "by your own hand" in window.desk.said


def test_the_key_means_nothing_where_no_head_is_asked(window):
    window.window.do(ev.GoTo("C7_centroid"))
    window.keys("j")
    assert not window.desk.searching
    assert "femoral head" in window.desk.said
