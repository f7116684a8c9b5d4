"""Frontal balance and tilts; the curves themselves are in :mod:`balance.metrics.curves`."""

from __future__ import annotations

from balance.anatomy import plate_names
from balance.geometry import midpoint, slope
from balance.metrics.model import Metric
from balance.metrics.segmental import coronal_angle
from balance.metrics.sites import CSVL, FIRST_OF_LAST_TWO
from balance.radiograph import FloatArray

S1_PLATE = plate_names("S1", "superior", "frontal")


def offset_to_vertical(point: FloatArray, on_vertical: FloatArray) -> FloatArray:
    """Horizontal distance of a point from the vertical through another, mm; + to the right.

    Examples
    --------
    >>> import numpy as np
    >>> float(offset_to_vertical(np.array([12.0, 400.0]), np.array([-3.0, 0.0])))
    15.0
    """
    return point[..., 0] - on_vertical[..., 0]


def trunk_shift(rib_left: FloatArray, rib_right: FloatArray, csvl: FloatArray) -> FloatArray:
    """Midpoint of the chest wall to the CSVL, mm; + to the patient's right."""
    return offset_to_vertical(midpoint(rib_left, rib_right), csvl)


def tilt_of_pair(left: FloatArray, right: FloatArray) -> FloatArray:
    """Line between two points to the horizontal, degrees; + when the patient's right is lower."""
    return slope(left, right)


def height_difference(left: FloatArray, right: FloatArray) -> FloatArray:
    """How much lower the right point lies than the left one, mm."""
    return left[..., 1] - right[..., 1]


def _tilt(
    key: str,
    name: str,
    pair: tuple[str, str],
    words: str,
    sources: tuple[str, ...] = ("obrien2004sdsg",),
) -> Metric:
    return Metric(
        key=key,
        name=name,
        unit="deg",
        view="frontal",
        needs=pair,
        compute=tilt_of_pair,
        definition=f"{words} to the horizontal.",
        sign="+ when the patient's right side is lower",
        sources=sources,
    )


CORONAL_METRICS: tuple[Metric, ...] = (
    Metric(
        key="C7_CSVL",
        name="C7 plumb line to CSVL",
        unit="mm",
        view="frontal",
        needs=("C7_centroid", CSVL),
        compute=offset_to_vertical,
        definition="C7 centroid to the vertical through the S1 midpoint (or the centre of the "
        "sacrum where the endplate is hidden), horizontally.",
        sign="+ to the patient's right",
        sources=("obrien2004sdsg", "glassman2005coronal"),
    ),
    Metric(
        key="trunk_shift",
        name="Trunk shift",
        unit="mm",
        view="frontal",
        needs=("rib_left", "rib_right", CSVL),
        compute=trunk_shift,
        definition="Midpoint of the chest wall at the apical level to the CSVL, horizontally "
        "(never C7 to the CSVL under another name).",
        sign="+ to the patient's right",
        sources=("obrien2004sdsg",),
    ),
    _tilt("T1_tilt", "T1 tilt", plate_names("T1", "superior", "frontal"), "T1 superior endplate"),
    _tilt("L4_tilt", "L4 tilt", plate_names("L4", "superior", "frontal"), "L4 superior endplate"),
    Metric(
        key="fractional_curve",
        name="Fractional curve",
        unit="deg",
        view="frontal",
        needs=(*plate_names(FIRST_OF_LAST_TWO, "superior", "frontal"), *S1_PLATE),
        compute=coronal_angle,
        definition="L4 (the upper of the last two lumbar vertebrae) superior to S1 superior "
        "endplate.",
        plates=(plate_names(FIRST_OF_LAST_TWO, "superior", "frontal"), S1_PLATE),
        sign="+ when the curve is convex to the patient's right",
        sources=("obrien2004sdsg",),
    ),
    _tilt(
        "pelvic_obliquity",
        "Pelvic obliquity",
        ("iliac_crest_left", "iliac_crest_right"),
        "Line between the tops of the iliac crests",
        ("pmc9827318", "obrien2004sdsg"),
    ),
    _tilt(
        "clavicle_angle",
        "Clavicle angle",
        ("clavicle_left", "clavicle_right"),
        "Line between the highest points of the clavicles",
        ("obrien2004sdsg", "ono2012"),
    ),
    Metric(
        key="femoral_head_height_difference",
        name="Femoral head height difference",
        unit="mm",
        view="frontal",
        needs=("femoral_head_left", "femoral_head_right"),
        compute=height_difference,
        definition="Vertical distance between the centres of the femoral heads.",
        sign="+ when the right head is lower",
        sources=("meermans2011",),
    ),
)
