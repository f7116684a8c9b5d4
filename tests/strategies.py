"""Landmark documents built from chosen angles, by a construction of their own.

Nothing here calls ``balance.metrics`` or ``balance.phantom``. A point of the patient's plane is a
complex number: x anterior (lateral) or to the patient's right (frontal), y up, millimetres. An
endplate with slope s (degrees, + when its anterior or right end is lower) runs along exp(-i s) and
its body stands on it along i exp(-i s). A spine is a stack of such endplates on the sacrum.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from balance.analysis import Analysis, analyse
from balance.examination import Document, pair
from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import FilmValues, measure_film

KNOWN = Path(__file__).parent / "known"

Points = dict[str, Any]
"""Point name to a complex number, or to an array of them (one for each redraw)."""

ENDS = {"lateral": ("posterior", "anterior"), "frontal": ("left", "right")}


# --- The stack of endplates -------------------------------------------------------------------


def levels_up(thoracic: int = 12, lumbar: int = 5) -> list[str]:
    """The vertebrae from the lowest lumbar one up to C2."""
    return [
        *(f"L{n}" for n in range(lumbar, 0, -1)),
        *(f"T{n}" for n in range(thoracic, 0, -1)),
        *(f"C{n}" for n in range(7, 1, -1)),
    ]


def plates_up(thoracic: int = 12, lumbar: int = 5) -> list[tuple[str, str]]:
    """Every endplate from S1 up."""
    bodies = levels_up(thoracic, lumbar)
    return [("S1", "superior"), *((v, plate) for v in bodies for plate in ("inferior", "superior"))]


LENGTH = {"S": 34.0, "L": 33.0, "T": 27.0, "C": 16.0}
BODY = {"L": 27.0, "T": 21.0, "C": 13.0}
DISC = {"L": 9.0, "T": 5.0, "C": 5.0}


def length_of(level: str, view: str) -> float:
    """Length of an endplate, mm; on a frontal film vertebrae are wider than deep."""
    if view == "lateral":
        return LENGTH[level[0]]
    if level[0] == "T":
        return 28.0 + 1.3 * (int(level[1:]) - 1)
    return {"S": 48.0, "L": 46.0, "C": 27.0}[level[0]]


def stack(
    slopes: Mapping[tuple[str, str], float],
    sacrum: complex,
    view: str,
    *,
    even: float | None = None,
) -> Points:
    """Corners of a spine standing on the midpoint of S1; ``even``: one height for every step."""
    points: Points = {}
    before, middle = None, sacrum
    for (level, plate), slope in slopes.items():
        along = np.exp(-1j * np.radians(slope))
        if before is not None:
            step = even or (BODY if plate == "superior" else DISC)[level[0]]
            middle = middle + step * 1j * np.exp(-1j * np.radians((slope + before) / 2))
        half = along * length_of(level, view) / 2
        first, second = ENDS[view]
        points[f"{level}_{plate}_{first}"] = complex(middle - half)
        points[f"{level}_{plate}_{second}"] = complex(middle + half)
        before = slope
    return points


def between_knots(
    knots: Mapping[tuple[str, str], float], thoracic: int = 12, lumbar: int = 5
) -> dict[tuple[str, str], float]:
    """Slopes of every endplate, linear from knot to knot and level beyond the last."""
    plates = plates_up(thoracic, lumbar)
    places = sorted((plates.index(plate), slope) for plate, slope in knots.items())
    xs, ys = zip(*places, strict=True)
    return dict(zip(plates, np.interp(range(len(plates)), xs, ys).tolist(), strict=True))


# --- Lateral -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Posture:
    """A lateral spine by its angles, degrees: the defaults are an average adult."""

    pi: float = 50.0
    pt: float = 13.0
    ll: float = 57.0
    low: float = 38.0
    """L4 (the upper of the last two lumbar vertebrae) to S1."""
    t12: float = -20.0
    """Slope of the last thoracic vertebra's inferior endplate."""
    tk: float = 40.0
    t1s: float = 20.0
    c7: float = 15.0
    """Slope of the C7 inferior endplate."""
    cl: float = 8.0
    radius: float = 100.0
    """Hip axis to the S1 midpoint, mm."""
    thoracic: int = 12
    lumbar: int = 5

    def slopes(self) -> dict[tuple[str, str], float]:
        s1 = self.pi - self.pt
        knots = {
            ("S1", "superior"): s1,
            (f"L{self.lumbar - 1}", "superior"): s1 - self.low,
            ("L1", "superior"): s1 - self.ll,
            (f"T{self.thoracic}", "inferior"): self.t12,
            ("T4", "superior"): self.t12 + self.tk,
            ("T1", "superior"): self.t1s,
            ("C7", "inferior"): self.c7,
            ("C2", "inferior"): self.c7 - self.cl,
        }
        return between_knots(knots, self.thoracic, self.lumbar)

    def plane(self) -> Points:
        """All points: four corners of every vertebra, S1, heads, dens; the hip axis is 0."""
        sacrum = self.radius * 1j * np.exp(1j * np.radians(self.pt))
        points = stack(self.slopes(), sacrum, "lateral")
        up = 1j * np.exp(-1j * np.radians(self.c7 - self.cl))
        roof = (points["C2_superior_posterior"] + points["C2_superior_anterior"]) / 2
        points["C2_dens"] = complex(roof + 14 * up)
        points["femoral_head_1"] = 3.0 + 2.0j
        points["femoral_head_2"] = -3.0 - 2.0j
        return points

    def angles(self) -> dict[str, float]:
        """The values that the chosen angles are, without any measuring."""
        slope = self.slopes()
        last = slope[f"T{self.thoracic}", "inferior"]
        t1s, c2 = slope["T1", "superior"], slope["C2", "inferior"]
        return {
            "PI": self.pi,
            "PT": self.pt,
            "SS": self.pi - self.pt,
            "LL": self.ll,
            "L4_S1": self.low,
            "PI_LL": self.pi - self.ll,
            "TK": self.tk,
            "TK_T5_T12": slope["T5", "superior"] - last,
            "TK_T2_T12": slope["T2", "superior"] - last,
            "TLK": slope["T10", "superior"] - slope["L2", "inferior"],
            "T1S": t1s,
            "CL": self.cl,
            "TS_CL": t1s - self.cl,
            "C2S": c2,
        }


