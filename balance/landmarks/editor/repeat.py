"""A reader's own noise: a few points asked again, blind, on films that the reader has marked.

A repeated reading is a landmark document of its own beside the first one
(``NAME.landmarks.repeat-1.json``, which no folder is walked for), begun without a point, so that
the editor asks and keeps it like any other. Films come in another order, and each point is looked
for from another place at another zoom; all of that follows from a seed.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from balance.analysis import Failure
from balance.anatomy import plate_names
from balance.errors import BalanceError
from balance.landmarks.editor.journal import open_journal
from balance.landmarks.editor.protocols import HEADS, Protocol
from balance.landmarks.editor.saving import free_sibling, read_document, write_document
from balance.landmarks.editor.worklist import Entry
from balance.landmarks.files import SUFFIX, encode_landmarks, read_landmarks, write_landmarks
from balance.landmarks.model import Landmarks, SiteDeviation
from balance.landmarks.reader_noise import SITES, ReaderNoise
from balance.radiograph import View
from balance.study.point_noise import point_spread
from balance.study.readings import FilmReadings

FEWEST = 5
"""Repeated points below which a site keeps its default noise: a deviation of so few is a guess."""
SMALLEST_MM = 0.05
"""Nobody clicks better than this; a document holds no zero."""
FARTHEST_START_MM = 60.0
ZOOMS = (0.6, 1.6)
"""Shares of the zoom at which the editor would show a point."""
WORD = "repeat"

_PLATES: dict[View, tuple[str, ...]] = {
    "lateral": ("S1", "L1", "T8", "T4"),
    "frontal": ("S1", "L3", "T8", "T2"),
}
_OTHERS: dict[View, tuple[str, ...]] = {
    "lateral": (*HEADS["lateral"], "C7_centroid"),
    "frontal": ("C7_centroid", "iliac_crest_left", "iliac_crest_right"),
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """One film to be read again: open ``document`` with ``protocol``.

    ``starts`` say for each point where the film is shown at first (pixels) and the share of the
    usual zoom.
    """

    film: Path
    original: Path
    document: Path
    protocol: Protocol
    starts: dict[str, tuple[float, float, float]]


def plan_repeats(
    entries: Iterable[Entry], *, reader: str | None = None, seed: int = 0, most: int = 20
) -> tuple[tuple[Repeat, ...], tuple[Failure, ...]]:
    """Choose films and points to be asked again.

    Parameters
    ----------
    entries
        Films with documents; those of another reader, and points that no reader placed, are left
        out.
    reader
        Who reads again; None takes every document.
    most
        How many films are taken at most.
    """
    chance = random.Random(seed)  # noqa: S311
    repeats, failures = [], []
    for entry in entries:
        if not entry.document.exists():
            continue
        try:
            marks = read_landmarks(entry.document)
        except BalanceError as error:
            failures.append(Failure(str(entry.document), str(error)))
            continue
        names = _names(marks)
        if names and reader in (None, marks.reader):
            document = free_sibling(entry.document, WORD)
            starts = {name: _start(marks, name, chance) for name in names}
            protocol = _protocol(marks.view, names)
            repeats.append(Repeat(entry.film, entry.document, document, protocol, starts))
    chance.shuffle(repeats)
    return tuple(repeats[:most]), tuple(failures)


def begin_repeat(repeat: Repeat) -> None:
    """Write the document of a repeated reading: what is known of the film, and no point.

    Raises
    ------
    BadLandmarks
        The first reading cannot be read any more.
    OSError
        The folder takes no file.
    """
    marks = read_landmarks(repeat.original)
    blank = replace(
        marks, points={}, covariance=None, proposal=None, notes={}, created=None, warnings=()
    )
    blank = replace(blank, document={})
    write_landmarks(blank, repeat.document)


def noise_of(documents: Iterable[Path], *, reader: str | None = None) -> ReaderNoise:
    """The noise of a reader from the first and the repeated readings of films.

    Parameters
    ----------
    documents
        The first readings; repeated ones are looked for beside them. A film without any, and a
        reading that cannot be read, does not count.
    """
    films = []
    for document in documents:
        with suppress(BalanceError):
            first = read_landmarks(document)
            again = tuple(_repeats_of(document))
            if again and reader in (None, first.reader):
                films.append(FilmReadings(str(document), (first, *again)))
    return noise_of_readings(films, reader=reader)


def noise_of_readings(films: Sequence[FilmReadings], *, reader: str | None = None) -> ReaderNoise:
    """The noise of a reader: the spread about each point's mean (n - 1), pooled over films.

    A point counts for each reading after its first. A site with fewer than `FEWEST` is left out,
    and keeps its default.
    """
    squares: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for size in {len(film.landmarks) for film in films}:
        readers = [str(number) for number in range(size)]
        alike = [film for film in films if len(film.landmarks) == size]
        for spread in point_spread(alike, readers)[0]:
            site, count = spread.row.site, spread.points * (size - 1)
            total = squares.setdefault(site, [0.0, 0.0])
            total[0] += count * spread.normal**2
            total[1] += count * spread.tangential**2
            counts[site] = counts.get(site, 0) + count
    enough = [site for site in SITES if counts.get(site, 0) >= FEWEST]
    deviations = []
    for site in enough:
        across, along = (max((whole / counts[site]) ** 0.5, SMALLEST_MM) for whole in squares[site])
        deviations.append(SiteDeviation(site, across, along))
    return ReaderNoise(
        reader, tuple(deviations), len(films), tuple(counts[site] for site in enough)
    )


def noise_lines(noise: ReaderNoise) -> Iterator[str]:
    """What was found, a line for each site, and which keep their default."""
    for site, count in zip(noise.sites, noise.repeats, strict=True):
        yield (
            f"{site.site}: {site.normal_mm:.1f} mm across, {site.tangential_mm:.1f} mm along the "
            f"plate ({count} repeated points)"
        )
    found = {site.site for site in noise.sites}
    rest = [site for site in SITES if site not in found]
    if rest:
        yield f"the default stays, with fewer than {FEWEST} repeated points: {'; '.join(rest)}"


def store_noise(documents: Iterable[Path], noise: ReaderNoise) -> tuple[Failure, ...]:
    """Write a reader's noise into that reader's documents.

    A document that another editor has open, or that holds unsaved work, is left as it is and
    named, as is one that cannot be written.
    """
    failures = []
    for path in documents:
        try:
            _store(path.resolve(), noise)
        except (BalanceError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            failures.append(Failure(str(path), f"{path}: {reason}"))
    return tuple(failures)


def _store(path: Path, noise: ReaderNoise) -> None:
    journal = open_journal(path)
    unsaved = bool(journal.lines)
    try:
        if unsaved:
            raise BalanceError("holds unsaved work: open and save it first")
        on_disk = read_document(path)
        marks = on_disk.landmarks
        if marks is None or _is_another(marks.reader, noise.reader):
            return
        told = encode_landmarks(replace(marks, reader_noise=noise.sites))
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        write_document(path, text.encode(), on_disk.digest)
    finally:
        journal.close(remove=not unsaved)


def _is_another(one: str | None, other: str | None) -> bool:
    return None not in (one, other) and one != other


def _names(marks: Landmarks) -> tuple[str, ...]:
    """The points of a film that its reader placed and that are worth asking again."""
    view = marks.view
    plates = [plate_names(level, "superior", view) for level in _PLATES[view]]
    own = {n for n, p in marks.points.items() if p.confirmed and p.source == "manual"}
    asked = [name for names in plates if own.issuperset(names) for name in names]
    return (*asked, *(name for name in _OTHERS[view] if name in own))


def _protocol(view: View, names: Sequence[str]) -> Protocol:
    title = "the same points again"
    if view == "lateral":
        return Protocol(WORD, title, lateral=tuple(names))
    return Protocol(WORD, title, frontal=tuple(names))


def _start(marks: Landmarks, name: str, chance: random.Random) -> tuple[float, float, float]:
    point, scale = marks.points[name], marks.scale
    unit = 1.0 if scale.has_millimetres else scale.column_mm / 0.15
    across, down = (chance.uniform(-FARTHEST_START_MM, FARTHEST_START_MM) for _ in range(2))
    x = point.x + across * unit / scale.column_mm
    return x, point.y + down * unit / scale.row_mm, chance.uniform(*ZOOMS)


def _repeats_of(document: Path) -> Iterator[Landmarks]:
    """The repeated readings beside a document, oldest first; one that is broken is left out."""
    stem = document.name.removesuffix(SUFFIX)
    number = re.compile(re.escape(stem) + rf"\.landmarks\.{WORD}-(\d+)\.json")
    matches = ((number.fullmatch(path.name), path) for path in document.parent.iterdir())
    for _, path in sorted((int(match[1]), path) for match, path in matches if match):
        with suppress(BalanceError):
            marks = read_landmarks(path)
            if marks.points:
                yield marks
