"""The lateral constructions: plumb line and SVA, pelvic angles, lordosis and kyphosis."""

from __future__ import annotations

import numpy as np

from balance.anatomy import SACRUM, parse_corner, plate_names
from balance.metrics.catalogue import FilmValues
from balance.metrics.sites import HIP_AXIS, LAST_THORACIC, S1_MIDPOINT
from balance.radiograph import FloatArray
from balance.report.bracket import Bracket, draw_bracket
from balance.report.palette import FILM_SMALL, FILM_VALUE, PELVIS, PLUMB, SAGITTAL_CURVE
from balance.report.plate import Plate, draw_arc, draw_label, draw_line
from balance.report.plumb import draw_dimension, floor_of
from balance.report.rows import UNCONFIRMED, plain_row

DOWN, FRONT, BACK = np.array([0.0, -1.0]), np.array([1.0, 0.0]), np.array([-1.0, 0.0])
S1_PLATE = plate_names(SACRUM, "superior", "lateral")
LL_PLATES = (plate_names("L1", "superior", "lateral"), S1_PLATE)
TK_PLATES = (
    plate_names("T4", "superior", "lateral"),
    plate_names(LAST_THORACIC, "inferior", "lateral"),
)
PI_RADIUS, SS_RADIUS, LONGEST = 26.0, 34.0, 130.0
"""Points; the last is the longest line that the pelvic angles are drawn from."""


def draw_sagittal(plate: Plate, film: FilmValues) -> None:
    """Draw what the lateral film measures, as far as its points are there."""
    _draw_plumb(plate, film)
    _draw_pelvis(plate, film)
    for key, plates, forward in (("LL", LL_PLATES, True), ("TK", TK_PLATES, False)):
        text = value_label(film, key)
        if text:
            between = _bodies_between(film, plates)
            upper, lower = (film.sites.at(names) for names in plates)
            bracket = Bracket(upper, lower, between, forward)
            draw_bracket(plate, bracket, text, SAGITTAL_CURVE, gid=f"value.{key}")


def value_label(film: FilmValues, key: str) -> str:
    """A value as it is written on the film, without decimals; empty where there is none."""
    row = plain_row(film.measurements[key])
    if not row.value:
        return ""
    unit = {"deg": "°", "": ""}.get(row.unit, f" {row.unit}")
    # The name of the levels is on the film already.
    label = row.label.split()[0]
    text = f"{label} {row.film}{unit}".replace(" -", " \N{MINUS SIGN}")
    return text if row.confirmed else f"{text} {UNCONFIRMED}"


def _draw_plumb(plate: Plate, film: FilmValues) -> None:
    sites, corner = film.sites, S1_PLATE[0]
    floor = floor_of(plate, film)
    if sites.has(["C7_centroid"]):
        c7 = sites.at(["C7_centroid"])[0]
        draw_line(plate, np.array([c7, [c7[0], floor]]), PLUMB, width=1.5, gid="c7_plumb")
        draw_label(
            plate,
            "C7 plumb line",
            c7 + DOWN * plate.reach(12.0),
            FRONT,
            PLUMB,
            size=FILM_SMALL,
            weight="normal",
            gid="label.c7_plumb",
            furthest=20.0,
        )
    if sites.has([corner]):
        s1 = sites.at([corner])[0]
        top = s1[1] + plate.reach(24.0)
        draw_line(
            plate, np.array([[s1[0], top], [s1[0], floor]]), PLUMB, style="--", gid="s1_vertical"
        )
    if sites.has(["C7_centroid", corner]):
        draw_dimension(plate, (s1[0], c7[0]), floor, value_label(film, "SVA"), gid="value.SVA")


def _draw_pelvis(plate: Plate, film: FilmValues) -> None:
    sites = film.sites
    plated = sites.has(S1_PLATE)
    if plated:
        posterior, anterior = sites.at(S1_PLATE)
        draw_line(plate, np.array([posterior, anterior]), PELVIS, width=2.4, gid="s1_endplate")
        _draw_slope(plate, film, posterior, anterior)
    if not sites.has([HIP_AXIS]):
        return
    hips = sites.at([HIP_AXIS])[0]
    x, y = plate.frame.to_pixels(hips[None])[0]
    (cross,) = plate.ax.plot(
        x,
        y,
        "+",
        color=PELVIS,
        markersize=10 * plate.share,
        markeredgewidth=2 * plate.share,
        zorder=6,
    )
    cross.set_gid("hip_axis")
    if plated:
        _draw_incidence(plate, film, hips, anterior - posterior)


def _draw_slope(
    plate: Plate, film: FilmValues, posterior: FloatArray, anterior: FloatArray
) -> None:
    """The endplate and the horizontal, both drawn backwards, where the film is free."""
    along = (posterior - anterior) / np.hypot(*(posterior - anterior))
    length = plate.reach(46.0)
    back = BACK if along[0] < 0 else FRONT
    draw_line(plate, np.array([posterior, posterior + along * length]), PELVIS, width=1.0)
    level = np.array([posterior, posterior + back * length])
    draw_line(plate, level, PELVIS, width=1.0, style="--", gid="horizontal")
    middle = draw_arc(plate, posterior, along, back, radius=plate.reach(SS_RADIUS), colour=PELVIS)
    _value(plate, film, "SS", middle, back)


def _draw_incidence(
    plate: Plate, film: FilmValues, hips: FloatArray, plate_way: FloatArray
) -> None:
    """Caudal perpendicular of the endplate, line to the hip axis, vertical: PI and PT."""
    middle = film.sites.at([S1_MIDPOINT])[0]
    to_hips = hips - middle
    length = float(np.hypot(*to_hips))
    if length == 0.0:
        return
    caudal = np.array([plate_way[1], -plate_way[0]]) / np.hypot(*plate_way)
    reach = min(length + plate.reach(14.0), plate.reach(LONGEST))
    draw_line(plate, np.array([middle, hips]), PELVIS, width=1.5, gid="pelvic_radius")
    foot = np.array([middle, middle + caudal * reach])
    draw_line(plate, foot, PELVIS, width=1.0, style="--", gid="perpendicular")
    upright = np.array([hips, hips - DOWN * (length + plate.reach(14.0))])
    draw_line(plate, upright, PELVIS, width=1.0, style="--", gid="hip_vertical")
    radius = min(plate.reach(PI_RADIUS), 0.45 * length)
    pi = draw_arc(plate, middle, caudal, to_hips, radius=radius, colour=PELVIS)
    pt = draw_arc(plate, hips, -DOWN, -to_hips, radius=0.5 * length, colour=PELVIS)
    _value(plate, film, "PI", pi, (pi - middle) / np.hypot(*(pi - middle)))
    _value(plate, film, "PT", pt, FRONT)


def _value(
    plate: Plate, film: FilmValues, key: str, anchor: FloatArray, outward: FloatArray
) -> None:
    text = value_label(film, key)
    if text:
        draw_label(plate, text, anchor, outward, PELVIS, size=FILM_VALUE, gid=f"value.{key}")


def _bodies_between(
    film: FilmValues, plates: tuple[tuple[str, str], tuple[str, str]]
) -> FloatArray:
    """Corners of every vertebra that lies between two endplates along the spine."""
    first, last = film.sites.at([plates[0][0]])[0], film.sites.at([plates[1][0]])[0]
    corners = film.sites.at([name for name in film.sites.points if parse_corner(name)])
    axis = last - first
    share = (corners - first) @ axis / max(float(axis @ axis), 1e-9)
    inside: FloatArray = corners[(share > -0.02) & (share < 1.02)]
    return inside
