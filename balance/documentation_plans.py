"""The page about plans, its tables made from the catalogues of procedures, targets, scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from balance.metrics.catalogue import METRIC
from balance.planning.bounds import Bound, Line, Target
from balance.planning.columns import WARNED_MM
from balance.planning.doubts import AXIS_MISMATCH, LL_ABOVE_PI
from balance.planning.outcome import DRAWS, EXCLUDED
from balance.planning.procedures import PROCEDURES, Procedure
from balance.planning.rod import BEHIND_MM, SACRAL_DEPTH_MM
from balance.planning.scenarios import KYPHOSIS_GAIN, SCENARIOS, Scenario
from balance.planning.search import DRAWS as SEARCH_DRAWS
from balance.planning.search import FIRST_DRAWS, MOST_PLANS, MOST_REDRAWN
from balance.planning.search_allowed import STEP_DEG
from balance.planning.targets import TARGETS, TOLERANCE
from balance.references import citation

EXAMPLE = """{
 "format": "spinal-balance-plan",
 "version": 1,
 "corrections": [
  {"site": "L3", "procedure": "pso", "degrees": 25.0,
   "hinge": {"level": "L3", "endplate": "inferior", "fraction": 0.9, "rise": 0.35}},
  {"site": "L5_S1", "procedure": "cage", "degrees": 10.0, "execution_sd": 3.0}
 ],
 "fusion": {"uiv": "T10", "liv": "S1"},
 "targets": ["age_adjusted", "LL=50:60"],
 "kyphosis_gain": 8.0,
 "notes": {"indication": "…", "drawn_by": "…", "checked_by": "…", "date": "…"}
}"""


def plans_page(made_by: str) -> str:
    """What a plan says and does not say, and every row that it may hold."""
    lines = [
        "# Plans",
        "",
        made_by,
        "",
        "A plan turns the points of a film: `(landmarks, plan) -> landmarks`. What lies above a "
        "hinge turns about it as one rigid body, and the result is measured by the same code as "
        "any film. It is geometry: it says what the drawing would measure, not how a patient will "
        "stand.",
        "",
        "```",
        "spinal-balance plan NAME.landmarks.json --correct L3:pso:25 --correct L5_S1:cage:10 \\",
        "    --uiv T10 --liv S1 --target age_adjusted -o OUT",
        "spinal-balance plan NAME.landmarks.json --find --allow L3:pso --allow L4_L5:alif:5..15 \\",
        "    --target t4_l1pa --share 0.8 -o OUT",
        "spinal-balance plan FRONTAL.landmarks.json --correct L3_L4:angle:8 --leg right:10 -o OUT",
        "```",
        "",
        "`OUT` then holds `plan.json`, `planned.landmarks.json` (the pelvis unchanged), "
        "`values.json` (before, planned, change, every scenario and target), `plan.pdf` and "
        "`plan.html`. The film beside the landmarks is cut along the plan; without one the pages "
        "show the points.",
        "",
        "## What a plan says and what it never says",
        "",
        "- Every value of the drawing, before and after, and in every scenario side by side.",
        "- How far each target is met, and which targets contradict each other.",
        "- The geometry fraction: in what share of redraws the drawing meets a target, the points "
        "placed again with their uncertainty and the degrees reached with the execution SD of each "
        f"procedure ({DRAWS} seeded redraws, scale error included). It is not a chance of success. "
        f"Not in it: {'; '.join(EXCLUDED)}.",
        "- What lengthens and shortens at each site, the hinge, the line of the rod.",
        "- It never chooses: plans are listed, and the choice is the surgeon's. It does not say "
        "how the patient will stand, whether the correction holds, or what may go wrong.",
        "- A published target is for adults who stand: under 18 years, lying or sitting, with "
        "unconfirmed points, or with lengths that are not calibrated in the patient's plane it is "
        "withheld, with the reason.",
        "",
        "## Procedures",
        "",
        "`SITE` is a body (`L3`) or a disc (`L5_S1`). Positive degrees add lordosis; on a frontal "
        "film, where only `angle` is used, they lower the patient's right side of what lies above. "
        "The hinge is told by the endplate below the cut: its share from the back (0) to the front "
        "(1), and how far above it, as a share of its length. `L3:pso:25@0.9` moves it along its "
        "endplate; a plan document may name any endplate below the cut.",
        "",
        "| key | procedure | site | hinge | usual degrees | execution SD | Schwab grade | source |",
        "|---|---|---|---|---|---|---|---|",
        *(_procedure(row) for row in PROCEDURES),
        "",
        *(f"- `{row.key}`: {row.note}." for row in PROCEDURES if row.note),
        "",
        "Warned of: more than the warned degrees at one level (PSO 40, PCO 10); a back of the "
        f"spine that changes by more than {WARNED_MM:g} mm; LL more than {LL_ABOVE_PI:g} deg above "
        f"PI; T4PA and L1PA more than {AXIS_MISMATCH:g} deg apart; a correction outside the fused "
        "range.",
        "",
        "## Scenarios",
        "",
        "None of them is a prediction. In the second and third, spine and pelvis turn as one body "
        "about the hip axis.",
        "",
        "| key | what it draws | source |",
        "|---|---|---|",
        *(_scenario(row) for row in SCENARIOS),
        "",
        f"The unfused kyphosis grows by {KYPHOSIS_GAIN['long']:g} deg above a long fusion (UIV T10 "
        f"or higher) and by {KYPHOSIS_GAIN['short']:g} deg above a short one, or by "
        "`kyphosis_gain` of the plan document, spread over the discs from T4 to the UIV.",
        "",
        "## Targets",
        "",
        "`--target KEY`, or the surgeon's own as `PARAMETER=LOW:HIGH` (`LL=50:60`, `SVA=:50`). "
        "Without one all of the film's view are shown.",
        "",
        "| key | target | ranges | source | note |",
        "|---|---|---|---|---|",
        *(_target(row) for row in TARGETS),
        "",
        "The age band runs from the target of ten years younger to that of ten years older. A "
        f"formula counts as met within {TOLERANCE:g} deg, a tolerance of this program: the papers "
        "state none. The table by classes of PI prints whole degrees and leaves 78 itself open; "
        "here it belongs to the last class.",
        "",
        "## Finding plans",
        "",
        "`--allow SITE:PROCEDURE` (the usual degrees in steps of "
        f"{STEP_DEG:g}), `SITE:PROCEDURE:15,20` or `SITE:PROCEDURE:10..30`; `--forbid` takes a "
        "site or a procedure out again. Every combination is drawn, up to "
        f"{MOST_PLANS // 1_000_000} million; two procedures that leave nothing for each other are "
        "not combined. A plan is listed that meets every target as drawn, and in at least "
        f"`--share` of {SEARCH_DRAWS} redraws. Plans are classed by the highest osteotomy grade "
        "and the number of sites; of each class the one with the greatest share that was found is "
        "listed, unless a less invasive one has it too.",
        "",
        '"None" is a statement about all plans allowed: each that meets the targets as drawn is '
        f"either redrawn (dropped after {FIRST_DRAWS} redraws once it cannot reach the share), or "
        "passed over because one angle between two endplates, whose spread in the redraws is "
        "known, cannot stay in its range so often. Where more than "
        f"{MOST_REDRAWN:,} would have to be redrawn the search stops, and says so "
        "(`complete`: false).",
        "",
        "## The plan document",
        "",
        "`--plan FILE`; the schema is `balance/planning/plan.schema.json`. Unknown fields are kept "
        "and written back.",
        "",
        "```json",
        EXAMPLE,
        "```",
        "",
        f"The rod runs {BEHIND_MM:g} mm behind the posterior walls and ends {SACRAL_DEPTH_MM:g} mm "
        "below the sacral endplate, both estimates; no rod is bent over a print unless the scale "
        "is that of the patient's plane.",
        "",
    ]
    return "\n".join(lines)


def _procedure(row: Procedure) -> str:
    where = "superior endplate" if row.closes_through_disc_above else "inferior endplate"
    if row.site == "disc":
        where = "lower endplate"
    elif row.site == "either":
        where = "endplate below"
    rise = f", {row.rise:g} above" if row.rise else ""
    usual = f"{row.usual[0]:g} to {row.usual[1]:g}" if row.usual else "none read"
    sources = "; ".join(map(citation, row.sources)) or "estimate"
    return (
        f"| `{row.key}` | {row.name} | {row.site} | {where}, {row.fraction:g}{rise} | {usual} | "
        f"{row.execution_sd:g} | {row.grade or '-'} | {sources} |"
    )


def _scenario(row: Scenario) -> str:
    sources = "; ".join(map(citation, row.sources)) or "-"
    return f"| `{row.key}` | {row.name} | {sources} |"


def _target(row: Target) -> str:
    ranges = "; ".join(_range(bound) for bound in row.bounds)
    sources = "; ".join(map(citation, row.sources))
    return f"| `{row.key}` | {row.name} | {ranges} | {sources} | {row.note} |"


def _range(bound: Bound) -> str:
    unit = METRIC[bound.metric].unit
    if bound.low is not None and bound.low.steps:
        return _by_class(bound.metric, bound.low, TOLERANCE)
    ends = [_line(line) for line in bound.lines]
    if len(ends) == 2:
        span = f"{ends[0]} to {ends[1]}"
    elif bound.high is not None:
        span = f"{'below' if bound.excluded else 'up to'} {ends[0]}"
    else:
        span = f"from {ends[0]}"
    return f"{bound.metric} {span} {unit}"


def _by_class(metric: str, low: Line, tolerance: float) -> str:
    of = "PI " if low.per_pi else ""
    parts = [
        f"{of}{added:+g} from PI {start:g}" if of else f"{added:g} from PI {start:g}"
        for start, added in low.steps
    ]
    return f"{metric} within {tolerance:g} deg of {', '.join(parts)}"


def _line(line: Line) -> str:
    return " ".join(_terms(line)).removeprefix("+") or "0"


def _terms(line: Line) -> Iterator[str]:
    for number, of in ((line.per_pi, " PI"), (line.per_year, " age"), (line.at, "")):
        if number:
            yield f"{number:+.4g}{of}" if of or line.per_pi or line.per_year else f"{number:g}"
