"""The same batch on a real dask scheduler with two workers, one of which is killed."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from test_batch import batch

from balance.batch.model import Settings, WrongUse
from balance.batch.run import run_batch
from fuzz.kills import fill, tree

pytest.importorskip("distributed", reason="the extra cluster is not installed")
pytestmark = pytest.mark.slow


def begin(logs: Path, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    places = os.pathsep.join(str(path) for path in Path(__file__).parents[:2])
    told = {"PYTHONPATH": places, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    with (logs / f"{program}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=logs,
            env=os.environ | told,
        )


def address_in(log: Path) -> str:
    for _ in range(600):
        found = re.search(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler on the loopback, and its two workers."""
    logs = tmp_path / "logs"
    logs.mkdir()
    scheduler = begin(logs, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    processes = [scheduler]
    try:
        address = address_in(logs / "scheduler.log")
        told = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        workers = [begin(logs, "worker", address, *told) for _ in range(2)]
        processes += workers
        yield address, workers
    finally:
        # a worker that cannot say goodbye to its scheduler may wait for it without end
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(timeout=20)


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(cluster, tmp_path):
    address, workers = cluster
    folder, output = tmp_path / "in", tmp_path / "there"
    fill(folder, 200)
    batch(folder, tmp_path / "here")
    done: list[int] = []

    def kill_one() -> None:
        while not done:
            records = list((output / "cases").glob("*.json"))
            if len(records) >= 5:
                workers[0].kill()
                done.append(len(records))
            time.sleep(0.005)

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    settings = Settings(folder, output, scheduler=address, folder_as_given=str(folder))
    summary = run_batch(settings, Console(file=io.StringIO()))
    killer.join(10)
    assert done[0] < 200
    assert workers[0].wait() == -signal.SIGKILL
    assert summary.counts["rejected"] == 20
    assert summary.counts.total() == 200
    assert tree(output) == tree(tmp_path / "here")


def test_no_scheduler_is_wrong_usage(tmp_path):
    (tmp_path / "in").mkdir()
    settings = Settings(tmp_path / "in", tmp_path / "out", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(WrongUse, match="no dask scheduler answers there"):
        run_batch(settings, Console(file=io.StringIO()))
