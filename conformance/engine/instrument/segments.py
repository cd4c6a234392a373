"""Was that one arrival, or did several become one while nobody read?

Where segments are merged in the receive queue, the kernel keeps the last stamp. A server that
writes several events at once looks the same in the bytes; the number of segments that the
connection has received tells the two apart.
"""

from __future__ import annotations

import socket
import struct

from conformance.engine.instrument.over import END, one_event

_TCP_INFO = getattr(socket, "TCP_INFO", 11)
_AT = 152
"""Where `struct tcp_info` has `tcpi_data_segs_in` (Linux 4.6): it and what is before it is ABI."""
_ENDS = (b"\n\n", b"\r\n\r\n", END)
_UNKNOWN = -(1 << 40)
_NUMBER = struct.Struct("=I")


def several(data: bytes) -> bool:
    """More than one event, or a head and an event; of the last there may be a part only."""
    if one_event(data):
        return False
    ends = data.count(b"\n\n") + data.count(b"\r\n\r\n")
    return ends > 1 or (ends == 1 and not data.endswith(_ENDS))


class Segments:
    """Counts the segments of one connection, where it is asked to."""

    __slots__ = ("_extra", "_sock", "read")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.read = self._arrived() or 0
        """As many as were read, if each read was of one. Whoever reads counts up."""
        # what waits to be read was counted as read: then only the next question sets things right
        self._extra = _UNKNOWN if self._waiting() else 0

    def merged(self) -> bool:
        """It can't be ruled out that the last read, or one since the last question, was of several."""
        arrived = self._arrived()
        if arrived is None or self._waiting():
            return True  # unknown, or counted with segments that are not read yet
        extra = arrived - self.read
        merged, self._extra = extra > self._extra, extra
        return merged

    def _arrived(self) -> int | None:
        info = self._sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _AT + _NUMBER.size)
        return int(_NUMBER.unpack_from(info, _AT)[0]) if len(info) >= _AT + _NUMBER.size else None

    def _waiting(self) -> bool:
        """Something is in the queue; or the connection broke, and nobody can tell."""
        try:
            return bool(self._sock.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        except OSError:
            return True  # what is read next says so, to whom it concerns
