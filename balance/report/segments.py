"""Bodies, discs and slips, level by level: what stands out of its interval, and the whole table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from balance.analysis import Analysis
from balance.anatomy import CERVICAL
from balance.metrics.model import Measurement
from balance.radiograph import View
from balance.report.document import Table
from balance.report.rounding import interval_text, number
from balance.report.rows import UNCONFIRMED

ABSENT = "-"
NECK = CERVICAL[:-1]
SHORTEST_HEAD = 10
"""Letters of a heading that a column has room for at least."""
WALLS: Mapping[str, str] = {
    "height_loss": "anterior wall {size} % lower than the posterior wall",
    "height_loss_anterior": "anterior wall {size} % lower than the mean of its neighbours'",
    "height_loss_posterior": "posterior wall {size} % lower than the mean of its neighbours'",
}
"""How a loss of height is told, by the word before the dot of its key."""
SLIPS: tuple[tuple[View, str, tuple[str, str]], ...] = (
    ("lateral", "listhesis", ("anterior", "posterior")),
    ("frontal", "lateral_listhesis", ("to the right", "to the left")),
)
NOTES: tuple[tuple[View | None, str], ...] = (
    (
        None,
        "Discs are those below the level, slips those of the level on the one below. Above C7 only "
        "what stands out.",
    ),
    (
        "lateral",
        "Angles of bodies and discs: + lordosis. Front < back: how much lower the anterior wall "
        "is than the posterior one; next: the mean of the same wall above and below; why a body "
        "is lower is not stated. Slip: + anterior; percent of the endplate below.",
    ),
    (
        "frontal",
        "Frontal angles: + when they open to the patient's right. Lateral slip: + to the "
        "patient's right.",
    ),
)
Cell = Callable[[Mapping[str, Measurement], str, str], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out at one level: its words, the keys that it rests on, how large it is."""

    level: str
    words: str
    keys: tuple[str, ...]
    size: float


def slips(analysis: Analysis) -> tuple[Finding, ...]:
    """Slips whose 95 % interval leaves out zero and whose points are confirmed, largest first."""
    found = []
    for view, stem, sides in SLIPS:
        film = analysis.films.get(view)
        for key, share in film.measurements.items() if film else ():
            if film is None or not key.startswith(f"{stem}_percent."):
                continue
            pair = key.partition(".")[2]
            length = film.measurements[f"{stem}.{pair}"]
            one, keys = (length, (length.key, key)) if length.value is not None else (share, (key,))
            if _stands_out(share) and _stands_out(one):
                words = _slip_words(pair, one, share, sides)
                found.append(Finding(pair.split("_")[0], words, keys, abs(_value(share))))
    return tuple(sorted(found, key=lambda one: -one.size))


def height_losses(analysis: Analysis) -> tuple[Finding, ...]:
    """Bodies with a wall that is lower by more than its interval, the greatest loss first."""
    film = analysis.films.get("lateral")
    if film is None:
        return ()
    found = []
    for level in film.landmarks.existing_levels:
        lost = [
            (words, one)
            for stem, words in WALLS.items()
            if (one := film.measurements.get(f"{stem}.{level}")) is not None
            and _stands_out(one)
            and _value(one) > 0
        ]
        if lost:
            told = "; ".join(
                f"{words.format(size=number(_value(one), 0))} ({_interval(one)})"
                for words, one in lost
            )
            keys = tuple(one.key for _, one in lost)
            size = max(_value(one) for _, one in lost)
            found.append(Finding(level, f"{level} {told}", keys, size))
    return tuple(sorted(found, key=lambda one: -one.size))


