"""A plain rendered radiograph of a phantom: grey numbers whose edges lie on its landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from balance.phantom.canvas import blank, collimate, develop
from balance.phantom.draw_frontal import draw_frontal
from balance.phantom.draw_lateral import draw_lateral
from balance.phantom.exposure import Exposure
from balance.phantom.marker import stamp_side
from balance.phantom.sheet import Phantom


def render(
    phantom: Phantom, exposure: Exposure, *, seed: int, bits: int = 12, noise: float = 0.006
) -> NDArray[np.uint16]:
    """Render a film, bone bright.

    Parameters
    ----------
    phantom, exposure
        What lies where on the film.
    seed
        Of the noise and the texture of bone; the same seed gives the same pixels.
    bits
        Bits stored, 8 to 16.
    noise
        Standard deviation of the noise as a share of the grey range.

    Returns
    -------
    numpy.ndarray
        Rows x columns, from 0 to 2**bits - 1.

    Raises
    ------
    ValueError
        For a bit depth outside 8 to 16.
    """
    if not 8 <= bits <= 16:
        raise ValueError(f"{bits} bits a pixel: give 8 to 16")
    canvas = blank(exposure)
    (draw_lateral if phantom.view == "lateral" else draw_frontal)(canvas, phantom)
    grey = collimate(develop(canvas, np.random.default_rng(seed), noise=noise), exposure)
    if phantom.view == "frontal":
        stamp_side(grey, exposure)
    top = 2**bits - 1
    stored: NDArray[np.uint16] = np.clip(np.round(grey * top), 0, top).astype(np.uint16)
    return stored
