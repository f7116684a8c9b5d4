"""The films of ``sample_images/``: which there are, and the command that makes them again.

``python -m balance.phantom.samples sample_images`` writes every file anew from these lines.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from balance.phantom.document import Clicks, Details, landmark_document
from balance.phantom.exposure import Calibration, Exposure, calibration, expose
from balance.phantom.film import (
    Header,
    film_dataset,
    sop_instance_uid,
    study_instance_uid,
    write_film,
)
from balance.phantom.frontal import Curve, FrontalChoices, LateralSlip, frontal_phantom
from balance.phantom.lateral import LateralChoices, Slip, Wedge, lateral_phantom
from balance.phantom.lifelike import render_lifelike
from balance.phantom.look import Implants, Look, draw_look, draw_physique
from balance.phantom.sheet import Phantom
from balance.radiograph import ImageSide

CLICK_SD_MM = 0.5
FIRST_SEED = 4100
PICTURES = 700
"""Added to a sample's seed for what only its picture shows; with it few bowels reach the skin."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One film: the spine, the person, how it is stored and what is special about it."""

    name: str
    note: str
    choices: LateralChoices | FrontalChoices
    side: ImageSide
    person: str
    case: str
    age_years: int
    sex: str
    acquired: str
    encoding: str
    state: str
    spacing: tuple[float, float] = (0.5, 0.5)
    modality: str = "DX"
    bits: int = 12
    inverted: bool = False
    details: dict[str, Any] = field(default_factory=dict)
    cages: tuple[str, ...] = ()


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "lateral_01", "young, without complaint; the same examination as frontal_01",
        LateralChoices(PI=49.0, PT=10.0, LL=57.0, TK=40.0, CL=6.0, SVA=-12.0, size=0.96,
                       hip_axis_mm=108.0, head_radius=22.5),
        "left", "A", "case_a", 24, "F", "2001-03-05", "jpeg_ls", "dicom_fiducial",
        modality="CR", bits=10,
    ),
    Sample(
        "lateral_02", "80 years, wedge fracture of T12",
        LateralChoices(PI=54.0, PT=22.0, LL=44.0, TK=48.0, CL=20.0, SVA=58.0, size=0.93,
                       hip_axis_mm=107.0, head_radius=22.0, wedges=(Wedge("T12", 16.0),)),
        "right", "B", "case_b", 80, "F", "2001-04-12", "jpeg_2000", "dicom_geometry",
    ),
    Sample(
        "lateral_03", "severe deformity before surgery: SVA 110 mm, PI-LL 35 degrees",
        LateralChoices(PI=57.0, PT=29.0, LL=22.0, L4_S1_share=1.25, TK=33.0, CL=22.0, SVA=110.0,
                       slips=(Slip("L4", 5.0),)),
        "left", "C", "case_c_before", 67, "F", "2001-05-03", "jpeg_lossless", "ermf",
        details={"surgery": "none"},
    ),
    Sample(
        "lateral_04", "the person of lateral_03 after fusion from T10 to S1; screws, rods, cages",
        LateralChoices(PI=57.0, PT=21.0, LL=50.0, L4_S1_share=0.66, TK=44.0, CL=14.0, SVA=28.0,
                       slips=(Slip("L4", 2.0),)),
        "left", "C", "case_c_after", 68, "F", "2002-02-14", "jpeg_ls", "dicom_corrected_unknown",
        details={"surgery": "postoperative", "fusion": ("T10", "S1")}, cages=("L4", "L5"),
    ),
    Sample(
        "lateral_05", "six lumbar vertebrae; the scale is true at the detector only",
        LateralChoices(PI=61.0, PT=15.0, LL=66.0, L4_S1_share=0.70, TK=39.0, CL=9.0, SVA=6.0,
                       lumbar=6),
        "right", "D", "case_d", 45, "M", "2001-06-20", "explicit", "detector",
        spacing=(0.6, 0.6), modality="CR", bits=10, details={"counted_from": "T1"},
    ),
    Sample(
        "lateral_06", "no scale at all, C7 not confirmed",
        LateralChoices(PI=46.0, PT=14.0, LL=46.0, TK=46.0, CL=16.0, SVA=35.0, size=1.04,
                       hip_axis_mm=115.0, head_radius=25.0),
        "left", "E", "case_e", 58, "M", "2001-07-09", "implicit", "none",
        spacing=(0.6, 0.6), inverted=True,
        details={
            "unconfirmed": tuple(f"C7_{plate}_{end}" for plate in ("superior", "inferior")
                                 for end in ("anterior", "posterior")),
            "position": "unknown", "arms": "unknown", "system": "unknown",
        },
    ),
    Sample(
        "frontal_01", "straight; the same examination as lateral_01",
        FrontalChoices(C7_CSVL=-4.0, size=0.96, head_radius=22.5),
        "left", "A", "case_a", 24, "F", "2001-03-05", "rle", "dicom_fiducial",
        modality="CR", bits=10,
    ),
    Sample(
        "frontal_02", "double curve of 48 and 35 degrees",
        FrontalChoices(curves=(Curve("T5", "T11", 48.0, "right"), Curve("T11", "L4", 35.0, "left")),
                       C7_CSVL=-8.0, clavicle_angle=-3.0, pelvic_obliquity=1.0, size=0.97),
        "left", "F", "case_f", 34, "F", "2001-08-16", "jpeg_2000", "dicom_geometry",
    ),
    Sample(
        "frontal_03", "straight, C7 45 mm right of the CSVL; seen from behind; oblong pixels",
        FrontalChoices(C7_CSVL=45.0, clavicle_angle=2.5, size=1.03),
        "right", "G", "case_g", 61, "M", "2001-09-27", "jpeg_lossless", "ermf",
        spacing=(0.55, 0.5), modality="CR", bits=10,
    ),
    Sample(
        "frontal_04", "lumbar curve with a lateral slip, tilted pelvis, S1 not confirmed",
        FrontalChoices(curves=(Curve("T11", "L4", 38.0, "left"),), C7_CSVL=-22.0,
                       pelvic_obliquity=-3.0, head_height_difference=-9.0, clavicle_angle=-1.5,
                       slips=(LateralSlip("L3", -6.0),), size=0.95),
        "right", "H", "case_h", 72, "F", "2001-10-11", "jpeg_ls", "dicom_corrected_unknown",
        inverted=True, modality="CR", bits=10,
        details={"unconfirmed": ("S1_superior_left", "S1_superior_right")},
    ),
)  # fmt: skip
"""Six lateral and four frontal films: every encoding, six calibrations, both facings."""


