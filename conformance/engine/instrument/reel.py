"""What goes over the wire during one exchange, as it happens. Only the end is looked for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from time import monotonic_ns
from typing import NamedTuple

from conformance.engine.instrument.over import Ending, EndlessHeadError, GarbledError
from conformance.engine.limits import Bounds
from conformance.errors import HarnessError
from conformance.wire import http
from conformance.wire.exchange import Ended
from conformance.wire.head import Head

_BEGINS_LIKE_EVENTS = re.compile(
    rb"(?:[0-9A-Fa-f]+[^\n]*\n)?(?:\xef\xbb\xbf)?\s*(?:data:|event:|id:|retry:|:)"
)
_BEGINNING = 64
"""Bytes of a body, chunk framing included, after which it has begun."""

_STRIDE = 64 * 1024
"""Bytes after which it is looked at again whether that is not too much."""

Raw = tuple[int, int, bytes, bool, bool]
"""The fields of a Read; made where each microsecond counts."""


class Read(NamedTuple):
    """Bytes that were read together. Times are those of CLOCK_MONOTONIC."""

    at: int
    user: int
    data: bytes
    kernel: bool
    """`at` is the kernel's."""
    doubtful: bool


class Finish(NamedTuple):
    """How it ended."""

    how: Ended
    at: int
    detail: str


class Reel:
    """Turns while the exchange lasts. `done` is set with its Finish, once."""

    __slots__ = (
        "_alarm",
        "_counted",
        "_events",
        "_keep",
        "_most",
        "_new",
        "bounds",
        "broke",
        "done",
        "ending",
        "handed",
        "held",
        "hung_up",
        "listener",
        "method",
        "opaque",
        "raw",
        "sent",
        "size",
        "steady",
        "streaming",
    )

    def __init__(
        self, method: str, bounds: Bounds, done: asyncio.Future[Finish], *, keep: bool = False
    ) -> None:
        self.method = method
        self.bounds = bounds
        self.done = done
        self.raw: list[Raw] = []
        self.sent: list[tuple[int, bytes]] = []
        self.handed = 0
        """When the system had taken the first bytes of the request."""
        self.ending = Ending(method, keep=keep)
        self.listener: Callable[[], None] | None = None
        """Called whenever something has arrived."""
        self.size = 0
        self.held = 0
        """Bytes that somebody who listens has not taken yet; counted where somebody does."""
        self.hung_up: int | None = None
        self.broke = 0
        """When something of ours did."""
        self.streaming = False
        """By its head, or by its first bytes."""
        self.opaque = False
        """The body is compressed: its bytes show no events."""
        self.steady = False
        """It goes on in chunks, and nobody listens: whole events need no look at them."""
        self._keep = keep
        self._new = True
        self._events = self._counted = 0
        self._most = bounds.response_bytes
        self._alarm = min(self._most, _STRIDE)

    @property
    def finished(self) -> bool:
        """Nothing more is taken in."""
        return self.done.done()

    @property
    def reusable(self) -> bool:
        """It left the connection as it found it."""
        if not self.finished or self.done.exception() is not None:
            return False
        whole = self.done.result().how is Ended.COMPLETE
        return whole and self.ending.reusable and self.hung_up is None

    def go_on(self, raw: Raw) -> None:
        """Bytes have arrived in which a chunk ends, and not the last one, of what is steady."""
        data = raw[2]
        self.raw.append(raw)
        self.ending.put_by(data)
        self.size += len(data)
        if self.size > self._alarm:
            self._check()

    def take_in(self, raw: Raw) -> None:
        """Bytes have arrived."""
        data = raw[2]
        self.raw.append(raw)
        self.size += len(data)
        ending = self.ending
        try:
            ending.feed(data)
        except GarbledError as error:
            self.finish(Ended.GARBLED, str(error))
        except EndlessHeadError as error:
            self.finish(Ended.TOO_LARGE, str(error))
        if self._new and ending.head is not None:
            self._mind(ending.head)
        if self.size > self._alarm:
            self._check()
        if self.listener is not None:
            self.listener()
        if ending.over:
            self.finish(Ended.COMPLETE, "")

    def closed(self) -> None:
        """The peer has closed its side. What is left unread by then may be garbled as well."""
        try:
            whole = self.ending.closed()
        except GarbledError as error:
            self.finish(Ended.GARBLED, str(error))
            return
        except EndlessHeadError as error:
            self.finish(Ended.TOO_LARGE, str(error))
            return
        if whole:
            self.finish(Ended.COMPLETE, "")
        elif self.hung_up is not None:
            self.finish(Ended.CANCELLED, "we hung up on purpose")
        elif not self.raw:
            self.finish(Ended.CLOSED, "before a response")
        else:
            self.finish(Ended.CLOSED, "in the middle of the response")

    def finish(self, how: Ended, detail: str) -> None:
        """It is over; only the first reason counts."""
        self.steady = False
        if not self.done.done():
            self.done.set_result(Finish(how, monotonic_ns(), detail))
            if self.listener is not None:
                self.listener()

    def fail(self, error: Exception) -> None:
        """It cannot be seen to its end, and the peer has no part in that: `done` raises it."""
        if not self.done.done():
            self.broke = monotonic_ns()
            told = HarnessError(f"the instrument failed in the middle of an answer: {error!r}")
            told.__cause__ = error
            self.done.set_exception(told)
            if self.listener is not None:
                self.listener()

    def patience(self) -> float:
        """Seconds to wait for the next bytes."""
        return self.bounds.read if self.raw else self.bounds.first_byte

    def _check(self) -> None:
        """Is it too much? Looked at once in a while; where exactly it was, the tape will say."""
        if self.streaming:
            self._events += sum(each[2].count(b"data:") for each in self.raw[self._counted :])
            self._counted = len(self.raw)
        bounds = self.bounds
        if self.size > self._most or self._events > bounds.events or len(self.raw) >= bounds.pieces:
            self.finish(Ended.TOO_LARGE, "")
        self._alarm = min(self._most, self.size + _STRIDE)

    def _mind(self, known: Head) -> None:
        """A stream may be shorter than a body; what says that it is too long is not waited for."""
        raw = b"".join(each[2] for each in self.raw)
        lengths = [each for each in known.values("content-length") if each.isdigit()]
        if any(int(each) > self._most for each in lengths):
            self._most = min(self._most, self.bounds.kept)
        kinds = known.values("content-type")
        begins = _BEGINS_LIKE_EVENTS.match(raw, known.end)
        self.streaming = begins is not None or any(
            http.EVENT_STREAM in each.lower() for each in kinds
        )
        if self.streaming:
            self._most = min(self._most, self.bounds.stream_bytes)
        self.opaque = bool(known.values("content-encoding"))
        self._new = not self.streaming and len(raw) - known.end < _BEGINNING
        settled = not (self._new or self._keep or self.opaque) and self.listener is None
        self.steady = settled and self.ending.chunked
        self._alarm = min(self._most, _STRIDE)
