"""Landmarks to and from the formats of other programs: nothing moves, nothing is guessed."""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    average_document,
    document,
    edited,
    films,
    floats,
    frontal_document,
    frontal_knots,
    pointwise,
    postures,
    read,
    values_of,
    without,
)

from balance.anatomy import POINT_NAMES
from balance.errors import BalanceError
from balance.exchange import csv_points
from balance.exchange.aasce import CORNERS, LEVELS
from balance.exchange.coco import coco_dataset
from balance.exchange.csv_points import csv_rows, escape, unescape
from balance.exchange.draft import Given, Named, PixelOrigin
from balance.exchange.formats import (
    FORMATS,
    export_documents,
    import_documents,
    write_documents,
)
from balance.exchange.names import file_names
from balance.exchange.slicer import slicer_markups
from balance.landmarks.files import encode_landmarks, read_landmarks
from balance.landmarks.model import Landmarks

WRITTEN = [form.name for form in FORMATS if form.write is not None]
OUT = {"coco": "points.json", "csv": "points.csv", "slicer": "markups"}

FULL = average_document(
    case="case 7",
    acquired="2024-02-29",
    acquisition={
        "position": "standing",
        "arms": "fists_on_clavicles",
        "knees": "straight",
        "system": "slot_scan",
    },
    patient={"age_years": 63, "sex": "F", "id": "P-1"},
    vertebrae={"thoracic": 12, "lumbar": 5, "counted_from": "C2"},
    fusion={"uiv": "T10", "liv": "S1"},
    spacing_mm={
        "row": 0.4,
        "column": 0.3,
        "source": "dicom_fiducial",
        "plane": "skin",
        "sd_percent": 3.5,
    },
    vertical=[[100.5, 20.25], [101.75, 1900.0]],
    image={
        "file": "film.dcm",
        "rows": 6000,
        "columns": 2400,
        "sop_instance_uid": "1.2.3",
        "study_instance_uid": "1.2",
        "pixel_sha256": "ab",
    },
    reader="reader A",
    created="2024-03-01T10:00:00Z",
    software="some 1.0",
)
FULL["points"]["femoral_head_1"] |= {"radius": 80.25, "sd_px": 2.5}
FULL["points"]["L1_superior_anterior"] |= {
    "cov_px": [4.0, 1.5, 3.0],
    "source": "predicted",
    "confirmed": False,
    "confidence": 0.625,
}
FULL["points"]["L2_superior_anterior"]["source"] = "planned"


def through(documents: list[Named], form: str, folder: Path, **options: Any) -> tuple[Named, ...]:
    written = export_documents(documents, form, folder / OUT[form])
    source = folder / OUT[form] if form == "slicer" else written[0]
    found, refused = import_documents(source, form, **options)
    assert not refused
    return found


def one_through(landmarks: Landmarks, form: str, folder: Path, **options: Any) -> Landmarks:
    ((name, found),) = through([("film", landmarks)], form, folder, **options)
    assert name == "film"
    return found


def same_points(one: Landmarks, other: Landmarks, tolerance: float = 1e-9) -> None:
    assert one.points.keys() == other.points.keys()
    for name, point in one.points.items():
        assert abs(point.x - other.points[name].x) <= tolerance, name
        assert abs(point.y - other.points[name].y) <= tolerance, name


def as_imported(landmarks: Landmarks) -> dict[str, Any]:
    """The document with the sources that an import leaves."""
    expected = json.loads(json.dumps(encode_landmarks(landmarks)))
    for point in expected["points"].values():
        if point.get("source", "manual") not in ("predicted", "detected", "planned"):
            point["source"] = "imported"
    return expected


def refusal(source: Path, form: str, **options: Any) -> str:
    """The one sentence with which a file is refused as a whole or in its only document."""
    documents, refused = import_documents(source, form, **options)
    assert not documents
    ((place, error),) = refused
    said = str(error)
    assert said.startswith(place)
    assert place.startswith(str(source))
    assert "\n" not in said
    assert "Traceback" not in said
    return said


