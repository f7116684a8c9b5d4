"""The radiology report as a document: what was seen, how, how surely, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from balance.analysis import Analysis
from balance.anatomy import plate_names
from balance.metrics.catalogue import FilmValues
from balance.radiograph import View
from balance.report.document import (
    Block,
    Document,
    Facts,
    Lines,
    Picture,
    Pictures,
    Section,
    Table,
    filled,
)
from balance.report.fields import FIELDS, NAME, ReaderFields
from balance.report.impression import impression
from balance.report.lettering import typeset
from balance.report.radiology_values import (
    appendix,
    coronal,
    definitions,
    missing,
    sagittal,
    second_reading,
    segments,
)
from balance.report.record import NOTICE, SOFTWARE, vertical_words
from balance.report.wording import (
    UNCERTAINTY_WORDS,
    film_title,
    grade_scope,
    scale_words,
    short_reason,
    subject_words,
)

ROOM_BESIDE_MM = 65.0
"""What a film must leave of the width of a page for the text that goes beside it."""
SITES: Mapping[View, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "lateral": (
        ("C7", ("C7_centroid",)),
        ("L1 superior", plate_names("L1", "superior", "lateral")),
        ("S1", ("S1_midpoint",)),
        ("hips", ("hip_axis",)),
    ),
    "frontal": (("C7", ("C7_centroid",)), ("CSVL", ("csvl",))),
}
"""The sites that a reader confirms singly."""
HIPS = ("femoral_head_1", "femoral_head_2")
ABSENT = "-"
SURGERY = {"none": "none", "prior": "prior surgery", "postoperative": "after surgery"}


def radiology_report(
    analysis: Analysis,
    pictures: Mapping[View, Picture],
    fields: ReaderFields | None = None,
    *,
    page_width_mm: float = 180.0,
    series: Sequence[Section] = (),
) -> Document:
    """The report of one examination.

    Parameters
    ----------
    analysis
        Measured with its segments.
    pictures
        The annotated films by view, drawn for paper.
    fields
        The reader's own fields; those kept in the landmark documents hold where they are silent.
    series
        Sections about the patient's other examinations.
    """
    given = fields or ReaderFields()
    words = _words(analysis, given)
    history = Section("Request and history", tuple(_readers(words, ("request", "history"))))
    technique = Section(
        "Technique, levels and adequacy",
        (Facts((*_technique(analysis, words), *_levels(analysis))),),
    )
    alignment = (
        Section("Sagittal alignment", tuple(sagittal(analysis))),
        Section("Coronal alignment", tuple(coronal(analysis))),
    )
    shown = tuple(pictures[view] for view in analysis.films if view in pictures)
    beside: tuple[Section, ...] = ()
    about = filled(history, technique, *alignment)
    if _room_beside(shown, page_width_mm):
        # The values first: what has no room beside the film follows at full width.
        beside, about = filled(history, *alignment, technique), ()
    sections = filled(
        Section("Impression", (Lines(impression_lines(analysis), "lead"),)),
        Section("Films", (Pictures(shown, beside=beside),) if shown else ()),
        *about,
        Section("Second sacral reading", tuple(second_reading(analysis))),
        Section("Implants, fractures, other findings", tuple(_findings(analysis, words))),
        Section("Bodies, discs and slips", tuple(segments(analysis))),
        Section("Not measured", tuple(missing(analysis))),
        Section("Warnings", tuple(_warnings(analysis))),
        Section("Who placed the points", tuple(_points(analysis))),
        Section("Appendix", tuple(appendix(analysis))),
        Section("Definitions and sources", tuple(definitions(analysis))),
        *series,
    )
    case = analysis.examination.heading
    person = subject_words(analysis.examination.subject)
    told = [case, person] if given.name else [person]
    return Document(
        title="Spinal alignment",
        subtitle="; ".join((*told, *_dates(analysis))),
        sections=sections,
        footer=f"{SOFTWARE}. {NOTICE}",
        name=given.name or "",
        pseudonym=case,
    )


def _room_beside(shown: Sequence[Picture], page_width_mm: float) -> bool:
    widths = [one.size_mm[0] if one.size_mm else page_width_mm for one in shown]
    return len(widths) == 1 and page_width_mm - widths[0] >= ROOM_BESIDE_MM


def impression_lines(analysis: Analysis) -> tuple[str, ...]:
    """The impression as it is printed."""
    return tuple(
        typeset(" ".join(statement.text for statement in line)) for line in impression(analysis)
    )


def _words(analysis: Analysis, fields: ReaderFields) -> dict[str, str]:
    words: dict[str, str] = {}
    for film in analysis.films.values():
        words |= film.landmarks.notes
    # A name is printed only where the fields file gives it.
    words.pop(NAME, None)
    return words | dict(fields.words)


def _readers(words: Mapping[str, str], keys: tuple[str, ...]) -> Iterator[Facts]:
    rows = [(FIELDS[key], words[key]) for key in keys if words.get(key)]
    if "comment" in keys:
        rows += [(key, text) for key, text in words.items() if key not in FIELDS and text]
    if rows:
        yield Facts(tuple(rows))


def _findings(analysis: Analysis, words: Mapping[str, str]) -> Iterator[Facts]:
    films = analysis.films.values()
    rows = []
    for fusion in dict.fromkeys(film.landmarks.fusion for film in films):
        if fusion is not None and (fusion.uiv or fusion.liv):
            ends = (fusion.uiv or "not recorded", fusion.liv or "not recorded")
            rows.append(("Instrumented", f"UIV {ends[0]}, LIV {ends[1]}"))
    if rows:
        yield Facts(tuple(rows))
    yield from _readers(words, ("implants", "fractures", "other_findings", "comment"))


def _dates(analysis: Analysis) -> Iterator[str]:
    dates = (film.landmarks.acquired for film in analysis.films.values())
    yield from dict.fromkeys(date for date in dates if date)


def _technique(analysis: Analysis, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for view, film in analysis.films.items():
        marks = film.landmarks
        taken = marks.acquisition
        system = "not recorded" if taken.system == "unknown" else taken.system.replace("_", " ")
        parts = [film_title(marks), f"system {system}"]
        if view == "lateral":
            parts.append(f"knees {'not seen' if taken.knees == 'not_seen' else taken.knees}")
        if marks.image.seam_rows:
            parts.append(f"stitched, seams marked: {len(marks.image.seam_rows)}")
        faces = "patient faces" if view == "lateral" else "patient's right lies"
        parts.append(f"{faces} image {marks.side}")
        parts.append(scale_words(marks.scale))
        yield view.capitalize(), "; ".join(parts)
    yield "Vertical", vertical_words(analysis)
    kind = UNCERTAINTY_WORDS[analysis.uncertainty]
    yield "Intervals", f"95 %, {kind}: placement of points and scale, not posture or health"
    if analysis.examination.surgery is not None:
        yield "Surgery", SURGERY.get(analysis.examination.surgery, "not recorded")
    if words.get("prior_films"):
        yield FIELDS["prior_films"], words["prior_films"]


def _levels(analysis: Analysis) -> Iterator[tuple[str, str]]:
    counted = {view: _counted(film) for view, film in analysis.films.items()}
    if len(set(counted.values())) == 1:
        yield "Levels", next(iter(counted.values()))
    else:
        yield from ((f"Levels, {view}", told) for view, told in counted.items())
    for view, film in analysis.films.items():
        yield f"Adequacy, {view}", ", ".join(_seen(film))


def _counted(film: FilmValues) -> str:
    """How many vertebrae there are, and from where they were counted."""
    count = film.landmarks.vertebrae
    numbers = [
        f"{number} {word}"
        for number, word in ((count.thoracic, "thoracic"), (count.lumbar, "lumbar"))
        if number
    ]
    told = ", ".join(numbers) or "numbers not recorded"
    start = "not recorded" if count.counted_from == "unknown" else count.counted_from
    return f"{told}; counted from {start.replace('_', ' ')}"


def _seen(film: FilmValues) -> Iterator[str]:
    view, sites = film.landmarks.view, film.sites
    if sites.levels:
        yield f"bodies marked {sites.levels[0]} to {sites.levels[-1]}"
    for name, needs in SITES[view]:
        if name == "hips":
            marked = sum(head in film.landmarks.points for head in HIPS)
            yield ("hips NOT marked", "one hip marked", "both hips marked")[marked]
        elif name != "L1 superior":
            yield f"{name} {'marked' if sites.has(needs) else 'NOT marked'}"


def _warnings(analysis: Analysis) -> Iterator[Block]:
    lines = (*(short_reason(one) for one in analysis.warnings), *grade_scope(analysis))
    if lines:
        yield Lines(tuple(typeset(line) for line in lines), "warning")


def _points(analysis: Analysis) -> Iterator[Block]:
    rows = []
    for view, film in analysis.films.items():
        points = film.landmarks.points.values()
        sources: dict[str, int] = {}
        for point in points:
            sources[point.source] = sources.get(point.source, 0) + 1
        told = ", ".join(f"{count} {source}" for source, count in sources.items())
        still = sum(not point.confirmed for point in points)
        confirmed = "all confirmed" if not still else f"{still} of {len(points)} NOT confirmed"
        rows.append(
            (
                view.capitalize(),
                film.landmarks.reader or "not recorded",
                told or "no points",
                confirmed,
                "; ".join(_singly(film)) or ABSENT,
            )
        )
    heads = ("Film", "Reader", "Points placed", "Confirmed", "Key points")
    yield Table(heads, tuple(rows), (0, 2, 2, 2, 4), notes=tuple(_proposals(analysis)))


def _singly(film: FilmValues) -> Iterator[str]:
    sites = film.sites
    for name, needs in SITES[film.landmarks.view]:
        if sites.has(needs):
            points = [sites.points[point] for point in sites.points_behind(needs)]
            source = ", ".join(dict.fromkeys(point.source for point in points))
            sure = all(point.confirmed for point in points)
            yield f"{name} {source}{'' if sure else ', NOT confirmed'}"
    ends = [curve for curve in film.curves if not curve.confirmed]
    for curve in ends:
        yield f"{curve.region} curve {curve.upper} to {curve.lower}, NOT confirmed"


def _proposals(analysis: Analysis) -> Iterator[str]:
    for view, film in analysis.films.items():
        note = film.landmarks.proposal
        if note is not None:
            reasons = "; ".join(short_reason(reason) for reason in note.reasons)
            yield typeset(f"{view}: the program's own word on its points is {note.status}") + (
                f": {typeset(reasons)}" if reasons else ""
            )
