"""Who stands on a film: plate angles in three dimensions, stacked from the sacrum to the dens.

World axes, mm, origin between the hips: x anterior, y up, z to the patient's right. A plate's
``pitch`` is + when its anterior end is lower, its ``roll`` + when its right end is lower, its
``turn`` + when its front looks to the patient's right. Nothing is taken from `balance.phantom`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

# level: depth of the superior and inferior plate, posterior height, width (Panjabi 1991, 1992)
DIMENSIONS: dict[str, tuple[float, float, float, float]] = {
    "C2": (14.0, 15.4, 18.0, 16.0), "C3": (15.0, 15.6, 11.6, 16.5),
    "C4": (15.3, 15.9, 11.4, 17.0), "C5": (15.2, 15.8, 11.4, 17.5),
    "C6": (16.4, 16.6, 11.0, 18.6), "C7": (18.1, 16.8, 12.8, 21.8),
    "T1": (18.5, 19.7, 14.1, 24.5), "T2": (19.6, 21.6, 15.6, 24.9),
    "T3": (22.7, 23.3, 15.7, 24.6), "T4": (23.3, 24.5, 16.2, 24.5),
    "T5": (24.3, 25.8, 16.2, 24.9), "T6": (26.0, 26.9, 17.4, 26.2),
    "T7": (27.4, 28.5, 18.2, 27.8), "T8": (27.9, 29.4, 18.7, 29.5),
    "T9": (29.3, 31.0, 19.3, 30.6), "T10": (30.5, 31.6, 20.2, 31.9),
    "T11": (31.9, 31.8, 21.3, 34.9), "T12": (32.8, 33.4, 22.7, 39.0),
    "L1": (34.1, 35.3, 23.8, 41.2), "L2": (34.6, 34.9, 24.3, 42.6),
    "L3": (35.2, 34.8, 23.8, 44.1), "L4": (35.5, 33.9, 24.1, 46.6),
    "L5": (34.7, 33.2, 22.9, 47.3),
}  # fmt: skip
UPWARDS = tuple(reversed(DIMENSIONS))
# The disc below each level, mean of front and back: CT and MRI series of adults.
DISC = {
    "C2": 3.6, "C3": 3.6, "C4": 3.6, "C5": 3.6, "C6": 3.7, "C7": 3.8, "T1": 3.6, "T2": 3.4,
    "T3": 3.2, "T4": 3.2, "T5": 3.4, "T6": 3.7, "T7": 4.0, "T8": 4.3, "T9": 4.6, "T10": 5.0,
    "T11": 6.2, "T12": 7.8, "L1": 9.2, "L2": 10.4, "L3": 11.0, "L4": 11.0, "L5": 9.6,
}  # fmt: skip
BODY_SHARE = {"C": 0.15, "T": 0.7, "L": 0.3}
"""How much of a segment's bend lies in the body; the disc below has the rest."""


def xyz(x: float, y: float, z: float) -> Array:
    """A place or a step in the world."""
    return np.array([x, y, z])


@dataclass(frozen=True)
class Bone:
    """One vertebral body: centre, axes (columns anterior, up, right), size and plate slopes.

    The plates' slopes are relative to the axes: (pitch, roll) of the superior, of the inferior.
    """

    level: str
    centre: Array
    axes: Array
    depth: tuple[float, float]
    width: float
    height: float
    superior: tuple[float, float]
    inferior: tuple[float, float]

    def rim(self, plate: str, count: int = 180) -> Array:
        """Points of an endplate's rim in the world, (count, 3)."""
        angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
        c, s = np.cos(angle), np.sin(angle)
        # |u/a|^3 + |t/b|^3 = 1, as the solid has it
        a = self.depth[0 if plate == "superior" else 1] / 2.0
        u, t = (np.sign(v) * np.abs(v) ** (2.0 / 3.0) for v in (c, s))
        u, t = a * u, self.width / 2.0 * t
        pitch, roll = self.superior if plate == "superior" else self.inferior
        sign = 1.0 if plate == "superior" else -1.0
        v = sign * self.height / 2.0 - np.tan(pitch) * u - np.tan(roll) * t
        return self.centre + np.stack([u, v, t], axis=1) @ self.axes.T


@dataclass(frozen=True)
class Person:
    """A standing skeleton: bodies from L5 up to C2, the sacrum, the hips, and the flesh."""

    bodies: tuple[Bone, ...]
    sacrum: tuple[Bone, ...]
    hips: Array
    head_radius: float
    size: float
    girth: float
    turn: float
    age: int
    sex: str
    deformity: bool
    cobb: float
    fused: tuple[str, str] | None


