"""Who a patient is: a pseudonym made with the user's key, or what the film header says.

Nothing of this is looked at unless the user asks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import warnings
from pathlib import Path

from balance.attributes import value_of
from balance.batch.model import Method
from balance.batch.rows import Identity
from balance.dicom_file import looks_like_dicom, parse
from balance.landmarks.model import Landmarks

FACTS = {
    "patient_id": "PatientID",
    "patient_name": "PatientName",
    "patient_birth_date": "PatientBirthDate",
    "study_date": "StudyDate",
}
"""Columns that ``--with-phi`` adds, and the attribute of the film header that each shows."""

_DIGITS = 16


def identify(
    documents: tuple[Landmarks, ...], films: tuple[str | None, ...], method: Method
) -> Identity:
    """The pseudonym and the facts of a case, from the first film or document that has them.

    The header's PatientID comes before the document's ``patient.id``.
    """
    if method.key is None and not method.with_phi:
        return Identity()
    headers = [_header(Path(film)) for film in films if film is not None]
    facts = {
        column: next((one[column] for one in headers if one.get(column)), "") for column in FACTS
    }
    told = [one.subject.pseudonym for one in documents if one.subject.pseudonym]
    if not facts["patient_id"] and told:
        facts["patient_id"] = told[0]
    person = facts["patient_id"]
    return Identity(
        pseudonym(person, method.key) if method.key is not None and person else None,
        facts if method.with_phi else None,
    )


def pseudonym(person: str, key: bytes) -> str:
    """The same word for the same patient and key; nobody without the key can find the patient.

    Examples
    --------
    >>> pseudonym("12345", b"a secret of sixteen bytes or more")
    'b3447b5599738533'
    """
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def _header(film: Path) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with film.open("rb") as stream:
                start = stream.read(140)
                if not looks_like_dicom(start):
                    return {}
                stream.seek(0)
                dataset = parse(stream).dataset
            return {column: _text(value_of(dataset, word)) for column, word in FACTS.items()}
        except Exception:
            # a broken header is reported where the film is compared with its document; here it
            # only has nothing to say
            return {}


def _text(value: object) -> str:
    return "" if value is None or value == "?" else str(value).strip().strip("^")
