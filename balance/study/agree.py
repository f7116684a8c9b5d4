"""A reader study: how well several readings of the same films agree, value by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from balance.analysis import Analysis, analyse
from balance.assessment.thresholds import THRESHOLD
from balance.examination import Document, Examination
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading
from balance.metrics.catalogue import METRIC
from balance.metrics.model import Unit
from balance.radiograph import FloatArray
from balance.study.bland_altman import BlandAltman, bland_altman
from balance.study.counting import Disagreement, disagreement
from balance.study.kappa import Kappa, Weights, cross_table, kappa
from balance.study.point_noise import SiteSpread, point_spread
from balance.study.readings import FilmReadings, Readings, named_readers, one_reader
from balance.study.reliability import Reliability, reliability

FEWEST_FILMS = 3
"""Below this a value gets no figures at all."""
NOMINAL = ("srs_schwab.curve", "roussouly")
"""Grades whose words have no order: plain kappa only."""
COBB = {"PT": "cobb.PT", "MT": "cobb.MT", "TL": "cobb.TL", "fractional": "cobb.fractional"}
"""Cobb angle of the largest curve of each region, end vertebrae chosen by each reading."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two series of readings; ``second`` may be "others", the mean of all other readers."""

    first: str
    second: str
    found: BlandAltman


