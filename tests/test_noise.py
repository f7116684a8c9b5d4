"""Standard deviations and intervals against brute-force redraws and closed forms."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import (
    AVERAGE,
    Posture,
    analysed,
    average_document,
    document,
    edited,
    floats,
    frontal_document,
    frontal_plane,
    frontal_values,
    lateral_values,
    measured,
    one_draw,
    pointwise,
    redrawn,
    single_curve,
    values_of,
    with_centroid_clicks,
    without,
    wrapped,
)

COUNT = 40000


def spreads(values, truth):
    return {key: float(np.std(wrapped(v - truth[key]) + truth[key])) for key, v in values.items()}


def brute_force(plane, view, *, total=True, unit=1.0, of=lateral_values):
    drawn = redrawn(plane, view, np.random.default_rng(5), COUNT, total=total, unit=unit)
    return spreads(of(drawn), of(plane))


IMPLIED = {
    # clinical-decisions.md section 2: within, total
    "SS": (2.8, 4.1),
    "PI": (2.9, 4.4),
    "PT": (0.9, 1.6),
    "LL": (3.5, 4.9),
    "PI_LL": (2.3, 3.3),
    "TK": (4.2, 6.2),
    "SVA": (1.8, 2.7),
    "TPA": (0.9, 1.4),
    "L4_S1": (3.4, 4.9),
}


@pytest.mark.parametrize("key", IMPLIED)
@pytest.mark.parametrize("reading", ["within_reader", "between_readers"])
def test_standard_deviations_of_an_average_adult(key, reading):
    sd = measured(average_document(), reading=reading).measurements[key].sd
    assert sd == pytest.approx(IMPLIED[key][reading == "between_readers"], rel=0.15)


@pytest.mark.parametrize("reading", ["within_reader", "between_readers"])
@pytest.mark.parametrize(
    "posture", [AVERAGE, Posture(pi=85, pt=35, ll=20, low=5, t12=30, tk=60, t1s=95, c7=90, cl=-10)]
)
def test_lateral_spread_is_that_of_redraws(posture, reading):
    plane = posture.plane()
    doc = document(plane)
    doc["spacing_mm"]["sd_percent"] = 0
    found = measured(doc, reading=reading).measurements
    expected = brute_force(plane, "lateral", total=reading == "between_readers")
    for key, sd in expected.items():
        if key not in ("LDI", "barrey_ratio"):
            assert found[key].sd == pytest.approx(sd, rel=0.03), key


@pytest.mark.parametrize("reading", ["within_reader", "between_readers"])
def test_frontal_spread_is_that_of_redraws(reading):
    plane = frontal_plane(single_curve("T5", "T11", 40))
    doc = document(plane, "frontal")
    doc["spacing_mm"]["sd_percent"] = 0
    found = measured(doc, reading=reading).measurements
    total = reading == "between_readers"
    for key, sd in brute_force(plane, "frontal", total=total, of=frontal_values).items():
        assert found[key].sd == pytest.approx(sd, rel=0.03), key


def test_intervals_of_ratios_are_percentiles_of_redraws():
    plane = AVERAGE.plane()
    found = measured(document(plane)).measurements
    values = lateral_values(redrawn(plane, "lateral", np.random.default_rng(6), COUNT))
    for key, room in (("LDI", 1.0), ("barrey_ratio", 0.02)):
        low, high = np.percentile(values[key], [2.5, 97.5])
        assert found[key].ci95 == pytest.approx((low, high), abs=room), key
    assert 5 < found["LDI"].sd < 8


def test_an_interval_is_196_standard_deviations_wide():
    for key, one in measured(average_document()).measurements.items():
        if key in ("LDI", "barrey_ratio"):
            continue
        low, high = one.ci95
        assert (low + high) / 2 == pytest.approx(one.value, abs=1e-9)
        assert (high - low) / 2 == pytest.approx(1.959964 * one.sd, rel=1e-6)


def test_the_mismatch_is_surer_than_the_incidence():
    found = measured(average_document()).measurements
    assert found["PI_LL"].sd < found["PI"].sd
    assert found["PI_LL"].sd < math.hypot(found["PI"].sd, found["LL"].sd) / 1.5


# --- A reader's own uncertainty ------------------------------------------------------------------


@settings(max_examples=20)
@given(first=floats(0, 8), second=floats(0.1, 8))
def test_sd_px_replaces_the_default_entirely(first, second):
    plane = AVERAGE.plane()
    doc = document(plane, row=0.25, column=0.25)
    doc["points"]["S1_superior_posterior"]["sd_px"] = first
    doc["points"]["S1_superior_anterior"]["sd_px"] = second
    length = abs(plane["S1_superior_anterior"] - plane["S1_superior_posterior"])
    expected = math.degrees(0.25 * math.hypot(first, second) / length)
    assert measured(doc).measurements["SS"].sd == pytest.approx(expected, rel=1e-5)


def test_sd_px_is_in_pixels_of_each_axis():
    """On unequal pixels a deviation across the endplate is in rows alone."""
    plane = Posture(pi=20, pt=20).plane()
    doc = document(plane, row=0.5, column=0.1)
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"]["sd_px"] = 3
    expected = math.degrees(0.5 * 3 * math.sqrt(2) / 34)
    assert measured(doc).measurements["SS"].sd == pytest.approx(expected, rel=1e-5)


def test_cov_px_wins_over_sd_px():
    plane = Posture(pi=20, pt=20).plane()
    doc = document(plane, row=0.2, column=0.2)
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"] |= {"sd_px": 50, "cov_px": [100.0, 0.0, 4.0]}
    expected = math.degrees(0.2 * 2 * math.sqrt(2) / 34)
    assert measured(doc).measurements["SS"].sd == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_correlation_of_cov_px_is_kept(side):
    """Noise along one diagonal of the film, against the endplate's own direction."""
    slope = 30.0
    plane = Posture(pi=slope + 10, pt=10).plane()
    doc = document(plane, side=side)
    cov = np.array([[9.0, 5.0], [5.0, 6.0]])
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"]["cov_px"] = [9.0, 5.0, 6.0]
    a, b = (doc["points"][f"S1_superior_{end}"] for end in ("posterior", "anterior"))
    along = np.array([b["x"] - a["x"], b["y"] - a["y"]])
    across = np.array([-along[1], along[0]]) / np.hypot(*along) ** 2
    expected = math.degrees(math.sqrt(2 * across @ cov @ across))
    assert measured(doc).measurements["SS"].sd == pytest.approx(expected, rel=1e-5)


