"""The tables of docs/landmarking.md, made from evaluation documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.stats import binom

from balance.study.accuracy import HEADLINES, parameter_figures
from balance.study.comparison import ValueComparison

GOALS = {"PI": 3.0, "PT": 1.0, "SS": 2.5, "LL": 3.5, "TK": 3.5, "SVA": 2.0, "TPA": 1.0}
COVERAGE = (0.92, 0.98)
COBB_RANGE = (10.0, 60.0)
REGIONS = {
    "C2-C6": ("C2", "C3", "C4", "C5", "C6"),
    "C7": ("C7",),
    "T1-T4": ("T1", "T2", "T3", "T4"),
    "T5-T8": ("T5", "T6", "T7", "T8"),
    "T9-T13": ("T9", "T10", "T11", "T12", "T13"),
    "L1-L3": ("L1", "L2", "L3"),
    "L4-L6": ("L4", "L5", "L6"),
    "S1": ("S1",),
    "femoral heads": ("femoral heads",),
}
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Evaluated:
    """A set of films and what the proposals made of it."""

    name: str
    title: str
    view: str
    document: Document


def tables(listed: list[Evaluated]) -> Iterator[str]:
    """The page's tables as Markdown."""
    lateral = [one for one in listed if one.view == "lateral"]
    yield "### All lateral sets"
    yield ""
    yield (
        "| set | films | ok / review / unable / failed | "
        + " | ".join(f"{key}" for key in HEADLINES)
        + " | ok but wrong | s |"
    )
    yield "|---|---|---|" + "---|" * (len(HEADLINES) + 2)
    for one in lateral:
        yield _overview(one.name, one.document["summary"])
    yield _together([one.document for one in lateral])
    goals = " | ".join(f"{GOALS[key]:g}" for key in HEADLINES)
    yield f"| *goal* | | | {goals} | 1 % | 1.5 |"
    yield ""
    yield "MAE in degrees (SVA mm); **bold** misses the goal."
    yield ""
    yield from _coverage(lateral)
    for one in listed:
        yield ""
        yield f"### {one.title[0].upper()}{one.title[1:]}"
        yield ""
        yield from _one_set(one)


def _overview(name: str, summary: Document) -> str:
    cells = []
    for key in HEADLINES:
        row = summary["parameters"].get(key)
        mae = row["mae"] if row else None
        cells.append("-" if mae is None else _bold(f"{mae:.1f}", mae > GOALS[key]))
    wrong = summary["ok_but_wrong"]["share_of_films"] or 0.0
    return (
        f"| {name} | {summary['films']} | {_statuses(summary)} | {' | '.join(cells)} | "
        f"{_bold(f'{100 * wrong:.0f} %', wrong > 0.01)} | "
        f"{_number(summary['seconds']['median'], 1)} |"
    )


def _together(documents: list[Document]) -> str:
    """The last line of the overview: the films of all sets."""
    summaries = [document["summary"] for document in documents]
    counts = {key: sum(one[key] for one in summaries)
              for key in ("films", "ok", "review", "unable", "failed")}  # fmt: skip
    cells = []
    for key in HEADLINES:
        values = [one for document in documents for one in compared(document, key)]
        cells.append(_number(parameter_figures(values)["mae"], 1) if values else "-")
    wrong = sum(len(one["ok_but_wrong"]["films"]) for one in summaries) / counts["films"]
    return (
        f"| *all together* | {counts['films']} | {_statuses(counts)} | {' | '.join(cells)} | "
        f"{_bold(f'{100 * wrong:.1f} %', wrong > 0.01)} | |"
    )


