"""Reports as files: which examination is told, how large its films are drawn, where it goes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

from numpy import uint8
from numpy.typing import NDArray

from balance.analysis import Analysis, Failure
from balance.errors import BalanceError
from balance.metrics.catalogue import FilmValues
from balance.radiograph import View
from balance.report.document import Document, Picture
from balance.report.fields import ReaderFields
from balance.report.figure import film_picture, film_shape
from balance.report.files import file_names, film_images
from balance.report.film_marks import film_legend
from balance.report.page_html import html_page
from balance.report.page_pdf import Paper, pdf_page
from balance.report.radiology import impression_lines, radiology_report
from balance.report.trend import trend_sections
from balance.study.timepoints import TimePoint
from balance.writing import write_atomically

PAGE_WIDTH_MM, GAP_MM = 180.0, 4.0
FILM_HEIGHT_MM: Mapping[Paper, float] = {"a4": 148.0, "us-letter": 126.0}
"""So high that heading, impression and films share the first page."""
LETTERS_A_LINE, USUAL_LINES, LINE_MM = 105, 9, 4.4
"""Of the impression; a longer one takes its room from the films."""
DPI = 254
AGE_TOLERANCE_YEARS, WHOLE_YEAR = 1.5, 1.0
"""Ages are told in whole years, or as they were at the last visit."""
DAYS_A_YEAR = 365.25
SIGN = re.compile("([\u25cf\u25cb*]) ")
"""A sign of the legend, which keeps to its word."""


class BadReport(BalanceError):
    """Examinations that make no report."""


def write_report(
    analyses: Sequence[Analysis],
    path: Path,
    fields: ReaderFields | None = None,
    paper: Paper = "a4",
) -> None:
    """Write the report of one examination, or of the latest of a series with a trend page.

    Raises
    ------
    BadReport
        The examinations are of different patients, or there is none.
    UnreadableFilm
        A film lies beside its document and cannot be read.
    OSError
        The place cannot be written.
    """
    document = report_document(analyses, fields, paper)
    if path.suffix.lower() == ".pdf":
        write_atomically(path, pdf_page(document, paper))
    else:
        write_atomically(path, html_page(document))


def write_reports_of(
    analyses: Sequence[Analysis], folder: Path
) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Write a report of every patient as PDF and as HTML, named after the latest examination.

    Returns
    -------
    tuple
        What was written, and the reports that were refused.

    Raises
    ------
    OSError
        The place cannot be written.
    """
    written: list[Path] = []
    refused = []
    patients = _by_patient(analyses)
    for series, name in zip(patients, file_names([one[-1] for one in patients]), strict=True):
        try:
            document = report_document(series)
        except BalanceError as error:
            refused.append(Failure(series[-1].examination.id, str(error)))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for ending, content in ((".pdf", pdf_page(document)), (".html", html_page(document))):
            written.append(folder / f"{name}{ending}")
            write_atomically(written[-1], content)
    return tuple(written), tuple(refused)


def _by_patient(analyses: Sequence[Analysis]) -> tuple[tuple[Analysis, ...], ...]:
    """The examinations of each patient in time; one without a pseudonym stands for itself."""
    series: dict[tuple[str | int, bool], list[Analysis]] = {}
    for number, one in enumerate(analyses):
        pseudonym = one.examination.subject.pseudonym
        key = (number, False) if pseudonym is None else (pseudonym, True)
        series.setdefault(key, []).append(one)
    return tuple(_ordered(one) for one in series.values())


def report_document(
    analyses: Sequence[Analysis], fields: ReaderFields | None = None, paper: Paper = "a4"
) -> Document:
    """The pages of a report as values."""
    ordered = in_time(analyses)
    latest = ordered[-1]
    series = (
        trend_sections([TimePoint(n, one.examination.id, one) for n, one in enumerate(ordered)])
        if len(ordered) > 1
        else ()
    )
    return radiology_report(
        latest,
        printed_films(latest, film_images(latest), paper),
        fields,
        page_width_mm=PAGE_WIDTH_MM,
        series=series,
    )


def in_time(analyses: Sequence[Analysis]) -> tuple[Analysis, ...]:
    """The examinations by their dates; as they were named where one has none.

    Raises
    ------
    BadReport
        There is none, or two of them cannot be of one patient.
    """
    if not analyses:
        raise BadReport("no examination is left to report; correct the documents above")
    ordered = _ordered(analyses)
    for one, other in combinations(ordered, 2):
        why = _contradiction(one, other)
        if why:
            raise BadReport(
                f"{one.examination.id} and {other.examination.id} are not of one patient ({why}): "
                "a report tells of one; name the examinations of one patient"
            )
    return ordered


def _ordered(analyses: Sequence[Analysis]) -> tuple[Analysis, ...]:
    dates = [_date(one) for one in analyses]
    if None in dates:
        return tuple(analyses)
    return tuple(
        one for _, one in sorted(zip(dates, analyses, strict=True), key=lambda p: str(p[0]))
    )


def printed_films(
    analysis: Analysis, images: Mapping[View, NDArray[uint8] | None], paper: Paper
) -> dict[View, Picture]:
    """The annotated films, drawn for paper: as high as the first page allows."""
    shapes = {view: film_shape(film, images.get(view)) for view, film in analysis.films.items()}
    lines = sum(math.ceil(len(line) / LETTERS_A_LINE) for line in impression_lines(analysis))
    height = FILM_HEIGHT_MM[paper] - LINE_MM * max(lines - USUAL_LINES, 0)
    room = PAGE_WIDTH_MM - GAP_MM * (len(shapes) - 1)
    height = min(height, room / sum(shapes.values()))
    return {
        view: _printed(film, images.get(view), (round(height * shapes[view], 2), round(height, 2)))
        for view, film in analysis.films.items()
    }


def _printed(
    film: FilmValues, image: NDArray[uint8] | None, size_mm: tuple[float, float]
) -> Picture:
    width, height = (side / 25.4 for side in size_mm)
    content = film_picture(film, image, inches=(width, height), dpi=DPI)
    view = film.landmarks.view
    scale, signs = film_legend(film.landmarks)
    signs = SIGN.sub("\\1\N{NO-BREAK SPACE}", signs)
    missing = "" if image is not None else " (no film beside its document: the points alone)"
    words = f"{view.capitalize()} film{missing}. {scale[:1].upper()}{scale[1:]}. {signs}"
    return Picture(view, content, "png", words, size_mm)


def _contradiction(one: Analysis, other: Analysis) -> str:
    """Why the later of two examinations cannot be of the patient of the earlier one."""
    first, second = one.examination.subject, other.examination.subject
    for word, a, b in (
        ("their patient ids differ", first.pseudonym, second.pseudonym),
        ("their sex differs", first.sex, second.sex),
    ):
        if a is not None and b is not None and a != b:
            return word
    if first.age_years is None or second.age_years is None:
        return ""
    aged, passed = second.age_years - first.age_years, _years_between(_date(one), _date(other))
    if passed is not None and abs(aged - passed) > AGE_TOLERANCE_YEARS:
        return "their ages do not fit their dates"
    return "the later is younger" if aged < -WHOLE_YEAR else ""


def _years_between(earlier: str | None, later: str | None) -> float | None:
    """None where a date is not given, or is not one of the calendar."""
    try:
        days = date.fromisoformat(later or "") - date.fromisoformat(earlier or "")
    except ValueError:
        return None
    return days.days / DAYS_A_YEAR


def _date(analysis: Analysis) -> str | None:
    known = (document.landmarks.acquired for document in analysis.examination.documents)
    return next((date for date in known if date), None)
