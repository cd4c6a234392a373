"""Content and transfer codings undone piece by piece, so that times stay with their bytes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.wire.flaws import quoted
from conformance.wire.piece import Headers, Piece

MOST = 64 * 1024 * 1024
"""Bytes that a compressed body may grow to; a decompression bomb ends here."""

_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_METHOD = 8
_MOST_LAYERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A body without its codings."""

    pieces: tuple[Piece, ...]
    complete: bool
    flaws: tuple[str, ...]


def undo(pieces: Sequence[Piece], headers: Headers, most: int = MOST) -> Plain:
    """Undo the codings that the headers name, last applied first, up to `most` bytes of result."""
    names = codings(headers)
    pieces, complete, flaws = tuple(pieces), True, []
    if len(names) > _MOST_LAYERS:
        return Plain(pieces=pieces, complete=True, flaws=(f"{len(names)} codings on one body",))
    for name in reversed(names):
        if name not in {"gzip", "x-gzip", "deflate"}:
            flaws.append(f"coding {quoted(name)} can't be undone here")
            break
        inflater = _Inflater("deflate" if name == "deflate" else "gzip", most)
        pieces = inflater.run(pieces)
        complete = complete and inflater.complete
        flaws.extend(inflater.flaws)
    return Plain(pieces=pieces, complete=complete, flaws=tuple(flaws))


def codings(headers: Headers) -> list[str]:
    """Codings in the order in which they were applied: of the content, then of the transfer."""
    names = []
    for wanted in ("content-encoding", "transfer-encoding"):
        lines = [value for key, value in headers if key.lower() == wanted]
        names += [one.strip().lower() for line in lines for one in line.split(",")]
    return [name for name in names if name not in {"", "identity", "chunked"}]


class _Inflater:
    """gzip (several members too) or deflate, with or without its zlib wrapping."""

    def __init__(self, name: str, most: int) -> None:
        self.complete = True
        self.flaws: list[str] = []
        self._name = name
        self._room = most
        self._over = False
        self._begin(_GZIP)

    def run(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """Decompressed pieces, each with the time of the piece that brought it."""
        if self._name == "deflate":
            self._begin(self._wrapping(b"".join(piece.data for piece in pieces[:2])))
        found: list[Piece] = []
        for piece in pieces:
            data = self._feed(piece.data)
            if data:
                found.append(Piece(at=piece.at, data=data, stamp=piece.stamp))
            if self._over:
                break
        if pieces and not self._over and not self._stream.eof:
            self._give_up(f"the {self._name} data is cut off")
        return tuple(found)

    def _wrapping(self, first: bytes) -> int:
        """Some servers send deflate without the zlib header; its two bytes tell (RFC 1950 2.2)."""
        if (
            len(first) > 1
            and first[0] & 15 == _ZLIB_METHOD
            and (first[0] << 8 | first[1]) % 31 == 0
        ):
            return _ZLIB
        if first:
            self.flaws.append("deflate data without the zlib header")
        return _RAW

    def _begin(self, bits: int) -> None:
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._fed: list[bytes] = []

    def _feed(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        while data and not self._over:
            if self._stream.eof:
                if not self._next_member(data):
                    break
                self._begin(self._bits)
            parts.append(self._inflate(data))
            self._room -= len(parts[-1])
            self._fed.append(data)
            data = self._stream.unused_data
            if self._room <= 0:
                self._give_up(f"the {self._name} data grows beyond the limit")
        return b"".join(parts)

    def _inflate(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, self._room)
        except zlib.error as problem:
            self._give_up(f"the {self._name} data is corrupt: {problem}")
            return self._salvage(data)

    def _salvage(self, data: bytes) -> bytes:
        """What can be had from data that turns out corrupt, however it was cut into pieces."""
        stream = zlib.decompressobj(self._bits)
        for before in self._fed:
            stream.decompress(before)
        parts: list[bytes] = []
        try:
            parts.extend(stream.decompress(data[at : at + 1]) for at in range(len(data)))
        except zlib.error:
            return b"".join(parts)[: self._room]
        return b"".join(parts)[: self._room]

    def _next_member(self, data: bytes) -> bool:
        if self._name == "gzip" and data[:2] == _GZIP_MAGIC[: len(data)]:
            return True
        self.flaws.append(f"bytes after the end of the {self._name} data")
        self._over = True
        return False

    def _give_up(self, flaw: str) -> None:
        self.flaws.append(flaw)
        self.complete = False
        self._over = True
