"""What a film says about itself before a pixel is decoded: scale, sides, subject, grey levels.

Every attribute goes through a reader that answers None for what is absent or broken, and free
text of the header is never repeated: it may hold a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from balance.calibration import SpacingTags, calibrate
from balance.greylevels import Table, read_table
from balance.radiograph import Acquisition, GreyWindow, ImageSide, Radiograph, Scale, Subject

MODALITIES = ("CR", "DX", "RG", "OT", "SC", "XC", "RF", "XA", "MG", "PX", "IO", "CT", "MR")
"""Modality values that are passed on; any other text counts as not given."""

PHOTOMETRIC = (
    "MONOCHROME1",
    "MONOCHROME2",
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_ICT",
    "YBR_RCT",
)
WINDOW_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")

_FACING: dict[str, ImageSide] = {"A": "right", "P": "left"}
_PATIENT_RIGHT: dict[str, ImageSide] = {"L": "left", "R": "right"}

_POSITION_CODES = {
    "10904000": "standing",
    "F-10320": "standing",
    "33586001": "sitting",
    "F-103A0": "sitting",
    "40199007": "supine",
    "F-10340": "supine",
    "1240000": "prone",
    "F-10310": "prone",
}
"""CID 20, SNOMED CT and the retired SRT codes. Erect (CID 19) may be sitting and is left out."""

_POSITION_WORDS = {
    "standing": r"standing",
    "sitting": r"sitting|seated",
    "supine": r"supine",
    "prone": r"prone",
    "flexion": r"flexion",
    "extension": r"extension",
    "bending_left": r"(?:left[ _-]bending|bending[ _-]left)",
    "bending_right": r"(?:right[ _-]bending|bending[ _-]right)",
    "traction": r"traction",
}
_DENIED = r"(?<!non)(?<!non[ _-])(?<!not[ _-])"
_AGE = re.compile(r"(\d{3})([DWMY])")
_UID = re.compile(r"[0-9.]{1,64}")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}

# what pydicom raises for values that do not fit their representation
_BROKEN = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, ArithmeticError)
_UNREADABLE = "?"


@dataclass(frozen=True, slots=True)
class FilmHeader:
    """A film without its pixels; the fields mean what they mean in `Radiograph`."""

    rows: int
    columns: int
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
    modality: str | None = None
    transfer_syntax: str | None = None
    photometric: str | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    warnings: tuple[str, ...] = ()


def with_pixels(
    header: FilmHeader,
    pixels: NDArray[np.generic],
    *,
    decoder: str,
    valid: NDArray[np.bool_] | None = None,
    warnings: tuple[str, ...] = (),
) -> Radiograph:
    """The film of a header and its decoded pixels; further warnings follow those of the header."""
    shared = {
        one.name: getattr(header, one.name)
        for one in fields(header)
        if one.name not in ("rows", "columns", "warnings")
    }
    return Radiograph(
        pixels=pixels,
        decoder=decoder,
        valid=valid,
        warnings=(*header.warnings, *warnings),
        **shared,
    )


def header_of(dataset: Dataset, *, rows: int, columns: int, transfer_syntax: str) -> FilmHeader:
    """The header of a DICOM dataset whose size has been checked."""
    calibration = calibrate(spacing_tags(dataset))
    facing, patient_right, side_doubts = _sides(dataset)
    windows, window_doubts = _windows(dataset)
    position, position_doubts = _position(dataset)
    photometric = code(dataset, "PhotometricInterpretation", PHOTOMETRIC)
    voi = _voi_table(dataset)
    return FilmHeader(
        rows=rows,
        columns=columns,
        scale=calibration.scale,
        spacing_tags=calibration.tags,
        facing=facing,
        patient_right=patient_right,
        acquisition=Acquisition(position=position),
        subject=Subject(_age(dataset), code(dataset, "PatientSex", ("F", "M", "O"))),
        inverted=photometric == "MONOCHROME1",
        windows=windows,
        voi_table=None if voi is None else voi.values,
        voi_table_first=0.0 if voi is None else float(voi.first),
        modality=code(dataset, "Modality", MODALITIES),
        transfer_syntax=transfer_syntax,
        photometric=photometric,
        sop_instance_uid=_uid(dataset, "SOPInstanceUID"),
        study_instance_uid=_uid(dataset, "StudyInstanceUID"),
        warnings=(
            *calibration.warnings,
            *side_doubts,
            *position_doubts,
            *window_doubts,
            *_shape_doubts(dataset, photometric),
        ),
    )


def spacing_tags(dataset: Dataset) -> SpacingTags:
    """The attributes of a dataset that speak of scale."""
    return SpacingTags(
        pixel_spacing=numbers(dataset, "PixelSpacing"),
        imager_pixel_spacing=numbers(dataset, "ImagerPixelSpacing"),
        nominal_scanned_pixel_spacing=numbers(dataset, "NominalScannedPixelSpacing"),
        calibration_type=_text(dataset, "PixelSpacingCalibrationType").upper() or None,
        magnification_factor=_number(dataset, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector=_number(dataset, "DistanceSourceToDetector"),
        source_to_patient=_number(dataset, "DistanceSourceToPatient"),
        pixel_aspect_ratio=numbers(dataset, "PixelAspectRatio"),
    )


def _value(dataset: Dataset, keyword: str) -> Any:
    """The value of an attribute; a placeholder that fits nothing where it cannot be read."""
    try:
        return dataset.get(keyword)
    except _BROKEN:
        return _UNREADABLE


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...] | None:
    """All values of a numeric attribute, NaN for what is no number; None where absent or empty."""
    value = _value(dataset, keyword)
    if value is None or (not isinstance(value, (int, float)) and len(value) == 0):
        return None
    several = value if isinstance(value, (list, tuple)) or _is_multiple(value) else (value,)
    return tuple(_float(one) for one in several)


def _is_multiple(value: object) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, bytes))


def _float(value: Any) -> float:
    try:
        return float(value)
    except _BROKEN:
        return nan


def _number(dataset: Dataset, keyword: str) -> float | None:
    values = numbers(dataset, keyword)
    if values is None:
        return None
    return values[0] if len(values) == 1 else nan


def integer(dataset: Dataset, keyword: str) -> int | None:
    """A whole-number attribute; None where absent, broken or repeated."""
    value = _number(dataset, keyword)
    return int(value) if value is not None and isfinite(value) and value == int(value) else None


def _text(dataset: Dataset, keyword: str) -> str:
    value = _value(dataset, keyword)
    return value.strip() if isinstance(value, str) else ""


def code(dataset: Dataset, keyword: str, allowed: tuple[str, ...]) -> str | None:
    """A code string, only if it is one of those allowed."""
    value = _text(dataset, keyword).upper()
    return value if value in allowed else None


def _uid(dataset: Dataset, keyword: str) -> str | None:
    value = _text(dataset, keyword)
    return value if _UID.fullmatch(value) else None


def _age(dataset: Dataset) -> float | None:
    found = _AGE.fullmatch(_text(dataset, "PatientAge"))
    return int(found[1]) * _YEARS[found[2]] if found else None


def _sides(dataset: Dataset) -> tuple[ImageSide | None, ImageSide | None, tuple[str, ...]]:
    """Facing and patient_right from PatientOrientation, which describes the stored pixels."""
    value = _value(dataset, "PatientOrientation")
    if value is None or len(value) == 0:
        return None, None, ()
    along = [str(one).strip().upper() for one in value] if not isinstance(value, str) else []
    if len(along) == 2 and not any(along):
        return None, None, ()
    # the column axis may lean a little (FA, FP); a row axis of two letters is an oblique view
    if len(along) != 2 or not along[1].startswith("F") or along[0] not in {*"APLR"}:
        return None, None, ("PatientOrientation is rotated, oblique or broken: sides not taken",)
    facing, patient_right = _FACING.get(along[0]), _PATIENT_RIGHT.get(along[0])
    lateral = code(dataset, "ViewPosition", ("LL", "RL", "LLD", "RLD", "AP", "PA"))
    if lateral is not None and (lateral in ("AP", "PA")) == (facing is not None):
        text = "ViewPosition and PatientOrientation disagree on the view: check the sides"
        return facing, patient_right, (text,)
    return facing, patient_right, ()


def _position(dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """The patient's position where codes or the name of the protocol state exactly one."""
    coded = {_POSITION_CODES[value] for value in _codes(dataset) if value in _POSITION_CODES}
    names = (_text(dataset, "SeriesDescription"), _text(dataset, "ProtocolName"))
    written = " ".join(names).lower()
    found = coded or {
        position
        for position, words in _POSITION_WORDS.items()
        if re.search(rf"{_DENIED}(?<![a-z])(?:{words})(?![a-z])", written)
    }
    if len(found) > 1:
        return "unknown", ("the header names more than one patient position: none taken",)
    return (found.pop() if found else "unknown"), ()


