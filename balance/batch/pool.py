"""The same function of many things, in processes of this machine that may die."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from typing import Any

from balance.isolation import Outcome, Worker

DEPTH = 3
"""Calls that wait in a worker, so that it has work while its last answer is written down."""


def cores() -> int:
    """How many processes this machine can run at once, as far as this one may use it."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """Worker processes that take calls in turn and are kept from one map to the next.

    A call whose process died is given to another once: whatever killed it may not have been the
    call. What kills its process twice is to blame.

    Examples
    --------
    >>> with Pool(1, seconds=60, memory=1 << 30) as pool:
    ...     [(word, outcome.value) for word, outcome in pool.map(len, ["spine"])]
    [('spine', 5)]
    """

    def __init__(self, workers: int, *, seconds: float, memory: int) -> None:
        self._workers = [Worker(memory=memory, seconds=seconds) for _ in range(max(workers, 1))]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()

    def map(
        self,
        function: Callable[[Any], Any],
        things: Iterable[Any],
        *,
        seconds: float | None = None,
    ) -> Iterator[tuple[Any, Outcome[Any]]]:
        """What became of each call, in the order in which they end; few are held at a time.

        ``seconds`` is the time for each, where it is not the pool's.
        """
        waiting = iter(things)
        again: deque[Any] = deque()
        tried: list[Any] = []
        while True:
            busy = self._hand_out(
                lambda worker, thing: worker.begin(function, thing, seconds=seconds), waiting, again
            )
            if not busy:
                return
            wait([worker.connection for worker in busy], min(worker.patience for worker in busy))
            for worker in busy:
                for thing, outcome in worker.collect():
                    if outcome.died and not any(thing is one for one in tried):
                        tried.append(thing)
                        again.append(thing)
                    else:
                        tried = [one for one in tried if one is not thing]
                        yield thing, outcome

    def _hand_out(
        self, begin: Callable[[Worker, Any], None], waiting: Iterator[Any], again: deque[Any]
    ) -> list[Worker]:
        """Give each worker something to do; those that have something."""
        for depth in range(1, DEPTH + 1):
            for worker in self._workers:
                # what died once goes to an idle process, so that it takes nothing else with it
                if again and not worker.waiting:
                    begin(worker, again.popleft())
                elif worker.waiting < depth:
                    for thing in waiting:
                        begin(worker, thing)
                        break
        return [worker for worker in self._workers if worker.waiting]
