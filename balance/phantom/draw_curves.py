"""The frontal spine of a drawn person: straight, or curved by up to 90 degrees."""

from __future__ import annotations

from typing import Literal

import numpy as np

from balance.phantom.frontal import Curve, FrontalChoices, LateralSlip, frontal_phantom
from balance.phantom.lateral import LateralChoices
from balance.phantom.sizes import levels_between

PATTERNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("T5", "T11"),),
    (("T10", "L3"),),
    (("T11", "L4"),),
    (("T5", "T11"), ("T11", "L4")),
    (("T2", "T6"), ("T6", "L1")),
    (("T2", "T5"), ("T5", "T11"), ("T11", "L4")),
)
"""End vertebrae of single, double and triple curves, from the head down."""

LARGEST, USUAL_LARGEST = 90.0, 45.0
TRIES = 40


def draw_frontal_choices(
    rng: np.random.Generator,
    body: LateralChoices,
    *,
    hard: bool,
    posture: Literal["asymptomatic", "deformity"],
) -> FrontalChoices:
    """A frontal spine with the size and the count of vertebrae of the lateral one."""
    straight = FrontalChoices(
        C7_CSVL=round(float(rng.normal(0.0, 7.0)), 1),
        pelvic_obliquity=round(float(rng.normal(0.0, 1.2)), 1),
        clavicle_angle=round(float(rng.normal(0.0, 1.5)), 1),
        head_height_difference=round(float(rng.normal(0.0, 3.0)), 1),
        head_radius=body.head_radius,
        size=body.size,
        thoracic=body.thoracic,
        lumbar=body.lumbar,
        sacrum_centre=bool(hard and rng.random() < 0.08),
    )
    chance = (0.75 if posture == "deformity" else 0.45) if hard else 0.35
    if rng.random() > chance:
        return straight
    for _ in range(TRIES):
        choices = _curved(rng, straight, hard=hard)
        try:
            frontal_phantom(choices)
        except ValueError:
            continue
        return choices
    return straight


def _curved(rng: np.random.Generator, base: FrontalChoices, *, hard: bool) -> FrontalChoices:
    levels = levels_between(base.thoracic, base.lumbar)
    pattern = PATTERNS[int(rng.integers(len(PATTERNS)))]
    largest = LARGEST if hard else USUAL_LARGEST
    size = 12.0 + (largest - 12.0) * float(rng.beta(1.2, 1.8))
    right = rng.random() < 0.8
    curves = []
    main = len(pattern) // 2 if len(pattern) != 2 else int(rng.integers(2))
    for number, (upper, lower) in enumerate(pattern):
        share = 1.0 if number == main else float(rng.uniform(0.45, 0.85))
        convex: Literal["left", "right"] = "right" if (number % 2 == 0) == right else "left"
        if lower not in levels:
            lower = levels[-1]
        curves.append(Curve(upper, lower, round(max(11.0, share * size), 1), convex))
    slips: tuple[LateralSlip, ...] = ()
    if hard and pattern[-1][1] in ("L3", "L4") and rng.random() < 0.4:
        mm = float(rng.choice((-1.0, 1.0)) * rng.uniform(3.0, 8.0))
        slips = (LateralSlip("L3", round(mm, 1)),)
    return FrontalChoices(
        curves=tuple(curves),
        C7_CSVL=round(float(rng.normal(0.0, 18.0)), 1),
        pelvic_obliquity=round(float(rng.normal(0.0, 2.5)), 1),
        clavicle_angle=round(float(rng.normal(0.0, 3.0)), 1),
        head_height_difference=base.head_height_difference,
        head_radius=base.head_radius,
        size=base.size,
        thoracic=base.thoracic,
        lumbar=base.lumbar,
        slips=slips,
        sacrum_centre=base.sacrum_centre,
    )
