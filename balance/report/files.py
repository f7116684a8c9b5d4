"""Results as files: the figure of one examination, and a folder of results for many."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from balance.analysis import Analysis, Failure
from balance.companion import evidence_files, find_film
from balance.display import display_image
from balance.errors import UnreadableFilm
from balance.film import open_film
from balance.radiograph import View
from balance.report.figure import save_figure
from balance.report.record import measurement_document
from balance.report.table import write_cases_csv
from balance.writing import json_bytes, keep_what_is_read, write_atomically

FIGURE_PIXELS = 1600
"""Longest side of a film in a figure; no screen or page shows more."""


def write_figure(analysis: Analysis, path: Path) -> None:
    """Draw one examination over its films; without a film the points are drawn alone.

    Raises
    ------
    UnreadableFilm
        A film lies beside its document and cannot be read.
    """
    save_figure(analysis, film_images(analysis), path)


def write_results(
    analyses: Sequence[Analysis], failures: Sequence[Failure], folder: Path
) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Write ``measurements.json``, ``cases.csv`` and a figure for each examination.

    Returns
    -------
    tuple
        What was written, and the figures that could not be drawn.
    """
    document, table = folder / "measurements.json", folder / "cases.csv"
    figures = [folder / f"{name}.png" for name in file_names(analyses)]
    documents = (one for analysis in analyses for one in analysis.examination.documents)
    kept = evidence_files(Path(one.source) for one in documents)
    keep_what_is_read([document, table, *figures], kept)
    folder.mkdir(parents=True, exist_ok=True)
    content = measurement_document(analyses, failures)
    write_atomically(document, json_bytes(content))
    rows = io.StringIO(newline="")
    write_cases_csv(analyses, rows)
    write_atomically(table, rows.getvalue().encode("utf-8", "backslashreplace"))
    drawn, undrawn = [], []
    for analysis, figure in zip(analyses, figures, strict=True):
        try:
            write_figure(analysis, figure)
            drawn.append(figure)
        except UnreadableFilm as error:
            undrawn.append(Failure(analysis.examination.id, str(error)))
    return (document, table, *drawn), tuple(undrawn)


def film_images(analysis: Analysis) -> dict[View, NDArray[np.uint8] | None]:
    """The films as they are to be seen, by view; None where no film lies beside its document.

    Raises
    ------
    UnreadableFilm
        A film lies there and cannot be read.
    """
    return {
        document.landmarks.view: _picture(Path(document.source), analysis, document.landmarks.view)
        for document in analysis.examination.documents
    }


def _picture(source: Path, analysis: Analysis, view: View) -> NDArray[np.uint8] | None:
    film = find_film(source, analysis.films[view].landmarks)
    if film is None:
        return None
    try:
        return display_image(open_film(film), longest_side=FIGURE_PIXELS)
    except UnreadableFilm as error:
        raise UnreadableFilm(f"{error} (no figure was written)") from None


def file_names(analyses: Sequence[Analysis]) -> Iterator[str]:
    """A name for each examination: what is safe of its id, numbered where two would be the same."""
    taken: set[str] = set()
    for analysis in analyses:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", analysis.examination.heading).strip("._")
        stem = stem[:80] or "case"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        yield name
