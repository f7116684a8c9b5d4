"""Transitional anatomy: the same landmarks, relabelled by hand, give the second reading."""

import pytest
from hypothesis import given, settings
from strategies import (
    Posture,
    analysed,
    corners,
    document,
    edited,
    floats,
    measured,
    postures,
    values_of,
    without,
)

FIELDS = {"acquisition": {"position": "standing"}, "patient": {"age_years": 60}}
SIX = Posture(pi=62, pt=15, ll=60, low=40, lumbar=6)


def renamed(doc, names, *, gone=()):
    """Relabelled by hand."""
    copy = edited(doc)
    copy["points"] = {
        names.get(name, name): point for name, point in copy["points"].items() if name not in gone
    }
    return copy


def as_s1(level):
    return {f"{level}_superior_{end}": f"S1_superior_{end}" for end in ("anterior", "posterior")}


S1 = list(as_s1("S1"))


def l6_as_sacrum(doc):
    return renamed(doc, as_s1("L6"), gone={*S1, *corners("L6")[2:]})


def assert_second_reading(analysis, by_hand):
    other = analysis.alternative
    expected = analysed(by_hand)
    assert other.measurements.keys() == expected.measurements.keys()
    for key, one in expected.measurements.items():
        found = other.measurements[key]
        assert (found.value, found.sd) == (one.value, one.sd), key
    assert {k: g.grade for k, g in other.grades.items()} == {
        k: g.grade for k, g in expected.grades.items()
    }


def test_five_lumbar_vertebrae_have_no_second_reading():
    assert analysed(document(Posture().plane())).alternative is None


@settings(max_examples=15)
@given(posture=postures(lumbar=6))
def test_six_lumbar_vertebrae(posture):
    doc = document(posture.plane(), **FIELDS)
    analysis = analysed(doc)
    assert analysis.alternative.endplate == "L6_superior"
    for key, value in posture.angles().items():
        difference = analysis.measurements[key].value - value
        assert abs((difference + 180) % 360 - 180) < 1e-6, key
    assert_second_reading(analysis, l6_as_sacrum(doc))


@pytest.mark.parametrize("declared", [None, {"lumbar": 6}])
def test_the_plain_keys_take_the_two_segments_above_the_sacrum(declared):
    doc = document(SIX.plane(), vertebrae=declared)
    if declared is None:
        del doc["vertebrae"]
    values = values_of(doc)
    assert values["L4_S1"] == pytest.approx(40, abs=1e-6)
    second = analysed(doc).alternative.measurements
    slopes = SIX.slopes()
    assert second["LL"].value == pytest.approx(
        slopes["L6", "superior"] - slopes["L1", "superior"], abs=1e-6
    )
    assert second["L4_S1"].value == pytest.approx(
        slopes["L6", "superior"] - slopes["L4", "superior"], abs=1e-6
    )


@pytest.mark.parametrize("lumbar", [4, 5, 6])
@pytest.mark.parametrize("thoracic", [11, 12, 13])
def test_counts_of_vertebrae(thoracic, lumbar):
    posture = Posture(thoracic=thoracic, lumbar=lumbar)
    counted = {"thoracic": thoracic, "lumbar": lumbar, "counted_from": "C2"}
    values = values_of(document(posture.plane(), vertebrae=counted), segmental=True)
    for key, value in posture.angles().items():
        assert values[key] == pytest.approx(value, abs=1e-6), key
    assert values[f"segmental.L{lumbar}_S1"] is not None
    assert values[f"segmental.T{thoracic}_L1"] is not None
    assert f"segmental.L{lumbar + 1}" not in values


@pytest.mark.parametrize("thoracic", [12, 13])
def test_the_last_thoracic_vertebra_follows_from_the_points(thoracic):
    posture = Posture(thoracic=thoracic)
    assert values_of(document(posture.plane()))["TK"] == pytest.approx(posture.tk, abs=1e-6)


