"""One provider, asked request by request, with nothing written down."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.engine.endpoint import Endpoint, reach
from conformance.engine.flow import Flow
from conformance.engine.launch import launched
from conformance.engine.ledger import Ledger
from conformance.engine.limits import Terms
from conformance.errors import HarnessError
from conformance.plan.adhoc import ad_hoc_ask
from conformance.providers.model import Provider
from conformance.wire.exchange import Exchange
from conformance.wire.piece import Ns


class Line:
    """Asks one request at a time, each once: a repeated attempt would hide what is wrong."""

    def __init__(self, endpoint: Endpoint, runner: asyncio.Runner) -> None:
        self.provider = endpoint.provider
        """With the port that its server was started on."""
        self.asked = 0
        self._runner = runner
        self._flow = Flow(
            endpoint=endpoint,
            heard=lambda *_: None,
            stopped=lambda: False,
            sleep=asyncio.sleep,
            seed=0,
            ledger=Ledger(),
            spent=lambda *_: None,
        )

    def get(self, path: str) -> Exchange:
        """GET a path below the base URL."""
        return self._ask(path, "GET", None)

    def chat(self, model: str, body: Mapping[str, Any]) -> Exchange:
        """POST a chat completion."""
        return self._ask("/chat/completions", "POST", {"model": model, **body})

    def _ask(self, path: str, method: str, body: Mapping[str, Any] | None) -> Exchange:
        name = self.provider.name
        ask = ad_hoc_ask("doctor/ask", name, body, path=path, method=method, retry=False)
        self.asked += 1
        trial = self._runner.run(self._flow.run(ask, Path()))
        if not trial.exchanges:
            raise HarnessError(trial.error)
        return trial.exchanges[-1]


@contextmanager
def on_the_line(provider: Provider) -> Iterator[Line]:
    """A line to a provider; where it has a launch command, its server runs meanwhile.

    Raises LaunchError with the log where that does not come up, UsageError for keys and files.
    """
    folder = Path(tempfile.mkdtemp(prefix="conformance-"))
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield Line(runner.run(_opened(stack, provider, folder)), runner)
        finally:
            runner.run(stack.aclose())
    shutil.rmtree(folder)  # kept where something was raised: the message may name the log


async def _opened(stack: AsyncExitStack, provider: Provider, folder: Path) -> Endpoint:
    if provider.launch is not None:
        provider = (await stack.enter_async_context(launched(provider, folder))).provider
    start = time.monotonic_ns()
    endpoint = reach(
        replace(provider, model=provider.model or ""),
        environ=os.environ,
        clock=lambda: Ns(time.monotonic_ns() - start),
        terms=Terms(),
        sleep=asyncio.sleep,
    )
    stack.push_async_callback(_hang_up, endpoint)
    return endpoint


async def _hang_up(endpoint: Endpoint) -> None:
    await endpoint.transport.aclose()
    await asyncio.sleep(0)  # sockets close in the loop's next turn
