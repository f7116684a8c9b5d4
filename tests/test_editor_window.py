"""The editor's window on a plain canvas: what mouse and keys do, what is seen, what is saved."""

import ast
import json
import shutil
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from editor_driver import Driver, with_centroids
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backend_bases import MouseButton
from matplotlib.backends.backend_agg import FigureCanvasAgg

from balance.landmarks.editor.proposals import region_to_confirm
from balance.landmarks.editor.window.flow import Command
from balance.landmarks.editor.window.hands import Hands
from balance.landmarks.editor.window.keys import BY_KEY, CATALOGUE, keys_table
from balance.landmarks.editor.window.marks import Area, Clipped, Dots, Text
from balance.landmarks.editor.window.overlay import area_of
from balance.landmarks.editor.window.pages import help_page
from balance.landmarks.files import read_landmarks

SAMPLES = Path(__file__).parents[1] / "sample_images"
DOCS = Path(__file__).parents[1] / "docs"
WINDOW = Path(__file__).parents[1] / "balance" / "landmarks" / "editor" / "window"


def truth(name):
    document = json.loads((SAMPLES / f"{name}.landmarks.json").read_text())
    return with_centroids(document["points"])


def film(folder, name):
    return Path(shutil.copy(SAMPLES / f"{name}.dcm", folder / f"{name}.dcm"))


@pytest.fixture(autouse=True)
def _leave(request):
    yield
    if "shared" not in request.fixturenames:
        Driver.leave_all()


