"""The generated pages say what the catalogues say."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from balance.documentation import documentation, write_documentation
from balance.metrics.catalogue import METRICS

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", documentation())
def test_page_is_not_stale(name):
    page = DOCS / name
    assert page.is_file(), f"docs/{name} is missing: run make docs"
    assert page.read_text(encoding="utf-8") == documentation()[name], (
        f"docs/{name} is stale: run make docs"
    )


def test_no_drawing_is_left_over():
    drawn = {path.name for path in (DOCS / "drawings").glob("*.svg")}
    assert drawn == {f"{metric.key}.svg" for metric in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_drawing_is_an_image(metric):
    root = ElementTree.fromstring(documentation()[f"drawings/{metric.key}.svg"])
    assert root.tag.endswith("svg")
    assert len(root) > 10


def test_left_over_drawings_are_removed(tmp_path):
    write_documentation(tmp_path)
    (tmp_path / "drawings" / "gone.svg").write_text("")
    write_documentation(tmp_path)
    assert not (tmp_path / "drawings" / "gone.svg").exists()
