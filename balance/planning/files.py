"""The plan document in and out: ``NAME.json``, versioned, checked at the door."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from balance.anatomy import Endplate
from balance.errors import BadPlan
from balance.planning.plan import Correction, Plan
from balance.planning.procedures import Hinge
from balance.writing import json_bytes, write_atomically

FORMAT: Literal["spinal-balance-plan"] = "spinal-balance-plan"
VERSION: Literal[1] = 1
PLAN_SUFFIX = ".plan.json"
"""Of a plan that lies beside the landmarks of its film."""
MAXIMUM_BYTES = 1 << 20

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[str, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class HingeEntry(_Part):
    """Where a correction turns, if not where its procedure does."""

    level: Text
    endplate: Literal["superior", "inferior"]
    fraction: Finite
    rise: Finite = 0.0


class CorrectionEntry(_Part):
    """One procedure at one site."""

    site: Text
    procedure: Text
    degrees: Finite
    hinge: HingeEntry | None = None
    execution_sd: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=45)] | None = (
        None
    )


class FusionEntry(_Part):
    """The range to be fused."""

    uiv: Text | None = None
    liv: Text | None = None


class PlanDocument(_Part):
    """The whole plan."""

    format: Literal["spinal-balance-plan"]
    version: Literal[1]
    corrections: list[CorrectionEntry] = []
    fusion: FusionEntry | None = None
    leg_lift_right_mm: Finite = 0.0
    targets: list[Text] = []
    kyphosis_gain: (
        Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-90, le=90)] | None
    ) = None
    notes: dict[str, Text] = {}
    """The surgeon's own fields: indication, symptoms, neurology, bone density, drawn by …"""

    @property
    def holds_own_words(self) -> bool:
        """Whether it says what no plan of the command line says."""
        parts = (self, *self.corrections)
        return bool(self.notes) or any(part.model_extra for part in parts)


def read_plan(path: Path) -> PlanDocument:
    """Read a plan document.

    Raises
    ------
    BadPlan
        One sentence: which file, which field, what to do.
    """
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise BadPlan(f"{path}: larger than 1 MiB; a plan is far smaller")
        content = json.loads(path.read_text("utf-8"))
    except BadPlan:
        raise
    except OSError as error:
        raise BadPlan(f"{path}: {error.strerror or 'cannot be read'}; check the path") from None
    except (ValueError, RecursionError):
        raise BadPlan(f"{path}: broken JSON; correct the plan") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadPlan(f'{path}: not a plan; "format" must be "{FORMAT}"')
    if content.get("version") != VERSION:
        raise BadPlan(f"{path}: this version of the plan is not known; version 1 is read")
    try:
        return PlanDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadPlan(f"{path}: field {where}: {first['msg'].lower()}; correct the plan") from None


def plan_of(document: PlanDocument) -> Plan:
    """The plan that a document holds."""
    fusion = document.fusion or FusionEntry()
    return Plan(
        tuple(
            Correction(
                one.site,
                one.procedure,
                one.degrees,
                _hinge(one.hinge),
                one.execution_sd,
            )
            for one in document.corrections
        ),
        fusion.uiv,
        fusion.liv,
        document.leg_lift_right_mm,
    )


def aiming_at(targets: Sequence[str], before: PlanDocument | None) -> PlanDocument:
    """A plan document that names these targets, the rest as it was."""
    document = before or PlanDocument(format=FORMAT, version=VERSION)
    return document.model_copy(update={"targets": list(targets)})


def plan_document(plan: Plan, before: PlanDocument | None = None) -> dict[str, Any]:
    """A plan as its document, with the other fields of the document it was read from."""
    kept: dict[str, Any] = {}
    entries: list[CorrectionEntry] = []
    if before is not None:
        kept, entries = before.model_dump(exclude_unset=True), before.corrections
    # The corrections of the document come first in the plan that was made from it.
    unknown = [_unknown(entry) for entry in entries]
    unknown += [{}] * len(plan.corrections)
    return kept | {
        "format": FORMAT,
        "version": VERSION,
        "corrections": [
            _with_unknown(extra, _correction_record(one))
            for extra, one in zip(unknown, plan.corrections, strict=False)
        ],
        "fusion": (kept.get("fusion") or {}) | {"uiv": plan.uiv, "liv": plan.liv},
        "leg_lift_right_mm": plan.leg_lift_right_mm,
    }


def write_plan(document: dict[str, Any], path: Path) -> None:
    """Write a plan document atomically."""
    write_atomically(path, json_bytes(document))


def _hinge(entry: HingeEntry | None) -> Hinge | None:
    if entry is None:
        return None
    endplate: Endplate = entry.endplate
    return Hinge(entry.level, endplate, entry.fraction, entry.rise)


def _unknown(entry: CorrectionEntry) -> dict[str, Any]:
    """The fields of a correction and of its hinge that this version does not know."""
    extra = dict(entry.model_extra or {})
    if entry.hinge is not None and entry.hinge.model_extra:
        extra["hinge"] = dict(entry.hinge.model_extra)
    return extra


def _with_unknown(extra: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    if "hinge" in extra and "hinge" in record:
        record = record | {"hinge": extra["hinge"] | record["hinge"]}
    return {key: value for key, value in extra.items() if key != "hinge"} | record


def _correction_record(one: Correction) -> dict[str, Any]:
    record: dict[str, Any] = {
        "site": one.site,
        "procedure": one.procedure,
        "degrees": one.degrees,
    }
    if one.hinge is not None:
        record["hinge"] = {
            "level": one.hinge.level,
            "endplate": one.hinge.endplate,
            "fraction": one.hinge.fraction,
            "rise": one.hinge.rise,
        }
    if one.execution_sd is not None:
        record["execution_sd"] = one.execution_sd
    return record
