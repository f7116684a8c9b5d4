"""A document as a PDF, set by typst; the same document, the same bytes.

All text goes in as data: nothing in it is markup. Letters come from the fonts of the figures, which
hold Latin, Greek, Cyrillic and Arabic; where a text needs others, the fonts of the computer are
asked, and what no font has is shown as a question mark.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import matplotlib
import typst

from balance.report.document import Block, Document, Facts, Lines, Pictures, Table
from balance.report.lettering import covers, printable
from balance.report.palette import FAINT_INK, INK, RULE

Paper = Literal["a4", "us-letter"]

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def pdf_page(document: Document, paper: Paper = "a4") -> bytes:
    """The document as a PDF."""
    alien = not covers("".join(_texts(document)))
    with tempfile.TemporaryDirectory(prefix="spinal-balance-") as made:
        place = Path(made)
        (place / "main.typ").write_bytes(TEMPLATE.read_bytes())
        data = _data(document, paper, place, alien=alien)
        (place / "data.json").write_text(json.dumps(data), encoding="utf-8")
        written = typst.compile(
            place / "main.typ",
            root=place,
            font_paths=[FONTS],
            ignore_system_fonts=not alien,
            timestamp=0,
        )
    assert isinstance(written, bytes)
    return written


def _data(document: Document, paper: Paper, place: Path, *, alien: bool) -> dict[str, Any]:
    def plain(text: str) -> str:
        return text if alien else printable(text)

    def block(one: Block) -> dict[str, Any]:
        if isinstance(one, Facts):
            return {"kind": "facts", "rows": [[plain(a), plain(b)] for a, b in one.rows]}
        if isinstance(one, Lines):
            return {"kind": one.style, "lines": [plain(line) for line in one.lines]}
        if isinstance(one, Table):
            return {
                "kind": "table",
                "heads": [plain(head) for head in one.heads],
                "rows": [[plain(cell) for cell in row] for row in one.rows],
                "shares": list(one.shares),
                "notes": [plain(note) for note in one.notes],
                "strong": sorted(one.strong),
            }
        for picture in one.pictures:
            (place / f"{picture.name}.{picture.kind}").write_bytes(picture.content)
        return {
            "kind": "pictures",
            "height_mm": one.height_mm,
            "pictures": [
                {"file": f"{one.name}.{one.kind}", "words": plain(one.words)}
                for one in one.pictures
            ],
        }

    return {
        "title": plain(document.title),
        "subtitle": plain(document.subtitle),
        "footer": plain(document.footer),
        "language": document.language,
        "paper": paper,
        "ink": INK,
        "faint": FAINT_INK,
        "rule": RULE,
        "sections": [
            {
                "title": plain(section.title),
                "new_page": section.new_page,
                "blocks": [block(one) for one in section.blocks],
            }
            for section in document.sections
        ],
    }


def _texts(document: Document) -> Iterator[str]:
    yield from (document.title, document.subtitle, document.footer)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from (text for row in block.rows for text in row)
            elif isinstance(block, Lines):
                yield from block.lines
            elif isinstance(block, Table):
                yield from (*block.heads, *block.notes)
                yield from (cell for row in block.rows for cell in row)
            elif isinstance(block, Pictures):
                yield from (picture.words for picture in block.pictures)
