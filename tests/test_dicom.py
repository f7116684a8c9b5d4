"""DICOM films: every encoding exactly, every doubt as a warning, every failure as one sentence."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder

from balance import dicom
from balance.errors import UnreadableFilm
from balance.film import open_film, read_header

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_8, JPEG_12 = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
JPEG_LL, JPEG_SV1 = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JLS, JLS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K, J2K_LOSSY = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
HTJ2K = "1.2.840.10008.1.2.4.201"

CR, DX_RAW = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1.1"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
SECRETS = ("Zzyzx", "Quimby", "HOSP-778812", "19530917", "Saint Nowhere", "ACC9911")


def ramp(bits: int, rows: int = 37, columns: int = 52) -> np.ndarray:
    """Smooth shading with noise over the whole range; rows and columns differ on purpose."""
    y, x = np.mgrid[0:rows, 0:columns]
    shading = (x / columns + y / rows) / 2 * (2**bits - 1)
    noise = np.random.default_rng(bits).normal(0, 2**bits / 60, shading.shape)
    values = np.clip(shading + noise, 0, 2**bits - 1)
    values[0, 0], values[-1, -1] = 0, 2**bits - 1
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def dataset_of(pixels: np.ndarray, *, bits: int | None = None, **attributes: object) -> Dataset:
    """A computed radiograph around an array; attributes override or (None) remove."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CR, "1.2.3.4"
    dataset.StudyInstanceUID, dataset.Modality = "1.2.3", "CR"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else pixels.shape[2]
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.itemsize
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def film_bytes(dataset: Dataset, data: bytes, syntax: str = EXPLICIT) -> bytes:
    """The file of a dataset and its encoded pixel data (a codestream is encapsulated here)."""
    native = syntax in (IMPLICIT, EXPLICIT, DEFLATED, BIG)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID or CR
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset.PixelData = data + bytes(len(data) % 2) if native else encapsulate([data])
    dataset["PixelData"].VR = "OW" if native and dataset.get("BitsAllocated") != 8 else "OB"
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def write(folder: Path, content: bytes) -> Path:
    path = folder / "film.dcm"
    path.write_bytes(content)
    return path


def native(folder: Path, pixels: np.ndarray, *, bits: int | None = None, **attributes) -> Path:
    dataset = dataset_of(pixels, bits=bits, **attributes)
    return write(folder, film_bytes(dataset, np.ascontiguousarray(pixels).tobytes()))


def rle(pixels: np.ndarray, bits: int) -> bytes:
    return RLELosslessEncoder.encode(
        pixels.tobytes(),
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=8 * pixels.itemsize,
        bits_stored=bits,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encoding_plugin="pydicom",
    )


ENCODERS = {
    "implicit": (IMPLICIT, lambda a, _: a.tobytes()),
    "explicit": (EXPLICIT, lambda a, _: a.tobytes()),
    "deflated": (DEFLATED, lambda a, _: a.tobytes()),
    "big endian": (BIG, lambda a, _: a.astype(a.dtype.newbyteorder(">")).tobytes()),
    "rle": (RLE, rle),
    "jpeg lossless": (JPEG_LL, lambda a, bits: imagecodecs.ljpeg_encode(a, bitspersample=bits)),
    "jpeg lossless sv1": (
        JPEG_SV1,
        lambda a, bits: imagecodecs.jpeg8_encode(a, lossless=True, bitspersample=bits, predictor=1),
    ),
    "jpeg-ls by imagecodecs": (JLS, lambda a, _: imagecodecs.jpegls_encode(a)),
    "jpeg-ls by pyjpegls": (JLS, lambda a, _: bytes(jpeg_ls.encode_array(a))),
    "jpeg-ls near, loss 0": (JLS_NEAR, lambda a, _: imagecodecs.jpegls_encode(a)),
    "jpeg 2000": (
        J2K,
        lambda a, bits: imagecodecs.jpeg2k_encode(
            a, codecformat="j2k", reversible=True, bitspersample=bits
        ),
    ),
    "jpeg 2000, lossy class": (
        J2K_LOSSY,
        lambda a, bits: imagecodecs.jpeg2k_encode(
            a, codecformat="j2k", reversible=True, bitspersample=bits
        ),
    ),
    "htj2k": (HTJ2K, lambda a, _: imagecodecs.htj2k_encode(a)),
}
PLUGINS = {
    "implicit": "pydicom native",
    "rle": "pydicom (",
    "jpeg lossless": "imagecodecs (",
    "jpeg lossless sv1": "imagecodecs (",
    "jpeg-ls by pyjpegls": "pyjpegls (",
    "jpeg 2000": "pylibjpeg (pylibjpeg-openjpeg ",
}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("name", ENCODERS)
def test_lossless_encodings_are_exact(
    name: str, bits: int, photometric: str, tmp_path: Path
) -> None:
    syntax, encode = ENCODERS[name]
    pixels = ramp(bits)
    dataset = dataset_of(pixels, bits=bits, PhotometricInterpretation=photometric)
    path = write(tmp_path, film_bytes(dataset, encode(pixels, bits), syntax))
    film = open_film(path)
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.pixels.dtype == pixels.dtype
    assert film.inverted == (photometric == "MONOCHROME1")
    assert (film.transfer_syntax, film.photometric) == (syntax, photometric)
    assert film.decoder is not None
    assert film.decoder.startswith(PLUGINS.get(name, ""))
    assert not film.pixels.flags.writeable
    assert film.warnings == ()


