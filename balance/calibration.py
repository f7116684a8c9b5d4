"""The calibration ladder: which spacing a DICOM header offers, and how far it may be trusted.

Rows 2 to 10 and row X of the project's decision table; row 1 (a calibration by the user) governs
from the landmark document and never reaches this module. PS3.3 10.7: an uncalibrated PixelSpacing
equals ImagerPixelSpacing or NominalScannedPixelSpacing; where it differs, it was corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from balance.radiograph import CALIBRATION_STATE, Scale

SAME = 0.001
"""Relative difference up to which two spacings are one value."""

CONTRADICTION = 0.02
"""Relative difference beyond which two statements of the header exclude each other."""

PLAUSIBLE_MM = (0.001, 100.0)
"""Sides of a pixel outside this range are slips of unit or damage."""

LARGEST_FACTOR = 10.0
"""No radiograph is magnified more."""

_ROUNDING = 1e-9

FIDUCIAL, GEOMETRY = "FIDUCIAL", "GEOMETRY"
_TYPED_STATES = {FIDUCIAL: "dicom_fiducial", GEOMETRY: "dicom_geometry"}


@dataclass(frozen=True, slots=True)
class SpacingTags:
    """What a header says about scale; None where an attribute is absent or empty.

    Spacings are tuples as found (row first, millimetres), of any length and content: a value that
    is no number is NaN. Distances are millimetres.
    """

    pixel_spacing: tuple[float, ...] | None = None
    imager_pixel_spacing: tuple[float, ...] | None = None
    nominal_scanned_pixel_spacing: tuple[float, ...] | None = None
    calibration_type: str | None = None
    magnification_factor: float | None = None
    source_to_detector: float | None = None
    source_to_patient: float | None = None
    pixel_aspect_ratio: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """A scale, the DICOM attributes it was read from, and doubts about it."""

    scale: Scale
    tags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def calibrate(tags: SpacingTags) -> Calibration:
    """Scale of a film from the spacing attributes of its header.

    Parameters
    ----------
    tags
        The attributes as found.

    Returns
    -------
    Calibration
        Millimetres per pixel with state and plane; under ``none`` and ``conflict`` the pixel
        aspect only (column 1.0). Never raises: a contradiction is the state ``conflict``.

    Notes
    -----
    Choices that the table leaves open: a magnification factor of exactly 1 (a frequent default)
    corrects nothing, so the state stays ``detector``; the two distances never overrule a declared
    FIDUCIAL or GEOMETRY calibration, because DistanceSourceToPatient does not reach to the spine;
    distances of 0 count as not given.

    Examples
    --------
    >>> found = calibrate(SpacingTags(imager_pixel_spacing=(0.15, 0.15), magnification_factor=1.25))
    >>> found.scale.state, round(found.scale.row_mm, 3)
    ('ermf', 0.12)
    >>> calibrate(SpacingTags()).scale.state
    'none'
    >>> calibrate(SpacingTags(pixel_spacing=(0.0, 0.0))).scale.state
    'conflict'
    """
    factor, doubts = _distance_factor(tags)
    kind = tags.calibration_type
    if kind is not None and kind not in _TYPED_STATES:
        doubts = (*doubts, "PixelSpacingCalibrationType is neither FIDUCIAL nor GEOMETRY: ignored")
        kind = None
    conflict = _invalid(tags) or _contradiction(tags, kind=kind, distance_factor=factor)
    if conflict is not None:
        names, reason = conflict
        text = f"conflict in the header's scale: {reason}; no millimetres until calibrated by hand"
        return Calibration(_aspect(tags, "conflict"), names, (*doubts, text))
    return _ladder(tags, kind=kind, distance_factor=factor, doubts=doubts)


def _ladder(
    tags: SpacingTags,
    *,
    kind: str | None,
    distance_factor: float | None,
    doubts: tuple[str, ...],
) -> Calibration:
    """Rows 2 to 10, for a header without contradictions."""
    pixel, imager = tags.pixel_spacing, tags.imager_pixel_spacing
    scanned, factor = tags.nominal_scanned_pixel_spacing, tags.magnification_factor
    if pixel is not None and kind is not None:
        if imager is not None and _same(pixel, imager):
            doubts = (*doubts, "PixelSpacing is declared calibrated but equals ImagerPixelSpacing")
        names: tuple[str, ...] = ("PixelSpacing", "PixelSpacingCalibrationType")
        return _found(_TYPED_STATES[kind], pixel, names, doubts)
    if _corrected(tags):
        names = ("PixelSpacing", *_bases(tags))
        assert pixel is not None
        return _found("dicom_corrected_unknown", pixel, names, doubts)
    if imager is not None and factor is not None and factor > 1 + SAME:
        names = ("ImagerPixelSpacing", "EstimatedRadiographicMagnificationFactor")
        return _found("ermf", (imager[0] / factor, imager[1] / factor), names, doubts)
    if factor is not None:
        doubts = (*doubts, _unused_factor(imager))
    if imager is not None and (pixel is None or scanned is None or _same(pixel, imager)):
        if distance_factor is not None:
            doubts = (*doubts, _suggestion(distance_factor))
        return _found("detector", imager, ("ImagerPixelSpacing",), doubts)
    if scanned is not None:
        return _found("scanned_film", scanned, ("NominalScannedPixelSpacing",), doubts)
    if pixel is not None:
        return _found("unknown", pixel, ("PixelSpacing",), doubts)
    return _without_spacing(tags, doubts)


def _found(
    state: str, spacing: tuple[float, ...], names: tuple[str, ...], doubts: tuple[str, ...]
) -> Calibration:
    row = CALIBRATION_STATE[state]
    scale = Scale(spacing[0], spacing[1], state, row.plane, row.sd_percent)
    return Calibration(scale, names, doubts)


def _without_spacing(tags: SpacingTags, doubts: tuple[str, ...]) -> Calibration:
    ratio = tags.pixel_aspect_ratio
    usable = _usable_aspect(ratio)
    if ratio is not None and not usable:
        doubts = (*doubts, "PixelAspectRatio is not two positive numbers: square pixels assumed")
    names = ("PixelAspectRatio",) if usable else ()
    return Calibration(_aspect(tags, "none"), names, doubts)


def _aspect(tags: SpacingTags, state: str) -> Scale:
    """The pixel aspect from the first usable pair, height over width."""
    row = CALIBRATION_STATE[state]
    pairs = [value for _, value in _spacings(tags) if _usable_pair(value)]
    if tags.pixel_aspect_ratio is not None and _usable_aspect(tags.pixel_aspect_ratio):
        pairs.append(tags.pixel_aspect_ratio)
    height, width = pairs[0][:2] if pairs else (1.0, 1.0)
    return Scale(height / width, 1.0, state, row.plane, row.sd_percent)


def _spacings(tags: SpacingTags) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The spacing attributes that are present, by name."""
    candidates = (
        ("PixelSpacing", tags.pixel_spacing),
        ("ImagerPixelSpacing", tags.imager_pixel_spacing),
        ("NominalScannedPixelSpacing", tags.nominal_scanned_pixel_spacing),
    )
    return tuple((name, value) for name, value in candidates if value is not None)


