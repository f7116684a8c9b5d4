"""The plan command and its documents: what is written can be read, what is wrong is refused."""

import json
import re
import shutil
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER, Browser
from command_line import spinal_balance

from balance.errors import BadPlan
from balance.planning.files import plan_document, plan_of, read_plan, write_plan
from balance.planning.plan import Correction, Plan
from balance.planning.procedures import Hinge
from balance.report.plan_files import write_plans_of

FRONTAL = Path(__file__).parents[1] / "sample_images" / "frontal_03.landmarks.json"
LATERAL = Path(__file__).parents[1] / "sample_images" / "lateral_03.landmarks.json"


def run(*arguments):
    return spinal_balance("plan", *arguments)


def test_a_plan_comes_back_from_its_file_with_fields_that_nobody_knows(tmp_path):
    path = tmp_path / "plan.json"
    plan = Plan(
        (
            Correction("L3", "pso", 25.0, Hinge("L3", "inferior", 0.9, 0.2), 5.0),
            Correction("L5_S1", "cage", 15.0),
        ),
        "T10",
        "S1",
    )
    write_plan(plan_document(plan) | {"surgeon_likes": {"tea": True}}, path)
    document = read_plan(path)
    assert plan_of(document) == plan
    write_plan(plan_document(plan, document), path)
    assert json.loads(path.read_text())["surgeon_likes"] == {"tea": True}


def test_unknown_fields_of_a_correction_and_of_the_fusion_are_kept(tmp_path):
    path = tmp_path / "plan.json"
    one = {"site": "L3", "procedure": "pso", "degrees": 25.0, "implant": "x"}
    content = {"corrections": [one], "fusion": {"uiv": "T10", "rods": 4}}
    path.write_text(json.dumps({"format": "spinal-balance-plan", "version": 1} | content))
    document = read_plan(path)
    written = plan_document(plan_of(document), document)
    assert written["corrections"] == [one]
    assert written["fusion"] == {"uiv": "T10", "liv": None, "rods": 4}


def test_targets_of_the_command_line_are_kept_in_the_plan(tmp_path):
    out, again = tmp_path / "out", tmp_path / "again"
    arguments = ["--correct", "L3:pso:25@0.9", "--target", "gap", "--target", "LL=50:60"]
    assert run(LATERAL, *arguments, "-o", out).exit_code == 0
    written = json.loads((out / "plan.json").read_text())
    assert written["targets"] == ["gap", "LL=50:60"]
    assert written["corrections"][0]["hinge"]["fraction"] == 0.9
    assert run(LATERAL, "--plan", out / "plan.json", "-o", again).exit_code == 0
    assert (again / "values.json").read_bytes() == (out / "values.json").read_bytes()


def test_a_frontal_plan_with_a_longer_leg_is_written(tmp_path):
    arguments = ["--correct", "L3_L4:angle:8", "--leg", "right:12"]
    result = run(FRONTAL, *arguments, "-o", tmp_path)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "plan.json").read_text())["leg_lift_right_mm"] == 12.0
    values = json.loads((tmp_path / "values.json").read_text())
    assert values["change"]["pelvic_obliquity"]["value"] < -2
    assert [one["key"] for one in values["targets"]] == ["csvl_20", "csvl_40"]


def test_plans_beside_their_films_are_carried_out_and_bad_ones_named(tmp_path):
    shutil.copy(LATERAL, tmp_path)
    plan = LATERAL.parent / "lateral_03.plan.json"
    shutil.copy(plan, tmp_path)
    shutil.copy(plan, tmp_path / "nobody.plan.json")
    written, refused = write_plans_of(tmp_path, tmp_path / "out" / "plan")
    assert {path.name for path in written} >= {"plan.pdf", "plan.html", "values.json"}
    assert all(path.parent == tmp_path / "out" / "plan" / "lateral_03" for path in written)
    (one,) = refused
    assert "nobody" in one.source


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium and its driver here")
def test_the_page_of_a_plan_opens_in_a_browser_and_fetches_nothing(tmp_path):
    assert run(LATERAL, "--correct", "L3:pso:25", "-o", tmp_path).exit_code == 0
    browser = Browser()
    try:
        browser.open(tmp_path / "plan.html")
        assert browser.run("return document.images.length") == 2
        loaded = "return Array.from(document.images).every(i => i.complete && i.naturalWidth > 0)"
        assert browser.run(loaded)
        assert browser.run("return performance.getEntriesByType('resource').length") <= 2
        wide = "return document.documentElement.scrollWidth <= window.innerWidth"
        assert browser.run(wide)
    finally:
        browser.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "broken JSON"),
        ("[]", "not a plan"),
        (" " * (1 << 20) + "{}", "larger than 1 MiB"),
        ('{"format": "spinal-balance-plan", "version": 2}', "version of the plan is not known"),
        (
            '{"format": "spinal-balance-plan", "version": 1, "corrections": [{"site": "L3"}]}',
            "field corrections.0.procedure",
        ),
        (
            '{"format": "spinal-balance-plan", "version": 1, "leg_lift_right_mm": NaN}',
            "field leg_lift_right_mm",
        ),
    ],
)
def test_a_bad_plan_is_refused_by_name_and_field(tmp_path, content, reason):
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(BadPlan, match=reason) as caught:
        read_plan(path)
    assert str(path) in str(caught.value)


