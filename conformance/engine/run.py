"""The engine: asks what samplers want, as much at once as providers allow, and hands over what it heard.

Captures only: it sees no outcome. Everything heard goes through one thread to the sink (record,
progress) and the sampler (which judges), so that neither disturbs the times.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.data import suite_folder
from conformance.engine import errands
from conformance.engine.desk import Desk
from conformance.engine.endpoint import Endpoint
from conformance.engine.flow import STOPPED, Flow
from conformance.engine.lanes import lanes
from conformance.engine.ledger import Ledger, Reservation
from conformance.engine.limits import Terms
from conformance.engine.roster import Access, Roster
from conformance.engine.scales import Load, Scales, weight
from conformance.engine.sink import Sink
from conformance.errors import ConformanceError, HarnessError
from conformance.plan.model import Ask, Cell, Plan, Sampler
from conformance.plan.tokens import Tokens
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials
from conformance.wire.exchange import Exchange, Trial, TrialKey
from conformance.wire.piece import Ns
from conformance.wire.spent import spent


class Engine:
    """Runs cells of a plan, and single trials beside them. Use it as an asynchronous context."""

    def __init__(  # noqa: PLR0913  # what an engine is made of
        self,
        plan: Plan,
        *,
        sampler: Sampler[Any],
        sink: Sink,
        environ: Mapping[str, str] | None = None,
        credentials: Mapping[str, Credentials] | None = None,
        terms: Terms | None = None,
        finished: Mapping[TrialKey, Trial] | None = None,
        folder: Path | None = None,
        refused: Mapping[str, ConformanceError] | None = None,
    ) -> None:
        """Opens nothing yet.

        `credentials`: of providers whose keys were looked up already. `finished`: trials of an
        earlier session of the same run, which the sink has seen; they are not asked again.
        `folder`: where relative paths of suites start; else the current folder. `refused`:
        providers that cannot be asked, with the reason.
        """
        self._plan = plan
        self._sampler = sampler
        self._sink = sink
        self._folder = folder or Path.cwd()
        self._folders = {
            case.id: suite_folder(suite.path, self._folder)
            for suite in plan.suites
            for case in suite.cases
        }
        self._start = time.monotonic_ns()
        terms = terms or Terms()
        self.ledger = Ledger(
            tokens=terms.tokens,
            money=terms.money,
            spent_tokens=terms.spent_tokens,
            spent_money=terms.spent_money,
        )
        self._finished = finished or {}
        self._desk = Desk(self._failed)
        self._roster = Roster(
            providers=plan.providers,
            access=Access(
                environ=os.environ if environ is None else environ,
                credentials=credentials or {},
                terms=terms,
                clock=self._clock,
                sleep=self._sleep,
            ),
            refused=refused or {},
            errand=self._told,
            opened=lambda name, facts: self._desk.post(sink.provider, name, facts),
        )
        self._scales = Scales()
        self._failures: list[BaseException] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def run(self, cells: Iterable[Cell]) -> None:
        """Ask cells until their samplers want no more, or until `stop`.

        Raises what the sink raised, and HarnessError where judging failed, when all is over.
        """
        self._loop = asyncio.get_running_loop()
        order = lanes(cells)
        await asyncio.gather(*(self._cell(cell) for cell in order.together))
        for cell in order.alone:
            await self._cell(cell, one_by_one=True)
        for cell in order.destructive:
            await self._cell(cell, one_by_one=True)
            for name in cell.providers:
                await self._trial(errands.probe(name, cell.id))
        await self._desk.idle()
        if self._failures:
            raise self._failures[0]

    async def open(self, name: str) -> None:
        """Reach a provider without asking it anything but its model, where that is not named."""
        await self._roster.endpoint(name)

    async def trial(self, ask: Ask) -> Trial:
        """Run one trial beside whatever else is going on; recorded, but of no cell's samples."""
        self._loop = asyncio.get_running_loop()
        trial = await self._trial(ask)
        return trial or Trial(key=ask.key, exchanges=(), captured={}, error=STOPPED)

    def stop(self) -> None:
        """End quickly; everything heard so far is handed over. May be called from any thread."""
        self._stopped = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: there is nothing left to stop
                self._loop.call_soon_threadsafe(self._stop)

    async def aclose(self) -> None:
        """Hand over what is left and close all connections."""
        self._stopped = True
        self._stop()
        await self._roster.aclose()
        await self._desk.aclose()
        await asyncio.sleep(0)  # sockets close in the loop's next turn

    def _stop(self) -> None:
        self._stopping.set()
        self.ledger.close("the run was stopped")
        self._roster.stop()

    def _failed(self, error: BaseException) -> None:
        """In the desk's thread: what is heard can no longer be handed over."""
        self._failures.append(error)
        self.stop()

    async def _cell(self, cell: Cell, *, one_by_one: bool = False) -> None:
        try:
            decision = await self._desk.call(self._sampler.start, cell)
            while decision.asks:
                self._desk.post(self._sink.decision, cell, decision)
                trials = await self._trials(decision.asks, one_by_one=one_by_one)
                if self._stopped:
                    return
                decision = await self._desk.call(self._sampler.next, cell, decision.state, trials)
            self._desk.post(self._sink.decision, cell, decision)
        except Exception as error:  # noqa: BLE001  # of this cell only; told at the end of the run
            words = f"{cell.id} could not be judged: {type(error).__name__}: {error}"
            self._failures.append(HarnessError(words))
        self._desk.post(self._sink.done, cell)

    async def _trials(self, asks: Sequence[Ask], *, one_by_one: bool) -> list[Trial]:
        """Those that came about: fewer than asked for only where the run is stopped."""
        if not one_by_one:
            found = await asyncio.gather(*map(self._counted, asks))
        else:
            found = []
            for ask in asks:
                await self._desk.idle()  # judging would take turns with the stamping
                found.append(await self._counted(ask))
        return [trial for trial in found if trial is not None]

    async def _counted(self, ask: Ask) -> Trial | None:
        """A trial of a cell, without the bytes: they would stay as long as its siblings take."""
        trial = await self._trial(ask)
        return trial and replace(trial, exchanges=())

    async def _trial(self, ask: Ask) -> Trial | None:
        """A trial, handed to the sink; None where the run was stopped before it began."""
        if ask.key in self._finished:
            return self._finished[ask.key]
        endpoint = await self._roster.endpoint(ask.provider)
        if isinstance(endpoint, ConformanceError):
            return self._unasked(ask, error=str(endpoint))
        async with endpoint.slots:
            await self._desk.room()
            if self._stopped:
                return None
            errand = partial(self._told, endpoint)
            missing = endpoint.offers.missing
            if gone := endpoint.presence.lost or await missing(ask, endpoint.provider, errand):
                return self._unasked(ask, withheld=gone)
            if endpoint.presence.down:
                return self._unasked(ask, error=endpoint.presence.down)
            return await self._told(endpoint, ask)

    async def _told(self, endpoint: Endpoint, ask: Ask) -> Trial:
        """Run a trial and hand it to the sink."""
        if ask.key in self._finished:  # an errand of an earlier session
            return self._finished[ask.key]
        async with self._scales.load() as load:
            trial = await self._flow(endpoint, ask, load)
            presence = endpoint.presence
            if presence.doubts(ask, trial) and not presence.down:
                await self._settled(endpoint)
            trial = replace(trial, error=presence.note(ask, trial))
            self._desk.post_bytes(weight(*trial.exchanges), self._sink.trial, trial)
            if load.held:
                await self._desk.idle()  # it is in memory until it is judged
        return trial

    async def _settled(self, endpoint: Endpoint) -> None:
        """Ask once what decides whether the endpoint lets us in; whoever doubts waits for it."""
        if endpoint.knocking is None:
            endpoint.knocking = asyncio.ensure_future(
                self._flow(endpoint, errands.knock(endpoint.provider), Load(self._scales))
            )
            knocked = await endpoint.knocking
            why = endpoint.presence.settle(knocked)
            endpoint.knocking = None
            self._desk.post(self._sink.trial, replace(knocked, error=knocked.error or why))
        else:
            await endpoint.knocking

    async def _flow(self, endpoint: Endpoint, ask: Ask, load: Load) -> Trial:
        flow = Flow(
            endpoint=endpoint,
            heard=self._heard,
            stopped=lambda: self._stopped,
            sleep=self._sleep,
            seed=self._plan.seed,
            ledger=self.ledger,
            spent=self._spent,
            load=load,
        )
        return await flow.run(ask, self._folders.get(ask.variant.case.id, self._folder))

    def _unasked(self, ask: Ask, **why: str) -> Trial:
        trial = Trial(key=ask.key, exchanges=(), captured={}, **why)
        self._desk.post(self._sink.trial, trial)
        return trial

    def _heard(self, key: TrialKey, exchange: Exchange) -> None:
        self._desk.post_bytes(weight(exchange), self._sink.exchange, key, exchange)

    def _spent(self, aside: Reservation, provider: Provider, exchange: Exchange) -> None:
        """Settled once the desk has read what the answer says that it cost."""
        self._desk.post(self._settle, aside, provider, exchange)

    def _settle(self, aside: Reservation, provider: Provider, exchange: Exchange) -> None:
        assert self._loop is not None  # something was asked
        used = spent(exchange)
        tokens = None if used is None else Tokens(prompt=used[0], completion=used[1])
        with suppress(RuntimeError):  # the loop is closed: nothing is asked any more
            self._loop.call_soon_threadsafe(self.ledger.settle, aside, provider, tokens)

    def _clock(self) -> Ns:
        return Ns(time.monotonic_ns() - self._start)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
