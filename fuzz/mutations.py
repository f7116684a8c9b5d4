"""Ways to hurt a film; each is a function of a random generator and a seed."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from fuzz.seeds import COLUMNS, ROWS, Seed, seeds

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_NESTING = 2000


def mutant(name: str, *, seed: int, index: int) -> bytes:
    """The file of one mutant, the same for the same arguments."""
    random = Random(f"{seed}/{name}/{index}")  # noqa: S311
    film = seeds()[name]
    content = film.content
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        content = random.choice(MUTATIONS)(random, content, film)
    return content if film.wrap is None else film.wrap(content)


def _place(random: Random, content: bytes, film: Seed) -> int:
    """Somewhere: half of the time in the pixel data, else in the header."""
    if not content:
        return 0
    if film.elements and random.random() < 0.5:
        return random.randrange(min(film.elements[-1][0], len(content) - 1), len(content))
    if film.elements and random.random() < 0.7:
        return random.randrange(min(128, len(content) - 1), len(content))
    return random.randrange(len(content))


def flip_bits(random: Random, content: bytes, film: Seed) -> bytes:
    """One bit or some."""
    hurt = bytearray(content)
    for _ in range(random.choice((1, 2, 8, 40))):
        if hurt:
            hurt[_place(random, content, film)] ^= 1 << random.randrange(8)
    return bytes(hurt)


def set_bytes(random: Random, content: bytes, film: Seed) -> bytes:
    """Single bytes, often to 0 or 255."""
    hurt = bytearray(content)
    for _ in range(random.choice((1, 3, 10))):
        if hurt:
            hurt[_place(random, content, film)] = random.choice((0, 0xFF, random.randrange(256)))
    return bytes(hurt)


def run_of_bytes(random: Random, content: bytes, film: Seed) -> bytes:
    """A run of zeros, of ones or of noise laid over."""
    at, length = _place(random, content, film), random.choice((2, 8, 64, 1000))
    run = random.choice((bytes(length), b"\xff" * length, random.randbytes(length)))
    return content[:at] + run[: len(content) - at] + content[at + length :]


def truncate(random: Random, content: bytes, film: Seed) -> bytes:
    """Nothing behind a place."""
    return content[: _place(random, content, film)]


def splice(random: Random, content: bytes, film: Seed) -> bytes:
    """A piece of another film, or of the same one, put in or laid over."""
    other = random.choice((content, random.choice(list(seeds().values())).content))
    if not other:
        return content
    start = random.randrange(len(other))
    piece = other[start : start + random.choice((4, 40, 400, 4000))]
    at = _place(random, content, film)
    return content[:at] + piece + content[at + random.choice((0, len(piece))) :]


def delete(random: Random, content: bytes, film: Seed) -> bytes:
    """Some bytes taken out."""
    at = _place(random, content, film)
    return content[:at] + content[at + random.choice((1, 2, 8, 100)) :]


def repeat(random: Random, content: bytes, film: Seed) -> bytes:
    """A piece repeated, up to hundreds of times."""
    at = _place(random, content, film)
    piece = content[at : at + random.choice((2, 20, 200))]
    return content[:at] + piece * random.choice((2, 5, 300)) + content[at + len(piece) :]


def extreme_number(random: Random, content: bytes, film: Seed) -> bytes:
    """A number of one to four bytes at a limit of its type, in either order of bytes."""
    at, size = _place(random, content, film), random.choice((1, 2, 4))
    number = random.choice(_EXTREMES) & ((1 << 8 * size) - 1)
    return (
        content[:at]
        + number.to_bytes(size, random.choice(("little", "big")))
        + content[at + size :]
    )


def lie_about_length(random: Random, content: bytes, film: Seed) -> bytes:
    """An element's length field set to another number."""
    if not film.elements:
        return extreme_number(random, content, film)
    _, value, _ = random.choice(film.elements)
    size = random.choice((2, 4))
    length = random.choice((*_EXTREMES, random.randrange(1 << 16))) & ((1 << 8 * size) - 1)
    return content[: value - size] + length.to_bytes(size, "little") + content[value:]


def change_dimension(random: Random, content: bytes, _film: Seed) -> bytes:
    """Rows or columns, wherever they stand: swapped, one more, zero or huge."""
    old = random.choice((ROWS, COLUMNS))
    new = random.choice((ROWS, COLUMNS, old + 1, old - 1, 0, 1, 13000, 65535))
    code = random.choice(("<H", ">H", "<L", ">L"))
    return content.replace(
        struct.pack(code, old), struct.pack(code, new), random.choice((1, 2, -1))
    )


def delete_element(random: Random, content: bytes, film: Seed) -> bytes:
    """A whole element taken out."""
    if not film.elements:
        return delete(random, content, film)
    start, _, end = random.choice(film.elements)
    return content[:start] + content[end:]


def repeat_element(random: Random, content: bytes, film: Seed) -> bytes:
    """A whole element repeated in front of another."""
    if not film.elements:
        return repeat(random, content, film)
    start, _, end = random.choice(film.elements)
    at = random.choice(film.elements)[0]
    return content[:at] + content[start:end] * random.choice((1, 3, 50)) + content[at:]


def nest_sequences(random: Random, content: bytes, film: Seed) -> bytes:
    """A sequence in a sequence in a sequence, open or closed, in front of an element."""
    if not film.elements:
        return repeat(random, content, film)
    at, depth = random.choice(film.elements)[0], random.choice((3, 50, _NESTING))
    tag = random.choice((b"\x28\x00\x00\x30", b"\x08\x00\x40\x11"))
    head = tag + b"SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    tail = (b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)) * random.choice((0, 1))
    return content[:at] + head * depth + tail * depth + content[at:]


MUTATIONS: tuple[Callable[[Random, bytes, Seed], bytes], ...] = (
    flip_bits,
    set_bytes,
    run_of_bytes,
    truncate,
    splice,
    delete,
    repeat,
    extreme_number,
    lie_about_length,
    change_dimension,
    delete_element,
    repeat_element,
    nest_sequences,
)
