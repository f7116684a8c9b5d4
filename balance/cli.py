"""The command line: each command parses, calls one function of the program, and prints."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

# Only what is needed to answer --help is imported here; the rest waits inside the commands.
from balance import __version__

if TYPE_CHECKING:
    from balance.analysis import Analysis, Failure

app = typer.Typer(
    name="spinal-balance",
    help="Measure spinal balance on whole-spine radiographs, with intervals and published limits. "
    "Research software. Not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class PlainFormat(StrEnum):
    """How an answer without a table is printed."""

    TEXT = "text"
    JSON = "json"


class Style(StrEnum):
    """How hard phantom films are to read."""

    PLAIN = "plain"
    HARD = "hard"


class PhantomView(StrEnum):
    """Which films of each phantom are written."""

    LATERAL = "lateral"
    FRONTAL = "frontal"
    BOTH = "both"


class Lies(StrEnum):
    """Where an object of known size lay."""

    PATIENT = "patient"
    DETECTOR = "detector"
    SKIN = "skin"
    UNKNOWN = "unknown"


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


class Noise(StrEnum):
    """Whose next reading an interval is about."""

    BETWEEN_READERS = "between_readers"
    WITHIN_READER = "within_reader"


Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE-OR-FOLDER...",
        help="Landmark documents, films with a document beside them, or folders.",
        show_default=False,
    ),
]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"spinal-balance {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback when the program fails.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that every command shares."""


@app.command()
def inspect(
    films: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Films.", show_default=False)
    ],
    output: Annotated[PlainFormat, typer.Option("--format", help="Output.")] = PlainFormat.TEXT,
    frame: Annotated[
        int | None, typer.Option("--frame", min=1, help="Which frame of a multi-frame film.")
    ] = None,
) -> None:
    """Say what a film is: size, decoder, scale and its plane, sides, doubts. Never who it is."""
    from balance.inspection import inspect_films, inspection_lines

    document = inspect_films(films, frame=frame)
    if output is PlainFormat.JSON:
        _print_json(document)
    else:
        typer.echo("\n".join(inspection_lines(document)))
    raise typer.Exit(1 if document["failures"] else 0)


@app.command()
def measure(
    inputs: Inputs,
    output: Annotated[Format, typer.Option("--format", help="Output.")] = Format.TEXT,
    segmental: Annotated[
        bool, typer.Option("--segmental", help="Each body and disc angle and each slip as well.")
    ] = False,
    noise: Annotated[
        Noise, typer.Option("--intervals", help="Whose next reading the intervals are about.")
    ] = Noise.BETWEEN_READERS,
) -> None:
    """Measure landmark documents, grade the values, print them with their intervals."""
    analyses, failures = _analyse(inputs, segmental=segmental, noise=noise)
    if output is Format.JSON:
        from balance.report.record import measurement_document

        _print_json(measurement_document(analyses, failures))
    elif output is Format.CSV:
        from balance.report.table import write_cases_csv

        write_cases_csv(analyses, sys.stdout)
        _print_failures(failures)
    else:
        from balance.report.table import print_analyses

        print_analyses(analyses)
        _print_failures(failures)
    raise typer.Exit(1 if failures else 0)


@app.command()
def report(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG to write.")],
    noise: Annotated[
        Noise, typer.Option("--intervals", help="Whose next reading the intervals are about.")
    ] = Noise.BETWEEN_READERS,
) -> None:
    """Draw one examination: annotated films, values with intervals, grades."""
    from balance.errors import BalanceError
    from balance.report.files import write_figure

    if output.suffix.lower() != ".png":
        raise typer.BadParameter("the figure is a PNG: name it OUT.png", param_hint="--output")
    analyses, failures = _analyse(inputs, segmental=False, noise=noise)
    _print_failures(failures)
    if len(analyses) > 1:
        typer.echo(
            f"{len(analyses)} examinations are given, and one figure holds one: name one, or use "
            "demo for a folder",
            err=True,
        )
        raise typer.Exit(1)
    for analysis in analyses:
        try:
            write_figure(analysis, output)
        except BalanceError as error:
            typer.echo(f"refused: {error}", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"refused: {output}: {error.strerror}; choose another place", err=True)
            raise typer.Exit(1) from None
    raise typer.Exit(1 if failures else 0)


