"""Mutants of films in every encoding, opened in worker processes: ``python -m fuzz``."""

import sys
from pathlib import Path

# the films are made by the tests' writer
sys.path.append(str(Path(__file__).parents[1] / "tests"))
