"""Documents of the same films by several readers, matched film by film."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.analysis import Failure, read_document
from balance.errors import BalanceError
from balance.inputs import find_documents
from balance.landmarks.files import SUFFIX
from balance.landmarks.model import Landmarks

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class BadReaders(BalanceError):
    """Folders that cannot be a reader study."""


@dataclass(frozen=True, slots=True)
class FilmReadings:
    """One film with the landmarks of every reader, in the readers' order."""

    name: str
    landmarks: tuple[Landmarks, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A document whose film not every reader has read."""

    reader: str
    source: str


@dataclass(frozen=True, slots=True)
class Readings:
    """What several readers made of the same films.

    ``readers`` are letters: whoever read is nobody's business but the user's, who knows the
    ``folders``. ``failures`` name the reader too.
    """

    readers: tuple[str, ...]
    folders: tuple[str, ...]
    films: tuple[FilmReadings, ...]
    unmatched: tuple[Unmatched, ...]
    failures: tuple[tuple[str, Failure], ...]


def read_readings(folders: Sequence[Path]) -> Readings:
    """Read the folders of two readers or more and match their documents.

    Documents of the same relative path are of one film; the others are matched by ``case``, view
    and position where each reader has just one.

    Raises
    ------
    BadReaders
        Fewer than two folders, too many, or one that is named twice.
    """
    if len(folders) < 2:
        raise BadReaders("one folder is no reader study; name the folders of two readers or more")
    if len(folders) > len(LETTERS):
        raise BadReaders(f"{len(folders)} folders are more than the {len(LETTERS)} that are read")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise BadReaders("a folder is named twice; every reader needs a folder of their own")
    failures: list[tuple[str, Failure]] = []
    read: list[dict[str, Landmarks]] = []
    for letter, folder in zip(LETTERS, folders, strict=False):
        found, refused = _read_folder(folder)
        read.append(found)
        failures.extend((letter, failure) for failure in refused)
    common = [name for name in read[0] if all(name in one for one in read)]
    films = [FilmReadings(name, tuple(one[name] for one in read)) for name in common]
    rest = [{n: film for n, film in one.items() if n not in set(common)} for one in read]
    by_case, left = _match_by_case(rest)
    return Readings(
        readers=tuple(LETTERS[: len(folders)]),
        folders=tuple(str(folder) for folder in folders),
        films=tuple(sorted((*films, *by_case), key=lambda film: film.name)),
        unmatched=tuple(
            Unmatched(letter, name)
            for letter, one in zip(LETTERS, left, strict=False)
            for name in one
        ),
        failures=tuple(failures),
    )


def _read_folder(folder: Path) -> tuple[dict[str, Landmarks], list[Failure]]:
    paths, missing = find_documents([folder])
    failures = list(missing)
    found: dict[str, Landmarks] = {}
    for path in paths:
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        try:
            found[name.removesuffix(SUFFIX)] = read_document(path)
        except BalanceError as error:
            failures.append(Failure(str(path), str(error)))
    return found, failures


def _match_by_case(
    rest: Sequence[Mapping[str, Landmarks]],
) -> tuple[list[FilmReadings], list[list[str]]]:
    grouped = [_by_case(one) for one in rest]
    films: list[FilmReadings] = []
    used: list[set[str]] = [set() for _ in rest]
    for key, names in grouped[0].items():
        matches = [one.get(key, []) for one in grouped]
        if all(len(match) == 1 for match in matches):
            chosen = [match[0] for match in matches]
            films.append(
                FilmReadings(
                    names[0], tuple(one[name] for one, name in zip(rest, chosen, strict=True))
                )
            )
            for taken, name in zip(used, chosen, strict=True):
                taken.add(name)
    left = [
        [name for name in one if name not in taken] for one, taken in zip(rest, used, strict=True)
    ]
    return films, left


def _by_case(documents: Mapping[str, Landmarks]) -> dict[tuple[str, str, str], list[str]]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for name, film in documents.items():
        if film.case:
            key = film.case, film.view, film.acquisition.position
            groups.setdefault(key, []).append(name)
    return groups


def named_readers(films: Iterable[FilmReadings]) -> frozenset[str | None]:
    """Whom the documents name as their readers; None stands for a document that names nobody."""
    return frozenset(film.reader for readings in films for film in readings.landmarks)


def one_reader(films: Iterable[FilmReadings]) -> str | None:
    """The reader whom every document names, None where there is no such reader."""
    named = named_readers(films)
    return next(iter(named)) if len(named) == 1 else None
