"""A plan as a document: what is drawn, what follows from it in every scenario, what it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film
from balance.metrics.transitional import other_sacral_reading
from balance.planning.columns import l4_s1_share, upper_of_last_two
from balance.planning.planned import PlanAnalysis
from balance.references import citation
from balance.report.document import (
    Block,
    Columns,
    Document,
    Facts,
    Lines,
    Picture,
    Pictures,
    Section,
    filled,
    with_texts,
)
from balance.report.lettering import typeset
from balance.report.plan_corrections import correction_blocks
from balance.report.plan_found import search_blocks
from balance.report.plan_targets import target_blocks
from balance.report.plan_values import scenario_blocks, value_cell
from balance.report.record import NOTICE, SOFTWARE
from balance.report.rounding import number
from balance.report.wording import film_title, label_of, scale_words, subject_words

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
TO_SIGN = "_" * 20
CORONAL = ("C7_CSVL", "pelvic_obliquity")
"""Of the frontal film of the case, beside its curves."""
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
    marks = analysis.landmarks
    about = (subject_words(marks.subject), marks.acquired)
    indication = filled(Section("Indication", tuple(_notes(notes))))
    baseline = _set(Section("Baseline", (Facts(tuple(_baseline(analysis))),)))
    summary = (
        _set(Section("To check on the intra-operative film", tuple(_to_check(analysis)))),
        _set(Section("Rod", tuple(_rod(analysis)))),
        (*_set(Section("Warnings", _warnings(analysis))), _signatures(notes)),
    )
    sections = (
        *side_by_side(baseline, indication),
        *_set(
            Section("Corrections", (*correction_blocks(analysis), *_sources(_procedures(analysis))))
        ),
        *filled(Section(_pictures_title(analysis), tuple(_pictures(pictures)))),
        *side_by_side(*summary),
        *_set(
            Section(
                _values_title(analysis),
                (*scenario_blocks(analysis), *_sources(_scenarios(analysis))),
            ),
            Section("Targets", tuple(target_blocks(analysis))),
            Section("Plans that were searched", tuple(search_blocks(analysis))),
        ),
    )
    return Document(
        title="Plan",
        subtitle="; ".join(filter(None, about)),
        pseudonym=name,
        sections=sections,
        footer=f"{SOFTWARE}. {NOTICE} {CAUTION}",
    )


def side_by_side(*columns: tuple[Section, ...]) -> tuple[Section, ...]:
    """Sections in columns as one section without a heading; a lone column as it is."""
    kept = tuple(column for column in columns if column)
    return kept[0] if len(kept) == 1 else (Section("", (Columns(kept),)),)


def _set(*sections: Section) -> tuple[Section, ...]:
    """Sections in the program's own words, with the signs of print."""
    return tuple(with_texts(section, typeset) for section in filled(*sections))


def _notes(notes: Mapping[str, str]) -> Iterator[Block]:
    rows = [
        (NOTE_WORDS.get(key, key.replace("_", " ")), text)
        for key, text in notes.items()
        if text and key not in SIGNED
    ]
    if rows:
        yield Facts(tuple(rows))


def _signatures(notes: Mapping[str, str]) -> Section:
    """Who drew and checked the plan, and when; lines to write on where that is not told."""
    return Section(
        "Drawn by", (Facts(tuple((NOTE_WORDS[key], notes.get(key) or TO_SIGN) for key in SIGNED)),)
    )


def _warnings(analysis: PlanAnalysis) -> tuple[Block, ...]:
    return (Lines(analysis.doubts, "warning"),) if analysis.doubts else ()


def _baseline(analysis: PlanAnalysis) -> Iterator[tuple[str, str]]:
    marks = analysis.landmarks
    yield "Film", film_title(marks)
    yield "Scale", scale_words(marks.scale).removeprefix("scale: ")
    start = marks.vertebrae.counted_from.replace("_", " ")
    counted = "how they were counted is not recorded" if start == "unknown" else f"from {start}"
    yield (
        "Levels",
        f"{'' if start == 'unknown' else 'counted '}{counted}: {marks.last_thoracic} and "
        f"{marks.last_lumbar} are the last; confirm the level intra-operatively",
    )
    yield from _transitional(marks)
    plan = analysis.plan
    ends = [f"UIV {plan.uiv or 'not stated'}", f"LIV {plan.liv or 'not stated'}"]
    yield "Fused range", ", ".join(ends) if plan.uiv or plan.liv else "not stated"
    if plan.leg_lift_right_mm:
        side = "right" if plan.leg_lift_right_mm > 0 else "left"
        yield "Leg length", f"{side} leg longer by {abs(plan.leg_lift_right_mm):g} mm"
    if analysis.coronal is not None:
        yield "Coronal", f"{', '.join(_coronal(analysis.coronal))}; not changed by this plan"


def _transitional(marks: Landmarks) -> Iterator[tuple[str, str]]:
    """What the other candidate of the sacral endplate would measure, where there is one."""
    other = other_sacral_reading(marks)
    if other is None:
        return
    plate = other.endplate.replace("_superior", "").replace("_", " ")
    pi = measure_film(other.landmarks).measurements["PI"]
    told = "is not given" if pi.value is None else f"is {value_cell(pi)} {pi.unit}"
    yield (
        "Sacral endplate",
        f"S1; with the {plate} superior endplate as the sacral one PI {told}, which of them is "
        "right is disputed",
    )


def _coronal(film: FilmValues) -> Iterator[str]:
    """The frontal film of the case in a few values."""
    for key in CORONAL:
        one = film.measurements.get(key)
        if one is not None and one.value is not None:
            yield f"{label_of(key)} {value_cell(one)} {one.unit}"
        elif one is not None and key == CORONAL[0]:
            yield f"{label_of(key)} not given ({one.reason})"
    for curve in film.curves:
        yield f"{curve.region} {curve.upper}-{curve.lower} {number(curve.cobb, 0)} deg"


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
        first = upper_of_last_two(analysis.landmarks)
        rows.append((f"Correction at {first}-S1", f"{100 * share:.0f} % of the degrees"))
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


def _procedures(analysis: PlanAnalysis) -> Iterator[str]:
    return (key for one in analysis.plan.corrections for key in one.row.sources)


def _scenarios(analysis: PlanAnalysis) -> Iterator[str]:
    drawn = (one.scenario for one in analysis.scenarios if one.film is not None)
    return (key for one in drawn for key in one.sources)


def _sources(keys: Iterator[str]) -> Iterator[Block]:
    """Where a table's numbers were published; those of targets stand with the targets."""
    cited = "; ".join(citation(key) for key in dict.fromkeys(keys))
    if cited:
        yield Lines((f"Sources: {cited}",), "note")
