"""Frontal films: from centroid clicks to the corners of every vertebra, with status and reasons.

The shape prior is conditioned on the clicks, the film is searched for the side walls of the bodies
and then for the endplates that clicks and walls let expect, and the prior is conditioned on all.
Cobb angles are not computed here but by the one measurement code, from these corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from balance.anatomy import ENDPLATES, plate_names
from balance.landmarks.film_evidence import read_polarity
from balance.landmarks.frontal_chain import Chain
from balance.landmarks.frontal_document import drafted, marked_only, with_corners
from balance.landmarks.frontal_doubts import end_plates, next_click, strange_clicks
from balance.landmarks.frontal_fit import (
    Fit,
    chain_of,
    fit_points,
    given_points,
    marked_length,
    marked_levels,
)
from balance.landmarks.frontal_plates import Sighting, fit_sightings, sightings
from balance.landmarks.frontal_walls import wall_sightings
from balance.landmarks.model import (
    Landmarks,
    ProposalNote,
    ProposalStatus,
)
from balance.landmarks.noise import place_points
from balance.landmarks.snap import film_evidence, snap_endplates
from balance.radiograph import Radiograph

FEWEST_LEVELS = 4
USUAL_CLICKS = tuple(
    f"{level}_centroid" for level in ("T1", "L5", "T8", "T12", "T4", "L2", "T10", "T6")
)
"""The clicks that tell most of a spine of which nothing is known, in that order."""
LEAST_QUALITY = 0.5
LEAST_TRUST = 0.3
LEAST_FOUND = 0.6
"""Share of the endplates that must be found for a proposal without review."""
NOTHING_FOUND = 0.4
"""Below this share the film does not show the marked spine: films of something else, empty films
and noise had at most 0.35, poor films of spines at least 0.44."""
LARGEST_SD_DEG = 4.0
"""A Cobb angle less sure than this deserves a look: readers differ by about 3."""
LARGEST_OUTSIDE_SD_MM = 3.0
FILM = "film: "
"""How a reason begins that only the pixels can settle."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class _Result:
    """The spine by clicks alone and by clicks and film, and the endplates that it agrees with."""

    expected: Fit
    fit: Fit
    trusted: frozenset[Pair]


def propose_frontal(film: Radiograph, landmarks: Landmarks) -> Landmarks:
    """Propose the corners of the vertebrae between the marked ones, and next to them.

    Parameters
    ----------
    film
        The film as read; the document's scale and side govern.
    landmarks
        At least four vertebrae marked by a centroid or four corners; six to eight from T1 to L5
        are the usual number. What programs proposed and nobody confirmed is made anew.

    Returns
    -------
    Landmarks
        The marked points unchanged; corners with source ``snapped`` where the film shows the
        endplate, else ``predicted``, all unconfirmed; their joint covariance; the status with its
        reasons and the next best click. With the status ``unable`` nothing is proposed.
    """
    marked = marked_only(landmarks)
    lacking = _lacking(marked, film)
    if lacking:
        return _unable(marked, lacking)
    polarity = read_polarity(film)
    given = given_points(marked)
    chain = chain_of(marked, given)
    expected = fit_points(marked, chain)
    unit = 1.0 if marked.scale.has_millimetres else expected.unit
    walls = wall_sightings(film, polarity, marked.frame.matrix, expected, unit)
    between, _ = fit_sightings(marked, expected, walls)
    plates = snap_endplates(film, drafted(marked, between, unit), polarity=polarity)
    seen = sightings(plates, chain, between.corners, unit)
    fit, weights = fit_sightings(marked, expected, (*walls, *seen))
    trusted = frozenset(
        one.names
        for one in seen
        if one.quality >= LEAST_QUALITY and weights[one.names] >= LEAST_TRUST
    )
    if not plates or len(trusted) < NOTHING_FOUND * len(plates):
        return _unable(marked, (f"{FILM}it does not show the endplates of the marked spine",))
    reasons = [f"{FILM}{polarity.doubt}"] if polarity.doubt else []
    if len(trusted) < LEAST_FOUND * len(plates) or film_evidence(plates) <= 0.0:
        reasons.append(
            f"{FILM}only {len(trusted)} of {len(plates)} endplates were found, few of them clearly"
        )
    return _written(marked, _Result(expected, fit, trusted), reasons, film)


def recondition_frontal(landmarks: Landmarks) -> Landmarks:
    """The proposals anew after a click or a drag, without looking at the film again.

    Endplates that were snapped stay evidence. What the film said against the proposal before
    stays among the reasons.
    """
    marked = marked_only(landmarks)
    lacking = _lacking(marked)
    if lacking:
        return _unable(marked, lacking)
    chain = chain_of(marked, given_points(marked))
    expected = fit_points(marked, chain)
    seen = _snapped_before(landmarks, chain)
    fit, weights = fit_sightings(marked, expected, seen)
    before = landmarks.proposal.reasons if landmarks.proposal else ()
    reasons = [reason for reason in before if reason.startswith(FILM)]
    if not seen and not reasons:
        reasons.append(f"{FILM}not searched for endplates yet")
    trusted = frozenset(names for names, weight in weights.items() if weight >= LEAST_TRUST)
    return _written(marked, _Result(expected, fit, trusted), reasons)


