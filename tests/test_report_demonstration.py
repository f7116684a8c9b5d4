"""What the demonstration leaves of a folder of samples, and what it says of it."""

import json
import shutil
from pathlib import Path

import pytest

from balance.analysis import Failure, analyse_files
from balance.report.demonstration import write_demonstration

SAMPLES = Path(__file__).parents[1] / "sample_images"


@pytest.fixture
def folder(tmp_path):
    """Two documents without films, one of them with a plan beside it."""
    for name in ("lateral_03.landmarks.json", "lateral_03.plan.json", "frontal_03.landmarks.json"):
        shutil.copy(SAMPLES / name, tmp_path / name)
    return tmp_path


def demonstrated(folder, failures=()):
    analyses, refused = analyse_files(sorted(folder.glob("*.landmarks.json")))
    output = folder / "out"
    return write_demonstration(folder, analyses, (*failures, *refused), output), output


def test_every_sample_leaves_a_figure_and_a_report_and_every_plan_its_pages(folder):
    done, output = demonstrated(folder)
    assert done.refused == ()
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert {path.relative_to(output).as_posix() for path in done.written} == names
    assert names == {
        "measurements.json", "cases.csv", "case_c_before.png", "case_g.png",
        "report/case_c_before.pdf", "report/case_c_before.html",
        "report/case_g.pdf", "report/case_g.html",
        *(f"plan/lateral_03/{name}" for name in (
            "plan.json", "planned.landmarks.json", "values.json", "plan.pdf", "plan.html")),
    }  # fmt: skip
    # A report tells of single levels, the plain values do not.
    assert "Bodies, discs and slips" in (output / "report" / "case_g.html").read_text()
    assert "segmental" not in (output / "measurements.json").read_text()


def test_the_last_lines_say_where_everything_lies(folder):
    done, output = demonstrated(folder)
    first, *places = done.told
    assert first == f"2 examinations: {len(done.written)} files in {output}"
    told = "\n".join(places)
    assert f"{output / 'report'}: 2 reports" in told
    assert f"{output / 'plan' / 'lateral_03'}: a plan" in told
    for path in done.written:
        shown = (output / "*.png") if path.suffix == ".png" else path
        assert str(shown) in told or str(path.parent) in places[-1] + places[-2]


def test_a_film_that_cannot_be_read_is_told_once_and_stops_nothing_else(folder):
    (folder / "lateral_03.dcm").write_text("no film")
    document = folder / "frontal_03.landmarks.json"
    content = json.loads(document.read_text())
    content["image"].pop("file", None)
    document.write_text(json.dumps(content))
    done, output = demonstrated(folder)
    assert len({failure.error for failure in done.refused}) == len(done.refused) == 1
    assert "lateral_03.dcm" in done.refused[0].error
    names = {path.relative_to(output).as_posix() for path in done.written}
    assert {"case_g.png", "report/case_g.pdf"} <= names
    assert not any("case_c_before" in name for name in names)


def test_nothing_measured_leaves_the_files_of_values_alone(tmp_path):
    failure = Failure("a", "broken")
    done = write_demonstration(tmp_path, (), (failure,), tmp_path / "out")
    assert sorted(path.name for path in done.written) == ["cases.csv", "measurements.json"]
    assert done.told[0].startswith("0 examinations: 2 files")
    assert not any("report" in line or "plan" in line for line in done.told[1:])
