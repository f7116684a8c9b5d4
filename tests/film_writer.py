"""Films made at test time: DICOM files around any array, in every encoding, by other encoders."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder

from balance.errors import UnreadableFilm
from balance.film import open_film

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG)
RLE = "1.2.840.10008.1.2.5"
JPEG_8, JPEG_12 = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
JPEG_LL, JPEG_SV1 = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JLS, JLS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K, J2K_LOSSY = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
HTJ2K, HTJ2K_RPCL = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"
HTJ2K_LOSSY = "1.2.840.10008.1.2.4.203"

CR, DX_RAW = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1.1"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

Encoder = Callable[[np.ndarray, int], bytes]


def ramp(bits: int, rows: int = 37, columns: int = 52) -> np.ndarray:
    """Smooth shading with noise over the whole range; rows and columns differ on purpose."""
    y, x = np.mgrid[0:rows, 0:columns]
    shading = (x / columns + y / rows) / 2 * (2**bits - 1)
    noise = np.random.default_rng(bits).normal(0, 2**bits / 60, shading.shape)
    values = np.clip(shading + noise, 0, 2**bits - 1)
    values[0, 0], values[-1, -1] = 0, 2**bits - 1
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def smooth(bits: int, rows: int = 48, columns: int = 64) -> np.ndarray:
    """Waves without noise, for lossy encodings."""
    y, x = np.mgrid[0:rows, 0:columns]
    waves = (np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * (2**bits - 1)
    return waves.astype(np.uint8 if bits <= 8 else np.uint16)


def dataset_of(pixels: np.ndarray, *, bits: int | None = None, **attributes: object) -> Dataset:
    """A computed radiograph around an array; attributes override or (None) remove."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CR, "1.2.3.4"
    dataset.StudyInstanceUID, dataset.Modality = "1.2.3", "CR"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else pixels.shape[2]
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.itemsize
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def film_bytes(dataset: Dataset, data: bytes | Sequence[bytes], syntax: str = EXPLICIT) -> bytes:
    """The file of a dataset and its encoded pixel data (codestreams are encapsulated here)."""
    native = syntax in NATIVE
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID or CR
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    if isinstance(data, bytes):
        dataset.PixelData = data + bytes(len(data) % 2) if native else encapsulate([data])
    else:
        dataset.PixelData = encapsulate(list(data))
    dataset["PixelData"].VR = "OW" if native and dataset.get("BitsAllocated") != 8 else "OB"
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def write(folder: Path, content: bytes, name: str = "film.dcm") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def native(
    folder: Path,
    pixels: np.ndarray,
    *,
    bits: int | None = None,
    data: bytes | None = None,
    **attributes: object,
) -> Path:
    """An uncompressed film; ``data`` replaces the pixels' own bytes (several frames)."""
    dataset = dataset_of(pixels, bits=bits, **attributes)
    return write(folder, film_bytes(dataset, data or np.ascontiguousarray(pixels).tobytes()))


def rle(pixels: np.ndarray, bits: int) -> bytes:
    colour = pixels.ndim == 3
    return RLELosslessEncoder.encode(
        pixels.tobytes(),
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples_per_pixel=3 if colour else 1,
        number_of_frames=1,
        bits_allocated=8 * pixels.itemsize,
        bits_stored=bits,
        pixel_representation=0,
        photometric_interpretation="RGB" if colour else "MONOCHROME2",
        planar_configuration=0,
        encoding_plugin="pydicom",
    )


def jpeg_2000(container: str) -> Encoder:
    return lambda a, bits: imagecodecs.jpeg2k_encode(
        a, codecformat=container, reversible=True, bitspersample=bits
    )


LOSSLESS: dict[str, tuple[str, Encoder]] = {
    "implicit": (IMPLICIT, lambda a, _: a.tobytes()),
    "explicit": (EXPLICIT, lambda a, _: a.tobytes()),
    "deflated": (DEFLATED, lambda a, _: a.tobytes()),
    "big endian": (BIG, lambda a, _: a.astype(a.dtype.newbyteorder(">")).tobytes()),
    "rle": (RLE, rle),
    "jpeg lossless": (JPEG_LL, lambda a, bits: imagecodecs.ljpeg_encode(a, bitspersample=bits)),
    "jpeg lossless sv1": (
        JPEG_SV1,
        lambda a, bits: imagecodecs.jpeg8_encode(a, lossless=True, bitspersample=bits, predictor=1),
    ),
    "jpeg-ls by imagecodecs": (JLS, lambda a, _: imagecodecs.jpegls_encode(a)),
    "jpeg-ls by pyjpegls": (JLS, lambda a, _: bytes(jpeg_ls.encode_array(a))),
    "jpeg-ls near, loss 0": (JLS_NEAR, lambda a, _: imagecodecs.jpegls_encode(a)),
    "jpeg 2000": (J2K, jpeg_2000("j2k")),
    "jpeg 2000 in jp2": (J2K, jpeg_2000("jp2")),
    "jpeg 2000, lossy class": (J2K_LOSSY, jpeg_2000("j2k")),
    "htj2k": (HTJ2K, lambda a, _: imagecodecs.htj2k_encode(a)),
    "htj2k rpcl": (HTJ2K_RPCL, lambda a, _: imagecodecs.htj2k_encode(a)),
    "htj2k, lossy class": (HTJ2K_LOSSY, lambda a, _: imagecodecs.htj2k_encode(a)),
}
"""Name: transfer syntax and an encoder (array, bits) -> bytes that loses nothing."""


def lossless_film(name: str, pixels: np.ndarray, *, bits: int, **attributes: object) -> bytes:
    """A film in one of the `LOSSLESS` encodings."""
    syntax, encode = LOSSLESS[name]
    return film_bytes(dataset_of(pixels, bits=bits, **attributes), encode(pixels, bits), syntax)


def lut(values: list[int], first: int, bits: int, *, as_bytes: bool = False) -> Dataset:
    """An item of a LUT sequence."""
    item = Dataset()
    item.add_new(0x00283002, "US", [len(values), first, bits])
    packed = np.array(values, "<u2").tobytes()
    item.add_new(0x00283006, "OW" if as_bytes else "US", packed if as_bytes else values)
    return item


def sentence(path: Path | str) -> str:
    """The one sentence that a film is refused with, checked for form."""
    with pytest.raises(UnreadableFilm) as caught:
        open_film(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return text


def by_dcmtk(folder: Path, command: list[str], source: Path) -> Path:
    """A film encoded again by a program of dcmtk; the test is skipped where it is absent."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} of dcmtk is not installed")
    target = folder / "encoded.dcm"
    subprocess.run([*command, str(source), str(target)], check=True, capture_output=True)
    return target
