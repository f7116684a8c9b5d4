"""The reader's own words for a report: from a small YAML or JSON file, or from the documents.

What only a reader can say stands here; nothing in it is measured, and nothing measured is changed
by it. The name of a patient is printed only if this file gives it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml  # type: ignore[import-untyped]

from balance.errors import BalanceError

NAME = "name"
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "request": "Request",
        "history": "History",
        "prior_films": "Prior films",
        "implants": "Implants",
        "fractures": "Fractures",
        "other_findings": "Other findings",
        "comment": "Comment",
    }
)
"""What only a reader can say: key in the file and heading in the report."""
PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
LARGEST_FILE = 200_000
LONGEST = 3000
"""Letters of one field: a report has few pages."""


class BadFields(BalanceError):
    """A file of reader's fields that is refused."""


@dataclass(frozen=True, slots=True)
class ReaderFields:
    """The reader's own words by key, and the name to print, if any was given."""

    name: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", MappingProxyType(dict(self.words)))


def read_fields(path: Path) -> ReaderFields:
    """Read a file of reader's fields: JSON where it is called so, else YAML.

    Raises
    ------
    BadFields
        The file cannot be read, is neither, has a key that no report knows, or a text too long.
    """
    content = _content(path)
    if not isinstance(content, dict):
        raise BadFields(f"{path}: no fields in it; write lines such as 'history: back pain'")
    unknown = [str(key) for key in content if key not in (NAME, *FIELDS)]
    if unknown:
        known = ", ".join((NAME, *FIELDS))
        raise BadFields(f"{path}: unknown field {unknown[0]!r}; the fields are {known}")
    words = {key: _text(path, key, one) for key, one in content.items() if one is not None}
    return ReaderFields(
        words.pop(NAME, None) or None, {k: text for k, text in words.items() if text}
    )


def _content(path: Path) -> object:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFields(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if len(raw) > LARGEST_FILE:
        raise BadFields(f"{path}: {len(raw)} bytes are too many for a few fields; shorten it")
    try:
        text = raw.decode("utf-8-sig")
        return _from_json(text) if path.suffix.lower() == ".json" else _from_yaml(text)
    except _NotPlain as error:
        raise BadFields(f"{path}: {error}") from None
    except UnicodeDecodeError:
        raise BadFields(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise BadFields(f"{path}: {_where(error)}; correct the line") from None
    except (RecursionError, ValueError):
        raise BadFields(f"{path}: not a plain list of fields; write 'key: text' lines") from None


def _from_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique)


def _from_yaml(text: str) -> object:
    """Every scalar as it is written: neither 0042 nor yes nor 12:30 becomes something else."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    return _unique([(_scalar(key), _scalars(value)) for key, value in root.value])


def _scalars(node: yaml.Node) -> object:
    text = _scalar(node)
    return [_scalar(part) for part in node.value] if isinstance(node, yaml.SequenceNode) else text


def _scalar(node: yaml.Node) -> object:
    """The text of a scalar; what is deeper than a list of texts is not followed, only refused."""
    if not node.tag.startswith(PLAIN_TAGS):
        raise _NotPlain(f"line {node.start_mark.line + 1} has a tag (!); write plain text")
    return node.value if isinstance(node, yaml.ScalarNode) else {}


def _unique(pairs: Sequence[tuple[object, object]]) -> dict[str, object]:
    """The pairs as a mapping; a key that stands twice would lose its first text."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise _NotPlain("not a plain list of fields; write 'key: text' lines")
        if key in found:
            raise _NotPlain(f"the field {key!r} stands twice; keep one of them")
        found[key] = value
    return found


class _NotPlain(Exception):
    """What is wrong with the content of a file, without the file's name."""


def _where(error: json.JSONDecodeError | yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) or (mark.line + 1 if mark else None)
    kind = "JSON" if isinstance(error, json.JSONDecodeError) else "YAML"
    return f"line {line} is not {kind}" if line else f"not {kind}"


def _text(path: Path, key: str, value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    texts = [_word(path, key, part) for part in parts]
    text = "\n".join(text for text in texts if text)
    if len(text) > LONGEST:
        raise BadFields(f"{path}: {key} has {len(text)} letters; at most {LONGEST} fit a report")
    return text


def _word(path: Path, key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadFields(f"{path}: {key} must be text or a list of texts; put it in quotes")
    return str(value).strip()
