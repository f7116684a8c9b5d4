"""The contract's worked cases, published vectors, and generated cases of the same kind."""

from math import cos, radians, sin

import pytest
from hypothesis import given, settings
from strategies import (
    AVERAGE,
    KNOWN,
    LENGTHS,
    Posture,
    analysed,
    between_knots,
    document,
    films,
    floats,
    frontal_knots,
    frontal_plane,
    frontal_values,
    known_case,
    lateral_values,
    measured,
    postures,
    values_of,
    with_centroid_clicks,
    wrapped,
)

CASES = sorted(path.stem for path in KNOWN.glob("*.json"))
WITH_CURVE = [name for name in CASES if name.startswith("frontal")]


def test_all_cases_of_the_contract_are_here():
    assert len(CASES) == 25
    assert len(WITH_CURVE) == 4


@pytest.mark.parametrize("name", CASES)
def test_values_of_the_contract(name):
    case = known_case(name)
    values = values_of(case["landmarks"])
    for key, expected in case["expected"].items():
        assert values[key] == pytest.approx(expected, abs=0.01), key


@pytest.mark.parametrize(
    ("name", "key"),
    [("lat01", "barrey_ratio"), ("lat03", "LDI"), ("lat04", "LDI"), ("lat10", "LDI")],
)
def test_ratios_that_say_nothing_are_null_with_a_reason(name, key):
    case = known_case(name)
    assert key not in case["expected"]
    measurement = measured(case["landmarks"]).measurements[key]
    assert measurement.value is None
    assert measurement.reason


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("age", "edge"))])
def test_grades_of_the_contract(name):
    case = known_case(name)
    grades = analysed(case["landmarks"]).grades
    assert case["grades"]
    for key, word in case["grades"].items():
        assert grades[key].grade == word, key


@pytest.mark.parametrize("name", WITH_CURVE)
def test_largest_curve_of_the_contract(name):
    case = known_case(name)
    expected = case["largest_curve"]
    curves = [c for c in measured(case["landmarks"]).curves if c.region != "fractional"]
    if expected["cobb"] < 10:
        assert not curves
        return
    largest = max(curves, key=lambda curve: curve.cobb)
    assert (largest.upper, largest.lower) == (expected["upper"], expected["lower"])
    assert largest.cobb == pytest.approx(expected["cobb"], abs=0.01)


@given(posture=postures(), film=films())
def test_generated_lateral_cases(posture, film):
    plane = posture.plane()
    values = values_of(document(plane, **film))
    expected = lateral_values(plane, posture) | posture.angles()
    for key, value in expected.items():
        if key in ("LDI", "barrey_ratio") and values[key] is None:
            continue
        if key in LENGTHS or key in ("LDI", "barrey_ratio"):
            assert values[key] == pytest.approx(value, abs=1e-6, rel=1e-9), key
        else:
            assert abs(wrapped(values[key] - value)) < 1e-6, key


@given(posture=postures(), film=films())
def test_ratios_are_null_exactly_where_they_say_nothing(posture, film):
    plane = posture.plane()
    measurements = measured(document(plane, **film)).measurements
    reach = abs((0 - plane["S1_superior_posterior"]).real)
    assert (measurements["barrey_ratio"].value is None) == (reach < 10)
    ll = measurements["LL"]
    told = posture.ll > 0 and ll.ci95[0] > 0
    assert (measurements["LDI"].value is None) == (not told)


@settings(max_examples=30)
@given(knots=frontal_knots(), film=films())
def test_generated_frontal_cases(knots, film):
    plane = frontal_plane(knots)
    values = values_of(document(plane, "frontal", **film))
    for key, value in frontal_values(plane).items():
        assert values[key] == pytest.approx(value, abs=1e-6), key
    assert values["T1_tilt"] == pytest.approx(_tilt(knots, "T1"), abs=1e-6)
    assert values["L4_tilt"] == pytest.approx(_tilt(knots, "L4"), abs=1e-6)


def _tilt(knots, level):
    return between_knots(knots)[level, "superior"]


# --- clinical.md 4.3: constructed coordinates, mm, x anterior, y up ---

CONSTRUCTED = {
    "femoral_head_1": 0j,
    "S1_superior_posterior": -49.690 + 120.390j,
    "S1_superior_anterior": -8.732 + 91.711j,
    "L1_centroid": -28.223 + 268.521j,
    "L1_superior_posterior": -46.854 + 277.798j,
    "L1_superior_anterior": -9.591 + 285.244j,
    "L4_superior_posterior": -31.325 + 187.085j,
    "L4_superior_anterior": 8.903 + 175.016j,
    "T4_centroid": -11.483 + 469.860j,
    "T1_centroid": -7.540 + 539.947j,
    "C7_centroid": -33.976 + 561.026j,
}
EXPECTED = {
    "PI": 50.40,
    "PT": 15.40,
    "SS": 35.00,
    "LL": 46.30,
    "L4_S1": 18.30,
    "PI_LL": 4.10,
    "TPA": 14.60,
    "T1SPi": -0.80,
    "L1PA": 9.40,
    "T4PA": 14.00,
    "T4_L1PA": 4.60,
    "GT": 14.80,
    "SSA": 125.60,
    "SVA": 15.71,
    "barrey_ratio": 0.316,
    "LDI": 39.52,
}


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("scale", [1.0, 1.2])
def test_constructed_coordinates(side, scale):
    plane = {name: scale * z for name, z in CONSTRUCTED.items()}
    values = values_of(document(plane, side=side, row=0.2, column=0.2))
    for key, expected in EXPECTED.items():
        stretched = scale if key == "SVA" else 1.0
        assert values[key] == pytest.approx(expected * stretched, abs=0.0101), key
    # Vertex angle at S1: C7 sacral tilt = PI - GT.
    assert values["PI"] - values["GT"] == pytest.approx(35.60, abs=0.011)


