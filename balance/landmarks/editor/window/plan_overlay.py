"""A plan on the film: hinges with their corrections, the site that is chosen, the rod."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from balance.anatomy import body_names, plate_names
from balance.landmarks.editor.window.look import Look
from balance.landmarks.editor.window.marks import Area, Dots, Mark, Place, Shape, Text, places
from balance.landmarks.editor.window.overlay import Places, area_of, on_screen
from balance.landmarks.editor.window.plan_desk import PlanDesk
from balance.landmarks.editor.window.theme import ASKED, FILM_NAME, FILM_VALUE
from balance.landmarks.model import Landmarks
from balance.planning.plan import Plan
from balance.planning.rod import Rod
from balance.planning.turning import turns_of
from balance.report.lettering import typeset
from balance.report.plan_overlay import CUT, ROD, correction_words

_HINGE, _REACH, _AWAY = 4.5, 14.0, 26.0
"""Points: radius of a hinge, how near a click means a small site, how far off its words stand."""


def plan_marks(plan: PlanDesk, shown: Landmarks, look: Look, unit: float) -> Iterator[Mark]:
    """What of a plan lies on the bones of a film, whose landmarks are drawn as ``shown``."""
    at = on_screen(shown, look)
    for site, width in ((plan.hovered, 1.0), (plan.state.site, 2.0)):
        if site is not None:
            yield from _outline(site, at, width)
    yield from _hinges(plan, shown, look, at, unit)


def rod_marks(plan: PlanDesk, shown: Landmarks, look: Look, unit: float) -> Iterator[Mark]:
    """The rod behind the planned spine, where there is one; it lies under the names of levels."""
    rod = plan.outcome.rod
    if isinstance(rod, Rod) and not plan.original:
        yield from _rod(rod, shown, look, unit)


def site_at(plan: PlanDesk, shown: Landmarks, look: Look, at: Place, unit: float) -> str | None:
    """The body or disc that can be corrected at a place of the screen."""
    on = on_screen(shown, look)
    found: dict[str, float] = {}
    for site in plan.state.sites:
        corners = np.array([on[name] for name in _corners(site) if name in on])
        if not len(corners):
            continue
        middle = corners.mean(axis=0)
        reach = max(float(np.hypot(*(corners - middle).T).max()), _REACH * unit)
        away = float(np.hypot(*(middle - at)))
        if away <= reach:
            found[site] = away
    return min(found, key=lambda site: found[site]) if found else None


def _corners(site: str) -> tuple[str, ...]:
    """A body's four corners, or the four corners around a disc; in order along its outline."""
    vertebrae = site.split("_")
    if len(vertebrae) == 1:
        a, b, c, d = body_names(site, "lateral")
        return a, b, d, c
    above, below = vertebrae
    a, b = plate_names(above, "inferior", "lateral")
    c, d = plate_names(below, "superior", "lateral")
    return a, b, d, c


def _outline(site: str, at: Places, width: float) -> Iterator[Mark]:
    names = _corners(site)
    line = tuple(at[name] for name in names if name in at)
    if len(line) >= 2:
        yield Shape(
            (line,), edge=ASKED, width=width, closed=len(line) == 4, cased=True, gid=f"site.{site}"
        )


def _hinges(
    plan: PlanDesk, shown: Landmarks, look: Look, at: Places, unit: float
) -> Iterator[Mark]:
    """Every hinge as a ring, its correction in words in front of the spine, level with it."""
    state = plan.state
    names, levels = tuple(shown.points), shown.existing_levels
    pixels = np.array([(point.x, point.y) for point in shown.points.values()])
    plane = shown.frame.to_plane(pixels)
    front = 1.0 if (shown.side == "right") != look.view.mirrored else -1.0
    taken: list[Area] = []
    for turn in turns_of(state.plan, names, levels, shown.view):
        one = turn.correction
        x, y = look.view.to_screen([shown.frame.to_pixels(turn.hinge(plane))])[0]
        chosen = (one.site, one.procedure) == (state.site, state.procedure)
        place = (float(x), float(y))
        yield Dots((place,), _HINGE, edge=CUT, width=2.4 if chosen else 1.6, cased=True,
                   gid=f"hinge.{one.site}.{one.procedure}")  # fmt: skip
        words = typeset(correction_words(one))
        size = FILM_VALUE if chosen else FILM_NAME
        corners = np.array([at[name] for name in _corners(one.site) if name in at])
        edge = (front * corners[:, 0]).max() if len(corners) else front * place[0]
        end = front * (edge + _AWAY * unit)
        text = Text(end, place[1] + 0.36 * size * unit, words, size, CUT, "bold",
                    "left" if front > 0 else "right", halo=True,
                    gid=f"correction.{one.site}.{one.procedure}")  # fmt: skip
        text = _clear_of(text, taken, unit)
        taken.append(area_of(text, unit))
        near = place[0] + front * (_HINGE + 2.0) * unit
        line = ((near, place[1]), (end - front * 4.0 * unit, text.y - 0.36 * size * unit))
        yield Shape((line,), edge=CUT, width=1.0, cased=True)
        yield text


def _clear_of(text: Text, taken: list[Area], unit: float) -> Text:
    """The text, moved down or up by a few lines where that keeps it clear of those taken."""
    step = 1.25 * text.size * unit
    for down in (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0):
        moved = replace(text, y=text.y + down * step)
        if not any(area_of(moved, unit).meets(other) for other in taken):
            return moved
    return text


def _rod(rod: Rod, shown: Landmarks, look: Look, unit: float) -> Iterator[Mark]:
    line = places(look.view.to_screen(shown.frame.to_pixels(np.array(rod.places))))
    yield Shape((line,), edge=ROD, width=2.4, cased=True, gid="rod")
    behind = -1.0 if (shown.side == "right") != look.view.mirrored else 1.0
    x, y = line[0]
    words = f"rod {rod.levels[0]}-{rod.levels[-1]} {rod.length_mm:.0f} mm"
    yield Text(x + behind * 6.0 * unit, y, typeset(words), FILM_NAME, ROD, "bold",
               "right" if behind < 0 else "left", halo=True, gid="rod.length")  # fmt: skip


def planned_range(plan: Plan) -> str:
    """The fused range in words; empty where none is stated."""
    if plan.uiv is None and plan.liv is None:
        return ""
    return f"{plan.uiv or '?'} to {plan.liv or '?'}"
