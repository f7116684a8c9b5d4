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


class FilmView(StrEnum):
    """A view of the spine."""

    LATERAL = "lateral"
    FRONTAL = "frontal"


class Toolkit(StrEnum):
    """What opens the editor's window."""

    TK = "tk"
    QT = "qt"


class ImageSide(StrEnum):
    """A side of the image."""

    LEFT = "left"
    RIGHT = "right"


class PixelOrigin(StrEnum):
    """What (0, 0) is in a file from elsewhere."""

    CENTRE = "centre"
    CORNER = "corner"


class Paper(StrEnum):
    """The sheet that a report is set on."""

    A4 = "a4"
    LETTER = "letter"


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
def edit(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE-OR-FOLDER...",
            help="Films, landmark documents with their film beside them, folders, CSV lists.",
            show_default=False,
        ),
    ],
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol",
            metavar="NAME|FILE",
            help="What is asked for: balance, full sagittal, coronal, cervical, or a file.",
        ),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option("--reader", metavar="NAME", help="Who reads; kept in the document."),
    ] = None,
    view: Annotated[
        FilmView | None, typer.Option("--view", help="Where neither film nor document says it.")
    ] = None,
    backend: Annotated[
        Toolkit | None, typer.Option("--backend", help="Window toolkit; the first that works.")
    ] = None,
    repeat: Annotated[
        bool,
        typer.Option("--repeat", help="Ask a few points again, blind: your own noise is kept."),
    ] = False,
    proposals: Annotated[
        bool,
        typer.Option("--proposals/--no-proposals", help="Propose the points that follow."),
    ] = True,
) -> None:
    """Place, check and correct landmarks on films, in a window."""
    from balance.errors import BalanceError

    try:
        from balance.landmarks.editor.window.run import Sitting, edit_films

        sitting = Sitting(protocol, view.value if view else None, reader, repeat, proposals)
        failed = edit_films(inputs, sitting, backend.value if backend else None, _say)
    except BalanceError as error:
        _say(f"refused: {error}")
        raise typer.Exit(1) from None
    raise typer.Exit(1 if failed else 0)


