"""The plan of one film: read from `NAME.plan.json` beside the landmarks, changed, written back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import balance.landmarks.editor.plan_events as ev
from balance.errors import BadPlan, BalanceError
from balance.landmarks.editor.plan_outcome import Outcome, measure_plan
from balance.landmarks.editor.plan_state import PlanState, start_plan, update_plan
from balance.landmarks.editor.saving import digest
from balance.landmarks.files import SUFFIX
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import measure_film
from balance.planning.columns import ColumnChange
from balance.planning.files import (
    PLAN_SUFFIX,
    CorrectionEntry,
    PlanDocument,
    plan_document,
    plan_of,
    read_plan,
    write_plan,
)
from balance.planning.plan import Correction, Plan


class PlanChanged(BalanceError):
    """Somebody else wrote the plan since it was read."""


class PlanSitting:
    """A plan that is being made; open one with `sit_down`."""

    def __init__(self, path: Path, state: PlanState, document: PlanDocument | None) -> None:
        self.path, self.state = path, state
        self._document = document
        self._digest = _digest(path) if document else None
        self._saved = state.plan
        self._film = measure_film(state.landmarks)
        self._columns: Mapping[Correction, ColumnChange] = {}

    @property
    def dirty(self) -> bool:
        """Whether there is anything that a saving would keep."""
        return self.state.plan != self._saved

    def do(self, event: ev.PlanEvent) -> PlanState:
        """Carry an event out."""
        self.state = update_plan(self.state, event)
        return self.state

    def measure(self) -> Outcome:
        """The plan as it stands, measured in its scenario."""
        gain = self._document.kyphosis_gain if self._document else None
        outcome = measure_plan(self.state, self._film, gain, self._columns)
        self._columns = {one.correction: one for one in outcome.columns}
        return outcome

    def continue_on(self, landmarks: Landmarks) -> None:
        """Go on with the plan after points of the film were changed.

        Raises
        ------
        BadPlan
            It does not fit the film any more.
        """
        if landmarks is self.state.landmarks:
            return
        # Earlier plans may not fit the film any more, so there is no way back to them.
        self.state = start_plan(landmarks, self.state.plan)
        self._film, self._columns = measure_film(landmarks), {}

    def save(self, *, overwrite: bool = False) -> None:
        """Write the plan as the `plan` command reads it, other fields of its document kept.

        Raises
        ------
        PlanChanged
            Another version lies there; it is left as it is.
        OSError
            It cannot be written; nothing is left half written.
        """
        if not overwrite and _digest(self.path) not in (None, self._digest):
            raise PlanChanged(
                f"{self.path.name} was changed by someone else since it was opened: write over it, "
                "or leave it as it is"
            )
        before = None if self._document is None else _in_order(self._document, self.state.plan)
        write_plan(plan_document(self.state.plan, before), self.path)
        self._document = read_plan(self.path)
        self._digest, self._saved = _digest(self.path), self.state.plan


def sit_down(document: Path, landmarks: Landmarks) -> PlanSitting:
    """The plan beside a landmark document, or an empty one.

    Raises
    ------
    BadPlan
        One sentence: what the film lacks, or what is wrong with the plan that is there.
    """
    path = plan_path(document)
    # What the film lacks has nothing to do with the file.
    state = start_plan(landmarks, Plan())
    if not path.exists():
        return PlanSitting(path, state, None)
    there = read_plan(path)
    try:
        state = start_plan(landmarks, plan_of(there))
    except BadPlan as error:
        raise BadPlan(f"the plan {path.name} does not fit this film: {error}") from None
    return PlanSitting(path, state, there)


def plan_path(document: Path) -> Path:
    """Where the plan of a landmark document lies.

    Examples
    --------
    >>> plan_path(Path("films/A.landmarks.json")).name
    'A.plan.json'
    """
    stem = document.name.removesuffix(SUFFIX).removesuffix(".json")
    return document.with_name(stem + PLAN_SUFFIX)


def _digest(path: Path) -> str | None:
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def _in_order(document: PlanDocument, plan: Plan) -> PlanDocument:
    """The document with its corrections in the order of the plan, for the fields that it keeps."""
    entries = [_entry_of(document, one) for one in plan.corrections]
    return document.model_copy(update={"corrections": entries})


def _entry_of(document: PlanDocument, one: Correction) -> CorrectionEntry:
    for entry in document.corrections:
        if (entry.site, entry.procedure) == (one.site, one.procedure):
            return entry
    return CorrectionEntry(site=one.site, procedure=one.procedure, degrees=one.degrees)