@app.command()
def export(
    inputs: Inputs,
    to: Annotated[Written, typer.Option("--to", help="Format.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File, or folder for slicer.")],
) -> None:
    """Write landmarks for other programs: COCO keypoints, CSV, 3D Slicer markups."""
    from balance.analysis import Failure, find_documents
    from balance.errors import BalanceError
    from balance.exchange.formats import export_documents
    from balance.landmarks.files import SUFFIX, read_landmarks

    paths, missing = find_documents(inputs)
    failures, documents = list(missing), []
    for path in paths:
        try:
            documents.append((path.name.removesuffix(SUFFIX), read_landmarks(path)))
        except BalanceError as error:
            failures.append(Failure(str(path), str(error)))
    if documents:
        try:
            for written in export_documents(documents, to.value, output):
                typer.echo(str(written))
        except BalanceError as error:
            failures.append(Failure(str(output), str(error)))
    _print_failures(tuple(failures))
    raise typer.Exit(1 if failures else 0)


@app.command(name="import")
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
    from balance.errors import BalanceError
    from balance.exchange.draft import Given
    from balance.exchange.formats import import_documents, write_documents
    from balance.landmarks.files import read_landmarks

    try:
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
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    for _, reason in refused:
        typer.echo(f"refused: {reason}", err=True)
    raise typer.Exit(1 if refused else 0)


@app.command()
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
    from balance.errors import BalanceError
    from balance.fiducial import KnownObject, scale_from_length, scale_from_rim
    from balance.landmarks.files import read_landmarks, write_landmarks

    if (length is None) == (not rim):
        raise typer.BadParameter("give either --length or three or more --rim")
    try:
        landmarks = read_landmarks(document)
        thing = KnownObject(size, lies.value)
        if length is not None:
            scale = scale_from_length(length[:2], length[2:], thing, header=landmarks.scale)
        else:
            points = [_pixel(text) for text in rim or ()]
            scale = scale_from_rim(points, thing, header=landmarks.scale)
        write_landmarks(replace(landmarks, scale=scale), output)
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another place", err=True)
        raise typer.Exit(1) from None
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


@app.command()
def phantom(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the films.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many persons.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same bytes.")] = 0,
    style: Annotated[Style, typer.Option("--style", help="How hard to read.")] = Style.PLAIN,
    view: Annotated[PhantomView, typer.Option("--view", help="View.")] = PhantomView.LATERAL,
) -> None:
    """Write computer-generated films with exact truth, to audit any software."""
    from balance.phantom.series import write_phantoms

    try:
        output.mkdir(parents=True, exist_ok=True)
        written = write_phantoms(output, count=count, seed=seed, style=style.value, view=view.value)
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another folder", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(written)} files in {output}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of films with landmark documents.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the results go.")],
) -> None:
    """Analyse a folder of samples: print the values, leave figures and result files."""
    from balance.report.files import write_results
    from balance.report.table import print_analyses

    analyses, failures = _analyse([folder], segmental=False, noise=Noise.BETWEEN_READERS)
    print_analyses(analyses)
    try:
        written, undrawn = write_results(analyses, failures, output)
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another folder", err=True)
        raise typer.Exit(1) from None
    failures = (*failures, *undrawn)
    _print_failures(failures)
    typer.echo(f"{len(analyses)} examinations: {len(written)} files in {output}")
    raise typer.Exit(1 if failures else 0)


def main() -> None:
    """Run the command line; a failure of the program is one sentence without ``--debug``."""
    # The matrices are small: threads of the linear algebra cost more than they give.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(args=arguments)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if debug:
            raise
        # The error's own text may quote a header or a document: its kind is all that is shown.
        typer.echo(
            f"the program failed ({type(error).__name__}); run again with --debug and report it",
            err=True,
        )
        raise SystemExit(1) from None


def _analyse(
    inputs: list[Path], *, segmental: bool, noise: Noise
) -> tuple[tuple[Analysis, ...], tuple[Failure, ...]]:
    from balance.analysis import analyse_files, find_documents

    documents, missing = find_documents(inputs)
    analyses, failures = analyse_files(documents, segmental=segmental, reading=noise.value)
    return analyses, (*missing, *failures)


def _print_failures(failures: tuple[Failure, ...]) -> None:
    from balance.writing import printable

    for failure in failures:
        typer.echo(f"refused: {printable(failure.error)}", err=True)


def _print_json(document: dict[str, Any]) -> None:
    from balance.writing import json_bytes

    typer.echo(json_bytes(document), nl=False)


if __name__ == "__main__":
    main()
