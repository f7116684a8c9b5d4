"""Films that nobody was exposed for, and a tour of the sample folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import finish, refuse_each
from balance.commands.measuring import analyse
from balance.commands.options import Noise, ResultFolderOption


class Style(StrEnum):
    """How hard phantom films are to read."""

    PLAIN = "plain"
    HARD = "hard"


class PhantomView(StrEnum):
    """Which films of each phantom are written."""

    LATERAL = "lateral"
    FRONTAL = "frontal"
    BOTH = "both"


def phantom(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the films.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many persons.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same bytes.")] = 0,
    style: Annotated[Style, typer.Option("--style", help="How hard to read.")] = Style.PLAIN,
    view: Annotated[PhantomView, typer.Option("--view", help="View.")] = PhantomView.LATERAL,
) -> None:
    """Write computer-generated films with exact truth, to audit any software."""
    from balance.phantom.series import write_phantoms
    from balance.writing import writing_to

    with writing_to(output, "folder"):
        written = write_phantoms(output, count=count, seed=seed, style=style.value, view=view.value)
    typer.echo(f"{len(written)} files in {output}")


def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of films with landmark documents.")],
    output: ResultFolderOption,
) -> None:
    """Analyse a folder of samples: print the values, leave figures, reports, plans and files."""
    from balance.report.demonstration import write_demonstration
    from balance.report.table import print_analyses
    from balance.writing import writing_to

    analyses, failures = analyse([folder], segmental=False, noise=Noise.BETWEEN_READERS)
    print_analyses(analyses)
    with writing_to(output, "folder"):
        done = write_demonstration(folder, analyses, failures, output)
    failures = (*failures, *done.refused)
    refuse_each(failures)
    typer.echo("\n".join(done.told))
    finish(failures)
