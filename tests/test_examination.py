"""Which documents belong together, and which contradict each other."""

import json
import os
from pathlib import Path

import pytest
from strategies import average_document, edited, encoded, frontal_document, read

from balance.analysis import analyse_files
from balance.examination import Document, Examination, pair
from balance.inputs import find_documents

LATERAL, FRONTAL = average_document(), frontal_document()


def named(name, doc, **fields):
    return Document(f"{name}.landmarks.json", read(edited(doc) | fields))


def pairs(*documents):
    examinations, failures = pair(documents)
    shown = [
        (one.lateral and one.lateral.name, one.frontal and one.frontal.name) for one in examinations
    ]
    return shown, failures


def test_documents_of_one_case_pair_up():
    shown, failures = pairs(
        named("a", LATERAL, case="7"), named("b", LATERAL), named("c", FRONTAL, case="7")
    )
    assert shown == [("a", "c"), ("b", None)]
    assert not failures


def test_without_a_case_the_study_pairs_them():
    image = {"study_instance_uid": "1.2.3"}
    shown, failures = pairs(named("a", LATERAL, image=image), named("b", FRONTAL, image=image))
    assert shown == [("a", "b")]
    assert not failures


def test_the_case_comes_before_the_study():
    image = {"study_instance_uid": "1.2.3"}
    shown, _ = pairs(
        named("a", LATERAL, image=image, case="x"), named("b", FRONTAL, image=image, case="y")
    )
    assert shown == [("a", None), (None, "b")]


def test_nothing_is_paired_by_guess():
    patient = {"age_years": 60, "sex": "F", "id": "P1"}
    shown, failures = pairs(
        named("p1", LATERAL, patient=patient, acquired="2024-01-01", image={"file": "p1.dcm"}),
        named("p1_ap", FRONTAL, patient=patient, acquired="2024-01-01", image={"file": "p1.dcm"}),
    )
    assert shown == [("p1", None), (None, "p1_ap")]
    assert not failures


@pytest.mark.parametrize("empty", [{"case": None}, {"case": ""}, {"image": {}}])
def test_an_empty_word_is_no_common_case(empty):
    shown, _ = pairs(named("a", LATERAL, **empty), named("b", FRONTAL, **empty))
    assert shown == [("a", None), (None, "b")]


@pytest.mark.parametrize("doc", [LATERAL, FRONTAL])
def test_two_of_one_view_and_position_are_an_error_that_names_both(doc):
    shown, failures = pairs(named("a", doc, case="7"), named("b", doc, case="7"))
    assert shown == []
    assert [source for source, _ in failures] == ["a.landmarks.json", "b.landmarks.json"]
    for _, error in failures:
        assert "a.landmarks.json" in str(error)
        assert "b.landmarks.json" in str(error)


def test_one_duplicate_does_not_refuse_the_standing_pair():
    supine = {"acquisition": {"position": "supine"}}
    standing = {"acquisition": {"position": "standing"}}
    shown, failures = pairs(
        named("a", LATERAL, case="7", **supine),
        named("b", LATERAL, case="7", **supine),
        named("c", LATERAL, case="7", **standing),
        named("d", FRONTAL, case="7", **standing),
    )
    assert len(failures) == 2
    assert len(shown) == 1


def test_ages_within_a_year_are_one_person():
    shown, failures = pairs(
        named("a", LATERAL, case="7", patient={"age_years": 24}),
        named("b", FRONTAL, case="7", patient={"age_years": 24.4}),
    )
    assert (len(shown), failures) == (1, ())


def test_an_operation_that_one_film_knows_of_counts_and_is_asked_about():
    lateral = Document("a", read(LATERAL | {"case": "7", "surgery": "none"}))
    frontal = Document("b", read(FRONTAL | {"case": "7", "surgery": "postoperative"}))
    both = Examination(lateral, frontal)
    assert both.surgery == "postoperative"
    assert any("surgery" in doubt for doubt in both.doubts())


def test_two_of_one_view_in_different_positions_are_two_examinations():
    supine = {"position": "supine"}
    shown, failures = pairs(
        named("a", LATERAL, case="7"),
        named("b", LATERAL, case="7", acquisition=supine),
        named("c", FRONTAL, case="7"),
    )
    assert sorted(shown, key=str) == sorted([("a", "c"), ("b", None)], key=str)
    assert not failures


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        ({"age_years": 60}, {"age_years": 61}, "age"),
        ({"sex": "F"}, {"sex": "M"}, "sex"),
        ({"age_years": 60, "sex": "F"}, {"sex": "O"}, "sex"),
    ],
)
def test_a_pair_that_contradicts_itself(one, other, word):
    shown, failures = pairs(
        named("a", LATERAL, case="7", patient=one), named("b", FRONTAL, case="7", patient=other)
    )
    assert shown == []
    assert word in str(failures[0][1])


