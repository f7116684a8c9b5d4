"""Grades against the contract's rules: edges, probabilities, reasons, scope, published vectors."""

import cmath
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from strategies import (
    AVERAGE,
    Posture,
    analysed,
    average_document,
    between_knots,
    document,
    edited,
    floats,
    frontal_document,
    frontal_plane,
    pointwise,
    rounded_curve,
    single_curve,
    stack,
    with_centroid_clicks,
    without,
)

from balance.assessment.gap import gap_class, gap_points

USUAL = {"acquisition": {"position": "standing"}, "patient": {"age_years": 60}, "surgery": "none"}


def turned(degrees):
    return cmath.exp(1j * math.radians(degrees))


def lateral(posture=AVERAGE, *, sva=None, tpa=None, gt=None, **fields):
    plane = posture.plane()
    mid = (plane["S1_superior_anterior"] + plane["S1_superior_posterior"]) / 2
    if sva is not None or gt is not None:
        plane = with_centroid_clicks(plane, "C7")
    if sva is not None:
        plane["C7_centroid"] = plane["S1_superior_posterior"] + sva + 430j
    if gt is not None:
        plane["C7_centroid"] = mid + 430j * turned(-(gt - posture.pt))
    if tpa is not None:
        plane = with_centroid_clicks(plane, "T1")
        plane["T1_centroid"] = 480 * mid / abs(mid) * turned(-tpa)
    return document(plane, **(USUAL | fields))


def frontal_offset(value):
    plane = with_centroid_clicks(frontal_plane(), "C7", view="frontal")
    plane["C7_centroid"] = 4.0 + value + 560j  # the S1 midpoint lies at 4
    return document(plane, "frontal", **USUAL)


def mismatch(value):
    return lateral(Posture(pi=55, pt=14, ll=55 - value))


def tilt(value):
    return lateral(Posture(pi=40 + value, pt=value, ll=50))


def offset(value):
    return lateral(sva=value)


def trunk(value):
    return lateral(tpa=value)


# key: how to build a film of that value, the words from the lowest values up, and between them
# the limits, each with the word that the limit itself has.
RULES = {
    "srs_schwab.PI_LL": (mismatch, ["0", "+", "++"], [(10, "+"), (20, "+")]),
    "srs_schwab.SVA": (offset, ["0", "+", "++"], [(40, "+"), (95, "+")]),
    "srs_schwab.PT": (tilt, ["0", "+", "++"], [(20, "+"), (30, "+")]),
    "glassman.C7_CSVL": (
        frontal_offset, ["past", "within", "past"], [(-40, "past"), (40, "past")],
    ),
    "obeid.C7_CSVL": (
        frontal_offset, ["past", "within", "past"], [(-20, "within"), (20, "within")],
    ),
    "review.SVA": (offset, ["within", "past"], [(50, "past")]),
    "review.PI_LL": (mismatch, ["past", "within", "past"], [(-9, "within"), (9, "within")]),
    "schwab2013.PT": (tilt, ["within", "past"], [(22, "past")]),
    "schwab2013.SVA": (offset, ["within", "past"], [(47, "past")]),
    "schwab2013.PI_LL": (mismatch, ["within", "past"], [(11, "past")]),
    # The targets of 50 and 70 years, from the lines of clinical.md 2.3.
    "age_adjusted.PT": (
        tilt, ["over", "matched", "under"], [(18 + 1 / 3, "matched"), (25, "matched")],
    ),
    "age_adjusted.PI_LL": (
        mismatch, ["over", "matched", "under"], [(0.5, "matched"), (10.5, "matched")],
    ),
    "age_adjusted.SVA": (
        offset, ["over", "matched", "under"], [(15, "matched"), (55, "matched")],
    ),
    "age_adjusted.TPA": (
        trunk, ["over", "matched", "under"], [(13.5, "matched"), (23.5, "matched")],
    ),
}  # fmt: skip
NOT_PAST = {"0", "within", "matched", "over"}
EDGES = [(key, n) for key, (_, _, limits) in RULES.items() for n in range(len(limits))]


