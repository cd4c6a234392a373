"""Whole audits of benchmarks/parity.py: conformance.parity.audit driven against simulated endpoints."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping
from dataclasses import astuple
from functools import cache

import numpy as np
from parity_world import FORCED

from conformance.parity.audit import Audited, audit
from conformance.parity.candidates import probes
from conformance.parity.model import Answer, Ask, Position, Ranked, Says, StageName
from conformance.parity.penalised import PENALTIES
from conformance.parity.setup import TAIL, USUAL, Setup
from conformance.parity.simulated import Endpoint, World, endpoint, ranked_list, world
from conformance.parity.tilts import PLAIN, Sampler
from conformance.parity.turns import Side, Turn

_WORLDS = 20
_PROMPT_TOKENS = 20


@cache
def a_world(n: int) -> World:
    return world(100 + n)


class Served:
    """An endpoint's answers, quickly: chances and lists are worked out once for each sampler.

    What `forced` says is so, whatever is asked for; the rest of a sampler is as asked.
    """

    def __init__(self, of: Endpoint, seed: int, forced: Sampler = PLAIN) -> None:
        self._of = of
        self._forced = forced
        self._rng = np.random.default_rng(seed)
        self._sums: dict[Sampler, np.ndarray] = {}
        self._lists: dict[tuple[int, int, int], tuple[Ranked, ...]] = {}
        logs = of.logits - of.logits.max(-1, keepdims=True)
        self._logs = logs - np.log(np.exp(logs).sum(-1, keepdims=True))
        self._rows = {prompt: n for n, prompt in enumerate(of.prompts)}

    def __call__(self, ask: Ask) -> Answer:
        """What the endpoint would say; prompts that are none of its world's are one of them."""
        if any(name in PENALTIES for name, _ in ask.settings.neutral):
            return self._penalised(ask)
        row = self._rows.get(ask.prompt, zlib.crc32(ask.prompt.encode()) % len(self._rows))
        which = int(self._rng.integers(len(self._logs)))
        sums, width = self._chances(self._sampler(ask)), ask.settings.top_logprobs
        said, positions = list[int](), list[Position]()
        for chance in self._rng.random(ask.settings.max_tokens):
            one = sums[which, row]
            token = int(np.searchsorted(one, chance * one[-1], side="right"))
            if width:
                logprob = float(self._logs[which, row, token])
                positions.append(Position(b"t%d" % token, logprob, self._listed(which, row, width)))
            said.append(token)
            row = token % len(self._rows)
        return Answer(
            ask=ask,
            text=" ".join(f"t{token}" for token in said),
            positions=tuple(positions),
            prompt_tokens=_PROMPT_TOKENS,
            completion_tokens=len(said),
            finish="length",
        )

    def _penalised(self, ask: Ask) -> Answer:
        """Token by token: what came before changes what comes."""
        held = dataclasses.replace(self._of, sampler=self._sampler(ask))
        return dataclasses.replace(held.answer(ask, self._rng), prompt_tokens=_PROMPT_TOKENS)

    def _sampler(self, ask: Ask) -> Sampler:
        asked, forced, plain = map(astuple, (self._of.sampler_of(ask), self._forced, PLAIN))
        held = zip(asked, forced, plain, strict=True)
        return Sampler(*(own if own != nothing else wish for wish, own, nothing in held))

    def _chances(self, sampler: Sampler) -> np.ndarray:
        if sampler not in self._sums:
            chances = np.apply_along_axis(sampler, -1, self._of.logits)
            self._sums[sampler] = np.cumsum(chances, axis=-1)
        return self._sums[sampler]

    def _listed(self, which: int, row: int, width: int) -> tuple[Ranked, ...]:
        key = which, row, width
        if key not in self._lists:
            self._lists[key] = ranked_list(self._of.logits[which, row], width)
        return self._lists[key]


def audited(seed: int, change: float, forced: Sampler = PLAIN, *, tail: bool = True) -> Audited:
    """All stages, whatever the first ones say; new numerics on both sides in each audit."""
    of = a_world(seed % _WORLDS)
    loose = tuple(p for p, g in zip(of.prompts, of.groups, strict=True) if g == "high")
    setup = Setup(
        seed=seed,
        stages=frozenset((*USUAL, TAIL) if tail else USUAL),
        candidates=of.prompts,
        probes=tuple(probe.id for probe, _ in probes()),
        long=loose,
        replica=True,
        go_on=True,
    )
    sides = {
        Side.BASELINE: endpoint(of, "a", 3 * seed + 1000),
        Side.REPLICA: endpoint(of, "c", 3 * seed + 1001),
        Side.CANDIDATE: endpoint(of, "b", 3 * seed + 1002, change=change),
    }
    held = {Side.CANDIDATE: forced}
    served = {
        side: Served(each, 3 * seed + n, held.get(side, PLAIN))
        for n, (side, each) in enumerate(sides.items())
    }
    return driven(setup, served)


def driven(setup: Setup, served: Mapping[Side, Served]) -> Audited:
    asking = audit(setup)
    try:
        turns: tuple[Turn, ...] = next(asking)
        while True:
            turns = asking.send({turn: served[turn.side](turn.ask) for turn in turns})
    except StopIteration as end:
        found: Audited = end.value
        return found


def whole(change: float, forced: str, seed: int) -> tuple[str, int]:
    """What the audit answers; where it is `different`, the stages that say so."""
    found = audited(seed, change, FORCED.get(forced, PLAIN)).overall
    stages = [each.stage for each in found.decisions if each.says is Says.DIFFERENT]
    said = found.answer if found.answer is not Says.DIFFERENT else " ".join(("different", *stages))
    tokens = [each.tokens for each in found.decisions if each.stage is not StageName.DRIFT]
    return said, sum(tokens)
