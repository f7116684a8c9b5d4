"""A picture of twenty-four phantoms: ``python -m balance.phantom.contact_sheet PNG``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from balance.phantom.look import STYLES
from balance.phantom.series import build, draw_specs, pixels_of
from balance.phantom.specs import PhantomSpec
from balance.radiograph import View
from balance.writing import write_atomically

SEED = 7
ACROSS = 6
TILE_WIDTH, TILE_HEIGHT = 236, 470
ROWS: tuple[View, ...] = ("lateral", "frontal")
PIXEL_MM = 0.5
GAP = 6


def contact_sheet() -> NDArray[np.uint8]:
    """Rows of six films: lateral plain, lateral hard, frontal plain, frontal hard."""
    rows = []
    for view in ROWS:
        for style in STYLES:
            specs = draw_specs(ACROSS, seed=SEED, style=style, view=view)
            rows.append(np.hstack([_tile(spec) for spec in specs]))
    return np.vstack(rows)


def _tile(spec: PhantomSpec) -> NDArray[np.uint8]:
    """One film, scaled to the tile; oblong pixels are shown square."""
    share = PIXEL_MM / min(spec.spacing)
    spec = replace(spec, spacing=(spec.spacing[0] * share, spec.spacing[1] * share))
    phantom, exposure = build(spec)
    grey = pixels_of(spec, phantom, exposure).astype(np.float32) * np.float32(255 / (2**spec.bits))
    tall, wide = exposure.rows * exposure.row_mm, exposure.columns * exposure.column_mm
    zoom = min((TILE_HEIGHT - GAP) / tall, (TILE_WIDTH - GAP) / wide)
    size = (max(1, round(wide * zoom)), max(1, round(tall * zoom)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    tile = np.full((TILE_HEIGHT, TILE_WIDTH), 40, np.uint8)
    top, left = (TILE_HEIGHT - size[1]) // 2, (TILE_WIDTH - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = np.clip(small, 0, 255).astype(np.uint8)
    return tile


def main(arguments: list[str]) -> int:
    """Write the sheet to the PNG that is named; 2 where none is."""
    if len(arguments) != 1 or not arguments[0].endswith(".png"):
        print("usage: python -m balance.phantom.contact_sheet FILE.png", file=sys.stderr)
        return 2
    done, packed = cv2.imencode(".png", contact_sheet(), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        print("the sheet could not be packed as PNG", file=sys.stderr)
        return 1
    write_atomically(Path(arguments[0]), packed.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