def put(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


# --- Round trips -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", WRITTEN)
@settings(max_examples=20)
@given(posture=postures(), film=films(), source=st.sampled_from([None, "none", "detector"]))
def test_lateral_points_return(tmp_path_factory, form, posture, film, source):
    doc = document(posture.plane(), source=source, **film)
    landmarks = read(doc)
    found = one_through(landmarks, form, tmp_path_factory.mktemp(form))
    same_points(found, landmarks)
    assert found.side == landmarks.side
    assert found.scale == landmarks.scale
    assert found.vertical == landmarks.vertical


@pytest.mark.parametrize("form", WRITTEN)
@settings(max_examples=12)
@given(knots=frontal_knots(), film=films())
def test_frontal_points_return(tmp_path_factory, form, knots, film):
    landmarks = read(frontal_document(knots, **film))
    found = one_through(landmarks, form, tmp_path_factory.mktemp(form))
    same_points(found, landmarks)
    assert (found.view, found.side) == ("frontal", landmarks.side)
    assert found.scale == landmarks.scale


@pytest.mark.parametrize("form", WRITTEN)
def test_a_full_document_returns_with_its_values(tmp_path, form):
    landmarks = read(FULL)
    found = one_through(landmarks, form, tmp_path)
    if form == "slicer":  # x is divided by what it was multiplied with
        same_points(found, landmarks)
        points = {
            name: type(point)(landmarks.points[name].x, landmarks.points[name].y, *rest(point))
            for name, point in found.points.items()
        }
        found = replace(found, points=points)
    assert json.loads(json.dumps(encode_landmarks(found))) == as_imported(landmarks)
    assert found.points["L1_superior_anterior"].is_proposal


def rest(point: Any) -> tuple[Any, ...]:
    fields = ("radius", "sd_px", "cov_px", "source", "confirmed", "confidence")
    return tuple(getattr(point, name) for name in fields)


@pytest.mark.parametrize("form", WRITTEN)
def test_an_exported_document_measures_the_same(tmp_path, form):
    doc = average_document(side="right", turned=7.0, plumb_line=True, row=0.2, column=0.3)
    found = one_through(read(doc), form, tmp_path)
    assert values_of(encode_landmarks(found)) == pytest.approx(values_of(doc), abs=1e-9)


@pytest.mark.parametrize("form", ["coco", "slicer"])
def test_unknown_fields_and_joint_covariance_return(tmp_path, form):
    doc = edited(
        average_document(),
        site="A",
        covariance={"points": ["L1_superior_anterior"], "factors": [[0.5, 0.25]]},
    )
    doc["points"]["L1_superior_anterior"]["grade"] = {"kept": [1, None]}
    found = one_through(read(doc), form, tmp_path)
    encoded = encode_landmarks(found)
    assert encoded["site"] == "A"
    assert encoded["covariance"] == doc["covariance"]
    assert encoded["points"]["L1_superior_anterior"]["grade"] == {"kept": [1, None]}


@pytest.mark.parametrize("form", WRITTEN)
def test_many_documents_in_one_export(tmp_path, form):
    documents = [(f"film_{n}", read(average_document(row=0.1 + n / 10))) for n in range(3)]
    found = through(documents, form, tmp_path)
    assert [name for name, _ in found] == ["film_0", "film_1", "film_2"]
    for (_, one), (_, other) in zip(found, documents, strict=True):
        same_points(one, other)
        assert one.scale == other.scale


def test_coco_writes_a_file_for_each_view_and_csv_holds_both(tmp_path):
    documents = [("a", read(average_document())), ("b", read(frontal_document()))]
    written = export_documents(documents, "coco", tmp_path / "set.json")
    assert [path.name for path in written] == ["set-lateral.json", "set-frontal.json"]
    assert import_documents(written[1], "coco")[0][0][1].view == "frontal"
    assert [one.view for _, one in through(documents, "csv", tmp_path)] == ["lateral", "frontal"]


@settings(max_examples=25)
@given(x=floats(-50, 9000), y=floats(-50, 9000), row=floats(0.01, 2), column=floats(0.01, 2))
def test_single_points_keep_every_digit_that_matters(tmp_path_factory, x, y, row, column):
    doc = {
        **average_document(),
        "spacing_mm": {"row": row, "column": column, "source": "user_fiducial"},
        "points": {"C7_centroid": {"x": x, "y": y}},
    }
    landmarks = read(doc)
    folder = tmp_path_factory.mktemp("one")
    for form in WRITTEN:
        tolerance = 1e-9 if form == "slicer" else 0.0
        same_points(one_through(landmarks, form, folder), landmarks, tolerance)


# --- COCO --------------------------------------------------------------------------------------


def coco_of(doc: dict[str, Any], name: str = "film") -> dict[str, Any]:
    landmarks = read(doc)
    return json.loads(json.dumps(coco_dataset([(name, landmarks)], landmarks.view)))


def plain_coco(doc: dict[str, Any]) -> dict[str, Any]:
    """As another program writes it: without the fields of our own."""
    dataset = coco_of(doc)
    for part in (dataset["info"], *dataset["images"], *dataset["annotations"]):
        part.pop("spinal_balance", None)
    return dataset


def test_coco_has_the_published_fields_and_types():
    dataset = coco_of(FULL)
    assert set(dataset) == {"info", "licenses", "images", "annotations", "categories"}
    (image,), (annotation,), (category,) = (
        dataset[part] for part in ("images", "annotations", "categories")
    )
    assert (image["id"], image["width"], image["height"]) == (1, 2400, 6000)
    assert image["file_name"] == "film.dcm"
    assert {type(annotation[key]) for key in ("id", "image_id", "category_id")} == {int}
    assert annotation["image_id"] == image["id"]
    assert annotation["category_id"] == category["id"]
    assert annotation["iscrowd"] == 0
    assert annotation["segmentation"] == []
    assert annotation["area"] == pytest.approx(annotation["bbox"][2] * annotation["bbox"][3])
    assert len(annotation["keypoints"]) == 3 * len(category["keypoints"])
    flags = annotation["keypoints"][2::3]
    assert set(flags) == {0, 1, 2}
    assert annotation["num_keypoints"] == sum(flag > 0 for flag in flags) == len(FULL["points"])
    assert category["name"] == "lateral spine"
    assert category["keypoints"] == list(POINT_NAMES["lateral"])
    edges = category["skeleton"]
    assert min(map(min, edges)) >= 1
    assert max(map(max, edges)) <= len(category["keypoints"])
    names = category["keypoints"]
    joined = {frozenset((names[a - 1], names[b - 1])) for a, b in edges}
    assert {"L1_superior_posterior", "L1_superior_anterior"} in joined
    assert {"L1_superior_anterior", "L1_inferior_anterior"} in joined
    assert {"L1_superior_posterior", "L1_inferior_anterior"} not in joined


def test_coco_visibility_by_hand():
    dataset = coco_of(FULL)
    names = dataset["categories"][0]["keypoints"]
    numbers = dataset["annotations"][0]["keypoints"]

    def of(name: str) -> list[float]:
        return numbers[3 * names.index(name) : 3 * names.index(name) + 3]

    point = FULL["points"]["L3_superior_anterior"]
    assert of("L3_superior_anterior") == [point["x"], point["y"], 2]
    assert of("L1_superior_anterior")[2] == 1
    assert of("L6_superior_anterior") == [0, 0, 0]


def pixel_document(x: float, y: float) -> dict[str, Any]:
    """One vertebra, 10 x 10 pixels, its posterior upper corner at (x, y), facing right."""
    points = {
        "L3_superior_posterior": (x, y),
        "L3_superior_anterior": (x + 10, y),
        "L3_inferior_posterior": (x, y + 10),
        "L3_inferior_anterior": (x + 10, y + 10),
    }
    return {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": "lateral",
        "facing": "right",
        "points": {name: {"x": a, "y": b} for name, (a, b) in points.items()},
    }


def test_coco_keypoints_are_pixel_centres_and_boxes_begin_at_the_corner():
    # The centre of the first pixel: keypoint (0, 0), and 0.5 from the image's upper left corner.
    annotation = coco_of(pixel_document(0, 0))["annotations"][0]
    place = 3 * POINT_NAMES["lateral"].index("L3_superior_posterior")
    assert annotation["keypoints"][place : place + 3] == [0, 0, 2]
    assert annotation["bbox"] == [0.5, 0.5, 10, 10]


@pytest.mark.parametrize(("origin", "x", "y"), [(None, 12, 7), ("centre", 12, 7),
                                                ("corner", 11.5, 6.5)])  # fmt: skip
def test_half_pixel_of_files_from_elsewhere(tmp_path, origin: PixelOrigin | None, x, y):
    files = {
        "coco": put(tmp_path / "plain.json", plain_coco(pixel_document(12, 7))),
        "csv": put(
            tmp_path / "plain.csv",
            "document,point,x,y\n" + "".join(
                f"film,{name},{point['x']},{point['y']}\n"
                for name, point in pixel_document(12, 7)["points"].items()
            ),
        ),
    }  # fmt: skip
    for form, path in files.items():
        ((_, found),), refused = import_documents(path, form, Given(pixel_origin=origin))
        assert not refused
        corner = found.points["L3_superior_posterior"]
        assert (corner.x, corner.y) == (x, y)
        assert found.side == "right"
        assert {point.source for point in found.points.values()} == {"imported"}


@pytest.mark.parametrize("form", WRITTEN)
def test_our_own_files_say_that_they_count_from_the_centre(tmp_path, form):
    written = export_documents([("a", read(FULL))], form, tmp_path / OUT[form])
    said = refusal(written[0], form, given=Given(pixel_origin="corner"))
    assert "pixel_origin centre" in said


def test_a_table_may_say_that_it_counts_from_the_corner(tmp_path):
    path = put(
        tmp_path / "t.csv",
        "document,view,point,x,y,pixel_origin\nfilm,lateral,C7_centroid,3.25,4,corner\n",
    )
    ((_, found),), _ = import_documents(path, "csv", Given(side="left", spacing_mm=(0.5, 0.5)))
    assert (found.points["C7_centroid"].x, found.points["C7_centroid"].y) == (2.75, 3.5)
    assert found.scale.state == "unknown"


def test_coco_from_elsewhere(tmp_path):
    dataset = plain_coco(FULL)
    dataset["images"][0]["file_name"] = "train\\sub/film 7.png"
    dataset["categories"][0]["name"] = "spine"
    path = put(tmp_path / "plain.json", dataset)
    given_scale = Given(spacing_mm=(0.4, 0.3), scale_source="user_fiducial")
    ((name, found),), refused = import_documents(path, "coco", given_scale)
    assert not refused
    assert name == "film 7"
    assert (found.image.file, found.image.rows, found.image.columns) == ("film 7.png", 6000, 2400)
    assert (found.view, found.side) == ("lateral", read(FULL).side)
    assert (found.scale.row_mm, found.scale.column_mm) == (0.4, 0.3)
    assert found.scale.state == "user_fiducial"
    assert not found.points["L1_superior_anterior"].confirmed
    same_points(found, read(FULL), 0.0)


def test_coco_with_keypoints_in_another_order_and_boxes_of_other_things(tmp_path):
    dataset = plain_coco(pixel_document(5, 6))
    names = ["L3_inferior_anterior", "L3_superior_anterior", "L3_superior_posterior"]
    dataset["categories"][0]["keypoints"] = names
    dataset["annotations"][0]["keypoints"] = [15, 16, 2, 15, 6, 1, 5, 6, 2]
    dataset["categories"].append({"id": 9, "name": "marker"})
    dataset["annotations"].insert(0, {"id": 7, "image_id": 1, "category_id": 9, "bbox": [0] * 4})
    ((_, found),), refused = import_documents(
        put(tmp_path / "x.json", dataset), "coco", Given(side="right")
    )
    assert not refused
    assert found.points["L3_superior_posterior"].x == 5
    assert not found.points["L3_superior_anterior"].confirmed


def test_a_resized_film_is_noticed(tmp_path):
    dataset = coco_of(FULL)
    dataset["images"][0] |= {"width": 1200, "height": 3000}
    assert "resized" in refusal(put(tmp_path / "x.json", dataset), "coco")


def test_one_bad_annotation_does_not_stop_the_others(tmp_path):
    documents = [(f"f{n}", read(FULL)) for n in range(3)]
    dataset = json.loads(json.dumps(coco_dataset(documents, "lateral")))
    del dataset["annotations"][1]["keypoints"][0]
    path = put(tmp_path / "x.json", dataset)
    found, ((place, error),) = import_documents(path, "coco")
    assert [name for name, _ in found] == ["f0", "f2"]
    assert "annotation 2 (f1)" in place
    assert "422 numbers where 141 keypoints need 423" in str(error)


def test_a_point_taken_away_takes_its_joint_covariance_along(tmp_path):
    doc = edited(FULL, covariance={"points": ["L4_superior_anterior"], "factors": [[0.5, 0.25]]})
    dataset = coco_of(doc)
    place = 3 * POINT_NAMES["lateral"].index("L4_superior_anterior")
    dataset["annotations"][0]["keypoints"][place + 2] = 0
    ((_, found),), _ = import_documents(put(tmp_path / "x.json", dataset), "coco")
    assert found.covariance is None
    assert "L4_superior_anterior" not in found.points


HOSTILE_COCO: list[tuple[Any, str]] = [
    ("", "broken JSON at line 1, column 1"),
    ("{" * 100_000, "JSON"),
    ("[" * 100_000, "no landmark file needs"),
    ("[]", "must be a JSON object"),
    ("{}", "images must be a list"),
    ('{"images": NaN}', "NaN is not a finite number"),
    ('{"x": ' + "9" * 5000 + "}", "no landmark file needs"),
    ({"images": [], "annotations": [], "categories": []}, "no keypoint annotations"),
    ({"images": [{"id": []}], "annotations": [], "categories": []}, "id is missing or used twice"),
    (
        {"images": [{"id": 1}, {"id": 1}], "annotations": [], "categories": []},
        "entry 2: its id is missing or used twice",
    ),
    (
        {"images": [], "annotations": [{"image_id": 1}], "categories": []},
        "image_id names nothing",
    ),
    ({"images": [], "annotations": [3], "categories": []}, "annotation 1 must be a JSON object"),
    ({"images": [], "annotations": {}, "categories": []}, "annotations must be a list"),
    ({"info": 3, "images": [], "annotations": [], "categories": []}, "info must be a JSON object"),
]


@pytest.mark.parametrize(("content", "words"), HOSTILE_COCO, ids=[w for _, w in HOSTILE_COCO])
def test_hostile_coco(tmp_path, content, words):
    assert words in refusal(put(tmp_path / "x.json", content), "coco")


def change(place: str, value: Any) -> Any:
    """A change of a COCO data set at a dotted place."""

    def apply(dataset: Any) -> None:
        *steps, last = [int(s) if s.lstrip("-").isdigit() else s for s in place.split("/")]
        for step in steps:
            dataset = dataset[step]
        dataset[last] = value

    return apply


CHANGED_COCO = [
    ("annotations/0/keypoints", None, "keypoints must be a list"),
    ("annotations/0/keypoints/0", "5", "keypoint C2_superior_posterior, x is not a finite number"),
    ("annotations/0/keypoints/0", 10**400, "is not a finite number"),
    ("annotations/0/keypoints/2", 3, "visibility of C2_superior_posterior must be 0, 1 or 2"),
    ("annotations/0/keypoints/2", [], "visibility"),
    ("annotations/0/category_id", {}, "category_id names nothing"),
    ("annotations/0/spinal_balance", 5, "must be a JSON object"),
    ("annotations/0/spinal_balance/points", 5, "must be a JSON object"),
    ("annotations/0/spinal_balance/points", {"L3_superior_anterior": 1}, "must be a JSON object"),
    ("categories/0/keypoints/1", "C2_superior_posterior", "names a keypoint twice"),
    ("categories/0/keypoints/0", "nose", "'nose' is not a known name"),
    ("categories/0/keypoints", 7, "keypoints must be a list"),
    ("images/0/spinal_balance/document", [], "must be a JSON object"),
    ("images/0/spinal_balance/document/view", "oblique", "field view"),
    ("images/0/spinal_balance/document/view", "frontal", "belongs to the other view"),
    ("images/0/spinal_balance/document/facing", "right", "exchange"),
    ("images/0/spinal_balance/document/spacing_mm", "0.5", "spacing_mm"),
    ("images/0/spinal_balance/document/image", "x", "image must be a JSON object"),
    ("images/0/spinal_balance/document/case", "\ud800", "surrogate"),
    ("info/spinal_balance/pixel_origin", [], 'must be "centre" or "corner"'),
]


@pytest.mark.parametrize(("place", "value", "words"), CHANGED_COCO)
def test_coco_with_a_broken_field(tmp_path, place, value, words):
    dataset = coco_of(FULL)
    change(place, value)(dataset)
    assert words in refusal(put(tmp_path / "x.json", dataset), "coco")


@pytest.mark.parametrize("levels", [400, 900, 980, 5000])
def test_deeply_nested_fields_are_refused(tmp_path, levels):
    content = json.dumps(coco_of(FULL))
    nest = '"document": {"note": ' + "[" * levels + "]" * levels + ", "
    path = put(tmp_path / "x.json", content.replace('"document": {', nest, 1))
    assert re.search("nested|no landmark file needs", refusal(path, "coco"))


def test_too_large_a_file(tmp_path):
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(129 * 2**20)
    for form in ("coco", "csv", "slicer"):
        assert "larger than 128 MiB" in refusal(path, form)


# --- Slicer ------------------------------------------------------------------------------------


def slicer_of(doc: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(slicer_markups("film", read(doc))))


def test_slicer_has_the_fields_of_the_published_schema():
    content = slicer_of(FULL)
    assert content["@schema"].endswith("/Schema/markups-schema-v1.0.3.json#")
    (markup,) = content["markups"]
    assert markup["type"] == "Fiducial"
    assert (markup["coordinateSystem"], markup["coordinateUnits"]) == ("LPS", "mm")
    assert {type(markup[key]) for key in ("locked", "fixedNumberOfControlPoints")} == {bool}
    assert markup["lastUsedControlPointNumber"] == len(markup["controlPoints"])
    assert [one["label"] for one in markup["controlPoints"]] == list(FULL["points"])
    for one in markup["controlPoints"]:
        assert {type(one[key]) for key in ("id", "label", "description", "associatedNodeID")} == {
            str
        }
        assert {type(one[key]) for key in ("selected", "locked", "visibility")} == {bool}
        assert one["positionStatus"] == "defined"
        assert len(one["position"]) == 3
        assert one["position"][2] == 0
        assert one["orientation"] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert len({one["id"] for one in markup["controlPoints"]}) == len(markup["controlPoints"])


def scaled(x: float, y: float, source: str | None) -> dict[str, Any]:
    doc = pixel_document(x, y)
    if source:
        doc["spacing_mm"] = {"row": 0.5, "column": 0.25, "source": source}
    return doc


@pytest.mark.parametrize(
    ("x", "y", "source", "position"),
    [
        (100, 200, "user_fiducial", [25, 100, 0]),
        (0, 0, "user_fiducial", [0, 0, 0]),  # the centre of the first pixel is the origin
        (-0.5, -0.5, "detector", [-0.125, -0.25, 0]),  # its upper left corner
        (100, 200, "none", [100, 200, 0]),
        (100, 200, "conflict", [100, 200, 0]),
        (100, 200, None, [100, 200, 0]),
    ],
)
def test_slicer_millimetres_by_hand(tmp_path, x, y, source, position):
    content = slicer_of(scaled(x, y, source))
    first = content["markups"][0]["controlPoints"][0]
    assert first["label"] == "L3_superior_posterior"
    assert first["position"] == position
    ((_, found),), _ = import_documents(put(tmp_path / "f.mrk.json", content), "slicer")
    corner = found.points["L3_superior_posterior"]
    assert (corner.x, corner.y) == (x, y)


def saved_by_slicer(doc: dict[str, Any]) -> dict[str, Any]:
    """Slicer keeps what it knows; our own field is gone."""
    content = slicer_of(doc)
    del content["markups"][0]["spinal_balance"]
    return content


def test_slicer_after_slicer_needs_the_spacing(tmp_path):
    doc = scaled(100, 200, "user_fiducial")
    path = put(tmp_path / "film.mrk.json", saved_by_slicer(doc))
    assert "give the spacing" in refusal(path, "slicer")
    ((name, found),), _ = import_documents(path, "slicer", Given(spacing_mm=(0.5, 0.25)))
    assert name == "film"
    assert (found.scale.row_mm, found.scale.column_mm) == (0.5, 0.25)
    assert found.scale.state == "unknown"
    same_points(found, read(doc))
    no_scale = Given(spacing_mm=(1.0, 1.0), scale_source="none")
    ((_, found),), _ = import_documents(path, "slicer", no_scale)
    assert found.points["L3_superior_posterior"].x == 25


def test_slicer_after_slicer_like_the_document_it_came_from(tmp_path):
    landmarks = read(FULL)
    content = saved_by_slicer(FULL)
    content["markups"][0]["controlPoints"][0]["position"][0] += 0.3  # one pixel of 0.3 mm
    path = put(tmp_path / "film.mrk.json", content)
    ((_, found),), _ = import_documents(path, "slicer", Given(like=landmarks))
    moved = found.points[next(iter(FULL["points"]))]
    assert moved.x == pytest.approx(landmarks.points[next(iter(FULL["points"]))].x + 1)
    assert found.scale == landmarks.scale
    assert found.vertical == landmarks.vertical
    assert (found.case, found.subject, found.image) == (
        landmarks.case, landmarks.subject, landmarks.image,
    )  # fmt: skip
    assert not found.points["L1_superior_anterior"].confirmed
    assert found.points["L1_superior_anterior"].source == "imported"


def test_like_holds_for_one_document_of_the_same_view(tmp_path):
    frontal = Given(like=read(frontal_document()))
    path = put(tmp_path / "film.mrk.json", saved_by_slicer(FULL))
    assert "should be like is frontal" in refusal(path, "slicer", given=frontal)
    documents = [("a", read(FULL)), ("b", read(FULL))]
    (path,) = export_documents(documents, "csv", tmp_path / "two.csv")
    assert "holds 2 documents" in refusal(path, "csv", given=Given(like=read(FULL)))


def test_slicer_right_and_posterior_count_the_other_way_in_ras(tmp_path):
    content = slicer_of(FULL)
    content["markups"][0] |= {"coordinateSystem": "RAS", "coordinateUnits": ["um", "UCUM", "um"]}
    for one in content["markups"][0]["controlPoints"]:
        x, y, z = one["position"]
        one["position"] = [-1000 * x, -1000 * y, 1000 * z]
    ((_, found),), _ = import_documents(put(tmp_path / "f.mrk.json", content), "slicer")
    same_points(found, read(FULL), 1e-6)


def test_slicer_points_that_are_not_placed_are_absent(tmp_path):
    content = slicer_of(FULL)
    control = content["markups"][0]["controlPoints"]
    control[0] |= {"positionStatus": "undefined", "position": None}
    control[1]["positionStatus"] = "preview"
    del control[2]["positionStatus"]
    ((_, found),), _ = import_documents(put(tmp_path / "f.mrk.json", content), "slicer")
    names = [one["label"] for one in control]
    assert names[0] not in found.points
    assert names[1] not in found.points
    assert names[2] in found.points


def test_a_spacing_that_contradicts_the_file_is_refused(tmp_path):
    path = put(tmp_path / "f.mrk.json", slicer_of(FULL))
    assert not import_documents(path, "slicer", Given(spacing_mm=(0.4, 0.3)))[1]
    said = refusal(path, "slicer", given=Given(spacing_mm=(0.3, 0.4)))
    assert "the file says 0.4 x 0.3 mm, but 0.3 x 0.4 mm was given" in said
    assert "above 0" in refusal(path, "slicer", given=Given(spacing_mm=(0.0, 0.4)))
    assert "the file says facing" in refusal(
        path, "slicer", given=Given(side="left" if FULL["facing"] == "right" else "right")
    )


BROKEN_SLICER = [
    ("markups", [], "holds 0 point lists"),
    ("markups", {}, "markups must be a list"),
    ("markups/0/type", "Line", "holds 0 point lists"),
    ("markups/0/coordinateSystem", "IJK", "coordinateSystem must be LPS or RAS"),
    ("markups/0/coordinateSystem", [], "coordinateSystem must be LPS or RAS"),
    ("markups/0/coordinateUnits", "cm", "coordinateUnits must be mm or um"),
    ("markups/0/controlPoints", None, "controlPoints must be a list"),
    ("markups/0/controlPoints", [], "needs"),
    ("markups/0/controlPoints/0", 5, "a control point must be a JSON object"),
    ("markups/0/controlPoints/0/label", None, "no label"),
    ("markups/0/controlPoints/0/label", "F-1", "'F-1' is not a known name"),
    ("markups/0/controlPoints/0/position", [1, 2], "needs three numbers"),
    ("markups/0/controlPoints/0/position", [1, 2, 30], "30.0 mm off the film's plane"),
    ("markups/0/controlPoints/0/position", [1, None, 0], "is not a finite number"),
    ("markups/0/controlPoints/0/selected", 1, "confirmed"),
    ("markups/0/spinal_balance/document/spacing_mm/row", 0, "above 0"),
    ("markups/0/spinal_balance/document/spacing_mm/row", "x", "not a finite number"),
]


@pytest.mark.parametrize(("place", "value", "words"), BROKEN_SLICER)
def test_slicer_with_a_broken_field(tmp_path, place, value, words):
    content = slicer_of(FULL)
    change(place, value)(content)
    if words != "needs":
        assert words in refusal(put(tmp_path / "x.mrk.json", content), "slicer")
    else:
        # an empty list is an empty document, as it is among landmark documents
        documents, _ = import_documents(put(tmp_path / "x.mrk.json", content), "slicer")
        assert not documents[0][1].points


def test_slicer_refuses_a_label_twice_and_two_lists(tmp_path):
    content = slicer_of(FULL)
    control = content["markups"][0]["controlPoints"]
    control[1]["label"] = control[0]["label"]
    assert "two control points" in refusal(put(tmp_path / "a.mrk.json", content), "slicer")
    content["markups"] *= 2
    assert "holds 2 point lists" in refusal(put(tmp_path / "b.mrk.json", content), "slicer")
    assert "point lists" not in refusal(put(tmp_path / "c.mrk.json", "{"), "slicer")


def test_a_folder_of_markups_goes_on_after_a_bad_file(tmp_path):
    export_documents([("a", read(FULL)), ("b", read(FULL))], "slicer", tmp_path)
    put(tmp_path / "aa.mrk.json", "no JSON")
    found, ((place, error),) = import_documents(tmp_path, "slicer")
    assert [name for name, _ in found] == ["a", "b"]
    assert place == str(tmp_path / "aa.mrk.json")
    assert "broken JSON" in str(error)
    (tmp_path / "empty").mkdir()
    assert "no *.mrk.json" in refusal(tmp_path / "empty", "slicer")


# --- CSV ---------------------------------------------------------------------------------------


def table_of(doc: dict[str, Any], name: str = "film") -> list[dict[str, str]]:
    return csv_rows(name, read(doc))


def lines(rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(c for row in rows for c in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_csv_can_be_read_without_us(tmp_path):
    (path,) = export_documents([("film", read(FULL))], "csv", tmp_path / "p.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(FULL["points"])
    assert [row["point"] for row in rows] == [
        name for name in POINT_NAMES["lateral"] if name in FULL["points"]
    ]
    for row in rows:
        point = FULL["points"][row["point"]]
        assert (float(row["x"]), float(row["y"])) == (point["x"], point["y"])
        assert (row["document"], row["view"], row["pixel_origin"]) == ("film", "lateral", "centre")
        assert (row["row_mm"], row["column_mm"], row["scale_source"]) == (
            "0.4", "0.3", "dicom_fiducial",
        )  # fmt: skip
        assert row["confirmed"] == ("false" if point.get("confirmed") is False else "true")
    assert "arms" in rows[0]
    assert "patient_right" not in rows[0]


FORMULAS = ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''+x", "plain", "'t", "-"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula_and_the_text_returns(tmp_path, text):
    doc = edited(FULL, case=text, reader=text)
    doc["image"]["file"] = text
    landmarks = read(doc)
    (path,) = export_documents([(text, landmarks)], "csv", tmp_path / "p.csv")
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for column in ("document", "case", "reader", "image_file"):
                assert not row[column].startswith(("=", "+", "-", "@", "\t", "\r"))
    ((name, found),), _ = import_documents(path, "csv")
    assert (name, found.case, found.reader, found.image.file) == (text,) * 4


@given(st.text(alphabet="'=+-@\t\r\nab,\"", max_size=8))
def test_escaping_is_undone(text):
    assert unescape(escape(text)) == text
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_short_table_by_hand(tmp_path):
    path = put(
        tmp_path / "hand.csv",
        "\ufeffDocument, point ,x,y,confirmed,row_mm,column_mm,notes\r\n"
        "a,L3_superior_posterior,5,6,TRUE,0.5,.25,good\r\n"
        "b,L3_superior_left,15,6.0e0,0,,,\r\n"
        "\r\n"
        "a,L3_superior_anterior,15,6,False,0.5,.25,\r\n"
        "a,C7_centroid,10,-4.5,,,,\r\n",
    )
    found, refused = import_documents(path, "csv", Given(side="right"))
    assert not refused
    (first, a), (second, b) = found
    assert (first, second, a.view, b.view) == ("a", "b", "lateral", "frontal")
    assert (a.scale.row_mm, a.scale.column_mm, a.scale.state) == (0.5, 0.25, "unknown")
    assert [point.confirmed for point in a.points.values()] == [True, False, True]
    assert (a.points["C7_centroid"].y, b.points["L3_superior_left"].x) == (-4.5, 15)
    assert b.scale.state == "none"


HEAD = "document,point,x,y,radius,confirmed,image_rows,facing,vertical_x1\n"
BROKEN_CSV = [
    ("", "line 1 names no column document, point, x, y"),
    ("document;point;x;y\na;C7_centroid;1;2\n", "with commas between them"),
    ("document,point,x,x,y\n", "the column x twice"),
    (HEAD, "holds no rows"),
    (HEAD + "a,C7_centroid,nan,2,,,,,\n", "line 2: x is 'nan', which is not a number"),
    (HEAD + "a,C7_centroid,1e999,2,,,,,\n", "line 2: x is '1e999', which is not a number"),
    (HEAD + "a,C7_centroid,1_0,2,,,,,\n", "line 2: x is '1_0'"),
    (HEAD + 'a,C7_centroid,"1,5",2,,,,,\n', "line 2: x is '1,5'"),
    (HEAD + "a,C7_centroid,,2,,,,,\n", "line 2: x is empty"),
    (HEAD + "a,C7_centroid,1,2,,maybe,,,\n", "line 2: confirmed is 'maybe'"),
    (HEAD + "a,C7_centroid,1,2,,,2.5,,\n", "image_rows is '2.5', which is not a whole number"),
    (HEAD + "a,C7_centroid,1,2,-3,,,left,\n", "radius"),
    (HEAD + "a,C7_centroid,1,2,,,,up,\n", "facing"),
    (HEAD + "a,C7_centroid,1,2,,,,left,5\n", "vertical"),
    (HEAD + "a,C7_centroid,1,2\n", "line 2: 4 cells where line 1 names 9"),
    (HEAD + "a,C7_centroid,1,2,,,,,,,\n", "line 2: 11 cells where line 1 names 9"),
    (HEAD + ",C7_centroid,1,2,,,,,\n", "line 2: the document or the point has no name"),
    (HEAD + "a,,1,2,,,,,\n", "line 2: the document or the point has no name"),
    (HEAD + "a,C7_centroid,1,2,,,,,\n" * 2, "line 3: C7_centroid stands twice"),
    (HEAD + "a,nose,1,2,,,,,\n", "'nose' is not a known name"),
    (HEAD + "a,C7_centroid,1,2,,,,,\n", "do not tell the view"),
    (HEAD + "a,L3_superior_left,1,2,,,,,\na,L3_superior_anterior,1,2,,,,,\n", "both views"),
    (
        HEAD + "a,L3_superior_posterior,1,2,,,,left,\na,L3_superior_anterior,2,2,,,,right,\n",
        "line 3: facing differs from line 2",
    ),
    (HEAD + '"a\n', "line 2: unexpected end of data"),
    (HEAD + "a" * 200_000 + ",C7_centroid,1,2,,,,,\n", "field larger than field limit"),
]


@pytest.mark.parametrize(("content", "words"), BROKEN_CSV, ids=[words for _, words in BROKEN_CSV])
def test_broken_tables_name_file_and_line(tmp_path, content, words):
    assert words in refusal(put(tmp_path / "x.csv", content), "csv")


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"document,point,x,y\n\xff\xfe,C7_centroid,1,2\n")
    assert "not UTF-8 text" in refusal(path, "csv")
    path.write_bytes(b"document,point,x,y\n\0,C7_centroid,1,2\n")
    refusal(path, "csv")
    assert "No such file" in refusal(tmp_path / "none.csv", "csv")
    assert "directory" in refusal(tmp_path, "csv").lower()


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_points, "MAXIMUM_ROWS", 50)
    path = put(tmp_path / "x.csv", HEAD + "a,C7_centroid,1,2,,,,,\n" * 51)
    assert "more than 50 rows; split the table" in refusal(path, "csv")


def test_a_large_table_is_read(tmp_path):
    rows = table_of(FULL, "x")
    body = "".join(
        f"d{n},{row['point']},{row['x']},{row['y']}\n" for n in range(150) for row in rows
    )
    found, refused = import_documents(put(tmp_path / "x.csv", "document,point,x,y\n" + body), "csv")
    assert (len(found), len(refused)) == (150, 0)


def test_swapped_labels_in_one_document_leave_the_others(tmp_path):
    rows = [*table_of(FULL, "good"), *table_of(FULL, "bad")]
    for row in rows:
        if row["document"] == "bad" and row["point"].startswith("L3_superior"):
            end = "anterior" if row["point"].endswith("posterior") else "posterior"
            row["point"] = f"L3_superior_{end}"
    found, ((place, error),) = import_documents(put(tmp_path / "x.csv", lines(rows)), "csv")
    assert [name for name, _ in found] == ["good"]
    assert f"x.csv, from line {2 + len(rows) // 2} (bad)" in place
    assert "swapped labels" in str(error)


@settings(max_examples=40)
@given(cells=st.lists(st.text(max_size=6), min_size=4, max_size=6))
def test_no_cell_raises_anything_else(tmp_path_factory, cells):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(["document", "point", "x", "y", "sd_px", "facing"][: len(cells)])
    csv.writer(text).writerow(cells)
    path = tmp_path_factory.mktemp("c") / "x.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    import_documents(path, "csv")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
COCO_PLACES = [
    "info", "images", "annotations", "categories", "images/0", "images/0/id", "images/0/width",
    "images/0/file_name", "images/0/spinal_balance", "images/0/spinal_balance/name",
    "images/0/spinal_balance/document/points", "images/0/spinal_balance/document/covariance",
    "annotations/0", "annotations/0/image_id", "annotations/0/spinal_balance/points",
    "categories/0/name", "categories/0/keypoints",
]  # fmt: skip
SLICER_PLACES = [
    "markups", "markups/0", "markups/0/coordinateUnits", "markups/0/controlPoints",
    "markups/0/spinal_balance", "markups/0/spinal_balance/document",
    "markups/0/spinal_balance/document/spacing_mm", "markups/0/spinal_balance/points",
    "markups/0/controlPoints/0/position", "markups/0/controlPoints/0/positionStatus",
    "markups/0/controlPoints/0/selected",
]  # fmt: skip
SMALL = scaled(5, 6, "detector")


@settings(max_examples=150)
@given(place=st.sampled_from(COCO_PLACES + SLICER_PLACES), value=json_values)
def test_no_field_raises_anything_else(tmp_path_factory, place, value):
    form = "slicer" if place in SLICER_PLACES else "coco"
    content = slicer_of(SMALL) if form == "slicer" else coco_of(SMALL)
    change(place, value)(content)
    path = put(tmp_path_factory.mktemp("j") / "x.json", content)
    documents, refused = import_documents(path, form)
    assert documents or refused
    for _, error in refused:
        assert isinstance(error, BalanceError)


# --- AASCE -------------------------------------------------------------------------------------


def png(columns: int, rows: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data)
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * columns) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(
        b"IEND", b""
    )  # fmt: skip


def corner(n: int, place: int) -> tuple[float, float]:
    """Corner ``place`` of vertebra ``n`` on a film of 80 x 400 pixels, seen from outside."""
    right, lower = place % 2, place // 2
    return 20 + n + 24 * right, 10 + 22 * n + 14 * lower + right


def aasce_folder(folder: Path, *films: str, width: int = 80, height: int = 400) -> Path:
    folder.mkdir(exist_ok=True)
    corners = [corner(n, place) for n in range(17) for place in range(4)]
    row = [x / width for x, _ in corners] + [y / height for _, y in corners]
    (folder / "landmarks.csv").write_text(
        "".join(",".join(f"{value:.6f}" for value in row) + "\n" for _ in films)
    )
    (folder / "filenames.csv").write_text("".join(f"{name}\n" for name in films))
    for name in films:
        (folder / name).write_bytes(png(width, height))
    return folder


def test_aasce_by_hand(tmp_path):
    folder = aasce_folder(tmp_path / "a", "one film.png", "two.png")
    found, refused = import_documents(folder, "aasce")
    assert not refused
    assert [name for name, _ in found] == ["one film", "two"]
    first = found[0][1]
    assert (first.view, first.side, len(first.points)) == ("frontal", "left", 68)
    assert (first.image.file, first.image.rows, first.image.columns) == ("one film.png", 400, 80)
    assert first.scale.state == "none"
    # T2 is the second vertebra; the patient's right is on the image's left
    place = {
        "T2_superior_right": (21, 32),
        "T2_superior_left": (45, 33),
        "T2_inferior_right": (21, 46),
        "T2_inferior_left": (45, 47),
        "L5_inferior_left": (60, 377),
    }
    for name, (x, y) in place.items():
        assert (first.points[name].x, first.points[name].y) == pytest.approx((x, y), abs=1e-3)
    assert {point.source for point in first.points.values()} == {"imported"}
    assert import_documents(folder / "landmarks.csv", "aasce")[0][0][0] == "one film"


def test_aasce_films_shown_from_behind(tmp_path):
    folder = aasce_folder(tmp_path / "a", "f.png")
    ((_, found),), _ = import_documents(folder, "aasce", Given(side="right"))
    assert found.side == "right"
    assert found.points["T2_superior_left"].x == pytest.approx(21, abs=1e-3)


def test_aasce_with_the_films_elsewhere(tmp_path):
    folder = aasce_folder(tmp_path / "labels", "f.png")
    (tmp_path / "data").mkdir()
    (folder / "f.png").rename(tmp_path / "data" / "f.png")
    _, ((place, error),) = import_documents(folder, "aasce")
    assert place == str(folder / "f.png")
    assert "no such file" in str(error)
    found, refused = import_documents(folder, "aasce", Given(images=tmp_path / "data"))
    assert (len(found), len(refused)) == (1, 0)


def test_aasce_names_the_film_with_swapped_corners_and_goes_on(tmp_path):
    folder = aasce_folder(tmp_path / "a", "a.png", "b.png", "c.png")
    rows = [row.split(",") for row in (folder / "landmarks.csv").read_text().splitlines()]
    for start in (0, 68):  # T3: upper corners exchanged with the lower ones
        rows[1][start + 8 : start + 12] = [rows[1][start + 8 + k] for k in (2, 3, 0, 1)]
    (folder / "landmarks.csv").write_text("\n".join(map(",".join, rows)))
    found, ((place, error),) = import_documents(folder, "aasce")
    assert [name for name, _ in found] == ["a", "c"]
    assert place == str(folder / "b.png")
    assert "T3" in str(error)


def test_aasce_refuses_a_row_whose_vertebrae_are_out_of_order(tmp_path):
    folder = aasce_folder(tmp_path / "a", "a.png", "b.png")
    rows = [row.split(",") for row in (folder / "landmarks.csv").read_text().splitlines()]
    for start in (0, 68):  # the first vertebra is listed last: every level is one too high
        rows[1][start : start + 68] = rows[1][start + 4 : start + 68] + rows[1][start : start + 4]
    (folder / "landmarks.csv").write_text("\n".join(map(",".join, rows)))
    found, ((place, error),) = import_documents(folder, "aasce")
    assert [name for name, _ in found] == ["a"]
    assert place == str(folder / "b.png")
    assert "wrong label order: vertebra 17 of 17, L5, does not lie below L4" in str(error)


def test_aasce_that_is_none(tmp_path):
    folder = aasce_folder(tmp_path / "a", "a.png", "b.png")
    good = (folder / "landmarks.csv").read_text().splitlines()
    for text, words in (
        (good[0], "has 1 rows, filenames.csv names 2 films"),
        ("1,2\n" + good[1], "its row has 2 numbers instead of 136"),
        (good[0].replace("0.", "x.", 1) + "\n" + good[1], "something else than parts"),
        ("nan" + good[0][good[0].index(",") :] + "\n" + good[1], "something else than parts"),
        ("120" + good[0][good[0].index(",") :] + "\n" + good[1], "something else than parts"),
        ('"' + good[0], "filenames.csv names 2 films"),
    ):
        (folder / "landmarks.csv").write_text(text)
        _, ((_, error),) = import_documents(folder, "aasce")
        assert words in str(error) or "unexpected end" in str(error)
    (folder / "filenames.csv").unlink()
    assert "filenames.csv" in refusal(folder, "aasce")


def test_aasce_does_not_leave_its_folder(tmp_path):
    folder = aasce_folder(tmp_path / "a", "a.png")
    (tmp_path / "secret.png").write_bytes(png(80, 400))
    (folder / "filenames.csv").write_text("../secret.png\n")
    _, ((_, error),) = import_documents(folder, "aasce")
    assert str(error).startswith(str(folder / "secret.png"))


REAL = (
    Path(
        os.environ.get("SPINAL_BALANCE_FILMS")
        or Path(__file__).resolve().parents[1] / ".." / "shared" / "radiographs"
    )
    / "aasce2019-ap"
)


@pytest.mark.films
@pytest.mark.skipif(
    not (REAL / "landmarks.csv").exists(),
    reason="no real films: set SPINAL_BALANCE_FILMS or fill ../shared/radiographs",
)
def test_real_aasce_films():
    found, refused = import_documents(REAL, "aasce")
    known = json.loads((REAL / "landmarks_px.json").read_text("utf-8"))["images"]
    bad = {name for name, image in known.items() if image["label_issues"]}
    assert {Path(place).name for place, _ in refused} == bad
    assert all(place in str(error) for place, error in refused)
    assert len(found) + len(refused) == len(known)
    short = dict(zip(("TL", "TR", "BL", "BR"), CORNERS, strict=True))
    for _, landmarks in found:
        image = known[landmarks.image.file or ""]
        assert (landmarks.image.columns, landmarks.image.rows) == (image["width"], image["height"])
        assert [vertebra["level"] for vertebra in image["vertebrae"]] == list(LEVELS)
        for vertebra in image["vertebrae"]:
            for word, (endplate, side) in short.items():
                patient = "right" if side == "left" else "left"
                point = landmarks.points[f"{vertebra['level']}_{endplate}_{patient}"]
                assert (point.x, point.y) == pytest.approx(vertebra[word], abs=0.01)


# --- The doors ---------------------------------------------------------------------------------


def test_doors_refuse_what_they_cannot_do(tmp_path):
    documents = [("a", read(FULL))]
    for call, words in (
        (lambda: export_documents(documents, "aasce", tmp_path / "x"), "is read, not written"),
        (lambda: export_documents(documents, "dxf", tmp_path / "x"), "choose coco, csv, slicer"),
        (lambda: import_documents(tmp_path, "dxf"), "choose coco, csv, slicer, aasce"),
        (lambda: export_documents([], "csv", tmp_path / "x"), "no document to export"),
        (lambda: export_documents(documents * 2, "csv", tmp_path / "x"), "are called a"),
        (lambda: export_documents([("", read(FULL))], "csv", tmp_path / "x"), "no name"),
        (
            lambda: export_documents(
                [("e", read(without(FULL, *FULL["points"])))], "csv", tmp_path / "x"
            ),
            "no points",
        ),
        (
            lambda: export_documents(documents, "coco", tmp_path / "a.landmarks.json"),
            "is named as a landmark document",
        ),
    ):
        with pytest.raises(BalanceError, match=words):
            call()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BalanceError, match="choose another place"):
        export_documents([("a", read(FULL))], "csv", tmp_path / "file" / "x.csv")
    with pytest.raises(BalanceError, match="choose another place"):
        write_documents([("a", read(FULL))], tmp_path / "file" / "x")


