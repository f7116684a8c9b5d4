"""What a plan gives on its film: landmarks, values and doubts, all of them from the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from balance.landmarks.editor.live import Live, look
from balance.landmarks.editor.plan_state import PlanState
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film
from balance.metrics.model import Measurement
from balance.metrics.sites import HIP_AXIS
from balance.planning.columns import ColumnChange, column_changes
from balance.planning.doubts import plan_doubts
from balance.planning.outcome import planned_in
from balance.planning.plan import Correction, Plan
from balance.planning.rod import Rod, rod_line
from balance.planning.scenarios import SCENARIO, SCENARIOS, Scenario, with_kyphosis
from balance.planning.turning import swung
from balance.radiograph import FloatArray
from balance.report.plan_values import SHOWN, value_cell
from balance.report.rounding import value_text
from balance.report.wording import label_of

LEADING = ("SVA", "LL", "PI_LL", "PT", "TK", "TPA")
"""The values that stand first."""
NOT_GIVEN = "-"


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """One value in words: before, planned, the difference; a hyphen where one is not given."""

    key: str
    label: str
    unit: str
    before: str
    planned: str
    change: str


@dataclass(frozen=True)
class Outcome:
    """A plan measured in one scenario.

    ``cuts`` is the plan that the film is cut by: in some scenarios the unfused kyphosis grows too.
    ``turn_deg`` is how far spine and pelvis then turn backwards about the hip axis. ``reason`` says
    why the scenario that was asked for cannot be drawn; the pelvis is then left unchanged.
    """

    state: PlanState
    scenario: Scenario
    reason: str | None
    cuts: Plan
    turn_deg: float
    live: Live
    values: tuple[PlannedValue, ...]
    columns: tuple[ColumnChange, ...]
    rod: Rod | str
    doubts: tuple[str, ...]

    @property
    def planned(self) -> Landmarks:
        """The landmarks as they are drawn."""
        return self.live.film.landmarks


def measure_plan(
    state: PlanState,
    before: FilmValues,
    kyphosis_gain: float | None = None,
    known: Mapping[Correction, ColumnChange] | None = None,
) -> Outcome:
    """Measure a plan in the scenario that is looked at.

    Parameters
    ----------
    before
        The film as it is.
    known
        What corrections do to the length of this spine, each alone, where that is known already.
    """
    marks, plan = state.landmarks, state.plan
    scenario = SCENARIO[state.scenario]
    found = planned_in(marks, plan, scenario, kyphosis_gain=kyphosis_gain)
    reason = found if isinstance(found, str) else None
    if isinstance(found, str):
        scenario = SCENARIOS[0]
        found = planned_in(marks, plan, scenario)
    assert not isinstance(found, str)
    planned, turn_deg = found
    cuts = with_kyphosis(plan, marks, kyphosis_gain) if scenario.kyphosis_grows else plan
    assert not isinstance(cuts, str)
    live = look(planned)
    # Doubts are those of the plan itself, whatever the pelvis does afterwards.
    unchanged = live.film.measurements
    if scenario is not SCENARIOS[0]:
        still = planned_in(marks, plan, SCENARIOS[0])
        assert not isinstance(still, str)
        unchanged = measure_film(still[0]).measurements
    columns = tuple(_column(marks, one, known or {}) for one in plan.corrections)
    return Outcome(
        state=state,
        scenario=scenario,
        reason=reason,
        cuts=cuts,
        turn_deg=turn_deg,
        live=live,
        values=tuple(_values(before.measurements, live.film.measurements)),
        columns=columns,
        rod=rod_line(planned, plan.uiv, plan.liv),
        doubts=plan_doubts(marks, plan, unchanged, columns),
    )


def before_the_turn(outcome: Outcome, pixels: FloatArray) -> FloatArray:
    """Pixels (..., 2) that are drawn, as they were before spine and pelvis turned as one."""
    if not outcome.turn_deg:
        return pixels
    frame, hip = outcome.planned.frame, outcome.live.film.sites.at([HIP_AXIS])[0]
    plane = frame.to_plane(pixels)
    everything = [""] * plane.shape[-2]
    return frame.to_pixels(swung(plane, everything, hip, -outcome.turn_deg))


def beyond_usual(correction: Correction) -> bool:
    """Whether a correction is larger than its procedure usually gives at one level."""
    usual = correction.row.usual
    return usual is not None and abs(correction.degrees) > usual[1]


def _column(
    marks: Landmarks, one: Correction, known: Mapping[Correction, ColumnChange]
) -> ColumnChange:
    return known[one] if one in known else column_changes(marks, Plan((one,)))[0]


def _values(
    before: Mapping[str, Measurement], planned: Mapping[str, Measurement]
) -> Iterator[PlannedValue]:
    for key in (*LEADING, *(one for one in SHOWN if one not in LEADING)):
        if key not in planned:
            continue
        first, then = before[key], planned[key]
        if key not in LEADING and first.value is None and then.value is None:
            continue
        change = NOT_GIVEN
        if first.value is not None and then.value is not None:
            change = _signed(value_text(then.value - first.value, then.unit))
        yield PlannedValue(
            key, label_of(key), then.unit, value_cell(first), value_cell(then), change
        )


def _signed(number: str) -> str:
    """A rounded difference with its sign; none where nothing changes."""
    if not float(number):
        return "0"
    return number if number.startswith("-") else f"+{number}"
