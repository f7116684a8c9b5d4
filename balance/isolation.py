"""A film decoded in another process, which may die, hang or run out of memory in its stead.

Codecs are native code: no ``except`` catches what they do to a process. A worker here is spawned
(never forked), limited in memory and time, used again as long as it behaves, and replaced when it
does not. It guards against damage, not against a film that takes the worker over: its answers
come back pickled.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar

from balance.errors import BalanceError
from balance.film import FilmTooLarge, open_film
from balance.radiograph import Radiograph

Status = Literal["ok", "rejected", "timeout", "crashed", "out-of-memory"]

MEMORY = 3 << 30
"""Bytes that a worker may take beyond what it needs to start."""

SECONDS = 60.0
"""Time for one film."""

_START_SECONDS = 120.0
_STARTED = "started"
_KILLED = -9
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_T]):
    """What became of one film: its value, or why there is none, in one sentence."""

    status: Status
    value: _T | None = None
    error: str | None = None


class Worker:
    """One process that calls functions of a path, each under limits.

    Parameters
    ----------
    memory
        Bytes beyond what the process needs to start; not enforced where the system has no
        ``RLIMIT_AS``.
    seconds
        Time for one call, the start of the process not counted.

    Examples
    --------
    >>> with Worker(seconds=20) as worker:
    ...     outcome = worker.open_film("no-such-film.dcm")
    >>> outcome.status, outcome.error
    ('rejected', 'no-such-film.dcm: no such file; check the name')
    """

    def __init__(self, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._process: Any = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open_film(
        self, path: str | os.PathLike[str], *, frame: int | None = None
    ) -> Outcome[Radiograph]:
        """`balance.film.open_film` in the worker; the film is as read-only as if opened here."""
        outcome = self.run(partial(open_film, frame=frame), Path(path))
        if outcome.value is None:
            return outcome
        # arrays come back writeable: made again, they are not
        return replace(outcome, value=replace(outcome.value))

    def run(self, function: Callable[[Path], _T], path: Path) -> Outcome[_T]:
        """Call ``function(path)`` in the worker; both must be picklable. Never raises for it.

        Returns
        -------
        Outcome
            ``ok`` with the value; ``rejected`` with the sentence of a `BalanceError`; else
            ``timeout``, ``crashed`` (the process died or the function leaked an exception) or
            ``out-of-memory``, after which the next call gets a new process.
        """
        outcome = self._answer(function, path)
        if outcome.status not in ("ok", "rejected"):
            self._stop()
        return outcome

    def close(self) -> None:
        """End the process; a later call starts another."""
        self._stop()

    def _answer(self, function: Callable[[Path], _T], path: Path) -> Outcome[_T]:
        pipe = self._ready_pipe()
        try:
            pipe.send((function, path))
            if not pipe.poll(_START_SECONDS) or pipe.recv() != _STARTED:
                return Outcome("crashed", error=f"{path}: the worker process did not start")
            if not pipe.poll(self._seconds):
                sentence = f"{path}: takes longer than {self._seconds:g} s to decode; refused"
                return Outcome("timeout", error=sentence)
            answer: Outcome[_T] = pipe.recv()
        except (EOFError, ConnectionError):
            return self._obituary(path)
        return answer

    def _obituary(self, path: Path) -> Outcome[Any]:
        """What the exit status of a dead process tells."""
        self._process.join(_START_SECONDS)
        if self._process.exitcode == _KILLED:
            return _out_of_memory(path)
        return Outcome("crashed", error=f"{path}: is damaged so that its decoder crashed; refused")

    def _ready_pipe(self) -> Connection:
        if self._pipe is None or not self._process.is_alive():
            self._stop()
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._memory), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe = self._process = None


def _serve(pipe: Connection, memory: int) -> None:
    """The life of a worker: calls and answers until the other end is closed."""
    # native decoders write to the terminal what nobody asked for
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    limited = False
    while True:
        try:
            function, path = pipe.recv()
        except EOFError:
            return
        if not limited:
            # after the function's module was imported with it: its libraries are not the film's
            limited = _limit_memory(memory)
        pipe.send(_STARTED)
        try:
            pipe.send(_attempt(function, path))
        except MemoryError:
            pipe.send(_out_of_memory(path))


def _attempt(function: Callable[[Path], Any], path: Path) -> Outcome[Any]:
    try:
        return Outcome("ok", function(path))
    except FilmTooLarge as error:
        return Outcome("out-of-memory", error=str(error))
    except BalanceError as error:
        return Outcome("rejected", error=str(error))
    except MemoryError:
        return _out_of_memory(path)
    except Exception as error:
        sentence = f"{path}: cannot be read ({type(error).__name__}), which is a fault of ours"
        return Outcome("crashed", error=sentence)


def _out_of_memory(path: Path) -> Outcome[Any]:
    return Outcome("out-of-memory", error=f"{path}: needs more memory than is allowed; refused")


def _limit_memory(memory: int) -> bool:
    """Bound the address space to what is used already and ``memory`` more; no core dumps."""
    if sys.platform != "linux":
        return True
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True
