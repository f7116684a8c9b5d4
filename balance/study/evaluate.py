"""A folder of films with their truth: propose on each, compare, and say how good it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from balance import __version__
from balance.analysis import Failure
from balance.companion import FILM_ENDINGS
from balance.errors import BalanceError
from balance.film import open_film
from balance.landmarks.files import SUFFIX, read_landmarks
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import measure_film
from balance.radiograph import Radiograph
from balance.study.accuracy import summarise
from balance.study.clicks import ClickPlan, clicked
from balance.study.comparison import FilmResult, Status, point_errors, value_errors

FORMAT, VERSION = "spinal-balance-evaluation", 1
TRUTH, CLICKS = ".truth" + SUFFIX, ".clicks" + SUFFIX
DECIMALS = 4

Propose = Callable[[Radiograph, Landmarks], Landmarks]
"""Every producer of landmarks has this form."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a proposal made of a folder."""

    plan: ClickPlan
    films: tuple[FilmResult, ...]
    failures: tuple[Failure, ...]
    clicked_by_readers: int


def evaluate_folder(folder: Path, propose: Propose, plan: ClickPlan | None = None) -> Evaluation:
    """Evaluate a proposal on every film of a folder that has a truth beside it.

    Parameters
    ----------
    folder
        Holds ``NAME.dcm`` (or PNG, JPEG, TIFF), ``NAME.truth.landmarks.json`` and, where a reader
        has clicked, ``NAME.clicks.landmarks.json``. Subfolders are not searched.
    propose
        The producer; it sees the film and the clicks, never the truth.
    plan
        Which points of the truth serve as clicks where no reader has clicked.

    Raises
    ------
    BalanceError
        The folder holds no truth.
    """
    plan = plan or ClickPlan()
    truths = _truths(folder)
    results, failures, by_readers = [], [], 0
    for document in truths:
        name = document.name.removesuffix(TRUTH)
        try:
            truth = read_landmarks(document)
        except BalanceError as error:
            failures.append(Failure(str(document), str(error)))
            continue
        by_readers += (folder / f"{name}{CLICKS}").is_file()
        try:
            results.append(_evaluate(folder, name, truth, propose, plan))
        except BalanceError as error:
            failures.append(Failure(str(document), str(error)))
            results.append(_result(name, truth, None, None, reason=str(error)))
    return Evaluation(plan, tuple(results), tuple(failures), by_readers)


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON: every film, then the figures over all of them."""
    plan, films = evaluation.plan, evaluation.films
    views = sorted({film.view for film in films})
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": f"spinal-balance {__version__}",
        "films": [_entry(film) for film in films],
        "summary": {
            "clicks": {
                "names": {view: list(plan.names_for(view)) for view in views},
                "noise_mm": plan.noise_mm,
                "seed": plan.seed,
                "films_clicked_by_readers": evaluation.clicked_by_readers,
            },
            **summarise(films),
        },
        "failures": [{"source": one.source, "error": one.error} for one in evaluation.failures],
    }


def _truths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BalanceError(f"{folder}: no such folder; check the path")
    found = sorted(path for path in folder.glob(f"*{TRUTH}") if path.is_file())
    if not found:
        raise BalanceError(f"{folder}: no NAME{TRUTH} in this folder; nothing to compare with")
    return found


def _evaluate(
    folder: Path, name: str, truth: Landmarks, propose: Propose, plan: ClickPlan
) -> FilmResult:
    given = _given(folder, name, truth, plan)
    film = open_film(_film_of(folder, name, truth))
    start = time.perf_counter()
    try:
        proposed = propose(film, given)
    except BalanceError as error:
        raise BalanceError(f"{folder / name}: {error}") from None
    except Exception as error:
        # One film on which the program breaks is a failure of that film, and counts as one.
        raise BalanceError(f"{name}: the proposal broke ({type(error).__name__})") from error
    return _result(name, truth, proposed, time.perf_counter() - start)


def _given(folder: Path, name: str, truth: Landmarks, plan: ClickPlan) -> Landmarks:
    """What a reader clicked, else clicks around the truth."""
    beside = folder / f"{name}{CLICKS}"
    if not beside.is_file():
        try:
            return clicked(truth, name, plan)
        except BalanceError as error:
            raise BalanceError(f"{name}: {error}") from None
    clicks = read_landmarks(beside)
    for what, mine, theirs in (
        ("view", clicks.view, truth.view),
        ("side", clicks.side, truth.side),
    ):
        if mine != theirs:
            raise BalanceError(
                f"{beside}: {what} is {mine} and {theirs} in the truth; correct one of them"
            )
    return clicks


def _film_of(folder: Path, name: str, truth: Landmarks) -> Path:
    named = Path(truth.image.file).name if truth.image.file else name
    for candidate in (*(name + ending for ending in _endings()), named):
        if (folder / candidate).is_file():
            return folder / candidate
    raise BalanceError(f"{folder / name}: no film of this name (.dcm, .png, .jpg) beside its truth")


def _endings() -> Iterable[str]:
    return (*FILM_ENDINGS, *(ending.upper() for ending in FILM_ENDINGS))


def _result(
    name: str,
    truth: Landmarks,
    proposed: Landmarks | None,
    seconds: float | None,
    reason: str | None = None,
) -> FilmResult:
    status: Status = "failed" if proposed is None else "ok"
    if proposed is not None and proposed.proposal is not None:
        status = proposed.proposal.status
        reason = "; ".join(proposed.proposal.reasons) or None
    usable = None if status == "unable" else proposed
    found = None if usable is None else measure_film(_in_the_frame_of(truth, usable))
    return FilmResult(
        name=name,
        view=truth.view,
        status=status,
        seconds=seconds,
        has_millimetres=truth.scale.has_millimetres,
        points=point_errors(truth, usable),
        values=value_errors(measure_film(truth), found),
        reason=reason,
    )


def _in_the_frame_of(truth: Landmarks, proposed: Landmarks) -> Landmarks:
    """The proposal in the truth's own scale and vertical, which are not what is judged.

    The truth is in the same millimetres, so the uncertainty of the scale is left out of the
    intervals: with it they would be wider than the errors that they are compared with.
    """
    scale = replace(truth.scale, sd_percent=0.0)
    return replace(proposed, scale=scale, vertical=truth.vertical)


def _entry(film: FilmResult) -> dict[str, Any]:
    return {
        "name": film.name,
        "status": film.status,
        "seconds": _rounded(film.seconds),
        "point_error_mm": {point.site: _rounded(point.mm) for point in film.points},
        "parameters": {
            key: {
                "value": _rounded(one.value),
                "truth": _rounded(one.truth),
                "ci95": None if one.ci95 is None else [round(end, DECIMALS) for end in one.ci95],
            }
            for key, one in film.values.items()
        },
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
