"""The values in words beside the films."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from balance.analysis import Analysis
from balance.report.lettering import broken, font, text_width, typeset
from balance.report.palette import FAINT_INK, INK, PAST_INK, RULE
from balance.report.plate import POINTS_PER_INCH
from balance.report.record import NOTICE, SOFTWARE
from balance.report.rows import (
    UNCONFIRMED,
    Row,
    curve_rows,
    lead_rows,
    not_measured,
    other_rows,
    scheme_rows,
    second_reading,
)
from balance.report.verdicts import MIXED, PAST, PAST_UNFLAGGED, SYMBOLS
from balance.report.wording import (
    UNCERTAINTY_WORDS,
    grade_scope,
    notes,
    short_reason,
    subject_words,
)

PANEL_WIDTH = 5.4
"""Inches."""
NO_BREAK = "\N{NO-BREAK SPACE}"
WIDTH = PANEL_WIDTH * POINTS_PER_INCH
SIZES = (1.1, 1.05, 1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
"""Shares of the letter sizes, tried until everything fits."""
MOST_WARNINGS = 6
FOOTER = 48.0
"""Points."""

VALUE_RIGHT = 0.63
SYMBOL_COLOURS = {PAST: PAST_INK, PAST_UNFLAGGED: PAST_INK, MIXED: PAST_INK}


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of text at a place of the panel: points from its left edge and from its top."""

    x: float
    y: float
    text: str
    size: float
    weight: str = "normal"
    colour: str = INK
    align: str = "left"
    gid: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across the panel."""

    y: float


Drawn = Piece | Rule
Section = Callable[[Analysis, float, float], tuple[list[Drawn], float]]
"""Takes the analysis, the y to start at and the share of the letter sizes; returns the next y."""


def draw_panel(ax: Axes, analysis: Analysis) -> Axes:
    """Write the values of an examination on axes of ``PANEL_WIDTH`` inches.

    Lead values first with their grades, then curves, the other values, classifications, what was
    not measured, notes and warnings. The letters shrink until everything fits.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    height = ax.bbox.height / figure.dpi * POINTS_PER_INCH
    ax.set_axis_off()
    ax.set_xlim(0.0, WIDTH)
    ax.set_ylim(height, 0.0)
    pieces: list[Drawn] = []
    for share in SIZES:
        pieces, end = _laid_out(analysis, share)
        foot = list(_footer(analysis, height, share))
        if end <= min(piece.y for piece in foot) - 6.0:
            break
    for piece in (*pieces, *foot):
        _draw(ax, piece)
    return ax


def panel_height(analysis: Analysis) -> float:
    """Inches that the values take in their usual letters."""
    _, end = _laid_out(analysis, 1.0)
    return (end + FOOTER) / POINTS_PER_INCH


def _laid_out(analysis: Analysis, share: float) -> tuple[list[Drawn], float]:
    sections: Sequence[Section] = (_heading, _leads, _curves, _others, _schemes, _missing, _notes)
    pieces: list[Drawn] = []
    y = 0.0
    for section in sections:
        more, y = section(analysis, y, share)
        pieces += more
    return pieces, y


