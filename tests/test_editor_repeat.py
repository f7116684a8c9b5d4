"""A reader's own noise from repeated readings, where it is used, and the estimate of time."""

import json
from dataclasses import replace

import numpy as np
import pytest
from command_line import spinal_balance
from editor_actions import film_of, known_landmarks

import balance.landmarks.editor.events as ev
from balance.analysis import analyse
from balance.errors import BalanceError
from balance.examination import Document, Examination
from balance.inputs import find_documents
from balance.landmarks.editor.keystrokes import SECONDS, estimate, estimate_journal
from balance.landmarks.editor.lines import encode_event
from balance.landmarks.editor.opening import open_session
from balance.landmarks.editor.repeat import (
    FEWEST,
    begin_repeat,
    noise_lines,
    noise_of,
    noise_of_readings,
    plan_repeats,
    store_noise,
)
from balance.landmarks.editor.worklist import find_entries
from balance.landmarks.files import read_landmarks, write_landmarks
from balance.landmarks.model import Landmark, SiteDeviation
from balance.landmarks.noise import (
    CLICK,
    FRONTAL_CORNERS,
    HIP_AXIS,
    LATERAL_CORNERS,
    LATERAL_HEAD,
    place_points,
)
from balance.landmarks.reader_noise import (
    SITES,
    BadNoise,
    ReaderNoise,
    read_reader_noise,
    with_reader_noise,
    write_reader_noise,
)
from balance.study.readings import FilmReadings

MARKS = known_landmarks("lat05")
S1, L1 = LATERAL_CORNERS[0].site, LATERAL_CORNERS[1].site
PLATE = ("S1_superior_posterior", "S1_superior_anterior")


def again(marks, across, along, chance):
    """Another reading: every point moved across and along the S1 endplate's direction, mm."""
    frame = marks.frame
    back, front = (np.array([marks.points[n].x, marks.points[n].y]) for n in PLATE)
    way = frame.to_plane(front[None])[0] - frame.to_plane(back[None])[0]
    way = way / np.hypot(*way)
    up = np.array([-way[1], way[0]])
    moved = {}
    for name in PLATE:
        point = marks.points[name]
        place = frame.to_plane(np.array([[point.x, point.y]]))[0]
        place = place + chance.normal(0, across) * up + chance.normal(0, along) * way
        x, y = frame.to_pixels(place[None])[0]
        moved[name] = Landmark(float(x), float(y))
    return replace(marks, points=moved)


# --- what repeated readings say ---------------------------------------------------------------


@pytest.mark.parametrize("times", [2, 4])
def test_the_spread_of_repeated_readings_is_found_across_and_along_the_plate(times):
    chance = np.random.default_rng(3)
    films = [
        FilmReadings(str(n), tuple(again(MARKS, 0.7, 2.2, chance) for _ in range(times)))
        for n in range(600)
    ]
    noise = noise_of_readings(films, reader="A")
    (site,) = noise.sites
    assert site.site == S1
    # The plate's own direction is clicked as well, which blends the two axes a little.
    assert site.normal_mm == pytest.approx(0.7, rel=0.08)
    assert site.tangential_mm == pytest.approx(2.2, rel=0.05)
    assert noise.repeats == (600 * 2 * (times - 1),)
    assert noise.films == 600


def test_films_with_unlike_numbers_of_readings_are_pooled_by_their_freedom():
    def film(name, *shifts):
        readings = []
        for shift in shifts:
            points = {"C7_centroid": Landmark(100.0 + shift, 50.0), PLATE[0]: Landmark(0.0, 0.0)}
            readings.append(replace(MARKS, points=points))
        return FilmReadings(name, tuple(readings))

    mm = MARKS.scale.column_mm
    films = [film("a", 0.0, 4.0), *(film(str(n), 0.0, 1.0, 2.0) for n in range(2))]
    noise = noise_of_readings(films)
    found = {site.site: site for site in noise.sites}
    # Squares about the mean: 8 with 1 degree of freedom, twice 2 with 2.
    assert found[CLICK.site].tangential_mm == pytest.approx(np.sqrt((8 + 2 + 2) / 5) * mm)
    assert noise.repeats[noise.sites.index(found[CLICK.site])] == 5


