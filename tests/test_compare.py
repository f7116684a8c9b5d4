"""Time points: change limits, the control, the earlier film's end vertebrae, the junction."""

import csv
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import spinal_balance
from hypothesis import given
from strategies import (
    AVERAGE,
    Posture,
    average_document,
    corners,
    document,
    edited,
    encoded,
    floats,
    frontal_document,
    frontal_plane,
    one_draw,
    plate,
    pointwise,
    read,
    redrawn,
    rounded_curve,
    without,
)

from balance.analysis import analyse
from balance.examination import Document, pair
from balance.metrics.catalogue import METRICS
from balance.metrics.model import Measurement
from balance.metrics.segmental import segmental_metrics
from balance.study.change import change_limit, change_of, posture_spread
from balance.study.compare import compare_two
from balance.study.junction import BadSeries, find_junction
from balance.study.timepoints import TimePoint

ALIKE = {"position": "standing", "arms": "relaxed", "system": "slot_scan"}


def point(place, *docs, **options):
    documents = [Document(f"film{place}.{n}.landmarks.json", read(d)) for n, d in enumerate(docs)]
    (examination,), failures = pair(documents)
    assert not failures
    return TimePoint(place, f"film{place}", analyse(examination, segmental=True, **options))


def film(posture=AVERAGE, **fields):
    usual = {"acquisition": dict(ALIKE)}
    return average_document(**(usual | fields)) | {"points": document(posture.plane())["points"]}


def compared(before, after):
    return compare_two(point(0, before), point(1, after))


def rows(comparison):
    return {row.key: row for row in (*comparison.rows, *comparison.segments)}


# --- Change limits -----------------------------------------------------------------------------


@given(one=floats(0, 20), two=floats(0, 20), posture=floats(0, 10))
def test_the_limit_is_the_decided_formula(one, two, posture):
    limit = change_limit(one, two, posture)
    assert limit == pytest.approx(1.959964 * math.sqrt(one**2 + two**2 + 2 * posture**2), rel=1e-6)
    assert change_limit(two, one, posture) == pytest.approx(limit)


def test_the_change_limit_of_sva_is_about_21_mm_and_not_7():
    found = rows(compared(film(), film()))["SVA"]
    assert found.limit == pytest.approx(21.0, abs=0.6)


@pytest.mark.parametrize(
    ("key", "unit", "sd"), [("SVA", "mm", 7.0), ("C7_CSVL", "mm", 3.5), ("LL", "deg", 2.0)]
)
def test_the_decided_posture_spreads(key, unit, sd):
    assert posture_spread(key, unit).sd == sd


def test_every_value_has_a_posture_spread():
    levels = ("T12", "L1", "L2", "S1")
    every = (*METRICS, *segmental_metrics("lateral", levels), *segmental_metrics("frontal", levels))
    assert all(posture_spread(metric.key, metric.unit).sd > 0 for metric in every)


def test_a_change_just_beyond_and_just_within_the_limit():
    limit = change_limit(1.5, 2.5, 2.0)
    before = Measurement("LL", "deg", 40.0, 1.5)
    for change, verdict in (
        (limit + 1e-6, "beyond the change limit"),
        (-limit - 1e-6, "beyond the change limit"),
        (limit - 1e-6, "within the change limit"),
    ):
        assert change_of(before, Measurement("LL", "deg", 40.0 + change, 2.5)).verdict == verdict


@pytest.mark.slow
def test_standing_again_and_reading_again_stay_within_the_limit_in_95_percent():
    rng = np.random.default_rng(3)
    films = 150
    outside = dict.fromkeys(("SVA", "LL", "PT", "PI_LL", "TK"), 0)
    clicks = redrawn(AVERAGE.plane(), "lateral", rng, 2 * films)
    values = [
        {row: measured.measurements[row] for row in outside}
        for n in range(2 * films)
        for measured in [
            point(0, film() | {"points": document(one_draw(clicks, n))["points"]}).analysis
        ]
    ]
    for one, two in zip(values[::2], values[1::2], strict=True):
        for key in outside:
            spread = posture_spread(key, one[key].unit).sd
            sway = spread * rng.standard_normal(2)
            moved = [
                replace(m, value=m.value + s)
                for m, s in zip((one[key], two[key]), sway, strict=True)
            ]
            outside[key] += change_of(*moved).verdict == "beyond the change limit"
    # 150 pairs: 5 % is 7.5 with an SD of 2.7.
    assert all(count <= 17 for count in outside.values()), outside
    assert sum(outside.values()) >= 12, outside