@pytest.mark.parametrize(("key", "n"), EDGES)
def test_edges(key, n):
    make, words, limits = RULES[key]
    limit, on = limits[n]
    for value, word in (
        (limit - 1e-6, words[n]),
        (limit - 5e-10, on),
        (limit, on),
        (limit + 5e-10, on),
        (limit + 1e-6, words[n + 1]),
    ):
        grade = analysed(make(value)).grades[key]
        assert grade.value == pytest.approx(value, abs=1e-10)
        assert grade.grade == word, value - limit
        assert grade.past == (word not in NOT_PAST)


@settings(max_examples=80)
@given(key=st.sampled_from(sorted(RULES)), share=floats(0, 1))
def test_words_and_probabilities_between_the_edges(key, share):
    make, words, limits = RULES[key]
    edges = [limit for limit, _ in limits]
    value = edges[0] - 25 + share * (edges[-1] - edges[0] + 50)
    analysis = analysed(make(value))
    grade = analysis.grades[key]
    if all(abs(value - edge) > 1e-6 for edge in edges):
        assert grade.grade == words[sum(value > edge for edge in edges)]
    sd = next(m.sd for name, m in analysis.measurements.items() if name == key.split(".")[1])
    expected = dict.fromkeys(words, 0.0)
    bounds = [-math.inf, *edges, math.inf]
    for word, low, high in zip(words, bounds, bounds[1:], strict=False):
        expected[word] += norm.cdf(high, grade.value, sd) - norm.cdf(low, grade.value, sd)
    assert grade.probability == pytest.approx(expected, abs=1e-9)
    assert sum(grade.probability.values()) == pytest.approx(1, abs=1e-12)
    assert grade.borderline == (expected[grade.grade] < 0.95)


def test_borderline_begins_below_95_percent():
    """SVA of SD s: at 40 - z s the word 0 has the probability Phi(z)."""
    for z, borderline in ((1.60, True), (1.69, False)):
        doc = pointwise(lateral(sva=40 - z), sd_px=0)
        doc["points"]["C7_centroid"]["sd_px"] = 1 / 0.2
        doc["spacing_mm"]["sd_percent"] = 0
        grade = analysed(doc).grades["srs_schwab.SVA"]
        assert grade.probability["0"] == pytest.approx(norm.cdf(z), abs=1e-6)
        assert grade.borderline is borderline


def test_without_any_noise_a_word_is_sure():
    grades = analysed(pointwise(edited(average_document(), spacing_mm=None), sd_px=0)).grades
    for grade in grades.values():
        if grade.grade is not None:
            assert grade.probability[grade.grade] == 1.0
            assert grade.borderline is False


def test_the_sign_counts():
    assert analysed(offset(-60)).grades["srs_schwab.SVA"].grade == "0"
    assert analysed(offset(-60)).grades["review.SVA"].grade == "within"
    assert analysed(mismatch(-25)).grades["srs_schwab.PI_LL"].grade == "0"
    assert analysed(frontal_offset(-45)).grades["glassman.C7_CSVL"].grade == "past"


def test_deficit_and_excess():
    for value, direction, flagged in ((15, "deficit", True), (-15, "excess", False)):
        analysis = analysed(mismatch(value))
        grade = analysis.grades["review.PI_LL"]
        assert (grade.grade, grade.past, grade.direction) == ("past", True, direction)
        assert ("review.PI_LL" in analysis.flags) == flagged
    assert analysed(mismatch(3)).grades["review.PI_LL"].direction is None


def test_kyphosis_has_no_limit():
    grade = analysed(average_document()).grades["review.TK"]
    assert grade.grade is None
    assert "no published limit confirmed" in grade.reason


# --- Age -----------------------------------------------------------------------------------------

