"""Grey numbers as a valid DICOM film of a fictitious patient; the same seed, the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from balance.phantom.exposure import Calibration, Exposure
from balance.radiograph import View

Pixels = NDArray[np.uint16]

IMPLEMENTATION_UID = "2.25.190021893671234567012345678901234567"
FICTITIOUS_NAME = "PHANTOM^SPINE"
WINDOW_SHARE = 0.94


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to store the pixels: name, transfer syntax, compressor (None for native)."""

    name: str
    syntax: UID
    compress: Callable[[Pixels, int], bytes] | None = None


def _rle(pixels: Pixels, bits: int) -> bytes:
    return get_encoder(RLELossless).encode(
        pixels, encoding_plugin="pydicom", **_layout(pixels, bits)
    )


def _layout(pixels: Pixels, bits: int) -> dict[str, Any]:
    return {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "samples_per_pixel": 1,
        "bits_allocated": 16,
        "bits_stored": bits,
        "pixel_representation": 0,
        "number_of_frames": 1,
        "photometric_interpretation": "MONOCHROME2",
    }


def _jpeg_lossless(pixels: Pixels, bits: int) -> bytes:
    # Predictor 1 is what the transfer syntax (selection value 1) promises; ljpeg_encode uses 6.
    return bytes(imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=bits))


def _jpeg_ls(pixels: Pixels, bits: int) -> bytes:
    return get_encoder(JPEGLSLossless).encode(
        pixels, encoding_plugin="pyjpegls", **_layout(pixels, bits)
    )


def _jpeg_2000(pixels: Pixels, bits: int) -> bytes:
    return get_encoder(JPEG2000Lossless).encode(
        pixels, encoding_plugin="pylibjpeg", **_layout(pixels, bits)
    )


ENCODINGS: tuple[Encoding, ...] = (
    Encoding("explicit", ExplicitVRLittleEndian),
    Encoding("implicit", ImplicitVRLittleEndian),
    Encoding("rle", RLELossless, _rle),
    Encoding("jpeg_lossless", JPEGLosslessSV1, _jpeg_lossless),
    Encoding("jpeg_ls", JPEGLSLossless, _jpeg_ls),
    Encoding("jpeg_2000", JPEG2000Lossless, _jpeg_2000),
)
"""Every lossless form that whole-spine films arrive in."""

ENCODING: Mapping[str, Encoding] = {row.name: row for row in ENCODINGS}


@dataclass(frozen=True, slots=True)
class Header:
    """What a film says about itself and its fictitious patient.

    ``person`` and ``case`` are words from which the UIDs grow: films of one case share a study.
    """

    view: View
    person: str
    case: str
    film: str
    seed: int = 0
    age_years: int = 50
    sex: str = "F"
    acquired: str = "2001-01-01"
    modality: str = "DX"
    encoding: str = "explicit"
    inverted: bool = False
    bits: int = 12


def film_dataset(
    pixels: Pixels, exposure: Exposure, header: Header, *, scale: Calibration
) -> FileDataset:
    """A complete DICOM object of a rendered film.

    Parameters
    ----------
    pixels
        Bone bright, from 0 to 2**bits - 1.
    exposure, scale
        True pixel size and side; what the header tells of the scale.
    header
        Everything else.

    Returns
    -------
    pydicom.dataset.FileDataset
        Ready to be saved; the same arguments give the same bytes.

    Raises
    ------
    ValueError
        For an encoding, a modality or a scale that films do not have.
    """
    if header.encoding not in ENCODING:
        raise ValueError(f"{header.encoding!r}: choose one of {', '.join(ENCODING)}")
    if header.modality not in ("DX", "CR"):
        raise ValueError(f"{header.modality!r}: a film is DX or CR")
    film = FileDataset("", {}, file_meta=_meta(header), preamble=b"\0" * 128)
    film.update(_identity(header))
    film.update(_series(header, exposure))
    film.update(_spacing(exposure, scale))
    _add_pixels(film, pixels, header)
    return film


def write_film(path: Path, film: FileDataset) -> None:
    """Save a film; nothing in the file depends on when or where it is written."""
    film.save_as(path, enforce_file_format=True)


def uid_of(*words: str) -> UID:
    """A UID that grows from words, always the same."""
    digest = hashlib.sha256("|".join(("spinal-balance phantom", *words)).encode()).digest()
    # The root 2.25 stands for a UUID: 128 bits and no more.
    return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")


def _meta(header: Header) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = _sop_class(header)
    meta.MediaStorageSOPInstanceUID = sop_instance_uid(header)
    meta.TransferSyntaxUID = ENCODING[header.encoding].syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "SPINALBALANCE"
    return meta


def _sop_class(header: Header) -> UID:
    computed = header.modality == "CR"
    return ComputedRadiographyImageStorage if computed else DigitalXRayImageStorageForPresentation


def sop_instance_uid(header: Header) -> UID:
    """The film's own UID."""
    return uid_of("film", header.case, header.film, str(header.seed))


def study_instance_uid(header: Header) -> UID:
    """The UID that all films of a case share."""
    return uid_of("study", header.case)


