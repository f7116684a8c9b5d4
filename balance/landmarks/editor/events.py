"""Everything that a reader can do to a film, as values: what was done, never how it was drawn.

`balance.landmarks.editor.transitions.update` carries them out. Coordinates are pixels of the
stored image, x the column and y the row, as in the landmark document; a window that shows the film
mirrored sends the stored pixels all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from balance.landmarks.model import ProposalStatus
from balance.radiograph import ImageSide, Plane, View

Pixel = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Click:
    """A click for the step that is asked: a point, or the next point of a rim."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Place:
    """Put a named point somewhere, wherever the steps stand; ``radius`` for a femoral head."""

    name: str
    x: float
    y: float
    radius: float | None = None


@dataclass(frozen=True, slots=True)
class RimPoint:
    """One more point on the rim of a femoral head; from the third on a circle is fitted."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Move:
    """A point was dragged to a new place."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Nudge:
    """A point was moved by keys, in pixels; one after the other they are undone together."""

    name: str
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class MoveRegion:
    """All points of a region were moved together, in pixels."""

    region: str
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a point away; its step is asked again."""

    name: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Yes, or as shown: the answer to the question that is asked."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Not visible, or no: go on without what the step asks for."""


@dataclass(frozen=True, slots=True)
class Back:
    """The step before this one."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Jump to a step by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Confirm the unconfirmed points of a region; S1, hips, C7 and L1 are regions of their own."""

    region: str


@dataclass(frozen=True, slots=True)
class ConfirmPoint:
    """Confirm one point where it stands."""

    name: str


@dataclass(frozen=True, slots=True)
class RefuseProposals:
    """Take the proposed points of a region, or of the whole film, away for good."""

    region: str | None = None


@dataclass(frozen=True, slots=True)
class ProposedPoint:
    """One point of a program; the fields mean what they mean in `Landmark`."""

    name: str
    x: float
    y: float
    radius: float | None = None
    source: str = "predicted"
    confidence: float | None = None
    sd_px: float | None = None
    cov_px: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a program proposes for this film now: part of the reader's last action.

    ``factors`` (k, 2n) are the covariance that the points ``factor_points`` share. ``searched``
    says that the film was looked at. That takes a moment, so it is no part of an action: it is
    undone alone, and what is asked does not change under the reader's hand.
    """

    points: tuple[ProposedPoint, ...]
    factor_points: tuple[str, ...] = ()
    factors: tuple[tuple[float, ...], ...] = ()
    status: ProposalStatus = "review"
    reasons: tuple[str, ...] = ()
    next_click: str | None = None
    searched: bool = False


@dataclass(frozen=True, slots=True)
class FitHeads:
    """Femoral heads that a program found where the reader pointed; ``clicks`` are those places.

    The reader asked for them, so a later round of proposals leaves them where they are.
    """

    circles: tuple[ProposedPoint, ...]
    clicks: tuple[Pixel, ...]


@dataclass(frozen=True, slots=True)
class UseProtocol:
    """Ask for other points; the fields are those of a `Protocol`."""

    name: str
    title: str
    lateral: tuple[str, ...]
    frontal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetView:
    """Lateral or frontal; only while no point is placed."""

    view: View


@dataclass(frozen=True, slots=True)
class SetSide:
    """The image side that the patient faces (lateral) or of the patient's right (frontal)."""

    side: ImageSide


@dataclass(frozen=True, slots=True)
class SwapLabels:
    """Exchange the names of two points."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ShiftLevels:
    """Every vertebra was numbered too high or too low: 1 renames L1 to L2 and T12 to L1."""

    by: int


@dataclass(frozen=True, slots=True)
class SetAcquisition:
    """How the film was taken; None leaves a field as it is."""

    position: str | None = None
    arms: str | None = None
    knees: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class CalibrateLength:
    """An object of known length: its two ends, its size and the plane that it lay in."""

    x1: float
    y1: float
    x2: float
    y2: float
    size_mm: float
    lies: Plane


@dataclass(frozen=True, slots=True)
class CalibrateCircle:
    """An object of known diameter: three or more points on its rim, or centre and one of them."""

    rim: tuple[Pixel, ...]
    size_mm: float
    lies: Plane
    centre: Pixel | None = None


@dataclass(frozen=True, slots=True)
class SetScalePlane:
    """The plane in which the scale that stands is true."""

    plane: Plane


@dataclass(frozen=True, slots=True)
class SetVertical:
    """Two pixels of a plumb line on the film; None for the image columns."""

    line: tuple[Pixel, Pixel] | None


@dataclass(frozen=True, slots=True)
class SetCount:
    """How many vertebrae there are and from where they were counted; None leaves it."""

    thoracic: int | None = None
    lumbar: int | None = None
    counted_from: str | None = None


@dataclass(frozen=True, slots=True)
class SetFusion:
    """Upper and lower instrumented vertebra; two Nones take the note away."""

    uiv: str | None
    liv: str | None


@dataclass(frozen=True, slots=True)
class SetSurgery:
    """``none``, ``prior``, ``postoperative``, ``unknown``; None takes the note away."""

    surgery: str | None


@dataclass(frozen=True, slots=True)
class SetNote:
    """The reader's own words under a heading; an empty text takes them away."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Tick or untick one of `balance.landmarks.editor.notices.TICKS`."""

    name: str


@dataclass(frozen=True, slots=True)
class MarkDone:
    """The reader is done with the film, or is not."""

    done: bool = True


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last change back."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Make the change again that was taken back last."""


Event = (
    Click | Place | RimPoint | Move | Nudge | MoveRegion | Delete
    | Accept | Skip | Back | GoTo
    | Confirm | ConfirmPoint | RefuseProposals | Proposed | FitHeads
    | UseProtocol | SetView | SetSide | SwapLabels | ShiftLevels
    | SetAcquisition | CalibrateLength | CalibrateCircle | SetScalePlane | SetVertical
    | SetCount | SetFusion | SetSurgery | SetNote | Tick | MarkDone
    | Undo | Redo
)  # fmt: skip

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
