"""The published and estimated geometry that the lateral shape prior is drawn from.

Every row names its source by a key of :data:`balance.references.REFERENCES`, or ``ESTIMATE`` where
no page with the number was read; widths are chosen a little wider than life, because a prior that
is too sure does more harm than one that is too modest. Millimetres and degrees; lordosis and
kyphosis are positive in the tables that bear their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ESTIMATE = "estimate"
"""Marks numbers that are our own, or quoted from memory of their source."""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One vertebra: depths of its endplates and posterior height, the disc below; mm."""

    level: str
    depth_superior: float
    depth_inferior: float
    height: float
    disc: float


BODY_SOURCES = ("panjabi1991", "panjabi1992", "cervical_bodies2022", ESTIMATE)
DISC_SOURCES = ("thoracic_discs2015", "lumbar_discs2024", "cervical_discs2024", ESTIMATE)
BODIES: tuple[BodyRow, ...] = (
    BodyRow("C2", 13.0, 15.0, 16.0, 4.1),
    BodyRow("C3", 14.7, 15.7, 12.0, 4.1),
    BodyRow("C4", 15.0, 15.9, 11.4, 4.1),
    BodyRow("C5", 15.4, 16.1, 11.0, 4.3),
    BodyRow("C6", 15.7, 16.3, 11.4, 4.5),
    BodyRow("C7", 18.1, 16.8, 12.8, 4.3),
    BodyRow("T1", 18.5, 19.7, 14.1, 3.6),
    BodyRow("T2", 19.6, 21.6, 15.6, 3.2),
    BodyRow("T3", 22.7, 23.3, 15.7, 3.0),
    BodyRow("T4", 23.3, 24.5, 16.2, 2.9),
    BodyRow("T5", 24.3, 25.8, 16.2, 3.2),
    BodyRow("T6", 26.0, 26.9, 17.4, 3.6),
    BodyRow("T7", 27.4, 28.5, 18.2, 3.9),
    BodyRow("T8", 27.9, 29.4, 18.7, 4.1),
    BodyRow("T9", 29.3, 31.0, 19.3, 4.5),
    BodyRow("T10", 30.5, 31.6, 20.2, 5.1),
    BodyRow("T11", 31.9, 31.8, 21.3, 6.0),
    BodyRow("T12", 32.8, 33.4, 22.7, 7.6),
    BodyRow("T13", 33.4, 34.3, 23.2, 7.8),
    BodyRow("L1", 34.1, 35.3, 23.8, 8.6),
    BodyRow("L2", 34.6, 34.9, 24.3, 9.9),
    BodyRow("L3", 35.2, 34.8, 23.8, 11.0),
    BodyRow("L4", 35.5, 33.9, 24.1, 11.5),
    BodyRow("L5", 34.7, 33.2, 22.9, 10.6),
    BodyRow("L6", 34.3, 33.0, 22.5, 9.5),
)
"""T1 to L5 and C7 as tabulated from the cadaver series; C3 to C6 from a bone collection (C4 and C5
between its ends); C2, T13 and L6 are estimates. Discs are middle heights: thoracic from CT, 15 %
higher in the middle than at the rim (estimate), lumbar the mean of a CT and an MRI series."""

BODY: Mapping[str, BodyRow] = {row.level: row for row in BODIES}


@dataclass(frozen=True, slots=True)
class Width:
    """A mean with its standard deviation and its source."""

    mean: float
    sd: float
    source: str


SACRAL_DEPTH_MM = Width(34.0, 3.0, ESTIMATE)
PELVIC_RADIUS_MM = Width(112.0, 9.0, ESTIMATE)
"""Hip axis to the middle of the S1 endplate."""
HEADS_APART_MM = (Width(0.0, 14.0, ESTIMATE), Width(0.0, 14.0, ESTIMATE))
"""Offset of one femoral head from the other, anterior and up: a turned pelvis, a wide beam."""
DENS_MM = (Width(1.0, 4.0, ESTIMATE), Width(19.0, 5.0, ESTIMATE))
"""Tip of the dens from the middle of C2's superior corners, along and across that plate."""

LOG_SIZE_SD = 0.09
"""Overall size of a person; women are 8 to 9 % smaller (ct_sizes2025)."""
LOG_DEPTH_SD = 0.045
LOG_HEIGHT_SD = 0.05
REGION_LOG_HEIGHT_SD = 0.04
REGION_LOG_DISC_SD = 0.22
"""What all bodies and all discs of a region (:data:`REGIONS`) have in common, beside the person's
size: tables of different authors differ by this much."""
REGIONS = (("C",), ("T1", "T2", "T3", "T4", "T5", "T6"), ("T",), ("L",))
"""Regions by the names, or their beginnings, of their levels; the first that fits counts."""
SHEAR_MM = 1.3
"""How far an upper endplate is set forward on its own body, beyond an upright posterior wall."""
NEIGHBOURS = 0.6
"""Correlation between adjacent levels of half of the variance of depths, heights and discs."""

DISC_WEDGE = 0.25
"""How much less than a body's the angle of a disc may leave what its posture says."""

