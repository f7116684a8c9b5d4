"""What an editor keeps: journal, saving, two editors, worklists, lists of points."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from editor_actions import any_events, film_of, follow, known_landmarks, next_action
from hypothesis import given, settings
from hypothesis import strategies as st

import balance.landmarks.editor.events as ev
import balance.landmarks.editor.journal as journal_module
from balance.errors import BadLandmarks, BalanceError
from balance.inputs import find_documents
from balance.landmarks.editor.journal import DocumentInUse
from balance.landmarks.editor.opening import open_session
from balance.landmarks.editor.own_protocol import BadProtocol, parse_protocol, read_protocol
from balance.landmarks.editor.proposals import evidence_of
from balance.landmarks.editor.protocols import HEADS, PROTOCOL
from balance.landmarks.editor.saving import DocumentChanged
from balance.landmarks.editor.search import Search
from balance.landmarks.editor.state import start
from balance.landmarks.editor.transitions import update
from balance.landmarks.editor.worklist import document_of, find_entries
from balance.landmarks.files import read_landmarks, write_landmarks
from balance.landmarks.model import JointCovariance, Landmark, ProposalNote

MARKS = known_landmarks("lat00")
FILM = film_of(MARKS)
BALANCE = PROTOCOL["balance"]
S1 = ("S1_superior_posterior", "S1_superior_anterior")


@pytest.fixture
def document(tmp_path):
    return tmp_path / "film.landmarks.json"


def opened(path, **options):
    return open_session(path, FILM, options.pop("protocol", None), view="lateral", **options)


def kill(session):
    """What kill -9 leaves: the lock is gone, and nothing was closed or removed."""
    session._journal._file.close()
    session._journal = None


def journal_of(path):
    return path.with_name(path.name.removesuffix(".json") + ".journal")


# --- nothing is lost --------------------------------------------------------------------------


@settings(max_examples=120)
@given(events=any_events(MARKS, most=20), data=st.data())
def test_killed_after_any_byte_the_state_after_the_last_complete_line_is_back(
    tmp_path_factory, events, data
):
    path = tmp_path_factory.mktemp("killed") / "film.landmarks.json"
    session = opened(path)
    states, sizes = [session.state], [journal_of(path).stat().st_size]
    for event in events:
        states.append(session.do(event))
        sizes.append(journal_of(path).stat().st_size)
    kill(session)
    cut = data.draw(st.integers(sizes[0], sizes[-1]))
    whole = journal_of(path).read_bytes()
    journal_of(path).write_bytes(whole[:cut])
    complete = max(n for n, size in enumerate(sizes) if size <= cut)
    again = opened(path)
    assert repr(again.state.content) == repr(states[complete].content)
    if complete:
        assert again.state == states[complete] or "nan" in repr(states[complete])
    kill(again)
    # And the next one, which goes on from there.
    third = opened(path)
    assert repr(third.state.content) == repr(states[complete].content)
    third.do(ev.MarkDone())
    content = third.state.content
    kill(third)
    fourth = opened(path)
    assert repr(fourth.state.content) == repr(content)
    fourth.close(discard=True)
    assert list(path.parent.iterdir()) == []


@settings(max_examples=120)
@given(before=any_events(MARKS, most=8), after=any_events(MARKS, most=8))
def test_killed_after_a_saving_what_came_later_is_back(tmp_path_factory, before, after):
    path = tmp_path_factory.mktemp("saved") / "film.landmarks.json"
    session = opened(path)
    for event in before:
        session.do(event)
    if not session.state.content.view_known or session.state.landmarks.view != "lateral":
        session.close(discard=True)
        return
    session.save()
    for event in after:
        session.do(event)
    content = session.state.content
    kill(session)
    again = opened(path)
    # What was undone past the saving cannot be undone again: the document is the new start.
    if not any(isinstance(event, ev.Undo | ev.Redo) for event in after):
        assert repr(sorted_content(again.state.content)) == repr(sorted_content(content))
    kill(again)


def sorted_content(content):
    points = dict(sorted(content.landmarks.points.items()))
    notes = dict(sorted(content.landmarks.notes.items()))
    marks = replace(content.landmarks, points=points, notes=notes)
    sets = {k: sorted(getattr(content, k)) for k in ("skipped", "declined", "answered")}
    return replace(content, landmarks=marks, **sets)


CHILD = """
    import sys
    sys.path.insert(0, {tests!r})
    from test_editor_session import *
    session = opened(Path({path!r}))
    state = session.state
    while session.state.step is not None:
        session.do(next_action(session.state, MARKS))
        print(len(session.state.landmarks.points), flush=True)
    print("end", flush=True)
    sys.stdin.read()
