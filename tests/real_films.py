"""Real films: published annotations as landmark documents, measured, and compared with themselves.

The folder is named by ``SPINAL_BALANCE_FILMS`` (else ``../shared/radiographs`` beside the
repository). Run as a script this module writes the page about it::

    python tests/real_films.py docs/real-films.md

No pixel, no file name with a date and no path of the folder reaches the page.
"""

from __future__ import annotations

import cmath
import csv
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from balance.analysis import Analysis, analyse
from balance.errors import BalanceError
from balance.examination import Document, Examination
from balance.inspection import film_record
from balance.landmarks.files import parse_landmarks
from balance.metrics.curves import Curve

FOLDER = Path(
    os.environ.get("SPINAL_BALANCE_FILMS")
    or Path(__file__).resolve().parents[2] / "shared" / "radiographs"
)
FRONTAL, LATERAL = FOLDER / "aasce2019-ap", FOLDER / "lumbar-lateral-reconstructed"
CENTRES, PELVES = FOLDER / "ct-vertebra-keypoints-3d", FOLDER / "uci-vertebral-column"
DICOM = FOLDER / "dicom-decoder"

IMAGE_LEFT_IS_RIGHT = {
    "TL": "superior_right",
    "TR": "superior_left",
    "BL": "inferior_right",
    "BR": "inferior_left",
}
"""Corner of the image to corner of the patient, patient's right on the image's left.

Seen on the films: heart shadow and L marker lie on the image's right.
"""
MIRRORED = {
    "TL": "superior_left",
    "TR": "superior_right",
    "BL": "inferior_left",
    "BR": "inferior_right",
}
UPSIDE_DOWN = {
    "TL": "inferior_right",
    "TR": "inferior_left",
    "BL": "superior_right",
    "BR": "superior_left",
}
HALF_TURN = {
    "TL": "inferior_left",
    "TR": "inferior_right",
    "BL": "superior_left",
    "BR": "superior_right",
}
ONE_SIDE = {
    "TL": "inferior_right",
    "TR": "superior_left",
    "BL": "superior_right",
    "BR": "inferior_left",
}
"""The fault that the data set's authors call UDflip: two corners of one side exchanged."""

CT_PIXELS_PER_MM = 2.0


@dataclass(frozen=True)
class Box:
    """One vertebra as the data set has it: four corners of the image, x + iy, y downwards."""

    level: str
    tl: complex
    tr: complex
    bl: complex
    br: complex

    @property
    def centre(self) -> complex:
        """Mean of the corners."""
        return (self.tl + self.tr + self.bl + self.br) / 4


@dataclass(frozen=True)
class FrontalFilm:
    """One annotated frontal film; ``number`` is its line in the folder's ``filenames.csv``."""

    number: int
    name: str
    rows: int
    columns: int
    published: tuple[float, ...]
    issues: tuple[str, ...]
    boxes: tuple[Box, ...]

    @property
    def path(self) -> Path:
        """Where the picture lies."""
        return FRONTAL / self.name

    @property
    def label(self) -> str:
        """A neutral name."""
        return f"frontal-{self.number:02d}"


@dataclass(frozen=True)
class LateralFilm:
    """One annotated lumbar lateral film."""

    name: str
    rows: int
    columns: int
    anterior: str
    vertebrae: tuple[dict[str, Any], ...]

    @property
    def path(self) -> Path:
        """Where the picture lies."""
        return LATERAL / self.name


def film_paths() -> list[Path]:
    """Every file of the folder that claims to be a film."""
    others = (".json", ".csv", ".md")
    return sorted(p for p in FOLDER.rglob("*") if p.is_file() and p.suffix not in others)


# --- annotations to landmark documents -----------------------------------------------------------


@cache
def frontal_films() -> tuple[FrontalFilm, ...]:
    """The annotated frontal films, in the order of the data set's own list."""
    source = FRONTAL / "landmarks_px.json"
    if not source.exists():
        return ()
    films = json.loads(source.read_text())["images"]
    return tuple(
        FrontalFilm(
            number=number,
            name=name,
            rows=film["height"],
            columns=film["width"],
            published=tuple(film["cobb_deg_as_published"]),
            issues=tuple(film["label_issues"]),
            boxes=tuple(
                Box(one["level"], *(complex(*one[corner]) for corner in IMAGE_LEFT_IS_RIGHT))
                for one in film["vertebrae"]
            ),
        )
        for number, (name, film) in enumerate(films.items(), 1)
    )


def well_labelled() -> tuple[FrontalFilm, ...]:
    """The frontal films without a known error of their labels."""
    return tuple(film for film in frontal_films() if not film.issues)


