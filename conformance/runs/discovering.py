"""Finding out models once for all workers of a shared run, before they begin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.engine.limits import Terms
from conformance.engine.run import Engine
from conformance.plan.model import Cell, Decision, Plan
from conformance.providers.model import Provider
from conformance.runs.sink import Sink
from conformance.verdict.sampling import JudgingSampler
from conformance.wire.exchange import Exchange, Trial, TrialKey


@dataclass(slots=True)
class Notes:
    """What was heard, for a record that is not open yet. Implements the engine's sink."""

    models: dict[str, str] = field(default_factory=dict)
    _heard: list[Callable[[Sink], None]] = field(default_factory=list)

    def replay(self, sink: Sink) -> None:
        """Into the record, once it is open."""
        for tell in self._heard:
            tell(sink)

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One attempt."""
        self._heard.append(lambda sink: sink.exchange(key, exchange))

    def trial(self, trial: Trial) -> None:
        """A question that was answered, or not."""
        self._heard.append(lambda sink: sink.trial(trial))

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """What was found out."""
        self.models[name] = facts["model"]
        self._heard.append(lambda sink: sink.provider(name, facts))

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """Nobody decides anything yet."""

    def done(self, cell: Cell) -> None:
        """No cell is asked yet."""


def discover(providers: Sequence[Provider], terms: Terms) -> Notes:
    """Ask those whose model is not named which one they have. Blocks.

    One that does not say is asked again by each worker, whose cases then tell the reason.
    """
    notes = Notes()
    asked = [one for one in providers if one.model is None]
    if asked:
        asyncio.run(_discover(asked, terms, notes))
    return notes


async def _discover(providers: Sequence[Provider], terms: Terms, notes: Notes) -> None:
    by_name = {one.name: one for one in providers}
    sampler = JudgingSampler(verdict_of=lambda _: None, providers=by_name)
    plan = replace(_EMPTY, providers=by_name)
    async with Engine(plan, sampler=sampler, sink=notes, terms=terms) as engine:
        await asyncio.gather(*map(engine.open, by_name))


_EMPTY = Plan(
    suites=(), providers={}, cells=(), not_asked=(), baseline=None, seed=0, effort="", digest=""
)