TARGETS = {
    # clinical.md 2.3, derived table: PT, PI-LL, SVA, TPA
    30: (11.67, -9.5, -25, 3.5),
    40: (15.00, -4.5, -5, 8.5),
    50: (18.33, 0.5, 15, 13.5),
    60: (21.67, 5.5, 35, 18.5),
    70: (25.00, 10.5, 55, 23.5),
    80: (28.33, 15.5, 75, 28.5),
}


@pytest.mark.parametrize("age", [40, 50, 60, 70])
@pytest.mark.parametrize(("n", "key"), list(enumerate(["PT", "PI_LL", "SVA", "TPA"])))
def test_age_bands(age, n, key):
    low, high = TARGETS[age - 10][n], TARGETS[age + 10][n]
    make = {"PT": tilt, "PI_LL": mismatch, "SVA": offset, "TPA": trunk}[key]
    for value, word in ((low - 0.1, "over"), ((low + high) / 2, "matched"), (high + 0.1, "under")):
        doc = edited(make(value), patient={"age_years": age})
        grade = analysed(doc).grades[f"age_adjusted.{key}"]
        assert grade.grade == word
        assert grade.target == pytest.approx((low, high), abs=0.005)


@pytest.mark.parametrize(
    ("age", "given_"), [(17.9, False), (18, True), (85, True), (85.1, False), (None, False)]
)
def test_ages_of_the_lines(age, given_):
    doc = edited(average_document(), patient={"age_years": age})
    for key in ("PT", "PI_LL", "SVA", "TPA"):
        grade = analysed(doc).grades[f"age_adjusted.{key}"]
        assert (grade.grade is not None) == given_
        if not given_:
            assert "age" in grade.reason or "years" in grade.reason


# --- Withheld ------------------------------------------------------------------------------------

MILLIMETRES = {
    "srs_schwab.SVA", "review.SVA", "schwab2013.SVA", "age_adjusted.SVA", "glassman.C7_CSVL",
    "obeid.C7_CSVL",
}  # fmt: skip
BOTH = (average_document(case="7"), frontal_document(rounded_curve("T5", "T11", 40), case="7"))
WITHOUT_LIMIT = "review.TK"


def both(**fields):
    return tuple(edited(doc) | fields for doc in BOTH)


def test_an_ordinary_examination_is_graded():
    analysis = analysed(*BOTH)
    assert {k for k, g in analysis.grades.items() if g.grade is None} == {WITHOUT_LIMIT}
    assert all(grade.reason is None for k, grade in analysis.grades.items() if k != WITHOUT_LIMIT)


def all_withheld(analysis, word):
    assert analysis.grades
    for key, grade in analysis.grades.items():
        assert grade.grade is None, key
        assert word in grade.reason, key
        assert (grade.past, grade.probability, grade.borderline) == (False, None, None)
    assert analysis.flags == ()


@pytest.mark.parametrize("age", [0, 9.5, 17, 17.99])
def test_children_are_measured_and_not_graded(age):
    analysis = analysed(*both(patient={"age_years": age}))
    all_withheld(analysis, "adult")
    assert analysis.measurements["PI"].value is not None


@pytest.mark.parametrize(
    "position",
    ["sitting", "supine", "prone", "flexion", "extension", "bending_left", "traction"],
)
def test_other_positions_are_measured_and_not_graded(position):
    all_withheld(analysed(*both(acquisition={"position": position})), position)


@pytest.mark.parametrize("acquisition", [None, {}, {"position": "unknown"}])
def test_a_position_not_recorded_is_graded_with_a_warning(acquisition):
    analysis = analysed(*both(acquisition=acquisition))
    for key, grade in analysis.grades.items():
        if key != WITHOUT_LIMIT:
            assert grade.grade is not None
            assert "position not recorded" in grade.scope_warning


