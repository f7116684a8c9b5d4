"""Every bone and implant of a person as attenuation on a film."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.other_renderer.beam import Beam, body, shell, tube
from benchmarks.other_renderer.posture import Array, Bone, Person, xyz

DENSE, METAL = 0.042, 0.35
"""Attenuation per mm beyond soft tissue of cortical bone and of titanium."""


@dataclass(frozen=True)
class Bones:
    """How dense the bones of a person are."""

    spongy: float
    wall: float
    plate: float
    ribs: float


def draw_bones(person: Person, rng: np.random.Generator) -> Bones:
    """Denser in the young."""
    loss = float(np.clip((person.age - 45) / 60.0 + rng.normal(0.0, 0.15), 0.0, 0.75))
    keep = 1.0 - loss
    return Bones(
        spongy=0.004 + 0.010 * keep,
        wall=0.022 * (0.7 + 0.3 * keep),
        plate=0.030 * (0.75 + 0.25 * keep),
        ribs=0.6 + 0.4 * keep,
    )


def skeleton(beam: Beam, person: Person, bones: Bones, rng: np.random.Generator) -> Array:
    """Attenuation of all bones on the film's pixels."""
    film = np.zeros(beam.shape, np.float32)
    for bone in (*person.bodies, *person.sacrum):
        body(beam, film, bone, spongy=bones.spongy, wall=bones.wall, plate=bones.plate)
    for bone in person.bodies:
        _arch(beam, film, bone, bones)
    levels = {bone.level: bone for bone in person.bodies}
    _ribs(beam, film, levels, person, bones, rng)
    _sacral_wings(beam, film, person, bones)
    _pelvis(beam, film, person, bones)
    _head(beam, film, levels, person)
    _shoulders(beam, film, levels, person, bones, rng)
    if person.fused:
        _instruments(beam, film, levels, person)
    return film


def _at(bone: Bone, u: float, v: float, t: float) -> Array:
    """A place beside a body: shares of its depth, height and width from its centre."""
    depth = sum(bone.depth) / 2.0
    return bone.centre + bone.axes @ np.array([u * depth, v * bone.height, t * bone.width])


def _lump(
    beam: Beam, film: Array, bone: Bone, bones: Bones, place: tuple[float, float, float],
    radii: tuple[float, float, float], *, tip: float = 0.0, rind: float = 1.2,
) -> None:  # fmt: skip
    """An ellipsoid of bone at a place of the arch, its long axis tipped down behind."""
    c, s = np.cos(tip), np.sin(tip)
    axes = bone.axes @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]).T
    shell(beam, film, _at(bone, *place), axes, np.array(radii), rind=rind,
          dense=DENSE * 0.75 * bones.ribs, loose=bones.spongy * 1.2)  # fmt: skip


def _arch(beam: Beam, film: Array, bone: Bone, bones: Bones) -> None:
    """Pedicles, laminae, facets, transverse and spinous processes."""
    region, h, w = bone.level[0], bone.height, bone.width
    depth = sum(bone.depth) / 2.0
    canal = 16.0
    behind = -0.5 - canal / depth
    for side in (1.0, -1.0):
        at = {"L": 0.33, "T": 0.34, "C": 0.42}[region]
        wide = {"L": 4.2, "T": 2.8, "C": 2.4}[region]
        _lump(beam, film, bone, bones, (-0.5 - 5.0 / depth, 0.2, side * at), (8.5, 0.24 * h, wide))
        _lump(beam, film, bone, bones, (behind, 0.05, side * 0.22), (4.0, 0.42 * h, 6.0))
        _lump(beam, film, bone, bones, (behind + 3.0 / depth, 0.48, side * 0.40), (4.5, 0.3 * h, 4))
        _lump(
            beam, film, bone, bones, (behind - 1.0 / depth, -0.62, side * 0.34), (4.5, 0.3 * h, 4)
        )
        reach = {"L": 0.62, "T": 0.72, "C": 0.55}[region]
        _lump(beam, film, bone, bones, (-0.5 - 9.0 / depth, 0.15, side * reach),
              (3.5, 3.5 if region != "L" else 4.5, 0.22 * w))  # fmt: skip
    back = {"L": 14.0, "T": 16.0, "C": 11.0}[region]
    tip = {"L": 0.1, "T": 0.85, "C": 0.4}[region]
    if bone.level in ("C7", "T1", "T11", "T12"):
        tip *= 0.5
    centre = (behind - 0.8 * back * np.cos(tip) / depth, -0.1 - 0.8 * back * np.sin(tip) / h, 0.0)
    tall = 0.42 * h if region == "L" else 0.26 * h
    _lump(beam, film, bone, bones, centre, (back, tall, 2.8), tip=tip)
    if bone.level == "C2":
        _lump(beam, film, bone, bones, (0.05, 0.95, 0.0), (4.6, 11.0, 5.0))


