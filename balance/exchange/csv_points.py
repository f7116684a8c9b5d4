"""CSV: one row for each point, the fields of its document repeated on every row.

x = column and y = row in pixels of the stored image; the column ``pixel_origin`` says what (0, 0)
is. A cell of text that a spreadsheet might run as a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from balance.anatomy import POINT_NAMES
from balance.errors import BadLandmarks
from balance.exchange.content import load_text
from balance.exchange.csv_columns import DOCUMENT_COLUMNS, POINT_COLUMNS, Column
from balance.exchange.draft import (
    CENTRE,
    Draft,
    Given,
    Named,
    assemble,
    said_before,
)
from balance.landmarks.files import encode_landmarks
from balance.landmarks.model import Landmarks

Cell = str | float | bool

MAXIMUM_ROWS = 1_000_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet may run a text that begins with one of these."""

REQUIRED = ("document", "point", "x", "y")
ALWAYS = ("document", "view", "point", "x", "y", "confirmed", "source", "row_mm", "column_mm")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_YES_NO = {"true": True, "1": True, "false": False, "0": False}
_OF_THE_TABLE = ("view", "pixel_origin")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number and the cells that are not empty, by column."""

    line: int
    cells: Mapping[str, str]


def csv_files(documents: Sequence[Named], destination: Path) -> tuple[tuple[Path, bytes], ...]:
    """The one table of these documents."""
    rows = [row for name, landmarks in documents for row in csv_rows(name, landmarks)]
    used = {column for row in rows for column in row}
    columns = [name for name in _all_columns() if name in used or name in ALWAYS]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return ((destination, text.getvalue().encode("utf-8", "replace")),)


def csv_rows(name: str, landmarks: Landmarks) -> list[dict[str, str]]:
    """One row of cells for each point, in the order of the format's names."""
    document = encode_landmarks(landmarks)
    shared = {
        "document": escape(name),
        "view": landmarks.view,
        "pixel_origin": CENTRE,
        **_cells(DOCUMENT_COLUMNS, document),
    }
    points = document["points"]
    return [
        {
            **shared,
            "point": point,
            "confirmed": "true",
            "source": "manual",
            **_cells(POINT_COLUMNS, points[point]),
        }
        for point in POINT_NAMES[landmarks.view]
        if point in points
    ]


def read_csv(source: Path, given: Given) -> Iterator[Draft]:
    """The documents of a table of points; those of a document need not stand together.

    Columns of other names are not looked at.

    Raises
    ------
    BadLandmarks
        The table as a whole is none.
    """
    groups: dict[str, list[Row]] = {}
    for row in _rows(load_text(source)):
        groups.setdefault(row.cells.get("document", ""), []).append(row)
    if not groups:
        raise BadLandmarks("holds no rows; export it again")
    for cell, rows in groups.items():
        name = unescape(cell)
        place = f"{source}, from line {rows[0].line} ({name or 'no document named'})"
        yield Draft(name, place, partial(_document, rows, given))


