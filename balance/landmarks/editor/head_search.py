"""The circle of a femoral head about a place that the reader points at, found on the film."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import balance.landmarks.editor.events as ev
from balance.landmarks.editor.content import Content
from balance.landmarks.editor.events import Pixel
from balance.landmarks.heads import FittedHead, fit_both_heads, fit_head
from balance.landmarks.model import Landmarks
from balance.radiograph import Radiograph, Scale

PAIR = ("femoral_head_1", "femoral_head_2")
"""The heads of a lateral film: they overlie each other, so that each is found with the other."""
LEAST_QUALITY = 0.7
"""Probability that the right circle was found, below which none is entered."""
NOT_FOUND = "No circle found here: point at the middle of the head, or click its rim"
NO_SCALE = "Without a scale no circle is looked for: calibrate, or click three points on the rim"
FAILED = "No circle could be looked for ({}): click three points on the rim"

Found = ev.FitHeads | str


def find_heads(film: Radiograph, content: Content, name: str, rough: Pixel) -> Found:
    """The circle about a rough place, or one sentence why there is none.

    A head beside it that was found so too and is not confirmed yet is looked at anew: two heads
    that overlie each other are told apart better together.
    """
    marks = content.landmarks
    if not marks.scale.has_millimetres:
        return NO_SCALE
    other = next((one for one in PAIR if name in PAIR and one != name), None)
    beside = marks.points.get(other) if other else None
    if other is None or beside is None or beside.radius is None:
        return _circles({name: (fit_head(film, rough, scale=marks.scale), rough)}, marks.scale)
    rim = content.rim(other)
    anew = not beside.confirmed and len(rim) == 1
    place = rim[0] if anew else (beside.x, beside.y)
    theirs, ours = fit_both_heads(film, place, rough, scale=marks.scale)
    found = {name: (ours, rough)}
    if anew and theirs.quality >= LEAST_QUALITY:
        found[other] = (theirs, place)
    return _circles(found, marks.scale)


def _circles(found: dict[str, tuple[FittedHead, Pixel]], scale: Scale) -> Found:
    wanted = next(iter(found.values()))[0]
    if wanted.quality < LEAST_QUALITY:
        return NOT_FOUND
    circles = []
    for name, (head, _) in found.items():
        point = head.as_landmark(scale, source="detected")
        circles.append(
            ev.ProposedPoint(
                name, point.x, point.y, point.radius, point.source, head.quality, None, point.cov_px
            )
        )
    return ev.FitHeads(tuple(circles), tuple(rough for _, rough in found.values()))


def as_fitted(marks: Landmarks) -> tuple[FittedHead, FittedHead] | None:
    """Both heads of a lateral film as circles, however they were placed; None without them."""
    column = marks.scale.column_mm
    heads = [
        FittedHead(
            (point.x, point.y), point.radius, point.radius * column, ((0.0,) * 3,) * 3, 0.0, 1.0
        )
        for name in PAIR
        if (point := marks.points.get(name)) is not None and point.radius is not None
    ]
    return (heads[0], heads[1]) if len(heads) == 2 else None


class HeadSearch:
    """Looks for one circle at a time, in the background: the window never waits for it."""

    def __init__(self, film: Radiograph) -> None:
        self._film = film
        self._worker = ThreadPoolExecutor(1, "head-search")
        self._found: Future[Found] | None = None

    @property
    def running(self) -> bool:
        """Whether a search was begun and not handed over yet."""
        return self._found is not None

    def begin(self, content: Content, name: str, rough: Pixel) -> None:
        """Look for a head about a place; nothing happens while one is looked for already."""
        if self._found is None:
            self._found = self._worker.submit(find_heads, self._film, content, name, rough)

    def turn(self) -> Found | None:
        """What was found, once it is; a timer calls this."""
        if self._found is None or not self._found.done():
            return None
        found, self._found = self._found, None
        try:
            return found.result()
        except Exception as error:
            # A program that fails, in whatever way, must not stop the reader.
            return FAILED.format(type(error).__name__)

    def close(self) -> None:
        """Let go of the film; a search that runs ends unheard."""
        self._worker.shutdown(wait=False, cancel_futures=True)
