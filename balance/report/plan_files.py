"""Where the results of a plan go: the plan, the planned landmarks, the values, the pages."""

from __future__ import annotations

from pathlib import Path

from balance.companion import find_film
from balance.display import display_image
from balance.errors import UnreadableFilm
from balance.film import open_film
from balance.landmarks.files import SUFFIX, write_landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.files import PlanDocument, plan_document, write_plan
from balance.planning.planned import PlanAnalysis
from balance.report.document import Picture
from balance.report.figure import film_picture
from balance.report.page_html import html_page
from balance.report.page_pdf import pdf_page
from balance.report.plan_film import planned_film
from balance.report.plan_page import plan_document_page
from balance.report.plan_record import values_document
from balance.writing import json_bytes, write_atomically

FILM_PIXELS = 1600
"""Longest side of the film in a picture of a plan."""


def write_plan_results(
    analysis: PlanAnalysis, document: PlanDocument | None, source: Path, folder: Path
) -> tuple[Path, ...]:
    """Write everything that a plan leaves into a folder.

    ``plan.json``, ``planned.landmarks.json``, ``values.json``, ``plan.pdf`` and ``plan.html``;
    without a readable film beside the landmarks the pages show the points alone.
    """
    notes = dict(document.notes) if document else {}
    name = analysis.landmarks.case or source.name.removesuffix(SUFFIX)
    page = plan_document_page(analysis, name, notes, _pictures(analysis, source))
    folder.mkdir(parents=True, exist_ok=True)
    plan, planned, values, pdf, html = (
        folder / file
        for file in ("plan.json", f"planned{SUFFIX}", "values.json", "plan.pdf", "plan.html")
    )
    write_plan(plan_document(analysis.plan, document), plan)
    write_landmarks(analysis.planned, planned)
    write_atomically(values, json_bytes(values_document(analysis)))
    write_atomically(pdf, pdf_page(page))
    write_atomically(html, html_page(page))
    return plan, planned, values, pdf, html


def _pictures(analysis: PlanAnalysis, source: Path) -> tuple[Picture, ...]:
    """The film before and after; the points alone where there is none."""
    film = find_film(source, analysis.landmarks)
    try:
        seen = None if film is None else display_image(open_film(film), longest_side=FILM_PIXELS)
    except UnreadableFilm:
        seen = None
    before = film_picture(measure_film(analysis.landmarks), seen)
    planned, cut = analysis.planned, None
    if seen is not None:
        drawn = planned_film(seen, analysis.landmarks, analysis.plan)
        planned, cut = drawn.landmarks, drawn.picture
    after = film_picture(measure_film(planned), cut)
    return (
        Picture("before", before, "png", "before"),
        Picture("after", after, "png", "planned, the pelvis unchanged"),
    )
