"""A folder in, tables out: every file ends somewhere, and equal runs are equal bytes."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import os
import shutil
import string
import sys
from contextlib import contextmanager
from pathlib import Path

import batch_faults
import openpyxl
import pyarrow.parquet as pq
import pytest
from command_line import spinal_balance
from film_writer import native, ramp
from rich.console import Console

from balance.analysis import analyse_files
from balance.batch.ledger import Ledger, read_only
from balance.batch.model import Halted, Settings, WrongUse
from balance.batch.run import run_batch
from balance.batch.workbook import write_workbook
from balance.inputs import find_documents
from balance.isolation import attempt
from balance.metrics.catalogue import METRICS
from balance.phantom.series import write_phantoms
from balance.report.record import case_record
from balance.report.table import write_cases_csv

KNOWN = Path(__file__).parent / "known"
NAME = "Zzyzx^Quimby"
PERSON = "MRN-778899"
SPACING = {"PixelSpacing": [0.2, 0.16]}


def document(path: Path, source: str = "lat00", **changes: object) -> Path:
    content = json.loads((KNOWN / f"{source}.json").read_text())["landmarks"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content | changes))
    return path


def film(path: Path, **attributes: object) -> None:
    made = native(path.parent, ramp(12), bits=12, **attributes)
    made.rename(path)


def spawned(folder: Path, output: Path, *, work=batch_faults.perform, workers=2, **told):
    """A batch as users run it."""
    settings = Settings(folder, output, folder_as_given=str(folder), workers=workers, **told)
    return run_batch(settings, Console(file=io.StringIO()), work=work)


@contextmanager
def here(settings: Settings):
    """The work done in this process: what a test of something else needs."""

    def run(function, things, *, seconds=None):
        return ((thing, attempt(function, thing)) for thing in things)

    before = Path.cwd()
    try:
        yield run
    finally:
        os.chdir(before)


def batch(folder: Path, output: Path, **told):
    settings = Settings(folder, output, folder_as_given=str(folder), **told)
    return run_batch(settings, Console(file=io.StringIO()), mapping=here)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tree(output: Path) -> dict[str, bytes]:
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }


def fill(folder: Path) -> None:
    """What a folder may hold: good documents, pairs, copies, damage, traps, hostile names."""
    for name in ("lat00", "lat01", "lat02"):
        document(folder / "a" / f"{name}.landmarks.json", name)
    document(folder / "copy of lat00.landmarks.json")
    document(folder / "p" / "side.landmarks.json", "lat03", case="C-1", patient={"sex": "M"})
    document(folder / "p" / "front.landmarks.json", "frontal00", case="C-1")
    # two of one view and position in one case
    for name in ("x", "y"):
        document(folder / "twice" / f"{name}.landmarks.json", "lat04", case="C-2")
    document(folder / "no scale.landmarks.json", "lat05", spacing_mm=None)
    document(folder / "=cmd|' /C calc'!A0.landmarks.json", "lat06")
    document(folder / "line\nbreak\u202e<script>alert(1)</script>.landmarks.json", "lat07")
    document(folder / "evil.landmarks.json", "lat08", case="../../../etc/passwd")
    document(folder / "same.landmarks.json", "lat09", case="a/b")
    document(folder / "same too.landmarks.json", "lat10", case="a_b")
    (folder / "broken.landmarks.json").write_text('{"format": ')
    (folder / "other.landmarks.json").write_text('{"format": "something else"}')
    document(folder / "a" / "lat00.truth.landmarks.json")
    document(folder / "a" / "lat00.clicks.landmarks.json")
    film(folder / "unmarked.dcm", PatientName=NAME)
    film(folder / "1.2.840.7", PatientName=NAME)
    film(folder / "a" / "lat00.dcm", PatientName=NAME, PatientID=PERSON, **SPACING)
    film(folder / "begun.dcm", PatientName=NAME)
    document(folder / "begun.landmarks.json", points={})
    document(folder / "lost.landmarks.json", points={})
    whole = (folder / "unmarked.dcm").read_bytes()
    (folder / "cut.dcm").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("not a film")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "link.landmarks.json").symlink_to(folder / "a" / "lat01.landmarks.json")
    (folder / "nowhere.landmarks.json").symlink_to(folder / "absent")
    os.mkfifo(folder / "pipe.dcm")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder, output = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    fill(folder)
    return folder, output, spawned(folder, output)


def test_every_file_ends_once(ran):
    folder, output, summary = ran
    cases = table(output / "cases.csv")
    failures, work = table(output / "failures.csv"), table(output / "worklist.csv")
    measured = {one for row in cases for one in (row["lateral"], row["frontal"]) if one}
    refused = {row["source"] for row in failures}
    left = {str(Path(row["source"]).relative_to(folder)) for row in work}
    assert {row["case"] for row in cases} == {
        "a/lat00", "a/lat01", "a/lat02", "copy of lat00", "C-1", "no scale",
        "'=cmd|' /C calc'!A0", "line\nbreak\u202e<script>alert(1)</script>",
        "../../../etc/passwd", "a/b", "a_b",
    }  # fmt: skip
    assert refused == {
        "broken.landmarks.json", "other.landmarks.json", "twice/x.landmarks.json",
        "twice/y.landmarks.json", "nowhere.landmarks.json", "pipe.dcm",
        "lost.landmarks.json",
    }  # fmt: skip
    assert left == {"unmarked.dcm", "1.2.840.7", "cut.dcm", "begun.dcm"}
    assert not measured & refused
    assert {row["status"] for row in failures} == {"rejected"}
    assert {row["status"] for row in work} == {"unmarked"}
    assert summary.counts.total() == len(cases) + len(failures) + len(work)
    assert not summary.all_measured
    assert summary.notes == ("1 linked folder not entered: name the real one",)


def test_failures_say_what_and_what_to_do(ran):
    _, output, _ = ran
    said = {row["source"]: row["error"] for row in table(output / "failures.csv")}
    assert "broken JSON" in said["broken.landmarks.json"]
    assert "its film is not beside it" in said["lost.landmarks.json"]
    for name in ("twice/x.landmarks.json", "twice/y.landmarks.json"):
        assert "twice/x.landmarks.json and twice/y.landmarks.json" in said[name]
    assert "not a regular file" in said["pipe.dcm"]


def test_values_are_those_of_measure(ran):
    folder, output, _ = ran
    paths, _ = find_documents([folder])
    analyses, _ = analyse_files(paths)
    text = io.StringIO(newline="")
    write_cases_csv(analyses, text)
    measured = {
        row["case"].removeprefix("'").removeprefix(f"{folder}/"): row
        for row in csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    }
    batched = {row["case"].removeprefix("'"): row for row in table(output / "cases.csv")}
    # without a point there is nothing to measure: the batch leaves the film to be marked
    assert not any(measured.pop(name)["SVA"] for name in ("begun", "lost"))
    assert measured.keys() == batched.keys()
    assert {metric.key for metric in METRICS} <= set(next(iter(batched.values())))
    for case, row in measured.items():
        same = {key: batched[case][key] for key in row if key != "case"}
        assert same == {key: value for key, value in row.items() if key != "case"}


def test_status_is_partial_where_a_lead_value_is_missing(ran):
    _, output, _ = ran
    status = {row["case"]: row["status"] for row in table(output / "cases.csv")}
    assert status["a/lat00"] == "ok"
    assert status["no scale"] == "partial"


def test_a_case_is_partial_where_one_of_its_documents_was_refused(tmp_path):
    folder = tmp_path / "in"
    document(folder / "side.landmarks.json", case="C")
    document(folder / "front.landmarks.json", "frontal00", case="C", version=9)
    batch(folder, tmp_path / "out")
    (row,) = table(tmp_path / "out" / "cases.csv")
    (failure,) = table(tmp_path / "out" / "failures.csv")
    assert (row["case"], row["status"], row["frontal"]) == ("C", "partial", "")
    assert failure["source"] == "front.landmarks.json"


def test_each_case_has_its_record(ran):
    folder, output, _ = ran
    records = [json.loads(path.read_bytes()) for path in (output / "cases").iterdir()]
    assert len(records) == len(table(output / "cases.csv"))
    by_id = {record["id"]: record for record in records}
    (analysis,), _ = analyse_files([folder / "a" / "lat01.landmarks.json"])
    expected = json.loads(json.dumps(case_record(analysis)))
    found = by_id["a/lat01"]
    assert found["sources"] == {"lateral": "a/lat01.landmarks.json", "frontal": None}
    named = ("id", "sources")
    assert {k: v for k, v in found.items() if k not in named} == {
        k: v for k, v in expected.items() if k not in named
    }


def test_file_names_stay_inside_and_apart(ran):
    folder, output, _ = ran
    names = [path.name for path in (output / "cases").iterdir()]
    allowed = set(string.ascii_letters + string.digits + "._-~+")
    assert all(set(name) <= allowed for name in names)
    assert not (folder.parent / "etc").exists()
    assert len({name.lower() for name in names}) == len(names)


def test_no_cell_is_a_formula(ran):
    _, output, _ = ran
    for name in ("cases.csv", "failures.csv", "worklist.csv"):
        for row in table(output / name):
            for cell in row.values():
                if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
                    assert cell in ("+", "++") or float(cell) is not None


def test_numbers_keep_six_significant_digits(ran):
    _, output, _ = ran
    exact = pq.read_table(output / "cases.parquet").to_pylist()
    printed = table(output / "cases.csv")
    assert [row["case"].removeprefix("'") for row in printed] == [row["case"] for row in exact]
    compared = 0
    for text, number in zip(printed, exact, strict=True):
        for key, value in number.items():
            if isinstance(value, float):
                assert float(text[key]) == pytest.approx(value, rel=1e-8)
                compared += 1
            elif key not in ("case", "lateral", "warnings"):
                assert text[key] == (value or "")
    assert compared > 1000


def test_long_parquet_gives_every_value_or_its_reason(ran):
    _, output, _ = ran
    lines = pq.read_table(output / "cases_long.parquet").to_pylist()
    values = [line for line in lines if line["kind"] == "value"]
    assert all((line["value"] is None) == bool(line["reason"]) for line in values)
    sva = {line["case"]: line for line in values if line["key"] == "SVA"}
    assert sva["no scale"]["value"] is None
    assert sva["no scale"]["reason"].startswith("no scale")
    assert (sva["a/lat00"]["unit"], sva["a/lat00"]["confirmation"]) == ("mm", "confirmed")
    assert sva["a/lat00"]["low"] < sva["a/lat00"]["value"] < sva["a/lat00"]["high"]
    grades = [line for line in lines if line["kind"] == "grade"]
    assert all((line["word"] is None) == bool(line["reason"]) for line in grades)
    assert any(line["kind"] == "curve" and line["case"] == "C-1" for line in lines)


def test_workbook_is_typed_and_flags_by_word_and_colour(ran):
    _, output, _ = ran
    book = openpyxl.load_workbook(output / "cases.xlsx")
    sheet = book["cases"]
    head = [cell.value for cell in sheet[1]]
    printed = table(output / "cases.csv")
    assert head == list(printed[0])
    flagged = 0
    for line, row in zip(sheet.iter_rows(min_row=2), printed, strict=True):
        cells = dict(zip(head, line, strict=True))
        assert cells["case"].data_type == "s"
        assert all(cell.data_type != "f" for cell in line)
        if row["SVA"]:
            assert cells["SVA"].data_type == "n"
            assert cells["SVA"].value == pytest.approx(float(row["SVA"]))
            assert "mm" in cells["SVA"].number_format
        past = "review.SVA" in row["flags"]
        assert (cells["SVA"].fill.fgColor.rgb == cells["grade.review.SVA"].fill.fgColor.rgb
                == "FFFBE3C4") == past  # fmt: skip
        assert cells["grade.review.SVA"].value == (row["grade.review.SVA"] or None)
        flagged += past
    assert flagged
    told = [row[0].value for row in book["definitions"].iter_rows()]
    secondary = ("_sd", "_low", "_high")
    assert [name for name in head if not name.endswith(secondary) and name not in told] == []
    sources = {row[0].value: row[3].value for row in book["definitions"].iter_rows()}
    assert all(sources[metric.key] for metric in METRICS)


def test_a_sheet_that_is_full_says_so(ran, tmp_path):
    folder, output, _ = ran
    base = read_only(output / ".ledger" / "ledger.sqlite")
    note = write_workbook(base, Settings(folder, output), tmp_path / "few.xlsx", most_rows=4)
    base.close()
    assert note is not None
    assert "first 3 of 11 cases" in note
    book = openpyxl.load_workbook(tmp_path / "few.xlsx")
    assert book["cases"].max_row == 4
    assert any(note == cell.value for row in book["definitions"].iter_rows() for cell in row)


def test_the_same_again_changes_no_byte_and_measures_nothing(ran):
    folder, output, _ = ran
    before = tree(output)
    touched = {path: path.stat().st_ino for path in (output / "cases").iterdir()}
    summary = batch(folder, output)
    assert tree(output) == before
    assert touched == {path: path.stat().st_ino for path in (output / "cases").iterdir()}
    # what could not even be looked at is no work
    assert (summary.done, summary.kept) == (0, summary.counts.total() - 2 - 1)


def test_another_run_of_one_worker_gives_the_same_bytes(ran, tmp_path):
    folder, output, _ = ran
    spawned(folder, tmp_path / "again", workers=1)
    again, before = tree(tmp_path / "again"), tree(output)
    assert again.keys() == before.keys()
    assert [name for name in before if again[name] != before[name]] == []


def test_no_header_value_leaves_unless_asked_for(ran):
    _, output, _ = ran
    for name, content in tree(output).items():
        for secret in (b"Zzyzx", b"Quimby", PERSON.encode()):
            assert secret not in content, name


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "in"
    document(folder / "one.landmarks.json", "lat00")
    document(folder / "two.landmarks.json", "lat01")
    film(folder / "one.dcm", PatientName=NAME, PatientID=PERSON, StudyDate="20200102", **SPACING)
    return folder, tmp_path / "out"


def test_identifiers_stand_in_the_tables_when_asked_for(small):
    folder, output = small
    batch(folder, output, with_phi=True)
    one, two = table(output / "cases.csv")
    assert (one["patient_id"], one["patient_name"], one["study_date"]) == (PERSON, NAME, "20200102")
    assert two["patient_id"] == ""
    assert NAME.encode() not in (output / "index.html").read_bytes()
    batch(folder, output)
    assert all(NAME.encode() not in content for content in tree(output).values())


def test_a_key_makes_the_same_pseudonym_everywhere(small, tmp_path):
    folder, output = small
    key = b"0123456789abcdef-secret"
    batch(folder, output, key=key)
    expected = hmac.new(key, PERSON.encode(), hashlib.sha256).hexdigest()[:16]
    assert [row["patient"] for row in table(output / "cases.csv")] == [expected, ""]
    assert all(PERSON.encode() not in c and key not in c for c in tree(output).values())
    batch(folder, output)
    assert [row["patient"] for row in table(output / "cases.csv")] == ["1", "2"]


def test_only_what_changed_is_measured_again(small):
    folder, output = small
    batch(folder, output)
    stay = (output / "cases" / "two.json").stat().st_ino
    document(folder / "one.landmarks.json", "lat02")
    document(folder / "three.landmarks.json", "lat03")
    summary = batch(folder, output)
    assert (summary.done, summary.kept) == (2, 1)
    assert (output / "cases" / "two.json").stat().st_ino == stay
    (folder / "two.landmarks.json").unlink()
    batch(folder, output)
    assert {path.name for path in (output / "cases").iterdir()} == {"one.json", "three.json"}
    assert [row["case"] for row in table(output / "cases.csv")] == ["one", "three"]
    # another question is another answer
    assert batch(folder, output, reading="within_reader").done == 2


def test_a_lost_or_cut_record_is_made_again(small):
    folder, output = small
    batch(folder, output)
    before = tree(output)
    (output / "cases" / "one.json").write_text("")
    (output / "cases" / "two.json").unlink()
    assert batch(folder, output).done == 2
    assert tree(output) == before


def test_a_film_that_changes_is_compared_again(small):
    folder, output = small
    batch(folder, output)
    film(folder / "one.dcm", PixelSpacing=[0.5, 0.5])
    assert batch(folder, output).done == 1
    assert "differs from the film header's" in table(output / "cases.csv")[0]["warnings"]


def test_a_new_version_measures_again(small, monkeypatch):
    folder, output = small
    batch(folder, output)
    monkeypatch.setattr("balance.batch.plan.__version__", "99.0")
    assert batch(folder, output).done == 2


def test_a_path_that_reads_like_a_case_is_another_patient(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    document(folder / "x.landmarks.json", "lat00")
    document(folder / "a.landmarks.json", "lat01", case="x")
    document(folder / "z.landmarks.json", "lat01", case="x", acquisition={"position": "supine"})
    batch(folder, output)
    rows = {row["lateral"][0]: (row["case"], row["patient"]) for row in table(output / "cases.csv")}
    assert {case for case, _ in rows.values()} == {"x"}
    assert rows["a"] == rows["z"] != rows["x"]


@pytest.mark.slow
def test_what_kills_its_worker_is_one_film(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    for name in ("dies", "dies_once", "sleeps", "eats", "leaks", "good1", "good2", "good3"):
        document(folder / f"{name}.landmarks.json")
    told = {"seconds": 10.0, "memory": 600 << 20}
    spawned(folder, output, work=batch_faults.misbehave, **told)
    ended = {row["source"].split(".")[0]: row for row in table(output / "failures.csv")}
    assert {name: row["status"] for name, row in ended.items()} == {
        "dies": "crashed", "sleeps": "timeout", "eats": "out-of-memory", "leaks": "crashed",
    }  # fmt: skip
    assert "Zzyzx" not in ended["leaks"]["error"]
    good = [row["case"] for row in table(output / "cases.csv")]
    assert good == ["dies_once", "good1", "good2", "good3"]
    # it may have been the machine: the next run tries those again, and only those
    summary = batch(folder, output, **told)
    assert (summary.done, summary.kept, summary.all_measured) == (4, 4, True)


def test_a_pair_under_the_wrong_views_is_refused(tmp_path):
    folder = tmp_path / "in"
    document(folder / "s.landmarks.json", "lat00")
    document(folder / "f.landmarks.json", "frontal00")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("lateral,frontal,case\nf.landmarks.json,s.landmarks.json,C\n")
    with pytest.raises(WrongUse, match=r"row 2: f\.landmarks\.json stands under lateral"):
        batch(folder, tmp_path / "out", pairs=pairs)


def test_pairs_go_before_what_the_documents_say(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    document(folder / "s.landmarks.json", "lat00", case="A", patient={"sex": "F"})
    document(folder / "f.landmarks.json", "frontal00", case="B", patient={"sex": "F"})
    document(folder / "t.landmarks.json", "lat01")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "lateral,frontal,case\ns.dcm,f.landmarks.json,both\nabsent.dcm,,\ngone.dcm,,\n"
    )
    batch(folder, output, pairs=pairs)
    rows = {row["case"]: row for row in table(output / "cases.csv")}
    assert rows.keys() == {"both", "t"}
    assert (rows["both"]["lateral"], rows["both"]["frontal"]) == (
        "s.landmarks.json", "f.landmarks.json",
    )  # fmt: skip
    assert rows["both"]["SVA"]
    assert rows["both"]["C7_CSVL"]
    failures = {row["source"]: row["error"] for row in table(output / "failures.csv")}
    assert failures.keys() == {"absent.dcm", "gone.dcm"}
    assert "row 3" in failures["absent.dcm"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lateral,case\na,b\n", "no column 'frontal'"),
        ("lateral,frontal,case\na,,x\nb,,x\n", "stands in row 2 already"),
        ("lateral,frontal,case\ns,,x\ns,,y\n", "name each document once"),
    ],
)
def test_a_table_of_pairs_that_contradicts_itself_is_wrong_usage(tmp_path, text, words):
    folder = tmp_path / "in"
    for name in ("a", "b", "s"):
        document(folder / f"{name}.landmarks.json")
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(WrongUse, match=words):
        batch(folder, tmp_path / "out", pairs=tmp_path / "pairs.csv")


def test_figures_are_drawn_and_a_broken_film_costs_only_its_figure(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    document(folder / "good.landmarks.json")
    document(folder / "bad.landmarks.json")
    film(folder / "bad.dcm", **SPACING)
    whole = (folder / "bad.dcm").read_bytes()
    (folder / "bad.dcm").write_bytes(whole[:-1000])
    summary = batch(folder, output, figures=True)
    assert [row["case"] for row in table(output / "cases.csv")] == ["bad", "good"]
    (failure,) = table(output / "failures.csv")
    assert failure["source"] == "bad.landmarks.json"
    assert "no figure was written" in failure["error"]
    assert [path.name for path in (output / "figures").iterdir()] == ["good.png"]
    assert not summary.all_measured
    batch(folder, output)
    assert not list((output / "figures").iterdir())


@pytest.mark.slow
def test_proposed_points_make_a_case_unconfirmed_and_are_kept(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    write_phantoms(folder, count=1, seed=3, style="plain", view="lateral")
    (truth,) = folder.glob("*.truth.landmarks.json")
    content = json.loads(truth.read_text())
    clicked = {
        name: point
        for name, point in content["points"].items()
        if name.startswith(("S1_superior", "femoral_head", "L1_superior", "C7_"))
    }
    name = truth.name.replace(".truth.", ".clicks.")
    (folder / name).write_text(json.dumps(content | {"points": clicked}))
    batch(folder, output)
    assert len(table(output / "worklist.csv")) == 1
    assert table(output / "cases.csv") == []
    batch(folder, output, propose=True)
    assert table(output / "worklist.csv") == []
    (row,) = table(output / "cases.csv")
    assert row["confirmation"] == "unconfirmed"
    assert row["TK"]
    assert row["grade.srs_schwab.PI_LL"] or row["PI_LL"]
    (kept,) = (output / "landmarks").iterdir()
    points = json.loads(kept.read_text())["points"]
    assert len(points) > 60
    for name, point in clicked.items():
        assert (points[name]["x"], points[name]["y"]) == (point["x"], point["y"])
    assert all(points[name].get("confirmed") is False for name in points.keys() - clicked.keys())


def test_results_inside_the_folder_are_not_read_as_films(small):
    folder, _ = small
    output = folder / "results"
    batch(folder, output, figures=True)
    summary = batch(folder, folder / "others", figures=True)
    assert summary.counts == {"ok": 2}


def test_one_run_at_a_time(small):
    folder, output = small
    output.mkdir()
    held = Ledger(output)
    held.base.execute("BEGIN IMMEDIATE")
    with pytest.raises(Halted, match="another batch is writing here"):
        batch(folder, output)
    held.base.execute("COMMIT")
    held.close()
    assert batch(folder, output).counts == {"ok": 2}


def test_a_ledger_that_is_none_is_named(small):
    folder, output = small
    (output / ".ledger").mkdir(parents=True)
    (output / ".ledger" / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(Halted, match=r"remove the folder .*\.ledger to start again"):
        batch(folder, output)


def test_without_the_extra_the_other_tables_are_written(small, monkeypatch):
    folder, output = small
    batch(folder, output)
    for module in ("xlsxwriter", "pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in ("balance.batch.workbook", "balance.batch.parquet"):
        monkeypatch.delitem(sys.modules, module, raising=False)

    notes = batch(folder, output).notes
    assert len(notes) == 2
    assert all("pip install 'spinal-balance[tables]'" in note for note in notes)
    assert not (output / "cases.xlsx").exists()
    assert len(table(output / "cases.csv")) == 2


def run(*arguments):
    return spinal_balance("batch", *arguments)


@pytest.mark.slow
def test_exit_status(small):
    folder, output = small
    status, out, _ = run(folder, "-o", output, "--workers", 1)
    assert status == 0
    assert out.strip() == f"2 ok: tables and index.html in {output}"
    (folder / "bad.landmarks.json").write_text("{")
    status, out, _ = run(folder, "-o", output, "--workers", 1)
    assert status == 1
    assert "2 ok, 1 rejected, 2 of them done before" in out
    shutil.rmtree(folder)
    folder.mkdir()
    status, out, _ = run(folder, "-o", output, "--workers", 1)
    assert status == 1
    assert "nothing" in out
    assert table(output / "cases.csv") == []


def test_wrong_usage_is_2_and_one_sentence(small, tmp_path):
    folder, output = small
    (tmp_path / "short").write_bytes(b"abc")
    for wrong in (
        [folder / "absent", "-o", output],
        [folder, "-o", folder],
        [folder, "-o", output, "--key", tmp_path / "short"],
        [folder, "-o", output, "--key", tmp_path / "absent"],
        [folder, "-o", output, "--pairs", tmp_path / "absent"],
    ):
        status, _, err = run(*wrong)
        assert status == 2
        assert err.startswith("refused: ")
        assert err.count("\n") == 1
    assert run(folder)[0] == 2
