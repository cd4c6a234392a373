"""A run in progress: the engine in a thread of its own, results by cell."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.engine.limits import Terms
from conformance.engine.run import Engine
from conformance.errors import ConformanceError, HarnessError, LaunchError
from conformance.plan.estimate import price
from conformance.plan.model import Ask, Cell, Plan
from conformance.runs.baseline import Recorded
from conformance.runs.books import Books
from conformance.runs.part import Part
from conformance.runs.progress import Gauge, Meter
from conformance.runs.servers import Up, bring_up
from conformance.runs.sink import Sink
from conformance.suite.model import Effort
from conformance.verdict.offered import case_verdict
from conformance.verdict.outcome import CaseVerdict
from conformance.verdict.sampling import JudgingSampler
from conformance.wire.exchange import Trial

LOOK = 0.1
"""Seconds between two looks of somebody who wants to be told how it goes."""


class LiveRun:
    """Start it once; wait for cells; finish it always."""

    def __init__(
        self,
        books: Books,
        *,
        folder: Path,
        origin: Path,
        terms: Terms,
        recorded: Recorded | None = None,
        part: Part | None = None,
    ) -> None:
        """Suites' relative paths start at `origin`; logs of servers go to `folder`.

        `part`: only these cells are asked here, the late ones once somebody waits for one.
        """
        self.plan = books.plan
        self._books = books
        self._folder = folder
        self._origin = origin
        self._terms = _after(part.terms(terms, books.plan) if part else terms, books, recorded)
        self._recorded = recorded
        self._part = part
        self._finished: dict[str, Future[None]] = {name: Future() for name in books.cells}
        self._sink = Sink(books, self._finished)
        self._ready: Future[tuple[Engine, asyncio.AbstractEventLoop]] = Future()
        self._asked_all: Future[None] = Future()
        self._over: asyncio.Event | None = None
        self._late = threading.Event()
        if part is None:
            self._late.set()
        self._thread = threading.Thread(target=self._run, name="conformance-engine", daemon=True)

    def start(self) -> None:
        """Start capturing; returns at once."""
        self._thread.start()

    def wait(self, cell: str, provider: str, tick: Callable[[], None] | None = None) -> CaseVerdict:
        """The verdict of one cell at one provider. Blocks; raises what stopped the engine.

        `tick` is called now and then meanwhile.
        """
        variant = self._books.cells[cell].variant
        if variant.case.late:
            self._late.set()  # whoever waits for one of these knows that the others are done
        finished = self._finished[cell]
        while tick and not _done_within(finished, LOOK):
            tick()
        finished.result()
        return case_verdict(
            variant,
            self.plan.providers[provider],
            self._books.tally.providers[provider],
            self._books.tools.contract.clauses,
        )

    def meters(self) -> tuple[Meter, ...]:
        """How it is going."""
        return self._gauge.read()

    @cached_property
    def _gauge(self) -> Gauge:
        return Gauge(self.plan, self._books.tally, lambda cell: self._finished[cell].done())

    def ask(self, ask: Ask) -> Trial:
        """Run one more trial, asked for by a test of the user's. Blocks."""
        engine, loop = self._ready.result()
        return asyncio.run_coroutine_threadsafe(engine.trial(ask), loop).result()

    def finish(self, *, complete: bool) -> None:
        """End quickly, whatever is still going on."""
        if self._thread.ident is None:
            return
        if complete and self._all_done():
            self._late.set()  # there is none left
            self._asked_all.exception()  # what follows the last case, such as a health probe
        self._interrupt()
        self._thread.join()

    def _all_done(self) -> bool:
        """Under `-n` a worker is told to end without having run all of its items, and none the wiser."""
        part = self._part
        mine = [cell.id for cell in self.plan.cells if part is None or part.takes(cell)]
        return all(self._finished[name].done() for name in mine)

    def _interrupt(self) -> None:
        try:
            engine, loop = self._ready.result()
        except ConformanceError:  # it never came up; whoever waits for a cell has heard why
            return
        engine.stop()
        self._late.set()
        if self._over is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._over.set)

    def _run(self) -> None:
        try:
            if self._recorded:
                self._recorded.replay(self._sink, self._books, self._part)
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
        plan = self._part.plan(self.plan) if self._part else self.plan
        recorded = self._recorded.provider.name if self._recorded else None
        async with AsyncExitStack() as stack:
            live = [one for name, one in plan.providers.items() if name != recorded]
            up = await bring_up(stack, live, self._folder)
            plan = replace(plan, providers={**plan.providers, **up.running})
            engine = await stack.enter_async_context(self._engine(plan, up))
            self._ready.set_result((engine, asyncio.get_running_loop()))
            cells = _without(plan.cells, recorded)
            if not self._late.is_set():
                await engine.run([cell for cell in cells if not cell.variant.case.late])
                await asyncio.to_thread(self._late.wait)
                cells = [cell for cell in cells if cell.variant.case.late]
            await engine.run(cells)
            self._asked_all.set_result(None)
            await self._over.wait()

    def _engine(self, plan: Plan, up: Up) -> Engine:
        refused = dict(up.refused)
        if self._part:
            refused |= {name: LaunchError(why) for name, why in self._part.refused.items()}
        return Engine(
            plan,
            sampler=JudgingSampler(
                verdict_of=self._sink.verdict_of,
                providers=plan.providers,
                adapts=plan.effort != Effort.QUICK,
            ),
            sink=self._sink,
            folder=self._origin,
            refused=refused,
            terms=self._terms,
            finished=self._books.finished,
        )


def _after(terms: Terms, books: Books, recorded: Recorded | None) -> Terms:
    """The terms, with what earlier sessions of this run have spent by their answers' own account."""
    never = recorded.provider.name if recorded else None
    asked = [one for name, one in books.plan.providers.items() if name != never]
    spent = [(books.usage(one.name), one) for one in asked]
    return replace(
        terms,
        spent_tokens=sum(tokens.total for tokens, _ in spent),
        spent_money=sum(price(tokens, one) or 0.0 for tokens, one in spent),
    )


def _done_within(future: Future[None], seconds: float) -> bool:
    return bool(concurrent.futures.wait([future], timeout=seconds).done)


def _without(cells: Sequence[Cell], provider: str | None) -> list[Cell]:
    """The cells, without the provider whose answers are there already."""
    left = (
        replace(cell, providers=tuple(name for name in cell.providers if name != provider))
        for cell in cells
    )
    return [cell for cell in left if cell.providers]
