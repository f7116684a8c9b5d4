"""Flexion and extension: constructed movements are found, and the claimed noise is the real one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import AVERAGE, Points, document, floats, one_draw, plate, read, redrawn

from balance.metrics.sites import resolve
from balance.study.motion import (
    LIMITS,
    Motion,
    MotionLimit,
    Quantity,
    measure_motion,
    motion_between,
    verdict,
)

LEVELS = ("S1", "L5", "L4", "L3", "L2", "L1")
EXTENSION = {name: z for name, z in AVERAGE.plane().items() if name.split("_")[0] in LEVELS}
SLIP = MotionLimit("millimetres", 4.5, "mm", "white1990")


def bent(points: Points, turn: dict[str, float], slip: dict[str, float]) -> Points:
    """Each vertebra moved on the one below, by the cranial posteroinferior corner.

    ``turn``: degrees forwards about that corner; ``slip``: mm forwards along the plate below.
    """
    rotation, shift = 1 + 0j, 0j
    moved: Points = {}
    for below, level in zip((None, *LEVELS), LEVELS, strict=False):
        if below is not None:
            corner = points[f"{level}_inferior_posterior"]
            along = plate(points, below, "superior")
            step = slip.get(level, 0.0) * along / abs(along)
            own = np.exp(-1j * np.radians(turn.get(level, 0.0)))
            # rotation and shift carry the vertebra below; this one first moves on it.
            shift = rotation * (corner - own * corner + step) + shift
            rotation = rotation * own
        for name, z in points.items():
            if name.startswith(level + "_"):
                moved[name] = complex(rotation * z + shift)
    return moved


def turned(points: Points, degrees: float, shift: complex) -> Points:
    return {
        name: complex(z * np.exp(1j * np.radians(degrees)) + shift) for name, z in points.items()
    }


def motion(flexed: Points, extended: Points = EXTENSION, **fields: Any) -> Motion:
    films = [read(document(points, **fields)) for points in (flexed, extended)]
    return motion_between(*films)


def by_pair(found: Motion) -> dict[str, Any]:
    return {f"{one.cranial}-{one.caudal}": one for one in found.segments}


@given(
    turn=st.fixed_dictionaries({level: floats(-5, 15) for level in LEVELS[1:]}),
    slip=st.fixed_dictionaries({level: floats(-8, 8) for level in LEVELS[1:]}),
    whole=floats(-60, 60),
    side=st.sampled_from(["left", "right"]),
)
def test_a_constructed_movement_is_found_whatever_the_pose(turn, slip, whole, side):
    flexed = turned(bent(EXTENSION, turn, slip), whole, 30 - 50j)
    found = motion(flexed, side=side)
    assert len(found.segments) == 5
    for one in found.segments:
        length = abs(plate(EXTENSION, one.caudal, "superior"))
        assert one.millimetres.value == pytest.approx(slip[one.cranial], abs=1e-6)
        assert one.percent.value == pytest.approx(100 * slip[one.cranial] / length, abs=1e-5)
        assert one.rotation.value == pytest.approx(turn[one.cranial], abs=1e-6)
        assert one.doubt is None
    assert found.total.value == pytest.approx(sum(turn.values()), abs=1e-6)


def test_without_a_scale_the_percent_are_the_same_and_no_length_is_given():
    flexed = bent(EXTENSION, dict.fromkeys(LEVELS, 5.0), {"L4": 3.0})
    known = by_pair(motion(flexed))
    larger = read(document(flexed, source=None, row=0.31, column=0.31))
    unknown = by_pair(
        measure_motion(resolve(larger), resolve(read(document(EXTENSION))), "between_readers")
    )
    for pair, one in known.items():
        assert unknown[pair].percent.value == pytest.approx(one.percent.value, abs=1e-6)
        assert unknown[pair].rotation.value == pytest.approx(one.rotation.value, abs=1e-6)
        assert unknown[pair].millimetres is None


@pytest.mark.slow
def test_the_claimed_noise_is_the_real_one_and_well_below_that_of_clicking_twice():
    flexed = bent(EXTENSION, dict.fromkeys(LEVELS, 6.0), {"L4": 3.0})
    rng = np.random.default_rng(5)
    draws = 120
    pair_only = ("L4", "L5", "S1")
    both = [
        {name: z for name, z in film.items() if name.startswith(pair_only)}
        for film in (flexed, EXTENSION)
    ]
    clicks = [redrawn(film, "lateral", rng, draws, total=False) for film in both]
    found = []
    for n in range(draws):
        films = [read(document(one_draw(one, n))) for one in clicks]
        sites = [resolve(film, "within_reader") for film in films]
        found.append(by_pair(measure_motion(*sites, "within_reader")))
    for pair, slip in (("L4-L5", 3.0), ("L5-S1", 0.0)):
        lengths = np.array([one[pair].millimetres.value for one in found])
        angles = np.array([one[pair].rotation.value for one in found])
        said = np.array([one[pair].millimetres.sd for one in found])
        # 120 draws know a standard deviation to about 6.5 %.
        assert np.mean(said) == pytest.approx(lengths.std(), rel=0.2), pair
        assert np.mean([one[pair].rotation.sd for one in found]) == pytest.approx(
            angles.std(), rel=0.2
        )
        assert lengths.mean() == pytest.approx(slip, abs=4 * said.mean() / draws**0.5)
        covered = np.abs(lengths - slip) < 1.96 * said
        assert 0.90 <= covered.mean() <= 0.99
    clicked = np.mean([one["L4-L5"].clicked_sd for one in found])
    assert np.mean([one["L4-L5"].percent.sd for one in found]) < 0.65 * clicked
    doubts = [one.doubt is not None for each in found for one in each.values()]
    assert np.mean(doubts) < 0.05


def test_corners_that_are_not_one_shape_are_remarked_upon():
    flexed = bent(EXTENSION, dict.fromkeys(LEVELS, 5.0), {})
    flexed["L3_superior_anterior"] += 12 + 9j
    found = by_pair(motion(flexed))
    assert "L3" in found["L2-L3"].doubt
    assert found["L4-L5"].doubt is None


@given(value=floats(-20, 20), sd=floats(0.05, 6))
def test_the_three_words_follow_the_interval(value, sd):
    word = verdict(Quantity(value, sd), SLIP).word
    if abs(value) - 1.97 * sd > 4.5:
        assert word == "exceeds"
    elif abs(value) + 1.97 * sd < 4.5:
        assert word == "does not exceed"
    elif abs(abs(value) - 4.5) < 1.2 * sd:
        assert word == "cannot be separated from"
    assert verdict(Quantity(-value, sd), SLIP).word == word


def test_a_limit_without_noise_is_exact():
    assert verdict(Quantity(4.5, 0.0), SLIP).word == "does not exceed"
    assert verdict(Quantity(4.51, 0.0), SLIP).word == "exceeds"


def test_little_motion_is_compared_with_no_limit():
    found = motion(bent(EXTENSION, dict.fromkeys(LEVELS, 1.9), {"L4": 12.0}))
    assert found.total.value == pytest.approx(9.5, abs=1e-6)
    assert found.reason.startswith("total motion is 9.5 deg")
    assert not any(one.verdicts for one in found.segments)
    enough = motion(bent(EXTENSION, dict.fromkeys(LEVELS, 2.1), {"L4": 12.0}))
    assert enough.reason is None
    words = [v.words for v in by_pair(enough)["L4-L5"].verdicts]
    assert words == ["exceeds 4.5 mm", "does not exceed 15 deg"]


def test_levels_that_one_film_lacks_are_left_out():
    flexed = bent(EXTENSION, dict.fromkeys(LEVELS, 5.0), {})
    without = {name: z for name, z in flexed.items() if not name.startswith("L3_inf")}
    assert set(by_pair(motion(without))) == {"L1-L2", "L4-L5", "L5-S1"}
    none = motion({name: z for name, z in flexed.items() if name.startswith("S1")})
    assert not none.segments
    assert none.reason == "no two neighbouring lumbar vertebrae have their corners on both films"


def test_one_reader_of_both_films_has_the_smaller_noise():
    flexed = bent(EXTENSION, dict.fromkeys(LEVELS, 5.0), {})
    one, other = motion(flexed, reader="r"), motion(flexed)
    assert (one.reading, other.reading) == ("within_reader", "between_readers")
    assert by_pair(one)["L4-L5"].percent.sd < by_pair(other)["L4-L5"].percent.sd


def test_only_confirmed_limits_are_in_force():
    assert [(one.quantity, one.at) for one in LIMITS] == [("millimetres", 4.5), ("rotation", 15.0)]
