"""Plays scores over sockets of its own, and writes down when it wrote what."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

from conformance.reference.clock import arrival
from conformance.reference.clock.score import Score, UnknownScoreError, Write, play, read

_BACKLOG = 4096
_SECOND = 1_000_000_000


@dataclass(slots=True)
class Played:
    """The truth about one request. Times are nanoseconds of CLOCK_MONOTONIC."""

    id: str
    arrived: int
    """The first byte of the request reached the machine."""
    read: int
    """... and this process."""
    complete: int
    writes: list[tuple[int, int, list[tuple[str, int]]]] = field(default_factory=list)
    """Just before and just after bytes were handed over, and the tokens that they completed."""
    gone: int | None = None
    """The client was seen to have closed its side before the end."""
    whole: bool = False

    def line(self) -> str:
        """As a line of the log."""
        names = ("id", "arrived", "read", "complete", "writes", "gone", "whole")
        return json.dumps({name: getattr(self, name) for name in names})


class Clock:
    """Listens on a port of the loopback interface; `note` is given each request once it is over."""

    def __init__(
        self, note: Callable[[Played], None], host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._note = note
        self._listening = socket.create_server((host, port), backlog=_BACKLOG)
        self._listening.settimeout(0)
        self._calls: set[_Call] = set()
        self.port: int = self._listening.getsockname()[1]

    def start(self) -> None:
        """Accept connections, in the running event loop."""
        asyncio.get_running_loop().add_reader(self._listening.fileno(), self._accept)

    def stop(self) -> None:
        """Close everything."""
        asyncio.get_running_loop().remove_reader(self._listening.fileno())
        self._listening.close()
        for call in list(self._calls):
            call.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                sock, _ = self._listening.accept()
                self._calls.add(_Call(sock, self._note, self._calls.discard))


class _Call:
    """One connection: a request, its answer, the next request."""

    def __init__(
        self, sock: socket.socket, note: Callable[[Played], None], closed: Callable[[_Call], None]
    ) -> None:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        arrival.enable(sock)
        self._sock, self._note, self._closed = sock, note, closed
        self._loop = asyncio.get_running_loop()
        self._heard = b""
        self._first: tuple[int, int] | None = None
        self._played: Played | None = None
        self._score = Score()
        self._writes: Iterator[Write] = iter(())
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None
        self._alive = True
        self._loop.add_reader(sock.fileno(), self._readable)

    def close(self) -> None:
        if self._alive:
            self._alive = False
            if self._timer is not None:
                self._timer.cancel()
            self._loop.remove_reader(self._sock.fileno())
            self._loop.remove_writer(self._sock.fileno())
            self._sock.close()
            self._over()
            self._closed(self)

    def _readable(self) -> None:
        try:
            data, arrived, now = arrival.receive(self._sock)
        except BlockingIOError:
            return
        except OSError:
            data, arrived, now = b"", 0, monotonic_ns()
        if not data:
            if self._played is not None:
                self._played.gone = now
            self.close()
            return
        self._first = self._first or (arrived, now)
        self._heard += data
        if self._played is None:
            self._begin()

    def _begin(self) -> None:
        """Answer, where a whole request is there."""
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found or self._first is None:
            return
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
        }
        length = int(headers.get("content-length", "0"))
        if len(body) < length:
            return
        self._heard = body[length:]
        (arrived, now), self._first = self._first, None
        self._played = Played(headers.get("x-request-id", ""), arrived, now, monotonic_ns())
        self._writes = self._answer(request_line, body[:length], headers)
        self._next()

    def _answer(self, request_line: str, body: bytes, headers: dict[str, str]) -> Iterator[Write]:
        method, target = request_line.split(" ")[:2]
        if method != "POST":
            models = {"object": "list", "data": [{"id": "clock", "object": "model"}]}
            return _plain("200 OK" if target.endswith("/models") else "404 Not Found", models, 0)
        try:
            asked: dict[str, Any] = json.loads(body)
            self._score = score = read(str(asked["model"]))
        except (ValueError, KeyError, UnknownScoreError) as error:
            return _plain("400 Bad Request", _error(str(error)), 0)
        if score.fail:
            return _plain(f"{score.fail} Failed", _error("as was wished"), score.ttft / 1000)
        lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"]
        lines += ["Content-Encoding: gzip"] if score.gzip else []
        head = "\r\n".join([*lines, "", ""]).encode()
        usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        return play(score, head, usage=usage)

    def _next(self) -> None:
        """Write what is due, and wait for what is not."""
        played = self._played
        assert played is not None  # it was begun
        for write in self._writes:
            due = played.complete + int(write.after * _SECOND)
            wait = (due - monotonic_ns()) / _SECOND
            if wait > 0:
                self._timer = self._loop.call_later(wait, self._write_and_go_on, write)
                return
            if not self._write(write):
                return
        played.whole = True
        self._over()
        if self._heard:
            self._begin()

    def _write_and_go_on(self, write: Write) -> None:
        if self._write(write):
            self._next()

    def _write(self, write: Write) -> bool:
        """Hand it over; False where the rest has to wait, or nobody is there any more."""
        played = self._played
        assert played is not None  # it was begun
        before = monotonic_ns()
        try:
            count = self._sock.send(write.data)
        except BlockingIOError:
            count = 0
        except OSError:
            played.gone = before
            self.close()
            return False
        played.writes.append((before, monotonic_ns(), list(write.tokens)))
        if 0 < self._score.stop <= sum(size for _, _, all_ in played.writes for _, size in all_):
            self.close()
            return False
        if count < len(write.data):
            self._rest = write.data[count:]
            self._loop.add_writer(self._sock.fileno(), self._writable)
            return False
        return True

    def _writable(self) -> None:
        try:
            self._rest = self._rest[self._sock.send(self._rest) :]
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        if not self._rest:
            self._loop.remove_writer(self._sock.fileno())
            self._next()

    def _over(self) -> None:
        played, self._played = self._played, None
        if played is not None:
            self._note(played)


def _plain(status: str, document: object, after: float) -> Iterator[Write]:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    yield Write(after=after, data=head.encode() + body)


def _error(message: str) -> dict[str, Any]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    }
