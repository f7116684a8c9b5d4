"""What the pages of a plan say, what they never say, and what is drawn on its pictures."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from test_report_pages import needs_pdftotext, paper_text, texts_of

from balance.documentation_plans import EXAMPLE
from balance.landmarks.files import read_landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.files import plan_document, plan_of, read_plan
from balance.planning.plan import Plan, parse_correction
from balance.planning.planned import analyse_plan
from balance.planning.procedures import PROCEDURES
from balance.planning.request import PlanRequest, carry_out
from balance.planning.scenarios import SCENARIOS
from balance.planning.search import find_plans
from balance.planning.search_allowed import choices
from balance.planning.targets import TARGET, parse_target, targets_of
from balance.planning.turning import apply_plan, turns_of
from balance.radiograph import Acquisition, Subject
from balance.report.document import Columns, Table, all_texts
from balance.report.page_html import html_page
from balance.report.page_pdf import pdf_page
from balance.report.placement import Box
from balance.report.plan_files import write_plan_results
from balance.report.plan_film import planned_film
from balance.report.plan_overlay import draw_rod, draw_wedges
from balance.report.plan_page import plan_document_page
from balance.report.plan_picture import plan_pictures
from balance.report.plan_record import values_document
from balance.report.plan_values import SHOWN
from balance.report.plate import plate_on
from balance.report.rail import spread
from balance.report.wording import label_of

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_images"
SCHEMA = json.loads((ROOT / "balance" / "planning" / "plan.schema.json").read_text())
LATERAL = read_landmarks(SAMPLES / "lateral_03.landmarks.json")
FRONTAL = read_landmarks(SAMPLES / "frontal_04.landmarks.json")
FORBIDDEN = ("imbalance", "unstable", "normal", "recommend", "risk")


def plan(*texts, uiv=None, liv=None, leg=0.0):
    return Plan(tuple(map(parse_correction, texts)), uiv, liv, leg)


def searched(target, share):
    allowed = choices(["L3:pso", "L4_L5:pco"])
    return find_plans(LATERAL, allowed, [parse_target(target)], share=share)


CASES = {
    "severe": (LATERAL, plan("L3:pso:45", "L2_L3:pco:12", uiv="T10", liv="S1"), None),
    "nothing": (LATERAL, Plan(), searched("LL=150:160", 0.9)),
    "found": (LATERAL, plan("L3:pso:30"), searched("t4_l1pa", 0.7)),
    "child": (replace(LATERAL, subject=Subject(12.0, "F")), plan("T10:vcr:20", uiv="T4"), None),
    "supine": (
        replace(LATERAL, acquisition=Acquisition(position="supine"), subject=Subject()),
        plan("L5_S1:alif:10"),
        None,
    ),
    "six": (
        read_landmarks(SAMPLES / "lateral_05.landmarks.json"),
        plan("L6_S1:alif:8", uiv="L1", liv="S1"),
        None,
    ),
    "unsure": (
        read_landmarks(SAMPLES / "lateral_06.landmarks.json"),
        plan("L3:pso:20", uiv="T10", liv="S1"),
        None,
    ),
    "frontal": (FRONTAL, plan("L3_L4:angle:-10", leg=10.0), None),
}


def blocks_of(analysis, *titles):
    """The blocks of the section of a plan that has one of these headings."""
    pending = list(plan_document_page(analysis, "case", {}, ()).sections)
    while pending:
        section = pending.pop(0)
        if section.title in titles:
            return section.blocks
        for block in section.blocks:
            if isinstance(block, Columns):
                pending += [one for column in block.columns for one in column]
    raise AssertionError(titles)


def analysed(name):
    film, planned, search = CASES[name]
    return analyse_plan(film, planned, targets_of(film.view), search=search)


@pytest.mark.parametrize("name", CASES)
def test_words_that_a_plan_never_says(name):
    analysis = analysed(name)
    page = plan_document_page(analysis, "case", {}, plan_pictures(analysis, None))
    said = "\n".join((*all_texts(page), json.dumps(values_document(analysis))))
    assert [word for word in FORBIDDEN if word in said.lower()] == []


@needs_pdftotext
@pytest.mark.parametrize("name", ["severe", "found", "frontal"])
def test_words_that_the_finished_pages_never_say(name, tmp_path):
    page = plan_document_page(analysed(name), "case", {"symptoms": "pain"}, ())
    screen, paper = texts_of(html_page(page).decode()), paper_text(pdf_page(page), tmp_path)
    for text in (screen, paper):
        assert "pain" in text
        assert [word for word in FORBIDDEN if word in text.lower()] == []


def printed(value, decimals):
    # Errors of computing do not decide how a half is rounded.
    return f"{round(round(value, 9), decimals) + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize("name", ["severe", "six", "frontal", "supine"])
def test_every_number_of_the_scenario_table_is_a_value_of_its_scenario(name):
    analysis = analysed(name)
    table = blocks_of(analysis, "Values in every scenario", "Values")[0]
    drawn = [one.film.measurements for one in analysis.scenarios if one.film is not None]
    keys = {label_of(key): key for key in SHOWN}
    traced = 0
    for label, before, *planned in table.rows:
        key = keys.get(label.rpartition(" (")[0])
        if key is None:
            # A curve is measured between the end vertebrae of the film as it is.
            assert re.match(r"(PT|MT|TL|fractional) [TL]\d+-[TLS]\d+ \(°\)", label)
            continue
        for cell, measured in zip((before, *planned), (analysis.before, *drawn), strict=True):
            one = measured[key]
            assert cell == ("-" if one.value is None else printed(one.value, 1)), (label, cell)
            traced += one.value is not None
    assert traced >= 2


@pytest.mark.parametrize("name", ["severe", "six", "found"])
def test_every_number_to_check_and_of_the_corrections_is_a_value_of_the_plan(name):
    analysis = analysed(name)
    (checks,) = blocks_of(analysis, "To check on the intra-operative film")
    keys = {label_of(key): key for key in SHOWN}
    for label, told in checks.rows:
        if label in keys:
            one = analysis.after[keys[label]]
            assert told.startswith(printed(one.value, 1)), label
        else:
            assert label == f"Correction at {'L5' if name == 'six' else 'L4'}-S1"
    table = next(one for one in blocks_of(analysis, "Corrections") if isinstance(one, Table))
    for row, one in zip(table.rows, analysis.columns, strict=True):
        assert row[2] == f"{one.correction.degrees:+g}°"
        assert row[3] == f"{one.correction.sd:g}°"
        for cell, size in zip(row[7:], (one.posterior_mm, one.anterior_mm), strict=True):
            if size is None:
                assert cell == "-"
            else:
                assert cell.removeprefix("+") == f"{printed(size, 0)} mm"
    if not isinstance(analysis.rod, str):
        rod, *_ = blocks_of(analysis, "Rod")
        told = dict(rod.rows)
        assert told["Length"] == f"{analysis.rod.length_mm:.0f} mm"
        assert [part.split()[1] for part in told["Bends (°)"].split(", ")] == [
            printed(bend, 0) for bend in analysis.rod.bends_deg
        ]


def test_how_far_a_target_is_missed_is_told_from_its_range():
    analysis = analyse_plan(LATERAL, plan("L3:pso:20"), [parse_target("LL=60:70")])
    table = blocks_of(analysis, "Targets")[0]
    (row,) = table.rows
    before, after = (values["LL"].value for values in (analysis.before, analysis.after))
    assert row[1] == "LL 60 to 70"
    assert before < after < 60
    assert row[2] == f"LL {printed(before - 60, 0)}°"
    assert row[3] == f"LL {printed(after - 60, 0)}°"


def test_a_search_without_result_says_that_none_exists():
    analysis = analysed("nothing")
    said = "\n".join(all_texts(plan_document_page(analysis, "case", {}, ())))
    assert "15 plans were drawn: every combination that is allowed" in said
    assert "None of the allowed plans meets every target as drawn" in said
    found = "\n".join(all_texts(plan_document_page(analysed("found"), "case", {}, ())))
    assert "None of" not in found
    assert "chance of success" in found
    search = searched("t4_l1pa", 0.7)
    gave_up = replace(search, found=(), complete=False, nearest=search.found)
    analysis = replace(analysis, search=gave_up)
    said = "\n".join(all_texts(plan_document_page(analysis, "case", {}, ())))
    assert "nothing is known of the others" in said


def test_a_child_gets_no_adult_target_and_no_adult_scenario():
    analysis = analysed("child")
    said = "\n".join(all_texts(plan_document_page(analysis, "case", {}, ())))
    assert "adult rule: the patient is 12 years old" in said
    assert "outside by" not in said
    assert all(one.share is None for one in analysis.shares)
    drawn = [one.scenario.key for one in analysis.scenarios if one.film is not None]
    assert drawn == ["unchanged"]


def test_a_frontal_plan_shows_its_own_film_and_nothing_of_the_other_view():
    analysis = analysed("frontal")
    assert [one.scenario for one in analysis.scenarios] == [SCENARIOS[0]]
    said = "\n".join(all_texts(plan_document_page(analysis, "case", {}, ())))
    assert "right leg longer by 10 mm" in said
    assert "hip axis" not in said
    record = values_document(analysis)
    curve = next(one for one in record["curves"] if one["region"] == "TL")
    # L3/L4 lies within the curve T7 to L4, so that its tilt changes the angle by its degrees.
    assert abs(curve["change"]) == pytest.approx(10.0, abs=1e-6)


def test_a_hostile_name_and_note_stay_text():
    analysis = analysed("supine")
    hostile = "<script>alert(1)</script><img src=http://x/y>"
    page = html_page(plan_document_page(analysis, hostile, {hostile: hostile}, ())).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def on_axes(film):
    figure = Figure(figsize=(4, 6), dpi=200)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, film.image.columns)
    ax.set_ylim(film.image.rows, 0)
    ax.set_aspect(film.scale.row_mm / film.scale.column_mm)
    return plate_on(ax, film.frame)


def lines(plate):
    return {
        line.get_gid(): np.array(line.get_xydata()) for line in plate.ax.lines if line.get_gid()
    }


def test_the_wedge_of_an_osteotomy_has_its_angle_and_opens_from_its_hinge():
    plate = on_axes(LATERAL)
    draw_wedges(plate, LATERAL, plan("L3:pso:28", "L5_S1:alif:10"))
    drawn = {key: LATERAL.frame.to_plane(xy) for key, xy in lines(plate).items()}
    for site, way, key, degrees in (
        ("L3", "closing", "pso", 28.0),
        ("L5_S1", "opening", "alif", 10.0),
    ):
        sides = [drawn[f"wedge.{site}.{way}.{side}"] for side in ("lower", "upper")]
        (hinge,) = drawn[f"hinge.{site}.{key}"]
        for side in sides:
            assert side[0] == pytest.approx(hinge, abs=1e-6)
        ways = [side[1] - side[0] for side in sides]
        angle = np.degrees(np.arctan2(*reversed(ways[0]))) - np.degrees(
            np.arctan2(*reversed(ways[1]))
        )
        assert abs((angle + 180) % 360 - 180) == pytest.approx(degrees)
        # Upper above lower; what closes lies behind the hinge, what opens before it.
        assert ways[1][1] > ways[0][1]
        assert all(step[0] < 0 if way == "closing" else step[0] > 0 for step in ways)
    texts = {text.get_gid(): text.get_text() for text in plate.ax.texts}
    assert texts["correction.L3.pso"] == "L3\nPSO +28°"
    assert texts["correction.L5_S1.alif"] == "L5-S1\nALIF +10°"
    assert not any("opening" in key for key in drawn if key.startswith("wedge.L3."))


def test_a_tilt_closes_on_the_side_that_it_lowers():
    plate = on_axes(FRONTAL)
    draw_wedges(plate, FRONTAL, plan("T12_L1:angle:8"))
    drawn = {key: FRONTAL.frame.to_plane(xy) for key, xy in lines(plate).items()}
    closing, opening = (drawn[f"wedge.T12_L1.{way}.upper"] for way in ("closing", "opening"))
    assert closing[1][0] > closing[0][0]
    assert opening[1][0] < opening[0][0]


def test_the_rod_is_drawn_where_it_was_computed():
    analysis = analyse_plan(LATERAL, plan("L3:pso:20", uiv="T10", liv="S1"), ())
    plate = on_axes(LATERAL)
    draw_rod(plate, analysis.rod)
    places = LATERAL.frame.to_plane(lines(plate)["rod"])
    assert places == pytest.approx(np.array(analysis.rod.places), abs=1e-6)
    assert np.hypot(*np.diff(places, axis=0).T).sum() == pytest.approx(analysis.rod.length_mm)
    assert f"{analysis.rod.length_mm:.0f} mm" in plate.ax.texts[0].get_text()


@pytest.mark.parametrize(
    ("film", "wanted"),
    [
        (LATERAL, plan("L3:pso:25", "L5_S1:alif:12")),
        (FRONTAL, plan("L3_L4:angle:-9", leg=15.0)),
        (FRONTAL, plan(leg=-15.0)),
    ],
)
def test_the_film_is_cut_and_turned_as_its_points_are(film, wanted):
    # Every marked point gets a dot on a dark film; after the plan the dots are at the planned
    # points. Dots near a cut may be hidden by what closes over them: those of bodies away from it.
    rows, columns = film.image.rows // 4, film.image.columns // 4
    picture = np.zeros((rows, columns), np.uint8)
    names = [name for name in film.points if name.startswith(("T4_", "T9_", "S1_", "L5_", "L1_"))]
    for name in names:
        x, y = (round(film.points[name].x / 4), round(film.points[name].y / 4))
        if 2 < x < columns - 3 and 2 < y < rows - 3:
            picture[y - 2 : y + 3, x - 2 : x + 3] = 255
    planned = apply_plan(film, wanted)
    part = Box(-0.5, -0.5, film.image.columns - 0.5, film.image.rows - 0.5)
    drawn = planned_film(picture, film, wanted, part).picture
    seen = 0
    for name in names:
        x, y = (round(planned.points[name].x / 4), round(planned.points[name].y / 4))
        if 3 < x < columns - 4 and 3 < y < rows - 4:
            seen += 1
            assert drawn[y - 1 : y + 2, x - 1 : x + 2].max() > 150, name
    assert seen >= 8


def test_before_and_after_have_one_scale_and_the_same_bytes_again():
    analysis = analysed("severe")
    one, other = plan_pictures(analysis, None), plan_pictures(analysis, None)
    assert one == other
    assert one[0].size_mm == one[1].size_mm
    (alone,) = plan_pictures(analysed("nothing"), None)
    assert alone.words == "the film"


def test_the_same_plan_has_the_same_bytes_in_another_process(tmp_path):
    code = (
        "import sys; from pathlib import Path; "
        "from balance.planning.request import PlanRequest, carry_out; "
        "from balance.report.plan_files import write_plan_results; "
        "source = Path(sys.argv[1]); "
        "done = carry_out(PlanRequest(source, corrections=('L3:pso:25',), targets=('l1pa',))); "
        "write_plan_results(*done, source, Path(sys.argv[2]))"
    )
    source = tmp_path / "film.landmarks.json"
    source.write_bytes((SAMPLES / "lateral_03.landmarks.json").read_bytes())
    made = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"}
        command = [sys.executable, "-c", code, source, tmp_path / seed]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        made.append({path.name: path.read_bytes() for path in (tmp_path / seed).iterdir()})
    assert {"plan.pdf", "plan.html", "values.json"} <= made[0].keys()
    assert made[0] == made[1]


@needs_pdftotext
def test_the_pictures_leave_room_for_what_is_said_above_them(tmp_path):
    written = carry_out(
        PlanRequest(
            SAMPLES / "lateral_03.landmarks.json",
            corrections=tuple(f"T{n}_T{n + 1}:pco:2" for n in range(3, 11)),
            targets=("l1pa",),
        )
    )
    folder = tmp_path / "out"
    write_plan_results(*written, tmp_path / "no_film.landmarks.json", folder)
    sheets = paper_text((folder / "plan.pdf").read_bytes(), tmp_path).split("\f")[:-1]
    assert ["hinges as rings" in sheet for sheet in sheets] == [True, False]


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=9), st.floats(1.0, 60.0))
def test_labels_of_a_rail_keep_their_order_and_their_distance(wanted, step):
    ends = (-300.0, 300.0)
    places = spread(np.array(wanted), step, ends)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(places[order]) >= step - 1e-6)
    if step * (len(wanted) - 1) <= 600.0:
        assert places.min() >= ends[0] - 1e-6
        assert places.max() <= ends[1] + 1e-6
    if len(wanted) == 1 and abs(wanted[0]) <= 300.0:
        assert places[0] == pytest.approx(wanted[0])


def test_labels_of_a_rail_that_have_room_stay_where_they_are_wanted():
    wanted = np.array([10.0, 90.0, -50.0])
    assert spread(wanted, 40.0, (-100.0, 100.0)) == pytest.approx(wanted)
    # Two that want one place give way alike: the least that both can be moved.
    assert spread(np.array([0.0, 0.0]), 10.0, (-100.0, 100.0)) == pytest.approx([-5.0, 5.0])


def test_hinges_are_named_in_their_order_at_the_edge_behind_the_spine():
    plate = on_axes(LATERAL)
    wanted = plan("L3:pso:20", "L2_L3:pco:5", "L4_L5:cage:5", "L5_S1:alif:8", "T12_L1:pco:5")
    draw_wedges(plate, LATERAL, wanted)
    box = plate.ax.get_window_extent()
    ways = {text.get_gid(): text.get_window_extent() for text in plate.ax.texts}
    heights = [ways[f"correction.{one.site}.{one.procedure}"].y0 for one in sorted(
        wanted.corrections, key=lambda one: plate.frame.to_pixels(middle_of(one))[1])]  # fmt: skip
    assert heights == sorted(heights, reverse=True)
    behind_is_right = LATERAL.side == "left"
    for extent in ways.values():
        edge = box.x1 - extent.x1 if behind_is_right else extent.x0 - box.x0
        assert 0 < edge < 0.05 * box.width
    for one, other in pairwise(sorted(ways.values(), key=lambda extent: extent.y0)):
        assert one.y1 <= other.y0 + 1.0


def middle_of(one):
    (turn,) = turns_of(Plan((one,)), tuple(LATERAL.points), LATERAL.existing_levels, "lateral")
    pixels = np.array([(point.x, point.y) for point in LATERAL.points.values()])
    return turn.hinge(LATERAL.frame.to_plane(pixels))


def test_the_schema_knows_what_the_program_knows():
    entry = SCHEMA["$defs"]["correction"]["properties"]["procedure"]
    assert entry["enum"] == [row.key for row in PROCEDURES]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_sample_plans_and_what_is_written_obey_the_schema(tmp_path):
    check = jsonschema.Draft202012Validator(SCHEMA).validate
    check(json.loads(EXAMPLE))
    for path in SAMPLES.glob("*.plan.json"):
        check(json.loads(path.read_text()))
        check(plan_document(plan_of(read_plan(path)), read_plan(path)))
    example = tmp_path / "example.json"
    example.write_text(EXAMPLE)
    document = read_plan(example)
    written = plan_document(plan_of(document), document)
    check(written)
    assert written["targets"] == ["age_adjusted", "LL=50:60"]
    analyse_plan(LATERAL, plan_of(document), [TARGET["age_adjusted"]])


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "other"},
        {"version": 2},
        {"corrections": [{"site": "L3", "procedure": "saw", "degrees": 3}]},
        {"corrections": [{"site": "L3", "degrees": 3}]},
        {"corrections": [{"site": "L3_", "procedure": "pso", "degrees": 3}]},
        {"corrections": [{"site": "L3", "procedure": "pso", "degrees": 300}]},
        {"leg_lift_right_mm": "ten"},
        {"notes": {"indication": 3}},
    ],
)
def test_the_schema_refuses_what_the_program_refuses(wrong):
    content = json.loads(EXAMPLE) | wrong
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(content)


def test_the_sample_plan_keeps_its_spine_within_its_own_warnings():
    path = SAMPLES / "lateral_03.plan.json"
    analysis = analyse_plan(LATERAL, plan_of(read_plan(path)), [TARGET["t4_l1pa"]])
    assert analysis.doubts == ("lower-limb compensation not assessed: the legs are not marked",)
    assert measure_film(analysis.planned).measurements["LL"].value > 45