def _bases(tags: SpacingTags) -> tuple[str, ...]:
    return tuple(name for name, _ in _spacings(tags) if name != "PixelSpacing")


def _invalid(tags: SpacingTags) -> tuple[tuple[str, ...], str] | None:
    """Row X, one attribute on its own."""
    for name, value in _spacings(tags):
        if not _usable_pair(value):
            return (name,), f"{name} is not two positive, plausible numbers"
    factor = tags.magnification_factor
    # 1 / 1.001 and more is rounding of "no magnification"; an object cannot lie behind the detector
    if factor is not None and not 1 - SAME - _ROUNDING <= factor <= LARGEST_FACTOR:
        name = "EstimatedRadiographicMagnificationFactor"
        return (name,), f"{name} is not a number from 1 to {LARGEST_FACTOR:g}"
    return None


def _contradiction(
    tags: SpacingTags, *, kind: str | None, distance_factor: float | None
) -> tuple[tuple[str, ...], str] | None:
    """Row X, two attributes against each other."""
    pixel, imager = tags.pixel_spacing, tags.imager_pixel_spacing
    factor = tags.magnification_factor
    pair = ("PixelSpacing", "ImagerPixelSpacing")
    factor_name = "EstimatedRadiographicMagnificationFactor"
    distances = ("DistanceSourceToDetector", "DistanceSourceToPatient")
    if pixel is not None and imager is not None:
        ratios = (imager[0] / pixel[0], imager[1] / pixel[1])
        if min(ratios) < 1 / (1 + SAME + _ROUNDING):
            return pair, "PixelSpacing is larger than ImagerPixelSpacing"
        if _apart(*ratios):
            return pair, "PixelSpacing and ImagerPixelSpacing differ by another factor in each axis"
        applied = sum(ratios) / 2
        # an uncorrected, untyped PixelSpacing beside a factor only says that nobody applied it yet
        claimed = kind is not None or _corrected(tags)
        if claimed and factor is not None and _apart(applied, factor):
            return (*pair, factor_name), f"{factor_name} is not the factor between the spacings"
        untyped = kind is None and _corrected(tags)
        if untyped and distance_factor is not None and _apart(applied, distance_factor):
            return (*pair, *distances), "the distances do not give the factor between the spacings"
    if factor is not None and distance_factor is not None and _apart(factor, distance_factor):
        return (factor_name, *distances), f"{factor_name} is not the ratio of the distances"
    return _aspect_contradiction(tags)


