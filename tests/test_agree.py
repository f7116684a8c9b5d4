"""Reader studies: known noise is found again, disagreements are kept apart, files are the same."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import spinal_balance
from strategies import (
    CLICK,
    CSVL,
    ELSEWHERE,
    HEAD,
    HIP_AXIS,
    TABLE,
    Posture,
    document,
    edited,
    encoded,
    frontal_plane,
    one_draw,
    redrawn,
    rounded_curve,
    values_of,
    without,
)

from balance.landmarks.reader_noise import read_reader_noise
from balance.study.agree import study_agreement
from balance.study.agree_page import write_study
from balance.study.agree_record import agreement_document, noise_document, site_deviations
from balance.study.readings import BadReaders, read_readings
from balance.writing import json_bytes

STANDING = {"acquisition": {"position": "standing"}, "surgery": "none"}


def posture(rng):
    return Posture(
        pi=float(rng.normal(52, 10)),
        pt=float(rng.normal(16, 7)),
        ll=float(rng.normal(50, 12)),
        tk=float(rng.normal(42, 10)),
    )


def study_folders(
    folder, *, films, readers, total=True, frontal=False, change=None, seed=1, **fields
):
    """Films of as many persons, each clicked anew by every reader with the table's noise."""
    rng = np.random.default_rng(seed)
    folders = [folder / letter for letter in "ABCDEF"[:readers]]
    for film in range(films):
        planes = {"lateral": posture(rng).plane()}
        if frontal:
            planes["frontal"] = frontal_plane(
                rounded_curve("T5", "T11", float(rng.uniform(15, 50)))
            )
        age = {"patient": {"age_years": int(rng.integers(30, 80))}}
        for view, plane in planes.items():
            clicks = redrawn(plane, view, rng, readers, total=total)
            for n, place in enumerate(folders):
                points = one_draw(clicks, n)
                if change is not None:
                    points = change(n, view, points)
                doc = document(points, view, **STANDING, **age, **fields)
                put(place, f"film{film:02d}.{view}", doc)
    return folders


def put(folder, name, doc):
    path = folder / f"{name}.landmarks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(doc))
    return path


def studied(folders, kind=None):
    return study_agreement(read_readings(folders), kind)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """8 persons, both views, three readers; the third puts S1 1.5 mm towards the head."""

    def high(reader, view, points):
        if reader == 2 and view == "lateral":
            return {n: z + 1.5j if n.startswith("S1_") else z for n, z in points.items()}
        return points

    folder = tmp_path_factory.mktemp("three")
    folders = study_folders(folder, films=8, readers=3, frontal=True, change=high)
    return folders, studied(folders)


