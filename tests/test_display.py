"""The picture of a film: formulas of the standard, polarity once, masks, size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.display import default_window, display_image
from balance.radiograph import GreyWindow, Radiograph

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def by_the_standard(value: float, window: GreyWindow) -> float:
    """PS3.3 C.11.2.1.2 written out, output 0 to 255."""
    c, w = window.centre, window.width
    if window.function == "SIGMOID":
        return 255 / (1 + math.exp(min(-4 * (value - c) / w, 700)))
    if window.function == "LINEAR_EXACT":
        if value <= c - w / 2:
            return 0
        return 255 if value > c + w / 2 else ((value - c) / w + 0.5) * 255
    if value <= c - 0.5 - (w - 1) / 2:
        return 0
    if value > c - 0.5 + (w - 1) / 2:
        return 255
    return ((value - (c - 0.5)) / (w - 1) + 0.5) * 255


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.int32, np.float32])
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("centre", "width"), [(2000, 1500), (40, 7), (4000, 400), (900, 1)])
def test_windows_follow_the_standard(
    centre: float, width: float, function: str, kind: type
) -> None:
    window = GreyWindow(centre, width, function)
    shift = 0 if kind == np.uint16 else 1000
    film = Radiograph((RAMP.astype(np.int32) - shift).astype(kind))
    expected = [[by_the_standard(float(value), window) for value in row] for row in film.pixels]
    picture = display_image(film, window=window)
    assert picture.dtype == np.uint8
    assert np.abs(picture - np.array(expected)).max() <= 0.51


def test_eight_bit_films_too() -> None:
    film = Radiograph(np.arange(256, dtype=np.uint8).reshape(16, 16))
    picture = display_image(film, window=GreyWindow(128, 256, "LINEAR"))
    np.testing.assert_array_equal(picture, film.pixels)


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e6), st.sampled_from(["LINEAR", "SIGMOID"]))
def test_brightness_never_falls_with_the_value(centre: float, width: float, function: str) -> None:
    film = Radiograph(np.arange(-300, 300, dtype=np.int16)[None])
    picture = display_image(film, window=GreyWindow(centre, width, function))
    assert (np.diff(picture[0].astype(int)) >= 0).all()


def test_inversion_happens_once() -> None:
    window = GreyWindow(2000, 3000)
    plain = display_image(Radiograph(RAMP), window=window)
    inverted = display_image(Radiograph(RAMP, inverted=True), window=window)
    assert np.abs(inverted.astype(int) - (255 - plain.astype(int))).max() <= 1


def test_the_first_window_of_the_header_is_the_default() -> None:
    film = Radiograph(RAMP, windows=(GreyWindow(100, 50), GreyWindow(2000, 4000)))
    assert default_window(film) == GreyWindow(100, 50)
    np.testing.assert_array_equal(
        display_image(film), display_image(Radiograph(RAMP), window=GreyWindow(100, 50))
    )


def test_a_window_that_misses_the_film_is_passed_over() -> None:
    film = Radiograph(RAMP, windows=(GreyWindow(30000, 500), GreyWindow(2000, 4000)))
    assert default_window(film) == GreyWindow(2000, 4000)


def test_percentiles_leave_masked_areas_out() -> None:
    pixels = RAMP.copy()
    pixels[:, :32] = 60000
    valid = np.ones(pixels.shape, bool)
    valid[:, :32] = False
    film = Radiograph(pixels, valid=valid)
    window = default_window(film)
    low, high = np.percentile(pixels[:, 32:], [0.5, 99.5])
    assert window.centre == pytest.approx((low + high) / 2)
    assert window.width == pytest.approx(high - low)
    picture = display_image(film)
    assert not picture[:, :32].any()
    assert picture[:, 32:].max() == 255


def test_masked_areas_are_black_on_an_inverted_film() -> None:
    valid = np.zeros(RAMP.shape, bool)
    valid[10:20] = True
    picture = display_image(Radiograph(RAMP, inverted=True, valid=valid))
    assert not picture[~valid].any()


def test_a_voi_table_comes_before_the_window() -> None:
    table = np.array([0, 65535, 32768], np.uint16)
    film = Radiograph(
        np.array([[0, 5, 6, 7, 900]], np.uint16),
        voi_table=table,
        voi_table_first=5.0,
        windows=(GreyWindow(1, 1),),
    )
    assert display_image(film).tolist() == [[0, 0, 255, 128, 128]]
    signed = Radiograph(
        np.array([[-9, -8, -7, 3]], np.int16), voi_table=table, voi_table_first=-8.0
    )
    assert display_image(signed).tolist() == [[0, 0, 255, 128]]
    real = Radiograph(np.array([[4.6, 6.2]], np.float32), voi_table=table, voi_table_first=5.0)
    assert display_image(real).tolist() == [[0, 255]]
    explicit = display_image(film, window=GreyWindow(450, 900, "LINEAR_EXACT"))
    assert explicit[0, -1] == 255


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.int32, np.float32])
def test_reduction_averages_and_keeps_the_aspect(kind: type) -> None:
    pixels = np.indices((400, 100)).sum(axis=0) % 2 * 100
    film = Radiograph(pixels.astype(kind))
    window = GreyWindow(50, 100, "LINEAR_EXACT")
    picture = display_image(film, window=window, longest_side=200)
    assert picture.shape == (200, 50)
    # a chequered grid that every second pixel would show as black or white
    assert np.abs(picture.astype(int) - 128).max() <= 2


def test_reduction_of_a_masked_film() -> None:
    valid = np.ones((400, 100), bool)
    valid[:200] = False
    film = Radiograph(np.full((400, 100), 9, np.uint16), valid=valid)
    picture = display_image(film, window=GreyWindow(1, 2), longest_side=40)
    assert picture.shape == (40, 10)
    assert not picture[:20].any()
    assert (picture[20:] == 255).all()


def test_a_small_film_is_not_enlarged() -> None:
    assert display_image(Radiograph(RAMP), longest_side=5000).shape == RAMP.shape


def test_local_contrast_spreads_a_flat_film() -> None:
    y, x = np.mgrid[0:600, 0:300]
    film = Radiograph((x + 20 * np.sin(y / 9)).astype(np.int16))
    flat = GreyWindow(150, 3000)
    plain = display_image(film, window=flat)
    spread = display_image(film, window=flat, local_contrast=3.0)
    assert spread.std() > 1.5 * plain.std()


@pytest.mark.parametrize("value", [0, 7])
def test_a_film_of_one_value_is_shown(value: int) -> None:
    assert display_image(Radiograph(np.full((5, 4), value, np.uint16))).shape == (5, 4)


def test_the_film_itself_is_not_changed() -> None:
    film = Radiograph(RAMP.copy(), inverted=True)
    display_image(film, longest_side=20, local_contrast=2.0)
    np.testing.assert_array_equal(film.pixels, RAMP)
