"""Where the results of a plan go: the plan, the planned landmarks, the values, the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from errno import EISDIR
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from balance.analysis import Failure
from balance.companion import find_film
from balance.display import display_image
from balance.errors import BalanceError, UnreadableFilm, Unwritable
from balance.examination import is_plan
from balance.film import open_film
from balance.landmarks.files import SUFFIX, encode_landmarks, read_landmarks
from balance.landmarks.model import Landmarks
from balance.planning.files import PLAN_SUFFIX, PlanDocument, plan_document
from balance.planning.planned import PlanAnalysis
from balance.planning.request import PlanRequest, carry_out
from balance.report.page_html import html_page
from balance.report.page_pdf import Paper, pdf_page
from balance.report.plan_page import plan_document_page
from balance.report.plan_picture import HIGHEST_MM, plan_pictures
from balance.report.plan_record import values_document
from balance.writing import json_bytes, write_atomically

PLAN, PLANNED, VALUES = "plan.json", f"planned{SUFFIX}", "values.json"
RESULTS = (PLAN, PLANNED, VALUES, "plan.pdf", "plan.html")
"""What a plan leaves in its folder."""
USUAL_ROWS, USUAL_LINES, USUAL_WARNINGS = 2, 4, 2
"""Corrections, lines of the surgeon's fields, warnings; more take their room from the pictures."""
ROW_MM, LINE_MM, WARNING_MM, LOWEST_MM = 7.0, 5.6, 10.0, 90.0
LETTERS_A_LINE = 45
SHORTER_MM: Mapping[Paper, float] = {"a4": 0.0, "us-letter": 18.0}
"""Than a sheet of A4."""
FILM_PIXELS = 1600
"""Longest side of the film in a picture of a plan."""


def write_plan_results(
    analysis: PlanAnalysis,
    document: PlanDocument | None,
    source: Path,
    folder: Path,
    *,
    read_from: Path | None = None,
    paper: Paper = "a4",
) -> tuple[Path, ...]:
    """Write everything that a plan leaves into a folder, all of it or nothing.

    ``plan.json``, ``planned.landmarks.json``, ``values.json``, ``plan.pdf`` and ``plan.html``;
    without a readable film beside the landmarks the pages show the points alone.

    Parameters
    ----------
    read_from
        Where the plan was read, which may be written back to.

    Raises
    ------
    Unwritable
        A plan lies there that would be lost: one of another film, or that somebody has edited.
    OSError
        The place cannot be written.
    """
    notes = dict(document.notes) if document else {}
    name = analysis.landmarks.case or source.name.removesuffix(SUFFIX)
    plan = json_bytes(plan_document(analysis.plan, document))
    _keep_other_plans(folder, plan, (name, analysis.planned), read_from)
    height = _picture_height(analysis, notes.values()) - SHORTER_MM[paper]
    pictures = plan_pictures(analysis, _seen(analysis, source), height)
    page = plan_document_page(analysis, name, notes, pictures)
    # a plan with somebody's own words stays theirs, also where it was written back
    theirs = document is not None and document.holds_own_words
    written = {"case": name, "plan_sha256": None if theirs else _digest(plan)}
    contents = (
        plan,
        json_bytes(encode_landmarks(_as_planned(analysis.planned))),
        json_bytes(values_document(analysis) | written),
        pdf_page(page, paper),
        html_page(page),
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / file for file in RESULTS)
    _write_together(dict(zip(paths, contents, strict=True)))
    return paths


def _keep_other_plans(
    folder: Path, plan: bytes, film: tuple[str, Landmarks], read_from: Path | None
) -> None:
    """Refuse to replace a plan but the one that was read, or one that this program left for a film.

    Raises
    ------
    Unwritable
        The plan there would be lost.
    """
    there = folder / PLAN
    if not there.is_file():
        return
    if read_from is not None and read_from.exists() and there.samefile(read_from):
        return
    content = there.read_bytes()
    try:
        values = json.loads((folder / VALUES).read_bytes())
        left = values["case"], values["plan_sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        left = None, None
    now = _digest(content)
    case, planned = film
    same_film = left[0] in (None, case) and _may_be_of_one_film(folder / PLANNED, planned)
    if same_film and now in (_digest(plan), left[1]):
        return
    why = "was made or edited by hand" if same_film else "belongs to another film"
    raise Unwritable(
        f"{there}: a plan that {why} lies there and would be lost; choose another folder, or go on "
        "with it by --plan"
    )


def _may_be_of_one_film(there: Path, planned: Landmarks) -> bool:
    """Whether the planned points there share one with these: no lateral plan moves them all."""
    try:
        before = read_landmarks(there)
    except BalanceError:
        return True
    if before.view != planned.view:
        return False
    if planned.view == "frontal":
        # a longer leg turns every point of the film
        return True
    here = planned.points
    return any(
        (one.x, one.y) == (here[name].x, here[name].y)
        for name, one in before.points.items()
        if name in here
    )


def _digest(plan: bytes) -> str:
    """What a plan says, whatever its spaces and the order of its fields."""
    try:
        said = json.dumps(json.loads(plan), sort_keys=True).encode()
    except (ValueError, RecursionError):
        said = plan
    return sha256(said).hexdigest()


def _as_planned(planned: Landmarks) -> Landmarks:
    """The planned landmarks, told from those of an examination even where no point has moved."""
    if is_plan(planned):
        return planned
    points = {name: replace(point, source="planned") for name, point in planned.points.items()}
    return replace(planned, points=points)


def _write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files of one folder under other names first, so that all of them appear or none.

    Raises
    ------
    OSError
        The folder is full or not writable, or a name is taken by a folder.
    """
    for path in contents:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, f"{path.name} is a folder there")
    with TemporaryDirectory(dir=next(iter(contents)).parent, prefix=".plan.") as waiting:
        for path, content in contents.items():
            write_atomically(Path(waiting) / path.name, content)
        for path in contents:
            (Path(waiting) / path.name).replace(path)


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


def _picture_height(analysis: PlanAnalysis, notes: Iterable[str]) -> float:
    """So high that the pictures share the first page with what else stands there."""
    lines = sum(1 + len(text) // LETTERS_A_LINE for text in notes)
    rows, warnings = len(analysis.plan.corrections), len(analysis.doubts)
    taken = (
        ROW_MM * max(rows - USUAL_ROWS, 0)
        + LINE_MM * max(lines - USUAL_LINES, 0)
        + WARNING_MM * max(warnings - USUAL_WARNINGS, 0)
    )
    return max(HIGHEST_MM - taken, LOWEST_MM)


def _seen(analysis: PlanAnalysis, source: Path) -> NDArray[np.uint8] | None:
    """The film as it is to be seen; None where there is none beside the landmarks."""
    film = find_film(source, analysis.landmarks)
    try:
        return None if film is None else display_image(open_film(film), longest_side=FILM_PIXELS)
    except UnreadableFilm:
        return None