def test_constructed_coordinates_give_the_published_gap_score():
    fields = {"acquisition": {"position": "standing"}, "patient": {"age_years": 58}}
    grade = analysed(document(CONSTRUCTED, **fields)).grades["gap"]
    assert grade.parts == {"RPV": 0, "RLL": 0, "LDI": 2, "RSA": 0, "age": 0}
    assert (grade.points, grade.grade) == (2, "proportioned")


# --- clinical.md 4.1 ---


def test_trunk_angle_of_the_seated_model():
    """PT 69.9 and T1SPi -22.5 give a TPA of 47.4."""
    at_t1 = 300 * complex(*_unit(-22.5))
    plane = Posture(pi=57.7, pt=69.9).plane()
    kept = {n: plane[n] for n in plane if n.startswith(("S1", "femoral"))}
    values = values_of(document(kept | {"T1_centroid": at_t1}))
    assert values["SS"] == pytest.approx(-12.2, abs=1e-6)
    assert values["TPA"] == pytest.approx(47.4, abs=1e-6)


def _unit(lean):
    return sin(radians(lean)), cos(radians(lean))


ROWS = [
    (63.0278175, 22.55258597, 40.47523153, 39.60911701, 23.42, "++", "+"),
    (39.05695098, 10.06099147, 28.99595951, 25.01537822, 14.04, "+", "0"),
    (68.83202098, 22.21848205, 46.61353893, 50.09219357, 18.74, "+", "+"),
    (69.29700807, 24.65287791, 44.64413017, 44.31123813, 24.99, "++", "+"),
    (49.71285934, 9.652074879, 40.06078446, 28.317406, 21.40, "++", "0"),
    (31.23238734, 17.71581923, 13.51656811, 15.5, 15.73, "+", "0"),
]


@pytest.mark.parametrize(("pi", "pt", "ss", "ll", "mismatch", "of_mismatch", "of_tilt"), ROWS)
def test_rows_of_the_vertebral_column_data_set(pi, pt, ss, ll, mismatch, of_mismatch, of_tilt):
    plane = Posture(pi=pi, pt=pt, ll=ll, low=ll * 0.6, t12=ss - ll).plane()
    analysis = analysed(document(plane, acquisition={"position": "standing"}))
    values = {key: one.value for key, one in analysis.measurements.items()}
    assert values["SS"] == pytest.approx(ss, abs=1e-6)
    assert values["PI"] == pytest.approx(values["PT"] + values["SS"], abs=1e-8)
    assert values["PI_LL"] == pytest.approx(mismatch, abs=0.005)
    assert analysis.grades["srs_schwab.PI_LL"].grade == of_mismatch
    assert analysis.grades["srs_schwab.PT"].grade == of_tilt


def test_brazilian_means_keep_the_sign_of_the_mismatch():
    values = values_of(document(Posture(pi=49.4, pt=12.4, ll=56.8).plane()))
    assert values["PI_LL"] == pytest.approx(-7.4, abs=1e-6)


# --- signs that the contract words, by hand ---


@given(offset=floats(-80, 80))
def test_lengths_and_their_signs(offset):
    plane = with_centroid_clicks(AVERAGE.plane(), "C7", "C2")
    plane["C7_centroid"] = plane["S1_superior_posterior"] + offset + 430j
    plane["C2_centroid"] = 12.5 - offset + 560j
    plane["C7_superior_posterior"] = 2.5 + 470j
    values = values_of(document(plane))
    assert values["SVA"] == pytest.approx(offset, abs=1e-6)
    assert values["cSVA"] == pytest.approx(10 - offset, abs=1e-6)


def test_slips_along_the_caudal_endplate():
    plane = AVERAGE.plane()
    along = plane["S1_superior_anterior"] - plane["S1_superior_posterior"]
    plane["L5_inferior_posterior"] = plane["S1_superior_posterior"] + 0.3 * along + 0.2j * along
    values = values_of(document(plane), segmental=True)
    assert values["listhesis.L5_S1"] == pytest.approx(0.3 * abs(along), abs=1e-6)
    assert values["listhesis_percent.L5_S1"] == pytest.approx(30, abs=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_lateral_slip_towards_the_patients_right(side):
    plane = frontal_plane()
    shifted = {
        name: z + (6.0 if name.startswith("L3_inferior") else 0) for name, z in plane.items()
    }
    before = values_of(document(plane, "frontal", side=side), segmental=True)
    after = values_of(document(shifted, "frontal", side=side), segmental=True)
    key = "lateral_listhesis.L3_L4"
    assert after[key] - before[key] == pytest.approx(6.0, abs=1e-6)


def test_segmental_angles_add_up_to_the_lordosis():
    values = values_of(document(AVERAGE.plane()), segmental=True)
    bodies = [f"L{n}" for n in range(1, 6)]
    discs = ["L1_L2", "L2_L3", "L3_L4", "L4_L5", "L5_S1"]
    total = sum(values[f"segmental.{part}"] for part in (*bodies, *discs))
    assert total == pytest.approx(values["LL"], abs=1e-6)
