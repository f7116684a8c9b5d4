"""The frontal film of the same case: what a plan on the lateral one leaves as it is."""

from __future__ import annotations

from pathlib import Path

from balance.errors import BalanceError
from balance.examination import Document, pair
from balance.landmarks.files import SUFFIX, read_landmarks
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film


def frontal_beside(document: Path, lateral: Landmarks) -> FilmValues | None:
    """The frontal film that makes one examination with a lateral one, measured.

    It lies in the same folder and says the same case, else the same study, in the same position;
    None where there is none, or where several do.
    """
    shared = lateral.case or lateral.image.study_instance_uid
    if lateral.view != "lateral" or not shared:
        return None
    documents = [Document(str(document), lateral)]
    for path in sorted(document.parent.glob(f"*{SUFFIX}")):
        if path.name == document.name or not _may_say(path, shared):
            continue
        try:
            other = read_landmarks(path)
        except BalanceError:
            continue
        if other.view == "frontal":
            documents.append(Document(str(path), other))
    for one in pair(documents)[0]:
        if one.lateral is documents[0] and one.frontal is not None:
            return measure_film(one.frontal.landmarks)
    return None


def _may_say(path: Path, word: str) -> bool:
    """Whether a document is worth reading: most of a large folder are other patients'."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    # An escape may stand for any letter.
    return word.encode() in content or b"\\" in content
