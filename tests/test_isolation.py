"""A film in another process: every way to fail is a value, and takes one film with it."""

from __future__ import annotations

from pathlib import Path

import isolated_decoders as decoders
import numpy as np
import pytest
from film_writer import native, ramp

from balance.isolation import Worker

FILM = Path("some-film.dcm")


def test_a_film_from_a_worker_is_the_film(tmp_path: Path) -> None:
    pixels = ramp(12)
    path = native(tmp_path, pixels, bits=12, PixelSpacing=[0.14, 0.14])
    with Worker() as worker:
        outcome = worker.open_film(path)
    assert (outcome.status, outcome.error) == ("ok", None)
    assert outcome.value is not None
    np.testing.assert_array_equal(outcome.value.pixels, pixels)
    assert outcome.value.scale.row_mm == 0.14
    assert not outcome.value.pixels.flags.writeable


def test_a_frame_may_be_chosen(tmp_path: Path) -> None:
    pixels = np.stack([ramp(8), 255 - ramp(8)])
    path = native(tmp_path, pixels[0], data=pixels.tobytes(), NumberOfFrames=2)
    with Worker() as worker:
        refused, second = worker.open_film(path), worker.open_film(path, frame=2)
    assert refused.status == "rejected"
    assert refused.error is not None
    assert "2 frames" in refused.error
    assert second.value is not None
    np.testing.assert_array_equal(second.value.pixels, pixels[1])


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        (decoders.dies, "crashed", "decoder crashed"),
        (decoders.killed_for_memory, "out-of-memory", "memory"),
        (decoders.sleeps, "timeout", "longer than 1 s"),
        (decoders.eats_memory, "out-of-memory", "memory"),
        (decoders.answers_too_much, "out-of-memory", "memory"),
        (decoders.leaks, "crashed", "LookupError"),
    ],
)
def test_a_dying_worker_takes_one_film_with_it(
    function, status: str, words: str, tmp_path: Path
) -> None:
    good = native(tmp_path, ramp(8))
    # only what never ends may run into the limit, however busy the machine
    seconds = 1 if status == "timeout" else 60
    with Worker(memory=400 << 20, seconds=seconds) as worker:
        before = worker.run(decoders.process, good)
        outcome = worker.run(function, FILM)
        after = worker.run(decoders.process, good)
    assert outcome.status == status
    assert outcome.value is None
    assert outcome.error is not None
    assert outcome.error.startswith(f"{FILM}: ")
    assert words in outcome.error
    assert "Zzyzx" not in outcome.error
    assert (before.status, after.status) == ("ok", "ok")
    assert before.value != after.value


def test_a_worker_is_used_again_after_a_refusal(tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_text("no film")
    with Worker() as worker:
        first = worker.run(decoders.process, note)
        outcome = worker.open_film(note)
        second = worker.run(decoders.process, note)
    assert outcome.status == "rejected"
    assert outcome.error == f"{note}: is no film (DICOM, PNG, JPEG and TIFF are read)"
    assert first.value == second.value


def test_a_closed_worker_starts_again(tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8))
    worker = Worker()
    first = worker.run(decoders.process, path)
    worker.close()
    worker.close()
    second = worker.run(decoders.length, path)
    worker.close()
    assert first.status == "ok"
    assert second.value == path.stat().st_size
