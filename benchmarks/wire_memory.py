"""How much memory the process takes that measures: while it does, and when it makes figures of it.

python benchmarks/wire_memory.py [--streams 256] [--seconds 30] [--held BYTES]

Streams of 50 tokens a second from our own clock. `--held`: bytes in memory before the disk is used.
"""

from __future__ import annotations

import argparse
import asyncio
import resource

from conformance.engine.instrument import spool
from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.session import Load, Target, clock_process, under_load
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import Bounds
from conformance.latency.reading import measure
from conformance.latency.summary import summarize

BOUNDS = Bounds(connect=30, first_byte=30, read=30, total=120, response_bytes=8_000_000)
MODEL = "clock-ttft100-itl20-n100"


async def loaded(url: str, load: Load) -> Ran:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "stream": True}
    target = Target(base_url=url, body={**body, "stream_options": {"include_usage": True}})
    wire = Wire()
    try:
        await wire.open(target.address, load.bounds, load.streams)
        return await under_load(wire, target.requests(wire), load)
    finally:
        await wire.aclose()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--held", type=int, default=spool.HELD)
    options = parser.parse_args()
    spool.HELD = options.held
    load = Load(streams=options.streams, seconds=options.seconds, bounds=BOUNDS, priority=False)
    start = peak()
    with clock_process() as clock:
        ran = asyncio.run(loaded(clock.base_url, load))
    measured = peak()
    readings = [measure(take) for take in ran.takes()]
    tokens = sum(one.tokens or 0 for one in readings)
    summarize(readings)
    print(
        f"{options.streams} streams, {len(readings)} answers, {tokens} tokens; MiB resident at most: "
        f"{start:.0f} at the start, {measured:.0f} while measuring, {peak():.0f} with figures"
    )


if __name__ == "__main__":
    main()
