"""COCO keypoints: one file for the documents of one view.

In COCO a keypoint is a 0-indexed pixel, so that (0, 0) is the centre of the first pixel as in a
landmark document, while boxes and polygons are measured from the upper left corner of the image:
keypoints are copied as they are and boxes lie half a pixel further on. Readers that want corners
throughout, such as detectron2, add that half pixel themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any

from balance.anatomy import (
    ENDPLATES,
    OTHER_SACRUM,
    POINT_NAMES,
    SACRUM,
    VERTEBRAE,
    plate_names,
)
from balance.errors import BadLandmarks
from balance.exchange.content import encode_json, finite, load_json, require_list, require_object
from balance.exchange.draft import (
    CENTRE,
    KEY,
    ORIGIN_SHIFT,
    Draft,
    Given,
    Named,
    assemble,
    other_fields,
    own_point_fields,
    said_before,
)
from balance.landmarks.model import Landmarks
from balance.radiograph import View

CATEGORY_ID: Mapping[View, int] = {"lateral": 1, "frontal": 2}
ABSENT, UNCONFIRMED, CONFIRMED = 0, 1, 2
"""COCO's visibility: not labelled; labelled but not visible; labelled and visible."""

_VIEW_OF_CATEGORY = {f"{view} spine": view for view in CATEGORY_ID}
_JSON_ID = int | str


def coco_files(documents: Sequence[Named], destination: Path) -> tuple[tuple[Path, bytes], ...]:
    """The file of these documents; where both views are among them, one file for each."""
    views = tuple(dict.fromkeys(landmarks.view for _, landmarks in documents))
    return tuple(
        (
            destination
            if len(views) == 1
            else destination.with_name(f"{destination.stem}-{view}{destination.suffix}"),
            encode_json(coco_dataset([one for one in documents if one[1].view == view], view)),
        )
        for view in views
    )


def coco_dataset(documents: Sequence[Named], view: View) -> dict[str, Any]:
    """The documents of one view as a COCO keypoint data set.

    Examples
    --------
    >>> dataset = coco_dataset([], "lateral")
    >>> dataset["categories"][0]["name"], dataset["categories"][0]["keypoints"][1]
    ('lateral spine', 'C2_superior_anterior')
    """
    numbered = tuple(enumerate(documents, 1))
    return {
        "info": {
            "description": "spinal-balance landmarks",
            "version": "1",
            KEY: {"pixel_origin": CENTRE, "axes": "x = column, y = row of the stored image"},
        },
        "licenses": [],
        "images": [_image(number, *named) for number, named in numbered],
        "annotations": [_annotation(number, landmarks) for number, (_, landmarks) in numbered],
        "categories": [_category(view)],
    }


def read_coco(source: Path, given: Given) -> Iterator[Draft]:
    """The documents of a COCO keypoint file, one for each annotation with keypoints.

    Raises
    ------
    BadLandmarks
        The file as a whole is none.
    """
    dataset = load_json(source)
    images = _by_id(dataset, "images")
    categories = _by_id(dataset, "categories")
    origin = _own(dataset.get("info"), "info").get("pixel_origin")
    annotations = require_list(dataset.get("annotations"), "annotations")
    found = 0
    for number, entry in enumerate(annotations, 1):
        annotation = require_object(entry, f"annotation {number}")
        category = _lookup(categories, annotation.get("category_id"))
        if category is not None and "keypoints" not in category:
            continue
        found += 1
        image = _lookup(images, annotation.get("image_id"))
        name = _name(image, number)
        build = partial(_document, annotation, image, category, given=given, origin=origin)
        yield Draft(name, f"{source}, annotation {number} ({name})", build)
    if not found:
        raise BadLandmarks("holds no keypoint annotations; export keypoints, not boxes alone")


def _image(number: int, name: str, landmarks: Landmarks) -> dict[str, Any]:
    image = landmarks.image
    size = {"width": image.columns, "height": image.rows}
    return {
        "id": number,
        "file_name": image.file or name,
        **{key: value for key, value in size.items() if value is not None},
        KEY: {"name": name, "document": other_fields(landmarks)},
    }


def _annotation(number: int, landmarks: Landmarks) -> dict[str, Any]:
    points = landmarks.points
    keypoints: list[float] = []
    for name in POINT_NAMES[landmarks.view]:
        point = points.get(name)
        if point is None:
            keypoints += (0, 0, ABSENT)
        else:
            keypoints += (point.x, point.y, CONFIRMED if point.confirmed else UNCONFIRMED)
    box = _box(landmarks)
    return {
        "id": number,
        "image_id": number,
        "category_id": CATEGORY_ID[landmarks.view],
        "keypoints": keypoints,
        "num_keypoints": len(points),
        "bbox": box,
        "area": box[2] * box[3],
        "iscrowd": 0,
        "segmentation": [],
        KEY: {"points": own_point_fields(landmarks, ("confirmed",))},
    }


