"""Regional curves on a lateral film: lordosis and kyphosis as angles between two endplates."""

from __future__ import annotations

from typing import Any

import numpy as np

from balance.anatomy import plate_names
from balance.geometry import slope, wrap_degrees
from balance.metrics.model import Metric
from balance.metrics.pelvis import S1_PLATE, pelvic_incidence
from balance.metrics.sites import FIRST_OF_LAST_TWO, HIP_AXIS, LAST_THORACIC
from balance.radiograph import FloatArray

L1_PLATE = plate_names("L1", "superior", "lateral")
LAST_TWO_PLATE = plate_names(FIRST_OF_LAST_TWO, "superior", "lateral")
LAST_THORACIC_PLATE = plate_names(LAST_THORACIC, "inferior", "lateral")


def lordosis(
    upper_posterior: FloatArray,
    upper_anterior: FloatArray,
    lower_posterior: FloatArray,
    lower_anterior: FloatArray,
) -> FloatArray:
    """Angle between two endplates, degrees in (-180, 180]; + when they open to the front.

    Examples
    --------
    >>> level = np.array([0.0, 40.0]), np.array([30.0, 40.0])
    >>> float(lordosis(*level, np.array([0.0, 0.0]), np.array([30.0, -30.0])))
    45.0
    """
    below = slope(lower_posterior, lower_anterior)
    return wrap_degrees(below - slope(upper_posterior, upper_anterior))


def kyphosis(
    upper_posterior: FloatArray,
    upper_anterior: FloatArray,
    lower_posterior: FloatArray,
    lower_anterior: FloatArray,
) -> FloatArray:
    """Angle between two endplates, degrees in [-180, 180); + when they open to the back.

    Examples
    --------
    >>> level = np.array([0.0, 40.0]), np.array([30.0, 40.0])
    >>> float(kyphosis(*level, np.array([0.0, 0.0]), np.array([30.0, 30.0])))
    45.0
    """
    return -lordosis(upper_posterior, upper_anterior, lower_posterior, lower_anterior)


def lumbar_mismatch(
    s1_posterior: FloatArray,
    s1_anterior: FloatArray,
    hip_axis: FloatArray,
    l1_posterior: FloatArray,
    l1_anterior: FloatArray,
) -> FloatArray:
    """PI - LL, degrees, signed: + when the lordosis is smaller than the pelvic incidence."""
    incidence = pelvic_incidence(s1_posterior, s1_anterior, hip_axis)
    return incidence - lordosis(l1_posterior, l1_anterior, s1_posterior, s1_anterior)


def lordosis_distribution_index(
    lower_posterior: FloatArray,
    lower_anterior: FloatArray,
    l1_posterior: FloatArray,
    l1_anterior: FloatArray,
    s1_posterior: FloatArray,
    s1_anterior: FloatArray,
) -> FloatArray:
    """Share of the lordosis that the two lowest segments hold, percent; infinite where LL is 0."""
    low = lordosis(lower_posterior, lower_anterior, s1_posterior, s1_anterior)
    whole = lordosis(l1_posterior, l1_anterior, s1_posterior, s1_anterior)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100.0 * low / whole


def _regional(
    key: str,
    name: str,
    upper: tuple[str, str],
    lower: tuple[str, str],
    definition: str,
    sources: tuple[str, ...],
    **differing: Any,
) -> Metric:
    kyphotic = differing.get("compute", lordosis) is kyphosis
    return Metric(
        key=key,
        name=name,
        unit="deg",
        view="lateral",
        needs=(*upper, *lower),
        definition=definition,
        sign="+ kyphosis" if kyphotic else "+ lordosis",
        sources=sources,
        plates=(upper, lower),
        **{"compute": lordosis, **differing},
    )


REGIONAL_METRICS: tuple[Metric, ...] = (
    _regional(
        "LL",
        "Lumbar lordosis",
        L1_PLATE,
        S1_PLATE,
        "L1 superior to S1 superior endplate.",
        ("pepke2019", "lehuec2016"),
    ),
    _regional(
        "L4_S1",
        "Lower lumbar lordosis",
        LAST_TWO_PLATE,
        S1_PLATE,
        "The two segments above the sacrum: L4 superior to S1 superior endplate (L5 where there "
        "are six lumbar vertebrae, L3 where there are four).",
        ("yilgor2017",),
    ),
    Metric(
        key="LDI",
        name="Lordosis distribution index",
        unit="%",
        view="lateral",
        needs=(*LAST_TWO_PLATE, *L1_PLATE, *S1_PLATE),
        compute=lordosis_distribution_index,
        definition="100 x L4_S1 / LL; none when LL is not above 0 or its interval contains 0.",
        plates=(LAST_TWO_PLATE, S1_PLATE),
        sign="+ when both lordoses have the same sign",
        sources=("yilgor2017",),
        divides_by="LL",
        smooth=False,
    ),
    Metric(
        key="PI_LL",
        name="PI-LL mismatch",
        unit="deg",
        view="lateral",
        needs=(*S1_PLATE, HIP_AXIS, *L1_PLATE),
        compute=lumbar_mismatch,
        definition="PI - LL, signed. The slope of S1 cancels, so it is surer than PI.",
        plates=(L1_PLATE, S1_PLATE),
        sign="+ when the lordosis is smaller than the incidence",
        sources=("schwab2012", "choi2018"),
    ),
    *(
        _regional(
            key,
            f"Thoracic kyphosis {level}-T12",
            plate_names(level, "superior", "lateral"),
            LAST_THORACIC_PLATE,
            f"{level} superior to the last thoracic vertebra's inferior endplate.",
            sources,
            compute=kyphosis,
        )
        for key, level, sources in (
            ("TK", "T4", ("pmc9827318",)),
            ("TK_T5_T12", "T5", ("pmid27111763",)),
            ("TK_T2_T12", "T2", ("pmid27111763",)),
        )
    ),
    _regional(
        "TLK",
        "Thoracolumbar kyphosis",
        plate_names("T10", "superior", "lateral"),
        plate_names("L2", "inferior", "lateral"),
        "T10 superior to L2 inferior endplate; some sources begin at T11.",
        ("pmid27111763",),
        compute=kyphosis,
    ),
)