def test_few_repeats_leave_the_default_and_say_so():
    chance = np.random.default_rng(0)
    films = [
        FilmReadings(str(n), (again(MARKS, 1, 1, chance), again(MARKS, 1, 1, chance)))
        for n in range(FEWEST // 2)
    ]
    noise = noise_of_readings(films)
    assert noise.sites == ()
    (line,) = noise_lines(noise)
    assert S1 in line
    assert "default" in line


# --- where it is used -------------------------------------------------------------------------

OWN = (
    SiteDeviation(S1, 0.4, 0.9),
    SiteDeviation(CLICK.site, 0.3, 0.6),
    SiteDeviation(LATERAL_HEAD.site, 0.2, 0.5),
    SiteDeviation(HIP_AXIS.site, 0.1, 0.7),
)


def test_the_readers_own_noise_takes_the_place_of_the_default_within_the_reader():
    marks = replace(
        MARKS,
        points={
            **{n: MARKS.points[n] for n in (*PLATE, "L1_superior_anterior")},
            "femoral_head_1": Landmark(100.0, 100.0),
            "femoral_head_2": Landmark(110.0, 90.0),
            "C7_centroid": Landmark(50.0, 50.0),
        },
        reader_noise=OWN,
    )
    placed = place_points(marks, "within_reader")
    at = {name: 2 * n for n, name in enumerate(placed.names)}

    def block(one, two):
        return placed.covariance[at[one] : at[one] + 2, at[two] : at[two] + 2]

    way = placed.plane[1] - placed.plane[0]
    angle = np.arctan2(way[1], way[0])
    c, s = np.cos(angle), np.sin(angle)
    turned = np.array([[c, -s], [s, c]]) @ np.diag([0.81, 0.16]) @ np.array([[c, s], [-s, c]])
    assert block(PLATE[0], PLATE[0]) == pytest.approx(turned)
    assert block("C7_centroid", "C7_centroid") == pytest.approx(np.diag([0.36, 0.09]))
    head = np.diag([0.25 + 0.49, 0.04 + 0.01])
    assert block("femoral_head_1", "femoral_head_1") == pytest.approx(head)
    assert block("femoral_head_1", "femoral_head_2") == pytest.approx(np.diag([0.49, 0.01]))
    # A site that was not repeated keeps the default of one reader.
    lone = block("L1_superior_anterior", "L1_superior_anterior")
    assert lone == pytest.approx(np.eye(2) * max(LATERAL_CORNERS[1].within) ** 2)
    between = place_points(marks)
    without = place_points(replace(marks, reader_noise=()))
    assert between.covariance == pytest.approx(without.covariance)


def examination(marks):
    return Examination(lateral=Document("film", marks))


def test_a_document_with_its_readers_noise_is_measured_within_the_reader():
    own = replace(MARKS, reader_noise=OWN)
    assert analyse(examination(MARKS)).uncertainty == "between_readers"
    assert analyse(examination(own)).uncertainty == "within_reader"
    assert analyse(examination(own), reading="between_readers").uncertainty == "between_readers"
    sds = [analyse(examination(m)).measurements["PI"].sd for m in (own, MARKS)]
    assert sds[0] < 0.6 * sds[1]


def test_a_file_of_noise_says_what_was_written(tmp_path):
    path = tmp_path / "A.noise.json"
    noise = ReaderNoise("A", OWN, 12, (24, 12, 24, 12))
    write_reader_noise(noise, path)
    assert read_reader_noise(path) == replace(noise, repeats=())
    told = json.loads(path.read_text())
    assert (told["format"], told["version"]) == ("spinal-balance-noise", 1)
    assert told["sites"][0]["repeats"] == 24


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "format"),
        ({"version": 2}, "version"),
        ({"readings": "between_readers"}, "between readers"),
        ({"sites": [{"site": "knees", "normal_mm": 1.0, "tangential_mm": 1.0}]}, "knees"),
        ({"sites": [{"site": S1, "normal_mm": 0.0, "tangential_mm": 1.0}]}, "sites"),
        ({"sites": [{"site": S1, "normal_mm": 1.0, "tangential_mm": 1.0}] * 2}, "twice"),
    ],
)
def test_a_file_of_noise_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, change, said):
    path = tmp_path / "A.noise.json"
    write_reader_noise(ReaderNoise("A", OWN), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BadNoise, match=said):
        read_reader_noise(path)


