"""Every row of the calibration ladder, as plain tags and as a DICOM file."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path

import pytest
from film_writer import native, ramp
from hypothesis import given
from hypothesis import strategies as st

from balance.calibration import SpacingTags, calibrate
from balance.film import open_film, read_header
from balance.radiograph import CALIBRATION_STATE, CALIBRATION_STATES

FIELDS = {
    "PixelSpacing": "pixel_spacing",
    "ImagerPixelSpacing": "imager_pixel_spacing",
    "NominalScannedPixelSpacing": "nominal_scanned_pixel_spacing",
    "PixelSpacingCalibrationType": "calibration_type",
    "EstimatedRadiographicMagnificationFactor": "magnification_factor",
    "DistanceSourceToDetector": "source_to_detector",
    "DistanceSourceToPatient": "source_to_patient",
    "PixelAspectRatio": "pixel_aspect_ratio",
}
PS, IPS, NSPS, TYPE, ERMF, SID, SOD, PAR = FIELDS


@dataclass(frozen=True)
class Row:
    name: str
    tags: dict[str, object]
    state: str
    row_mm: float
    column_mm: float
    read_from: tuple[str, ...] = ()
    warns: str | None = field(default=None)


LADDER = [
    Row("2 fiducial", {PS: (0.2, 0.2), TYPE: "FIDUCIAL"}, "dicom_fiducial", 0.2, 0.2, (PS, TYPE)),
    Row(
        "2 fiducial beside a detector spacing",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), TYPE: "FIDUCIAL"},
        "dicom_fiducial",
        0.12,
        0.12,
    ),
    Row(
        "2 fiducial that corrects nothing",
        {PS: (0.15, 0.15), IPS: (0.15, 0.15), TYPE: "FIDUCIAL"},
        "dicom_fiducial",
        0.15,
        0.15,
        warns="equals",
    ),
    Row(
        "2 fiducial, distances that do not reach to the spine",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), TYPE: "FIDUCIAL", SID: 1800.0, SOD: 1650.0},
        "dicom_fiducial",
        0.12,
        0.12,
    ),
    Row("3 geometry", {PS: (0.2, 0.1), TYPE: "GEOMETRY"}, "dicom_geometry", 0.2, 0.1),
    Row(
        "3 geometry confirmed by the factor",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), TYPE: "GEOMETRY", ERMF: 1.25},
        "dicom_geometry",
        0.12,
        0.12,
    ),
    Row(
        "4 corrected, nobody says how",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15)},
        "dicom_corrected_unknown",
        0.12,
        0.12,
        (PS, IPS),
    ),
    Row(
        "4 corrected from a scanned film, also upwards",
        {PS: (0.3, 0.3), NSPS: (0.2, 0.2)},
        "dicom_corrected_unknown",
        0.3,
        0.3,
        (PS, NSPS),
    ),
    Row(
        "4 corrected as the distances say",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), SID: 1875.0, SOD: 1500.0},
        "dicom_corrected_unknown",
        0.12,
        0.12,
    ),
    Row(
        "4 just past the tolerance",
        {PS: (0.1498, 0.1498), IPS: (0.15, 0.15)},
        "dicom_corrected_unknown",
        0.1498,
        0.1498,
    ),
    Row("5 factor", {IPS: (0.15, 0.3), ERMF: 1.2}, "ermf", 0.125, 0.25, (IPS, ERMF)),
    Row(
        "5 factor not yet applied",
        {PS: (0.15, 0.15), IPS: (0.15, 0.15), ERMF: 1.2},
        "ermf",
        0.125,
        0.125,
    ),
    Row(
        "5 factor confirmed by the distances",
        {IPS: (0.15, 0.15), ERMF: 1.2, SID: 1800.0, SOD: 1500.0},
        "ermf",
        0.125,
        0.125,
    ),
    Row(
        "6 distances only suggest",
        {PS: (0.15, 0.15), IPS: (0.15, 0.15), SID: 1800.0, SOD: 1500.0},
        "detector",
        0.15,
        0.15,
        (IPS,),
        "magnification of 1.200",
    ),
    Row("7 detector", {IPS: (0.14, 0.14)}, "detector", 0.14, 0.14, (IPS,)),
    Row("7 equal spacings", {PS: (0.14, 0.14), IPS: (0.14, 0.14)}, "detector", 0.14, 0.14),
    Row("7 equal within 0.1 %", {PS: (0.14986, 0.15), IPS: (0.15, 0.15)}, "detector", 0.15, 0.15),
    Row(
        "7 a factor of one corrects nothing", {IPS: (0.15, 0.15), ERMF: 1.0}, "detector", 0.15, 0.15
    ),
    Row("7 distances of zero", {IPS: (0.15, 0.15), SID: 1800.0, SOD: 0.0}, "detector", 0.15, 0.15),
    Row(
        "7 patient behind the detector",
        {IPS: (0.15, 0.15), SID: 1800.0, SOD: 1800.0},
        "detector",
        0.15,
        0.15,
        warns="between source and detector",
    ),
    Row(
        "7 unknown calibration type",
        {PS: (0.15, 0.15), IPS: (0.15, 0.15), TYPE: "RULER"},
        "detector",
        0.15,
        0.15,
        warns="neither",
    ),
    Row("8 scanned film", {NSPS: (0.2, 0.2)}, "scanned_film", 0.2, 0.2, (NSPS,)),
    Row("8 equal spacings", {PS: (0.2, 0.2), NSPS: (0.2, 0.2)}, "scanned_film", 0.2, 0.2),
    Row("9 origin not told", {PS: (0.2, 0.1)}, "unknown", 0.2, 0.1, (PS,)),
    Row(
        "9 a factor without a base",
        {PS: (0.2, 0.2), ERMF: 1.2},
        "unknown",
        0.2,
        0.2,
        warns="not used",
    ),
    Row("10 aspect only", {PAR: (4, 5)}, "none", 0.8, 1.0, (PAR,)),
    Row("10 nothing", {}, "none", 1.0, 1.0),
    Row("10 broken aspect", {PAR: (0, 0)}, "none", 1.0, 1.0, warns="square"),
    Row("X zero", {PS: (0.0, 0.0)}, "conflict", 1.0, 1.0, (PS,)),
    Row("X negative", {IPS: (-0.15, 0.15)}, "conflict", 1.0, 1.0, (IPS,)),
    Row("X one value", {PS: (0.15,)}, "conflict", 1.0, 1.0),
    Row("X three values", {PS: (0.15, 0.15, 0.15)}, "conflict", 1.0, 1.0),
    Row("X broken beside a good one", {PS: (0.0, 0.0), IPS: (0.3, 0.15)}, "conflict", 2.0, 1.0),
    Row(
        "X larger than the detector's", {PS: (0.16, 0.16), IPS: (0.15, 0.15)}, "conflict", 1.0, 1.0
    ),
    Row(
        "X larger in one axis",
        {PS: (0.15, 0.151), IPS: (0.15, 0.15)},
        "conflict",
        0.15 / 0.151,
        1.0,
    ),
    Row(
        "X larger in spite of its type",
        {PS: (0.16, 0.16), IPS: (0.15, 0.15), TYPE: "FIDUCIAL"},
        "conflict",
        1.0,
        1.0,
    ),
    Row(
        "X another factor in each axis",
        {PS: (0.12, 0.14), IPS: (0.15, 0.15)},
        "conflict",
        6 / 7,
        1.0,
    ),
    Row("X factor below one", {IPS: (0.15, 0.15), ERMF: 0.8}, "conflict", 1.0, 1.0, (ERMF,)),
    Row("X factor of zero", {IPS: (0.15, 0.15), ERMF: 0.0}, "conflict", 1.0, 1.0, (ERMF,)),
    Row(
        "X factor contradicts the spacings",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), ERMF: 1.15},
        "conflict",
        1.0,
        1.0,
        (PS, IPS, ERMF),
    ),
    Row(
        "X declared calibrated, equal spacings, yet a factor",
        {PS: (0.15, 0.15), IPS: (0.15, 0.15), TYPE: "GEOMETRY", ERMF: 1.2},
        "conflict",
        1.0,
        1.0,
    ),
    Row(
        "X factor contradicts the distances",
        {IPS: (0.15, 0.15), ERMF: 1.1, SID: 1800.0, SOD: 1500.0},
        "conflict",
        1.0,
        1.0,
        (ERMF, SID, SOD),
    ),
    Row(
        "X distances contradict an undeclared correction",
        {PS: (0.12, 0.12), IPS: (0.15, 0.15), SID: 1800.0, SOD: 1650.0},
        "conflict",
        1.0,
        1.0,
    ),
    Row(
        "X aspect contradicts the spacing",
        {PS: (0.2, 0.2), PAR: (1, 2)},
        "conflict",
        1.0,
        1.0,
        (PS, PAR),
    ),
]


def by_name(row: Row) -> str:
    return row.name


def as_tags(tags: dict[str, object]) -> SpacingTags:
    return SpacingTags(**{FIELDS[key]: value for key, value in tags.items()})


def film_file(folder: Path, tags: dict[str, object]) -> Path:
    lists = {name: list(one) if isinstance(one, tuple) else one for name, one in tags.items()}
    return native(folder, ramp(12, 2, 3), bits=12, **lists)


@pytest.mark.parametrize("row", LADDER, ids=by_name)
def test_a_row_of_the_ladder(row: Row) -> None:
    found = calibrate(as_tags(row.tags))
    assert found.scale.state == row.state
    assert (found.scale.row_mm, found.scale.column_mm) == pytest.approx((row.row_mm, row.column_mm))
    declared = CALIBRATION_STATE[row.state]
    assert (found.scale.plane, found.scale.sd_percent) == (declared.plane, declared.sd_percent)
    if row.read_from:
        assert found.tags == row.read_from
    if row.warns is not None:
        assert any(row.warns in warning for warning in found.warnings)
    if row.state == "conflict":
        assert any("conflict" in warning for warning in found.warnings)


@pytest.mark.parametrize("row", LADDER, ids=by_name)
def test_the_same_row_in_a_dicom_file(row: Row, tmp_path: Path) -> None:
    path = film_file(tmp_path, row.tags)
    film, header = open_film(path), read_header(path)
    assert film.scale.state == row.state
    assert (film.scale.row_mm, film.scale.column_mm) == pytest.approx((row.row_mm, row.column_mm))
    assert (header.scale, header.spacing_tags) == (film.scale, film.spacing_tags)
    if row.warns is not None:
        assert any(row.warns in warning for warning in film.warnings)


def test_the_ladder_reaches_every_state_but_the_users() -> None:
    every = {state.name for state in CALIBRATION_STATES}
    assert {row.state for row in LADDER} == every - {"user_fiducial"}


def test_unequal_but_consistent_rows_and_columns_are_no_conflict() -> None:
    found = calibrate(SpacingTags((0.16, 0.08), (0.2, 0.1)))
    assert found.scale.state == "dicom_corrected_unknown"


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("name", ["pixel_spacing", "imager_pixel_spacing"])
def test_a_spacing_that_is_no_number_is_a_conflict(bad: float, name: str) -> None:
    assert calibrate(SpacingTags(**{name: (0.15, bad)})).scale.state == "conflict"


def test_a_factor_that_is_no_number_is_a_conflict() -> None:
    tags = SpacingTags(imager_pixel_spacing=(0.15, 0.15), magnification_factor=nan)
    assert calibrate(tags).scale.state == "conflict"


def test_two_percent_is_the_border_of_a_contradiction() -> None:
    agreeing = SpacingTags((0.125, 0.125), (0.15, 0.15), magnification_factor=1.2 * 1.0199)
    opposed = SpacingTags((0.125, 0.125), (0.15, 0.15), magnification_factor=1.2 * 1.0201)
    assert calibrate(agreeing).scale.state == "dicom_corrected_unknown"
    assert calibrate(opposed).scale.state == "conflict"


anything = st.one_of(st.none(), st.floats(), st.sampled_from([0.1, 0.15, 1.0, 1.2, 1500.0]))
pairs = st.one_of(st.none(), st.lists(st.floats(), max_size=3).map(tuple))


@given(pairs, pairs, pairs, anything, anything, anything, pairs)
def test_no_header_raises_or_yields_a_scale_that_is_not_positive(
    pixel, imager, scanned, factor, detector, patient, aspect
) -> None:
    tags = SpacingTags(pixel, imager, scanned, None, factor, detector, patient, aspect)
    scale = calibrate(tags).scale
    assert scale.row_mm > 0
    assert scale.column_mm > 0
    assert scale.row_mm < inf
    assert scale.column_mm < inf
