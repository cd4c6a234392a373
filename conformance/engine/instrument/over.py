"""When a response is over, noticed as its bytes come in. Nothing else is read from them here.

The bytes stay as they are; what they say is found out later, from the tape (`wire/http.py`).
"""

from __future__ import annotations

import re
from enum import Enum, auto

from conformance.wire import head

_SIZE_LINE = re.compile(rb"\s*([0-9A-Fa-f]{1,16})\s*(?:;.*)?")
_BODYLESS = (204, 304)
_LONGEST_HEAD = 256 * 1024
_LONGEST_LINE = 100 * 1024
_BEGINNING = b"HTTP/"


END = b"\n\n\r\n"
"""Of an event that is the last of its chunk; it cannot be the end of all."""
BEFORE_END = -len(END)


def one_event(data: bytes) -> bool:
    """The size of a chunk, one line, and the end of both: by far the most are."""
    return data.endswith(END) and data.find(b"\n") == data.rfind(b"\n", 0, BEFORE_END)


class _Until(Enum):
    """What ends the body."""

    HEAD = auto()
    """Not known yet: the head is not complete."""
    LENGTH = auto()
    LAST_CHUNK = auto()
    CLOSED = auto()


class GarbledError(Exception):
    """The bytes are not HTTP/1.1; the text says why."""


class EndlessHeadError(Exception):
    """More head than anybody needs, or a chunk's size line of that kind."""


class Ending:
    """Is fed with what arrives, and says when nothing more belongs to the response."""

    __slots__ = (
        "_in_chunk",
        "_in_trailers",
        "_keep",
        "_left",
        "_method",
        "_pending",
        "_until",
        "body",
        "chunked",
        "head",
        "left_over",
        "over",
    )

    def __init__(self, method: str, *, keep: bool = False) -> None:
        """`keep`: unframe the body on the way, for somebody who reads it while it comes."""
        self.head: head.Head | None = None
        self.over = False
        self.left_over = False
        """Bytes came after the end."""
        self.body: list[bytes] = []
        """Unframed, in order of arrival; only with `keep`."""
        self._method = method.upper()
        self._keep = keep
        self._until = _Until.HEAD
        self.chunked = False
        """By its head, the body comes in chunks."""
        self._pending: list[bytes] = []
        self._left = 0
        """Body bytes to come: of the whole, or of the current chunk."""
        self._in_chunk = self._in_trailers = False

    @property
    def reusable(self) -> bool:
        """Another exchange may follow on the same connection."""
        if self.head is None or not self.over or self.left_over or self._until is _Until.CLOSED:
            return False
        wishes = [each.lower() for each in self.head.values("connection")]
        if self.head.version == "HTTP/1.0":
            return "keep-alive" in wishes
        return "close" not in wishes

    def feed(self, data: bytes) -> None:
        """Some more bytes. Raises GarbledError or EndlessHeadError."""
        if self.over:
            self.left_over = True
        elif self.chunked:
            self._pending.append(data)
            if self._keep or not one_event(data):
                self._walk()
        elif self._until is _Until.HEAD:
            self._pending.append(data)
            self._look_for_head()
        else:
            self._count(data)

    def put_by(self, data: bytes) -> None:
        """Some more bytes, which hold no end; they are walked over with the next that may."""
        self._pending.append(data)

    def closed(self) -> bool:
        """The peer has closed the connection: whether that leaves the response complete."""
        if self.chunked:
            self._walk()
        if self._until is _Until.CLOSED:
            self.over = True
        return self.over

    def _look_for_head(self) -> None:
        raw = b"".join(self._pending)
        start = raw.lstrip(b"\r\n")[: len(_BEGINNING)]
        if not _BEGINNING.startswith(start):
            raise GarbledError(f"what came is no HTTP, no status line: {raw[:40]!r}")
        found = head.read(raw)
        if found is None:
            if len(raw) > _LONGEST_HEAD:
                raise EndlessHeadError("a head that does not end")
            self._pending = [raw]
            return
        self.head, self._pending = found, []
        self._until = self._framing(found)
        self.chunked = self._until is _Until.LAST_CHUNK
        if rest := raw[found.end :]:
            self.left_over = self.over
            if not self.over:
                self.feed(rest)
        elif self._until is _Until.LENGTH and not self._left:
            self.over = True

    def _framing(self, found: head.Head) -> _Until:
        """RFC 9112 6.3."""
        if self._method == "HEAD" or found.status in _BODYLESS:
            self.over = True
            return _Until.LENGTH
        transfer = [each.lower() for each in found.values("transfer-encoding")]
        if transfer:
            return _Until.LAST_CHUNK if transfer[-1] == "chunked" else _Until.CLOSED
        lengths = set(found.values("content-length"))
        if not lengths:
            return _Until.CLOSED
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise GarbledError(f"content-length {length[:40]!r} is no length")
        self._left = int(length)
        self.over = not self._left
        return _Until.LENGTH

    def _count(self, data: bytes) -> None:
        if self._until is _Until.LENGTH:
            self.left_over = len(data) > self._left
            data = data[: self._left]
            self._left -= len(data)
            self.over = not self._left
        if self._keep:
            self.body.append(data)

    def _walk(self) -> None:
        """Over the chunks that are there, as far as they go."""
        raw = b"".join(self._pending)
        position = 0
        while position < len(raw) and not self.over:
            if self._left:
                data = raw[position : position + self._left] if self._keep else b""
                step = min(self._left, len(raw) - position)
                position += step
                self._left -= step
                if data:
                    self.body.append(data)
                continue
            end = raw.find(b"\n", position)
            if end < 0:
                break
            self._line(raw[position:end].rstrip(b"\r"))
            position = end + 1
        if len(raw) - position > _LONGEST_LINE:
            raise EndlessHeadError("a chunk size line that does not end")
        self.left_over = self.over and position < len(raw)
        self._pending = [raw[position:]] if position < len(raw) else []

    def _line(self, line: bytes) -> None:
        """One line of chunk framing: behind a chunk, of its size, or a trailer."""
        if self._in_trailers:
            self.over = not line
        elif self._in_chunk:
            if line:
                raise GarbledError(f"no line end behind a chunk, but {line[:40]!r}")
            self._in_chunk = False
        else:
            size = _SIZE_LINE.fullmatch(line)
            if size is None:
                raise GarbledError(f"no chunk size: {line[:40]!r}")
            self._left = int(size[1], 16)
            self._in_chunk = self._left > 0
            self._in_trailers = not self._in_chunk
