"""Batches killed at random moments, whole or one worker of them, must come to the same bytes.

``python -m fuzz.kills --count 200 --seed 1``: exit status 1 where one did not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = Path(__file__).parents[1] / "tests" / "known"
DOCUMENTS = 120
WORKERS = 2
_KILLED = -signal.SIGKILL


@dataclass
class Found:
    """What the kills came to."""

    kills: int = 0
    runs: int = 0
    worker_kills: int = 0
    bad: list[str] = field(default_factory=list)


def fill(folder: Path, count: int = DOCUMENTS) -> None:
    """Documents that differ, some of them damaged."""
    known = [json.loads(path.read_text())["landmarks"] for path in sorted(KNOWN.glob("*.json"))]
    for number in range(count):
        path = folder / f"{number % 7}" / f"{number:04d}.landmarks.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(known[number % len(known)] | {"reader": str(number)})
        path.write_text(text if number % 10 else text[: len(text) // 2])


def tree(output: Path) -> dict[str, bytes]:
    """Every file of the results."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }


def start(folder: Path, output: Path) -> subprocess.Popen[bytes]:
    """A batch as a user starts it."""
    command = [sys.executable, "-m", "balance.cli", "batch", folder, "-o", output]
    return subprocess.Popen(  # noqa: S603
        [*map(str, command), "--workers", str(WORKERS)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def workers_of(process: int) -> list[int]:
    """The worker processes of a batch, as Linux tells them."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [
            int(child)
            for child in children
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
    except OSError:
        return []


def torment(count: int, seed: int, folder: Path, fresh: Path, expected: dict[str, bytes]) -> Found:
    """Kill runs until ``count`` kills are done; each folder of results ends with a whole run."""
    chance = random.Random(seed)  # noqa: S311
    found = Found()
    while found.kills < count:
        output = fresh / f"{seed}-{found.runs}"
        output.mkdir(parents=True)
        while True:
            again = found.kills < count and chance.random() < 0.75
            ended = _run(folder, output, chance if again else None, found)
            if ended != _KILLED:
                break
        found.runs += 1
        here = tree(output)
        wrong = sorted(
            name for name in here.keys() | expected if here.get(name) != expected.get(name)
        )
        if wrong:
            found.bad.append(f"seed {seed}, results {output.name}: {', '.join(wrong[:5])}")
    return found


def _run(folder: Path, output: Path, chance: random.Random | None, found: Found) -> int:
    """One run, with one kill at a random moment where there is a chance."""
    process = start(folder, output)
    if chance is None:
        return process.wait()
    # the moments in which something is written are sought out as well as any other
    time.sleep(chance.uniform(0.3, 0.8))
    deadline = time.monotonic() + chance.choice((0.0, 0.5, 1.0, 2.0, 4.0))
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.0, 0.05))
    if chance.random() < 0.4:
        workers = workers_of(process.pid)
        if workers:
            try:
                os.kill(chance.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                return process.wait()
            found.kills, found.worker_kills = found.kills + 1, found.worker_kills + 1
        return process.wait()
    if process.poll() is None:
        process.kill()
        found.kills += 1
    return process.wait()


def main() -> int:
    """Run and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="kills")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        fill(folder)
        start(folder, Path(name) / "whole").wait()
        expected = tree(Path(name) / "whole")
        found = torment(chosen.count, chosen.seed, folder, Path(name) / "out", expected)
    for line in found.bad:
        print(line)
    seconds = time.perf_counter() - begun
    print(
        f"{found.kills} kills ({found.worker_kills} of a worker) in {found.runs} batches, "
        f"{len(found.bad)} bad, {seconds:.0f} s"
    )
    return 1 if found.bad else 0


if __name__ == "__main__":
    sys.exit(main())
