"""Series of phantoms: the same seed, the same bytes; the truth lies where the film shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pydicom
import pytest
from test_phantom_films import decoded

from balance.landmarks.files import parse_landmarks
from balance.metrics.catalogue import measure_film
from balance.phantom import contact_sheet
from balance.phantom.exposure import expose
from balance.phantom.framing import frame_film
from balance.phantom.lateral import LateralChoices, lateral_phantom
from balance.phantom.lifelike import render_lifelike
from balance.phantom.look import Look, Marks, Physique
from balance.phantom.postures import draw_asymptomatic, draw_deformity
from balance.phantom.series import (
    build,
    landmarks_of,
    pixels_of,
    truth_facts,
    write_phantom,
    write_phantoms,
)
from balance.phantom.sheets import coarser
from balance.phantom.specs import PhantomSpec, draw_specs, plausible
from balance.phantom.stamps import open_field

SCHEMA = Path(__file__).parents[1] / "balance" / "landmarks" / "landmarks.schema.json"
COARSE = (1.5, 1.5)


def coarse(spec: PhantomSpec) -> PhantomSpec:
    """The same film with few pixels; oblong ones stay oblong."""
    row, column = spec.spacing
    share = COARSE[0] / min(row, column)
    return replace(spec, spacing=(row * share, column * share))


@pytest.fixture(scope="module")
def batch() -> tuple[PhantomSpec, ...]:
    return draw_specs(40, seed=3, style="hard", view="both")


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_a_larger_count_begins_with_the_same_films(batch: tuple[PhantomSpec, ...]) -> None:
    assert draw_specs(5, seed=3, style="hard", view="both") == batch[:10]
    alone = draw_specs(5, seed=3, style="hard", view="frontal")
    assert alone == batch[1:10:2], "the view asked for changes no film"
    assert draw_specs(5, seed=4, style="hard", view="both") != batch[:10]
    assert draw_specs(5, seed=3, style="plain", view="both") != batch[:10]


def test_both_films_of_a_person_share_a_case(batch: tuple[PhantomSpec, ...]) -> None:
    for lateral, frontal in zip(batch[::2], batch[1::2], strict=True):
        assert lateral.case == frontal.case
        assert (lateral.view, frontal.view) == ("lateral", "frontal")
        assert lateral.person == frontal.person
        first, second = lateral.choices, frontal.choices
        assert (first.size, first.thoracic, first.lumbar) == (
            second.size, second.thoracic, second.lumbar,
        )  # fmt: skip
    assert len({spec.case for spec in batch}) == len(batch) / 2


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    whole = write_phantoms(tmp_path / "whole", count=2, seed=5, view="lateral")
    part = write_phantoms(tmp_path / "part", count=1, seed=5, view="lateral")
    assert [path.name for path in whole] == [
        f"phantom_000{number}_lateral.{end}"
        for number in (1, 2)
        for end in ("dcm", "truth.landmarks.json", "truth.json")
    ]
    for path in part:
        assert path.read_bytes() == (tmp_path / "whole" / path.name).read_bytes()
    assert sorted(tmp_path.glob("part/*")) == sorted(part), "nothing else is left behind"


def films(specs: tuple[PhantomSpec, ...]) -> Iterator[tuple[PhantomSpec, Any, Any]]:
    for spec in specs:
        phantom, exposure = build(spec)
        yield spec, phantom, exposure


def test_documents_obey_the_schema_and_measure_as_built(
    batch: tuple[PhantomSpec, ...], schema: jsonschema.Draft202012Validator
) -> None:
    for spec, phantom, exposure in films(batch[:24]):
        document = landmarks_of(spec, phantom, exposure)
        schema.validate(document)
        truth = truth_facts(spec, phantom, exposure)
        json.dumps(truth)
        # Lengths hold where the told scale is the true one: tell it truly to compare.
        told = {"row": exposure.row_mm, "column": exposure.column_mm, "source": "user_fiducial",
                "plane": "patient"}  # fmt: skip
        film = measure_film(
            parse_landmarks(json.dumps(document | {"spacing_mm": told}).encode()), segmental=True
        )
        compared = 0
        for key, value in truth["parameters"].items():
            one = film.measurements[key].value
            if one is not None:
                assert one == pytest.approx(value, abs=1e-6), (spec.name, key)
                compared += 1
        assert compared > 0.7 * len(truth["parameters"])


def test_films_decode_to_their_pixels(tmp_path: Path, batch: tuple[PhantomSpec, ...]) -> None:
    seen = set()
    for spec in batch:
        if spec.encoding in seen:
            continue
        seen.add(spec.encoding)
        small = coarse(spec)
        phantom, exposure = build(small)
        pixels = pixels_of(small, phantom, exposure)
        path = write_phantom(tmp_path, small)[0]
        film = pydicom.dcmread(path)
        expected = 2**spec.bits - 1 - pixels.astype(int) if spec.inverted else pixels
        assert np.array_equal(decoded(film), expected)
        assert (film.Rows, film.Columns) == (exposure.rows, exposure.columns)
        document = json.loads(path.with_suffix(".truth.landmarks.json").read_text())
        assert document["image"]["sop_instance_uid"] == film.SOPInstanceUID
        assert document["case"] == spec.case
    assert len(seen) >= 5


def test_a_hard_batch_holds_everything_that_makes_films_hard() -> None:
    batch = draw_specs(120, seed=8, style="hard", view="both")
    lateral, frontal = batch[::2], batch[1::2]
    looks = [spec.look for spec in batch]
    assert {spec.cut for spec in lateral} == {None, "neck", "hip"}
    assert {spec.side for spec in batch} == {"left", "right"}
    assert {spec.inverted for spec in batch} == {True, False}
    assert {spec.bits for spec in batch} == {10, 12, 14}
    assert len({spec.state for spec in batch}) == 7
    assert len({spec.encoding for spec in batch}) == 6
    assert {0.0, 1.0} <= {float(np.sign(spec.tilt_deg)) for spec in batch}
    assert any(spec.spacing[0] != spec.spacing[1] for spec in batch)
    assert {(spec.choices.thoracic, spec.choices.lumbar) for spec in batch} >= {
        (12, 5), (13, 5), (11, 5), (12, 6), (12, 4),
    }  # fmt: skip
    for test in (
        [look.seam for look in looks],
        [look.implants for look in looks],
        [look.physique.osteophytes for look in looks],
        [look.physique.calcified_aorta for look in looks],
        [look.processing.edge for look in looks],
        [spec.choices.wedges for spec in lateral],
        [spec.choices.slips for spec in lateral],
        [spec.choices.slips for spec in frontal],
        [spec.choices.sacrum_centre for spec in frontal],
    ):
        assert 0 < sum(bool(value) for value in test) < len(test)
    cobb = [max(curve.cobb for curve in spec.choices.curves) for spec in frontal
            if spec.choices.curves]  # fmt: skip
    assert max(cobb) > 70
    assert max(cobb) <= 90
    assert max(spec.choices.SVA for spec in lateral) > 120
    assert all(spec.look.style == "hard" for spec in batch)


def test_implants_are_told_and_opaque(batch: tuple[PhantomSpec, ...]) -> None:
    spec = coarse(next(spec for spec in batch if spec.person.implants and spec.view == "lateral"))
    phantom, exposure = build(spec)
    document = landmarks_of(spec, phantom, exposure)
    assert document["surgery"] == "postoperative"
    assert (document["fusion"]["uiv"], document["fusion"]["liv"]) == spec.person.fusion
    metal = pixels_of(spec, phantom, exposure).astype(int)
    bare = replace(spec, look=replace(spec.look, implants=None))
    changed = metal - pixels_of(bare, phantom, exposure)
    assert (changed > 0.1 * 2**spec.bits).sum() * exposure.row_mm * exposure.column_mm > 300.0


def test_points_off_a_short_film_are_absent() -> None:
    batch = draw_specs(80, seed=8, style="hard", view="lateral")
    for cut, gone, stays in (("neck", "C6", "C7"), ("hip", "femoral_head", "S1")):
        spec = next(spec for spec in batch if spec.cut == cut)
        phantom, exposure = build(spec)
        document, truth = (
            landmarks_of(spec, phantom, exposure),
            truth_facts(spec, phantom, exposure),
        )
        names = set(document["points"])
        assert any(name.startswith(stays) for name in names)
        assert set(truth["points_off_film"]) == set(phantom.points) - names
        assert any(name.startswith(gone) for name in truth["points_off_film"])
        left, right, top, bottom = open_field(exposure, spec.look.marks)
        for point in document["points"].values():
            assert left <= point["x"] <= right
            assert top <= point["y"] <= bottom
        assert truth["parameters"].keys().isdisjoint(truth["parameters_off_film"])
        missing = {"neck": "CL", "hip": "PI"}[cut]
        assert missing in truth["parameters_off_film"]
        assert "SVA" in truth["parameters"]
        if cut == "hip":
            assert sum(name.startswith("femoral_head") for name in names) == 1


def test_a_tilted_film_tells_its_plumb_line() -> None:
    spec = next(spec for spec in draw_specs(40, seed=2, style="hard") if abs(spec.tilt_deg) > 2)
    phantom, exposure = build(spec)
    document = landmarks_of(spec, phantom, exposure)
    (ax, ay), (bx, by) = document["vertical"]
    lean = np.degrees(np.arctan2((ax - bx) * exposure.column_mm, (by - ay) * exposure.row_mm))
    assert lean == pytest.approx(spec.tilt_deg, abs=1e-9)
    left, right, top, bottom = open_field(exposure, spec.look.marks)
    for x, y in ((ax, ay), (bx, by)):
        assert left <= x <= right
        assert top <= y <= bottom
    grey = pixels_of(coarse(spec), *build(coarse(spec)))
    line = landmarks_of(coarse(spec), *build(coarse(spec)))["vertical"]
    ends = [np.array(end) for end in line]
    along = [ends[0] + share * (ends[1] - ends[0]) for share in np.linspace(0.02, 0.98, 200)]
    bright = [grey[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].max()
              for x, y in along]  # fmt: skip
    assert np.median(bright) > 0.95 * (2**spec.bits - 1)
    with pytest.raises(ValueError, match="plumb line"):
        frame_film(phantom, (1.0, 1.0), "left", marks=Marks(), tilt_deg=2.0)


def test_the_seam_is_recorded_and_bone_does_not_step(batch: tuple[PhantomSpec, ...]) -> None:
    spec = coarse(next(spec for spec in batch if spec.look.seam and spec.view == "frontal"))
    phantom, exposure = build(spec)
    truth = truth_facts(spec, phantom, exposure)
    row = truth["seam_row"]
    assert landmarks_of(spec, phantom, exposure)["acquisition"]["system"] == "stitched"
    grey = pixels_of(spec, phantom, exposure, noiseless=True).astype(float)
    whole = replace(spec, look=replace(spec.look, seam=None))
    other = pixels_of(whole, phantom, exposure, noiseless=True).astype(float)
    assert truth_facts(whole, phantom, exposure)["seam_row"] is None
    step = np.median(grey - other, axis=1) / 2**spec.bits
    assert abs(np.median(step[: row - 2])) < 0.25 * abs(spec.look.seam.grey_step)
    assert np.median(step[row + 2 : row + 60]) == pytest.approx(spec.look.seam.grey_step, rel=0.5)


def edge_offsets(grey: np.ndarray, exposure: Any, ends: tuple[complex, complex], inward: complex,
                 column_mm: float) -> np.ndarray:  # fmt: skip
    """Where the steepest rise into the bone lies near both ends of an endplate, in pixels.

    A plate hollows by up to 0.5 mm within the stretches that are looked at.
    """
    start, end = ends
    depths = np.arange(-1.6, 1.61, 0.1)
    found = []
    for shares in (np.linspace(0.03, 0.10, 9), np.linspace(0.90, 0.97, 9)):
        plane = start + shares[:, None] * (end - start) + depths * inward
        pixels = exposure.pixels(np.stack([plane.real, plane.imag], axis=-1)).astype(np.float32)
        values = cv2.remap(grey, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR).mean(axis=0)
        rise = np.gradient(values)
        found.append(depths[int(np.argmax(rise))] / column_mm)
    return np.array(found)


@pytest.mark.parametrize("view", ["lateral", "frontal"])
def test_corners_lie_on_the_drawn_edges(view: Any) -> None:
    spec = replace(draw_specs(1, seed=1, view=view)[0], spacing=(0.4, 0.4))
    phantom, exposure = build(spec)
    grey = pixels_of(spec, phantom, exposure, noiseless=True).astype(np.float32)
    offsets = []
    for level in phantom.levels[phantom.levels.index("T6") :]:
        top_low, top_high, foot_low, foot_high = phantom.corners(level)
        for ends, other in (((top_low, top_high), foot_low), ((foot_low, foot_high), top_low)):
            inward = 1j * (ends[1] - ends[0]) / abs(ends[1] - ends[0])
            if ((other - ends[0]) * inward.conjugate()).real < 0:
                inward = -inward
            offsets.append(edge_offsets(grey, exposure, ends, inward, 0.4))
    away = np.abs(np.concatenate(offsets))
    assert np.median(away) <= 1.0
    assert np.quantile(away, 0.9) <= 1.05, "ribs and processes cross a few corners"


def test_femoral_heads_lie_on_their_circles() -> None:
    phantom = lateral_phantom(LateralChoices(head_apart=(9.0, 6.0)))
    exposure = expose(phantom, (0.4, 0.4), "right")
    grey = render_lifelike(phantom, exposure, Look(), seed=2, noiseless=True).astype(np.float32)
    for name in ("femoral_head_1", "femoral_head_2"):
        turn = np.exp(1j * np.linspace(0, 2 * np.pi, 180, endpoint=False))
        depths = np.arange(-4.0, 4.01, 0.1)
        plane = phantom.at(name) + turn[:, None] * (phantom.radii[name] + depths)
        pixels = exposure.pixels(np.stack([plane.real, plane.imag], axis=-1)).astype(np.float32)
        values = cv2.remap(grey, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR)
        fall = np.gradient(np.median(values, axis=0))
        assert abs(depths[int(np.argmin(fall))]) <= 0.4


def test_a_coarser_sheet_covers_the_same_field() -> None:
    spec = next(spec for spec in draw_specs(40, seed=2, style="hard") if abs(spec.tilt_deg) > 2)
    _, exposure = build(spec)
    wide = coarser(exposure, 1.3)
    share = np.array([wide.columns / exposure.columns, wide.rows / exposure.rows])
    points = np.array([[10.0, 300.0], [-40.0, 12.5]])
    fine = (exposure.pixels(points) + 0.5) * share - 0.5
    assert wide.pixels(points) == pytest.approx(fine, abs=1e-9)


def test_looks_move_no_landmark() -> None:
    phantom = lateral_phantom(LateralChoices())
    fat = Look(physique=Physique(obesity=1.0, rim_double_mm=3.0))
    exposure = frame_film(phantom, (2.0, 2.0), "left", marks=fat.marks)
    first = render_lifelike(phantom, exposure, fat, seed=1, bits=10)
    assert first.max() <= 1023
    assert first.shape == (exposure.rows, exposure.columns)
    with pytest.raises(ValueError, match="8 to 16"):
        render_lifelike(phantom, exposure, fat, seed=1, bits=17)


def test_what_cannot_be_drawn_is_refused() -> None:
    for words in (
        {"count": -1, "seed": 1},
        {"count": 1, "seed": -1},
        {"count": 1, "seed": 1, "style": "ugly"},
        {"count": 1, "seed": 1, "view": "top"},
    ):
        with pytest.raises(ValueError, match=r"negative|one of"):
            draw_specs(**words)
    assert draw_specs(0, seed=1) == ()


def test_the_contact_sheet_needs_a_png(capsys: pytest.CaptureFixture[str]) -> None:
    assert contact_sheet.main(["sheet.gif"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.slow
def test_drawn_postures_are_spread_like_people() -> None:
    rng = np.random.default_rng(1)
    spines = [lateral_phantom(draw_asymptomatic(rng).choices) for _ in range(300)]
    assert all(plausible(spine) for spine in spines)
    values = {key: np.array([spine.truth[key] for spine in spines])
              for key in ("SVA", "PI", "PT", "SS")}  # fmt: skip
    for key, mean, sd, mean_off, sd_off in (
        ("SVA", -0.5, 25.0, 5.0, 5.0),
        ("PI", 53.0, 10.5, 2.0, 2.0),
        ("PT", 13.5, 6.8, 2.0, 2.0),
        ("SS", 39.5, 7.8, 2.0, 2.0),
    ):
        assert values[key].mean() == pytest.approx(mean, abs=mean_off), key
        assert values[key].std() == pytest.approx(sd, abs=sd_off), key
    bent = [lateral_phantom(draw_deformity(rng).choices) for _ in range(200)]
    assert all(plausible(spine) for spine in bent)
    reach = np.array([spine.truth["SVA"] for spine in bent])
    assert reach.max() == pytest.approx(160.0, abs=10.0)
    assert reach.mean() > 60.0
