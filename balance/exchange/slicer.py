"""3D Slicer Markups (``.mrk.json``, schema 1.0.3): one file for each document, in millimetres.

Position = (column x column_mm, row x row_mm, 0), coordinate system LPS: where Slicer shows a film
that is loaded at the origin with the document's spacing. Slicer's origin is the centre of the
first voxel, so there is no half pixel. Without a scale pixels are written one to one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from balance.errors import BadLandmarks
from balance.exchange.content import encode_json, finite, load_json, require_list, require_object
from balance.exchange.draft import (
    CENTRE,
    KEY,
    Draft,
    Given,
    Named,
    assemble,
    other_fields,
    own_point_fields,
    positive_pair,
    said_before,
    spacing_of,
)
from balance.exchange.names import file_names
from balance.landmarks.model import Landmark, Landmarks
from balance.radiograph import WITHOUT_MILLIMETRES, Scale

SUFFIX = ".mrk.json"
SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/"
    "Resources/Schema/markups-schema-v1.0.3.json#"
)
FLAT_MM = 0.5
"""A point farther than this from z = 0 was not placed on the film."""

_SIGNS: Mapping[str, float] = {"LPS": 1.0, "RAS": -1.0}
_MILLIMETRES: Mapping[str, float] = {"mm": 1.0, "um": 1e-3}
_IDENTITY = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]


def slicer_files(documents: Sequence[Named], destination: Path) -> tuple[tuple[Path, bytes], ...]:
    """One file for each document, in the folder ``destination``."""
    names = file_names(name for name, _ in documents)
    return tuple(
        (
            destination / f"{file_name}{SUFFIX}",
            encode_json(slicer_markups(name, landmarks)),
        )
        for file_name, (name, landmarks) in zip(names, documents, strict=True)
    )


def slicer_markups(name: str, landmarks: Landmarks) -> dict[str, Any]:
    """The document as one list of control points, labelled with the points' names.

    A confirmed point is ``selected``: Slicer shows it in another colour and keeps the flag.
    """
    points = [
        _control_point(number, label, point, _factors(landmarks.scale))
        for number, (label, point) in enumerate(landmarks.points.items(), 1)
    ]
    return {
        "@schema": SCHEMA,
        "markups": [
            {
                "type": "Fiducial",
                "name": name,
                "coordinateSystem": "LPS",
                "coordinateUnits": "mm",
                "locked": False,
                "fixedNumberOfControlPoints": False,
                "labelFormat": "%N-%d",
                "lastUsedControlPointNumber": len(points),
                "controlPoints": points,
                "measurements": [],
                KEY: {
                    "document": other_fields(landmarks),
                    "points": own_point_fields(landmarks, ("confirmed",)),
                },
            }
        ],
    }


def read_slicer(source: Path, given: Given) -> Iterator[Draft]:
    """The document of a markups file, or those of all markups files in a folder."""
    files = sorted(source.glob(f"*{SUFFIX}")) if source.is_dir() else [source]
    if not files:
        raise BadLandmarks(f"no *{SUFFIX} in this folder; name the folder or the file")
    for path in files:
        name = path.name.removesuffix(".json").removesuffix(".mrk")
        yield Draft(name, str(path), partial(_document, path, given))


def _factors(scale: Scale) -> tuple[float, float]:
    """Millimetres per pixel along a row and along a column of the image."""
    return (scale.column_mm, scale.row_mm) if scale.has_millimetres else (1.0, 1.0)


def _control_point(
    number: int, label: str, point: Landmark, factors: tuple[float, float]
) -> dict[str, Any]:
    return {
        "id": str(number),
        "label": label,
        "description": f"{'confirmed' if point.confirmed else 'unconfirmed'}, {point.source}",
        "associatedNodeID": "",
        "position": [point.x * factors[0], point.y * factors[1], 0.0],
        "orientation": list(_IDENTITY),
        "selected": point.confirmed,
        "locked": False,
        "visibility": True,
        "positionStatus": "defined",
    }


def _document(path: Path, given: Given) -> dict[str, Any]:
    markup = _point_list(load_json(path))
    own = require_object(markup.get(KEY, {}), f"field {KEY}")
    said = said_before(own.get("document"), given)
    extra = require_object(own.get("points", {}), f"field {KEY}.points")
    to_mm = _to_mm(markup)
    column_mm, row_mm = _spacing(said, given, known=bool(said))
    points: dict[str, dict[str, Any]] = {}
    for entry in require_list(markup.get("controlPoints"), "controlPoints"):
        control = require_object(entry, "a control point")
        if control.get("positionStatus", "defined") != "defined":
            continue
        label = control.get("label")
        if not isinstance(label, str) or not label:
            raise BadLandmarks("a control point has no label; label it with a point's name")
        if label in points:
            raise BadLandmarks(f"two control points are labelled {label[:80]}; keep one of them")
        x, y = _position(control, label, to_mm)
        points[label] = {
            **require_object(extra.get(label, {}), f"field {KEY}.points.{label}"),
            "x": x / column_mm,
            "y": y / row_mm,
            "confirmed": control.get("selected", True),
        }
    return assemble(said, points, given=given, origin=CENTRE)


def _point_list(content: Mapping[str, Any]) -> Mapping[str, Any]:
    markups = [
        require_object(entry, "a markup")
        for entry in require_list(content.get("markups"), "markups")
    ]
    lists = [markup for markup in markups if markup.get("type") == "Fiducial"]
    if len(lists) != 1:
        raise BadLandmarks(
            f"holds {len(lists)} point lists; save the one list of a film to a file of its own"
        )
    return lists[0]


def _to_mm(markup: Mapping[str, Any]) -> tuple[float, float]:
    """The factors that take the positions of this list to millimetres, x and y, then z."""
    system = markup.get("coordinateSystem", "LPS")
    units = markup.get("coordinateUnits", "mm")
    if isinstance(units, list) and units:
        units = units[0]
    if not isinstance(system, str) or system not in _SIGNS:
        raise BadLandmarks("coordinateSystem must be LPS or RAS; save the list again in Slicer")
    if not isinstance(units, str) or units not in _MILLIMETRES:
        raise BadLandmarks("coordinateUnits must be mm or um; save the list again in Slicer")
    return _SIGNS[system] * _MILLIMETRES[units], _MILLIMETRES[units]


def _position(
    control: Mapping[str, Any], label: str, to_mm: tuple[float, float]
) -> tuple[float, float]:
    position = require_list(control.get("position"), f"the position of {label[:80]}")
    if len(position) != 3:
        raise BadLandmarks(f"the position of {label[:80]} needs three numbers; correct it")
    x, y, z = (finite(value, f"the position of {label[:80]}") for value in position)
    if abs(z * to_mm[1]) > FLAT_MM:
        raise BadLandmarks(
            f"{label[:80]} lies {z * to_mm[1]:.1f} mm off the film's plane z = 0; place it on the "
            "film, loaded at the origin"
        )
    return x * to_mm[0], y * to_mm[0]


def _spacing(said: Mapping[str, Any], given: Given, *, known: bool) -> tuple[float, float]:
    """Millimetres per pixel by which the positions were written: column, row."""
    pair = spacing_of(said)
    if pair is not None:
        source = said["spacing_mm"].get("source")
    elif known:
        return 1.0, 1.0
    elif given.spacing_mm is not None:
        pair, source = positive_pair(*given.spacing_mm), given.scale_source
    else:
        raise BadLandmarks(
            "does not say the film's spacing, which turns millimetres into pixels; give the "
            "spacing, or the document that it was exported from"
        )
    return (1.0, 1.0) if source in WITHOUT_MILLIMETRES else (pair[1], pair[0])