def _statuses(summary: Document) -> str:
    return " / ".join(str(summary[key]) for key in ("ok", "review", "unable", "failed"))


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _bold(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text


def _coverage(lateral: list[Evaluated]) -> Iterator[str]:
    yield "### Coverage of the 95 % intervals, per cent of films"
    yield ""
    yield "| set | " + " | ".join(HEADLINES) + " |"
    yield "|---|" + "---|" * len(HEADLINES)
    pooled = {key: [0, 0] for key in HEADLINES}
    for one in lateral:
        cells = []
        for key in HEADLINES:
            held, count = _held(one.document, key)
            pooled[key][0] += held
            pooled[key][1] += count
            cells.append(_share(held, count, missed=_too_few(held, count)))
        yield f"| {one.name} | {' | '.join(cells)} |"
    cells = [_share(held, count, missed=not _in_goal(held, count))
             for held, count in pooled.values()]  # fmt: skip
    yield f"| *all together* | {' | '.join(cells)} |"
    yield ""
    yield (
        "**Bold**: fewer than chance would leave of 92 %; in the last line, outside 92 to 98 %. "
        "Where nearly all are covered the interval is wider than the error: it then holds what "
        "the set does not contain."
    )


def _held(document: Document, key: str) -> tuple[int, int]:
    """Films whose interval holds the truth, and films with an interval."""
    covered = [one.covered for one in compared(document, key) if one.covered is not None]
    return sum(covered), len(covered)


def compared(document: Document, key: str) -> list[ValueComparison]:
    """A value of every film whose truth has it; a key that ends in a dot stands for all such."""
    found = []
    for film in document["films"]:
        for name, one in film["parameters"].items():
            if name == key or (key.endswith(".") and name.startswith(key)):
                unit = document["summary"]["parameters"][name]["unit"]
                interval = tuple(one["ci95"]) if one["ci95"] else None
                found.append(
                    ValueComparison(name, unit, one["truth"], one["value"], None, interval)
                )
    return found


def _too_few(held: int, count: int) -> bool:
    return count > 0 and bool(binom.cdf(held, count, COVERAGE[0]) < 0.025)


def _in_goal(held: int, count: int) -> bool:
    return count == 0 or COVERAGE[0] <= held / count <= COVERAGE[1]


def _share(held: int, count: int, *, missed: bool) -> str:
    return _bold(f"{100 * held / count:.0f}", missed) if count else "-"


def _one_set(one: Evaluated) -> Iterator[str]:
    document, summary = one.document, one.document["summary"]
    yield (
        f"{summary['films']} films: {_statuses(summary)} (ok / review / unable / failed); success "
        f"{100 * summary['success_rate']:.0f} %; {_number(summary['seconds']['median'], 2)} s "
        f"median, {_number(summary['seconds']['p95'], 2)} s p95."
    )
    yield ""
    yield "| value | given | MAE | bias | p95 | coverage |"
    yield "|---|---|---|---|---|---|"
    if one.view == "lateral":
        for key in HEADLINES:
            row = summary["parameters"].get(key)
            if row:
                yield _row(f"{key}, {row['unit']}", row)
    else:
        yield from _cobb_rows(document)
    if summary["points"]:
        yield ""
        yield "| points, mm | placed | median | p95 | < 2 | < 4 | < 10 | across | along |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for name, levels in REGIONS.items():
            rows = [summary["points"][level] for level in levels if level in summary["points"]]
            if rows:
                yield _region_row(name, rows)


def _row(name: str, row: Document) -> str:
    numbers = (row["mae"], row["bias"], row["p95"])
    cells = " | ".join(_number(one, 2) for one in numbers)
    covered = "-" if row["coverage"] is None else f"{100 * row['coverage']:.0f} %"
    return f"| {name} | {row['given']} of {row['films']} | {cells} | {covered} |"


def _cobb_rows(document: Document) -> Iterator[str]:
    """The angles of the curves of all regions, where the truth has 10 to 60 degrees."""
    low, high = COBB_RANGE
    for words, values in (
        ("Cobb of every curve, as printed", compared(document, "Cobb.")),
        ("Cobb of the largest curve, as printed", _largest(document)),
        ("Cobb of every curve, at the true ends", compared(document, "Cobb_same_ends.")),
        ("largest angle of mid-body lines", compared(document, "mid_body_angle")),
    ):
        inside = [one for one in values if low <= one.truth <= high]
        if inside:
            yield _row(words, parameter_figures(inside))


def _largest(document: Document) -> list[ValueComparison]:
    """The largest true curve of each film."""
    found = []
    for film in document["films"]:
        one = compared({**document, "films": [film]}, "Cobb.")
        if one:
            found.append(max(one, key=lambda curve: curve.truth))
    return found


def _region_row(name: str, rows: list[Document]) -> str:
    """Levels of a region together, each weighted by its points."""

    def mean(key: str, weight: str) -> str:
        known = [(row[key], row[weight]) for row in rows if row[key] is not None and row[weight]]
        total = sum(count for _, count in known)
        return f"{sum(value * count for value, count in known) / total:.1f}" if total else "-"

    def share(key: str) -> str:
        total = sum(row["points"] for row in rows)
        return f"{100 * sum((row[key] or 0.0) * row['points'] for row in rows) / total:.0f} %"

    placed, points = (sum(row[key] for row in rows) for key in ("placed", "points"))
    return (
        f"| {name} | {placed} of {points} | {mean('median_mm', 'placed')} | "
        f"{mean('p95_mm', 'placed')} | {share('within_2_mm')} | {share('within_4_mm')} | "
        f"{share('within_10_mm')} | {mean('normal_median_mm', 'placed')} | "
        f"{mean('tangential_median_mm', 'placed')} |"
    )
