"""Vessels of the lungs, bowel gas and what lies in the bowel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from balance.phantom.canvas import Canvas, Image, blurred, ellipse, flesh, resized, smooth
from balance.phantom.sheets import inside, noise_field


def lung_markings(
    canvas: Canvas, rng: np.random.Generator, roots: Sequence[complex], about: tuple[Image, float]
) -> None:
    """Vessels that leave the roots, fork and thin out; as dense as the lung drawn around them."""
    lung, reach = about
    sheet = np.zeros_like(canvas.bone)
    for root in roots:
        for _ in range(24):
            heading = float(rng.uniform(0.0, 2.0 * np.pi))
            away = root + complex(*rng.normal(0.0, 9.0, 2).tolist())
            _branch(canvas, rng, sheet, (away, heading, reach * float(rng.uniform(0.5, 1.1)), 4.2))
    size = (sheet.shape[1], sheet.shape[0])
    share = resized(lung, size, cv2.INTER_LINEAR)
    mottle = 0.05 * noise_field(rng, canvas, 3.0) + 0.04 * noise_field(rng, canvas, 8.0)
    soft = blurred(sheet, 0.8 / canvas.exposure.column_mm)
    canvas.bone[...] += (0.26 * soft + resized(mottle, size, cv2.INTER_LINEAR)) * share


def _branch(
    canvas: Canvas, rng: np.random.Generator, sheet: Image,
    about: tuple[complex, float, float, float],
) -> None:  # fmt: skip
    """One vessel and, half way, a side branch: (start, heading, length, width) in millimetres."""
    start, heading, length, width = about
    steps = np.cumsum(rng.normal(0.0, 0.22, 10)) + heading
    walk = start + np.concatenate([[0.0], np.cumsum(np.exp(1j * steps) * length / 10.0)])
    pixels = canvas.exposure.pixels(np.stack([walk.real, walk.imag], axis=-1))
    points = np.round(pixels * 16.0).astype(np.int32).tolist()
    for part in range(10):
        wide = width * (1.0 - 0.085 * part)
        bright = 0.35 + 0.65 * wide / 4.2
        pen = max(1, round(wide / canvas.exposure.column_mm))
        cv2.line(sheet, points[part], points[part + 1], bright, pen, cv2.LINE_8, 4)
        if width > 1.0 and part in (2, 4, 6, 8):
            turn = heading + float(rng.choice((-1, 1)) * rng.uniform(0.35, 0.9))
            _branch(canvas, rng, sheet, (complex(walk[part]), turn, 0.42 * length, 0.42 * wide))


def draw_bowel(
    canvas: Canvas, rng: np.random.Generator, places: Sequence[tuple[complex, float]], *,
    amount: float, scale: float,
) -> None:  # fmt: skip
    """Gas in loops and bubbles, and mottled stool, around some places (centre, spread in mm)."""
    ragged = 0.6 * noise_field(rng, canvas, 10.0) + 0.5 * noise_field(rng, canvas, 4.0)
    for centre, spread in places:
        if rng.random() > 0.35 + 0.65 * amount:
            continue
        kind = rng.random()
        away = complex(*rng.normal(0.0, 0.35 * spread, 2).tolist())
        if kind < 0.45:
            _loop(canvas, rng, (centre + away, spread), ragged, scale)
        elif kind < 0.75:
            _bubbles(canvas, rng, (centre + away, spread), scale)
        else:
            _stool(canvas, rng, (centre + away, spread), ragged)


def _loop(
    canvas: Canvas, rng: np.random.Generator, about: tuple[complex, float], ragged: Image,
    scale: float,
) -> None:  # fmt: skip
    """A piece of colon with its pouches."""
    centre, spread = about
    heading = np.exp(1j * rng.uniform(0, np.pi)) * spread * rng.uniform(0.5, 1.1)
    bow = 1j * heading * rng.uniform(-0.5, 0.5)
    path = smooth([centre - heading, centre + bow, centre + heading], count=9)
    sheet = np.zeros_like(canvas.flesh)
    for at in path:
        wide = float(rng.uniform(9.0, 17.0)) * scale
        part = inside(canvas, ellipse(at, wide * np.exp(1j * rng.uniform(0, 6)), 0.8))
        sheet = np.maximum(sheet, part)
    gas = np.clip(sheet + 0.35 * np.minimum(ragged, 0.6) * sheet, 0.0, 1.0)
    canvas.flesh[...] -= blurred(gas.astype(np.float32), 0.8) * np.float32(rng.uniform(0.15, 0.4))
    wall = np.clip(blurred(sheet, 1.4) - gas, 0.0, 1.0)
    canvas.flesh[...] += wall * np.float32(0.06)


def _bubbles(
    canvas: Canvas, rng: np.random.Generator, about: tuple[complex, float], scale: float
) -> None:
    centre, spread = about
    for _ in range(int(rng.integers(6, 16))):
        at = centre + complex(*rng.normal(0.0, 0.5 * spread, 2).tolist())
        wide = float(rng.uniform(2.5, 9.0)) * scale * np.exp(1j * rng.uniform(0, 6))
        shape = ellipse(at, wide, float(rng.uniform(0.5, 1.0)))
        flesh(canvas, shape, -float(rng.uniform(0.1, 0.3)), soften_mm=1.4)


def _stool(
    canvas: Canvas, rng: np.random.Generator, about: tuple[complex, float], ragged: Image
) -> None:
    centre, spread = about
    turn = np.exp(1j * rng.uniform(0, 6))
    shape = ellipse(centre, spread * turn, float(rng.uniform(0.4, 0.8)))
    part = inside(canvas, shape, soften_mm=6.0)
    mottle = np.clip(ragged + 0.2, -0.4, 1.6) + 0.4 * noise_field(rng, canvas, 3.0)
    canvas.flesh[...] -= part * mottle.astype(np.float32) * np.float32(0.13)


def stomach(canvas: Canvas, centre: complex, scale: float, rng: np.random.Generator) -> None:
    """The stomach's bubble under the left dome, flat below where the fluid stands."""
    wide, tall = float(rng.uniform(16, 40)) * scale, float(rng.uniform(9, 26)) * scale
    bend = rng.uniform(0.6, 1.3, 5)
    turn = np.linspace(0.0, np.pi, 7)
    size = np.array([1.0, *bend.tolist(), 1.0])
    top = [
        centre + complex(wide * np.cos(a), tall * np.sin(a) * k)
        for a, k in zip(turn, size, strict=True)
    ]
    part = inside(canvas, [*smooth(top, count=50), centre - 0.7 * wide - 0.5j], soften_mm=1.4)
    folds = 1.0 + 0.12 * noise_field(rng, canvas, 7.0)
    canvas.flesh[...] -= (part * folds).astype(np.float32) * np.float32(rng.uniform(0.14, 0.34))
