"""A comparison in time in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.report.record import NOTICE
from balance.report.rounding import number, value_text
from balance.report.rows import LEAD, UNCONFIRMED
from balance.report.verdicts import scheme_of
from balance.report.wording import UNCERTAINTY_WORDS, film_title, label_of, short_reason
from balance.study.change import Change
from balance.study.compare import Comparison, GradeChange, SeriesChange, Trend
from balance.study.curve_change import CurveChange
from balance.study.junction import Junction
from balance.study.motion import MOVES_WITHOUT_SYMPTOMS, Motion, Quantity, SegmentMotion
from balance.study.timepoints import TimePoint
from balance.writing import printable

VERDICT = "against the limit"


def print_comparison(
    points: Sequence[TimePoint],
    series: SeriesChange | None,
    motions: Sequence[tuple[str, Motion]],
    console: Console | None = None,
) -> None:
    """Print every comparison, by default to standard output; a pipe gets 100 columns."""
    out = console or Console(highlight=False)
    if not out.is_terminal:
        out.width = max(out.width, 100)
    for line in _heads(points):
        out.print(Text(line))
    for comparison in series.comparisons if series else ():
        _print_block(out, f"Film {comparison.after + 1} against film {comparison.before + 1}")
        for line in _before_the_values(comparison):
            out.print(Text(line))
        for table in _tables(comparison):
            out.print(table)
        for line in _after_the_values(comparison):
            out.print(Text(line))
    if series and series.trends:
        _print_block(out, "The whole series")
        out.print(_trend_table(series.trends))
    if series and series.junction:
        _print_block(out, "Proximal junction")
        for line in junction_lines(series.junction):
            out.print(Text(line))
    for name, motion in motions:
        _print_block(out, f"Flexion and extension: {printable(name)}")
        if motion.segments:
            out.print(_motion_table(motion))
        for line in _motion_lines(motion):
            out.print(Text(line))
    out.print(Text(NOTICE))


def junction_lines(junction: Junction) -> Iterator[str]:
    """The junction of every film in words: the angle, its baseline, the criteria, the ticks."""
    yield (
        f"{junction.second_above} superior to {junction.uiv} inferior endplate, + kyphosis; "
        f"UIV {junction.uiv}"
    )
    if junction.baseline is None:
        yield f"No baseline: {junction.how}"
    else:
        yield f"Baseline: film {junction.baseline + 1} ({junction.how})"
    for film in junction.films:
        words = [f"film {film.place + 1}: {_with_sd(film.angle)}"]
        if film.change is not None and film.change.change is not None:
            words.append(f"change {number(film.change.change, 1)} ({film.change.verdict})")
        for met in film.met:
            limits = f">= {met.criterion.angle:g} and {met.criterion.increase:g} above the baseline"
            said = "met" if met.met else "not met"
            doubt = ", cannot be separated from the other answer" if met.borderline else ""
            words.append(f"{met.criterion.name} ({limits}): {said}{doubt}")
        told = [f"{tick} {printable(text)}" for tick, text in film.ticks.items() if text]
        if film.met or told:
            words.append(
                f"reader: {', '.join(told)}" if told else "fracture, slip, pull-out: not recorded"
            )
        yield "; ".join(words)


def _heads(points: Sequence[TimePoint]) -> Iterator[str]:
    for point in points:
        films = "; ".join(film_title(film.landmarks) for film in point.analysis.films.values())
        yield f"Film {point.place + 1}: {printable(point.label)}. {films}"
    kinds = dict.fromkeys(UNCERTAINTY_WORDS[point.analysis.uncertainty] for point in points)
    if points:
        yield (
            f"Change limit: 95 % of what reading ({', '.join(kinds)}) and standing again explain; "
            f"{UNCONFIRMED} rests on unconfirmed points"
        )


def _print_block(out: Console, title: str) -> None:
    out.print()
    out.print(Text(title, style="bold"))


def _before_the_values(one: Comparison) -> Iterator[str]:
    if one.control is not None:
        failed = one.control.passed is False
        yield f"{'FIRST: ' if failed else 'Control: '}{one.control.sentence}"
    for remark in one.remarks:
        yield f"Remark: {remark}"


def _tables(one: Comparison) -> Iterator[Table]:
    if any(_has_change(row) for row in one.rows):
        yield _change_table("Value", _in_order(one.rows))
    if one.curves:
        yield _curve_table(one.curves)
    moved = [row for row in one.segments if row.verdict == "beyond the change limit"]
    if moved:
        yield _change_table("Segment", moved)
    graded = [grade for grade in one.grades if grade.before.grade or grade.after.grade]
    if graded:
        yield _grade_table(graded)


def _after_the_values(one: Comparison) -> Iterator[str]:
    for kept in one.curves:
        before = f"{_curve_label(kept.curve)} {number(kept.curve.cobb, 1)} deg"
        after = "no such curve is listed"
        if kept.free is not None:
            after = f"{_curve_label(kept.free)} {number(kept.free.cobb, 1)} deg"
        yield f"Free choice of end vertebrae on the later film: {before}, then {after}"
    for curve in one.further_curves:
        yield (
            f"Further curve of the later film: {_curve_label(curve)} {number(curve.cobb, 1)} deg, "
            f"convex {curve.convex}"
        )
    quiet = sum(row.verdict == "within the change limit" for row in one.segments)
    if quiet:
        yield f"{quiet} disc angles, body angles and slips within the change limit"
    absent: dict[str, list[str]] = {}
    for row in one.rows:
        if not _has_change(row):
            reason = short_reason(row.reason or "").replace("not marked", "points not marked")
            kind = reason if reason.endswith("not compared") else ":".join(reason.split(":")[:2])
            absent.setdefault(kind, []).append(label_of(row.key))
    for kind, labels in absent.items():
        yield f"Not compared ({kind}): {', '.join(labels)}"


def _in_order(rows: Sequence[Change]) -> Iterable[Change]:
    given = [row for row in rows if _has_change(row)]
    lead = [row for row in given if row.key in LEAD]
    lead.sort(key=lambda row: list(LEAD).index(row.key))
    return (*lead, *(row for row in given if row.key not in LEAD))


def _has_change(row: Change) -> bool:
    return row.change is not None


def _table(*columns: str, text: tuple[str, ...] = ()) -> Table:
    table = Table(box=box.ASCII2, show_edge=False, pad_edge=False)
    for n, column in enumerate(columns):
        left = n == 0 or column in text
        table.add_column(
            column, justify="left" if left else "right", no_wrap=n == 0 or column == VERDICT
        )
    return table


def _change_table(head: str, rows: Iterable[Change]) -> Table:
    table = _table(head, "before", "after", "change", "95 % limit", VERDICT, text=(VERDICT,))
    for row in rows:
        unit = "" if row.unit == "1" else f" {row.unit}"
        star = "" if row.confirmed else f" {UNCONFIRMED}"
        cells = [
            value_text(row.before.value or 0.0, row.unit) + unit,
            value_text(row.after.value or 0.0, row.unit) + unit,
            _signed(row.change or 0.0, row.unit) + star,
            value_text(row.limit or 0.0, row.unit),
            row.verdict or "",
        ]
        table.add_row(Text(label_of(row.key)), *(Text(cell) for cell in cells))
    return table


def _curve_table(curves: Sequence[CurveChange]) -> Table:
    head = "Curve of the earlier film"
    table = _table(head, "before", "after", "change", "95 % limit", VERDICT, text=(VERDICT,))
    for one in curves:
        table.add_row(*_curve_cells(f"{_curve_label(one.curve)} Cobb", one.cobb))
        for change in one.translations:
            if _has_change(change):
                table.add_row(
                    *_curve_cells(f"  {label_of(change.key)} at {one.curve.apex}", change)
                )
    return table


def _curve_label(curve: Curve) -> str:
    return f"{curve.region} {curve.upper}-{curve.lower}"


def _curve_cells(label: str, change: Change) -> Iterator[Text]:
    yield Text(label)
    for value in (change.before.value, change.after.value):
        yield Text("-" if value is None else f"{number(value, 1)} {change.unit}")
    if change.change is None or change.limit is None:
        yield from (Text("-"), Text("-"), Text("not compared"))
    else:
        yield Text(_signed(change.change, change.unit))
        yield Text(number(change.limit, 1))
        yield Text(change.verdict or "")


def _grade_table(grades: Sequence[GradeChange]) -> Table:
    table = _table("Grade", "before", "after", "", text=("before", "after", ""))
    for one in grades:
        unlike = "not compared" if one.not_compared else ""
        words = {None: unlike, True: "changed", False: "same"}[one.changed]
        if one.changed and one.value_verdict == "within the change limit":
            words += ", its value within the change limit"
        doubts = [g.grade is not None and bool(g.borderline) for g in (one.before, one.after)]
        cells = [
            f"{g.grade or 'none'}{' (borderline)' if doubt else ''}"
            for g, doubt in zip((one.before, one.after), doubts, strict=True)
        ]
        table.add_row(Text(_grade_label(one.key)), *(Text(cell) for cell in (*cells, words)))
    return table


def _grade_label(key: str) -> str:
    scheme, _, metric = key.partition(".")
    return f"{scheme_of(key)} {label_of(metric)}" if metric and scheme else scheme_of(key)


def _trend_table(trends: Sequence[Trend]) -> Table:
    films = [f"film {n + 1}" for n in range(len(trends[0].values))]
    table = _table("Value", *films, "1st to last", "95 % limit", VERDICT, text=(VERDICT,))
    for trend in trends:
        change = trend.change
        values = [
            "-" if one.value is None else value_text(one.value, one.unit) for one in trend.values
        ]
        unit = "" if change.unit == "1" else f" {change.unit}"
        outcome = ["-", "-", "not compared"]
        if change.change is not None and change.limit is not None:
            limit = value_text(change.limit, change.unit)
            outcome = [_signed(change.change, change.unit), limit, change.verdict or ""]
        table.add_row(
            Text(label_of(trend.key) + unit), *(Text(cell) for cell in (*values, *outcome))
        )
    return table


def _motion_table(motion: Motion) -> Table:
    columns = ("Segment", "% of the plate below", "mm", "rotation", "")
    table = _table(*columns, text=("",))
    for one in motion.segments:
        star = "" if one.confirmed else f" {UNCONFIRMED}"
        table.add_row(
            Text(f"{one.cranial}-{one.caudal}{star}"),
            Text(_plus_minus(one.percent, "%")),
            Text(_plus_minus(one.millimetres, "mm") if one.millimetres else "no scale"),
            Text(_plus_minus(one.rotation, "deg")),
            Text(_verdict_words(one)),
        )
    return table


def _verdict_words(one: SegmentMotion) -> str:
    return "; ".join(verdict.words for verdict in one.verdicts) or "not compared with a limit"


def _motion_lines(motion: Motion) -> Iterator[str]:
    yield (
        "+ is forwards and flexion, from extension to flexion; +- is one standard deviation "
        f"({UNCERTAINTY_WORDS[motion.reading]}); vertebrae transferred as rigid templates"
    )
    if motion.span and motion.total:
        yield (
            f"Total motion {motion.span[0]} to {motion.span[1]}: {_plus_minus(motion.total, 'deg')}"
        )
    if motion.reason:
        yield motion.reason[0].upper() + motion.reason[1:]
    for one in motion.segments:
        if one.doubt:
            yield f"Remark: {one.doubt}"
    if motion.segments:
        yield "No limit in percent was found confirmed in print; the percent describe"
        yield MOVES_WITHOUT_SYMPTOMS


def _plus_minus(quantity: Quantity, unit: str) -> str:
    return f"{number(quantity.value, 1)} +- {number(quantity.sd, 1)} {unit}"


def _with_sd(one: Measurement) -> str:
    if one.value is None or one.sd is None:
        return f"not given ({short_reason(one.reason or '')})"
    return f"{number(one.value, 1)} +- {number(one.sd, 1)} {one.unit}"


def _signed(value: float, unit: str) -> str:
    text = value_text(value, unit)
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"