def escape(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> escape("=1+1"), escape("'=1+1"), escape("case 7")
    ("'=1+1", "''=1+1", 'case 7')
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unescape(cell: str) -> str:
    """The text that `escape` made a cell of.

    Examples
    --------
    >>> unescape("'=1+1"), unescape("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    bare = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if bare else cell


def _all_columns() -> tuple[str, ...]:
    points = (column.name for column in POINT_COLUMNS)
    documents = (column.name for column in DOCUMENT_COLUMNS)
    return ("document", "view", "point", *points, "pixel_origin", *documents)


def _cells(columns: Sequence[Column], holder: Mapping[str, Any]) -> dict[str, str]:
    found = ((column.name, _written(_at(holder, column.path))) for column in columns)
    return {name: cell for name, cell in found if cell is not None}


def _at(holder: Any, path: Sequence[str]) -> Any:
    """The value that stands at a path of keys and places, or None."""
    for step in path:
        if isinstance(holder, Mapping):
            holder = holder.get(step)
        elif isinstance(holder, list | tuple) and int(step) < len(holder):
            holder = holder[int(step)]
        else:
            return None
    return holder


def _written(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return escape(value) if isinstance(value, str) and value else None


def _rows(text: str) -> Iterator[Row]:
    """The rows below the header; what is wrong with one is said when its document is built."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_header(header)
        for count, row in enumerate(reader):
            if count >= MAXIMUM_ROWS:
                raise BadLandmarks(f"more than {MAXIMUM_ROWS} rows; split the table")
            if any(row):
                yield Row(reader.line_num, _named_cells(header, row))
    except csv.Error as error:
        raise BadLandmarks(f"line {reader.line_num}: {error}; save it as CSV again") from None


def _check_header(header: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise BadLandmarks(
            f"line 1 names no column {', '.join(missing)}; it must name {', '.join(REQUIRED)}, "
            "with commas between them"
        )
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise BadLandmarks(f"line 1 names the column {twice[:_SHOWN]} twice; keep one of them")


def _named_cells(header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    cells = {name: cell for name, cell in zip(header, row, strict=False) if cell != ""}
    if len(row) != len(header):
        cells[_WRONG_LENGTH] = f"{len(row)} cells where line 1 names {len(header)}"
    return cells


_WRONG_LENGTH = ""
"""The column under which a row of another length says so; no header can name it."""


def _document(rows: Sequence[Row], given: Given) -> dict[str, Any]:
    points: dict[str, dict[str, Any]] = {}
    for row in rows:
        if _WRONG_LENGTH in row.cells:
            raise BadLandmarks(f"line {row.line}: {row.cells[_WRONG_LENGTH]}; correct the row")
        name = row.cells.get("point", "").strip()
        if not name or "document" not in row.cells:
            raise BadLandmarks(f"line {row.line}: the document or the point has no name; add it")
        if name in points:
            raise BadLandmarks(
                f"line {row.line}: {name[:_SHOWN]} stands twice in one document; keep one of them"
            )
        points[name] = _point(row)
    shared = _shared(rows)
    said = {**said_before(None, given), **_values(shared, DOCUMENT_COLUMNS)}
    _close_lists(said, "vertical")
    words = {name: shared[name].cells[name].strip() for name in _OF_THE_TABLE if name in shared}
    said["view"] = words.get("view")
    return assemble(said, points, given=given, origin=words.get("pixel_origin"))


def _shared(rows: Sequence[Row]) -> dict[str, Row]:
    """For each column of the document the first row that fills it; later ones must agree."""
    first: dict[str, Row] = {}
    for name in (*_OF_THE_TABLE, *(column.name for column in DOCUMENT_COLUMNS)):
        for row in rows:
            cell = row.cells.get(name)
            if cell is None:
                continue
            if cell != first.setdefault(name, row).cells[name]:
                raise BadLandmarks(
                    f"line {row.line}: {name} differs from line {first[name].line} of the same "
                    "document; make them equal"
                )
    return first


def _point(row: Row) -> dict[str, Any]:
    here = {column.name: row for column in POINT_COLUMNS if column.name in row.cells}
    for name in ("x", "y"):
        if name not in here:
            raise BadLandmarks(f"line {row.line}: {name} is empty; fill it or delete the row")
    point = _values(here, POINT_COLUMNS)
    _close_lists(point, "cov_px")
    return point


def _values(rows: Mapping[str, Row], columns: Sequence[Column]) -> dict[str, Any]:
    """The cells of these columns, read and put in their places."""
    values: dict[str, Any] = {}
    for column in columns:
        if column.name in rows:
            holder = values
            for step in column.path[:-1]:
                holder = holder.setdefault(step, {})
            holder[column.path[-1]] = _read(rows[column.name], column)
    return values


def _close_lists(holder: dict[str, Any], field: str) -> None:
    """Turn places that were filled one by one into a list; an incomplete one is refused later."""

    def closed(value: Any) -> Any:
        return [closed(one) for one in value.values()] if isinstance(value, dict) else value

    if field in holder:
        holder[field] = closed(holder[field])


def _read(row: Row, column: Column) -> Cell:
    cell = row.cells[column.name]
    if column.kind == "text":
        return unescape(cell)
    word = cell.strip()
    if column.kind == "yes_no" and word.lower() in _YES_NO:
        return _YES_NO[word.lower()]
    if column.kind in ("number", "whole") and _NUMBER.fullmatch(word):
        number = float(word)
        if math.isfinite(number) and (column.kind == "number" or number.is_integer()):
            return number if column.kind == "number" else int(number)
    wanted = {"yes_no": "true or false", "number": "a number", "whole": "a whole number"}
    raise BadLandmarks(
        f"line {row.line}: {column.name} is {cell[:_SHOWN]!r}, which is not {wanted[column.kind]}; "
        "correct it"
    )
