"""What the user names to be compared, as examinations in their order in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from balance.analysis import Analysis, Failure, analyse_files
from balance.errors import BalanceError
from balance.inputs import find_documents
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading

MOVED = ("flexion", "extension")


@dataclass(frozen=True, slots=True)
class TimePoint:
    """One examination of a series; ``name`` is what the user called it."""

    place: int
    name: str
    analysis: Analysis

    @property
    def date(self) -> str | None:
        """When the films were taken, as the documents say it."""
        return _date(self.analysis)

    @property
    def label(self) -> str:
        """Name and date, as they head a column."""
        return f"{self.name} ({self.date})" if self.date else self.name


@dataclass(frozen=True, slots=True)
class BendingPair:
    """A flexion and an extension film of one examination."""

    name: str
    flexion: Analysis
    extension: Analysis

    @property
    def landmarks(self) -> tuple[Landmarks, Landmarks]:
        """The points of the flexion film and of the extension film."""
        flexion, extension = (
            one.films["lateral"].landmarks for one in (self.flexion, self.extension)
        )
        return flexion, extension


@dataclass(frozen=True, slots=True)
class Series:
    """Everything that was named: time points, bending films, and what was refused."""

    points: tuple[TimePoint, ...]
    bending: tuple[BendingPair, ...]
    failures: tuple[Failure, ...]


def read_series(inputs: Iterable[Path], *, reading: Reading = "between_readers") -> Series:
    """Read documents, films and folders, one examination each, in the order of the command line.

    A folder may hold the films of several dates: they become time points in the order of dates. A
    flexion and an extension film make a pair of their own, whether one input holds both or two
    inputs hold one each; one alone is a time point.
    """
    points: list[TimePoint] = []
    pairs: list[BendingPair] = []
    failures: list[Failure] = []
    bent: list[tuple[str, Analysis]] = []
    for given in inputs:
        for name, paths in _by_date(given, failures):
            analyses, refused = analyse_files(paths, segmental=True, reading=reading)
            failures.extend(refused)
            moved = {position(one): one for one in analyses if _is_bent(one)}
            if len(moved) == len(MOVED):
                pairs.append(BendingPair(name, moved["flexion"], moved["extension"]))
                analyses = tuple(one for one in analyses if not _is_bent(one))
            if len(analyses) > 1:
                ids = ", ".join(_sources(one) for one in analyses)
                failures.append(
                    Failure(
                        str(given),
                        f"{name}: {len(analyses)} examinations where one is compared ({ids}); name "
                        "the one that is meant, or give its films one case",
                    )
                )
                continue
            for one in analyses:
                points.append(TimePoint(len(points), name, one))
                if _is_bent(one):
                    bent.append((name, one))
    loose = {position(one): (name, one) for name, one in bent}
    if not pairs and len(bent) == 2 and len(loose) == 2:
        (name, flexion), (other, extension) = loose["flexion"], loose["extension"]
        pairs.append(BendingPair(f"{name}, {other}", flexion, extension))
        points = [one for one in points if not _is_bent(one.analysis)]
    points = [replace(one, place=n) for n, one in enumerate(points)]
    return Series(tuple(points), tuple(pairs), tuple(failures))


def read_bending(
    flexion: Path, extension: Path, *, reading: Reading = "between_readers"
) -> tuple[BendingPair | None, tuple[Failure, ...]]:
    """A pair that the user named as such, whatever positions the documents record."""
    found: list[Analysis] = []
    failures: list[Failure] = []
    for given in (flexion, extension):
        paths, missing = find_documents([given])
        analyses, refused = analyse_files(paths, segmental=True, reading=reading)
        failures.extend((*missing, *refused))
        lateral = [one for one in analyses if "lateral" in one.films]
        if len(lateral) == 1:
            found.append(lateral[0])
        elif not missing and not refused:
            failures.append(
                Failure(str(given), f"{given}: {len(lateral)} lateral films; name one document")
            )
    said = tuple(position(one) for one in found)
    if said == MOVED[::-1]:
        names = f"{flexion}, {extension}"
        sentence = f"{names}: the documents record {said[0]} and {said[1]}; exchange the two"
        failures.append(Failure(names, sentence))
    if len(found) < len(MOVED) or said == MOVED[::-1]:
        return None, tuple(failures)
    return BendingPair(f"{flexion}, {extension}", *found), tuple(failures)


def find_point(points: Sequence[TimePoint], word: str) -> int | None:
    """The place of the film that a user names by its number, from 1, or by what was given."""
    if word.isdecimal() and 1 <= int(word) <= len(points):
        return int(word) - 1
    return next((one.place for one in points if word in (one.name, one.date)), None)


def position(analysis: Analysis) -> str:
    """How the patient stood or lay, as the first film says it."""
    return analysis.examination.documents[0].landmarks.acquisition.position


def _is_bent(analysis: Analysis) -> bool:
    return "lateral" in analysis.films and position(analysis) in MOVED


def _by_date(given: Path, failures: list[Failure]) -> Sequence[tuple[str, list[Path]]]:
    paths, missing = find_documents([given])
    failures.extend(missing)
    dates: dict[str | None, list[Path]] = {}
    for path in paths:
        try:
            dates.setdefault(read_landmarks(path).acquired, []).append(path)
        except BalanceError as error:
            failures.append(Failure(str(path), str(error)))
    if len(dates) <= 1:
        return [(str(given), one) for one in dates.values()]
    undated = dates.pop(None, [])
    if len(dates) == 1:
        (only,) = dates.values()
        return [(str(given), sorted([*only, *undated]))]
    failures.extend(
        Failure(
            str(path),
            f"{path}: no date, in a folder of films of several dates; add acquired, or name the "
            "films one by one",
        )
        for path in undated
    )
    return [(str(given), dates[date]) for date in sorted(filter(None, dates))]


def _sources(analysis: Analysis) -> str:
    return " + ".join(Path(one.source).name for one in analysis.examination.documents)


def _date(analysis: Analysis) -> str | None:
    known = [one.landmarks.acquired for one in analysis.examination.documents]
    return next((date for date in known if date), None)
