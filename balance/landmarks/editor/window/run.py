"""The editor from its command: films, a window, until it is closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.errors import BalanceError
from balance.landmarks.editor.own_protocol import read_protocol
from balance.landmarks.editor.protocols import PROTOCOL, Protocol
from balance.landmarks.editor.repeat import noise_lines, noise_of, plan_repeats, store_noise
from balance.landmarks.editor.window.backends import Backend, open_shell
from balance.landmarks.editor.window.films import Films, Manner
from balance.landmarks.editor.window.window import Window, make_figure
from balance.landmarks.editor.worklist import Entry, find_entries
from balance.radiograph import View
from balance.writing import printable


@dataclass(frozen=True, slots=True)
class Sitting:
    """What the command was given: protocol by name or file, view, reader, switches."""

    protocol: str | None = None
    view: View | None = None
    reader: str | None = None
    repeat: bool = False
    proposals: bool = True

    def manner(self) -> Manner:
        """How films are opened.

        Raises
        ------
        BalanceError
            There is no such protocol.
        """
        chosen = None if self.protocol is None else protocol_named(self.protocol)
        return Manner(chosen, self.view, self.reader, self.proposals)


def edit_films(
    inputs: Sequence[Path],
    sitting: Sitting,
    backend: Backend | None,
    say: Callable[[str], None],
) -> int:
    """Edit the films that files and folders stand for; how many could not be listed.

    Parameters
    ----------
    say
        Tells the reader in the terminal what could not be listed.

    Raises
    ------
    BalanceError
        No film can be opened, or no window.
    """
    manner = sitting.manner()
    listed = find_entries(inputs)
    for failure in listed.failures:
        say(f"refused: {printable(failure.error)}")
    if not listed.entries:
        return len(listed.failures)
    if not sitting.repeat:
        _sit(Films(listed.entries, manner), backend)
        return len(listed.failures)
    repeats, refused = plan_repeats(listed.entries, reader=sitting.reader, seed=time.time_ns())
    for failure in refused:
        say(f"refused: {printable(failure.error)}")
    if not repeats:
        raise BalanceError("no film here has points of yours to ask again: mark some films first")
    again = tuple(Entry(repeat.film, repeat.document) for repeat in repeats)
    _sit(Films(again, manner, repeats), backend)
    return len(listed.failures) + len(refused) + _keep_noise(listed.entries, sitting.reader, say)


def _sit(films: Films, backend: Backend | None) -> None:
    shell = open_shell(make_figure, backend)
    window = Window(shell.canvas, films)
    window.on_title, window.work.on_left = shell.title, shell.leave
    shell.title(films.title)
    shell.run(window.close)


def _keep_noise(entries: Sequence[Entry], reader: str | None, say: Callable[[str], None]) -> int:
    """Store what the repeated readings tell of the reader; how many documents could not take it."""
    documents = [entry.document for entry in entries if entry.document.exists()]
    noise = noise_of(documents, reader=reader)
    for line in noise_lines(noise):
        say(line)
    if not noise.sites:
        return 0
    failures = store_noise(documents, noise)
    for failure in failures:
        say(f"refused: {printable(failure.error)}")
    return len(failures)


def protocol_named(name: str) -> Protocol:
    """A protocol by its name, or the reader's own from a file.

    Raises
    ------
    BalanceError
        Neither.
    """
    if name in PROTOCOL:
        return PROTOCOL[name]
    if Path(name).is_file():
        return read_protocol(Path(name))
    known = ", ".join(PROTOCOL)
    raise BalanceError(f"there is no protocol {name!r}: give one of {known}, or a file of your own")
