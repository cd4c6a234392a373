"""Tapes in, outcomes out: several at once, because one that hangs waits for its timeout."""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from .calls import play
from .server import Playback

WORKERS = 8
AHEAD = 64
"""Tapes that are read before the first outcome is written: bounds memory."""


def main(tapes: IO[str] = sys.stdin, outcomes: IO[str] = sys.stdout) -> None:
    """Play everything that comes in."""
    sys.stdout = sys.stderr  # what a library prints is no outcome
    import openai

    server = Playback()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = openai.OpenAI(api_key="none", base_url=server.url, max_retries=0)
    _write(outcomes, {"client": "openai", "version": openai.__version__})
    for outcome in _all(server, client, tapes):
        _write(outcomes, outcome)


def _write(outcomes: IO[str], data: dict[str, Any]) -> None:
    outcomes.write(json.dumps(data, default=repr) + "\n")
    outcomes.flush()


def _all(server: Playback, client: Any, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    waiting: deque[tuple[str, Future[dict[str, Any]]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for line in itertools.chain(lines, itertools.repeat("")):
            if line:
                tape = json.loads(line)
                number = str(tape["number"])
                server.tapes[number] = tape
                waiting.append((number, pool.submit(play, client, tape)))
            if waiting and (not line or len(waiting) > AHEAD):
                number, future = waiting.popleft()
                yield future.result()
                del server.tapes[number]
            if not line and not waiting:
                return
