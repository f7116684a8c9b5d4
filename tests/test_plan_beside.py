"""A plan beside its film is no second examination, and loses nobody's work."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import spinal_balance

from balance.examination import PLANNED
from balance.landmarks.files import read_landmarks, write_landmarks
from balance.landmarks.model import ImageReference
from balance.planning.coronal import frontal_beside
from balance.radiograph import Acquisition

SAMPLES = Path(__file__).parents[1] / "sample_images"
LATERAL, FRONTAL = (SAMPLES / f"{name}.landmarks.json" for name in ("lateral_03", "frontal_03"))


@pytest.fixture
def folder(tmp_path):
    """A film's document with plans below it, one of them without any correction."""
    case = read_landmarks(LATERAL)
    write_landmarks(replace(case, case="K1"), tmp_path / "k1.landmarks.json")
    return tmp_path


def planned(folder, *words, out="plan"):
    return spinal_balance("plan", folder / "k1.landmarks.json", *words, "-o", folder / out)


def cases(answer):
    return json.loads(answer.stdout)["cases"]


@pytest.mark.parametrize("words", [(), ("--correct", "L3:pso:28")])
def test_a_plan_is_left_out_of_the_folder_that_is_measured(folder, words):
    alone = spinal_balance("measure", folder, "--format", "json")
    assert planned(folder, *words).exit_code == 0
    both = spinal_balance("measure", folder, "--format", "json")
    assert both.exit_code == 0
    assert cases(both) == cases(alone)
    assert len(both.stderr.strip().splitlines()) == 1
    assert "planned.landmarks.json" in both.stderr


