"""``python -m fuzz --count 20000 --seed 1``: exit status 1 where any mutant ended badly."""

from __future__ import annotations

import argparse
import sys
import time

from fuzz.films import BAD, GOOD, fuzz
from fuzz.seeds import seeds


def main() -> int:
    """Run and print one line for each encoding."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="mutants of each encoding")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="index of the first mutant")
    parser.add_argument("--only", action="append", help="an encoding (all without it)")
    chosen = parser.parse_args()
    names = tuple(chosen.only or seeds())
    print("encoding".ljust(28), *(word.rjust(11) for word in (*GOOD, *BAD)), "     peak MiB, s")
    failed, total, begun = 0, 0, time.perf_counter()
    last = begun
    for found in fuzz(names, count=chosen.count, seed=chosen.seed, first=chosen.first):
        now = time.perf_counter()
        cells = (str(found.counts[word]).rjust(11) for word in (*GOOD, *BAD))
        print(found.name.ljust(28), *cells, f"{found.peak >> 20:>13}, {now - last:.0f}", flush=True)
        for index, word in found.bad[:10]:
            print(f"    --only '{found.name}' --seed {chosen.seed} --first {index}: {word}")
        failed, total, last = failed + len(found.bad), total + sum(found.counts.values()), now
    print(f"{total} mutants, {failed} bad, {time.perf_counter() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
