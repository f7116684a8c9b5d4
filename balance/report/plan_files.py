"""Where the results of a plan go: the plan, the planned landmarks, the values."""

from __future__ import annotations

from pathlib import Path

from balance.landmarks.files import SUFFIX, write_landmarks
from balance.planning.files import PlanDocument, plan_document, write_plan
from balance.planning.planned import PlanAnalysis
from balance.report.plan_record import values_document
from balance.writing import json_bytes, write_atomically


def write_plan_results(
    analysis: PlanAnalysis, document: PlanDocument | None, folder: Path
) -> tuple[Path, ...]:
    """Write ``plan.json``, ``planned.landmarks.json`` and ``values.json`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, planned, values = (
        folder / name for name in ("plan.json", f"planned{SUFFIX}", "values.json")
    )
    write_plan(plan_document(analysis.plan, document), plan)
    write_landmarks(analysis.planned, planned)
    write_atomically(values, json_bytes(values_document(analysis)))
    return plan, planned, values
