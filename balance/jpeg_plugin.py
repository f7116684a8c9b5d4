"""A pydicom decoding plugin for the JPEG family (8 and 12 bit, lossless) by libjpeg-turbo.

pydicom imports this module by name when `balance.decoding` registers it.

Damage inside a scan is not always seen: where the altered bits are still valid Huffman codes,
libjpeg-turbo resynchronises, counts a warning that imagecodecs does not pass on, and the picture
is wrong from there on. A missing end and a wrong size are caught before (`balance.decoding`).
"""

from __future__ import annotations

import imagecodecs
import numpy as np
from pydicom.pixels.decoders.base import DecodeRunner
from pydicom.uid import (
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
)

SYNTAXES = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)

DECODER_DEPENDENCIES = dict.fromkeys(SYNTAXES, ("imagecodecs>=2025.3.30",))
"""Asked for by pydicom where the plugin is not available."""


def is_available(uid: str) -> bool:
    """Whether the plugin can decode a transfer syntax here."""
    return uid in SYNTAXES and bool(imagecodecs.JPEG8.available)


def decode_frame(source: bytes, runner: DecodeRunner) -> memoryview:
    """One decoded frame, colour samples as stored (pydicom does not convert them either)."""
    if runner.samples_per_pixel == 1:
        array = imagecodecs.jpeg8_decode(source)
    else:
        # naming both colour spaces alike keeps libjpeg from converting YCbCr
        array = imagecodecs.jpeg8_decode(source, colorspace="RGB", outcolorspace="RGB")
        runner.set_option("planar_configuration", 0)
    runner.set_option("bits_allocated", 8 * array.dtype.itemsize)
    return np.ascontiguousarray(array).data.cast("B")
