"""A report destroys nothing that it reads, changes no word of the reader and hides no refusal."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import numpy as np
import pydicom
import pytest
from command_line import spinal_balance
from strategies import (
    STANDING,
    Posture,
    analysed,
    average_document,
    document,
    encoded,
    frontal_document,
)

from balance.analysis import analyse_files
from balance.examination import Refusal
from balance.landmarks.files import parse_landmarks
from balance.planning.plan import Correction, Plan
from balance.planning.planned import analyse_plan
from balance.report.document import Document, Facts, Lines, Section, Table, all_texts
from balance.report.fields import read_fields
from balance.report.impression import impression
from balance.report.page_html import html_page
from balance.report.page_pdf import pdf_page
from balance.report.radiology import radiology_report
from balance.report.refused import with_refusals
from balance.report.report_files import BadReport, in_time, write_reports_of

SAMPLES = Path(__file__).parents[1] / "sample_images"

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed"
)


def film(path):
    grey = np.linspace(0.0, 1.0, 60 * 40).reshape(60, 40)
    matplotlib.image.imsave(path, grey, cmap="gray")
    return path.read_bytes()


def written(path, doc):
    path.write_bytes(encoded(doc))
    return path


def said(analysis):
    return " ".join(one.text for line in impression(analysis) for one in line)


# --- What is read is never written over ---------------------------------------------------------


@pytest.fixture
def case(tmp_path):
    """A document with its film as PNG beside it, and the bytes of every file."""
    film(tmp_path / "x.png")
    written(tmp_path / "x.landmarks.json", average_document(image={"file": "x.png"}))
    return tmp_path


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused_whole(folder, *words):
    before = bytes_of(folder)
    done = spinal_balance(*words)
    assert done.exit_code == 1, done.output
    assert done.stderr.count("\n") == 1
    assert "would be lost" in done.stderr
    assert bytes_of(folder) == before


def test_a_figure_never_replaces_the_film_that_it_shows(case, monkeypatch):
    document = case / "x.landmarks.json"
    refused_whole(case, "report", document, "-o", case / "x.png")
    refused_whole(case, "report", case, "-o", case / "x.png")
    refused_whole(case, "report", case / "x.png", "-o", case / "x.png")
    (case / "sub").mkdir()
    refused_whole(case, "report", document, "-o", case / "sub" / ".." / "x.png")
    (case / "link.png").symlink_to(case / "x.png")
    refused_whole(case, "report", document, "-o", case / "link.png")
    monkeypatch.chdir(case)
    refused_whole(case, "report", document, "-o", "x.png")


def test_a_figure_does_not_become_the_film_of_the_next_run(tmp_path):
    path = written(tmp_path / "x.landmarks.json", average_document())
    refused_whole(tmp_path, "report", path, "-o", tmp_path / "x.png")
    done = spinal_balance("report", path, "-o", tmp_path / "figure.png")
    assert done.exit_code == 0, done.output


def test_the_fields_file_is_kept(case):
    (case / "own.html").write_text("history: pain")
    words = ["--fields", case / "own.html"]
    refused_whole(case, "report", case / "x.landmarks.json", *words, "-o", case / "own.html")


def test_points_are_not_exported_over_their_documents(case):
    plain = shutil.copy(case / "x.landmarks.json", case / "y.json")
    refused_whole(case, "export", plain, "--to", "coco", "-o", plain)
    refused_whole(case, "export", case / "x.landmarks.json", "--to", "csv", "-o", case / "x.png")


def test_a_proposal_replaces_neither_film_nor_clicks(case):
    marks = case / "x.landmarks.json"
    refused_whole(case, "propose", case / "x.png", "-o", case / "x.png")
    refused_whole(case, "propose", case / "x.png", "--clicks", marks, "-o", marks)


def test_a_scale_is_written_into_another_document(case):
    marks = case / "x.landmarks.json"
    words = ["--size-mm", 25, "--lies", "patient", "--length", 1, 1, 30, 1]
    refused_whole(case, "calibrate", marks, *words, "-o", marks)
    refused_whole(case, "calibrate", marks, *words, "-o", case / "x.png")
    assert spinal_balance("calibrate", marks, *words, "-o", case / "y.json").exit_code == 0


def test_a_plan_replaces_neither_its_film_nor_what_it_was_read_from(tmp_path):
    own = shutil.copy(SAMPLES / "lateral_03.landmarks.json", tmp_path / "planned.landmarks.json")
    refused_whole(tmp_path, "plan", own, "--correct", "L3:pso:25", "-o", tmp_path)
    plan = shutil.copy(SAMPLES / "lateral_03.plan.json", tmp_path / "values.json")
    other = SAMPLES / "lateral_03.landmarks.json"
    refused_whole(tmp_path, "plan", other, "--plan", plan, "-o", tmp_path)


def test_a_tour_of_a_folder_replaces_no_film_in_it(case):
    named = json.loads((case / "x.landmarks.json").read_text()) | {"case": "x"}
    written(case / "x.landmarks.json", named)
    before = bytes_of(case)
    done = spinal_balance("demo", case, "-o", case)
    assert done.exit_code == 1
    assert "would be lost" in done.stderr
    assert bytes_of(case) == before


# --- The reader's own words ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["0042", "007", "12:30:15", "0x1F", "1_000", "1.10", "yes", "no", "true", "1e3", "2001-05-03",
     "2001-13-45", ".5", "+7", "~"],
)  # fmt: skip
def test_words_are_printed_as_they_are_written(tmp_path, text):
    path = tmp_path / "fields.yaml"
    path.write_text(f"name: {text}\nhistory: {text}\nprior_films: [{text}, MRI]\n")
    read = read_fields(path)
    assert read.name == text
    assert dict(read.words) == {"history": text, "prior_films": f"{text}\nMRI"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("f.yaml", "history: a\nname: b\nhistory: c\n"), ("f.json", '{"history": 1, "history": 2}')],
)
def test_a_field_that_stands_twice_is_refused_by_its_name(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    out = tmp_path / "out.html"
    done = spinal_balance(
        "report", SAMPLES / "lateral_02.landmarks.json", "--fields", path, "-o", out
    )
    assert done.exit_code == 1
    assert "'history' stands twice" in done.stderr
    assert not out.exists()


# --- Whose page it is ---------------------------------------------------------------------------


def test_cases_that_end_alike_have_their_own_headings(tmp_path):
    visits = [analysed(average_document() | {"case": name}) for name in ("A/113", "B/113")]
    assert [radiology_report(one, {}).pseudonym for one in visits] == ["A/113", "B/113"]
    pages, _ = write_reports_of(visits, tmp_path)
    assert {path.stem for path in pages} == {"A_113", "B_113"}
    assert "A/113" in (tmp_path / "A_113.html").read_text()
    unnamed = analysed(average_document())
    assert radiology_report(unnamed, {}).pseudonym == "film0"


# --- What was refused ---------------------------------------------------------------------------


def texts(path):
    page = re.sub(r"<style>.*?</style>", "", path.read_text("utf-8"), flags=re.S)
    return re.sub(r"<[^>]+>", " ", page)


def pair_in(folder, *, case="p", **frontal):
    lateral = written(folder / "side.landmarks.json", average_document() | {"case": case})
    front = written(folder / "front.landmarks.json", frontal_document() | {"case": case} | frontal)
    return lateral, front


def visit_in(folder, name, day):
    doc = average_document(acquired=day) | {"case": name}
    return written(folder / f"{name}.landmarks.json", doc)


@pytest.mark.parametrize("by_folder", [True, False])
def test_a_film_that_was_refused_is_not_called_absent(tmp_path, by_folder):
    both = pair_in(tmp_path, version=7)
    out = tmp_path / "out.html"
    done = spinal_balance("report", *([tmp_path] if by_folder else both), "-o", out)
    assert done.exit_code == 1
    page = texts(out)
    assert "coronal alignment (the frontal film was refused, see Warnings)" in page
    assert "no frontal film" not in page
    assert "refused and left out: front.landmarks.json: version 7" in page
    assert str(tmp_path) not in page


def test_without_a_refusal_an_absent_film_is_absent(tmp_path):
    lateral, _ = pair_in(tmp_path)
    out = tmp_path / "out.html"
    assert spinal_balance("report", lateral, "-o", out).exit_code == 0
    assert "coronal alignment (no frontal film)" in texts(out)


def test_a_document_that_tells_nothing_is_named_in_its_folder_and_stops_a_list(tmp_path):
    lateral, front = pair_in(tmp_path)
    front.write_bytes(front.read_bytes()[:-20])
    out = tmp_path / "out.html"
    assert spinal_balance("report", tmp_path, "-o", out).exit_code == 1
    page = texts(out)
    assert "a film was refused, see Warnings" in page
    assert "refused and left out: front.landmarks.json: broken JSON" in page
    out.unlink()
    done = spinal_balance("report", lateral, front, "-o", out)
    assert done.exit_code == 1
    assert "nothing was written" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("ending", [".html", ".pdf", ".png"])
def test_a_series_with_a_refused_member_is_not_told_as_the_rest_of_it(tmp_path, ending):
    before = visit_in(tmp_path, "before", "2001-01-01")
    after = visit_in(tmp_path, "after", "2001-06-01")
    content = json.loads(after.read_text())
    out = tmp_path / f"out{ending}"
    for broken in (content | {"version": 7}, content | {"points": []}):
        after.write_text(json.dumps(broken))
        for inputs in ((before, after), (tmp_path,)):
            done = spinal_balance("report", *inputs, "-o", out)
            assert done.exit_code == 1
            assert done.stderr.count("\n") == 2
            assert "after.landmarks.json" in done.stderr
            assert "nothing was written" in done.stderr
            assert not out.exists()


def test_a_third_film_that_is_refused_stops_a_series(tmp_path):
    names = [("one", "2001-01-01"), ("two", "2001-06-01"), ("three", "2001-09-01")]
    inputs = [visit_in(tmp_path, *one) for one in names]
    out = tmp_path / "out.html"
    assert spinal_balance("report", *inputs, "-o", out).exit_code == 0
    out.unlink()
    inputs[1].write_text("{")
    assert spinal_balance("report", *inputs, "-o", out).exit_code == 1
    assert not out.exists()


def test_other_cases_of_a_folder_go_on(tmp_path):
    pair_in(tmp_path, version=7)
    written(tmp_path / "other.landmarks.json", average_document() | {"case": "q"})
    done = spinal_balance("demo", tmp_path, "-o", tmp_path / "out")
    assert done.exit_code == 1
    reports = tmp_path / "out" / "report"
    assert {path.name for path in reports.glob("*.html")} == {"p.html", "q.html"}
    assert "the frontal film was refused" in texts(reports / "p.html")
    assert "refused and left out: front.landmarks.json" in texts(reports / "p.html")
    assert "no frontal film" in texts(reports / "q.html")
    assert "refused" not in texts(reports / "q.html")


def test_a_refusal_belongs_to_the_examination_of_its_case_or_its_study(tmp_path):
    first = average_document() | {"case": "p"}
    second = average_document() | {"image": {"study_instance_uid": "1.2.3"}}
    good = [written(tmp_path / f"{n}.landmarks.json", doc) for n, doc in enumerate((first, second))]
    bad = [
        written(tmp_path / f"bad{n}.landmarks.json", frontal_document() | {"version": 9} | fields)
        for n, fields in enumerate(
            ({"case": "p"}, {"image": {"study_instance_uid": "1.2.3"}}, {"case": "r"}, {})
        )
    ]
    analyses, failures = analyse_files([*good, *bad])
    found, apart = with_refusals(analyses, failures)
    names = [[one.name for one in analysis.examination.refused] for analysis in found]
    assert names == [["bad0.landmarks.json"], ["bad1.landmarks.json"]]
    assert [Path(one.source).name for one in apart] == [
        "bad2.landmarks.json", "bad3.landmarks.json",
    ]  # fmt: skip
    (one,) = found[0].examination.refused
    assert isinstance(one, Refusal)
    assert (one.view, str(tmp_path) in one.words) == ("frontal", False)


# --- No word without its grade ------------------------------------------------------------------


def tilted(**fields):
    """A person whose pelvis is tilted by 30 degrees."""
    posture = Posture(pi=58.0, pt=30.0, ll=40.0, low=30.0)
    return average_document(**fields) | {"points": document(posture.plane())["points"]}


def test_a_tilted_pelvis_is_called_so_where_it_is_graded():
    assert "pelvic retroversion" in said(analysed(tilted()))
    assert "pelvic retroversion" in said(analysed(tilted(patient={"sex": "F"})))


@pytest.mark.parametrize(
    "fields",
    [
        {"acquisition": STANDING | {"position": "supine"}},
        {"acquisition": STANDING | {"position": "sitting"}},
        {"patient": {"age_years": 12, "sex": "F"}},
    ],
)
def test_where_every_grade_is_withheld_no_word_stands(fields):
    analysis = analysed(tilted(**fields))
    assert {key for key, grade in analysis.grades.items() if grade.grade is not None} <= {
        "roussouly", "srs_schwab.curve",
    }  # fmt: skip
    words = said(analysis)
    assert "PT 30 (" in words
    for word in ("retroversion", "past ", "within the age band", "than the age band", "SRS"):
        assert word not in words


# --- Ages and dates -----------------------------------------------------------------------------


def aged(years, day=None, name="x"):
    patient = {"age_years": years, "sex": "F"} if years is not None else {"sex": "F"}
    doc = average_document(patient=patient) | {"case": f"{name} {day} {years}"}
    return analysed(doc | ({"acquired": day} if day else {}))


@pytest.mark.parametrize(
    "visits",
    [
        [(75, "2019-01-01"), (63, "2020-01-01"), (12, "2021-01-01")],
        [(60, "2019-01-01"), (60, "2021-01-01")],
        [(60, "2019-01-01"), (64, "2021-01-01")],
        [(60, "2019-01-01"), (12, "2019-01-01")],
        [(60, None), (58, None)],
        [(60, "2019-01-01"), (58, None)],
        [(60.0, "2019-01-01"), (58.9, "2019-02-01")],
    ],
)
def test_ages_that_cannot_be_of_one_person_make_no_series(visits):
    with pytest.raises(BadReport, match=r"not of one patient \((their ages|the later is younger)"):
        in_time([aged(*one) for one in visits])


@pytest.mark.parametrize(
    "visits",
    [
        [(60, "2019-01-01"), (61, "2021-06-01")],
        [(60, "2019-01-01"), (62, "2019-12-01")],
        [(61, "2021-01-01"), (60, "2020-01-01")],
        [(60, None), (70, None)],
        [(60, "2019-01-01"), (59.5, None)],
        [(60, "2019-01-01"), (None, "2029-01-01")],
        [(60, "last spring"), (61, "spring")],
    ],
)
def test_ages_in_whole_years_are_of_one_person(visits):
    assert len(in_time([aged(*one) for one in visits])) == len(visits)


# --- Rules for adults in a plan -----------------------------------------------------------------


@pytest.mark.parametrize(("years", "warned"), [(12, False), (17.9, False), (18, True), (60, True)])
def test_a_child_is_not_warned_by_rules_for_adults(years, warned):
    doc = average_document(patient={"age_years": years, "sex": "F"})
    marks = parse_landmarks(encoded(doc))
    analysis = analyse_plan(marks, Plan((Correction("L3", "pso", 30.0),)), ())
    assert any("above PI" in line for line in analysis.doubts) == warned
    assert any("T4PA and L1PA differ" in line for line in analysis.doubts) == warned


# --- What is copied from a page -----------------------------------------------------------------

DOI = "doi.org/10.1097/BRS.0b013e3181db7432.and.more.of.it"


@needs_pdftotext
def test_a_citation_is_copied_as_it_is_written(tmp_path):
    lines = Lines((f"Limits: {DOI}.", "X" * 400))
    cells = Table(("Source", "Words"), ((DOI, "words"),), (3, 1))
    section = Section("Part", (lines, cells, Facts((("Source", DOI),))))
    made = Document("Report", "60 years", (section,), "foot", pseudonym="case 7")
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf_page(made))
    done = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True)
    text = done.stdout.decode()
    assert "\u200b" not in text + html_page(made).decode()
    assert text.count(DOI) == 3
    # A word without an end still breaks, and nothing of it is lost.
    assert text.count("X") == 400
    assert max(len(line) for line in text.splitlines() if "X" in line) < 200


# --- What may be burned into a film -------------------------------------------------------------


def test_a_film_that_may_show_a_name_is_told_of_once(case):
    done = spinal_balance("report", case / "x.landmarks.json", "-o", case / "out.html")
    assert done.exit_code == 0
    assert done.stderr.count("\n") == 1
    assert re.search(r"out\.html shows x\.png: text may be burned into the pixels", done.stderr)


@pytest.mark.parametrize(("told", "warned"), [("YES", True), ("NO", False), (None, False)])
def test_the_header_is_believed(tmp_path, told, warned):
    dataset = pydicom.dcmread(SAMPLES / "lateral_02.dcm")
    del dataset.BurnedInAnnotation
    if told is not None:
        dataset.BurnedInAnnotation = told
    dataset.save_as(tmp_path / "lateral_02.dcm")
    shutil.copy(SAMPLES / "lateral_02.landmarks.json", tmp_path)
    for ending in (".html", ".png"):
        out = tmp_path / f"page{ending}"
        done = spinal_balance("report", tmp_path / "lateral_02.dcm", "-o", out)
        assert done.exit_code == 0
        assert ("may be burned" in done.stderr) == warned
    # The page itself is not the place for it.
    assert "burned" not in texts(tmp_path / "page.html")


def test_points_without_a_film_show_nothing(tmp_path):
    path = written(tmp_path / "x.landmarks.json", average_document())
    assert spinal_balance("report", path, "-o", tmp_path / "out.html").stderr == ""


def test_no_page_of_these_films_names_a_folder(tmp_path):
    both = pair_in(tmp_path, version=7)
    found, _ = with_refusals(*analyse_files(both, segmental=True))
    for text in all_texts(radiology_report(found[0], {})):
        assert str(tmp_path) not in text
