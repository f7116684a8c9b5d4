"""The radiology report as a document: what was seen, how, how surely, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from balance.analysis import Analysis
from balance.assessment.thresholds import THRESHOLD
from balance.metrics.catalogue import METRIC
from balance.radiograph import View
from balance.references import citation
from balance.report.document import (
    Block,
    Document,
    Facts,
    Lines,
    Picture,
    Pictures,
    Section,
    Table,
)
from balance.report.impression import impression
from balance.report.record import NOTICE, SOFTWARE, vertical_words
from balance.report.rows import (
    UNCONFIRMED,
    Row,
    curve_rows,
    lead_rows,
    not_measured,
    other_rows,
    scheme_rows,
    second_reading,
)
from balance.report.wording import (
    UNCERTAINTY_WORDS,
    film_title,
    grade_scope,
    scale_words,
    subject_words,
)

READERS_FIELDS: tuple[tuple[str, str], ...] = (
    ("request", "Request"),
    ("history", "History"),
    ("prior_films", "Prior films"),
    ("implants", "Implants"),
    ("fractures", "Fractures"),
    ("other_findings", "Other findings"),
    ("comment", "Comment"),
)
"""What only a reader can say: key in the fields file and the heading in the report."""
APPENDIX = ("T9SPi", "T1SPi", "barrey_ratio", "OD_HA", "SSA", "GT")
"""Values that belong to the last page."""


@dataclass(frozen=True, slots=True)
class ReaderFields:
    """The reader's own words by key, and the name to print, if any was given."""

    name: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", MappingProxyType(dict(self.words)))


def radiology_report(
    analysis: Analysis, pictures: Mapping[View, Picture], fields: ReaderFields | None = None
) -> Document:
    """The report of one examination.

    Parameters
    ----------
    pictures
        The annotated films by view.
    fields
        The reader's own fields; those kept in the landmark documents hold where they are silent.
    """
    words = _words(analysis, fields or ReaderFields())
    sections = (
        Section("Impression", (Lines(_impression(analysis), "lead"),)),
        Section("Request and history", tuple(_readers(words, ("request", "history")))),
        Section("Technique", (Facts(tuple(_technique(analysis, words))),)),
        Section("Levels and adequacy", tuple(_levels(analysis))),
        Section("Films", tuple(_films(analysis, pictures)), new_page=True),
        Section("Sagittal alignment", tuple(_sagittal(analysis)), new_page=True),
        Section("Coronal alignment", tuple(_coronal(analysis))),
        Section(
            "Findings of the reader",
            tuple(_readers(words, ("implants", "fractures", "other_findings", "comment"))),
        ),
        Section("Not measured", tuple(_missing(analysis))),
        Section("Warnings", tuple(_warnings(analysis))),
        Section("Who placed the points", (Facts(tuple(_points(analysis))),)),
        Section("Appendix", tuple(_appendix(analysis))),
        Section("Definitions and sources", tuple(_definitions(analysis))),
    )
    name = (fields.name if fields else None) or analysis.examination.id
    return Document(
        title="Spinal alignment",
        subtitle=f"{name}; {subject_words(analysis)}{_dates(analysis)}",
        sections=tuple(section for section in sections if section.blocks),
        footer=f"{SOFTWARE}. {NOTICE}",
    )


def _words(analysis: Analysis, fields: ReaderFields) -> dict[str, str]:
    words: dict[str, str] = {}
    for film in analysis.films.values():
        words |= film.landmarks.notes
    return words | dict(fields.words)


def _impression(analysis: Analysis) -> tuple[str, ...]:
    return tuple(" ".join(statement.text for statement in line) for line in impression(analysis))


def _readers(words: Mapping[str, str], keys: tuple[str, ...]) -> Iterator[Block]:
    named = dict(READERS_FIELDS)
    rows = [(named[key], words[key]) for key in keys if words.get(key)]
    if "comment" in keys:
        rows += [(key, text) for key, text in words.items() if key not in named and text]
    if rows:
        yield Facts(tuple(rows))


def _dates(analysis: Analysis) -> str:
    dates = dict.fromkeys(
        film.landmarks.acquired for film in analysis.films.values() if film.landmarks.acquired
    )
    return f"; {', '.join(dates)}" if dates else ""


