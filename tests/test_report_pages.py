"""The pages of a report: what they say and never say, inert whatever is written into them."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import browser
import numpy as np
import pytest
from command_line import spinal_balance
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from strategies import (
    AVERAGE,
    Posture,
    analysed,
    average_document,
    corners,
    document,
    encoded,
    frontal_document,
    known_case,
    measured,
    single_curve,
)
from test_impression import FORBIDDEN, NUMBER, examinations, slowly

from balance.metrics.catalogue import METRIC, METRICS
from balance.references import citation
from balance.report import report_files, system_fonts
from balance.report.document import (
    Document,
    Facts,
    Lines,
    Pictures,
    Section,
    Table,
    all_texts,
    visible,
)
from balance.report.fields import FIELDS, LONGEST, BadFields, ReaderFields, read_fields
from balance.report.figure import draw_film, film_shape
from balance.report.lettering import typeset
from balance.report.page_html import html_page
from balance.report.page_pdf import NO_LETTERS, pdf_page
from balance.report.radiology import radiology_report
from balance.report.report_files import (
    BadReport,
    in_time,
    report_document,
    write_report,
    write_reports_of,
)
from balance.report.system_fonts import Font, lettering_for
from balance.report.trend import trend_sections
from balance.report.verdicts import SYMBOLS
from balance.report.wording import label_of
from balance.study.change import change_limit, posture_spread
from balance.study.timepoints import TimePoint

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_images"
TEMPLATES = ROOT / "balance" / "report" / "templates"
NOTICE = "Research software. Not a medical device."
HOSTILE = '<script>window.pwned=1</script><img src=x onerror=window.pwned=1> #read("/etc/passwd")'
CODE = "$x$ #pagebreak() *bold* {{7*7}} {% raw %} \\u{41} = Heading"
BIDI = "a\u202eb\x1b[31mc\u2066d"

needs_chromium = pytest.mark.skipif(
    not browser.there(), reason="Chromium and chromedriver are not installed"
)
needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed"
)


def both(**fields):
    """A lateral and a frontal film of one person, with a curve."""
    knots = single_curve("T6", "T12", 35.0)
    docs = average_document(), frontal_document(knots)
    return analysed(*(doc | {"case": "case 7"} | fields for doc in docs), segmental=True)


def one(**fields):
    return analysed(average_document(**fields) | {"case": "case 7"}, segmental=True)


def paper_text(content, tmp_path, *, layout=False):
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    command = ["pdftotext", *(["-layout"] if layout else []), str(path), "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    return done.stdout.decode("utf-8")


def squeezed(text):
    """Without what a line break may add or take: spaces and hyphens."""
    return re.sub(r"[\s\u200b\u00ad-]+", "", text)


def pages(content):
    return max(int(n) for n in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)", content))


def texts_of(page):
    return html.unescape(
        re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S))
    )


# --- What is said and never said ----------------------------------------------------------------


@given(examinations())
@slowly
def test_no_forbidden_word_on_any_page(films):
    analysis = films.analysis
    for text in all_texts(radiology_report(analysis, {})):
        assert not FORBIDDEN.search(text), text


@pytest.mark.parametrize("word", ["normal", "abnormal", "imbalance", "Unstable", "risk of"])
def test_a_forbidden_word_would_be_found(word):
    assert FORBIDDEN.search(f"the spine is {word}.")


def test_definitions_and_the_citations_of_limits_hold_no_forbidden_word():
    for metric in METRICS:
        for text in (metric.name, metric.definition, metric.sign, *map(citation, metric.sources)):
            assert not FORBIDDEN.search(text), (metric.key, text)


def test_no_forbidden_word_in_a_series():
    for text in all_texts(series()):
        assert not FORBIDDEN.search(text), text


@needs_pdftotext
def test_no_forbidden_word_on_the_finished_pages_of_a_series(tmp_path):
    document = series()
    page, paper = texts_of(html_page(document).decode()), paper_text(pdf_page(document), tmp_path)
    for text in (page, paper):
        assert "Series" in text
        assert not FORBIDDEN.search(text)


@given(examinations())
@slowly
def test_the_whole_of_section_7_is_there(films):
    analysis = films.analysis
    document = radiology_report(analysis, {})
    titles = [section.title for section in document.sections]
    assert titles[0] == "Impression"
    for title in ("Technique, levels and adequacy", "Who placed the points",
                  "Definitions and sources"):  # fmt: skip
        assert title in titles
    text = "\n".join(all_texts(document))
    assert "counted from" in text
    assert "cale" in text
    assert NOTICE in document.footer
    assert "spinal-balance " in document.footer
    assert ("Sagittal alignment" in titles) == ("lateral" in analysis.films)
    assert ("Coronal alignment" in titles) == ("frontal" in analysis.films)
    assert ("Second sacral reading" in titles) == (analysis.alternative is not None)


@given(examinations())
@slowly
def test_every_value_stands_on_a_page_or_is_told_to_be_absent(films):
    analysis = films.analysis
    tables = [
        block for section in radiology_report(analysis, {}).sections
        for block in section.blocks if isinstance(block, Table)
    ]  # fmt: skip
    cells = [cell for table in tables for row in table.rows for cell in row]
    for key, value in analysis.measurements.items():
        if "." in key or value.value is None:
            continue
        decimals = 2 if value.unit == "1" else 1
        shown = f"{round(value.value, decimals) + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
        assert any(cell.startswith(shown) for cell in cells), key


def test_conflicting_rules_share_a_row_and_the_age_comes_first():
    plane = AVERAGE.plane()
    now = measured(document(plane)).measurements["SVA"].value
    plane |= {name: plane[name] + 60.0 - now for name in corners("C7")}
    doc = average_document(patient={"age_years": 80, "sex": "F"})
    doc |= {"points": document(plane)["points"]}
    (cell,) = [
        row[3]
        for section in radiology_report(analysed(doc), {}).sections
        if section.title == "Sagittal alignment"
        for table in section.blocks
        for row in table.rows
        if row[0] == "SVA"
    ]
    assert cell.startswith("\N{CIRCLE WITH LEFT HALF BLACK} ")
    first = cell.split("\n")[0]
    assert first.index("age band") < first.index("past 50 mm")


@given(examinations())
@slowly
def test_a_symbol_never_stands_alone(films):
    analysis = films.analysis
    for section in radiology_report(analysis, {}).sections:
        for block in section.blocks:
            if not isinstance(block, Table):
                continue
            cells = [cell for row in block.rows for cell in row]
            used = {symbol for symbol in SYMBOLS for cell in cells if symbol in cell}
            for cell in cells:
                for line in cell.split("\n"):
                    for symbol in used:
                        if line.startswith(symbol):
                            assert re.match(rf"{symbol} \w", line), line
            for symbol in used:
                assert any(symbol in note for note in block.notes), symbol


def test_second_reading_stands_beside_the_first():
    doc = average_document(vertebrae={"lumbar": 6})
    analysis = analysed(doc | {"points": document(Posture(lumbar=6).plane())["points"]})
    (table,) = [
        block
        for section in radiology_report(analysis, {}).sections
        if section.title == "Second sacral reading"
        for block in section.blocks
    ]
    assert table.heads[1:] == ("S1 endplate", "L6 superior endplate")
    row = next(row for row in table.rows if row[0] == "PI")
    for cell, values in zip(row[1:], (analysis, analysis.alternative), strict=True):
        assert cell.startswith(f"{values.measurements['PI'].value:.1f}°")


def test_the_fusion_and_what_is_not_confirmed_are_told():
    analysis = one(fusion={"uiv": "T10", "liv": "S1"}, surgery="postoperative", reader="R. Eader")
    text = "\n".join(all_texts(radiology_report(analysis, {})))
    assert "UIV T10, LIV S1" in text
    assert "R. Eader" in text
    assert "all confirmed" in text
    doc = average_document()
    doc["points"]["S1_superior_anterior"] |= {"confirmed": False, "source": "predicted"}
    text = "\n".join(all_texts(radiology_report(analysed(doc, segmental=True), {})))
    assert "1 of" in text
    assert "S1 predicted, manual, NOT confirmed" in text or "S1 manual, predicted, NOT" in text


def test_lateral_and_frontal_segments_are_kept_apart():
    analysis = both()
    (table,) = [
        block
        for section in radiology_report(analysis, {}).sections
        if section.title == "Bodies, discs and slips"
        for block in section.blocks
        if isinstance(block, Table)
    ]
    heads = list(table.heads)
    row = next(row for row in table.rows if row[0] == "T9")
    for head, view in (("Body, °", "lateral"), ("Frontal body, °", "frontal")):
        value = analysis.films[view].measurements["segmental.T9"].value
        assert float(row[heads.index(head)].replace("\N{MINUS SIGN}", "-")) == pytest.approx(
            value, abs=0.051
        )


# --- Names, letters, hostile text ---------------------------------------------------------------


def test_a_name_is_printed_only_if_the_fields_give_it():
    doc = average_document(
        patient={"age_years": 60, "sex": "F", "id": "SECRET-ID"},
        reader_notes={"name": "SECRET NAME", "history": "old pain"},
    )
    analysis = analysed(doc | {"case": "case 7"}, segmental=True)
    page = html_page(radiology_report(analysis, {})).decode()
    assert "SECRET" not in page
    assert "case 7" in page
    assert "old pain" in page
    page = html_page(radiology_report(analysis, {}, ReaderFields("Anna Example"))).decode()
    assert "Anna Example" in page
    assert "SECRET" not in page


def test_the_path_of_a_document_is_not_the_heading():
    analysis = analysed(average_document(), segmental=True)
    assert radiology_report(analysis, {}).pseudonym == "film0"


@pytest.mark.parametrize("name", ["Zoë Ångström", "Иванова Мария", "مريم الفارسي", "Ελένη"])
def test_usual_letters_need_no_font_of_the_computer(name, monkeypatch):
    monkeypatch.setattr(system_fonts, "computer_fonts", lambda: pytest.fail("asked"))
    lettering = lettering_for(name)
    assert lettering.sets(name)
    assert not lettering.files


@needs_pdftotext
@pytest.mark.parametrize("name", ["Zoë Ångström", "Иванова Мария"])
def test_names_stand_on_paper(name, tmp_path):
    text = paper_text(pdf_page(small(name)), tmp_path)
    assert name in text


@needs_pdftotext
def test_arabic_letters_stand_on_paper_joined(tmp_path):
    # The letters are set in their joined forms and stored in the order of reading.
    text = paper_text(pdf_page(small("مريم")), tmp_path)
    assert {"م", "ر", "ي"} <= set(text)
    assert "?" not in text


def small(name="", **changes):
    sections = (Section("Part", (Lines(("a line",)), Facts((("Field", "words"),)))),)
    usual = {"title": "Report", "subtitle": "60 years", "sections": sections, "footer": NOTICE}
    return Document(**(usual | {"name": name, "pseudonym": "case 7"} | changes))


def font_with(tmp_path, letters):
    """A font of this test's own that has a few letters, each a block."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *(f"u{ord(letter):04X}" for letter in letters)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):04X}" for letter in letters})
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Blocks", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    path = tmp_path / "Blocks.ttf"
    builder.save(path)
    return Font("Blocks", path, (False, 0, "Blocks", str(path)))


