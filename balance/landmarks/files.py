"""The contract's landmark document in and out, without loss."""

from __future__ import annotations

import copy
import json
import math
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from balance.anatomy import LEVELS, belongs_to_view, is_point_name
from balance.errors import BadLandmarks, Unwritable
from balance.landmarks.checks import check_labels, find_doubts
from balance.landmarks.model import (
    Fusion,
    ImageReference,
    JointCovariance,
    Landmark,
    Landmarks,
    ProposalNote,
    SiteDeviation,
    VertebraCount,
)
from balance.landmarks.schema import FORMAT, VERSION, LandmarkDocument, PointEntry, SpacingEntry
from balance.radiograph import (
    CALIBRATION_STATE,
    Acquisition,
    Scale,
    Subject,
)
from balance.writing import write_atomically

SUFFIX = ".landmarks.json"
MAXIMUM_BYTES = 32 * 2**20
DEEPEST = 32
"""Levels of nesting that a document may have; the format itself needs four."""


def read_landmarks(path: Path) -> Landmarks:
    """Read a landmark document.

    Raises
    ------
    BadLandmarks
        One sentence: which file, which field or point, what to do.
    """
    try:
        found = path.stat()
        # a pipe would be waited for without end
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise BadLandmarks("is not a regular file")
        if found.st_size > MAXIMUM_BYTES:
            raise BadLandmarks("larger than 32 MiB; a landmark document is far smaller")
        return parse_landmarks(path.read_bytes())
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadLandmarks(f"{path}: {reason}; check the path and its permissions") from None
    except BadLandmarks as error:
        raise BadLandmarks(f"{path}: {error}") from None
    except ValueError:
        raise BadLandmarks(f"{str(path)!a}: not a file name; check the path") from None


def parse_landmarks(content: bytes) -> Landmarks:
    """Turn the bytes of a landmark document into Landmarks.

    Raises
    ------
    BadLandmarks
        As :func:`read_landmarks`, without the file's name.
    """
    document = _load_json(content)
    _check_kind(document)
    try:
        entry = LandmarkDocument.model_validate(document)
    except ValidationError as error:
        raise BadLandmarks(_sentence(error)) from None
    _check_names(entry)
    return _from_entry(entry, document)


def write_landmarks(landmarks: Landmarks, path: Path) -> None:
    """Write the document atomically: a reader sees the old file or the new one, never half."""
    text = json.dumps(encode_landmarks(landmarks), indent=1, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode())


def keep_placed_points(output: Path, read: Landmarks) -> None:
    """Refuse an output that is no landmark document, or holds placed points that were not read.

    Raises
    ------
    Unwritable
        Writing there would replace another file, or what a reader has placed.
    """
    if output.suffix.lower() != ".json":
        raise Unwritable(
            f"{output}: is no name of a landmark document; choose another output, OUT{SUFFIX}"
        )
    if not output.exists():
        return
    there = read_landmarks(output)
    for name, point in there.points.items():
        known = read.points.get(name)
        if point.is_marked and (known is None or (known.x, known.y) != (point.x, point.y)):
            raise Unwritable(
                f"{output}: holds points that were placed and would be lost ({name}); choose "
                "another output"
            )


def encode_landmarks(landmarks: Landmarks) -> dict[str, Any]:
    """The document of these landmarks, with the unknown fields of the one they were read from."""
    known = _known_fields(landmarks)
    before = copy.deepcopy(dict(landmarks.document))
    document = {key: value for key, value in before.items() if key not in known or value is None}
    for key, value in known.items():
        old = before.get(key)
        if key == "points":
            olds = old if isinstance(old, Mapping) else {}
            document[key] = {
                name: _merge(olds.get(name), point, PointEntry.model_fields)
                for name, point in value.items()
            }
        elif key in _PARTS and isinstance(value, Mapping):
            if value or isinstance(old, Mapping):
                document[key] = _merge(old, value, _PARTS[key])
        elif value is not None:
            document[key] = value
    leading = ("format", "version", "view")
    return {key: document[key] for key in (*leading, *(k for k in document if k not in leading))}


