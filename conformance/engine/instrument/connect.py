"""Connections: a name looked up, a socket connected, TLS agreed on; each step with its time."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from dataclasses import dataclass
from time import monotonic_ns
from urllib.parse import unquote, urlsplit

from conformance.engine.address import Address
from conformance.engine.causes import unconnected
from conformance.engine.instrument.sheath import Sheath
from conformance.errors import UsageError
from conformance.wire import head

_ROOM = 65_536
_MOST_HEAD = 65_536
_MADE = 200


class UnreachableError(Exception):
    """No connection came about; the text says why."""

    def __init__(self, why: str, *, timed_out: bool = False) -> None:
        super().__init__(why)
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy. Under TLS it is asked for a tunnel; without, it gets the whole URL."""

    host: str
    port: int
    credentials: str = ""
    """`name:password`."""

    @property
    def header(self) -> str:
        """The value of `Proxy-Authorization`; empty where there are no credentials."""
        if not self.credentials:
            return ""
        return "Basic " + base64.b64encode(self.credentials.encode("utf-8")).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A socket that is ready for requests, and when it became what it is (CLOCK_MONOTONIC)."""

    sock: socket.socket
    sheath: Sheath | None
    begun: int
    resolved: int
    connected: int
    secured: int


def proxy_of(url: str) -> Proxy:
    """An HTTP proxy by its URL. Raises UsageError for any other kind."""
    try:
        split = urlsplit(url)
        port = split.port or 80
    except ValueError as error:
        raise UsageError(f"a proxy of the environment is no URL: {error}") from error
    if split.scheme != "http" or not split.hostname:
        raise UsageError(
            f"a proxy of the environment is {split.scheme}://...: not supported where times matter"
        )
    name, password = unquote(split.username or ""), unquote(split.password or "")
    return Proxy(host=split.hostname, port=port, credentials=f"{name}:{password}" if name else "")


async def connect(
    address: Address, seconds: float, context: ssl.SSLContext | None, proxy: Proxy | None
) -> Connected:
    """A connection to the address within so many seconds. Raises UnreachableError."""
    begun = monotonic_ns()
    host, port = address.host.decode("ascii"), address.port
    sock: socket.socket | None = None
    try:
        async with asyncio.timeout(seconds):
            sock, resolved = await _socket(
                proxy.host if proxy else host, proxy.port if proxy else port, seconds
            )
            connected = monotonic_ns()
            sheath = await _secured(sock, address, context, proxy)
            return Connected(
                sock=sock,
                sheath=sheath,
                begun=begun,
                resolved=resolved,
                connected=connected,
                secured=monotonic_ns() if sheath else connected,
            )
    except TimeoutError as error:
        _close(sock)
        raise UnreachableError(f"no connection within {seconds:g} s", timed_out=True) from error
    except (OSError, UnicodeError) as error:  # ssl.SSLError is an OSError
        _close(sock)
        raise UnreachableError(unconnected(error)) from error
    except BaseException:
        _close(sock)
        raise


async def _socket(host: str, port: int, seconds: float) -> tuple[socket.socket, int]:
    """Connected to the first of the addresses that takes it, and when they were known."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    resolved = monotonic_ns()
    for number, (family, kind, protocol, _, place) in enumerate(found, 1):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(0)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # an address that does not answer must leave time for the next one
            async with asyncio.timeout(seconds if number == len(found) else seconds / 4):
                await loop.sock_connect(sock, place)
        except OSError:  # TimeoutError is one
            sock.close()
            if number == len(found):
                raise
        except BaseException:
            sock.close()
            raise
        else:
            return sock, resolved
    raise OSError("the name has no address")


async def _secured(
    sock: socket.socket, address: Address, context: ssl.SSLContext | None, proxy: Proxy | None
) -> Sheath | None:
    if address.scheme != b"https":
        return None
    if proxy is not None:
        await _tunnel(sock, address, proxy)
    assert context is not None  # whoever asks for https brings one
    loop = asyncio.get_running_loop()
    sheath = Sheath(context, address.host.decode("ascii"))
    await sheath.handshake(
        lambda data: loop.sock_sendall(sock, data), lambda: loop.sock_recv(sock, _ROOM)
    )
    return sheath


async def _tunnel(sock: socket.socket, address: Address, proxy: Proxy) -> None:
    """Ask the proxy to pass everything on, in both directions."""
    loop = asyncio.get_running_loop()
    host = address.host.decode("ascii")
    place = f"[{host}]:{address.port}" if ":" in host else f"{host}:{address.port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.header:
        lines.append(f"Proxy-Authorization: {proxy.header}")
    await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode("ascii"))
    raw = b""
    while (answer := head.read(raw)) is None:
        more = await loop.sock_recv(sock, 1)  # what follows the head belongs to TLS
        if not more or len(raw) > _MOST_HEAD:
            raise UnreachableError("the proxy refused: it closed the connection")
        raw += more
    if answer.status != _MADE:
        raise UnreachableError(f"the proxy refused: {answer.status} {answer.reason}".rstrip())


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
