"""What lies in a folder: landmark documents, films, and what cannot be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from balance.companion import FILM_ENDINGS
from balance.dicom_file import looks_like_dicom
from balance.landmarks.files import SUFFIX

Kind = Literal["document", "clicks", "film", "odd", "closed folder", "linked folder"]
CLICKS = ".clicks"
"""Stands before the ending of a document that holds some clicks and is no case by itself."""
NOT_CASES = ("*.truth.*", f"*{CLICKS}.*")
"""What lies beside a case and is no case itself."""
LEDGER = ".ledger"
"""Lies in a folder that holds the results of a batch."""
NO_FILMS = ("DICOMDIR",)
_START = 140


@dataclass(frozen=True, slots=True)
class Found:
    """One name in the folder; ``source`` is relative to it, with ``/`` on every system.

    ``target`` is the real path behind a link. ``error`` says why an odd file or a closed folder
    cannot be read, and what to do.
    """

    source: str
    kind: Kind
    target: str | None = None
    error: str = ""


def walk(folder: Path) -> Iterator[Found]:
    """Every document and film below a folder, in no order, holding one folder in hand at a time.

    Linked folders are named and not entered, so that no loop of links has a way in; linked files
    are read. Folders that hold the results of a batch are left out.
    """
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:
                    source = inside + entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        yield from _look_at(entry, source)
                    elif not os.path.isdir(os.path.join(entry.path, LEDGER)):
                        waiting.append(f"{source}/")
        except OSError as error:
            reason = f"the folder cannot be read ({error.strerror}); nothing in it was seen"
            yield Found(inside.rstrip("/") or ".", "closed folder", error=reason)


def _look_at(entry: os.DirEntry[str], source: str) -> Iterator[Found]:
    linked = entry.is_symlink()
    if linked and os.path.isdir(entry.path):
        yield Found(source, "linked folder")
        return
    kind = _kind(entry)
    if kind is None:
        return
    if _is_file(entry):
        yield Found(source, kind, os.path.realpath(entry.path) if linked else None)
    else:
        what = "a link that leads nowhere" if linked else "not a regular file"
        yield Found(source, "odd", error=f"{what}; remove it, or put the file there")


def _kind(entry: os.DirEntry[str]) -> Kind | None:
    name, ending = entry.name, os.path.splitext(entry.name)[1].lower()
    if name.endswith(CLICKS + SUFFIX):
        return "clicks"
    if any(fnmatchcase(name, other) for other in NOT_CASES):
        return None
    if name.endswith(SUFFIX):
        return "document"
    if ending in FILM_ENDINGS:
        return "film"
    # a film whose name is a UID, or has no ending
    nameless = not ending or ending[1:].isdigit()
    if nameless and name not in NO_FILMS and _is_file(entry) and _starts_like_dicom(entry.path):
        return "film"
    return None


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _starts_like_dicom(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return looks_like_dicom(file.read(_START))
    except OSError:
        return False
