"""A reader's own list of points, from a text file or JSON.

One entry a line: a point (``C7_centroid``), an endplate (``L1 superior``), a level (``L3``: its
four corners), levels (``T4-T8``), their centres (``T4-T8 centroid``), or a word: ``hips``,
``S1``, ``dens``, ``crests``, ``clavicles``, ``ribs``, ``levels`` (count them), ``candidate``
(another sacral endplate?). ``#`` begins a remark. As JSON: a list of such entries, or an object
with ``lateral`` and ``frontal`` lists and a ``title``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from balance.anatomy import ENDPLATES, LEVELS, SACRUM, VERTEBRAE, body_names, plate_names
from balance.errors import BalanceError
from balance.landmarks.editor.protocols import (
    CANDIDATE,
    FILM,
    HEADS,
    LEVELS_STEP,
    Protocol,
    is_step_name,
)
from balance.radiograph import View

VIEWS: tuple[View, View] = ("lateral", "frontal")
LARGEST = 2**20
_RANGE = re.compile(r"([CTL]\d{1,2})\s*(?:-|to)\s*([CTLS]\d{1,2})(?:\s+(\w+))?", re.IGNORECASE)
_LEVEL = re.compile(r"([CTLS]\d{1,2})(?:[\s_]+(superior|inferior|centroid))?", re.IGNORECASE)
_PAIRS = {"crests": "iliac_crest", "clavicles": "clavicle", "ribs": "rib"}


class BadProtocol(BalanceError):
    """A list of points that cannot be asked for."""


def read_protocol(path: Path) -> Protocol:
    """Read a reader's own list.

    Raises
    ------
    BadProtocol
        One sentence: which file, which entry, what is possible.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise BadProtocol(f"{path}: larger than 1 MiB; a list of points is far smaller")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadProtocol(f"{path}: {reason}; check the path") from None
    except UnicodeDecodeError:
        raise BadProtocol(f"{path}: not UTF-8 text; save the list as UTF-8") from None
    try:
        return parse_protocol(text, path.stem)
    except BadProtocol as error:
        raise BadProtocol(f"{path}: {error}") from None


def parse_protocol(text: str, name: str) -> Protocol:
    r"""The protocol of a list's text.

    Examples
    --------
    >>> parse_protocol("S1\nhips", "mine").lateral[1:]
    ('S1_superior_posterior', 'S1_superior_anterior', 'femoral_head_1', 'femoral_head_2')
    """
    title = ""
    entries: dict[View, list[str]]
    if text.lstrip().startswith(("[", "{")):
        told = _json(text)
        title = str(told.get("title") or "")
        entries = {view: _strings(told, view) for view in VIEWS}
        possible: dict[View, tuple[View, ...]] = {view: (view,) for view in VIEWS}
        if "points" in told:
            entries = {view: _strings(told, "points") for view in VIEWS}
            possible = dict.fromkeys(VIEWS, VIEWS)
    else:
        lines = [line.split("#")[0].strip() for line in text.splitlines()]
        entries = {view: [line for line in lines if line] for view in VIEWS}
        possible = dict.fromkeys(VIEWS, VIEWS)
    steps: dict[View, tuple[str, ...]] = {}
    for view in VIEWS:
        names = [FILM]
        for entry in entries[view]:
            if not any(list(_names(entry, one)) for one in possible[view]):
                raise BadProtocol(
                    f"{entry[:60]!a} is no point and no region; write L1_superior_anterior, L1, "
                    "L1 superior, T4-T8, S1, hips, dens, crests, clavicles or ribs"
                )
            names += _names(entry, view)
        steps[view] = tuple(dict.fromkeys(names)) if len(set(names)) > 1 else ()
    if not any(steps.values()):
        raise BadProtocol("the list is empty; write one point or region a line")
    return Protocol(name, title or f"your list {name}", steps["lateral"], steps["frontal"])


def _names(entry: str, view: View) -> Iterator[str]:
    """The steps that an entry stands for in a view; none where it does not fit."""
    word = entry.strip()
    lower = word.lower()
    if lower in (FILM, LEVELS_STEP, CANDIDATE):
        yield lower
    elif is_step_name(word, view):
        yield word
    elif lower == "hips":
        yield from HEADS[view]
    elif lower == "dens":
        yield "C2_dens"
    elif lower in _PAIRS and view == "frontal":
        yield from (f"{_PAIRS[lower]}_{side}" for side in ("left", "right"))
    elif match := _LEVEL.fullmatch(word):
        yield from _of_level(match[1].upper(), (match[2] or "").lower(), view)
    elif (match := _RANGE.fullmatch(word)) and {match[1].upper(), match[2].upper()} <= set(LEVELS):
        ends = sorted(LEVELS.index(match[n].upper()) for n in (1, 2))
        part = (match[3] or "").lower().removesuffix("s")
        for level in reversed(LEVELS[ends[0] : ends[1] + 1]):
            yield from _of_level(level, part, view)


def _of_level(level: str, part: str, view: View) -> Iterator[str]:
    if level not in LEVELS or part not in ("", "centroid", *ENDPLATES):
        return
    if level == SACRUM:
        if part in ("", "superior"):
            yield from plate_names(SACRUM, "superior", view)
    elif part == "centroid":
        yield f"{level}_centroid"
    elif part == "":
        superior, inferior = body_names(level, view)[:2], body_names(level, view)[2:]
        yield from (*inferior, *superior)
    elif level in VERTEBRAE:
        yield from plate_names(level, "superior" if part == "superior" else "inferior", view)


def _json(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise BadProtocol("broken JSON; write one point a line, or a JSON list") from None
    return told if isinstance(told, dict) else {"points": told}


def _strings(told: Mapping[str, Any], key: str) -> list[str]:
    listed = told.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise BadProtocol(f"{key} must be a list of points in quotes")
    return listed
