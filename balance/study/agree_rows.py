"""A reader study as rows of words: what the table, the page and the paper show, rounded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from balance.landmarks.noise import Reading
from balance.report.rounding import number
from balance.report.rows import LEAD
from balance.report.verdicts import scheme_of
from balance.report.wording import label_of
from balance.study.agree import COBB, Agreement, GradeAgreement, ValueAgreement
from balance.study.kappa import Kappa
from balance.study.reliability import Coefficient

KIND_WORDS: dict[Reading, str] = {
    "between_readers": "readings by several readers",
    "within_reader": "repeated readings by one reader",
}
FEW_FILMS = 10
"""Fewer films than this are remarked upon: the intervals are honest and wide."""
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, heads, rows, and what stands below it."""

    title: str
    heads: Cells
    rows: tuple[Cells, ...]
    notes: tuple[str, ...] = ()


def study_lines(study: Agreement) -> tuple[str, ...]:
    """What was studied, in sentences."""
    readings = study.readings
    count = len(readings.readers)
    lines = [
        f"{len(study.films)} films, {count} readings of each: {KIND_WORDS[study.kind]}"
        + ("" if study.kind_is_told else " (assumed: the documents do not say who read them)"),
        *(
            f"{letter}: {folder}"
            for letter, folder in zip(readings.readers, readings.folders, strict=True)
        ),
    ]
    if len(study.films) < FEW_FILMS:
        lines.append(f"only {len(study.films)} films: every figure here is weakly known")
    if study.kind == "within_reader":
        lines.append("the bias is then a drift between sessions, and another reader is not in it")
    return tuple(lines)


def sheets(study: Agreement) -> Iterator[Sheet]:
    """Every table of the study that has rows."""
    every = (
        _reliability_sheet(study),
        _bland_altman_sheet(study),
        _noise_sheet(study),
        _grade_sheet(study),
        _left_out_sheet(study),
    )
    return (sheet for sheet in every if sheet.rows)


def value_label(key: str) -> str:
    """How a value is called; Cobb angles by their region."""
    region = next((region for region, own in COBB.items() if own == key), None)
    return label_of(key) if region is None else f"Cobb {region}"


def in_order(study: Agreement) -> tuple[ValueAgreement, ...]:
    """The lead values first, Cobb angles next, then the others."""
    first = [*LEAD, *COBB.values()]
    lead = [one for one in study.values if one.key in first]
    lead.sort(key=lambda one: first.index(one.key))
    return (*lead, *(one for one in study.values if one.key not in first))


def _reliability_sheet(study: Agreement) -> Sheet:
    rows: list[Cells] = []
    absent: list[str] = []
    for one in in_order(study):
        label = value_label(one.key)
        if one.reliability is None:
            absent.append(f"{label}: {one.reason}")
            continue
        found = one.reliability
        decimals = 2 if one.unit == "1" else 1
        unit = "" if one.unit == "1" else one.unit
        rows.append(
            (
                label,
                unit,
                str(found.n) + (f" ({one.incomplete})" if one.incomplete else ""),
                _coefficient(found.icc_2_1),
                _coefficient(found.icc_3_1),
                _coefficient(found.icc_1_1),
                f"{number(found.sem, decimals)} "
                f"({number(found.sem_ci95[0], decimals)} to {number(found.sem_ci95[1], decimals)})",
                number(found.mdc95, decimals),
            )
        )
    return Sheet(
        "Reliability",
        ("Value", "", "n", "ICC(2,1)", "ICC(3,1)", "ICC(1,1)", "SEM", "MDC95"),
        tuple(rows),
        (
            "ICC(2,1): absolute agreement of any such readers; ICC(3,1): these readers without "
            "their biases; ICC(1,1): other readers for each film. 95 % intervals in brackets. An "
            "ICC depends on how much the films differ: compare SEM and MDC95 between studies.",
            "n: films on which every reader has the value; in brackets films on which only some "
            "have it",
            *absent,
        ),
    )


def _bland_altman_sheet(study: Agreement) -> Sheet:
    rows: list[Cells] = []
    for one in in_order(study):
        decimals = 2 if one.unit == "1" else 1
        for pair in (*one.pairs, *one.against_others):
            found = pair.found
            slope = "-" if found.slope is None else number(found.slope.value, 2)
            if found.slope is not None and found.slope.is_proportional:
                slope += " proportional"
            rows.append(
                (
                    value_label(one.key),
                    f"{pair.first} - {pair.second}",
                    _with_interval(found.bias, found.bias_ci95, decimals),
                    _with_interval(found.limits[0], found.lower_ci95, decimals),
                    _with_interval(found.limits[1], found.upper_ci95, decimals),
                    slope,
                )
            )
    return Sheet(
        "Differences (Bland and Altman)",
        ("Value", "difference", "bias", "lower limit", "upper limit", "slope on mean"),
        tuple(rows),
        (
            "Limits: bias +- 1.96 SD of the differences; intervals of the limits exact for normal "
            "differences. Slope: of the difference on the mean; proportional where its interval "
            "leaves out 0. others: the mean of all other readers.",
        ),
    )


