"""The values of a plan in every scenario, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from balance.metrics.model import Measurement
from balance.planning.columns import upper_of_last_two
from balance.planning.planned import PlanAnalysis
from balance.planning.scenarios import KYPHOSIS_GAIN
from balance.report.document import Block, Table
from balance.report.plan_record import planned_curves
from balance.report.rounding import value_text
from balance.report.wording import label_of

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
INTERVALS = (
    "Intervals of planned values (values.json) hold the placing of the points and the scale, not "
    "how far a procedure misses its degrees: that is in the geometry fraction."
)
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
    yield Table(
        ("Value", "Before", *scenario_heads(analysis)),
        tuple(rows),
        (0, 0, *(1 for _ in drawn)),
        notes=tuple(_scenario_notes(analysis)),
    )


def scenario_heads(analysis: PlanAnalysis) -> tuple[str, ...]:
    """What stands above the scenarios that are drawn, in their order."""
    if len(analysis.scenarios) == 1:
        return ("Planned",)
    gain = analysis.kyphosis_growth_deg or 0.0
    return tuple(
        SHORT_SCENARIOS[one.scenario.pelvis]
        + (f", kyphosis {'-' if gain < 0 else '+'}" if one.scenario.kyphosis_grows else "")
        for one in analysis.scenarios
        if one.film is not None
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
    gain = analysis.kyphosis_growth_deg
    if gain is not None and any(one.kyphosis_grows for one in drawn):
        way = "grows" if gain >= 0 else "shrinks"
        whence = "as a published series saw it" if gain in KYPHOSIS_GAIN.values() else "as stated"
        words += (
            f" Kyphosis {'-' if gain < 0 else '+'}: the unfused kyphosis {way} by {abs(gain):g} "
            f"deg, {whence}."
        )
    words += f" {INTERVALS}"
    first = upper_of_last_two(analysis.landmarks)
    if first != "L4":
        words += f" L4-S1 is the two segments above the sacrum, here {first}-S1."
    yield words
    reasons: dict[str, list[str]] = {}
    for one in analysis.scenarios:
        if one.film is None:
            reasons.setdefault(str(one.reason), []).append(one.scenario.name)
    yield from (f"Not drawn, {reason}: {'; '.join(names)}." for reason, names in reasons.items())


def value_cell(one: Measurement) -> str:
    """A value without its unit, a hyphen where there is none.

    Computing leaves errors far behind the decimals that are told: without them the same value reads
    the same in every scenario.
    """
    return "-" if one.value is None else value_text(round(one.value, 9), one.unit)
