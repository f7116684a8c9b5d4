"""The search says of all plans what drawing and redrawing each of them would say."""

from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from balance.errors import BadPlan
from balance.landmarks.files import read_landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.outcome import planned_in, redraw, share_met
from balance.planning.plan import Correction, Plan, exclude_each_other
from balance.planning.procedures import Hinge
from balance.planning.scenarios import SCENARIO, SCENARIOS
from balance.planning.search import DRAWS, find_plans
from balance.planning.search_allowed import choices
from balance.planning.search_block import Redrawing, blocks
from balance.planning.search_room import ceilings
from balance.planning.search_space import Choice, Space
from balance.planning.targets import TARGET, parse_target
from balance.radiograph import Subject

SAMPLES = Path(__file__).parents[1] / "sample_images"
FILM = replace(read_landmarks(SAMPLES / "lateral_03.landmarks.json"), subject=Subject(64.0, "F"))
FRONTAL = read_landmarks(SAMPLES / "frontal_03.landmarks.json")
MIXED = ["L4_L5:pco", "L5_S1:alif:5..15", "L3:pso:25,35", "L3:epso:20", "L2_L3:pco:5"]


def all_plans(allowed, levels):
    """Every combination, one after the other."""
    for picks in product(*([None, *one.corrections] for one in allowed)):
        corrections = tuple(pick for pick in picks if pick is not None)
        pairs = combinations(corrections, 2)
        if not any(
            exclude_each_other(a, b, levels) or exclude_each_other(b, a, levels) for a, b in pairs
        ):
            yield Plan(corrections)


def numbers_and_values(film, allowed, keys, scenario):
    space = Space(film, allowed, scenario)
    for block in blocks(space):
        values = block.values(keys)
        for row, column in zip(*(~block.excluded).nonzero(), strict=True):
            number = int(block.numbers[row, column])
            one = {}
            for key, value in values.items():
                spot = tuple(
                    min(place, size - 1)
                    for place, size in zip((row, column), value.shape, strict=True)
                )
                one[key] = float(value[spot])
            yield frozenset(space.corrections(number)), one


@pytest.mark.parametrize("scenario", ["unchanged", "age_tilt", "t1_inclination"])
def test_values_of_all_combinations_are_those_of_plans_drawn_one_by_one(scenario):
    keys = ("LL", "PT", "SVA", "T4_L1PA", "TK")
    allowed = choices(MIXED)
    found = dict(numbers_and_values(FILM, allowed, keys, SCENARIO[scenario]))
    plans = list(all_plans(allowed, FILM.existing_levels))
    assert found.keys() == {frozenset(plan.corrections) for plan in plans}
    for plan in plans[::3]:
        planned, _ = planned_in(FILM, plan, SCENARIO[scenario])
        measured = measure_film(planned).measurements
        for key in keys:
            one = found[frozenset(plan.corrections)][key]
            assert one == pytest.approx(measured[key].value, abs=1e-6), (plan, key)


def test_frontal_combinations_turn_the_right_way():
    allowed = choices(["L3_L4:angle:-6,6", "T12_L1:angle:4"])
    found = dict(numbers_and_values(FRONTAL, allowed, ("C7_CSVL", "T1_tilt"), SCENARIOS[0]))
    for plan in all_plans(allowed, FRONTAL.existing_levels):
        planned, _ = planned_in(FRONTAL, plan, SCENARIOS[0])
        measured = measure_film(planned).measurements
        for key, one in found[frozenset(plan.corrections)].items():
            assert one == pytest.approx(measured[key].value, abs=1e-6)


