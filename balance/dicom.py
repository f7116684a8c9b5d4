"""Radiographs in DICOM files: what is accepted, and the way from a stream to a film.

Nothing here names the file or catches an error: `balance.film` is the one door, which does both.
The order is that of trust: kind of object and size are checked before anything is decoded.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import BinaryIO

from pydicom.dataset import Dataset

from balance.attributes import code, integer, numbers, value_of
from balance.decoding import NATIVE_SYNTAXES, PixelForm, decode
from balance.dicom_file import TRUNCATED, Parsed, is_cut_off, parse, pixel_data, uid_name
from balance.errors import UnreadableFilm
from balance.greylevels import Pixels, rescale, stored_values, through_table
from balance.greytables import PALETTE, modality_table, palette_luminance
from balance.header import PHOTOMETRIC, header_of, with_pixels
from balance.radiograph import FilmHeader, Radiograph
from balance.shutters import valid_mask

BURNED_IN = "text may be burned into the image: look for names before you share it"
COLOURED = tuple(kind for kind in PHOTOMETRIC if not kind.startswith("MONOCHROME"))
PIXEL_LIMIT = 200_000_000
"""Pixels of one film; a whole spine at 0.1 mm has 40 million."""


PROJECTION = (
    "1.2.840.10008.5.1.4.1.1.1",  # computed radiography
    "1.2.840.10008.5.1.4.1.1.1.1",  # digital X-ray, for presentation
)
FOR_PROCESSING = ("1.2.840.10008.5.1.4.1.1.1.1.1",)
SECONDARY_CAPTURE = (
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.7.2",  # multi-frame grayscale byte
    "1.2.840.10008.5.1.4.1.1.7.3",  # multi-frame grayscale word
    "1.2.840.10008.5.1.4.1.1.7.4",  # multi-frame true colour
)
ACCEPTED = (*PROJECTION, *FOR_PROCESSING, *SECONDARY_CAPTURE)
"""SOP classes that are read."""


def read_dicom_header(stream: BinaryIO, *, frame: int | None = None) -> FilmHeader:
    """The header of a radiograph; no pixel is decoded and none need be there.

    ``frame`` counts from 1 and must be given where there are several.

    Raises
    ------
    UnreadableFilm
        Another kind of image, a size beyond the limits, a header that makes no sense.
    """
    return _checked_header(parse(stream), frame)


def read_dicom(stream: BinaryIO, *, frame: int | None = None) -> Radiograph:
    """A radiograph with its modality values.

    ``frame`` counts from 1 and must be given where there are several.

    Raises
    ------
    UnreadableFilm
        As `read_dicom_header`; no pixel data, cut-off or contradictory pixel data, an encoding or
        a depth that is not read.
    """
    parsed = parse(stream)
    header = _checked_header(parsed, frame)
    form = _pixel_form(parsed.dataset, header)
    data, words = pixel_data(parsed)
    decoded, decoder = decode(
        data,
        replace(form, words=words),
        parsed.syntax,
        index=(header.frame or 1) - 1,
        offsets=_extended_offsets(parsed.dataset),
    )
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


def _checked_header(parsed: Parsed, frame: int | None) -> FilmHeader:
    dataset = parsed.dataset
    _require_projection(dataset)
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    frames = _frames(dataset)
    if rows is None or columns is None or rows < 1 or columns < 1:
        if is_cut_off(parsed):
            raise UnreadableFilm(TRUNCATED)
        raise UnreadableFilm("has no usable Rows and Columns; export the film again")
    if rows * columns * frames > PIXEL_LIMIT:
        raise UnreadableFilm(f"claims more than {PIXEL_LIMIT // 10**6} million pixels; refused")
    header = header_of(
        dataset,
        rows=rows,
        columns=columns,
        transfer_syntax=parsed.syntax,
        frame=chosen_frame(frames, frame),
    )
    doubts = (BURNED_IN,) if _may_hold_text(dataset) else ()
    return replace(header, warnings=(*header.warnings, *doubts))


def _frames(dataset: Dataset) -> int:
    return max(integer(dataset, "NumberOfFrames") or 1, 1)


def chosen_frame(frames: int, frame: int | None) -> int | None:
    """The frame to read, counted from 1; None in a file of one.

    Raises
    ------
    UnreadableFilm
        No choice among several, or a frame that is not there.
    """
    if frame is None and frames > 1:
        raise UnreadableFilm(f"holds {frames} frames; choose one of them (frame 1 to {frames})")
    if frame is not None and not 1 <= frame <= frames:
        there = "only one frame" if frames == 1 else f"frames 1 to {frames}"
        raise UnreadableFilm(f"has {there}; there is no frame {frame}")
    return frame if frames > 1 else None


def _require_projection(dataset: Dataset) -> None:
    """Refuse what is not a radiograph, by SOP class, by modality where there is none."""
    found = dataset.get("SOPClassUID")
    if found in ACCEPTED:
        return
    if not found and code(dataset, "Modality", ("CR", "DX", "RG")) is not None:
        return
    if not found:
        raise UnreadableFilm("does not say what kind of image it is; export the film again")
    kind = uid_name(str(found), "an unknown kind of object")
    raise UnreadableFilm(
        f"holds {kind}, not a radiograph (CR, DX, secondary capture); choose the whole-spine film"
    )


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
    if samples != (1 if header.photometric.startswith(("MONOCHROME", PALETTE)) else 3):
        raise UnreadableFilm("contradicts itself on its colours; export the film again")
    if allocated not in (8, 16) or stored is None or not 1 <= stored <= allocated:
        raise UnreadableFilm("has a pixel depth that is not read (8 or 16 bits allocated are)")
    signed = integer(dataset, "PixelRepresentation") == 1
    planar = 1 if integer(dataset, "PlanarConfiguration") == 1 else 0
    return PixelForm(
        header.rows,
        header.columns,
        samples,
        allocated,
        stored,
        signed,
        header.photometric,
        planar,
        frames=_frames(dataset),
    )


def _shift(dataset: Dataset, form: PixelForm) -> int:
    """Position of the lowest stored bit, 0 where HighBit makes no sense."""
    high = integer(dataset, "HighBit")
    lowest = 0 if high is None else high + 1 - form.bits_stored
    return lowest if 0 < lowest <= form.bits_allocated - form.bits_stored else 0


def _extended_offsets(dataset: Dataset) -> tuple[bytes, bytes] | None:
    """The Extended Offset Table of a multi-frame film and its lengths."""
    found = [value_of(dataset, f"ExtendedOffsetTable{end}") for end in ("", "Lengths")]
    return (found[0], found[1]) if all(isinstance(one, bytes) for one in found) else None


def _modality_values(
    dataset: Dataset, stored: Pixels, *, bits: int
) -> tuple[Pixels, tuple[str, ...]]:
    """Palette, Modality LUT or rescale; stored values, with a warning, where none is usable."""
    if code(dataset, "PhotometricInterpretation", (PALETTE,)) is not None:
        palette = palette_luminance(dataset)
        if palette is None:
            raise UnreadableFilm("has a colour palette that is not read; export the film in grey")
        return through_table(stored, palette.values, palette.first), ()
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
    colour = form.samples > 1 or form.photometric == PALETTE
    if colour:
        doubts.append("colour image: only its luminance is used")
    return tuple(doubts)


def _may_hold_text(dataset: Dataset) -> bool:
    """Whether the header says so, or says nothing of what was copied from a screen or in colour."""
    told = code(dataset, "BurnedInAnnotation", ("YES", "NO"))
    copied = str(dataset.get("SOPClassUID") or "") in SECONDARY_CAPTURE
    colour = code(dataset, "PhotometricInterpretation", COLOURED) is not None
    return told == "YES" or (told is None and (copied or colour))