LUMBAR_LORDOSIS: tuple[tuple[str, float, float], ...] = (
    ("L1", 1.2, 3.35),
    ("L2", 5.9, 1.65),
    ("L3", 9.1, 0.1),
    ("L4", 12.7, -1.9),
    ("L5", 21.6, -6.2),
)
"""Lordosis of each segment (body and the disc below it; segmental2022) and the kyphotic wedge of
its body, mean of women and men (wedging2010)."""
LORDOSIS_SHARE = (0.15, 0.25, 0.25, 0.20, 0.15)
"""How a lordosis above the table's sum spreads over L1 to L5; estimate."""

THORACIC_KYPHOSIS = (3.2, 3.6, 4.0, 4.3, 4.6, 4.8, 4.8, 4.4, 3.8, 3.2, 2.6, 1.8)
"""Kyphosis of T1 to T12 with the disc below each; sums to T1-T5 about 16 and T5-T12 about 30
degrees (kyphosis2024), the run between them is an estimate."""
THORACIC_BODY_SHARE = 0.75
"""Share of a thoracic segment's kyphosis that its body holds (wedging2010 for T9 to T12)."""
DISC_BELOW_THORAX = -1.5
"""Kyphosis of the disc between the last thoracic vertebra and L1; estimate, so that T10 to L1
reach about 8 degrees (junction2023)."""

CERVICAL_LORDOSIS = Width(14.0, 9.0, "cervical_meta2018")
"""C2 to C7 at a T1 slope of 25.5 degrees, which is the mean of cervical2020 and of Brazilian adults
(brazil2018)."""
CERVICAL_PER_T1_SLOPE = 0.8
CERVICAL_DISC_SHARE = 0.7
USUAL_T1_SLOPE = 25.5


@dataclass(frozen=True, slots=True)
class PostureRow:
    """One component of the mixture: how its people stand. Degrees and mm, mean and SD pairs.

    ``tilt`` are the coefficients of PT on 1, PI and years, ``lordosis`` those of LL; ``mismatch``
    replaces the latter where a posture is known by PI-LL. ``looseness`` multiplies the SDs of the
    regional modes, ``step`` is the SD of each body and disc on its own, ``wedge`` the scale of the
    heavy-tailed body wedges, and ``disc`` the SD of the logarithm of disc heights.
    """

    name: str
    weight: float
    ages: tuple[float, float]
    incidence: tuple[float, float]
    tilt: tuple[float, float, float]
    tilt_sd: float
    lordosis: tuple[float, float, float]
    lordosis_sd: float
    mismatch: tuple[float, float] | None
    kyphosis: tuple[float, float]
    sva: tuple[float, float]
    looseness: float
    step: float
    wedge: float
    slip: float
    disc: float
    sources: tuple[str, ...]


POSTURES: tuple[PostureRow, ...] = (
    PostureRow(
        name="asymptomatic",
        weight=0.5,
        ages=(20.0, 80.0),
        incidence=(52.5, 11.0),
        tilt=(-12.7, 0.38, 0.14),
        tilt_sd=6.5,
        lordosis=(32.9, 0.60, -0.23),
        lordosis_sd=8.5,
        mismatch=None,
        kyphosis=(45.0, 12.0),
        sva=(-2.0, 27.0),
        looseness=1.0,
        step=2.0,
        wedge=1.6,
        slip=1.2,
        disc=0.22,
        sources=("macthiong2011", "sagittal_norms2025", "hasegawa2016", "pmid27111763"),
    ),
    PostureRow(
        name="deformity",
        weight=0.35,
        ages=(40.0, 85.0),
        incidence=(54.0, 12.5),
        tilt=(-3.5, 0.37, 0.0),
        tilt_sd=7.0,
        lordosis=(0.0, 0.0, 0.0),
        lordosis_sd=0.0,
        mismatch=(19.0, 19.0),
        kyphosis=(50.0, 18.0),
        sva=(55.0, 65.0),
        looseness=1.5,
        step=3.0,
        wedge=6.0,
        slip=3.0,
        disc=0.35,
        sources=("deformity2022", ESTIMATE),
    ),
    PostureRow(
        name="post-fusion",
        weight=0.15,
        ages=(30.0, 85.0),
        incidence=(54.0, 12.5),
        tilt=(-5.0, 0.37, 0.0),
        tilt_sd=7.0,
        lordosis=(0.0, 0.0, 0.0),
        lordosis_sd=0.0,
        mismatch=(5.0, 13.0),
        kyphosis=(46.0, 16.0),
        sva=(25.0, 45.0),
        looseness=1.4,
        step=2.6,
        wedge=4.0,
        slip=1.8,
        disc=0.30,
        sources=("deformity2022", ESTIMATE),
    ),
)
TILT_PER_MISMATCH = 0.33
"""Pelvic tilt gained with each degree of PI-LL; estimate."""

REGIONAL_MODES: tuple[tuple[str, float], ...] = (
    ("lumbar_exchange", 6.5),
    ("lumbar_top", 4.0),
    ("thoracic_exchange", 6.0),
    ("thoracic_apex", 4.0),
    ("junction", 5.0),
    ("cervicothoracic", 4.0),
    ("cervical_exchange", 4.0),
)
"""Shapes that leave the regional sums as they are, or bend a junction; estimates, SD in degrees."""

WEDGE_FREEDOM = 2.0
"""Degrees of freedom of Student's t for body wedges, slips; fractures of 12 to 24 degrees occur
(fracture_wedges2023)."""
