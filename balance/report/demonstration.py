"""What a folder of samples is made into: figures, values, reports and plans, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.analysis import Analysis, Failure, analyse
from balance.report.files import write_results
from balance.report.plan_files import write_plans_of
from balance.report.refused import with_refusals
from balance.report.report_files import write_reports_of

REPORTS, PLANS = "report", "plan"
"""Folders of the output."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was written, what was refused, and where to look in a few lines."""

    written: tuple[Path, ...]
    refused: tuple[Failure, ...]
    told: tuple[str, ...]


def write_demonstration(
    folder: Path, analyses: Sequence[Analysis], failures: Sequence[Failure], output: Path
) -> Demonstration:
    """Write everything that the samples of a folder give.

    Raises
    ------
    OSError
        The place cannot be written.
    """
    analyses, _ = with_refusals(analyses, failures)
    results, undrawn = write_results(analyses, failures, output)
    # A report tells of single levels too; the plain values and figures do not.
    segmental = [
        analyse(one.examination, segmental=True, reading="between_readers") for one in analyses
    ]
    reports, unreported = write_reports_of(segmental, output / REPORTS)
    plans, unplanned = write_plans_of(folder, output / PLANS)
    written = (*results, *reports, *plans)
    return Demonstration(
        written,
        # A film that cannot be read stops its figure and its report: one sentence.
        tuple(dict.fromkeys((*undrawn, *unreported, *unplanned))),
        (
            f"{len(analyses)} examinations: {len(written)} files in {output}",
            *_places(results, reports, plans, output),
        ),
    )


def _places(
    results: Sequence[Path], reports: Sequence[Path], plans: Sequence[Path], output: Path
) -> Iterator[str]:
    figures = [path for path in results if path.suffix == ".png"]
    tables = [path.name for path in results if path.suffix != ".png"]
    printed = [path for path in reports if path.suffix == ".pdf"]
    yield f"  {output / '*.png'}: {len(figures)} figures, a film with its values"
    yield f"  {', '.join(str(output / name) for name in tables)}: the values"
    if printed:
        yield f"  {output / REPORTS}: {len(printed)} reports, each as PDF and HTML"
    for path in plans:
        if path.suffix == ".pdf":
            yield f"  {path.parent}: a plan as PDF and HTML, its values and planned points"
