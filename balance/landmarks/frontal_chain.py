"""The frontal spine as a chain of endplates: from a state vector to the corners, and its slope.

Each endplate's middle follows the one above it along the spine's own direction, so that curves of
90 degrees and more need no special case. Coordinates are the film's plane: x to the patient's
right, y up, millimetres or pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from balance.anatomy import plate_names
from balance.landmarks.frontal_tables import FRONTAL_SIZE
from balance.radiograph import FloatArray

ORIGIN_X, ORIGIN_Y, SIZE, SHARE, FIRST_TILT = range(5)
"""Where the single quantities lie in the state: place of the first endplate, logarithm of the
size, and how much of the spine's direction the endplates take up."""


@dataclass(frozen=True)
class Chain:
    """The endplates of a spine from the head down, with their nominal sizes in millimetres.

    ``gaps`` are the lengths from each endplate to the next (a body, a disc, a body ...).
    """

    levels: tuple[str, ...]
    widths: FloatArray = field(repr=False)
    gaps: FloatArray = field(repr=False)
    is_disc: NDArray[np.bool_] = field(repr=False)

    @staticmethod
    def of(levels: Sequence[str]) -> Chain:
        """The chain of these levels, in order; S1 has its upper endplate only."""
        widths: list[float] = []
        gaps: list[float] = []
        for level in levels:
            size = FRONTAL_SIZE[level]
            widths.append(size.width)
            if level != "S1":
                widths.append(size.width)
                gaps += [size.height, size.disc]
        return Chain(
            tuple(levels),
            np.array(widths),
            np.array(gaps[: len(widths) - 1]),
            np.arange(len(widths) - 1) % 2 == 1,
        )

    @cached_property
    def plates(self) -> int:
        """How many endplates the chain has."""
        return len(self.widths)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The corner names, left then right of each endplate."""
        found: list[str] = []
        for level in self.levels:
            found += plate_names(level, "superior", "frontal")
            if level != "S1":
                found += plate_names(level, "inferior", "frontal")
        return tuple(found)

    @cached_property
    def along(self) -> FloatArray:
        """Nominal place of each endplate along the spine, from the uppermost down."""
        return np.concatenate(([0.0], np.cumsum(self.gaps)))

    # Where each kind of quantity lies in the state vector.
    @cached_property
    def tilts(self) -> slice:
        """Direction of the spine at each endplate, radians, + when the right side is lower."""
        return slice(FIRST_TILT, FIRST_TILT + self.plates)

    @cached_property
    def wedges(self) -> slice:
        """Tilt of each endplate against the spine, radians."""
        return slice(self.tilts.stop, self.tilts.stop + self.plates)

    @cached_property
    def girths(self) -> slice:
        """Width of each endplate, as a fraction more than nominal."""
        return slice(self.wedges.stop, self.wedges.stop + self.plates)

    @cached_property
    def lengths(self) -> slice:
        """Each gap, as a fraction more than nominal."""
        return slice(self.girths.stop, self.girths.stop + self.plates - 1)

    @cached_property
    def steps(self) -> slice:
        """Sideways step across each gap, nominal millimetres."""
        return slice(self.lengths.stop, self.lengths.stop + self.plates - 1)

    @cached_property
    def size(self) -> int:
        """Length of the state vector."""
        return int(self.steps.stop)


@dataclass(frozen=True)
class _Shape:
    """The parts of a state that both the corners and their Jacobian are made of."""

    size: float
    down: FloatArray
    side: FloatArray
    length: FloatArray
    step: FloatArray
    half: FloatArray
    across: FloatArray
    turn: FloatArray

    @staticmethod
    def of(chain: Chain, state: FloatArray) -> _Shape:
        size, tilt = float(np.exp(state[SIZE])), state[chain.tilts]
        turn = state[SHARE] * tilt + state[chain.wedges]
        # Each step down the chain takes the mean direction of its two endplates.
        middle = (tilt[:-1] + tilt[1:]) / 2
        sine, cosine = np.sin(middle), np.cos(middle)
        down, side = np.stack((-sine, -cosine), -1), np.stack((cosine, -sine), -1)
        length = chain.gaps * (1.0 + state[chain.lengths])
        return _Shape(
            size=size,
            down=down,
            side=side,
            length=length,
            step=size * (length[:, None] * down + state[chain.steps][:, None] * side),
            half=size * chain.widths * (1.0 + state[chain.girths]) / 2,
            across=np.stack((np.cos(turn), -np.sin(turn)), -1),
            turn=turn,
        )

    def corners(self, origin: FloatArray) -> FloatArray:
        middles = np.concatenate((np.zeros((1, 2)), np.cumsum(self.step, axis=0))) + origin
        reach = self.half[:, None] * self.across
        return np.stack((middles - reach, middles + reach), 1).reshape(-1, 2)


def corners_of(chain: Chain, state: FloatArray) -> FloatArray:
    """The corners (2 x plates, 2) of a state; its origin is the middle of the first endplate."""
    return _Shape.of(chain, state).corners(state[[ORIGIN_X, ORIGIN_Y]])


def corners(chain: Chain, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The corners (2 x plates, 2) of a state and their Jacobian (4 x plates, state)."""
    n, shape = chain.plates, _Shape.of(chain, state)
    gap, plate = np.arange(n - 1), np.arange(n)
    of_step = np.zeros((n - 1, 2, chain.size))
    of_step[gap, :, SIZE] = shape.step
    # A change of the direction turns down into -side and side into down.
    turned = shape.size / 2 * (
        state[chain.steps][:, None] * shape.down - shape.length[:, None] * shape.side
    )  # fmt: skip
    of_step[gap, :, chain.tilts.start + gap] = turned
    of_step[gap, :, chain.tilts.start + gap + 1] = turned
    of_step[gap, :, chain.lengths.start + gap] = shape.size * chain.gaps[:, None] * shape.down
    of_step[gap, :, chain.steps.start + gap] = shape.size * shape.side
    of_middle = np.zeros((n, 2, chain.size))
    np.cumsum(of_step, axis=0, out=of_middle[1:])
    of_middle[:, 0, ORIGIN_X] = of_middle[:, 1, ORIGIN_Y] = 1.0
    of_half = np.zeros((n, 2, chain.size))
    of_half[plate, :, SIZE] = shape.half[:, None] * shape.across
    of_half[plate, :, chain.girths.start + plate] = (shape.size * chain.widths / 2)[
        :, None
    ] * shape.across
    turned = shape.half[:, None] * np.stack((-np.sin(shape.turn), -np.cos(shape.turn)), -1)
    of_half[plate, :, chain.tilts.start + plate] = state[SHARE] * turned
    of_half[plate, :, SHARE] = state[chain.tilts][:, None] * turned
    of_half[plate, :, chain.wedges.start + plate] = turned
    jacobian = np.stack((of_middle - of_half, of_middle + of_half), 1)
    return shape.corners(state[[ORIGIN_X, ORIGIN_Y]]), jacobian.reshape(4 * n, chain.size)