def _load_json(content: bytes) -> dict[str, Any]:
    def no_constant(word: str) -> NoReturn:
        raise BadLandmarks(f"{word[:20]} is not a finite number; correct the document")

    def finite(text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else no_constant(text)

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        unique = dict(pairs)
        if len(unique) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            twice = next(name for name, times in counted.items() if times > 1)
            raise BadLandmarks(f"the name {twice!a} stands twice; keep one of them")
        return unique

    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            parse_constant=no_constant,
            parse_float=finite,
            object_pairs_hook=no_duplicates,
        )
    except UnicodeDecodeError:
        raise BadLandmarks("not UTF-8 text; save the document as UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadLandmarks(f"broken JSON at {place}; correct or export it again") from None
    except (RecursionError, ValueError) as error:
        if isinstance(error, BadLandmarks):
            raise
        raise BadLandmarks("JSON that no landmark document needs; export it again") from None
    if not isinstance(document, dict):
        raise BadLandmarks("not a landmark document; it must be one JSON object")
    _refuse_bottomless(document)
    if b"\\u" in content:
        _refuse_half_characters(document)
    return document


def _refuse_bottomless(document: dict[str, Any]) -> None:
    """What could be read but never written again."""
    layer: list[Any] = [document]
    for _ in range(DEEPEST):
        layer = [
            part
            for whole in layer
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, dict | list)
        ]
        if not layer:
            break
    else:
        raise BadLandmarks(f"nested more than {DEEPEST} deep; export the document again")


