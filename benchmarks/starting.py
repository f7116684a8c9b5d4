"""How long the program takes to answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Row, timed_pair


def rows() -> Iterator[Row]:
    """The benchmark rows of starting."""
    program = Path(sys.executable).with_name("spinal-balance")
    seconds, floor = timed_pair(
        lambda: subprocess.run([program, "--help"], check=True, capture_output=True),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
    )
    yield Row("--help", seconds, "<= 0.3 s", "python -c pass", floor)