def test_own_noise_of_both_heads_replaces_the_shared_term():
    doc = average_document()
    for head in ("femoral_head_1", "femoral_head_2"):
        doc["points"][head]["sd_px"] = 0
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"]["sd_px"] = 0
    assert measured(doc).measurements["PT"].sd == pytest.approx(0, abs=1e-9)


def test_a_head_without_its_own_keeps_the_default_and_its_share():
    """The hip axis is the mean of a sure head and one of SD hypot(1.5, 2)."""
    doc = average_document()
    doc["points"]["femoral_head_1"]["sd_px"] = 0
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"]["sd_px"] = 0
    expected = math.degrees(math.hypot(1.5, 2.0) / 2 / 100)
    assert measured(doc).measurements["PT"].sd == pytest.approx(expected, rel=1e-3)


def test_one_head_has_five_millimetres_more():
    doc = without(average_document(), "femoral_head_1")
    doc["points"]["femoral_head_2"] = {"x": 2000, "y": 4500}
    for end in ("anterior", "posterior"):
        doc["points"][f"S1_superior_{end}"]["sd_px"] = 0
    expected = math.degrees(math.sqrt(1.5**2 + 2**2 + 5**2) / 100)
    assert measured(doc).measurements["PT"].sd == pytest.approx(expected, rel=1e-3)


