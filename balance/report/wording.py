"""Words about a film and its evidence: scale, side, position, uncertainty, reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from balance.analysis import Analysis
from balance.anatomy import ENDS, OTHER_SACRUM, corner_name, parse_corner
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Uncertainty
from balance.metrics.sites import SITE_NAMES
from balance.radiograph import Scale, Subject
from balance.report.record import vertical_words

UNCERTAINTY_WORDS: dict[Uncertainty, str] = {
    "between_readers": "between readers",
    "within_reader": "within one reader",
    "given": "as given with the points",
}
STATE_WORDS = {
    "dicom_fiducial": "DICOM fiducial",
    "dicom_geometry": "DICOM geometry",
    "dicom_corrected_unknown": "DICOM, correction not told",
    "ermf": "estimated magnification",
    "detector": "detector",
    "scanned_film": "scanned film",
    "unknown": "origin unknown",
}
LABELS: dict[str, str] = {
    "PI_LL": "PI-LL",
    "L4_S1": "L4-S1",
    "TK": "TK T4-T12",
    "TK_T5_T12": "TK T5-T12",
    "TK_T2_T12": "TK T2-T12",
    "T4_L1PA": "T4PA-L1PA",
    "TS_CL": "T1S-CL",
    "OD_HA": "OD-HA",
    "barrey_ratio": "Barrey ratio",
    "C7_CSVL": "C7-CSVL",
    "trunk_shift": "Trunk shift",
    "T1_tilt": "T1 tilt",
    "L4_tilt": "L4 tilt",
    "fractional_curve": "Fractional curve",
    "pelvic_obliquity": "Pelvic obliquity",
    "clavicle_angle": "Clavicle angle",
    "femoral_head_height_difference": "Head height diff.",
    "AVT_PT": "AVT PT-C7",
    "AVT_PT_to_csvl": "AVT PT-CSVL",
    "AVT_MT": "AVT MT-C7",
    "AVT_MT_to_csvl": "AVT MT-CSVL",
    "AVT_TL": "AVT TL-CSVL",
    "AVT_TL_to_c7": "AVT TL-C7",
}

SCHEME_NAMES: dict[str, str] = {
    "age_adjusted": "age band",
    "review": "fixed limit",
    "glassman": "fixed limit",
    "srs_schwab": "SRS-Schwab",
    "schwab2013": "Schwab 2013",
    "obeid": "Obeid 2019",
    "gap": "GAP",
    "roussouly": "Roussouly",
}
"""How a scheme is called beside its word, in the order in which schemes are read out."""

_LEVEL_WORDS = {OTHER_SACRUM: "S1 alternative"}
_SITES = {name for names in SITE_NAMES.values() for name in names}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+")


def label_of(key: str) -> str:
    """How a value is called in a table.

    Examples
    --------
    >>> label_of("PI_LL"), label_of("TPA"), label_of("segmental.L4_L5")
    ('PI-LL', 'TPA', 'segmental L4-L5')
    """
    return LABELS.get(key, key.replace("_percent", "").replace("_", "-").replace(".", " "))


def scale_words(scale: Scale) -> str:
    """Where the scale comes from and in which plane it holds.

    Examples
    --------
    >>> scale_words(Scale())
    'no scale: angles only'
    >>> scale_words(Scale(0.14, 0.14, "dicom_fiducial", "patient", 2.0))
    'scale: DICOM fiducial, patient plane'
    """
    if not scale.has_millimetres:
        why = "contradictory scale" if scale.state == "conflict" else "no scale"
        return f"{why}: angles only"
    plane = "plane unknown" if scale.plane == "unknown" else f"{scale.plane} plane"
    return f"scale: {STATE_WORDS.get(scale.state, scale.state.replace('_', ' '))}, {plane}"


def film_title(landmarks: Landmarks) -> str:
    """View and position of a film.

    Examples
    --------
    >>> film_title(Landmarks("lateral", {}, "right"))
    'Lateral film, position not recorded'
    """
    taken = landmarks.acquisition
    if taken.position == "unknown":
        return f"{landmarks.view.capitalize()} film, position not recorded"
    words = f"{taken.position.replace('_', ' ').capitalize()} {landmarks.view} film"
    arms = "not recorded" if taken.arms == "unknown" else taken.arms.replace("_", " ")
    return f"{words}, arms {arms}"


def subject_words(subject: Subject) -> str:
    """Age and sex as far as they are known; never a name or number."""
    age = "age not recorded" if subject.age_years is None else f"{subject.age_years:g} years"
    sex = {"F": "female", "M": "male", "O": "other sex"}.get(subject.sex or "")
    return f"{age}, {sex}" if sex else age


def notes(analysis: Analysis) -> Iterator[str]:
    """What a reader of the values must know of the films: scale, vertical, counting, points."""
    films = analysis.films
    for view, film in films.items():
        prefix = f"{view}: " if len(films) > 1 else ""
        yield f"{prefix}{scale_words(film.landmarks.scale)}"
    yield f"vertical: {vertical_words(analysis)}"
    counted = dict.fromkeys(film.landmarks.vertebrae.counted_from for film in films.values())
    known = [word.replace("_", " ") for word in counted if word != "unknown"]
    yield f"levels counted from: {', '.join(known) or 'not recorded'}"
    open_points = sum(
        not point.confirmed for film in films.values() for point in film.landmarks.points.values()
    )
    if open_points:
        yield f"{open_points} points are not confirmed"


def grade_scope(analysis: Analysis) -> tuple[str, ...]:
    """What the grades were given in spite of, each once, with the schemes it is about."""
    graded = [grade for grade in analysis.grades.values() if grade.grade is not None]
    about: dict[str, list[str]] = {}
    for grade in graded:
        for part in filter(None, (grade.scope_warning or "").split("; ")):
            if part not in analysis.warnings:
                about.setdefault(part, []).append(SCHEME_NAMES[grade.key.split(".")[0]])
    return tuple(
        part if len(schemes) == len(graded) else f"{', '.join(dict.fromkeys(schemes))}: {part}"
        for part, schemes in about.items()
    )


def short_reason(reason: str) -> str:
    """A reason in the reader's words: endplates instead of point names.

    Examples
    --------
    >>> short_reason("not marked: T4_superior_posterior, T4_superior_anterior, C7_centroid")
    'not marked: T4 superior endplate, C7 centroid'
    >>> short_reason("point L1_superior_left lies 400 mm off")
    'point L1 superior left corner lies 400 mm off'
    >>> short_reason("swapped labels: L3_superior_left, L3_superior_right lie on the wrong side")
    'swapped labels: L3 superior left corner, L3 superior right corner lie on the wrong side'
    >>> short_reason("the film was not taken standing but in position supine")
    'film not taken standing (supine)'
    """
    position = reason.removeprefix("the film was not taken standing but in position ")
    if position != reason:
        return f"film not taken standing ({position.replace('_', ' ')})"
    start, colon, names = reason.rpartition(": ")
    listed = names.split(", ")
    # Both corners of an endplate read the same where both are listed.
    words = dict.fromkeys(_in_words(name, frozenset(listed)) for name in listed)
    return _in_words(start + colon, frozenset()) + ", ".join(words)


def _in_words(text: str, listed: Set[str]) -> str:
    words = _NAME.sub(lambda match: _name_words(match[0], listed), text)
    return words.replace("csvl", "CSVL")


def _name_words(name: str, listed: Set[str]) -> str:
    corner = parse_corner(name)
    if corner is not None:
        level = _LEVEL_WORDS.get(corner.level, corner.level)
        ends = next(pair for pair in ENDS.values() if corner.end in pair)
        if all(corner_name(corner.level, corner.endplate, end) in listed for end in ends):
            return f"{level} {corner.endplate} endplate"
        return f"{level} {corner.endplate} {corner.end} corner"
    if name in LABELS:
        return LABELS[name]
    return name.replace("_", " ") if name in _SITES else name
