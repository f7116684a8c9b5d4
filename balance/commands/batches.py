"""Folders of thousands of films."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from balance.commands.options import IntervalsOption, Noise, ResultFolderOption, SegmentalOption


def batch(
    folder: Annotated[Path, typer.Argument(help="A folder of films and landmark documents.")],
    output: ResultFolderOption,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; all cores without it.")
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option("--pairs", help="CSV with columns lateral, frontal, case.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="A figure of each case as well: decodes the films.")
    ] = False,
    propose: Annotated[
        bool, typer.Option("--propose", help="Propose points where a film has some clicks.")
    ] = False,
    segmental: SegmentalOption = False,
    noise: IntervalsOption = Noise.BETWEEN_READERS,
    key: Annotated[
        Path | None, typer.Option("--key", help="File of secret bytes that makes pseudonyms.")
    ] = None,
    with_phi: Annotated[
        bool, typer.Option("--with-phi", help="Columns with name, ID and dates of the header.")
    ] = False,
    thumbnails: Annotated[
        int, typer.Option("--thumbnails", min=0, max=500, help="Films that the page shows.")
    ] = 24,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a dask scheduler.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds for one examination.")
    ] = 60.0,
    memory: Annotated[
        float, typer.Option("--memory", min=0.25, help="GiB for one examination.")
    ] = 3.0,
) -> None:
    """Measure a folder into tables and a page; a run that was cut off goes on where it was."""
    from balance.batch.command import batch_command
    from balance.batch.model import Settings
    from balance.batch.pool import cores

    settings = Settings(
        folder=folder.absolute(),
        output=output.absolute(),
        folder_as_given=str(folder),
        workers=workers or cores(),
        pairs=pairs,
        segmental=segmental,
        reading=noise.value,
        figures=figures,
        propose=propose,
        with_phi=with_phi,
        scheduler=scheduler,
        thumbnails=thumbnails,
        seconds=timeout,
        memory=int(memory * (1 << 30)),
    )
    raise typer.Exit(batch_command(settings, key=key))
