"""How a benchmark is timed and printed."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure, its floor in the same run, and the goal."""

    work: str
    seconds: float
    goal: str
    floor: str = "-"
    floor_seconds: float | None = None

    @property
    def ratio(self) -> str:
        """How many times the floor."""
        return f"{self.seconds / self.floor_seconds:.2f} x" if self.floor_seconds else "-"

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        floor = f"{self.floor} {readable(self.floor_seconds)}" if self.floor_seconds else "-"
        return self.work, readable(self.seconds), floor, self.ratio, self.goal


def readable(seconds: float) -> str:
    """A time with a unit that suits it."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def timed(work: Callable[[], Any], rounds: int = 7) -> float:
    """Median seconds of a call, after one that is not counted."""
    work()
    return median(_once(work) for _ in range(rounds))


def timed_pair(
    work: Callable[[], Any], floor: Callable[[], Any], rounds: int = 7
) -> tuple[float, float]:
    """Median seconds of two calls run in turn, so that both see the same machine."""
    work()
    floor()
    pairs = [(_once(work), _once(floor)) for _ in range(rounds)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def _once(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_memory() -> int:
    """Bytes that this process held at most."""
    # getrusage counts the process that started this one, too, where that was the larger.
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