def test_big_endian_bytes_stored_as_words(tmp_path: Path) -> None:
    pixels = ramp(8)
    swapped = np.frombuffer(pixels.tobytes(), np.uint16).byteswap().tobytes()
    content = film_bytes(dataset_of(pixels), swapped, BIG)
    tag = struct.pack(">HH", 0x7FE0, 0x0010)
    assert tag + b"OB" in content
    path = write(tmp_path, content.replace(tag + b"OB", tag + b"OW"))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_predictor_of_jpeg_lossless(predictor: int, tmp_path: Path) -> None:
    pixels = ramp(12)
    data = imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=12, predictor=predictor)
    path = write(tmp_path, film_bytes(dataset_of(pixels, bits=12), data, JPEG_LL))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize(("bits", "syntax", "tolerance"), [(8, JPEG_8, 12), (12, JPEG_12, 60)])
def test_lossy_jpeg_is_near(bits: int, syntax: str, tolerance: int, tmp_path: Path) -> None:
    y, x = np.mgrid[0:40, 0:56]
    smooth = ((np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * (2**bits - 1)).astype(ramp(bits).dtype)
    data = imagecodecs.jpeg8_encode(smooth, level=98, bitspersample=bits)
    film = open_film(write(tmp_path, film_bytes(dataset_of(smooth, bits=bits), data, syntax)))
    assert np.abs(film.pixels.astype(int) - smooth).max() <= tolerance


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG, JLS, J2K, JPEG_LL])
def test_signed_pixels(syntax: str, tmp_path: Path) -> None:
    pixels = (ramp(12).astype(np.int16) - 2048).astype(np.int16)
    bare = (pixels & 0x0FFF).astype(np.uint16)
    data = {
        IMPLICIT: lambda: pixels.tobytes(),
        BIG: lambda: pixels.astype(">i2").tobytes(),
        JLS: lambda: imagecodecs.jpegls_encode(bare),
        JPEG_LL: lambda: imagecodecs.jpeg8_encode(bare, lossless=True, bitspersample=12),
        J2K: lambda: imagecodecs.jpeg2k_encode(
            pixels, codecformat="j2k", reversible=True, bitspersample=12
        ),
    }[syntax]()
    film = open_film(write(tmp_path, film_bytes(dataset_of(pixels, bits=12), data, syntax)))
    np.testing.assert_array_equal(film.pixels, pixels)


def test_overlay_bits_above_the_stored_ones_are_dropped(tmp_path: Path) -> None:
    pixels = ramp(12)
    marked = pixels | np.uint16(0x1000)
    assert np.array_equal(open_film(native(tmp_path, marked, bits=12)).pixels, pixels)


def test_pixels_stored_in_the_upper_bits(tmp_path: Path) -> None:
    pixels = ramp(12)
    path = native(tmp_path, (pixels << 4).astype(np.uint16), bits=12, HighBit=15)
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


