"""Seams of stitched films: found where they are, silence where they are not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from balance.errors import UnreadableFilm
from balance.film import open_film
from balance.radiograph import Radiograph
from balance.seams import crossed_seams, find_seams

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted((ROOT / "sample_images").glob("*.dcm"))
FOLDER = Path(os.environ.get("SPINAL_BALANCE_FILMS") or ROOT / ".." / "shared" / "radiographs")
REAL = sorted(
    path
    for path in FOLDER.rglob("*")
    if path.suffix in (".dcm", ".jpg", ".png") or path.name == "CR-MONO1-10-chest"
)
STITCHED = {"21-Nov-2016-134_A_AP.jpg": 1205.5}
"""Real films with a seam that the eye sees, and its row."""


def tissue(rows: int = 600, columns: int = 240, seed: int = 1) -> np.ndarray:
    """Soft structure of several sizes and noise, 0 to about 4000."""
    random = np.random.default_rng(seed)
    layers = sum(
        cv2.GaussianBlur(random.normal(0, 1, (rows, columns)), (0, 0), width) * width
        for width in (9, 20, 40)
    )
    smooth = 2000 + 400 * layers / np.std(layers)
    smooth += 500 * np.cos(np.arange(columns) / 40)
    return smooth + random.normal(0, 15, smooth.shape)


def film(values: np.ndarray, **more: object) -> Radiograph:
    return Radiograph(np.clip(values, 0, 4095).astype(np.uint16), **more)


@pytest.mark.parametrize("row", [100, 299, 500])
@pytest.mark.parametrize("step", [-300, 300])
def test_a_step_of_brightness_is_a_seam(row: int, step: float) -> None:
    values = tissue()
    values[row:] += step
    assert find_seams(film(values)) == (row - 0.5,)


def test_several_seams_in_order() -> None:
    values = tissue(900)
    values[300:] += 250
    values[600:] *= 0.8
    assert find_seams(film(values)) == (299.5, 599.5)


def test_a_seam_smeared_by_resampling_is_found_near() -> None:
    values = tissue()
    values[250:] += 400
    small = cv2.resize(values, (200, 500), interpolation=cv2.INTER_AREA)
    (row,) = find_seams(film(small))
    assert abs(row - (250 * 500 / 600 - 0.5)) <= 1.5


@pytest.mark.parametrize("seed", range(12))
def test_an_unstitched_film_has_none(seed: int) -> None:
    assert find_seams(film(tissue(seed=seed))) == ()


def test_collimators_frames_and_labels_are_no_seams() -> None:
    values = tissue()
    values[:90], values[520:] = 20, 20  # closed collimator, tissue on one side only
    values[200:260, 10:70] = 4000  # a label
    assert find_seams(film(values)) == ()
    values = tissue()
    values[300:, : 240 * 6 // 10] += 400  # six tenths of the width
    assert find_seams(film(values)) == ()
    assert find_seams(film(np.full((500, 200), 7.0))) == ()
    assert find_seams(film(tissue(30, 30))) == ()
    assert find_seams(film(tissue(500, 1))) == ()


def test_an_implant_across_the_film_is_no_seam() -> None:
    values = tissue()
    slope = np.arange(240) * 0.3  # a bar that is not level
    rows = np.arange(600)[:, None]
    values[(rows > 300 + slope) & (rows < 340 + slope)] += 900
    assert find_seams(film(values)) == ()


def test_masked_columns_do_not_count() -> None:
    values = tissue()
    values[300:] += 300
    values[:, 160:] = 0
    valid = np.zeros(values.shape, bool)
    valid[:, :170] = True
    assert find_seams(film(values)) == ()
    values[:, :200] = tissue()[:, :200]
    values[300:, :200] += 300
    valid[:, :200] = True
    assert find_seams(film(values, valid=valid)) == (299.5,)


def test_signed_and_floating_films_too() -> None:
    values = tissue() - 3000
    values[300:] += 300
    for kind in (np.int16, np.int32, np.float32):
        assert find_seams(Radiograph(values.astype(kind))) == (299.5,)


def test_which_seams_lie_between_points() -> None:
    seams = (99.5, 250.5, 400.5)
    assert crossed_seams(seams, [(0, 90), (5, 300)]) == (99.5, 250.5)
    assert crossed_seams(seams, [(0, 300), (5, 260)]) == ()
    assert crossed_seams(seams, [(0, 300)]) == ()
    assert crossed_seams(seams, []) == ()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_false_alarm_on_the_sample_films(path: Path) -> None:
    opened = open_film(path)
    assert find_seams(opened) == ()
    row = opened.rows * 2 // 5
    low, high = np.percentile(opened.pixels, (1, 99))
    pixels = opened.pixels.astype(float)
    pixels[row:] += 0.1 * (high - low)
    stitched = replace(opened, pixels=np.clip(pixels, 0, 65535).astype(np.uint16))
    assert find_seams(stitched) == (row - 0.5,)


@pytest.mark.films
@pytest.mark.skipif(not REAL, reason="no real films")
def test_real_films_have_the_seams_that_the_eye_sees() -> None:
    found = {}
    for path in REAL:
        try:
            seams = find_seams(open_film(path))
        except UnreadableFilm:
            continue
        if seams:
            found[path.name] = seams
    assert found == {name: (row,) for name, row in STITCHED.items() if name in found}
    assert len(found) == len([path for path in REAL if path.name in STITCHED])