# --- The control, and what is not compared -------------------------------------------------------


def test_pi_that_differs_by_more_than_8_deg_comes_first():
    passed = compared(film(Posture(pi=50)), film(Posture(pi=57.9))).control
    failed = compared(film(Posture(pi=50)), film(Posture(pi=58.1))).control
    assert passed.passed
    assert not failed.passed
    assert failed.sentence.startswith("re-read S1 and the levels")


def test_a_child_has_no_control_and_a_growth_remark():
    docs = [film(Posture(pi=pi), patient={"age_years": age}) for pi, age in ((40, 11), (50, 14))]
    found = compared(*docs)
    assert found.control.passed is None
    assert any("growth" in remark for remark in found.remarks)
    adult = compared(*(edited(doc, patient={"age_years": 40}) for doc in docs))
    assert not any("growth" in remark for remark in adult.remarks)
    assert adult.control.passed is False


def test_the_control_says_where_the_other_sacral_endplate_explains_it():
    # The same spine, read once on S1 and once on the endplate above the sacral one.
    spine = Posture(lumbar=6)
    usual = film(spine, vertebrae={"thoracic": 12, "lumbar": 6})
    points = {
        name.replace("L6_superior", "S1_superior"): p
        for name, p in usual["points"].items()
        if not name.startswith(("S1", "L6_inferior"))
    }
    other = usual | {"points": points, "vertebrae": {"thoracic": 12, "lumbar": 5}}
    found = compared(usual, other)
    assert found.control.passed is False
    assert "with the other sacral endplate of the earlier film" in found.control.sentence
    assert any("level counts differ" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("field", "word"),
    [("position", "supine"), ("arms", "fists_on_clavicles"), ("system", "stitched")],
)
def test_lengths_are_not_compared_between_unlike_films(field, word):
    found = rows(compared(film(), film(acquisition=ALIKE | {field: word})))
    for key in ("SVA", "cSVA", "barrey_ratio", "listhesis.L4_L5"):
        assert found[key].change is None
        assert found[key].reason.endswith("lengths are not compared")
        assert found[key].before.value is not None
    assert found["LL"].change == pytest.approx(0, abs=1e-9)
    assert found["listhesis_percent.L4_L5"].change == pytest.approx(0, abs=1e-9)


def test_what_nobody_recorded_is_remarked_and_compared():
    found = compared(film(), film(acquisition={"position": "standing"}))
    assert rows(found)["SVA"].change == pytest.approx(0, abs=1e-9)
    assert "lateral: arms, system not recorded on both films, taken to be alike" in found.remarks


def test_a_missing_value_is_a_reason_and_never_0():
    found = rows(compared(film(), without(film(), *corners("C7"))))["SVA"]
    assert found.change is None
    assert found.reason.startswith("after: not marked")


def test_films_of_two_persons_or_in_the_wrong_order_are_remarked():
    one = film(acquired="2020-02-01", patient={"age_years": 61, "sex": "F", "id": "a"})
    two = film(acquired="2019-02-01", patient={"age_years": 60, "sex": "M", "id": "b"})
    said = " ".join(compared(one, two).remarks)
    assert "ids differ" in said
    assert "sex differs" in said
    assert "taken later" in said


def test_unconfirmed_points_are_told():
    after = pointwise(film(), confirmed=False)
    assert not rows(compared(film(), after))["LL"].confirmed


def test_a_grade_whose_value_stayed_within_the_limit_says_so():
    before = film(Posture(pi=50, pt=19.5))
    found = compared(before, film(Posture(pi=50, pt=20.5)))
    grade = next(g for g in found.grades if g.key == "srs_schwab.PT")
    assert (grade.before.grade, grade.after.grade, grade.changed) == ("0", "+", True)
    assert grade.value_verdict == "within the change limit"


def test_a_grade_of_a_length_that_is_not_compared_has_not_changed():
    before = film(acquisition=ALIKE)
    leaning = film(acquisition=ALIKE | {"arms": "forward"})
    for name, point in leaning["points"].items():
        if name.startswith("C7"):
            # the film faces left: 300 pixels forward
            leaning["points"][name] = point | {"x": point["x"] - 300}
    found = {one.key: one for one in compared(before, leaning).grades}
    for key in ("srs_schwab.SVA", "schwab2013.SVA", "review.SVA"):
        assert found[key].before.grade != found[key].after.grade
        assert found[key].changed is None
        assert "lengths are not compared" in found[key].reason
    assert found["srs_schwab.PI_LL"].changed is False


