"""The values of a radiology report: tables with intervals and limits, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from balance.analysis import Analysis
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.catalogue import METRIC
from balance.metrics.model import Metric
from balance.radiograph import View
from balance.references import citation
from balance.report.document import Block, Columns, Facts, Lines, Table, halves
from balance.report.lettering import typeset
from balance.report.rows import (
    UNCONFIRMED,
    Row,
    curve_rows,
    lead_rows,
    not_measured,
    other_rows,
    plain_row,
    scheme_rows,
)
from balance.report.segments import height_losses, segment_table, slips
from balance.report.verdicts import SYMBOLS
from balance.report.wording import label_of

APPENDIX = ("T9SPi", "T1SPi", "barrey_ratio", "OD_HA", "SSA", "GT")
"""Values that belong to the last page."""
BOTH_READINGS = ("PI", "PT", "SS", "LL", "L4_S1", "PI_LL", "SVA", "TPA")
"""Values that the choice of the sacral endplate moves."""
ABOUT_AGE_BANDS = (
    "Age band: the targets of 10 years younger to 10 years older, from a US deformity cohort "
    "mapped to population norms."
)
KEY = re.compile(r"\b[A-Z]\w*_\w+")
"""A value's key in a definition."""
CURVE_SCHEME = "srs_schwab.curve"


def sagittal(analysis: Analysis) -> Iterator[Block]:
    """The lateral film's values."""
    yield from _values(analysis, "lateral")


def coronal(analysis: Analysis) -> Iterator[Block]:
    """The curves and the frontal film's values."""
    if "frontal" not in analysis.films:
        return
    curves = curve_rows(analysis)
    notes = [f"{UNCONFIRMED} rests on unconfirmed points"] if not _sure(curves) else []
    for row in scheme_rows(analysis):
        if row.key == CURVE_SCHEME:
            notes.append(f"{row.label}: {_verdicts(row)}".replace("\n", "; "))
    if curves:
        yield Table(
            ("Curve", "Cobb", "95 % interval", "End vertebrae, apex, side"),
            tuple((row.label, _measured(row), row.interval, row.name) for row in curves),
            (0, 0, 0, 1),
            notes=tuple(notes),
        )
    else:
        yield Lines(("No curve of 10\N{DEGREE SIGN} or more is likely.",))
        yield Lines(tuple(notes), "note")
    yield from _values(analysis, "frontal")


def second_reading(analysis: Analysis) -> Iterator[Block]:
    """The values that the other candidate of the sacral endplate gives, beside the plain ones."""
    other = analysis.alternative
    if other is None:
        return
    keys = [key for key in (*BOTH_READINGS, "C7_CSVL") if key in other.measurements]
    plate = other.endplate.replace("_superior", "").replace("_", " ")
    rows = []
    for key in keys:
        pair = (plain_row(analysis.measurements[key]), plain_row(other.measurements[key]))
        if any(row.value for row in pair):
            cells = (f"{_measured(row)} ({row.interval})" if row.value else "-" for row in pair)
            rows.append((pair[0].label, *(typeset(cell) for cell in cells)))
    yield Table(
        ("Value", "S1 endplate", f"{plate} superior endplate"),
        tuple(rows),
        (1, 2, 2),
        notes=("Which endplate is the sacral one is disputed; grades that differ say so.",),
    )


def segments(analysis: Analysis) -> Iterator[Block]:
    """What stands out at single levels, and the table of all of them."""
    table = segment_table(analysis)
    if table is None:
        return
    found = [
        ("Slips", [one.words for one in slips(analysis)]),
        ("Height of bodies", [one.words for one in height_losses(analysis)]),
    ]
    rows = tuple(
        (name, typeset(";\n".join(words) if words else "none whose 95 % interval leaves out 0"))
        for name, words in found
    )
    yield Facts(rows)
    yield Table(
        tuple(typeset(head) for head in table.heads),
        tuple(tuple(typeset(cell) for cell in row) for row in table.rows),
        table.shares,
        table.notes,
    )


def missing(analysis: Analysis) -> Iterator[Block]:
    """What could not be given, and why."""
    groups = not_measured(analysis)
    if groups:
        rows = tuple((typeset(why), ", ".join(labels)) for why, labels in groups)
        yield Table(("Why", "Values"), rows, (2, 3), names=frozenset())


