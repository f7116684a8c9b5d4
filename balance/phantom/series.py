"""A series of phantoms on disk: film, exact landmarks and truth of each, the same for a seed."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balance.phantom.document import Details, landmark_document
from balance.phantom.exposure import Calibration, Exposure, calibration
from balance.phantom.film import Header, film_dataset, sop_instance_uid, study_instance_uid
from balance.phantom.framing import frame_film, points_off_film
from balance.phantom.frontal import FrontalChoices, frontal_phantom
from balance.phantom.lateral import lateral_phantom
from balance.phantom.lifelike import render_lifelike
from balance.phantom.look import StyleName
from balance.phantom.samples import truth_of
from balance.phantom.sheet import Phantom
from balance.phantom.specs import PhantomSpec, ViewChoice, draw_specs
from balance.phantom.stamps import seam_row
from balance.writing import write_atomically

__all__ = ["PhantomSpec", "draw_specs", "write_phantom", "write_phantoms"]

MAGNIFICATION = {"lateral": 1.18, "frontal": 1.12}

NEED_HIPS = frozenset((
    "PI", "PT", "PI_LL", "TPA", "T4PA", "L1PA", "T9SPi", "T1SPi", "GT", "OD_HA", "T4_L1PA",
    "barrey_ratio",
))  # fmt: skip
"""Values that no film shows exactly when one femoral head is off it."""

NEED_C2 = frozenset(("CL", "C2S", "TS_CL", "cSVA", "OD_HA"))


def write_phantoms(
    folder: Path,
    *,
    count: int,
    seed: int,
    style: StyleName = "plain",
    view: ViewChoice = "lateral",
) -> tuple[Path, ...]:
    """Write the phantoms of a seed.

    Parameters
    ----------
    folder
        Made where it is missing; files of the same names are replaced, each as a whole.
    count
        Persons; ``both`` writes two films of each, which share their ``case``.
    seed
        Film i depends on the seed and i only: 5 phantoms are the first 5 of 10, byte for byte.
    style, view
        As in `draw_specs`.

    Returns
    -------
    tuple of Path
        ``NAME.dcm``, ``NAME.truth.landmarks.json`` and ``NAME.truth.json`` of every film, in order.

    Raises
    ------
    ValueError
        For a negative count or seed, or an unknown style or view.
    OSError
        Where the folder cannot be written.
    """
    specs = draw_specs(count, seed=seed, style=style, view=view)
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(path for spec in specs for path in write_phantom(folder, spec))


def write_phantom(folder: Path, spec: PhantomSpec) -> tuple[Path, Path, Path]:
    """Write one film, its exact landmarks and its truth; the folder must exist."""
    phantom, exposure = build(spec)
    header = header_of(spec)
    film = film_dataset(pixels_of(spec, phantom, exposure), exposure, header, scale=scale_of(spec))
    buffer = io.BytesIO()
    film.save_as(buffer, enforce_file_format=True)
    paths = (
        folder / f"{spec.name}.dcm",
        folder / f"{spec.name}.truth.landmarks.json",
        folder / f"{spec.name}.truth.json",
    )
    write_atomically(paths[0], buffer.getvalue())
    for path, document in (
        (paths[1], landmarks_of(spec, phantom, exposure)),
        (paths[2], truth_facts(spec, phantom, exposure)),
    ):
        write_atomically(path, (json.dumps(document, indent=1) + "\n").encode())
    return paths


def build(spec: PhantomSpec) -> tuple[Phantom, Exposure]:
    """The spine of a film and where it lies on it."""
    choices = spec.choices
    phantom = (
        frontal_phantom(choices)
        if isinstance(choices, FrontalChoices)
        else lateral_phantom(choices)
    )
    exposure = frame_film(
        phantom, spec.spacing, spec.side, marks=spec.look.marks, tilt_deg=spec.tilt_deg,
        cut=spec.cut,
    )  # fmt: skip
    return phantom, exposure


def pixels_of(
    spec: PhantomSpec, phantom: Phantom, exposure: Exposure, *, noiseless: bool = False
) -> NDArray[np.uint16]:
    """The rendered film, bone bright, before it is stored."""
    return render_lifelike(
        phantom, exposure, spec.look, seed=spec.seed, bits=spec.bits, noiseless=noiseless
    )


def scale_of(spec: PhantomSpec) -> Calibration:
    """What the film tells of its scale."""
    state = calibration(spec.state)
    return Calibration(state.state, state.plane, MAGNIFICATION[spec.view])


def header_of(spec: PhantomSpec) -> Header:
    """The DICOM header's choices of a film."""
    return Header(
        view=spec.view,
        person=spec.case,
        case=spec.case,
        film=spec.name,
        seed=spec.seed,
        age_years=spec.person.age_years,
        sex=spec.person.sex,
        acquired=spec.person.acquired,
        modality=spec.modality,
        encoding=spec.encoding,
        inverted=spec.inverted,
        bits=spec.bits,
    )


