"""The page of a batch, opened in a real Chromium: it draws, sorts, filters and fetches nothing."""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from xml.etree import ElementTree

import browser
import numpy as np
import pytest
from film_writer import native, ramp
from rich.console import Console
from test_batch import KNOWN, document, here

from balance.batch import page
from balance.batch.charts import histogram, incidence_and_lordosis, sagittal_and_coronal
from balance.batch.ledger import read_only
from balance.batch.model import Settings
from balance.batch.run import run_batch
from balance.batch.summary import DISTRIBUTIONS, Summary

HOSTILE = "<img src=x onerror=window.pwned=1>"
CLOSING = "</script><script>window.pwned=1</script>"
CASES = 63

needs_chromium = pytest.mark.skipif(
    not browser.there(), reason="Chromium and chromedriver are not installed"
)


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder, output = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    known = sorted(path.stem for path in KNOWN.glob("lat*.json"))
    chance = np.random.default_rng(1)
    for number in range(CASES - 3):
        path = document(folder / f"case {number:02d}.landmarks.json", known[number % len(known)])
        content = json.loads(path.read_text())
        for point in content["points"].values():
            point["x"] += float(chance.normal(0, 4))
        path.write_text(json.dumps(content))
    document(folder / "h.landmarks.json", "lat03", case=HOSTILE)
    document(folder / "c.landmarks.json", "lat04", case=CLOSING)
    person = {"age_years": 62, "sex": "M"}
    document(folder / "side.landmarks.json", "lat05", case="both", patient=person)
    document(folder / "front.landmarks.json", "frontal00", case="both")
    (folder / f"{CLOSING.replace('/', '-')}.landmarks.json").write_text("{")
    film = native(folder, ramp(12), bits=12)
    film.rename(folder / "case 00.dcm")
    settings = Settings(folder, output, thumbnails=5)
    run_batch(settings, Console(file=io.StringIO()), mapping=here)
    return output


@pytest.fixture(scope="module")
def window(output):
    opened = browser.Browser()
    opened.open(output / "index.html")
    yield opened
    opened.close()


def cells(window, column):
    """What stands in a column of the table on the screen."""
    return window.run(
        "const at = [...document.querySelectorAll('#cases th')].findIndex("
        "head => (head.querySelector('button') || head).textContent === arguments[0]);"
        "return [...document.querySelectorAll('#cases tbody tr')].map(r => r.cells[at].innerText)",
        column,
    )


def press(window, column):
    window.run(
        "[...document.querySelectorAll('#cases th button')].find("
        "button => button.textContent === arguments[0]).click()",
        column,
    )


def number(text):
    return float(text.replace("\u2212", "-").replace("\u25b2", ""))


def look_for(window, words):
    window.run(
        "const box = document.getElementById('filter'); box.value = arguments[0];"
        "box.dispatchEvent(new Event('input'))",
        words,
    )


@needs_chromium
def test_the_page_runs_and_fetches_nothing(window):
    assert window.log() == []
    assert window.run("return performance.getEntriesByType('resource').length") == 0
    assert len(cells(window, "case")) == 50
    assert window.run("return document.getElementById('found').textContent") == "63 of 63 cases"
    assert window.run("return document.querySelectorAll('svg[role=img]').length") > 10


@needs_chromium
def test_hostile_names_are_text(window):
    look_for(window, "onerror")
    assert cells(window, "case") == [HOSTILE]
    look_for(window, "pwned")
    assert set(cells(window, "case")) == {HOSTILE, CLOSING}
    look_for(window, "")
    assert window.run("return window.pwned === undefined")
    assert window.run("return document.querySelectorAll('img').length") == 1


@needs_chromium
def test_the_policy_stops_what_gets_in(window):
    window.run(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 2';"
        "document.body.append(s); const i = new Image(); i.src = 'https://example.org/x.png';"
        "document.body.append(i)"
    )
    assert window.run("return window.pwned === undefined")
    said = " ".join(window.log())
    assert "Content Security Policy" in said


@needs_chromium
def test_a_column_sorts_both_ways_with_the_empty_cells_last(window):
    press(window, "SVA")
    rising = [number(text) for text in cells(window, "SVA") if text]
    assert rising == sorted(rising)
    press(window, "SVA")
    falling = [number(text) for text in cells(window, "SVA") if text]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > rising[0]
    press(window, "largest Cobb")
    assert [bool(text) for text in cells(window, "largest Cobb")][:2] == [True, False]
    head = "return [...document.querySelectorAll('[aria-sort]')].map(h => h.innerText).join()"
    assert window.run(head).startswith("largest Cobb")


@needs_chromium
def test_the_second_page_holds_the_rest(window):
    first = cells(window, "case")
    window.run("document.getElementById('next').click()")
    assert len(cells(window, "case")) == CASES - 50
    assert not set(cells(window, "case")) & set(first)
    assert window.run("return document.getElementById('next').disabled")
    window.run("document.getElementById('back').click()")
    assert cells(window, "case") == first