def segment_table(analysis: Analysis) -> Table | None:
    """Every level with what was measured of it; None where nothing was.

    Of the neck only the levels where something stands out, and C7.
    """
    levels = _levels(analysis)
    columns: list[tuple[str, list[str]]] = []
    for view, head, cell in _COLUMNS:
        if view in analysis.films:
            measured = analysis.films[view].measurements
            cells = [cell(measured, level, below) for level, below in levels]
            if any(text != ABSENT for text in cells):
                columns.append((head, cells))
    rows = [(level, *(cells[n] for _, cells in columns)) for n, (level, _) in enumerate(levels)]
    kept = tuple(row for row in rows if any(cell != ABSENT for cell in row[1:]))
    if not kept:
        return None
    return Table(
        ("Level", *(head for head, _ in columns)),
        kept,
        (0, *(max(len(head), SHORTEST_HEAD) for head, _ in columns)),
        notes=tuple(words for view, words in NOTES if view in (*analysis.films, None)),
    )


def _levels(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """Each level of the films with the one below it, from the head down."""
    films = list(analysis.films.values())
    most = max(films, key=lambda film: len(film.landmarks.existing_levels))
    stand_out = {one.level for one in (*slips(analysis), *height_losses(analysis))}
    return tuple(
        (level, below)
        for level, below in pairwise(most.landmarks.existing_levels)
        if level not in NECK or level in stand_out
    )


def _one(stem: str, *, pair: bool, decimals: int) -> Cell:
    def cell(measured: Mapping[str, Measurement], level: str, below: str) -> str:
        one = measured.get(f"{stem}.{level}_{below}" if pair else f"{stem}.{level}")
        if one is None or one.value is None:
            return ABSENT
        star = "" if one.confirmed else f" {UNCONFIRMED}"
        return f"{number(one.value, decimals)}{star}"

    return cell


def _both(stem: str) -> Cell:
    """A slip in millimetres and in percent."""
    cells = [_one(f"{stem}{suffix}", pair=True, decimals=0) for suffix in ("", "_percent")]

    def cell(measured: Mapping[str, Measurement], level: str, below: str) -> str:
        told = [one(measured, level, below) for one in cells]
        return ABSENT if set(told) == {ABSENT} else " / ".join(told)

    return cell


_COLUMNS: tuple[tuple[View, str, Cell], ...] = (
    ("lateral", "Body, \N{DEGREE SIGN}", _one("segmental", pair=False, decimals=1)),
    ("lateral", "Front < back, %", _one("height_loss", pair=False, decimals=0)),
    (
        "lateral",
        "Front < next, %",
        _one("height_loss_anterior", pair=False, decimals=0),
    ),
    (
        "lateral",
        "Back < next, %",
        _one("height_loss_posterior", pair=False, decimals=0),
    ),
    ("lateral", "Disc, \N{DEGREE SIGN}", _one("segmental", pair=True, decimals=1)),
    ("lateral", "Disc, mm", _one("disc_height", pair=True, decimals=1)),
    ("lateral", "Slip, mm/%", _both("listhesis")),
    ("frontal", "Frontal body, \N{DEGREE SIGN}", _one("segmental", pair=False, decimals=1)),
    ("frontal", "Frontal disc, \N{DEGREE SIGN}", _one("segmental", pair=True, decimals=1)),
    ("frontal", "Lateral slip, mm/%", _both("lateral_listhesis")),
)


def _slip_words(pair: str, one: Measurement, share: Measurement, sides: tuple[str, str]) -> str:
    cranial, caudal = pair.split("_")
    side = sides[0 if _value(share) > 0 else 1]
    size = f"{number(abs(_value(one)), 0)} {one.unit}"
    if one is not share:
        size += f" ({number(abs(_value(share)), 0)} %)"
    return f"{cranial} {size} {side} on {caudal} ({_interval(one)} {one.unit})"


def _interval(one: Measurement) -> str:
    """The interval of a size; the words beside it name the side."""
    assert one.ci95 is not None
    low, high = one.ci95
    if _value(one) < 0:
        low, high = -high, -low
    return interval_text(low, high, one.unit)


def _stands_out(one: Measurement) -> bool:
    if one.value is None or one.ci95 is None or not one.confirmed:
        return False
    return one.ci95[0] > 0 or one.ci95[1] < 0


def _value(one: Measurement) -> float:
    assert one.value is not None
    return one.value