def test_own_noise_of_the_s1_corners_replaces_the_csvl_term():
    doc = frontal_document()
    doc["spacing_mm"]["sd_percent"] = 0
    for end in ("left", "right"):
        doc["points"][f"S1_superior_{end}"]["sd_px"] = 0
    c7 = math.sqrt(4 * 2.0**2) / 4
    assert measured(doc).measurements["C7_CSVL"].sd == pytest.approx(c7, rel=1e-3)


def test_the_csvl_has_its_own_row_unless_the_sacrum_is_clicked():
    doc = frontal_document()
    doc["spacing_mm"]["sd_percent"] = 0
    c7 = math.sqrt(4 * 2.0**2) / 4
    assert measured(doc).measurements["C7_CSVL"].sd == pytest.approx(math.hypot(c7, 2.8), rel=1e-3)
    hidden = without(doc, "S1_superior_left", "S1_superior_right")
    hidden["points"]["sacrum_centre"] = {"x": 2000, "y": 3900}
    assert measured(hidden).measurements["C7_CSVL"].sd == pytest.approx(
        math.hypot(c7, 2.0), rel=1e-3
    )


@pytest.mark.parametrize("view", ["lateral", "frontal"])
def test_a_click_at_the_centroid_has_two_millimetres(view):
    if view == "lateral":
        plane = with_centroid_clicks(AVERAGE.plane(), "C7")
        doc = document(plane)
        doc["points"]["S1_superior_posterior"]["sd_px"] = 0
        key = "SVA"
    else:
        plane = with_centroid_clicks(frontal_plane(), "C7", view="frontal")
        doc = document(plane, "frontal")
        for end in ("left", "right"):
            doc["points"][f"S1_superior_{end}"]["sd_px"] = 0
        key = "C7_CSVL"
    doc["spacing_mm"]["sd_percent"] = 0
    assert measured(doc).measurements[key].sd == pytest.approx(2.0, rel=1e-6)
    within = measured(doc, reading="within_reader").measurements[key].sd
    assert within == pytest.approx(1.5, rel=1e-6)


def test_the_shared_covariance_is_factors_and_the_points_own():
    rng = np.random.default_rng(8)
    names = ["S1_superior_posterior", "S1_superior_anterior", "L1_superior_posterior"]
    factors = rng.normal(0, 3, (4, 6))
    doc = average_document(
        row=0.3, column=0.2, covariance={"points": names, "factors": factors.tolist()}
    )
    doc["points"][names[0]]["sd_px"] = 2.0
    doc["points"]["L1_superior_anterior"]["sd_px"] = 0
    noise = rng.standard_normal((COUNT, 4)) @ factors
    noise[:, :2] += 2.0 * rng.standard_normal((COUNT, 2))
    offset = (noise[:, 0::2] * 0.2 - 1j * noise[:, 1::2] * 0.3).T
    plane = AVERAGE.plane()
    drawn = dict(plane)
    for name, z in zip(names, offset, strict=True):
        drawn[name] = plane[name] - z.conjugate()  # the film faces left
    found = measured(doc).measurements
    expected = spreads(lateral_values(drawn), lateral_values(plane))
    for key in ("SS", "LL"):
        assert found[key].sd == pytest.approx(expected[key], rel=0.03), key


@pytest.mark.parametrize("covariance", [
    {"points": [], "factors": []},
    {"points": [], "factors": [[]]},
    {"points": ["brow"], "factors": []},
])  # fmt: skip
def test_a_covariance_of_nothing_is_nothing(covariance):
    doc = average_document()
    doc["points"]["brow"] = {"x": 1500, "y": 300}
    assert values_of(edited(doc, covariance=covariance)) == values_of(doc)


def test_the_kind_of_uncertainty_is_told():
    assert analysed(average_document()).uncertainty == "between_readers"
    assert analysed(average_document(), reading="within_reader").uncertainty == "within_reader"
    assert analysed(pointwise(average_document(), sd_px=2)).uncertainty == "given"


# --- Scale ---------------------------------------------------------------------------------------

