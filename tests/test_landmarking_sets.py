"""The sets that proposals are judged on: the second renderer's geometry, the stress factors."""

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from balance.landmarks.files import parse_landmarks, read_landmarks
from balance.metrics.catalogue import measure_film
from benchmarks.other_renderer.beam import Beam, around, body, ellipsoid, tube
from benchmarks.other_renderer.film import plate_ends, truth, write_film
from benchmarks.other_renderer.posture import Bone, draw_person, rotation, xyz
from benchmarks.stress_sets import FACTORS, specs_of, write_set

FAR = Beam("lateral", 1.0, 1e7, False, (0.0, 0.0), -50.0, 50.0, 0.5, (200, 200), False)
NEAR = replace(FAR, source_mm=1000.0)
SQUARE = Bone("L3", np.zeros(3), np.eye(3), (36.0, 36.0), 44.0, 24.0, (0.0, 0.0), (0.0, 0.0))


def test_a_sphere_is_as_thick_as_it_is_wide_and_keeps_its_volume():
    _, through = ellipsoid(FAR, xyz(3.0, -2.0, 5.0), np.eye(3), np.full(3, 20.0))
    assert through.max() == pytest.approx(40.0, rel=1e-3)
    assert through.sum() * 0.5**2 == pytest.approx(4.0 / 3.0 * np.pi * 20.0**3, rel=2e-3)
    # seen from 1000 mm its shadow in the mid-plane is larger by the square of the magnification
    _, near = ellipsoid(NEAR, xyz(0.0, 0.0, 200.0), np.eye(3), np.full(3, 20.0))
    assert near.sum() / through.sum() == pytest.approx((1000.0 / 800.0) ** 2, rel=0.01)


def test_shadows_grow_by_similar_triangles_and_a_slot_keeps_heights():
    place = xyz(30.0, 40.0, 100.0)
    assert NEAR.project(place) == pytest.approx([30.0 / 0.9, 40.0 / 0.9])
    assert replace(NEAR, slot=True).project(place) == pytest.approx([30.0 / 0.9, 40.0])
    assert NEAR.magnification(place) == pytest.approx(1.0 / 0.9)


def test_a_tube_across_the_beam_is_as_thick_as_it_is_wide():
    film = np.zeros(FAR.shape, np.float32)
    tube(FAR, film, np.linspace(xyz(-30.0, 0.0, 0.0), xyz(30.0, 0.0, 0.0), 7), np.full(7, 6.0),
         rind=1.0, dense=0.5, loose=0.1)  # fmt: skip
    middle = film[100, 60:140]
    assert middle == pytest.approx(0.5 * 12.0 - 0.4 * 10.0, rel=0.02)
    assert np.ptp(middle) < 1e-4


def test_a_body_ends_where_its_corners_are():
    film = np.zeros(FAR.shape, np.float32)
    body(FAR, film, SQUARE, spongy=0.01, wall=0.0, plate=0.0)
    for plate, y in (("superior", 12.0), ("inferior", -12.0)):
        back, front = plate_ends(FAR, SQUARE, plate)
        assert back == pytest.approx([-18.0, y], abs=0.01)
        assert front == pytest.approx([18.0, y], abs=0.01)
    rows, columns = np.nonzero(film > 0.02)
    assert rows.min() * 0.5 == pytest.approx(50.0 - 12.0, abs=1.0)
    assert rows.max() * 0.5 == pytest.approx(50.0 + 12.0, abs=1.0)
    assert columns.min() * 0.5 == pytest.approx(50.0 - 18.0, abs=1.0)
    assert columns.max() * 0.5 == pytest.approx(50.0 + 18.0, abs=1.0)
    # the waist is 9 % narrower than the endplates
    assert film[100, 100] == pytest.approx(0.01 * 44.0 * 0.91, rel=0.01)