def test_an_age_not_recorded_is_graded_as_an_adults():
    analysis = analysed(*both(patient=None))
    for key, grade in analysis.grades.items():
        if not key.startswith("age_adjusted") and key not in (WITHOUT_LIMIT, "gap"):
            assert grade.grade is not None, key
            assert "age" in grade.scope_warning


@pytest.mark.parametrize(
    ("spacing", "graded"),
    [
        ({"source": "user_fiducial"}, True),
        ({"source": "dicom_fiducial"}, True),
        ({"source": "dicom_geometry"}, True),
        ({"source": "dicom_corrected_unknown"}, True),
        ({"source": "ermf"}, True),
        ({"source": "user_fiducial", "plane": "patient"}, True),
        ({"source": "user_fiducial", "plane": "detector"}, False),
        ({"source": "dicom_geometry", "plane": "detector"}, False),
        ({"source": "detector"}, False),
        ({"source": "detector", "plane": "patient"}, False),
        ({"source": "scanned_film"}, False),
        ({"source": "unknown"}, False),
        ({"source": "tape"}, False),
        ({}, False),
        ({"source": "none"}, False),
        ({"source": "conflict"}, False),
    ],
)
def test_the_scale_withholds_millimetre_grades_alone(spacing, graded):
    analysis = analysed(*both(spacing_mm={"row": 0.2, "column": 0.2} | spacing))
    for key, grade in analysis.grades.items():
        if key == WITHOUT_LIMIT:
            continue
        assert (grade.grade is not None) == (graded or key not in MILLIMETRES), key
        if grade.grade is None:
            assert "scale" in grade.reason


