"""Films that were refused: of which examination each was, so that no page calls it absent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from balance.analysis import Analysis, Failure
from balance.examination import Document, Refusal
from balance.landmarks.files import MAXIMUM_BYTES
from balance.radiograph import View

VIEWS: tuple[View, ...] = ("lateral", "frontal")


def with_refusals(
    analyses: Sequence[Analysis], failures: Sequence[Failure], *, one_folder: bool = False
) -> tuple[tuple[Analysis, ...], tuple[Failure, ...]]:
    """The examinations with the films that they lack because these were refused.

    Parameters
    ----------
    one_folder
        Whether all of it was named as one folder: a document there that tells nothing of itself
        is taken to be of the one examination that is left.

    Returns
    -------
    tuple
        The examinations, and the failures that belong to none of them.
    """
    told = {failure.source: _content(Path(failure.source)) for failure in failures}
    own: dict[int, list[Failure]] = {}
    apart = []
    for failure in failures:
        place = _place(told[failure.source], analyses)
        if place is None and told[failure.source] is None and one_folder and len(analyses) == 1:
            place = 0
        if place is None:
            apart.append(failure)
        else:
            own.setdefault(place, []).append(failure)
    sources = {one.source for one in failures} | {one.source for one in _documents(analyses)}
    found = []
    for place, analysis in enumerate(analyses):
        refused = tuple(_refusal(one, told[one.source], sources) for one in own.get(place, ()))
        lines = (one.words for one in refused)
        found.append(
            replace(
                analysis,
                examination=replace(analysis.examination, refused=refused),
                warnings=(*lines, *analysis.warnings),
            )
        )
    return tuple(found), tuple(apart)


def _documents(analyses: Iterable[Analysis]) -> Iterable[Document]:
    return (one for analysis in analyses for one in analysis.examination.documents)


def _content(path: Path) -> dict[str, Any] | None:
    """What a refused document says all the same; None where it cannot be read at all."""
    try:
        if not path.is_file() or path.stat().st_size > MAXIMUM_BYTES:
            return None
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _place(content: dict[str, Any] | None, analyses: Sequence[Analysis]) -> int | None:
    """The examination that says the same case, else the same study."""
    if content is None:
        return None
    case, image = content.get("case"), content.get("image")
    study = image.get("study_instance_uid") if isinstance(image, dict) else None
    for place, analysis in enumerate(analyses):
        for one in analysis.examination.documents:
            marks = one.landmarks
            same = marks.case == case if case else marks.image.study_instance_uid == study
            if (case or study) and same:
                return place
    return None


def _refusal(failure: Failure, content: dict[str, Any] | None, sources: Iterable[str]) -> Refusal:
    """A page names files, never the folders of a computer."""
    reason = failure.error
    for source in sorted(sources, key=len, reverse=True):
        reason = reason.replace(source, Path(source).name)
    name = Path(failure.source).name
    view = (content or {}).get("view")
    return Refusal(
        name,
        next((one for one in VIEWS if one == view), None),
        reason.removeprefix(f"{name}: "),
    )