def _noise_sheet(study: Agreement) -> Sheet:
    default = 0 if study.kind == "within_reader" else 1
    rows: list[Cells] = []
    for one in study.sites:
        usual = (one.row.within, one.row.total)[default]
        strongest = max(one.biases, key=lambda bias: abs(bias.normal), default=None)
        bias = "-"
        if strongest is not None:
            bias = (
                f"{strongest.reader} {_signed(strongest.normal)} / {_signed(strongest.tangential)}"
            )
        rows.append(
            (
                f"{one.view} {one.row.site}",
                str(one.points),
                f"{number(one.normal, 2)} / {number(one.tangential, 2)}",
                f"{number(one.normal_without_bias, 2)} / {number(one.tangential_without_bias, 2)}",
                bias,
                f"{number(usual[0], 1)} / {number(usual[1], 1)}",
            )
        )
    scope = ", ".join(study.without_scale[:5])
    more = "" if len(study.without_scale) <= 5 else f" and {len(study.without_scale) - 5} more"
    return Sheet(
        "Point noise, SD in mm, normal / tangential to the endplate",
        ("Site", "points", "SD", "SD without biases", "largest bias", "default SD"),
        tuple(rows),
        (
            "Normal is towards the head, tangential forwards or to the patient's right; vertical "
            "and horizontal for points of no endplate. Bias against the mean of all readers.",
            *([f"without millimetres, not in this table: {scope}{more}"] if scope else []),
        ),
    )


def _grade_sheet(study: Agreement) -> Sheet:
    rows: list[Cells] = []
    absent: list[str] = []
    for one in study.grades:
        label = grade_label(one.key)
        if one.reason is not None:
            absent.append(f"{label}: {one.reason}")
        rows.extend(_grade_rows(label, one))
    return Sheet(
        "Grades",
        ("Grade", "readers", "n", "same word", "kappa"),
        tuple(rows),
        (
            "Linear and quadratic weights differ on the same table: compare like with like. Two "
            "words or words without an order: unweighted. The mean over pairs has no interval.",
            *absent,
        ),
    )


def _grade_rows(label: str, one: GradeAgreement) -> Iterator[Cells]:
    n = str(one.n) + (f" ({one.incomplete})" if one.incomplete else "")
    for pair in one.pairs:
        kappas = "; ".join(f"{each.weights} {_kappa(each)}" for each in pair.kappas)
        share = f"{number(100 * pair.equal, 0)} %"
        yield label, f"{pair.first}, {pair.second}", n, share, kappas
    if len(one.pairs) > 1:
        known = [f"{name} {number(k, 2)}" for name, k in one.mean.items() if k is not None]
        yield label, "mean", n, "", "; ".join(known) or "-"


def grade_label(key: str) -> str:
    """Scheme and value of a grade."""
    metric = key.partition(".")[2]
    return f"{scheme_of(key)} {label_of(metric)}".strip() if metric else scheme_of(key)


def _left_out_sheet(study: Agreement) -> Sheet:
    readings = study.readings
    rows = [
        *((one.film, one.kind, one.sentence) for one in study.disagreements),
        *((one.source, "unmatched", f"only reader {one.reader}, or not one for each reader")
          for one in readings.unmatched),
        *((one.source, "refused", f"reader {reader}: {one.error}")
          for reader, one in readings.failures),
    ]  # fmt: skip
    return Sheet(
        "Left out of every figure",
        ("Film", "why", ""),
        tuple(rows),
        ("A film on which the readers count the levels differently has no error: it has two "
         "meanings. Such films are counted here and averaged nowhere.",),
    )  # fmt: skip


def _coefficient(one: Coefficient) -> str:
    if one.value is None:
        return "-"
    if one.ci95 is None:
        return number(one.value, 2)
    return f"{number(one.value, 2)} ({number(one.ci95[0], 2)} to {number(one.ci95[1], 2)})"


def _with_interval(value: float, ci95: tuple[float, float], decimals: int) -> str:
    low, high = (number(one, decimals) for one in ci95)
    return f"{number(value, decimals)} ({low} to {high})"


def _kappa(one: Kappa) -> str:
    if one.value is None:
        return f"- ({one.reason})"
    return number(one.value, 2) if one.ci95 is None else _with_interval(one.value, one.ci95, 2)


def _signed(value: float) -> str:
    text = number(value, 2)
    return text if text.startswith("-") else f"+{text}"