@pytest.fixture(scope="module")
def written(three, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_study(three[1], folder)
    return folder


# --- What is compared ----------------------------------------------------------------------------


def test_the_table_of_readings_is_what_measuring_each_document_gives(three):
    folders, study = three
    for key, view in (("PT", "lateral"), ("SVA", "lateral"), ("C7_CSVL", "frontal")):
        value = next(one for one in study.values if one.key == key)
        names = [f"film{n:02d}.{view}" for n in range(8)]
        assert list(value.films) == names
        expected = [
            [values_of(json.loads((f / f"{n}.landmarks.json").read_text()))[key] for f in folders]
            for n in names
        ]
        assert value.readings == pytest.approx(np.array(expected))


def test_the_published_noise_comes_out_as_errors_of_measurement(tmp_path):
    # clinical-decisions.md section 2: implied single-reading SDs of the total noise.
    study = studied(study_folders(tmp_path, films=40, readers=2))
    sem = {one.key: one.reliability.sem for one in study.values}
    for key, sd in (
        ("SS", 4.1),
        ("PI", 4.4),
        ("PT", 1.6),
        ("PI_LL", 3.3),
        ("SVA", 2.7),
        ("TPA", 1.4),
    ):
        # 40 films know an SD to about 11 %, the published figures to two digits.
        assert sem[key] == pytest.approx(sd, rel=0.3), key


@pytest.mark.slow
@pytest.mark.parametrize("total", [True, False])
def test_the_noise_that_was_put_in_is_found_per_site(tmp_path, total):
    study = studied(study_folders(tmp_path, films=60, readers=3, total=total, frontal=True))
    which = int(total)
    expected = {
        ("lateral", "S1"): TABLE["S1"][which],
        ("lateral", "L1-L6, T9-T13"): TABLE["L1-L5, T9-T12"][which],
        ("lateral", "T5-T8"): TABLE["T5-T8"][which],
        ("lateral", "T1-T4"): TABLE["T1-T4"][which],
        ("lateral", "C2-C7"): TABLE["C2-C7"][which],
        ("lateral", "a centroid by one click, the dens"): (CLICK[which],) * 2,
        ("lateral", "each femoral head, lateral film"): (HEAD[which],) * 2,
        ("lateral", "shared by both heads of a lateral film"): (HIP_AXIS[which],) * 2,
        ("frontal", "all levels"): TABLE["frontal"][which],
        ("frontal", "CSVL, horizontally"): (CSVL[which],) * 2,
        ("frontal", "crests, clavicles, ribs, frontal heads, sacrum"): (ELSEWHERE[which],) * 2,
    }
    found = {(one.view, one.row.site): one for one in study.sites}
    assert set(found) == set(expected)
    for key, (normal, tangential) in expected.items():
        # 60 films with 2 degrees of freedom each know the rarest site's SD to about 7 %.
        assert found[key].normal == pytest.approx(normal, rel=0.2), key
        assert found[key].tangential == pytest.approx(tangential, rel=0.2), key


def test_a_readers_bias_is_found_with_its_interval_and_taken_out(three):
    _, study = three
    site = next(one for one in study.sites if one.row.site == "S1")
    bias = next(one for one in site.biases if one.reader == "C")
    # Against the mean of three readers two thirds of the 1.5 mm are seen.
    assert bias.normal_ci95[0] <= 1.0 * np.cos(np.radians(36)) <= bias.normal_ci95[1] + 0.3
    assert bias.normal_ci95[0] > 0
    assert site.normal_without_bias < site.normal
    assert sum(one.normal for one in site.biases) == pytest.approx(0, abs=1e-9)


def test_the_order_of_the_two_heads_is_nobodys_error(tmp_path):
    def swap(reader, view, points):
        if reader == 1:
            one, two = points["femoral_head_1"], points["femoral_head_2"]
            return points | {"femoral_head_1": two, "femoral_head_2": one}
        return points

    def sd(folder, change):
        far = {"change": change, "films": 12, "readers": 2}
        sites = studied(study_folders(folder, **far)).sites
        return next(one.normal for one in sites if one.row.site.startswith("each femoral head"))

    straight, swapped = sd(tmp_path / "a", None), sd(tmp_path / "b", swap)
    assert swapped <= straight + 1e-9


def test_missing_values_are_complete_cases_with_their_number(three, tmp_path):
    folders = study_folders(tmp_path, films=6, readers=2)
    path = folders[1] / "film03.lateral.landmarks.json"
    doc = json.loads(path.read_text())
    put(folders[1], "film03.lateral", without(doc, "femoral_head_1", "femoral_head_2"))
    values = {one.key: one for one in studied(folders).values}
    assert (len(values["PT"].films), values["PT"].incomplete) == (5, 1)
    assert (len(values["LL"].films), values["LL"].incomplete) == (6, 0)
    assert "film03.lateral" not in values["PT"].films


def test_too_few_films_get_a_reason_and_no_figures(tmp_path):
    study = studied(study_folders(tmp_path, films=2, readers=2))
    value = next(one for one in study.values if one.key == "PT")
    assert value.reliability is None
    assert value.reason.startswith("2 films")


def test_with_three_readers_each_stands_against_the_others_too(three):
    _, study = three
    value = next(one for one in study.values if one.key == "PI")
    assert [(p.first, p.second) for p in value.pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    third = value.against_others[2]
    expected = value.readings[:, 2] - value.readings[:, :2].mean(axis=1)
    assert third.found.bias == pytest.approx(expected.mean())
    assert third.found.slope is None


def test_the_kappas_name_their_weights_and_order_the_words(three):
    _, study = three
    grades = {one.key: one for one in study.grades}
    assert grades["srs_schwab.PT"].words == ("0", "+", "++")
    assert [k.weights for k in grades["srs_schwab.PT"].pairs[0].kappas] == ["linear", "quadratic"]
    assert grades["age_adjusted.PT"].words[1] == "matched"
    assert [k.weights for k in grades["roussouly"].pairs[0].kappas] == ["unweighted"]
    assert [k.weights for k in grades["review.SVA"].pairs[0].kappas] == ["unweighted"]
    for grade in grades.values():
        for pair in grade.pairs:
            assert pair.table.sum() == grade.n


# --- What is kept apart --------------------------------------------------------------------------


def renamed(doc, steps):
    """Every lumbar and thoracic level called by the name of the one ``steps`` further down."""
    chain = [*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6))]
    points = {}
    for name, p in doc["points"].items():
        level = name.split("_")[0]
        if level in chain:
            place = chain.index(level) + steps
            if not 0 <= place < len(chain):
                continue
            name = name.replace(level, chain[place], 1)
        points[name] = p
    return edited(doc) | {"points": points}


