"""Colours and sizes of the figures: the palette of Okabe and Ito, safe for colour-blind readers.

Colour is never the only signal: every line that has a colour has a label too. No red beside green.
"""

from __future__ import annotations

FILM_BACKGROUND = "#14181c"
"""Behind points without a film, and where a film ends."""
CASING = "#000000"

BONE = "#cfe3f1"
POINT = "#ffffff"
LEVEL = "#ffffff"
PLUMB = "#F0E442"
PELVIS = "#E69F00"
SAGITTAL_CURVE = "#56B4E9"
CURVES = ("#E69F00", "#56B4E9", "#CC79A7", "#00B987")
"""In turn for the curves of a frontal film; the last is lightened for a dark film."""
MARK = "#ffffff"

PAPER = "#ffffff"
INK = "#16191c"
FAINT_INK = "#565d64"
RULE = "#c6ccd1"
PAST_INK = "#0072B2"

FILM_SMALL, FILM_TEXT, FILM_VALUE, FILM_MARK = 7.5, 8.0, 11.0, 26.0
"""Letter sizes on a film in points, for a film 10 inches high."""
