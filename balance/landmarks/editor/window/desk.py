"""One film on the desk: the session that holds the work, and how it is looked at.

Nothing is measured, placed or decided here. Events go to the session, its state comes back, and
what follows is only which part of the film is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from balance.errors import BalanceError
from balance.landmarks.editor.constructions import Line, constructions
from balance.landmarks.editor.events import Event, FitHeads, GoTo, MarkDone, Pixel
from balance.landmarks.editor.expected import expected_position
from balance.landmarks.editor.head_search import HeadSearch
from balance.landmarks.editor.live import look as look_at
from balance.landmarks.editor.notices import notices
from balance.landmarks.editor.prior import find_prior
from balance.landmarks.editor.proposals import region_to_confirm
from balance.landmarks.editor.protocols import FILM, LEVELS_STEP
from balance.landmarks.editor.regions import region_of
from balance.landmarks.editor.saving import DocumentChanged
from balance.landmarks.editor.search import Search
from balance.landmarks.editor.session import READ_ONLY, Choice, Session
from balance.landmarks.editor.state import State
from balance.landmarks.editor.window.ask import Ask, about_changed, about_offered, about_unsaved
from balance.landmarks.editor.window.look import Look
from balance.landmarks.editor.window.marks import Area
from balance.landmarks.editor.window.picture import FilmPicture
from balance.landmarks.editor.window.plan_desk import PlanDesk
from balance.landmarks.editor.window.viewport import Viewport, fitted
from balance.radiograph import Radiograph

FINE_MM = 0.25
"""What one screen pixel is worth when the film moves to the next point."""
SHOWN_MM = 110.0
"""Of the patient, that stay in view at least."""
_WITHOUT_SCALE = 4.0
"""Times the zoom that fits the film, where millimetres are not known."""
_ROOM = 1.35
"""Times the extent of a region's points that is shown of it."""
_CALM = 0.3
"""Share of the view on each side of its middle within which a point needs no move."""


