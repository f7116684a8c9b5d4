"""Implants: pedicle screws, rods and cages, opaque, on the film's soft sheet of metal."""

from __future__ import annotations

import numpy as np

from balance.phantom.canvas import ellipse, fill, smooth, stroke
from balance.phantom.look import Implants
from balance.phantom.sheet import Phantom
from balance.phantom.sheets import Sheets

TITANIUM = 1.5
SIDES = (-1.0, 1.0)


def draw_implants(sheets: Sheets, phantom: Phantom, implants: Implants, scale: float) -> None:
    """Draw the implants as the view shows them."""
    if phantom.view == "lateral":
        _lateral(sheets, phantom, implants, scale)
    else:
        _frontal(sheets, phantom, implants, scale)


def _lateral(sheets: Sheets, phantom: Phantom, implants: Implants, scale: float) -> None:
    heads: list[list[complex]] = [[], []]
    for level in implants.screws:
        back, along, up = _seat(phantom, level)
        for number, side in enumerate(SIDES):
            lift = (0.6 + 1.6 * side) * scale * up
            head = back - (17.0 + side) * scale * along + lift + 1.5 * scale * up
            tip = back + 27.0 * scale * along + lift - 0.5 * scale * up
            _screw(sheets, head, tip, (6.2 if level[0] != "T" else 5.2) * scale)
            heads[number].append(head - 2.5 * scale * along)
    if implants.iliac:
        back, along, up = _seat(phantom, "S1")
        for number, side in enumerate(SIDES):
            head = back - (20.0 + 2 * side) * scale * along - (24 + 3 * side) * scale * up
            _screw(sheets, head, head + (74.0 - 34j) * scale, 7.5 * scale)
            heads[number].append(head - 2.5 * scale * along)
    for line in heads:
        if len(line) > 1:
            stroke(sheets.metal, smooth(line, count=120), 5.5 * scale, TITANIUM, soften_mm=0.15)
    for level in implants.cages:
        _cage(sheets, phantom, level, ("posterior", "anterior"))


def _seat(phantom: Phantom, level: str) -> tuple[complex, complex, complex]:
    """The pedicle at the posterior wall, the way into the body, and up."""
    if level == "S1":
        back, front = phantom.at("S1_superior_posterior"), phantom.at("S1_superior_anterior")
        along = (front - back) / abs(front - back)
        return back - 9.0 * 1j * along, along, 1j * along
    top_back, top_front, foot_back, foot_front = phantom.corners(level)
    along = (top_front - top_back) + (foot_front - foot_back)
    along /= abs(along)
    return top_back + 0.28 * (foot_back - top_back), along, 1j * along


def _screw(sheets: Sheets, head: complex, tip: complex, wide: float) -> None:
    way = (tip - head) / abs(tip - head)
    stroke(sheets.metal, [head, tip - 3 * way], 0.72 * wide, TITANIUM, soften_mm=0.15)
    for place in np.arange(6.0, abs(tip - head) - 3.0, 2.6):
        at = head + place * way
        half = 0.5 * wide * 1j * way
        stroke(sheets.metal, [at - half, at + half], 1.0, 0.5 * TITANIUM, soften_mm=0.15)
    point = [tip - 4 * way + 0.36 * wide * 1j * way, tip, tip - 4 * way - 0.36 * wide * 1j * way]
    fill(sheets.metal, point, TITANIUM)
    stroke(sheets.metal, [head - 6 * way, head + 6 * way], 12.0, 1.1 * TITANIUM, soften_mm=0.2)


def _cage(sheets: Sheets, phantom: Phantom, level: str, ends: tuple[str, str]) -> None:
    """A radiolucent cage with its markers in the disc below a level."""
    below = phantom.levels[phantom.levels.index(level) + 1] if level != phantom.levels[-1] else "S1"
    low, high = (
        (phantom.at(f"{level}_inferior_{end}") + phantom.at(f"{below}_superior_{end}")) / 2.0
        for end in ends
    )
    for share in (0.25, 0.8):
        at = low + share * (high - low)
        up = 1j * (high - low) / abs(high - low)
        stroke(sheets.metal, [at - 3.6 * up, at + 3.6 * up], 1.3, TITANIUM)
    middle = low + 0.52 * (high - low)
    frame = ellipse(middle, 0.30 * (high - low), 0.42)
    stroke(sheets.metal, [*frame, frame[0]], 1.0, 0.12, soften_mm=0.3)


def _frontal(sheets: Sheets, phantom: Phantom, implants: Implants, scale: float) -> None:
    heads: list[list[complex]] = [[], []]
    for level in implants.screws:
        if level == "S1":
            if "S1_superior_left" not in phantom.points:
                continue
            low, high = phantom.at("S1_superior_left"), phantom.at("S1_superior_right")
            along = high - low
            middle, reach = (low + high) / 2.0 - 9 * scale * 1j * along / abs(along), 0.40
        else:
            top_low, top_high, foot_low, foot_high = phantom.corners(level)
            along = top_high - top_low
            middle = phantom.at(f"{level}_centroid")
            middle += 0.16 * (top_low + top_high - foot_low - foot_high) / 2.0
            reach = 0.36
        for number, side in enumerate(SIDES):
            entry = middle + side * reach * along
            inner = middle + side * 0.12 * along - 4 * scale * 1j * along / abs(along)
            _screw(sheets, entry, inner - side * 0.01 * along, 6.0 * scale)
            heads[number].append(entry)
    if implants.iliac and heads[0]:
        for number, side in enumerate(SIDES):
            entry = heads[number][-1] + complex(side * 14, -32) * scale
            _screw(sheets, entry, entry + complex(side * 24, -40) * scale, 7.5 * scale)
            heads[number].append(entry)
    for line in heads:
        if len(line) > 1:
            stroke(sheets.metal, smooth(line, count=120), 5.5 * scale, TITANIUM, soften_mm=0.15)
    for level in implants.cages:
        if level != phantom.levels[-1] or "S1_superior_left" in phantom.points:
            _cage(sheets, phantom, level, ("left", "right"))
