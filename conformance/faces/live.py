"""A run in progress: the engine in a thread of its own, the record, the tally; results by cell."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.engine.launch import launched
from conformance.engine.run import Engine
from conformance.errors import ConformanceError, HarnessError
from conformance.faces.output import RECORD, now
from conformance.faces.toolbox import Toolbox
from conformance.plan.codec import to_json
from conformance.plan.model import Ask, Cell, Decision, Plan
from conformance.providers.model import Provider
from conformance.record.writer import RecordWriter
from conformance.verdict.assemble import Wanted, assemble
from conformance.verdict.cases import judge_case
from conformance.verdict.model import CaseVerdict, Run, RunInfo
from conformance.verdict.sampling import JudgingSampler
from conformance.verdict.tally import Tally
from conformance.wire.exchange import Exchange, Trial, TrialKey


class LiveRun:
    """Start it once; ask for cells as they finish; stop it always; then take the Run."""

    def __init__(self, plan: Plan, tools: Toolbox, *, run_id: str, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.started = now()
        self._tools = tools
        self._run_id = run_id
        self._tally = Tally({cell.id: cell.variant for cell in plan.cells}, tools.bench)
        self._facts: dict[str, Mapping[str, str]] = {}
        self._results: dict[str, Future[None]] = {cell.id: Future() for cell in plan.cells}
        self._ready: Future[tuple[Engine, asyncio.AbstractEventLoop]] = Future()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="conformance-engine", daemon=True)

    def start(self) -> None:
        """Start capturing; returns at once."""
        self._thread.start()

    def wait(self, cell: Cell, provider: str) -> CaseVerdict:
        """The verdict of one cell at one provider. Blocks; raises what stopped the engine."""
        self._results[cell.id].result()
        return self._verdict(cell, provider)

    def ask(self, ask: Ask) -> Trial:
        """Run one more trial, asked for by a test of the user's. Blocks."""
        engine, loop = self._ready.result()
        return asyncio.run_coroutine_threadsafe(engine.trial(ask), loop).result()

    def stop(self) -> None:
        """End quickly; everything captured so far is in the record."""
        self._over.set()
        if self._thread.ident is None:
            return
        if self._ready.done() and not self._ready.exception():
            self._ready.result()[0].stop()
        self._thread.join()

    def result(self, wanted: Wanted, *, complete: bool) -> Run:
        """Everything as one value, once stopped."""
        info = RunInfo(
            id=self._run_id,
            started=self.started,
            finished=now(),
            harness_version=__version__,
            suites_digest=self.plan.digest,
            contract_version=self._tools.contract.version,
            seed=self.plan.seed,
            effort=self.plan.effort,
            complete=complete,
        )
        return assemble(
            self.plan,
            self._tally,
            self._tools.contract,
            info=info,
            wanted=wanted,
            facts=self._facts,
        )

    def _verdict(self, cell: Cell, provider: str) -> CaseVerdict:
        count = self._tally.providers[provider]
        return judge_case(
            cell.variant,
            self.plan.providers[provider],
            self._tally.verdicts(provider, cell.id),
            self._tools.contract.clauses,
            seconds=count.seconds[cell.id],
        )

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001  # every waiter has to hear of it, whatever it is
            self._fail(error)
        self._fail(HarnessError("the run ended before this was asked"))

    def _fail(self, error: BaseException) -> None:
        kept = (
            error
            if isinstance(error, ConformanceError)
            else HarnessError(f"{type(error).__name__}: {error}")
        )
        for future in (self._ready, *self._results.values()):
            if not future.done():
                future.set_exception(kept)
