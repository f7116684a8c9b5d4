"""Draw postures from the tables and keep their moments; run as a module with the file to write.

Every component of the mixture is drawn from its own published means, the trunk is then coupled to
the pelvis by keeping each spine with the probability that somebody stands with its plumb line, and
mean and covariance of the tilts are kept. The same seed gives the same file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from balance.landmarks.shape_chain import Chain, chain_of
from balance.landmarks.shape_tables import (
    BODY,
    CERVICAL_DISC_SHARE,
    CERVICAL_LORDOSIS,
    CERVICAL_PER_T1_SLOPE,
    DISC_BELOW_THORAX,
    LORDOSIS_SHARE,
    LUMBAR_LORDOSIS,
    POSTURES,
    REGIONAL_MODES,
    SACRAL_DEPTH_MM,
    THORACIC_BODY_SHARE,
    THORACIC_KYPHOSIS,
    TILT_PER_MISMATCH,
    USUAL_T1_SLOPE,
    PostureRow,
)
from balance.radiograph import FloatArray

SEED = 20240611
DRAWS = 40_000
WIDER = 1.25
"""Factor on the variances of what is drawn: a prior wider than life."""
COUNTS = tuple((thoracic, lumbar) for thoracic in (11, 12, 13) for lumbar in (4, 5, 6))
LARGEST_WEIGHT = 20.0
"""No single draw counts more than this many times the mean."""


def draw_postures(
    chain: Chain, row: PostureRow, count: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Postures of one component before they are balanced.

    Returns
    -------
    tuple
        Tilts of all plates and the pelvic tilt in degrees, (count, plates + 1); the plumb line of
        C7 over the posterior corner of S1 with mean sizes, mm (count,).
    """
    age = rng.uniform(*row.ages, count)
    incidence = rng.normal(*row.incidence, count).clip(25.0, 95.0)
    if row.mismatch is None:
        base, per_degree, per_year = row.lordosis
        lordosis = base + per_degree * incidence + per_year * age
        lordosis = lordosis + rng.normal(0.0, row.lordosis_sd, count)
    else:
        lordosis = incidence - rng.normal(*row.mismatch, count)
    base, per_degree, per_year = row.tilt
    tilt = base + per_degree * incidence + per_year * age + rng.normal(0.0, row.tilt_sd, count)
    if row.mismatch is not None:
        tilt = tilt + TILT_PER_MISMATCH * (incidence - lordosis)
    kyphosis = rng.normal(*row.kyphosis, count)
    modes = {name: rng.normal(0.0, sd * row.looseness, count) for name, sd in REGIONAL_MODES}
    opened = np.concatenate(
        [
            _lumbar(chain, lordosis, modes),
            _thoracic(chain, kyphosis, modes),
        ],
        axis=1,
    )
    opened += rng.normal(0.0, row.step, opened.shape)
    lower = (incidence - tilt)[:, None] + np.concatenate(
        [np.zeros((count, 1)), np.cumsum(opened, axis=1)], axis=1
    )
    neck = _cervical(lower[:, -1], modes, rng)
    neck += rng.normal(0.0, row.step, neck.shape)
    tilts = np.concatenate([lower, lower[:, -1:] + np.cumsum(neck, axis=1)], axis=1)
    return np.concatenate([tilts, tilt[:, None]], axis=1), _plumb_line(chain, tilts)


def _lumbar(chain: Chain, lordosis: FloatArray, modes: dict[str, FloatArray]) -> FloatArray:
    """What each disc and body from L5 to L1 and the disc above adds to the tilt."""
    names = [level for level in reversed(chain.levels) if level[0] == "L"]
    # Counted from the sacrum: the last lumbar vertebra has the shape of L5 whatever its number.
    rows = [LUMBAR_LORDOSIS[max(len(LUMBAR_LORDOSIS) - 1 - n, 0)] for n in range(len(names))]
    shares = [LORDOSIS_SHARE[max(len(LORDOSIS_SHARE) - 1 - n, 0)] for n in range(len(names))]
    usual = sum(segment for _, segment, _ in rows)
    position = np.linspace(1.0, -1.0, len(names))
    steps = []
    for (_, segment, wedge), share, low in zip(rows, shares, position, strict=True):
        whole = segment + share / sum(shares) * (lordosis - usual)
        whole = whole + low * modes["lumbar_exchange"] / len(names) * 2.0
        top = max(-low, 0.0) - 0.5 * (abs(low) < 0.6)
        whole = whole + top * modes["lumbar_top"] / 2.0
        body = -wedge + 0.25 * (whole - segment)
        steps += [-(whole - body), -body]
    junction = modes["junction"]
    steps.append(DISC_BELOW_THORAX + 0.4 * junction)
    return np.stack([np.broadcast_to(step, lordosis.shape) for step in steps], axis=1)


