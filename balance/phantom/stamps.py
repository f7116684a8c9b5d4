"""What lies on a film beside the patient: shutters, lead letters, a plumb line, a seam."""

from __future__ import annotations

import cv2
import numpy as np

from balance.phantom.canvas import Image, resized
from balance.phantom.exposure import Exposure
from balance.phantom.look import Look, Marks
from balance.radiograph import View

LETTER_MM, WORD_MM = 12.0, 7.0
BRIGHT = 1.0


def open_field(exposure: Exposure, marks: Marks) -> tuple[float, float, float, float]:
    """First and last open column, first and last open row, in pixels."""
    top, right, bottom, left = marks.margins_mm
    return (
        left / exposure.column_mm,
        exposure.columns - 1 - right / exposure.column_mm,
        top / exposure.row_mm,
        exposure.rows - 1 - bottom / exposure.row_mm,
    )


def shutter(grey: Image, exposure: Exposure, marks: Marks) -> None:
    """Blacken (or grey) what the beam did not reach."""
    left, right, top, bottom = (round(value) for value in open_field(exposure, marks))
    for part in (grey[:top], grey[bottom + 1 :], grey[:, :left], grey[:, right + 1 :]):
        part[...] = np.float32(marks.shutter_grey)


def seam_row(exposure: Exposure, look: Look) -> int | None:
    """The row where the lower exposure begins, or None on a film of one exposure."""
    return None if look.seam is None else round(look.seam.share * exposure.rows)


def stitch(grey: Image, exposure: Exposure, look: Look) -> None:
    """Step the grey at the seam, and draw the faint line that some stitching leaves."""
    row = seam_row(exposure, look)
    if row is None or look.seam is None:
        return
    grey[row:] += np.float32(look.seam.grey_step)
    line = slice(row, row + max(1, round(0.4 / exposure.row_mm)))
    grey[line] += np.float32(1.5 * abs(look.seam.grey_step))


def stamp(grey: Image, exposure: Exposure, marks: Marks, view: View) -> None:
    """Lay the letters beside the patient, near the top, and the plumb line along one side."""
    left, right, top, _ = open_field(exposure, marks)
    on_left = letter_on_left(exposure, marks, view)
    y = round(top + (38.0 if view == "frontal" else 60.0) / exposure.row_mm)
    for number, word in enumerate(marks.words):
        tall = (LETTER_MM if len(word) == 1 else WORD_MM) / exposure.row_mm
        tile = _tile(word, max(6, round(tall)), exposure, ring=number == 0 and view == "frontal")
        inset = round(12.0 / exposure.column_mm)
        x = round(left) + inset if on_left else round(right) - inset - tile.shape[1]
        patch = grey[y : y + tile.shape[0], max(x, 0) : max(x, 0) + tile.shape[1]]
        cover = tile[: patch.shape[0], : patch.shape[1]]
        patch += cover * (np.float32(BRIGHT) - patch)
        y += tile.shape[0] + round(5.0 / exposure.row_mm)


def letter_on_left(exposure: Exposure, marks: Marks, view: View) -> bool:
    """On a frontal film the letter tells the side it lies on; else it lies behind the patient."""
    side = exposure.frame.positive_side
    if view == "lateral" or not marks.words:
        return side == "right"
    return (marks.words[0] == "R") == (side == "left")


def _tile(word: str, tall: int, exposure: Exposure, *, ring: bool) -> Image:
    """A word as cover from 0 to 1, ``tall`` pixels high, upright; a ring stands around one."""
    pen = max(2, tall // 3)
    size = 4 * tall / 21.0
    (wide, high), below = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, size, pen)
    border = 3 * high // 4 if ring else pen
    tile = np.zeros((high + below // 2 + 2 * border, wide + 2 * border), np.uint8)
    foot = (border, high + border)
    cv2.putText(tile, word, foot, cv2.FONT_HERSHEY_SIMPLEX, size, 255, pen)
    if ring:
        middle = (tile.shape[1] // 2, border + high // 2)
        cv2.circle(tile, middle, min(tile.shape) // 2 - pen, 255, pen)
    aspect = exposure.row_mm / exposure.column_mm
    shape = (max(1, round(tile.shape[1] / 4 * aspect)), max(1, tile.shape[0] // 4))
    return resized(tile.astype(np.float32) / np.float32(255.0), shape, cv2.INTER_AREA)


def plumb_line(
    exposure: Exposure, marks: Marks, view: View
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two pixels of a true vertical that lie in the open field, the upper one first."""
    left, right, top, bottom = open_field(exposure, marks)
    away = 14.0 / exposure.column_mm
    matrix = np.linalg.inv(exposure.frame.matrix)
    down = matrix @ np.array([0.0, -1.0])
    down /= down[1]
    inset = 0.06 * (bottom - top)
    start, length = top + inset, (bottom - top) - 2.0 * inset
    if letter_on_left(exposure, marks, view):
        x = right - away - max(0.0, down[0] * length)
    else:
        x = left + away + max(0.0, -down[0] * length)
    return (float(x), float(start)), (float(x + down[0] * length), float(start + length))


def draw_plumb_line(grey: Image, exposure: Exposure, marks: Marks, view: View) -> None:
    """A lead chain beside the patient."""
    (ax, ay), (bx, by) = plumb_line(exposure, marks, view)
    start, end = (round(16 * ax), round(16 * ay)), (round(16 * bx), round(16 * by))
    pen = max(1, round(1.2 / exposure.column_mm))
    cover = np.zeros(grey.shape, np.uint8)
    cv2.line(cover, start, end, 255, pen, cv2.LINE_AA, 4)
    step = max(2, round(2.4 / exposure.row_mm))
    beads = (np.arange(grey.shape[0]) // step) % 2 == 0
    hit = (cover > 127) & beads[:, None]
    grey[hit] = np.float32(BRIGHT)
