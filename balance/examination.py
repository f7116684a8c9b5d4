"""One examination: a lateral film, a frontal film or both, and the subject.

Nothing is paired by guess: documents belong together when they say the same ``case``, or without
one the same ``image.study_instance_uid``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from balance.errors import BadPair
from balance.landmarks.files import SUFFIX
from balance.landmarks.model import Landmarks
from balance.radiograph import Subject, View


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
class Examination:
    """What is measured, graded and shown together."""

    lateral: Document | None = None
    frontal: Document | None = None

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
        """What the documents say of spine surgery."""
        said = [one.landmarks.surgery for one in self.documents]
        return next((word for word in said if word not in (None, "unknown")), None)


def pair(
    documents: Iterable[Document],
) -> tuple[tuple[Examination, ...], tuple[tuple[str, BadPair], ...]]:
    """Put documents together into examinations, in the order in which they came.

    Returns
    -------
    tuple
        The examinations, and for each contradiction its sources and the error.
    """
    groups: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        groups.setdefault(_belongs_to(document), []).append(document)
    examinations: list[Examination] = []
    failures: list[tuple[str, BadPair]] = []
    for group in groups.values():
        try:
            examinations.extend(_pair_group(group))
        except BadPair as error:
            failures.append((", ".join(one.source for one in group), error))
    return tuple(examinations), tuple(failures)


def _belongs_to(document: Document) -> tuple[str, str]:
    landmarks = document.landmarks
    if landmarks.case:
        return "case", landmarks.case
    if landmarks.image.study_instance_uid:
        return "study", landmarks.image.study_instance_uid
    return "source", document.source


def _pair_group(group: Sequence[Document]) -> list[Examination]:
    by_position: dict[str, dict[View, Document]] = {}
    for document in group:
        films = by_position.setdefault(document.landmarks.acquisition.position, {})
        view = document.landmarks.view
        if view in films:
            raise BadPair(
                f"{films[view].source} and {document.source} are both {view} films of one case "
                "in the same position; give them different cases, or measure one"
            )
        films[view] = document
    _join_unrecorded(by_position)
    _refuse_contradictions(group)
    return [
        Examination(films.get("lateral"), films.get("frontal")) for films in by_position.values()
    ]


def _join_unrecorded(by_position: dict[str, dict[View, Document]]) -> None:
    """A film whose position nobody recorded joins the standing film of the other view."""
    unrecorded, standing = by_position.get("unknown"), by_position.get("standing")
    if unrecorded and standing and not unrecorded.keys() & standing.keys():
        standing.update(by_position.pop("unknown"))


def _refuse_contradictions(group: Sequence[Document]) -> None:
    for word in ("age_years", "sex"):
        known: dict[object, Document] = {}
        for document in group:
            value = getattr(document.landmarks.subject, word)
            if value is not None:
                known.setdefault(value, document)
        if len(known) > 1:
            first, other, *_ = known.values()
            raise BadPair(
                f"{first.source} and {other.source} belong to one case but differ in the "
                f"patient's {word.removesuffix('_years')}; correct one of them, or give them "
                "different cases"
            )
