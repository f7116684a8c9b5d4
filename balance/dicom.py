"""Radiographs in DICOM files: what is accepted, and the way from a stream to a film.

Nothing here names the file or catches an error: `balance.film` is the one door, which does both.
The order is that of trust: kind of object and size are checked before anything is decoded, and a
deflated file is inflated under a limit before it is parsed.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass, replace
from io import SEEK_END, BytesIO
from math import isfinite
from typing import BinaryIO

from pydicom import uid
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator, read_dataset

from balance.decoding import DECODERS, NATIVE_SYNTAXES, PixelForm, decode
from balance.errors import UnreadableFilm
from balance.greylevels import Pixels, rescale, stored_values, through_table
from balance.header import (
    PHOTOMETRIC,
    FilmHeader,
    code,
    header_of,
    integer,
    modality_table,
    numbers,
    with_pixels,
)
from balance.radiograph import Radiograph
from balance.shutters import valid_mask

PIXEL_LIMIT = 200_000_000
"""Pixels of one film; a whole spine at 0.1 mm has 40 million."""

INFLATE_LIMIT = 256 << 20
"""Bytes that a deflated file may grow to."""

PROJECTION = (
    "1.2.840.10008.5.1.4.1.1.1",  # computed radiography
    "1.2.840.10008.5.1.4.1.1.1.1",  # digital X-ray, for presentation
)
FOR_PROCESSING = ("1.2.840.10008.5.1.4.1.1.1.1.1",)
SECONDARY_CAPTURE = (
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.7.2",  # multi-frame grayscale byte; one frame is accepted
    "1.2.840.10008.5.1.4.1.1.7.3",  # multi-frame grayscale word
    "1.2.840.10008.5.1.4.1.1.7.4",  # multi-frame true colour
)
ACCEPTED = (*PROJECTION, *FOR_PROCESSING, *SECONDARY_CAPTURE)
"""SOP classes that are read."""

_PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_UNDEFINED = 0xFFFFFFFF
_FIRST_ELEMENTS = range(0x0019)
_TRUNCATED = "file truncated: the data end too early; fetch the file again"

# pydicom's log quotes header values, names included
logging.getLogger("pydicom").propagate = False


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A dataset up to its pixel data, and the stream that stands there."""

    dataset: Dataset
    stream: BinaryIO
    syntax: str


def looks_like_dicom(start: bytes) -> bool:
    """Whether the first bytes of a file are a DICOM preamble or, without one, a first element.

    Examples
    --------
    >>> looks_like_dicom(bytes(128) + b"DICM")
    True
    >>> looks_like_dicom(b"Dear colleague, enclosed please find")
    False
    """
    if start[128:132] == b"DICM":
        return True
    group, element = (int.from_bytes(start[at : at + 2], "little") for at in (0, 2))
    explicit = start[4:6] in (b"UL", b"UI", b"CS", b"OB", b"SH")
    implicit = int.from_bytes(start[4:8], "little") <= 64
    return len(start) > 8 and (
        (group == 2 and element in (0, 1, 2) and (explicit or implicit))
        or (group == 8 and element in _FIRST_ELEMENTS and (explicit or implicit))
    )


def read_dicom_header(stream: BinaryIO) -> FilmHeader:
    """The header of a radiograph; no pixel is decoded and none need be there.

    Raises
    ------
    UnreadableFilm
        Another kind of image, a size beyond the limits, a header that makes no sense.
    """
    parsed = _parse(stream)
    return _checked_header(parsed)


def read_dicom(stream: BinaryIO) -> Radiograph:
    """A radiograph with its modality values.

    Raises
    ------
    UnreadableFilm
        As `read_dicom_header`; no pixel data, cut-off or contradictory pixel data, an encoding or
        a depth that is not read.
    """
    parsed = _parse(stream)
    header = _checked_header(parsed)
    form = _pixel_form(parsed.dataset, header)
    data, words = _pixel_data(parsed)
    decoded, decoder = decode(data, replace(form, words=words), parsed.syntax)
    native = parsed.syntax in NATIVE_SYNTAXES
    shift = _shift(parsed.dataset, form) if native else 0
    bits = form.bits_stored
    if not native and decoded.max() >= 1 << bits:
        # a compressed image may be deeper than its header says: nothing may be cut off
        bits = form.bits_allocated
    stored = stored_values(decoded, bits=bits, shift=shift)
    valid, mask_doubts = valid_mask(parsed.dataset, stored)
    pixels, value_doubts = _modality_values(parsed.dataset, stored, bits=bits)
    return with_pixels(
        header,
        pixels,
        decoder=decoder,
        valid=valid,
        warnings=(*_content_doubts(parsed.dataset, form), *mask_doubts, *value_doubts),
    )


