"""Sizes and spreads of the frontal shape prior, each with where it comes from.

A film has its own scale and every patient their own size, so of the sizes only the proportions
between levels matter, and these are given wide spreads. Sizes: the widths of the upper endplates
and the posterior body heights of Panjabi 1991 (``panjabi1991``) and 1992 as tabulated in a reading
note (not compared with the papers again); T13 and L6 are put between or beyond their neighbours.
Discs: round numbers between the published means of CT and MRI series (thoracic 3 to 5, lumbar 8 to
11 mm). Spreads: estimates; those of the tilts and of the sideways steps were then compared by how
likely they make the corners of drawn films and of seven real ones, whose readers mark endplates
less tilted than the spine (share 0.89; drawn films 1.00), and rounded to what suits both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrontalSize:
    """Width and height of a vertebral body and the height of the disc below it, millimetres."""

    level: str
    width: float
    height: float
    disc: float


FRONTAL_SIZES: tuple[FrontalSize, ...] = (
    FrontalSize("C7", 21.8, 12.8, 4.5),
    FrontalSize("T1", 24.5, 14.1, 4.0),
    FrontalSize("T2", 24.9, 15.6, 3.8),
    FrontalSize("T3", 24.6, 15.7, 3.5),
    FrontalSize("T4", 24.5, 16.2, 3.2),
    FrontalSize("T5", 24.9, 16.2, 3.3),
    FrontalSize("T6", 26.2, 17.4, 3.6),
    FrontalSize("T7", 27.8, 18.2, 4.0),
    FrontalSize("T8", 29.5, 18.7, 4.3),
    FrontalSize("T9", 30.6, 19.3, 4.6),
    FrontalSize("T10", 31.9, 20.2, 5.2),
    FrontalSize("T11", 34.9, 21.3, 6.3),
    FrontalSize("T12", 39.0, 22.7, 8.0),
    FrontalSize("T13", 40.0, 23.2, 8.0),
    FrontalSize("L1", 41.2, 23.8, 9.2),
    FrontalSize("L2", 42.6, 24.3, 10.6),
    FrontalSize("L3", 44.1, 23.8, 11.3),
    FrontalSize("L4", 46.6, 24.1, 11.4),
    FrontalSize("L5", 47.3, 22.9, 10.5),
    FrontalSize("L6", 48.0, 22.5, 9.5),
    FrontalSize("S1", 50.0, 0.0, 0.0),
)

FRONTAL_SIZE = {row.level: row for row in FRONTAL_SIZES}


@dataclass(frozen=True, slots=True)
class FrontalSpread:
    """How far frontal spines differ from the table and from a smooth curve, standard deviations.

    Attributes
    ----------
    size
        Body size between people, as a fraction; holds where the film has millimetres.
    proportion, height, disc, discs
        Lengths along the spine, as fractions: a part that neighbouring levels share (thoracic
        against lumbar, and foreshortening by kyphosis), each body's and each disc's own, and how
        much all discs of a person differ from the table.
    girth, taper, width
        Widths against heights, as fractions: shared by all levels, shared by neighbours, and each
        endplate's own.
    lean
        Tilt of the whole spine, degrees.
    curve_length_mm
        Over what length of the spine its tilt changes: curves of 4 to 8 levels.
    share, share_sd
        How much of the direction of the spine an endplate's tilt takes up, and how surely: on a
        film the line of the centroids is steeper than the bodies, because kyphosis shortens it.
    body, body_length_mm, wedge
        Body against the spine's direction there, shared by neighbours within that length, and each
        endplate's own, degrees.
    shift_mm
        Sideways step from one endplate to the next that the tilt does not explain.
    """

    size: float = 0.10
    proportion: float = 0.12
    height: float = 0.06
    disc: float = 0.20
    discs: float = 0.25
    girth: float = 0.10
    taper: float = 0.10
    width: float = 0.05
    lean: float = 6.0
    curve_length_mm: float = 70.0
    share: float = 0.93
    share_sd: float = 0.10
    body: float = 2.3
    body_length_mm: float = 30.0
    wedge: float = 2.3
    shift_mm: float = 0.6


FRONTAL_SPREAD = FrontalSpread()

CURVE_AMPLITUDES: tuple[tuple[float, float], ...] = (
    (2.5, 0.35),
    (8.0, 0.30),
    (16.0, 0.20),
    (30.0, 0.15),
)
"""Standard deviation of the tilt along the spine in degrees, and how often: straight, mild,
moderate and severe curves (the last admits Cobb angles of 90 degrees and more). The shares are
estimates; the clicks of a film decide between them."""
