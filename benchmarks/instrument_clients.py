"""One client against a clock, as a process of its own; see instrument.py.

python benchmarks/instrument_clients.py CLIENT URL STREAMS COUNT MODEL OUT

Writes one JSON line a request to OUT: its id, when it was sent, when each token was seen, and which
of these times the client itself does not vouch for. Prints one JSON line about itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from conformance.engine.address import address
from conformance.engine.instrument.load import closed
from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.quiet import first_in_line, loop_factory, quiet
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import Bounds
from conformance.latency.reading import measure
from conformance.wire.take import Take

Seen = tuple[str, int, list[int], list[bool]]
"""Id, sent, stamps of tokens, doubtful ones."""
One = Callable[[int], Awaitable[Seen | Callable[[], Seen]]]

BOUNDS = Bounds(connect=30, first_byte=60, read=60, total=300, response_bytes=64 * 1024 * 1024)
now = time.monotonic_ns


class Job:
    """What is to be asked, and what it costs from the first request to the last answer."""

    def __init__(self, url: str, streams: int, count: int, model: str) -> None:
        self.url, self.streams, self.count, self.model = url, streams, count, model
        self.cpu = self.wall = 0.0

    def body(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def headers(self, number: int) -> dict[str, str]:
        return {
            "X-Request-ID": f"r{number}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
        }

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        cpu, wall = time.process_time(), time.monotonic()
        yield
        self.cpu, self.wall = time.process_time() - cpu, time.monotonic() - wall

    async def all(self, one: One) -> list[Seen]:
        """Closed loop over one coroutine a request."""
        waiting = iter(range(self.count))
        seen: list[Any] = []

        async def stream() -> None:
            for number in waiting:
                seen.append(await one(number))  # noqa: PERF401 - as they end

        with self.timed():
            await asyncio.gather(*(stream() for _ in range(self.streams)))
        return [each() if callable(each) else each for each in seen]


def of_take(take: Take) -> Seen:
    """Each token with the stamp of its arrival; what merged is several tokens in doubt."""
    one = measure(take)
    tokens = [each for each in one.arrivals for _ in range(round(each.tokens or 1))]
    return one.key, one.sent, [each.at for each in tokens], [each.doubtful for each in tokens]


async def wire(job: Job, *, priority: bool = True) -> list[Seen]:
    """Ours: requests made beforehand, nothing parsed meanwhile."""
    place = address(job.url, "/chat/completions")
    body = json.dumps(job.body()).encode()
    requests = []
    for number in range(job.count):
        headers = {
            "Host": place.authority,
            **job.headers(number),
            "Content-Length": str(len(body)),
        }
        requests.append(prepare("POST", place, tuple(headers.items()), body))
    used = Wire()
    await used.open(place, BOUNDS, job.streams)
    with quiet(), first_in_line() if priority else contextlib.nullcontext(), job.timed():
        ran = await closed(used, requests, BOUNDS, job.streams)
    await used.aclose()
    return [of_take(take) for take in ran.takes()]


async def over_httpx(job: Job, transport: Any) -> list[Seen]:
    """httpx, over a transport of ours or its own."""
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=60, transport=transport, limits=limits) as client:

        async def one(number: int) -> Any:
            stamps, sent = [], now()
            ask = client.stream(
                "POST", f"{job.url}/chat/completions", json=job.body(), headers=job.headers(number)
            )
            async with ask as response:
                if "take" in response.extensions:
                    async for _ in response.aiter_raw():
                        pass
                    return lambda: of_take(response.extensions["take"]())
                async for line in response.aiter_lines():
                    if line.startswith("data: {"):
                        at = now()
                        choices = json.loads(line[6:])["choices"]
                        if choices and choices[0]["delta"].get("content"):
                            stamps.append(at)
            return f"r{number}", sent, stamps, [False] * len(stamps)

        return await job.all(one)


async def over_openai(job: Job, transport: Any) -> list[Seen]:
    """The openai SDK, over a transport of ours or its own."""
    import httpx
    import openai

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    http = httpx.AsyncClient(timeout=60, transport=transport, limits=limits)
    client = openai.AsyncOpenAI(base_url=job.url, api_key="x", http_client=http, max_retries=0)

    async def one(number: int) -> Any:
        stamps, sent = [], now()
        stream = await client.chat.completions.create(
            **job.body(), extra_headers=job.headers(number)
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                stamps.append(now())  # noqa: PERF401 - each when it comes
        if "take" in stream.response.extensions:
            return lambda: of_take(stream.response.extensions["take"]())
        return f"r{number}", sent, stamps, [False] * len(stamps)

    try:
        return await job.all(one)
    finally:
        await client.close()


async def aiohttp(job: Job) -> list[Seen]:
    """As vLLM's and aiperf's benchmarks do it: `iter_any`, stamped by whoever reads."""
    import aiohttp as library

    connector = library.TCPConnector(limit=0)
    async with library.ClientSession(connector=connector) as session:

        async def one(number: int) -> Any:
            stamps, rest, sent = [], b"", now()
            ask = session.post(
                f"{job.url}/chat/completions", json=job.body(), headers=job.headers(number)
            )
            async with ask as response:
                async for data in response.content.iter_any():
                    at = now()
                    *events, rest = (rest + data).split(b"\n\n")
                    for event in events:
                        if event.startswith(b"data: {"):
                            choices = json.loads(event[6:])["choices"]
                            if choices and choices[0]["delta"].get("content"):
                                stamps.append(at)
            return f"r{number}", sent, stamps, [False] * len(stamps)

        return await job.all(one)


def over_wire(late: bool) -> Any:  # noqa: FBT001 - a benchmark
    from conformance.engine.instrument.front import WireTransport

    return WireTransport(late=late)


CLIENTS: dict[str, Callable[[Job], Awaitable[list[Seen]]]] = {
    "wire": wire,
    "wire-plain": lambda job: wire(job, priority=False),
    "wire-asyncio": wire,
    "httpx-wire": lambda job: over_httpx(job, over_wire(late=False)),
    "httpx-wire-late": lambda job: over_httpx(job, over_wire(late=True)),
    "openai-wire-late": lambda job: over_openai(job, over_wire(late=True)),
    "aiohttp": aiohttp,
    "httpx": lambda job: over_httpx(job, None),
    "openai": lambda job: over_openai(job, None),
}
STOCK = {"aiohttp", "httpx", "openai", "wire-asyncio"}
"""These run on asyncio's own loop, as their users do."""


def main() -> None:
    name, url, streams, count, model, out = sys.argv[1:]
    job = Job(url, int(streams), int(count), model)
    factory = None if name in STOCK else loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        seen = runner.run(CLIENTS[name](job))
    with Path(out).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in seen)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tokens = sum(len(stamps) for _, _, stamps, _ in seen)
    print(json.dumps({"cpu": job.cpu, "wall": job.wall, "tokens": tokens, "peak_mib": peak}))


if __name__ == "__main__":
    main()
