"""Readers for the editor's tests: one who clicks what is known, and one who does anything."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from strategies import KNOWN

import balance.landmarks.editor.answers as answers
import balance.landmarks.editor.events as ev
from balance.landmarks.editor.protocols import PROTOCOL, Protocol
from balance.landmarks.editor.regions import REGIONS
from balance.landmarks.editor.state import FilmFacts, State, start
from balance.landmarks.editor.transitions import update
from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import Landmarks
from balance.radiograph import Subject

NAMES = {
    "lateral": (
        "S1_superior_posterior", "S1_superior_anterior", "femoral_head_1", "femoral_head_2",
        "C7_centroid", "L1_superior_posterior", "L1_superior_anterior", "L5_superior_posterior",
        "L5_superior_anterior", "L5_inferior_posterior", "L5_inferior_anterior",
        "S1_alternative_superior_posterior", "S1_alternative_superior_anterior",
        "L6_inferior_posterior", "L6_inferior_anterior", "T12_inferior_posterior",
        "T12_inferior_anterior", "clavicle_left", "nothing",
    ),
    "frontal": (
        "S1_superior_left", "S1_superior_right", "sacrum_centre", "C7_centroid",
        "L3_superior_left", "L3_superior_right", "L3_inferior_left", "L3_inferior_right",
        "clavicle_left", "clavicle_right", "femoral_head_left", "femoral_head_right",
        "femoral_head_1", "T8_centroid",
    ),
}  # fmt: skip


def known_landmarks(name: str) -> Landmarks:
    case = json.loads((KNOWN / f"{name}.json").read_text())
    return parse_landmarks(json.dumps(case["landmarks"]).encode())


def film_of(marks: Landmarks, *, side: bool = True) -> FilmFacts:
    """A film with the known document's scale and side in its header."""
    told = marks.side if side else None
    return FilmFacts(
        "film.dcm",
        int(max(point.y for point in marks.points.values())) + 100,
        int(max(point.x for point in marks.points.values())) + 100,
        marks.scale,
        told if marks.view == "lateral" else None,
        told if marks.view == "frontal" else None,
        subject=Subject(marks.subject.age_years, marks.subject.sex),
    )


def begin(name: str, protocol: str, *, side: bool = True) -> tuple[State, Landmarks]:
    marks = known_landmarks(name)
    film = film_of(marks, side=side)
    return start(film, PROTOCOL[protocol], view=marks.view), marks


def follow(state: State, marks: Landmarks, limit: int = 400) -> State:
    """Click every point that the known document has, where the steps ask for it."""
    for _ in range(limit):
        if state.step is None:
            return state
        state = update(state, next_action(state, marks))
        assert not state.refused, state.message
    raise AssertionError("the protocol does not end")


def next_action(state: State, marks: Landmarks) -> ev.Event:
    """What a reader who sees all points of a document does next."""
    step = state.step
    assert step is not None
    if step.kind == "ask":
        return ev.Skip() if step.name == "candidate" else ev.Accept()
    corners = [point for n, point in marks.points.items() if n.startswith("C7_")]
    if step.name == "C7_centroid" and len(corners) == 4:
        return ev.Click(sum(p.x for p in corners) / 4, sum(p.y for p in corners) / 4)
    if step.name not in marks.points:
        return ev.Skip()
    point = marks.points[step.name]
    if step.kind == "rim":
        return ev.Place(step.name, point.x, point.y, point.radius or 50.0)
    return ev.Click(point.x, point.y)


# --- anything ---------------------------------------------------------------------------------

WILD = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1e6, 1e300, -3.5])


def _near(marks: Landmarks, name: str) -> st.SearchStrategy[tuple[float, float]]:
    """Places where a point may be clicked: mostly about where it belongs."""
    point = marks.points.get(name)
    x, y = (point.x, point.y) if point else (500.0, 500.0)
    shift = st.floats(-60.0, 60.0)
    return st.tuples(shift.map(lambda d: x + d), shift.map(lambda d: y + d))