@needs_pdftotext
def test_a_chinese_name_is_set_where_the_computer_has_a_font(tmp_path, monkeypatch):
    font = font_with(tmp_path, "王小明")
    monkeypatch.setattr(system_fonts, "computer_fonts", lambda: (font,))
    text = paper_text(pdf_page(small("王小明")), tmp_path)
    assert "王小明" in text
    assert "case 7" not in text


@needs_pdftotext
def test_without_a_font_the_pseudonym_stands_with_a_note(tmp_path, monkeypatch):
    for fonts in ((), (font_with(tmp_path, "王小"),)):
        monkeypatch.setattr(system_fonts, "computer_fonts", lambda fonts=fonts: fonts)
        text = paper_text(pdf_page(small("王小明")), tmp_path)
        assert "王" not in text
        assert "case 7" in text
        assert squeezed(NO_LETTERS) in squeezed(text)
    page = html_page(small("王小明")).decode()
    assert "王小明" in page


def test_the_best_font_is_chosen_whatever_the_order(tmp_path, monkeypatch):
    few, more = tmp_path / "few", tmp_path / "more"
    few.mkdir()
    more.mkdir()
    fonts = font_with(few, "王"), font_with(more, "王小明")
    for order in (fonts, fonts[::-1]):
        monkeypatch.setattr(system_fonts, "computer_fonts", lambda order=order: order)
        assert lettering_for("王小明").files == (fonts[1].path,)
        assert lettering_for("王小明龍").lacking == {"龍"}