@pytest.mark.parametrize("scenario", [SCENARIOS[0], SCENARIOS[2]])
def test_redrawn_at_once_is_redrawn_one_by_one(scenario):
    allowed, targets = choices(MIXED), [TARGET["t4_l1pa"], parse_target("SVA=-20:60")]
    space, drawn = Space(FILM, allowed, scenario), redraw(FILM, 200)
    redrawing = Redrawing(space, drawn)
    (block,) = blocks(space)
    numbers = block.numbers[~block.excluded][::5]
    values = redrawing.values(("T4_L1PA", "SVA"), numbers)
    for row, number in enumerate(numbers):
        plan = Plan(space.corrections(int(number)))
        inside = (abs(values["T4_L1PA"][row]) <= 4) & (abs(values["SVA"][row] - 20) <= 40)
        share = share_met(FILM, plan, targets, drawn, scenario)
        assert inside.mean() == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    ("targets", "share", "scenario"),
    [
        (("t4_l1pa", "LL=45:75"), 0.5, "unchanged"),
        (("t4_l1pa", "LL=45:75"), 0.97, "unchanged"),
        (("schwab2010",), 0.7, "t1_inclination"),
        (("LL=50:60",), 0.9, "unchanged"),
        (("LL=50:60",), 0.35, "unchanged"),
        (("schwab2010",), 0.45, "t1_inclination"),
        (("gap",), 0.3, "t1_inclination"),
    ],
)
def test_the_search_finds_what_drawing_and_redrawing_every_plan_finds(targets, share, scenario):
    allowed, aimed = choices(MIXED), list(map(parse_target, targets))
    case, drawn = SCENARIO[scenario], redraw(FILM, DRAWS)
    found = find_plans(FILM, allowed, aimed, share=share, scenario=case)
    plans = list(all_plans(allowed, FILM.existing_levels))
    assert found.examined == len(plans)
    shares = {frozenset(p.corrections): share_met(FILM, p, aimed, drawn, case) for p in plans}
    reaching = {}
    for plan in plans:
        if shares[frozenset(plan.corrections)] >= share:
            grade = max((one.row.grade for one in plan.corrections), default=0)
            reaching.setdefault((grade, len(plan.corrections)), []).append(plan)
    assert found.complete
    # Least invasive classes that reach the share: those that no other such class beats.
    least = {
        (g, s) for g, s in reaching if not any((a, b) != (g, s) and a <= g and b <= s
                                               for a, b in reaching)
    }  # fmt: skip
    listed = {(row.grade, row.sites) for row in found.found}
    assert least <= listed <= reaching.keys()
    for row in found.found:
        assert row.share >= share
        assert row.room >= 0
        assert row.share == pytest.approx(shares[frozenset(row.plan.corrections)], abs=1e-9)
    if not found.found:
        assert found.nearest


def test_that_no_plan_exists_is_said_with_the_nearest_ones():
    found = find_plans(FILM, choices(["L4_L5:pco"]), [parse_target("LL=150:160")])
    assert found.found == ()
    assert (found.examined, found.within, found.complete) == (3, 0, True)
    assert found.nearest[-1].plan.corrections == (Correction("L4_L5", "pco", 10.0),)


def test_a_search_that_gave_up_says_so(monkeypatch):
    monkeypatch.setattr("balance.planning.search.MOST_REDRAWN", 3)
    monkeypatch.setattr("balance.planning.search.BATCH", 2)
    found = find_plans(FILM, choices(MIXED), [TARGET["t4_l1pa"]], share=0.999)
    assert found.found == ()
    assert not found.complete


def test_where_the_pelvis_turns_a_tilt_past_its_target_can_be_met():
    assert measure_film(FILM).measurements["PT"].value > 20
    allowed = choices(["L3:pso:25..40", "L4_L5:alif:5..20", "L2_L3:pco"])
    fixed = find_plans(FILM, allowed, [TARGET["schwab2010"]], share=0.5)
    assert fixed.within == 0
    turned = find_plans(FILM, allowed, [TARGET["schwab2010"]], share=0.5, scenario=SCENARIOS[2])
    assert turned.within > 0


