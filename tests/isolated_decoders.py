"""Functions of a path that misbehave, for `test_isolation`: a spawned process imports them."""

from __future__ import annotations

import os
import time
from pathlib import Path


def length(path: Path) -> int:
    return len(path.read_bytes())


def process(path: Path) -> int:
    return os.getpid()


def dies(path: Path) -> None:
    os.abort()


def killed_for_memory(path: Path) -> None:
    os.kill(os.getpid(), 9)


def sleeps(path: Path) -> None:
    time.sleep(600)


def eats_memory(path: Path) -> int:
    return len(bytearray(1 << 34))


def answers_too_much(path: Path) -> bytes:
    return bytes(300 << 20)


def leaks(path: Path) -> None:
    raise LookupError("Zzyzx^Quimby")
