"""The drawings of the page as SVG, made from numbers and fixed words only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import atan2, ceil, degrees, floor, log10

from balance.batch.summary import Shown, Summary

CROWD = 300
"""With more points than this outlines only hide each other."""

Point = tuple[float, float, int, bool]
"""Two values, the place of the case in the table, and whether the case is flagged."""


@dataclass(frozen=True, slots=True)
class Axes:
    """A drawing's frame: its size in pixels and the values at its edges."""

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    margin: tuple[float, float, float, float] = (10.0, 12.0, 34.0, 44.0)
    """Top, right, bottom, left."""

    def across(self, value: float) -> float:
        """Where a value lies from the left, in pixels."""
        _, right, _, left = self.margin
        share = (value - self.x[0]) / (self.x[1] - self.x[0])
        return left + min(max(share, 0.0), 1.0) * (self.width - left - right)

    def down(self, value: float) -> float:
        """Where a value lies from the top, in pixels."""
        top, _, bottom, _ = self.margin
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.height - bottom - min(max(share, 0.0), 1.0) * (self.height - top - bottom)


def histogram(summary: Summary, shown: Shown) -> str:
    """Bars of one value, with its limits as dashed lines and a tick at the median."""
    bars = summary.bars(shown)
    axes = Axes(
        330, 150, (shown.low, shown.high), (0, max([*bars, 1])), margin=(16.0, 12.0, 24.0, 12.0)
    )
    parts = []
    for place, number in enumerate(bars):
        if number:
            start = axes.across(shown.low + place * shown.bin)
            end = axes.across(shown.low + (place + 1) * shown.bin)
            top = axes.down(number)
            parts.append(
                f'<rect class="bar" x="{start + 0.75:.1f}" y="{top:.1f}" '
                f'width="{end - start - 1.5:.1f}" height="{axes.down(0) - top:.1f}"/>'
            )
    parts += _x_axis(axes, _ticks(shown.low, shown.high, 6))
    for mark in shown.marks:
        at = axes.across(mark)
        parts.append(
            f'<line class="limit" x1="{at:.1f}" x2="{at:.1f}" y1="14" y2="{axes.down(0):.1f}"/>'
            f'<text class="limit-word" x="{at:.1f}" y="10" text-anchor="middle">{mark:g}</text>'
        )
    if shown.key in summary.values:
        at = axes.across(summary.quartiles(shown.key)[1])
        foot = axes.down(0)
        parts.append(
            f'<path class="median" d="M{at:.1f} {foot:.1f}l-5 8h10z"><title>median</title></path>'
        )
    return _svg(axes, f"distribution of {shown.label}", parts)


def incidence_and_lordosis(summary: Summary, points: Sequence[Point] | None) -> str:
    """PI across, LL up, and the band in which LL lies within 9 deg of PI."""
    axes = Axes(460, 380, (20, 100), (-30, 100))
    x0, x1 = axes.x
    band = [(x0, x0 - 9), (x1, x1 - 9), (x1, x1 + 9), (x0, x0 + 9)]
    corners = " ".join(f"{axes.across(x):.1f},{axes.down(y):.1f}" for x, y in band)
    under = [
        f'<polygon class="band" points="{corners}"/>',
        f'<text class="band-word" x="{axes.across(88):.1f}" y="{axes.down(88):.1f}" '
        'dominant-baseline="central" '
        f'transform="rotate({_slope(axes):.1f} {axes.across(88):.1f} {axes.down(88):.1f})" '
        'text-anchor="middle">LL = PI &#177; 9 deg</text>',
    ]
    return _scatter(summary, axes, "PI/LL", 1.0, points, ("PI, deg", "LL, deg"), under)


def sagittal_and_coronal(summary: Summary, points: Sequence[Point] | None) -> str:
    """C7-CSVL across as on the film, SVA up, and the limits of both."""
    axes = Axes(460, 380, (-100, 100), (-80, 200))
    x, y = [axes.across(-40), axes.across(40)], [axes.down(50), axes.down(-80)]
    under = [
        f'<rect class="band" x="{x[0]:.1f}" y="{y[0]:.1f}" width="{x[1] - x[0]:.1f}" '
        f'height="{y[1] - y[0]:.1f}"/>',
        f'<text class="band-word" x="{axes.across(0):.1f}" y="{y[0] + 14:.1f}" '
        'text-anchor="middle">under 50 mm and 40 mm</text>',
    ]
    names = ("C7-CSVL, mm (+ to the patient's right)", "SVA, mm (+ anterior)")
    return _scatter(summary, axes, "C7_CSVL/SVA", 2.0, points, names, under)


