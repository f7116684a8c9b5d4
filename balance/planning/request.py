"""What a user asks of a plan on the command line, carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from balance.errors import BadPlan
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Landmarks
from balance.planning.bounds import Target
from balance.planning.coronal import frontal_beside
from balance.planning.files import PlanDocument, aiming_at, plan_of, read_plan
from balance.planning.plan import Plan, parse_correction, parse_leg
from balance.planning.planned import PlanAnalysis, analyse_plan
from balance.planning.scenarios import SCENARIO, scenarios_of
from balance.planning.search import SHARE, Search, find_plans
from balance.planning.search_allowed import choices
from balance.planning.targets import parse_target, targets_of

UNCHANGED = "unchanged"
"""The scenario of a search where no other is asked for."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The options of the ``plan`` command, as they were written."""

    document: Path
    plan_file: Path | None = None
    corrections: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    uiv: str | None = None
    liv: str | None = None
    leg: str | None = None
    find: bool = False
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    share: float = SHARE
    scenario: str = UNCHANGED
    draw: int = 1
    """Which of the plans found is drawn, from 1."""


def carry_out(request: PlanRequest) -> tuple[PlanAnalysis, PlanDocument | None]:
    """The analysis of the plan asked for, and the plan document that it continues.

    With ``find`` the corrections are part of every plan that is listed, and one of these is drawn.

    Raises
    ------
    BadLandmarks, BadPlan
        One sentence: which file, option or correction, and what to do.
    """
    landmarks = read_landmarks(request.document)
    document = read_plan(request.plan_file) if request.plan_file else None
    plan = plan_of(document) if document else Plan()
    plan = replace(
        plan,
        corrections=(*plan.corrections, *map(parse_correction, request.corrections)),
        uiv=request.uiv or plan.uiv,
        liv=request.liv or plan.liv,
    )
    if request.leg is not None:
        plan = replace(plan, leg_lift_right_mm=parse_leg(request.leg))
    named = request.targets or tuple(document.targets if document else ())
    targets = tuple(map(parse_target, named))
    search = _search(request, landmarks, plan, targets) if request.find else None
    drawn = _drawn(search, request.draw) if search is not None else None
    if search is not None and drawn is not None:
        plan = search.found[drawn - 1].plan
    if request.targets:
        document = aiming_at(request.targets, document)
    analysis = analyse_plan(
        landmarks,
        plan,
        targets or targets_of(landmarks.view),
        kyphosis_gain=document.kyphosis_gain if document else None,
        search=search,
        drawn=drawn,
        coronal=frontal_beside(request.document, landmarks),
    )
    return analysis, document


def _drawn(search: Search, wanted: int) -> int | None:
    """The place of the plan that is drawn, from 1; None where none was found."""
    if not search.found:
        return None
    if not 1 <= wanted <= len(search.found):
        raise BadPlan(
            f"--draw {wanted}: {len(search.found)} plans were found; name one of them by its place "
            "in the list"
        )
    return wanted


def _search(
    request: PlanRequest, landmarks: Landmarks, plan: Plan, targets: tuple[Target, ...]
) -> Search:
    if not request.allowed or not targets:
        raise BadPlan("--find needs --allow (what may be done) and --target (what is aimed at)")
    if plan.leg_lift_right_mm:
        raise BadPlan("the search leaves the legs as they are: leave out the leg length")
    possible = [one.key for one in scenarios_of(landmarks.view) if not one.kyphosis_grows]
    if request.scenario not in possible:
        known = ", ".join(possible)
        raise BadPlan(f"scenario {request.scenario!r} is not known to the search; use {known}")
    return find_plans(
        landmarks,
        choices(
            request.allowed,
            request.forbidden,
            levels=landmarks.existing_levels,
            taken={one.site for one in plan.corrections},
        ),
        targets,
        share=request.share,
        scenario=SCENARIO[request.scenario],
        start=plan,
    )
