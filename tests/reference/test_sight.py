"""The reference model sees the color of a PNG, and refuses what it cannot read."""

import struct
import zlib
from pathlib import Path

import pytest

from conformance.reference.model.sight import COLORS, color, decoded

IMAGES = Path(__file__).parents[2] / "suites" / "images"


def part(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(rows, *, kind=2, width=2, depth=8, interlaced=0):
    head = struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, interlaced)
    parts = part(b"IHDR", head), part(b"IDAT", zlib.compress(b"".join(rows))), part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


GIF = (IMAGES / "red.gif").read_bytes()


@pytest.mark.parametrize("name", ["red.png", "green.png", "blue.png", "red.gif"])
def test_the_images_of_the_suites_are_of_their_colors(name):
    assert color((IMAGES / name).read_bytes()) == name.partition(".")[0]


@pytest.mark.parametrize(
    ("rows", "kind", "name"),
    [
        ([b"\0" + bytes(COLORS["orange"]) * 2], 2, "orange"),
        ([b"\1" + bytes(COLORS["red"]) + bytes(3)], 2, "red"),
        ([b"\0" + bytes(COLORS["blue"]) * 2, b"\2" + bytes(6), b"\3" + bytes([15, 30, 110, 0, 0, 0])], 2, "blue"),
        ([b"\0" + bytes(COLORS["green"]) * 2, b"\4" + bytes(6)], 2, "green"),
        ([b"\0" + b"\xff\xff"], 0, "white"),
        ([b"\0" + b"\x00\xff\x00\xff"], 4, "black"),
        ([b"\0" + bytes([*COLORS["purple"], 255]) * 2], 6, "purple"),
    ],
)  # fmt: skip
def test_any_filter_and_kind_of_color_is_read(rows, kind, name):
    assert color(png(rows, kind=kind)) == name


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", png([b"\0" * 7])[:40], png([b"\0" * 7], kind=3), png([b"\0" * 7], depth=16), png([b"\0" * 7], interlaced=1), png([b"\7" * 7]),
     GIF[:20], GIF[:10] + b"\0" + GIF[11:], GIF.replace(b",", b"!", 1)],
)  # fmt: skip
def test_what_is_no_such_image_is_a_value_error(data):
    with pytest.raises(ValueError, match=r"read|damaged"):
        color(data)


@pytest.mark.parametrize("url", ["https://x/a.png", "data:text/plain;base64,AA==", "data:image/png,AA", "data:image/png;base64,A"])
def test_only_data_uris_of_images_are_read(url):
    with pytest.raises(ValueError, match=r"read|damaged"):
        decoded(url)
