"""A proxy that does to a real endpoint what providers do in silence; `conformance compare` is to notice.

    python benchmarks/parity_proxy.py 8201 http://127.0.0.1:8081/v1 --system "Answer like a pirate."
    python benchmarks/parity_proxy.py 8202 http://127.0.0.1:8081/v1 --force temperature=0.7
    python benchmarks/parity_proxy.py 8203 http://127.0.0.1:8081/v1 --force repeat_penalty=1.3
    python benchmarks/parity_proxy.py 8204 http://127.0.0.1:8081/v1 --also http://127.0.0.1:8084/v1 --share 0.2
    python benchmarks/parity_proxy.py 8205 http://127.0.0.1:8081/v1 --cache

Whole answers only: an audit never streams. It runs until it is interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore

_DROPPED = {b"host", b"content-length", b"connection", b"accept-encoding"}


@dataclass(slots=True, kw_only=True)
class Proxy:
    """What stands between a client and one endpoint, or two."""

    upstream: str
    also: str = ""
    share: float = 0.0
    system: str = ""
    forced: Mapping[str, Any] = field(default_factory=dict)
    cache: dict[bytes, tuple[int, bytes]] | None = None
    pool: httpcore.AsyncConnectionPool = field(default_factory=httpcore.AsyncConnectionPool)
    chance: random.Random = field(default_factory=random.Random)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request, until the client leaves."""
        try:
            while (asked := await _request(reader)) is not None:
                status, content = await self._answer(*asked)
                head = f"HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # a client that hangs up is nobody's fault
        finally:
            writer.close()

    async def _answer(
        self, method: str, path: str, headers: list[tuple[bytes, bytes]], content: bytes
    ) -> tuple[int, bytes]:
        key = path.encode() + content
        if self.cache is not None and key in self.cache:
            return self.cache[key]
        if content:
            content = json.dumps(self._meddled(json.loads(content))).encode()
        other = self.also and self.chance.random() < self.share
        url = (self.also if other else self.upstream) + path.removeprefix("/v1")
        reply = await self.pool.request(method, url, headers=headers, content=content)
        if self.cache is not None:
            self.cache[key] = (reply.status, reply.content)
        return reply.status, reply.content

    def _meddled(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.system and "messages" in body:
            said = {"role": "system", "content": self.system}
            body = {**body, "messages": [said, *body["messages"]]}
        return {**body, **self.forced}


async def _request(
    reader: asyncio.StreamReader,
) -> tuple[str, str, list[tuple[bytes, bytes]], bytes] | None:
    line = await reader.readline()
    if not line:
        return None
    method, path, _ = line.decode().split(" ", 2)
    headers, length = [], 0
    while (raw := await reader.readline()).strip():
        name, _, value = raw.strip().partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if name.lower() not in _DROPPED:
            headers.append((name, value.strip()))
    return method, path, headers, await reader.readexactly(length)


def _pair(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    return name, json.loads(value)


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("upstream")
    parser.add_argument("--system", default="", help="a system prompt of its own")
    parser.add_argument("--force", type=_pair, action="append", default=[], metavar="NAME=JSON")
    parser.add_argument(
        "--also", default="", help="another endpoint, that gets --share of requests"
    )
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--cache", action="store_true", help="equal requests get one answer")
    how = parser.parse_args()
    proxy = Proxy(
        upstream=how.upstream,
        also=how.also,
        share=how.share,
        system=how.system,
        forced=dict(how.force),
        cache={} if how.cache else None,
    )
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", how.port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
