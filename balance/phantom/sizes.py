"""How large the phantom's bones are: its own round numbers, not norms.

Vertebral depths, widths and posterior heights follow Panjabi 1991 (``panjabi1991``) and 1992 as
tabulated, rounded to half millimetres; disc heights follow the means of published CT and MRI
series. They are phantom sizes, chosen once, not norms: nobody's spine may be compared with them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BodySize:
    """One vertebral body and the disc below it, millimetres."""

    level: str
    depth_superior: float
    depth_inferior: float
    height: float
    width: float
    disc: float


BODY_SIZES: tuple[BodySize, ...] = (
    BodySize("C2", 13.0, 15.0, 15.0, 17.0, 5.0),
    BodySize("C3", 15.0, 15.5, 13.0, 17.0, 5.0),
    BodySize("C4", 15.5, 16.0, 12.5, 17.5, 5.0),
    BodySize("C5", 15.5, 16.5, 12.0, 18.0, 5.0),
    BodySize("C6", 16.5, 17.0, 12.0, 19.5, 5.0),
    BodySize("C7", 17.5, 17.5, 13.0, 21.5, 5.0),
    BodySize("T1", 18.5, 19.5, 14.0, 24.5, 4.5),
    BodySize("T2", 19.5, 21.5, 15.5, 25.0, 4.0),
    BodySize("T3", 22.5, 23.5, 15.5, 24.5, 4.0),
    BodySize("T4", 23.5, 24.5, 16.0, 24.5, 4.0),
    BodySize("T5", 24.5, 26.0, 16.5, 25.0, 4.0),
    BodySize("T6", 26.0, 27.0, 17.5, 26.0, 4.5),
    BodySize("T7", 27.5, 28.5, 18.0, 28.0, 4.5),
    BodySize("T8", 28.0, 29.5, 18.5, 29.5, 4.5),
    BodySize("T9", 29.5, 31.0, 19.5, 30.5, 5.0),
    BodySize("T10", 30.5, 31.5, 20.0, 32.0, 5.5),
    BodySize("T11", 32.0, 32.0, 21.5, 35.0, 6.5),
    BodySize("T12", 33.0, 33.5, 22.5, 39.0, 8.0),
    BodySize("T13", 33.5, 34.0, 23.0, 40.0, 8.0),
    BodySize("L1", 34.0, 35.5, 24.0, 41.0, 9.0),
    BodySize("L2", 34.5, 35.0, 24.5, 42.5, 10.5),
    BodySize("L3", 35.0, 35.0, 24.0, 44.0, 11.5),
    BodySize("L4", 35.5, 34.0, 24.0, 46.5, 11.5),
    BodySize("L5", 34.5, 33.0, 23.0, 47.5, 10.5),
    BodySize("L6", 34.0, 33.0, 22.5, 48.5, 9.0),
)
"""Depth and width of the endplates, posterior height, middle height of the disc below."""

BODY_SIZE = {row.level: row for row in BODY_SIZES}

S1_DEPTH = 34.0
S1_WIDTH = 50.0
DENS_ABOVE_C2 = 20.0
"""From the middle of C2's upper corners to the tip of the dens."""

CHEST_HALF_WIDTHS: tuple[tuple[str, float], ...] = (
    ("T1", 55.0), ("T2", 80.0), ("T3", 98.0), ("T4", 110.0), ("T5", 119.0), ("T6", 126.0),
    ("T7", 131.0), ("T8", 134.0), ("T9", 135.0), ("T10", 134.0), ("T11", 131.0), ("T12", 126.0),
    ("L1", 120.0), ("L2", 114.0),
)  # fmt: skip
"""Inner chest wall from the chest's midline on a frontal film, at the height of each level."""


def levels_between(thoracic: int, lumbar: int) -> tuple[str, ...]:
    """Vertebrae from C2 down for a number of thoracic (11 to 13) and lumbar (4 to 6) bodies.

    Examples
    --------
    >>> levels_between(12, 6)[-2:]
    ('L5', 'L6')
    """
    if thoracic not in (11, 12, 13) or lumbar not in (4, 5, 6):
        raise ValueError(
            f"{thoracic} thoracic and {lumbar} lumbar vertebrae: give 11 to 13 and 4 to 6"
        )
    return (
        *(f"C{number}" for number in range(2, 8)),
        *(f"T{number}" for number in range(1, thoracic + 1)),
        *(f"L{number}" for number in range(1, lumbar + 1)),
    )
