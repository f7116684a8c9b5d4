"""Soft tissue, lungs and gas as attenuation, on a coarse grid of the film."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.other_renderer.beam import Beam
from benchmarks.other_renderer.posture import Array, Person

FLESH, AIR = 0.0195, 0.0140
"""Attenuation per mm of soft tissue, and what lung takes off."""
COARSE_MM = 2.0
ROUND = 2.4


def flesh(beam: Beam, person: Person, rng: np.random.Generator) -> Array:
    """Attenuation of everything that is no bone, on the film's pixels."""
    rows = max(int(beam.shape[0] * beam.pixel / COARSE_MM), 8)
    columns = max(int(beam.shape[1] * beam.pixel / COARSE_MM), 8)
    y = beam.top - (np.arange(rows) + 0.5)[:, None] * (beam.shape[0] * beam.pixel / rows)
    h = beam.left + (np.arange(columns) + 0.5)[None, :] * (beam.shape[1] * beam.pixel / columns)
    trunk = _Trunk(person, y[:, 0])
    thick = FLESH * trunk.through(beam.view, h)
    thick -= AIR * _lungs(beam.view, trunk, person, h, y, rng)
    thick += _heart(beam.view, trunk, person, h, y)
    thick = np.maximum(thick, 0.15 * (trunk.through(beam.view, h) > 0.0) * FLESH)
    thick += _gas(person, h, y, rng) * (thick > 0.8)
    thick = cv2.GaussianBlur(thick.astype(np.float32), (0, 0), 1.0)
    fine = cv2.resize(thick, beam.shape[::-1], interpolation=cv2.INTER_CUBIC)
    fine += _streaks(beam, rng) * cv2.resize(
        np.clip(thick, 0.0, 3.0).astype(np.float32), beam.shape[::-1]
    )
    return np.maximum(fine, 0.0)


class _Trunk:
    """Cross-sections of the trunk from the thighs to the skull at some heights."""

    def __init__(self, person: Person, y: Array) -> None:
        bones = {bone.level: bone.centre for bone in person.bodies}
        top = person.sacrum[0].centre
        g, s = person.girth, person.size
        # height, depth and width (half), x of the skin behind relative to the spine
        rows = [
            (-260.0, 78 * g, 150 * g, 60.0), (-60.0, 98 * g, 182 * g, 78.0),
            (top[1], 112 * g, 178 * g, 62.0), (bones["L3"][1], 106 * g**1.4, 152 * g, 60.0),
            (bones["T11"][1], 112 * g**1.2, 150 * g, 56.0),
            (bones["T7"][1], 114 * g, 162 * g, 58.0),
            (bones["T3"][1], 92 * g, 182.0, 52.0), (bones["C7"][1], 66.0, 150.0, 46.0),
            (bones["C5"][1], 58.0, 64.0, 44.0), (bones["C2"][1], 60.0, 66.0, 46.0),
            (bones["C2"][1] + 60.0, 92.0, 76.0, 84.0), (bones["C2"][1] + 180.0, 90.0, 70.0, 80.0),
        ]  # fmt: skip
        at = np.array(rows)
        at[:, 1:] *= s
        order = np.argsort(at[:, 0])
        at = at[order]
        self.y = y
        self.half_depth, self.half_width, behind = (
            _smooth(np.interp(y, at[:, 0], at[:, n]), 31) for n in (1, 2, 3)
        )
        ys = [-80.0, top[1], *(bone.centre[1] for bone in person.bodies)]
        xs = [top[0] + 25.0, top[0], *(bone.centre[0] for bone in person.bodies)]
        zs = [0.0, top[2], *(bone.centre[2] for bone in person.bodies)]
        order = np.argsort(ys)
        spine = np.interp(y, np.array(ys)[order], np.array(xs)[order])
        self.x = _smooth(spine, 25) - behind + self.half_depth
        self.z = 0.6 * np.interp(y, np.array(ys)[order], np.array(zs)[order])

    def through(self, view: str, h: Array, less: float = 0.0) -> Array:
        """Chords of the cross-sections shrunk by ``less`` mm."""
        depth, width = self.half_depth - less, self.half_width - less
        centre, across, along = (
            (self.x, depth, width) if view == "lateral" else (self.z, width, depth)
        )
        share = np.abs((h - centre[:, None]) / across[:, None]) ** ROUND
        return 2.0 * along[:, None] * np.maximum(1.0 - share, 0.0) ** (1.0 / ROUND)


