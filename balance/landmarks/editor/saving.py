"""A document on disk: read with its digest, written only over the version that was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from balance import __version__
from balance.errors import BadLandmarks, BalanceError
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.state import EDITOR_FIELD, kept_fields
from balance.landmarks.files import SUFFIX, encode_landmarks, parse_landmarks
from balance.landmarks.model import Landmarks
from balance.writing import write_atomically

SOFTWARE = f"spinal-balance {__version__}"


class DocumentChanged(BalanceError):
    """Somebody else wrote the document since it was opened."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A document as it lies on disk; both None where there is none."""

    landmarks: Landmarks | None
    digest: str | None


def read_document(path: Path) -> OnDisk:
    """The document and the digest of its bytes.

    Raises
    ------
    BadLandmarks
        It is there and cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return OnDisk(None, None)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadLandmarks(f"{path}: {reason}; check its permissions") from None
    try:
        return OnDisk(parse_landmarks(content), digest(content))
    except BadLandmarks as error:
        raise BadLandmarks(f"{path}: {error}") from None


def digest(content: bytes) -> str:
    """What tells one version of a document from another."""
    return hashlib.sha256(content).hexdigest()


def document_bytes(content: Content, before: Mapping[str, Any]) -> bytes:
    """The document of a content, with the unknown fields of the one it was read from."""
    kept = before.get(EDITOR_FIELD)
    editor = {**(kept if isinstance(kept, Mapping) else {}), **kept_fields(content)}
    created = before.get("created")
    landmarks = replace(
        content.landmarks,
        document={**before, EDITOR_FIELD: editor},
        created=created if isinstance(created, str) else date.today().isoformat(),
        software=SOFTWARE,
    )
    text = json.dumps(encode_landmarks(landmarks), indent=1, ensure_ascii=False) + "\n"
    return text.encode()


def write_document(path: Path, content: bytes, expected: str | None) -> None:
    """Write a document over the version that is expected there, and over no other.

    Parameters
    ----------
    expected
        Digest of the version that was read, None where there was none.

    Raises
    ------
    DocumentChanged
        Another version lies there; it is left as it is.
    OSError
        It cannot be written; nothing is left half written.
    """
    try:
        there = digest(path.read_bytes())
    except FileNotFoundError:
        there = None
    if there is not None and there != expected:
        raise DocumentChanged(
            f"{path.name} was changed by someone else since it was opened: save beside it as "
            f"{free_sibling(path, 'conflict').name}, or write over the other version"
        )
    write_atomically(path, content)


def write_beside(path: Path, content: bytes, word: str = "conflict") -> Path:
    """Write to the first free sibling of a document, and name it."""
    while True:
        sibling = free_sibling(path, word)
        try:
            sibling.open("xb").close()
        except FileExistsError:
            continue
        write_atomically(sibling, content)
        return sibling


def free_sibling(path: Path, word: str) -> Path:
    """The first free name beside a document, one that no folder is walked for.

    Examples
    --------
    >>> free_sibling(Path("/no/such/folder/A.landmarks.json"), "conflict").name
    'A.landmarks.conflict-1.json'
    """
    stem = path.name.removesuffix(SUFFIX).removesuffix(".json")
    number = 1
    while (sibling := path.with_name(f"{stem}.landmarks.{word}-{number}.json")).exists():
        number += 1
    return sibling