def test_a_plan_among_the_films_is_remarked():
    drawn = pointwise(film(), source="planned")
    assert any("is a plan and no examination" in one for one in compared(film(), drawn).remarks)
    assert not any("plan" in one for one in compared(film(), film()).remarks)


def test_exchanged_flexion_and_extension_are_refused(tmp_path):
    bent = {
        name: written(tmp_path, name, film(acquisition=ALIKE | {"position": name}))
        for name in ("flexion", "extension")
    }
    right = run("--flexion", bent["flexion"], "--extension", bent["extension"])
    wrong = run("--flexion", bent["extension"], "--extension", bent["flexion"])
    assert right.exit_code == 0
    assert wrong.exit_code == 1
    assert "exchange the two" in wrong.stderr


# --- Curves --------------------------------------------------------------------------------------


def frontal(upper, lower, cobb, **fields):
    return frontal_document(rounded_curve(upper, lower, cobb), acquisition=ALIKE, **fields)


def test_the_later_cobb_is_between_the_earlier_end_vertebrae():
    before, after = frontal("T5", "T11", 45), frontal("T6", "T12", 30)
    found = compared(before, after)
    main = next(one for one in found.curves if one.curve.region == "MT")
    assert (main.curve.upper, main.curve.lower) == ("T5", "T11")
    later = frontal_plane(rounded_curve("T6", "T12", 30))
    upper, lower = (
        plate(later, "T5", "superior", "frontal"),
        plate(later, "T11", "inferior", "frontal"),
    )
    same_ends = abs(np.degrees(np.angle(upper / lower)))
    assert main.cobb.after.value == pytest.approx(same_ends, abs=1e-6)
    assert main.cobb.change == pytest.approx(same_ends - 45, abs=1e-6)
    assert (main.free.upper, main.free.lower) == ("T6", "T12")
    assert main.free.cobb == pytest.approx(30, abs=1e-6)
    assert main.free.cobb > main.cobb.after.value + 1


def test_a_curve_that_turned_over_is_negative():
    knots = rounded_curve("T5", "T11", 30)
    over = {plate: -slope for plate, slope in knots.items()}
    before = frontal_document(knots, acquisition=ALIKE)
    after = frontal_document(over, acquisition=ALIKE)
    main = next(one for one in compared(before, after).curves if one.curve.region == "MT")
    assert main.cobb.before.value == pytest.approx(30, abs=1e-6)
    assert main.cobb.after.value == pytest.approx(-30, abs=1e-6)
    assert main.free is None


def test_the_translation_is_taken_at_the_earlier_apex():
    before, after = frontal("T5", "T11", 45), frontal("T7", "L1", 45)
    main = next(one for one in compared(before, after).curves if one.curve.region == "MT")
    apex = main.curve.apex
    later = frontal_plane(rounded_curve("T7", "L1", 45))
    names = corners(apex, "frontal") if "/" not in apex else []
    assert names
    at_apex = np.mean([later[name].real for name in names])
    c7 = np.mean([later[name].real for name in corners("C7", "frontal")])
    found = {change.key: change for change in main.translations}
    assert found["AVT_MT"].after.value == pytest.approx(at_apex - c7, abs=1e-6)
    assert set(found) == {"AVT_MT", "AVT_MT_to_csvl"}


# --- The junction --------------------------------------------------------------------------------


def junction_film(angle, **fields):
    """A spine whose T10 inferior and T8 superior endplates have a kyphosis of just this angle."""
    plane = AVERAGE.plane()
    lower, upper = plate(plane, "T10", "inferior"), plate(plane, "T8", "superior")
    now = np.degrees(np.angle(upper / lower))
    turn = np.exp(1j * np.radians(-angle - now))
    centre = (plane["T8_superior_posterior"] + plane["T8_superior_anterior"]) / 2
    for end in ("posterior", "anterior"):
        name = f"T8_superior_{end}"
        plane[name] = complex(centre + (plane[name] - centre) * turn)
    return average_document(acquisition=ALIKE, **fields) | {"points": document(plane)["points"]}


