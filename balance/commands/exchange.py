"""Landmarks to and from other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import finish, refuse, refuse_each
from balance.commands.options import InputsArgument


class Written(StrEnum):
    """Formats that landmarks are written in for other programs."""

    COCO = "coco"
    CSV = "csv"
    SLICER = "slicer"


class Read(StrEnum):
    """Formats of other programs that landmarks are read from."""

    COCO = "coco"
    CSV = "csv"
    SLICER = "slicer"
    AASCE = "aasce"


class ImageSide(StrEnum):
    """A side of the image."""

    LEFT = "left"
    RIGHT = "right"


class PixelOrigin(StrEnum):
    """What (0, 0) is in a file from elsewhere."""

    CENTRE = "centre"
    CORNER = "corner"


def export(
    inputs: InputsArgument,
    to: Annotated[Written, typer.Option("--to", help="Format.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File, or folder for slicer.")],
) -> None:
    """Write landmarks for other programs: COCO keypoints, CSV, 3D Slicer markups."""
    from balance.analysis import Failure
    from balance.companion import evidence_files
    from balance.errors import BalanceError
    from balance.exchange.formats import export_documents
    from balance.inputs import find_documents
    from balance.landmarks.files import SUFFIX, read_landmarks

    paths, missing = find_documents(inputs)
    failures, documents = list(missing), []
    for path in paths:
        try:
            documents.append((path.name.removesuffix(SUFFIX), read_landmarks(path)))
        except BalanceError as error:
            failures.append(Failure(str(path), str(error)))
    refuse_each(failures)
    if documents:
        kept = (*inputs, *evidence_files(paths))
        for written in export_documents(documents, to.value, output, keep=kept):
            typer.echo(str(written))
    finish(failures)


def import_(
    source: Annotated[Path, typer.Argument(help="The file or folder of the other program.")],
    written_as: Annotated[Read, typer.Option("--from", help="Format.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the documents.")],
    side: Annotated[
        ImageSide | None,
        typer.Option("--side", help="facing, or patient_right of frontal films."),
    ] = None,
    spacing: Annotated[
        tuple[float, float] | None,
        typer.Option("--spacing", metavar="ROW COLUMN", help="Millimetres per pixel."),
    ] = None,
    scale_source: Annotated[
        str, typer.Option("--scale-source", help="Calibration state of --spacing.")
    ] = "unknown",
    pixel_origin: Annotated[
        PixelOrigin | None,
        typer.Option("--pixel-origin", help="What (0, 0) is, where the file does not say."),
    ] = None,
    images: Annotated[Path | None, typer.Option("--images", help="Folder of the films.")] = None,
    like: Annotated[
        Path | None, typer.Option("--like", help="The document that the file was made from.")
    ] = None,
) -> None:
    """Read landmarks of other programs into landmark documents."""
    from balance.exchange.draft import Given
    from balance.exchange.formats import import_documents, write_documents
    from balance.landmarks.files import read_landmarks

    given = Given(
        side=side.value if side else None,
        spacing_mm=spacing,
        scale_source=scale_source,
        pixel_origin=pixel_origin.value if pixel_origin else None,
        images=images,
        like=read_landmarks(like) if like else None,
    )
    found, refused = import_documents(source, written_as.value, given)
    for path in write_documents(found, output) if found else ():
        typer.echo(str(path))
    for _, reason in refused:
        refuse(str(reason))
    finish(refused)
