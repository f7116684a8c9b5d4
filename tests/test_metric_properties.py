"""Identities and invariances that hold on every film."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    AVERAGE,
    ENDS,
    LENGTHS,
    average_document,
    centroid,
    document,
    edited,
    films,
    floats,
    frontal_document,
    frontal_knots,
    frontal_plane,
    measured,
    middle,
    postures,
    single_curve,
    values_of,
    with_centroid_clicks,
    without,
    wrapped,
)

ANGLE_KEYS = ("LL", "L4_S1", "TK", "TK_T5_T12", "TK_T2_T12", "TLK", "CL")
POSE_FREE = ("PI", *ANGLE_KEYS, "PI_LL", "TPA", "L1PA", "T4PA", "T4_L1PA", "SSA")
"""Angles within the body: the same however the film is turned."""
TILT_KEYS = ("T1_tilt", "L4_tilt", "pelvic_obliquity", "clavicle_angle")


def is_length(key, unit):
    return unit == "mm"


def agree(first, second, *, scale=1.0, tolerance=1e-6):
    """Values, SDs and curves of two films agree; lengths of the second are ``scale`` times."""
    assert first.measurements.keys() == second.measurements.keys()
    for key, one in first.measurements.items():
        other = second.measurements[key]
        by = scale if one.unit == "mm" else 1.0
        if one.value is None or other.value is None:
            assert one.value is None, (key, other)
            assert other.value is None, (key, one)
            continue
        if one.unit == "deg":
            assert abs(wrapped(one.value - other.value)) < tolerance, key
        else:
            assert other.value == pytest.approx(by * one.value, abs=tolerance, rel=1e-9), key
    assert [(c.region, c.upper, c.lower, c.apex, c.convex) for c in first.curves] == [
        (c.region, c.upper, c.lower, c.apex, c.convex) for c in second.curves
    ]
    for one, other in zip(first.curves, second.curves, strict=True):
        assert one.cobb == pytest.approx(other.cobb, abs=tolerance)


@given(posture=postures(), film=films())
def test_incidence_is_tilt_and_slope(posture, film):
    values = values_of(document(posture.plane(), **film))
    assert abs(wrapped(values["PI"] - values["PT"] - values["SS"])) < 1e-9
    assert abs(wrapped(values["PI_LL"] - values["PI"] + values["LL"])) < 1e-9
    assert abs(wrapped(values["TPA"] - values["PT"] - values["T1SPi"])) < 1e-9
    assert abs(wrapped(values["T4_L1PA"] - values["T4PA"] + values["L1PA"])) < 1e-9
    assert abs(wrapped(values["TS_CL"] - values["T1S"] + values["CL"])) < 1e-9
    tilt = values["GT"] - values["PT"]
    assert abs(wrapped(values["SSA"] - 90 - values["SS"] + tilt)) < 1e-9


def placed(plane, view, **film):
    return measured(document(plane, view, **film))


@settings(max_examples=25)
@given(posture=postures(), film=films())
def test_mirroring_the_film_and_its_facing_changes_nothing(posture, film):
    doc = document(posture.plane(), **film)
    mirrored = edited(doc, facing="left" if doc["facing"] == "right" else "right")
    for point in mirrored["points"].values():
        point["x"] = 5000 - point["x"]
    if "vertical" in mirrored:
        mirrored["vertical"] = [[5000 - x, y] for x, y in mirrored["vertical"]]
    first, second = measured(doc), measured(mirrored)
    agree(first, second)
    same_spread(first, second)


@settings(max_examples=20)
@given(knots=frontal_knots(), film=films())
def test_mirroring_a_frontal_film_and_its_side_changes_nothing(knots, film):
    plane = frontal_plane(knots)
    other = film | {"side": "left" if film["side"] == "right" else "right"}
    agree(placed(plane, "frontal", **film), placed(plane, "frontal", **other), tolerance=1e-6)


@settings(max_examples=20)
@given(knots=frontal_knots())
def test_exchanging_the_patients_sides_turns_every_frontal_sign(knots):
    plane = frontal_plane(knots)
    exchanged = {}
    for name, z in plane.items():
        other = name.replace("left", "@").replace("right", "left").replace("@", "right")
        exchanged[other] = -z.conjugate()
    first = values_of(document(plane, "frontal"))
    second = values_of(document(exchanged, "frontal"))
    for key in (*TILT_KEYS, "C7_CSVL", "trunk_shift", "femoral_head_height_difference"):
        assert second[key] == pytest.approx(-first[key], abs=1e-6), key


def same_spread(first, second, *, scale=1.0):
    for key, one in first.measurements.items():
        if one.value is not None and key not in ("LDI", "barrey_ratio"):
            by = scale if one.unit == "mm" else 1.0
            assert second.measurements[key].sd == pytest.approx(by * one.sd, rel=1e-3), key


@settings(max_examples=25)
@given(posture=postures(), film=films(), dx=floats(-4000, 4000), dy=floats(-4000, 4000))
def test_moving_the_film_changes_nothing(posture, film, dx, dy):
    doc = document(posture.plane(), **film)
    moved = edited(doc)
    for point in moved["points"].values():
        point["x"] += dx
        point["y"] += dy
    if "vertical" in moved:
        moved["vertical"] = [[x + dx, y + dy] for x, y in moved["vertical"]]
    first, second = measured(doc), measured(moved)
    agree(first, second, tolerance=1e-5)
    same_spread(first, second)


@settings(max_examples=25)
@given(posture=postures(), side=st.sampled_from(["left", "right"]), factor=floats(0.2, 5))
def test_resampling_the_film_with_its_spacing_changes_nothing(posture, side, factor):
    plane = posture.plane()
    first = placed(plane, "lateral", side=side, row=0.2, column=0.2)
    second = placed(plane, "lateral", side=side, row=0.2 * factor, column=0.2 * factor)
    agree(first, second)
    same_spread(first, second)


@settings(max_examples=25)
@given(posture=postures(), factor=floats(0.5, 2))
def test_another_scale_alone_changes_lengths_alone(posture, factor):
    doc = document(posture.plane())
    spacing = doc["spacing_mm"]
    stretched = edited(doc, spacing_mm=spacing | {"row": 0.2 * factor, "column": 0.2 * factor})
    first, second = measured(doc), measured(stretched)
    for key, one in first.measurements.items():
        other = second.measurements[key]
        if one.value is None or other.value is None:
            assert key in ("LDI", "barrey_ratio")
            continue
        by = factor if key in LENGTHS else 1.0
        assert other.value == pytest.approx(by * one.value, abs=1e-6, rel=1e-9), key


@settings(max_examples=25)
@given(posture=postures(), film=films())
def test_unequal_spacing_changes_nothing(posture, film):
    plane = posture.plane()
    square = film | {"row": 0.2, "column": 0.2}
    first, second = placed(plane, "lateral", **square), placed(plane, "lateral", **film)
    agree(first, second, tolerance=1e-5)
    same_spread(first, second)


@settings(max_examples=20)
@given(knots=frontal_knots(), row=floats(0.1, 0.9), column=floats(0.1, 0.9))
def test_unequal_spacing_changes_nothing_on_a_frontal_film(knots, row, column):
    plane = frontal_plane(knots)
    first = placed(plane, "frontal")
    second = placed(plane, "frontal", row=row, column=column)
    for key in (*TILT_KEYS, "C7_CSVL", "trunk_shift"):
        one, other = first.measurements[key], second.measurements[key]
        assert one.value == pytest.approx(other.value, abs=1e-6), key
        assert one.sd == pytest.approx(other.sd, rel=1e-3), key


@settings(max_examples=25)
@given(posture=postures(), side=st.sampled_from(["left", "right"]), turned=floats(-20, 20))
def test_a_plumb_line_undoes_the_turning_of_a_film(posture, side, turned):
    plane = posture.plane()
    upright = placed(plane, "lateral", side=side)
    for row in (0.2, 0.31):
        film = {"side": side, "turned": turned, "plumb_line": True, "row": row}
        agree(upright, placed(plane, "lateral", **film), tolerance=1e-5)


@settings(max_examples=25)
@given(posture=postures(), side=st.sampled_from(["left", "right"]), turned=floats(-15, 15))
def test_without_a_plumb_line_turning_moves_tilts_and_nothing_else(posture, side, turned):
    plane = posture.plane()
    upright = values_of(document(plane, side=side))
    turned_values = values_of(document(plane, side=side, turned=turned))
    # Anticlockwise on the film tips a patient who faces right backwards.
    forwards = -turned if side == "right" else turned
    for key in POSE_FREE:
        assert abs(wrapped(turned_values[key] - upright[key])) < 1e-6, key
    for key, sign in (("PT", -1), ("SS", 1), ("T1SPi", 1), ("T1S", 1), ("C2S", 1), ("OD_HA", 1)):
        moved = turned_values[key] - upright[key] - sign * forwards
        assert abs(wrapped(moved)) < 1e-6, key


@settings(max_examples=15)
@given(turned=floats(-10, 10), side=st.sampled_from(["left", "right"]))
def test_turning_a_frontal_film_leaves_its_cobb_angles(turned, side):
    plane = frontal_plane(single_curve("T5", "T12", 45))
    upright = placed(plane, "frontal", side=side)
    without_line = placed(plane, "frontal", side=side, turned=turned)
    with_line = placed(plane, "frontal", side=side, turned=turned, plumb_line=True)
    agree(upright, with_line)
    assert len(upright.curves) == len(without_line.curves)
    for one, other in zip(upright.curves, without_line.curves, strict=True):
        assert (one.upper, one.lower, one.convex) == (other.upper, other.lower, other.convex)
        assert one.cobb == pytest.approx(other.cobb, abs=1e-6)
    rightward = -turned if side == "right" else turned
    for key in TILT_KEYS:
        moved = without_line.measurements[key].value - upright.measurements[key].value
        assert moved == pytest.approx(rightward, abs=1e-6), key


@pytest.mark.parametrize("order", [1, -1])
def test_the_plumb_lines_points_may_stand_in_either_order(order):
    doc = document(AVERAGE.plane(), turned=8.0, plumb_line=True)
    doc["vertical"] = doc["vertical"][::order]
    assert values_of(doc)["PT"] == pytest.approx(13.0, abs=1e-6)


# --- Removing points -----------------------------------------------------------------------------

CENTRED = {"SVA": "C7", "TPA": "T1", "L1PA": "L1", "T4PA": "T4", "T9SPi": "T9", "T1SPi": "T1"}


def needs_by_the_contract():
    """Which points each lateral value is made of, read off the contract's table."""

    def plate(level, side):
        return {f"{level}_{side}_{end}" for end in ENDS["lateral"]}

    def body(level):
        return plate(level, "superior") | plate(level, "inferior")

    s1, hips = plate("S1", "superior"), {"femoral_head_1", "femoral_head_2"}
    corner, l1 = {"S1_superior_posterior"}, plate("L1", "superior")
    t12, l4 = plate("T12", "inferior"), plate("L4", "superior")
    t1, c2, c7 = plate("T1", "superior"), plate("C2", "inferior"), plate("C7", "inferior")
    return {
        "PI": s1 | hips,
        "PT": s1 | hips,
        "SS": s1,
        "LL": l1 | s1,
        "L4_S1": l4 | s1,
        "LDI": l4 | l1 | s1,
        "PI_LL": s1 | hips | l1,
        "TK": plate("T4", "superior") | t12,
        "TK_T5_T12": plate("T5", "superior") | t12,
        "TK_T2_T12": plate("T2", "superior") | t12,
        "TLK": plate("T10", "superior") | plate("L2", "inferior"),
        "SVA": body("C7") | corner,
        "TPA": body("T1") | s1 | hips,
        "L1PA": body("L1") | s1 | hips,
        "T4PA": body("T4") | s1 | hips,
        "T4_L1PA": body("T4") | body("L1") | hips,
        "T9SPi": body("T9") | hips,
        "T1SPi": body("T1") | hips,
        "GT": body("C7") | s1 | hips,
        "SSA": body("C7") | s1,
        "T1S": t1,
        "CL": c2 | c7,
        "TS_CL": t1 | c2 | c7,
        "C2S": c2,
        "cSVA": body("C2") | {"C7_superior_posterior"},
        "OD_HA": {"C2_dens"} | hips,
        "barrey_ratio": body("C7") | corner | hips,
    }


