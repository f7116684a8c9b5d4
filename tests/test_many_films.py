"""Many films in one call give what each of them gives alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from balance.landmarks.files import parse_landmarks
from balance.metrics.catalogue import POINT_METRICS
from balance.metrics.model import evaluate, measure
from balance.metrics.sites import resolve

KNOWN = sorted((Path(__file__).parent / "known").glob("*.json"))
# The interval of a value is no part of the vectorised call: what it alone makes null is given.
BY_THE_INTERVAL = {"LDI"}


@pytest.mark.parametrize("view", ["lateral", "frontal"])
def test_one_call_agrees_with_film_by_film(view):
    documents = [json.loads(path.read_text())["landmarks"] for path in KNOWN]
    films = [
        resolve(parse_landmarks(json.dumps(document | changes).encode()))
        for document in documents
        if document["view"] == view
        for changes in ({}, {"spacing_mm": None})
    ]
    metrics = [metric for metric in POINT_METRICS if metric.view == view]
    values = evaluate(
        metrics,
        np.stack([film.xy for film in films]),
        np.stack([film.present for film in films]),
        np.array([film.has_millimetres for film in films]),
    )
    for n, film in enumerate(films):
        alone = measure(POINT_METRICS, film)
        for key, (value, given) in values.items():
            if alone[key].value is not None:
                assert given[n], key
                assert value[n] == pytest.approx(alone[key].value, rel=1e-9, abs=1e-9), key
            elif key not in BY_THE_INTERVAL:
                assert not given[n], key
