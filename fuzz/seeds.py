"""One small sound film of every encoding, and where in it a mutation may hurt most."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO

import cv2
import imagecodecs
import numpy as np
import tifffile
from film_writer import (
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    J2K,
    J2K_LOSSY,
    JLS,
    JLS_NEAR,
    JPEG_8,
    JPEG_12,
    JPEG_SV1,
    LOSSLESS,
    RLE,
    dataset_of,
    film_bytes,
    lossless_film,
    lut,
    ramp,
    rle,
    smooth,
)
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

ROWS, COLUMNS = 64, 80
_LONG = ("OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UN", "UR", "UT")


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound film; the spans are of its elements (start, value, end), pixel data last."""

    name: str
    content: bytes
    elements: tuple[tuple[int, int, int], ...] = ()
    frame: int | None = None
    wrap: Callable[[bytes], bytes] | None = field(default=None)
    """Makes the file of the (mutated) content, where that is not the file itself."""


@lru_cache
def seeds() -> dict[str, Seed]:
    """Every seed by name."""
    films = {**dict(_dicom()), **dict(_rasters())}
    found = {name: Seed(name, content, _elements(content)) for name, content in films.items()}
    found["several frames"] = Seed(
        "several frames", *_with_elements(_several_frames("explicit")), frame=2
    )
    found["several frames, rle"] = Seed(
        "several frames, rle", *_with_elements(_several_frames("rle")), frame=3
    )
    # mutated before it is deflated, because hardly a mutant of the deflated stream gets further
    plain = found["many tables"].content
    found["inside deflated"] = Seed("inside deflated", *_with_elements(plain), wrap=_deflated)
    # libpng looks no further than a checksum that does not fit
    grey = imagecodecs.png_encode(ramp(16, ROWS, COLUMNS))
    found["png, checksums mended"] = Seed("png, checksums mended", grey, wrap=_mended)
    return found


def _dicom() -> Iterator[tuple[str, bytes]]:
    for name in LOSSLESS:
        yield f"{name}, 12 bit", lossless_film(name, ramp(12, ROWS, COLUMNS), bits=12)
        yield f"{name}, 8 bit", lossless_film(name, ramp(8, ROWS, COLUMNS), bits=8)
    for bits, syntax in ((8, JPEG_8), (12, JPEG_12)):
        grey = smooth(bits, ROWS, COLUMNS)
        data = imagecodecs.jpeg8_encode(grey, level=90, bitspersample=bits)
        yield f"jpeg lossy, {bits} bit", film_bytes(dataset_of(grey, bits=bits), data, syntax)
    grey = smooth(12, ROWS, COLUMNS)
    near = imagecodecs.jpegls_encode(grey, level=3)
    yield "jpeg-ls near", film_bytes(dataset_of(grey, bits=12), near, JLS_NEAR)
    lossy = imagecodecs.jpeg2k_encode(grey, level=40, codecformat="j2k", bitspersample=12)
    yield "jpeg 2000 lossy", film_bytes(dataset_of(grey, bits=12), lossy, J2K_LOSSY)
    yield from _colours()
    yield "many tables", film_bytes(_rich_dataset(), ramp(12, ROWS, COLUMNS).tobytes(), EXPLICIT)
    rich = film_bytes(_rich_dataset(), ramp(12, ROWS, COLUMNS).tobytes(), IMPLICIT)
    yield "many tables, no preamble", rich[132:]


def _colours() -> Iterator[tuple[str, bytes]]:
    colour = np.dstack([smooth(8, ROWS, COLUMNS)] * 3)
    yield "rgb", film_bytes(dataset_of(colour), colour.tobytes())
    ybr = dataset_of(colour, PhotometricInterpretation="YBR_FULL_422")
    jpeg = imagecodecs.jpeg8_encode(colour, level=90, subsampling="422")
    yield "jpeg colour", film_bytes(ybr, jpeg, JPEG_8)
    yield "rle colour", film_bytes(dataset_of(colour), rle(colour, 8), RLE)
    for name, syntax, data in (
        ("jpeg 2000 colour", J2K, imagecodecs.jpeg2k_encode(colour, codecformat="j2k")),
        ("jpeg-ls colour", JLS, imagecodecs.jpegls_encode(colour)),
        ("jpeg lossless colour", JPEG_SV1, imagecodecs.jpeg8_encode(colour, lossless=True)),
    ):
        yield name, film_bytes(dataset_of(colour), data, syntax)
    palette = dataset_of(ramp(8, ROWS, COLUMNS), PhotometricInterpretation="PALETTE COLOR")
    for at in range(3):
        palette.add_new(0x00281101 + at, "US", [256, 0, 8])
        palette.add_new(0x00281201 + at, "OW", bytes(range(256)))
    yield "palette", film_bytes(palette, ramp(8, ROWS, COLUMNS).tobytes())


