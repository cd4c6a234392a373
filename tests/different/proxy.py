"""A server that is right in another way: in front of one that conforms, and saying the same differently.

python tests/different/proxy.py --upstream HOST:PORT --variant NAME[,NAME...] | group-N
python tests/different/proxy.py --list

Standard library only, and nothing of the package: what it says it has not learnt from the judge.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import bodies  # noqa: F401 - registers its variants
import framings  # noqa: F401
import refusals  # noqa: F401
import streams  # noqa: F401
from variety import VARIANTS, Asked, Event, Events, Framing, Head, Pieces, Variant

LIMIT = 1 << 20
GZIP = 16 + zlib.MAX_WBITS


class Proxy:
    """One upstream, seen through variants."""

    def __init__(self, upstream: str, variants: Sequence[Variant]) -> None:
        self._host, _, port = upstream.partition(":")
        self._port = int(port)
        self._variants = variants

    def _at(self, place: str) -> list[Any]:
        return [each.at[place] for each in self._variants if place in each.at]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until one side has enough of it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (asked := await read_request(reader)) and await self._answer(asked, writer):
                pass
        writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Say what the upstream says, differently. False where the connection ends with it."""
        for refuse in self._at("refuse"):
            if refused := refuse(asked):
                head = [
                    ("Content-Type", "application/json"),
                    ("x-request-id", f"req-{id(refused)}"),
                ]
                return await self._document(asked, refused.status, head, refused.document, writer)
        for rewrite in self._at("request"):
            asked = rewrite(asked)
        up, down = await asyncio.open_connection(self._host, self._port, limit=LIMIT)
        try:
            sending = asyncio.ensure_future(send(asked, down))
            status, head = await read_head(up)
            await sending
            if "event-stream" in of(head, "content-type"):
                return await self._stream(asked, status, head, read_events(read_chunks(up)), writer)
            body = (
                b""
                if asked.method == "HEAD"
                else await up.readexactly(int(of(head, "content-length")))
            )
            document = json.loads(body) if body else None
            return await self._document(asked, status, head, document, writer)
        finally:
            down.close()

    async def _document(
        self, asked: Asked, status: int, head: Head, document: Any, writer: asyncio.StreamWriter
    ) -> bool:
        if document is None:
            return await self._write(asked, status, head, None, writer, stream=False)
        for rewrite in self._at("error" if status >= 400 else "document"):
            document = rewrite(document, asked)
        body = compact(document)
        for rewrite in self._at("text"):
            body = rewrite(document, stream=False)

        async def whole() -> Pieces:
            yield body

        return await self._write(asked, status, head, whole(), writer, stream=False)

    async def _stream(
        self, asked: Asked, status: int, head: Head, events: Events, writer: asyncio.StreamWriter
    ) -> bool:
        for rewrite in self._at("events"):
            events = rewrite(events, asked)

        async def written() -> Pieces:
            async for event in events:
                yield self._event(event)

        return await self._write(asked, status, head, written(), writer, stream=True)

    def _event(self, event: Event) -> bytes:
        body = b"[DONE]" if event.value is None else compact(event.value)
        if event.value is not None:
            for rewrite in self._at("text"):
                body = rewrite(event.value, stream=True)
        lines = [b"event: " + event.name.encode()] if event.name else []
        text = b"\n".join([*lines, b"data: " + body]) + b"\n\n"
        for rewrite in self._at("event"):
            text = rewrite(text)
        return text

    async def _write(
        self, asked: Asked, status: int, head: Head, body: Pieces | None,
        writer: asyncio.StreamWriter, *, stream: bool,
    ) -> bool:  # fmt: skip
        framing = Framing(chunked=stream, close=asked.header("connection").lower() == "close")
        for rewrite in self._at("frame"):
            framing = rewrite(framing, asked, stream)
        if framing.gzip and body:
            head = [*head, ("Content-Encoding", "gzip")]
            body = squeezed(body)
        dropped = {"connection", "transfer-encoding", *(["content-length"] if body else [])}
        head = [each for each in head if each[0].lower() not in dropped]
        head.append(("Connection", "close" if framing.close else "keep-alive"))
        if body and stream:
            for regroup in self._at("pieces"):
                body = regroup(body)
        if body and not stream and not framing.chunked and not framing.unframed:
            whole = b"".join([each async for each in body])
            head.append(("Content-Length", str(len(whole))))
            await self._say(status, head, writer, whole)
            return not framing.close
        if not framing.unframed and body:
            head.append(("Transfer-Encoding", "chunked"))
        await self._say(status, head, writer)
        async for piece in body or nothing():
            writer.write(piece if framing.unframed else b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            if writer.is_closing():
                raise ConnectionResetError
        if not framing.unframed and body:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return not framing.close

    async def _say(
        self, status: int, head: Head, writer: asyncio.StreamWriter, body: bytes = b""
    ) -> None:
        for rewrite in self._at("head"):
            head = rewrite(head)
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in head)]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await writer.drain()


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def of(head: Head, name: str) -> str:
    return next((value for key, value in head if key.lower() == name), "")


async def nothing() -> Pieces:
    for each in ():
        yield each


async def squeezed(pieces: Pieces) -> Pieces:
    """As gzip, flushed after every piece."""
    packer = zlib.compressobj(wbits=GZIP)
    async for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def parsed(text: bytes) -> tuple[str, Head]:
    first, *lines = text.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, [(name, value.strip()) for name, _, value in pairs]


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """The next request, or None where there is none."""
    with suppress(asyncio.IncompleteReadError):
        first, head = parsed(await reader.readuntil(b"\r\n\r\n"))
        method, path, _ = first.split(" ")
        if "chunked" in of(head, "transfer-encoding").lower():
            return Asked(method, path, head, b"".join([each async for each in read_chunks(reader)]))
        return Asked(
            method, path, head, await reader.readexactly(int(of(head, "content-length") or 0))
        )
    return None


async def send(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Hand a request on, plain, on a connection of its own."""
    dropped = {"connection", "content-length", "transfer-encoding", "accept-encoding", "expect"}
    head = [each for each in asked.head if each[0].lower() not in dropped]
    head += [("Connection", "close"), ("Content-Length", str(len(asked.body)))]
    lines = [f"{asked.method} {asked.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head)]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + asked.body)
    await writer.drain()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, Head]:
    first, head = parsed(await reader.readuntil(b"\r\n\r\n"))
    return int(first.split(" ")[1]), head


async def read_chunks(reader: asyncio.StreamReader) -> Pieces:
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")


async def read_events(pieces: Pieces) -> Events:
    """The upstream's events: each `data:` line, with the `event:` before it."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n\n")
        for text in whole:
            fields = dict(line.split(": ", 1) for line in text.decode().split("\n"))
            data = fields["data"]
            yield Event(fields.get("event", ""), None if data == "[DONE]" else json.loads(data))


def chosen(names: str) -> list[Variant]:
    """The named ones, in the order in which they were written down."""
    if names.startswith("group-"):
        return [each for each in VARIANTS.values() if names == f"group-{each.group}"]
    wanted = names.split(",")
    assert set(wanted) <= set(VARIANTS), names
    return [each for each in VARIANTS.values() if each.name in wanted]


async def serve(upstream: str, variants: Sequence[Variant]) -> None:
    proxy = Proxy(upstream, variants)
    server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0, limit=LIMIT)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream")
    parser.add_argument("--variant", default="group-1")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        told = [
            {"name": each.name, "why": each.why, "suites": each.suites, "group": each.group}
            for each in VARIANTS.values()
        ]
        print(json.dumps(told))
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.upstream, chosen(options.variant)))


if __name__ == "__main__":
    main()
