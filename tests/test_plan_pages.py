"""What the pages of a plan say, what they never say, and what is drawn on its pictures."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from balance.documentation_plans import EXAMPLE
from balance.landmarks.files import read_landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.files import plan_document, plan_of, read_plan
from balance.planning.plan import Plan, parse_correction
from balance.planning.planned import analyse_plan
from balance.planning.procedures import PROCEDURES
from balance.planning.scenarios import SCENARIOS
from balance.planning.search import find_plans
from balance.planning.search_allowed import choices
from balance.planning.targets import TARGET, parse_target, targets_of
from balance.planning.turning import apply_plan
from balance.radiograph import Acquisition, Subject
from balance.report.document import all_texts
from balance.report.page_html import html_page
from balance.report.placement import Box
from balance.report.plan_film import planned_film
from balance.report.plan_overlay import draw_rod, draw_wedges
from balance.report.plan_page import plan_document_page
from balance.report.plan_picture import plan_pictures
from balance.report.plan_record import values_document
from balance.report.plate import plate_on

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


def analysed(name):
    film, planned, search = CASES[name]
    return analyse_plan(film, planned, targets_of(film.view), search=search)


@pytest.mark.parametrize("name", CASES)
def test_words_that_a_plan_never_says(name):
    analysis = analysed(name)
    page = plan_document_page(analysis, "case", {}, plan_pictures(analysis, None))
    said = "\n".join((*all_texts(page), json.dumps(values_document(analysis))))
    assert [word for word in FORBIDDEN if word in said.lower()] == []


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
    assert texts["correction.L3.pso"] == "L3 PSO +28°"
    assert texts["correction.L5_S1.alif"] == "L5-S1 ALIF +10°"
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
