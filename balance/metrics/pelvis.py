"""The pelvis on a lateral film: incidence, tilt, sacral slope."""

from __future__ import annotations

import numpy as np

from balance.geometry import lean, midpoint, slope, turn
from balance.metrics.model import Metric
from balance.metrics.sites import HIP_AXIS
from balance.radiograph import FloatArray

S1_POSTERIOR, S1_ANTERIOR = S1_PLATE = ("S1_superior_posterior", "S1_superior_anterior")


def pelvic_incidence(
    s1_posterior: FloatArray, s1_anterior: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """Pelvic incidence, degrees in (-180, 180]; + when the hip axis lies in front of the normal.

    The angle from the caudal normal of the S1 endplate, at its midpoint, to the line from there to
    the hip axis. It is computed so and not as PT + SS: the identity is a check, not a definition.

    Examples
    --------
    >>> plate = np.array([-17.0, 0.0]), np.array([17.0, 0.0])
    >>> float(pelvic_incidence(*plate, np.array([50.0, -50.0])))
    45.0
    """
    along = s1_anterior - s1_posterior
    caudal_normal = np.stack([along[..., 1], -along[..., 0]], axis=-1)
    return turn(caudal_normal, hip_axis - midpoint(s1_posterior, s1_anterior))


def pelvic_tilt(
    s1_posterior: FloatArray, s1_anterior: FloatArray, hip_axis: FloatArray
) -> FloatArray:
    """Pelvic tilt, degrees; + when the S1 midpoint lies behind the hip axis (retroversion).

    Examples
    --------
    >>> plate = np.array([-67.0, 50.0]), np.array([-33.0, 50.0])
    >>> float(pelvic_tilt(*plate, np.array([0.0, 0.0])))
    45.0
    """
    return -lean(hip_axis, midpoint(s1_posterior, s1_anterior))


def sacral_slope(s1_posterior: FloatArray, s1_anterior: FloatArray) -> FloatArray:
    """Sacral slope, degrees; + when the anterior end of the S1 endplate is lower.

    Examples
    --------
    >>> float(sacral_slope(np.array([0.0, 0.0]), np.array([30.0, -30.0])))
    45.0
    """
    return slope(s1_posterior, s1_anterior)


PELVIC_METRICS: tuple[Metric, ...] = (
    Metric(
        key="PI",
        name="Pelvic incidence",
        unit="deg",
        view="lateral",
        needs=(*S1_PLATE, HIP_AXIS),
        compute=pelvic_incidence,
        definition="Caudal perpendicular of the S1 endplate at its midpoint to the line from there "
        "to the hip axis.",
        sign="+ when the hip axis lies in front of the perpendicular",
        sources=("legaye1998", "duvalbeaupere1992"),
    ),
    Metric(
        key="PT",
        name="Pelvic tilt",
        unit="deg",
        view="lateral",
        needs=(*S1_PLATE, HIP_AXIS),
        compute=pelvic_tilt,
        definition="Line from the hip axis to the S1 midpoint, to the vertical.",
        sign="+ when the sacrum lies behind the hip axis (retroversion)",
        sources=("legaye1998", "macthiong2011"),
    ),
    Metric(
        key="SS",
        name="Sacral slope",
        unit="deg",
        view="lateral",
        needs=S1_PLATE,
        compute=sacral_slope,
        definition="S1 superior endplate to the horizontal.",
        sign="+ when the anterior end is lower",
        sources=("legaye1998",),
    ),
)
