"""Smooth endplate tilts through chosen ones, and the stack of bodies that carries them.

A tilt is how far the end of an endplate towards plane +x (anterior, or the patient's right) is
lower, in degrees. Directions are complex numbers: x + iy, y up.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

Plate = tuple[str, str]
"""A level and ``superior`` or ``inferior``."""


def direction(tilt: float) -> complex:
    """Unit vector along an endplate of this tilt, towards plane +x."""
    return cmath.exp(-1j * math.radians(tilt))


def cranial(tilt: float) -> complex:
    """Unit vector at right angles to an endplate of this tilt, towards the head."""
    return 1j * direction(tilt)


def plates_upwards(levels: Sequence[str]) -> tuple[Plate, ...]:
    """Every endplate from S1 to the topmost level, in the order in which a stack grows."""
    plates = [("S1", "superior")]
    for level in reversed(levels):
        plates += [(level, "inferior"), (level, "superior")]
    return tuple(plates)


def disc_weight(level: str) -> float:
    """How much of a curve the disc below a level takes, the body taking 1.

    Lumbar and cervical lordosis lies mostly in the discs, thoracic kyphosis in the bodies.
    """
    return 0.6 if level.startswith("T") else 2.0


def positions(levels: Sequence[str]) -> dict[Plate, float]:
    """Where each endplate stands along the spine, in units of a body's share of a curve."""
    place, total = {("S1", "superior"): 0.0}, 0.0
    for level in reversed(levels):
        total += disc_weight(level)
        place[level, "inferior"] = total
        total += 1.0
        place[level, "superior"] = total
    return place


def profile(nodes: Mapping[Plate, float], levels: Sequence[str]) -> dict[Plate, float]:
    """Tilts of all endplates through the chosen ones: smooth, monotone between them, exact there.

    Above the topmost node the tilt stays as it is.
    """
    place = positions(levels)
    known = sorted(nodes, key=place.__getitem__)
    at = [place[plate] for plate in known]
    plates = plates_upwards(levels)
    clipped = np.minimum([place[plate] for plate in plates], at[-1])
    smooth = PchipInterpolator(at, [nodes[plate] for plate in known])(clipped)
    tilts = {plate: float(value) for plate, value in zip(plates, smooth, strict=True)}
    # The interpolator rounds in the last digits; the chosen values hold exactly.
    return tilts | {plate: float(value) for plate, value in nodes.items()}


def rotated(point: complex, degrees: float, about: complex = 0j) -> complex:
    """A point turned anticlockwise."""
    return about + (point - about) * cmath.exp(1j * math.radians(degrees))