def test_a_lordosis_distribution_without_lordosis_meets_nothing():
    bent = [f"{site}:angle:-40" for site in ("L1_L2", "L2_L3", "L3_L4")]
    found = find_plans(FILM, choices([*bent, "L5_S1:angle:-30"]), [parse_target("LDI=-500:500")])
    values = {}
    for plan in all_plans(choices([*bent, "L5_S1:angle:-30"]), FILM.existing_levels):
        planned, _ = planned_in(FILM, plan, SCENARIOS[0])
        values[plan] = measure_film(planned).measurements["LL"].value
    assert any(value < 0 for value in values.values())
    assert found.within <= sum(value > 0 for value in values.values())


@pytest.mark.parametrize(
    "text", ["L3", "L3:saw", "L3:pso:a..b", "L3:pso:30..10", "L3:pso:1..inf", "L3:pso:nan",
             "L3:pso:0..1e9", "L3:alif:5", "L9:pso", "L3:pso:95", "L4_L5:cage"]
)  # fmt: skip
def test_what_cannot_be_allowed_is_refused(text):
    with pytest.raises(BadPlan):
        find_plans(FILM, choices([text]), [TARGET["t4_l1pa"]])


def test_too_many_combinations_are_refused_before_they_are_drawn():
    everything = [f"{site}:angle:-40..40" for site in ("L1", "L2", "L3", "L4", "L5", "T12", "T11")]
    with pytest.raises(BadPlan, match="allow fewer"):
        find_plans(FILM, choices(everything), [TARGET["t4_l1pa"]])


@pytest.mark.parametrize(
    "target", ["LL=50:60", "LL=48:", "lordosis.gap", "PI_LL=-5:15", "TK=30:45"]
)
def test_the_limit_of_one_angle_is_its_share_of_the_redraws(target):
    allowed, aimed = choices([*MIXED, "T9_T10:angle:-8,8"]), [parse_target(target)]
    space = Space(FILM, allowed, SCENARIOS[0])
    drawn = redraw(FILM, DRAWS)
    (limit,) = ceilings(space, aimed, Redrawing(space, drawn), 64.0)
    (block,) = blocks(space)
    values = block.values(("LL", "PI_LL", "PI", "TK"))
    limits = np.broadcast_to(limit.shares(block, values, 64.0), block.excluded.shape)
    for row, column in list(zip(*(~block.excluded).nonzero(), strict=True))[::7]:
        plan = Plan(space.corrections(int(block.numbers[row, column])))
        share = share_met(FILM, plan, aimed, drawn)
        assert limits[row, column] == pytest.approx(share, abs=4 * np.sqrt(0.25 / DRAWS))


# --- corrections that stand already, and what is forbidden ----------------------------------------

GIVEN = Plan(
    (
        Correction("L5_S1", "cage", 8.0, execution_sd=2.0),
        Correction("L4_L5", "acr", 6.0),
        Correction("L4_L5", "pco", 5.0, Hinge("L5", "superior", 0.3)),
    ),
    "T10",
    "S1",
)
OFFERED = ["L3:pso:25,35", "L2_L3:pco:5,10", "T12_L1:angle:-6,6"]


@pytest.mark.parametrize(("share", "target"), [(0.3, "LL=45:68"), (0.6, "SVA=-80:80")])
def test_a_search_from_a_plan_is_that_of_every_plan_that_holds_it(share, target):
    aimed, drawn = [parse_target(target)], redraw(FILM, DRAWS)
    found = find_plans(FILM, choices(OFFERED), aimed, share=share, start=GIVEN)
    plans = [
        replace(GIVEN, corrections=(*GIVEN.corrections, *one.corrections))
        for one in all_plans(choices(OFFERED), FILM.existing_levels)
    ]
    assert found.examined == len(plans) == 27
    assert found.given == GIVEN.corrections
    within = 0
    for plan in plans:
        planned, _ = planned_in(FILM, plan, SCENARIOS[0])
        measured = measure_film(planned).measurements
        low, high = aimed[0].bounds[0].lines
        within += low.at <= measured[aimed[0].bounds[0].metric].value <= high.at
    assert found.within == within > 0
    shares = {plan: share_met(FILM, plan, aimed, drawn) for plan in plans}
    reaching = [plan for plan in plans if shares[plan] >= share]
    assert bool(found.found) == bool(reaching)
    for row in found.found or found.nearest:
        assert row.plan.corrections[:3] == GIVEN.corrections
        assert (row.plan.uiv, row.plan.liv) == ("T10", "S1")
        assert row.sites == len({one.site for one in row.plan.corrections})
        assert row.grade == max(one.row.grade for one in row.plan.corrections)
        if row.share is not None:
            assert row.share == pytest.approx(shares[row.plan], abs=1e-9)


