"""One examination: a lateral film, a frontal film or both, and the subject.

Nothing is paired by guess: documents belong together when they say the same ``case``, or without
one the same ``image.study_instance_uid``.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePath

from balance.errors import BadPair
from balance.landmarks.files import SUFFIX
from balance.landmarks.model import Landmarks
from balance.radiograph import Subject, View

PLANNED = "planned points: geometry, not a prediction"
"""What is said of a document that holds planned points, and why nothing of it is graded."""


def is_plan(landmarks: Landmarks) -> bool:
    """Whether a document holds planned points: it is then a plan, and no examination."""
    return any(point.source == "planned" for point in landmarks.points.values())


def holds_planned_points(content: bytes) -> bool:
    """Whether the bytes of a landmark document hold a planned point; no other check is made.

    Examples
    --------
    >>> holds_planned_points(b'{"points": {"C2_dens": {"x": 1, "y": 2, "source": "planned"}}}')
    True
    """
    if b"planned" not in content:
        return False
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    points = document.get("points") if isinstance(document, dict) else None
    entries = points.values() if isinstance(points, dict) else ()
    return any(isinstance(one, dict) and one.get("source") == "planned" for one in entries)


@dataclass(frozen=True, slots=True)
class Document:
    """Landmarks and where they were read from, as the user named it."""

    source: str
    landmarks: Landmarks

    @property
    def name(self) -> str:
        """The source without its ending."""
        return self.source.removesuffix(SUFFIX)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A film that is there and was refused: its file, its view where it tells one, and why."""

    name: str
    view: View | None
    reason: str

    @property
    def words(self) -> str:
        """The warning that the film is not among what is measured."""
        return f"refused and left out: {self.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Examination:
    """What is measured, graded and shown together; ``refused`` are the films that it lacks."""

    lateral: Document | None = None
    frontal: Document | None = None
    refused: tuple[Refusal, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that are there, the lateral one first."""
        return tuple(one for one in (self.lateral, self.frontal) if one is not None)

    @property
    def id(self) -> str:
        """The case as the documents call it, else the first document's name."""
        named = [one.landmarks.case for one in self.documents if one.landmarks.case]
        return named[0] if named else self.documents[0].name

    @property
    def heading(self) -> str:
        """The whole case as the documents call it, else the first document's file name."""
        named = any(one.landmarks.case for one in self.documents)
        return self.id if named else PurePath(self.id).name

    @property
    def subject(self) -> Subject:
        """The patient, from whichever document knows."""
        known = [one.landmarks.subject for one in self.documents]
        return Subject(
            next((one.age_years for one in known if one.age_years is not None), None),
            next((one.sex for one in known if one.sex is not None), None),
            next((one.pseudonym for one in known if one.pseudonym is not None), None),
        )

    @property
    def surgery(self) -> str | None:
        """Spine surgery as the documents tell it; an operation that one of them knows counts."""
        said = {one.landmarks.surgery for one in self.documents}
        return next((word for word in ("postoperative", "prior", "none") if word in said), None)

    def doubts(self) -> Iterator[str]:
        """What is drawn and not seen, what was refused, where two films say different things."""
        if any(is_plan(one.landmarks) for one in self.documents):
            yield PLANNED
        yield from (one.words for one in self.refused)
        if self.lateral is None or self.frontal is None:
            return
        lateral, frontal = self.lateral.landmarks, self.frontal.landmarks
        for what, one, two in (
            ("patient id", lateral.subject.pseudonym, frontal.subject.pseudonym),
            ("date", lateral.acquired, frontal.acquired),
            ("surgery", lateral.surgery, frontal.surgery),
            ("number of thoracic vertebrae", lateral.last_thoracic, frontal.last_thoracic),
            ("number of lumbar vertebrae", lateral.last_lumbar, frontal.last_lumbar),
        ):
            if one is not None and two is not None and one != two:
                yield f"the two films differ in the {what}: are they one examination?"


def pair(
    documents: Iterable[Document],
) -> tuple[tuple[Examination, ...], tuple[tuple[str, BadPair], ...]]:
    """Put documents together into examinations, in the order in which they came.

    Returns
    -------
    tuple
        The examinations, and for each document that is refused its source and the error.
    """
    groups: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        groups.setdefault(_belongs_to(document), []).append(document)
    examinations: list[Examination] = []
    failures: list[tuple[str, BadPair]] = []
    for group in groups.values():
        contradiction = _contradiction(group)
        if contradiction is not None:
            failures.extend((one.source, contradiction) for one in group)
            continue
        paired, refused = _pair_group(group)
        examinations.extend(paired)
        failures.extend(refused)
    return tuple(examinations), tuple(failures)


def _belongs_to(document: Document) -> tuple[str, str]:
    landmarks = document.landmarks
    if is_plan(landmarks):
        # A plan copies the case of its film, which it does not replace.
        return "plan", document.source
    if landmarks.case:
        return "case", landmarks.case
    if landmarks.image.study_instance_uid:
        return "study", landmarks.image.study_instance_uid
    return "source", document.source


def _pair_group(
    group: Sequence[Document],
) -> tuple[list[Examination], list[tuple[str, BadPair]]]:
    by_position: dict[str, dict[View, list[Document]]] = {}
    for document in group:
        films = by_position.setdefault(document.landmarks.acquisition.position, {})
        films.setdefault(document.landmarks.view, []).append(document)
    _join_unrecorded(by_position)
    examinations: list[Examination] = []
    refused: list[tuple[str, BadPair]] = []
    for films in by_position.values():
        twice = next((same for same in films.values() if len(same) > 1), None)
        if twice is None:
            single = {view: same[0] for view, same in films.items()}
            examinations.append(Examination(single.get("lateral"), single.get("frontal")))
            continue
        error = BadPair(
            f"{twice[0].source} and {twice[1].source} are both {twice[0].landmarks.view} films of "
            "one case in the same position; give them different cases, or measure one"
        )
        refused.extend((one.source, error) for same in films.values() for one in same)
    return examinations, refused


def _join_unrecorded(by_position: dict[str, dict[View, list[Document]]]) -> None:
    """A film whose position nobody recorded joins the standing film of the other view."""
    unrecorded, standing = by_position.get("unknown"), by_position.get("standing")
    if unrecorded and standing and not unrecorded.keys() & standing.keys():
        standing.update(by_position.pop("unknown"))


def _contradiction(group: Sequence[Document]) -> BadPair | None:
    """Documents of one case whose patients cannot be one person."""
    for word, apart in (("age_years", _ages_apart), ("sex", operator.ne)):
        known = [one for one in group if getattr(one.landmarks.subject, word) is not None]
        for first, other in combinations(known, 2):
            pair_of = [getattr(one.landmarks.subject, word) for one in (first, other)]
            if apart(*pair_of):
                return BadPair(
                    f"{first.source} and {other.source} belong to one case but differ in the "
                    f"patient's {word.removesuffix('_years')}; correct one of them, or give them "
                    "different cases"
                )
    return None


def _ages_apart(first: float, second: float) -> bool:
    """Whether two ages differ by a year or more: one may be told in whole years."""
    return abs(first - second) >= 1.0
