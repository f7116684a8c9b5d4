"""What the readers of all formats share: a draft of a landmark document, and how it is finished.

A reader only says what stands in its file. The draft becomes `Landmarks` by the same parser as
every other document, so that nothing is accepted here that a document could not say.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from balance.anatomy import POINT_NAMES, belongs_to_view, is_point_name
from balance.errors import BadLandmarks
from balance.exchange.content import finite, require_object
from balance.landmarks.files import encode_landmarks, parse_landmarks
from balance.landmarks.model import Landmarks
from balance.landmarks.schema import FORMAT, VERSION
from balance.radiograph import ImageSide, View

Named = tuple[str, Landmarks]
PixelOrigin = Literal["centre", "corner"]

KEY = "spinal_balance"
"""The name under which files of other formats carry what those formats have no field for."""

CENTRE: PixelOrigin = "centre"
ORIGIN_SHIFT: Mapping[str, float] = {"centre": 0.0, "corner": 0.5}
"""What (0, 0) is in a file, and how far its coordinates lie beyond the document's."""

SIDE_FIELD: Mapping[View, str] = {"lateral": "facing", "frontal": "patient_right"}
KEPT_SOURCES = ("predicted", "detected", "planned")
"""Sources that say what a point is: a proposal stays one until somebody confirms it."""

_OWN_FIELDS = ("format", "version", "view", "points", "covariance")
_SPACING_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller knows and a file may not say; where both speak they must agree.

    Attributes
    ----------
    side
        ``facing`` of lateral films, ``patient_right`` of frontal ones.
    spacing_mm
        Millimetres per pixel: row, column.
    scale_source
        Calibration state of that spacing.
    pixel_origin
        Whether (0, 0) is the ``centre`` of the first pixel or its upper left ``corner``.
    images
        Folder of the films, for formats that need the size of each.
    like
        The document that the file was made from: where the file is silent, its word holds.
    """

    side: ImageSide | None = None
    spacing_mm: tuple[float, float] | None = None
    scale_source: str = "unknown"
    pixel_origin: PixelOrigin | None = None
    images: Path | None = None
    like: Landmarks | None = None


NOTHING_GIVEN = Given()


@dataclass(frozen=True, slots=True)
class Draft:
    """One document as a file tells it: its name, where it stands, and how to make it."""

    name: str
    source: str
    build: Callable[[], dict[str, Any]]


def finish(draft: Draft) -> Landmarks:
    """Build the document and check it as any other.

    Raises
    ------
    BalanceError
        One sentence that begins with where the draft stands.
    """
    document = draft.build()
    try:
        content = json.dumps(document).encode()
    except RecursionError:
        raise BadLandmarks("is nested deeper than any document; export it again") from None
    return parse_landmarks(content)


def assemble(
    said: Mapping[str, Any],
    points: Mapping[str, Mapping[str, Any]],
    *,
    given: Given,
    origin: object = None,
) -> dict[str, Any]:
    """Put a landmark document together.

    Parameters
    ----------
    said
        The fields of the document but its points, as the file says them.
    points
        The points as the file says them, in pixels.
    given
        What the caller knows.
    origin
        What (0, 0) is by the file's own word, or None.
    """
    view = said.get("view") or infer_view(points, said)
    if given.like is not None and given.like.view != view:
        raise BadLandmarks(
            f"the points are {view}, the document that they should be like is {given.like.view}; "
            "name the document that they were exported from"
        )
    fields = {key: value for key, value in said.items() if key not in _OWN_FIELDS}
    side_field = SIDE_FIELD["lateral" if view == "lateral" else "frontal"]
    fields[side_field] = settle(side_field, fields.get(side_field), given.side)
    fields["spacing_mm"] = _spacing(fields.get("spacing_mm"), given)
    shift = _shift(settle("pixel_origin", origin, given.pixel_origin))
    covariance = said.get("covariance")
    if _names_only(covariance, points):
        fields["covariance"] = covariance
    return {
        "format": FORMAT,
        "version": VERSION,
        "view": view,
        **{key: value for key, value in fields.items() if value is not None},
        "points": {name: _placed(name, point, shift) for name, point in points.items()},
    }


def other_fields(landmarks: Landmarks) -> dict[str, Any]:
    """The document of these landmarks without its points."""
    document = encode_landmarks(landmarks)
    return {
        key: value for key, value in document.items() if key not in ("format", "version", "points")
    }


def said_before(stored: object, given: Given) -> dict[str, Any]:
    """The fields that a file carries along, else those of the document that it is like."""
    if stored is not None:
        return dict(require_object(stored, f"field {KEY}.document"))
    if given.like is None:
        return {}
    of_other_points = ("view", "covariance")
    return {k: v for k, v in other_fields(given.like).items() if k not in of_other_points}


def settle(field: str, in_file: Any, by_caller: Any) -> Any:
    """The one value of a field, from whoever says it.

    Examples
    --------
    >>> settle("facing", None, "left")
    'left'
    >>> settle("facing", "right", "left")
    Traceback (most recent call last):
    balance.errors.BadLandmarks: the file says facing right, but left was given; correct one of them
    """
    if in_file is None or by_caller is None or in_file == by_caller:
        return by_caller if in_file is None else in_file
    raise BadLandmarks(
        f"the file says {field} {in_file}, but {by_caller} was given; correct one of them"
    )


def infer_view(names: Iterable[str], said: Mapping[str, Any] = MappingProxyType({})) -> View:
    """The view that points of these names belong to, else the one that a document's side tells.

    Examples
    --------
    >>> infer_view(["L1_superior_anterior", "C2_dens"])
    'lateral'
    >>> infer_view(["C7_centroid"], {"patient_right": "left"})
    'frontal'
    """
    names = tuple(names)
    unknown = next((name for name in names if not is_point_name(name)), None)
    if unknown is not None:
        raise BadLandmarks(
            f"point {unknown[:80]!r} is not a known name; rename it, see the names in the format"
        )
    fitting = [view for view in POINT_NAMES if all(belongs_to_view(name, view) for name in names)]
    if not fitting:
        raise BadLandmarks("holds points of both views; keep those of one film")
    if len(fitting) > 1:
        fitting = [view for view in fitting if said.get(SIDE_FIELD[view]) is not None]
    if len(fitting) != 1:
        raise BadLandmarks("the points do not tell the view; say it, or add an endplate")
    return fitting[0]


def spacing_of(fields: Mapping[str, Any]) -> tuple[float, float] | None:
    """Row and column of a document's ``spacing_mm``, or None where it has none."""
    entry = fields.get("spacing_mm")
    if entry is None:
        return None
    entry = require_object(entry, "spacing_mm")
    return positive_pair(entry.get("row"), entry.get("column"))


