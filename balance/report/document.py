"""A printed document as values: sections of facts, lines, tables and pictures.

Pages on screen and on paper are set from the same document, so that both say the same; neither
computes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LineStyle = Literal["plain", "lead", "note", "warning"]
PictureKind = Literal["png", "svg"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are, one pair a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of text; ``lead`` is what a reader sees first, ``note`` is small print."""

    lines: tuple[str, ...]
    style: LineStyle = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; a row that is longer than a line breaks within its cells.

    ``shares`` are the widths of the columns as parts of what is left; 0 is as wide as its text.
    ``strong`` are the rows that stand out.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what it shows in words."""

    name: str
    content: bytes
    kind: PictureKind
    words: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures side by side, no higher than ``height_mm`` on paper."""

    pictures: tuple[Picture, ...]
    height_mm: float = 150.0


Block = Facts | Lines | Table | Pictures


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; ``footer`` stands on every page."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: str
    language: str = "en"
