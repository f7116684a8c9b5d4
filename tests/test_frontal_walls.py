"""Side walls on frontal films: a bright band of known course, and films without any spine."""

from __future__ import annotations

import numpy as np
import pytest

from balance.anatomy import body_names
from balance.landmarks.film_evidence import read_polarity
from balance.landmarks.frontal_fit import Fit, chain_of, fit_points, given_points
from balance.landmarks.frontal_plates import Sighting, fit_sightings
from balance.landmarks.frontal_walls import wall_sightings
from balance.landmarks.model import Landmark, Landmarks
from balance.radiograph import Radiograph, Scale

MM = Scale(0.5, 0.5, "user_fiducial", "patient", 1.0)
SHAPE = (1000, 440)
FEW = {"T1": 60.0, "T6": 154.0, "T12": 292.0, "L5": 462.0}
"""Where the middles of the clicked levels lie below the upper border, mm; table proportions."""
AMPLITUDE_MM, PERIOD_MM = 14.0, 300.0


def course(down_mm: np.ndarray) -> np.ndarray:
    """Middle of the band, mm from the left border of the film."""
    return 110.0 + AMPLITUDE_MM * np.sin(2.0 * np.pi * (down_mm - 60.0) / PERIOD_MM)


def half_width(down_mm: np.ndarray) -> np.ndarray:
    """Half the width of the bodies of the table at this height, mm."""
    return np.interp(down_mm, (60.0, 154.0, 292.0, 462.0), (12.2, 13.1, 19.5, 23.6))


def band(noise: float = 0.02) -> Radiograph:
    """A bright curved band: walls without a single endplate."""
    down, right = (np.arange(n) * 0.5 for n in SHAPE)
    inside = half_width(down)[:, None] - np.abs(right[None] - course(down)[:, None])
    bone = 1.0 / (1.0 + np.exp(-inside / 0.4))
    grain = np.random.default_rng(3).normal(0.0, noise, SHAPE)
    return Radiograph((1000.0 + 2000.0 * (0.3 + 0.5 * bone + grain)).astype(np.uint16), scale=MM)


def clicks() -> Landmarks:
    """Four levels clicked in the middle of the band; what lies between is the prior's guess."""
    points = {
        f"{level}_centroid": Landmark(float(2.0 * course(np.array(at))), 2.0 * at, sd_px=2.0)
        for level, at in FEW.items()
    }
    return Landmarks("frontal", points, "left", MM)


def by_clicks() -> tuple[Landmarks, Fit]:
    marked = clicks()
    return marked, fit_points(marked, chain_of(marked, given_points(marked)))


def seen_on(film: Radiograph) -> tuple[Sighting, ...]:
    marked, fit = by_clicks()
    return wall_sightings(film, read_polarity(film), marked.frame.matrix, fit, 1.0)


def off_the_course(marked: Landmarks, fit: Fit) -> np.ndarray:
    """How far the middle of each level's corners lies beside the band's middle, mm."""
    at = dict(zip(fit.chain.names, marked.frame.to_pixels(fit.corners) / 2.0, strict=True))
    middles = [
        np.mean([at[name] for name in body_names(level, "frontal")], axis=0)
        for level in fit.chain.levels
    ]
    places = np.array(middles)
    return places[:, 0] - course(places[:, 1])


def test_the_walls_pull_the_spine_between_the_clicks_onto_its_true_course():
    marked, expected = by_clicks()
    found, weights = fit_sightings(marked, expected, seen_on(band()))
    before, after = off_the_course(marked, expected), off_the_course(marked, found)
    assert np.sqrt((before**2).mean()) > 3.0
    assert np.sqrt((after**2).mean()) < 0.8
    assert len(weights) > 20
    # and with the course how far the spine turns: twice the band's own steepest slope
    turn = 2.0 * np.degrees(np.arctan(AMPLITUDE_MM * 2.0 * np.pi / PERIOD_MM))
    flat, turned = (np.ptp(np.degrees(f.state.mean[f.chain.tilts])) for f in (expected, found))
    assert flat < turn - 3.5
    assert turned == pytest.approx(turn, abs=2.0)


def test_what_a_wall_claims_holds_the_edge_that_was_drawn():
    marked, fit = by_clicks()
    misses = []
    for one in seen_on(band()):
        far = np.zeros((len(fit.chain.names), 2))
        # one point of the true edge beside each end of the wall, and the place along the normal
        rows = one.rows.reshape(2, -1, 2)
        for end, name in enumerate(one.names):
            corner = fit.chain.names.index(name)
            down = float(marked.frame.to_pixels(fit.corners[corner])[1]) / 2.0
            sign = -1.0 if name.endswith("right") else 1.0
            edge = np.array([course(np.array(down)) + sign * half_width(np.array(down)), down])
            far[corner] = marked.frame.to_plane(2.0 * edge)
            normal = rows[end, corner]
            misses.append(
                (one.values[end] - normal @ far[corner]) / np.sqrt(one.covariance[end, end])
            )
    assert len(misses) > 40
    # the edge of a leaning wall lies a little off the place beside its end: a wide bound
    assert np.median(np.abs(misses)) < 1.5


def test_a_film_without_bone_says_nothing_of_walls():
    marked, expected = by_clicks()
    empty = Radiograph(np.full(SHAPE, 1000, np.uint16), scale=MM)
    assert seen_on(empty) == ()
    assert fit_sightings(marked, expected, ())[0] is expected


def test_noise_moves_the_spine_by_less_than_the_clicks_leave_open():
    marked, expected = by_clicks()
    rng = np.random.default_rng(8)
    noise = Radiograph(rng.integers(0, 4096, SHAPE).astype(np.uint16), scale=MM)
    found, _ = fit_sightings(marked, expected, seen_on(noise))
    moved = (found.corners - expected.corners).ravel()
    sd = np.sqrt(np.diag(expected.covariance))
    assert np.mean(np.abs(moved) < 1.96 * sd) > 0.95


def test_bone_stored_dark_shows_the_same_walls():
    bright = band()
    dark = Radiograph(4000 - bright.pixels, scale=MM, inverted=True)
    for one, other in zip(seen_on(bright), seen_on(dark), strict=True):
        assert one.names == other.names
        assert other.values == pytest.approx(one.values, abs=0.05)
