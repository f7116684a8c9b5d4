"""The formats of other programs, and the two doors: documents out and documents in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.errors import BadLandmarks, BalanceError
from balance.exchange.aasce import read_aasce
from balance.exchange.coco import coco_files, read_coco
from balance.exchange.csv_points import csv_files, read_csv
from balance.exchange.draft import NOTHING_GIVEN, Draft, Given, Named, finish
from balance.exchange.names import file_names
from balance.exchange.slicer import read_slicer, slicer_files
from balance.landmarks.files import SUFFIX, write_landmarks
from balance.writing import keep_what_is_read, write_atomically, writing_to

Read = Callable[[Path, Given], Iterator[Draft]]
Write = Callable[[Sequence[Named], Path], tuple[tuple[Path, bytes], ...]]
Refused = tuple[str, BalanceError]


@dataclass(frozen=True, slots=True)
class ExchangeFormat:
    """One format: its name, what it is, how it is read and, where it is written, how."""

    name: str
    meaning: str
    read: Read
    write: Write | None


FORMATS: tuple[ExchangeFormat, ...] = (
    ExchangeFormat("coco", "COCO keypoints, one JSON file", read_coco, coco_files),
    ExchangeFormat("csv", "one table with a row for each point", read_csv, csv_files),
    ExchangeFormat("slicer", "3D Slicer Markups, a .mrk.json each", read_slicer, slicer_files),
    ExchangeFormat("aasce", "AASCE 2019 / BoostNet corner files", read_aasce, None),
)


def export_documents(
    documents: Sequence[Named], format: str, destination: Path, *, keep: Iterable[Path] = ()
) -> tuple[Path, ...]:
    """Write documents in the format of another program.

    Parameters
    ----------
    documents
        Name and landmarks of each; no name twice.
    format
        ``coco``, ``csv`` or ``slicer``.
    destination
        The file to write; for ``slicer`` the folder. COCO writes a file for each view where both
        are among the documents (``OUT-lateral.json``, ``OUT-frontal.json``).
    keep
        What the documents were read from, which is never written over.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    BalanceError
        One sentence: nothing to write, a name twice, a place that cannot be written.
    """
    form = _find(format)
    if form.write is None:
        raise BalanceError(f"{form.name} is read, not written; choose {_listed(written=True)}")
    _check_documents(documents)
    if destination.name.endswith(SUFFIX):
        raise BalanceError(f"{destination}: is named as a landmark document; choose another name")
    files = form.write(documents, destination)
    keep_what_is_read([path for path, _ in files], keep)
    with writing_to(destination):
        for path, content in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
    return tuple(path for path, _ in files)


def import_documents(
    source: Path, format: str, given: Given = NOTHING_GIVEN
) -> tuple[tuple[Named, ...], tuple[Refused, ...]]:
    """Read the documents of another program; what is refused does not stop the others.

    Parameters
    ----------
    source
        The file; for ``slicer`` a folder too, for ``aasce`` the folder.
    format
        One of `FORMATS` by name.
    given
        What the file may not say: side, spacing, pixel origin, films, a document like it.

    Returns
    -------
    tuple
        Name and landmarks of each document, checked as any document is; then for each that was
        refused where it stands and the error.

    Raises
    ------
    BalanceError
        The format is not known.
    """
    form = _find(format)
    documents: list[Named] = []
    refused: list[Refused] = []
    try:
        drafts = tuple(form.read(source, given))
        if given.like is not None and len(drafts) > 1:
            raise BadLandmarks(f"holds {len(drafts)} documents; only one can be like another")
    except BalanceError as error:
        return (), ((str(source), _at(str(source), error)),)
    for draft in drafts:
        try:
            documents.append((draft.name, finish(draft)))
        except BalanceError as error:
            refused.append((draft.source, _at(draft.source, error)))
    return tuple(documents), tuple(refused)


def write_documents(documents: Sequence[Named], folder: Path) -> tuple[Path, ...]:
    """Write imported documents as ``NAME.landmarks.json``; nothing that exists is replaced.

    Raises
    ------
    BalanceError
        A document of that name lies there, or the folder cannot be written.
    """
    names = file_names(name for name, _ in documents)
    paths = tuple(folder / f"{name}{SUFFIX}" for name in names)
    present = next((path for path in paths if path.exists()), None)
    if present is not None:
        raise BalanceError(f"{present}: is there already; choose another folder")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path, (_, landmarks) in zip(paths, documents, strict=True):
            write_landmarks(landmarks, path)
    return paths


def _find(name: str) -> ExchangeFormat:
    for form in FORMATS:
        if form.name == name:
            return form
    raise BalanceError(f"{name[:40]!r} is no format; choose {_listed(written=False)}")


def _listed(*, written: bool) -> str:
    return ", ".join(form.name for form in FORMATS if form.write or not written)


def _check_documents(documents: Sequence[Named]) -> None:
    if not documents:
        raise BalanceError("there is no document to export; name some")
    names = [name for name, _ in documents]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BalanceError(f"two documents are called {twice}; give them different names")
    empty = next((name for name, landmarks in documents if not name or not landmarks.points), None)
    if empty is not None:
        raise BalanceError(f"{empty or 'a document'} has no points or no name; leave it out")


def _at(place: str, error: BalanceError) -> BalanceError:
    """The error with its place before it, where it does not begin with it already."""
    said = str(error)
    return error if said.startswith(place) else type(error)(f"{place}: {said}")
