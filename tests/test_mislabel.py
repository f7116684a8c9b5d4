"""The mislabel alarm on constructed spines of another author's geometry, with named errors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from balance.landmarks.conditioning import weights_of
from balance.landmarks.files import read_landmarks
from balance.landmarks.mislabel import ALARM, Doubt, doubt_labels, strangeness
from balance.landmarks.proposals import recondition
from balance.landmarks.shape import condition
from balance.landmarks.shape_chain import chain_of
from balance.landmarks.shape_components import Size
from balance.landmarks.shape_rounds import Observations
from balance.phantom.lateral import lateral_phantom
from balance.phantom.specs import draw_person

SAMPLES = Path(__file__).parents[1] / "sample_images"
SACRUM_AND_HIPS = (
    "S1_superior_posterior",
    "S1_superior_anterior",
    "femoral_head_1",
    "femoral_head_2",
)
SIX = (*SACRUM_AND_HIPS, "C7_centroid", "T8_centroid")
TEN = (*SIX, "L1_centroid", "L3_centroid", "T12_centroid", "T4_centroid")


def people(count, style, seed=4711):
    """Chains and true points of phantoms with the usual number of vertebrae."""
    found = []
    number = 0
    while len(found) < count:
        number += 1
        choices = draw_person(number, seed, style).choices
        if (choices.thoracic, choices.lumbar) != (12, 5):
            continue
        phantom = lateral_phantom(choices)
        chain = chain_of(12, 5)
        points = np.array([phantom.points[name] for name in chain.points])
        found.append((chain, points))
    return found


PEOPLE = people(10, "plain") + people(10, "hard")


def doubts(chain, points, names, rng, *, called=None):
    """What the alarm says where the clicks of ``called`` (name: true name) bear a wrong name."""
    really = [(called or {}).get(name, name) for name in names]
    values = weights_of(chain, really) @ points.ravel() + rng.normal(0.0, 1.0, 2 * len(names))
    seen = Observations(values, weights_of(chain, names), np.eye(len(values)))
    posterior = condition(chain, seen, Size())
    return doubt_labels(posterior, names, seen), strangeness(posterior, seen)


def neighbours(chain, name, names):
    """The names that a level of ``names`` might wrongly have been given for."""
    place = chain.levels.index(name.removesuffix("_centroid"))
    for step in (-1, 1):
        if 0 <= place + step < len(chain.levels):
            other = f"{chain.levels[place + step]}_centroid"
            if other not in names:
                yield other


@pytest.fixture(scope="module")
def found():
    """For six and ten clicks: false alarms, and by name what was said of each wrong level."""
    rng = np.random.default_rng(1)
    said = {}
    for protocol in (SIX, TEN):
        false = [bool(doubts(*one, protocol, rng)[0]) for one in PEOPLE]
        caught = {}
        for n, (chain, points) in enumerate(PEOPLE):
            centroids = [name for name in protocol if name.endswith("_centroid")]
            # Each person is given a wrong name on every second level, to keep the time short.
            for name in centroids[n % 2 :: 2]:
                for other in neighbours(chain, name, protocol):
                    alarm, _ = doubts(chain, points, protocol, rng, called={name: other})
                    caught.setdefault(name, []).append(alarm)
        said[len(protocol)] = false, caught
    return said


def test_ten_clicks_catch_a_wrong_level(found):
    false, caught = found[10]
    every = [bool(alarm) for alarms in caught.values() for alarm in alarms]
    print(f"ten clicks: {np.mean(every):.3f} of {len(every)} caught, {np.mean(false):.3f} false")
    assert np.mean(every) >= 0.98
    assert np.mean(false) <= 0.05


def test_six_clicks_catch_most(found):
    false, caught = found[6]
    every = [bool(alarm) for alarms in caught.values() for alarm in alarms]
    print(f"six clicks: {np.mean(every):.3f} of {len(every)} caught, {np.mean(false):.3f} false")
    assert np.mean(every) >= 0.6
    assert np.mean(false) <= 0.05


def test_the_doubted_level_is_named(found):
    _, caught = found[10]
    for name in ("T8_centroid", "L1_centroid", "L3_centroid"):
        level = name.removesuffix("_centroid")
        first = [alarm[0].level for alarm in caught[name] if alarm]
        assert np.mean([one == level for one in first]) > 0.8


def test_a_doubt_names_both_levels_and_asks():
    text = Doubt("T8", "T9", 5.0).sentence
    assert "T8" in text
    assert "T9" in text
    assert text.endswith("count again")
    assert Doubt("T8", "T9", 5.0, and_above=True).sentence != text


def test_an_alarm_is_better_than_even_odds():
    assert ALARM > 0


def test_with_one_vertebra_there_is_nothing_to_compare():
    chain, points = PEOPLE[0]
    alarm, _ = doubts(chain, points, (*SACRUM_AND_HIPS, "C7_centroid"), np.random.default_rng(2))
    assert alarm == ()


def test_an_impossible_spine_is_strange_and_a_usual_one_is_not():
    chain, points = PEOPLE[0]
    rng = np.random.default_rng(3)
    _, usual = doubts(chain, points, TEN, rng)
    _, stretched = doubts(chain, points * np.array([1.0, 2.0]), TEN, rng)
    assert usual > 0.01
    assert stretched < 1e-3


@pytest.mark.slow
def test_the_alarm_in_many_people():
    """The figures of the documentation: 80 people, every wrong neighbour of every centroid."""
    rng = np.random.default_rng(5)
    crowd = people(40, "plain") + people(40, "hard")
    for protocol, least in ((SIX, 0.75), (TEN, 0.98)):
        false = [bool(doubts(*one, protocol, rng)[0]) for one in crowd]
        caught = [
            bool(doubts(chain, points, protocol, rng, called={name: other})[0])
            for chain, points in crowd
            for name in protocol
            if name.endswith("_centroid")
            for other in neighbours(chain, name, protocol)
        ]
        print(
            f"{len(protocol)} clicks: {np.mean(caught):.3f} of {len(caught)} caught, "
            f"{np.mean(false):.3f} of {len(false)} false"
        )
        assert np.mean(caught) >= least
        assert np.mean(false) <= 0.05


@pytest.mark.parametrize("count", [2, 3, 6, 11])
def test_strangeness_is_the_tail_of_chi_square(count):
    """Points of which nothing but their place is known twice over, against scipy's chi-square."""
    chain, points = PEOPLE[0]
    names = TEN[:count] if count <= len(TEN) else (*TEN, "T2_centroid")
    weights = weights_of(chain, names)
    rng = np.random.default_rng(count)
    values = weights @ points.ravel() + rng.normal(0.0, 3.0, 2 * count)
    seen = Observations(values, weights, np.eye(2 * count))
    posterior = condition(chain, seen, Size())
    fit = posterior.fits[int(np.argmax(posterior.shares))]
    away = values - weights @ fit.before_mean
    spread = weights @ fit.before_covariance @ weights.T + seen.covariance
    square = float(away @ np.linalg.inv(spread) @ away)
    assert strangeness(posterior, seen) == pytest.approx(chi2.sf(square, 2 * count - 2), rel=1e-6)


def test_points_all_over_the_film_are_strange_and_no_failure():
    film = read_landmarks(SAMPLES / "lateral_03.landmarks.json")
    away = np.random.default_rng(0).normal(0.0, 60.0, (len(film.points), 2))
    points = {
        name: replace(point, x=point.x + x, y=point.y + y)
        for (name, point), (x, y) in zip(film.points.items(), away, strict=True)
    }
    proposed = recondition(replace(film, points=points))
    assert proposed.proposal is not None
    assert proposed.proposal.status != "ok"
