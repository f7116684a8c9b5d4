"""What the reader says about the film: side, position, scale, vertical, levels, surgery, words."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, isfinite
from typing import Any, get_args

from balance.anatomy import ENDS, LEVELS, parse_corner
from balance.fiducial import KnownObject, scale_from_length, scale_from_radius, scale_from_rim
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.edits import FARTHEST_PX, Refused, rename
from balance.landmarks.editor.events import (
    CalibrateCircle,
    CalibrateLength,
    Pixel,
    SetAcquisition,
    SetCount,
    SetFusion,
)
from balance.landmarks.editor.state import FilmFacts
from balance.landmarks.model import Fusion, Landmarks
from balance.landmarks.schema import AcquisitionEntry, LandmarkDocument, VertebraeEntry
from balance.radiograph import CALIBRATION_STATE, ImageSide, Plane, Scale, View

LONGEST_NOTE = 20_000
MOST_NOTES = 100
SHORTEST_VERTICAL_PX = 20.0

TICKS: dict[str, tuple[str, str]] = {
    "S1_double_contour": ("S1 endplate", "domed, or with a double contour"),
    "C7_under_shoulder": ("C7", "lies under the shoulder"),
    "film_cut": ("film", "cut: part of the spine or the hips is not on it"),
    "vertical_checked": ("vertical", "checked by the reader"),
}
"""What a reader may tick: the heading and the text of the note that the tick leaves."""


def _words(entry: type[Any], field: str) -> tuple[Any, ...]:
    """The words that a field of the document allows."""
    annotation = entry.model_fields[field].annotation
    options = get_args(annotation)
    nested = [get_args(option) for option in options if get_args(option)]
    return tuple(nested[0]) if nested else options


ACQUISITION_WORDS: dict[str, tuple[str, ...]] = {
    field: _words(AcquisitionEntry, field) for field in ("position", "arms", "knees", "system")
}
COUNT_WORDS: dict[str, tuple[Any, ...]] = {
    field: _words(VertebraeEntry, field) for field in ("thoracic", "lumbar", "counted_from")
}
SURGERY_WORDS: tuple[str, ...] = _words(LandmarkDocument, "surgery")


def set_view(content: Content, film: FilmFacts, view: View) -> Content:
    """Lateral or frontal, with the side that the header tells for it."""
    marks = content.landmarks
    if view not in ("lateral", "frontal"):
        raise Refused("A film is lateral or frontal")
    if view == marks.view:
        return replace(content, view_known=True)
    if marks.points:
        raise Refused("The view cannot change once points are placed: delete them first")
    side = film.side(view)
    blank: Landmarks = replace(
        marks, view=view, side=side or marks.side, covariance=None, proposal=None
    )
    return replace(
        content,
        landmarks=blank,
        view_known=True,
        side_known=side is not None,
        step=None,
        skipped=frozenset(),
        declined=frozenset(),
        answered=frozenset(),
        candidate=False,
        rims=(),
        guided=(),
        searched=False,
    )


def set_side(content: Content, side: ImageSide) -> Content:
    """The side towards which plane x grows, the labels left as they are."""
    if side not in ("left", "right"):
        raise Refused("A side is left or right")
    marks = replace(content.landmarks, side=side)
    return replace(content, landmarks=marks, side_known=True)


def exchange_ends(content: Content) -> Content:
    """Front and back (the patient's left and right) exchanged in every label of the film."""
    first, second = ENDS[content.landmarks.view]
    other = {first: second, second: first}

    def exchanged(name: str) -> str:
        start, _, end = name.rpartition("_")
        corner = parse_corner(name) is not None
        return f"{start}_{other[end]}" if end in other and (corner or end in _SIDES) else name

    return rename(content, exchanged)


_SIDES = ("left", "right")


def set_acquisition(content: Content, event: SetAcquisition) -> Content:
    """Position, arms, knees and system as far as they are given."""
    told = {
        field: word for field in ACQUISITION_WORDS if (word := getattr(event, field)) is not None
    }
    for field, word in told.items():
        if word not in ACQUISITION_WORDS[field]:
            raise Refused(f"{field} may be {', '.join(ACQUISITION_WORDS[field])}")
    marks = content.landmarks
    taken = replace(marks.acquisition, **told)
    return replace(content, landmarks=replace(marks, acquisition=taken))


def calibrate_length(content: Content, event: CalibrateLength) -> Content:
    """The scale by an object of known length."""
    thing = KnownObject(event.size_mm, event.lies)
    scale = scale_from_length(
        (event.x1, event.y1), (event.x2, event.y2), thing, header=content.landmarks.scale
    )
    return _with_scale(content, scale)


def calibrate_circle(content: Content, event: CalibrateCircle) -> Content:
    """The scale by a ball or disc of known diameter."""
    thing = KnownObject(event.size_mm, event.lies)
    scale = content.landmarks.scale
    if event.centre is None:
        return _with_scale(content, scale_from_rim(event.rim, thing, header=scale))
    if len(event.rim) != 1:
        raise Refused("With a centre the circle needs one point of its rim")
    (x, y), (rim_x, rim_y) = event.centre, event.rim[0]
    radius = hypot(rim_x - x, (rim_y - y) * scale.row_mm / scale.column_mm)
    return _with_scale(content, scale_from_radius(radius, thing, header=scale))


def set_scale_plane(content: Content, plane: Plane) -> Content:
    """Where the scale that stands is true."""
    scale = content.landmarks.scale
    if plane not in get_args(Plane):
        raise Refused(f"The plane may be {', '.join(get_args(Plane))}")
    if not scale.has_millimetres:
        raise Refused("The film has no scale yet: calibrate it by a length or a circle")
    other = CALIBRATION_STATE["unknown"].sd_percent
    usual = CALIBRATION_STATE[scale.state].sd_percent
    known = plane == "patient" and scale.plane != "patient"
    sd = usual if known else max(scale.sd_percent, other if plane != "patient" else 0.0)
    return _with_scale(content, replace(scale, plane=plane, sd_percent=sd))


def set_vertical(content: Content, line: tuple[Pixel, Pixel] | None) -> Content:
    """A plumb line on the film, or the image columns."""
    if line is not None:
        (x1, y1), (x2, y2) = line
        if not all(isfinite(value) and abs(value) <= FARTHEST_PX for value in (x1, y1, x2, y2)):
            raise Refused("That is no line on the film")
        if abs(y2 - y1) < SHORTEST_VERTICAL_PX or abs(y2 - y1) < abs(x2 - x1):
            raise Refused("A plumb line runs down the film: draw it from its top to its bottom")
    return replace(content, landmarks=replace(content.landmarks, vertical=line))


def set_count(content: Content, event: SetCount) -> Content:
    """How many vertebrae there are."""
    told = {field: value for field in COUNT_WORDS if (value := getattr(event, field)) is not None}
    for field, value in told.items():
        if isinstance(value, bool) or value not in COUNT_WORDS[field]:
            allowed = ", ".join(str(word) for word in COUNT_WORDS[field])
            raise Refused(f"{field.replace('_', ' ')} may be {allowed}")
    marks = content.landmarks
    count = replace(marks.vertebrae, **told)
    return replace(content, landmarks=replace(marks, vertebrae=count))


def set_fusion(content: Content, event: SetFusion) -> Content:
    """The instrumented range."""
    for level in (event.uiv, event.liv):
        if level is not None and level not in LEVELS:
            raise Refused(f"{level!a} is no level: name one from C2 to S1")
    both = None not in (event.uiv, event.liv)
    if both and LEVELS.index(str(event.uiv)) > LEVELS.index(str(event.liv)):
        raise Refused("The upper instrumented vertebra lies below the lower one")
    fusion = Fusion(event.uiv, event.liv) if event.uiv or event.liv else None
    return replace(content, landmarks=replace(content.landmarks, fusion=fusion))


def set_surgery(content: Content, surgery: str | None) -> Content:
    """Spine surgery as far as it is known."""
    if surgery is not None and surgery not in SURGERY_WORDS:
        raise Refused(f"surgery may be {', '.join(SURGERY_WORDS)}")
    return replace(content, landmarks=replace(content.landmarks, surgery=surgery))


def set_note(content: Content, heading: str, text: str) -> Content:
    """The reader's words under a heading."""
    notes = dict(content.landmarks.notes)
    heading, text = heading.strip(), text.strip()
    if not heading:
        raise Refused("A note needs a heading")
    if len(text) > LONGEST_NOTE or len(heading) > LONGEST_NOTE:
        raise Refused(f"A note holds up to {LONGEST_NOTE} characters")
    try:
        (heading + text).encode()
    except UnicodeEncodeError:
        raise Refused("The note holds half of a character: type it again") from None
    notes.pop(heading, None)
    if text:
        notes[heading] = text
    if len(notes) > MOST_NOTES:
        raise Refused(f"A film takes up to {MOST_NOTES} notes")
    return replace(content, landmarks=replace(content.landmarks, notes=notes))


def is_ticked(landmarks: Landmarks, name: str) -> bool:
    """Whether one of `TICKS` stands."""
    heading, text = TICKS[name]
    return landmarks.notes.get(heading) == text


def tick(content: Content, name: str) -> Content:
    """Tick or untick; a reader's other words under that heading stay."""
    if name not in TICKS:
        raise Refused(f"There is no tick-box {name!a}")
    heading, text = TICKS[name]
    if is_ticked(content.landmarks, name):
        return set_note(content, heading, "")
    if heading in content.landmarks.notes:
        raise Refused(f"Your own note on {heading} stands: add it there")
    return set_note(content, heading, text)


def _with_scale(content: Content, scale: Scale) -> Content:
    return replace(content, landmarks=replace(content.landmarks, scale=scale))
