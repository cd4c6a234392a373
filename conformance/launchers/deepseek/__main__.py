"""Serve until SIGTERM or SIGINT. Status 2: it could not be started; standard error says why."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module

from conformance.errors import LaunchError
from conformance.reference.http import Server
from conformance.reference.log import Log


def main(argv: Sequence[str] | None = None) -> int:
    """The server, in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m conformance.launchers.deepseek")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(argv)
    try:
        asyncio.run(_serve(options.port))
    except LaunchError as error:
        print(f"deepseek-recipe: {error}", file=sys.stderr)  # noqa: T201 - there is no report
        return 2
    except OSError as error:
        print(f"deepseek-recipe: port {options.port}: {error}", file=sys.stderr)  # noqa: T201 - as above
        return 2
    return 0


async def _serve(port: int) -> None:
    try:
        desk = import_module("conformance.launchers.deepseek.desk")
    except ImportError as error:
        raise LaunchError(
            f"the package is not usable here ({error})\n  pip install 'llm-conformance[deepseek]'"
        ) from error
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(desk.Desk(time.time), "127.0.0.1", port, Log(None)):
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
