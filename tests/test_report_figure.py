"""The figure is read back: artists lie where the landmarks are, and the words can be read."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from balance.analysis import analyse
from balance.anatomy import plate_names
from balance.examination import Document, Examination
from balance.landmarks.files import parse_landmarks
from balance.metrics.catalogue import measure_film
from balance.report.figure import draw_analysis, draw_film, save_figure

KNOWN = Path(__file__).parent / "known"
LATERAL = sorted(path.stem for path in KNOWN.glob("lat*.json"))
FRONTAL = sorted(path.stem for path in KNOWN.glob("frontal*.json"))
SMALL = sorted(path.stem for path in KNOWN.glob("[ae]*.json"))
FORBIDDEN = re.compile(r"imbalance|unstable|\bnormal|recommend|\brisk", re.IGNORECASE)


def landmarks(name, keep=None, points=None, **changes):
    document = json.loads((KNOWN / f"{name}.json").read_text())["landmarks"] | changes
    if keep is not None:
        document["points"] = {key: document["points"][key] for key in keep}
    for key, more in (points or {}).items():
        document["points"][key] |= more
    return parse_landmarks(json.dumps(document).encode())


def examination(lateral=None, frontal=None):
    documents = [one and Document("case", one) for one in (lateral, frontal)]
    return analyse(Examination(*documents))


def drawn(film_landmarks, image=None):
    figure = Figure(figsize=(5, 10), dpi=100)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    return draw_film(ax, measure_film(film_landmarks), image)


def with_gid(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def texts(ax):
    return {t.get_gid(): t for t in ax.texts if t.get_gid()}


def points_of(ax, gid):
    pairs = [artist.get_xydata() for artist in with_gid(ax, gid)]
    return {tuple(np.round(xy, 6)) for xy in np.concatenate(pairs or [np.empty((0, 2))])}


@pytest.mark.parametrize("name", ["lat00", "lat05", "frontal00", "age0"])
def test_points_lie_on_the_landmarks(name):
    film = landmarks(name)
    expected = {(round(p.x, 6), round(p.y, 6)) for p in film.points.values()}
    assert points_of(drawn(film), "points.confirmed") == expected


@pytest.mark.parametrize(("name", "view"), [("lat00", "lateral"), ("frontal01", "frontal")])
def test_endplates_join_their_corners(name, view):
    film = landmarks(name)
    (lines,) = with_gid(drawn(film), "endplates.confirmed")
    segments = {tuple(map(tuple, segment)) for segment in lines.get_segments()}
    first, second = (film.points[n] for n in plate_names("L4", "superior", view))
    assert ((first.x, first.y), (second.x, second.y)) in segments


@pytest.mark.parametrize(("row", "column"), [(0.2, 0.16), (0.1, 0.3), (0.143, 0.143)])
def test_film_is_not_stretched(row, column):
    spacing = {"row": row, "column": column, "source": "user_fiducial"}
    ax = drawn(landmarks("lat00", spacing_mm=spacing))
    ax.figure.canvas.draw()
    corners = ax.transData.transform([[0, 0], [100, 0], [0, 100]])
    along_row, down_column = np.hypot(*(corners[1:] - corners[0]).T)
    assert down_column / along_row == pytest.approx(row / column)


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_picture_keeps_the_pixels_of_the_film(factor):
    film = landmarks("frontal00")
    rows, columns = film.image.rows, film.image.columns
    image = np.zeros((int(rows * factor), int(columns * factor)), np.uint8)
    (shown,) = with_gid(drawn(film, image), "film")
    left, right, bottom, top = shown.get_extent()
    assert (left, top) == (-0.5, -0.5)
    assert (right, bottom) == pytest.approx((columns - 0.5, rows - 0.5), abs=1e-6)


def test_a_crop_of_a_large_film_keeps_its_place():
    film = landmarks("lat00")
    stripes = (np.arange(12000) // 100 % 2 * 255).astype(np.uint8)
    image = stripes[:, None] ^ stripes[None, :7000]
    ax = drawn(film, image)
    (shown,) = with_gid(ax, "film")
    left, right, bottom, top = shown.get_extent()
    (x0, x1), (y1, y0) = ax.get_xlim(), ax.get_ylim()
    assert left <= x0 + 1
    assert right >= x1 - 1
    assert top <= y0 + 1
    assert bottom >= y1 - 1
    assert (right - left) * (bottom - top) < 0.5 * image.size
    array = shown.get_array()
    assert array.shape[0] <= 1600
    # the middle of a white square of the film is white on the figure
    x, y = 3150.0, 6250.0
    place = (y - top) / (bottom - top), (x - left) / (right - left)
    value = array[int(place[0] * array.shape[0]), int(place[1] * array.shape[1])]
    assert value == image[int(y), int(x)]


def test_unconfirmed_points_are_hollow():
    change = {"confirmed": False, "source": "predicted"}
    film = landmarks("lat00", points={"S1_superior_anterior": change, "femoral_head_1": change})
    ax = drawn(film)
    expected = {
        (round(film.points[name].x, 6), round(film.points[name].y, 6))
        for name in ("S1_superior_anterior", "femoral_head_1")
    }
    assert points_of(ax, "points.unconfirmed") == expected
    assert not points_of(ax, "points.confirmed") & expected
    assert all(a.get_markerfacecolor() == "none" for a in with_gid(ax, "points.unconfirmed"))
    assert all(a.get_markerfacecolor() != "none" for a in with_gid(ax, "points.confirmed"))
    assert texts(ax)["value.PI"].get_text().endswith("*")
    assert "not confirmed" in texts(ax)["scale.words"].get_text()


def test_heads_are_circles_of_their_radius():
    spacing = {"row": 0.2, "column": 0.1, "source": "user_fiducial"}
    ax = drawn(landmarks("lat00", spacing_mm=spacing, points={"femoral_head_1": {"radius": 200}}))
    (circle,) = with_gid(ax, "head.femoral_head_1")
    assert (circle.width, circle.height) == (400.0, 200.0)


def middle(ax, artist):
    ax.figure.canvas.draw()
    box = artist.get_window_extent()
    return ((box.x0 + box.x1) / 2 - ax.bbox.x0) / ax.bbox.width


@pytest.mark.parametrize("side", ["left", "right"])
def test_frontal_marks_stand_on_their_sides(side):
    name = {"right": "frontal00", "left": "frontal01"}[side]
    ax = drawn(landmarks(name))
    right, left = (middle(ax, texts(ax)[gid]) for gid in ("side.R", "side.L"))
    assert (right > 0.8, left < 0.2) == ((True, True) if side == "right" else (False, False))
    assert (right < 0.2, left > 0.8) == ((True, True) if side == "left" else (False, False))
    assert texts(ax)["side.R"].get_text() == "R"


@pytest.mark.parametrize(("name", "side"), [("lat00", "left"), ("lat01", "right")])
def test_lateral_mark_says_where_the_front_is(name, side):
    ax = drawn(landmarks(name))
    mark = texts(ax)["side.anterior"]
    assert (middle(ax, mark) > 0.5) == (side == "right")
    assert ("▶" in mark.get_text()) == (side == "right")


def line(ax, gid):
    (artist,) = with_gid(ax, gid)
    return artist.get_xydata()


def test_plumb_lines_and_dimension_hold_the_sva():
    film = landmarks("lat00")
    ax = drawn(film)
    plumb, vertical, dimension = (
        line(ax, gid) for gid in ("c7_plumb", "s1_vertical", "value.SVA.line")
    )
    c7 = np.mean([(p.x, p.y) for n, p in film.points.items() if n.startswith("C7_")], axis=0)
    assert plumb[:, 0] == pytest.approx([c7[0]] * 2)
    assert plumb[0] == pytest.approx(c7)
    assert vertical[:, 0] == pytest.approx([film.points["S1_superior_posterior"].x] * 2)
    assert abs(np.diff(dimension[:, 0])[0]) * film.scale.column_mm == pytest.approx(
        69.369, abs=0.01
    )
    assert texts(ax)["value.SVA"].get_text() == "SVA 69 mm"


def test_a_plumb_line_of_the_film_turns_the_verticals():
    ends = [[3000.0, 4000.0], [3100.0, 8000.0]]
    film = landmarks("lat00", vertical=ends)
    ax = drawn(film)
    assert line(ax, "vertical") == pytest.approx(np.array(ends))
    first, second = line(ax, "c7_plumb")
    mm = (second - first) * (film.scale.column_mm, film.scale.row_mm)
    asked = np.subtract(ends[1], ends[0]) * (film.scale.column_mm, film.scale.row_mm)
    assert mm[0] / mm[1] == pytest.approx(asked[0] / asked[1])
    assert "plumb line on the film" in texts(ax)["scale.words"].get_text()


def test_pelvic_construction_is_at_the_points():
    film = landmarks("lat07")
    ax = drawn(film)
    plate = [film.points[name] for name in plate_names("S1", "superior", "lateral")]
    heads = [film.points[f"femoral_head_{n}"] for n in (1, 2)]
    start, end = line(ax, "pelvic_radius")
    assert start == pytest.approx([np.mean([p.x for p in plate]), np.mean([p.y for p in plate])])
    assert end == pytest.approx([np.mean([p.x for p in heads]), np.mean([p.y for p in heads])])
    along = np.subtract((plate[1].x, plate[1].y), (plate[0].x, plate[0].y))
    foot = np.subtract(*line(ax, "perpendicular"))
    mm = np.array([film.scale.column_mm, film.scale.row_mm])
    assert (along * mm) @ (foot * mm) == pytest.approx(0.0, abs=1e-6)


def test_curves_have_cobb_lines_apex_and_words():
    film = landmarks("frontal00")
    ax = drawn(film)
    ends = [artist.get_xydata() for artist in with_gid(ax, "value.curve.1.endplate")]
    expected = [
        [(film.points[n].x, film.points[n].y) for n in plate_names(level, endplate, "frontal")]
        for level, endplate in (("T10", "superior"), ("L2", "inferior"))
    ]
    np.testing.assert_allclose(ends, expected)
    assert texts(ax)["value.curve.1"].get_text() == "TL 19°\nT10 to L2\nconvex left"
    apex = np.mean([(p.x, p.y) for n, p in film.points.items() if n.startswith("T12_")], axis=0)
    ((x, y),) = line(ax, "apex.1")
    # convex to the patient's left, which is the image left here
    assert x < apex[0]
    assert y == pytest.approx(apex[1])


@pytest.mark.parametrize("column", [0.1, 0.16, 0.4])
def test_scale_bar_is_fifty_millimetres(column):
    spacing = {"row": 0.2, "column": column, "source": "dicom_fiducial", "plane": "patient"}
    ax = drawn(landmarks("lat00", spacing_mm=spacing))
    assert np.ptp(line(ax, "scale.bar")[:, 0]) * column == pytest.approx(50.0)
    assert "DICOM fiducial, patient plane" in texts(ax)["scale.words"].get_text()


def test_no_scale_no_bar_no_length():
    ax = drawn(landmarks("lat00", spacing_mm=None))
    assert not with_gid(ax, "scale.bar")
    assert "value.SVA" not in texts(ax)
    assert texts(ax)["value.PI"].get_text().startswith("PI ")
    assert "no scale: angles only" in texts(ax)["scale.words"].get_text()


def boxes(ax):
    ax.figure.canvas.draw()
    return {gid: text.get_window_extent() for gid, text in texts(ax).items()}


@pytest.mark.parametrize("name", [*LATERAL, *FRONTAL, *SMALL[:3]])
def test_labels_do_not_overlap_and_stay_on_the_film(name):
    ax = drawn(landmarks(name))
    found = boxes(ax)
    for one, other in itertools.combinations(found, 2):
        a, b = found[one], found[other]
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        # a pixel of letter edge is let pass
        assert width <= 1.0 or height <= 1.0, f"{one} covers {other}"
    for gid, box in found.items():
        assert box.x0 >= ax.bbox.x0, gid
        assert box.x1 <= ax.bbox.x1, gid
        assert box.y0 >= ax.bbox.y0, gid
        assert box.y1 <= ax.bbox.y1, gid
    film = measure_film(landmarks(name))
    for key in ("SVA", "PI", "PT", "SS", "LL", "C7_CSVL"):
        if key in film.measurements:
            assert f"value.{key}" in found


@pytest.mark.parametrize("name", ["lat00", "frontal00", "age0", "lat03"])
def test_key_levels_are_named(name):
    film = landmarks(name)
    named = texts(drawn(film))
    there = {point.split("_")[0] for point in film.points} & {"C7", "L1", "S1"}
    assert {f"level.{level}" for level in there} <= named.keys()


def panel_texts(figure):
    (panel,) = [ax for ax in figure.axes if ax.get_label() == "values"]
    return panel, [text for text in panel.texts if text.get_text()]


@pytest.mark.parametrize(
    ("lateral", "frontal"),
    [("lat00", None), (None, "frontal00"), ("lat04", "frontal03"), ("age0", None), ("lat10", None)],
)
def test_panel_is_readable_and_says_no_forbidden_word(lateral, frontal):
    one = lateral and landmarks(lateral, patient={"age_years": 75, "id": "SECRET-ID"})
    two = frontal and landmarks(frontal, patient={"age_years": 75, "id": "SECRET-ID"})
    figure = draw_analysis(examination(one, two), {})
    panel, written = panel_texts(figure)
    figure.canvas.draw()
    found = [text.get_window_extent() for text in written]
    for (a, first), (b, second) in itertools.combinations(zip(found, written, strict=True), 2):
        width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        # boxes of neighbouring lines touch where letters reach down
        assert width <= 2.0 or height <= 5.0, f"{first.get_text()} covers {second.get_text()}"
    for box, text in zip(found, written, strict=True):
        assert box.x1 <= panel.bbox.x1 + 3.0, text.get_text()
        assert box.y0 >= panel.bbox.y0 - 3.0, text.get_text()
    everything = " ".join(text.get_text() for text in figure.findobj(Text))
    assert not FORBIDDEN.search(everything)
    assert "SECRET" not in everything
    assert "case" not in everything.split()
    assert "Not a medical device" in everything
    assert "95 % interval, between readers" in everything


def test_panel_puts_the_age_band_first():
    change = {"patient": {"age_years": 80}, "acquisition": {"position": "standing"}}
    figure = draw_analysis(examination(landmarks("lat00", **change)), {})
    everything = "\n".join(text.get_text() for text in panel_texts(figure)[1])
    assert "within the age band (55 to 95 mm); past 50 mm" in everything


def test_both_views_stand_side_by_side():
    lateral, frontal = landmarks("lat00"), landmarks("frontal00", patient={})
    figure = draw_analysis(examination(lateral, frontal), {})
    labels = [ax.get_label() for ax in figure.axes]
    assert labels == ["lateral", "frontal", "values"]
    left = [ax.get_position().x0 for ax in figure.axes]
    assert left == sorted(left)


SUBSETS = [
    [],
    ["femoral_head_1"],
    ["S1_superior_posterior", "S1_superior_anterior"],
    ["L1_superior_anterior", "femoral_head_1", "femoral_head_2"],
    ["C7_superior_anterior", "S1_superior_posterior", "S1_superior_anterior"],
    ["T4_superior_posterior", "T4_superior_anterior", "T12_inferior_posterior", "C2_dens"],
]


@pytest.mark.parametrize("keep", SUBSETS)
@pytest.mark.parametrize("spacing", [None, {"row": 0.2, "column": 0.16, "source": "detector"}])
def test_any_subset_of_points_can_be_drawn(keep, spacing):
    one = landmarks("lat00", keep, spacing_mm=spacing)
    figure = draw_analysis(examination(one), {"lateral": np.full((400, 200), 90, np.uint8)})
    figure.canvas.draw()


def test_bytes_are_the_same_and_carry_no_text(tmp_path):
    analysis = examination(landmarks("lat00"))
    image = {"lateral": np.tile(np.arange(256, dtype=np.uint8), (900, 2))}
    first, second = tmp_path / "one.png", tmp_path / "two.png"
    save_figure(analysis, image, first)
    save_figure(analysis, image, second)
    assert first.read_bytes() == second.read_bytes()
    content = first.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert not any(chunk in content for chunk in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_user_settings_do_not_matter(tmp_path):
    import matplotlib

    analysis = examination(landmarks("age0"))
    save_figure(analysis, {}, tmp_path / "one.png")
    with matplotlib.rc_context({"font.size": 25, "lines.linewidth": 9, "axes.facecolor": "red"}):
        save_figure(analysis, {}, tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_letters_that_the_font_lacks_do_no_harm():
    one = landmarks("age0", spacing_mm={"row": 1, "column": 1, "source": "尺 $x_1$"})
    draw_analysis(examination(one), {}).canvas.draw()
