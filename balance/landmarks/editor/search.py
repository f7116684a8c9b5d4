"""The look at the film, in the background: the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from balance.landmarks.editor.proposals import evidence_of
from balance.landmarks.editor.session import Session
from balance.landmarks.model import Landmarks
from balance.radiograph import Radiograph

Propose = Callable[[Radiograph, Landmarks], Landmarks]


class Search:
    """One film's searches, one at a time, each with the points as they stood when it began.

    Parameters
    ----------
    prepare
        What takes a while to load; done beforehand, so that no click waits for it.
    """

    def __init__(self, program: Propose, film: Radiograph, prepare: Callable[[], object]) -> None:
        self._program, self._film = program, film
        self._prepare: Callable[[], object] | None = prepare
        self._worker = ThreadPoolExecutor(1, "film-search")
        self._found: Future[Landmarks] | None = None
        self._evidence: Landmarks | None = None

    @property
    def running(self) -> bool:
        """Whether a search was begun and not handed over yet."""
        return self._found is not None

    def turn(self, session: Session) -> bool:
        """Hand over what was found, and begin what is wanted; whether the state changed.

        A timer calls this: the state is only ever changed where the reader's own actions are.
        """
        if self._prepare is not None:
            self._worker.submit(self._prepare)
            self._prepare = None
        changed = False
        if self._found is not None and self._evidence is not None and self._found.done():
            changed = session.take_found(self._found.result, self._evidence)
            self._found = None
        if self._found is None and session.search_wanted:
            self._evidence = evidence_of(session.state.landmarks)
            self._found = self._worker.submit(self._program, self._film, self._evidence)
        return changed

    def close(self) -> None:
        """Let go of the film; a search that runs ends unheard."""
        self._worker.shutdown(wait=False, cancel_futures=True)