@pytest.fixture
def lateral(tmp_path):
    return Driver(film(tmp_path, "lateral_01"))


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A document with the whole lateral protocol, to be copied."""
    folder = tmp_path_factory.mktemp("marked")
    driver = Driver(film(folder, "lateral_01"))
    driver.place_all(truth("lateral_01"))
    driver.keys("ctrl+s")
    assert driver.window.close()
    return folder


@pytest.fixture
def placed(marked, tmp_path):
    for path in marked.iterdir():
        shutil.copy(path, tmp_path)
    return Driver(tmp_path / "lateral_01.dcm", protocol=None)


# --- placing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "protocol"), [("lateral_01", "balance"), ("frontal_01", "balance")]
)
def test_a_protocol_is_saved_where_it_was_clicked(tmp_path, name, protocol):
    driver, points = Driver(film(tmp_path, name), protocol=protocol), truth(name)
    driver.place_all(points)
    assert driver.state.step is None
    driver.keys("ctrl+s")
    saved = read_landmarks(tmp_path / f"{name}.landmarks.json")
    assert len(saved.points) >= 3
    for point, place in saved.points.items():
        assert place.x == pytest.approx(points[point]["x"], abs=1.0), point
        assert place.y == pytest.approx(points[point]["y"], abs=1.0), point
        assert place.confirmed
        assert place.source == "manual"
        if place.radius is not None:
            assert place.radius == pytest.approx(points[point]["radius"], abs=1.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "protocol"), [("lateral_02", "full sagittal"), ("frontal_03", "coronal")]
)
def test_every_corner_is_saved_where_it_was_clicked(tmp_path, name, protocol):
    driver, points = Driver(film(tmp_path, name), protocol=protocol), truth(name)
    driver.place_all(points)
    saved = driver.state.landmarks.points
    assert len(saved) > 70
    for point, place in saved.items():
        assert np.hypot(place.x - points[point]["x"], place.y - points[point]["y"]) < 1.0, point


def test_the_mirror_changes_no_coordinate(lateral):
    points = truth("lateral_01")
    lateral.keys("enter", "enter", "m")
    point = points["S1_superior_posterior"]
    lateral.click(point["x"], point["y"])
    placed = lateral.state.landmarks.points["S1_superior_posterior"]
    assert (placed.x, placed.y) == pytest.approx((point["x"], point["y"]), abs=1.0)
    lateral.keys("left")
    moved = lateral.state.landmarks.points["S1_superior_posterior"]
    assert moved.x == pytest.approx(placed.x + 1.0), "left on the screen is right on the film"


def test_a_click_is_finer_than_three_tenths_of_a_millimetre(lateral):
    lateral.keys("enter", "enter")
    for name in ("S1_superior_posterior", "S1_superior_anterior"):
        view = lateral.view
        assert lateral.state.landmarks.scale.column_mm / view.zoom < 0.3
        shown = view.to_screen([(truth("lateral_01")[name]["x"], truth("lateral_01")[name]["y"])])
        assert view.area.holds(tuple(shown[0])), "the film moved to where the point is"
        lateral.click(truth("lateral_01")[name]["x"], truth("lateral_01")[name]["y"])


def test_the_film_moves_on_to_each_next_point(tmp_path):
    driver, points = Driver(film(tmp_path, "lateral_04")), truth("lateral_04")
    seen = []
    for _ in range(40):
        step = driver.state.step
        if step is None:
            break
        if step.kind == "ask":
            driver.keys("x" if step.name == "candidate" else "enter")
            continue
        at = driver.view.to_screen([(points[step.name]["x"], points[step.name]["y"])])[0]
        seen.append((step.name, driver.view.area.holds(tuple(at))))
        if step.kind == "rim":
            driver._rim(points[step.name])
        else:
            driver.click(points[step.name]["x"], points[step.name]["y"])
    assert len(seen) == 7
    assert all(shown for _, shown in seen), seen


def test_a_click_beside_a_point_of_another_vertebra_places_the_one_asked(placed):
    """Across a thin disc two corners lie nearer than a hand takes hold."""
    other = placed.state.landmarks.points["L1_superior_anterior"]
    placed.keys("v", "escape")
    placed.desk.do(placed_protocol())
    placed.keys("f")
    goto = next(s for s in placed.state.steps if s.name == "T12_inferior_anterior")
    placed.window.do(go_to(goto.name))
    view = placed.view
    gap = 5.0 / view.zoom
    placed.click(other.x, other.y - gap)
    now = placed.state.landmarks.points
    assert now["L1_superior_anterior"] == other
    assert now["T12_inferior_anterior"].y == pytest.approx(other.y - gap, abs=1.0)


def placed_protocol():
    from balance.landmarks.editor.events import UseProtocol
    from balance.landmarks.editor.protocols import PROTOCOL

    full = PROTOCOL["full sagittal"]
    return UseProtocol(full.name, full.title, full.lateral, full.frontal)


def go_to(name):
    from balance.landmarks.editor.events import GoTo

    return GoTo(name)


# --- correcting -----------------------------------------------------------------------------------


def test_a_drag_is_one_step_to_undo(placed):
    before = placed.state.landmarks.points["L1_superior_anterior"]
    start = placed.screen(before.x, before.y)
    placed.drag(start, (start[0] + 24, start[1] - 12))
    after = placed.state.landmarks.points["L1_superior_anterior"]
    assert after.x - before.x == pytest.approx(24 / placed.view.zoom, abs=1e-6)
    assert after.y - before.y == pytest.approx(-12 / placed.view.zoom, abs=1e-6)
    placed.keys("ctrl+z")
    assert placed.state.landmarks.points["L1_superior_anterior"] == before
    placed.keys("ctrl+Z")
    assert placed.state.landmarks.points["L1_superior_anterior"] == after
    placed.keys("ctrl+z", "ctrl+y")
    assert placed.state.landmarks.points["L1_superior_anterior"] == after


def test_while_a_point_is_dragged_its_values_follow(placed):
    point = placed.state.landmarks.points["C7_centroid"]
    start = placed.screen(point.x, point.y)
    before = next(t.text for t in placed.texts() if t.gid == "value.SVA" and "mm" in t.text)
    placed.press(start)
    placed.move((start[0] + 40, start[1]))
    placed.window.tick()
    shown = [t.text for t in placed.texts() if t.gid == "value.SVA"]
    assert before not in shown
    assert placed.state.landmarks.points["C7_centroid"] == point, (
        "nothing is kept before the release"
    )
    placed.release((start[0] + 40, start[1]))
    moved = placed.state.landmarks.points["C7_centroid"]
    assert moved.x == pytest.approx(point.x + 40 / placed.view.zoom)


def test_arrows_move_by_pixels_and_tenths(placed):
    point = placed.state.landmarks.points["C7_centroid"]
    at = placed.screen(point.x, point.y)
    placed.press(at)
    placed.release(at)
    assert placed.desk.look.selected == "C7_centroid"
    placed.keys("right", "right", "up", "shift+left", "shift+down")
    moved = placed.state.landmarks.points["C7_centroid"]
    assert (moved.x - point.x, moved.y - point.y) == pytest.approx((1.9, -0.9))
    placed.keys("ctrl+z")
    assert placed.state.landmarks.points["C7_centroid"] == point, "nudges in a row are one step"


def test_delete_asks_again_and_a_name_jumps(placed):
    point = placed.state.landmarks.points["C7_centroid"]
    at = placed.screen(point.x, point.y)
    placed.press(at)
    placed.release(at)
    placed.keys("delete")
    assert "C7_centroid" not in placed.state.landmarks.points
    assert placed.state.step.name == "C7_centroid"
    zone = next(z for z in placed.window._zones if z.action == go_to("L1_superior_anterior"))
    placed.press(zone.area.centre)
    assert placed.state.step.name == "L1_superior_anterior"
    placed.keys("b")
    assert placed.state.step.name == "L1_superior_posterior"


def test_skipping_and_going_back(lateral):
    lateral.keys("enter", "enter", "x")
    assert "S1_superior_posterior" in lateral.state.content.skipped
    lateral.keys("b")
    assert lateral.state.step.name == "S1_superior_posterior"


def test_a_refused_click_says_why_and_changes_nothing(placed):
    points = placed.state.landmarks.points
    back, front = points["S1_superior_posterior"], points["S1_superior_anterior"]
    # Moved well behind the other end, so that the plate would be turned round.
    target = (2 * back.x - front.x, 2 * back.y - front.y)
    placed.desk.change(view=placed.view.moved_to((back.x, back.y), 1.0))
    placed.drag(placed.screen(front.x, front.y), placed.screen(*target))
    assert placed.state.refused
    assert placed.state.landmarks.points == points
    words = " ".join(t.text for t in placed.texts() if t.gid == "message")
    assert "front" in words
    assert "\N{WARNING SIGN}" in words


def test_shift_drag_moves_the_region(placed):
    before = placed.state.landmarks.points
    point = before["femoral_head_1"]
    at = placed.screen(point.x, point.y)
    placed.press(at, modifiers=("shift",))
    placed.move((at[0] + 30, at[1]))
    placed.release((at[0] + 30, at[1]))
    after = placed.state.landmarks.points
    for name in ("femoral_head_1", "femoral_head_2"):
        assert after[name].x - before[name].x == pytest.approx(30 / placed.view.zoom)
    assert after["C7_centroid"] == before["C7_centroid"]


# --- looking --------------------------------------------------------------------------------------


def test_looking_changes_no_document(placed):
    document = placed.state.landmarks
    at = (400.0, 400.0)
    look = placed.desk.look
    placed.wheel(at, 3)
    assert placed.view.zoom > look.view.zoom
    zoomed = placed.view
    placed.drag(at, (470.0, 430.0), MouseButton.MIDDLE)
    assert placed.view.to_screen([(0, 0)])[0] == pytest.approx(
        zoomed.to_screen([(0, 0)])[0] + (70, 30)
    )
    placed.drag(at, (480.0, 350.0), MouseButton.RIGHT)
    assert placed.desk.look.greys.window is not None
    placed.keys("i", "l", "m", "o", "h", "f", "w", "g", "+", "-")
    assert placed.state.landmarks is document
    assert not placed.state.past


def test_space_and_drag_moves_the_film(placed):
    from matplotlib.backend_bases import KeyEvent

    placed.wheel((400.0, 400.0), 4)
    before = placed.view.to_screen([(0, 0)])[0]
    event = KeyEvent("key_press_event", placed.canvas, " ")
    placed.canvas.callbacks.process("key_press_event", event)
    placed.drag((400.0, 400.0), (420.0, 380.0))
    assert placed.view.to_screen([(0, 0)])[0] == pytest.approx(before + np.array([20, -20]))


def test_the_loupe_shows_the_film_at_full_size_and_never_covers_the_pointer(lateral):
    lateral.keys("enter", "enter")
    area = lateral.view.area
    from balance.landmarks.editor.window.loupe import enlarged, loupe_area

    for x in np.linspace(area.left + 1, area.right - 1, 23):
        for y in np.linspace(area.top + 1, area.bottom - 1, 17):
            found = loupe_area(area, (x, y), 4 / 3)
            assert not found.grown(20).holds((x, y))
            assert found.shared(area) == found
    close = enlarged(lateral.view, found, (300.0, 900.0))
    assert close.zoom >= 3.0
    assert close.zoom >= 2.0 * lateral.view.zoom
    assert close.to_screen([(300.0, 900.0)])[0] == pytest.approx(found.centre)


def test_unconfirmed_points_are_hollow_and_are_confirmed_by_one_key(tmp_path):
    document = json.loads((SAMPLES / "lateral_01.landmarks.json").read_text())
    for point in document["points"].values():
        point |= {"confirmed": False, "source": "predicted"}
    (tmp_path / "lateral_01.landmarks.json").write_text(json.dumps(document))
    driver = Driver(film(tmp_path, "lateral_01"))
    from balance.landmarks.editor.window.marks import Dots

    def hollow():
        marks = [m for m in driver.window._film.marks if isinstance(m, Dots) and m.gid]
        return {mark.gid for mark in marks if not mark.face}

    assert hollow() == set(document["points"])
    driver.keys("1")
    assert hollow() == {name for name in document["points"] if not name.startswith("S1")}
    driver.keys("7")
    left = hollow()
    assert "L2_superior_anterior" not in left
    assert "L1_superior_anterior" in left, "L1 is confirmed by a key of its own"
    driver.keys("4", "2")
    assert not any(name.startswith(("L", "femoral")) for name in hollow())


# --- film, scale, notes ---------------------------------------------------------------------------


def test_a_length_calibrates_with_typed_millimetres(lateral):
    lateral.keys("k")
    lateral.click(100, 300)
    lateral.click(100, 700)
    lateral.type("200")
    lateral.keys("enter")
    assert "Say where" in lateral.desk.look.form.complaint, "where it lay must be said"
    lateral.keys("right", "enter")
    scale = lateral.state.landmarks.scale
    assert lateral.desk.look.form is None
    assert (scale.state, scale.plane) == ("user_fiducial", "patient")
    assert scale.row_mm == pytest.approx(0.5, rel=0.01)


def test_a_circle_calibrates(lateral):
    lateral.keys("c")
    for turn in (0.3, 2.4, 4.4):
        lateral.click(300 + 60 * np.cos(turn), 500 + 60 * np.sin(turn))
    lateral.type("3o")
    lateral.keys("backspace")
    lateral.type("0")
    lateral.keys("down", "down", "enter")
    scale = lateral.state.landmarks.scale
    assert (scale.state, scale.plane) == ("user_fiducial", "detector")
    assert scale.column_mm == pytest.approx(0.25, rel=0.02)


def test_the_plumb_line_is_drawn_and_taken_away(lateral):
    lateral.keys("p")
    lateral.click(200, 200)
    lateral.click(210, 1200)
    (x1, y1), (x2, y2) = lateral.state.landmarks.vertical
    assert (x1, y1, x2, y2) == pytest.approx((200, 200, 210, 1200), abs=1.0)
    lateral.keys("p")
    assert lateral.state.landmarks.vertical is None


def test_a_note_is_typed_in_the_window_and_keys_are_letters_then(lateral):
    step = lateral.state.step
    lateral.keys("n")
    lateral.type("x: b, 1 (ok)?")
    lateral.keys("enter")
    assert lateral.state.landmarks.notes["note"] == "x: b, 1 (ok)?"
    assert lateral.state.step == step
    lateral.keys("n", "escape")
    assert lateral.desk.look.form is None


def test_the_side_is_asked_where_the_header_does_not_say(tmp_path):
    import pydicom

    path = film(tmp_path, "lateral_01")
    told = pydicom.dcmread(path)
    del told.PatientOrientation
    told.save_as(path)
    driver = Driver(path)
    driver.keys("enter")
    assert driver.state.refused
    assert any(t.text == "anterior?" for t in driver.texts())
    from balance.landmarks.editor.events import SetSide

    zone = next(z for z in driver.window._zones if z.action == SetSide("right"))
    driver.press(zone.area.centre)
    assert driver.state.content.side_known
    marks = [t for t in driver.texts() if t.gid == "side.anterior"]
    assert [t.text for t in marks] == ["anterior"]
    assert marks[0].x > driver.view.area.centre[0], "the patient faces the right of the image"
    driver.keys("m")
    mark = next(t for t in driver.texts() if t.gid == "side.anterior")
    assert mark.x < driver.view.area.centre[0], "mirrored, the front is on the left of the screen"


# --- keys -----------------------------------------------------------------------------------------


def test_every_key_does_one_thing_and_every_command_is_known(lateral):
    keys = [key for row in CATALOGUE for key in row.keys]
    assert len(keys) == len(set(keys))
    ours = {"worklist", "film_step", "plan"}
    hands = Hands(lateral.desk, 1.0)
    for row in CATALOGUE:
        if row.command and row.command not in ours | {"nudge"}:
            assert row.command in hands._commands, row
    for key in BY_KEY:
        lateral.keys(key)


def test_the_help_page_shows_every_key():
    marks = help_page(Area(0, 0, 1100, 900), 4 / 3)
    words = {mark.text for mark in marks if isinstance(mark, Text)}
    for row in CATALOGUE:
        assert row.shown in words, row
        assert row.words in words, row


def test_the_documentation_holds_the_key_catalogue():
    assert keys_table() in (DOCS / "editor.md").read_text(encoding="utf-8")


def test_no_key_of_matplotlib_is_bound_and_no_setting_changed(tmp_path):
    before = dict(matplotlib.rcParams)
    driver = Driver(film(tmp_path, "lateral_01"))
    for key in ("s", "q", "k", "L", "G", "ctrl+w", "home", "r"):
        driver.keys(key)
    assert dict(matplotlib.rcParams) == before
    assert driver.canvas.manager is None
    assert not driver.canvas.figure.axes


# --- painting -------------------------------------------------------------------------------------


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.floats(5, 1400), st.floats(5, 880)),
        st.tuples(st.just("drag"), st.floats(5, 950), st.floats(5, 850)),
        st.tuples(st.just("click"), st.floats(5, 950), st.floats(5, 850)),
        st.tuples(st.just("wheel"), st.floats(5, 950), st.sampled_from([-2, 1, 3])),
        st.tuples(
            st.just("key"),
            st.sampled_from(
                ["f", "i", "m", "o", "h", "x", "b", "enter", "ctrl+z", "right", "?", "escape", "k"]
            ),
        ),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def shared(marked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    for path in marked.iterdir():
        shutil.copy(path, folder)
    return Driver(folder / "lateral_01.dcm", protocol="full sagittal")


@settings(max_examples=20)
@given(actions=ACTIONS)
def test_what_is_painted_in_pieces_is_what_is_painted_at_once(shared, actions):
    for name, *where in actions:
        if name == "key":
            shared.keys(*where)
        elif name == "move":
            shared.move(tuple(where))
        elif name == "wheel":
            shared.wheel((where[0], 300.0), where[1])
        elif name == "click":
            shared.press(tuple(where))
            shared.release(tuple(where))
        else:
            shared.drag(tuple(where), (where[0] + 30, where[1] + 20))
        shared.window.tick()
    shared.window.refresh(panel=True)
    pieces = shared.picture().astype(int)
    shared.canvas.draw()
    whole = shared.picture().astype(int)
    assert np.abs(pieces - whole).max() <= 2, np.argwhere(np.abs(pieces - whole) > 2)[:4]


def overlaps(texts):
    boxes = [(t, area_of(replace(t, size=0.92 * t.size), 96 / 72)) for t in texts if t.text.strip()]
    return [
        (one.text, other.text)
        for place, (one, a) in enumerate(boxes)
        for other, b in boxes[place + 1 :]
        if a.meets(b)
    ]


@pytest.mark.parametrize("inches", [(15.0, 9.5), (13.3, 7.2), (20.0, 11.0)])
def test_nothing_in_the_panel_overlaps(tmp_path, inches):
    driver = Driver(film(tmp_path, "lateral_02"), inches=inches)
    points = truth("lateral_02")

    def check(what):
        texts = [m for m in driver.window._panel.marks if isinstance(m, Text)]
        assert not overlaps(texts), what
        panel = driver.window._layout.panel
        for text in texts:
            area = area_of(replace(text, size=0.92 * text.size), 96 / 72)
            assert area.left >= panel.left, (what, text)
            assert area.right <= panel.right + 1, (what, text)
            assert area.bottom <= panel.bottom + 1, (what, text)

    check("film")
    driver.keys("enter")
    check("levels")
    driver.keys("enter", "n")
    check("note")
    driver.keys("escape", "k")
    driver.click(100, 100)
    driver.click(100, 300)
    check("calibration")
    driver.keys("escape", "f")
    driver.place_all(points)
    driver.window.refresh(panel=True)
    check("complete")


def test_values_are_drawn_and_none_is_computed_here():
    """No module of the window reaches for a formula or a threshold."""
    for path in WINDOW.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(
                    ("balance.metrics", "balance.assessment", "balance.analysis")
                ), path


# --- names, fusion, protocol ----------------------------------------------------------------------


def test_two_names_are_exchanged_by_pointing(placed):
    points = placed.state.landmarks.points
    first, second = points["femoral_head_1"], points["femoral_head_2"]
    placed.desk.change(view=placed.view.moved_to((first.x, first.y), 8.0))
    placed.keys("e")
    assert placed.desk.look.tool is None
    assert "Select a point first" in placed.desk.said
    at = placed.screen(first.x, first.y)
    placed.press(at)
    placed.release(at)
    placed.keys("e")
    placed.click(second.x, second.y)
    now = placed.state.landmarks.points
    assert (now["femoral_head_1"], now["femoral_head_2"]) == (second, first)
    assert placed.desk.look.tool is None


def test_the_fused_vertebrae_are_typed(placed):
    placed.keys("u")
    placed.type("t10-s1")
    placed.keys("enter")
    fusion = placed.state.landmarks.fusion
    assert (fusion.uiv, fusion.liv) == ("T10", "S1")
    placed.keys("u")
    for typed in ("L9", "T10 T4", "T4"):
        placed.keys(*["backspace"] * 10)
        placed.type(typed)
        placed.keys("enter")
        assert placed.desk.look.form.complaint
    placed.keys(*["backspace"] * 10, "enter")
    assert placed.state.landmarks.fusion is None


def test_another_protocol_is_chosen_by_key(placed):
    placed.keys("t", "q", "backspace", "down", "enter")
    assert placed.state.protocol.name == "full sagittal"
    assert placed.desk.look.form is None
    assert placed.state.step.name.startswith("C7_")


# --- proposals ------------------------------------------------------------------------------------


SIX = ("S1_superior_posterior", "S1_superior_anterior", "femoral_head_1", "femoral_head_2",
       "C7_centroid", "T8_centroid")  # fmt: skip


def click_what_is_asked(driver, points):
    """Answer and click until the program has something to be confirmed."""
    clicked = []
    while (step := driver.state.step) is not None and region_to_confirm(
        driver.state.content
    ) is None:
        if step.name == "candidate":
            driver.keys("x")
        elif step.kind == "ask":
            driver.keys("enter")
        elif step.kind == "rim":
            driver._rim(points[step.name])
            clicked.append(step.name)
        else:
            driver.click(points[step.name]["x"], points[step.name]["y"])
            clicked.append(step.name)
    return tuple(clicked)


@pytest.fixture
def helped(tmp_path):
    return Driver(film(tmp_path, "lateral_02"), proposals=True)


def test_six_clicks_propose_every_point_and_keys_confirm_them(helped, tmp_path):
    from balance.landmarks.editor.keystrokes import estimate_journal

    points = truth("lateral_02")
    assert click_what_is_asked(helped, points) == SIX
    six = dict(helped.state.landmarks.points)
    assert len(helped.state.hollow) > 80
    helped.keys("enter")
    assert "a moment" in helped.desk.said, "nothing is confirmed that is about to move"
    helped.settle()
    hollow = helped.state.hollow
    assert len(hollow) > 80
    found = helped.state.landmarks.points
    snapped = {name for name in hollow if found[name].source == "snapped"}
    assert len(snapped) > 40
    shown = {m.gid for m in marks_of(helped) if isinstance(m, Dots) and not m.face}
    assert hollow <= shown
    helped.keys("enter")
    assert helped.state.step is None, "with L1 the six values are complete"
    helped.keys("t", "down", "enter")
    assert helped.state.protocol.name == "full sagittal"
    keys = 0
    while helped.state.step is not None:
        region = region_to_confirm(helped.state.content)
        helped.keys("x" if region is None else "enter")
        assert not helped.state.refused, helped.state.message
        keys += 1
    assert keys <= 6
    assert not helped.state.hollow
    told = estimate_journal(next(tmp_path.glob("*.journal")))
    assert 20.0 < told.seconds <= 60.0
    helped.keys("d")
    saved = read_landmarks(tmp_path / "lateral_02.landmarks.json")
    assert len(saved.points) > 95
    for name in SIX:
        assert saved.points[name] == six[name], "a click is never moved"
    scale = saved.scale.column_mm
    away = [
        scale * np.hypot(p.x - points[n]["x"], p.y - points[n]["y"])
        for n, p in saved.points.items()
    ]
    assert np.median(away) < 1.5, "millimetres, on a drawn film"


def test_a_drag_moves_the_other_proposals_and_refusing_takes_a_region_away(helped):
    click_what_is_asked(helped, truth("lateral_02"))
    helped.settle()
    before = dict(helped.state.landmarks.points)
    helped.window.do(go_to("L1_superior_anterior"))
    at = helped.screen(before["L1_superior_anterior"].x, before["L1_superior_anterior"].y)
    helped.drag(at, (at[0] + 14, at[1] - 14))
    helped.settle()
    after = helped.state.landmarks.points
    assert after["L1_superior_anterior"].confirmed
    moved = [n for n in helped.state.hollow if after[n].x != before[n].x]
    assert "L1_superior_posterior" in moved
    assert all(after[name] == before[name] for name in SIX)
    helped.desk.change(selected="T4_superior_anterior")
    helped.keys("r")
    assert not any(name.startswith("T4_") for name in helped.state.hollow)
    assert any(name.startswith("L3_") for name in helped.state.hollow)


def test_one_key_takes_a_snap_back(helped):
    click_what_is_asked(helped, truth("lateral_02"))
    predicted = helped.state.content
    helped.settle()
    assert helped.state.content != predicted
    helped.keys("ctrl+z")
    helped.settle()
    assert helped.state.content == predicted


def test_proposals_are_turned_off_by_a_key(helped):
    click_what_is_asked(helped, truth("lateral_02"))
    helped.keys("a")
    helped.settle()
    assert not helped.state.hollow
    assert set(helped.state.landmarks.points) == set(SIX)
    helped.keys("a")
    helped.settle()
    assert len(helped.state.hollow) > 80


def test_a_stray_click_takes_no_proposal_away(helped):
    click_what_is_asked(helped, truth("lateral_02"))
    helped.settle()
    before = helped.state.landmarks
    area = helped.view.area
    at = (area.left + 5.0, area.bottom - 90.0)
    helped.press(at)
    helped.release(at)
    assert helped.state.landmarks == before
    assert "Drag the point" in helped.desk.said


def test_a_program_that_cannot_be_loaded_costs_one_line(tmp_path, monkeypatch):
    import balance.landmarks.proposals as proposals

    def broken(*_):
        raise AttributeError("half written")

    monkeypatch.setattr(proposals, "recondition", broken)
    monkeypatch.setattr(proposals, "propose", broken)
    driver, points = Driver(film(tmp_path, "lateral_02"), proposals=True), truth("lateral_02")
    assert "L1_superior_anterior" in click_what_is_asked(driver, points)
    assert driver.state.step is None
    assert "go on by hand" in driver.state.message


def test_what_a_program_doubts_is_said(helped):
    points = truth("lateral_02")
    # T8 clicked two levels too high: the alarm for labels.
    points["T8_centroid"] = points["T6_centroid"]
    click_what_is_asked(helped, points)
    helped.settle()
    note = helped.state.landmarks.proposal
    assert note.status in ("review", "unable")
    assert any(line.startswith(("proposals: ", "nothing is proposed: "))
               for line in helped.desk.warnings)  # fmt: skip


def marks_of(driver):
    def flat(marks):
        for mark in marks:
            if isinstance(mark, Clipped):
                yield from flat(mark.marks)
            else:
                yield mark

    return list(flat(driver.window._film.marks))


# --- files ----------------------------------------------------------------------------------------


def test_a_film_that_is_done_is_saved_and_page_down_opens_the_next(tmp_path):
    first, second = film(tmp_path, "frontal_01"), film(tmp_path, "lateral_01")
    driver = Driver(tmp_path)
    assert driver.state.film.file == first.name
    driver.keys("enter", "d", "pagedown")
    assert driver.state.film.file == second.name
    assert (tmp_path / "frontal_01.landmarks.json").exists()
    driver.canvas.draw()
    assert any("film 2 of 2, 1 done" in t.text for t in driver.texts())
    driver.keys("tab")
    assert {"frontal_01.dcm", "lateral_01.dcm", "done"} <= {t.text for t in driver.texts()}
    zone = next(z for z in driver.window._pages if z.action == Command("open", 0))
    driver.press(zone.area.centre)
    assert driver.state.film.file == first.name
    driver.keys("pageup")
    assert driver.state.film.file == first.name
    driver.window.close()


@pytest.mark.parametrize("choice", ["save", "keep"])
def test_unsaved_work_is_never_written_without_a_word(tmp_path, choice):
    first, second = film(tmp_path, "frontal_01"), film(tmp_path, "lateral_01")
    driver = Driver(tmp_path)
    driver.keys("enter", "pagedown")
    assert driver.state.film.file == first.name, "the reader is asked first"
    words = " ".join(text.text for text in driver.texts())
    assert "This film is not saved" in words
    driver.keys("escape")
    assert driver.desk.ask is None
    driver.keys("pagedown")
    if choice == "save":
        driver.keys("enter")
    else:
        driver.press(zone_of(driver, Command("depart", ("keep", 1))).area.centre)
    assert driver.state.film.file == second.name
    assert (tmp_path / "frontal_01.landmarks.json").exists() is (choice == "save")
    driver.canvas.draw()
    driver.keys("tab")
    assert ("not saved" in {t.text for t in driver.texts()}) is (choice == "keep")
    driver.keys("tab", "pageup")
    assert driver.state.film.file == first.name
    assert driver.desk.session.dirty is (choice == "keep"), "the journal kept it"


def test_a_window_with_unsaved_work_asks_before_it_closes(lateral, tmp_path):
    left = []
    lateral.window.work.on_left = lambda: left.append(1)
    lateral.keys("enter")
    assert not lateral.window.close()
    assert not left
    lateral.press(zone_of(lateral, Command("depart", ("keep", None))).area.centre)
    assert left
    assert not (tmp_path / "lateral_01.landmarks.json").exists()
    assert (tmp_path / "lateral_01.landmarks.journal").exists()


def zone_of(driver, action):
    return next(zone for zone in driver.window._zones if zone.action == action)


def test_a_sitting_begins_with_the_first_film_that_is_not_done(tmp_path):
    film(tmp_path, "frontal_01")
    film(tmp_path, "lateral_01")
    driver = Driver(tmp_path)
    driver.keys("d")
    driver.window.close()
    again = Driver(tmp_path)
    assert again.state.film.file == "lateral_01.dcm"


@pytest.mark.parametrize("choice", ["beside", "overwrite"])
def test_another_version_on_disk_is_never_written_over_silently(placed, tmp_path, choice):
    path = tmp_path / "lateral_01.landmarks.json"
    other = json.loads(path.read_text())
    other["reader"] = "somebody else"
    path.write_text(json.dumps(other))
    theirs = path.read_bytes()
    placed.desk.change(selected="C7_centroid")
    placed.keys("right", "ctrl+s")
    assert path.read_bytes() == theirs
    zone = next(z for z in placed.window._zones if z.action == Command("save", choice))
    placed.press(zone.area.centre)
    beside = list(tmp_path.glob("*.conflict-1.json"))
    written = read_landmarks(beside[0] if choice == "beside" else path)
    assert written.points == placed.state.landmarks.points
    assert (path.read_bytes() == theirs) is (choice == "beside")
    assert placed.desk.ask is None


def test_a_second_editor_may_only_look_or_take_a_copy(lateral, tmp_path):
    lateral.keys("enter")
    second = Driver(tmp_path / "lateral_01.dcm")
    assert second.desk.session.read_only
    assert second.desk.ask is not None
    before = second.state.landmarks
    second.keys("escape", "enter")
    assert second.state.landmarks == before
    second.window.do(Command("reopen", "copy"))
    assert not second.desk.session.read_only
    assert second.desk.session.path != lateral.desk.session.path
    second.keys("enter")
    assert not second.state.refused
    second.window.close()
    lateral.window.close()


def test_work_that_was_not_saved_is_there_again(lateral, tmp_path):
    points = truth("lateral_01")
    lateral.keys("enter", "enter")
    lateral.click(points["S1_superior_posterior"]["x"], points["S1_superior_posterior"]["y"])
    before = lateral.state.landmarks
    # The process ends without a word: the file lock goes, the journal stays.
    lateral.desk.session._journal._file.close()
    again = Driver(tmp_path / "lateral_01.dcm", protocol=None)
    assert again.state.landmarks == before
    assert any("not saved are here again" in t.text for t in again.texts())
    assert again.desk.session.dirty


def test_points_are_asked_again_blind(placed, tmp_path):
    from balance.landmarks.editor.repeat import plan_repeats
    from balance.landmarks.editor.window.films import Films, Manner
    from balance.landmarks.editor.worklist import Entry, find_entries

    placed.keys("ctrl+s")
    assert placed.window.close()
    entries = find_entries([tmp_path / "lateral_01.dcm"]).entries
    repeats, _ = plan_repeats(entries, seed=4)
    films = Films(tuple(Entry(r.film, r.document) for r in repeats), Manner(), repeats)
    desk = films.open(0, placed.view.area)
    assert desk.blind
    assert not desk.session.state.landmarks.points
    first = truth("lateral_01")[desk.session.state.step.name]
    start = desk.look.view.centre
    assert np.hypot(start[0] - first["x"], start[1] - first["y"]) > 1.0
    desk.session.close()


def test_repeated_points_tell_the_readers_own_noise(tmp_path, monkeypatch):
    """Two readings a known distance apart: the deviation of each site is that over root 2."""
    from balance.landmarks.editor.window import run
    from balance.landmarks.editor.window.window import Window, make_figure

    document = json.loads((SAMPLES / "lateral_01.landmarks.json").read_text())
    for point in document["points"].values():
        point.pop("sd_px", None)
        point |= {"source": "manual", "confirmed": True}
    for number in range(4):
        shutil.copy(SAMPLES / "lateral_01.dcm", tmp_path / f"film_{number}.dcm")
        (tmp_path / f"film_{number}.landmarks.json").write_text(json.dumps(document))
    points, shown = truth("lateral_01"), []

    def sit(films, _):
        driver = Driver.__new__(Driver)
        driver.window = Window(FigureCanvasAgg(make_figure()), films)
        driver.canvas.draw()
        for _ in films.entries:
            shown.extend(t.text for t in driver.texts() if t.gid.startswith("value."))
            while driver.state.step is not None:
                name = driver.state.step.name
                if driver.state.step.kind == "rim":
                    driver._rim(points[name])
                else:
                    driver.click(points[name]["x"] + 4.0, points[name]["y"])
            driver.keys("pagedown")
        assert driver.window.close()

    monkeypatch.setattr(run, "_sit", sit)
    said = []
    assert run.edit_films([tmp_path], run.Sitting(repeat=True), None, said.append) == 0
    assert not shown, "blind: no value is shown"
    kept = read_landmarks(tmp_path / "film_0.landmarks.json").reader_noise
    site = next(site for site in kept if site.site == "S1")
    spread = np.hypot(site.normal_mm, site.tangential_mm)
    assert spread == pytest.approx(4.0 * 0.5 / np.sqrt(2), rel=0.15)
    assert any(line.startswith("S1: ") for line in said)


@pytest.mark.parametrize(
    ("name", "protocol", "most"),
    [
        ("lateral_01", "balance", 60.0),
        pytest.param("lateral_04", "full sagittal", 240.0, marks=pytest.mark.slow),
    ],
)
def test_the_estimate_of_a_readers_time(tmp_path, name, protocol, most):
    """Keystroke-level, from the journal of a scripted run: an estimate, not a promise."""
    from balance.landmarks.editor.keystrokes import estimate_journal

    driver = Driver(film(tmp_path, name), protocol=protocol)
    driver.place_all(truth(name))
    told = estimate_journal(next(tmp_path.glob("*.journal")))
    assert len(driver.state.landmarks.points) <= told.actions
    assert 15.0 < told.seconds <= most
