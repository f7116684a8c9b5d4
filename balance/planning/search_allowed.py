"""What a surgeon allows, as it is written on a command line."""

from __future__ import annotations

from collections.abc import Sequence

from balance.errors import BadPlan
from balance.planning.procedures import PROCEDURE
from balance.planning.search_space import Choice

STEP_DEG = 5.0
"""Between the angles of a procedure that are tried, where the surgeon names no others."""
MOST_ANGLES = 100


def choices(allowed: Sequence[str], forbidden: Sequence[str] = ()) -> tuple[Choice, ...]:
    """Read what is allowed: ``SITE:PROCEDURE``, ``SITE:PROCEDURE:15,20`` or ``…:10..30``.

    A site or a procedure that is forbidden is left out.

    Raises
    ------
    BadPlan
        One sentence: which part cannot be read.

    Examples
    --------
    >>> choices(["L5_S1:alif:5..15", "L4:pso"], forbidden=["L4"])
    (Choice(site='L5_S1', options=(('alif', 5.0), ('alif', 10.0), ('alif', 15.0))),)
    """
    by_site: dict[str, list[tuple[str, float]]] = {}
    for text in allowed:
        site, _, rest = text.partition(":")
        key, _, degrees = rest.partition(":")
        if key not in PROCEDURE:
            known = ", ".join(PROCEDURE)
            raise BadPlan(f"{text!r}: write SITE:PROCEDURE with one of {known}")
        if not {site, key} & set(forbidden):
            by_site.setdefault(site, []).extend((key, one) for one in _degrees(text, key, degrees))
    return tuple(Choice(site, tuple(dict.fromkeys(pairs))) for site, pairs in by_site.items())


def _degrees(text: str, key: str, degrees: str) -> list[float]:
    low, dots, high = degrees.partition("..")
    try:
        if dots:
            return _ladder(float(low), float(high))
        if degrees:
            return [float(one) for one in degrees.split(",")]
    except (ValueError, OverflowError):
        raise BadPlan(f"{text!r}: write degrees as 15,20 or 10..30") from None
    usual = PROCEDURE[key].usual
    if usual is None:
        raise BadPlan(f"{text!r}: no usual range of {key} was confirmed; write degrees, 10..20")
    return _ladder(*usual)


def _ladder(low: float, high: float) -> list[float]:
    """Steps from the lower number to the higher one, the last step shortened to end there."""
    count = int((high - low) / STEP_DEG + 1e-9) + 1
    if high < low or count > MOST_ANGLES:
        raise ValueError("not a ladder")
    steps = [low + STEP_DEG * step for step in range(count)]
    return steps if high - steps[-1] < 1e-9 else [*steps, high]