def any_events(marks: Landmarks, most: int = 25) -> st.SearchStrategy[list[ev.Event]]:
    names = NAMES[marks.view]
    name = st.sampled_from(names)

    def placed(kind: Any) -> st.SearchStrategy[Any]:
        good = name.flatmap(lambda n: _near(marks, n).map(lambda xy: kind(n, *xy)))
        return good | st.builds(kind, name, WILD, WILD)

    small = st.floats(-3.0, 3.0) | st.just(60.0)
    pixel = st.tuples(st.floats(0.0, 4000.0), st.floats(0.0, 9000.0))
    click = name.flatmap(lambda n: _near(marks, n)).map(lambda xy: ev.Click(*xy))
    plain = [kind() for kind in (ev.Accept, ev.Skip, ev.Back, ev.Undo, ev.Redo)]
    steps = st.sampled_from((*names, "film", "levels", "candidate"))
    plane = st.sampled_from(("patient", "detector", "skin", "unknown"))
    word = st.sampled_from(("standing", "supine", "relaxed", "straight", "stitched", "odd"))
    return st.lists(
        st.one_of(
            click, click, click,
            placed(ev.Place), placed(ev.Place), placed(ev.Move), placed(ev.RimPoint),
            st.builds(ev.Place, name, pixel.map(lambda p: p[0]), pixel.map(lambda p: p[1]), WILD),
            st.sampled_from(plain), st.sampled_from(plain), st.sampled_from(plain),
            st.sampled_from([ev.Skip(), ev.Accept()]), st.just(ev.Skip()),
            st.builds(ev.Nudge, name, small, small),
            st.builds(ev.MoveRegion, st.sampled_from((*REGIONS, "?")), small, small),
            st.builds(ev.Delete, name),
            st.builds(ev.GoTo, steps),
            st.builds(ev.Confirm, st.sampled_from((*REGIONS, "?"))),
            st.builds(ev.ConfirmPoint, name),
            st.builds(ev.RefuseProposals, st.none() | st.sampled_from(REGIONS)),
            proposals(marks),
            st.builds(ev.SetView, st.sampled_from(("lateral", "frontal"))),
            st.builds(ev.SetSide, st.sampled_from(("left", "right"))),
            st.builds(ev.SwapLabels, name, name),
            st.builds(ev.ShiftLevels, st.sampled_from((-1, 1, 40))),
            st.builds(ev.SetAcquisition, position=word, arms=st.none() | word),
            st.builds(ev.CalibrateLength, WILD, WILD, small, small, WILD, plane),
            st.builds(ev.CalibrateLength, small, small, st.just(500.0), small, small, plane),
            st.builds(ev.CalibrateCircle, st.lists(pixel, max_size=4).map(tuple), WILD, plane),
            st.builds(ev.SetScalePlane, plane),
            st.builds(ev.SetVertical, st.none() | st.tuples(pixel, pixel)),
            st.builds(
                ev.SetCount, st.sampled_from((None, 11, 12, 13, 5)),
                st.sampled_from((None, 4, 5, 6)), st.sampled_from((None, "last_rib", "odd")),
            ),
            st.builds(ev.SetFusion, *[st.sampled_from((None, "T4", "L5", "Q"))] * 2),
            st.builds(ev.SetSurgery, st.sampled_from((None, "prior", "odd"))),
            st.builds(ev.SetNote, st.text(max_size=4), st.text(max_size=20)),
            st.builds(ev.Tick, st.sampled_from((*answers.TICKS, "odd"))),
            st.builds(ev.MarkDone, st.booleans()),
            _fitted(marks),
            st.sampled_from([use(one) for one in PROTOCOL.values()]),
        ),
        max_size=most,
    )  # fmt: skip


def _fitted(marks: Landmarks) -> st.SearchStrategy[ev.FitHeads]:
    """Heads that were fitted, now and then nonsense."""
    name = st.sampled_from([n for n in NAMES[marks.view] if n.startswith("femoral")] * 3 + ["L3"])
    circle = name.flatmap(
        lambda n: st.builds(
            lambda xy, radius: ev.ProposedPoint(n, *xy, radius, "detected", 0.9),
            _near(marks, n),
            st.sampled_from((40.0, 12.5, None, -1.0)),
        )
    )
    circles = st.lists(circle, min_size=1, max_size=2, unique_by=lambda one: one.name)
    return circles.map(
        lambda found: ev.FitHeads(tuple(found), tuple((one.x, one.y) for one in found))
    )


def proposals(marks: Landmarks) -> st.SearchStrategy[ev.Proposed]:
    """What a program may propose: points near their places, now and then nonsense."""
    name = st.sampled_from(NAMES[marks.view])
    point = name.flatmap(
        lambda n: st.builds(
            lambda xy, source: ev.ProposedPoint(n, *xy, source=source),
            _near(marks, n),
            st.sampled_from(("predicted", "detected", "snapped", "predicted", "manual")),
        )
    )
    points = st.lists(point, max_size=8, unique_by=lambda one: one.name)
    status = st.sampled_from(("ok", "review", "unable"))
    click = st.sampled_from((None, "C7_centroid", "T8_centroid", "L2_superior_posterior"))
    return st.builds(_proposed, points, status, click, st.booleans())


def _proposed(
    points: list[ev.ProposedPoint], status: str, click: str | None, searched: bool
) -> ev.Proposed:
    names = tuple(one.name for one in points)[:2]
    factors = ((1.0, 0.5) * len(names),) if names else ()
    reasons = () if status == "ok" else ("a reason",)
    return ev.Proposed(tuple(points), names, factors, status, reasons, click, searched)


def use(protocol: Protocol) -> ev.UseProtocol:
    return ev.UseProtocol(protocol.name, protocol.title, protocol.lateral, protocol.frontal)
