"""The value that every producer of landmarks returns: points in pixels with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from balance.anatomy import LUMBAR, THORACIC, VERTEBRAE, level_of
from balance.radiograph import (
    Acquisition,
    FloatArray,
    Frame,
    ImageSide,
    Scale,
    Subject,
    View,
)

ProposalStatus = Literal["ok", "review", "unable"]

PLACED_BY_A_PROGRAM = ("predicted", "detected")
"""Sources that are proposals until somebody confirms them."""

_NOT_A_MARK = (*PLACED_BY_A_PROGRAM, "snapped", "planned")


@dataclass(frozen=True, slots=True)
class Landmark:
    """One point in pixels of the stored image (x = column, y = row).

    ``cov_px`` (xx, xy, yy) wins over ``sd_px`` (per axis); with neither, the default noise of the
    site holds. ``radius`` is in pixels along a row.
    """

    x: float
    y: float
    radius: float | None = None
    sd_px: float | None = None
    cov_px: tuple[float, float, float] | None = None
    source: str = "manual"
    confirmed: bool = True
    confidence: float | None = None

    @property
    def is_proposal(self) -> bool:
        """Whether a program put the point there and nobody has confirmed it."""
        return self.source in PLACED_BY_A_PROGRAM and not self.confirmed

    @property
    def is_marked(self) -> bool:
        """Whether a reader stands behind the point, so that no program may move it."""
        return self.confirmed or self.source not in _NOT_A_MARK

    @property
    def own_covariance(self) -> FloatArray | None:
        """The point's own 2 x 2 covariance in pixels, or None where the default noise holds."""
        if self.cov_px is not None:
            xx, xy, yy = self.cov_px
            return np.array([[xx, xy], [xy, yy]])
        return None if self.sd_px is None else np.eye(2) * self.sd_px**2


@dataclass(frozen=True, slots=True)
class JointCovariance:
    """Factors (k, 2n) of the covariance that points share, in pixels, x and y of each in turn."""

    points: tuple[str, ...]
    factors: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class VertebraCount:
    """How many vertebrae there are and from where they were counted."""

    thoracic: int | None = None
    lumbar: int | None = None
    counted_from: str = "unknown"


@dataclass(frozen=True, slots=True)
class Fusion:
    """Upper and lower instrumented vertebra."""

    uiv: str | None = None
    liv: str | None = None


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Which film the points were placed on; ``seam_rows`` are where its parts were stitched."""

    file: str | None = None
    rows: int | None = None
    columns: int | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    pixel_sha256: str | None = None
    seam_rows: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteDeviation:
    """A reader's own standard deviation at one site: mm, across and along the endplate."""

    site: str
    normal_mm: float
    tangential_mm: float


@dataclass(frozen=True, slots=True)
class ProposalNote:
    """What a program that placed points says of its own work.

    ``next_click`` names the point whose click would narrow the values most.
    """

    status: ProposalStatus
    reasons: tuple[str, ...] = ()
    next_click: str | None = None


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The points of one film with all that is needed to measure them.

    ``side`` is the image side towards which the plane's x grows: the side that the patient faces
    on a lateral film, the side of the patient's right on a frontal one. ``notes`` are the reader's
    own words by heading. ``warnings`` hold the doubts raised while the document was read.
    ``document`` is the document as it was read, so that fields which this version does not know
    are written back.
    """

    view: View
    points: Mapping[str, Landmark]
    side: ImageSide
    scale: Scale = field(default_factory=Scale)
    subject: Subject = field(default_factory=Subject)
    case: str | None = None
    acquired: str | None = None
    acquisition: Acquisition = field(default_factory=Acquisition)
    vertebrae: VertebraCount = field(default_factory=VertebraCount)
    fusion: Fusion | None = None
    surgery: str | None = None
    vertical: tuple[tuple[float, float], tuple[float, float]] | None = None
    covariance: JointCovariance | None = None
    image: ImageReference = field(default_factory=ImageReference)
    reader: str | None = None
    created: str | None = None
    software: str | None = None
    proposal: ProposalNote | None = None
    reader_noise: tuple[SiteDeviation, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", MappingProxyType(dict(self.points)))
        object.__setattr__(self, "notes", MappingProxyType(dict(self.notes)))

    @property
    def frame(self) -> Frame:
        """The conversion from pixels to the patient's plane."""
        return Frame(self.scale, self.side, self.vertical)

    @property
    def last_thoracic(self) -> str:
        """The lowest thoracic vertebra: the declared count, else T13 where it has points, else T12.

        Points are evidence: a vertebra that has points exists, whatever the count says.
        """
        return self._last(THORACIC, self.vertebrae.thoracic, usual=12)

    @property
    def last_lumbar(self) -> str:
        """The lowest lumbar vertebra, found in the same way."""
        return self._last(LUMBAR, self.vertebrae.lumbar, usual=5)

    def _last(self, region: tuple[str, ...], declared: int | None, usual: int) -> str:
        levels = {level_of(name) for name in self.points}
        seen = max((n for n, level in enumerate(region, 1) if level in levels), default=0)
        return region[max(declared or usual, seen) - 1]

    @property
    def existing_levels(self) -> tuple[str, ...]:
        """The levels that this patient has, C2 to S1."""
        thoracic = THORACIC[: THORACIC.index(self.last_thoracic) + 1]
        lumbar = LUMBAR[: LUMBAR.index(self.last_lumbar) + 1]
        present = {*thoracic, *lumbar}
        return (
            *(v for v in VERTEBRAE if v.startswith("C") or v in present),
            "S1",
        )