def test_a_body_askew_shows_two_rims_and_the_truth_lies_between_them():
    askew = replace(SQUARE, axes=rotation(0.0, np.radians(15.0), 0.0))
    rim = FAR.project(askew.rim("superior"))
    assert np.ptp(rim[:, 1]) == pytest.approx(44.0 * np.sin(np.radians(15.0)), rel=0.01)
    back, front = plate_ends(FAR, askew, "superior")
    assert (back[1] + front[1]) / 2.0 == pytest.approx(rim[:, 1].mean(), abs=0.1)
    assert around(FAR, askew.rim("superior") + 500.0, 1.0) is None


def test_the_truth_of_a_drawn_person_is_what_the_rays_say():
    person = draw_person(np.random.default_rng(4), 0.0)
    beam = replace(FAR, left=-300.0, top=800.0, shape=(2000, 1300))
    documents = [truth(one, person, "a.png", "a") for one in (beam, replace(beam, mirrored=True))]
    plain, mirrored = (parse_landmarks(json.dumps(one).encode()) for one in documents)
    assert (plain.side, mirrored.side) == ("right", "left")
    values, others = (measure_film(one).measurements for one in (plain, mirrored))
    for key in ("PI", "PT", "SS", "LL", "TK", "SVA", "TPA"):
        assert values[key].value == pytest.approx(others[key].value, abs=1e-6)
    hips, sacrum = person.hips.mean(axis=0), person.sacrum[0].rim("superior").mean(axis=0)
    back = sacrum - hips
    tilt = np.degrees(np.arctan2(-back[0], back[1]))
    assert values["PT"].value == pytest.approx(tilt, abs=0.3)


@pytest.mark.slow
def test_a_film_of_the_second_renderer_repeats_for_its_seed(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_film(tmp_path / folder, "a", "lateral", (3, 0, 1))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 2
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert read_landmarks(tmp_path / "one" / "a.truth.landmarks.json").view == "lateral"


@pytest.mark.parametrize("factor", FACTORS)
def test_a_larger_stress_set_begins_with_the_same_films(factor):
    two, three = (tuple(specs_of(factor, count, 5)) for count in (2, 3))
    assert three[:2] == two
    assert len({spec.name for spec in three}) == 3


def test_a_stress_set_differs_from_plain_by_its_factor():
    plain = next(specs_of("plain", 1, 5))
    assert next(specs_of("inverted", 1, 5)).inverted
    assert next(specs_of("implants", 1, 5)).look.implants
    assert next(specs_of("fractures", 1, 5)).choices.wedges
    assert next(specs_of("six_lumbar", 1, 5)).choices.lumbar == 6
    assert next(specs_of("thoracic_13_11", 1, 5)).choices.thoracic in (11, 13)
    noisy = next(specs_of("noisy", 1, 5))
    assert noisy.look.beam.kiloquanta < 0.1 * plain.look.beam.kiloquanta
    assert noisy.choices == plain.choices
    assert {spec.cut for spec in specs_of("cut_field", 8, 5)} == {"neck", "hip"}


@pytest.mark.slow
def test_mirrored_and_untold_films_are_the_plain_film_turned_over(tmp_path):
    pixels, documents = {}, {}
    for factor in ("plain", "mirrored", "inverted_untold"):
        write_set(tmp_path / factor, factor, count=1, seed=5)
        (film,) = (tmp_path / factor).glob("*.dcm")
        pixels[factor] = pydicom.dcmread(film)
        documents[factor] = read_landmarks(next((tmp_path / factor).glob("*.truth.landmarks.json")))
    plain, mirrored = documents["plain"], documents["mirrored"]
    assert {plain.side, mirrored.side} == {"left", "right"}
    columns = int(pixels["plain"].Columns)
    for name, point in plain.points.items():
        assert mirrored.points[name].x == pytest.approx(columns - 1 - point.x)
        assert mirrored.points[name].y == point.y
    assert pixels["mirrored"].PatientOrientation == pixels["plain"].PatientOrientation
    untold = pixels["inverted_untold"]
    assert untold.PhotometricInterpretation == "MONOCHROME2"
    # bone is now the dark end: the middle of the film is darker than its border
    grey = untold.pixel_array
    assert np.median(grey[400:-400, 300:-300]) < np.median(grey[:20])
