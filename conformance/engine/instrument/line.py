"""One connection, read and stamped in the event loop's callback."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

from conformance.engine.causes import broken
from conformance.engine.instrument.clock import NOTES, KernelClock, enable
from conformance.engine.instrument.connect import Connected
from conformance.engine.instrument.over import BEFORE_END, END
from conformance.engine.instrument.pump import Pump
from conformance.engine.instrument.reel import Reel
from conformance.engine.instrument.segments import Segments, several
from conformance.engine.instrument.sheath import Sheath
from conformance.wire.exchange import Ended
from conformance.wire.piece import Ns
from conformance.wire.take import Connecting

ROOM = 16_384
"""Bytes read at once."""
HIGH_WATER = 512 * 1024
"""Bytes held for a listener that is late; beyond it the peer has to wait."""

Receive = Callable[[int, int], tuple[bytes, list[tuple[int, int, bytes]], int, Any]]


class Line:
    """Carries one exchange at a time; what arrives in between ends it."""

    __slots__ = (
        "_arrival",
        "_late",
        "_loop",
        "_plain",
        "_pump",
        "_reading",
        "_receive",
        "_reel",
        "_rest",
        "_segments",
        "_sheath",
        "_sock",
        "_taken",
        "_timer",
        "_until",
        "alive",
        "carried",
        "idle_since",
        "made",
        "number",
    )

    def __init__(self, made: Connected, number: int, clock: KernelClock | None, pump: Pump) -> None:
        self.number = number
        self.carried = 0
        """Exchanges so far."""
        self.alive = True
        self.idle_since: float | None = None
        """In the loop's time; None until it has carried something."""
        self.made = made
        self._loop = asyncio.get_running_loop()
        self._sock, self._sheath = made.sock, made.sheath
        self._reel: Reel | None = None
        self._rest = b""
        self._reading = True
        self._late = False
        self._timer: asyncio.TimerHandle | None = None
        self._until = 0.0
        self._taken = 0
        """When the peer last took bytes of a request that it did not take at once."""
        if clock is not None:
            enable(self._sock)
        self._arrival = clock.arrival if clock is not None else None
        self._receive = _receiver(self._sock)
        self._segments = Segments(self._sock) if clock is not None else None
        self._plain = self._segments if self._sheath is None else None
        self._pump = pump
        pump.add(self._sock.fileno(), self)

    def start(self, reel: Reel, data: bytes) -> None:
        """Send a request; the reel is finished once the answer is over."""
        self._reel = reel
        self._pump.busy += 1
        self.carried += 1
        out = self._sheath.wrap(data) if self._sheath else data
        reel.sent.append((monotonic_ns(), data))
        self._send(out)
        reel.handed = monotonic_ns()
        now = self._loop.time()
        self._until = now + reel.bounds.total
        self._look_at(now + reel.bounds.first_byte)

    def hang_up(self) -> None:
        """Say that nothing more is wanted, and go on reading: when does the peer stop?"""
        if self._reel is not None and self.alive:
            self._reel.hung_up = monotonic_ns()
            try:
                self._sock.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._fail(Ended.RESET, broken(error))

    def release(self) -> None:
        """The exchange is over: the line is free for the next one, or closed."""
        reel, self._reel = self._reel, None
        self._pump.busy -= 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        fit = reel is not None and reel.reusable
        if not fit or self._rest or not self._reading:
            self.close()
        self.idle_since = self._loop.time()

    def taken(self, count: int) -> None:
        """A listener has taken so many bytes."""
        reel = self._reel
        if reel is not None:
            reel.held -= count
            if not self._reading and self.alive and reel.held < HIGH_WATER // 2:
                self._reading = self._late = True
                self._pump.add(self._sock.fileno(), self)

    def close(self) -> None:
        """Nothing more goes over it."""
        if self.alive:
            self.alive = False
            self._pump.remove(self._sock.fileno())
            self._loop.remove_writer(self._sock.fileno())
            self._sock.close()

    def connecting(self, origin: int) -> Connecting:
        """What it took to make it, on a clock that began at `origin`."""
        made = self.made
        begun, resolved, connected, secured = (
            Ns(each - origin) for each in (made.begun, made.resolved, made.connected, made.secured)
        )
        return Connecting(begun=begun, resolved=resolved, connected=connected, secured=secured)

    def _safely(self, work: Callable[[], None]) -> None:
        """What goes wrong in it is our own fault: whoever waits is told, and other lines go on."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  # nobody else could: the event loop calls this
            self.broke(error)

    def broke(self, error: Exception) -> None:
        """See Readable."""
        self.close()
        if self._reel is not None:
            self._reel.fail(error)

    def readable(self) -> None:
        """See Readable."""
        try:
            data, notes, _, _ = self._receive(ROOM, NOTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(Ended.RESET, broken(error))
            return
        user = monotonic_ns()
        at = self._arrival(notes, user) if self._arrival is not None else None
        reel, plain = self._reel, self._plain
        # `one_event`, without calling it, in the middle of an answer: a short way for by far the most
        if (
            plain is not None
            and reel is not None
            and reel.steady
            and data.endswith(END)
            and data.find(b"\n") == data.rfind(b"\n", 0, BEFORE_END)
            and at is not None
            and len(data) < ROOM
            and not self._late
        ):
            plain.read += 1
            reel.go_on((at, user, data, True, False))
        elif data:
            self._take_in(data, at, user)
        else:
            self._closed()

    def _take_in(self, data: bytes, at: int | None, user: int) -> None:
        """Whatever it may be."""
        reel = self._reel
        opaque = self._sheath is not None or (reel is not None and reel.opaque)
        doubtful = self._doubtful(data, opaque=opaque)
        if self._sheath is not None:
            data = self._unwrapped(self._sheath, data)
            doubtful = doubtful and (several(data) or (reel is not None and reel.opaque))
        if reel is None:
            if data:  # nobody has asked for anything
                self.close()
        elif data:
            if reel.listener is not None:
                self._hold(reel, len(data))
            reel.take_in((at or user, user, data, at is not None, doubtful))
        if self._sheath is not None and self._sheath.ended:
            self._closed()

    def _hold(self, reel: Reel, size: int) -> None:
        """Somebody has yet to take it; who is late makes the peer wait."""
        reel.held += size
        if reel.held > HIGH_WATER and self._reading:
            self._reading = False
            self._pump.remove(self._sock.fileno())

    def _doubtful(self, data: bytes, *, opaque: bool) -> bool:
        """Several segments may have become one read: only their last stamp is left.

        `opaque`: the bytes do not show how many events end in them.
        """
        late, self._late = self._late, False
        segments = self._segments
        if segments is None:
            return several(data)
        if len(data) < ROOM:
            segments.read += 1
        if not opaque and not several(data):
            return late
        merged = segments.merged()
        if merged:
            self._pump.hurry()
        return merged or late

    def _unwrapped(self, sheath: Sheath, data: bytes) -> bytes:
        try:
            plain = sheath.unwrap(data)
        except ssl.SSLError as error:
            self._fail(Ended.RESET, broken(error))
            return b""
        if out := sheath.output():
            self._send(out)
        return plain

    def _closed(self) -> None:
        self.close()
        if self._reel is not None:
            self._reel.closed()

    def _fail(self, how: Ended, detail: str) -> None:
        self.close()
        if self._reel is not None:
            self._reel.finish(how, detail)

    def _send(self, data: bytes) -> None:
        if not self.alive:
            return
        if self._rest:
            self._rest += data
            return
        try:
            count = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            count = 0
        except OSError:
            return  # what the peer said before it closed is still to be read, or how it broke off
        if count < len(data):
            self._rest = data[count:]
            self._loop.add_writer(self._sock.fileno(), self._safely, self._writable)

    def _writable(self) -> None:
        rest, self._rest = self._rest, b""
        self._loop.remove_writer(self._sock.fileno())
        self._taken = monotonic_ns()
        self._send(rest)

    def _look(self) -> None:
        """Has anything happened in time?"""
        reel = self._reel
        if reel is None or reel.finished:
            return
        now = self._loop.time()
        last = max(reel.raw[-1][1] if reel.raw else 0, self._taken, reel.sent[0][0])
        silent = (monotonic_ns() - last) / 1e9
        patience = reel.bounds.read if self._rest else reel.patience()
        if now >= self._until:
            self._fail(Ended.TIMED_OUT, f"not over after {reel.bounds.total:g} s")
        elif silent >= patience and self._reading:
            words = "the request was not taken" if self._rest else "nothing came"
            self._fail(Ended.TIMED_OUT, f"{words} for {patience:g} s")
        else:
            wait = max(patience - silent, 0.001)
            self._look_at(now + wait)

    def _look_at(self, when: float) -> None:
        self._timer = self._loop.call_at(min(when, self._until), self._safely, self._look)


def _receiver(sock: socket.socket) -> Receive:
    """`recvmsg`, or what does its work on systems that have none."""
    if hasattr(sock, "recvmsg"):
        return sock.recvmsg
    return lambda room, _: (sock.recv(room), [], 0, None)
