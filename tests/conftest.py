"""Settings that every test shares."""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

# Threads for matrices of this size only wait for each other; must be said before numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")
