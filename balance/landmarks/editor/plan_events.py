"""What a reader does to a plan, as values; `balance.landmarks.editor.plan_state` carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from balance.landmarks.editor.events import Redo, Undo

FusedEnd = Literal["uiv", "liv"]


@dataclass(frozen=True, slots=True)
class ChooseSite:
    """A body (``L3``) or a disc (``L5_S1``), with ``procedure`` one of its corrections."""

    site: str
    procedure: str | None = None


@dataclass(frozen=True, slots=True)
class StepSite:
    """The next site towards the head, or with -1 towards the sacrum."""

    by: int


@dataclass(frozen=True, slots=True)
class StepProcedure:
    """The next procedure of the catalogue that can be done at the site, or the one before."""

    by: int


@dataclass(frozen=True, slots=True)
class Another:
    """One more procedure at the same site."""


@dataclass(frozen=True, slots=True)
class Turn:
    """So many degrees more of the procedure at the site; positive ones add lordosis."""

    degrees: float


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the correction away."""


@dataclass(frozen=True, slots=True)
class Fuse:
    """The fused range ends at the site, or no longer."""

    end: FusedEnd


@dataclass(frozen=True, slots=True)
class StepScenario:
    """Look at the plan in the next scenario."""

    by: int = 1


PlanEvent = (
    ChooseSite | StepSite | StepProcedure | Another | Turn | Remove | Fuse | StepScenario
    | Undo | Redo
)  # fmt: skip
