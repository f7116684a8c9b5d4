"""``python -m benchmarks.other_renderer FOLDER [--lateral 30 --frontal 20 --seed 1]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.other_renderer.film import write_film

VIEWS = ("lateral", "frontal")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.other_renderer")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lateral", type=int, default=30)
    parser.add_argument("--frontal", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for place, view in enumerate(VIEWS):
        for number in range(1, getattr(asked, view) + 1):
            write_film(asked.folder, f"{view}_{number:03d}", view, (asked.seed, place, number))


if __name__ == "__main__":
    main()
