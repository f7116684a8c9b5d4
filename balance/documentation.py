"""The pages that are made from the catalogues, so that they cannot say anything else.

``python -m balance.documentation docs`` writes ``parameters.md``, ``thresholds.md`` and the
drawings; a test compares them with what stands in the folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from balance.assessment.gap import GAP_PARTS, OLD_YEARS
from balance.assessment.model import Threshold
from balance.assessment.thresholds import THRESHOLDS
from balance.documentation_plans import plans_page
from balance.drawings import draw_parameter
from balance.landmarks.model import Landmarks
from balance.landmarks.noise import (
    CLICK,
    CSVL,
    ELSEWHERE,
    FRONTAL_CORNERS,
    HIP_AXIS,
    LATERAL_CORNERS,
    LATERAL_HEAD,
)
from balance.metrics.catalogue import METRICS
from balance.metrics.model import Metric
from balance.metrics.segmental import segmental_metrics
from balance.metrics.sites import points_to_mark
from balance.radiograph import CALIBRATION_STATES
from balance.references import REFERENCE, citation
from balance.writing import write_atomically

MADE_BY = "<!-- Made by `make docs` from the catalogues in the code; edit those, not this page. -->"
DRAWINGS = "drawings"


def documentation() -> dict[str, str]:
    """Every generated page and drawing: path below the documentation folder, and its text."""
    pages = {
        "parameters.md": parameters_page(),
        "thresholds.md": thresholds_page(),
        "plans.md": plans_page(MADE_BY),
    }
    drawings = {f"{DRAWINGS}/{metric.key}.svg": draw_parameter(metric) for metric in METRICS}
    return pages | drawings


def parameters_page() -> str:
    """Definitions, signs, noise and sources of every parameter."""
    segments = (
        *_one_of_a_kind(segmental_metrics("lateral", ("L3", "L4", "L5"))),
        *(m for m in segmental_metrics("frontal", ("L4", "L5")) if "listhesis" in m.key),
    )
    lines = [
        "# Parameters",
        "",
        MADE_BY,
        "",
        "Plane coordinates: x anterior on a lateral film, to the patient's right on a frontal "
        "film; y up; millimetres. Angles in degrees. A value that cannot be given is null with a "
        "reason. ",
        "| key | name | unit | positive |",
        "|---|---|---|---|",
        *(f"| [`{m.key}`](#{_anchor(m.key)}) | {m.name} | {m.unit} | {m.sign} |" for m in METRICS),
        "",
        *_view("Lateral film", [metric for metric in METRICS if metric.view == "lateral"]),
        *_view("Frontal film", [metric for metric in METRICS if metric.view == "frontal"]),
        "## Curves",
        "",
        "A curve runs from the superior endplate of its upper to the inferior endplate of its "
        "lower end vertebra; the end vertebrae are the most tilted, searched from C7 to L5 (L6), "
        "and ties go to the more distant one; neighbouring curves bend to opposite sides and hold "
        "three vertebrae or more. The apex is the centroid or disc farthest from the line through "
        "the end vertebrae's centroids. Its region follows from the apex: `PT` to the disc T5/T6, "
        "`MT` from T6 to the disc T11/T12, `TL` below; published divisions differ by a level at "
        "the top. The fractional curve (the two segments above the sacrum) is listed by the same "
        "rule. ",
        "`cobb` is the angle between the end vertebrae found, and its interval is for those. "
        "Choosing the most tilted vertebrae adds to the angle: `selection_bias` is that excess, "
        "estimated by redrawing the points around the likely true tilts. A curve is listed when, "
        "without it, 10 degrees are at least as likely as not. `end_vertebra_probability` says how "
        "often redrawn points would choose the same vertebrae.",
        "",
        "## Segments",
        "",
        "With `--segmental`, for every level of the patient:",
        "",
        "| key, for example | name | unit | definition | positive |",
        "|---|---|---|---|---|",
        *(f"| `{m.key}` | {m.name} | {m.unit} | {m.definition} | {m.sign} |" for m in segments),
        "",
        "## Transitional anatomy",
        "",
        "The plain keys read the endplate labelled S1. With a sixth lumbar vertebra, or a second "
        "candidate marked `S1_alternative`, the same landmarks are relabelled and measured again; "
        "a grade that differs is borderline. The choice moves PI by about 20 degrees "
        f"({citation('transitional2018')}).",
        "",
        *_noise_section(),
        *_scale_section(),
    ]
    return "\n".join(lines)


def _one_of_a_kind(metrics: Sequence[Metric]) -> Iterator[Metric]:
    """The first metric of a body and of a segment for each word before the dot."""
    seen = set()
    for metric in metrics:
        word, _, place = metric.key.partition(".")
        if (word, "_" in place) not in seen:
            seen.add((word, "_" in place))
            yield metric


def thresholds_page() -> str:
    """Limits, sources, populations and conflicts of every grade."""
    lines = [
        "# Thresholds",
        "",
        MADE_BY,
        "",
        "Every grade carries the probability of each of its words: how far this film's true value "
        "may lie there, given how surely its points were placed. A grade whose printed word has "
        "less than 95 % is borderline. Values within 1e-9 of a boundary count as on it.",
        "",
        "No grade is given, and the reason is, where the patient is under 18; where the film was "
        "not taken standing (position not recorded: given, with a warning); where a limit in "
        "millimetres meets a scale at the detector, of a scanned film, of unknown origin, none or "
        "contradictory; where a point that it rests on is unconfirmed. Without an age the rules "
        "for adults are given with a warning. Posture alone moves values: the arms' position "
        f"shifts the SVA by centimetres ({citation('aota2009')}).",
        "",
        "| grade | value | words | limits | source |",
        "|---|---|---|---|---|",
        *(
            f"| [`{row.key}`](#{_anchor(row.key)}) | {row.metric or 'several'} | "
            f"{', '.join(dict.fromkeys(row.words))} | {row.limits} | {citation(row.source)} |"
            for row in THRESHOLDS
        ),
        "",
        *(line for row in THRESHOLDS for line in _threshold_section(row)),
    ]
    return "\n".join(lines)


def write_documentation(folder: Path) -> None:
    """Write the generated pages and drawings, and remove drawings that no parameter has."""
    made = documentation()
    (folder / DRAWINGS).mkdir(parents=True, exist_ok=True)
    for path in (folder / DRAWINGS).glob("*.svg"):
        if f"{DRAWINGS}/{path.name}" not in made:
            path.unlink()
    for name, text in made.items():
        write_atomically(folder / name, text.encode())


def _anchor(key: str) -> str:
    return key.lower().replace(".", "")


def _view(title: str, metrics: Sequence[Metric]) -> Iterator[str]:
    yield from (f"## {title}", "")
    for metric in metrics:
        marked = points_to_mark(Landmarks(metric.view, {}, "right"))
        names = dict.fromkeys(marked.get(name, name) for name in metric.needs)
        needs = ", ".join(f"`{name}`" for name in names) or "those of the curve found"
        yield from (
            f"### {metric.key}",
            "",
            f'<img src="{DRAWINGS}/{metric.key}.svg" alt="{metric.name}" height="240">',
            "",
            f"**{metric.name}** ({metric.unit}). {metric.definition}",
            "",
            f"- Sign: {metric.sign}.",
            f"- Points: {needs}.",
            *([f"- None where {metric.undefined[1]}."] if metric.undefined else []),
            *(["- None where neither endplate was clicked or snapped."] if metric.plates else []),
            "- Interval: " + ("Jacobian." if metric.smooth else "percentiles of seeded draws."),
            f"- Source: {_citations(metric.sources)}.",
            "",
        )


def _citations(keys: Sequence[str]) -> str:
    return "; ".join(citation(key) for key in keys)


def _noise_section() -> Iterator[str]:
    rows = [
        *((f"{row.site}, lateral corners", row) for row in LATERAL_CORNERS),
        (f"{FRONTAL_CORNERS.site}, frontal corners", FRONTAL_CORNERS),
        *((row.site, row) for row in (CLICK, LATERAL_HEAD, HIP_AXIS, CSVL, ELSEWHERE)),
    ]
    yield from (
        "## Noise",
        "",
        "Default standard deviations in mm, across / along the endplate, where a point does not "
        "carry its own. Reports print those between readers.",
        "",
        "| site | within one reader | between readers |",
        "|---|---|---|",
        *(f"| {name} | {_pair(row.within)} | {_pair(row.total)} |" for name, row in rows),
        "",
        f"Fitted to {_citations(('agreement2019', 'kyrola2018'))}; CSVL: "
        f"{citation('csvl_noise2012')}. An interval holds placement and, for lengths, scale; it "
        "does not hold the clicks of a plumb line; it "
        "does not hold the choice of definition, posture or health.",
        "",
    )


def _pair(deviations: tuple[float, float]) -> str:
    across, along = deviations
    return f"{across:g}" if across == along else f"{across:g} / {along:g}"


def _scale_section() -> Iterator[str]:
    yield from (
        "## Scale",
        "",
        "| state | meaning | plane | SD of a length | limits in mm |",
        "|---|---|---|---|---|",
        *(
            f"| `{row.name}` | {row.meaning} | {row.plane} | {row.sd_percent:g} % | "
            f"{'applied' if row.grades_lengths else 'withheld'} |"
            for row in CALIBRATION_STATES
        ),
        "",
        "A fiducial that lay outside the patient's plane has an SD of 10 %. The standard "
        f"deviations are editable estimates; the states follow {citation('dicom_ps3_3')}.",
        "",
    )


def _threshold_section(row: Threshold) -> Iterator[str]:
    yield from (
        f"### {row.key}",
        "",
        f"{row.limits[:1].upper()}{row.limits[1:]}.",
        "",
        f"- Words: {', '.join(dict.fromkeys(row.words))}.",
        *_directions(row),
        *([f"- Past: {', '.join(row.past)}."] if row.past else []),
        f"- Population: {row.population}.",
        f"- Timing: {row.timing}.",
        *([f"- Outside it: {row.outside}."] if row.outside else []),
        *(_gap_table() if row.key == "gap" else ()),
        *([f"- Conflicts and choices: {row.conflict}"] if row.conflict else []),
        f"- Source: {_reference(row.source)}.",
        *([f"- See also: {_citations(row.further_sources)}."] if row.further_sources else []),
        "",
    )


def _directions(row: Threshold) -> Iterator[str]:
    said = [
        f"`{word}`: {direction}"
        for word, direction in zip(row.words, row.directions, strict=False)
        if direction
    ]
    if said:
        yield f"- From low values to high: {', '.join(said)}."


def _gap_table() -> Iterator[str]:
    yield from ("", "| part | value | points, from low to high |", "|---|---|---|")
    for part in GAP_PARTS:
        classes = [f"{part.points[0]} below"]
        for cut, points in zip(part.cuts, part.points[1:], strict=True):
            classes.append(f"{points} {'from' if cut.owner == 'upper' else 'above'} {cut.at:g}")
        yield f"| {part.name} ({part.key}) | {part.value} | {', '.join(classes)} |"
    yield from (f"| age | years | 0 below, 1 from {OLD_YEARS:g} |", "")


def _reference(key: str) -> str:
    reference = REFERENCE[key]
    doi = f", doi {reference.doi}" if reference.doi else ""
    title = f" {reference.title}." if reference.title else ""
    return f"{citation(key)}.{title}{doi}".rstrip(".")


if __name__ == "__main__":
    write_documentation(Path(sys.argv[1]))