STATES = {
    ("user_fiducial", None): 1,
    ("dicom_fiducial", None): 2,
    ("dicom_geometry", None): 3,
    ("ermf", None): 4,
    ("dicom_corrected_unknown", None): 8,
    ("detector", None): 10,
    ("scanned_film", None): 10,
    ("unknown", None): 10,
    ("somebodys word", None): 10,
    ("user_fiducial", "patient"): 1,
    ("user_fiducial", "detector"): 10,
    ("dicom_fiducial", "skin"): 10,
}


@pytest.mark.parametrize(("source", "plane"), STATES)
def test_the_scale_enters_lengths_only(source, plane):
    doc = pointwise(average_document(), sd_px=0)
    doc["spacing_mm"] |= {"source": source} | ({"plane": plane} if plane else {})
    for key, one in measured(doc).measurements.items():
        share = STATES[source, plane] / 100 if one.unit == "mm" else 0
        assert one.sd == pytest.approx(abs(one.value) * share, abs=1e-9), key


def test_sd_percent_of_the_document_leads():
    doc = pointwise(average_document(), sd_px=0)
    doc["spacing_mm"]["sd_percent"] = 5
    sva = measured(doc).measurements["SVA"]
    assert sva.sd == pytest.approx(0.05 * abs(sva.value), abs=1e-9)


@pytest.mark.parametrize("zoom", [0.2, 1.0, 6.0])
def test_without_scale_the_s1_endplate_is_34_mm_for_the_noise(zoom):
    plane = AVERAGE.plane()  # its S1 endplate is 34 mm
    scaled = measured(document(plane)).measurements
    bare = measured(document({n: z * zoom for n, z in plane.items()}, source=None))
    for key, one in bare.measurements.items():
        if one.value is not None and key not in ("LDI", "barrey_ratio"):
            assert one.sd == pytest.approx(scaled[key].sd, rel=1e-4), key
    warnings = (*bare.landmarks.warnings, *bare.sites.warnings)
    assert any("34 mm" in warning for warning in warnings)


# --- Seeds ---------------------------------------------------------------------------------------


def test_results_repeat_and_do_not_depend_on_the_order_of_points():
    doc = average_document()
    backwards = edited(doc)
    backwards["points"] = dict(reversed(backwards["points"].items()))
    first, second = analysed(doc), analysed(doc)
    assert first.measurements == second.measurements
    assert first.grades == second.grades
    third = analysed(backwards)
    for key, one in first.measurements.items():
        assert third.measurements[key].value == one.value
        assert third.measurements[key].ci95 == pytest.approx(one.ci95, rel=0.05), key


def test_neighbours_in_a_batch_change_nothing():
    doc, other = average_document(), edited(average_document(), case="other")
    other["points"]["S1_superior_anterior"]["x"] += 9
    alone = analysed(doc)
    analysed(other)
    again = analysed(doc)
    assert again.measurements == alone.measurements
    frontal = frontal_document(single_curve("T5", "T11", 40))
    analysed(other)
    assert analysed(frontal).curves == analysed(json.loads(json.dumps(frontal))).curves


def test_redraws_are_not_the_same_noise_over_and_over():
    """The sampler of these tests, checked against its own table."""
    plane = AVERAGE.plane()
    drawn = redrawn(plane, "lateral", np.random.default_rng(9), COUNT)
    along = plane["S1_superior_anterior"] - plane["S1_superior_posterior"]
    noise = (drawn["S1_superior_anterior"] - plane["S1_superior_anterior"]) / (along / abs(along))
    assert noise.real.std() == pytest.approx(3.0, rel=0.02)
    assert noise.imag.std() == pytest.approx(1.6, rel=0.02)
    hips = (drawn["femoral_head_1"] + drawn["femoral_head_2"]) / 2
    assert hips.real.std() == pytest.approx(math.sqrt(1.5**2 / 2 + 4), rel=0.02)
    frontal = frontal_plane()
    drawn = redrawn(frontal, "frontal", np.random.default_rng(9), COUNT)
    csvl = (drawn["S1_superior_left"] + drawn["S1_superior_right"]).real / 2
    assert csvl.std() == pytest.approx(2.8, rel=0.02)
    assert one_draw(drawn, 0).keys() == frontal.keys()
