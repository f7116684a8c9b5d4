"""The lead values of one patient over time, with their intervals and the change limit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from balance.report.lettering import font, typeset
from balance.report.palette import FAINT_INK, INK, PAPER, PAST_INK, RULE
from balance.report.rows import LEAD
from balance.report.wording import label_of
from balance.study.change import Change
from balance.study.compare import Comparison
from balance.study.timepoints import TimePoint

WIDTH_MM, HEIGHT_MM = 180.0, 46.0
DPI = 254
MOST = 6
LETTERS = 7.0
Measured = tuple[float, float, tuple[float, float]]
ROOM = 0.12
"""Share of the time axis that is left free on both sides."""


def trend_picture(points: Sequence[TimePoint], whole: Comparison) -> bytes | None:
    """A small chart of each lead value that two films have, as PNG; None where there is none.

    Parameters
    ----------
    whole
        The last film against the first.
    """
    trends = [row for row in whole.rows if row.key in LEAD and len(_known(points, row.key)) > 1]
    if not trends:
        return None
    with matplotlib.style.context("default"):
        size = (WIDTH_MM / 25.4, HEIGHT_MM / 25.4)
        figure = Figure(figsize=size, dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        width = 1.0 / MOST
        for place, row in enumerate(trends):
            box = (place * width + 0.028, 0.16, width - 0.036, 0.66)
            _draw(figure.add_axes(box, label=row.key), row, points)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


def _times(points: Sequence[TimePoint]) -> list[float]:
    """Days from the first film where all are dated and apart, else their places."""
    try:
        days = [date.fromisoformat(point.date or "").toordinal() for point in points]
    except ValueError:
        days = []
    if len(set(days)) == len(points):
        return [float(day - days[0]) for day in days]
    return [float(place) for place in range(len(points))]


def _known(points: Sequence[TimePoint], key: str) -> list[Measured]:
    """Time, value and interval of the films that have the value."""
    known = []
    for time, point in zip(_times(points), points, strict=True):
        one = point.analysis.measurements.get(key)
        if one is not None and one.value is not None:
            known.append((time, one.value, one.ci95 or (one.value, one.value)))
    return known


def _draw(ax: Axes, change: Change, points: Sequence[TimePoint]) -> None:
    known, times = _known(points, change.key), _times(points)
    if change.limit is not None and change.before.value is not None:
        first = change.before.value
        band = (first - change.limit, first + change.limit)
        ax.axhspan(*band, color=RULE, alpha=0.45, linewidth=0.0, zorder=0)
    ax.plot([time for time, _, _ in known], [v for _, v, _ in known], color=INK, linewidth=0.8)
    for time, value, (low, high) in known:
        ax.plot([time, time], [low, high], color=PAST_INK, linewidth=1.6, zorder=2)
        ax.plot([time], [value], "o", color=PAST_INK, markersize=3.2, zorder=3)
    span = (times[-1] - times[0]) or 1.0
    ax.set_xlim(times[0] - ROOM * span, times[-1] + ROOM * span)
    ax.set_xticks(list(times), [str(n) for n in range(1, len(times) + 1)])
    unit = "" if change.unit == "1" else f" ({change.unit})"
    ax.set_title(
        typeset(f"{label_of(change.key)}{unit}").replace("(deg)", "(\N{DEGREE SIGN})"),
        fontproperties=font("bold"),
        fontsize=LETTERS,
        color=INK,
        loc="left",
        pad=4.0,
    )
    for tick in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        tick.set_fontproperties(font())
        tick.set_fontsize(LETTERS)
        tick.set_color(FAINT_INK)
    ax.tick_params(length=2.0, width=0.5, color=RULE, pad=1.5)
    ax.locator_params(axis="y", nbins=4)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(RULE)
        spine.set_linewidth(0.6)
