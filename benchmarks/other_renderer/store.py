"""Films on disk: PNG of 16 bits, or a plain DICOM object."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from benchmarks.other_renderer.beam import Beam
from benchmarks.other_renderer.posture import Array


def store_png(path: Path, grey: Array) -> str:
    """Write a PNG; it tells nothing but the grey."""
    cv2.imwrite(str(path), np.round(grey * 65535.0).astype(np.uint16))
    return path.name


def store_dicom(path: Path, grey: Array, beam: Beam, bits: int, dark_bone: bool) -> str:
    """Write a DX object with its calibrated spacing, bone bright or dark."""
    top = 2**bits - 1
    stored = np.round(grey * top).astype("<u2")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path.stem])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    film.SOPClassUID = meta.MediaStorageSOPClassUID
    film.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    film.StudyInstanceUID = generate_uid(entropy_srcs=[path.stem, "study"])
    film.SeriesInstanceUID = generate_uid(entropy_srcs=[path.stem, "series"])
    film.PatientName, film.PatientID = "RENDERED^OTHER", path.stem
    film.Modality, film.BodyPartExamined = "DX", "SPINE"
    film.Rows, film.Columns = stored.shape
    film.SamplesPerPixel, film.BitsAllocated = 1, 16
    film.BitsStored, film.HighBit, film.PixelRepresentation = bits, bits - 1, 0
    film.PhotometricInterpretation = "MONOCHROME1" if dark_bone else "MONOCHROME2"
    film.PresentationLUTShape = "INVERSE" if dark_bone else "IDENTITY"
    film.PixelSpacing = [f"{beam.pixel:.4f}"] * 2
    film.PixelSpacingCalibrationType = "FIDUCIAL"
    film.WindowCenter, film.WindowWidth = str(top // 2), str(top)
    film.PixelData = (top - stored if dark_bone else stored).tobytes()
    film["PixelData"].VR = "OW"
    film.save_as(path, enforce_file_format=True)
    return path.name
