"""Where the engine's captures go: into the record and into the tally, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from conformance.plan.model import Cell, Decision
from conformance.record.writer import RecordWriter
from conformance.verdict.outcome import TrialVerdict
from conformance.verdict.tally import Tally
from conformance.wire.exchange import Exchange, Trial, TrialKey


class Sink:
    """Called by the engine, in one worker thread, in order. Recorded first, judged afterwards."""

    def __init__(
        self, writer: RecordWriter, tally: Tally, finished: Mapping[str, Future[None]]
    ) -> None:
        self.facts: dict[str, dict[str, str]] = {}
        self._writer = writer
        self._tally = tally
        self._finished = finished
        self._judged: dict[TrialKey, TrialVerdict | None] = {}

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One attempt has come to its end."""
        self._writer.exchange(key, exchange)

    def trial(self, trial: Trial) -> None:
        """All steps of a trial are done."""
        self._writer.trial(trial)
        self._judged[trial.key] = self._tally.add(trial)

    def verdict_of(self, trial: Trial) -> TrialVerdict | None:
        """What the tally made of a trial that came in."""
        return self._judged[trial.key]

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """What the sampler wants next."""
        self._writer.decision(cell, decision)

    def done(self, cell: Cell) -> None:
        """Nothing more is asked of a cell: whoever waits for it may go on."""
        for name in [key for key in self._judged if key.cell == cell.id]:
            del self._judged[name]
        self._finished[cell.id].set_result(None)

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """Something was found out about a provider."""
        self._writer.provider(name, facts)
        self.facts.setdefault(name, {}).update(facts)
