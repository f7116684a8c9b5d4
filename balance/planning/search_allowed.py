"""What a surgeon allows and forbids, as it is written on a command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from balance.anatomy import LEVELS, SACRUM
from balance.errors import BadPlan
from balance.planning.procedures import PROCEDURE
from balance.planning.search_space import Choice

STEP_DEG = 5.0
"""Between the angles of a procedure that are tried, where the surgeon names no others."""
MOST_ANGLES = 100


def choices(
    allowed: Sequence[str],
    forbidden: Sequence[str] = (),
    *,
    levels: Sequence[str] | None = None,
    taken: Collection[str] = (),
) -> tuple[Choice, ...]:
    """Read what is allowed: ``SITE:PROCEDURE``, ``SITE:PROCEDURE:15,20`` or ``…:10..30``.

    A site, a procedure or a procedure at a site that is forbidden is left out, and so are the
    sites that are ``taken`` by corrections that stand already. Letters may be large or small.
    ``levels`` are those of the spine.

    Raises
    ------
    BadPlan
        One sentence: which part cannot be read, or that nothing is left.

    Examples
    --------
    >>> choices(["L5_S1:alif:5..15", "L4:pso"], forbidden=["L4"])
    (Choice(site='L5_S1', options=(('alif', 5.0), ('alif', 10.0), ('alif', 15.0)), given=None),)
    """
    without = {_forbidden(text, levels) for text in forbidden}
    by_site: dict[str, list[tuple[str, float]]] = {}
    for text in allowed:
        site, _, rest = text.partition(":")
        key, _, degrees = rest.partition(":")
        site, key = _site(text, site, levels), _procedure(text, key)
        if not {(site, ""), ("", key), (site, key)} & without:
            by_site.setdefault(site, []).extend((key, one) for one in _degrees(text, key, degrees))
    if allowed and not by_site:
        raise BadPlan("--forbid leaves nothing of what is allowed; allow or forbid other things")
    free = {site: pairs for site, pairs in by_site.items() if site not in taken}
    if by_site and not free:
        raise BadPlan(
            f"the plan has its corrections at {', '.join(by_site)} already, and nothing else is "
            "allowed; allow another site"
        )
    return tuple(Choice(site, tuple(dict.fromkeys(pairs))) for site, pairs in free.items())


def _forbidden(text: str, levels: Sequence[str] | None) -> tuple[str, str]:
    """Site and procedure that are forbidden, one of them empty where it is any."""
    first, colon, second = text.partition(":")
    if colon:
        return _site(text, first, levels), _procedure(text, second)
    if first.lower() in PROCEDURE:
        return "", first.lower()
    return _site(text, first, levels), ""


def _site(text: str, written: str, levels: Sequence[str] | None) -> str:
    site = written.upper()
    vertebrae = site.split("_")
    known = LEVELS if levels is None else levels
    if vertebrae[0] != SACRUM and len(vertebrae) <= 2 and set(vertebrae) <= set(known):
        steps = [known.index(below) - known.index(vertebrae[0]) for below in vertebrae[1:]]
        # Which vertebrae follow on each other is told by the spine alone.
        if not steps or steps == [1] or (levels is None and steps[0] > 0):
            return site
    raise BadPlan(
        f"{text!r}: {written!r} is no body and no disc of this spine, and no procedure; write a "
        f"site such as L3 or L4_L5, or one of {', '.join(PROCEDURE)}"
    )


def _procedure(text: str, written: str) -> str:
    if written.lower() not in PROCEDURE:
        known = ", ".join(PROCEDURE)
        raise BadPlan(f"{text!r}: write SITE:PROCEDURE with one of {known}")
    return written.lower()


def _degrees(text: str, key: str, degrees: str) -> list[float]:
    low, dots, high = degrees.partition("..")
    try:
        if dots:
            return _ladder(float(low), float(high))
        if degrees:
            return [float(one) for one in degrees.split(",")]
    except (ValueError, OverflowError):
        raise BadPlan(f"{text!r}: write degrees as 15,20 or 10..30") from None
    row = PROCEDURE[key]
    if row.usual is not None:
        return _ladder(*row.usual)
    if row.typical is not None:
        return [row.typical]
    raise BadPlan(f"{text!r}: no usual range of {key} was confirmed; write degrees, 10..20")


def _ladder(low: float, high: float) -> list[float]:
    """Steps from the lower number to the higher one, the last step shortened to end there."""
    count = int((high - low) / STEP_DEG + 1e-9) + 1
    if high < low or count > MOST_ANGLES:
        raise ValueError("not a ladder")
    steps = [low + STEP_DEG * step for step in range(count)]
    return steps if high - steps[-1] < 1e-9 else [*steps, high]
