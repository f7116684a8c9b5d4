"""Coherent subjects drawn from a seed: a trunk that follows its pelvis.

The regressions are the phantom's own rounding of published means (PT and LL from PI and age, SVA
near zero in asymptomatic adults); they make plausible films, they are not norms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from balance.phantom.lateral import LateralChoices, lateral_phantom, thoracic_kyphosis_for


@dataclass(frozen=True, slots=True)
class DrawnSubject:
    """A posture and the person who stands so."""

    choices: LateralChoices
    age_years: int
    sex: str


def draw_asymptomatic(rng: np.random.Generator) -> DrawnSubject:
    """An adult without complaint: SVA -0.5 +- 25 mm, PI 53 +- 10, PT 13.5 +- 7 degrees.

    Examples
    --------
    >>> subject = draw_asymptomatic(np.random.default_rng(1))
    >>> subject == draw_asymptomatic(np.random.default_rng(1))
    True
    """
    age, sex = int(rng.integers(20, 76)), _sex(rng)
    incidence = float(np.clip(rng.normal(53.0, 10.3), 30.0, 82.0))
    tilt = 0.37 * incidence - 6.1 + rng.normal(0.0, 5.4)
    lordosis = 30.0 + 0.60 * incidence - 0.16 * (age - 45) + rng.normal(0.0, 5.0)
    low = float(np.clip(rng.normal(0.64, 0.07), 0.45, 0.85))
    wanted = float(np.clip(rng.normal(-0.5, 25.0), -65.0, 65.0))
    trunk = LateralChoices(
        PI=round(incidence, 1), PT=round(tilt, 1), LL=round(lordosis, 1), L4_S1_share=round(low, 2)
    )
    return DrawnSubject(
        _finish(_sized(trunk, sex, rng), wanted, rng.normal(42.0, 8.0), rng), age, sex
    )


def draw_deformity(rng: np.random.Generator) -> DrawnSubject:
    """An adult with lost lordosis: SVA up to 160 mm, high pelvic tilt, PI-LL 12 to 50 degrees."""
    age, sex = int(rng.integers(50, 86)), _sex(rng)
    incidence = float(np.clip(rng.normal(56.0, 11.0), 32.0, 90.0))
    mismatch = float(rng.uniform(12.0, 50.0))
    tilt = 0.37 * incidence - 7.0 + 0.33 * mismatch + rng.normal(0.0, 4.0)
    lordosis = incidence - mismatch
    low = float(np.clip(rng.normal(30.0, 7.0), 12.0, 45.0)) / max(abs(lordosis), 12.0)
    wanted = float(np.clip(20.0 + 2.4 * mismatch + rng.normal(0.0, 22.0), -20.0, 160.0))
    trunk = LateralChoices(
        PI=round(incidence, 1), PT=round(tilt, 1), LL=round(lordosis, 1), L4_S1_share=round(low, 2)
    )
    return DrawnSubject(
        _finish(_sized(trunk, sex, rng), wanted, rng.normal(36.0, 10.0), rng), age, sex
    )


def _sex(rng: np.random.Generator) -> str:
    return "F" if rng.random() < 0.6 else "M"


def _sized(choices: LateralChoices, sex: str, rng: np.random.Generator) -> LateralChoices:
    size = (0.94 if sex == "F" else 1.03) * float(np.clip(rng.normal(1.0, 0.04), 0.9, 1.1))
    return replace(
        choices,
        size=round(size, 3),
        hip_axis_mm=round(112.0 * size + rng.normal(0.0, 5.0), 1),
        head_radius=round(24.0 * size, 1),
        head_apart=(round(rng.normal(0.0, 5.0), 1), round(rng.normal(0.0, 2.0), 1)),
    )


def _finish(
    choices: LateralChoices, sva: float, usual: float, rng: np.random.Generator
) -> LateralChoices:
    """Meet the plumb line, half of the way by kyphosis; then let the neck bring the gaze level."""
    kyphosis = (thoracic_kyphosis_for(choices, sva) + usual) / 2.0
    trunk = replace(choices, TK=round(float(np.clip(kyphosis, 8.0, 72.0)), 1), SVA=round(sva, 1))
    slope = lateral_phantom(trunk).truth["T1S"]
    return replace(trunk, CL=round(slope - 17.0 + rng.normal(0.0, 5.0), 1))
