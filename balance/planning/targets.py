"""What a plan may aim at: published ranges for values, each with its source."""

from __future__ import annotations

import math
from collections.abc import Mapping

from balance.assessment.gap import (
    LORDOSIS_DISTRIBUTION,
    RELATIVE_LUMBAR_LORDOSIS,
    RELATIVE_PELVIC_VERSION,
    RELATIVE_SPINOPELVIC_ALIGNMENT,
    GapPart,
)
from balance.assessment.thresholds import AGE_BAND_YEARS, THRESHOLD
from balance.errors import BadPlan
from balance.metrics.catalogue import METRIC
from balance.planning.bounds import USER, Bound, Line, Target
from balance.radiograph import View

TOLERANCE = 5.0
"""Degrees either side of a formula that count as met; ours, the papers state none."""


def _around(metric: str, middle: Line, tolerance: float) -> Bound:
    low, high = (
        Line(middle.at + step, middle.per_pi, middle.per_year, middle.steps)
        for step in (-tolerance, tolerance)
    )
    return Bound(metric, low, high)


def _age_line(metric: str) -> Line:
    line = THRESHOLD[f"age_adjusted.{metric}"].age_line
    assert line is not None
    return Line(line.at_55 - 55.0 * line.per_year, 0.0, line.per_year)


def _age_band(metric: str) -> Bound:
    """From the target of ten years younger to that of ten years older."""
    line = _age_line(metric)
    return _around(metric, line, AGE_BAND_YEARS * line.per_year)


def _without_points(metric: str, part: GapPart, ideal: Line) -> Bound:
    """The range of a value in which a part of the GAP score gives no points."""
    place = part.points.index(0)
    low, high = (ideal.at + part.cuts[n].at for n in (place - 1, place))
    return Bound(metric, Line(low, ideal.per_pi), Line(high, ideal.per_pi))


def _lordosis(key: str, name: str, line: Line, source: str, whom: str) -> Target:
    bounds = (_around("LL", line, TOLERANCE),)
    return Target(f"lordosis.{key}", f"LL = {name}", bounds, (source,), whom, TOLERANCE)


AGE_TILT = _age_line("PT")
"""The target of PT by age."""
PI_CLASSES = (0.0, 38.0, 48.0, 58.0, 68.0, 78.0)
"""Where the classes of PI begin; the table prints whole degrees and leaves 78 itself open."""
LORDOSIS_OF_CLASS = tuple(zip(PI_CLASSES, (18.0, 13.0, 9.0, 6.0, 2.0, -5.0), strict=True))
TILT_OF_CLASS = tuple(zip(PI_CLASSES, (4.0, 8.0, 12.0, 16.0, 20.0, 24.0), strict=True))