def test_a_broken_font_is_passed_over(tmp_path, monkeypatch):
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"no font")
    broken = Font("Broken", path, (False, 0, "A", ""))
    monkeypatch.setattr(system_fonts, "computer_fonts", lambda: (broken,))
    assert lettering_for("王").lacking == {"王"}


def hostile_fields():
    return ReaderFields(HOSTILE, {"history": CODE, "comment": BIDI, "implants": "X" * 400})


def test_hostile_text_is_text_in_the_page():
    page = html_page(radiology_report(one(), {}, hostile_fields())).decode()
    assert "<script" not in page
    assert not re.search(r"<img(?! alt=)", page)
    assert html.escape(HOSTILE, quote=False).replace('"', "&#34;") in page
    assert "{{7*7}}" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page)
    assert not re.search(r"url\(|@import|<link|<iframe", page)
    assert "default-src 'none'" in page


@needs_pdftotext
def test_hostile_text_is_text_on_paper(tmp_path):
    text = paper_text(pdf_page(radiology_report(one(), {}, hostile_fields())), tmp_path)
    held = squeezed(text)
    assert squeezed(HOSTILE) in held
    assert squeezed(CODE) in held
    assert "root:" not in text
    assert "abcd" not in text
    assert "ab[31mcd" in held


def test_only_units_become_signs_of_print():
    assert typeset("17 % of the degrees, 5 deg (deg)") == "17 % of the degrees, 5° (°)"
    assert typeset("PI - 21, L4-S1 -3 to -1, a - b") == (
        "PI \N{MINUS SIGN} 21, L4-S1 \N{MINUS SIGN}3 to \N{MINUS SIGN}1, a \N{MINUS SIGN} b"
    )


