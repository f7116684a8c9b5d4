"""The landmark document as it stands in a file, checked at the door by pydantic.

Unknown fields are allowed everywhere: they are kept by :mod:`balance.landmarks.files`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT = "spinal-balance-landmarks"
VERSION = 1

LARGEST = 1e7
"""No pixel coordinate, deviation or factor of a film comes near it; arithmetic stays exact."""

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
Variance = Annotated[
    float, Field(strict=True, allow_inf_nan=False, ge=-(LARGEST**2), le=LARGEST**2)
]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=LARGEST)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=LARGEST)]
Spacing = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, ge=1e-6, le=1e4)]
Text = Annotated[str, Field(strict=True)]
Side = Literal["left", "right"]
Pair = tuple[Finite, Finite]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class PointEntry(_Part):
    """One point."""

    x: Finite
    y: Finite
    radius: Positive | None = None
    sd_px: NotNegative | None = None
    cov_px: tuple[Variance, Variance, Variance] | None = None
    confidence: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    confirmed: Annotated[bool, Field(strict=True)] = True
    source: Literal["manual", "snapped", "predicted", "detected", "imported", "planned"] = "manual"

    @model_validator(mode="after")
    def _covariance_is_possible(self) -> PointEntry:
        if self.cov_px is not None:
            xx, xy, yy = self.cov_px
            if xx < 0 or yy < 0 or xy * xy > xx * yy * (1 + 1e-9) + 1e-30:
                raise ValueError("cov_px is not a covariance (xx, xy, yy)")
        return self


class SpacingEntry(_Part):
    """Millimetres per pixel."""

    row: Spacing
    column: Spacing
    source: Text | None = None
    plane: Literal["patient", "detector", "skin", "unknown"] | None = None
    sd_percent: NotNegative | None = None


class PatientEntry(_Part):
    """What may be known of the patient."""

    age_years: Annotated[float, Field(strict=True, ge=0, le=130)] | None = None
    sex: Literal["F", "M", "O"] | None = None
    id: Text | None = None


class AcquisitionEntry(_Part):
    """How the film was taken."""

    position: Literal[
        "standing", "sitting", "supine", "prone", "flexion", "extension",
        "bending_left", "bending_right", "traction", "unknown",
    ] = "unknown"  # fmt: skip
    arms: Literal[
        "relaxed", "forward", "fists_on_clavicles", "hands_on_cheeks", "support", "unknown"
    ] = "unknown"
    knees: Literal["straight", "flexed", "not_seen"] = "not_seen"
    system: Literal["slot_scan", "single_shot", "stitched", "unknown"] = "unknown"


class VertebraeEntry(_Part):
    """How many vertebrae there are."""

    thoracic: Literal[11, 12, 13] | None = None
    lumbar: Literal[4, 5, 6] | None = None
    counted_from: Literal["C2", "T1", "last_rib", "S1", "iliac_crest", "unknown"] = "unknown"


class FusionEntry(_Part):
    """The instrumented range."""

    uiv: Text | None = None
    liv: Text | None = None


class CovarianceEntry(_Part):
    """Factors of the covariance that points share."""

    points: list[Text]
    factors: list[list[Finite]]

    @model_validator(mode="after")
    def _rows_fit(self) -> CovarianceEntry:
        if any(len(row) != 2 * len(self.points) for row in self.factors):
            raise ValueError(
                f"each row of factors needs {2 * len(self.points)} values: x and y of each point"
            )
        if len(set(self.points)) != len(self.points):
            raise ValueError("a point is named twice")
        return self


class ImageEntry(_Part):
    """The film that the points were placed on."""

    file: Text | None = None
    rows: Annotated[int, Field(gt=0)] | None = None
    columns: Annotated[int, Field(gt=0)] | None = None
    sop_instance_uid: Text | None = None
    study_instance_uid: Text | None = None
    pixel_sha256: Text | None = None
    seam_rows: list[Finite] | None = None


class ProposalEntry(_Part):
    """What a program that placed points says of its own work."""

    status: Literal["ok", "review", "unable"]
    reasons: list[Text] = []
    next_click: Text | None = None


class SiteDeviationEntry(_Part):
    """A reader's own standard deviation at one site."""

    site: Text
    normal_mm: Positive
    tangential_mm: Positive


class LandmarkDocument(_Part):
    """The whole document."""

    format: Literal["spinal-balance-landmarks"]
    version: Literal[1]
    view: Literal["lateral", "frontal"]
    points: dict[str, PointEntry]
    facing: Side | None = None
    patient_right: Side | None = None
    spacing_mm: SpacingEntry | None = None
    patient: PatientEntry | None = None
    case: Text | None = None
    acquired: Text | None = None
    acquisition: AcquisitionEntry | None = None
    vertebrae: VertebraeEntry | None = None
    fusion: FusionEntry | None = None
    surgery: Literal["none", "prior", "postoperative", "unknown"] | None = None
    vertical: tuple[Pair, Pair] | None = None
    covariance: CovarianceEntry | None = None
    image: ImageEntry | None = None
    reader: Text | None = None
    created: Text | None = None
    software: Text | None = None
    proposal: ProposalEntry | None = None
    reader_noise: list[SiteDeviationEntry] | None = None
    reader_notes: dict[str, Text] | None = None
