"""Femoral heads: from a rough click on each, or from three points on a rim.

Two heads overlie each other on a lateral film, so both are fitted together: each may take another
circle, but hardly one much larger than the other, and one picture of a circle speaks only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.errors import BadLandmarks
from balance.fiducial import BadCalibration, circle_through
from balance.landmarks.film_evidence import Polarity, canonical_image, read_polarity
from balance.landmarks.head_circles import CANDIDATES, Circles, find_circles
from balance.landmarks.model import Landmark
from balance.radiograph import FloatArray, Radiograph, Scale

Point = tuple[float, float]

RADIUS_MM, RADIUS_SD_MM = 24.0, 2.5
"""Adult heads, with the magnification that films have; an estimate."""
SMALLEST_MM, LARGEST_MM = 17.0, 32.0
SIZE_RATIO_SD = 0.05
"""Of one head's radius over the other's: one of them lies nearer to the detector."""
LARGEST_RATIO = 1.10
ROUGH_SD_MM = 3.0
"""Of a rough click, per axis."""

_SEEN_SHARE = 0.9
_CHANCE = 2.0
_REACH_SD = 3.0
_RADIUS_STEP_MM = 0.75
_MARGIN_MM = 6.0


@dataclass(frozen=True, slots=True)
class FittedHead:
    """A femoral head on a film.

    ``radius_px`` counts along a row. ``covariance_mm`` (3 x 3) is of x to the right, y down and
    radius. ``evidence`` is the log of how much likelier the picture is with the head in it;
    ``quality`` the probability that the circle was found and is the right one.
    """

    centre_px: Point
    radius_px: float
    radius_mm: float
    covariance_mm: tuple[tuple[float, float, float], ...]
    evidence: float
    quality: float

    def as_landmark(self, scale: Scale, *, source: str) -> Landmark:
        """The head as a point of a document, not confirmed."""
        column, row = scale.column_mm, scale.row_mm
        (xx, xy, _), (_, yy, _), _ = self.covariance_mm
        return Landmark(
            *self.centre_px, radius=self.radius_px, source=source, confirmed=False,
            cov_px=(xx / column**2, xy / (column * row), yy / row**2),
        )  # fmt: skip


def fit_head(
    film: Radiograph,
    rough: Point,
    *,
    scale: Scale,
    rough_sd_mm: float = ROUGH_SD_MM,
    radius_mm: float = RADIUS_MM,
    polarity: Polarity | None = None,
) -> FittedHead:
    """The femoral head about a rough click.

    Parameters
    ----------
    rough
        Pixels (x, y), up to about three ``rough_sd_mm`` off.
    scale
        Millimetres per pixel; a film without a scale has no radius to look for, so give one that
        the endplates suggest.

    Returns
    -------
    FittedHead
        The click itself, with its own uncertainty and a quality near 0, where nothing is found.
    """
    return _fitted(film, (rough,), scale, rough_sd_mm, radius_mm, polarity)[0]


def fit_both_heads(
    film: Radiograph,
    first: Point,
    second: Point,
    *,
    scale: Scale,
    rough_sd_mm: float = ROUGH_SD_MM,
    radius_mm: float = RADIUS_MM,
    polarity: Polarity | None = None,
) -> tuple[FittedHead, FittedHead]:
    """Both femoral heads of a lateral film, each about its rough click; see `fit_head`."""
    one, other = _fitted(film, (first, second), scale, rough_sd_mm, radius_mm, polarity)
    return one, other


def circle_through_rim(
    points: Sequence[Point], *, scale: Scale, click_sd_mm: float = 1.0
) -> FittedHead:
    """The femoral head through three or more clicks on its rim, pixels (x, y).

    Raises
    ------
    BadLandmarks
        Fewer than three points, or points on a line.
    """
    # In millimetres a click is as uncertain along both axes; on oblong pixels it is not.
    rim = [(x * scale.column_mm, y * scale.row_mm) for x, y in points]
    try:
        circle = circle_through(rim, aspect=1.0, click_sd_px=click_sd_mm)
    except BadCalibration as error:
        raise BadLandmarks(f"femoral head: {error}") from None
    centre = (circle.centre[0] / scale.column_mm, circle.centre[1] / scale.row_mm)
    return FittedHead(
        centre, circle.radius / scale.column_mm, circle.radius, _rows(circle.covariance), 0.0, 1.0
    )


def doubt_of_sizes(first: FittedHead, second: FittedHead) -> str | None:
    """What is odd about the sizes of two fitted heads, in a whole sentence.

    How far apart they lie and how large they are is looked at with the document, which knows the
    patient's age.
    """
    small, large = sorted((first.radius_mm, second.radius_mm))
    if large <= LARGEST_RATIO * small:
        return None
    return (
        f"the femoral heads differ in size ({small:.1f} and {large:.1f} mm): one of the circles "
        "may lie on the acetabulum or on the other head"
    )


def _fitted(
    film: Radiograph, rough: tuple[Point, ...], scale: Scale, rough_sd_mm: float,
    radius_mm: float, polarity: Polarity | None,
) -> tuple[FittedHead, ...]:  # fmt: skip
    size = np.array([scale.column_mm, scale.row_mm])
    clicks = np.array(rough, float)
    reach = _REACH_SD * rough_sd_mm
    radii = np.arange(SMALLEST_MM, LARGEST_MM + 1e-9, _RADIUS_STEP_MM) * (radius_mm / RADIUS_MM)
    margin = (reach + float(radii[-1]) + _MARGIN_MM) / size
    box = (*(clicks.min(axis=0) - margin), *(clicks.max(axis=0) + margin))
    image = canonical_image(film, polarity or read_polarity(film), scale=scale, box=box)
    places = image.from_film(clicks) * image.pixel_mm
    prior = np.column_stack([places, np.full(len(places), radius_mm)])
    spread = np.diag([rough_sd_mm**2, rough_sd_mm**2, (RADIUS_SD_MM * radius_mm / RADIUS_MM) ** 2])
    if image.pixels.size == 0:
        found = [(place, spread, 0.0, np.log(1 - _SEEN_SHARE)) for place in prior]
    else:
        seen = [find_circles(image, place, radii, reach) for place in places]
        volume = (2 * reach) ** 2 * float(np.ptp(radii))
        found = _together(prior, spread, seen, _CHANCE * (CANDIDATES - 1) / volume)
    heads = []
    for place, covariance, quality, evidence in found:
        centre = image.to_film(place[:2] / image.pixel_mm)
        heads.append(
            FittedHead(
                (float(centre[0]), float(centre[1])), float(place[2]) / scale.column_mm,
                float(place[2]), _rows(covariance), float(evidence), float(quality),
            )
        )  # fmt: skip
    return tuple(heads)


_Found = tuple[FloatArray, FloatArray, float, float]


def _together(
    prior: FloatArray, spread: FloatArray, seen: list[Circles], density: float
) -> list[_Found]:
    """Mean, covariance, quality and evidence of each head, weighed over every pair of circles."""
    options = [
        _options(place, spread, circles, density)
        for place, circles in zip(prior, seen, strict=True)
    ]
    if len(options) == 1:
        scores = options[0].scores
        return [_summed(options[0], _shares(scores), _log_sum(scores))]
    one, other = options
    table = one.scores[:, None] + other.scores
    table = table + _alike(one, other) - _counted_once(one, other)
    shares = _shares(table)
    evidence = _log_sum(table) / 2
    return [
        _summed(one, shares.sum(axis=1), evidence),
        _summed(other, shares.sum(axis=0), evidence),
    ]


@dataclass(frozen=True, slots=True)
class _Options:
    """What one head may be: each candidate, and last none of them, after the prior."""

    scores: FloatArray
    places: FloatArray
    spreads: FloatArray
    circles: FloatArray
    weight: FloatArray


def _options(place: FloatArray, spread: FloatArray, circles: Circles, density: float) -> _Options:
    total = spread + circles.covariance
    away = circles.places - place
    solved = np.linalg.solve(total, away[..., None])[..., 0]
    volume = 1.5 * np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(total)[1]
    scores = circles.weight - 0.5 * (away * solved).sum(axis=1) - volume
    scores = np.append(scores + np.log(_SEEN_SHARE / density), np.log(1 - _SEEN_SHARE))
    gain = spread @ np.linalg.inv(total)
    places = np.concatenate([place + np.einsum("kij,kj->ki", gain, away), place[None]])
    spreads = np.concatenate([spread - gain @ spread, spread[None]])
    return _Options(
        scores, places, spreads,
        np.concatenate([circles.places, np.full((1, 3), np.nan)]), np.append(circles.weight, 0.0),
    )  # fmt: skip


def _alike(one: _Options, other: _Options) -> FloatArray:
    """Log of how usual the ratio of two radii is, against that of two unrelated heads."""
    ratio = np.log(one.places[:, None, 2] / other.places[:, 2]) / SIZE_RATIO_SD
    chance = np.sqrt(2) * RADIUS_SD_MM / RADIUS_MM / SIZE_RATIO_SD
    usual: FloatArray = -0.5 * ratio**2 * (1 - 1 / chance**2) + np.log(chance)
    # a head that is not seen has no size of its own
    usual[-1, :] = usual[:, -1] = 0.0
    return usual


def _counted_once(one: _Options, other: _Options) -> FloatArray:
    """Evidence that both heads claim by taking the same circle."""
    apart = np.linalg.norm(one.circles[:, None] - other.circles, axis=-1)
    lesser = np.minimum(one.weight[:, None], other.weight)
    return np.where(apart < _SAME_MM, np.maximum(lesser, 0.0), 0.0)


_SAME_MM = 1.0


def _shares(scores: FloatArray) -> FloatArray:
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum())


def _log_sum(scores: FloatArray) -> float:
    return float(scores.max() + np.log(np.exp(scores - scores.max()).sum()))


def _summed(options: _Options, shares: FloatArray, evidence: float) -> _Found:
    mean = shares @ options.places
    apart = options.places - mean
    spread = np.einsum("k,kij->ij", shares, options.spreads + apart[:, :, None] * apart[:, None])
    return mean, spread, float(1 - shares[-1]), evidence


def _rows(matrix: FloatArray) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(row[0]), float(row[1]), float(row[2])) for row in matrix)