TARGETS: tuple[Target, ...] = (
    Target(
        "schwab2010",
        "Schwab realignment objectives",
        (
            Bound("SVA", None, Line(50.0), excluded=True),
            Bound("PT", None, Line(20.0), excluded=True),
            Bound("PI_LL", Line(-9.0), Line(9.0)),
        ),
        ("schwab2010",),
        "goals of surgery for adult deformity",
    ),
    Target(
        "srs_schwab",
        "all sagittal modifiers of SRS-Schwab at 0",
        (
            Bound("SVA", None, Line(40.0), excluded=True),
            Bound("PT", None, Line(20.0), excluded=True),
            Bound("PI_LL", None, Line(10.0), excluded=True),
        ),
        ("schwab2012",),
        "modifiers of a classification; a lordosis above PI counts as 0 too",
    ),
    Target(
        "age_adjusted",
        "within the age band",
        (
            _age_band("PT"),
            _age_band("PI_LL"),
            _age_band("SVA"),
        ),
        ("lafage2016",),
        "a US deformity cohort mapped to population norms; valid from 18 to 85 years",
    ),
    Target(
        "gap",
        "every part of the GAP score at no points",
        (
            _without_points("SS", RELATIVE_PELVIC_VERSION, Line(9.0, 0.59)),
            _without_points("LL", RELATIVE_LUMBAR_LORDOSIS, Line(29.0, 0.62)),
            _without_points("LDI", LORDOSIS_DISTRIBUTION, Line(0.0)),
            _without_points("GT", RELATIVE_SPINOPELVIC_ALIGNMENT, Line(-15.0, 0.48)),
        ),
        ("yilgor2017",),
        "derived after long fusion; later cohorts find it little related to complications",
    ),
    Target(
        "t4_l1pa",
        "T4PA and L1PA agree within 4 deg",
        (_around("T4_L1PA", Line(0.0), 4.0),),
        ("joseph2026",),
        "mechanical failures after long fusion grew with the difference",
    ),
    Target(
        "l1pa",
        "L1PA = 0.5 PI - 21",
        (_around("L1PA", Line(-21.0, 0.5), TOLERANCE),),
        ("hills2022",),
        "adults without complaints",
        TOLERANCE,
    ),
    Target(
        "pi_class",
        "LL and PT of the class of PI",
        (
            _around("LL", Line(0.0, 1.0, steps=LORDOSIS_OF_CLASS), TOLERANCE),
            _around("PT", Line(0.0, steps=TILT_OF_CLASS), TOLERANCE),
        ),
        ("barrey2015",),
        "theoretical values of a review, by classes of PI",
        TOLERANCE,
    ),
    _lordosis("gap", "0.62 PI + 29", Line(29.0, 0.62), "yilgor2017", "the ideal of the GAP score"),
    _lordosis(
        "lehuec",
        "0.54 PI + 27.6",
        Line(27.6, 0.54),
        "lehuec2016",
        "268 Caucasian and Japanese adults without complaints",
    ),
    _lordosis(
        "hyun", "0.62 PI + 27.61", Line(27.61, 0.62), "hyun2019", "150 Korean men of about 64"
    ),
    _lordosis(
        "hasegawa",
        "32.9 + 0.60 PI - 0.23 age",
        Line(32.9, 0.60, -0.23),
        "hasegawa2016",
        "126 Japanese adults of 20 to 69",
    ),
    Target(
        "csvl_20",
        "C7 within 20 mm of the CSVL",
        (Bound("C7_CSVL", Line(-20.0), Line(20.0)),),
        ("obeid2019", "baroncini2023"),
        "adults with spinal deformity",
    ),
    Target(
        "csvl_40",
        "C7 within 40 mm of the CSVL",
        (Bound("C7_CSVL", Line(-40.0), Line(40.0), excluded=True),),
        ("glassman2005coronal",),
        "found in unoperated adults; not confirmed after surgery",
    ),
)
"""In the order in which they are shown."""

TARGET: Mapping[str, Target] = {row.key: row for row in TARGETS}


def targets_of(view: View) -> tuple[Target, ...]:
    """The published targets for values of this view."""
    return tuple(row for row in TARGETS if METRIC[row.metrics[0]].view == view)


def parse_target(text: str) -> Target:
    """A target of the catalogue, or the user's own ``PARAMETER=LOW:HIGH`` (an end may be empty).

    Raises
    ------
    BadPlan
        One sentence: what cannot be read.

    Examples
    --------
    >>> parse_target("LL=55:65").bounds[0].high
    Line(at=65.0, per_pi=0.0, per_year=0.0, steps=())
    """
    if text in TARGET:
        return TARGET[text]
    metric, equals, span = text.partition("=")
    low, colon, high = span.partition(":")
    if not (metric and equals and colon and (low or high)):
        known = ", ".join(TARGET)
        raise BadPlan(f"target {text!r} is not known; use one of {known}, or LL=55:65")
    if metric not in METRIC:
        raise BadPlan(f"target {text!r}: {metric} is no parameter; use one such as LL or SVA")
    if METRIC[metric].undefined is not None:
        raise BadPlan(f"target {text!r}: {metric} is not given everywhere; use another parameter")
    try:
        ends = [float(end) if end else None for end in (low, high)]
    except ValueError:
        raise BadPlan(f"target {text!r}: write numbers, such as {metric}=55:65") from None
    given = [end for end in ends if end is not None]
    if not all(map(math.isfinite, given)) or given != sorted(given):
        raise BadPlan(f"target {text!r}: write the lower number first, such as {metric}=55:65")
    first, last = (None if end is None else Line(end) for end in ends)
    return Target(text, text, (Bound(metric, first, last),), (USER,), "the user's own")
