"""Where the engine's captures go: into the record and into the tally, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from conformance.plan.model import Cell, Decision
from conformance.runs.books import Books
from conformance.verdict.outcome import TrialVerdict
from conformance.wire.exchange import Exchange, Trial, TrialKey


class Sink:
    """Called by the engine, in one worker thread, in order. Recorded first, judged afterwards."""

    def __init__(self, books: Books, finished: Mapping[str, Future[None]]) -> None:
        self._books = books
        self._finished = finished
        self._judged: dict[TrialKey, TrialVerdict | None] = {}

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One attempt has come to its end."""
        self._books.writer.exchange(key, exchange)

    def trial(self, trial: Trial) -> None:
        """All steps of a trial are done."""
        self._books.writer.trial(trial)
        self._judged[trial.key] = self._books.add(trial)

    def verdict_of(self, trial: Trial) -> TrialVerdict | None:
        """What the tally made of a trial, of this session or of an earlier one."""
        key = trial.key
        if key in self._judged:
            return self._judged[key]
        earlier = self._books.tally.verdicts(key.provider, key.cell)
        return next((each for each in earlier if each.key == key), None)

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """What the sampler wants next."""
        self._books.writer.decision(cell, decision)

    def done(self, cell: Cell) -> None:
        """Nothing more is asked of a cell: whoever waits for it may go on."""
        for name in [key for key in self._judged if key.cell == cell.id]:
            del self._judged[name]
        self._finished[cell.id].set_result(None)

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """Something was found out about a provider."""
        self._books.writer.provider(name, facts)
        self._books.facts.setdefault(name, {}).update(facts)
