"""Pairs that the user names: a CSV file with the columns ``lateral``, ``frontal`` and ``case``."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from balance.batch.model import WrongUse, to_bytes
from balance.companion import FILM_ENDINGS
from balance.landmarks.files import SUFFIX

COLUMNS = ("lateral", "frontal", "case")
_FILMS = COLUMNS[:2]


def choose_pairs(base: sqlite3.Connection, file: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Join the documents of each row into one case, whatever they say themselves.

    A cell names a document or a film, relative to the folder; a row may leave one of the two, or
    the case, empty.

    Yields
    ------
    tuple
        A name that is not in the folder, and the sentence that says so.

    Raises
    ------
    WrongUse
        The file is no such table, names a document or a case twice, or puts a document under the
        other view.
    """
    cases: dict[str, int] = {}
    for number, row in _rows(file):
        where = f"{file}: row {number}"
        found = {
            row[view]: _document(base, row[view], view, folder, where)
            for view in _FILMS
            if row[view]
        }
        for name, source in found.items():
            if source is None:
                yield (
                    name,
                    f"{name}: row {number} of {file} names it, and the folder has no landmark "
                    "document of that name; correct the row, or mark the film",
                )
        sources = [source for source in found.values() if source is not None]
        case = row["case"] or (sources[0].removesuffix(SUFFIX) if sources else "")
        if not case:
            # No case is named, and nothing of the row is there.
            continue
        if case in cases:
            raise WrongUse(
                f"{file}: the case of row {number} stands in row {cases[case]} already; give each "
                "row its own"
            )
        cases[case] = number
        for source in sources:
            _join(base, source, case, where)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines, restval="")
            missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise WrongUse(f"{file}: no column {missing[0]!r}; it needs {', '.join(COLUMNS)}")
            for number, row in enumerate(table, 2):
                cells = {name: _unquoted((row[name] or "").strip()) for name in COLUMNS}
                if any(cells.values()):
                    yield number, cells
    except OSError as error:
        raise WrongUse(f"{file}: {error.strerror}; check the path") from None
    except (UnicodeDecodeError, csv.Error):
        raise WrongUse(f"{file}: not a CSV file in UTF-8; save it as one") from None


def _unquoted(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@") else cell


def _document(
    base: sqlite3.Connection, name: str, view: str, folder: Path, where: str
) -> str | None:
    """The source of the document that a cell means."""
    source = os.path.normpath(name)
    if os.path.isabs(source):
        source = os.path.relpath(source, folder)
    source = source.replace(os.sep, "/")
    stem, ending = os.path.splitext(source)
    candidates = [source, source + SUFFIX]
    if ending.lower() in FILM_ENDINGS:
        candidates.append(stem + SUFFIX)
    for candidate in candidates:
        query = "SELECT view FROM documents WHERE source = ?"
        known = base.execute(query, (to_bytes(candidate),)).fetchone()
        if known is None:
            continue
        if known[0] in _FILMS and known[0] != view:
            raise WrongUse(
                f"{where}: {candidate} stands under {view}, and it is a {known[0]} film; put it "
                "under its own view"
            )
        return candidate
    return None


def _join(base: sqlite3.Connection, source: str, case: str, where: str) -> None:
    changed = base.execute(
        "UPDATE documents SET belongs = ?, chosen = ?, own = ? WHERE source = ? AND chosen IS NULL",
        (b"pairs\0" + to_bytes(case), case, case, to_bytes(source)),
    )
    if not changed.rowcount:
        raise WrongUse(f"{where}: {source} stands in a row above; name each document once")