@app.command()
def measure(
    inputs: Inputs,
    output: Annotated[Format, typer.Option("--format", help="Output.")] = Format.TEXT,
    segmental: Annotated[
        bool, typer.Option("--segmental", help="Each body and disc angle and each slip as well.")
    ] = False,
    noise: Annotated[
        Noise | None,
        typer.Option(
            "--intervals",
            help="Whose next reading the intervals are about: the reader's own where that noise "
            "is known, else another reader's.",
            show_default=False,
        ),
    ] = None,
    reader_noise: Annotated[
        Path | None,
        typer.Option("--reader-noise", metavar="FILE", help="The noise of who read these films."),
    ] = None,
) -> None:
    """Measure landmark documents, grade the values, print them with their intervals."""
    from balance.errors import BalanceError

    try:
        analyses, failures = _analyse(
            inputs, segmental=segmental, noise=noise, reader_noise=reader_noise
        )
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
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
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The PDF or HTML, or a figure as PNG, to write.")
    ],
    fields: Annotated[
        Path | None,
        typer.Option("--fields", metavar="FILE", help="The reader's own words, YAML or JSON."),
    ] = None,
    paper: Annotated[Paper, typer.Option("--paper", help="Of a PDF.")] = Paper.A4,
    noise: Annotated[
        Noise | None,
        typer.Option(
            "--intervals", help="Whose next reading the intervals are about.", show_default=False
        ),
    ] = None,
) -> None:
    """Report one examination, or a series of one patient with a trend page; or draw a figure."""
    from balance.errors import BalanceError

    kind = output.suffix.lower()
    if kind not in (".pdf", ".html", ".png"):
        raise typer.BadParameter(
            "a report is a PDF or HTML, a figure a PNG: name it OUT.pdf, OUT.html or OUT.png",
            param_hint="--output",
        )
    analyses, failures = _analyse(inputs, segmental=kind != ".png", noise=noise)
    _print_failures(failures)
    if kind == ".png" and len(analyses) > 1:
        _say(
            f"refused: {len(analyses)} examinations are given, and one figure holds one: name one, "
            "or write a report (.pdf, .html)"
        )
        raise typer.Exit(1)
    if not analyses:
        raise typer.Exit(1)
    try:
        if kind == ".png":
            from balance.report.files import write_figure

            write_figure(analyses[0], output)
        else:
            from balance.report.fields import read_fields
            from balance.report.report_files import write_report

            words = read_fields(fields) if fields else None
            write_report(analyses, output, words, "a4" if paper is Paper.A4 else "us-letter")
    except BalanceError as error:
        _say(f"refused: {_printable(str(error))}")
        raise typer.Exit(1) from None
    except OSError as error:
        _say(f"refused: {output}: {error.strerror}; choose another place")
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
def compare(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="BEFORE AFTER [MORE...]",
            help="Documents, films or folders, one examination each, in the order of time.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="Output.")] = Format.TEXT,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", help="The preoperative film: its number from 1, or its name."),
    ] = None,
    uiv: Annotated[
        str | None, typer.Option("--uiv", help="Uppermost instrumented vertebra, such as T10.")
    ] = None,
    flexion: Annotated[Path | None, typer.Option("--flexion", help="The flexion film.")] = None,
    extension: Annotated[
        Path | None, typer.Option("--extension", help="The extension film.")
    ] = None,
    noise: Annotated[
        Noise, typer.Option("--intervals", help="Whose next reading the limits are about.")
    ] = Noise.BETWEEN_READERS,
) -> None:
    """Compare examinations in time, or a flexion and an extension film, with change limits."""
    from balance.errors import BalanceError
    from balance.study.compare import compare_series
    from balance.study.compare_record import comparison_document, write_comparison_csv
    from balance.study.motion import motion_between
    from balance.study.timepoints import find_point, read_bending, read_series

    if (flexion is None) != (extension is None):
        raise typer.BadParameter("give --flexion and --extension together")
    found = read_series(inputs or [], reading=noise.value)
    points, pairs, failures = found.points, list(found.bending), found.failures
    if flexion is not None and extension is not None:
        pair, refused = read_bending(flexion, extension, reading=noise.value)
        pairs += [pair] if pair else []
        failures += refused
    place = None if baseline is None else find_point(points, baseline)
    if baseline is not None and place is None:
        raise typer.BadParameter(f"{baseline!r} is none of the films", param_hint="--baseline")
    if len(points) < 2 and not pairs and not failures:
        raise typer.BadParameter("name two examinations or more, or --flexion and --extension")
    try:
        series = compare_series(points, uiv=uiv, baseline=place) if len(points) > 1 else None
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    motions = [(pair.name, motion_between(*pair.landmarks, reading=noise.value)) for pair in pairs]
    if output is Format.JSON:
        _print_json(comparison_document(points, series, motions, failures))
    elif output is Format.CSV:
        write_comparison_csv(points, series, motions, sys.stdout)
        _print_failures(failures)
    else:
        from balance.study.compare_table import print_comparison

        print_comparison(points, series, motions)
        _print_failures(failures)
    raise typer.Exit(1 if failures else 0)


