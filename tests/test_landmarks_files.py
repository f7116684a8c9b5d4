"""Landmark documents in and out: nothing is lost, nothing unreadable raises another error."""

import contextlib
import copy
import json
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import (
    AVERAGE,
    KNOWN,
    analysed,
    average_document,
    document,
    edited,
    encoded,
    floats,
    frontal_document,
    known_case,
    read,
)

from balance.errors import BadLandmarks, Unwritable
from balance.landmarks.files import (
    encode_landmarks,
    keep_placed_points,
    parse_landmarks,
    read_landmarks,
    write_landmarks,
)
from balance.report.record import measurement_document

FULL = average_document(
    case="case 7",
    acquired="2024-02-29",
    acquisition={
        "position": "standing",
        "arms": "fists_on_clavicles",
        "knees": "straight",
        "system": "slot_scan",
        "note": {"kept": [1, 2.5, None]},
    },
    patient={"age_years": 63, "sex": "F", "id": "P-1", "height_mm": 1650},
    vertebrae={"thoracic": 12, "lumbar": 5, "counted_from": "C2", "by": "KL"},
    fusion={"uiv": "T10", "liv": "S1", "rods": 2},
    surgery="prior",
    vertical=[[10, 20], [10.5, 4000]],
    covariance={
        "points": ["S1_superior_anterior", "S1_superior_posterior"],
        "factors": [[1, 0, 1, 0], [0, 1.5, 0, 1]],
        "made_by": "model",
    },
    image={
        "file": "ä.dcm",
        "rows": 6000,
        "columns": 3000,
        "sop_instance_uid": "1.2.3",
        "study_instance_uid": "1.2",
        "pixel_sha256": "00ff",
        "kvp": 90,
    },
    reader="KL",
    created="2024-03-01T10:00:00Z",
    software="editor 3",
    plan={"osteotomies": [{"level": "L4"}]},
    empty=None,
)
FULL["points"]["S1_superior_anterior"] |= {
    "sd_px": 2,
    "cov_px": [4, 0.5, 9],
    "source": "snapped",
    "confirmed": True,
    "confidence": 1,
    "comment": "domed",
}
FULL["points"]["femoral_head_1"] |= {"radius": 110, "rim": [[1, 2], [3, 4]]}
FULL["points"]["C2_dens"] |= {"source": "manual", "confirmed": False}
FULL["spacing_mm"] |= {"plane": "patient", "sd_percent": 1.5, "ruler": "coin"}


def round_trip(doc):
    return encode_landmarks(read(doc))


def same(one, other):
    """Compared field by field: see test_landmarks_can_be_compared for ==."""
    return encode_landmarks(one) == encode_landmarks(other) and one.warnings == other.warnings


def test_landmarks_can_be_compared():
    other = edited(FULL)
    other["covariance"]["factors"][0][0] = 7
    assert read(FULL) == read(FULL)
    assert read(FULL) != read(other)


def test_every_field_is_written_back_as_it_was():
    assert round_trip(FULL) == FULL


@pytest.mark.parametrize("name", sorted(path.stem for path in KNOWN.glob("*.json")))
def test_the_contracts_cases_are_written_back_as_they_were(name):
    doc = known_case(name)["landmarks"]
    assert round_trip(doc) == doc


@pytest.mark.parametrize(
    "field",
    [
        "spacing_mm", "patient", "case", "acquired", "acquisition", "vertebrae", "fusion",
        "surgery", "vertical", "covariance", "image", "reader", "created", "software",
    ],
)  # fmt: skip
def test_nulls_are_allowed_and_kept(field):
    doc = copy.deepcopy(FULL) | {field: None}
    if field == "vertical":
        assert read(doc).vertical is None
    assert round_trip(doc) == doc


def test_empty_parts_are_kept():
    doc = document(AVERAGE.plane())
    for field in ("patient", "acquisition", "vertebrae", "fusion", "image"):
        doc[field] = {}
    assert round_trip(doc) == doc


