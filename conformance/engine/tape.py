"""What goes over the wire during one exchange, as it happens.

httpcore reads and writes in the task that asks, so the tape of the current exchange is found by
the context of that task; see `network.py`.
"""

from __future__ import annotations

from contextvars import ContextVar

from conformance.engine.limits import Bounds
from conformance.wire.piece import Ns, Piece


class TooMuch(Exception):  # noqa: N818  # an event, not an error
    """The response is larger than the limit; the rest is not read. Its text says which limit."""


class HungUp(Exception):  # noqa: N818  # an event, not an error
    """We close the connection on purpose."""


class Tape:
    """Timed bytes in both directions, up to the limits of the exchange."""

    __slots__ = ("_bounds", "_size", "connection", "ended", "hung_up", "received", "reused", "sent")

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._size = 0
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

    def read(self, at: Ns, data: bytes) -> None:
        """Bytes that have arrived. Raises TooMuch after having kept as many as are allowed."""
        room = self._bounds.response_bytes - self._size
        self._size += len(data)
        if len(data) > room:
            if room:
                self.received.append(Piece(at=at, data=data[:room]))
            raise TooMuch(f"cut off after {self._bounds.response_bytes} bytes")
        self.received.append(Piece(at=at, data=data))
        if len(self.received) >= self._bounds.pieces:
            raise TooMuch(f"cut off after {len(self.received)} pieces of {self._size} bytes")

    def patience(self) -> float:
        """Seconds to wait for the next bytes."""
        return self._bounds.read if self.received else self._bounds.first_byte

    def rewind(self) -> None:
        """Forget what was said so far: it was for a proxy, or it came to no connection."""
        self.sent.clear()
        self.received.clear()
        self._size = 0
        self.ended = False


CURRENT: ContextVar[Tape] = ContextVar("CURRENT")
"""The tape of the exchange that the running task is busy with."""