def _ribs(
    beam: Beam, film: Array, levels: dict[str, Bone], person: Person, bones: Bones,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    size = person.size
    halves = (62, 82, 98, 110, 119, 126, 131, 135, 136, 133, 126, 116)
    deep = (62, 78, 92, 102, 110, 115, 119, 121, 120, 116, 108, 98)
    drops = (22, 38, 54, 68, 80, 90, 98, 104, 108, 108, 95, 70)
    for number in range(1, 13):
        bone = levels[f"T{number}"]
        half, fore, drop = (row[number - 1] * size for row in (halves, deep, drops))
        fore *= 0.85 + 0.15 * person.girth
        end = np.pi * (0.93 if number < 8 else 0.78 if number < 11 else 0.52 - 0.1 * (number == 12))
        way = np.linspace(0.12, end, 46)
        for side in (1.0, -1.0):
            x = -np.cos(way) * fore * 0.98 + fore * 0.55
            y = -drop * (way / np.pi) ** 1.25 + 3.0
            z = side * half * np.sin(way) ** 0.85
            start = bone.centre + bone.axes @ np.array([-0.35 * bone.depth[0], 2.0, 0.0])
            frame = bone.axes * 0.5 + np.eye(3) * 0.5
            curve = np.stack([x - x[0], y - y[0], z - z[0] + side * 0.36 * bone.width], axis=1)
            thick = (3.6 + 1.2 * np.sin(way)) * size * (0.8 if number in (1, 12) else 1.0)
            thick = thick * float(np.exp(rng.normal(0.0, 0.06)))
            tube(beam, film, start + curve @ frame.T, thick, rind=1.0,
                 dense=DENSE * 0.8 * bones.ribs, loose=0.008)  # fmt: skip
    chest = [levels["T3"].centre, levels["T9"].centre]
    front = np.array([1.5 * deep[5] * size * (0.85 + 0.15 * person.girth), -25.0, 0.0])
    sternum = np.linspace(chest[0] + 0.78 * front, chest[1] + front, 14)
    tube(beam, film, sternum, np.full(14, 8.0), rind=1.0, dense=0.02, loose=0.004)


def _sacral_wings(beam: Beam, film: Array, person: Person, bones: Bones) -> None:
    for place, bone in enumerate(person.sacrum[:3]):
        for side in (1.0, -1.0):
            wide = (24.0, 17.0, 11.0)[place] * person.size
            centre = _at(bone, -0.16 + 0.04 * place, 0.06, side * (0.5 + 0.3 * wide / bone.width))
            radii = np.array([0.46 * bone.depth[0], 0.56 * bone.height, wide])
            shell(beam, film, centre, bone.axes, radii, rind=1.0, dense=DENSE * 0.5,
                  loose=bones.spongy * 0.8)  # fmt: skip
        behind = _at(bone, -1.05, -0.1, 0.0)
        shell(beam, film, behind, bone.axes, np.array([6.0, 0.4 * bone.height, 5.0]), rind=1.0,
              dense=DENSE * 0.7, loose=bones.spongy)  # fmt: skip


def _pelvis(beam: Beam, film: Array, person: Person, bones: Bones) -> None:
    size, r = person.size, person.head_radius
    top = person.sacrum[0].centre
    for hip, side in zip(person.hips, (1.0, -1.0), strict=True):
        joint = np.array([top[0] - 14.0, top[1] - 6.0, side * 44.0 * size])
        # The wing: a thin plate between the joint with the sacrum, the crest and the acetabulum.
        crest = np.array([top[0] + 32.0 * size, top[1] + 34.0 * size, side * 112.0 * size])
        spine = np.array([hip[0] + 34.0, hip[1] + 82.0 * size, side * 118.0 * size])
        middle = (joint + crest + spine + hip + xyz(0.0, r, 0.0)) / 4.0
        along, up = spine - joint, crest - hip
        normal = np.cross(along, up)
        axes = np.linalg.qr(np.stack([along, up, normal], axis=1))[0]
        shell(beam, film, middle, axes, np.array([66.0, 66.0, 6.5]) * size, rind=1.6,
              dense=DENSE * 0.7, loose=bones.spongy)  # fmt: skip
        edge = _bend(joint + xyz(-22.0, 12.0, 6.0 * side), crest + xyz(0.0, 10.0, 0.0), spine)
        tube(beam, film, edge, np.full(len(edge), 5.5 * size), rind=1.2, dense=DENSE * 0.6,
             loose=bones.spongy)  # fmt: skip
        arcade = _bend(joint, (joint + hip) / 2.0 + xyz(4.0, -8.0, -4.0 * side),
                       hip + xyz(26.0, 14.0, -22.0 * side))  # fmt: skip
        tube(beam, film, arcade, np.full(len(arcade), 6.0), rind=1.5, dense=DENSE * 0.6,
             loose=bones.spongy)  # fmt: skip
        cup = hip + xyz(0.0, 7.0, -3.0 * side)
        shell(beam, film, cup, np.eye(3), np.full(3, r + 6.5), rind=2.2,
              dense=DENSE * 0.55, loose=0.0)  # fmt: skip
        shell(beam, film, hip, np.eye(3), np.full(3, r), rind=1.6, dense=DENSE * 0.8,
              loose=bones.spongy * 0.9)  # fmt: skip
        trochanter = hip + np.array([-6.0, -22.0, side * 44.0 * size])
        tube(beam, film, np.linspace(hip, trochanter, 8), np.full(8, 15.0 * size), rind=2.2,
             dense=DENSE * 0.7, loose=bones.spongy * 0.6)  # fmt: skip
        shaft = trochanter + np.linspace(xyz(0.0, 12.0, 0.0), xyz(10.0, -190.0, -12.0 * side), 24)
        tube(beam, film, shaft, np.full(24, 15.5 * size), rind=4.0, dense=DENSE * 0.55, loose=0.0)
        sit = _bend(hip + xyz(-12.0, -16.0, -8.0 * side), hip + xyz(-22.0, -62.0, -22.0 * side),
                    hip + xyz(34.0, -44.0, -66.0 * side))  # fmt: skip
        tube(beam, film, sit, np.linspace(13.0, 8.0, len(sit)), rind=1.6, dense=DENSE * 0.6,
             loose=bones.spongy * 0.6)  # fmt: skip
        pubis = np.linspace(
            hip + xyz(20.0, 0.0, -14.0 * side), hip + xyz(44.0, -26.0, -78.0 * side), 12
        )
        tube(beam, film, pubis, np.full(12, 8.5), rind=1.5, dense=DENSE * 0.6,
             loose=bones.spongy * 0.6)  # fmt: skip


def _bend(first: Array, middle: Array, last: Array) -> Array:
    """A bent line through three places."""
    t = np.linspace(0.0, 1.0, 25)[:, None]
    control = 2.0 * middle - (first + last) / 2.0
    return (1.0 - t) ** 2 * first + 2.0 * t * (1.0 - t) * control + t**2 * last


def _head(beam: Beam, film: Array, levels: dict[str, Bone], person: Person) -> None:
    c2, size = levels["C2"], person.size
    skull = c2.centre + np.array([14.0, 112.0, 0.0]) * size
    shell(beam, film, skull, np.eye(3), np.array([98.0, 82.0, 76.0]) * size, rind=5.5,
          dense=DENSE * 0.8, loose=0.0)  # fmt: skip
    for side in (1.0, -1.0):
        jaw = c2.centre + _bend(xyz(18.0, 42.0, 44.0 * side), xyz(24.0, 2.0, 44.0 * side),
                                xyz(92.0, -14.0, 6.0 * side))  # fmt: skip
        tube(beam, film, jaw, np.full(len(jaw), 8.5), rind=2.0, dense=DENSE * 0.9, loose=0.01)
        atlas = c2.centre + c2.axes @ np.array([0.0, 21.0, 17.0 * side])
        shell(beam, film, atlas, c2.axes, np.array([9.0, 6.5, 8.0]), rind=1.5, dense=DENSE,
              loose=0.012)  # fmt: skip


def _shoulders(
    beam: Beam, film: Array, levels: dict[str, Bone], person: Person, bones: Bones,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    t2, size = levels["T2"].centre, person.size
    raised = rng.random() < 0.85
    for side in (1.0, -1.0):
        joint = t2 + np.array([34.0 + rng.normal(0.0, 12.0), -8.0, side * 172.0 * size])
        notch = t2 + np.array([62.0, -22.0, side * 18.0])
        collar = _bend(
            notch, (notch + joint) / 2.0 + xyz(8.0, 10.0, 0.0), joint + xyz(0.0, 16.0, 0.0)
        )
        tube(beam, film, collar, np.full(len(collar), 6.0), rind=1.5, dense=DENSE * 0.7,
             loose=bones.spongy)  # fmt: skip
        blade = t2 + np.array([-30.0, -62.0, side * 118.0 * size])
        turned = np.array([[0.86, 0.0, 0.5 * side], [0.0, 1.0, 0.0], [-0.5 * side, 0.0, 0.86]])
        shell(beam, film, blade, turned, np.array([5.0, 68.0, 42.0]), rind=1.0, dense=DENSE * 0.6,
              loose=0.003)  # fmt: skip
        shell(beam, film, joint, np.eye(3), np.full(3, 24.0 * size), rind=1.5, dense=DENSE * 0.7,
              loose=bones.spongy)  # fmt: skip
        elbow = joint + (
            np.array([250.0, -130.0, 0.0]) if raised else np.array([20.0, -290.0, 30.0 * side])
        )
        arm = np.linspace(joint, elbow, 30)
        tube(beam, film, arm, np.full(30, 12.0), rind=4.0, dense=DENSE * 0.8, loose=0.0)


def _instruments(beam: Beam, film: Array, levels: dict[str, Bone], person: Person) -> None:
    """Pedicle screws and two rods."""
    names = list(levels)
    first, last = (names.index(level) for level in person.fused)
    fused = [levels[name] for name in names[last : first + 1]]
    for side in (1.0, -1.0):
        heads = []
        for bone in fused:
            head = _at(bone, -1.12, 0.24, side * 0.44)
            point = _at(bone, 0.28, 0.16, side * 0.18)
            heads.append(_at(bone, -1.25, 0.24, side * 0.46))
            tube(beam, film, np.linspace(head, point, 10), np.full(10, 2.9), rind=0.1,
                 dense=METAL, loose=METAL)  # fmt: skip
            tube(beam, film, np.linspace(head, heads[-1], 4), np.full(4, 5.5), rind=0.1,
                 dense=METAL, loose=METAL)  # fmt: skip
        rod = np.array(heads)
        ends = [rod[0] + 0.3 * (rod[0] - rod[1]), *rod, rod[-1] + 0.3 * (rod[-1] - rod[-2])]
        tube(beam, film, np.array(ends), np.full(len(ends), 2.8), rind=0.1, dense=METAL,
             loose=METAL)  # fmt: skip
