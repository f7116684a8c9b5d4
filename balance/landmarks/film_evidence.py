"""A film made ready for a search: which way bone is bright, and a crop free of a vendor's look.

Polarity is judged twice, by the header's tag and by the pixels. A body stands in the middle of
its film, with lungs, thin flanks or air beside it, so that its middle is denser than what lies
left and right of it, row after row. On whole spines, lateral and frontal, this never failed; on
other films it may, and the verdict is then a doubt and not an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.radiograph import FloatArray, Radiograph, Scale

Image = NDArray[np.float32]

DECISIVE_LOG_ODDS = 3.0
"""From here the pixels are believed against the tag."""

_LOG_ODDS_PER_SHARE = 30.0
"""Log odds per contrast of the middle, as a share of the film's range; films of both views had at
least 0.08 on the right side, images without a body at most 0.06 on either."""
_MOST_LOG_ODDS = 8.0
_THUMBNAIL = 400
_MARGIN = 0.1
_FEWEST = 20

LEVEL_MM, CONTRAST_MM = 12.0, 25.0
"""Widths over which a canonical image is brought to one mean and to one contrast."""
_CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Polarity:
    """Whether larger stored values are denser bone, by tag and by content.

    ``bone_high`` is the verdict to use: the content where it is decisive, else the tag.
    ``content`` are log odds for larger values being denser bone. ``doubt`` is one sentence where
    the two contradict each other: nothing that rests on the pixels is then more than a proposal.
    """

    bone_high: bool
    by_tag: bool
    content: float
    doubt: str | None = None

    @property
    def decisive(self) -> bool:
        """Whether the pixels alone tell."""
        return abs(self.content) >= DECISIVE_LOG_ODDS

    @property
    def sign(self) -> float:
        """The factor that makes bone bright."""
        return 1.0 if self.bone_high else -1.0


def read_polarity(film: Radiograph) -> Polarity:
    """Polarity of a film by its tag and by its content.

    Examples
    --------
    >>> body = np.tile(np.minimum(np.arange(200), np.arange(200)[::-1]), (300, 1))
    >>> read_polarity(Radiograph(body.astype(np.uint8))).doubt is None
    True
    >>> read_polarity(Radiograph(body.astype(np.uint8), inverted=True)).bone_high
    True
    """
    return judged(by_tag=not film.inverted, content=_content(film))


def judged(*, by_tag: bool, content: float) -> Polarity:
    """The verdict of a tag and of log odds from the pixels."""
    if abs(content) < DECISIVE_LOG_ODDS:
        return Polarity(by_tag, by_tag, content)
    by_content = content > 0
    doubt = None
    if by_content != by_tag:
        doubt = (
            "the film's tag says that bone is shown by "
            f"{'high' if by_tag else 'low'} values, its content says the reverse: "
            "check that it is not shown as a negative"
        )
    return Polarity(by_content, by_tag, content, doubt)


def _content(film: Radiograph) -> float:
    image, usable = _thumbnail(film)
    low, high = np.percentile(image[usable], (0.5, 99.5)) if usable.any() else (0.0, 0.0)
    if high <= low:
        return 0.0
    rows = image.shape[0]
    lifts = []
    for row in range(int(_MARGIN * rows), int((1 - _MARGIN) * rows), 4):
        values = image[row, usable[row]]
        if len(values) < _FEWEST:
            continue
        fifth = len(values) // 5
        sides = np.median(values[:fifth]) + np.median(values[-fifth:])
        lifts.append(np.median(values[2 * fifth : 3 * fifth]) - sides / 2)
    if not lifts:
        return 0.0
    share = float(np.median(lifts)) / float(high - low)
    return float(np.clip(_LOG_ODDS_PER_SHARE * share, -_MOST_LOG_ODDS, _MOST_LOG_ODDS))


def _thumbnail(film: Radiograph) -> tuple[Image, NDArray[np.bool_]]:
    """A small copy, and which of its pixels are neither collimation nor saturated background."""
    factor = max(1.0, max(film.pixels.shape) / _THUMBNAIL)
    size = (max(1, round(film.columns / factor)), max(1, round(film.rows / factor)))
    small = cv2.resize(_averaged(film.pixels), size, interpolation=cv2.INTER_AREA)
    image: Image = np.asarray(small, np.float32)
    spread = cv2.blur(image * image, (5, 5)) - cv2.blur(image, (5, 5)) ** 2
    low, high = np.percentile(image, (0.5, 99.5))
    span = max(float(high - low), 1e-9)
    extreme = (image <= low + 0.02 * span) | (image >= high - 0.02 * span)
    usable: NDArray[np.bool_] = ~(extreme & (spread < 1e-5 * span**2))
    if film.valid is not None:
        seen = cv2.resize(film.valid.view(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        usable &= seen.astype(bool)
    return image, usable


def _averaged(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of a type that OpenCV averages."""
    kinds = (np.uint8, np.uint16, np.int16, np.float32)
    return pixels if pixels.dtype in kinds else pixels.astype(np.float32)