def junction(*angles, surgery=("none", "postoperative", "postoperative"), uiv="T10", baseline=None):
    points = [
        point(n, junction_film(angle, surgery=surgery[n], fusion={"uiv": uiv} if uiv else None))
        for n, angle in enumerate(angles)
    ]
    return find_junction([one.analysis for one in points], baseline=baseline)


def answers(found, place=1):
    return {met.criterion.name: met.met for met in found.films[place].met}


@pytest.mark.parametrize(
    ("before", "after", "pjk", "pjf"),
    [
        (0, 10, True, False),
        (0, 9.999, False, False),
        (0.001, 10, False, False),
        (-12, 9, False, False),
        (6, 28, True, True),
        (6.001, 28, True, False),
        (5, 27.999, True, False),
        (15, 24, False, False),
    ],
)
def test_pjk_and_pjf_need_the_angle_and_the_increase(before, after, pjk, pjf):
    found = junction(before, after)
    assert found.films[0].angle.value == pytest.approx(before, abs=1e-6)
    assert found.films[1].angle.value == pytest.approx(after, abs=1e-6)
    assert answers(found) == {"PJK": pjk, "PJF": pjf}


def test_the_junction_runs_from_the_uiv_to_the_second_vertebra_above():
    found = junction(5, 12)
    assert (found.uiv, found.second_above) == ("T10", "T8")
    assert found.baseline == 0
    assert "surgery none" in found.how


def test_without_a_preoperative_film_it_is_an_angle_only():
    for surgery in (
        ("postoperative",) * 2,
        ("none", "none"),
        (None, None),
        ("unknown", "postoperative"),
    ):
        found = junction(0, 30, surgery=surgery)
        assert found.baseline is None
        assert "angle only" in found.how
        assert not any(film.met for film in found.films)
    named = junction(0, 30, surgery=(None, None), baseline=0)
    assert answers(named) == {"PJK": True, "PJF": True}
    assert named.how == "named by the user"


def test_the_latest_film_before_the_operation_is_the_baseline():
    found = junction(0, 15, 20, surgery=("prior", "none", "postoperative"))
    assert found.baseline == 1
    assert answers(found, 2) == {"PJK": False, "PJF": False}
    assert not found.films[1].met


def test_the_probability_is_that_of_redrawn_angles():
    found = junction(2, 14)
    met = next(met for met in found.films[1].met if met.criterion.name == "PJK")
    (a, sa), (b, sb) = ((f.angle.value, f.angle.sd) for f in found.films)
    rng = np.random.default_rng(0)
    before, after = a + sa * rng.standard_normal(200_000), b + sb * rng.standard_normal(200_000)
    share = np.mean((after >= 10) & (after - before >= 10))
    assert met.probability == pytest.approx(share, abs=0.005)
    assert met.borderline


def test_the_ticks_are_the_readers_words():
    notes = {"Junctional fracture": "T9", "pull-out": "no"}
    docs = [
        junction_film(3, surgery="none"),
        junction_film(20, surgery="postoperative", reader_notes=notes),
    ]
    points = [point(n, doc) for n, doc in enumerate(docs)]
    found = find_junction([one.analysis for one in points], uiv="T10")
    assert dict(found.films[1].ticks) == {"fracture": "T9", "slip": None, "pull-out": "no"}


@pytest.mark.parametrize("level", ["S1", "T14", "C3", "nonsense"])
def test_a_level_that_cannot_be_the_uiv_is_refused(level):
    analyses = [point(n, film()).analysis for n in range(2)]
    with pytest.raises(BadSeries, match=level):
        find_junction(analyses, uiv=level)


# --- The command ---------------------------------------------------------------------------------


def written(folder, name, doc):
    path = folder / f"{name}.landmarks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(doc))
    return path


def run(*words):
    return spinal_balance("compare", *words)


