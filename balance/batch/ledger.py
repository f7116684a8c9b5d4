"""What a batch remembers: every result, committed as it comes, in one SQLite file.

A run that is killed at any moment leaves a ledger that the next one goes on with. At the end it is
written anew in one order, so that equal results are equal bytes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from balance.batch.model import (
    CaseRow,
    Halted,
    Job,
    JobResult,
    Refused,
    to_bytes,
    to_name,
)
from balance.isolation import Outcome
from balance.walk import LEDGER

FORMAT = 1
_APPLICATION = 0x53424C31
"""Marks the file as a ledger of this program."""

_TABLES = """
CREATE TABLE IF NOT EXISTS results (
    key BLOB PRIMARY KEY, fingerprint BLOB, name TEXT, status TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (
    id BLOB, sources BLOB, key BLOB, name TEXT, status TEXT, flagged INTEGER, film BLOB,
    content BLOB, PRIMARY KEY (id, sources)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cases_by_job ON cases (key);
CREATE INDEX IF NOT EXISTS cases_by_flags ON cases (flagged DESC, id, sources);
CREATE TABLE IF NOT EXISTS failures (
    source BLOB, key BLOB, status TEXT, error BLOB, PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS failures_by_job ON failures (key);
CREATE TABLE IF NOT EXISTS outputs (path TEXT PRIMARY KEY, size INTEGER, key BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outputs_by_job ON outputs (key);
CREATE TABLE IF NOT EXISTS thumbnails (
    film BLOB PRIMARY KEY, film_print BLOB, picture BLOB
) WITHOUT ROWID;
"""

_BETWEEN = b"\0"


class Ledger:
    """The ledger of one folder of results, held by one run at a time.

    Raises
    ------
    Halted
        Another run holds it, or it cannot be read or written.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.folder = output / LEDGER
        self.path = self.folder / "ledger.sqlite"
        self.scratch = self.folder / "scratch"
        with self.guarded():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.base = sqlite3.connect(self.path, isolation_level=None, timeout=0.5)
            # no second run may write, and no shared memory is needed on a network file system
            self.base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.base.execute("PRAGMA journal_mode = WAL")
            self.base.execute("PRAGMA synchronous = NORMAL")
            self.base.execute("BEGIN IMMEDIATE")
            self._require_format()
            self.base.execute("COMMIT")
            self.base.executescript(_TABLES)
            # what a killed run left
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(exist_ok=True)

    def _require_format(self) -> None:
        (application,) = self.base.execute("PRAGMA application_id").fetchone()
        (version,) = self.base.execute("PRAGMA user_version").fetchone()
        if (application, version) == (_APPLICATION, FORMAT):
            return
        if (application, version) != (0, 0):
            raise Halted(f"{self.path}: a ledger of another version; choose another folder")
        self.base.execute(f"PRAGMA application_id = {_APPLICATION}")
        self.base.execute(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Errors of the disk and of the ledger as one sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Halted(
                    f"{self.output}: another batch is writing here; wait for it, or choose another "
                    "folder"
                ) from None
            raise Halted(
                f"{self.path}: {error}; mend that, and give the same command again to go on"
            ) from None
        except sqlite3.DatabaseError as error:
            raise Halted(
                f"{self.path}: {error}; remove the folder {self.folder} to start again"
            ) from None
        except OSError as error:
            raise Halted(
                f"{self.output}: {error.strerror}; mend that, and give the same command again to "
                "go on"
            ) from None

    def record(self, job: Job, fingerprint: bytes, outcome: Outcome[JobResult]) -> JobResult:
        """Write down what became of a job, replacing what was known of it."""
        result = outcome.value or _lost(job, outcome)
        status = outcome.status
        with self.transaction():
            self._forget(job.key, keep={path for path, _ in result.outputs})
            row = (job.key, fingerprint, job.name, status)
            self.base.execute("INSERT INTO results VALUES (?, ?, ?, ?)", row)
            self.base.executemany(
                "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [_case_values(job.key, case) for case in result.cases],
            )
            self.base.executemany(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)",
                [
                    (to_bytes(one.source), job.key, one.status, to_bytes(one.error))
                    for one in result.refused
                ],
            )
            self.base.executemany(
                "INSERT OR REPLACE INTO outputs VALUES (?, ?, ?)",
                [(path, size, job.key) for path, size in result.outputs],
            )
        return result

    def refuse(self, key: bytes, refused: Refused) -> None:
        """Write down what cannot even be looked at."""
        with self.transaction():
            self._forget(key, keep=set())
            self.base.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?)", (key, b"", "", refused.status)
            )
            self.base.execute(
                "INSERT INTO failures VALUES (?, ?, ?, ?)",
                (to_bytes(refused.source), key, refused.status, to_bytes(refused.error)),
            )

    def forget_all_but(self, planned: str) -> None:
        """Forget the results of jobs that a table of the plan does not name, and their files."""
        while stale := self.base.execute(
            f"SELECT key FROM results WHERE key NOT IN (SELECT key FROM {planned}) LIMIT 500"  # noqa: S608
        ).fetchall():
            with self.transaction():
                for (key,) in stale:
                    self._forget(key, keep=set())

    def _forget(self, key: bytes, keep: set[str]) -> None:
        for (path,) in self.base.execute("SELECT path FROM outputs WHERE key = ?", (key,)):
            if path not in keep:
                (self.output / path).unlink(missing_ok=True)
        for table in ("results", "cases", "failures", "outputs"):
            self.base.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # noqa: S608

    def is_complete(self, key: bytes) -> bool:
        """Whether the files that a job left are still there, as long as they were."""
        for path, size in self.base.execute("SELECT path, size FROM outputs WHERE key = ?", (key,)):
            try:
                if os.stat(self.output / path).st_size != size:
                    return False
            except OSError:
                return False
        return True

    def counts(self) -> Counter[str]:
        """How many cases and refused inputs there are of each status."""
        counts: Counter[str] = Counter()
        for table in ("cases", "failures"):
            query = f"SELECT status, count(*) FROM {table} GROUP BY status"  # noqa: S608
            counts.update(dict(self.base.execute(query).fetchall()))
        return counts

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        with self.guarded():
            self.base.execute("BEGIN")
            try:
                yield
                self.base.execute("COMMIT")
            except BaseException:
                # a full disk has ended it already
                if self.base.in_transaction:
                    self.base.execute("ROLLBACK")
                raise

    def share(self) -> None:
        """Let other processes read, while nobody writes."""
        with self.guarded():
            self.base.execute("PRAGMA journal_mode = DELETE")
            self.base.execute("PRAGMA locking_mode = NORMAL")
            self.base.execute("SELECT count(*) FROM results").fetchone()

    def close(self) -> None:
        """Let go of the ledger as it is."""
        self.base.close()

    def compact(self) -> None:
        """Write the ledger anew, in order and without what only this run needed, and let go."""
        with self.guarded():
            fresh = self.scratch / "ledger.sqlite"
            self.base.execute("VACUUM INTO ?", (str(fresh),))
            self.base.close()
            base = sqlite3.connect(fresh, isolation_level=None)
            # a counter that every VACUUM raises would tell runs apart that found the same
            base.execute("PRAGMA schema_version = 1")
            base.close()
            fresh.replace(self.path)
            shutil.rmtree(self.scratch, ignore_errors=True)


def read_only(path: Path) -> sqlite3.Connection:
    """A connection for the tables, which never writes."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)


def stored_cases(base: sqlite3.Connection, order: str = "id, sources") -> Iterator[CaseRow]:
    """Every measured case in sorted order, one after the other."""
    query = f"SELECT id, sources, name, status, flagged, film, content FROM cases ORDER BY {order}"  # noqa: S608
    for identity, sources, name, status, flagged, film, content in base.execute(query):
        yield CaseRow(
            to_name(identity),
            tuple(to_name(one) for one in sources.split(_BETWEEN)),
            name,
            status,
            flagged,
            content,
            None if film is None else to_name(film),
        )


def stored_failures(base: sqlite3.Connection) -> Iterator[Refused]:
    """Every input that was not measured, in sorted order, films without points included."""
    query = "SELECT source, status, error FROM failures ORDER BY source, key"
    for source, status, error in base.execute(query):
        yield Refused(to_name(source), status, to_name(error))


def _case_values(key: bytes, case: CaseRow) -> tuple[Any, ...]:
    sources = _BETWEEN.join(to_bytes(one) for one in case.sources)
    film = None if case.film is None else to_bytes(case.film)
    return (
        to_bytes(case.id), sources, key, case.name, case.status, case.flagged, film, case.content
    )  # fmt: skip


def _lost(job: Job, outcome: Outcome[JobResult]) -> JobResult:
    """Every source of a job that has no result."""
    error = outcome.error or "refused"
    return JobResult(refused=tuple(Refused(one, outcome.status, error) for one in job.sources))
