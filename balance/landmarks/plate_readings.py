"""What a film says of the endplates, weighed before the shape prior hears it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import exp, log

import numpy as np

from balance.anatomy import ENDPLATES, level_of, plate_names
from balance.landmarks.conditioning import Held, PlateReading
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import place_points
from balance.landmarks.shape import Posterior
from balance.landmarks.shape_chain import Chain
from balance.landmarks.snap import SnappedPlate

LEAST_QUALITY = 0.5
LEAST_EVIDENCE = 0.5
LEAST_TRUST = 0.3
LARGEST_READING_SD_MM = 5.0
MOST_MISSING = 3
"""Endplates in a row that may be missing between a reader's mark and an endplate found."""
NEAR = 3
"""Endplates on either side of one that should be found with it."""
LONELY = 0.75
"""By how much the deviation of an endplate found grows with each near one that is missing."""
WRONG_ALONE, WRONG_PER_EVIDENCE, WRONG_PER_MISSING = -1.1, -0.36, 0.57
"""Log odds that an endplate found is a wrong edge (2 mm off or tilted by 2 mm), with each unit of
its evidence, and with each near one that is missing where its own tilt is vague. Fitted on the
development films of two renderers together: of those doubted by 0.2 to 0.35, 3 in 10 are wrong on
the one and 2 in 10 on the other."""
CLEAR_TILT_SD_MM = 0.5
"""Deviation of one end against the other of an edge that is plain by itself."""


def read_plates(draft: Landmarks, plates: Iterable[SnappedPlate]) -> Iterable[PlateReading]:
    """What the film alone says of each plate that it shows."""
    for plate in plates:
        covariance = np.array(plate.measured_covariance_mm)
        unsure = plate.quality < LEAST_QUALITY or plate.evidence < LEAST_EVIDENCE
        if unsure or np.diag(covariance).max() > LARGEST_READING_SD_MM**2:
            continue
        ends = draft.frame.to_plane(
            np.array([(draft.points[name].x, draft.points[name].y) for name in plate.names])
        )
        normal = np.array(plate.normal)
        # Along the plate, towards the second corner: the normal points out of the body.
        along = np.array([normal[1], -normal[0]])
        if (ends[1] - ends[0]) @ along < 0:
            along = -along
        values = [*(ends @ normal + plate.measured_mm), *(ends @ along + plate.along_mm)]
        whole = np.diag([0.0, 0.0, *np.square(plate.along_sd_mm)])
        whole[:2, :2] = covariance
        yield PlateReading(
            plate.level,
            plate.endplate,
            np.array([normal, normal, along, along]),
            (0, 1, 0, 1),
            np.array(values),
            whole,
        )


def connected(
    chain: Chain, marked: Iterable[str], readings: Iterable[PlateReading]
) -> tuple[PlateReading, ...]:
    """The readings that hang together with what a reader marked.

    Far from any mark a row of endplates fits one level too high as well as where it belongs.
    """
    levels = {level_of(name) for name in marked}
    anchored = [
        plate
        for level in chain.levels
        if level in levels
        for plate in (chain.plate_of(level, "inferior"), chain.plate_of(level, "superior"))
    ]
    by_plate = {chain.plate_of(one.level, one.endplate): one for one in readings}
    held = {0, *anchored}
    waiting = set(by_plate) - held
    while True:
        reached = {
            plate
            for plate in waiting
            if any(abs(plate - near) <= MOST_MISSING + 1 for near in held)
        }
        if not reached:
            break
        held |= reached
        waiting -= reached
    return tuple(one for plate, one in sorted(by_plate.items()) if plate in held)


def weighed(
    chain: Chain, plates: Sequence[SnappedPlate], readings: Sequence[PlateReading]
) -> tuple[PlateReading, ...]:
    """The readings, less sure where the endplates around them were looked for and not found."""
    return tuple(
        replace(one, covariance=one.covariance * (1.0 + LONELY * missing) ** 2)
        for one, missing in zip(readings, _missing_near(chain, plates, readings), strict=True)
    )


def wrong_edges(
    chain: Chain, plates: Sequence[SnappedPlate], readings: Sequence[PlateReading]
) -> tuple[float, ...]:
    """Probability that each reading is of another edge than its endplate's.

    A wrong edge fits one endplate; a whole row fits only the right edges.
    """
    looked = {(one.level, one.endplate): one for one in plates}
    lean = np.array([-1.0, 1.0])
    shares = []
    for one, missing in zip(readings, _missing_near(chain, plates, readings), strict=True):
        plate = looked[one.level, one.endplate]
        tilt_sd = float(np.sqrt(lean @ np.array(plate.measured_covariance_mm) @ lean))
        vague = max(log(tilt_sd / CLEAR_TILT_SD_MM), 0.0)
        odds = WRONG_ALONE + WRONG_PER_EVIDENCE * plate.evidence
        odds += WRONG_PER_MISSING * missing * vague
        shares.append(1.0 / (1.0 + exp(-odds)))
    return tuple(shares)


def _missing_near(
    chain: Chain, plates: Sequence[SnappedPlate], readings: Sequence[PlateReading]
) -> list[int]:
    """How many endplates near each reading were looked for and not found."""
    read = [chain.plate_of(one.level, one.endplate) for one in readings]
    missing = {chain.plate_of(one.level, one.endplate) for one in plates} - set(read)
    return [sum(abs(place - other) <= NEAR for other in missing) for place in read]


def snapped_before(landmarks: Landmarks) -> Held:
    """The plates that an earlier search of the film found, with the covariance they were left."""
    placed = place_points(landmarks)
    at = {name: n for n, name in enumerate(placed.names)}

    def was_snapped(name: str) -> bool:
        point = landmarks.points.get(name)
        return point is not None and point.source == "snapped" and not point.confirmed

    plates = tuple(
        (level, endplate)
        for level in landmarks.existing_levels
        for endplate in ENDPLATES
        if all(was_snapped(name) for name in plate_names(level, endplate, "lateral"))
    )
    names = tuple(name for plate in plates for name in plate_names(*plate, "lateral"))
    rows = np.ravel([(2 * at[name], 2 * at[name] + 1) for name in names]).astype(int)
    return Held(
        names,
        placed.plane.ravel()[rows],
        placed.covariance[np.ix_(rows, rows)] + 1e-6 * np.eye(len(rows)),
        plates,
    )


def accepted(count: int, posterior: Posterior) -> tuple[bool, ...]:
    """Which of so many plates the spine as a whole agrees with."""
    return tuple(posterior.trust.get(n, 1.0) >= LEAST_TRUST for n in range(count))
