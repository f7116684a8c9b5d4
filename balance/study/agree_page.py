"""The page of a reader study: one HTML file without a network, and the same as a PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from balance.report.document import Document, Facts, Lines, Picture, Pictures, Section, Table
from balance.report.page_html import html_page
from balance.report.page_pdf import pdf_page
from balance.report.record import NOTICE, SOFTWARE
from balance.study.agree import Agreement
from balance.study.agree_plots import as_png, as_svg, figures
from balance.study.agree_record import (
    METHODS,
    agreement_document,
    noise_document,
    write_agreement_csv,
)
from balance.study.agree_rows import KIND_WORDS, Sheet, sheets, study_lines
from balance.writing import json_bytes, write_atomically

FIGURE_MM = (180.0, 225.0)
"""Width and height that a figure may take on paper."""
FIGURE_OF = {
    "Reliability": (
        "reliability",
        "Filled: ICC(2,1) with its 95 % interval; open: ICC(3,1). Where the two part, readers "
        "have biases.",
    ),
    "Differences (Bland and Altman)": (
        "differences",
        "Difference of two readings against their mean, one mark a film; solid: bias, dashed: 95 % "
        "limits of agreement.",
    ),
    "Point noise, SD in mm, normal / tangential to the endplate": (
        "point_noise",
        "Upper bar: across the endplate, lower bar: along it; upright stroke: the program's "
        "default; in brackets the number of points.",
    ),
}
METHOD_NAMES = {
    "icc_1_1": "ICC(1,1)",
    "icc_2_1": "ICC(2,1)",
    "icc_3_1": "ICC(3,1)",
    "sem": "SEM",
    "mdc95": "MDC95",
}


def write_study(study: Agreement, folder: Path) -> tuple[Path, ...]:
    """Write everything that a study leaves: documents, tables, figures, page and paper.

    Raises
    ------
    OSError
        The folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = figures(study)
    pictures = {
        title: Picture(name, as_svg(drawn[name]), "svg", words, _size_mm(drawn[name]))
        for title, (name, words) in FIGURE_OF.items()
        if name in drawn
    }
    page = study_page(study, pictures)
    table = io.StringIO(newline="")
    write_agreement_csv(study, table)
    contents = {
        "agreement.json": json_bytes(agreement_document(study)),
        "agreement.csv": table.getvalue().encode("utf-8", "backslashreplace"),
        "reader-noise.json": json_bytes(noise_document(study)),
        "agreement.html": html_page(page),
        "agreement.pdf": pdf_page(page),
        **{f"{one.name}.svg": one.content for one in pictures.values()},
        **{f"{name}.png": as_png(figure) for name, figure in drawn.items()},
    }
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return tuple(folder / name for name in contents)


def study_page(study: Agreement, pictures: Mapping[str, Picture]) -> Document:
    """The page of a study as values; ``pictures`` by the title of their table."""
    sections = [
        Section("Study", (Lines(study_lines(study)),)),
        *(_section(sheet, pictures.get(sheet.title)) for sheet in sheets(study)),
        Section("How it was computed", (Facts(tuple(_methods())),)),
    ]
    return Document(
        title="Reader study",
        subtitle=KIND_WORDS[study.kind],
        sections=tuple(sections),
        footer=f"{SOFTWARE}. {NOTICE}",
    )


def _section(sheet: Sheet, picture: Picture | None) -> Section:
    table = Table(sheet.heads, tuple(_named_once(sheet)), tuple(_shares(sheet)), sheet.notes)
    shown = () if picture is None else (Pictures((picture,)),)
    return Section(sheet.title, (table, *shown))


def _size_mm(figure: Figure) -> tuple[float, float]:
    """As large as a page allows."""
    width, height = figure.get_size_inches()
    share = min(FIGURE_MM[0] / width, FIGURE_MM[1] / height)
    return round(float(width * share), 2), round(float(height * share), 2)


def _named_once(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    before = None
    for row in sheet.rows:
        yield (("" if row[0] == before else row[0]), *row[1:])
        before = row[0]


def _shares(sheet: Sheet) -> list[int]:
    """Widths of the columns as parts of what is left; 0 is as wide as its text."""
    widest = [max(map(len, column)) for column in zip(sheet.heads, *sheet.rows, strict=True)]
    return [0 if width <= 14 else min(width, 60) for width in widest]


def _methods() -> Iterator[tuple[str, str]]:
    for key, words in METHODS.items():
        yield METHOD_NAMES.get(key, key.replace("_", " ").capitalize()), words