def _refuse_half_characters(document: dict[str, Any]) -> None:
    """They cannot be written again; only an escape in the text can make one."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadLandmarks("half of a surrogate pair in its text; save it as UTF-8") from None


def _check_kind(document: Mapping[str, Any]) -> None:
    if document.get("format") != FORMAT:
        raise BadLandmarks(f'not a landmark document; "format" must be "{FORMAT}"')
    version = document.get("version")
    if isinstance(version, bool) or version != VERSION:
        shown = version if isinstance(version, int | float | str) else "missing"
        raise BadLandmarks(
            f"version {shown} of the landmark document is not known; this program reads version 1"
        )


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in first["loc"]]
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":
        # the library's own words name a class
        what = "must be a JSON object"
    what = what[:1].lower() + what[1:]
    if place[:1] == ["points"] and len(place) > 1:
        where = f"point {place[1]}" + (f", {'.'.join(place[2:])}" if place[2:] else "")
    else:
        where = f"field {'.'.join(place)}" if place else "the document"
    return f"{where}: {what}; correct the document"


def _check_names(entry: LandmarkDocument) -> None:
    for name in entry.points:
        if belongs_to_view(name, entry.view):
            continue
        if is_point_name(name):
            raise BadLandmarks(
                f"point {name} belongs to the other view, not to a {entry.view} film; "
                "correct the view or the name"
            )
        raise BadLandmarks(f"point {name!r} is not a known name; see the names in the format")
    if entry.covariance is not None:
        for name in entry.covariance.points:
            if name not in entry.points:
                raise BadLandmarks(f"covariance names {name}, which is not among the points")


def _from_entry(entry: LandmarkDocument, document: Mapping[str, Any]) -> Landmarks:
    points = {name: _landmark(point) for name, point in entry.points.items()}
    scale, scale_doubts = _scale(entry.spacing_mm)
    patient, taken, count = entry.patient, entry.acquisition, entry.vertebrae
    vertical = _vertical(entry)
    given = entry.facing if entry.view == "lateral" else entry.patient_right
    side, side_doubts = check_labels(entry.view, points, given, scale, vertical)
    landmarks = Landmarks(
        view=entry.view,
        points=points,
        side=side,
        scale=scale,
        subject=Subject(patient.age_years, patient.sex, patient.id) if patient else Subject(),
        case=entry.case,
        acquired=entry.acquired,
        acquisition=(
            Acquisition(taken.position, taken.arms, taken.knees, taken.system)
            if taken
            else Acquisition()
        ),
        vertebrae=(
            VertebraCount(count.thoracic, count.lumbar, count.counted_from)
            if count
            else VertebraCount()
        ),
        fusion=Fusion(entry.fusion.uiv, entry.fusion.liv) if entry.fusion else None,
        surgery=entry.surgery,
        vertical=vertical,
        covariance=(
            JointCovariance(
                tuple(entry.covariance.points),
                tuple(tuple(row) for row in entry.covariance.factors),
            )
            if entry.covariance
            else None
        ),
        image=(
            ImageReference(
                entry.image.file,
                entry.image.rows,
                entry.image.columns,
                entry.image.sop_instance_uid,
                entry.image.study_instance_uid,
                entry.image.pixel_sha256,
                tuple(entry.image.seam_rows or ()),
            )
            if entry.image
            else ImageReference()
        ),
        reader=entry.reader,
        created=entry.created,
        software=entry.software,
        proposal=(
            ProposalNote(
                entry.proposal.status, tuple(entry.proposal.reasons), entry.proposal.next_click
            )
            if entry.proposal
            else None
        ),
        reader_noise=tuple(
            SiteDeviation(one.site, one.normal_mm, one.tangential_mm)
            for one in entry.reader_noise or ()
        ),
        notes=entry.reader_notes or {},
        document=document,
    )
    doubts = (*scale_doubts, *side_doubts, *_field_doubts(entry), *find_doubts(landmarks))
    return replace(landmarks, warnings=doubts)


def _field_doubts(entry: LandmarkDocument) -> Iterator[str]:
    """Fields that stay as they are and say nothing that can be used."""
    if entry.acquired is not None:
        try:
            datetime.fromisoformat(entry.acquired)
        except ValueError:
            yield "acquired is no date: write it as 2024-05-31"
    # the lower end may be the pelvis, which has many names
    if entry.fusion and entry.fusion.uiv is not None and entry.fusion.uiv not in LEVELS:
        yield "fusion.uiv is no level: write it as T10"


def _landmark(point: PointEntry) -> Landmark:
    return Landmark(
        x=point.x,
        y=point.y,
        radius=point.radius,
        sd_px=point.sd_px,
        cov_px=point.cov_px,
        source=point.source,
        confirmed=point.confirmed,
        confidence=point.confidence,
    )


def _vertical(entry: LandmarkDocument) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if entry.vertical is None:
        return None
    (x1, y1), (x2, y2) = entry.vertical
    if y1 == y2:
        raise BadLandmarks(
            "field vertical: its two points lie at the same height; mark two points of the plumb "
            "line, one above the other"
        )
    return (x1, y1), (x2, y2)


def _scale(spacing: SpacingEntry | None) -> tuple[Scale, tuple[str, ...]]:
    if spacing is None:
        return Scale(), ()
    doubts: tuple[str, ...] = ()
    name = "unknown" if spacing.source is None else spacing.source
    if name not in CALIBRATION_STATE:
        doubts = (f"scale source {name!r} is not a known state and counts as unknown",)
        name = "unknown"
    state = CALIBRATION_STATE[name]
    plane = spacing.plane or state.plane
    default_sd = state.sd_percent
    if name.endswith("_fiducial") and plane != "patient":
        # The object was measured well, but not where the spine lies.
        default_sd = CALIBRATION_STATE["unknown"].sd_percent
    sd_percent = default_sd if spacing.sd_percent is None else spacing.sd_percent
    return Scale(spacing.row, spacing.column, name, plane, sd_percent), doubts


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


_PARTS: dict[str, tuple[str, ...]] = {
    "spacing_mm": ("row", "column", "source", "plane", "sd_percent"),
    "patient": ("age_years", "sex", "id"),
    "acquisition": ("position", "arms", "knees", "system"),
    "vertebrae": ("thoracic", "lumbar", "counted_from"),
    "fusion": ("uiv", "liv"),
    "covariance": ("points", "factors"),
    "image": (
        "file",
        "rows",
        "columns",
        "sop_instance_uid",
        "study_instance_uid",
        "pixel_sha256",
        "seam_rows",
    ),
    "proposal": ("status", "reasons", "next_click"),
}


def _known_fields(landmarks: Landmarks) -> dict[str, Any]:
    subject, taken, count = landmarks.subject, landmarks.acquisition, landmarks.vertebrae
    side_field = "facing" if landmarks.view == "lateral" else "patient_right"
    return {
        "format": FORMAT,
        "version": VERSION,
        "view": landmarks.view,
        side_field: landmarks.side,
        "spacing_mm": _encode_scale(landmarks),
        "patient": _given(age_years=subject.age_years, sex=subject.sex, id=subject.pseudonym),
        "case": landmarks.case,
        "acquired": landmarks.acquired,
        "acquisition": _without_defaults(taken, Acquisition()),
        "vertebrae": _without_defaults(count, VertebraCount()),
        "fusion": _without_defaults(landmarks.fusion, Fusion()),
        "surgery": landmarks.surgery,
        "vertical": landmarks.vertical and [list(point) for point in landmarks.vertical],
        "covariance": landmarks.covariance
        and {
            "points": list(landmarks.covariance.points),
            "factors": [list(row) for row in landmarks.covariance.factors],
        },
        "image": _without_defaults(landmarks.image, ImageReference()),
        "reader": landmarks.reader,
        "created": landmarks.created,
        "software": landmarks.software,
        "proposal": _encode_proposal(landmarks.proposal),
        "reader_noise": [asdict(one) for one in landmarks.reader_noise] or None,
        "reader_notes": dict(landmarks.notes) or None,
        "points": {name: _encode_point(point) for name, point in landmarks.points.items()},
    }


def _encode_scale(landmarks: Landmarks) -> dict[str, Any] | None:
    if landmarks.scale == Scale():
        return None
    original = landmarks.document.get("spacing_mm")
    if isinstance(original, Mapping):
        entry = SpacingEntry.model_validate(dict(original))
        if _scale(entry)[0] == landmarks.scale:
            return {key: original[key] for key in _PARTS["spacing_mm"] if key in original}
    scale = landmarks.scale
    return {
        "row": scale.row_mm,
        "column": scale.column_mm,
        "source": scale.state,
        "plane": scale.plane,
        "sd_percent": scale.sd_percent,
    }


def _encode_proposal(note: ProposalNote | None) -> dict[str, Any] | None:
    if note is None:
        return None
    return _given(
        status=note.status, reasons=list(note.reasons) or None, next_click=note.next_click
    )


def _encode_point(point: Landmark) -> dict[str, Any]:
    return _given(
        x=point.x,
        y=point.y,
        radius=point.radius,
        sd_px=point.sd_px,
        cov_px=None if point.cov_px is None else list(point.cov_px),
        source=None if point.source == "manual" else point.source,
        confirmed=None if point.confirmed else False,
        confidence=point.confidence,
    )


def _without_defaults(value: Any, default: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    pairs = ((name, getattr(value, name)) for name in value.__dataclass_fields__)
    return {name: entry for name, entry in pairs if entry != getattr(default, name)}


_SAID_BY_ABSENCE: dict[str, Any] = {
    "source": "manual",
    "confirmed": True,
    "position": "unknown",
    "arms": "unknown",
    "knees": "not_seen",
    "system": "unknown",
    "counted_from": "unknown",
}


def _merge(old: Any, new: Mapping[str, Any], known: Any) -> dict[str, Any]:
    """Unknown fields of the old part, its words for what absence says too, then the new values."""
    before = dict(old) if isinstance(old, Mapping) else {}
    kept = {
        key: value
        for key, value in before.items()
        if key not in known or value is None or value == _SAID_BY_ABSENCE.get(key, _NEVER)
    }
    return {**kept, **new}


_NEVER = object()