@pytest.mark.parametrize("steps", [1, -1])
def test_a_shifted_count_is_listed_and_never_averaged_in(tmp_path, steps):
    folders = study_folders(tmp_path, films=6, readers=2)
    before = studied(folders)
    doc = json.loads((folders[1] / "film02.lateral.landmarks.json").read_text())
    put(folders[1], "film02.lateral", renamed(doc, steps))
    study = studied(folders)
    (apart,) = study.disagreements
    assert (apart.film, apart.kind) == ("film02.lateral", "level names")
    assert "film02.lateral" not in study.films
    kept = next(one for one in study.values if one.key == "TLK")
    all_six = next(one for one in before.values if one.key == "TLK")
    assert kept.readings == pytest.approx(np.delete(all_six.readings, 2, axis=0))


def test_another_number_of_vertebrae_or_side_is_listed(tmp_path):
    folders = study_folders(tmp_path, films=6, readers=2)
    changes = {
        "film00.lateral": {"vertebrae": {"lumbar": 6}},
        "film01.lateral": {"image": {"sop_instance_uid": "1.2.3"}},
    }
    for name, fields in changes.items():
        doc = json.loads((folders[1] / f"{name}.landmarks.json").read_text())
        put(folders[1], name, edited(doc, **fields))
    first = json.loads((folders[0] / "film01.lateral.landmarks.json").read_text())
    put(folders[0], "film01.lateral", edited(first, image={"sop_instance_uid": "4.5.6"}))
    kinds = {one.film: one.kind for one in studied(folders).disagreements}
    assert kinds == {"film00.lateral": "level count", "film01.lateral": "different films"}


def test_one_swapped_label_is_no_other_count(tmp_path):
    folders = study_folders(tmp_path, films=4, readers=2)
    assert not studied(folders).disagreements


def test_unmatched_and_refused_documents_are_listed(tmp_path):
    folders = study_folders(tmp_path, films=4, readers=2)
    (folders[1] / "film00.lateral.landmarks.json").unlink()
    (folders[1] / "film01.lateral.landmarks.json").write_text("{")
    study = studied(folders)
    assert len(study.films) == 2
    assert {(u.reader, u.source) for u in study.readings.unmatched} == {
        ("A", "film00.lateral"),
        ("A", "film01.lateral"),
    }
    assert [reader for reader, _ in study.readings.failures] == ["B"]


def test_documents_of_other_names_are_matched_by_their_case(tmp_path):
    folders = study_folders(tmp_path, films=4, readers=2, case="c")
    for n, place in enumerate(folders):
        for film in sorted(place.glob("*.json")):
            doc = json.loads(film.read_text())
            film.unlink()
            put(place, f"reader{n}/{film.name[:6]}", edited(doc, case=film.name[:6]))
    study = studied(folders)
    assert len(study.films) == 4
    assert not study.readings.unmatched


def test_the_same_reader_again_is_within_one_reader(tmp_path):
    folders = study_folders(tmp_path, films=3, readers=2, reader="r1")
    assert studied(folders).kind == "within_reader"
    assert studied(folders, "between_readers").kind == "between_readers"
    unnamed = studied(study_folders(tmp_path / "x", films=3, readers=2))
    assert (unnamed.kind, unnamed.kind_is_told) == ("between_readers", False)


def test_folders_that_are_no_study_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(BadReaders, match="two readers"):
        read_readings([tmp_path / "a"])
    with pytest.raises(BadReaders, match="twice"):
        read_readings([tmp_path / "a", tmp_path / "a"])


