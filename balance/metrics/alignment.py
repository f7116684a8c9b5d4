"""Global sagittal alignment: where the trunk and the head stand over the pelvis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from balance.geometry import distance, lean, midpoint
from balance.metrics.model import Metric
from balance.metrics.pelvis import S1_ANTERIOR, S1_PLATE, S1_POSTERIOR, pelvic_tilt, sacral_slope
from balance.metrics.sites import HIP_AXIS
from balance.radiograph import FloatArray

SMALLEST_SACROFEMORAL_MM = 10.0
SMALLEST_SACROFEMORAL_PLATES = 0.3


def sagittal_vertical_axis(c7_centroid: FloatArray, s1_posterior: FloatArray) -> FloatArray:
    """C7 centroid to the posterosuperior corner of S1, horizontally, mm; + anterior.

    Examples
    --------
    >>> float(sagittal_vertical_axis(np.array([30.0, 500.0]), np.array([-10.0, 0.0])))
    40.0
    """
    return c7_centroid[..., 0] - s1_posterior[..., 0]


def spinopelvic_inclination(centroid: FloatArray, hip_axis: FloatArray) -> FloatArray:
    """Line from the hip axis to a vertebra against the vertical, degrees; + anterior."""
    return lean(hip_axis, centroid)


def pelvic_angle(
    centroid: FloatArray, s1_posterior: FloatArray, s1_anterior: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """Angle at the hip axis between a vertebra's centroid and the S1 midpoint, degrees.

    + when the vertebra lies in front of the line from the hip axis to S1. It does not change while
    spine and pelvis turn about the hips as one body.

    Examples
    --------
    >>> plate = np.array([-67.0, 50.0]), np.array([-33.0, 50.0])
    >>> float(pelvic_angle(np.array([0.0, 400.0]), *plate, np.array([0.0, 0.0])))
    45.0
    """
    return lean(hip_axis, centroid) + pelvic_tilt(s1_posterior, s1_anterior, hip_axis)


def t4_l1_mismatch(
    t4_centroid: FloatArray, l1_centroid: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """T4PA - L1PA, degrees: the angle at the hip axis from the L1 to the T4 centroid."""
    return lean(hip_axis, t4_centroid) - lean(hip_axis, l1_centroid)


def c7_tilt(
    c7_centroid: FloatArray, s1_posterior: FloatArray, s1_anterior: FloatArray
) -> FloatArray:
    """Line from the S1 midpoint to the C7 centroid against the vertical, degrees; + anterior."""
    return lean(midpoint(s1_posterior, s1_anterior), c7_centroid)


def global_tilt(
    c7_centroid: FloatArray, s1_posterior: FloatArray, s1_anterior: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """Global tilt: PT + the tilt of C7 over the S1 midpoint, degrees."""
    tilt = c7_tilt(c7_centroid, s1_posterior, s1_anterior)
    return pelvic_tilt(s1_posterior, s1_anterior, hip_axis) + tilt


def spinosacral_angle(
    c7_centroid: FloatArray, s1_posterior: FloatArray, s1_anterior: FloatArray
) -> FloatArray:
    """Angle between the S1 endplate and the line to C7: 90 + SS - the tilt of C7, degrees."""
    tilt = c7_tilt(c7_centroid, s1_posterior, s1_anterior)
    return 90.0 + sacral_slope(s1_posterior, s1_anterior) - tilt


def barrey_ratio(
    c7_centroid: FloatArray, s1_posterior: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """SVA over the sacrofemoral distance (hip axis to posterosuperior S1 corner), no unit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = hip_axis[..., 0] - s1_posterior[..., 0]
        return sagittal_vertical_axis(c7_centroid, s1_posterior) / reach


