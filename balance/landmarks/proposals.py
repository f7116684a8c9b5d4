"""From a handful of clicks to every other point: prior, film, prior again; status and reasons.

The order is fixed: the shape prior is conditioned on the clicks, the film is searched for the
endplates it expects, and the prior is conditioned once more on clicks and endplates together. A
clicked point is never moved and S1 is never snapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from balance.anatomy import VERTEBRAE, body_names, level_of, plate_names
from balance.errors import BadLandmarks
from balance.landmarks.conditioning import (
    Held,
    chain_of_film,
    held_part,
    in_millimetres,
    marked_only,
    observe,
    with_held,
    with_plates,
    write_points,
)
from balance.landmarks.film_doubts import Plate, Sighting, heads_are_missing
from balance.landmarks.film_evidence import read_polarity
from balance.landmarks.mislabel import doubt_labels, strangeness
from balance.landmarks.model import ImageReference, Landmarks, ProposalNote, ProposalStatus
from balance.landmarks.next_click import first_missing, next_best_click
from balance.landmarks.plate_readings import (
    accepted,
    connected,
    read_plates,
    snapped_before,
    weighed,
)
from balance.landmarks.shape import Posterior, condition
from balance.landmarks.shape_chain import HEADS, Chain
from balance.landmarks.shape_components import Size
from balance.landmarks.shape_rounds import Observations
from balance.landmarks.snap import snap_endplates
from balance.metrics.catalogue import POINT_METRICS
from balance.radiograph import Radiograph

FEWEST_ROUNDS, MOST_ROUNDS = 2, 4
"""How often the film is searched: again while plates are missing and the spine still moves."""
STANDS_MM = 0.5
STRANGE = 1e-3
"""Probability under the prior below which the marked points make an unusual spine."""
FILM = "film: "
"""How a reason begins that only the pixels can settle; it stays until they are searched again."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What was marked, in millimetres, as the prior's observations; ``given`` as it was marked."""

    given: Landmarks
    marked: Landmarks
    chain: Chain
    size: Size
    names: tuple[str, ...]
    seen: Observations


def propose(film: Radiograph, landmarks: Landmarks) -> Landmarks:
    """Propose every point that the marked ones and the film allow.

    Parameters
    ----------
    film
        The film as read; the document's scale and side govern.
    landmarks
        What a reader marked. What programs proposed earlier and nobody confirmed is made anew.

    Returns
    -------
    Landmarks
        The marked points unchanged, the proposed ones with source ``predicted`` or ``snapped``,
        unconfirmed, their joint covariance, and in ``proposal`` the status, its reasons and the
        next best click. With the status ``unable`` nothing is proposed.

    Raises
    ------
    BadLandmarks
        The document belongs to a film of another size.
    """
    marked = _of_this_film(marked_only(landmarks), film)
    if marked.view == "frontal":
        from balance.landmarks.frontal_proposals import propose_frontal

        return propose_frontal(film, marked)
    lacking = _lacking(marked)
    if lacking:
        return _unable(marked, lacking)
    case = _case_of(marked)
    polarity = read_polarity(film)
    posterior = condition(case.chain, case.seen, case.size)
    everything = dict.fromkeys(_unmarked(case, posterior), "predicted")
    for search in range(MOST_ROUNDS):
        draft = write_points(case.marked, posterior, case.names, case.seen.covariance, everything)
        plates = snap_endplates(film, draft, polarity=polarity)
        near = connected(case.chain, case.marked.points, read_plates(draft, plates))
        readings = weighed(case.chain, plates, near)
        before = posterior.points
        both = with_plates(case.chain, case.seen, readings)
        posterior = condition(case.chain, both, case.size)
        moved = float(np.abs(posterior.points - before).max())
        settled = len(readings) == len(plates) or moved < STANDS_MM
        if search + 1 >= FEWEST_ROUNDS and settled:
            break
    agreed = accepted(len(readings), posterior)
    seen = Sighting.of(
        case.chain, plates, readings, agreed,
        headless=heads_are_missing(film, case.marked, polarity),
    )  # fmt: skip
    if seen.of_something_else:
        return _unable(
            marked, (f"{FILM}it does not show the endplates of the spine that was marked",)
        )
    by_film = [polarity.doubt] if polarity.doubt else []
    by_film += seen.doubts(case.chain)
    reasons = [f"{FILM}{reason}" for reason in by_film]
    return _written(case, posterior, everything, seen.found, (*reasons, *_doubts(case, posterior)))


def recondition(landmarks: Landmarks) -> Landmarks:
    """The proposals anew after a click or a drag, without looking at the film again.

    Endplates that were snapped stay evidence; one that contradicts what is marked now is predicted
    instead. What the film said against the proposal before stays among the reasons.
    """
    if landmarks.view == "frontal":
        from balance.landmarks.frontal_proposals import recondition_frontal

        return recondition_frontal(landmarks)
    marked = marked_only(landmarks)
    lacking = _lacking(marked)
    if lacking:
        return _unable(marked, lacking)
    told = landmarks.proposal.reasons if landmarks.proposal else ()
    by_film = [reason for reason in told if reason.startswith(FILM)]
    if by_film and landmarks.proposal and landmarks.proposal.status == "unable":
        return _unable(marked, by_film)
    case = _case_of(marked)
    before = snapped_before(replace(landmarks, scale=case.marked.scale))
    posterior = condition(case.chain, with_held(case.chain, case.seen, before), case.size)
    held = held_part(before, accepted(len(before.plates), posterior))
    if not before.plates and not by_film:
        by_film.append(f"{FILM}not searched for endplates yet")
    everything = dict.fromkeys((*_unmarked(case, posterior), *held.names), "predicted")
    doubts = _doubts(case, posterior)
    return _written(case, posterior, everything, held.plates, (*by_film, *doubts), held)


