"""Small pictures of films, too small to read what is burned into them."""

from __future__ import annotations

from pathlib import Path

import imagecodecs

from balance.display import display_image
from balance.film import open_film

LONGEST_SIDE = 220
_QUALITY = 72


def thumbnail(film: Path) -> bytes:
    """A film as a small JPEG; equal films give equal bytes.

    Raises
    ------
    UnreadableFilm
        The film cannot be read.
    """
    picture = display_image(open_film(film), longest_side=LONGEST_SIDE)
    encoded: bytes = bytes(imagecodecs.jpeg8_encode(picture, level=_QUALITY))
    return encoded
