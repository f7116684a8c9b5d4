"""Pixel data to an array: the codec is chosen by name, and its claims are checked before it runs.

A codestream carries its own size. A decoder that is told another one may return a scrambled film
without an error, so the two must agree first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from struct import unpack_from
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder

from balance.errors import UnreadableFilm
from balance.greylevels import Pixels
from balance.jpeg_plugin import SYNTAXES as JPEG_SYNTAXES

NATIVE_SYNTAXES = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
)

_OPENJPEG = ("pylibjpeg", "pylibjpeg-openjpeg")
_CHARLS = ("pyjpegls", "pyjpegls")
_IMAGECODECS = ("imagecodecs", "imagecodecs")

DECODERS: dict[str, tuple[str, str]] = {
    uid.RLELossless: _IMAGECODECS,
    **dict.fromkeys(JPEG_SYNTAXES, _IMAGECODECS),
    uid.JPEGLSLossless: _CHARLS,
    uid.JPEGLSNearLossless: _CHARLS,
    uid.JPEG2000Lossless: _OPENJPEG,
    uid.JPEG2000: _OPENJPEG,
    uid.HTJ2KLossless: _OPENJPEG,
    uid.HTJ2KLosslessRPCL: _OPENJPEG,
    uid.HTJ2K: _OPENJPEG,
}
"""Transfer syntax: pydicom plugin and the distribution whose version is recorded."""

_J2K_START, _JPEG_START, _JPEG_END = b"\xff\x4f\xff\x51", b"\xff\xd8", b"\xff\xd9"
_JP2_START, _JP2_CODESTREAM = b"\0\0\0\x0cjP  ", b"jp2c"
_NOT_FRAME_HEADERS = (0xC4, 0xC8, 0xCC)
_JPEG_LS_FRAME, _SCAN, _END, _ESCAPE = 0xF7, 0xDA, 0xD9, 0xFF
_STANDALONE = (0x01, *range(0xD0, 0xD9))

_PLUGINS = {**dict.fromkeys(JPEG_SYNTAXES, "jpeg_plugin"), uid.RLELossless: "rle_plugin"}

for _syntax, _module in _PLUGINS.items():
    if "imagecodecs" not in get_decoder(_syntax).available_plugins:
        get_decoder(_syntax).add_plugin("imagecodecs", (f"balance.{_module}", "decode_frame"))


@dataclass(frozen=True, slots=True)
class PixelForm:
    """How a header describes its pixel data."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str
    planar: int = 0
    words: bool = True
    """Whether 8-bit pixels of a big endian file are swapped in pairs (OW rather than OB)."""
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Codestream:
    """What a codestream says of itself; ``complete`` is False where its end is missing."""

    rows: int
    columns: int
    components: int
    bits: int
    complete: bool = True


def decode(
    data: bytes,
    form: PixelForm,
    syntax: str,
    *,
    index: int = 0,
    offsets: tuple[bytes, bytes] | None = None,
) -> tuple[Pixels, str]:
    """Decode one frame.

    Parameters
    ----------
    data
        The value of PixelData.
    form
        What the header says of it.
    syntax
        The transfer syntax, one of `NATIVE_SYNTAXES` or `DECODERS`.
    index
        The frame, counted from 0.
    offsets
        The Extended Offset Table and its lengths, where the file has them.

    Returns
    -------
    pixels
        Rows x columns as stored; colour reduced to its luminance.
    decoder
        Name and version of the software that decoded it.

    Raises
    ------
    UnreadableFilm
        The codestream contradicts the header or is cut off.
    """
    if syntax in NATIVE_SYNTAXES:
        plugin, distribution = "", "pydicom"
        _require_length(data, form)
    else:
        plugin, distribution = DECODERS[syntax]
        frame = get_frame(data, index, number_of_frames=form.frames, extended_offsets=offsets)
        if syntax != uid.RLELossless:
            require_agreement(codestream(frame), form)
        if form.frames > 1:
            data, form, index = encapsulate([frame]), replace(form, frames=1), 0
    array, properties = get_decoder(syntax).as_array(
        data,
        index=index,
        raw=True,
        decoding_plugin=plugin,
        **_options(form, native=syntax in NATIVE_SYNTAXES),
    )
    name = f"{plugin or 'pydicom native'} ({distribution} {version(distribution)})"
    return luminance(array, str(properties["photometric_interpretation"])), name


