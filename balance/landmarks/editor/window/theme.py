"""Colours and sizes of the editor: dark and calm, beside the colours that the figures use.

Colours are those of Okabe and Ito; none is the only signal. Sizes are points.
"""

from __future__ import annotations

GROUND = "#0c0f12"
"""Behind the film."""
PANEL = "#161a1e"
RAISED = "#20262c"
RULE = "#2e363d"
INK = "#e9eef2"
QUIET = "#9ba7b1"
ASKED = "#56B4E9"
"""What the reader is asked for, and what is selected."""
ON_ASKED = "#06141f"
CAUTION = "#E69F00"
DONE = "#cfe3f1"
OPEN_SHAPE = "#4a545d"

TINY, SMALL, USUAL, LARGE, PROMPT = 8.0, 9.0, 10.0, 12.5, 14.0
"""Letters of the panel."""
FILM_NAME, FILM_VALUE, FILM_SIDE = 9.0, 11.0, 30.0
"""Letters on the film."""

PANEL_WIDTH, STATUS_HEIGHT, MARGIN = 312.0, 21.0, 12.0
LOUPE = 150.0
"""Side of the loupe."""
