"""What happens to the points: placed, moved, taken away, renamed, confirmed.

Plain functions from one content to the next. What cannot be done is raised as `Refused`, one
sentence for the reader; nothing here looks at whether the labels fit, the caller does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from math import isfinite

from balance.anatomy import (
    OTHER_SACRUM,
    VERTEBRAE,
    belongs_to_view,
    level_of,
)
from balance.errors import BalanceError
from balance.fiducial import circle_through
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.covariance import keep_columns
from balance.landmarks.editor.protocols import CANDIDATE
from balance.landmarks.editor.regions import SINGLY, plain_name, region_of
from balance.landmarks.model import JointCovariance, Landmark, Landmarks

FARTHEST_PX = 1e6
"""No click lies farther from the film's corner."""


class Refused(BalanceError):
    """An action that cannot be carried out on this film, in one sentence for the reader."""


def place(content: Content, name: str, x: float, y: float, radius: float | None = None) -> Content:
    """A point clicked by the reader: manual and confirmed, with the default noise of its site."""
    marks = content.landmarks
    require_place(x, y)
    _require_name(marks, name)
    if radius is not None and not (isfinite(radius) and 0 < radius <= FARTHEST_PX):
        raise Refused("A circle needs a radius: drag from its centre to its rim")
    points = {**marks.points, name: Landmark(x, y, radius)}
    return with_points(content, points, changed=(name,))


def add_rim_point(content: Content, name: str, x: float, y: float) -> Content:
    """One more click on the rim of a femoral head; from the third on the circle is fitted."""
    require_place(x, y)
    _require_name(content.landmarks, name)
    if not name.startswith("femoral_head"):
        raise Refused(f"The {plain_name(name)} has no rim: click the point itself")
    if is_fitted(content, name):
        # The place that it was fitted about lies on no rim.
        content = delete(content, name)
    rim = content.rim(name)
    if (x, y) in rim:
        raise Refused("That point of the rim is there already: click another one")
    rim = (*rim, (x, y))
    if len(rim) >= 3:
        scale = content.landmarks.scale
        try:
            circle = circle_through(rim, aspect=scale.row_mm / scale.column_mm)
            content = place(content, name, *circle.centre, circle.radius)
        except BalanceError:
            told = "Those points lie on a line: spread three of them around the head"
            raise Refused(told) from None
    rims = {**dict(content.rims), name: rim}
    return replace(content, rims=tuple(rims.items()))


def is_fitted(content: Content, name: str) -> bool:
    """Whether a point is a head that was fitted where the reader pointed, and is not confirmed."""
    point = content.landmarks.points.get(name)
    if point is None or point.confirmed or point.source != "detected":
        return False
    return bool(content.rim(name))


def move(content: Content, name: str, x: float, y: float) -> Content:
    """A point put elsewhere by hand, a head with its radius.

    Whoever moves one point has looked at it: a proposal becomes manual and confirmed.
    """
    return place(content, name, x, y, _point(content, name).radius)


def move_region(content: Content, region: str, dx: float, dy: float) -> Content:
    """All points of a region moved together.

    They become manual. Nobody looked at each of them: that counts as the key that confirms a
    region. S1, the hips, C7 and L1 need a look of their own, so those that were unconfirmed stay
    so until they are confirmed.
    """
    marks = content.landmarks
    names = [name for name in marks.points if region_of(name) == region]
    if not names:
        raise Refused(f"There are no points in the region {region}")
    moved = {}
    for name in names:
        old = marks.points[name]
        require_place(old.x + dx, old.y + dy)
        confirmed = old.confirmed or region not in SINGLY
        moved[name] = Landmark(old.x + dx, old.y + dy, old.radius, confirmed=confirmed)
    return with_points(content, {**marks.points, **moved}, changed=names)


def delete(content: Content, name: str) -> Content:
    """Take a point, or a rim that is not finished, away."""
    if name not in content.landmarks.points and not content.rim(name):
        raise Refused(f"There is no {plain_name(name)} to delete")
    points = {n: point for n, point in content.landmarks.points.items() if n != name}
    return with_points(content, points, changed=(name,))


def hide(content: Content, name: str) -> Content:
    """Say that a point is not visible; an unconfirmed point of that name goes."""
    point = content.landmarks.points.get(name)
    if point is not None and point.confirmed:
        return content
    points = {n: one for n, one in content.landmarks.points.items() if n != name}
    content = with_points(content, points, changed=(name,))
    return replace(content, skipped=content.skipped | {name})


