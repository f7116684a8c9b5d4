"""Swapped labels and wrong sides are refused, hard postures are not, doubts are warnings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    AVERAGE,
    ENDS,
    Posture,
    analysed,
    average_document,
    document,
    edited,
    films,
    frontal_document,
    frontal_knots,
    frontal_plane,
    postures,
    read,
    values_of,
    with_centroid_clicks,
    without,
)

from balance.errors import BadLandmarks

SIDE = {"lateral": "facing", "frontal": "patient_right"}
OTHER = {"left": "right", "right": "left"}


def swap(doc, first, second):
    points = doc["points"]
    points[first], points[second] = points[second], points[first]


def refused(doc):
    with pytest.raises(BadLandmarks) as raised:
        read(doc)
    return str(raised.value)


def film(view, **fields):
    return average_document(**fields) if view == "lateral" else frontal_document(**fields)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("view", ["lateral", "frontal"])
@pytest.mark.parametrize(
    ("level", "endplate"),
    [("S1", "superior"), ("L3", "inferior"), ("T6", "superior"), ("C7", "superior")],
)
def test_two_labels_swapped_on_one_endplate(view, side, level, endplate):
    doc = film(view, side=side)
    first, second = (f"{level}_{endplate}_{end}" for end in ENDS[view])
    swap(doc, first, second)
    text = refused(doc)
    assert first in text
    assert second in text
    assert "swapped" in text


@pytest.mark.parametrize("view", ["lateral", "frontal"])
@pytest.mark.parametrize("level", ["L5", "T8", "C7"])
def test_sides_swapped_on_a_whole_vertebra(view, level):
    doc = film(view)
    for endplate in ("superior", "inferior"):
        swap(doc, *(f"{level}_{endplate}_{end}" for end in ENDS[view]))
    assert f"{level}_superior" in refused(doc)


@pytest.mark.parametrize("view", ["lateral", "frontal"])
@pytest.mark.parametrize("level", ["L5", "T8", "C7"])
def test_superior_and_inferior_swapped_on_a_vertebra(view, level):
    doc = film(view)
    for end in ENDS[view]:
        swap(doc, f"{level}_superior_{end}", f"{level}_inferior_{end}")
    assert level in refused(doc)


@pytest.mark.parametrize("view", ["lateral", "frontal"])
def test_superior_and_inferior_swapped_on_one_end(view):
    doc = film(view)
    end = ENDS[view][0]
    swap(doc, f"L3_superior_{end}", f"L3_inferior_{end}")
    assert "L3" in refused(doc)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("view", ["lateral", "frontal"])
def test_a_wrong_side_is_refused_and_named(view, side):
    doc = film(view, side=side) | {SIDE[view]: OTHER[side]}
    text = refused(doc)
    assert SIDE[view] in text
    assert "superior" in text


@pytest.mark.parametrize("share", [0.25, 0.5, 0.7])
def test_up_to_three_quarters_reversed_are_swapped_labels(share):
    doc = average_document()
    levels = [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]
    for level in levels[: int(share * len(levels))]:
        for endplate in ("superior", "inferior"):
            swap(doc, f"{level}_{endplate}_anterior", f"{level}_{endplate}_posterior")
    assert "swapped" in refused(doc)


@pytest.mark.parametrize("part", ["femoral_head", "iliac_crest", "clavicle", "rib"])
def test_paired_points_of_a_frontal_film_have_sides_too(part):
    doc = frontal_document()
    swap(doc, f"{part}_left", f"{part}_right")
    assert f"{part}_left" in refused(doc)


def test_an_endplate_of_zero_length():
    doc = average_document()
    doc["points"]["T4_superior_anterior"] = dict(doc["points"]["T4_superior_posterior"])
    text = refused(doc)
    assert "T4_superior_anterior" in text
    assert "T4_superior_posterior" in text


@settings(max_examples=60)
@given(posture=postures(thoracic=(11, 12, 13), lumbar=(4, 5, 6)), film=films())
def test_no_posture_is_refused_and_the_corners_decide_the_facing(posture, film):
    doc = document(posture.plane(), **film)
    told = read(doc)
    untold = read(edited(doc, facing=None))
    assert untold.side == told.side == film["side"]


@settings(max_examples=30)
@given(knots=frontal_knots(), film=films())
def test_no_curve_is_refused_and_the_corners_decide_the_patients_right(knots, film):
    doc = document(frontal_plane(knots), "frontal", **film)
    assert read(edited(doc, patient_right=None)).side == read(doc).side == film["side"]


@pytest.mark.parametrize("t1s", [75, 90, 97, 110])
@pytest.mark.parametrize("side", ["left", "right"])
def test_vertical_endplates_are_not_refused(t1s, side):
    posture = Posture(pi=50, pt=30, ll=10, low=10, t12=10, tk=t1s - 25, t1s=t1s, c7=t1s - 5, cl=40)
    doc = document(posture.plane(), side=side)
    assert values_of(doc)["T1S"] == pytest.approx(t1s, abs=1e-6)
    assert read(edited(doc, facing=None)).side == side


SACRUM_AND_HIPS = {
    name: z for name, z in AVERAGE.plane().items() if name.startswith(("S1", "femoral"))
}


def test_s1_alone_with_the_hips_cannot_be_checked():
    doc = document(SACRUM_AND_HIPS)
    assert "facing" in refused(edited(doc, facing=None))
    warnings = read(doc).warnings
    assert any("facing" in warning for warning in warnings)
    assert values_of(doc)["PI"] == pytest.approx(50)


@pytest.mark.parametrize("neighbour", ["L5_centroid", "L1_superior", "C7_centroid"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_one_neighbour_lets_s1_be_checked(neighbour, side):
    plane = with_centroid_clicks(AVERAGE.plane(), "L5", "C7")
    kept = {n: z for n, z in plane.items() if n.startswith(("S1", "femoral", neighbour))}
    doc = document(kept, side=side)
    assert read(edited(doc, facing=None)).side == side
    wrong = edited(doc, facing=OTHER[side])
    assert "S1_superior" in refused(wrong)


def test_no_points_at_all_need_a_facing():
    doc = document({})
    assert read(doc).points == {}
    assert "facing" in refused(edited(doc, facing=None))


@pytest.mark.parametrize("gone", [("L4",), ("L4", "L5", "T12"), ("C7", "T1", "T2")])
def test_gaps_in_the_spine_are_no_obstacle(gone):
    doc = average_document()
    names = [name for name in doc["points"] if name.split("_")[0] in gone]
    assert read(without(doc, *names)).warnings == read(doc).warnings


@settings(max_examples=40)
@given(data=st.data())
def test_any_swap_on_one_endplate_is_noticed(data):
    posture = data.draw(postures())
    doc = document(posture.plane(), side=data.draw(st.sampled_from(["left", "right"])))
    level = data.draw(st.sampled_from(["S1", "L5", "L1", "T12", "T7", "T1", "C7", "C2"]))
    swap(doc, f"{level}_superior_posterior", f"{level}_superior_anterior")
    assert level in refused(doc)


# --- Doubts --------------------------------------------------------------------------------------


def warned(doc):
    return " | ".join(analysed(doc).warnings)


def test_an_ordinary_film_raises_no_doubt():
    assert analysed(average_document()).warnings == ()
    assert analysed(frontal_document()).warnings == ()


def test_points_outside_the_image():
    doc = average_document(image={"rows": 4300, "columns": 4000})
    outside = [name for name, p in doc["points"].items() if p["y"] > 4299.5]
    assert "outside" in warned(doc)
    assert any(name in warned(doc) for name in outside)


def test_hips_behind_the_sacrum_are_a_warning():
    doc = document(Posture(pi=25, pt=-12, ll=40, low=25).plane())
    assert "facing" in warned(doc)
    assert values_of(doc)["PT"] == pytest.approx(-12)


def test_an_odd_order_of_levels_is_a_warning():
    doc = average_document()
    for corner in ("superior_anterior", "superior_posterior"):
        swap(doc, f"T6_{corner}", f"T8_{corner}")
        swap(doc, f"T6_inferior_{corner[9:]}", f"T8_inferior_{corner[9:]}")
    assert "T6" in warned(doc) or "T8" in warned(doc)


def test_heads_far_apart_are_a_warning():
    doc = average_document()
    doc["points"]["femoral_head_1"]["x"] -= 60
    assert "heads" in warned(doc)


@pytest.mark.parametrize(("radius", "doubt"), [(15, True), (19.5, False), (28, False), (32, True)])
def test_the_radius_of_a_head(radius, doubt):
    doc = average_document()
    doc["points"]["femoral_head_1"]["radius"] = radius / 0.2
    assert ("radius" in warned(doc)) == doubt


@pytest.mark.parametrize(("length", "doubt"), [(24, True), (26, False), (41, False), (43, True)])
def test_the_length_of_s1(length, doubt):
    doc = document({n: z * length / 34 for n, z in SACRUM_AND_HIPS.items()})
    assert ("S1 endplate" in warned(doc)) == doubt


def test_an_unknown_scale_source_counts_as_unknown_with_a_warning():
    doc = average_document(source="tape")
    assert read(doc).scale.state == "unknown"
    assert "tape" in warned(doc)


def test_a_position_that_nobody_recorded():
    assert "position not recorded" in warned(edited(average_document(), acquisition=None))


def test_more_levels_than_declared_are_a_warning():
    doc = average_document(vertebrae={"thoracic": 12, "lumbar": 4})
    assert "L5" in warned(doc)


@pytest.mark.parametrize(("pi", "doubt"), [(20, True), (30, False), (85, False), (95, True)])
def test_an_implausible_incidence(pi, doubt):
    assert ("PI" in warned(document(Posture(pi=pi, ll=pi, low=20, t12=0).plane()))) == doubt