def with_candidate(posture, shift, slope):
    """Another candidate endplate, ``shift`` mm above the S1 midpoint along the spine."""
    import numpy as np

    plane = posture.plane()
    mid = sum(plane[name] for name in S1) / 2
    tilt = np.exp(-1j * np.radians(slope))
    base = mid + shift * 1j * tilt
    plane["S1_alternative_superior_posterior"] = complex(base - 17 * tilt)
    plane["S1_alternative_superior_anterior"] = complex(base + 17 * tilt)
    return plane


CANDIDATE = as_s1("S1_alternative")


def test_a_candidate_below_is_the_sacrum_of_the_second_reading():
    plane = with_candidate(Posture(), -28, 50)
    doc = document(plane, **FIELDS)
    analysis = analysed(doc)
    assert analysis.alternative.endplate.startswith("S1_alternative")
    # What was S1 is then the superior endplate of one more lumbar vertebra.
    upper = {f"S1_superior_{end}": f"L6_superior_{end}" for end in ("anterior", "posterior")}
    assert_second_reading(analysis, renamed(doc, CANDIDATE | upper))
    assert analysis.alternative.measurements["SS"].value == pytest.approx(50, abs=1e-6)


def test_a_candidate_at_the_last_lumbar_vertebra_absorbs_it():
    doc = document(Posture().plane(), **FIELDS)
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_alternative_superior_{end}"] = dict(doc["points"][f"L5_superior_{end}"])
    by_hand = renamed(doc, CANDIDATE, gone={*S1, *corners("L5")})
    by_hand["vertebrae"] = {"lumbar": 4}
    assert_second_reading(analysed(doc), by_hand)


def test_segments_above_a_candidate_that_nobody_can_count_are_not_measured():
    doc = document(Posture().plane(), **FIELDS)
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_alternative_superior_{end}"] = dict(doc["points"][f"L5_superior_{end}"])
    other = analysed(without(doc, *corners("L5"))).alternative
    assert other.measurements["L4_S1"].value is None
    assert other.measurements["LDI"].value is None
    assert other.grades["gap"].grade is None
    assert other.measurements["PI"].value is not None


def test_a_candidate_between_l5_and_s1_leaves_l5_a_vertebra():
    """A transitional segment that nobody named L6: five lumbar vertebrae lie above both."""
    plane = with_candidate(SIX, 0, 30)
    transitional = {n: z for n, z in plane.items() if n in CANDIDATE}
    five = {n: z for n, z in SIX.plane().items() if not n.startswith("L6")}
    for end in ("anterior", "posterior"):
        transitional[f"S1_alternative_superior_{end}"] = SIX.plane()[f"L6_superior_{end}"]
    doc = document(five | transitional, **FIELDS)
    assert_second_reading(analysed(doc), renamed(doc, CANDIDATE, gone=set(S1)))


@settings(max_examples=15)
@given(shift=floats(-30, -20), slope=floats(20, 60))
def test_the_plain_keys_do_not_depend_on_a_candidate(shift, slope):
    plane = with_candidate(Posture(), shift, slope)
    doc = document(plane)
    plain = measured(without(doc, *CANDIDATE)).measurements
    assert measured(doc).measurements == plain


@pytest.mark.parametrize("points", [["S1_superior_anterior"], ["L6_inferior_anterior"], S1])
def test_a_covariance_of_points_that_the_second_reading_drops(points):
    factors = [[1.0] * (2 * len(points))]
    doc = document(SIX.plane(), covariance={"points": points, "factors": factors}, **FIELDS)
    plain = edited(doc, covariance=None)
    second = analysed(doc).alternative.measurements
    assert {k: m.value for k, m in second.items()} == {
        k: m.value for k, m in analysed(plain).alternative.measurements.items()
    }


def test_a_grade_that_differs_between_the_readings_is_borderline_with_that_reason():
    doc = document(SIX.plane(), **FIELDS)
    for point in doc["points"].values():
        point["sd_px"] = 0.01
    analysis = analysed(doc)
    differing = 0
    for key, grade in analysis.grades.items():
        other = analysis.alternative.grades[key]
        if None in (grade.grade, other.grade):
            continue
        if grade.grade != other.grade:
            differing += 1
            assert grade.borderline is True, key
            assert "L6" in grade.borderline_reason, key
            assert other.grade in grade.borderline_reason, key
    assert differing >= 2
