"""Sockets for httpcore that write down every byte, each stamped as early as this process sees it.

An `httpcore.AsyncNetworkBackend` over asyncio's own transports: bytes are stamped in the callback
of the event loop, not when the task that waits for them gets its turn. Above TLS it is the plain
text that is written down.
"""

# ruff: noqa: ASYNC109  # the parameters are httpcore's interface

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from conformance.engine.tape import CURRENT, HungUp
from conformance.wire.piece import Ns

Clock = Callable[[], Ns]

HAPPY_EYEBALLS = 0.25
"""Seconds after which a second address is tried (RFC 8305)."""
CLOSING_SECONDS = 1.0
"""To wait for the event loop to confirm that a connection is closed: it does in its next round."""
HIGH_WATER = 512 * 1024
"""Bytes held for a reader that is late; beyond it the peer has to wait."""


class _Line(asyncio.Protocol):
    """One connection: holds what has arrived until it is asked for."""

    def __init__(self, clock: Clock, number: int) -> None:
        self.clock = clock
        self.number = number
        self.exchanges = 0
        self.arrived: deque[tuple[Ns, bytes]] = deque()
        self.held = 0
        self.ended = False
        self.error: Exception | None = None
        self.transport: asyncio.Transport
        self.closed = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # streams only
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.arrived.append((self.clock(), data))
        self.held += len(data)
        if self.held > HIGH_WATER and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> None:
        self.ended = True
        _wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self.error = exc
        _wake(self._reader)
        _wake(self._writer)
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._writer = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._writer)
        self._writer = None

    def give_up(self) -> None:
        """Close it after TLS has failed, where asyncio tells us no more of the connection."""
        self.transport.abort()
        self.connection_lost(None)

    async def some(self) -> tuple[Ns, bytes]:
        """The next bytes and their time; no bytes once the peer has closed. Raises OSError."""
        while not self.arrived:
            if self.error is not None:
                raise self.error
            if self.ended:
                return self.clock(), b""
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        at, data = self.arrived.popleft()
        self.held -= len(data)
        if self._paused and self.held < HIGH_WATER // 2:
            self._paused = False
            self.transport.resume_reading()
        return at, data

    async def taken(self) -> None:
        """Until the connection takes more bytes, or is lost."""
        if self._writer is not None:
            await self._writer


class RecordedStream(httpcore.AsyncNetworkStream):
    """One connection as httpcore wants it."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they arrived together, however many: cutting them would invent pieces."""
        tape = CURRENT.get()
        if tape.hung_up:
            raise HungUp
        try:
            async with asyncio.timeout(tape.patience()):
                at, data = await self._line.some()
        except TimeoutError as error:
            raise httpcore.ReadTimeout(error) from error
        except OSError as error:
            raise httpcore.ReadError(error) from error
        if data:
            tape.read(at, data)
        else:
            tape.ended = True
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        line, tape = self._line, CURRENT.get()
        if tape.connection != line.number:
            tape.connection, tape.reused = line.number, line.exchanges > 0
            line.exchanges += 1
        if line.transport.is_closing():
            raise httpcore.WriteError(line.error or BrokenPipeError("the connection is closed"))
        tape.write(line.clock(), buffer)
        line.transport.write(buffer)
        try:
            async with asyncio.timeout(timeout):
                await line.taken()
        except TimeoutError as error:
            raise httpcore.WriteTimeout(error) from error

    async def aclose(self) -> None:
        # Nothing that is still to be written matters any more, and a peer that does not read (or
        # does not answer the end of TLS) must not keep us waiting.
        self._line.transport.abort()
        await asyncio.wait([self._line.closed], timeout=CLOSING_SECONDS)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> RecordedStream:
        line = self._line
        try:
            async with asyncio.timeout(timeout):
                transport = await asyncio.get_running_loop().start_tls(
                    line.transport, line, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            line.give_up()
            raise httpcore.ConnectTimeout(error) from error
        except OSError as error:  # ssl.SSLError is one
            line.give_up()
            raise httpcore.ConnectError(error) from error
        assert transport is not None  # only where the connection was lost, which raises
        line.transport = transport
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for: whether an idle connection is still good, and the TLS object."""
        if info == "is_readable":  # between exchanges: closed, or bytes that nobody asked for
            return bool(self._line.arrived) or self._line.ended
        return self._line.transport.get_extra_info(info)

    def spoil(self) -> None:
        """Do not use this connection again: something is left on it that belongs to no exchange."""
        self._line.ended = True


class RecordingBackend(httpcore.AsyncNetworkBackend):
    """Makes connections, and gives each a number."""

    def __init__(self, clock: Clock, numbers: Iterable[int] | None = None) -> None:
        self._clock = clock
        self._numbers = iter(numbers) if numbers is not None else itertools.count(1)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> RecordedStream:
        line = _Line(self._clock, next(self._numbers))
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                await loop.create_connection(
                    lambda: line, host, port, happy_eyeballs_delay=HAPPY_EYEBALLS
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(error) from error
        except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host
            raise httpcore.ConnectError(error) from error
        return RecordedStream(line)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> RecordedStream:
        raise httpcore.ConnectError(OSError("endpoints are addressed by host and port"))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
