"""Several readings side by side: in time, and between readers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import finish, print_json, refuse_each, say
from balance.commands.options import Format, FormatOption, IntervalsOption, Noise


def compare(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="BEFORE AFTER [MORE...]",
            help="Documents, films or folders, one examination each, in the order of time.",
            show_default=False,
        ),
    ] = None,
    output: FormatOption = Format.TEXT,
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
    noise: IntervalsOption = Noise.BETWEEN_READERS,
) -> None:
    """Compare examinations in time, or a flexion and an extension film, with change limits."""
    from balance.analysis import Failure
    from balance.anatomy import VERTEBRAE
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
    if uiv is not None and uiv not in VERTEBRAE:
        raise typer.BadParameter(f"{uiv!r} is no vertebra; write T10 or L2", param_hint="--uiv")
    if len(points) < 2 and not pairs and not failures:
        raise typer.BadParameter("name two examinations or more, or --flexion and --extension")
    series = compare_series(points, uiv=uiv, baseline=place) if len(points) > 1 else None
    if series is not None and not pairs and not series.compares_anything:
        names = ", ".join(one.name for one in points)
        sentence = f"{names}: no two have a film of the same view; nothing can be compared"
        failures += (Failure(names, sentence),)
    motions = [(pair.name, motion_between(*pair.landmarks, reading=noise.value)) for pair in pairs]
    if output is Format.JSON:
        print_json(comparison_document(points, series, motions, failures))
        finish(failures)
    if output is Format.CSV:
        write_comparison_csv(points, series, motions, sys.stdout)
    else:
        from balance.study.compare_table import print_comparison

        print_comparison(points, series, motions)
    refuse_each(failures)
    finish(failures)


def agree(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B [MORE...]",
            help="A folder of documents of the same films for each reader or reading.",
            show_default=False,
        ),
    ],
    output: FormatOption = Format.TEXT,
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
        print_json(agreement_document(study))
    elif output is Format.CSV:
        write_agreement_csv(study, sys.stdout)
    else:
        from balance.study.agree_table import print_agreement

        print_agreement(study)
    refuse_each(failure for _, failure in found.failures)
    if folder is not None:
        from balance.study.agree_page import write_study
        from balance.writing import writing_to

        with writing_to(folder, "folder"):
            written = write_study(study, folder)
        say(f"{len(written)} files in {folder}")
    if not study.films:
        raise BalanceError("no film has a reading in every folder; check the folders")
    finish(found.failures)