def test_a_codestream_deeper_than_its_header_keeps_its_values(tmp_path: Path) -> None:
    pixels = ramp(12)
    data = imagecodecs.jpegls_encode(pixels)
    path = write(tmp_path, film_bytes(dataset_of(pixels, bits=10), data, JLS))
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("cut", [128 + 4, 0], ids=["meta kept", "as written"])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_a_file_without_preamble_and_name(syntax: str, cut: int, tmp_path: Path) -> None:
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), pixels.tobytes(), syntax)
    path = tmp_path / "IM000001"
    path.write_bytes(content[cut:])
    np.testing.assert_array_equal(open_film(path).pixels, pixels)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_a_bare_dataset(syntax: str, tmp_path: Path) -> None:
    pixels = ramp(10)
    content = film_bytes(dataset_of(pixels, bits=10), pixels.tobytes(), syntax)
    start = content.index(struct.pack("<HH", 0x0008, 0x0016))
    film = open_film(write(tmp_path, content[start:]))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert film.transfer_syntax == syntax


def test_header_and_film_agree(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(12),
        bits=12,
        PixelSpacing=[0.14, 0.15],
        PatientOrientation=["P", "F"],
        PatientAge="063Y",
        PatientSex="F",
        WindowCenter=[2000, 100],
        WindowWidth=[3000, 50],
    )
    film, header = open_film(path), read_header(path)
    for name in ("scale", "spacing_tags", "facing", "patient_right", "subject", "windows"):
        assert getattr(film, name) == getattr(header, name)
    assert (header.rows, header.columns) == (film.rows, film.columns) == (37, 52)
    assert (film.subject.age_years, film.subject.sex) == (63.0, "F")
    assert [(w.centre, w.width, w.function) for w in film.windows] == [
        (2000, 3000, "LINEAR"),
        (100, 50, "LINEAR"),
    ]
    assert (film.sop_instance_uid, film.study_instance_uid) == ("1.2.3.4", "1.2.3")


def test_a_header_is_enough_for_the_header(tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PixelSpacing=[0.2, 0.2]), ramp(8).tobytes())
    path = write(tmp_path, content[: content.index(struct.pack("<HH", 0x7FE0, 0x0010))])
    assert read_header(path).scale.row_mm == 0.2
    with pytest.raises(UnreadableFilm, match="no pixel data"):
        open_film(path)


# grey levels


@pytest.mark.parametrize(
    ("slope", "intercept", "kind"),
    [
        (1, 0, np.uint16),
        (1, 100, np.uint16),
        (1, -1024, np.int16),
        (-1, 4095, np.uint16),
        (40, 0, np.int32),
        (0.684, 200, np.float32),
    ],
)
def test_rescale(slope: float, intercept: float, kind: type, tmp_path: Path) -> None:
    pixels = ramp(12)
    path = native(tmp_path, pixels, bits=12, RescaleSlope=slope, RescaleIntercept=intercept)
    film = open_film(path)
    np.testing.assert_allclose(film.pixels, pixels.astype(float) * slope + intercept, rtol=1e-6)
    expected = np.int16 if (slope, intercept) in ((1, 100), (-1, 4095)) else kind
    assert film.pixels.dtype in (kind, expected)


@pytest.mark.parametrize(("slope", "intercept"), [(0, 5), ([1, 2], 0)])
def test_a_broken_rescale_is_said(slope: object, intercept: object, tmp_path: Path) -> None:
    pixels = ramp(8)
    film = open_film(native(tmp_path, pixels, RescaleSlope=slope, RescaleIntercept=intercept))
    np.testing.assert_array_equal(film.pixels, pixels)
    assert any("Rescale" in warning for warning in film.warnings)


def lut(values: list[int], first: int, bits: int, *, as_bytes: bool = False) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", [len(values), first, bits])
    packed = np.array(values, "<u2").tobytes()
    item.add_new(0x00283006, "OW" if as_bytes else "US", packed if as_bytes else values)
    return item


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_modality_table(syntax: str, as_bytes: bool, tmp_path: Path) -> None:
    pixels = np.array([[0, 9, 10, 11], [12, 13, 14, 4000]], np.uint16)
    table = lut([500, 400, 300, 200], 10, 16, as_bytes=as_bytes)
    dataset = dataset_of(pixels, ModalityLUTSequence=[table])
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes(), syntax)))
    assert film.pixels.tolist() == [[500, 500, 500, 400], [300, 200, 200, 200]]