def test_measuring_with_a_file_of_noise(tmp_path):
    document, noise = tmp_path / "film.landmarks.json", tmp_path / "A.noise.json"
    write_landmarks(replace(MARKS, reader="A"), document)
    write_reader_noise(ReaderNoise("A", OWN), noise)
    command = ["measure", str(document), "--format", "json"]

    def case(*more):
        result = spinal_balance(*command, *more)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["cases"][0]

    usual, own = case(), case("--reader-noise", str(noise))
    assert (usual["uncertainty"], own["uncertainty"]) == ("between_readers", "within_reader")
    assert own["measurements"]["PI"]["value"] == usual["measurements"]["PI"]["value"]
    assert own["measurements"]["PI"]["sd"] < 0.6 * usual["measurements"]["PI"]["sd"]
    write_reader_noise(ReaderNoise("B", OWN), noise)
    other = case("--reader-noise", str(noise))
    assert other["uncertainty"] == "between_readers"
    assert any("another reader" in line for line in other["warnings"])
    noise.write_text("{")
    refused = spinal_balance(*command, "--reader-noise", noise)
    assert refused.exit_code == 1
    assert "A.noise.json" in refused.output


def test_noise_without_a_name_is_anybodys():
    assert with_reader_noise(MARKS, ReaderNoise(None, OWN)).reader_noise == OWN
    assert with_reader_noise(replace(MARKS, reader="A"), ReaderNoise("B", OWN)).reader_noise == ()


def test_the_sites_of_a_file_are_those_of_the_table():
    assert {S1, L1, CLICK.site, HIP_AXIS.site, FRONTAL_CORNERS.site} <= set(SITES)
    assert len(set(SITES)) == len(SITES) == 11


# --- asking again -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for n in range(6):
        (tmp_path / f"{n}.png").write_bytes(b"x")
        write_landmarks(replace(MARKS, reader="A", case=None), tmp_path / f"{n}.landmarks.json")
    predicted = {n: replace(p, source="predicted") for n, p in MARKS.points.items()}
    write_landmarks(replace(MARKS, points=predicted), tmp_path / "5.landmarks.json")
    write_landmarks(replace(MARKS, reader="B"), tmp_path / "4.landmarks.json")
    return tmp_path


def test_films_are_asked_again_in_an_order_and_at_a_zoom_that_follow_from_the_seed(folder):
    entries = find_entries([folder]).entries
    plan = plan_repeats(entries, reader="A", seed=1)[0]
    assert sorted(one.film.name for one in plan) == ["0.png", "1.png", "2.png", "3.png"]
    assert plan_repeats(entries, reader="A", seed=1)[0] == plan
    others = [plan_repeats(entries, reader="A", seed=seed)[0] for seed in range(2, 8)]
    assert any([a.film for a in one] != [a.film for a in plan] for one in others)
    starts = plan[0].starts
    assert starts[PLATE[0]] != plan[1].starts[PLATE[0]]
    for name, (x, y, zoom) in starts.items():
        point = MARKS.points[name]
        away = abs(x - point.x) * MARKS.scale.column_mm, abs(y - point.y) * MARKS.scale.row_mm
        assert max(away) <= 60.0
        assert 0.6 <= zoom <= 1.6


def test_a_repeated_reading_is_blind_and_is_no_case(folder):
    entries = find_entries([folder]).entries
    (repeat, *_) = plan_repeats(entries, reader="A", seed=1)[0]
    begin_repeat(repeat)
    blind = read_landmarks(repeat.document)
    assert not blind.points
    assert blind.scale == MARKS.scale
    assert repeat.document not in find_documents([folder])[0]
    session = open_session(repeat.document, film_of(MARKS), repeat.protocol)
    asked = [step.name for step in session.state.steps]
    assert set(PLATE) <= set(asked)
    assert "film" not in asked
    session.close()


