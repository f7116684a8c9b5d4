"""What a DICOM header says about grey levels: tables, windows, palette and polarity."""

from __future__ import annotations

from math import isfinite

import numpy as np
from pydicom.dataset import Dataset

from balance.attributes import code, integer, items, number, numbers, text, value_of
from balance.greylevels import Pixels, Table, read_table
from balance.radiograph import GreyWindow

PALETTE = "PALETTE COLOR"
WINDOW_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")

_FULL = 65535
_FITTING = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}
_CONTRADICTED = "contradicts PhotometricInterpretation: the latter is followed"
_PRIMARIES = ("Red", "Green", "Blue")
_WEIGHTS = (299, 587, 114)
"""Rec. 601, in thousandths."""


def windows(dataset: Dataset) -> tuple[tuple[GreyWindow, ...], tuple[str, ...]]:
    """The usable display windows in the order of the header, and doubts."""
    centres, widths = numbers(dataset, "WindowCenter"), numbers(dataset, "WindowWidth")
    if centres is None or widths is None:
        return (), ()
    function = text(dataset, "VOILUTFunction").upper() or "LINEAR"
    doubts: tuple[str, ...] = ()
    if function not in WINDOW_FUNCTIONS:
        function, doubts = "LINEAR", ("VOILUTFunction is not known: LINEAR is used for display",)
    usable = tuple(
        GreyWindow(centre, width, function)
        for centre, width in zip(centres, widths, strict=False)
        if isfinite(centre) and isfinite(width) and width > 0
    )
    if len(usable) < max(len(centres), len(widths)):
        doubts = (*doubts, "a display window without a positive width is ignored")
    return usable, doubts


def voi_table(dataset: Dataset) -> Table | None:
    """The first VOI LUT, stretched to 16 bits so that its own depth need not be kept."""
    table = _first_table(dataset, "VOILUTSequence")
    if table is None:
        return None
    first = table.first
    if first >= 1 << 15 and _modality_may_be_negative(dataset):
        first -= 1 << 16
    return Table(_stretched(table), first, 16)


def modality_table(dataset: Dataset) -> Table | None:
    """The Modality LUT of a dataset, None where there is none or it is unusable."""
    table = _first_table(dataset, "ModalityLUTSequence")
    signed = integer(dataset, "PixelRepresentation") == 1
    if table is not None and table.first >= 1 << 15 and signed:
        return Table(table.values, table.first - (1 << 16), table.bits)
    return table


def presentation_table(
    dataset: Dataset, photometric: str | None
) -> tuple[Pixels | None, tuple[str, ...]]:
    """The Presentation LUT as a rising 16-bit table, and doubts about polarity.

    The table maps the output of the window (its whole range, whatever the depth) to brightness.
    A falling one is the inversion that MONOCHROME1 asks for; it is turned to rise here, because
    the film is inverted once, by its PhotometricInterpretation.
    """
    table = _first_table(dataset, "PresentationLUTSequence")
    if table is None:
        broken = "PresentationLUTSequence" in dataset
        return None, ("the Presentation LUT is broken: it is not used",) if broken else ()
    values = _stretched(table)
    falls = bool(values[-1] < values[0])
    shape = "INVERSE" if falls else "IDENTITY"
    doubts: tuple[str, ...] = ()
    if _FITTING.get(photometric or "", shape) != shape:
        doubts = (f"the Presentation LUT {_CONTRADICTED}",)
    return (_FULL - values if falls else values), doubts


def shape_doubts(dataset: Dataset, photometric: str | None) -> tuple[str, ...]:
    """Says so where PresentationLUTShape asks for another polarity than the pixels."""
    shape = code(dataset, "PresentationLUTShape", ("IDENTITY", "INVERSE"))
    if shape is None or photometric not in _FITTING or _FITTING[photometric] == shape:
        return ()
    return (f"PresentationLUTShape {_CONTRADICTED}",)


def palette_luminance(dataset: Dataset) -> Table | None:
    """The luminance of a colour palette, 8 or 16 bit; None where it is broken or segmented."""
    tables = [
        _table(dataset, f"{name}PaletteColorLookupTable{{}}", little_endian=_is_little(dataset))
        for name in _PRIMARIES
    ]
    whole = [table for table in tables if table is not None]
    if len({(table.values.size, table.first, table.bits) for table in whole}) != 1:
        return None
    if len(whole) != len(_PRIMARIES):
        return None
    grey = sum(
        weight * _to_depth(table).astype(np.uint32)
        for weight, table in zip(_WEIGHTS, whole, strict=True)
    )
    kind = np.uint8 if whole[0].bits <= 8 else np.uint16
    return Table(((np.asarray(grey) + 500) // 1000).astype(kind), whole[0].first, whole[0].bits)


def _to_depth(table: Table) -> Pixels:
    """Palette entries of 8 bits that some writers put into the upper half of a word."""
    high = table.bits <= 8 and int(table.values.max()) > 255
    return table.values >> 8 if high else table.values


def _first_table(dataset: Dataset, keyword: str) -> Table | None:
    for item in items(dataset, keyword)[:1]:
        return _table(item, "LUT{}", little_endian=_is_little(item))
    return None


def _table(dataset: Dataset, keyword: str, *, little_endian: bool) -> Table | None:
    descriptor = value_of(dataset, keyword.format("Descriptor"))
    data = value_of(dataset, keyword.format("Data"))
    return read_table(descriptor, data, little_endian=little_endian)


def _is_little(dataset: Dataset) -> bool:
    return dataset.original_encoding[1] is not False


def _stretched(table: Table) -> Pixels:
    full = (1 << table.bits) - 1
    values = np.minimum(table.values.astype(np.uint32), full) * _FULL // full
    return values.astype(np.uint16)


def _modality_may_be_negative(dataset: Dataset) -> bool:
    intercept = number(dataset, "RescaleIntercept") or 0.0
    return integer(dataset, "PixelRepresentation") == 1 or intercept < 0
