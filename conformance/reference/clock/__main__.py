"""`python -m conformance.reference.clock --log FILE`: listen, say where, write the truth to a file."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from pathlib import Path
from typing import TextIO

from conformance.reference.clock.serve import Clock, Played


def main() -> None:
    """Until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m conformance.reference.clock")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument(
        "--attached", action="store_true", help="stop when standard input is closed, too"
    )
    options = parser.parse_args()
    gc.disable()
    with options.log.open("a", encoding="utf-8") as log, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, log, attached=options.attached))


async def _serve(port: int, log: TextIO, *, attached: bool) -> None:
    def note(played: Played) -> None:
        log.write(played.line() + "\n")
        log.flush()

    clock = Clock(note, port=port)
    clock.start()
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    if attached:  # nobody writes to it: it becomes readable when whoever started this is gone
        loop.add_reader(sys.stdin.fileno(), over.set)
    print(f"ready http://127.0.0.1:{clock.port}/v1", flush=True)  # noqa: T201 - as promised
    await over.wait()
    clock.stop()


if __name__ == "__main__":
    main()
