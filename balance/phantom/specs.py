"""Which phantoms a seed gives: persons, postures, films; each depends on the seed and its number.

A person's lateral and frontal films share size, count of vertebrae, implants and physique. The
posture of the lateral film is coupled (see ``postures``); frontal curves are drawn beside it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from balance.phantom.draw_curves import draw_frontal_choices
from balance.phantom.framing import Cut
from balance.phantom.frontal import FrontalChoices
from balance.phantom.lateral import LateralChoices, Slip, Wedge, lateral_phantom
from balance.phantom.look import STYLES, Implants, Look, Physique, StyleName, draw_look
from balance.phantom.look import draw_physique as drawn_physique
from balance.phantom.postures import DrawnSubject, draw_asymptomatic, draw_deformity
from balance.phantom.sheet import Phantom
from balance.phantom.sizes import levels_between
from balance.radiograph import ImageSide, View

ViewChoice = Literal["lateral", "frontal", "both"]
VIEWS: tuple[ViewChoice, ...] = ("lateral", "frontal", "both")
Posture = Literal["asymptomatic", "deformity"]

ODD_COUNTS: tuple[tuple[int, int], ...] = ((13, 5), (11, 5), (12, 6), (12, 4))
STATES = ("dicom_fiducial", "dicom_geometry", "ermf", "dicom_corrected_unknown", "detector",
          "unknown", "none")  # fmt: skip
ENCODINGS = ("explicit", "implicit", "rle", "jpeg_lossless", "jpeg_ls", "jpeg_2000")
SPACINGS = ((0.2, 0.2), (0.25, 0.25), (0.3, 0.3), (0.4, 0.4))
OBLONG = ((0.25, 0.2), (0.24, 0.3))
SLOWLY_PACKED_BELOW_MM = 0.4
"""Run-length coding of a large film takes seconds; finer films are stored otherwise."""

UPPER_ENDS = ("T4", "T10", "L1", "L2")
TRIES = 60


@dataclass(frozen=True, slots=True)
class Person:
    """Whose films these are."""

    number: int
    posture: Posture
    age_years: int
    sex: str
    acquired: str
    choices: LateralChoices
    physique: Physique
    fusion: tuple[str, str] | None = None
    implants: Implants | None = None


@dataclass(frozen=True, slots=True)
class PhantomSpec:
    """One film: the spine, the person, how it looks, lies and is stored.

    ``tilt_deg`` is how far the plumb line leans to the right of the image columns.
    """

    name: str
    case: str
    view: View
    seed: int
    person: Person
    choices: LateralChoices | FrontalChoices
    look: Look
    side: ImageSide
    spacing: tuple[float, float]
    encoding: str
    state: str
    modality: str = "DX"
    bits: int = 12
    inverted: bool = False
    tilt_deg: float = 0.0
    cut: Cut | None = None


def draw_specs(
    count: int, *, seed: int, style: StyleName = "plain", view: ViewChoice = "lateral"
) -> tuple[PhantomSpec, ...]:
    """The films of ``count`` persons; a larger count begins with the same films.

    Parameters
    ----------
    count
        Persons; ``both`` gives two films of each.
    seed
        Not negative.
    style
        ``plain`` films show everything; ``hard`` ones are what an archive holds.
    view
        ``lateral``, ``frontal`` or ``both``.

    Returns
    -------
    tuple of PhantomSpec
        In the order of the numbers, lateral before frontal.

    Raises
    ------
    ValueError
        For a negative count or seed, or an unknown style or view.

    Examples
    --------
    >>> [spec.name for spec in draw_specs(2, seed=1, view="both")][:3]
    ['phantom_0001_lateral', 'phantom_0001_frontal', 'phantom_0002_lateral']
    """
    if count < 0 or seed < 0:
        raise ValueError("count and seed must not be negative")
    if style not in STYLES or view not in VIEWS:
        raise ValueError(f"style is one of {', '.join(STYLES)}; view one of {', '.join(VIEWS)}")
    views: tuple[View, ...] = ("lateral", "frontal") if view == "both" else (view,)
    return tuple(
        _film(person, one, seed, style)
        for person in (draw_person(number, seed, style) for number in range(1, count + 1))
        for one in views
    )


def draw_person(number: int, seed: int, style: StyleName) -> Person:
    """Person ``number`` of a seed."""
    rng = np.random.default_rng([seed, number, STYLES.index(style)])
    hard = style == "hard"
    posture: Posture = "deformity" if rng.random() < (0.5 if hard else 0.25) else "asymptomatic"
    subject = _standing(rng, posture)
    choices = subject.choices
    if rng.random() < (0.25 if hard else 0.09):
        thoracic, lumbar = ODD_COUNTS[int(rng.integers(len(ODD_COUNTS)))]
        counted = replace(choices, thoracic=thoracic, lumbar=lumbar)
        choices = counted if stands(counted) else choices
    if hard:
        choices = _marred(choices, rng, (subject.age_years - 40) / 50.0)
    levels = levels_between(choices.thoracic, choices.lumbar)
    physique = drawn_physique(rng, style, subject.age_years, subject.sex, levels)
    fusion, implants = None, None
    if hard and posture == "deformity" and rng.random() < 0.45:
        fusion, implants = _operated(rng, levels)
    day = datetime.date(2001, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 3000)))
    return Person(number, posture, subject.age_years, subject.sex, day.isoformat(), choices,
                  physique, fusion, implants)  # fmt: skip


def _standing(rng: np.random.Generator, posture: Posture) -> DrawnSubject:
    """The first subject drawn whose spine can be built and stands."""
    draw = draw_deformity if posture == "deformity" else draw_asymptomatic
    for _ in range(TRIES):
        try:
            subject = draw(rng)
        except ValueError:
            continue
        if stands(subject.choices):
            return subject
    raise RuntimeError(f"{TRIES} draws gave no {posture} spine that stands")


def stands(choices: LateralChoices) -> bool:
    """Whether a lateral spine can be built and is plausible."""
    try:
        return plausible(lateral_phantom(choices))
    except ValueError:
        return False


def plausible(phantom: Phantom) -> bool:
    """Whether a spine is one that a person could stand with.

    No endplate is tilted by 100 degrees, and no body reaches into the one below it.
    """
    for upper, lower in zip(phantom.levels, (*phantom.levels[1:], None), strict=True):
        corners = phantom.corners(upper)
        for low, high in (corners[:2], corners[2:]):
            if abs(np.degrees(np.angle(high - low))) >= 100.0:
                return False
        if lower is None:
            continue
        low, high, _, _ = phantom.corners(lower)
        along = (high - low) / abs(high - low)
        if any(((foot - low) / (1j * along)).real < 0.2 for foot in corners[2:]):
            return False
    return True


def _marred(choices: LateralChoices, rng: np.random.Generator, bony: float) -> LateralChoices:
    """A wedge fracture or a slip where age has left its mark and the spine still stands."""
    levels = levels_between(choices.thoracic, choices.lumbar)
    wedges, slips = [], []
    if rng.random() < 0.15 + 0.4 * bony:
        candidates = levels[levels.index("T6") : levels.index("L4")]
        level = str(rng.choice(candidates))
        wedges.append(Wedge(level, round(float(rng.uniform(7.0, 20.0)), 1)))
    if rng.random() < 0.10 + 0.25 * bony:
        level = levels[-1] if rng.random() < 0.4 else levels[-2]
        slips.append(Slip(level, round(float(rng.uniform(2.5, 10.0)), 1)))
    marred = replace(choices, wedges=tuple(wedges), slips=tuple(slips))
    return marred if stands(marred) else choices


def _operated(
    rng: np.random.Generator, levels: tuple[str, ...]
) -> tuple[tuple[str, str], Implants]:
    upper = str(rng.choice(UPPER_ENDS))
    to_sacrum = bool(rng.random() < 0.65)
    screws = levels[levels.index(upper) :] + (("S1",) if to_sacrum else ())
    cages = tuple(level for level in levels[-2:] if rng.random() < 0.5)
    if not to_sacrum:
        cages = tuple(level for level in cages if level != levels[-1])
    iliac = to_sacrum and upper[0] == "T" and bool(rng.random() < 0.6)
    return (upper, screws[-1]), Implants(screws, cages, iliac)


def _film(person: Person, view: View, seed: int, style: StyleName) -> PhantomSpec:
    rng = np.random.default_rng([seed, person.number, STYLES.index(style), 1 + (view == "frontal")])
    look = draw_look(rng, style, view, person.physique, person.implants)
    hard = style == "hard"
    choices: LateralChoices | FrontalChoices = person.choices
    cut: Cut | None = None
    if view == "frontal":
        choices = draw_frontal_choices(rng, person.choices, hard=hard, posture=person.posture)
    elif hard:
        cut = (None, "neck", "hip")[int(rng.choice(3, p=(0.76, 0.14, 0.10)))]
        if cut == "hip":
            choices = _hips_apart(person.choices, rng)
    tilt = 0.0
    if hard and rng.random() < 0.3:
        tilt = round(float(rng.choice((-1.0, 1.0)) * rng.uniform(0.8, 4.0)), 2)
        look = replace(look, marks=replace(look.marks, plumb_line=True))
    spacing = SPACINGS[int(rng.integers(len(SPACINGS)))]
    if hard and rng.random() < 0.2:
        spacing = OBLONG[int(rng.integers(len(OBLONG)))]
    encoding = str(rng.choice(ENCODINGS))
    if encoding == "rle" and min(spacing) < SLOWLY_PACKED_BELOW_MM:
        encoding = "jpeg_ls"
    return PhantomSpec(
        name=f"phantom_{person.number:04d}_{view}",
        case=f"{style}_{seed}_{person.number:04d}",
        view=view,
        seed=int(rng.integers(2**31)),
        person=person,
        choices=choices,
        look=look,
        side="left" if rng.random() < 0.5 else "right",
        spacing=spacing,
        encoding=encoding,
        state=str(rng.choice(STATES)),
        modality="DX" if rng.random() < 0.6 else "CR",
        bits=int(rng.choice((10, 12, 14))),
        inverted=bool(rng.random() < 0.3),
        tilt_deg=tilt,
        cut=cut,
    )


def _hips_apart(choices: LateralChoices, rng: np.random.Generator) -> LateralChoices:
    """Heads so far apart that a film's lower border can leave one of them out."""
    up = float(rng.choice((-1.0, 1.0)) * rng.uniform(15.0, 20.0))
    return replace(choices, head_apart=(choices.head_apart[0], round(up, 1)))
