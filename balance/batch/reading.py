"""A first look at documents and films: what belongs together, and what has changed.

Nothing is refused here. What is wrong with a document is said when it is measured.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from balance.batch.model import to_bytes
from balance.companion import find_film
from balance.examination import holds_planned_points
from balance.landmarks.files import MAXIMUM_BYTES, SUFFIX
from balance.landmarks.model import ImageReference, Landmarks
from balance.walk import CLICKS

_HEAD = 65536


@dataclass(frozen=True, slots=True)
class Part:
    """Some files of a folder, looked at in one go."""

    folder: Path
    sources: tuple[str, ...]

    def __str__(self) -> str:
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class Look:
    """One document: what it belongs to, whether it changed, and its film.

    ``own`` is the case that it names and ``view`` what it says of the film's. ``evidence`` changes
    when the document or its film does.
    ``is_plan`` says that it holds planned points and is no examination.
    """

    source: str
    belongs: bytes
    evidence: bytes
    own: str | None = None
    film: str | None = None
    view: str = ""
    is_plan: bool = False


def look_at(part: Part) -> tuple[Look, ...]:
    """Look at documents; the folder is the working folder afterwards."""
    os.chdir(part.folder)
    return tuple(_look(source) for source in part.sources)


def look_at_films(part: Part) -> tuple[tuple[str, bytes], ...]:
    """Look at films: each with what changes when it does."""
    os.chdir(part.folder)
    return tuple((source, film_print(source)) for source in part.sources)


def unseen(source: str) -> Look:
    """A document that could not be looked at: it stands alone, and is measured again each time."""
    return Look(source, _alone(source), b"unseen")


def film_print(path: str) -> bytes:
    """Size, time and the first 64 KiB of a film, which hold its header.

    Reading every film whole would take longer than all else; a film that was changed in place has
    another time.
    """
    try:
        with open(path, "rb") as file:
            facts = os.fstat(file.fileno())
            head = hashlib.sha256(file.read(_HEAD)).digest()
    except OSError as error:
        return f"unreadable: {error.errno}".encode()
    return f"{facts.st_size} {facts.st_mtime_ns} ".encode() + head


def film_of(source: Path, landmarks: Landmarks) -> Path | None:
    """The film that a document was placed on; clicks lie beside the film of the same name."""
    film = find_film(source, landmarks)
    if film is None and source.name.endswith(CLICKS + SUFFIX):
        stem = source.name.removesuffix(CLICKS + SUFFIX)
        film = find_film(source.with_name(stem + SUFFIX), landmarks)
    return film


def _alone(source: str) -> bytes:
    return b"source\0" + to_bytes(source)


def _look(source: str) -> Look:
    try:
        if os.path.getsize(source) > MAXIMUM_BYTES:
            return Look(source, _alone(source), film_print(source))
        with open(source, "rb") as file:
            content = file.read()
    except OSError as error:
        return Look(source, _alone(source), f"unreadable: {error.errno}".encode())
    evidence = hashlib.sha256(content).digest()
    if holds_planned_points(content):
        return Look(source, _alone(source), evidence, is_plan=True)
    document = _parsed(content)
    image = document.get("image")
    image = image if isinstance(image, dict) else {}
    case, study = _text(document.get("case")), _text(image.get("study_instance_uid"))
    if case:
        belongs = b"case\0" + to_bytes(case)
    else:
        belongs = b"study\0" + to_bytes(study) if study else _alone(source)
    film = _named_film(source, _text(image.get("file")))
    if film is not None:
        evidence += film_print(film)
    view = _text(document.get("view"))
    return Look(source, belongs, evidence, case or None, film, view)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object) -> str:
    """A text that can be written again, else none."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return ""
    return value


def _named_film(source: str, named: str) -> str | None:
    stand_in = Landmarks("lateral", {}, "right", image=ImageReference(file=named or None))
    try:
        film = film_of(Path(source), stand_in)
    except (ValueError, OSError):
        # a name that no file system takes
        return None
    return None if film is None else film.as_posix()