def test_words_that_absence_says_too_are_kept():
    doc = document(
        AVERAGE.plane(),
        acquisition={
            "position": "unknown", "arms": "unknown", "knees": "not_seen", "system": "unknown",
        },
        vertebrae={"counted_from": "unknown"},
    )  # fmt: skip
    doc["points"]["C2_dens"] |= {"source": "manual", "confirmed": True}
    assert round_trip(doc) == doc


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | floats(-1e9, 1e9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=60)
@given(data=st.data())
def test_unknown_fields_are_kept_at_every_level(data):
    doc = copy.deepcopy(FULL)
    places = [doc, doc["points"]["L1_superior_anterior"]]
    places += [doc[part] for part in ("spacing_mm", "patient", "image", "covariance", "fusion")]
    for place in places:
        extra = data.draw(st.dictionaries(st.text(max_size=6).map("x_".__add__), JSON_VALUES))
        place |= extra
    assert round_trip(doc) == doc


def test_a_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "film.landmarks.json"
    film = read(FULL)
    write_landmarks(film, path)
    assert same(read_landmarks(path), film)
    assert json.loads(path.read_text("utf-8")) == FULL
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_byte_order_mark_is_no_obstacle():
    assert same(parse_landmarks(b"\xef\xbb\xbf" + encoded(FULL)), read(FULL))


def test_integers_and_floats_are_one_number():
    whole = edited(FULL)
    for point in whole["points"].values():
        point |= {"x": round(point["x"]), "y": round(point["y"])}
    as_floats = edited(whole)
    for point in as_floats["points"].values():
        point |= {"x": float(point["x"]), "y": float(point["y"])}
    assert same(read(whole), read(as_floats))


def test_a_deeper_extra_field_is_written_or_refused_but_never_breaks(tmp_path):
    nested = b"[" * 900 + b"]" * 900
    text = encoded(edited(FULL, extra="@")).replace(b'"@"', nested)
    write_or_refuse(text, tmp_path)


@pytest.mark.parametrize(
    "value", [b"1e999", b'"\\ud800"', b'"\\udfff tail"', b"-0.0", b"1" * 400, b'"\\u0000"']
)
@pytest.mark.parametrize("field", ["extra", "reader", "case"])
def test_what_is_read_can_be_written_and_read_again(tmp_path, field, value):
    text = encoded(edited(FULL, **{field: "@"})).replace(b'"@"', value)
    write_or_refuse(text, tmp_path)


def write_or_refuse(text, folder):
    try:
        film = parse_landmarks(text)
    except BadLandmarks:
        return
    path = folder / "film.landmarks.json"
    write_landmarks(film, path)
    assert same(read_landmarks(path), film)


# --- Refused -------------------------------------------------------------------------------------


def refusal(content):
    if not isinstance(content, bytes):
        content = encoded(content)
    with pytest.raises(BadLandmarks) as raised:
        parse_landmarks(content)
    text = str(raised.value)
    assert text
    assert "\n" not in text
    assert len(text) < 500
    assert "Traceback" not in text
    assert "pydantic" not in text
    return text


def changed_point(name, **fields):
    doc = average_document()
    doc["points"][name] = doc["points"].get(name, {"x": 1, "y": 2}) | fields
    return doc