def _scatter(
    summary: Summary,
    axes: Axes,
    pair: str,
    width: float,
    points: Sequence[Point] | None,
    names: tuple[str, str],
    under: list[str],
) -> str:
    marks = (
        _density(axes, summary.pairs.get(pair, Counter()), width)
        if points is None
        else _marks(axes, points)
    )
    parts = [
        *under,
        *_x_axis(axes, _ticks(*axes.x, 8)),
        *_y_axis(axes, _ticks(*axes.y, 7)),
        *marks,
        f'<text class="axis" x="{(axes.across(axes.x[0]) + axes.across(axes.x[1])) / 2:.0f}" '
        f'y="{axes.height - 4:.0f}" text-anchor="middle">{names[0]}</text>',
        f'<text class="axis" x="12" y="{axes.height / 2 - 12:.0f}" text-anchor="middle" '
        f'transform="rotate(-90 12 {axes.height / 2 - 12:.0f})">{names[1]}</text>',
    ]
    return _svg(axes, f"{names[1]} against {names[0]}", parts)


def _marks(axes: Axes, points: Sequence[Point]) -> Iterator[str]:
    """A ring for a case, a triangle for a flagged one; smaller where there are many."""
    size = min(max(5.2 - 0.8 * log10(max(len(points), 1)), 2.2), 4.2)
    crowd = " crowd" if len(points) > CROWD else ""
    for x, y, place, flagged in points:
        across, down = axes.across(x), axes.down(y)
        if flagged:
            half, rise = 0.95 * size, 1.65 * size
            shape = f"M{across:.1f} {down - size:.1f}l{half:.1f} {rise:.1f}h{-2 * half:.1f}z"
        else:
            r = 0.8 * size
            arc = f"a{r:.1f} {r:.1f} 0 1 0"
            shape = f"M{across - r:.1f} {down:.1f}{arc} {2 * r:.1f} 0{arc} {-2 * r:.1f} 0"
        kind = "flagged" if flagged else "plain"
        yield f'<path class="case {kind}{crowd}" data-row="{place}" d="{shape}"/>'


def _density(axes: Axes, counted: Counter[tuple[int, int]], width: float) -> Iterator[str]:
    """Squares, the darker the more cases lie in them."""
    most = max(counted.values(), default=1)
    for (x, y), number in sorted(counted.items()):
        left, right = axes.across((x - 0.5) * width), axes.across((x + 0.5) * width)
        top, foot = axes.down((y + 0.5) * width), axes.down((y - 0.5) * width)
        share = 0.12 + 0.88 * (number / most) ** 0.5
        yield (
            f'<rect class="density" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{foot - top:.1f}" fill-opacity="{share:.2f}"/>'
        )


def _x_axis(axes: Axes, ticks: Iterable[float]) -> Iterator[str]:
    foot = axes.down(axes.y[0])
    left, right = axes.across(axes.x[0]), axes.across(axes.x[1])
    yield f'<line class="frame" x1="{left:.1f}" x2="{right:.1f}" y1="{foot:.1f}" y2="{foot:.1f}"/>'
    for tick in ticks:
        at = axes.across(tick)
        yield f'<path class="frame" d="M{at:.1f} {foot:.1f}v4"/>'
        yield f'<text x="{at:.1f}" y="{foot + 16:.1f}" text-anchor="middle">{_number(tick)}</text>'


def _y_axis(axes: Axes, ticks: Iterable[float]) -> Iterator[str]:
    left, right = axes.across(axes.x[0]), axes.across(axes.x[1])
    for tick in ticks:
        at = axes.down(tick)
        yield f'<line class="grid" x1="{left:.1f}" x2="{right:.1f}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield f'<text x="{left - 6:.1f}" y="{at + 4:.1f}" text-anchor="end">{_number(tick)}</text>'


def _ticks(low: float, high: float, most: int) -> list[float]:
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100) if (high - low) / s <= most)
    return [step * n for n in range(ceil(low / step), floor(high / step) + 1)]


def _slope(axes: Axes) -> float:
    """How the line of equal values is turned in the drawing, degrees."""
    rise = axes.down(50) - axes.down(40)
    return degrees(atan2(rise, axes.across(50) - axes.across(40)))


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _svg(axes: Axes, name: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {axes.width:g} {axes.height:g}" role="img" aria-label="{name}">'
        f"{''.join(parts)}</svg>"
    )