def landmarks_of(spec: PhantomSpec, phantom: Phantom, exposure: Exposure) -> dict[str, Any]:
    """The exact landmark document; points that the film does not show are not in it."""
    header, person = header_of(spec), spec.person
    details = Details(
        age_years=person.age_years,
        sex=person.sex,
        pseudonym=f"PHANTOM-{spec.case}",
        case=spec.case,
        acquired=person.acquired,
        arms=person.physique.arms,
        system="stitched" if spec.look.seam else "slot_scan",
        counted_from="T1" if spec.cut == "neck" else "C2",
        surgery="postoperative" if person.fusion else "none",
        fusion=person.fusion,
        image={
            "file": f"{spec.name}.dcm",
            "rows": exposure.rows,
            "columns": exposure.columns,
            "sop_instance_uid": str(sop_instance_uid(header)),
            "study_instance_uid": str(study_instance_uid(header)),
        },
    )
    document = landmark_document(phantom, exposure, scale=scale_of(spec), details=details)
    for name in points_off_film(phantom, exposure, spec.look.marks):
        del document["points"][name]
    return document


def truth_facts(spec: PhantomSpec, phantom: Phantom, exposure: Exposure) -> dict[str, Any]:
    """What is true of a film: values, curves, and everything that was done to it."""
    hidden = points_off_film(phantom, exposure, spec.look.marks)
    truth = truth_of(phantom, exposure, scale_of(spec)) | {"click_sd_mm": 0.0}
    gone = set(values_hidden_with(phantom, hidden))
    values = truth["parameters"]
    truth["parameters"] = {key: value for key, value in values.items() if key not in gone}
    truth["parameters_off_film"] = {key: value for key, value in values.items() if key in gone}
    return truth | {
        "points_off_film": list(hidden),
        "seam_row": seam_row(exposure, spec.look),
        "style": spec.look.style,
        "posture": spec.person.posture,
        "choices": dataclasses.asdict(spec.choices),
        "look": dataclasses.asdict(spec.look),
        "film": {
            "seed": spec.seed,
            "view": spec.view,
            "tilt_deg": spec.tilt_deg,
            "cut": spec.cut,
            "encoding": spec.encoding,
            "modality": spec.modality,
            "bits": spec.bits,
            "inverted": spec.inverted,
            "scale_state": spec.state,
        },
    }


def values_hidden_with(phantom: Phantom, hidden: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of the truth that cannot be read from the points that are left."""
    gone = {name.split("_")[0] for name in hidden}
    heads = any(name.startswith("femoral_head") for name in hidden)
    found = []
    for key in phantom.truth:
        levels = key.split(".")[1].split("_") if "." in key else []
        if gone & set(levels) or (heads and key in NEED_HIPS) or ("C2" in gone and key in NEED_C2):
            found.append(key)
    return tuple(found)