def test_json_of_a_series(tmp_path):
    files = [
        written(tmp_path, str(n), film(Posture(pi=50, pt=pt), surgery=s, fusion={"uiv": "T10"}))
        for n, (pt, s) in enumerate(((28, "none"), (18, "postoperative"), (22, "postoperative")))
    ]
    result = run(*files, "--format", "json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["format"], told["version"]) == ("spinal-balance-comparison", 1)
    assert [(c["before"], c["after"]) for c in told["comparisons"]] == [(0, 1), (0, 2), (1, 2)]
    tilt = told["comparisons"][1]["values"]["PT"]
    assert tilt["change"] == pytest.approx(-6)
    assert tilt["posture_source"] == "estimate"
    assert told["trends"][1]["key"] == "PT"
    assert told["trends"][1]["values"] == pytest.approx([28, 18, 22])
    assert told["junction"]["baseline"] == 0
    assert run(*files, "--format", "json").stdout == result.stdout


def test_csv_has_a_row_for_each_value_of_each_pair(tmp_path):
    files = [written(tmp_path, str(n), film(Posture(pt=pt))) for n, pt in enumerate((10, 25))]
    result = run(*files, "--format", "csv")
    table = {row["key"]: row for row in csv.DictReader(result.stdout.splitlines())}
    assert float(table["PT"]["change"]) == pytest.approx(15)
    assert table["PT"]["verdict"] == "beyond the change limit"
    assert table["SVA"]["unit"] == "mm"


def test_a_folder_of_two_dates_is_two_time_points(tmp_path):
    for n, date in enumerate(("2021-06-01", "2020-01-01")):
        doc = film(Posture(pt=10 + 10 * n), acquired=date, case="one")
        written(tmp_path, f"film{n}", doc)
    told = json.loads(run(tmp_path, "--format", "json").stdout)
    assert [one["date"] for one in told["films"]] == ["2020-01-01", "2021-06-01"]
    assert told["comparisons"][0]["values"]["PT"]["change"] == pytest.approx(-10)


def test_folders_hold_one_examination_each(tmp_path):
    for n in range(2):
        written(tmp_path / f"t{n}", "lateral", film(case=f"c{n}"))
        written(tmp_path / f"t{n}", "frontal", frontal("T5", "T11", 40 - 10 * n, case=f"c{n}"))
    told = json.loads(run(tmp_path / "t0", tmp_path / "t1", "--format", "json").stdout)
    (comparison,) = told["comparisons"]
    curve = next(c for c in comparison["curves"] if c["earlier"]["region"] == "MT")
    assert curve["same_end_vertebrae"]["change"] == pytest.approx(-10)
    written(tmp_path / "t1", "other", film(case="another"))
    result = run(tmp_path / "t0", tmp_path / "t1")
    assert result.exit_code == 1
    assert "2 examinations where one is compared" in result.stderr


def test_one_film_is_wrong_usage_and_a_bad_one_is_told(tmp_path):
    good = written(tmp_path, "good", film())
    assert run(good).exit_code == 2
    assert run().exit_code == 2
    assert run(good, "--flexion", good).exit_code == 2
    bad = tmp_path / "bad.landmarks.json"
    bad.write_text("{")
    result = run(good, bad)
    assert result.exit_code == 1
    assert "bad.landmarks.json" in result.stderr
    other_view = written(tmp_path, "frontal", frontal("T5", "T11", 40))
    result = run(good, other_view)
    assert result.exit_code == 1
    assert "nothing can be compared" in result.stderr
    assert run(good, good, "--baseline", "7").exit_code == 2
    assert run(good, written(tmp_path, "b", film()), "--uiv", "X1").exit_code == 2


def test_the_text_names_the_control_first_and_never_says_unstable(tmp_path):
    files = [written(tmp_path, str(pi), film(Posture(pi=pi))) for pi in (45, 60)]
    result = run(*files)
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    title = next(n for n, line in enumerate(lines) if line.startswith("Film 2 against film 1"))
    assert lines[title + 1].startswith("FIRST: re-read S1 and the levels")
    for n, position in enumerate(("flexion", "extension")):
        doc = film(Posture(pi=50, ll=40 + 25 * n), acquisition={"position": position}, case="x")
        written(tmp_path / "bend", position, doc)
    bending = run(tmp_path / "bend")
    assert "Flexion and extension" in bending.stdout
    for text in (result.stdout, bending.stdout):
        assert not {"unstable", "instability", "normal", "imbalance"} & set(text.lower().split())


def test_no_identifier_is_printed(tmp_path):
    doc = film(patient={"age_years": 60, "id": "SECRET-ID"}, reader="DR SECRET")
    files = [written(tmp_path, str(n), doc) for n in range(2)]
    for form in ("text", "json", "csv"):
        assert "SECRET" not in run(*files, "--format", form).stdout


def test_the_program_runs_as_a_command(tmp_path):
    files = [written(tmp_path, str(n), film(Posture(pt=10 + n))) for n in range(2)]
    done = subprocess.run(
        [sys.executable, "-m", "balance.cli", "compare", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == 0
    assert "within the change limit" in done.stdout