DEPENDS = {
    "S1_superior_anterior": {
        "srs_schwab.PI_LL", "srs_schwab.PT", "review.PI_LL", "schwab2013.PT", "schwab2013.PI_LL",
        "age_adjusted.PT", "age_adjusted.PI_LL", "age_adjusted.TPA", "gap", "roussouly",
    },
    "femoral_head_1": {
        "srs_schwab.PI_LL", "srs_schwab.PT", "review.PI_LL", "schwab2013.PT", "schwab2013.PI_LL",
        "age_adjusted.PT", "age_adjusted.PI_LL", "age_adjusted.TPA", "gap", "roussouly",
    },
    "C7_inferior_anterior": {
        "srs_schwab.SVA", "review.SVA", "schwab2013.SVA", "age_adjusted.SVA", "gap",
    },
    "L1_superior_anterior": {
        "srs_schwab.PI_LL", "review.PI_LL", "schwab2013.PI_LL", "age_adjusted.PI_LL", "gap",
        "roussouly",
    },
    "T1_inferior_anterior": {"age_adjusted.TPA"},
    "C2_dens": set(),
    "T6_superior_anterior": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", DEPENDS)
def test_an_unconfirmed_point_withholds_what_rests_on_it(name):
    doc = average_document()
    doc["points"][name]["confirmed"] = False
    analysis = analysed(doc)
    withheld = {k for k, g in analysis.grades.items() if g.grade is None} - {WITHOUT_LIMIT}
    assert withheld == DEPENDS[name]
    for key in withheld:
        assert "unconfirmed" in analysis.grades[key].reason
        assert name in analysis.grades[key].reason
    assert not set(analysis.flags) & withheld


def test_unconfirmed_frontal_points():
    doc = frontal_document()
    doc["points"]["S1_superior_left"]["confirmed"] = False
    grades = analysed(doc).grades
    assert grades["glassman.C7_CSVL"].grade is None
    assert grades["srs_schwab.curve"].grade == "N"


@pytest.mark.parametrize("end", [("T5", "superior"), ("T11", "inferior")])
def test_an_unconfirmed_end_vertebra_withholds_the_curve_type(end):
    doc = frontal_document(rounded_curve("T5", "T11", 40))
    doc["points"][f"{end[0]}_{end[1]}_left"]["confirmed"] = False
    assert "unconfirmed" in analysed(doc).grades["srs_schwab.curve"].reason


def test_an_unconfirmed_end_vertebra_in_the_neck_withholds_the_curve_type_too():
    doc = frontal_document(single_curve("C7", "T5", 45))
    curve = max(analysed(doc).curves, key=lambda c: c.cobb)
    assert (curve.upper, curve.lower) == ("C7", "T5")
    doc["points"]["C7_superior_left"]["confirmed"] = False
    assert analysed(doc).grades["srs_schwab.curve"].grade is None


def test_a_value_that_is_not_given_has_no_grade():
    analysis = analysed(without(average_document(), "femoral_head_1", "femoral_head_2"))
    grade = analysis.grades["srs_schwab.PT"]
    assert grade.grade is None
    assert "femoral" in grade.reason or "hip" in grade.reason


def test_flags_are_what_is_past_and_confirmed():
    analysis = analysed(lateral(Posture(pi=60, pt=32, ll=25), sva=120))
    past = {k for k, g in analysis.grades.items() if g.past}
    assert set(analysis.flags) == past
    assert {"srs_schwab.PT", "srs_schwab.SVA", "srs_schwab.PI_LL", "age_adjusted.PT"} <= past
    assert "roussouly" not in past


def test_previous_surgery_stands_beside_the_grade():
    doc = edited(frontal_offset(50), surgery="prior")
    grade = analysed(doc).grades["glassman.C7_CSVL"]
    assert grade.grade == "past"
    assert "surgery" in grade.scope_warning
    assert analysed(frontal_offset(50)).grades["glassman.C7_CSVL"].scope_warning is None
    assert "fusion" in analysed(lateral()).grades["gap"].scope_warning
    operated = edited(lateral(), surgery="postoperative")
    assert analysed(operated).grades["gap"].scope_warning is None


# --- Curve type ----------------------------------------------------------------------------------


def curve_type(knots, **fields):
    return analysed(pointwise(frontal_document(knots, **fields), sd_px=0.01)).grades[
        "srs_schwab.curve"
    ]


@pytest.mark.parametrize(
    ("upper", "lower", "cobb", "word"),
    [
        ("T5", "T11", 45, "T"),
        ("T6", "T12", 45, "T"),  # apex T9
        ("T6", "L1", 45, "L"),  # apex T9/T10
        ("T7", "L1", 45, "L"),  # apex T10
        ("T10", "L2", 45, "L"),
        ("L1", "L5", 45, "L"),
        ("T5", "T11", 29.99, "N"),
        ("T5", "T11", 30.01, "T"),
        ("T5", "T11", 12, "N"),
    ],
)
def test_curve_types(upper, lower, cobb, word):
    grade = curve_type(single_curve(upper, lower, cobb))
    assert grade.grade == word
    assert grade.past == (word != "N")


def test_exactly_30_degrees_count():
    doc = pointwise(frontal_document(single_curve("T5", "T11", 30.0)), sd_px=0)
    assert analysed(doc).grades["srs_schwab.curve"].grade == "T"


def test_two_curves_of_30_degrees_are_double():
    knots = {
        ("T2", "superior"): 0.0,
        ("T5", "superior"): -22.0,
        ("T11", "inferior"): 22.0,
        ("L4", "inferior"): -22.0,
        ("S1", "superior"): -5.0,
    }
    grade = curve_type(knots)
    assert grade.grade == "D"
    assert grade.value == pytest.approx(44, abs=1e-6)


def test_a_straight_spine_has_type_n():
    grade = analysed(frontal_document()).grades["srs_schwab.curve"]
    assert (grade.grade, grade.past, grade.borderline) == ("N", False, False)


@pytest.mark.parametrize("level", ["T1", "T8", "L5"])
def test_a_missing_vertebra_is_no_type_n(level):
    doc = frontal_document()
    doc["points"].pop(f"{level}_inferior_left")
    grade = analysed(doc).grades["srs_schwab.curve"]
    assert grade.grade is None
    assert level in grade.reason


def test_four_lumbar_vertebrae_miss_nothing():
    plane = frontal_plane(lumbar=4)
    doc = document(plane, "frontal", vertebrae={"lumbar": 4}, **USUAL)
    assert analysed(doc).grades["srs_schwab.curve"].grade == "N"


def test_probabilities_of_the_curve_type_are_joint_draws():
    """At exactly 30 degrees half the draws lie above."""
    grade = analysed(frontal_document(rounded_curve("T5", "T11", 30.0))).grades["srs_schwab.curve"]
    assert grade.probability["T"] == pytest.approx(0.5, abs=0.05)
    assert sum(grade.probability.values()) == pytest.approx(1)
    assert grade.borderline is True


# --- GAP -----------------------------------------------------------------------------------------

IDEAL = {"ss": 0.59 * 50 + 9, "ll": 0.62 * 50 + 29, "gt": 0.48 * 50 - 15}


def part(key, value):
    """Points of one component at a distance from the ideal of PI 50."""
    inputs = {
        "pi": 50.0,
        "ss": IDEAL["ss"] + (value if key == "RPV" else 0),
        "ll": IDEAL["ll"] + (value if key == "RLL" else 0),
        "ldi": value if key == "LDI" else 60.0,
        "gt": IDEAL["gt"] + (value if key == "RSA" else 0),
        "age_years": 40,
    }
    return int(gap_points(**inputs)[key])


GAP_EDGES = {
    # clinical.md 4.2, rows 20 to 23; then between two printed ranges, where the worse class holds.
    "RPV": {-15.1: 3, -15: 2, -7.1: 2, -7: 0, 5: 0, 5.1: 1, -7.05: 2},
    "RLL": {-25.1: 3, -25: 2, -14.1: 2, -14: 0, 11: 0, 11.1: 3, -14.05: 2},
    "LDI": {39.9: 2, 40: 1, 49.9: 1, 50: 0, 80: 0, 80.1: 3, 49.5: 1},
    "RSA": {18.1: 3, 18: 1, 10.1: 1, 10: 0, -7: 0, -7.1: 1, 10.05: 1},
}


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [(key, value, points) for key, row in GAP_EDGES.items() for value, points in row.items()],
)
def test_edges_of_the_gap_parts(key, value, points):
    assert part(key, value) == points


