"""What ``inspect`` answers: the facts of each film as plain values, never the patient's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from balance.errors import UnreadableFilm
from balance.film import open_film
from balance.radiograph import Radiograph
from balance.seams import find_seams

FORMAT, VERSION = "spinal-balance-inspection", 1


def inspect_films(
    paths: Iterable[str | os.PathLike[str]], *, frame: int | None = None
) -> dict[str, Any]:
    """The inspection document of some films.

    Parameters
    ----------
    paths
        Film files; each is echoed as it was given.
    frame
        Which frame of files that hold several, counted from 1.

    Returns
    -------
    dict
        ``films`` and ``failures`` in the order given, ready for JSON. Never raises for a film.

    Examples
    --------
    >>> inspect_films(["no-such-film.dcm"])["failures"]
    [{'source': 'no-such-film.dcm', 'error': 'no-such-film.dcm: no such file; check the name'}]
    """
    films: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []
    for path in paths:
        name = os.fspath(path)
        try:
            films.append(film_record(name, open_film(path, frame=frame)))
        except UnreadableFilm as error:
            failures.append({"source": name, "error": str(error)})
    return {"format": FORMAT, "version": VERSION, "films": films, "failures": failures}


def film_record(name: str, film: Radiograph) -> dict[str, Any]:
    """One film of the inspection document; spacing in millimetres, null where there is none."""
    scale = film.scale
    known = scale.has_millimetres
    chosen = {} if film.frame is None else {"frame": film.frame}
    return {
        "file": name,
        **chosen,
        "rows": film.rows,
        "columns": film.columns,
        "modality": film.modality,
        "transfer_syntax": film.transfer_syntax,
        "decoder": film.decoder,
        "photometric": film.photometric,
        "spacing_mm": {
            "row": scale.row_mm if known else None,
            "column": scale.column_mm if known else None,
            "state": scale.state,
            "plane": scale.plane,
            "tags": list(film.spacing_tags),
        },
        "facing": film.facing,
        "patient_right": film.patient_right,
        "acquisition": asdict(film.acquisition),
        "seam_rows": list(find_seams(film)),
        "warnings": list(film.warnings),
    }


def inspection_lines(document: dict[str, Any]) -> list[str]:
    """An inspection document as lines of text."""
    lines = [line for film in document["films"] for line in _film_lines(film)]
    lines += [f"not read: {failure['error']}" for failure in document["failures"]]
    return lines


def _film_lines(film: dict[str, Any]) -> list[str]:
    return [
        film["file"] + (f", frame {film['frame']}" if "frame" in film else ""),
        f"  size         {film['rows']} rows x {film['columns']} columns",
        f"  kind         {film['modality'] or 'image file'}, {film['photometric'] or 'grey'}",
        f"  decoded by   {film['decoder']}",
        f"  scale        {_scale_text(film['spacing_mm'])}",
        f"  sides        {_side_text(film)}",
        f"  position     {film['acquisition']['position']}",
        *(f"  seam         between the rows beside {row:g}" for row in film["seam_rows"]),
        *(f"  warning      {warning}" for warning in film["warnings"]),
    ]


def _scale_text(spacing: dict[str, Any]) -> str:
    source = f"{spacing['state']}, plane {spacing['plane']}"
    tags = f" (from {', '.join(spacing['tags'])})" if spacing["tags"] else ""
    if spacing["row"] is None:
        return f"no millimetres: {source}{tags}"
    return f"{spacing['row']:.4f} mm per row, {spacing['column']:.4f} per column: {source}{tags}"


def _side_text(film: dict[str, Any]) -> str:
    if film["facing"] is not None:
        return f"patient faces the image's {film['facing']}"
    if film["patient_right"] is not None:
        return f"patient's right on the image's {film['patient_right']}"
    return "not in the header: state them when you place landmarks"
