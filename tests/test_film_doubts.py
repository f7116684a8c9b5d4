"""What a film says against a proposal: heads that are not there, edges that may be wrong ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, ndtr

from balance.landmarks.conditioning import PlateReading
from balance.landmarks.film_doubts import Sighting, heads_are_missing
from balance.landmarks.film_evidence import judged
from balance.landmarks.model import Landmark, Landmarks
from balance.landmarks.plate_readings import weighed, wrong_edges
from balance.landmarks.shape_chain import chain_of
from balance.landmarks.snap import SnappedPlate
from balance.radiograph import Radiograph, Scale

CHAIN = chain_of(12, 5)
PLATES = tuple(
    (level, end) for level in CHAIN.levels[5:] for end in ("superior", "inferior")
)  # C7 to L5
SCALE = Scale(0.3, 0.3, "user_fiducial", "patient", 0.0)
BRIGHT_BONE = judged(by_tag=True, content=0.0)


def found(plate, evidence, variance):
    level, end = plate
    return SnappedPlate(
        level, end, ("a", "b"), ((0.0, 0.0), (9.0, 0.0)), (0.0, 1.0), (0.0, 0.0),
        ((1.0, 0.0), (0.0, 1.0)), (0.0, 0.0), ((variance, 0.0), (0.0, variance)),
        (0.0, 0.0), (1.0, 1.0), evidence, 0.99, False,
    )  # fmt: skip


def read(plate):
    directions = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    spread = np.diag([0.2, 0.2, 1.0, 1.0])
    return PlateReading(*plate, directions, (0, 1, 0, 1), np.zeros(4), spread)


def search(seen, evidence=8.0, variance=0.3):
    """All plates looked for, those of ``seen`` (places in PLATES) read."""
    plates = [found(plate, evidence, variance) for plate in PLATES]
    return plates, [read(PLATES[n]) for n in seen]


# ---- wrong edges ------------------------------------------------------------------------------


def test_the_odds_of_a_wrong_edge_by_hand():
    """Tilts known to sqrt(2 * 0.5) = 1 mm, three near plates missing, an evidence of 2."""
    seen = [n for n in range(len(PLATES)) if n not in (9, 11, 12)]
    plates, readings = search(seen, evidence=2.0, variance=0.5)
    wrong = dict(zip(seen, wrong_edges(CHAIN, plates, readings), strict=True))
    assert wrong[10] == pytest.approx(expit(-1.1 - 0.72 + 3 * 0.57 * np.log(2.0)))
    assert wrong[2] == pytest.approx(expit(-1.1 - 0.72))
    plain, readings = search(seen, evidence=2.0, variance=0.1)
    assert wrong_edges(CHAIN, plain, readings) == pytest.approx([expit(-1.82)] * len(seen))


@given(
    seen=st.sets(st.integers(0, len(PLATES) - 1), min_size=2),
    gone=st.integers(0, len(PLATES) - 1),
    evidence=st.floats(0.5, 20.0),
    variance=st.floats(0.05, 3.0),
)
def test_a_plate_more_missing_never_makes_another_surer(seen, gone, evidence, variance):
    kept = sorted(seen - {gone})
    plates, whole = search(sorted(seen | {gone}), evidence, variance)
    _, fewer = search(kept, evidence, variance)
    before = dict(zip(sorted(seen | {gone}), weighed(CHAIN, plates, whole), strict=True))
    shares = dict(zip(sorted(seen | {gone}), wrong_edges(CHAIN, plates, whole), strict=True))
    for n, one in zip(kept, weighed(CHAIN, plates, fewer), strict=True):
        assert (np.diag(one.covariance) >= np.diag(before[n].covariance) - 1e-12).all()
    for n, share in zip(kept, wrong_edges(CHAIN, plates, fewer), strict=True):
        assert 0.0 < shares[n] <= share < 1.0


def test_a_plate_among_its_neighbours_with_much_evidence_is_believed():
    plates, readings = search(range(len(PLATES)), evidence=12.0)
    for one, kept in zip(readings, weighed(CHAIN, plates, readings), strict=True):
        assert kept.covariance == pytest.approx(one.covariance)
    assert max(wrong_edges(CHAIN, plates, readings)) < 0.01


# ---- what is asked of the reader --------------------------------------------------------------


def sighting(seen, evidence=8.0, *, headless=False):
    plates, readings = search(seen, evidence)
    return Sighting.of(CHAIN, plates, readings, [True] * len(readings), headless=headless)


def test_a_film_that_shows_all_leaves_no_doubt():
    seen = sighting(range(len(PLATES)))
    assert not seen.of_something_else
    assert list(seen.doubts(CHAIN)) == []


def test_a_plate_that_a_value_rests_on_is_named_where_it_may_be_another_edge():
    """L1 superior is found, with little evidence and amid others that are not."""
    at = PLATES.index(("L1", "superior"))
    seen = [n for n in range(len(PLATES)) if n not in (at - 2, at + 2, at + 3)]
    (doubt,) = sighting(seen, evidence=1.0).doubts(CHAIN)
    assert doubt.startswith("not seen clearly: L1 superior")
    assert list(sighting(seen, evidence=12.0).doubts(CHAIN)) == []


def test_without_heads_where_they_were_marked_most_endplates_must_be_seen():
    most, half = range(int(0.9 * len(PLATES))), range(len(PLATES) // 2)
    assert not sighting(most, headless=True).of_something_else
    assert any("femoral head" in doubt for doubt in sighting(most, headless=True).doubts(CHAIN))
    assert sighting(half, headless=True).of_something_else
    assert not sighting(half).of_something_else
    assert sighting(range(3)).of_something_else
    assert sighting(most, evidence=-1.0).of_something_else


# ---- heads ------------------------------------------------------------------------------------


def discs(*places, size_mm=(160.0, 150.0)):
    y, x = np.mgrid[0 : round(size_mm[1] / 0.3), 0 : round(size_mm[0] / 0.3)] * 0.3
    grey = np.random.default_rng(1).normal(1500.0, 60.0, x.shape)
    for cx, cy, radius in places:
        grey += 700.0 * ndtr((radius - np.hypot(x - cx, y - cy)) / 0.4)
    return Radiograph(grey.astype(np.uint16), scale=SCALE)


def marked(*places_mm):
    points = {
        f"femoral_head_{n}": Landmark(x / 0.3, y / 0.3) for n, (x, y) in enumerate(places_mm, 1)
    }
    return Landmarks("lateral", points, "right", scale=SCALE)


def test_heads_are_seen_where_they_are_and_missed_where_they_are_not():
    film = discs((60.0, 70.0, 23.0), (68.0, 74.0, 24.0))
    assert not heads_are_missing(film, marked((61.5, 69.0), (67.0, 75.0)), BRIGHT_BONE)
    assert heads_are_missing(film, marked((115.0, 110.0), (120.0, 112.0)), BRIGHT_BONE)
    blank = replace(film, pixels=np.full_like(film.pixels, 1500))
    assert heads_are_missing(blank, marked((61.5, 69.0), (67.0, 75.0)), BRIGHT_BONE)


def test_one_head_is_enough_and_none_marked_is_none_missing():
    film = discs((60.0, 70.0, 23.0))
    assert not heads_are_missing(film, marked((61.0, 69.0)), BRIGHT_BONE)
    assert heads_are_missing(film, marked((120.0, 112.0)), BRIGHT_BONE)
    nothing = replace(marked(), points={})
    assert not heads_are_missing(film, nothing, BRIGHT_BONE)