def test_control_letters_do_not_steer_their_neighbours():
    assert visible(BIDI) == "ab[31mcd"
    assert visible("one\ntwo\tthree") == "one\ntwo three"
    assert visible("می\u200cخواهم") == "می\u200cخواهم"


def test_half_a_character_breaks_neither_page():
    document = small("case \udcff", subtitle="\ud800")
    assert pdf_page(document).startswith(b"%PDF")
    assert html_page(document).startswith(b"<!doctype")


@needs_chromium
def test_the_page_opens_in_a_browser_and_fetches_nothing(tmp_path):
    path = tmp_path / "report.html"
    write_report([both()], path, hostile_fields())
    window = browser.Browser()
    try:
        window.open(path)
        assert window.run("return window.pwned === undefined")
        fetched = window.run(
            "return performance.getEntriesByType('resource').map(e => e.name)"
            ".filter(name => !name.startsWith('data:'))"
        )
        assert fetched == []
        assert window.log() == []
        assert window.run("return document.scripts.length") == 0
        sizes = window.run("return [...document.images].map(i => i.naturalWidth)")
        assert len(sizes) == 2
        assert min(sizes) > 300
        assert HOSTILE in window.run("return document.body.innerText")
        assert window.run("return document.body.scrollWidth <= window.innerWidth")
    finally:
        window.close()


# --- Pages --------------------------------------------------------------------------------------


def test_templates_compute_nothing():
    for path in TEMPLATES.glob("document.*"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"calc\.|eval\(|round\(|float\(|int\(|\|\s*(round|float|int|sum)\b", text
        )
    page = (TEMPLATES / "document.html.j2").read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe", page)
    for expression in re.findall(r"\{\{(.*?)\}\}", page):
        assert not re.search(r"[-+*/%]", expression), expression


