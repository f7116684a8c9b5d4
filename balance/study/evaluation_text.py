"""An evaluation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from balance.study.accuracy import is_headline, wrong_values
from balance.study.evaluate import Evaluation, evaluation_document


def evaluation_lines(evaluation: Evaluation) -> Iterator[str]:
    """The figures first, then every film that is not plainly well."""
    summary = evaluation_document(evaluation)["summary"]
    yield from _heading(summary)
    yield ""
    yield f"{'parameter':<26}{'given':>9}{'MAE':>8}{'bias':>8}{'p95':>8}{'coverage':>10}"
    rows = summary["parameters"].items()
    for key, row in sorted(rows, key=lambda item: not is_headline(item[0])):
        share = f"{row['given']}/{row['films']}"
        yield (
            f"{key:<26}{share:>9}{_number(row['mae'], 2):>8}{_number(row['bias'], 2):>8}"
            f"{_number(row['p95'], 2):>8}{_percent(row['coverage']):>10}  {row['unit']}"
        )
    yield ""
    yield (
        f"{'points (mm)':<16}{'placed':>9}{'median':>8}{'p95':>8}{'<2':>7}{'<4':>7}{'<10':>7}"
        f"{'across':>9}{'along':>8}"
    )
    for group, row in summary["points"].items():
        share = f"{row['placed']}/{row['points']}"
        within = (row[f"within_{limit}_mm"] for limit in (2, 4, 10))
        yield (
            f"{group:<16}{share:>9}{_number(row['median_mm'], 2):>8}{_number(row['p95_mm'], 2):>8}"
            + "".join(f"{_percent(one):>7}" for one in within)
            + f"{_number(row['normal_median_mm'], 2):>9}"
            + f"{_number(row['tangential_median_mm'], 2):>8}"
        )
    yield from _notes(evaluation)


def _heading(summary: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{summary['films']} films: {summary['ok']} ok, {summary['review']} review, "
        f"{summary['unable']} unable, {summary['failed']} failed; "
        f"success {_percent(summary['success_rate'])}"
    )
    wrong, times, clicks = summary["ok_but_wrong"], summary["seconds"], summary["clicks"]
    yield (
        f"ok but a headline value wrong by over {wrong['over_deg']:g} deg or {wrong['over_sd']:g} "
        f"SD: {len(wrong['films'])} films ({_percent(wrong['share_of_films'])})"
    )
    yield (
        f"seconds of the proposal, without opening the film: median "
        f"{_number(times['median'], 2)}, p95 {_number(times['p95'], 2)}"
    )
    for view, names in clicks["names"].items():
        yield f"{view} clicks, {clicks['noise_mm']:g} mm per axis: {', '.join(names)}"
    if clicks["films_clicked_by_readers"]:
        yield f"clicked by readers instead: {clicks['films_clicked_by_readers']} films"


def _notes(evaluation: Evaluation) -> Iterator[str]:
    for film in evaluation.films:
        wrong = wrong_values(film)
        if film.status == "ok" and not wrong:
            continue
        said = [film.reason] if film.reason else []
        if wrong:
            said.append(f"wrong: {', '.join(wrong)}")
        yield f"{film.name}: {film.status}{': ' if said else ''}{'; '.join(said)}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100.0 * value:.0f} %"
