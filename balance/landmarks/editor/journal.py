"""The journal of one document: every action on disk before the next one, one editor at a time.

Each action is one line of JSON, handed to the operating system by one write before the window
draws it, so a killed editor loses nothing; `Journal.sync` forces the lines onto the disk, for the
case that the machine itself stops, and may wait for an idle moment. The file is locked while an
editor has it. It names points and places and no patient: its first line ties it to the document by
a digest. Notes that the reader types stand in it as they do in the document.

A last line that was cut off in the middle is not there: what follows the last line's end is
dropped.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from balance.errors import BalanceError

if sys.platform != "win32":
    import fcntl

FORMAT = "spinal-balance-journal"
VERSION = 1
LARGEST = 256 * 2**20
"""Bytes; a day's work on one film stays far below."""


class DocumentInUse(BalanceError):
    """Another editor has the document open."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal's actions start from.

    ``document`` is the digest of the document's bytes, None where there was none; ``film`` that of
    the film's size and identity; ``step`` the step that was asked.
    """

    document: str | None
    film: str
    protocol: Mapping[str, Any]
    view: str
    view_known: bool
    reader: str | None
    step: str | None


class Journal:
    """An open, locked journal; make one with `open_journal`."""

    def __init__(self, path: Path, file: BinaryIO, beside: bool) -> None:
        self.path, self.beside = path, beside
        self._file = file
        self.header: Header | None = None
        self.lines: list[dict[str, Any]] = []
        self._read()

    def _read(self) -> None:
        """The header and the complete lines; the rest of a cut-off line is taken away."""
        self._file.seek(0)
        content = self._file.read(LARGEST)
        records = _complete(content)
        self.header = _header(records[0]) if records else None
        self.lines = records[1:] if self.header else []
        lines = content.splitlines(keepends=True)[: len(self.lines) + (self.header is not None)]
        self._size = sum(len(line) for line in lines)
        self.unread = content[self._size :]

    def start(self, header: Header) -> None:
        """Begin anew: an empty journal of a document as it is on disk now."""
        self._file.seek(0)
        self._file.truncate(0)
        self._size, self.lines, self.unread = 0, [], b""
        self.header = header
        self.append({"format": FORMAT, "version": VERSION, **asdict(header)})

    def append(self, record: Mapping[str, Any]) -> None:
        """One line more, or none: a write that fails leaves the lines before it.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        try:
            # What a cut-off line left behind is written over, or dropped again on reading.
            self._file.seek(self._size)
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._size)
            raise
        self._size += len(line)

    def put_aside(self, word: str) -> Path:
        """Copy what the journal holds to a file of its own beside it, and name that file.

        Raises
        ------
        OSError
            The folder takes no further file.
        """
        self._file.seek(0)
        content = self._file.read(LARGEST)
        number = 1
        while True:
            kept = self.path.with_name(f"{self.path.name}-{word}-{number}")
            try:
                with kept.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                return kept
            except FileExistsError:
                number += 1

    def sync(self) -> None:
        """Wait until the lines lie on the disk."""
        os.fsync(self._file.fileno())

    def close(self, *, remove: bool) -> None:
        """Give the document free; ``remove`` when nothing in the journal is needed any more."""
        if remove:
            self.path.unlink(missing_ok=True)
        self._file.close()


def journal_beside(document: Path) -> Path:
    """The journal of a document where its folder takes one."""
    return document.with_name(document.name.removesuffix(".json") + ".journal")


def open_journal(document: Path) -> Journal:
    """The journal of a document, beside it or, where that folder takes none, in the user's own.

    Raises
    ------
    DocumentInUse
        Another editor has it.
    OSError
        No folder takes a journal.
    """
    beside = journal_beside(document)
    try:
        return Journal(beside, _locked(beside), beside=True)
    except OSError:
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The file's own name may hold a patient's; its digest does not.
        own = folder / (hashlib.sha256(str(document).encode()).hexdigest()[:32] + ".journal")
        return Journal(own, _locked(own), beside=False)


def state_folder() -> Path:
    """Where this user's programs keep what must outlive them."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "spinal-balance" / "journals"


def _locked(path: Path) -> BinaryIO:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        file = os.fdopen(handle, "r+b", buffering=0)
        try:
            _lock(file)
        except BaseException:
            file.close()
            raise
        # The editor that had it may have removed the file between the opening and the lock.
        with suppress(OSError):
            if os.fstat(handle).st_ino == path.stat().st_ino:
                return file
        file.close()


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DocumentInUse(
            "the film is open in another editor: close it there, or open it here to look only, or "
            "as a copy"
        ) from None


def _record(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _header(record: Mapping[str, Any]) -> Header | None:
    if record.get("format") != FORMAT or record.get("version") != VERSION:
        return None
    document, reader, step = (record.get(key) for key in ("document", "reader", "step"))
    film, protocol, view = (record.get(key) for key in ("film", "protocol", "view"))
    texts = all(one is None or isinstance(one, str) for one in (document, reader, step))
    if not (texts and isinstance(film, str) and isinstance(protocol, dict)):
        return None
    known = record.get("view_known")
    if view not in ("lateral", "frontal") or not isinstance(known, bool):
        return None
    return Header(document, film, protocol, view, known, reader, step)


def read_journal(path: Path) -> tuple[Header | None, list[dict[str, Any]]]:
    """The header and the complete lines of a journal, without its lock; nothing where none is."""
    try:
        content = path.read_bytes()[:LARGEST]
    except OSError:
        return None, []
    records = _complete(content)
    return (_header(records[0]), records[1:]) if records else (None, [])


def _complete(content: bytes) -> list[dict[str, Any]]:
    """The lines up to the first that is cut off or is no JSON object."""
    records = []
    for line in content.splitlines(keepends=True):
        record = _record(line)
        if record is None:
            break
        records.append(record)
    return records
