"""A plan drawn on a film: hinges and wedges before, hinges and the rod after."""

from __future__ import annotations

import numpy as np

from balance.anatomy import plate_names
from balance.landmarks.model import Landmarks
from balance.planning.plan import Correction, Plan, cut_of
from balance.planning.rod import Rod
from balance.planning.turning import turns_of
from balance.radiograph import FloatArray
from balance.report.palette import CURVES
from balance.report.plate import Plate, cased, draw_line
from balance.report.rail import RailLabel, draw_rail

CUT, ROD = "#C3A6FF", CURVES[3]
"""Lavender: no curve of a film has it, and every cut is labelled."""
BACK = np.array([-1.0, 0.0])
"""Behind the spine; on a frontal film to the patient's left."""
BEYOND = 9.0
"""Points by which the lines of a wedge reach beyond the endplate."""
LEAST_WEDGE_DEG = 0.5


def correction_words(one: Correction) -> str:
    """A correction as it stands on a film.

    Examples
    --------
    >>> correction_words(Correction("L5_S1", "alif", 10.0))
    'L5-S1 ALIF +10°'
    """
    name = one.procedure if one.procedure == "angle" else one.procedure.upper()
    return f"{one.site.replace('_', '-')} {name} {one.degrees:+g}°"


def draw_wedges(plate: Plate, landmarks: Landmarks, plan: Plan) -> None:
    """Draw every hinge of a plan on the unplanned film, with the wedge that closes or opens.

    What closes is drawn with unbroken lines, what opens with broken ones.
    """
    names, plane = _plane(landmarks)
    labels = []
    for turn in turns_of(plan, names, landmarks.existing_levels, landmarks.view):
        one = turn.correction
        hinge = turn.hinge(plane)
        cut = cut_of(one)
        first, second = (
            plane[names.index(name)]
            for name in plate_names(cut.caudal, cut.endplate, landmarks.view)
        )
        width = float(np.hypot(*(second - first)))
        along = (second - first) / width
        # Positive degrees close behind; on a frontal film they close on the patient's right.
        closing = -along if landmarks.view == "lateral" else along
        closing = closing if one.degrees > 0 else -closing
        for way, style in ((closing, "-"), (-closing, "--")):
            edge = first if way @ along < 0 else second
            room = float((edge - hinge) @ way)
            if room > 0.02 * width and abs(one.degrees) >= LEAST_WEDGE_DEG:
                _wedge(plate, hinge, way * (room + plate.reach(BEYOND)), one, style)
        _mark(plate, hinge, one)
        # Behind the endplate, where the lines of the wedge end.
        anchor = hinge + BACK * (max(float((first - hinge) @ BACK), 0.0) + plate.reach(BEYOND))
        words = correction_words(one).replace(" ", "\n", 1)
        labels.append(RailLabel(words, anchor, CUT, f"correction.{one.site}.{one.procedure}"))
    draw_rail(plate, labels, BACK)


def draw_hinges(plate: Plate, planned: Landmarks, plan: Plan) -> None:
    """Mark the hinges where the plan leaves them."""
    names, plane = _plane(planned)
    for turn in turns_of(plan, names, planned.existing_levels, planned.view):
        _mark(plate, turn.hinge(plane), turn.correction)


def draw_rod(plate: Plate, rod: Rod) -> None:
    """Draw the line of the rod with its length."""
    places = np.array(rod.places)
    draw_line(plate, places, ROD, width=2.4, gid="rod")
    x, y = plate.frame.to_pixels(places).T
    (dots,) = plate.ax.plot(x, y, "o", color=ROD, markersize=3.2 * plate.share, zorder=5)
    dots.set_path_effects(cased(0.4, 0.6))
    words = f"rod {rod.levels[0]}-{rod.levels[-1]}\n{rod.length_mm:.0f} mm"
    draw_rail(plate, [RailLabel(words, places[len(places) // 2], ROD, "rod.length")], BACK)


def _wedge(plate: Plate, hinge: FloatArray, reach: FloatArray, one: Correction, style: str) -> None:
    """Two lines from the hinge; in a body half of the angle on either side of the cut."""
    closes = style == "-"
    half = cut_of(one).moves_plate_of is not None
    # What closes lies above the lower line, and so does the room that opens.
    upwards = -1.0 if reach[0] < 0 else 1.0
    angle = upwards * np.radians(abs(one.degrees))
    low, high = (-angle / 2, angle / 2) if half else (0.0, angle)
    for side, turn in (("lower", low), ("upper", high)):
        end = hinge + _turned(reach, turn)
        gid = f"wedge.{one.site}.{'closing' if closes else 'opening'}.{side}"
        draw_line(plate, np.array([hinge, end]), CUT, width=1.4, style=style, gid=gid)


def _mark(plate: Plate, hinge: FloatArray, one: Correction) -> None:
    x, y = plate.frame.to_pixels(hinge)
    (artist,) = plate.ax.plot(
        [x],
        [y],
        "o",
        markersize=6.0 * plate.share,
        markerfacecolor="none",
        markeredgecolor=CUT,
        markeredgewidth=1.5 * plate.share,
        zorder=6,
    )
    artist.set_gid(f"hinge.{one.site}.{one.procedure}")
    artist.set_path_effects(cased(1.0, 0.6))


def _turned(arm: FloatArray, angle: float) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]]) @ arm


def _plane(landmarks: Landmarks) -> tuple[tuple[str, ...], FloatArray]:
    pixels = np.array([(p.x, p.y) for p in landmarks.points.values()], float).reshape(-1, 2)
    return tuple(landmarks.points), landmarks.frame.to_plane(pixels)
