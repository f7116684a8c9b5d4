"""The neck on a lateral film."""

from __future__ import annotations

from balance.anatomy import plate_names
from balance.geometry import slope
from balance.metrics.model import Metric
from balance.metrics.regional import lordosis
from balance.radiograph import FloatArray

T1_PLATE = plate_names("T1", "superior", "lateral")
C2_PLATE = plate_names("C2", "inferior", "lateral")
C7_PLATE = plate_names("C7", "inferior", "lateral")


def endplate_slope(posterior: FloatArray, anterior: FloatArray) -> FloatArray:
    """Endplate to the horizontal, degrees; + when the anterior end is lower."""
    return slope(posterior, anterior)


def slope_minus_lordosis(
    t1_posterior: FloatArray,
    t1_anterior: FloatArray,
    c2_posterior: FloatArray,
    c2_anterior: FloatArray,
    c7_posterior: FloatArray,
    c7_anterior: FloatArray,
) -> FloatArray:
    """T1 slope - C2-C7 lordosis, degrees, signed."""
    curve = lordosis(c2_posterior, c2_anterior, c7_posterior, c7_anterior)
    return slope(t1_posterior, t1_anterior) - curve


def cervical_sagittal_vertical_axis(
    c2_centroid: FloatArray, c7_posterior: FloatArray
) -> FloatArray:
    """C2 centroid to the posterosuperior corner of C7, horizontally, mm; + anterior."""
    return c2_centroid[..., 0] - c7_posterior[..., 0]


CERVICAL_METRICS: tuple[Metric, ...] = (
    Metric(
        key="T1S",
        name="T1 slope",
        unit="deg",
        view="lateral",
        needs=T1_PLATE,
        compute=endplate_slope,
        definition="T1 superior endplate to the horizontal.",
        sign="+ when the anterior end is lower",
        sources=("patel2020", "martini2021"),
    ),
    Metric(
        key="CL",
        name="Cervical lordosis",
        unit="deg",
        view="lateral",
        needs=(*C2_PLATE, *C7_PLATE),
        compute=lordosis,
        definition="C2 inferior to C7 inferior endplate.",
        sign="+ lordosis",
        sources=("patel2020", "martini2021"),
        plates=(C2_PLATE, C7_PLATE),
    ),
    Metric(
        key="TS_CL",
        name="T1 slope minus cervical lordosis",
        unit="deg",
        view="lateral",
        needs=(*T1_PLATE, *C2_PLATE, *C7_PLATE),
        compute=slope_minus_lordosis,
        definition="T1S - CL. It is not graded: a limit in use would put most asymptomatic adults "
        "in its worst class.",
        plates=(C2_PLATE, C7_PLATE),
        sign="+ when the lordosis is smaller than the slope",
        sources=("protopsaltis2018", "ames2015"),
    ),
    Metric(
        key="C2S",
        name="C2 slope",
        unit="deg",
        view="lateral",
        needs=C2_PLATE,
        compute=endplate_slope,
        definition="C2 inferior endplate to the horizontal.",
        sign="+ when the anterior end is lower",
        sources=("lee2022", "martini2021"),
    ),
    Metric(
        key="cSVA",
        name="C2-C7 sagittal vertical axis",
        unit="mm",
        view="lateral",
        needs=("C2_centroid", "C7_superior_posterior"),
        compute=cervical_sagittal_vertical_axis,
        definition="C2 centroid to the posterosuperior corner of C7, horizontally (some "
        "sources measure to the centre of C7).",
        sign="+ when C2 lies in front",
        sources=("ames2015", "martini2021"),
    ),
)
