"""Sites: weighted means of points with their covariance, the same however films are read."""

import numpy as np
import pytest

from balance.landmarks.model import Landmark, Landmarks
from balance.metrics.model import DRAWS, draw
from balance.metrics.sites import HIP_AXIS, S1_MIDPOINT, resolve
from balance.radiograph import Scale

SCALE = Scale(1.0, 1.0, "user_fiducial", "patient", 1.0)
BODY = {
    "L3_superior_posterior": (0.0, 0.0),
    "L3_superior_anterior": (30.0, 2.0),
    "L3_inferior_posterior": (-1.0, 25.0),
    "L3_inferior_anterior": (31.0, 27.0),
}
HEADS = {"femoral_head_1": (40.0, 90.0), "femoral_head_2": (46.0, 94.0)}


def film(points, sd=None):
    deviations = sd or dict.fromkeys(points, 2.0)
    marked = {name: Landmark(*at, sd_px=deviations[name]) for name, at in points.items()}
    return Landmarks("lateral", marked, "right", scale=SCALE)


def test_a_mean_of_points_has_the_mean_of_their_variances():
    sd = dict(zip((*BODY, *HEADS), (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True))
    sites = resolve(film(BODY | HEADS, sd))
    found = sites.covariance(["L3_centroid", "L3_superior_anterior", HIP_AXIS])
    centroid, corner, hips = (1 + 4 + 9 + 16) / 16, 4.0, (25 + 36) / 4
    assert np.diag(found)[:4] == pytest.approx([centroid, centroid, corner, corner])
    assert np.diag(found)[4:] == pytest.approx([hips, hips])
    # the corner is a quarter of the centroid
    assert found[0, 2] == found[1, 3] == pytest.approx(4.0 / 4)
    assert found[0, 1] == found[0, 4] == found[2, 4] == 0.0
    assert np.array_equal(found, found.T)


def test_a_film_does_not_remember_the_one_before():
    """Films with the same points share how sites come from them, and nothing else."""
    first = resolve(film(BODY | HEADS))
    moved = {name: (x + 7.0, y - 3.0) for name, (x, y) in BODY.items()}
    second = resolve(film(moved | HEADS, dict.fromkeys((*BODY, *HEADS), 1.0)))
    fewer = resolve(film(BODY))
    assert second.at(["L3_centroid"]) - first.at(["L3_centroid"]) == pytest.approx(
        np.array([[7.0, 3.0]])
    )
    assert second.covariance([HIP_AXIS]) == pytest.approx(first.covariance([HIP_AXIS]) / 4)
    assert fewer.missing([HIP_AXIS, "L3_centroid"]) == ("femoral_head_1, femoral_head_2",)
    assert fewer.missing([S1_MIDPOINT]) == ("S1_superior_posterior, S1_superior_anterior",)


def test_the_order_of_the_points_in_a_document_changes_nothing():
    sd = dict(zip((*BODY, *HEADS), (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True))
    points = BODY | HEADS
    backwards = dict(reversed(points.items()))
    names = ["L3_centroid", "L3_inferior_anterior", HIP_AXIS]
    one, two = resolve(film(points, sd)), resolve(film(backwards, sd))
    assert two.at(names) == pytest.approx(one.at(names))
    assert two.covariance(names) == pytest.approx(one.covariance(names))


@pytest.mark.parametrize("places", [1, 3, 24, 60])
def test_fewer_draws_are_the_first_of_many(places):
    """However many are made at once, the stream of random numbers is read in the same order."""
    rng = np.random.default_rng(places)
    xy = rng.normal(0, 50, (places, 2))
    factor = rng.normal(0, 1, (2 * places, 2 * places))
    covariance = factor @ factor.T
    many = draw(xy, covariance)
    assert many.shape == (DRAWS, places, 2)
    for count in (1, 137, 1999):
        assert draw(xy, covariance, count) == pytest.approx(many[:count], rel=1e-9)
    assert not np.array_equal(many[0], many[1])
    spread = np.cov(many.reshape(DRAWS, -1), rowvar=False)
    assert np.trace(spread) == pytest.approx(np.trace(covariance), rel=0.1)
