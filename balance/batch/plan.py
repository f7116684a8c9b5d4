"""What there is to do, and what of it is done already.

One piece of work for documents that belong together, and one for each film without points.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from balance import __version__
from balance.batch.ledger import Ledger
from balance.batch.model import (
    REJECTED,
    TRY_AGAIN,
    Job,
    JobKind,
    Map,
    Method,
    Place,
    Refused,
    Settings,
    to_bytes,
    to_name,
)
from balance.batch.pairs import choose_pairs
from balance.batch.survey import TABLES, films_alone, survey
from balance.landmarks.files import SUFFIX

PAGE = 500
"""Rows that are held at once."""
LONGEST_NAME = 80

_TABLES = """
CREATE TABLE survey.plan (
    key BLOB PRIMARY KEY, kind TEXT, sources BLOB, films BLOB, chosen TEXT, plain TEXT, name TEXT,
    fingerprint BLOB, todo INTEGER
) WITHOUT ROWID;
CREATE INDEX survey.plan_todo ON plan (todo, key);
CREATE INDEX survey.plan_names ON plan (plain);
"""
_Group = tuple[bytes, bytes, bytes, str | None, str, bytes]
"""Key, sources, films, chosen case, plain name, evidence."""


class Plan:
    """The work of one run.

    Parameters
    ----------
    run
        Calls a function of many things in the workers.
    """

    def __init__(self, settings: Settings, ledger: Ledger, run: Map) -> None:
        self._settings, self._ledger, self._base = settings, ledger, ledger.base
        self.place = Place(settings.folder, settings.output, ledger.scratch)
        self.method = Method(
            settings.segmental, settings.reading, settings.propose, settings.key, settings.with_phi
        )
        with ledger.guarded():
            self._base.execute("ATTACH ? AS survey", (str(ledger.scratch / "survey.sqlite"),))
            self._base.execute("PRAGMA survey.journal_mode = OFF")
            self._base.execute("PRAGMA survey.synchronous = OFF")
            self._base.executescript(TABLES + _TABLES)
        with ledger.transaction():
            folder = settings.folder
            self.left_out = survey(self._base, folder, run, clicks=settings.propose)
            self._choose_pairs()
            self._group()
            alone = films_alone(self._base, folder, run)
            self._add("check", ((film, film, film, None, "", evidence) for film, evidence in alone))
            self._tell_names_apart()
        self._refuse_odd()
        ledger.forget_all_but("plan")
        with ledger.transaction():
            self._leave_out_what_is_done()
        (self.total, self.remaining) = self._base.execute(
            "SELECT count(*), coalesce(sum(todo), 0) FROM plan WHERE kind != 'odd'"
        ).fetchone()

    def jobs(self) -> Iterator[tuple[Job, bytes]]:
        """What is still to be done, with the fingerprint of each."""
        after = b""
        while rows := self._base.execute(
            "SELECT key, kind, sources, films, chosen, name, fingerprint FROM plan "
            "WHERE todo = 1 AND key > ? ORDER BY key LIMIT ?",
            (after, PAGE),
        ).fetchall():
            for key, kind, sources, films, chosen, name, fingerprint in rows:
                named = tuple(to_name(one) for one in sources.split(b"\0"))
                theirs = tuple(to_name(one) or None for one in films.split(b"\0"))
                job = Job(key, kind, named, name, self.place, self.method, theirs, chosen)
                yield job, fingerprint
            after = rows[-1][0]

    def _choose_pairs(self) -> None:
        """Pairs that the user names go before what the documents say."""
        if self._settings.pairs is None:
            return
        for name, error in choose_pairs(self._base, self._settings.pairs, self._settings.folder):
            self._base.execute(
                "INSERT OR REPLACE INTO odd VALUES (?, ?)", (to_bytes(name), to_bytes(error))
            )

    def _group(self) -> None:
        rows = self._base.execute(
            "SELECT belongs, source, film, chosen, own, evidence FROM documents "
            "ORDER BY belongs, source"
        )
        groups = (_group(list(same)) for _, same in groupby(rows, key=lambda row: row[0]))
        if not self._settings.figures:
            self._add("measure", groups)
            return
        for group in groups:
            self._add("measure", [group])
            self._add("draw", [group])

    def _add(self, kind: JobKind, groups: Iterable[_Group]) -> None:
        told = f"{__version__} {kind} {self._told()} ".encode()
        prefix = f"{kind}\0".encode()
        self._base.executemany(
            "INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                (
                    prefix + key,
                    kind,
                    sources,
                    films,
                    chosen,
                    f"{kind} {name.lower()}",
                    name,
                    hashlib.sha256(told + evidence).digest(),
                )
                for key, sources, films, chosen, name, evidence in groups
            ),
        )

    def _told(self) -> str:
        method = self.method
        key = None if method.key is None else hashlib.sha256(method.key).hexdigest()
        return json.dumps([method.segmental, method.reading, method.propose, key, method.with_phi])

    def _tell_names_apart(self) -> None:
        """Cases whose files would have the same name, on any file system, get a longer one."""
        self._base.create_function("job_hash", 1, _job_hash, deterministic=True)
        self._base.execute(
            "UPDATE plan SET name = name || '~' || job_hash(key) WHERE kind != 'check' AND plain "
            "IN (SELECT plain FROM plan GROUP BY plain HAVING count(*) > 1)"
        )

    def _refuse_odd(self) -> None:
        for source, error in self._base.execute("SELECT source, error FROM odd").fetchall():
            key = b"odd\0" + source
            self._base.execute("INSERT INTO plan (key, kind, todo) VALUES (?, 'odd', 0)", (key,))
            self._ledger.refuse(key, Refused(to_name(source), REJECTED, to_name(error)))

    def _leave_out_what_is_done(self) -> None:
        """The same content, settings and version are not measured again."""
        again = ", ".join(f"'{status}'" for status in TRY_AGAIN)
        self._base.execute(
            "UPDATE plan SET todo = 0 WHERE EXISTS (SELECT 1 FROM results WHERE "  # noqa: S608
            "results.key = plan.key AND results.fingerprint = plan.fingerprint AND "
            f"results.name = plan.name AND results.status NOT IN ({again}))"
        )
        after = b""
        while rows := self._base.execute(
            "SELECT key FROM plan WHERE todo = 0 AND key > ? ORDER BY key LIMIT ?", (after, PAGE)
        ).fetchall():
            lost = [(key,) for (key,) in rows if not self._ledger.is_complete(key)]
            self._base.executemany("UPDATE plan SET todo = 1 WHERE key = ?", lost)
            after = rows[-1][0]


def _group(rows: list[tuple[Any, ...]]) -> _Group:
    """Documents that belong together."""
    belongs, first, _, chosen, own, _ = rows[0]
    sources, films = (b"\0".join(row[place] or b"" for row in rows) for place in (1, 2))
    evidence = b"".join(len(one).to_bytes(8) + one for row in rows for one in (row[1], row[5]))
    evidence += (chosen or "").encode()
    name = _file_name(own or to_name(first).removesuffix(SUFFIX))
    return belongs, sources, films, chosen, name, evidence


def _file_name(case: str) -> str:
    """What of a case's name is safe in a file name anywhere."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", case).strip("._")
    return name[:LONGEST_NAME] or "case"


def _job_hash(key: bytes) -> str:
    # without the kind of work: the figure of a case has the name of its record
    return hashlib.sha256(key.split(b"\0", 1)[1]).hexdigest()[:10]
