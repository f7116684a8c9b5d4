"""Fonts of this computer for letters that the font of the figures does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst
from matplotlib.ft2font import FT2Font

from balance.report.lettering import FAMILY, covers

MOST_FONTS = 3
"""Fonts that one page may need beside that of the figures."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """The fonts of a page: families in the order in which they are asked for a letter.

    ``files`` are the fonts of this computer among them, ``lacking`` the letters that none has.
    """

    families: tuple[str, ...] = (FAMILY,)
    files: tuple[Path, ...] = ()
    lacking: frozenset[str] = frozenset()

    def sets(self, text: str) -> bool:
        """Whether every letter of a text can be set."""
        return not self.lacking & set(text)

    def printable(self, text: str) -> str:
        """The text with a question mark for what cannot be set."""
        return "".join("?" if letter in self.lacking else letter for letter in text)


@dataclass(frozen=True, slots=True)
class Font:
    """A font of this computer; ``order`` puts upright fonts of usual weight first."""

    family: str
    path: Path
    order: tuple[bool, int, str, str]


def lettering_for(text: str) -> Lettering:
    """The fonts that a text needs; those of the computer are asked only where it needs more."""
    lacking = {letter for letter in set(text) if not covers(letter)}
    chosen: list[Font] = []
    fonts = computer_fonts() if lacking else ()
    while lacking and len(chosen) < MOST_FONTS:
        held = [(font, _held(font, lacking)) for font in fonts]
        font, letters = min(
            held, key=lambda pair: (-len(pair[1]), pair[0].order), default=(None, frozenset())
        )
        if font is None or not letters:
            break
        chosen.append(font)
        lacking -= letters
    return Lettering(
        (FAMILY, *(font.family for font in chosen)),
        tuple(font.path for font in chosen),
        frozenset(lacking),
    )


@cache
def computer_fonts() -> tuple[Font, ...]:
    """The fonts that the computer offers, in one order whatever the computer lists first."""
    return tuple(sorted(_found(), key=lambda font: font.order))


def _found() -> Iterator[Font]:
    for one in typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts():
        if one.path is not None and one.index == 0 and one.family != FAMILY:
            order = (one.style != "normal", abs(one.weight - 400), one.family, str(one.path))
            yield Font(one.family, Path(one.path), order)


def _held(font: Font, letters: set[str]) -> frozenset[str]:
    try:
        known = _letters(font.path)
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(letter for letter in letters if ord(letter) in known)


@cache
def _letters(path: Path) -> frozenset[int]:
    return frozenset(FT2Font(str(path)).get_charmap())