def _aspect_contradiction(tags: SpacingTags) -> tuple[tuple[str, ...], str] | None:
    ratio = tags.pixel_aspect_ratio
    if ratio is None or not _usable_aspect(ratio):
        return None
    for name, spacing in _spacings(tags):
        if _apart(spacing[0] / spacing[1], ratio[0] / ratio[1]):
            return (name, "PixelAspectRatio"), f"{name} and PixelAspectRatio give unlike pixels"
    return None


def _distance_factor(tags: SpacingTags) -> tuple[float | None, tuple[str, ...]]:
    """Magnification of the distances (row 6), None where they give none; and doubts."""
    detector, patient = tags.source_to_detector, tags.source_to_patient
    if not detector or not patient:
        return None, ()
    if not (0 < patient < detector < inf):
        text = "DistanceSourceToPatient does not lie between source and detector: ignored"
        return None, (text,)
    return detector / patient, ()


def _suggestion(factor: float) -> str:
    return (
        f"millimetres hold at the detector; the distances in the header suggest a magnification"
        f" of {factor:.3f} (not applied)"
    )


def _unused_factor(imager: tuple[float, ...] | None) -> str:
    name = "EstimatedRadiographicMagnificationFactor"
    if imager is None:
        return f"{name} is not used: there is no ImagerPixelSpacing to apply it to"
    return f"{name} is 1: nothing is corrected, millimetres hold at the detector"


def _corrected(tags: SpacingTags) -> bool:
    """Whether PixelSpacing differs from every spacing that an uncorrected one would equal."""
    pixel = tags.pixel_spacing
    bases = [value for name, value in _spacings(tags) if name != "PixelSpacing"]
    return pixel is not None and bool(bases) and not any(_same(pixel, base) for base in bases)


def _usable_pair(value: tuple[float, ...]) -> bool:
    low, high = PLAUSIBLE_MM
    return len(value) == 2 and all(low <= number <= high for number in value)


def _usable_aspect(value: tuple[float, ...] | None) -> bool:
    if value is None or len(value) != 2 or not all(0 < number < inf for number in value):
        return False
    return 1 / 100 < value[0] / value[1] < 100


def _same(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= (SAME + _ROUNDING) * b for a, b in zip(first, second, strict=True))


def _apart(first: float, second: float) -> bool:
    """Whether two factors contradict each other, whichever is named first."""
    low, high = sorted((first, second))
    return high / low > 1 + CONTRADICTION + _ROUNDING
