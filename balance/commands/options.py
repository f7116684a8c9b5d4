"""Options that several commands share, each stated once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class PlainFormat(StrEnum):
    """How an answer without a table is printed."""

    TEXT = "text"
    JSON = "json"


class Noise(StrEnum):
    """Whose next reading an interval is about."""

    BETWEEN_READERS = "between_readers"
    WITHIN_READER = "within_reader"


class Paper(StrEnum):
    """The sheet that pages are set on."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def sheet(self) -> Literal["a4", "us-letter"]:
        """Its name among the sheets of `balance.report.page_pdf`."""
        return "a4" if self is Paper.A4 else "us-letter"


PaperOption = Annotated[Paper, typer.Option("--paper", help="Of a PDF.")]

InputsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE-OR-FOLDER...",
        help="Landmark documents, films with a document beside them, or folders.",
        show_default=False,
    ),
]

FrameOption = Annotated[
    int | None, typer.Option("--frame", min=1, help="Which frame of a multi-frame film.")
]

FormatOption = Annotated[Format, typer.Option("--format", help="Output.")]

PlainFormatOption = Annotated[PlainFormat, typer.Option("--format", help="Output.")]

ResultFolderOption = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")]

SegmentalOption = Annotated[
    bool, typer.Option("--segmental", help="Each body and disc angle and each slip as well.")
]

OwnIntervalsOption = Annotated[
    Noise | None,
    typer.Option(
        "--intervals",
        help="Whose next reading the intervals are about: the reader's own where that noise "
        "is known, else another reader's.",
        show_default=False,
    ),
]
"""Where the reader may be known: without the option each examination is asked."""

IntervalsOption = Annotated[
    Noise, typer.Option("--intervals", help="Whose next reading intervals and limits are about.")
]
"""Where many readers meet: one word holds for all."""
