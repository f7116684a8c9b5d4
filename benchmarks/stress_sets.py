"""Folders of phantom films that are hard for one reason each, to see what breaks a proposal.

``python -m benchmarks.stress_sets FOLDER [--count N] [--seed S] [--only FACTOR,...]`` writes
``FOLDER/FACTOR/NAME.dcm`` with its exact landmarks. Film i of a factor depends on the seed, the
factor and i only. Everything but the factor is a plain film, so that a factor can be blamed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom

from balance.phantom.lateral import LateralChoices, Wedge
from balance.phantom.look import Implants, Marks
from balance.phantom.series import write_phantom
from balance.phantom.sizes import levels_between
from balance.phantom.specs import PhantomSpec, draw_specs, stands

Change = Callable[[PhantomSpec, np.random.Generator], PhantomSpec | None]

FINEST = (0.2, 0.2)
MORE_THAN_NEEDED = 4
"""A drawn spine may not stand with what a factor does to it; others are drawn then."""


def _as_drawn(spec: PhantomSpec, _: np.random.Generator) -> PhantomSpec:
    return replace(spec, inverted=False)


def _inverted(spec: PhantomSpec, _: np.random.Generator) -> PhantomSpec:
    return replace(spec, inverted=True)


def _edge_enhanced(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec:
    way = replace(
        spec.look.processing,
        base=round(float(rng.uniform(0.1, 0.3)), 3),
        middle=1.2,
        fine=round(float(rng.uniform(1.5, 2.0)), 3),
        edge=round(float(rng.uniform(1.5, 4.0)), 3),
        edge_mm=round(float(rng.uniform(0.6, 2.5)), 2),
        compress=0.65,
    )
    return replace(spec, look=replace(spec.look, processing=way))


def _noisy(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec:
    beam = replace(
        spec.look.beam,
        kiloquanta=round(float(np.exp(rng.uniform(np.log(6.0), np.log(20.0)))), 2),
        scatter=round(float(rng.uniform(0.3, 0.5)), 3),
        blur_mm=round(float(rng.uniform(0.25, 0.5)), 2),
    )
    physique = replace(spec.look.physique, obesity=round(float(rng.uniform(0.6, 1.0)), 2))
    return replace(spec, look=replace(spec.look, beam=beam, physique=physique))


def _cut_field(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec | None:
    """Every other film ends above C7, the rest leave one femoral head out."""
    if rng.random() < 0.5:
        return replace(spec, cut="neck")
    choices = spec.choices
    if not isinstance(choices, LateralChoices):
        return None
    up = float(rng.choice((-1.0, 1.0)) * rng.uniform(15.0, 20.0))
    apart = (choices.head_apart[0], round(up, 1))
    return replace(spec, cut="hip", choices=replace(choices, head_apart=apart))


def _implants(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec:
    levels = _levels(spec)
    upper = str(rng.choice(("T3", "T4", "T10", "L1", "L2")))
    to_sacrum = bool(rng.random() < 0.7)
    screws = levels[levels.index(upper) :] + (("S1",) if to_sacrum else ())
    cages = tuple(level for level in levels[-3:] if rng.random() < 0.5 and level != screws[-1])
    metal = Implants(screws, cages, iliac=to_sacrum and upper[0] == "T")
    person = replace(spec.person, fusion=(upper, screws[-1]), implants=metal)
    return replace(spec, person=person, look=replace(spec.look, implants=metal))


def _fractures(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec | None:
    """One to three wedge fractures of 10 to 25 degrees."""
    levels = _levels(spec)
    candidates = levels[levels.index("T6") : levels.index("L4")]
    picked = sorted(rng.choice(len(candidates), int(rng.integers(1, 4)), replace=False).tolist())
    wedges = tuple(
        Wedge(candidates[place], round(float(rng.uniform(10.0, 25.0)), 1)) for place in picked
    )
    return _with(spec, wedges=wedges)


def _scoliosis(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec:
    """The bodies stand askew to the beam: every endplate has two rims."""
    rims = round(float(rng.uniform(3.0, 7.0)), 1)
    physique = replace(spec.look.physique, rim_double_mm=rims)
    return replace(spec, look=replace(spec.look, physique=physique))


def _six_lumbar(spec: PhantomSpec, _: np.random.Generator) -> PhantomSpec | None:
    return _with(spec, thoracic=12, lumbar=6)


def _thirteen_or_eleven(spec: PhantomSpec, rng: np.random.Generator) -> PhantomSpec | None:
    return _with(spec, thoracic=13 if rng.random() < 0.5 else 11, lumbar=5)


def _letters(spec: PhantomSpec, _: np.random.Generator) -> PhantomSpec:
    marks = Marks(words=("L", "LAT"))
    return replace(spec, look=replace(spec.look, marks=marks))


def _with(spec: PhantomSpec, **changes: object) -> PhantomSpec | None:
    if not isinstance(spec.choices, LateralChoices):
        return None
    choices = replace(spec.choices, **changes)  # type: ignore[arg-type]
    if not stands(choices):
        return None
    return replace(spec, choices=choices, person=replace(spec.person, choices=choices))


def _levels(spec: PhantomSpec) -> tuple[str, ...]:
    return levels_between(spec.choices.thoracic, spec.choices.lumbar)


FACTORS: dict[str, tuple[Change, str]] = {
    "plain": (_as_drawn, "no factor, what the others are compared with"),
    "hard": (_as_drawn, "everything at once, as the hard phantoms draw it"),
    "inverted": (_inverted, "stored bone dark (MONOCHROME1), and the header says so"),
    "inverted_untold": (_as_drawn, "stored bone dark, and the header says bone bright"),
    "edge_enhanced": (_edge_enhanced, "strong unsharp mask and local contrast"),
    "noisy": (_noisy, "few quanta, much scatter, a large patient"),
    "cut_field": (_cut_field, "the film ends above C7, or leaves out one femoral head"),
    "implants": (_implants, "screws, rods and cages"),
    "fractures": (_fractures, "one to three wedge fractures of 10 to 25 degrees"),
    "scoliosis": (_scoliosis, "two rims at every endplate, 3 to 7 mm apart"),
    "six_lumbar": (_six_lumbar, "six lumbar vertebrae, and the document says so"),
    "thoracic_13_11": (_thirteen_or_eleven, "13 or 11 thoracic vertebrae, told"),
    "mirrored": (_letters, "film mirrored and facing told rightly, against the header"),
}
"""Every factor: what it does to a plain lateral film, and in words."""


def specs_of(factor: str, count: int, seed: int) -> Iterator[PhantomSpec]:
    """The films of one factor, at 0.2 mm."""
    change, _ = FACTORS[factor]
    # Films that are changed after they were written must be stored as every reader can undo.
    stored = {"encoding": "explicit"} if factor in ("inverted_untold", "mirrored") else {}
    style = "hard" if factor == "hard" else "plain"
    number = list(FACTORS).index(factor)
    made = 0
    for spec in draw_specs(MORE_THAN_NEEDED * count, seed=seed, style=style):
        if made == count:
            return
        rng = np.random.default_rng([seed, number, spec.person.number])
        changed = change(replace(spec, spacing=FINEST, **stored), rng)
        if changed is not None:
            made += 1
            yield replace(changed, name=f"{factor}_{spec.person.number:04d}")


def write_set(folder: Path, factor: str, *, count: int, seed: int) -> None:
    """Write the films of one factor."""
    folder.mkdir(parents=True, exist_ok=True)
    for spec in specs_of(factor, count, seed):
        film, document, _ = write_phantom(folder, spec)
        if factor == "inverted_untold":
            _turn_grey_over(film)
        elif factor == "mirrored":
            _mirror(film, document)


def _turn_grey_over(film: Path) -> None:
    dataset = pydicom.dcmread(film)
    pixels = dataset.pixel_array
    _store(dataset, 2 ** int(dataset.BitsStored) - 1 - pixels, film)


def _mirror(film: Path, document: Path) -> None:
    """Turn film and points over, left for right; the header keeps its word of the sides."""
    dataset = pydicom.dcmread(film)
    pixels = dataset.pixel_array
    _store(dataset, pixels[:, ::-1], film)
    truth = json.loads(document.read_text(encoding="utf-8"))
    last = pixels.shape[1] - 1
    for point in truth["points"].values():
        point["x"] = last - point["x"]
    if "vertical" in truth:
        truth["vertical"] = [[last - x, y] for x, y in truth["vertical"]]
    truth["facing"] = "left" if truth["facing"] == "right" else "right"
    document.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def _store(dataset: pydicom.Dataset, pixels: np.ndarray, path: Path) -> None:
    stored = np.ascontiguousarray(pixels, dtype="<u2")
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset["PixelData"].is_undefined_length = False
    dataset.save_as(path, enforce_file_format=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stress_sets", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--only", default=",".join(FACTORS))
    asked = parser.parse_args()
    for factor in asked.only.split(","):
        write_set(asked.folder / factor, factor, count=asked.count, seed=asked.seed)
        print(f"{factor}: {FACTORS[factor][1]}", flush=True)


if __name__ == "__main__":
    main()
