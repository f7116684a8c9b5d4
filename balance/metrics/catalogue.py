"""Every parameter of the program in the order in which it is printed, and the call for one film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading
from balance.metrics.alignment import ALIGNMENT_METRICS
from balance.metrics.cervical import CERVICAL_METRICS
from balance.metrics.coronal import CORONAL_METRICS
from balance.metrics.curves import AVT_ROWS, Curve, apical_translations, find_curves
from balance.metrics.model import Measurement, Metric, measure
from balance.metrics.pelvis import PELVIC_METRICS
from balance.metrics.regional import REGIONAL_METRICS
from balance.metrics.segmental import segmental_metrics
from balance.metrics.sites import Sites, resolve

POINT_METRICS: tuple[Metric, ...] = (
    *PELVIC_METRICS,
    *REGIONAL_METRICS,
    *ALIGNMENT_METRICS,
    *CERVICAL_METRICS,
    *CORONAL_METRICS,
)
"""Metrics whose points are known before any measurement."""

METRICS: tuple[Metric, ...] = (*POINT_METRICS, *(metric for metric, _, _ in AVT_ROWS))
"""All of them; the apical translations follow from the curves that are found."""

METRIC: Mapping[str, Metric] = {metric.key: metric for metric in METRICS}


@dataclass(frozen=True, slots=True)
class FilmValues:
    """Everything measured on one film."""

    landmarks: Landmarks
    sites: Sites
    measurements: Mapping[str, Measurement]
    curves: tuple[Curve, ...] = ()


def measure_film(
    landmarks: Landmarks, *, segmental: bool = False, reading: Reading = "between_readers"
) -> FilmValues:
    """Measure every parameter of a film's view; one that cannot be given carries its reason.

    Examples
    --------
    >>> values = measure_film(Landmarks("lateral", {}, "right"))
    >>> values.measurements["SVA"].reason
    'not marked: C7_centroid, S1_superior_posterior'
    """
    sites = resolve(landmarks, reading)
    metrics = POINT_METRICS
    if segmental:
        metrics += segmental_metrics(landmarks.view, landmarks.existing_levels)
    measurements = measure(metrics, sites)
    curves: tuple[Curve, ...] = ()
    if landmarks.view == "frontal":
        curves = find_curves(sites)
        measurements |= apical_translations(sites, curves)
    return FilmValues(landmarks, sites, measurements, curves)
