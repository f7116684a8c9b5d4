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
        "`plan.html`, all of them or none. The film beside the landmarks is cut along the plan; "
        "without one the pages show the points. A film stands for the landmarks beside it. "
        "`--paper letter` sets the PDF on that sheet instead of A4.",
        "",
        "A `plan.json` that lies in `OUT` is replaced where it was read by `--plan` (its own "
        "fields are written back), where it says the same, or where it is as this program left it "
        "for the same case. A plan of another film, or one that somebody has made or edited, is "
        "kept: the command refuses and names it.",
        "",
        "`planned.landmarks.json` holds points of source `planned`: it is a plan and no "
        "examination. `measure`, `report` and `batch` leave it out of the folders that they walk "
        "and say so; named itself, `measure` gives its values with a warning and no grade, and "
        "`report` refuses it.",
        "",
        "## What a plan says and what it never says",
        "",
        "- Every value of the drawing, before and after, and in every scenario side by side.",
        "- How far each target is met, and all pairs of targets that contradict each other; "
        "PI-LL counts as LL and SS as PT there, which PI = PT + SS allows.",
        "- The geometry fraction: in what share of redraws the drawing meets a target, the points "
        "placed again with their uncertainty and the degrees reached with the execution SD of each "
        f"procedure ({DRAWS} seeded redraws, scale error included). It is not a chance of success. "
        f"Not in it: {'; '.join(EXCLUDED)}. It stands for every scenario; the intervals (`ci95`) "
        "of planned values hold the placing of the points and the scale, not the execution SD.",
        "- The segment that each correction acts on, before and after the whole plan.",
        "- The frontal film of the same case in the same folder, where there is one: a plan on the "
        "lateral film does not change its values.",
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
        "| key | procedure | site | hinge | usual degrees (`mean`: no range was confirmed) | "
        "execution SD | Schwab grade | source |",
        "|---|---|---|---|---|---|---|---|",
        *(_procedure(row) for row in PROCEDURES),
        "",
        *(f"- `{row.key}`: {row.note}." for row in PROCEDURES if row.note),
        "",
        "Refused: what a site does not have (an interbody fusion that is named for the lumbar "
        "spine above T12-L1; a second implant in one disc; anything in a disc that an osteotomy "
        "has taken); an osteotomy of the back by negative degrees, which would open it; a "
        "procedure that needs a mobile disc inside the fusion that the landmark document records "
        "(`fusion`, unless `surgery` is `none`).",
        "",
        f"Warned of: more than the warned degrees at one level ({_most()}), fewer than the usual "
        "range; an interbody fusion that takes lordosis away; LLIF at the lowest disc, beside the "
        "iliac crests; an osteotomy of a body from C2 to C6, beside the vertebral arteries; an "
        "interbody fusion inside the recorded fusion; a back of the "
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
        "`kyphosis_gain` of the plan document (negative: it shrinks), spread over the discs from "
        "T4 to the UIV.",
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
        "`--allow SITE:PROCEDURE` (the usual range in steps of "
        f"{STEP_DEG:g}, or the published mean), `SITE:PROCEDURE:15,20` or "
        "`SITE:PROCEDURE:10..30`; `--forbid` takes a site, a procedure, or a procedure at a site "
        "(`L3:pso`) out again; what is no site of this spine and no procedure is refused. "
        "Corrections of `--correct` and `--plan` are part of every plan, and nothing else is "
        "offered at their sites. `--scenario` says what the pelvis does (`unchanged`, `age_tilt`, "
        "`t1_inclination`). These options and `--draw` are for `--find` alone. Every combination "
        f"is drawn, up to {MOST_PLANS // 1_000_000} million; procedures that leave nothing for "
        "each other "
        "are not combined. A plan is listed that meets every target as drawn, and in at least "
        f"`--share` of {SEARCH_DRAWS} redraws. Plans are classed by the highest osteotomy grade "
        "and the number of sites; of each class the one with the greatest share that was found is "
        "listed, unless a less invasive one has it too.",
        "",
        "The plans are listed, none of them is chosen. The pages, `plan.json` and "
        "`planned.landmarks.json` draw one of them, the first (least invasive by osteotomy grade, "
        "then by the number of sites) or that of `--draw NUMBER`; pages, `values.json` "
        "(`search.drawn`) and the command say which, of how many.",
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


def _most() -> str:
    return ", ".join(f"{row.key.upper()} {row.most:g}" for row in PROCEDURES if row.most)


def _procedure(row: Procedure) -> str:
    where = "superior endplate" if row.closes_through_disc_above else "inferior endplate"
    if row.site == "disc":
        where = "lower endplate"
    elif row.site == "either":
        where = "endplate below"
    rise = f", {row.rise:g} above" if row.rise else ""
    usual = row.usual_words.removesuffix(" deg")
    sources = "; ".join(map(citation, row.sources)) or "estimate"
    return (
        f"| `{row.key}` | {row.name} | {'lumbar ' if row.lumbar else ''}{row.site} | "
        f"{where}, {row.fraction:g}{rise} | {usual} | "
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