def _box(landmarks: Landmarks) -> list[float]:
    """The box around the points, from the upper left corner of the image."""
    xs = [point.x for point in landmarks.points.values()] or [0.0]
    ys = [point.y for point in landmarks.points.values()] or [0.0]
    corner = ORIGIN_SHIFT["corner"]
    return [min(xs) + corner, min(ys) + corner, max(xs) - min(xs), max(ys) - min(ys)]


def _category(view: View) -> dict[str, Any]:
    names = POINT_NAMES[view]
    place = {name: number for number, name in enumerate(names, 1)}
    return {
        "id": CATEGORY_ID[view],
        "name": f"{view} spine",
        "supercategory": "spine",
        "keypoints": list(names),
        "skeleton": [[place[one], place[other]] for one, other in _edges(view)],
    }


def _edges(view: View) -> Iterator[tuple[str, str]]:
    """The endplates and the two sides of each body."""
    for level in VERTEBRAE:
        plates = [plate_names(level, endplate, view) for endplate in ENDPLATES]
        yield from plates
        yield from zip(*plates, strict=True)
    for level in (SACRUM, OTHER_SACRUM):
        yield plate_names(level, "superior", view)


def _document(
    annotation: Mapping[str, Any],
    image: Mapping[str, Any] | None,
    category: Mapping[str, Any] | None,
    *,
    given: Given,
    origin: object,
) -> dict[str, Any]:
    if image is None or category is None:
        missing = "image_id" if image is None else "category_id"
        raise BadLandmarks(f"its {missing} names nothing in the file; export it again")
    said = said_before(_own(image, "image").get("document"), given)
    said["image"] = _with_size(said.get("image"), image)
    points = _points(annotation, category)
    if "view" not in said:
        said["view"] = _VIEW_OF_CATEGORY.get(str(category.get("name")))
    return assemble(said, points, given=given, origin=origin)


def _points(
    annotation: Mapping[str, Any], category: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    names = require_list(category.get("keypoints"), "the category's keypoints")
    numbers = require_list(annotation.get("keypoints"), "keypoints")
    if len(set(map(str, names))) != len(names):
        raise BadLandmarks("the category names a keypoint twice; keep one of them")
    if len(numbers) != 3 * len(names):
        raise BadLandmarks(
            f"holds {len(numbers)} numbers where {len(names)} keypoints need {3 * len(names)}; "
            "export it again"
        )
    own = _own(annotation, "annotation").get("points")
    extra = {} if own is None else require_object(own, f"field {KEY}.points")
    points = {}
    for place, name in enumerate(map(str, names)):
        x, y, visibility = numbers[3 * place : 3 * place + 3]
        if visibility not in (ABSENT, UNCONFIRMED, CONFIRMED) or isinstance(visibility, bool):
            raise BadLandmarks(f"the visibility of {name} must be 0, 1 or 2; correct it")
        if visibility != ABSENT:
            more = require_object(extra.get(name, {}), f"field {KEY}.points.{name}")
            points[name] = {
                **more,
                "x": finite(x, f"keypoint {name}, x"),
                "y": finite(y, f"keypoint {name}, y"),
                "confirmed": visibility == CONFIRMED,
            }
    return points


def _with_size(stored: object, image: Mapping[str, Any]) -> dict[str, Any]:
    """The film as COCO names it, under what the document said of it."""
    named = {"rows": image.get("height"), "columns": image.get("width")}
    known = {} if stored is None else dict(require_object(stored, "image"))
    for key, size in named.items():
        if known.get(key) is not None and size is not None and known[key] != size:
            raise BadLandmarks(
                f"the image has {size} {key}, the document was made on {known[key]}: the film was "
                f"resized; import it without the field {KEY} and give its own scale"
            )
    file_name = image.get("file_name")
    if KEY not in image and isinstance(file_name, str):
        known.setdefault("file", PureWindowsPath(file_name).name or None)
    return {key: value for key, value in {**named, **known}.items() if value is not None}


def _own(holder: object, what: str) -> Mapping[str, Any]:
    if holder is None:
        return {}
    own = require_object(holder, what).get(KEY)
    return {} if own is None else require_object(own, f"field {KEY} of {what}")


def _by_id(dataset: Mapping[str, Any], field: str) -> dict[_JSON_ID, Mapping[str, Any]]:
    found: dict[_JSON_ID, Mapping[str, Any]] = {}
    for number, entry in enumerate(require_list(dataset.get(field), field), 1):
        one = require_object(entry, f"{field}, entry {number}")
        key = one.get("id")
        if not isinstance(key, _JSON_ID) or key in found:
            raise BadLandmarks(f"{field}, entry {number}: its id is missing or used twice")
        found[key] = one
    return found


def _lookup(table: Mapping[_JSON_ID, Mapping[str, Any]], key: object) -> Mapping[str, Any] | None:
    return table.get(key) if isinstance(key, _JSON_ID) else None


def _name(image: Mapping[str, Any] | None, number: int) -> str:
    own = (image or {}).get(KEY)
    named = own.get("name") if isinstance(own, Mapping) else None
    file_name = (image or {}).get("file_name")
    if isinstance(named, str) and named:
        return named
    if isinstance(file_name, str) and file_name:
        return PureWindowsPath(file_name).stem or f"annotation {number}"
    return f"annotation {number}"
