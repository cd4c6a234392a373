"""A run in progress: the engine in a thread of its own, the record, the tally; results by cell."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.engine.launch import launched
from conformance.engine.limits import Terms
from conformance.engine.run import Engine
from conformance.errors import ConformanceError, HarnessError
from conformance.faces.baseline import Recorded
from conformance.faces.output import RECORD, now
from conformance.faces.sink import Sink
from conformance.faces.toolbox import Toolbox
from conformance.plan.codec import to_json
from conformance.plan.model import Ask, Cell, Plan
from conformance.providers.model import Provider
from conformance.record.writer import RecordWriter
from conformance.verdict.assemble import Wanted, assemble
from conformance.verdict.cases import judge_case
from conformance.verdict.model import Run, RunInfo
from conformance.verdict.outcome import CaseVerdict
from conformance.verdict.sampling import JudgingSampler
from conformance.verdict.tally import Tally
from conformance.wire.exchange import Trial


class LiveRun:
    """Start it once; wait for cells; finish it always. Suites' relative paths start at `origin`."""

    def __init__(  # noqa: PLR0913  # a run is made of these
        self,
        plan: Plan,
        tools: Toolbox,
        *,
        run_id: str,
        folder: Path,
        origin: Path,
        wanted: Wanted,
        recorded: Recorded | None = None,
        terms: Terms | None = None,
    ) -> None:
        self.plan = plan
        self._tools = tools
        self._folder = folder
        self._origin = origin
        self._wanted = wanted
        self._recorded = recorded
        self._terms = terms
        self._info = RunInfo(
            id=run_id,
            started=now(),
            finished="",
            harness_version=__version__,
            suites_digest=plan.digest,
            contract_version=tools.contract.version,
            seed=plan.seed,
            effort=plan.effort,
            complete=False,
        )
        self._cells = {cell.id: cell for cell in plan.cells}
        self._finished: dict[str, Future[None]] = {name: Future() for name in self._cells}
        self._tally = Tally({name: cell.variant for name, cell in self._cells.items()}, tools.bench)
        self._writer = RecordWriter(folder / RECORD, self._header())
        self._sink = Sink(self._writer, self._tally, self._finished)
        self._ready: Future[tuple[Engine, asyncio.AbstractEventLoop]] = Future()
        self._asked_all: Future[None] = Future()
        self._over: asyncio.Event | None = None
        self._not_up: dict[str, ConformanceError] = {}
        self._thread = threading.Thread(target=self._run, name="conformance-engine", daemon=True)

    def start(self) -> None:
        """Start capturing; returns at once."""
        self._thread.start()

    def wait(self, cell: str, provider: str) -> CaseVerdict:
        """The verdict of one cell at one provider. Blocks; raises what stopped the engine."""
        self._finished[cell].result()
        return judge_case(
            self._cells[cell].variant,
            self.plan.providers[provider],
            self._tally.verdicts(provider, cell),
            self._tools.contract.clauses,
            seconds=self._tally.providers[provider].seconds[cell],
        )

    def ask(self, ask: Ask) -> Trial:
        """Run one more trial, asked for by a test of the user's. Blocks."""
        engine, loop = self._ready.result()
        return asyncio.run_coroutine_threadsafe(engine.trial(ask), loop).result()

    def finish(self, *, complete: bool) -> Run:
        """End quickly, close the record, and give everything as one value."""
        if self._thread.ident is not None:
            if complete:  # what follows the last case, such as a health probe, comes to its end
                self._asked_all.exception()
            self._interrupt()
            self._thread.join()
        info = replace(self._info, finished=now(), complete=complete)
        self._writer.footer({"finished": info.finished, "complete": complete})
        self._writer.close()
        return assemble(
            self.plan,
            self._tally,
            self._tools.contract,
            info=info,
            wanted=self._wanted,
            facts=self._sink.facts,
        )

    def _interrupt(self) -> None:
        try:
            engine, loop = self._ready.result()
        except ConformanceError:  # it never came up; whoever waits for a cell has heard why
            return
        engine.stop()
        if self._over is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._over.set)

    def _header(self) -> dict[str, object]:
        return {
            "run": self._info.id,
            "started": self._info.started,
            "harness_version": __version__,
            "contract_version": self._info.contract_version,
            "certify": {name: list(chosen) for name, chosen in self._wanted.named.items()},
            "plan": to_json(self.plan),
        }

    def _run(self) -> None:
        try:
            if self._recorded:
                self._recorded.replay(self._sink, self._cells)
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001  # every waiter has to hear of it, whatever it is
            self._tell(error)
        self._tell(HarnessError("the run was stopped before this was asked"))

    def _tell(self, error: BaseException) -> None:
        ours = (
            error
            if isinstance(error, ConformanceError)
            else HarnessError(f"{type(error).__name__}: {error}")
        )
        waited: list[Future[Any]] = [self._ready, self._asked_all, *self._finished.values()]
        for future in waited:
            if not future.done():
                future.set_exception(ours)

    async def _main(self) -> None:
        self._over = asyncio.Event()
        live = self._live_providers()
        async with AsyncExitStack() as stack:
            up = await self._launch(stack, [one for one in live.values() if one.launch])
            plan = replace(self.plan, providers={**self.plan.providers, **up})
            sampler = JudgingSampler(verdict_of=self._sink.verdict_of, providers=plan.providers)
            engine = await stack.enter_async_context(
                Engine(
                    plan,
                    sampler=sampler,
                    sink=self._sink,
                    folder=self._origin,
                    refused=self._not_up,
                    terms=self._terms,
                )
            )
            self._ready.set_result((engine, asyncio.get_running_loop()))
            await engine.run(self._asked(live))
            self._asked_all.set_result(None)
            await self._over.wait()

    def _live_providers(self) -> Mapping[str, Provider]:
        recorded = self._recorded.provider.name if self._recorded else None
        return {name: one for name, one in self.plan.providers.items() if name != recorded}

    def _asked(self, live: Mapping[str, Provider]) -> Sequence[Cell]:
        """The cells, without the providers whose answers are there already."""
        cells = (
            replace(cell, providers=tuple(name for name in cell.providers if name in live))
            for cell in self.plan.cells
        )
        return [cell for cell in cells if cell.providers]

    async def _launch(
        self, stack: AsyncExitStack, providers: Sequence[Provider]
    ) -> Mapping[str, Provider]:
        """Start the servers that are ours to start, one after the other: they share this machine."""
        up = {}
        for one in providers:
            try:
                running = await stack.enter_async_context(launched(one, self._folder))
            except ConformanceError as error:
                self._not_up[one.name] = error
            else:
                up[one.name] = running.provider
        return up
