"""The plans that a search found, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from balance.planning.plan import Correction
from balance.planning.planned import PlanAnalysis
from balance.planning.search import FoundPlan, Search
from balance.report.document import Block, Lines, Table
from balance.report.rounding import number


def drawn_words(analysis: PlanAnalysis) -> str:
    """Which of the plans that a search listed is drawn, and that nobody has chosen it."""
    search, drawn = analysis.search, analysis.drawn
    if search is None or drawn is None:
        what = "the given corrections alone" if analysis.plan.corrections else "no correction"
        listed = search is not None and search.found
        return f"Drawn: {what}; {'none of the plans listed' if listed else 'no plan was found'}"
    given = ", the given corrections part of each" if search.given else ""
    return (
        f"Drawn: number {drawn} of the {len(search.found)} plans listed (least invasive first, by "
        f"osteotomy grade, then number of sites{given}); listed, not chosen"
    )


def search_blocks(analysis: PlanAnalysis) -> Iterator[Block]:
    """The least invasive plans, or that none exists."""
    search = analysis.search
    if search is None:
        return
    yield Lines(tuple(_search_words(search, [one.name for one in analysis.targets])))
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


def _search_words(search: Search, targets: Sequence[str]) -> Iterator[str]:
    yield (
        f"Searched for: every target ({', '.join(targets)}) met together in {search.share:g} or "
        f"more of the redraws; scenario: {search.scenario.name}."
    )
    if search.given:
        words = ", ".join(map(_words, search.given))
        yield f"Part of every plan, as given: {words}; nothing else is offered at these sites."
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
    return (
        ", ".join(map(_words, one.plan.corrections)) or "none",
        str(one.grade or "-"),
        str(one.sites),
        f"{one.degrees:g}",
        number(one.room, 1) if np.isfinite(one.room) else "-",
        "-" if one.share is None else f"{one.share:.2f}",
    )


def _words(one: Correction) -> str:
    return f"{one.site.replace('_', '-')} {one.procedure} {one.degrees:g}"
