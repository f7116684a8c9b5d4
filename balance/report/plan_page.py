"""A plan as a document: what is drawn, what follows from it in every scenario, what it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from balance.metrics.model import Measurement
from balance.planning.bounds import USER, Target, refusal
from balance.planning.columns import ColumnChange, l4_s1_share
from balance.planning.outcome import EXCLUDED
from balance.planning.plan import hinge_of
from balance.planning.planned import PlanAnalysis, outside
from balance.planning.search import FoundPlan, Search
from balance.planning.targets import TOLERANCE
from balance.references import citation
from balance.report.document import (
    Block,
    Document,
    Facts,
    Lines,
    Picture,
    Pictures,
    Section,
    Table,
)
from balance.report.plan_record import planned_curves
from balance.report.record import NOTICE, SOFTWARE
from balance.report.rounding import number, value_text
from balance.report.wording import film_title, label_of, scale_words

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
NOTE_WORDS: Mapping[str, str] = {
    "indication": "Indication",
    "symptoms": "Symptoms",
    "neurology": "Neurology",
    "bone_density": "Bone density",
    "prior_implants": "Prior implants",
    "flexibility": "Flexibility",
    "uiv_reason": "Reason for the UIV",
    "liv_reason": "Reason for the LIV",
    "drawn_by": "Drawn by",
    "checked_by": "Checked by",
    "date": "Date",
}
"""The surgeon's own fields of a plan document, and their headings."""
SIGNED = ("drawn_by", "checked_by", "date")
CAUTION = "Geometry, not prediction."


def plan_document_page(
    analysis: PlanAnalysis, name: str, notes: Mapping[str, str], pictures: Sequence[Picture]
) -> Document:
    """The pages of one plan.

    Parameters
    ----------
    name
        The case as the user calls it.
    notes
        The surgeon's own fields.
    pictures
        The film before and after, where there is one.
    """
    age = analysis.landmarks.subject.age_years
    told = "" if age is None else f"; {age:g} years"
    first = [
        Section("Indication", tuple(_notes(notes, signed=False))),
        Section("Baseline", (Facts(tuple(_baseline(analysis))),)),
        Section("Corrections", tuple(_corrections(analysis))),
        Section(_pictures_title(analysis), tuple(_pictures(pictures))),
    ]
    rest = [
        Section(_values_title(analysis), tuple(_scenarios(analysis)), new_page=True),
        Section("Targets", tuple(_targets(analysis))),
        Section("Plans that were searched", tuple(_search(analysis.search))),
        Section("To check on the intra-operative film", tuple(_to_check(analysis))),
        Section("Rod", tuple(_rod(analysis))),
        Section("Warnings", (Lines(analysis.doubts, "warning"),) if analysis.doubts else ()),
        Section("Drawn by", tuple(_notes(notes, signed=True))),
        Section("Sources", tuple(_source_lines(analysis))),
    ]
    return Document(
        title="Plan",
        subtitle=f"{name}{told}",
        sections=tuple(section for section in (*first, *rest) if section.blocks),
        footer=f"{SOFTWARE}. {NOTICE} {CAUTION}",
    )


def _notes(notes: Mapping[str, str], *, signed: bool) -> Iterator[Block]:
    rows = [
        (NOTE_WORDS.get(key, key.replace("_", " ")), text)
        for key, text in notes.items()
        if text and (key in SIGNED) is signed
    ]
    if rows:
        yield Facts(tuple(rows))
    elif signed:
        yield Facts(tuple((NOTE_WORDS[key], "________________") for key in SIGNED))


def _baseline(analysis: PlanAnalysis) -> Iterator[tuple[str, str]]:
    marks = analysis.landmarks
    yield "Film", film_title(marks)
    yield "Scale", scale_words(marks.scale)
    count = marks.vertebrae
    counted = "not recorded" if count.counted_from == "unknown" else count.counted_from
    yield (
        "Levels",
        f"counted from {counted.replace('_', ' ')}: {marks.last_thoracic} and "
        f"{marks.last_lumbar} are the last; confirm the level intra-operatively",
    )
    plan = analysis.plan
    ends = [f"UIV {plan.uiv or 'not stated'}", f"LIV {plan.liv or 'not stated'}"]
    yield "Fused range", ", ".join(ends) if plan.uiv or plan.liv else "not stated"
    if plan.leg_lift_right_mm:
        side = "right" if plan.leg_lift_right_mm > 0 else "left"
        yield "Leg length", f"{side} leg longer by {abs(plan.leg_lift_right_mm):g} mm"


