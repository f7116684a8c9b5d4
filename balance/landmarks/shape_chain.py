"""A lateral spine as a chain: sizes and tilts in, corners and their derivatives out.

The state of a spine is what anatomy speaks of: where S1 lies, how large the person is, the tilt of
every endplate, its depth, the height of every body and disc, how far each plate is set forward on
the one below, and the pelvis. A Gaussian over that state keeps plates as long as plates are when a
trunk leans, which one over coordinates does not. Complex numbers stand for points of the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import CERVICAL, LUMBAR, SACRUM, THORACIC, body_names, plate_names
from balance.radiograph import FloatArray

HEADS = ("femoral_head_1", "femoral_head_2")
DENS = "C2_dens"


@dataclass(frozen=True)
class Chain:
    """The points of a spine with so many vertebrae and where each part of its state stands.

    ``levels`` run from the head down; plates and steps run upwards from S1: step ``2 k`` is a disc,
    step ``2 k + 1`` the body above it.
    """

    levels: tuple[str, ...]
    points: tuple[str, ...]
    index: dict[str, int]
    place: slice
    size: int
    tilts: slice
    pelvic_tilt: int
    depths: slice
    heights: slice
    shifts: slice
    radius: int
    apart: slice
    dens: slice
    wedges: slice
    length: int

    @property
    def plates(self) -> int:
        """Number of endplates, S1 included."""
        return 2 * len(self.levels) + 1

    @property
    def last_thoracic(self) -> str:
        """The lowest thoracic vertebra."""
        return next(level for level in reversed(self.levels) if level[0] == "T")

    @property
    def posture(self) -> slice:
        """Tilts and pelvic tilt, which lie side by side."""
        return slice(self.tilts.start, self.pelvic_tilt + 1)

    def plate_of(self, level: str, endplate: str) -> int:
        """Place of an endplate in the chain."""
        if level == SACRUM:
            return 0
        up = len(self.levels) - 1 - self.levels.index(level)
        return 2 * up + (2 if endplate == "superior" else 1)


@cache
def chain_of(thoracic: int, lumbar: int) -> Chain:
    """The chain of a spine with so many thoracic and lumbar vertebrae.

    Examples
    --------
    >>> chain = chain_of(12, 5)
    >>> len(chain.points), chain.points[:2]
    (97, ('S1_superior_posterior', 'S1_superior_anterior'))
    >>> chain.plate_of("L5", "inferior"), chain.plate_of("C2", "superior")
    (1, 46)
    """
    levels = (*CERVICAL, *THORACIC[:thoracic], *LUMBAR[:lumbar])
    names = list(plate_names(SACRUM, "superior", "lateral"))
    for level in reversed(levels):
        body = body_names(level, "lateral")
        names += [*body[2:], *body[:2]]
    names += [*HEADS, DENS]
    plates = 2 * len(levels) + 1
    ends = np.cumsum([2, 1, plates, 1, plates, plates - 1, plates - 1, 1, 2, 2, plates - 1])
    cut = [int(end) for end in ends]
    return Chain(
        levels=levels,
        points=tuple(names),
        index={name: n for n, name in enumerate(names)},
        place=slice(0, 2),
        size=cut[0],
        tilts=slice(cut[1], cut[2]),
        pelvic_tilt=cut[2],
        depths=slice(cut[3], cut[4]),
        heights=slice(cut[4], cut[5]),
        shifts=slice(cut[5], cut[6]),
        radius=cut[6],
        apart=slice(cut[7], cut[8]),
        dens=slice(cut[8], cut[9]),
        wedges=slice(cut[9], cut[10]),
        length=cut[10],
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What both the points and their derivatives are built from."""

    size: float
    half: NDArray[np.complex128]
    along: NDArray[np.complex128]
    depth: FloatArray
    height: FloatArray
    bend: FloatArray
    steps: NDArray[np.complex128]


def _parts(chain: Chain, state: FloatArray) -> _Parts:
    size = float(np.exp(state[chain.size]))
    tilt = state[chain.tilts].copy()
    tilt[1:] += np.cumsum(state[chain.wedges])
    depth = size * np.exp(state[chain.depths])
    height = size * np.exp(state[chain.heights])
    bend = np.diff(tilt) / 2.0
    along = np.exp(-1j * (tilt[1:] + tilt[:-1]) / 2.0)
    forward = size * state[chain.shifts] + np.diff(depth) / 2.0 * np.cos(bend)
    upward = height.copy()
    # Published heights of bodies are posterior ones: a wedge shortens the front.
    upward[1::2] -= ((depth[1:] + depth[:-1]) / 2.0 * np.sin(bend))[1::2]
    half = depth / 2.0 * np.exp(-1j * tilt)
    steps = (forward + 1j * upward) * along
    return _Parts(size, half, along, depth, height, bend, steps)


