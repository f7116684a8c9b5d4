"""Films before anything is marked: what they are, and their scale."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import finish, print_json
from balance.commands.options import FrameOption, PlainFormat, PlainFormatOption


class Lies(StrEnum):
    """Where an object of known size lay."""

    PATIENT = "patient"
    DETECTOR = "detector"
    SKIN = "skin"
    UNKNOWN = "unknown"


def inspect(
    films: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Films.", show_default=False)
    ],
    output: PlainFormatOption = PlainFormat.TEXT,
    frame: FrameOption = None,
) -> None:
    """Say what a film is: size, decoder, scale and its plane, sides, doubts. Never who it is."""
    from balance.inspection import inspect_films, inspection_lines

    document = inspect_films(films, frame=frame)
    if output is PlainFormat.JSON:
        print_json(document)
    else:
        typer.echo("\n".join(inspection_lines(document)))
    finish(document["failures"])


def calibrate(
    document: Annotated[Path, typer.Argument(help="A landmark document.")],
    size: Annotated[float, typer.Option("--size-mm", help="The object's true length or diameter.")],
    lies: Annotated[Lies, typer.Option("--lies", help="Where it lay: decides the plane.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The document to write.")],
    length: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option("--length", metavar="X1 Y1 X2 Y2", help="Its two ends, pixels."),
    ] = None,
    rim: Annotated[
        list[str] | None,
        typer.Option("--rim", metavar="X,Y", help="A point of its rim; 3 or more."),
    ] = None,
) -> None:
    """Scale a landmark document by an object of known size on its film."""
    from balance.companion import evidence_files
    from balance.fiducial import KnownObject, scale_from_length, scale_from_rim
    from balance.landmarks.files import keep_placed_points, read_landmarks, write_landmarks
    from balance.writing import keep_what_is_read, writing_to

    if (length is None) == (not rim):
        raise typer.BadParameter("give either --length or three or more --rim")
    landmarks = read_landmarks(document)
    keep_what_is_read([output], evidence_files([document]))
    thing = KnownObject(size, lies.value)
    if length is not None:
        scale = scale_from_length(length[:2], length[2:], thing, header=landmarks.scale)
    else:
        points = [_pixel(text) for text in rim or ()]
        scale = scale_from_rim(points, thing, header=landmarks.scale)
    keep_placed_points(output, landmarks)
    with writing_to(output):
        write_landmarks(replace(landmarks, scale=scale), output)
    typer.echo(
        f"{output}: {scale.row_mm:.4f} mm per row, {scale.column_mm:.4f} per column, "
        f"plane {scale.plane}, SD {scale.sd_percent:.1f} %"
    )


def _pixel(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no pixel: give X,Y", param_hint="--rim") from None
    return x, y