def _parse(stream: BinaryIO) -> _Parsed:
    """The dataset up to its pixel data; a file without meta header counts as implicit VR."""
    start = stream.read(132)
    stream.seek(132 if start[128:132] == b"DICM" else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _length: tag.group != 2)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is None:
        syntax = uid.ExplicitVRLittleEndian if _is_explicit(stream) else uid.ImplicitVRLittleEndian
    syntax = str(syntax)
    if syntax not in NATIVE_SYNTAXES and syntax not in DECODERS:
        raise UnreadableFilm(f"uses {_uid_name(syntax, 'an unknown encoding')}, which is not read")
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        stream = BytesIO(inflate(stream.read(), limit=INFLATE_LIMIT))
    dataset = read_dataset(
        stream,
        syntax == uid.ImplicitVRLittleEndian,
        syntax != uid.ExplicitVRBigEndian,
        stop_when=lambda tag, _vr, _length: int(tag) in _PIXEL_TAGS,
    )
    return _Parsed(dataset, stream, syntax)


def _is_explicit(stream: BinaryIO) -> bool:
    """Whether the element at the stream's position names its value representation."""
    at = stream.tell()
    representation = stream.read(6)[4:]
    stream.seek(at)
    return len(representation) == 2 and representation.isalpha() and representation.isupper()


def inflate(data: bytes, *, limit: int) -> bytes:
    """Raw deflated bytes, inflated up to a limit.

    Raises
    ------
    UnreadableFilm
        More than ``limit`` bytes, or a stream without an end.
    """
    expander = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = expander.decompress(data, limit)
    if expander.unconsumed_tail:
        raise UnreadableFilm(f"grows beyond {limit >> 20} MiB when inflated; store it uncompressed")
    if not expander.eof:
        raise UnreadableFilm(_TRUNCATED)
    return inflated


def _checked_header(parsed: _Parsed) -> FilmHeader:
    dataset = parsed.dataset
    _require_projection(dataset)
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    frames = integer(dataset, "NumberOfFrames")
    if rows is None or columns is None or rows < 1 or columns < 1:
        if _is_cut_off(parsed):
            raise UnreadableFilm(_TRUNCATED)
        raise UnreadableFilm("has no usable Rows and Columns; export the film again")
    if rows * columns * max(frames or 1, 1) > PIXEL_LIMIT:
        raise UnreadableFilm(f"claims more than {PIXEL_LIMIT // 10**6} million pixels; refused")
    if frames is not None and frames > 1:
        raise UnreadableFilm("holds several frames; export the one film as a single-frame image")
    return header_of(dataset, rows=rows, columns=columns, transfer_syntax=parsed.syntax)


def _require_projection(dataset: Dataset) -> None:
    """Refuse what is not a radiograph, by SOP class, by modality where there is none."""
    found = dataset.get("SOPClassUID")
    if found in ACCEPTED:
        return
    if not found and code(dataset, "Modality", ("CR", "DX", "RG")) is not None:
        return
    if not found:
        raise UnreadableFilm("does not say what kind of image it is; export the film again")
    kind = _uid_name(str(found), "an unknown kind of object")
    raise UnreadableFilm(
        f"holds {kind}, not a radiograph (CR, DX, secondary capture); choose the whole-spine film"
    )


def _uid_name(value: str, otherwise: str) -> str:
    """The standard's name of a UID; an unknown one is not repeated."""
    entry = UID_dictionary.get(value)
    return entry[0] if entry else otherwise


def _pixel_form(dataset: Dataset, header: FilmHeader) -> PixelForm:
    """The image pixel module, complete and within what is read."""
    samples = integer(dataset, "SamplesPerPixel") or 1
    allocated = integer(dataset, "BitsAllocated")
    stored = integer(dataset, "BitsStored") or allocated
    if header.photometric is None:
        raise UnreadableFilm(
            f"has a PhotometricInterpretation that is not read ({', '.join(PHOTOMETRIC)} are);"
            " export the film in grey"
        )
    if samples != (1 if header.photometric.startswith("MONOCHROME") else 3):
        raise UnreadableFilm("contradicts itself on its colours; export the film again")
    if allocated not in (8, 16) or stored is None or not 1 <= stored <= allocated:
        raise UnreadableFilm("has a pixel depth that is not read (8 or 16 bits allocated are)")
    signed = integer(dataset, "PixelRepresentation") == 1
    planar = 1 if integer(dataset, "PlanarConfiguration") == 1 else 0
    return PixelForm(
        header.rows, header.columns, samples, allocated, stored, signed, header.photometric, planar
    )