def test_a_broken_modality_table_is_said(tmp_path: Path) -> None:
    table = lut([1, 2, 3], 0, 16)
    table[0x00283002].value = [9, 0, 16]
    film = open_film(native(tmp_path, ramp(8), ModalityLUTSequence=[table]))
    assert any("Modality LUT" in warning for warning in film.warnings)


def test_voi_table_is_kept_in_16_bits(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(8), VOILUTSequence=[lut([0, 100, 1023], 5, 10)]))
    assert film.voi_table is not None
    assert film.voi_table.tolist() == [0, 100 * 65535 // 1023, 65535]
    assert film.voi_table_first == 5


def test_windows_without_width_are_ignored(tmp_path: Path) -> None:
    path = native(
        tmp_path, ramp(8), WindowCenter=[10, 20], WindowWidth=[0, 30], VOILUTFunction="SIGMOID"
    )
    film = open_film(path)
    assert [(w.centre, w.width, w.function) for w in film.windows] == [(20, 30, "SIGMOID")]
    assert any("width" in warning for warning in film.warnings)


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "warned"),
    [
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME1", None, True, False),
        ("MONOCHROME1", "IDENTITY", True, True),
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME2", "INVERSE", False, True),
    ],
)
def test_polarity_is_taken_once(
    photometric: str, shape: str | None, inverted: bool, warned: bool, tmp_path: Path
) -> None:
    more = {} if shape is None else {"PresentationLUTShape": shape}
    path = native(tmp_path, ramp(8), PhotometricInterpretation=photometric, **more)
    film = open_film(path)
    assert film.inverted is inverted
    assert any("PresentationLUTShape" in warning for warning in film.warnings) is warned
    np.testing.assert_array_equal(film.pixels, ramp(8))


def test_padding_is_masked_before_rescaling(tmp_path: Path) -> None:
    pixels = ramp(12)
    pixels[5:9] = 3000
    dataset = dataset_of(pixels, bits=12, RescaleSlope=2, RescaleIntercept=1)
    dataset.add_new(0x00280120, "US", 3000)
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes())))
    assert film.valid is not None
    np.testing.assert_array_equal(film.valid, pixels != 3000)


def test_padding_range_and_unsigned_value_beside_signed_pixels(tmp_path: Path) -> None:
    pixels = np.array([[-2000, -1999, 5, 7]], np.int16)
    dataset = dataset_of(pixels)
    dataset.add_new(0x00280120, "US", 65536 - 2000)
    dataset.add_new(0x00280121, "US", 65536 - 1999)
    film = open_film(write(tmp_path, film_bytes(dataset, pixels.tobytes())))
    assert film.valid is not None
    assert film.valid.tolist() == [[False, False, True, True]]


def test_shutters_count_from_one(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8, 6, 8),
        ShutterShape="RECTANGULAR",
        ShutterUpperHorizontalEdge=2,
        ShutterLowerHorizontalEdge=5,
        ShutterLeftVerticalEdge=3,
        ShutterRightVerticalEdge=8,
    )
    expected = np.zeros((6, 8), bool)
    expected[1:5, 2:8] = True
    np.testing.assert_array_equal(open_film(path).valid, expected)


def test_round_and_polygonal_shutters_meet(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8, 41, 41),
        ShutterShape=["CIRCULAR", "POLYGONAL"],
        CenterOfCircularShutter=[21, 21],
        RadiusOfCircularShutter=10,
        VerticesOfThePolygonalShutter=[1, 1, 1, 21, 41, 21, 41, 1],
    )
    valid = open_film(path).valid
    assert valid is not None
    rows, columns = np.nonzero(valid)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (10, 30, 10, 20)


def test_a_shutter_over_everything_is_ignored_and_said(tmp_path: Path) -> None:
    path = native(
        tmp_path,
        ramp(8),
        ShutterShape="CIRCULAR",
        CenterOfCircularShutter=[9000, 9000],
        RadiusOfCircularShutter=3,
    )
    film = open_film(path)
    assert film.valid is None
    assert any("whole film" in warning for warning in film.warnings)