def frontal_document(
    film: FrontalFilm,
    *,
    patient_right: str | None = "left",
    relabelled: dict[str, str] = IMAGE_LEFT_IS_RIGHT,
    at: Iterable[str] = (),
) -> dict[str, Any]:
    """The landmark document of a frontal film.

    Parameters
    ----------
    patient_right
        What the document says; None leaves it out.
    relabelled
        Which image corner bears which name, at the levels ``at`` (none: the true names).
    """
    points = {}
    for box in film.boxes:
        names = relabelled if box.level in at else IMAGE_LEFT_IS_RIGHT
        corners = zip(IMAGE_LEFT_IS_RIGHT, (box.tl, box.tr, box.bl, box.br), strict=True)
        for corner, place in corners:
            points[f"{box.level}_{names[corner]}"] = _point(place)
    document = _document("frontal", film.label, points, film.rows, film.columns)
    if patient_right is not None:
        document["patient_right"] = patient_right
    return document | {"acquisition": {"position": "standing"}}


@cache
def lateral_films() -> tuple[LateralFilm, ...]:
    """The annotated lumbar lateral films."""
    source = LATERAL / "landmarks_px.json"
    if not source.exists():
        return ()
    films = json.loads(source.read_text())["images"]
    return tuple(
        LateralFilm(
            name=name,
            rows=film["height"],
            columns=film["width"],
            anterior=film["anterior"].removeprefix("image "),
            vertebrae=tuple(film["vertebrae"]),
        )
        for name, film in films.items()
    )


def lateral_document(
    film: LateralFilm,
    *,
    facing: str | None = None,
    mirrored: bool = False,
    swapped_at: str | None = None,
) -> dict[str, Any]:
    """The landmark document of a lumbar lateral film; S1 has no inferior endplate there.

    Parameters
    ----------
    facing
        What the document says; None leaves it out.
    mirrored
        Take the points of the mirrored picture.
    swapped_at
        A level whose anterior and posterior labels are exchanged.
    """
    points = {}
    for vertebra in film.vertebrae:
        level = vertebra["level"]
        for corner, (x, y) in ((name, at) for name, at in vertebra.items() if name != "level"):
            if level == "S1" and corner.startswith("inferior"):
                continue
            name = corner
            if level == swapped_at:
                plate, end = corner.split("_")
                name = f"{plate}_{'posterior' if end == 'anterior' else 'anterior'}"
            place = complex(film.columns - 1 - x if mirrored else x, y)
            points[f"{level}_{name}"] = _point(place)
    document = _document("lateral", film.path.stem, points, film.rows, film.columns)
    document["vertebrae"]["counted_from"] = "S1"
    return document if facing is None else document | {"facing": facing}


@cache
def ct_names() -> tuple[str, ...]:
    """Names of the computed tomographies of which vertebral centres are known."""
    return tuple(path.stem for path in sorted(CENTRES.glob("*.json")))


def ct_bodies(name: str) -> dict[str, tuple[float, float, float]]:
    """Level to the centre of its body: x leftwards, y backwards, z upwards, in mm."""
    return {
        entry["type"]["spine_level"]: tuple(entry["coordinates"]["world_space"])
        for entry in _ct_entries(name, "body")
    }


def ct_pedicles(name: str, side: str) -> list[tuple[float, float, float]]:
    """Centres of the pedicles of one side of the patient, from the head down."""
    return [tuple(entry["coordinates"]["world_space"]) for entry in _ct_entries(name, side)]


def _ct_entries(name: str, kind: str) -> list[dict[str, Any]]:
    entries = json.loads((CENTRES / f"{name}.json").read_text())
    return [entry for entry in entries if entry["type"]["keypoint_type"] == kind]


def ct_pixel(view: str, place: Sequence[float]) -> complex:
    """A place of the body seen from the front (patient's right at left) or facing left."""
    x, y, z = place
    return CT_PIXELS_PER_MM * complex(1000 + (x if view == "frontal" else y), 2000 - z)


def ct_document(name: str, view: str, *, with_side: bool = True) -> dict[str, Any]:
    """Centres of one spine, projected; C1 has no name in a landmark document and is left out."""
    bodies = ct_bodies(name)
    points = {
        f"{level}_centroid": _point(ct_pixel(view, place))
        for level, place in bodies.items()
        if level != "C1"
    }
    document = _document(view, f"ct-{name}", points, 6000, 4000)
    step = 1 / CT_PIXELS_PER_MM
    document["spacing_mm"] = {"row": step, "column": step, "source": "dicom_geometry"}
    document["acquisition"] = {"position": "supine"}
    document["vertebrae"] = {"thoracic": 12, "lumbar": 6 if "L6" in bodies else 5}
    if with_side:
        document["facing" if view == "lateral" else "patient_right"] = "left"
    return document