def _lacking(marked: Landmarks, film: Radiograph | None = None) -> tuple[str, ...]:
    """What keeps the marked points from saying anything."""
    given = given_points(marked)
    chain = chain_of(marked, given)
    levels = [level for level in marked_levels(given, chain) if level != "S1"]
    if len(levels) < FEWEST_LEVELS:
        return (
            f"{len(levels)} vertebrae are marked; mark the centroids of six to eight from T1 to "
            f"{marked.last_lumbar} (at least {FEWEST_LEVELS})",
        )
    if marked_length(marked, chain, given) <= 0.0:
        return ("the vertebrae are marked at one place; mark each at its own",)
    if film is not None:
        outside = [
            name
            for name, point in given.items()
            if not (-0.5 <= point.x <= film.columns - 0.5 and -0.5 <= point.y <= film.rows - 0.5)
        ]
        if outside:
            return (f"outside the film: {', '.join(outside)}; mark them on this film",)
    return ()


def _unable(marked: Landmarks, reasons: Sequence[str]) -> Landmarks:
    wanted = next((name for name in USUAL_CLICKS if name not in marked.points), None)
    return replace(marked, proposal=ProposalNote("unable", tuple(reasons), wanted))


def _snapped_before(landmarks: Landmarks, chain: Chain) -> tuple[Sighting, ...]:
    """The endplates that an earlier search found, across the plate only."""
    placed = place_points(landmarks)
    index = {name: place for place, name in enumerate(chain.names)}
    found = []
    for names in zip(chain.names[::2], chain.names[1::2], strict=True):
        points = [landmarks.points.get(name) for name in names]
        if any(p is None or p.source != "snapped" or p.confirmed for p in points):
            continue
        rows = [placed.names.index(name) for name in names]
        ends = placed.plane[rows]
        along = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        normal = np.array([-along[1], along[0]])
        axes = (2 * np.array(rows)[:, None] + np.arange(2)).ravel()
        across = np.kron(np.eye(2), normal)
        seen = np.zeros((2, 2 * len(chain.names)))
        for end, name in enumerate(names):
            seen[end, 2 * index[name] : 2 * index[name] + 2] = normal
        covariance = across @ placed.covariance[np.ix_(axes, axes)] @ across.T
        # A snapped plate's covariance already holds the prior: doubled, it is not counted twice.
        found.append(Sighting(names, seen, ends @ normal, 2.0 * covariance, 1.0))
    return tuple(found)


def _written(
    marked: Landmarks, result: _Result, reasons: Sequence[str], film: Radiograph | None = None
) -> Landmarks:
    names = _worth_writing(marked, result, film)
    snapped = frozenset(name for pair in result.trusted for name in pair)
    document = with_corners(marked, result.fit, names, snapped)
    doubts = [*reasons, *strange_clicks(marked, result.expected)]
    ends = end_plates(result.fit, names)
    if ends is not None:
        given = marked.points.keys()
        hidden = [
            f"{pair[0].rsplit('_', 1)[0].replace('_', ' ')} endplate"
            for pair in (ends.upper, ends.lower)
            if pair not in result.trusted and not set(pair) <= given
        ]
        if hidden and ends.angle_deg >= ends.smallest:
            doubts.append(f"not seen clearly: {', '.join(hidden)}; mark the corners there")
        if ends.sd_deg > LARGEST_SD_DEG:
            doubts.append(f"the largest angle is known to +-{1.96 * ends.sd_deg:.0f} degrees only")
    status: ProposalStatus = "review" if doubts else "ok"
    wanted = next_click(marked, result.fit, ends)
    return replace(document, proposal=ProposalNote(status, tuple(doubts), wanted))


def _worth_writing(marked: Landmarks, result: _Result, film: Radiograph | None) -> list[str]:
    """Corners of the thoracic and lumbar levels from the highest to the lowest marked one.

    Beyond them a level is proposed while the film shows one of its endplates and its place is
    known well; C7 and the sacrum are a reader's.
    """
    fit = result.fit
    order = [level for level in fit.chain.levels if level not in ("C7", "S1")]
    inside = [level for level in marked_levels(given_points(marked), fit.chain) if level in order]
    first, last = order.index(inside[0]), order.index(inside[-1])
    while first > 0 and _shown(result, order[first - 1], film, marked):
        first -= 1
    while last + 1 < len(order) and _shown(result, order[last + 1], film, marked):
        last += 1
    levels = order[first : last + 1]
    return [
        name
        for name in fit.chain.names
        if name.split("_")[0] in levels and name not in marked.points
    ]


def _shown(result: _Result, level: str, film: Radiograph | None, marked: Landmarks) -> bool:
    pairs = [plate_names(level, end, "frontal") for end in ENDPLATES]
    if not all(pair in result.trusted for pair in pairs):
        return False
    fit = result.fit
    rows = np.array([fit.chain.names.index(name) for pair in pairs for name in pair])
    pixels = marked.frame.to_pixels(fit.corners[rows])
    if film is not None and not (
        (pixels >= -0.5).all() and (pixels <= (film.columns - 0.5, film.rows - 0.5)).all()
    ):
        return False
    axes = 2 * rows[:, None] + np.arange(2)
    centre = sum(fit.covariance[np.ix_(a, b)] for a in axes for b in axes) / len(rows) ** 2
    return bool(np.sqrt(np.linalg.eigvalsh(centre)[-1]) <= LARGEST_OUTSIDE_SD_MM * fit.unit)