# orientation and subject


@pytest.mark.parametrize(
    ("orientation", "facing", "right", "warned"),
    [
        (["A", "F"], "right", None, False),
        (["P", "F"], "left", None, False),
        (["L", "F"], None, "left", False),
        (["R", "F"], None, "right", False),
        (["P", "FA"], "left", None, False),
        (["A", "H"], None, None, True),
        (["F", "A"], None, None, True),
        (["LA", "F"], None, None, True),
        (["A"], None, None, True),
        (["A", "F", "L"], None, None, True),
        (["", ""], None, None, False),
        ("", None, None, False),
    ],
)
def test_sides(
    orientation: object, facing: str | None, right: str | None, warned: bool, tmp_path: Path
) -> None:
    film = open_film(native(tmp_path, ramp(8), PatientOrientation=orientation))
    assert (film.facing, film.patient_right) == (facing, right)
    assert bool(film.warnings) is warned


def test_sides_never_come_from_the_view_position(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(8), ViewPosition="LL", Laterality="L"))
    assert (film.facing, film.patient_right) == (None, None)
    film = open_film(native(tmp_path, ramp(8), ViewPosition="LL", PatientOrientation=["L", "F"]))
    assert film.patient_right == "left"
    assert any("ViewPosition" in warning for warning in film.warnings)


@pytest.mark.parametrize(
    ("attributes", "position", "warned"),
    [
        ({}, "unknown", False),
        ({"SeriesDescription": "Whole spine lat standing"}, "standing", False),
        ({"ProtocolName": "WS PA SUPINE"}, "supine", False),
        ({"SeriesDescription": "spine non-standing"}, "unknown", False),
        ({"SeriesDescription": "outstanding film"}, "unknown", False),
        ({"SeriesDescription": "standing flexion"}, "unknown", True),
        ({"SeriesDescription": "bending left"}, "bending_left", False),
        ({"PositionerType": "NONE", "ViewPosition": "PA"}, "unknown", False),
    ],
)
def test_position_only_where_the_header_says_so(
    attributes: dict[str, str], position: str, warned: bool, tmp_path: Path
) -> None:
    film = open_film(native(tmp_path, ramp(8), **attributes))
    assert film.acquisition.position == position
    assert bool(film.warnings) is warned


def code_item(value: str, scheme: str = "SCT") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "x"
    return item


@pytest.mark.parametrize(
    ("value", "scheme", "position"),
    [
        ("10904000", "SCT", "standing"),
        ("F-103A0", "SRT", "sitting"),
        ("40199007", "SCT", "supine"),
        ("C86043", "NCIt", "unknown"),
    ],
)
def test_position_from_codes(value: str, scheme: str, position: str, tmp_path: Path) -> None:
    erect = code_item("C86043", "NCIt")
    erect.PatientOrientationModifierCodeSequence = [code_item(value, scheme)]
    film = open_film(native(tmp_path, ramp(8), PatientOrientationCodeSequence=[erect]))
    assert film.acquisition.position == position


@pytest.mark.parametrize(
    ("age", "years"),
    [("063Y", 63.0), ("018M", 1.5), ("52Y", None), ("", None), ("old", None)],
)
def test_age(age: str, years: float | None, tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PatientAge="099Y"), ramp(8).tobytes())
    film = open_film(write(tmp_path, content.replace(b"099Y", f"{age:<4}".encode())))
    assert film.subject.age_years == years


def test_the_birth_date_is_not_used(tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8), PatientBirthDate="19530917", StudyDate="20240101")
    assert open_film(path).subject.age_years is None


# kinds of object


def test_colour_becomes_luminance_with_a_warning(tmp_path: Path) -> None:
    grey = ramp(8)
    film = open_film(native(tmp_path, np.dstack([grey] * 3), SOPClassUID=CAPTURE, Modality="OT"))
    np.testing.assert_array_equal(film.pixels, grey)
    assert any("luminance" in warning for warning in film.warnings)
    assert any("burned" in warning for warning in film.warnings)
    green = np.zeros((4, 4, 3), np.uint8)
    green[..., 1] = 200
    film = open_film(native(tmp_path, green, SOPClassUID=CAPTURE, BurnedInAnnotation="NO"))
    assert set(np.unique(film.pixels)) == {round(0.587 * 200)}
    assert not any("burned" in warning for warning in film.warnings)


