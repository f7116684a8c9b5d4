"""A small drawing for each parameter, made from a phantom: SVG text, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from balance.anatomy import ENDS, body_names, plate_names
from balance.landmarks.files import parse_landmarks
from balance.metrics.curves import AVT_ROWS
from balance.metrics.model import Metric
from balance.metrics.sites import CSVL, HIP_AXIS, S1_MIDPOINT, Sites, resolve
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.phantom.lateral import LateralChoices, lateral_phantom
from balance.radiograph import FloatArray, View

HEIGHT_PX = 300
MARGIN_MM = 45.0
NEAR_PELVIS_MM = 330.0
"""A drawing whose sites reach this far down shows the hips as well."""
INK = "#0072B2"
"""Colour of what is measured; the rest is grey. Blue of a colour-blind-safe palette."""

PLAIN_APEX = {"PT": "T4_centroid", "MT": "T8_centroid", "TL": "L2_centroid"}


def draw_parameter(metric: Metric) -> str:
    """The SVG of one parameter: the spine in grey, its sites and lines in colour.

    Examples
    --------
    >>> from balance.metrics.catalogue import METRIC
    >>> draw_parameter(METRIC["SS"]).startswith("<svg")
    True
    """
    sites = _example(metric.view)
    needs = _needs(metric)
    shapes = [*_bones(sites), *_construction(metric, needs, sites)]
    xy, pelvis = sites.at(needs), _pelvis(sites)
    if xy[:, 1].min() < pelvis[:, 1].max() + NEAR_PELVIS_MM:
        xy = np.vstack([xy, pelvis])
    low, high = xy.min(axis=0) - MARGIN_MM, xy.max(axis=0) + MARGIN_MM
    middle, half = (low[0] + high[0]) / 2, max(high[0] - low[0], 170.0) / 2
    box = (middle - half, -high[1], 2 * half, high[1] - low[1])
    width = round(HEIGHT_PX * box[2] / box[3])
    view_box = " ".join(f"{value:.1f}" for value in box)
    stroke = max(box[3] / 220, 0.7)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT_PX}" '
            f'viewBox="{view_box}" fill="none" stroke-width="{stroke:.2f}" '
            'stroke-linecap="round">',
            f"<title>{metric.name}</title>",
            f'<rect x="{box[0]:.1f}" y="{box[1]:.1f}" width="{box[2]:.1f}" '
            f'height="{box[3]:.1f}" fill="#ffffff"/>',
            *shapes,
            "</svg>",
            "",
        )
    )


def _needs(metric: Metric) -> tuple[str, ...]:
    for row, region, reference in AVT_ROWS:
        if row.key == metric.key:
            return PLAIN_APEX[region], reference
    return metric.needs


@cache
def _example(view: View) -> Sites:
    if view == "lateral":
        phantom = lateral_phantom(LateralChoices(PI=56.0, PT=22.0, LL=44.0, TK=42.0, SVA=62.0))
    else:
        curves = (Curve("T5", "T11", 42.0, "right"), Curve("T11", "L4", 34.0, "left"))
        phantom = frontal_phantom(
            FrontalChoices(
                curves=curves,
                C7_CSVL=26.0,
                pelvic_obliquity=5.0,
                clavicle_angle=-4.0,
                head_height_difference=9.0,
                sacral_tilt=3.0,
            )
        )
    film = expose(phantom, (0.5, 0.5), "right")
    document = landmark_document(phantom, film, scale=calibration("dicom_fiducial"))
    return resolve(parse_landmarks(json.dumps(document).encode()))


def _pelvis(sites: Sites) -> FloatArray:
    heads = (HIP_AXIS,) if sites.view == "lateral" else ("femoral_head_left", "femoral_head_right")
    return sites.at(heads)


def _bones(sites: Sites) -> Iterator[str]:
    for level in sites.levels:
        first, second, third, fourth = sites.at(body_names(level, sites.view))
        yield _polygon((first, second, fourth, third))
    left, right = sites.at(plate_names("S1", "superior", sites.view))
    yield _line(left, right, "#777777")
    for centre in _pelvis(sites):
        yield _circle(centre, 23.0, 'stroke="#bbbbbb"')


def _construction(metric: Metric, needs: Sequence[str], sites: Sites) -> Iterator[str]:
    plates = _pairs(needs, sites.view)
    points = [name for name in needs if not any(name in pair for pair in plates)]
    at = {name: sites.at([name])[0] for name in (*needs, S1_MIDPOINT)}
    for first, second in plates:
        along = (at[second] - at[first]) * (0.0 if metric.unit == "mm" else 1.2)
        yield _line(at[first] - along, at[second] + along, INK)
        if metric.unit == "deg" and len(plates) == 1 and not points:
            yield _dashed(at[first], at[first] + (90.0, 0.0))
    if metric.unit == "deg":
        yield from _angles_at_a_vertex(metric, points, at)
    else:
        yield from _verticals(metric, needs, at)
    for name in needs:
        yield _circle(at[name], 3.0, f'fill="{INK}"')


def _angles_at_a_vertex(
    metric: Metric, points: Sequence[str], at: dict[str, FloatArray]
) -> Iterator[str]:
    if metric.key in ("GT", "SSA"):
        yield _line(at[S1_MIDPOINT], at["C7_centroid"], INK)
        yield _dashed(at[S1_MIDPOINT], (at[S1_MIDPOINT][0], at["C7_centroid"][1]))
    if HIP_AXIS not in points:
        return
    hips = at[HIP_AXIS]
    rays = [at[name] for name in points if name != HIP_AXIS and metric.key != "GT"]
    if metric.key not in ("T4_L1PA", "T9SPi", "T1SPi", "OD_HA"):
        rays.append(at[S1_MIDPOINT])
    for end in rays:
        yield _line(hips, end, INK)
    if metric.key in ("PT", "T9SPi", "T1SPi", "OD_HA", "GT"):
        yield _dashed(hips, (hips[0], max(end[1] for end in rays)))
    if metric.key in ("PI", "PI_LL"):
        first, second = at["S1_superior_posterior"], at["S1_superior_anterior"]
        normal = np.array([second[1] - first[1], first[0] - second[0]])
        yield _dashed(at[S1_MIDPOINT], at[S1_MIDPOINT] + normal * 3.2)


def _verticals(metric: Metric, needs: Sequence[str], at: dict[str, FloatArray]) -> Iterator[str]:
    ends = [at[name] for name in needs]
    if metric.key == "LDI":
        return
    if metric.key == "femoral_head_height_difference":
        left, right = ends
        yield _dashed(left, (right[0], left[1]))
        yield _line((right[0], left[1]), right, INK)
        return
    if metric.key == "trunk_shift":
        ends = [(ends[0] + ends[1]) / 2, ends[2]]
    foot = min(float(end[1]) for end in ends)
    for end in ends:
        top = max(float(other[1]) for other in ends) if CSVL in needs else float(end[1])
        yield _dashed((end[0], top), (end[0], foot - 12.0))
    for first, second in pairwise(ends):
        yield _line((first[0], foot - 8.0), (second[0], foot - 8.0), INK)


def _pairs(needs: Sequence[str], view: View) -> list[tuple[str, str]]:
    """Neighbours in ``needs`` that are the two ends of one plate or a left and a right point."""
    ends = ENDS[view]
    return [
        (first, second)
        for first, second in pairwise(needs)
        if first.endswith(ends[0])
        and second.endswith(ends[1])
        and first.removesuffix(ends[0]) == second.removesuffix(ends[1])
    ]


def _xy(point: Sequence[float] | FloatArray) -> str:
    return f"{point[0]:.1f},{-point[1]:.1f}"


def _line(start: Sequence[float] | FloatArray, end: Sequence[float] | FloatArray, ink: str) -> str:
    return f'<polyline points="{_xy(start)} {_xy(end)}" stroke="{ink}"/>'


def _dashed(start: Sequence[float] | FloatArray, end: Sequence[float] | FloatArray) -> str:
    return f'<polyline points="{_xy(start)} {_xy(end)}" stroke="{INK}" stroke-dasharray="5 4"/>'


def _polygon(corners: Sequence[FloatArray]) -> str:
    points = " ".join(_xy(corner) for corner in corners)
    return f'<polygon points="{points}" stroke="#bbbbbb" fill="#f2f2f2"/>'


def _circle(centre: FloatArray, radius: float, paint: str) -> str:
    return f'<circle cx="{centre[0]:.1f}" cy="{-centre[1]:.1f}" r="{radius:.1f}" {paint}/>'