NEEDS = needs_by_the_contract()
BY_ITS_PLATE = {"SVA": "S1_superior_anterior", "cSVA": "C7_superior_anterior"}
"""A lone corner takes the direction of its noise from the other end of its endplate."""


def test_every_lateral_value_is_in_the_list():
    assert NEEDS.keys() == {
        key for key, m in measured(average_document()).measurements.items() if m.value is not None
    }


FULL = average_document()
WHOLE = measured(FULL)


@pytest.mark.parametrize("gone", sorted(FULL["points"]))
def test_a_missing_point_takes_away_only_what_is_made_of_it(gone):
    left = measured(without(FULL, gone)).measurements
    for key, needs in NEEDS.items():
        one, other = WHOLE.measurements[key], left[key]
        if gone in needs:
            if gone.startswith("femoral"):
                assert other.value is not None
            else:
                assert other.value is None, key
                assert other.reason, key
            continue
        if key == "barrey_ratio" and gone == "S1_superior_anterior":
            continue  # with a scale the endplate is not needed: see the next test
        assert other.value == one.value, key
        if BY_ITS_PLATE.get(key) != gone:
            assert (other.sd, other.ci95) == (one.sd, one.ci95), key


def test_with_a_scale_the_barrey_ratio_needs_one_corner_of_s1():
    left = measured(without(FULL, "S1_superior_anterior")).measurements
    assert left["SVA"].value is not None
    assert left["barrey_ratio"].value == WHOLE.measurements["barrey_ratio"].value


