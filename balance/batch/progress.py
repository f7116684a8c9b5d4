"""How far a batch is: a bar in a terminal, a plain line now and then where there is none."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

EVERY = 10.0
"""Seconds between plain lines."""
_ORDER = ("ok", "partial", "unmarked", "rejected", "timeout", "crashed", "out-of-memory")


class Meter:
    """Counts what ends and shows the rate, the remaining time and the running counts.

    Parameters
    ----------
    console
        Where it is shown; a console that is no terminal gets plain lines.
    total
        How much there is to do.
    what
        What is counted, as a word in the plural.
    """

    def __init__(self, console: Console, total: int, what: str) -> None:
        self._console, self._total, self._what = console, total, what
        self._done, self._start = 0, time.monotonic()
        self._said = self._start
        self._bar: Progress | None = None
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Meter:
        if self._console.is_terminal and self._total:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self._bar = Progress(
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
                console=self._console,
                refresh_per_second=4,
            )
            self._bar.add_task(self._what, total=self._total, said="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done, said=self._words())
            self._bar.stop()

    def count(self, statuses: Counter[str]) -> None:
        """One more piece of work has ended, with these statuses."""
        self._done += 1
        self.counts += statuses
        now = time.monotonic()
        if self._bar is not None:
            if now - self._said > 0.1:
                self._bar.update(self._bar.task_ids[0], completed=self._done, said=self._words())
                self._said = now
        elif now - self._said >= EVERY:
            self._console.print(
                f"{self._what}: {self._done:,} of {self._total:,}, {self._words()}",
                highlight=False,
                soft_wrap=True,
            )
            self._said = now

    def _words(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-3)
        rate = self._done / seconds
        left = (self._total - self._done) / rate if rate else 0.0
        pace = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s"
        return f"{pace}, {duration(left)} left: {count_words(self.counts)}"


def count_words(counts: Counter[str]) -> str:
    """Counts of statuses as words, the good ones first.

    Examples
    --------
    >>> count_words(Counter({"rejected": 2, "ok": 1200}))
    '1,200 ok, 2 rejected'
    """
    said = [f"{counts[status]:,} {status}" for status in _ORDER if counts[status]]
    return ", ".join(said) or "nothing yet"


def duration(seconds: float) -> str:
    """A time that one can plan with.

    Examples
    --------
    >>> duration(4.2), duration(75), duration(9000)
    ('4 s', '1 min 15 s', '2 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
