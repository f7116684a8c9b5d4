"""The live values, as the report words them, and the one-line warnings below them."""

from __future__ import annotations

from collections.abc import Sequence

from balance.landmarks.editor.live import Live
from balance.landmarks.editor.window.flow import Flow, fitted_lines, shortened
from balance.landmarks.editor.window.marks import Area, Fill
from balance.landmarks.editor.window.theme import (
    CAUTION,
    INK,
    LARGE,
    QUIET,
    RULE,
    SMALL,
    TINY,
    USUAL,
)
from balance.report.lettering import text_width, typeset
from balance.report.rows import UNCONFIRMED, Row
from balance.report.verdicts import MIXED, PAST, PAST_UNFLAGGED
from balance.report.wording import UNCERTAINTY_WORDS

_PAST_INK = {PAST: CAUTION, PAST_UNFLAGGED: CAUTION, MIXED: CAUTION}
_VALUE_RIGHT = 0.55
_LEAD_STEP, _VERDICT_STEP, _OTHER_STEP = 25.5, 12.5, 13.0
_INDENT = 14.0
_NOTICE = "\N{WARNING SIGN} "
_MOST_NOTICES, _NOTICE_LINES = 6, 2


def values_table(flow: Flow, live: Live, *, finished: bool) -> None:
    """The lead values with intervals and grades in words, then the others as room allows.

    What is not marked is told once the protocol is ``finished``, not while it is asked for.
    """
    leads = (*live.lead, *live.curves)
    others = [row for row in live.others if "." not in row.key]
    interval = UNCERTAINTY_WORDS[live.film.sites.uncertainty]
    flow.skip(TINY * 1.4)
    flow.write(f"95 % interval, {interval}", TINY, QUIET, align="right")
    flow.skip(3.0)
    fit = _fitting(flow, leads)
    for row in leads:
        _lead(flow, row, fit, finished=finished)
    if live.second and flow.room > 4 * _VERDICT_STEP:
        flow.skip(2.0)
        flow.paragraph(typeset(live.second), SMALL, QUIET, most=2)
    if others and flow.room > 3 * _OTHER_STEP:
        _others(flow, others)


def notices_height(flow: Flow, notices: Sequence[str]) -> float:
    """Points that the warnings take."""
    return sum(len(lines) * 1.35 * SMALL + 3.0 for lines in _notice_lines(flow, notices))


def notices_block(flow: Flow, notices: Sequence[str]) -> None:
    """The warnings, one after another."""
    for lines in _notice_lines(flow, notices):
        for place, text in enumerate(lines):
            flow.skip(1.35 * SMALL)
            if place == 0:
                flow.write(_NOTICE, SMALL + 1.0, CAUTION)
            flow.write(text, SMALL, INK, indent=14.0, gid="notice")
        flow.skip(3.0)


def _notice_lines(flow: Flow, notices: Sequence[str]) -> list[Sequence[str]]:
    shown = [typeset(notice) for notice in notices[:_MOST_NOTICES]]
    if len(notices) > _MOST_NOTICES:
        shown[-1] = f"and {len(notices) - _MOST_NOTICES + 1} more warnings"
    width = flow.width - 14.0
    return [fitted_lines(text, width, SMALL, most=_NOTICE_LINES) for text in shown]


def _fitting(flow: Flow, leads: Sequence[Row]) -> tuple[int, int]:
    """How many grades each value may have and in how many lines each, so that all values fit."""
    for verdicts, lines in ((9, 2), (9, 1), (1, 1)):
        need = sum(
            _LEAD_STEP + _VERDICT_STEP * len(_grade_lines(flow, row, verdicts, lines))
            for row in leads
        )
        if need + 4.0 <= flow.room:
            return verdicts, lines
    return 0, 1


def _grade_lines(flow: Flow, row: Row, verdicts: int, lines: int) -> list[tuple[str, str]]:
    """The symbol and the words of each line below a value; the symbol stands on the first."""
    found = []
    said = row.verdicts or ((("", row.name),) if row.key.startswith("curve.") else ())
    for symbol, words in said[:verdicts]:
        indent = _INDENT if symbol else 0.0
        parts = fitted_lines(typeset(words), flow.width - indent, SMALL, most=lines)
        found += [(symbol if place == 0 else " ", part) for place, part in enumerate(parts)]
    return found


def _lead(flow: Flow, row: Row, fit: tuple[int, int], *, finished: bool) -> None:
    y = round(flow.y)
    flow.marks.append(Fill(Area(flow.area.left, y, flow.area.right, y + 1), RULE))
    flow.skip(17.0)
    label = row.label.removesuffix(" curve")
    flow.write(label, LARGE, INK if row.value else QUIET, "bold", gid=f"label.{row.key}")
    if not row.value:
        reason = row.absence if finished or not row.absence.startswith("not marked") else ""
        words = shortened(typeset(reason), flow.width - 70.0, SMALL)
        flow.write(words or "\N{EN DASH}", SMALL, QUIET, align="right")
        flow.skip(5.0)
        return
    value = typeset(f"{row.value} {row.unit}") + ("" if row.confirmed else f" {UNCONFIRMED}")
    at = flow.width * _VALUE_RIGHT
    flow.write(value, LARGE + 0.5, INK, "bold", align="right", at=at, gid=f"value.{row.key}")
    flow.write(typeset(f"{row.interval} {row.unit}"), USUAL, QUIET, align="right")
    flow.skip(2.0)
    for symbol, words in _grade_lines(flow, row, *fit):
        flow.skip(_VERDICT_STEP)
        flow.write(symbol, USUAL, _PAST_INK.get(symbol, QUIET))
        flow.write(words, SMALL, QUIET, indent=_INDENT if symbol else 0.0)
    flow.skip(6.5)


def _others(flow: Flow, rows: Sequence[Row]) -> None:
    """The other values in two columns, without their intervals."""
    flow.rule(5.0, 0.0)
    fit = max(int(flow.room / _OTHER_STEP), 1)
    shown = rows[: 2 * fit]
    half = (len(shown) + 1) // 2
    column = 0.47 * flow.width
    top = flow.y
    for place, row in enumerate(shown):
        left = 0.0 if place < half else flow.width - column
        flow.y = top + (place % half + 1) * _OTHER_STEP * flow.unit
        more = len(rows) - len(shown) if place == len(shown) - 1 else 0
        if more:
            flow.write(f"… {more + 1} more", SMALL, QUIET, at=left)
            continue
        star = "" if row.confirmed else f" {UNCONFIRMED}"
        value = typeset(f"{row.value} {row.unit}") + star
        room = column - text_width(value, SMALL, "bold") - 6.0
        flow.write(shortened(row.label, room, SMALL), SMALL, QUIET, at=left)
        flow.write(value, SMALL, INK, "bold", at=left + column, align="right")
    flow.y = top + half * _OTHER_STEP * flow.unit
