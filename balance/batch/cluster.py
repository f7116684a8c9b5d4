"""The same function of many things on a dask cluster, with the films on storage that all share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import current_process
from typing import Any

from balance import __version__
from balance.batch.model import WrongUse
from balance.isolation import Outcome, Worker, attempt

AHEAD = 4
"""Calls for each thread of the cluster that are handed out before answers are awaited."""
CONNECT_SECONDS = 15

_own = threading.local()
_turn = threading.Lock()


class Cluster:
    """A dask cluster that somebody started; its workers need this program and the same folders.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://HOST:PORT``.
    seconds, memory
        Limits of one call, where a dask worker may have a process of its own for it.
    """

    def __init__(self, address: str, *, seconds: float, memory: int) -> None:
        self._address, self._seconds, self._memory = address, seconds, memory

    def __enter__(self) -> Cluster:
        try:
            import distributed
        except ImportError:
            raise WrongUse("--scheduler needs pip install 'spinal-balance[cluster]'") from None
        self._dask: Any = distributed
        try:
            self._client = self._dask.Client(self._address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError):
            raise WrongUse(
                f"{self._address}: no dask scheduler answers there; check the address"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def map(
        self,
        function: Callable[[Any], Any],
        things: Iterable[Any],
        *,
        seconds: float | None = None,
    ) -> Iterator[tuple[Any, Outcome[Any]]]:
        """What became of each call, in the order in which they end; few are held at a time.

        A call whose dask worker died is given to another by the scheduler.
        """
        waiting, calls = iter(things), {}
        done = self._dask.as_completed()
        limits = (seconds or self._seconds, self._memory)

        def hand_out() -> bool:
            for thing in waiting:
                future = self._client.submit(
                    call_within, function, thing, limits, __version__, pure=False
                )
                calls[future.key] = thing
                done.add(future)
                return True
            return False

        while len(calls) < max(AHEAD * self._threads(), AHEAD) and hand_out():
            pass
        for future in done:
            thing = calls.pop(future.key)
            hand_out()
            yield thing, _outcome(future, thing)
            future.release()

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())


def call_within(
    function: Callable[[Any], Any], thing: Any, limits: tuple[float, int], version: str
) -> Outcome[Any]:
    """Call a function in a process beside the dask worker, as on one machine.

    A dask worker that may not start processes (it is one of a nanny's, which are daemons unless
    ``distributed.worker.daemon`` is false) does the call itself, one at a time and without limits.
    """
    if version != __version__:
        sentence = f"{thing}: a worker of the cluster runs version {__version__}, not {version}"
        return Outcome("crashed", error=sentence)
    if current_process().daemon:
        with _turn:
            return attempt(function, thing)
    seconds, memory = limits
    worker: Worker | None = getattr(_own, "worker", None)
    if worker is None or _own.limits != limits:
        worker = _own.worker = Worker(seconds=seconds, memory=memory)
        _own.limits = limits
    outcome = worker.run(function, thing)
    # whatever killed the process once may not have been the call
    return worker.run(function, thing) if outcome.died else outcome


def _outcome(future: Any, thing: Any) -> Outcome[Any]:
    """What a future came to; the text of its error may quote a document and is not shown."""
    if future.status == "finished":
        outcome: Outcome[Any] = future.result()
        return outcome
    error = future.exception()
    return Outcome("crashed", error=f"{thing}: lost on the cluster ({type(error).__name__})")
