"""The film on the editor's screen: any part at any zoom, in the greys of the display."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.display import display_image
from balance.landmarks.editor.window.marks import Area
from balance.landmarks.editor.window.picture import FilmPicture, Greys
from balance.landmarks.editor.window.pyramid import Pyramid
from balance.landmarks.editor.window.viewport import MOST_ZOOM, fitted
from balance.radiograph import GreyWindow, Radiograph


@given(
    zoom=st.floats(0.05, 8.0),
    at=st.tuples(st.floats(60, 140), st.floats(120, 280)),
    mirrored=st.booleans(),
)
def test_a_ramp_is_shown_as_a_ramp_at_every_zoom(zoom, at, mirrored):
    """Averaging and interpolation keep a linear film exactly; only its edge is flattened."""
    y, x = np.mgrid[0:401, 0:203].astype(np.float32)
    pyramid = Pyramid(3.0 * x + 2.0 * y)
    view = replace(
        fitted((401, 203), 1.0, Area(0, 0, 37, 53)), centre=at, zoom=zoom, mirrored=mirrored
    )
    shown = pyramid.sample(view.sampling(), (53, 37))
    columns, rows = np.meshgrid(np.arange(37) + 0.5, np.arange(53) + 0.5)
    places = view.to_film(np.stack([columns, rows], axis=-1).reshape(-1, 2)).reshape(53, 37, 2)
    inside = ((places > 16) & (places < (203 - 20, 401 - 20))).all(axis=-1)
    expected = 3.0 * places[..., 0] + 2.0 * places[..., 1]
    # OpenCV interpolates in steps of a 32nd of a pixel of the level shown.
    step = 5.0 * max(1.0, 2.0 / zoom) / 32.0
    assert np.abs(shown - expected)[inside].max(initial=0.0) <= step


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 2.7, 9.0])
def test_a_pixel_is_clicked_where_it_is_seen(zoom, mirrored):
    pixels = np.zeros((90, 70), np.uint16)
    pixels[41, 23] = 4000
    view = replace(fitted((90, 70), 1.0, Area(0, 0, 300, 200)), mirrored=mirrored)
    view = view.moved_to((25.0, 40.0), zoom)
    shown = FilmPicture(Radiograph(pixels)).seen(view, Greys(GreyWindow(2000, 4000)))
    rows, columns = np.nonzero(shown == shown.max())
    middle = (columns.mean() + 0.5, rows.mean() + 0.5)
    assert np.abs(view.to_film([middle])[0] - (23, 41)).max() <= 0.51 / zoom


@given(
    point=st.tuples(st.floats(-50, 900), st.floats(-50, 2000)),
    zoom=st.floats(0.2, MOST_ZOOM),
    mirrored=st.booleans(),
    factor=st.floats(0.3, 3.0),
)
def test_the_screen_and_the_film_agree(point, zoom, mirrored, factor):
    view = replace(fitted((1800, 700), 1.3, Area(10, 20, 900, 1000)), zoom=zoom, mirrored=mirrored)
    there = view.to_screen([point])
    assert view.to_film(there)[0] == pytest.approx(point, abs=1e-6)
    at = (400.0, 500.0)
    held = view.zoomed(factor, at)
    assert held.to_film([at])[0] == pytest.approx(view.to_film([at])[0], abs=1e-6)
    across, down = np.abs(view.to_screen([(1, 1)]) - view.to_screen([(0, 0)]))[0]
    assert down / across == pytest.approx(1.3)


def films_of_every_kind():
    rng = np.random.default_rng(3)
    values = rng.integers(0, 4096, (60, 50))
    mask = np.ones(values.shape, bool)
    mask[:, :9] = False
    window = (GreyWindow(2100.0, 3000.0),)
    yield "uint16", Radiograph(values.astype(np.uint16), windows=window)
    yield "monochrome1", Radiograph(values.astype(np.uint16), windows=window, inverted=True)
    yield "signed", Radiograph((values - 2000).astype(np.int16), windows=(GreyWindow(0, 3000),))
    yield "8 bit", Radiograph((values // 16).astype(np.uint8))
    yield "float", Radiograph(values.astype(np.float32), windows=window)
    yield "masked", Radiograph(values.astype(np.uint16), windows=window, valid=mask)
    table = (np.linspace(0, 1, 4096) ** 2 * 65535).astype(np.uint16)
    yield "table", Radiograph(values.astype(np.uint16), voi_table=table)


@pytest.mark.parametrize(("name", "radiograph"), list(films_of_every_kind()))
def test_greys_are_those_of_the_display(name, radiograph):
    view = fitted(radiograph.pixels.shape, 1.0, Area(0, 0, 50, 60))
    picture = FilmPicture(radiograph)
    assert (picture.seen(view, Greys()) == display_image(radiograph)).all()
    turned = replace(radiograph, inverted=not radiograph.inverted)
    assert (picture.seen(view, Greys(inverted=True)) == display_image(turned)).all()
    chosen = GreyWindow(1500.0, 900.0)
    expected = display_image(radiograph, window=chosen)
    assert (picture.seen(view, Greys(window=chosen)) == expected).all()


@pytest.mark.parametrize("inverted", [False, True])
def test_brighter_is_brighter_whichever_way_the_values_run(inverted):
    values = np.tile(np.arange(4096, dtype=np.uint16), (1000, 1))
    picture = FilmPicture(Radiograph(values, inverted=inverted))
    view = fitted(values.shape, 1.0, Area(0, 0, 410, 100))
    before = picture.seen(view, Greys())
    after = picture.seen(view, picture.changed(Greys(), 0.2, 1.0))
    assert after.mean() > before.mean() + 20
    harder = picture.seen(view, picture.changed(Greys(), 0.0, 0.4))
    assert np.isin(harder, (0, 255)).sum() > np.isin(before, (0, 255)).sum()
