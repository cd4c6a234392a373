"""A clock in a thread of its own, and readings of it over a real wire."""

import asyncio
import contextlib
import itertools
import json
import threading
import time

from conformance.engine.address import address
from conformance.engine.instrument.load import closed
from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.quiet import run
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import Bounds
from conformance.latency.reading import measure
from conformance.latency.truth import read_log
from conformance.reference.clock.serve import Clock

BOUNDS = Bounds(connect=5, first_byte=10, read=10, total=30, response_bytes=8_000_000)
NUMBERS = itertools.count()
MESSAGES = [{"role": "user", "content": "hi"}]


class Clocked:
    """A clock that runs, and its log."""

    def __init__(self):
        self.lines = []
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def log(self, keys):
        """Of the requests with these keys, once it has been written."""
        deadline = time.monotonic() + 10
        while not keys <= (found := read_log("\n".join(self.lines))).keys() and time.monotonic() < deadline:
            time.sleep(0.005)
        return {key: found[key] for key in keys & found.keys()}


@contextlib.contextmanager
def clock():
    clocked, ready = Clocked(), threading.Event()
    over = []

    async def serve():
        one = Clock(lambda played: clocked.lines.append(played.line()))
        one.start()
        clocked.port = one.port
        end = asyncio.Event()
        over.append((asyncio.get_running_loop(), end))
        ready.set()
        await end.wait()
        one.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield clocked
    finally:
        loop, end = over[0]
        loop.call_soon_threadsafe(end.set)
        thread.join()


def request_to(clocked, model, **more):
    """With a key that no other request of this process has: a log may be late."""
    asked = {"stream_options": {"include_usage": True}, **more}
    body = json.dumps({"model": model, "messages": MESSAGES, "stream": True, **asked}).encode()
    place = address(clocked.url, "/chat/completions")
    headers = (
        ("Host", place.authority),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("X-Request-ID", f"r{next(NUMBERS)}"),
    )
    return prepare("POST", place, headers, body)


def takes(clocked, model, *, count=1, streams=1, wire=None, **more):
    """So many answers of one score."""
    requests = [request_to(clocked, model, **more) for _ in range(count)]

    async def main():
        used = Wire(**(wire or {}))
        try:
            return list((await closed(used, requests, BOUNDS, streams)).takes())
        finally:
            await used.aclose()

    return run(main())


def readings(clocked, model, **how):
    return [measure(take) for take in takes(clocked, model, **how)]
