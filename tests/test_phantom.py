"""The phantom's spines: what was chosen holds, checked by arithmetic that it does not use."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balance.phantom
from balance.phantom.frontal import Curve, FrontalChoices, LateralSlip, frontal_phantom
from balance.phantom.lateral import LateralChoices, Slip, Wedge, lateral_phantom
from balance.phantom.postures import draw_asymptomatic, draw_deformity
from balance.phantom.sheet import Phantom
from balance.phantom.sizes import levels_between

NEAR = 1e-9


def vector(phantom: Phantom, start: str, end: str) -> np.ndarray:
    return np.subtract(phantom.points[end], phantom.points[start])


def plate(phantom: Phantom, level: str, which: str) -> np.ndarray:
    ends = ("posterior", "anterior") if phantom.view == "lateral" else ("left", "right")
    return vector(phantom, f"{level}_{which}_{ends[0]}", f"{level}_{which}_{ends[1]}")


def between(first: np.ndarray, second: np.ndarray) -> float:
    """Unsigned angle in degrees by the half-angle formula, exact for small angles too."""
    one, two = first / np.linalg.norm(first), second / np.linalg.norm(second)
    return math.degrees(2 * math.atan2(np.linalg.norm(one - two), np.linalg.norm(one + two)))


def clockwise(first: np.ndarray, second: np.ndarray) -> float:
    sign = -np.sign(first[0] * second[1] - first[1] * second[0])
    return float(sign) * between(first, second)


def centre(phantom: Phantom, level: str) -> np.ndarray:
    corners = [xy for name, xy in phantom.points.items()
               if name.startswith((f"{level}_superior", f"{level}_inferior"))]  # fmt: skip
    assert len(corners) == 4
    return np.mean(corners, axis=0)


def hip(phantom: Phantom) -> np.ndarray:
    return np.mean([phantom.points["femoral_head_1"], phantom.points["femoral_head_2"]], axis=0)


def sacrum(phantom: Phantom) -> np.ndarray:
    ends = [phantom.points[f"S1_superior_{end}"] for end in ("anterior", "posterior")]
    return np.mean(ends, axis=0)


SPINES = (
    LateralChoices(),
    LateralChoices(PI=100.0, PT=38.0, LL=85.0, SVA=0.0),
    LateralChoices(PI=40.0, PT=-6.0, LL=58.0, TK=50.0, SVA=-40.0),
    LateralChoices(PI=52.0, PT=34.0, LL=-18.0, TK=12.0, T1S=30.0, SVA=150.0),
    LateralChoices(lumbar=6, thoracic=11, SVA=10.0, size=0.9),
    LateralChoices(lumbar=4, thoracic=13, head_apart=(-9.0, 6.0), hip_axis_mm=98.0),
)


@pytest.mark.parametrize("choices", SPINES)
def test_the_chosen_angles_hold_between_the_placed_endplates(choices: LateralChoices) -> None:
    phantom = lateral_phantom(choices)
    s1, last = plate(phantom, "S1", "superior"), f"T{choices.thoracic}"
    to_hip = hip(phantom) - sacrum(phantom)
    caudal_normal = np.array([s1[1], -s1[0]])
    assert between(caudal_normal, to_hip) == pytest.approx(choices.PI, abs=NEAR)
    assert clockwise(to_hip, np.array([0.0, -1.0])) == pytest.approx(choices.PT, abs=NEAR)
    assert clockwise(np.array([1.0, 0.0]), s1) == pytest.approx(choices.PI - choices.PT, abs=NEAR)
    lordosis = clockwise(plate(phantom, "L1", "superior"), s1)
    assert lordosis == pytest.approx(choices.LL, abs=NEAR)
    low = clockwise(plate(phantom, f"L{choices.lumbar - 1}", "superior"), s1)
    assert low == pytest.approx(choices.LL * choices.L4_S1_share, abs=NEAR)
    kyphosis = clockwise(plate(phantom, last, "inferior"), plate(phantom, "T4", "superior"))
    assert kyphosis == pytest.approx(choices.TK, abs=NEAR)
    neck = clockwise(plate(phantom, "C2", "inferior"), plate(phantom, "C7", "inferior"))
    assert neck == pytest.approx(choices.CL, abs=NEAR)
    if choices.T1S is not None:
        assert phantom.truth["T1S"] == pytest.approx(choices.T1S, abs=NEAR)
    if choices.SVA is not None:
        c7 = centre(phantom, "C7")[0] - phantom.points["S1_superior_posterior"][0]
        assert c7 == pytest.approx(choices.SVA, abs=NEAR)
    assert np.linalg.norm(to_hip) == pytest.approx(choices.hip_axis_mm, abs=NEAR)


@pytest.mark.parametrize("choices", SPINES)
def test_identities_between_the_lateral_values(choices: LateralChoices) -> None:
    truth = lateral_phantom(choices).truth
    assert truth["PI"] == pytest.approx(truth["PT"] + truth["SS"], abs=NEAR)
    assert truth["PI_LL"] == pytest.approx(truth["PI"] - truth["LL"], abs=NEAR)
    assert truth["TPA"] == pytest.approx(truth["PT"] + truth["T1SPi"], abs=NEAR)
    assert truth["SSA"] == pytest.approx(90 + truth["SS"] - (truth["GT"] - truth["PT"]), abs=NEAR)
    assert truth["TS_CL"] == pytest.approx(truth["T1S"] - truth["CL"], abs=NEAR)
    assert truth["T4_L1PA"] == pytest.approx(truth["T4PA"] - truth["L1PA"], abs=NEAR)
    assert ("LDI" in truth) == (truth["LL"] > 0)
    parts = sum(value for key, value in truth.items() if key.startswith("segmental.L"))
    assert parts == pytest.approx(truth["LL"], abs=1e-8)


@pytest.mark.parametrize("choices", SPINES)
def test_lengths_and_pelvic_angles_by_the_law_of_cosines(choices: LateralChoices) -> None:
    phantom = lateral_phantom(choices)
    vertex, base = hip(phantom), sacrum(phantom)
    for key, level in (("TPA", "T1"), ("T4PA", "T4"), ("L1PA", "L1")):
        a, b = base - vertex, centre(phantom, level) - vertex
        cosine = (a @ a + b @ b - (a - b) @ (a - b)) / (2 * np.linalg.norm(a) * np.linalg.norm(b))
        assert abs(phantom.truth[key]) == pytest.approx(math.degrees(math.acos(cosine)), abs=1e-6)
    nine = centre(phantom, "T9") - vertex
    assert phantom.truth["T9SPi"] == pytest.approx(math.degrees(math.atan(nine[0] / nine[1])))
    c2 = centre(phantom, "C2")[0] - phantom.points["C7_superior_posterior"][0]
    assert phantom.truth["cSVA"] == pytest.approx(c2)
    if "barrey_ratio" in phantom.truth:
        across = vertex[0] - phantom.points["S1_superior_posterior"][0]
        assert phantom.truth["barrey_ratio"] == pytest.approx(phantom.truth["SVA"] / across)


def test_without_any_angle_the_spine_is_a_vertical_stack() -> None:
    flat = LateralChoices(PI=0.0, PT=0.0, LL=0.0, T12_L1=0.0, TK=0.0, T1S=0.0, CL=0.0)
    phantom = lateral_phantom(flat)
    for level in phantom.levels:
        assert phantom.points[f"{level}_superior_posterior"][0] == pytest.approx(-17.0)
        assert plate(phantom, level, "inferior")[1] == pytest.approx(0.0, abs=NEAR)
    assert phantom.truth["OD_HA"] < 0
    for key in ("PI", "PT", "SS", "LL", "TK", "TLK", "T1S", "CL", "C2S", "TS_CL"):
        assert phantom.truth[key] == pytest.approx(0.0, abs=NEAR)


def test_a_slip_is_the_step_between_the_posterior_corners() -> None:
    phantom = lateral_phantom(LateralChoices(slips=(Slip("L4", 7.5), Slip("L2", -3.0))))
    for upper, lower in pairwise((*phantom.levels, "S1")):
        along = plate(phantom, lower, "superior")
        step = vector(phantom, f"{lower}_superior_posterior", f"{upper}_inferior_posterior")
        slip = step @ along / np.linalg.norm(along)
        assert slip == pytest.approx({"L4": 7.5, "L2": -3.0}.get(upper, 0.0), abs=NEAR)
        assert phantom.truth[f"listhesis.{upper}_{lower}"] == pytest.approx(slip, abs=NEAR)


@pytest.mark.parametrize("level", ["T2", "T7", "T12", "L1", "L4", "C5"])
def test_a_wedge_bends_its_body_and_leaves_the_regions_alone(level: str) -> None:
    plain = lateral_phantom(LateralChoices())
    broken = lateral_phantom(LateralChoices(wedges=(Wedge(level, 15.0),)))
    body = f"segmental.{level}"
    assert broken.truth[body] == pytest.approx(plain.truth[body] - 15.0, abs=NEAR)
    for key in ("PI", "LL", "L4_S1", "TK", "T1S", "CL"):
        assert broken.truth[key] == pytest.approx(plain.truth[key], abs=NEAR)


def test_counts_of_vertebrae() -> None:
    assert lateral_phantom(LateralChoices(thoracic=11, lumbar=6)).levels[-7:-5] == ("T11", "L1")
    assert "L6_superior_anterior" in lateral_phantom(LateralChoices(lumbar=6)).points
    with pytest.raises(ValueError, match="11 to 13"):
        levels_between(10, 5)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (LateralChoices(SVA=5000.0), "cannot be met"),
        (LateralChoices(slips=(Slip("L6", 3.0),)), "L6 is not a vertebra"),
        (LateralChoices(size=0.0), "must be positive"),
    ],
)
def test_what_cannot_be_built_is_refused(choices: LateralChoices, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lateral_phantom(choices)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(25, 100), st.floats(-10, 40), st.floats(-20, 85), st.floats(0, 80), st.floats(-20, 40)
)
def test_any_posture_holds_its_angles_and_no_body_overlaps(
    PI: float, PT: float, LL: float, TK: float, CL: float
) -> None:
    phantom = lateral_phantom(LateralChoices(PI=PI, PT=PT, LL=LL, TK=TK, CL=CL))
    truth = phantom.truth
    assert (truth["PI"], truth["LL"], truth["TK"]) == pytest.approx((PI, LL, TK), abs=NEAR)
    assert_stacked(phantom)


def assert_stacked(phantom: Phantom) -> None:
    """Every body stands the right way up and above its neighbour."""
    low, high = ("posterior", "anterior") if phantom.view == "lateral" else ("left", "right")
    for upper, lower in pairwise((*phantom.levels, "S1")):
        along = plate(phantom, lower, "superior")
        for end in (low, high):
            step = vector(phantom, f"{lower}_superior_{end}", f"{upper}_inferior_{end}")
            assert along[0] * step[1] - along[1] * step[0] > 0, (upper, lower, end)
        across, up = plate(phantom, upper, "inferior"), centre(phantom, upper)
        up = up - phantom.points[f"{upper}_inferior_{low}"]
        assert across[0] * up[1] - across[1] * up[0] > 0, upper


@pytest.mark.parametrize("draw", [draw_asymptomatic, draw_deformity])
def test_drawn_subjects_are_coherent(draw) -> None:
    subjects = [draw(np.random.default_rng(seed)) for seed in range(40)]
    assert subjects[7] == draw(np.random.default_rng(7))
    phantoms = [lateral_phantom(subject.choices) for subject in subjects]
    for phantom in phantoms:
        assert_stacked(phantom)
    sva = [phantom.truth["SVA"] for phantom in phantoms]
    mismatch = [phantom.truth["PI_LL"] for phantom in phantoms]
    if draw is draw_asymptomatic:
        assert abs(np.mean(sva)) < 12
        assert 15 < np.std(sva) < 35
        assert max(mismatch) < 15
    else:
        assert max(sva) > 110
        assert np.mean(mismatch) > 20
        assert np.corrcoef(sva, mismatch)[0, 1] > 0.4


FRONTAL = (
    FrontalChoices(curves=(Curve("T5", "T11", 48.0, "right"), Curve("T11", "L4", 35.0, "left"))),
    FrontalChoices(curves=(Curve("T6", "L1", 90.0, "right"),), C7_CSVL=30.0),
    FrontalChoices(curves=(Curve("T11", "L5", 42.0, "left"),), C7_CSVL=-25.0, lumbar=6),
    FrontalChoices(curves=(Curve("T5", "T12", 40.0, "right"),), T1_tilt=5.0, sacral_tilt=2.0),
    FrontalChoices(
        curves=(
            Curve("T1", "T5", 25.0, "left"),
            Curve("T5", "T12", 60.0, "right"),
            Curve("T12", "L4", 40.0, "left"),
        ),
        size=0.9,
        pelvic_obliquity=-4.0,
    ),
)


def normal(phantom: Phantom, level: str, which: str) -> np.ndarray:
    along = plate(phantom, level, which)
    return np.array([-along[1], along[0]]) / np.linalg.norm(along)


@pytest.mark.parametrize("choices", FRONTAL)
def test_cobb_angles_by_the_normals_and_by_search(choices: FrontalChoices) -> None:
    phantom = frontal_phantom(choices)
    assert phantom.truth["C7_CSVL"] == pytest.approx(choices.C7_CSVL, abs=NEAR)
    assert_stacked(phantom)
    declared = [curve for curve in phantom.curves if curve.declared]
    for wanted, curve in zip(choices.curves, declared, strict=True):
        upper = normal(phantom, curve.upper, "superior")
        lower = normal(phantom, curve.lower, "inferior")
        assert math.degrees(math.acos(upper @ lower)) == pytest.approx(wanted.cobb, abs=1e-6)
        assert (curve.upper, curve.lower, curve.convex) == (
            wanted.upper, wanted.lower, wanted.convex)  # fmt: skip
    largest = max(phantom.curves, key=lambda curve: curve.cobb)
    angles = {
        (upper, lower): between(
            plate(phantom, upper, "superior"), plate(phantom, lower, "inferior")
        )
        for upper, lower in combinations(phantom.levels, 2)
    }
    best = max(angles.values())
    most = [pair for pair, value in angles.items() if value > best - 1e-9]
    assert most == [(largest.upper, largest.lower)]


@pytest.mark.parametrize("choices", FRONTAL)
def test_the_apex_lies_on_the_convex_side_and_far_out(choices: FrontalChoices) -> None:
    phantom = frontal_phantom(choices)
    for curve in phantom.curves:
        start, end = centre(phantom, curve.upper), centre(phantom, curve.lower)
        slope = (end[0] - start[0]) / (end[1] - start[1])

        def beside(level: str, start=start, slope=slope) -> float:
            at = centre(phantom, level)
            return at[0] - (start[0] + slope * (at[1] - start[1]))

        first, last = (phantom.levels.index(level) for level in (curve.upper, curve.lower))
        offsets = {level: beside(level) for level in phantom.levels[first + 1 : last]}
        farthest = max(offsets, key=lambda level: abs(offsets[level]))
        assert farthest in curve.apex.split("/")
        assert (offsets[farthest] > 0) == (curve.convex == "right")
        apex = np.mean([centre(phantom, level) for level in curve.apex.split("/")], axis=0)
        key = f"AVT_{curve.region}_to_csvl" if curve.region != "TL" else "AVT_TL"
        rivals = [other for other in phantom.curves if other.region == curve.region]
        if len(rivals) == 1:
            assert phantom.truth[key] == pytest.approx(apex[0], abs=2.0)


def test_a_straight_frontal_spine() -> None:
    phantom = frontal_phantom(FrontalChoices())
    assert phantom.curves == ()
    for level in phantom.levels:
        assert centre(phantom, level)[0] == pytest.approx(0.0, abs=1e-8)
        assert plate(phantom, level, "superior")[1] == pytest.approx(0.0, abs=1e-8)
    assert all(abs(value) < 1e-8 for value in phantom.truth.values())


def test_a_leaning_straight_spine_has_parallel_endplates() -> None:
    phantom = frontal_phantom(FrontalChoices(C7_CSVL=45.0))
    assert centre(phantom, "C7")[0] == pytest.approx(45.0, abs=NEAR)
    tilts = [between(plate(phantom, "C7", "superior"), plate(phantom, level, "inferior"))
             for level in phantom.levels]  # fmt: skip
    assert max(tilts) < 1e-7


def test_girdles_hold_their_angles_and_signs() -> None:
    phantom = frontal_phantom(
        FrontalChoices(
            pelvic_obliquity=4.0, clavicle_angle=-3.0, head_height_difference=7.0, trunk_shift=11.0
        )
    )
    crest = vector(phantom, "iliac_crest_left", "iliac_crest_right")
    assert clockwise(np.array([1.0, 0.0]), crest) == pytest.approx(4.0, abs=NEAR)
    assert phantom.points["iliac_crest_right"][1] < phantom.points["iliac_crest_left"][1]
    shoulders = vector(phantom, "clavicle_left", "clavicle_right")
    assert clockwise(np.array([1.0, 0.0]), shoulders) == pytest.approx(-3.0, abs=NEAR)
    heads = vector(phantom, "femoral_head_left", "femoral_head_right")
    assert -heads[1] == pytest.approx(7.0, abs=NEAR)
    ribs = (phantom.points["rib_left"][0] + phantom.points["rib_right"][0]) / 2
    assert ribs == pytest.approx(11.0, abs=NEAR)
    assert {"pelvic_obliquity", "clavicle_angle", "trunk_shift"} <= set(phantom.truth)
    assert phantom.truth["pelvic_obliquity"] == pytest.approx(4.0, abs=NEAR)


def test_a_lateral_slip_and_a_hidden_sacrum() -> None:
    slipped = replace(FRONTAL[2], slips=(LateralSlip("L3", 6.0),), sacrum_centre=True)
    phantom = frontal_phantom(slipped)
    assert phantom.truth["lateral_listhesis.L3_L4"] == 6.0
    ends = [np.mean([phantom.points[f"{level}_{side}"] for side in ("left", "right")], axis=0)
            for level in ("L4_superior", "L3_inferior")]  # fmt: skip
    along = plate(phantom, "L4", "superior")
    assert (ends[1] - ends[0]) @ along / np.linalg.norm(along) == pytest.approx(6.0, abs=NEAR)
    assert "sacrum_centre" in phantom.points
    assert not any(name.startswith("S1") for name in phantom.points)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (FrontalChoices(curves=(Curve("T5", "T11", 95.0, "right"),)), "cannot be built"),
        (FrontalChoices(curves=(Curve("T5", "T6", 20.0, "right"),)), "three vertebrae"),
        (FrontalChoices(curves=(Curve("C5", "T6", 20.0, "right"),)), "can end a curve"),
        (
            FrontalChoices(
                curves=(Curve("T5", "T11", 40.0, "right"), Curve("T12", "L4", 30.0, "left"))
            ),
            "share an end",
        ),
        (
            FrontalChoices(curves=(Curve("T5", "T11", 40.0, "right"),), T1_tilt=-60.0),
            r"cannot be met|would not end",
        ),
        (FrontalChoices(slips=(LateralSlip("L6", 3.0),)), "L6 is not a vertebra"),
    ],
)
def test_curves_that_cannot_be_built_are_refused(choices: FrontalChoices, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        frontal_phantom(choices)


def test_the_phantom_never_calls_the_code_that_it_checks() -> None:
    for path in Path(balance.phantom.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for room in ("balance.metrics", "balance.assessment", "balance.landmarks"):
            assert room not in text, f"{path.name} mentions {room}"
