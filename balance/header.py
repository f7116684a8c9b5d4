"""What a film says about itself before a pixel is decoded: scale, sides, subject, grey levels.

Every attribute goes through a reader that answers None for what is absent or broken, and free
text of the header is never repeated: it may hold a name.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from balance.attributes import code, items, number, numbers, text, texts, value_of
from balance.calibration import SpacingTags, calibrate
from balance.greytables import PALETTE, presentation_table, shape_doubts, voi_table, windows
from balance.radiograph import (
    Acquisition,
    FilmAttributes,
    FilmHeader,
    ImageSide,
    Radiograph,
    Subject,
)

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
    PALETTE,
)

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
_STITCHED_TYPES = ("STITCHED", "STITCHING", "STITCH")
_STITCHED_CODES = ("113090",)
"""DCM, image stitching (CID 7203, image derivation)."""
_STITCHED_WORDS = r"(?<![a-z])stitch(?:ed|ing)?(?![a-z])"
_DENIED = r"(?<!non)(?<!non[ _-])(?<!not[ _-])"
_AGE = re.compile(r"(\d{3})([DWMY])")
_UID = re.compile(r"[0-9.]{1,64}")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}


def with_pixels(
    header: FilmHeader,
    pixels: NDArray[np.generic],
    *,
    decoder: str,
    valid: NDArray[np.bool_] | None = None,
    warnings: tuple[str, ...] = (),
) -> Radiograph:
    """The film of a header and its decoded pixels; further warnings follow those of the header."""
    attributes = {one.name: getattr(header, one.name) for one in fields(FilmAttributes)}
    film = Radiograph(pixels, valid, decoder, **attributes)
    return replace(film, warnings=(*header.warnings, *warnings))


def header_of(
    dataset: Dataset,
    *,
    rows: int,
    columns: int,
    transfer_syntax: str,
    frame: int | None = None,
) -> FilmHeader:
    """The header of a DICOM dataset whose size has been checked."""
    calibration = calibrate(spacing_tags(dataset))
    facing, patient_right, side_doubts = _sides(dataset)
    window_list, window_doubts = windows(dataset)
    position, position_doubts = _position(dataset)
    photometric = code(dataset, "PhotometricInterpretation", PHOTOMETRIC)
    voi = voi_table(dataset)
    presentation, table_doubts = presentation_table(dataset, photometric)
    return FilmHeader(
        rows=rows,
        columns=columns,
        scale=calibration.scale,
        spacing_tags=calibration.tags,
        facing=facing,
        patient_right=patient_right,
        acquisition=Acquisition(position=position, system=_system(dataset)),
        subject=Subject(_age(dataset), code(dataset, "PatientSex", ("F", "M", "O"))),
        inverted=photometric == "MONOCHROME1",
        windows=window_list,
        voi_table=None if voi is None else voi.values,
        voi_table_first=0.0 if voi is None else float(voi.first),
        presentation_table=presentation,
        modality=code(dataset, "Modality", MODALITIES),
        transfer_syntax=transfer_syntax,
        photometric=photometric,
        frame=frame,
        sop_instance_uid=_uid(dataset, "SOPInstanceUID"),
        study_instance_uid=_uid(dataset, "StudyInstanceUID"),
        warnings=(
            *calibration.warnings,
            *side_doubts,
            *position_doubts,
            *window_doubts,
            *shape_doubts(dataset, photometric),
            *table_doubts,
        ),
    )


def spacing_tags(dataset: Dataset) -> SpacingTags:
    """The attributes of a dataset that speak of scale."""
    return SpacingTags(
        pixel_spacing=numbers(dataset, "PixelSpacing"),
        imager_pixel_spacing=numbers(dataset, "ImagerPixelSpacing"),
        nominal_scanned_pixel_spacing=numbers(dataset, "NominalScannedPixelSpacing"),
        calibration_type=text(dataset, "PixelSpacingCalibrationType").upper() or None,
        magnification_factor=number(dataset, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector=number(dataset, "DistanceSourceToDetector"),
        source_to_patient=number(dataset, "DistanceSourceToPatient"),
        pixel_aspect_ratio=numbers(dataset, "PixelAspectRatio"),
    )


def _uid(dataset: Dataset, keyword: str) -> str | None:
    value = text(dataset, keyword)
    return value if _UID.fullmatch(value) else None


def _age(dataset: Dataset) -> float | None:
    found = _AGE.fullmatch(text(dataset, "PatientAge"))
    return int(found[1]) * _YEARS[found[2]] if found else None


def _sides(dataset: Dataset) -> tuple[ImageSide | None, ImageSide | None, tuple[str, ...]]:
    """Facing and patient_right from PatientOrientation, which describes the stored pixels."""
    value = value_of(dataset, "PatientOrientation")
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
    names = (text(dataset, "SeriesDescription"), text(dataset, "ProtocolName"))
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
    given = items(dataset, "PatientOrientationCodeSequence")
    nested = [
        one for item in given for one in items(item, "PatientOrientationModifierCodeSequence")
    ]
    return tuple(text(item, "CodeValue") for item in (*given, *nested))


def _system(dataset: Dataset) -> str:
    """``stitched`` where the header says so in words or code; nothing else is concluded."""
    kinds = {one.upper() for one in texts(dataset, "ImageType")}
    codes = {text(item, "CodeValue") for item in items(dataset, "DerivationCodeSequence")}
    written = text(dataset, "DerivationDescription").lower()
    said = kinds & {*_STITCHED_TYPES} or codes & {*_STITCHED_CODES}
    return "stitched" if said or re.search(rf"{_DENIED}{_STITCHED_WORDS}", written) else "unknown"
