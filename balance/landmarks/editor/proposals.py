"""What a program proposes: as an event of the editor, and in the content until it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

import balance.landmarks.editor.events as ev
from balance.anatomy import VERTEBRAE, belongs_to_view, level_of, parse_corner, plate_names
from balance.landmarks.editor.content import Content, step_status, steps_for
from balance.landmarks.editor.covariance import join, keep_columns
from balance.landmarks.editor.edits import (
    FARTHEST_PX,
    Refused,
    is_fitted,
    require_place,
    with_points,
)
from balance.landmarks.editor.protocols import BALANCE
from balance.landmarks.editor.regions import region_of
from balance.landmarks.model import JointCovariance, Landmark, Landmarks, ProposalNote
from balance.landmarks.next_click import BEFORE_ANYTHING, names_of

REPLACEABLE = ("predicted", "detected", "snapped")
"""Sources of points that a program may place anew while nobody has confirmed them."""
FEWEST_LEVELS = 6
"""Vertebrae of a frontal film that are marked before its proposals may be confirmed."""
_OF_THE_PRIOR = ("predicted", "snapped")
_OF_THE_FILM = "film: "
"""How a reason begins that only another look at the film can settle."""


def evidence_of(marks: Landmarks) -> Landmarks:
    """The landmarks as a proposing program should see them.

    A proposal that the reader confirmed tells a program nothing that it did not know: taken for a
    click, what it rests on would be counted twice.
    """
    points = {
        name: replace(point, confirmed=False) if point.source in _OF_THE_PRIOR else point
        for name, point in marks.points.items()
    }
    return replace(marks, points=points)


def same_evidence(one: Landmarks, other: Landmarks) -> bool:
    """Whether two documents give a program the same to go by."""
    return _given(one) == _given(other)


def _given(marks: Landmarks) -> tuple[object, ...]:
    points = without_proposals(evidence_of(marks).points)
    return points, marks.view, marks.side, marks.scale, marks.vertical, marks.vertebrae


def wants_proposals(event: ev.Event, before: Landmarks, after: Landmarks) -> bool:
    """Whether an action changed what proposals rest on.

    Taking proposals away and taking actions back must not call for new ones.
    """
    if isinstance(event, ev.Undo | ev.Redo | ev.Proposed | ev.RefuseProposals):
        return False
    return not same_evidence(before, after)


def may_search(content: Content) -> bool:
    """Whether enough is marked for a look at the film to be worth its time."""
    note = content.landmarks.proposal
    if note is None or _opening_click(content) is not None or _has_few_levels(content):
        return False
    return note.status != "unable" or was_in_vain(note)


def was_in_vain(note: ProposalNote) -> bool:
    """Whether the film was searched and does not show what was marked."""
    return note.status == "unable" and any(r.startswith(_OF_THE_FILM) for r in note.reasons)


def reasons_of(content: Content) -> tuple[str, ...]:
    """What a program has to say of its proposals, once it has looked at the film."""
    note = content.landmarks.proposal
    if note is None or not content.searched:
        return ()
    begins = "nothing is proposed" if note.status == "unable" else "proposals"
    return tuple(f"{begins}: {reason.removeprefix(_OF_THE_FILM)}" for reason in note.reasons)


def region_to_confirm(content: Content) -> str | None:
    """The proposed region that is asked about now; None where a point is asked for.

    Nothing is to be confirmed in passing before the program has had the clicks that it asks for
    first: until then its points are little more than a guess. Nor is the region in which a program
    with doubts asks for a click.
    """
    step = next((one for one in steps_for(content) if one.name == content.step), None)
    if step is None or step_status(step, content) != "proposed":
        return None
    if is_fitted(content, step.name):
        return step.region
    note = content.landmarks.proposal
    if note is None:
        return step.region
    wanted = note.next_click
    doubts = content.searched and note.status != "ok"
    unsure = doubts and wanted is not None and region_of(wanted) == step.region
    waits = wanted in BEFORE_ANYTHING or unsure or _has_few_levels(content)
    return None if waits else step.region


def _opening_click(content: Content) -> str | None:
    """The first of the opening clicks of a lateral film that is neither there nor refused."""
    marks = content.landmarks
    if marks.view != "lateral":
        return None
    given = without_proposals(evidence_of(marks).points)
    closed = {*given, *content.skipped, *content.declined}
    bodies = {level_of(name) for name in given}
    for name in BEFORE_ANYTHING:
        level = level_of(name) if name.endswith("_centroid") else None
        if name not in closed and (level is None or level not in bodies):
            return name
    return None


def _has_few_levels(content: Content) -> bool:
    """Whether a frontal film has fewer vertebrae marked than a curve needs."""
    marks = content.landmarks
    given = without_proposals(evidence_of(marks).points)
    levels = {level_of(name) for name in given}.intersection(VERTEBRAE)
    return marks.view == "frontal" and len(levels) < FEWEST_LEVELS


def proposed_event(content: Content, found: Landmarks, *, searched: bool = False) -> ev.Proposed:
    """The points of a program that are not the reader's, with their shared covariance.

    A reader's point that comes back moved stays where the reader put it.
    """
    kept = without_proposals(content.landmarks.points)
    new = {
        name: point
        for name, point in found.points.items()
        if name not in kept and not point.confirmed and point.source in REPLACEABLE
    }
    shared = found.covariance
    names: tuple[str, ...] = ()
    factors: tuple[tuple[float, ...], ...] = ()
    if shared is not None and shared.factors:
        places = [n for n, name in enumerate(shared.points) if name in new]
        names = tuple(shared.points[n] for n in places)
        columns = np.ravel([(2 * n, 2 * n + 1) for n in places]).astype(int)
        factors = tuple(map(tuple, np.asarray(shared.factors)[:, columns].tolist()))
    note = found.proposal
    return ev.Proposed(
        points=tuple(
            ev.ProposedPoint(name, p.x, p.y, p.radius, p.source, p.confidence, p.sd_px, p.cov_px)
            for name, p in new.items()
        ),
        factor_points=names,
        factors=factors if names else (),
        status=note.status if note else "review",
        reasons=note.reasons if note else (),
        next_click=note.next_click if note else None,
        searched=searched,
    )


def propose(content: Content, event: ev.Proposed) -> Content:
    """Put a program's points in, hollow; a point that the reader placed or confirmed stays.

    Proposals of an earlier call that are not proposed again go. ``unable`` without a reason is
    what is left where nothing is to be proposed any more.
    """
    marks = content.landmarks
    kept = without_proposals(marks.points)
    kept |= {name: p for name, p in marks.points.items() if is_fitted(content, name)}
    closed = kept.keys() | content.skipped | content.declined
    added: dict[str, Landmark] = {}
    for one in event.points:
        if one.name in closed or not belongs_to_view(one.name, marks.view):
            continue
        added[one.name] = hollow_point(one)
    changed = marks.points.keys() - kept.keys() | added.keys()
    covariance = join(
        keep_columns(marks.covariance, marks.points.keys() - changed),
        keep_columns(_factors_of(event), added.keys()),
    )
    following = event.next_click if event.next_click not in closed else _opening_click(content)
    note = ProposalNote(event.status, event.reasons, following)
    ended = event.status == "unable" and not event.reasons
    marks = replace(
        marks, points={**kept, **added}, covariance=covariance, proposal=None if ended else note
    )
    return replace(
        content,
        landmarks=marks,
        guided=_guided(content, kept, event, following),
        searched=not ended and (event.searched or content.searched),
    )


def _guided(
    content: Content, kept: Mapping[str, Landmark], event: ev.Proposed, following: str | None
) -> tuple[str, ...]:
    """The points beyond the balance protocol that the reader was asked for, and the next ones.

    The protocol asks for little, so a program may ask for more: first what it cannot do without,
    then, while it has doubts after a look at the film, what would help most against them.
    """
    if content.protocol != BALANCE:
        return ()
    begun = kept.keys() | content.skipped
    asked = [name for name in content.guided if not begun.isdisjoint(_plate_of(name))]
    if following is not None and (
        following in BEFORE_ANYTHING or (event.searched and event.status == "review")
    ):
        asked += names_of(following)
    view = content.landmarks.view
    return tuple(dict.fromkeys(name for name in asked if belongs_to_view(name, view)))


def _plate_of(name: str) -> tuple[str, ...]:
    """The two corners of an endplate; any other point alone."""
    corner = parse_corner(name)
    return (name,) if corner is None else plate_names(corner.level, corner.endplate, "lateral")


def without_proposals(points: Mapping[str, Landmark]) -> dict[str, Landmark]:
    """The points that no program may place anew."""
    return {
        name: point
        for name, point in points.items()
        if point.confirmed or point.source not in REPLACEABLE
    }


def drop_proposals(content: Content) -> Content:
    """The content without what a program proposed."""
    points = content.landmarks.points
    kept = without_proposals(points)
    return with_points(content, kept, changed=points.keys() - kept.keys())


def decline(content: Content, region: str | None) -> Content:
    """Take the unconfirmed points of a region, or all of them, away for good."""
    points = content.landmarks.points
    gone = {
        name
        for name, point in points.items()
        if not point.confirmed and region in (None, region_of(name))
    }
    if not gone:
        raise Refused("There is no proposal to refuse")
    kept = {name: point for name, point in points.items() if name not in gone}
    content = with_points(content, kept, changed=gone)
    return replace(content, declined=content.declined | gone)


def hollow_point(one: ev.ProposedPoint) -> Landmark:
    """A program's point, hollow, without what no document could hold.

    Raises
    ------
    Refused
        No film has such a place, or no program such a source.
    """
    require_place(one.x, one.y)
    if one.source not in REPLACEABLE:
        raise Refused(f"A proposal cannot be {one.source}")
    sizes = (one.radius, one.sd_px, *(one.cov_px or ()))
    if any(size is not None and not abs(size) <= FARTHEST_PX for size in sizes):
        raise Refused("A proposal has no size that a film could hold")
    radius = one.radius if one.radius and one.radius > 0 else None
    sd_px = one.sd_px if one.sd_px is not None and one.sd_px >= 0 else None
    cov_px = one.cov_px
    if cov_px is not None and (
        min(cov_px[0], cov_px[2]) < 0 or cov_px[1] ** 2 > cov_px[0] * cov_px[2]
    ):
        cov_px = None
    sure = one.confidence if one.confidence is not None and 0 <= one.confidence <= 1 else None
    return Landmark(one.x, one.y, radius, sd_px, cov_px, one.source, False, sure)


def _factors_of(event: ev.Proposed) -> JointCovariance | None:
    names, width = event.factor_points, 2 * len(event.factor_points)
    if not names or len(set(names)) < len(names):
        return None
    rows = event.factors
    if any(len(row) != width for row in rows) or not np.isfinite(rows).all():
        return None
    if rows and np.abs(rows).max() > FARTHEST_PX:
        return None
    return JointCovariance(names, rows)
