"""One endpoint under load, and a clock under the same load before and after."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from conformance.engine.address import Address, address
from conformance.engine.instrument.load import Ran, closed, constant, paced, poisson
from conformance.engine.instrument.prepared import Prepared, prepare
from conformance.engine.instrument.quiet import first_in_line, quiet
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import Bounds
from conformance.errors import HarnessError
from conformance.wire.nonce import minted
from conformance.wire.take import Take

WORD = "{word}"
_LEAST = [{"role": "user", "content": "Say OK."}]
_PATH = "/chat/completions"
_SEED = 1
"""Of arrivals that look like chance: each run has the same."""
_PATIENCE, _PAUSE = 100, 0.05
_CLOCK = "conformance.reference.clock"
"""Started as a program of its own: nothing of it is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many at once, and for how long."""

    streams: int
    seconds: float
    bounds: Bounds
    warm_up: float = 0.0
    """Seconds of the same before it, of which nothing is kept."""
    priority: bool = True
    """Run before other processes, where the system permits it."""
    rate: float | None = None
    """Open loop: so many requests a second, whatever becomes of them; `streams` is not looked at."""
    poisson: bool = False
    """They come independently of each other."""
    hang_up_after: float | None = None
    """Seconds after which each request is given up: how long does the endpoint go on?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to ask for what. Each request gets an id and, where there is a nonce, a prompt of its own."""

    base_url: str
    body: Mapping[str, Any]
    others: tuple[Mapping[str, Any], ...] = ()
    """Asked in turn with it."""
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    nonce: str = ""
    """Of it and a number each request's own word is made. It stands where the prompt says `{word}`,
    else before it, so that nothing is answered out of a cache of prefixes."""

    @property
    def address(self) -> Address:
        """Where requests go."""
        return address(self.base_url, _PATH, self.query)

    def requests(self, wire: Wire, first: int = 0) -> Iterator[Prepared]:
        """As many as are wanted."""
        for number in count(first):
            yield self._prepared(self._body(number), f"r{number}", wire)

    def one_token(self, wire: Wire) -> Prepared:
        """The least that can be asked."""
        body = {"model": self.body["model"], "max_tokens": 1, "messages": _LEAST}
        return self._prepared(body, "probe", wire)

    def _prepared(self, body: Mapping[str, Any], key: str, wire: Wire) -> Prepared:
        place, data = self.address, json.dumps(body).encode()
        headers = (
            ("Host", place.authority),
            ("Accept", "text/event-stream" if body.get("stream") else "application/json"),
            ("Accept-Encoding", "identity"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(data))),
            ("X-Request-ID", key),
            *self.headers,
        )
        return prepare("POST", place, headers, data, wire.proxy)

    def _body(self, number: int) -> Mapping[str, Any]:
        body = (self.body, *self.others)[number % (len(self.others) + 1)]
        if not self.nonce:
            return body
        messages = [dict(each) for each in body["messages"]]
        word = minted(hashlib.sha256(f"{self.nonce}-{number}".encode()).hexdigest())
        said = messages[-1]["content"]
        messages[-1]["content"] = said.replace(WORD, word) if WORD in said else f"[{word}] {said}"
        return {**body, "messages": messages}


@dataclass(slots=True)
class ClockProcess:
    """Our own clock, as a process of its own, with its log."""

    log: Path
    base_url: str
    _read: int = field(default=0)

    def written(self) -> str:
        """What the log says since this was last asked."""
        text = self.log.read_text(encoding="utf-8")
        new, self._read = text[self._read :], len(text)
        return new


@contextmanager
def clock_process() -> Iterator[ClockProcess]:
    """Start it, wait until it listens, stop it. Raises HarnessError."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        log = Path(folder) / "clock.jsonl"
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", _CLOCK, "--attached", "--log", str(log)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.terminate)
        assert process.stdout is not None  # it was asked for
        word, _, rest = process.stdout.readline().partition(" ")
        if word != "ready":
            raise HarnessError("the clock that calibrates the instrument did not start")
        yield ClockProcess(log, rest.strip())


async def under_load(wire: Wire, requests: Iterator[Prepared], load: Load) -> Ran:
    """With nothing else going on; parsed afterwards."""
    first: AbstractContextManager[object] = first_in_line() if load.priority else nullcontext()
    with quiet(), first:
        return await _ran(wire, requests, load)


async def _ran(wire: Wire, requests: Iterator[Prepared], load: Load) -> Ran:
    if load.rate is None:
        return await closed(
            wire,
            requests,
            load.bounds,
            load.streams,
            seconds=load.seconds,
            hang_up_after=load.hang_up_after,
        )
    count = max(1, int(load.rate * load.seconds))
    come = poisson(load.rate, count, _SEED) if load.poisson else constant(load.rate, count)
    some = list(islice(requests, count))
    return await paced(wire, some, load.bounds, come, hang_up_after=load.hang_up_after)


async def calibrate(clock: ClockProcess, model: str, load: Load) -> tuple[Sequence[Take], str]:
    """Takes of the clock, and what its log says of them. Raises HarnessError where we broke."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "tick"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    target = Target(base_url=clock.base_url, body=body)
    clock.written()
    wire = Wire()
    try:
        await wire.open(target.address, load.bounds, load.streams)
        ran = await under_load(wire, target.requests(wire), load)
        log = await _log(clock, len(ran.all))
    finally:
        await wire.aclose()
    if ran.broken is not None:
        raise ran.broken
    return list(ran.takes()), log


async def _log(clock: ClockProcess, lines: int) -> str:
    """All of it: the last lines come when the answers are here already."""
    text = clock.written()
    for _ in range(_PATIENCE):
        if text.count("\n") >= lines:
            break
        await asyncio.sleep(_PAUSE)
        text += clock.written()
    return text
