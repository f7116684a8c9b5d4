"""Files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from balance.errors import Unwritable


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half.

    Raises
    ------
    OSError
        The folder is missing, full or not writable; nothing is left behind.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def writing_to(path: Path, kind: str = "place") -> Iterator[None]:
    """Where an answer is written: a failure names the path as the user gave it.

    Raises
    ------
    Unwritable
        The path is missing, full or not writable.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise Unwritable(f"{path}: {reason}; choose another {kind}") from None


def keep_what_is_read(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse outputs that are among the files that are read, however their paths are spelt.

    Raises
    ------
    Unwritable
        Writing would replace what is read, as a film or the reader's clicks.
    """
    read = {identity for path in inputs for identity in _identities(path)}
    for path in outputs:
        if not read.isdisjoint(_identities(path)):
            raise Unwritable(f"{path}: is read here and would be lost; choose another output")


def _identities(path: Path) -> Iterator[str | tuple[int, int]]:
    """The place without links, and the file itself where it is there under any name."""
    try:
        yield os.path.realpath(path)
        found = path.stat()
        yield found.st_dev, found.st_ino
    except (OSError, ValueError):
        # Not there, or no name of a file: what writes or reads it says so.
        return


def json_bytes(document: object) -> bytes:
    """A document as JSON in UTF-8; half characters, as of odd file names, as JSON escapes."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    r"""A text on one line that cannot steer a terminal.

    Examples
    --------
    >>> printable("a\nb\x1b[31m")
    'a\\nb\\x1b[31m'
    """
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
