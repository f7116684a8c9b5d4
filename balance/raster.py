"""Films as PNG, JPEG or TIFF: grey values as stored, and no scale whatever the file claims.

The resolution of an image file (PNG pHYs, JFIF and TIFF density) speaks of printing, not of the
patient, and is never read.
"""

from __future__ import annotations

import logging
from io import SEEK_END
from struct import unpack_from
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from balance.decoding import codestream, luminance
from balance.dicom import PIXEL_LIMIT, chosen_frame
from balance.errors import UnreadableFilm
from balance.header import with_pixels
from balance.radiograph import FilmHeader, Radiograph

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_EXIF, _ORIENTATION = b"Exif\0\0", 0x0112
_WHITE_IS_ZERO = 0
_TIFF_PHOTOMETRIC = (0, 1, 2, 6)
_MOST_SAMPLES = 4
_DEPTHS = (np.uint8, np.uint16, np.int16, np.bool_)
_DEPTH = "has a pixel depth that is not read (8 and 16 bits are)"
_COLOUR = "colour image: only its luminance is used"
_TURNED = "the file asks viewers to turn or mirror it: the pixels are used as stored"
_TRUNCATED = "file truncated: the image has no end; fetch the file again"

# tifffile reports damaged tags to a log that would end on the terminal
logging.getLogger("tifffile").addHandler(logging.NullHandler())


_DEFLATE_RATIO = 1032
"""Deflate makes nothing more than this many times smaller."""


def looks_like_raster(start: bytes) -> bool:
    """Whether the first bytes of a file are those of a PNG, a JPEG or a TIFF."""
    return start.startswith((_PNG, _JPEG, *_TIFF))


def read_raster_header(stream: BinaryIO, *, frame: int | None = None) -> FilmHeader:
    """Size of an image film; there is never a scale or a side."""
    start = stream.read(4)
    stream.seek(0)
    if start in _TIFF:
        return _tiff_header(*_tiff_page(stream, frame))
    chosen_frame(1, frame)
    data = stream.read()
    return _png_header(data) if data.startswith(_PNG) else _jpeg_header(data)


def read_raster(stream: BinaryIO, *, frame: int | None = None) -> Radiograph:
    """An image film with its grey values, 8 or 16 bit as stored."""
    start = stream.read(4)
    stream.seek(0)
    if start in _TIFF:
        return _read_tiff(stream, frame)
    chosen_frame(1, frame)
    data = stream.read()
    if data.startswith(_PNG):
        header = _png_header(data)
        array = imagecodecs.png_decode(data)
        return _film(header, array, f"imagecodecs png ({imagecodecs.__version__})")
    header = _jpeg_header(data)
    space = "GRAYSCALE" if header.photometric == "RGB" else None
    array = imagecodecs.jpeg8_decode(data, outcolorspace=space)
    return _film(header, array, f"imagecodecs jpeg8 ({imagecodecs.__version__})")


def _film(header: FilmHeader, array: NDArray[Any], decoder: str) -> Radiograph:
    """Grey pixels of a decoded image; what is fully transparent is not film."""
    valid = None
    if array.ndim == 3 and array.shape[-1] in (2, 4):
        opaque = array[..., -1] > 0
        valid = opaque if opaque.any() and not opaque.all() else None
    pixels = luminance(array, "RGB")
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8)
    if pixels.dtype not in (np.uint8, np.uint16, np.int16):
        raise UnreadableFilm(_DEPTH)
    if pixels.shape != (header.rows, header.columns):
        raise UnreadableFilm("contradicts itself about its size; export the film again")
    return with_pixels(header, pixels, decoder=decoder, valid=valid)


def _header(rows: int, columns: int, *, colour: bool, doubts: tuple[str, ...] = ()) -> FilmHeader:
    if rows < 1 or columns < 1:
        raise UnreadableFilm("has no pixels; export the film again")
    if rows * columns > PIXEL_LIMIT:
        raise UnreadableFilm(f"claims more than {PIXEL_LIMIT // 10**6} million pixels; refused")
    photometric = "RGB" if colour else None
    doubts = (_COLOUR, *doubts) if colour else doubts
    return FilmHeader(rows, columns, photometric=photometric, warnings=doubts)


