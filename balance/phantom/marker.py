"""The lead letter that tells the patient's right from the left on a frontal film."""

from __future__ import annotations

import cv2
import numpy as np

from balance.phantom.canvas import Image, resized
from balance.phantom.exposure import COLLIMATION_MM, Exposure

LETTER_MM = 12.0
MARKER_GREY = 0.97
FROM_EDGE_MM, FROM_TOP_MM = 22.0, 115.0


def stamp_side(grey: Image, exposure: Exposure) -> None:
    """Draw an R in a ring on the patient's right, upright and readable, into the grey image."""
    inset = COLLIMATION_MM + FROM_EDGE_MM
    across = round(inset / exposure.column_mm)
    x = across if exposure.frame.positive_side == "left" else exposure.columns - 1 - across
    y = round(FROM_TOP_MM / exposure.row_mm)
    half = round(1.1 * LETTER_MM / exposure.column_mm)
    tile = _tile(half)
    tall = max(1, round(tile.shape[0] * exposure.column_mm / exposure.row_mm))
    tile = resized(tile, (tile.shape[1], tall), cv2.INTER_AREA)
    rows = slice(y - tall // 2, y - tall // 2 + tall)
    columns = slice(x - tile.shape[1] // 2, x - tile.shape[1] // 2 + tile.shape[1])
    patch = grey[rows, columns]
    cover = tile[: patch.shape[0], : patch.shape[1]]
    patch += cover * (np.float32(MARKER_GREY) - patch)


def _tile(half: int) -> Image:
    """The letter in its ring, drawn four times larger and averaged down."""
    side = 8 * half
    tile = np.zeros((side, side), np.uint8)
    pen = max(2, side // 22)
    cv2.circle(tile, (side // 2, side // 2), side // 2 - pen, 255, pen)
    size = side / 46.0
    (width, height), _ = cv2.getTextSize("R", cv2.FONT_HERSHEY_SIMPLEX, size, pen)
    foot = ((side - width) // 2, (side + height) // 2)
    cv2.putText(tile, "R", foot, cv2.FONT_HERSHEY_SIMPLEX, size, 255, pen)
    return resized(
        tile.astype(np.float32) / np.float32(255.0), (2 * half, 2 * half), cv2.INTER_AREA
    )
