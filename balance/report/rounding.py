"""Numbers as they are printed."""

from __future__ import annotations


def number(value: float, decimals: int) -> str:
    """A rounded number that never reads -0.

    Examples
    --------
    >>> number(-0.04, 1), number(59.99999, 0)
    ('0.0', '60')
    """
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def value_text(value: float, unit: str) -> str:
    """One decimal for degrees, millimetres and percent, two for a ratio."""
    return number(value, 2 if unit == "1" else 1)


def signed_mm(value: float) -> str:
    """A growth in whole millimetres with its sign; without one where nothing changes.

    Examples
    --------
    >>> signed_mm(4.6), signed_mm(-0.3)
    ('+5 mm', '0 mm')
    """
    whole = round(value)
    return f"{whole:+d} mm" if whole else "0 mm"


def interval_text(low: float, high: float, unit: str) -> str:
    """An interval in whole units, with a decimal more where it is narrow.

    Examples
    --------
    >>> interval_text(51.2, 68.8, "deg"), interval_text(-0.2, 1.3, "deg")
    ('51 to 69', '-0.2 to 1.3')
    """
    decimals = 2 if unit == "1" else 0 if high - low >= 4.0 else 1
    return f"{number(low, decimals)} to {number(high, decimals)}"