def _png_header(data: bytes) -> FilmHeader:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise UnreadableFilm(_TRUNCATED)
    columns, rows, bits, kind = unpack_from(">LLBB", data, 16)
    # 2 colour, 3 palette, 6 colour with alpha
    header = _header(rows, columns, colour=kind in (2, 3, 6))
    if rows * columns * bits // 8 > _DEFLATE_RATIO * len(data):
        # Refused before the decoder reserves the memory: no such file can hold these pixels.
        raise UnreadableFilm(_TRUNCATED)
    return header


def _jpeg_header(data: bytes) -> FilmHeader:
    found = codestream(data)
    if found is None or not found.complete:
        raise UnreadableFilm(_TRUNCATED)
    if found.components not in (1, 3):
        raise UnreadableFilm("is a CMYK image; export the film in grey")
    doubts = (_TURNED,) if _exif_orientation(data) != 1 else ()
    return _header(found.rows, found.columns, colour=found.components == 3, doubts=doubts)


def _exif_orientation(data: bytes) -> int:
    """The orientation that an Exif block asks for, 1 where it asks for nothing."""
    at = data[: 1 << 16].find(_EXIF) + len(_EXIF)
    order = {b"II": "<", b"MM": ">"}.get(data[at : at + 2])
    if at < len(_EXIF) or order is None or len(data) < at + 10:
        return 1
    directory = at + int(unpack_from(f"{order}L", data, at + 4)[0])
    if len(data) < directory + 2:
        return 1
    entries = int(unpack_from(f"{order}H", data, directory)[0])
    for entry in range(directory + 2, directory + 2 + 12 * entries, 12):
        if len(data) < entry + 12:
            return 1
        if unpack_from(f"{order}H", data, entry)[0] == _ORIENTATION:
            return int(unpack_from(f"{order}H", data, entry + 8)[0])
    return 1


def _tiff_page(stream: BinaryIO, frame: int | None) -> tuple[Any, tuple[str, ...]]:
    """The chosen page, or the first and a warning where there are more."""
    import tifffile  # slow to import, rarely needed

    pages = tifffile.TiffFile(stream).pages
    if frame is not None:
        chosen_frame(len(pages), frame)
    first = pages[(frame or 1) - 1].aspage()
    size = stream.seek(0, SEEK_END)
    ends = zip(first.dataoffsets, first.databytecounts, strict=False)
    if not first.dataoffsets or any(offset + count > size for offset, count in ends):
        raise UnreadableFilm(_TRUNCATED)
    several = frame is None and len(pages) > 1
    return first, ("several pages: only the first is used",) if several else ()


def _tiff_header(page: Any, doubts: tuple[str, ...] = ()) -> FilmHeader:
    if page.photometric not in _TIFF_PHOTOMETRIC or page.imagedepth != 1:
        raise UnreadableFilm("is a palette, CMYK or volume image; export the film in grey")
    if page.samplesperpixel > _MOST_SAMPLES or page.dtype not in _DEPTHS:
        raise UnreadableFilm(_DEPTH)
    if page.tilewidth * page.tilelength > PIXEL_LIMIT:
        raise UnreadableFilm(f"claims more than {PIXEL_LIMIT // 10**6} million pixels; refused")
    orientation = page.tags.get("Orientation")
    if orientation is not None and orientation.value != 1:
        doubts = (*doubts, _TURNED)
    header = _header(
        page.imagelength, page.imagewidth, colour=page.photometric in (2, 6), doubts=doubts
    )
    inverted = page.photometric == _WHITE_IS_ZERO
    return FilmHeader(
        header.rows,
        header.columns,
        inverted=inverted,
        photometric=header.photometric,
        warnings=header.warnings,
    )


def _read_tiff(stream: BinaryIO, frame: int | None) -> Radiograph:
    page, doubts = _tiff_page(stream, frame)
    header = _tiff_header(page, doubts)
    array = page.asarray()
    if page.planarconfig == 2 and array.ndim == 3:
        array = np.moveaxis(array, 0, -1)
    return _film(header, array, "tifffile with imagecodecs")
