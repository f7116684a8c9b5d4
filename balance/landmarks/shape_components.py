"""The components of the lateral shape prior, from the tables and the postures that are shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from balance.landmarks.shape_chain import Chain, chain_of
from balance.landmarks.shape_tables import (
    BODY,
    DENS_MM,
    DISC_WEDGE,
    HEADS_APART_MM,
    LOG_DEPTH_SD,
    LOG_HEIGHT_SD,
    LOG_SIZE_SD,
    NEIGHBOURS,
    PELVIC_RADIUS_MM,
    POSTURES,
    REGION_LOG_DISC_SD,
    REGION_LOG_HEIGHT_SD,
    REGIONS,
    SACRAL_DEPTH_MM,
    SHEAR_MM,
    PostureRow,
)
from balance.radiograph import FloatArray

ANYWHERE_MM = 1e4
"""SD of where on the film the patient stands."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is known of the logarithm of plane units over millimetres of a mean person."""

    mean: float = 0.0
    sd: float = LOG_SIZE_SD


@dataclass(frozen=True, slots=True)
class Component:
    """A Gaussian over the state of a chain."""

    name: str
    weight: float
    mean: FloatArray
    covariance: FloatArray


@cache
def _postures(thoracic: int, lumbar: int) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of tilts and pelvic tilt by component, as shipped."""
    content = files("balance.landmarks").joinpath("shape_prior.npz").read_bytes()
    with np.load(BytesIO(content), allow_pickle=False) as data:
        mean = np.asarray(data[f"mean_{thoracic}_{lumbar}"], float)
        packed = np.asarray(data[f"covariance_{thoracic}_{lumbar}"], float)
    n = mean.shape[1]
    full = np.zeros((len(mean), n, n))
    rows, columns = np.triu_indices(n)
    full[:, rows, columns] = packed
    full[:, columns, rows] = packed
    return mean, full


@cache
def prior(levels: tuple[str, ...], size: Size) -> tuple[Component, ...]:
    """The components of the prior for a spine of these levels."""
    thoracic = sum(level[0] == "T" for level in levels)
    lumbar = sum(level[0] == "L" for level in levels)
    chain = chain_of(thoracic, lumbar)
    means, covariances = _postures(thoracic, lumbar)
    return tuple(
        _component(chain, row, mean, covariance, size)
        for row, mean, covariance in zip(POSTURES, means, covariances, strict=True)
    )


def _component(
    chain: Chain, row: PostureRow, posture: FloatArray, covariance: FloatArray, size: Size
) -> Component:
    mean, spread = np.zeros(chain.length), np.zeros((chain.length, chain.length))
    mean[chain.size] = size.mean
    mean[chain.posture] = posture
    spread[chain.posture, chain.posture] = covariance
    depths, heights = [np.log(SACRAL_DEPTH_MM.mean)], []
    for level in reversed(chain.levels):
        body = BODY[level]
        depths += [np.log(body.depth_inferior), np.log(body.depth_superior)]
        heights += [np.log(body.disc), np.log(body.height)]
    mean[chain.depths], mean[chain.heights] = depths, heights
    mean[chain.radius] = np.log(PELVIC_RADIUS_MM.mean)
    mean[chain.apart] = [axis.mean for axis in HEADS_APART_MM]
    mean[chain.dens] = [axis.mean for axis in DENS_MM]
    plates, steps = chain.plates, np.arange(chain.plates - 1)
    spread[chain.depths, chain.depths] = LOG_DEPTH_SD**2 * _neighbours(plates, 4.0)
    spread[chain.depths.start, chain.depths.start] = (
        SACRAL_DEPTH_MM.sd / SACRAL_DEPTH_MM.mean
    ) ** 2
    sds = np.where(steps % 2 == 0, row.disc, LOG_HEIGHT_SD)
    same_kind = steps[:, None] % 2 == steps % 2
    alike = _neighbours(plates - 1, 4.0) * same_kind
    regions = np.repeat([_region(level) for level in reversed(chain.levels)], 2)
    shared = np.where(steps % 2 == 0, REGION_LOG_DISC_SD, REGION_LOG_HEIGHT_SD)
    together = same_kind & (regions[:, None] == regions)
    spread[chain.heights, chain.heights] = (
        np.outer(sds, sds) * alike + np.outer(shared, shared) * together
    )
    variances = np.zeros(chain.length)
    variances[chain.place] = ANYWHERE_MM**2
    variances[chain.size] = size.sd**2
    variances[chain.shifts] = np.where(steps % 2 == 0, row.slip, SHEAR_MM) ** 2
    variances[chain.radius] = (PELVIC_RADIUS_MM.sd / PELVIC_RADIUS_MM.mean) ** 2
    variances[chain.apart] = [axis.sd**2 for axis in HEADS_APART_MM]
    variances[chain.dens] = [axis.sd**2 for axis in DENS_MM]
    wedges = np.where(steps % 2 == 1, row.wedge, DISC_WEDGE * row.wedge)
    variances[chain.wedges] = np.radians(wedges) ** 2
    spread[np.diag_indices(chain.length)] += variances
    return Component(row.name, row.weight, mean, spread)


def _region(level: str) -> int:
    return next(n for n, names in enumerate(REGIONS) if level in names or level[0] in names)


def _neighbours(count: int, reach: float) -> FloatArray:
    """Correlations of sizes along the spine: a part of its own, a part shared with neighbours."""
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    shared: FloatArray = (1.0 - NEIGHBOURS) * np.eye(count) + NEIGHBOURS * np.exp(-apart / reach)
    return shared
