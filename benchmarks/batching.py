"""A folder of documents to all tables on two workers, and thumbnails against the bare decode."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import openjpeg
from pydicom import dcmread
from pydicom.encaps import generate_frames
from rich.console import Console

from balance.batch.model import Settings
from balance.batch.pool import Pool
from balance.batch.run import run_batch
from balance.batch.thumbnails import thumbnail
from balance.isolation import MEMORY
from balance.phantom.document import landmark_document
from balance.phantom.exposure import calibration, expose
from balance.phantom.lateral import LateralChoices, lateral_phantom
from benchmarks.films import write_film
from benchmarks.timing import Row, peak_memory, timed_pair

FEW, MANY = 2_000, 20_000
WORKERS = 2
ROWS, COLUMNS, FILMS = 5000, 2000, 4


@dataclass(frozen=True, slots=True)
class Memory:
    """A line of the table that holds bytes."""

    work: str
    peak: int
    floor: str
    floor_peak: int
    goal: str

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        ratio = f"{self.peak / self.floor_peak:.2f} x"
        floor = f"{self.floor} {self.floor_peak >> 20} MiB"
        return self.work, f"{self.peak >> 20} MiB", floor, ratio, self.goal


def rows() -> Iterator[Row | Memory]:
    """The benchmark rows of batches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = (_batch(folder, count) for count in (FEW, MANY))
    yield Row(f"{FEW:,} documents to all tables, two workers", few["seconds"], "<= 15 s")
    yield Row(
        f"one document more, from {FEW:,} to {MANY:,}",
        (many["seconds"] - few["seconds"]) / (MANY - FEW),
        "constant",
        f"one of {FEW:,}",
        few["seconds"] / FEW,
    )
    for who in ("batch", "worker"):
        yield Memory(
            f"peak memory of the {who}, {MANY:,} documents",
            many[who],
            f"{FEW:,} documents",
            few[who],
            "constant",
        )
    yield _thumbnails()


def _batch(folder: Path, count: int) -> dict[str, Any]:
    """One batch in a process of its own, which tells its time and memory."""
    films = folder / f"films {count}"
    write_documents(films, count)
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.batching", films, folder / f"out {count}"],
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def write_documents(folder: Path, count: int) -> None:
    """Documents of one lateral film, each placed a little differently."""
    phantom = lateral_phantom(LateralChoices(PI=56.0, PT=22.0, LL=44.0, TK=42.0, SVA=62.0))
    seen = expose(phantom, (0.2, 0.2), "right")
    document = landmark_document(phantom, seen, scale=calibration("dicom_fiducial"))
    text = {key: value for key, value in document.items() if key not in ("case", "image")}
    chance = np.random.default_rng(0)
    for number in range(count):
        points = {
            name: point | {"x": point["x"] + dx, "y": point["y"] + dy}
            for (name, point), (dx, dy) in zip(
                text["points"].items(), chance.normal(0, 2, (len(text["points"]), 2)), strict=True
            )
        }
        path = folder / f"{number // 1000:03d}" / f"{number:06d}.landmarks.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(text | {"points": points}))


def _thumbnails() -> Row:
    """Decode and shrink on two workers, against the decode alone on the same workers."""
    with tempfile.TemporaryDirectory() as name:
        films = [Path(name) / f"{number}.dcm" for number in range(FILMS)]
        y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
        for number, film in enumerate(films):
            noise = np.random.default_rng(number).normal(0, 12, (ROWS, COLUMNS)).astype(np.float32)
            shape = 1800 + 900 * np.sin(y / 700) + 700 * np.cos(x / 400) + noise
            write_film(film, np.clip(shape, 0, 4095).astype(np.uint16), "JPEG 2000")
        with Pool(WORKERS, seconds=120, memory=MEMORY) as pool:

            def on_the_workers(work: Callable[[Path], Any]) -> None:
                for _, outcome in pool.map(work, films):
                    assert outcome.status == "ok", outcome.error

            seconds, floor = timed_pair(
                partial(on_the_workers, thumbnail), partial(on_the_workers, decode), rounds=3
            )
    return Row(
        f"thumbnail of a {COLUMNS} x {ROWS} JPEG 2000 film, two workers",
        seconds / FILMS,
        "<= 1.25 x",
        "openjpeg",
        floor / FILMS,
    )


def decode(path: Path) -> int:
    """The bare decode of a film; its size only, so that no pixels travel."""
    return int(openjpeg.decode(next(generate_frames(dcmread(path).PixelData))).size)


def main() -> None:
    """Run one batch and print its time and its peaks of memory."""
    folder, output = (Path(word) for word in sys.argv[1:3])
    settings = Settings(folder, output, folder_as_given=str(folder), workers=WORKERS)
    begun = time.perf_counter()
    run_batch(settings, Console(file=io.StringIO()))
    seconds = time.perf_counter() - begun
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "batch": peak_memory(), "worker": worker}))


if __name__ == "__main__":
    main()
