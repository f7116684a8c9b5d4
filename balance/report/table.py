"""Analyses as tables: in words for a terminal, as numbers for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from typing import TYPE_CHECKING, Literal, TextIO

from balance.analysis import Analysis
from balance.anatomy import CERVICAL, LUMBAR, SACRUM, THORACIC
from balance.assessment.thresholds import THRESHOLDS
from balance.metrics.catalogue import METRICS
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement, Metric
from balance.metrics.segmental import segmental_metrics
from balance.report.record import NOTICE
from balance.report.rows import (
    LEAD,
    UNCONFIRMED,
    Row,
    curve_rows,
    lead_rows,
    not_measured,
    other_rows,
    scheme_rows,
    second_reading,
)
from balance.report.wording import (
    UNCERTAINTY_WORDS,
    film_title,
    grade_scope,
    notes,
    short_reason,
    subject_words,
)
from balance.writing import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SUFFIXES = ("", "_sd", "_low", "_high")
MOST_CURVES = 4
CURVE_FIELDS = (
    "region",
    "upper",
    "lower",
    "apex",
    "cobb",
    "cobb_sd",
    "cobb_low",
    "cobb_high",
    "convex",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet may run a text that begins with one of these."""


def analysis_table(analysis: Analysis) -> Table:
    """One examination as a table for a terminal: lead values first, grades in words.

    Returns
    -------
    rich.table.Table
        Readable from 80 columns on; ASCII inside the cells, so that it survives a plain pipe.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(_title(analysis)),
        title_justify="left",
        caption=Text("\n".join(_caption(analysis))),
        caption_justify="left",
        box=box.ASCII2,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("Value", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("Grade", overflow="fold")
    sections = (
        lead_rows(analysis),
        curve_rows(analysis),
        [row for row in other_rows(analysis) if "." not in row.key],
        [row for row in other_rows(analysis) if "." in row.key],
        scheme_rows(analysis),
    )
    for rows in sections:
        for row in rows:
            table.add_row(*(Text(cell) for cell in _cells(row)))
        table.add_section()
    return table


def _title(analysis: Analysis) -> str:
    films = "; ".join(film_title(film.landmarks) for film in analysis.films.values())
    person = subject_words(analysis.examination.subject)
    return f"{printable(analysis.examination.id)}  ({person})\n{films}"


def print_analyses(analyses: Iterable[Analysis], console: Console | None = None) -> None:
    """Print the table of each examination, by default to standard output.

    A pipe gets 100 columns, a terminal its own width.
    """
    from rich.console import Console

    out = console or Console(highlight=False)
    for analysis in analyses:
        width = out.width if out.is_terminal else max(out.width, 100)
        out.print(analysis_table(analysis), width=width)
        out.print()


def write_cases_csv(analyses: Iterable[Analysis], file: TextIO) -> None:
    """Write one row for each examination; the analyses may come one by one.

    Columns: ``case``, ``status`` (``ok`` where every lead value of the films that are there is
    given, else ``partial``), each key of the catalogue with ``_sd``, ``_low`` and ``_high``, the
    segmental keys where the first examination has them, up to four curves, then ``grade.NAME``. An
    empty cell is a value that is not given. Text that a spreadsheet might run as a formula gets an
    apostrophe before it; numbers and the grade words ``+`` and ``++`` stay as they are.

    Parameters
    ----------
    file
        Open for writing text, with ``newline=""`` where it is a file.
    """
    remaining = iter(analyses)
    first = next(remaining, None)
    columns = _columns(segmental=first is not None and _is_segmental(first))
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    for analysis in chain([] if first is None else [first], remaining):
        writer.writerow(dict(_record(analysis)))


def safe_text(text: str) -> str:
    """Free text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("case 7")
    ("'=1+1", 'case 7')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def value_metrics(*, segmental: bool) -> dict[str, Metric]:
    """The key and the metric of every value that a table may hold, in the catalogue's order."""
    metrics = list(METRICS)
    if segmental:
        metrics += [
            metric
            for view in ("lateral", "frontal")
            for levels in _every_count()
            for metric in segmental_metrics(view, levels)
        ]
    first: dict[str, Metric] = {}
    for metric in metrics:
        first.setdefault(metric.key, metric)
    return first


