"""The figures of a reader study: reliability, differences, point noise."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from balance.report.lettering import FAMILY
from balance.report.palette import CURVES, FAINT_INK, INK, PAPER, PAST_INK, RULE
from balance.report.rows import LEAD
from balance.study.agree import COBB, Agreement, PairAgreement, ValueAgreement
from balance.study.agree_rows import in_order, value_label
from balance.study.point_noise import SiteSpread

STYLE: dict[Any, Any] = {
    "font.family": FAMILY,
    "font.size": 8.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT_INK,
    "axes.linewidth": 0.6,
    "xtick.color": FAINT_INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.5,
    "svg.hashsalt": "spinal-balance",
    "svg.fonttype": "path",
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
}
MARKERS = ("o", "s", "^", "D", "v", "P")
PAIR_COLOURS = (PAST_INK, CURVES[0], CURVES[2], FAINT_INK, CURVES[1], CURVES[3])
MOST_PAIRS = 3
"""Pairs of readers in one panel; with more, each reader stands against the mean of the others."""
DPI = 150


def figures(study: Agreement) -> dict[str, Figure]:
    """Every figure that the study has values for, by name."""
    with rc_context(STYLE):
        found = {
            "reliability": _reliability(study),
            "differences": _differences(study),
            "point_noise": _point_noise(study),
        }
        for figure in filter(None, found.values()):
            # Laid out once, so that every format and every saving shows the same.
            FigureCanvasAgg(figure)
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
    return {name: figure for name, figure in found.items() if figure is not None}


def as_svg(figure: Figure) -> bytes:
    """The same figure, the same bytes."""
    return _saved(figure, "svg", metadata={"Date": None, "Creator": None})


def as_png(figure: Figure) -> bytes:
    """The same figure, the same bytes."""
    return _saved(figure, "png", metadata={"Software": None}, dpi=DPI)


def _saved(figure: Figure, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _layout() -> ConstrainedLayoutEngine:
    return ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.06)


def _reliability(study: Agreement) -> Figure | None:
    """ICC(2,1) of every value with its interval, ICC(3,1) as an open mark."""
    values = [one for one in in_order(study) if one.reliability is not None]
    if not values:
        return None
    figure = Figure(figsize=(7.2, 0.9 + 0.2 * len(values)), layout=_layout(), dpi=DPI)
    ax = figure.add_subplot()
    for place, one in enumerate(values):
        if one.reliability is None:
            continue
        whole, consistent = one.reliability.icc_2_1, one.reliability.icc_3_1
        if whole.value is not None and whole.ci95 is not None:
            ax.plot(whole.ci95, [place, place], color=PAST_INK, lw=1.6, solid_capstyle="butt")
            ax.plot(whole.value, place, "o", color=PAST_INK, ms=4.5)
        if consistent.value is not None:
            ax.plot(consistent.value, place, "o", mfc="none", mec=INK, ms=7.0, mew=0.8)
    ax.plot([], [], "o-", color=PAST_INK, ms=4.5, lw=1.6, label="ICC(2,1), absolute, 95 %")
    ax.plot([], [], "o", mfc="none", mec=INK, ms=7.0, mew=0.8, label="ICC(3,1), consistency")
    lowest = min(
        [
            0.0,
            *(
                o.reliability.icc_2_1.ci95[0]
                for o in values
                if o.reliability and o.reliability.icc_2_1.ci95
            ),
        ]
    )
    ax.set_xlim(max(lowest - 0.05, -1.0), 1.03)
    _name_rows(ax, [value_label(one.key) for one in values])
    ax.set_xlabel("intraclass correlation, single reading")
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    return figure


def _differences(study: Agreement) -> Figure | None:
    """Bland-Altman panels of the lead values and the Cobb angles."""
    wanted = [*LEAD, *COBB.values(), "TK"]
    values = [one for one in in_order(study) if one.key in wanted and one.pairs]
    if not values:
        return None
    columns = min(3, len(values))
    rows = -(-len(values) // columns)
    figure = Figure(figsize=(2.9 * columns, 2.5 * rows + 0.5), layout=_layout(), dpi=DPI)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    readers = study.readings.readers
    for ax, one in zip(panels, values, strict=False):
        shown = one.pairs if len(one.pairs) <= MOST_PAIRS else one.against_others
        _panel(ax, one, shown, readers)
    for ax in panels[len(values) :]:
        ax.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    return figure


def _panel(
    ax: Axes, one: ValueAgreement, pairs: Sequence[PairAgreement], readers: Sequence[str]
) -> None:
    for n, pair in enumerate(pairs):
        colour, marker = PAIR_COLOURS[n % 6], MARKERS[n % 6]
        first = one.readings[:, readers.index(pair.first)]
        if pair.second == "others":
            second = np.delete(one.readings, readers.index(pair.first), axis=1).mean(axis=1)
        else:
            second = one.readings[:, readers.index(pair.second)]
        ax.plot(
            (first + second) / 2,
            first - second,
            marker,
            color=colour,
            ms=3.0,
            mew=0,
            alpha=0.8,
            label=f"{pair.first} - {pair.second}",
        )
        ax.axhline(pair.found.bias, color=colour, lw=1.1)
        for limit in pair.found.limits:
            ax.axhline(limit, color=colour, lw=0.8, ls=(0, (4, 2)))
    ax.axhline(0, color=INK, lw=0.5)
    unit = "" if one.unit == "1" else f" [{one.unit}]"
    ax.set_title(f"{value_label(one.key)}{unit}, n {len(one.films)}", fontsize=8.5, loc="left")
    ax.set_xlabel("mean", fontsize=7.0)
    ax.set_ylabel("difference", fontsize=7.0)
    ax.tick_params(axis="y", labelsize=7.0)
    _bare(ax)


def _point_noise(study: Agreement) -> Figure | None:
    """Measured spreads beside the default ones."""
    if not study.sites:
        return None
    figure = Figure(figsize=(7.2, 1.2 + 0.42 * len(study.sites)), layout=_layout(), dpi=DPI)
    ax = figure.add_subplot()
    default = 0 if study.kind == "within_reader" else 1
    for place, one in enumerate(study.sites):
        usual = (one.row.within, one.row.total)[default]
        for n, (shift, value) in enumerate(
            zip((-0.17, 0.17), (one.normal, one.tangential), strict=True)
        ):
            ax.barh(place + shift, value, height=0.3, color=(PAST_INK, CURVES[0])[n], zorder=2)
            ax.plot(
                [usual[n]] * 2,
                [place + shift - 0.19, place + shift + 0.19],
                color=INK,
                lw=1.6,
                zorder=3,
            )
    ax.barh([0], [0], color=PAST_INK, label="normal (upper bar)")
    ax.barh([0], [0], color=CURVES[0], label="tangential (lower bar)")
    ax.plot([], [], color=INK, lw=1.6, label="default of the program")
    _name_rows(ax, [_site_label(one) for one in study.sites])
    ax.set_xlabel("standard deviation [mm], readers' biases in it")
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def _site_label(one: SiteSpread) -> str:
    return f"{one.view}: {one.row.site.split(', lateral film')[0]} ({one.points})"


def _name_rows(ax: Axes, names: Sequence[str]) -> None:
    """A row for each name, the first at the top."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="x", color=RULE, lw=0.5)
    ax.set_axisbelow(True)
    _bare(ax)


def _bare(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=2.5, width=0.6)
