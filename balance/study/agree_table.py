"""A reader study in words, for a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from balance.report.record import NOTICE
from balance.study.agree import Agreement
from balance.study.agree_rows import Sheet, sheets, study_lines
from balance.writing import printable


def print_agreement(study: Agreement, console: Console | None = None) -> None:
    """Print every table of the study, by default to standard output; a pipe gets 120 columns."""
    out = console or Console(highlight=False)
    if not out.is_terminal:
        out.width = max(out.width, 120)
    for line in study_lines(study):
        out.print(Text(printable(line)))
    for sheet in sheets(study):
        out.print()
        out.print(Text(sheet.title, style="bold"))
        out.print(_table(sheet))
        for note in sheet.notes:
            out.print(Text(printable(note)))
    out.print(Text(NOTICE))


def _table(sheet: Sheet) -> Table:
    table = Table(box=box.ASCII2, show_edge=False, pad_edge=False)
    for place, head in enumerate(sheet.heads):
        table.add_column(head, no_wrap=place == 0, overflow="fold")
    before = ""
    for row in sheet.rows:
        # The same value again: its name is not repeated.
        name = "" if row[0] == before else row[0]
        table.add_row(*(Text(printable(cell)) for cell in (name, *row[1:])))
        before = row[0]
    return table