def write_samples(folder: Path, samples: tuple[Sample, ...] = SAMPLES) -> list[Path]:
    """Write the film, the clicked document and the truth of every sample.

    Parameters
    ----------
    folder
        Made where it is missing; files of the same names are replaced.
    samples
        Which samples; the seeds belong to the names, so a part equals the whole's part.

    Returns
    -------
    list of Path
        The files written, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for sample in samples:
        film = folder / f"{sample.name}.dcm"
        phantom, exposure, scale = build(sample)
        header = header_of(sample, phantom)
        look = look_of(sample, phantom)
        seed = header.seed + PICTURES
        pixels = render_lifelike(phantom, exposure, look, seed=seed, bits=sample.bits)
        write_film(film, film_dataset(pixels, exposure, header, scale=scale))
        documents = {
            "landmarks": clicked(sample, phantom, exposure),
            "truth": truth_of(phantom, exposure, scale),
        }
        written.append(film)
        for kind, document in documents.items():
            written.append(folder / f"{sample.name}.{kind}.json")
            written[-1].write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if samples == SAMPLES:
        written.append(folder / "README.md")
        written[-1].write_text(readme(), encoding="utf-8")
    return written


def build(sample: Sample) -> tuple[Phantom, Exposure, Calibration]:
    """The spine of a sample, its film and what the film tells of its scale."""
    lateral = isinstance(sample.choices, LateralChoices)
    phantom = (
        lateral_phantom(sample.choices)
        if isinstance(sample.choices, LateralChoices)
        else frontal_phantom(sample.choices)
    )
    magnification = 1.18 if lateral else 1.12
    state = calibration(sample.state)
    scale = Calibration(state.state, state.plane, magnification)
    return phantom, expose(phantom, sample.spacing, sample.side), scale


def seed_of(sample: Sample) -> int:
    """The seed of a sample, by its place in the list of all."""
    names = [row.name for row in SAMPLES]
    return FIRST_SEED + names.index(sample.name)


def look_of(sample: Sample, phantom: Phantom) -> Look:
    """How a sample looks: the body by the person's first film, the rest by the sample's own.

    Every body raises its fists, as the documents say; a fused spine carries its implants.
    """
    first = next(row for row in SAMPLES if row.person == sample.person)
    rng = np.random.default_rng(seed_of(first))
    physique = draw_physique(rng, "plain", first.age_years, first.sex, phantom.levels)
    physique = replace(physique, arms="fists_on_clavicles")
    implants = None
    if "fusion" in sample.details:
        upper, lower = sample.details["fusion"]
        levels = (*phantom.levels, "S1")
        screws = levels[levels.index(upper) : levels.index(lower) + 1]
        implants = Implants(screws, sample.cages)
    own = np.random.default_rng(seed_of(sample))
    return draw_look(own, "plain", phantom.view, physique, implants)


def header_of(sample: Sample, phantom: Phantom) -> Header:
    """The DICOM header's choices of a sample."""
    return Header(
        view=phantom.view,
        person=sample.person,
        case=sample.case,
        film=sample.name,
        seed=seed_of(sample),
        age_years=sample.age_years,
        sex=sample.sex,
        acquired=sample.acquired,
        modality=sample.modality,
        encoding=sample.encoding,
        inverted=sample.inverted,
        bits=sample.bits,
    )