def test_repeated_readings_beside_the_films_give_the_noise_and_it_is_stored(folder):
    entries = find_entries([folder]).entries
    plan = plan_repeats(entries, reader="A", seed=1)[0]
    shift = 2.0 / MARKS.scale.column_mm
    for repeat in plan:
        begin_repeat(repeat)
        session = open_session(repeat.document, film_of(MARKS), repeat.protocol)
        for name in repeat.starts:
            point = MARKS.points[name]
            session.do(ev.Place(name, point.x + shift, point.y, point.radius))
        session.save()
        session.close()
    documents = [entry.document for entry in entries]
    noise = noise_of(documents, reader="A")
    assert noise.films == 4
    found = {site.site: site for site in noise.sites}
    # Two readings 2 mm apart: their standard deviation is the root of 2.
    head = found.get(HIP_AXIS.site)
    assert head is None
    assert np.hypot(found[S1].normal_mm, found[S1].tangential_mm) == pytest.approx(np.sqrt(2))
    write_reader_noise(noise, folder / "A.noise.json")
    assert read_reader_noise(folder / "A.noise.json").sites == noise.sites
    held = open_session(documents[0], film_of(MARKS))
    held.do(ev.MarkDone())
    failures = store_noise(documents, noise)
    assert [failure.source for failure in failures] == [str(documents[0])]
    held.close(discard=True)
    stored = [read_landmarks(path).reader_noise for path in documents]
    assert stored == [(), noise.sites, noise.sites, noise.sites, (), noise.sites]
    assert not list(folder.glob("*.journal"))


def test_a_film_without_a_first_reading_is_not_asked(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    assert plan_repeats(find_entries([tmp_path]).entries) == ((), ())
    (tmp_path / "a.landmarks.json").write_text("{")
    repeats, failures = plan_repeats(find_entries([tmp_path]).entries)
    assert repeats == ()
    assert len(failures) == 1
    assert noise_of([tmp_path / "a.landmarks.json"]).sites == ()


# --- time -------------------------------------------------------------------------------------


def seconds(*events):
    return estimate([{"t": n, **encode_event(one)} for n, one in enumerate(events)])


def test_two_corners_of_one_endplate_are_one_decision_and_two_clicks():
    found = seconds(ev.Place(PLATE[0], 1.0, 1.0), ev.Place(PLATE[1], 9.0, 1.0))
    assert found.operators == {"M": 1, "P": 2, "B": 4, "H": 0}
    assert found.seconds == pytest.approx(1.35 + 2 * 1.1 + 4 * 0.1)


def test_a_key_after_a_click_moves_the_hand():
    found = seconds(ev.Place(PLATE[0], 1.0, 1.0), ev.Skip(), ev.Place("C7_centroid", 1.0, 1.0))
    assert {key: n for key, n in found.operators.items() if n} == {
        "M": 3, "H": 2, "P": 2, "B": 4, "K": 1,
    }  # fmt: skip
    assert found.recorded == 2.0


def test_what_the_program_does_takes_the_reader_no_time():
    assert seconds(ev.Proposed(())).seconds == 0.0


def test_looking_at_the_film_counts(tmp_path):
    assert estimate([{"t": 0, "view": "zoom"}]).seconds == pytest.approx(2 * SECONDS["B"])
    session = open_session(tmp_path / "a.landmarks.json", film_of(MARKS))
    session.do(ev.Place(PLATE[0], 5.0, 6.0))
    session.note_view("pan")
    session.sync()
    found = estimate_journal(tmp_path / "a.landmarks.journal")
    assert (found.protocol, found.actions) == ("balance", 2)
    session.close(discard=True)


def test_no_journal_has_no_time(tmp_path):
    assert estimate_journal(tmp_path / "none").seconds == 0.0
    with pytest.raises(BalanceError):
        read_reader_noise(tmp_path / "none")
