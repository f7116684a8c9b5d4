"""The targets of a plan: how far each is met, in how many redraws, and which contradict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from balance.metrics.catalogue import METRIC
from balance.metrics.model import Measurement
from balance.planning.bounds import USER, Target, refusal
from balance.planning.conflicts import Conflict
from balance.planning.outcome import EXCLUDED
from balance.planning.planned import PlanAnalysis, outside
from balance.planning.targets import TOLERANCE
from balance.references import citation
from balance.report.document import Block, Columns, Lines, Table, halves
from balance.report.plan_values import scenario_heads
from balance.report.rounding import number
from balance.report.wording import label_of

SMALLEST_TOLD = 0.1


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
        yield _share_table(used, analysis)
        yield from _about_targets(used)
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
        )
        for target in targets
    ]
    return Table(
        ("Target", "Range", "Before: outside by", "Planned: outside by"),
        tuple(rows),
        (12, 11, 11, 9),
        notes=(
            "Each target stands for itself; outside by: + above its range, - below, the pelvis "
            "unchanged.",
            *_conflicts(analysis),
        ),
    )


def _share_table(targets: Sequence[Target], analysis: PlanAnalysis) -> Table:
    shares = {(one.target, one.scenario): one.share for one in analysis.shares}
    drawn = [one.scenario.key for one in analysis.scenarios if one.film is not None]
    rows = [
        (target.name, *(_share_cell(shares.get((target.key, key))) for key in drawn))
        for target in targets
    ]
    return Table(
        ("Geometry fraction", *scenario_heads(analysis)),
        tuple(rows),
        (3, *(1 for _ in drawn)),
        notes=(
            "Geometry fraction: share of redraws of points and execution in which the drawing "
            f"meets the target. It is no chance of success; not in it: {'; '.join(EXCLUDED)}.",
        ),
    )


def _share_cell(share: float | None) -> str:
    return "-" if share is None else f"{share:.2f}"


def _about_targets(targets: Sequence[Target]) -> Iterator[Block]:
    """Whom each target is for, and where it was published."""
    rows = [
        (target.name, ". ".join(filter(None, (target.note, *_published(target)))) + ".")
        for target in targets
        if target.note or set(target.sources) - {USER}
    ]
    if any(target.tolerance for target in targets):
        words = f"met within {TOLERANCE:g} deg, a tolerance of this program"
        rows.append(("Formulas and tables by PI", f"{words}: the papers state none."))
    yield Columns(halves(rows))


def _published(target: Target) -> Iterator[str]:
    yield from (citation(key) for key in target.sources if key != USER)


def _conflicts(analysis: PlanAnalysis) -> tuple[str, ...]:
    """Every contradiction in one note, those of one lower end in one sentence."""
    against: dict[tuple[str, float, str], list[Conflict]] = {}
    for one in analysis.conflicts:
        against.setdefault((one.metric, one.at_least, one.asked_by), []).append(one)
    if not against:
        return ()
    counted = {pair for one in analysis.conflicts for pair in _counted(one)}
    told = ["Targets that contradict each other, no plan meets both."]
    told += [f"{label_of(a)} counts as {label_of(b)}." for a, b in sorted(counted)]
    for (metric, at_least, asked_by), others in against.items():
        most = ", ".join(f"{number(one.at_most, 0)} or less ({one.against})" for one in others)
        told.append(
            f"{label_of(metric)} of {number(at_least, 0)} {METRIC[metric].unit} or more "
            f"({asked_by}) against {most}."
        )
    return (" ".join(told),)


def _counted(one: Conflict) -> Iterator[tuple[str, str]]:
    yield from ((told, one.metric) for told in one.told_of if told != one.metric)


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
    absent = [
        f"{label_of(key)} not given" + (f" ({values[key].reason})" if key in values else "")
        for key, one in past.items()
        if one is None
    ]
    far = [
        f"{label_of(key)} {_far(one)} {values[key].unit}"
        for key, one in past.items()
        if one is not None and abs(one) > 1e-9
    ]
    if absent:
        return "; ".join(absent)
    return ", ".join(far) or "met"


def _far(distance: float) -> str:
    if abs(distance) < SMALLEST_TOLD:
        return f"less than {SMALLEST_TOLD:g}"
    return number(distance, 0 if abs(distance) >= 1 else 1)