def test_imported_documents_are_written_and_never_replace_any(tmp_path):
    landmarks = one_through(read(FULL), "csv", tmp_path)
    documents = [("study 1/film", landmarks), ("../film", landmarks)]
    written = write_documents(documents, tmp_path / "out")
    assert [path.name for path in written] == [
        "study_1_film.landmarks.json", "film.landmarks.json",
    ]  # fmt: skip
    assert encode_landmarks(read_landmarks(written[0])) == encode_landmarks(landmarks)
    with pytest.raises(BalanceError, match="is there already"):
        write_documents([("new", landmarks), ("film", landmarks)], tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_export_is_the_same_every_time(tmp_path):
    landmarks = read(FULL)
    for form in WRITTEN:
        first = export_documents([("a", landmarks)], form, tmp_path / "1" / OUT[form])
        second = export_documents([("a", landmarks)], form, tmp_path / "2" / OUT[form])
        assert first[0].read_bytes() == second[0].read_bytes()


def test_a_value_that_json_has_no_word_for(tmp_path):
    landmarks = replace(read(FULL), document={"odd": float("inf")})
    with pytest.raises(BalanceError, match="cannot be written as JSON"):
        export_documents([("a", landmarks)], "coco", tmp_path / "x.json")


def test_file_names_stay_apart_and_short():
    names = file_names(["A", "a", "a/b", "a_b", "..", "", "x" * 300, "CaseÄ"])
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 83
    assert names[4:6] == ("case", "case_2")


def test_confirmed_flags_survive_every_format(tmp_path):
    doc = pointwise(average_document(), confirmed=False, source="detected")
    for form in WRITTEN:
        found = one_through(read(doc), form, tmp_path)
        assert all(point.is_proposal for point in found.points.values())


def test_nothing_given_is_changed(tmp_path):
    before = copy.deepcopy(FULL)
    landmarks = read(FULL)
    for form in WRITTEN:
        one_through(landmarks, form, tmp_path)
    assert before == FULL
    assert encode_landmarks(landmarks) == encode_landmarks(read(FULL))
