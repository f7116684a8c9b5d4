"""Femoral heads that were fitted where the reader pointed, put in until they are confirmed."""

from __future__ import annotations

from dataclasses import replace

import balance.landmarks.editor.events as ev
from balance.anatomy import belongs_to_view
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.edits import Refused, with_points
from balance.landmarks.editor.proposals import hollow_point
from balance.landmarks.editor.regions import plain_name


def enter_heads(content: Content, event: ev.FitHeads) -> Content:
    """Put fitted heads in, hollow, in the place of the clicks that they were fitted from.

    Raises
    ------
    Refused
        A head was placed by the reader meanwhile.
    """
    marks = content.landmarks
    if len(event.circles) != len(event.clicks):
        raise Refused("The heads and the clicks that they were fitted from do not match")
    rims = dict(zip((one.name for one in event.circles), event.clicks, strict=True))
    for one in event.circles:
        old = marks.points.get(one.name)
        if not one.name.startswith("femoral_head") or not belongs_to_view(one.name, marks.view):
            raise Refused(f"The {plain_name(one.name)} is no head of this film")
        if old is not None and old.confirmed:
            raise Refused(f"The {plain_name(one.name)} is placed: delete it to have it fitted")
    points = {one.name: hollow_point(one) for one in event.circles}
    content = with_points(content, {**marks.points, **points}, changed=points.keys())
    kept = {name: rim for name, rim in content.rims if name not in rims}
    clicks = {name: (click,) for name, click in rims.items()}
    return replace(content, rims=tuple((kept | clicks).items()))