def _codes(dataset: Dataset) -> tuple[str, ...]:
    """Code values of the orientation and its modifiers."""
    items = _items(dataset, "PatientOrientationCodeSequence")
    nested = [
        one for item in items for one in _items(item, "PatientOrientationModifierCodeSequence")
    ]
    return tuple(_text(item, "CodeValue") for item in (*items, *nested))


def _items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    value = _value(dataset, keyword)
    return tuple(value) if isinstance(value, Sequence) else ()


def _windows(dataset: Dataset) -> tuple[tuple[GreyWindow, ...], tuple[str, ...]]:
    centres, widths = numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth")
    if centres is None or widths is None:
        return (), ()
    function = _text(dataset, "VOILUTFunction").upper() or "LINEAR"
    doubts: tuple[str, ...] = ()
    if function not in WINDOW_FUNCTIONS:
        function, doubts = "LINEAR", ("VOILUTFunction is not known: LINEAR is used for display",)
    usable = tuple(
        GreyWindow(centre, width, function)
        for centre, width in zip(centres, widths, strict=False)
        if isfinite(centre) and isfinite(width) and width > 0
    )
    if len(usable) < max(len(centres), len(widths)):
        doubts = (*doubts, "a display window without a positive width is ignored")
    return usable, doubts


def _voi_table(dataset: Dataset) -> Table | None:
    """The first VOI LUT, stretched to 16 bits so that its own depth need not be kept."""
    table = _first_table(dataset, "VOILUTSequence")
    if table is None:
        return None
    full = (1 << table.bits) - 1
    values = np.minimum(table.values.astype(np.uint32), full) * 65535 // full
    first = table.first
    if first >= 1 << 15 and _modality_may_be_negative(dataset):
        first -= 1 << 16
    return Table(values.astype(np.uint16), first, 16)


