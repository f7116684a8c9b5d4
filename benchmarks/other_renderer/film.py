"""A person before a beam as a film: exposure, response, a vendor's picture, a document of truth."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.other_renderer.beam import Beam
from benchmarks.other_renderer.flesh import flesh
from benchmarks.other_renderer.posture import Array, Bone, Person, draw_person
from benchmarks.other_renderer.skeleton import draw_bones, skeleton
from benchmarks.other_renderer.store import store_dicom, store_png

SCOLIOTIC = {"lateral": 0.35, "frontal": 0.75}
"""Share of persons with a curve of 12 degrees or more: frontal films are taken for curves."""


@dataclass(frozen=True)
class Vendor:
    """What becomes of the logarithm of the exposure."""

    keep_coarse: float
    coarse_mm: float
    sharpen: float
    sharpen_mm: float
    local: float
    gamma: float


def write_film(folder: Path, name: str, view: str, seed: tuple[int, ...]) -> None:
    """Draw a person and a film, and write both the film and its exact landmarks."""
    rng = np.random.default_rng(seed)
    person = turned(draw_person(rng, SCOLIOTIC[view]))
    beam = aimed(person, view, rng)
    grey = exposed(beam, person, rng)
    bits = int(rng.choice([10, 12, 14, 16]))
    dark_bone = bool(rng.random() < 0.25)
    if rng.random() < 0.5:
        file = store_png(folder / f"{name}.png", grey)
    else:
        file = store_dicom(folder / f"{name}.dcm", grey, beam, min(bits, 14), dark_bone)
    document = truth(beam, person, file, name)
    (folder / f"{name}.truth.landmarks.json").write_text(
        json.dumps(document, indent=1) + "\n", encoding="utf-8"
    )


def turned(person: Person) -> Person:
    """Nobody stands quite square to the beam: everything turns about the upright axis."""
    c, s = np.cos(person.turn), np.sin(person.turn)
    turn = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])

    def of(bone: Bone) -> Bone:
        return replace(bone, centre=turn @ bone.centre, axes=turn @ bone.axes)

    return replace(
        person,
        bodies=tuple(map(of, person.bodies)),
        sacrum=tuple(map(of, person.sacrum)),
        hips=person.hips @ turn.T,
    )


def aimed(person: Person, view: str, rng: np.random.Generator) -> Beam:
    """A beam and a film that hold the spine from the dens to the thighs."""
    centres = np.array([bone.centre for bone in (*person.bodies, *person.sacrum)])
    top = float(centres[:, 1].max() + rng.uniform(35.0, 75.0))
    bottom = float(-rng.uniform(50.0, 110.0))
    if view == "lateral":
        middle = float(centres[:, 0].mean() + 30.0)
        width = float(max(rng.uniform(300.0, 380.0), np.ptp(centres[:, 0]) + 220.0))
    else:
        middle, width = float(centres[:, 2].mean()), float(rng.uniform(350.0, 420.0))
        top = float(next(b for b in person.bodies if b.level == "C5").centre[1] + 20.0)
    pixel = float(rng.choice([0.2, 0.25, 0.3]))
    shape = (round((top - bottom) / pixel), round(width / pixel))
    slot = bool(rng.random() < 0.45)
    right = bool(rng.random() < 0.5)
    return Beam(
        view=view,
        towards=float(rng.choice([-1.0, 1.0])) if view == "lateral" else -1.0,
        source_mm=float(rng.uniform(950.0, 1150.0) if slot else rng.uniform(1650.0, 2700.0)),
        slot=slot,
        centre=(middle + rng.normal(0.0, 25.0), (top + bottom) / 2.0 + rng.normal(0.0, 40.0)),
        left=middle - width / 2.0,
        top=top,
        pixel=pixel,
        shape=shape,
        mirrored=not right if view == "lateral" else bool(rng.random() < 0.8),
    )


def exposed(beam: Beam, person: Person, rng: np.random.Generator) -> Array:
    """The film, bone bright, 0 to 1, as it is stored."""
    bones = skeleton(beam, person, draw_bones(person, rng), rng)
    grain = tuple(max(int(n * beam.pixel / 0.9), 2) for n in beam.shape)
    mottle = cv2.resize(rng.standard_normal(grain, np.float32), beam.shape[::-1],
                        interpolation=cv2.INTER_LINEAR)  # fmt: skip
    depth = bones * (1.0 + 0.07 * mottle) + flesh(beam, person, rng)
    light = np.exp(-depth)
    coarse = cv2.resize(light, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    spread = cv2.GaussianBlur(coarse, (0, 0), float(rng.uniform(18.0, 45.0)) / (8.0 * beam.pixel))
    share = float(rng.uniform(0.03, 0.15) if beam.slot else rng.uniform(0.15, 0.6))
    light += share * cv2.resize(spread, beam.shape[::-1], interpolation=cv2.INTER_LINEAR)
    blur = float(rng.uniform(0.12, 0.35))
    light = cv2.GaussianBlur(light, (0, 0), blur / beam.pixel)
    quanta = float(np.exp(rng.uniform(np.log(2e5), np.log(2e6)))) * beam.pixel**2
    light = rng.poisson(np.maximum(light, 0.0) * quanta).astype(np.float32) / quanta
    if rng.random() < 0.6:
        light = cv2.GaussianBlur(light, (0, 0), 0.5)
    seen = -np.log(np.maximum(light, 0.3 / quanta))
    picture = _vendor(seen.astype(np.float32), beam, _draw_vendor(rng))
    if beam.mirrored:
        picture = picture[:, ::-1]
    return _framed(np.ascontiguousarray(picture), beam, rng)


def _draw_vendor(rng: np.random.Generator) -> Vendor:
    sharp = rng.random() < 0.4
    return Vendor(
        keep_coarse=float(rng.uniform(0.06, 0.3)),
        coarse_mm=float(rng.uniform(15.0, 40.0)),
        sharpen=float(rng.uniform(0.4, 2.0)) if sharp else 0.0,
        sharpen_mm=float(rng.uniform(0.6, 4.0)),
        local=float(rng.uniform(1.0, 2.5)) if rng.random() < 0.35 else 0.0,
        gamma=float(np.exp(rng.uniform(np.log(0.5), np.log(1.1)))),
    )


def _vendor(seen: Array, beam: Beam, vendor: Vendor) -> Array:
    # Air beside the patient would cast a halo on the skin.
    small = cv2.resize(np.maximum(seen, 1.2), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    base = cv2.GaussianBlur(small, (0, 0), vendor.coarse_mm / (4.0 * beam.pixel))
    base = cv2.resize(base, seen.shape[::-1], interpolation=cv2.INTER_LINEAR)
    picture = seen - (1.0 - vendor.keep_coarse) * base
    if vendor.sharpen:
        picture += vendor.sharpen * (
            seen - cv2.GaussianBlur(seen, (0, 0), vendor.sharpen_mm / beam.pixel)
        )
    patient = seen > 1.2
    low, high = np.percentile(picture[patient], [1.0, 99.5])
    tone = np.clip((picture - low) / (high - low), 0.0, 1.15) / 1.15
    if vendor.local:
        whole = np.round(tone * 65535.0).astype(np.uint16)
        equalised = cv2.createCLAHE(vendor.local, (12, 6)).apply(whole)
        tone = 0.5 * tone + 0.5 * equalised / np.float32(65535.0)
    return np.asarray(tone, np.float32) ** np.float32(vendor.gamma)


def _framed(picture: Array, beam: Beam, rng: np.random.Generator) -> Array:
    """Collimated borders and a letter."""
    for side in range(4):
        edge = int(rng.uniform(0.0, 12.0) / beam.pixel)
        if edge:
            picture = np.rot90(picture, side).copy()
            picture[:edge] *= 0.02
            picture = np.rot90(picture, -side)
    picture = np.ascontiguousarray(picture)
    letter = "R" if beam.mirrored else "L"
    at = (int(rng.uniform(20.0, 40.0) / beam.pixel), int(rng.uniform(40.0, 120.0) / beam.pixel))
    lead = np.zeros(picture.shape, np.uint8)
    cv2.putText(lead, letter, at, cv2.FONT_HERSHEY_SIMPLEX, 1.1 / beam.pixel, 255,
                max(int(1.2 / beam.pixel), 1), cv2.LINE_AA)  # fmt: skip
    return np.clip(np.maximum(picture, lead / np.float32(255.0)), 0.0, 1.0)


def truth(beam: Beam, person: Person, file: str, name: str) -> dict[str, Any]:
    """The landmark document: where the ends of each endplate's shadow are, half way of its rims."""
    points: dict[str, dict[str, float]] = {}
    lateral = beam.view == "lateral"
    levels = person.bodies if lateral else [b for b in person.bodies if b.level[0] != "C"
                                            or b.level == "C7"]  # fmt: skip
    for bone in (*levels, replace(person.sacrum[0], level="S1")):
        for plate in ("superior",) if bone.level == "S1" else ("superior", "inferior"):
            first, last = plate_ends(beam, bone, plate)
            ends = ("posterior", "anterior") if lateral else ("left", "right")
            for end, place in zip(ends, (first, last), strict=True):
                points[f"{bone.level}_{plate}_{end}"] = _point(beam, place)
    for number, hip in enumerate(person.hips):
        key = (
            f"femoral_head_{number + 1}" if lateral else f"femoral_head_{('right', 'left')[number]}"
        )
        points[key] = _point(beam, beam.project(hip))
        points[key]["radius"] = person.head_radius * beam.magnification(hip) / beam.pixel
    rows, columns = beam.shape
    points = {
        key: at for key, at in points.items()
        if 0 <= at["x"] <= columns - 1 and 0 <= at["y"] <= rows - 1
    }  # fmt: skip
    sides = ("right", "left") if not beam.mirrored else ("left", "right")
    return {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": beam.view,
        "facing" if lateral else "patient_right": sides[0],
        "spacing_mm": {
            "row": beam.pixel, "column": beam.pixel, "source": "user_fiducial", "plane": "patient",
        },
        "patient": {"age_years": person.age, "sex": person.sex, "id": name},
        "acquisition": {
            "position": "standing", "system": "slot_scan" if beam.slot else "single_shot",
        },
        "vertebrae": {"thoracic": 12, "lumbar": 5, "counted_from": "C2"},
        "surgery": "postoperative" if person.fused else "none",
        "image": {"file": file, "rows": rows, "columns": columns},
        "points": points,
        "software": "second renderer",
    }  # fmt: skip


def plate_ends(beam: Beam, bone: Bone, plate: str) -> tuple[Array, Array]:
    """The two ends of an endplate's shadow along its long axis, towards - and + of h's anatomy."""
    rim = bone.rim(plate, 720)
    shadow = beam.project(rim)
    axis = bone.axes[:, 0] if beam.view == "lateral" else bone.axes[:, 2]
    pitch, roll = bone.superior if plate == "superior" else bone.inferior
    drop = np.tan(pitch if beam.view == "lateral" else roll)
    axis = axis - drop * bone.axes[:, 1]
    middle = rim.mean(axis=0)
    along = beam.project(middle + 0.5 * axis) - beam.project(middle - 0.5 * axis)
    reach = (shadow - shadow.mean(axis=0)) @ (along / np.linalg.norm(along))
    return shadow[int(reach.argmin())], shadow[int(reach.argmax())]


def _point(beam: Beam, plane: Array) -> dict[str, float]:
    column, row = beam.pixels(np.asarray(plane, float)).tolist()
    return {"x": column, "y": row}