@needs_chromium
def test_only_flagged_leaves_the_flagged(window):
    window.run("document.getElementById('only-flagged').click()")
    flagged = cells(window, "flags")
    assert flagged
    assert all(flagged)
    window.run("document.getElementById('only-flagged').click()")


@needs_chromium
def test_a_point_says_which_case_it_is_and_finds_it(window):
    told = window.run(
        "const mark = document.querySelector('path.case[data-row]');"
        "mark.dispatchEvent(new PointerEvent('pointerenter', {clientX: 300, clientY: 300}));"
        "const tip = document.getElementById('tip').textContent;"
        "mark.dispatchEvent(new MouseEvent('click'));"
        "return [tip, document.querySelector('tr.chosen').cells[0].innerText]"
    )
    tip, chosen = told
    assert tip.split("\n")[0] == chosen
    assert "PI" in tip


def embedded(output):
    text = (output / "index.html").read_text(encoding="utf-8")
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', text)[1]
    )


def test_nothing_is_named_that_would_be_fetched(output):
    text = (output / "index.html").read_text(encoding="utf-8")
    page_itself = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    assert not re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?!data:)[a-z]+:', page_itself)
    assert "default-src 'none'" in html.unescape(text)
    assert HOSTILE not in text
    assert CLOSING not in text


def test_the_flagged_come_first_and_few_are_kept(output, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MOST_ROWS", 10)
    base = read_only(output / ".ledger" / "ledger.sqlite")
    settings = Settings(output, output)
    page.write_page(base, settings, tmp_path / "index.html")
    base.close()
    rows = embedded(tmp_path)["rows"]
    everything = embedded(output)["rows"]
    assert len(rows) == 10
    assert rows == everything[:10]
    counts = [sum(len(said.split(", ")) for _, said in row[2]) for row in everything]
    assert counts == sorted(counts, reverse=True)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "The 10 cases with most flags of 63" in text


def test_the_page_has_no_date_and_its_thumbnail(output):
    text = (output / "index.html").read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") == 1
    assert not re.search(r"20\d\d-\d\d-\d\d", text)


def axis(drawn, along):
    """The line from values to pixels, from the numbers printed at the ticks."""
    ticks = []
    for text in ElementTree.fromstring(drawn).iter("text"):
        said = (text.text or "").replace("\u2212", "-")
        if re.fullmatch(r"-?\d+", said) and text.get("class") is None:
            row = text.get("text-anchor") == "middle"
            if row == (along == "x"):
                ticks.append((float(said), float(text.get(along))))
    slope, start = np.polyfit(*zip(*ticks, strict=True), 1)
    return lambda value: slope * value + start - (4 if along == "y" else 0)


@pytest.mark.parametrize("draw", [incidence_and_lordosis, sagittal_and_coronal])
def test_points_stand_where_the_axes_say(draw):
    drawn = draw(Summary(), [(45.0, 30.0, 0, False), (30.0, -20.0, 1, True)])
    x, y = axis(drawn, "x"), axis(drawn, "y")
    plain, flagged = (
        [float(n) for n in re.findall(r"-?[\d.]+", mark.get("d"))]
        for mark in ElementTree.fromstring(drawn).iter("path")
        if "case" in (mark.get("class") or "")
    )
    # a ring starts at its left end: its centre is one radius further on
    assert plain[0] + plain[2] == pytest.approx(x(45.0), abs=0.5)
    assert plain[1] == pytest.approx(y(30.0), abs=0.6)
    assert flagged[0] == pytest.approx(x(30.0), abs=0.5)
    assert flagged[1] == pytest.approx(y(-20.0), abs=6)


def test_the_band_is_pi_plus_and_minus_nine():
    drawn = incidence_and_lordosis(Summary(), [])
    x, y = axis(drawn, "x"), axis(drawn, "y")
    (band,) = ElementTree.fromstring(drawn).iter("polygon")
    corners = [tuple(map(float, point.split(","))) for point in band.get("points").split()]
    expected = [(x(p), y(p + d)) for p, d in ((20, -9), (100, -9), (100, 9), (20, 9))]
    expected[2] = (expected[2][0], y(100))
    for found, wanted in zip(corners, expected, strict=True):
        assert found == pytest.approx(wanted, abs=0.8)


def test_bars_are_as_high_as_their_counts():
    shown = next(one for one in DISTRIBUTIONS if one.key == "PI")
    summary = Summary()
    values = [41.0] * 4 + [45.0] * 2 + [300.0]
    summary.values["PI"] = Counter(round(value / 0.1) for value in values)
    drawn = histogram(summary, shown)
    heights = [float(bar.get("height")) for bar in ElementTree.fromstring(drawn).iter("rect")]
    assert [round(h / heights[0], 2) for h in heights] == [1.0, 0.5, 0.25]
    assert summary.quartiles("PI")[1] == pytest.approx(41.0, abs=0.05)
