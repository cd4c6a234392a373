"""Sends one request and says what came back, byte for byte, with times. Never raises for an endpoint.

First form: httpcore's connection pools over sockets of our own (`network.py`). Nothing is added to
the request, no redirect is followed, nothing is decompressed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpcore

from conformance.engine.address import Address
from conformance.engine.endings import ending
from conformance.engine.limits import Bounds
from conformance.engine.network import Clock, RecordedStream
from conformance.engine.tape import CURRENT, HungUp, Tape
from conformance.errors import HarnessError
from conformance.wire import framing, head, http
from conformance.wire.exchange import End, Ended
from conformance.wire.piece import Headers, Ns, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, ready to be sent."""

    method: str
    address: Address
    headers: Headers
    body: bytes
    bounds: Bounds
    hang_up_after: int | None = None
    """Close the connection after that many body bytes; 0: as soon as the head is there."""
    timed: bool = False
    """Its times matter: nothing else is on the wire, and stamps are to be the kernel's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of it: the facts of an Exchange, not yet redacted."""

    begun: Ns
    at: Ns
    sent: tuple[Piece, ...]
    received: tuple[Piece, ...]
    end: End
    connection: int
    reused: bool
    """The connection had been kept alive."""


class Transport(Protocol):
    """Sends requests to one endpoint."""

    async def send(self, request: Outgoing) -> Heard:
        """Send it and wait for the end, whatever that is.

        Raises HarnessError where the request cannot be put into HTTP (a line feed in a header).
        """
        ...

    def stop(self) -> None:
        """End what is on the wire now, keeping what has come so far; later sends end at once."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class PooledTransport:
    """A Transport over httpcore, direct or through a proxy.

    Each request on the wire has a pool of its own, with one connection: httpcore looks at all
    connections of a pool several times per request, which is slow where there are many.
    """

    def __init__(
        self,
        make_pool: Callable[[], httpcore.AsyncConnectionPool],
        clock: Clock,
        *,
        proxied: bool = False,
    ) -> None:
        self._make_pool = make_pool
        self._idle: list[httpcore.AsyncConnectionPool] = []
        self._pools: list[httpcore.AsyncConnectionPool] = []
        self._clock = clock
        self._proxied = proxied
        self._stopped = False
        self._deadlines: set[asyncio.Timeout] = set()

    async def send(self, request: Outgoing) -> Heard:
        """See Transport."""
        bounds = request.bounds
        tape = Tape(bounds)
        CURRENT.set(tape)
        begun = self._clock()
        try:
            async with asyncio.timeout(0 if self._stopped else bounds.total) as deadline:
                self._deadlines.add(deadline)
                try:
                    how, detail = await self._exchange(request, tape)
                finally:
                    self._deadlines.discard(deadline)
        except httpcore.LocalProtocolError as error:
            raise HarnessError(f"this request cannot be sent: {error}") from error
        except Exception as error:
            known = ending(error, tape, bounds)
            if known is None:
                raise
            how, detail = known
            if self._stopped and isinstance(error, TimeoutError):
                how, detail = Ended.CANCELLED, "the run was stopped"
        if how is Ended.UNREACHABLE:
            tape.rewind()  # what was said to a proxy was not said to the endpoint
        return Heard(
            begun=begun,
            at=tape.sent[0].at if tape.sent else begun,
            sent=tuple(tape.sent),
            received=tuple(tape.received),
            end=End(how=how, at=self._clock(), detail=detail, cut=tape.cut),
            connection=tape.connection if tape.sent else 0,
            reused=tape.reused,
        )

    def stop(self) -> None:
        """See Transport. To be called in the event loop."""
        self._stopped = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(now)

    async def aclose(self) -> None:
        """See Transport."""
        for pool in self._pools:
            await pool.aclose()

    async def _exchange(self, request: Outgoing, tape: Tape) -> tuple[Ended, str]:
        if not self._idle:
            self._idle.append(self._make_pool())
            self._pools.append(self._idle[-1])
        pool = self._idle.pop()
        try:
            return await self._over(pool, request, tape)
        finally:
            self._idle.append(pool)  # the next one taken: its connection is the freshest

    async def _over(
        self, pool: httpcore.AsyncConnectionPool, request: Outgoing, tape: Tape
    ) -> tuple[Ended, str]:
        response = await pool.handle_async_request(self._prepared(request, tape))
        stream = response.extensions["network_stream"]
        tape.minds(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers
        )
        size, enough = 0, request.hang_up_after
        tape.hung_up = enough == 0
        assert isinstance(response.stream, AsyncIterable)  # the asynchronous half of httpcore
        async for chunk in response.stream:
            if not size and http.begins_like_events(chunk):
                tape.streams()
            size += len(chunk)
            if enough is not None and size >= enough:
                tape.hung_up = True
        if isinstance(stream, RecordedStream) and (
            tape.hung_up or _left_over(tape.received, request.method)
        ):
            stream.spoil()
        await response.aclose()
        if tape.hung_up:
            raise HungUp
        return Ended.COMPLETE, ""

    def _prepared(self, request: Outgoing, tape: Tape) -> httpcore.Request:
        bounds, address = request.bounds, request.address
        extensions: dict[str, Any] = {
            "timeout": {"connect": bounds.connect, "read": bounds.read, "write": bounds.read}
        }
        if self._proxied:
            extensions["trace"] = _forgetting(tape)
        return httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=address.scheme, host=address.host, port=address.port, target=address.target
            ),
            headers=[(head.encoded(name), head.encoded(value)) for name, value in request.headers],
            content=request.body,
            extensions=extensions,
        )


def _left_over(received: Sequence[Piece], method: str) -> bool:
    """Bytes came after the end of a response. httpcore would take them for the next response."""
    raw = b"".join(piece.data for piece in received)
    first = head.read(raw)
    if first is None:
        return True
    spans = framing.find(raw, first, method).spans
    rest = raw[spans[-1][1] if spans else first.end :]
    if not first.values("transfer-encoding"):
        return bool(rest)
    return rest != (b"\r\n0\r\n\r\n" if spans else b"0\r\n\r\n")


def _forgetting(tape: Tape) -> Callable[[str, Any], Awaitable[None]]:
    """Rewinds the tape whenever a request begins: what came before was said to a proxy."""

    async def trace(event: str, _info: Any) -> None:
        if event == "http11.send_request_headers.started":
            tape.rewind()

    return trace
