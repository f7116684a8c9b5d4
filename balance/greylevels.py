"""Stored values to modality values: look-up tables, rescaling, and what is not image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]

_BAND = 64
"""Rows per step where an index array must be made: small enough to stay in the cache."""


@dataclass(frozen=True, slots=True)
class Table:
    """A look-up table: ``values[0]`` belongs to input ``first``; ``bits`` deep."""

    values: Pixels
    first: int
    bits: int


def read_table(descriptor: object, data: object, *, little_endian: bool = True) -> Table | None:
    """A DICOM LUT from its descriptor and data; None where the two do not fit each other."""
    if isinstance(descriptor, (bytes, str)) or not hasattr(descriptor, "__iter__"):
        return None
    numbers = [int(one) for one in descriptor]
    if len(numbers) != 3 or not 1 <= numbers[2] <= 16:
        return None
    entries = numbers[0] or 1 << 16
    if isinstance(data, bytes):
        words = np.dtype("<u2" if little_endian else ">u2")
        kind = np.dtype(np.uint8) if len(data) < 2 * entries else words
        values = np.frombuffer(data, kind).astype(kind.newbyteorder("="))
    elif hasattr(data, "__iter__") and not isinstance(data, str):
        values = np.array([int(one) & 0xFFFF for one in data], np.uint16)
    else:
        return None
    values = values[:entries]
    return Table(values, numbers[1], numbers[2]) if values.size == entries else None


def through_table(pixels: Pixels, table: Pixels, first: int = 0) -> Pixels:
    """Integer pixels through a table; inputs outside it take its first or last value.

    Parameters
    ----------
    pixels
        Integer array (rows, columns).
    table
        Output values.
    first
        The input that the first entry belongs to.

    Returns
    -------
    ndarray
        Of the table's type and the pixels' shape.

    Examples
    --------
    >>> through_table(np.array([[9, 10, 99]]), np.array([5, 7], np.uint8), first=10).tolist()
    [[5, 5, 7]]
    """
    out = np.empty(pixels.shape, table.dtype)
    for start in range(0, pixels.shape[0], _BAND):
        band = pixels[start : start + _BAND]
        index = band if first == 0 else band.astype(np.int32) - first
        np.take(table, index, out=out[start : start + _BAND], mode="clip")
    return out


def stored_values(pixels: Pixels, *, bits: int, shift: int = 0) -> Pixels:
    """Pixels without the bits beside the stored ones (old films keep overlays there).

    Parameters
    ----------
    pixels
        Decoded integers, 8 or 16 bit, signed or not.
    bits
        BitsStored.
    shift
        Position of the lowest stored bit.

    Returns
    -------
    ndarray
        The same array where nothing had to be done.
    """
    allocated = pixels.dtype.itemsize * 8
    if not pixels.dtype.isnative:
        pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    if bits >= allocated:
        return pixels
    low, high = value_range(pixels.dtype, bits)
    if shift == 0 and pixels.max() <= high and pixels.min() >= low:
        return pixels
    up = np.left_shift(pixels, allocated - bits - shift)
    return np.right_shift(up, allocated - bits)


def value_range(dtype: np.dtype[Any], bits: int) -> tuple[int, int]:
    """Smallest and largest value that ``bits`` stored bits can hold."""
    if dtype.kind == "i":
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def rescale(pixels: Pixels, slope: float, intercept: float, *, bits: int) -> Pixels:
    """Stored values times slope plus intercept.

    Whole numbers stay whole, in the smallest type that holds every possible value; anything else
    becomes 32-bit floating point, which is exact to 1 in 16 million.

    Examples
    --------
    >>> rescale(np.array([[0, 4095]], np.uint16), 1.0, -1024.0, bits=12).dtype
    dtype('int16')
    """
    if slope == 1 and intercept == 0:
        return pixels
    if not (float(slope).is_integer() and float(intercept).is_integer()):
        return _rescaled_float(pixels, slope, intercept)
    ends = [int(slope) * end + int(intercept) for end in value_range(pixels.dtype, bits)]
    for kind in (pixels.dtype, np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.int32)):
        limits = np.iinfo(kind)
        if limits.min <= min(ends) and max(ends) <= limits.max:
            wide = pixels.astype(np.int32)
            wide *= int(slope)
            wide += int(intercept)
            return wide.astype(kind, copy=False)
    return _rescaled_float(pixels, slope, intercept)


def _rescaled_float(pixels: Pixels, slope: float, intercept: float) -> Pixels:
    out = np.multiply(pixels, np.float32(slope), dtype=np.float32)
    out += np.float32(intercept)
    return out
