"""Mouse and keys while a plan is made: they change the plan and never a landmark."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

import numpy as np

import balance.landmarks.editor.plan_events as ev
from balance.landmarks.editor.plan_events import PlanEvent
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.flow import Action, Command
from balance.landmarks.editor.window.gestures import Gestures, Grip
from balance.landmarks.editor.window.marks import Place
from balance.landmarks.editor.window.plan_desk import PlanDesk
from balance.landmarks.editor.window.plan_keys import BY_PLAN_KEY, COARSE, FINE
from balance.landmarks.editor.window.plan_overlay import site_at
from balance.landmarks.editor.window.planning import save_plan

_ROOM = 0.16
"""Share of the spine's height that is shown around it."""
_PLAN_EVENTS = get_args(PlanEvent)


class PlanHands(Gestures):
    """What a reader's hands do to plan corrections on a film."""

    def __init__(self, desk: Desk, unit: float, plan: PlanDesk) -> None:
        super().__init__(desk, unit)
        self.plan = plan
        self._turned = 0.0
        self._commands |= {
            "plan": lambda event: self._do(event),
            "fit": lambda _: self._fit(),
            "original": lambda _: self._show_original(),
            "save": lambda _: save_plan(desk),
        }

    def act(self, action: Action) -> bool:
        """Carry out what a button or a key stands for; False for what only the window can do."""
        if isinstance(action, _PLAN_EVENTS):
            self._do(action)
            return True
        if isinstance(action, Command) and action.name == "leave":
            return self._leave_what_is_open()
        return super().act(action)

    def key(self, key: str) -> Action | None:
        """A key goes down; returns what only the window can do."""
        if key == " ":
            self._space = True
            return None
        binding = BY_PLAN_KEY.get(key) or BY_PLAN_KEY.get(key.lower() if len(key) == 1 else key)
        if binding is None:
            return None
        action: Action = Command(binding.command, binding.value)
        if key == "enter" and self.desk.ask is not None:
            action = next((c.action for c in self.desk.ask.chips if c.leads), action)
        return None if self.act(action) else action

    def wheel(self, steps: float, at: Place, held: Collection[str]) -> None:
        """The wheel turns the correction; with Ctrl it zooms."""
        if "ctrl" in held:
            super().wheel(steps, at, held)
            return
        # A touch pad sends many small steps, or few that count pixels.
        self._turned += float(np.clip(steps, -1.0, 1.0))
        whole = int(self._turned)
        self._turned -= whole
        if whole:
            self._do(ev.Turn(whole * (COARSE if "shift" in held else FINE)))

    def _press_left(self, at: Place, held: Collection[str]) -> None:
        del held
        site = self._site(at)
        if site is not None:
            self._do(ev.ChooseSite(site))

    def _hover(self, at: Place) -> None:
        over = self.desk.look.view.area.holds(at)
        self.plan.hovered = self._site(at) if over else None

    def _drag(self, grip: Grip, at: Place, *, moved: bool) -> None:
        """Nothing of a plan is dragged."""

    def _let_go(self, grip: Grip, at: Place) -> None:
        """Nothing of a plan is dragged."""

    def _site(self, at: Place) -> str | None:
        shown = self.desk.shown.landmarks
        return site_at(self.plan, shown, self.desk.look, at, self.unit)

    def _do(self, event: object) -> None:
        assert isinstance(event, _PLAN_EVENTS)
        self.desk.said = ""
        self.plan.do(event)

    def _fit(self) -> None:
        """Show the whole film and the whole planned spine, with some room for the skull."""
        desk, view = self.desk, self.desk.look.view
        points = self.plan.outcome.planned.points.values()
        rows, columns = view.size
        places = np.array([(point.x, point.y) for point in points])
        low, high = places.min(axis=0), places.max(axis=0)
        room = _ROOM * (high[1] - low[1])
        low = np.minimum(low - room, 0.0)
        high = np.maximum(high + room, (columns, rows))
        across, down = high - low
        zoom = min(view.area.width / across, view.area.height / (down * view.aspect))
        x, y = (low + high) / 2.0
        desk.change(view=view.moved_to((float(x), float(y)), float(zoom)))

    def _show_original(self) -> None:
        self.plan.original = not self.plan.original

    def _leave_what_is_open(self) -> bool:
        """Out of a page or a question; False where only the plan itself is left to leave."""
        if self.desk.look.page:
            self.desk.change(page="")
        elif self.desk.ask is not None:
            self.desk.ask = None
        else:
            return False
        return True
