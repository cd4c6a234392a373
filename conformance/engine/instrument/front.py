"""httpx over a wire, and with it the openai SDK: their requests, their parsing, the kernel's times.

    transport = WireTransport()
    client = AsyncOpenAI(http_client=httpx.AsyncClient(transport=transport), ...)
    stream = await client.chat.completions.create(..., stream=True)
    async for chunk in stream: ...
    take = stream.response.extensions["take"]()        # once the stream is over

The pool and the backend of httpcore are not used. As with any transport of one's own, httpx takes
no proxy from the environment; name one where there is one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx

from conformance.engine.address import Address
from conformance.engine.instrument.connect import Proxy
from conformance.engine.instrument.over import Ending
from conformance.engine.instrument.prepared import Prepared, prepare
from conformance.engine.instrument.wire import Turn, Wire
from conformance.engine.limits import Bounds
from conformance.wire.exchange import Ended

_EVER = 10 * 24 * 3600.0
_RESPONSE_BYTES = 256 * 1024 * 1024
_PORTS = {"http": 80, "https": 443}
_FRAMING = {"content-length", "transfer-encoding"}
_ERRORS: dict[Ended, type[httpx.TransportError]] = {
    Ended.UNREACHABLE: httpx.ConnectError,
    Ended.TIMED_OUT: httpx.ReadTimeout,
    Ended.RESET: httpx.ReadError,
    Ended.TOO_LARGE: httpx.ReadError,
    Ended.CANCELLED: httpx.ReadError,
    Ended.CLOSED: httpx.RemoteProtocolError,
    Ended.GARBLED: httpx.RemoteProtocolError,
}


class WireTransport(httpx.AsyncBaseTransport):
    """What is asked through it has a `take` among the extensions of its response."""

    def __init__(
        self,
        *,
        late: bool = False,
        context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        response_bytes: int = _RESPONSE_BYTES,
    ) -> None:
        """`late`: hand a body over when all of it is there, so that no task is woken meanwhile."""
        self.late = late
        self._context, self._proxy, self._response_bytes = context, proxy, response_bytes
        self._wire: Wire | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; answer once the head is there (`late`: all of it)."""
        body = b"".join([part async for part in _parts(request)])
        prepared = _prepared(request, body, self._proxy)
        bounds = self._bounds(request.extensions.get("timeout", {}))
        wire = self._wire or self._made(prepared.address)
        turn = await self._begun(wire, prepared, bounds)
        head = turn.reel.ending.head
        if head is None or (self.late and _failed(turn)):
            raise _error(turn, request)
        return httpx.Response(
            head.status,
            headers=[
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in head.headers
            ],
            stream=_Late(turn) if self.late else _Live(turn, request),
            extensions={
                "take": turn.take,
                "http_version": head.version.encode("ascii"),
                "reason_phrase": head.reason.encode("latin-1"),
            },
        )

    async def aclose(self) -> None:
        """Close all connections."""
        if self._wire is not None:
            await self._wire.aclose()

    def _made(self, address: Address) -> Wire:
        if address.scheme == b"https" and self._context is None:
            self._context = httpx.create_ssl_context()
        self._wire = Wire(context=self._context, proxy=self._proxy)
        return self._wire

    async def _begun(self, wire: Wire, prepared: Prepared, bounds: Bounds) -> Turn:
        """A turn whose head is there, or that is over."""
        fresh = False
        while True:
            turn = await wire.begin(prepared, bounds, keep=not self.late, fresh=fresh)
            try:
                if self.late:
                    await turn.over()
                else:
                    await _head(turn)
            except asyncio.CancelledError:
                turn.abandon("nobody waits for it any more")
                raise
            if fresh or not turn.reel.finished or not turn.met_the_closing:
                return turn
            await turn.over()
            fresh = True  # the server closed an idle connection: nobody's fault

    def _bounds(self, timeout: dict[str, Any]) -> Bounds:
        read = timeout.get("read") or _EVER
        return Bounds(
            connect=timeout.get("connect") or _EVER,
            first_byte=read,
            read=read,
            total=_EVER,
            response_bytes=self._response_bytes,
        )


class _Live(httpx.AsyncByteStream):
    """The body as it comes; a reader that is slow makes the peer wait."""

    def __init__(self, turn: Turn, request: httpx.Request) -> None:
        self._turn, self._request = turn, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        turn, reel = self._turn, self._turn.reel
        while True:
            parts, reel.ending.body = reel.ending.body, []
            if turn.line is not None:
                turn.line.taken(reel.held)
            for part in parts:
                yield part
            if reel.ending.body:
                continue
            if reel.finished:
                break
            await _woken(turn)
        await turn.over()
        if _failed(turn):
            raise _error(turn, self._request)

    async def aclose(self) -> None:
        """Left early, the connection can't be used again."""
        self._turn.abandon("the reader has gone")


class _Late(httpx.AsyncByteStream):
    """A body that is there already."""

    def __init__(self, turn: Turn) -> None:
        self._reel = turn.reel

    async def __aiter__(self) -> AsyncIterator[bytes]:
        unframed = Ending(self._reel.method, keep=True)
        unframed.feed(b"".join(each[2] for each in self._reel.raw))
        for part in unframed.body:
            yield part


async def _head(turn: Turn) -> None:
    while turn.reel.ending.head is None and not turn.reel.finished:
        await _woken(turn)


async def _woken(turn: Turn) -> None:
    """Until something has arrived."""
    waiter = asyncio.get_running_loop().create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    turn.reel.listener = wake
    await waiter


async def _parts(request: httpx.Request) -> AsyncIterator[bytes]:
    assert isinstance(request.stream, httpx.AsyncByteStream)  # the asynchronous half of httpx
    async for part in request.stream:
        yield part


def _prepared(request: httpx.Request, body: bytes, proxy: Proxy | None) -> Prepared:
    url = request.url
    address = Address(
        url=str(url),
        scheme=url.scheme.encode("ascii"),
        host=url.raw_host,
        port=url.port or _PORTS[url.scheme],
        target=url.raw_path,
    )
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    ]
    if any(name.lower() in _FRAMING for name, _ in headers):
        headers = [each for each in headers if each[0].lower() not in _FRAMING]
        headers.append(("Content-Length", str(len(body))))
    return prepare(request.method, address, tuple(headers), body, proxy)


def _failed(turn: Turn) -> bool:
    return turn.reel.finished and turn.reel.done.result().how is not Ended.COMPLETE


def _error(turn: Turn, request: httpx.Request) -> httpx.TransportError:
    """What httpx calls it, with our words."""
    finish = turn.reel.done.result()
    timed_out = turn.unreachable is not None and turn.unreachable.timed_out
    kind = httpx.ConnectTimeout if timed_out else _ERRORS[finish.how]
    return kind(finish.detail or finish.how.value, request=request)
