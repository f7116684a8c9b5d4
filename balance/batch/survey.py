"""The folder in tables: every document and film once, and what was seen at a first look.

The tables lie in a file of their own beside the ledger, so that memory does not grow with the
folder, and are thrown away when the plan is done.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from balance.batch.model import Map, to_bytes, to_name
from balance.batch.reading import Look, Part, look_at, look_at_films, unseen
from balance.companion import FILM_ENDINGS
from balance.landmarks.files import SUFFIX
from balance.walk import CLICKS, Found, walk

PART = 50
"""Files that are looked at in one go."""
PAGE = 5000
"""Rows that are held at once."""

TABLES = """
CREATE TABLE survey.documents (
    source BLOB PRIMARY KEY, target BLOB, inside BLOB, whole BLOB,
    belongs BLOB, chosen TEXT, own TEXT, evidence BLOB, film BLOB, view TEXT
) WITHOUT ROWID;
CREATE TABLE survey.films (
    source BLOB PRIMARY KEY, target BLOB, inside BLOB, document BLOB, other_document BLOB
) WITHOUT ROWID;
CREATE TABLE survey.odd (source BLOB PRIMARY KEY, error BLOB) WITHOUT ROWID;
CREATE INDEX survey.document_links ON documents (target) WHERE target IS NOT NULL;
CREATE INDEX survey.film_links ON films (target) WHERE target IS NOT NULL;
"""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many linked folders were not entered, and how many plans are no examinations."""

    linked_folders: int
    plans: int


def survey(base: sqlite3.Connection, folder: Path, run: Map, *, clicks: bool) -> LeftOut:
    """Fill the tables of `TABLES` in an attached database ``survey``.

    Parameters
    ----------
    run
        Calls a function of many things in the workers.
    clicks
        Whether documents of clicks count where there is no other document of the film.
    """
    linked_folders = plans = 0
    real = os.path.realpath(folder) + os.sep
    for page in _pages(walk(folder)):
        linked_folders += sum(one.kind == "linked folder" for one in page)
        wanted = ("document", "clicks") if clicks else ("document",)
        base.executemany(
            "INSERT INTO documents (source, target, inside, whole) VALUES (?, ?, ?, ?)",
            [(*_names(one, real), _whole(one)) for one in page if one.kind in wanted],
        )
        base.executemany(
            "INSERT INTO films VALUES (?, ?, ?, ?, ?)",
            [(*_names(one, real), *_documents_of(one)) for one in page if one.kind == "film"],
        )
        base.executemany(
            "INSERT INTO odd VALUES (?, ?)",
            [
                (to_bytes(one.source), to_bytes(f"{one.source}: {one.error}"))
                for one in page
                if one.error
            ],
        )
    _leave_out_second_names(base)
    for part, outcome in run(look_at, _parts(base, folder, "SELECT source FROM documents")):
        # a document that kills its worker is met again, alone, when it is measured
        looks = outcome.value or tuple(unseen(source) for source in part.sources)
        base.executemany(
            "UPDATE documents SET belongs = ?, own = ?, evidence = ?, film = ?, view = ? "
            "WHERE source = ?",
            [_look_values(look) for look in looks],
        )
        drawn = [(to_bytes(look.source),) for look in looks if look.is_plan]
        base.executemany("DELETE FROM documents WHERE source = ?", drawn)
        plans += len(drawn)
    return LeftOut(linked_folders, plans)


def films_alone(base: sqlite3.Connection, folder: Path, run: Map) -> Iterator[tuple[bytes, bytes]]:
    """The films that no document belongs to, each with what changes when it does."""
    alone = (
        "SELECT source FROM films WHERE source NOT IN "
        "(SELECT film FROM documents WHERE film IS NOT NULL) AND NOT EXISTS "
        "(SELECT 1 FROM documents WHERE documents.source IN (document, other_document))"
    )
    for part, outcome in run(look_at_films, _parts(base, folder, alone)):
        for source, evidence in outcome.value or ((one, b"unseen") for one in part.sources):
            yield to_bytes(source), evidence


def _pages(things: Iterable[_T], size: int = PAGE) -> Iterator[list[_T]]:
    waiting = iter(things)
    while page := list(islice(waiting, size)):
        yield page


def _parts(base: sqlite3.Connection, folder: Path, query: str) -> Iterator[Part]:
    """Sources in parts; they are listed before anything is written to their table."""
    base.execute("DROP TABLE IF EXISTS survey.waiting")
    base.execute(f"CREATE TABLE survey.waiting AS {query} ORDER BY source")
    for page in _pages(base.execute("SELECT source FROM waiting ORDER BY rowid"), PART):
        yield Part(folder, tuple(to_name(source) for (source,) in page))


def _names(one: Found, folder: str) -> tuple[bytes, bytes | None, bytes | None]:
    """A name, the file that it is a link to, and the name of that file in the folder."""
    if one.target is None:
        return to_bytes(one.source), None, None
    inside = one.target.removeprefix(folder).replace(os.sep, "/")
    own = to_bytes(inside) if one.target.startswith(folder) else None
    return to_bytes(one.source), to_bytes(one.target), own


def _whole(one: Found) -> bytes | None:
    """The document that clicks give way to."""
    if one.kind != "clicks":
        return None
    return to_bytes(one.source.removesuffix(CLICKS + SUFFIX) + SUFFIX)


def _documents_of(film: Found) -> tuple[bytes, bytes]:
    """The names that a document of this film may have."""
    stem, ending = os.path.splitext(film.source)
    stem = stem if ending.lower() in FILM_ENDINGS else film.source
    return to_bytes(stem + SUFFIX), to_bytes(film.source + SUFFIX)


def _leave_out_second_names(base: sqlite3.Connection) -> None:
    """A link to a file that is in the folder too is that file; clicks give way to a document."""
    for table in ("documents", "films"):
        base.execute(
            f"DELETE FROM {table} WHERE inside IN "  # noqa: S608
            f"(SELECT source FROM {table} WHERE target IS NULL)"
        )
        base.execute(
            f"DELETE FROM {table} WHERE target IS NOT NULL AND source > "  # noqa: S608
            f"(SELECT min(twin.source) FROM {table} twin WHERE twin.target = {table}.target)"
        )
    base.execute("DELETE FROM documents WHERE whole IN (SELECT source FROM documents)")


def _look_values(look: Look) -> tuple[Any, ...]:
    film = None if look.film is None else to_bytes(look.film)
    return look.belongs, look.own, look.evidence, film, look.view, to_bytes(look.source)