def _heading(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    size = 15.0 * share
    y += size
    kind = UNCERTAINTY_WORDS[analysis.uncertainty]
    pieces: list[Drawn] = [
        Piece(0.0, y, "Spinal alignment", size, "bold"),
        Piece(WIDTH, y, subject_words(analysis.examination.subject), 9.0 * share, align="right"),
    ]
    y += 17.0 * share
    small = 7.5 * share
    head = f"95 % interval, {kind}"
    pieces += [
        Piece(WIDTH * VALUE_RIGHT, y, "value", small, colour=FAINT_INK, align="right"),
        Piece(WIDTH, y, head, small, colour=FAINT_INK, align="right"),
    ]
    return pieces, y + 3.0


def _leads(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    pieces: list[Drawn] = []
    for row in lead_rows(analysis):
        pieces.append(Rule(y))
        y += 15.5 * share
        pieces.append(Piece(0.0, y, row.label, 12.5 * share, "bold"))
        name_at = text_width(row.label, 12.5 * share, "bold") + 6.0
        value_width = text_width(typeset(f"{row.value} {row.unit}"), 13.0 * share, "bold")
        if name_at + text_width(row.name, 7.7 * share) < WIDTH * VALUE_RIGHT - value_width - 4.0:
            pieces.append(Piece(name_at, y, row.name, 7.7 * share, colour=FAINT_INK))
        if row.value:
            pieces += _value_pieces(row, y, 13.0 * share, 10.0 * share)
        else:
            more, y = _wrapped(row.absence, 14.0, y, 8.5 * share)
            pieces += more
        for symbol, words in row.verdicts:
            more, y = _verdict(symbol, words, y, 8.5 * share)
            pieces += more
        y += 6.5 * share
    return pieces, y


def _value_pieces(row: Row, y: float, size: float, interval_size: float) -> Iterator[Drawn]:
    value = typeset(f"{row.value} {row.unit}") + ("" if row.confirmed else f" {UNCONFIRMED}")
    gid = f"panel.{row.key}"
    yield Piece(WIDTH * VALUE_RIGHT, y, value, size, "bold", align="right", gid=gid)
    interval = typeset(f"{row.interval} {row.unit}")
    yield Piece(WIDTH, y, interval, interval_size, align="right", gid=f"{gid}.interval")


def _verdict(symbol: str, words: str, y: float, size: float) -> tuple[list[Drawn], float]:
    more, end = _wrapped(words, 14.0, y, size)
    colour = SYMBOL_COLOURS.get(symbol, FAINT_INK)
    mark = Piece(1.0, y + size * 1.35, symbol, size * 1.1, colour=colour)
    return [mark, *more], end


def _curves(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    rows = curve_rows(analysis)
    if "frontal" not in analysis.films:
        return [], y
    pieces, y = _title("Curves (Cobb)", y, share)
    if not rows:
        more, y = _wrapped("no curve of 10 deg or more", 0.0, y, 8.5 * share)
        return [*pieces, *more], y
    for row in rows:
        y += 12.0 * share
        name = row.label.removesuffix(" curve")
        pieces.append(Piece(0.0, y, name, 9.0 * share, "bold"))
        name_at = text_width(name, 9.0 * share, "bold") + 7.0
        pieces.append(Piece(name_at, y, row.name, 7.7 * share))
        pieces += _value_pieces(row, y, 9.5 * share, 8.5 * share)
    return pieces, y + 3.0


def _others(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    """The other values in two columns; their grades in words below, where there are any."""
    rows = [row for row in other_rows(analysis) if "." not in row.key]
    if not rows:
        return [], y
    pieces, y = _title("Other values", y, share)
    size, step = 7.7 * share, 11.3 * share
    half = (len(rows) + 1) // 2
    column = WIDTH * 0.485
    for place, row in enumerate(rows):
        left = 0.0 if place < half else WIDTH - column
        line = y + step * (place % half + 1)
        label = row.label if row.confirmed else f"{row.label} {UNCONFIRMED}"
        value, interval = typeset(f"{row.value} {row.unit}"), typeset(row.interval)
        pieces += [
            Piece(left, line, label, size),
            Piece(left + 0.63 * column, line, value, size, "bold", align="right"),
            Piece(left + column, line, interval, size, colour=FAINT_INK, align="right"),
        ]
    y += step * half + 2.0
    for row in rows:
        for symbol, words in row.verdicts:
            more, y = _verdict(symbol, f"{row.label}: {words}", y, 8.0 * share)
            pieces += more
    return pieces, y


def _schemes(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    rows = scheme_rows(analysis)
    if not rows:
        return [], y
    pieces, y = _title("Classifications", y, share)
    for row in rows:
        for symbol, words in row.verdicts:
            more, y = _verdict(symbol, f"{row.label} {words}", y, 8.5 * share)
            pieces += more
    return pieces, y


def _missing(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    groups = not_measured(analysis)
    if not groups:
        return [], y
    pieces, y = _title("Not measured", y, share)
    for reason, labels in groups:
        more, y = _wrapped(f"{reason}: {', '.join(labels)}", 0.0, y, 8.0 * share)
        pieces += more
    return pieces, y


def _notes(analysis: Analysis, y: float, share: float) -> tuple[list[Drawn], float]:
    said = [second_reading(analysis), "; ".join(notes(analysis))]
    scope = grade_scope(analysis)
    if scope:
        said.append(f"Grades: {'; '.join(scope)}")
    pieces, y = _title("Notes and warnings", y, share)
    shown = list(analysis.warnings[:MOST_WARNINGS])
    if len(analysis.warnings) > MOST_WARNINGS:
        shown.append(f"and {len(analysis.warnings) - MOST_WARNINGS} more warnings")
    for text in filter(None, (*said, *(f"Warning: {short_reason(warning)}" for warning in shown))):
        more, y = _wrapped(text, 0.0, y, 8.0 * share)
        pieces += more
    return pieces, y


def _footer(analysis: Analysis, height: float, share: float) -> Iterator[Piece]:
    signs = dict(SYMBOLS)
    rows = (*lead_rows(analysis), *other_rows(analysis), *curve_rows(analysis))
    if not all(row.confirmed for row in rows):
        signs[UNCONFIRMED] = "unconfirmed points"
    entries = (f"{symbol} {words}" for symbol, words in signs.items())
    legend = "  ".join(entry.replace(" ", NO_BREAK) for entry in entries)
    legend = legend.replace("  ", f"{NO_BREAK} {NO_BREAK}")
    lines = broken(legend, WIDTH, 7.5 * share)
    for place, line in enumerate(lines):
        y = height - 16.0 - 10.0 * share * (len(lines) - 1 - place)
        yield Piece(0.0, y, line.strip(NO_BREAK), 7.5 * share, colour=FAINT_INK)
    yield Piece(0.0, height - 2.0, NOTICE, 8.0, "bold")
    yield Piece(WIDTH, height - 2.0, SOFTWARE, 8.0, colour=FAINT_INK, align="right")


def _title(text: str, y: float, share: float) -> tuple[list[Drawn], float]:
    y += 5.0 * share
    below = y + 13.0 * share
    return [Rule(y), Piece(0.0, below, text, 9.0 * share, "bold", FAINT_INK)], below


def _wrapped(text: str, x: float, y: float, size: float) -> tuple[list[Drawn], float]:
    lines = broken(typeset(text), WIDTH - x, size)
    step = size * 1.35
    return [Piece(x, y + step * n, line, size) for n, line in enumerate(lines, 1)], (
        y + step * len(lines)
    )


def _draw(ax: Axes, piece: Drawn) -> None:
    if isinstance(piece, Rule):
        ax.add_line(Line2D([0.0, WIDTH], [piece.y] * 2, color=RULE, linewidth=0.8))
        return
    artist = ax.text(
        piece.x,
        piece.y,
        typeset(piece.text),
        color=piece.colour,
        ha=piece.align,
        va="baseline",
        fontproperties=font(piece.weight),
        fontsize=piece.size,
        parse_math=False,
    )
    artist.set_gid(piece.gid or None)
