"""What a journal gives back when a film is opened again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from glob import escape
from pathlib import Path
from typing import Any

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.journal import Header, Journal
from balance.landmarks.editor.lines import NoEvent, decode_event
from balance.landmarks.editor.protocols import BALANCE, PROTOCOL, Protocol, protocol_of
from balance.landmarks.editor.saving import OnDisk
from balance.landmarks.editor.state import EDITOR_FIELD, FilmFacts, State, start
from balance.landmarks.editor.transitions import update
from balance.radiograph import View


@dataclass(frozen=True, slots=True)
class Resumed:
    """The state after a journal's actions, how many they were, what to say, and what is offered."""

    state: State
    actions: int = 0
    said: tuple[str, ...] = ()
    offered: tuple[Path, ...] = ()


def resume(
    journal: Journal,
    on_disk: OnDisk,
    film: FilmFacts,
    protocol: Protocol | None,
    view: View | None,
    reader: str | None,
) -> Resumed:
    """Replay a journal on its document, or begin a new one.

    A journal of another version of the document, or of another film, is put aside beside the new
    one and offered; lines that cannot be read are kept in a file of their own.
    """
    header, lines = _unsaved(journal, on_disk, film)
    if header is None:
        if journal.unread.count(b"\n") or any("event" in line for line in journal.lines):
            journal.put_aside("kept")
        chosen = protocol or protocol_before(on_disk)
        state = start(film, chosen, on_disk.landmarks, view=view, reader=reader)
        journal.start(header_of(state, on_disk.digest))
        return Resumed(state, offered=_put_aside(journal))
    state = _began(film, header, on_disk)
    events = events_of(lines)
    for event in events:
        state = update(state, event)
    unread = journal.unread.count(b"\n") + sum("event" in line for line in lines) - len(events)
    said: tuple[str, ...] = ()
    if unread:
        kept = journal.put_aside("damaged")
        good = [line for line in lines if "event" in line][: len(events)]
        journal.start(header)
        for line in good:
            journal.append(line)
        said = (f"{unread} lines of the journal cannot be read; they are kept in {kept.name}",)
    return Resumed(state, len(events), said, _put_aside(journal))


def _put_aside(journal: Journal) -> tuple[Path, ...]:
    """Journals that were put aside now or earlier and neither taken over nor thrown away."""
    pattern = f"{escape(journal.path.name)}-kept-*"
    return tuple(sorted(journal.path.parent.glob(pattern)))


def header_of(state: State, document: str | None) -> Header:
    """What the next actions start from: this state, saved as the document of that digest."""
    content = state.content
    return Header(
        document=document,
        film=_film_digest(state.film),
        protocol=asdict(content.protocol),
        view=content.landmarks.view,
        view_known=content.view_known,
        reader=content.landmarks.reader,
        step=content.step,
    )


def events_of(lines: Iterable[Mapping[str, Any]]) -> tuple[ev.Event, ...]:
    """The actions among a journal's lines, up to the first that this version does not know."""
    events = []
    for line in lines:
        if "event" not in line:
            continue
        told = {key: value for key, value in line.items() if key != "t"}
        try:
            events.append(decode_event(told))
        except NoEvent:
            break
    return tuple(events)


def _unsaved(
    journal: Journal, on_disk: OnDisk, film: FilmFacts
) -> tuple[Header | None, list[dict[str, Any]]]:
    """What follows in a journal on the document as it lies on disk; None where nothing does."""
    header, lines = journal.header, journal.lines
    if header is None or header.film != _film_digest(film):
        return None, []
    for place in reversed(range(len(lines))):
        # Killed between the saving and the new journal: what came before is in the document.
        if on_disk.digest is not None and lines[place].get("saving") == on_disk.digest:
            step = lines[place].get("step")
            step = step if isinstance(step, str) else None
            return replace(header, document=on_disk.digest, step=step), lines[place + 1 :]
    return (header, lines) if header.document == on_disk.digest else (None, [])


def _began(film: FilmFacts, header: Header, on_disk: OnDisk) -> State:
    """The state that a journal's actions start from."""
    protocol = protocol_of(header.protocol)
    view: View = "frontal" if header.view == "frontal" else "lateral"
    state = start(film, protocol, on_disk.landmarks, view=view, reader=header.reader)
    content = replace(state.content, step=header.step, view_known=header.view_known)
    return replace(state, content=content, start=content)


def _film_digest(film: FilmFacts) -> str:
    told = f"{film.rows} {film.columns} {film.sop_instance_uid}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def protocol_before(on_disk: OnDisk) -> Protocol:
    """The protocol that the document was made with, where it is one of the program's own."""
    kept = on_disk.landmarks.document.get(EDITOR_FIELD) if on_disk.landmarks else None
    name = kept.get("protocol") if isinstance(kept, dict) else None
    return PROTOCOL.get(str(name), BALANCE)
