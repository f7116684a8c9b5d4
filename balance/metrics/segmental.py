"""Segments: the angle of each body and disc, and the slip of each vertebra on the next.

The metrics are made from a film's levels, since their keys hold the levels' names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from balance.anatomy import SACRUM, plate_names
from balance.geometry import distance, midpoint, slope, wrap_degrees
from balance.metrics.model import Formula, Metric, Unit
from balance.metrics.regional import lordosis
from balance.radiograph import FloatArray, View


def slip(
    cranial: FloatArray, caudal_start: FloatArray, caudal_first: FloatArray, caudal_end: FloatArray
) -> FloatArray:
    """Slip along the caudal vertebra's superior endplate, mm; + towards its end.

    Parameters
    ----------
    cranial, caudal_start
        The points of the cranial and of the caudal vertebra that lie over each other without slip.
    caudal_first, caudal_end
        The endplate's ends, which give the direction.

    Examples
    --------
    >>> import numpy as np
    >>> first, end = np.array([0.0, 0.0]), np.array([30.0, 0.0])
    >>> float(slip(np.array([6.0, 8.0]), first, first, end))
    6.0
    """
    along = (caudal_end - caudal_first) / distance(caudal_first, caudal_end)[..., None]
    offset = cranial - caudal_start
    return offset[..., 0] * along[..., 0] + offset[..., 1] * along[..., 1]


def posterior_slip(
    cranial_posterior: FloatArray, caudal_posterior: FloatArray, caudal_anterior: FloatArray
) -> FloatArray:
    """Listhesis, mm; + when the cranial vertebra has slipped forwards."""
    return slip(cranial_posterior, caudal_posterior, caudal_posterior, caudal_anterior)


def posterior_slip_percent(
    cranial_posterior: FloatArray, caudal_posterior: FloatArray, caudal_anterior: FloatArray
) -> FloatArray:
    """Listhesis in percent of the caudal endplate; needs no scale."""
    length = distance(caudal_posterior, caudal_anterior)
    return 100.0 * posterior_slip(cranial_posterior, caudal_posterior, caudal_anterior) / length


def lateral_slip(
    cranial_left: FloatArray,
    cranial_right: FloatArray,
    caudal_left: FloatArray,
    caudal_right: FloatArray,
) -> FloatArray:
    """Lateral listhesis between endplate midpoints, mm; + to the patient's right."""
    cranial, caudal = midpoint(cranial_left, cranial_right), midpoint(caudal_left, caudal_right)
    return slip(cranial, caudal, caudal_left, caudal_right)


def lateral_slip_percent(
    cranial_left: FloatArray,
    cranial_right: FloatArray,
    caudal_left: FloatArray,
    caudal_right: FloatArray,
) -> FloatArray:
    """Lateral listhesis in percent of the caudal endplate; needs no scale."""
    slipped = lateral_slip(cranial_left, cranial_right, caudal_left, caudal_right)
    return 100.0 * slipped / distance(caudal_left, caudal_right)


def coronal_angle(
    upper_left: FloatArray, upper_right: FloatArray, lower_left: FloatArray, lower_right: FloatArray
) -> FloatArray:
    """Angle between two endplates, degrees; + when they open to the patient's right."""
    return wrap_degrees(slope(lower_left, lower_right) - slope(upper_left, upper_right))


def segmental_metrics(view: View, levels: tuple[str, ...]) -> tuple[Metric, ...]:
    """The metrics of every body, disc and slip between neighbouring levels, from the head down.

    Parameters
    ----------
    levels
        The levels that the patient has, ending with S1.
    """
    return tuple(_metrics(view, levels))


def _metrics(view: View, levels: tuple[str, ...]) -> Iterator[Metric]:
    opens = "+ lordosis" if view == "lateral" else "+ when it opens to the patient's right"
    angle = lordosis if view == "lateral" else coronal_angle
    for level in levels:
        if level != SACRUM:
            yield Metric(
                key=f"segmental.{level}",
                name=f"{level} body angle",
                unit="deg",
                view=view,
                needs=(
                    *plate_names(level, "superior", view),
                    *plate_names(level, "inferior", view),
                ),
                compute=angle,
                plates=(plate_names(level, "superior", view), plate_names(level, "inferior", view)),
                definition=f"{level} superior to {level} inferior endplate.",
                sign=opens,
                sources=("cobb1948",),
            )
    for cranial, caudal in pairwise(levels):
        below, above = plate_names(cranial, "inferior", view), plate_names(caudal, "superior", view)
        yield Metric(
            key=f"segmental.{cranial}_{caudal}",
            name=f"{cranial}-{caudal} disc angle",
            unit="deg",
            view=view,
            needs=(*below, *above),
            compute=angle,
            plates=(below, above),
            definition=f"{cranial} inferior to {caudal} superior endplate.",
            sign=opens,
            sources=("cobb1948",),
        )
        yield from _slips(view, cranial, caudal, below, above)


def _slips(
    view: View, cranial: str, caudal: str, below: tuple[str, str], above: tuple[str, str]
) -> Iterator[Metric]:
    needs: tuple[str, ...] = (below[0], *above)
    formulas: tuple[Formula, Formula] = (posterior_slip, posterior_slip_percent)
    stem, word, sign = "listhesis", "Listhesis", "+ when the cranial vertebra lies in front"
    how = "posteroinferior corner from the posterosuperior corner below"
    if view == "frontal":
        needs, formulas = (*below, *above), (lateral_slip, lateral_slip_percent)
        stem, word, sign = "lateral_listhesis", "Lateral listhesis", "+ to the patient's right"
        how = "inferior endplate's midpoint from the superior endplate's midpoint below"
    units: tuple[Unit, Unit] = ("mm", "%")
    for suffix, unit, compute in zip(("", "_percent"), units, formulas, strict=True):
        yield Metric(
            key=f"{stem}{suffix}.{cranial}_{caudal}",
            name=f"{word} {cranial}-{caudal}",
            unit=unit,
            view=view,
            needs=needs,
            compute=compute,
            definition=f"{cranial} {how}, along the superior endplate of {caudal}.",
            sign=sign,
            sources=("meyerding1932", "koslosky2020")
            if view == "lateral"
            else ("freedman_listhesis",),
        )
