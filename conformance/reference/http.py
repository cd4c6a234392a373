"""Sockets: connections are read, scripts are written act by act."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Protocol, Self

from conformance.reference.app import Planned
from conformance.reference.incoming import HEAD_LIMIT, HttpRequest, Incoming, must_close
from conformance.reference.log import Log
from conformance.reference.memory import Arrival
from conformance.reference.refusal import Refusal
from conformance.reference.script import HangUp, Script, Send

IDLE_SECONDS = 120.0
"""A kept-alive connection without a request is closed after that long."""
LINGER_SECONDS = 2.0
"""After our last byte we go on reading for so long, so that no reset overtakes the answer."""
READ_SECONDS = 60.0
"""A request's body must arrive within that time."""


class Application(Protocol):
    """What makes answers of requests."""

    def respond(self, request: HttpRequest, arrival: Arrival) -> Planned:
        """Everything that will be sent in answer to a request."""
        ...

    def refuse(self, request: HttpRequest, refusal: Refusal, arrival: Arrival) -> Planned:
        """The answer to a request that could not even be read."""
        ...

    def abandoned(self, *, amid: bool) -> None:
        """Somebody has hung up before the answer was sent; `amid`: while others were being answered."""
        ...


class Server:
    """Serves an Application on a TCP port; `async with` opens and closes it."""

    def __init__(self, app: Application, host: str, port: int, log: Log) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._log = log
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._connected, self._host, self._port, limit=HEAD_LIMIT, backlog=1024
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed in the loop's next turn

    @property
    def port(self) -> int:
        """The port that was bound; a free one where 0 was asked for."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            on_connection, before = 1, None
            while before := await self._exchange(
                Incoming(reader, writer), writer, on_connection, before
            ):
                on_connection += 1
        except (ConnectionError, TimeoutError):
            pass  # the peer is gone or silent; there is nobody left to tell
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(
        self,
        incoming: Incoming,
        writer: asyncio.StreamWriter,
        on_connection: int,
        before: HttpRequest | None,
    ) -> HttpRequest | None:
        """One request and its answer. None when the connection is not to be used again."""
        head = HttpRequest("GET", "/", {"connection": "close"})
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                found = await incoming.head()
            if found is None:
                return None
            head = found
            async with asyncio.timeout(READ_SECONDS):
                request = await incoming.body(head)
        except Refusal as refusal:
            if must_close(refusal):
                head = HttpRequest(head.method, head.target, {"connection": "close"})
            planned = self._app.refuse(head, refusal, self._arrived(on_connection, before))
            request = head
        else:
            planned = self._app.respond(request, self._arrived(on_connection, before))
        return request if await self._say(planned, request, incoming, writer) else None

    def _arrived(self, on_connection: int, before: HttpRequest | None) -> Arrival:
        return Arrival(
            on_connection=on_connection, in_flight=self._log.in_flight + 1, before=before
        )

    async def _say(
        self,
        planned: Planned,
        request: HttpRequest,
        incoming: Incoming,
        writer: asyncio.StreamWriter,
    ) -> bool:
        with self._log.exchange(request, planned) as note:
            try:
                end = await play(planned.script, writer)
            except ConnectionError:
                self._app.abandoned(amid=self._log.in_flight > 1)
                raise
            note.ended("closed" if end else "complete")
        if end is not None and end.how == "close":
            await incoming.linger(LINGER_SECONDS)
        return end is None


async def play(script: Script, writer: asyncio.StreamWriter) -> HangUp | None:
    """Write a script. Gives the act that ended the connection, or None where it lives on.

    Pauses are kept against a schedule, so that being late once does not add up.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    for act in script:
        if isinstance(act, Send):
            writer.write(act.data)
            await writer.drain()
        elif isinstance(act, HangUp):
            await hang_up(writer, act)
            return act
        else:
            due += act.seconds
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if writer.is_closing():
                raise ConnectionResetError("the peer hung up")
    return None


async def hang_up(writer: asyncio.StreamWriter, act: HangUp) -> None:
    """End the connection; a reset makes the kernel send RST in place of FIN."""
    if act.how == "reset":
        raw: socket.socket | None = writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    if writer.can_write_eof():
        with suppress(OSError):  # the peer is gone already
            writer.write_eof()