def before_any_click(film: Radiograph) -> Landmarks:
    """An empty lateral document of a film: what a proposal without clicks starts from."""
    doubts: tuple[str, ...] = ()
    if film.facing is None:
        doubts = ("the header does not say which side the patient faces: right is taken",)
    return Landmarks("lateral", {}, film.facing or "right", scale=film.scale, warnings=doubts)


def _of_this_film(marked: Landmarks, film: Radiograph) -> Landmarks:
    image = marked.image
    if image.rows not in (None, film.rows) or image.columns not in (None, film.columns):
        raise BadLandmarks(
            f"the points are of a film of {image.columns} x {image.rows} pixels, this one has "
            f"{film.columns} x {film.rows}; give the film that they were marked on"
        )
    if image == ImageReference():
        image = ImageReference(
            rows=film.rows,
            columns=film.columns,
            sop_instance_uid=film.sop_instance_uid,
            study_instance_uid=film.study_instance_uid,
        )
    scale = marked.scale if marked.scale.has_millimetres else film.scale
    return replace(marked, image=image, scale=scale)


def _lacking(marked: Landmarks) -> tuple[str, ...]:
    """What must be marked before anything can be proposed."""
    missing = [
        name for name in plate_names("S1", "superior", "lateral") if name not in marked.points
    ]
    if missing:
        return (f"not marked: {', '.join(missing)}; both ends of the S1 endplate are needed",)
    high = VERTEBRAE[: VERTEBRAE.index("T12") + 1]
    if not any(level_of(name) in high for name in marked.points):
        return ("no vertebra above L1 is marked: mark C7, then T8",)
    return ()


def _case_of(marked: Landmarks) -> _Case:
    inside, size = in_millimetres(marked)
    chain = chain_of_film(inside)
    names, seen = observe(chain, inside)
    return _Case(marked, inside, chain, size, names, seen)


def _unable(marked: Landmarks, reasons: Iterable[str]) -> Landmarks:
    note = ProposalNote("unable", tuple(reasons), first_missing(marked))
    return replace(marked, proposal=note)


def _unmarked(case: _Case, posterior: Posterior) -> tuple[str, ...]:
    """The chain's points that a prior can place and the film can show: the heads lie too freely."""
    image = case.marked.image
    pixels = case.marked.frame.to_pixels(posterior.points)
    last = np.array([image.columns or np.inf, image.rows or np.inf]) - 0.5
    shown = np.all((pixels >= -0.5) & (pixels <= last), axis=1).tolist()
    return tuple(
        name
        for name, inside in zip(case.chain.points, shown, strict=True)
        if inside and name not in case.marked.points and name not in HEADS
    )


def _doubts(case: _Case, posterior: Posterior) -> list[str]:
    """What the marked points themselves give reason to ask."""
    reasons = []
    if not any(name in case.marked.points for name in HEADS):
        reasons.append("no femoral head is marked: no pelvic value can be given")
    if not any(level_of(name) == "C7" for name in case.marked.points):
        reasons.append("C7 is not marked: the plumb line is a guess")
    doubts = doubt_labels(posterior, case.names, case.seen)
    if doubts:
        reasons.append(doubts[0].sentence)
    elif strangeness(posterior, case.seen) < STRANGE:
        reasons.append("the marked points make an unusual spine: check labels, scale and facing")
    return reasons


def _written(
    case: _Case,
    posterior: Posterior,
    everything: dict[str, str],
    found: Sequence[Plate],
    reasons: Sequence[str],
    held: Held | None = None,
) -> Landmarks:
    left_out = _left_to_the_click(case) - set(held.names if held else ())
    # An endplate of which one corner is left out cannot be taken up again: it stays a prediction.
    whole = (
        names
        for names in (plate_names(*plate, "lateral") for plate in found)
        if not left_out.intersection(names)
    )
    snapped = {name for names in whole for name in names}
    sources = {
        name: "snapped" if name in snapped else source
        for name, source in everything.items()
        if name not in left_out
    }
    inside = write_points(case.marked, posterior, case.names, case.seen.covariance, sources, held)
    status: ProposalStatus = "review" if reasons else "ok"
    wanted = first_missing(inside) or next_best_click(inside, posterior)
    note = ProposalNote(status, tuple(reasons), wanted)
    return replace(inside, scale=case.given.scale, proposal=note)


def _left_to_the_click(case: _Case) -> set[str]:
    """One corner of each level whose clicked centroid a parameter reads.

    Four corners would stand in for the centroid and put a proposal in the place of the click; the
    corner left out is one that no parameter reads.
    """
    read = {site for metric in POINT_METRICS for site in metric.needs}
    left: set[str] = set()
    for name in case.marked.points:
        if name.endswith("_centroid") and name in read:
            corners = body_names(name.removesuffix("_centroid"), "lateral")
            if not any(corner in case.marked.points for corner in corners):
                left |= {next(corner for corner in reversed(corners) if corner not in read)}
    return left
