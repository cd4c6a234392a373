"""What goes over the wire during one exchange, as it happens.

httpcore reads and writes in the task that asks, so the tape of the current exchange is found by
the context of that task; see `network.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import replace

from conformance.engine.limits import Bounds
from conformance.wire.exchange import Cut
from conformance.wire.http import EVENT_STREAM
from conformance.wire.piece import Ns, Piece, Stamp


class TooMuch(Exception):  # noqa: N818  # an event, not an error
    """The response is larger than the limit; the rest is not read. Its text says which limit."""


class HungUp(Exception):  # noqa: N818  # an event, not an error
    """We close the connection on purpose."""


class Tape:
    """Timed bytes in both directions, up to the limits of the exchange."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._most = bounds.response_bytes
        self._size = 0
        self._events = 0
        self._streaming = False
        self._announced = ""
        self.cut: Cut | None = None
        """Where the response went beyond a limit."""
        self.sent: list[Piece] = []
        self.received: list[Piece] = []
        self.connection = 0
        """The connection's number; 0 until there is one."""
        self.reused = False
        """The connection had carried another exchange before."""
        self.ended = False
        """The peer has closed its side."""
        self.hung_up = False
        """Enough was heard: the next attempt to read ends the exchange."""

    def write(self, at: Ns, data: bytes) -> None:
        """Bytes that are about to be handed to the connection."""
        self.sent.append(Piece(at=at, data=data))

    def streams(self) -> None:
        """The response turns out to be a stream."""
        self._streaming = True
        self._most = min(self._most, self._bounds.stream_bytes)

    def announces(self, size: int) -> None:
        """The response says how long it is: one that is too long is not waited for."""
        if size > self._most:
            self._most = min(self._most, self._bounds.kept)
            self._announced = f" of {size}"

    def minds(self, headers: Iterable[tuple[str, str]]) -> None:
        """What a head says of the length of what follows."""
        for name, value in headers:
            if name.lower() == "content-type" and EVENT_STREAM in value.lower():
                self.streams()
            if name.lower() == "content-length" and value.isascii() and value.isdigit():
                self.announces(int(value))

    def read(self, at: Ns, data: bytes, stamp: Stamp = Stamp.USER) -> None:
        """Bytes that have arrived. Raises TooMuch once they go beyond a limit, having kept the first."""
        self._size += len(data)
        self.received.append(Piece(at=at, data=data, stamp=stamp))
        if self._streaming:
            self._events += data.count(b"data:")
        if self._size > self._most:
            self._cut(f"{self._most}{self._announced} bytes")
        if self._events > self._bounds.events:
            self._cut(f"{self._bounds.events} events of {self._size} bytes")
        if len(self.received) >= self._bounds.pieces:
            self._cut(f"{len(self.received)} pieces of {self._size} bytes")

    def _cut(self, after: str) -> None:
        whole = hashlib.sha256()
        for piece in self.received:
            whole.update(piece.data)
        self.cut = Cut(size=self._size, sha256=whole.hexdigest())
        room = min(self._most, self._bounds.kept)
        kept: list[Piece] = []
        for piece in self.received:
            if not room:
                break
            kept.append(replace(piece, data=piece.data[:room]))
            room -= len(kept[-1].data)
        self.received[:] = kept
        raise TooMuch(f"cut off after {after}")

    def patience(self) -> float:
        """Seconds to wait for the next bytes."""
        return self._bounds.read if self.received else self._bounds.first_byte

    def rewind(self) -> None:
        """Forget what was said so far: it was for a proxy, or it came to no connection."""
        self.sent.clear()
        self.received.clear()
        self._size = 0
        self._events = 0
        self.ended = False


CURRENT: ContextVar[Tape] = ContextVar("CURRENT")
"""The tape of the exchange that the running task is busy with."""
