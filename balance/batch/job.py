"""One piece of work of a batch, as a worker does it: measure, draw, look at a film."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from balance.analysis import Analysis, Failure, analyse, read_document
from balance.batch.identity import identify
from balance.batch.model import (
    CASES,
    FIGURES,
    PROPOSALS,
    REJECTED,
    UNMARKED,
    CaseRow,
    Halted,
    Job,
    JobKind,
    JobResult,
    Place,
    Refused,
)
from balance.batch.rows import case_row
from balance.batch.thumbnails import thumbnail
from balance.errors import BalanceError
from balance.examination import Document, Examination, pair
from balance.film import read_header
from balance.landmarks.files import SUFFIX, encode_landmarks
from balance.report.record import case_record
from balance.writing import json_bytes

NO_POINTS = "no points yet"


def perform(job: Job) -> JobResult:
    """Do one job in the folder that its sources are relative to.

    Raises
    ------
    BalanceError
        The job's film cannot be read; documents that are refused are part of the result.
    """
    try:
        os.chdir(job.place.folder)
    except OSError as error:
        reason = f"{job.place.folder}: {error.strerror}; every worker needs this folder"
        return JobResult(halted=reason)
    try:
        return _WORK[job.kind](job)
    except Halted as halt:
        return JobResult(halted=str(halt))


def _measure(job: Job) -> JobResult:
    """Measure and grade the examinations of a job, and leave the record of each."""
    examinations, refused = _examinations(job)
    film_of = dict(zip(job.sources, job.films, strict=True))
    cases: list[CaseRow] = []
    outputs: list[tuple[str, int]] = []
    for name, examination in _named(job.name, examinations):
        analysis = analyse(examination, segmental=job.method.segmental, reading=job.method.reading)
        films = tuple(film_of[one.source] for one in examination.documents)
        landmarks = tuple(one.landmarks for one in examination.documents)
        cases.append(
            case_row(
                analysis,
                name=name,
                incomplete=bool(refused),
                film=next(filter(None, films), None),
                identity=identify(landmarks, films, job.method),
            )
        )
        record = _one_line(case_record(analysis))
        outputs.append(place_file(record, f"{CASES}/{name}.json", job.place))
        if job.method.propose:
            outputs.extend(_keep_proposals(examination, name, job.place))
    return JobResult(tuple(cases), refused, tuple(outputs))


def _draw(job: Job) -> JobResult:
    """Draw the examinations of a job over their films."""
    examinations, _ = _examinations(job)
    outputs, refused = [], []
    for name, examination in _named(job.name, examinations):
        analysis = analyse(examination, segmental=False, reading=job.method.reading)
        try:
            outputs.append(_figure(analysis, name, job.place))
        except BalanceError as error:
            source = examination.documents[0].source
            refused.append(Refused(source, REJECTED, str(error)))
    return JobResult((), tuple(refused), tuple(outputs))


def _check(job: Job) -> JobResult:
    """Whether a film without points can be opened at all: its header is read, not its pixels."""
    read_header(job.sources[0])
    return JobResult(refused=(Refused(job.sources[0], UNMARKED, NO_POINTS),))


def _thumbnail(job: Job) -> JobResult:
    return JobResult(thumbnail=thumbnail(Path(job.sources[0])))


_WORK: Mapping[JobKind, Callable[[Job], JobResult]] = {
    "measure": _measure,
    "draw": _draw,
    "check": _check,
    "thumbnail": _thumbnail,
}


def place_file(content: bytes, output: str, place: Place) -> tuple[str, int]:
    """Put a file into the results whole or not at all; its name there, and its size.

    Raises
    ------
    Halted
        The results cannot be written.
    """
    # the disk is not waited for: what a lost machine leaves unwritten has another size than noted
    scratch = place.scratch / f"{os.getpid()}-{output.replace('/', '-')}"
    try:
        scratch.write_bytes(content)
        scratch.replace(place.output / output)
    except OSError as error:
        raise _halted(output, error) from None
    return output, len(content)


def _one_line(record: dict[str, Any]) -> bytes:
    """A record without spaces: a third smaller, and written in a quarter of the time."""
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _figure(analysis: Analysis, name: str, place: Place) -> tuple[str, int]:
    # loads matplotlib, which nothing else needs
    from balance.report.files import write_figure

    scratch = place.scratch / f"{os.getpid()}-{name}.png"
    try:
        write_figure(analysis, scratch)
        size = scratch.stat().st_size
        scratch.replace(place.output / FIGURES / f"{name}.png")
    except OSError as error:
        raise _halted(f"{FIGURES}/{name}.png", error) from None
    return f"{FIGURES}/{name}.png", size


def _halted(output: str, error: OSError) -> Halted:
    reason = error.strerror or "cannot be written"
    return Halted(f"{output}: {reason}; mend that, and give the same command again to go on")


def _examinations(job: Job) -> tuple[list[Examination], tuple[Refused, ...]]:
    """Read and pair; what is refused does not stop the others."""
    documents: list[Document] = []
    failures: list[Failure] = []
    unmarked: list[Refused] = []
    for source, film in zip(job.sources, job.films, strict=True):
        try:
            landmarks = read_document(Path(source))
            if job.method.propose and film is not None:
                # loads the shape model, which nothing else needs
                from balance.batch.proposing import proposed

                landmarks = proposed(Path(film), landmarks)
            if not landmarks.points:
                unmarked.append(_unmarked(source, film))
                continue
            if job.case is not None:
                landmarks = replace(landmarks, case=job.case)
            documents.append(Document(source, landmarks))
        except BalanceError as error:
            failures.append(Failure(source, str(error)))
    examinations, contradictions = pair(documents)
    failures.extend(Failure(source, str(error)) for source, error in contradictions)
    refused = tuple(Refused(one.source, REJECTED, one.error) for one in failures)
    return list(examinations), (*refused, *unmarked)


def _unmarked(source: str, film: str | None) -> Refused:
    """A document without a point is none: its film waits to be marked."""
    if film is None:
        reason = f"{source}: holds no points, and its film is not beside it; fetch the film"
        return Refused(source, REJECTED, reason)
    return Refused(film, UNMARKED, NO_POINTS)


def _named(name: str, examinations: list[Examination]) -> Iterator[tuple[str, Examination]]:
    """A name for each examination; films of one case in several positions are told apart by it."""
    for place, examination in enumerate(examinations):
        position = examination.documents[0].landmarks.acquisition.position
        yield (name if place == 0 else f"{name}+{position}"), examination


def _keep_proposals(examination: Examination, name: str, place: Place) -> Iterator[tuple[str, int]]:
    """The documents to which points were proposed, for somebody to confirm them."""
    for one in examination.documents:
        if one.landmarks.proposal is not None:
            output = f"{PROPOSALS}/{name}+{one.landmarks.view}{SUFFIX}"
            yield place_file(json_bytes(encode_landmarks(one.landmarks)), output, place)
