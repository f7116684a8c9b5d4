"""The vocabulary: levels, endplates and the names of the points of a landmark document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from balance.radiograph import View

Endplate = Literal["superior", "inferior"]
ENDPLATES: tuple[Endplate, Endplate] = ("superior", "inferior")

CERVICAL = tuple(f"C{number}" for number in range(2, 8))
THORACIC = tuple(f"T{number}" for number in range(1, 14))
LUMBAR = tuple(f"L{number}" for number in range(1, 7))
SACRUM = "S1"
OTHER_SACRUM = "S1_alternative"
"""Another candidate for the sacral endplate of a transitional segment."""

VERTEBRAE = CERVICAL + THORACIC + LUMBAR
"""Every level that has two endplates, from the head down; T13 and L6 exist in few people."""

LEVELS = (*VERTEBRAE, SACRUM)

ENDS: dict[View, tuple[str, str]] = {
    "lateral": ("posterior", "anterior"),
    "frontal": ("left", "right"),
}
"""The two ends of an endplate in the order in which plane x grows."""

_IN_BOTH_VIEWS = (
    "C2_dens",
    "cranial_centre",
    *(f"{part}_{number}" for part in ("femur_shaft", "knee", "ankle") for number in (1, 2)),
    "chin",
    "brow",
)
_LATERAL_ONLY = ("femoral_head_1", "femoral_head_2")
_FRONTAL_ONLY = (
    *(f"{part}_{side}" for part in ("femoral_head", "iliac_crest", "clavicle", "rib")
      for side in ("left", "right")),
    "sacrum_centre",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corner:
    """One end of one endplate, as its point name says."""

    level: str
    endplate: Endplate
    end: str


_CORNER = re.compile(r"^(.+)_(superior|inferior)_(anterior|posterior|left|right)$")


def corner_name(level: str, endplate: Endplate, end: str) -> str:
    """Name of an endplate corner, such as ``L1_superior_anterior``."""
    return f"{level}_{endplate}_{end}"


@cache
def plate_names(level: str, endplate: Endplate, view: View) -> tuple[str, str]:
    """Names of the two corners of an endplate, in the order in which plane x grows.

    Examples
    --------
    >>> plate_names("S1", "superior", "lateral")
    ('S1_superior_posterior', 'S1_superior_anterior')
    """
    first, second = ENDS[view]
    return corner_name(level, endplate, first), corner_name(level, endplate, second)


@cache
def body_names(level: str, view: View) -> tuple[str, str, str, str]:
    """Names of the four corners of a vertebral body."""
    return (*plate_names(level, "superior", view), *plate_names(level, "inferior", view))


@cache
def parse_corner(name: str) -> Corner | None:
    """The corner that a point name means, or None for a point of another kind.

    Examples
    --------
    >>> parse_corner("T12_inferior_left")
    Corner(level='T12', endplate='inferior', end='left')
    >>> parse_corner("femoral_head_1") is None
    True
    """
    match = _CORNER.match(name)
    return Corner(*match.groups()) if match else None  # type: ignore[arg-type]


def level_of(name: str) -> str | None:
    """The vertebral level that a point belongs to, or None."""
    corner = parse_corner(name)
    if corner is not None:
        return corner.level
    level = name.removesuffix("_centroid")
    return level if level in VERTEBRAE else None


def _names(view: View) -> tuple[str, ...]:
    corners = [name for level in VERTEBRAE for name in body_names(level, view)]
    sacral = [
        name for level in (SACRUM, OTHER_SACRUM) for name in plate_names(level, "superior", view)
    ]
    centroids = [f"{level}_centroid" for level in VERTEBRAE]
    others = _LATERAL_ONLY if view == "lateral" else _FRONTAL_ONLY
    return (*corners, *sacral, *centroids, *others, *_IN_BOTH_VIEWS)


POINT_NAMES: dict[View, tuple[str, ...]] = {
    "lateral": _names("lateral"),
    "frontal": _names("frontal"),
}
"""Every point name that a document of the view may hold, in one fixed order."""

_KNOWN = {view: frozenset(names) for view, names in POINT_NAMES.items()}


def belongs_to_view(name: str, view: View) -> bool:
    """Whether a point of this name may stand in a document of the view."""
    return name in _KNOWN[view]


def is_point_name(name: str) -> bool:
    """Whether any view knows a point of this name."""
    return any(name in names for names in _KNOWN.values())