@pytest.mark.parametrize(
    ("doc", "named"),
    [
        (edited(FULL, format="something"), "format"),
        (edited(FULL, format=None), "format"),
        (edited(FULL, version=2), "version 2"),
        (edited(FULL, version="1"), "version"),
        (edited(FULL, version=True), "version"),
        (edited(FULL, version=None), "version"),
        (edited(FULL, view="oblique"), "view"),
        (edited(FULL, view=None), "view"),
        (edited(FULL, points=None), "points"),
        (edited(FULL, points=[]), "points"),
        (edited(FULL, facing="front"), "facing"),
        (edited(FULL, spacing_mm={"row": 0.2}), "spacing_mm.column"),
        (edited(FULL, spacing_mm={"row": 0, "column": 0.2}), "spacing_mm.row"),
        (edited(FULL, spacing_mm={"row": -1, "column": 0.2}), "spacing_mm.row"),
        (edited(FULL, spacing_mm={"row": "0.2", "column": 0.2}), "spacing_mm.row"),
        (edited(FULL, spacing_mm={"row": True, "column": 0.2}), "spacing_mm.row"),
        (edited(FULL, patient={"age_years": -1}), "patient.age_years"),
        (edited(FULL, patient={"age_years": 131}), "patient.age_years"),
        (edited(FULL, patient={"age_years": True}), "patient.age_years"),
        (edited(FULL, patient={"sex": "X"}), "patient.sex"),
        (edited(FULL, acquisition={"position": "kneeling"}), "acquisition.position"),
        (edited(FULL, vertebrae={"lumbar": 7}), "vertebrae.lumbar"),
        (edited(FULL, surgery="planned"), "surgery"),
        (edited(FULL, vertical=[[0, 1]]), "vertical"),
        (edited(FULL, vertical=[[0, 1], [0, "2"]]), "vertical"),
        (edited(FULL, vertical=[[0, 1], [0, 1]]), "vertical"),
        (edited(FULL, covariance={"points": ["brow"], "factors": [[1, 2]]}), "brow"),
        (edited(FULL, covariance={"points": ["C2_dens"], "factors": [[1]]}), "covariance"),
        (edited(FULL, covariance={"points": ["C2_dens"], "factors": [[1, 2, 3]]}), "covariance"),
        (edited(FULL, covariance={"points": ["C2_dens"]}), "covariance"),
        (changed_point("C2_dens", x="5"), "C2_dens"),
        (changed_point("C2_dens", x=True), "C2_dens"),
        (changed_point("C2_dens", y=None), "C2_dens"),
        (changed_point("C2_dens", sd_px=-1), "C2_dens"),
        (changed_point("C2_dens", cov_px=[1, 2]), "C2_dens"),
        (changed_point("C2_dens", cov_px=[1, 5, 1]), "C2_dens"),
        (changed_point("C2_dens", confidence=1.5), "C2_dens"),
        (changed_point("C2_dens", confirmed=1), "C2_dens"),
        (changed_point("C2_dens", source="guessed"), "C2_dens"),
        (changed_point("femoral_head_1", radius=0), "femoral_head_1"),
        (changed_point("L7_superior_anterior"), "L7_superior_anterior"),
        (changed_point("S1_inferior_anterior"), "S1_inferior_anterior"),
        (changed_point("C1_centroid"), "C1_centroid"),
        (changed_point("L1_superior_left"), "L1_superior_left"),
        (changed_point("femoral_head_left"), "femoral_head_left"),
        (changed_point("sacrum_centre"), "sacrum_centre"),
        (edited(frontal_document(), view="lateral"), "other view"),
    ],
)
def test_wrong_documents_are_refused_by_one_sentence_that_names_the_place(doc, named):
    assert named in refusal(doc)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
def test_numbers_that_are_not_finite_are_refused(word):
    for place in ("x", "sd_px", "radius"):
        text = encoded(changed_point("C2_dens", **{place: "@"})).replace(b'"@"', word)
        refusal(text)
    spacing = encoded(edited(FULL, spacing_mm={"row": "@", "column": 0.2})).replace(b'"@"', word)
    refusal(spacing)


def test_a_name_that_stands_twice_is_refused_and_named():
    text = encoded(average_document()).replace(
        b'"C2_dens":', b'"L1_superior_anterior": {"x": 1, "y": 2}, "C2_dens":', 1
    )
    assert "L1_superior_anterior" in refusal(text)
    top = encoded(average_document()).replace(b'"view":', b'"version": 1, "view":', 1)
    assert "version" in refusal(top)


