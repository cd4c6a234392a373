"""When a request arrived, by the kernel where it says so."""

from __future__ import annotations

import socket
import struct
import sys
from time import monotonic_ns, time_ns

_OPTION = 35  # SO_TIMESTAMPNS on Linux; Python has no name for it
_TIME = struct.Struct("@ll")
_ROOM, _NOTES = 65_536, 128


def enable(sock: socket.socket) -> None:
    """Ask the kernel to note arrivals."""
    if sys.platform == "linux":
        sock.setsockopt(socket.SOL_SOCKET, _OPTION, 1)


def receive(sock: socket.socket) -> tuple[bytes, int, int]:
    """Bytes, when they arrived, and when they were read; times of CLOCK_MONOTONIC."""
    if sys.platform != "linux":
        data = sock.recv(_ROOM)
        now = monotonic_ns()
        return data, now, now
    data, notes, _, _ = sock.recvmsg(_ROOM, _NOTES)
    before, real, now = monotonic_ns(), time_ns(), monotonic_ns()
    for level, kind, value in notes:
        if (level, kind) == (socket.SOL_SOCKET, _OPTION):
            seconds, nanoseconds = _TIME.unpack(value)
            stamp = int(seconds) * 1_000_000_000 + int(nanoseconds)
            return data, stamp - real + (before + now) // 2, now
    return data, now, now
