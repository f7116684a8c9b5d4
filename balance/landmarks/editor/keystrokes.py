"""An estimate of a reader's time from the actions of a journal, by the keystroke-level model.

The model (:data:`balance.references` key ``card1980``) adds up the times of an expert's hand and
of getting ready for each decision. It knows no film: how long a reader looks for a blurred endplate
is not in it, nor is any slip. It serves to compare ways of working and to say what is out of reach,
not to promise a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import balance.landmarks.editor.events as ev
from balance.anatomy import level_of, parse_corner
from balance.landmarks.editor.journal import read_journal
from balance.landmarks.editor.lines import NoEvent, decode_event

Operator = Literal["K", "B", "P", "H", "M"]

SECONDS: Mapping[Operator, float] = {"K": 0.28, "B": 0.1, "P": 1.1, "H": 0.4, "M": 1.35}
"""A key (40 words a minute), one press or release of a mouse button, pointing, a hand moved between
mouse and keyboard, getting ready for a decision."""

CLICK, DRAG = "PBB", "PBPB"
_MOUSE: Mapping[type[Any], str] = {
    ev.Click: CLICK,
    ev.Place: CLICK,
    ev.RimPoint: CLICK,
    ev.FitHeads: "PK",
    ev.GoTo: CLICK,
    ev.Move: DRAG,
    ev.MoveRegion: DRAG,
    ev.SetVertical: CLICK + CLICK,
    ev.CalibrateLength: CLICK + CLICK + "H" + "KKKK",
    ev.CalibrateCircle: CLICK + CLICK + CLICK + "H" + "KKKK",
    ev.Tick: CLICK,
}
"""What the hand does for an action of the mouse; every other action is one key. A head is fitted
where the mouse points when a key is pressed."""
_NOTHING = (ev.Proposed,)
_VIEW: Mapping[str, str] = {"zoom": "BB", "pan": "BPB", "window": "BPB"}
"""Changes of the view; any other is one key."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The model's time, what it is made of, and the time that really passed by the journal."""

    protocol: str
    seconds: float
    operators: Mapping[Operator, int]
    actions: int
    recorded: float


def estimate_journal(path: Path) -> Estimate:
    """The estimate of a journal on disk, since the film was opened or last saved."""
    header, lines = read_journal(path)
    return estimate(lines, str(header.protocol.get("name", "")) if header else "")


def estimate(lines: Iterable[Mapping[str, Any]], protocol: str = "") -> Estimate:
    """The estimate of the lines of a journal."""
    counted: Counter[Operator] = Counter()
    hand, structure, actions = "mouse", "", 0
    first: float | None = None
    last = 0.0
    for line in lines:
        told = {key: value for key, value in line.items() if key != "t"}
        if "view" in told:
            hands, device, prepares = _VIEW.get(str(told["view"]), "K"), "mouse", False
        else:
            try:
                event = decode_event(told)
            except NoEvent:
                continue
            if isinstance(event, _NOTHING):
                continue
            hands = _hands(event)
            device = "mouse" if type(event) in _MOUSE else "keyboard"
            now = _structure(event)
            # The next corner of the same endplate and the next point of a rim follow by themselves.
            prepares = not now or now != structure
            structure = now
        actions += 1
        counted["M"] += prepares
        counted["H"] += device != hand
        for operator in hands:
            counted[operator] += 1  # type: ignore[index]
        hand = "keyboard" if hands.endswith("K") else "mouse"
        time = line.get("t")
        if isinstance(time, int | float):
            first = float(time) if first is None else first
            last = float(time)
    seconds = sum(SECONDS[operator] * count for operator, count in counted.items())
    return Estimate(protocol, seconds, dict(counted), actions, last - (first or 0.0))


def _hands(event: ev.Event) -> str:
    if isinstance(event, ev.SetNote):
        return "K" * (len(event.text) + 1)
    return _MOUSE.get(type(event), "K")


def _structure(event: ev.Event) -> str:
    """What an action looks at: an endplate, a head, a level; empty for any other decision."""
    if not isinstance(event, ev.Place | ev.RimPoint | ev.Nudge):
        return ""
    corner = parse_corner(event.name)
    if corner is not None:
        return f"{corner.level} {corner.endplate}"
    return level_of(event.name) or event.name
