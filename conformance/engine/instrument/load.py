"""Many requests on one wire: as many at once as there are streams, or at given times."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from time import monotonic_ns

from conformance.engine.instrument.prepared import Prepared
from conformance.engine.instrument.wire import Turn, Wire
from conformance.engine.limits import Bounds

_SECOND = 1_000_000_000


async def closed(
    wire: Wire,
    requests: Iterable[Prepared],
    bounds: Bounds,
    streams: int,
    *,
    seconds: float | None = None,
) -> list[Turn]:
    """Closed loop: each stream sends its next request when its last one is over.

    Nothing is begun after `seconds`; what is under way is waited for. Takes are made of the turns
    afterwards, when time is of no account.
    """
    turns: list[Turn] = []
    waiting = iter(requests)
    until = monotonic_ns() + int(seconds * _SECOND) if seconds is not None else None

    async def stream() -> None:
        for request in waiting:
            turns.append(await wire.turn(request, bounds))
            if until is not None and monotonic_ns() >= until:
                return

    await asyncio.gather(*(stream() for _ in range(streams)))
    return turns


async def paced(
    wire: Wire, requests: Sequence[Prepared], bounds: Bounds, offsets: Sequence[float]
) -> list[Turn]:
    """Open loop: each request at its own time (seconds), whatever became of those before it."""
    begun = monotonic_ns()

    async def one(request: Prepared, intended: int) -> Turn:
        await asyncio.sleep((intended - monotonic_ns()) / _SECOND)
        return await wire.turn(request, bounds, intended=intended)

    return await asyncio.gather(
        *(
            one(request, begun + int(offset * _SECOND))
            for request, offset in zip(requests, offsets, strict=True)
        )
    )


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
