"""A DICOM file as a dataset and a stream that stands at its pixel data.

The syntax is checked before anything is parsed, and a deflated file is inflated under a limit.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import BinaryIO

from pydicom import uid
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator, read_dataset

from balance.decoding import DECODERS, NATIVE_SYNTAXES
from balance.errors import UnreadableFilm

INFLATE_LIMIT = 256 << 20
"""Bytes that a deflated file may grow to."""

TRUNCATED = "file truncated: the data end too early; fetch the file again"
_PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_UNDEFINED = 0xFFFFFFFF
_FIRST_ELEMENTS = range(0x0019)

# pydicom's log quotes header values, names included
logging.getLogger("pydicom").propagate = False


@dataclass(frozen=True, slots=True)
class Parsed:
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


def parse(stream: BinaryIO) -> Parsed:
    """The dataset up to its pixel data; a file without meta header counts as implicit VR."""
    start = stream.read(132)
    stream.seek(132 if start[128:132] == b"DICM" else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _length: tag.group != 2)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is None:
        syntax = uid.ExplicitVRLittleEndian if is_explicit(stream) else uid.ImplicitVRLittleEndian
    syntax = str(syntax)
    if syntax not in NATIVE_SYNTAXES and syntax not in DECODERS:
        raise UnreadableFilm(f"uses {uid_name(syntax, 'an unknown encoding')}, which is not read")
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        stream = BytesIO(inflate(stream.read(), limit=INFLATE_LIMIT))
    dataset = read_dataset(
        stream,
        syntax == uid.ImplicitVRLittleEndian,
        syntax != uid.ExplicitVRBigEndian,
        stop_when=lambda tag, _vr, _length: int(tag) in _PIXEL_TAGS,
    )
    return Parsed(dataset, stream, syntax)


def is_explicit(stream: BinaryIO) -> bool:
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
        raise UnreadableFilm(TRUNCATED)
    return inflated


def pixel_data(parsed: Parsed) -> tuple[bytes, bool]:
    """The value of PixelData, read whole or not at all, and whether it counts as words (OW)."""
    if is_cut_off(parsed):
        raise UnreadableFilm(TRUNCATED)
    big = parsed.syntax == uid.ExplicitVRBigEndian
    elements = data_element_generator(parsed.stream, not is_explicit(parsed.stream), not big)
    try:
        element = next(elements, None)
    except EOFError:
        raise UnreadableFilm(TRUNCATED) from None
    if element is None or not element.value:
        raise UnreadableFilm(
            "has no pixel data (a header only, or a file cut off before them); export it again"
        )
    if int(element.tag) != _PIXEL_TAGS[-1]:
        raise UnreadableFilm("has floating-point pixel data, which are not read; export integers")
    length = getattr(element, "length", _UNDEFINED)
    if length not in (_UNDEFINED, len(element.value)):
        raise UnreadableFilm(TRUNCATED)
    if (length == _UNDEFINED) == (parsed.syntax in NATIVE_SYNTAXES):
        raise UnreadableFilm("stores its pixels in another way than it says; export it again")
    return bytes(element.value), element.VR != "OB"


def is_cut_off(parsed: Parsed) -> bool:
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


def uid_name(value: str, otherwise: str) -> str:
    """The standard's name of a UID; an unknown one is not repeated."""
    entry = UID_dictionary.get(value)
    return entry[0] if entry else otherwise