@settings(max_examples=40)
@given(data=st.data())
def test_any_subset_of_points_is_measured_without_an_error(data):
    view = data.draw(st.sampled_from(["lateral", "frontal"]))
    doc = FULL if view == "lateral" else frontal_document(single_curve("T5", "T12", 40))
    names = sorted(doc["points"])
    gone = data.draw(st.sets(st.sampled_from(names)))
    film = measured(without(doc, *gone), segmental=True)
    for key, one in film.measurements.items():
        assert (one.value is None) == (one.reason is not None), key


@pytest.mark.parametrize("gone", ["clavicle_left", "rib_right", "femoral_head_left"])
def test_a_missing_frontal_point_takes_away_only_what_is_made_of_it(gone):
    doc = frontal_document(single_curve("T5", "T12", 40))
    key = {
        "clavicle_left": "clavicle_angle",
        "rib_right": "trunk_shift",
        "femoral_head_left": "femoral_head_height_difference",
    }[gone]
    whole, left = measured(doc), measured(without(doc, gone))
    assert left.measurements[key].value is None
    for other, one in whole.measurements.items():
        if other != key:
            assert left.measurements[other] == one, other
    assert left.curves == whole.curves


# --- Heads and clicks ----------------------------------------------------------------------------


def test_one_head_stands_for_both_with_a_warning_and_more_noise():
    plane = AVERAGE.plane()
    plane["femoral_head_1"] = plane["femoral_head_2"] = 0j
    both = measured(document(plane))
    one = measured(without(document(plane), "femoral_head_2"))
    assert one.measurements["PI"].value == pytest.approx(both.measurements["PI"].value)
    assert one.measurements["PT"].sd > both.measurements["PT"].sd
    assert any("femoral_head_1" in warning for warning in one.landmarks.warnings)