@dataclass(frozen=True, slots=True)
class ValueAgreement:
    """One value over the films on which every reader has it.

    ``readings`` is (films, readers); ``incomplete`` counts the films on which some readers have the
    value and some do not. ``reliability`` and ``pairs`` are empty where ``reason`` says why.
    """

    key: str
    unit: Unit
    films: tuple[str, ...]
    readings: FloatArray
    incomplete: int
    reliability: Reliability | None
    pairs: tuple[PairAgreement, ...]
    against_others: tuple[PairAgreement, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GradePair:
    """Two readers' words: their table, share of equal words and kappas."""

    first: str
    second: str
    table: FloatArray
    equal: float
    kappas: tuple[Kappa, ...]


@dataclass(frozen=True, slots=True)
class GradeAgreement:
    """One grade over the films on which every reader has it; ``mean`` is over pairs (Light)."""

    key: str
    words: tuple[str, ...]
    n: int
    incomplete: int
    pairs: tuple[GradePair, ...]
    mean: Mapping[str, float | None]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The whole study. ``kind`` says whether the readings differ by reader or only by time.

    ``kind_is_told`` is False where neither the user nor the documents say it.
    """

    readings: Readings
    kind: Reading
    kind_is_told: bool
    films: tuple[str, ...]
    values: tuple[ValueAgreement, ...]
    grades: tuple[GradeAgreement, ...]
    sites: tuple[SiteSpread, ...]
    without_scale: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]


def study_agreement(readings: Readings, kind: Reading | None = None) -> Agreement:
    """Measure every reading and compare them film by film.

    Parameters
    ----------
    kind
        What the folders are: readings by several readers or by one. None asks the documents.
    """
    found = [(film, disagreement(film, readings.readers)) for film in readings.films]
    films = [film for film, apart in found if apart is None]
    named = named_readers(films)
    told: Reading = "within_reader" if one_reader(films) else "between_readers"
    analyses = [tuple(_analysis(film.name, one) for one in film.landmarks) for film in films]
    sites, without_scale = point_spread(films, readings.readers)
    return Agreement(
        readings=readings,
        kind=kind or told,
        kind_is_told=kind is not None or (bool(named) and None not in named),
        films=tuple(film.name for film in films),
        values=tuple(_values(films, analyses, readings.readers)),
        grades=tuple(_grades(analyses, readings.readers)),
        sites=sites,
        without_scale=without_scale,
        disagreements=tuple(apart for _, apart in found if apart is not None),
    )


def _analysis(name: str, landmarks: Landmarks) -> Analysis:
    document = Document(name, landmarks)
    lateral = document if landmarks.view == "lateral" else None
    frontal = document if landmarks.view == "frontal" else None
    return analyse(Examination(lateral, frontal))


def _readings_of(analysis: Analysis) -> dict[str, float | None]:
    """Values of one reading; the Cobb angles of its own curves among them."""
    values = {key: one.value for key, one in analysis.measurements.items()}
    if "frontal" in analysis.films:
        for region, key in COBB.items():
            curves = [curve.cobb for curve in analysis.curves if curve.region == region]
            values[key] = max(curves, default=None)
    return values


def _values(
    films: Sequence[FilmReadings],
    analyses: Sequence[tuple[Analysis, ...]],
    readers: Sequence[str],
) -> Iterator[ValueAgreement]:
    measured = [tuple(_readings_of(one) for one in film) for film in analyses]
    keys = dict.fromkeys(key for film in measured for key in film[0])
    for key in keys:
        rows, names, incomplete = [], [], 0
        for film, values in zip(films, measured, strict=True):
            row = [one.get(key) for one in values]
            if None not in row:
                rows.append(row)
                names.append(film.name)
            elif any(value is not None for value in row):
                incomplete += 1
        if rows or incomplete:
            table = np.array(rows, float).reshape(-1, len(readers))
            yield _value(key, tuple(names), table, incomplete, readers)


def _value(
    key: str, names: tuple[str, ...], table: FloatArray, incomplete: int, readers: Sequence[str]
) -> ValueAgreement:
    unit: Unit = METRIC[key].unit if key in METRIC else "deg"
    if len(table) < FEWEST_FILMS:
        reason = f"{len(table)} films with a value from every reader; {FEWEST_FILMS} are needed"
        return ValueAgreement(key, unit, names, table, incomplete, None, (), (), reason)
    pairs = [
        PairAgreement(readers[a], readers[b], bland_altman(table[:, a], table[:, b]))
        for a, b in combinations(range(len(readers)), 2)
    ]
    others = [
        PairAgreement(
            readers[n],
            "others",
            _without_slope(table[:, n], np.delete(table, n, axis=1)),
        )
        for n in range(len(readers))
        if len(readers) > 2
    ]
    return ValueAgreement(
        key, unit, names, table, incomplete, reliability(table), tuple(pairs), tuple(others)
    )


def _without_slope(one: FloatArray, others: FloatArray) -> BlandAltman:
    """Against a mean, which spreads less than one reading: a slope would only show that."""
    return replace(bland_altman(one, others.mean(axis=1)), slope=None)


def _grades(
    analyses: Sequence[tuple[Analysis, ...]], readers: Sequence[str]
) -> Iterator[GradeAgreement]:
    keys = dict.fromkeys(key for film in analyses for key in film[0].grades)
    for key in keys:
        said = [
            [one.grades[key].grade if key in one.grades else None for one in film]
            for film in analyses
            if key in film[0].grades
        ]
        complete = [[word for word in row if word is not None] for row in said if None not in row]
        some = sum(None in row and any(word is not None for word in row) for row in said)
        if complete or some:
            yield _grade(key, complete, some, readers)


def _grade(
    key: str, said: Sequence[Sequence[str]], incomplete: int, readers: Sequence[str]
) -> GradeAgreement:
    words = tuple(dict.fromkeys(THRESHOLD[key].words))
    if len(said) < FEWEST_FILMS:
        reason = f"{len(said)} films with a grade from every reader; {FEWEST_FILMS} are needed"
        return GradeAgreement(key, words, len(said), incomplete, (), {}, reason)
    weights: tuple[Weights, ...] = ("linear", "quadratic")
    if key in NOMINAL or len(words) < 3:
        weights = ("unweighted",)
    pairs = []
    for a, b in combinations(range(len(readers)), 2):
        one, two = [row[a] for row in said], [row[b] for row in said]
        table = cross_table(one, two, words)
        equal = float(np.trace(table) / table.sum())
        kappas = tuple(kappa(table, each) for each in weights)
        pairs.append(GradePair(readers[a], readers[b], table, equal, kappas))
    mean: dict[str, float | None] = {
        each: _mean(pair.kappas[n].value for pair in pairs) for n, each in enumerate(weights)
    }
    return GradeAgreement(key, words, len(said), incomplete, tuple(pairs), mean)


def _mean(values: Iterable[float | None]) -> float | None:
    """Over all pairs; none where a pair has none."""
    known = list(values)
    numbers = [value for value in known if value is not None]
    return float(np.mean(numbers)) if numbers and len(numbers) == len(known) else None
