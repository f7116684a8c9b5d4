"""The groups that one key confirms, and the names of points in a reader's words."""

from __future__ import annotations

from functools import cache

from balance.anatomy import CERVICAL, LUMBAR, OTHER_SACRUM, SACRUM, THORACIC, level_of, parse_corner

SINGLY: tuple[str, ...] = ("S1", "hips", "C7", "L1")
"""Groups of one site each: the values hang on them, so each is confirmed by a key of its own."""

REGIONS: tuple[str, ...] = (*SINGLY, "cervical", "thoracic", "lumbar", "trunk", "limbs and head")
"""Every point belongs to exactly one of them."""

_GROUP_OF_LEVEL = {
    **dict.fromkeys(CERVICAL, "cervical"),
    **dict.fromkeys(THORACIC, "thoracic"),
    **dict.fromkeys(LUMBAR, "lumbar"),
    SACRUM: "S1",
    OTHER_SACRUM: "S1",
    "C7": "C7",
    "L1": "L1",
}
_ENDS = {"posterior": "back", "anterior": "front"}
_PLATES = {"superior": "upper", "inferior": "lower"}
_WORDS = {
    "C2_dens": "tip of the dens",
    "femoral_head_1": "first femoral head",
    "femoral_head_2": "second femoral head",
    "femoral_head_left": "left femoral head",
    "femoral_head_right": "right femoral head",
    "sacrum_centre": "middle of the sacrum",
    "cranial_centre": "centre of the skull",
    "chin": "chin",
    "brow": "brow",
}


@cache
def region_of(name: str) -> str:
    """The group that a point is confirmed with.

    Examples
    --------
    >>> region_of("S1_superior_anterior"), region_of("T4_centroid"), region_of("femoral_head_1")
    ('S1', 'thoracic', 'hips')
    """
    if name.startswith("femoral_head"):
        return "hips"
    if name == "sacrum_centre":
        return "S1"
    if name == "C2_dens":
        return "cervical"
    if name.startswith(("iliac_crest", "clavicle", "rib")):
        return "trunk"
    return _GROUP_OF_LEVEL.get(level_of(name) or "", "limbs and head")


def region_words(region: str) -> str:
    """A region as a reader would say it.

    Examples
    --------
    >>> region_words("S1"), region_words("hips"), region_words("thoracic")
    ('S1', 'the hips', 'the thoracic spine')
    """
    if region in ("cervical", "thoracic", "lumbar"):
        return f"the {region} spine"
    return f"the {region}" if region[0].islower() else region


@cache
def plain_name(name: str) -> str:
    """A point's name as a reader would say it.

    Examples
    --------
    >>> plain_name("L1_superior_anterior"), plain_name("C7_centroid"), plain_name("clavicle_left")
    ('L1 upper front corner', 'centre of C7', 'left clavicle')
    """
    if name in _WORDS:
        return _WORDS[name]
    corner = parse_corner(name)
    if corner is not None:
        level = "S1 (other candidate)" if corner.level == OTHER_SACRUM else corner.level
        end = _ENDS.get(corner.end, corner.end)
        return f"{level} {_PLATES[corner.endplate]} {end} corner"
    if name.endswith("_centroid"):
        return f"centre of {name.removesuffix('_centroid')}"
    part, _, side = name.rpartition("_")
    words = part.replace("_", " ")
    return f"{side} {words}" if side in ("left", "right") else f"{words} {side}"
