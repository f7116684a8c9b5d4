"""From attenuation to grey: beam, scatter, quanta, blur, and a vendor's processing."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.phantom.canvas import COARSE_MM, Image, blurred, resized
from balance.phantom.look import Look
from balance.phantom.sheets import Sheets

SCATTER_MM, BASE_MM, MIDDLE_MM = 32.0, 30.0, 5.0
MOTTLE_MM = 1.1
PATIENT_FROM = 0.25
"""Attenuation from which a pixel belongs to the patient and not to the air."""


def develop(sheets: Sheets, look: Look, rng: np.random.Generator, *, noiseless: bool) -> Image:
    """The processed film, 0 to 1, bone bright; not yet collimated or marked."""
    depth = attenuation(sheets, rng)
    bare = _coarse(sheets, depth)
    seen = _exposed(sheets, look, depth, rng, noiseless=noiseless)
    return _processed(sheets, look, seen, bare)


def attenuation(sheets: Sheets, rng: np.random.Generator) -> Image:
    """All sheets added up on the film's pixels, with the mottle of spongy bone."""
    size = (sheets.exposure.columns, sheets.exposure.rows)
    soft = sheets.soft
    middle = (soft.exposure.columns, soft.exposure.rows)
    grain = soft.exposure.column_mm
    mottle = _mottle(rng, soft.bone.shape, MOTTLE_MM / grain)
    flesh = np.maximum(resized(soft.flesh, middle, cv2.INTER_LINEAR), 0.0)
    blunt = soft.bone * (1.0 + 0.05 * mottle) + flesh + sheets.metal.bone
    depth: Image = resized(blunt, size, cv2.INTER_LINEAR)
    depth += sheets.sharp.bone * (1.0 + 0.05 * resized(mottle, size, cv2.INTER_LINEAR))
    return depth


def _mottle(rng: np.random.Generator, shape: tuple[int, ...], size_px: float) -> Image:
    step = max(1.0, size_px)
    grid = (math.ceil(shape[0] / step), math.ceil(shape[1] / step))
    return resized(rng.standard_normal(grid, np.float32), (shape[1], shape[0]), cv2.INTER_CUBIC)


def _exposed(
    sheets: Sheets, look: Look, depth: Image, rng: np.random.Generator, *, noiseless: bool
) -> Image:
    """Minus the logarithm of what reaches the detector."""
    exposure, beam = sheets.exposure, look.beam
    light: Image = np.exp(-depth)
    spread = blurred(_coarse(sheets, light), SCATTER_MM / COARSE_MM)
    fog = (beam.scatter * (1.0 + look.physique.obesity)) * spread + np.float32(0.002)
    light += resized(fog.astype(np.float32), depth.shape[::-1], cv2.INTER_LINEAR)
    if look.beam.gain_slope:
        slope = np.linspace(-0.5, 0.5, exposure.rows, dtype=np.float32)[:, None]
        light *= np.exp(np.float32(beam.gain_slope) * slope)
    if not noiseless:
        quanta = 1000.0 * beam.kiloquanta * exposure.row_mm * exposure.column_mm
        grain = rng.standard_normal(depth.shape, np.float32)
        light += np.sqrt(np.maximum(light, 0.0)) * grain * np.float32(1.0 / math.sqrt(quanta))
    if beam.blur_mm > 0.35 * exposure.column_mm:
        light = blurred(light, beam.blur_mm / exposure.column_mm)
    return np.asarray(-np.log(np.maximum(light, np.float32(5e-4))), np.float32)


def _coarse(sheets: Sheets, image: Image) -> Image:
    shape = sheets.soft.flesh.shape
    return resized(image, (shape[1], shape[0]), cv2.INTER_AREA)


def _coarse_metal(sheets: Sheets) -> NDArray[np.bool_]:
    """Where implants lie: they are as white as the film goes and set no scale."""
    return np.asarray(_coarse(sheets, sheets.metal.bone) > 0.02)


def _processed(sheets: Sheets, look: Look, seen: Image, bare: Image) -> Image:
    """Weigh coarse, middle and fine detail; then one tone curve over what shows the patient."""
    way, size = look.processing, seen.shape[::-1]
    soft = sheets.soft.exposure
    half = resized(seen, (soft.columns, soft.rows), cv2.INTER_AREA)
    coarse = _coarse(sheets, seen)
    base = blurred(coarse, BASE_MM / COARSE_MM)
    middle = blurred(coarse, MIDDLE_MM / COARSE_MM)
    band = middle - base
    if way.compress < 1.0:
        # Weak differences gain, strong ones lose: what local contrast processing is bought for.
        band = np.sign(band) * np.float32(0.3) * (np.abs(band) / 0.3) ** np.float32(way.compress)
    coarse_part = np.float32(way.base) * base + np.float32(way.middle) * band.astype(np.float32)
    coarse_part -= np.float32(way.fine) * middle
    lift = resized(np.asarray(coarse_part, np.float32), (soft.columns, soft.rows), cv2.INTER_LINEAR)
    if way.edge:
        lift -= np.float32(way.edge) * blurred(half, way.edge_mm / soft.column_mm)
    grey = np.float32(way.fine + way.edge) * seen + resized(lift, size, cv2.INTER_LINEAR)
    metal = _coarse_metal(sheets)
    patient = _coarse(sheets, grey)[(bare > PATIENT_FROM) & ~metal]
    low, high = np.percentile(patient, (0.7, 99.6)).tolist() if patient.size else (0.0, 1.0)
    tone = np.clip((grey - np.float32(low)) / np.float32(max(high - low, 1e-6)), -0.1, 1.3)
    tone = np.maximum(tone * np.float32(0.84) + np.float32(0.07), np.float32(0.02))
    return np.asarray(tone ** np.float32(way.gamma), np.float32)
