"""What a program proposes: as an event of the editor, and in the content until it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

import balance.landmarks.editor.events as ev
from balance.anatomy import belongs_to_view
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.covariance import join, keep_columns
from balance.landmarks.editor.edits import FARTHEST_PX, Refused, require_place, with_points
from balance.landmarks.editor.regions import region_of
from balance.landmarks.model import JointCovariance, Landmark, Landmarks, ProposalNote

REPLACEABLE = ("predicted", "detected", "snapped")
"""Sources of points that a program may place anew while nobody has confirmed them."""


def proposed_event(content: Content, found: Landmarks) -> ev.Proposed:
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
    )


def wants_proposals(event: ev.Event, before: Landmarks, after: Landmarks) -> bool:
    """Whether an action changed the evidence that the proposals on the film rest on.

    Taking proposals away and taking actions back must not call for new ones.
    """
    if isinstance(event, ev.Undo | ev.Redo | ev.Proposed | ev.RefuseProposals):
        return False
    if len(without_proposals(before.points)) == len(before.points):
        return False
    frame_before = (before.view, before.side, before.scale, before.vertical, before.vertebrae)
    frame_after = (after.view, after.side, after.scale, after.vertical, after.vertebrae)
    return (
        without_proposals(before.points) != without_proposals(after.points)
        or frame_before != frame_after
    )


def propose(content: Content, event: ev.Proposed) -> Content:
    """Put a program's points in, hollow; a point that the reader placed or confirmed stays.

    Proposals of an earlier call that are not proposed again go.
    """
    marks = content.landmarks
    kept = without_proposals(marks.points)
    closed = kept.keys() | content.skipped | content.declined
    added: dict[str, Landmark] = {}
    for one in event.points:
        if one.name in closed or not belongs_to_view(one.name, marks.view):
            continue
        added[one.name] = _proposal(one)
    changed = marks.points.keys() - kept.keys() | added.keys()
    covariance = join(
        keep_columns(marks.covariance, marks.points.keys() - changed),
        keep_columns(_factors_of(event), added.keys()),
    )
    following = event.next_click if event.next_click not in closed else None
    marks = replace(
        marks,
        points={**kept, **added},
        covariance=covariance,
        proposal=ProposalNote(event.status, event.reasons, following),
    )
    return replace(content, landmarks=marks)


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


def _proposal(one: ev.ProposedPoint) -> Landmark:
    """A program's point, hollow, without what no document could hold."""
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
