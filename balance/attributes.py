"""Readers of DICOM attributes that answer None for what is absent or broken, and never raise."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

# what pydicom raises for values that do not fit their representation
_BROKEN = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, ArithmeticError)
_UNREADABLE = "?"


def value_of(dataset: Dataset, keyword: str) -> Any:
    """The value of an attribute; a placeholder that fits nothing where it cannot be read."""
    try:
        return dataset.get(keyword)
    except _BROKEN:
        return _UNREADABLE


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...] | None:
    """All values of a numeric attribute, NaN for what is no number; None where absent or empty."""
    value = value_of(dataset, keyword)
    if value is None or (not isinstance(value, (int, float)) and len(value) == 0):
        return None
    several = value if isinstance(value, (list, tuple)) or _is_multiple(value) else (value,)
    return tuple(_float(one) for one in several)


def _is_multiple(value: object) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, bytes))


def _float(value: Any) -> float:
    try:
        return float(value)
    except _BROKEN:
        return nan


def number(dataset: Dataset, keyword: str) -> float | None:
    """A numeric attribute of one value; NaN where it has several."""
    values = numbers(dataset, keyword)
    if values is None:
        return None
    return values[0] if len(values) == 1 else nan


def integer(dataset: Dataset, keyword: str) -> int | None:
    """A whole-number attribute; None where absent, broken or repeated."""
    value = number(dataset, keyword)
    return int(value) if value is not None and isfinite(value) and value == int(value) else None


def text(dataset: Dataset, keyword: str) -> str:
    """A text attribute of one value without its padding; empty where there is none."""
    value = value_of(dataset, keyword)
    return value.strip() if isinstance(value, str) else ""


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """A text attribute of any number of values."""
    value = value_of(dataset, keyword)
    several = (value,) if isinstance(value, str) else value if _is_multiple(value) else ()
    return tuple(str(one).strip() for one in several)


def code(dataset: Dataset, keyword: str, allowed: tuple[str, ...]) -> str | None:
    """A code string, only if it is one of those allowed."""
    value = text(dataset, keyword).upper()
    return value if value in allowed else None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence; none where it is no sequence."""
    value = value_of(dataset, keyword)
    return tuple(value) if isinstance(value, Sequence) else ()
