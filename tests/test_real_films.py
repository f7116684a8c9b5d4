"""Real films, where a folder of them is at hand: annotations measured, compared, refused."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import real_films as real
from rich.console import Console

from balance.analysis import analyse_files
from balance.assessment.thresholds import THRESHOLDS
from balance.display import display_image
from balance.film import open_film
from balance.metrics.catalogue import METRICS
from balance.radiograph import Frame, Scale
from balance.report.record import measurement_document
from balance.report.table import analysis_table, write_cases_csv

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(
        not real.frontal_films(),
        reason="no real films: set SPINAL_BALANCE_FILMS or fill ../shared/radiographs",
    ),
]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "real-films.md"
GOOD = [pytest.param(film, id=film.label) for film in real.well_labelled()]
LATERAL = [pytest.param(film, id=film.path.stem) for film in real.lateral_films()]
SPINES = [
    pytest.param(name, view, id=f"ct-{number}-{view}")
    for number, name in enumerate(real.ct_names(), 1)
    for view in real.VIEWS
]
OTHER_SIDE = {"left": "right", "right": "left"}
SOME_LEVELS = ("T1", "T8", "L5")


@pytest.fixture
def row(request: pytest.FixtureRequest) -> real.Comparison:
    """One well labelled frontal film, measured; each once in a session."""
    return real.comparison(request.param)


def place_of(row: real.Comparison, level: str) -> int:
    return [box.level for box in row.film.boxes].index(level)


# --- the frontal films: angles --------------------------------------------------------------------


@pytest.mark.parametrize("row", GOOD, indirect=True)
def test_the_largest_curve_is_the_one_found_by_trying_every_pair(row: real.Comparison) -> None:
    largest, expected = row.largest, row.recomputed
    if largest is None:
        assert expected.cobb < 15
        return
    assert largest.cobb == pytest.approx(expected.cobb, abs=0.01)
    ends = (place_of(row, largest.upper), place_of(row, largest.lower))
    assert ends == (expected.upper, expected.lower)


@pytest.mark.parametrize("row", GOOD, indirect=True)
def test_every_curve_has_the_angle_apex_and_side_found_another_way(row: real.Comparison) -> None:
    bends = {(one.upper, one.lower): one for one in real.every_bend(row.film.boxes)}
    for curve in row.analysis.curves:
        ends = place_of(row, curve.upper), place_of(row, curve.lower)
        assert curve.cobb == pytest.approx(bends[ends].cobb, abs=0.01)
        assert curve.convex == bends[ends].convex
        assert (curve.apex, curve.convex) == real.apex_of(row.film.boxes, *ends)
        low, high = curve.ci95
        assert low < curve.cobb < high
        assert 1 < curve.sd < 5
        assert -1 < curve.selection_bias < 5


@pytest.mark.parametrize("row", GOOD, indirect=True)
def test_the_published_angle_follows_from_the_corners_by_its_own_definition(
    row: real.Comparison,
) -> None:
    assert row.midline[0] == pytest.approx(row.film.published[0], abs=0.01)


def test_the_two_definitions_differ_by_little_on_average() -> None:
    mean, sd, _, _ = real.summary([row.difference for row in real.comparisons()])
    assert abs(mean) < 2
    assert sd < 4


def test_every_large_curve_is_listed_and_no_small_one() -> None:
    for row in real.comparisons():
        if row.recomputed.cobb >= 15:
            assert row.largest is not None
        if row.recomputed.cobb < 10:
            assert row.largest is None


def test_thoracic_curves_are_mostly_convex_to_the_right() -> None:
    """As in adolescent idiopathic scoliosis; a mirrored conversion would show the reverse."""
    sides = [
        curve.convex
        for row in real.comparisons()
        for curve in row.analysis.curves
        if curve.region == "MT" and curve.cobb >= 25
    ]
    assert len(sides) > 10
    assert sides.count("right") > 0.9 * len(sides)


@pytest.mark.parametrize("row", GOOD[::6], indirect=True)
def test_the_surgeons_view_of_the_same_film_measures_the_same(row: real.Comparison) -> None:
    document = real.frontal_document(row.film, patient_right="right")
    for point in document["points"].values():
        point["x"] = row.film.columns - 1 - point["x"]
    for curve, mirrored in zip(row.analysis.curves, real.measured(document).curves, strict=True):
        assert (curve.upper, curve.lower, curve.apex) == (
            mirrored.upper,
            mirrored.lower,
            mirrored.apex,
        )
        assert curve.convex == mirrored.convex
        assert curve.cobb == pytest.approx(mirrored.cobb, abs=1e-9)


def test_curves_are_such_as_a_reader_would_draw() -> None:
    assert not [curve for row in real.comparisons() for curve in real.doubtful_curves(row)]


# --- the frontal films: records -------------------------------------------------------------------


@pytest.mark.parametrize("row", GOOD, indirect=True)
def test_the_json_record_has_every_key_and_a_reason_where_no_value(row: real.Comparison) -> None:
    document = json.loads(json.dumps(measurement_document([row.analysis], []), allow_nan=False))
    (case,) = document["cases"]
    assert case["id"] == row.film.label
    check_case(case, "frontal")
    assert case["measurements"]["T1_tilt"]["value"] is not None
    assert len(case["curves"]) == len(row.analysis.curves)
    lengths = [one for one in case["measurements"].values() if one["unit"] == "mm"]
    assert lengths
    assert all(one["value"] is None for one in lengths)


def check_case(case: dict[str, Any], view: str) -> None:
    """All keys of the view, each with a value and its interval or a reason."""
    assert set(case["measurements"]) == {one.key for one in METRICS if one.view == view}
    assert set(case["grades"]) == {one.key for one in THRESHOLDS if one.view == view}
    for one in case["measurements"].values():
        if one["value"] is None:
            assert one["reason"]
        else:
            assert one["ci95"][0] <= one["value"] <= one["ci95"][1]
    for grade in case["grades"].values():
        assert grade["grade"] is not None or grade["reason"]


@pytest.mark.parametrize("row", GOOD[::4], indirect=True)
def test_the_text_names_the_film_and_each_curve(row: real.Comparison) -> None:
    out = Console(file=io.StringIO(), width=200, highlight=False)
    out.print(analysis_table(row.analysis))
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert row.film.label in text
    for curve in row.analysis.curves:
        ends = f"{curve.upper} to {curve.lower}, apex {curve.apex}, convex {curve.convex}"
        lines = [line for line in text.splitlines() if ends in line]
        assert len(lines) == 1
        assert f"{curve.cobb:.1f} deg" in lines[0]


def test_the_spreadsheet_has_a_row_for_each_film_and_a_column_for_each_key() -> None:
    file = io.StringIO(newline="")
    write_cases_csv([row.analysis for row in real.comparisons()], file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [one["case"] for one in rows] == [row.film.label for row in real.comparisons()]
    keys = {one.key for one in METRICS if one.view == "frontal"}
    assert keys <= set(rows[0])


# --- the frontal films: pictures ------------------------------------------------------------------


@pytest.mark.parametrize("row", GOOD[::3], indirect=True)
def test_the_points_lie_on_the_picture_and_on_bone(row: real.Comparison) -> None:
    film = open_film(row.film.path)
    assert (film.rows, film.columns) == (row.film.rows, row.film.columns)
    picture = display_image(film, longest_side=400)
    factor = max(picture.shape) / max(film.rows, film.columns)
    centres = np.array([[box.centre.real, box.centre.imag] for box in row.film.boxes]) * factor
    columns, rows = centres.round().astype(int).T
    on_bone = picture[rows, columns].astype(float).mean()
    beside = np.concatenate([picture[rows, 5], picture[rows, -6]]).astype(float).mean()
    assert on_bone > beside


def test_the_film_beside_its_document_is_compared_with_it(tmp_path: Path) -> None:
    first, other = real.well_labelled()[:2]
    for stem, film in (("same", first), ("other", other)):
        shutil.copyfile(film.path, tmp_path / f"{stem}.jpg")
        document = real.frontal_document(first) | {"case": stem}
        (tmp_path / f"{stem}.landmarks.json").write_text(json.dumps(document))
    paths = [tmp_path / f"{stem}.landmarks.json" for stem in ("same", "other")]
    (same, different), failures = analyse_files(paths)
    assert not failures
    assert not [one for one in same.warnings if "same film" in one]
    assert [one for one in different.warnings if "are they the same film?" in one]


# --- wrong labels ---------------------------------------------------------------------------------


def bad_film(issue: str) -> real.FrontalFilm:
    films = [film for film in real.frontal_films() if issue in film.issues]
    if not films:
        pytest.skip(f"no film of fault {issue} in the folder")
    return films[0]


def test_a_film_published_with_crossed_corners_is_refused() -> None:
    sentence = real.refusal(real.frontal_document(bad_film("UDflip")))
    assert sentence is not None
    assert "swapped labels: the endplates T1_superior_left to T1_superior_right" in sentence
    assert "cross each other; exchange superior and inferior on one side" in sentence


def test_a_film_published_with_levels_out_of_order_is_doubted() -> None:
    document = real.frontal_document(bad_film("order"))
    sentence = real.refusal(document)
    if sentence is None:
        assert [one for one in real.measured(document).warnings if "order of the levels" in one]
    else:
        assert "order" in sentence


@pytest.mark.parametrize("row", GOOD, indirect=True)
def test_wrong_sides_and_labels_of_a_frontal_film_are_refused(row: real.Comparison) -> None:
    film = row.film
    levels = [box.level for box in film.boxes]
    mirrored = real.refusal(real.frontal_document(film, patient_right="right"))
    assert mirrored is not None
    assert mirrored.startswith("patient_right says right, but the points say left")
    assert real.refusal(real.frontal_document(film, relabelled=real.MIRRORED, at=levels))
    for level in SOME_LEVELS:
        for names in (real.MIRRORED, real.UPSIDE_DOWN, real.ONE_SIDE):
            sentence = real.refusal(real.frontal_document(film, relabelled=names, at=[level]))
            assert sentence is not None
            assert sentence.startswith("swapped labels:")
            assert f"{level}_superior_left" in sentence


def test_labels_decide_the_side_of_a_frontal_film_that_does_not_say_it() -> None:
    for film in real.well_labelled():
        document = real.frontal_document(film, patient_right=None)
        assert real.measured(document).films["frontal"].landmarks.side == "left"


@pytest.mark.parametrize("level", SOME_LEVELS)
def test_a_vertebra_turned_by_half_a_turn_is_found(level: str) -> None:
    film = real.well_labelled()[20]
    document = real.frontal_document(film, relabelled=real.HALF_TURN, at=[level])
    assert real.refusal(document) is not None


# --- the lateral films ----------------------------------------------------------------------------


@pytest.mark.parametrize("film", LATERAL)
def test_labels_decide_which_way_a_lateral_film_faces(film: real.LateralFilm) -> None:
    seen = real.measured(real.lateral_document(film))
    assert seen.films["lateral"].landmarks.side == film.anterior
    assert not [one for one in seen.warnings if "order of the levels" in one]
    turned = real.measured(real.lateral_document(film, mirrored=True))
    assert turned.films["lateral"].landmarks.side == OTHER_SIDE[film.anterior]
    for key, one in seen.measurements.items():
        assert one.value == pytest.approx(turned.measurements[key].value, abs=1e-9)
    # The picture was squeezed: the sign of an angle survives that, its size does not.
    for key in ("SS", "LL"):
        value = seen.measurements[key].value
        assert value is not None
        assert value > 0


@pytest.mark.parametrize("film", LATERAL)
def test_wrong_sides_and_labels_of_a_lateral_film_are_refused(film: real.LateralFilm) -> None:
    wrong = OTHER_SIDE[film.anterior]
    sentence = real.refusal(real.lateral_document(film, facing=wrong))
    assert sentence is not None
    assert sentence.startswith(f"facing says {wrong}, but the points say {film.anterior}")
    for vertebra in film.vertebrae:
        level = vertebra["level"]
        swapped = real.refusal(real.lateral_document(film, swapped_at=level))
        assert swapped is not None
        assert swapped.startswith(f"swapped labels: {level}_superior_posterior")


@pytest.mark.parametrize("film", LATERAL)
def test_a_lateral_film_has_every_key(film: real.LateralFilm) -> None:
    case = measurement_document([real.measured(real.lateral_document(film))], [])["cases"][0]
    check_case(case, "lateral")
    for key in ("PI", "PT", "SVA", "TK"):
        assert case["measurements"][key]["value"] is None


# --- other published data -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "view"), SPINES)
def test_centres_alone_give_no_value_and_every_reason(name: str, view: str) -> None:
    analysis = real.measured(real.ct_document(name, view))
    case = measurement_document([analysis], [])["cases"][0]
    check_case(case, view)
    assert not [one for one in case["measurements"].values() if one["value"] is not None]
    assert not case["curves"]
    assert not [one for one in case["grades"].values() if one["grade"] is not None]
    assert not [one for one in case["warnings"] if "order" in one or "outside the image" in one]
    side = "facing" if view == "lateral" else "patient_right"
    assert real.refusal(real.ct_document(name, view, with_side=False)) == (
        f'field {side} is missing and the points cannot decide it; say "{side}": "left" or "right"'
    )


def test_a_sixth_lumbar_vertebra_is_a_level_like_others() -> None:
    six = [name for name in real.ct_names() if "L6" in real.ct_bodies(name)]
    if not six:
        pytest.skip("no spine of six lumbar vertebrae in the folder")
    landmarks = real.measured(real.ct_document(six[0], "frontal")).films["frontal"].landmarks
    assert landmarks.last_lumbar == "L6"
    assert landmarks.existing_levels[-3:] == ("L5", "L6", "S1")


@pytest.mark.parametrize("name", real.ct_names())
def test_left_pedicles_lie_on_the_patients_left(name: str) -> None:
    frame = Frame(Scale(), "left")
    for left, right in zip(
        real.ct_pedicles(name, "left"), real.ct_pedicles(name, "right"), strict=True
    ):
        pixels = [real.ct_pixel("frontal", place) for place in (left, right)]
        plane = frame.to_plane(np.array([[one.real, one.imag] for one in pixels]))
        assert plane[0, 0] < plane[1, 0]


def test_published_pelves_come_back_and_are_graded_as_by_arithmetic() -> None:
    if not real.pelves():
        pytest.skip("the table of pelves is not in the folder")
    for pelvis in real.pelves():
        analysis = real.measured(real.pelvis_document(pelvis))
        for key, value in pelvis.items():
            assert analysis.measurements[key].value == pytest.approx(value, abs=1e-6)
        tilt, mismatch = pelvis["PT"], pelvis["PI"] - pelvis["LL"]
        assert analysis.grades["srs_schwab.PI_LL"].grade == (
            "0" if mismatch < 10 else "+" if mismatch <= 20 else "++"
        )
        assert analysis.grades["srs_schwab.PT"].grade == (
            "0" if tilt < 20 else "+" if tilt <= 30 else "++"
        )
        assert analysis.grades["review.PI_LL"].grade == ("within" if abs(mismatch) <= 9 else "past")
        assert analysis.grades["schwab2013.PT"].past == (tilt >= 22)


# --- the page -------------------------------------------------------------------------------------


def test_the_page_holds_the_angles_that_the_program_gives_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    between = text.split(real.COMPARISON_START)[1].split(real.COMPARISON_END)[0]
    assert between.strip() == real.comparison_table(), (
        "make it again: python tests/real_films.py docs/real-films.md"
    )


def test_the_page_shows_no_path_and_no_dated_file_name() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert str(real.FOLDER) not in text
    for film in real.frontal_films():
        assert film.path.stem not in text
    assert "![" not in text
