"""The evaluation's figures against a proposer whose errors are known in closed form."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from command_line import spinal_balance

from balance.errors import BalanceError
from balance.landmarks.files import parse_landmarks, write_landmarks
from balance.landmarks.model import Landmark, Landmarks, ProposalNote
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.radiograph import Scale, Subject
from balance.study.accuracy import parameter_figures, summarise, wrong_values
from balance.study.clicks import USUAL_CLICKS, ClickPlan, clicked, true_place
from balance.study.comparison import FilmResult, ValueComparison
from balance.study.evaluate import evaluate_folder, evaluation_document

MM = 0.5
SCALE = Scale(MM, MM, "user_fiducial", "patient", 1.0)
LEVELS = ("C7", "T1", "T4", "T8", "T12", "L1", "L5")


def spine(*, facing="right", scale=SCALE):
    """Level bodies of 30 x 20 mm over each other, S1 below, the heads before it; in pixels."""
    points = {}
    for number, level in enumerate(LEVELS):
        for plate, y in (("superior", 0.0), ("inferior", 20.0)):
            for end, x in (("posterior", 100.0), ("anterior", 130.0)):
                point = Landmark(x / MM, (40.0 + 26.0 * number + y) / MM)
                points[f"{level}_{plate}_{end}"] = point
    points["S1_superior_posterior"] = Landmark(100.0 / MM, 230.0 / MM)
    points["S1_superior_anterior"] = Landmark(130.0 / MM, 245.0 / MM)
    points["femoral_head_1"] = Landmark(140.0 / MM, 300.0 / MM)
    points["femoral_head_2"] = Landmark(144.0 / MM, 302.0 / MM)
    return Landmarks("lateral", points, facing, scale, subject=Subject(70.0, "F", "secret"))


def put(folder, name, truth, *, film=True):
    if film:
        cv2.imwrite(str(folder / f"{name}.png"), np.zeros((700, 400), np.uint8))
    named = replace(truth, image=replace(truth.image, file=f"{name}.png"))
    write_landmarks(named, folder / f"{name}.truth.landmarks.json")


def shifted(truth, *, points=None, mm=(0.0, 0.0), **note):
    """A proposer that puts these points (all by default) off by mm anterior and up."""
    status = note.get("status", "ok")

    def propose(film, given):
        moved = dict(truth.points)
        for name in truth.points if points is None else points:
            old = truth.points[name]
            moved[name] = replace(old, x=old.x + mm[0] / MM, y=old.y - mm[1] / MM, sd_px=0.01)
        return replace(given, points=moved, proposal=ProposalNote(status, ("because",)))

    return propose


C7 = [
    f"C7_{plate}_{end}" for plate in ("superior", "inferior") for end in ("posterior", "anterior")
]


def test_the_same_shift_of_every_point_is_its_length_across_and_along(tmp_path):
    truth = spine()
    put(tmp_path, "a", truth)
    result = evaluation_document(evaluate_folder(tmp_path, shifted(truth, mm=(3.0, 4.0))))
    assert set(result["films"][0]["point_error_mm"].values()) == {5.0}
    level = result["summary"]["points"]["T8"]
    assert level["median_mm"] == pytest.approx(5.0)
    assert (level["within_2_mm"], level["within_4_mm"], level["within_10_mm"]) == (0.0, 0.0, 1.0)
    assert level["normal_median_mm"] == pytest.approx(4.0)
    assert level["tangential_median_mm"] == pytest.approx(3.0)
    plate = np.array([30.0, -15.0]) / np.hypot(30.0, 15.0)
    sacrum = result["summary"]["points"]["S1"]
    assert sacrum["tangential_median_mm"] == pytest.approx(abs(plate @ [3.0, 4.0]))
    heads = result["summary"]["points"]["femoral heads"]
    assert heads["points"] == heads["placed"] == 2
    assert heads["normal_median_mm"] is None
    for key in ("PI", "SS", "SVA", "LL"):
        assert result["summary"]["parameters"][key]["mae"] == pytest.approx(0.0, abs=1e-9)


def test_errors_of_a_value_give_mae_bias_and_p95(tmp_path):
    truth, offsets = spine(), {"a": 2.0, "b": -4.0}
    for name in offsets:
        put(tmp_path, name, truth)

    def propose(film, given):
        mm = offsets[given.image.file.removesuffix(".png")]
        return shifted(truth, points=C7, mm=(mm, 0.0))(film, given)

    figures = evaluation_document(evaluate_folder(tmp_path, propose))["summary"]["parameters"]
    sva = figures["SVA"]
    assert (sva["mae"], sva["bias"]) == (pytest.approx(3.0), pytest.approx(-1.0))
    assert sva["p95"] == pytest.approx(2.0 + 0.95 * 2.0)
    assert (sva["films"], sva["given"], sva["unit"]) == (2, 2, "mm")
    assert figures["SS"]["mae"] == pytest.approx(0.0)


def test_the_value_and_its_truth_are_those_of_the_measurement_code(tmp_path):
    truth = spine()
    put(tmp_path, "a", truth)
    document = evaluation_document(evaluate_folder(tmp_path, shifted(truth, points=C7, mm=(6, 0))))
    values = document["films"][0]["parameters"]
    assert values["SS"]["truth"] == pytest.approx(np.degrees(np.arctan2(15.0, 30.0)), abs=1e-4)
    assert values["SVA"]["truth"] == pytest.approx(15.0)
    assert values["SVA"]["value"] == pytest.approx(21.0)


def test_intervals_hold_the_truth_or_not(tmp_path):
    truth = spine()
    put(tmp_path, "a", truth)
    narrow = evaluate_folder(tmp_path, shifted(truth, points=C7, mm=(6.0, 0.0)))
    low, high = narrow.films[0].values["SVA"].ci95
    # C7 is known to 0.005 mm; the corner of S1 has the default noise of another reader.
    half = (high - low) / 2.0
    assert low + half == pytest.approx(21.0)
    assert 1.96 * 2.0 < half < 1.96 * 3.1
    assert ValueComparison("PI", "deg", 50.0, 52.0, 1.0, (50.0, 54.0)).covered
    assert not ValueComparison("PI", "deg", 49.9, 52.0, 1.0, (50.0, 54.0)).covered
    covered = [ValueComparison("PI", "deg", t, 0.0, 1.0, (-2.0, 2.0)) for t in (0, 1, 3, 1)]
    assert parameter_figures(covered)["coverage"] == 0.75


def test_the_uncertainty_of_the_scale_is_not_judged(tmp_path):
    truth = spine(scale=replace(SCALE, sd_percent=10.0))
    far = [name for name in truth.points if name.startswith("C7")]
    put(tmp_path, "a", truth)
    wide = evaluate_folder(tmp_path, shifted(truth, points=far, mm=(200.0, 0.0)))
    put(tmp_path, "a", spine())
    exact = evaluate_folder(tmp_path, shifted(spine(), points=far, mm=(200.0, 0.0)))
    assert wide.films[0].values["SVA"].sd == pytest.approx(exact.films[0].values["SVA"].sd)


def test_whatever_goes_wrong_counts_and_stops_nothing(tmp_path):
    truth = spine()
    for name in ("broken", "empty", "good", "refused", "unable"):
        put(tmp_path, name, truth, film=name != "empty")
    (tmp_path / "broken.png").write_bytes(b"no film at all")

    def propose(film, given):
        name = given.image.file.removesuffix(".png")
        if name == "refused":
            raise ZeroDivisionError("patient name")
        status = "unable" if name == "unable" else "review"
        return shifted(truth, status=status)(film, given)

    evaluation = evaluate_folder(tmp_path, propose)
    document = evaluation_document(evaluation)
    assert {film["name"]: film["status"] for film in document["films"]} == {
        "broken": "failed", "empty": "failed", "good": "review", "refused": "failed",
        "unable": "unable",
    }  # fmt: skip
    summary = document["summary"]
    assert (summary["films"], summary["review"], summary["unable"], summary["failed"]) == (
        5,
        1,
        1,
        3,
    )
    assert summary["success_rate"] == pytest.approx(0.2)
    assert (summary["parameters"]["PI"]["given"], summary["parameters"]["PI"]["films"]) == (1, 5)
    assert summary["points"]["T8"]["points"] == 20
    assert summary["points"]["T8"]["within_10_mm"] == pytest.approx(0.2)
    assert len(evaluation.failures) == 3
    assert "patient name" not in json.dumps(document)
    nothing = next(film for film in document["films"] if film["name"] == "unable")
    assert all(value["value"] is None for value in nothing["parameters"].values())
    assert set(nothing["point_error_mm"].values()) == {None}


def test_a_truth_that_cannot_be_read_is_a_failure_of_its_own(tmp_path):
    truth = spine()
    put(tmp_path, "a", truth)
    (tmp_path / "b.truth.landmarks.json").write_text("{")
    evaluation = evaluate_folder(tmp_path, shifted(truth))
    assert [film.name for film in evaluation.films] == ["a"]
    assert "b.truth" in evaluation.failures[0].source
    (tmp_path / "none").mkdir()
    with pytest.raises(BalanceError, match="nothing to compare"):
        evaluate_folder(tmp_path / "none", shifted(truth))
    with pytest.raises(BalanceError, match="no such folder"):
        evaluate_folder(tmp_path / "nowhere", shifted(truth))


def test_the_document_has_exactly_these_keys(tmp_path):
    truth = spine()
    put(tmp_path, "a", truth)
    document = evaluation_document(evaluate_folder(tmp_path, shifted(truth)))
    assert (document["format"], document["version"]) == ("spinal-balance-evaluation", 1)
    assert set(document) == {"format", "version", "software", "films", "summary", "failures"}
    film = document["films"][0]
    assert set(film) == {"name", "status", "seconds", "point_error_mm", "parameters"}
    assert set(film["point_error_mm"]) == set(truth.points)
    assert all(set(value) == {"value", "truth", "ci95"} for value in film["parameters"].values())
    assert film["seconds"] > 0.0
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_producer_sees_clicks_and_no_truth(tmp_path):
    truth, seen = spine(), []
    put(tmp_path, "a", truth)

    def propose(film, given):
        seen.append(given)
        return given

    evaluate_folder(tmp_path, propose)
    (given,) = seen
    assert set(given.points) == set(USUAL_CLICKS["lateral"])
    assert given.subject == Subject()
    assert not given.document
    assert given.scale == truth.scale
    assert (given.side, given.view, given.vertebrae) == ("right", "lateral", truth.vertebrae)
    assert all(point.radius is None and point.source == "manual" for point in given.points.values())


def test_a_readers_own_clicks_win(tmp_path):
    truth, seen = spine(), []
    put(tmp_path, "a", truth)
    own = Landmarks("lateral", {"S1_superior_anterior": Landmark(7.0, 9.0)}, "right", SCALE)
    write_landmarks(own, tmp_path / "a.clicks.landmarks.json")

    def propose(film, given):
        seen.append(given)
        return given

    evaluation = evaluate_folder(tmp_path, propose, ClickPlan(seed=3))
    assert dict(seen[0].points) == dict(own.points)
    assert evaluation_document(evaluation)["summary"]["clicks"]["films_clicked_by_readers"] == 1
    write_landmarks(replace(own, side="left"), tmp_path / "a.clicks.landmarks.json")
    assert "side" in evaluate_folder(tmp_path, propose).films[0].reason


def test_clicks_repeat_for_a_seed_and_a_name_only():
    truth = spine()
    first = clicked(truth, "a", ClickPlan(seed=5))
    assert clicked(truth, "a", ClickPlan(seed=5)).points == first.points
    assert clicked(truth, "a", ClickPlan(seed=6)).points != first.points
    assert clicked(truth, "b", ClickPlan(seed=5)).points != first.points
    fewer = clicked(truth, "a", ClickPlan(("C7_centroid",), seed=5))
    assert fewer.points["C7_centroid"] == first.points["C7_centroid"]


def test_the_noise_of_a_click_is_one_deviation_of_each_axis_in_millimetres():
    truth = spine(scale=Scale(0.25, 0.5, "user_fiducial", "patient", 1.0))
    plan = ClickPlan(("S1_superior_anterior", "femoral_head_1"), noise_mm=1.5)
    away = []
    for number in range(1500):
        for name, point in clicked(truth, str(number), plan).points.items():
            away.append(np.array([point.x, point.y]) - true_place(truth, name))
            assert point.cov_px == (pytest.approx(9.0), 0.0, pytest.approx(36.0))
    spread = np.std(away, axis=0) * [0.5, 0.25]
    assert spread == pytest.approx([1.5, 1.5], rel=0.05)
    assert np.mean(away, axis=0) * [0.5, 0.25] == pytest.approx([0.0, 0.0], abs=0.12)
    exact = clicked(truth, "a", replace(plan, noise_mm=0.0)).points["femoral_head_1"]
    assert (exact.x, exact.y) == (280.0, 600.0)


def test_a_centroid_is_the_mean_of_its_corners_and_what_is_off_the_film_is_not_clicked():
    truth = spine()
    assert true_place(truth, "T8_centroid") == pytest.approx([115.0 / MM, (40 + 78 + 10) / MM])
    cut = {name: point for name, point in truth.points.items() if name[:2] != "C7"}
    del cut["femoral_head_2"]
    given = clicked(replace(truth, points=cut), "a", ClickPlan())
    assert set(given.points) == set(USUAL_CLICKS["lateral"]) - {"C7_centroid", "femoral_head_2"}
    with pytest.raises(BalanceError, match="C7_centroid"):
        clicked(replace(truth, points=cut), "a", ClickPlan(("C7_centroid",)))
    with pytest.raises(BalanceError, match="S9"):
        ClickPlan(("S9_centroid",))


def test_without_a_scale_angles_stand_and_millimetres_do_not(tmp_path):
    truth = spine(scale=Scale(1.0, 1.0, "none"))
    put(tmp_path, "a", truth)
    document = evaluation_document(evaluate_folder(tmp_path, shifted(truth, mm=(3.0, 4.0))))
    film = document["films"][0]
    assert set(film["point_error_mm"].values()) == {None}
    assert "SVA" not in film["parameters"]
    assert film["parameters"]["SS"]["value"] == pytest.approx(film["parameters"]["SS"]["truth"])
    assert document["summary"]["points"] == {}
    # The noise of a click needs a size: the sacral plate stands for 34 mm.
    sacrum = np.hypot(30.0, 15.0) / MM
    click = clicked(truth, "a", ClickPlan()).points["femoral_head_1"]
    assert click.cov_px[0] == pytest.approx((sacrum / 34.0) ** 2)


def result(status, **values):
    compared = {key: ValueComparison(key, "deg", 0.0, *value) for key, value in values.items()}
    return FilmResult("x", "lateral", status, 1.0, True, (), compared)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ((10.1, 20.0, (-30.0, 50.0)), True),
        ((-10.1, 20.0, (-30.0, 50.0)), True),
        ((9.9, 20.0, (-30.0, 50.0)), False),
        ((3.6, 1.0, (1.6, 5.6)), True),
        ((3.4, 1.0, (1.4, 5.4)), False),
    ],
)
def test_what_counts_as_wrong_though_ok(value, wrong):
    assert bool(wrong_values(result("ok", PI=value))) is wrong
    assert wrong_values(result("ok", T1S=value)) == ()
    summary = summarise([result("ok", PI=value), result("review", PI=value)])
    assert summary["ok_but_wrong"]["share_of_films"] == (0.5 if wrong else 0.0)


def test_angles_differ_the_short_way_round():
    assert ValueComparison("TK", "deg", 179.0, -179.0).error == pytest.approx(2.0)
    assert ValueComparison("SVA", "mm", 179.0, -179.0).error == pytest.approx(-358.0)


def frontal(choices):
    phantom = frontal_phantom(choices)
    document = landmark_document(phantom, expose(phantom, (MM, MM), "left"),
                                 scale=calibration("user_fiducial"))  # fmt: skip
    return parse_landmarks(json.dumps(document).encode())


def test_curves_are_compared_by_region_as_printed_and_at_the_true_ends(tmp_path):
    truth = frontal(FrontalChoices(curves=(Curve("T5", "T11", 48.0, "right"),)))
    put(tmp_path, "a", truth)
    same = evaluate_folder(tmp_path, shifted(truth, mm=(1.0, 0.0))).films[0].values
    for key in ("Cobb.MT", "Cobb_same_ends.MT"):
        assert same[key].truth == pytest.approx(48.0, abs=1e-6)
        assert same[key].value == pytest.approx(48.0, abs=1e-6)
        assert same[key].covered
    other = frontal(FrontalChoices(curves=(Curve("T5", "T11", 40.0, "right"),)))
    less = evaluate_folder(tmp_path, shifted(other)).films[0].values["Cobb.MT"]
    assert less.error == pytest.approx(-8.0, abs=1e-6)
    straight = frontal(FrontalChoices())
    none = evaluate_folder(tmp_path, shifted(straight)).films[0].values
    assert none["Cobb.MT"].value is None
    assert none["Cobb_same_ends.MT"].value == pytest.approx(0.0, abs=1e-6)
    mirrored = frontal(FrontalChoices(curves=(Curve("T5", "T11", 48.0, "left"),)))
    assert evaluate_folder(tmp_path, shifted(mirrored)).films[0].values["Cobb.MT"].value is None


@pytest.fixture
def command(monkeypatch):
    def run(truth, *arguments):
        monkeypatch.setattr("balance.landmarks.proposals.propose", shifted(truth))
        return spinal_balance("evaluate", *arguments)

    return run


def test_the_command_prints_text_and_json(tmp_path, command):
    truth = spine()
    put(tmp_path, "a", truth)
    text = command(truth, tmp_path)
    assert text.exit_code == 0
    assert "1 films: 1 ok" in text.output
    told = command(truth, tmp_path, "--format", "json", "--clicks", "C7_centroid", "--seed", 4)
    clicks = json.loads(told.stdout)["summary"]["clicks"]
    assert clicks["names"] == {"lateral": ["C7_centroid"]}
    assert clicks["seed"] == 4


def test_the_command_says_what_it_cannot_do(tmp_path, command):
    truth = spine()
    assert command(truth, tmp_path).exit_code == 1
    assert command(truth, tmp_path, "--clicks", "C7_centriod").exit_code == 2
    put(tmp_path, "a", truth)
    put(tmp_path, "b", truth, film=False)
    broken = command(truth, tmp_path, "--format", "json")
    assert broken.exit_code == 1
    assert [film["status"] for film in json.loads(broken.stdout)["films"]] == ["ok", "failed"]
    assert "no film" in broken.stderr


def test_mid_body_lines_are_compared_too_and_are_no_cobb(tmp_path):
    truth = frontal(FrontalChoices(curves=(Curve("T5", "T11", 48.0, "right"),)))
    put(tmp_path, "a", truth)
    value = evaluate_folder(tmp_path, shifted(truth, mm=(1.0, 0.0))).films[0].values
    tilts = {}
    for level in truth.existing_levels:
        corners = [f"{level}_{plate}_{end}" for plate in ("superior", "inferior")
                   for end in ("left", "right")]  # fmt: skip
        if level != "S1" and all(name in truth.points for name in corners):
            xy = np.array([[truth.points[name].x, truth.points[name].y] for name in corners])
            across = (xy[1] + xy[3]) - (xy[0] + xy[2])
            tilts[level] = np.degrees(np.arctan2(across[1], abs(across[0])))
    assert value["mid_body_angle"].truth == pytest.approx(np.ptp(list(tilts.values())))
    assert value["mid_body_angle"].error == pytest.approx(0.0, abs=1e-9)
    put(tmp_path, "a", spine())
    assert "mid_body_angle" not in evaluate_folder(tmp_path, shifted(spine())).films[0].values