def test_gap_age_and_classes():
    assert int(gap_points(50, 38.5, 60, 60, 9, 59.99)["age"]) == 0
    assert int(gap_points(50, 38.5, 60, 60, 9, 60)["age"]) == 1
    assert [int(gap_class(total)) for total in (0, 2, 3, 6, 7, 13)] == [0, 0, 1, 1, 2, 2]


def proportions(pi, ss, ll, low, gt, age):
    posture = Posture(pi=pi, pt=pi - ss, ll=ll, low=low, t12=ss - ll)
    return lateral(posture, gt=gt, patient={"age_years": age})


@pytest.mark.parametrize(
    ("inputs", "parts", "word"),
    [
        ((50.4, 35, 46.3, 18.3, 14.8, 58), (0, 0, 2, 0, 0), "proportioned"),
        ((50, 39, 60, 39, 8, 45), (0, 0, 0, 0, 0), "proportioned"),
        ((55, 32, 50, 22, 5, 58), (2, 0, 1, 0, 0), "moderately disproportioned"),
        ((60, 22, 35, 12, 25, 70), (3, 3, 2, 1, 1), "severely disproportioned"),
    ],
)
def test_gap_scores_of_films(inputs, parts, word):
    analysis = analysed(proportions(*inputs))
    grade = analysis.grades["gap"]
    assert grade.grade == word
    assert tuple(grade.parts.values()) == parts
    assert grade.points == sum(parts)
    assert grade.past == (word != "proportioned")
    assert sum(grade.probability.values()) == pytest.approx(1)