@pytest.mark.parametrize("planar", [0, 1])
def test_ybr_gives_its_first_component(planar: int, tmp_path: Path) -> None:
    luma = ramp(8)
    ybr = np.dstack([luma, np.full_like(luma, 90), np.full_like(luma, 200)])
    dataset = dataset_of(ybr, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=planar)
    stored = np.moveaxis(ybr, -1, 0) if planar else ybr
    data = np.ascontiguousarray(stored).tobytes()
    np.testing.assert_array_equal(
        open_film(write(tmp_path, film_bytes(dataset, data))).pixels, luma
    )


def test_colour_jpeg_gives_its_luminance(tmp_path: Path) -> None:
    y, x = np.mgrid[0:48, 0:64]
    smooth = ((np.sin(x / 9) + np.cos(y / 7) + 2) / 4 * 255).astype(np.uint8)
    data = imagecodecs.jpeg8_encode(np.dstack([smooth] * 3), level=98, subsampling="422")
    dataset = dataset_of(np.dstack([smooth] * 3), PhotometricInterpretation="YBR_FULL_422")
    film = open_film(write(tmp_path, film_bytes(dataset, data, JPEG_8)))
    assert np.abs(film.pixels.astype(int) - smooth).max() <= 8


@pytest.mark.parametrize("name", ["jpeg 2000", "jpeg-ls", "jpeg lossless", "jpeg", "jpeg rgb"])
def test_colour_in_every_codec(name: str, tmp_path: Path) -> None:
    base = np.add.outer(np.arange(40), np.arange(56)).astype(np.uint8)
    colour = np.dstack([base, 200 - base, base // 2])
    plain = {"colorspace": "RGB", "outcolorspace": "RGB"}
    syntax, photometric, data = {
        "jpeg 2000": lambda: (
            J2K,
            "YBR_RCT",
            imagecodecs.jpeg2k_encode(colour, codecformat="j2k", reversible=True),
        ),
        "jpeg-ls": lambda: (JLS, "RGB", imagecodecs.jpegls_encode(colour)),
        "jpeg lossless": lambda: (JPEG_SV1, "RGB", imagecodecs.jpeg8_encode(colour, lossless=True)),
        "jpeg": lambda: (JPEG_8, "YBR_FULL_422", imagecodecs.jpeg8_encode(colour, level=100)),
        "jpeg rgb": lambda: (JPEG_8, "RGB", imagecodecs.jpeg8_encode(colour, level=100, **plain)),
    }[name]()
    dataset = dataset_of(colour, PhotometricInterpretation=photometric)
    film = open_film(write(tmp_path, film_bytes(dataset, data, syntax)))
    expected = colour @ np.array([0.299, 0.587, 0.114])
    assert np.abs(film.pixels - expected).max() <= (3 if name.startswith("jpeg") else 1)


def test_a_transfer_syntax_that_lies_about_its_representation(tmp_path: Path) -> None:
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), pixels.tobytes(), EXPLICIT)
    # same length: the shorter UID is padded
    content = content.replace(EXPLICIT.encode() + b"\0", IMPLICIT.encode() + b"\0\0\0")
    np.testing.assert_array_equal(open_film(write(tmp_path, content)).pixels, pixels)


def test_no_number_of_frames_means_one(tmp_path: Path) -> None:
    for frames in (0, 1):
        assert open_film(native(tmp_path, ramp(8), NumberOfFrames=frames)).rows == 37


def test_raw_data_are_said(tmp_path: Path) -> None:
    film = open_film(native(tmp_path, ramp(12), bits=12, SOPClassUID=DX_RAW, Modality="DX"))
    assert any("for processing" in warning for warning in film.warnings)


REFUSED = {
    "1.2.840.10008.5.1.4.1.1.4": "MR Image Storage",
    "1.2.840.10008.5.1.4.1.1.2": "CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.12.1": "X-Ray Angiographic",
    "1.2.840.10008.5.1.4.1.1.1.2": "Mammography",
    "1.2.3.4.5.6": "unknown kind of object",
}


