"""A reader's own noise, as a file: made from repeated readings, used for that reader's intervals.

The sites are the groups of :mod:`balance.landmarks.noise`; a group that is not in the file keeps
its default. The format is the one that reader studies write, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from balance import __version__
from balance.errors import BalanceError
from balance.landmarks.model import Landmarks, SiteDeviation
from balance.landmarks.noise import (
    CLICK,
    CSVL,
    ELSEWHERE,
    FRONTAL_CORNERS,
    HIP_AXIS,
    LATERAL_CORNERS,
    LATERAL_HEAD,
)
from balance.landmarks.schema import SiteDeviationEntry
from balance.writing import json_bytes, write_atomically

FORMAT = "spinal-balance-noise"
VERSION = 1
LARGEST = 2**20
SITES: tuple[str, ...] = tuple(
    row.site
    for row in (
        *LATERAL_CORNERS, FRONTAL_CORNERS, CLICK, LATERAL_HEAD, HIP_AXIS, CSVL, ELSEWHERE,
    )
)  # fmt: skip
"""The groups of sites that a file may speak of."""


class BadNoise(BalanceError):
    """A file of noise that cannot be used."""


class _File(BaseModel):
    model_config = ConfigDict(extra="allow")

    format: Literal["spinal-balance-noise"]
    version: Literal[1]
    readings: Literal["within_reader", "between_readers"]
    reader: str | None = None
    films: int | None = Field(default=None, ge=0)
    sites: list[SiteDeviationEntry]


@dataclass(frozen=True, slots=True)
class ReaderNoise:
    """What a reader's repeated readings say.

    ``repeats`` is how many points each site rests on, in the order of ``sites``; ``films`` on how
    many films they were.
    """

    reader: str | None
    sites: tuple[SiteDeviation, ...]
    films: int | None = None
    repeats: tuple[int, ...] = ()


def read_reader_noise(path: Path) -> ReaderNoise:
    """Read a file of noise.

    Raises
    ------
    BadNoise
        One sentence: which file, what is wrong, what to do.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise BadNoise(f"{path}: larger than 1 MiB; a file of noise is far smaller")
        told = json.loads(path.read_bytes())
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadNoise(f"{path}: {reason}; check the path") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadNoise):
            raise
        raise BadNoise(f"{path}: no JSON; name a file that --repeat or agree wrote") from None
    try:
        file = _File.model_validate(told)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the file"
        raise BadNoise(
            f"{path}: field {place} is not that of a file of noise, version 1; name a file that "
            "--repeat or agree wrote"
        ) from None
    if file.readings != "within_reader":
        raise BadNoise(
            f"{path}: holds the differences between readers; a reader's own noise comes from "
            "that reader's repeated readings"
        )
    names = [one.site for one in file.sites]
    odd = next((name for name in names if name not in SITES), None)
    if odd is not None or len(set(names)) < len(names):
        wrong = f"{odd!a} is no group of sites" if odd else "a group of sites stands twice"
        raise BadNoise(f"{path}: {wrong}; the groups are {'; '.join(SITES)}")
    sites = tuple(SiteDeviation(s.site, s.normal_mm, s.tangential_mm) for s in file.sites)
    return ReaderNoise(file.reader, sites, file.films)


def write_reader_noise(noise: ReaderNoise, path: Path) -> None:
    """Write a file of noise atomically."""
    repeats: Sequence[int | None] = noise.repeats or (None,) * len(noise.sites)
    sites = [
        {
            "site": site.site,
            "normal_mm": site.normal_mm,
            "tangential_mm": site.tangential_mm,
            **({} if count is None else {"repeats": count}),
        }
        for site, count in zip(noise.sites, repeats, strict=True)
    ]
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "software": f"spinal-balance {__version__}",
        "readings": "within_reader",
        "reader": noise.reader,
        "films": noise.films,
        "sites": sites,
    }
    write_atomically(path, json_bytes({k: v for k, v in document.items() if v is not None}))


def with_reader_noise(landmarks: Landmarks, noise: ReaderNoise) -> Landmarks:
    """The landmarks with a reader's noise, where they are that reader's or nobody says whose.

    A document of another reader stays as it is, and a warning says so.
    """
    if None not in (landmarks.reader, noise.reader) and landmarks.reader != noise.reader:
        said = "the noise file is another reader's: it is not used for this film"
        return replace(landmarks, warnings=(*landmarks.warnings, said))
    return replace(landmarks, reader_noise=noise.sites)
