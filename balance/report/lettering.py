"""Text of the figures: its size before it is drawn, line breaks, finer signs."""

from __future__ import annotations

import re
from functools import cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that a figure has the same bytes on every computer."""
LINE_HEIGHT = 1.25
DEGREES, MINUS = re.compile(r" deg\b|(?<=\()deg(?=\))"), re.compile(r"(?<!\w)-(?=\d)|(?<= )-(?= )")
HINTING = 1.03
"""Letters on the pixel grid are a little wider than their outlines."""


def typeset(text: str) -> str:
    """The ASCII text of the rows with the signs of print.

    Examples
    --------
    >>> typeset("PI +- 9 deg, -16 to -6 deg"), typeset("PI - LL (deg)")
    ('PI ± 9°, −16 to −6°', 'PI − LL (°)')
    """
    text = DEGREES.sub("°", text).replace("+-", "±")
    return printable(MINUS.sub("−", text))


def printable(text: str) -> str:
    """The text with a question mark for what the font cannot show."""
    return "".join(letter if letter == "\n" or _has(letter) else "?" for letter in text)


def covers(text: str) -> bool:
    """Whether the font of the figures has every letter of a text."""
    return all(letter == "\n" or _has(letter) for letter in set(text))


@cache
def font(weight: str = "normal") -> FontProperties:
    """The one font family of the figures."""
    return FontProperties(family=FAMILY, weight=weight)


@cache
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line in points."""
    prop = font(weight).copy()
    prop.set_size(size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, prop, False)
    return float(width) * HINTING


def text_size(text: str, size: float, weight: str = "normal") -> tuple[float, float]:
    """Width and height in points of a text of one or more lines."""
    lines = text.split("\n")
    width = max(text_width(line, size, weight) for line in lines)
    return width, size * LINE_HEIGHT * len(lines)


def broken(text: str, width: float, size: float, weight: str = "normal") -> tuple[str, ...]:
    """The text in lines that fit the width; a word that is longer is cut."""
    lines = [""]
    for word in filter(None, text.split(" ")):
        piece = word
        while text_width(piece, size, weight) > width:
            fits = next(
                n for n in range(len(piece), 0, -1)
                if n == 1 or text_width(piece[:n], size, weight) <= width
            )  # fmt: skip
            lines.append(piece[:fits])
            piece = piece[fits:]
        longer = f"{lines[-1]} {piece}".strip()
        if text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return tuple(line for line in lines if line)


@cache
def _has(letter: str) -> bool:
    return bool(get_font(findfont(font())).get_char_index(ord(letter)))
