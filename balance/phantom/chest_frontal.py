"""Where spine and chest lie at a height of the frontal film: what flesh and ribs hang from."""

from __future__ import annotations

import numpy as np

from balance.phantom.sheet import Phantom
from balance.phantom.sizes import CHEST_HALF_WIDTHS

SIDES: tuple[tuple[str, float], ...] = (("left", -1.0), ("right", 1.0))
"""The patient's sides and the sign of plane x on each."""


def spine_at(phantom: Phantom, height: float) -> float:
    """Plane x of the spine at a height."""
    centres = [phantom.at(f"{level}_centroid") for level in reversed(phantom.levels)]
    return float(np.interp(height, [at.imag for at in centres], [at.real for at in centres]))


def chest_middle(phantom: Phantom, height: float) -> float:
    """Plane x of the middle of the chest at a height: it follows the spine part of the way."""
    thoracic = [level for level in phantom.levels if level[0] == "T"]
    centres = [phantom.at(f"{level}_centroid") for level in reversed(thoracic)]
    spine = float(np.interp(height, [at.imag for at in centres], [at.real for at in centres]))
    ribs = (phantom.at("rib_left") + phantom.at("rib_right")) / 2.0
    at_ribs = float(np.interp(ribs.imag, [at.imag for at in centres], [at.real for at in centres]))
    return 0.6 * (spine - at_ribs) + ribs.real


def chest_half_width(phantom: Phantom, height: float, scale: float) -> float:
    """Half width of the chest at a height, millimetres."""
    rows = [(phantom.at(f"{level}_centroid").imag, width * scale)
            for level, width in reversed(CHEST_HALF_WIDTHS)
            if f"{level}_superior_left" in phantom.points]  # fmt: skip
    return float(np.interp(height, [row[0] for row in rows], [row[1] for row in rows]))