def bone_bright(film: Radiograph, polarity: Polarity, corner: tuple[int, int],
                size: tuple[int, int]) -> Image:  # fmt: skip
    """Part of a film as floating point, bone bright; ``corner`` and ``size`` as (x, y)."""
    (x, y), (width, height) = corner, size
    part = film.pixels[y : y + height, x : x + width].astype(np.float32)
    return part if polarity.bone_high else -part


@dataclass(frozen=True, slots=True)
class CanonicalImage:
    """Square pixels of ``pixel_mm``, bone bright, one mean and one contrast everywhere.

    ``corner`` is the film pixel (x, y) in whose upper left corner the image begins; ``step`` is
    how many film columns and rows one of its pixels covers.
    """

    pixels: Image
    pixel_mm: float
    corner: tuple[int, int]
    step: tuple[float, float]

    def to_film(self, points: FloatArray) -> FloatArray:
        """Places (..., 2) in the image as film pixels."""
        moved: FloatArray = (np.asarray(points, float) + 0.5) * self.step + self.corner - 0.5
        return moved

    def from_film(self, points: FloatArray) -> FloatArray:
        """Film pixels (..., 2) as places in the image."""
        moved: FloatArray = (np.asarray(points, float) + 0.5 - self.corner) / self.step - 0.5
        return moved


def canonical_image(
    film: Radiograph,
    polarity: Polarity,
    *,
    scale: Scale,
    box: tuple[float, float, float, float],
    pixel_mm: float = 0.5,
) -> CanonicalImage:
    """Part of a film at a working resolution with its local contrast made even.

    Parameters
    ----------
    scale
        Millimetres per film pixel; only the part in the box is touched.
    box
        Film pixels: least x, least y, largest x, largest y; clipped to the film.

    Returns
    -------
    CanonicalImage
        Empty where the box does not meet the film.
    """
    low = np.clip(np.floor((box[0], box[1])).astype(int), 0, (film.columns, film.rows))
    high = np.clip(np.ceil((box[2], box[3])).astype(int) + 1, low, (film.columns, film.rows))
    columns, rows = (high - low).tolist()
    corner = (int(low[0]), int(low[1]))
    if min(columns, rows) == 0:
        return CanonicalImage(np.zeros((0, 0), np.float32), pixel_mm, corner, (1.0, 1.0))
    part = bone_bright(film, polarity, corner, (columns, rows))
    width = max(1, round(columns * scale.column_mm / pixel_mm))
    height = max(1, round(rows * scale.row_mm / pixel_mm))
    small = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    return CanonicalImage(
        _even(np.asarray(small, np.float32), pixel_mm),
        pixel_mm, corner, (columns / width, rows / height),
    )  # fmt: skip


def _even(image: Image, pixel_mm: float) -> Image:
    """Local mean 0 and local deviation 1; where nothing varies, 0."""
    span = float(np.ptp(image))
    if span == 0:
        return np.zeros_like(image)
    image = (image - image.mean()) / np.float32(span)
    flat = image - cv2.GaussianBlur(image, (0, 0), LEVEL_MM / pixel_mm)
    spread = np.sqrt(cv2.GaussianBlur(flat * flat, (0, 0), CONTRAST_MM / pixel_mm))
    # The floor keeps the noise of an empty corner from being blown up to the contrast of bone.
    floor = np.float32(0.2 * np.sqrt(np.mean(flat * flat)) + 1e-6)
    return np.asarray(np.clip(flat / (spread + floor), -_CLIP, _CLIP), np.float32)
