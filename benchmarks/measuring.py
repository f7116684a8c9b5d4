"""Measuring one case, many cases, and a folder of documents."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from balance.analysis import analyse, analyse_files, find_documents
from balance.examination import Document, Examination
from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import POINT_METRICS, measure_film
from balance.metrics.model import evaluate
from balance.metrics.sites import resolve, site_index
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.phantom.lateral import LateralChoices, lateral_phantom
from benchmarks.timing import Row, timed, timed_pair

CASES = 10_000
DOCUMENTS = 2_000
LATERAL = tuple(metric for metric in POINT_METRICS if metric.view == "lateral")


def rows() -> Iterator[Row]:
    """The benchmark rows of measuring."""
    lateral, frontal = (_landmarks(document) for document in documents_of_both_views())
    yield Row("measure a lateral film, warm", timed(lambda: measure_film(lateral)), "<= 5 ms")
    yield Row("measure a frontal film, warm", timed(lambda: measure_film(frontal)), "<= 25 ms")
    both = Examination(Document("lateral", lateral), Document("frontal", frontal))
    for name, one in (("lateral", replace(both, frontal=None)), ("both views", both)):
        yield Row(
            f"measure and grade a case ({name}), warm",
            timed(lambda one=one: analyse(one)),
            "<= 25 ms" if name == "lateral" else "-",
        )
    yield _many(lateral)
    yield _folder()


def documents_of_both_views() -> tuple[dict[str, object], dict[str, object]]:
    lateral = lateral_phantom(LateralChoices(PI=56.0, PT=22.0, LL=44.0, TK=42.0, SVA=62.0))
    frontal = frontal_phantom(FrontalChoices(curves=(Curve("T5", "T11", 42.0, "right"),)))
    scale = calibration("dicom_fiducial")
    return tuple(  # type: ignore[return-value]
        landmark_document(phantom, expose(phantom, (0.2, 0.2), "right"), scale=scale)
        for phantom in (lateral, frontal)
    )


def _landmarks(document: dict[str, object]) -> Landmarks:
    return parse_landmarks(json.dumps(document).encode())


def _many(landmarks: Landmarks) -> Row:
    sites = resolve(landmarks)
    noise = np.random.default_rng(0).normal(0.0, 1.0, (CASES, *sites.xy.shape))
    xy, present = sites.xy + noise, np.broadcast_to(sites.present, (CASES, len(sites.present)))
    scaled = np.ones(CASES, bool)

    def bare() -> list[np.ndarray]:
        return [
            metric.compute(*(xy[:, site_index("lateral", name)] for name in metric.needs))
            for metric in LATERAL
        ]

    seconds, floor = timed_pair(lambda: evaluate(LATERAL, xy, present, scaled), bare)
    return Row(f"{CASES:,} cases in one call", seconds, "<= 1.5 x", "the same arithmetic", floor)


def _folder() -> Row:
    """Documents to values on one process; batch tables over two workers come later."""
    text = json.dumps(documents_of_both_views()[0])
    with tempfile.TemporaryDirectory() as folder:
        for number in range(DOCUMENTS):
            (Path(folder) / f"{number:05d}.landmarks.json").write_text(text)
        documents, _ = find_documents([Path(folder)])
        seconds = timed(lambda: analyse_files(documents), rounds=1)
    return Row(f"{DOCUMENTS:,} documents in a folder, one process", seconds, "-")
