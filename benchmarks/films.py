"""Large DICOM films for timing, written without the code that is timed."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

BITS = 12


def _rle(pixels: np.ndarray) -> bytes:
    """Two byte planes, the more significant first, each row packed by itself."""
    planes = [
        b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in plane)
        for plane in ((pixels >> 8).astype(np.uint8), (pixels & 255).astype(np.uint8))
    ]
    planes = [plane + b"\0" * (len(plane) % 2) for plane in planes]
    offsets = (2, 64, 64 + len(planes[0]), *([0] * 13))
    return struct.pack("<16L", *offsets) + b"".join(planes)


ENCODINGS: dict[str, tuple[UID, Callable[[np.ndarray], bytes] | None]] = {
    "native": (ExplicitVRLittleEndian, None),
    "RLE": (RLELossless, _rle),
    "JPEG lossless": (
        JPEGLosslessSV1,
        lambda pixels: imagecodecs.ljpeg_encode(pixels, bitspersample=BITS),
    ),
    "JPEG-LS": (JPEGLSLossless, lambda pixels: imagecodecs.jpegls_encode(pixels)),
    "JPEG 2000": (
        JPEG2000Lossless,
        lambda pixels: imagecodecs.jpeg2k_encode(
            pixels, codecformat="j2k", reversible=True, level=0, bitspersample=BITS
        ),
    ),
}


def write_film(path: Path, pixels: np.ndarray, encoding: str) -> None:
    """Write a CR film of 12 bits in 16, in one of :data:`ENCODINGS`."""
    syntax, encode = ENCODINGS[encoding]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[encoding])
    meta.TransferSyntaxUID = syntax
    film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    film.SOPClassUID = ComputedRadiographyImageStorage
    film.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    film.Modality = "CR"
    film.Rows, film.Columns = pixels.shape
    film.SamplesPerPixel = 1
    film.PhotometricInterpretation = "MONOCHROME2"
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, BITS, BITS - 1
    film.PixelRepresentation = 0
    if encode is None:
        film.PixelData = pixels.tobytes()
    else:
        film.PixelData = encapsulate([encode(pixels)])
        film["PixelData"].VR = "OB"
    film.save_as(path, enforce_file_format=True)
