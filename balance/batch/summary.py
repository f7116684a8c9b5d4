"""What a page says of many cases, counted as they pass by: memory does not grow with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from balance.batch.columns import Row

FINE = 0.1
"""Width of the counted bins; medians and quartiles are exact to half of it."""
FEW = 5000
"""Up to so many points are drawn one by one, more as a density."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value whose distribution is drawn.

    ``low`` and ``high`` bound the axis, ``bin`` is the width of a bar, ``marks`` the limits.
    """

    key: str
    label: str
    unit: str
    low: float
    high: float
    bin: float
    marks: tuple[float, ...] = ()
    marked: str = ""


DISTRIBUTIONS: tuple[Shown, ...] = (
    Shown("SVA", "SVA", "mm", -80, 200, 10, (50.0,), "limit 50 mm"),
    Shown("C7_CSVL", "C7-CSVL", "mm", -100, 100, 10, (-40.0, 40.0), "limit 40 mm, either side"),
    Shown("PI", "PI", "deg", 20, 100, 4),
    Shown("PT", "PT", "deg", -15, 55, 5, (20.0, 30.0), "SRS-Schwab 20 and 30 deg"),
    Shown("LL", "LL", "deg", -20, 100, 5),
    Shown("PI_LL", "PI-LL", "deg", -45, 60, 5, (-9.0, 9.0), "band of 9 deg, either side"),
)

_SCATTERS = (("PI", "LL", 1.0), ("C7_CSVL", "SVA", 2.0))


@dataclass(slots=True)
class Summary:
    """Counts that grow with every case."""

    cases: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    unconfirmed: int = 0
    values: dict[str, Counter[int]] = field(default_factory=dict)
    pairs: dict[str, Counter[tuple[int, int]]] = field(default_factory=dict)
    grades: dict[str, Counter[str]] = field(default_factory=dict)
    borderline: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """One more case."""
        self.cases += 1
        self.statuses[row.case.status] += 1
        self.flagged += row.case.flagged > 0
        self.unconfirmed += row.content["confirmation"] == "unconfirmed"
        measured = row.content["values"]
        for shown in DISTRIBUTIONS:
            value = _value(measured, shown.key)
            if value is not None:
                self.values.setdefault(shown.key, Counter())[round(value / FINE)] += 1
        for across, up, width in _SCATTERS:
            x, y = _value(measured, across), _value(measured, up)
            if x is not None and y is not None:
                cell = (round(x / width), round(y / width))
                self.pairs.setdefault(f"{across}/{up}", Counter())[cell] += 1
        for key, (word, _, _, borderline, *_) in row.content["grades"].items():
            self.grades.setdefault(key, Counter())[word or ""] += 1
            self.borderline[key] += bool(borderline)

    def quartiles(self, key: str) -> tuple[float, float, float]:
        """Lower quartile, median, upper quartile of a value that some case has."""
        counted = self.values[key]
        total = counted.total()
        wanted = [0.25 * total, 0.5 * total, 0.75 * total]
        found: list[float] = []
        passed = 0
        for place in sorted(counted):
            passed += counted[place]
            while len(found) < len(wanted) and passed >= wanted[len(found)]:
                found.append(place * FINE)
        return found[0], found[1], found[2]

    def bars(self, shown: Shown) -> list[int]:
        """How many values lie in each bin; the first and the last hold what lies beyond."""
        bars = [0] * round((shown.high - shown.low) / shown.bin)
        for place, number in self.values.get(shown.key, Counter()).items():
            at = int((place * FINE - shown.low) // shown.bin)
            bars[min(max(at, 0), len(bars) - 1)] += number
        return bars


def _value(measured: Mapping[str, Any], key: str) -> float | None:
    one = measured.get(key)
    value: float | None = one[0] if one else None
    return value
