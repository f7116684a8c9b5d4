"""A beam with a source, and how much of each solid its rays go through.

A film is described at the spine's mid-plane: pixel (row, column) is a ray through (h, y) there.
``h`` is world x on a lateral film and world z on a frontal one; depth w grows towards the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.other_renderer.posture import Array, Bone

ALONG_STEP_MM = 0.7
SOFT_MM = 0.45
"""Half-width of the transition at a surface; bone and film pixels end no sharper."""


@dataclass(frozen=True)
class Beam:
    """Where the source is and what of the mid-plane the film holds.

    A slot scanner moves along y: its rays fan out sideways only.
    """

    view: str
    towards: float
    source_mm: float
    slot: bool
    centre: tuple[float, float]
    left: float
    top: float
    pixel: float
    shape: tuple[int, int]
    mirrored: bool

    @property
    def axes(self) -> tuple[Array, Array, Array]:
        """World directions of h, y and depth."""
        x, y, z = np.eye(3)
        return (x, y, self.towards * z) if self.view == "lateral" else (z, y, self.towards * x)

    def project(self, world: Array) -> Array:
        """World points (..., 3) as (h, y) in the mid-plane."""
        h, y, w = (world @ axis for axis in self.axes)
        growth = self.source_mm / (self.source_mm - w)
        h = self.centre[0] + (h - self.centre[0]) * growth
        if not self.slot:
            y = self.centre[1] + (y - self.centre[1]) * growth
        return np.stack([h, y], axis=-1)

    def pixels(self, plane: Array) -> Array:
        """Mid-plane points as pixels (column, row) of the stored film."""
        column = (plane[..., 0] - self.left) / self.pixel - 0.5
        if self.mirrored:
            column = self.shape[1] - 1 - column
        return np.stack([column, (self.top - plane[..., 1]) / self.pixel - 0.5], axis=-1)

    def magnification(self, world: Array) -> float:
        """How much larger than in the mid-plane a thing appears."""
        return float(self.source_mm / (self.source_mm - world @ self.axes[2]))


@dataclass(frozen=True)
class Patch:
    """Part of a film with its rays: the point at depth 0 and the step for a millimetre of depth."""

    rows: slice
    columns: slice
    start: Array
    step: Array
    length: Array


def patch(beam: Beam, low: Array, high: Array) -> Patch | None:
    """The rays of the film between two corners (h, y) of the mid-plane, or None off the film."""
    rows, columns = beam.shape
    c0 = int(np.floor((low[0] - beam.left) / beam.pixel))
    c1 = int(np.ceil((high[0] - beam.left) / beam.pixel)) + 1
    r0 = int(np.floor((beam.top - high[1]) / beam.pixel))
    r1 = int(np.ceil((beam.top - low[1]) / beam.pixel)) + 1
    c0, c1, r0, r1 = max(c0, 0), min(c1, columns), max(r0, 0), min(r1, rows)
    if c0 >= c1 or r0 >= r1:
        return None
    h = (beam.left + (np.arange(c0, c1) + 0.5) * beam.pixel)[None, :]
    y = (beam.top - (np.arange(r0, r1) + 0.5) * beam.pixel)[:, None]
    h, y = (np.broadcast_to(v, (r1 - r0, c1 - c0)) for v in (h, y))
    dh = -(h - beam.centre[0]) / beam.source_mm
    dy = np.zeros_like(y) if beam.slot else -(y - beam.centre[1]) / beam.source_mm
    along_h, along_y, along_w = beam.axes
    start = h[..., None] * along_h + y[..., None] * along_y
    step = dh[..., None] * along_h + dy[..., None] * along_y + along_w
    return Patch(slice(r0, r1), slice(c0, c1), start.astype(np.float32), step.astype(np.float32),
                 np.sqrt(1.0 + dh**2 + dy**2).astype(np.float32))  # fmt: skip


def around(beam: Beam, points: Array, margin: float) -> Patch | None:
    """The rays around the shadow of world points."""
    shadow = beam.project(points)
    return patch(beam, shadow.min(axis=0) - margin, shadow.max(axis=0) + margin)


def ellipsoid(beam: Beam, centre: Array, axes: Array, radii: Array) -> tuple[Patch, Array] | None:
    """Millimetres that each ray goes through an ellipsoid; ``axes`` in columns."""
    reach = np.sqrt(((axes * radii) ** 2).sum(axis=1))
    corners = centre + reach * np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1)
                                         for c in (-1, 1)])  # fmt: skip
    rays = around(beam, corners, 0.5)
    if rays is None:
        return None
    to_unit = (axes / radii).astype(np.float32)
    q = (rays.start - centre.astype(np.float32)) @ to_unit
    d = rays.step @ to_unit
    dd = (d * d).sum(-1)
    qd = (q * d).sum(-1)
    inside = qd * qd - dd * ((q * q).sum(-1) - 1.0)
    return rays, 2.0 * np.sqrt(np.maximum(inside, 0.0)) / dd * rays.length


def shell(
    beam: Beam, film: Array, centre: Array, axes: Array, radii: Array, *, rind: float, dense: float,
    loose: float,
) -> None:  # fmt: skip
    """Add an ellipsoid of ``loose`` bone with a rind of ``dense`` bone (attenuation per mm)."""
    whole = ellipsoid(beam, centre, axes, radii)
    if whole is None:
        return
    rays, through = whole
    film[rays.rows, rays.columns] += dense * through
    core = ellipsoid(beam, centre, axes, np.maximum(radii - rind, 0.2))
    if core is not None:
        inner, less = core
        film[inner.rows, inner.columns] -= (dense - loose) * less


def tube(
    beam: Beam, film: Array, points: Array, radii: Array, *, rind: float, dense: float, loose: float
) -> None:
    """Add a bent tube through world points; where it crosses itself the thicker part counts."""
    margin = float(radii.max()) * 1.3 + 1.0
    rays = around(beam, points, margin)
    if rays is None:
        return
    solid = np.zeros(rays.length.shape, np.float32)
    marrow = np.zeros(rays.length.shape, np.float32)
    h0 = beam.left + rays.columns.start * beam.pixel
    y0 = beam.top - rays.rows.start * beam.pixel
    shadow = beam.project(points)
    for n in range(len(points) - 1):
        a, b = shadow[n], shadow[n + 1]
        radius = float(radii[n] + radii[n + 1]) / 2.0
        reach = radius + 1.0
        c0, c1 = (np.array([min(a[0], b[0]) - reach, max(a[0], b[0]) + reach]) - h0) / beam.pixel
        r0, r1 = (y0 - np.array([max(a[1], b[1]) + reach, min(a[1], b[1]) - reach])) / beam.pixel
        rs = slice(max(int(r0), 0), max(int(r1) + 2, 0))
        cs = slice(max(int(c0), 0), max(int(c1) + 2, 0))
        part = solid[rs, cs]
        if part.size == 0:
            continue
        h = h0 + (np.arange(cs.start, cs.start + part.shape[1]) + 0.5) * beam.pixel
        y = y0 - (np.arange(rs.start, rs.start + part.shape[0]) + 0.5) * beam.pixel
        ab = b - a
        t = ((h[None, :] - a[0]) * ab[0] + (y[:, None] - a[1]) * ab[1]) / max(ab @ ab, 1e-9)
        t = np.clip(t, 0.0, 1.0)
        away = (h[None, :] - a[0] - t * ab[0]) ** 2 + (y[:, None] - a[1] - t * ab[1]) ** 2
        piece = points[n + 1] - points[n]
        steep = np.linalg.norm(piece) / max(np.hypot(*ab), 0.3 * np.linalg.norm(piece))
        outer = 2.0 * np.sqrt(np.maximum(radius**2 - away, 0.0))
        inner = 2.0 * np.sqrt(np.maximum((radius - rind) ** 2 - away, 0.0))
        np.maximum(part, steep * outer, out=part)
        np.maximum(marrow[rs, cs], steep * inner, out=marrow[rs, cs])
    film[rays.rows, rays.columns] += dense * solid - (dense - loose) * marrow


def body(beam: Beam, film: Array, bone: Bone, *, spongy: float, wall: float, plate: float) -> None:
    """Add a vertebral body: spongy bone, a thin wall, denser concave endplates; per mm."""
    rim = np.concatenate([bone.rim("superior"), bone.rim("inferior")])
    rays = around(beam, rim, 2.0)
    if rays is None:
        return
    depth = (rim - bone.centre) @ beam.axes[2]
    middle = float(bone.centre @ beam.axes[2])
    offset = bone.centre.astype(np.float32)
    axes = bone.axes.astype(np.float32)
    at, step = (rays.start - offset) @ axes, rays.step @ axes
    total = np.zeros(rays.length.shape, np.float32)
    for w in _depths(float(depth.min()) - 2.0, float(depth.max()) + 2.0):
        total += _density(bone, at + np.float32(middle + w) * step, spongy, wall, plate)
    film[rays.rows, rays.columns] += total * rays.length * np.float32(ALONG_STEP_MM)


def _depths(low: float, high: float) -> Iterator[float]:
    return iter(np.arange(low, high, ALONG_STEP_MM).tolist())


def _density(bone: Bone, local: Array, spongy: float, wall: float, plate: float) -> Array:
    u, v, t = local[..., 0], local[..., 1], local[..., 2]
    half = bone.height / 2.0
    way = v * np.float32(1.0 / bone.height) + np.float32(0.5)
    a = np.float32(bone.depth[1] / 2.0) + way * np.float32((bone.depth[0] - bone.depth[1]) / 2.0)
    b = np.float32(bone.width / 2.0)
    waist = 1.0 - np.float32(0.36) * way * (1.0 - way)
    waist = np.where((way > 0.0) & (way < 1.0), waist, np.float32(1.0))
    ru, rt = np.abs(u) / (a * waist), np.abs(t) / (b * waist)
    cubed = ru * ru * ru + rt * rt * rt
    # To first order the distance from the wall, + inside.
    side = (1.0 - cubed) * np.float32(min(bone.depth[0], bone.width) / 6.0)
    dish = np.maximum(1.0 - cubed, 0.0) * np.float32(0.06 * bone.height)
    ends = []
    for sign, (pitch, roll) in ((1.0, bone.superior), (-1.0, bone.inferior)):
        slope = np.float32(np.tan(pitch)) * u + np.float32(np.tan(roll)) * t
        ends.append(np.float32(half) - np.float32(sign) * (v + slope) - dish)
    end = np.minimum(*ends)
    inside = _step(np.minimum(side, end))
    return inside * (
        np.float32(spongy)
        + np.float32(wall) * (1.0 - _step(side - 0.9))
        + np.float32(plate) * (1.0 - _step(end - 1.1))
    )


def _step(distance: Array) -> Array:
    return np.clip(distance * np.float32(0.5 / SOFT_MM) + np.float32(0.5), 0.0, 1.0)