@pytest.mark.parametrize(("kind", "words"), REFUSED.items())
def test_other_kinds_are_refused_by_class(kind: str, words: str, tmp_path: Path) -> None:
    path = native(tmp_path, ramp(8), SOPClassUID=kind)
    for read in (open_film, read_header):
        with pytest.raises(UnreadableFilm, match=words) as caught:
            read(path)
        assert "1.2.3.4.5.6" not in str(caught.value)


def test_without_a_class_the_modality_decides(tmp_path: Path) -> None:
    assert open_film(native(tmp_path, ramp(8), SOPClassUID="", Modality="DX")).modality == "DX"
    with pytest.raises(UnreadableFilm, match="what kind of image"):
        open_film(native(tmp_path, ramp(8), SOPClassUID="", Modality="MR"))


def sentence(path: Path) -> str:
    """The one sentence that a film is refused with, checked for form."""
    with pytest.raises(UnreadableFilm) as caught:
        open_film(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return text


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"NumberOfFrames": 3}, "several frames"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "PhotometricInterpretation"),
        ({"PhotometricInterpretation": "RGB"}, "contradicts itself on its colours"),
        ({"BitsAllocated": 32}, "pixel depth"),
        ({"BitsStored": 12}, "pixel depth"),
        ({"BitsAllocated": None}, "pixel depth"),
        ({"Rows": None}, "Rows and Columns"),
        ({"Columns": 0}, "Rows and Columns"),
        ({"Rows": 65535, "Columns": 65535}, "200 million pixels"),
        ({"Rows": 40}, "truncated or header wrong"),
    ],
)
def test_headers_that_make_no_sense(
    attributes: dict[str, object], words: str, tmp_path: Path
) -> None:
    assert words in sentence(native(tmp_path, ramp(8), **attributes))


# hostile and damaged files


@pytest.mark.parametrize("name", ENCODERS)
def test_a_cut_off_file_is_called_truncated(name: str, tmp_path: Path) -> None:
    syntax, encode = ENCODERS[name]
    pixels = ramp(12)
    content = film_bytes(dataset_of(pixels, bits=12), encode(pixels, 12), syntax)
    for keep in (0.97, 0.7):
        assert "truncated" in sentence(write(tmp_path, content[: int(len(content) * keep)]))


def test_a_codestream_cut_inside_an_intact_file(tmp_path: Path) -> None:
    pixels = ramp(12)
    for name in ("jpeg lossless", "jpeg-ls by imagecodecs", "jpeg 2000"):
        syntax, encode = ENCODERS[name]
        data = encode(pixels, 12)
        content = film_bytes(dataset_of(pixels, bits=12), data[: len(data) // 2], syntax)
        text = sentence(write(tmp_path, content))
        assert "truncated" in text or "damaged" in text


def test_every_cut_of_a_small_film_gives_one_sentence(tmp_path: Path) -> None:
    pixels = ramp(8, 5, 4)
    content = film_bytes(dataset_of(pixels, PatientName="Zzyzx"), pixels.tobytes())
    for keep in range(133, len(content) - 1, 3):
        text = sentence(write(tmp_path, content[:keep]))
        assert "Zzyzx" not in text


@pytest.mark.parametrize(
    "name", ["jpeg lossless", "jpeg lossless sv1", "jpeg-ls by imagecodecs", "jpeg 2000", "htj2k"]
)
def test_swapped_rows_and_columns_are_not_decoded(name: str, tmp_path: Path) -> None:
    syntax, encode = ENCODERS[name]
    pixels = ramp(12)
    dataset = dataset_of(pixels, bits=12, Rows=52, Columns=37)
    text = sentence(write(tmp_path, film_bytes(dataset, encode(pixels, 12), syntax)))
    assert "52 x 37" in text
    assert "37 x 52" in text


def test_a_codestream_too_deep_for_its_header(tmp_path: Path) -> None:
    data = imagecodecs.jpegls_encode(ramp(12))
    dataset = dataset_of(ramp(8))
    assert "bits" in sentence(write(tmp_path, film_bytes(dataset, data, JLS)))


def test_garbage_in_place_of_a_codestream(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 400, np.uint8).tobytes()
    for syntax in (JPEG_8, JPEG_SV1, JLS, J2K, HTJ2K, RLE):
        dataset = dataset_of(ramp(12), bits=12)
        assert "damaged" in sentence(write(tmp_path, film_bytes(dataset, noise, syntax)))


def test_a_deflate_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom, "INFLATE_LIMIT", 1 << 20)
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels), pixels.tobytes(), DEFLATED)
    head = content.index(DEFLATED.encode()) + len(DEFLATED)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(bytes(64 << 20)) + squeeze.flush()
    path = write(tmp_path, content[: head + head % 2] + bomb)
    for read in (open_film, read_header):
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableFilm, match="inflated"):
                read(path)
            assert tracemalloc.get_traced_memory()[1] < 16 << 20
        finally:
            tracemalloc.stop()


