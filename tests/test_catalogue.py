"""Every parameter and threshold is whole: definition, unit, sign, source, and a known case."""

import inspect
import json
from pathlib import Path

import pytest

from balance.assessment.schemes import SCHEMES
from balance.assessment.thresholds import THRESHOLDS
from balance.metrics.catalogue import METRICS, POINT_METRICS
from balance.metrics.segmental import segmental_metrics
from balance.metrics.sites import SITE_NAMES
from balance.references import REFERENCE

KNOWN = Path(__file__).parent / "known"

CONTRACT_KEYS = """
    PI PT SS LL L4_S1 LDI PI_LL TK TK_T5_T12 TK_T2_T12 TLK SVA TPA L1PA T4PA T9SPi T1SPi T4_L1PA
    GT SSA T1S CL TS_CL C2S cSVA OD_HA barrey_ratio C7_CSVL AVT_PT AVT_MT AVT_TL AVT_PT_to_csvl
    AVT_MT_to_csvl AVT_TL_to_c7 trunk_shift T1_tilt L4_tilt pelvic_obliquity clavicle_angle
    femoral_head_height_difference
""".split()

CONTRACT_GRADES = """
    srs_schwab.PI_LL srs_schwab.SVA srs_schwab.PT srs_schwab.curve glassman.C7_CSVL review.SVA
    review.PI_LL review.TK schwab2013.PT schwab2013.SVA schwab2013.PI_LL age_adjusted.PT
    age_adjusted.PI_LL age_adjusted.SVA age_adjusted.TPA gap roussouly obeid.C7_CSVL
""".split()

ADDED_TO_THE_CONTRACT = {"fractional_curve"}

# Cases worked by hand in the suite, for what no file of known cases holds.
WORKED_ELSEWHERE = {
    "AVT_PT", "AVT_MT", "AVT_TL", "AVT_PT_to_csvl", "AVT_MT_to_csvl", "AVT_TL_to_c7",
    "trunk_shift", "fractional_curve",
}  # fmt: skip

ALL_METRICS = (
    *METRICS,
    *segmental_metrics("lateral", ("L4", "L5", "S1")),
    *segmental_metrics("frontal", ("L4", "L5", "S1")),
)


def test_the_contract_is_complete():
    keys = [metric.key for metric in METRICS]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {*CONTRACT_KEYS, *ADDED_TO_THE_CONTRACT}
    assert [row.key for row in THRESHOLDS if row.key not in CONTRACT_GRADES] == []
    assert {row.key for row in THRESHOLDS} == set(CONTRACT_GRADES)


@pytest.mark.parametrize("metric", ALL_METRICS, ids=lambda metric: metric.key)
def test_metric_is_whole(metric):
    assert metric.definition.endswith(".")
    assert metric.sign
    assert metric.unit in {"deg", "mm", "%", "1"}
    assert metric.sources
    assert all(key in REFERENCE for key in metric.sources)
    assert all(name in SITE_NAMES[metric.view] for name in metric.needs)
    doc = inspect.getdoc(metric.compute)
    assert doc, metric.compute


@pytest.mark.parametrize("metric", POINT_METRICS, ids=lambda metric: metric.key)
def test_formula_takes_its_needs(metric):
    assert len(inspect.signature(metric.compute).parameters) == len(metric.needs)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_metric_has_a_known_case(metric):
    known = set(WORKED_ELSEWHERE)
    for path in KNOWN.glob("*.json"):
        known |= json.loads(path.read_text())["expected"].keys()
    assert metric.key in known


def test_every_known_case_names_a_live_metric_or_threshold():
    keys = {metric.key for metric in METRICS}
    grades = {row.key for row in THRESHOLDS}
    cases = sorted(KNOWN.glob("*.json"))
    assert len(cases) >= 25
    for path in cases:
        case = json.loads(path.read_text())
        assert case["expected"].keys() <= keys, path
        assert case.get("grades", {}).keys() <= grades, path


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: row.key)
def test_threshold_is_whole(row):
    assert row.limits
    assert row.population
    assert row.timing
    assert all(key in REFERENCE for key in (row.source, *row.further_sources))
    assert set(row.past) <= set(row.words)
    schemes = {scheme.key for scheme, _ in SCHEMES}
    if row.key in schemes:
        assert row.metric == ""
    else:
        assert row.metric in {metric.key for metric in METRICS}
        assert next(m.view for m in METRICS if m.key == row.metric) == row.view
        unit = next(m.unit for m in METRICS if m.key == row.metric)
        assert row.in_millimetres == (unit == "mm")
        assert len(row.words) == len(row.cuts) + 1 or row.age_line or not row.cuts


def test_every_reference_is_used_or_explained():
    used = {key for metric in ALL_METRICS for key in metric.sources}
    used |= {key for row in THRESHOLDS for key in (row.source, *row.further_sources)}
    package = Path(__file__).parents[1] / "balance"
    elsewhere = "".join(
        path.read_text() for path in package.rglob("*.py") if path.name != "references.py"
    )
    assert [key for key in REFERENCE if key not in used and key not in elsewhere] == []
