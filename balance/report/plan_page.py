"""A plan as a document: what is drawn, what follows from it in every scenario, what it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from balance.planning.bounds import USER, refusal
from balance.planning.columns import ColumnChange, l4_s1_share
from balance.planning.plan import hinge_of
from balance.planning.planned import PlanAnalysis
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
from balance.report.plan_found import search_blocks
from balance.report.plan_values import scenario_blocks, target_blocks, value_cell
from balance.report.record import NOTICE, SOFTWARE
from balance.report.rounding import number
from balance.report.wording import film_title, label_of, scale_words

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
        Section(_values_title(analysis), tuple(scenario_blocks(analysis)), new_page=True),
        Section("Targets", tuple(target_blocks(analysis))),
        Section("Plans that were searched", tuple(search_blocks(analysis.search))),
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


def _to_check(analysis: PlanAnalysis) -> Iterator[Block]:
    if not analysis.plan.corrections:
        return
    rows = [
        (label_of(key), f"{value_cell(analysis.after[key])} {analysis.after[key].unit}")
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
