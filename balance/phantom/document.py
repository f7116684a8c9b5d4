"""The landmark document of a phantom's film: what a reader would have clicked, or the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from balance.phantom.exposure import Calibration, Exposure
from balance.phantom.sheet import Phantom

SOFTWARE = "spinal-balance phantom"


@dataclass(frozen=True, slots=True)
class Details:
    """What a document says beside its points; None is left out."""

    age_years: int | None = None
    sex: str | None = None
    pseudonym: str | None = None
    case: str | None = None
    acquired: str | None = None
    position: str = "standing"
    arms: str = "fists_on_clavicles"
    knees: str = "not_seen"
    system: str = "slot_scan"
    counted_from: str = "C2"
    surgery: str | None = None
    fusion: tuple[str, str] | None = None
    unconfirmed: tuple[str, ...] = ()
    image: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clicks:
    """How a reader missed: standard deviation per axis in millimetres, from a seed."""

    sd_mm: float
    seed: int


def landmark_document(
    phantom: Phantom,
    exposure: Exposure,
    *,
    scale: Calibration | None,
    details: Details | None = None,
    clicks: Clicks | None = None,
) -> dict[str, Any]:
    """The contract's landmark document of a phantom.

    Parameters
    ----------
    phantom, exposure
        What lies where on the film.
    scale
        What the film says about its scale; None or the state ``none`` writes a null scale.
    details
        Subject, case, acquisition; by default nobody.
    clicks
        Noise of a reader; None gives the exact points.

    Returns
    -------
    dict
        Plain values, ready for JSON; coordinates in pixels, (0, 0) the centre of the first one.

    Examples
    --------
    >>> from balance.phantom.exposure import calibration, expose
    >>> from balance.phantom.lateral import LateralChoices, lateral_phantom
    >>> phantom = lateral_phantom(LateralChoices())
    >>> film = expose(phantom, (0.5, 0.5), "right")
    >>> landmark_document(phantom, film, scale=calibration("none"))["spacing_mm"] is None
    True
    """
    details = Details() if details is None else details
    document: dict[str, Any] = {
        "format": "spinal-balance-landmarks",
        "version": 1,
        "view": phantom.view,
        _side_key(phantom): exposure.frame.positive_side,
        "vertical": _vertical(exposure),
        "spacing_mm": spacing(exposure, scale),
        "patient": {
            "age_years": details.age_years,
            "sex": details.sex,
            "id": details.pseudonym,
        },
        "case": details.case,
        "acquired": details.acquired,
        "acquisition": {
            "position": details.position,
            "arms": details.arms,
            "knees": details.knees,
            "system": details.system,
        },
        "vertebrae": _count(phantom, details.counted_from),
        "surgery": details.surgery,
        "fusion": _fusion(details),
        "image": dict(details.image) or None,
        "points": _points(phantom, exposure, details, clicks),
        "software": SOFTWARE,
    }
    return {key: value for key, value in document.items() if value is not None or key in KEPT}


KEPT = ("spacing_mm",)
"""Fields whose null says something: there is no scale."""


def _side_key(phantom: Phantom) -> str:
    return "facing" if phantom.view == "lateral" else "patient_right"


def _vertical(exposure: Exposure) -> list[list[float]] | None:
    """The plumb line on the film, where there is one."""
    line = exposure.frame.vertical
    return None if line is None else [[float(value) for value in end] for end in line]


def spacing(exposure: Exposure, scale: Calibration | None) -> dict[str, Any] | None:
    """The scale as the document writes it: told millimetres per pixel, not always the true ones."""
    if scale is None or scale.state == "none":
        return None
    return {
        "row": round(exposure.row_mm * scale.shown, 9),
        "column": round(exposure.column_mm * scale.shown, 9),
        "source": scale.state,
        "plane": scale.plane,
    }


def _count(phantom: Phantom, counted_from: str) -> dict[str, Any]:
    return {
        "thoracic": sum(level.startswith("T") for level in phantom.levels),
        "lumbar": sum(level.startswith("L") for level in phantom.levels),
        "counted_from": counted_from,
    }


def _fusion(details: Details) -> dict[str, str] | None:
    if details.fusion is None:
        return None
    return {"uiv": details.fusion[0], "liv": details.fusion[1]}


def _points(
    phantom: Phantom, exposure: Exposure, details: Details, clicks: Clicks | None
) -> dict[str, dict[str, Any]]:
    names = list(phantom.points)
    plane = np.array([phantom.points[name] for name in names])
    if clicks is not None:
        noise = np.random.default_rng(clicks.seed).normal(0.0, clicks.sd_mm, plane.shape)
        plane = plane + noise
    unknown = set(details.unconfirmed) - set(names)
    if unknown:
        raise ValueError(f"no such point to leave unconfirmed: {', '.join(sorted(unknown))}")
    # A thousandth of a pixel is finer than any click; exact documents keep every digit.
    digits = 15 if clicks is None else 3
    pixels = exposure.pixels(plane).tolist()
    found: dict[str, dict[str, Any]] = {}
    for name, (x, y) in zip(names, pixels, strict=True):
        found[name] = {"x": round(x, digits), "y": round(y, digits)}
        if name in phantom.radii:
            found[name]["radius"] = round(phantom.radii[name] / exposure.column_mm, digits)
        if name in details.unconfirmed:
            found[name] |= {"confirmed": False, "source": "predicted"}
    return found