def positive_pair(row: object, column: object) -> tuple[float, float]:
    """Millimetres per pixel that can be divided by."""
    pair = finite(row, "spacing_mm row"), finite(column, "spacing_mm column")
    if min(pair) <= 0:
        raise BadLandmarks("spacing_mm must be above 0; correct it")
    return pair


def _spacing(in_file: object, given: Given) -> object:
    if given.spacing_mm is None:
        return in_file
    row, column = positive_pair(*given.spacing_mm)
    if in_file is None:
        return {"row": row, "column": column, "source": given.scale_source}
    stored = spacing_of({"spacing_mm": in_file}) or (row, column)
    if not all(_close(*pair) for pair in zip(stored, (row, column), strict=True)):
        raise BadLandmarks(
            f"the file says {stored[0]:g} x {stored[1]:g} mm, but {row:g} x {column:g} mm was "
            "given; correct one of them"
        )
    return in_file


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SPACING_TOLERANCE)


def _shift(origin: object) -> float:
    if origin is None:
        return ORIGIN_SHIFT[CENTRE]
    if not isinstance(origin, str) or origin not in ORIGIN_SHIFT:
        raise BadLandmarks('pixel_origin must be "centre" or "corner"; correct it')
    return ORIGIN_SHIFT[origin]


def _names_only(covariance: object, points: Mapping[str, Any]) -> bool:
    """Whether the points that a joint covariance speaks of are all there."""
    if not isinstance(covariance, Mapping) or not isinstance(covariance.get("points"), list):
        return covariance is not None
    return all(isinstance(name, str) and name in points for name in covariance["points"])


def _placed(name: str, point: Mapping[str, Any], shift: float) -> dict[str, Any]:
    source = point.get("source")
    # absence says confirmed, as in a document
    said = {
        k: v for k, v in point.items() if v is not None and not (k == "confirmed" and v is True)
    }
    return {
        **said,
        "x": finite(point.get("x"), f"point {name}, x") - shift,
        "y": finite(point.get("y"), f"point {name}, y") - shift,
        "source": source if source in KEPT_SOURCES else "imported",
    }


def own_point_fields(landmarks: Landmarks, without: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The fields of each point that another format has no place for."""
    left_out = {"x", "y", *without}

    def pairs() -> Iterator[tuple[str, dict[str, Any]]]:
        for name, point in encode_landmarks(landmarks)["points"].items():
            kept = {key: value for key, value in point.items() if key not in left_out}
            if kept:
                yield name, kept

    return dict(pairs())
