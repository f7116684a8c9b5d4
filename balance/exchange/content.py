"""What stands in a file of another format, before anything is made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from balance.errors import BadLandmarks

MAXIMUM_BYTES = 128 * 2**20


def load_json(path: Path) -> dict[str, Any]:
    """The one JSON object of a file.

    Raises
    ------
    BadLandmarks
        One sentence without the file's name.
    """

    def no_constant(word: str) -> None:
        raise BadLandmarks(f"{word} is not a finite number; correct the file")

    text = load_text(path)
    try:
        content = json.loads(text, parse_constant=no_constant)
    except BadLandmarks:
        raise
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadLandmarks(f"broken JSON at {place}; export the file again") from None
    except (RecursionError, ValueError):
        raise BadLandmarks("JSON that no landmark file needs; export it again") from None
    return dict(require_object(content, "the file"))


def load_text(path: Path) -> str:
    """A text file of sensible size, with or without a byte order mark."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise BadLandmarks(f"larger than {MAXIMUM_BYTES >> 20} MiB; split it")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadLandmarks(f"{reason}; check the path and its permissions") from None
    except UnicodeDecodeError:
        raise BadLandmarks("not UTF-8 text; save it as UTF-8") from None


def require_object(value: object, what: str) -> Mapping[str, Any]:
    """The value as a JSON object, or a sentence that names what should be one."""
    if not isinstance(value, Mapping):
        raise BadLandmarks(f"{what} must be a JSON object; export it again")
    return value


def require_list(value: object, what: str) -> list[Any]:
    """The value as a JSON array, or a sentence that names what should be one."""
    if not isinstance(value, list):
        raise BadLandmarks(f"{what} must be a list; export it again")
    return value


def finite(value: object, what: str) -> float:
    """The value as a finite number, or a sentence that names what should be one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise BadLandmarks(f"{what} is not a finite number; correct it")


def encode_json(content: Mapping[str, Any]) -> bytes:
    """A JSON file that every reader accepts."""
    try:
        return json.dumps(content, allow_nan=False).encode() + b"\n"
    except (RecursionError, ValueError):
        raise BadLandmarks("a field cannot be written as JSON; correct the document") from None
