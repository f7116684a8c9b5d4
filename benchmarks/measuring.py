"""Measuring one case, many cases, and a folder of documents."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from balance.analysis import analyse, analyse_files, read_document
from balance.examination import Document, Examination
from balance.inputs import find_documents
from balance.landmarks.files import parse_landmarks
from balance.landmarks.model import Landmarks
from balance.metrics.catalogue import POINT_METRICS, measure_film
from balance.metrics.model import evaluate
from balance.metrics.sites import resolve, site_index
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.frontal import Curve, FrontalChoices, frontal_phantom
from balance.phantom.lateral import LateralChoices, lateral_phantom
from benchmarks.batching import write_documents
from benchmarks.timing import Row, timed, timed_pair

CASES = 10_000
DOCUMENTS = 500
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
    yield from _documents()


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


def _documents() -> Iterator[Row]:
    """What a document takes of a core when many are read one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        write_documents(Path(folder), DOCUMENTS)
        documents, _ = find_documents([Path(folder)])

        def measured() -> None:
            for document in documents:
                measure_film(read_document(document))

        yield Row("read and measure a document, core time", _of_a_core(measured), "<= 5 ms")
        yield Row(
            "the same with all grades and their probabilities",
            _of_a_core(lambda: analyse_files(documents)),
            "<= 25 ms",
        )


def _of_a_core(work: Callable[[], Any]) -> float:
    """Seconds of a core for each of the documents that a call reads."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) / DOCUMENTS