def test_the_command_writes_plan_landmarks_and_values(tmp_path):
    out = tmp_path / "out"
    result = run(
        LATERAL, "--correct", "L3:pso:25", "--correct", "L5_S1:cage:15", "--uiv", "T10", "-o", out
    )
    assert result.exit_code == 0, result.output
    values = json.loads((out / "values.json").read_text())
    assert values["change"]["LL"]["value"] == pytest.approx(40.0)
    assert values["change"]["PI"]["value"] == pytest.approx(0.0)
    assert next(one["key"] for one in values["scenarios"]) == "unchanged"
    for key, one in values["planned"].items():
        before, change = values["before"][key]["value"], values["change"][key]["value"]
        if change is not None:
            assert before + change == pytest.approx(one["value"])
    measured = spinal_balance("measure", out / "planned.landmarks.json", "--format", "json")
    (case,) = json.loads(measured.output)["cases"]
    assert case["measurements"]["LL"]["value"] == pytest.approx(values["planned"]["LL"]["value"])
    again = tmp_path / "again"
    assert run(LATERAL, "--plan", out / "plan.json", "-o", again).exit_code == 0
    for name in ("plan.json", "planned.landmarks.json", "values.json"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_found_plans_are_listed_with_how_many_were_drawn(tmp_path):
    arguments = ["--find", "--allow", "L3:pso", "--allow", "L4_L5:alif:5..15", "--share", "0.6"]
    result = run(LATERAL, *arguments, "--target", "t4_l1pa", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    search = json.loads((tmp_path / "values.json").read_text())["search"]
    assert search["plans_examined"] == 5 * 4
    assert search["complete"]
    drawn = json.loads((tmp_path / "plan.json").read_text())["corrections"]
    assert drawn == search["found"][0]["corrections"]
    assert search["scenario"] == "unchanged"
    assert (search["drawn"]["number"], search["drawn"]["of"]) == (1, len(search["found"]))
    assert "listed, not chosen" in result.stdout
    page = (tmp_path / "plan.html").read_text()
    for words in ("listed, not chosen", "0.6 or more of the redraws", "scenario: pelvis unchanged"):
        assert words in page


def test_another_plan_of_the_list_is_drawn_where_it_is_named(tmp_path):
    arguments = ["--find", "--allow", "L3:pso:25..40", "--allow", "L4_L5:pco", "--allow",
                 "L2_L3:pco", "--correct", "L5_S1:cage:9", "--share", "0.3", "--draw", "2",
                 "--scenario", "age_tilt"]  # fmt: skip
    result = run(LATERAL, *arguments, "--target", "LL=45:65", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    search = json.loads((tmp_path / "values.json").read_text())["search"]
    assert len(search["found"]) >= 2
    drawn = json.loads((tmp_path / "plan.json").read_text())["corrections"]
    assert drawn == search["found"][1]["corrections"]
    given = {"site": "L5_S1", "procedure": "cage", "degrees": 9.0}
    assert search["given"] == [given]
    assert all(one["corrections"][0] == given for one in search["found"])
    assert search["scenario"] == "age_tilt"
    assert "number 2 of" in result.stdout
    far = run(LATERAL, *arguments, "--target", "LL=45:65", "-o", tmp_path / "far", "--draw", "99")
    assert far.exit_code == 1
    assert "--draw 99" in far.output


@pytest.mark.parametrize(
    "words",
    [("--allow", "L3:pso"), ("--forbid", "pso"), ("--share", "0.5"), ("--scenario", "age_tilt"),
     ("--draw", "1")],
)  # fmt: skip
def test_options_of_the_search_are_wrong_without_it(tmp_path, words):
    result = run(LATERAL, "--correct", "L3:pso:25", *words, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert f"{words[0]} is for --find" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--correct", "L3:saw:25"], "procedure 'saw' is not known"),
        (["--target", "taller"], "target 'taller' is not known"),
        (["--find", "--target", "gap"], "--find needs --allow"),
        (["--find", "--target", "gap", "--allow", "L3:pso", "--share", "1.1"], "the share is 1.1"),
        (["--find", "--target", "gap", "--allow", "L4_L5:cage"], "no usual range"),
        (["--leg", "right:10"], "belongs to a plan on the frontal film"),
        (["--leg", "up:10"], "write the longer leg"),
        (["--correct", "L3:pso:25@x"], "no share of the endplate"),
    ],
)
def test_what_cannot_be_planned_leaves_one_sentence_and_no_folder(tmp_path, arguments, reason):
    out = tmp_path / "out"
    result = run(LATERAL, *arguments, "-o", out)
    assert result.exit_code == 1
    assert reason in result.output
    assert not out.exists()


@pytest.mark.parametrize(("paper", "points"), [("a4", "595"), ("letter", "612 792")])
def test_the_pages_are_set_on_the_sheet_that_is_asked_for(tmp_path, paper, points):
    out = tmp_path / "out"
    done = run(LATERAL, "--correct", "L3:pso:25", "--paper", paper, "-o", out)
    assert done.exit_code == 0, done.stderr
    sheets = re.findall(rb"MediaBox ?\[0 0 ([^\]]*)\]", (out / "plan.pdf").read_bytes())
    assert sheets
    assert all(sheet.decode().startswith(points) for sheet in sheets)
