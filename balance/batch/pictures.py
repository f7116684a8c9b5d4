"""Which films the page shows, and their thumbnails in the ledger."""

from __future__ import annotations

from balance.batch.ledger import Ledger
from balance.batch.model import (
    Job,
    JobResult,
    Map,
    Method,
    Place,
    Settings,
    Work,
    to_bytes,
    to_name,
)
from balance.batch.reading import film_print

WITH_FILM = "FROM cases WHERE film IS NOT NULL ORDER BY flagged DESC, id, sources LIMIT ?"
"""The cases with most flags come first, as in the table of the page."""


def gather_thumbnails(settings: Settings, ledger: Ledger, run: Map, work: Work) -> None:
    """Decode the films that the page shows and whose thumbnails are not known yet.

    A film that cannot be decoded has none; its case stands, since no value rests on its pixels.
    """
    base = ledger.base
    wanted: dict[bytes, bytes] = {}
    for (film,) in base.execute(f"SELECT film {WITH_FILM}", (settings.thumbnails,)):
        wanted[film] = film_print(str(settings.folder / to_name(film)))
    known = dict(base.execute("SELECT film, film_print FROM thumbnails").fetchall())
    place = Place(settings.folder, settings.output, ledger.scratch)
    with ledger.transaction():
        for film, evidence in known.items():
            if wanted.get(film) != evidence:
                base.execute("DELETE FROM thumbnails WHERE film = ?", (film,))
    missing = [film for film, evidence in wanted.items() if known.get(film) != evidence]
    jobs = [
        Job(b"thumbnail\0" + film, "thumbnail", (to_name(film),), "", place, Method())
        for film in missing
    ]
    for job, outcome in run(work, jobs):
        result: JobResult = outcome.value or JobResult()
        film = to_bytes(job.sources[0])
        with ledger.transaction():
            base.execute(
                "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?)",
                (film, wanted[film], result.thumbnail),
            )
