"""A batch that is killed, starved or shut out goes on with the same command, to the same bytes."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from balance.batch.model import Halted, Settings
from balance.batch.run import run_batch
from fuzz.kills import fill, start, torment, tree, workers_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills processes as Linux does")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder and what an uninterrupted run makes of it."""
    folder, output = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out") / "whole"
    fill(folder, 40)
    assert start(folder, output).wait() == 1
    return folder, tree(output)


@pytest.mark.slow
def test_killed_at_random_moments(whole, tmp_path):
    folder, expected = whole
    found = torment(4, 5, folder, tmp_path, expected)
    assert found.bad == []
    assert found.kills == 4


def both_workers(process: subprocess.Popen[bytes], but: int = 0) -> list[int]:
    """The two workers of a batch that goes on, as soon as there are two without ``but``."""
    while len(workers := [one for one in workers_of(process.pid) if one != but]) < 2:
        assert process.poll() is None
        time.sleep(0.005)
    return workers


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(whole, tmp_path):
    folder, expected = whole
    process = start(folder, tmp_path / "out")
    first, second = both_workers(process)
    # the second stands still until the first has a successor, so that work is left for it
    os.kill(second, signal.SIGSTOP)
    os.kill(first, signal.SIGKILL)
    both_workers(process, but=first)
    os.kill(second, signal.SIGKILL)
    assert process.wait() == 1
    assert tree(tmp_path / "out") == expected


@pytest.mark.slow
def test_nothing_that_was_done_is_done_again(whole, tmp_path):
    folder, expected = whole
    output = tmp_path / "out"
    process = start(folder, output)
    while len(done := list((output / "cases").glob("*.json"))) < 20:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait()
    before = {path.name: path.stat().st_ino for path in (output / "cases").glob("*.json")}
    assert len(before) >= len(done)
    assert start(folder, output).wait() == 1
    again = [
        name for name, number in before.items()
        if (output / "cases" / name).stat().st_ino != number
    ]  # fmt: skip
    # what was in hand when it was killed has no line in the ledger: at most what waits in workers
    assert len(again) <= 2 * 3
    assert tree(output) == expected


def limited(folder: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """A batch that may write no file of more than 40 kB: the ledger outgrows it."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    command = [sys.executable, "-m", "balance.cli", "batch", folder, "-o", output]
    return subprocess.run(
        [*map(str, command), "--workers", "1"],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )


@pytest.mark.slow
def test_no_room_halts_with_a_sentence_and_goes_on_later(whole, tmp_path):
    folder, expected = whole
    output = tmp_path / "out"
    ended = limited(folder, output)
    assert ended.returncode == 1
    assert ended.stderr.startswith("refused: ")
    assert "give the same command again to go on" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (output / "cases.csv").exists()
    assert start(folder, output).wait() == 1
    assert tree(output) == expected


@pytest.mark.slow
def test_a_full_disk_halts_and_goes_on_when_there_is_room(whole, tmp_path):
    folder, expected = whole
    output = tmp_path / "disk"
    output.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "none", output],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        process = start(folder, output)
        assert process.wait() == 1
        assert not (output / "index.html").exists()
        subprocess.run(["mount", "-o", "remount,size=50m", output], check=True)
        assert start(folder, output).wait() == 1
        assert tree(output) == expected
    finally:
        subprocess.run(["umount", output], check=True)


def test_a_folder_that_cannot_be_written_is_one_sentence(whole, tmp_path):
    folder, _ = whole
    output = tmp_path / "out"
    output.mkdir()
    (output / "cases").write_text("in the way")
    settings = Settings(folder, output)
    with pytest.raises(Halted, match="give the same command again"):
        run_batch(settings, Console(file=io.StringIO()))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_is_refused(whole, tmp_path):
    folder, _ = whole
    closed = folder / "closed.landmarks.json"
    closed.write_text("{}")
    closed.chmod(0)
    inner = folder / "inner"
    inner.mkdir(mode=0)
    try:
        summary = run_batch(Settings(folder, tmp_path / "out"), Console(file=io.StringIO()))
        text = (tmp_path / "out" / "failures.csv").read_text()
        assert "closed.landmarks.json: Permission denied" in text
        assert "inner: the folder cannot be read" in text
        assert summary.counts["rejected"] >= 2
    finally:
        inner.chmod(0o700)
        inner.rmdir()
        closed.unlink()