"""


def test_kill_9_in_the_middle_loses_nothing(document):
    code = textwrap.dedent(CHILD).format(tests=str(Path(__file__).parent), path=str(document))
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    said = ""
    for said in child.stdout:
        if said.strip() == "5":
            break
    with pytest.raises(DocumentInUse):
        opened(document)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    session = opened(document)
    assert said.strip() == "5"
    assert len(session.state.landmarks.points) >= 5
    assert any("not saved" in line for line in session.said)
    whole = follow(start(FILM, BALANCE, view="lateral"), MARKS).landmarks.points
    assert set(session.state.landmarks.points) <= set(whole)
    assert follow(session.state, MARKS).landmarks.points == whole
    session.close(discard=True)


def test_undo_works_across_a_crash(document):
    session = opened(document)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    session.do(ev.Move(S1[0], 7.0, 8.0))
    kill(session)
    again = opened(document)
    again.do(ev.Undo())
    assert again.state.landmarks.points[S1[0]] == Landmark(5.0, 6.0)
    again.close(discard=True)


def test_a_damaged_line_ends_the_replay_and_is_said(document):
    session = opened(document)
    for x in range(5):
        session.do(ev.Place(S1[0], float(x), 6.0))
    kill(session)
    lines = journal_of(document).read_bytes().splitlines(keepends=True)
    lines[3] = b'{"t":0,"event":"Place","name":\n'
    journal_of(document).write_bytes(b"".join(lines))
    again = opened(document)
    assert again.state.landmarks.points[S1[0]].x == 1.0
    assert any("cannot be read" in line for line in again.said)
    again.do(ev.Place(S1[0], 50.0, 6.0))
    kill(again)
    third = opened(document)
    assert third.state.landmarks.points[S1[0]].x == 50.0
    third.close(discard=True)
    (kept,) = document.parent.glob("*.journal-damaged-1")
    assert kept.read_bytes() == b"".join(lines)


def test_actions_of_a_later_version_are_kept_and_what_follows_is_not_lost(document):
    session = opened(document)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    session._journal.append({"t": 1, "event": "Sing", "loud": True})
    kill(session)
    again = opened(document)
    assert any("cannot be read" in line for line in again.said)
    again.do(ev.Place(S1[0], 50.0, 6.0))
    kill(again)
    third = opened(document)
    assert third.state.landmarks.points[S1[0]].x == 50.0
    third.close(discard=True)


def test_a_journal_names_no_patient_and_is_the_users_own(document):
    film = film_of(known_landmarks("lat05"))
    session = open_session(document, film, BALANCE, view="lateral")
    session.do(ev.Place(S1[0], 5.0, 6.0))
    text = journal_of(document).read_text()
    assert film.subject.age_years is not None
    assert "age" not in text
    assert "patient" not in text
    assert "subject" not in text
    assert journal_of(document).stat().st_mode & 0o077 == 0
    session.close(discard=True)


def test_a_folder_that_takes_no_file_puts_the_journal_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    nowhere = Path("/proc/1/film.landmarks.json")
    session = opened(nowhere)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    assert "journal" in session.said[0]
    (kept,) = (tmp_path / "state").rglob("*.journal")
    assert "film" not in kept.name
    with pytest.raises(OSError, match="film"):
        session.save()
    kill(session)
    again = opened(nowhere)
    assert S1[0] in again.state.landmarks.points
    again.close(discard=True)


def test_a_full_disk_is_said_and_the_editor_goes_on(document, monkeypatch):
    session = opened(document)

    def full(record):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session._journal, "append", full)
    state = session.do(ev.Place(S1[0], 5.0, 6.0))
    assert "save now" in state.message
    assert S1[0] in state.landmarks.points
    session.close(discard=True)


# --- saving -----------------------------------------------------------------------------------


def test_saving_writes_the_document_and_closing_leaves_no_journal(document):
    session = opened(document)
    while session.state.step is not None:
        session.do(next_action(session.state, MARKS))
    assert session.dirty
    assert session.save() == document
    assert not session.dirty
    session.close()
    assert [path.name for path in document.parent.iterdir()] == [document.name]
    read = read_landmarks(document)
    assert dict(read.points) == dict(session.state.landmarks.points)
    assert read.software.startswith("spinal-balance")
    assert read.created


def test_closing_without_saving_keeps_the_work(document):
    session = opened(document)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    session.close()
    again = opened(document)
    assert S1[0] in again.state.landmarks.points
    again.close(discard=True)
    assert not list(document.parent.iterdir())


def test_looking_leaves_nothing_behind(document):
    session = opened(document)
    session.do(ev.GoTo("C7_centroid"))
    session.close()
    assert not list(document.parent.iterdir())


def test_unknown_fields_and_the_day_of_making_survive(document):
    case = json.loads((Path(__file__).parent / "known" / "lat00.json").read_text())["landmarks"]
    case |= {"hospital_extra": {"a": [1]}, "created": "2001-02-03"}
    case["points"][S1[0]]["colour"] = "red"
    document.write_text(json.dumps(case))
    session = opened(document)
    session.do(ev.Nudge("C7_centroid" if "C7_centroid" in case["points"] else S1[1], 1.0, 0.0))
    session.save()
    session.do(ev.MarkDone())
    session.save()
    session.close()
    written = json.loads(document.read_text())
    assert written["hospital_extra"] == {"a": [1]}
    assert written["created"] == "2001-02-03"
    assert written["points"][S1[0]]["colour"] == "red"
    assert written["editor"]["done"] is True


def test_a_document_changed_by_someone_else_is_never_overwritten_silently(document):
    write_landmarks(MARKS, document)
    session = opened(document)
    session.do(ev.MoveRegion("C7", 1.0, 0.0))
    theirs = document.read_bytes().replace(b'"lateral"', b'"lateral" ')
    document.write_bytes(theirs)
    with pytest.raises(DocumentChanged, match="conflict-1"):
        session.save()
    assert document.read_bytes() == theirs
    sibling = session.save("beside")
    assert document.read_bytes() == theirs
    assert sibling.name == "film.landmarks.conflict-1.json"
    assert dict(read_landmarks(sibling).points) == dict(session.state.landmarks.points)
    # A folder is walked for cases, and a conflict is none.
    assert [path.name for path in find_documents([document.parent])[0]] == [document.name]
    session.do(ev.MoveRegion("C7", 1.0, 0.0))
    assert session.save() == sibling
    session.close()
    assert document.read_bytes() == theirs


def test_overwriting_on_demand_is_possible(document):
    write_landmarks(MARKS, document)
    session = opened(document)
    session.do(ev.MoveRegion("C7", 1.0, 0.0))
    document.write_bytes(document.read_bytes() + b"\n")
    assert session.save("overwrite") == document
    session.close()
    assert dict(read_landmarks(document).points) == dict(session.state.landmarks.points)


def test_a_journal_of_another_version_is_offered_and_not_replayed(document):
    write_landmarks(MARKS, document)
    session = opened(document)
    for _ in range(3):
        session.do(ev.Nudge(S1[0], 1.0, 0.0))
    kill(session)
    document.write_bytes(document.read_bytes() + b"\n")
    again = opened(document)
    assert again.state.landmarks.points[S1[0]] == MARKS.points[S1[0]]
    assert again.offered == 3
    assert any("another version" in line for line in again.said)
    again.close()
    third = opened(document)
    assert third.offered == 3
    third.take_offered()
    assert third.state.landmarks.points[S1[0]].x == MARKS.points[S1[0]].x + 3.0
    assert third.offered == 0
    third.save()
    third.close()
    assert [path.name for path in document.parent.iterdir()] == [document.name]


def test_an_offered_click_is_for_the_point_that_it_was_meant_for(document):
    session = opened(document)
    for event in (ev.Accept(), ev.Accept(), ev.Click(30.0, 40.0)):
        session.do(event)
    assert set(session.state.landmarks.points) == {S1[0]}
    kill(session)
    # There the other corner would be asked for at that moment.
    write_landmarks(replace(MARKS, points={S1[0]: Landmark(1.0, 2.0)}), document)
    again = opened(document)
    assert dict(again.take_offered().landmarks.points) == {S1[0]: Landmark(30.0, 40.0)}
    again.close(discard=True)


def test_offered_actions_can_be_thrown_away(document):
    write_landmarks(MARKS, document)
    session = opened(document)
    session.do(ev.Nudge(S1[0], 1.0, 0.0))
    kill(session)
    document.write_bytes(document.read_bytes() + b"\n")
    again = opened(document)
    again.drop_offered()
    again.close()
    assert [path.name for path in document.parent.iterdir()] == [document.name]


def test_killed_between_the_saving_and_the_new_journal_nothing_is_done_twice(document, monkeypatch):
    write_landmarks(MARKS, document)
    session = opened(document)
    session.do(ev.Nudge(S1[0], 1.0, 0.0))

    def killed(header):
        raise OSError

    monkeypatch.setattr(session._journal, "start", killed)
    session.save()
    session.do(ev.Nudge(S1[0], 10.0, 0.0))
    kill(session)
    again = opened(document)
    assert again.state.landmarks.points[S1[0]].x == MARKS.points[S1[0]].x + 11.0
    assert again.offered == 0
    again.close(discard=True)


# --- two editors ------------------------------------------------------------------------------


def test_a_second_editor_is_told_and_may_look_or_take_a_copy(document):
    write_landmarks(MARKS, document)
    first = opened(document)
    with pytest.raises(DocumentInUse, match="another editor"):
        opened(document)
    looking = opened(document, mode="read_only")
    assert looking.read_only
    before = looking.state.content
    assert "cannot" in looking.do(ev.MarkDone()).message or looking.state.refused
    assert looking.state.content == before
    looking.close()
    copy = opened(document, mode="copy")
    assert copy.path.name == "film.landmarks.copy-1.json"
    copy.do(ev.Nudge(S1[0], 1.0, 0.0))
    copy.save()
    copy.close()
    first.do(ev.Nudge(S1[0], 5.0, 0.0))
    first.save()
    first.close()
    moved = [read_landmarks(path).points[S1[0]].x for path in (document, copy.path)]
    assert moved == [MARKS.points[S1[0]].x + 5.0, MARKS.points[S1[0]].x + 1.0]


def test_a_journal_that_is_removed_while_it_is_opened_is_made_anew(document, monkeypatch):
    real, calls = journal_module._lock, []

    def late(file):
        if not calls:
            journal_of(document).unlink()
        calls.append(1)
        real(file)

    monkeypatch.setattr(journal_module, "_lock", late)
    session = opened(document)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    assert len(calls) == 2
    kill(session)
    again = opened(document)
    assert S1[0] in again.state.landmarks.points
    again.close(discard=True)


def test_the_lock_is_given_back(document):
    for _ in range(3):
        opened(document).close()


def test_a_document_that_cannot_be_read_gives_its_lock_back(document):
    document.write_text("{")
    for _ in range(2):
        with pytest.raises(BadLandmarks):
            opened(document)
    assert document.read_text() == "{"


def test_a_journal_of_a_later_version_is_kept(document):
    journal_of(document).write_text('{"format":"spinal-balance-journal","version":2}\n{"x":1}\n')
    session = opened(document)
    session.do(ev.Place(S1[0], 1.0, 1.0))
    session.close(discard=True)
    (kept,) = document.parent.iterdir()
    assert '"version":2' in kept.read_text()


# --- proposals --------------------------------------------------------------------------------


HOLLOW = Landmark(50.0, 60.0, source="predicted", confirmed=False)


def moved_by(calls):
    """A program that needs S1; it moves the chin by the number of its calls, and all clicks."""

    def recondition(marks):
        calls.append(1)
        if not set(S1) <= marks.points.keys():
            return replace(marks, proposal=ProposalNote("unable", ("S1 is not marked",)))
        points = {n: replace(p, x=p.x + 99.0) for n, p in marks.points.items()}
        points["chin"] = replace(HOLLOW, x=50.0 + len(calls))
        shared = JointCovariance(("chin",), ((1 / 3, 0.1), (2e-7, 0.7)))
        return replace(marks, points=points, proposal=ProposalNote("ok"), covariance=shared)

    return recondition


def found_on_film(marks, x=70.0):
    """What a look at the film gives."""
    chin = replace(HOLLOW, x=x, source="snapped")
    return replace(marks, points={**marks.points, "chin": chin}, proposal=ProposalNote("ok"))


def with_six_clicks(document, program):
    session = opened(document, recondition=program)
    corners = [point for name, point in MARKS.points.items() if name.startswith("T8_")]
    middle = [sum(getattr(point, axis) for point in corners) / 4 for axis in "xy"]
    for name in (*S1, *HEADS["lateral"]):
        session.do(ev.Place(name, MARKS.points[name].x, MARKS.points[name].y))
    assert not session.search_wanted
    seventh = MARKS.points["C7_superior_posterior"]
    session.do(ev.Place("C7_superior_posterior", seventh.x, seventh.y))
    assert not session.search_wanted, "T8 is asked for first"
    session.do(ev.Place("T8_centroid", *middle))
    return session


def test_a_click_calls_the_program_and_both_are_one_step_of_undo(document):
    calls = []
    session = opened(document, recondition=moved_by(calls))
    session.do(ev.Place(S1[1], 15.0, 6.0))
    assert session.state.landmarks.proposal is None, "too early to say anything"
    session.do(ev.Place(S1[0], 5.0, 6.0))
    assert session.state.hollow == {"chin"}
    before, asked = session.state.content, len(calls)
    session.do(ev.Move(S1[0], 7.0, 6.0))
    assert len(calls) == asked + 1
    assert session.state.landmarks.points[S1[0]].x == 7.0
    assert session.state.landmarks.points["chin"].x == 51.0 + asked
    after = session.state
    state = session.do(ev.Undo())
    assert state.content == before
    assert len(calls) == asked + 1
    kill(session)
    again = opened(document)
    assert again.state.content == before
    again.do(ev.Redo())
    assert again.state.landmarks.points["chin"].x == 51.0 + asked
    assert again.state.content == after.content
    again.close(discard=True)


def test_confirming_brings_no_evidence(document):
    calls = []
    session = with_six_clicks(document, moved_by(calls))
    chin, asked = session.state.landmarks.points["chin"], len(calls)
    session.do(ev.Confirm("limbs and head"))
    assert session.state.landmarks.points["chin"] == replace(chin, confirmed=True)
    assert len(calls) == asked
    session.close(discard=True)


def test_what_the_film_shows_is_taken_over_and_undone_alone(document):
    session = with_six_clicks(document, moved_by([]))
    assert session.search_wanted
    before, evidence = session.state.content, evidence_of(session.state.landmarks)
    assert session.take_found(lambda: found_on_film(evidence), evidence)
    assert session.state.landmarks.points["chin"].source == "snapped"
    assert not session.search_wanted
    assert session.do(ev.Undo()).content == before
    assert not session.search_wanted, "what was taken back is not brought again"
    session.close(discard=True)


def test_what_the_film_showed_for_other_points_is_dropped(document):
    session = with_six_clicks(document, moved_by([]))
    evidence = evidence_of(session.state.landmarks)
    t8 = session.state.landmarks.points["T8_centroid"]
    state = session.do(ev.Move("T8_centroid", t8.x + 3.0, t8.y))
    assert not session.take_found(lambda: found_on_film(evidence), evidence)
    assert session.state is state
    assert session.search_wanted
    session.close(discard=True)


@pytest.mark.parametrize(
    "error", [BadLandmarks("no spine here"), ZeroDivisionError(), KeyError("x"), TypeError("y")]
)
def test_a_program_that_fails_does_not_stop_the_reader(document, error):
    def failing(*_):
        raise error

    session = opened(document, recondition=failing)
    state = session.do(ev.Place(S1[0], 5.0, 6.0))
    assert S1[0] in state.landmarks.points
    assert "no spine" in state.message or "by hand" in state.message
    session.close(discard=True)
    session = with_six_clicks(document, moved_by([]))
    before = session.state.landmarks
    session.take_found(failing, evidence_of(before))
    assert session.state.landmarks == before
    assert session.state.refused
    assert not session.search_wanted, "it is not tried again and again"
    session.close(discard=True)


def test_proposals_can_be_turned_off_and_on(document):
    calls = []
    session = with_six_clicks(document, moved_by(calls))
    clicked = session.state.landmarks.points.keys() - {"chin"}
    session.set_proposing(False)
    assert session.state.landmarks.points.keys() == clicked
    assert session.state.landmarks.proposal is None
    asked = len(calls)
    session.do(ev.Move(S1[0], MARKS.points[S1[0]].x - 1.0, MARKS.points[S1[0]].y))
    assert len(calls) == asked
    session.set_proposing(True)
    assert session.state.hollow == {"chin"}
    assert session.search_wanted
    session.close()
    looking = opened(document, recondition=moved_by([]), mode="read_only")
    assert looking.set_proposing(True).refused


def test_the_film_is_looked_at_in_the_background_and_once_more_after_a_click(document):
    go_on, given = Event(), []

    def slow(film, marks):
        given.append(marks)
        assert go_on.wait(20.0)
        return found_on_film(marks, x=70.0 + len(given))

    session = with_six_clicks(document, moved_by([]))
    search = Search(slow, None, prepare=lambda: None)
    state = session.state
    assert not search.turn(session)
    assert search.running
    assert session.state is state, "nothing waits for the program"
    t8 = session.state.landmarks.points["T8_centroid"]
    session.do(ev.Move("T8_centroid", t8.x + 3.0, t8.y))
    go_on.set()
    changes = 0
    while search.running:
        changes += search.turn(session)
        sleep(0.002)
    assert len(given) == 2
    assert given[1].points["T8_centroid"].x == t8.x + 3.0
    assert changes == 1
    assert session.state.landmarks.points["chin"].x == 72.0
    search.close()
    session.close(discard=True)


def test_the_journal_packs_a_covariance_exactly_as_the_state_holds_it(document):
    session = opened(document)
    names = (S1[0], "C7_centroid")
    points = tuple(ev.ProposedPoint(n, 50.0, 60.0) for n in names)
    factors = ((0.1, 1 / 3, 2e-8, 7.0),) * 3
    session.do(ev.Proposed(points, names, factors))
    held = session.state.landmarks.covariance
    assert held.factors[0] == pytest.approx(factors[0], rel=1e-6)
    kill(session)
    again = opened(document)
    assert again.state.landmarks.covariance == held
    again.close(discard=True)


# --- worklists and lists of points ------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.dcm", "1.2.840.1", "notes.txt", "c.truth.png"):
        (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 20)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "d.tif").write_bytes(b"II")
    return tmp_path


def test_a_folder_is_a_worklist_of_its_films(folder):
    found = find_entries([folder])
    names = [entry.film.name for entry in found.entries]
    assert names == ["1.2.840.1", "a.dcm", "b.png", "d.tif"]
    assert [entry.document.name for entry in found.entries][:2] == [
        "1.2.840.1.landmarks.json",
        "a.landmarks.json",
    ]
    assert not any(entry.done for entry in found.entries)
    assert not found.failures


def test_a_folder_that_cannot_be_looked_into_is_named(folder, monkeypatch):
    scandir = os.scandir

    def closed(path):
        if Path(path).name == "deeper":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("balance.walk.os.scandir", closed)
    found = find_entries([folder])
    assert [entry.film.name for entry in found.entries] == ["1.2.840.1", "a.dcm", "b.png"]
    (failure,) = found.failures
    assert f"{folder / 'deeper'}: the folder cannot be read" in failure.error


def test_a_done_mark_travels_with_the_document(folder):
    film = folder / "a.dcm"
    session = open_session(document_of(film), FILM, BALANCE, view="lateral")
    session.do(ev.MarkDone())
    session.save()
    session.close()
    found = find_entries([folder])
    assert [entry.done for entry in found.entries] == [False, True, False, False]
    again = open_session(document_of(film), FILM, BALANCE, view="lateral")
    assert again.state.content.done
    again.do(ev.MarkDone(False))
    again.save()
    again.close()
    assert not any(entry.done for entry in find_entries([folder]).entries)


def test_a_list_names_films_and_documents_with_a_note(folder):
    write_landmarks(MARKS, folder / "b.landmarks.json")
    rows = "source,status,note\na.dcm,unmarked,\nb.landmarks.json,unmarked,look at S1\ngone.dcm,,\n"
    (folder / "worklist.csv").write_text(rows)
    found = find_entries([folder / "worklist.csv"])
    assert [entry.film.name for entry in found.entries] == ["a.dcm", "b.png", "gone.dcm"]
    assert [entry.note for entry in found.entries] == ["", "look at S1", ""]


def test_what_cannot_be_listed_is_said_and_the_rest_is_listed(folder):
    (folder / "odd.csv").write_text("film\na.dcm\n")
    write_landmarks(MARKS, folder / "deeper" / "alone.landmarks.json")
    given = [folder / "no", folder / "odd.csv", folder / "a.dcm", folder / "a.dcm",
             folder / "deeper" / "alone.landmarks.json"]  # fmt: skip
    found = find_entries(given)
    assert [entry.film.name for entry in found.entries] == ["a.dcm"]
    assert len(found.failures) == 3
    assert "column source" in found.failures[1].error


def test_a_readers_own_list_of_points(tmp_path):
    listed = tmp_path / "mine.txt"
    listed.write_text(
        "# my points\nS1\nhips   # both\nL1 superior\nT4-T5 centroids\nC7\nclavicles\n"
    )
    protocol = read_protocol(listed)
    assert protocol.name == "mine"
    assert protocol.lateral == (
        "film", *S1, "femoral_head_1", "femoral_head_2",
        "L1_superior_posterior", "L1_superior_anterior", "T5_centroid", "T4_centroid",
        "C7_inferior_posterior", "C7_inferior_anterior",
        "C7_superior_posterior", "C7_superior_anterior",
    )  # fmt: skip
    assert protocol.frontal[-2:] == ("clavicle_left", "clavicle_right")
    same = parse_protocol(json.dumps(["S1", "hips"]), "x")
    assert same.lateral == ("film", *S1, "femoral_head_1", "femoral_head_2")
    one_view = parse_protocol(json.dumps({"lateral": ["C2_dens"], "title": "dens"}), "x")
    assert (one_view.lateral, one_view.frontal) == (("film", "C2_dens"), ())
    state = start(FILM, protocol, view="lateral")
    assert [step.name for step in state.steps][:2] == ["film", S1[0]]
    assert not update(state, ev.Accept()).refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("# only a remark", "empty"),
        ("S1\nL9", "'L9'"),
        ("T14-L1", "'T14-L1'"),
        ("S1 inferior", "'S1 inferior'"),
        ("[1, 2]", "list of points"),
        ("[", "broken JSON"),
        ('{"lateral": ["clavicles"]}', "'clavicles'"),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused_in_a_sentence(text, said):
    with pytest.raises(BadProtocol, match=said):
        parse_protocol(text, "mine")


@given(text=st.text(max_size=40))
def test_any_text_is_a_list_or_is_refused(text):
    try:
        protocol = parse_protocol(text, "mine")
    except BalanceError:
        return
    assert start(FILM, protocol, view="lateral").steps or protocol.frontal


def test_no_state_folder_is_needed_where_the_film_lies(document, monkeypatch):
    monkeypatch.setattr(journal_module, "state_folder", lambda: Path(os.devnull) / "none")
    session = opened(document)
    session.do(ev.Place(S1[0], 5.0, 6.0))
    session.save()
    session.close()
    assert document.exists()