def test_a_report_of_the_folder_tells_of_the_film_alone(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    page = folder / "report.html"
    answer = spinal_balance("report", folder, "-o", page)
    assert answer.exit_code == 0
    assert "planned.landmarks.json" in answer.stderr
    assert "K1" in page.read_text()


def test_a_batch_counts_the_plans_that_it_leaves_out(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    answer = spinal_balance("batch", folder, "-o", folder.parent / f"{folder.name}_out")
    assert answer.exit_code == 0
    assert "1 ok, 1 plan left out" in answer.stdout


def test_a_plan_that_is_named_is_measured_and_not_graded(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    document = folder / "plan" / "planned.landmarks.json"
    answer = spinal_balance("measure", document, "--format", "json")
    assert answer.exit_code == 0
    (case,) = cases(answer)
    values = json.loads((folder / "plan" / "values.json").read_text())["planned"]
    for key in ("LL", "SVA", "TPA", "PI"):
        assert case["measurements"][key]["value"] == pytest.approx(values[key]["value"])
    assert case["grades"]
    assert {one["reason"] for one in case["grades"].values()} == {PLANNED}
    assert case["flags"] == []
    assert PLANNED in case["warnings"]


def test_film_and_plan_named_together_are_two_and_no_contradiction(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    document = folder / "plan" / "planned.landmarks.json"
    answer = spinal_balance("measure", folder / "k1.landmarks.json", document, "--format", "json")
    assert answer.exit_code == 0
    film, plan = cases(answer)
    assert plan["measurements"]["LL"]["value"] - film["measurements"]["LL"][
        "value"
    ] == pytest.approx(28.0)
    assert any(one["grade"] for one in film["grades"].values())


def test_a_plan_gets_no_report(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    page = folder / "report.pdf"
    answer = spinal_balance("report", folder / "plan" / "planned.landmarks.json", "-o", page)
    assert answer.exit_code == 1
    assert "plan.pdf" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert not page.exists()


def test_a_film_stands_for_the_landmarks_beside_it(tmp_path):
    film = SAMPLES / "lateral_03.dcm"
    assert spinal_balance("plan", film, "-o", tmp_path / "out").exit_code == 0
    shutil.copy(film, tmp_path)
    answer = spinal_balance("plan", tmp_path / film.name, "-o", tmp_path / "none")
    assert answer.exit_code == 1
    assert "no landmarks beside it" in answer.stderr
    assert "landmark document" in answer.stderr


# --- what lies in the folder already --------------------------------------------------------------


def test_the_same_command_again_replaces_what_it_left(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    assert planned(folder, "--correct", "L3:pso:30").exit_code == 0
    written = json.loads((folder / "plan" / "plan.json").read_text())
    assert written["corrections"][0]["degrees"] == 30.0


def test_a_plan_that_somebody_edited_is_kept(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    path = folder / "plan" / "plan.json"
    edited = json.loads(path.read_text()) | {"notes": {"indication": "mine"}}
    path.write_text(json.dumps(edited))
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    answer = planned(folder, "--correct", "L3:pso:30")
    assert answer.exit_code == 1
    assert "edited by hand" in answer.stderr
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before
    assert planned(folder, "--plan", path).exit_code == 0
    assert json.loads(path.read_text())["notes"] == {"indication": "mine"}
    assert planned(folder, "--correct", "L3:pso:30").exit_code == 1
    assert json.loads(path.read_text())["notes"] == {"indication": "mine"}


def test_films_of_one_name_are_told_apart_by_their_points(tmp_path):
    out = tmp_path / "out"
    for number, ends in ((1, 0), (3, 1)):
        film = tmp_path / str(number) / "film.landmarks.json"
        film.parent.mkdir()
        marks = read_landmarks(SAMPLES / f"lateral_0{number}.landmarks.json")
        write_landmarks(replace(marks, case=None, image=ImageReference()), film)
        answer = spinal_balance("plan", film, "--correct", "L3:pso:25", "-o", out)
        assert answer.exit_code == ends, answer.stderr
    assert "belongs to another film" in answer.stderr


def test_another_leg_on_the_same_frontal_film_replaces_the_plan(tmp_path):
    frontal, out = SAMPLES / "frontal_03.landmarks.json", tmp_path / "out"
    for leg in ("right:10", "right:14"):
        answer = spinal_balance("plan", frontal, "--leg", leg, "-o", out)
        assert answer.exit_code == 0, answer.stderr
    lateral = SAMPLES / "lateral_03.landmarks.json"
    answer = spinal_balance("plan", lateral, "--correct", "L3:pso:25", "-o", out)
    assert answer.exit_code == 1
    assert "belongs to another film" in answer.stderr


def test_a_plan_of_another_film_is_kept(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    other = folder / "k2.landmarks.json"
    write_landmarks(replace(read_landmarks(LATERAL), case="K2"), other)
    before = (folder / "plan" / "plan.json").read_bytes()
    answer = spinal_balance("plan", other, "--correct", "L3:pso:5", "-o", folder / "plan")
    assert answer.exit_code == 1
    assert "another film" in answer.stderr
    assert (folder / "plan" / "plan.json").read_bytes() == before


def test_where_one_result_is_blocked_none_is_written(folder):
    blocked = folder / "plan" / "plan.pdf"
    blocked.mkdir(parents=True)
    answer = planned(folder, "--correct", "L3:pso:28")
    assert answer.exit_code == 1
    assert list((folder / "plan").iterdir()) == [blocked]


# --- the frontal film of the case -----------------------------------------------------------------


def test_the_frontal_film_of_the_case_is_told_and_not_changed(folder):
    frontal = replace(read_landmarks(FRONTAL), case="K1", subject=read_landmarks(LATERAL).subject)
    write_landmarks(frontal, folder / "front.landmarks.json")
    write_landmarks(replace(frontal, case="K2"), folder / "other.landmarks.json")
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    told = json.loads((folder / "plan" / "values.json").read_text())["coronal"]
    measured = spinal_balance("measure", folder / "front.landmarks.json", "--format", "json")
    (case,) = cases(measured)
    offset = case["measurements"]["C7_CSVL"]
    assert told["measurements"]["C7_CSVL"] == offset
    page = (folder / "plan" / "plan.html").read_text()
    assert "not changed by this plan" in page
    shown = f"{offset['value']:.1f}".replace("-", "\N{MINUS SIGN}")
    assert f"C7-CSVL {shown}" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_nothing_is_paired_by_guess(folder):
    lateral = read_landmarks(folder / "k1.landmarks.json")
    frontal = replace(read_landmarks(FRONTAL), case="K1", subject=lateral.subject)
    path = folder / "k1.landmarks.json"
    assert frontal_beside(path, lateral) is None
    supine = replace(frontal, acquisition=Acquisition(position="supine"))
    write_landmarks(supine, folder / "a.landmarks.json")
    assert frontal_beside(path, lateral) is None
    for name in "bc":
        write_landmarks(frontal, folder / f"{name}.landmarks.json")
    assert frontal_beside(path, lateral) is None


def test_a_case_that_another_program_wrote_with_escapes_is_the_same_case(tmp_path):
    lateral = replace(read_landmarks(LATERAL), case="S\u00fcd 1")
    path = tmp_path / "lateral.landmarks.json"
    write_landmarks(lateral, path)
    frontal = replace(read_landmarks(FRONTAL), case=lateral.case, subject=lateral.subject)
    beside = tmp_path / "frontal.landmarks.json"
    write_landmarks(frontal, beside)
    assert frontal_beside(path, lateral) is not None
    beside.write_text(json.dumps(json.loads(beside.read_text())), "ascii")
    assert frontal_beside(path, lateral) is not None


def test_a_damaged_list_of_values_is_no_failure_of_the_program(folder):
    assert planned(folder, "--correct", "L3:pso:28").exit_code == 0
    (folder / "plan" / "values.json").write_text("[" * 100_000)
    answer = planned(folder, "--correct", "L3:pso:25")
    assert answer.exit_code == 1
    assert "made or edited by hand" in answer.stderr
