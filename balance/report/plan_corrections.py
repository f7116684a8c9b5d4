"""The corrections of a plan as a table: how far, about what, and what becomes of the segment."""

from __future__ import annotations

from collections.abc import Iterator

from balance.planning.columns import ColumnChange
from balance.planning.plan import Correction, hinge_of
from balance.planning.planned import PlanAnalysis
from balance.planning.segments import SegmentChange
from balance.report.document import Block, Lines, Table
from balance.report.plan_found import drawn_words
from balance.report.plan_values import value_cell
from balance.report.rounding import signed_mm

SD_WORDS = "SD: how far, by the plan, the degrees reached usually lie from those planned."


def correction_blocks(analysis: PlanAnalysis) -> Iterator[Block]:
    """The corrections, and where they come from if a search listed them."""
    if analysis.search is not None:
        yield Lines((f"{drawn_words(analysis)}.",))
    if not analysis.plan.corrections:
        yield Lines(("No correction.",))
    elif analysis.columns:
        yield _lateral(analysis)
    else:
        yield _frontal(analysis)


def _frontal(analysis: PlanAnalysis) -> Table:
    return Table(
        ("Site", "Procedure", "Planned", "SD"),
        tuple(
            (_site(one), one.row.name, f"{one.degrees:+g} deg", f"{one.sd:g} deg")
            for one in analysis.plan.corrections
        ),
        (0, 1, 0, 0),
        notes=("+ lowers the patient's right side of what lies above. " + SD_WORDS,),
    )


def _lateral(analysis: PlanAnalysis) -> Table:
    rows = zip(analysis.columns, analysis.segments, strict=True)
    return Table(
        ("Site", "Procedure", "Planned", "SD", "Usual", "Segment", "Hinge", "Back", "Front"),
        tuple(_correction(one, segment) for one, segment in rows),
        (0, 2, 0, 0, 0, 0, 2, 0, 0),
        notes=tuple(_notes(analysis)),
    )


def _correction(one: ColumnChange, segment: SegmentChange) -> tuple[str, ...]:
    correction = one.correction
    hinge = hinge_of(correction)
    edge = {0.0: "back edge", 1.0: "front edge"}.get(hinge.fraction)
    place = edge or f"{hinge.fraction:g} from the back"
    rise = f", {hinge.rise:g} above" if hinge.rise else ""
    return (
        _site(correction),
        correction.row.name,
        f"{correction.degrees:+g} deg",
        f"{correction.sd:g} deg",
        correction.row.usual_words,
        _segment(segment),
        f"{hinge.level} {hinge.endplate}: {place}{rise}",
        _growth(one.posterior_mm),
        _growth(one.anterior_mm),
    )


def _segment(one: SegmentChange) -> str:
    if one.planned.value is None:
        return "-"
    return f"{value_cell(one.before)} to {value_cell(one.planned)} deg"


def _notes(analysis: PlanAnalysis) -> Iterator[str]:
    yield (
        f"+ adds lordosis. {SD_WORDS} Usual: of one level, as published. Segment: angle of the "
        "body or disc before and after the whole plan. Hinge: its place on the endplate below the "
        "cut and above it, as shares of that endplate's length. Back and front: growth of the gap "
        "there, each correction taken alone."
    )
    rows = dict.fromkeys(one.row for one in analysis.plan.corrections)
    told = "; ".join(f"{row.name}: {row.note.removesuffix('.')}" for row in rows if row.note)
    if told:
        yield f"{told[:1].upper()}{told[1:]}."


def _site(one: Correction) -> str:
    return one.site.replace("_", "-")


def _growth(value: float | None) -> str:
    return "-" if value is None else signed_mm(value)
