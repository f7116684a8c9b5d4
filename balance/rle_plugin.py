"""A pydicom decoding plugin for RLE Lossless by imagecodecs, which fills a buffer of known size.

pydicom's own decoder lets a segment grow as long as its runs go on, up to 64 times its length.
pydicom imports this module by name when `balance.decoding` registers it.
"""

from __future__ import annotations

from struct import unpack_from

import imagecodecs
import numpy as np
from pydicom.pixels.decoders.base import DecodeRunner
from pydicom.uid import RLELossless

DECODER_DEPENDENCIES = {RLELossless: ("imagecodecs>=2025.3.30",)}
"""Asked for by pydicom where the plugin is not available."""

_HEADER = 64


def is_available(uid: str) -> bool:
    """Whether the plugin can decode a transfer syntax here."""
    return uid == RLELossless and bool(imagecodecs.DICOMRLE.available)


def decode_frame(source: bytes, runner: DecodeRunner) -> memoryview:
    """One decoded frame in planes, little endian.

    Raises
    ------
    ValueError
        Another number of segments than bytes in a pixel, or a segment of another length than the
        image has pixels.
    """
    width, pixels = runner.bits_allocated // 8, runner.rows * runner.columns
    segments = []
    count, *offsets = unpack_from("<16L", source)
    if count != runner.samples_per_pixel * width:
        raise ValueError("another number of segments than bytes in a pixel")
    ends = [*offsets[1:count], len(source)]
    for start, end in zip(offsets, ends, strict=False):
        if not _HEADER <= start <= end <= len(source):
            raise ValueError("a segment that is not there")
        segments.append(_segment(source[start:end], pixels))
    # The most significant byte of a sample comes first. Stacking at once is what takes the time
    # here: half of what filling a buffer byte plane by byte plane takes.
    samples = [
        np.stack(segments[first : first + width][::-1], axis=-1).ravel()
        for first in range(0, count, width)
    ]
    runner.set_option("planar_configuration", 1)
    return (samples[0] if len(samples) == 1 else np.concatenate(samples)).data


def _segment(data: bytes, pixels: int) -> np.ndarray:
    """One byte plane; the padding of a segment may decode to a byte too many."""
    return np.frombuffer(imagecodecs.packbits_decode(data, out=pixels + 1), np.uint8)[:pixels]
