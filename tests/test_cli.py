"""The commands as a user calls them: answers, exit status, and one sentence when refused."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from command_line import spinal_balance as run

from balance import cli
from balance.metrics.catalogue import METRICS

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_images"
KNOWN = Path(__file__).parent / "known"


@pytest.fixture
def document(tmp_path):
    def write(name, source="lat00", **changes):
        content = json.loads((KNOWN / f"{source}.json").read_text())["landmarks"]
        content |= changes
        path = tmp_path / f"{name}.landmarks.json"
        path.write_text(json.dumps(content))
        return path

    return write


def test_help_names_every_command():
    status, out, _ = run("--help")
    assert status == 0
    assert all(word in out for word in ("inspect", "measure", "report", "demo"))
    assert "Not a medical device" in out


def test_version():
    assert run("--version")[1].startswith("spinal-balance ")


def test_measure_json_is_the_contract(document):
    status, out, err = run("measure", document("one"), "--format", "json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert (answer["format"], answer["version"]) == ("spinal-balance-measurements", 1)
    case = answer["cases"][0]
    assert case["measurements"]["PI"]["value"] == pytest.approx(60.0)
    assert case["sources"]["frontal"] is None
    assert case["grades"]["srs_schwab.SVA"]["grade"] == "+"


def test_measure_segmental_adds_segments(document):
    path = document("one")
    plain = json.loads(run("measure", path, "--format", "json")[1])["cases"][0]["measurements"]
    more = json.loads(run("measure", path, "--segmental", "--format", "json")[1])
    more = more["cases"][0]["measurements"]
    assert plain == {key: more[key] for key in plain}
    assert {"segmental.L4_L5", "segmental.L4", "listhesis.L4_L5"} <= more.keys() - plain.keys()


def test_intervals_within_a_reader_are_narrower(document):
    path = document("one")
    between = json.loads(run("measure", path, "--format", "json")[1])["cases"][0]
    within = run("measure", path, "--format", "json", "--intervals", "within_reader")[1]
    within = json.loads(within)["cases"][0]
    assert (between["uncertainty"], within["uncertainty"]) == ("between_readers", "within_reader")
    assert within["measurements"]["PI"]["sd"] < between["measurements"]["PI"]["sd"]


def test_measure_csv_opens_as_a_table(document):
    status, out, _ = run(
        "measure", document("one"), document("two", "frontal00"), "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert len(rows) == 2
    keys = {metric.key for metric in METRICS}
    assert keys <= rows[0].keys()
    assert float(rows[0]["PI"]) == pytest.approx(60.0, abs=1e-6)
    assert rows[0]["C7_CSVL"] == ""


def test_text_shows_values_with_intervals(document):
    _, out, _ = run("measure", document("one"))
    assert "69.4 mm" in out
    assert "Not a medical device" in out


def test_one_bad_document_does_not_stop_the_others(document, tmp_path):
    good = document("good")
    bad = document("bad", format="something else")
    status, out, _ = run(
        "measure", good, bad, tmp_path / "absent.landmarks.json", "--format", "json"
    )
    answer = json.loads(out)
    assert status == 1
    assert len(answer["cases"]) == 1
    assert [failure["source"] for failure in answer["failures"]] == [
        str(bad), str(tmp_path / "absent.landmarks.json"),
    ]  # fmt: skip
    assert all("\n" not in failure["error"] for failure in answer["failures"])


def test_refusal_is_one_sentence_without_a_traceback(document):
    status, _, err = run("measure", document("bad", version=7))
    assert status == 1
    assert err.count("\n") == 1
    assert "version 7" in err
    assert "Traceback" not in err


def test_wrong_usage_is_2():
    assert run("measure")[0] == 2
    assert run("measure", "x.landmarks.json", "--format", "yaml")[0] == 2
    assert run("nonsense")[0] == 2


def test_a_folder_is_walked_without_truths_and_clicks(document, tmp_path):
    document("a")
    (tmp_path / "deep").mkdir()
    shutil.copy(document("b"), tmp_path / "deep" / "b.landmarks.json")
    for kind in ("truth", "clicks"):
        shutil.copy(tmp_path / "a.landmarks.json", tmp_path / f"a.{kind}.landmarks.json")
    _, out, _ = run("measure", tmp_path, "--format", "json")
    sources = [case["sources"]["lateral"] for case in json.loads(out)["cases"]]
    assert [Path(source).name for source in sources] == [
        "a.landmarks.json", "b.landmarks.json", "b.landmarks.json",
    ]  # fmt: skip


def test_a_document_named_twice_is_measured_once(document, tmp_path):
    path = document("a")
    _, out, _ = run("measure", path, tmp_path / "." / "a.landmarks.json", path, "--format", "json")
    assert len(json.loads(out)["cases"]) == 1


def test_a_film_stands_for_the_document_beside_it():
    _, out, _ = run("measure", SAMPLES / "lateral_02.dcm", "--format", "json")
    case = json.loads(out)["cases"][0]
    assert case["sources"]["lateral"].endswith("lateral_02.landmarks.json")


def test_a_film_without_landmarks_says_so(tmp_path):
    shutil.copy(SAMPLES / "lateral_02.dcm", tmp_path / "alone.dcm")
    status, _, err = run("measure", tmp_path / "alone.dcm")
    assert status == 1
    assert "alone.landmarks.json" in err


def test_a_header_that_differs_is_a_warning_and_the_document_holds(tmp_path):
    shutil.copy(SAMPLES / "lateral_02.dcm", tmp_path)
    content = json.loads((SAMPLES / "lateral_02.landmarks.json").read_text())
    before = content["spacing_mm"]["row"]
    content["spacing_mm"] |= {"row": before * 1.1, "column": before * 1.1}
    path = tmp_path / "lateral_02.landmarks.json"
    path.write_text(json.dumps(content))
    _, out, _ = run("measure", path, "--format", "json")
    changed = json.loads(out)["cases"][0]
    _, out, _ = run("measure", SAMPLES / "lateral_02.landmarks.json", "--format", "json")
    plain = json.loads(out)["cases"][0]
    assert any("scale" in warning and "holds" in warning for warning in changed["warnings"])
    assert changed["measurements"]["SVA"]["value"] == pytest.approx(
        1.1 * plain["measurements"]["SVA"]["value"]
    )


def test_inspect_json_is_the_contract():
    films = sorted(SAMPLES.glob("*.dcm"))
    status, out, _ = run("inspect", *films, "--format", "json")
    answer = json.loads(out)
    assert status == 0
    assert (answer["format"], answer["version"]) == ("spinal-balance-inspection", 1)
    assert [film["file"] for film in answer["films"]] == [str(film) for film in films]
    states = {film["spacing_mm"]["state"] for film in answer["films"]}
    assert {"dicom_fiducial", "dicom_geometry", "ermf", "detector", "none"} <= states


def test_inspect_says_nothing_of_the_patient():
    for style in ("json", "text"):
        _, out, err = run("inspect", *sorted(SAMPLES.glob("*.dcm")), "--format", style)
        assert "PHANTOM" not in out + err


def test_report_draws_a_figure(tmp_path):
    figure = tmp_path / "case.png"
    status, _, err = run("report", SAMPLES / "lateral_02.dcm", "-o", figure)
    assert (status, err) == (0, "")
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["case.png"]


def test_report_pairs_two_films(tmp_path):
    inputs = [SAMPLES / f"{view}_01.landmarks.json" for view in ("lateral", "frontal")]
    assert run("report", *inputs, "-o", tmp_path / "both.png")[0] == 0


@pytest.mark.parametrize(
    ("inputs", "output", "status"),
    [
        (["lateral_02", "lateral_03"], "out.png", 1),
        (["lateral_02"], "out.txt", 2),
        (["lateral_02"], "no/such/folder/out.png", 1),
    ],
)
def test_report_refuses_without_leaving_anything(tmp_path, inputs, output, status):
    paths = [SAMPLES / f"{name}.landmarks.json" for name in inputs]
    code, _, err = run("report", *paths, "-o", tmp_path / output)
    assert code == status
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "target"), [("coco", "set.json"), ("csv", "set.csv"),
                                              ("slicer", "markups")])  # fmt: skip
def test_what_is_exported_is_imported_again(tmp_path, name, target):
    document = SAMPLES / "lateral_02.landmarks.json"
    status, out, err = run("export", document, "--to", name, "-o", tmp_path / target)
    assert (status, err) == (0, "")
    written = Path(out.strip().splitlines()[0])
    status, out, err = run("import", written, "--from", name, "-o", tmp_path / "back")
    assert (status, err) == (0, "")
    measured = [
        json.loads(run("measure", path, "--format", "json")[1])["cases"][0]["measurements"]
        for path in (document, *(tmp_path / "back").iterdir())
    ]
    assert len(measured) == 2
    for key, one in measured[0].items():
        assert measured[1][key]["value"] == pytest.approx(one["value"], abs=1e-6), key


@pytest.mark.parametrize("view", ["lateral", "both"])
def test_phantoms_are_written_and_measured_as_built(tmp_path, view):
    status, out, err = run(
        "phantom", "-o", tmp_path / "p", "--count", 1, "--seed", 3, "--view", view
    )
    assert (status, err) == (0, "")
    for truth in sorted((tmp_path / "p").glob("*.truth.landmarks.json")):
        _, out, _ = run("measure", truth, "--format", "json")
        measured = json.loads(out)["cases"][0]["measurements"]
        told = json.loads((truth.parent / truth.name.replace(".landmarks", "")).read_text())
        for key, value in told["parameters"].items():
            if key in measured and measured[key]["value"] is not None:
                if measured[key]["unit"] == "mm":
                    value *= told["told_over_true"] or 1.0
                assert measured[key]["value"] == pytest.approx(value, abs=1e-3), key


def test_calibrate_scales_a_document_by_an_object_of_known_size(document, tmp_path):
    path = document("one", spacing_mm=None)
    answer = tmp_path / "scaled.landmarks.json"
    status, _, err = run(
        "calibrate", path, "--size-mm", 100, "--lies", "patient", "-o", answer,
        "--length", 100, 200, 100, 700,
    )  # fmt: skip
    assert (status, err) == (0, "")
    spacing = json.loads(answer.read_text())["spacing_mm"]
    assert spacing["row"] == pytest.approx(0.2)
    assert (spacing["source"], spacing["plane"]) == ("user_fiducial", "patient")
    detector = run(
        "calibrate", path, "--size-mm", 100, "--lies", "detector", "-o", answer,
        "--length", 100, 200, 100, 700,
    )  # fmt: skip
    assert detector[0] == 0
    case = json.loads(run("measure", answer, "--format", "json")[1])["cases"][0]
    assert case["grades"]["srs_schwab.SVA"]["grade"] is None
    assert "calibrated" in case["grades"]["srs_schwab.SVA"]["reason"]


def test_calibrate_asks_where_the_object_lay(document, tmp_path):
    path = document("one")
    status, *_ = run("calibrate", path, "--size-mm", 100, "-o", tmp_path / "x.json", "--length",
                     0, 0, 0, 9)  # fmt: skip
    assert status == 2


def test_an_import_that_is_refused_says_why(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    status, _, err = run("import", tmp_path / "broken.json", "--from", "coco", "-o", tmp_path / "o")
    assert status == 1
    assert err.startswith("refused: ")
    assert not (tmp_path / "o").exists()


def test_every_segmental_value_is_a_column():
    path = SAMPLES / "lateral_01.landmarks.json"
    values = json.loads(run("measure", path, "--segmental", "--format", "json")[1])["cases"][0]
    row = next(
        csv.DictReader(io.StringIO(run("measure", path, "--segmental", "--format", "csv")[1]))
    )
    for key, one in values["measurements"].items():
        if one["value"] is not None:
            assert float(row[key]) == pytest.approx(one["value"], rel=1e-6, abs=1e-9), key
    assert {"listhesis.L5_S1", "segmental.T12_L1"} <= row.keys()


def test_a_film_named_by_a_uid_does_not_answer_for_another(document, tmp_path):
    document("1.2.3", case="another patient")
    shutil.copy(SAMPLES / "lateral_02.dcm", tmp_path / "1.2.3.4")
    status, out, _ = run("measure", tmp_path / "1.2.3.4", "--format", "json")
    assert status == 1
    assert json.loads(out)["cases"] == []


def test_a_film_of_another_uid_beside_the_document_is_asked_about(tmp_path):
    content = json.loads((SAMPLES / "lateral_02.landmarks.json").read_text())
    content["image"]["sop_instance_uid"] = "1.2.3"
    shutil.copy(SAMPLES / "lateral_02.dcm", tmp_path / "film.DCM")
    content["image"]["file"] = "elsewhere.dcm"
    path = tmp_path / "film.landmarks.json"
    path.write_text(json.dumps(content))
    case = json.loads(run("measure", path, "--format", "json")[1])["cases"][0]
    assert any("UID" in warning for warning in case["warnings"])
    assert "1.2.3" not in " ".join(case["warnings"])


def test_an_odd_file_name_leaves_the_answer_readable(document, tmp_path):
    import os

    plain = document("plain")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff\n.landmarks.json")
    Path(odd).write_bytes(plain.read_bytes())
    status, out, _ = run("measure", odd, plain, "--format", "json")
    assert status == 0
    assert len(json.loads(out)["cases"]) == 2
    Path(odd).write_text("{")
    for command in (
        ("measure", odd),
        ("calibrate", odd, "--size-mm", 1, "--lies", "skin", "--length", 0, 0, 0, 9, "-o", "x"),
        ("import", odd, "--from", "coco", "-o", "x"),
    ):
        status, _, err = run(*command)
        assert status == 1
        assert err.count("\n") == 1


def test_one_bad_film_does_not_stop_the_demo(document, tmp_path):
    document("bad")
    (tmp_path / "bad.dcm").write_text("no film")
    document("good", "frontal00")
    status, _, err = run("demo", tmp_path, "-o", tmp_path / "out")
    assert status == 1
    assert "bad.dcm" in err
    assert (tmp_path / "out" / "good.png").exists()
    assert not (tmp_path / "out" / "bad.png").exists()


@pytest.mark.slow
def test_demo_leaves_figures_and_result_files(tmp_path):
    status, out, _ = run("demo", SAMPLES, "-o", tmp_path / "out")
    assert status == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"cases.csv", "measurements.json", "case_a.png"} <= names
    assert "SVA" in out
    assert "PHANTOM" not in out + (tmp_path / "out" / "measurements.json").read_text()


def test_a_bug_is_one_sentence_and_a_traceback_only_on_request(document, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the patient is called Miller")

    monkeypatch.setattr("balance.analysis.analyse_files", broken)
    path = document("one")
    status, out, err = run("measure", path)
    assert status == 1
    assert "Miller" not in out + err
    assert "RuntimeError" in err
    monkeypatch.setattr("sys.argv", ["spinal-balance", "measure", str(path), "--debug"])
    with pytest.raises(RuntimeError):
        cli.main()


LATERAL = SAMPLES / "lateral_02.landmarks.json"


@pytest.mark.parametrize(
    "command",
    [
        ("agree", SAMPLES, "EMPTY"),
        ("calibrate", LATERAL, "--size-mm", 9, "--lies", "patient", "--length", 0, 0, 0, 900),
        ("demo", "EMPTY"),
        ("export", LATERAL, "--to", "slicer"),
        ("phantom",),
        ("plan", LATERAL, "--correct", "L3:pso:25"),
        ("propose", SAMPLES / "lateral_02.dcm", "--clicks", LATERAL),
    ],
    ids=lambda command: command[0],
)
def test_an_answer_that_cannot_be_written_names_the_place(tmp_path, command):
    (tmp_path / "file").write_text("a file is no folder")
    (tmp_path / "EMPTY").mkdir()
    words = [tmp_path / word if word == "EMPTY" else word for word in command]
    output = tmp_path / "file" / "answer"
    status, _, err = run(*words, "-o", output)
    said = err.splitlines()
    assert status == 1
    assert [line for line in said if line.startswith(f"refused: {output}: ")]
    assert "; choose another " in err
    assert "Traceback" not in err
    assert (tmp_path / "file").read_text() == "a file is no folder"


def test_interrupting_ends_with_130(document, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("balance.analysis.analyse_files", interrupted)
    assert run("measure", document("one"))[0] == 130
