"""What ``spinal-balance batch`` says while it runs and at the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from balance.batch.model import Halted, Settings, WrongUse
from balance.batch.progress import count_words
from balance.batch.run import run_batch

SHORTEST_KEY = 16
MEASURED, FAILED, WRONG = 0, 1, 2


def batch_command(settings: Settings, *, key: Path | None) -> int:
    """Run a batch, tell how it went, and give the exit status.

    Returns
    -------
    int
        0 where everything that has points was measured, 1 where some input failed or the results
        could not be written, 2 for wrong usage.
    """
    out = Console(highlight=False, soft_wrap=True, markup=False)
    progress = Console(stderr=True, highlight=False)
    try:
        if key is not None:
            settings = replace(settings, key=_read_key(key))
        summary = run_batch(settings, progress)
    except (WrongUse, Halted) as error:
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(
            f"refused: {error}"
        )
        return WRONG if isinstance(error, WrongUse) else FAILED
    except KeyboardInterrupt:
        progress.print("interrupted: the same command goes on from here")
        raise
    for note in summary.notes:
        out.print(note)
    kept = f", {summary.kept:,} of them done before" if summary.kept else ""
    plans = f", {summary.plans:,} plan{'s' * (summary.plans > 1)} left out" if summary.plans else ""
    out.print(
        f"{count_words(summary.counts)}{kept}{plans}: tables and index.html in {settings.output}"
    )
    return MEASURED if summary.all_measured else FAILED


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}; name the file that holds the key") from None
    if len(key) < SHORTEST_KEY:
        raise WrongUse(
            f"{path}: a key of {len(key)} bytes can be guessed; make one of {SHORTEST_KEY} or "
            "more, from a random source"
        )
    return key
