"""A lifelike film of a phantom: the same exact spine inside a body, exposed and processed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from balance.phantom.canvas import Image
from balance.phantom.develop import develop
from balance.phantom.exposure import Exposure
from balance.phantom.look import Look
from balance.phantom.metal import draw_implants
from balance.phantom.pelvis_lateral import draw_pelvis, draw_sacrum
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets, sheets_for
from balance.phantom.skeleton_frontal import draw_skeleton
from balance.phantom.skeleton_lateral import draw_heads, draw_ribs, draw_skull, draw_spine
from balance.phantom.stamps import draw_plumb_line, seam_row, shutter, stamp, stitch
from balance.phantom.trunk_frontal import draw_frontal_trunk
from balance.phantom.trunk_lateral import draw_arms, draw_trunk, skin
from balance.phantom.vessels import draw_bowel, stomach


def render_lifelike(
    phantom: Phantom,
    exposure: Exposure,
    look: Look,
    *,
    seed: int,
    bits: int = 12,
    noiseless: bool = False,
) -> NDArray[np.uint16]:
    """Render a film, bone bright.

    Parameters
    ----------
    phantom, exposure
        What lies where on the film.
    look
        Patient, beam, processing, marks; none of it moves a landmark.
    seed
        Of the anatomy's irregularities and the noise; the same seed gives the same pixels.
    bits
        Bits stored, 8 to 16.
    noiseless
        Leave out the quantum noise.

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
    sheets = sheets_for(exposure)
    rng = np.random.default_rng(seed)
    (_lateral if phantom.view == "lateral" else _frontal)(sheets, phantom, look, rng)
    _shift_flesh(sheets, look)
    grey = develop(sheets, look, rng, noiseless=noiseless)
    return _stored(_marked(grey, exposure, look, phantom), bits)


def _marked(grey: Image, exposure: Exposure, look: Look, phantom: Phantom) -> Image:
    stitch(grey, exposure, look)
    stamp(grey, exposure, look.marks, phantom.view)
    if look.marks.plumb_line:
        draw_plumb_line(grey, exposure, look.marks, phantom.view)
    shutter(grey, exposure, look.marks)
    return grey


def _stored(grey: Image, bits: int) -> NDArray[np.uint16]:
    top = np.float32(2**bits - 1)
    stored: NDArray[np.uint16] = np.clip(np.rint(grey * top), 0, top).astype(np.uint16)
    return stored


def _shift_flesh(sheets: Sheets, look: Look) -> None:
    """The patient breathed between two exposures: flesh below the seam moved, bone did not."""
    row = seam_row(sheets.soft.exposure, look)
    if row is None or look.seam is None:
        return
    flesh = sheets.soft.flesh
    cut = round(row * flesh.shape[0] / sheets.soft.exposure.rows)
    step = round(look.seam.flesh_shift_mm / 1.5)
    flesh[cut:] = np.roll(flesh[cut:], step, axis=1)


def _lateral(sheets: Sheets, phantom: Phantom, look: Look, rng: np.random.Generator) -> None:
    plate = phantom.at("S1_superior_anterior") - phantom.at("S1_superior_posterior")
    scale, body = abs(plate) / 34.0, look.physique
    draw_trunk(sheets, phantom, scale, body, rng)
    _bowels(sheets, phantom, (scale, body.gas, body.obesity), rng)
    draw_arms(sheets, phantom, scale, body)
    draw_skull(sheets, phantom, scale)
    draw_ribs(sheets, phantom, scale, skin(phantom, scale, body)[0])
    draw_pelvis(sheets, phantom, scale)
    draw_sacrum(sheets, phantom, scale, body)
    draw_heads(sheets, phantom)
    draw_spine(sheets, phantom, scale, body)
    if look.implants is not None:
        draw_implants(sheets, phantom, look.implants, scale)


def _bowels(
    sheets: Sheets,
    phantom: Phantom,
    about: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    scale, gas, fat = about
    deep = 1.0 + 0.5 * fat
    spots = (("L1", 74 - 10j), ("L2", 52 - 6j), ("L2", 92), ("L3", 70), ("L4", 46), ("L4", 84),
             ("S1", 40 - 10j), ("S1", 62 - 40j), ("S1", 16 - 58j), ("L3", 20))  # fmt: skip
    places = []
    for level, away in spots:
        name = "S1_superior_anterior" if level == "S1" else f"{level}_centroid"
        shift = complex(complex(away).real * deep, complex(away).imag)
        places.append((phantom.at(name) + shift * scale, 30.0 * scale))
    draw_bowel(sheets.soft, rng, places, amount=gas, scale=scale)
    if rng.random() < 0.3 + 0.4 * gas:
        stomach(sheets.soft, phantom.at("T11_centroid") + (66 + 4j) * scale, scale, rng)


def _frontal(sheets: Sheets, phantom: Phantom, look: Look, rng: np.random.Generator) -> None:
    if "S1_superior_left" in phantom.points:
        plate = phantom.at("S1_superior_right") - phantom.at("S1_superior_left")
        scale = abs(plate) / 50.0
    else:
        scale = abs(phantom.at("L1_superior_right") - phantom.at("L1_superior_left")) / 41.0
    draw_frontal_trunk(sheets, phantom, scale, look.physique, rng)
    middle = phantom.at("L3_centroid").real * 0.4
    places = [(complex(middle + x * scale, phantom.at(f"{level}_centroid").imag), 30.0 * scale)
              for level, x in (("L1", -70), ("L2", 80), ("L2", -84), ("L3", 50), ("L4", 92),
                               ("L4", -96), ("L4", 10))]  # fmt: skip
    places += [(complex(x, y) * scale, 32.0 * scale) for x, y in
               ((80, 20), (-84, 10), (-20, -30), (24, -50), (0, -88))]  # fmt: skip
    draw_bowel(sheets.soft, rng, places, amount=look.physique.gas, scale=scale)
    if rng.random() < 0.3 + 0.4 * look.physique.gas:
        bubble = complex(middle - 52 * scale, phantom.at("T11_centroid").imag)
        stomach(sheets.soft, bubble, scale, rng)
    draw_skeleton(sheets, phantom, scale, look.physique)
    if look.implants is not None:
        draw_implants(sheets, phantom, look.implants, scale)
