"""Events as lines of a journal, and back; what is no event is refused, whatever it is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from balance.landmarks.editor.events import EVENTS, Event, Proposed

_FACTORS = "factors"


class NoEvent(ValueError):
    """A line that holds no event of this version."""


def encode_event(event: Event) -> dict[str, Any]:
    """An event as a JSON object; factors of a covariance are packed in single precision."""
    record = {"event": type(event).__name__, **_record(event)}
    if isinstance(event, Proposed):
        packed = np.asarray(event.factors, "<f4").tobytes()
        record[_FACTORS] = base64.b64encode(packed).decode()
    return record


def decode_event(record: Mapping[str, Any]) -> Event:
    """The event of a JSON object.

    Raises
    ------
    NoEvent
        An unknown kind, a missing or unknown field, a value of another type.
    """
    told = dict(record)
    kind = EVENTS.get(str(told.pop("event", "")))
    if kind is None:
        raise NoEvent("an unknown kind of event")
    packed = told.pop(_FACTORS, None)
    event: Event = _build(kind, told)
    if isinstance(event, Proposed):
        return replace(event, factors=_unpack(packed, len(event.factor_points)))
    if packed is not None:
        raise NoEvent(f"{kind.__name__} has no factors")
    return event


def settle(event: Event) -> Event:
    """The event exactly as a journal gives it back."""
    return decode_event(encode_event(event))


def _record(value: Any) -> dict[str, Any]:
    told = {}
    for one in fields(value):
        part = getattr(value, one.name)
        if one.name != _FACTORS and part != one.default:
            told[one.name] = _plain(part)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, np.generic):
        return value.item()
    return value


def _unpack(packed: Any, points: int) -> tuple[tuple[float, ...], ...]:
    if not isinstance(packed, str):
        raise NoEvent("factors of another type")
    try:
        values = np.frombuffer(base64.b64decode(packed, validate=True), "<f4")
    except ValueError:
        raise NoEvent("factors that cannot be read") from None
    if values.size and (points == 0 or values.size % (2 * points)):
        raise NoEvent("factors that do not fit their points")
    rows = values.astype(float).reshape(-1, 2 * points or 1)
    return tuple(map(tuple, rows.tolist()))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: type, told: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    if not told.keys() <= hints.keys():
        raise NoEvent(f"{kind.__name__} with a field that is not known")
    try:
        return kind(**{name: _value(hints[name], value) for name, value in told.items()})
    except TypeError:
        raise NoEvent(f"{kind.__name__} without one of its fields") from None


def _value(hint: Any, value: Any) -> Any:
    """A JSON value as the type that a field has."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        for option in inner:
            try:
                return _value(option, value)
            except NoEvent:
                continue
    elif origin is Literal:
        if isinstance(value, str) and value in inner:
            return value
    elif origin is tuple and isinstance(value, list):
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_value(inner[0], part) for part in value)
        if len(inner) == len(value):
            return tuple(_value(part, one) for part, one in zip(inner, value, strict=True))
    elif is_dataclass(hint) and isinstance(value, Mapping):
        return _build(hint, value)  # type: ignore[arg-type]
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _finite_or_not(value)
    elif hint in (int, str, bool, NoneType) and type(value) is hint:
        return value
    raise NoEvent("a value of another type")


def _finite_or_not(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise NoEvent("a number without end") from None
