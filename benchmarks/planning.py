"""Drawing one plan, and searching all plans of six levels and four procedures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod

from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import Landmarks
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.lateral import LateralChoices, lateral_phantom
from balance.planning.plan import Plan, parse_correction
from balance.planning.planned import analyse_plan
from balance.planning.scenarios import SCENARIO
from balance.planning.search import find_plans
from balance.planning.search_allowed import choices
from balance.planning.targets import TARGET, TARGETS, parse_target
from benchmarks.timing import Row, timed

SITES = ("T12_L1", "L1_L2", "L2_L3", "L3_L4", "L4_L5", "L5_S1")
PROCEDURES = ("pco", "alif:5..15", "tlif:5,10", "llif:5,10")
ROUNDS = 3


def rows() -> Iterator[Row]:
    """The benchmark rows of planning."""
    film = deformity()
    plan = Plan(tuple(map(parse_correction, ("L3:pso:25", "L5_S1:alif:10"))), "T10", "S1")
    targets = [target for target in TARGETS if target.key.startswith(("schwab", "gap", "t4"))]
    yield Row(
        "a plan in every scenario with its targets",
        timed(lambda: analyse_plan(film, plan, targets), ROUNDS),
        "-",
    )
    allowed = choices([f"{site}:{one}" for site in SITES for one in PROCEDURES])
    count = prod(len(one.options) + 1 for one in allowed)
    work = f"search {count:,} plans: six levels, four procedures"
    for name, target, scenario, share in (
        ("some found", TARGET["t4_l1pa"], "unchanged", 0.8),
        ("none exists", parse_target("LL=50:56"), "unchanged", 0.9),
        ("the pelvis turns", TARGET["schwab2010"], "t1_inclination", 0.6),
    ):
        seconds = timed(
            lambda target=target, scenario=scenario, share=share: find_plans(
                film, allowed, [target], share=share, scenario=SCENARIO[scenario]
            ),
            ROUNDS,
        )
        yield Row(f"{work}, {name}", seconds, "<= 2 s")


def deformity() -> Landmarks:
    """A constructed spine that leans forward."""
    phantom = lateral_phantom(LateralChoices(PI=56.0, PT=28.0, LL=24.0, TK=36.0, SVA=100.0))
    scale = calibration("dicom_fiducial")
    document = landmark_document(phantom, expose(phantom, (0.2, 0.2), "right"), scale=scale)
    return parse_landmarks(json.dumps(document).encode())
