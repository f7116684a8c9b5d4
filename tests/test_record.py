"""The measurement document: the contract's fields, no value left out, no number invented."""

import json

import pytest
from strategies import (
    analysed,
    average_document,
    edited,
    frontal_document,
    pointwise,
    single_curve,
    without,
)

from balance.analysis import Failure
from balance.report.record import measurement_document

LATERAL_KEYS = set(
    "PI PT SS LL L4_S1 LDI PI_LL TK TK_T5_T12 TK_T2_T12 TLK SVA TPA L1PA T4PA T9SPi T1SPi T4_L1PA "
    "GT SSA T1S CL TS_CL C2S cSVA OD_HA barrey_ratio".split()
)
FRONTAL_KEYS = set(
    "C7_CSVL AVT_PT AVT_MT AVT_TL AVT_PT_to_csvl AVT_MT_to_csvl AVT_TL_to_c7 trunk_shift T1_tilt "
    "L4_tilt pelvic_obliquity clavicle_angle femoral_head_height_difference".split()
)
UNITS = {
    "SVA": "mm", "cSVA": "mm", "LDI": "%", "barrey_ratio": "1", "trunk_shift": "mm",
    "C7_CSVL": "mm", "femoral_head_height_difference": "mm", "AVT_PT": "mm", "AVT_MT": "mm",
    "AVT_TL": "mm", "AVT_PT_to_csvl": "mm", "AVT_MT_to_csvl": "mm", "AVT_TL_to_c7": "mm",
}  # fmt: skip
LATERAL_GRADES = {
    "srs_schwab.PI_LL", "srs_schwab.SVA", "srs_schwab.PT", "review.SVA", "review.PI_LL",
    "review.TK", "schwab2013.PT", "schwab2013.SVA", "schwab2013.PI_LL", "age_adjusted.PT",
    "age_adjusted.PI_LL", "age_adjusted.SVA", "age_adjusted.TPA", "gap", "roussouly",
}  # fmt: skip
FRONTAL_GRADES = {"srs_schwab.curve", "glassman.C7_CSVL", "obeid.C7_CSVL"}

LATERAL = average_document(case="7")
FRONTAL = frontal_document(single_curve("T5", "T11", 45), case="7")
BARE = edited(LATERAL, points={}, spacing_mm=None)


def record(*docs, **options):
    document = measurement_document([analysed(*docs, **options)], [])
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    return document["cases"][0]


DOCS = {
    "lateral": (LATERAL,),
    "frontal": (FRONTAL,),
    "both": (LATERAL, FRONTAL),
    "no scale": (edited(LATERAL, spacing_mm=None), edited(FRONTAL, spacing_mm=None)),
    "no points": (BARE,),
    "child": (edited(LATERAL, patient={"age_years": 9}),),
    "no noise": (pointwise(LATERAL, sd_px=0), pointwise(FRONTAL, sd_px=0)),
}


@pytest.mark.parametrize("docs", DOCS.values(), ids=DOCS)
@pytest.mark.parametrize("segmental", [False, True])
def test_every_case_has_the_contracts_fields(docs, segmental):
    case = record(*docs, segmental=segmental)
    assert case.keys() >= {
        "id", "sources", "subject", "scale", "vertical", "uncertainty", "measurements", "curves",
        "alternatives", "grades", "flags", "warnings",
    }  # fmt: skip
    views = {doc["view"] for doc in docs}
    assert case["sources"].keys() == {"lateral", "frontal"}
    for view, source in case["sources"].items():
        assert (source is not None) == (view in views)
    assert case["scale"].keys() == views
    keys = set()
    grades = set()
    if "lateral" in views:
        keys, grades = keys | LATERAL_KEYS, grades | LATERAL_GRADES
    if "frontal" in views:
        keys, grades = keys | FRONTAL_KEYS, grades | FRONTAL_GRADES
    assert keys <= case["measurements"].keys()
    absent = (LATERAL_KEYS | FRONTAL_KEYS) - keys
    assert not absent & case["measurements"].keys()
    assert case["grades"].keys() == grades
    assert set(case["flags"]) <= grades
    segments = [key for key in case["measurements"] if key.startswith("segmental.")]
    assert bool(segments) == segmental


