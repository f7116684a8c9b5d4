"""Schemes that take several values: GAP, Roussouly, the curve type of SRS-Schwab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from balance.anatomy import body_names, plate_names
from balance.assessment.cuts import shares
from balance.assessment.gap import gap_class, gap_points
from balance.assessment.model import EDGE_TOLERANCE, Threshold
from balance.assessment.roussouly import (
    RETROVERTED_PT,
    SHORTEST_PROFILE,
    TYPES,
    lordotic_vertebrae,
    roussouly_type,
)
from balance.assessment.thresholds import THRESHOLD
from balance.geometry import slope
from balance.metrics.alignment import global_tilt
from balance.metrics.catalogue import FilmValues
from balance.metrics.curves import SEARCHED, Curve, cobb_draws
from balance.metrics.model import draw
from balance.metrics.pelvis import S1_PLATE, pelvic_incidence, pelvic_tilt, sacral_slope
from balance.metrics.regional import L1_PLATE, LAST_TWO_PLATE, lordosis
from balance.metrics.sites import HIP_AXIS, Sites
from balance.radiograph import FloatArray

STRUCTURAL_COBB_DEG = 30.0
LAST_THORACIC_APEX = "T9"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scheme says of a film: a word with probabilities, or a reason."""

    word: str | None = None
    value: float | None = None
    probability: dict[str, float] | None = None
    reason: str | None = None
    points: int | None = None
    parts: dict[str, int] | None = None
    evidence: tuple[str, ...] = ()


Scheme = Callable[[FilmValues, float | None], Outcome]


def _missing(film: FilmValues, keys: tuple[str, ...]) -> str | None:
    for key in keys:
        measurement = film.measurements[key]
        if measurement.value is None:
            return f"{key} is not given: {measurement.reason}"
    return None


def _value(film: FilmValues, key: str) -> float:
    value = film.measurements[key].value
    assert value is not None, key
    return value


def _drawn(sites: Sites, names: tuple[str, ...]) -> dict[str, FloatArray]:
    points = draw(sites.at(names), sites.covariance(names))
    return {name: points[:, n] for n, name in enumerate(names)}


def grade_gap(film: FilmValues, age_years: float | None) -> Outcome:
    """GAP score; needs an age, for its point from 60 years on."""
    keys = ("PI", "SS", "LL", "L4_S1", "LDI", "GT")
    reason = _missing(film, keys)
    if reason is None and age_years is None:
        reason = "no age: one of its points depends on it"
    if reason is not None or age_years is None:
        return Outcome(reason=reason)
    words = THRESHOLD["gap"].words
    pi, ss, ll, _, ldi, gt = (_value(film, key) for key in keys)
    parts = {key: int(n) for key, n in gap_points(pi, ss, ll, ldi, gt, age_years).items()}
    total = sum(parts.values())
    needs = (*S1_PLATE, HIP_AXIS, *L1_PLATE, *LAST_TWO_PLATE, "C7_centroid")
    at = _drawn(film.sites, needs)
    s1, hips = (at[S1_PLATE[0]], at[S1_PLATE[1]]), at[HIP_AXIS]
    lumbar = lordosis(at[L1_PLATE[0]], at[L1_PLATE[1]], *s1)
    low = lordosis(at[LAST_TWO_PLATE[0]], at[LAST_TWO_PLATE[1]], *s1)
    drawn = gap_points(
        pelvic_incidence(*s1, hips),
        sacral_slope(*s1),
        lumbar,
        100.0 * low / lumbar,
        global_tilt(at["C7_centroid"], *s1, hips),
        age_years,
    )
    return Outcome(
        word=words[int(gap_class(total))],
        value=float(total),
        probability=shares(gap_class(sum(drawn.values())), words),
        points=total,
        parts=parts,
        evidence=film.sites.points_behind(needs),
    )


