"""Landmarks on films: placed in a window, proposed, and proposals put to the test."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import finish, print_json, refuse_each, say
from balance.commands.options import FrameOption, PlainFormat, PlainFormatOption


class FilmView(StrEnum):
    """A view of the spine."""

    LATERAL = "lateral"
    FRONTAL = "frontal"


class Toolkit(StrEnum):
    """What opens the editor's window."""

    TK = "tk"
    QT = "qt"


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
            help="What is asked for: balance, full sagittal, coronal, coronal centres, cervical, "
            "or a file.",
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
    from balance.landmarks.editor.window.run import Sitting, edit_films

    sitting = Sitting(protocol, view.value if view else None, reader, repeat, proposals)
    finish(edit_films(inputs, sitting, backend.value if backend else None, say))


def propose(
    film: Annotated[Path, typer.Argument(metavar="FILE", help="A film.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The document to write, OUT.landmarks.json.")
    ],
    clicks: Annotated[
        Path | None, typer.Option("--clicks", help="A landmark document with what was marked.")
    ] = None,
    frame: FrameOption = None,
) -> None:
    """Propose every landmark from a few clicks and the film; nothing proposed is confirmed."""
    from balance.companion import evidence_files
    from balance.errors import BadLandmarks
    from balance.film import open_film
    from balance.landmarks.files import keep_placed_points, read_landmarks, write_landmarks
    from balance.landmarks.proposals import before_any_click
    from balance.landmarks.proposals import propose as propose_points
    from balance.writing import keep_what_is_read, writing_to

    keep_what_is_read([output], [film, *evidence_files([clicks] if clicks else [])])
    opened = open_film(film, frame=frame)
    marked = read_landmarks(clicks) if clicks else before_any_click(opened)
    keep_placed_points(output, marked)
    try:
        proposed = propose_points(opened, marked)
    except BadLandmarks as error:
        raise BadLandmarks(f"{clicks}: {error}") from None
    with writing_to(output):
        write_landmarks(proposed, output)
    note = proposed.proposal
    assert note is not None
    count = sum(not point.confirmed for point in proposed.points.values())
    typer.echo(f"{output}: {note.status}, {count} points proposed")
    for reason in note.reasons:
        typer.echo(f"  {reason}")
    if note.next_click is not None:
        typer.echo(f"  next click: {note.next_click}")


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
    output: PlainFormatOption = PlainFormat.TEXT,
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
    evaluation = evaluate_folder(folder, propose, plan)
    if output is PlainFormat.JSON:
        print_json(evaluation_document(evaluation))
    else:
        typer.echo("\n".join(evaluation_lines(evaluation)))
    refuse_each(evaluation.failures)
    finish(evaluation.failures)
