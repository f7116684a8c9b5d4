"""The one door for films: DICOM, PNG, JPEG and TIFF, told apart by content, never by name.

Every failure leaves here as one `UnreadableFilm` sentence that names the file and nothing else of
the patient: decoders' own messages and warnings may quote the header, so they end here.
"""

from __future__ import annotations

import os
import warnings
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from balance.dicom import read_dicom, read_dicom_header
from balance.dicom_file import looks_like_dicom
from balance.errors import UnreadableFilm
from balance.radiograph import FilmHeader, Radiograph
from balance.raster import looks_like_raster, read_raster, read_raster_header

FILE_LIMIT = 1 << 30
"""Bytes; a whole spine in 16 bits has 60 million."""

_START = 140
_OPENCV_NO_MEMORY = -4
_T = TypeVar("_T", covariant=True)


def open_film(path: str | os.PathLike[str], *, frame: int | None = None) -> Radiograph:
    """Read a film with its pixels.

    Parameters
    ----------
    path
        A DICOM, PNG, JPEG or TIFF file, whatever its name.
    frame
        Which frame of a file that holds several, counted from 1; a DICOM file of several frames
        is refused without it, of a TIFF file the first page is taken.

    Returns
    -------
    Radiograph
        Modality values as stored (no rotation, no mirroring, no inversion).

    Raises
    ------
    UnreadableFilm
        One sentence: which file, what is wrong, what to do.

    Examples
    --------
    >>> open_film("no-such-film.dcm")
    Traceback (most recent call last):
    balance.errors.UnreadableFilm: no-such-film.dcm: no such file; check the name
    """
    return _guarded(Path(path), frame, dicom=read_dicom, raster=read_raster)


def read_header(path: str | os.PathLike[str], *, frame: int | None = None) -> FilmHeader:
    """Read size, scale and sides of a film without decoding its pixels.

    The fields and their rules are those of `open_film`; a DICOM header without pixel data is
    enough.

    Raises
    ------
    UnreadableFilm
        As `open_film`.
    """
    return _guarded(Path(path), frame, dicom=read_dicom_header, raster=read_raster_header)


class FilmTooLarge(UnreadableFilm):
    """A film that needs more memory than there is."""


class _BoundedReader(BufferedReader):
    """A file that sets no memory aside for bytes that are not there, whatever a length claims."""

    def __init__(self, raw: FileIO) -> None:
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        rest = max(self._size - self.tell(), 0)
        return super().read(rest if size is None or size < 0 else min(size, rest))


class _Reader(Protocol[_T]):
    """What reads a stream of one format."""

    def __call__(self, stream: BinaryIO, *, frame: int | None) -> _T: ...


def _guarded(path: Path, frame: int | None, *, dicom: _Reader[_T], raster: _Reader[_T]) -> _T:
    """Read by content; translate whatever goes wrong."""
    kind = UnreadableFilm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _require_file(path)
            with _BoundedReader(path.open("rb", buffering=0)) as stream:
                start = stream.read(_START)
                stream.seek(0)
                if looks_like_dicom(start):
                    return dicom(stream, frame=frame)
                if looks_like_raster(start):
                    return raster(stream, frame=frame)
            failure = "is no film (DICOM, PNG, JPEG and TIFF are read)"
        except UnreadableFilm as error:
            failure = str(error)
        except MemoryError:
            failure, kind = "needs more memory than there is", FilmTooLarge
        except EOFError:
            failure = "file truncated: the data end too early; fetch the file again"
        except OSError as error:
            failure = f"cannot be read ({error.strerror or 'damaged'})"
        except Exception as error:
            # decoders raise anything at all on damaged input; its text may quote the header
            failure = f"is damaged ({type(error).__name__}); fetch or export the file again"
            if getattr(error, "code", None) == _OPENCV_NO_MEMORY:
                failure, kind = "needs more memory than there is", FilmTooLarge
    # outside the handler, so that no traceback carries the original error along
    raise kind(f"{path}: {failure}")


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise UnreadableFilm("is a folder; name a film in it")
    if not path.exists():
        raise UnreadableFilm("no such file; check the name")
    if not path.is_file():
        raise UnreadableFilm("is not a regular file")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFilm("is empty; fetch the file again")
    if size > FILE_LIMIT:
        raise UnreadableFilm(f"is larger than {FILE_LIMIT >> 30} GiB; refused")