def place_chain(chain: Chain, state: FloatArray) -> FloatArray:
    """Points (n, 2) of a state, in the order of ``chain.points``."""
    part = _parts(chain, state)
    x, y = state[chain.place]
    middle = complex(x, y) + np.concatenate([[0.0], np.cumsum(part.steps)])
    corners = np.stack([middle - part.half, middle + part.half], axis=1).ravel()
    hip = middle[0] - part.size * np.exp(state[chain.radius]) * 1j * np.exp(
        1j * state[chain.pelvic_tilt]
    )
    apart = part.size * complex(*state[chain.apart]) / 2.0
    top = part.half[-1] / (part.depth[-1] / 2.0)
    dens = middle[-1] + part.size * complex(*state[chain.dens]) * top
    points = np.concatenate([corners, [hip - apart, hip + apart, dens]])
    return np.stack([points.real, points.imag], axis=1)


def chain_slopes(chain: Chain, state: FloatArray) -> FloatArray:
    """Derivatives (2n, length) of the points' x and y in turn."""
    part = _parts(chain, state)
    plates = chain.plates
    step = np.arange(plates - 1)
    body = step % 2 == 1
    cos, sin = np.cos(part.bend), np.sin(part.bend)
    moved = np.zeros((plates - 1, chain.length), complex)
    tilt, depth = chain.tilts.start, chain.depths.start
    turned = -0.5j * part.steps
    opened = -np.diff(part.depth) / 4.0 * sin * part.along
    opened = (
        opened
        - 1j * np.where(body, (part.depth[1:] + part.depth[:-1]) / 4.0 * cos, 0.0) * part.along
    )
    moved[step, tilt + step] = turned - opened
    moved[step, tilt + step + 1] = turned + opened
    shortened = np.where(body, sin, 0.0)
    moved[step, depth + step] = -part.depth[:-1] / 2.0 * (cos + 1j * shortened) * part.along
    moved[step, depth + step + 1] = part.depth[1:] / 2.0 * (cos - 1j * shortened) * part.along
    moved[step, chain.heights.start + step] = 1j * part.height * part.along
    moved[step, chain.shifts.start + step] = part.size * part.along
    moved[step, chain.size] = part.steps
    middle = np.zeros((plates, chain.length), complex)
    np.cumsum(moved, axis=0, out=middle[1:])
    middle[:, 0], middle[:, 1] = 1.0, 1.0j
    halves = np.zeros((plates, chain.length), complex)
    plate = np.arange(plates)
    halves[plate, tilt + plate] = -1j * part.half
    halves[plate, depth + plate] = part.half
    halves[plate, chain.size] = part.half
    corners = np.stack([middle - halves, middle + halves], axis=1).reshape(2 * plates, -1)
    points = np.concatenate([corners, _pelvis_and_dens(chain, state, part, middle)])
    # A wedge tilts every plate above it.
    above = points[:, chain.tilts][:, ::-1].cumsum(axis=1)[:, ::-1]
    points[:, chain.wedges] = above[:, 1:]
    return np.stack([points.real, points.imag], axis=1).reshape(2 * len(points), -1)


def _pelvis_and_dens(
    chain: Chain, state: FloatArray, part: _Parts, middle: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    leg = -part.size * np.exp(state[chain.radius]) * 1j * np.exp(1j * state[chain.pelvic_tilt])
    apart = part.size * complex(*state[chain.apart]) / 2.0
    rows = np.zeros((3, chain.length), complex)
    rows[:2] = middle[0]
    rows[:2, chain.radius] = leg
    rows[:2, chain.pelvic_tilt] = 1j * leg
    rows[:2, chain.size] = leg + np.array([-apart, apart])
    rows[:2, chain.apart] = np.outer([-0.5, 0.5], [part.size, 1j * part.size])
    top = part.half[-1] / (part.depth[-1] / 2.0)
    tip = part.size * complex(*state[chain.dens]) * top
    rows[2] = middle[-1]
    rows[2, chain.tilts.stop - 1] += -1j * tip
    rows[2, chain.size] += tip
    rows[2, chain.dens] = part.size * top * np.array([1.0, 1.0j])
    return rows
