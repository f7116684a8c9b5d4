"""Examinations measured and graded: as values, and as a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from balance.commands.answers import finish, print_json, refuse_each, say, tell_of_text
from balance.commands.options import (
    Format,
    FormatOption,
    InputsArgument,
    Noise,
    OwnIntervalsOption,
    Paper,
    PaperOption,
    SegmentalOption,
)
from balance.errors import BalanceError

if TYPE_CHECKING:
    from balance.analysis import Analysis, Failure


NAMED = 3
"""Plans that are named where they are left out; the others are counted."""


def measure(
    inputs: InputsArgument,
    output: FormatOption = Format.TEXT,
    segmental: SegmentalOption = False,
    noise: OwnIntervalsOption = None,
    reader_noise: Annotated[
        Path | None,
        typer.Option("--reader-noise", metavar="FILE", help="The noise of who read these films."),
    ] = None,
) -> None:
    """Measure landmark documents, grade the values, print them with their intervals."""
    analyses, failures = analyse(
        inputs, segmental=segmental, noise=noise, reader_noise=reader_noise
    )
    if output is Format.JSON:
        from balance.report.record import measurement_document

        print_json(measurement_document(analyses, failures))
        finish(failures)
    if output is Format.CSV:
        from balance.report.table import write_cases_csv

        write_cases_csv(analyses, sys.stdout)
    else:
        from balance.report.table import print_analyses

        print_analyses(analyses)
    refuse_each(failures)
    finish(failures)


def report(
    inputs: InputsArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The PDF or HTML, or a figure as PNG, to write.")
    ],
    fields: Annotated[
        Path | None,
        typer.Option("--fields", metavar="FILE", help="The reader's own words, YAML or JSON."),
    ] = None,
    paper: PaperOption = Paper.A4,
    noise: OwnIntervalsOption = None,
) -> None:
    """Report one examination, or a series of one patient with a trend page; or draw a figure."""
    kind = output.suffix.lower()
    if kind not in (".pdf", ".html", ".png"):
        raise typer.BadParameter(
            "a report is a PDF or HTML, a figure a PNG: name it OUT.pdf, OUT.html or OUT.png",
            param_hint="--output",
        )
    _keep_what_is_read(inputs, output, fields)
    analyses, failures = analyse(inputs, segmental=kind != ".png", noise=noise)
    refuse_each(failures)
    _refuse_plans(analyses)
    analyses = _whole(analyses, failures, inputs)
    if kind == ".png" and len(analyses) > 1:
        raise BalanceError(
            f"{len(analyses)} examinations are given, and one figure holds one: name one, "
            "or write a report (.pdf, .html)"
        )
    if analyses:
        _write(analyses, output, fields, paper)
    finish(failures or not analyses)


def analyse(
    inputs: list[Path],
    *,
    segmental: bool,
    noise: Noise | None,
    reader_noise: Path | None = None,
) -> tuple[tuple[Analysis, ...], tuple[Failure, ...]]:
    """Every examination among the inputs, and the inputs that failed."""
    from balance.analysis import analyse_files
    from balance.inputs import find_inputs
    from balance.landmarks.reader_noise import read_reader_noise
    from balance.writing import printable

    found = find_inputs(inputs)
    if found.plans:
        names = ", ".join(printable(str(path)) for path in found.plans[:NAMED])
        more = f" and {len(found.plans) - NAMED} more" if len(found.plans) > NAMED else ""
        say(f"left out, planned points are no examination: {names}{more}")
    analyses, failures = analyse_files(
        found.documents,
        segmental=segmental,
        reading=noise.value if noise else None,
        noise=read_reader_noise(reader_noise) if reader_noise else None,
    )
    return analyses, (*found.failures, *failures)


def _refuse_plans(analyses: tuple[Analysis, ...]) -> None:
    from balance.examination import is_plan

    for one in analyses:
        for document in one.examination.documents:
            if is_plan(document.landmarks):
                raise BalanceError(
                    f"{document.source}: planned points are no examination to report; the plan's "
                    "own pages are the plan.pdf and plan.html that were written with it"
                )


def _keep_what_is_read(inputs: list[Path], output: Path, fields: Path | None) -> None:
    from balance.companion import evidence_files
    from balance.inputs import find_inputs
    from balance.writing import keep_what_is_read

    found = find_inputs(inputs)
    own = [fields] if fields else []
    kept = evidence_files([*found.documents, *found.plans])
    keep_what_is_read([output], [*inputs, *kept, *own])


def _whole(
    analyses: tuple[Analysis, ...], failures: tuple[Failure, ...], inputs: list[Path]
) -> tuple[Analysis, ...]:
    """The examinations with what they lack; none where what is left would pass for the whole."""
    from balance.report.refused import with_refusals

    one_folder = len(inputs) == 1 and inputs[0].is_dir()
    found, apart = with_refusals(analyses, failures, one_folder=one_folder)
    if found and (apart or (failures and len(found) > 1)):
        raise BalanceError(
            "nothing was written: what is left would pass for the whole; correct what was "
            "refused, or leave it out"
        )
    return found


def _write(analyses: tuple[Analysis, ...], output: Path, fields: Path | None, paper: Paper) -> None:
    from balance.writing import writing_to

    if output.suffix.lower() == ".png":
        from balance.report.files import write_figure

        with writing_to(output):
            write_figure(analyses[0], output)
        _tell_of_text(output, analyses[0])
        return
    from balance.report.fields import read_fields
    from balance.report.report_files import in_time, write_report

    words = read_fields(fields) if fields else None
    with writing_to(output):
        write_report(analyses, output, words, paper.sheet)
    # Of a series the films of the latest examination are shown.
    _tell_of_text(output, in_time(analyses)[-1])


def _tell_of_text(output: Path, shown: Analysis) -> None:
    documents = shown.examination.documents
    tell_of_text(output, [(Path(one.source), one.landmarks) for one in documents])