@cache
def pelves() -> tuple[dict[str, float], ...]:
    """PI, PT, SS and LL of the published table of 310 people, degrees."""
    source = PELVES / "dataset-3C.csv"
    if not source.exists():
        return ()
    columns = {
        "PI": "pelvic_incidence",
        "PT": "pelvic_tilt",
        "SS": "sacral_slope",
        "LL": "lumbar_lordosis_angle",
    }
    with source.open(newline="") as stream:
        return tuple(
            {key: float(row[column]) for key, column in columns.items()}
            for row in csv.DictReader(stream)
        )


def pelvis_document(pelvis: dict[str, float]) -> dict[str, Any]:
    """Constructed points that have this PT, SS and LL: hips, S1 and L1 endplates, 1 px a mm.

    The incidence follows; it is not put in. L1 stands on the mean normal of the two endplates, so
    that even a sacrum tilted past the vertical lies below it.
    """
    tilt, slope = math.radians(pelvis["PT"]), math.radians(pelvis["SS"])
    above = slope - math.radians(pelvis["LL"])
    hips = complex(1000, 1500)
    middle = hips + 110 * complex(-math.sin(tilt), -math.cos(tilt))
    points = {"femoral_head_1": _point(hips), "femoral_head_2": _point(hips)}
    upper = middle + 170 * cmath.rect(1, (slope + above - math.pi) / 2)
    for name, centre, angle in (("S1", middle, slope), ("L1", upper, above)):
        half = 18 * cmath.rect(1, angle)
        points[f"{name}_superior_anterior"] = _point(centre + half)
        points[f"{name}_superior_posterior"] = _point(centre - half)
    document = _document("lateral", "constructed", points, 3000, 2000)
    return document | {"facing": "right", "spacing_mm": None}


def _point(place: complex) -> dict[str, Any]:
    return {"x": place.real, "y": place.imag, "source": "imported"}


def _document(
    view: str, case: str, points: dict[str, Any], rows: int, columns: int
) -> dict[str, Any]:
    return {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": view,
        "case": case,
        "points": points,
        "spacing_mm": None,
        "vertebrae": {"counted_from": "unknown"},
        "image": {"rows": rows, "columns": columns},
    }


def measured(document: dict[str, Any]) -> Analysis:
    """The program's answer to a document."""
    landmarks = parse_landmarks(json.dumps(document).encode())
    one = Document(document["case"], landmarks)
    lateral = document["view"] == "lateral"
    return analyse(Examination(lateral=one) if lateral else Examination(frontal=one))


def refusal(document: dict[str, Any]) -> str | None:
    """The sentence with which the program refuses a document, None where it accepts it."""
    try:
        parse_landmarks(json.dumps(document).encode())
    except BalanceError as error:
        return str(error)
    return None


# --- the same angles, found another way ----------------------------------------------------------


@dataclass(frozen=True)
class Bend:
    """A curve found by trying every pair: indices of the end vertebrae, degrees, convex side."""

    upper: int
    lower: int
    cobb: float
    convex: str


def bend_between(boxes: Sequence[Box], upper: int, lower: int) -> Bend:
    """Superior endplate of the upper to inferior endplate of the lower vertebra.

    The turn on the screen is clockwise where the plates open to the image's right, which is the
    patient's left.
    """
    above, below = boxes[upper], boxes[lower]
    turn = cmath.phase((below.br - below.bl) / (above.tr - above.tl))
    return Bend(upper, lower, math.degrees(abs(turn)), "left" if turn > 0 else "right")


def largest_bend(boxes: Sequence[Box], first: int, last: int) -> Bend:
    """The largest angle of all pairs; of equal ones the pair that lies farthest apart."""
    pairs = [
        bend_between(boxes, upper, lower)
        for upper in range(first, last + 1)
        for lower in range(upper + 1, last + 1)
    ]
    most = max(one.cobb for one in pairs)
    tied = [one for one in pairs if most - one.cobb <= 1e-6]
    return max(tied, key=lambda one: one.lower - one.upper)


