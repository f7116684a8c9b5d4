"""Everything that makes a film easy or hard to read, drawn from a seed and then fixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from balance.radiograph import View

StyleName = Literal["plain", "hard"]
STYLES: tuple[StyleName, ...] = ("plain", "hard")


@dataclass(frozen=True, slots=True)
class Physique:
    """The patient around the spine. Shares run from 0 to 1, lengths are millimetres.

    ``rim_double_mm`` is how far the two rims of an endplate lie apart where a body stands askew to
    the beam; the landmarks lie half way between them. ``osteophytes`` are (level, end, length):
    spurs beyond corners that stay where they were.
    """

    obesity: float = 0.15
    bosom: float = 0.0
    osteopenia: float = 0.1
    gas: float = 0.3
    calcified_aorta: float = 0.0
    arms: Literal["fists_on_clavicles", "forward", "relaxed"] = "fists_on_clavicles"
    rim_double_mm: float = 0.0
    osteophytes: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Beam:
    """The exposure: quanta per pixel of a square millimetre (thousands), scatter, blur, gain.

    ``gain_slope`` is the detector's or heel effect's change of exposure across the film.
    """

    kiloquanta: float = 400.0
    scatter: float = 0.12
    blur_mm: float = 0.15
    gain_slope: float = 0.0


@dataclass(frozen=True, slots=True)
class Processing:
    """What a vendor's software does: weights of coarse, middle and fine detail, tone curve."""

    base: float = 0.45
    middle: float = 1.0
    fine: float = 1.15
    edge: float = 0.0
    edge_mm: float = 1.0
    compress: float = 1.0
    gamma: float = 1.0


@dataclass(frozen=True, slots=True)
class Marks:
    """Collimation (top, right, bottom, left of the image), letters and a lead plumb line."""

    margins_mm: tuple[float, float, float, float] = (8.0, 8.0, 8.0, 8.0)
    words: tuple[str, ...] = ()
    plumb_line: bool = False
    shutter_grey: float = 0.012


@dataclass(frozen=True, slots=True)
class Seam:
    """A joint between two exposures: flesh and grey step there, bone and landmarks do not."""

    share: float
    grey_step: float
    flesh_shift_mm: float


@dataclass(frozen=True, slots=True)
class Implants:
    """Pedicle screws at levels, two rods along them, cages in the discs below levels."""

    screws: tuple[str, ...]
    cages: tuple[str, ...] = ()
    iliac: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How one film looks; none of it moves a landmark."""

    style: StyleName = "plain"
    physique: Physique = field(default_factory=Physique)
    beam: Beam = field(default_factory=Beam)
    processing: Processing = field(default_factory=Processing)
    marks: Marks = field(default_factory=Marks)
    seam: Seam | None = None
    implants: Implants | None = None


def draw_physique(
    rng: np.random.Generator, style: StyleName, age: int, sex: str, levels: tuple[str, ...]
) -> Physique:
    """The patient's body: alike on both films of one examination."""
    hard = style == "hard"
    bony = float(np.clip((age - 45) / 45.0, 0.0, 1.0))
    spurs = []
    if hard:
        for level in levels[levels.index("T6") :]:
            for end in ("superior", "inferior"):
                if rng.random() < 0.35 * bony:
                    spurs.append((level, end, round(float(rng.uniform(1.5, 6.0)), 1)))
    return Physique(
        obesity=round(float(rng.uniform(0.0, 1.0) if hard else rng.uniform(0.0, 0.35)), 2),
        bosom=round(float(rng.uniform(0.3, 1.0)), 2) if sex == "F" else 0.0,
        osteopenia=round(float(rng.uniform(0.0, 0.3) + (0.6 * bony if hard else 0.2 * bony)), 2),
        gas=round(float(rng.uniform(0.4, 1.0) if hard else rng.uniform(0.1, 0.45)), 2),
        calcified_aorta=round(float(rng.uniform(0.2, 1.0)), 2)
        if hard and rng.random() < bony
        else 0.0,
        arms=("fists_on_clavicles", "forward", "relaxed")[
            int(rng.choice(3, p=(0.6, 0.25, 0.15) if hard else (0.85, 0.15, 0.0)))
        ],
        rim_double_mm=round(float(rng.uniform(0.0, 3.0)), 1) if hard else 0.0,
        osteophytes=tuple(spurs),
    )


def draw_look(
    rng: np.random.Generator,
    style: StyleName,
    view: View,
    physique: Physique,
    implants: Implants | None,
) -> Look:
    """The look of one film of a patient."""
    if style == "plain":
        grain = float(rng.uniform(300.0, 700.0))
        words = ("R",) if view == "frontal" else ()
        return Look(
            "plain", physique, Beam(kiloquanta=round(grain)), implants=implants,
            marks=Marks(words=words),
        )  # fmt: skip
    seam = None
    if rng.random() < 0.35:
        seam = Seam(
            share=round(float(rng.uniform(0.36, 0.62)), 3),
            grey_step=round(float(rng.choice((-1, 1)) * rng.uniform(0.015, 0.06)), 3),
            flesh_shift_mm=round(float(rng.uniform(-3.0, 3.0)), 1),
        )
    return Look("hard", physique, _beam(rng), _processing(rng), _marks(rng, view), seam, implants)


def _beam(rng: np.random.Generator) -> Beam:
    return Beam(
        kiloquanta=round(float(np.exp(rng.uniform(np.log(25.0), np.log(300.0)))), 1),
        scatter=round(float(rng.uniform(0.10, 0.45)), 3),
        blur_mm=round(float(rng.uniform(0.12, 0.5)), 2),
        gain_slope=round(float(rng.uniform(-0.25, 0.25)), 3),
    )


def _processing(rng: np.random.Generator) -> Processing:
    edge = float(rng.uniform(0.5, 2.0)) if rng.random() < 0.5 else 0.0
    return Processing(
        base=round(float(rng.uniform(0.2, 0.85)), 3),
        middle=round(float(rng.uniform(0.85, 1.3)), 3),
        fine=round(float(rng.uniform(0.9, 1.6)), 3),
        edge=round(edge, 3),
        edge_mm=round(float(rng.uniform(0.5, 2.5)), 2),
        compress=round(float(rng.uniform(0.65, 1.0)), 3),
        gamma=round(float(np.exp(rng.uniform(np.log(0.8), np.log(1.7)))), 3),
    )


def _marks(rng: np.random.Generator, view: View) -> Marks:
    words = [str(rng.choice(("R", "L")))]
    if rng.random() < 0.4:
        words.append(str(rng.choice(("ERECT", "STANDING", "PA" if view == "frontal" else "LAT"))))
    top, right, bottom, left = (round(float(value), 1) for value in rng.uniform(3.0, 26.0, 4))
    return Marks(
        margins_mm=(min(top, 16.0), right, min(bottom, 16.0), left),
        words=tuple(words),
        plumb_line=bool(rng.random() < 0.3),
        shutter_grey=round(float(rng.choice((0.0, 0.012, 0.05))), 3),
    )
