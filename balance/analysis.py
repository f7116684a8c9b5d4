"""The whole program on one page: documents to examinations to values to grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from balance.assessment.assess import POSITION_NOT_RECORDED, assess, mark_disagreement
from balance.assessment.model import Grade
from balance.companion import find_film, header_doubts
from balance.errors import BalanceError
from balance.examination import Document, Examination, pair
from balance.landmarks.files import read_landmarks
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import Reading, Uncertainty
from balance.landmarks.reader_noise import ReaderNoise, with_reader_noise
from balance.metrics.catalogue import FilmValues, measure_film
from balance.metrics.curves import Curve
from balance.metrics.model import Measurement
from balance.metrics.transitional import other_sacral_reading
from balance.radiograph import View
from balance.seams import crossed_seams

PLAUSIBLE_PI = (25.0, 90.0)
LOWEST_PT = -5.0
UPRIGHT: tuple[tuple[str, float, float], ...] = (
    ("PT", -40.0, 60.0),
    ("SS", -30.0, 80.0),
    ("SVA", -150.0, 300.0),
)
"""Beyond these nobody stands for a film: the film or its vertical is tilted, or a label wrong."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The second reading of a transitional segment."""

    endplate: str
    measurements: Mapping[str, Measurement]
    curves: tuple[Curve, ...]
    grades: Mapping[str, Grade]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One examination, measured and graded."""

    examination: Examination
    films: Mapping[View, FilmValues]
    grades: Mapping[str, Grade]
    alternative: Alternative | None
    uncertainty: Uncertainty
    warnings: tuple[str, ...]

    @property
    def measurements(self) -> dict[str, Measurement]:
        """Every value of the views that are present.

        Segments that both films measure are told apart: the frontal film's get a prefix.
        """
        return _merged(self.films)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The curves of the frontal film."""
        return tuple(curve for film in self.films.values() for curve in film.curves)

    @property
    def flags(self) -> tuple[str, ...]:
        """Keys of the grades that are past their limit and confirmed."""
        return tuple(key for key, grade in self.grades.items() if grade.flag)


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that was refused, and the sentence that says why."""

    source: str
    error: str


def analyse(
    examination: Examination, *, segmental: bool = False, reading: Reading | None = None
) -> Analysis:
    """Measure and grade one examination.

    Parameters
    ----------
    reading
        Whose next reading the intervals are about. None: the same reader's where every document
        carries the noise of its own reader, else another reader's.
    """
    reading = reading or _usual_reading(examination)
    subject, surgery = examination.subject, examination.surgery
    films = {
        one.landmarks.view: measure_film(one.landmarks, segmental=segmental, reading=reading)
        for one in examination.documents
    }
    grades = assess(films, age_years=subject.age_years, surgery=surgery)
    alternative = _second_reading(examination, films, segmental, reading)
    if alternative is not None:
        grades, others = mark_disagreement(grades, alternative.grades, alternative.endplate)
        alternative = replace(alternative, grades=others)
    kinds = {film.sites.uncertainty for film in films.values()}
    return Analysis(
        examination=examination,
        films=films,
        grades=grades,
        alternative=alternative,
        uncertainty="given" if kinds == {"given"} else reading,
        warnings=tuple(dict.fromkeys((*examination.doubts(), *_doubts(films)))),
    )


def analyse_files(
    paths: Iterable[Path],
    *,
    segmental: bool = False,
    reading: Reading | None = None,
    noise: ReaderNoise | None = None,
) -> tuple[tuple[Analysis, ...], tuple[Failure, ...]]:
    """Read, pair, measure and grade documents; what is refused does not stop the others.

    ``reading`` is that of `analyse`; ``noise`` is the noise of the reader of these documents.
    """
    documents: list[Document] = []
    failures: list[Failure] = []
    for path in paths:
        try:
            landmarks = read_document(path)
            if noise is not None:
                landmarks = with_reader_noise(landmarks, noise)
            documents.append(Document(str(path), landmarks))
        except BalanceError as error:
            failures.append(Failure(str(path), str(error)))
    examinations, contradictions = pair(documents)
    failures.extend(Failure(source, str(error)) for source, error in contradictions)
    analyses = tuple(
        analyse(examination, segmental=segmental, reading=reading) for examination in examinations
    )
    return analyses, tuple(failures)


def _usual_reading(examination: Examination) -> Reading:
    known = all(one.landmarks.reader_noise for one in examination.documents)
    return "within_reader" if known else "between_readers"


def read_document(path: Path) -> Landmarks:
    """The landmarks, with a warning where the header of the film beside them says otherwise.

    Raises
    ------
    BadLandmarks
        As `balance.landmarks.files.read_landmarks`.
    """
    landmarks = read_landmarks(path)
    film = find_film(path, landmarks)
    if film is None:
        return landmarks
    return replace(landmarks, warnings=(*landmarks.warnings, *header_doubts(film, landmarks)))


def _merged(films: Mapping[View, FilmValues]) -> dict[str, Measurement]:
    values: dict[str, Measurement] = {}
    for film in films.values():
        for key, one in film.measurements.items():
            name = f"{film.landmarks.view}_{key}" if key in values else key
            values[name] = one if name == key else replace(one, key=name)
    return values


def _second_reading(
    examination: Examination,
    films: Mapping[View, FilmValues],
    segmental: bool,
    reading: Reading,
) -> Alternative | None:
    others = {
        view: found
        for view, film in films.items()
        if (found := other_sacral_reading(film.landmarks)) is not None
    }
    if not others:
        return None
    second = dict(films)
    for view, other in others.items():
        second[view] = measure_film(other.landmarks, segmental=segmental, reading=reading)
    return Alternative(
        endplate=next(iter(others.values())).endplate,
        measurements=_merged(second),
        curves=tuple(curve for film in second.values() for curve in film.curves),
        grades=assess(second, age_years=examination.subject.age_years, surgery=examination.surgery),
    )


def _doubts(films: Mapping[View, FilmValues]) -> Iterator[str]:
    for view, film in films.items():
        prefix = f"{view}: " if len(films) > 1 else ""
        found = (
            *film.sites.warnings,
            *_implausible(film),
            *_across_seams(film),
            *_gaps_in_curves(film),
        )
        for doubt in (*film.landmarks.warnings, *found):
            yield prefix + doubt
        if film.landmarks.acquisition.position == "unknown":
            yield prefix + POSITION_NOT_RECORDED


def _across_seams(film: FilmValues) -> Iterator[str]:
    """Values whose points lie on both sides of a stitching seam, one line for each seam."""
    points, seams = film.landmarks.points, film.landmarks.image.seam_rows
    if film.landmarks.acquisition.system == "stitched" and not seams:
        yield "the film is stitched and its seams are not marked: a length may cross one"
    for seam in seams:
        crossing = [
            key
            for key, one in film.measurements.items()
            if crossed_seams((seam,), [(points[name].x, points[name].y) for name in one.points])
        ]
        if crossing:
            yield (
                f"the film is stitched at row {seam:g}, and these values cross the seam: "
                f"{', '.join(crossing)}"
            )


def _gaps_in_curves(film: FilmValues) -> Iterator[str]:
    for curve in film.curves:
        if curve.unmarked:
            yield (
                f"the curve {curve.upper} to {curve.lower} holds levels that are not marked "
                f"({', '.join(curve.unmarked)}): its apex, region and end vertebrae may be others"
            )


def _implausible(film: FilmValues) -> Iterator[str]:
    values = {key: film.measurements[key].value for key in ("PI", "PT") if key in film.measurements}
    incidence, tilt = values.get("PI"), values.get("PT")
    if incidence is not None and not PLAUSIBLE_PI[0] <= incidence <= PLAUSIBLE_PI[1]:
        yield f"PI of {incidence:.0f} deg lies outside 25 to 90: check S1 and the hips"
    if tilt is not None and tilt < LOWEST_PT:
        yield f"PT of {tilt:.0f} deg is below -5: is the facing right?"
    for key, low, high in UPRIGHT:
        one = film.measurements.get(key)
        if one is not None and one.value is not None and not low <= one.value <= high:
            yield (
                f"implausible posture, {key} {one.value:.0f} {one.unit}: check the vertical, the "
                "facing and the levels"
            )