def test_an_unknown_transfer_syntax_is_not_repeated(tmp_path: Path) -> None:
    pixels = ramp(8)
    content = film_bytes(dataset_of(pixels), pixels.tobytes())
    text = sentence(
        write(tmp_path, content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.7\0"))
    )
    assert "encoding" in text
    assert "10008" not in text


def test_bit_flips_never_escape(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    for name in (
        "implicit",
        "explicit",
        "rle",
        "jpeg lossless",
        "jpeg-ls by imagecodecs",
        "jpeg 2000",
    ):
        syntax, encode = ENCODERS[name]
        pixels = ramp(12, 16, 20)
        content = film_bytes(dataset_of(pixels, bits=12), encode(pixels, 12), syntax)
        for _ in range(40):
            hurt = bytearray(content)
            for at in rng.integers(132, len(hurt), 4):
                hurt[at] = rng.integers(0, 256)
            with suppress(UnreadableFilm):
                open_film(write(tmp_path, bytes(hurt)))


# privacy


def identified(**attributes: object) -> Dataset:
    dataset = dataset_of(
        ramp(8),
        PatientName="Zzyzx^Quimby",
        PatientID="HOSP-778812",
        PatientBirthDate="19530917",
        InstitutionName="Saint Nowhere",
        AccessionNumber="ACC9911",
        SeriesDescription="Zzyzx standing",
        **attributes,
    )
    dataset.file_meta = FileMetaDataset()
    return dataset


def test_an_open_film_knows_no_name(tmp_path: Path) -> None:
    path = write(tmp_path, film_bytes(identified(), ramp(8).tobytes()))
    shown = repr(open_film(path)) + repr(read_header(path))
    assert not [secret for secret in SECRETS if secret in shown]


def test_names_in_the_wrong_fields_go_nowhere(tmp_path: Path, caplog, capfd) -> None:
    content = film_bytes(
        identified(
            StudyDate="20200101",
            PatientAge="047Y",
            PixelSpacing=[0.15, 0.25],
            ViewPosition="PA",
            PhotometricInterpretation="MONOCHROME2",
            RescaleSlope=1,
            RescaleIntercept=0,
        ),
        ramp(8).tobytes(),
    )
    swaps = (
        (b"20200101", b"Zzyzx Qu"),  # not a date
        (b"047Y", b"Zzyz"),
        (b"0.15\\0.25 ", b"Quimby\\0.2"),  # not a number
        (b"MONOCHROME2 ", b"ZzyzxQuimby "),
        (b"CR", b"Zz"),
    )
    for old, new in swaps:
        assert old in content
        path = write(tmp_path, content.replace(old, new))
        try:
            shown = repr(open_film(path))
        except UnreadableFilm as error:
            shown = str(error) + repr(error.__context__)
        out, err = capfd.readouterr()
        shown += caplog.text + out + err
        assert not [secret for secret in (*SECRETS, "Zzyz") if secret in shown]


def test_a_broken_spacing_text_is_a_conflict(tmp_path: Path) -> None:
    content = film_bytes(dataset_of(ramp(8), PixelSpacing=[0.15, 0.25]), ramp(8).tobytes())
    path = write(tmp_path, content.replace(b"0.15\\0.25 ", b"0,15\\0,25 "))
    assert open_film(path).scale.state == "conflict"
