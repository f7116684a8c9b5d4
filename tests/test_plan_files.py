"""The plan command and its documents: what is written can be read, what is wrong is refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from balance.cli import app
from balance.errors import BadPlan
from balance.planning.files import plan_document, plan_of, read_plan, write_plan
from balance.planning.plan import Correction, Plan
from balance.planning.procedures import Hinge

LATERAL = Path(__file__).parents[1] / "sample_images" / "lateral_03.landmarks.json"


def run(*arguments):
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "broken JSON"),
        ("[]", "not a plan"),
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
    measured = CliRunner().invoke(
        app, ["measure", str(out / "planned.landmarks.json"), "--format", "json"]
    )
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
    assert search["note"] == "listed, not recommended"
    drawn = json.loads((tmp_path / "plan.json").read_text())["corrections"]
    assert drawn == search["found"][0]["corrections"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--correct", "L3:saw:25"], "procedure 'saw' is not known"),
        (["--target", "taller"], "target 'taller' is not known"),
        (["--find", "--target", "gap"], "--find needs --allow"),
        (["--find", "--target", "gap", "--allow", "L3:pso", "--share", "0.1"], "the share is 0.1"),
        (["--find", "--target", "gap", "--allow", "L4_L5:alif"], "no usual range"),
    ],
)
def test_what_cannot_be_planned_leaves_one_sentence_and_no_folder(tmp_path, arguments, reason):
    out = tmp_path / "out"
    result = run(LATERAL, *arguments, "-o", out)
    assert result.exit_code == 1
    assert reason in result.output
    assert not out.exists()
