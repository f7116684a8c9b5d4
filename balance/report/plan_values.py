"""The values and the targets of a plan, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from balance.metrics.model import Measurement
from balance.planning.bounds import Target, refusal
from balance.planning.outcome import EXCLUDED
from balance.planning.planned import PlanAnalysis, outside
from balance.planning.targets import TOLERANCE
from balance.report.document import Block, Lines, Table
from balance.report.plan_record import planned_curves
from balance.report.rounding import number, value_text
from balance.report.wording import label_of

SMALLEST_TOLD = 0.1
SHOWN = (
    "LL",
    "L4_S1",
    "LDI",
    "PI_LL",
    "PT",
    "SS",
    "TK",
    "SVA",
    "TPA",
    "GT",
    "T1SPi",
    "L1PA",
    "T4_L1PA",
    "C7_CSVL",
    "T1_tilt",
    "L4_tilt",
    "pelvic_obliquity",
)
"""Values of the scenario table, where the film gives them."""
SHORT_SCENARIOS: Mapping[str, str] = {
    "unchanged": "pelvis unchanged",
    "age_tilt": "tilt at the age target",
    "t1_inclination": "T1 inclination usual",
}


def scenario_blocks(analysis: PlanAnalysis) -> Iterator[Block]:
    """The values before, and planned in every scenario."""
    drawn = [one for one in analysis.scenarios if one.film is not None]
    keys = [key for key in SHOWN if key in analysis.before]
    rows = []
    for key in keys:
        cells = [value_cell(analysis.before[key])]
        cells += [value_cell(one.film.measurements[key]) for one in drawn if one.film is not None]
        if any(cell != "-" for cell in cells):
            rows.append((f"{label_of(key)} ({analysis.before[key].unit})", *cells))
    rows += [
        (f"{one.curve.region} {one.curve.upper}-{one.curve.lower} (deg)", *map(value_cell, ends))
        for one in planned_curves(analysis)
        for ends in ((one.cobb.before, one.cobb.after),)
    ]
    heads = ["Value", "Before"]
    for one in drawn:
        words = SHORT_SCENARIOS[one.scenario.pelvis]
        heads.append(f"{words}, kyphosis +" if one.scenario.kyphosis_grows else words)
    if len(analysis.scenarios) == 1:
        heads[-1] = "Planned"
    yield Table(
        tuple(heads),
        tuple(rows),
        (0, 0, *(1 for _ in drawn)),
        notes=tuple(_scenario_notes(analysis)),
    )


def _scenario_notes(analysis: PlanAnalysis) -> Iterator[str]:
    if len(analysis.scenarios) == 1:
        yield (
            "The drawing does not say how the patient will stand. Curves are measured between the "
            "end vertebrae of the film as it is."
        )
        return
    words = "Scenarios stand side by side: none of them says how the patient will stand."
    drawn = [one.scenario for one in analysis.scenarios if one.film is not None]
    if analysis.kyphosis_growth_deg is not None and any(one.kyphosis_grows for one in drawn):
        words += (
            f" Kyphosis +: the unfused kyphosis grows by {analysis.kyphosis_growth_deg:g} deg, "
            "as stated or as in a published series."
        )
    yield words
    reasons: dict[str, list[str]] = {}
    for one in analysis.scenarios:
        if one.film is None:
            reasons.setdefault(str(one.reason), []).append(one.scenario.name)
    yield from (f"Not drawn, {reason}: {'; '.join(names)}." for reason, names in reasons.items())


def value_cell(one: Measurement) -> str:
    """A value without its unit, a hyphen where there is none."""
    return "-" if one.value is None else value_text(one.value, one.unit)


def target_blocks(analysis: PlanAnalysis) -> Iterator[Block]:
    """How far every target is met, before and as planned, and those that are not given."""
    refused: dict[str, list[str]] = {}
    used = []
    for target in analysis.targets:
        reason = refusal(target, analysis.landmarks, analysis.before)
        if reason is None:
            used.append(target)
        else:
            refused.setdefault(reason, []).append(target.name)
    if used:
        yield _target_table(used, analysis)
    if refused:
        lines = (f"Not given, {why}: {'; '.join(names)}." for why, names in refused.items())
        yield Lines(tuple(lines))


def _target_table(targets: Sequence[Target], analysis: PlanAnalysis) -> Table:
    rows = [
        (
            target.name,
            _ranges(target, analysis),
            _outside(target, analysis, analysis.before),
            _outside(target, analysis, analysis.after),
            _share(target, analysis),
        )
        for target in targets
    ]
    about = "; ".join(f"{target.name}: {target.note}" for target in targets)
    if any(target.tolerance for target in targets):
        about += f". A formula counts as met within {TOLERANCE:g} deg, a tolerance of this program"
    return Table(
        ("Target", "Range", "Before", "Planned", "Geometry fraction"),
        tuple(rows),
        (3, 3, 2, 2, 2),
        notes=(
            "Geometry fraction: share of redraws of points and execution in which the drawing "
            "meets the target, pelvis unchanged (best scenario in brackets). It is no chance of "
            f"success; not in it: {'; '.join(EXCLUDED)}.",
            f"Each target stands for itself. {about}.",
            *_conflicts(analysis),
        ),
    )


def _conflicts(analysis: PlanAnalysis) -> Iterator[str]:
    for one in analysis.conflicts:
        unit = analysis.before[one.metric].unit
        yield (
            f"Targets contradict each other: {label_of(one.metric)} of {number(one.at_least, 0)} "
            f"{unit} or more ({one.asked_by}), of {number(one.at_most, 0)} or less "
            f"({one.against})."
        )


def _ranges(target: Target, analysis: PlanAnalysis) -> str:
    age = analysis.landmarks.subject.age_years
    pi = analysis.before["PI"].value if "PI" in analysis.before else None
    parts = []
    for bound in target.bounds:
        low, high = (
            None if end is None else number(float(end.value(pi or 0.0, age)), 0)
            for end in (bound.low, bound.high)
        )
        upper = f"{'below' if bound.excluded else 'up to'} {high}"
        span = f"{low} to {high}" if low and high else upper if high else f"from {low}"
        parts.append(f"{label_of(bound.metric)} {span}")
    return "; ".join(parts)


def _outside(target: Target, analysis: PlanAnalysis, values: Mapping[str, Measurement]) -> str:
    past = outside(target, values, analysis.landmarks.subject.age_years)
    absent = [label_of(key) for key, one in past.items() if one is None]
    far = [
        f"{label_of(key)} {_far(one)} {values[key].unit}"
        for key, one in past.items()
        if one is not None and abs(one) > 1e-9
    ]
    if absent:
        return f"not given: {', '.join(absent)}"
    return f"outside by {', '.join(far)}" if far else "met"


def _far(distance: float) -> str:
    if abs(distance) < SMALLEST_TOLD:
        return f"less than {SMALLEST_TOLD:g}"
    return number(distance, 0 if abs(distance) >= 1 else 1)


def _share(target: Target, analysis: PlanAnalysis) -> str:
    shares = {
        one.scenario: one.share
        for one in analysis.shares
        if one.target == target.key and one.share is not None
    }
    if "unchanged" not in shares:
        return "-"
    best = max(shares, key=lambda key: shares[key])
    text = f"{shares['unchanged']:.2f}"
    if best != "unchanged":
        words = SHORT_SCENARIOS[best.removesuffix(".kyphosis")]
        text += f" ({shares[best]:.2f}, {words}{', kyphosis +' if '.' in best else ''})"
    return text