@needs_pdftotext
def test_page_and_paper_say_the_same(tmp_path):
    document = report_document([both()], ReaderFields("Anna Example", {"history": "pain"}))
    page = squeezed(texts_of(html_page(document).decode()))
    paper = squeezed(paper_text(pdf_page(document), tmp_path))
    told = [text for text in all_texts(document) if text != document.pseudonym]
    assert len(told) > 300
    for text in told:
        # a cell may stand in columns beside others: word by word
        for word in visible(text).split():
            assert squeezed(word) in page, word
            assert squeezed(word) in paper or len(word) > 30, word


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_two_films_fill_three_pages_at_most(paper):
    analysis = both(patient={"age_years": 60, "sex": "F"})
    content = pdf_page(report_document([analysis], None, paper), paper)
    assert 1 <= pages(content) <= 3
    size = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", content)
    expected = {"a4": (595.3, 841.9), "us-letter": (612.0, 792.0)}[paper]
    assert [float(n) for n in size.groups()] == pytest.approx(expected, abs=0.1)


@needs_pdftotext
def test_the_notice_stands_on_every_page(tmp_path):
    document = report_document([both()], None)
    sheets = paper_text(pdf_page(document), tmp_path).split("\f")[:-1]
    assert len(sheets) >= 2
    for sheet in sheets:
        assert NOTICE in sheet
        assert "spinal-balance " in sheet


def test_the_same_report_has_the_same_bytes_in_another_process(tmp_path):
    source = tmp_path / "a.landmarks.json"
    source.write_bytes(encoded(average_document() | {"case": "a"}))
    code = (
        "import sys; from pathlib import Path; from balance.analysis import analyse_files; "
        "from balance.report.report_files import write_report; "
        "a, _ = analyse_files([Path(sys.argv[1])], segmental=True); "
        "[write_report(a, Path(name)) for name in sys.argv[2:]]"
    )
    made = []
    for seed in ("1", "2"):
        names = [tmp_path / f"{seed}{ending}" for ending in (".pdf", ".html")]
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"}
        subprocess.run(
            [sys.executable, "-c", code, source, *names], check=True, cwd=ROOT, env=environment
        )
        made.append([name.read_bytes() for name in names])
    assert made[0] == made[1]


@pytest.mark.parametrize("view", ["lateral", "frontal"])
@pytest.mark.parametrize("height", [148.0, 120.0])
def test_letters_of_a_film_are_readable_in_print(view, height):
    doc = (
        average_document() if view == "lateral" else frontal_document(single_curve("T6", "T12", 40))
    )
    film = measured(doc)
    inches = height * film_shape(film, None) / 25.4, height / 25.4
    figure = Figure(figsize=inches, dpi=100)
    FigureCanvasAgg(figure)
    ax = draw_film(figure.add_axes((0, 0, 1, 1)), film, words=False)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = []
    for text in ax.texts:
        assert text.get_fontsize() >= 7.0 - 1e-9, text.get_text()
        box = text.get_window_extent(renderer)
        assert ax.bbox.x0 - 1 <= box.x0, text.get_text()
        assert box.x1 <= ax.bbox.x1 + 1, text.get_text()
        boxes.append((box, text.get_text()))
    for n, (box, text) in enumerate(boxes):
        for other, words in boxes[n + 1 :]:
            shared = np.clip(
                [min(box.x1, other.x1) - max(box.x0, other.x0),
                 min(box.y1, other.y1) - max(box.y0, other.y0)], 0, None
            )  # fmt: skip
            assert shared.prod() < 0.15 * min(box.width * box.height, other.width * other.height), (
                text, words
            )  # fmt: skip


def test_a_printed_film_has_the_size_that_it_was_drawn_for():
    analysis = one()
    (picture,) = report_files.printed_films(analysis, {}, "a4").values()
    width, height = (int.from_bytes(picture.content[n : n + 4], "big") for n in (16, 20))
    assert width / picture.size_mm[0] * 25.4 == pytest.approx(254, rel=0.01)
    assert height / picture.size_mm[1] * 25.4 == pytest.approx(254, rel=0.01)
    assert "the points alone" in picture.words


def filled(words, *, size=(66.0, 60.0)):
    """A page with a small picture and sections beside it."""
    analysis = one()
    (film,) = report_files.printed_films(analysis, {}, "a4").values()
    beside = tuple(
        Section(f"Head{n}", (Lines(tuple(f"word{n}x{k}" for k in range(count))),))
        for n, count in enumerate(words)
    )
    return small(
        sections=(Section("", (Pictures((replace(film, size_mm=size),), beside=beside),)),)
    )