def _first_table(dataset: Dataset, keyword: str) -> Table | None:
    for item in _items(dataset, keyword)[:1]:
        little = item.original_encoding[1] is not False
        descriptor, data = _value(item, "LUTDescriptor"), _value(item, "LUTData")
        return read_table(descriptor, data, little_endian=little)
    return None


def _modality_may_be_negative(dataset: Dataset) -> bool:
    intercept = _number(dataset, "RescaleIntercept") or 0.0
    return integer(dataset, "PixelRepresentation") == 1 or intercept < 0


def modality_table(dataset: Dataset) -> Table | None:
    """The Modality LUT of a dataset, None where there is none or it is unusable."""
    table = _first_table(dataset, "ModalityLUTSequence")
    if (
        table is not None
        and table.first >= 1 << 15
        and integer(dataset, "PixelRepresentation") == 1
    ):
        return Table(table.values, table.first - (1 << 16), table.bits)
    return table


def _shape_doubts(dataset: Dataset, photometric: str | None) -> tuple[str, ...]:
    shape = code(dataset, "PresentationLUTShape", ("IDENTITY", "INVERSE"))
    fitting = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}
    if shape is None or photometric not in fitting or fitting[photometric] == shape:
        return ()
    return ("PresentationLUTShape contradicts PhotometricInterpretation: the latter is followed",)