def _thoracic(chain: Chain, kyphosis: FloatArray, modes: dict[str, FloatArray]) -> FloatArray:
    """What each body and disc from the last thoracic vertebra to T1 adds to the tilt."""
    names = [level for level in chain.levels if level[0] == "T"]
    at = np.linspace(0.0, 1.0, len(names))
    profile = np.interp(at, np.linspace(0.0, 1.0, len(THORACIC_KYPHOSIS)), THORACIC_KYPHOSIS)
    profile = profile / profile.sum()
    exchange = np.cos(np.pi * at)
    apex = np.cos(2.0 * np.pi * at)
    steps: list[FloatArray] = []
    for n in reversed(range(len(names))):
        whole = profile[n] * kyphosis
        whole = whole + exchange[n] / len(names) * 2.0 * modes["thoracic_exchange"]
        whole = whole + apex[n] / len(names) * 2.0 * modes["thoracic_apex"]
        if n >= len(names) - 2:
            whole = whole + 0.3 * modes["junction"]
        body = THORACIC_BODY_SHARE * whole
        if n < len(names) - 1:
            # The disc below this vertebra belongs to its segment; the last one's is the junction.
            steps.append(whole - body)
        else:
            body = whole
        steps.append(body)
    return np.stack(steps, axis=1)


def _cervical(
    first: FloatArray, modes: dict[str, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """What each disc and body from C7-T1 to C2 adds to the tilt."""
    count = len(first)
    lordosis = CERVICAL_LORDOSIS.mean + CERVICAL_PER_T1_SLOPE * (first - USUAL_T1_SLOPE)
    lordosis = lordosis + rng.normal(0.0, CERVICAL_LORDOSIS.sd, count)
    steps = [-2.0 - 0.5 * modes["cervicothoracic"]]
    at = np.linspace(1.0, -1.0, 5)
    for n in range(5):
        whole = lordosis / 5.0 + at[n] / 5.0 * 2.0 * modes["cervical_exchange"]
        steps += [
            -(1.0 - CERVICAL_DISC_SHARE) * whole - 0.1 * modes["cervicothoracic"],
            -CERVICAL_DISC_SHARE * whole,
        ]
    steps.append(rng.normal(0.0, 6.0, count))
    return np.stack(steps, axis=1)


def _plumb_line(chain: Chain, tilts: FloatArray) -> FloatArray:
    """C7 centroid over the posterior corner of S1 for spines of mean size, mm."""
    angle = np.radians(tilts)
    along = np.exp(-1j * (angle[:, 1:] + angle[:, :-1]) / 2.0)
    bend = np.diff(angle, axis=1) / 2.0
    heights, depths = [], [SACRAL_DEPTH_MM.mean]
    for level in reversed(chain.levels):
        row = BODY[level]
        heights += [row.disc, row.height]
        depths += [row.depth_inferior, row.depth_superior]
    depth = np.array(depths)
    upward = np.tile(np.array(heights), (len(tilts), 1))
    upward[:, 1::2] -= ((depth[1:] + depth[:-1]) / 2.0 * np.sin(bend))[:, 1::2]
    forward = np.diff(depth) / 2.0 * np.cos(bend)
    middle = np.cumsum((forward + 1j * upward) * along, axis=1)
    low = chain.plate_of("C7", "inferior")
    corner = -depth[0] / 2.0 * np.cos(angle[:, 0])
    plumb: FloatArray = (middle[:, low - 1].real + middle[:, low].real) / 2.0 - corner
    return plumb


def balance_weights(plumb: FloatArray, target: tuple[float, float]) -> FloatArray:
    """Weights, mean 1, that give drawn plumb lines the normal distribution of the target."""
    edges = np.quantile(plumb, np.linspace(0.0, 1.0, 201))
    middles = (edges[1:] + edges[:-1]) / 2.0
    density = np.interp(plumb, middles, 1.0 / np.maximum(np.diff(edges), 1e-6))
    wanted = np.exp(-0.5 * ((plumb - target[0]) / target[1]) ** 2)
    weights: FloatArray = wanted / density
    weights = np.minimum(weights / weights.mean(), LARGEST_WEIGHT)
    scaled: FloatArray = weights / weights.mean()
    return scaled


def train(seed: int = SEED, draws: int = DRAWS) -> dict[str, FloatArray]:
    """Mean (radians) and packed covariance of tilts and pelvic tilt, by count and component."""
    kept: dict[str, FloatArray] = {}
    for thoracic, lumbar in COUNTS:
        chain = chain_of(thoracic, lumbar)
        means, packed = [], []
        for number, row in enumerate(POSTURES):
            rng = np.random.default_rng([seed, thoracic, lumbar, number])
            postures, plumb = draw_postures(chain, row, draws, rng)
            weights = balance_weights(plumb, row.sva)
            mean = np.average(postures, axis=0, weights=weights)
            covariance = np.cov(postures.T, aweights=weights) * WIDER
            means.append(np.radians(mean))
            rows, columns = np.triu_indices(len(mean))
            packed.append((covariance * np.radians(1.0) ** 2)[rows, columns])
        kept[f"mean_{thoracic}_{lumbar}"] = np.array(means).astype(np.float32)
        kept[f"covariance_{thoracic}_{lumbar}"] = np.array(packed).astype(np.float32)
    return kept


def main(path: Path) -> None:
    """Write the prior's data."""
    np.savez_compressed(path, allow_pickle=False, **train())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
