"""A server that plays a script: bytes are written as they stand, numbers are pauses."""

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from conformance.engine.address import address
from conformance.engine.instrument.connect import proxy_of
from conformance.engine.instrument.transport import StampedTransport, origin_of
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import Bounds
from conformance.engine.routes import tls_context, transport
from conformance.engine.transport import Outgoing
from conformance.providers.model import Limits, Provider
from conformance.wire.piece import Ns

BOUNDS = Bounds(connect=60, first_byte=60, read=60, total=120, response_bytes=1_000_000)
"""Far beyond what a busy machine takes; what has to time out has bounds of its own."""


def answer(body=b'{"ok": true}', status="200 OK", headers=()):
    """A response with a length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(*parts, headers=(), last=True):
    """A chunked response, as one piece of bytes."""
    lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers, "", ""]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return "\r\n".join(lines).encode("latin-1") + framed + (b"0\r\n\r\n" if last else b"")


@dataclass
class Server:
    """What it was asked, and where it is."""

    script: Callable[[bytes, int], list]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    tasks: set = field(default_factory=set)
    port: int = 0
    scheme: str = "http"
    listening: asyncio.Server | None = None

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"

    async def handle(self, reader, writer):
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError
            ):
                while True:
                    self.requests.append(await self._request(reader))
                    if not await self._play(writer):
                        break
        finally:
            writer.transport.abort()

    async def _request(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        return head + await reader.readexactly(length)

    async def _play(self, writer):
        for act in self.script(self.requests[-1], len(self.requests)):
            if isinstance(act, bytes):
                writer.write(act)
                await writer.drain()
            elif isinstance(act, int | float):
                await asyncio.sleep(act)
            elif act == "reset":
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                return False
            elif act == "forever":
                for _ in itertools.count():
                    writer.write(b"x" * 65536)
                    await writer.drain()
            else:
                if act == "die":
                    self.listening.close()
                writer.close()
                await writer.wait_closed()
                return False
        return True


@contextlib.asynccontextmanager
async def serving(script, *, tls=None):
    """A server on a free port; `script(request, number)` gives the acts, or is a list of them."""
    server = Server(
        script if callable(script) else lambda *_: script, scheme="https" if tls else "http"
    )
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    server.listening = listening
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # transports close in the next rounds of the loop


@contextlib.contextmanager
def standing(script, *, tls=None):
    """The same in a thread of its own, for what is not asynchronous."""
    with asyncio.Runner() as runner:
        server = serving(script, tls=tls)
        started = runner.run(server.__aenter__())
        over = asyncio.Event()
        thread = threading.Thread(target=lambda: runner.run(over.wait()))
        thread.start()
        try:
            yield started
        finally:
            runner.get_loop().call_soon_threadsafe(over.set)
            thread.join()
            runner.run(server.__aexit__(None, None, None))


def provider(url, **changes):
    values = {"name": "p", "base_url": url, "model": "m", "where": "providers.toml:1", **changes}
    return Provider(**values)


def quick(**changes):
    """Limits for tests: no attempt is repeated."""
    return Limits(
        **{"retries": 0, "connect_seconds": 5, "read_seconds": 5, "total_seconds": 10, **changes}
    )


def stamped(one, clock, proxy=None):
    """The transport of the instrument."""
    context = tls_context(one.tls, one.where) if one.base_url.startswith("https") else None
    way = proxy_of(proxy) if proxy else None
    return StampedTransport(lambda: Wire(context=context, proxy=way, origin=origin_of(clock)))


TRANSPORTS = {"httpcore": transport, "wire": stamped}
WAY = ContextVar("WAY", default="httpcore")
"""Which transport tests ask over; those of transports ask over each."""


class Asker:
    """Sends requests over the transport that the engine uses."""

    def __init__(self, one, proxy=None):
        start = time.monotonic_ns()
        self.provider = one
        self.transport = TRANSPORTS[WAY.get()](one, lambda: Ns(time.monotonic_ns() - start), proxy)

    async def send(
        self, path="/x", body=b"{}", *, bounds=BOUNDS, method="POST", headers=(), hang_up_after=None
    ):
        place = address(self.provider.base_url, path)
        own = (("Host", place.authority), ("Content-Length", str(len(body))), *headers)
        return await self.transport.send(
            Outgoing(
                method=method,
                address=place,
                headers=own,
                body=body,
                bounds=bounds,
                hang_up_after=hang_up_after,
            )
        )


async def ask(server, *, tls=None, proxy=None, **how):
    """One request to a server, over a connection of its own."""
    asker = Asker(provider(server.url, **({"tls": tls} if tls else {})), proxy)
    try:
        return await asker.send(**how)
    finally:
        await asker.transport.aclose()


def joined(pieces):
    return b"".join(piece.data for piece in pieces)


async def until(condition):
    """Wait for something that a server or another thread does."""
    while not condition():  # noqa: ASYNC110  # nobody is there to set an event
        await asyncio.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
