"""The page that a batch leaves: everything in one file, nothing fetched, names shown as text."""

from __future__ import annotations

import base64
import hashlib
import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from balance.assessment.thresholds import THRESHOLDS
from balance.batch.charts import (
    Point,
    histogram,
    incidence_and_lordosis,
    sagittal_and_coronal,
)
from balance.batch.columns import Row, rows
from balance.batch.ledger import stored_failures
from balance.batch.model import Settings, to_bytes
from balance.batch.summary import DISTRIBUTIONS, FEW, Shown, Summary
from balance.metrics.catalogue import METRIC
from balance.report.record import NOTICE, SOFTWARE
from balance.report.rounding import number
from balance.report.wording import SCHEME_NAMES, label_of
from balance.writing import printable, write_atomically

MOST_ROWS = 5000
"""Cases in the table of the page; cases.csv holds all."""
MOST_FAILURES = 200
DRAWN = ("PI", "LL", "SVA", "C7_CSVL")
SHOWN = ("SVA", "C7_CSVL", "PI", "PT", "LL", "PI_LL", "TK", "TPA")
"""Values in the table of the page."""
_WORDS = {"over": "over: less deformity", "under": "under: more deformity"}
"""What the words of the age bands mean."""
_STATUSES = ("ok", "partial", "unmarked", "rejected", "timeout", "crashed", "out-of-memory")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the page keeps of a case: its line in the table, and what is drawn of it."""

    id: str
    flagged: int
    film: str | None
    flags: tuple[str, ...]
    places: Mapping[str, float]
    line: str


def write_page(base: sqlite3.Connection, settings: Settings, path: Path) -> None:
    """Write the page of a ledger."""
    summary = Summary()
    kept = _first_to_look_at(rows(base, settings), summary)
    failures, refused = _failures(base)
    template = Environment(
        loader=PackageLoader("balance.batch"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_source(template, name) for name in ("page.css", "page.js"))
    points = None if summary.cases > FEW else kept
    page = template.get_template("index.html.j2").render(
        software=SOFTWARE,
        notice=NOTICE,
        # our own files
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        tiles=_tiles(summary, failures),
        summary=summary,
        distributions=[
            _distribution(summary, shown) for shown in DISTRIBUTIONS if shown.key in summary.values
        ],
        lordosis=Markup(incidence_and_lordosis(summary, _points(points, "PI", "LL"))),  # noqa: S704
        balance=Markup(  # noqa: S704
            sagittal_and_coronal(summary, _points(points, "C7_CSVL", "SVA"))
        ),
        both=summary.pairs.get("C7_CSVL/SVA", Counter()).total(),
        grades=list(_grades(summary)),
        pictures=list(_pictures(base, kept, settings.thumbnails)),
        refused=refused,
        refused_total=sum(failures.values()) - failures["unmarked"],
        most_rows=MOST_ROWS,
        figures=settings.figures,
        data=_data(kept),
    )
    write_atomically(path, page.encode("utf-8", "backslashreplace"))


def _first_to_look_at(cases: Iterator[Row], summary: Summary) -> list[Kept]:
    """The cases of the table: those with most flags first, then in sorted order."""

    def counted() -> Iterator[tuple[int, int, Kept]]:
        for place, row in enumerate(cases):
            summary.add(row)
            yield -row.case.flagged, place, _kept(row)

    chosen = heapq.nsmallest(MOST_ROWS, counted(), key=lambda one: one[:2])
    return [kept for _, _, kept in chosen]


def _kept(row: Row) -> Kept:
    cells = row.cells
    return Kept(
        printable(row.case.id),
        row.case.flagged,
        row.case.film,
        tuple(_flag_words(row.content["flags"])),
        {key: cell for key in DRAWN if isinstance(cell := cells.get(key), float)},
        json.dumps(_line(row), separators=(",", ":"), allow_nan=False),
    )


def _failures(base: sqlite3.Connection) -> tuple[Counter[str], list[tuple[str, str, str]]]:
    counts: Counter[str] = Counter()
    shown: list[tuple[str, str, str]] = []
    for one in stored_failures(base):
        counts[one.status] += 1
        if one.status != "unmarked" and len(shown) < MOST_FAILURES:
            shown.append((printable(one.source), one.status, printable(one.error)))
    return counts, shown


def _tiles(summary: Summary, failures: Counter[str]) -> list[tuple[str, int]]:
    counts = summary.statuses + failures
    return [
        (status, counts[status])
        for status in _STATUSES
        if counts[status] or status in ("ok", "partial", "unmarked", "rejected")
    ]


def _distribution(summary: Summary, shown: Shown) -> dict[str, Any]:
    low, median, high = (number(one, 0) for one in summary.quartiles(shown.key))
    total = summary.values[shown.key].total()
    facts = f"{total:,} cases, median {median} {shown.unit}, middle half {low} to {high}"
    drawn = Markup(histogram(summary, shown))  # noqa: S704
    return {"label": shown.label, "drawn": drawn, "facts": facts, "marked": shown.marked}


def _points(kept: list[Kept] | None, across: str, up: str) -> list[Point] | None:
    if kept is None:
        return None
    found = [
        (one.places[across], one.places[up], place, one.flagged > 0)
        for place, one in enumerate(kept)
        if across in one.places and up in one.places
    ]
    # flagged ones lie on top
    return sorted(found, key=lambda point: point[3])


def _grades(summary: Summary) -> Iterator[dict[str, Any]]:
    """Each rule with the share of each of its words."""
    for row in THRESHOLDS:
        counted = summary.grades.get(row.key, Counter())
        given = counted.total() - counted[""]
        if not given:
            continue
        words = list(dict.fromkeys((*row.words, *sorted(set(counted) - {""}))))
        yield {
            "name": _grade_name(row.key),
            "limits": row.limits,
            "given": given,
            "withheld": counted[""],
            "borderline": summary.borderline[row.key],
            "shares": [
                {
                    "word": _WORDS.get(word, word) if row.age_line else word,
                    "number": counted[word],
                    "width": round(1000 * counted[word] / given),
                    "past": word in row.past,
                }
                for word in words
                if counted[word]
            ],
        }


def _grade_name(key: str) -> str:
    scheme, _, metric = key.partition(".")
    return f"{SCHEME_NAMES[scheme]}: {label_of(metric)}" if metric else SCHEME_NAMES[scheme]


def _pictures(base: sqlite3.Connection, kept: list[Kept], most: int) -> Iterator[dict[str, Any]]:
    with_film = (one for one in kept if one.film is not None)
    for one in islice(with_film, most):
        query = "SELECT picture FROM thumbnails WHERE film = ?"
        found = base.execute(query, (to_bytes(str(one.film)),)).fetchone()
        if found is not None and found[0]:
            yield {
                "case": one.id,
                "source": "data:image/jpeg;base64," + base64.b64encode(found[0]).decode(),
                "flags": ", ".join(one.flags),
            }


def _data(kept: list[Kept]) -> Markup:
    """The table as JSON inside the page, where nothing in it can end its element."""
    columns = [[key, label_of(key), METRIC[key].unit] for key in SHOWN]
    lines = ",".join(one.line for one in kept)
    text = f'{{"values":{json.dumps(columns)},"rows":[{lines}]}}'
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704


def _line(row: Row) -> list[Any]:
    content = row.content
    flagged = {key.split(".", 1)[1] for key in content["flags"] if "." in key}
    values = [
        None if not isinstance(cell := row.cells.get(key), float) else round(cell, 1) + 0.0
        for key in SHOWN
    ]
    past = "".join("1" if key in flagged else "0" for key in SHOWN)
    largest = max((curve[4] for curve in content["curves"]), default=None)
    return [
        printable(row.case.id),
        row.case.status,
        list(_flag_words(content["flags"]).items()),
        content["age_years"],
        content["sex"] or "",
        values,
        past,
        None if largest is None else round(largest, 1),
        content["confirmation"] == "unconfirmed",
        [content["posture"].get(view, []) for view in ("lateral", "frontal")],
        row.case.name,
    ]


def _flag_words(flags: list[str]) -> dict[str, str]:
    """What is flagged, and by which schemes."""
    schemes: dict[str, list[str]] = {}
    for key in flags:
        scheme, _, metric = key.partition(".")
        name = label_of(metric) if metric else SCHEME_NAMES[scheme]
        schemes.setdefault(name, []).append(SCHEME_NAMES[scheme])
    return {name: ", ".join(said) for name, said in schemes.items()}


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None, "the templates are part of the package"
    return environment.loader.get_source(environment, name)[0]


def _policy(style: str, script: str) -> str:
    """Nothing is fetched and nothing runs but what this file holds."""
    allowed: Mapping[str, str] = {
        kind: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for kind, text in (("style", style), ("script", script))
    }
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{allowed['style']}'; script-src 'sha256-{allowed['script']}'"
    )