class Desk:
    """A session, the film's picture, the look, and the values last measured.

    ``starts`` say where a point that is asked again, blind, is first looked for: pixel and share
    of the usual zoom. A film that is read so shows no values. ``search`` looks at the film for
    points to propose; without it none are. ``plan`` is the plan of this film once there is one,
    ``planning`` the same while it is worked on.
    """

    def __init__(
        self,
        session: Session,
        film: Radiograph,
        area: Area,
        starts: Mapping[str, tuple[float, float, float]] | None = None,
        search: Search | None = None,
    ) -> None:
        self.session = session
        self._search, self._heads = search, HeadSearch(film)
        self._starts = starts or {}
        self.picture = FilmPicture(film)
        scale = session.state.landmarks.scale
        view = fitted((film.rows, film.columns), scale.row_mm / scale.column_mm, area)
        self.look = Look(view)
        self.shown: State = session.state
        self.live = look_at(session.state.landmarks)
        self.lines: Sequence[Line] = constructions(self.live.film)
        self.warnings: tuple[str, ...] = ()
        self.ask: Ask | None = about_offered(session.offered) if session.offered else None
        self.said = " · ".join(session.said)
        self.plan: PlanDesk | None = None
        self.planning: PlanDesk | None = None
        self._prior = find_prior(session.path, session.state.landmarks)
        self._measured: State | None = None
        self._follow(None)
        self.measure()

    @property
    def blind(self) -> bool:
        """Whether the film is read again and shows no values."""
        return bool(self._starts)

    @property
    def searching(self) -> bool:
        """Whether a program is looking at the film, or is about to."""
        search = self._search
        wanted = search is not None and (search.running or self.session.search_wanted)
        return wanted or self._heads.running

    def search(self) -> bool:
        """Take over what was found on the film, begin to look again; whether that shows."""
        head = self._heads.turn()
        if head is not None:
            self._take_head(head)
            return True
        if self._search is None or self.planning is not None:
            return False
        before, searching = self.session.state, self.searching
        if self._search.turn(self.session):
            self.show(self.session.state)
            if _step_name(self.session.state) != _step_name(before):
                self._follow(before)
            return True
        return searching != self.searching

    def fit_head(self, name: str, rough: Pixel) -> None:
        """Look for the circle of a femoral head about a place."""
        if self.session.read_only:
            self.show(self.session.refuse(READ_ONLY))
        else:
            self._heads.begin(self.session.state.content, name, rough)

    def _take_head(self, found: FitHeads | str) -> None:
        """Enter the head that was found, hollow, or say that there is none."""
        if isinstance(found, str):
            self.show(self.session.refuse(found))
        elif not self.do(found).refused:
            self.change(selected=found.circles[0].name)

    def toggle_proposals(self) -> None:
        """Propose points from now on, or no longer."""
        on = not self.session.proposing
        state = self.session.set_proposing(on)
        self.show(state)
        if not state.refused:
            self.said = f"Proposals {'on' if on else 'off'}"

    def measure_anew(self) -> None:
        """Measure what the session holds, whatever was shown before."""
        self._measured = None
        self.show(self.session.state)
        self.measure()

    def close(self) -> None:
        """Give document and film free; what was not saved stays in the journal."""
        with suppress(OSError):
            self.session.close()
        self._heads.close()
        if self._search is not None:
            self._search.close()

    def do(self, event: Event) -> State:
        """Send an event to the session; the film moves on where the next step lies elsewhere."""
        before = self.session.state
        state = self.session.do(event)
        self.said = ""
        self.show(state)
        if _step_name(state) != _step_name(before):
            self._follow(before, closely=isinstance(event, GoTo))
        aspect = state.landmarks.scale.row_mm / state.landmarks.scale.column_mm
        if aspect != self.look.view.aspect:
            self.change(view=replace(self.look.view, aspect=aspect))
        if isinstance(event, GoTo) and event.name in state.hollow:
            self.change(selected=event.name)
        if self.look.selected not in state.landmarks.points:
            self.change(selected=None)
        return state

    def show(self, state: State) -> None:
        """Show a state that the session does not hold yet, as while a point is dragged."""
        self.shown = state

    def change(self, **parts: object) -> None:
        """Look differently."""
        self.look = replace(self.look, **parts)  # type: ignore[arg-type]

    def measure(self) -> bool:
        """Measure what is shown, where it changed since; whether it did."""
        if self.planning is not None:
            return self._measure_plan(self.planning)
        if self._measured is not None and _same_evidence(self._measured, self.shown):
            changed = self._measured is not self.shown
        else:
            self.live = look_at(self.shown.landmarks)
            self.lines = constructions(self.live.film)
            changed = True
        if changed:
            self.warnings = notices(self.shown, self.live, self._prior)
            self._measured = self.shown
        return changed

    def save(self, choice: Choice = "ask") -> bool:
        """Save; whether the work is on disk. Another's changes of the document are asked about."""
        self.ask = None
        try:
            path = self.session.save(choice)
        except DocumentChanged as error:
            self.ask = about_changed(str(error))
            return False
        except (BalanceError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.said = f"Not saved: {reason}. The journal holds your work"
            return False
        self.said = f"Saved in {path.name}"
        return True

    def mark_done(self) -> None:
        """Say that the reader is done with the film, and save it; or that it is not done."""
        done = not self.session.state.content.done
        if not self.do(MarkDone(done)).refused and done:
            self.save()

    def ask_to_save(self, then: int | None) -> None:
        """Ask what becomes of unsaved work before another film, None for no film, is opened."""
        self.ask = about_unsaved(then)

    def offer(self, take: bool) -> None:
        """Take over what another session left, or throw it away."""
        if take:
            self.show(self.session.take_offered())
        else:
            self.session.drop_offered()
        self.ask = None
        self.said = ""
        self._follow(None)

    def go_to_asked(self) -> None:
        """Show the place of the step that is asked."""
        self._follow(None, calmly=False, closely=True)

    def resized(self, area: Area) -> None:
        """The film's part of the window has another size."""
        first = self.look.view.area.width < 2.0
        self.change(view=self.look.view.on(area))
        if first:
            self._follow(None)

    def _measure_plan(self, plan: PlanDesk) -> bool:
        changed = plan.measure()
        state, live = plan.shown
        if self.live is not live:
            self.show(state)
            self.live, changed = live, True
            self.lines = constructions(live.film)
        return changed

    def _follow(self, before: State | None, *, calmly: bool = True, closely: bool = False) -> None:
        """Move the film to where the next point should be, or to the region to be confirmed."""
        state, view = self.shown, self.look.view
        step = state.step
        if step is None:
            if before is not None:
                self.change(view=view.whole())
            return
        if step.kind == "ask":
            if step.name in (FILM, LEVELS_STEP):
                self.change(view=view.whole())
            return
        zoom = self._fine_zoom(state)
        if step.name in self._starts:
            x, y, share = self._starts[step.name]
            self.change(view=view.moved_to((x, y), zoom * share))
            return
        region = region_to_confirm(state.content)
        if region is not None and not closely:
            self.change(view=self._around(state, region, zoom))
            return
        place = expected_position(state.landmarks, state.film, step.name)
        if calmly and before is not None and view.zoom >= 0.6 * zoom:
            zoom = view.zoom
            if self._in_the_middle(place):
                return
        self.change(view=view.moved_to(place, zoom))

    def _fine_zoom(self, state: State) -> float:
        view, scale = self.look.view, state.landmarks.scale
        if not scale.has_millimetres:
            return _WITHOUT_SCALE * view.fit_zoom
        widest = min(view.area.width, view.area.height) * scale.column_mm / SHOWN_MM
        return float(np.clip(scale.column_mm / FINE_MM, view.fit_zoom, max(widest, view.fit_zoom)))

    def _around(self, state: State, region: str, closest: float) -> Viewport:
        """A view of all points of a region."""
        view = self.look.view
        points = state.landmarks.points.items()
        places = np.array([(p.x, p.y) for name, p in points if region_of(name) == region])
        low, high = places.min(axis=0), places.max(axis=0)
        across, down = np.maximum(high - low, 1.0) * _ROOM
        fits = min(view.area.width / across, view.area.height / (down * view.aspect))
        x, y = (low + high) / 2.0
        return view.moved_to((float(x), float(y)), float(min(fits, closest)))

    def _in_the_middle(self, place: Pixel) -> bool:
        area = self.look.view.area
        x, y = self.look.view.to_screen([place])[0]
        across = abs(x - area.centre[0]) <= _CALM * area.width
        return bool(across and abs(y - area.centre[1]) <= _CALM * area.height)


def _step_name(state: State) -> str | None:
    return state.content.step


def _same_evidence(one: State, other: State) -> bool:
    return one.landmarks is other.landmarks
