"""The tables of docs/landmarking.md: proposals against the truth of sets that nobody tuned on.

``python -m benchmarks.landmarking WORK [--real FOLDER]`` draws the sets into WORK where they are
missing, evaluates each, keeps each evaluation as ``WORK/NAME.evaluation.json`` and writes the
tables between the marks of docs/landmarking.md. ``--real`` names a folder in the AASCE layout
(``landmarks.csv``, ``filenames.csv`` and the films); its films stay where they are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from balance.exchange.draft import Given
from balance.exchange.formats import import_documents, write_documents
from balance.landmarks.proposals import propose
from balance.phantom.series import write_phantoms
from balance.study.evaluate import evaluate_folder, evaluation_document
from balance.writing import json_bytes, write_atomically
from benchmarks.landmarking_tables import Evaluated, tables
from benchmarks.other_renderer.film import write_film
from benchmarks.stress_sets import FACTORS, write_set

PAGE = Path(__file__).parents[1] / "docs" / "landmarking.md"
FIRST, LAST = "<!-- tables: written by python -m benchmarks.landmarking -->", "<!-- end -->"
PHANTOM_SEED, OTHER_SEED = 20_260, 9_001


@dataclass(frozen=True)
class TestSet:
    """Films with their truth, and how they are made where they are missing."""

    name: str
    title: str
    make: Callable[[Path], None]
    view: str = "lateral"


def sets(size: int) -> Iterator[TestSet]:
    """Every set in the order of the page."""
    for factor, (_, words) in FACTORS.items():
        yield TestSet(
            factor,
            f"{factor.replace('_', ' ')}: {words}",
            lambda folder, factor=factor: write_set(folder, factor, count=size, seed=PHANTOM_SEED),
        )
    for view in ("lateral", "frontal"):
        yield TestSet(
            f"other_{view}",
            f"second renderer, {view}",
            lambda folder, view=view: write_other(folder, view, size),
            view,
        )
    yield TestSet(
        "hard_frontal",
        "hard phantoms, frontal",
        lambda folder: write_frontal(folder, size),
        "frontal",
    )


def write_other(folder: Path, view: str, count: int) -> None:
    """Films of the second renderer."""
    folder.mkdir(parents=True)
    place = ("lateral", "frontal").index(view)
    for number in range(1, count + 1):
        write_film(folder, f"{view}_{number:03d}", view, (OTHER_SEED, place, number))


def write_frontal(folder: Path, count: int) -> None:
    """Frontal phantoms as an archive holds them."""
    write_phantoms(folder, count=count, seed=PHANTOM_SEED, style="hard", view="frontal")


def import_real(folder: Path, source: Path) -> None:
    """The readers' own corners as truth beside links to the films."""
    folder.mkdir(parents=True)
    found, refused = import_documents(source, "aasce", Given(images=source))
    for written in write_documents(found, folder):
        name = written.name.removesuffix(".landmarks.json")
        film = json.loads(written.read_text(encoding="utf-8"))["image"]["file"]
        (folder / film).symlink_to((source / film).resolve())
        written.rename(folder / f"{name}.truth.landmarks.json")
    print(f"real films: {len(found)} read, {len(refused)} refused for their labels", flush=True)


def evaluated(work: Path, test_set: TestSet) -> Evaluated:
    """The evaluation of a set, made once."""
    kept = work / f"{test_set.name}.evaluation.json"
    if not kept.exists():
        folder = work / test_set.name
        if not folder.exists():
            test_set.make(folder)
        made = evaluation_document(evaluate_folder(folder, propose))
        write_atomically(kept, json_bytes(made))
        print(f"{test_set.name}: {made['summary']['films']} films", flush=True)
    document = json.loads(kept.read_text(encoding="utf-8"))
    return Evaluated(test_set.name, test_set.title, test_set.view, document)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.landmarking", description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--size", type=int, default=40, help="films of each set")
    parser.add_argument("--real", type=Path, help="folder of real frontal films")
    asked = parser.parse_args()
    listed = list(sets(asked.size))
    if asked.real:
        source = asked.real
        listed.append(
            TestSet(
                "real_frontal",
                "real frontal films, against the readers' own corners",
                lambda folder: import_real(folder, source),
                "frontal",
            )
        )
    asked.work.mkdir(parents=True, exist_ok=True)
    found = [evaluated(asked.work, one) for one in listed]
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(FIRST)
    after = rest.split(LAST)[1]
    body = "\n".join(tables(found))
    PAGE.write_text(f"{before}{FIRST}\n\n{body}\n\n{LAST}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
