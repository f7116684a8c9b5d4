"""The whole window as marks: film, panel, status line, each made anew only where it must be."""

from __future__ import annotations

from collections.abc import Sequence

from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Zone
from balance.landmarks.editor.window.keys import CATALOGUE
from balance.landmarks.editor.window.labels import value_labels
from balance.landmarks.editor.window.layout import Layout
from balance.landmarks.editor.window.loupe import loupe_marks
from balance.landmarks.editor.window.marks import Mark, Pixels
from balance.landmarks.editor.window.overlay import film_marks, line_marks
from balance.landmarks.editor.window.pages import Listed, help_page, worklist_page
from balance.landmarks.editor.window.panel import panel_marks
from balance.landmarks.editor.window.plan_keys import PLAN_CATALOGUE
from balance.landmarks.editor.window.plan_overlay import plan_marks, rod_marks
from balance.landmarks.editor.window.plan_picture import PlanPicture
from balance.landmarks.editor.window.status_line import status_line


class Frames:
    """The marks of a desk; the picture is kept while neither view nor greys change."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._picture_of: tuple[object, ...] = ()
        self._picture: Pixels | None = None
        self._planned = PlanPicture(desk.picture)
        self._lines_of: tuple[object, ...] = ()
        self._lines: tuple[Mark, ...] = ()
        self._values: tuple[Mark, ...] | None = None

    def film(
        self, layout: Layout, entries: Sequence[Listed], current: int
    ) -> tuple[tuple[Mark, ...], tuple[Zone, ...]]:
        """The film with all that lies on it, or a page over it; what of it can be clicked."""
        desk, unit, look = self.desk, layout.unit, self.desk.look
        plan = desk.planning
        self._constructed(unit)
        marks: list[Mark] = [self._seen()]
        if plan is not None:
            marks += rod_marks(plan, desk.shown.landmarks, look, unit)
        marks += film_marks(desk.shown, look, self._lines, unit, points=plan is None)
        if plan is not None:
            marks += plan_marks(plan, desk.shown.landmarks, look, unit)
        if look.lines and not desk.blind:
            marks += self._labels(marks, unit)
        zones: tuple[Zone, ...] = ()
        if look.page == "help":
            marks += help_page(layout.film, unit, CATALOGUE if plan is None else PLAN_CATALOGUE)
        elif look.page == "worklist":
            page, zones = worklist_page(entries, current, layout.film, unit, look.pointer)
            marks += page
        elif plan is None:
            marks += loupe_marks(desk.picture, desk.shown, look, unit)
        return tuple(marks), zones

    def panel(self, layout: Layout) -> tuple[tuple[Mark, ...], tuple[Zone, ...]]:
        """The panel beside the film."""
        return panel_marks(self.desk, layout.panel, layout.unit)

    def status(self, layout: Layout, place: str) -> tuple[Mark, ...]:
        """The line below the film."""
        session = self.desk.session
        unsaved = session.dirty
        words = "not saved, kept in the journal" if unsaved else "saved"
        if session.read_only:
            words = "read only"
        if self.desk.planning is not None:
            unsaved = self.desk.planning.sitting.dirty
            words = "plan not saved" if unsaved else "plan"
        if self.desk.searching:
            words = f"looking at the film … {words}"
        done = "done · " if session.state.content.done else ""
        return status_line(
            self.desk.shown,
            self.desk.look.view,
            layout.status,
            layout.unit,
            saved=done + (self.desk.said or words),
            unsaved=unsaved,
            place=place,
        )

    def _constructed(self, unit: float) -> None:
        """Lines anew where values were measured or the view moved; their labels then follow."""
        look = self.desk.look
        wanted = (id(self.desk.lines), look.view, unit)
        if wanted != self._lines_of:
            shown = () if self.desk.blind else self.desk.lines
            self._lines = tuple(line_marks(shown, look))
            self._values = None
            self._lines_of = wanted

    def _labels(self, drawn: Sequence[Mark], unit: float) -> Sequence[Mark]:
        if self._values is None:
            desk = self.desk
            self._values = tuple(value_labels(desk.live, desk.lines, drawn, desk.look, unit))
        return self._values

    def _seen(self) -> Pixels:
        look, area = self.desk.look, self.desk.look.view.area
        plan = self.desk.planning
        outcome = None if plan is None or plan.original else plan.outcome
        wanted = (look.view, look.greys, outcome and id(outcome.live))
        if self._picture is None or wanted != self._picture_of:
            if outcome is None:
                grey = self.desk.picture.seen(look.view, look.greys)
            else:
                grey = self._planned.seen(outcome, look.view, look.greys)
            self._picture = Pixels(round(area.left), round(area.top), grey)
            self._picture_of = wanted
        return self._picture
