"""When the kernel received a segment, on the clock that everything else is timed by.

`SO_TIMESTAMPNS` has the kernel note the arrival of each segment, however late this process gets to
read it. The note is in CLOCK_REALTIME; what lies between that and CLOCK_MONOTONIC is measured, and
measured again, because CLOCK_REALTIME can be set.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterable
from time import monotonic_ns, sleep, time_ns

OPTION = getattr(socket, "SO_TIMESTAMPNS", 35)
"""Python's socket module has no name for it; 35 on Linux."""
AVAILABLE = sys.platform == "linux"
NOTES = 128
"""Room for what the kernel says beside the data: one note takes 32 bytes."""

_SOL_SOCKET = int(socket.SOL_SOCKET)
_unpack = struct.Struct("@ll").unpack
_SECOND = 1_000_000_000
_FIRST, _AGAIN = 15, 5
"""So many samples at the start, and each time it is looked at again."""
_EVERY = _SECOND
_TRIES, _PAUSE = 50, 0.001
_STEP = 20_000
"""Nanoseconds by which the two clocks must have moved apart to be called a step: far more than a
sample errs, far less than anybody sets a clock by."""

Notes = Iterable[tuple[int, int, bytes]]


class KernelClock:
    """Turns the kernel's stamps into times on CLOCK_MONOTONIC. One for a whole measurement."""

    def __init__(self) -> None:
        self.steps = 0
        """How often CLOCK_REALTIME was set meanwhile."""
        self._offset, self.width = _offset(_FIRST)
        self._due = monotonic_ns() + _EVERY
        self._keeper, self.works = _stamped()
        """Segments are stamped, and will be as long as this is not closed."""

    def arrival(self, notes: Notes, user: int) -> int | None:
        """When the bytes arrived that were read at `user` together with `notes`; None: not noted."""
        if user >= self._due:
            self._look_again(user)
        for level, kind, value in notes:
            if kind == OPTION and level == _SOL_SOCKET:
                seconds, nanoseconds = _unpack(value)
                at: int = seconds * _SECOND + nanoseconds + self._offset
                return at
        return None

    def close(self) -> None:
        """Let the kernel stop stamping."""
        self._keeper.close()

    def _look_again(self, now: int) -> None:
        self._due = now + _EVERY
        offset, width = _offset(_AGAIN)
        if abs(offset - self._offset) > _STEP + width:
            self.steps += 1
            self._offset = offset


def kernel_clock() -> KernelClock | None:
    """The kernel's stamps; None where there are none to be had."""
    if not AVAILABLE:
        return None
    clock = KernelClock()
    if clock.works:
        return clock
    clock.close()
    return None


def enable(sock: socket.socket) -> None:
    """Have the kernel stamp what that socket receives."""
    sock.setsockopt(socket.SOL_SOCKET, OPTION, 1)


def _stamped() -> tuple[socket.socket, bool]:
    """A socket that has the kernel stamp segments, once it does: it needs a moment to begin."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sending,
    ):
        keeper, _ = server.accept()
        enable(keeper)
        for _ in range(_TRIES):
            sending.send(b"?")
            if keeper.recvmsg(1, NOTES)[1]:
                return keeper, True
            sleep(_PAUSE)
    return keeper, False


def _offset(samples: int) -> tuple[int, int]:
    """CLOCK_MONOTONIC minus CLOCK_REALTIME, and how far that may be off: the tightest of a few."""
    best, width = 0, _SECOND
    for _ in range(samples):
        before, real, after = monotonic_ns(), time_ns(), monotonic_ns()
        if after - before < width:
            best, width = (before + after) // 2 - real, after - before
    return best, width