@needs_pdftotext
@pytest.mark.parametrize("words", [(1,), (3, 200), (200, 3), (60, 60, 60), (8, 9, 0, 5)])
def test_what_has_no_room_beside_a_picture_follows_once_and_in_order(words, tmp_path):
    document = filled(words)
    text = paper_text(pdf_page(document), tmp_path)
    page = texts_of(html_page(document).decode())
    for n, count in enumerate(words):
        assert text.split().count(f"Head{n}") == page.split().count(f"Head{n}") == 1
        told = re.findall(rf"\bword{n}x(\d+)\b", text)
        assert sorted(map(int, told)) == list(range(count))
        assert re.findall(rf"\bword{n}x(\d+)\b", page) == [str(k) for k in range(count)]


@needs_pdftotext
def test_text_stands_beside_a_picture_and_not_on_it(tmp_path):
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf_page(filled((5, 200))))
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True)
    lefts = {
        word: float(left)
        for left, word in re.findall(r'xMin="([\d.]+)"[^>]*>(word\dx\d+)<', done.stdout.decode())
    }
    edge, width = (15.0 / 25.4 * 72.0, 66.0 / 25.4 * 72.0)
    assert lefts["word0x0"] > edge + width
    assert lefts["word1x0"] == pytest.approx(edge, abs=0.5)


@needs_pdftotext
@pytest.mark.parametrize("name", ["Zoë Ångström", "", "A" + "b" * 300])
def test_every_page_says_whose_it_is(name, tmp_path):
    long = Section("Part", (Lines(tuple(f"line {n}" for n in range(150))),))
    sheets = paper_text(pdf_page(small(name, sections=(long,))), tmp_path).split("\f")[:-1]
    assert len(sheets) >= 2
    for sheet in sheets:
        foot = sheet[-400:].replace("\N{ZERO WIDTH SPACE}", "")
        assert (name or "case 7")[:20] in foot
        assert ("60 years" in foot) == (len(name) < 100)


# --- Series -------------------------------------------------------------------------------------


def visit(day, shift=0.0, **fields):
    plane = AVERAGE.plane()
    plane |= {name: plane[name] + shift for name in corners("C7")}
    # Somebody who was born in the middle of 1940.
    aged = {"patient": {"age_years": int(day[:4]) - 1941, "sex": "F"}} | fields
    doc = average_document(acquired=day, **aged) | {"case": f"case {day}"}
    return analysed(doc | {"points": document(plane)["points"]}, segmental=True)


def series():
    visits = [visit("2003-01-01", 40.0), visit("2001-01-01"), visit("2002-01-01", 12.0)]
    return report_document(visits)


def test_a_series_is_told_in_the_order_of_time():
    ordered = in_time([visit("2003-01-01"), visit("2001-01-01"), visit("2002-01-01")])
    assert [one.examination.id for one in ordered] == [
        "case 2001-01-01", "case 2002-01-01", "case 2003-01-01",
    ]  # fmt: skip
    undated = [one(), visit("2001-01-01")]
    assert list(in_time(undated)) == undated


def test_the_trend_page_reuses_the_change_limits():
    document = series()
    assert document.pseudonym == "case 2003-01-01"
    table = next(
        block
        for section in document.sections
        if section.title == "Change"
        for block in section.blocks
    )
    row = next(row for row in table.rows if row[0] == "SVA (mm)")
    first, second, third = (visit(f"200{n}-01-01", s).measurements["SVA"]
                            for n, s in ((1, 0.0), (2, 12.0), (3, 40.0)))  # fmt: skip
    told = [float(NUMBER.findall(cell.replace("\N{MINUS SIGN}", "-"))[0]) for cell in row[1:6]]
    limit = change_limit(first.sd, third.sd, posture_spread("SVA", "mm").sd)
    expected = [first.value, second.value, third.value, third.value - first.value, limit]
    assert told == pytest.approx(expected, abs=0.051)
    assert row[6] == "beyond"
    assert float(row[7].lstrip("+")) == pytest.approx(28.0, abs=0.051)
    pi = next(row for row in table.rows if row[0] == "PI (°)")
    assert pi[6] == "within"


