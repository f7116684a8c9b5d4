"""The films that are edited one after the other: opened, locked, left, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from balance.errors import BalanceError
from balance.film import open_film
from balance.landmarks.editor.journal import DocumentInUse, journal_beside
from balance.landmarks.editor.opening import Mode, open_session
from balance.landmarks.editor.protocols import Protocol
from balance.landmarks.editor.repeat import Repeat, begin_repeat
from balance.landmarks.editor.search import Search
from balance.landmarks.editor.session import Session
from balance.landmarks.editor.state import FilmFacts
from balance.landmarks.editor.window.ask import about_in_use
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.marks import Area
from balance.landmarks.editor.window.pages import Listed
from balance.landmarks.editor.worklist import Entry
from balance.landmarks.model import Landmarks
from balance.radiograph import Radiograph, View


@dataclass(frozen=True, slots=True)
class Manner:
    """How every film of a sitting is opened."""

    protocol: Protocol | None = None
    view: View | None = None
    reader: str | None = None
    proposals: bool = True


class Films:
    """A worklist with one film open at a time."""

    def __init__(
        self, entries: tuple[Entry, ...], manner: Manner, repeats: Sequence[Repeat] = ()
    ) -> None:
        self.entries, self.manner = entries, manner
        self._repeats = {repeat.document: repeat for repeat in repeats}
        self.number = 0

    @property
    def place(self) -> str:
        """Which film of how many; empty for a single one."""
        if len(self.entries) < 2:
            return ""
        done = sum(entry.done for entry in self.entries)
        return f"film {self.number + 1} of {len(self.entries)}, {done} done"

    @property
    def title(self) -> str:
        """The title of the window."""
        return f"{self.entries[self.number].film.name} \N{EN DASH} spinal-balance"

    def open(self, number: int, area: Area, mode: Mode = "edit") -> Desk:
        """The desk of a film; one that another editor has is opened to look only, and says so.

        Raises
        ------
        BalanceError
            The film or its document cannot be read.
        """
        entry = self.entries[number]
        film = open_film(entry.film)
        facts = FilmFacts.of(entry.film.name, film)
        asked = None
        try:
            self._begin(entry)
            session = self._session(entry, facts, mode)
        except DocumentInUse as error:
            session = self._session(entry, facts, "read_only")
            asked = about_in_use(str(error))
        except OSError as error:
            reason = error.strerror or "cannot be written"
            raise BalanceError(f"{entry.document}: {reason}; choose another folder") from None
        self.number = number
        repeat = self._repeats.get(entry.document)
        starts = {} if repeat is None else repeat.starts
        search = Search(_propose, film, _prepare) if session.proposing else None
        desk = Desk(session, film, area, starts, search)
        desk.ask = asked or desk.ask
        if entry.note and not desk.said:
            desk.said = entry.note
        return desk

    def listed(self) -> tuple[Listed, ...]:
        """The films as the list shows them."""
        return tuple(
            Listed(entry.film.name, entry.done, _standing(entry, number == self.number), entry.note)
            for number, entry in enumerate(self.entries)
        )

    def _begin(self, entry: Entry) -> None:
        """Write the empty document of a film that is read again."""
        repeat = self._repeats.get(entry.document)
        if repeat is not None and not entry.document.exists():
            begin_repeat(repeat)

    def _session(self, entry: Entry, facts: FilmFacts, mode: Mode) -> Session:
        manner, repeat = self.manner, self._repeats.get(entry.document)
        return open_session(
            entry.document,
            facts,
            manner.protocol if repeat is None else repeat.protocol,
            view=manner.view,
            reader=manner.reader,
            recondition=_recondition if manner.proposals and repeat is None else None,
            mode=mode,
        )


def _propose(film: Radiograph, landmarks: Landmarks) -> Landmarks:
    from balance.landmarks.proposals import propose

    return propose(film, landmarks)


def _prepare() -> None:
    # The prior and its libraries take a second to load.
    import_module("balance.landmarks.proposals")


def _recondition(landmarks: Landmarks) -> Landmarks:
    from balance.landmarks.proposals import recondition

    return recondition(landmarks)


def _standing(entry: Entry, is_open: bool) -> str:
    # The film that is open always has a journal.
    if not is_open and journal_beside(entry.document).exists():
        return "not saved"
    if entry.done:
        return "done"
    return "begun" if entry.document.exists() else "not begun"
