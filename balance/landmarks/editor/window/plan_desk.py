"""A plan on the desk: its sitting, what it gave when it was last measured, how it is seen."""

from __future__ import annotations

from dataclasses import replace

import balance.landmarks.editor.plan_events as ev
from balance.errors import BalanceError
from balance.landmarks.editor.live import Live
from balance.landmarks.editor.plan_outcome import Outcome
from balance.landmarks.editor.plan_sitting import PlanSitting
from balance.landmarks.editor.plan_state import PlanState
from balance.landmarks.editor.state import State


class PlanDesk:
    """What the window keeps of a plan.

    ``film`` and ``values`` are the film as it is, which ``original`` shows for comparison.
    ``hovered`` is the site under the pointer, ``trouble`` why the plan was not measured.
    """

    def __init__(self, sitting: PlanSitting, film: State, values: Live) -> None:
        self.sitting, self.film, self.values = sitting, film, values
        self.outcome: Outcome = sitting.measure()
        self.original = False
        self.hovered: str | None = None
        self.trouble = ""

    @property
    def state(self) -> PlanState:
        """The plan as it stands; what was measured follows it."""
        return self.sitting.state

    @property
    def seen(self) -> tuple[object, ...]:
        """What the panel shows of the plan: it is drawn anew where this differs."""
        return id(self.state), id(self.outcome), self.original, self.trouble

    def do(self, event: ev.PlanEvent) -> None:
        """Change the plan, or what of it is looked at."""
        self.original = False
        self.sitting.do(event)

    def measure(self) -> bool:
        """Measure the plan where it changed since; whether it did."""
        before, now = self.outcome.state, self.state
        if before is now:
            return False
        same = (now.landmarks, now.plan, now.scenario)
        if (before.landmarks, before.plan, before.scenario) == same:
            self.outcome = replace(self.outcome, state=now)
            return True
        try:
            self.outcome, self.trouble = self.sitting.measure(), ""
        except BalanceError as error:
            # The values of before stay, and it is said that they are not those of the plan.
            self.outcome, self.trouble = replace(self.outcome, state=now), str(error)
        return True

    @property
    def shown(self) -> tuple[State, Live]:
        """The film to be drawn with its values: planned, or as it is."""
        if self.original:
            return self.film, self.values
        content = replace(self.film.content, landmarks=self.outcome.planned, rims=())
        return replace(self.film, content=content), self.outcome.live