def test_every_number_of_the_trend_table_is_a_value_a_difference_or_its_limit():
    visits = [visit("2001-01-01"), visit("2002-01-01", 12.0), visit("2003-01-01", 40.0)]
    films = [one.measurements for one in visits]
    table = next(
        block
        for section in report_document(visits).sections
        if section.title == "Change"
        for block in section.blocks
    )
    keys = {label_of(key): key for key in METRIC}
    assert len(table.rows) > 8
    for label, *cells in table.rows:
        key = keys[re.sub(r" \((°|mm|%)\)$", "", label)]
        told = [float(cell.lstrip("+").replace("\N{MINUS SIGN}", "-")) for cell in
                (*cells[:5], *cells[6:8])]  # fmt: skip
        values = [film[key].value for film in films]
        spread = posture_spread(key, films[0][key].unit).sd
        limits = [change_limit(films[n][key].sd, films[2][key].sd, spread) for n in (0, 1)]
        expected = [*values, values[2] - values[0], limits[0], values[2] - values[1], limits[1]]
        assert told == pytest.approx(expected, abs=0.051), label
        for verdict, change, limit in ((cells[5], told[3], told[4]), (cells[8], told[5], told[6])):
            assert verdict == ("beyond" if abs(change) > limit else "within") or (
                abs(abs(change) - limit) < 0.11
            )


def test_films_of_two_people_make_no_series():
    for field in ({"age_years": 60, "sex": "M"}, {"age_years": 60, "id": "other"}):
        first = visit("2001-01-01", patient={"age_years": 60, "sex": "F", "id": "one"})
        with pytest.raises(BadReport, match="not of one patient"):
            in_time([first, visit("2002-01-01", patient=field)])
    with pytest.raises(BadReport, match="no examination"):
        in_time([])


def test_a_failed_control_comes_as_a_warning():
    visits = [visit("2001-01-01"), visit("2002-01-01")]
    later = known_case("lat00")["landmarks"] | {"acquired": "2002-01-01", "case": "x"}
    other = analysed(later, segmental=True)
    points = [TimePoint(n, "", one) for n, one in enumerate((visits[0], other))]
    change = abs(other.measurements["PI"].value - visits[0].measurements["PI"].value)
    warned = [
        line
        for section in trend_sections(points)
        for block in section.blocks
        if isinstance(block, Lines) and block.style == "warning"
        for line in block.lines
    ]
    assert bool(warned) == (change > 8)
    assert change > 8


def test_every_patient_of_a_folder_gets_one_report(tmp_path):
    person = {"age_years": 60, "sex": "F"}
    analyses = [
        visit("2002-01-01", patient=person | {"id": "one"}),
        visit("2001-01-01", patient=person | {"id": "one"}),
        visit("2003-01-01", patient=person),
        visit("2004-01-01", patient=person),
        visit("2005-01-01", patient=person | {"id": "other"}),
        visit("2006-01-01", patient={"age_years": 61, "sex": "M", "id": "other"}),
    ]
    written, refused = write_reports_of(analyses, tmp_path / "made")
    stems = ("case_2002-01-01", "case_2003-01-01", "case_2004-01-01")
    assert [path.name for path in written] == [
        f"{stem}{ending}" for stem in stems for ending in (".pdf", ".html")
    ]
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == sorted(
        path.name for path in written
    )
    first, second, _ = (path.read_text("utf-8") for path in written if path.suffix == ".html")
    assert "Series" in first
    assert "Series" not in second
    (failure,) = refused
    assert failure.source == "case 2006-01-01"
    assert "sex differs" in failure.error


# --- The fields file ----------------------------------------------------------------------------


