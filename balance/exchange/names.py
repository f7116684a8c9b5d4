"""Names of documents as names of files."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 80


def file_names(names: Iterable[str]) -> tuple[str, ...]:
    """A file name for each name: what is safe of it, numbered where two would be the same.

    Examples
    --------
    >>> file_names(["study 1/lateral", "../../etc/passwd", "A", "a"])
    ('study_1_lateral', 'etc_passwd', 'A', 'a_2')
    """
    taken: set[str] = set()
    safe = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[-LONGEST:].lstrip("._")
        one, number = stem or "case", 1
        # files may lie on a disk that does not tell A from a
        while one.lower() in taken:
            number += 1
            one = f"{stem or 'case'}_{number}"
        taken.add(one.lower())
        safe.append(one)
    return tuple(safe)
