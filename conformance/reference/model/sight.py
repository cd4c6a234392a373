"""Eyes for simple pictures: the color that most of a PNG has, or the first pixel of a GIF."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

COLORS = {
    "red": (220, 30, 30), "green": (30, 160, 60), "blue": (30, 60, 220), "yellow": (240, 220, 40),
    "white": (255, 255, 255), "black": (0, 0, 0), "orange": (245, 140, 30), "purple": (130, 40, 160),
    "gray": (128, 128, 128),
}  # fmt: skip
_GIF = (b"GIF87a", b"GIF89a")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
"""Samples of a pixel by the kind of color, palettes left out."""
_DEPTH = 8
_LARGEST = 4096
_RGB = 3


@lru_cache(maxsize=64)
def color(data: bytes) -> str:
    """The name of the color nearest to most pixels. Raises ValueError for what we do not read."""
    try:
        most = _first_pixel(data) if data.startswith(_GIF) else _most(data)
    except (struct.error, zlib.error, IndexError, KeyError) as error:
        raise ValueError("the image is damaged") from error
    return min(
        COLORS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLORS[name], most, strict=True))
    )


def _most(data: bytes) -> tuple[int, int, int]:
    """The color that most pixels of a PNG have."""
    most, _ = Counter(_pixels(data)).most_common(1)[0]
    return most


def _first_pixel(data: bytes) -> tuple[int, int, int]:
    """The color of the first pixel of a GIF with a palette for all of it and no extensions before it."""
    flags = data[10]
    palette = 13 + 3 * 2 ** ((flags & 7) + 1)
    if not flags & 0x80 or data[palette] != ord(","):
        raise ValueError("only GIF with one palette and one image is read")
    size = data[palette + 10]  # after the image's place, size and flags
    codes = int.from_bytes(data[palette + 12 : palette + 16], "little")
    pixel = codes >> (size + 1) & (2 ** (size + 1) - 1)  # the first code only clears the table
    red, green, blue = data[13 + 3 * pixel : 16 + 3 * pixel]
    return red, green, blue


def decoded(url: str) -> bytes:
    """The bytes of a base64 data URI of an image. Raises ValueError for any other address."""
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise ValueError("only data: URIs of images in base64 are read")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError("the base64 of the data: URI is damaged") from error


def _pixels(data: bytes) -> Iterator[tuple[int, int, int]]:
    chunks = dict(_chunks(data))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != _DEPTH or interlaced or not 0 < width <= _LARGEST or not 0 < height <= _LARGEST:
        raise ValueError("only PNG of 8 bits, not interlaced, is read")
    step = _CHANNELS[kind]
    rows = zlib.decompressobj().decompress(chunks[b"IDAT"], height * (1 + width * step))
    before = bytes(width * step)
    for at in range(0, len(rows), 1 + width * step):
        before = _unfiltered(rows[at], rows[at + 1 : at + 1 + width * step], before, step)
        for place in range(0, len(before), step):
            gray = before[place]
            yield (
                (before[place], before[place + 1], before[place + 2])
                if step >= _RGB
                else (gray, gray, gray)
            )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise ValueError("only PNG and GIF are read")
    at, parts = len(_SIGNATURE), b""
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        parts += body if name == b"IDAT" else b""
        yield name, parts if name == b"IDAT" else body
        at += size + 12
        if name == b"IEND":
            return  # what comes after it is no part of the image


def _unfiltered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    """A row of pixels, its filter undone: each byte was told as a difference to its neighbours."""
    made = bytearray()
    for place, byte in enumerate(row):
        left = made[place - step] if place >= step else 0
        corner = above[place - step] if place >= step else 0
        guess = (
            0,
            left,
            above[place],
            (left + above[place]) // 2,
            _paeth(left, above[place], corner),
        )
        made.append((byte + guess[kind]) & 0xFF)
    return bytes(made)


def _paeth(left: int, above: int, corner: int) -> int:
    near = left + above - corner
    return min((left, above, corner), key=lambda one: abs(near - one))
