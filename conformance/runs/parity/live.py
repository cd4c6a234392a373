"""An audit against endpoints: what its parts ask is sent, recorded, and told to them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.engine.limits import Terms
from conformance.engine.run import Engine
from conformance.parity.model import Answer
from conformance.parity.pair import Spent
from conformance.parity.turns import Asking, Side, T, Turn
from conformance.plan.model import Cell, Decision, Plan
from conformance.record.writer import RecordWriter
from conformance.runs.parity.asking import AS, Asker, heard
from conformance.runs.parity.catalogue import key, question
from conformance.runs.servers import bring_up
from conformance.verdict.sampling import JudgingSampler
from conformance.wire.exchange import Exchange, Trial, TrialKey

Progress = Callable[[int], None]
"""Told how many requests have been answered."""


@dataclass(slots=True)
class Books:
    """The record of an audit, and the file in which its baseline is kept. The engine's sink."""

    record: RecordWriter
    kept: RecordWriter | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    """The engine writes in a thread of its own, and what is recalled comes from another."""

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One attempt."""
        with self._turn:
            self.record.exchange(key, exchange)
        if self.kept and (AS, Side.BASELINE) in key.axes:
            self.kept.exchange(key, exchange)

    def trial(self, trial: Trial) -> None:
        """An ask that was answered, or not."""
        with self._turn:
            self.record.trial(trial)
        if self.kept and (AS, Side.BASELINE) in trial.key.axes:
            self.kept.trial(trial)

    def recall(self, trial: Trial) -> None:
        """What the baseline said before: the record of an audit holds all that it rests on."""
        with self._turn:
            for exchange in trial.exchanges:
                self.record.exchange(trial.key, exchange)
            self.record.trial(trial)

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """What was found out, such as the model."""
        with self._turn:
            self.record.provider(name, facts)
        if self.kept:
            self.kept.provider(name, facts)

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """There are no cells."""

    def done(self, cell: Cell) -> None:
        """There are no cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What an audit needs to be asked."""

    plan: Plan
    asker: Asker
    books: Books
    folder: Path
    """Logs of servers that are launched go there."""
    terms: Terms
    kept: Mapping[TrialKey, Trial]
    silent: frozenset[Side] = frozenset()
    """Sides that are not asked: all they said is kept."""
    progress: Progress = lambda _: None

    async def through(self, parts: Asking[T]) -> dict[Side, Spent]:
        """The parts to their end, and what that took. Servers to be launched run meanwhile."""
        async with AsyncExitStack() as stack:
            used = {
                one.name for side, one in self.asker.providers.items() if side not in self.silent
            }
            up = await bring_up(stack, [self.plan.providers[name] for name in used], self.folder)
            plan = replace(self.plan, providers={**self.plan.providers, **up.running})
            sampler = JudgingSampler(
                verdict_of=lambda _: None, providers=plan.providers, adapts=False
            )
            engine = await stack.enter_async_context(
                Engine(plan, sampler=sampler, sink=self.books, terms=self.terms, refused=up.refused)
            )
            line = _Line(live=self, engine=engine)
            await asyncio.gather(*map(line.look_up, self.asker.providers))
            told: dict[Turn, Answer] | None = None
            while True:
                try:
                    turns = parts.send(told) if told is not None else next(parts)
                except StopIteration:
                    return line.spent
                told = await line.ask(turns)


@dataclass(slots=True, kw_only=True)
class _Line:
    """Asks turns at once, each only once in an audit."""

    live: Live
    engine: Engine
    spent: dict[Side, Spent] = field(default_factory=dict)
    _told: dict[Turn, Answer] = field(default_factory=dict)

    async def ask(self, turns: Sequence[Turn]) -> dict[Turn, Answer]:
        """What is answered to these; what isn't, for a budget or an end, is missing."""
        await asyncio.gather(*(self._one(each) for each in turns if each not in self._told))
        self.live.progress(len(self._told))
        return {each: self._told[each] for each in turns if each in self._told}

    async def look_up(self, side: Side) -> None:
        """What the endpoint says of its model; of a side that is not asked, what it said before."""
        name = self.live.asker.providers[side].name
        if side not in self.live.silent:
            await self.engine.trial(question(side, name))
        elif known := self.live.kept.get(key(side, name)):
            self.live.books.recall(known)

    async def _one(self, turn: Turn) -> None:
        known = self.live.kept.get(self.live.asker.key(turn))
        if known is not None and turn.side is Side.BASELINE and not turn.anew:
            self.live.books.recall(known)
            said = heard(turn, known)
        elif turn.side in self.live.silent:
            return
        else:
            said = heard(turn, await self.engine.trial(self.live.asker.ask(turn)))
            if said is not None:
                self.spent[turn.side] = self.spent.get(turn.side, Spent()).and_for(said)
        if said is not None:
            self._told[turn] = said