def written(tmp_path, text, name="fields.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_fields_are_read_from_yaml_and_json(tmp_path):
    yaml = written(
        tmp_path,
        "name: Иванова Мария\nhistory: |\n  pain\n  for years\nprior_films:\n  - 2001-05-03\n"
        "  - MRI 2000\nimplants:\n",
    )
    read = read_fields(yaml)
    assert read.name == "Иванова Мария"
    assert dict(read.words) == {"history": "pain\nfor years", "prior_films": "2001-05-03\nMRI 2000"}
    content = {"name": "Иванова Мария", "history": "pain"}
    read = read_fields(written(tmp_path, json.dumps(content), "fields.json"))
    assert (read.name, dict(read.words)) == ("Иванова Мария", {"history": "pain"})
    assert read_fields(written(tmp_path, "history: ''")).words == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hystory: pain", "unknown field 'hystory'"),
        ("- a\n- b", "no fields"),
        ("", "no fields"),
        ("history: [a, b", "not YAML"),
        ("history: {a: b}", "must be text"),
        (f"history: {'a' * (LONGEST + 1)}", "at most"),
        ("history: !!python/object/apply:os.system ['true']", "line 1 has a tag"),
        ("implants: x\nhistory: [!!binary aGk=]", "line 2 has a tag"),
        ("a: &a [x]\nb: &b [*a, *a]\nhistory: *b", "unknown field 'a'"),
        ("history: &b [[x, x], [x]]", "must be text"),
        ("? [a]\n: b", "plain list of fields"),
        ("history: a\nhistory: b", "field 'history' stands twice"),
        ("history: &h [*h]", "must be text"),
        ("1: x", "unknown field '1'"),
    ],
)
def test_a_bad_fields_file_is_refused_in_one_sentence(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(BadFields, match=words) as caught:
        read_fields(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fields_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadFields, match="cannot be read"):
        read_fields(tmp_path / "absent.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes("history: Müller".encode("latin-1"))
    with pytest.raises(BadFields, match="UTF-8"):
        read_fields(path)
    path.write_bytes(b"history: " + b"x" * 300_000)
    with pytest.raises(BadFields, match="too many"):
        read_fields(path)


def test_the_fields_win_over_the_documents_own_notes():
    analysis = one(reader_notes={"history": "from the document", "Own heading": "kept"})
    fields = ReaderFields(words={"history": "from the file"})
    text = "\n".join(all_texts(radiology_report(analysis, {}, fields)))
    assert "from the file" in text
    assert "from the document" not in text
    assert "Own heading" in text
    assert "kept" in text


def test_every_field_has_its_place():
    fields = ReaderFields(words={key: f"words of {key}" for key in FIELDS})
    text = "\n".join(all_texts(radiology_report(one(), {}, fields)))
    for key, heading in FIELDS.items():
        assert f"words of {key}" in text
        assert heading in text


# --- The command --------------------------------------------------------------------------------


def run(*words):
    return spinal_balance("report", *words)


def test_the_command_writes_each_kind(tmp_path):
    fields = written(tmp_path, "name: Anna Example")
    source = SAMPLES / "lateral_02.dcm"
    for ending, start in ((".pdf", b"%PDF"), (".html", b"<!doctype"), (".png", b"\x89PNG")):
        out = tmp_path / f"out{ending}"
        done = run(source, "-o", out, "--fields", fields, "--paper", "letter")
        assert done.exit_code == 0, done.output
        assert out.read_bytes().startswith(start)


def test_the_command_reports_a_series(tmp_path):
    films = [SAMPLES / f"lateral_0{n}.landmarks.json" for n in (4, 3)]
    out = tmp_path / "out.html"
    assert run(*films, "-o", out).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "Series" in page
    assert page.index("2001-05-03") < page.rindex("2002-02-14")


@pytest.mark.parametrize(
    ("films", "fields", "words"),
    [
        (["lateral_03", "lateral_05"], None, "not of one patient"),
        (["lateral_03"], "hystory: x", "unknown field"),
        (["lateral_09"], None, "No such file"),
    ],
)
def test_the_command_refuses_without_leaving_anything(tmp_path, films, fields, words):
    inputs = [SAMPLES / f"{name}.landmarks.json" for name in films]
    options = ["--fields", written(tmp_path, fields)] if fields else []
    done = run(*inputs, "-o", tmp_path / "out.pdf", *options)
    assert done.exit_code == 1
    assert re.search(words, done.output)
    assert not list(tmp_path.glob("*out*"))


def test_another_ending_is_wrong_usage(tmp_path):
    assert run(SAMPLES / "lateral_02.dcm", "-o", tmp_path / "out.txt").exit_code == 2
