"""The change of one value between two films, and how large it must be to mean anything.

A patient never stands twice alike: the 95 % change limit holds the placement noise of both films
and the posture of both, 1.96 sqrt(s1^2 + s2^2 + 2 s_posture^2). For SVA that is about 21 mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from balance.landmarks.model import Landmarks
from balance.metrics.model import NORMAL_95, Measurement, Unit

Verdict = Literal["beyond the change limit", "within the change limit"]

ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class PostureSpread:
    """How much a value varies when the same person stands again, as a standard deviation.

    ``keys`` are whole keys, or the part before the dot of segmental ones; ``source`` is a reference
    key or :data:`ESTIMATE`.
    """

    keys: tuple[str, ...]
    sd: float
    unit: Unit
    source: str


POSTURE: tuple[PostureSpread, ...] = (
    PostureSpread(("SVA",), 7.0, "mm", "standing2010"),
    PostureSpread(("C7_CSVL",), 3.5, "mm", "standing2010"),
    PostureSpread(("cSVA",), 5.0, "mm", ESTIMATE),
    PostureSpread(
        (
            "trunk_shift",
            "AVT_PT",
            "AVT_PT_to_csvl",
            "AVT_MT",
            "AVT_MT_to_csvl",
            "AVT_TL",
            "AVT_TL_to_c7",
        ),
        3.5,
        "mm",
        ESTIMATE,
    ),
    PostureSpread(("femoral_head_height_difference",), 2.0, "mm", ESTIMATE),
    PostureSpread(("listhesis", "lateral_listhesis"), 1.0, "mm", ESTIMATE),
    PostureSpread(("listhesis_percent", "lateral_listhesis_percent"), 3.0, "%", ESTIMATE),
    PostureSpread(
        ("height_loss", "height_loss_anterior", "height_loss_posterior"), 2.0, "%", ESTIMATE
    ),
    PostureSpread(("disc_height",), 1.0, "mm", ESTIMATE),
    PostureSpread(("LDI",), 5.0, "%", ESTIMATE),
    PostureSpread(("barrey_ratio",), 0.15, "1", ESTIMATE),
)
"""SVA over the 45 mm or so of the sacrofemoral distance gives the last row."""

ANGLES = PostureSpread((), 2.0, "deg", ESTIMATE)
"""Every angle, the pelvic ones included."""

_BY_KEY = {key: row for row in POSTURE for key in row.keys}


@dataclass(frozen=True, slots=True)
class Change:
    """One value on two films. ``change`` and ``limit`` are None where ``reason`` says why."""

    key: str
    unit: Unit
    before: Measurement
    after: Measurement
    change: float | None = None
    limit: float | None = None
    verdict: Verdict | None = None
    reason: str | None = None

    @property
    def confirmed(self) -> bool:
        """Whether every point behind both values is confirmed."""
        return self.before.confirmed and self.after.confirmed


def posture_spread(key: str, unit: Unit) -> PostureSpread:
    """The row of a value.

    Raises
    ------
    KeyError
        A value that is no angle and has no row.

    Examples
    --------
    >>> posture_spread("SVA", "mm").sd, posture_spread("listhesis.L4_L5", "mm").sd
    (7.0, 1.0)
    """
    return ANGLES if unit == "deg" else _BY_KEY[key.split(".")[0]]


def change_limit(before_sd: float, after_sd: float, posture_sd: float) -> float:
    """The change that reading and posture alone stay under in 95 %.

    Examples
    --------
    >>> round(change_limit(2.7, 2.7, 7.0), 1)
    20.8
    """
    return NORMAL_95 * math.sqrt(before_sd**2 + after_sd**2 + 2 * posture_sd**2)


def change_of(before: Measurement, after: Measurement, not_compared: str | None = None) -> Change:
    """What became of a value.

    Parameters
    ----------
    not_compared
        Why lengths (and the ratio that is made of one) are not compared on these films.
    """
    pair = Change(before.key, before.unit, before, after)
    reason = _why_not(before, after, not_compared)
    if reason is not None or before.value is None or after.value is None:
        return Change(before.key, before.unit, before, after, reason=reason)
    if before.sd is None or after.sd is None:
        return pair
    change = after.value - before.value
    limit = change_limit(before.sd, after.sd, posture_spread(before.key, before.unit).sd)
    verdict: Verdict = "within the change limit"
    if abs(change) > limit:
        verdict = "beyond the change limit"
    return Change(before.key, before.unit, before, after, change, limit, verdict)


def _why_not(before: Measurement, after: Measurement, not_compared: str | None) -> str | None:
    for one, which in ((before, "before"), (after, "after")):
        if one.value is None:
            return f"{which}: {one.reason}"
    return not_compared if before.unit in ("mm", "1") else None


TAKEN = (("position", "positions"), ("arms", "arms"), ("system", "systems"))


def why_lengths_differ(before: Landmarks, after: Landmarks) -> str | None:
    """Why lengths of these two films are not compared, or None where they are.

    Examples
    --------
    >>> from balance.radiograph import Acquisition
    >>> films = [Landmarks("lateral", {}, "right", acquisition=Acquisition(arms=arms))
    ...          for arms in ("relaxed", "fists_on_clavicles")]
    >>> why_lengths_differ(*films)
    'the arms differ (relaxed, fists on clavicles): lengths are not compared'
    """
    for field, words in TAKEN:
        one, two = (getattr(film.acquisition, field) for film in (before, after))
        if "unknown" not in (one, two) and one != two:
            told = ", ".join(word.replace("_", " ") for word in (one, two))
            return f"the {words} differ ({told}): lengths are not compared"
    return None


def not_recorded(before: Landmarks, after: Landmarks) -> tuple[str, ...]:
    """What nobody recorded of how the films were taken: it is taken to be alike."""
    return tuple(
        field
        for field, _ in TAKEN
        if "unknown" in (getattr(before.acquisition, field), getattr(after.acquisition, field))
    )
