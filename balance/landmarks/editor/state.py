"""The editor's state: what the document holds, where the reader stands, what can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from balance.anatomy import belongs_to_view
from balance.landmarks.editor.content import Content, next_open, step_status, steps_for
from balance.landmarks.editor.events import Pixel
from balance.landmarks.editor.protocols import Protocol, Step, is_step_name
from balance.landmarks.model import ImageReference, Landmarks
from balance.radiograph import (
    Acquisition,
    FilmHeader,
    ImageSide,
    Radiograph,
    Scale,
    Subject,
    View,
)

EDITOR_FIELD = "editor"
"""The optional field of a document in which the editor keeps what is no landmark."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a film says of itself, without its pixels and without whom it shows."""

    file: str
    rows: int
    columns: int
    scale: Scale = field(default_factory=Scale)
    facing: ImageSide | None = None
    patient_right: ImageSide | None = None
    acquisition: Acquisition = field(default_factory=Acquisition)
    subject: Subject = field(default_factory=Subject)
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    seams: tuple[float, ...] = ()

    @classmethod
    def of(cls, file: str, film: Radiograph | FilmHeader) -> FilmFacts:
        """The facts of an opened film or of its header."""
        return cls(
            file,
            film.rows,
            film.columns,
            film.scale,
            film.facing,
            film.patient_right,
            film.acquisition,
            Subject(film.subject.age_years, film.subject.sex),
            film.sop_instance_uid,
            film.study_instance_uid,
            film.seams if isinstance(film, Radiograph) else (),
        )

    def side(self, view: View) -> ImageSide | None:
        """The image side towards which plane x grows, as far as the header says."""
        return self.facing if view == "lateral" else self.patient_right


