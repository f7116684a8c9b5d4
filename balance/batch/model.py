"""What a batch is told, what one piece of its work is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from balance.errors import BalanceError
from balance.isolation import MEMORY, SECONDS, Outcome
from balance.landmarks.noise import Reading

CaseStatus = Literal["ok", "partial"]
JobKind = Literal["measure", "draw", "check", "thumbnail"]
UNMARKED, REJECTED = "unmarked", "rejected"
TRY_AGAIN = ("timeout", "crashed", "out-of-memory")
"""These may be the machine's fault and not the film's: the next run tries them again."""

CASES, FIGURES, PROPOSALS = "cases", "figures", "landmarks"
"""Folders of the results."""


class WrongUse(BalanceError):
    """The command line asks for something that cannot be done."""


class Halted(BalanceError):
    """The results cannot be written: the run ends, and the same command goes on later."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a batch is told.

    Parameters
    ----------
    folder, output
        Where the films are and where the results go.
    folder_as_given
        The folder in the user's words, for the paths of the worklist.
    key
        Secret bytes that pseudonyms are made from; None numbers the cases.
    with_phi
        Whether patient identifiers of the film headers stand in the tables.
    scheduler
        Address of a dask scheduler; None uses processes of this machine.
    thumbnails
        How many films the page may show.
    seconds, memory
        Limits of one piece of work.
    """

    folder: Path
    output: Path
    folder_as_given: str = "."
    workers: int = 1
    pairs: Path | None = None
    segmental: bool = False
    reading: Reading = "between_readers"
    figures: bool = False
    propose: bool = False
    key: bytes | None = None
    with_phi: bool = False
    scheduler: str | None = None
    thumbnails: int = 24
    seconds: float = SECONDS
    memory: int = MEMORY


@dataclass(frozen=True, slots=True)
class Method:
    """What the values of a case depend on beside its files."""

    segmental: bool = False
    reading: Reading = "between_readers"
    propose: bool = False
    key: bytes | None = None
    with_phi: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are: the folder that sources are relative to, the results, a scratch folder.

    The scratch folder lies on the file system of the results, so that a file moves in one step.
    """

    folder: Path
    output: Path
    scratch: Path


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work; to measure and to draw takes documents that belong together.

    ``key`` names it in the ledger. ``sources`` are relative to the folder, and ``films`` are theirs
    in turn. ``case`` overrules the documents' own (``--pairs``). ``name`` is what the files of the
    results are called.
    """

    key: bytes
    kind: JobKind
    sources: tuple[str, ...]
    name: str
    place: Place
    method: Method
    films: tuple[str | None, ...] = ()
    case: str | None = None

    def __str__(self) -> str:
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One measured examination, ready for the tables.

    ``content`` is the compressed form of `balance.batch.rows.case_content`.
    """

    id: str
    sources: tuple[str, ...]
    name: str
    status: CaseStatus
    flagged: int
    content: bytes
    film: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that was not measured, how it ended, and why."""

    source: str
    status: str
    error: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of a job; ``outputs`` are the files it left, with their sizes.

    ``halted`` says why the whole batch cannot go on.
    """

    cases: tuple[CaseRow, ...] = ()
    refused: tuple[Refused, ...] = ()
    outputs: tuple[tuple[str, int], ...] = ()
    thumbnail: bytes | None = None
    halted: str | None = None


class Map(Protocol):
    """Calls a function of many things, wherever that happens, and yields what became of each."""

    def __call__(
        self,
        function: Callable[[Any], Any],
        things: Iterable[Any],
        *,
        seconds: float | None = None,
    ) -> Iterator[tuple[Any, Outcome[Any]]]:
        """``seconds`` is the time for each call, where it is not the usual one."""
        ...


Work = Callable[[Job], JobResult]
"""What is done with one job."""


def to_bytes(name: str) -> bytes:
    """A path as bytes, so that it can be stored and sorted whatever its encoding is."""
    return name.encode("utf-8", "surrogateescape")


def to_name(stored: bytes) -> str:
    """The path of `to_bytes`."""
    return stored.decode("utf-8", "surrogateescape")
