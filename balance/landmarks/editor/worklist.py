"""The films of a folder or a list, one after the other: which are done, and what to look at.

Nothing is kept beside the documents: the done mark stands in each document, so it travels with it
and two readers of one folder do not write one file. A list that another program wrote
(``worklist.csv`` with a column ``source``, as ``batch`` writes it) is read, never written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from balance.analysis import Failure
from balance.companion import FILM_ENDINGS, find_film
from balance.errors import BalanceError
from balance.landmarks.editor.state import EDITOR_FIELD
from balance.landmarks.files import MAXIMUM_BYTES, SUFFIX, read_landmarks
from balance.walk import walk

NOTE_COLUMNS = ("note", "reasons", "reason", "error")


@dataclass(frozen=True, slots=True)
class Entry:
    """A film and its document, which need not exist yet; ``note`` is for the reader."""

    film: Path
    document: Path
    note: str = ""

    @property
    def done(self) -> bool:
        """Whether the document says that the reader is done with the film."""
        return _is_done(self.document)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The films in order, and what could not be listed."""

    entries: tuple[Entry, ...]
    failures: tuple[Failure, ...] = ()


def find_entries(inputs: Iterable[Path]) -> Worklist:
    """The films that files, folders and lists stand for, each once, in order.

    A folder is walked for films; a document stands for the film beside it.
    """
    found: dict[Path, Entry] = {}
    failures: list[Failure] = []
    for given in inputs:
        try:
            for entry in _entries(given):
                found.setdefault(entry.film.resolve(), entry)
        except BalanceError as error:
            failures.append(Failure(str(given), str(error)))
    return Worklist(tuple(found.values()), tuple(failures))


def document_of(film: Path) -> Path:
    """Where the landmarks of a film lie.

    Examples
    --------
    >>> document_of(Path("A.dcm")).name, document_of(Path("1.2.840.5")).name
    ('A.landmarks.json', '1.2.840.5.landmarks.json')
    """
    # A film without an ending may have dots in its name: a UID, for one.
    stem = film.stem if film.suffix.lower() in FILM_ENDINGS else film.name
    return film.with_name(stem + SUFFIX)


def _entries(given: Path) -> Iterator[Entry]:
    if given.is_dir():
        everything = tuple(walk(given))
        found = (given / one.source for one in everything if one.kind == "film")
        films = sorted(path for path in found if not path.name.startswith("."))
        yield from (Entry(film, document_of(film)) for film in films)
        closed = [one for one in everything if one.kind == "closed folder"]
        if closed:
            raise BalanceError("; ".join(f"{given / one.source}: {one.error}" for one in closed))
        if not films:
            raise BalanceError(f"{given}: no film in this folder")
    elif not given.exists():
        raise BalanceError(f"{given}: no such file; check the path")
    elif given.suffix.lower() == ".csv":
        yield from _listed(given)
    elif given.suffix == ".json":
        yield _of_document(given)
    else:
        yield Entry(given, document_of(given))


def _of_document(path: Path) -> Entry:
    film = find_film(path, read_landmarks(path))
    if film is None:
        raise BalanceError(f"{path}: its film does not lie beside it; name the film")
    return Entry(film, path)


def _listed(path: Path) -> Iterator[Entry]:
    """The rows of a CSV list; paths in it are relative to the list, else to where we are."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BalanceError(f"{path}: cannot be read as a list; it must be CSV in UTF-8") from None
    if not rows or "source" not in rows[0]:
        raise BalanceError(
            f"{path}: no films; a list needs a column source with a file in each row"
        )
    for row in rows:
        source = (row.get("source") or "").strip()
        if not source:
            continue
        named = path.parent / source
        if not named.exists() and Path(source).exists():
            named = Path(source)
        note = next((row[key] for key in NOTE_COLUMNS if row.get(key)), "")
        if named.name.endswith(".json") and named.exists():
            entry = _of_document(named)
        elif named.name.endswith(SUFFIX):
            # Not marked yet: the film beside the document that is to be.
            stem = named.name.removesuffix(SUFFIX)
            films = [named.with_name(stem + ending) for ending in ("", *FILM_ENDINGS)]
            entry = Entry(next((film for film in films if film.is_file()), films[1]), named)
        else:
            entry = Entry(named, document_of(named))
        yield Entry(entry.film, entry.document, note)


def _is_done(document: Path) -> bool:
    try:
        if document.stat().st_size > MAXIMUM_BYTES:
            return False
        told = json.loads(document.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    kept = told.get(EDITOR_FIELD) if isinstance(told, dict) else None
    return isinstance(kept, dict) and kept.get("done") is True