def every_bend(boxes: Sequence[Box]) -> list[Bend]:
    """The largest bend, then the largest above its upper and below its lower end, and so on."""
    found, open_parts = [], [(0, len(boxes) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last <= first:
            continue
        bend = largest_bend(boxes, first, last)
        if bend.cobb >= 10:
            found.append(bend)
            open_parts += [(first, bend.upper), (bend.lower, last)]
    return sorted(found, key=lambda one: one.upper)


def apex_of(boxes: Sequence[Box], upper: int, lower: int) -> tuple[str, str]:
    """Vertebra or disc farthest from the line between the end vertebrae, and the side it lies on.

    The side is the patient's and is found from the place alone, without any angle.
    """
    start, end = boxes[upper].centre, boxes[lower].centre
    best = (-1.0, "", "")
    for place in range(upper, lower + 1):
        box = boxes[place]
        candidates = [(box.level, box.centre)]
        if place < lower:
            under = boxes[place + 1]
            disc = (box.bl + box.br + under.tl + under.tr) / 4
            candidates.append((f"{box.level}/{under.level}", disc))
        for name, where in candidates:
            # Multiplied by the conjugate of the line, the imaginary part is the distance times its
            # length; y grows downwards, so a positive one lies on the image's left.
            away = ((where - start) * (end - start).conjugate()).imag
            if abs(away) > best[0]:
                best = (abs(away), name, "right" if away > 0 else "left")
    return best[1], best[2]


def midline_cobb(boxes: Sequence[Box]) -> tuple[float, int, int]:
    """The data set's own angle: largest difference of the lines through the mid-heights.

    Returns
    -------
    tuple
        Degrees, and the indices of the upper and lower of the two vertebrae.
    """
    tilts = [
        math.degrees(cmath.phase((box.tr + box.br) / 2 - (box.tl + box.bl) / 2)) for box in boxes
    ]
    low, high = tilts.index(min(tilts)), tilts.index(max(tilts))
    return tilts[high] - tilts[low], min(low, high), max(low, high)


# --- the comparison ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """One film: the program's answer, the same angle recomputed, and the published one."""

    film: FrontalFilm
    analysis: Analysis
    recomputed: Bend
    midline: tuple[float, int, int]
    seconds: float

    @property
    def largest(self) -> Curve | None:
        """The program's largest curve, None where it lists none."""
        return max(self.analysis.curves, key=lambda curve: curve.cobb, default=None)

    @property
    def difference(self) -> float:
        """Endplate angle less mid-body angle, degrees."""
        return self.recomputed.cobb - self.midline[0]

    @property
    def same_ends(self) -> bool:
        """Whether both definitions chose the same two end vertebrae."""
        return (self.recomputed.upper, self.recomputed.lower) == self.midline[1:]

    def levels(self, upper: int, lower: int) -> str:
        """Two end vertebrae by name."""
        return f"{self.film.boxes[upper].level}-{self.film.boxes[lower].level}"


@cache
def comparison(film: FrontalFilm) -> Comparison:
    """One film, measured and recomputed."""
    document = frontal_document(film)
    start = time.perf_counter()
    analysis = measured(document)
    seconds = time.perf_counter() - start
    boxes = film.boxes
    largest = largest_bend(boxes, 0, len(boxes) - 1)
    return Comparison(film, analysis, largest, midline_cobb(boxes), seconds)


def comparisons() -> tuple[Comparison, ...]:
    """Every well labelled frontal film, measured and recomputed."""
    return tuple(comparison(film) for film in well_labelled())


SIZES = ((0.0, 10.0), (10.0, 25.0), (25.0, 45.0), (45.0, 180.0))


def doubtful_curves(row: Comparison) -> list[Curve]:
    """Listed curves that span two vertebrae, or bend to the same side as the next listed one."""
    curves = list(row.analysis.curves)
    levels = [box.level for box in row.film.boxes]
    short = {one for one in curves if levels.index(one.lower) - levels.index(one.upper) < 2}
    for above, below in pairwise(curves):
        if above.lower == below.upper and above.convex == below.convex:
            short.add(min(above, below, key=lambda one: one.cobb))
    return [one for one in curves if one in short]


def summary(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Mean, standard deviation and the 95 % limits of agreement."""
    mean = statistics.fmean(values)
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return mean, sd, mean - 1.96 * sd, mean + 1.96 * sd


def comparison_table() -> str:
    """One row for each annotated frontal film, as Markdown."""
    lines = [
        "| film | published | mid-body lines | chosen | endplates | chosen | difference "
        "| curves that the program lists | SD | selection bias |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in comparisons():
        largest = row.largest
        listed = "; ".join(
            f"{one.region} {one.upper}-{one.lower} {one.cobb:.1f} {one.convex}, apex {one.apex}"
            for one in row.analysis.curves
        )
        cells = [
            f"{row.film.number}",
            f"{row.film.published[0]:.2f}",
            f"{row.midline[0]:.2f}",
            row.levels(*row.midline[1:]),
            f"{row.recomputed.cobb:.2f}",
            row.levels(row.recomputed.upper, row.recomputed.lower),
            f"{row.difference:+.1f}",
            listed or "none",
            f"{largest.sd:.1f}" if largest else "",
            f"{largest.selection_bias:.1f}" if largest else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


# --- the page ------------------------------------------------------------------------------------

COLLECTIONS = {
    "aasce2019-ap": "AASCE 2019 challenge, SpineWeb set 16 (Wu et al., 2017): frontal films, "
    "17 vertebrae with four corners each",
    "aasce2019-whole-spine-ap": "AASCE 2019 challenge, test films: whole spine, frontal, "
    "no annotation",
    "dicom-decoder": "public DICOM test files (NEMA WG04, pydicom, fo-dicom, GDCM, highdicom): "
    "few of them spines",
    "lumbar-lateral-reconstructed": "Spondylolisthesis Vertebral Landmark Dataset (Mendeley Data "
    "5jdfdgp762, with BUU-LSPINE): lumbar lateral films from a published figure",
    "whole-spine-ap-mixed-quality": "Fraiwan et al., PLoS ONE 2022 (Mendeley Data xkt857dsxk): "
    "frontal films, some photographed from a light box; diagnosis in words only",
}


@dataclass(frozen=True)
class Opened:
    """One film as ``inspect`` describes it, or the sentence that refuses it."""

    path: Path
    record: dict[str, Any] | None
    error: str | None

    @property
    def collection(self) -> str:
        """The subfolder that it lies in."""
        return self.path.parent.name


@cache
def opened_films() -> tuple[Opened, ...]:
    """Every film of the folder, opened."""
    from balance.film import open_film

    films = []
    for path in film_paths():
        try:
            films.append(Opened(path, film_record(path.name, open_film(path)), None))
        except BalanceError as error:
            films.append(Opened(path, None, str(error).removeprefix(f"{path}: ")))
    return tuple(films)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _collection_table() -> str:
    rows = []
    for name, words in COLLECTIONS.items():
        films = [one for one in opened_films() if one.collection == name]
        records = [one.record for one in films if one.record]
        if not records:
            continue
        small = min(records, key=lambda one: one["rows"] * one["columns"])
        large = max(records, key=lambda one: one["rows"] * one["columns"])
        states = sorted({one["spacing_mm"]["state"] for one in records})
        rows.append(
            (
                words,
                len(films),
                len(records),
                f"{small['columns']} x {small['rows']} to {large['columns']} x {large['rows']}",
                ", ".join(states),
            )
        )
    return _table(("films", "files", "opened", "columns x rows", "state of the scale"), rows)


def _dicom_table() -> str:
    rows = []
    for one in opened_films():
        record = one.record
        if one.collection != DICOM.name or record is None:
            continue
        spacing = record["spacing_mm"]
        side = record["patient_right"] or record["facing"]
        words = "patient's right on the" if record["patient_right"] else "facing"
        rows.append(
            (
                one.path.name,
                f"{record['columns']} x {record['rows']}",
                record["photometric"],
                record["decoder"],
                spacing["state"],
                "none" if spacing["row"] is None else f"{spacing['row']:g} x {spacing['column']:g}",
                f"{words} {side}" if side else "not told",
                "; ".join(record["warnings"]) or "",
            )
        )
    head = ("file", "columns x rows", "photometric", "decoder", "scale", "mm", "sides", "warnings")
    return _table(head, rows)


def _size_table() -> str:
    rows = []
    for low, high in SIZES:
        group = [one for one in comparisons() if low <= one.midline[0] < high]
        if not group:
            continue
        mean, sd, _, _ = summary([one.difference for one in group])
        rows.append(
            (
                f"{low:g} to {high:g}" if high < 180 else f"{low:g} and more",
                len(group),
                f"{mean:+.1f}",
                f"{sd:.1f}",
                f"{max((one.difference for one in group), key=abs):+.1f}",
                f"{sum(one.same_ends for one in group)} of {len(group)}",
                f"{sum(one.largest is not None for one in group)} of {len(group)}",
            )
        )
    head = (
        "mid-body angle (deg)", "films", "mean difference", "SD", "largest",
        "same two end vertebrae", "a curve is listed",
    )  # fmt: skip
    return _table(head, rows)


@cache
def damage() -> tuple[tuple[str, int, int, str], ...]:
    """Wrong labels put into every well labelled frontal film: kind, tried, refused, a sentence."""
    kinds: list[tuple[str, list[dict[str, Any]]]] = [
        (
            "patient's right named on the wrong image side",
            [frontal_document(film, patient_right="right") for film in well_labelled()],
        ),
        (
            "left and right exchanged in every vertebra",
            [
                frontal_document(film, relabelled=MIRRORED, at=[box.level for box in film.boxes])
                for film in well_labelled()
            ],
        ),
        (
            "every vertebra turned by 180 degrees",
            [
                frontal_document(film, relabelled=HALF_TURN, at=[box.level for box in film.boxes])
                for film in well_labelled()
            ],
        ),
    ]
    for words, names in (
        ("left and right exchanged in one vertebra", MIRRORED),
        ("superior and inferior exchanged in one vertebra", UPSIDE_DOWN),
        ("superior and inferior exchanged on one side of one vertebra", ONE_SIDE),
        ("one vertebra turned by 180 degrees (both exchanged)", HALF_TURN),
    ):
        kinds.append(
            (
                words,
                [
                    frontal_document(film, relabelled=names, at=[box.level])
                    for film in well_labelled()
                    for box in film.boxes
                ],
            )
        )
    rows = []
    for words, documents in kinds:
        sentences = [sentence for one in documents if (sentence := refusal(one))]
        rows.append((words, len(documents), len(sentences), sentences[0] if sentences else ""))
    return tuple(rows)


def _bad_label_rows() -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for film in frontal_films():
        if not film.issues:
            continue
        document = frontal_document(film)
        sentence = refusal(document)
        if sentence is not None:
            rows.append((film.number, ", ".join(film.issues), "refused", sentence))
            continue
        analysis = measured(document)
        doubts = [one for one in analysis.warnings if "order of the levels" in one]
        curves = "; ".join(f"{one.upper}-{one.lower} {one.cobb:.1f}" for one in analysis.curves)
        said = f"{'; '.join(doubts) or 'no warning'} (curves printed: {curves or 'none'})"
        rows.append((film.number, ", ".join(film.issues), "measured, with a warning", said))
    return rows


def _bound(value: float) -> str:
    """The next round figure above a small number, so that the page is the same everywhere."""
    return next(
        text for text in ("1e-9", "1e-6", "0.001", "0.01", "1", "360") if value < float(text)
    )


def _frontal_figures() -> str:
    rows = comparisons()
    listed = [one for one in rows if one.largest]
    exact = max(abs(one.largest.cobb - one.recomputed.cobb) for one in listed if one.largest)
    published = max(abs(one.midline[0] - one.film.published[0]) for one in rows)
    mean, sd, low, high = summary([one.difference for one in rows])
    worst = max(rows, key=lambda one: abs(one.difference))
    both = sum(one.same_ends for one in rows)
    over = [one for one in rows if one.recomputed.cobb >= 10]
    unlisted = [one for one in over if one.largest is None]
    largest = [one.largest for one in listed if one.largest]
    inside = sum(
        one.largest.ci95[0] <= one.film.published[0] <= one.largest.ci95[1]
        for one in listed
        if one.largest
    )
    biases = [one.selection_bias for one in largest]
    chances = [min(one.end_vertebra_probability) for one in largest]
    seconds = statistics.median(one.seconds for one in rows)
    odd = [(row.film.number, one) for row in rows for one in doubtful_curves(row)]
    many = [row.film.number for row in rows if len(row.analysis.curves) > 4]
    lines = [
        f"- {len(rows)} films measured. The program's largest curve and the angle recomputed from "
        f"the same corners have the same end vertebrae in all {len(listed)} films in which a curve "
        f"is listed; the angles differ by less than {_bound(exact)} degrees. Apex and convex side "
        "of every listed curve, recomputed from places instead of angles, are the same too.",
        f"- The published first angle is reproduced from the corners by its own definition (the "
        "largest difference of the lines through the mid-heights) to less than "
        f"{_bound(published)} degrees in every film.",
        f"- Endplate angle less mid-body angle: mean {mean:+.1f}, SD {sd:.1f}, 95 % limits of "
        f"agreement {low:+.1f} to {high:+.1f}, largest {worst.difference:+.1f} degrees (film "
        f"{worst.film.number}). These are two definitions on the same corners, not two readers.",
        f"- Both definitions chose the same two end vertebrae in {both} of {len(rows)} films.",
        f"- The endplate angle reaches 10 degrees in {len(over)} films; a curve is listed in "
        f"{len(over) - len(unlisted)} of them. Not listed: "
        + (
            "; ".join(f"film {one.film.number} ({one.recomputed.cobb:.1f})" for one in unlisted)
            or "none"
        )
        + ", because without the excess that choosing the end vertebrae adds they do not reach "
        "10 degrees with a probability of one half.",
        f"- Selection bias of the largest curve: {min(biases):.1f} to {max(biases):.1f}, median "
        f"{statistics.median(biases):.1f} degrees. SD of its angle: "
        f"{min(one.sd for one in largest):.1f} to {max(one.sd for one in largest):.1f} degrees "
        "(no film has a scale, so the noise in millimetres rests on an assumed vertebral width).",
        f"- New clicks would choose the less certain of the two end vertebrae again with a "
        f"probability of {min(chances):.2f} to {max(chances):.2f}, median "
        f"{statistics.median(chances):.2f}: on real films the level of an end vertebra is seldom "
        "certain.",
        f"- The published angle lies inside the program's 95 % interval in {inside} of "
        f"{len(listed)} films. That is no coverage: the definitions differ and the corners are the "
        "same.",
        f"- Time to measure one film: {1000 * seconds:.0f} ms (median of one run; the annotated "
        "points only, without reading the picture).",
    ]
    if odd:
        words = "; ".join(
            f"film {number}: {one.region} {one.upper}-{one.lower} {one.cobb:.1f}"
            for number, one in odd
        )
        lines.append(
            f"- **Listed curves that a reader would hardly draw**, {len(odd)} in all: they span "
            "two vertebrae or bend to the same side as the curve that begins where they end. "
            f"{words}."
        )
    if many:
        lines.append(
            f"- More than four curves are listed on film {', '.join(map(str, many))}; the table "
            "for spreadsheets holds four."
        )
    return "\n".join(lines)


def _lateral_section() -> str:
    films = lateral_films()
    right = sum(
        measured(lateral_document(film)).films["lateral"].landmarks.side == film.anterior
        for film in films
    )
    other = {"left": "right", "right": "left"}
    wrong = [refusal(lateral_document(film, facing=other[film.anterior])) for film in films]
    swapped = [
        refusal(lateral_document(film, swapped_at=vertebra["level"]))
        for film in films
        for vertebra in film.vertebrae
    ]
    flipped = [
        measured(lateral_document(film, mirrored=True)).films["lateral"].landmarks.side
        == other[film.anterior]
        for film in films
    ]
    example = next(one for one in wrong if one)
    return (
        f"{len(films)} films, from T11, T12 or L1 to S1. The pictures were squeezed to squares, so "
        "no angle of theirs is quoted here; they serve for sides and order only.\n\n"
        f"- The side that the patient faces, found from the labels alone: right in {right} of "
        f"{len(films)}; after mirroring the picture, in {sum(flipped)} of {len(films)}.\n"
        f"- Wrong `facing`: refused in {sum(map(bool, wrong))} of {len(films)}. "
        f"For example: *{example}*\n"
        f"- Anterior and posterior exchanged in one vertebra or in S1: refused in "
        f"{sum(map(bool, swapped))} of {len(swapped)}.\n"
        "- Without a scale every length is null with its reason; without hips so are PI, PT and "
        "everything that rests on them."
    )


def _other_sections() -> str:
    spines = [measured(ct_document(name, view)) for name in ct_names() for view in VIEWS]
    values = sum(one.value is not None for spine in spines for one in spine.measurements.values())
    keys = sum(len(spine.measurements) for spine in spines)
    graded = sum(grade.grade is not None for spine in spines for grade in spine.grades.values())
    error, words = 0.0, []
    for pelvis in pelves():
        analysis = measured(pelvis_document(pelvis))
        error = max(
            error,
            *(abs((analysis.measurements[key].value or 0.0) - pelvis[key]) for key in pelvis),
        )
        words.append(analysis.grades["srs_schwab.PI_LL"].grade)
    shares = ", ".join(f"`{word}` {words.count(word)}" for word in ("0", "+", "++"))
    example = refusal(ct_document(ct_names()[0], "lateral", with_side=False))
    return (
        f"**Vertebral centres of {len(ct_names())} computed tomographies** (VerSe, CT colonography "
        "and Pancreas-CT, annotated by Buergin et al. 2023; one spine has six lumbar vertebrae), "
        "projected to a frontal and a lateral document. They were taken lying, and hold centres "
        f"only: of {keys} values {values} are given, each other one with its reason; {graded} "
        "grades are given. No level is said to be out of order, the sixth lumbar vertebra "
        "included, and the left pedicles lie on the patient's left of the frame at every level. "
        f"Centres alone cannot tell the side, so a document that does not say it is refused: "
        f"*{example}*\n\n"
        f"**UCI vertebral column, {len(pelves())} people.** Only angles are published, so points "
        "were constructed that have each person's PT, SS and LL; the program then finds the "
        f"published PI, PT, SS and LL to less than {_bound(error)} degrees. SRS-Schwab PI-LL: "
        f"{shares}, as by arithmetic. In all rows PI = PT + SS to eight places, so one of the "
        "three was computed, and this checks arithmetic, sign and a wide range (PI 26 to 130), "
        "not measurement."
    )


VIEWS = ("frontal", "lateral")


def page() -> str:
    """The whole page, as Markdown."""
    refused = [one for one in opened_films() if one.error]
    return f"""# Real films

<!-- Made by `python tests/real_films.py docs/real-films.md`; edit that, not this page. -->

What the program does with real radiographs and published annotations that are not its own. The
films lie in a local folder; their licences do not allow pictures of them here, and no pixel, name
or date of theirs is shown. Frontal films are numbered as in the folder's list.

To make this page again: name the folder in `SPINAL_BALANCE_FILMS` and run
`python tests/real_films.py docs/real-films.md`. `tests/test_real_films.py` asserts what stands
here, and is skipped, by name, where there is no folder.

## Opening

{_collection_table()}

Every film that opens is also drawn as a picture by the tests. Refused, each with its sentence:

{_table(("file", "sentence"), ((one.path.name, one.error) for one in refused))}

### DICOM files

{_dicom_table()}

`detector` is a size at the detector, magnified; `unknown` a spacing whose origin the header does
not tell; `conflict` a header that contradicts itself, so no millimetres; `none` no spacing at all.
In none of these states is a limit in millimetres applied; in the last two no length is given.

## Frontal films: the Cobb angle

Corners of {len(well_labelled())} films became landmark documents (standing, no scale; the patient's
right on the image's left, as heart shadow and markers show) and were measured. The program
measures between endplates: superior of the upper, inferior of the lower end vertebra. The angle
that the data set publishes is another one: the largest difference between the lines that join the
mid-heights of the two sides of a body. Each is compared under its own definition. The second and
third published angles are not compared: the data set does not say between which vertebrae they lie.

{_frontal_figures()}

{_size_table()}

All angles in degrees; "difference" is endplates less mid-body lines; SD and selection bias belong
to the largest listed curve. On small curves the endplate angle tends to be the larger one: it is
the largest of many noisy plates, and that excess is what the program calls selection bias.

{COMPARISON_START}

{comparison_table()}

{COMPARISON_END}

## Frontal films: wrong labels

Films whose published labels are known to be wrong:

{_table(("film", "known fault", "what the program does", "its words"), _bad_label_rows())}

In the film of wrong order the uppermost vertebra is labelled L5. Each vertebra is sound in itself,
so only the order can tell, and that is a warning, not a refusal: the curves then printed mean
nothing.

Wrong labels put into the well labelled films on purpose:

{_table(("fault", "documents", "refused", "for example"), damage())}

{_half_turn_words()}

## Lumbar lateral films: sides and order

{_lateral_section()}

## Other published data

{_other_sections()}

## What may be concluded, and what not

- The program opens these films, and computes from given corners what its definitions say; an
  independent recomputation agrees. That is a check of arithmetic, orientation and refusals.
- It says nothing about how well anybody places the points: they are the data set's, and end plates
  behind heart and diaphragm are guesses there.
- Levels were counted by the data set from the top box down (17 boxes: T1 to L5) and nobody verified
  them. On at least one film (34) one more lumbar body can be seen between the box called L5 and
  the sacrum. Names of end vertebrae, apices and regions, and the SRS-Schwab curve type, are only
  as good as that count.
- C7, S1 and the hips are not annotated, and no film has a scale: every length, the C7 and CSVL
  distances and all that rests on the sacrum are null, with their reasons.
- Ages are not published with the films; most are probably adolescents, to whom adult grades do not
  apply.
- No whole-spine lateral film with annotations was at hand. Sagittal values are checked on
  constructed points and phantoms only.
- {len(well_labelled())} films were picked from 609 over the whole range of angles, not at random:
  the shares above are not those of any clinic.

## Sources

- AASCE 2019 / SpineWeb set 16: Wu H. et al., *Automatic landmark estimation for adolescent
  idiopathic scoliosis assessment using BoostNet*, MICCAI 2017. Its licence could not be checked at
  the source: used locally, no pixel published.
- Spondylolisthesis Vertebral Landmark Dataset, doi 10.17632/5jdfdgp762.1 (CC BY 4.0), with
  BUU-LSPINE, doi 10.3390/app13158646.
- Fraiwan M. et al., PLoS ONE 2022, doi 10.1371/journal.pone.0267851.
- Buergin V., Prevost R., Stollenga M., 2023, vertebra identification data set (CC BY-SA 4.0).
- UCI vertebral column, doi 10.24432/C5K89B (CC BY 4.0).
- DICOM test files of NEMA WG04, pydicom, pylibjpeg, fo-dicom, GDCM and highdicom.
"""


COMPARISON_START = "<!-- comparison: start -->"
COMPARISON_END = "<!-- comparison: end -->"


def _half_turn_words() -> str:
    missed = [(words, tried - no, tried) for words, tried, no, _ in damage() if no < tried]
    if not missed:
        return "Every one of them is refused."
    found = "; ".join(f"{words} ({accepted} of {tried})" for words, accepted, tried in missed)
    return (
        f"**Accepted without a warning: {found}.** Left and right and superior and inferior are "
        "then exchanged together, which keeps the handedness that the checks rest on; the angles "
        "printed are wrong by 180 degrees and more."
    )


def main() -> None:
    """Write the page to the file named on the command line, else to standard output."""
    if not frontal_films():
        raise SystemExit("no real films: name their folder in SPINAL_BALANCE_FILMS")
    text = page()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