@dataclass(frozen=True)
class State:
    """One editor, at one moment; `balance.landmarks.editor.transitions.update` makes the next.

    ``message`` is one line on what the last event did or why it could not be done, or empty.
    ``refused`` says that it could not be done, ``left`` which step it left for the next one, and
    ``nudged`` which point it nudged.
    """

    film: FilmFacts
    content: Content
    start: Content
    past: tuple[Content, ...] = ()
    future: tuple[Content, ...] = ()
    message: str = ""
    refused: bool = False
    nudged: str | None = None
    left: str | None = None

    @property
    def landmarks(self) -> Landmarks:
        """The landmarks as they stand; always a valid document."""
        return self.content.landmarks

    @property
    def protocol(self) -> Protocol:
        """What is asked for."""
        return self.content.protocol

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of this film, in order."""
        return steps_for(self.content)

    @cached_property
    def step(self) -> Step | None:
        """The step that is asked now; None when nothing is left to ask."""
        return next((one for one in self.steps if one.name == self.content.step), None)

    def status(self, step: Step) -> str:
        """``done``, ``proposed`` (to be confirmed), ``skipped`` or ``open``."""
        return step_status(step, self.content)

    @property
    def progress(self) -> tuple[int, int]:
        """How many steps are done or skipped, of how many."""
        closed = sum(self.status(one) in ("done", "skipped") for one in self.steps)
        return closed, len(self.steps)

    @property
    def hollow(self) -> frozenset[str]:
        """The points that nobody has confirmed: drawn hollow."""
        return frozenset(n for n, point in self.landmarks.points.items() if not point.confirmed)


def start(
    film: FilmFacts,
    protocol: Protocol,
    document: Landmarks | None = None,
    *,
    view: View | None = None,
    reader: str | None = None,
) -> State:
    """The state in which a film is opened.

    A document's word holds in everything; the header fills the patient's age and sex where the
    document has none, and everything where there is no document. Without a document the view is
    ``view``, else the one that the protocol has, else the one whose side the header tells.
    """
    marks = _opened(film, document, reader) if document else _blank(film, protocol, view, reader)
    kept = document.document.get(EDITOR_FIELD) if document else None
    content = Content(
        landmarks=marks,
        protocol=protocol,
        step=None,
        side_known=document is not None or film.side(marks.view) is not None,
        view_known=document is not None or _view_of(film, protocol, view) is not None,
    )
    content = _with_kept(content, kept if isinstance(kept, Mapping) else {})
    content = replace(content, step=next_open(content, None))
    return State(film, content, content)


def _view_of(film: FilmFacts, protocol: Protocol, view: View | None) -> View | None:
    if view is not None:
        return view
    if bool(protocol.lateral) != bool(protocol.frontal):
        return "lateral" if protocol.lateral else "frontal"
    if bool(film.facing) != bool(film.patient_right):
        return "lateral" if film.facing else "frontal"
    return None


def _blank(film: FilmFacts, protocol: Protocol, view: View | None, reader: str | None) -> Landmarks:
    chosen = _view_of(film, protocol, view) or "lateral"
    return Landmarks(
        view=chosen,
        points={},
        side=film.side(chosen) or ("right" if chosen == "lateral" else "left"),
        scale=film.scale,
        subject=film.subject,
        acquisition=film.acquisition,
        image=ImageReference(
            film.file,
            film.rows,
            film.columns,
            film.sop_instance_uid,
            film.study_instance_uid,
            seam_rows=film.seams,
        ),
        reader=reader,
    )


def _opened(film: FilmFacts, document: Landmarks, reader: str | None) -> Landmarks:
    told = document.subject
    subject = Subject(
        film.subject.age_years if told.age_years is None else told.age_years,
        told.sex or film.subject.sex,
        told.pseudonym,
    )
    # What was doubted on reading is looked at again while the points change.
    return replace(
        document,
        subject=subject,
        reader=document.reader or reader,
        # Said anew at each saving; the document itself keeps when it was made first.
        created=None,
        software=None,
        warnings=(),
    )


def kept_fields(content: Content) -> dict[str, Any]:
    """What the editor keeps in the document beside the landmarks."""
    return {
        "protocol": content.protocol.name,
        "done": content.done,
        "skipped": sorted(content.skipped),
        "declined": sorted(content.declined),
        "answered": sorted(content.answered),
        "candidate": content.candidate,
        "rims": {name: [list(point) for point in rim] for name, rim in content.rims},
        "guided": list(content.guided),
        "searched": content.searched,
        "side_known": content.side_known,
        "view_known": content.view_known,
    }


def _with_kept(content: Content, kept: Mapping[str, Any]) -> Content:
    """The content with what an earlier session kept; what makes no sense is left out."""
    view, points = content.landmarks.view, content.landmarks.points

    def names(key: str) -> tuple[str, ...]:
        listed = kept.get(key)
        if not isinstance(listed, list):
            return ()
        return tuple(n for n in listed if isinstance(n, str) and is_step_name(n, view))

    rims = kept.get("rims")
    return replace(
        content,
        skipped=frozenset(names("skipped")).difference(points),
        declined=frozenset(names("declined")),
        answered=frozenset(names("answered")),
        candidate=kept.get("candidate") is True,
        done=kept.get("done") is True,
        side_known=content.side_known and kept.get("side_known") is not False,
        view_known=content.view_known and kept.get("view_known") is not False,
        rims=tuple(_read_rims(rims, view)) if isinstance(rims, Mapping) else (),
        guided=names("guided"),
        # A document that was proposed by a command has been searched.
        searched=content.landmarks.proposal is not None and kept.get("searched") is not False,
    )


def _read_rims(rims: Mapping[str, Any], view: View) -> Iterator[tuple[str, tuple[Pixel, ...]]]:
    for name, clicks in rims.items():
        if not (isinstance(clicks, list) and belongs_to_view(name, view)):
            continue
        pairs = [pair for pair in clicks if isinstance(pair, list) and len(pair) == 2]
        if all(isinstance(value, int | float) for pair in pairs for value in pair):
            yield name, tuple((float(x), float(y)) for x, y in pairs)
