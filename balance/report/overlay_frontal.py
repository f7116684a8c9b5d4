"""The frontal constructions: CSVL and C7 plumb line, curves with their end vertebrae and apex."""

from __future__ import annotations

import numpy as np

from balance.anatomy import plate_names
from balance.metrics.catalogue import FilmValues
from balance.metrics.curves import Curve
from balance.metrics.sites import CSVL
from balance.radiograph import FloatArray
from balance.report.bracket import REACH, Bracket, draw_bracket
from balance.report.palette import BONE, CURVES, FILM_SMALL, FILM_TEXT, PLUMB
from balance.report.plate import Plate, cased, draw_label, draw_line
from balance.report.plumb import draw_dimension, floor_of
from balance.report.rows import UNCONFIRMED, curve_row, plain_row

RIGHT, LEFT, UP = np.array([1.0, 0.0]), np.array([-1.0, 0.0]), np.array([0.0, 1.0])
PAIRS = ("clavicle", "rib", "iliac_crest", "femoral_head")
"""Points of both sides that a thin line joins."""


def draw_coronal(plate: Plate, film: FilmValues) -> None:
    """Draw what the frontal film measures, as far as its points are there."""
    _draw_pairs(plate, film)
    _draw_verticals(plate, film)
    for place, curve in enumerate(film.curves, 1):
        _draw_curve(plate, film, curve, place)


def _draw_pairs(plate: Plate, film: FilmValues) -> None:
    for part in PAIRS:
        names = [f"{part}_left", f"{part}_right"]
        if film.sites.has(names):
            draw_line(plate, film.sites.at(names), BONE, width=0.8, style="--", gid=f"pair.{part}")


def _draw_verticals(plate: Plate, film: FilmValues) -> None:
    sites = film.sites
    floor = floor_of(plate, film)
    if sites.has([CSVL]):
        x = sites.at([CSVL])[0][0]
        top = max(xy[1] for name in sites.points for xy in sites.at([name]))
        draw_line(plate, np.array([[x, top], [x, floor]]), PLUMB, style="--", gid="csvl")
        anchor = np.array([x, top])
        draw_label(plate, "CSVL", anchor, UP, PLUMB, size=FILM_SMALL, gid="label.csvl")
    if sites.has(["C7_centroid"]):
        c7 = sites.at(["C7_centroid"])[0]
        draw_line(plate, np.array([c7, [c7[0], floor]]), PLUMB, width=1.5, gid="c7_plumb")
    if sites.has([CSVL, "C7_centroid"]):
        draw_dimension(plate, (x, c7[0]), floor, _offset_label(film), gid="value.C7_CSVL")


def _offset_label(film: FilmValues) -> str:
    one = film.measurements["C7_CSVL"]
    row = plain_row(one)
    if one.value is None:
        return ""
    side = "" if row.film.strip("-") == "0" else " right" if one.value > 0 else " left"
    text = f"C7-CSVL {row.film.strip('-')} {row.unit}{side}"
    return text if row.confirmed else f"{text} {UNCONFIRMED}"


def _draw_curve(plate: Plate, film: FilmValues, curve: Curve, place: int) -> None:
    """Cobb lines on the concave side, where they meet; the apex on the convex side."""
    colour = CURVES[(place - 1) % len(CURVES)]
    lower = "superior" if curve.region == "fractional" else "inferior"
    upper_plate = plate_names(curve.upper, "superior", "frontal")
    lower_plate = plate_names(curve.lower, lower, "frontal")
    ends = film.sites.at(upper_plate), film.sites.at(lower_plate)
    heights = sorted(end.mean(axis=0)[1] for end in ends)
    corners = np.array([xy for level in film.sites.levels for xy in _corners(film, level)])
    corners = corners.reshape(-1, 2)
    between = corners[(corners[:, 1] > heights[0]) & (corners[:, 1] < heights[1])]
    bracket = Bracket(*ends, between, forward=curve.convex == "left")
    row = curve_row(place, curve)
    name = "Fractional" if curve.region == "fractional" else curve.region
    value = f"{name} {row.film}°" if curve.confirmed else f"{name} {row.film}° {UNCONFIRMED}"
    text = f"{value}\n{curve.upper} to {curve.lower}\nconvex {curve.convex}"
    draw_bracket(plate, bracket, text, colour, gid=f"value.curve.{place}", size=FILM_TEXT)
    if curve.apex_parts:
        _draw_apex(plate, film, curve, colour, place)


def _draw_apex(plate: Plate, film: FilmValues, curve: Curve, colour: str, place: int) -> None:
    apex = film.sites.at(curve.apex_parts).mean(axis=0)
    outward = RIGHT if curve.convex == "right" else LEFT
    wall = _corners(film, str(curve.apex).split("/")[0])
    half = float(np.max(np.abs((wall - apex) @ RIGHT)))
    # Level names stand on the patient's left, so the mark keeps their width there.
    tip = apex + outward * (half + plate.reach(6.0 if curve.convex == "right" else REACH))
    x, y = plate.frame.to_pixels(tip[None])[0]
    pointing = {1: "<", -1: ">"}[int(np.sign(plate.frame.to_pixels(outward[None])[0][0])) or 1]
    (mark,) = plate.ax.plot(x, y, pointing, color=colour, markersize=8 * plate.share, zorder=6)
    mark.set_gid(f"apex.{place}")
    mark.set_path_effects(cased(0.5))
    draw_label(
        plate,
        f"apex {curve.apex}",
        tip + outward * plate.reach(5.0),
        outward,
        colour,
        size=FILM_SMALL,
        gid=f"label.apex.{place}",
    )


def _corners(film: FilmValues, level: str) -> FloatArray:
    names = (*plate_names(level, "superior", "frontal"), *plate_names(level, "inferior", "frontal"))
    return film.sites.at(names)
