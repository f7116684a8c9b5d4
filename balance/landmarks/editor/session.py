"""One film in one editor: its state, its journal and its document."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import balance.landmarks.editor.events as ev
from balance.errors import BalanceError
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.journal import Journal, read_journal
from balance.landmarks.editor.lines import encode_event, settle
from balance.landmarks.editor.proposals import (
    evidence_of,
    may_search,
    proposed_event,
    same_evidence,
    wants_proposals,
    was_in_vain,
)
from balance.landmarks.editor.resume import events_of, header_of
from balance.landmarks.editor.saving import (
    OnDisk,
    digest,
    document_bytes,
    write_beside,
    write_document,
)
from balance.landmarks.editor.state import State, start
from balance.landmarks.editor.transitions import aim, update
from balance.landmarks.model import Landmarks
from balance.writing import write_atomically

Recondition = Callable[[Landmarks], Landmarks]
Choice = Literal["ask", "beside", "overwrite"]

READ_ONLY = "Opened to look only: nothing can be changed"


class Session:
    """An open document; make one with `balance.landmarks.editor.opening.open_session`.

    ``said`` are sentences for the reader about the opening. ``proposing`` says whether every
    action that changes the evidence is followed by new proposals.
    """

    def __init__(
        self,
        path: Path,
        state: State,
        on_disk: OnDisk,
        journal: Journal | None,
        *,
        recondition: Recondition | None = None,
        said: tuple[str, ...] = (),
        offered: tuple[Path, ...] = (),
    ) -> None:
        self.path, self.state, self.said = path, state, said
        self.proposing = recondition is not None
        self._recondition = recondition
        self._unsearched = False
        self._digest = on_disk.digest
        self._before = dict(on_disk.landmarks.document) if on_disk.landmarks else {}
        self._journal = journal
        self._saved = start(state.film, state.protocol, on_disk.landmarks).content
        if on_disk.landmarks is None:
            self._saved = state.start
        self._offered = offered
        self._opened = time.monotonic()

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed."""
        return self._journal is None

    @property
    def dirty(self) -> bool:
        """Whether there is anything that a saving would keep."""
        return not _same(self.state.content, self._saved)

    def do(self, event: ev.Event) -> State:
        """Carry an event out: first on disk, then in the state, then proposals that follow it."""
        event = settle(event)
        if self._journal is None:
            if not isinstance(event, ev.GoTo | ev.Back | ev.UseProtocol):
                return self.refuse(READ_ONLY)
            self.state = update(self.state, event)
            return self.state
        before = self.state.landmarks
        self._take(event)
        if isinstance(event, ev.Undo | ev.Redo):
            self._unsearched = False
        elif self.proposing and wants_proposals(event, before, self.state.landmarks):
            self._refresh()
        return self.state

    @property
    def search_wanted(self) -> bool:
        """Whether the film should be looked at for the points as they stand."""
        return self.proposing and self._unsearched and may_search(self.state.content)

    def take_found(self, found: Callable[[], Landmarks], evidence: Landmarks) -> bool:
        """Take over what a look at the film gave, hollow until the reader confirms it.

        Parameters
        ----------
        found
            Returns the program's landmarks, or raises what the program raised.
        evidence
            What it was given. Where the reader has done more since then, nothing is taken over.

        Returns
        -------
        bool
            Whether it was taken over.
        """
        if not self.proposing or not same_evidence(evidence, self.state.landmarks):
            return False
        self._unsearched = False
        self._follow(found, searched=True)
        return True

    def set_proposing(self, on: bool) -> State:
        """Turn proposals on or off; those that nobody confirmed then come or go."""
        if self._journal is None or self._recondition is None:
            return self.refuse("No program proposes points")
        self.proposing = on
        if on:
            self._refresh()
        elif self.state.landmarks.proposal is not None:
            self._take(ev.Proposed((), status="unable", searched=True))
        return self.state

    def _refresh(self) -> None:
        """Propose anew by what is marked now; the film is looked at again when there is time."""
        self._unsearched = True
        note = self.state.landmarks.proposal
        if self._recondition is None or (note is not None and was_in_vain(note)):
            # Points would come now and go again with the next look at the film.
            return
        program, evidence = self._recondition, evidence_of(self.state.landmarks)
        self._follow(lambda: program(evidence))

    def _follow(self, found: Callable[[], Landmarks], *, searched: bool = False) -> None:
        """Take proposals over; a program that fails, in whatever way, must not stop the reader."""
        try:
            marks = found()
        except BalanceError as error:
            self.refuse(str(error))
        except Exception as error:
            self.refuse(f"Nothing could be proposed ({type(error).__name__}): go on by hand")
        else:
            note = marks.proposal
            early = note is not None and note.status == "unable"
            if early and not searched and self.state.landmarks.proposal is None:
                return
            event = proposed_event(self.state.content, marks, searched=searched)
            self._take(settle(event))

    def refuse(self, why: str) -> State:
        """Say in one line why what the reader asked for was not done."""
        self.state = replace(self.state, message=why, refused=True)
        return self.state

    def note_view(self, what: str) -> None:
        """Remember that the view was changed, for the estimate of the reader's time only."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.append({"t": self._clock(), "view": what[:20]})

    def sync(self) -> None:
        """Force the journal onto the disk; for an idle moment."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.sync()

    def save(self, choice: Choice = "ask") -> Path:
        """Write the document, and begin the journal anew from it.

        Parameters
        ----------
        choice
            What to do where somebody else wrote the document meanwhile: ``ask`` refuses,
            ``beside`` writes a sibling that no folder is walked for, which the session goes on
            with, ``overwrite`` writes over the other version.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        DocumentChanged
            One sentence that names both choices.
        OSError
            The file cannot be written; the journal still holds everything.
        """
        if self._journal is None:
            raise OSError(errno.EROFS, READ_ONLY)
        content = document_bytes(self.state.content, self._before)
        with suppress(OSError):
            self._journal.append({"saving": digest(content), "step": self.state.content.step})
        if choice == "beside":
            self.path = write_beside(self.path, content)
        elif choice == "overwrite":
            write_atomically(self.path, content)
        else:
            write_document(self.path, content, self._digest)
        self._digest = digest(content)
        self._before = json.loads(content)
        self._saved = self.state.content
        with suppress(OSError):
            self._journal.start(header_of(self.state, self._digest))
        return self.path

    @property
    def offered(self) -> int:
        """Actions that were made on another version of the document and not saved."""
        return sum(len(events_of(read_journal(path)[1])) for path in self._offered)

    def take_offered(self) -> State:
        """Carry out the offered actions on the document as it is now, as far as they fit."""
        paths, self._offered = self._offered, ()
        for path in paths:
            for event in events_of(read_journal(path)[1]):
                self.do(event)
            path.unlink(missing_ok=True)
        return self.state

    def drop_offered(self) -> None:
        """Throw the offered actions away."""
        for path in self._offered:
            path.unlink(missing_ok=True)
        self._offered = ()

    def close(self, *, discard: bool = False) -> None:
        """Give the document free.

        What was not saved stays in the journal and is there on the next opening, unless
        ``discard`` says that it is not wanted.
        """
        if self._journal is not None:
            self._journal.close(remove=discard or not self.dirty)
            self._journal = None

    def _take(self, event: ev.Event) -> None:
        assert self._journal is not None
        with suppress(BalanceError):
            # A click is kept as the point that it was meant for, whatever is asked on replay.
            event = aim(self.state, event)
        trouble = ""
        try:
            self._journal.append({"t": self._clock(), **encode_event(event)})
        except OSError as error:
            trouble = f"The journal cannot be written ({error.strerror}): save now"
        self.state = update(self.state, event)
        if trouble:
            self.state = replace(self.state, message=trouble)

    def _clock(self) -> float:
        return round(time.monotonic() - self._opened, 3)


def _same(one: Content, other: Content) -> bool:
    """Whether two contents make the same document, but for what is asked next."""
    return replace(one, step=None, protocol=other.protocol) == replace(other, step=None)