def _options(form: PixelForm, *, native: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "rows": form.rows,
        "columns": form.columns,
        "number_of_frames": form.frames,
        "samples_per_pixel": form.samples,
        "bits_allocated": form.bits_allocated,
        "bits_stored": form.bits_stored,
        "pixel_representation": int(form.signed),
        "photometric_interpretation": form.photometric,
        "planar_configuration": form.planar,
        "pixel_keyword": "PixelData",
        "pixel_vr": "OW" if form.words else "OB",
    }
    if native:
        # a view of the bytes read: one copy of a large film less
        options |= {"view_only": True, "correct_unused_bits": False}
    return options


def _require_length(data: bytes, form: PixelForm) -> None:
    samples = 2 if form.photometric == "YBR_FULL_422" else form.samples
    expected = form.rows * form.columns * form.frames * samples * form.bits_allocated // 8
    if len(data) < expected:
        raise UnreadableFilm(
            "holds fewer pixels than Rows x Columns (file truncated or header wrong);"
            " fetch the file again"
        )


def luminance(array: Pixels, photometric: str) -> Pixels:
    """The grey film of a colour one (Rec. 601); a grey film passes through."""
    if array.ndim == 2:
        return array
    if photometric.startswith("YBR"):
        return np.ascontiguousarray(array[..., 0])
    if array.shape[-1] in (2, 4):
        array = array[..., : array.shape[-1] - 1]
    if array.shape[-1] == 1:
        return np.ascontiguousarray(array[..., 0])
    grey: NDArray[Any] = cv2.cvtColor(np.ascontiguousarray(array), cv2.COLOR_RGB2GRAY)
    return grey


def require_agreement(stream: Codestream | None, form: PixelForm) -> None:
    """Raise UnreadableFilm unless a codestream is whole and as large as its header says."""
    if stream is None:
        raise UnreadableFilm("has compressed pixel data that are damaged; fetch the file again")
    if (stream.rows, stream.columns) != (form.rows, form.columns):
        raise UnreadableFilm(
            f"contradicts itself: the header says {form.rows} x {form.columns} pixels, the"
            f" compressed image {stream.rows} x {stream.columns}; export the film again"
        )
    if stream.components != form.samples or stream.bits > form.bits_allocated:
        raise UnreadableFilm(
            "contradicts itself: header and compressed image differ in bits or colours;"
            " export the film again"
        )
    if not stream.complete:
        raise UnreadableFilm("file truncated: the compressed image has no end; fetch it again")


def codestream(data: bytes) -> Codestream | None:
    """Size, components and depth of a JPEG, JPEG-LS or JPEG 2000 codestream; None if it is none."""
    if data.startswith(_JPEG_START):
        return _jpeg(data)
    at = _j2k_start(data)
    if len(data) < at + 43 or not data.startswith(_J2K_START, at):
        return None
    right, bottom, left, top = unpack_from(">4L", data, at + 8)
    components, depth = unpack_from(">HB", data, at + 40)
    return Codestream(bottom - top, right - left, components, (depth & 0x7F) + 1)


def _j2k_start(data: bytes) -> int:
    """Where the codestream begins: at once, or in the first box of that kind of a JP2 file."""
    at = 0
    if not data.startswith(_JP2_START):
        return at
    while at + 8 <= len(data):
        length, kind = unpack_from(">L4s", data, at)
        head = 16 if length == 1 else 8
        if kind == _JP2_CODESTREAM:
            return at + head
        if length == 1 and at + 16 <= len(data):
            (length,) = unpack_from(">Q", data, at + 8)
        if length < head:
            break
        at += length
    return len(data)


def _jpeg(data: bytes) -> Codestream | None:
    frame = None
    for marker, at in _segments(data):
        if marker == _JPEG_LS_FRAME or (
            0xC0 <= marker <= 0xCF and marker not in _NOT_FRAME_HEADERS
        ):
            if frame is not None or len(data) < at + 8:
                return None
            bits, rows, columns, components = unpack_from(">BHHB", data, at + 2)
            frame = (rows, columns, components, bits)
        if marker == _SCAN and frame is not None:
            # FF D9 cannot occur inside a scan; the one of an Exif preview lies before it
            return Codestream(*frame, complete=data.rfind(_JPEG_END) > at)
    return None if frame is None else Codestream(*frame, complete=False)


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Markers up to the first scan, each with the position of its length field."""
    at = 2
    while at + 4 <= len(data) and data[at] == _ESCAPE:
        marker = data[at + 1]
        if marker == _ESCAPE:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        yield marker, at + 2
        if marker in (_SCAN, _END):
            return
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
