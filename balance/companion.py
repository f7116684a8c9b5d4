"""The film beside a landmark document: where it lies, and whether its header agrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from balance.dicom import BURNED_IN
from balance.errors import BadLandmarks, UnreadableFilm
from balance.film import read_header
from balance.landmarks.files import SUFFIX, read_landmarks
from balance.landmarks.model import Landmarks
from balance.radiograph import FilmHeader

FILM_ENDINGS = (".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
SPACING_TOLERANCE = 1e-3
"""Relative difference of two spacings up to which they count as the same."""


def find_film(document: Path, landmarks: Landmarks) -> Path | None:
    """The film that a document's points were placed on, in the document's own folder, or None.

    The name in ``image.file`` comes first, then the document's own name with a film's ending.
    """
    return next((path for path in _places(document, landmarks) if path.is_file()), None)


def evidence_files(documents: Iterable[Path]) -> Iterator[Path]:
    """The files that documents stand for: themselves, their films, what would pass for a film.

    A picture that is written under a name where a film is looked for becomes the film.
    """
    for document in documents:
        yield document
        try:
            landmarks = read_landmarks(document)
        except BadLandmarks:
            landmarks = None
        for path in _places(document, landmarks):
            yield path
            if path.is_file() and landmarks is not None:
                break


def _places(document: Path, landmarks: Landmarks | None) -> Iterator[Path]:
    """Where the film of a document is looked for, in this order."""
    named = landmarks and landmarks.image.file
    if named:
        # Only the last part of a stored name is used: a document must not reach into other folders.
        yield document.parent / Path(named).name
    stem = document.name.removesuffix(SUFFIX)
    for ending in ("", *FILM_ENDINGS, *(ending.upper() for ending in FILM_ENDINGS)):
        yield document.parent / (stem + ending)


def may_hold_text(film: Path) -> bool:
    """Whether a name may be burned into the pixels: the header says so, or there is no header."""
    try:
        header = read_header(film)
    except UnreadableFilm:
        return True
    return header.transfer_syntax is None or BURNED_IN in header.warnings


def header_doubts(film: Path, landmarks: Landmarks) -> tuple[str, ...]:
    """What a film's header says otherwise than the document, whose word holds."""
    try:
        header = read_header(film)
    except UnreadableFilm as error:
        return (f"the film beside the document was not compared: {error}",)
    return tuple(_doubts(header, landmarks))


def _doubts(header: FilmHeader, landmarks: Landmarks) -> Iterator[str]:
    rows, columns = landmarks.image.rows, landmarks.image.columns
    if (rows or header.rows, columns or header.columns) != (header.rows, header.columns):
        yield (
            f"the film has {header.rows} x {header.columns} pixels, the document was made on "
            f"{rows} x {columns}: are they the same film?"
        )
    for what, told, found in (
        ("film", landmarks.image.sop_instance_uid, header.sop_instance_uid),
        ("study", landmarks.image.study_instance_uid, header.study_instance_uid),
    ):
        if told and found and told != found:
            yield f"the document names another {what} (its UID differs): are they the same film?"
    here, there = landmarks.scale, header.scale
    if here.has_millimetres and there.has_millimetres:
        ratios = (here.row_mm / there.row_mm, here.column_mm / there.column_mm)
        if any(abs(ratio - 1.0) > SPACING_TOLERANCE for ratio in ratios):
            yield (
                f"the document's scale ({here.row_mm:.4f} x {here.column_mm:.4f} mm) differs from "
                f"the film header's ({there.row_mm:.4f} x {there.column_mm:.4f} mm, "
                f"{there.state}): the document's holds"
            )
    elif here.has_millimetres != there.has_millimetres:
        known, other = ("document", "film") if here.has_millimetres else ("film", "document")
        yield f"the {known} has a scale and the {other} has none: the document's word holds"
    lateral = landmarks.view == "lateral"
    side = header.facing if lateral else header.patient_right
    if side is not None and side != landmarks.side:
        field = "facing" if lateral else "patient_right"
        yield (
            f"{field} is {landmarks.side} in the document and {side} in the film header: "
            "the document's holds"
        )
