"""The cases as Parquet: one row for a case (wide), and one row for a value (long)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from balance.batch.columns import Row, columns, rows
from balance.batch.model import Settings
from balance.batch.rows import CONFIRMED, UNCONFIRMED, Cell
from balance.report.table import CURVE_FIELDS

WIDE, LONG = "cases.parquet", "cases_long.parquet"
GROUP = 500
"""Cases that are held at once and written as one row group."""

_LONG = pa.schema(
    [
        pa.field("case", pa.string()),
        pa.field("patient", pa.string()),
        pa.field("status", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("key", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("unit", pa.string()),
        pa.field("sd", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("word", pa.string()),
        pa.field("past", pa.bool_()),
        pa.field("borderline", pa.bool_()),
        pa.field("confirmation", pa.string()),
        pa.field("reason", pa.string()),
    ]
)


def write_parquet(base: sqlite3.Connection, settings: Settings, folder: Path) -> tuple[str, ...]:
    """Write both tables; their names."""
    chosen = columns(settings)
    wide = pa.schema(
        [
            pa.field(one.name, pa.float64() if one.kind == "number" else pa.string())
            for one in chosen
        ]
    )
    cases = rows(base, settings)
    with (
        pq.ParquetWriter(folder / WIDE, wide, compression="zstd") as wide_file,
        pq.ParquetWriter(folder / LONG, _LONG, compression="zstd") as long_file,
    ):
        while group := list(islice(cases, GROUP)):
            wide_file.write_table(_wide_table(group, wide))
            long_file.write_table(_long_table(group))
    return WIDE, LONG


def _wide_table(group: list[Row], schema: Any) -> Any:
    columns = []
    for field in schema:
        column = [row.cells.get(field.name) for row in group]
        if field.type == pa.string():
            column = [_plain(cell) for cell in column]
        columns.append(pa.array(column, field.type))
    return pa.table(columns, schema=schema)


def _long_table(group: list[Row]) -> Any:
    lines = [line for row in group for line in _lines(row)]
    values = zip(*lines, strict=True)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(values, _LONG, strict=True)],
        schema=_LONG,
    )


def _lines(row: Row) -> Iterator[tuple[Any, ...]]:
    """One line for each value, curve and grade, those that could not be given with the reason."""
    leading = (_plain(row.case.id), row.cells["patient"], row.case.status)
    for key, (value, sd, low, high, unit, confirmed, reason) in row.content["values"].items():
        said = CONFIRMED if confirmed else UNCONFIRMED
        words = (None, None, None, None if value is None else said, reason)
        yield (*leading, "value", key, value, unit, sd, low, high, *words)
    for place, curve in enumerate(row.content["curves"], 1):
        cells = dict(zip(CURVE_FIELDS, curve, strict=True))
        word = f"{cells['region']} {cells['upper']}-{cells['lower']}, {cells['convex']}"
        numbers = (cells["cobb"], "deg", *(cells[f"cobb_{end}"] for end in ("sd", "low", "high")))
        yield (*leading, "curve", f"curve_{place}", *numbers, word, None, None, None, None)
    for key, (word, value, past, borderline, _, reason, _) in row.content["grades"].items():
        grade = (word, past, borderline, None, reason)
        yield (*leading, "grade", key, value, None, None, None, None, *grade)


def _plain(cell: Cell) -> Cell:
    """A text that UTF-8 can hold: half characters of odd file names are written out."""
    if isinstance(cell, str):
        return cell.encode("utf-8", "backslashreplace").decode()
    return cell