@settings(max_examples=20)
@given(posture=postures())
def test_a_click_at_the_centroid_stands_in_for_four_corners(posture):
    plane = posture.plane()
    corners_, clicks = (
        values_of(document(plane)),
        values_of(document(with_centroid_clicks(plane, "C7", "T4", "L1", "T9"))),
    )
    for key in ("SVA", "GT", "SSA", "T4PA", "L1PA", "T9SPi"):
        assert clicks[key] == pytest.approx(corners_[key], abs=1e-6), key
    for key in ("LL", "TK"):
        assert clicks[key] is None


def test_where_four_corners_are_the_click_does_not_count():
    plane = AVERAGE.plane()
    both = values_of(document(plane | {"C7_centroid": centroid(plane, "C7") + 30}))
    assert both["SVA"] == pytest.approx(values_of(document(plane))["SVA"])


def test_the_csvl_takes_the_centre_of_the_sacrum_where_the_endplate_is_hidden():
    plane = frontal_plane()
    hidden = {name: z for name, z in plane.items() if not name.startswith("S1")}
    hidden["sacrum_centre"] = middle(plane, "S1", "superior", "frontal") + 7
    shown = values_of(document(plane, "frontal"))["C7_CSVL"]
    assert values_of(document(hidden, "frontal"))["C7_CSVL"] == pytest.approx(shown - 7)
    both = plane | {"sacrum_centre": hidden["sacrum_centre"]}
    assert values_of(document(both, "frontal"))["C7_CSVL"] == pytest.approx(shown)


# --- No scale ------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["none", "conflict", None])
def test_without_a_scale_angles_are_given_and_lengths_are_null(source):
    plane = AVERAGE.plane()
    aspect = {"row": 0.4, "column": 0.2} if source else {}
    scaled = measured(document(plane, **aspect)).measurements
    bare = measured(document(plane, source=source, **aspect)).measurements
    for key, one in bare.items():
        if key in LENGTHS:
            assert one.value is None
            assert "scale" in one.reason
        else:
            assert one.value == pytest.approx(scaled[key].value, abs=1e-6), key
