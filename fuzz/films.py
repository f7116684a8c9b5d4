"""Open mutants under limits and count what becomes of them."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from balance.errors import UnreadableFilm
from balance.film import FilmTooLarge, open_film, read_header
from balance.isolation import Worker
from fuzz.mutations import mutant
from fuzz.seeds import seeds

MEMORY = 1 << 30
"""Bytes that a worker may take for a film of 64 x 80 pixels, or a mutant that claims more."""

SLOW = 5.0
"""Seconds after which a mutant counts as slow."""

GOOD = ("decoded", "refused")
BAD = ("leaked", "slow", "over budget", "crashed", "timeout")

_BATCH = 250
_LIFETIME = 5000
_SECONDS_PER_BATCH = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the mutants of one encoding, and the index and kind of each bad one."""

    name: str
    counts: Counter[str]
    bad: tuple[tuple[int, str], ...]
    peak: int = 0
    """Largest resident memory of a worker, bytes."""


def fuzz(
    names: tuple[str, ...], *, count: int, seed: int, first: int = 0, memory: int = MEMORY
) -> Iterator[Found]:
    """Open ``count`` mutants of each encoding, in worker processes."""
    with ExitStack() as stack:
        film = Path(stack.enter_context(TemporaryDirectory())) / "film"
        workers = stack.enter_context(ExitStack())
        left = 0
        for name in names:
            parts = []
            for start, end in _spans(first, count):
                if left <= 0:
                    # A worker's address space fills with what allocators keep: none lives long.
                    workers.close()
                    worker = Worker(memory=memory, seconds=_SECONDS_PER_BATCH)
                    workers.enter_context(worker)
                    left = _LIFETIME
                parts.append(_batch(worker, film, name, seed, range(start, end)))
                left -= end - start
            yield _sum(name, parts)


def _spans(first: int, count: int) -> Iterator[tuple[int, int]]:
    for start in range(first, first + count, _BATCH):
        yield start, min(start + _BATCH, first + count)


def _batch(worker: Worker, path: Path, name: str, seed: int, indices: range) -> Found:
    """A batch in the worker; halved until the one that kills it stands alone."""
    outcome = worker.run(partial(open_mutants, name, seed, indices), path)
    if outcome.value is not None:
        return outcome.value
    if len(indices) == 1:
        status = "over budget" if outcome.status == "out-of-memory" else outcome.status
        return Found(name, Counter({status: 1}), ((indices[0], status),))
    middle = len(indices) // 2
    halves = (indices[:middle], indices[middle:])
    return _sum(name, [_batch(worker, path, name, seed, half) for half in halves])


def _sum(name: str, parts: list[Found]) -> Found:
    return Found(
        name,
        sum((part.counts for part in parts), Counter()),
        tuple(bad for part in parts for bad in part.bad),
        max((part.peak for part in parts), default=0),
    )


def open_mutants(name: str, seed: int, indices: range, path: Path) -> Found:
    """Make, write and open some mutants of one encoding; runs in the worker."""
    counts: Counter[str] = Counter()
    bad = []
    for index in indices:
        path.write_bytes(mutant(name, seed=seed, index=index))
        begun = time.perf_counter()
        word = open_one(path, seeds()[name].frame)
        if time.perf_counter() - begun > SLOW:
            word = "slow"
        counts[word] += 1
        if word not in GOOD:
            bad.append((index, word))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Found(name, counts, tuple(bad), peak)


def open_one(path: Path, frame: int | None) -> str:
    """What opening a film under the boundary comes to, in one word."""
    try:
        film = open_film(path, frame=frame)
        header = read_header(path, frame=frame)
        if (header.rows, header.columns) != film.pixels.shape or film.pixels.ndim != 2:
            return "leaked"
    except FilmTooLarge:
        return "over budget"
    except UnreadableFilm as error:
        return "refused" if "Zzyzx" not in str(error) and "\n" not in str(error) else "leaked"
    except MemoryError:
        return "over budget"
    except Exception:
        return "leaked"
    return "decoded"
