"""A film's document opened for editing: locked, read, and brought to where its journal left it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.journal import Journal, open_journal
from balance.landmarks.editor.protocols import Protocol
from balance.landmarks.editor.resume import protocol_before, resume
from balance.landmarks.editor.saving import free_sibling, read_document, write_beside
from balance.landmarks.editor.session import READ_ONLY, Recondition, Session
from balance.landmarks.editor.state import FilmFacts, start
from balance.radiograph import View

Mode = Literal["edit", "read_only", "copy"]


def open_session(
    path: Path,
    film: FilmFacts,
    protocol: Protocol | None = None,
    *,
    view: View | None = None,
    reader: str | None = None,
    recondition: Recondition | None = None,
    mode: Mode = "edit",
) -> Session:
    """Open the document of a film, with what an editor that was killed left in its journal.

    Parameters
    ----------
    path
        The landmark document; it need not exist yet.
    protocol
        What to ask for. None: what a journal or the document was made with, else *balance*.
    view
        Where neither document nor film say it.
    mode
        ``read_only`` changes nothing and needs no lock; ``copy`` copies the document to a sibling
        that no folder is walked for, and opens that.

    Raises
    ------
    DocumentInUse
        Another editor has it; the other modes remain.
    BadLandmarks
        The document cannot be read.
    OSError
        No folder takes a journal or, in mode ``copy``, the copy.
    """
    path = path.resolve()
    if mode == "read_only":
        on_disk = read_document(path)
        chosen = protocol or protocol_before(on_disk)
        state = start(film, chosen, on_disk.landmarks, view=view, reader=reader)
        return Session(path, state, on_disk, None, said=(READ_ONLY,))
    if mode == "copy":
        # An empty document has nothing to copy: the first saving writes it.
        path = _copy(path)
    journal = open_journal(path)
    try:
        return _resume(path, film, protocol, view, reader, recondition, journal)
    except BaseException:
        journal.close(remove=False)
        raise


def _resume(
    path: Path,
    film: FilmFacts,
    protocol: Protocol | None,
    view: View | None,
    reader: str | None,
    recondition: Recondition | None,
    journal: Journal,
) -> Session:
    on_disk = read_document(path)
    resumed = resume(journal, on_disk, film, protocol, view, reader)
    session = Session(
        path,
        resumed.state,
        on_disk,
        journal,
        recondition=recondition,
        offered=resumed.offered,
    )
    said = [*resumed.said]
    if not journal.beside:
        said.append(
            "The folder takes no new file: the journal of this film lies in "
            f"{journal.path.parent}, and saving will need another folder"
        )
    if session.dirty:
        said.append(f"{resumed.actions} actions that were not saved are here again")
    if session.offered:
        said.append(
            f"{session.offered} unsaved actions were made on another version of this document: "
            "take them over, or throw them away"
        )
    session.said = tuple(said)
    if protocol is not None and protocol != session.state.protocol:
        session.do(_use(protocol))
    return session


def _use(protocol: Protocol) -> ev.UseProtocol:
    return ev.UseProtocol(protocol.name, protocol.title, protocol.lateral, protocol.frontal)


def _copy(path: Path) -> Path:
    """A copy of a document under a free name; the name alone where there is no document."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return free_sibling(path, "copy")
    return write_beside(path, content, "copy")
