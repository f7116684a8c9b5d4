"""Work that misbehaves for some names, for `test_batch`: a spawned process imports it."""

from __future__ import annotations

import os
import time

from balance.batch.job import perform
from balance.batch.model import Job, JobResult


def misbehave(job: Job) -> JobResult:
    name = job.sources[0]
    if "dies_once" in name:
        mark = job.place.output / "died-once"
        if not mark.exists():
            mark.write_text("")
            os.kill(os.getpid(), 9)
    elif "dies" in name:
        os.abort()
    elif "sleeps" in name:
        time.sleep(600)
    elif "eats" in name:
        return JobResult(halted=str(len(bytearray(1 << 36))))
    elif "leaks" in name:
        raise LookupError("Zzyzx^Quimby")
    return perform(job)


def slow(job: Job) -> JobResult:
    time.sleep(0.05)
    return perform(job)
