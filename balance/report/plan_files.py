"""Where the results of a plan go: the plan, the planned landmarks, the values, the pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from balance.analysis import Failure
from balance.companion import find_film
from balance.display import display_image
from balance.errors import BalanceError, UnreadableFilm
from balance.film import open_film
from balance.landmarks.files import SUFFIX, write_landmarks
from balance.planning.files import PlanDocument, plan_document, write_plan
from balance.planning.planned import PlanAnalysis
from balance.planning.request import PlanRequest, carry_out
from balance.report.page_html import html_page
from balance.report.page_pdf import pdf_page
from balance.report.plan_page import plan_document_page
from balance.report.plan_picture import plan_pictures
from balance.report.plan_record import values_document
from balance.writing import json_bytes, write_atomically

PLAN_SUFFIX = ".plan.json"
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
    page = plan_document_page(
        analysis, name, notes, plan_pictures(analysis, _seen(analysis, source))
    )
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


def write_plans_of(folder: Path, output: Path) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Carry out every ``NAME.plan.json`` that lies beside its landmark document.

    Returns
    -------
    tuple
        What was written, each plan into a folder of its own, and the plans that were refused.
    """
    written: list[Path] = []
    refused = []
    for plan in sorted(folder.glob(f"*{PLAN_SUFFIX}")):
        name = plan.name.removesuffix(PLAN_SUFFIX)
        source = folder / f"{name}{SUFFIX}"
        try:
            analysis, document = carry_out(PlanRequest(source, plan))
            written += write_plan_results(analysis, document, source, output / name)
        except BalanceError as error:
            refused.append(Failure(str(plan), str(error)))
    return tuple(written), tuple(refused)


def _seen(analysis: PlanAnalysis, source: Path) -> NDArray[np.uint8] | None:
    """The film as it is to be seen; None where there is none beside the landmarks."""
    film = find_film(source, analysis.landmarks)
    try:
        return None if film is None else display_image(open_film(film), longest_side=FILM_PIXELS)
    except UnreadableFilm:
        return None