def test_gap_needs_the_distribution_index():
    grade = analysed(lateral(Posture(ll=-10, low=10))).grades["gap"]
    assert grade.grade is None
    assert "LDI" in grade.reason


# --- Roussouly -----------------------------------------------------------------------------------


def shape(pi, pt, lordotic=None, **options):
    """A lordosis of so many vertebrae from its inflection to the sacrum."""
    posture = Posture(pi=pi, pt=pt, ll=pi - pt + 15, low=pi - pt, t12=-5)
    doc = pointwise(lateral(posture), sd_px=0.01)
    if lordotic is not None:
        doc = profile(pi, pt, lordotic)
    return analysed(edited(doc, **options)).grades["roussouly"]


def profile(pi, pt, lordotic):
    levels = ["L5", "L4", "L3", "L2", "L1", "T12", "T11"]
    top = levels[lordotic - 1]
    knots = {
        ("S1", "superior"): pi - pt,
        (top, "superior"): -14.0,
        ("T10", "superior"): 2.0,
        ("T4", "superior"): 25.0,
    }
    plane = stack(between_knots(knots), 100j * turned(pt), "lateral")
    plane |= {"femoral_head_1": 3 + 2j, "femoral_head_2": -3 - 2j}
    return pointwise(document(plane, **USUAL), sd_px=0.01)


@pytest.mark.parametrize(
    ("pi", "pt", "lordotic", "word"),
    [
        (39, 10, 3, "1"),
        (39, 10, 2, "1"),
        (41, 10, 4, "2"),
        (41, 10, 5, "2"),
        (53, 13, None, "3"),
        (62, 12, None, "4"),
        (48, 4, None, "3AP"),
        # Edges: SS 35 and 45 are type 3; PI 50 and PT 5 are not anteverted.
        (48, 13, None, "3"),
        (58, 13, None, "3"),
        (58.001, 13, None, "4"),
        (50, 4.9, None, "4"),
        (49.9, 4.9, None, "3AP"),
        (45, 5, None, "3"),
        (65, 24.9, None, "3"),
    ],
)
def test_roussouly_types(pi, pt, lordotic, word):
    grade = shape(pi, pt, lordotic)
    assert grade.grade == word
    assert grade.past is False
    assert sum(grade.probability.values()) == pytest.approx(1)


def test_just_under_35_is_type_1_or_2():
    assert shape(47.999, 13, 5).grade == "2"


@pytest.mark.parametrize(("pi", "pt"), [(60, 25), (60, 30)])
def test_a_retroverted_pelvis_has_no_shape(pi, pt):
    grade = shape(pi, pt)
    assert grade.grade is None
    assert "retroverted" in grade.reason


def test_a_kyphotic_lumbar_spine_has_no_shape():
    grade = analysed(lateral(Posture(pi=50, pt=10, ll=-5, low=0))).grades["roussouly"]
    assert grade.grade is None
    assert "LL" in grade.reason


def test_types_1_and_2_need_the_profile():
    doc = without(profile(39, 10, 3), "L2_superior_anterior")
    grade = analysed(doc).grades["roussouly"]
    assert grade.grade is None
    assert "1 and 2" in grade.reason
    # Type 4 does not.
    steep = without(pointwise(lateral(Posture(pi=62, pt=12)), sd_px=0.01), "L2_superior_anterior")
    assert analysed(steep).grades["roussouly"].grade == "4"


def test_an_unconfirmed_profile_matters_to_types_1_and_2_only():
    low = profile(39, 10, 3)
    low["points"]["L2_superior_anterior"]["confirmed"] = False
    assert analysed(low).grades["roussouly"].grade is None
    steep = pointwise(lateral(Posture(pi=62, pt=12)), sd_px=0.01)
    steep["points"]["L2_superior_anterior"]["confirmed"] = False
    assert analysed(steep).grades["roussouly"].grade == "4"