def _corrections(analysis: PlanAnalysis) -> Iterator[Block]:
    plan = analysis.plan
    if not plan.corrections:
        yield Lines(("No correction.",))
        return
    if not analysis.columns:
        yield Table(
            ("Site", "Procedure", "Planned"),
            tuple(
                (one.site.replace("_", "-"), one.row.name, f"{one.degrees:+g} deg")
                for one in plan.corrections
            ),
            (0, 1, 0),
            notes=("+ lowers the patient's right side of what lies above",),
        )
        return
    yield Table(
        ("Site", "Procedure", "Planned", "Usual", "Hinge", "Back", "Front"),
        tuple(_correction(one) for one in analysis.columns),
        (0, 3, 0, 0, 2, 0, 0),
        notes=tuple(_correction_notes(analysis)),
    )


def _correction(one: ColumnChange) -> tuple[str, ...]:
    correction, row = one.correction, one.correction.row
    hinge = hinge_of(correction)
    usual = f"{row.usual[0]:g} to {row.usual[1]:g}" if row.usual else "none confirmed"
    rise = f", {hinge.rise:g} of the plate above" if hinge.rise else ""
    return (
        correction.site.replace("_", "-"),
        row.name,
        f"{correction.degrees:+g} deg",
        usual,
        f"{hinge.level} {hinge.endplate}, {hinge.fraction:g}{rise}",
        _signed_mm(one.posterior_mm),
        _signed_mm(one.anterior_mm),
    )


def _correction_notes(analysis: PlanAnalysis) -> Iterator[str]:
    yield (
        "+ adds lordosis. Hinge: share of the endplate from its back (0) to its front (1). Back "
        "and front: growth of the gap there, mm, each correction taken alone."
    )
    for row in dict.fromkeys(one.row for one in analysis.plan.corrections):
        if row.note:
            yield f"{row.name}: {row.note}."


def _pictures_title(analysis: PlanAnalysis) -> str:
    if not (analysis.plan.corrections or analysis.plan.leg_lift_right_mm):
        return "The film"
    return "Before and after" + (
        ", pelvis unchanged" if analysis.landmarks.view == "lateral" else ""
    )


def _values_title(analysis: PlanAnalysis) -> str:
    return "Values in every scenario" if len(analysis.scenarios) > 1 else "Values"


def _pictures(pictures: Sequence[Picture]) -> Iterator[Block]:
    if pictures:
        yield Pictures(tuple(pictures))


def _scenarios(analysis: PlanAnalysis) -> Iterator[Block]:
    drawn = [one for one in analysis.scenarios if one.film is not None]
    keys = [key for key in SHOWN if key in analysis.before]
    rows = []
    for key in keys:
        cells = [_cell(analysis.before[key])]
        cells += [_cell(one.film.measurements[key]) for one in drawn if one.film is not None]
        if any(cell != "-" for cell in cells):
            rows.append((f"{label_of(key)} ({analysis.before[key].unit})", *cells))
    rows += [
        (f"{one.curve.region} {one.curve.upper}-{one.curve.lower} (deg)", *map(_cell, ends))
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


def _cell(one: Measurement) -> str:
    return "-" if one.value is None else value_text(one.value, one.unit)


def _targets(analysis: PlanAnalysis) -> Iterator[Block]:
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
        f"{label_of(key)} {number(one, 0 if abs(one) >= 1 else 1)} {values[key].unit}"
        for key, one in past.items()
        if one is not None and abs(one) > 1e-9
    ]
    if absent:
        return f"not given: {', '.join(absent)}"
    return f"outside by {', '.join(far)}" if far else "met"


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


