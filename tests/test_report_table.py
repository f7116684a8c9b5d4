"""Rows, the terminal table and the CSV say what the analysis holds, and no more."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from balance.analysis import analyse
from balance.assessment.thresholds import THRESHOLDS
from balance.examination import Document, Examination
from balance.landmarks.files import parse_landmarks
from balance.metrics.catalogue import METRICS
from balance.report.rows import (
    LEAD,
    all_rows,
    lead_rows,
    not_measured,
    other_rows,
    scheme_rows,
    second_reading,
)
from balance.report.table import analysis_table, print_analyses, write_cases_csv
from balance.report.verdicts import (
    MIXED,
    PAST,
    PAST_UNFLAGGED,
    SYMBOLS,
    WITHHELD,
    WITHIN,
)
from balance.report.wording import short_reason

KNOWN = Path(__file__).parent / "known"
FORBIDDEN = re.compile(r"imbalance|unstable|\bnormal|recommend|\brisk", re.IGNORECASE)
STANDING = {"acquisition": {"position": "standing"}}


def document(name, **changes):
    content = json.loads((KNOWN / f"{name}.json").read_text())["landmarks"] | changes
    return Document(name, parse_landmarks(json.dumps(content).encode()))


def analysed(lateral=None, frontal=None, *, segmental=False, **changes):
    one = lateral and document(lateral, **changes)
    two = frontal and document(frontal, **changes)
    return analyse(Examination(one, two), segmental=segmental)


def printed(table, width=100):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(table)
    return console.file.getvalue()


def read_csv(analyses):
    file = io.StringIO(newline="")
    write_cases_csv(analyses, file)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


@pytest.fixture(scope="module")
def both():
    return analysed("lat00", "frontal00", patient={"age_years": 66, "sex": "F"}, **STANDING)


def row_of(analysis, key):
    return next(row for row in all_rows(analysis) if row.key == key)


def test_lead_rows_come_first_and_in_order(both):
    assert [row.key for row in all_rows(both)][: len(LEAD)] == list(LEAD)
    assert [row.key for row in lead_rows(analysed("lat00"))] == list(LEAD)[:-1]


def test_rows_round_the_measurements(both):
    row = row_of(both, "SVA")
    assert (row.value, row.unit, row.interval, row.film) == ("69.4", "mm", "64 to 75", "69")
    assert row_of(both, "barrey_ratio").value == "1.44"
    assert row_of(both, "T1SPi").interval == "0.8 to 1.7"


def test_every_measured_value_has_one_row(both):
    given = [key for key, one in both.measurements.items() if one.value is not None]
    rows = [row.key for row in (*lead_rows(both), *other_rows(both)) if row.value]
    assert sorted(rows) == sorted(given)
    missing = [label for _, labels in not_measured(both) for label in labels]
    assert len(missing) == len(both.measurements) - len(given)


def test_conflicting_rules_stand_in_one_line_with_age_first():
    row = row_of(analysed("lat00", patient={"age_years": 80}, **STANDING), "SVA")
    symbol, words = row.verdicts[0]
    assert words == "within the age band (55 to 95 mm); past 50 mm"
    assert symbol == MIXED
    assert row.symbol == MIXED


def test_borderline_is_said_in_words():
    row = row_of(analysed("age0"), "PT")
    assert "SRS-Schwab +, cannot be separated from 0" in row.verdicts[1][1]
    assert "probability" not in row.verdicts[1][1]
    assert (
        "less deformity than the age band (22 to 28 deg), cannot be separated from within"
        in (row.verdicts[0][1])
    )


def test_excess_is_past_and_not_flagged():
    lines = {line.key: line for line in row_of(analysed("lat01", **STANDING), "PI_LL").grades}
    assert lines["review.PI_LL"].symbol == PAST_UNFLAGGED
    assert lines["review.PI_LL"].words.startswith("past PI +- 9 deg by excess")
    assert lines["schwab2013.PI_LL"].symbol == WITHIN


def test_withheld_grades_say_why_once():
    row = row_of(analysed("lat00", acquisition={"position": "supine"}), "SVA")
    assert row.verdicts == ((WITHHELD, "not graded: film not taken standing (supine)"),)
    child = row_of(analysed("lat00", patient={"age_years": 12}), "PT")
    assert child.verdicts == ((WITHHELD, "not graded: adult rule"),)


def test_a_missing_age_leaves_the_fixed_limit():
    row = row_of(analysed("lat00", patient={}, **STANDING), "SVA")
    assert row.verdicts[0] == (PAST, "age band not graded: no age; past 50 mm")


def test_lead_value_without_points_says_which():
    row = row_of(analysed(frontal="frontal00", points={}), "C7_CSVL")
    assert (row.value, row.verdicts) == ("", ())
    assert row.absence == "not marked: C7 centroid, S1 superior endplate, or sacrum centre"


def test_classifications(both):
    words = {row.label: row.verdicts[0][1] for row in scheme_rows(both)}
    assert words["SRS-Schwab"].startswith("curve type N")
    assert words["Roussouly"].startswith("type 3 (current shape)")
    assert "point" in words["GAP"]


def test_every_grade_has_words_and_a_symbol(both):
    lines = [line for row in all_rows(both) for line in row.grades]
    assert {line.key for line in lines} == both.grades.keys()
    assert all(line.words and line.symbol in SYMBOLS for line in lines)


def test_second_reading_is_told():
    content = json.loads((KNOWN / "lat00.json").read_text())["landmarks"]
    points = content["points"]
    shift = {"x": 0, "y": -20}
    for end in ("posterior", "anterior"):
        place = points[f"S1_superior_{end}"]
        points[f"S1_alternative_superior_{end}"] = {k: place[k] + shift[k] for k in shift}
    analysis = analyse(Examination(Document("x", parse_landmarks(json.dumps(content).encode()))))
    assert second_reading(analysis).startswith(
        "With the S1 alternative superior endplate taken as sacral: SVA "
    )
    assert second_reading(analysed("lat00")) == ""


def test_reasons_name_endplates():
    reason = "not marked: T4_superior_posterior, T4_superior_anterior, hip_axis"
    assert short_reason(reason) == "not marked: T4 superior endplate, hip axis"
    assert "spacing_mm" in short_reason("no scale: add spacing_mm")


@pytest.mark.parametrize("width", [80, 100, 140])
def test_table_shows_values_intervals_and_grades(both, width):
    text = printed(analysis_table(both), width)
    assert max(map(len, text.splitlines())) <= width
    for row in lead_rows(both):
        line = next(line for line in text.splitlines() if line.startswith(f"{row.label} "))
        assert f"{row.value} {row.unit}" in line
        assert row.interval in line
    assert "between readers" in text
    assert "TL curve" in text
    assert "Not a medical device" in text
    assert text.isascii()
    assert not FORBIDDEN.search(text)


def test_table_takes_no_markup_from_a_name():
    analysis = analysed("lat00", case="[red]x[/red] [link=http://x]y")
    assert "[red]x[/red] [link=http://x]y" in printed(analysis_table(analysis))


def test_print_analyses_prints_each(both):
    console = Console(file=io.StringIO(), width=100)
    print_analyses([both, analysed("age0")], console)
    assert console.file.getvalue().count("Not a medical device") == 2


def test_csv_reads_back_as_the_values(both):
    cases = [both, analysed("lat03"), analysed("age0"), analysed(frontal="frontal02")]
    rows = read_csv(cases)
    assert [row["case"] for row in rows] == [case.examination.id for case in cases]
    for row, case in zip(rows, cases, strict=True):
        for metric in METRICS:
            one = case.measurements.get(metric.key)
            if one is None or one.value is None:
                assert row[metric.key] == row[f"{metric.key}_sd"] == ""
                continue
            numbers = [float(row[metric.key + end]) for end in ("", "_sd", "_low", "_high")]
            assert numbers == pytest.approx([one.value, one.sd, *one.ci95], rel=1e-6, abs=1e-9)
        for key, grade in case.grades.items():
            assert row[f"grade.{key}"] == (grade.grade or "")


def test_csv_columns_follow_the_catalogue(both):
    header = list(read_csv([both])[0])
    assert header[:6] == ["case", "status", "PI", "PI_sd", "PI_low", "PI_high"]
    keys = [name for name in header if name in {metric.key for metric in METRICS}]
    assert keys == [metric.key for metric in METRICS]
    assert header[-len(THRESHOLDS) :] == [f"grade.{row.key}" for row in THRESHOLDS]
    assert len(header) == len(set(header))


def test_csv_status():
    cases = [analysed("lat00"), analysed("lat00", spacing_mm=None), analysed(frontal="frontal00")]
    assert [row["status"] for row in read_csv(cases)] == ["ok", "partial", "ok"]


def test_csv_holds_curves(both):
    (row,) = read_csv([both])
    (curve,) = both.curves
    assert (row["curve_1_region"], row["curve_1_upper"]) == (curve.region, curve.upper)
    assert (row["curve_1_apex"], row["curve_1_convex"]) == (curve.apex, curve.convex)
    assert float(row["curve_1_cobb"]) == pytest.approx(curve.cobb, rel=1e-6)
    assert float(row["curve_1_cobb_high"]) == pytest.approx(curve.ci95[1], rel=1e-6)
    assert row["curve_2_region"] == ""


def test_csv_keeps_the_largest_four_curves(both):
    curves = tuple(replace(both.curves[0], cobb=size) for size in (20.0, 50.0, 11.0, 30.0, 40.0))
    film = replace(both.films["frontal"], curves=curves)
    (row,) = read_csv([replace(both, films={**both.films, "frontal": film})])
    assert [row[f"curve_{n}_cobb"] for n in (1, 2, 3, 4)] == ["20", "50", "30", "40"]


def test_csv_adds_segments_where_they_were_measured():
    (row,) = read_csv([analysed("lat00", segmental=True)])
    assert float(row["segmental.L4_L5"])
    assert "lateral_listhesis.L3_L4" in row
    assert "segmental.L4_L5" not in read_csv([analysed("lat00")])[0]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_text_is_no_formula_and_numbers_stay(start):
    name = f'{start}1+1,"a"\n\'b'
    (row,) = read_csv([analysed("lat03", case=name)])
    assert row["case"] == "'" + name
    assert row["LL"].startswith("-50")
    assert row["grade.srs_schwab.SVA"] == "++"


def test_csv_of_nothing_is_a_header():
    assert read_csv([]) == []


def test_csv_takes_analyses_one_by_one():
    taken = []

    def cases():
        for name in ("lat00", "lat01"):
            taken.append(name)
            yield analysed(name)

    class Stop(io.StringIO):
        def write(self, text):
            if "lat00" in text:
                assert taken == ["lat00"]
            return super().write(text)

    write_cases_csv(cases(), Stop())
    assert taken == ["lat00", "lat01"]
