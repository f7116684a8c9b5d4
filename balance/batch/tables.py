"""The tables of a batch, all made from the ledger in sorted order, each in its own process."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

from balance.batch.columns import columns, rows
from balance.batch.ledger import Ledger, read_only, stored_failures
from balance.batch.model import UNMARKED, Halted, Map, Settings
from balance.batch.page import write_page
from balance.batch.rows import Cell
from balance.report.table import safe_text
from balance.writing import printable

HOURS = 86400.0
"""Time for one table, in seconds: a million cases take a while."""
TABLES_EXTRA = "pip install 'spinal-balance[tables]'"


@dataclass(frozen=True, slots=True)
class Table:
    """One file or several to write, and where the cases are."""

    kind: str
    settings: Settings
    ledger: Path
    scratch: Path

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Written:
    """Files that stand in the scratch folder, and what the user should know of them."""

    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_tables(settings: Settings, ledger: Ledger, run: Map) -> tuple[str, ...]:
    """Write every table, and put them in place together.

    Returns
    -------
    tuple
        Sentences for the user.

    Raises
    ------
    Halted
        The results cannot be written.
    """
    names: list[str] = []
    notes: list[str] = []
    tasks = [Table(kind, settings, ledger.path, ledger.scratch) for kind in _WRITERS]
    for task, outcome in run(write_table, tasks, seconds=HOURS):
        if outcome.value is None:
            raise Halted(f"{task}: {outcome.error}")
        names += outcome.value.names
        notes += outcome.value.notes
    with ledger.guarded():
        for name in names:
            (ledger.scratch / name).replace(settings.output / name)
        for name in set(FILES) - set(names):
            # of an earlier run that could write it
            (settings.output / name).unlink(missing_ok=True)
    return tuple(sorted(notes))


def write_table(task: Table) -> Written:
    """Write the files of one kind into the scratch folder."""
    try:
        return _WRITERS[task.kind](task)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise Halted(f"{reason}; mend that, and give the same command again to go on") from None


def write_csv(file: IO[str], names: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """Lines of cells as CSV: numbers with nine digits, words so that none of them runs."""
    writer = csv.writer(file)
    writer.writerow(names)
    for line in lines:
        writer.writerow([_csv_cell(cell) for cell in line])


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # the grade words + and ++ are no formulas
        return cell if cell in ("+", "++") else safe_text(cell)
    return f"{cell:.9g}"


@contextmanager
def _csv_file(task: Table, name: str) -> Iterator[TextIO]:
    path = task.scratch / name
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        yield file


def _csv(task: Table) -> Written:
    base = read_only(task.ledger)
    chosen = columns(task.settings)
    names = [column.name for column in chosen]
    with _csv_file(task, "cases.csv") as file:
        lines = ([row.cells.get(name) for name in names] for row in rows(base, task.settings))
        write_csv(file, names, lines)
    with _csv_file(task, "failures.csv") as file:
        refused = (one for one in stored_failures(base) if one.status != UNMARKED)
        write_csv(
            file,
            ("source", "status", "error"),
            ((one.source, one.status, printable(one.error)) for one in refused),
        )
    with _csv_file(task, "worklist.csv") as file:
        unmarked = (one for one in stored_failures(base) if one.status == UNMARKED)
        folder = task.settings.folder_as_given
        write_csv(
            file,
            ("source", "status"),
            ((f"{folder}/{one.source}", one.status) for one in unmarked),
        )
    base.close()
    return Written(("cases.csv", "failures.csv", "worklist.csv"))


def _page(task: Table) -> Written:
    base = read_only(task.ledger)
    write_page(base, task.settings, task.scratch / "index.html")
    base.close()
    return Written(("index.html",))


def _workbook(task: Table) -> Written:
    try:
        from balance.batch.workbook import write_workbook
    except ImportError:
        return Written(notes=(f"cases.xlsx was not written: {TABLES_EXTRA}",))
    base = read_only(task.ledger)
    note = write_workbook(base, task.settings, task.scratch / "cases.xlsx")
    base.close()
    return Written(("cases.xlsx",), (note,) if note else ())


def _parquet(task: Table) -> Written:
    try:
        from balance.batch.parquet import write_parquet
    except ImportError:
        return Written(notes=(f"the Parquet tables were not written: {TABLES_EXTRA}",))
    base = read_only(task.ledger)
    names = write_parquet(base, task.settings, task.scratch)
    base.close()
    return Written(names)


_WRITERS = {
    "cases.xlsx": _workbook,
    "cases.csv": _csv,
    "cases.parquet": _parquet,
    "index.html": _page,
}
FILES = (
    "cases.csv", "failures.csv", "worklist.csv", "cases.xlsx", "cases.parquet",
    "cases_long.parquet", "index.html",
)  # fmt: skip
"""Everything that a batch may leave beside the folders."""
