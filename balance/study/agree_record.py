"""A reader study as a document (JSON), as rows (CSV) and as a noise file that measuring can use."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TextIO

from balance.landmarks.model import SiteDeviation
from balance.landmarks.reader_noise import FORMAT as NOISE_FORMAT
from balance.landmarks.reader_noise import VERSION as NOISE_VERSION
from balance.report.record import NOTICE, SOFTWARE
from balance.study.agree import Agreement, GradeAgreement, PairAgreement, ValueAgreement
from balance.study.point_noise import SiteSpread
from balance.study.readings import one_reader
from balance.study.reliability import Coefficient, Reliability

FORMAT = "spinal-balance-agreement"
VERSION = 1
SMALLEST_MM = 0.05
"""A noise file needs numbers above 0, and nobody clicks better than this."""

METHODS = {
    "icc_1_1": "one-way random, single reading; exact F interval (Shrout and Fleiss 1979)",
    "icc_2_1": "two-way random, absolute agreement, single reading; Satterthwaite interval "
    "(McGraw and Wong 1996)",
    "icc_3_1": "two-way mixed, consistency, single reading; exact F interval "
    "(Shrout and Fleiss 1979)",
    "sem": "root of the mean square within films, readers' biases in it; chi-square interval",
    "mdc95": "1.96 sqrt(2) SEM",
    "limits_of_agreement": "bias +- 1.96 SD (Bland and Altman 1986); exact interval of each limit "
    "by the noncentral t distribution (Carkeet 2015)",
    "proportional_bias": "slope of the difference on the mean with its t interval (Bland and "
    "Altman 1999); unequal spreads show here too",
    "kappa": "weights named with each; large-sample interval (Fleiss, Cohen and Everitt 1969); "
    "the mean over pairs of readers has none",
    "point_noise": "SD over readers of one point on one film, pooled; bias against the mean of "
    "all readers, films as observations",
    "missing_values": "complete cases for each value; films on which the readers disagree on "
    "levels, side or film are in no figure",
}
COLUMNS = (
    "key", "unit", "n", "incomplete", "readers",
    "icc_2_1", "icc_2_1_low", "icc_2_1_high",
    "icc_3_1", "icc_3_1_low", "icc_3_1_high",
    "icc_1_1", "icc_1_1_low", "icc_1_1_high",
    "sem", "sem_low", "sem_high", "mdc95",
    "pair", "bias", "bias_low", "bias_high", "sd",
    "lower_limit", "lower_limit_low", "lower_limit_high",
    "upper_limit", "upper_limit_low", "upper_limit_high",
    "slope", "slope_low", "slope_high", "reason",
)  # fmt: skip


def agreement_document(study: Agreement) -> dict[str, Any]:
    """The whole answer of ``agree --format json``."""
    readings = study.readings
    return {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "notice": NOTICE,
        "readers": dict(zip(readings.readers, readings.folders, strict=True)),
        "readings": study.kind,
        "readings_told": study.kind_is_told,
        "methods": METHODS,
        "films": list(study.films),
        "values": {value.key: _value(value) for value in study.values},
        "grades": {grade.key: _grade(grade) for grade in study.grades},
        "point_noise": [_site(site) for site in study.sites],
        "without_scale": list(study.without_scale),
        "disagreements": [asdict(one) for one in study.disagreements],
        "unmatched": [asdict(one) for one in readings.unmatched],
        "failures": [
            {"reader": reader, "source": one.source, "error": one.error}
            for reader, one in readings.failures
        ],
    }


def noise_document(study: Agreement) -> dict[str, Any]:
    """The point noise found, as a file of noise (:mod:`balance.landmarks.reader_noise`).

    Repeated readings by one reader give that reader's own noise, which measuring can use;
    ``readings`` says which of the two a file holds.
    """
    document = {
        "format": NOISE_FORMAT,
        "version": NOISE_VERSION,
        "software": SOFTWARE,
        "readings": study.kind,
        "reader": one_reader(study.readings.films) if study.kind == "within_reader" else None,
        "readers": len(study.readings.readers),
        "films": len(study.films),
        "sites": [
            {**asdict(one), "repeats": points} for one, points in site_deviations(study).values()
        ],
    }
    return {key: value for key, value in document.items() if value is not None}


def site_deviations(study: Agreement) -> dict[str, tuple[SiteDeviation, int]]:
    """One row for each group of sites by its name, with its points; both views pooled."""
    found: dict[str, list[SiteSpread]] = {}
    for site in study.sites:
        found.setdefault(site.row.site, []).append(site)
    rows = {}
    for name, group in found.items():
        points = sum(site.points for site in group)
        normal, tangential = (
            math.sqrt(
                sum(site.points * sd**2 for site, sd in zip(group, sds, strict=True)) / points
            )
            for sds in ([one.normal for one in group], [one.tangential for one in group])
        )
        deviation = SiteDeviation(name, max(normal, SMALLEST_MM), max(tangential, SMALLEST_MM))
        rows[name] = deviation, points
    return rows


def write_agreement_csv(study: Agreement, file: TextIO) -> None:
    """One row for each value and pair of readers; nine significant digits."""
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for value in study.values:
        for row in _rows(value, len(study.readings.readers)):
            writer.writerow({k: f"{v:.9g}" if isinstance(v, float) else v for k, v in row.items()})


def _value(one: ValueAgreement) -> dict[str, Any]:
    told: dict[str, Any] = {"unit": one.unit, "n": len(one.films), "incomplete": one.incomplete}
    if one.reliability is None:
        return told | {"reason": one.reason}
    return told | {
        **_reliability(one.reliability),
        "bland_altman": [_pair(pair) for pair in one.pairs],
        "against_others": [_pair(pair) for pair in one.against_others],
    }


def _reliability(one: Reliability) -> dict[str, Any]:
    return {
        "readers": one.k,
        "icc_2_1": _coefficient(one.icc_2_1),
        "icc_3_1": _coefficient(one.icc_3_1),
        "icc_1_1": _coefficient(one.icc_1_1),
        "sem": {"value": one.sem, "ci95": list(one.sem_ci95)},
        "mdc95": one.mdc95,
    }


def _coefficient(one: Coefficient) -> dict[str, Any]:
    if one.value is None:
        return {"value": None, "reason": one.reason}
    return {"value": one.value, "ci95": list(one.ci95) if one.ci95 else None}


def _pair(pair: PairAgreement) -> dict[str, Any]:
    found = pair.found
    slope = found.slope
    return {
        "difference": f"{pair.first} - {pair.second}",
        "n": found.n,
        "bias": found.bias,
        "bias_ci95": list(found.bias_ci95),
        "sd": found.sd,
        "limits": list(found.limits),
        "lower_limit_ci95": list(found.lower_ci95),
        "upper_limit_ci95": list(found.upper_ci95),
        "slope_on_mean": slope
        and {
            "value": slope.value,
            "ci95": list(slope.ci95),
            "is_proportional": slope.is_proportional,
        },
    }


def _grade(one: GradeAgreement) -> dict[str, Any]:
    told: dict[str, Any] = {"words": list(one.words), "n": one.n, "incomplete": one.incomplete}
    if one.reason is not None:
        return told | {"reason": one.reason}
    return told | {
        "mean_kappa": dict(one.mean),
        "pairs": [
            {
                "readers": f"{pair.first}, {pair.second}",
                "table": pair.table.astype(int).tolist(),
                "equal": pair.equal,
                "kappas": [
                    {
                        "weights": each.weights,
                        "value": each.value,
                        "ci95": list(each.ci95) if each.ci95 else None,
                        **({"reason": each.reason} if each.reason else {}),
                    }
                    for each in pair.kappas
                ],
            }
            for pair in one.pairs
        ],
    }


def _site(one: SiteSpread) -> dict[str, Any]:
    return {
        "view": one.view,
        "site": one.row.site,
        "points": one.points,
        "films": one.films,
        "normal_mm": one.normal,
        "tangential_mm": one.tangential,
        "normal_without_bias_mm": one.normal_without_bias,
        "tangential_without_bias_mm": one.tangential_without_bias,
        "default_mm": {
            "within_reader": list(one.row.within),
            "between_readers": list(one.row.total),
        },
        "bias": [
            {
                "reader": bias.reader,
                "normal_mm": bias.normal,
                "normal_ci95": bias.normal_ci95 and list(bias.normal_ci95),
                "tangential_mm": bias.tangential,
                "tangential_ci95": bias.tangential_ci95 and list(bias.tangential_ci95),
            }
            for bias in one.biases
        ],
    }


def _rows(one: ValueAgreement, readers: int) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {
        "key": one.key,
        "unit": one.unit,
        "n": len(one.films),
        "incomplete": one.incomplete,
        "readers": readers,
    }
    if one.reliability is None:
        yield row | {"reason": one.reason}
        return
    for name in ("icc_2_1", "icc_3_1", "icc_1_1"):
        coefficient: Coefficient = getattr(one.reliability, name)
        if coefficient.value is not None:
            row[name] = coefficient.value
        if coefficient.ci95 is not None:
            row[f"{name}_low"], row[f"{name}_high"] = coefficient.ci95
    row |= {"sem": one.reliability.sem, "mdc95": one.reliability.mdc95}
    row["sem_low"], row["sem_high"] = one.reliability.sem_ci95
    for pair in (*one.pairs, *one.against_others):
        found = pair.found
        numbers: dict[str, Any] = {"bias": found.bias, "sd": found.sd}
        numbers["bias_low"], numbers["bias_high"] = found.bias_ci95
        numbers["lower_limit"], numbers["upper_limit"] = found.limits
        numbers["lower_limit_low"], numbers["lower_limit_high"] = found.lower_ci95
        numbers["upper_limit_low"], numbers["upper_limit_high"] = found.upper_ci95
        if found.slope is not None:
            numbers["slope"] = found.slope.value
            numbers["slope_low"], numbers["slope_high"] = found.slope.ci95
        yield row | {"pair": f"{pair.first} - {pair.second}"} | numbers