def appendix(analysis: Analysis) -> Iterator[Block]:
    """Values and classifications that describe, beside those that lead."""
    rows = [row for row in other_rows(analysis) if row.key in APPENDIX]
    if rows:
        yield _plain_table(rows)
    schemes = [row for row in scheme_rows(analysis) if row.key != CURVE_SCHEME]
    if schemes:
        yield Table(
            ("Classification", "Word"),
            tuple((row.label, _verdicts(row)) for row in schemes),
            (0, 1),
            notes=_legend(schemes),
        )


def definitions(analysis: Analysis) -> Iterator[Block]:
    """Definitions of what is printed, and where the limits come from."""
    rows = (*lead_rows(analysis), *(row for row in other_rows(analysis) if row.key in METRIC))
    told = [(label_of(row.key), _definition(METRIC[row.key])) for row in rows]
    yield Columns(halves(told))
    limits = dict.fromkeys(THRESHOLD[key].source for key in analysis.grades)
    leads = (METRIC[row.key] for row in lead_rows(analysis))
    others = dict.fromkeys(key for metric in leads for key in metric.sources)
    for head, keys in (("Limits", limits), ("Definitions", others.keys() - limits.keys())):
        cited = [citation(key) for key in (*limits, *others) if key in keys]
        yield Lines((f"{head}: {'. '.join(dict.fromkeys(cited))}.",), "note")


def _definition(metric: Metric) -> str:
    words = f"{metric.definition.removesuffix('.')}; {metric.sign.removesuffix('.')}."
    return typeset(KEY.sub(lambda key: label_of(key[0]), words))


def _values(analysis: Analysis, view: View) -> Iterator[Block]:
    leads = [row for row in lead_rows(analysis) if METRIC[row.key].view == view]
    others = [
        row
        for row in other_rows(analysis)
        if row.key in METRIC and METRIC[row.key].view == view and row.key not in APPENDIX
    ]
    graded = [row for row in others if row.verdicts]
    if leads or graded:
        yield _graded_table([*leads, *graded])
    plain = [row for row in others if not row.verdicts]
    if plain:
        # Beside a lone frontal film there is height, and no width for two halves.
        yield _plain_table(plain, doubled="lateral" in analysis.films)


def _graded_table(rows: Sequence[Row]) -> Table:
    starred = (f"{UNCONFIRMED} rests on unconfirmed points",) if not _sure(rows) else ()
    return Table(
        ("Value", "Measured", "95 % interval", "Against published limits"),
        tuple(
            (
                row.label,
                _measured(row) if row.value else "not given",
                typeset(row.interval),
                _verdicts(row) if row.value else typeset(_absence(row)),
            )
            for row in rows
        ),
        (0, 0, 0, 1),
        notes=(*_legend(rows), *starred),
        names=frozenset({0, 1}),
    )


def _plain_table(rows: Sequence[Row], *, doubled: bool = True) -> Table:
    """Values without limits; doubled, half of them stand beside the other half."""
    head = ("Value", "Measured", "95 % interval")
    cells = [(row.label, _measured(row), typeset(row.interval)) for row in rows]
    notes = (f"{UNCONFIRMED} rests on unconfirmed points",) if not _sure(rows) else ()
    if not doubled or len(rows) == 1:
        return Table(head, tuple(cells), (3, 2, 3), notes=notes)
    half = (len(rows) + 1) // 2
    pairs = zip(cells[:half], (*cells[half:], ("", "", "")), strict=False)
    return Table(
        (*head, *head),
        tuple((*left, *right) for left, right in pairs),
        (12, 11, 11, 12, 11, 11),
        notes=notes,
        names=frozenset({0, 3}),
    )


def _measured(row: Row) -> str:
    star = "" if row.confirmed else f" {UNCONFIRMED}"
    return typeset(f"{row.value} {row.unit}".strip()) + star


def _absence(row: Row) -> str:
    """Why there is no value, without the advice to whoever runs the program."""
    return row.absence.partition("; calibrate")[0]


def _verdicts(row: Row) -> str:
    return "\n".join(typeset(f"{symbol} {words}") for symbol, words in row.verdicts)


def _legend(rows: Iterable[Row]) -> tuple[str, ...]:
    """What the symbols say that stand in these rows, and what an age band is."""
    verdicts = [verdict for row in rows for verdict in row.verdicts]
    used = [symbol for symbol in SYMBOLS if any(symbol == one for one, _ in verdicts)]
    signs = "; ".join(f"{symbol} {SYMBOLS[symbol]}" for symbol in used)
    aged = any("age band" in words and "not graded" not in words for _, words in verdicts)
    return tuple(filter(None, (signs, ABOUT_AGE_BANDS if aged else "")))


def _sure(rows: Iterable[Row]) -> bool:
    return all(row.confirmed for row in rows if row.value)
