"""What every command says in the same words: JSON, refusals, and the exit status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from balance.analysis import Failure
    from balance.landmarks.model import Landmarks

FAILED = 1
"""The exit status where some input failed or the program did; wrong usage is 2."""


def print_json(document: dict[str, Any]) -> None:
    """Print a document as every file of the program is written."""
    from balance.writing import json_bytes

    typer.echo(json_bytes(document), nl=False)


def say(words: str) -> None:
    """Tell the person, not the program that reads the answer."""
    typer.echo(words, err=True)


def refuse(reason: str) -> None:
    """Tell the person in one sentence what is not accepted; file names may hold anything."""
    from balance.writing import printable

    say(f"refused: {printable(reason)}")


def refuse_each(failures: Iterable[Failure]) -> None:
    """Tell the person of every input that failed."""
    for failure in failures:
        refuse(failure.error)


def tell_of_text(output: Path, shown: Iterable[tuple[Path, Landmarks]]) -> None:
    """Tell the person whether a page shows pixels that may hold a name, by document and points."""
    from balance.companion import find_film, may_hold_text

    films = (find_film(document, landmarks) for document, landmarks in shown)
    names = [film.name for film in films if film is not None and may_hold_text(film)]
    if names:
        from balance.writing import printable

        say(
            f"{output} shows {printable(', '.join(names))}: text may be burned into the pixels, "
            "look for names before you share it"
        )


def finish(failed: object) -> NoReturn:
    """End with the status of success, or with that of failure where some input failed."""
    raise typer.Exit(FAILED if failed else 0)
