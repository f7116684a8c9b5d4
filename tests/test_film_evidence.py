"""Polarity by tag and by content, and the canonical image, on pictures made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.landmarks.film_evidence import (
    DECISIVE_LOG_ODDS,
    Polarity,
    canonical_image,
    read_polarity,
)
from balance.radiograph import Radiograph, Scale

TAGGED = Polarity(bone_high=True, by_tag=True, content=0.0)
MM = Scale(0.5, 0.5, "user_fiducial", "patient", 1.0)


def body(rows=600, columns=300, *, share=0.5):
    """A trunk brighter than the air beside it, 12 bit, with noise."""
    x = np.linspace(-1, 1, columns)
    across = np.sqrt(np.maximum(1 - (x / (0.3 + 0.6 * share)) ** 2, 0))
    rng = np.random.default_rng(3)
    grey = 500 + 2500 * across + rng.normal(0, 40, (rows, columns))
    return np.clip(grey, 0, 4095).astype(np.uint16)


@pytest.mark.parametrize("negative", [False, True])
def test_a_film_that_its_tag_describes_rightly_raises_no_doubt(negative):
    pixels = (4095 - body()).astype(np.uint16) if negative else body()
    polarity = read_polarity(Radiograph(pixels, inverted=negative))
    assert polarity.decisive
    assert polarity.doubt is None
    assert polarity.bone_high is not negative


@pytest.mark.parametrize("negative", [False, True])
def test_a_tag_that_lies_is_overruled_and_said(negative):
    pixels = (4095 - body()).astype(np.uint16) if negative else body()
    polarity = read_polarity(Radiograph(pixels, inverted=not negative))
    assert polarity.bone_high is not negative
    assert polarity.doubt is not None
    assert "negative" in polarity.doubt


@given(st.floats(0.0, 1.0))
@settings(max_examples=20)
def test_turning_the_grey_over_turns_the_verdict_of_the_content_over(share):
    pixels = body(200, 160, share=share)
    here = read_polarity(Radiograph(pixels)).content
    there = read_polarity(Radiograph((4095 - pixels).astype(np.uint16))).content
    assert here == pytest.approx(-there, abs=0.2)
    assert here > DECISIVE_LOG_ODDS


def test_a_white_border_of_collimation_decides_nothing():
    pixels = body()
    pixels[:, :50] = pixels[:, -50:] = 4095
    pixels[:40] = pixels[-40:] = 4095
    polarity = read_polarity(Radiograph(pixels))
    assert polarity.bone_high
    assert polarity.doubt is None


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("kind", ["constant", "noise", "tiny"])
def test_where_the_pixels_do_not_tell_the_tag_holds_without_a_doubt(kind, inverted):
    rng = np.random.default_rng(1)
    pixels = {
        "constant": np.full((300, 200), 7, np.uint16),
        "noise": rng.integers(0, 4000, (300, 200)).astype(np.uint16),
        "tiny": np.arange(6, dtype=np.uint8).reshape(2, 3),
    }[kind]
    polarity = read_polarity(Radiograph(pixels, inverted=inverted))
    assert not polarity.decisive
    assert polarity.bone_high is not inverted
    assert polarity.doubt is None


def test_masked_pixels_say_nothing_of_polarity():
    pixels = body()
    valid = np.ones(pixels.shape, bool)
    valid[:, :60] = valid[:, -60:] = False
    noisy = pixels.copy()
    rng = np.random.default_rng(5)
    noisy[~valid] = rng.integers(3500, 4095, (~valid).sum())
    assert read_polarity(Radiograph(noisy, valid=valid)).bone_high


def test_a_negative_gives_the_same_canonical_image():
    pixels = body(300, 200)
    box = (20.0, 30.0, 150.0, 250.0)
    straight = canonical_image(Radiograph(pixels), TAGGED, scale=MM, box=box)
    turned = Polarity(bone_high=False, by_tag=False, content=0.0)
    negative = Radiograph((4095 - pixels).astype(np.uint16), inverted=True)
    there = canonical_image(negative, turned, scale=MM, box=box)
    np.testing.assert_allclose(there.pixels, straight.pixels, atol=1e-4)


def test_a_round_spot_is_round_and_in_its_place_on_oblong_pixels():
    scale = Scale(0.2, 0.35, "user_fiducial", "patient", 1.0)
    y, x = np.mgrid[0:600, 0:400]
    centre = np.array([180.0, 260.0])
    away = np.hypot((x - centre[0]) * 0.35, (y - centre[1]) * 0.2)
    film = Radiograph((3000 * np.exp(-((away / 6.0) ** 2))).astype(np.uint16))
    image = canonical_image(film, TAGGED, scale=scale, box=(60.5, 51.0, 300.0, 470.0))
    peak = np.argwhere(image.pixels >= 0.98 * image.pixels.max())
    found = image.to_film(peak[:, ::-1].mean(axis=0))
    assert np.abs((found - centre) * (0.35, 0.2)).max() < 0.15
    spread = peak.max(axis=0) - peak.min(axis=0)
    assert abs(int(spread[0]) - int(spread[1])) <= 1


@given(st.floats(-50, 450), st.floats(-50, 650), st.floats(0.15, 0.9))
@settings(max_examples=25)
def test_places_go_to_the_film_and_back(x, y, pixel_mm):
    film = Radiograph(body(600, 400))
    scale = Scale(0.2, 0.35, "user_fiducial", "patient", 1.0)
    box = (30.0, 40.0, 260.0, 300.0)
    image = canonical_image(film, TAGGED, scale=scale, box=box, pixel_mm=pixel_mm)
    np.testing.assert_allclose(image.to_film(image.from_film(np.array([x, y]))), [x, y], atol=1e-9)


def test_a_box_beside_the_film_is_empty_and_one_across_its_border_is_cut():
    film = Radiograph(body(100, 80))
    assert canonical_image(film, TAGGED, scale=MM, box=(200, 10, 250, 60)).pixels.size == 0
    part = canonical_image(film, TAGGED, scale=MM, box=(-30.0, -30.0, 19.0, 9.0))
    assert part.corner == (0, 0)
    assert part.pixels.shape == (10, 20)


def test_flat_film_has_no_contrast_to_raise():
    film = Radiograph(np.full((200, 200), 1234, np.uint16))
    image = canonical_image(film, TAGGED, scale=MM, box=(0, 0, 199, 199))
    assert not image.pixels.any()


def test_one_contrast_everywhere_whatever_the_vendor_did_to_the_tone():
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 1, (400, 400))
    slope = np.linspace(1, 8, 400)
    pixels = (20000 + 300 * slope * grain + 4000 * slope).astype(np.uint16)
    image = canonical_image(Radiograph(pixels), TAGGED, scale=MM, box=(0, 0, 399, 399))
    thirds = np.array_split(image.pixels, 3, axis=1)
    spreads = [float(part.std()) for part in thirds]
    assert max(spreads) < 1.5 * min(spreads)
    assert abs(float(image.pixels.mean())) < 0.1
