"""A document as a PDF, set by typst; the same document and fonts, the same bytes.

All text goes in as data: nothing in it is markup. Letters come from the font of the figures, which
holds Latin, Greek, Cyrillic and Arabic; where a text needs others, the fonts of the computer are
asked. A name that none of them can set gives way to the pseudonym, with a note; elsewhere a letter
without a font is shown as a question mark.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import matplotlib
import typst

from balance.report.document import (
    Block,
    Columns,
    Document,
    Facts,
    Lines,
    Picture,
    Pictures,
    Section,
    Table,
    all_texts,
    section_texts,
    visible,
)
from balance.report.palette import FAINT_INK, INK, RULE
from balance.report.system_fonts import Lettering, lettering_for

Paper = Literal["a4", "us-letter"]

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
NO_LETTERS = (
    "the name is written in letters that no font of this computer has: the pseudonym stands"
)
RUNNING = 110
"""Letters of a name and what stands below it that go on every page."""
TOGETHER, TOGETHER_FACTS, TOGETHER_LETTERS = 16, 4, 1200
"""Rows of tables and facts, and letters of facts and columns, not broken over two pages."""
LONG_WORD = re.compile(r"[^\s-]{32,}")
MAY_BREAK = "\N{ZERO WIDTH SPACE}"


def pdf_page(document: Document, paper: Paper = "a4") -> bytes:
    """The document as a PDF."""
    lettering = lettering_for(visible("".join((document.name, *all_texts(document)))))
    with tempfile.TemporaryDirectory(prefix="spinal-balance-") as made:
        place = Path(made)
        fonts = place / "fonts"
        fonts.mkdir()
        for number, file in enumerate(lettering.files):
            shutil.copyfile(file, fonts / f"{number}{file.suffix}")
        (place / "main.typ").write_bytes(TEMPLATE.read_bytes())
        data = _data(document, paper, lettering, place)
        (place / "data.json").write_text(json.dumps(data), encoding="utf-8")
        written = typst.compile(
            place / "main.typ",
            root=place,
            font_paths=[FONTS, fonts],
            ignore_system_fonts=True,
            timestamp=0,
        )
    assert isinstance(written, bytes)
    return written


def _data(document: Document, paper: Paper, lettering: Lettering, place: Path) -> dict[str, Any]:
    def plain(text: str) -> str:
        return LONG_WORD.sub(_breakable, lettering.printable(visible(text)))

    name, subtitle = document.name or document.pseudonym, document.subtitle
    if not lettering.sets(visible(document.name)):
        name, subtitle = document.pseudonym, f"{subtitle}; {NO_LETTERS}"
    return {
        "title": plain(document.title),
        "name": plain(name),
        "subtitle": plain(subtitle),
        "footer": plain(document.footer),
        "running": plain(_running(name, subtitle)),
        "language": document.language,
        "paper": paper,
        "fonts": list(lettering.families),
        "ink": INK,
        "faint": FAINT_INK,
        "rule": RULE,
        "sections": [_section(one, plain, place) for one in document.sections],
    }


def _running(name: str, subtitle: str) -> str:
    """Whose page it is, on one line: loose pages get mixed up."""
    words = ", ".join(filter(None, (name, subtitle)))
    return words if len(words) <= RUNNING else f"{words[:RUNNING]}\N{HORIZONTAL ELLIPSIS}"


def _section(one: Section, plain: Callable[[str], str], place: Path) -> dict[str, Any]:
    return {
        "title": plain(one.title),
        "blocks": [_block(block, plain, place) for block in one.blocks],
    }


def _block(one: Block, plain: Callable[[str], str], place: Path) -> dict[str, Any]:
    if isinstance(one, Facts):
        rows = [[plain(a), plain(b)] for a, b in one.rows]
        together = len(rows) <= TOGETHER_FACTS and sum(map(len, chain(*rows))) <= TOGETHER_LETTERS
        return {"kind": "facts", "rows": rows, "small": one.small, "together": together}
    if isinstance(one, Lines):
        return {"kind": "lines", "style": one.style, "lines": [plain(line) for line in one.lines]}
    if isinstance(one, Table):
        return {
            "kind": "table",
            "heads": [plain(head) for head in one.heads],
            "rows": [[plain(cell) for cell in row] for row in one.rows],
            "shares": list(one.shares),
            "notes": [plain(note) for note in one.notes],
            "strong": sorted(one.strong),
            "names": sorted(one.names),
            "together": len(one.rows) <= TOGETHER,
        }
    if isinstance(one, Columns):
        columns = [[_section(part, plain, place) for part in column] for column in one.columns]
        told = chain(*(section_texts(column) for column in one.columns))
        together = sum(map(len, told)) <= TOGETHER_LETTERS
        return {"kind": "columns", "columns": columns, "together": together}
    assert isinstance(one, Pictures)
    return {
        "kind": "pictures",
        "height_mm": one.height_mm,
        "pictures": [_picture(picture, plain, place) for picture in one.pictures],
        "beside": [_section(part, plain, place) for part in one.beside],
    }


def _picture(one: Picture, plain: Callable[[str], str], place: Path) -> dict[str, Any]:
    file = f"{one.name}.{one.kind}"
    (place / file).write_bytes(one.content)
    size = None if one.size_mm is None else list(one.size_mm)
    return {"file": file, "words": plain(one.words), "size_mm": size}


def _breakable(word: re.Match[str]) -> str:
    """A word longer than a column may break anywhere in steps."""
    text = word[0]
    return MAY_BREAK.join(text[n : n + 8] for n in range(0, len(text), 8))