@pytest.mark.parametrize("docs", DOCS.values(), ids=DOCS)
def test_values_have_intervals_and_nulls_have_reasons(docs):
    case = record(*docs)
    for key, one in case["measurements"].items():
        assert one["unit"] == UNITS.get(key, "deg"), key
        if one["value"] is None:
            assert one["reason"], key
            continue
        low, high = one["ci95"]
        assert one["sd"] >= 0
        assert low <= one["value"] + 1e-9, key
        assert one["value"] - 1e-9 <= high, key
    for key, one in case["grades"].items():
        assert one["limits"], key
        assert one["source"], key
        assert one["population"], key
        if one["grade"] is None:
            assert one["reason"], key
            assert one["past"] is False, key
            assert one["probability"] is None, key
            assert one["borderline"] is None, key
        else:
            assert sum(one["probability"].values()) == pytest.approx(1), key
            assert one["grade"] in one["probability"], key
            assert isinstance(one["borderline"], bool), key
    for curve in case["curves"]:
        assert curve.keys() >= {
            "region", "upper", "lower", "apex", "cobb", "sd", "ci95", "convex",
            "end_vertebra_probability", "selection_bias",
        }  # fmt: skip


def test_the_document_around_the_cases():
    failure = Failure("x.landmarks.json", "x.landmarks.json: broken")
    document = measurement_document([analysed(LATERAL)], [failure])
    assert document["format"] == "spinal-balance-measurements"
    assert document["version"] == 1
    assert document["software"].startswith("spinal-balance ")
    assert document["failures"] == [
        {"source": "x.landmarks.json", "error": "x.landmarks.json: broken"}
    ]


def test_what_the_case_says_of_itself():
    case = record(LATERAL, FRONTAL)
    assert case["id"] == "7"
    assert case["sources"] == {
        "lateral": "film0.landmarks.json", "frontal": "film1.landmarks.json",
    }  # fmt: skip
    assert case["subject"] == {"age_years": 60, "sex": "F"}
    assert case["scale"]["lateral"]["state"] == "user_fiducial"
    assert case["scale"]["lateral"]["plane"] == "patient"
    assert case["vertical"] == "image columns"
    assert case["uncertainty"] == "between_readers"
    assert case["alternatives"] == {}


def test_the_plumb_line_is_told():
    doc = average_document(plumb_line=True)
    assert record(doc)["vertical"] != "image columns"


@pytest.mark.parametrize(
    ("source", "state", "plane"),
    [
        ("dicom_fiducial", "dicom_fiducial", "patient"),
        ("ermf", "ermf", "patient"),
        ("detector", "detector", "detector"),
        ("nonsense", "unknown", "unknown"),
        (None, "none", "unknown"),
    ],
)
def test_the_scale_is_told(source, state, plane):
    told = record(average_document(source=source))["scale"]["lateral"]
    assert (told["state"], told["plane"]) == (state, plane)


def test_the_second_reading_is_told():
    doc = average_document()
    for end in ("anterior", "posterior"):
        inferior, sacral = doc["points"][f"L5_inferior_{end}"], doc["points"][f"S1_superior_{end}"]
        doc["points"][f"L6_superior_{end}"] = {
            axis: (inferior[axis] + sacral[axis]) / 2 for axis in "xy"
        }
    other = record(doc)["alternatives"]["sacral_endplate"]
    assert other["endplate"] == "L6_superior"
    assert other["measurements"].keys() >= LATERAL_KEYS
    assert other["grades"].keys() == LATERAL_GRADES


def test_undefined_directions_are_null_and_not_zero():
    doc = edited(FRONTAL)
    doc["points"]["clavicle_left"] = dict(doc["points"]["clavicle_right"])
    one = record(doc)["measurements"]["clavicle_angle"]
    assert one["value"] is None
    doc = edited(LATERAL)
    mid = {
        axis: (
            doc["points"]["S1_superior_anterior"][axis]
            + doc["points"]["S1_superior_posterior"][axis]
        )
        / 2
        for axis in "xy"
    }
    doc = without(doc, "femoral_head_2")
    doc["points"]["femoral_head_1"] = mid
    assert record(doc)["measurements"]["PT"]["value"] is None


def test_the_record_repeats():
    first, second = record(LATERAL, FRONTAL), record(LATERAL, FRONTAL)
    assert first == second