def _shift(dataset: Dataset, form: PixelForm) -> int:
    """Position of the lowest stored bit, 0 where HighBit makes no sense."""
    high = integer(dataset, "HighBit")
    lowest = 0 if high is None else high + 1 - form.bits_stored
    return lowest if 0 < lowest <= form.bits_allocated - form.bits_stored else 0


def _pixel_data(parsed: _Parsed) -> tuple[bytes, bool]:
    """The value of PixelData, read whole or not at all, and whether it counts as words (OW)."""
    if _is_cut_off(parsed):
        raise UnreadableFilm(_TRUNCATED)
    big = parsed.syntax == uid.ExplicitVRBigEndian
    elements = data_element_generator(parsed.stream, not _is_explicit(parsed.stream), not big)
    try:
        element = next(elements, None)
    except EOFError:
        raise UnreadableFilm(_TRUNCATED) from None
    if element is None or not element.value:
        raise UnreadableFilm(
            "has no pixel data (a header only, or a file cut off before them); export it again"
        )
    if int(element.tag) != _PIXEL_TAGS[-1]:
        raise UnreadableFilm("has floating-point pixel data, which are not read; export integers")
    length = getattr(element, "length", _UNDEFINED)
    if length not in (_UNDEFINED, len(element.value)):
        raise UnreadableFilm(_TRUNCATED)
    if (length == _UNDEFINED) == (parsed.syntax in NATIVE_SYNTAXES):
        raise UnreadableFilm("stores its pixels in another way than it says; export it again")
    return bytes(element.value), element.VR != "OB"


def _is_cut_off(parsed: _Parsed) -> bool:
    """Whether the last element before the pixel data claims more bytes than there are."""
    at = parsed.stream.tell()
    rest = parsed.stream.seek(0, SEEK_END) - at
    parsed.stream.seek(at)
    if 0 < rest < 8:
        return True
    tag = max(parsed.dataset.keys(), default=None)
    if rest or tag is None:
        return False
    last = parsed.dataset.get_item(tag)
    value, length = getattr(last, "value", None), getattr(last, "length", _UNDEFINED)
    return isinstance(value, bytes) and length != _UNDEFINED and len(value) < int(length)


def _modality_values(
    dataset: Dataset, stored: Pixels, *, bits: int
) -> tuple[Pixels, tuple[str, ...]]:
    """Modality LUT or rescale; stored values, with a warning, where neither is usable."""
    if "ModalityLUTSequence" in dataset:
        table = modality_table(dataset)
        if table is None:
            return stored, ("the Modality LUT is broken: stored values are used",)
        return through_table(stored, table.values, table.first), ()
    slopes = numbers(dataset, "RescaleSlope") or (1.0,)
    intercepts = numbers(dataset, "RescaleIntercept") or (0.0,)
    usable = len(slopes) == len(intercepts) == 1 and isfinite(slopes[0]) and isfinite(intercepts[0])
    if not usable or slopes[0] == 0:
        return stored, ("RescaleSlope or RescaleIntercept is broken: stored values are used",)
    return rescale(stored, slopes[0], intercepts[0], bits=bits), ()


def _content_doubts(dataset: Dataset, form: PixelForm) -> tuple[str, ...]:
    """Warnings about what the image itself may hold."""
    doubts = []
    kind = str(dataset.get("SOPClassUID") or "")
    if kind in FOR_PROCESSING:
        doubts.append("raw detector data (for processing): contrast and polarity may be wrong")
    if form.samples > 1:
        doubts.append("colour image: only its luminance is used")
    clean = code(dataset, "BurnedInAnnotation", ("YES", "NO"))
    copied = kind in SECONDARY_CAPTURE or form.samples > 1
    if clean == "YES" or (copied and clean is None):
        doubts.append("text may be burned into the image: look for names before you share it")
    return tuple(doubts)