def rotation(pitch: float, roll: float, turn: float) -> Array:
    """Axes (columns anterior, up, right) of a plate with these angles, radians."""
    cp, sp, cr, sr, ct, st = (
        f(a) for a in (pitch, roll, turn) for f in (np.cos, np.sin)
    )  # fmt: skip
    about_z = np.array([[cp, sp, 0.0], [-sp, cp, 0.0], [0.0, 0.0, 1.0]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
    about_y = np.array([[ct, 0.0, -st], [0.0, 1.0, 0.0], [st, 0.0, ct]])
    return about_x @ about_z @ about_y


def draw_person(rng: np.random.Generator, scoliotic: float) -> Person:
    """A person whose plumb line a standing adult could have; ``scoliotic`` is how likely."""
    while True:
        person = _try(rng, scoliotic)
        c7 = next(bone for bone in person.bodies if bone.level == "C7")
        behind = person.sacrum[0].rim("superior")[:, 0].min()
        lean = c7.centre[0] - behind
        limit = (-40.0, 170.0) if person.deformity else (-60.0, 60.0)
        sideways = abs(c7.centre[2] - person.sacrum[0].centre[2])
        if limit[0] <= lean <= limit[1] and sideways < 55.0:
            return person


def _try(rng: np.random.Generator, scoliotic: float) -> Person:
    deformity = bool(rng.random() < 0.4)
    age = int(rng.integers(45, 88) if deformity else rng.integers(19, 72))
    sex = "F" if rng.random() < 0.62 else "M"
    size = (0.95 if sex == "F" else 1.05) * float(np.clip(rng.normal(1.0, 0.045), 0.88, 1.12))
    incidence = float(np.clip(rng.normal(52.0, 11.0), 28.0, 88.0))
    missing = rng.gamma(4.0, 6.0) if deformity else max(rng.normal(-7.0, 8.0), -25.0)
    tilt = 13.0 + 0.35 * (incidence - 52.0) + (0.3 if deformity else 0.1) * missing
    tilt = float(np.clip(tilt + rng.normal(0.0, 4.5), -4.0, 45.0))
    slope, lordosis = incidence - tilt, incidence - missing
    kyphosis = float(np.clip(rng.normal(40.0, 11.0) + 0.25 * (lordosis - 55.0), 5.0, 80.0))
    bends, cobb = _coronal(rng, scoliotic)
    pitch = _sagittal(rng, slope, lordosis, kyphosis)
    hip_axis = 108.0 * size + rng.normal(0.0, 6.0)
    t = np.radians(tilt)
    start = np.array([-hip_axis * np.sin(t), hip_axis * np.cos(t), rng.normal(0.0, 3.0)])
    sacral_roll = np.radians(rng.normal(0.0, 2.0))
    bodies = _stack(rng, start, np.radians(slope), sacral_roll, pitch, bends, size)
    half = 86.0 * size
    obliquity = np.radians(rng.normal(0.0, 1.5))
    hips = np.array([[s * rng.normal(0.0, 2.5), -s * half * np.sin(obliquity), s * half]
                     for s in (1.0, -1.0)])  # fmt: skip
    hips -= [*hips.mean(axis=0)[:2], 0.0]
    fused = None
    if deformity and rng.random() < 0.3:
        fused = (str(rng.choice(["T4", "T10", "L2", "L3"])), "L5")
    return Person(
        bodies,
        _sacrum(start, np.radians(slope), sacral_roll, size, rng),
        hips,
        head_radius=23.5 * size + float(rng.normal(0.0, 0.8)),
        size=size,
        girth=float(np.clip(rng.normal(1.0, 0.14), 0.75, 1.4)),
        turn=float(np.radians(rng.normal(0.0, 3.0))),
        age=age,
        sex=sex,
        deformity=deformity,
        cobb=cobb,
        fused=fused,
    )


def _sagittal(rng: np.random.Generator, slope: float, lordosis: float, kyphosis: float) -> Array:
    """Pitch of the superior plate of each level upwards, degrees, without the bodies' jitter."""
    share = float(np.clip(rng.normal(0.62, 0.1), 0.3, 0.9))
    upper = rng.normal(10.0, 4.0)
    at = {
        "L4": slope - share * lordosis,
        "L1": slope - lordosis,
        "T4": slope - lordosis + kyphosis + rng.normal(1.0, 2.0),
        "T1": slope - lordosis + kyphosis + upper,
    }
    at["C2"] = at["T1"] - (at["T1"] - 17.0 + rng.normal(0.0, 6.0))
    places = [0.0, *(1.0 + UPWARDS.index(level) for level in at)]
    values = [slope, *at.values()]
    # Where the thoracic bend sits differs between people: a power of the way through the chest.
    skew = float(np.exp(rng.normal(0.0, 0.25)))
    steps = np.arange(1.0, len(UPWARDS) + 1.0)
    low, high = places[2], places[3]
    inside = (steps > low) & (steps < high)
    steps[inside] = low + (high - low) * ((steps[inside] - low) / (high - low)) ** skew
    return np.interp(steps, places, values) + rng.normal(0.0, 0.7, len(UPWARDS))


def _coronal(rng: np.random.Generator, scoliotic: float) -> tuple[Array, float]:
    """Roll of the superior plate of each level upwards, degrees, and the largest angle meant."""
    curved = rng.random() < scoliotic
    largest = float(rng.uniform(12.0, 65.0) if curved else rng.uniform(2.0, 9.0))
    ends = ("L4", "T11", "T5", "T1") if rng.random() < 0.5 else ("L5", "L1", "T8", "T2")
    side = rng.choice([-1.0, 1.0])
    # From the sacrum up; what turns back is never more than what it turns back from.
    if rng.random() < 0.6:
        shares = (rng.uniform(0.3, 0.85), 1.0, rng.uniform(0.3, 0.75))
    else:
        shares = (1.0, rng.uniform(0.5, 0.9), rng.uniform(0.15, 0.4))
    rolls = [0.0]
    for step, share in enumerate(shares):
        rolls.append(rolls[-1] + side * (-1.0) ** step * largest * share)
    rolls = list(np.array(rolls) - np.mean(rolls))
    places = [0.0, *(1.0 + UPWARDS.index(level) for level in ends), float(len(UPWARDS))]
    at = np.interp(np.arange(1.0, len(UPWARDS) + 1.0), places, [0.0, *rolls, 0.0])
    smooth = np.convolve(np.pad(at, 2, mode="edge"), [0.1, 0.2, 0.4, 0.2, 0.1], mode="valid")
    return smooth + rng.normal(0.0, 0.5, len(at)), largest


def _stack(
    rng: np.random.Generator,
    start: Array,
    slope: float,
    sacral_roll: float,
    pitch: Array,
    roll: Array,
    size: float,
) -> tuple[Bone, ...]:
    """Bodies upwards from the middle of the sacral plate."""
    pitches, rolls = np.radians(pitch), np.radians(roll)
    rolls = rolls - _drift(rolls)
    turns = -1.5 * np.gradient(np.convolve(np.pad(rolls, 1, mode="edge"), [0.25, 0.5, 0.25],
                                           mode="valid"))  # fmt: skip
    fractured = set(rng.choice(UPWARDS[2:10], 2).tolist()) if rng.random() < 0.15 else set()
    worn = float(np.exp(rng.normal(0.0, 0.08)))
    below = (slope, sacral_roll)
    place, bones = start, []
    for n, level in enumerate(UPWARDS):
        share = BODY_SHARE[level[0]]
        above = (float(pitches[n]), float(rolls[n]))
        low = tuple(b + (1.0 - share) * (a - b) for a, b in zip(above, below, strict=True))
        if level in fractured:
            low = (low[0] - np.radians(rng.uniform(5.0, 12.0)), low[1])
        disc = DISC[level] * size * worn * float(np.exp(rng.normal(0.0, 0.12)))
        middle = rotation(*((x + y) / 2.0 for x, y in zip(low, below, strict=True)), turns[n])
        place = place + disc * middle[:, 1]
        depth_s, depth_i, height, width = (
            value * size * float(np.exp(rng.normal(0.0, 0.025))) for value in DIMENSIONS[level]
        )
        mean = tuple((x + y) / 2.0 for x, y in zip(low, above, strict=True))
        axes = rotation(*mean, turns[n])
        height *= 1.0 - 0.04 * (level in fractured)
        bones.append(Bone(
            level, place + height / 2.0 * axes[:, 1], axes, (depth_s, depth_i), width, height,
            (above[0] - mean[0], above[1] - mean[1]), (low[0] - mean[0], low[1] - mean[1]),
        ))  # fmt: skip
        place, below = place + height * axes[:, 1], above
    return tuple(bones)


def _drift(rolls: Array) -> float:
    """What the rolls lean on average: taken off, the head stands over the sacrum."""
    return float(0.85 * rolls.mean())


def _sacrum(
    start: Array, slope: float, roll: float, size: float, rng: np.random.Generator
) -> tuple[Bone, ...]:
    """S1 to S4 downwards, bent backwards then forwards as a sacrum is."""
    pieces, place, pitch = [], start, slope
    step = np.radians(rng.uniform(8.0, 16.0))
    for number, (depth, width, height) in enumerate(
        ((34.5, 50.0, 29.0), (24.0, 40.0, 25.0), (17.0, 34.0, 21.0), (13.0, 28.0, 18.0)), 1
    ):
        axes = rotation(pitch - step / 2.0, roll, 0.0)
        tall = height * size
        pieces.append(Bone(
            f"S{number}", place - tall / 2.0 * axes[:, 1], axes,
            (depth * size, depth * size * 0.74), width * size, tall,
            (step / 2.0, 0.0), (-step / 2.0, 0.0),
        ))  # fmt: skip
        place, pitch = place - tall * axes[:, 1], pitch - step
    return tuple(pieces)