def test_the_limit_of_one_angle_counts_what_is_given_once():
    aimed = [parse_target("LL=45:60")]
    given = [Choice(one.site, (), one) for one in GIVEN.corrections]
    space = Space(FILM, [*given, *choices(OFFERED)], SCENARIOS[0])
    drawn = redraw(FILM, DRAWS)
    (limit,) = ceilings(space, aimed, Redrawing(space, drawn), 64.0)
    (block,) = blocks(space)
    limits = np.broadcast_to(limit.shares(block, block.values(("LL",)), 64.0), block.excluded.shape)
    for row, column in np.ndindex(limits.shape):
        added = space.corrections(int(block.numbers[row, column]))
        share = share_met(FILM, Plan((*GIVEN.corrections, *added)), aimed, drawn)
        assert limits[row, column] == pytest.approx(share, abs=4 * np.sqrt(0.25 / DRAWS))


def test_nothing_else_is_offered_where_a_correction_stands():
    with pytest.raises(BadPlan, match="corrections at L5_S1 already"):
        choices(["L5_S1:alif:5"], taken=["L5_S1"])
    (left,) = choices(["L5_S1:alif:5", "L3:pso"], taken=["L5_S1"])
    assert left.site == "L3"
    found = find_plans(
        FILM, choices(["L5_S1:alif:5", "L3:pso:25"]), [parse_target("LL=40:70")], start=GIVEN
    )
    assert found.examined == 2


def test_a_search_from_an_impossible_plan_is_refused():
    start = Plan((Correction("L4_L5", "alif", 6.0), Correction("L4_L5", "tlif", 6.0)))
    with pytest.raises(BadPlan, match="leaves nothing"):
        find_plans(FILM, choices(["L3:pso"]), [TARGET["t4_l1pa"]], start=start)


ALLOWED = ["L3:pso:25", "L4:pso:25", "L4_L5:alif:8"]


@pytest.mark.parametrize(
    ("forbidden", "left"),
    [
        (["PSO"], ["L4_L5"]),
        (["pso"], ["L4_L5"]),
        (["l3"], ["L4", "L4_L5"]),
        (["l4_l5", "L4"], ["L3"]),
        (["L3:PSO"], ["L4", "L4_L5"]),
        (["L4:alif"], ["L3", "L4", "L4_L5"]),
    ],
)
def test_what_is_forbidden_is_left_out_in_large_and_small_letters(forbidden, left):
    found = choices(ALLOWED, forbidden, levels=FILM.existing_levels)
    assert [one.site for one in found] == left
    assert choices([one.lower() for one in ALLOWED], forbidden) == found


@pytest.mark.parametrize(
    "text", ["L3pso", "L3_pso", "saw", "L6", "L9", "L3_L5", "S1", "", "L3:saw", "L9:pso", "L4-L5"]
)
def test_what_is_no_site_and_no_procedure_cannot_be_forbidden(text):
    with pytest.raises(BadPlan, match=r"no body and no disc of this spine|write SITE:PROCEDURE"):
        choices(ALLOWED, [text], levels=FILM.existing_levels)


def test_forbidding_everything_is_said_to_leave_nothing():
    with pytest.raises(BadPlan, match="--forbid leaves nothing"):
        choices(ALLOWED, ["pso", "alif"])


def test_a_published_mean_is_tried_where_no_range_was_confirmed():
    (one,) = choices(["L4_L5:alif"])
    assert one.options == (("alif", 6.0),)
    with pytest.raises(BadPlan, match="write degrees"):
        choices(["L4_L5:cage"])
