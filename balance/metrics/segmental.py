"""Segments: angle and height of each body and disc, and the slip of each vertebra on the next.

The metrics are made from a film's levels, since their keys hold the levels' names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from balance.anatomy import CERVICAL, SACRUM, body_names, corner_name, plate_names
from balance.geometry import cross, distance, midpoint, slope, wrap_degrees
from balance.metrics.model import Formula, Metric, Unit
from balance.metrics.regional import lordosis
from balance.radiograph import FloatArray, View

SHORTEST = 1e-9
"""Plane units; a wall of no length makes no division by zero."""
WITHOUT_WALLS = ("C2", SACRUM)
"""Levels that have no two endplates, and so no height."""


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


def wedge_loss(
    superior_posterior: FloatArray,
    superior_anterior: FloatArray,
    inferior_posterior: FloatArray,
    inferior_anterior: FloatArray,
) -> FloatArray:
    """How much lower a body's anterior wall is than its posterior wall, percent; needs no scale.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([[0.0, 20.0], [30.0, 15.0], [0.0, 0.0], [30.0, 0.0]])
    >>> float(wedge_loss(*corners))
    25.0
    """
    front = distance(superior_anterior, inferior_anterior)
    back = distance(superior_posterior, inferior_posterior)
    return 100.0 * (1.0 - front / np.maximum(back, SHORTEST))


def wall_loss(
    top: FloatArray,
    bottom: FloatArray,
    top_above: FloatArray,
    bottom_above: FloatArray,
    top_below: FloatArray,
    bottom_below: FloatArray,
) -> FloatArray:
    """How much lower a wall is than the mean of the same wall above and below, percent.

    Needs no scale.
    """
    neighbours = (distance(top_above, bottom_above) + distance(top_below, bottom_below)) / 2.0
    return 100.0 * (1.0 - distance(top, bottom) / np.maximum(neighbours, SHORTEST))


def disc_height(
    upper_posterior: FloatArray,
    upper_anterior: FloatArray,
    lower_posterior: FloatArray,
    lower_anterior: FloatArray,
) -> FloatArray:
    """Height of a disc in its middle, mm: across the direction halfway between its endplates.

    Examples
    --------
    >>> import numpy as np
    >>> above, below = np.array([[2.0, 9.0], [32.0, 9.0]]), np.array([[0.0, 0.0], [30.0, 0.0]])
    >>> float(disc_height(*above, *below))
    9.0
    """
    upper, lower = upper_anterior - upper_posterior, lower_anterior - lower_posterior
    along = (
        upper / distance(upper_posterior, upper_anterior)[..., None]
        + lower / distance(lower_posterior, lower_anterior)[..., None]
    )
    length = np.maximum(np.hypot(along[..., 0], along[..., 1]), SHORTEST)
    gap = midpoint(upper_posterior, upper_anterior) - midpoint(lower_posterior, lower_anterior)
    return cross(along, gap) / length


def segmental_metrics(view: View, levels: tuple[str, ...]) -> tuple[Metric, ...]:
    """The metrics of every body, disc and slip of neighbouring levels, from the head down.

    Heights are of the lateral film only.

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
    if view == "lateral":
        yield from _heights(levels)


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


def _heights(levels: tuple[str, ...]) -> Iterator[Metric]:
    bodies = tuple(level for level in levels if level not in WITHOUT_WALLS)
    for level in bodies:
        yield Metric(
            key=f"height_loss.{level}",
            name=f"{level} anterior height loss",
            unit="%",
            view="lateral",
            needs=body_names(level, "lateral"),
            compute=wedge_loss,
            definition=f"100 x (1 - anterior wall / posterior wall) of {level}, between its "
            "corners.",
            sign="+ when the anterior wall is lower",
            sources=("oneill1994",),
        )
    # Where the neck meets the chest, bodies differ in size by nature.
    trunk = tuple(level for level in bodies if level not in CERVICAL)
    for above, level, below in zip(trunk, trunk[1:], trunk[2:], strict=False):
        for wall in ("anterior", "posterior"):
            yield Metric(
                key=f"height_loss_{wall}.{level}",
                name=f"{level} {wall} wall against its neighbours",
                unit="%",
                view="lateral",
                needs=tuple(
                    corner_name(one, endplate, wall)
                    for one in (level, above, below)
                    for endplate in ("superior", "inferior")
                ),
                compute=wall_loss,
                definition=f"100 x (1 - {wall} wall of {level} / mean of those of {above} and "
                f"{below}).",
                sign=f"+ when the {wall} wall of {level} is lower",
                sources=("oneill1994",),
            )
    for cranial, caudal in pairwise(levels):
        yield Metric(
            key=f"disc_height.{cranial}_{caudal}",
            name=f"{cranial}-{caudal} disc height",
            unit="mm",
            view="lateral",
            needs=(
                *plate_names(cranial, "inferior", "lateral"),
                *plate_names(caudal, "superior", "lateral"),
            ),
            compute=disc_height,
            definition=f"{cranial} inferior to {caudal} superior endplate, from midpoint to "
            "midpoint across the direction halfway between them.",
            sign="+ when the cranial endplate lies above",
            sources=("frobin1997",),
        )