def _search(search: Search | None) -> Iterator[Block]:
    if search is None:
        return
    yield Lines(tuple(_search_words(search)))
    yield Table(
        ("Corrections", "Osteotomy grade", "Sites", "Degrees", "Room (reading SD)", "Share"),
        tuple(_found(one) for one in search.found or search.nearest),
        (5, 1, 1, 1, 1, 1),
        notes=(
            "From the least invasive on, one plan for each osteotomy grade and number of sites; "
            "a more invasive one stands here only where it has a greater share. Room: the "
            "smallest distance of a value from the ends of its range, below 0 outside it. Share: "
            "redraws in which every target is met together. Listed, the choice is the surgeon's.",
        ),
    )


def _search_words(search: Search) -> Iterator[str]:
    yield (
        f"{search.examined} plans were drawn: every combination that is allowed. "
        f"{search.within} of them meet every target as drawn. {search.redrawn} of these were "
        "redrawn, those with the most room first."
    )
    if search.passed_over:
        yield (
            f"In {search.passed_over} of them one angle alone is known too poorly for its range to "
            "reach the share that was asked for."
        )
    if search.found:
        return
    share = f"in {search.share:g} or more of the redraws"
    if not search.within:
        yield "None of the allowed plans meets every target as drawn; the nearest are listed."
    elif search.complete:
        yield f"None of the allowed plans meets every target {share}; the nearest are listed."
    else:
        yield (
            f"None of the plans that were redrawn meets every target {share}; nothing is known of "
            "the others."
        )


def _found(one: FoundPlan) -> tuple[str, ...]:
    words = [
        f"{c.site.replace('_', '-')} {c.procedure} {c.degrees:g}" for c in one.plan.corrections
    ]
    return (
        ", ".join(words) or "none",
        str(one.grade or "-"),
        str(one.sites),
        f"{one.degrees:g}",
        number(one.room, 1) if np.isfinite(one.room) else "-",
        "-" if one.share is None else f"{one.share:.2f}",
    )


def _to_check(analysis: PlanAnalysis) -> Iterator[Block]:
    if not analysis.plan.corrections:
        return
    rows = [
        (label_of(key), f"{_cell(analysis.after[key])} {analysis.after[key].unit}")
        for key in ("LL", "L4_S1", "LDI", "TK", "T4_L1PA", "L4_tilt")
        if key in analysis.after and analysis.after[key].value is not None
    ]
    share = l4_s1_share(analysis.landmarks, analysis.plan)
    if share is not None and analysis.landmarks.view == "lateral":
        rows.append(("Correction at L4-S1", f"{100 * share:.0f} % of the degrees"))
    if rows:
        yield Facts(tuple(rows))


def _rod(analysis: PlanAnalysis) -> Iterator[Block]:
    rod = analysis.rod
    if isinstance(rod, str):
        if analysis.plan.uiv or analysis.plan.liv:
            yield Lines((f"Not drawn: {rod}.",))
        return
    bends = [
        f"{level} {number(bend, 0)}"
        for level, bend in zip(rod.levels[1:-1], rod.bends_deg, strict=True)
    ]
    yield Facts(
        (
            ("Range", f"{rod.levels[0]} to {rod.levels[-1]}"),
            ("Length", f"{rod.length_mm:.0f} mm"),
            ("Bends (deg)", ", ".join(bends)),
        )
    )
    if not analysis.landmarks.scale.grades_lengths:
        yield Lines(
            ("The scale is not in the patient's plane: no rod is bent over it.",), "warning"
        )


def _signed_mm(value: float | None) -> str:
    return "-" if value is None else f"{round(value) + 0:+d} mm".replace("+0 mm", "0 mm")


def _source_lines(analysis: PlanAnalysis) -> Iterator[Block]:
    sources = tuple(_sources(analysis))
    if sources:
        yield Lines(("; ".join(sources),), "note")


def _sources(analysis: PlanAnalysis) -> Iterator[str]:
    keys = [key for one in analysis.plan.corrections for key in one.row.sources]
    drawn = [one.scenario for one in analysis.scenarios if one.film is not None]
    keys += [key for one in drawn for key in one.sources]
    used = [
        one for one in analysis.targets if not refusal(one, analysis.landmarks, analysis.before)
    ]
    keys += [key for target in used for key in target.sources if key != USER]
    for key in dict.fromkeys(keys):
        yield citation(key)
