"""The films of a sitting, the one that lies on the desk, and the hands that work on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from balance.errors import BalanceError
from balance.landmarks.editor.opening import Mode
from balance.landmarks.editor.window.ask import about_unsaved_plan
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.films import Films
from balance.landmarks.editor.window.flow import Action, Command
from balance.landmarks.editor.window.gestures import Gestures
from balance.landmarks.editor.window.hands import Hands
from balance.landmarks.editor.window.marks import Area
from balance.landmarks.editor.window.plan_hands import PlanHands
from balance.landmarks.editor.window.planning import close_plan, open_plan, save_plan


class Workplace:
    """Opens and leaves films, and changes what the hands work on: the landmarks or the plan.

    ``on_opened`` is called when another film was opened, ``on_left`` when there is none any more.

    Parameters
    ----------
    area
        Where the film is shown.
    unit
        Device pixels in a point.
    """

    def __init__(self, films: Films, area: Area, unit: float) -> None:
        self.films = films
        self.on_opened: Callable[[], None] = lambda: None
        self.on_left: Callable[[], None] = lambda: None
        self._area, self._unit = area, unit
        self.desk: Desk
        self.hands: Gestures
        self._lay(self._first())

    def resized(self, area: Area, unit: float) -> None:
        """The film is shown elsewhere, or in other sizes."""
        self._area, self._unit = area, unit
        self.hands.unit = unit
        self.desk.resized(area)

    def do(self, action: Action) -> None:
        """Carry out what a button stands for."""
        if not self.hands.act(action) and isinstance(action, Command):
            self._own(action)

    def key(self, key: str) -> None:
        """Carry out what a key stands for."""
        left = self.hands.key(key)
        if isinstance(left, Command):
            self._own(left)

    def may_leave(self, then: int | None) -> bool:
        """Leave a film whose work is saved; about any other work the reader is asked.

        Parameters
        ----------
        then
            The film to be opened next, None for none.
        """
        desk, session = self.desk, self.desk.session
        if desk.planning is not None:
            self._close_plan()
        if desk.plan is not None and desk.plan.sitting.dirty and not session.read_only:
            desk.ask = about_unsaved_plan(desk.plan.sitting.path.name, then)
            return False
        if session.dirty and not session.read_only:
            # A film that is read again is no reading of record: its points are the answer.
            if not desk.blind:
                desk.ask_to_save(then)
            if not desk.blind or not desk.save():
                return False
        desk.close()
        return True

    def _own(self, command: Command) -> None:
        """What concerns more than the hands that are at work."""
        desk, films = self.desk, self.films
        if command.name == "worklist":
            listing = desk.look.page == "worklist" or len(films.entries) < 2
            desk.change(page="" if listing else "worklist")
        elif command.name == "film_step":
            self._go(films.number + int(str(command.value)))
        elif command.name == "open":
            self._go(int(str(command.value)))
        elif command.name == "reopen":
            self._go(films.number, mode="copy")
        elif command.name == "depart":
            self._depart(*cast("tuple[str, int | None]", command.value))
        elif command.name == "depart_plan":
            self._depart_plan(*cast("tuple[str, int | None]", command.value))
        elif command.name == "overwrite_plan":
            # Asked while the plan is worked on, or after it was closed to leave the film.
            save_plan(desk, overwrite=True)
        elif command.name == "plan":
            plan = open_plan(desk)
            if plan is not None:
                self.hands = PlanHands(desk, self._unit, plan)
        elif command.name == "leave":
            self._close_plan()

    def _close_plan(self) -> None:
        close_plan(self.desk)
        self.hands = Hands(self.desk, self._unit)

    def _go(self, number: int, mode: Mode = "edit") -> None:
        """Another film, once it is clear what becomes of the one that is open."""
        if not 0 <= number < len(self.films.entries):
            self.desk.said = "This is the last film" if number > 0 else "This is the first film"
            return
        if number == self.films.number and mode == "edit":
            self.desk.change(page="")
            return
        if self.may_leave(number):
            self._open(number, mode)

    def _depart(self, how: str, then: int | None) -> None:
        """Leave a film as the reader chose."""
        if how == "save" and not self.desk.save():
            return
        self.desk.close()
        self._go_on(then)

    def _depart_plan(self, how: str, then: int | None) -> None:
        """Leave a plan as the reader chose, and then its film."""
        if how == "save" and not save_plan(self.desk):
            return
        self.desk.plan = self.desk.ask = None
        if self.may_leave(then):
            self._go_on(then)

    def _go_on(self, then: int | None) -> None:
        if then is None:
            self.on_left()
        else:
            self._open(then)

    def _open(self, number: int, mode: Mode = "edit") -> None:
        before = self.films.number
        try:
            desk = self.films.open(number, self._area, mode)
        except BalanceError as error:
            desk = self.films.open(before, self._area)
            desk.said = str(error)
        self._lay(desk)
        self.on_opened()

    def _first(self) -> Desk:
        """The desk of the first film that can be opened and is not done."""
        entries = self.films.entries
        order = sorted(range(len(entries)), key=lambda number: entries[number].done)
        trouble: BalanceError | None = None
        for number in order:
            try:
                return self.films.open(number, self._area)
            except BalanceError as error:
                trouble = trouble or error
        raise trouble or BalanceError("there is no film to edit")

    def _lay(self, desk: Desk) -> None:
        self.desk, self.hands = desk, Hands(desk, self._unit)