def test_a_contradiction_is_found_whatever_came_first():
    shown, failures = pairs(
        named("supine", LATERAL, case="7", patient={}, acquisition={"position": "supine"}),
        named("a", LATERAL, case="7", patient={"age_years": 60}),
        named("b", FRONTAL, case="7", patient={"age_years": 70}),
    )
    assert ("a", "b") not in shown
    assert failures


def test_what_one_document_does_not_say_the_other_does():
    examinations, _ = pair(
        [
            named("a", LATERAL, case="7", patient={"age_years": 60}, surgery="unknown"),
            named("b", FRONTAL, case="7", patient={"sex": "F"}, surgery="prior"),
        ]
    )
    subject = examinations[0].subject
    assert (subject.age_years, subject.sex) == (60, "F")
    assert examinations[0].surgery == "prior"


def test_ids():
    examinations, _ = pair([named("folder/a", LATERAL), named("folder/b", FRONTAL, case="case 7")])
    assert [one.id for one in examinations] == ["folder/a", "case 7"]


# --- Files ---------------------------------------------------------------------------------------


def write(path, doc, **fields):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(edited(doc) | fields))
    return path


def test_a_bad_document_does_not_stop_the_others(tmp_path):
    good = write(tmp_path / "good.landmarks.json", LATERAL)
    bad = tmp_path / "bad.landmarks.json"
    bad.write_text("{")
    analyses, failures = analyse_files([bad, good])
    assert [one.examination.id for one in analyses] == [str(tmp_path / "good")]
    assert [one.source for one in failures] == [str(bad)]


def test_batches_give_what_the_files_give_alone(tmp_path):
    paths = [
        write(tmp_path / "a.landmarks.json", LATERAL),
        write(tmp_path / "b.landmarks.json", FRONTAL),
        write(tmp_path / "c.landmarks.json", average_document(side="right", source="none")),
    ]
    alone = {path: analyse_files([path])[0][0] for path in paths}
    for order in (paths, paths[::-1], [*paths[1:], paths[0]]):
        together, failures = analyse_files(order)
        assert not failures
        for path, one in zip(order, together, strict=True):
            assert one.measurements == alone[path].measurements
            assert one.curves == alone[path].curves
            assert one.grades == alone[path].grades


def test_a_folder_is_walked_but_for_truths_and_clicks(tmp_path):
    wanted = [
        write(tmp_path / "a.landmarks.json", LATERAL),
        write(tmp_path / "deep" / "b.landmarks.json", FRONTAL),
    ]
    write(tmp_path / "a.truth.landmarks.json", LATERAL)
    write(tmp_path / "a.clicks.landmarks.json", LATERAL)
    write(tmp_path / "other.json", LATERAL)
    found, failures = find_documents([tmp_path])
    assert sorted(found) == sorted(wanted)
    assert not failures


def test_a_film_stands_for_the_document_beside_it(tmp_path):
    document_ = write(tmp_path / "a.landmarks.json", LATERAL)
    film = tmp_path / "a.dcm"
    film.write_bytes(b"")
    assert find_documents([film, document_])[0] == (document_,)
    lonely = tmp_path / "b.dcm"
    lonely.write_bytes(b"")
    found, failures = find_documents([lonely, tmp_path / "none.dcm"])
    assert found == ()
    assert len(failures) == 2


def test_what_cannot_be_looked_at_in_a_folder_is_told(tmp_path, monkeypatch):
    (tmp_path / "ok").mkdir()
    good = tmp_path / "ok" / "a.landmarks.json"
    good.write_text("{}")
    (tmp_path / "lost.landmarks.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "lost.dcm").symlink_to(tmp_path / "nowhere")
    closed = tmp_path / "secret"
    closed.mkdir()
    seen = os.scandir

    def scandir(folder):
        if Path(folder) == closed:
            raise PermissionError(13, "Permission denied")
        return seen(folder)

    monkeypatch.setattr("balance.walk.os.scandir", scandir)
    found, failures = find_documents([tmp_path])
    assert found == (good,)
    assert {one.source for one in failures} == {
        str(closed), str(tmp_path / "lost.landmarks.json"),
    }  # fmt: skip
    assert any("the folder cannot be read (Permission denied)" in one.error for one in failures)
    assert any("a link that leads nowhere" in one.error for one in failures)


def test_a_missing_document_is_a_failure_of_its_own(tmp_path):
    analyses, failures = analyse_files([tmp_path / "absent.landmarks.json"])
    assert not analyses
    assert "absent" in failures[0].error
    assert json.dumps(failures[0].error)


def test_segments_that_both_films_measure_are_both_told():
    samples = Path(__file__).parents[1] / "sample_images"
    paths = [samples / f"{view}_01.landmarks.json" for view in ("lateral", "frontal")]
    (together,), _ = analyse_files(paths, segmental=True)
    alone = {}
    for path in paths:
        (one,), _ = analyse_files([path], segmental=True)
        alone[path] = one.measurements["segmental.L3"].value
    told = together.measurements
    assert [told["segmental.L3"].value, told["frontal_segmental.L3"].value] == list(alone.values())