# --- What is written -----------------------------------------------------------------------------


def test_the_noise_file_is_one_that_measuring_reads(tmp_path):
    folders = study_folders(tmp_path, films=3, readers=2, total=False, frontal=True, reader="r1")
    study = studied(folders)
    # as write_study does, without its figures
    path = tmp_path / "reader-noise.json"
    path.write_bytes(json_bytes(noise_document(study)))
    noise = read_reader_noise(path)
    assert noise.reader == "r1"
    assert {one.site: one for one in noise.sites} == {
        name: deviation for name, (deviation, _) in site_deviations(study).items()
    }
    assert len({one.site for one in noise.sites}) == len(noise.sites)


def test_everything_is_written_and_twice_the_same(three, written, tmp_path):
    _, study = three
    first = {path.name: path.read_bytes() for path in written.iterdir()}
    second = {path.name: path.read_bytes() for path in write_study(study, tmp_path)}
    assert first == second
    assert set(first) == {
        "agreement.json", "agreement.csv", "agreement.html", "agreement.pdf", "reader-noise.json",
        "reliability.svg", "reliability.png", "differences.svg", "differences.png",
        "point_noise.svg", "point_noise.png",
    }  # fmt: skip
    assert first["agreement.pdf"].startswith(b"%PDF")
    assert first["reliability.png"].startswith(b"\x89PNG")
    told = json.loads(first["agreement.json"])
    assert (told["format"], told["version"]) == ("spinal-balance-agreement", 1)
    assert first["reader-noise.json"] == json_bytes(noise_document(study))
    rows = list(csv.DictReader(first["agreement.csv"].decode().splitlines()))
    pairs = {row["pair"] for row in rows if row["key"] == "PI"}
    assert pairs == {"A - B", "A - C", "B - C", "A - others", "B - others", "C - others"}


def test_the_page_holds_everything_and_reaches_for_nothing(written):
    page = (written / "agreement.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page)
    assert not re.search(r"url\((?!data:)", page)
    for words in ("ICC(2,1)", "MDC95", "linear", "quadratic", "Satterthwaite", "Carkeet"):
        assert words in page


def test_hostile_names_are_text_and_no_reader_or_patient_is_named(tmp_path):
    inside = tmp_path / "<img src=x>#read(1)"
    folders = study_folders(inside, films=3, readers=2, reader="DR SECRET")
    put(folders[0], "<script>alert(1)</script> $x$ #pagebreak()", document(Posture().plane()))
    for path in inside.rglob("*.json"):
        doc = json.loads(path.read_text())
        path.write_bytes(encoded(doc | {"patient": {"age_years": 50, "id": "PATIENT SECRET"}}))
    for path in write_study(studied(folders, "between_readers"), tmp_path / "out"):
        assert b"SECRET" not in path.read_bytes()
    page = (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page
    assert (tmp_path / "out" / "agreement.pdf").read_bytes().startswith(b"%PDF")


def test_the_json_speaks_of_methods_and_missing_things(three):
    _, study = three
    told = agreement_document(study)
    assert told["values"]["PI"]["icc_2_1"]["ci95"][0] < told["values"]["PI"]["icc_2_1"]["value"]
    assert told["readers"].keys() == {"A", "B", "C"}
    assert "complete cases" in told["methods"]["missing_values"]
    kappa = told["grades"]["srs_schwab.PT"]["pairs"][0]["kappas"]
    assert [one["weights"] for one in kappa] == ["linear", "quadratic"]


def test_the_command(tmp_path):
    folders = study_folders(tmp_path, films=3, readers=3)

    def run(*words):
        return spinal_balance("agree", *words)

    text = run(*folders)
    assert text.exit_code == 0
    assert "ICC(2,1)" in text.stdout
    assert text.stdout.startswith("3 films, 3 readings of each")
    assert "only 3 films" in text.stdout
    assert json.loads(run(*folders, "--format", "json").stdout)["films"]
    done = run(*folders[:2], "-o", tmp_path / "out", "--format", "csv")
    assert done.exit_code == 0
    assert (tmp_path / "out" / "agreement.html").exists()
    assert run(folders[0]).exit_code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(folders[0], empty).exit_code == 1


def test_help_is_quick_to_import():
    code = "import sys, balance.cli; assert not {'scipy', 'typst', 'matplotlib'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 0