def _smooth(values: Array, span: int) -> Array:
    window = np.hanning(span + 2)[1:-1]
    padded = np.pad(values, span // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _lungs(
    view: str, trunk: _Trunk, person: Person, h: Array, y: Array, rng: np.random.Generator
) -> Array:
    bones = {bone.level: bone.centre for bone in person.bodies}
    top, dome = bones["T1"][1] + 4.0, bones["T10"][1] + rng.normal(14.0, 8.0)
    chord = trunk.through(view, h, less=20.0 + 8.0 * person.girth)
    found = np.zeros_like(chord)
    for side, leaf in ((1.0, rng.normal(0.0, 5.0)), (-1.0, rng.normal(-12.0, 6.0))):
        if view == "lateral":
            way = (h - trunk.x[:, None]) / trunk.half_depth[:, None]
            floor = dome + leaf - 55.0 * np.clip(0.15 - way, 0.0, 2.0) ** 1.7
            taken = 0.8 * np.clip(chord / 2.0 - 34.0, 0.0, None)
        else:
            way = side * (h - trunk.z[:, None]) / trunk.half_width[:, None]
            floor = dome + leaf - 60.0 * np.clip(way - 0.45, 0.0, 1.0) ** 1.5
            middle = 26.0 / trunk.half_width[:, None]
            wall = 0.90 - 0.35 * np.clip((y - dome - 90.0) / (top - dome - 90.0), 0.0, 1.0) ** 2
            taken = 0.62 * chord * _sigmoid((way - middle) * 30.0) * _sigmoid((wall - way) * 25.0)
        found += taken * _sigmoid((y - floor) / 2.5) * _sigmoid((top - y) / 9.0)
    return found


def _heart(view: str, trunk: _Trunk, person: Person, h: Array, y: Array) -> Array:
    bones = {bone.level: bone.centre for bone in person.bodies}
    centre_y = bones["T9"][1] + 6.0
    centre_h = (trunk.x + 28.0)[:, None] if view == "lateral" else (trunk.z - 24.0)[:, None]
    wide = 50.0 if view == "lateral" else 56.0
    r = ((h - centre_h) / wide) ** 2 + ((y - centre_y) / 52.0) ** 2
    return AIR * 60.0 * np.maximum(1.0 - r, 0.0) ** 0.5


def _gas(person: Person, h: Array, y: Array, rng: np.random.Generator) -> Array:
    bones = {bone.level: bone.centre for bone in person.bodies}
    found = np.zeros(np.broadcast_shapes(h.shape, y.shape))
    low, high = 30.0, bones["T12"][1]
    for _ in range(int(rng.integers(6, 22))):
        at_y, at_h = rng.uniform(low, high), rng.normal(25.0, 60.0)
        a, b = rng.uniform(6.0, 22.0, 2)
        turn = rng.uniform(0.0, np.pi)
        u = (h - at_h) * np.cos(turn) + (y - at_y) * np.sin(turn)
        v = -(h - at_h) * np.sin(turn) + (y - at_y) * np.cos(turn)
        found -= FLESH * min(a, b) * np.maximum(1.0 - (u / a) ** 2 - (v / b) ** 2, 0.0) ** 0.5
    return found


def _streaks(beam: Beam, rng: np.random.Generator) -> Array:
    """The unevenness of flesh, vessels and skin folds: noise at several sizes."""
    total = np.zeros(beam.shape, np.float32)
    for size, strength in ((3.0, 0.006), (9.0, 0.012), (28.0, 0.02)):
        grid = tuple(max(int(n * beam.pixel / size), 2) for n in beam.shape)
        noise = rng.standard_normal(grid, np.float32)
        total += strength * cv2.resize(noise, beam.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return total


def _sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))
