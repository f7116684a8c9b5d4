"""Real films, where a folder of them is at hand: all open, and known facts hold."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from balance.display import display_image
from balance.errors import UnreadableFilm
from balance.film import open_film, read_header

FOLDER = Path(
    os.environ.get("SPINAL_BALANCE_FILMS")
    or Path(__file__).resolve().parents[1] / ".." / "shared" / "radiographs"
)
FILMS = sorted(
    path
    for path in FOLDER.rglob("*")
    if path.suffix in (".dcm", ".jpg", ".png") or path.name == "CR-MONO1-10-chest"
)
DICOM = FOLDER / "dicom-decoder"
NO_PIXELS = ("CR_chrJapMulti.dcm", "CR_chrKoreanMulti.dcm")
REFUSED = (*NO_PIXELS, "MR_small_bigendian.dcm")

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(
        not FILMS, reason="no real films: set SPINAL_BALANCE_FILMS or fill ../shared/radiographs"
    ),
]

FACTS = [
    ("CR-MONO1-10-chest", (440, 440), "MONOCHROME1", "none"),
    ("CR-ModalitySequenceLUT.dcm", (1576, 1976), "MONOCHROME1", "detector"),
    ("CR_cspine_LAT_6154.dcm", (16, 16), "MONOCHROME1", "detector"),
    ("CR_hand_J2KR_SOTmarkerincons.dcm", (2500, 2048), "MONOCHROME2", "detector"),
    ("DX_966_fixed_J2KR.dcm", (2128, 2000), "MONOCHROME1", "detector"),
    ("DX_dx_image_8bit.dcm", (169, 211), "MONOCHROME1", "detector"),
    ("RG1_J2KI.dcm", (1955, 1841), "MONOCHROME1", "conflict"),
    ("RG2_J2KR.dcm", (2140, 1760), "MONOCHROME2", "unknown"),
    ("RG3_RLE.dcm", (1760, 1760), "MONOCHROME1", "none"),
]


def dicom(name: str) -> Path:
    path = DICOM / name
    if not path.exists():
        pytest.skip(f"{name} is not in the folder")
    return path


@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.name)
def test_every_film_opens_and_shows_something(path: Path) -> None:
    if path.name in REFUSED:
        with pytest.raises(UnreadableFilm, match=r"no pixel data|MR Image Storage"):
            open_film(path)
        return
    film, header = open_film(path), read_header(path)
    assert (header.rows, header.columns) == film.pixels.shape
    assert header.scale == film.scale
    picture = display_image(film, longest_side=400)
    assert max(picture.shape) <= 400
    assert picture.std() > 1


@pytest.mark.parametrize(("name", "size", "photometric", "state"), FACTS, ids=lambda x: str(x))
def test_known_facts(name: str, size: tuple[int, int], photometric: str, state: str) -> None:
    film = open_film(dicom(name))
    assert film.pixels.shape == size
    assert (film.photometric, film.scale.state) == (photometric, state)
    assert film.inverted == (photometric == "MONOCHROME1")


def test_one_film_in_lossless_encodings_has_the_same_pixels() -> None:
    films = [open_film(dicom(f"RG2_{kind}.dcm")).pixels for kind in ("J2KR", "JLSL", "JPLL")]
    assert films[0].max() == 893
    for other in films[1:]:
        np.testing.assert_array_equal(other, films[0])


def test_one_film_in_lossy_encodings_is_near() -> None:
    exact = open_film(dicom("RG2_J2KR.dcm")).pixels.astype(int)
    near = open_film(dicom("RG2_JLSN.dcm")).pixels.astype(int)
    extended = open_film(dicom("RG2_JPLY_fixed.dcm")).pixels.astype(int)
    assert near.max() == 897
    assert np.abs(near - exact).max() <= 4
    assert np.abs(extended - exact).mean() < 4


def test_a_third_film_agrees_across_codecs() -> None:
    films = [open_film(dicom(f"RG3_{kind}.dcm")).pixels for kind in ("J2KR", "JPLL", "RLE")]
    for other in films[1:]:
        np.testing.assert_array_equal(other, films[0])


def test_one_chest_in_every_native_encoding_has_the_same_pixels() -> None:
    names = (
        "CR-MONO1-10-chest",
        "gdcm-CR-MONO1-10-chest.dcm",
        "derived_CR_deflated.dcm",
        "derived_CR_explicit_big_endian.dcm",
        "derived_CR_implicit_little_endian.dcm",
    )
    films = [open_film(dicom(name)).pixels for name in names]
    for other in films[1:]:
        np.testing.assert_array_equal(other, films[0])


def test_spacing_of_unequal_rows_and_columns() -> None:
    scale = open_film(dicom("DX_dx_image_8bit.dcm")).scale
    assert (scale.row_mm, scale.column_mm) == pytest.approx((1.2, 1.2012), abs=1e-6)


@pytest.mark.parametrize("name", NO_PIXELS)
def test_header_only_films_say_so_and_keep_their_header(name: str) -> None:
    path = dicom(name)
    with pytest.raises(UnreadableFilm, match="no pixel data"):
        open_film(path)
    assert read_header(path).scale.state == "detector"


def test_a_lung_is_darker_than_the_spine_whatever_the_polarity() -> None:
    for name in ("RG1_J2KI.dcm", "CR-MONO1-10-chest"):
        picture = display_image(open_film(dicom(name)), longest_side=440)
        rows, columns = picture.shape
        band = picture[rows * 4 // 10 : rows // 2].astype(float)
        middle = band[:, columns * 47 // 100 : columns * 53 // 100].mean()
        lung = band[:, columns * 22 // 100 : columns * 30 // 100].mean()
        assert middle > lung + 10