def _too_near_the_hips(
    c7_centroid: FloatArray,  # noqa: ARG001  same points as the formula
    s1_posterior: FloatArray,
    hip_axis: FloatArray,
    s1_anterior: FloatArray,
    *,
    has_millimetres: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    reach = np.abs(hip_axis[..., 0] - s1_posterior[..., 0])
    by_plate = SMALLEST_SACROFEMORAL_PLATES * distance(s1_posterior, s1_anterior)
    # Not "less than": without a scale and without the plate nothing can be said.
    return ~(reach >= np.where(has_millimetres, SMALLEST_SACROFEMORAL_MM, by_plate))


def _pelvic_angle(key: str, level: str, sources: tuple[str, ...]) -> Metric:
    return Metric(
        key=key,
        name=f"{level} pelvic angle",
        unit="deg",
        view="lateral",
        needs=(f"{level}_centroid", *S1_PLATE, HIP_AXIS),
        compute=pelvic_angle,
        definition=f"Angle at the hip axis between the {level} centroid and the S1 midpoint.",
        sign=f"+ when {level} lies in front of the line from the hip axis to S1",
        sources=sources,
    )


def _inclination(key: str, name: str, site: str, words: str, sources: tuple[str, ...]) -> Metric:
    return Metric(
        key=key,
        name=name,
        unit="deg",
        view="lateral",
        needs=(site, HIP_AXIS),
        compute=spinopelvic_inclination,
        definition=f"Line from the hip axis to the {words}, to the vertical.",
        sign=f"+ when the {words} lies in front of the hip axis",
        sources=sources,
    )


ALIGNMENT_METRICS: tuple[Metric, ...] = (
    Metric(
        key="SVA",
        name="Sagittal vertical axis",
        unit="mm",
        view="lateral",
        needs=("C7_centroid", S1_POSTERIOR),
        compute=sagittal_vertical_axis,
        definition="C7 centroid to the posterosuperior corner of S1, horizontally.",
        sign="+ when C7 lies in front",
        sources=("faro2004",),
    ),
    _pelvic_angle("TPA", "T1", ("protopsaltis2014", "ryan2014")),
    _pelvic_angle("L1PA", "L1", ("hills2022",)),
    _pelvic_angle("T4PA", "T4", ("hills2022",)),
    Metric(
        key="T4_L1PA",
        name="T4-L1 pelvic angle mismatch",
        unit="deg",
        view="lateral",
        needs=("T4_centroid", "L1_centroid", HIP_AXIS),
        compute=t4_l1_mismatch,
        definition="T4PA - L1PA.",
        sign="+ when T4 lies in front of the line from the hip axis to L1",
        sources=("hills2022", "joseph2026"),
    ),
    _inclination(
        "T9SPi",
        "T9 spinopelvic inclination",
        "T9_centroid",
        "T9 centroid",
        ("boulay2006", "pmc9827318"),
    ),
    _inclination(
        "T1SPi", "T1 spinopelvic inclination", "T1_centroid", "T1 centroid", ("lafage2009",)
    ),
    Metric(
        key="GT",
        name="Global tilt",
        unit="deg",
        view="lateral",
        needs=("C7_centroid", *S1_PLATE, HIP_AXIS),
        compute=global_tilt,
        definition="PT + the tilt of the line from the S1 midpoint to the C7 centroid.",
        sign="+ when pelvis and trunk together lean towards sagittal deformity",
        sources=("obeid2016",),
    ),
    Metric(
        key="SSA",
        name="Spinosacral angle",
        unit="deg",
        view="lateral",
        needs=("C7_centroid", *S1_PLATE),
        compute=spinosacral_angle,
        definition="S1 endplate to the line from its midpoint to the C7 centroid: 90 + SS - tilt.",
        sign="always counted from the S1 endplate",
        sources=("macthiong2010", "pmc9827318"),
    ),
    _inclination(
        "OD_HA",
        "Odontoid-hip axis angle",
        "C2_dens",
        "tip of the dens",
        ("amabile2016", "lehuec2019"),
    ),
    Metric(
        key="barrey_ratio",
        name="Barrey ratio",
        unit="1",
        view="lateral",
        needs=("C7_centroid", S1_POSTERIOR, HIP_AXIS),
        aids=(S1_ANTERIOR,),
        compute=barrey_ratio,
        definition="SVA over the horizontal distance from the posterosuperior S1 corner to the hip "
        "axis; needs no scale.",
        sign="+ when C7 and the hip axis lie on the same side of that corner; above 1 C7 lies in "
        "front of the hips",
        sources=("laouissat2018", "barrey2007"),
        undefined=(
            _too_near_the_hips,
            "the hip axis lies within 10 mm of the posterosuperior S1 corner (0.3 of the S1 "
            "endplate without scale): the ratio says nothing",
        ),
        smooth=False,
    ),
)