def confirm(content: Content, names: Iterable[str]) -> Content:
    """Confirm points where they stand; they keep their source and their own noise."""
    points = content.landmarks.points
    open_ones = [name for name in names if not points[name].confirmed]
    if not open_ones:
        raise Refused("Nothing there is left to confirm")
    confirmed = {name: replace(points[name], confirmed=True) for name in open_ones}
    marks = replace(content.landmarks, points={**points, **confirmed})
    return replace(content, landmarks=marks)


def confirm_region(content: Content, region: str) -> Content:
    """Confirm every point of a region."""
    return confirm(content, [n for n in content.landmarks.points if region_of(n) == region])


def confirm_point(content: Content, name: str) -> Content:
    """Confirm one point."""
    _point(content, name)
    return confirm(content, [name])


def rename(content: Content, new_name: Callable[[str], str]) -> Content:
    """Give points other names, in everything that speaks of them.

    Raises
    ------
    Refused
        Two points would get one name, or one a name that this film does not know.
    """
    marks = content.landmarks
    names = {name: new_name(name) for name in (*marks.points, *content.skipped, *content.declined)}
    names |= {name: new_name(name) for name in (*dict(content.rims), *content.guided)}
    for new in names.values():
        _require_name(marks, new)
    if len({names[name] for name in marks.points}) < len(marks.points):
        raise Refused("Two points would get the same name")
    shared = marks.covariance
    if shared is not None:
        shared = JointCovariance(tuple(names[name] for name in shared.points), shared.factors)
    points = {names[name]: point for name, point in marks.points.items()}
    return replace(
        content,
        landmarks=replace(marks, points=points, covariance=shared),
        skipped=frozenset(names[name] for name in content.skipped).difference(points),
        declined=frozenset(names[name] for name in content.declined),
        rims=tuple((names[name], rim) for name, rim in content.rims),
        guided=tuple(names[name] for name in content.guided),
    )


def swap(content: Content, first: str, second: str) -> Content:
    """Exchange the names of two points, one of which may be absent."""
    if first not in content.landmarks.points and second not in content.landmarks.points:
        raise Refused(f"There is neither {plain_name(first)} nor {plain_name(second)} to exchange")
    exchanged = {first: second, second: first}
    return rename(content, lambda name: exchanged.get(name, name))


def shift_levels(content: Content, by: int) -> Content:
    """Rename every vertebra by whole levels, downwards for a positive number; S1 stays."""
    order = [v for v in VERTEBRAE if v not in ("T13", "L6")]
    if "T13" in content.landmarks.existing_levels or "L6" in content.landmarks.existing_levels:
        order = [v for v in VERTEBRAE if v in content.landmarks.existing_levels]

    def shifted(name: str) -> str:
        level = level_of(name)
        if level not in VERTEBRAE:
            return name
        place = order.index(level) + by
        if not 0 <= place < len(order):
            raise Refused(f"{level} has no level to be renamed to: count the vertebrae first")
        return order[place] + name.removeprefix(level)

    return rename(content, shifted)


def _point(content: Content, name: str) -> Landmark:
    try:
        return content.landmarks.points[name]
    except KeyError:
        raise Refused(f"There is no {plain_name(name)} yet") from None


def require_place(x: float, y: float) -> None:
    """Refuse what is no pixel of any film."""
    if not (isfinite(x) and isfinite(y) and max(abs(x), abs(y)) <= FARTHEST_PX):
        raise Refused("That is no place on the film")


def _require_name(marks: Landmarks, name: str) -> None:
    if not belongs_to_view(name, marks.view):
        raise Refused(f"A {marks.view} film has no point {name}")


def with_points(
    content: Content, points: Mapping[str, Landmark], changed: Collection[str]
) -> Content:
    """Other points; what was known of the old places of the changed ones goes with them."""
    marks = content.landmarks
    covariance = keep_columns(marks.covariance, marks.points.keys() - set(changed))
    proposal = marks.proposal
    if proposal is not None and proposal.next_click in changed:
        proposal = replace(proposal, next_click=None)
    placed = set(changed) & points.keys()
    candidate = content.candidate or any(name.startswith(OTHER_SACRUM) for name in placed)
    return replace(
        content,
        landmarks=replace(marks, points=points, covariance=covariance, proposal=proposal),
        skipped=content.skipped - placed,
        declined=content.declined - placed,
        rims=tuple((name, rim) for name, rim in content.rims if name not in changed),
        candidate=candidate,
        answered=content.answered | ({CANDIDATE} if candidate else frozenset()),
    )