@app.command()
def agree(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B [MORE...]",
            help="A folder of documents of the same films for each reader or reading.",
            show_default=False,
        ),
    ],
    output: Annotated[Format, typer.Option("--format", help="Output.")] = Format.TEXT,
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for tables, figures, page, PDF, noise file."),
    ] = None,
    readings: Annotated[
        Noise | None,
        typer.Option(
            "--readings", help="What the folders are; without it the documents are asked."
        ),
    ] = None,
) -> None:
    """Say how well readers agree: ICC, limits of agreement, SEM, point noise, kappa."""
    from balance.errors import BalanceError
    from balance.study.agree import study_agreement
    from balance.study.agree_record import agreement_document, write_agreement_csv
    from balance.study.readings import read_readings

    try:
        found = read_readings(folders)
    except BalanceError as error:
        raise typer.BadParameter(str(error)) from None
    study = study_agreement(found, readings.value if readings else None)
    if output is Format.JSON:
        _print_json(agreement_document(study))
    elif output is Format.CSV:
        write_agreement_csv(study, sys.stdout)
    else:
        from balance.study.agree_table import print_agreement

        print_agreement(study)
    _print_failures(tuple(failure for _, failure in found.failures))
    if folder is not None:
        from balance.study.agree_page import write_study

        try:
            written = write_study(study, folder)
        except OSError as error:
            typer.echo(f"refused: {folder}: {error.strerror}; choose another folder", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{len(written)} files in {folder}", err=True)
    if not study.films:
        typer.echo("refused: no film has a reading in every folder; check the folders", err=True)
    raise typer.Exit(1 if found.failures or not study.films else 0)


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
def propose(
    film: Annotated[Path, typer.Argument(metavar="FILE", help="A film.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The document to write, OUT.landmarks.json.")
    ],
    clicks: Annotated[
        Path | None, typer.Option("--clicks", help="A landmark document with what was marked.")
    ] = None,
    frame: Annotated[
        int | None, typer.Option("--frame", min=1, help="Which frame of a multi-frame film.")
    ] = None,
) -> None:
    """Propose every landmark from a few clicks and the film; nothing proposed is confirmed."""
    from balance.errors import BalanceError
    from balance.film import open_film
    from balance.landmarks.files import read_landmarks, write_landmarks
    from balance.landmarks.proposals import before_any_click
    from balance.landmarks.proposals import propose as propose_points

    try:
        opened = open_film(film, frame=frame)
        marked = read_landmarks(clicks) if clicks else before_any_click(opened)
        proposed = propose_points(opened, marked)
        write_landmarks(proposed, output)
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another place", err=True)
        raise typer.Exit(1) from None
    note = proposed.proposal
    assert note is not None
    count = sum(not point.confirmed for point in proposed.points.values())
    typer.echo(f"{output}: {note.status}, {count} points proposed")
    for reason in note.reasons:
        typer.echo(f"  {reason}")
    if note.next_click is not None:
        typer.echo(f"  next click: {note.next_click}")


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Films with NAME.truth.landmarks.json beside.")],
    clicks: Annotated[
        str | None,
        typer.Option("--clicks", metavar="NAME,...", help="Truth points that serve as clicks."),
    ] = None,
    noise_mm: Annotated[
        float, typer.Option("--noise-mm", min=0.0, help="SD of a click along each axis.")
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same clicks.")] = 0,
    output: Annotated[PlainFormat, typer.Option("--format", help="Output.")] = PlainFormat.TEXT,
) -> None:
    """Compare proposals with the truth of a folder of films: errors, intervals, failures, time."""
    from balance.errors import BalanceError
    from balance.landmarks.proposals import propose
    from balance.study.clicks import ClickPlan
    from balance.study.evaluate import evaluate_folder, evaluation_document
    from balance.study.evaluation_text import evaluation_lines

    names = tuple(name.strip() for name in (clicks or "").split(",") if name.strip())
    try:
        plan = ClickPlan(names, noise_mm, seed)
    except BalanceError as error:
        raise typer.BadParameter(str(error), param_hint="--clicks") from None
    try:
        evaluation = evaluate_folder(folder, propose, plan)
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    if output is PlainFormat.JSON:
        _print_json(evaluation_document(evaluation))
    else:
        typer.echo("\n".join(evaluation_lines(evaluation)))
    _print_failures(evaluation.failures)
    raise typer.Exit(1 if evaluation.failures else 0)


@app.command()
def plan(
    document: Annotated[Path, typer.Argument(help="The landmark document of a film.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")],
    plan_file: Annotated[Path | None, typer.Option("--plan", help="A plan document.")] = None,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            "--correct",
            metavar="SITE:PROCEDURE:DEGREES[@HINGE]",
            help="Such as L3:pso:25; L3:pso:25@0.9 moves the hinge along its endplate.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="A published target, or the user's own such as LL=55:65."),
    ] = None,
    uiv: Annotated[str | None, typer.Option("--uiv", help="Upper fused vertebra.")] = None,
    liv: Annotated[str | None, typer.Option("--liv", help="Lower fused vertebra.")] = None,
    leg: Annotated[
        str | None,
        typer.Option("--leg", metavar="SIDE:MM", help="Frontal film: a longer leg, right:10."),
    ] = None,
    find: Annotated[
        bool, typer.Option("--find", help="List the least invasive allowed plans.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="SITE:PROCEDURE[:DEGREES]", help="Such as L4:pso:20..35."),
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option("--forbid", help="A site or a procedure.")
    ] = None,
    share: Annotated[
        float, typer.Option("--share", help="Of redraws in which a found plan meets its targets.")
    ] = 0.8,
    scenario: Annotated[
        str, typer.Option("--scenario", help="What the pelvis does in the search.")
    ] = "unchanged",
) -> None:
    """Turn the landmarks of a film by a plan and measure them again: geometry, not prediction."""
    from balance.errors import BalanceError
    from balance.planning.request import PlanRequest, carry_out
    from balance.report.plan_files import write_plan_results

    request = PlanRequest(
        document=document,
        plan_file=plan_file,
        corrections=tuple(correct or ()),
        targets=tuple(target or ()),
        uiv=uiv,
        liv=liv,
        leg=leg,
        find=find,
        allowed=tuple(allow or ()),
        forbidden=tuple(forbid or ()),
        share=share,
        scenario=scenario,
    )
    try:
        analysis, document_of_plan = carry_out(request)
        for path in write_plan_results(analysis, document_of_plan, document, output):
            typer.echo(str(path))
    except BalanceError as error:
        typer.echo(f"refused: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another folder", err=True)
        raise typer.Exit(1) from None
    for line in analysis.doubts:
        typer.echo(f"warning: {line}", err=True)


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
def batch(
    folder: Annotated[Path, typer.Argument(help="A folder of films and landmark documents.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")],
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
    segmental: Annotated[
        bool, typer.Option("--segmental", help="Each body and disc angle and each slip as well.")
    ] = False,
    noise: Annotated[
        Noise, typer.Option("--intervals", help="Whose next reading the intervals are about.")
    ] = Noise.BETWEEN_READERS,
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

    raise typer.Exit(
        batch_command(
            Settings(
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
            ),
            key=key,
        )
    )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of films with landmark documents.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the results go.")],
) -> None:
    """Analyse a folder of samples: print the values, leave figures and result files."""
    from balance.report.files import write_results
    from balance.report.plan_files import write_plans_of
    from balance.report.table import print_analyses

    analyses, failures = _analyse([folder], segmental=False, noise=Noise.BETWEEN_READERS)
    print_analyses(analyses)
    try:
        written, undrawn = write_results(analyses, failures, output)
        planned, refused = write_plans_of(folder, output / "plan")
    except OSError as error:
        typer.echo(f"refused: {output}: {error.strerror}; choose another folder", err=True)
        raise typer.Exit(1) from None
    failures = (*failures, *undrawn, *refused)
    _print_failures(failures)
    files = len(written) + len(planned)
    typer.echo(f"{len(analyses)} examinations: {files} files in {output}")
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
    inputs: list[Path],
    *,
    segmental: bool,
    noise: Noise | None,
    reader_noise: Path | None = None,
) -> tuple[tuple[Analysis, ...], tuple[Failure, ...]]:
    from balance.analysis import analyse_files, find_documents
    from balance.landmarks.reader_noise import read_reader_noise

    documents, missing = find_documents(inputs)
    analyses, failures = analyse_files(
        documents,
        segmental=segmental,
        reading=noise.value if noise else None,
        noise=read_reader_noise(reader_noise) if reader_noise else None,
    )
    return analyses, (*missing, *failures)


def _print_failures(failures: tuple[Failure, ...]) -> None:
    for failure in failures:
        _say(f"refused: {_printable(failure.error)}")


def _printable(text: str) -> str:
    from balance.writing import printable

    return printable(text)


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _print_json(document: dict[str, Any]) -> None:
    from balance.writing import json_bytes

    typer.echo(json_bytes(document), nl=False)


if __name__ == "__main__":
    main()
