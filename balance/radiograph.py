"""A film and its frame: pixels, the scale and where it comes from, which side is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ImageSide = Literal["left", "right"]
View = Literal["lateral", "frontal"]
Plane = Literal["patient", "detector", "skin", "unknown"]

WITHOUT_MILLIMETRES = ("none", "conflict")
"""Calibration states in which row and column give the pixel aspect only."""


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """Where a scale comes from and what may rest on it."""

    name: str
    plane: Plane
    sd_percent: float
    grades_lengths: bool
    meaning: str


CALIBRATION_STATES: tuple[CalibrationState, ...] = (
    CalibrationState("user_fiducial", "patient", 1.0, True, "object of known size, by the user"),
    CalibrationState("dicom_fiducial", "patient", 2.0, True, "object of known size, in the header"),
    CalibrationState("dicom_geometry", "patient", 3.0, True, "corrected for an assumed depth"),
    CalibrationState("dicom_corrected_unknown", "unknown", 8.0, True, "corrected, method not told"),
    CalibrationState("ermf", "patient", 4.0, True, "estimated radiographic magnification factor"),
    CalibrationState("detector", "detector", 10.0, False, "at the detector, magnified"),
    CalibrationState("scanned_film", "detector", 10.0, False, "on the scanned film, magnified"),
    CalibrationState("unknown", "unknown", 10.0, False, "origin not told"),
    CalibrationState("none", "unknown", 10.0, False, "no scale"),
    CalibrationState("conflict", "unknown", 10.0, False, "the header contradicts itself"),
)
"""The ladder of the landmark document; SDs are editable estimates, in percent of a length."""

CALIBRATION_STATE: Mapping[str, CalibrationState] = {row.name: row for row in CALIBRATION_STATES}


@dataclass(frozen=True, slots=True)
class Scale:
    """Millimetres per pixel (row first, as in DICOM), their state, plane and uncertainty.

    Under the states ``none`` and ``conflict`` row and column carry the pixel aspect only.
    """

    row_mm: float = 1.0
    column_mm: float = 1.0
    state: str = "none"
    plane: Plane = "unknown"
    sd_percent: float = 10.0

    @property
    def has_millimetres(self) -> bool:
        """Whether lengths may be given at all."""
        return self.state not in WITHOUT_MILLIMETRES

    @property
    def grades_lengths(self) -> bool:
        """Whether a threshold in millimetres may be applied."""
        return CALIBRATION_STATE[self.state].grades_lengths and self.plane != "detector"


@dataclass(frozen=True, slots=True)
class Frame:
    """The one conversion between pixels of the stored image and the patient's plane.

    The plane is in millimetres (pixels corrected for their aspect where there is no scale), y up,
    x anterior on a lateral film and to the patient's right on a frontal film.

    Parameters
    ----------
    scale
        Millimetres per pixel.
    positive_side
        The image side towards which plane x grows: ``facing`` or ``patient_right``.
    vertical
        Two pixels of a plumb line, or None where the image columns are vertical.

    Examples
    --------
    >>> frame = Frame(Scale(0.5, 0.25, "user_fiducial", "patient", 1.0), "left", None)
    >>> frame.to_plane(np.array([[8.0, 4.0]])).tolist()
    [[-2.0, -2.0]]
    """

    scale: Scale
    positive_side: ImageSide
    vertical: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def matrix(self) -> FloatArray:
        """The 2 x 2 matrix that takes pixels (x, y) to the plane."""
        to_mm = np.diag([self.scale.column_mm, -self.scale.row_mm])
        if self.vertical is not None:
            first, second = (to_mm @ np.asarray(point, float) for point in self.vertical)
            up = first - second if first[1] > second[1] else second - first
            c, s = up[1] / np.hypot(*up), up[0] / np.hypot(*up)
            to_mm = np.array([[c, -s], [s, c]]) @ to_mm
        mirror = 1.0 if self.positive_side == "right" else -1.0
        return np.diag([mirror, 1.0]) @ to_mm

    def to_plane(self, pixels: FloatArray) -> FloatArray:
        """Pixels (..., 2) as (x, y) in the plane, millimetres."""
        plane: FloatArray = np.asarray(pixels, float) @ self.matrix.T
        return plane

    def to_pixels(self, plane: FloatArray) -> FloatArray:
        """Plane points (..., 2) back as pixels (x, y)."""
        pixels: FloatArray = np.asarray(plane, float) @ np.linalg.inv(self.matrix).T
        return pixels


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How the film was taken; ``unknown`` (``not_seen``) where nobody recorded it."""

    position: str = "unknown"
    arms: str = "unknown"
    knees: str = "not_seen"
    system: str = "unknown"


@dataclass(frozen=True, slots=True)
class Subject:
    """What may be known of the patient: never a name, never a hospital number."""

    age_years: float | None = None
    sex: str | None = None
    pseudonym: str | None = None


@dataclass(frozen=True, slots=True)
class GreyWindow:
    """One display window of the header: centre and width in modality units."""

    centre: float
    width: float
    function: str = "LINEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmAttributes:
    """What a film says of itself beside its size, as its header and as a decoded film have it.

    ``spacing_tags`` are the DICOM attributes the scale was read from. ``facing`` and
    ``patient_right`` are None where the header does not say. ``inverted`` says that low values are
    to be shown bright (MONOCHROME1). ``presentation_table`` maps the whole range of the window's
    output to brightness in 16 bits. ``frame`` is the chosen frame of a file that holds several,
    counted from 1.
    """

    scale: Scale = field(default_factory=Scale)
    spacing_tags: tuple[str, ...] = ()
    facing: ImageSide | None = None
    patient_right: ImageSide | None = None
    acquisition: Acquisition = field(default_factory=Acquisition)
    subject: Subject = field(default_factory=Subject)
    inverted: bool = False
    windows: tuple[GreyWindow, ...] = ()
    voi_table: NDArray[np.generic] | None = None
    voi_table_first: float = 0.0
    presentation_table: NDArray[np.generic] | None = None
    modality: str | None = None
    transfer_syntax: str | None = None
    photometric: str | None = None
    frame: int | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmHeader(FilmAttributes):
    """A film without its pixels."""

    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Radiograph(FilmAttributes):
    """A decoded film. ``pixels`` holds modality values (rows, columns), read-only.

    ``valid`` masks padding and shutters out of the display statistics. ``seams`` are the rows
    where `balance.seams.find_seams` found the parts of a stitched film to meet; opening a film
    does not search for them.
    """

    pixels: NDArray[np.generic]
    valid: NDArray[np.bool_] | None = None
    decoder: str | None = None
    seams: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.pixels, self.voi_table, self.presentation_table, self.valid):
            if array is not None:
                array.setflags(write=False)

    @property
    def rows(self) -> int:
        """Number of image rows."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Number of image columns."""
        return int(self.pixels.shape[1])