AVERAGE = Posture()


def degrees(z: Any) -> Any:
    return np.degrees(np.angle(z))


def centroid(points: Points, level: str, view: str = "lateral") -> Any:
    ends = ENDS[view]
    return sum(points[f"{level}_{p}_{e}"] for p in ("superior", "inferior") for e in ends) / 4


def middle(points: Points, level: str, plate: str, view: str = "lateral") -> Any:
    return sum(points[f"{level}_{plate}_{end}"] for end in ENDS[view]) / 2


def plate(points: Points, level: str, side: str, view: str = "lateral") -> Any:
    """The endplate as a direction, from its posterior (left) to its anterior (right) end."""
    first, second = ENDS[view]
    return points[f"{level}_{side}_{second}"] - points[f"{level}_{side}_{first}"]


def lean(foot: Any, top: Any) -> Any:
    """Degrees against the vertical, + towards +x."""
    return -degrees((top - foot) / 1j)


def opening(points: Points, upper: tuple[str, str], lower: tuple[str, str]) -> Any:
    """Degrees by which the lower endplate slopes more than the upper one, + lordosis."""
    return degrees(plate(points, *upper) / plate(points, *lower))


def quotient(above: Any, below: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(above, below)


def lateral_values(points: Points, posture: Posture = AVERAGE) -> dict[str, Any]:
    """Every lateral value by the contract's words, over single points or over redraws."""
    hips = (points["femoral_head_1"] + points["femoral_head_2"]) / 2
    s1, mid = plate(points, "S1", "superior"), middle(points, "S1", "superior")
    corner = points["S1_superior_posterior"]
    c7, c2 = centroid(points, "C7"), centroid(points, "C2")
    pelvis = mid - hips
    last, low = f"T{posture.thoracic}", f"L{posture.lumbar - 1}"

    def pelvic_angle(level: str) -> Any:
        return degrees(pelvis / (centroid(points, level) - hips))

    ss, pt = -degrees(s1), degrees(pelvis / 1j)
    pi = degrees((hips - mid) / (s1 * -1j))
    ll = opening(points, ("L1", "superior"), ("S1", "superior"))
    lower = opening(points, (low, "superior"), ("S1", "superior"))
    cl = opening(points, ("C2", "inferior"), ("C7", "inferior"))
    t1s = -degrees(plate(points, "T1", "superior"))
    return {
        "PI": pi,
        "PT": pt,
        "SS": ss,
        "LL": ll,
        "L4_S1": lower,
        "LDI": quotient(100 * lower, ll),
        "PI_LL": pi - ll,
        "TK": -opening(points, ("T4", "superior"), (last, "inferior")),
        "TK_T5_T12": -opening(points, ("T5", "superior"), (last, "inferior")),
        "TK_T2_T12": -opening(points, ("T2", "superior"), (last, "inferior")),
        "TLK": -opening(points, ("T10", "superior"), ("L2", "inferior")),
        "SVA": (c7 - corner).real,
        "TPA": pelvic_angle("T1"),
        "L1PA": pelvic_angle("L1"),
        "T4PA": pelvic_angle("T4"),
        "T4_L1PA": degrees((centroid(points, "L1") - hips) / (centroid(points, "T4") - hips)),
        "T9SPi": lean(hips, centroid(points, "T9")),
        "T1SPi": lean(hips, centroid(points, "T1")),
        "GT": pt + lean(mid, c7),
        "SSA": degrees((c7 - mid) / s1),
        "T1S": t1s,
        "CL": cl,
        "TS_CL": t1s - cl,
        "C2S": -degrees(plate(points, "C2", "inferior")),
        "cSVA": (c2 - points["C7_superior_posterior"]).real,
        "OD_HA": lean(hips, points["C2_dens"]),
        "barrey_ratio": quotient((c7 - corner).real, (hips - corner).real),
    }


LENGTHS = {"SVA", "cSVA", "C7_CSVL", "trunk_shift", "femoral_head_height_difference"}
"""Keys of lengths; those of apical translations begin with AVT."""
RATIOS = {"LDI", "barrey_ratio"}


# --- Frontal -----------------------------------------------------------------------------------

STRAIGHT: dict[tuple[str, str], float] = {("S1", "superior"): 0.0}


def frontal_plane(
    knots: Mapping[tuple[str, str], float] = STRAIGHT,
    *,
    lumbar: int = 5,
    thoracic: int = 12,
    even: float | None = None,
) -> Points:
    """C7 to S1 from the tilts at the knots, with hips, crests, clavicles and ribs."""
    tilts = between_knots(knots, thoracic, lumbar)
    kept = {at: t for at, t in tilts.items() if not (at[0][0] == "C" and at[0] != "C7")}
    points = stack(kept, 4.0 + 120.0j, "frontal", even=even)
    points |= {
        "femoral_head_left": -88.0 + 1.5j,
        "femoral_head_right": 90.0 - 1.0j,
        "iliac_crest_left": -130.0 + 160.0j,
        "iliac_crest_right": 128.0 + 156.0j,
        "clavicle_left": -150.0 + 560.0j,
        "clavicle_right": 140.0 + 567.0j,
        "rib_left": -120.0 + 400.0j,
        "rib_right": 131.0 + 404.0j,
    }
    return points


def single_curve(
    upper: str, lower: str, cobb: float, convex: str = "right"
) -> dict[tuple[str, str], float]:
    """Knots of one curve between two end vertebrae, levelling out beyond them."""
    half = cobb / 2 if convex == "right" else -cobb / 2
    plates = plates_up(lumbar=6 if lower == "L6" else 5)
    above = plates[plates.index((upper, "superior")) + 1 :][:8]
    below = plates[: plates.index((lower, "inferior"))][-8:]
    knots = {(upper, "superior"): -half, (lower, "inferior"): half}
    if above:
        knots[above[-1]] = 0.0
    if below:
        knots[below[0]] = 0.0
    return knots


def rounded_curve(upper: str, lower: str, cobb: float) -> dict[tuple[str, str], float]:
    """The same as a cosine between its ends and dying out beyond them, convex to the right."""
    plates = plates_up()
    low, high = plates.index((lower, "inferior")), plates.index((upper, "superior"))
    knots = {}
    for n, at in enumerate(plates):
        along = (n - low) / (high - low)
        beyond = max(-along, along - 1, 0.0)
        inside = np.cos(np.pi * min(max(along, 0.0), 1.0))
        knots[at] = float(cobb / 2 * inside * np.exp(-((2.5 * beyond) ** 2)))
    return knots


def frontal_values(points: Points) -> dict[str, Any]:
    csvl = middle(points, "S1", "superior", "frontal").real

    def tilt(left: str, right: str) -> Any:
        return -degrees(points[right] - points[left])

    return {
        "C7_CSVL": centroid(points, "C7", "frontal").real - csvl,
        "trunk_shift": (points["rib_left"] + points["rib_right"]).real / 2 - csvl,
        "T1_tilt": tilt("T1_superior_left", "T1_superior_right"),
        "L4_tilt": tilt("L4_superior_left", "L4_superior_right"),
        "pelvic_obliquity": tilt("iliac_crest_left", "iliac_crest_right"),
        "clavicle_angle": tilt("clavicle_left", "clavicle_right"),
        "femoral_head_height_difference": points["femoral_head_left"].imag
        - points["femoral_head_right"].imag,
    }


# --- Documents ---------------------------------------------------------------------------------

STANDING = {"position": "standing"}


def document(
    plane: Points,
    view: str = "lateral",
    *,
    side: str = "left",
    row: float = 0.2,
    column: float = 0.2,
    turned: float = 0.0,
    plumb_line: bool = False,
    source: str | None = "user_fiducial",
    **fields: Any,
) -> dict[str, Any]:
    """The plane's points in pixels of a film. ``turned``: degrees anticlockwise on the film."""

    def pixel(z: complex) -> tuple[float, float]:
        on_film = (z if side == "right" else -z.conjugate()) * np.exp(1j * np.radians(turned))
        return float(400 + on_film.real) / column, float(900 - on_film.imag) / row

    made: dict[str, Any] = {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": view,
        "facing" if view == "lateral" else "patient_right": side,
        "points": {name: dict(zip("xy", pixel(z), strict=True)) for name, z in plane.items()},
    }
    if source is not None:
        made["spacing_mm"] = {"row": row, "column": column, "source": source}
    if plumb_line:
        made["vertical"] = [list(pixel(150 + 20j)), list(pixel(150 + 500j))]
    return made | fields


def average_document(**fields: Any) -> dict[str, Any]:
    """A standing adult of 60 years without operations."""
    usual = {
        "acquisition": dict(STANDING),
        "patient": {"age_years": 60, "sex": "F"},
        "surgery": "none",
    }
    return document(AVERAGE.plane(), **(usual | fields))


def frontal_document(
    knots: Mapping[tuple[str, str], float] = STRAIGHT, **fields: Any
) -> dict[str, Any]:
    usual = {
        "acquisition": dict(STANDING),
        "patient": {"age_years": 60, "sex": "F"},
        "surgery": "none",
    }
    return document(frontal_plane(knots), "frontal", **(usual | fields))


def edited(doc: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A deep copy with other top-level fields; None leaves a field out."""
    copy = json.loads(json.dumps(doc)) | fields
    return {key: value for key, value in copy.items() if value is not None}


def without(doc: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A deep copy without some points."""
    copy = edited(doc)
    copy["points"] = {name: p for name, p in copy["points"].items() if name not in names}
    return copy


def pointwise(doc: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    """A deep copy in which every point carries these fields too."""
    copy = edited(doc)
    for point in copy["points"].values():
        point |= extra
    return copy


def corners(level: str, view: str = "lateral") -> list[str]:
    return [f"{level}_{p}_{e}" for p in ("superior", "inferior") for e in ENDS[view]]


def with_centroid_clicks(plane: Points, *levels: str, view: str = "lateral") -> Points:
    """Four corners of these levels replaced by one click at their mean."""
    gone = {name for level in levels for name in corners(level, view)}
    clicks = {f"{level}_centroid": centroid(plane, level, view) for level in levels}
    return {name: z for name, z in plane.items() if name not in gone} | clicks


def encoded(doc: Mapping[str, Any]) -> bytes:
    return json.dumps(doc).encode()


def read(doc: Mapping[str, Any]) -> Landmarks:
    return parse_landmarks(encoded(doc))


def measured(doc: Mapping[str, Any], **options: Any) -> FilmValues:
    return measure_film(read(doc), **options)


def values_of(doc: Mapping[str, Any], **options: Any) -> dict[str, float | None]:
    return {key: one.value for key, one in measured(doc, **options).measurements.items()}


def analysed(*docs: Mapping[str, Any], **options: Any) -> Analysis:
    """One examination from one or two documents."""
    documents = [Document(f"film{n}.landmarks.json", read(doc)) for n, doc in enumerate(docs)]
    examinations, failures = pair(documents)
    assert not failures
    assert len(examinations) == 1
    return analyse(examinations[0], **options)


def known_case(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((KNOWN / f"{name}.json").read_text("utf-8"))
    return case


def same_values(first: FilmValues, second: FilmValues, *, tolerance: float = 1e-6) -> None:
    """Every value, its presence, and its SD agree."""
    assert first.measurements.keys() == second.measurements.keys()
    for key, one in first.measurements.items():
        other = second.measurements[key]
        assert (one.value is None) == (other.value is None), (key, one.reason, other.reason)
        if one.value is not None:
            assert abs(one.value - other.value) < tolerance, key


# --- Click noise by clinical-decisions.md section 2, sampled here ------------------------------

TABLE = {
    # site: (within normal, within tangential), (total normal, total tangential)
    "S1": ((1.1, 2.0), (1.6, 3.0)),
    "L1-L5, T9-T12": ((0.8, 1.5), (1.1, 2.0)),
    "T5-T8": ((0.9, 1.5), (1.2, 2.0)),
    "T1-T4": ((1.0, 1.5), (1.5, 2.0)),
    "C2-C7": ((0.6, 1.2), (0.8, 1.5)),
    "frontal": ((0.6, 1.5), (0.8, 2.0)),
}
CLICK = (1.5, 2.0)
HEAD, HIP_AXIS = (1.0, 1.5), (1.0, 2.0)
CSVL = (1.5, 2.8)
ELSEWHERE = (2.0, 2.0)


def row_of(level: str, view: str) -> str:
    if view == "frontal":
        return "frontal"
    if level.startswith("S1"):
        return "S1"
    if level[0] == "C":
        return "C2-C7"
    number = int(level[1:])
    if level[0] == "L" or number >= 9:
        return "L1-L5, T9-T12"
    return "T5-T8" if number >= 5 else "T1-T4"


def redrawn(
    plane: Points,
    view: str,
    rng: np.random.Generator,
    count: int,
    *,
    total: bool = True,
    unit: float = 1.0,
    wider: float = 0.0,
) -> Points:
    """Clicks of other readers (``total``) or of the same one, ``count`` of each point.

    ``unit`` is the plane's length of 1 mm; ``wider`` the share of points whose SD is doubled.
    """
    which = int(total)
    shared = rng.standard_normal((2, count)) * HIP_AXIS[which]
    drawn: Points = {}
    for name, z in plane.items():
        a, b = rng.standard_normal((2, count))
        parts = name.split("_")
        if "superior" in parts or "inferior" in parts:
            level = "_".join(parts[:-2])
            across, along = TABLE[row_of(level, view)][which]
            direction = plate(plane, level, parts[-2], view)
            direction /= abs(direction)
            noise = direction * (along * a + 1j * across * b)
        elif name.endswith(("centroid", "dens")):
            noise = CLICK[which] * (a + 1j * b)
        elif view == "lateral" and name.startswith("femoral_head"):
            noise = HEAD[which] * (a + 1j * b) + shared[0] + 1j * shared[1]
        else:
            noise = ELSEWHERE[which] * (a + 1j * b)
        if wider:
            noise = noise * np.where(rng.random(count) < wider, 2.0, 1.0)
        drawn[name] = z + unit * noise
    if view == "frontal" and "S1_superior_left" in plane:
        # The CSVL row replaces the noise of the S1 midpoint in x.
        ends = ("S1_superior_left", "S1_superior_right")
        clicked = sum((drawn[end] - plane[end]).real for end in ends) / 2
        wanted = CSVL[which] * unit * rng.standard_normal(count)
        for end in ends:
            drawn[end] = drawn[end] + wanted - clicked
    return drawn


def one_draw(drawn: Points, n: int) -> Points:
    return {name: complex(z[n]) for name, z in drawn.items()}


# --- Hypothesis --------------------------------------------------------------------------------


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def postures(draw: st.DrawFn, *, thoracic: Any = 12, lumbar: Any = 5) -> Posture:
    """Spines from flexed to far beyond what patients show, kyphotic lumbar spines included."""
    pi, pt = draw(floats(20, 110)), draw(floats(-20, 50))
    ll = draw(floats(-50, 110))
    low = draw(floats(-15, 55))
    t12 = pi - pt - ll + draw(floats(-12, 12))
    tk = draw(floats(-20, 90))
    t1s = t12 + tk + draw(floats(-20, 45))
    c7 = t1s + draw(floats(-15, 15))
    return Posture(
        pi,
        pt,
        ll,
        low,
        t12,
        tk,
        t1s,
        c7,
        draw(floats(-40, 60)),
        draw(floats(70, 140)),
        draw(st.just(thoracic) if isinstance(thoracic, int) else st.sampled_from(thoracic)),
        draw(st.just(lumbar) if isinstance(lumbar, int) else st.sampled_from(lumbar)),
    )


@st.composite
def films(draw: st.DrawFn) -> dict[str, Any]:
    """How a film may lie: any facing, unequal spacing, turned with its plumb line."""
    turned = draw(st.sampled_from([0.0, 0.0, 7.0, -11.0]))
    return {
        "side": draw(st.sampled_from(["left", "right"])),
        "row": draw(floats(0.08, 0.9)),
        "column": draw(floats(0.08, 0.9)),
        "turned": turned,
        "plumb_line": turned != 0.0 or draw(st.booleans()),
    }


@st.composite
def frontal_knots(draw: st.DrawFn) -> dict[tuple[str, str], float]:
    """Tilts of up to three curves."""
    knots = {("S1", "superior"): draw(floats(-12, 12)), ("C7", "superior"): draw(floats(-10, 10))}
    for at in (("L2", "inferior"), ("T9", "superior"), ("T4", "superior")):
        knots[at] = draw(floats(-38, 38))
    return knots


def wrapped(angle: Any) -> Any:
    """Degrees to (-180, 180]."""
    return 180.0 - np.mod(180.0 - np.asarray(angle), 360.0)
