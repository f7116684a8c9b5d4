"""A batch on one page: plan, work, thumbnails, tables."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from balance.batch.job import perform
from balance.batch.ledger import Ledger
from balance.batch.model import (
    CASES,
    FIGURES,
    PROPOSALS,
    Halted,
    Job,
    Map,
    Settings,
    Work,
    WrongUse,
)
from balance.batch.pictures import gather_thumbnails
from balance.batch.plan import Plan
from balance.batch.pool import Pool, cores
from balance.batch.progress import Meter
from balance.batch.tables import write_tables

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to.

    ``counts`` hold cases and refused inputs by status; ``kept`` how much was done in an earlier
    run; ``notes`` are sentences for the user; ``plans`` were left out, since they hold planned
    points.
    """

    counts: Counter[str]
    done: int
    kept: int
    notes: tuple[str, ...] = ()
    plans: int = 0

    @property
    def all_measured(self) -> bool:
        """Whether nothing that has points was refused, and there was something."""
        good = sum(self.counts[status] for status in ("ok", "partial", "unmarked"))
        return good > 0 and good == self.counts.total()


Mapping = Callable[[Settings], AbstractContextManager[Map]]
"""Opens the place where the work is done."""


@contextmanager
def local_or_cluster(settings: Settings) -> Iterator[Map]:
    """Processes of this machine, or a cluster."""
    if settings.scheduler is None:
        with Pool(settings.workers, seconds=settings.seconds, memory=settings.memory) as pool:
            yield pool.map
        return
    from balance.batch.cluster import Cluster

    with Cluster(settings.scheduler, seconds=settings.seconds, memory=settings.memory) as cluster:
        yield cluster.map


def run_batch(
    settings: Settings,
    console: Console,
    *,
    work: Work = perform,
    mapping: Mapping = local_or_cluster,
) -> Summary:
    """Measure a folder into tables, going on where an earlier run was cut off.

    Parameters
    ----------
    console
        Where the progress is shown.
    work
        What is done with each job.
    mapping
        Where it is done.

    Raises
    ------
    WrongUse
        The settings cannot be met.
    Halted
        The results cannot be written; the same call goes on later.
    """
    _require_folders(settings)
    # threads of the linear algebra cost more than they give; the workers inherit this
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    ledger = Ledger(settings.output)
    try:
        with ledger.guarded(), mapping(settings) as run:
            _make_folders(settings)
            plan = Plan(settings, ledger, run)
            with Meter(console, plan.remaining, "examinations and films") as meter:
                _work_off(plan, ledger, run, work, meter)
            gather_thumbnails(settings, ledger, run, work)
            notes = _linked(plan)
            ledger.share()
            notes += _tables(settings, ledger, run)
            counts = ledger.counts()
            ledger.compact()
    finally:
        ledger.close()
    kept = plan.total - plan.remaining
    return Summary(counts, plan.remaining, kept, notes, plan.left_out.plans)


def _tables(settings: Settings, ledger: Ledger, run: Map) -> tuple[str, ...]:
    """The tables are made where the ledger is, whoever has done the work."""
    if settings.scheduler is None:
        return write_tables(settings, ledger, run)
    with Pool(cores(), seconds=settings.seconds, memory=settings.memory) as pool:
        return write_tables(settings, ledger, pool.map)


def _work_off(plan: Plan, ledger: Ledger, run: Map, work: Work, meter: Meter) -> None:
    fingerprints: dict[bytes, bytes] = {}

    def jobs() -> Iterator[Job]:
        for job, fingerprint in plan.jobs():
            fingerprints[job.key] = fingerprint
            yield job

    for job, outcome in run(work, jobs()):
        if outcome.value is not None and outcome.value.halted:
            raise Halted(outcome.value.halted)
        result = ledger.record(job, fingerprints.pop(job.key), outcome)
        meter.count(
            Counter([case.status for case in result.cases])
            + Counter([one.status for one in result.refused])
        )


def _require_folders(settings: Settings) -> None:
    folder, output = settings.folder, settings.output
    if not folder.is_dir():
        raise WrongUse(f"{folder}: no such folder; check the path")
    if output.exists() and not output.is_dir():
        raise WrongUse(f"{output}: is a file; name a folder for the results")
    if output.resolve() == folder.resolve():
        raise WrongUse(f"{output}: holds the films; choose another folder for the results")


def _make_folders(settings: Settings) -> None:
    wanted = [CASES]
    wanted += [FIGURES] if settings.figures else []
    wanted += [PROPOSALS] if settings.propose else []
    for name in wanted:
        (settings.output / name).mkdir(exist_ok=True)


def _linked(plan: Plan) -> tuple[str, ...]:
    if not plan.left_out.linked_folders:
        return ()
    number = plan.left_out.linked_folders
    return (f"{number} linked folder{'s' * (number > 1)} not entered: name the real one",)