def _columns(*, segmental: bool) -> list[str]:
    return [
        "case",
        "status",
        *(key + suffix for key in value_metrics(segmental=segmental) for suffix in SUFFIXES),
        *(f"curve_{n}_{name}" for n in range(1, MOST_CURVES + 1) for name in CURVE_FIELDS),
        *(f"grade.{row.key}" for row in THRESHOLDS),
    ]


def _every_count() -> Iterator[tuple[str, ...]]:
    """The levels of everybody: 12 thoracic and 5 lumbar vertebrae first, then the rarer counts."""
    for thoracic, lumbar in product((12, 11, 13), (5, 4, 6)):
        yield (*CERVICAL, *THORACIC[:thoracic], *LUMBAR[:lumbar], SACRUM)


def _is_segmental(analysis: Analysis) -> bool:
    return any(key.startswith("segmental.") for key in analysis.measurements)


def _record(analysis: Analysis) -> Iterator[tuple[str, str]]:
    measured = analysis.measurements
    yield "case", safe_text(analysis.examination.id)
    yield "status", case_status(measured)
    for key, one in measured.items():
        if one.value is not None:
            low, high = one.ci95 or (None, None)
            numbers = (one.value, one.sd, low, high)
            yield from zip(
                (key + suffix for suffix in SUFFIXES), map(_number, numbers), strict=True
            )
    for place, curve in enumerate(largest_curves(analysis.curves), 1):
        for name, cell in zip(CURVE_FIELDS, _curve_cells(curve), strict=True):
            yield f"curve_{place}_{name}", cell
    for grade in analysis.grades.values():
        yield f"grade.{grade.key}", grade.grade or ""


def case_status(measured: Mapping[str, Measurement]) -> Literal["ok", "partial"]:
    """Whether every lead value of the films that are there is given."""
    lead = [measured[key].value for key in LEAD if key in measured]
    return "partial" if any(value is None for value in lead) else "ok"


def largest_curves(curves: tuple[Curve, ...]) -> list[Curve]:
    """The curves that the table has room for, in their own order."""
    kept = sorted(curves, key=lambda curve: curve.cobb, reverse=True)[:MOST_CURVES]
    return [curve for curve in curves if curve in kept]


def _curve_cells(curve: Curve) -> tuple[str, ...]:
    numbers = (curve.cobb, curve.sd, *curve.ci95)
    words = (curve.region, curve.upper, curve.lower, curve.apex or "")
    return (*words, *map(_number, numbers), curve.convex)


def _number(value: float | None) -> str:
    """Nine significant digits: more than is measured, and no noise of the arithmetic."""
    return "" if value is None else f"{value:.9g}"


def _cells(row: Row) -> tuple[str, str, str, str]:
    value = f"{row.value} {row.unit}".strip() + ("" if row.confirmed else f" {UNCONFIRMED}")
    said = [words for _, words in row.verdicts]
    if row.reason:
        said.insert(0, row.absence)
    if row.key.startswith("curve."):
        said.insert(0, row.name)
    return row.label, value if row.value else "", row.interval, "\n".join(said)


def _caption(analysis: Analysis) -> Iterator[str]:
    yield f"Intervals: {UNCERTAINTY_WORDS[analysis.uncertainty]}. {'; '.join(notes(analysis))}."
    if any(not row.confirmed for row in (*lead_rows(analysis), *other_rows(analysis))):
        yield f"{UNCONFIRMED} rests on unconfirmed points"
    for reason, labels in not_measured(analysis):
        yield f"Not measured ({reason}): {', '.join(labels)}"
    if analysis.alternative is not None:
        yield second_reading(analysis)
    for scope in grade_scope(analysis):
        yield f"Grades: {scope}"
    for warning in analysis.warnings:
        yield f"Warning: {short_reason(warning)}"
    yield NOTICE
