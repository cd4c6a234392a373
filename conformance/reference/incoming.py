"""Reading HTTP/1.1 requests off a connection, strictly and within limits."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.reference.refusal import Refusal

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 16 * 1024 * 1024
"""Bytes; a larger body is read to its end, thrown away, and answered with 413."""
DRAIN_LIMIT = 256 * 1024 * 1024
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,12}")
_PARTS = 3
_LONGEST_LENGTH = 15
_TOO_LARGE = 413
Kept = Literal["all", "no calls", "own turn", "answer alone", "instructions too", "no answers"]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came; header names in lower case, the last of several equal ones wins."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    version: str = "HTTP/1.1"
    served: tuple[str, ...] = ()
    """The models on offer, for faults that serve one in place of another."""
    trusted: bool = False
    """Its key is not looked at: for faults that let in whom they should not."""

    earlier: tuple[HttpRequest, ...] = ()
    """The requests that came shortly before it, the latest first: for faults that mix them up."""

    keeps: Kept = "all"
    """What of the conversation is stored: for faults that lose some of it, or keep too much."""

    @property
    def json(self) -> dict[str, Any]:
        """The body, where it is a JSON object; else an empty one."""
        try:
            held = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return held if isinstance(held, dict) else {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Of `messages` in the body what is an object; empty where there is no list."""
        listed = self.json.get("messages")
        return (
            [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        )

    @property
    def keep_alive(self) -> bool:
        wish = self.headers.get("connection", "").lower()
        return "keep-alive" in wish if self.version == "HTTP/1.0" else "close" not in wish

    @property
    def path(self) -> str:
        """The path of the target, still percent-encoded, without query."""
        target = self.target
        if "://" in target.partition("?")[0]:
            target = "/" + target.partition("://")[2].partition("/")[2]
        return target.partition("?")[0].partition("#")[0]

    def edited(self, **members: Any) -> HttpRequest:
        """The request with members of its JSON body set, or dropped where None."""
        held = self.json
        if not held:
            return self
        merged = {key: value for key, value in held.items() if key not in members}
        merged |= {key: value for key, value in members.items() if value is not None}
        return replace(self, body=json.dumps(merged).encode())


class Incoming:
    """The requests of one connection, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def head(self) -> HttpRequest | None:
        """The next request without its body; None where the peer has ended. Raises Refusal."""
        try:
            raw = await self._reader.readuntil(b"\r\n\r\n")
            while raw.startswith(b"\r\n"):  # blank lines before a request are to be ignored
                raw = raw[2:] or await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                raise Refusal("The request ended within its head.", code="bad_request") from None
            return None
        except asyncio.LimitOverrunError:
            raise Refusal(
                f"The head of the request is larger than {HEAD_LIMIT} bytes.",
                status=431,
                code="headers_too_large",
            ) from None
        return _head(raw[:-4].decode("latin-1"))

    async def body(self, head: HttpRequest) -> HttpRequest:
        """The request with its body. Raises Refusal: 413 where it is too large, 400 where broken."""
        coding = head.headers.get("transfer-encoding", "").lower()
        length = head.headers.get("content-length")
        if coding and length is not None:
            raise Refusal("Transfer-Encoding and Content-Length exclude each other.")
        if coding and coding != "chunked":
            raise Refusal("The only transfer coding supported is chunked.", status=501)
        if length is not None and not (
            length.isascii() and length.isdecimal() and len(length) <= _LONGEST_LENGTH
        ):
            raise Refusal("Content-Length must be a whole number of bytes.")
        if not coding and not length:
            return head
        if head.headers.get("expect", "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await (self._chunks() if coding else self._counted(int(length or 0)))
        except asyncio.IncompleteReadError:
            raise Refusal("The request ended within its body.", code="bad_request") from None
        return replace(head, body=body)

    async def linger(self, seconds: float) -> None:
        """Read and forget until the peer has closed its side as well, but not for ever."""
        try:
            async with asyncio.timeout(seconds):
                while await self._reader.read(HEAD_LIMIT):
                    pass
        except TimeoutError:
            return

    async def _counted(self, length: int) -> bytes:
        if length > BODY_LIMIT:
            await self._drain(length)
            raise _too_large()
        return await self._reader.readexactly(length)

    async def _chunks(self) -> bytes:
        parts: list[bytes] = []
        seen = 0
        while size := await self._chunk_size():
            seen += size
            if seen > BODY_LIMIT:
                await self._drain(size + 2)
                parts = []
            else:
                parts.append(await self._reader.readexactly(size))
                if await self._reader.readexactly(2) != b"\r\n":
                    raise Refusal("A chunk of the body does not end where its size says.")
            if seen > DRAIN_LIMIT:
                raise _endless()
        while await self._line():
            pass  # trailers carry nothing that we need
        if seen > BODY_LIMIT:
            raise _too_large()
        return b"".join(parts)

    async def _chunk_size(self) -> int:
        digits = (await self._line()).partition(b";")[0].strip()
        if not _HEX.fullmatch(digits):
            raise Refusal("The size of a chunk is not a hexadecimal number.")
        return int(digits, 16)

    async def _line(self) -> bytes:
        try:
            return (await self._reader.readuntil(b"\r\n"))[:-2]
        except asyncio.LimitOverrunError:
            raise Refusal("A line of the chunked body is too long.") from None

    async def _drain(self, length: int) -> None:
        """Read and forget, so that the client can finish sending and then hear our answer."""
        if length > DRAIN_LIMIT:
            raise _endless()
        while length:
            data = await self._reader.read(min(length, HEAD_LIMIT))
            if not data:
                raise asyncio.IncompleteReadError(b"", length)
            length -= len(data)


class _EndlessBody(Refusal):
    """A body that we do not even read to throw it away."""


def _endless() -> Refusal:
    return _EndlessBody(
        f"The request body is larger than {DRAIN_LIMIT} bytes.",
        status=_TOO_LARGE,
        code="request_too_large",
    )


def _too_large() -> Refusal:
    return Refusal(
        f"The request body is larger than {BODY_LIMIT} bytes.",
        status=_TOO_LARGE,
        code="request_too_large",
    )


def must_close(refusal: Refusal) -> bool:
    """After a broken request nobody knows where the next one begins; after 413 we have read it all."""
    return refusal.status != _TOO_LARGE or isinstance(refusal, _EndlessBody)


def _head(text: str) -> HttpRequest:
    lines = text.split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != _PARTS or not _TOKEN.fullmatch(parts[0]) or not parts[1].isprintable():
        raise Refusal("The request line is not HTTP/1.1.", code="bad_request")
    method, target, version = parts
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        status = 505 if version.startswith("HTTP/") else 400
        raise Refusal("Only HTTP/1.1 and HTTP/1.0 are spoken here.", status=status)
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not _TOKEN.fullmatch(name):
            raise Refusal("A header line is not `Name: value`.", code="bad_request")
        value = value.strip(" \t")
        if name in ("content-length", "host") and headers.get(name, value) != value:
            raise Refusal(f"There are two different {name} headers.", code="bad_request")
        headers[name] = value
    if version == "HTTP/1.1" and "host" not in headers:
        raise Refusal("A Host header is required.", code="bad_request")
    return HttpRequest(method, target, headers, version=version)