def grade_roussouly(film: FilmValues, age_years: float | None) -> Outcome:  # noqa: ARG001
    """The current Roussouly type."""
    reason = _missing(film, ("PI", "PT", "SS", "LL"))
    if reason is not None:
        return Outcome(reason=reason)
    pi, pt, ss, ll = (_value(film, key) for key in ("PI", "PT", "SS", "LL"))
    profile = _profile(film)
    needs = (*S1_PLATE, HIP_AXIS, *L1_PLATE, *profile)
    at = _drawn(film.sites, needs)
    s1, hips = (at[S1_PLATE[0]], at[S1_PLATE[1]]), at[HIP_AXIS]
    counted, counted_drawn = np.array(0), np.array(0)
    if profile:
        plates = film.sites.at(profile).reshape(-1, 2, 2)
        counted = lordotic_vertebrae(slope(plates[:, 0], plates[:, 1]))
        slopes = [
            slope(at[first], at[second])
            for first, second in zip(profile[::2], profile[1::2], strict=True)
        ]
        counted_drawn = lordotic_vertebrae(np.stack(slopes, axis=-1))
    kind = int(roussouly_type(pi, pt, ss, ll, counted))
    if kind == -1:
        why = "LL is not above 0" if ll <= 0 else f"retroverted: PT is {RETROVERTED_PT:g} or more"
        return Outcome(value=ss, reason=why)
    if kind == -2:
        first, last = SHORTEST_PROFILE
        return Outcome(
            value=ss,
            reason="types 1 and 2 cannot be told apart: mark the superior endplates "
            f"of {first} to {last}",
        )
    drawn = roussouly_type(
        pelvic_incidence(*s1, hips),
        pelvic_tilt(*s1, hips),
        sacral_slope(*s1),
        lordosis(at[L1_PLATE[0]], at[L1_PLATE[1]], *s1),
        counted_drawn,
    )
    # Draws that are type 1 or 2 without a profile to tell which are shared between the two.
    untold = np.flatnonzero(drawn == -2)
    drawn[untold] = np.arange(len(untold)) % 2
    return Outcome(
        word=TYPES[kind],
        value=ss,
        probability=shares(drawn, TYPES),
        # The profile tells types 1 and 2 apart; the others do not rest on it.
        evidence=film.sites.points_behind(
            needs if kind < 2 else needs[: len(needs) - len(profile)]
        ),
    )


def _profile(film: FilmValues) -> tuple[str, ...]:
    """The superior endplates from T10 to the lowest lumbar vertebra; none where one is missing."""
    levels = film.sites.existing_levels
    between = levels[levels.index(SHORTEST_PROFILE[0]) : levels.index("S1")]
    names = tuple(name for level in between for name in plate_names(level, "superior", "lateral"))
    return names if film.sites.has(names) else ()


def grade_curve_type(film: FilmValues, age_years: float | None) -> Outcome:  # noqa: ARG001
    """Curve type of SRS-Schwab: thoracic, lumbar, double or none of 30 degrees and more."""
    levels = film.sites.existing_levels
    needed = levels[levels.index("T1") : levels.index("S1")]
    missing = [level for level in needed if level not in film.sites.levels]
    if missing:
        return Outcome(reason=f"vertebrae without four corners: {', '.join(missing)}")
    curves = tuple(curve for curve in film.curves if curve.region != "fractional")
    corners = [name for level in needed for name in body_names(level, "frontal")]
    ends = [name for curve in curves for name in curve.points]
    evidence = tuple(dict.fromkeys((*corners, *ends)))
    words = THRESHOLD["srs_schwab.curve"].words
    if not curves:
        nothing = dict.fromkeys(words, 0.0) | {"N": 1.0}
        return Outcome(word="N", probability=nothing, evidence=evidence)
    thoracic = np.array([_is_thoracic(curve) for curve in curves])
    found = np.array([curve.cobb for curve in curves])
    return Outcome(
        word=words[int(_curve_type(found, thoracic))],
        value=float(found.max()),
        probability=shares(_curve_type(cobb_draws(film.sites, curves), thoracic), words),
        evidence=evidence,
    )


def _is_thoracic(curve: Curve) -> bool:
    apex = curve.apex or curve.upper
    above = SEARCHED.index(apex.split("/")[0])
    limit = SEARCHED.index(LAST_THORACIC_APEX)
    return above < limit or (above == limit and "/" not in apex)


def _curve_type(cobb: FloatArray, thoracic: np.ndarray) -> np.ndarray:
    """Place in T, L, D, N of Cobb angles (..., curves)."""
    structural = cobb >= STRUCTURAL_COBB_DEG - EDGE_TOLERANCE
    high = (structural & thoracic).any(axis=-1)
    low = (structural & ~thoracic).any(axis=-1)
    return np.select([high & low, high, low], [2, 0, 1], 3)


SCHEMES: tuple[tuple[Threshold, Scheme], ...] = (
    (THRESHOLD["gap"], grade_gap),
    (THRESHOLD["roussouly"], grade_roussouly),
    (THRESHOLD["srs_schwab.curve"], grade_curve_type),
)
