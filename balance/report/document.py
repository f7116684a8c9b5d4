"""A printed document as values: sections of facts, lines, tables and pictures.

Pages on screen and on paper are set from the same document, so that both say the same; neither
computes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

LineStyle = Literal["plain", "lead", "note", "warning"]
PictureKind = Literal["png", "svg"]
LETTERS_A_LINE = 60
"""Of small print in one of two columns."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are, one pair a line; ``small`` is small print."""

    rows: tuple[tuple[str, str], ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of text; ``lead`` is what a reader sees first, ``note`` is small print."""

    lines: tuple[str, ...]
    style: LineStyle = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; a cell that is longer than its column breaks, and at line breaks.

    ``shares`` are the widths of the columns as parts of what is left; 0 is as wide as its text.
    ``strong`` are the rows that stand out, ``names`` the columns that hold names.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()
    names: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what it shows in words.

    ``size_mm`` is the width and height that it was drawn for, so that its letters have their size
    on paper.
    """

    name: str
    content: bytes
    kind: PictureKind
    words: str
    size_mm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures side by side, no higher than ``height_mm`` on paper.

    Those of the sections ``beside`` that have room on paper stand there; the others follow.
    """

    pictures: tuple[Picture, ...]
    height_mm: float = 150.0
    beside: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Sections in columns of one width; on a narrow screen one below the other."""

    columns: tuple[tuple[Section, ...], ...]


Block = Facts | Lines | Table | Pictures | Columns


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, or none, and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; ``footer`` stands on every page.

    ``name`` is whom it is about, as somebody wrote it, on a line of its own; ``pseudonym`` stands
    there where it cannot be set.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: str
    language: str = "en"
    name: str = ""
    pseudonym: str = ""


def filled(*sections: Section) -> tuple[Section, ...]:
    """The sections that have something to tell."""
    return tuple(section for section in sections if section.blocks)


def halves(rows: Sequence[tuple[str, str]]) -> tuple[tuple[Section, ...], ...]:
    """Facts in small print as two columns of about one length."""
    ends = list(accumulate(len(words) + LETTERS_A_LINE // 2 for _, words in rows))
    half = sum(2 * end < ends[-1] for end in ends) + 1 if ends else 0
    parts = (tuple(rows[:half]), tuple(rows[half:]))
    return tuple((Section("", (Facts(part, small=True),)),) for part in parts if part)


def texts_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Every text of some blocks, in their order."""
    for block in blocks:
        if isinstance(block, Facts):
            yield from (text for row in block.rows for text in row)
        elif isinstance(block, Lines):
            yield from block.lines
        elif isinstance(block, Table):
            yield from block.heads
            yield from (cell for row in block.rows for cell in row)
            yield from block.notes
        elif isinstance(block, Pictures):
            yield from (picture.words for picture in block.pictures)
            yield from section_texts(block.beside)
        else:
            for column in block.columns:
                yield from section_texts(column)


def section_texts(sections: Iterable[Section]) -> Iterator[str]:
    """Every text of some sections with their headings."""
    for section in sections:
        yield section.title
        yield from texts_of(section.blocks)


def with_texts(section: Section, change: Callable[[str], str]) -> Section:
    """The section with every text changed but what stands for pictures."""
    blocks = tuple(_changed(block, change) for block in section.blocks)
    return replace(section, title=change(section.title), blocks=blocks)


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    def each(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(change(text) for text in texts)

    if isinstance(block, Facts):
        return replace(block, rows=tuple((change(a), change(b)) for a, b in block.rows))
    if isinstance(block, Lines):
        return replace(block, lines=each(block.lines))
    if isinstance(block, Table):
        rows = tuple(each(row) for row in block.rows)
        return replace(block, heads=each(block.heads), rows=rows, notes=each(block.notes))
    if isinstance(block, Columns):
        columns = (tuple(with_texts(one, change) for one in column) for column in block.columns)
        return Columns(tuple(columns))
    return replace(block, beside=tuple(with_texts(one, change) for one in block.beside))


def all_texts(document: Document) -> Iterator[str]:
    """Every text of a document but the name."""
    yield from (document.title, document.pseudonym, document.subtitle)
    yield from section_texts(document.sections)
    yield document.footer


def visible(text: str) -> str:
    r"""The text without what steers its neighbours: control letters and turns of direction.

    Examples
    --------
    >>> visible("a\u202eb\x1b[31m\tc\nd")
    'ab[31m c\nd'
    """
    return text.translate(_INVISIBLE)


_KEPT = {ord("\n"): "\n", ord("\t"): " "}
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_TURNS = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = {letter: _KEPT.get(letter, "") for letter in (*_CONTROLS, *_TURNS)}