def _technique(analysis: Analysis, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for view, film in analysis.films.items():
        marks = film.landmarks
        taken = marks.acquisition
        system = "not recorded" if taken.system == "unknown" else taken.system.replace("_", " ")
        knees = "not seen" if taken.knees == "not_seen" else taken.knees
        parts = [film_title(marks), f"system {system}"]
        if view == "lateral":
            parts.append(f"knees {knees}")
        if marks.image.seam_rows:
            parts.append(f"stitched, {len(marks.image.seam_rows)} seams marked")
        yield view.capitalize(), "; ".join(parts)
        side = "faces" if view == "lateral" else "right side lies"
        scale = scale_words(marks.scale)
        yield (
            "Scale",
            f"{scale}; the patient {side} image {marks.side}".replace(
                "patient right side", "patient's right side"
            ),
        )
    yield "Vertical", vertical_words(analysis)
    kind = UNCERTAINTY_WORDS[analysis.uncertainty]
    yield "Intervals", f"95 %, {kind}: placement of points and scale, not posture or health"
    if words.get("prior_films"):
        yield "Prior films", words["prior_films"]


def _levels(analysis: Analysis) -> Iterator[Block]:
    rows = []
    for view, film in analysis.films.items():
        count = film.landmarks.vertebrae
        counted = "not recorded" if count.counted_from == "unknown" else count.counted_from
        numbers = [
            f"{number} {word}"
            for number, word in ((count.thoracic, "thoracic"), (count.lumbar, "lumbar"))
            if number
        ]
        told = ", ".join(numbers) or "numbers not recorded"
        rows.append((f"Levels, {view}", f"{told}; counted from {counted.replace('_', ' ')}"))
        rows.append((f"Seen, {view}", ", ".join(_seen(analysis, view))))
    other = second_reading(analysis)
    if other:
        rows.append(("Second reading", other))
    yield Facts(tuple(rows))


def _seen(analysis: Analysis, view: View) -> Iterator[str]:
    sites = analysis.films[view].sites
    wanted = (
        (("C7", ("C7_centroid",)), ("S1", ("S1_midpoint",)))
        if view == "frontal"
        else (
            ("C7", ("C7_centroid",)),
            ("S1", ("S1_midpoint",)),
            ("both hips", ("femoral_head_1", "femoral_head_2")),
        )
    )
    for name, needs in wanted:
        yield f"{name} {'marked' if sites.has(needs) else 'NOT marked'}"


def _films(analysis: Analysis, pictures: Mapping[View, Picture]) -> Iterator[Block]:
    shown = tuple(pictures[view] for view in analysis.films if view in pictures)
    if shown:
        yield Pictures(shown, height_mm=205.0 if len(shown) == 1 else 185.0)


def _sagittal(analysis: Analysis) -> Iterator[Block]:
    yield from _values(analysis, "lateral")


def _coronal(analysis: Analysis) -> Iterator[Block]:
    curves = curve_rows(analysis)
    if curves:
        yield Table(
            ("Curve", "Cobb", "95 % interval", "End vertebrae, apex, side"),
            tuple((row.label, f"{row.value} deg", row.interval, row.name) for row in curves),
            (0, 0, 0, 1),
        )
    elif "frontal" in analysis.films:
        yield Lines(("No curve of 10 deg or more is likely.",))
    yield from _values(analysis, "frontal")


def _values(analysis: Analysis, view: View) -> Iterator[Block]:
    leads = [row for row in lead_rows(analysis) if METRIC[row.key].view == view]
    others = [
        row
        for row in other_rows(analysis)
        if row.key in METRIC and METRIC[row.key].view == view and row.key not in APPENDIX
    ]
    if leads or others:
        yield _table([*leads, *others], frozenset(range(len(leads))))


def _table(rows: list[Row], strong: frozenset[int] = frozenset()) -> Table:
    starred = any(row.value and not row.confirmed for row in rows)
    return Table(
        ("Value", "Measured", "95 % interval", "Against published limits"),
        tuple(
            (
                row.label,
                f"{row.value} {row.unit}".strip() + ("" if row.confirmed else f" {UNCONFIRMED}")
                if row.value
                else "not given",
                row.interval,
                "; ".join(f"{symbol} {words}" for symbol, words in row.verdicts)
                if row.value
                else row.absence,
            )
            for row in rows
        ),
        (0, 0, 0, 1),
        notes=(f"{UNCONFIRMED} rests on unconfirmed points",) if starred else (),
        strong=strong,
    )


def _missing(analysis: Analysis) -> Iterator[Block]:
    groups = not_measured(analysis)
    if groups:
        yield Facts(tuple((why, ", ".join(labels)) for why, labels in groups))


def _warnings(analysis: Analysis) -> Iterator[Block]:
    lines = (*analysis.warnings, *grade_scope(analysis))
    if lines:
        yield Lines(lines, "warning")


def _points(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for view, film in analysis.films.items():
        points = film.landmarks.points.values()
        sources: dict[str, int] = {}
        for point in points:
            sources[point.source] = sources.get(point.source, 0) + 1
        told = ", ".join(f"{count} {source}" for source, count in sources.items())
        still = sum(not point.confirmed for point in points)
        reader = film.landmarks.reader or "reader not recorded"
        open_words = "all confirmed" if not still else f"{still} NOT confirmed"
        yield view.capitalize(), f"{reader}; {told or 'no points'}; {open_words}"


def _appendix(analysis: Analysis) -> Iterator[Block]:
    rows = [row for row in other_rows(analysis) if row.key in APPENDIX]
    if rows:
        yield _table(rows)
    schemes = scheme_rows(analysis)
    if schemes:
        yield Table(
            ("Classification", "Word"),
            tuple(
                (row.label, "; ".join(f"{symbol} {words}" for symbol, words in row.verdicts))
                for row in schemes
            ),
            (0, 1),
        )


def _definitions(analysis: Analysis) -> Iterator[Block]:
    leads = [row.key for row in lead_rows(analysis)]
    yield Facts(tuple((row.label, _definition(row.key)) for row in lead_rows(analysis)))
    graded = [key for key in analysis.grades if THRESHOLD[key].metric in (*leads, "")]
    keys = dict.fromkeys(THRESHOLD[key].source for key in graded)
    yield Lines(tuple(citation(key) for key in keys), "note")


def _definition(key: str) -> str:
    metric = METRIC[key]
    return f"{metric.definition} {metric.sign[:1].upper()}{metric.sign[1:]}."
