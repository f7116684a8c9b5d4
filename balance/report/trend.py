"""Examinations of one patient in time, as sections of a report: values, changes, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from balance.references import citation
from balance.report.document import (
    Block,
    Facts,
    Lines,
    LineStyle,
    Picture,
    Pictures,
    Section,
    Table,
)
from balance.report.lettering import typeset
from balance.report.rounding import number, value_text
from balance.report.rows import LEAD, UNCONFIRMED
from balance.report.trend_plot import HEIGHT_MM, WIDTH_MM, trend_picture
from balance.report.wording import STATE_WORDS, film_title, label_of, short_reason
from balance.study.change import ESTIMATE, Change, posture_spread
from balance.study.compare import Comparison, SeriesChange, compare_series
from balance.study.curve_change import CurveChange
from balance.study.junction import Junction, Met
from balance.study.timepoints import TimePoint

SHOWN = (*LEAD, "SS", "L4_S1", "TK", "TLK", "TPA", "T1S", "CL", "cSVA", "trunk_shift")
"""Values of the trend table; what else changed beyond its limit is added."""
STATE = re.compile(
    rf"\b(?:{'|'.join(key for key in STATE_WORDS if '_' in key or key == 'ermf')})\b"
)
ABSENT = "-"
BEYOND = "beyond the change limit"
SHORT = {BEYOND: "beyond", "within the change limit": "within"}
ABOUT_LIMITS = (
    "Change limit: 1.96 sqrt(s1\u00b2 + s2\u00b2 + 2 s_posture\u00b2), what reading two films and "
    "standing again explain in 95 %. Beyond and within are about that limit, not better or worse."
)


def trend_sections(points: Sequence[TimePoint]) -> tuple[Section, ...]:
    """The sections about a series of two examinations or more, in the order of time."""
    series = compare_series(points)
    steps = _steps(points, series)
    sections = (
        Section("Series", tuple(_series(points, steps))),
        Section("Change", (_change_table(points, steps),)),
        Section("Curves, at the end vertebrae of the earlier film", tuple(_curves(steps))),
        Section("Proximal junction", tuple(_junction(series.junction))),
    )
    return tuple(section for section in sections if section.blocks)


def _steps(points: Sequence[TimePoint], series: SeriesChange) -> tuple[Comparison, ...]:
    """From the first film to the last, and from the last but one where that is another."""
    last = len(points) - 1
    pairs = dict.fromkeys(((0, last), (last - 1, last)))
    by_pair = {(one.before, one.after): one for one in series.comparisons}
    return tuple(by_pair[pair] for pair in pairs)


def _series(points: Sequence[TimePoint], steps: Sequence[Comparison]) -> Iterator[Block]:
    yield Facts(tuple((f"Film {point.place + 1}", _film_words(point)) for point in points))
    for step in steps:
        said = f"{step.before + 1} to {step.after + 1}"
        control = step.control
        if control is not None:
            style: LineStyle = "warning" if control.passed is False else "plain"
            yield Lines((typeset(f"Control, {said}: {control.sentence}."),), style)
        if step.remarks:
            told = (typeset(f"{said}: {_remark(one)}.") for one in step.remarks)
            yield Lines(tuple(told), "note")
    drawn = trend_picture(points, steps[0])
    if drawn is not None:
        words = (
            "Values with 95 % intervals over time; the numbers are the films. Grey: the change "
            "limit about the first film."
        )
        yield Pictures((Picture("trend", drawn, "png", words, (WIDTH_MM, HEIGHT_MM)),))


def _remark(text: str) -> str:
    """A remark with words instead of keys for where its scales come from."""
    return STATE.sub(lambda state: STATE_WORDS[state[0]], text)


def _film_words(point: TimePoint) -> str:
    films = "; ".join(film_title(film.landmarks) for film in point.analysis.films.values())
    return f"{point.date or 'no date'}: {films}"


def _change_table(points: Sequence[TimePoint], steps: Sequence[Comparison]) -> Table:
    rows = [{row.key: row for row in step.rows} for step in steps]
    keys = list(dict.fromkeys(key for step in rows for key in step))
    told = [
        key
        for key in (*SHOWN, *(key for key in keys if key not in SHOWN))
        if any(key in step and _is_told(key, step[key]) for step in rows)
    ]
    cells = []
    for key in told:
        unit = next(step[key].unit for step in rows if key in step)
        values = [one.analysis.measurements.get(key) for one in points]
        shown = [
            "-" if one is None or one.value is None else typeset(value_text(one.value, one.unit))
            for one in values
        ]
        outcome = [cell for step in rows for cell in _outcome_cells(step.get(key))]
        label = typeset(label_of(key) + ("" if unit == "1" else f" ({unit})"))
        cells.append((label, *shown, *outcome))
    heads = [
        head
        for step in steps
        for head in (f"{step.before + 1} to {step.after + 1}: change", "limit", "")
    ]
    films = [f"Film {point.place + 1}" for point in points]
    return Table(
        ("Value", *films, *heads),
        tuple(cells),
        (0, *(1 for _ in films), *(1 for _ in heads)),
        notes=tuple(_notes(rows, told)),
    )


def _is_told(key: str, row: Change) -> bool:
    if key in SHOWN:
        return row.before.value is not None or row.after.value is not None
    return row.verdict == BEYOND


def _outcome(row: Change | None) -> str:
    """Change, limit and verdict in one cell."""
    change, limit, verdict = _outcome_cells(row)
    return f"{change}, {limit}: {verdict}" if limit else verdict


def _outcome_cells(row: Change | None) -> tuple[str, str, str]:
    if row is None:
        return ABSENT, "", "not on both"
    if row.change is None or row.limit is None:
        apart = (row.reason or "").endswith("not compared")
        return ABSENT, "", "not compared" if apart else "not on both"
    star = "" if row.confirmed else f" {UNCONFIRMED}"
    change = typeset(_signed(row.change, row.unit)) + star
    return change, value_text(row.limit, row.unit), SHORT[row.verdict or BEYOND]


def _notes(rows: Sequence[dict[str, Change]], told: Sequence[str]) -> Iterator[str]:
    quiet = [
        label_of(key)
        for key in dict.fromkeys(key for step in rows for key in step)
        if key not in told and any(step[key].change is not None for step in rows if key in step)
    ]
    if quiet:
        yield f"Within their change limits: {', '.join(quiet)}."
    spreads = [posture_spread(key, next(s[key].unit for s in rows if key in s)) for key in told]
    sources = dict.fromkeys(one.source for one in spreads if one.source != ESTIMATE)
    yield f"{ABOUT_LIMITS} Posture: {'; '.join(citation(key) for key in sources)}, else estimates."
    if not all(row.confirmed for step in rows for row in step.values() if row.change is not None):
        yield f"{UNCONFIRMED} rests on unconfirmed points"


def _curves(steps: Sequence[Comparison]) -> Iterator[Block]:
    rows = [
        (f"{step.before + 1} to {step.after + 1}", *_curve_cells(curve))
        for step in steps
        for curve in step.curves
    ]
    if rows:
        yield Table(
            ("Films", "Curve", "Change of Cobb, limit", "Free choice"), tuple(rows), (0, 2, 3, 3)
        )


def _curve_cells(one: CurveChange) -> tuple[str, str, str]:
    before = one.curve
    free = "no such curve is listed"
    if one.free is not None:
        free = f"{one.free.upper} to {one.free.lower} {number(one.free.cobb, 1)} deg"
    label = f"{before.region} {before.upper} to {before.lower} {number(before.cobb, 1)} deg"
    return typeset(label), _outcome(one.cobb), typeset(free)


def _junction(one: Junction | None) -> Iterator[Block]:
    if one is None:
        return
    baseline = (
        f"baseline: film {one.baseline + 1} ({one.how})"
        if one.baseline is not None
        else f"no baseline: {one.how}"
    )
    yield Lines(
        (
            typeset(
                f"{one.second_above} superior to {one.uiv} inferior endplate, + kyphosis; UIV "
                f"{one.uiv}; {baseline}."
            ),
        )
    )
    rows = []
    for film in one.films:
        angle = film.angle
        value = "not given" if angle.value is None else f"{number(angle.value, 1)} deg"
        if angle.value is None:
            value += f": {short_reason(angle.reason or '')}"
        met = [_criterion(one) for one in film.met]
        ticks = [f"{tick}: {text}" for tick, text in film.ticks.items() if text]
        rows.append(
            (
                f"Film {film.place + 1}",
                typeset(value),
                _outcome(film.change) if film.change else "-",
                typeset("\n".join(met)) or "angle only",
                "\n".join(ticks) or "not recorded",
            )
        )
    heads = ("Film", "Angle", "Change, limit", "Published criteria", "Fracture, slip, pull-out")
    yield Table(heads, tuple(rows), (0, 2, 3, 4, 3))


def _criterion(one: Met) -> str:
    rule = one.criterion
    doubt = ", cannot be separated from the other answer" if one.borderline else ""
    return (
        f"{rule.name} (from {rule.angle:g} deg, {rule.increase:g} deg above the baseline): "
        f"{'met' if one.met else 'not met'}{doubt}"
    )


def _signed(value: float, unit: str) -> str:
    text = value_text(value, unit)
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"