def _identity(header: Header) -> Dataset:
    day = header.acquired.replace("-", "")
    part = Dataset()
    part.SpecificCharacterSet = "ISO_IR 100"
    part.SOPClassUID = _sop_class(header)
    part.SOPInstanceUID = sop_instance_uid(header)
    part.StudyInstanceUID = study_instance_uid(header)
    part.StudyDate = part.SeriesDate = part.ContentDate = part.AcquisitionDate = day
    part.StudyTime = part.SeriesTime = part.ContentTime = part.AcquisitionTime = "120000"
    part.PatientName = FICTITIOUS_NAME
    part.PatientID = f"PHANTOM-{header.person}"
    part.PatientBirthDate = ""
    part.PatientSex = header.sex
    part.PatientAge = f"{header.age_years:03d}Y"
    part.PatientIdentityRemoved = "YES"
    part.DeidentificationMethod = "Synthetic image, no patient"
    part.AccessionNumber = part.ReferringPhysicianName = part.StudyID = ""
    part.StudyDescription = "Synthetic whole spine"
    return part


def _series(header: Header, exposure: Exposure) -> Dataset:
    part = Dataset()
    part.Modality = header.modality
    part.SeriesInstanceUID = uid_of("series", header.case, header.view)
    part.SeriesNumber = 1 if header.view == "lateral" else 2
    part.InstanceNumber = 1
    part.ImageType = ["ORIGINAL", "PRIMARY", ""]
    part.Manufacturer = "spinal-balance phantom"
    part.SeriesDescription = f"Whole spine {header.view}, synthetic"
    part.BodyPartExamined = "SPINE"
    part.ViewPosition = "LL" if header.view == "lateral" else "PA"
    part.PatientOrientation = orientation(header, exposure)
    part.BurnedInAnnotation = "NO"
    if header.modality == "DX":
        part.PresentationIntentType = "FOR PRESENTATION"
        part.ImageLaterality = "U"
        part.DetectorType = "DIRECT"
        part.PixelIntensityRelationship = "LOG"
        part.PixelIntensityRelationshipSign = -1 if header.inverted else 1
        part.AcquisitionContextSequence = []
        part.AnatomicRegionSequence = [_code("421060004", "SCT", "Vertebral column")]
        part.LossyImageCompression = "00"
    return part


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def orientation(header: Header, exposure: Exposure) -> list[str]:
    """PatientOrientation of the stored rows and columns: which way they run in the patient."""
    rightwards = exposure.frame.positive_side == "right"
    if header.view == "lateral":
        return ["A" if rightwards else "P", "F"]
    return ["R" if rightwards else "L", "F"]


def _spacing(exposure: Exposure, scale: Calibration) -> Dataset:
    """The attributes of one row of the calibration ladder; true sizes lie in the patient."""
    true = (exposure.row_mm, exposure.column_mm)
    detector = tuple(value * scale.magnification for value in true)
    part = Dataset()
    if scale.state == "none":
        return part
    if scale.state not in SPACING_TAGS:
        raise ValueError(f"no header can tell a scale of the state {scale.state!r}")
    for tag in SPACING_TAGS[scale.state]:
        setattr(part, tag, _decimals(detector if tag == "ImagerPixelSpacing" else true))
    if scale.state in ("dicom_fiducial", "dicom_geometry"):
        part.PixelSpacingCalibrationType = scale.state.removeprefix("dicom_").upper()
        part.PixelSpacingCalibrationDescription = "Constructed: true in the spine's plane"
    if scale.state == "ermf":
        part.EstimatedRadiographicMagnificationFactor = _decimal(scale.magnification)
    return part


SPACING_TAGS: Mapping[str, tuple[str, ...]] = {
    "dicom_fiducial": ("PixelSpacing", "ImagerPixelSpacing"),
    "dicom_geometry": ("PixelSpacing", "ImagerPixelSpacing"),
    "dicom_corrected_unknown": ("PixelSpacing", "ImagerPixelSpacing"),
    "ermf": ("ImagerPixelSpacing",),
    "detector": ("ImagerPixelSpacing",),
    "unknown": ("PixelSpacing",),
}
"""Which spacings a header carries in each state of the calibration ladder."""


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters, as DICOM wants it."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _decimals(values: tuple[float, ...]) -> list[str]:
    return [_decimal(value) for value in values]


def _add_pixels(film: FileDataset, pixels: Pixels, header: Header) -> None:
    top = 2**header.bits - 1
    stored = np.ascontiguousarray(top - pixels if header.inverted else pixels, dtype="<u2")
    film.Rows, film.Columns = stored.shape
    film.SamplesPerPixel = 1
    film.PhotometricInterpretation = "MONOCHROME1" if header.inverted else "MONOCHROME2"
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, header.bits, header.bits - 1
    film.PixelRepresentation = 0
    film.RescaleIntercept, film.RescaleSlope, film.RescaleType = "0", "1", "US"
    film.PresentationLUTShape = "INVERSE" if header.inverted else "IDENTITY"
    film.WindowCenter = str(round(top / 2.0))
    film.WindowWidth = str(round(WINDOW_SHARE * top))
    compress = ENCODING[header.encoding].compress
    if compress is None:
        data = stored.tobytes()
        film.PixelData = data
    else:
        film.PixelData = encapsulate([compress(stored, header.bits)])
    film["PixelData"].VR = "OW" if compress is None else "OB"
    film["PixelData"].is_undefined_length = compress is not None
