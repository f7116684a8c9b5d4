"""What a plan refuses, warns of, holds against each other and prints at the edges."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import spinal_balance

from balance.errors import BadPlan
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Fusion
from balance.metrics.catalogue import measure_film
from balance.metrics.model import Measurement
from balance.planning.bounds import Bound, Line, Target
from balance.planning.columns import l4_s1_share
from balance.planning.conflicts import conflicts
from balance.planning.files import plan_document, plan_of, read_plan
from balance.planning.plan import Plan, parse_correction
from balance.planning.planned import analyse_plan
from balance.planning.procedures import PROCEDURE, PROCEDURES
from balance.planning.targets import TARGET, parse_target
from balance.planning.turning import apply_plan
from balance.references import REFERENCE
from balance.report.document import all_texts
from balance.report.plan_page import plan_document_page
from balance.report.plan_record import values_document
from balance.report.plan_values import value_cell

SAMPLES = Path(__file__).parents[1] / "sample_images"
LATERAL = read_landmarks(SAMPLES / "lateral_03.landmarks.json")
SIX = read_landmarks(SAMPLES / "lateral_05.landmarks.json")


def plan(*texts, uiv=None, liv=None):
    return Plan(tuple(map(parse_correction, texts)), uiv, liv)


def said(analysis):
    return "\n".join(all_texts(plan_document_page(analysis, "case", {}, ())))


# --- what is possible and what is usual -----------------------------------------------------------


@pytest.mark.parametrize("key", ["alif", "llif", "tlif", "acr"])
def test_lumbar_fusions_are_done_at_lumbar_discs_alone(key):
    for site in ("C5_C6", "C7_T1", "T9_T10", "T11_T12"):
        with pytest.raises(BadPlan, match="at a lumbar disc"):
            apply_plan(LATERAL, plan(f"{site}:{key}:8"))
    for site in ("T12_L1", "L2_L3", "L5_S1"):
        apply_plan(LATERAL, plan(f"{site}:{key}:8"))


@pytest.mark.parametrize("text", ["L3:pso:-10", "L3:epso:-10", "L3:vcr:-10", "L2_L3:pco:-5"])
def test_an_osteotomy_of_the_back_does_not_open(text):
    with pytest.raises(BadPlan, match="would open it"):
        analyse_plan(LATERAL, plan(text), ())
    angle = text.replace(text.split(":")[1], "angle")
    assert analyse_plan(LATERAL, plan(angle), ()).after["LL"].value < 21


def test_one_disc_holds_one_implant_and_a_release_behind_it():
    with pytest.raises(BadPlan, match="leaves nothing"):
        apply_plan(LATERAL, plan("L4_L5:alif:8", "L4_L5:tlif:5"))
    apply_plan(LATERAL, plan("L4_L5:acr:8", "L4_L5:pco:5"))


@pytest.mark.parametrize(
    ("surgery", "site", "refused"),
    [("prior", "L4_L5", True), ("prior", "L2_L3", False), ("none", "L4_L5", False),
     (None, "L5_S1", True)],
)  # fmt: skip
def test_a_disc_that_is_recorded_as_fused_is_not_mobile(surgery, site, refused):
    film = replace(LATERAL, fusion=Fusion("L3", "S1"), surgery=surgery)
    if not refused:
        analyse_plan(film, plan(f"{site}:pco:8"), ())
        return
    with pytest.raises(BadPlan, match="fusion from L3 to S1"):
        analyse_plan(film, plan(f"{site}:pco:8"), ())
    doubts = analyse_plan(film, plan(f"{site}:tlif:8"), ()).doubts
    assert any(line.startswith(f"{site} lies inside the fusion") for line in doubts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L3:pso:10", "less than the usual 25 to 40"),
        ("L3:pso:45", "more than 40"),
        ("L4_L5:cage:-5", "takes it away"),
        ("L5_S1:llif:5", "iliac crests"),
        ("C4:pso:25", "vertebral arteries"),
    ],
)
def test_the_unusual_is_warned_of(text, words):
    doubts = analyse_plan(LATERAL, plan(text), ()).doubts
    assert any(words in line for line in doubts)


def test_the_usual_is_not_warned_of():
    doubts = analyse_plan(LATERAL, plan("L3:pso:25", "L4_L5:llif:5", "C7:pso:25"), ()).doubts
    assert not any("usual" in line for line in doubts)


def test_published_means_stand_with_their_source():
    for key, mean in {"acr": 12, "alif": 6, "tlif": 2, "llif": 1}.items():
        assert PROCEDURE[key].typical == mean
        assert PROCEDURE[key].usual_words == f"mean {mean} deg"
    for row in PROCEDURES:
        assert (row.usual is None and row.typical is None) or row.sources
        assert all(key in REFERENCE for key in row.sources)


# --- targets --------------------------------------------------------------------------------------


def test_sacral_slope_and_pelvic_tilt_contradict_each_other_through_pi():
    # PI 90: the GAP range of SS ends at 0.59 * 90 + 14 = 67.1, so PT is 22.9 or more.
    found = conflicts([TARGET["gap"], TARGET["schwab2010"]], 90.0, 60.0)
    (one,) = [one for one in found if one.metric == "PT"]
    assert (one.at_least, one.at_most) == (pytest.approx(22.9), 20.0)
    assert one.told_of == ("SS", "PT")
    assert not conflicts([TARGET["gap"], TARGET["schwab2010"]], 50.0, 60.0)
    assert not [
        one
        for one in conflicts([TARGET["gap"], TARGET["schwab2010"]], None, 60.0)
        if one.metric == "PT"
    ]


def aim(name, low, high, *, excluded=False):
    ends = (None if end is None else Line(end) for end in (low, high))
    return Target(name, name, (Bound("LL", *ends, excluded),), ("user",))


def test_every_pair_of_contradicting_targets_is_told():
    targets = [aim("a", 60, 70), aim("b", 40, 50), aim("c", 30, 45), aim("d", 48, 52)]
    found = {(one.asked_by, one.against) for one in conflicts(targets, None, None)}
    assert found == {("a", "b"), ("a", "c"), ("a", "d"), ("d", "c")}


def test_an_end_that_is_excluded_contradicts_the_end_that_it_meets():
    assert conflicts([aim("a", 20, 30), aim("b", None, 20)], None, None) == ()
    (one,) = conflicts([aim("a", 20, 30), aim("b", None, 20, excluded=True)], None, None)
    assert (one.at_least, one.at_most) == (20, 20)


def test_the_page_tells_every_contradiction():
    targets = [parse_target(text) for text in ("LL=60:70", "LL=40:50", "LL=30:45")]
    text = said(analyse_plan(LATERAL, plan("L3:pso:28"), targets))
    assert "LL of 60° or more (LL=60:70) against 45 or less (LL=30:45), 50 or less (LL=40:50)" in (
        text
    )


@pytest.mark.parametrize(("pi", "tilt"), [(58.0 - 5e-10, 16), (58.0 + 5e-10, 16), (57.99, 12)])
def test_a_class_of_pi_begins_where_it_begins_whatever_rounding_does(pi, tilt):
    _, bound = TARGET["pi_class"].bounds
    assert float(bound.low.value(np.array(pi), None)) + 5 == pytest.approx(tilt)


def test_what_is_not_given_has_its_reason_and_every_scenario_its_share():
    analysis = analyse_plan(LATERAL, plan("L3:pso:28", uiv="T10"), [TARGET["gap"]])
    page = plan_document_page(analysis, "case", {}, ())
    tables = [
        block
        for section in page.sections
        for block in section.blocks
        if getattr(block, "heads", ("",))[0] == "Geometry fraction"
    ]
    (table,) = tables
    (row,) = table.rows
    assert list(row[1:]) == [f"{one.share:.2f}" for one in analysis.shares]
    assert len(row) == 7
    straight = analyse_plan(LATERAL, plan("L3:angle:-40"), [TARGET["gap"]])
    assert straight.after["LDI"].value is None
    assert f"LDI not given ({straight.after['LDI'].reason})" in said(straight)


# --- numbers and levels ---------------------------------------------------------------------------


def test_one_value_reads_the_same_however_it_was_computed():
    cells = {
        value_cell(Measurement("T1SPi", "deg", value, 1.0, (-3.0, 0.0)))
        for value in (-1.35, -1.35 + 1e-12, -1.35 - 1e-12, np.nextafter(-1.35, 0))
    }
    assert len(cells) == 1


def test_the_usual_inclination_reads_the_same_in_both_of_its_scenarios():
    analysis = analyse_plan(LATERAL, plan("L3:pso:25", "L5_S1:cage:7", uiv="T10"), ())
    cells = {
        value_cell(one.film.measurements["T1SPi"])
        for one in analysis.scenarios
        if one.scenario.pelvis == "t1_inclination"
    }
    assert len(cells) == 1


def test_of_six_lumbar_vertebrae_the_last_two_segments_are_named():
    low, high = plan("L5_L6:alif:8"), plan("L4_L5:alif:8")
    assert l4_s1_share(SIX, low) == 1.0
    assert l4_s1_share(SIX, high) == 0.0
    before, after = (
        measure_film(film).measurements["L4_S1"].value for film in (SIX, apply_plan(SIX, low))
    )
    assert after - before == pytest.approx(8.0)
    text = said(analyse_plan(SIX, high, ()))
    assert "Correction at L5-S1" in text
    assert "here L5-S1" in text
    assert "with the L6 superior endplate as the sacral one PI is" in text
    assert "Sacral endplate" not in said(analyse_plan(LATERAL, plan("L4_L5:alif:8"), ()))


def test_levels_that_nobody_counted_are_said_so():
    film = replace(LATERAL, vertebrae=replace(LATERAL.vertebrae, counted_from="unknown"))
    assert "how they were counted is not recorded: T12 and L5 are the last" in said(
        analyse_plan(film, Plan(), ())
    )


@pytest.mark.parametrize(
    ("text", "site", "grows"),
    [
        ("L3:pso:28", "L3", 28.0),
        ("L4_L5:alif:8", "L4_L5", 8.0),
        ("L3:epso:20", "L2_L3", 20.0),
    ],
)
def test_the_segment_of_a_correction_grows_by_its_degrees(text, site, grows):
    analysis = analyse_plan(LATERAL, plan(text, "T8_T9:angle:5"), ())
    record = values_document(analysis)["corrections"][0]
    segment = record["segment"]
    assert segment["site"] == site
    assert segment["planned"]["value"] - segment["before"]["value"] == pytest.approx(grows)
    measured = measure_film(analysis.planned, segmental=True).measurements
    assert segment["planned"]["value"] == measured[f"segmental.{site}"].value
    assert record["execution_sd_deg"] == PROCEDURE[text.split(":")[1]].execution_sd


# --- the plan document ----------------------------------------------------------------------------


def write(path, **content):
    head = {"format": "spinal-balance-plan", "version": 1}
    path.write_text(json.dumps(head | content))
    return path


def test_unknown_fields_of_a_hinge_are_kept(tmp_path):
    hinge = {"level": "L3", "endplate": "inferior", "fraction": 0.9, "rise": 0.35, "seen_on": "CT"}
    one = {"site": "L3", "procedure": "pso", "degrees": 25.0, "hinge": hinge}
    document = read_plan(write(tmp_path / "plan.json", corrections=[one]))
    assert plan_document(plan_of(document), document)["corrections"] == [one]


def test_a_kyphosis_that_shrinks_is_called_so(tmp_path):
    path = write(tmp_path / "plan.json", kyphosis_gain=-40.0, fusion={"uiv": "T12", "liv": "S1"})
    out = tmp_path / "out"
    source = SAMPLES / "lateral_03.landmarks.json"
    assert spinal_balance("plan", source, "--plan", path, "-o", out).exit_code == 0
    page = (out / "plan.html").read_text()
    assert "the unfused kyphosis shrinks by 40°, as stated" in page
    assert "grows by" not in page


@pytest.mark.parametrize("text", ['"kyphosis_gain": NaN', '"leg_lift_right_mm": Infinity'])
def test_a_number_that_is_none_is_named_so(tmp_path, text):
    path = tmp_path / "plan.json"
    path.write_text('{"format": "spinal-balance-plan", "version": 1, ' + text + "}")
    with pytest.raises(BadPlan, match="finite number"):
        read_plan(path)
    with pytest.raises(BadPlan, match="no number of degrees"):
        parse_correction("L3:pso:nan")
