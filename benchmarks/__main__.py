"""``python -m benchmarks`` prints the table and keeps it in docs/benchmarks.md."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import batching, editing, measuring, opening, planning, starting
from benchmarks.timing import Row

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADINGS = ("work", "median", "floor in the same run", "ratio", "goal")


def main() -> None:
    """Run every benchmark."""
    rows: list[Row | batching.Memory] = []
    table = Table(*HEADINGS)
    work = (starting, measuring, opening, editing, batching, planning)
    for row in chain.from_iterable(module.rows() for module in work):
        rows.append(row)
        table.add_row(*row.cells())
    Console(width=140).print(table)
    PAGE.write_text(_page(rows), encoding="utf-8")


def _page(rows: list[Row | batching.Memory]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "The last table of `make bench`. Single times depend on the machine; the ratios are "
        "against a floor measured in turn with the work, in the same run.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(row.cells())} |" for row in rows),
        "",
    ]
    return "\n".join(lines)


main()
