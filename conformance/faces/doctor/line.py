"""One provider, asked request by request, with nothing written down."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.engine.launch import launched
from conformance.engine.run import Engine
from conformance.errors import HarnessError
from conformance.plan.adhoc import ad_hoc_ask
from conformance.plan.build import build
from conformance.plan.model import Cell, Decision
from conformance.providers.model import Provider
from conformance.wire.exchange import Exchange, Trial, TrialKey


class Line:
    """Asks one request at a time, each once: a repeated attempt would hide what is wrong."""

    def __init__(self, engine: Engine, provider: Provider, runner: asyncio.Runner) -> None:
        self.provider = provider
        """With the port that its server was started on."""
        self.asked = 0
        self._engine = engine
        self._runner = runner

    def get(self, path: str) -> Exchange:
        """GET a path below the base URL."""
        return self._ask(path, "GET", None)

    def chat(self, model: str, body: Mapping[str, Any]) -> Exchange:
        """POST a chat completion."""
        return self._ask("/chat/completions", "POST", {"model": model, **body})

    def _ask(self, path: str, method: str, body: Mapping[str, Any] | None) -> Exchange:
        ask = ad_hoc_ask(
            "doctor/ask",
            self.provider.name,
            body,
            path=path,
            method=method,
            sample=self.asked,
            retry=False,
        )
        self.asked += 1
        trial = self._runner.run(self._engine.trial(ask))
        if not trial.exchanges:
            raise HarnessError(trial.error)
        return trial.exchanges[-1]


@contextmanager
def on_the_line(provider: Provider) -> Iterator[Line]:
    """A line to a provider; where it has a launch command, its server runs meanwhile.

    Raises LaunchError with the log where that does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="conformance-"))
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(_opened(stack, provider, folder, runner))
        finally:
            runner.run(stack.aclose())
    shutil.rmtree(folder)  # kept where something was raised: the message may name the log


async def _opened(
    stack: AsyncExitStack, provider: Provider, folder: Path, runner: asyncio.Runner
) -> Line:
    if provider.launch is not None:
        provider = (await stack.enter_async_context(launched(provider, folder))).provider
    if provider.model is None:  # the engine is not to look for it: that is asked here
        provider = replace(provider, model="")
    plan = build([], {provider.name: provider})
    engine = Engine(plan, sampler=_Nothing(), sink=_Nothing(), folder=folder)
    return Line(await stack.enter_async_context(engine), provider, runner)


class _Nothing:
    """A sink that keeps nothing, and a sampler that wants nothing."""

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """See Sink."""

    def trial(self, trial: Trial) -> None:
        """See Sink."""

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """See Sink."""

    def done(self, cell: Cell) -> None:
        """See Sink."""

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """See Sink."""

    def start(self, cell: Cell) -> Decision[None]:
        """See Sampler."""
        return Decision(state=None, asks=(), rule="")

    def next(self, cell: Cell, state: None, trials: object) -> Decision[None]:
        """See Sampler."""
        return Decision(state=None, asks=(), rule="")