def _rich_dataset() -> Dataset:
    """A header with all that is read of one."""
    dataset = dataset_of(
        ramp(12, ROWS, COLUMNS),
        bits=12,
        PatientName="Zzyzx^Quimby",
        PatientAge="063Y",
        PatientOrientation=["A", "F"],
        SeriesDescription="spine standing",
        ImageType=["DERIVED", "PRIMARY", "STITCHED"],
        PixelSpacing=[0.14, 0.14],
        ImagerPixelSpacing=[0.15, 0.15],
        DistanceSourceToDetector=1800,
        DistanceSourceToPatient=1600,
        WindowCenter=[2000, 100],
        WindowWidth=[4000, 50],
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterUpperHorizontalEdge=2,
        ShutterLowerHorizontalEdge=60,
        ShutterLeftVerticalEdge=2,
        ShutterRightVerticalEdge=70,
        CenterOfCircularShutter=[32, 40],
        RadiusOfCircularShutter=40,
        VerticesOfThePolygonalShutter=[1, 1, 1, 80, 64, 80, 64, 1],
        ModalityLUTSequence=[lut([5, 6, 7, 900], 10, 16)],
        VOILUTSequence=[lut([0, 100, 1023], 5, 10)],
        PresentationLUTSequence=[lut([0, 100, 255], 0, 8)],
    )
    dataset.add_new(0x00280120, "US", 3000)
    return dataset


def _several_frames(name: str) -> bytes:
    frames = np.stack([ramp(12, ROWS, COLUMNS)] * 3)
    syntax, encode = LOSSLESS[name]
    dataset = dataset_of(frames[0], bits=12, NumberOfFrames=3)
    if name == "explicit":
        return film_bytes(dataset, frames.tobytes(), syntax)
    return film_bytes(dataset, [encode(frame, 12) for frame in frames], syntax)


def _rasters() -> Iterator[tuple[str, bytes]]:
    for bits in (8, 16):
        grey = ramp(bits, ROWS, COLUMNS)
        yield f"png, {bits} bit", imagecodecs.png_encode(grey)
        for compression in (None, "lzw", "zlib", "packbits"):
            yield f"tiff {compression}, {bits} bit", _tiff(grey, compression=compression)
    colour = np.dstack([smooth(8, ROWS, COLUMNS)] * 4)
    yield "png, colour and alpha", imagecodecs.png_encode(colour)
    yield "tiff, colour", _tiff(colour[..., :3], photometric="rgb")
    yield "tiff, tiles and pages", _tiff(np.stack([ramp(8, ROWS, COLUMNS)] * 3), tile=(16, 16))
    grey = smooth(8, ROWS, COLUMNS)
    yield "jpeg file", cv2.imencode(".jpg", grey)[1].tobytes()
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    yield "jpeg file, progressive", cv2.imencode(".jpg", grey, progressive)[1].tobytes()
    yield "jpeg file, colour", cv2.imencode(".jpg", colour[..., :3])[1].tobytes()


def _tiff(pixels: np.ndarray, **options: object) -> bytes:
    stream = BytesIO()
    tifffile.imwrite(stream, pixels, **({"photometric": "minisblack"} | options))
    return stream.getvalue()


def _deflated(plain: bytes) -> bytes:
    """An explicit little endian film (its meta header as it is) as a deflated one."""
    content = film_bytes(dataset_of(ramp(8, 4, 4)), bytes(16), DEFLATED)
    uid = content.index(DEFLATED.encode()) + len(DEFLATED)
    start = plain.find(b"\x08\x00\x08\x00")
    squeeze = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(plain[max(start, 0) :]) + squeeze.flush()
    # up to the first element behind the meta header, whose end the group length tells
    length = int.from_bytes(content[140:144], "little")
    assert 144 + length >= uid
    return content[: 144 + length] + body


def _mended(content: bytes) -> bytes:
    """A PNG file with the right checksum behind each chunk."""
    mended, at = bytearray(content), 8
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if end + 4 > len(content):
            break
        mended[end : end + 4] = zlib.crc32(content[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(mended)


def _with_elements(content: bytes) -> tuple[bytes, tuple[tuple[int, int, int], ...]]:
    return content, _elements(content)


def _elements(content: bytes) -> tuple[tuple[int, int, int], ...]:
    """Spans of the top-level elements as pydicom sees them; none in a raster file."""
    if content[128:132] != b"DICM":
        return ()
    dataset = dcmread(BytesIO(content))
    found = [dataset.get_item(tag) for tag in dataset.keys()]  # noqa: SIM118
    tells = sorted((one.value_tell, _head(one)) for one in found if one is not None)
    begins = [tell - head for tell, head in tells]
    ends = [*begins[1:], len(content)]
    return tuple(
        (begin, tell, end) for begin, (tell, _), end in zip(begins, tells, ends, strict=True)
    )


def _head(element: RawDataElement) -> int:
    """Bytes of an element before its value."""
    return 12 if element.VR in _LONG else 8
