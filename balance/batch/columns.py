"""The columns of the tables, each with its unit and what it means, and the rows that fill them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from balance.assessment.thresholds import THRESHOLDS
from balance.batch.identity import FACTS
from balance.batch.ledger import stored_cases
from balance.batch.model import CaseRow, Settings
from balance.batch.rows import Cell, cells, unpacked
from balance.references import citation
from balance.report.table import CURVE_FIELDS, MOST_CURVES, SUFFIXES, value_metrics

BETWEEN = "; "
_SPREAD = {
    "_sd": "standard deviation of {}",
    "_low": "lower end of the 95 % interval of {}",
    "_high": "upper end of the 95 % interval of {}",
}
_CURVE_WORDS = {
    "region": "region of the curve by its apex",
    "upper": "upper end vertebra",
    "lower": "lower end vertebra",
    "apex": "vertebra or disc farthest from the line between the end vertebrae",
    "cobb": "Cobb angle between these end vertebrae",
    "cobb_sd": "its standard deviation",
    "cobb_low": "lower end of its 95 % interval",
    "cobb_high": "upper end of its 95 % interval",
    "convex": "side of the convexity, the patient's",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``grade`` columns hold a published scheme's word."""

    name: str
    kind: Literal["text", "number", "grade"]
    unit: str = ""
    about: str = ""
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what the ledger holds of it, and its cells by column."""

    case: CaseRow
    content: Mapping[str, Any]
    cells: Mapping[str, Cell]


def columns(settings: Settings) -> tuple[Column, ...]:
    """Every column, in order."""
    return (
        *_CASE,
        *((Column(name, "text", about="from the film header") for name in FACTS)
          if settings.with_phi else ()),
        *_value_columns(segmental=settings.segmental),
        *_curve_columns(),
        *(
            Column(
                f"grade.{row.key}", "grade", "", f"{row.limits} ({row.population}; {row.timing})",
                citation(row.source),
            )
            for row in THRESHOLDS
        ),
    )  # fmt: skip


def rows(base: sqlite3.Connection, settings: Settings) -> Iterator[Row]:
    """Every measured case in sorted order."""
    count, last, numbers = 0, None, dict[str, int]()
    for case in stored_cases(base):
        if case.id != last:
            last, numbers = case.id, {}
        # a path may read like the case of another document: only what was paired is one patient
        paired = case.name.partition("+")[0]
        if paired not in numbers:
            count += 1
            numbers[paired] = count
        content = unpacked(case.content)
        pseudonym = content["patient"] or ("" if settings.key else str(numbers[paired]))
        leading = _leading(case, content, pseudonym)
        yield Row(case, content, {**leading, **content["facts"], **cells(content)})


def _leading(case: CaseRow, content: Mapping[str, Any], patient: str) -> dict[str, Cell]:
    views, sources = content["views"], dict(zip(content["views"], case.sources, strict=True))
    leading: dict[str, Cell] = {
        "case": case.id,
        "status": case.status,
        "patient": patient,
        "confirmation": content["confirmation"],
        "flags": BETWEEN.join(content["flags"]),
        "age_years": content["age_years"],
        "sex": content["sex"],
        "uncertainty": content["uncertainty"],
        "warnings": BETWEEN.join(content["warnings"]),
    }
    for view in ("lateral", "frontal"):
        scale, position = views.get(view, (None, None))
        leading |= {view: sources.get(view), f"position_{view}": position, f"scale_{view}": scale}
    return leading


_CASE: tuple[Column, ...] = (
    Column("case", "text", about="the documents' case, else the path of the document"),
    Column(
        "status",
        "text",
        about="ok: every lead value of the films that are there is given and no document of the "
        "case was refused; else partial",
    ),
    Column("patient", "text", about="pseudonym made with the key; without a key a running number"),
    Column(
        "confirmation", "text", about="unconfirmed where a point was proposed and not confirmed"
    ),
    Column("flags", "text", about="grades that are past their limit and rest on confirmed points"),
    Column("lateral", "text", about="lateral document, below the folder"),
    Column("frontal", "text", about="frontal document, below the folder"),
    Column("age_years", "number", "years", "age as the documents tell it"),
    Column("sex", "text", about="F, M or O"),
    Column("position_lateral", "text", about="position on the lateral film"),
    Column("position_frontal", "text", about="position on the frontal film"),
    Column("scale_lateral", "text", about="where the lateral scale comes from"),
    Column("scale_frontal", "text", about="where the frontal scale comes from"),
    Column("uncertainty", "text", about="whose next reading the intervals are about"),
    Column("warnings", "text", about="doubts about the documents and films"),
)


def _value_columns(*, segmental: bool) -> Iterator[Column]:
    for key, metric in value_metrics(segmental=segmental).items():
        sources = BETWEEN.join(citation(source) for source in metric.sources)
        about = f"{metric.name}. {metric.definition} {metric.sign}"
        yield Column(key, "number", metric.unit, about, sources)
        for suffix in SUFFIXES[1:]:
            yield Column(key + suffix, "number", metric.unit, _SPREAD[suffix].format(key))


def _curve_columns() -> Iterator[Column]:
    for place in range(1, MOST_CURVES + 1):
        for field in CURVE_FIELDS:
            angle = field.startswith("cobb")
            yield Column(
                f"curve_{place}_{field}",
                "number" if angle else "text",
                "deg" if angle else "",
                f"curve {place} of the frontal film, from the head down: {_CURVE_WORDS[field]}",
            )
