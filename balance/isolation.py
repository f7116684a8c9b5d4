"""A film decoded in another process, which may die, hang or run out of memory in its stead.

Codecs are native code: no ``except`` catches what they do to a process. A worker here is spawned
(never forked), limited in memory and time, used again as long as it behaves, and replaced when it
does not. Calls may wait in it, so that it is never idle: what kills it takes one call with it, the
others move to its successor. It guards against damage, not against a film that takes the worker
over: its answers come back pickled.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar, cast

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
_NOT_STARTED = "the worker process did not start"
_KILLED = -9
_A = TypeVar("_A")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_T]):
    """What became of one film: its value, or why there is none, in one sentence.

    ``died`` says that the process ended by itself or was ended by somebody else.
    """

    status: Status
    value: _T | None = None
    error: str | None = None
    died: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that has no answer yet."""

    function: Callable[[Any], Any]
    argument: Any
    seconds: float


class Worker:
    """One process that calls functions of a path, each under limits.

    The argument may be anything picklable: errors name it by its text.

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
        self._calls: deque[_Call] = deque()
        self._deadline = 0.0
        self._started = False

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

    def run(self, function: Callable[[_A], _T], argument: _A) -> Outcome[_T]:
        """Call ``function(argument)`` in the worker; both must be picklable. Never raises for it.

        Returns
        -------
        Outcome
            ``ok`` with the value; ``rejected`` with the sentence of a `BalanceError`; else
            ``timeout``, ``crashed`` (the process died or the function leaked an exception) or
            ``out-of-memory``, after which the next call gets a new process.
        """
        self.begin(function, argument)
        while True:
            wait([self.connection], self.patience)
            for _, outcome in self.collect():
                return outcome

    def begin(
        self, function: Callable[[_A], Any], argument: _A, *, seconds: float | None = None
    ) -> None:
        """Hand the worker a call; several may wait in it, and are done in turn.

        ``seconds`` is the time for this call, where it is not the worker's.
        """
        if not self._calls and self._pipe is not None and not self._process.is_alive():
            self._stop()
        self._calls.append(_Call(function, argument, seconds or self._seconds))
        if len(self._calls) == 1:
            self._expect_start()
        if self._pipe is None:
            self._start()
        else:
            self._send(self._calls[-1])

    @property
    def waiting(self) -> int:
        """How many calls have no answer yet."""
        return len(self._calls)

    @property
    def connection(self) -> Connection:
        """Readable, for `multiprocessing.connection.wait`, when there is something to collect."""
        assert self._pipe is not None, "no call was begun"
        return self._pipe

    @property
    def patience(self) -> float:
        """Seconds until the call in hand has taken too long."""
        return max(self._deadline - time.monotonic(), 0.0)

    def collect(self) -> Iterator[tuple[Any, Outcome[Any]]]:
        """The arguments whose calls have ended since the last look, and what became of them."""
        while self._calls:
            call = self._calls[0]
            outcome = self._news(call)
            if outcome is None:
                return
            if outcome.status not in ("ok", "rejected"):
                self._stop()
            self._calls.popleft()
            if self._calls:
                self._expect_start()
                if self._pipe is None:
                    self._start()
            yield call.argument, outcome

    def close(self) -> None:
        """End the process and forget the calls in it; a later call starts another."""
        self._calls.clear()
        self._stop()

    def _news(self, call: _Call) -> Outcome[Any] | None:
        """How the call in hand ended, or None while it has not."""
        pipe = self.connection
        try:
            while pipe.poll():
                answer = pipe.recv()
                if answer != _STARTED:
                    return cast(Outcome[Any], answer)
                self._started = True
                self._deadline = time.monotonic() + call.seconds
        except (EOFError, OSError):
            return self._obituary(call.argument)
        if self.patience > 0:
            return None
        if not self._started:
            return Outcome("crashed", error=f"{call.argument}: {_NOT_STARTED}")
        sentence = f"{call.argument}: takes longer than {call.seconds:g} s; refused"
        return Outcome("timeout", error=sentence)

    def _obituary(self, argument: Any) -> Outcome[Any]:
        """What the exit status of a dead process tells."""
        self._process.join(_START_SECONDS)
        if not self._started:
            return Outcome("crashed", error=f"{argument}: {_NOT_STARTED}", died=True)
        if self._process.exitcode == _KILLED:
            return replace(_out_of_memory(argument), died=True)
        sentence = f"{argument}: is damaged so that its decoder crashed; refused"
        return Outcome("crashed", error=sentence, died=True)

    def _expect_start(self) -> None:
        self._started = False
        self._deadline = time.monotonic() + _START_SECONDS

    def _start(self) -> None:
        """A new process, with every call that has no answer yet."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._memory), daemon=True)
        self._process.start()
        theirs.close()
        for call in self._calls:
            self._send(call)

    def _send(self, call: _Call) -> None:
        try:
            self.connection.send((call.function, call.argument))
        except OSError:
            # the process is dead: the next look finds out, and its successor gets the call
            return

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
    # whoever is at the keyboard interrupts the program, and the program ends its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limited = False
    while True:
        try:
            function, argument = pipe.recv()
        except EOFError:
            return
        if not limited:
            # after the function's module was imported with it: its libraries are not the film's
            limited = _limit_memory(memory)
        pipe.send(_STARTED)
        try:
            pipe.send(attempt(function, argument))
        except MemoryError:
            pipe.send(_out_of_memory(argument))


def attempt(function: Callable[[Any], Any], argument: Any) -> Outcome[Any]:
    """What becomes of a call in this process; what only another process survives is not caught."""
    try:
        return Outcome("ok", function(argument))
    except FilmTooLarge as error:
        return Outcome("out-of-memory", error=str(error))
    except BalanceError as error:
        return Outcome("rejected", error=str(error))
    except MemoryError:
        return _out_of_memory(argument)
    except Exception as error:
        sentence = f"{argument}: cannot be read ({type(error).__name__}), which is a fault of ours"
        return Outcome("crashed", error=sentence)


def _out_of_memory(argument: Any) -> Outcome[Any]:
    return Outcome("out-of-memory", error=f"{argument}: needs more memory than is allowed; refused")


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
