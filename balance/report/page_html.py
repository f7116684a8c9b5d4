"""A document as one HTML file: nothing fetched, no script, every text escaped.

Letters come from the fonts of whoever looks at it.
"""

from __future__ import annotations

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined

from balance.report.document import Columns, Document, Facts, Lines, Pictures, Table, visible
from balance.report.palette import FAINT_INK, INK, PAPER, RULE

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}


def html_page(document: Document) -> bytes:
    """The document as a page; the same document, the same bytes."""
    environment = Environment(
        loader=PackageLoader("balance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
    )
    environment.filters["data_address"] = _data_address
    environment.tests |= {
        "facts": lambda block: isinstance(block, Facts),
        "lines": lambda block: isinstance(block, Lines),
        "table": lambda block: isinstance(block, Table),
        "columns": lambda block: isinstance(block, Columns),
        "pictures": lambda block: isinstance(block, Pictures),
    }
    page = environment.get_template("document.html.j2").render(
        document=document, ink=INK, paper=PAPER, rule=RULE, faint=FAINT_INK
    )
    return page.encode("utf-8", "backslashreplace")


def _data_address(content: bytes, kind: str) -> str:
    return f"data:{MEDIA[kind]};base64,{base64.b64encode(content).decode('ascii')}"
