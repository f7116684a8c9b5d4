"""What a surgeon may do at a level: where it hinges, how much it usually gives, how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from balance.anatomy import Endplate

Site = Literal["body", "disc", "either"]


@dataclass(frozen=True, slots=True)
class Hinge:
    """The point that the spine above turns about, told by an endplate.

    ``fraction`` runs along the endplate from its posterior end (0) to its anterior end (1), on a
    frontal film from the patient's left to the right. ``rise`` lifts the point off the endplate,
    away from the sacrum, by a share of the endplate's length.
    """

    level: str
    endplate: Endplate
    fraction: float
    rise: float = 0.0


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way to change an angle. Positive degrees add lordosis.

    ``fraction`` and ``rise`` place the hinge on the endplate below the cut: the caudal endplate of
    a disc, the inferior endplate of a body. ``usual`` is the published range of degrees at one
    level, None where none was confirmed. ``execution_sd`` is how far, in degrees, the result
    usually lies from what was drawn. ``grade`` is the Schwab grade of an osteotomy, 0 for a
    procedure that resects no bone of the back. An osteotomy of the back only closes behind.
    """

    key: str
    name: str
    site: Site
    fraction: float
    rise: float
    usual: tuple[float, float] | None
    execution_sd: float
    grade: int
    sources: tuple[str, ...]
    note: str = ""
    most: float | None = None
    """Degrees at one level beyond which the plan is warned of."""
    closes_through_disc_above: bool = False
    """An osteotomy named by its body that turns what lies above its superior endplate."""
    takes_discs: tuple[Literal["above", "below"], ...] = ()
    """Discs beside the body that go with it, so that nothing else can be done there."""
    typical: float | None = None
    """Published mean of the degrees at one level, where no range was confirmed."""
    fills_disc: bool = False
    """It puts an implant in the place of the disc, which has room for one."""
    lumbar: bool = False
    """By its name and its approach it is for a disc above a lumbar vertebra or the sacrum."""
    needs_mobile_disc: bool = False

    @property
    def usual_words(self) -> str:
        """The published range or mean of the degrees at one level."""
        if self.usual is not None:
            return f"{self.usual[0]:g} to {self.usual[1]:g} deg"
        return "none confirmed" if self.typical is None else f"mean {self.typical:g} deg"


PROCEDURES: tuple[Procedure, ...] = (
    Procedure(
        "pco",
        "posterior column osteotomy",
        "disc",
        0.2,
        0.0,
        (5.0, 10.0),
        4.0,
        2,
        ("pmc5420824", "ajnr39_606"),
        "needs a mobile disc",
        most=10.0,
        needs_mobile_disc=True,
    ),
    Procedure(
        "pso",
        "pedicle subtraction osteotomy",
        "body",
        1.0,
        0.35,
        (25.0, 40.0),
        6.0,
        3,
        ("pmc5420824", "ajnr39_606"),
        "closes the body behind a hinge at its anterior cortex; the discs keep their angles",
        most=40.0,
    ),
    Procedure(
        "epso",
        "extended pedicle subtraction osteotomy",
        "body",
        1.0,
        0.0,
        None,
        6.0,
        4,
        ("ajnr39_606",),
        "takes the disc above and the upper part of the body; the hinge is the anterior edge",
        most=40.0,
        closes_through_disc_above=True,
        takes_discs=("above",),
    ),
    Procedure(
        "vcr",
        "vertebral column resection",
        "body",
        0.5,
        0.35,
        None,
        6.0,
        5,
        ("ajnr39_606",),
        "the hinge depends on the reconstruction in front: state it",
        takes_discs=("above", "below"),
    ),
    Procedure(
        "alif",
        "anterior lumbar interbody fusion",
        "disc",
        0.0,
        0.0,
        None,
        4.0,
        0,
        ("greenberg73",),
        "opens in front about the back of the disc; hinge and SD are estimates",
        typical=6.0,
        fills_disc=True,
        lumbar=True,
    ),
    Procedure(
        "llif",
        "lateral lumbar interbody fusion",
        "disc",
        0.5,
        0.0,
        None,
        4.0,
        0,
        ("greenberg73",),
        "hinge and SD are estimates",
        typical=1.0,
        fills_disc=True,
        lumbar=True,
    ),
    Procedure(
        "tlif",
        "transforaminal lumbar interbody fusion",
        "disc",
        0.4,
        0.0,
        None,
        4.0,
        0,
        ("greenberg73",),
        "hinge and SD are estimates",
        typical=2.0,
        fills_disc=True,
        lumbar=True,
    ),
    Procedure(
        "acr",
        "anterior column realignment",
        "disc",
        0.0,
        0.0,
        None,
        4.0,
        0,
        ("greenberg73",),
        "opens in front about the back of the disc; 16 deg with a posterior column osteotomy; "
        "hinge and SD are estimates",
        typical=12.0,
        fills_disc=True,
        lumbar=True,
    ),
    Procedure(
        "cage",
        "interbody cage of the stated angle",
        "disc",
        0.4,
        0.0,
        None,
        4.0,
        0,
        (),
        "hinge and SD are estimates",
        fills_disc=True,
    ),
    Procedure(
        "angle",
        "a change of angle, however it is reached",
        "either",
        0.5,
        0.0,
        None,
        4.0,
        0,
        (),
        "hinge and SD are estimates",
    ),
)
"""In the order in which they are listed. Hinges of PSO and PCO were read, the others are estimates
to be edited in the plan; so are the execution SDs."""

PROCEDURE: Mapping[str, Procedure] = {row.key: row for row in PROCEDURES}