@pytest.mark.timeout(5)
def test_many_names_with_one_twice_are_refused_quickly():
    names = b",".join(b'"n%d":1' % n for n in range(30_000))
    assert "n29999" in refusal(b"{" + names + b',"n29999":1}')


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"7", b'"text"', b"{'a': 1}", b'{"a": 1,}', b"\xff\xfe{}",
        b'{"format": "spinal-balance-landmarks"', b"\x00" * 50, "{}".encode("utf-16"),
        b"[" * 100_000, b'{"a":' * 100_000, b"1" * 100_000,
        b'{"format":"spinal-balance-landmarks","version":1,"view":"lateral","points":{},"q":'
        + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_no_landmark_document_is_refused(content):
    refusal(content)


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path):
    missing = tmp_path / "absent.landmarks.json"
    broken = tmp_path / "broken.landmarks.json"
    broken.write_bytes(b"{")
    for path in (missing, tmp_path, broken):
        with pytest.raises(BadLandmarks, match=path.name):
            read_landmarks(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.landmarks.json"
    with path.open("wb") as file:
        file.truncate(5 * 2**30)
    with pytest.raises(BadLandmarks, match="huge"):
        read_landmarks(path)


@pytest.mark.parametrize("big", [1e12, 1e160])
@pytest.mark.parametrize("view", ["lateral", "frontal"])
@pytest.mark.parametrize("field", ["x", "sd_px", "spacing", "tiny spacing", "factor"])
def test_absurd_but_finite_numbers_are_measured_or_refused(big, view, field):
    doc = average_document() if view == "lateral" else frontal_document()
    name = next(name for name in doc["points"] if name.startswith("T5_superior"))
    if field in ("x", "sd_px"):
        doc["points"][name][field] = big
    elif field == "factor":
        doc["covariance"] = {"points": [name], "factors": [[big, 0]]}
    else:
        size = big if field == "spacing" else 1 / big
        doc["spacing_mm"] |= {"row": size, "column": size}
    try:
        read(doc)
    except BadLandmarks:
        return
    json.dumps(measurement_document([analysed(doc)], []), allow_nan=False)


# --- Fuzzing -------------------------------------------------------------------------------------


def places_in(part, path=()):
    yield path
    if isinstance(part, dict):
        for key, value in part.items():
            yield from places_in(value, (*path, key))
    elif isinstance(part, list):
        for n, value in enumerate(part):
            yield from places_in(value, (*path, n))


SMALL = edited(FULL)
SMALL["points"] = {
    name: point
    for name, point in SMALL["points"].items()
    if name.startswith(("S1", "L5", "L1", "femoral", "C7", "C2_dens"))
}
PLACES = [path for path in places_in(SMALL) if path]
ODD = (
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2, "", "left", "1", [], {}, [1, 2], {"x": 1, "y": 2}, 1e9]
    )
    | JSON_VALUES
)


@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_documents_are_read_or_refused(data):
    doc = edited(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(PLACES))
        part = doc
        try:
            for step in path[:-1]:
                part = part[step]
            if data.draw(st.booleans()):
                part[path[-1]] = data.draw(ODD)
            else:
                del part[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    try:
        film = read(doc)
    except BadLandmarks:
        return
    again = encode_landmarks(film)
    side = "facing" if film.view == "lateral" else "patient_right"
    again.pop(side, None)
    assert again == {key: value for key, value in doc.items() if key != side}


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused(data):
    content = bytearray(encoded(SMALL))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[place] = data.draw(st.integers(0, 255))
        else:
            del content[place : place + data.draw(st.integers(1, 200))]
            content += b" "
    with contextlib.suppress(BadLandmarks):
        parse_landmarks(bytes(content))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("acquired", "yesterday", "acquired is no date"),
        ("acquired", "2024-13-45", "acquired is no date"),
        ("acquired", "2024-12-31", None),
        ("acquired", "2024-12-31T08:15:00", None),
        ("fusion", {"uiv": "X9"}, "fusion.uiv is no level"),
        ("fusion", {"uiv": "T10", "liv": "pelvis"}, None),
    ],
)
def test_a_field_that_says_nothing_is_kept_with_a_warning(field, value, words):
    film = read(SMALL | {field: value})
    found = [doubt for doubt in film.warnings if field in doubt]
    assert encode_landmarks(film)[field] == value
    assert len(found) == (words is not None)
    assert all(words in doubt for doubt in found)


def test_a_part_that_is_no_object_is_told_in_the_words_of_the_format():
    with pytest.raises(BadLandmarks, match=r"^field patient: must be a JSON object; correct"):
        read(SMALL | {"patient": 63})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    path = tmp_path / "f.landmarks.json"
    os.mkfifo(path)
    with pytest.raises(BadLandmarks, match="is not a regular file"):
        read_landmarks(path)


def test_placed_points_that_were_not_read_are_kept(tmp_path):
    placed = read(SMALL)
    clicks = replace(placed, points={}, covariance=None)
    path = tmp_path / "a.landmarks.json"
    keep_placed_points(path, clicks)
    write_landmarks(placed, path)
    keep_placed_points(path, placed)
    with pytest.raises(Unwritable, match="points that were placed and would be lost"):
        keep_placed_points(path, clicks)
    with pytest.raises(Unwritable, match="no name of a landmark document"):
        keep_placed_points(tmp_path / "film.dcm", placed)
