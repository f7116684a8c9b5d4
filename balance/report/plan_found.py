"""The plans that a search found, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from balance.planning.search import FoundPlan, Search
from balance.report.document import Block, Lines, Table
from balance.report.rounding import number


def search_blocks(search: Search | None) -> Iterator[Block]:
    """The least invasive plans, or that none exists."""
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