def clicked(sample: Sample, phantom: Phantom, exposure: Exposure) -> dict[str, Any]:
    """What a reader clicked on a sample: the truth and the reader's own scatter."""
    header = header_of(sample, phantom)
    details = Details(
        age_years=sample.age_years,
        sex=sample.sex,
        pseudonym=f"PHANTOM-{sample.person}",
        case=sample.case,
        acquired=sample.acquired,
        image={
            "file": f"{sample.name}.dcm",
            "rows": exposure.rows,
            "columns": exposure.columns,
            "sop_instance_uid": str(sop_instance_uid(header)),
            "study_instance_uid": str(study_instance_uid(header)),
        },
        **sample.details,
    )
    scale = build(sample)[2]
    clicks = Clicks(CLICK_SD_MM, seed_of(sample))
    return landmark_document(phantom, exposure, scale=scale, details=details, clicks=clicks)


def truth_of(phantom: Phantom, exposure: Exposure, scale: Calibration) -> dict[str, Any]:
    """The constructed values; lengths are true millimetres in the patient, whatever the header."""
    return {
        "parameters": {key: round(value, 9) for key, value in phantom.truth.items()},
        "curves": [
            {
                "region": curve.region,
                "upper": curve.upper,
                "lower": curve.lower,
                "apex": curve.apex,
                "cobb": round(curve.cobb, 9),
                "convex": curve.convex,
                "declared": curve.declared,
            }
            for curve in phantom.curves
        ],
        "true_spacing_mm": {"row": exposure.row_mm, "column": exposure.column_mm},
        "told_over_true": None if scale.state == "none" else scale.shown,
        "click_sd_mm": CLICK_SD_MM,
    }


def readme() -> str:
    """The page that stands beside the samples."""
    lines = [
        "# Sample films",
        "",
        "Computer-generated films of constructed spines: no patient, no pixel of a real film.",
        "`NAME.dcm` is the film, `NAME.landmarks.json` what a reader clicked (the exact points and",
        f"{CLICK_SD_MM} mm of scatter per axis), `NAME.truth.json` the values by construction.",
        "Lengths of the truth are millimetres in the patient; a header that tells the detector's",
        "pixel size reads `told_over_true` times longer.",
        "",
        "Made by `python -m balance.phantom.samples sample_images`.",
        "",
        "| film | what it shows | age | side | pixels | scale in the header |",
        "|---|---|---|---|---|---|",
    ]
    for sample in SAMPLES:
        word = "faces" if isinstance(sample.choices, LateralChoices) else "patient's right on the"
        shade = "MONOCHROME1" if sample.inverted else "MONOCHROME2"
        lines.append(
            f"| {sample.name} | {sample.note} | {sample.age_years} {sample.sex} "
            f"| {word} {sample.side} | {sample.modality}, {sample.bits} bit, {shade}, "
            f"{sample.encoding} | {sample.state} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the samples into the folder that is named; 2 where none is."""
    if len(arguments) != 1:
        print("usage: python -m balance.phantom.samples FOLDER", file=sys.stderr)
        return 2
    written = write_samples(Path(arguments[0]))
    total = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {total / 1e6:.1f} MB in {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
