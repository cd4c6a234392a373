"""Many requests on one wire: as many at once as there are streams, or at given times."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic_ns

from conformance.engine.instrument.footage import Footage
from conformance.engine.instrument.heed import Heed
from conformance.engine.instrument.prepared import Prepared
from conformance.engine.instrument.spool import Spool
from conformance.engine.instrument.wire import Turn, Wire
from conformance.engine.limits import Bounds
from conformance.errors import HarnessError
from conformance.wire.take import Take

TRIES = 3
"""So often each stream of a closed loop asks where nobody ever got an answer."""
_SECOND = 1_000_000_000


@dataclass(slots=True, kw_only=True)
class Ran:
    """What came of a load, whatever became of it. Takes are made afterwards."""

    all: Spool = field(default_factory=Spool)
    stopped: str = ""
    """Why it ended before its time."""
    broken: HarnessError | None = None
    """What of ours broke; what was recorded until then is here."""
    waited: float = 0.0
    """Seconds that streams left an endpoint alone because it had failed, or as it had asked."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing more is begun."""

    def add(self, turn: Turn) -> Footage:
        """One that has ended. The first that broke ends everything."""
        footage = turn.footage()
        self.all.add(footage)
        if turn.broken is not None and self.broken is None:
            self.broken = turn.broken
            self.stop(str(turn.broken))
        return footage

    def stop(self, why: str) -> None:
        """Begin nothing more."""
        self.stopped = self.stopped or why
        self.over.set()

    def takes(self) -> Iterator[Take]:
        """All of them, each made when it is asked for."""
        return (one.take() for one in self.all)


async def closed(
    wire: Wire,
    requests: Iterable[Prepared],
    bounds: Bounds,
    streams: int,
    *,
    seconds: float | None = None,
    hang_up_after: float | None = None,
) -> Ran:
    """Closed loop: each stream sends its next request when its last one is over.

    Nothing is begun after `seconds`; what is under way is waited for. Who gets no answer waits before
    it asks again, as a client would; where nobody ever got one, it ends. `hang_up_after`: seconds
    after which each request is given up.
    """
    ran = Ran()
    waiting = iter(requests)
    until = monotonic_ns() + int(seconds * _SECOND) if seconds is not None else None
    failed = answered = 0

    async def stream() -> None:
        nonlocal failed, answered
        in_a_row = 0
        for request in waiting:
            one = ran.add(await wire.turn(request, bounds, hang_up_after=hang_up_after))
            why = one.failure
            in_a_row = in_a_row + 1 if why else 0
            failed, answered = failed + bool(why), answered + (not why)
            if not answered and failed >= TRIES * streams:
                ran.stop(f"every request failed: {why}")
            wait = _wait(one, in_a_row) if why else 0.0
            if until is not None and monotonic_ns() + wait * _SECOND >= until:
                return
            if wait and not ran.over.is_set():
                ran.waited += await _slept(ran.over, wait)
            if ran.over.is_set():
                return

    await asyncio.gather(*(stream() for _ in range(streams)))
    return ran


async def paced(
    wire: Wire,
    requests: Sequence[Prepared],
    bounds: Bounds,
    offsets: Sequence[float],
    *,
    hang_up_after: float | None = None,
) -> Ran:
    """Open loop: each request at its own time (seconds), whatever became of those before it.

    Where too many are turned away or get no answer, nothing more is sent: see `heed.py`.
    """
    ran, heed = Ran(), Heed(len(requests))
    begun = monotonic_ns()

    async def one(number: int, request: Prepared, intended: int) -> None:
        await _slept(ran.over, (intended - monotonic_ns()) / _SECOND)
        if not ran.over.is_set():
            turn = await wire.turn(request, bounds, intended=intended, hang_up_after=hang_up_after)
            became = ran.add(turn)
            if enough := heed.after(number, became):
                ran.stop(enough)

    await asyncio.gather(
        *(
            one(number, request, begun + int(offset * _SECOND))
            for number, (request, offset) in enumerate(zip(requests, offsets, strict=True))
        )
    )
    return ran


def constant(rate: float, count: int) -> list[float]:
    """Offsets of requests that come so many a second."""
    return [number / rate for number in range(count)]


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """Offsets of requests that come independently of each other, so many a second on average."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    at, offsets = 0.0, []
    for _ in range(count):
        at += chance.expovariate(rate)
        offsets.append(at)
    return offsets


def _wait(one: Footage, in_a_row: int) -> float:
    """Seconds: as `Retry-After` says, else longer each time."""
    from conformance.engine.retry import pause  # here: only failures need it

    return pause(one.take().exchange, in_a_row)


async def _slept(over: asyncio.Event, seconds: float) -> float:
    """So many, or until all is over; how many it were."""
    begun = monotonic_ns()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    return (monotonic_ns() - begun) / _SECOND
