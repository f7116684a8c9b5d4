"""What the files, films and folders that a user names stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from balance.analysis import Failure
from balance.companion import FILM_ENDINGS
from balance.examination import holds_planned_points
from balance.landmarks.files import MAXIMUM_BYTES, SUFFIX
from balance.walk import walk


@dataclass(frozen=True, slots=True)
class Inputs:
    """What inputs stand for; ``plans`` lie in a folder and hold planned points: no examinations."""

    documents: tuple[Path, ...]
    failures: tuple[Failure, ...]
    plans: tuple[Path, ...]


def find_documents(inputs: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """The landmark documents of `find_inputs`, and the inputs that failed."""
    found = find_inputs(inputs)
    return found.documents, found.failures


def find_inputs(inputs: Iterable[Path]) -> Inputs:
    """The landmark documents that files, films and folders stand for, each once, in order.

    A folder is walked for ``*.landmarks.json`` except ``*.truth.*``, ``*.clicks.*`` and plans,
    which are measured where they are named themselves; a film stands for the document beside it.
    """
    found: dict[Path, Path] = {}
    failures: list[Failure] = []
    plans: list[Path] = []
    for given in inputs:
        drawn: list[Path] = []
        try:
            if given.is_dir():
                documents, drawn, refused = _in_folder(given)
            else:
                documents, refused = _beside(given)
        except OSError as error:
            reason = error.strerror or "cannot be read"
            sentence = f"{given}: {reason}; check the path and its permissions"
            documents, refused = [], [Failure(str(given), sentence)]
        plans += drawn
        failures += refused
        for path in documents:
            found.setdefault(path.resolve(), path)
    return Inputs(tuple(found.values()), tuple(failures), tuple(plans))


def _in_folder(folder: Path) -> tuple[list[Path], list[Path], list[Failure]]:
    """Documents, plans, and what cannot be looked at."""
    everything = sorted(walk(folder), key=lambda one: Path(one.source))
    failures = [
        Failure(str(folder / one.source), f"{folder / one.source}: {one.error}")
        for one in everything
        if one.kind == "closed folder" or (one.kind == "odd" and one.source.endswith(SUFFIX))
    ]
    documents = [folder / one.source for one in everything if one.kind == "document"]
    if not documents and not failures:
        failures.append(Failure(str(folder), f"{folder}: no {SUFFIX} file in this folder"))
    examinations: list[Path] = []
    plans: list[Path] = []
    for path in documents:
        (plans if _holds_plan(path) else examinations).append(path)
    if plans and not examinations and not failures:
        sentence = f"{folder}: only plans in this folder; name one to have it measured"
        failures.append(Failure(str(folder), sentence))
    return examinations, plans, failures


def _beside(given: Path) -> tuple[list[Path], list[Failure]]:
    """The document that a name means, or why there is none."""
    if given.name.endswith(SUFFIX) or given.suffix == ".json":
        return [given], []
    if not given.exists():
        return [], [Failure(str(given), f"{given}: no such file; check the path")]
    # A film without an ending may have dots in its name: a UID, for one.
    stems = [given.name]
    if given.suffix.lower() in FILM_ENDINGS:
        stems.insert(0, given.stem)
    beside = [given.with_name(stem + SUFFIX) for stem in stems]
    documents = [path for path in beside if path.exists()][:1]
    if documents:
        return documents, []
    return [], [Failure(str(given), f"{given}: no landmarks beside it ({beside[0].name})")]


def _holds_plan(path: Path) -> bool:
    try:
        return path.stat().st_size <= MAXIMUM_BYTES and holds_planned_points(path.read_bytes())
    except OSError:
        # Said where the document is read.
        return False
