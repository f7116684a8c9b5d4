"""The cases as a spreadsheet: numbers as numbers, units shown, flags by word and colour."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from balance.assessment.thresholds import THRESHOLD, THRESHOLDS
from balance.batch.columns import Column, Row, columns, rows
from balance.batch.model import Settings
from balance.report.record import NOTICE, SOFTWARE

MOST_ROWS = 1_048_576
"""Rows of a sheet, the header included."""
LONGEST_TEXT = 32_000
_DATE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same in every workbook, so that equal tables are equal bytes."""
_FORMATS = {
    "deg": '0.0"°"',
    "mm": '0.0" mm"',
    "%": '0.0" %"',
    "years": "0.0",
    "1": "0.00",
    "": "0.###",
}
_PAST = {"bg_color": "#FBE3C4", "font_color": "#7A3E00", "bold": True}
_SECONDARY = ("_sd", "_low", "_high")
_WIDTHS = {"case": 28, "flags": 26, "lateral": 24, "frontal": 24, "warnings": 40}


def write_workbook(
    base: sqlite3.Connection, settings: Settings, path: Path, *, most_rows: int = MOST_ROWS
) -> str | None:
    """Write the workbook.

    Returns
    -------
    str or None
        A sentence where not every case had room.
    """
    chosen = columns(settings)
    with xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": _DATE, "title": "Spinal balance", "comments": NOTICE})
        sheet = _Sheet(book, chosen)
        total = 0
        for row in rows(base, settings):
            total += 1
            if total < most_rows:
                sheet.write(total, row)
        left_out = max(total - (most_rows - 1), 0)
        note = None
        if left_out:
            note = (
                f"cases.xlsx holds the first {most_rows - 1:,} of {total:,} cases, which is what a "
                "sheet can hold; cases.csv and cases.parquet hold all"
            )
        sheet.finish(min(total, most_rows - 1))
        _write_definitions(book, chosen, note)
    return note


class _Sheet:
    """The sheet of cases, written from the top down."""

    def __init__(self, book: Any, chosen: tuple[Column, ...]) -> None:
        self._book, self._columns = book, chosen
        self._sheet = book.add_worksheet("cases")
        self._formats = {
            (unit, past): book.add_format({"num_format": shown, **(_PAST if past else {})})
            for unit, shown in _FORMATS.items()
            for past in (False, True)
        }
        self._past = book.add_format(_PAST)
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4"})
        for place, column in enumerate(chosen):
            secondary = column.kind == "number" and column.name.endswith(_SECONDARY)
            # standard deviations and intervals are folded away: a click on the + shows them
            self._sheet.set_column(
                place,
                place,
                _WIDTHS.get(column.name, max(9, len(column.name) + 2)),
                None,
                {"level": 1, "hidden": True} if secondary else {},
            )
            self._sheet.write_string(0, place, column.name, head)
        self._sheet.freeze_panes(1, 2)

    def write(self, line: int, row: Row) -> None:
        """One case."""
        past = _past(row.content["grades"])
        sheet, formats = self._sheet, self._formats
        for place, column in enumerate(self._columns):
            cell = row.cells.get(column.name)
            if cell is None or cell == "":
                continue
            is_past = column.name in past
            if isinstance(cell, str):
                text = cell.encode("utf-8", "backslashreplace").decode()[:LONGEST_TEXT]
                sheet.write_string(line, place, text, self._past if is_past else None)
            else:
                sheet.write_number(line, place, cell, formats[column.unit, is_past])

    def finish(self, lines: int) -> None:
        """What needs the number of lines."""
        self._sheet.autofilter(0, 0, max(lines, 1), len(self._columns) - 1)


def _past(grades: Mapping[str, Any]) -> set[str]:
    """Columns of values and grades that are flagged."""
    flagged = [key for key, (_, _, _, _, flag, _, _) in grades.items() if flag]
    values = {THRESHOLD[key].metric for key in flagged}
    return {f"grade.{key}" for key in flagged} | values | ({"flags"} if flagged else set())


def _write_definitions(book: Any, chosen: tuple[Column, ...], note: str | None) -> None:
    sheet = book.add_worksheet("definitions")
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((26, 8, 70, 60)):
        sheet.set_column(place, place, width, wrapped)
    lines: list[tuple[str, ...]] = [
        (SOFTWARE, "", NOTICE, ""),
        ("coloured cells", "", "past the limit of a grade, on confirmed points; the grade's column "
         "says it in words and the column flags lists it", ""),
        ("columns _sd, _low, _high", "", "folded away beside each value: click + above them", ""),
    ]  # fmt: skip
    if note:
        lines.append(("not every case", "", note, ""))
    lines.append(("", "", "", ""))
    for place, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(place, column, text, wrapped)
    top = len(lines)
    for column, text in enumerate(("column", "unit", "definition, sign, limits", "source")):
        sheet.write_string(top, column, text, bold)
    described = [one for one in chosen if not one.name.endswith(_SECONDARY)]
    for place, one in enumerate(described, top + 1):
        for column, text in enumerate((one.name, one.unit, one.about, one.sources)):
            sheet.write_string(place, column, text, wrapped)
    conflicts = [row for row in THRESHOLDS if row.conflict]
    for place, threshold in enumerate(conflicts, top + 2 + len(described)):
        sheet.write_string(place, 0, f"grade.{threshold.key}", wrapped)
        sheet.write_string(place, 2, f"What other sources say: {threshold.conflict}", wrapped)
